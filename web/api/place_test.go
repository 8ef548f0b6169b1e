package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/demo/demotest"
	"omapostipro/web/webtest"
)

func TestAnOrderIsPlacedAsTheCarrierHasIt(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	id, key := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
	c := p.with(key)
	before := p.rows(t)
	page := c.order(golden(t))
	answer := accepted(t, page)
	if after, want := p.rows(t), (rows{before.Orders + 1, before.Parcels + 1, before.Labels + 1, before.Events + 1}); after != want {
		t.Errorf("stored %+v, want %+v", after, want)
	}
	withFile := c.Send(http.MethodPost, orderPath+"?returnFile=true", jsonBody, strings.NewReader(golden(t)))
	if file := accepted(t, withFile).PDFs[0].PDF; !bytes.HasPrefix(file, []byte("%PDF-")) {
		t.Errorf("the file is %.20q", file)
	}
	if without := c.Send(http.MethodPost, orderPath+"?returnFile=false", jsonBody, strings.NewReader(golden(t))); accepted(t, without).PDFs[0].PDF != nil {
		t.Error("there is a file that was not asked for")
	}

	type stored struct {
		BusinessID, Contract, Kind, ShipmentNumber, TrackingNumber string
		APIKeyID                                                   uuid.UUID
		CreatedAt                                                  time.Time
		ReceiverName, OrderNumber, SenderReference                 string
		Weight                                                     int
		EventKey                                                   uuid.UUID
		RequestID                                                  string
	}
	got := demotest.One[stored](t, p.System, `
		select g.business_id, c.number as contract, o.contract_kind as kind, o.shipment_number, p.tracking_number, o.api_key_id, o.created_at,
			o.document->'Receiver'->>'Name' as receiver_name, o.order_number::text, o.sender_reference::text, p.weight_grams as weight,
			e.actor_id as event_key, e.request_id
		from delivery_orders o
		join organizations g on g.id = o.organization_id
		join contract_numbers c on c.id = o.contract_number_id
		join parcels p on p.delivery_order_id = o.id
		join audit_events e on e.object_id = o.id and e.action = 'delivery_order.created'
		where o.id = $1`, answer.ID)
	want := stored{demotest.ExampleOy, "654321", "logistics_contract", answer.ShipmentNo, answer.ShipmentNo, id, got.CreatedAt, "Åsa Öberg", "10001", "REF-1", 2500,
		id, page.Header.Get("X-Request-Id")}
	if got != want || !got.CreatedAt.Equal(p.Clock.Now()) {
		t.Errorf("stored\n%+v, want\n%+v", got, want)
	}
}

// checkDigit is GS1's, reckoned apart from the code that makes numbers.
func checkDigit(digits string) int {
	sum := 0
	for i, weight := len(digits)-1, 3; i >= 0; i, weight = i-1, 4-weight {
		sum += weight * int(digits[i]-'0')
	}
	return (10 - sum%10) % 10
}

func TestNumbersAreUniqueWhoeverElseOrders(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	const orders = 50
	answers := make([]placed, orders)
	var all sync.WaitGroup
	for i := range orders {
		all.Go(func() {
			page := p.with(c.Header.Get("Authorization")).order(golden(t, `"copies":1`, `"copies":2`))
			if page.Status == http.StatusOK {
				answers[i] = accepted(t, page)
			}
		})
	}
	all.Wait()
	seen := map[string]bool{}
	for _, answer := range answers {
		if answer.ParcelCount != 2 || len(answer.Parcels) != 2 || answer.ShipmentNo != answer.Parcels[0].ParcelNo {
			t.Fatalf("an order of two parcels is answered by %+v", answer)
		}
		for _, parcel := range answer.Parcels {
			digits, ours := strings.CutPrefix(parcel.ParcelNo, "JJFI654321989")
			if !ours || len(digits) != 8 || seen[parcel.ParcelNo] || int(digits[7]-'0') != checkDigit("654321989"+digits[:7]) {
				t.Errorf("%s is no number, or not the first time", parcel.ParcelNo)
			}
			seen[parcel.ParcelNo] = true
		}
	}
}

