package label

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"image"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// zplFormat is what a printer makes of one format.
type zplFormat struct {
	size   image.Point
	drawn  bitmap   // boxes, pictures and codes
	codes  []string // what codes say
	texts  []string
	length []int // of each code, in symbol characters
}

var (
	zplHex   = regexp.MustCompile(`_[0-9A-F]{2}`)
	zplPlace = regexp.MustCompile(`^\^F([OT])(\d+),(\d+)`)
)

// interpret reads formats as a printer does, as far as labels use the language, and fails on all else.
func interpret(t *testing.T, zpl string) []zplFormat {
	t.Helper()
	var formats []zplFormat
	var f *zplFormat
	module := 2
	for line := range strings.SplitSeq(strings.TrimSuffix(zpl, "\n"), "\n") {
		numbers := func(prefix string) []int {
			var all []int
			for number := range strings.SplitSeq(strings.TrimPrefix(line, prefix), ",") {
				n, err := strconv.Atoi(number)
				if err != nil {
					t.Fatalf("%q: %v", line, err)
				}
				all = append(all, n)
			}
			return all
		}
		switch place := zplPlace.FindStringSubmatch(line); {
		case line == "^XA":
			formats = append(formats, zplFormat{})
			f = &formats[len(formats)-1]
		case line == "^CI28", line == "^LH0,0", line == "^PQ1", line == "^XZ":
		case strings.HasPrefix(line, "^PW"):
			f.size.X = numbers("^PW")[0]
		case strings.HasPrefix(line, "^LL"):
			f.size.Y = numbers("^LL")[0]
			f.drawn = newBitmap(image.Rectangle{Max: f.size})
		case strings.HasPrefix(line, "^BY"):
			module = numbers("^BY")[0]
		case place != nil && strings.HasSuffix(line, "^FS"):
			x, _ := strconv.Atoi(place[2])
			y, _ := strconv.Atoi(place[3])
			at := image.Pt(x, y)
			if !at.In(image.Rectangle{Max: f.size}) {
				t.Errorf("%q is outside of %v", line, f.size)
			}
			f.field(t, at, strings.TrimSuffix(line[len(place[0]):], "^FS"), module)
		default:
			t.Fatalf("what is %q?", line)
		}
	}
	return formats
}

func (f *zplFormat) field(t *testing.T, at image.Point, field string, module int) {
	t.Helper()
	reversed := strings.HasPrefix(field, "^FR")
	field = strings.TrimPrefix(field, "^FR")
	switch {
	case strings.HasPrefix(field, "^GB"):
		var width, height, thick int
		var colour string
		if n, err := fmt.Sscanf(field, "^GB%d,%d,%d,%s", &width, &height, &thick, &colour); n != 4 {
			t.Fatal(field, err)
		}
		colours := map[string]ink{"B": black, "W": white}
		outer := image.Rect(0, 0, width, height).Add(at)
		for y := outer.Min.Y; y < outer.Max.Y; y++ {
			for x := outer.Min.X; x < outer.Max.X; x++ {
				if !image.Pt(x, y).In(outer.Inset(thick)) {
					f.drawn.box(image.Rect(x, y, x+1, y+1), colours[colour])
				}
			}
		}
	case strings.HasPrefix(field, "^GFA,"):
		parts := strings.SplitN(field, ",", 5)
		bytes, _ := strconv.Atoi(parts[1])
		stride, _ := strconv.Atoi(parts[3])
		if parts[1] != parts[2] {
			t.Errorf("%.40s counts two ways", field)
		}
		dots := unsqueezed(t, parts[4], stride)
		if len(dots) != bytes {
			t.Errorf("%.40s has %d bytes", field, len(dots))
		}
		for i := range len(dots) * 8 {
			if dots[i/8]&(0x80>>(i%8)) == 0 {
				continue
			}
			x, y := at.X+i%(stride*8), at.Y+i/(stride*8)
			colour := black
			if reversed && f.drawn.row(y)[x/8]&(0x80>>(x%8)) != 0 {
				colour = white
			}
			f.drawn.box(image.Rect(x, y, x+1, y+1), colour)
		}
	case strings.HasPrefix(field, "^BCN,"):
		var height int
		var data string
		if n, err := fmt.Sscanf(field, "^BCN,%d,N,N,N,N^FD%s", &height, &data); n != 2 {
			t.Fatal(field, err)
		}
		said, length := uninvoked(t, data)
		f.codes, f.length = append(f.codes, said), append(f.length, length)
		code, err := encode(strings.TrimPrefix(said, "<FNC1>"))
		if err != nil {
			t.Fatal(err)
		}
		for from, modules := range code.each {
			f.drawn.box(image.Rect(at.X+from*module, at.Y, at.X+(from+modules)*module, at.Y+height), black)
		}
	case strings.HasPrefix(field, "^A0N,"):
		height, data, found := strings.Cut(strings.TrimPrefix(field, "^A0N,"), "^FH^FD")
		if n, err := strconv.Atoi(height); !found || err != nil || n < 10 {
			t.Fatalf("%q is no text that can be read", field)
		}
		if strings.ContainsAny(data, "^~\\") {
			t.Errorf("a command within %q", data)
		}
		f.texts = append(f.texts, zplHex.ReplaceAllStringFunc(data, func(code string) string {
			letter, _ := hex.DecodeString(code[1:])
			return string(letter)
		}))
	default:
		t.Fatalf("what is %q?", field)
	}
}

