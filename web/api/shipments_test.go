package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"omapostipro/internal/demo/demotest"
	"omapostipro/web/webtest"
)

const (
	shipmentsPath = "/api/v1/shipments"
	labelsPath    = "/api/v1/labels"
)

func (c client) post(path, body string) *webtest.Page {
	return c.Send(http.MethodPost, path, jsonBody, strings.NewReader(body))
}

func (c client) delete(path string) *webtest.Page { return c.Send(http.MethodDelete, path, nil, nil) }

// sent is what is looked at of a shipment's answer.
type sent struct {
	ID, Status, ShipmentNumber string
	ReturnOf, CancelledAt      string
	Label                      string
	Sender, Receiver           struct{ Name string }
	Service                    struct {
		ID     string
		AddOns []struct{ ID string }
	}
	Parcels []struct {
		TrackingNumber string
		Weight         float64
		SendingCode    string
	}
	Warnings []told
}

// made reads the answer to a shipment that was made.
func made(t *testing.T, page *webtest.Page) sent {
	t.Helper()
	var answer sent
	isJSON(t, page, http.StatusCreated, "application/json", &answer)
	if location := page.Header.Get("Location"); !strings.HasSuffix(location, shipmentsPath+"/"+answer.ID) {
		t.Errorf("it is said to be at %q", location)
	}
	return answer
}

// asReturn is what makes the golden order one that comes back.
var asReturn = []string{`"PO2103","normalShipment":true,"returnShipment":false`, `"PO2108","normalShipment":false,"returnShipment":true`,
	`,{"id":"COD","amount":10.0,"account":"FI21 1234 5600 0007 85","reference":"12345 61"}`, ``, "  \"agent\": {\"quickId\":\"001003200\"},\n", ""}

func TestShipmentsFromBeginningToEnd(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	page := c.post(shipmentsPath, goldenV2(t))
	shipment := made(t, page)
	at := shipmentsPath + "/" + shipment.ID

	for query, want := range map[string]struct{ contentType, beginning string }{
		"": {"application/pdf", "%PDF-"}, "?format=pdf&media=laser-a4": {"application/pdf", "%PDF-"},
		"?format=zpl": {"application/zpl", "^XA"}, "?format=png&media=thermo-se": {"image/png", "\x89PNG"},
	} {
		page := c.Get(at + "/label" + query).Is(http.StatusOK)
		if got := page.Header.Get("Content-Type"); got != want.contentType || !strings.HasPrefix(page.Body, want.beginning) || page.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %s %.20q", page.Request, got, page.Body)
		}
	}
	p.Clock.Advance(48 * time.Hour)
	c.Get(at + "/label").Is(http.StatusOK) // at any time
	p.Clock.Advance(-48 * time.Hour)

	back := c.Send(http.MethodPost, at+"/return", nil, nil)
	returned := made(t, back)
	if returned.ReturnOf != shipment.ID || returned.Sender != shipment.Receiver || returned.Receiver != shipment.Sender {
		t.Errorf("what comes back is %+v", returned)
	}
	refused(t, c.Send(http.MethodPost, shipmentsPath+"/"+returned.ID+"/return", nil, nil), http.StatusConflict, "NO_RETURN_SERVICE")
	if errors := refused(t, c.Send(http.MethodPost, at+"/return", nil, nil), http.StatusConflict, "RETURN_EXISTS"); !strings.Contains(errors[0].Message, returned.ID) ||
		!strings.Contains(errors[0].Message, returned.ShipmentNumber) {
		t.Errorf("a second return is refused with %q", errors[0].Message)
	}

	// Another order of the same person, as its parcels went out, which this family exchanges like version 2.
	if came := made(t, c.post(shipmentsPath, goldenV2(t, asReturn...))); came.Sender.Name != "Åsa Öberg" || came.Service.ID != "PO2108" {
		t.Errorf("a return is %+v", came)
	}

	link := accepted(t, c.order(golden(t)))
	p.Exec(t, "update delivery_orders set status = 'IN_TRANSPORT' where id = $1", link.ID)
	p.storesNothing(t, func() { refused(t, c.delete(shipmentsPath+"/"+link.ID), http.StatusConflict, "SHIPMENT_IN_TRANSPORT") })
	p.Exec(t, "update delivery_orders set status = 'WAITING' where id = $1", link.ID)
	before := p.rows(t)
	for range 2 {
		if page := c.delete(shipmentsPath + "/" + link.ID); page.Status != http.StatusNoContent || page.Body != "" {
			t.Errorf("cancelling is answered with %d %q", page.Status, page.Body)
		}
	}
	before.Events++
	if after := p.rows(t); after != before {
		t.Errorf("cancelled twice leaves %+v, want %+v", after, before)
	}
	var cancelled sent
	isJSON(t, c.Get(shipmentsPath+"/"+link.ID), http.StatusOK, "application/json", &cancelled)
	if cancelled.Status != "CANCELLED" || cancelled.CancelledAt == "" || cancelled.Label != "" || cancelled.ShipmentNumber != link.ShipmentNo {
		t.Errorf("it is shown as %+v", cancelled)
	}
	for _, path := range []string{shipmentsPath + "/" + link.ID + "/label", strings.TrimPrefix(link.PDFs[0].Href, p.URL)} {
		refused(t, c.Get(path), http.StatusGone, "SHIPMENT_CANCELLED")
	}
	refused(t, c.Send(http.MethodPost, shipmentsPath+"/"+link.ID+"/return", nil, nil), http.StatusConflict, "SHIPMENT_CANCELLED")
	if body := c.Get(strings.TrimPrefix(link.Href, p.URL)).Is(http.StatusOK).Body; !strings.Contains(body, `"status":"CANCELLED"`) {
		t.Errorf("the carrier's family shows %s", body)
	}
}