func TestContractsOfAKey(t *testing.T) {
	p := newPortal(t)
	c := p.shop(t)
	partner := func(id, number string) string {
		return golden(t, `{"id":"POSTI","custNo":"654321"}`, fmt.Sprintf(`{"id":"%s","custNo":"%s"}`, id, number))
	}
	accepted(t, c.order(partner("POSTI", "654321")))
	for name, test := range map[string]struct{ partner, number, asked string }{
		"ours, not this key's":               {"POSTI", "654399", "654399 as a logistics contract"},
		"another organisation's":             {"POSTI", "600123", "600123 as a logistics contract"},
		"nobody's":                           {"POSTI", "999999", "999999 as a logistics contract"},
		"nobody's, near ours":                {"POSTI", "654320", "654320 as a logistics contract"},
		"our customer number":                {"POSTI", "123456", "123456 as a logistics contract"},
		"a freight code as a contract":       {"POSTI", "876543", "876543 as a logistics contract"},
		"a contract as a freight code":       {"ITELLALOG", "654321", "654321 as a freight transport code"},
		"another organisation's freight":     {"ITELLALOG", "800123", "800123 as a freight transport code"},
		"nobody's, for a partner of nobody":  {"DHL", "999999", "999999; "},
		"nobody's, for a partner left empty": {"", "999999", "999999; "},
	} {
		t.Run(name, func(t *testing.T) {
			p.storesNothing(t, func() {
				errors := refused(t, c.order(partner(test.partner, test.number)), http.StatusForbidden, "CONTRACT_NOT_ALLOWED shipment.senderPartners[0].custNo")
				for _, want := range []string{"contract " + test.asked, "it may use 654321 (logistics contract), 876543 (freight transport code)", "needs a new key"} {
					if !strings.Contains(errors[0].Message, want) {
						t.Errorf("%q does not say %q", errors[0].Message, want)
					}
				}
			})
		})
	}
	t.Run("the right one of two", func(t *testing.T) {
		both := golden(t, `{"id":"POSTI","custNo":"654321"}`, `{"id":"ITELLALOG","custNo":"999999"},{"id":"POSTI","custNo":"654399"}`)
		p.storesNothing(t, func() {
			refused(t, c.order(both), http.StatusForbidden, "CONTRACT_NOT_ALLOWED shipment.senderPartners[1].custNo")
		})
		answer := accepted(t, c.order(strings.Replace(both, "654399", "654321", 1)))
		if got := lines(answer.Warnings); !slices.Equal(got, []string{"IGNORED shipment.senderPartners[0]"}) {
			t.Errorf("warned of %q", got)
		}
	})
}

// What a key may use is what its maker had when it was made, as far as the organisation still has it.
func TestContractsOfAKeyAsTimeGoesBy(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	usable := func() string {
		t.Helper()
		var answer struct{ Contracts []struct{ Number string } }
		isJSON(t, c.Get(keyPath), http.StatusOK, "application/json", &answer)
		return fmt.Sprint(answer.Contracts)
	}
	under := func(number string) *webtest.Page { return c.order(golden(t, `"654321"`, `"`+number+`"`)) }
	organization, maker := p.Organization(t, demotest.ExampleOy).ID, p.User(t, demotest.MainUser)

	p.Exec(t, `insert into membership_contract_numbers (organization_id, user_id, contract_number_id, kind) values ($1, $2, $3, 'logistics_contract')`,
		organization, maker, p.Number(t, "654399"))
	refused(t, under("654399"), http.StatusForbidden)
	accepted(t, p.shop(t).order(golden(t, `"654321"`, `"654399"`))) // a new key has it

	p.Exec(t, "delete from membership_contract_numbers where organization_id = $1 and user_id = $2", organization, maker)
	accepted(t, under("654321")) // taken from the maker, not from the organisation
	p.Leave(t, demotest.MainUser, demotest.ExampleOy)
	accepted(t, under("654321")) // the maker has left

	p.EndNumber(t, "654321", p.Clock.Now())
	order := accepted(t, under("654321")) // its last day
	p.EndNumber(t, "654321", p.Clock.Now().Add(-24*time.Hour))
	p.storesNothing(t, func() {
		if errors := refused(t, under("654321"), http.StatusForbidden); !strings.Contains(errors[0].Message, "it may use 876543 (freight transport code)") {
			t.Errorf("it says %q", errors[0].Message)
		}
	})
	if got := usable(); got != "[{876543}]" {
		t.Errorf("the key may use %s", got)
	}
	for _, link := range []string{order.Href, order.PDFs[0].Href} {
		refused(t, c.Get(strings.TrimPrefix(link, p.URL)), http.StatusNotFound, "NOT_FOUND")
	}
	p.EndNumber(t, "876543", p.Clock.Now().Add(-24*time.Hour))
	if errors := refused(t, under("654321"), http.StatusForbidden); !strings.Contains(errors[0].Message, "it may use none any more") {
		t.Errorf("it says %q", errors[0].Message)
	}
	if got := usable(); got != "[]" {
		t.Errorf("the key may use %s", got)
	}
}

