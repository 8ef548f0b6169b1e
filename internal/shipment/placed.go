package shipment

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/fault"
	"omapostipro/internal/label"
	"omapostipro/internal/pickuppoint"
)

// LabelLifetime is how long a link to labels works (the carrier's rule).
const LabelLifetime = time.Hour

// Placed is a delivery order that has been placed.
type Placed struct {
	ID          uuid.UUID
	Order       Order
	Number      string // the shipment's: its first parcel's
	Parcels     []PlacedParcel
	PlacedAt    time.Time
	ChangedAt   time.Time // when something happened to it last
	Status      Status
	CancelledAt *time.Time
	ReturnOf    *uuid.UUID // the order whose parcels this one brings back
	Label       LabelLink  // the last that was made
}

// Told gives a status of the shipment as every family tells it.
func (p Placed) Told(s Status) Status { return s.ToldOf(p.Order.Contract.Partner.ContractKind()) }

// PlacedParcel is one parcel, with a number of its own.
type PlacedParcel struct {
	Number      string // JJFI and 17 digits; for freight an SSCC
	Weight      int64  // in grams
	Reference   string
	SendingCode string // what may be written on it in place of a label; "" for none
}

// LabelLink is a link to an order's labels.
type LabelLink struct {
	ID        uuid.UUID
	Media     label.Media
	ExpiresAt time.Time
}

// Refused is an order with problems that keep it from being placed.
type Refused struct{ Problems []Problem }

func (r *Refused) Error() string { return "the order is refused: " + r.Problems[0].Message }

// Permit checks that the actor may order under a contract: the number is among its own, and of the kind of the partner
// that the order names. A partner that does not exist has no kind; Validate refuses it.
func Permit(actor account.Actor, contract Contract) (account.ContractNumber, error) {
	kind := contract.Partner.ContractKind()
	for _, number := range actor.Numbers {
		if number.Number == contract.Number && (number.Kind == kind || kind == "") {
			return number, nil
		}
	}
	return account.ContractNumber{}, ErrContractNotAllowed
}

// ErrContractNotAllowed is the error for a contract that is not the actor's.
var ErrContractNotAllowed = fault.New(fault.Forbidden, "errors.forbidden_text")

// conflict is what an order has become, so that something cannot be done with it.
type conflict string

func (c conflict) Error() string { return "the shipment " + string(c) }

// What keeps something from being done with an order that has been placed.
const (
	ErrCancelled   conflict = "is cancelled"
	ErrInTransport conflict = "is in the carrier's hands"
	ErrNoReturn    conflict = "went by a service without a return service"
)

// contractIDs gives the actor's numbers by which orders are found: those that are written so, or, for "", all.
func contractIDs(actor account.Actor, number string) []uuid.UUID {
	allowed := []uuid.UUID{}
	for _, n := range actor.Numbers {
		if number == "" || n.Number == number {
			allowed = append(allowed, n.ID)
		}
	}
	return allowed
}

// number gives each parcel its number; serials has one for each.
func (o Order) number(serials []int64) []PlacedParcel {
	number := TrackingNumber
	if service, _ := LookupService(o.Service); service.Partner == PartnerFreight {
		number = SSCC
	}
	var parcels []PlacedParcel
	for _, p := range o.Parcels {
		for range p.Copies {
			parcels = append(parcels, PlacedParcel{Number: number(o.Contract.Number, serials[len(parcels)]), Weight: p.Weight, Reference: p.Reference})
		}
	}
	if o.NeedsSendingCode() {
		for i := range parcels {
			parcels[i].SendingCode = sendingCode(serials[i])
		}
	}
	return parcels
}

// RenderLabels draws the order's labels on what it asked for; test makes them say that nothing is carried. Those of a
// cancelled order are refused with ErrCancelled.
func (p Placed) RenderLabels(test bool) ([]byte, error) {
	labels, err := Labels([]Placed{p}, test)
	if err != nil {
		return nil, err
	}
	return label.PDF(labels, p.Target())
}

