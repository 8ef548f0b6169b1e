package label

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// head is the mark, and on a test label the strip that says so.
func (c setter) head(l Label) block {
	size := 7 * c.scale
	mark := block{width: c.width, height: size}
	mark.shapes = append(mark.shapes, shape{corners: rounded(size, size*0.28)})
	mark.put(point{size * 0.2, size * 0.2}, symbolParcel.draw(size*0.6, white))
	name := line(c.style(bold, sizeNumber), black, brand)
	mark.put(point{size + 2*c.gap(), (size - name.height) / 2}, name)
	if l.Test {
		mark.below(2*c.gap(), c.testStrip())
	}
	return mark
}

// rounded is a square with round corners.
func rounded(size, radius float64) []point {
	far := size - radius
	return joined(arc(radius, radius, radius, 180, 270), arc(far, radius, radius, 270, 360),
		arc(far, far, radius, 0, 90), arc(radius, far, radius, 90, 180))
}

// testStrip has the word in its middle and slanting bars on either side.
func (c setter) testStrip() block {
	note := line(c.caption(), black, captionTest)
	said := line(c.style(bold, sizeService), black, wordTest).centred(note.width)
	said.below(0, note)
	beside := (c.width-said.width)/2 - 2*c.gap()
	b := block{width: c.width, height: said.height}
	b.put(point{}, slanting(beside, said.height))
	b.put(point{c.width - beside, 0}, slanting(beside, said.height))
	b.put(point{beside + 2*c.gap(), 0}, said)
	return b
}

// slanting is a strip of bars that lean to the right, from one end to the other.
func slanting(width, height float64) block {
	b := block{width: width, height: height}
	thick := 0.28 * height
	room := width - height - thick // for where a bar begins at the bottom
	if room < 0 {
		return b
	}
	steps := max(1, math.Round(room/(2*thick)))
	for i := range int(steps) + 1 {
		x := room * float64(i) / steps
		b.shapes = append(b.shapes, shape{corners: []point{{x + height, 0}, {x + height + thick, 0}, {x + thick, height}, {x, height}}})
	}
	return b
}

// service is a black bar with the service's symbol, name and code.
func (c setter) service(l Label) block {
	pictogram, found := serviceSymbols[l.Service.Code]
	if !found {
		pictogram = symbolParcel
	}
	size := 9 * c.scale
	code := headline(c.style(bold, sizeNumber), white, c.width/4, 0.6, l.Service.Code)
	name := headline(c.style(bold, sizeService), white, c.width-size-code.width-7*c.gap(), 0.6, l.Service.Name)
	height := max(size, name.height) + 2.5*c.gap()
	b := block{width: c.width, height: height}
	b.bar(0, c.width, height)
	b.put(point{2 * c.gap(), (height - size) / 2}, pictogram.draw(size, white))
	b.put(point{size + 4*c.gap(), (height - name.height) / 2}, name)
	b.put(point{c.width - code.width - 2*c.gap(), (height - code.height) / 2}, code)
	return b
}

// facts is what is counted and weighed.
func (c setter) facts(l Label) block {
	return c.cells(filled([]captioned{
		{captionParcel, fmt.Sprintf("%d/%d", l.Parcel, l.Parcels)},
		{captionWeight, kilograms(l.WeightGrams)},
		{captionShipDate, date(l.ShipDate)},
		{captionContract, l.Contract},
	}))
}

// cells is a row of values under their captions, each as wide as its text asks for.
func (c setter) cells(facts []captioned) block {
	caption, value := c.style(regular, sizeCaption), c.style(bold, sizeNumber)
	asked := make([]float64, len(facts))
	all := 0.0
	for i, fact := range facts {
		asked[i] = max(caption.width(fact.caption), min(c.width/3, value.width(Printable(fact.value))))
		all += asked[i]
	}
	gap := 2.5 * c.gap()
	share := (c.width - gap*float64(len(facts)-1)) / all
	caption.size *= min(1, share)
	value.size *= min(1, share)
	row := block{width: c.width}
	edges := []float64{0}
	for i, fact := range facts {
		width := asked[i] * share
		cell := line(caption, black, fact.caption)
		cell.below(0, headline(value, black, width, 0.6, fact.value))
		row.put(point{edges[i], 0}, cell)
		row.height = max(row.height, cell.height)
		edges = append(edges, edges[i]+width+gap)
	}
	for _, edge := range edges[1:len(facts)] {
		row.bar(edge-gap/2, thinLine, row.height)
	}
	row.below(2*c.gap(), rule(c.width, thinLine))
	return row
}

