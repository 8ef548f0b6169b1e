package label

import "math"

// point is a place in millimetres from the upper left corner, downwards.
type point struct{ x, y float64 }

func (p point) moved(by point) point { return point{p.x + by.x, p.y + by.y} }

// ink is the colour of a shape: black, or white on something black.
type ink uint8

const (
	black ink = iota
	white
)

// glyphs is a line of text.
type glyphs struct {
	at    point // where its baseline begins
	style style
	ink   ink
	text  string
}

// shape is an area, or with a stroke the line around it.
type shape struct {
	corners []point
	stroke  float64 // width of the line; 0 fills the area
	open    bool    // the line does not return to where it began
	ink     ink
}

// rectangle gives a shape's upper left and lower right corner if it is a rectangle of horizontal and vertical sides.
func (s shape) rectangle() (from, to point, ok bool) {
	if len(s.corners) != 4 || s.open {
		return point{}, point{}, false
	}
	from, to = s.corners[0], s.corners[2]
	return from, to, s.corners[1] == point{to.x, from.y} && s.corners[3] == point{from.x, to.y}
}

// block is a piece of a label: what is drawn, seen from its own upper left corner, and the room that it takes. What is
// added later is drawn above what was there.
type block struct {
	width, height float64
	shapes        []shape
	texts         []glyphs
	codes         []bars
}

// put draws a block within this one. The inner block is this one's from then on, and must not be put anywhere else: its
// corners are moved, not copied, since every one of them goes through many blocks.
func (b *block) put(at point, inner block) {
	for _, s := range inner.shapes {
		for i, corner := range s.corners {
			s.corners[i] = corner.moved(at)
		}
		b.shapes = append(b.shapes, s)
	}
	for _, t := range inner.texts {
		t.at = t.at.moved(at)
		b.texts = append(b.texts, t)
	}
	for _, c := range inner.codes {
		c.at = c.at.moved(at)
		b.codes = append(b.codes, c)
	}
}

// below adds a block under what is there, and makes room for it. An empty one takes no room.
func (b *block) below(gap float64, inner block) {
	if inner.height == 0 {
		return
	}
	b.put(point{0, b.height + gap}, inner)
	b.width = max(b.width, inner.width)
	b.height += gap + inner.height
}

// bar draws a black rectangle that hangs from the upper edge.
func (b *block) bar(x, width, height float64) {
	b.shapes = append(b.shapes, shape{corners: rectangle(x, 0, width, height)})
}

// frame draws a line along the inside of the block's edges.
func (b *block) frame(line float64) {
	b.shapes = append(b.shapes, shape{corners: rectangle(line/2, line/2, b.width-line, b.height-line), stroke: line})
}

// centred puts a block in the middle of a wider one.
func (b block) centred(width float64) block {
	wide := block{width: width, height: b.height}
	wide.put(point{(width - b.width) / 2, 0}, b)
	return wide
}

// rule is a horizontal line.
func rule(width, thickness float64) block {
	b := block{width: width, height: thickness}
	b.bar(0, width, thickness)
	return b
}

func rectangle(x, y, width, height float64) []point {
	return []point{{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}}
}

// arc is a part of a circle as a line of short pieces, from one angle to another in degrees, clockwise from the right.
func arc(x, y, radius, from, to float64) []point {
	const piece = 15 // degrees, fine enough for print at the size of a symbol
	steps := int(math.Ceil(math.Abs(to-from) / piece))
	points := make([]point, steps+1)
	for i := range points {
		angle := (from + (to-from)*float64(i)/float64(steps)) * math.Pi / 180
		points[i] = point{x + radius*math.Cos(angle), y + radius*math.Sin(angle)}
	}
	return points
}

// line is a line of text as a block: the height of a line of its style, and as wide as the text.
func line(s style, colour ink, text string) block {
	b := block{width: s.width(text), height: s.lineHeight()}
	baseline := (b.height + (ascentEm-descentEm)*s.em()) / 2
	b.texts = []glyphs{{point{0, baseline}, s, colour, text}}
	return b
}

// paragraph is a text in as many lines as it needs. It is empty if the text is.
func paragraph(s style, colour ink, width float64, text string) block {
	var b block
	for _, l := range s.wrap(Printable(text), width) {
		b.below(0, line(s, colour, l))
	}
	return b
}

// headline is a text in one line if shrinking it, down to a part of its size, brings it there; else in as few lines as
// that size needs, of about the same length.
func headline(s style, colour ink, width, smallest float64, text string) block {
	text = Printable(text)
	if natural := s.width(text); natural > width {
		s.size = max(sizeLeast, s.size*max(smallest, 0.999*width/natural))
	}
	return paragraph(s, colour, s.balanced(text, width), text)
}