// One rule for who sees what: the contract numbers of the credential.
func TestWhoseShipmentsACredentialSees(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	shipment := made(t, c.post(shipmentsPath, goldenV2(t)))
	at := shipmentsPath + "/" + shipment.ID
	_, theirKey := p.newKey(t, demotest.OtherMain, demotest.Testbolaget)
	everywhere := func(who client, there bool) {
		t.Helper()
		var list struct{ Shipments []sent }
		isJSON(t, who.Get(shipmentsPath), http.StatusOK, "application/json", &list)
		if (len(list.Shipments) == 1) != there {
			t.Errorf("there are %d shipments listed", len(list.Shipments))
		}
		for _, page := range []*webtest.Page{who.Get(at), who.Get(at + "/label"), who.Send(http.MethodPost, at+"/return", nil, nil), who.delete(at)} {
			if (page.Status < 300) != there {
				t.Errorf("%s is answered with %d", page.Request, page.Status)
			}
			if !there {
				refused(t, page, http.StatusNotFound, "NOT_FOUND")
			}
		}
		if page := who.post(labelsPath, `{"shipments":["`+shipment.ID+`"]}`); !there {
			refused(t, page, http.StatusUnprocessableEntity, "NOT_FOUND shipments[0]")
		}
	}
	p.storesNothing(t, func() { everywhere(p.with(theirKey), false) })
	p.EndNumber(t, "654321", p.Clock.Now().Add(-24*time.Hour))
	p.storesNothing(t, func() { everywhere(c, false) })
	p.Exec(t, "update contract_numbers set valid_to = null where number = '654321'")
	for _, id := range []string{nobodys, "x", "1", strings.ToUpper(shipment.ID) + "0", "%00"} {
		refused(t, c.Get(shipmentsPath+"/"+id), http.StatusNotFound, "NOT_FOUND")
	}
	// Another credential with the contract sees it, and an application account does.
	var list struct{ Shipments []sent }
	isJSON(t, p.system(t).Get(shipmentsPath), http.StatusOK, "application/json", &list)
	if len(list.Shipments) != 1 {
		t.Errorf("the application account sees %d shipments", len(list.Shipments))
	}
	everywhere(p.shop(t), true)
}

