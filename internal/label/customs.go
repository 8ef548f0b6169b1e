package label

import (
	"fmt"
	"math"
	"sort"
	"strings"
	"time"
)

// Customs is the declaration of what is in a shipment that leaves the customs territory of the European Union: the form that
// the post offices of the world call CN 23. What it does not say is left white, to be written by hand.
type Customs struct {
	Numbers     []string // the tracking numbers of the parcels that it is for
	Items       []CustomsItem
	Grams       int64 // of all parcels, with their packing
	Currency    string
	Reason      CustomsReason
	Explanation string // of a reason that is another
	Invoice     string // the numbers of papers that lie beside it
	Licence     string
	Certificate string
	Comment     string
	Declarant   string // who answers for it
	Place       string
	Date        time.Time
}

// CustomsItem is one kind of goods.
type CustomsItem struct {
	Contents string
	Quantity int
	Grams    int64  // of all of them, without packing; 0 where it is not known
	Value    int64  // of all of them, in hundredths of the currency; 0 where it is not known
	Code     string // of the customs tariff
	Origin   string // ISO 3166 code of two letters
}

// CustomsReason is why goods are sent.
type CustomsReason uint8

// The reasons that the form knows.
const (
	ReasonUnsaid CustomsReason = iota
	ReasonGift
	ReasonDocuments
	ReasonSale
	ReasonSample
	ReasonReturn
	ReasonOther
)

// The languages of the form are those of the world's post offices.
const (
	formName           = "CN 23"
	formTitle          = "Customs declaration / Déclaration en douane"
	formOpened         = "May be opened officially / Peut être ouvert d’office"
	formFrom           = "From / De"
	formTo             = "To / À"
	formParcels        = "Parcels / Colis"
	formReason         = "Reason for sending / Raison de l’envoi"
	formContents       = "Contents / Contenu"
	formQuantity       = "Qty / Qté"
	formNet            = "Net kg / Poids net"
	formValue          = "Value / Valeur"
	formCode           = "HS code / Nº SH"
	formOrigin         = "Origin"
	formGross          = "Gross weight / Poids brut"
	formTotal          = "Total value / Valeur totale"
	formCurrency       = "Currency / Monnaie"
	formInvoice        = "Invoice / Facture"
	formLicence        = "Licence / Licence"
	formCertificate    = "Certificate / Certificat"
	formComment        = "Comments / Observations"
	formPlace          = "Place and date / Lieu et date"
	formSignature      = "Sender’s signature / Signature de l’expéditeur"
	formCertify        = "I certify that what is said here is true, and that nothing in the parcel is dangerous or forbidden by law or by the rules of the post and the customs. / Je certifie que ces indications sont exactes et que l’envoi ne contient rien de dangereux ni d’interdit par la loi ou par les règlements de la poste et de la douane."
	formPage           = "Page %d/%d"
	formCertifyLargest = 0.9 // of the caption's size
)

// reasons are the form's boxes, in its order.
var reasons = []struct {
	reason CustomsReason
	words  string
}{
	{ReasonGift, "Gift / Cadeau"}, {ReasonDocuments, "Documents"}, {ReasonSale, "Sale / Vente"},
	{ReasonSample, "Sample / Échantillon"}, {ReasonReturn, "Return / Retour"}, {ReasonOther, "Other / Autre"},
}

// tightest is the part of a page's scale at which a declaration takes another page rather than a smaller size.
const tightest = 0.62

// declare puts the pages of a label's declaration together: one, in the largest size that it fits in, or as many as its
// goods need, each with all the rest of the form. Only where a page could not even hold that is it set smaller still.
func (l Label) declare(page format) ([]block, error) {
	code, err := encode(l.TrackingNumber)
	if err != nil {
		return nil, err
	}
	width, room := page.width-2*page.margin, page.height-2*page.margin
	form := func(size int) declaration {
		c := setter{width, page.scale * math.Pow(shrink, float64(size))}
		return declaration{c, l, code.block(page.module, 13*page.scale), room}
	}
	tight := int(math.Log(tightest) / math.Log(shrink))
	size := sort.Search(tight, func(size int) bool { return len(form(size).parts()) == 1 })
	if size == tight {
		size += sort.Search(sizes-tight, func(more int) bool { return form(tight+more).parts() != nil })
	}
	f := form(size)
	parts := f.parts()
	if parts == nil {
		return nil, fmt.Errorf("%w: the declaration of %s", errTooLong, l.TrackingNumber)
	}
	pages := make([]block, len(parts))
	for i, items := range parts {
		pages[i] = block{width: page.width, height: page.height}
		pages[i].put(point{page.margin, page.margin}, f.above(i+1, len(parts), items))
		foot := f.foot()
		pages[i].put(point{page.margin, page.height - page.margin - foot.height}, foot)
	}
	return pages, nil
}

