package web_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/go-chi/chi/v5"

	"omapostipro/internal/apidoc"
	"omapostipro/internal/demo"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/ratelimit"
	"omapostipro/internal/shipment"
	"omapostipro/static"
	"omapostipro/web/api"
	"omapostipro/web/webtest"
)

const docsPath = "/docs/api"

// families are where the calls of the API begin, as against the pages of the portal.
var families = []string{"/shippingapi/", "/2025-04/", "/2026-04/", "/tracking/", "/transportation/", "/api/v1/"}

// Every call that the portal answers is on the page, and every link of the page leads somewhere in it.
func TestTheDocumentationIsWhole(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	page := p.Nobody().Get(docsPath).Is(http.StatusOK)
	described := map[string]bool{}
	page.Find(".calls dt, .described__path").Each(func(_ int, s *goquery.Selection) {
		described[strings.Join(strings.Fields(s.Text()), " ")] = true
	})
	err := chi.Walk(p.Server.Routes(), func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		for _, family := range families {
			call := method + " " + strings.NewReplacer("/2025-04/", "/{version}/", "/2026-04/", "/{version}/").Replace(pattern)
			if strings.HasPrefix(pattern, family) && !strings.HasPrefix(pattern, "/api/v1/openapi.") && !described[call] {
				t.Errorf("%s is not described", call)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	page.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		if ids[s.AttrOr("id", "")] {
			t.Errorf("two elements have the id %s", s.AttrOr("id", ""))
		}
		ids[s.AttrOr("id", "")] = true
	})
	page.Find(`main a[href^="#"]`).Each(func(_ int, s *goquery.Selection) {
		if !ids[strings.TrimPrefix(s.AttrOr("href", ""), "#")] {
			t.Errorf("the link %s leads nowhere", s.AttrOr("href", ""))
		}
	})
	for _, path := range []string{"/api/v1/openapi.json", "/api/v1/openapi.yaml"} {
		page.Has(`main a[href="` + path + `"]`)
	}
}

// What the description says of an order's body is on the page: types, limits, what must be there, and what there is.
func TestTheDocumentationSaysWhatTheDescriptionDoes(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	page := p.Nobody().Get(docsPath)
	for _, schema := range p.Server.API.Reference().Schemas {
		object := page.Find("#object-" + schema.Name)
		for _, field := range schema.Fields {
			told := object.Find("dt code").FilterFunction(func(_ int, s *goquery.Selection) bool { return s.Text() == field.Name }).Closest("div")
			text := strings.Join(strings.Fields(told.Text()), " ")
			for _, part := range append([]string{field.About, field.Example, field.Default}, append(field.Limits, field.Values...)...) {
				if !strings.Contains(text, strings.Join(strings.Fields(part), " ")) {
					t.Errorf("%s.%s: %q is not told in %q", schema.Name, field.Name, part, text)
				}
			}
			if required := told.Find(".chip").Length() == 1; required != field.Required {
				t.Errorf("%s.%s is shown as required: %t", schema.Name, field.Name, required)
			}
		}
	}
	body := page.Find("#object-PartyBody").Text()
	for _, want := range []string{"country", "^[A-Za-z]{2}$", "≤ 60 characters", "(email)"} {
		if !strings.Contains(body, want) {
			t.Errorf("a party is described without %q: %s", want, body)
		}
	}
}

// Every code that an error or a warning may have is on the page; they are read from the code of those who refuse.
func TestTheDocumentationNamesEveryCode(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	told := map[string]bool{}
	for _, code := range p.Nobody().Get(docsPath).Texts("#errors code") {
		told[code] = true
	}
	refusal := regexp.MustCompile(`(?:fail\(http\.Status\w+, |\bCode += |problems\.fail\(|Problem\{Code: )"([A-Z]\w+)"`)
	found := 0
	for _, pattern := range []string{"api/*.go", "../internal/shipment/*.go", "../internal/pickup/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, match := range refusal.FindAllStringSubmatch(string(source), -1) {
				if found++; !told[match[1]] {
					t.Errorf("%s of %s is not told", match[1], file)
				}
			}
		}
	}
	if found < 40 {
		t.Errorf("%d codes were found: the test does not see them any more", found)
	}
}

func TestTheDocumentationShowsSamplesForThisPortal(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	page := p.Nobody().Get(docsPath)
	style := p.Nobody().Get(static.URL(static.Stylesheet)).Body
	for _, language := range apidoc.Languages() {
		page.Has(`input[type="radio"][name="samples"][value="` + language.ID + `"][id="sample-` + language.ID + `"]`)
		// The style sheet shows the samples in the language that is chosen: scripts are not needed.
		if !strings.Contains(style, `.docs:has(#sample-`+language.ID+`:checked) [data-sample]:not([data-sample="`+language.ID+`"])`) {
			t.Errorf("%s cannot be chosen", language.Name)
		}
	}
	for _, task := range apidoc.Tasks() {
		for _, language := range apidoc.Languages() {
			id := "sample-" + string(task) + "-" + language.ID
			shown := page.Find("#" + id).Text()
			if shown != apidoc.Sample(task, language, p.URL) || !strings.Contains(shown, p.URL) {
				t.Errorf("%s is %q", id, shown)
			}
			if page.Find(`[data-copy-text="`+id+`"]`).Length() != 1 {
				t.Errorf("%s cannot be copied", id)
			}
		}
	}
}

