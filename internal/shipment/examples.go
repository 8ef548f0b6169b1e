package shipment

import (
	"fmt"
	"slices"
	"time"
)

// examplesPlaced is when the examples were ordered, so that they tell the same at any time.
var examplesPlaced = time.Date(2026, time.January, 12, 8, 0, 0, 0, time.UTC)

// ExampleNumber gives the tracking number of the example of a parcel in a status, JJFI999999 and 0000000000n, n being the
// status's place in the order of Statuses, from 1 on; of freight it is 00999999 and 00000000000n, from 1 to 4.
func ExampleNumber(n int, freight bool) string {
	if freight {
		return fmt.Sprintf("00999999%012d", n)
	}
	return fmt.Sprintf("JJFI999999%011d", n)
}

// examples makes a shipment for each status, by moving one along its story until it is there.
func examples() []Tracked {
	var list []Tracked
	parcel := Order{Contract: Contract{"999999", PartnerPosti}, Service: "PO2103",
		Sender:   Party{Name: "Example Oy", Address1: "Mannerheimintie 1", Postcode: "00100", City: "Helsinki", Country: "FI"},
		Receiver: Party{Name: "Maija Meikäläinen", Address1: "Hämeenkatu 1", Postcode: "33100", City: "Tampere", Country: "FI"},
		Parcels:  []Parcel{{Copies: 1, Weight: 2500}}}
	home, freight := parcel, parcel
	home.Service, home.SenderReference = "PO2104", storyReturns+"EXAMPLE"
	freight.Service, freight.Contract.Partner = "PO2144", PartnerFreight
	for i, status := range Statuses() {
		order := parcel
		if slices.Contains([]Status{OutForDelivery, ReturnInTransport, ReturnedToSender}, status) {
			order = home
		}
		if status != Cancelled {
			list = append(list, exampleOf(order, status, ExampleNumber(i+1, false)))
		}
	}
	for i, status := range []Status{Waiting, InTransport, OutForDelivery, Delivered} {
		list = append(list, exampleOf(freight, status, ExampleNumber(i+1, true)))
	}
	return list
}

func exampleOf(order Order, status Status, number string) Tracked {
	t := Tracked{Placed: Placed{Order: order, Number: number, Status: status, PlacedAt: examplesPlaced,
		Parcels: []PlacedParcel{{Number: number, Weight: order.Parcels[0].Weight}}}}
	for _, step := range order.Story(true) {
		t.Events = append(t.Events, order.told(step, examplesPlaced.Add(step.After)))
		if step.Status == status {
			break
		}
	}
	t.ChangedAt = t.Events[len(t.Events)-1].OccurredAt
	return t
}
