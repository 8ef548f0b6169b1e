package shipment

import (
	_ "embed" // names.json
	"encoding/json"
)

// Name is what something of the catalogue is called in each language of the product.
type Name struct {
	SV string `json:"sv"`
	FI string `json:"fi"`
	EN string `json:"en"`
}

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

// names.json holds every name of the catalogue by its id, the three languages side by side: the one place for them.
//
//go:embed names.json
var namesFile []byte

var names = readNames()

type nameLists struct {
	Services           map[string]Name `json:"services"`
	AdditionalServices map[string]Name `json:"additionalServices"`
	Statuses           map[string]Name `json:"statuses"`
	Events             map[string]Name `json:"events"`
}

func readNames() (lists nameLists) {
	if err := json.Unmarshal(namesFile, &lists); err != nil {
		panic(err) // it is built in
	}
	return lists
}

// named gives the entries of a list of the catalogue their names.
func named[T any](entries []T, name func(*T)) []T {
	for i := range entries {
		name(&entries[i])
	}
	return entries
}
