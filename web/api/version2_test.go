package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"omapostipro/internal/caller"
	"omapostipro/internal/demo/demotest"
	"omapostipro/web/webtest"
)

const orderPathV2 = "/shippingapi/api/v2/shipping/order"

// goldenV2 is the order of testdata as version 2 has it, with pieces of it written otherwise.
func goldenV2(t *testing.T, pieces ...string) string {
	t.Helper()
	return golden(t, append([]string{`{"pdfConfig"`, `{"printConfig"`}, pieces...)...)
}

func (c client) orderV2(body string) *webtest.Page {
	return c.Send(http.MethodPost, orderPathV2, jsonBody, strings.NewReader(body))
}

func TestAnOrderOfVersion2(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.system(t)
	answer := accepted(t, c.orderV2(goldenV2(t)))
	link := strings.TrimPrefix(answer.Prints[0].Href, p.URL)
	if page := c.Get(link).Is(http.StatusOK); page.Header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(page.Body, "%PDF-") {
		t.Errorf("the labels are answered with %q %.20q", page.Header.Get("Content-Type"), page.Body)
	}
	key := p.shop(t)
	p.storesNothing(t, func() { // a key is of version 1
		refused(t, key.orderV2(goldenV2(t)), http.StatusUnauthorized, "INVALID_TOKEN")
		refused(t, key.Get(link), http.StatusUnauthorized, "INVALID_TOKEN")
		refused(t, p.with("").orderV2(goldenV2(t)), http.StatusUnauthorized, "KEY_MISSING")
		refused(t, c.orderV2(goldenV2(t, `"custNo":"654321"`, `"custNo":"600123"`)), http.StatusForbidden, "CONTRACT_NOT_ALLOWED shipment.senderPartners[0].custNo")
	})
	if got := lines(accepted(t, c.orderV2(golden(t))).Warnings); len(got) != 1 || got[0] != "UNKNOWN_FIELD pdfConfig" {
		t.Errorf("warned of %q", got)
	}
	gateway := p.with("Bearer " + p.token(t, p.newApplication(t, demotest.MainUser, demotest.ExampleOy, caller.Gateway2025)))
	refused(t, gateway.orderV2(goldenV2(t)), http.StatusForbidden, "ROLE_MISSING")
	p.Clock.Advance(time.Hour)
	renewed := p.system(t)
	if page := renewed.Get(link); page.Status != http.StatusNotFound && page.Status != http.StatusGone {
		t.Errorf("after an hour the link is answered with %d", page.Status)
	}
}

// This version exchanges the parties of a return by itself, and speaks of them as they were given.
func TestAReturnOfVersion2(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.system(t)
	returned := func(pieces ...string) string {
		return goldenV2(t, append([]string{`"PO2103","normalShipment":true,"returnShipment":false`, `"PO2108","normalShipment":false,"returnShipment":true`,
			`,{"id":"COD","amount":10.0,"account":"FI21 1234 5600 0007 85","reference":"12345 61"}`, ``, "  \"agent\": {\"quickId\":\"001003200\"},\n", ""}, pieces...)...)
	}
	page := c.orderV2(returned())
	if answer := accepted(t, page); answer.Warnings != nil {
		t.Errorf("warned of %q", answer.Warnings)
	}
	for _, want := range []string{`"serviceId":"PO2108"`, `"sndName":"Åsa Öberg"`, `"rcvName":"Example Oy"`, `"rcvCity":"HELSINKI"`} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("%s does not say %s", page.Body, want)
		}
	}
	errors := refused(t, c.orderV2(returned(`"name":"Åsa Öberg"`, `"name":""`, `"zipcode":"00230"`, `"zipcode":"1"`)), http.StatusUnprocessableEntity,
		"REQUIRED shipment.receiver.name", "POSTCODE_INVALID shipment.sender.zipcode")
	if errors[0].Message != "shipment.receiver.name is required" {
		t.Errorf("it says %q", errors[0].Message)
	}
}

// commandLine is a client in the style of programs for version 2: it logs in with id and secret, keeps the token for as long
// as it is said to work, and logs in again when it is refused all the same.
type commandLine struct {
	gateway, clientID, secret string
	token                     string
	logIns                    int
}

func (c *commandLine) logIn(t *testing.T) {
	t.Helper()
	status, content := send(t, http.MethodPost, c.gateway+"/api/v1/token", "grant_type=client_credentials&client_id="+c.clientID+"&client_secret="+c.secret,
		"Content-Type", "application/x-www-form-urlencoded")
	var answer struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
		Expires     int    `json:"expires_in"`
	}
	if err := json.Unmarshal(content, &answer); err != nil || status != http.StatusOK || answer.TokenType != "Bearer" || answer.Expires != 3600 {
		t.Fatalf("the log-in is answered with %d %s", status, content)
	}
	c.token = answer.AccessToken
	c.logIns++
}

func (c *commandLine) call(t *testing.T, method, path, body string) []byte {
	t.Helper()
	for range 2 {
		if c.token == "" {
			c.logIn(t)
		}
		status, content := send(t, method, c.gateway+path, body, "Authorization", "Bearer "+c.token, "Content-Type", "application/json")
		if status != http.StatusUnauthorized {
			if status != http.StatusOK {
				t.Fatalf("%s is answered with %d %s", path, status, content)
			}
			return content
		}
		c.token = ""
	}
	t.Fatal("refused with a new token too")
	return nil
}

func TestACommandLineClient(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	secret := p.newApplication(t, demotest.MainUser, demotest.ExampleOy, caller.ShippingAPI)
	program := &commandLine{gateway: p.URL, clientID: secret.ClientID, secret: secret.Value}
	order := func() string {
		var orders []struct {
			ID     string
			Prints []struct{ Href string }
		}
		if err := json.Unmarshal(program.call(t, http.MethodPost, orderPathV2, goldenV2(t)), &orders); err != nil {
			t.Fatal(err)
		}
		pdf := program.call(t, http.MethodGet, strings.TrimPrefix(orders[0].Prints[0].Href, p.URL), "")
		if !bytes.HasPrefix(pdf, []byte("%PDF-")) {
			t.Errorf("the label is %.20q", pdf)
		}
		return orders[0].ID
	}
	if first, second := order(), order(); first == second || program.logIns != 1 {
		t.Errorf("two orders, %s and %s, took %d log-ins", first, second, program.logIns)
	}
	p.Clock.Advance(time.Hour)
	if order(); program.logIns != 2 {
		t.Errorf("after an hour there were %d log-ins", program.logIns)
	}
}
