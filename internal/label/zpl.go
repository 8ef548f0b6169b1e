package label

import (
	"bytes"
	"fmt"
	"image"
	"math"
	"strings"
)

// ZPL writes the labels in ZPL II for a print head of 203 dpi, each as a format of its own of one label's size, whatever
// sheet the target's media has room for several on. Texts, lines and codes are the printer's own, symbols are pictures. The
// printer's scalable font is narrower than the one that the texts were measured with, so that none is longer than its room;
// a printer whose firmware has no Cyrillic or Greek in that font prints what it has for them.
func ZPL(labels []Label, target Target) ([]byte, error) {
	pages, err := compose(labels, target.Media.sheet())
	if err != nil {
		return nil, err
	}
	target, _ = target.Bounded()
	var out bytes.Buffer
	for _, page := range pages {
		moved := block{width: page.width, height: page.height}
		moved.put(point{target.Offset.X, target.Offset.Y}, page)
		writeZPL(&out, moved)
	}
	return out.Bytes(), nil
}

// writeZPL writes a page as one format: UTF-8, its size, and its fields.
func writeZPL(out *bytes.Buffer, page block) {
	fmt.Fprintf(out, "^XA\n^CI28\n^PW%d\n^LL%d\n^LH0,0\n", dots(page.width), dots(page.height))
	for rest := page.shapes; len(rest) > 0; {
		first := rest[0]
		if from, to, rectangular := first.rectangle(); rectangular {
			writeBox(out, from, to, first)
			rest = rest[1:]
			continue
		}
		together := picture(rest)
		writePicture(out, rest[:together])
		rest = rest[together:]
	}
	for _, c := range page.codes {
		writeCode(out, c)
	}
	for _, t := range page.texts {
		writeText(out, t)
	}
	out.WriteString("^PQ1\n^XZ\n")
}

func writeBox(out *bytes.Buffer, from, to point, s shape) {
	outer := boxed(from, to)
	thick := min(outer.Dx(), outer.Dy())
	if s.stroke > 0 {
		outer, thick = framed(from, to, s.stroke)
	}
	fmt.Fprintf(out, "^FO%d,%d^GB%d,%d,%d,%s^FS\n", outer.Min.X, outer.Min.Y, outer.Dx(), outer.Dy(), thick, [...]string{black: "B", white: "W"}[s.ink])
}

// picture gives how many shapes from the first on make up one picture: those of one ink that are not rectangles.
func picture(shapes []shape) int {
	for i, s := range shapes {
		if _, _, rectangular := s.rectangle(); rectangular || s.ink != shapes[0].ink {
			return i
		}
	}
	return len(shapes)
}

// writePicture draws shapes of one ink in dots. White ones turn what is black under them.
func writePicture(out *bytes.Buffer, shapes []shape) {
	left, top, right, bottom := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, s := range shapes {
		l, t, r, b := s.reach()
		left, top, right, bottom = min(left, l), min(top, t), max(right, r), max(bottom, b)
	}
	dots := newBitmap(image.Rect(max(0, int(left)), max(0, int(top)), int(math.Ceil(right)), int(math.Ceil(bottom))))
	p := pen{bitmap: dots}
	for _, s := range shapes {
		s.ink = black
		p.shape(s)
	}
	reversed := ""
	if shapes[0].ink == white {
		reversed = "^FR"
	}
	fmt.Fprintf(out, "^FO%d,%d%s^GFA,%d,%d,%d,", dots.Min.X, dots.Min.Y, reversed, len(dots.bits), len(dots.bits), dots.stride)
	before := ""
	for y := dots.Min.Y; y < dots.Max.Y; y++ {
		row := squeezed(fmt.Sprintf("%X", dots.row(y)))
		if row == before {
			out.WriteByte(':')
		} else {
			out.WriteString(row)
		}
		before = row
	}
	out.WriteString("^FS\n")
}

// squeezed writes a row as ZPL shortens it: a comma for zeros up to its end, and before what is repeated g to z for how
// many times twenty, and G to Y for how many ones.
func squeezed(row string) string {
	var out strings.Builder
	filled := strings.TrimRight(row, "0")
	for i := 0; i < len(filled); {
		times := len(filled[i:]) - len(strings.TrimLeft(filled[i:], filled[i:i+1]))
		digit := filled[i]
		i += times
		for ; times >= 400; times -= 400 {
			out.WriteByte('z')
		}
		if times >= 20 {
			out.WriteByte(byte('f' + times/20))
		}
		if rest := times % 20; rest > 1 || times > 1 && rest == 1 {
			out.WriteByte(byte('F' + rest))
		}
		out.WriteByte(digit)
	}
	if len(filled) < len(row) {
		out.WriteByte(',')
	}
	return out.String()
}

// writeCode writes a Code 128 of the very characters that the layout made room for: the sets of two digits a character are
// chosen here, not by the printer.
func writeCode(out *bytes.Buffer, c bars) {
	fmt.Fprintf(out, "^BY%d\n^FO%d,%d^BCN,%d,N,N,N,N^FD%s^FS\n", dots(c.module), dots(c.at.x), dots(c.at.y), dots(c.height), invoked(c.code.number))
}

// invoked is a number with ZPL's invocations of Code 128's sets: >: begins with B and >; with C, >5 and >6 change to C and B,
// >8 is FNC1. Where there are four digits or more they go in pairs from the first on.
func invoked(number string) string {
	if sscc.MatchString(number) {
		return ">;>8" + number
	}
	head := strings.TrimRight(number, "0123456789")
	pairs := number[len(head) : len(number)-(len(number)-len(head))%2]
	rest := number[len(head)+len(pairs):]
	switch {
	case len(pairs) < 4:
		return ">:" + number
	case head == "":
		pairs = ">;" + pairs
	default:
		pairs = ">:" + head + ">5" + pairs
	}
	if rest != "" {
		rest = ">6" + rest
	}
	return pairs + rest
}

// writeText writes a line of text from where its baseline begins. White ones turn what is black under them.
func writeText(out *bytes.Buffer, t glyphs) {
	reversed := ""
	if t.ink == white {
		reversed = "^FR"
	}
	fmt.Fprintf(out, "^FT%d,%d%s^A0N,%d^FH^FD%s^FS\n", dots(t.at.x), dots(t.at.y), reversed, dots(t.style.em()), zplEscapes.Replace(t.text))
}

// zplEscapes writes what would be a command as its code after ^FH's underscore, and the underscore itself.
var zplEscapes = strings.NewReplacer("_", "_5F", "^", "_5E", "~", "_7E", `\`, "_5C")
