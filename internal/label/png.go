package label

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
)

// PNG draws the labels on a target as one picture of black and white dots, 203 an inch, its sheets below each other.
func PNG(labels []Label, target Target) ([]byte, error) {
	pages, err := compose(labels, target.Media.sheet())
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	picture := &roll{sheets: target.impose(pages), drawn: -1, y: -1}
	if err := png.Encode(&out, picture); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// roll is a picture of sheets of one size, of which only the one being looked at is drawn: a hundred of them at once would
// take a hundred times the memory.
type roll struct {
	sheets []block
	drawn  int // which of them is
	bitmap bitmap
	y      int // the row that is being looked at
	row    []uint8
}

// ColorModel is that of two colours, so that a dot takes a bit.
func (r *roll) ColorModel() color.Model { return inks }

// Bounds begin at the first sheet's upper left corner.
func (r *roll) Bounds() image.Rectangle {
	return image.Rect(0, 0, dots(r.sheets[0].width), len(r.sheets)*dots(r.sheets[0].height))
}

// ColorIndexAt gives a dot's ink. Rows are looked at from the top, each from end to end.
func (r *roll) ColorIndexAt(x, y int) uint8 {
	if y != r.y {
		height := dots(r.sheets[0].height)
		if sheet := y / height; sheet != r.drawn {
			r.drawn, r.bitmap = sheet, rasterize(r.sheets[sheet])
		}
		r.y, r.row = y, r.bitmap.Pix[y%height*r.bitmap.Stride:]
	}
	return r.row[x]
}

// At gives a dot's colour.
func (r *roll) At(x, y int) color.Color { return inks[r.ColorIndexAt(x, y)] }
