package shipment

import (
	"regexp"
	"strings"
)

// Area is a set of countries at one end of a route, by the abbreviation that the carrier's lists use.
type Area string

// The areas. The European Union is all of it but Finland, as a service to it is one abroad.
const (
	Finland  Area = "FI" // Åland too, whether it is written FI or AX
	Baltics  Area = "BALT"
	EU       Area = "EU"
	Anywhere Area = "*"
)

var members = map[Area]string{
	Finland: "FI AX",
	Baltics: "EE LV LT",
	EU:      union,
	// And Monaco, which is in France's.
	CustomsUnion: "FI AX MC " + union,
}

// union is the European Union without Finland.
const union = "AT BE BG CY CZ DE DK EE ES FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"

// Contains says whether a country, by its ISO 3166 code, is in the area.
func (a Area) Contains(country string) bool { return a == Anywhere || listed(members[a], country) }

// Countries gives the countries of the area, by their ISO 3166 codes; none for everywhere.
func (a Area) Countries() []string { return append([]string{}, strings.Fields(members[a])...) }

// Route says where a service starts and where it ends.
type Route struct{ From, To Area }

func (r Route) String() string { return string(r.From) + "→" + string(r.To) }

// countries are the codes of ISO 3166-1 alpha-2.
const countries = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ " +
	"BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
	"CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ " +
	"EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY " +
	"HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ " +
	"LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ " +
	"NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW " +
	"SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ " +
	"UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"

// IsCountry says whether a text is the code of a country in ISO 3166, as FI is.
func IsCountry(code string) bool { return listed(countries, code) }

// listed says whether a two-letter code stands in a list of such, separated by spaces.
func listed(list, code string) bool {
	return len(code) == 2 && !strings.Contains(code, " ") && strings.Contains(list, code)
}

// postcodes are the forms of the neighbours, which are sure; every other country's postcode may be any short code.
var postcodes = map[string]*regexp.Regexp{
	"FI": regexp.MustCompile(`^\d{5}$`),
	"AX": regexp.MustCompile(`^\d{5}$`),
	"SE": regexp.MustCompile(`^(SE-?)?\d{3} ?\d{2}$`),
	"NO": regexp.MustCompile(`^(NO-?)?\d{4}$`),
	"DK": regexp.MustCompile(`^(DK-?)?\d{4}$`),
	"EE": regexp.MustCompile(`^(EE-?)?\d{5}$`),
	"LV": regexp.MustCompile(`^(LV-?)?\d{4}$`),
	"LT": regexp.MustCompile(`^(LT-?)?\d{5}$`),
	"PL": regexp.MustCompile(`^(PL-?)?\d{2}-?\d{3}$`),
	"DE": regexp.MustCompile(`^(DE?-?)?\d{5}$`),
}

var anyPostcode = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z -]*$`)

func isPostcode(country, code string) bool {
	if form, ok := postcodes[country]; ok {
		return form.MatchString(code)
	}
	return anyPostcode.MatchString(code)
}

// hasPostcodes says whether an address in the country cannot do without one; beyond the European Union and the neighbours
// some countries have none.
func hasPostcodes(country string) bool {
	_, known := postcodes[country]
	return known || EU.Contains(country) || !IsCountry(country)
}
