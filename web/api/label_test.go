package api_test

import (
	"bytes"
	"image/png"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"

	"omapostipro/internal/demo/demotest"
	"omapostipro/web/webtest"
)

// poppler gives a PDF to one of the poppler tools and gives its output.
func poppler(t *testing.T, pdf []byte, tool string, args ...string) []byte {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err != nil {
		t.Fatalf("%s is missing: these tests look at what is printed, and need the package poppler-utils (apt-get install poppler-utils)", tool)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	var complaints bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(pdf), &complaints
	out, err := cmd.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("%s: %v: %s", tool, err, &complaints)
	}
	return out
}

// scan reads the code of each page of a PDF as a scanner does from paper.
func scan(t *testing.T, pdf []byte, pages int) (codes []string) {
	t.Helper()
	for page := range pages {
		number := strconv.Itoa(page + 1)
		printed, err := png.Decode(bytes.NewReader(poppler(t, pdf, "pdftoppm", "-r", "203", "-gray", "-png", "-f", number, "-l", number, "-singlefile", "-")))
		if err != nil {
			t.Fatal(err)
		}
		bitmap, err := gozxing.NewBinaryBitmapFromImage(printed)
		if err != nil {
			t.Fatal(err)
		}
		code, err := oned.NewCode128Reader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
		if err != nil {
			t.Fatalf("page %s cannot be scanned: %v", number, err)
		}
		codes = append(codes, code.GetText())
	}
	return codes
}

func TestLabelsInTheAnswer(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	const thermo, a5 = "303.31 x 637.8 pts", "419.53 x 595.28 pts"
	for name, test := range map[string]struct {
		pieces []string
		size   string
	}{
		"thermo-225, two parcels": {[]string{`"copies":1`, `"copies":2`}, thermo},
		"laser-a5":                {[]string{`"thermo-225"`, `"laser-a5"`}, a5},
		"thermo-se":               {[]string{`"thermo-225"`, `"thermo-se"`}, "303.31 x 711.5 pts"},
		"laser-2a5, moved":        {[]string{`"thermo-225", "target1XOffset": 0`, `"laser-2a5", "target1XOffset": "-2.5"`}, "841.89 x 595.28 pts (A4)"},
		"laser-ste":               {[]string{`"thermo-225"`, `"laser-ste"`}, "595.28 x 841.89 pts (A4)"},
		"laser-a4":                {[]string{`"thermo-225"`, `"laser-a4"`}, "595.28 x 841.89 pts (A4)"},
		"an unknown medium":       {[]string{`"thermo-225"`, `"laser-a3"`}, a5},
		"no medium":               {[]string{`"target1Media": "thermo-225", `, ``}, a5},
		"freight": {[]string{`{"id":"POSTI","custNo":"654321"}`, `{"id":"ITELLALOG","custNo":"876543"}`, `"PO2103"`, `"PO2144"`,
			`{"id":"FRAG"}`, `{"id":"PRENOT"}`}, thermo},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := accepted(t, c.Send(http.MethodPost, orderPath+"?returnFile=true", jsonBody, strings.NewReader(golden(t, test.pieces...))))
			pdf := answer.PDFs[0].PDF
			info := regexp.MustCompile(`: +`).ReplaceAllString(string(poppler(t, pdf, "pdfinfo", "-")), ": ")
			for _, want := range []string{"Pages: " + strconv.Itoa(answer.ParcelCount) + "\n", "Page size: " + test.size} {
				if !strings.Contains(info, want) {
					t.Errorf("the labels have not %q: %s", want, info)
				}
			}
			var numbers []string
			for _, parcel := range answer.Parcels {
				numbers = append(numbers, parcel.ParcelNo)
			}
			if codes := scan(t, pdf, answer.ParcelCount); !slices.Equal(codes, numbers) {
				t.Errorf("the codes say %q, the answer %q", codes, numbers)
			}
			text := string(poppler(t, pdf, "pdftotext", "-raw", "-", "-"))
			for _, want := range []string{"Åsa Öberg", "Storgatan 1 A 2", "65100", "REF-1", "TEST"} {
				if strings.Count(text, want) < answer.ParcelCount {
					t.Errorf("%q is not on each label: %s", want, text)
				}
			}
		})
	}
}

