package label

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
)

var drawn = AllMedia()

func plain() Label {
	return Label{
		TrackingNumber: "JJFI65432198900000017",
		Sender:         Party{Name: "Example Oy", Address1: "Mannerheimintie 12", Zipcode: "00100", City: "Helsinki", Phone: "+358 9 123 4567"},
		Receiver:       Party{Name: "Sanna Andersson", Address1: "Åbovägen 3 B 14", Zipcode: "20100", City: "Åbo", Country: "FI", Phone: "+358 40 123 4567"},
		Service:        Service{"PO2103", "Postpaket"},
		PickupPoint:    &PickupPoint{"201003200", "Postautomat, S-market Åbo Torg", "Köpmansgatan 8", "20100", "Åbo"},
		Parcel:         1, Parcels: 1, WeightGrams: 2500,
		Contract: "654321", Reference: "Webshop 10042", RoutingCode: "201003200",
		ShipDate: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
	}
}

func full() Label {
	l := plain()
	l.Receiver.Name, l.Receiver.Address2 = "Åländska Utvandrarföreningens Kulturarvsstiftelse r.f.", "c/o Familjen Öhman-Järnefelt"
	l.AddOns = []AddOn{
		{"COD", "Cash on delivery"}, {"FRAG", "Fragile"}, {"SPTR", "Large"}, {"PERS", "Into the person's own hands"},
		{"NOT", "Electronic notice of arrival"},
	}
	l.CashOnDelivery = &CashOnDelivery{123450, "FI2112345600000785", "13 2616"}
	l.Parcel, l.Parcels = 12, 99
	l.OrderNumber, l.Note, l.Test = "SO-2026-004711", "Ring på dörren två gånger, hunden är snäll.", true
	return l
}

func abroad() Label {
	l := plain()
	l.TrackingNumber = "00364300009876543217"
	l.Receiver = Party{Name: "Анна Достоевская", Address1: "Невский проспект 28", Address2: "кв. 5", Zipcode: "191186", City: "Санкт-Петербург", Country: "ru"}
	l.Service, l.PickupPoint, l.RoutingCode = Service{"PO2711", "Parcel Connect"}, nil, "RU-191"
	return l
}

// most is a label with as many of the widest letters as may be everywhere, and every additional service at once.
func most() Label {
	text, code := strings.Repeat("W", MaxText), strings.Repeat("W", MaxCode)
	l := full()
	l.Sender, l.Receiver = Party{text, text, text, code, text, "US", code}, Party{text, text, text, code, text, "GS", code}
	l.Service = Service{code, text}
	l.PickupPoint = &PickupPoint{code, text, text, code, text}
	l.CashOnDelivery = &CashOnDelivery{99_999_999_999, code, code}
	l.WeightGrams = 2_499_999
	l.Contract, l.Reference, l.ParcelReference, l.OrderNumber, l.RoutingCode, l.Note = code, code, "V"+code[1:], code, code, text
	l.AddOns = nil
	for i := range 17 {
		l.AddOns = append(l.AddOns, AddOn{fmt.Sprintf("DLVNO%d", i), "Rajoitettu määrä vaarallisia aineita / Begränsad mängd farligt gods"})
	}
	return l
}

// declared is a label with a customs declaration.
func declared() Label {
	l := abroad()
	l.TrackingNumber, l.Service = "JJFI65432198900000017", Service{"ITPR", "Priority"}
	l.Customs = &Customs{
		Numbers: []string{l.TrackingNumber, "JJFI65432198900000024"}, Grams: 4300, Currency: "EUR", Reason: ReasonSale, Invoice: "2026-118", Licence: "L-1",
		Certificate: "C-2", Comment: "Keep dry", Declarant: "Åsa Öberg", Place: "Helsinki", Date: l.ShipDate,
		Items: []CustomsItem{
			{"Wool sweater, knitted, blue", 2, 800, 9980, "61101130", "FI"}, {"Шерстяной шарф ручной вязки с узором", 1, 250, 123_456, "61171000", "ee"}, {Contents: "Kirjoja"},
		},
	}
	return l
}

