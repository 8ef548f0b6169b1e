package application

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/caller"
	"omapostipro/internal/postgres"
)

// Those that a person, $1, has made, at most $2: first those that work, or can again.
const selectMade = `
	select a.id, a.name::text as name, a.status, a.created_at, a.last_used_at from application_accounts a
	where a.organization_id = portal_organization() and a.maker_id = $1
	order by a.status = 'revoked', a.created_at desc, a.id desc limit $2`

// QueueMadeBy adds to a read the application accounts that a person has made, those that work first.
func QueueMadeBy(b *postgres.Batch, made *[]caller.Made, maker uuid.UUID) {
	postgres.Rows(b, made, selectMade, maker, maxAccounts)
}

// Settle gives what disables and revokes accounts that a person has made, in the transaction that ends their membership: as
// Disable and Revoke do, one by one. Those that are wanted enabled stay what they are.
func (s *Service) Settle(actor account.Actor, maker uuid.UUID, wanted map[uuid.UUID]Status) func(context.Context, pgx.Tx) error {
	return func(ctx context.Context, tx pgx.Tx) error {
		for _, id := range caller.Sorted(wanted) {
			status := wanted[id]
			if status == Enabled {
				continue
			}
			if err := mayManage(actor); err != nil {
				return err
			}
			found, err := lockAccount(ctx, tx, id)
			if err != nil {
				return err
			}
			if found.MakerID != maker {
				return errNotFound()
			}
			if found.Status == Revoked {
				continue // somebody else did it a moment ago
			}
			if err := s.setLocked(ctx, tx, actor, id, found, status, "application_account."+string(status)); err != nil {
				return err
			}
		}
		return nil
	}
}
