package templates_test

import (
	"time"

	"github.com/a-h/templ"

	"omapostipro/templates/pickups"
	"omapostipro/templates/ui"
)

// pickupSamples adds the pages of pickups in each of their states.
func pickupSamples(pages map[string]templ.Component) {
	at := time.Date(2026, 11, 30, 6, 0, 0, 0, time.UTC)
	told := pickups.Pickup{ID: "p1", Earliest: at, Latest: at.Add(8 * time.Hour), Contract: ui.ContractNumber{Number: "654321", Holder: "Example Oy"},
		Address:      pickups.Address{Name: "Example Oy", Street: "Storgatan 1", Postcode: "65100", City: "VASA", Country: "FI", Phone: "061234567", Email: "lager@example.com"},
		Instructions: "Ring på\noch vänta", Packages: 3, PackageType: "CW PKT", Ordered: at, OrderedBy: "Lagret", OrdererURL: "/o/o1/integrations/omaposti-pro/keys/k1", ByMessage: true,
		Shipments: []pickups.Shipment{{Number: "JJFI65432198911973958", OrderType: "PICKUP", Earliest: at, Latest: at.Add(8 * time.Hour), Packages: 2, PackageType: "CW"}, {Number: "Lass-7"}, {Number: "JJFI65432198911973965"}}}
	plain := told
	plain.OrdererURL, plain.ByMessage, plain.Instructions, plain.PackageType, plain.Cancelled = "", false, "", "", at
	plain.Shipments = []pickups.Shipment{{Number: "JJFI65432198911973958"}}
	detail := pickups.DetailPage{Base: base(), Pickup: told, Cancellable: true}
	pages["pickups"] = pickups.Page{Base: base(), Pickups: []pickups.Pickup{told, plain}, More: "/o/o1/pickups?after=x"}.View()
	pages["pickups empty"] = pickups.Page{Base: base()}.View()
	pages["pickup"] = detail.View()
	pages["pickup cancelled"] = pickups.DetailPage{Base: base(), Pickup: plain}.View()
	pages["pickup cancellation"] = pickups.CancellationPage{DetailPage: detail}.View()
}