// mostDeclared is one whose declaration has as much to say as may be.
func mostDeclared() Label {
	l := most()
	text, code := strings.Repeat("W", MaxText), strings.Repeat("W", MaxCode)
	l.Customs = &Customs{
		Numbers: slices.Repeat([]string{l.TrackingNumber}, 99), Grams: 247_500_000, Currency: code, Reason: ReasonOther, Explanation: text + " " + code, Invoice: code,
		Licence: code, Certificate: code, Comment: text, Declarant: text, Place: text, Date: l.ShipDate,
		Items: slices.Repeat([]CustomsItem{{text + text, 99_999, 2_499_999, 100_000_000, code, code}}, 5),
	}
	return l
}

// odd is a label of what people type and print heads do not know.
func odd() Label {
	l := plain()
	l.Receiver = Party{
		Name: "Zoë\tKälvemark\r\n🎁 مرحبا שלום\x00", Address1: "Lopadotemachoselachogaleokranioleipsanodrimhypotrimmatosilphioparaomelitokatakechymenokichlepikossyphophattoperisteralektryonoptekephalliokigklopeleiolagoiosiraiobaphetraganopterygon 1",
		Address2: "ﬁlial № 4, 東京 \u202etxet\u202c \xff", Zipcode: "\u0000", City: "A\u030abo", Country: "??", Phone: "\u200d",
	}
	l.Service, l.AddOns, l.CashOnDelivery = Service{"", ""}, []AddOn{{}, {"", "🎁"}}, &CashOnDelivery{}
	l.PickupPoint = &PickupPoint{}
	return l
}

func bare() Label { return Label{TrackingNumber: "JJFI65432198900000017", Parcel: 1, Parcels: 1} }

func kinds() map[string]Label {
	return map[string]Label{
		"plain": plain(), "full": full(), "abroad": abroad(), "most": most(), "odd": odd(), "bare": bare(),
		"declared": declared(), "most declared": mostDeclared(),
	}
}

// eachKind runs a test for every kind of label on every media that is drawn.
func eachKind(t *testing.T, test func(t *testing.T, m Media, l Label)) {
	t.Helper()
	for name, l := range kinds() {
		for _, m := range drawn {
			t.Run(name+" on "+string(m), func(t *testing.T) {
				t.Parallel()
				test(t, m, l)
			})
		}
	}
}

func render(t *testing.T, m Media, labels ...Label) []byte {
	t.Helper()
	pdf, err := PDF(labels, Target{Media: m})
	if err != nil {
		t.Fatal(err)
	}
	return pdf
}

