package account

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/jackc/pgx/v5"

	"omapostipro/internal/fault"
)

// limit says how many failures in a row are free, and how long one waits after each that follows: the first wait,
// doubled each time up to the longest. An account's longest wait is short: somebody who fails on purpose under another's
// name makes its owner wait for minutes, and never locks them out.
type limit struct {
	free    int
	first   time.Duration
	longest time.Duration
}

var (
	accountLimit = limit{free: 5, first: 15 * time.Second, longest: 5 * time.Minute}
	addressLimit = limit{free: 20, first: 15 * time.Second, longest: 15 * time.Minute} // an office shares one
	mailLimit    = limit{free: 3, first: time.Minute, longest: time.Hour}              // links by mail: nobody's mailbox is to be filled
)

// failuresForgottenAfter is how long after the last failure a row of them no longer counts.
const failuresForgottenAfter = 24 * time.Hour

// wait says how long the next attempt waits after so many failures.
func (l limit) wait(failures int) time.Duration {
	if failures < l.free {
		return 0
	}
	wait := l.first
	for range failures - l.free {
		if wait *= 2; wait >= l.longest {
			return l.longest
		}
	}
	return wait
}

// attempt is a log-in on its way, or something else that is not to be tried without end, which counts as failed until it has succeeded: attempts in parallel cannot outrun it.
type attempt struct {
	account [sha256.Size]byte
	address [sha256.Size]byte
	limit   limit // the account's
}

func newAttempt(emailKey, address string) attempt {
	return attempt{account: sha256.Sum256([]byte("account " + emailKey)), address: sha256.Sum256([]byte("address " + address)), limit: accountLimit}
}

// newAsking is an attempt to have a link sent to an address, which counts whatever comes of it.
func newAsking(emailKey, address string) attempt {
	return attempt{account: sha256.Sum256([]byte("link to " + emailKey)), address: sha256.Sum256([]byte("links from " + address)), limit: mailLimit}
}

func (a attempt) subjects() [][]byte { return [][]byte{a.account[:], a.address[:]} }

type attemptRow struct {
	Subject      []byte
	Failures     int
	FailedAt     time.Time
	BlockedUntil *time.Time
}

// begin counts an attempt, or refuses it while its account or its address waits. A refused attempt counts for nothing.
func (a attempt) begin(ctx context.Context, tx pgx.Tx, now time.Time) error {
	// Rows are made, and locked, in one order, so that two attempts never wait for each other.
	if _, err := tx.Exec(ctx, `insert into login_attempts (subject, failures, failed_at)
		select subject, 0, $2 from unnest($1::bytea[]) as subject order by subject on conflict do nothing`, a.subjects(), now); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `select subject, failures, failed_at, blocked_until from login_attempts
		where subject = any($1) order by subject for update`, a.subjects())
	if err != nil {
		return err
	}
	attempts, err := pgx.CollectRows(rows, pgx.RowToStructByName[attemptRow])
	if err != nil {
		return err
	}
	for _, row := range attempts {
		if row.BlockedUntil != nil && row.BlockedUntil.After(now) {
			wait := row.BlockedUntil.Sub(now)
			return fault.New(fault.Throttled, "login.throttled", "time", wait).After(wait)
		}
	}
	for _, row := range attempts {
		failures, limit := row.Failures+1, addressLimit
		if now.Sub(row.FailedAt) > failuresForgottenAfter {
			failures = 1
		}
		if [sha256.Size]byte(row.Subject) == a.account {
			limit = a.limit
		}
		var blockedUntil *time.Time
		if wait := limit.wait(failures); wait > 0 {
			until := now.Add(wait)
			blockedUntil = &until
		}
		if _, err := tx.Exec(ctx, "update login_attempts set failures = $2, failed_at = $3, blocked_until = $4 where subject = $1",
			row.Subject, failures, now, blockedUntil); err != nil {
			return err
		}
	}
	return nil
}

// succeeded forgets the account's failures, and takes back what begin counted for the address: somebody with one good
// account does not go on guessing at others from there.
func (a attempt) succeeded(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, "delete from login_attempts where subject = $1", a.account[:]); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "update login_attempts set failures = greatest(failures - 1, 0), blocked_until = null where subject = $1", a.address[:])
	return err
}