// unsqueezed gives the bytes of a picture.
func unsqueezed(t *testing.T, data string, stride int) []byte {
	t.Helper()
	var all []byte
	row, before, times := "", "", 0
	for _, c := range data {
		switch {
		case c == ',':
			row += strings.Repeat("0", 2*stride-len(row))
		case c == ':':
			row = before
		case 'G' <= c && c <= 'Y':
			times += int(c - 'F')
			continue
		case 'g' <= c && c <= 'z':
			times += 20 * int(c-'f')
			continue
		default:
			row += strings.Repeat(string(c), max(1, times))
		}
		times = 0
		if len(row) == 2*stride {
			bytes, err := hex.DecodeString(row)
			if err != nil {
				t.Fatal(err)
			}
			all, before, row = append(all, bytes...), row, ""
		}
	}
	if row != "" {
		t.Errorf("the picture ends within a row: %q", row)
	}
	return all
}

// uninvoked gives what a code says, and how many symbol characters it has with its start and its check.
func uninvoked(t *testing.T, data string) (said string, length int) {
	t.Helper()
	length = 1
	set := byte('B')
	for i := 0; i < len(data); {
		if data[i] == '>' {
			switch data[i+1] {
			case ':', ';':
				if i != 0 {
					t.Fatalf("%q begins twice", data)
				}
				set = map[byte]byte{':': 'B', ';': 'C'}[data[1]]
			case '5', '6':
				set = map[byte]byte{'5': 'C', '6': 'B'}[data[i+1]]
			case '8':
				said += "<FNC1>"
			default:
				t.Fatalf("what is %q in %q?", data[i:i+2], data)
			}
			length++
			i += 2
			continue
		}
		step := map[byte]int{'B': 1, 'C': 2}[set]
		said += data[i : i+step]
		length++
		i += step
	}
	return said, length
}

func TestPrintersDrawWhatTheDocumentShows(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, m Media, l Label) {
		zpl, err := ZPL([]Label{l}, Target{Media: m})
		if err != nil {
			t.Fatal(err)
		}
		pages := composed(t, m, l)
		formats := interpret(t, string(zpl))
		if len(formats) != len(pages) {
			t.Fatalf("%d formats, want %d", len(formats), len(pages))
		}
		for i, f := range formats {
			page := pages[i].block
			if want := image.Pt(dots(page.width), dots(page.height)); f.size != want {
				t.Errorf("the format is of %v dots, want %v", f.size, want)
			}
			if len(f.codes) != 1 || strings.TrimPrefix(f.codes[0], "<FNC1>") != l.TrackingNumber {
				t.Errorf("the codes are %q", f.codes)
			}
			if strings.HasPrefix(f.codes[0], "<FNC1>") != sscc.MatchString(l.TrackingNumber) {
				t.Errorf("the code %q is GS1-128, or is not", f.codes[0])
			}
			if want := page.codes[0].code.width(); f.length[0]*11+13 != want {
				t.Errorf("the code %s has %d symbol characters, which are %d modules wide, want %d", f.codes[0], f.length[0], f.length[0]*11+13, want)
			}
			var want []string
			for _, text := range page.texts {
				want = append(want, text.text)
			}
			if got := strings.Join(f.texts, "\n"); got != strings.Join(want, "\n") {
				t.Errorf("the texts are %q, want %q", f.texts, want)
			}
			page.texts = nil
			if want := rasterize(page); !bytes.Equal(f.drawn.bits, want.bits) {
				for at := range want.bits {
					if f.drawn.bits[at] != want.bits[at] {
						t.Fatalf("page %d is drawn otherwise than in a picture: about dot %d,%d first", i+1, at%want.stride*8, at/want.stride)
					}
				}
			}
		}
	})
}

func TestPrintersMoveWhatIsMoved(t *testing.T) {
	margin := Thermo225.sheet().label.margin
	for _, offset := range []Offset{{-1000, -1000}, {1000, 1000}, {1.5, -2}} {
		zpl, err := ZPL([]Label{full(), declared()}, Target{Thermo225, offset})
		if err != nil {
			t.Fatal(err)
		}
		within := func(offset float64) float64 { return max(-margin, min(offset, margin)) }
		for i, f := range interpret(t, string(zpl)) { // which fails on what is outside
			page := block{width: 107, height: 225}
			page.put(point{within(offset.X), within(offset.Y)}, append(composed(t, Thermo225, full()), composed(t, Thermo225, declared())...)[i].block)
			page.texts = nil
			if !bytes.Equal(f.drawn.bits, rasterize(page).bits) {
				t.Errorf("moved by %v, page %d is drawn otherwise", offset, i+1)
			}
		}
	}
}

func TestCommandsInTextsArePrinted(t *testing.T) {
	l := plain()
	l.Receiver.Name = `^XA~JA_5E\&^FS ^PQ9`
	zpl, err := ZPL([]Label{l, plain()}, Target{Media: Thermo225})
	if err != nil {
		t.Fatal(err)
	}
	formats := interpret(t, string(zpl))
	if len(formats) != 2 || !strings.Contains(strings.Join(formats[0].texts, "\n"), l.Receiver.Name) {
		t.Errorf("%d formats, the texts of the first are %q", len(formats), formats[0].texts)
	}
	if strings.Count(string(zpl), "^XA") != 2 || strings.Contains(string(zpl), "~") {
		t.Error("a text is a command")
	}
}

func TestSSCCIsInvokedAsGS1(t *testing.T) {
	for number, want := range map[string]string{
		"00364300009876543217": ">;>800364300009876543217", "JJFI65432198900000017": ">:JJFI>56543219890000001>67",
		"JJFI123": ">:JJFI123", "123456": ">;123456", "12345": ">;1234>65",
	} {
		if got := invoked(number); got != want {
			t.Errorf("%s is invoked as %s, want %s", number, got, want)
		}
	}
}
