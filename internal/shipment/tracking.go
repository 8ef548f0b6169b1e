package shipment

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/job"
	"omapostipro/internal/postgres"
)

// Pace says how shipments move by themselves.
type Pace struct {
	// Speed is how many hours of a story pass in an hour: 1 is the carrier's pace, 0 stands still until somebody advances.
	Speed float64
	// Magic lets references choose the story, refuses RefusedPostcode and knows the examples: the set-ups for trying.
	Magic bool
}

// KeepPace makes time pass at the pace for all shipments, those under way too. It is the database's: of portals that share
// one, the pace of the last to start holds for all.
func (s *Orders) KeepPace(ctx context.Context) error {
	return s.db.Write(ctx, postgres.Scope{}, func(b *pgx.Batch) error {
		queueSpeed(b, s.pace.Speed, s.now())
		return nil
	})
}

// TrackedEvent is an event that has happened to a shipment.
type TrackedEvent struct {
	Code       string    `json:"code"`
	Status     Status    `json:"status"`
	Place      string    `json:"place"` // a town, or a pickup point's name
	Postcode   string    `json:"postcode"`
	Country    string    `json:"country"`
	OccurredAt time.Time `json:"at"`
}

// Tracked is a shipment with what has happened to it, from the first event on.
type Tracked struct {
	Placed
	Events []TrackedEvent
}

// told gives an event of a step.
func (o Order) told(step Step, at time.Time) TrackedEvent {
	place := step.place(o)
	name := place.City
	if step.place(o) != o.Receiver && step.place(o) != o.Sender && place.Name != "" {
		name = place.Name
	}
	return TrackedEvent{Code: step.Code, Status: step.Status, Place: name, Postcode: place.Postcode, Country: place.Country, OccurredAt: at}
}

// TrackFilter says which shipments are tracked. The texts must be equal to the whole of what they are compared with.
type TrackFilter struct {
	Numbers         []string // of parcels
	OrderNo         string
	SenderReference string
	Keywords        []string // each any of the three
	ChangedSince    time.Time
	Freight         bool // these alone
	Parcels         bool // these alone
	OldestFirst     bool // by when they were placed, or, with ChangedSince, by when something happened to them last
	Cancelled       bool // these too, which the carrier has never had
	Start, Limit    int  // how many are passed over, and how many are given at most
}

// Track gives the shipments of the actor's contract numbers that the filter lets through, with what has happened to them: the
// newest first, or those that changed last if that is asked for, unless the filter says otherwise.
func (s *Orders) Track(ctx context.Context, actor account.Actor, filter TrackFilter) ([]Tracked, error) {
	filter.Start, filter.Limit = max(filter.Start, 0), min(filter.Limit, MaxListed)
	if filter.Limit <= 0 {
		return nil, nil
	}
	var rows []trackedRow
	err := s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
		postgres.Rows(b, &rows, filter.trackQuery(), filter.contracts(actor), filter.Numbers, filter.OrderNo, filter.SenderReference, filter.Keywords,
			orNil(filter.ChangedSince), filter.Start, filter.Limit)
	})
	tracked := make([]Tracked, len(rows))
	for i, row := range rows {
		tracked[i] = row.tracked()
	}
	return tracked, err
}

// kinds gives the kinds of contract that shipments of the filter are under.
func (f TrackFilter) kinds() []account.Kind {
	switch {
	case f.Freight && f.Parcels: // nothing is both
		return []account.Kind{}
	case f.Freight:
		return []account.Kind{account.FreightTransportCode}
	case f.Parcels:
		return []account.Kind{account.LogisticsContract}
	}
	return []account.Kind{account.LogisticsContract, account.FreightTransportCode}
}

// contracts gives the actor's contract numbers that shipments of the filter are under.
func (f TrackFilter) contracts(actor account.Actor) []uuid.UUID {
	contracts, kinds := []uuid.UUID{}, f.kinds()
	for _, number := range actor.Numbers {
		if slices.Contains(kinds, number.Kind) {
			contracts = append(contracts, number.ID)
		}
	}
	return contracts
}

// Takes says whether the filter lets an example through.
func (f TrackFilter) Takes(example Tracked) bool {
	return slices.Contains(f.kinds(), example.Order.Contract.Partner.ContractKind()) && !example.ChangedAt.Before(f.ChangedSince)
}

