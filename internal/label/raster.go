package label

import (
	"image"
	"math"
	"sync"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// dotsAMillimetre is what a print head of 203 dpi has.
const dotsAMillimetre = 8

func dots(millimetres float64) int { return int(math.Round(millimetres * dotsAMillimetre)) }

// bitmap is a picture of dots that are black or white, as a print head burns them.
type bitmap struct {
	image.Rectangle
	stride int    // bytes a row
	bits   []byte // a dot is a bit, the first of a row being the highest of a byte; black ones are set
}

// newBitmap is all white.
func newBitmap(area image.Rectangle) bitmap {
	stride := (area.Dx() + 7) / 8
	return bitmap{area, stride, make([]byte, stride*area.Dy())}
}

// row gives the bits of a row.
func (b bitmap) row(y int) []byte {
	from := (y - b.Min.Y) * b.stride
	return b.bits[from : from+b.stride]
}

// put gives the ink to those dots of a byte that a mask has set.
func (i ink) put(bits *byte, mask byte) {
	if i == black {
		*bits |= mask
	} else {
		*bits &^= mask
	}
}

// rasterize draws a block in dots, of which the first is the one at its upper left corner.
func rasterize(content block) bitmap {
	b := newBitmap(image.Rect(0, 0, dots(content.width), dots(content.height)))
	p := pen{bitmap: b}
	for _, s := range content.shapes {
		p.shape(s)
	}
	for _, c := range content.codes {
		left, top, module := dots(c.at.x), dots(c.at.y), dots(c.module)
		for at, modules := range c.code.each {
			b.box(image.Rect(left+at*module, top, left+(at+modules)*module, top+dots(c.height)), black)
		}
	}
	for _, t := range content.texts {
		p.text(t)
	}
	return b
}

// box fills a rectangle.
func (b bitmap) box(area image.Rectangle, colour ink) {
	area = area.Intersect(b.Rectangle)
	if area.Empty() {
		return
	}
	from, to := area.Min.X-b.Min.X, area.Max.X-1-b.Min.X // the first dot and the last
	first, last := byte(0xff)>>(from%8), byte(0xff)<<(7-to%8)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		bits := b.row(y)[from/8 : to/8+1]
		if len(bits) == 1 {
			colour.put(&bits[0], first&last)
			continue
		}
		colour.put(&bits[0], first)
		for i := range bits[1 : len(bits)-1] {
			colour.put(&bits[1+i], 0xff)
		}
		colour.put(&bits[len(bits)-1], last)
	}
}

// pen draws outlines on a bitmap: a dot becomes ink where at least half of it is covered.
type pen struct {
	bitmap
	outline vector.Rasterizer
	mask    image.Alpha
	glyph   sfnt.Buffer
	origin  image.Point // the outline's, on the bitmap
}

// begin makes room for an outline within an area, in dots.
func (p *pen) begin(left, top, right, bottom float64) {
	area := image.Rect(int(math.Floor(left))-1, int(math.Floor(top))-1, int(math.Ceil(right))+1, int(math.Ceil(bottom))+1)
	p.origin = area.Min
	p.outline.Reset(area.Dx(), area.Dy())
	if needed := area.Dx() * area.Dy(); cap(p.mask.Pix) < needed {
		p.mask.Pix = make([]uint8, needed)
	}
	p.mask.Pix = p.mask.Pix[:area.Dx()*area.Dy()]
	p.mask.Stride, p.mask.Rect = area.Dx(), image.Rect(0, 0, area.Dx(), area.Dy())
}

func (p *pen) local(x, y float64) (float32, float32) {
	return float32(x - float64(p.origin.X)), float32(y - float64(p.origin.Y))
}

// polygon adds corners in dots to the outline.
func (p *pen) polygon(corners ...point) {
	for i, corner := range corners {
		x, y := p.local(corner.x, corner.y)
		if i == 0 {
			p.outline.MoveTo(x, y)
		} else {
			p.outline.LineTo(x, y)
		}
	}
	p.outline.ClosePath()
}

// end puts the outline's ink on the bitmap.
func (p *pen) end(colour ink) {
	clear(p.mask.Pix)
	p.outline.Draw(&p.mask, p.mask.Rect, image.Opaque, image.Point{})
	visible := p.mask.Rect.Add(p.origin).Intersect(p.Rectangle)
	for y := visible.Min.Y; y < visible.Max.Y; y++ {
		from := p.mask.PixOffset(visible.Min.X-p.origin.X, y-p.origin.Y)
		row, left := p.row(y), visible.Min.X-p.Min.X
		for i, covered := range p.mask.Pix[from : from+visible.Dx()] {
			if covered >= 0x80 {
				colour.put(&row[(left+i)/8], 0x80>>((left+i)%8))
			}
		}
	}
}

func (p *pen) shape(s shape) {
	from, to, rectangular := s.rectangle()
	switch {
	case rectangular && s.stroke == 0:
		p.box(boxed(from, to), s.ink)
	case rectangular:
		p.frame(from, to, s)
	case s.stroke == 0:
		p.fill(s)
	default:
		p.stroke(s)
	}
}