// poppler gives a PDF to one of the poppler tools on standard input, and gives its output.
func poppler(t *testing.T, pdf []byte, tool string, args ...string) []byte {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err != nil {
		t.Fatalf("%s is missing: the label tests look at what is printed, and need the package poppler-utils (apt-get install poppler-utils)", tool)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	var out, complaints bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(pdf), &out, &complaints
	if err := cmd.Run(); err != nil || complaints.Len() > 0 {
		t.Fatalf("%s: %v: %s", tool, err, &complaints)
	}
	return out.Bytes()
}

// printed is a page as a printer of that many dots per inch puts it on paper.
func printed(t *testing.T, pdf []byte, number int, dpi string) image.Image {
	t.Helper()
	page, err := png.Decode(bytes.NewReader(poppler(t, pdf, "pdftoppm", "-r", dpi, "-gray", "-png", "-f", strconv.Itoa(number), "-singlefile", "-")))
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// scan reads the code of a label as a scanner does.
func scan(t *testing.T, paper image.Image) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(paper)
	if err != nil {
		t.Fatal(err)
	}
	read, err := oned.NewCode128Reader().Decode(bitmap, map[gozxing.DecodeHintType]any{
		gozxing.DecodeHintType_ASSUME_GS1: true, gozxing.DecodeHintType_TRY_HARDER: true,
	})
	if err != nil {
		t.Fatal("the page cannot be scanned: ", err)
	}
	return read.GetText()
}

// cut gives what of a picture of sheets is in one of their places.
func cut(picture image.Image, m Media, sheet, place int) image.Image {
	paper := m.sheet()
	dotsAMillimetre := float64(picture.Bounds().Dx()) / paper.width
	at := func(x, y float64) image.Point {
		return image.Pt(int(x*dotsAMillimetre), int((float64(sheet)*paper.height+y)*dotsAMillimetre))
	}
	from := paper.places[place]
	return picture.(interface {
		SubImage(image.Rectangle) image.Image
	}).SubImage(image.Rectangle{
		at(from.x, from.y), at(from.x+paper.label.width, from.y+paper.label.height),
	})
}

func TestCodesAreReadBackFromPaper(t *testing.T) {
	t.Parallel()
	numbers := []string{"JJFI65432198900000017", "00364300009876543217"}
	var labels []Label
	for _, number := range numbers {
		l := full()
		l.TrackingNumber = number
		labels = append(labels, l)
	}
	for _, m := range drawn {
		t.Run(string(m), func(t *testing.T) {
			t.Parallel()
			target := Target{Media: m, Offset: Offset{X: 1.3, Y: -0.7}}
			pdf, err := PDF(labels, target)
			if err != nil {
				t.Fatal(err)
			}
			dots, err := PNG(labels, target)
			if err != nil {
				t.Fatal(err)
			}
			picture, err := png.Decode(bytes.NewReader(dots))
			if err != nil {
				t.Fatal(err)
			}
			places := len(m.sheet().places)
			var page image.Image
			for i, number := range numbers {
				want := number
				if strings.HasPrefix(number, "00") {
					want = "]C1" + number // how a scanner says GS1-128
				}
				if i%places == 0 {
					page = printed(t, pdf, i/places+1, "203")
				}
				if got := scan(t, cut(page, m, 0, i%places)); got != want {
					t.Errorf("scanned %q from the document, want %q", got, want)
				}
				if got := scan(t, cut(picture, m, i/places, i%places)); got != want {
					t.Errorf("scanned %q from the picture, want %q", got, want)
				}
			}
		})
	}
}

var blanks = regexp.MustCompile(`\s+`)

// texts are all that a label must say, as it is printed.
func texts(l Label) []string {
	all := []string{
		readable(l.TrackingNumber), l.Sender.Name, l.Sender.Address1, l.Sender.Address2, l.Sender.Zipcode, l.Sender.City, l.Sender.Phone,
		l.Receiver.Name, l.Receiver.Address1, l.Receiver.Address2, l.Receiver.Zipcode, l.Receiver.City, l.Receiver.Phone,
		l.Service.Code, l.Service.Name, fmt.Sprintf("%d/%d", l.Parcel, l.Parcels), kilograms(l.WeightGrams), date(l.ShipDate),
		l.Contract, l.Reference, l.OrderNumber, l.Note, l.RoutingCode, captionFoot,
	}
	for _, a := range l.AddOns {
		all = append(all, a.Code, a.Name)
	}
	if p := l.PickupPoint; p != nil {
		all = append(all, p.Code, p.Name, p.Address, p.Zipcode, p.City)
	}
	if due := l.CashOnDelivery; due != nil {
		all = append(all, euros(due.Cents), due.Account, due.Reference)
	}
	if l.ParcelReference != "" {
		all = append(all, captionOfParcel, l.ParcelReference)
	}
	if l.CashOnDelivery != nil && l.CashOnDelivery.Cents > 0 && l.Parcels > 1 {
		all = append(all, captionCODOnce)
	}
	if l.Test {
		all = append(all, wordTest)
	}
	if c := l.Customs; c != nil {
		all = append(all, formName, c.Explanation, c.Invoice, c.Licence, c.Certificate, c.Comment, c.Declarant, c.Place, date(c.Date), c.Currency, kilograms(c.Grams))
		all = append(all, c.Numbers...)
		for _, item := range c.Items {
			all = append(all, item.cells()...)
		}
	}
	return all
}

func TestEveryWordIsOnThePage(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, m Media, l Label) {
		page := blanks.ReplaceAllString(string(poppler(t, render(t, m, l), "pdftotext", "-raw", "-", "-")), "")
		for _, text := range texts(l) {
			if !strings.Contains(page, blanks.ReplaceAllString(Printable(text), "")) {
				t.Errorf("%q is not on the page, which says %s", Printable(text), page)
			}
		}
	})
}

