package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"omapostipro/internal/caller"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/shipment"
	"omapostipro/web/webtest"
)

// tracked is what a client reads of the carrier's tracking.
type tracked struct {
	TrackingNumber string
	Status         string
	Events         []struct {
		EventCode        string
		Status           string
		EventDescription map[string]string
		Location         struct{ Name, Postcode, Country string }
	}
}

type envelope struct{ ParcelShipments, FreightShipments []tracked }

func (c client) track(t *testing.T, path string) envelope {
	t.Helper()
	var answer envelope
	isJSON(t, c.Get("/tracking/7"+path), http.StatusOK, "application/json", &answer)
	return answer
}

// storyOf writes down what is told: the code and status of each event, the first first.
func storyOf(t tracked) string {
	var steps []string
	for _, event := range slices.Backward(t.Events) {
		steps = append(steps, event.EventCode+" "+event.Status)
	}
	return strings.Join(steps, ", ")
}

// asFreight makes the golden order one of freight.
var asFreight = []string{`{"id":"POSTI","custNo":"654321"}`, `{"id":"ITELLALOG","custNo":"876543"}`, `"PO2103"`, `"PO2144"`, `{"id":"FRAG"},`, ""}

// A tester moves a shipment to its end, whatever becomes of it, and every family tells the same of it at every step, by
// whichever of its numbers.
func TestEveryFamilyTellsTheSameStory(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	home := []string{"PO2103", "PO2104"}
	const toPoint, toDoor = "68 WAITING, 13 RECEIVED, 48 IN_TRANSPORT, 31 IN_TRANSPORT, 91 READY_FOR_PICKUP, 45 READY_FOR_PICKUP", "68 WAITING, 13 RECEIVED, 48 IN_TRANSPORT, 31 IN_TRANSPORT, 71 OUT_FOR_DELIVERY"
	for name, test := range map[string]struct {
		pieces []string
		want   string
	}{
		"parcel":              {nil, toPoint + ", 22 DELIVERED, 38 DELIVERED"},
		"parcel that fails":   {[]string{"REF-1", "FAIL-1"}, "68 WAITING, 13 RECEIVED, 48 IN_TRANSPORT, 31 IN_TRANSPORT, 56 IN_TRANSPORT, 91 READY_FOR_PICKUP, 45 READY_FOR_PICKUP, 22 DELIVERED, 38 DELIVERED"},
		"parcel that is late": {[]string{"REF-1", "DELAY-1"}, "68 WAITING, 13 RECEIVED, 48 IN_TRANSPORT, 31 IN_TRANSPORT, 20 IN_TRANSPORT, 91 READY_FOR_PICKUP, 45 READY_FOR_PICKUP, 22 DELIVERED, 38 DELIVERED"},
		"parcel back":         {[]string{"REF-1", "RETURN-1"}, toPoint + ", 20 READY_FOR_PICKUP, 77 RETURN_IN_TRANSPORT, 77 RETURNED_TO_SENDER"},
		"parcel lost":         {[]string{"REF-1", "LOST-1"}, "68 WAITING, 13 RECEIVED, 48 IN_TRANSPORT, 31 IN_TRANSPORT, 20 IN_TRANSPORT"},
		"door":                {home, toDoor + ", 22 DELIVERED, 38 DELIVERED"},
		"door that fails":     {append([]string{"REF-1", "FAIL-2"}, home...), toDoor + ", 56 OUT_FOR_DELIVERY, 22 DELIVERED, 38 DELIVERED"},
		"door back":           {append([]string{"REF-1", "RETURN-2"}, home...), toDoor + ", 56 OUT_FOR_DELIVERY, 77 RETURN_IN_TRANSPORT, 77 RETURNED_TO_SENDER"},
		"return":              {asReturn, toDoor + ", 22 DELIVERED"},
		"freight":             {asFreight, "68 ORDER_RECEIVED, 13 IN_TRANSPORT, 48 IN_TRANSPORT, 31 IN_TRANSPORT, 71 IN_DELIVERY, 22 DELIVERED, 38 DELIVERED"},
		"freight back":        {append(slices.Clip(asFreight), "REF-1", "RETURN-1"), "68 ORDER_RECEIVED, 13 IN_TRANSPORT, 48 IN_TRANSPORT, 31 IN_TRANSPORT, 71 IN_DELIVERY, 56 IN_DELIVERY, 77 RETURN_IN_TRANSPORT, 77 RETURNED_TO_SENDER"},
	} {
		shop, orderNo := p.shop(t), strings.ReplaceAll(name, " ", "-")
		order := accepted(t, shop.order(golden(t, append([]string{`"orderNo":"10001"`, `"orderNo":"` + orderNo + `"`, `"copies":1`, `"copies":2`}, test.pieces...)...)))
		path, number := shipmentsPath+"/"+order.ID, order.Parcels[1].ParcelNo
		ways := []string{"trackingnumber/" + order.ShipmentNo, "trackingnumber/" + number, "trackingnumbers/" + number + "," + order.ShipmentNo, "ordernumber/" + orderNo, "find/" + orderNo, "find?keywords=" + number}
		steps := strings.Split(test.want, ", ")
		for i, step := range steps {
			status := strings.Fields(step)[1]
			told := p.toldOf(t, order.ID, number, ways, i > 0)
			for family, one := range told {
				if storyOf(one) != strings.Join(steps[:i+1], ", ") || one.Status != status || one.Events[0].EventDescription["sv"] == "" || one.Events[0].Location.Name == "" {
					t.Errorf("%s: %s tells %s: %s; want %s", name, family, one.Status, storyOf(one), step)
				}
			}
			var shown sent
			isJSON(t, shop.Get(path), http.StatusOK, "application/json", &shown)
			var listed struct{ Shipments []sent }
			isJSON(t, shop.Get(shipmentsPath+"?trackingNumber="+number+"&status="+status), http.StatusOK, "application/json", &listed)
			if shown.Status != status || len(listed.Shipments) != 1 || listed.Shipments[0].Status != status {
				t.Errorf("%s: it is shown as %s and listed as %+v, want %s", name, shown.Status, listed.Shipments, status)
			}
			shop.Get(strings.TrimPrefix(order.PDFs[0].Href, p.URL)).Is(http.StatusOK) // its labels stay
		}
		p.storesNothing(t, func() {
			refused(t, shop.Send(http.MethodPost, advancePath(order.ID), nil, nil), http.StatusConflict, "STORY_ENDS")
			refused(t, shop.post(advancePath(order.ID), `{"code":"68"}`), http.StatusConflict, "EVENT_NOT_IN_TURN")
			refused(t, shop.delete(path), http.StatusConflict, "SHIPMENT_IN_TRANSPORT")
		})
	}
}

