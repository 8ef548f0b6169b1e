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

// SetPassword gives the account of an e-mail address a password, for the operator, and ends all its sessions.
func (s *Service) SetPassword(ctx context.Context, operator Actor, email, password string) (uuid.UUID, error) {
	if operator.Kind != audit.Operator {
		return uuid.Nil, fault.New(fault.Forbidden, "errors.forbidden_text")
	}
	if err := CheckPassword(password); err != nil {
		return uuid.Nil, err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return uuid.Nil, err
	}
	var id uuid.UUID
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
		id = found[0]
		if _, err := tx.Exec(ctx, `insert into credentials (user_id, password_hash, changed_at) values ($1, $2, $3)
			on conflict (user_id) do update set password_hash = excluded.password_hash, changed_at = excluded.changed_at`, id, hash, s.now()); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "delete from sessions where user_id = $1", id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, s.now(), operator.Who(), audit.Event{Action: "user.changed", Object: id, Fields: []string{"password"}})
	})
	return id, err
}