// A return goes from and to where the order says: this version of the call swaps nothing.
func TestReturn(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	page := p.shop(t).order(golden(t, `"PO2103","normalShipment":true,"returnShipment":false`, `"PO2108","normalShipment":false,"returnShipment":true`,
		`,{"id":"COD","amount":10.0,"account":"FI21 1234 5600 0007 85","reference":"12345 61"}`, ``, "  \"agent\": {\"quickId\":\"001003200\"},\n", ""))
	if answer := accepted(t, page); answer.Warnings != nil {
		t.Errorf("warned of %q", answer.Warnings)
	}
	for _, want := range []string{`"serviceId":"PO2108"`, `"sndName":"Example Oy"`, `"rcvName":"Åsa Öberg"`, `"normalShipment":false,"returnShipment":true`} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("%s does not say %s", page.Body, want)
		}
	}
}

func TestFreight(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	order := func(partner, number string) string {
		return golden(t, `{"id":"POSTI","custNo":"654321"}`, fmt.Sprintf(`{"id":"%s","custNo":"%s"}`, partner, number),
			`"PO2103"`, `"PO2144"`, `{"id":"FRAG"}`, `{"id":"DLV09"}`, `"copies":1,"weight":2.5`, `"copies":2,"weight":400`,
			"  \"agent\": {\"quickId\":\"001003200\"},\n", "")
	}
	answer := accepted(t, c.order(order("ITELLALOG", "876543")))
	if len(answer.Parcels) != 2 || answer.Warnings != nil || answer.ServiceID != "PO2144" {
		t.Errorf("answered %+v", answer)
	}
	for _, unit := range answer.Parcels {
		sscc, ours := strings.CutPrefix(unit.ParcelNo, "00")
		if !ours || len(sscc) != 18 || int(sscc[17]-'0') != checkDigit(sscc[:17]) {
			t.Errorf("%s is no SSCC", unit.ParcelNo)
		}
	}
	p.storesNothing(t, func() {
		// The contract is the key's and of its partner's kind, but not the service's.
		refused(t, c.order(order("POSTI", "654321")), http.StatusUnprocessableEntity, "INVALID shipment.senderPartners[0].id")
		refused(t, c.order(order("POSTI", "876543")), http.StatusForbidden, "CONTRACT_NOT_ALLOWED shipment.senderPartners[0].custNo")
		refused(t, c.order(order("ITELLALOG", "654321")), http.StatusForbidden, "CONTRACT_NOT_ALLOWED shipment.senderPartners[0].custNo")
		refused(t, c.order(golden(t, `{"id":"POSTI","custNo":"654321"}`, `{"id":"ITELLALOG","custNo":"876543"}`)), http.StatusUnprocessableEntity, "INVALID shipment.senderPartners[0].id")
	})
}

