package caller

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/fault"
	"omapostipro/internal/postgres"
)

// Status is a credential's state: a key's, or an application account's.
type Status string

// The states of a credential.
const (
	Enabled  Status = "enabled"  // Aktiverad
	Disabled Status = "disabled" // Inaktiverad: can be enabled again
	Revoked  Status = "revoked"  // Återkallad: for good, its secret gone
)

// Held is what a change of state needs of a credential that its transaction has locked.
type Held struct {
	MakerID uuid.UUID
	Status  Status
}

// Lifecycle changes the states of one kind of credential. A credential is refused from the moment that a change returns.
type Lifecycle struct {
	DB        *postgres.DB
	Now       func() time.Time
	MayManage func(account.Actor) error
	Lock      func(ctx context.Context, tx pgx.Tx, id uuid.UUID) (Held, error)
	Update    func(ctx context.Context, tx pgx.Tx, actor account.Actor, id uuid.UUID, status Status, now time.Time) error
	Events    map[Status]audit.Event // what each change is called
	Gone      string                 // the text for who changes one that is revoked
}

// Set changes the state of a credential, and says whether it was another. To be there already is fine, and leaves no event.
func (l Lifecycle) Set(ctx context.Context, actor account.Actor, id uuid.UUID, status Status) (changed bool, err error) {
	if err := l.MayManage(actor); err != nil {
		return false, err
	}
	err = l.DB.InTx(ctx, actor.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		held, err := l.Lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if held.Status == Revoked && status != Revoked {
			return fault.New(fault.Gone, l.Gone)
		}
		changed = held.Status != status
		return l.set(ctx, tx, actor, id, held, status)
	})
	return changed, err
}

func (l Lifecycle) set(ctx context.Context, tx pgx.Tx, actor account.Actor, id uuid.UUID, held Held, status Status) error {
	if held.Status == status {
		return nil
	}
	now := l.Now()
	if err := l.Update(ctx, tx, actor, id, status, now); err != nil {
		return err
	}
	event := l.Events[status]
	event.Object, event.Fields = id, []string{"status"}
	return audit.Record(ctx, tx, now, actor.Who(), event)
}

// Settle gives what disables and revokes what people have made, in the transaction that ends their membership: as Set
// does, one by one. What is wanted enabled stays what it is.
func (l Lifecycle) Settle(actor account.Actor, wanted map[uuid.UUID]Status) func(ctx context.Context, tx pgx.Tx, makers []uuid.UUID) error {
	return func(ctx context.Context, tx pgx.Tx, makers []uuid.UUID) error {
		for _, id := range sorted(wanted) {
			if wanted[id] == Enabled {
				continue
			}
			if err := l.MayManage(actor); err != nil {
				return err
			}
			held, err := l.Lock(ctx, tx, id)
			if err != nil {
				return err
			}
			if !slices.Contains(makers, held.MakerID) {
				return fault.New(fault.NotFound, "errors.not_found_text")
			}
			if held.Status == Revoked {
				continue // somebody else did it a moment ago
			}
			if err := l.set(ctx, tx, actor, id, held, wanted[id]); err != nil {
				return err
			}
		}
		return nil
	}
}
