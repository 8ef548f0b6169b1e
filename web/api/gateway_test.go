package api_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"omapostipro/internal/caller"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/pickuppoint"
	"omapostipro/internal/shipment"
	"omapostipro/web/webtest"
)

// points is what is looked at of answers with pickup points.
type points struct {
	PickupPoints []struct {
		ID, PublicName, CareOf, PupCode string
		ParcelLocker                    bool
		DistanceInMeters                *int
		Location                        struct{ Postcode, City, Street string }
		Extensions                      struct {
			Estimate struct{ Time *time.Time }
		}
	}
	PagingContinuationToken string
}

func (p points) codes() []string {
	codes := []string{}
	for _, point := range p.PickupPoints {
		codes = append(codes, point.PupCode)
	}
	return codes
}

func isPoints(t *testing.T, page *webtest.Page) points {
	t.Helper()
	var answer points
	isJSON(t, page, http.StatusOK, "application/json", &answer)
	return answer
}

// gatewayRefused reads an error of the gateway and checks what all of them have; want are the codes and paths of its details.
func gatewayRefused(t *testing.T, page *webtest.Page, status int, code string, want ...string) []told {
	t.Helper()
	var body struct {
		ErrorCode, Message string
		Details            []told
	}
	isJSON(t, page, status, "application/json", &body)
	if body.ErrorCode != code || len(body.Details) == 0 || body.Message != body.Details[0].Message {
		t.Errorf("%s: %s", page.Request, page.Body)
	}
	if got := lines(body.Details); len(want) > 0 && !slices.Equal(got, want) {
		t.Errorf("%s: refused for %q, want %q", page.Request, got, want)
	}
	return body.Details
}

func TestThePickupPointsOfTheGateway(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.system(t)
	for accept, want := range map[string]string{
		"": "Posti, Puoti Vanamo, Helsinki", "sv": "Posti, Puoti Vanamo, Helsingfors", "sv-FI,fi;q=0.5": "Posti, Puoti Vanamo, Helsingfors",
		"en-GB": "Posti, Puoti Vanamo, Helsinki", "de, sv;q=0.1": "Posti, Puoti Vanamo, Helsingfors", "et": "Posti, Puoti Vanamo, Helsinki", ";;;": "Posti, Puoti Vanamo, Helsinki",
	} {
		c.Header.Set("Accept-Language", accept)
		if got := isPoints(t, c.Get("/2025-04/pickuppoints/FI/001003200")).PickupPoints[0].PublicName; got != want {
			t.Errorf("%q: %q", accept, got)
		}
	}
	c.Header.Set("Accept-Language", "en")
	if got := isPoints(t, c.Get("/2025-04/pickuppoints/FI/001003230")).PickupPoints[0]; got.PublicName != "Parcel locker, Puoti Saaristo, Helsinki" || !got.ParcelLocker || got.DistanceInMeters != nil {
		t.Errorf("got %+v", got)
	}
	for _, path := range []string{"/FI/" + pickuppoint.Inactive, "/FI/001003258", "/FI/x", "/SE/001003200", "/AX/001003200", "/01890000-0000-7000-8000-000000000000", "/x", "/FI-x"} {
		gatewayRefused(t, c.Get("/2025-04/pickuppoints"+path), http.StatusNotFound, "CLIENT_ERROR", "NOT_FOUND")
	}
	if got := isPoints(t, c.Get("/2025-04/pickuppoints/ax/221003200")).codes(); !slices.Equal(got, []string{"221003200"}) {
		t.Errorf("on Åland: %q", got)
	}
}

