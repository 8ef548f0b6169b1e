package label

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

// area is a part of the page, in millimetres.
type area struct{ left, top, right, bottom float64 }

func (a area) within(outer area) bool {
	const rounding = 0.01
	return a.left >= outer.left-rounding && a.top >= outer.top-rounding && a.right <= outer.right+rounding && a.bottom <= outer.bottom+rounding
}

func (a area) overlaps(other area) bool {
	return a.left < other.right && other.left < a.right && a.top < other.bottom && other.top < a.bottom
}

// area is where the letters of a text may leave ink: from the tops of capitals with accents to the tails.
func (g glyphs) area() area {
	em := g.style.em()
	return area{g.at.x, g.at.y - ascentEm*em, g.at.x + g.style.width(g.text), g.at.y + descentEm*em}
}

// core is where most letters are: from the tops of capitals to the baseline.
func (g glyphs) core() area {
	a := g.area()
	a.top, a.bottom = g.at.y-capEm*g.style.em(), g.at.y
	return a
}

func (s shape) area() area {
	a := area{s.corners[0].x, s.corners[0].y, s.corners[0].x, s.corners[0].y}
	for _, c := range s.corners {
		a = area{min(a.left, c.x), min(a.top, c.y), max(a.right, c.x), max(a.bottom, c.y)}
	}
	half := s.stroke / 2
	return area{a.left - half, a.top - half, a.right + half, a.bottom + half}
}

// laid is a page with the shape that it was laid out for.
type laid struct {
	block
	format
}

// composed gives the pages of a label: its own, and those of its declaration.
func composed(t *testing.T, m Media, l Label) []laid {
	t.Helper()
	paper := m.sheet()
	pages, err := compose([]Label{l}, paper)
	if err != nil {
		t.Fatal(err)
	}
	var all []laid
	for _, page := range pages {
		f := paper.label
		if page.width != f.width {
			f = *paper.whole
		}
		all = append(all, laid{page, f})
	}
	return all
}

// eachPage runs a test for every page of every kind of label on every media.
func eachPage(t *testing.T, test func(t *testing.T, page laid)) {
	t.Helper()
	eachKind(t, func(t *testing.T, m Media, l Label) {
		for _, page := range composed(t, m, l) {
			test(t, page)
		}
	})
}

func TestNothingIsOutsideOfWhatAPrinterReaches(t *testing.T) {
	t.Parallel()
	eachPage(t, func(t *testing.T, page laid) {
		f := page.format
		reach := area{f.margin, f.margin, f.width - f.margin, f.height - f.margin}
		for _, text := range page.texts {
			if !text.area().within(reach) {
				t.Errorf("%q at %.1f is outside of %.1f", text.text, text.area(), reach)
			}
		}
		for _, s := range page.shapes {
			if !s.area().within(reach) {
				t.Errorf("a shape at %.1f is outside of %.1f", s.area(), reach)
			}
		}
	})
}

func TestNoTextIsOnAnother(t *testing.T) {
	t.Parallel()
	eachPage(t, func(t *testing.T, page laid) {
		texts := page.texts
		for i, text := range texts {
			for _, other := range texts[:i] {
				if text.core().overlaps(other.core()) {
					t.Errorf("%q at %.1f is on %q at %.1f", text.text, text.core(), other.text, other.core())
				}
			}
		}
	})
}

func TestBlackTextIsNeverOnBlack(t *testing.T) {
	t.Parallel()
	eachPage(t, func(t *testing.T, page laid) {
		for _, text := range page.texts {
			under := false
			for _, s := range page.shapes {
				under = under || s.stroke == 0 && s.ink == black && text.core().overlaps(s.area())
			}
			if under != (text.ink == white) {
				t.Errorf("%q at %.1f cannot be seen", text.text, text.core())
			}
		}
	})
}

func TestTypeCanBeRead(t *testing.T) {
	t.Parallel()
	eachPage(t, func(t *testing.T, page laid) {
		const least = 4 // points
		for _, text := range page.texts {
			if text.style.size < least {
				t.Errorf("%q is set in %.1f points", text.text, text.style.size)
			}
		}
	})
}

