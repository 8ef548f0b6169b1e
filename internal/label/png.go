package label

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"sync"
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
		bits, listed = 1, 3 // a dot is a bit, and that the number of a colour
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
	header = append(header, bits, listed, compression, filtering, interlaced)
	size := binary.BigEndian.AppendUint32(nil, dotsAMetre)
	size = append(binary.BigEndian.AppendUint32(size, dotsAMetre), metre)

	var data bytes.Buffer
	packed := packers.Get().(*zlib.Writer)
	defer packers.Put(packed)
	packed.Reset(&data)
	for _, sheet := range sheets { // one after the other, since all at once would take much memory
		dots := rasterize(sheet)
		line := make([]byte, 1+dots.stride) // a row as it is, says the first byte; 0, so that it goes on with what is white
		for y := range dots.Dy() {
			copy(line[1:], dots.row(y))
			if _, err := packed.Write(line); err != nil {
				return nil, err
			}
		}
	}
	if err := packed.Close(); err != nil {
		return nil, err
	}
	out := []byte("\x89PNG\r\n\x1a\n")
	out = appendChunk(out, "IHDR", header)
	out = appendChunk(out, "pHYs", size)
	out = appendChunk(out, "PLTE", []byte{0xff, 0xff, 0xff, 0, 0, 0}) // 0 is white, 1 black
	out = appendChunk(out, "IDAT", data.Bytes())
	return appendChunk(out, "IEND", nil), nil
}

// packers are kept, since each needs more memory than the picture.
var packers = sync.Pool{New: func() any { return zlib.NewWriter(nil) }}

// appendChunk adds a piece of a PNG file: its length, kind, data and checksum.
func appendChunk(file []byte, kind string, data []byte) []byte {
	file = binary.BigEndian.AppendUint32(file, uint32(len(data)))
	from := len(file)
	file = append(append(file, kind...), data...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(file[from:]))
}
