package label

import (
	"errors"
	"fmt"
	"math"
	"sort"
)

// Sizes of type in points, on a label of scale 1.
const (
	sizeCaption = 5.6
	sizeBody    = 8.5
	sizeFact    = 10.0
	sizeAddress = 12.5
	sizeName    = 15.5
	sizeCity    = 17.0
	sizeService = 17.0
	sizeNumber  = 13.0
	sizeRouting = 24.0
	sizeLeast   = 4.5 // nothing is set smaller, so that it can be read
)

// A label is set as large as the page holds it, in one of the sizes between these parts of its media's scale.
const (
	largestScale = 1.2
	shrink       = 0.96 // from one size to the next
	sizes        = 34   // so that the smallest is 0.3
)

// Lengths in millimetres, on a label of scale 1.
const (
	thinLine  = 0.25
	thickLine = 0.6
	airiest   = 24.0 // how much higher than its address the receiver's frame may be
)

// setter puts zones together, all of one width and at one scale.
type setter struct{ width, scale float64 }

func (c setter) style(f face, size float64) style { return style{f, max(sizeLeast, size*c.scale)} }
func (c setter) caption() style                   { return c.style(regular, sizeCaption) }
func (c setter) gap() float64                     { return 1.1 * c.scale }

// within is the same setter for a part of the width.
func (c setter) within(width float64) setter { return setter{width, c.scale} }

// ErrNoLabels says that there is nothing to print.
var ErrNoLabels = errors.New("label: no labels")

var errTooLong = errors.New("label: the texts are too long for the page")

// compose puts the pages of labels together: one a label, and after it those of its declaration. It fails on a tracking number that is not of digits and capital
// letters or too long for the page, on a parcel that is not one of the shipment's, and on texts so far beyond MaxText that
// the page cannot hold them in a readable size: nothing is ever cut or left out.
func compose(labels []Label, paper sheet) ([]block, error) {
	if len(labels) == 0 {
		return nil, ErrNoLabels
	}
	pages := make([]block, 0, len(labels))
	for _, l := range labels {
		address, err := l.compose(paper.label)
		if errors.Is(err, errTooLong) && paper.whole != nil {
			address, err = l.compose(*paper.whole)
		}
		if err != nil {
			return nil, err
		}
		pages = append(pages, address)
		if l.Customs == nil {
			continue
		}
		page := paper.label
		if paper.whole != nil {
			page = *paper.whole
		}
		declared, err := l.declare(page)
		if err != nil {
			return nil, err
		}
		pages = append(pages, declared...)
	}
	return pages, nil
}

// compose puts a label's page together: its zones from the top, at the foot what machines read, and what room is left
// given to the bars and to the receiver.
func (l Label) compose(page format) (block, error) {
	if l.Parcel < 1 || l.Parcel > l.Parcels {
		return block{}, fmt.Errorf("label: parcel %d of %d", l.Parcel, l.Parcels)
	}
	code, err := encode(l.TrackingNumber)
	if err != nil {
		return block{}, err
	}
	width, room := page.width-2*page.margin, page.height-2*page.margin
	if code.block(page.module, page.barHeight).width > width {
		return block{}, fmt.Errorf("label: tracking number %q is wider than the page as a bar code", l.TrackingNumber)
	}
	at := func(size int) setter {
		return setter{width, page.scale * largestScale * math.Pow(shrink, float64(size))}
	}
	spare := func(c setter) float64 {
		foot := c.foot(page, l, code.block(page.module, page.barHeight))
		return room - c.zones(l, 0).height - 2*c.gap() - foot.height
	}
	size := 0
	if spare(at(0)) < 0 { // most labels fit in the largest size
		size = 1 + sort.Search(sizes-1, func(smaller int) bool { return spare(at(1+smaller)) >= 0 })
	}
	if size == sizes {
		return block{}, fmt.Errorf("%w: %s", errTooLong, l.TrackingNumber)
	}
	c := at(size)
	left := spare(c)
	taller := min(left/3, page.barHeight/3)
	foot := c.foot(page, l, code.block(page.module, page.barHeight+taller))
	whole := block{width: page.width, height: page.height}
	whole.put(point{page.margin, page.margin}, c.zones(l, min(left-taller, airiest*page.scale)))
	whole.put(point{page.margin, page.height - page.margin - foot.height}, foot)
	return whole, nil
}

// zones is everything above the foot; airy is the height that the receiver gets beyond what the address needs.
func (c setter) zones(l Label, airy float64) block {
	all := c.head(l)
	for _, zone := range []block{
		c.service(l), c.facts(l), c.sender(l), c.receiver(l, airy), c.pickupPoint(l), c.cashOnDelivery(l), c.addOns(l), c.references(l),
	} {
		all.below(2*c.gap(), zone)
	}
	return all
}
