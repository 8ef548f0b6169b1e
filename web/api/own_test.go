package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"omapostipro/internal/label"
	"omapostipro/internal/shipment"
)

// fromNowhere is the origin of a call that has come by no network.
func fromNowhere(context.Context) (requestID, address string) { return "", "" }

// described gives the description of our own family as anybody reads it.
func described(t *testing.T, own http.Handler) map[string]any {
	t.Helper()
	w := httptest.NewRecorder()
	own.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/openapi.json", nil))
	var description map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &description); err != nil || w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("the description is answered with %d %v: %v", w.Code, w.Header(), err)
	}
	return description
}

// at goes down a document by names.
func at(t *testing.T, document any, names ...string) any {
	t.Helper()
	for _, name := range names {
		members, _ := document.(map[string]any)
		document = members[name]
		if document == nil {
			t.Fatalf("there is no %s of %v", name, names)
		}
	}
	return document
}

// Every call is described and every described call is served; the token's call is the carrier's.
func TestDescriptionIsOfWhatIsServed(t *testing.T) {
	own := New(Config{BaseURL: "https://portal.example", Origin: fromNowhere}).Own()
	description := described(t, own)
	if version := description["openapi"]; version != "3.1.0" {
		t.Errorf("it is OpenAPI %v", version)
	}
	paths, _ := description["paths"].(map[string]any)
	operations := map[string]bool{}
	for path, methods := range paths {
		for method, operation := range methods.(map[string]any) {
			operations[strings.ToUpper(method)+" "+path] = true
			for _, needed := range []string{"operationId", "summary", "responses", "tags"} {
				at(t, operation, needed)
			}
		}
	}
	err := chi.Walk(own.(chi.Routes), func(method, path string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		route := method + " " + path
		if undescribed := path == "/token" || strings.HasPrefix(path, "/openapi."); operations[route] == undescribed {
			t.Errorf("%s is described: %t", route, operations[route])
		}
		delete(operations, route)
		return nil
	})
	if err != nil || len(operations) > 0 {
		t.Errorf("described, not served: %v %v", operations, err)
	}
	// No reference leads nowhere.
	var walk func(any)
	walk = func(node any) {
		switch node := node.(type) {
		case []any:
			for _, child := range node {
				walk(child)
			}
		case map[string]any:
			if ref, ok := node["$ref"].(string); ok {
				at(t, description, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
			}
			for _, child := range node {
				walk(child)
			}
		}
	}
	walk(description)
	w := httptest.NewRecorder()
	own.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/openapi.yaml", nil))
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/yaml" || !strings.Contains(w.Body.String(), "openapi: 3.1.0") {
		t.Errorf("as YAML it is answered with %d %s", w.Code, w.Header())
	}
}

// What a generated client needs beside the calls themselves: how to log in, and what answers tell in their headers.
func TestDescriptionForGeneratedClients(t *testing.T) {
	description := described(t, New(Config{BaseURL: "https://portal.example", Origin: fromNowhere, Test: true}).Own())
	if url := at(t, description, "components", "securitySchemes", "client", "flows", "clientCredentials", "tokenUrl"); url != "https://portal.example/api/v1/token" {
		t.Errorf("tokens are at %v", url)
	}
	at(t, description, "components", "securitySchemes", "client", "flows", "clientCredentials", "scopes")
	at(t, description, "info", "license", "identifier")
	tags := map[string]bool{}
	for _, tag := range at(t, description, "tags").([]any) {
		tags[at(t, tag, "name").(string)] = at(t, tag, "description") != ""
	}
	for path, methods := range at(t, description, "paths").(map[string]any) {
		for method, operation := range methods.(map[string]any) {
			if tag := at(t, operation, "tags").([]any)[0].(string); !tags[tag] {
				t.Errorf("%s is not described", tag)
			}
			for status, answer := range at(t, operation, "responses").(map[string]any) {
				want := []string{"X-Request-Id", "RateLimit", "RateLimit-Policy"}
				switch status {
				case "201":
					want = append(want, "Location")
				case "429", "503":
					want = append(want, "Retry-After")
				}
				for _, header := range want {
					if at(t, answer, "headers").(map[string]any)[header] == nil {
						t.Errorf("%s %s: %s has no %s", method, path, status, header)
					}
				}
			}
		}
	}
}

// Limits and lists of the description are those of the rules.
func TestDescriptionSaysTheRules(t *testing.T) {
	schemas := at(t, described(t, New(Config{Origin: fromNowhere}).Own()), "components", "schemas")
	property := func(names ...string) any {
		return at(t, schemas, append([]string{names[0], "properties"}, names[1:]...)...)
	}
	for _, test := range []struct{ got, want any }{
		{property("ShipmentBody", "senderReference", "maxLength"), float64(shipment.MaxSenderReference)},
		{property("ShipmentBody", "parcels", "maxItems"), float64(shipment.MaxParcels)},
		{len(property("ServiceBody", "id", "enum").([]any)), len(shipment.Services())},
		{len(property("AddOnBody", "id", "enum").([]any)), len(shipment.AddOns())},
		{len(property("PrintBody", "target1Media", "enum").([]any)), len(label.AllMedia())},
		{len(property("ShipmentAnswer", "status", "enum").([]any)), len(shipment.ToldStatuses())},
		{len(property("EventsAnswer", "status", "enum").([]any)), len(shipment.ToldStatuses())},
		{len(property("TrackedEventAnswer", "status", "enum").([]any)), len(shipment.ToldStatuses())},
		{property("ShipmentsAnswer", "shipments", "type"), "array"},
		{at(t, schemas, "LabelsBody").(map[string]any)["additionalProperties"], false},
		{at(t, schemas, "OrderBody").(map[string]any)["additionalProperties"], nil},
	} {
		if !reflect.DeepEqual(test.got, test.want) {
			t.Errorf("got %v, want %v", test.got, test.want)
		}
	}
}
