package shipment

import (
	"slices"
	"strings"

	"omapostipro/internal/account"
)

// Partner is the carrier's business that a service belongs to; it says which kind of contract number pays for it.
type Partner string

// The partners, by the carrier's own ids.
const (
	PartnerPosti   Partner = "POSTI"     // parcels and letters, on a logistics contract
	PartnerFreight Partner = "ITELLALOG" // freight, on a freight transport code
)

// ContractKind gives the kind of contract number that the partner takes, and "" for an unknown partner.
func (p Partner) ContractKind() account.Kind {
	switch p {
	case PartnerPosti:
		return account.LogisticsContract
	case PartnerFreight:
		return account.FreightTransportCode
	default:
		return ""
	}
}

// Destination says where a service hands the parcel over, and so what an order has to tell of the receiver.
type Destination uint8

// The destinations.
const (
	ToAddress     Destination = iota // to the door, or through its letter slot: needs a street address
	ToPickupPoint                    // to a pickup point or locker, chosen by the order or else by the receiver's postcode
	ToEither                         // to the pickup point that the order names, else to the address
	ToSender                         // a return: to where the parcel came from
	AtTerminal                       // it is fetched from the carrier's terminal
)

// MobileRule says when a service needs the receiver's mobile number.
type MobileRule uint8

// The rules for the receiver's mobile number.
const (
	MobileOptional MobileRule = iota
	MobileNeeded
	MobileWithPickupPoint // only if the order names a pickup point
)

// Service is a way of sending that the carrier sells.
type Service struct {
	ID          string
	Name        Name
	MaxWeight   int64 // of one parcel, in grams
	Route       Route
	Hours       int // from hand-in to delivery, or to the notice that it can be fetched
	Partner     Partner
	Destination Destination
	Mobile      MobileRule
	Twins       []string // other ids that the carrier's clients have for it
	LockersOnly bool     // of pickup points, only parcel lockers will do
	Return      string   // the service that brings its parcels back; "" if there is none
	AddOns      []string // the additional services that it may have
}

// MayReturn says whether an order by the service may be a return: that of a return service always is, and that of one which
// brings back its own parcels where it says so.
func (s Service) MayReturn() bool { return s.Destination == ToSender || s.Return == s.ID }

// TakesPickupPoint says whether an order of the service may name a pickup point.
func (s Service) TakesPickupPoint() bool { return s.Destination.takesPickupPoint() }

func (d Destination) takesPickupPoint() bool { return d == ToPickupPoint || d == ToEither }

const (
	homeDelivery    = "DLV"    // brings a parcel to the address that would wait at a pickup point
	fromTheTerminal = "PUPDEP" // has a parcel wait at the terminal that would be brought
)

// DestinationWith says where the service hands a parcel over that has some additional services.
func (s Service) DestinationWith(has func(addOn string) bool) Destination {
	if s.TakesPickupPoint() && has(homeDelivery) {
		return ToAddress
	}
	if s.Destination == ToAddress && has(fromTheTerminal) {
		return AtTerminal
	}
	return s.Destination
}

// Allows says whether the service may have an additional service.
func (s Service) Allows(addOn string) bool { return slices.Contains(s.AddOns, addOn) }

// Rivals gives the additional services of the service that an order cannot have beside one of them.
func (s Service) Rivals(addOn string) []string {
	others := []string{}
	for _, id := range rivals(addOn) {
		if id != addOn && s.Allows(id) {
			others = append(others, id)
		}
	}
	return others
}

const kilo = 1000 // grams

var (
	withinFinland = Route{Finland, Finland}
	toBaltics     = Route{Finland, Baltics}
	fromBaltics   = Route{Baltics, Finland}
	toEU          = Route{Finland, EU}
	fromEU        = Route{EU, Finland}
	toAnywhere    = Route{Finland, Anywhere}
)

// SendingCode is the additional service that has a short code written on the parcel in place of a label. It is the only
// one whose id is a number.
const SendingCode = "3196"

