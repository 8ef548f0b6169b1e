package api_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"omapostipro/internal/demo/demotest"
	"omapostipro/web/webtest"
)

const megabyte = 1 << 20

// One call with everything wrong is mended step by step; each step meets the next refusal.
func TestOrderOfRefusals(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	_, key := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
	huge := strings.Repeat("{", megabyte+1)
	// A body in which the contract is as given and much else is wrong.
	wrong := func(partner string) string {
		return golden(t, `{"id":"POSTI","custNo":"654321"}`, partner, `"PO2103"`, `"PO9999"`, `"orderNo":"10001"`, `"orderNo":{}`, `"weight":2.5`, `"weight":-1`)
	}
	rest := []string{"INVALID shipment.orderNo", "SERVICE_UNKNOWN shipment.service.id", "INVALID shipment.parcels[0].weight"}
	step := func(key, contentType, body string, status int, want ...string) []told {
		t.Helper()
		var errors []told
		p.storesNothing(t, func() {
			page := p.with(key).Send(http.MethodPost, orderPath, http.Header{"Content-Type": {contentType}}, strings.NewReader(body))
			errors = refused(t, page, status, want...)
		})
		return errors
	}
	step("", "text/xml", huge, http.StatusUnauthorized, "KEY_MISSING")
	step(key, "text/xml", huge, http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE")
	step(key, "application/json", huge, http.StatusRequestEntityTooLarge, "BODY_TOO_LARGE")
	step(key, "application/json", wrong(`{"id":"POSTI","custNo":"999999"}`)+"}", http.StatusBadRequest, "JSON_DECODE_ERROR")

	step(key, "application/json", wrong(`{"id":"POSTI"}`), http.StatusUnprocessableEntity, append([]string{"REQUIRED shipment.senderPartners[0].custNo"}, rest...)...)
	step(key, "application/json", wrong(`{"id":"POSTI","custNo":"65432"}`), http.StatusUnprocessableEntity, append([]string{"INVALID shipment.senderPartners[0].custNo"}, rest...)...)
	step(key, "application/json", wrong(`{"id":"POSTI","custNo":[]}`), http.StatusUnprocessableEntity, append([]string{"INVALID shipment.senderPartners[0].custNo"}, rest...)...)

	step(key, "application/json", wrong(`{"id":"POSTI","custNo":"999999"}`), http.StatusForbidden, "CONTRACT_NOT_ALLOWED shipment.senderPartners[0].custNo")
	step(key, "application/json", wrong(`{"id":"DHL","custNo":"999999"}`), http.StatusForbidden, "CONTRACT_NOT_ALLOWED shipment.senderPartners[0].custNo")
	step(key, "application/json", wrong(`{"custNo":"999999"}`), http.StatusForbidden, "CONTRACT_NOT_ALLOWED shipment.senderPartners[0].custNo")
	step(key, "application/json", wrong(`{"id":"ITELLALOG","custNo":"654321"}`), http.StatusForbidden, "CONTRACT_NOT_ALLOWED shipment.senderPartners[0].custNo")

	step(key, "application/json", wrong(`{"custNo":"654321"}`), http.StatusUnprocessableEntity, append([]string{"REQUIRED shipment.senderPartners[0].id"}, rest...)...)
	step(key, "application/json", wrong(`{"id":"DHL","custNo":"654321"}`), http.StatusUnprocessableEntity, append([]string{"INVALID shipment.senderPartners[0].id"}, rest...)...)
	errors := step(key, "application/json", wrong(`{"id":"POSTI","custNo":"654321"}`), http.StatusUnprocessableEntity, rest...)
	for _, e := range errors {
		if e.Type != "error" || e.Message == "" || e.Path == "" {
			t.Errorf("an error without type, message or path: %+v", e)
		}
	}
	// Warnings come after the errors, as what can be ignored.
	errors = step(key, "application/json", golden(t, `"PO2103"`, `"2103"`, `"weight":2.5`, `"weight":0`, `"orderNo":"10001"`, `"orderNo":"10001","shop":"x"`),
		http.StatusUnprocessableEntity, "INVALID shipment.parcels[0].weight", "UNKNOWN_FIELD shipment.shop", "READ_AS shipment.service.id")
	if errors[1].Type != "ignorable" || errors[2].Type != "ignorable" {
		t.Errorf("warnings are told as %+v", errors)
	}
	accepted(t, p.with(key).order(golden(t)))
}

func TestMessagesOfRefusals(t *testing.T) {
	p := newPortal(t)
	c := p.shop(t)
	for name, test := range map[string]struct{ body, want string }{
		"an additional service that does not go with the service": {golden(t, `"PO2103"`, `"PO2461"`),
			"Additional service 'FRAG' cannot be used together with service 'PO2461' on route FI-FI"},
		"an additional service without what it needs": {golden(t, `"account":"FI21 1234 5600 0007 85",`, ``), "Additional service 'COD' is missing 'account'"},
		"parcels beside the shipment": {strings.TrimSuffix(strings.TrimSpace(golden(t, `"freeText1":"Ring på dörren",
  "parcels"`, `"freeText1":"Ring på dörren"}, "parcels"`)), "}"), "'shipment.parcels'"},
		"a reference too long":   {golden(t, `"REF-1"`, `"`+strings.Repeat("x", 36)+`"`), "at most 35"},
		"the mobile of PO2103":   {golden(t, `"mobile":"+358401234567",`, ``), "shipment.receiver.mobile"},
		"too many parcels":       {golden(t, `"copies":1`, `"copies":100`), "1 to 99 parcels"},
		"too heavy a parcel":     {golden(t, `"weight":2.5`, `"weight":25.001`), "at most 25 kg"},
		"a contract of not much": {golden(t, `"654321"`, `"12"`), "six digits, not '12'"},
		"broken JSON":            {"{\n  \"shipment\": {,}\n}", "line 2, column 16"},
	} {
		t.Run(name, func(t *testing.T) {
			page := c.order(test.body)
			if page.Status == http.StatusOK || !strings.Contains(page.Body, test.want) {
				t.Errorf("%d %s does not say %q", page.Status, page.Body, test.want)
			}
		})
	}
}

func zipped(t *testing.T, text string) string {
	t.Helper()
	var compressed bytes.Buffer
	w := gzip.NewWriter(&compressed)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return compressed.String()
}

func TestBadInput(t *testing.T) {
	p := newPortal(t)
	c := p.shop(t)
	nested := func(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }
	parcel := `{"copies":1,"weight":2.5,"volume":0.006,"length":30,"width":20,"height":10,"packageCode":"PKT","contents":"Böcker","valuePerParcel":true}`
	light := `{"weight":0.1,"valuePerParcel":true}`
	withHeader := func(pairs ...string) http.Header {
		header := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			header.Set(pairs[i], pairs[i+1])
		}
		return header
	}
	for name, test := range map[string]struct {
		body   string
		status int
		want   string
		header http.Header // application/json if there is none
	}{
		"nothing":                  {"", 400, "JSON_DECODE_ERROR", nil},
		"half of it":               {golden(t)[:200], 400, "JSON_DECODE_ERROR", nil},
		"two of it":                {golden(t) + golden(t), 400, "JSON_DECODE_ERROR", nil},
		"XML":                      {`<?xml version="1.0"?><order/>`, 400, "JSON_DECODE_ERROR", nil},
		"NaN":                      {golden(t, `"weight":2.5`, `"weight":NaN`), 400, "JSON_DECODE_ERROR", nil},
		"NaN in quotes":            {golden(t, `"weight":2.5`, `"weight":"NaN"`), 422, "INVALID shipment.parcels[0].weight", nil},
		"Infinity":                 {golden(t, `"weight":2.5`, `"weight":-Infinity`), 400, "JSON_DECODE_ERROR", nil},
		"beyond a float":           {golden(t, `"weight":2.5`, `"weight":1e400`), 422, "INVALID shipment.parcels[0].weight", nil},
		"minus":                    {golden(t, `"weight":2.5`, `"weight":-2.5`), 422, "INVALID shipment.parcels[0].weight", nil},
		"invalid UTF-8":            {golden(t, `Böcker`, "B\xf6cker"), 400, "JSON_DECODE_ERROR", nil},
		"UTF-16":                   {"\xff\xfe{\x00}\x00", 400, "JSON_DECODE_ERROR", nil},
		"NUL":                      {golden(t, `Böcker`, `B\u0000cker`), 422, "INVALID shipment.parcels[0].contents", nil},
		"half a character":         {golden(t, `Böcker`, `B\ud800cker`), 422, "INVALID shipment.parcels[0].contents", nil},
		"depth 10,001":             {nested(10_001), 400, "JSON_DECODE_ERROR", nil},
		"depth 10,000":             {nested(10_000), 422, "INVALID", nil},
		"depth within":             {golden(t, `"orderNo":"10001"`, `"orderNo":`+nested(9_000)), 422, "INVALID shipment.orderNo", nil},
		"a megabyte of text":       {golden(t, `10001`, strings.Repeat("x", 1_000_000)), 422, "TOO_LONG shipment.orderNo", nil},
		"a megabyte of digits":     {golden(t, `"weight":2.5`, `"weight":`+strings.Repeat("9", 1_000_000)), 422, "INVALID shipment.parcels[0].weight", nil},
		"10,000 parcels":           {golden(t, parcel, strings.Repeat(light+",", 9_999)+light), 422, "INVALID shipment.parcels", nil},
		"copies 1e9":               {golden(t, `"copies":1`, `"copies":1e9`), 422, "INVALID shipment.parcels", nil},
		"copies 1e9 in quotes":     {golden(t, `"copies":1`, `"copies":"1000000000"`), 422, "INVALID shipment.parcels", nil},
		"copies 0":                 {golden(t, `"copies":1`, `"copies":0`), 422, "INVALID shipment.parcels[0].copies", nil},
		"a half parcel":            {golden(t, `"copies":1`, `"copies":0.5`), 422, "INVALID shipment.parcels[0].copies", nil},
		"parcels: none":            {golden(t, parcel, ``), 422, "REQUIRED shipment.parcels", nil},
		"a list of orders":         {"[" + golden(t) + "]", 422, "INVALID", nil},
		"an empty object":          {"{}", 422, "REQUIRED shipment", nil},
		"compressed":               {zipped(t, golden(t)), 415, "UNSUPPORTED_MEDIA_TYPE", withHeader("Content-Type", "application/json", "Content-Encoding", "gzip")},
		"compressed, not said":     {zipped(t, golden(t)), 400, "JSON_DECODE_ERROR", nil},
		"a form":                   {golden(t), 415, "UNSUPPORTED_MEDIA_TYPE", withHeader("Content-Type", "application/x-www-form-urlencoded")},
		"a form of parts":          {golden(t), 415, "UNSUPPORTED_MEDIA_TYPE", withHeader("Content-Type", "multipart/form-data; boundary=x")},
		"a type that is none":      {golden(t), 415, "UNSUPPORTED_MEDIA_TYPE", withHeader("Content-Type", ";")},
		"one byte over a megabyte": {golden(t) + strings.Repeat(" ", megabyte+1-len(golden(t))), 413, "BODY_TOO_LARGE", nil},
	} {
		t.Run(name, func(t *testing.T) {
			header := test.header
			if header == nil {
				header = jsonBody
			}
			p.storesNothing(t, func() {
				page := c.Send(http.MethodPost, orderPath, header, strings.NewReader(test.body))
				errors := refused(t, page, test.status)
				if errors[0].String() != test.want {
					t.Errorf("refused for %q, want %q", errors[0], test.want)
				}
				if test.status == http.StatusBadRequest && !strings.Contains(errors[0].Message, "line ") {
					t.Errorf("it does not say where: %s", errors[0].Message)
				}
				if len(page.Body) > 100_000 {
					t.Errorf("the answer has %d bytes", len(page.Body))
				}
			})
		})
	}
	for _, line := range p.Log.Lines() {
		t.Errorf("a refusal is logged: %s", line)
	}
}

