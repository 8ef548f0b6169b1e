package webtest

import (
	"bytes"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// Browser is somebody's: it keeps cookies, and sends what browsers send. It follows no redirect by itself.
type Browser struct {
	Header http.Header // sent with each request

	portal  *Portal
	t       testing.TB
	cookies map[string]string
}

// Cookie gives a cookie's value; "" if there is none.
func (b *Browser) Cookie(name string) string { return b.cookies[name] }

// SetCookie gives the browser a cookie, or, with "", takes it away.
func (b *Browser) SetCookie(name, value string) {
	if value == "" {
		delete(b.cookies, name)
		return
	}
	b.cookies[name] = value
}

// Copy gives another browser with the same cookies, as somebody has who stole them.
func (b *Browser) Copy() *Browser {
	return &Browser{portal: b.portal, t: b.t, cookies: maps.Clone(b.cookies), Header: b.Header.Clone()}
}

// Get opens a page.
func (b *Browser) Get(path string) *Page {
	b.t.Helper()
	return b.Send(http.MethodGet, path, nil, nil)
}

// Post sends a form, as a page of the portal does.
func (b *Browser) Post(path string, form url.Values) *Page {
	b.t.Helper()
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {b.portal.URL}, "Sec-Fetch-Site": {"same-origin"}}
	return b.Send(http.MethodPost, path, header, strings.NewReader(form.Encode()))
}

