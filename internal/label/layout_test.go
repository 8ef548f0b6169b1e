package label

import (
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

func composed(t *testing.T, m Media, l Label) (block, format) {
	t.Helper()
	pages, err := compose([]Label{l}, m.sheet())
	if err != nil {
		t.Fatal(err)
	}
	if f := m.sheet(); pages[0].width == f.label.width {
		return pages[0], f.label
	}
	return pages[0], *m.sheet().whole
}

func TestNothingIsOutsideOfWhatAPrinterReaches(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, m Media, l Label) {
		page, s := composed(t, m, l)
		reach := area{s.margin, s.margin, s.width - s.margin, s.height - s.margin}
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
	eachKind(t, func(t *testing.T, m Media, l Label) {
		page, _ := composed(t, m, l)
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
	eachKind(t, func(t *testing.T, m Media, l Label) {
		page, _ := composed(t, m, l)
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
	eachKind(t, func(t *testing.T, m Media, l Label) {
		const least = 4 // points
		page, _ := composed(t, m, l)
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
		page, s := composed(t, m, l)
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
		page, _ := composed(t, m, plain())
		for _, text := range page.texts {
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
