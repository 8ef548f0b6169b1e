package label

import (
	"fmt"

	"github.com/signintech/gopdf"
)

// PDF draws the labels on a target, a sheet a page.
func PDF(labels []Label, target Target) ([]byte, error) {
	paper := target.Media.sheet()
	pages, err := compose(labels, paper)
	if err != nil {
		return nil, err
	}
	var pdf gopdf.GoPdf
	pdf.Start(gopdf.Config{Unit: gopdf.UnitMM, PageSize: gopdf.Rect{W: paper.width, H: paper.height}})
	pdf.SetInfo(gopdf.PdfInfo{Title: title(labels), Producer: brand, CreationDate: labels[0].ShipDate})
	for _, f := range []face{regular, bold} {
		if err := pdf.AddTTFFontFromFontContainer(f.family(), &inter().container); err != nil {
			return nil, fmt.Errorf("label: face %s: %w", f.family(), err)
		}
	}
	for _, sheet := range target.impose(pages) {
		pdf.AddPage()
		if err := paint(&pdf, sheet); err != nil {
			return nil, fmt.Errorf("label: drawing %s: %w", title(labels), err)
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

// paint draws a composed sheet.
func paint(pdf *gopdf.GoPdf, content block) error {
	for _, s := range content.shapes {
		if s.stroke > 0 {
			pdf.SetGrayStroke(float64(s.ink))
			pdf.SetLineWidth(s.stroke)
			pdf.Polygon(s.outline(), "D")
			continue
		}
		pdf.SetGrayFill(float64(s.ink))
		pdf.Polygon(s.outline(), "F")
	}
	pdf.SetGrayFill(float64(black))
	for _, c := range content.codes {
		for at, modules := range c.code.each {
			pdf.RectFromUpperLeftWithStyle(c.at.x+float64(at)*c.module, c.at.y, float64(modules)*c.module, c.height, "F")
		}
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

// outline is the line around a shape. An open one is drawn there and back, since every polygon is closed: its corners are
// sharp and its ends straight.
func (s shape) outline() []gopdf.Point {
	points := make([]gopdf.Point, 0, 2*len(s.corners))
	for _, corner := range s.corners {
		points = append(points, gopdf.Point{X: corner.x, Y: corner.y})
	}
	for i := len(s.corners) - 2; s.open && i > 0; i-- {
		points = append(points, points[i])
	}
	return points
}