// toldOf gives what each family tells of a shipment, after its next step if it is to advance.
func (p *portal) toldOf(t *testing.T, id, number string, ways []string, advance bool) map[string]tracked {
	t.Helper()
	shop, system := p.shop(t), p.system(t)
	told := map[string]tracked{}
	read := func(family string, page *webtest.Page) {
		t.Helper()
		var one tracked
		isJSON(t, page, http.StatusOK, "application/json", &one)
		told[family] = one
	}
	if advance {
		p.Clock.Advance(time.Second)
		read("advance", shop.Send(http.MethodPost, advancePath(id), nil, nil))
	}
	read("events", system.Get(shipmentsPath+"/"+id+"/events"))
	read("tracking", system.Get("/api/v1/tracking/"+strings.ToLower(number)))
	for _, way := range ways {
		theirs := system.track(t, "/shipments/"+way)
		both := append(theirs.ParcelShipments, theirs.FreightShipments...)
		if len(both) != 1 || (len(theirs.FreightShipments) == 1) != strings.Contains(strings.Join(ways, " "), "/freight") {
			t.Fatalf("the carrier's gives by %s %+v", way, theirs)
		}
		told["the carrier's by "+way] = both[0]
	}
	return told
}

func advancePath(id string) string { return "/api/v1/sandbox/shipments/" + id + "/advance" }

func TestAdvanceByCode(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	shop := p.shop(t)
	at := advancePath(made(t, shop.post(shipmentsPath, goldenV2(t))).ID)
	var own tracked
	body := `{"code":"20","time":"` + p.Clock.Now().Add(time.Hour).UTC().Format("2006-01-02T15:04:05.999999Z") + `"}`
	isJSON(t, shop.post(at, body), http.StatusOK, "application/json", &own)
	if want := "68 WAITING, 20 WAITING"; storyOf(own) != want {
		t.Errorf("it is told %s, want %s", storyOf(own), want)
	}
	bare := strings.TrimPrefix(at, "/api/v1") // answers as well
	isJSON(t, shop.post(bare, `{"code":"20","time":"`+p.Clock.Now().Add(2*time.Hour).UTC().Format(time.RFC3339Nano)+`"}`), http.StatusOK, "application/json", &own)
	if want := "68 WAITING, 20 WAITING, 20 WAITING"; storyOf(own) != want {
		t.Errorf("it is told %s, want %s", storyOf(own), want)
	}
	p.storesNothing(t, func() {
		for body, want := range map[string]string{`{"code":"99"}`: "INVALID code", `{"time":"2001-01-01T00:00:00Z"}`: "INVALID time", `{"time":"soon"}`: "INVALID time", `{"speed":1}`: "UNKNOWN_FIELD speed"} {
			refused(t, shop.post(at, body), http.StatusUnprocessableEntity, want)
		}
		refused(t, shop.post(at, `{"code":"38"}`), http.StatusConflict, "EVENT_NOT_IN_TURN") // nothing is paid for what is not delivered
	})
}

