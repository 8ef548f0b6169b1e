package pickuppoint

import (
	"bytes"
	"cmp"
	"compress/gzip"
	_ "embed" // for the points
	"fmt"
	"io"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
)

//go:embed points.tsv.gz
var packed []byte

// points are all, sorted by latitude. byCode has the numbers that they have in all, sorted by their codes, so that those of
// a postcode lie together; the closed one is in neither. streets and cities have the numbers of those that stand in one of
// a name, in both languages and small letters, in the same order; of a city the first is enough.
type points struct {
	all       []Point
	byCode    []int32
	postcodes []area
	streets   map[string][]int32
	cities    map[string]int32
	closed    []Point
}

// area is a postcode that has points, and the middle of them.
type area struct {
	postcode int
	place    Place
}

// read gives the points. A file that cannot be read is a program that was built wrongly.
var read = sync.OnceValue(func() *points {
	text, err := unpack()
	if err != nil {
		panic(err)
	}
	read, err := parse(text)
	if err != nil {
		panic(err)
	}
	return read
})

func unpack() (string, error) {
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return "", err
	}
	var text strings.Builder
	text.Grow(512 << 10)
	const most = 8 << 20
	_, err = io.Copy(&text, io.LimitReader(reader, most))
	return text.String(), err
}

func parse(text string) (*points, error) {
	p := &points{all: make([]Point, 0, strings.Count(text, "\n"))}
	for line := range strings.Lines(text) {
		if line[0] == '#' {
			continue
		}
		point, err := parsePoint(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
		if point.Code == Inactive {
			p.closed = append(p.closed, point)
		} else {
			p.all = append(p.all, point)
		}
	}
	p.all = slices.Clip(p.all)
	slices.SortFunc(p.all, func(a, b Point) int {
		return cmp.Or(cmp.Compare(a.Place.Latitude, b.Place.Latitude), strings.Compare(a.Code, b.Code))
	})
	p.byCode = make([]int32, len(p.all))
	for i := range p.byCode {
		p.byCode[i] = int32(i)
	}
	slices.SortFunc(p.byCode, func(a, b int32) int { return strings.Compare(p.all[a].Code, p.all[b].Code) })
	p.measure()
	p.name()
	return p, nil
}

func parsePoint(line string) (Point, error) {
	cells := strings.Split(line, "\t")
	if len(cells) != 14 || len(cells[0]) != 9 || len(cells[1]) != 1 {
		return Point{}, fmt.Errorf("%d cells", len(cells))
	}
	point := Point{Code: cells[0], Kind: Kind(cells[1][0]), Shop: cells[2], Street: Name{cells[3], cells[4]}, City: Name{cells[5], cells[6]},
		Municipality: Name{cells[7], cells[8]}}
	var errs [5]error
	var spot, features uint64
	point.Place.Latitude, errs[0] = strconv.ParseFloat(cells[9], 64)
	point.Place.Longitude, errs[1] = strconv.ParseFloat(cells[10], 64)
	point.Hours, errs[2] = parseHours(cells[11])
	spot, errs[3] = strconv.ParseUint(cells[12], 10, 8)
	features, errs[4] = strconv.ParseUint(cells[13], 10, 8)
	point.Spot, point.Features = uint8(spot), Features(features)
	for _, err := range errs {
		if err != nil {
			return Point{}, err
		}
	}
	if int(point.Spot) >= len(spots) {
		return Point{}, fmt.Errorf("no spot %d", point.Spot)
	}
	return point, nil
}

// measure finds the middle of each postcode.
func (p *points) measure() {
	count := 0.0
	for _, i := range p.byCode {
		point := &p.all[i]
		code, _ := strconv.Atoi(point.Postcode()) // the codes are digits
		if last := len(p.postcodes) - 1; last < 0 || p.postcodes[last].postcode != code {
			p.postcodes, count = append(p.postcodes, area{postcode: code}), 0
		}
		middle := &p.postcodes[len(p.postcodes)-1].place
		count++
		middle.Latitude += (point.Place.Latitude - middle.Latitude) / count
		middle.Longitude += (point.Place.Longitude - middle.Longitude) / count
	}
	p.postcodes = slices.Clip(p.postcodes)
}

// name lists the points by their streets and cities.
func (p *points) name() {
	p.streets, p.cities = make(map[string][]int32), make(map[string]int32)
	for _, i := range p.byCode {
		point := &p.all[i]
		for _, name := range []string{point.City.FI, point.City.SV, point.Municipality.FI, point.Municipality.SV} {
			if _, known := p.cities[strings.ToLower(name)]; !known {
				p.cities[strings.ToLower(name)] = i
			}
		}
		inFinnish, inSwedish := streetKey(point.Street.FI), streetKey(point.Street.SV)
		p.streets[inFinnish] = append(p.streets[inFinnish], i)
		if inSwedish != inFinnish {
			p.streets[inSwedish] = append(p.streets[inSwedish], i)
		}
	}
	delete(p.cities, "") // what has no name of its own in Swedish
	delete(p.streets, "")
}

// streetKey is what a street is found by.
func streetKey(street string) string { return strings.ToLower(streetName(street)) }

// find gives the place in byCode of the first code that is not before a text.
func (p *points) find(code string) int {
	return sort.Search(len(p.byCode), func(i int) bool { return p.all[p.byCode[i]].Code >= code })
}

// ByCode gives the point of a code. The closed one is none.
func ByCode(code string) (*Point, bool) {
	p := read()
	if i := p.find(code); i < len(p.byCode) && p.all[p.byCode[i]].Code == code {
		return &p.all[p.byCode[i]], true
	}
	return nil, false
}

// Status is what an order can do with a code.
type Status uint8

// The statuses.
const (
	Unknown Status = iota
	Closed         // there was a point once
	Active
)

// StatusOf says what an order can do with a code.
func StatusOf(code string) Status {
	if _, known := ByCode(code); known {
		return Active
	}
	if slices.ContainsFunc(read().closed, func(p Point) bool { return p.Code == code }) {
		return Closed
	}
	return Unknown
}

// Count gives how many points there are, the closed one not counted.
func Count() int { return len(read().all) }

// Page gives at most so many points whose codes begin with prefix, in the order of their codes, after a code; "" is the
// beginning. more says whether others follow.
func Page(prefix, after string, most int) (page []*Point, more bool) {
	p := read()
	from := p.find(max(prefix, after))
	for _, i := range p.byCode[from:] {
		point := &p.all[i]
		switch {
		case !strings.HasPrefix(point.Code, prefix):
			return page, false
		case point.Code == after:
		case len(page) == most:
			return page, true
		default:
			page = append(page, point)
		}
	}
	return page, false
}