// boxed is a rectangle in dots, at least one of them wide and high.
func boxed(from, to point) image.Rectangle {
	area := image.Rect(dots(from.x), dots(from.y), dots(to.x), dots(to.y))
	area.Max.X, area.Max.Y = max(area.Max.X, area.Min.X+1), max(area.Max.Y, area.Min.Y+1)
	return area
}

// framed gives the outer edge of a frame in dots, and how thick its lines are.
func framed(from, to point, stroke float64) (outer image.Rectangle, thick int) {
	half := stroke / 2
	return boxed(point{from.x - half, from.y - half}, point{to.x + half, to.y + half}), max(1, dots(stroke))
}

func (p *pen) frame(from, to point, s shape) {
	outer, thick := framed(from, to, s.stroke)
	inner := outer.Inset(thick)
	for _, side := range []image.Rectangle{
		{outer.Min, image.Pt(outer.Max.X, inner.Min.Y)}, {image.Pt(outer.Min.X, inner.Max.Y), outer.Max},
		{outer.Min, image.Pt(inner.Min.X, outer.Max.Y)}, {image.Pt(inner.Max.X, outer.Min.Y), outer.Max},
	} {
		p.box(side, s.ink)
	}
}

// reach is the part of the page that a shape touches, in dots.
func (s shape) reach() (left, top, right, bottom float64) {
	left, top, right, bottom = math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, c := range s.corners {
		left, top, right, bottom = min(left, c.x), min(top, c.y), max(right, c.x), max(bottom, c.y)
	}
	half := s.stroke / 2
	return (left - half) * dotsAMillimetre, (top - half) * dotsAMillimetre, (right + half) * dotsAMillimetre, (bottom + half) * dotsAMillimetre
}

func (s shape) inDots() []point {
	corners := make([]point, len(s.corners))
	for i, c := range s.corners {
		corners[i] = point{c.x * dotsAMillimetre, c.y * dotsAMillimetre}
	}
	return corners
}

func (p *pen) fill(s shape) {
	p.begin(s.reach())
	p.polygon(s.inDots()...)
	p.end(s.ink)
}

// stroke draws a line as a bar a piece, and a disc where two pieces meet.
func (p *pen) stroke(s shape) {
	corners, half := s.inDots(), s.stroke*dotsAMillimetre/2
	if !s.open {
		corners = append(corners, corners[0])
	}
	p.begin(s.reach())
	for i := 1; i < len(corners); i++ {
		from, to := corners[i-1], corners[i]
		length := math.Hypot(to.x-from.x, to.y-from.y)
		if length == 0 {
			continue
		}
		across := point{-(to.y - from.y) / length * half, (to.x - from.x) / length * half}
		p.polygon(from.moved(across), point{from.x - across.x, from.y - across.y}, point{to.x - across.x, to.y - across.y}, to.moved(across))
		if i > 1 {
			p.polygon(arc(from.x, from.y, half, 0, 360)...)
		}
	}
	p.end(s.ink)
}

// outlines are the typeface's shapes, read once.
var outlines = sync.OnceValue(func() [2]*sfnt.Font {
	var fonts [2]*sfnt.Font
	for f, data := range [][]byte{regular: interRegular, bold: interBold} {
		read, err := sfnt.Parse(data)
		if err != nil {
			panic("label: the outlines of an embedded face cannot be read: " + err.Error())
		}
		fonts[f] = read
	}
	return fonts
})

// No outline of the faces rises higher above the baseline, or falls lower below it.
const (
	highestEm = 1.12
	lowestEm  = 0.34
)

// text draws a line of text. Its characters are the typeface's, so that every one has an outline.
func (p *pen) text(g glyphs) {
	em := g.style.em() * dotsAMillimetre
	x, baseline := g.at.x*dotsAMillimetre, math.Round(g.at.y*dotsAMillimetre)
	p.begin(x-em, baseline-highestEm*em, x+g.style.width(g.text)*dotsAMillimetre+em, baseline+lowestEm*em)
	shapes := outlines()[g.style.face]
	for _, r := range g.text {
		index, err := shapes.GlyphIndex(&p.glyph, r)
		if err != nil {
			continue
		}
		segments, err := shapes.LoadGlyph(&p.glyph, index, fixed.Int26_6(em*64), nil)
		if err != nil {
			continue
		}
		p.segments(segments, x, baseline)
		x += g.style.face.advance(r) * em
	}
	p.end(g.ink)
}

func (p *pen) segments(segments sfnt.Segments, x, y float64) {
	at := func(f fixed.Point26_6) (float32, float32) {
		return p.local(x+float64(f.X)/64, y+float64(f.Y)/64)
	}
	for _, s := range segments {
		ax, ay := at(s.Args[0])
		bx, by := at(s.Args[1])
		cx, cy := at(s.Args[2])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			p.outline.MoveTo(ax, ay)
		case sfnt.SegmentOpLineTo:
			p.outline.LineTo(ax, ay)
		case sfnt.SegmentOpQuadTo:
			p.outline.QuadTo(ax, ay, bx, by)
		case sfnt.SegmentOpCubeTo:
			p.outline.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
}