// One reference is printed once, and what is paid for one parcel alone needs no explanation.
func TestNothingIsSaidTwice(t *testing.T) {
	t.Parallel()
	l := full()
	l.Parcel, l.Parcels, l.ParcelReference = 1, 1, l.Reference
	page := string(poppler(t, render(t, Thermo225, l), "pdftotext", "-raw", "-", "-"))
	if strings.Count(page, l.Reference) != 1 || strings.Contains(page, "Paketets referens") || strings.Contains(page, "hela försändelsen") {
		t.Errorf("the page says %s", page)
	}
}

func TestLongNamesAreNeverCut(t *testing.T) {
	t.Parallel()
	for name, long := range map[string]string{
		"no space": strings.Repeat("Österåäö", 25), "Cyrillic": strings.Repeat("Ростов", 34)[:400], "words": strings.Repeat("Sankt Mårten ", 15) + "Kyrka",
	} {
		for _, m := range drawn {
			l := full()
			l.Receiver.Name, l.Sender.Name, l.Receiver.Address1, l.PickupPoint.Name = long, long, long, long
			page := blanks.ReplaceAllString(string(poppler(t, render(t, m, l), "pdftotext", "-raw", "-", "-")), "")
			if got := strings.Count(page, blanks.ReplaceAllString(long, "")); got != 4 {
				t.Errorf("%s on %s: found %d times, want 4, in %s", name, m, got, page)
			}
		}
	}
}

func TestCountriesStandOnlyOnLabelsThatCrossABorder(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"FI", "SE", "SWEDEN"},
		{"", "DE", "GERMANY"},
		{"EE", "", "FINLAND"},
		{"FI", "ax", "ÅLANDISLANDS"},
		{"FI", "XX", "XX"},
		{"", "FI", ""},
		{"se", "SE", ""},
	} {
		l := plain()
		l.Sender.Country, l.Receiver.Country = c.from, c.to
		page := blanks.ReplaceAllString(string(poppler(t, render(t, Thermo225, l), "pdftotext", "-raw", "-", "-")), "")
		town := l.Receiver.Zipcode + l.Receiver.City
		if want := town + c.want; c.want != "" && !strings.Contains(page, want) {
			t.Errorf("from %q to %q: the page says %s, want %s", c.from, c.to, page, want)
		}
		if want := town + blanks.ReplaceAllString(phone(l.Receiver), ""); c.want == "" && !strings.Contains(page, want) {
			t.Errorf("from %q to %q: the page says %s, want no country in it", c.from, c.to, page)
		}
	}
}

func TestTestIsSaidOnlyOnTestLabels(t *testing.T) {
	for _, test := range []bool{true, false} {
		l := plain()
		l.Test = test
		page := string(poppler(t, render(t, LaserA5, l), "pdftotext", "-raw", "-", "-"))
		if strings.Contains(page, wordTest) != test {
			t.Errorf("test %v: the page says %s", test, page)
		}
	}
}

