package label

import (
	"fmt"
	"regexp"

	"github.com/boombuler/barcode/code128"
)

var (
	trackingNumber = regexp.MustCompile(`^[0-9A-Z]+$`)
	sscc           = regexp.MustCompile(`^00[0-9]{18}$`)
)

// quietModules is how much white a Code 128 wants on either side, in modules.
const quietModules = 10

// barCode is a Code 128.
type barCode struct {
	number  string
	modules []int // the widths of its bars and of the gaps between them, beginning with a bar
}

// encode gives the code of a number. An SSCC becomes a GS1-128, which is a Code 128 that begins with FNC1.
func encode(number string) (barCode, error) {
	if !trackingNumber.MatchString(number) {
		return barCode{}, fmt.Errorf("label: tracking number %q is not of digits and capital letters", number)
	}
	content := number
	if sscc.MatchString(number) {
		content = string(code128.FNC1) + number
	}
	image, err := code128.Encode(content)
	if err != nil {
		return barCode{}, fmt.Errorf("label: tracking number %q as a bar code: %w", number, err)
	}
	code := barCode{number, []int{0}}
	for x := range image.Bounds().Dx() {
		if x > 0 && image.At(x, 0) != image.At(x-1, 0) {
			code.modules = append(code.modules, 0)
		}
		code.modules[len(code.modules)-1]++
	}
	return code, nil
}

// bars is a code in its place. Lengths are in millimetres.
type bars struct {
	at             point // upper left corner of the first bar
	code           barCode
	module, height float64 // module is the narrowest bar's width
}

// block is the code with its quiet zones.
func (c barCode) block(module, height float64) block {
	return block{
		width: float64(c.width()+2*quietModules) * module, height: height,
		codes: []bars{{point{quietModules * module, 0}, c, module, height}},
	}
}

// width is that of the code without its quiet zones, in modules.
func (c barCode) width() int {
	all := 0
	for _, modules := range c.modules {
		all += modules
	}
	return all
}

// each gives where every bar begins and how wide it is, in modules from the first one's left edge.
func (c barCode) each(yield func(at, modules int) bool) {
	at := 0
	for i, modules := range c.modules {
		if i%2 == 0 && !yield(at, modules) {
			return
		}
		at += modules
	}
}

// readable is the number as it is printed under its bars.
func readable(number string) string {
	if sscc.MatchString(number) {
		return "(00) " + number[2:]
	}
	return number
}
