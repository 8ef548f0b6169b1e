package shipment_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/fault"
	"omapostipro/internal/label"
	"omapostipro/internal/shipment"
)

// place places an order that must be taken.
func (d *desk) place(t *testing.T, actor account.Actor, order shipment.Order) shipment.Placed {
	t.Helper()
	placed, err := d.Place(t.Context(), actor, order, label.Thermo225, nil)
	if err != nil {
		t.Fatal(err)
	}
	return placed
}

// listed gives the ids of all pages of a list.
func (d *desk) listed(t *testing.T, actor account.Actor, filter shipment.Filter, limit int) (ids []uuid.UUID) {
	t.Helper()
	for after := (shipment.Cursor{}); ; {
		page, next, err := d.List(t.Context(), actor, filter, after, limit)
		if err != nil || len(page) > limit {
			t.Fatalf("a page of %d: %v", len(page), err)
		}
		for _, placed := range page {
			ids = append(ids, placed.ID)
		}
		if next == (shipment.Cursor{}) {
			return ids
		}
		read, err := shipment.ParseCursor(next.String())
		if err != nil || !read.PlacedAt.Equal(next.PlacedAt) || read.ID != next.ID {
			t.Fatalf("the cursor %s is read as %+v: %v", next, read, err)
		}
		after = read
	}
}

func TestList(t *testing.T) {
	d := newDesk(t)
	key := d.key(t, demotest.MainUser, demotest.ExampleOy)
	other := d.key(t, demotest.OtherMain, demotest.Testbolaget)
	var ids []uuid.UUID // newest first
	var numbers []string
	start := d.Clock.Now()
	for i := range 7 {
		wanted := order(1 + i%2)
		wanted.OrderNo, wanted.SenderReference = fmt.Sprint("A-", i%3), fmt.Sprint("R-", i)
		if i == 4 { // of the other contract
			wanted.Contract = shipment.Contract{Number: "876543", Partner: shipment.PartnerFreight}
			wanted.Service = "PO2144"
			wanted.Receiver.Mobile = "+358401234567"
		}
		placed := d.place(t, key, wanted)
		ids, numbers = slices.Insert(ids, 0, placed.ID), slices.Insert(numbers, 0, placed.Parcels[len(placed.Parcels)-1].Number)
		if i%2 == 1 {
			d.Clock.Advance(time.Minute) // so that some are placed at the same moment
		}
	}
	theirs := order(1)
	theirs.Contract.Number = "600123"
	d.place(t, other, theirs)
	if err := d.Cancel(t.Context(), key, ids[2]); err != nil {
		t.Fatal(err)
	}
	pick := func(places ...int) (picked []uuid.UUID) {
		for _, place := range places {
			picked = append(picked, ids[place])
		}
		return picked
	}
	onlyFreight := key
	onlyFreight.Numbers = key.NumbersOf(account.FreightTransportCode)
	nobody := key
	nobody.Numbers = nil
	for name, test := range map[string]struct {
		actor  account.Actor
		filter shipment.Filter
		want   []uuid.UUID
	}{
		"all":                   {key, shipment.Filter{}, ids},
		"of one contract":       {onlyFreight, shipment.Filter{}, pick(2)},
		"of no contract":        {nobody, shipment.Filter{}, nil},
		"waiting":               {key, shipment.Filter{Status: shipment.Waiting}, pick(0, 1, 3, 4, 5, 6)},
		"cancelled":             {key, shipment.Filter{Status: shipment.Cancelled}, pick(2)},
		"delivered":             {key, shipment.Filter{Status: shipment.Delivered}, nil},
		"by order number":       {key, shipment.Filter{OrderNo: "A-0"}, pick(0, 3, 6)},
		"by part of it":         {key, shipment.Filter{OrderNo: "A"}, nil},
		"by reference":          {key, shipment.Filter{SenderReference: "R-5"}, pick(1)},
		"by tracking number":    {key, shipment.Filter{TrackingNumber: numbers[3]}, pick(3)},
		"by nobody's number":    {key, shipment.Filter{TrackingNumber: "JJFI00000000000000000"}, nil},
		"by another contract's": {onlyFreight, shipment.Filter{TrackingNumber: numbers[3]}, nil},
		"from a moment":         {key, shipment.Filter{CreatedFrom: start.Add(time.Minute)}, pick(0, 1, 2, 3, 4)},
		"by two things":         {key, shipment.Filter{OrderNo: "A-1", Status: shipment.Cancelled}, pick(2)},
		"by three that differ":  {key, shipment.Filter{OrderNo: "A-1", SenderReference: "R-5", TrackingNumber: numbers[2]}, nil},
		"by all":                {key, shipment.Filter{OrderNo: "A-2", SenderReference: "R-5", TrackingNumber: numbers[1], Status: shipment.Waiting, CreatedFrom: start}, pick(1)},
	} {
		for _, limit := range []int{1, 2, 3, 100} {
			if got := d.listed(t, test.actor, test.filter, limit); !slices.Equal(got, test.want) {
				t.Errorf("%s, by %d: %v, want %v", name, limit, got, test.want)
			}
		}
	}
	asked := d.Asked.During(func() { d.listed(t, key, shipment.Filter{}, 100) })
	if asked.Trips != 1 {
		t.Errorf("a page costs %d round trips", asked.Trips)
	}
	for _, cursor := range []string{"x", "e30", "bnVsbA", strings.Repeat("A", 100), "eyJ0IjoiMjAyNi0xMS0yM1QxNDowMjowM1oifQ"} {
		if _, err := shipment.ParseCursor(cursor); !errors.Is(err, shipment.ErrCursor) {
			t.Errorf("the cursor %q is read: %v", cursor, err)
		}
	}
}

