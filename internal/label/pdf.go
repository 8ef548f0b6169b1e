package label

import (
	"errors"
	"fmt"

	"github.com/signintech/gopdf"
)

// ErrNoLabels says that there is nothing to print.
var ErrNoLabels = errors.New("label: no labels")

// Render draws the labels on a media, or on the one that ParseMedia gives for it, a page each. It fails on a tracking
// number that is not of digits and capital letters or too long for the page, on a parcel that is not one of the shipment's,
// and on texts so far beyond MaxText that the page cannot hold them in a readable size: nothing is ever cut or left out.
func Render(media Media, labels []Label) ([]byte, error) {
	if len(labels) == 0 {
		return nil, ErrNoLabels
	}
	page := media.sheet()
	var pdf gopdf.GoPdf
	pdf.Start(gopdf.Config{Unit: gopdf.UnitMM, PageSize: gopdf.Rect{W: page.width, H: page.height}})
	pdf.SetInfo(gopdf.PdfInfo{Title: title(labels), Producer: brand, CreationDate: labels[0].ShipDate})
	for _, f := range []face{regular, bold} {
		if err := pdf.AddTTFFontFromFontContainer(f.family(), &inter().container); err != nil {
			return nil, fmt.Errorf("label: face %s: %w", f.family(), err)
		}
	}
	for _, l := range labels {
		content, err := compose(page, l)
		if err != nil {
			return nil, err
		}
		pdf.AddPage()
		if err := paint(&pdf, content); err != nil {
			return nil, fmt.Errorf("label: drawing %s: %w", l.TrackingNumber, err)
		}
	}
	return pdf.GetBytesPdfReturnErr()
}

// title names the document by the numbers that stand on it, and by nothing about a person.
func title(labels []Label) string {
	if len(labels) == 1 {
		return brand + " " + labels[0].TrackingNumber
	}
	return fmt.Sprintf("%s %s +%d", brand, labels[0].TrackingNumber, len(labels)-1)
}

// paint draws a composed page.
func paint(pdf *gopdf.GoPdf, content block) error {
	for _, s := range content.shapes {
		corners := make([]gopdf.Point, len(s.corners))
		for i, corner := range s.corners {
			corners[i] = gopdf.Point{X: corner.x, Y: corner.y}
		}
		if s.stroke > 0 {
			pdf.SetGrayStroke(float64(s.ink))
			pdf.SetLineWidth(s.stroke)
			pdf.Polygon(corners, "D")
			continue
		}
		pdf.SetGrayFill(float64(s.ink))
		pdf.Polygon(corners, "F")
	}
	for _, t := range content.texts {
		pdf.SetGrayFill(float64(t.ink))
		if err := pdf.SetFont(t.style.face.family(), "", t.style.size); err != nil {
			return err
		}
		pdf.SetXY(t.at.x, t.at.y)
		if err := pdf.Text(t.text); err != nil {
			return err
		}
	}
	return nil
}
