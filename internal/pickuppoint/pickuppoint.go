package pickuppoint

// Kind is what a point is.
type Kind byte

// The kinds. Their letters are those of points.tsv.gz.
const (
	PostOffice    Kind = 'P' // a counter in a shop
	IndoorLocker  Kind = 'I'
	OutdoorLocker Kind = 'O'
)

// Inactive is the code of the one point that is closed: it is not found or listed, and an order that names it is refused
// with E41.
const Inactive = "001003299"

// Language is that of a point's names.
type Language string

// The languages. Finnish is the carrier's default.
const (
	Finnish Language = "fi"
	Swedish Language = "sv"
	English Language = "en"
)

// Point is a pickup point.
type Point struct {
	Code         string // nine digits: Postcode and ServiceCode
	Kind         Kind
	Shop         string // that it is in, or stands at
	Street       Name
	City         Name
	Municipality Name
	Place        Place
	Hours        Hours
	Spot         uint8 // where in or at the shop: an index into the phrases of SpecificLocation; 0 for none
	Features     Features
}

// Name is what a place is called in both national languages; most of Finland's municipalities have one of them only.
type Name struct{ FI, SV string }

// In gives the name in a language: the Swedish one in Swedish, where there is one, and the Finnish one in all others.
func (n Name) In(language Language) string {
	if language == Swedish && n.SV != "" {
		return n.SV
	}
	return n.FI
}

// Features are what a point has beside its kind.
type Features uint8

// The features. Their numbers are those of points.tsv.gz.
const (
	Wheelchair        Features = 1 << iota // can be reached with a wheelchair
	LimitedQuantities                      // takes dangerous goods in limited quantities (ADR)
	SaturdayDelivery                       // parcels are brought on Saturdays too
	DropOff                                // parcels can be handed in
)

// Has says whether the point has all of some features.
func (p *Point) Has(features Features) bool { return p.Features&features == features }

// Locker says whether the point is a parcel locker.
func (p *Point) Locker() bool { return p.Kind != PostOffice }

// Postcode gives the postcode that parcels to the point are routed by. It is that of its address too.
func (p *Point) Postcode() string { return p.Code[:5] }

// ServiceCode gives the routing service code.
func (p *Point) ServiceCode() string { return p.Code[5:] }

// PublicName gives what people know the point by.
func (p *Point) PublicName(language Language) string {
	name := map[Language]string{Finnish: "Pakettiautomaatti", Swedish: "Paketautomat", English: "Parcel locker"}[language]
	if p.Kind == PostOffice {
		name = "Posti"
	}
	return name + ", " + p.Shop + ", " + p.City.In(language)
}

// spots says where in or at a shop a point is.
var spots = [...]map[Language]string{
	{Finnish: "", Swedish: "", English: ""},
	{Finnish: "Sisäänkäynnin vieressä", Swedish: "Bredvid ingången", English: "Beside the entrance"},
	{Finnish: "Kassojen takana", Swedish: "Bakom kassorna", English: "Behind the checkouts"},
	{Finnish: "Tuulikaapissa", Swedish: "I vindfånget", English: "In the entrance hall"},
	{Finnish: "Pysäköintialueella", Swedish: "På parkeringsplatsen", English: "In the car park"},
	{Finnish: "Rakennuksen takana", Swedish: "Bakom byggnaden", English: "Behind the building"},
}

// SpecificLocation says where in or at the shop the point is, if that is told.
func (p *Point) SpecificLocation(language Language) string { return spots[p.Spot][language] }