func TestBarsAreWideHighAndQuiet(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, m Media, l Label) {
		code, err := encode(l.TrackingNumber)
		if err != nil {
			t.Fatal(err)
		}
		const quietModules = 10 // on either side, by the standard of Code 128
		page := composed(t, m, l)[0]
		s := page.format
		if s.module < 0.33 || s.barHeight < 25 { // what hand-held scanners read at arm's length
			t.Errorf("module %.2f mm, height %.1f mm", s.module, s.barHeight)
		}
		var bars, others []area
		for _, shape := range page.shapes {
			others = append(others, shape.area())
		}
		for _, c := range page.codes {
			for at, modules := range c.code.each {
				left := c.at.x + float64(at)*c.module
				bars = append(bars, area{left, c.at.y, left + float64(modules)*c.module, c.at.y + c.height})
			}
		}
		if want := (len(code.modules) + 1) / 2; len(bars) != want {
			t.Fatalf("%d bars, want %d", len(bars), want)
		}
		quiet := bars[0]
		quiet.left -= quietModules * s.module
		quiet.right = bars[len(bars)-1].right + quietModules*s.module
		if quiet.left < 0 || quiet.right > s.width {
			t.Errorf("the quiet zone %.1f is wider than the page", quiet)
		}
		for _, text := range page.texts {
			others = append(others, text.area())
		}
		for _, other := range others {
			if other.overlaps(quiet) {
				t.Errorf("something at %.1f is in the quiet zone %.1f", other, quiet)
			}
		}
		if drawn := code.block(s.module, s.barHeight).width; drawn < quiet.right-quiet.left-0.01 {
			t.Errorf("the code keeps %.1f mm for itself and wants %.1f", drawn, quiet.right-quiet.left)
		}
	})
}

func TestReceiverIsTheLargestAddress(t *testing.T) {
	for _, m := range drawn {
		sizes := map[string]float64{}
		for _, text := range composed(t, m, plain())[0].texts {
			sizes[text.text] = text.style.size
		}
		if sizes["Sanna Andersson"] < 1.4*sizes["Example Oy"] || sizes["20100 Åbo"] < 1.4*sizes["00100 Helsinki"] {
			t.Errorf("%s: receiver %.1f and %.1f points, sender %.1f and %.1f", m, sizes["Sanna Andersson"], sizes["20100 Åbo"],
				sizes["Example Oy"], sizes["00100 Helsinki"])
		}
	}
}

func TestNumbersAreWrittenAsFinnsDo(t *testing.T) {
	for grams, want := range map[int64]string{1: "0,001 kg", 2500: "2,5 kg", 2000: "2 kg", 10_000: "10 kg", 35_250: "35,25 kg", 0: "", -5: ""} {
		if got := kilograms(grams); got != want {
			t.Errorf("kilograms(%d) = %q, want %q", grams, got, want)
		}
	}
	for cents, want := range map[int64]string{0: "0,00 €", 5: "0,05 €", 1000: "10,00 €", 99_999: "999,99 €", 123_450: "1 234,50 €", 123_456_789: "1 234 567,89 €"} {
		if got := euros(cents); got != want {
			t.Errorf("euros(%d) = %q, want %q", cents, got, want)
		}
	}
	for code, want := range map[string]string{"201003200": "20100 3200", "RU-191": "RU-191", "00100": "00100"} {
		if got := routingCode(code); got != want {
			t.Errorf("routingCode(%q) = %q, want %q", code, got, want)
		}
	}
	for reference, want := range map[string]string{"1234561": "12 34561", "13 2616": "1 32616", "RF18539007547034": "RF18 5390 0754 7034", "": "", "see invoice": "see invoice"} {
		if got := paymentReference(reference); got != want {
			t.Errorf("paymentReference(%q) = %q, want %q", reference, got, want)
		}
	}
	if got := grouped("fi21 123456 00000785", 4); got != "fi21 1234 5600 0007 85" {
		t.Errorf("account written as %q", got)
	}
	if got := date(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)); got != "1.3.2026" {
		t.Errorf("date written as %q", got)
	}
}

