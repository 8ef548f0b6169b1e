package label

import "math"

// Media is what a label is printed on, by the name that the API has for it.
type Media string

// The media of the API. Their names are the carrier's, as are the sizes of rolls and sheets; how the sheets are divided is
// ours, since the carrier does not say: laser-a4, which it has for papers of all kinds, holds four labels here, and the two
// of laser-ste are 2 mm narrower than those of thermo-se, for which A4 has no room side by side. A label with more to say
// than a quarter of A4 holds gets a sheet to itself, and so does a customs declaration on laser-a4.
const (
	LaserA5   Media = "laser-a5"   // a sheet of A5
	Laser2A5  Media = "laser-2a5"  // two labels of A5 beside each other on a sheet of A4
	LaserA4   Media = "laser-a4"   // four labels of A6 on a sheet of A4
	LaserSTE  Media = "laser-ste"  // two labels of 105 × 251 mm beside each other on a sheet of A4
	ThermoSE  Media = "thermo-se"  // 107 × 251 mm from a roll
	Thermo225 Media = "thermo-225" // 107 × 225 mm from a roll
)

// AllMedia gives every media, the default first.
func AllMedia() []Media { return []Media{LaserA5, Laser2A5, LaserA4, LaserSTE, ThermoSE, Thermo225} }

// ParseMedia gives the media that a label asked for by this name is drawn on, and whether that is the media asked for:
// every name that is none of them gives LaserA5 and false.
func ParseMedia(name string) (m Media, known bool) {
	m = Media(name)
	if _, known = sheets[m]; known {
		return m, true
	}
	return LaserA5, false
}

// Offset is how far labels are moved on their paper to make up for a printer that does not feed straight, in millimetres to
// the right and down.
type Offset struct{ X, Y float64 }

// Target is what labels are printed on, and where on it.
type Target struct {
	Media  Media
	Offset Offset
}

// Bounded gives the target with its labels moved no farther than their margin, so that nothing of them leaves the paper,
// and whether it was so already. What is drawn is bounded anyway.
func (t Target) Bounded() (bounded Target, unchanged bool) {
	reach := t.Media.sheet().label.margin
	within := func(offset float64) float64 {
		if math.IsNaN(offset) {
			return 0
		}
		return max(-reach, min(offset, reach))
	}
	bounded = Target{t.Media, Offset{within(t.Offset.X), within(t.Offset.Y)}}
	return bounded, bounded == t
}

// format is the shape of a label. Lengths are in millimetres.
type format struct {
	width, height float64
	margin        float64 // left white on every side, since no printer reaches the edge
	scale         float64 // of type and space, 1 being the thermal label's
	module        float64 // width of the bar code's narrowest bar
	barHeight     float64 // of the bar code, at least
}

// sheet is a piece of paper with one or several labels on it.
type sheet struct {
	width, height float64
	label         format
	places        []point   // the upper left corners of its labels, in the order in which they are filled
	cuts          []cutting // where plain paper is to be cut
	whole         *format   // of what has too much to say for one of the places, and takes the sheet to itself
}

// cutting is a line to cut along.
type cutting struct{ from, to point }

// The bar codes' modules are three or four dots of a print head of 203 dpi, which has eight dots a millimetre, so that every
// bar begins and ends on a dot.
var (
	formatA4  = format{width: 210, height: 297, margin: 12, scale: 1.4, module: 0.5, barHeight: 32}
	formatA5  = format{width: 148, height: 210, margin: 8, scale: 1.15, module: 0.5, barHeight: 28}
	formatA6  = format{width: 105, height: 148.5, margin: 6, scale: 0.86, module: 0.375, barHeight: 25}
	formatSTE = format{width: 105, height: 251, margin: 6, scale: 1, module: 0.375, barHeight: 28}
	formatSE  = format{width: 107, height: 251, margin: 4, scale: 1, module: 0.375, barHeight: 28}
	format225 = format{width: 107, height: 225, margin: 4, scale: 1, module: 0.375, barHeight: 28}
)

var sheets = map[Media]sheet{
	LaserA5: single(formatA5),
	Laser2A5: {width: 297, height: 210, label: formatA5, places: []point{{0, 0}, {149, 0}},
		cuts: []cutting{{point{148.5, 8}, point{148.5, 202}}}},
	LaserA4: {width: 210, height: 297, label: formatA6, places: []point{{0, 0}, {105, 0}, {0, 148.5}, {105, 148.5}},
		cuts: []cutting{{point{105, 6}, point{105, 291}}, {point{6, 148.5}, point{204, 148.5}}}, whole: &formatA4},
	LaserSTE:  {width: 210, height: 297, label: formatSTE, places: []point{{0, 23}, {105, 23}}},
	ThermoSE:  single(formatSE),
	Thermo225: single(format225),
}

func single(f format) sheet {
	return sheet{width: f.width, height: f.height, label: f, places: []point{{}}}
}

// sheet gives the paper that the media is drawn on.
func (m Media) sheet() sheet {
	if s, known := sheets[m]; known {
		return s
	}
	return sheets[LaserA5]
}

// impose puts pages on as many sheets as they need, moved as far as the target says.
func (t Target) impose(pages []block) []block {
	t, _ = t.Bounded()
	paper, moved := t.Media.sheet(), point{t.Offset.X, t.Offset.Y}
	var sheets []block
	next := len(paper.places) // of the places on the last sheet
	for _, page := range pages {
		if page.width > paper.label.width {
			whole := block{width: paper.width, height: paper.height}
			whole.put(moved, page)
			sheets, next = append(sheets, whole), len(paper.places)
			continue
		}
		if next == len(paper.places) {
			empty := block{width: paper.width, height: paper.height}
			for _, c := range paper.cuts {
				empty.dashes(c)
			}
			sheets, next = append(sheets, empty), 0
		}
		sheets[len(sheets)-1].put(paper.places[next].moved(moved), page)
		next++
	}
	return sheets
}

// dashes draws a line to cut along.
func (b *block) dashes(c cutting) {
	const dash, gap, thick = 1.5, 3.0, 0.125
	length := max(c.to.x-c.from.x, c.to.y-c.from.y)
	for at := 0.0; at+dash <= length; at += dash + gap {
		if c.to.x > c.from.x {
			b.shapes = append(b.shapes, shape{corners: rectangle(c.from.x+at, c.from.y-thick/2, dash, thick)})
		} else {
			b.shapes = append(b.shapes, shape{corners: rectangle(c.from.x-thick/2, c.from.y+at, thick, dash)})
		}
	}
}
