package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"omapostipro/internal/demo"
)

// Everything that a page links to is there, for whoever sees the link, and so is everything that it names.
func TestLinks(t *testing.T) {
	t.Parallel()
	portal := portals.Start(t)
	tab := chrome.Visit(t, portal, Visitor{})
	tab.LogIn(mainUser)
	keys := tab.organization() + "/integrations/omaposti-pro"
	for _, description := range []string{"Webbutik", "Lagersystem"} {
		tab.createKey(keys, description)
	}
	tab.Open(keys)
	tab.Row("Lagersystem").Link("Återkalla").Press()
	tab.Button("Återkalla nyckel").Press()
	tab.Fold("Återkallade (1)").Shown()

	for _, visitor := range []string{"", mainUser, secondMain, plainUser, otherMain, both} {
		c := newCrawler(t, portal)
		if visitor != "" {
			c.logIn(visitor)
		}
		c.follow("the address bar", "/")
		c.follow("the address bar", "/login")
		t.Logf("%s: %d pages", visitor, len(c.pages))
		if visitor == mainUser && len(c.pages) < 60 {
			t.Errorf("%s came to %d pages only", visitor, len(c.pages))
		}
	}
}

// createKey makes a key and leaves the dialog that says so open.
func (t *Tab) createKey(keys, description string) {
	t.tb.Helper()
	t.Open(keys + "/keys/new")
	t.Field(t.T("keys.description")).Fill(description)
	t.Button(t.T("keys.create")).Press()
	t.Dialog(t.T("keys.created")).Shown()
}

// crawler follows all links, as one visitor.
type crawler struct {
	t      *testing.T
	portal *Portal
	client *http.Client
	pages  map[string]*goquery.Document // by path and query; nil for what is no page
	alike  map[string]int               // how many of a kind have been opened
}

// enoughAlike is how many pages are opened that differ in ids and in what is asked of them only: a list leads to hundreds.
const enoughAlike = 6

var anID = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// kindOf gives a path with the names of what is asked of it.
func kindOf(target *url.URL) string {
	return anID.ReplaceAllString(target.Path, "*") + "?" + strings.Join(slices.Sorted(maps.Keys(target.Query())), "&")
}

func newCrawler(t *testing.T, portal *Portal) *crawler {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &crawler{t: t, portal: portal, client: &http.Client{Jar: jar}, pages: map[string]*goquery.Document{}, alike: map[string]int{}}
}

func (c *crawler) logIn(email string) {
	c.t.Helper()
	answer, err := c.client.PostForm(c.portal.URL+"/login", url.Values{"email": {email}, "password": {demo.Password}})
	if err != nil {
		c.t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		c.t.Fatalf("log in as %s: %s", email, answer.Status)
	}
}

// follow opens an address that stands on a page, and what that leads to in turn.
func (c *crawler) follow(from, address string) {
	c.t.Helper()
	target, err := url.Parse(address)
	if err != nil || target.Scheme == "mailto" || target.Scheme == "tel" {
		return
	}
	if target.Host != "" {
		c.t.Errorf("%s leads elsewhere: %s", from, address)
		return
	}
	base, err := url.Parse(from)
	if err != nil {
		c.t.Fatal(err)
	}
	target = base.ResolveReference(target)
	path := target.RequestURI()
	page, known := c.pages[path]
	if kind := kindOf(target); !known {
		if c.alike[kind]++; c.alike[kind] > enoughAlike {
			return
		}
		page = c.open(from, path)
		c.pages[path] = page
		if page != nil {
			c.read(path, page)
		}
	}
	if target.Fragment != "" && page != nil && !has(page, target.Fragment) {
		c.t.Errorf("%s leads to %s, which has no #%s", from, path, target.Fragment)
	}
}

func (c *crawler) open(from, path string) *goquery.Document {
	c.t.Helper()
	answer, err := c.client.Get(c.portal.URL + path)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		c.t.Errorf("%s leads to %s: %s", from, path, answer.Status)
		return nil
	}
	if !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
		return nil
	}
	page, err := goquery.NewDocumentFromReader(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return page
}

// read follows what a page links to, and checks that what it names by an id is there, once.
func (c *crawler) read(path string, page *goquery.Document) {
	c.t.Helper()
	ids := map[string]bool{}
	page.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		if ids[id] {
			c.t.Errorf("%s has #%s twice", path, id)
		}
		ids[id] = true
	})
	for _, attribute := range []string{"for", "aria-labelledby", "aria-describedby", "aria-controls", "popovertarget", "commandfor"} {
		page.Find("[" + attribute + "]").Each(func(_ int, s *goquery.Selection) {
			for id := range strings.FieldsSeq(s.AttrOr(attribute, "")) {
				if !has(page, id) {
					c.t.Errorf("%s: %s refers to #%s, which is not there", path, attribute, id)
				}
			}
		})
	}
	if n := page.Find("h1").Length(); n != 1 {
		c.t.Errorf("%s has %d first headings", path, n)
	}
	for selector, attribute := range map[string]string{"a": "href", "link": "href", "script": "src", "img": "src", "form": "action", "use": "href"} {
		page.Find(selector).Each(func(_ int, s *goquery.Selection) {
			c.follow(path, s.AttrOr(attribute, ""))
		})
	}
}

// has says whether an element has an id; a template's contents count.
func has(page *goquery.Document, id string) bool {
	return page.Find(fmt.Sprintf("[id=%q]", id)).Length() > 0
}