func TestEveryCountryHasAName(t *testing.T) {
	names := countryNames()
	if want := 249 + 1; len(names) != want {
		t.Errorf("%d countries, want %d", len(names), want)
	}
	for code, name := range names {
		if len(code) != 2 || name == "" || Printable(name) != name {
			t.Errorf("country %q is called %q", code, name)
		}
	}
}

func TestGoodsGoOnOnAnotherPage(t *testing.T) {
	l := declared()
	items := l.Customs.Items
	l.Customs.Items = nil
	for i := range 99 {
		item := items[i%len(items)]
		item.Code = fmt.Sprintf("%08d", i)
		l.Customs.Items = append(l.Customs.Items, item)
	}
	for _, m := range drawn {
		pages := composed(t, m, l)[1:]
		if len(pages) < 2 {
			t.Errorf("%s: 99 kinds of goods on %d pages", m, len(pages))
		}
		next := 0
		for i, page := range pages {
			said := map[string]bool{}
			for _, text := range page.texts {
				said[text.text] = true
			}
			if !said[fmt.Sprintf(formPage, i+1, len(pages))] || !said["Åsa Öberg"] || !said[formName] {
				t.Errorf("%s: page %d is no whole form: %v", m, i+1, said)
			}
			for said[fmt.Sprintf("%08d", next)] {
				next++
			}
		}
		if next != 99 {
			t.Errorf("%s: the goods are told up to %d", m, next)
		}
	}
	l.Customs.Items[7].Contents = strings.Repeat("ord ", 5000)
	for _, m := range drawn {
		if _, err := PDF([]Label{l}, Target{Media: m}); err == nil {
			t.Errorf("%s: goods that no page can hold are printed", m)
		}
	}
}

func TestSheetsAreFilled(t *testing.T) {
	for m, want := range map[Media]int{LaserA5: 5, Laser2A5: 3, LaserA4: 2, LaserSTE: 3, ThermoSE: 5, Thermo225: 5} {
		pages, err := compose([]Label{plain(), full(), abroad(), plain(), odd()}, m.sheet())
		if err != nil {
			t.Fatal(err)
		}
		if sheets := (Target{Media: m}).impose(pages); len(sheets) != want {
			t.Errorf("%s: five labels on %d sheets, want %d", m, len(sheets), want)
		}
	}
	pages, err := compose([]Label{plain(), most(), plain()}, LaserA4.sheet())
	if err != nil {
		t.Fatal(err)
	}
	if sheets := (Target{Media: LaserA4}).impose(pages); len(sheets) != 3 || len(sheets[1].codes) != 1 {
		t.Errorf("a label that wants a sheet to itself: %d sheets", len(sheets))
	}
}

func TestLabelsAreMovedWithinTheirMargin(t *testing.T) {
	code := func(m Media, offset Offset) bars {
		pages, err := compose([]Label{plain()}, m.sheet())
		if err != nil {
			t.Fatal(err)
		}
		return Target{m, offset}.impose(pages)[0].codes[0]
	}
	for _, m := range drawn {
		from, margin := code(m, Offset{}).at, m.sheet().label.margin
		for offset, moved := range map[Offset]Offset{
			{1.5, -2}: {1.5, -2}, {margin, -margin}: {margin, -margin}, {100, -1e300}: {margin, -margin}, {math.NaN(), math.Inf(1)}: {0, margin},
		} {
			if got, want := code(m, offset).at, from.moved(point{moved.X, moved.Y}); math.Hypot(got.x-want.x, got.y-want.y) > 1e-9 {
				t.Errorf("%s moved by %v: the code is at %v, want %v", m, offset, got, want)
			}
			if _, unchanged := (Target{m, offset}).Bounded(); unchanged != (offset == moved) {
				t.Errorf("%s: %v is called unchanged: %v", m, offset, unchanged)
			}
		}
	}
}
