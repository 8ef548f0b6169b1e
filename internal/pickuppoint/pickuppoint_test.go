package pickuppoint

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"omapostipro/internal/pickuppoint/invent"
)

func TestTheFileIsWhatTheGeneratorMakes(t *testing.T) {
	municipalities, err := os.ReadFile("municipalities.txt")
	if err != nil {
		t.Fatal(err)
	}
	want, err := invent.Points(municipalities)
	if err != nil {
		t.Fatal(err)
	}
	got, err := unpack()
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Error("points.tsv.gz is not what municipalities.txt gives: go generate ./internal/pickuppoint")
	}
	if !strings.Contains(got, "Invented") {
		t.Error("the file does not say that it is invented")
	}
}

func TestThePoints(t *testing.T) {
	p := read()
	if len(p.all) < 3000 {
		t.Errorf("%d points", len(p.all))
	}
	form := regexp.MustCompile(`^\d{5}32\d{2}$`)
	codes, municipalities, kinds := map[string]bool{}, map[string]bool{}, map[Kind]int{}
	var features Features
	hours := map[Hours]bool{}
	for i := range p.all {
		point := &p.all[i]
		if codes[point.Code] || !form.MatchString(point.Code) {
			t.Errorf("code %s", point.Code)
		}
		if (point.Kind != PostOffice) != (point.ServiceCode() >= "3230") {
			t.Errorf("%s is %c", point.Code, point.Kind)
		}
		if point.Place.Latitude < 59 || point.Place.Latitude > 71 || point.Place.Longitude < 19 || point.Place.Longitude > 32 {
			t.Errorf("%s is at %v", point.Code, point.Place)
		}
		for _, text := range []string{point.Shop, point.Street.FI, point.City.FI, point.Municipality.FI, point.PublicName(Finnish), point.PublicName(Swedish), point.PublicName(English), point.SpecificLocation(Swedish)} {
			if strings.TrimSpace(text) != text || text == "" {
				t.Errorf("%s has the text %q", point.Code, text)
			}
		}
		if (point.Street.SV == "") != (point.City.SV == "") {
			t.Errorf("%s is half bilingual", point.Code)
		}
		if point.Kind == OutdoorLocker != point.Hours.Always() {
			t.Errorf("%s (%c) is open %s", point.Code, point.Kind, point.Hours)
		}
		codes[point.Code], municipalities[point.Municipality.FI], hours[point.Hours] = true, true, true
		kinds[point.Kind]++
		features |= point.Features
		if found, ok := ByCode(point.Code); !ok || found != point {
			t.Errorf("%s is not found by its code", point.Code)
		}
	}
	if len(municipalities) < 300 || len(kinds) != 3 || features != Wheelchair|LimitedQuantities|SaturdayDelivery|DropOff || len(hours) < 4 {
		t.Errorf("%d municipalities, kinds %v, features %b, %d kinds of hours", len(municipalities), kinds, features, len(hours))
	}
	for code, want := range map[string]Status{"001003200": Active, "001003230": Active, "207003200": Active, Inactive: Closed, "001003258": Unknown, "999993200": Unknown, "": Unknown, "00100": Unknown} {
		if got := StatusOf(code); got != want {
			t.Errorf("%s is %d, want %d", code, got, want)
		}
	}
	if _, found := ByCode(Inactive); found {
		t.Error("the closed point is found")
	}
}

// all finds what Search should, by looking at each point.
func all(q Query) []Found {
	var found []Found
	p := read()
	for i := range p.all {
		point := &p.all[i]
		distance := q.Near.Distance(point.Place)
		if q.takes(point) && (q.Radius == 0 || distance <= q.Radius) {
			found = append(found, Found{point, distance})
		}
	}
	slices.SortFunc(found, func(a, b Found) int {
		return cmp.Or(cmp.Compare(a.Distance, b.Distance), strings.Compare(a.Code, b.Code))
	})
	return found[:min(len(found), q.Limit)]
}

