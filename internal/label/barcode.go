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

// barCode is a Code 128 as the widths of its bars and the gaps between them, in modules, beginning with a bar.
type barCode []int

// encode gives the code of a number. An SSCC becomes a GS1-128, which is a Code 128 that begins with FNC1.
func encode(number string) (barCode, error) {
	if !trackingNumber.MatchString(number) {
		return nil, fmt.Errorf("label: tracking number %q is not of digits and capital letters", number)
	}
	content := number
	if sscc.MatchString(number) {
		content = string(code128.FNC1) + number
	}
	image, err := code128.Encode(content)
	if err != nil {
		return nil, fmt.Errorf("label: tracking number %q as a bar code: %w", number, err)
	}
	code := barCode{0}
	for x := range image.Bounds().Dx() {
		if x > 0 && image.At(x, 0) != image.At(x-1, 0) {
			code = append(code, 0)
		}
		code[len(code)-1]++
	}
	return code, nil
}

// bars draws the code with its quiet zones. Lengths are in millimetres; module is the narrowest bar's width.
func (c barCode) bars(module, height float64) block {
	var b block
	x := quietModules
	for i, modules := range c {
		if i%2 == 0 {
			b.bar(float64(x)*module, float64(modules)*module, height)
		}
		x += modules
	}
	b.width, b.height = float64(x+quietModules)*module, height
	return b
}

// readable is the number as it is printed under its bars.
func readable(number string) string {
	if sscc.MatchString(number) {
		return "(00) " + number[2:]
	}
	return number
}
