package apikey

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/fault"
)

// What follows is the operator's, who runs as portal_system and sees no page.

// CreateFor makes a key in the name of a main user, for the operator: by the rules of that person, to whose contract
// numbers it is linked. It gives the key's id and its value.
func (s *Service) CreateFor(ctx context.Context, operator, maker account.Actor, wanted New) (uuid.UUID, string, error) {
	if operator.Kind != audit.Operator {
		return uuid.Nil, "", fault.New(fault.Forbidden, "errors.forbidden_text")
	}
	return s.generate(ctx, operator, maker, wanted)
}

// All gives the keys of the operator's organisation, newest first.
func (s *Service) All(ctx context.Context, operator account.Actor) ([]Key, error) {
	if operator.Kind != audit.Operator {
		return nil, fault.New(fault.Forbidden, "errors.forbidden_text")
	}
	keys, _, err := s.list(ctx, operator)
	return keys, err
}

// RevokeBy ends a key of the operator's organisation for good, and says whether it had not been ended before.
func (s *Service) RevokeBy(ctx context.Context, operator account.Actor, id uuid.UUID) (bool, error) {
	if operator.Kind != audit.Operator {
		return false, fault.New(fault.Forbidden, "errors.forbidden_text")
	}
	changed := false
	err := s.db.InTx(ctx, scope(operator), func(ctx context.Context, tx pgx.Tx) error {
		key, err := lockKey(ctx, tx, id)
		if err != nil || key.Status == Revoked {
			return err
		}
		changed = true
		if err := updateStatus(ctx, tx, operator, id, Revoked, s.now()); err != nil {
			return err
		}
		return audit.Record(ctx, tx, s.now(), operator.Who(), audit.Event{Action: "api_key.revoked", Object: id, Fields: []string{"status"}})
	})
	return changed, err
}
