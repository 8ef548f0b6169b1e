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
	"omapostipro/internal/apikey"
	"omapostipro/internal/audit"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/fault"
	"omapostipro/internal/label"
	"omapostipro/internal/postgres"
	"omapostipro/internal/secretbox"
	"omapostipro/internal/shipment"
)

// desk is where a test places orders.
type desk struct {
	*demotest.Data
	*shipment.Orders
	keys *apikey.Service
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	t.Parallel()
	data := demotest.New(t)
	keyset, err := secretbox.Generate()
	if err != nil {
		t.Fatal(err)
	}
	box, err := secretbox.Parse(keyset)
	if err != nil {
		t.Fatal(err)
	}
	return &desk{Data: data, Orders: shipment.NewOrders(data.App, data.Clock.Now), keys: apikey.NewService(data.App, box, data.Clock.Now)}
}

// key makes a key of somebody's with all their contracts, and gives it as the actor that it is in a call.
func (d *desk) key(t *testing.T, email, businessID string) account.Actor {
	t.Helper()
	maker := d.Actor(t, email, businessID)
	wanted := apikey.New{Description: "Ny API integration", Token: newID(t)}
	for _, contract := range apikey.Linkable(maker) {
		wanted.Contracts = append(wanted.Contracts, contract.ID)
	}
	id, err := d.keys.Create(t.Context(), maker, wanted)
	if err != nil {
		t.Fatal(err)
	}
	value, err := d.keys.Value(t.Context(), maker, id)
	if err != nil {
		t.Fatal(err)
	}
	key, err := d.keys.Recognize(t.Context(), value, "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	return key.Actor("request-1", "192.0.2.7")
}

func newID(t *testing.T) uuid.UUID {
	t.Helper()
	id, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// rows counts what an order leaves in the database.
type rows struct{ Orders, Parcels, Labels, Events int }

func (d *desk) rows(t *testing.T) rows {
	t.Helper()
	return demotest.One[rows](t, d.System, `select (select count(*) from delivery_orders) as orders, (select count(*) from parcels) as parcels,
		(select count(*) from labels) as labels, (select count(*) from audit_events) as events`)
}

// serial lets the sequence go on with a number.
func (d *desk) serial(t *testing.T, next int64) {
	t.Helper()
	d.AsSuperuser(t, "select setval('portal.tracking_serial', $1, false)", next)
}

// order is one of so many parcels that has no faults.
func order(parcels int) shipment.Order {
	return shipment.Order{
		Contract:       shipment.Contract{Number: "654321", Partner: shipment.PartnerPosti},
		Sender:         shipment.Party{Name: "Example Oy", Address1: "Postintaival 7", Postcode: "00230", City: "HELSINKI", Country: "FI"},
		Receiver:       shipment.Party{Name: "Åsa Öberg", Address1: "Storgatan 1", Postcode: "65100", City: "VASA", Country: "FI"},
		Service:        "PO2103",
		NormalShipment: true,
		Parcels:        []shipment.Parcel{{Copies: parcels, Weight: 2500}},
	}
}

func numbers(placed shipment.Placed) []string {
	all := make([]string, len(placed.Parcels))
	for i, parcel := range placed.Parcels {
		all[i] = parcel.Number
	}
	return all
}

func TestWhatIsPlacedIsFoundAgain(t *testing.T) {
	d := newDesk(t)
	key := d.key(t, demotest.MainUser, demotest.ExampleOy)
	amount := int64(1000)
	wanted := order(2)
	wanted.Parcels = append(wanted.Parcels, shipment.Parcel{Copies: 1, Weight: 1, Reference: "R-1", Contents: "Böcker"})
	wanted.AddOns = []shipment.OrderedAddOn{{ID: "FRAG"}, {ID: "COD", Amount: &amount, Account: "FI2112345600000785", Reference: "1234561"}}
	var seen shipment.Placed
	placed, err := d.Place(t.Context(), key, wanted, label.Thermo225, func(p shipment.Placed) error {
		seen = p
		return nil
	})
	if err != nil || !cmp.Equal(seen, placed) {
		t.Fatalf("what is seen before it is stored is another: %v %s", err, cmp.Diff(seen, placed))
	}
	now := d.Clock.Now()
	if !cmp.Equal(placed.Order, wanted) || placed.Number != placed.Parcels[0].Number || !placed.PlacedAt.Equal(now) ||
		placed.Label.Media != label.Thermo225 || !placed.Label.ExpiresAt.Equal(now.Add(time.Hour)) {
		t.Errorf("placed %+v", placed)
	}
	weights := []int64{placed.Parcels[0].Weight, placed.Parcels[1].Weight, placed.Parcels[2].Weight}
	if !slices.Equal(weights, []int64{2500, 2500, 1}) || placed.Parcels[2].Reference != "R-1" {
		t.Errorf("its parcels are %+v", placed.Parcels)
	}
	for name, find := range map[string]func() (shipment.Placed, error){
		"by its id":    func() (shipment.Placed, error) { return d.Get(t.Context(), key, "654321", placed.ID) },
		"by its label": func() (shipment.Placed, error) { return d.ByLabel(t.Context(), key, "654321", placed.Label.ID) },
	} {
		found, err := find()
		if err != nil || !cmp.Equal(found, placed) {
			t.Errorf("%s it is another: %v %s", name, err, cmp.Diff(found, placed))
		}
	}
	if got := d.rows(t); got.Orders != 1 || got.Parcels != 3 || got.Labels != 1 {
		t.Errorf("stored: %+v", got)
	}

	type event struct {
		OrganizationID uuid.UUID
		ActorKind      string
		ActorID        uuid.UUID
		ObjectKind     string
		ObjectID       uuid.UUID
		RequestID      string
		OccurredAt     time.Time
		Address        string
	}
	got := demotest.One[event](t, d.System, `select e.organization_id, e.actor_kind, e.actor_id, e.object_kind, e.object_id, e.request_id, e.occurred_at,
			p.personal_values->>'address' as address
		from audit_events e join audit_personal_values p on p.event_id = e.id where e.action = 'delivery_order.created'`)
	want := event{key.Organization.ID, audit.Key, key.ID, "delivery_order", placed.ID, "request-1", d.Clock.Now(), "192.0.2.7"}
	if !cmp.Equal(got, want) {
		t.Error(cmp.Diff(got, want))
	}
}

// Whatever keeps an order from being placed, nothing of it is stored.
func TestAllOrNothing(t *testing.T) {
	d := newDesk(t)
	key, ours := d.key(t, demotest.MainUser, demotest.ExampleOy), demotest.ExampleOy
	other := d.key(t, demotest.OtherMain, demotest.Testbolaget)
	foreign := key
	foreign.Numbers = other.Numbers // as a mistake elsewhere would have it
	nobody := key
	nobody.ID = newID(t)
	person := d.Actor(t, demotest.MainUser, ours)
	with := func(change func(*shipment.Order)) shipment.Order {
		o := order(1)
		change(&o)
		return o
	}
	refusal := errors.New("the labels cannot be drawn")
	for name, test := range map[string]struct {
		actor   account.Actor
		order   shipment.Order
		prepare func(shipment.Placed) error
		want    func(error) bool
	}{
		"problems": {actor: key, order: with(func(o *shipment.Order) { o.Receiver.Name = "" }), want: func(err error) bool {
			refused, ok := errors.AsType[*shipment.Refused](err)
			return ok && refused.Problems[0].Path == "receiver.name" && strings.Contains(err.Error(), "receiver.name")
		}},
		"partner unknown":   {actor: key, order: with(func(o *shipment.Order) { o.Contract.Partner = "DHL" }), want: isRefused},
		"partner not said":  {actor: key, order: with(func(o *shipment.Order) { o.Contract.Partner = "" }), want: isRefused},
		"contract unknown":  {actor: key, order: with(func(o *shipment.Order) { o.Contract.Number = "999999" }), want: isNotAllowed},
		"contract of ours":  {actor: key, order: with(func(o *shipment.Order) { o.Contract.Number = "654399" }), want: isNotAllowed},
		"contract of other": {actor: key, order: with(func(o *shipment.Order) { o.Contract.Number = "600123" }), want: isNotAllowed},
		"contract of other kind": {actor: key, order: with(func(o *shipment.Order) {
			o.Contract.Partner = shipment.PartnerFreight
		}), want: isNotAllowed},
		"contract slipped in": {actor: foreign, order: with(func(o *shipment.Order) { o.Contract.Number = "600123" }), want: isInternal},
		"key unknown":         {actor: nobody, order: order(1), want: isInternal},
		"a person":            {actor: person, order: order(1), want: isInternal},
		"labels not drawn":    {actor: key, order: order(1), prepare: func(shipment.Placed) error { return refusal }, want: func(err error) bool { return errors.Is(err, refusal) }},
	} {
		before := d.rows(t)
		_, err := d.Place(t.Context(), test.actor, test.order, label.LaserA5, test.prepare)
		if err == nil || !test.want(err) {
			t.Errorf("%s: %v", name, err)
		}
		if after := d.rows(t); after != before {
			t.Errorf("%s: stored all the same: %+v, before %+v", name, after, before)
		}
	}

	d.AsSuperuser(t, "revoke insert on portal.audit_events from portal_app")
	before := d.rows(t)
	if _, err := d.Place(t.Context(), key, order(1), label.LaserA5, nil); !isInternal(err) {
		t.Errorf("without an event: %v", err)
	}
	if after := d.rows(t); after != before {
		t.Errorf("without an event there is %+v, before %+v", after, before)
	}
	d.AsSuperuser(t, "grant insert on portal.audit_events to portal_app")
	if _, err := d.Place(t.Context(), key, order(1), label.LaserA5, nil); err != nil {
		t.Errorf("with an event: %v", err)
	}
}

func isRefused(err error) bool {
	_, ok := errors.AsType[*shipment.Refused](err)
	return ok
}

func isNotAllowed(err error) bool { return errors.Is(err, shipment.ErrContractNotAllowed) }

func isInternal(err error) bool { return err != nil && fault.KindOf(err) == fault.Internal }

// Who may not see an order learns nothing: it is the same as none.
func TestWhoFindsAnOrder(t *testing.T) {
	d := newDesk(t)
	key := d.key(t, demotest.MainUser, demotest.ExampleOy)
	placed, err := d.Place(t.Context(), key, order(1), label.LaserA5, nil)
	if err != nil {
		t.Fatal(err)
	}
	colleague := d.key(t, demotest.MainUser, demotest.ExampleOy)
	stranger := d.key(t, demotest.OtherMain, demotest.Testbolaget)
	thief := stranger
	thief.Numbers = key.Numbers // as a mistake elsewhere would have it
	closed := key
	closed.Numbers = slices.DeleteFunc(slices.Clone(key.Numbers), func(n account.ContractNumber) bool { return n.Number == "654321" })
	for name, test := range map[string]struct {
		actor              account.Actor
		contract           string
		id, label          uuid.UUID
		findsIt, findLabel bool
	}{
		"its key":              {key, "654321", placed.ID, placed.Label.ID, true, true},
		"a key beside it":      {colleague, "654321", placed.ID, placed.Label.ID, true, false},
		"a stranger":           {stranger, "654321", placed.ID, placed.Label.ID, false, false},
		"a thief":              {thief, "654321", placed.ID, placed.Label.ID, false, false},
		"its contract closed":  {closed, "654321", placed.ID, placed.Label.ID, false, false},
		"another contract":     {key, "876543", placed.ID, placed.Label.ID, false, false},
		"a contract of nobody": {key, "999999", placed.ID, placed.Label.ID, false, false},
		"other ids":            {key, "654321", newID(t), newID(t), false, false},
		"ids in wrong places":  {key, "654321", placed.Label.ID, placed.ID, false, false},
	} {
		if _, err := d.Get(t.Context(), test.actor, test.contract, test.id); (err == nil) != test.findsIt || err != nil && !fault.Is(err, fault.NotFound) {
			t.Errorf("%s looks for the order: %v", name, err)
		}
		if _, err := d.ByLabel(t.Context(), test.actor, test.contract, test.label); (err == nil) != test.findLabel || err != nil && !fault.Is(err, fault.NotFound) {
			t.Errorf("%s looks for its label: %v", name, err)
		}
	}

	d.Clock.Advance(time.Hour - time.Microsecond)
	if _, err := d.ByLabel(t.Context(), key, "654321", placed.Label.ID); err != nil {
		t.Errorf("within the hour: %v", err)
	}
	d.Clock.Advance(time.Microsecond)
	if _, err := d.ByLabel(t.Context(), key, "654321", placed.Label.ID); !fault.Is(err, fault.Gone) {
		t.Errorf("after the hour: %v", err)
	}
	if _, err := d.Get(t.Context(), key, "654321", placed.ID); err != nil {
		t.Errorf("the order itself after the hour: %v", err)
	}
	if _, err := d.ByLabel(t.Context(), colleague, "654321", placed.Label.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("another key learns that there was a link: %v", err)
	}
}

// After ten million parcels the serials begin anew, and meet the numbers of the round before.
func TestSerialsBeginAnew(t *testing.T) {
	d := newDesk(t)
	key := d.key(t, demotest.MainUser, demotest.ExampleOy)
	place := func(parcels int) []string {
		t.Helper()
		placed, err := d.Place(t.Context(), key, order(parcels), label.LaserA5, nil)
		if err != nil {
			t.Fatal(err)
		}
		return numbers(placed)
	}
	d.serial(t, 0)
	old := append(place(shipment.MaxParcels), place(shipment.MaxParcels)...)
	if want := shipment.TrackingNumber("654321", 0); old[0] != want {
		t.Fatalf("the first number is %s, want %s", old[0], want)
	}

	d.serial(t, shipment.Serials-2)
	if got, want := place(2), []string{shipment.TrackingNumber("654321", 9_999_998), shipment.TrackingNumber("654321", 9_999_999)}; !slices.Equal(got, want) {
		t.Errorf("the last numbers are %v, want %v", got, want)
	}
	d.serial(t, shipment.Serials-1)
	before := d.rows(t)
	again := place(3) // 9999999, 0 and 1 are taken
	for _, number := range again {
		if slices.Contains(old, number) {
			t.Errorf("%s is given twice", number)
		}
	}
	if after := d.rows(t); after.Orders != before.Orders+1 || after.Parcels != before.Parcels+3 || after.Labels != before.Labels+1 || after.Events != before.Events+1 {
		t.Errorf("an order that was numbered anew left %+v, before %+v", after, before)
	}
	d.serial(t, 50) // in the midst of the row
	place(1)
	// A row may be as long as a contract's shipments of years.
	var row []string
	for serial := range int64(13_000) {
		row = append(row, shipment.TrackingNumber("654321", 1000+serial))
	}
	d.AsSuperuser(t, "alter table portal.parcels drop constraint parcel_position_range")
	d.AsSuperuser(t, `insert into portal.parcels (id, organization_id, delivery_order_id, position, tracking_number, weight_grams, reference)
		select gen_random_uuid(), organization_id, id, 1000 + n, number, 1, ''
		from (select organization_id, id from portal.delivery_orders limit 1) o, unnest($1::text[]) with ordinality as taken (number, n) on conflict (tracking_number) do nothing`, row)
	d.serial(t, 1000)
	place(1)

	// Another contract has numbers of its own.
	d.serial(t, 0)
	freight := order(1)
	freight.Service, freight.Contract = "PO2144", shipment.Contract{Number: "876543", Partner: shipment.PartnerFreight}
	placed, err := d.Place(t.Context(), key, freight, label.LaserA5, nil)
	if err != nil || placed.Number != shipment.SSCC("876543", 0) {
		t.Errorf("freight is numbered %s, %v", placed.Number, err)
	}
}

func TestNoNumberIsLeft(t *testing.T) {
	d := newDesk(t)
	key := d.key(t, demotest.MainUser, demotest.ExampleOy)
	d.AsSuperuser(t, "alter sequence portal.tracking_serial maxvalue 4")
	if _, err := d.Place(t.Context(), key, order(5), label.LaserA5, nil); err != nil {
		t.Fatal(err)
	}
	before := d.rows(t)
	if _, err := d.Place(t.Context(), key, order(1), label.LaserA5, nil); !isInternal(err) || postgres.Constraint(err) == "" {
		t.Errorf("got %v", err)
	}
	if after := d.rows(t); after != before {
		t.Errorf("stored all the same: %+v, before %+v", after, before)
	}
}

// What Validate lets pass can be stored, and drawn, at its longest and at its oddest.
func TestWhatIsValidCanBeStoredAndDrawn(t *testing.T) {
	d := newDesk(t)
	key := d.key(t, demotest.MainUser, demotest.ExampleOy)
	longest := func(n int) string { return strings.Repeat("W", n) }
	amount := int64(shipment.MaxCashOnDelivery)
	for _, service := range shipment.Services() {
		if service.Route.From != shipment.Finland {
			continue
		}
		party := shipment.Party{Name: longest(shipment.MaxName), Address1: longest(shipment.MaxAddress), Address2: longest(shipment.MaxAddress), Postcode: "00230",
			City: longest(shipment.MaxCity), Country: "FI", Phone: "+358 (0) 20 - 77 000", Mobile: "+358401234567", Email: "sender@example.com"}
		o := order(1)
		o.Service, o.Sender, o.Receiver = service.ID, party, party
		switch {
		case service.Route.To == shipment.Anywhere:
			o.Receiver.Country = "GB"
			text, code := longest(shipment.MaxFreeText), longest(shipment.MaxReference)
			o.Customs = &shipment.Customs{Currency: code, Reason: code, Explanation: text, Invoice: code, Licence: code, Certificate: code, Comment: text,
				Declarant: longest(shipment.MaxName), Place: longest(shipment.MaxCity)}
			for range shipment.MaxCustomsItems {
				o.Customs.Items = append(o.Customs.Items, shipment.CustomsItem{Contents: longest(shipment.MaxContents), Quantity: shipment.MaxCustomsQuantity,
					Weight: 2_499_999, Value: shipment.MaxCustomsValue, Code: code, Origin: code})
			}
		case !service.Route.To.Contains("FI"):
			o.Receiver.Country = "EE"
		}
		if service.Partner == shipment.PartnerFreight {
			o.Contract = shipment.Contract{Number: "876543", Partner: shipment.PartnerFreight}
		}
		if service.TakesPickupPoint() {
			o.PickupPoint = "001003200"
			if o.Receiver.Country != "FI" {
				o.PickupAddress = shipment.Party{Name: party.Name, Address1: party.Address1, Postcode: longest(shipment.MaxPostcode), City: party.City}
			}
		}
		o.OrderNo, o.SenderReference, o.FreeText = longest(shipment.MaxOrderNo), longest(shipment.MaxSenderReference), longest(shipment.MaxFreeText)
		for _, id := range service.AddOns {
			addOn := shipment.OrderedAddOn{ID: id}
			if id == "COD" {
				addOn = shipment.OrderedAddOn{ID: id, Amount: &amount, Currency: "EUR", Account: "FI2112345600000785", Reference: "RF18539007547034"}
			}
			if !slices.Contains([]string{"DLV09", "DLV21", "DLVNOPOD", "FRZ"}, id) { // which do not go with one before them
				o.AddOns = append(o.AddOns, addOn)
			}
		}
		if service.LockersOnly {
			o.PickupPoint = "001003231"
		}
		if !o.TakesPickupPoint() {
			o.PickupPoint, o.PickupAddress = "", shipment.Party{}
		}
		o.Parcels = []shipment.Parcel{{Copies: 1, Weight: service.MaxWeight, Volume: shipment.MaxVolume, Length: shipment.MaxLength, Width: shipment.MaxLength, Height: shipment.MaxLength,
			PackageCode: longest(shipment.MaxPackageCode), Contents: longest(shipment.MaxContents), Reference: longest(shipment.MaxReference)}}
		for _, media := range label.AllMedia() {
			if _, err := d.Place(t.Context(), key, o, media, draw); err != nil {
				t.Errorf("%s on %s: %v", service.ID, media, err)
			}
		}
	}
	for _, odd := range []string{"\u00a0x\u00a0", "x\u200by", "\ufeffx", "x\u00ady", "مرحبا", "🎁", "\u202etxet\u202c", "A\u030a", "'; drop table parcels; --", `\u0000`, `"{}"`} {
		o := order(1)
		o.OrderNo, o.SenderReference, o.FreeText, o.Parcels[0].Reference, o.Parcels[0].Contents = odd, odd, odd, odd, odd
		o.Receiver.Name, o.Receiver.City = odd+"x", odd+"x"
		placed, err := d.Place(t.Context(), key, o, label.LaserA5, draw)
		if err != nil {
			t.Errorf("%q: %v", odd, err)
			continue
		}
		if found, err := d.Get(t.Context(), key, "654321", placed.ID); err != nil || !cmp.Equal(found.Order, o) {
			t.Errorf("%q is found as %+v, %v", odd, found.Order, err)
		}
	}
}

func draw(placed shipment.Placed) error {
	pdf, err := placed.RenderLabels(true)
	if err == nil && len(pdf) == 0 {
		err = fmt.Errorf("no labels")
	}
	return err
}

// Many place orders at once, and now and then the database loses its connections: no number is given twice. Gaps are fine.
func TestNumbersNeverRepeatUnderLoad(t *testing.T) {
	d := newDesk(t)
	key := d.key(t, demotest.MainUser, demotest.ExampleOy)
	var (
		parallel sync.WaitGroup
		mu       sync.Mutex
		placed   int
	)
	given := map[string]bool{}
	for range 8 {
		parallel.Go(func() {
			for range 25 {
				made, err := d.Place(t.Context(), key, order(4), label.LaserA5, nil)
				mu.Lock()
				if err == nil {
					placed++
					for _, number := range numbers(made) {
						if given[number] {
							t.Errorf("%s is given twice", number)
						}
						given[number] = true
					}
				}
				mu.Unlock()
			}
		})
	}
	for range 5 {
		d.AsSuperuser(t, "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'portal_app'")
	}
	parallel.Wait()
	if placed == 0 {
		t.Fatal("no order was placed")
	}
	stored := demotest.Value[int](t, d.System, "select count(distinct tracking_number) from parcels")
	if all := demotest.Value[int](t, d.System, "select count(*) from parcels"); stored != all || stored < len(given) {
		t.Errorf("%d numbers on %d parcels, %d were given", stored, all, len(given))
	}
}