// sender is the address that the parcel goes back to, and beside it how the parcel is to be handled.
func (c setter) sender(l Label) block {
	marks := c.marks(l)
	inner := c.within(c.width)
	if marks.width > 0 {
		inner.width -= marks.width + 2*c.gap()
	}
	b := line(c.caption(), black, captionSender)
	b.below(0, headline(c.style(bold, sizeFact), black, inner.width, 0.8, l.Sender.Name))
	for _, text := range []string{l.Sender.Address1, l.Sender.Address2, l.Sender.town(), foreign(l.Sender, l.Receiver), phone(l.Sender)} {
		b.below(0, paragraph(c.style(regular, sizeBody), black, inner.width, text))
	}
	b.put(point{c.width - marks.width, 0}, marks)
	b.height = max(b.height, marks.height)
	return b
}

// marks are the symbols that whoever lifts the parcel must see, framed side by side.
func (c setter) marks(l Label) block {
	size := 16 * c.scale
	var row block
	for _, id := range handlingMarks {
		if !slices.ContainsFunc(l.AddOns, func(a AddOn) bool { return a.Code == id }) {
			continue
		}
		mark := block{width: size, height: size}
		mark.frame(thickLine * c.scale)
		mark.put(point{0.15 * size, 0.15 * size}, addOnSymbols[id].draw(0.7*size, black))
		if row.width > 0 {
			row.width += c.gap()
		}
		row.put(point{row.width, 0}, mark)
		row.width, row.height = row.width+size, size
	}
	return row
}

// receiver is the address in its frame, the largest thing on the label beside the bars.
func (c setter) receiver(l Label, airy float64) block {
	inset := 2 * c.gap()
	inner := c.within(c.width - 2*inset)
	address := line(c.caption(), black, captionReceiver)
	address.below(c.gap()/2, headline(c.style(bold, sizeName), black, inner.width, 0.75, l.Receiver.Name))
	for _, text := range []string{l.Receiver.Address1, l.Receiver.Address2} {
		address.below(0, paragraph(c.style(regular, sizeAddress), black, inner.width, text))
	}
	for _, text := range []string{l.Receiver.town(), strings.ToUpper(foreign(l.Receiver, l.Sender))} {
		address.below(c.gap()/2, headline(c.style(bold, sizeCity), black, inner.width, 0.75, text))
	}
	address.below(c.gap(), paragraph(c.style(regular, sizeFact), black, inner.width, phone(l.Receiver)))
	b := block{width: c.width, height: address.height + 2*inset + airy}
	b.frame(thickLine * c.scale)
	b.put(point{inset, inset}, address)
	return b
}

// pickupPoint is where the parcel waits.
func (c setter) pickupPoint(l Label) block {
	if l.PickupPoint == nil || *l.PickupPoint == (PickupPoint{}) {
		return block{}
	}
	place := l.PickupPoint
	size := 7 * c.scale
	inner := c.within(c.width - size - 2*c.gap())
	text := line(c.caption(), black, captionPickup)
	text.below(0, headline(c.style(bold, sizeFact), black, inner.width, 0.8, place.Name))
	text.below(0, paragraph(c.style(regular, sizeBody), black, inner.width, commaSeparated(place.Address, spaced(place.Zipcode, place.City), place.Code)))
	b := block{width: c.width, height: max(size, text.height)}
	b.put(point{0, (b.height - size) / 2}, symbolPickup.draw(size, black))
	b.put(point{size + 2*c.gap(), 0}, text)
	return b
}

// cashOnDelivery has the amount in black, and beside it where the money goes.
func (c setter) cashOnDelivery(l Label) block {
	if l.CashOnDelivery == nil {
		return block{}
	}
	due := l.CashOnDelivery
	amount := headline(c.style(bold, sizeCity), white, c.width/2, 0.6, euros(due.Cents))
	size := 7 * c.scale
	left := size + amount.width + 6*c.gap()
	inner := c.within(c.width - left - 3*c.gap())
	text := line(c.caption(), black, captionCOD)
	if l.Parcels > 1 { // the amount stands on each label
		text.below(0, paragraph(c.caption(), black, inner.width, captionCODOnce))
	}
	text.below(c.gap()/2, inner.pairs(captioned{captionAccount, grouped(due.Account, 4)}, captioned{captionPayment, paymentReference(due.Reference)}))
	b := block{width: c.width, height: max(size, text.height) + 2*c.gap()}
	b.bar(0, left, b.height)
	b.frame(thinLine * c.scale)
	b.put(point{2 * c.gap(), (b.height - size) / 2}, symbolMoney.draw(size, white))
	b.put(point{size + 4*c.gap(), (b.height - amount.height) / 2}, amount)
	b.put(point{left + c.gap()*1.5, (b.height - text.height) / 2}, text)
	return b
}

