package label

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"unicode"

	"github.com/signintech/gopdf"
	"github.com/signintech/gopdf/fontmaker/core"
	"golang.org/x/text/unicode/norm"
)

// The typeface is Inter 4.001 (fonts/OFL.txt), from the npm package @expo-google-fonts/inter, cut down to Latin with all
// its extensions, Greek, Cyrillic, punctuation and the replacement box, by fonttools:
//
//	pyftsubset Inter_400Regular.ttf --output-file=Inter-Regular.ttf --layout-features= --no-hinting --notdef-outline \
//	  --drop-tables+=GSUB,GPOS,GDEF,DSIG,STAT,MVAR,gasp --name-IDs=0,1,2,3,4,5,6,13,14 --unicodes=U+0020-007E,\
//	  U+00A0-00AC,U+00AE-017F,U+018F,U+0192,U+01CD-01DC,U+01E6-01E7,U+01EA-01EB,U+0218-021B,U+0259,U+0386-03CE,\
//	  U+0400-052F,U+1E00-1EFF,U+2010-2015,U+2018-201F,U+2020-2022,U+2026,U+2030,U+2032-2033,U+2039-203A,U+2044,\
//	  U+20AC,U+20B4,U+2116,U+2122,U+2190-2193,U+2212,U+25A1
//
// and likewise for the bold face.
var (
	//go:embed fonts/Inter-Regular.ttf
	interRegular []byte
	//go:embed fonts/Inter-Bold.ttf
	interBold []byte
)

// face is one of the two faces that a label is set in.
type face uint8

const (
	regular face = iota
	bold
)

// family is the name of a face in the document. Six letters and a plus sign mark a subset, as PDF wants.
func (f face) family() string { return [...]string{"LABELS+Inter-Regular", "LABELS+Inter-Bold"}[f] }

// typeface is what is read from the embedded fonts, once: parsing costs as much as several labels. It is only read
// afterwards, by any number of goroutines.
type typeface struct {
	container gopdf.FontContainer
	advances  [2][]float64 // in em, by character; 0 where a face has none
}

var inter = sync.OnceValue(func() *typeface {
	t := new(typeface)
	for f, data := range map[face][]byte{regular: interRegular, bold: interBold} {
		if err := t.add(f, data); err != nil {
			panic(fmt.Sprintf("label: the embedded face %s cannot be read: %v", f.family(), err))
		}
	}
	return t
})

func (t *typeface) add(f face, data []byte) error {
	if err := t.container.AddTTFFontData(f.family(), data); err != nil {
		return err
	}
	var parser core.TTFParser
	if err := parser.ParseFontData(data); err != nil {
		return err
	}
	for char, glyph := range parser.Chars() {
		for glyph != 0 && len(t.advances[f]) <= char {
			t.advances[f] = append(t.advances[f], 0)
		}
		if glyph != 0 {
			t.advances[f][char] = float64(parser.Widths()[glyph]) / float64(parser.UnitsPerEm())
		}
	}
	return nil
}

// advance is how far a character takes the next one, in em, and 0 for one that the face lacks.
func (f face) advance(r rune) float64 {
	advances := inter().advances[f]
	if int(r) >= len(advances) {
		return 0
	}
	return advances[r]
}

// replacement is printed for a character that the typeface lacks.
const replacement = '□'

// Printable gives a text as a label prints it: on one line, spaces and control characters as single spaces, characters
// that have no shape (as joiners and marks of direction) left out, accents put together with their letters, and what the
// typeface lacks (emoji; every script but Latin, Greek and Cyrillic) as □.
func Printable(text string) string {
	if unchanged(text) {
		return text
	}
	var out strings.Builder
	space := false
	for _, r := range norm.NFC.String(text) {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			space = true
			continue
		}
		shape := shapeOf(r)
		if shape == "" {
			continue
		}
		if space && out.Len() > 0 {
			out.WriteByte(' ')
		}
		space = false
		out.WriteString(shape)
	}
	return out.String()
}

// shapeOf gives what is printed for a character: itself, else its compatible form (as f and i for the ligature ﬁ), else
// the replacement.
func shapeOf(r rune) string {
	if unicode.In(r, unicode.Cf, unicode.Mn, unicode.Me) {
		return ""
	}
	if inFont(r) {
		return string(r)
	}
	compatible := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(string(r)))
	for _, part := range compatible {
		if !inFont(part) {
			return string(replacement)
		}
	}
	return compatible
}

func inFont(r rune) bool { return regular.advance(r) > 0 }

// unchanged says whether a text is printed as it stands: letters, digits and signs of ASCII, and single spaces between them.
func unchanged(text string) bool {
	space := true
	for i := range len(text) {
		c := text[i]
		if c < ' ' || c > '~' || c == ' ' && space {
			return false
		}
		space = c == ' '
	}
	return text == "" || !space
}

// style is a face at a size in points.
type style struct {
	face face
	size float64
}

const millimetresAPoint = 25.4 / 72

// Parts of a style's size: the line's height, and how far letters with accents rise above the baseline and tails fall
// below it.
const (
	lineEm    = 1.22
	ascentEm  = 0.96
	descentEm = 0.26
	capEm     = 0.728
)

func (s style) em() float64         { return s.size * millimetresAPoint }
func (s style) lineHeight() float64 { return s.em() * lineEm }

// width is how wide a printable text is, in millimetres.
func (s style) width(text string) float64 {
	em := 0.0
	for _, r := range text {
		em += s.face.advance(r)
	}
	return em * s.em()
}

// wrap breaks a printable text into lines of at most the width: at spaces, and within a word that has no line to itself.
func (s style) wrap(text string, width float64) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && s.width(line+" "+word) <= width {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		line = word
		for head := s.head(line, width); head != line; head = s.head(line, width) {
			lines, line = append(lines, head), line[len(head):]
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// balanced is the least of the widths up to the one given that needs no more lines than that and breaks no more words,
// give or take a twentieth. Long texts keep the width, since few would see the difference.
func (s style) balanced(text string, width float64) float64 {
	widest := 0.0
	for word := range strings.FieldsSeq(text) {
		widest = max(widest, s.width(word))
	}
	lines := len(s.wrap(text, width))
	if lines < 2 || lines > 4 {
		return width
	}
	for narrower := width * 0.95; narrower > widest && len(s.wrap(text, narrower)) == lines; narrower *= 0.95 {
		width = narrower
	}
	return width
}

// head is as much of a word's beginning as the width holds, at least one character.
func (s style) head(word string, width float64) string {
	room := width / s.em()
	for i, r := range word {
		if room -= s.face.advance(r); room < 0 && i > 0 {
			return word[:i]
		}
	}
	return word
}