// Send sends any request.
func (b *Browser) Send(method, path string, header http.Header, body io.Reader) *Page {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.portal.URL+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, h := range []http.Header{b.Header, header} {
		for name, values := range h {
			r.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
	for name, value := range b.cookies {
		r.Header.Add("Cookie", name+"="+value)
	}
	answer, err := b.portal.client.Transport.RoundTrip(r)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer answer.Body.Close()
	var whole bytes.Buffer
	if _, err := whole.ReadFrom(answer.Body); err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	b.take(answer)
	return &Page{Browser: b, Request: method + " " + path, Path: path, Status: answer.StatusCode, Header: answer.Header, Cookies: answer.Cookies(), Body: whole.String()}
}

func (b *Browser) take(answer *http.Response) {
	for _, cookie := range answer.Cookies() {
		b.SetCookie(cookie.Name, cookie.Value)
		if cookie.MaxAge < 0 {
			b.SetCookie(cookie.Name, "")
		}
	}
}

// Page is an answer.
type Page struct {
	*Browser
	Request string // method and path
	Path    string
	Status  int
	Header  http.Header
	Cookies []*http.Cookie // that were set
	Body    string

	document *goquery.Document
}

// Follow opens the page that a redirect leads to.
func (p *Page) Follow() *Page {
	p.t.Helper()
	location := p.Header.Get("Location")
	if p.Status != http.StatusSeeOther || location == "" {
		p.t.Fatalf("%s leads nowhere: %d\n%s", p.Request, p.Status, p.Body)
	}
	path, _, _ := strings.Cut(location, "#")
	return p.Get(path)
}

// Find gives what a CSS selector selects.
func (p *Page) Find(selector string) *goquery.Selection {
	p.t.Helper()
	if p.document == nil {
		document, err := goquery.NewDocumentFromReader(strings.NewReader(p.Body))
		if err != nil {
			p.t.Fatalf("%s: %v", p.Request, err)
		}
		p.document = document
	}
	return p.document.Find(selector)
}

// reachable gives what one can press: under a dialog nothing is.
func (p *Page) reachable(selector string) *goquery.Selection {
	p.t.Helper()
	if over := p.Find(".over"); over.Length() > 0 {
		return over.Find(selector)
	}
	return p.Find(selector)
}

// Text gives the text of what a selector selects: what its elements say, one space between.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	return text(p.Find(selector))
}

// Texts gives the text of each element that a selector selects.
func (p *Page) Texts(selector string) []string {
	p.t.Helper()
	return p.Find(selector).Map(func(_ int, s *goquery.Selection) string { return text(s) })
}

func text(s *goquery.Selection) string {
	var words []string
	for _, selected := range s.Nodes {
		if selected.Type == html.TextNode {
			words = append(words, selected.Data)
		}
		for node := range selected.Descendants() {
			if node.Type == html.TextNode {
				words = append(words, node.Data)
			}
		}
	}
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

// Is checks the answer's status, and gives the page for chaining.
func (p *Page) Is(status int) *Page {
	p.t.Helper()
	if p.Status != status {
		p.t.Fatalf("%s: %d, want %d; leads to %q\n%s", p.Request, p.Status, status, p.Header.Get("Location"), p.Text("main, body > pre"))
	}
	return p
}

// LeadsTo checks that the answer leads on to a path.
func (p *Page) LeadsTo(path string) *Page {
	p.t.Helper()
	p.Is(http.StatusSeeOther)
	if location := p.Header.Get("Location"); location != path {
		p.t.Fatalf("%s leads to %s, want %s", p.Request, location, path)
	}
	return p
}

// Says checks that what a selector selects has a text in it.
func (p *Page) Says(selector, words string) *Page {
	p.t.Helper()
	if got := p.Text(selector); !strings.Contains(got, words) {
		p.t.Errorf("%s: %s says %q, want %q", p.Request, selector, got, words)
	}
	return p
}

// Has checks that a selector selects something.
func (p *Page) Has(selector string) *Page {
	p.t.Helper()
	if p.Find(selector).Length() == 0 {
		p.t.Errorf("%s: no %s", p.Request, selector)
	}
	return p
}

// HasNo checks that a selector selects nothing.
func (p *Page) HasNo(selector string) *Page {
	p.t.Helper()
	if found := p.Find(selector); found.Length() > 0 {
		p.t.Errorf("%s: there is %s: %s", p.Request, selector, text(found))
	}
	return p
}

// Click opens what the link of a name leads to, or the button of one that only leads somewhere.
func (p *Page) Click(name string) *Page {
	p.t.Helper()
	named := func(_ int, s *goquery.Selection) bool { return text(s) == name }
	address := p.reachable("a").FilterFunction(named).AttrOr("href", "")
	if address == "" {
		address = p.reachable("form:not([method]) button").FilterFunction(named).Closest("form").AttrOr("action", "")
	}
	if address == "" {
		p.t.Fatalf("%s: no link or button %q", p.Request, name)
	}
	path, _, _ := strings.Cut(address, "#")
	return p.Get(path)
}

// Form gives what a browser would send of a form, as its fields are filled in; press names the button, by its text.
func (p *Page) Form(press string) *Form {
	p.t.Helper()
	button := p.reachable("form button").FilterFunction(func(_ int, s *goquery.Selection) bool { return text(s) == press })
	form := button.First().Closest("form")
	if form.Length() == 0 {
		p.t.Fatalf("%s: no form with a button %q", p.Request, press)
	}
	f := &Form{page: p, action: button.First().AttrOr("formaction", form.AttrOr("action", p.Path)), Values: url.Values{},
		multipart: form.AttrOr("enctype", "") == "multipart/form-data"}
	form.Find("input[name], select[name], textarea[name]").Each(func(_ int, input *goquery.Selection) {
		kind := input.AttrOr("type", "text")
		_, checked := input.Attr("checked")
		_, disabled := input.Attr("disabled")
		if disabled || (kind == "checkbox" || kind == "radio") && !checked {
			return
		}
		value := input.AttrOr("value", "")
		switch goquery.NodeName(input) {
		case "textarea":
			value = strings.TrimPrefix(input.Text(), "\n")
		case "select":
			value = input.Find("option[selected]").AttrOr("value", "")
		}
		if kind == "file" {
			return // none is chosen
		}
		f.Values.Add(input.AttrOr("name", ""), value)
	})
	if name := button.First().AttrOr("name", ""); name != "" {
		f.Values.Add(name, button.First().AttrOr("value", ""))
	}
	return f
}

// Form is a form on its way.
type Form struct {
	Values url.Values

	page      *Page
	action    string
	multipart bool
	files     map[string]File
}

// File is one that a form sends.
type File struct {
	Name    string
	Content string
}

// Choose puts a file into a field.
func (f *Form) Choose(field, name, content string) *Form {
	f.files = map[string]File{field: {Name: name, Content: content}}
	return f
}

// Set fills in a field; no value takes it out.
func (f *Form) Set(field string, values ...string) *Form {
	delete(f.Values, field)
	for _, value := range values {
		f.Values.Add(field, value)
	}
	return f
}

// Tick ticks one more box of a field.
func (f *Form) Tick(field string, values ...string) *Form {
	for _, value := range values {
		f.Values.Add(field, value)
	}
	return f
}

// Send sends the form.
func (f *Form) Send() *Page {
	f.page.t.Helper()
	if !f.multipart {
		return f.page.Post(f.action, f.Values)
	}
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for field, values := range f.Values {
		for _, value := range values {
			if err := parts.WriteField(field, value); err != nil {
				f.page.t.Fatal(err)
			}
		}
	}
	for field, file := range f.files {
		part, err := parts.CreateFormFile(field, file.Name)
		if err == nil {
			_, err = io.WriteString(part, file.Content)
		}
		if err != nil {
			f.page.t.Fatal(err)
		}
	}
	if err := parts.Close(); err != nil {
		f.page.t.Fatal(err)
	}
	header := http.Header{"Content-Type": {parts.FormDataContentType()}, "Origin": {f.page.portal.URL}, "Sec-Fetch-Site": {"same-origin"}}
	return f.page.Send(http.MethodPost, f.action, header, &body)
}