func TestTheNearestAreTheNearest(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 2))
	flag := func() *bool {
		value := chance.IntN(2) == 0
		return map[bool]*bool{true: &value}[chance.IntN(3) == 0]
	}
	for range 500 {
		near := Place{chance.Float64()*180 - 90, chance.Float64()*360 - 180}
		if chance.IntN(5) > 0 { // mostly in the country, or on a point
			near = Place{59 + 11*chance.Float64(), 20 + 11*chance.Float64()}
		}
		if chance.IntN(10) == 0 {
			near = read().all[chance.IntN(Count())].Place
		}
		q := Query{Near: &near, Limit: 1 + chance.IntN(40), Filters: []Filter{{Locker: flag(), Weekends: chance.IntN(3) == 0},
			{OutdoorLocker: flag(), Features: Features(chance.IntN(16) & chance.IntN(16))}}}
		if chance.IntN(3) == 0 {
			q.Radius = chance.Float64() * 200_000
		}
		if chance.IntN(3) == 0 {
			q.Within = &Rectangle{near.Moved(-1e5*chance.Float64(), -1e5*chance.Float64()), near.Moved(1e5*chance.Float64(), 1e5*chance.Float64())}
		}
		got, want := Search(q), all(q)
		if !slices.Equal(got, want) {
			t.Fatalf("%+v: found %s\nwant %s", q, told(got), told(want))
		}
	}
}

func told(found []Found) string {
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintf(&b, " %s@%.1f", f.Code, f.Distance)
	}
	return b.String()
}

func TestDistance(t *testing.T) {
	helsinki, turku := Place{60.17, 24.94}, Place{60.45, 22.27}
	if got := helsinki.Distance(turku); math.Abs(got-150_000) > 3000 {
		t.Errorf("from Helsinki to Turku it is %.0f m", got)
	}
	if got := helsinki.Distance(Place{-60.17, 24.94 - 180}); math.Abs(got-math.Pi*earthRadius) > 1 {
		t.Errorf("to the other side of the earth it is %.0f m", got)
	}
	if got := helsinki.Distance(helsinki.Moved(300, -400)); math.Abs(got-500) > 1 {
		t.Errorf("300 m and 400 m make %.1f m", got)
	}
}

func TestSearchWithoutAPlace(t *testing.T) {
	yes := true
	found := Search(Query{Limit: 3, Filters: []Filter{{Locker: &yes}}})
	if len(found) != 3 || found[0].Code != "001003230" || found[0].Code > found[1].Code || found[1].Code > found[2].Code {
		t.Errorf("found %s", told(found))
	}
	if found := Search(Query{Limit: 0}); len(found) != 0 {
		t.Errorf("found %s", told(found))
	}
}

func TestLocate(t *testing.T) {
	near := func(place Place, code string) bool {
		return Search(Query{Near: &place, Limit: 1})[0].Postcode() == code
	}
	for name, test := range map[string]struct {
		address  Address
		postcode string // of the nearest point
	}{
		"postcode":                       {Address{Postcode: "99980"}, "99980"},
		"postcode before a city":         {Address{Postcode: "99980", City: "Helsinki"}, "99980"},
		"postcode without points":        {Address{Postcode: "99983"}, "99980"},
		"lower than all":                 {Address{Postcode: "00001"}, "00100"},
		"higher than all":                {Address{Postcode: "99999"}, "99980"},
		"city":                           {Address{City: "utsjoki"}, "99980"},
		"city in Swedish":                {Address{City: "KASKÖ"}, "64260"},
		"unknown street in a known city": {Address{City: "Utsjoki", Street: "Nowhere 1"}, "99980"},
	} {
		if place, ok := Locate(test.address); !ok || !near(place, test.postcode) {
			t.Errorf("%s: %v %t", name, place, ok)
		}
	}
	for name, address := range map[string]Address{"nothing": {}, "unknown city": {City: "Atlantis"}, "unknown city with a known street": {City: "Atlantis", Street: "Kauppakatu"}, "unknown street": {Street: "Nowhere"}, "no number": {Postcode: "x"}} {
		if place, ok := Locate(address); ok {
			t.Errorf("%s: %v", name, place)
		}
	}
	point := &read().all[1000]
	if place, ok := Locate(Address{Postcode: point.Postcode(), Street: strings.ToUpper(streetName(point.Street.FI)) + " 1 B 12"}); !ok || place.Distance(point.Place) > sameTown {
		t.Errorf("%s in %s: %v %t", point.Street.FI, point.Postcode(), place, ok)
	}
	if _, ok := Locate(Address{Street: point.Street.FI}); !ok {
		t.Errorf("%s anywhere", point.Street.FI)
	}
}

