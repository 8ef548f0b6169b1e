package web_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"omapostipro/internal/demo"
	"omapostipro/internal/demo/demotest"
	"omapostipro/web/webtest"
)

func wantUnavailable(t *testing.T, p *webtest.Portal, page *webtest.Page) {
	t.Helper()
	if page.Status != http.StatusServiceUnavailable || page.Header.Get("Retry-After") == "" || page.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: %d %v", page.Request, page.Status, page.Header)
	}
	id := page.Header.Get("X-Request-Id")
	if id == "" || !strings.Contains(page.Body, id) {
		t.Errorf("%s: the request's id is not told: %s", page.Request, page.Body)
	}
	if lines := p.Log.Lines(); len(lines) != 1 || !strings.Contains(lines[0], id) {
		t.Errorf("%s: logged is %q", page.Request, lines)
	}
}

// The portal is back by itself when the database is: that connections were cut is found out by who uses one first.
func wantBack(t *testing.T, b *webtest.Browser, path string) {
	t.Helper()
	if b.Get(path).Status == http.StatusOK {
		return
	}
	if page := b.Get(path); page.Status != http.StatusOK {
		t.Fatalf("%s: still %d", path, page.Status)
	}
}

func TestDatabaseGoneAndBack(t *testing.T) {
	t.Parallel()
	p, gate := webtest.NewBehindGate(t)
	key, value := newKey(t, p, demotest.MainUser, exampleOy, "Webbutiken")
	b := p.As(demotest.MainUser)
	keys := p.Home(exampleOy) + keysPath
	b.Get(keys).Is(200)
	gate.Close()
	p.Log.Lines()
	for _, path := range []string{p.Home(exampleOy), keys, keys + "/keys/" + key, p.Home(exampleOy) + "/users", p.Home(exampleOy) + "/users.csv", "/", "/login"} {
		page := b.Get(path)
		wantUnavailable(t, p, page)
		page.Says("h1", "Tjänsten är inte tillgänglig just nu")
	}
	for path, sent := range map[string]url.Values{keys + "/keys": form("description", "x", "token", newID(t).String()), keys + "/keys/" + key + "/value": nil,
		"/logout": nil, "/login": credentials(demotest.MainUser, demo.Password)} {
		wantUnavailable(t, p, b.Post(path, sent))
	}
	wantUnavailable(t, p, p.Nobody().Post("/login", credentials(demotest.MainUser, demo.Password)))
	answer := call(p, value)
	wantUnavailable(t, p, answer)
	if kind := answer.Header.Get("Content-Type"); kind != "application/problem+json" || !strings.Contains(answer.Body, `"UNAVAILABLE"`) {
		t.Errorf("the API answers %s %s", kind, answer.Body)
	}
	// What needs no database is there all the same.
	p.Nobody().Get("/").Is(200)
	p.Nobody().Get("/login").Is(200)
	p.Nobody().Get("/healthz").Is(200)
	p.Nobody().Get("/readyz").Is(503)
	if b.Cookie("session") == "" {
		t.Error("the outage has logged somebody out")
	}
	gate.Open()
	wantBack(t, b, keys)
	p.Nobody().Get("/readyz").Is(200)
	call(p, value).Is(200)
	// Even the page that helps whom something is missing.
	p.Log.Lines()
	gate.CloseBefore("user_type = 'main_user'")
	wantUnavailable(t, p, p.As(demotest.PlainUser).Get(keys))
	gate.Open()
	wantBack(t, b, keys)
	// Connections that are cut while nobody uses them: one request finds out for all.
	gate.Close()
	gate.Open()
	b.Get(keys)
	b.Get(keys).Is(200)
}

