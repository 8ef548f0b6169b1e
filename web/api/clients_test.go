package api_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"omapostipro/internal/caller"
	"omapostipro/internal/demo/demotest"
)

// Clients in the style of those that shops have for the carrier's own API: with nothing of ours in them, and only the
// address that they are given changed.

// send sends a request as it is, with headers in turn name and value, and gives the status and the body.
func send(t *testing.T, method, address, body string, headers ...string) (int, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, content
}

// pluginInPHP sends the bare key and a body of json_encode: numbers are strings, as forms and databases give them. It looks
// at the body only: an array is an order, an object is an error. It wants the labels in the answer.
type pluginInPHP struct{ gateway, apiKey string }

func (s pluginInPHP) order(t *testing.T, shipment string) (number string, pdf []byte, err error) {
	t.Helper()
	_, content := send(t, http.MethodPost, s.gateway+"/shippingapi/api/v1/shipping/order?returnFile=true", shipment,
		"Authorization", s.apiKey, "Content-Type", "application/json", "Accept", "application/json", "x-gateway-secret", "demo")
	var failed struct {
		Message string `json:"message"`
		Errors  []struct {
			Message string `json:"message"`
		} `json:"errors"`
	}
	if json.Unmarshal(content, &failed) == nil {
		return "", nil, fmt.Errorf("%s %v", failed.Message, failed.Errors)
	}
	var orders []struct {
		Parcels []struct {
			ParcelNo string `json:"parcelNo"`
		} `json:"parcels"`
		PDFs []struct {
			PDF []byte `json:"pdf"`
		} `json:"pdfs"`
	}
	if err := json.Unmarshal(content, &orders); err != nil {
		t.Fatalf("the plugin cannot read %s", content)
	}
	return orders[0].Parcels[0].ParcelNo, orders[0].PDFs[0].PDF, nil
}

const fromPHP = `{"pdfConfig":{"target1Media":"laser-a5","target1XOffset":"0","target1YOffset":"0","target2Media":"laser-a4"},"shipment":{` +
	`"sender":{"name":"Verkkokauppa Oy","address1":"Kauppakatu 1","zipcode":"33100","city":"TAMPERE","country":"FI","phone":"0401234567"},` +
	`"receiver":{"name":"Matti Meik\u00e4l\u00e4inen","address1":"Kotikatu 2","address2":"","zipcode":"00100","city":"Helsinki","country":"FI","phone":"0401234567","mobile":"0401234567","email":"matti@example.com"},` +
	`"senderPartners":[{"id":"POSTI","custNo":"654321"}],"agent":[],"service":{"id":"2104","addons":[{"id":"3101","amount":"12.50","account":"FI2112345600000785","reference":"1234561"}]},` +
	`"orderNo":1001,"senderReference":"1001","parcels":[{"copies":"2","weight":"3.5","volume":"","packageCode":"PKT","contents":null}]}}`

func TestAPluginInPHP(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	_, key := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
	plugin := pluginInPHP{p.URL, key}
	number, pdf, err := plugin.order(t, fromPHP)
	if err != nil || !strings.HasPrefix(number, "JJFI654321989") || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		t.Fatalf("the order is %q with %d bytes of labels: %v", number, len(pdf), err)
	}
	for name, test := range map[string]struct{ old, replacement, want string }{
		"parcels beside the shipment": {`"senderReference":"1001","parcels":[{"copies":"2","weight":"3.5","volume":"","packageCode":"PKT","contents":null}]}}`,
			`"senderReference":"1001"},"parcels":[{"copies":"2","weight":"3.5","packageCode":"PKT"}]}`, "'parcels' stands beside 'shipment' but belongs inside it: move it to 'shipment.parcels'"},
		"a contract of somebody else": {`654321`, `654399`, "654399"},
		"two mistakes":                {`"zipcode":"00100","city":"Helsinki"`, `"zipcode":"1","city":""`, "{'1' is not a postcode of 'FI'} {shipment.receiver.city is required}"},
	} {
		if _, _, err := plugin.order(t, strings.Replace(fromPHP, test.old, test.replacement, 1)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: the plugin shows %v, want %q", name, err, test.want)
		}
	}
	plugin.apiKey = ""
	if _, _, err := plugin.order(t, fromPHP); err == nil || !strings.Contains(err.Error(), "API key") {
		t.Errorf("without a key the plugin shows %v", err)
	}
}