// The tables are those of the catalogue, in the reader's language.
func TestTheDocumentationReadsTheCatalogue(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	for _, lang := range []string{"sv", "fi", "en"} {
		text := p.NobodyWith("Cookie", "language="+lang).Get(docsPath).Text("main")
		for _, service := range shipment.Services() {
			if !strings.Contains(text, service.ID) || !strings.Contains(text, service.Name.In(lang)) {
				t.Errorf("%s: %s is missing", lang, service.ID)
			}
		}
		for _, addOn := range shipment.AddOns() {
			if !strings.Contains(text, addOn.Name.In(lang)) {
				t.Errorf("%s: %s is missing", lang, addOn.ID)
			}
		}
		for _, event := range shipment.Events() {
			if !strings.Contains(text, event.Name.In(lang)) {
				t.Errorf("%s: the event %s is missing", lang, event.Code)
			}
		}
	}
}

// The demo's secrets and tricks are told where they work, and nowhere else.
func TestTheDocumentationTellsDemosFromProduction(t *testing.T) {
	t.Parallel()
	limits := api.Limits{Address: ratelimit.Limit{PerSecond: 50, Burst: 100}}
	demonstration, production := webtest.New(t), webtest.NewWith(t, webtest.Options{Real: true, Limits: limits})
	tried, served := demonstration.Nobody().Get(docsPath).Text("main"), production.Nobody().Get(docsPath).Text("main")
	for _, secret := range []string{demo.APIKey, demo.ClientID, demo.ClientSecret, "LOST-", shipment.ExampleNumber(6, false), "/api/v1/sandbox/"} {
		if !strings.Contains(tried, secret) || strings.Contains(served, secret) {
			t.Errorf("%s: in the demo %t, in production %t", secret, strings.Contains(tried, secret), strings.Contains(served, secret))
		}
	}
	if limit := "50 anrop i sekunden"; strings.Contains(tried, limit) || !strings.Contains(served, limit) {
		t.Error("the limits are not those of the portal")
	}
}

// The bodies of the carrier's other calls are told field by field, with a request and an answer.
func TestTheDocumentationTellsTheBodies(t *testing.T) {
	t.Parallel()
	page := webtest.New(t).Nobody().Get(docsPath)
	for _, body := range slices.Concat(apidoc.Gateway(), apidoc.Tracking(), apidoc.Pickups()) {
		page.Has("#asked-" + body.ID).Has("#answered-" + body.ID)
		text := page.Text("#body-" + body.ID)
		for _, field := range slices.Concat(body.Request, body.Answer) {
			if !strings.Contains(text, field.Name) {
				t.Errorf("%s: %s is missing", body.Call, field.Name)
			}
		}
	}
}

// What the page shows of an error is what is answered.
func TestTheDocumentationShowsRealErrors(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	page := p.Nobody().Get(docsPath)
	for id, want := range map[string]string{"error-orders": "The key may not place orders for contract 654399 as a logistics contract; it may use 654321 (logistics contract).",
		"error-own": `"title": "Forbidden"`, "error-gateway": `"errorCode": "EXPIRED"`, "error-pickups": "<result>FAILURE</result>", "error-token": `"error": "invalid_client"`} {
		page.Says("#"+id, want)
	}
	if heads := strings.Join(page.Texts(".docs__contents ul > li ul a"), " "); heads != "Behörighet Tjänster Försändelser Etiketter Uppföljning Provbänken Hämtningar" {
		t.Errorf("the groups are %s", heads)
	}
}

func TestTheWayToTheDocumentation(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	p.Nobody().Get("/").Has(`.foot a[href="` + docsPath + `"]`)
	main := p.As(demotest.MainUser)
	main.Get(p.Home(exampleOy) + keysPath).Has(`main a[href="` + docsPath + `"]`)
	main.Get(docsPath).Has(`nav.menu a[aria-current="page"]`) // who is logged in stays in the portal
}

// The language in which samples are read is kept for the next visit.
func TestTheLanguageOfTheSamplesIsKept(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	reader := p.Nobody()
	chosen := func(page *webtest.Page, want string) {
		t.Helper()
		if got := page.Is(http.StatusOK).Find(`input[name="samples"][checked]`); got.Length() != 1 || got.AttrOr("value", "") != want {
			t.Errorf("%s: chosen is %s, want %s", page.Request, got.AttrOr("value", ""), want)
		}
	}
	chosen(reader.Get(docsPath), "curl")
	chosen(reader.Get(docsPath+"?samples=cobol"), "curl")
	chosen(reader.Get(docsPath+"?samples=python"), "python") // as without scripts
	chosen(reader.Get(docsPath), "python")
	reader.SetCookie("samples", "cobol")
	chosen(reader.Get(docsPath), "curl")
}