// Target is what the order asked its labels to be printed on.
func (p Placed) Target() label.Target {
	return label.Target{Media: p.Label.Media, Offset: p.Order.LabelOffset}
}

// Labels gives what is printed for each parcel of some orders, in their order, each order's customs declaration after its last; test makes it say that nothing is carried.
// For a cancelled order nothing is printed: that is ErrCancelled.
func Labels(orders []Placed, test bool) ([]label.Label, error) {
	var labels []label.Label
	for _, placed := range orders {
		if placed.Status == Cancelled {
			return nil, ErrCancelled
		}
		labels = append(labels, placed.labels(test)...)
	}
	return labels, nil
}

func (p Placed) labels(test bool) []label.Label {
	service, _ := LookupService(p.Order.Service)
	common := label.Label{
		Sender:      p.Order.Sender.onLabel(),
		Receiver:    p.Order.Receiver.onLabel(),
		Service:     label.Service{Code: service.ID, Name: p.Order.printed(service.Name)},
		Parcels:     len(p.Parcels),
		Contract:    p.Order.Contract.Number,
		Reference:   p.Order.SenderReference,
		OrderNumber: p.Order.OrderNo,
		Note:        p.Order.FreeText,
		RoutingCode: p.Order.routingCode(),
		ShipDate:    p.PlacedAt,
		Test:        test,
	}
	for _, ordered := range p.Order.AddOns {
		addOn, _ := LookupAddOn(ordered.ID)
		common.AddOns = append(common.AddOns, label.AddOn{Code: addOn.ID, Name: p.Order.printed(addOn.Name)})
		if ordered.Amount != nil {
			common.CashOnDelivery = &label.CashOnDelivery{Cents: *ordered.Amount, Account: ordered.Account, Reference: ordered.Reference}
		}
	}
	if p.Order.PickupPoint != "" {
		common.PickupPoint = p.Order.pickupPointOnLabel()
	}
	labels := make([]label.Label, len(p.Parcels))
	for i, parcel := range p.Parcels {
		labels[i] = common
		labels[i].Parcel, labels[i].TrackingNumber, labels[i].WeightGrams, labels[i].ParcelReference = i+1, parcel.Number, parcel.Weight, parcel.Reference
	}
	labels[len(labels)-1].Customs = p.declaration()
	return labels
}

// printed writes a name of the catalogue as labels have their captions: in the languages of those who handle the parcel,
// in Finland Finnish and Swedish, and with English where it crosses a border.
func (o Order) printed(name Name) string {
	said := []string{name.FI}
	if name.SV != name.FI {
		said = append(said, name.SV)
	}
	if abroad := !Finland.Contains(o.Sender.Country) || !Finland.Contains(o.Receiver.Country); abroad && !slices.Contains(said, name.EN) {
		said = append(said, name.EN)
	}
	return strings.Join(said, " / ")
}

// pickupPointOnLabel tells what is known of the point; of one abroad that is what the sender knows.
func (o Order) pickupPointOnLabel() *label.PickupPoint {
	code, given := o.PickupPoint, o.PickupAddress
	point, known := pickuppoint.ByCode(code)
	if !known {
		return &label.PickupPoint{Code: code, Name: given.Name, Address: given.Address1, Zipcode: given.Postcode, City: given.City}
	}
	return &label.PickupPoint{Code: code, Name: point.PublicName(pickuppoint.Finnish), Address: point.Street.FI, Zipcode: point.Postcode(), City: point.City.FI}
}

// routingCode is what the sorting reads: where the parcel is to be fetched, or else the postcode.
func (o Order) routingCode() string {
	if o.PickupPoint != "" {
		return o.PickupPoint
	}
	return o.Receiver.Postcode
}

func (p Party) onLabel() label.Party {
	phone := p.Mobile
	if phone == "" {
		phone = p.Phone
	}
	return label.Party{Name: p.Name, Address1: p.Address1, Address2: p.Address2, Zipcode: p.Postcode, City: p.City, Country: p.Country, Phone: phone}
}
