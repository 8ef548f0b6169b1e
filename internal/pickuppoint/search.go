package pickuppoint

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Query says what is searched for. Without a place, points come in the order of their codes.
type Query struct {
	Near    *Place
	Radius  float64    // metres around Near; 0 is without end
	Within  *Rectangle // nil is everywhere
	Filters []Filter   // all of which a point passes
	Limit   int        // at most so many
}

// Filter says which points will do. A nil asks nothing. Of Locker and OutdoorLocker, false asks for all the others; of the
// rest, false asks nothing, as who does not need a ramp has nothing against one.
type Filter struct {
	Locker        *bool
	OutdoorLocker *bool
	Weekends      bool     // open on a Saturday or a Sunday
	Features      Features // all of these
}

// Takes says whether a point passes the filter.
func (f Filter) Takes(p *Point) bool {
	return (f.Locker == nil || p.Locker() == *f.Locker) &&
		(f.OutdoorLocker == nil || (p.Kind == OutdoorLocker) == *f.OutdoorLocker) &&
		(!f.Weekends || p.Hours.OpenOnWeekends()) && p.Has(f.Features)
}

func (q Query) takes(p *Point) bool {
	return (q.Within == nil || q.Within.Contains(p.Place)) && !slices.ContainsFunc(q.Filters, func(f Filter) bool { return !f.Takes(p) })
}

// Found is a point that a search has found, and how far it is from where was searched.
type Found struct {
	*Point
	Distance float64 // metres; 0 where there was no place to measure from
}

// Search gives the nearest points that pass, the nearest first; of two that are equally far, the lower code comes first.
func Search(q Query) []Found {
	p := read()
	if q.Near == nil {
		return p.first(q)
	}
	n := nearest{near: *q.Near, limit: q.Limit, bound: math.Inf(1)}
	if q.Radius > 0 {
		n.bound = q.Radius
	}
	// From the place's parallel to the north and to the south: whoever is farther away in latitude alone is too far.
	above := sort.Search(len(p.all), func(i int) bool { return p.all[i].Place.Latitude >= q.Near.Latitude })
	below := above - 1
	for above < len(p.all) || below >= 0 {
		north, south := math.Inf(1), math.Inf(1)
		if above < len(p.all) {
			north = p.all[above].Place.Latitude - q.Near.Latitude
		}
		if below >= 0 {
			south = q.Near.Latitude - p.all[below].Place.Latitude
		}
		const tolerance = 0.001 // metres: sums of fractions are not exact
		if min(north, south)*metersDegree > n.bound+tolerance {
			break
		}
		point := &p.all[max(below, 0)]
		if north <= south {
			point = &p.all[above]
			above++
		} else {
			below--
		}
		if q.takes(point) {
			n.offer(point)
		}
	}
	return n.found
}

// first gives the first points that pass, by their codes.
func (p *points) first(q Query) []Found {
	var found []Found
	for _, i := range p.byCode {
		if len(found) >= q.Limit {
			break
		}
		if point := &p.all[i]; q.takes(point) {
			found = append(found, Found{Point: point})
		}
	}
	return found
}

// nearest keeps the nearest points that it is offered, in order.
type nearest struct {
	near  Place
	limit int
	bound float64 // farther is not wanted
	found []Found
}

func (n *nearest) offer(point *Point) {
	candidate := Found{point, n.near.Distance(point.Place)}
	if candidate.Distance > n.bound || n.limit < 1 {
		return
	}
	at, _ := slices.BinarySearchFunc(n.found, candidate, func(a, b Found) int {
		return cmp.Or(cmp.Compare(a.Distance, b.Distance), strings.Compare(a.Code, b.Code))
	})
	if at == n.limit {
		return
	}
	if len(n.found) == n.limit {
		n.found = n.found[:n.limit-1]
	}
	n.found = slices.Insert(n.found, at, candidate)
	if len(n.found) == n.limit {
		n.bound = n.found[n.limit-1].Distance
	}
}

// Address is where somebody is, as far as they tell.
type Address struct {
	Postcode string // five digits, or ""
	City     string
	Street   string // with a number or without
}

// Locate gives the rough place of an address: that of the street, if a point stands in one of that name in the postcode or
// city, else that of the postcode, else of the city. A postcode without points lies where the nearest postcode by number
// does. It is false for a city or street that no point is in.
func Locate(a Address) (Place, bool) {
	p := read()
	place, known := Place{}, false
	switch {
	case a.Postcode != "":
		place, known = p.locatePostcode(a.Postcode)
	case a.City != "":
		place, known = p.locateCity(a.City)
	}
	if a.Street != "" && (known || a.Postcode == "" && a.City == "") {
		if street, found := p.locateStreet(a.Street, place, known); found {
			return street, true
		}
	}
	return place, known
}

// locatePostcode knows that numbers that are near each other lie near each other, mostly.
func (p *points) locatePostcode(postcode string) (Place, bool) {
	code, err := strconv.Atoi(postcode)
	if err != nil {
		return Place{}, false
	}
	at := sort.Search(len(p.postcodes), func(i int) bool { return p.postcodes[i].postcode >= code })
	if at == len(p.postcodes) || at > 0 && code-p.postcodes[at-1].postcode < p.postcodes[at].postcode-code {
		at--
	}
	return p.postcodes[at].place, true
}

// locateCity gives the place of the first postcode of a city, which its middle has.
func (p *points) locateCity(city string) (Place, bool) {
	i, known := p.cities[strings.ToLower(city)]
	if !known {
		return Place{}, false
	}
	return p.locatePostcode(p.all[i].Postcode())
}

// sameTown is how far the point may be that tells where an address's street is.
const sameTown = 20_000

// locateStreet gives the place of a street, of several of that name the nearest.
func (p *points) locateStreet(street string, near Place, known bool) (Place, bool) {
	best, place := math.Inf(1), Place{}
	for _, i := range p.streets[streetKey(street)] {
		point := &p.all[i]
		if !known {
			return point.Place, true
		}
		if distance := near.Distance(point.Place); distance < best {
			best, place = distance, point.Place
		}
	}
	return place, best <= sameTown
}

// streetName gives a street without the number at its end.
func streetName(street string) string {
	street = strings.TrimSpace(street)
	if at := strings.IndexAny(street, "0123456789"); at > 0 {
		street = street[:at]
	}
	return strings.TrimSpace(street)
}
