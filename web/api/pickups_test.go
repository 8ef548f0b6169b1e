package api_test

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"omapostipro/internal/account"
	"omapostipro/internal/apidoc"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/workday"
	"omapostipro/web/api"
	"omapostipro/web/webtest"
)

const (
	postraPath  = "/transportation/v1/orders"
	pickupsPath = "/api/v1/pickups"
)

// postra is the message of testdata for the week after the clock's day, with pieces of it written otherwise.
func (p portal) postra(t *testing.T, pieces ...string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/postra.xml")
	if err != nil {
		t.Fatal(err)
	}
	message := strings.ReplaceAll(string(data), "2026-11-30", p.day(7))
	for i := 0; i < len(pieces); i += 2 {
		if !strings.Contains(message, pieces[i]) {
			t.Fatalf("%q does not stand in the message", pieces[i])
		}
		message = strings.ReplaceAll(message, pieces[i], pieces[i+1])
	}
	return message
}

// day gives the day so many after the clock's, or of those to come the next on which the carrier works.
func (p portal) day(ahead int) string {
	day := workday.Day(p.Clock.Now()).AddDate(0, 0, ahead)
	if ahead > 0 {
		day = workday.NextWorking(day.AddDate(0, 0, -1))
	}
	return day.Format(time.DateOnly)
}

// hour gives a moment of a day, as POSTRA writes it, as the hour that it is in Finland: another in summer.
func hour(t *testing.T, day, moment string) string {
	t.Helper()
	at, err := time.Parse(time.RFC3339, day+"T"+moment)
	if err != nil {
		t.Fatal(err)
	}
	return at.In(account.Zone()).Format("15:04")
}

// dayOff gives the next day of a kind on which the carrier does not work.
func (p portal) dayOff(is func(time.Time) bool) string {
	day := workday.Next(workday.Day(p.Clock.Now()))
	for workday.Working(day) || !is(day) {
		day = workday.Next(day)
	}
	return day.Format(time.DateOnly)
}

func (c client) xml(message string) *webtest.Page {
	return c.Send(http.MethodPost, postraPath, http.Header{"Content-Type": {"text/xml; charset=utf-8"}}, strings.NewReader(message))
}

// isResult checks an answer to a message: text is what its message has in it.
func isResult(t *testing.T, page *webtest.Page, status int, result string, texts ...string) {
	t.Helper()
	begin := `<?xml version="1.0" encoding="UTF-8"?>` + "\n<response><result>" + result + "</result><resultMessage>"
	if page.Status != status || !strings.HasPrefix(page.Body, begin) || !strings.HasSuffix(page.Body, "</resultMessage></response>") || page.Header.Get("Content-Type") != "text/xml; charset=utf-8" {
		t.Errorf("%s: %d %s, want %d %s", page.Request, page.Status, page.Body, status, result)
	}
	for _, text := range texts {
		if !strings.Contains(page.Body, text) {
			t.Errorf("%s: %q is not in %s", page.Request, text, page.Body)
		}
	}
}

// fetched is what a message told of a shipment.
type fetched struct {
	Number, PickupOrderType, Earliest, Latest string
	Packages                                  int
	PackageType                               string
}

type pickups struct {
	Pickups []struct {
		ID, Status, Contract, Date, Earliest, Latest, Instructions string
		TrackingNumbers                                            []string
		Packages                                                   int
		Shipments                                                  []fetched
		Address                                                    struct{ Name, Street, City string }
	}
	NextCursor *string
}

func (c client) pickups(t *testing.T, query string) pickups {
	t.Helper()
	var answer pickups
	isJSON(t, c.Get(pickupsPath+query), http.StatusOK, "application/json", &answer)
	return answer
}

