package pickup

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/fault"
	"omapostipro/internal/once"
	"omapostipro/internal/postgres"
	"omapostipro/internal/shipment"
)

// Service orders pickups, finds and cancels them.
type Service struct {
	db    *postgres.DB
	now   func() time.Time
	calls *once.Calls
}

// NewService makes the service.
func NewService(db *postgres.DB, now func() time.Time) *Service {
	return &Service{db: db, now: now, calls: once.New(db, now)}
}

// payer gives the contract of a number, if the actor has it for what is sent.
func payer(actor account.Actor, number string) (account.ContractNumber, bool) {
	for _, contract := range actor.NumbersOf(account.LogisticsContract, account.FreightTransportCode) {
		if contract.Number == number {
			return contract, true
		}
	}
	return account.ContractNumber{}, false
}

// queueParcels adds to a read the parcels of some numbers, as a pickup of them that is ordered now finds them.
func (s *Service) queueParcels(b *postgres.Batch, parcels *[]parcelRow, actor account.Actor, numbers []string) {
	postgres.Rows(b, parcels, selectParcels, account.IDs(actor.Numbers), numbers[:min(len(numbers), MaxNumbers)], s.now())
}

// Shipments is a pickup of shipments of the actor's: who pays and, unless it is said, where they are is known from them.
type Shipments struct {
	Wanted
	Elsewhere bool // that Address is given
}

// OrderShipments orders a pickup of shipments, once for a call that has a key.
func (s *Service) OrderShipments(ctx context.Context, actor account.Actor, call *once.Call, wanted Shipments) (Pickup, error) {
	var parcels []parcelRow
	numbers := make([]string, len(wanted.Numbers))
	for i, number := range wanted.Numbers {
		numbers[i] = compact(number)
	}
	wanted.Numbers = numbers
	return once.Do(ctx, s.calls, actor, call, once.Work[Pickup]{
		Begin: func(ctx context.Context, look func(*postgres.Batch)) error {
			return s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
				look(b)
				s.queueParcels(b, &parcels, actor, numbers)
			})
		},
		Make: func(ctx context.Context, keep func(*pgx.Batch, uuid.UUID)) (Pickup, error) {
			contract, err := s.complete(actor, &wanted, parcels)
			if err != nil {
				return Pickup{}, err
			}
			made, err := s.made(actor, contract, wanted.Wanted, nil)
			if err != nil {
				return Pickup{}, err
			}
			write := func() error {
				return s.db.Write(ctx, actor.Scope(), func(b *pgx.Batch) error {
					keep(b, made.ID)
					return queue(b, actor, contract, made, nil)
				})
			}
			if err = write(); postgres.Constraint(err) != constraintTaken {
				return made, err
			}
			if err := s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) { s.queueParcels(b, &parcels, actor, numbers) }); err != nil {
				return Pickup{}, err
			}
			if _, err = s.complete(actor, &wanted, parcels); err == nil {
				err = write()
			}
			return made, err
		},
		Again: func(ctx context.Context, made uuid.UUID) (Pickup, error) { return s.Get(ctx, actor, made) },
	})
}

// complete adds what the shipments say, and refuses what is wrong.
func (s *Service) complete(actor account.Actor, wanted *Shipments, parcels []parcelRow) (account.ContractNumber, error) {
	var refused []shipment.Problem
	found, paid := true, ""
	for i, number := range wanted.Numbers[:min(len(wanted.Numbers), MaxNumbers)] {
		path := fmt.Sprintf("trackingNumbers[%d]", i)
		at := slices.IndexFunc(parcels, func(p parcelRow) bool { return p.TrackingNumber == number })
		switch {
		case slices.Contains(wanted.Numbers[:i], number): // which is told already
			continue
		case at < 0:
			refused = append(refused, shipment.Problem{Code: shipment.Invalid, Path: path, Message: "there is no parcel " + shipment.Quote(number) + " under a contract number of yours", Type: shipment.Error})
			found = false
			continue
		case paid != "" && parcels[at].Contract != paid:
			refused = append(refused, shipment.Problem{Code: shipment.Invalid, Path: path, Message: "the parcels of a pickup must be under one contract number", Type: shipment.Error})
			continue
		}
		if problem, is := parcels[at].refusal(path); is {
			refused = append(refused, problem)
		}
		paid = parcels[at].Contract
		if sender := parcels[at].Document.Sender; i == 0 && !wanted.Elsewhere {
			phone := sender.Mobile
			if phone == "" {
				phone = sender.Phone
			}
			wanted.Address = Address{Name: sender.Name, Street: sender.Address1, Postcode: sender.Postcode, City: sender.City, Country: sender.Country, Phone: phone, Email: sender.Email}
		}
	}
	if wanted.Packages == 0 {
		wanted.Packages = len(wanted.Numbers)
	}
	problems := wanted.Check(s.now(), asNamed)
	if !found && !wanted.Elsewhere { // where they are is not known then
		problems = slices.DeleteFunc(problems, func(p shipment.Problem) bool { return strings.HasPrefix(p.Path, "address.") })
	}
	if problems = append(problems, refused...); len(problems) > 0 {
		return account.ContractNumber{}, &shipment.Refused{Problems: problems}
	}
	contract, may := payer(actor, paid)
	if !may {
		return contract, fmt.Errorf("%w: %s", ErrContract, paid)
	}
	return contract, nil
}

