package apikey

import (
	"context"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/caller"
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
	states := s.states
	states.MayManage = func(account.Actor) error { return nil }
	return states.Set(ctx, operator, id, caller.Revoked)
}
