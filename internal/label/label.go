package label

import "time"

// How many characters the texts of a [Label] may have so that its page surely holds them all, with 17
// additional services, which is the most that an order has. Longer ones are printed too, as long as there is room.
const (
	MaxText = 100 // of names, addresses, cities and the note
	MaxCode = 35  // of everything else
)

// Label is what is printed for one parcel. Empty fields take no room on the page.
type Label struct {
	TrackingNumber  string // what the bar code says: JJFI and 17 digits, or 00 and 18 digits of an SSCC
	Sender          Party
	Receiver        Party
	Service         Service
	AddOns          []AddOn
	CashOnDelivery  *CashOnDelivery // nil where nothing is to be paid
	PickupPoint     *PickupPoint    // nil where the parcel goes to the receiver's door
	Parcel          int             // this parcel's number in the shipment, from 1
	Parcels         int             // how many there are
	WeightGrams     int64           // 0 where it is not known
	Contract        string          // the contract number that pays
	Reference       string          // the sender's reference of the shipment
	ParcelReference string          // that of this parcel; printed beside the other where it is another
	OrderNumber     string
	Note            string // free text
	RoutingCode     string // what the sorting reads; nine digits are printed as postcode and routing service
	ShipDate        time.Time
	Test            bool     // the parcel is not carried, and the label says so
	Customs         *Customs // the shipment's declaration, if it is to lie after this label
}

// Party is who sends or receives.
type Party struct {
	Name     string
	Address1 string
	Address2 string
	Zipcode  string
	City     string
	Country  string // ISO 3166 code of two letters; empty is FI
	Phone    string
}

// Service is the product that the parcel travels with.
type Service struct {
	Code string // as PO2103
	Name string
}

// AddOn is an additional service.
type AddOn struct {
	Code string // as FRAG
	Name string
}

// CashOnDelivery is what the receiver pays before the shipment is handed over: once, however many parcels it has.
type CashOnDelivery struct {
	Cents     int64  // of a euro
	Account   string // IBAN
	Reference string // Finnish reference number
}

// PickupPoint is where the parcel waits for its receiver.
type PickupPoint struct {
	Code    string
	Name    string
	Address string
	Zipcode string
	City    string
}
