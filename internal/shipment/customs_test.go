package shipment

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"omapostipro/internal/label"
)

func TestWhoNeedsACustomsDeclaration(t *testing.T) {
	for country, want := range map[string]bool{
		"FI": false, "AX": false, "SE": false, "EE": false, "MC": false, "NO": true, "GB": true, "CH": true, "US": true, "RU": true, "GP": true,
		"": false, "xx": false, "Norge": false,
	} {
		o := parcelOrder()
		o.Receiver.Country = country
		if o.NeedsCustoms() != want {
			t.Errorf("to %q: %v, want %v", country, !want, want)
		}
	}
}

// toNorway is an order that has been placed, of two parcels.
func toNorway() Placed {
	o := parcelOrder()
	o.Service, o.AddOns, o.PickupPoint = "ITPR", nil, ""
	o.Receiver.Country, o.Receiver.Postcode = "NO", "0150"
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	return Placed{Order: o, PlacedAt: at, Status: Waiting, Parcels: []PlacedParcel{{Number: "JJFI65432198900000017", Weight: 2500}, {Number: "JJFI65432198900000024", Weight: 2500}}}
}

func TestDeclarationLiesAfterTheLastLabel(t *testing.T) {
	placed := toNorway()
	form := &label.Customs{
		Numbers: []string{"JJFI65432198900000017", "JJFI65432198900000024"}, Grams: 5000, Currency: "EUR", Date: placed.PlacedAt,
		Items: []label.CustomsItem{{Contents: "Böcker", Quantity: 2}}, // what the parcels are said to hold
	}
	labels, err := Labels([]Placed{placed, placed}, false)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range labels {
		if i%2 == 0 && l.Customs != nil || i%2 == 1 && !cmp.Equal(l.Customs, form) {
			t.Errorf("label %d of 2 and 2: the form is %+v", i+1, l.Customs)
		}
	}

	placed.Order.Customs = &Customs{
		Currency: "NOK", Reason: "gift", Invoice: "I", Licence: "L", Certificate: "C", Comment: "Remark", Declarant: "Åsa Öberg", Place: "Vasa",
		Items: []CustomsItem{{"Books", 3, 2400, 45_00, "49019900", "FI"}},
	}
	form.Currency, form.Reason, form.Invoice, form.Licence, form.Certificate, form.Comment, form.Declarant, form.Place = "NOK", label.ReasonGift, "I", "L", "C", "Remark", "Åsa Öberg", "Vasa"
	form.Items = []label.CustomsItem{{Contents: "Books", Quantity: 3, Grams: 2400, Value: 45_00, Code: "49019900", Origin: "FI"}}
	if got := placed.declaration(); !cmp.Equal(got, form) {
		t.Errorf("the form is %+v, want %+v", got, form)
	}
	for word, want := range map[string]struct {
		reason      label.CustomsReason
		explanation string
	}{
		"permanent": {label.ReasonSale, "why"}, "sample": {label.ReasonSample, "why"}, "other": {label.ReasonOther, "why"}, "temporary": {label.ReasonOther, "temporary why"},
	} {
		placed.Order.Customs.Reason, placed.Order.Customs.Explanation = word, "why"
		if got := placed.declaration(); got.Reason != want.reason || got.Explanation != want.explanation {
			t.Errorf("%s: reason %d, %q", word, got.Reason, got.Explanation)
		}
	}
	placed.Order.Receiver.Country = "SE"
	if got := placed.declaration(); got != nil {
		t.Errorf("within the Union: %+v", got)
	}
}

func TestValidateCustoms(t *testing.T) {
	item := CustomsItem{Contents: "Books", Quantity: 1}
	with := func(change func(*CustomsItem)) Customs {
		changed := item
		change(&changed)
		return Customs{Items: []CustomsItem{item, changed}}
	}
	for name, test := range map[string]struct {
		customs Customs
		want    []string
	}{
		"nothing": {Customs{}, nil},
		"in order": {with(func(i *CustomsItem) {
			*i = CustomsItem{strings.Repeat("ä", MaxContents), MaxCustomsQuantity, 2_500_000, MaxCustomsValue, "49019900", "FI"}
		}), nil},
		"no quantity": {with(func(i *CustomsItem) { i.Quantity = 0 }), []string{"INVALID customsDeclaration.lines[1].copies"}},
		"too many":    {with(func(i *CustomsItem) { i.Quantity = MaxCustomsQuantity + 1 }), []string{"INVALID customsDeclaration.lines[1].copies"}},
		"a debt":      {with(func(i *CustomsItem) { i.Value = -1 }), []string{"INVALID customsDeclaration.lines[1].value"}},
		"a fortune":   {with(func(i *CustomsItem) { i.Value = MaxCustomsValue + 1 }), []string{"INVALID customsDeclaration.lines[1].value"}},
		"lighter":     {with(func(i *CustomsItem) { i.Weight = -1 }), []string{"INVALID customsDeclaration.lines[1].netWeight"}},
		"heavier":     {with(func(i *CustomsItem) { i.Weight = 2_500_001 }), []string{"INVALID customsDeclaration.lines[1].netWeight"}},
		"long texts": {with(func(i *CustomsItem) {
			i.Contents, i.Code, i.Origin = strings.Repeat("x", 201), strings.Repeat("1", 36), strings.Repeat("F", 36)
		}), []string{"TOO_LONG customsDeclaration.lines[1].contents", "TOO_LONG customsDeclaration.lines[1].statNo", "TOO_LONG customsDeclaration.lines[1].sourceCountryCode"}},
		"a long comment": {Customs{Comment: strings.Repeat("x", 101)}, []string{"TOO_LONG customsDeclaration.generalNote1"}},
		"a control sign": {Customs{Declarant: "A\x00B"}, []string{"INVALID customsDeclaration.declarant"}},
		"100 lines":      {Customs{Items: slices.Repeat([]CustomsItem{item}, 100)}, []string{"INVALID customsDeclaration.lines"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := toNorway().Order
			o.Customs = &test.customs
			if got := found(Validate(o)); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