func TestListsArePaged(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	var want []string // newest first
	for i := range 5 {
		want = append([]string{made(t, c.post(shipmentsPath, goldenV2(t, `"10001"`, fmt.Sprintf(`"%d"`, i), `"copies":1`, `"copies":2`))).ID}, want...)
		p.Clock.Advance(time.Second)
	}
	var got []string
	cursor := ""
	for pages := 1; ; pages++ {
		var page struct {
			Shipments  []sent
			NextCursor *string
		}
		isJSON(t, c.Get(shipmentsPath+"?limit=2&cursor="+url.QueryEscape(cursor)), http.StatusOK, "application/json", &page)
		for _, shipment := range page.Shipments {
			got = append(got, shipment.ID)
		}
		if page.NextCursor == nil {
			if pages != 3 {
				t.Errorf("there are %d pages", pages)
			}
			break
		}
		cursor = *page.NextCursor
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("listed %q, want %q", got, want)
	}
	for query, count := range map[string]int{
		"": 5, "orderNo=3": 1, "senderReference=REF-1": 5, "senderReference=REF-2": 0, "status=WAITING": 5, "status=DELIVERED": 0,
		"createdFrom=" + url.QueryEscape(p.Clock.Now().Add(-3*time.Second).Format(time.RFC3339Nano)):      3,
		"createdFrom=" + url.QueryEscape(p.Clock.Now().In(time.FixedZone("", 7200)).Format(time.RFC3339)): 0,
		"orderNo=" + url.QueryEscape("x' or true --"):                                                     0,
	} {
		var page struct{ Shipments []sent }
		isJSON(t, c.Get(shipmentsPath+"?"+query), http.StatusOK, "application/json", &page)
		if len(page.Shipments) != count {
			t.Errorf("%s finds %d, want %d", query, len(page.Shipments), count)
		}
		if count > 0 { // and one by its second parcel
			shipment := page.Shipments[0]
			var found struct{ Shipments []sent }
			isJSON(t, c.Get(shipmentsPath+"?trackingNumber="+url.QueryEscape(strings.ToLower(shipment.Parcels[1].TrackingNumber))), http.StatusOK, "application/json", &found)
			if len(found.Shipments) != 1 || found.Shipments[0].ID != shipment.ID {
				t.Errorf("its tracking number finds %+v", found)
			}
		}
	}
	asked := p.Asked.During(func() { c.Get(shipmentsPath).Is(http.StatusOK) })
	if asked.Trips != 2 {
		t.Errorf("a list takes %d round trips, which should be the credential's and its own", asked.Trips)
	}
}

