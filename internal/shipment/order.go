package shipment

import "omapostipro/internal/label"

// The limits of an order. That of the sender's reference is the carrier's; the others are ours. Texts are counted in
// characters, and what is printed is no longer than a label surely holds.
const (
	MaxParcels         = 99
	MaxSenderReference = 35
	MaxReference       = 35 // of one parcel
	MaxOrderNo         = 35
	MaxFreeText        = 100
	MaxContents        = 200
	MaxPackageCode     = 20
	MaxName            = 100
	MaxAddress         = 100
	MaxCity            = 60
	MaxPostcode        = 12
	MaxPhone           = 30
	MaxEmail           = 254
	MaxPickupPoint     = 20

	MaxCashOnDelivery = 10_000_00     // cents
	MaxLength         = 100_000       // mm
	MaxVolume         = 1_000_000_000 // cm³
)

// Contract is the number that an order is placed under.
type Contract struct {
	Number  string // six digits
	Partner Partner
}

// Order is a delivery order as its sender gives it, in the one way of writing that Validate takes: no space around a text,
// countries and ids in capitals, account and reference numbers without spaces. Zero values are what was not given; they are
// not stored.
type Order struct {
	Contract        Contract       `json:",omitzero"`
	Sender          Party          `json:",omitzero"`
	Receiver        Party          `json:",omitzero"`
	PickupPoint     string         `json:",omitzero"` // the code of the pickup point or locker
	PickupAddress   Party          `json:",omitzero"` // where that is, as the sender knows it; printed for one abroad, which is not known here
	Service         string         `json:",omitzero"` // id of the catalogue
	AddOns          []OrderedAddOn `json:",omitzero"`
	NormalShipment  bool           `json:",omitzero"` // this and the next as ordered, for the answer: whether a parcel is a return is the service's to say
	ReturnShipment  bool           `json:",omitzero"`
	OrderNo         string         `json:",omitzero"`
	SenderReference string         `json:",omitzero"`
	FreeText        string         `json:",omitzero"`
	Parcels         []Parcel       `json:",omitzero"`
	Customs         *Customs       `json:",omitzero"` // what is declared, if anything is
	LabelOffset     label.Offset   `json:",omitzero"` // how far its labels are moved on what they are printed on
}

// Party is somebody with an address.
type Party struct {
	Name     string `json:",omitzero"`
	Address1 string `json:",omitzero"`
	Address2 string `json:",omitzero"`
	Postcode string `json:",omitzero"`
	City     string `json:",omitzero"`
	Country  string `json:",omitzero"` // ISO 3166-1 alpha-2
	Phone    string `json:",omitzero"`
	Mobile   string `json:",omitzero"`
	Email    string `json:",omitzero"`
}

// Parcel is one parcel, or several that are alike.
type Parcel struct {
	Copies      int    `json:",omitzero"` // how many
	Weight      int64  `json:",omitzero"` // of each, in grams
	Volume      int64  `json:",omitzero"` // of each, in cm³
	Length      int64  `json:",omitzero"` // in mm, as are
	Width       int64  `json:",omitzero"`
	Height      int64  `json:",omitzero"`
	PackageCode string `json:",omitzero"` // "PKT" and the like
	Contents    string `json:",omitzero"`
	Reference   string `json:",omitzero"`
}

// OrderedAddOn is an additional service that an order asks for.
type OrderedAddOn struct {
	ID        string `json:",omitzero"` // of the catalogue
	Amount    *int64 `json:",omitzero"` // cents; nil when it is not given
	Currency  string `json:",omitzero"` // of the amount; euro when it is not given
	Account   string `json:",omitzero"`
	Reference string `json:",omitzero"`
}

func (a OrderedAddOn) has(p Property) bool {
	switch p {
	case PropertyAmount:
		return a.Amount != nil
	case PropertyAccount:
		return a.Account != ""
	case PropertyReference:
		return a.Reference != ""
	}
	return false
}

// ParcelCount counts the copies of all parcels; each is numbered by itself.
func (o Order) ParcelCount() int {
	count := 0
	for _, p := range o.Parcels {
		count += p.Copies
	}
	return count
}

// TakesPickupPoint says whether the order may name a pickup point, as it is.
func (o Order) TakesPickupPoint() bool { return o.destination().takesPickupPoint() }

// ToPickupPoint says whether the order's parcels go to a pickup point.
func (o Order) ToPickupPoint() bool {
	destination := o.destination()
	return destination == ToPickupPoint || destination == ToEither && o.PickupPoint != ""
}

// Fetched says whether the order's parcels wait for their receiver, at a pickup point or a terminal, rather than being brought.
func (o Order) Fetched() bool { return o.ToPickupPoint() || o.destination() == AtTerminal }

// IsReturn says whether the order's parcels go back: by a return service, or by one that brings back its own.
func (o Order) IsReturn() bool {
	service, known := LookupService(o.Service)
	return known && (service.Destination == ToSender || o.ReturnShipment && service.MayReturn())
}

func (o Order) destination() Destination {
	service, _ := LookupService(o.Service)
	return service.DestinationWith(o.has)
}

func (o Order) has(addOn string) bool {
	for _, a := range o.AddOns {
		if a.ID == addOn {
			return true
		}
	}
	return false
}