func TestDocument(t *testing.T) {
	labels := make([]Label, 99)
	for i := range labels {
		labels[i] = plain()
		labels[i].Parcel, labels[i].Parcels = i+1, len(labels)
		labels[i].TrackingNumber = fmt.Sprintf("JJFI65432198900%06d", i)
	}
	for m, size := range map[Media]string{
		Thermo225: "303.31 x 637.8 pts", ThermoSE: "303.31 x 711.5 pts", LaserA5: "419.53 x 595.28 pts", Laser2A5: "841.89 x 595.28 pts (A4)",
		LaserSTE: "595.28 x 841.89 pts (A4)", LaserA4: "595.28 x 841.89 pts (A4)",
	} {
		places := len(m.sheet().places)

		pdf := render(t, m, labels...)
		info := string(poppler(t, pdf, "pdfinfo", "-isodates", "-"))
		for _, want := range []string{
			"Title: OmaPosti Pro JJFI65432198900000000 +98\n", "Producer: OmaPosti Pro\n", "CreationDate: 2026-11-23T09:00:00Z\n",
			fmt.Sprintf("Pages: %d\n", (99+places-1)/places), "Page size: " + size + "\n",
		} {
			if !strings.Contains(regexp.MustCompile(`: +`).ReplaceAllString(info, ": "), want) {
				t.Errorf("%s: the document's data lacks %s: %s", m, want, info)
			}
		}
		sheets := strings.Split(string(poppler(t, pdf, "pdftotext", "-raw", "-", "-")), "\f")
		for i, l := range labels {
			if sheet := sheets[i/places]; !strings.Contains(sheet, fmt.Sprintf("\n%d/99\n", i+1)) || !strings.Contains(sheet, l.TrackingNumber) {
				t.Errorf("%s: sheet %d has not parcel %d: %s", m, i/places+1, i+1, sheet)
			}
		}
	}
}

func TestFontsAreEmbeddedAndCutDown(t *testing.T) {
	rows := strings.Split(strings.TrimSpace(string(poppler(t, render(t, Thermo225, abroad()), "pdffonts", "-"))), "\n")[2:]
	if len(rows) != 2 {
		t.Fatalf("fonts %q, want two", rows)
	}
	for _, row := range rows {
		if !strings.Contains(row, "+Inter-") || !regexp.MustCompile(`( yes){3} `).MatchString(row) { // embedded, a subset, with its characters
			t.Errorf("font %s", row)
		}
	}
}

func TestLicenceLiesBesideTheFonts(t *testing.T) {
	licence, err := os.ReadFile(filepath.Join("fonts", "OFL.txt"))
	if err != nil || !bytes.Contains(licence, []byte("SIL OPEN FONT LICENSE Version 1.1")) {
		t.Errorf("the fonts' licence: %v", err)
	}
}

func TestLabelIsSmall(t *testing.T) {
	const most = 40_000 // of a label, or of a page of its declaration
	t.Parallel()
	eachKind(t, func(t *testing.T, m Media, l Label) {
		pages := 0
		for _, page := range composed(t, m, l) {
			pages++
			if page.block.width > m.sheet().label.width { // it has the room of all labels of a sheet
				pages += len(m.sheet().places) - 1
			}
		}
		for name, draw := range map[string]func([]Label, Target) ([]byte, error){"PDF": PDF, "PNG": PNG, "ZPL": ZPL} {
			if drawn, err := draw([]Label{l}, Target{Media: m}); err != nil || len(drawn) > most*pages {
				t.Errorf("%s: %d bytes in the room of %d, %v", name, len(drawn), pages, err)
			}
		}
	})
}

func TestSameLabelsGiveTheSameBytesWhoeverElseDraws(t *testing.T) {
	want := render(t, Thermo225, full(), abroad())
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if i%2 == 0 {
				if _, err := PDF([]Label{odd()}, Target{Media: LaserA5}); err != nil {
					t.Error(err)
				}
			}
			got, err := PDF([]Label{full(), abroad()}, Target{Media: Thermo225})
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("other bytes the second time (%v)", err)
			}
		})
	}
	all.Wait()
}

