package shipment

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/fault"
	"omapostipro/internal/label"
	"omapostipro/internal/once"
	"omapostipro/internal/postgres"
)

// Orders places delivery orders and finds them again. (Service is the carrier's word for what it sells.)
type Orders struct {
	db    *postgres.DB
	now   func() time.Time
	pace  Pace
	calls *once.Calls
	call  *once.Call // that is made once; nil for none
}

// NewOrders makes the service.
func NewOrders(db *postgres.DB, now func() time.Time) *Orders {
	return &Orders{db: db, now: now, calls: once.New(db, now)}
}

// Moving gives the service of shipments that move by themselves, at a pace.
func (s *Orders) Moving(pace Pace) *Orders {
	of := *s
	of.pace = pace
	return &of
}

// Tried gives what is wrong with an order only where things are tried.
func (s *Orders) Tried(order Order) []Problem {
	if !s.pace.Magic || order.Receiver.Postcode != RefusedPostcode {
		return nil
	}
	return []Problem{{Code: PostcodeInvalid, Path: "shipment.receiver.zipcode", Message: "the postcode " + RefusedPostcode + " is always refused, for trying", Type: Error}}
}

// Once gives the service for a call: it places one order, however often the call is repeated. A repetition gives the
// order as it was placed, with a fresh link to its labels.
func (s *Orders) Once(call *once.Call) *Orders {
	of := *s
	of.call = call
	return &of
}

// CheckCall refuses a call that is not like the one that its key was used for, for who refuses an order before placing it.
func (s *Orders) CheckCall(ctx context.Context, actor account.Actor) error {
	return s.calls.Check(ctx, actor, s.call)
}

// maxNumberings is how often an order is numbered anew when a number is taken: serials cycle after ten million.
const maxNumberings = 7

// Place stores an order with its parcels' numbers and a link to its labels, all or nothing. It refuses a contract that is
// not the actor's with ErrContractNotAllowed, and an order with problems with a *Refused. prepare, if given, sees the order
// before it is stored; its error keeps it from being stored. It may be called again, for other numbers.
func (s *Orders) Place(ctx context.Context, actor account.Actor, order Order, media label.Media, prepare func(Placed) error) (Placed, error) {
	return s.placeAs(ctx, actor, order, nil, media, prepare)
}

// placeAs places an order, one that brings back another's parcels if that is given.
func (s *Orders) placeAs(ctx context.Context, actor account.Actor, order Order, returnOf *uuid.UUID, media label.Media, prepare func(Placed) error) (Placed, error) {
	contract, err := Permit(actor, order.Contract)
	if err != nil {
		return Placed{}, err
	}
	if problems := append(s.Tried(order), Validate(order)...); Refuses(problems) {
		return Placed{}, &Refused{Problems: problems}
	}
	var serials []int64
	return once.Do(ctx, s.calls, actor, s.call, once.Work[Placed]{
		Begin: func(ctx context.Context, look func(*postgres.Batch)) error {
			return s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
				look(b)
				queueSerials(b, &serials, order.ParcelCount(), 0)
			})
		},
		Make: func(ctx context.Context, keep func(*pgx.Batch, uuid.UUID)) (Placed, error) {
			wanted := Placed{Order: order, ReturnOf: returnOf, Label: LabelLink{Media: media}}
			return s.number(ctx, actor, contract, wanted, serials, prepare, keep)
		},
		Again: func(ctx context.Context, made uuid.UUID) (Placed, error) {
			return s.again(ctx, actor, made, media, prepare)
		},
	})
}

// number places an order with the serials, or with others if a number is taken.
func (s *Orders) number(ctx context.Context, actor account.Actor, contract account.ContractNumber, wanted Placed, serials []int64, prepare func(Placed) error, keep func(*pgx.Batch, uuid.UUID)) (Placed, error) {
	// The numbers that a contract had in the round before may stand in long rows, so each leap is wider than the last.
	for attempt, leap := 1, 10; ; attempt, leap = attempt+1, 10*leap+10 {
		placed, err := s.place(ctx, actor, contract, wanted, serials, prepare, keep)
		taken := slices.Contains([]string{constraintNumberTaken, constraintShipmentNumberTaken, constraintSendingCodeTaken}, postgres.Constraint(err))
		if !taken || attempt == maxNumberings {
			return placed, err
		}
		err = s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) { queueSerials(b, &serials, wanted.Order.ParcelCount(), leap) })
		if err != nil {
			return Placed{}, err
		}
	}
}

