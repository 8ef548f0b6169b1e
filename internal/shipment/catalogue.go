package shipment

import (
	"slices"
	"strings"

	"omapostipro/internal/account"
)

// Name is what something of the catalogue is called in each language of the product.
type Name struct{ SV, FI, EN string }

// In gives the name in a language: "sv", "fi", and English for every other.
func (n Name) In(lang string) string {
	switch lang {
	case "sv":
		return n.SV
	case "fi":
		return n.FI
	default:
		return n.EN
	}
}

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
	Return      string   // the service that brings its parcels back; "" if there is none
	AddOns      []string // the additional services that it may have
}

// TakesPickupPoint says whether an order of the service may name a pickup point.
func (s Service) TakesPickupPoint() bool {
	return s.Destination == ToPickupPoint || s.Destination == ToEither
}

// Allows says whether the service may have an additional service.
func (s Service) Allows(addOn string) bool { return slices.Contains(s.AddOns, addOn) }

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
var services = []Service{
	{ID: "PO2103", Name: Name{"Postpaket", "Postipaketti", "Postal Parcel"},
		MaxWeight: 25 * kilo, Route: withinFinland, Hours: 48, Partner: PartnerPosti, Destination: ToPickupPoint, Mobile: MobileWithPickupPoint, Return: "PO2108",
		AddOns: ids("COD FDNGPP FRAG NOBOX NOT NOTLTR OPAY PERS PUPOPT RBLOCK REG REMIPOST RETNEXT SPTR " + SendingCode)},
	{ID: "PO2104", Name: Name{"Hempaket", "Kotipaketti", "Home Parcel"},
		MaxWeight: 35 * kilo, Route: withinFinland, Hours: 48, Partner: PartnerPosti, Destination: ToAddress, Mobile: MobileNeeded, Return: "PO2108",
		AddOns: ids("COD DLVNOPOD DLVANOT DNG FDNGPP FRAG OPAY PERS SPTR " + SendingCode)},
	{ID: "PO2102", Name: Name{"Expresspaket", "Express-paketti", "Express Parcel"},
		MaxWeight: 35 * kilo, Route: withinFinland, Hours: 24, Partner: PartnerPosti, Destination: ToEither, Return: "PO2102",
		AddOns: ids("COD DLV00 DLV09 DLVCALL DLVINST DLVNOPOD DLVSAT DNG FDNGPP FRAG NOT OPAY PERS PRENOT RBLOCK RECYCLE SPTR " + SendingCode)},
	{ID: "PO2461", Name: Name{"Småpaket", "Pikkupaketti", "Small Parcel"},
		MaxWeight: 2 * kilo, Route: withinFinland, Hours: 48, Partner: PartnerPosti, Destination: ToAddress, Return: "PO2108",
		AddOns: ids("OPAY " + SendingCode)},
	{ID: "PO2108", Name: Name{"Kundretur", "Asiakaspalautus", "Customer Return"},
		MaxWeight: 25 * kilo, Route: withinFinland, Hours: 72, Partner: PartnerPosti, Destination: ToSender,
		AddOns: ids("FDNGPP FRAG OPAY SPTR " + SendingCode)},
	{ID: "PO2144", Name: Name{"Expressfrakt", "Express-rahti", "Express Freight"},
		MaxWeight: 2500 * kilo, Route: withinFinland, Hours: 48, Partner: PartnerFreight, Destination: ToAddress, Return: "PO2144",
		AddOns: ids("COD DLV00 DLV09 DLV21 DLVANOT DLVCALL DLVINST DLVNOPOD DNG OPAY PERS PRENOT RECYCLE WARM")},

	{ID: "PO2331", Name: Name{"Postpaket till Baltikum", "Postipaketti Baltiaan", "Postal Parcel Baltics"},
		MaxWeight: 25 * kilo, Route: toBaltics, Hours: 96, Partner: PartnerPosti, Destination: ToPickupPoint, Return: "PO2338",
		AddOns: ids("FDNGPP OPAY SPTR FRAG NOT")},
	{ID: "PO2338", Name: Name{"Retur från Baltikum", "Palautus Baltiasta", "Postal Parcel Baltics Return"},
		MaxWeight: 25 * kilo, Route: fromBaltics, Hours: 96, Partner: PartnerPosti, Destination: ToSender,
		AddOns: ids("FDNGPP OPAY SPTR FRAG")},
	{ID: "PO2351", Name: Name{"Uthämtningspaket till utlandet", "Noutopaketti ulkomaille", "Pickup Parcel"},
		MaxWeight: 25 * kilo, Route: toEU, Hours: 120, Partner: PartnerPosti, Destination: ToPickupPoint, Return: "PO2358",
		AddOns: ids("NOT OPAY SPTR")},
	{ID: "PO2352", Name: Name{"Hempaket till utlandet", "Kotipaketti ulkomaille", "Home Parcel Abroad"},
		MaxWeight: 30 * kilo, Route: toEU, Hours: 120, Partner: PartnerPosti, Destination: ToAddress, Return: "PO2358",
		AddOns: ids("NOT OPAY SPTR")},
	{ID: "PO2354", Name: Name{"Hempaket till utlandet", "Kotipaketti ulkomaille", "Home Parcel Abroad"},
		MaxWeight: 30 * kilo, Route: toEU, Hours: 120, Partner: PartnerPosti, Destination: ToAddress, Return: "PO2359",
		AddOns: ids("NOT OPAY SPTR")},
	{ID: "PO2358", Name: Name{"Retur från utlandet", "Palautus ulkomailta", "Return from Abroad"},
		MaxWeight: 30 * kilo, Route: fromEU, Hours: 120, Partner: PartnerPosti, Destination: ToSender,
		AddOns: ids("OPAY SPTR")},
	{ID: "PO2359", Name: Name{"Retur från utlandet", "Palautus ulkomailta", "Return from Abroad"},
		MaxWeight: 30 * kilo, Route: fromEU, Hours: 120, Partner: PartnerPosti, Destination: ToSender,
		AddOns: ids("OPAY SPTR")},
	{ID: "PO2711", Name: Name{"Parcel Connect", "Parcel Connect", "Parcel Connect"},
		MaxWeight: 30 * kilo, Route: toEU, Hours: 120, Partner: PartnerPosti, Destination: ToPickupPoint, Return: "PO2718",
		AddOns: ids("COD DLV OPAY PUPOPT SPTR")},
	{ID: "PO2718", Name: Name{"Parcel Connect-retur", "Parcel Connect -palautus", "Parcel Connect Return"},
		MaxWeight: 30 * kilo, Route: fromEU, Hours: 120, Partner: PartnerPosti, Destination: ToSender,
		AddOns: ids("OPAY SPTR")},
	{ID: "ITPR", Name: Name{"Priority", "Priority", "Priority"},
		MaxWeight: 30 * kilo, Route: toAnywhere, Hours: 168, Partner: PartnerPosti, Destination: ToAddress,
		AddOns: ids("OPAY")},
	{ID: "PO2017", Name: Name{"EMS", "EMS", "EMS"},
		MaxWeight: 30 * kilo, Route: toAnywhere, Hours: 72, Partner: PartnerPosti, Destination: ToAddress,
		AddOns: ids("OPAY")},

	{ID: "PO2114", Name: Name{"Mattransport", "Ruokakuljetus", "Food Delivery"},
		MaxWeight: 35 * kilo, Route: withinFinland, Hours: 24, Partner: PartnerPosti, Destination: ToAddress,
		AddOns: ids("COLD FDNGPP FRZ OPAY")},
	{ID: "PO2115", Name: Name{"Mattransport till automat", "Ruokakuljetus automaattiin", "Food Delivery to a Locker"},
		MaxWeight: 35 * kilo, Route: withinFinland, Hours: 24, Partner: PartnerPosti, Destination: ToPickupPoint,
		AddOns: ids("COLD FDNGPP FRZ OPAY")},
	{ID: "PO5001", Name: Name{"Expressbrev", "Pikakirje", "Express Letter"},
		MaxWeight: 2 * kilo, Route: withinFinland, Hours: 24, Partner: PartnerPosti, Destination: ToAddress,
		AddOns: ids("DLVSAT OPAY")},
	{ID: "PO5002", Name: Name{"Economy-brev mot postförskott", "Economy-kirje postiennakolla", "Economy Letter with Cash on Delivery"},
		MaxWeight: 2 * kilo, Route: withinFinland, Hours: 72, Partner: PartnerPosti, Destination: ToAddress,
		AddOns: ids("COD NOT OPAY REMIPOST")},
	{ID: "PO5003", Name: Name{"Rekommenderat brev", "Kirjattu kirje", "Registered Letter"},
		MaxWeight: 2 * kilo, Route: withinFinland, Hours: 48, Partner: PartnerPosti, Destination: ToAddress,
		AddOns: ids("NOT OPAY PERS REMIPOST")},
	{ID: "PO5004", Name: Name{"Brev med mottagningsbevis", "Saantitodistuskirje", "Letter with Advice of Receipt"},
		MaxWeight: 2 * kilo, Route: withinFinland, Hours: 48, Partner: PartnerPosti, Destination: ToAddress,
		AddOns: ids("NOT OPAY PERS REMIPOST")},
	{ID: "PO5006", Name: Name{"Assurerat brev", "Vakuutettu kirje", "Insured Letter"},
		MaxWeight: 2 * kilo, Route: withinFinland, Hours: 48, Partner: PartnerPosti, Destination: ToAddress,
		AddOns: ids("COD INSU NOT OPAY PERS REMIPOST")},
	{ID: "PO5007", Name: Name{"Priority-brev mot postförskott", "Priority-kirje postiennakolla", "Priority Letter with Cash on Delivery"},
		MaxWeight: 2 * kilo, Route: withinFinland, Hours: 24, Partner: PartnerPosti, Destination: ToAddress,
		AddOns: ids("COD NOT OPAY REMIPOST")},

	{ID: "IT14I", Name: Name{"Express Business Day-paket", "Express Business Day -paketti", "Express Business Day Parcel"},
		MaxWeight: 70 * kilo, Route: toEU, Hours: 72, Partner: PartnerPosti, Destination: ToAddress,
		AddOns: ids("COD DLV DLVCALL DLVNOPOD FDNGPP FRAG MPRC OPAY SPTR")},
	{ID: "ITKY14I", Name: Name{"Express Business Day-pall", "Express Business Day -lava", "Express Business Day Pallet"},
		MaxWeight: 1000 * kilo, Route: toEU, Hours: 120, Partner: PartnerPosti, Destination: ToAddress,
		AddOns: ids("COD DLV00 DLV09 DLV21 DLVCALL DLVINST DLVNOPOD DNG MPRC OPAY PERS PRENOT PUPDEP RECYCLE SPTR")},
}