// Follow gives one shipment of the actor's with what has happened to it.
func (s *Orders) Follow(ctx context.Context, actor account.Actor, id uuid.UUID) (Tracked, error) {
	var row *trackedRow
	err := s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) { postgres.Row(b, &row, selectTrackedByID, contractIDs(actor, ""), id) })
	if err != nil {
		return Tracked{}, err
	}
	if row == nil {
		return Tracked{}, errNotFound()
	}
	return row.tracked(), nil
}

// What keeps a shipment from being moved on.
var (
	ErrStoryEnds      = errors.New("nothing more happens to this shipment by itself")
	ErrEventTime      = errors.New("an event is between what happened last to the shipment and a year from now")
	ErrEventNotInTurn = errors.New("the event cannot happen to the shipment where it is")
)

// Advance moves a shipment on by hand: by the next step of its story, or, with a code, by that event, if it can happen to the
// shipment where it is. at is when that happens; zero is now. What comes afterwards by itself follows from there.
func (s *Orders) Advance(ctx context.Context, actor account.Actor, id uuid.UUID, code string, at time.Time) error {
	return s.db.InTx(ctx, actor.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		moving, err := lockMoving(ctx, tx, contractIDs(actor, ""), id)
		if err != nil {
			return err
		}
		if moving.Status == Cancelled {
			return ErrCancelled
		}
		now := s.now().UTC().Truncate(time.Microsecond)
		if at.IsZero() {
			at = later(now, moving.ChangedAt)
		}
		if at.Before(moving.ChangedAt) || at.After(now.AddDate(1, 0, 0)) {
			return ErrEventTime
		}
		before := moving.Status
		moving.magic = s.pace.Magic && moving.ReturnOfID == nil
		if err := moving.advance(code, at); err != nil {
			return err
		}
		if err := moving.save(ctx, tx); err != nil {
			return err
		}
		return audit.Record(ctx, tx, now, actor.Who(), audit.Event{Action: "delivery_order.advanced", Object: id, Fields: []string{"status"},
			Personal: []audit.Personal{{Values: map[string]any{"before": map[string]any{"status": before}, "after": map[string]any{"status": moving.Status}}}}})
	})
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// moving is a shipment while something happens to it.
type moving struct {
	ID         uuid.UUID
	Document   Order
	Status     Status
	NextStep   int
	ReturnOfID *uuid.UUID
	ChangedAt  time.Time // when something happened to it last

	magic    bool // that its reference chooses its story
	happened []TrackedEvent
}

// upcoming gives the shipment's story, and which step of it is the next: one that leads on from where the shipment is, as
// events told by hand may have taken it past others.
func (m *moving) upcoming() (story []Step, next int) {
	story, next = m.Document.storyFrom(m.Status, m.magic), m.NextStep
	for next < len(story) && m.isPast(story[next]) {
		next++
	}
	return story, next
}

// isPast says whether a step leads to where the shipment has been. Some statuses are come to by one step alone.
func (m *moving) isPast(step Step) bool {
	once := m.Status == ReturnInTransport || m.Status.isEnd() && step.Code != EventPaid
	return step.Status.comesBefore(m.Status) || once && step.Status == m.Status
}

// advance lets the next step happen, or an event of a code.
func (m *moving) advance(code string, at time.Time) error {
	story, next := m.upcoming()
	if code == "" {
		if next == len(story) {
			return ErrStoryEnds
		}
		m.move(story[next], next+1, at)
		return nil
	}
	event, _ := LookupEvent(code)
	for i := next; i < len(story); i++ {
		if story[i].Code == code && (code != EventPaid || m.Status == Delivered) {
			m.move(story[i], i+1, at)
			return nil
		}
	}
	if m.Status.isEnd() || code == EventPaid || event.Status != "" && event.Status.comesBefore(m.Status) {
		return ErrEventNotInTurn
	}
	status := cmp.Or(event.Status, m.Status)
	m.move(Step{Code: code, Status: status, place: placeOf(status)}, m.NextStep, at)
	return nil
}

