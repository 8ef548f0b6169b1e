package estimate

import (
	"strings"
	"testing"
	"time"

	"omapostipro/internal/shipment"
)

func TestDelivery(t *testing.T) {
	for name, test := range map[string]struct{ service, addOns, route, at, want string }{
		// 2026-11-23 is a Monday.
		"postal parcel":                  {"PO2103", "", "FI-FI", "2026-11-23T10:00:00+02:00", "2026-11-25T12:00:00+02:00"},
		"before the cut-off":             {"PO2103", "", "FI-FI", "2026-11-23T15:59:59+02:00", "2026-11-25T12:00:00+02:00"},
		"at the cut-off":                 {"PO2103", "", "FI-FI", "2026-11-23T16:00:00+02:00", "2026-11-26T12:00:00+02:00"},
		"the same in UTC":                {"PO2103", "", "FI-FI", "2026-11-23T14:00:00Z", "2026-11-26T12:00:00+02:00"},
		"over a weekend":                 {"PO2103", "", "FI-FI", "2026-11-26T10:00:00+02:00", "2026-11-30T12:00:00+02:00"},
		"handed in on a Saturday":        {"PO2103", "", "FI-FI", "2026-11-28T10:00:00+02:00", "2026-12-02T12:00:00+02:00"},
		"to the door":                    {"PO2104", "", "FI-FI", "2026-11-23T10:00:00+02:00", "2026-11-25T16:00:00+02:00"},
		"express":                        {"PO2102", "", "FI-FI", "2026-11-23T10:00:00+02:00", "2026-11-24T16:00:00+02:00"},
		"by nine":                        {"PO2102", "DLV09", "FI-FI", "2026-11-23T10:00:00+02:00", "2026-11-24T09:00:00+02:00"},
		"the same day":                   {"PO2102", "DLV00", "FI-FI", "2026-11-23T09:59:00+02:00", "2026-11-23T21:00:00+02:00"},
		"too late for the same day":      {"PO2102", "DLV00", "FI-FI", "2026-11-23T10:00:00+02:00", "2026-11-24T21:00:00+02:00"},
		"the same day on a Sunday":       {"PO2102", "DLV00", "FI-FI", "2026-11-29T09:00:00+02:00", "2026-11-30T21:00:00+02:00"},
		"in the evening":                 {"PO2144", "DLV21", "FI-FI", "2026-11-23T10:00:00+02:00", "2026-11-25T21:00:00+02:00"},
		"on a Saturday":                  {"PO2102", "DLVSAT", "FI-FI", "2026-11-27T10:00:00+02:00", "2026-11-28T16:00:00+02:00"},
		"not on a Saturday":              {"PO2102", "", "FI-FI", "2026-11-27T10:00:00+02:00", "2026-11-30T16:00:00+02:00"},
		"not on a holiday that is one":   {"PO2102", "DLVSAT", "FI-FI", "2026-10-30T10:00:00+02:00", "2026-11-02T16:00:00+02:00"},
		"Saturdays only at the end":      {"PO5003", "DLVSAT", "FI-FI", "2026-11-26T10:00:00+02:00", "2026-11-28T16:00:00+02:00"},
		"time agreed":                    {"PO2104", "DLVANOT", "FI-FI", "2026-11-23T10:00:00+02:00", "2026-11-26T16:00:00+02:00"},
		"over Christmas":                 {"PO2103", "", "FI-FI", "2026-12-23T10:00:00+02:00", "2026-12-29T12:00:00+02:00"},
		"over Easter and to summer time": {"PO2102", "", "FI-FI", "2027-03-25T10:00:00+02:00", "2027-03-30T16:00:00+03:00"},
		"back from summer time":          {"PO2102", "", "FI-FI", "2026-10-23T10:00:00+03:00", "2026-10-26T16:00:00+02:00"},
		"Åland":                          {"PO2103", "", "FI-AX", "2026-11-23T10:00:00+02:00", "2026-11-25T12:00:00+02:00"},
		"to Estonia":                     {"PO2331", "", "FI-EE", "2026-11-23T10:00:00+02:00", "2026-11-27T12:00:00+02:00"},
		"to a point in Sweden":           {"PO2711", "", "FI-SE", "2026-11-23T10:00:00+02:00", "2026-11-30T12:00:00+02:00"},
		"home from the point":            {"PO2711", "DLV", "FI-SE", "2026-11-23T10:00:00+02:00", "2026-11-30T16:00:00+02:00"},
		"to Sweden":                      {"PO2352", "", "FI-SE", "2026-11-23T10:00:00+02:00", "2026-11-30T16:00:00+02:00"},
		"to Japan":                       {"PO2017", "", "FI-JP", "2026-11-23T10:00:00+02:00", "2026-11-26T16:00:00+02:00"},
		"no route":                       {"PO2103", "", "FI-SE", "2026-11-23T10:00:00+02:00", ""},
		"no route from there":            {"PO2103", "", "SE-FI", "2026-11-23T10:00:00+02:00", ""},
		"nowhere":                        {"PO2103", "", "FI-", "2026-11-23T10:00:00+02:00", ""},
	} {
		service, known := shipment.LookupService(test.service)
		at, err := time.Parse(time.RFC3339, test.at)
		if !known || err != nil {
			t.Fatal(test)
		}
		from, to, _ := strings.Cut(test.route, "-")
		got := ""
		if there, ok := Delivery(Request{Service: service, AddOns: strings.Fields(test.addOns), From: from, To: to, At: at}); ok {
			got = there.Format(time.RFC3339)
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// Whatever the hour, the parcel is there after it was handed in, and who hands in later never gets it earlier.
func TestDeliveryComesAfter(t *testing.T) {
	for _, service := range shipment.Services() {
		last := time.Time{}
		from, to := "FI", map[shipment.Area]string{shipment.Finland: "FI", shipment.Baltics: "EE", shipment.EU: "SE", shipment.Anywhere: "JP"}[service.Route.To]
		if service.Route.From != shipment.Finland {
			from = map[shipment.Area]string{shipment.Baltics: "EE", shipment.EU: "SE"}[service.Route.From]
		}
		for at := time.Date(2026, 12, 1, 0, 30, 0, 0, time.UTC); at.Year() < 2028; at = at.Add(5 * time.Hour) {
			there, ok := Delivery(Request{Service: service, From: from, To: to, At: at})
			if !ok || !there.After(at) || there.Before(last) || there.Sub(at) > 30*24*time.Hour {
				t.Fatalf("%s at %s: %s %t, before that %s", service.ID, at, there, ok, last)
			}
			last = there
		}
	}
}