func TestAMessageOrdersPickups(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	from, to := hour(t, p.day(7), "08:00:00+00:00"), hour(t, p.day(7), "14:00:00+00:00")
	for name, c := range map[string]client{"a key": p.shop(t), "a token": p.system(t)} {
		message := p.postra(t, "1763899200000", name)
		page := c.xml(message)
		isResult(t, page, http.StatusOK, "SUCCESS", "Pickups ordered: 1")
		if !strings.Contains(page.Body, "<resultMessage>Pickups ordered: 1</resultMessage>") {
			t.Errorf("%s: %s", name, page.Body)
		}
		isResult(t, c.xml(message), http.StatusOK, "SUCCESS") // sent again it orders nothing
		found := c.pickups(t, "").Pickups
		if len(found) == 0 {
			t.Fatalf("%s: nothing is listed", name)
		}
		got := found[0]
		if got.Status != "ORDERED" || got.Contract != "654321" || got.Date != p.day(7) || got.Earliest != from || got.Latest != to || got.Instructions != "Ring på & vänta" ||
			got.Packages != 3 || !slices.Equal(got.TrackingNumbers, []string{"JJFI65432198911973958", "JJFI65432198911973965"}) || got.Address.Street != "Postintaival 7" {
			t.Errorf("%s: %+v", name, got)
		}
		if want := []fetched{{"JJFI65432198911973958", "PICKUP", from, to, 2, "CW"}, {"JJFI65432198911973965", "PICKUP", from, to, 1, "CW"}}; !slices.Equal(got.Shipments, want) {
			t.Errorf("%s: of the shipments it tells %+v", name, got.Shipments)
		}
	}
	if all := p.shop(t).pickups(t, "").Pickups; len(all) != 2 {
		t.Errorf("%d pickups", len(all))
	}
	if events := demotest.Value[int](t, p.System, "select count(*) from audit_events where action = 'pickup.ordered'"); events != 2 {
		t.Errorf("%d events", events)
	}
	// Of each shipment its own type of order and of packages is kept.
	isResult(t, p.shop(t).xml(strings.Replace(p.postra(t, "1763899200000", "types", `type="CW">1<`, `type="PKT">1<`), ">PICKUP<", ">EXPRESS<", 1)), http.StatusOK, "SUCCESS", "ordered: 1")
	latest := p.shop(t).pickups(t, "?limit=1").Pickups[0]
	if got := latest.Shipments; len(got) != 2 || got[0].PickupOrderType != "EXPRESS" || got[1].PickupOrderType != "PICKUP" || got[1].PackageType != "PKT" || latest.Packages != 3 {
		t.Errorf("of two types it tells %+v", latest)
	}
	// A customer's number is nobody's contract: the parcels' own pays. A letter may follow their numbers.
	customer := func(pieces ...string) string {
		return p.postra(t, append(pieces, `<Account type="SAP_CUSTOMER">123456</Account><Account type="SAP_INVOICE">654321</Account>`, `<Account type="SAP_CUSTOMER">919643</Account>`,
			`<Account type="SAP_INVOICE">654321</Account></Party>`, `<Account type="SAP_CUSTOMER">919643</Account></Party>`)...)
	}
	isResult(t, p.shop(t).xml(customer("JJFI65432198911973958<", "JJFI65432198911973958X<")), http.StatusOK, "SUCCESS", "ordered: 1")
	if got := p.shop(t).pickups(t, "?limit=1").Pickups[0]; got.Contract != "654321" || !slices.Equal(got.TrackingNumbers, []string{"JJFI65432198911973958", "JJFI65432198911973965"}) {
		t.Errorf("it pays and fetches %+v", got)
	}
	isResult(t, p.shop(t).xml(customer("JJFI65432198911973958", "JJFI60012398911973958")), http.StatusForbidden, "FAILURE", "CONTRACT_NOT_ALLOWED")
	isResult(t, p.shop(t).xml(customer("JJFI65432198911973958", "another")), http.StatusForbidden, "FAILURE", "CONTRACT_NOT_ALLOWED")
	// Two places are two pickups; a message in another charset; the root's name space does not matter.
	isResult(t, p.shop(t).xml(p.postra(t, "JJFI65432198911973965</ShipmentNumber>", "X</ShipmentNumber>", `timeLatest="14:00:00+00:00"`, `timeLatest="15:00"`)), http.StatusOK, "SUCCESS", "ordered: 2")
	latin := strings.ReplaceAll(p.postra(t, `encoding="UTF-8"`, `encoding="ISO-8859-1"`), "å", "\xe5")
	isResult(t, p.shop(t).xml(strings.ReplaceAll(latin, "ä", "\xe4")), http.StatusOK, "SUCCESS")
	if got := p.shop(t).pickups(t, "?limit=1").Pickups[0].Instructions; got != "Ring på & vänta" {
		t.Errorf("in ISO-8859-1 it says %q", got)
	}
}