// Services gives every service. The caller must not change what the entries hold.
func Services() []Service { return slices.Clone(services) }

// LookupService finds a service by its id, in any case, or by the bare number that the carrier's newer interfaces use:
// "PO2103", "po2103" and "2103" are the same.
func LookupService(code string) (Service, bool) {
	code = strings.ToUpper(code)
	for _, s := range services {
		if s.ID == code || strings.TrimPrefix(s.ID, "PO") == code {
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

var addOns = []AddOn{
	{ID: "COD", Name: Name{"Postförskott", "Postiennakko", "Cash on delivery"}, Twins: ids("3101"), Needs: []Property{PropertyAmount, PropertyAccount, PropertyReference}},
	{ID: "FRAG", Name: Name{"Ömtåligt", "Särkyvä", "Fragile"}, Twins: ids("3104")},
	{ID: "SPTR", Name: Name{"Stort kolli", "Suuri", "Large"}, Twins: ids("3174")},
	{ID: "PERS", Name: Name{"Lämnas ut personligen", "Luovutetaan henkilökohtaisesti", "Into the person's own hands"}, Twins: ids("3163 3164")},
	{ID: "NOT", Name: Name{"Elektronisk ankomstavi", "Sähköinen saapumisilmoitus", "Electronic notice of arrival"}, Twins: ids("3139")},
	{ID: "NOTLTR", Name: Name{"Ankomstavi per brev", "Saapumisilmoitus kirjeenä", "Notice of arrival by letter"}},
	{ID: "REMIPOST", Name: Name{"Påminnelse per brev", "Muistutus kirjeenä", "Reminder by letter"}},
	{ID: "PRENOT", Name: Name{"Elektronisk föravisering", "Sähköinen ennakkoilmoitus", "Electronic notice in advance"}},
	{ID: "RETNEXT", Name: Name{"Längre förvaring", "Pidempi säilytysaika", "Longer storage"}, Twins: ids("3165")},
	{ID: "DLV", Name: Name{"Hemleverans", "Kotiinkuljetus", "Home delivery"}},
	{ID: "DLV00", Name: Name{"Samma dag", "Samana päivänä", "Same day"}},
	{ID: "DLV09", Name: Name{"Till klockan 9", "Kello 9 mennessä", "By 9 o'clock"}},
	{ID: "DLV21", Name: Name{"På kvällen", "Illalla", "In the evening"}},
	{ID: "DLVSAT", Name: Name{"Lördagsutdelning", "Lauantaijakelu", "Saturday delivery"}},
	{ID: "DLVCALL", Name: Name{"Samtal före utdelning", "Soitto ennen jakelua", "Call first"}},
	{ID: "DLVANOT", Name: Name{"Tiden avtalas per telefon", "Aika sovitaan puhelimitse", "Time agreed by telephone"}},
	{ID: "DLVINST", Name: Name{"Installation", "Asennus käyttökuntoon", "Installed ready for use"}},
	{ID: "DLVNOPOD", Name: Name{"Utan underskrift", "Ilman allekirjoitusta", "Without signature"}},
	{ID: "PUPDEP", Name: Name{"Hämtas på terminalen", "Nouto terminaalista", "Fetched from the terminal"}},
	{ID: "DNG", Name: Name{"Farligt gods", "Vaarallisia aineita", "Dangerous goods"}},
	{ID: "FDNGPP", Name: Name{"Begränsade mängder (LQ)", "Rajoitettuja määriä (LQ)", "Limited quantities (LQ)"}, Twins: ids("3143")},
	{ID: "OPAY", Name: Name{"Annan betalare", "Muu maksaja", "Another payer"}},
	{ID: "PUPOPT", Name: Name{"Annat uthämtningsställe", "Vaihtoehtoinen noutopiste", "Another pickup point"}, Twins: ids("2106")},
	{ID: "NOBOX", Name: Name{"Inte till utomhusautomat", "Ei ulkoautomaattiin", "Not to outdoor lockers"}},
	{ID: "RBLOCK", Name: Name{"Får inte styras om", "Ei uudelleenohjausta", "No rerouting"}},
	{ID: "RECYCLE", Name: Name{"Till återvinning", "Kierrätykseen", "Taken to recycling"}},
	{ID: "REG", Name: Name{"Rekommenderat", "Kirjattu", "Registered"}},
	{ID: "INSU", Name: Name{"Försäkrat", "Vakuutettu", "Insured"}},
	{ID: "COLD", Name: Name{"Kylt", "Kylmä", "Cold"}},
	{ID: "FRZ", Name: Name{"Fryst", "Pakaste", "Frozen"}},
	{ID: "WARM", Name: Name{"Varmt", "Lämmin", "Warm"}},
	{ID: "MPRC", Name: Name{"Flera kollin", "Monta kollia", "Several parcels"}, Twins: ids("3102")},
	{ID: SendingCode, Name: Name{"Sändningskod", "Lähetyskoodi", "Sending code"}},
}

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
