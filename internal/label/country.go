package label

import (
	_ "embed"
	"strings"
	"sync"
)

// countries.txt holds the English names of the countries of ISO 3166, and of Kosovo, a line each after the code. It is a
// list of ours because the one of x/text makes a program 2 MB larger.
//
//go:embed countries.txt
var countryList string

var countryNames = sync.OnceValue(func() map[string]string {
	names := make(map[string]string)
	for entry := range strings.Lines(countryList) {
		code, name, _ := strings.Cut(strings.TrimSpace(entry), " ")
		names[code] = name
	}
	return names
})

// home is the country of a party that names none.
const home = "FI"

// country is the code of a party's country.
func (p Party) country() string {
	if p.Country == "" {
		return home
	}
	return strings.ToUpper(p.Country)
}

// foreign is the name of a party's country in English, or nothing where the other party is in the same. A code of no
// country is its own name.
func foreign(p, other Party) string {
	code := p.country()
	if code == other.country() {
		return ""
	}
	return countryName(code)
}

// countryName is a country's name in English. A code of no country is its own name.
func countryName(code string) string {
	if name, found := countryNames()[code]; found {
		return name
	}
	return code
}