func TestSearchesOfTheGateway(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.system(t)
	search := func(t *testing.T, criteria, rest string) points {
		t.Helper()
		return isPoints(t, c.post("/2025-04/pickuppoints", `{"searchCriteria":`+criteria+rest+`}`))
	}
	postcode := func(code string) func(points) bool {
		return func(found points) bool {
			return len(found.PickupPoints) > 0 && found.PickupPoints[0].Location.Postcode == code
		}
	}
	none := func(found points) bool { return len(found.PickupPoints) == 0 }
	for name, test := range map[string]struct {
		criteria, rest string
		right          func(points) bool
	}{
		"fifteen by itself": {`{"location":{"postcode":"00100","countryCode":"FI"}}`, "", func(found points) bool {
			distances := []int{}
			for _, point := range found.PickupPoints {
				distances = append(distances, *point.DistanceInMeters)
			}
			return len(distances) == 15 && slices.IsSorted(distances)
		}},
		"as many as are wanted":    {`{"location":{"postcode":"00100"}}`, `,"limit":3`, func(found points) bool { return len(found.PickupPoints) == 3 }},
		"numbers as strings":       {`{"location":{"coordinates":{"latitude":"69.91","longitude":"27.03"}}}`, `,"limit":"1"`, postcode("99980")},
		"coordinates":              {`{"location":{"coordinates":{"latitude":69.91,"longitude":27.03}}}`, "", postcode("99980")},
		"coordinates and a radius": {`{"location":{"coordinates":{"latitude":69.91,"longitude":27.03},"radius":{"unit":"m","value":5000}}}`, "", func(found points) bool { return len(found.PickupPoints) == 3 }},
		"kilometres, beside it":    {`{"location":{"coordinates":{"latitude":69.91,"longitude":27.03}},"radius":{"unit":"km","value":5}}`, "", func(found points) bool { return len(found.PickupPoints) == 3 }},
		"a radius without points":  {`{"location":{"coordinates":{"latitude":68.9,"longitude":29}},"radius":{"value":0}}`, "", none},
		"a rectangle":              {`{"rectangle":{"swLatitude":69.8,"swLongitude":26.9,"neLatitude":70,"neLongitude":27.2}}`, "", func(found points) bool { return len(found.PickupPoints) == 3 }},
		"a rectangle in the sea":   {`{"rectangle":{"swLatitude":0,"swLongitude":0,"neLatitude":1,"neLongitude":1}}`, "", none},
		"a city":                   {`{"location":{"city":"Maarianhamina","countryCode":"ax"}}`, "", postcode("22100")},
		"a city in Swedish":        {`{"location":{"city":"mariehamn"}}`, "", postcode("22100")},
		"a city that is none":      {`{"location":{"city":"Atlantis"}}`, "", none},
		"a postcode without any":   {`{"location":{"postcode":"99983","countryCode":"FIN"}}`, "", postcode("99980")},
		"a country without any":    {`{"location":{"postcode":"11359","countryCode":"SE"}}`, "", none},
		"coordinates in one":       {`{"location":{"countryCode":"SE","coordinates":{"latitude":59.33,"longitude":18.07}}}`, "", none},
		"lockers": {`{"location":{"postcode":"00100"},"parcelLocker":true}`, "", func(found points) bool {
			return found.PickupPoints[0].ParcelLocker && found.PickupPoints[14].ParcelLocker
		}},
		"no lockers": {`{"location":{"postcode":"00100"},"parcelLocker":false}`, "", func(found points) bool {
			return !found.PickupPoints[0].ParcelLocker && !found.PickupPoints[14].ParcelLocker
		}},
		"lockers alone": {`{"parcelLocker":true}`, `,"limit":1`, func(found points) bool {
			return found.codes()[0] == "001003230" && found.PickupPoints[0].DistanceInMeters == nil
		}},
		"a home parcel":        {`{"location":{"postcode":"00100"},"serviceFilters":{"product":{"code":"PO2104"}}}`, "", none},
		"a parcel to abroad":   {`{"location":{"postcode":"00100"},"serviceFilters":{"product":{"code":"2331"}}}`, "", none},
		"a return from abroad": {`{"location":{"postcode":"00100"},"serviceFilters":{"product":{"code":"2338"}}}`, "", none},
		"a return":             {`{"location":{"postcode":"00100"},"serviceFilters":{"product":{"code":"2108"}}}`, "", postcode("00100")},
		"food": {`{"location":{"postcode":"00100"},"serviceFilters":{"product":{"code":"2115"}}}`, "", func(found points) bool {
			return found.PickupPoints[0].ParcelLocker && found.PickupPoints[14].ParcelLocker
		}},
		"food at a counter": {`{"location":{"postcode":"00100"},"parcelLocker":false,"serviceFilters":{"product":{"code":"2115"}}}`, "", none},
		"not outdoors": {`{"location":{"postcode":"00100"},"serviceFilters":{"product":{"code":"2103","additionalServicesCodes":["NOBOX"]}}}`, `,"limit":250`, func(found points) bool {
			return len(found.PickupPoints) == 250 && !slices.ContainsFunc(found.codes(), func(code string) bool {
				point, _ := pickuppoint.ByCode(code)
				return point.Kind == pickuppoint.OutdoorLocker
			})
		}},
		"only outdoors, and not outdoors": {`{"serviceFilters":{"outdoorLocker":true,"product":{"code":"2103","additionalServicesCodes":["NOBOX"]}}}`, "", none},
		"limited quantities": {`{"location":{"postcode":"00100"},"serviceFilters":{"product":{"code":"2103","additionalServicesCodes":["FDNGPP"]}}}`, `,"limit":250`, func(found points) bool {
			return len(found.PickupPoints) == 250 && !slices.ContainsFunc(found.codes(), func(code string) bool {
				point, _ := pickuppoint.ByCode(code)
				return !point.Has(pickuppoint.LimitedQuantities)
			})
		}},
		"null is nothing": {`{"location":{"postcode":"00100","city":null},"parcelLocker":null,"serviceFilters":{"product":null}}`, `,"limit":null`, postcode("00100")},
		"with an estimate": {`{"location":{"postcode":"00100"}}`, `,"extensions":{"estimate":{"time":"2026-11-23T08:00:00Z","origin":{"countryCode":"FI","postcode":"01530"},"product":{"code":"2103"}},"averageLockerOccupancyRate":true}`, func(found points) bool {
			return found.PickupPoints[0].Extensions.Estimate.Time.Format(time.RFC3339) == "2026-11-25T12:00:00+02:00"
		}},
	} {
		if found := search(t, test.criteria, test.rest); !test.right(found) {
			t.Errorf("%s: %+v", name, found)
		}
	}
	// The street of a point, written in any way, is where the search begins.
	point, _ := pickuppoint.ByCode("331003230")
	found := search(t, fmt.Sprintf(`{"location":{"postcode":"33100","city":"Tampere","street":%q}}`, strings.ToUpper(point.Street.FI)), `,"limit":1`)
	if *found.PickupPoints[0].DistanceInMeters != 0 || !strings.HasPrefix(found.PickupPoints[0].Location.Street, strings.Fields(point.Street.FI)[0]) {
		t.Errorf("near %s: %+v", point.Street.FI, found)
	}
}