func TestParametersAreChecked(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	at := shipmentsPath + "/" + made(t, c.post(shipmentsPath, goldenV2(t))).ID
	for path, want := range map[string][]string{
		shipmentsPath + "?limit=0":                                {"INVALID limit"},
		shipmentsPath + "?limit=101":                              {"INVALID limit"},
		shipmentsPath + "?limit=NaN":                              {"INVALID limit"},
		shipmentsPath + "?limit=1e1":                              {"INVALID limit"},
		shipmentsPath + "?limit=99999999999999999999":             {"INVALID limit"},
		shipmentsPath + "?limit=1&limit=2":                        {"REPEATED_PARAMETER limit"},
		shipmentsPath + "?createdFrom=yesterday":                  {"INVALID createdFrom"},
		shipmentsPath + "?createdFrom=2026-11-23":                 {"INVALID createdFrom"},
		shipmentsPath + "?createdFrom=0000-01-01T00:00:00Z":       {"INVALID createdFrom"},
		shipmentsPath + "?status=GONE":                            {"INVALID status"},
		shipmentsPath + "?cursor=x":                               {"INVALID cursor"},
		shipmentsPath + "?orderNo=%00":                            {"INVALID orderNo"},
		shipmentsPath + "?orderNo=%ff":                            {"INVALID orderNo"},
		shipmentsPath + "?orderNo=" + strings.Repeat("x", 36):     {"TOO_LONG orderNo"},
		shipmentsPath + "?trackingnumber=1&x":                     {"UNKNOWN_PARAMETER trackingnumber", "UNKNOWN_PARAMETER x"},
		shipmentsPath + "?status=x&limit=y&x=z":                   {"INVALID status", "INVALID limit", "UNKNOWN_PARAMETER x"},
		at + "/label?format=gif":                                  {"INVALID format"},
		at + "/label?media=a3&format=pdf":                         {"INVALID media"},
		"/api/v1/services?from=XX&to=F":                           {"INVALID from", "INVALID to"},
		"/api/v1/services?from=" + url.QueryEscape("FI' or true"): {"TOO_LONG from"},
	} {
		errors := refused(t, c.Get(path), http.StatusUnprocessableEntity, want...)
		for _, e := range errors {
			if e.Path != "" && !strings.Contains(e.Message, e.Path) && !strings.Contains(e.Message, "country") {
				t.Errorf("%s: it says %q", path, e.Message)
			}
		}
	}
}

// One alone says what was ordered; of many it is said in short.
func TestAShipmentGivesBackWhatWasOrdered(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	body := goldenV2(t, `"country":"FI","phone":"061234567","mobile":"+358401234567"`, `"country":"EE","phone":"061234567","mobile":"+3725551234567"`, `"zipcode":"65100"`, `"zipcode":"10111"`,
		`{"quickId":"001003200"}`, `{"quickId":"EE-77","name":"Kesklinna pakiautomaat","address1":"Viru 4","zipcode":"10140","city":"Tallinn","country":"EE"}`,
		`"PO2103"`, `"PO2331"`, `,{"id":"COD","amount":10.0,"account":"FI21 1234 5600 0007 85","reference":"12345 61"}`, ``,
		`"copies":1,"weight":2.5,"volume":0.006,"length":30,"width":20,"height":10,"packageCode":"PKT","contents":"Böcker","valuePerParcel":true`,
		`"copies":2,"weight":2.5,"volume":0.012,"length":40,"width":30.5,"height":10,"packageCode":"PKT","contents":"Böcker","valuePerParcel":true},{"copies":1,"weight":1,"contents":"Kort","valuePerParcel":true`)
	page := c.post(shipmentsPath, body)
	shipment := made(t, page)
	first := `"volume":0.012,"length":40,"width":30.5,"height":10,"packageCode":"PKT","contents":"Böcker"}`
	for _, page := range []*webtest.Page{page, c.Get(shipmentsPath + "/" + shipment.ID)} {
		if strings.Count(page.Body, first) != 2 || strings.Count(page.Body, `"contents":"Kort"}`) != 1 ||
			!strings.Contains(page.Body, `"agent":{"quickId":"EE-77","name":"Kesklinna pakiautomaat","address1":"Viru 4","zipcode":"10140","city":"Tallinn"}`) ||
			!strings.Contains(page.Body, `"media":"thermo-225"`) || strings.Contains(page.Body, "customsDeclaration") {
			t.Errorf("%s gives %s", page.Request, page.Body)
		}
	}
	if list := c.Get(shipmentsPath).Is(http.StatusOK).Body; strings.Contains(list, "Böcker") || strings.Contains(list, "Viru 4") {
		t.Errorf("the list has details: %s", list)
	}
	declared := `{"currencyCode":"EUR","importExportType":"gift","invoiceNo":"1","declarant":"Åsa","lines":[{"contents":"Socks","copies":2,"netWeight":0.5,"value":10.5,"statNo":"611530","sourceCountryCode":"FI"}]}`
	abroad := made(t, c.post(shipmentsPath, goldenV2(t, `"country":"FI","phone":"061234567"`, `"country":"NO","phone":"061234567"`, `"zipcode":"65100"`, `"zipcode":"0150"`, "  \"agent\": {\"quickId\":\"001003200\"},\n", "",
		`"id":"PO2103"`, `"id":"ITPR"`, `"addons":[{"id":"FRAG"},{"id":"COD","amount":10.0,"account":"FI21 1234 5600 0007 85","reference":"12345 61"}]`, `"addons":[]`,
		`"orderNo":`, `"customsDeclaration":`+declared+`,"orderNo":`)))
	if body := c.Get(shipmentsPath + "/" + abroad.ID).Is(http.StatusOK).Body; !strings.Contains(body, `"customsDeclaration":`+declared) {
		t.Errorf("declared is %s in %s", declared, body)
	}
}

