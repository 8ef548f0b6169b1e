package shipment_test

import (
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"

	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/fault"
	"omapostipro/internal/label"
	"omapostipro/internal/shipment"
)

var codeForm = regexp.MustCompile(`^[0-9ACDEF]{6}$`)

func TestSendingCodesAreMadeWithTheOrder(t *testing.T) {
	d := newDesk(t)
	shop := d.key(t, demotest.MainUser, demotest.ExampleOy)
	other := d.key(t, demotest.OtherMain, demotest.Testbolaget)
	for name, change := range map[string]func(*shipment.Order){
		"with the service":       func(o *shipment.Order) { o.AddOns = []shipment.OrderedAddOn{{ID: shipment.SendingCode}} },
		"of a return":            func(o *shipment.Order) { o.Service = "PO2108" },
		"of what returns itself": func(o *shipment.Order) { o.Service, o.ReturnShipment = "PO2102", true },
	} {
		o := order(3)
		change(&o)
		placed, err := d.Place(t.Context(), shop, o, label.LaserA5, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		seen := map[string]bool{}
		for _, number := range numbers(placed) {
			got, err := d.SendingCodeOf(t.Context(), shop, " "+strings.ToLower(number))
			if err != nil || got.Number != number || !codeForm.MatchString(got.Code) || seen[got.Code] {
				t.Errorf("%s: %s has %+v %v", name, number, got, err)
			}
			seen[got.Code] = true
			again, err := d.MakeSendingCode(t.Context(), shop, number, false)
			if err != nil || again != got {
				t.Errorf("%s: asked again it is %+v %v", name, again, err)
			}
			back, err := d.BySendingCode(t.Context(), shop, strings.ToLower(got.Code))
			if err != nil || back != got {
				t.Errorf("%s: back it is %+v %v", name, back, err)
			}
			if _, err := d.BySendingCode(t.Context(), other, got.Code); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: another organisation finds it: %v", name, err)
			}
			if _, err := d.MakeSendingCode(t.Context(), other, number, true); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: another organisation makes one: %v", name, err)
			}
		}
	}
}

func TestSendingCodesOfOtherOrders(t *testing.T) {
	d := newDesk(t)
	shop := d.key(t, demotest.MainUser, demotest.ExampleOy)
	placed, err := d.Place(t.Context(), shop, order(1), label.LaserA5, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.SendingCodeOf(t.Context(), shop, placed.Number); !errors.Is(err, shipment.ErrNoSendingCode) {
		t.Errorf("without the service: %v", err)
	}
	if _, err := d.MakeSendingCode(t.Context(), shop, placed.Number, false); !errors.Is(err, shipment.ErrNoSendingCode) {
		t.Errorf("made without the service: %v", err)
	}
	// Many ask at once, and all are told the same.
	codes := make([]string, 8)
	var all sync.WaitGroup
	for i := range codes {
		all.Go(func() {
			parcel, err := d.MakeSendingCode(t.Context(), shop, placed.Number, true)
			if err != nil {
				t.Error(err)
			}
			codes[i] = parcel.Code
		})
	}
	all.Wait()
	for _, code := range codes {
		if code != codes[0] || !codeForm.MatchString(code) {
			t.Fatalf("codes %q", codes)
		}
	}
	if got, err := d.SendingCodeOf(t.Context(), shop, placed.Number); err != nil || got.Code != codes[0] {
		t.Errorf("it is %+v %v", got, err)
	}
	events := demotest.Value[int](t, d.System, "select count(*) from audit_events where action = 'delivery_order.sending_code_made' and object_id = $1", placed.ID)
	if events != 1 {
		t.Errorf("%d events", events)
	}
	// A code that another parcel has already: the next one is as good.
	d.Exec(t, "update parcels set tracking_number = 'JJFI60012398900000007' where tracking_number = $1", placed.Number)
	second, err := d.Place(t.Context(), shop, order(1), label.LaserA5, nil)
	if err != nil {
		t.Fatal(err)
	}
	d.Exec(t, "update sending_codes set code = '000000'")
	first, err := d.MakeSendingCode(t.Context(), shop, second.Number, true)
	if err != nil {
		t.Fatal(err)
	}
	d.Exec(t, "delete from sending_codes where code = $1", first.Code)
	d.Exec(t, "update sending_codes set code = $1", first.Code)
	if next, err := d.MakeSendingCode(t.Context(), shop, second.Number, true); err != nil || next.Code == first.Code {
		t.Errorf("of two parcels: %+v %v", next, err)
	}
	for _, number := range []string{"", "x", "JJFI65432198999999999", "1", strings.Repeat("9", 1000)} {
		if _, err := d.MakeSendingCode(t.Context(), shop, number, true); !fault.Is(err, fault.NotFound) {
			t.Errorf("%.20q: %v", number, err)
		}
	}
	for _, code := range []string{"", "x", "00000B", "FFFFFF", "0000000"} {
		if _, err := d.BySendingCode(t.Context(), shop, code); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", code, err)
		}
	}
}
