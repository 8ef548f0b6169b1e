// Package label draws the address labels of shipments: as a PDF ([PDF]), as a picture ([PNG]), and in the language of label
// printers ([ZPL]). It is pure: the same labels give the same bytes, whatever the time and whoever else is drawing.
//
// The way from a [Label] to paper is short. layout.go puts the label's zones (zones.go) together out of blocks (drawing.go),
// each measured with the font's own metrics (font.go); where the content does not fit, everything is set smaller and put
// together again, so that nothing a parcel needs is ever cut. media.go says what shape a label has on a [Media], and where
// on its sheet it stands. One and the same drawing is then written by pdf.go, by png.go as the dots of raster.go, and by
// zpl.go. What the zones are called on paper stands in captions.go.
//
// Everything is black on white without greys, since a thermal print head knows nothing else, and the mark on top is our
// own, never the carrier's.
package label