// A client that stops in the middle of its body, and still listens; and one that never does.
func TestBodiesThatEndBadly(t *testing.T) {
	p := newPortal(t)
	_, key := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
	t.Run("too late", func(t *testing.T) {
		p.storesNothing(t, func() {
			endless := io.LimitReader(spaces{}, 3*megabyte) // its length is not said
			refused(t, p.with(key).Send(http.MethodPost, orderPath, jsonBody, endless), http.StatusRequestEntityTooLarge, "BODY_TOO_LARGE")
		})
	})
	for name, half := range map[string]string{
		"of a length": fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(golden(t)), golden(t)[:100]),
		"in chunks":   "Transfer-Encoding: chunked\r\n\r\n40\r\n" + golden(t)[:64] + "\r\n",
		// It would be an order, were it not shorter than was said.
		"of too great a length": fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(golden(t))+1, golden(t)),
	} {
		t.Run(name, func(t *testing.T) {
			p.storesNothing(t, func() {
				connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(p.URL, "http://"))
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = connection.Close() }()
				fmt.Fprintf(connection, "POST %s HTTP/1.1\r\nHost: portal.example\r\nAuthorization: %s\r\nContent-Type: application/json\r\n%s", orderPath, key, half)
				if err := connection.(*net.TCPConn).CloseWrite(); err != nil {
					t.Fatal(err)
				}
				answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
				if err != nil {
					t.Fatal(err)
				}
				defer answer.Body.Close()
				body, err := io.ReadAll(answer.Body)
				if err != nil {
					t.Fatal(err)
				}
				page := &webtest.Page{Request: "half a body", Path: orderPath, Status: answer.StatusCode, Header: answer.Header, Body: string(body)}
				errors := refused(t, page, http.StatusBadRequest, "JSON_DECODE_ERROR")
				if !strings.Contains(errors[0].Message, "line ") || !strings.Contains(errors[0].Message, "before all of it was sent") {
					t.Errorf("it says %q", errors[0].Message)
				}
			})
		})
	}
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) { return copy(p, bytes.Repeat([]byte(" "), len(p))), nil }