// again gives an order as it was placed, whatever has become of it, with a fresh link to its labels.
func (s *Orders) again(ctx context.Context, actor account.Actor, id uuid.UUID, media label.Media, prepare func(Placed) error) (Placed, error) {
	placed, err := s.Get(ctx, actor, "", id)
	if err != nil {
		return Placed{}, err
	}
	placed.Status, placed.CancelledAt, placed.ChangedAt = Waiting, nil, placed.PlacedAt
	now := s.now().UTC().Truncate(time.Microsecond)
	placed.Label = LabelLink{Media: media, ExpiresAt: now.Add(LabelLifetime)}
	if placed.Label.ID, err = uuid.NewV7(); err != nil {
		return Placed{}, err
	}
	if prepare != nil {
		if err := prepare(placed); err != nil {
			return Placed{}, err
		}
	}
	err = s.db.Write(ctx, actor.Scope(), func(b *pgx.Batch) error {
		queueLabel(b, actor, placed, now)
		return nil
	})
	if err != nil {
		return Placed{}, err
	}
	return placed, nil
}

func (s *Orders) place(ctx context.Context, actor account.Actor, contract account.ContractNumber, placed Placed, serials []int64, prepare func(Placed) error, keep func(*pgx.Batch, uuid.UUID)) (Placed, error) {
	var idErr, labelErr error
	placed.ID, idErr = uuid.NewV7()
	placed.Label.ID, labelErr = uuid.NewV7()
	if err := errors.Join(idErr, labelErr); err != nil {
		return Placed{}, err
	}
	now := s.now().UTC().Truncate(time.Microsecond) // as the database keeps it
	placed.Parcels, placed.PlacedAt, placed.ChangedAt, placed.Status, placed.Label.ExpiresAt = placed.Order.number(serials), now, now, Waiting, now.Add(LabelLifetime)
	firstStep := placed.Order.Story(false)[1].After // which is the same in every story
	placed.Number = placed.Parcels[0].Number
	if prepare != nil {
		if err := prepare(placed); err != nil {
			return Placed{}, err
		}
	}
	err := s.db.Write(ctx, actor.Scope(), func(b *pgx.Batch) error {
		keep(b, placed.ID)
		if err := queueInsert(b, actor, contract, placed, firstStep); err != nil {
			return err
		}
		return audit.Queue(b, now, actor.Who(), audit.Event{Action: "delivery_order.created", Object: placed.ID})
	})
	if err != nil {
		return Placed{}, err
	}
	return placed, nil
}

// Get gives an order that was placed under a contract number of the actor's, or, for "", under any of them.
func (s *Orders) Get(ctx context.Context, actor account.Actor, contract string, id uuid.UUID) (Placed, error) {
	return s.find(ctx, actor, contract, selectByID, id)
}

// ByLabel gives the order that a link to labels belongs to, to the key or application account that placed it and while
// that may use the contract. An expired link is a fault of kind Gone.
func (s *Orders) ByLabel(ctx context.Context, actor account.Actor, contract string, labelID uuid.UUID) (Placed, error) {
	key, application := credentialOf(actor)
	placed, err := s.find(ctx, actor, contract, selectByLabel, labelID, key, application)
	if err == nil && !s.now().Before(placed.Label.ExpiresAt) {
		return Placed{}, fault.New(fault.Gone, "errors.gone_text")
	}
	return placed, err
}

func (s *Orders) find(ctx context.Context, actor account.Actor, contract, query string, args ...any) (Placed, error) {
	var row *placedRow
	args = append([]any{contractIDs(actor, contract)}, args...)
	err := s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) { postgres.Row(b, &row, query, args...) })
	if err != nil {
		return Placed{}, err
	}
	if row == nil {
		return Placed{}, fault.New(fault.NotFound, "errors.not_found_text")
	}
	return row.placed(), nil
}