// shopInJavaScript sends Bearer, goes by the status, and fetches the labels by their link with the same header.
type shopInJavaScript struct{ gateway, token string }

func (s shopInJavaScript) order(t *testing.T, shipment any) (numbers []string, label string, err error) {
	t.Helper()
	body, err := json.Marshal(shipment)
	if err != nil {
		t.Fatal(err)
	}
	status, content := send(t, http.MethodPost, s.gateway+"/shippingapi/api/v1/shipping/order", string(body),
		"Authorization", "Bearer "+s.token, "Content-Type", "application/json;charset=UTF-8")
	if status < 200 || status >= 300 {
		return nil, "", errors.New(string(content))
	}
	var orders []map[string]any
	if err := json.Unmarshal(content, &orders); err != nil {
		t.Fatalf("the shop cannot read %s", content)
	}
	for _, parcel := range orders[0]["parcels"].([]any) {
		numbers = append(numbers, parcel.(map[string]any)["parcelNo"].(string))
	}
	return numbers, orders[0]["pdfs"].([]any)[0].(map[string]any)["href"].(string), nil
}

func TestAShopInJavaScript(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	_, key := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
	shop := shopInJavaScript{p.URL, key}
	type fields = map[string]any
	address := fields{"name": "Ville Virtanen", "address1": "Kotikatu 2", "address2": "", "zipcode": "00100", "city": "Helsinki", "country": "FI",
		"phone": "+358401234567", "mobile": "+358401234567", "email": ""}
	order := fields{
		"pdfConfig": fields{"target1XOffset": 0, "target1YOffset": 0, "target1Media": "thermo-225", "target2Media": "laser-a4", "target3Media": nil, "target4Media": nil},
		"shipment": fields{
			"sender": address, "receiver": address, "senderPartners": []fields{{"id": "POSTI", "custNo": "654321"}},
			"agent":   fields{"quickId": "201003200", "name": "Posti Service Point", "address1": "Katu 1", "zipcode": "00100", "city": "HELSINKI", "country": "FI"},
			"service": fields{"id": "PO2103"}, "customFields": fields{"cartId": "c_1"},
			"parcels": []fields{{"copies": 3, "weight": 1.2, "contents": "Products", "valuePerParcel": true, "sku": "X-1"}},
		},
	}
	numbers, label, err := shop.order(t, order)
	if err != nil || len(numbers) != 3 {
		t.Fatalf("the order has the numbers %q: %v", numbers, err)
	}
	status, pdf := send(t, http.MethodGet, label, "", "Authorization", "Bearer "+key)
	if status != http.StatusOK || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		t.Errorf("the labels are answered with %d %.40q", status, pdf)
	}
	shop.token = wellFormedKey(strings.Repeat("y", 32))
	if _, _, err := shop.order(t, order); err == nil || !strings.Contains(err.Error(), "KEY_UNKNOWN") {
		t.Errorf("with a key that is unknown the shop shows %v", err)
	}
}

// checkout is a shop's page for choosing a pickup point, with an application account: it keeps a point's id, sends that as
// the order's quickId with the one telephone number it has asked for, and would rather have a code than a label.
type checkout struct{ gateway, token string }

func (s checkout) post(t *testing.T, path, body string, into any) {
	t.Helper()
	status, content := send(t, http.MethodPost, s.gateway+path, body, "Authorization", "Bearer "+s.token, "Content-Type", "application/json", "Accept-Language", "fi")
	if status != http.StatusOK {
		t.Fatalf("%s: %d %s", path, status, content)
	}
	if err := json.Unmarshal(content, into); err != nil {
		t.Fatalf("%s: %v: %s", path, err, content)
	}
}