func TestRefusedMessages(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	none := func() int { return demotest.Value[int](t, p.System, "select count(*) from pickups") }
	for name, test := range map[string]struct {
		message string
		status  int
		texts   []string
	}{
		"another action":       {p.postra(t, "PICKUP_ORDER", "PARCEL_ORDER"), 422, []string{"MessageAction"}},
		"another root":         {"<Order/>", 422, []string{"Postra"}},
		"another's contract":   {p.postra(t, "654321<", "600123<"), 403, []string{"CONTRACT_NOT_ALLOWED"}},
		"no payer":             {p.postra(t, `role="PAYER"`, `role="CARRIER"`), 422, []string{"REQUIRED: Shipment[0].Parties.Party[PAYER] is"}},
		"a payer of nothing":   {p.postra(t, ">654321<", "><", ">123456<", "><"), 422, []string{"REQUIRED: Shipment[0].Parties.Party[PAYER].Account is"}},
		"yesterday":            {p.postra(t, p.day(7), p.day(-1)), 422, []string{"Shipment[0].PickupDate has passed"}},
		"the year 0":           {p.postra(t, p.day(7), "0000-01-01"), 422, []string{"PickupDate has passed"}},
		"far ahead":            {p.postra(t, p.day(7), p.day(61)), 422, []string{"60 days"}},
		"a Sunday":             {p.postra(t, p.day(7), p.dayOff(func(day time.Time) bool { return day.Weekday() == time.Sunday })), 422, []string{"Shipment[1].PickupDate is not a working day"}},
		"no date":              {p.postra(t, p.day(7), ""), 422, []string{"<resultMessage>REQUIRED: Shipment[0].PickupDate is required; REQUIRED: Shipment[1].PickupDate is required</resultMessage>"}},
		"no day":               {p.postra(t, p.day(7), "tomorrow"), 422, []string{"<resultMessage>INVALID: Shipment[0].PickupDate must be a day, as 2026-11-30; INVALID: Shipment[1].PickupDate must be a day, as 2026-11-30</resultMessage>"}},
		"no hour":              {p.postra(t, "08:00:00+00:00", "early"), 422, []string{"<resultMessage>INVALID: Shipment[0].PickupDate@timeEarliest must be a time, as 08:00:00+02:00</resultMessage>"}},
		"an hour is missing":   {p.postra(t, ` timeLatest="14:00:00+00:00"`, ""), 422, []string{"<resultMessage>REQUIRED: Shipment[0].PickupDate@timeLatest is required</resultMessage>"}},
		"no hours":             {p.postra(t, "08:00:00+00:00", "early", "14:00:00+00:00", "late"), 422, []string{"Shipment[0].PickupDate@timeEarliest must be a time, as 08:00:00+02:00; INVALID: Shipment[0].PickupDate@timeLatest must"}},
		"turned round":         {p.postra(t, `timeLatest="14:00:00+00:00"`, `timeLatest="07:00:00+00:00"`), 422, []string{"<resultMessage>INVALID: Shipment[0].PickupDate@timeLatest must be after Shipment[0].PickupDate@timeEarliest</resultMessage>"}},
		"no consignor":         {p.postra(t, `role="CONSIGNOR"`, `role="CONSIGNEE"`), 422, []string{"<resultMessage>REQUIRED: Shipment[0].Parties.Party[CONSIGNOR] is required: where it is fetched; REQUIRED: Shipment[1].Parties"}},
		"no name":              {p.postra(t, "<Name1>Example Oy</Name1>", ""), 422, []string{"<resultMessage>REQUIRED: Shipment[0].Parties.Party[CONSIGNOR].Name1 is required; REQUIRED: Shipment[1]"}},
		"no number":            {p.postra(t, "<ShipmentNumber>JJFI65432198911973958</ShipmentNumber>", ""), 422, []string{"<resultMessage>REQUIRED: Shipment[0].ShipmentNumber is required</resultMessage>"}},
		"a number twice":       {p.postra(t, "JJFI65432198911973965", "jjfi 65432198911973958A"), 422, []string{"<resultMessage>INVALID: Shipment[1].ShipmentNumber is given twice</resultMessage>"}},
		"packages of nothing":  {p.postra(t, ">2<", ">0<"), 422, []string{"<resultMessage>INVALID: Shipment[0].GoodsItems.GoodsItem.PackageQuantity must be 1 to 9999</resultMessage>"}},
		"no packages":          {p.postra(t, `<PackageQuantity type="CW">2</PackageQuantity>`, ""), 422, []string{"<resultMessage>INVALID: Shipment[0].GoodsItems.GoodsItem.PackageQuantity must be 1 to 9999</resultMessage>"}},
		"all at once":          {p.postra(t, "<Name1>Example Oy</Name1>", "", "PICKUP</", "</", ">2<", ">x<", "FI</Country>", "XX</Country>"), 422, []string{"Name1 is required", "PickupOrderType", "PackageQuantity", "Location.Country"}},
		"no shipments":         {`<Postra><Header><MessageAction>PICKUP_ORDER</MessageAction></Header></Postra>`, 422, []string{"1 to 100"}},
		"too many shipments":   {`<Postra><Header><MessageAction>PICKUP_ORDER</MessageAction></Header><Shipments>` + strings.Repeat("<Shipment/>", 101) + `</Shipments></Postra>`, 422, []string{"1 to 100", "and "}},
		"nothing":              {"", 400, []string{"empty"}},
		"not closed":           {"<Postra>", 400, []string{"line 1"}},
		"not XML":              {`{"shipment":{}}`, 400, []string{"XML_DECODE_ERROR"}},
		"two roots":            {"<Postra/><Postra/>", 400, []string{"one root"}},
		"entities":             {`<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]><Postra>&b;</Postra>`, 400, []string{"DOCTYPE"}},
		"a file":               {`<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]><Postra>&x;</Postra>`, 400, []string{"DOCTYPE"}},
		"an entity undeclared": {`<Postra>&lol;</Postra>`, 400, []string{"line 1"}},
		"deep":                 {strings.Repeat("<Postra>", 10_000) + strings.Repeat("</Postra>", 10_000), 400, []string{"deep"}},
		"wide":                 {"<Postra>" + strings.Repeat("<a/>", 100_000) + "</Postra>", 400, []string{"elements"}},
		"many attributes":      {"<Postra " + attributes(5000) + "/>", 400, []string{"attributes"}},
		"another charset":      {`<?xml version="1.0" encoding="UTF-16"?><Postra/>`, 400, []string{"charset"}},
		"not UTF-8":            {"<Postra>\xff</Postra>", 400, []string{"UTF-8"}},
		"too large":            {"<Postra>" + strings.Repeat("x", 1<<20) + "</Postra>", 413, []string{"BODY_TOO_LARGE"}},
	} {
		page := c.xml(test.message)
		isResult(t, page, test.status, "FAILURE", test.texts...)
		if t.Failed() {
			t.Fatal(name)
		}
	}
	for _, header := range []http.Header{{"Content-Type": {"application/json"}}, {"Content-Type": {"text/xml; charset=utf-16"}}, {"Content-Type": {"text/xml"}, "Content-Encoding": {"gzip"}}} {
		isResult(t, c.Send(http.MethodPost, postraPath, header, strings.NewReader(p.postra(t))), http.StatusUnsupportedMediaType, "FAILURE", "UNSUPPORTED_MEDIA_TYPE")
	}
	isResult(t, p.with("").xml(p.postra(t)), http.StatusUnauthorized, "FAILURE", "KEY_MISSING")
	isResult(t, c.Get(postraPath), http.StatusMethodNotAllowed, "FAILURE")
	if n := none(); n != 0 {
		t.Errorf("%d pickups are stored", n)
	}
}

