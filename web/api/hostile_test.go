package api_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"omapostipro/web/webtest"
)

// Whatever a body holds, each family answers with an error of its own that tells everything, and stores nothing.
func TestHostileOrders(t *testing.T) {
	p := newPortal(t)
	key, token := p.shop(t), p.system(t)
	callers := map[string]func(string) *webtest.Page{
		"version 1": func(body string) *webtest.Page { return key.order(body) },
		"version 2": func(body string) *webtest.Page {
			return token.orderV2(strings.Replace(body, `{"pdfConfig"`, `{"printConfig"`, 1))
		},
		"our own": func(body string) *webtest.Page {
			return key.post(shipmentsPath, strings.Replace(body, `{"pdfConfig"`, `{"printConfig"`, 1))
		},
	}
	parcels := golden(t)
	parcel := parcels[strings.Index(parcels, `{"copies"`):strings.LastIndex(parcels, "]}}")]
	deep := func(depth int) string { return strings.Repeat(`{"x":`, depth) + "1" + strings.Repeat("}", depth) }
	for name, test := range map[string]struct {
		body   string
		status int
		want   string // the errors; all that begin so where it ends with an ellipsis
	}{
		"nothing":                  {"", 400, "JSON_DECODE_ERROR"},
		"no JSON":                  {"<order/>", 400, "JSON_DECODE_ERROR"},
		"half of it":               {golden(t)[:300], 400, "JSON_DECODE_ERROR"},
		"invalid UTF-8":            {golden(t, "Åsa", "\xc3\x28"), 400, "JSON_DECODE_ERROR"},
		"half a character":         {golden(t, "Åsa", `\ud83d`), 422, "INVALID shipment.receiver.name"},
		"NUL":                      {golden(t, "Åsa", `\u0000`), 422, "INVALID shipment.receiver.name"},
		"NaN":                      {golden(t, `"weight":2.5`, `"weight":NaN`), 400, "JSON_DECODE_ERROR"},
		"NaN in a string":          {golden(t, `"weight":2.5`, `"weight":"NaN"`), 422, "INVALID shipment.parcels[0].weight"},
		"infinity":                 {golden(t, `"weight":2.5`, `"weight":1e999`), 422, "INVALID shipment.parcels[0].weight"},
		"depth 10,000":             {golden(t, `"orderNo":"10001"`, `"orderNo":`+deep(10_000)), 400, "JSON_DECODE_ERROR"},
		"depth 9,000 as a text":    {golden(t, `"orderNo":"10001"`, `"orderNo":`+deep(9_000)), 422, "INVALID shipment.orderNo"},
		"arrays that do not end":   {strings.Repeat("[", 100_000), 400, "JSON_DECODE_ERROR"},
		"wrong types":              {`{"pdfConfig":1,"shipment":{"sender":[1],"receiver":"x","senderPartners":{},"service":true,"orderNo":[],"parcels":7}}`, 422, "INVALID shipment.senderPartners INVALID shipment.service INVALID shipment.sender INVALID shipment.receiver INVALID shipment.orderNo INVALID shipment.parcels INVALID pdfConfig"},
		"10,000 parcels":           {golden(t, parcel, strings.Repeat(parcel+",", 9_999)+parcel), 413, "BODY_TOO_LARGE"},
		"10,000 small parcels":     {golden(t, parcel, strings.Repeat(`{"weight":1},`, 9_999)+`{"weight":1}`), 422, "INVALID shipment.parcels"},
		"10,000 wrong parcels":     {golden(t, parcel, strings.Repeat(`{"weight":{}},`, 9_999)+`{"weight":{}}`), 422, "INVALID shipment.parcels[0].weight …"},
		"10,000 copies":            {golden(t, `"copies":1`, `"copies":10000`), 422, "INVALID shipment.parcels"},
		"a text of 900 kB":         {golden(t, "Åsa Öberg", strings.Repeat("x", 900_000)), 422, "TOO_LONG shipment.receiver.name"},
		"1 MB":                     {golden(t, "Åsa Öberg", strings.Repeat("x", 1<<20)), 413, "BODY_TOO_LARGE"},
		"an unknown service":       {golden(t, `"PO2103"`, `"PO9999"`), 422, "SERVICE_UNKNOWN shipment.service.id"},
		"wrong check digits":       {golden(t, "FI21 1234 5600 0007 85", "FI22 1234 5600 0007 85", `"12345 61"`, `"12345 62"`), 422, "INVALID shipment.service.addons[1].account INVALID shipment.service.addons[1].reference"},
		"a key that stands twice":  {golden(t, `"custNo":"654321"`, `"custNo":"654321","custNo":"1"`), 422, "DUPLICATE_FIELD shipment.senderPartners[0].custNo"},
		"an object for each field": {`{"shipment":{"senderPartners":[{"id":{},"custNo":{}}]}}`, 422, "INVALID shipment.senderPartners[0].custNo …"},
	} {
		for family, send := range callers {
			t.Run(name+" to "+family, func(t *testing.T) {
				p.storesNothing(t, func() {
					page := send(test.body)
					got := strings.Join(lines(refused(t, page, test.status)), " ")
					got = strings.Replace(got, "printConfig", "pdfConfig", 1)
					if begins, ok := strings.CutSuffix(test.want, "…"); ok && !strings.HasPrefix(got, begins) && len(got) < 20_000 || !ok && !errorsAre(got, test.want) {
						t.Errorf("refused for %.600q, want %q", got, test.want)
					}
					if len(page.Body) > 30_000 {
						t.Errorf("the answer has %d bytes", len(page.Body))
					}
				})
			})
		}
	}
}