// What is cancelled was never carried: the carrier's tracking does not know it, and ours says what has become of it.
func TestCancelledShipmentsAreNotTracked(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	shop := p.shop(t)
	cancelled := made(t, shop.post(shipmentsPath, goldenV2(t)))
	shop.delete(shipmentsPath + "/" + cancelled.ID).Is(http.StatusNoContent)
	number := cancelled.Parcels[0].TrackingNumber
	for _, path := range []string{"/shipments/trackingnumber/" + number, "/shipments/ordernumber/10001", "/shipments/senderreference/REF-1", "/find?keywords=" + number} {
		if got := shop.track(t, path); len(got.ParcelShipments) != 0 {
			t.Errorf("%s: %+v", path, got)
		}
	}
	for _, path := range []string{"/api/v1/tracking/" + number, shipmentsPath + "/" + cancelled.ID + "/events"} {
		var own tracked
		if isJSON(t, shop.Get(path), http.StatusOK, "application/json", &own); own.Status != "CANCELLED" {
			t.Errorf("%s: %+v", path, own)
		}
	}
}

func TestTrackingFindsShipments(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	shop := p.shop(t)
	first := accepted(t, shop.order(golden(t))).Parcels[0].ParcelNo
	second := accepted(t, shop.order(golden(t))).Parcels[0].ParcelNo
	var sent struct {
		Shipments []struct{ SendingCode string }
	}
	isJSON(t, p.system(t).post("/2026-04/labelless", `{"searchCriteria":{"trackingNumber":"`+first+`"},"validation":{"noEdiCheck":true}}`), http.StatusOK, "application/json", &sent)
	code := sent.Shipments[0].SendingCode
	count := func(path string) int {
		answer := shop.track(t, path)
		return len(answer.ParcelShipments) + len(answer.FreightShipments)
	}
	for path, want := range map[string]int{
		"/shipments/trackingnumber/" + first:                                                                      1,
		"/shipments/trackingnumbers/" + first + "," + second:                                                      2,
		"/shipments/trackingnumbers/" + first + ",%20" + first:                                                    1,
		"/shipments/trackingnumber/JJFI65432100000000000":                                                         0,
		"/shipments/ordernumber/10001":                                                                            2,
		"/shipments/ordernumber/10001?limit=1":                                                                    1,
		"/shipments/ordernumber/10001?start=1":                                                                    1,
		"/shipments/ordernumber/10001?type=freight":                                                               0,
		"/shipments/ordernumber/10001?type=PARCEL":                                                                2,
		"/shipments/ordernumber/10001?lastModified=2100-01-01T00:00:00Z":                                          0,
		"/shipments/ordernumber/10001?lastModified=2100-01-01T00:00:00+02:00":                                     0,
		"/shipments/ordernumber/10001?lastModified=2100-01-01T00:00%2B0200":                                       0,
		"/shipments/ordernumber/10001?lastModified=2100-01-01T00:00:00":                                           0,
		"/shipments/ordernumber/10001?lastModified=2100-01-01":                                                    0,
		"/shipments/ordernumber/10001?lastModified=2001-01-01":                                                    2,
		"/find?keywords=" + first:                                                                                 1,
		"/find?keywords=10001&type=ANY":                                                                           2,
		"/shipments/senderreference/nothing":                                                                      0,
		"/shipments/ordernumber/10001?limit=1000&order=asc":                                                       2,
		"/shipments/find?keywords=" + first:                                                                       1,
		"/shipments/find?keywords=" + first + "&keywords=" + second:                                               2,
		"/shipments/find?keywords=" + first + "," + second + ",10001":                                             2,
		"/shipments/find/10001":                                                                                   2,
		"/shipments/find/10001?keys=all&combined=true&massUnit=KILOGRAM":                                          2,
		"/shipments/consignmentnumber/" + first:                                                                   1,
		"/shipments/waybillnumber/" + first:                                                                       0,
		"/shipments/goodsitemid/" + shipment.ExampleNumber(1, true):                                               1,
		"/shipments/waybillnumber/" + first + "?type=PARCEL":                                                      0,
		"/shipments/receiverreference/nothing":                                                                    0,
		"/shipments/errandcode/" + code:                                                                           1,
		"/shipments/errandcode/000000":                                                                            0,
		"/shipments/errandcode/x":                                                                                 0,
		"/shipments/trackingnumber/" + shipment.ExampleNumber(6, false):                                           1, // the examples are everybody's
		"/shipments/trackingnumber/" + shipment.ExampleNumber(1, true):                                            1,
		"/find?keywords=10001&limit=0":                                                                            0,
		"/find?keywords=10001&start=2":                                                                            0,
		"/shipments/trackingnumber/" + shipment.ExampleNumber(1, true) + "?start=1":                               0, // and come once
		"/find?limit=0&keywords=" + shipment.ExampleNumber(6, false):                                              0,
		"/shipments/trackingnumbers/" + shipment.ExampleNumber(6, false) + "," + shipment.ExampleNumber(6, false): 1,
	} {
		if got := count(path); got != want {
			t.Errorf("%s: %d shipments, want %d", path, got, want)
		}
	}
	// Page by page, examples and others, until there are no more.
	var paged []string
	for start := 0; ; start++ {
		page := shop.track(t, fmt.Sprintf("/shipments/trackingnumbers/%s,%s,%s,%s?limit=1&start=%d", first, shipment.ExampleNumber(6, false), second, shipment.ExampleNumber(1, true), start))
		both := append(page.ParcelShipments, page.FreightShipments...)
		if len(both) == 0 {
			break
		}
		if len(both) > 1 || start > 4 {
			t.Fatalf("from %d there are %+v", start, both)
		}
		paged = append(paged, both[0].TrackingNumber)
	}
	if want := []string{shipment.ExampleNumber(1, true), shipment.ExampleNumber(6, false), second, first}; !slices.Equal(paged, want) {
		t.Errorf("page by page there are %q, want %q", paged, want)
	}
	// Those of others are not found, whatever is asked.
	_, key := p.newKey(t, demotest.OtherMain, demotest.Testbolaget)
	if stranger := p.with(key).track(t, "/shipments/trackingnumber/"+first); len(stranger.ParcelShipments) != 0 {
		t.Error("another organisation tracks it")
	}
	if order := shop.track(t, "/shipments/ordernumber/10001?order=ASC").ParcelShipments; order[0].TrackingNumber != first {
		t.Errorf("the oldest is %+v", order[0])
	}
	refused(t, shop.Get("/tracking/7/find"), http.StatusUnprocessableEntity, "REQUIRED keywords")
	refused(t, shop.Get("/tracking/7/shipments/find?keywords=%00&keywords=,"), http.StatusUnprocessableEntity, "REQUIRED keywords")
	refused(t, shop.Get("/tracking/7/shipments/ordernumber/1?limit=1001&start=-1&type=x&lastModified=now&order=x"), http.StatusUnprocessableEntity,
		"INVALID start", "INVALID limit", "INVALID order", "INVALID type", "INVALID lastModified")
	var many string
	for i := range 102 {
		many += "," + strconv.Itoa(i)
	}
	refused(t, shop.Get("/tracking/7/shipments/find?keywords="+many), http.StatusUnprocessableEntity, "TOO_LONG keywords")
	refused(t, shop.Get("/tracking/7/shipments/nothing/1"), http.StatusNotFound, "NOT_FOUND")
	refused(t, shop.Get("/tracking/7/shipments/trackingnumbers/"+strings.Repeat("JJFI65432100000000000,", 101)), http.StatusUnprocessableEntity, "TOO_LONG trackingnumbers")
	// A token needs the role.
	account := p.newApplication(t, demotest.MainUser, demotest.ExampleOy, caller.ShippingAPI)
	refused(t, p.with("Bearer "+p.token(t, account)).Get("/tracking/7/find?keywords=1"), http.StatusForbidden, "ROLE_MISSING")
}

func TestMagicIsForTrying(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	toRefused := golden(t, `"zipcode":"65100"`, `"zipcode":"99999"`)
	refused(t, p.shop(t).order(toRefused), http.StatusUnprocessableEntity, "POSTCODE_INVALID shipment.receiver.zipcode")

	serious := portal{webtest.NewWith(t, webtest.Options{Real: true})}
	shop := serious.shop(t)
	placed := accepted(t, shop.order(toRefused))
	if got := shop.track(t, "/shipments/trackingnumber/"+shipment.ExampleNumber(1, false)); len(got.ParcelShipments) != 0 {
		t.Error("an example in production")
	}
	if got := shop.track(t, "/shipments/trackingnumber/"+url.PathEscape(placed.Parcels[0].ParcelNo)); len(got.ParcelShipments) != 1 {
		t.Error("tracking is not for trying only")
	}
	serious.shop(t).Send(http.MethodPost, "/api/v1/sandbox/shipments/0193e9a2-0000-7000-8000-000000000000/advance", nil, nil).Is(http.StatusNotFound)
	serious.shop(t).Send(http.MethodPost, "/sandbox/shipments/0193e9a2-0000-7000-8000-000000000000/advance", nil, nil).Is(http.StatusNotFound)
}