// pair is a caption with its value on the same line, or under it where the line has no room for both.
func (c setter) pair(p captioned) block {
	caption := line(c.caption(), black, p.caption)
	set := c.style(bold, sizeBody)
	room, wanted := c.width-caption.width-2*c.gap(), set.width(Printable(p.value))
	if wanted > room && (wanted <= c.width || room < c.width/2) {
		b := headline(c.caption(), black, c.width, 0.5, p.caption)
		b.below(0, headline(set, black, c.width, 0.75, p.value))
		return b
	}
	value := paragraph(set, black, room, p.value)
	b := block{width: c.width, height: value.height}
	b.put(point{0, (set.lineHeight() - caption.height) / 2}, caption)
	b.put(point{caption.width + 2*c.gap(), 0}, value)
	return b
}

// pairs is a pair under another, of those that have a value.
func (c setter) pairs(all ...captioned) block {
	var b block
	for _, p := range filled(all) {
		b.below(0, c.pair(p))
	}
	return b
}

// addOns is a row, or as many as are needed, of the additional services.
func (c setter) addOns(l Label) block {
	if len(l.AddOns) == 0 {
		return block{}
	}
	b := line(c.caption(), black, captionAddOns)
	b.width = c.width
	var row block
	for _, a := range l.AddOns {
		next := c.addOn(a)
		if row.width > 0 && row.width+4*c.gap()+next.width > c.width {
			b.below(c.gap(), row)
			row = block{}
		}
		x := row.width
		if x > 0 {
			x += 4 * c.gap()
		}
		row.put(point{x, 0}, next)
		row.width, row.height = x+next.width, max(row.height, next.height)
	}
	b.below(c.gap(), row)
	return b
}

// addOn is an additional service: its code on black, then its name.
func (c setter) addOn(a AddOn) block {
	chip := c.chip(a.Code)
	name := paragraph(c.style(regular, sizeBody), black, c.width-chip.width-c.gap(), a.Name)
	first := min(name.height, c.style(regular, sizeBody).lineHeight())
	lowered := max(0, chip.height-first) / 2 // so that the name's first line stands beside the code
	b := block{width: chip.width + c.gap() + name.width, height: max(chip.height, lowered+name.height)}
	b.put(point{}, chip)
	b.put(point{chip.width + c.gap(), lowered}, name)
	return b
}

// chip is a code in white on black, after its symbol if it has one.
func (c setter) chip(code string) block {
	text := headline(c.style(bold, sizeBody), white, c.width/4, 0.6, code)
	if text.height == 0 {
		return block{}
	}
	height := text.height + 1.2*c.gap()
	b := block{width: text.width + 2*c.gap(), height: height}
	pictogram, found := addOnSymbols[code]
	if found {
		b.width += height
	}
	b.bar(0, b.width, height)
	b.put(point{b.width - text.width - c.gap(), (height - text.height) / 2}, text)
	if found {
		b.put(point{c.gap(), height * 0.1}, pictogram.draw(height*0.8, white))
	}
	return b
}

// references is what the sender knows the parcel by.
func (c setter) references(l Label) block {
	parcel := l.ParcelReference
	if parcel == l.Reference {
		parcel = ""
	}
	return c.pairs(captioned{captionReference, l.Reference}, captioned{captionOfParcel, parcel}, captioned{captionOrder, l.OrderNumber}, captioned{captionNote, l.Note})
}

// foot is what machines read: the routing code, abroad with the country's, and the bars with their number. What stands
// under the bars is of the same size on every label of a media.
func (c setter) foot(page format, l Label, bars block) block {
	fixed := setter{c.width, page.scale}
	b := rule(c.width, thickLine*c.scale)
	b.below(0, c.routing(l))
	b.below(2*c.gap(), bars.centred(c.width))
	b.below(0.5*fixed.gap(), line(fixed.style(bold, sizeNumber), black, readable(l.TrackingNumber)).centred(c.width))
	b.below(fixed.gap(), headline(fixed.caption(), black, c.width, 0.5, captionFoot).centred(c.width))
	return b
}

// routing is where the parcel is sorted to.
func (c setter) routing(l Label) block {
	var b block
	country := ""
	if foreign(l.Receiver, l.Sender) != "" {
		country = l.Receiver.country()
	}
	tag := headline(c.style(bold, sizeRouting), white, c.width/4, 0.4, country)
	if Printable(l.RoutingCode) != "" {
		b.below(c.gap(), line(c.caption(), black, captionRouting))
		b.below(0, headline(c.style(bold, sizeRouting), black, c.width-tag.width-6*c.gap(), 0.4, routingCode(l.RoutingCode)))
	}
	if tag.height > 0 {
		b.height = max(b.height, tag.height+2*c.gap())
		box := block{width: tag.width + 4*c.gap(), height: b.height}
		box.bar(0, box.width, box.height)
		box.put(point{2 * c.gap(), (box.height - tag.height) / 2}, tag)
		b.put(point{c.width - box.width, 0}, box)
	}
	return b
}
