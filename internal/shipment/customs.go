package shipment

import (
	"fmt"
	"strings"

	"omapostipro/internal/label"
)

// The limits of a customs declaration. They are ours.
const (
	MaxCustomsItems    = 99
	MaxCustomsQuantity = 99_999
	MaxCustomsValue    = 1_000_000_00 // of one kind of goods, in hundredths of the currency
)

// Customs is what an order declares of goods that leave the customs territory of the European Union.
type Customs struct {
	Items       []CustomsItem
	Currency    string // of the values; euro when it is not given
	Reason      string // why the goods are sent, by one of the carrier's words: "gift" and the like
	Explanation string // of a reason that is another
	Invoice     string
	Licence     string
	Certificate string
	Comment     string
	Declarant   string
	Place       string
}

// CustomsItem is one kind of goods. Weight and value are those of all of them together.
type CustomsItem struct {
	Contents string
	Quantity int
	Weight   int64  // without packing, in grams
	Value    int64  // in hundredths of the currency
	Code     string // of the customs tariff
	Origin   string // the country that they were made in
}

// customsReasons are the carrier's words for why goods are sent, as far as the form has a box for them. Others are printed
// as they are, beside the box for other reasons.
var customsReasons = map[string]label.CustomsReason{
	"": label.ReasonUnsaid, "gift": label.ReasonGift, "documents": label.ReasonDocuments, "permanent": label.ReasonSale,
	"sample": label.ReasonSample, "return": label.ReasonReturn, "other": label.ReasonOther,
}

// CustomsUnion is the customs territory of the European Union. Åland is in it, although taxes begin at its border, and so is
// Monaco. (Parts of a member that are outside of it cannot be told from the country's code.)
const CustomsUnion Area = "CU"

// NeedsCustoms says whether the form CN 23 lies beside the order's labels: whether it goes to a country outside of the
// customs union, by whatever service.
func (o Order) NeedsCustoms() bool {
	return IsCountry(o.Receiver.Country) && !CustomsUnion.Contains(o.Receiver.Country)
}

func (v *validation) checkCustoms() {
	customs := v.order.Customs
	if customs == nil {
		return
	}
	for _, text := range []struct {
		field, text string
		longest     int
	}{
		{"currencyCode", customs.Currency, MaxReference},
		{"importExportType", customs.Reason, MaxReference},
		{"explanation", customs.Explanation, MaxFreeText},
		{"invoiceNo", customs.Invoice, MaxReference},
		{"exportLicenseNo", customs.Licence, MaxReference},
		{"certificate", customs.Certificate, MaxReference},
		{"generalNote1", customs.Comment, MaxFreeText},
		{"declarant", customs.Declarant, MaxName},
		{"declarantCity", customs.Place, MaxCity},
	} {
		v.text("customsDeclaration."+text.field, text.text, text.longest)
	}
	if len(customs.Items) > MaxCustomsItems {
		v.add(Invalid, "customsDeclaration.lines", "a customs declaration has at most %d lines", MaxCustomsItems)
	}
	for i, item := range customs.Items[:min(len(customs.Items), MaxCustomsItems)] {
		v.checkCustomsItem(fmt.Sprintf("customsDeclaration.lines[%d]", i), item)
	}
}

func (v *validation) checkCustomsItem(path string, item CustomsItem) {
	v.text(path+".contents", item.Contents, MaxContents)
	v.text(path+".statNo", item.Code, MaxReference)
	v.text(path+".sourceCountryCode", item.Origin, MaxReference)
	if item.Quantity < 1 || item.Quantity > MaxCustomsQuantity {
		v.add(Invalid, path+".copies", "copies must be between 1 and %d", MaxCustomsQuantity)
	}
	if item.Value < 0 || item.Value > MaxCustomsValue {
		v.add(Invalid, path+".value", "the value must be between 0 and %d", MaxCustomsValue/100)
	}
	if heaviest := int64(2500 * kilo); item.Weight < 0 || item.Weight > heaviest {
		v.add(Invalid, path+".netWeight", "the weight must be between 0 and %s kg", kilograms(heaviest))
	}
}

// declaration is the form that lies after the labels of an order that needs one. An order that declares nothing declares what
// its parcels are said to hold.
func (p Placed) declaration() *label.Customs {
	if !p.Order.NeedsCustoms() {
		return nil
	}
	declared := Customs{}
	if p.Order.Customs != nil {
		declared = *p.Order.Customs
	}
	reason, known := customsReasons[strings.ToLower(declared.Reason)]
	if !known {
		reason, declared.Explanation = label.ReasonOther, strings.TrimSpace(declared.Reason+" "+declared.Explanation)
	}
	if declared.Currency == "" {
		declared.Currency = "EUR"
	}
	form := &label.Customs{
		Currency: declared.Currency, Reason: reason, Explanation: declared.Explanation, Invoice: declared.Invoice, Licence: declared.Licence,
		Certificate: declared.Certificate, Comment: declared.Comment, Declarant: declared.Declarant, Place: declared.Place, Date: p.PlacedAt,
	}
	for _, parcel := range p.Parcels {
		form.Numbers = append(form.Numbers, parcel.Number)
		form.Grams += parcel.Weight
	}
	for _, item := range declared.Items {
		form.Items = append(form.Items, label.CustomsItem{Contents: item.Contents, Quantity: item.Quantity, Grams: item.Weight, Value: item.Value, Code: item.Code, Origin: item.Origin})
	}
	if len(form.Items) == 0 {
		for _, parcel := range p.Order.Parcels {
			form.Items = append(form.Items, label.CustomsItem{Contents: parcel.Contents, Quantity: parcel.Copies})
		}
	}
	return form
}
