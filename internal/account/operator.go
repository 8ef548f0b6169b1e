package account

import (
	"context"
	"crypto/rand"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/audit"
	"omapostipro/internal/fault"
	"omapostipro/internal/postgres"
)

// GeneratePassword makes a password that nobody has to think of: 26 letters and digits, 128 random bits.
func GeneratePassword() string { return rand.Text() }

// PasswordSet is whose password was set, and what ended with the old one.
type PasswordSet struct {
	ID               uuid.UUID
	EmailChangeEnded bool // a change of address was to be confirmed
}

// SetPassword gives the account of an e-mail address a password, for the operator, ends all its sessions, and voids all links
// to it.
func (s *Service) SetPassword(ctx context.Context, operator Actor, email, password string) (PasswordSet, error) {
	if operator.Kind != audit.Operator {
		return PasswordSet{}, fault.New(fault.Forbidden, "errors.forbidden_text")
	}
	if err := CheckPassword(password); err != nil {
		return PasswordSet{}, err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return PasswordSet{}, err
	}
	var set PasswordSet
	err = s.db.InTx(ctx, postgres.Scope{}, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select id from users where email_key = $1 for no key update", EmailKey(email))
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.New(fault.NotFound, "user.not_found", "email", email)
		}
		set.ID = found[0]
		if _, err := tx.Exec(ctx, `insert into credentials (user_id, password_hash, changed_at) values ($1, $2, $3)
			on conflict (user_id) do update set password_hash = excluded.password_hash, changed_at = excluded.changed_at`, set.ID, hash, s.now()); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "delete from sessions where user_id = $1", set.ID); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, "select void_links($1, $2)", set.ID, s.now()).Scan(&set.EmailChangeEnded); err != nil {
			return err
		}
		if set.EmailChangeEnded {
			if err := audit.Record(ctx, tx, s.now(), operator.Who(), emailCancelled(set.ID)); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, s.now(), operator.Who(), audit.Event{Action: "user.changed", Object: set.ID, Fields: []string{"password"}})
	})
	return set, err
}
