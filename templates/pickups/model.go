// Package pickups draws Hämtningsbeställningar: the pickups that integrations have ordered, and each one's page.
package pickups

import (
	"time"

	"omapostipro/templates/layout"
	"omapostipro/templates/ui"
)

// Page is the list.
type Page struct {
	layout.Base
	Pickups []Pickup // the last ordered first
	More    string   // the next page; empty after the last
}

// Pickup is one pickup order.
type Pickup struct {
	ID           string
	Earliest     time.Time
	Latest       time.Time
	Address      Address
	Instructions string
	Contract     ui.ContractNumber // which pays
	Packages     int
	PackageType  string // as their sender calls them
	Ordered      time.Time
	OrderedBy    string
	OrdererURL   string    // the page of what ordered it; empty without one
	ByMessage    bool      // in XML
	Cancelled    time.Time // zero: it stands
	Shipments    []Shipment
}

// Address is where to fetch.
type Address struct {
	Name, Street, Postcode, City, Country, Phone, Email string
}

// Shipment is something that is fetched. What an XML message tells of it is zero for others.
type Shipment struct {
	Number      string
	OrderType   string
	Earliest    time.Time
	Latest      time.Time
	Packages    int
	PackageType string
}

// DetailPage is a pickup's own page.
type DetailPage struct {
	layout.Base
	Pickup      Pickup
	Cancellable bool // by the reader, now
}

// CancellationPage is the dialog that asks before a pickup is cancelled, over its page.
type CancellationPage struct {
	DetailPage
}