// placeOf gives where a shipment is to which something happens that its story does not have.
func placeOf(status Status) func(Order) Party {
	switch status {
	case Waiting, Received:
		return atSender
	case ReadyForPickup, ReturnInTransport:
		return atHandOver
	default:
		return atReceiver
	}
}

// move lets a step happen.
func (m *moving) move(step Step, next int, at time.Time) {
	m.happened = append(m.happened, m.Document.told(step, at))
	m.Status, m.NextStep, m.ChangedAt = step.Status, next, at
}

// wait gives how much of the story's time passes until the next step comes; false when none comes by itself.
func (m *moving) wait() (time.Duration, bool) {
	story, next := m.upcoming()
	if next == len(story) {
		return 0, false
	}
	return max(story[next].After-story[next-1].After, 0), true
}

// dueAtOnce is how many shipments are moved in one go.
const dueAtOnce = 500

// MoveDue lets happen what is due to shipments of all organisations, and says how many were moved.
func (s *Orders) MoveDue(ctx context.Context) (moved int, err error) {
	now := s.now()
	due, err := dueShipments(ctx, s.db, now)
	if err != nil {
		return 0, err
	}
	byOrganization := map[uuid.UUID][]uuid.UUID{}
	for _, d := range due {
		byOrganization[d.OrganizationID] = append(byOrganization[d.OrganizationID], d.ID)
	}
	for organization, ids := range byOrganization {
		err = errors.Join(err, s.db.InTx(ctx, postgres.Scope{Organization: organization}, func(ctx context.Context, tx pgx.Tx) error {
			shipments, err := lockDue(ctx, tx, ids, now)
			if err != nil {
				return err
			}
			all := make([]*moving, len(shipments))
			for i := range shipments {
				all[i] = &shipments[i].moving
				all[i].magic = s.pace.Magic && all[i].ReturnOfID == nil
				shipments[i].catchUp(now)
			}
			moved += len(shipments)
			return saveAll(ctx, tx, all)
		}))
	}
	return moved, err
}

// dueMoving is a shipment to which something is due to happen.
type dueMoving struct {
	moving
	DueAt time.Time
	Speed float64 // above 0
}

// catchUp lets happen all that is due, at the times at which it is.
func (m *dueMoving) catchUp(now time.Time) {
	for at := m.DueAt; !at.After(now); {
		story, next := m.upcoming()
		if next == len(story) {
			return
		}
		m.move(story[next], next+1, at)
		wait, more := m.wait()
		lasts := float64(wait) / m.Speed
		if !more || lasts > float64(now.Sub(at)) {
			return
		}
		at = at.Add(time.Duration(lasts)).Truncate(time.Microsecond)
	}
}

// movement is the job that moves shipments.
type movement struct{}

// Kind names the job.
func (movement) Kind() string { return "move_shipments" }

type mover struct {
	river.WorkerDefaults[movement]
	orders *Orders
	log    *slog.Logger
}

// Work moves what is due, until nothing is.
func (w *mover) Work(ctx context.Context, _ *river.Job[movement]) error {
	for {
		moved, err := w.orders.MoveDue(ctx)
		if err != nil {
			w.log.Error("moving shipments", "error", err)
			return err
		}
		if moved < dueAtOnce {
			return nil
		}
	}
}

// Work is how shipments move by themselves: a job that is done every so often.
func (s *Orders) Work(log *slog.Logger) job.Work {
	every := 10 * time.Second
	if s.pace.Speed > 60 {
		every = time.Second
	}
	if s.pace.Speed <= 0 {
		return job.Work{}
	}
	return job.Work{
		Workers: func(workers *river.Workers) { river.AddWorker(workers, &mover{orders: s, log: log}) },
		Every:   every,
		Args:    movement{},
	}
}

// Examples are shipments that everybody can track where things are tried: one in each status. They are in no database.
func (s *Orders) Examples() []Tracked {
	if !s.pace.Magic {
		return nil
	}
	return examples()
}

// Example gives the example of a tracking number.
func (s *Orders) Example(number string) (Tracked, bool) {
	all := s.Examples()
	i := slices.IndexFunc(all, func(t Tracked) bool { return strings.EqualFold(t.Number, number) })
	if i < 0 {
		return Tracked{}, false
	}
	return all[i], true
}