func TestACheckoutWithPickupPoints(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	shop := checkout{p.URL, p.token(t, p.newApplication(t, demotest.MainUser, demotest.ExampleOy, caller.Roles()...))}
	var found struct {
		PickupPoints []struct {
			ID, PublicName, CareOf string
			Availability           struct {
				OpeningHours []struct {
					DayOfWeek       string
					Opens, Closes   *string
					Closed, Open24h bool
				}
			}
			Capabilities []struct {
				Name, Value string
				CutOffTime  *string
			}
		}
	}
	shop.post(t, "/2025-04/pickuppoints", `{"searchCriteria":{"location":{"postcode":"00100","countryCode":"FI"},"serviceFilters":{}},"limit":3}`, &found)
	for _, point := range found.PickupPoints {
		if point.PublicName == "" || !strings.HasPrefix(point.CareOf, "c/o ") || len(point.Availability.OpeningHours) != 7 || len(point.Capabilities) == 0 {
			t.Errorf("the point is %+v", point)
		}
		for _, day := range point.Availability.OpeningHours {
			if day.Closed != (day.Opens == nil) || day.Closed != (day.Closes == nil) || day.DayOfWeek == "" || day.Open24h && day.Closed {
				t.Errorf("%s on %+v", point.ID, day)
			}
		}
		for _, party := range []string{`"phone":"0401234567"`, `"phone":"+358 50 123 4567","mobile":""`} {
			var orders []struct {
				Parcels []struct{ ParcelNo string }
				Prints  []struct{ Href, Description, Media string }
			}
			shop.post(t, "/shippingapi/api/v2/shipping/order", `{"printConfig":{"target1Media":"laser-a5"},"shipment":{"senderPartners":[{"id":"POSTI","custNo":"654321"}],
				"sender":{"name":"Kauppa Oy","address1":"Katu 1","zipcode":"00100","city":"Helsinki","country":"FI"},"agent":{"quickId":"`+point.ID+`"},
				"receiver":{"name":"Ostaja","address1":"Tie 2","zipcode":"00200","city":"Helsinki","country":"FI",`+party+`},"service":{"id":"PO2103"},
				"parcels":[{"copies":1,"weight":5,"packageCode":"PKT","contents":"Tuote","valuePerParcel":true}]}}`, &orders)
			if label := orders[0].Prints[0]; label.Description != "Label" || label.Media != "laser-a5" {
				t.Errorf("the labels are %+v", label)
			}
			var sent struct {
				Shipments []struct{ SendingCode string }
			}
			shop.post(t, "/2026-04/labelless", `{"searchCriteria":{"trackingNumber":"`+orders[0].Parcels[0].ParcelNo+`"},"validation":{"noEdiCheck":true}}`, &sent)
			if len(sent.Shipments) != 1 || len(sent.Shipments[0].SendingCode) != 6 {
				t.Errorf("the code is %+v", sent)
			}
		}
	}
	// The carrier's own example of an order, as shops have copied it.
	var orders []map[string]any
	status, content := send(t, http.MethodPost, p.URL+"/shippingapi/api/v2/shipping/order", strings.Replace(fromTheCarrier, "pdfConfig", "printConfig", 1), "Authorization", "Bearer "+shop.token)
	if err := json.Unmarshal(content, &orders); status != http.StatusOK || err != nil {
		t.Errorf("%d %s", status, content)
	}
}

const fromTheCarrier = `{"pdfConfig":{"target1XOffset":0,"target1YOffset":0,"target1Media":"thermo-225","target2Media":"laser-a4","target3Media":null},"shipment":{` +
	`"sender":{"name":"Posti Oy","address1":"Postintaival 7","zipcode":"00230","city":"HELSINKI","country":"FI","phone":"+35820077000"},` +
	`"senderPartners":[{"id":"POSTI","custNo":"654321"}],"receiver":{"name":"Liisa","address1":"Katu 1","zipcode":"20700","city":"TURKU","country":"FI","phone":"+358401234567","email":""},` +
	`"agent":{"quickId":"207003200","name":"Posti","address1":"Katu 2","zipcode":"20700","city":"TURKU","country":"FI"},"service":{"id":"PO2103"},` +
	`"parcels":[{"copies":"2","weight":"1.5","contents":"Products","valuePerParcel":true}]}}`
