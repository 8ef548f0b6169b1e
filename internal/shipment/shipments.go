package shipment

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/label"
	"omapostipro/internal/once"
	"omapostipro/internal/postgres"
)

// Filter says which orders of the actor's contracts are listed. Zero values keep nothing out; texts must be equal.
type Filter struct {
	Status          Status // as it is told
	OrderNo         string
	SenderReference string
	TrackingNumber  string
	CreatedFrom     time.Time
}

// MaxListed is how many orders a page of a list has at most.
const MaxListed = 100

// Cursor is the last order of a page of a list; the next page begins after it.
type Cursor struct {
	PlacedAt time.Time `json:"t"`
	ID       uuid.UUID `json:"i"`
}

var newerThanAll = Cursor{PlacedAt: time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC), ID: uuid.Max}

// String gives the cursor as an address carries it; empty for none.
func (c Cursor) String() string {
	if c == (Cursor{}) {
		return ""
	}
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // a time and a UUID can always be written
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// ErrCursor is the error for a cursor that no page has given.
var ErrCursor = errors.New("no page has given this cursor")

// ParseCursor reads what String gave.
func ParseCursor(text string) (c Cursor, err error) {
	if text == "" {
		return c, nil
	}
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(decoded, &c)
	}
	if err != nil || c.ID == uuid.Nil || c.PlacedAt.IsZero() {
		return Cursor{}, ErrCursor
	}
	return c, nil
}

// List gives a page of the orders that were placed under the actor's contract numbers, the newest first, and where the
// next one begins: an empty cursor when there is none.
func (s *Orders) List(ctx context.Context, actor account.Actor, filter Filter, after Cursor, limit int) (page []Placed, next Cursor, err error) {
	limit = min(max(limit, 1), MaxListed)
	if after == (Cursor{}) {
		after = newerThanAll
	}
	contracts, statuses := filter.under(actor)
	var rows []placedRow
	err = s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
		postgres.Rows(b, &rows, filter.query(), contracts, after.PlacedAt, after.ID, filter.CreatedFrom, limit+1,
			statuses, filter.OrderNo, filter.SenderReference, filter.TrackingNumber)
	})
	if err != nil {
		return nil, Cursor{}, err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		next = Cursor{PlacedAt: last.CreatedAt, ID: last.ID}
	}
	return placedOf(rows), next, nil
}

// under gives the actor's contract numbers under which orders are looked for, each with a status that they have there, or ""
// for any. A number stands as often as there are statuses that are told alike.
func (f Filter) under(actor account.Actor) (contracts []uuid.UUID, statuses []Status) {
	for _, number := range actor.Numbers {
		wanted := []Status{""}
		if f.Status != "" {
			wanted = f.Status.toldAs(number.Kind)
		}
		for _, status := range wanted {
			contracts, statuses = append(contracts, number.ID), append(statuses, status)
		}
	}
	return contracts, statuses
}

// Find gives those orders of some ids that were placed under a contract number of the actor's.
func (s *Orders) Find(ctx context.Context, actor account.Actor, ids []uuid.UUID) (map[uuid.UUID]Placed, error) {
	var rows []placedRow
	err := s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) { postgres.Rows(b, &rows, selectByIDs, contractIDs(actor, ""), ids) })
	found := make(map[uuid.UUID]Placed, len(rows))
	for _, row := range rows {
		found[row.ID] = row.placed()
	}
	return found, err
}

// Cancel cancels an order before the carrier has its parcels; else it refuses with ErrInTransport. The parcels' numbers
// stay used. To be cancelled already is fine, and leaves no event.
func (s *Orders) Cancel(ctx context.Context, actor account.Actor, id uuid.UUID) error {
	return s.db.InTx(ctx, actor.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		status, err := lockStatus(ctx, tx, contractIDs(actor, ""), id)
		switch {
		case err != nil || status == Cancelled:
			return err
		case !status.Cancellable():
			return ErrInTransport
		}
		now := s.now()
		if err := updateCancelled(ctx, tx, id, now); err != nil {
			return err
		}
		return audit.Record(ctx, tx, now, actor.Who(), audit.Event{Action: "delivery_order.cancelled", Object: id, Fields: []string{"status"}})
	})
}

// Return places the order that brings an order's parcels back, by the return service of its service and under the same
// contract, with a sending code where the service has one. What Place refuses, this refuses too; a shipment that is
// cancelled or went by a service without a return is a conflict, and so is one that has a return: only when that is
// cancelled can there be another.
func (s *Orders) Return(ctx context.Context, actor account.Actor, id uuid.UUID, prepare func(Placed) error) (Placed, error) {
	placed, err := s.Get(ctx, actor, "", id)
	if err != nil {
		return Placed{}, err
	}
	back, err := placed.Returning()
	if err != nil {
		return s.madeBefore(ctx, actor, placed.Label.Media, prepare, err)
	}
	made, err := s.placeAs(ctx, actor, back, &placed.ID, placed.Label.Media, prepare)
	if postgres.Constraint(err) != constraintReturnedOnce {
		return made, err
	}
	var returned *ReturnedError
	err = s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) { postgres.Row(b, &returned, selectReturn, placed.ID) })
	switch {
	case err != nil:
		return Placed{}, err
	case returned == nil: // it has been cancelled since
		return s.Return(ctx, actor, id, prepare)
	}
	return Placed{}, returned
}

// ReturnedError refuses a second return of a shipment; it names the first.
type ReturnedError struct {
	ID     uuid.UUID
	Number string
}

func (e *ReturnedError) Error() string { return "the shipment has a return: " + e.Number }

// madeBefore gives what the call made while it still could, or else why it cannot any more.
func (s *Orders) madeBefore(ctx context.Context, actor account.Actor, media label.Media, prepare func(Placed) error, reason error) (Placed, error) {
	if s.call == nil {
		return Placed{}, reason
	}
	return once.Do(ctx, s.calls, actor, s.call, once.Work[Placed]{
		Begin: func(ctx context.Context, look func(*postgres.Batch)) error {
			return s.db.Read(ctx, actor.Scope(), look)
		},
		Make: func(context.Context, func(*pgx.Batch, uuid.UUID)) (Placed, error) { return Placed{}, reason },
		Again: func(ctx context.Context, made uuid.UUID) (Placed, error) {
			return s.again(ctx, actor, made, media, prepare)
		},
	})
}

// ofTheParcel are the additional services that tell of what is in a parcel, so that they hold on its way back too.
var ofTheParcel = ids("FRAG SPTR FDNGPP DNG")

// Returning gives the order that brings an order's parcels back: from its receiver to its sender.
func (p Placed) Returning() (Order, error) {
	if p.Status == Cancelled {
		return Order{}, ErrCancelled
	}
	service, _ := LookupService(p.Order.Service)
	back, ok := LookupService(service.Return)
	if !ok {
		return Order{}, ErrNoReturn
	}
	order := Order{Contract: p.Order.Contract, Sender: p.Order.Receiver, Receiver: p.Order.Sender, Service: back.ID, ReturnShipment: true,
		OrderNo: p.Order.OrderNo, SenderReference: p.Order.SenderReference, Parcels: p.Order.Parcels, LabelOffset: p.Order.LabelOffset}
	for _, addOn := range append(slices.Clip(ofTheParcel), SendingCode) {
		if back.Allows(addOn) && (addOn == SendingCode || p.Order.has(addOn)) {
			order.AddOns = append(order.AddOns, OrderedAddOn{ID: addOn})
		}
	}
	return order, nil
}

func orNil[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}
