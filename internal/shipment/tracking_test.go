package shipment_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/fault"
	"omapostipro/internal/job"
	"omapostipro/internal/shipment"
)

// told writes down what has happened to a shipment.
func (d *desk) told(t *testing.T, actor account.Actor, id uuid.UUID) string {
	t.Helper()
	tracked, err := d.Follow(t.Context(), actor, id)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, event := range tracked.Events {
		words = append(words, event.Code)
	}
	return strings.Join(words, " ") + " " + string(tracked.Status)
}

// pace lets shipments move at a pace from now on, as a portal does that starts with it.
func (d *desk) pace(t *testing.T, pace shipment.Pace) {
	t.Helper()
	d.Orders = d.Moving(pace)
	if err := d.KeepPace(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// moves lets happen what is due, and says how many shipments moved.
func (d *desk) moves(t *testing.T) int {
	t.Helper()
	moved, err := d.MoveDue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return moved
}

func TestShipmentsMoveByThemselves(t *testing.T) {
	d := newDesk(t)
	d.pace(t, shipment.Pace{Speed: 60}) // an hour a minute: 48 hours are 48 minutes
	key, other := d.key(t, demotest.MainUser, demotest.ExampleOy), d.key(t, demotest.OtherMain, demotest.Testbolaget)
	placed := d.place(t, key, order(1))
	theirs := order(1)
	theirs.Contract.Number = "600123"
	placedByOther := d.place(t, other, theirs)
	if moved := d.moves(t); moved != 0 || d.told(t, key, placed.ID) != "68 WAITING" {
		t.Errorf("%d moved at once: %s", moved, d.told(t, key, placed.ID))
	}
	d.Clock.Advance(5 * time.Minute)
	if moved := d.moves(t); moved != 2 || d.told(t, key, placed.ID) != "68 13 RECEIVED" || d.told(t, other, placedByOther.ID) != "68 13 RECEIVED" {
		t.Errorf("%d moved: %s, %s", moved, d.told(t, key, placed.ID), d.told(t, other, placedByOther.ID))
	}
	if moved := d.moves(t); moved != 0 {
		t.Errorf("%d moved twice", moved)
	}
	// What was missed while nothing ran is made up for, at the times at which it was due.
	d.Clock.Advance(49 * time.Minute)
	d.moves(t)
	if told := d.told(t, key, placed.ID); told != "68 13 48 31 91 45 READY_FOR_PICKUP" {
		t.Errorf("an hour later: %s", told)
	}
	tracked, err := d.Follow(t.Context(), key, placed.ID)
	if err != nil {
		t.Fatal(err)
	}
	if arrived := tracked.Events[4]; !arrived.OccurredAt.Equal(placed.PlacedAt.Add(48*time.Minute)) || arrived.Place == "" {
		t.Errorf("arrived: %+v", arrived)
	}
	if !slices.IsSortedFunc(tracked.Events, func(a, b shipment.TrackedEvent) int { return a.OccurredAt.Compare(b.OccurredAt) }) {
		t.Errorf("out of order: %+v", tracked.Events)
	}
	d.Clock.Advance(24 * time.Hour)
	d.moves(t)
	if told := d.told(t, key, placed.ID); told != "68 13 48 31 91 45 22 DELIVERED" {
		t.Errorf("at last: %s", told)
	}
	d.Clock.Advance(24 * time.Hour)
	if moved := d.moves(t); moved != 0 {
		t.Errorf("%d moved after the end", moved)
	}
	if err := d.Cancel(t.Context(), key, placed.ID); !errors.Is(err, shipment.ErrInTransport) {
		t.Errorf("cancelling what was delivered: %v", err)
	}
}

func TestWhatIsCancelledDoesNotMove(t *testing.T) {
	d := newDesk(t)
	d.pace(t, shipment.Pace{Speed: 1})
	key := d.key(t, demotest.MainUser, demotest.ExampleOy)
	placed := d.place(t, key, order(1))
	if err := d.Cancel(t.Context(), key, placed.ID); err != nil {
		t.Fatal(err)
	}
	d.Clock.Advance(1000 * time.Hour)
	if moved := d.moves(t); moved != 0 || d.told(t, key, placed.ID) != "68 CANCELLED" {
		t.Errorf("%d moved: %s", moved, d.told(t, key, placed.ID))
	}
	if err := d.Advance(t.Context(), key, placed.ID, "", time.Time{}); !errors.Is(err, shipment.ErrCancelled) {
		t.Errorf("by hand: %v", err)
	}
}

func TestAdvanceByHand(t *testing.T) {
	d := newDesk(t)
	d.Orders = d.Moving(shipment.Pace{Magic: true})
	key := d.key(t, demotest.MainUser, demotest.ExampleOy)
	wanted := order(1)
	wanted.SenderReference = "RETURN-7"
	placed := d.place(t, key, wanted)
	advance := func(code string, at time.Time) error { return d.Advance(t.Context(), key, placed.ID, code, at) }
	for _, want := range []string{"68 13 RECEIVED", "68 13 48 IN_TRANSPORT"} {
		d.Clock.Advance(time.Minute)
		if err := advance("", time.Time{}); err != nil || d.told(t, key, placed.ID) != want {
			t.Errorf("%s, %v; want %s", d.told(t, key, placed.ID), err, want)
		}
	}
	if told := demotest.Value[string](t, d.System, `select string_agg(v.personal_values #>> '{before,status}' || ' ' || (v.personal_values #>> '{after,status}'), ', ' order by e.occurred_at)
		from audit_events e join audit_personal_values v on v.event_id = e.id and v.personal_values ? 'after' where e.action = 'delivery_order.advanced'`); told != "WAITING RECEIVED, RECEIVED IN_TRANSPORT" {
		t.Errorf("the log tells %s", told)
	}
	d.Clock.Advance(time.Minute)
	// An event of the story takes it there, one that is not in it leaves it where it was.
	if err := advance("45", time.Time{}); err != nil || d.told(t, key, placed.ID) != "68 13 48 45 READY_FOR_PICKUP" {
		t.Errorf("%s, %v", d.told(t, key, placed.ID), err)
	}
	d.Clock.Advance(time.Minute)
	if err := advance("56", time.Time{}); err != nil || d.told(t, key, placed.ID) != "68 13 48 45 56 READY_FOR_PICKUP" {
		t.Errorf("%s, %v", d.told(t, key, placed.ID), err)
	}
	at := d.Clock.Now().Add(time.Hour)
	for range 3 { // 20, and 77 twice
		if err := advance("", at); err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Hour)
	}
	if told := d.told(t, key, placed.ID); told != "68 13 48 45 56 20 77 77 RETURNED_TO_SENDER" {
		t.Errorf("at last: %s", told)
	}
	if err := advance("", time.Time{}); !errors.Is(err, shipment.ErrStoryEnds) {
		t.Errorf("after the end: %v", err)
	}
	for _, never := range []time.Time{placed.PlacedAt.Add(-time.Second), at.Add(-time.Hour - time.Microsecond), d.Clock.Now().AddDate(2, 0, 0)} {
		if err := advance("20", never); !errors.Is(err, shipment.ErrEventTime) {
			t.Errorf("at %s: %v", never, err)
		}
	}
	other := d.key(t, demotest.OtherMain, demotest.Testbolaget)
	if err := d.Advance(t.Context(), other, placed.ID, "", time.Time{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("by somebody else: %v", err)
	}
	refused := order(1)
	refused.Receiver.Postcode = shipment.RefusedPostcode
	if _, err := d.Place(t.Context(), key, refused, "", nil); !is[*shipment.Refused](err) {
		t.Errorf("to the refused postcode: %v", err)
	}
}

// Events that are not of its story send a shipment on another way to an end, by itself and by hand; it never goes back.
func TestEventsOutsideTheStory(t *testing.T) {
	d := newDesk(t)
	d.pace(t, shipment.Pace{Speed: 60, Magic: true})
	key := d.key(t, demotest.MainUser, demotest.ExampleOy)
	for name, test := range map[string]struct {
		service, reference string
		cod                bool
		codes              []string // told by hand; "" is the next step
		refused            string   // code that is refused then
		then, at, last     string   // what is told then, after a plain advance, and when it is left alone
	}{
		"goes back":              {service: "PO2104", codes: []string{"77"}, refused: "22", then: "68 77 RETURN_IN_TRANSPORT", at: "68 77 77 RETURNED_TO_SENDER", last: "68 77 77 RETURNED_TO_SENDER"},
		"is back":                {service: "PO2104", cod: true, codes: []string{"77", "77"}, refused: "38", then: "68 77 77 RETURNED_TO_SENDER", last: "68 77 77 RETURNED_TO_SENDER"},
		"out from the point":     {service: "PO2103", codes: []string{"71"}, refused: "31", then: "68 71 OUT_FOR_DELIVERY", at: "68 71 91 READY_FOR_PICKUP", last: "68 71 91 45 22 DELIVERED"},
		"to the point, not home": {service: "PO2104", codes: []string{"91"}, refused: "71", then: "68 91 READY_FOR_PICKUP", at: "68 91 22 DELIVERED", last: "68 91 22 DELIVERED"},
		"delivered":              {service: "PO2104", codes: []string{"22"}, refused: "68", then: "68 22 DELIVERED", last: "68 22 DELIVERED"},
		"never paid":             {service: "PO2104", codes: []string{"22"}, refused: "38", then: "68 22 DELIVERED", last: "68 22 DELIVERED"},
		"not paid yet":           {service: "PO2104", cod: true, codes: []string{"71"}, refused: "38", then: "68 71 OUT_FOR_DELIVERY", at: "68 71 22 DELIVERED", last: "68 71 22 38 DELIVERED"},
		"paid":                   {service: "PO2104", cod: true, codes: []string{"22", "38"}, refused: "38", then: "68 22 38 DELIVERED", last: "68 22 38 DELIVERED"},
		"found again":            {service: "PO2103", reference: "LOST-1", codes: []string{"20", "22"}, refused: "20", then: "68 20 22 DELIVERED", last: "68 20 22 DELIVERED"},
		"a hitch":                {service: "PO2104", codes: []string{"", "20", "56"}, refused: "68", then: "68 13 20 56 RECEIVED", at: "68 13 20 56 48 IN_TRANSPORT", last: "68 13 20 56 48 31 71 22 DELIVERED"},
	} {
		wanted := order(1)
		wanted.Service, wanted.SenderReference, wanted.Receiver.Mobile = test.service, test.reference, "+358401234567"
		if amount := int64(1000); test.cod {
			wanted.AddOns = []shipment.OrderedAddOn{{ID: "COD", Amount: &amount, Account: "FI2112345600000785", Reference: "1234561"}}
		}
		moved := func() uuid.UUID {
			id := d.place(t, key, wanted).ID
			for _, code := range test.codes {
				d.Clock.Advance(time.Second)
				if err := d.Advance(t.Context(), key, id, code, time.Time{}); err != nil {
					t.Errorf("%s: %s: %v", name, code, err)
				}
			}
			return id
		}
		byHand, byItself := moved(), moved()
		if err := d.Advance(t.Context(), key, byHand, test.refused, time.Time{}); !errors.Is(err, shipment.ErrEventNotInTurn) {
			t.Errorf("%s: %s: %v", name, test.refused, err)
		}
		if told := d.told(t, key, byHand); told != test.then {
			t.Errorf("%s: %s, want %s", name, told, test.then)
		}
		if err := d.Cancel(t.Context(), key, byHand); !errors.Is(err, shipment.ErrInTransport) {
			t.Errorf("%s: cancelled: %v", name, err)
		}
		err := d.Advance(t.Context(), key, byHand, "", time.Time{})
		if test.at == "" {
			test.at = test.then
			if !errors.Is(err, shipment.ErrStoryEnds) {
				t.Errorf("%s: after the end: %v", name, err)
			}
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if told := d.told(t, key, byHand); told != test.at {
			t.Errorf("%s, by hand: %s, want %s", name, told, test.at)
		}
		d.Clock.Advance(24 * time.Hour)
		d.moves(t)
		for _, id := range []uuid.UUID{byHand, byItself} {
			if told := d.told(t, key, id); told != test.last {
				t.Errorf("%s, by itself: %s, want %s", name, told, test.last)
			}
		}
	}
}

// The pace holds for what is under way too: time passes at it from when a portal starts with it.
func TestThePaceHoldsForWhatIsUnderWay(t *testing.T) {
	d := newDesk(t)
	key := d.key(t, demotest.MainUser, demotest.ExampleOy)
	d.pace(t, shipment.Pace{})
	still := d.place(t, key, order(1)) // the first step is after 288 minutes, the next 432 later
	d.Clock.Advance(24 * time.Hour)
	if moved := d.moves(t); moved != 0 {
		t.Errorf("%d moved while time stood still", moved)
	}
	d.pace(t, shipment.Pace{Speed: 1})
	slow := d.place(t, key, order(1))
	d.Clock.Advance(144 * time.Minute)
	if moved := d.moves(t); moved != 0 {
		t.Errorf("%d moved before their time", moved)
	}
	d.pace(t, shipment.Pace{Speed: 1}) // the portal starts again: nothing is lost of the time that has passed
	begun := d.Clock.Now()
	d.pace(t, shipment.Pace{Speed: 144}) // and once more: the other 144 minutes take one
	d.Clock.Advance(time.Minute)
	if moved := d.moves(t); moved != 2 {
		t.Errorf("%d moved", moved)
	}
	for _, placed := range []shipment.Placed{still, slow} {
		tracked, err := d.Follow(t.Context(), key, placed.ID)
		if err != nil {
			t.Fatal(err)
		}
		if last := tracked.Events[len(tracked.Events)-1]; len(tracked.Events) != 2 || !last.OccurredAt.Equal(begun.Add(time.Minute)) {
			t.Errorf("it is told %+v, want it at %s", tracked.Events, begun.Add(time.Minute))
		}
	}
	d.pace(t, shipment.Pace{Speed: 0}) // what has not happened waits
	d.Clock.Advance(time.Hour)
	if moved := d.moves(t); moved != 0 || d.told(t, key, slow.ID) != "68 13 RECEIVED" {
		t.Errorf("%d moved: %s", moved, d.told(t, key, slow.ID))
	}
	// An event told for later is not overtaken, however fast time comes to pass.
	ahead := d.Clock.Now().Add(time.Hour)
	if err := d.Advance(t.Context(), key, still.ID, "48", ahead); err != nil {
		t.Fatal(err)
	}
	d.pace(t, shipment.Pace{Speed: 1_000_000})
	d.Clock.Advance(time.Minute)
	d.moves(t)
	if told, other := d.told(t, key, still.ID), d.told(t, key, slow.ID); told != "68 13 48 IN_TRANSPORT" || other != "68 13 48 31 91 45 22 DELIVERED" {
		t.Errorf("they are told %s and %s", told, other)
	}
	d.Clock.Advance(time.Hour)
	d.moves(t)
	if told := d.told(t, key, still.ID); told != "68 13 48 31 91 45 22 DELIVERED" {
		t.Errorf("at last it is told %s", told)
	}
}

// A return that is made of a shipment has the usual story: its reference is the shipment's, whose story that chose.
func TestReturnsHaveTheUsualStory(t *testing.T) {
	d := newDesk(t)
	d.pace(t, shipment.Pace{Speed: 60, Magic: true})
	key := d.key(t, demotest.MainUser, demotest.ExampleOy)
	wanted := order(1)
	wanted.SenderReference = "LOST-9"
	placed := d.place(t, key, wanted)
	back := d.comesBack(t, key, placed.ID)
	own := back.Order // which chooses for itself, ordered as such
	own.SenderReference = "RETURN-9"
	ordered := d.place(t, key, own)
	d.Clock.Advance(24 * time.Hour)
	d.moves(t)
	if there, returned := d.told(t, key, placed.ID), d.told(t, key, back.ID); there != "68 13 48 31 20 IN_TRANSPORT" || returned != "68 13 48 31 71 22 DELIVERED" {
		t.Errorf("there %s, back %s", there, returned)
	}
	if told := d.told(t, key, ordered.ID); told != "68 13 48 31 71 56 77 77 RETURNED_TO_SENDER" {
		t.Errorf("by its own reference: %s", told)
	}
	byHand := d.comesBack(t, key, d.place(t, key, wanted).ID)
	for range 5 {
		if err := d.Advance(t.Context(), key, byHand.ID, "", time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	if told := d.told(t, key, byHand.ID); told != "68 13 48 31 71 22 DELIVERED" {
		t.Errorf("by hand: %s", told)
	}
}

func is[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

func TestShipmentsAreFoundByWhatIsKnownOfThem(t *testing.T) {
	d := newDesk(t)
	d.pace(t, shipment.Pace{Speed: 60})
	key, other := d.key(t, demotest.MainUser, demotest.ExampleOy), d.key(t, demotest.OtherMain, demotest.Testbolaget)
	one, two := order(1), order(1)
	one.OrderNo, one.SenderReference = "10001", "A"
	two.OrderNo, two.SenderReference = "10002", "A"
	first := d.place(t, key, one)
	d.Clock.Advance(time.Hour)
	d.moves(t)
	changed := d.Clock.Now()
	d.Clock.Advance(time.Second)
	second := d.place(t, key, two)
	d.Clock.Advance(time.Second)
	three := order(1)
	three.OrderNo, three.SenderReference = "10003", "A"
	third := d.place(t, key, three)
	if err := d.Cancel(t.Context(), key, third.ID); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		actor  account.Actor
		filter shipment.TrackFilter
		want   []uuid.UUID
	}{
		"a number":              {key, shipment.TrackFilter{Numbers: []string{first.Number}}, []uuid.UUID{first.ID}},
		"numbers":               {key, shipment.TrackFilter{Numbers: []string{first.Number, second.Number, "JJFI65432100000000000"}}, []uuid.UUID{second.ID, first.ID}},
		"another's number":      {other, shipment.TrackFilter{Numbers: []string{first.Number}}, nil},
		"an order number":       {key, shipment.TrackFilter{OrderNo: "10001"}, []uuid.UUID{first.ID}},
		"a part of it":          {key, shipment.TrackFilter{OrderNo: "1000"}, nil},
		"another's":             {other, shipment.TrackFilter{OrderNo: "10001"}, nil},
		"a reference":           {key, shipment.TrackFilter{SenderReference: "A"}, []uuid.UUID{second.ID, first.ID}},
		"from the second on":    {key, shipment.TrackFilter{SenderReference: "A", Start: 1}, []uuid.UUID{first.ID}},
		"what has changed":      {key, shipment.TrackFilter{SenderReference: "A", ChangedSince: changed.Add(time.Millisecond)}, []uuid.UUID{second.ID}},
		"freight alone":         {key, shipment.TrackFilter{SenderReference: "A", Freight: true}, nil},
		"parcels alone":         {key, shipment.TrackFilter{SenderReference: "A", Parcels: true, Limit: 1}, []uuid.UUID{second.ID}},
		"a keyword, number":     {key, shipment.TrackFilter{Keywords: []string{second.Number}}, []uuid.UUID{second.ID}},
		"a keyword, order":      {key, shipment.TrackFilter{Keywords: []string{"10002"}}, []uuid.UUID{second.ID}},
		"a keyword, reference":  {key, shipment.TrackFilter{Keywords: []string{"A"}}, []uuid.UUID{second.ID, first.ID}},
		"many keywords":         {key, shipment.TrackFilter{Keywords: []string{"B", first.Number, "10002", "A"}}, []uuid.UUID{second.ID, first.ID}},
		"one of many keywords":  {key, shipment.TrackFilter{Keywords: []string{"10001", "10002"}, Limit: 1}, []uuid.UUID{second.ID}},
		"the oldest first":      {key, shipment.TrackFilter{SenderReference: "A", OldestFirst: true}, []uuid.UUID{first.ID, second.ID}},
		"the oldest one":        {key, shipment.TrackFilter{Keywords: []string{"A"}, OldestFirst: true, Limit: 1}, []uuid.UUID{first.ID}},
		"freight and parcels":   {key, shipment.TrackFilter{SenderReference: "A", Freight: true, Parcels: true}, nil},
		"a keyword of nobody":   {key, shipment.TrackFilter{Keywords: []string{"B"}}, nil},
		"another's keyword":     {other, shipment.TrackFilter{Keywords: []string{"A"}}, nil},
		"nothing asked for":     {key, shipment.TrackFilter{}, nil},
		"what has no reference": {key, shipment.TrackFilter{Keywords: []string{""}}, nil},
		"none of them":          {key, shipment.TrackFilter{SenderReference: "A", Limit: -1}, nil},
		"what was cancelled":    {key, shipment.TrackFilter{Numbers: []string{third.Number}, Cancelled: true}, []uuid.UUID{third.ID}},
		"but not else":          {key, shipment.TrackFilter{Numbers: []string{third.Number}}, nil},
		"nor by its order":      {key, shipment.TrackFilter{OrderNo: "10003"}, nil},
		"nor by a keyword":      {key, shipment.TrackFilter{Keywords: []string{third.Number, "10003"}}, nil},
	} {
		if test.filter.Limit == 0 {
			test.filter.Limit = shipment.MaxListed
		}
		tracked, err := d.Track(t.Context(), test.actor, test.filter)
		var ids []uuid.UUID
		for _, found := range tracked {
			ids = append(ids, found.ID)
		}
		if err != nil || !slices.Equal(ids, test.want) {
			t.Errorf("%s: %v, %v; want %v", name, ids, err, test.want)
		}
	}
}

// What has changed since a time is told in the order in which it changed, whenever it was placed.
func TestTrackingWhatHasChanged(t *testing.T) {
	d := newDesk(t)
	key := d.key(t, demotest.MainUser, demotest.ExampleOy)
	begun := d.Clock.Now()
	placed := map[string]uuid.UUID{}
	for _, name := range []string{"a", "b", "c"} {
		d.Clock.Advance(time.Second)
		o := order(1)
		o.OrderNo, o.SenderReference = name, "SHOP"
		placed[name] = d.place(t, key, o).ID
	}
	d.Clock.Advance(time.Second)
	moved := d.Clock.Now()
	if err := d.Advance(t.Context(), key, placed["a"], "", time.Time{}); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		filter shipment.TrackFilter
		want   []string
	}{
		"by when they were placed": {shipment.TrackFilter{SenderReference: "SHOP"}, []string{"c", "b", "a"}},
		"by when they changed":     {shipment.TrackFilter{SenderReference: "SHOP", ChangedSince: begun}, []string{"a", "c", "b"}},
		"of a keyword":             {shipment.TrackFilter{Keywords: []string{"SHOP"}, ChangedSince: begun}, []string{"a", "c", "b"}},
		"of order numbers":         {shipment.TrackFilter{Keywords: []string{"a", "b"}, ChangedSince: begun}, []string{"a", "b"}},
		"the oldest first":         {shipment.TrackFilter{SenderReference: "SHOP", ChangedSince: begun, OldestFirst: true}, []string{"b", "c", "a"}},
		"the second":               {shipment.TrackFilter{SenderReference: "SHOP", ChangedSince: begun, Start: 1, Limit: 1}, []string{"c"}},
		"since one moved":          {shipment.TrackFilter{SenderReference: "SHOP", ChangedSince: moved}, []string{"a"}},
		"since then":               {shipment.TrackFilter{SenderReference: "SHOP", ChangedSince: moved.Add(time.Second)}, nil},
	} {
		if test.filter.Limit == 0 {
			test.filter.Limit = shipment.MaxListed
		}
		tracked, err := d.Track(t.Context(), key, test.filter)
		var names []string
		for _, found := range tracked {
			names = append(names, found.Order.OrderNo)
		}
		if err != nil || !slices.Equal(names, test.want) {
			t.Errorf("%s: %v, %v; want %v", name, names, err, test.want)
		}
	}
}

// Abroad a pickup point is known by its code alone, so the parcel waits in the receiver's town.
func TestAParcelThatWaitsAbroad(t *testing.T) {
	d := newDesk(t)
	key := d.key(t, demotest.MainUser, demotest.ExampleOy)
	abroad := order(1)
	abroad.Service, abroad.PickupPoint = "PO2351", "DE123"
	abroad.Receiver.Country, abroad.Receiver.Postcode, abroad.Receiver.City, abroad.Receiver.Mobile = "DE", "10115", "Berlin", "+491701234567"
	placed := d.place(t, key, abroad)
	if err := d.Advance(t.Context(), key, placed.ID, shipment.EventArrived, time.Time{}); err != nil {
		t.Fatal(err)
	}
	tracked, err := d.Follow(t.Context(), key, placed.ID)
	if err != nil {
		t.Fatal(err)
	}
	if last := tracked.Events[len(tracked.Events)-1]; last.Place != "Berlin" || last.Postcode != "10115" || last.Country != "DE" {
		t.Errorf("it waits at %+v", last)
	}
}

// A round that a kill -9 has cut off keeps no other one back.
func TestRoundsGoOnAfterAKill(t *testing.T) {
	d := newDesk(t)
	d.pace(t, shipment.Pace{Speed: 3600})
	key := d.key(t, demotest.MainUser, demotest.ExampleOy)
	placed := d.place(t, key, order(1))
	d.Clock.Advance(time.Hour)
	log := slog.New(slog.DiscardHandler)
	rounds := func(wait bool) {
		t.Helper()
		runner, err := job.NewRunner(d.App, log, d.Work(log))
		if err == nil {
			err = runner.Start(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		for tick := time.Tick(20 * time.Millisecond); wait; {
			wait = strings.HasSuffix(d.told(t, key, placed.ID), string(shipment.Waiting))
			select {
			case <-tick:
			case <-t.Context().Done():
				t.Fatal("nothing moves")
			}
		}
		if err := runner.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	rounds(true)
	d.AsSuperuser(t, "update portal.river_job set state = 'running', finalized_at = null, attempted_at = now() where kind = 'move_shipments'")
	placed = d.place(t, key, order(1))
	d.Clock.Advance(time.Hour)
	rounds(true)
}