// Who says that what goes out comes back is told that it does not, everywhere alike.
func TestWhatIsNoReturnIsNone(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.system(t)
	page := c.orderV2(goldenV2(t, `"returnShipment":false`, `"returnShipment":true`))
	order := accepted(t, page)
	if got := lines(order.Warnings); fmt.Sprint(got) != "[IGNORED shipment.service.returnShipment]" || !strings.Contains(page.Body, `"returnShipment":false`) {
		t.Errorf("warned of %q in %s", got, page.Body)
	}
	if code := c.Get("/2025-04/labelless/" + order.ShipmentNo); code.Status != http.StatusNotFound || !strings.Contains(code.Body, "3196") {
		t.Errorf("a sending code: %d %s", code.Status, code.Body)
	}
	// A service that brings back its own parcels is a return where the order says so.
	page = c.orderV2(goldenV2(t, `"PO2103","normalShipment":true,"returnShipment":false`, `"PO2102","normalShipment":false,"returnShipment":true`))
	order = accepted(t, page)
	if !strings.Contains(page.Body, `"returnShipment":true`) || len(order.Warnings) > 0 || !strings.Contains(page.Body, `"sndName":"Åsa Öberg"`) || !strings.Contains(page.Body, `"rcvName":"Example Oy"`) {
		t.Errorf("of PO2102: %s", page.Body)
	}
	c.Get("/2025-04/labelless/" + order.ShipmentNo).Is(http.StatusOK)
	// So is what is made of such a shipment, without being exchanged once more; and each says which of both it is.
	out := made(t, c.post(shipmentsPath, goldenV2(t, "PO2103", "PO2102")))
	back := c.Send(http.MethodPost, shipmentsPath+"/"+out.ID+"/return", nil, nil)
	if came := made(t, back); came.Sender != out.Receiver || came.Receiver != out.Sender || !strings.Contains(back.Body, `"normalShipment":false,"returnShipment":true`) {
		t.Errorf("what comes back is %s", back.Body)
	}
	if page := c.Get(shipmentsPath + "/" + out.ID).Is(http.StatusOK); !strings.Contains(page.Body, `"normalShipment":true,"returnShipment":false`) {
		t.Errorf("what goes out is %s", page.Body)
	}
}

func TestOneLabelOfMany(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	eleven := made(t, c.post(shipmentsPath, goldenV2(t, `"copies":1`, `"copies":11`)))
	at := shipmentsPath + "/" + eleven.ID + "/label"
	for _, format := range []string{"pdf", "zpl", "png"} {
		page := c.Get(at + "?parcel=7&format=" + format).Is(http.StatusOK)
		if name := page.Header.Get("Content-Disposition"); !strings.Contains(name, eleven.Parcels[6].TrackingNumber+"."+format) {
			t.Errorf("%s is called %s", format, name)
		}
		if pages := strings.Count(page.Body, "/Type /Page\n"); format == "pdf" && pages != 1 {
			t.Errorf("%d pages", pages)
		}
	}
	for query, want := range map[string]string{"?parcel=12": "INVALID parcel", "?parcel=0": "INVALID parcel", "?parcel=100": "INVALID parcel", "?parcel=x": "INVALID parcel", "?format=png": "REQUIRED parcel"} {
		if errors := refused(t, c.Get(at+query), http.StatusUnprocessableEntity, want); !strings.Contains(errors[0].Message, "parcel") {
			t.Errorf("%s: %q", query, errors[0].Message)
		}
	}
	ten := made(t, c.post(shipmentsPath, goldenV2(t, `"copies":1`, `"copies":10`)))
	c.Get(shipmentsPath + "/" + ten.ID + "/label?format=png&media=thermo-se").Is(http.StatusOK)
}