func ids(list string) []string { return strings.Fields(list) }

// services are the carrier's, in the order of its own lists. PO2358 brings back parcels of 25 and of 30 kg, so it takes 30.
var services = named([]Service{
	{ID: "PO2103", MaxWeight: 25 * kilo, Route: withinFinland, Hours: 48, Partner: PartnerPosti, Destination: ToPickupPoint, Mobile: MobileWithPickupPoint, Return: "PO2108",
		AddOns: ids("COD FDNGPP FRAG NOBOX NOT NOTLTR OPAY PERS PUPOPT RBLOCK REG REMIPOST RETNEXT SPTR " + SendingCode)},
	{ID: "PO2104", MaxWeight: 35 * kilo, Route: withinFinland, Hours: 48, Partner: PartnerPosti, Destination: ToAddress, Mobile: MobileNeeded, Return: "PO2108",
		AddOns: ids("COD DLVNOPOD DLVANOT DNG FDNGPP FRAG OPAY PERS SPTR " + SendingCode)},
	{ID: "PO2102", MaxWeight: 35 * kilo, Route: withinFinland, Hours: 24, Partner: PartnerPosti, Destination: ToEither, Return: "PO2102",
		AddOns: ids("COD DLV00 DLV09 DLVCALL DLVINST DLVNOPOD DLVSAT DNG FDNGPP FRAG NOT OPAY PERS PRENOT RBLOCK RECYCLE SPTR " + SendingCode)},
	{ID: "PO2461", MaxWeight: 2 * kilo, Route: withinFinland, Hours: 48, Partner: PartnerPosti, Destination: ToAddress, Return: "PO2108",
		AddOns: ids("OPAY " + SendingCode)},
	{ID: "PO2108", MaxWeight: 25 * kilo, Route: withinFinland, Hours: 72, Partner: PartnerPosti, Destination: ToSender,
		AddOns: ids("FDNGPP FRAG OPAY SPTR " + SendingCode)},
	{ID: "PO2144", MaxWeight: 2500 * kilo, Route: withinFinland, Hours: 48, Partner: PartnerFreight, Destination: ToAddress, Return: "PO2144",
		AddOns: ids("COD DLV00 DLV09 DLV21 DLVANOT DLVCALL DLVINST DLVNOPOD DNG OPAY PERS PRENOT RECYCLE WARM")},

	{ID: "PO2331", MaxWeight: 25 * kilo, Route: toBaltics, Hours: 96, Partner: PartnerPosti, Destination: ToPickupPoint, Return: "PO2338",
		AddOns: ids("FDNGPP OPAY SPTR FRAG NOT")},
	{ID: "PO2338", MaxWeight: 25 * kilo, Route: fromBaltics, Hours: 96, Partner: PartnerPosti, Destination: ToSender,
		AddOns: ids("FDNGPP OPAY SPTR FRAG")},
	{ID: "PO2351", MaxWeight: 25 * kilo, Route: toEU, Hours: 120, Partner: PartnerPosti, Destination: ToPickupPoint, Return: "PO2358",
		AddOns: ids("NOT OPAY SPTR")},
	{ID: "PO2352", MaxWeight: 30 * kilo, Route: toEU, Hours: 120, Partner: PartnerPosti, Destination: ToAddress, Return: "PO2358",
		AddOns: ids("NOT OPAY SPTR")},
	{ID: "PO2354", MaxWeight: 30 * kilo, Route: toEU, Hours: 120, Partner: PartnerPosti, Destination: ToAddress, Return: "PO2359",
		AddOns: ids("NOT OPAY SPTR")},
	{ID: "PO2358", MaxWeight: 30 * kilo, Route: fromEU, Hours: 120, Partner: PartnerPosti, Destination: ToSender,
		AddOns: ids("OPAY SPTR")},
	{ID: "PO2359", MaxWeight: 30 * kilo, Route: fromEU, Hours: 120, Partner: PartnerPosti, Destination: ToSender,
		AddOns: ids("OPAY SPTR")},
	{ID: "PO2711", MaxWeight: 30 * kilo, Route: toEU, Hours: 120, Partner: PartnerPosti, Destination: ToPickupPoint, Return: "PO2718",
		AddOns: ids("COD DLV OPAY PUPOPT SPTR")},
	{ID: "PO2718", MaxWeight: 30 * kilo, Route: fromEU, Hours: 120, Partner: PartnerPosti, Destination: ToSender,
		AddOns: ids("OPAY SPTR")},
	{ID: "ITPR", Twins: ids("PO2015 2015"), MaxWeight: 30 * kilo, Route: toAnywhere, Hours: 168, Partner: PartnerPosti, Destination: ToAddress,
		AddOns: ids("OPAY")},
	{ID: "PO2017", Twins: ids("PO2017D 2017D"), MaxWeight: 30 * kilo, Route: toAnywhere, Hours: 72, Partner: PartnerPosti, Destination: ToAddress,
		AddOns: ids("OPAY")},

	{ID: "PO2114", MaxWeight: 35 * kilo, Route: withinFinland, Hours: 24, Partner: PartnerPosti, Destination: ToAddress,
		AddOns: ids("COLD FDNGPP FRZ OPAY")},
	{ID: "PO2115", MaxWeight: 35 * kilo, Route: withinFinland, Hours: 24, Partner: PartnerPosti, Destination: ToPickupPoint, LockersOnly: true,
		AddOns: ids("COLD FDNGPP FRZ OPAY")},
	{ID: "PO5001", MaxWeight: 2 * kilo, Route: withinFinland, Hours: 24, Partner: PartnerPosti, Destination: ToAddress,
		AddOns: ids("DLVSAT OPAY")},
	{ID: "PO5002", MaxWeight: 2 * kilo, Route: withinFinland, Hours: 72, Partner: PartnerPosti, Destination: ToAddress,
		AddOns: ids("COD NOT OPAY REMIPOST")},
	{ID: "PO5003", MaxWeight: 2 * kilo, Route: withinFinland, Hours: 48, Partner: PartnerPosti, Destination: ToAddress,
		AddOns: ids("NOT OPAY PERS REMIPOST")},
	{ID: "PO5004", MaxWeight: 2 * kilo, Route: withinFinland, Hours: 48, Partner: PartnerPosti, Destination: ToAddress,
		AddOns: ids("NOT OPAY PERS REMIPOST")},
	{ID: "PO5006", MaxWeight: 2 * kilo, Route: withinFinland, Hours: 48, Partner: PartnerPosti, Destination: ToAddress,
		AddOns: ids("COD INSU NOT OPAY PERS REMIPOST")},
	{ID: "PO5007", MaxWeight: 2 * kilo, Route: withinFinland, Hours: 24, Partner: PartnerPosti, Destination: ToAddress,
		AddOns: ids("COD NOT OPAY REMIPOST")},

	{ID: "IT14I", MaxWeight: 70 * kilo, Route: toEU, Hours: 72, Partner: PartnerPosti, Destination: ToAddress,
		AddOns: ids("COD DLV DLVCALL DLVNOPOD FDNGPP FRAG MPRC OPAY SPTR")},
	{ID: "ITKY14I", MaxWeight: 1000 * kilo, Route: toEU, Hours: 120, Partner: PartnerPosti, Destination: ToAddress,
		AddOns: ids("COD DLV00 DLV09 DLV21 DLVCALL DLVINST DLVNOPOD DNG MPRC OPAY PERS PRENOT PUPDEP RECYCLE SPTR")},
}, func(s *Service) { s.Name = names.Services[s.ID] })