// The documentation shows what is answered.
func TestTheDocumentedRefusalOfAPickup(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	told := regexp.MustCompile("<resultMessage>.*</resultMessage>")
	request, _ := apidoc.Pickups()[0].Exchange(p.URL)
	_, message, _ := strings.Cut(request, "\n\n")
	message = regexp.MustCompile("<PickupDate.*</PickupDate>").ReplaceAllString(message, "")
	answer, shown := told.FindString(c.xml(message).Is(http.StatusUnprocessableEntity).Body), told.FindString((*api.API)(nil).Refusals().Pickups)
	if answer == "" || answer != shown {
		t.Errorf("answered is %q, and shown %q", answer, shown)
	}
}

func attributes(count int) string {
	var b strings.Builder
	for i := range count {
		fmt.Fprintf(&b, `a%d="x" `, i)
	}
	return b.String()
}

func TestPickupsOfShipments(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c, theirs := p.shop(t), p.system(t)
	number := accepted(t, c.order(golden(t))).ShipmentNo
	body := fmt.Sprintf(`{"date":%q,"earliest":"08:00","latest":"16:00","instructions":"Ring","trackingNumbers":[%q]}`, p.day(1), number)
	page := c.Send(http.MethodPost, pickupsPath, http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {"one"}}, strings.NewReader(body))
	var made struct {
		ID, Status, Contract, Date, Earliest, Latest string
		Packages                                     int
		Address                                      struct{ Name, Street, Postcode string }
	}
	isJSON(t, page, http.StatusCreated, "application/json", &made)
	if made.Status != "ORDERED" || made.Contract != "654321" || made.Date != p.day(1) || made.Earliest != "08:00" || made.Latest != "16:00" || made.Packages != 1 ||
		made.Address.Name != "Example Oy" || made.Address.Street != "Postintaival 7" || !strings.HasSuffix(page.Header.Get("Location"), pickupsPath+"/"+made.ID) {
		t.Errorf("%+v at %q", made, page.Header.Get("Location"))
	}
	again := c.Send(http.MethodPost, pickupsPath, http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {"one"}}, strings.NewReader(body))
	if again.Status != http.StatusCreated || again.Body != page.Body || again.Header.Get("Idempotent-Replay") != "true" {
		t.Errorf("repeated: %d %s", again.Status, again.Body)
	}
	if got := theirs.Get(pickupsPath + "/" + made.ID); got.Status != http.StatusOK || got.Body != page.Body { // of the same organisation and number
		t.Errorf("read: %d %s", got.Status, got.Body)
	}
	for range 2 {
		c.post(pickupsPath, strings.Replace(body, number, accepted(t, c.order(golden(t))).ShipmentNo, 1)).Is(http.StatusCreated)
	}
	first := c.pickups(t, "?limit=2")
	rest := c.pickups(t, "?limit=2&cursor="+*first.NextCursor)
	if len(first.Pickups) != 2 || len(rest.Pickups) != 1 || rest.NextCursor != nil || rest.Pickups[0].ID != made.ID {
		t.Errorf("pages %+v and %+v", first, rest)
	}
	refused(t, c.Get(pickupsPath+"?cursor=x"), http.StatusUnprocessableEntity, "INVALID cursor")

	_, key := p.newKey(t, demotest.OtherMain, demotest.Testbolaget)
	other := p.with(key)
	refused(t, other.Get(pickupsPath+"/"+made.ID), http.StatusNotFound)
	refused(t, other.delete(pickupsPath+"/"+made.ID), http.StatusNotFound)
	refused(t, other.post(pickupsPath, body), http.StatusUnprocessableEntity, "INVALID trackingNumbers[0]")
	if got := other.pickups(t, ""); len(got.Pickups) != 0 {
		t.Errorf("another organisation sees %+v", got)
	}
	free := accepted(t, c.order(golden(t))).ShipmentNo
	refused(t, c.post(pickupsPath, fmt.Sprintf(`{"date":%q,"earliest":"16:00","latest":"08:00","trackingNumbers":["JJFI65432198900000000",%q]}`, p.day(1), free)),
		http.StatusUnprocessableEntity, "INVALID latest", "INVALID trackingNumbers[0]")
	refused(t, c.post(pickupsPath, fmt.Sprintf(`{"date":"2026-02-30","earliest":"08:00","latest":"16:00","trackingNumbers":[%q]}`, free)), http.StatusUnprocessableEntity, "INVALID date")
	refused(t, c.post(pickupsPath, strings.NewReplacer(p.day(1), p.day(-1), number, free).Replace(body)), http.StatusUnprocessableEntity, "INVALID date")

	for range 2 {
		c.delete(pickupsPath + "/" + made.ID).Is(http.StatusNoContent)
	}
	isJSON(t, c.Get(pickupsPath+"/"+made.ID), http.StatusOK, "application/json", &made)
	if events := demotest.Value[int](t, p.System, "select count(*) from audit_events where action = 'pickup.cancelled'"); events != 1 || made.Status != "CANCELLED" {
		t.Errorf("%d events, %+v", events, made)
	}
	p.Clock.Advance(7 * 24 * time.Hour)
	refused(t, c.delete(pickupsPath+"/"+first.Pickups[0].ID), http.StatusConflict, "PICKUP_TOO_LATE")
}