func TestLabelsOfSeveral(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	first, second := made(t, c.post(shipmentsPath, goldenV2(t))).ID, made(t, c.post(shipmentsPath, goldenV2(t, `"copies":1`, `"copies":3`))).ID
	many := made(t, c.post(shipmentsPath, goldenV2(t, `"copies":1`, `"copies":99`))).ID
	cancelled := made(t, c.post(shipmentsPath, goldenV2(t))).ID
	if page := c.delete(shipmentsPath + "/" + cancelled); page.Status != http.StatusNoContent {
		t.Fatal(page.Status)
	}
	for _, test := range []struct {
		media string
		pages int
	}{{"", 4}, {`,"media":"laser-a4"`, 1}, {`,"media":"thermo-225"`, 4}} {
		page := c.post(labelsPath, fmt.Sprintf(`{"shipments":["%s","%s"]%s}`, first, second, test.media)).Is(http.StatusOK)
		if pages := strings.Count(page.Body, "/Type /Page\n"); page.Header.Get("Content-Type") != "application/pdf" || pages != test.pages {
			t.Errorf("%d pages as %s, want %d", pages, page.Header.Get("Content-Type"), test.pages)
		}
	}
	asked := p.Asked.During(func() { c.post(labelsPath, fmt.Sprintf(`{"shipments":["%s","%s"]}`, first, second)).Is(http.StatusOK) })
	if asked.Trips != 2 {
		t.Errorf("labels take %d round trips", asked.Trips)
	}
	long := strings.Repeat(`"`+first+`",`, 100) + `"` + first + `"`
	for body, want := range map[string]string{
		`{}`:                           "REQUIRED shipments",
		`{"shipments":null}`:           "INVALID shipments",
		`{"shipments":[]}`:             "INVALID shipments",
		`{"shipments":"x"}`:            "INVALID shipments",
		`{"shipments":[1,"x"]}`:        "INVALID shipments[0] INVALID shipments[1]",
		`[]`:                           "INVALID",
		`{"shipments":[` + long + `]}`: "INVALID shipments",
		`{"shipments":["` + first + `"],"media":"a6","more":1,"media":"a7"}`:                                          "INVALID media UNKNOWN_FIELD more DUPLICATE_FIELD media",
		`{"shipments":["` + nobodys + `","` + first + `","` + cancelled + `"]}`:                                       "NOT_FOUND shipments[0] SHIPMENT_CANCELLED shipments[2]",
		`{"shipments":["` + many + `","` + second + `"]}`:                                                             "INVALID shipments",
		`{"shipments":["` + first + `"],"media":{"x":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}}`: "INVALID media",
	} {
		errors := refused(t, c.post(labelsPath, body), http.StatusUnprocessableEntity)
		if got := strings.Join(lines(errors), " "); got != want {
			t.Errorf("%.60s: refused for %q, want %q", body, got, want)
		}
	}
}