// Services gives every service. The caller must not change what the entries hold.
func Services() []Service { return slices.Clone(services) }

// ServicesBetween gives the services that go from one country to another, by their ISO 3166 codes; "" is any country.
func ServicesBetween(from, to string) []Service {
	return slices.DeleteFunc(Services(), func(s Service) bool {
		return from != "" && !s.Route.From.Contains(from) || to != "" && !s.Route.To.Contains(to)
	})
}

// LookupService finds a service by its id, in any case, by a twin of that, or by the bare number that the carrier's newer
// interfaces use: "PO2103", "po2103" and "2103" are the same.
func LookupService(code string) (Service, bool) {
	code = strings.ToUpper(code)
	for _, s := range services {
		if s.ID == code || strings.TrimPrefix(s.ID, "PO") == code || slices.Contains(s.Twins, code) {
			return s, true
		}
	}
	return Service{}, false
}

// Property is something that an order tells of an additional service, by the carrier's name of it.
type Property string

// The properties.
const (
	PropertyAmount    Property = "amount"    // what the receiver pays
	PropertyAccount   Property = "account"   // where it is paid to: an IBAN
	PropertyReference Property = "reference" // what it is paid with: a Finnish reference number, or an RF creditor reference
)

// AddOn is an additional service of the catalogue.
type AddOn struct {
	ID    string
	Name  Name
	Twins []string   // its numbers in the carrier's older systems
	Needs []Property // what an order has to tell of it
}

