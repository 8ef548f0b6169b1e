package api_test

import (
	"encoding/json"
	"hash/crc32"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"omapostipro/internal/apikey"
	"omapostipro/internal/demo/demotest"
	"omapostipro/web/webtest"
)

const (
	orderPath = "/shippingapi/api/v1/shipping/order"
	keyPath   = "/api/v1/key"
)

// nobodys is an id that nothing has.
const nobodys = "01890000-0000-7000-8000-000000000000"

// portal is one that runs, for a test of its API.
type portal struct{ *webtest.Portal }

func newPortal(t *testing.T) portal {
	t.Helper()
	return portal{webtest.New(t)}
}

// newKey makes a key of a person's, with all the contracts that they are assigned, and gives its id and value.
func (p portal) newKey(t *testing.T, email, businessID string) (uuid.UUID, string) {
	t.Helper()
	maker := p.Actor(t, email, businessID)
	token, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	wanted := apikey.New{Description: "Ny API integration", Token: token}
	for _, contract := range apikey.Linkable(maker) {
		wanted.Contracts = append(wanted.Contracts, contract.ID)
	}
	id, err := p.Keys.Create(t.Context(), maker, wanted)
	if err != nil {
		t.Fatal(err)
	}
	value, err := p.Keys.Value(t.Context(), maker, id)
	if err != nil {
		t.Fatal(err)
	}
	return id, value
}

// client is a program that calls the API with a key.
type client struct{ *webtest.Browser }

// with gives a client that sends an Authorization header, or, for "", none.
func (p portal) with(authorization string) client {
	c := client{p.Nobody()}
	if authorization != "" {
		c.Header.Set("Authorization", authorization)
	}
	return c
}

// shop gives a client with a new key of the manual's main user, who has 654321 and 876543.
func (p portal) shop(t *testing.T) client {
	t.Helper()
	_, key := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
	return p.with(key)
}

var jsonBody = http.Header{"Content-Type": {"application/json"}}

// order sends an order.
func (c client) order(body string) *webtest.Page {
	return c.Send(http.MethodPost, orderPath, jsonBody, strings.NewReader(body))
}

// golden is the order of testdata with pieces of it, old and new in turn, written otherwise.
func golden(t *testing.T, pieces ...string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/order-v1.json")
	if err != nil {
		t.Fatal(err)
	}
	body := string(data)
	for i := 0; i < len(pieces); i += 2 {
		if strings.Count(body, pieces[i]) != 1 {
			t.Fatalf("%q stands %d times in the order", pieces[i], strings.Count(body, pieces[i]))
		}
		body = strings.Replace(body, pieces[i], pieces[i+1], 1)
	}
	return body
}

// placed is what is looked at of an order's answer.
type placed struct {
	ID          string
	Href        string
	ShipmentNo  string
	ServiceID   string
	ParcelCount int
	Parcels     []struct{ ParcelNo, Reference string }
	PDFs        []struct {
		ID, Href string
		PDF      []byte
	}
	Prints []struct {
		ID, Href string
		Data     []byte
	}
	Warnings []told
}

// told is an error or a warning.
type told struct{ Code, Path, Message, Type string }

func (t told) String() string { return strings.TrimSpace(t.Code + " " + t.Path) }

func lines(all []told) []string {
	lines := []string{}
	for _, one := range all {
		lines = append(lines, one.String())
	}
	return lines
}

// accepted reads the answer to an order that was placed.
func accepted(t *testing.T, page *webtest.Page) placed {
	t.Helper()
	var answer []placed
	isJSON(t, page, http.StatusOK, "application/json", &answer)
	if len(answer) != 1 {
		t.Fatalf("the answer has %d elements", len(answer))
	}
	return answer[0]
}

// refused reads an answer that is an error, in the shape of the family that was called, and checks what holds for each.
func refused(t *testing.T, page *webtest.Page, status int, want ...string) []told {
	t.Helper()
	var body struct {
		Message, RequestID, Title, Detail string
		Status                            int
		Errors                            []told
	}
	contentType := "application/json"
	if strings.HasPrefix(page.Path, "/api/") {
		contentType = "application/problem+json"
	}
	isJSON(t, page, status, contentType, &body)
	if len(body.Errors) == 0 || body.Message == "" || body.Message != body.Errors[0].Message || body.Errors[0].Type != "error" {
		t.Errorf("%s: the message is not the first error's: %s", page.Request, page.Body)
	}
	if contentType == "application/problem+json" && (body.Status != status || body.Title != http.StatusText(status) || body.Detail != body.Message) {
		t.Errorf("%s: a problem document has title, status and detail: %s", page.Request, page.Body)
	}
	if body.RequestID == "" || body.RequestID != page.Header.Get("X-Request-Id") {
		t.Errorf("%s: the request is %q in the body and %q in the header", page.Request, body.RequestID, page.Header.Get("X-Request-Id"))
	}
	if got := lines(body.Errors); len(want) > 0 && !slices.Equal(got, want) {
		t.Errorf("%s: refused for %q, want %q\n%s", page.Request, got, want, page.Body)
	}
	return body.Errors
}

// isJSON reads an answer of the API and checks what all of them have.
func isJSON(t *testing.T, page *webtest.Page, status int, contentType string, into any) {
	t.Helper()
	if page.Status != status {
		t.Fatalf("%s: %d, want %d: %s", page.Request, page.Status, status, page.Body)
	}
	for name, want := range map[string]string{"Content-Type": contentType, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
		if got := page.Header.Get(name); got != want {
			t.Errorf("%s: %s is %q, want %q", page.Request, name, got, want)
		}
	}
	if uuid.Validate(page.Header.Get("X-Request-Id")) != nil {
		t.Errorf("%s: X-Request-Id is %q", page.Request, page.Header.Get("X-Request-Id"))
	}
	if challenge := page.Header.Get("WWW-Authenticate"); (challenge == `Bearer realm="OmaPosti Pro API"`) != (status == http.StatusUnauthorized) {
		t.Errorf("%s: %d with WWW-Authenticate %q", page.Request, status, challenge)
	}
	if err := json.Unmarshal([]byte(page.Body), into); err != nil {
		t.Fatalf("%s: %v: %s", page.Request, err, page.Body)
	}
}

// rows counts what an order leaves in the database.
type rows struct{ Orders, Parcels, Labels, Events int }

func (p portal) rows(t *testing.T) rows {
	t.Helper()
	return demotest.One[rows](t, p.System, `select (select count(*) from delivery_orders) as orders, (select count(*) from parcels) as parcels,
		(select count(*) from labels) as labels, (select count(*) from audit_events) as events`)
}

// storesNothing runs something that must leave no row behind, an event neither.
func (p portal) storesNothing(t *testing.T, run func()) {
	t.Helper()
	before := p.rows(t)
	run()
	if after := p.rows(t); after != before {
		t.Errorf("something was stored: %+v, before %+v", after, before)
	}
}

// wellFormedKey makes what looks like a key of 32 characters, as the description of keys has it.
func wellFormedKey(random string) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	sum, checksum := crc32.ChecksumIEEE([]byte(random)), ""
	for range 6 {
		checksum = string(digits[sum%62]) + checksum
		sum /= 62
	}
	return "opp_" + random + checksum
}