// made gives a pickup that is ordered now.
func (s *Service) made(actor account.Actor, contract account.ContractNumber, wanted Wanted, of *part) (Pickup, error) {
	id, err := uuid.NewV7()
	by := Orderer{Kind: actor.Kind, ID: actor.ID, Message: of != nil}
	return Pickup{ID: id, Contract: contract, OrderedBy: by, OrderedAt: s.now().UTC().Truncate(time.Microsecond), Wanted: wanted}, err
}

// queue adds a pickup and its event to a batch.
func queue(b *pgx.Batch, actor account.Actor, contract account.ContractNumber, made Pickup, of *part) error {
	if err := queueInsert(b, actor, contract, made, of); err != nil {
		return err
	}
	return audit.Queue(b, made.OrderedAt, actor.Who(), audit.Event{Action: "pickup.ordered", Object: made.ID})
}

func maySee(actor account.Actor) error {
	if !actor.SeesPickups() {
		return fault.New(fault.Forbidden, "errors.forbidden_text")
	}
	return nil
}

// Get gives a pickup that a contract number of the actor's pays for.
func (s *Service) Get(ctx context.Context, actor account.Actor, id uuid.UUID) (Pickup, error) {
	if err := maySee(actor); err != nil {
		return Pickup{}, err
	}
	var row *pickupRow
	if err := s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) { postgres.Row(b, &row, selectOne, account.IDs(actor.Numbers), id) }); err != nil {
		return Pickup{}, err
	}
	if row == nil {
		return Pickup{}, errNotFound()
	}
	return row.pickup(), nil
}

// MaxListed is how many pickups a page has at most.
const MaxListed = 100

// List gives a page of the pickups that contract numbers of the actor's pay for, the newest first, and where the next one
// begins: an empty cursor when there is none.
func (s *Service) List(ctx context.Context, actor account.Actor, after shipment.Cursor, limit int) (page []Pickup, next shipment.Cursor, err error) {
	if err := maySee(actor); err != nil {
		return nil, next, err
	}
	limit = min(max(limit, 1), MaxListed)
	from := after.PlacedAt
	if after == (shipment.Cursor{}) {
		from = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	var rows []pickupRow
	err = s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
		postgres.Rows(b, &rows, selectPage, account.IDs(actor.Numbers), from, after.ID, limit+1)
	})
	if err != nil {
		return nil, next, err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		next = shipment.Cursor{PlacedAt: rows[limit-1].CreatedAt, ID: rows[limit-1].ID}
	}
	for _, row := range rows {
		page = append(page, row.pickup())
	}
	return page, next, nil
}

// Cancel cancels a pickup before its day; from then on it refuses with ErrTooLate. To be cancelled already is fine, and
// leaves no event.
func (s *Service) Cancel(ctx context.Context, actor account.Actor, id uuid.UUID) error {
	if !actor.MayOrderPickups() {
		return fault.New(fault.Forbidden, "pickups.needs_permission")
	}
	return s.db.InTx(ctx, actor.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		state, err := lock(ctx, tx, account.IDs(actor.Numbers), id)
		switch now := s.now(); {
		case err != nil || state.CancelledAt != nil:
			return err
		case !(Pickup{Wanted: Wanted{Day: dayOf(state.PickupDate)}}).Cancellable(now):
			return ErrTooLate
		default:
			if err := updateCancelled(ctx, tx, id, now); err != nil {
				return err
			}
			return audit.Record(ctx, tx, now, actor.Who(), audit.Event{Action: "pickup.cancelled", Object: id, Fields: []string{"cancelled_at"}})
		}
	})
}

func errNotFound() error { return fault.New(fault.NotFound, "errors.not_found_text") }