func TestRefusedSearches(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.system(t)
	for name, test := range map[string]struct {
		body string
		want []string
	}{
		"nothing":                {`{}`, []string{"REQUIRED searchCriteria"}},
		"null":                   {`{"searchCriteria":null}`, []string{"INVALID searchCriteria"}},
		"an array":               {`[]`, []string{"INVALID"}},
		"a field beside":         {`{"searchCriteria":{},"postcode":"00100"}`, []string{"EXTRA_FORBIDDEN postcode"}},
		"fields that are not":    {`{"searchCriteria":{"postcode":"00100","location":{"zip":"00100"},"serviceFilters":{"product":{"id":"2103"}}}}`, []string{"EXTRA_FORBIDDEN searchCriteria.postcode", "EXTRA_FORBIDDEN searchCriteria.location.zip", "EXTRA_FORBIDDEN searchCriteria.serviceFilters.product.id", "REQUIRED searchCriteria.serviceFilters.product.code"}},
		"types":                  {`{"searchCriteria":{"location":{"postcode":100,"coordinates":{"latitude":"x","longitude":true}},"parcelLocker":"maybe"},"limit":1.5}`, []string{"INVALID searchCriteria.location.postcode", "INVALID searchCriteria.location.coordinates.latitude", "INVALID searchCriteria.location.coordinates.longitude", "INVALID searchCriteria.parcelLocker", "INVALID limit"}},
		"off the earth":          {`{"searchCriteria":{"location":{"coordinates":{"latitude":91,"longitude":-181}}}}`, []string{"INVALID searchCriteria.location.coordinates.latitude", "INVALID searchCriteria.location.coordinates.longitude"}},
		"half a place":           {`{"searchCriteria":{"location":{"coordinates":{"latitude":60}}}}`, []string{"REQUIRED searchCriteria.location.coordinates.longitude"}},
		"a turned rectangle":     {`{"searchCriteria":{"rectangle":{"swLatitude":61,"swLongitude":25,"neLatitude":60,"neLongitude":26}}}`, []string{"INVALID searchCriteria.rectangle"}},
		"half a rectangle":       {`{"searchCriteria":{"rectangle":{"swLatitude":61}}}`, []string{"REQUIRED searchCriteria.rectangle.swLongitude", "REQUIRED searchCriteria.rectangle.neLatitude", "REQUIRED searchCriteria.rectangle.neLongitude"}},
		"miles":                  {`{"searchCriteria":{"radius":{"unit":"mi","value":3}}}`, []string{"INVALID searchCriteria.radius.unit"}},
		"too many":               {`{"searchCriteria":{},"limit":251}`, []string{"INVALID limit"}},
		"none":                   {`{"searchCriteria":{},"limit":0}`, []string{"INVALID limit"}},
		"a postcode of six":      {`{"searchCriteria":{"location":{"postcode":"001000"}}}`, []string{"POSTCODE_INVALID searchCriteria.location.postcode"}},
		"a country that is none": {`{"searchCriteria":{"location":{"countryCode":"XX"}}}`, []string{"INVALID searchCriteria.location.countryCode"}},
		"a service that is none": {`{"searchCriteria":{"serviceFilters":{"product":{"code":"9999"}}}}`, []string{"SERVICE_UNKNOWN searchCriteria.serviceFilters.product.code"}},
		"an endless text":        {`{"searchCriteria":{"location":{"city":"` + strings.Repeat("x", 100_000) + `"}}}`, []string{"TOO_LONG searchCriteria.location.city"}},
		"deep":                   {`{"searchCriteria":` + strings.Repeat(`{"location":`, 5000) + `1` + strings.Repeat("}", 5000) + `}`, []string{"EXTRA_FORBIDDEN searchCriteria.location.location"}},
	} {
		if got := lines(gatewayRefused(t, c.post("/2025-04/pickuppoints", test.body), http.StatusBadRequest, "VALIDATION_ERROR")); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	if got := gatewayRefused(t, c.post("/2025-04/pickuppoints", `{"searchCriteria":{"x":1}}`), http.StatusBadRequest, "VALIDATION_ERROR")[0].Message; got != "Extra inputs are not permitted" {
		t.Errorf("an unknown field: %s", got)
	}
	many := `{"searchCriteria":{` + strings.TrimSuffix(strings.Repeat(`"x":1,`, 10_000), ",") + `}}`
	if got := gatewayRefused(t, c.post("/2025-04/pickuppoints", many), http.StatusBadRequest, "VALIDATION_ERROR"); len(got) != 50 {
		t.Errorf("%d of ten thousand are told", len(got))
	}
	for _, body := range []string{"", "{", `{"searchCriteria":{}`, `{"a":NaN}`, "\xff", `{'searchCriteria':{}}`, strings.Repeat("[", 200_000)} {
		gatewayRefused(t, c.post("/2025-04/pickuppoints", body), http.StatusBadRequest, "JSON_DECODE_ERROR")
	}
	xml := http.Header{"Content-Type": {"text/xml"}}
	gatewayRefused(t, c.Send(http.MethodPost, "/2025-04/pickuppoints", xml, strings.NewReader("<x/>")), http.StatusUnsupportedMediaType, "CLIENT_ERROR")
	gatewayRefused(t, c.post("/2025-04/pickuppoints", `{"searchCriteria":"`+strings.Repeat("x", 1<<20)+`"}`), http.StatusRequestEntityTooLarge, "CLIENT_ERROR")
}

func TestPagesOfTheGateway(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.system(t)
	list := func(path, token string) points {
		t.Helper()
		if token != "" {
			path += "?pagingContinuationToken=" + url.QueryEscape(token)
		}
		return isPoints(t, c.Get("/2026-04/pickuppoints/"+path))
	}
	var codes []string
	token, pages := "", 0
	for more := true; more; more = token != "" {
		page := list("FI", token)
		if pages++; len(page.PickupPoints) != 250 && page.PagingContinuationToken != "" || pages > 100 {
			t.Fatalf("page %d has %d points", pages, len(page.PickupPoints))
		}
		codes, token = append(codes, page.codes()...), page.PagingContinuationToken
	}
	if len(codes) != pickuppoint.Count() || !slices.IsSorted(codes) || len(slices.Compact(codes)) != len(codes) {
		t.Errorf("%d points in %d pages, of %d", len(codes), pages, pickuppoint.Count())
	}
	for path, want := range map[string]bool{"fin": true, "FI00100": true, "AX": true, "ala": true, "AX22100": true, "SE": false, "EE10": false, "FI99999": false, "AX00": false} {
		if got := list(path, ""); len(got.PickupPoints) > 0 != want {
			t.Errorf("%s: %d points", path, len(got.PickupPoints))
		}
	}
	for _, code := range list("AX", "").codes() {
		if !strings.HasPrefix(code, "22") {
			t.Errorf("%s is on Åland", code)
		}
	}
	first := c.Get("/2025-04/pickuppoints/FI")
	all := isPoints(t, first).codes()
	digest := fmt.Sprintf("%d points from %s to %s\nSHA-256 %x\n", len(all), all[0], all[len(all)-1], sha256.Sum256([]byte(first.Body)))
	const golden = "testdata/points-fi.txt"
	if want, err := os.ReadFile(golden); *update {
		if err := os.WriteFile(golden, []byte(digest), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if err != nil || digest != string(want) {
		t.Errorf("the first page of Finland's is\n%s\nwant\n%s (%v)", digest, want, err)
	}
	good := list("FI", "").PagingContinuationToken
	for _, bad := range []string{"x", "MDAxMDAzMjAw", good + "A", strings.ToLower(good), " ", strings.Repeat("A", 5000)} {
		gatewayRefused(t, c.Get("/2026-04/pickuppoints/FI?pagingContinuationToken="+url.QueryEscape(bad)), http.StatusBadRequest, "VALIDATION_ERROR", "INVALID pagingContinuationToken")
	}
	gatewayRefused(t, c.Get("/2026-04/pickuppoints/AX?pagingContinuationToken="+good), http.StatusBadRequest, "VALIDATION_ERROR")
}

func TestEstimates(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.system(t)
	for name, test := range map[string]struct{ body, want string }{
		"as the carrier has it": {`"time":"2026-11-23T08:00:00Z","origin":{"countryCode":"FI","postcode":"00100"},"destination":{"countryCode":"FI","postcode":"20100"},"product":{"code":"2103","additionalServicesCodes":[]}`, `"2026-11-25T12:00:00+02:00"`},
		"to a pickup point":     {`"time":"2026-11-23T08:00:00.000Z","origin":{"countryCode":"FI","postcode":"01530"},"destination":{"countryCode":"FI","pupCode":"001003200"},"product":{"code":"PO2103"}`, `"2026-11-25T12:00:00+02:00"`},
		"by nine":               {`"time":"2026-11-23T10:00:00+0200","origin":{"countryCode":"FI"},"destination":{"countryCode":"FI"},"product":{"code":"2102","additionalServicesCodes":["DLV09"]}`, `"2026-11-24T09:00:00+02:00"`},
		"on a Saturday":         {`"time":"2026-11-27T10:00:00","origin":{"countryCode":"FI"},"destination":{"countryCode":"FI"},"product":{"code":"2102","additionalServicesCodes":["DLVSAT"]}`, `"2026-11-28T16:00:00+02:00"`},
		"where it does not go":  {`"time":"2026-11-23T08:00:00Z","origin":{"countryCode":"FI","postcode":"00100"},"destination":{"countryCode":"SE","postcode":"11359"},"product":{"code":"2103"}`, `null`},
		"with all the rest":     {`"time":"2026-11-23T08:00:00Z","origin":{"countryCode":"FI","gln":"6430000000000"},"destination":{"countryCode":"AX","postcode":"22100"},"product":{"code":"2103"},"logisticsPhase":{"event":"x","reason":"y"},"shipmentSeq":1,"senderAgreement":"654321","payerAgreement":"654321","shipmentType":"x","partyName":"y"`, `"2026-11-25T12:00:00+02:00"`},
	} {
		page := c.post("/2025-04/estimate", `{"estimate":{`+test.body+`}}`)
		page.Is(http.StatusOK)
		if want := `{"estimates":[{"time":` + test.want + `}]}`; page.Body != want {
			t.Errorf("%s: %s, want %s", name, page.Body, want)
		}
	}
	for name, test := range map[string]struct {
		body string
		want []string
	}{
		"nothing":    {`{}`, []string{"REQUIRED estimate"}},
		"empty":      {`{"estimate":{}}`, []string{"REQUIRED estimate.time", "REQUIRED estimate.origin", "REQUIRED estimate.destination", "REQUIRED estimate.product"}},
		"the year 0": {`{"estimate":{"time":"0000-01-01T00:00:00Z","origin":{"countryCode":"FI"},"destination":{"countryCode":"FI"},"product":{"code":"2103"}}}`, []string{"INVALID estimate.time"}},
		"all at once": {`{"estimate":{"time":"soon","origin":{"countryCode":"??","zip":"x"},"destination":{"countryCode":"FI","postcode":"1","pupCode":"001003258"},"product":{"code":"1","additionalServicesCodes":["NOSUCH"]},"x":1}}`,
			[]string{"INVALID estimate.time", "EXTRA_FORBIDDEN estimate.origin.zip", "INVALID estimate.origin.countryCode", "POSTCODE_INVALID estimate.destination.postcode", "PICKUP_POINT_UNKNOWN estimate.destination.pupCode", "SERVICE_UNKNOWN estimate.product.code", "ADDON_NOT_ALLOWED estimate.product.additionalServicesCodes[0]", "EXTRA_FORBIDDEN estimate.x"}},
		"an additional service of another": {`{"estimate":{"time":"2026-11-23T08:00:00Z","origin":{"countryCode":"FI"},"destination":{"countryCode":"FI"},"product":{"code":"2461","additionalServicesCodes":["COD"]}}}`, []string{"ADDON_NOT_ALLOWED estimate.product.additionalServicesCodes[0]"}},
	} {
		got := lines(gatewayRefused(t, c.post("/2025-04/estimate", test.body), http.StatusBadRequest, "VALIDATION_ERROR"))
		slices.Sort(got)
		slices.Sort(test.want)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestSendingCodesOfTheGateway(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c, shop := p.system(t), p.shop(t)
	withCode := accepted(t, shop.order(golden(t, `"addons":[`, `"addons":[{"id":"3196"},`))).ShipmentNo
	without := accepted(t, shop.order(golden(t))).ShipmentNo
	ask := func(number, validation string) *webtest.Page {
		t.Helper()
		return c.post("/2025-04/labelless", `{"searchCriteria":{"trackingNumber":"`+number+`"}`+validation+`}`)
	}
	code := func(page *webtest.Page, number string) string {
		t.Helper()
		var answer struct {
			Shipments []struct{ TrackingNumber, SendingCode string }
		}
		isJSON(t, page, http.StatusOK, "application/json", &answer)
		if len(answer.Shipments) != 1 || page.Body != `{"shipments":[{"trackingNumber":"`+number+`","sendingCode":"`+answer.Shipments[0].SendingCode+`"}]}` {
			t.Fatalf("%s: %s", page.Request, page.Body)
		}
		return answer.Shipments[0].SendingCode
	}
	refused := func(page *webtest.Page, text string) {
		t.Helper()
		if page.Status != http.StatusNotFound || page.Body != `{"error":"`+text+`"}` {
			t.Errorf("%s: %d %s", page.Request, page.Status, page.Body)
		}
	}
	const notFound, noService = "Shipment not found", "Shipment not allowed for helposti code generation, Additional service 3196 is missing"

	first := code(ask(withCode, ""), withCode)
	if code(ask(" "+withCode+" ", `,"validation":{"noEdiCheck":false}`), withCode) != first || code(c.Get("/2026-04/labelless/"+withCode), withCode) != first ||
		code(c.Get("/2026-04/labelless/shipment/"+first), withCode) != first {
		t.Error("it has several codes")
	}
	refused(ask(without, ""), noService)
	refused(c.Get("/2025-04/labelless/"+without), noService)
	refused(ask("JJFI65432198999999999", ""), notFound)
	refused(c.Get("/2025-04/labelless/shipment/FFFFFF"), notFound)
	other := code(ask(without, `,"validation":{"noEdiCheck":true}`), without)
	if other == first || code(c.Get("/2025-04/labelless/"+without), without) != other {
		t.Errorf("unchecked it has %s", other)
	}
	// Of another organisation nothing is known.
	theirs := p.with("Bearer " + p.token(t, p.newApplication(t, demotest.OtherMain, demotest.Testbolaget, caller.Gateway2025)))
	refused(theirs.Get("/2025-04/labelless/"+withCode), notFound)
	refused(theirs.Get("/2025-04/labelless/shipment/"+first), notFound)
	gatewayRefused(t, ask("", ""), http.StatusBadRequest, "VALIDATION_ERROR", "INVALID searchCriteria.trackingNumber")
	gatewayRefused(t, c.post("/2025-04/labelless", `{"trackingNumber":"`+withCode+`"}`), http.StatusBadRequest, "VALIDATION_ERROR", "EXTRA_FORBIDDEN trackingNumber", "REQUIRED searchCriteria")

	// The carrier's test environment: nothing is asked of the database but who calls.
	c.Header.Set("X-Test-Environment", "true")
	p.storesNothing(t, func() {
		for digit, text := range []string{notFound, notFound, noService, noService, "", "", "", "", "", ""} {
			number := fmt.Sprintf("JJFI6543210000000022%d", digit)
			var page *webtest.Page
			if asked := p.Asked.During(func() { page = ask(number, "") }); len(asked.SQL) != 1 {
				t.Errorf("%s asks %q", page.Request, asked.SQL)
			}
			if text != "" {
				refused(page, text)
				refused(c.Get("/2025-04/labelless/"+number), text)
			} else if first := code(page, number); code(c.Get("/2025-04/labelless/"+number), number) != first {
				t.Errorf("%s has several codes", number)
			}
			if unchecked := ask(number, `,"validation":{"noEdiCheck":true}`); digit > 1 {
				code(unchecked, number)
			} else {
				refused(unchecked, notFound)
			}
		}
		// There and back, for a number as orders have it: its check digit is right.
		for serial := range int64(40) {
			number := shipment.TrackingNumber("654321", 1_197_395+serial*7919)
			if strings.ContainsAny(number[len(number)-1:], "0123") {
				continue
			}
			there := code(ask(number, ""), number)
			if back := c.Get("/2025-04/labelless/shipment/" + there).Is(http.StatusOK); !strings.Contains(back.Body, `"trackingNumber":"`+number+`"`) {
				t.Errorf("%s is given %s, which is of %s", number, there, back.Body)
			}
		}
		refused(c.Get("/2025-04/labelless/shipment/B"), notFound)
	})
}

func TestWhoMayCallTheGateway(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	only := p.with("Bearer " + p.token(t, p.newApplication(t, demotest.MainUser, demotest.ExampleOy, caller.Gateway2025)))
	only.Get("/2025-04/pickuppoints/FI/001003200").Is(http.StatusOK)
	gatewayRefused(t, only.Get("/2026-04/pickuppoints/FI/001003200"), http.StatusForbidden, "FORBIDDEN", "ROLE_MISSING")
	gatewayRefused(t, p.shop(t).Get("/2025-04/pickuppoints/FI/001003200"), http.StatusUnauthorized, "INVALID_TOKEN")
	gatewayRefused(t, p.with("Bearer opt_x").Get("/2025-04/pickuppoints/FI/001003200"), http.StatusUnauthorized, "INVALID_TOKEN")
	p.with("").Get("/2025-04/pickuppoints/FI/001003200").Is(http.StatusUnauthorized)
}
