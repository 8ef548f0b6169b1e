package pickups

import (
	"cmp"
	"slices"
	"strings"

	"omapostipro/internal/i18n"
)

// when says on which day and between which hours.
func (m Pickup) when(p *i18n.Printer) string {
	return p.Day(m.Earliest) + ", " + p.Hours(m.Earliest, m.Latest)
}

// parcels says how many are fetched, and of which shipments: the first numbers tell pickups of one day and place apart.
func (m Pickup) parcels(p *i18n.Printer) string {
	const named = 2
	var numbers []string
	for _, shipment := range m.Shipments[:min(named, len(m.Shipments))] {
		numbers = append(numbers, shipment.Number)
	}
	told := strings.Join(numbers, ", ")
	if more := len(m.Shipments) - named; more > 0 {
		told = p.N("pickups.more_numbers", more, "numbers", told)
	}
	return p.N("pickups.of_packages", m.Packages) + " · " + told
}

func (m DetailPage) title(p *i18n.Printer) string {
	return p.T("pickups.one") + " " + m.Pickup.when(p)
}

// told says whether more is known of the shipments than their numbers.
func (m Pickup) told() bool {
	return slices.ContainsFunc(m.Shipments, func(s Shipment) bool { return s.OrderType != "" })
}

func (s Shipment) hours(p *i18n.Printer) string {
	if s.Earliest.IsZero() {
		return "–"
	}
	return p.Hours(s.Earliest, s.Latest)
}

func orDash(text string) string { return cmp.Or(text, "–") }

// line is the address in a row.
func (a Address) line() string {
	return strings.Join([]string{a.Name, a.Street, a.Postcode + " " + a.City}, ", ")
}

// lines is the address as on a letter from within Finland, with how to reach somebody there.
func (a Address) lines() []string {
	country := a.Country
	if country == "FI" {
		country = ""
	}
	lines := []string{a.Name, a.Street, a.Postcode + " " + a.City, country, a.Phone, a.Email}
	return slices.DeleteFunc(lines, func(line string) bool { return line == "" })
}