func TestPages(t *testing.T) {
	for _, prefix := range []string{"", "22", "00100", "999803200", "5", "78"} {
		var codes []string
		after, pages := "", 0
		for more := true; more; pages++ {
			var page []*Point
			page, more = Page(prefix, after, 250)
			if len(page) > 250 || more && len(page) < 250 {
				t.Fatalf("a page of %d", len(page))
			}
			for _, point := range page {
				codes = append(codes, point.Code)
				after = point.Code
			}
		}
		want := 0
		for _, point := range read().all {
			if strings.HasPrefix(point.Code, prefix) {
				want++
			}
		}
		if len(codes) != want || !slices.IsSorted(codes) || pages != max(1, (want+249)/250) {
			t.Errorf("%q: %d codes in %d pages, want %d", prefix, len(codes), pages, want)
		}
	}
	if page, more := Page("4", "999803200", 10); len(page) > 0 || more {
		t.Errorf("after the last: %d %t", len(page), more)
	}
}

func TestHours(t *testing.T) {
	for _, text := range []string{"0800-2100 0900-1800 -", "- - -", "0000-2400 0000-2400 0000-2400"} {
		hours, err := parseHours(text)
		if err != nil || hours.String() != text {
			t.Errorf("%q: %q %v", text, hours, err)
		}
	}
	for _, text := range []string{"", "0800-2100", "x y z", "0800-2100 0900 -"} {
		if _, err := parseHours(text); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}

// BenchmarkNearest searches for the fifteen nearest from all over the country, and reports the 99th percentile: by a place,
// with features that few have, and by an address. To stay under: 5 ms.
func BenchmarkNearest(b *testing.B) {
	chance := rand.New(rand.NewPCG(1, 2))
	points := read().all
	anywhere := func() *Place { return &Place{60 + 9*chance.Float64(), 20 + 10*chance.Float64()} }
	weekends := Filter{Weekends: true, OutdoorLocker: new(true)}
	for _, asked := range []struct {
		name   string
		search func()
	}{
		{"place", func() { Search(Query{Near: anywhere(), Limit: 15}) }},
		{"nobody", func() {
			Search(Query{Near: anywhere(), Limit: 15, Filters: []Filter{{Locker: new(false), OutdoorLocker: new(true)}}})
		}},
		{"few", func() { Search(Query{Near: anywhere(), Limit: 15, Filters: []Filter{weekends}}) }},
		{"address", func() {
			point := points[chance.IntN(len(points))]
			place, _ := Locate(Address{Postcode: point.Postcode(), City: point.City.FI, Street: point.Street.SV})
			Search(Query{Near: &place, Limit: 15})
		}},
		{"street-of-a-city", func() {
			point := points[chance.IntN(len(points))]
			place, _ := Locate(Address{City: point.City.SV, Street: point.Street.FI})
			Search(Query{Near: &place, Limit: 15})
		}},
	} {
		b.Run(asked.name, func(b *testing.B) {
			var times []float64
			for b.Loop() {
				begun := time.Now()
				asked.search()
				times = append(times, time.Since(begun).Seconds()*1000)
			}
			slices.Sort(times)
			b.ReportMetric(times[len(times)*99/100], "ms-p99")
		})
	}
}