// declaration is a form at one size.
type declaration struct {
	setter
	label Label
	bars  block
	room  float64 // height of the page within its margins
}

func (f declaration) customs() *Customs { return f.label.Customs }

// parts divides the goods among pages. It gives none if a page cannot hold the rest of the form with one of them.
func (f declaration) parts() [][]CustomsItem {
	left := f.room - f.above(1, 1, nil).height - f.foot().height - 2*f.gap()
	parts, used := [][]CustomsItem{nil}, 0.0
	for _, item := range f.customs().Items {
		height := f.row(item.cells(), false).height
		if height > left {
			return nil
		}
		if used+height > left {
			parts, used = append(parts, nil), 0
		}
		last := len(parts) - 1
		parts[last], used = append(parts[last], item), used+height
	}
	if left < 0 {
		return nil
	}
	return parts
}

// above is all but the foot of one page.
func (f declaration) above(page, pages int, items []CustomsItem) block {
	all := f.head(f.label)
	name := line(f.style(bold, sizeName), black, formName)
	all.put(point{f.width - name.width, (7*f.scale - name.height) / 2}, name)
	title := headline(f.style(bold, sizeFact), black, f.width*0.62, 0.5, formTitle)
	opened := headline(f.caption(), black, f.width*0.36, 0.5, formOpened)
	titles := block{width: f.width, height: max(title.height, opened.height)}
	titles.put(point{0, (titles.height - title.height) / 2}, title)
	titles.put(point{f.width - opened.width, (titles.height - opened.height) / 2}, opened)
	all.below(2*f.gap(), rule(f.width, thickLine*f.scale))
	all.below(f.gap(), titles)
	all.below(f.gap(), f.code())
	all.below(2*f.gap(), f.parties())
	all.below(2*f.gap(), f.reason())
	all.below(2*f.gap(), f.goods(items))
	if pages > 1 {
		all.below(f.gap()/2, line(f.caption(), black, fmt.Sprintf(formPage, page, pages)))
	}
	return all
}

// code is the shipment's number, and under it those of its other parcels.
func (f declaration) code() block {
	b := f.bars.centred(f.width)
	b.below(0.5*f.gap(), line(f.style(bold, sizeFact), black, readable(f.label.TrackingNumber)).centred(f.width))
	if numbers := f.customs().Numbers; len(numbers) > 1 {
		others := make([]string, len(numbers))
		for i, number := range numbers {
			others[i] = readable(number)
		}
		b.below(f.gap(), line(f.caption(), black, formParcels))
		b.below(0, paragraph(f.style(regular, sizeCaption), black, f.width, strings.Join(others, ", ")))
	}
	return b
}

// parties are the two addresses side by side in one frame.
func (f declaration) parties() block {
	inset := 1.5 * f.gap()
	inner := f.within(f.width/2 - 2*inset)
	from, to := inner.address(formFrom, f.label.Sender), inner.address(formTo, f.label.Receiver)
	b := block{width: f.width, height: max(from.height, to.height) + 2*inset}
	b.frame(thinLine)
	b.shapes = append(b.shapes, shape{corners: rectangle((f.width-thinLine)/2, 0, thinLine, b.height)})
	b.put(point{inset, inset}, from)
	b.put(point{f.width/2 + inset, inset}, to)
	return b
}

// address is a party with its country in full.
func (c setter) address(caption string, p Party) block {
	b := line(c.caption(), black, caption)
	b.below(c.gap()/2, headline(c.style(bold, sizeFact), black, c.width, 0.7, p.Name))
	for _, text := range []string{p.Address1, p.Address2, p.town()} {
		b.below(0, paragraph(c.style(regular, sizeBody), black, c.width, text))
	}
	b.below(c.gap()/2, headline(c.style(bold, sizeFact), black, c.width, 0.7, strings.ToUpper(countryName(p.country()))))
	b.below(0, paragraph(c.style(regular, sizeBody), black, c.width, phone(p)))
	return b
}

// reason is a box for each reason, the one that is given crossed.
func (f declaration) reason() block {
	const columns = 3
	b := line(f.caption(), black, formReason)
	cell := f.within((f.width - (columns-1)*2*f.gap()) / columns)
	row := block{width: f.width}
	for i, r := range reasons {
		words := r.words
		if r.reason == ReasonOther && r.reason == f.customs().Reason && Printable(f.customs().Explanation) != "" {
			words += ": " + f.customs().Explanation
		}
		choice := cell.choice(words, r.reason == f.customs().Reason)
		row.put(point{float64(i%columns) * (cell.width + 2*f.gap()), 0}, choice)
		row.height = max(row.height, choice.height)
		if i%columns == columns-1 {
			b.below(f.gap()/2, row)
			row = block{width: f.width}
		}
	}
	return b
}

