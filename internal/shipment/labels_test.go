package shipment_test

import (
	"testing"

	"omapostipro/internal/label"
	"omapostipro/internal/shipment"
)

// A label says what both the shipment and the parcel are known by, and what is ordered in the languages of its captions.
func TestWhatLabelsSay(t *testing.T) {
	t.Parallel()
	amount := int64(1000)
	placed := shipment.Placed{Order: order(2), Number: "1", Parcels: []shipment.PlacedParcel{{Number: "1", Reference: "R-1"}, {Number: "2"}}}
	placed.Order.SenderReference = "S-1"
	placed.Order.AddOns = []shipment.OrderedAddOn{{ID: "FRAG"}, {ID: "COD", Amount: &amount}}
	labels, err := shipment.Labels([]shipment.Placed{placed}, false)
	if err != nil || len(labels) != 2 {
		t.Fatal(labels, err)
	}
	for i, parcel := range []string{"R-1", ""} {
		if l := labels[i]; l.Reference != "S-1" || l.ParcelReference != parcel || l.CashOnDelivery == nil || l.CashOnDelivery.Cents != 1000 {
			t.Errorf("parcel %d: %+v", i+1, l)
		}
	}
	if l := labels[0]; l.Service.Name != "Postipaketti / Postpaket" || l.AddOns[0] != (label.AddOn{Code: "FRAG", Name: "Särkyvä / Ömtåligt"}) {
		t.Errorf("in Finland it says %q and %q", l.Service.Name, l.AddOns)
	}
	placed.Order.Service, placed.Order.AddOns, placed.Order.Receiver.Country = "PO2331", []shipment.OrderedAddOn{{ID: "FRAG"}}, "EE"
	labels, _ = shipment.Labels([]shipment.Placed{placed}, false)
	if l := labels[0]; l.Service.Name != "Postipaketti Baltiaan / Postpaket till Baltikum / Postal Parcel Baltics" || l.AddOns[0].Name != "Särkyvä / Ömtåligt / Fragile" {
		t.Errorf("abroad it says %q and %q", l.Service.Name, l.AddOns)
	}
	placed.Order.Service = "ITPR"
	labels, _ = shipment.Labels([]shipment.Placed{placed}, false)
	if l := labels[0]; l.Service.Name != "Priority" {
		t.Errorf("what has one name is called %q", l.Service.Name)
	}
}
