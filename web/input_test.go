package web_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/demo/demotest"
	"omapostipro/static"
	"omapostipro/web/webtest"
)

// ofTheAPI are the routes for programs.
var ofTheAPI = regexp.MustCompile(`^/(api|oauth|sandbox|shippingapi|tracking|transportation|20[0-9]{2}-04)/`)

// routesOf gives the routes of a method for browsers, with the parts that vary filled in.
func routesOf(t *testing.T, p *webtest.Portal, method string, parts ...string) []string {
	t.Helper()
	var paths []string
	err := chi.Walk(p.Server.Routes(), func(m, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if m == method && !ofTheAPI.MatchString(pattern) {
			paths = append(paths, strings.NewReplacer(parts...).Replace(pattern))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func partsOf(t *testing.T, p *webtest.Portal) (parts []string) {
	t.Helper()
	key, _ := newKey(t, p, demotest.MainUser, exampleOy, "Webbutiken")
	return []string{"{invitation}", newInvitation(t, p), "{organization}", p.Organization(t, exampleOy).ID.String(), "{key}", key, "{user}", p.User(t, colleague).String(), "/static/*", static.URL(static.Stylesheet)}
}

// What another site sends on a user's behalf is refused before anything runs.
func TestCrossSitePostsAreRefused(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	paths := append(routesOf(t, p, http.MethodPost, partsOf(t, p)...), "/nothing", "/static/x")
	if len(paths) < 10 {
		t.Fatalf("only %q", paths)
	}
	for name, header := range map[string]http.Header{
		"from another site":              {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}},
		"from a sister site":             {"Sec-Fetch-Site": {"same-site"}, "Origin": {"http://other.127.0.0.1"}},
		"from an old browser":            {"Origin": {"https://evil.example"}},
		"from another port":              {"Origin": {"http://127.0.0.1:1"}},
		"from a page without an origin":  {"Origin": {"null"}},
		"that says it is ours, and lies": {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}, "Referer": {p.URL + "/"}},
	} {
		header.Set("Content-Type", "application/x-www-form-urlencoded")
		for _, path := range paths {
			if path == "/static/x" {
				continue
			}
			var page *webtest.Page
			asked := p.Asked.During(func() {
				page = b.Send(http.MethodPost, path, header, strings.NewReader("email=a&password=b&language=fi"))
			})
			if page.Status != http.StatusForbidden || asked.Trips > 0 || len(page.Cookies) > 0 {
				t.Errorf("%s, %s: %d, %q, %v", name, path, page.Status, asked.SQL, page.Cookies)
			}
			page.Says("main", "Formuläret kom från en annan webbplats och har inte behandlats.")
		}
	}
	finnish := b.Copy()
	finnish.SetCookie("language", "fi")
	finnish.Send(http.MethodPost, "/logout", http.Header{"Origin": {"https://evil.example"}}, nil).Is(403).Has("html[lang=fi]")
	// Reading is anybody's: a link from elsewhere works.
	b.Send(http.MethodGet, p.Home(exampleOy), http.Header{"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"navigate"}}, nil).Is(200)
	// What is no browser says nothing of where it comes from.
	b.Send(http.MethodPost, "/language", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, strings.NewReader("language=fi")).Is(303)
}

func TestBodiesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	user := p.Home(exampleOy) + "/users/" + p.User(t, colleague).String()
	for _, path := range []string{"/login", "/language", p.Home(exampleOy) + keysPath + "/keys", user + "/permissions", user + "/contract-numbers"} {
		for _, test := range []struct {
			name, contentType, body string
			status                  int
			says                    string
		}{
			{"too large", "application/x-www-form-urlencoded", "a=" + strings.Repeat("x", 70_000), 413, "Det som skickades är för stort."},
			{"too large in pieces", "application/x-www-form-urlencoded", strings.Repeat("a&", 40_000), 413, "Det som skickades är för stort."},
			{"JSON", "application/json", `{"description":"x"}`, 415, "Det som skickades är av ett slag som inte kan läsas här."},
			{"multipart", "multipart/form-data; boundary=x", "--x--", 415, "Det som skickades är av ett slag"},
			{"no type", "", "a=b", 415, "Det som skickades är av ett slag"},
			{"nonsense for a type", ";;", "a=b", 415, "Det som skickades är av ett slag"},
			{"broken encoding", "application/x-www-form-urlencoded", "a=%zz", 400, "Formuläret var inte komplett."},
		} {
			if path == "/login" && test.name == "multipart" {
				continue // so comes what rides along from a step of Bjud in användare
			}
			header := http.Header{}
			if test.contentType != "" {
				header.Set("Content-Type", test.contentType)
			}
			page := b.Send(http.MethodPost, path, header, strings.NewReader(test.body))
			if page.Status != test.status {
				t.Errorf("%s, %s: %d, want %d", path, test.name, page.Status, test.status)
			}
			page.Says("main", test.says)
		}
		// A type with parameters is the same type.
		if page := b.Send(http.MethodPost, path, http.Header{"Content-Type": {"Application/X-WWW-Form-Urlencoded; charset=UTF-8"}}, strings.NewReader("")); page.Status == 415 {
			t.Errorf("%s: %d", path, page.Status)
		}
	}
	if lines := p.Log.Lines(); len(lines) > 0 {
		t.Errorf("logged is %q", lines)
	}
}

// nasty is what people and their tools put where a text or an id is expected.
var nasty = []string{"\x00", "a\x00b", "\xff", "\xc3\x28", "\xed\xa0\x80", "\u202e\ufeff", "\ufffd", "\r\nX: y", "\x1b[31m", `'"\`, "%", "%00", "<script>alert(1)</script>",
	"../../etc/passwd", "' or 1=1 --", "null", "=&;+ ", "İß👩‍👩‍👧", strings.Repeat("å", 3000)}

// Nothing that somebody sends is our mistake: no answer is a 500.
func TestNothingSentIsOurMistake(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	become(t, p, colleague, account.RegularUser, nil)
	parts := partsOf(t, p)
	home, user := p.Home(exampleOy), p.Home(exampleOy)+"/users/"+parts[5]
	b := p.As(demotest.MainUser)
	fine := func(name string, page *webtest.Page) {
		if page.Status >= 500 {
			t.Errorf("%s: %d", name, page.Status)
		}
	}
	for _, text := range []string{"\x00", "a\xffb", strings.Repeat("x", 3000)} { // in each place of each path
		for i := 0; i < 6; i += 2 {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				for _, path := range routesOf(t, p, method, append([]string{parts[i], url.PathEscape(text)}, parts...)...) {
					if strings.Contains(path, url.PathEscape(text)) {
						fine(method+" "+path, b.Send(method, path, http.Header{"Origin": {p.URL}}, nil))
					}
				}
			}
		}
	}
	forms := map[string][]string{"/login": {"email", "next"}, "/language": {"language", "back"}, home + keysPath + "/keys": {"description", "contract", "token"},
		user + "/permissions": {"user_type", "permission", "version"}, user + "/contract-numbers": {"version", "customer_number", "logistics_contract"}}
	queries := []string{"/login?next=", "/login?expired=", home + "/users?q=", home + "/users?users_after=", home + "/users?invitations_after=", home + "/users.csv?q=",
		home + keysPath + "?made=", user + "?open="}
	for _, text := range nasty {
		for _, path := range []string{"/", "/static/", "/o/", home + "/", home + keysPath + "/keys/", home + "/users/"} {
			fine("GET "+path+url.PathEscape(text), b.Get(path+url.PathEscape(text)))
		}
		for _, query := range queries {
			fine("GET "+query+url.QueryEscape(text), b.Get(query+url.QueryEscape(text)))
		}
		for path, fields := range forms {
			for _, field := range fields {
				sent := form("email", "nobody@example.com", "token", newID(t).String(), "language", "sv", "description", "x", "user_type", regular, "version", regular,
					"contract", p.Number(t, "654321").String())
				sent.Set(field, text)
				fine(fmt.Sprintf("POST %s, %s %q", path, field, text), b.Copy().Post(path, sent))
			}
		}
		for _, cookie := range []string{"session", "flash", "language"} {
			flash := fmt.Sprintf(`{"Text":%q,"URL":%q,"Details":[%q]}`, text, text, text)
			for _, value := range []string{text, base64.RawURLEncoding.EncodeToString([]byte(text)), base64.RawURLEncoding.EncodeToString([]byte(flash))} {
				other := b.Copy()
				if other.SetCookie(cookie, value); inHeaders(value) {
					fine(fmt.Sprintf("cookie %s=%q", cookie, value), other.Get(home))
				}
			}
		}
		for _, header := range []string{"Referer", "X-Forwarded-For", "Accept-Language", "Accept", "Authorization", "User-Agent", "X-Request-Id"} {
			if inHeaders(text) {
				fine(fmt.Sprintf("%s: %q", header, text), p.NobodyWith(header, text).Post(home+keysPath+"/keys", nil))
			}
		}
	}
	for _, path := range []string{home + "/users?q=%zz", home + "/users?q=%00;a=b", "/login?next=%"} {
		fine("GET "+path, b.Get(path))
	}
	for _, line := range p.Log.Lines() {
		t.Errorf("logged is %s", line)
	}
}

// inHeaders says whether a text can stand in a header: HTTP has no control characters there.
func inHeaders(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// A receipt leads nowhere else, and is shown as text.
func TestReceiptsThatSomebodyMadeUp(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	for _, elsewhere := range []string{"https://evil.example/", "//evil.example/", "javascript:alert(1)"} {
		b.SetCookie("flash", base64.RawURLEncoding.EncodeToString([]byte(fmt.Sprintf(`{"Text":"Öppna","URL":%q,"Link":"här"}`, elsewhere))))
		if page := b.Get(p.Home(exampleOy)).Is(200); strings.Contains(page.Body, "evil.example") || strings.Contains(page.Body, "javascript:") {
			t.Errorf("%s is in the page", elsewhere)
		}
	}
	b.SetCookie("flash", base64.RawURLEncoding.EncodeToString([]byte(`{"Text":"<img src=x onerror=alert(1)>"}`)))
	b.Get(p.Home(exampleOy)).Is(200).HasNo("img").Says("#toasts", "<img src=x onerror=alert(1)>")
	if b.Cookie("flash") != "" {
		t.Error("the receipt stays")
	}
}

// Every answer carries what keeps browsers from being talked into something.
func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	parts := partsOf(t, p)
	ids := map[string]bool{}
	check := func(page *webtest.Page) {
		if strings.HasPrefix(page.Path, "/static/") || page.Path == "/healthz" || page.Path == "/readyz" {
			return
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
				"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "same-origin", "Cache-Control": "no-store",
		} {
			if got := page.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", page.Request, name, got)
			}
		}
		if page.Header.Get("Permissions-Policy") == "" {
			t.Errorf("%s: no Permissions-Policy", page.Request)
		}
		id := page.Header.Get("X-Request-Id")
		if id == "" || ids[id] {
			t.Errorf("%s: X-Request-Id is %q", page.Request, id)
		}
		ids[id] = true
		// The policy allows nothing inline: no page has it.
		page.HasNo("script:not([src])").HasNo("style").HasNo("[style]").HasNo("[onclick], [onload], [onsubmit], [onchange]").HasNo("iframe, object, embed")
		page.HasNo("img[src^='http'], link[href^='http'], script[src^='http']")
	}
	for _, b := range []*webtest.Browser{p.Nobody(), p.As(demotest.MainUser), p.As(demotest.PlainUser), p.As(demotest.OtherMain)} {
		for _, path := range append(routesOf(t, p, http.MethodGet, parts...), "/nothing", p.Home(exampleOy)+"/nothing") {
			check(b.Get(path))
		}
		for _, path := range routesOf(t, p, http.MethodPost, parts...) {
			if path != "/login" {
				check(b.Copy().Post(path, form("language", "sv")))
			}
		}
		check(b.Send(http.MethodPost, "/login", http.Header{"Origin": {"https://evil.example"}}, nil))
	}
}

// A panic is answered with the page of an internal error, which says nothing but the request's id, in the log too.
func TestPanicsAreAnswered(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	p.Server.Keys = nil
	b.SetCookie("language", "fi")
	page := b.Get(p.Home(exampleOy)+keysPath).Is(500).Says("h1", "Meillä tapahtui virhe")
	if strings.Contains(page.Body, "nil pointer") || strings.Contains(page.Body, "goroutine") || page.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page tells %s", page.Text("main"))
	}
	lines := p.Log.Lines()
	if len(lines) != 1 || !strings.Contains(lines[0], page.Header.Get("X-Request-Id")) || !strings.Contains(lines[0], "nil pointer") {
		t.Errorf("logged is %q", lines)
	}
	p.Restart()
	b.Get(p.Home(exampleOy) + keysPath).Is(200)
}

// Swedish until somebody chooses otherwise; the choice is the browser's before a log-in, and the account's after.
func TestLanguages(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.Nobody()
	b.Header.Set("Accept-Language", "en-GB, fi;q=0.5")
	b.Get("/").Is(200).Has("html[lang=sv]")
	b.Get("/login").Form("Suomi").Send().LeadsTo("/login").Follow().Has("html[lang=fi]").Says("h1", "Postin verkkopalvelut")
	b.Get("/").Has("html[lang=fi]")
	b.Get("/nothing").Is(404).Has("html[lang=fi]")
	b.Post("/login", credentials(demotest.MainUser, "wrong")).Is(422).Has("html[lang=fi]").Says("#summary", "Väärä sähköpostiosoite tai salasana.")

	main := p.As(demotest.MainUser)
	main.SetCookie("language", "fi")
	main.Get(p.Home(exampleOy)).Has("html[lang=fi]") // nothing chosen on the account yet
	page := main.Get(p.Home(exampleOy) + "/users?q=a").Form("English").Send().LeadsTo(p.Home(exampleOy) + "/users?q=a").Follow().Has("html[lang=en]")
	page.Says("h1", "User management")
	p.As(demotest.MainUser).Get(p.Home(exampleOy)).Has("html[lang=en]") // on another device, too
	if events := demotest.Value[int](t, p.System, "select count(*) from audit_events where action = 'user.changed' and fields = '{language}'"); events != 1 {
		t.Errorf("%d events", events)
	}
	for _, language := range []string{"", "de", "SV", "sv\x00"} {
		main.Post("/language", form("language", language)).Is(400)
	}
	for _, elsewhere := range []string{"https://evil.example", "//evil.example"} {
		main.Post("/language", form("language", "sv", "back", elsewhere)).LeadsTo(p.Home(exampleOy))
		p.Nobody().Post("/language", form("language", "sv", "back", elsewhere)).LeadsTo("/")
	}
}
