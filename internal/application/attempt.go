package application

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/ratelimit"
)

// Five bad log-ins in a row lock an account for an hour (the carrier's rule): for the address that they came from, so that
// who knows no more than a client id does not lock out those who have the secret. Of bad log-ins from everywhere together
// it takes more, which lock the account for all. A client id that does not exist is locked just so: the lock tells nobody
// that it does.
const (
	maxFailures           = 5
	maxFailuresEverywhere = 50
	lockedFor             = time.Hour
)

// Lock is what bad log-ins have closed; the zero value is an account that is open to all.
type Lock struct {
	Until      time.Time
	Everywhere bool // not only for the address that the bad log-ins came from
}

// attempt is what is known of the bad log-ins with a client id from one address, or from everywhere.
type attempt struct {
	Subject      []byte
	Failures     int
	FailedAt     time.Time
	BlockedUntil *time.Time
}

// attempts are both.
type attempts struct {
	address, everywhere attempt
}

// subjectOf is what attempts are counted by. Another secret or another state makes another one: what was counted before is
// forgotten with them.
func subjectOf(clientID, address string, client *clientRow) []byte {
	since := int64(0)
	if client.StatusChangedAt != nil {
		since = client.StatusChangedAt.UnixMicro()
	}
	subject := sha256.Sum256(fmt.Appendf(nil, "application %q %q %x %d", clientID, address, client.SecretHash, since))
	return subject[:]
}

func lockAttempts(ctx context.Context, tx pgx.Tx, clientID, address string, client *clientRow, now time.Time) (found attempts, err error) {
	if address != "" {
		address = ratelimit.Subject(address)
	}
	here, everywhere := subjectOf(clientID, address, client), subjectOf(clientID, "everywhere", client)
	// Everybody locks them in one order, so that nobody waits for who waits for them.
	subjects := [][]byte{here, everywhere}
	slices.SortFunc(subjects, bytes.Compare)
	if _, err := tx.Exec(ctx, `insert into login_attempts (subject, failures, failed_at) select s.subject, 0, $2 from unnest($1::bytea[]) with ordinality as s (subject, n) order by n
		on conflict do nothing`, subjects, now); err != nil {
		return attempts{}, err
	}
	rows, err := tx.Query(ctx, "select subject, failures, failed_at, blocked_until from login_attempts where subject = any($1) order by subject for update", subjects)
	if err != nil {
		return attempts{}, err
	}
	both, err := pgx.CollectRows(rows, pgx.RowToStructByName[attempt])
	for _, one := range both {
		if bytes.Equal(one.Subject, here) {
			found.address = one
		} else {
			found.everywhere = one
		}
	}
	return found, err
}

// wait says how long nobody can log in from the address; 0 for not at all.
func (a attempts) wait(now time.Time) time.Duration {
	return max(a.address.wait(now), a.everywhere.wait(now))
}

func (a attempt) wait(now time.Time) time.Duration {
	if a.BlockedUntil == nil {
		return 0
	}
	return max(0, a.BlockedUntil.Sub(now))
}

// fail counts a bad log-in, and says whether it was one that locks; the account, if there is one, shows it.
func (a attempts) fail(ctx context.Context, tx pgx.Tx, client *clientRow, now time.Time) (locked bool, err error) {
	here, err := a.address.fail(ctx, tx, maxFailures, now)
	if err != nil {
		return false, err
	}
	everywhere, err := a.everywhere.fail(ctx, tx, maxFailuresEverywhere, now)
	if err != nil || here == nil && everywhere == nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `update application_accounts set address_locked_until = coalesce($2, address_locked_until), locked_until = coalesce($3, locked_until)
		where organization_id = $4 and id = $1`, client.ApplicationAccountID, here, everywhere, client.OrganizationID)
	return true, err
}

// fail counts a bad log-in, and gives until when it locks, if it does.
func (a attempt) fail(ctx context.Context, tx pgx.Tx, most int, now time.Time) (until *time.Time, err error) {
	failures := a.Failures + 1
	if a.BlockedUntil != nil || now.Sub(a.FailedAt) > 24*time.Hour { // the lock is over, or nobody remembers
		failures = 1
	}
	if failures >= most {
		until = new(now.Add(lockedFor))
	}
	_, err = tx.Exec(ctx, "update login_attempts set failures = $2, failed_at = $3, blocked_until = $4 where subject = $1", a.Subject, failures, now, until)
	return until, err
}

// forget forgets the bad log-ins before a good one.
func (a attempts) forget(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, "delete from login_attempts where subject = any($1)", [][]byte{a.address.Subject, a.everywhere.Subject})
	return err
}

// unlock shows an account open again that gets another secret or state, with which nothing counts any more that was
// counted before.
func unlock(ctx context.Context, tx pgx.Tx, actor account.Actor, id uuid.UUID, now time.Time) error {
	var locked bool
	err := tx.QueryRow(ctx, `with was as (select greatest(locked_until, address_locked_until) > $2 as locked from application_accounts where id = $1),
		opened as (update application_accounts set locked_until = null, address_locked_until = null where id = $1 and greatest(locked_until, address_locked_until) is not null)
		select coalesce(locked, false) from was`, id, now).Scan(&locked)
	if err != nil || !locked {
		return err
	}
	return audit.Record(ctx, tx, now, actor.Who(), audit.Event{Action: "application_account.unlocked", Object: id})
}