var addOns = named([]AddOn{
	{ID: "COD", Twins: ids("3101"), Needs: []Property{PropertyAmount, PropertyAccount, PropertyReference}},
	{ID: "FRAG", Twins: ids("3104")},
	{ID: "SPTR", Twins: ids("3174")},
	{ID: "PERS", Twins: ids("3163 3164")},
	{ID: "NOT", Twins: ids("3139")},
	{ID: "NOTLTR"},
	{ID: "REMIPOST"},
	{ID: "PRENOT"},
	{ID: "RETNEXT", Twins: ids("3165")},
	{ID: "DLV"},
	{ID: "DLV00"},
	{ID: "DLV09"},
	{ID: "DLV21"},
	{ID: "DLVSAT"},
	{ID: "DLVCALL"},
	{ID: "DLVANOT"},
	{ID: "DLVINST"},
	{ID: "DLVNOPOD"},
	{ID: "PUPDEP"},
	{ID: "DNG"},
	{ID: "FDNGPP", Twins: ids("3143")},
	{ID: "OPAY"},
	{ID: "PUPOPT", Twins: ids("2106")},
	{ID: "NOBOX"},
	{ID: "RBLOCK"},
	{ID: "RECYCLE"},
	{ID: "REG"},
	{ID: "INSU"},
	{ID: "COLD"},
	{ID: "FRZ"},
	{ID: "WARM"},
	{ID: "MPRC", Twins: ids("3102")},
	{ID: SendingCode},
}, func(a *AddOn) { a.Name = names.AdditionalServices[a.ID] })

// AddOns gives every additional service. The caller must not change what the entries hold.
func AddOns() []AddOn { return slices.Clone(addOns) }

// LookupAddOn finds an additional service by its id, in any case, or by its number in an older system: "COD", "cod" and
// "3101" are the same.
func LookupAddOn(code string) (AddOn, bool) {
	code = strings.ToUpper(code)
	for _, a := range addOns {
		if a.ID == code || slices.Contains(a.Twins, code) {
			return a, true
		}
	}
	return AddOn{}, false
}

// exclusive holds sets of additional services of which an order may have one. They are ours: only what contradicts itself
// is refused, so a notice by letter beside the electronic one is allowed. No additional service is in two sets.
var exclusive = [][]string{
	{"DLV00", "DLV09", "DLV21"}, // one time of delivery
	{"COLD", "FRZ", "WARM"},     // one temperature
	{"PERS", "DLVNOPOD"},        // whoever must prove who they are signs as well
}

// rivals gives the additional services that an order cannot have beside one.
func rivals(addOn string) []string {
	for _, set := range exclusive {
		if slices.Contains(set, addOn) {
			return set
		}
	}
	return nil
}
