package application

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/caller"
	"omapostipro/internal/credential"
	"omapostipro/internal/postgres"
)

// TokenLifetime is how long a token works (the carrier's rule).
const TokenLifetime = time.Hour

// maxTokens bounds how many tokens an account has at a time; of more than that the oldest are dead.
const maxTokens = 1000

// Five bad log-ins in a row lock an account for an hour (the carrier's rule). What is locked is the client id, whether it
// exists or not, so that the lock tells nobody that it does.
const (
	maxFailures = 5
	lockedFor   = time.Hour
)

// The reasons for which a credential is not recognised as one that may be used.
type refusal string

func (r refusal) Error() string { return string(r) }

// What Recognize and LogIn refuse with.
const (
	ErrInvalid refusal = "the token is not valid" // not a token, or one that was taken back; of what is no token in form no query was made
	ErrExpired refusal = "the token has expired"
	ErrClient  refusal = "no enabled application account has this client id and secret"
)

// LockedError is the refusal of log-ins with a client id after five bad ones.
type LockedError struct{ Wait time.Duration }

func (e *LockedError) Error() string { return "the client id is locked for " + e.Wait.String() }

// Grant is a token with what it opens.
type Grant struct {
	Token string
	Roles []caller.Role
}

// LogIn gives a token for an account's client id and secret. It does the same work for a client id that does not exist as
// for a wrong secret.
func (s *Service) LogIn(ctx context.Context, clientID, secret string, who audit.Who) (Grant, error) {
	if len(clientID) > 64 { // longer than any, and than what a subject should be made of
		clientID = ""
	}
	found, err := postgres.Recognize[clientRow](ctx, s.db, selectClient, clientID)
	if err != nil {
		return Grant{}, err
	}
	if found == nil {
		found = &clientRow{SecretHash: make([]byte, sha256.Size)}
	}
	good := subtle.ConstantTimeCompare(found.SecretHash, credential.Value(secret).Hash()) == 1 && found.Status == caller.Enabled
	token, err := credential.Generate(credential.Token)
	if err != nil {
		return Grant{}, err
	}
	var refused error
	now := s.now()
	who.Organization = found.OrganizationID
	err = s.db.InTx(ctx, postgres.Scope{Organization: found.OrganizationID}, func(ctx context.Context, tx pgx.Tx) error {
		attempt, err := lockAttempt(ctx, tx, clientID, now)
		if err != nil {
			return err
		}
		if attempt.BlockedUntil != nil && attempt.BlockedUntil.After(now) {
			refused = &LockedError{Wait: attempt.BlockedUntil.Sub(now)}
			return nil
		}
		if good {
			if good, err = insertToken(ctx, tx, found, token, now); err != nil {
				return err
			}
		}
		if good {
			return attempt.forget(ctx, tx)
		}
		refused = ErrClient
		locked, err := attempt.fail(ctx, tx, now)
		if err != nil || !locked {
			return err
		}
		return audit.Record(ctx, tx, now, who, audit.Event{Action: "application_account.locked", Object: found.ApplicationAccountID})
	})
	if err != nil {
		return Grant{}, err
	}
	if refused != nil {
		return Grant{}, refused
	}
	return Grant{Token: string(token), Roles: found.Roles}, nil
}

// Recognize gives the application account of a token: one query, never a cache, so that a token is dead as soon as its
// account is disabled. The account counts as used; that is written down later, in a batch.
func (s *Service) Recognize(ctx context.Context, text string) (caller.Caller, error) {
	value, ok := credential.Parse(credential.Token, text)
	if !ok {
		return caller.Caller{}, ErrInvalid
	}
	now := s.now()
	row, err := postgres.Recognize[recognizedRow](ctx, s.db, selectRecognized, value.Hash(), account.Today(now))
	switch {
	case err != nil:
		return caller.Caller{}, err
	case row == nil || row.Status != caller.Enabled:
		return caller.Caller{}, ErrInvalid
	case !row.ExpiresAt.After(now):
		return caller.Caller{}, ErrExpired
	}
	s.used.Note(row.ApplicationAccountID, now)
	return row.caller(), nil
}

const selectClient = `select application_account_id, organization_id, secret_hash, status, roles from find_application($1)
	where application_account_id is not null`

type clientRow struct {
	ApplicationAccountID uuid.UUID
	OrganizationID       uuid.UUID
	SecretHash           []byte
	Status               caller.Status
	Roles                []caller.Role
}

// insertToken gives false where the account has been disabled or given another secret since it was found.
func insertToken(ctx context.Context, tx pgx.Tx, client *clientRow, token credential.Value, now time.Time) (bool, error) {
	done, err := tx.Exec(ctx, `
		with current as (
			select organization_id, id from application_accounts where id = $2 and status = 'enabled' and secret_hash = $3 for share
		)
		insert into access_tokens (hash, organization_id, application_account_id, created_at, expires_at)
		select $1, organization_id, id, $4, $5 from current`,
		token.Hash(), client.ApplicationAccountID, client.SecretHash, now, now.Add(TokenLifetime))
	if err != nil || done.RowsAffected() == 0 {
		return false, err
	}
	_, err = tx.Exec(ctx, `delete from access_tokens where hash in (select hash from access_tokens
		where organization_id = $1 and application_account_id = $2 order by created_at desc, hash offset $3)`,
		client.OrganizationID, client.ApplicationAccountID, maxTokens)
	return true, err
}

// attempt is what is known of the bad log-ins with a client id.
type attempt struct {
	Subject      []byte
	Failures     int
	FailedAt     time.Time
	BlockedUntil *time.Time
}

func lockAttempt(ctx context.Context, tx pgx.Tx, clientID string, now time.Time) (attempt, error) {
	subject := sha256.Sum256([]byte("application " + clientID))
	if _, err := tx.Exec(ctx, "insert into login_attempts (subject, failures, failed_at) values ($1, 0, $2) on conflict do nothing", subject[:], now); err != nil {
		return attempt{}, err
	}
	rows, err := tx.Query(ctx, "select subject, failures, failed_at, blocked_until from login_attempts where subject = $1 for update", subject[:])
	if err != nil {
		return attempt{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[attempt])
}

// fail counts a bad log-in, and says whether it was the one that locks.
func (a attempt) fail(ctx context.Context, tx pgx.Tx, now time.Time) (locked bool, err error) {
	failures := a.Failures + 1
	if a.BlockedUntil != nil || now.Sub(a.FailedAt) > 24*time.Hour { // the lock is over, or nobody remembers
		failures = 1
	}
	var until *time.Time
	if locked = failures >= maxFailures; locked {
		end := now.Add(lockedFor)
		until = &end
	}
	_, err = tx.Exec(ctx, "update login_attempts set failures = $2, failed_at = $3, blocked_until = $4 where subject = $1", a.Subject, failures, now, until)
	return locked, err
}

// forget forgets the bad log-ins before a good one.
func (a attempt) forget(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, "delete from login_attempts where subject = $1", a.Subject)
	return err
}

// HasSecret says whether an account that is not revoked has a secret. It is for who starts the portal, not for who logs in:
// it counts no attempt and leaves no event.
func (s *Service) HasSecret(ctx context.Context, clientID, secret string) (bool, error) {
	found, err := postgres.Recognize[clientRow](ctx, s.db, selectClient, clientID)
	if err != nil || found == nil {
		return false, err
	}
	return found.Status != caller.Revoked && subtle.ConstantTimeCompare(found.SecretHash, credential.Value(secret).Hash()) == 1, nil
}