func TestCustomsDeclarationLiesAfterTheLabels(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	body := golden(t, `"agent": {"quickId":"001003200"},`, ``, `"PO2103"`, `"ITPR"`, `"addons":[{"id":"FRAG"},{"id":"COD","amount":10.0,"account":"FI21 1234 5600 0007 85","reference":"12345 61"}]`, `"addons":[]`,
		`"zipcode":"65100","city":"VASA","country":"FI"`, `"zipcode":"0150","city":"OSLO","country":"NO"`, `"copies":1`, `"copies":2`,
		`"orderNo"`, `"customsDeclaration":{"importExportType":"GIFT","lines":[{"contents":"Villasukat","copies":3,"netWeight":0.6,"value":45,"statNo":"61159400","sourceCountryCode":"FI"}]},"orderNo"`)
	answer := accepted(t, p.shop(t).Send(http.MethodPost, orderPath+"?returnFile=true", jsonBody, strings.NewReader(body)))
	pages := strings.Split(string(poppler(t, answer.PDFs[0].PDF, "pdftotext", "-raw", "-", "-")), "\f")
	if len(pages) != 4 || strings.Contains(pages[0]+pages[1], "CN 23") || answer.Warnings != nil {
		t.Fatalf("%d pages, warnings %v: %q", len(pages)-1, answer.Warnings, pages)
	}
	for _, want := range []string{"CN 23", "NORWAY", "Villasukat", "0,6 kg", "45,00", "61159400", "EUR", answer.Parcels[0].ParcelNo, answer.Parcels[1].ParcelNo, "TEST"} {
		if !strings.Contains(pages[2], want) {
			t.Errorf("the form does not say %q: %s", want, pages[2])
		}
	}
}

func TestLabelsByTheirLink(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	_, key := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
	c := p.with(key)
	answer := accepted(t, c.Send(http.MethodPost, orderPath+"?returnFile=true", jsonBody, strings.NewReader(golden(t, `"copies":1`, `"copies":2`))))
	link := strings.TrimPrefix(answer.PDFs[0].Href, p.URL)
	fetch := func(c client) {
		t.Helper()
		page := c.Get(link).Is(http.StatusOK)
		if page.Body != string(answer.PDFs[0].PDF) {
			t.Errorf("%d bytes that are not those of the answer's file", len(page.Body))
		}
		if page.Header.Get("X-Request-Id") == "" {
			t.Error("the request has no id")
		}
		for name, want := range map[string]string{"Content-Type": "application/pdf", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
			"Content-Disposition": `inline; filename="` + answer.ShipmentNo + `.pdf"`} {
			if got := page.Header.Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
	}
	fetch(c)
	fetch(p.with("Bearer " + key))
	refused(t, p.with("").Get(link), http.StatusUnauthorized, "KEY_MISSING")

	p.Clock.Advance(time.Hour - time.Microsecond)
	fetch(c)
	p.Clock.Advance(time.Microsecond)
	refused(t, c.Get(link), http.StatusGone, "EXPIRED")
	refused(t, p.shop(t).Get(link), http.StatusNotFound, "NOT_FOUND") // what is not another's is not over for them either
	c.Get(strings.TrimPrefix(answer.Href, p.URL)).Is(http.StatusOK)
}

// What is somebody else's is answered by the same bytes, and after the same statements, as what is nobody's.
func TestLinksOfOthers(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	owner := accepted(t, p.shop(t).order(golden(t)))
	_, strangersKey := p.newKey(t, demotest.OtherMain, demotest.Testbolaget)
	stranger, colleague := p.with(strangersKey), p.shop(t)
	links := "/shippingapi/api/v1/shipments/"

	same := func(c client, path, reference string) {
		t.Helper()
		c.Get(reference)
		var theirs, none *webtest.Page
		askedTheirs := p.Asked.During(func() { theirs = c.Get(path) })
		askedNone := p.Asked.During(func() { none = c.Get(reference) })
		refused(t, theirs, http.StatusNotFound, "NOT_FOUND")
		refused(t, none, http.StatusNotFound, "NOT_FOUND")
		body := func(page *webtest.Page) string {
			return strings.ReplaceAll(page.Body, page.Header.Get("X-Request-Id"), "")
		}
		if body(theirs) != body(none) {
			t.Errorf("%s: %s, and nobody's: %s", path, theirs.Body, none.Body)
		}
		if !slices.Equal(askedTheirs.SQL, askedNone.SQL) || askedTheirs.Trips != askedNone.Trips {
			t.Errorf("%s asks %q, and nobody's %q", path, askedTheirs.SQL, askedNone.SQL)
		}
	}
	for _, contract := range []string{"654321", "600123"} {
		same(stranger, links+contract+"/"+owner.ID, links+contract+"/"+nobodys)
		same(stranger, links+contract+"/pdfs/"+owner.PDFs[0].ID, links+contract+"/pdfs/"+nobodys)
	}
	same(colleague, links+"654321/pdfs/"+owner.PDFs[0].ID, links+"654321/pdfs/"+nobodys) // the link needs the same key
	same(colleague, links+"876543/"+owner.ID, links+"876543/"+nobodys)
	for _, path := range []string{links + "654321/1", links + "654321/pdfs/1", links + "654321/pdfs/" + owner.ID, links + "x/" + owner.ID, links + "654321/" + owner.PDFs[0].ID} {
		refused(t, colleague.Get(path), http.StatusNotFound, "NOT_FOUND")
	}
}