// errorsAre says whether errors are those wanted, whatever is only warned of.
func errorsAre(got, want string) bool { return got == want || strings.HasPrefix(got, want+" ") }

// All is told at once, and of very much the first hundred errors with how many more there are.
func TestErrorsAreBounded(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	parcel := `{"copies":0,"weight":-1,"length":-1,"width":-1,"height":-1,"volume":-1,"packageCode":"` + strings.Repeat("x", 21) + `"}`
	body := golden(t, `{"copies":1,"weight":2.5,"volume":0.006,"length":30,"width":20,"height":10,"packageCode":"PKT","contents":"Böcker","valuePerParcel":true}`,
		strings.Repeat(parcel+",", 49)+parcel)
	for _, page := range []*webtest.Page{c.order(body), c.post(shipmentsPath, body)} {
		errors := refused(t, page, http.StatusUnprocessableEntity)
		told := 0
		for _, e := range errors {
			if e.Type == "error" {
				told++
			}
		}
		if told != 101 || errors[100].Code != "MORE" || errors[100].Message != "and 250 more errors" {
			t.Errorf("%d errors are told, the last of which is %v", told, errors[min(100, len(errors)-1)])
		}
	}
}

// A body of which only a part comes is answered, however slowly that comes.
func TestAShipmentThatIsHalfSent(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	_, key := p.newKey(t, "main.user@example.com", "FI12345678")
	for _, path := range []string{orderPath, shipmentsPath, labelsPath} {
		p.storesNothing(t, func() {
			status, content := sendHalf(t, p.URL, path, key, golden(t))
			if status != http.StatusBadRequest || !strings.Contains(content, "JSON_DECODE_ERROR") || !strings.Contains(content, "before all of it was sent") {
				t.Errorf("%s: half a body is answered with %d %s", path, status, content)
			}
		})
	}
}

// sendHalf says how long a body is, sends half of it and no more, and gives the answer's status and body.
func sendHalf(t *testing.T, portal, path, key, body string) (int, string) {
	t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(portal, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	fmt.Fprintf(connection, "POST %s HTTP/1.1\r\nHost: portal\r\nAuthorization: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		path, key, len(body), body[:len(body)/2])
	if err := connection.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(content)
}