func TestFind(t *testing.T) {
	d := newDesk(t)
	key, other := d.key(t, demotest.MainUser, demotest.ExampleOy), d.key(t, demotest.OtherMain, demotest.Testbolaget)
	first, second := d.place(t, key, order(2)), d.place(t, key, order(1))
	d.place(t, key, order(1))
	ids := []uuid.UUID{second.ID, newID(t), first.ID, second.ID}
	if found, err := d.Find(t.Context(), key, ids); err != nil || !cmp.Equal(found, map[uuid.UUID]shipment.Placed{first.ID: first, second.ID: second}) {
		t.Errorf("found %+v: %v", found, err)
	}
	if found, err := d.Find(t.Context(), other, ids); err != nil || len(found) != 0 {
		t.Errorf("another organisation finds %+v: %v", found, err)
	}
}

func TestCancel(t *testing.T) {
	d := newDesk(t)
	key, other := d.key(t, demotest.MainUser, demotest.ExampleOy), d.key(t, demotest.OtherMain, demotest.Testbolaget)
	placed, before := d.place(t, key, order(2)), d.rows(t)
	restricted := key
	restricted.Numbers = key.NumbersOf(account.FreightTransportCode)
	for name, actor := range map[string]account.Actor{"another organisation": other, "without the contract": restricted} {
		if err := d.Cancel(t.Context(), actor, placed.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, status := range shipment.Statuses() {
		if status.Cancellable() || status == shipment.Cancelled {
			continue
		}
		d.Exec(t, "update delivery_orders set status = $2 where id = $1", placed.ID, status)
		if err := d.Cancel(t.Context(), key, placed.ID); !errors.Is(err, shipment.ErrInTransport) {
			t.Errorf("what is %s is cancelled: %v", status, err)
		}
	}
	d.Exec(t, "update delivery_orders set status = 'WAITING' where id = $1", placed.ID)
	if after := d.rows(t); after != before {
		t.Errorf("a refused cancelling stores %+v", after)
	}
	for range 2 { // the second does nothing
		if err := d.Cancel(t.Context(), key, placed.ID); err != nil {
			t.Fatal(err)
		}
		d.Clock.Advance(time.Minute)
	}
	before.Events++
	if after := d.rows(t); after != before {
		t.Errorf("cancelled twice: %+v, want %+v", after, before)
	}
	found, err := d.Get(t.Context(), key, "", placed.ID)
	if err != nil || found.Status != shipment.Cancelled || found.CancelledAt == nil || !found.CancelledAt.Equal(placed.PlacedAt) || !cmp.Equal(found.Parcels, placed.Parcels) {
		t.Errorf("it is %+v: %v", found, err)
	}
	if _, err := shipment.Labels([]shipment.Placed{d.place(t, key, order(1)), found}, true); !errors.Is(err, shipment.ErrCancelled) {
		t.Errorf("it has labels: %v", err)
	}
	if _, err := found.RenderLabels(true); !errors.Is(err, shipment.ErrCancelled) {
		t.Errorf("its link gives labels: %v", err)
	}
	if err := d.System.Exec(t.Context(), "update delivery_orders set status = 'WAITING', cancelled_at = null where id = $1", placed.ID); err == nil {
		t.Error("what is cancelled can be taken back")
	}
	type event struct{ Action, RequestID string }
	if got := demotest.One[event](t, d.System, "select action, request_id from audit_events where object_id = $1 and action <> 'delivery_order.created'", placed.ID); got != (event{"delivery_order.cancelled", "request-1"}) {
		t.Errorf("the event is %+v", got)
	}
}

func TestReturns(t *testing.T) {
	d := newDesk(t)
	key := d.key(t, demotest.MainUser, demotest.ExampleOy)
	wanted := order(2)
	amount := int64(1000)
	wanted.OrderNo, wanted.FreeText = "10001", "Ring"
	wanted.AddOns = []shipment.OrderedAddOn{{ID: "FRAG"}, {ID: "NOT"}, {ID: "COD", Amount: &amount, Account: "FI2112345600000785", Reference: "1234561"}}
	placed := d.place(t, key, wanted)
	back, err := d.Return(t.Context(), key, placed.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := shipment.Order{Contract: wanted.Contract, Sender: wanted.Receiver, Receiver: wanted.Sender, Service: "PO2108", ReturnShipment: true, OrderNo: "10001",
		AddOns: []shipment.OrderedAddOn{{ID: "FRAG"}, {ID: shipment.SendingCode}}, Parcels: wanted.Parcels}
	if diff := cmp.Diff(want, back.Order); diff != "" || back.ReturnOf == nil || *back.ReturnOf != placed.ID || len(back.Parcels) != 2 || back.Number == placed.Number {
		t.Errorf("what comes back is %+v\n%s", back, diff)
	}
	if found, err := d.Get(t.Context(), key, "", back.ID); err != nil || !cmp.Equal(found, back) {
		t.Errorf("it is found as %+v: %v", found, err)
	}
	before := d.rows(t)
	if _, err := d.Return(t.Context(), key, back.ID, nil); !errors.Is(err, shipment.ErrNoReturn) {
		t.Errorf("a return is returned: %v", err)
	}
	if _, err := d.Return(t.Context(), d.key(t, demotest.OtherMain, demotest.Testbolaget), placed.ID, nil); !fault.Is(err, fault.NotFound) {
		t.Errorf("another organisation's: %v", err)
	}
	if err := d.Cancel(t.Context(), key, placed.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Return(t.Context(), key, placed.ID, nil); !errors.Is(err, shipment.ErrCancelled) {
		t.Errorf("a cancelled one: %v", err)
	}
	if after := d.rows(t); after.Orders != before.Orders || after.Parcels != before.Parcels {
		t.Errorf("a refused return stores %+v", after)
	}
}

// A shipment has one return, however many ask for one at once, unless that is cancelled.
func TestAShipmentComesBackOnce(t *testing.T) {
	d := newDesk(t)
	key := d.key(t, demotest.MainUser, demotest.ExampleOy)
	placed := d.place(t, key, order(1))
	var wg sync.WaitGroup
	made, failures := make([]shipment.Placed, 8), make([]error, 8)
	for i := range made {
		wg.Go(func() { made[i], failures[i] = d.Return(t.Context(), key, placed.ID, nil) })
	}
	wg.Wait()
	one := slices.IndexFunc(failures, func(err error) bool { return err == nil })
	if one < 0 {
		t.Fatal(failures)
	}
	first := made[one]
	for i, err := range failures {
		if returned, ok := errors.AsType[*shipment.ReturnedError](err); i != one && (!ok || returned.ID != first.ID || returned.Number != first.Number) {
			t.Errorf("a second return: %+v, %v; the first is %s", made[i], err, first.Number)
		}
	}
	if err := d.Cancel(t.Context(), key, first.ID); err != nil {
		t.Fatal(err)
	}
	if second := d.comesBack(t, key, placed.ID); second.ID == first.ID {
		t.Errorf("it comes back as %+v", second)
	}
	d.comesBack(t, key, d.place(t, key, order(1)).ID) // another shipment has its own
}

// comesBack makes a return that must be taken.
func (d *desk) comesBack(t *testing.T, actor account.Actor, id uuid.UUID) shipment.Placed {
	t.Helper()
	back, err := d.Return(t.Context(), actor, id, nil)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// A list is asked for in the words in which it is told: freight has fewer.
func TestListsAreOfTheStatusesThatAreTold(t *testing.T) {
	d := newDesk(t)
	key := d.key(t, demotest.MainUser, demotest.ExampleOy)
	var parcels, freight []uuid.UUID // one in each status
	for _, status := range shipment.Statuses() {
		pallet := order(1)
		pallet.Service, pallet.Contract = "PO2144", shipment.Contract{Number: "876543", Partner: shipment.PartnerFreight}
		parcels, freight = append(parcels, d.place(t, key, order(1)).ID), append(freight, d.place(t, key, pallet).ID)
		d.Clock.Advance(time.Second)
		i := len(parcels) - 1
		d.Exec(t, "update delivery_orders set status = $1, cancelled_at = case when $1 = 'CANCELLED' then created_at end where id in ($2, $3)", status, parcels[i], freight[i])
	}
	for status, want := range map[shipment.Status][]uuid.UUID{
		"":                            {freight[8], parcels[8], freight[7], parcels[7], freight[6], parcels[6], freight[5], parcels[5], freight[4], parcels[4], freight[3], parcels[3], freight[2], parcels[2], freight[1], parcels[1], freight[0], parcels[0]},
		shipment.Waiting:              {parcels[0]},
		shipment.Received:             {parcels[1]},
		shipment.InTransport:          {freight[2], parcels[2], freight[1]},
		shipment.OutForDelivery:       {parcels[3]},
		shipment.ReadyForPickup:       {parcels[4]},
		shipment.Delivered:            {freight[5], parcels[5]},
		shipment.ReturnInTransport:    {freight[6], parcels[6]},
		shipment.ReturnedToSender:     {freight[7], parcels[7]},
		shipment.Cancelled:            {freight[8], parcels[8]},
		shipment.FreightOrderReceived: {freight[0]},
		shipment.FreightInDelivery:    {freight[4], freight[3]},
		"NOTHING":                     nil,
	} {
		if got := d.listed(t, key, shipment.Filter{Status: status}, 2); !slices.Equal(got, want) {
			t.Errorf("%q lists %d, want %d", status, len(got), len(want))
		}
	}
}

// Whatever a service's order holds, the order that brings it back has no faults of its own.
func TestEveryReturnIsAnOrder(t *testing.T) {
	t.Parallel()
	for _, service := range shipment.Services() {
		if service.Return == "" {
			continue
		}
		there := order(1)
		there.Parcels[0].Weight = 2000
		there.Service, there.Contract.Partner = service.ID, service.Partner
		if service.Route.To != shipment.Finland {
			there.Receiver.Country, there.Receiver.Postcode = "EE", "10111"
		}
		there.Receiver.Mobile = "+358401234567"
		if problems := shipment.Validate(there); len(problems) > 0 {
			t.Errorf("%s: %v", service.ID, problems)
		}
		back, err := shipment.Placed{Order: there}.Returning()
		if problems := shipment.Validate(back); err != nil || len(problems) > 0 || back.Service != service.Return {
			t.Errorf("%s comes back by %s: %v %v", service.ID, back.Service, problems, err)
		}
	}
}