// choice is a box with what it stands for.
func (c setter) choice(words string, crossed bool) block {
	size := 2.6 * c.scale
	text := headline(c.style(regular, sizeBody), black, c.width-size-c.gap(), 0.75, words)
	b := block{width: c.width, height: max(size, text.height)}
	box := block{width: size, height: size}
	box.frame(thinLine)
	if crossed {
		for _, corners := range [][]point{{{0.2 * size, 0.2 * size}, {0.8 * size, 0.8 * size}}, {{0.8 * size, 0.2 * size}, {0.2 * size, 0.8 * size}}} {
			box.shapes = append(box.shapes, shape{corners: corners, stroke: 0.16 * size, open: true})
		}
	}
	b.put(point{0, (c.style(regular, sizeBody).lineHeight() - size) / 2}, box)
	b.put(point{size + c.gap(), 0}, text)
	return b
}

// columns of the goods: their parts of the width.
var columns = []float64{0.36, 0.09, 0.14, 0.16, 0.15, 0.1}

// numeric says of which columns the texts end at the right edge, so that digits stand under each other.
var numeric = []bool{false, true, true, true, false, false}

// cells are what stands in the columns.
func (i CustomsItem) cells() []string {
	quantity := ""
	if i.Quantity > 0 {
		quantity = fmt.Sprint(i.Quantity)
	}
	return []string{i.Contents, quantity, kilograms(i.Grams), worth(i.Value), i.Code, strings.ToUpper(i.Origin)}
}

// worth writes a value, and nothing for one that is not known.
func worth(hundredths int64) string {
	if hundredths <= 0 {
		return ""
	}
	return decimal(hundredths)
}

// goods is the table, and what all of it weighs and is worth.
func (f declaration) goods(items []CustomsItem) block {
	table := f.row([]string{formContents, formQuantity, formNet, formValue, formCode, formOrigin}, true)
	for _, item := range items {
		table.below(0, f.row(item.cells(), false))
	}
	x := 0.0
	for _, part := range columns[:len(columns)-1] {
		x += part * f.width
		table.shapes = append(table.shapes, shape{corners: rectangle(x-thinLine/2, 0, thinLine, table.height)})
	}
	table.frame(thinLine)
	customs, value := f.customs(), int64(0)
	for _, item := range customs.Items {
		value += item.Value
	}
	table.below(1.5*f.gap(), f.cells([]captioned{
		{formParcels, fmt.Sprint(len(customs.Numbers))}, {formGross, kilograms(customs.Grams)}, {formTotal, worth(value)}, {formCurrency, customs.Currency},
	}))
	table.below(f.gap(), f.pairs(captioned{formInvoice, customs.Invoice}, captioned{formLicence, customs.Licence},
		captioned{formCertificate, customs.Certificate}, captioned{formComment, customs.Comment}))
	return table
}

// row is one of the table's, with a line under it.
func (f declaration) row(cells []string, captions bool) block {
	inset := f.gap() * 0.7
	set := f.style(regular, sizeBody*0.9)
	if captions {
		set = f.caption()
	}
	row := block{width: f.width}
	x := 0.0
	for i, text := range cells {
		width := columns[i]*f.width - 2*inset
		cell := headline(set, black, width, 0.8, text)
		at := x + inset
		if numeric[i] {
			at += width - cell.width
		}
		row.put(point{at, inset}, cell)
		row.height = max(row.height, cell.height+2*inset)
		x += columns[i] * f.width
	}
	row.height = max(row.height, set.lineHeight()+2*inset)
	row.below(0, rule(f.width, thinLine))
	return row
}

// foot is what the sender certifies, with room to sign.
func (f declaration) foot() block {
	customs := f.customs()
	b := paragraph(f.style(regular, sizeCaption*formCertifyLargest), black, f.width, formCertify)
	inset := f.gap()
	inner := f.within(f.width/2 - 2*inset)
	place := line(f.caption(), black, formPlace)
	place.below(f.gap()/2, paragraph(f.style(bold, sizeBody), black, inner.width, commaSeparated(customs.Place, date(customs.Date))))
	signature := headline(f.caption(), black, inner.width, 0.6, formSignature)
	signature.below(f.gap()/2, paragraph(f.style(bold, sizeBody), black, inner.width, customs.Declarant))
	boxes := block{width: f.width, height: max(place.height, signature.height) + 9*f.scale + 2*inset}
	boxes.frame(thinLine)
	boxes.shapes = append(boxes.shapes, shape{corners: rectangle((f.width-thinLine)/2, 0, thinLine, boxes.height)})
	boxes.put(point{inset, inset}, place)
	boxes.put(point{f.width/2 + inset, inset}, signature)
	b.below(f.gap(), boxes)
	b.below(f.gap(), headline(f.caption(), black, f.width, 0.5, captionFoot).centred(f.width))
	return b
}