// What is odd and does no harm is taken, with a warning where the shop should know.
func TestOddOrdersThatAreTaken(t *testing.T) {
	p := newPortal(t)
	c := p.shop(t)
	for name, test := range map[string]struct {
		header http.Header
		body   string
	}{
		"a whole megabyte":  {jsonBody, golden(t) + strings.Repeat(" ", megabyte-len(golden(t)))},
		"a byte order mark": {jsonBody, "\uFEFF" + golden(t)},
		"no type":           {http.Header{}, golden(t)},
		"a charset":         {http.Header{"Content-Type": {"Application/JSON; charset=utf-8"}}, golden(t)},
		"a broken charset":  {http.Header{"Content-Type": {"application/json; charset"}}, golden(t)},
		"not compressed":    {http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"identity"}}, golden(t)},
	} {
		t.Run(name, func(t *testing.T) {
			if answer := accepted(t, c.Send(http.MethodPost, orderPath, test.header, strings.NewReader(test.body))); answer.Warnings != nil {
				t.Errorf("warned of %q", answer.Warnings)
			}
		})
	}
	for name, test := range map[string]struct {
		pieces  []string
		want    string
		parcels int
	}{
		"nothing":                    {nil, "[]", 1},
		"numbers as strings":         {[]string{`"copies":1,"weight":2.5`, `"copies":"3","weight":"2.5"`, `"amount":10.0`, `"amount":"10.0"`}, "[]", 3},
		"a contract as a number":     {[]string{`"654321"`, `654321`}, "[]", 1},
		"copies":                     {[]string{`"copies":1`, `"copies":99`}, "[]", 99},
		"no copies":                  {[]string{`"copies":1,`, ``}, "[]", 1},
		"valuePerParcel missing":     {[]string{`,"valuePerParcel":true`, ``}, "[DEFAULTED shipment.parcels[0].valuePerParcel]", 1},
		"a bare service":             {[]string{`"PO2103"`, `"2103"`}, "[READ_AS shipment.service.id]", 1},
		"a bare service, a number":   {[]string{`"PO2103"`, `2103`}, "[READ_AS shipment.service.id]", 1},
		"an older system's number":   {[]string{`"FRAG"`, `"3104"`}, "[READ_AS shipment.service.addons[0].id]", 1},
		"unknown fields":             {[]string{`"orderNo":"10001"`, `"orderNo":"10001","shop":{"version":5},"options":[]`}, "[UNKNOWN_FIELD shipment.shop UNKNOWN_FIELD shipment.options]", 1},
		"the year 0":                 {[]string{`"orderNo":"10001"`, `"orderNo":"10001","shipDate":"0000-00-00T00:00:00Z"`}, "[UNKNOWN_FIELD shipment.shipDate]", 1},
		"depth that nobody asks for": {[]string{`"orderNo":"10001"`, `"x":` + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000)}, "[UNKNOWN_FIELD shipment.x]", 1},
		"a medium that is not made":  {[]string{`"thermo-225"`, `"laser-a3"`}, "[MEDIA_SUBSTITUTED pdfConfig.target1Media]", 1},
		"a medium that is made":      {[]string{`"thermo-225"`, `"laser-a5"`}, "[]", 1},
	} {
		t.Run(name, func(t *testing.T) {
			page := c.order(golden(t, test.pieces...))
			answer := accepted(t, page)
			if got := fmt.Sprint(lines(answer.Warnings)); got != test.want {
				t.Errorf("warned of %s, want %s", got, test.want)
			}
			if test.want == "[]" && strings.Contains(page.Body, `"warnings"`) {
				t.Errorf("warnings are there without any: %s", page.Body)
			}
			for _, warning := range answer.Warnings {
				if warning.Message == "" {
					t.Errorf("%s says nothing", warning)
				}
			}
			if answer.ParcelCount != test.parcels || len(answer.Parcels) != test.parcels || answer.ServiceID != "PO2103" {
				t.Errorf("%d parcels by %s, want %d", answer.ParcelCount, answer.ServiceID, test.parcels)
			}
		})
	}
}