// Wherever the database goes in the middle of creating a key, nothing is half-written, and the same form makes the key
// when it is back: one.
func TestDatabaseGoneInTheMiddleOfCreating(t *testing.T) { //nolint:tparallel // its cases share the gate, and take turns
	t.Parallel()
	p, gate := webtest.NewBehindGate(t)
	b := p.As(demotest.MainUser)
	stored := func() int {
		t.Helper()
		counted := demotest.One[struct{ Keys, Contracts, Events int }](t, p.System, `select (select count(*) from api_keys) as keys,
			(select count(*) from api_key_contract_numbers) as contracts, (select count(*) from audit_events where action = 'api_key.created') as events`)
		if counted.Keys != counted.Contracts || counted.Keys != counted.Events {
			t.Errorf("half of a key is stored: %+v", counted)
		}
		return counted.Keys
	}
	for _, test := range []struct {
		name string
		gone func()
	}{
		{"while the person is read", func() { gate.CloseAfter("recognize_session", 10) }},
		{"before the transaction", func() { gate.CloseBefore("begin") }},
		{"before the key", func() { gate.CloseBefore("insert into api_keys") }},
		{"after the key", func() { gate.CloseAfter("insert into api_keys", 0) }},
		{"before its contracts", func() { gate.CloseBefore("insert into api_key_contract_numbers") }},
		{"before the event", func() { gate.CloseBefore("api_key.created") }},
		{"before the commit", func() { gate.CloseBefore("commit") }},
		{"with the commit sent", func() { gate.CloseAfter("commit", 0) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			// Connections on which nothing has been asked: the texts of statements are on their way only then.
			gate.Close()
			gate.Open()
			wantBack(t, b, "/readyz")
			p.Log.Lines()
			before := stored()
			sent := form("description", "Ny API integration", "token", newID(t).String(), "contract", p.Number(t, "654321").String())
			test.gone()
			wantUnavailable(t, p, b.Post(p.Home(exampleOy)+keysPath+"/keys", sent))
			// All of it or nothing: the answer to a commit can be lost.
			if after := stored(); after != before && (after != before+1 || test.name != "with the commit sent") {
				t.Errorf("%d keys have become %d", before, after)
			}
			gate.Open()
			wantBack(t, b, p.Home(exampleOy))
			b.Post(p.Home(exampleOy)+keysPath+"/keys", sent).Is(303).Follow().Is(200).Says(".about__name", "Ny API integration")
			if after := stored(); after != before+1 {
				t.Errorf("%d keys have become %d", before, after)
			}
		})
	}
}

// A file that breaks off is not taken for the whole.
func TestDatabaseGoneInTheMiddleOfAFile(t *testing.T) {
	t.Parallel()
	p, gate := webtest.NewBehindGate(t)
	b := p.As(demotest.MainUser)
	// More than are read at once.
	p.Exec(t, `with made as (insert into users (id, email, email_key, first_name, last_name, created_at)
			select gen_random_uuid(), i || '@many.example', i || '@many.example', 'Många', repeat('x', 100), now() from generate_series(1, 1500) i returning id)
		insert into memberships (organization_id, user_id, user_type, created_at) select $1, id, 'user', now() from made`, p.Organization(t, exampleOy).ID)
	gate.CloseBefore("from find_people")
	page := b.Get(p.Home(exampleOy) + "/users.csv")
	wantUnavailable(t, p, page)
	if page.Header.Get("Content-Disposition") != "" || !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
		t.Errorf("the page is a file: %v", page.Header)
	}
	gate.Open()
	wantBack(t, b, p.Home(exampleOy))
	gate.CloseAfter("from find_people", 400_000)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL+p.Home(exampleOy)+"/users.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Cookie", "session="+b.Cookie("session"))
	var body bytes.Buffer
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err == nil {
		defer answer.Body.Close()
		_, err = body.ReadFrom(answer.Body)
	}
	if err == nil {
		t.Errorf("%d: %d bytes that look like the whole", answer.StatusCode, body.Len())
	}
	if lines := p.Log.Lines(); len(lines) != 1 || !strings.Contains(lines[0], "export broke off") {
		t.Errorf("logged is %q", lines)
	}
	gate.Open()
	wantBack(t, b, p.Home(exampleOy))
	if whole := b.Get(p.Home(exampleOy) + "/users.csv").Is(200).Body; len(whole) < body.Len()+1000 || !strings.Contains(whole, "Östen") {
		t.Errorf("%d bytes of %d had come", body.Len(), len(whole))
	}
}