func TestAShipmentIsMadeOnceByItsKey(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	c.Header.Set("Idempotency-Key", "order-1")
	first := made(t, c.post(shipmentsPath, goldenV2(t)))
	page := c.post(shipmentsPath, goldenV2(t))
	if again := made(t, page); again.ID != first.ID || page.Header.Get("Idempotent-Replay") != "true" {
		t.Errorf("again it is %s, %v", again.ID, page.Header)
	}
	refused(t, c.post(shipmentsPath, goldenV2(t, `"10001"`, `"10002"`)), http.StatusConflict, "IDEMPOTENCY_KEY_REUSED")
	c.Header.Set("Idempotency-Key", "return-1")
	back := made(t, c.Send(http.MethodPost, shipmentsPath+"/"+first.ID+"/return", nil, nil))
	if again := made(t, c.Send(http.MethodPost, shipmentsPath+"/"+first.ID+"/return", nil, nil)); again.ID != back.ID {
		t.Errorf("it comes back twice")
	}
	// The answer does not depend on what became of the shipment; only a return that is new does.
	c.delete(shipmentsPath + "/" + first.ID).Is(http.StatusNoContent)
	page = c.Send(http.MethodPost, shipmentsPath+"/"+first.ID+"/return", nil, nil)
	if again := made(t, page); again.ID != back.ID || page.Header.Get("Idempotent-Replay") != "true" {
		t.Errorf("after the cancelling it is %s, %v", again.ID, page.Header)
	}
	c.Header.Set("Idempotency-Key", "return-2")
	p.storesNothing(t, func() {
		refused(t, c.Send(http.MethodPost, shipmentsPath+"/"+first.ID+"/return", nil, nil), http.StatusConflict, "SHIPMENT_CANCELLED")
	})
}

func TestValidation(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	type verdict struct {
		Valid            bool
		Errors, Warnings []told
	}
	validate := func(body string) verdict {
		t.Helper()
		var answer verdict
		isJSON(t, c.post(shipmentsPath+"/validate", body), http.StatusOK, "application/json", &answer)
		return answer
	}
	p.storesNothing(t, func() {
		if got := validate(goldenV2(t)); !got.Valid || got.Errors == nil || len(got.Errors) != 0 || got.Warnings == nil || len(got.Warnings) != 0 {
			t.Errorf("the order is %+v", got)
		}
		got := validate(goldenV2(t, `"FRAG"`, `"COLD"`, `"zipcode":"65100"`, `"zipcode":"1"`, `"orderNo":"10001"`, `"shop":1`))
		if want := "[POSTCODE_INVALID shipment.receiver.zipcode ADDON_NOT_ALLOWED shipment.service.addons[0].id]"; got.Valid || fmt.Sprint(lines(got.Errors)) != want {
			t.Errorf("its errors are %v, want %s", lines(got.Errors), want)
		}
		if want := "[UNKNOWN_FIELD shipment.shop]"; fmt.Sprint(lines(got.Warnings)) != want {
			t.Errorf("its warnings are %v, want %s", lines(got.Warnings), want)
		}
		if got := validate(goldenV2(t, `"654321"`, `"600123"`)); got.Valid || fmt.Sprint(lines(got.Errors)) != "[CONTRACT_NOT_ALLOWED shipment.senderPartners[0].custNo]" {
			t.Errorf("another's contract: %+v", got)
		}
		refused(t, c.post(shipmentsPath+"/validate", `{`), http.StatusBadRequest, "JSON_DECODE_ERROR")
	})
}

func TestServices(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	var all struct {
		Services []struct {
			ID                 string
			AdditionalServices []struct {
				ID                        string
				Properties, ConflictsWith []string
			}
		}
	}
	isJSON(t, c.Get("/api/v1/services"), http.StatusOK, "application/json", &all)
	if len(all.Services) != 27 || all.Services[0].ID != "PO2103" {
		t.Fatalf("there are %d services", len(all.Services))
	}
	if cod := all.Services[0].AdditionalServices[0]; cod.ID != "COD" || fmt.Sprint(cod.Properties) != "[amount account reference]" {
		t.Errorf("cash on delivery is %+v", cod)
	}
	if asked := p.Asked.During(func() { c.Get("/api/v1/services").Is(http.StatusOK) }); asked.Trips != 1 {
		t.Errorf("it takes %d round trips", asked.Trips)
	}
}
