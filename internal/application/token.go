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

// The reasons for which a credential is not recognised as one that may be used.
type refusal string

func (r refusal) Error() string { return string(r) }

// What Recognize and LogIn refuse with.
const (
	ErrInvalid refusal = "the token is not valid" // not a token, or one that was taken back; of what is no token in form no query was made
	ErrExpired refusal = "the token has expired"
	ErrClient  refusal = "no enabled application account has this client id and secret"
)

// LockedError is the refusal of log-ins with a client id after bad ones.
type LockedError struct{ Wait time.Duration }

func (e *LockedError) Error() string { return "the client id is locked for " + e.Wait.String() }

// Grant is a token with what it opens.
type Grant struct {
	Token string
	Roles []caller.Role
}

// LogIn gives a token for an account's client id and secret to who asks from an address. It does the same work for a client id that does not exist as
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
		attempts, err := lockAttempts(ctx, tx, clientID, who.Address, found, now)
		if err != nil {
			return err
		}
		if wait := attempts.wait(now); wait > 0 {
			refused = &LockedError{Wait: wait}
			return nil
		}
		if good {
			if good, err = insertToken(ctx, tx, found, token, now); err != nil {
				return err
			}
		}
		if good {
			return attempts.forget(ctx, tx)
		}
		refused = ErrClient
		locked, err := attempts.fail(ctx, tx, found, now)
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

const selectClient = `select application_account_id, organization_id, secret_hash, status, status_changed_at, roles from find_application($1)
	where application_account_id is not null`

type clientRow struct {
	ApplicationAccountID uuid.UUID
	OrganizationID       uuid.UUID
	SecretHash           []byte
	Status               caller.Status
	StatusChangedAt      *time.Time
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

// HasSecret says whether an account that is not revoked has a secret. It is for who starts the portal, not for who logs in:
// it counts no attempt and leaves no event.
func (s *Service) HasSecret(ctx context.Context, clientID, secret string) (bool, error) {
	found, err := postgres.Recognize[clientRow](ctx, s.db, selectClient, clientID)
	if err != nil || found == nil {
		return false, err
	}
	return found.Status != caller.Revoked && subtle.ConstantTimeCompare(found.SecretHash, credential.Value(secret).Hash()) == 1, nil
}
