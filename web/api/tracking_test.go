package api_test

import (
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

func codesOf(t tracked) string {
	var codes []string
	for _, event := range t.Events {
		codes = append(codes, event.EventCode)
	}
	return strings.Join(codes, " ")
}

// A tester moves a parcel to delivered, and every family tells the same of it.
func TestEveryFamilyTellsTheSameStory(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	shop, system := p.shop(t), p.system(t)
	order := accepted(t, shop.order(golden(t)))
	number := order.Parcels[0].ParcelNo
	var listed struct{ Shipments []struct{ ID, Status string } }
	find := func() string {
		t.Helper()
		isJSON(t, shop.Get("/api/v1/shipments?trackingNumber="+number), http.StatusOK, "application/json", &listed)
		return listed.Shipments[0].ID
	}
	id := find()
	for _, want := range []string{"13", "48 13", "31 48 13", "91 31 48 13", "45 91 31 48 13", "22 45 91 31 48 13", "38 22 45 91 31 48 13"} {
		want += " 68"
		p.Clock.Advance(time.Second)
		advanced := shop.Send(http.MethodPost, "/api/v1/sandbox/shipments/"+id+"/advance", nil, nil)
		var own, byNumber tracked
		isJSON(t, advanced, http.StatusOK, "application/json", &own)
		isJSON(t, system.Get("/api/v1/tracking/"+strings.ToLower(number)), http.StatusOK, "application/json", &byNumber)
		theirs := system.track(t, "/shipments/trackingnumber/"+number)
		find()
		status := listed.Shipments[0].Status
		if len(theirs.ParcelShipments) != 1 || len(theirs.FreightShipments) != 0 {
			t.Fatalf("tracking gives %+v", theirs)
		}
		for family, told := range map[string]tracked{"advance": own, "tracking": byNumber, "the carrier's": theirs.ParcelShipments[0]} {
			if codesOf(told) != want || told.Status != status || told.Events[0].EventDescription["sv"] == "" || told.Events[0].Location.Name == "" {
				t.Errorf("%s tells %s %s %+v; want %s %s", family, codesOf(told), told.Status, told.Events[0], want, status)
			}
		}
	}
	if listed.Shipments[0].Status != string(shipment.Delivered) {
		t.Errorf("at last it is %s", listed.Shipments[0].Status)
	}
	refused(t, shop.Send(http.MethodPost, "/api/v1/sandbox/shipments/"+id+"/advance", nil, nil), http.StatusConflict, "STORY_ENDS")
	refused(t, shop.Send(http.MethodDelete, "/api/v1/shipments/"+id, nil, nil), http.StatusConflict, "SHIPMENT_IN_TRANSPORT")
	// By its code, and at a time.
	body := `{"code":"20","time":"` + p.Clock.Now().UTC().Format("2006-01-02T15:04:05.999999Z") + `"}`
	var own tracked
	isJSON(t, shop.post("/api/v1/sandbox/shipments/"+id+"/advance", body), http.StatusOK, "application/json", &own)
	if !slices.Contains(strings.Fields(codesOf(own)), "20") || own.Status != string(shipment.Delivered) {
		t.Errorf("by its code: %+v", own)
	}
	for body, want := range map[string]string{`{"code":"99"}`: "INVALID code", `{"time":"2001-01-01T00:00:00Z"}`: "INVALID", `{"time":"soon"}`: "INVALID time", `{"speed":1}`: "INVALID speed"} {
		page := shop.post("/api/v1/sandbox/shipments/"+id+"/advance", body)
		if !strings.Contains(page.Body, `"`+strings.Fields(want)[0]) && page.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", body, page.Status, page.Body)
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
		"/shipments/trackingnumber/" + first:                             1,
		"/shipments/trackingnumbers/" + first + "," + second:             2,
		"/shipments/trackingnumbers/" + first + ",%20" + first:           1,
		"/shipments/trackingnumber/JJFI65432100000000000":                0,
		"/shipments/ordernumber/10001":                                   2,
		"/shipments/ordernumber/10001?limit=1":                           1,
		"/shipments/ordernumber/10001?start=1":                           1,
		"/shipments/ordernumber/10001?type=freight":                      0,
		"/shipments/ordernumber/10001?type=PARCEL":                       2,
		"/shipments/ordernumber/10001?lastModified=2100-01-01T00:00:00Z": 0,
		"/find?keywords=" + first:                                        1,
		"/find?keywords=10001&type=ANY":                                  2,
		"/shipments/senderreference/nothing":                             0,
		"/shipments/ordernumber/10001?limit=1000&order=asc":              2,
		"/shipments/find?keywords=" + first:                              1,
		"/shipments/find?keywords=" + first + "&keywords=" + second:      2,
		"/shipments/find?keywords=" + first + "," + second + ",10001":    2,
		"/shipments/find/10001":                                          2,
		"/shipments/find/10001?keys=all&combined=true&massUnit=KILOGRAM": 2,
		"/shipments/consignmentnumber/" + first:                          1,
		"/shipments/waybillnumber/" + first:                              0,
		"/shipments/goodsitemid/" + shipment.ExampleNumber(1, true):      1,
		"/shipments/waybillnumber/" + first + "?type=PARCEL":             0,
		"/shipments/receiverreference/nothing":                           0,
		"/shipments/errandcode/" + code:                                  1,
		"/shipments/errandcode/000000":                                   0,
		"/shipments/errandcode/x":                                        0,
		"/shipments/trackingnumber/" + shipment.ExampleNumber(6, false):  1, // the examples are everybody's
		"/shipments/trackingnumber/" + shipment.ExampleNumber(1, true):   1,
	} {
		if got := count(path); got != want {
			t.Errorf("%s: %d shipments, want %d", path, got, want)
		}
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
}
