package shipment_test

import (
	"strings"
	"testing"

	"omapostipro/internal/shipment"
)

// codes writes a story down as its events and the statuses that they lead to.
func codes(o shipment.Order) string {
	var words []string
	for _, step := range o.Story(true) {
		words = append(words, step.Code+" "+string(step.Status))
	}
	return strings.Join(words, ", ")
}

func TestStories(t *testing.T) {
	t.Parallel()
	const begun, pickup, home = "68 WAITING, 13 RECEIVED, 48 IN_TRANSPORT, 31 IN_TRANSPORT, ", "91 READY_FOR_PICKUP, 45 READY_FOR_PICKUP, ", "71 OUT_FOR_DELIVERY, "
	for name, test := range map[string]struct {
		service, pickupPoint, reference, addOn, want string
	}{
		"to a pickup point":        {"PO2103", "", "", "", begun + pickup + "22 DELIVERED"},
		"to the door":              {"PO2104", "", "", "", begun + home + "22 DELIVERED"},
		"express to a point":       {"PO2102", "001003200", "", "", begun + pickup + "22 DELIVERED"},
		"express to the door":      {"PO2102", "", "", "", begun + home + "22 DELIVERED"},
		"cash on delivery":         {"PO2104", "", "", "COD", begun + home + "22 DELIVERED, 38 DELIVERED"},
		"an attempt that fails":    {"PO2104", "", "FAIL-1", "", begun + home + "56 OUT_FOR_DELIVERY, 22 DELIVERED"},
		"the same to a point":      {"PO2103", "", "FAIL-1", "", begun + "56 IN_TRANSPORT, " + pickup + "22 DELIVERED"},
		"delayed":                  {"PO2103", "", "DELAY-1", "", begun + "20 IN_TRANSPORT, " + pickup + "22 DELIVERED"},
		"not fetched":              {"PO2103", "", "RETURN-1", "", begun + pickup + "20 READY_FOR_PICKUP, 77 RETURN_IN_TRANSPORT, 77 RETURNED_TO_SENDER"},
		"not accepted at the door": {"PO2104", "", "RETURN-1", "COD", begun + home + "56 OUT_FOR_DELIVERY, 77 RETURN_IN_TRANSPORT, 77 RETURNED_TO_SENDER"},
		"lost":                     {"PO2103", "", "LOST-1", "", begun + "20 IN_TRANSPORT"},
		"home from the point":      {"PO2711", "", "", "DLV", begun + home + "22 DELIVERED"},
		"abroad to a point":        {"PO2711", "", "", "", begun + pickup + "22 DELIVERED"},
		"from the terminal":        {"ITKY14I", "", "", "PUPDEP", begun + pickup + "22 DELIVERED"},
		"left at the terminal":     {"ITKY14I", "", "RETURN-1", "PUPDEP", begun + pickup + "20 READY_FOR_PICKUP, 77 RETURN_IN_TRANSPORT, 77 RETURNED_TO_SENDER"},
		"a pallet to the door":     {"ITKY14I", "", "", "", begun + home + "22 DELIVERED"},
		"no magic in the middle":   {"PO2103", "", "X-LOST-1", "", begun + pickup + "22 DELIVERED"},
	} {
		order := shipment.Order{Service: test.service, PickupPoint: test.pickupPoint, SenderReference: test.reference}
		if test.addOn != "" {
			order.AddOns = []shipment.OrderedAddOn{{ID: test.addOn}}
		}
		if got := codes(order); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, test.want)
		}
	}
	// The order number chooses too, when there is no reference; without magic nothing does.
	if got := codes(shipment.Order{Service: "PO2103", OrderNo: "LOST-1"}); !strings.HasSuffix(got, "20 IN_TRANSPORT") {
		t.Errorf("by order number: %s", got)
	}
	if story := (shipment.Order{Service: "PO2103", SenderReference: "LOST-1"}).Story(false); story[len(story)-1].Code != shipment.EventHandedOver {
		t.Error("magic where there is none")
	}
	// Time goes on, for every service in every story, and what is told is in the catalogue.
	for _, service := range shipment.Services() {
		for _, reference := range []string{"", "FAIL-", "DELAY-", "RETURN-", "LOST-"} {
			story := shipment.Order{Service: service.ID, SenderReference: reference}.Story(true)
			for i, step := range story {
				event, known := shipment.LookupEvent(step.Code)
				if !known || i > 0 && step.After < story[i-1].After || event.Status != "" && step.Status != event.Status && step.Status != event.Then {
					t.Errorf("%s %s: step %d is %+v after %+v", service.ID, reference, i, step, story[max(0, i-1)])
				}
			}
		}
	}
}

func TestExamplesAreThereOnlyForTrying(t *testing.T) {
	t.Parallel()
	trying := new(shipment.Orders).Moving(shipment.Pace{Magic: true})
	for n, status := range shipment.Statuses() {
		example, there := trying.Example(strings.ToLower(shipment.ExampleNumber(n+1, false)))
		if status == shipment.Cancelled {
			if there {
				t.Error("what was never carried is tracked")
			}
			continue
		}
		last := example.Events[max(0, len(example.Events)-1)]
		if !there || example.Status != status || last.Status != status {
			t.Errorf("%s: %t %s, at last %+v", status, there, example.Status, last)
		}
		if _, err := shipment.ParseTrackingNumber(example.Number); err != nil {
			t.Errorf("%s: %v", example.Number, err)
		}
	}
	for n, status := range []shipment.Status{shipment.FreightOrderReceived, shipment.InTransport, shipment.FreightInDelivery, shipment.Delivered} {
		if example, there := trying.Example(shipment.ExampleNumber(n+1, true)); !there || example.Told(example.Status) != status {
			t.Errorf("freight %s: %t %s", status, there, example.Status)
		}
	}
	if _, there := new(shipment.Orders).Example(shipment.ExampleNumber(1, false)); there {
		t.Error("an example in production")
	}
}