// Only what the carrier does not have yet is fetched, once, and on a day on which it works: by both ways to order a pickup.
func TestWhatCannotBeFetched(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	shipments := map[string]sent{}
	for _, status := range []string{"WAITING", "RECEIVED", "DELIVERED", "RETURNED_TO_SENDER", "CANCELLED"} {
		shipments[status] = made(t, c.post(shipmentsPath, goldenV2(t)))
		p.Exec(t, "update delivery_orders set status = $1, cancelled_at = case when $1 = 'CANCELLED' then created_at end where id = $2", status, shipments[status].ID)
	}
	order := func(day string, numbers ...string) *webtest.Page {
		return c.post(pickupsPath, fmt.Sprintf(`{"date":%q,"earliest":"08:00","latest":"16:00","trackingNumbers":["%s"]}`, day, strings.Join(numbers, `","`)))
	}
	waiting := shipments["WAITING"].ShipmentNumber
	p.storesNothing(t, func() {
		var all, want []string
		for status, sent := range shipments {
			all = append(all, sent.ShipmentNumber)
			if status == "WAITING" {
				continue
			}
			want = append(want, fmt.Sprintf("INVALID trackingNumbers[%d]", len(all)-1))
			isResult(t, c.xml(p.postra(t, "JJFI65432198911973965", strings.ToLower(sent.ShipmentNumber)+"A")), http.StatusUnprocessableEntity, "FAILURE",
				"Shipment[1].ShipmentNumber: the parcel", sent.ShipmentNumber, "is "+status)
		}
		refused(t, order(p.day(1), all...), http.StatusUnprocessableEntity, want...)
		refused(t, order(p.day(1), waiting, " "+strings.ToLower(waiting)), http.StatusUnprocessableEntity, "INVALID trackingNumbers[1]")
		for name, is := range map[string]func(time.Time) bool{
			"a Saturday": func(day time.Time) bool { return day.Weekday() == time.Saturday },
			"a Sunday":   func(day time.Time) bool { return day.Weekday() == time.Sunday },
		} {
			if errors := refused(t, order(p.dayOff(is), waiting), http.StatusUnprocessableEntity, "INVALID date"); !strings.Contains(errors[0].Message, "working day") {
				t.Errorf("%s: %s", name, errors[0].Message)
			}
		}
	})
	// A message that comes again orders nothing, and says so, even when what it ordered has been fetched.
	message := p.postra(t, "JJFI65432198911973965", waiting)
	isResult(t, c.xml(message), http.StatusOK, "SUCCESS")
	p.Exec(t, "update delivery_orders set status = 'RECEIVED' where id = $1", shipments["WAITING"].ID)
	p.storesNothing(t, func() { isResult(t, c.xml(message), http.StatusOK, "SUCCESS") })
}

