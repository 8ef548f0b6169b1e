package label

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
)

// PNG draws the labels on a target as one picture of black and white dots, its sheets below each other. It says how large
// its dots are, so that it comes out of a printer in its true size; the standard library's encoder cannot, which is why
// the file is put together here.
func PNG(labels []Label, target Target) ([]byte, error) {
	pages, err := compose(labels, target.Media.sheet())
	if err != nil {
		return nil, err
	}
	sheets := target.impose(pages)
	width, height := dots(sheets[0].width), len(sheets)*dots(sheets[0].height)
	const (
		bits, grey   = 1, 0 // a dot is a bit, 1 is white
		metre        = 1    // the unit of the size
		dotsAMetre   = 1000 * dotsAMillimetre
		compression  = 0
		filtering    = 0
		interlaced   = 0
		headerLength = 13
	)
	header := make([]byte, 0, headerLength)
	header = binary.BigEndian.AppendUint32(header, uint32(width))
	header = binary.BigEndian.AppendUint32(header, uint32(height))
	header = append(header, bits, grey, compression, filtering, interlaced)
	size := binary.BigEndian.AppendUint32(nil, dotsAMetre)
	size = append(binary.BigEndian.AppendUint32(size, dotsAMetre), metre)

	var data bytes.Buffer
	packed := zlib.NewWriter(&data)
	rowBytes := (width + 7) / 8
	above, row, line := make([]byte, rowBytes), make([]byte, rowBytes), make([]byte, 1+rowBytes)
	for _, sheet := range sheets { // one after the other, since all at once would take much memory
		dots := rasterize(sheet)
		for y := range dots.Rect.Dy() {
			dots.pack(row, y)
			subtract(line, row, above)
			if _, err := packed.Write(line); err != nil {
				return nil, err
			}
			above, row = row, above
		}
	}
	if err := packed.Close(); err != nil {
		return nil, err
	}
	out := []byte("\x89PNG\r\n\x1a\n")
	out = appendChunk(out, "IHDR", header)
	out = appendChunk(out, "pHYs", size)
	out = appendChunk(out, "IDAT", data.Bytes())
	return appendChunk(out, "IEND", nil), nil
}

// pack writes a row's dots as bits, white ones set.
func (b bitmap) pack(row []byte, y int) {
	clear(row)
	for x, dot := range b.Pix[y*b.Stride : y*b.Stride+b.Rect.Dx()] {
		row[x/8] |= dot << (7 - x%8)
	}
}

// subtract writes a row as how it differs from the one above it, which for most rows is not at all.
func subtract(line, row, above []byte) {
	const differenceToAbove = 2
	line[0] = differenceToAbove
	for i, bits := range row {
		line[1+i] = bits - above[i]
	}
}

// appendChunk adds a piece of a PNG file: its length, kind, data and checksum.
func appendChunk(file []byte, kind string, data []byte) []byte {
	file = binary.BigEndian.AppendUint32(file, uint32(len(data)))
	from := len(file)
	file = append(append(file, kind...), data...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(file[from:]))
}