func TestPictureTellsItsTrueSize(t *testing.T) {
	picture, err := PNG([]Label{plain(), declared()}, Target{Media: ThermoSE})
	if err != nil {
		t.Fatal(err)
	}
	shape, err := png.DecodeConfig(bytes.NewReader(picture))
	if err != nil || shape.Width != 107*8 || shape.Height != 3*251*8 {
		t.Errorf("%d × %d dots, %v", shape.Width, shape.Height, err)
	}
	const dotsAMetre = "\x00\x00\x1f\x40" // 8000, which is 203 an inch
	if !bytes.Contains(picture, []byte("pHYs"+dotsAMetre+dotsAMetre+"\x01")) {
		t.Error("the picture does not say how large its dots are")
	}
}

func TestHandlingIsSeenFromAfar(t *testing.T) {
	marks := func(ids ...string) (framed int) {
		l := plain()
		for _, id := range ids {
			l.AddOns = append(l.AddOns, AddOn{Code: id})
		}
		for _, s := range composed(t, Thermo225, l)[0].shapes {
			if from, to, ok := s.rectangle(); ok && s.stroke > 0 && to.x-from.x > 12 && to.x-from.x < 20 {
				framed++
			}
		}
		return framed
	}
	for want, ids := range map[int][]string{0: {"NOT", "COD"}, 1: {"FRAG", "NOT"}, 3: {"FDNGPP", "COLD", "FRAG"}} {
		if got := marks(ids...); got != want {
			t.Errorf("%v: %d symbols, want %d", ids, got, want)
		}
	}
}

func TestMediaByName(t *testing.T) {
	for name, known := range map[string]bool{
		"laser-a5": true, "laser-2a5": true, "laser-a4": true, "laser-ste": true, "thermo-se": true, "thermo-225": true, "zpl": false, "": false,
	} {
		m, ok := ParseMedia(name)
		if want := map[bool]Media{true: Media(name), false: LaserA5}[known]; m != want || ok != known {
			t.Errorf("ParseMedia(%q) = %s, %v", name, m, ok)
		}
	}
	if !bytes.Equal(render(t, "laser-a3", plain()), render(t, LaserA5, plain())) {
		t.Error("an unknown medium is not drawn as laser-a5")
	}
}

func TestWhatCannotBePrintedIsRefused(t *testing.T) {
	with := func(change func(*Label)) []Label {
		l := plain()
		change(&l)
		return []Label{plain(), l}
	}
	for name, c := range map[string]struct {
		labels []Label
		want   string
	}{
		"no labels":             {nil, ErrNoLabels.Error()},
		"no number":             {with(func(l *Label) { l.TrackingNumber = "" }), "digits and capital letters"},
		"number of other signs": {with(func(l *Label) { l.TrackingNumber = "JJFI-ñ" }), "digits and capital letters"},
		"number too long":       {with(func(l *Label) { l.TrackingNumber = strings.Repeat("J", 40) }), "wider than the page"},
		"number far too long":   {with(func(l *Label) { l.TrackingNumber = strings.Repeat("J", 400) }), "as a bar code"},
		"no parcel":             {with(func(l *Label) { l.Parcel = 0 }), "parcel 0 of 1"},
		"too many parcels":      {with(func(l *Label) { l.Parcel = 2 }), "parcel 2 of 1"},
		"endless text":          {with(func(l *Label) { l.Note = strings.Repeat("ord ", 20_000) }), "too long for the page"},
	} {
		for _, m := range drawn {
			pdf, err := PDF(c.labels, Target{Media: m})
			if err == nil || !strings.Contains(err.Error(), c.want) || pdf != nil {
				t.Errorf("%s on %s: error %v, want %q", name, m, err, c.want)
			}
		}
	}
	if _, err := PDF(nil, Target{Media: LaserA5}); !errors.Is(err, ErrNoLabels) {
		t.Error(err)
	}
}