// Independence Day and the like are no days to fetch on.
func TestPickupsKeepHolidays(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	number := made(t, c.post(shipmentsPath, goldenV2(t))).ShipmentNumber
	next := workday.Day(p.Clock.Now())
	for !workday.Holiday(next) || next.Weekday() == time.Saturday || next.Weekday() == time.Sunday {
		next = workday.Next(next)
	}
	p.Clock.Advance(next.Add(-24 * time.Hour).Sub(p.Clock.Now()))
	refused(t, c.post(pickupsPath, fmt.Sprintf(`{"date":%q,"earliest":"08:00","latest":"16:00","trackingNumbers":[%q]}`, next.Format(time.DateOnly), number)),
		http.StatusUnprocessableEntity, "INVALID date")
}

// A parcel is in one pickup that waits, however it was ordered, and by whoever at the same moment.
func TestAParcelIsFetchedOnce(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	number := accepted(t, c.order(golden(t))).ShipmentNo
	byJSON := func(day int) *webtest.Page {
		return c.post(pickupsPath, fmt.Sprintf(`{"date":%q,"earliest":"08:00","latest":"16:00","trackingNumbers":[%q]}`, p.day(day), number))
	}
	message := p.postra(t, "JJFI65432198911973965", number+"A")
	waiting := func() int {
		return demotest.Value[int](t, p.System, "select count(*) from pickups where cancelled_at is null")
	}
	if !waits(t, waiting, func() *webtest.Page { return byJSON(1) }, func() *webtest.Page { return c.xml(message) }, func() *webtest.Page { return byJSON(2) }) {
		t.Errorf("%d pickups of one parcel", waiting())
	}
	id := c.pickups(t, "").Pickups[0].ID
	p.storesNothing(t, func() {
		if errors := refused(t, byJSON(3), http.StatusUnprocessableEntity, "INVALID trackingNumbers[0]"); !strings.Contains(errors[0].Message, id) {
			t.Errorf("it does not name the other pickup: %s", errors[0].Message)
		}
		isResult(t, c.xml(p.postra(t, "JJFI65432198911973965", strings.ToLower(number)+"A", "1763899200000", "2")), http.StatusUnprocessableEntity, "FAILURE",
			"<resultMessage>INVALID: Shipment[1].ShipmentNumber: the parcel", id)
	})
	// When that is cancelled, or over, the parcel can be fetched by another.
	c.delete(pickupsPath + "/" + id).Is(http.StatusNoContent)
	byJSON(1).Is(http.StatusCreated)
	byJSON(2).Is(http.StatusUnprocessableEntity)
	p.Clock.Advance(7 * 24 * time.Hour)
	p.Exec(t, "update delivery_orders set status = 'WAITING'")
	byJSON(2).Is(http.StatusCreated)
}

// waits sends calls at once, and says whether one pickup waits then.
func waits(t *testing.T, waiting func() int, calls ...func() *webtest.Page) bool {
	t.Helper()
	var parallel sync.WaitGroup
	for _, call := range slices.Repeat(calls, 3) {
		parallel.Go(func() {
			if page := call(); page.Status >= http.StatusInternalServerError {
				t.Errorf("%s: %d %s", page.Request, page.Status, page.Body)
			}
		})
	}
	parallel.Wait()
	return waiting() == 1
}
