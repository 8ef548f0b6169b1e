package web_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"omapostipro/internal/demo"
	"omapostipro/internal/demo/demotest"
	"omapostipro/web/webtest"
)

const wrong = "Fel e-postadress eller lösenord."

func credentials(email, password string) url.Values {
	return form("email", email, "password", password)
}

func TestLogInLeadsToHem(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.Nobody()
	public := b.Get("/").Is(200).Says("h1", "OmaPosti Pro").
		Says("main", "Gör sändning, uppföljning och rapportering ännu enklare än tidigare och håll allt som är viktigt för din affärsverksamhet i samma tjänst.")
	login := public.Click("Öppna OmaPosti Pro").Is(200).Says("h1", "Posti Onlinetjänster")
	hem := login.Form("Logga in").Set("email", " Main.User@Example.com ").Set("password", demo.Password).Send().LeadsTo("/login").Follow().
		LeadsTo(p.Home(exampleOy)).Follow().Is(200)
	hem.Says("h1", "Välkommen, FirstName").Says(".organization", "Example Oy FI12345678")
	if b.Get("/").Click("Öppna OmaPosti Pro").Path != p.Home(exampleOy) {
		t.Error("logged in, the public page does not lead to Hem")
	}
	event := demotest.One[struct{ ActorKind, Address string }](t, p.System, `select e.actor_kind, v.personal_values ->> 'address' as address
		from audit_events e join audit_personal_values v on v.event_id = e.id where e.action = 'session.created' and e.actor_id = $1`, p.User(t, demotest.MainUser))
	if event.ActorKind != "person" || event.Address != "127.0.0.1" {
		t.Errorf("the event is %+v", event)
	}
}

// Every failure is the same, in words, in what is asked of the database, and in what it leaves behind.
func TestFailedLogInTellsNothing(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	fail := func(name, email, password string) (body string, asked demotest.Asked) {
		b := p.Nobody()
		b.Header.Set("X-Forwarded-For", "192.0.2.1")
		var page *webtest.Page
		asked = p.Asked.During(func() { page = b.Post("/login", credentials(email, password)) })
		page.Is(http.StatusUnprocessableEntity).Says("#summary", wrong)
		if typed, _ := page.Find("#email").Attr("value"); typed != email {
			t.Errorf("%s: the address typed is %q", name, typed)
		}
		if password := page.Find("#password").AttrOr("value", ""); password != "" {
			t.Errorf("%s: the password is given back: %s", name, password)
		}
		if len(page.Cookies) > 0 {
			t.Errorf("%s: cookies are set: %v", name, page.Cookies)
		}
		return strings.ReplaceAll(page.Body, ` value="`+email+`"`, ""), asked
	}
	fail("warm", demotest.SecondMain, "wrong")
	body, asked := fail("wrong password", demotest.MainUser, "wrong")
	for name, email := range map[string]string{"unknown address": "nobody@example.com", "account without a password": colleague} {
		otherBody, otherAsked := fail(name, email, demo.Password)
		if otherBody != body {
			t.Errorf("%s: %s", name, cmp.Diff(body, otherBody))
		}
		if diff := cmp.Diff(asked, otherAsked); diff != "" {
			t.Errorf("%s: other statements: %s", name, diff)
		}
	}
	if refused := demotest.Value[int](t, p.System, "select count(*) from audit_events where action = 'session.refused' and actor_kind = 'nobody'"); refused != 4 {
		t.Errorf("%d events instead of 4", refused)
	}
	// What no account can have is not asked for at all.
	for name, given := range map[string][2]string{"nothing": {"", ""}, "NUL": {"main.user@example.com\x00", demo.Password}, "control characters": {"a\nb@example.com", "x"},
		"invalid UTF-8": {"\xff@example.com", demo.Password}, "invalid UTF-8 in the password": {demotest.MainUser, "\xff"},
		"endless address": {strings.Repeat("a", 5000), "x"}, "endless password": {demotest.MainUser, strings.Repeat("x", 50_000)}} {
		page := p.Nobody().Post("/login", credentials(given[0], given[1]))
		if page.Status != http.StatusUnprocessableEntity || !strings.Contains(page.Text("#summary"), wrong) {
			t.Errorf("%s: %d %s", name, page.Status, page.Text("main"))
		}
	}
}

func TestFailedLogInsAreThrottledByAccount(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	attempts := 0
	from := func(address, email, password string) *webtest.Page {
		attempts++
		b := p.Nobody()
		b.Header.Set("X-Forwarded-For", address)
		return b.Post("/login", credentials(email, password))
	}
	elsewhere := func() string { return fmt.Sprintf("198.51.100.%d", attempts) }
	for range 5 {
		from(elsewhere(), demotest.MainUser, "wrong").Is(422)
	}
	page := from(elsewhere(), demotest.MainUser, demo.Password).Is(429).Says("#summary", "För många försök. Vänta 15 sekunder och försök igen.")
	if wait := page.Header.Get("Retry-After"); wait != "15" {
		t.Errorf("Retry-After is %s", wait)
	}
	// An address without an account is throttled in the same way.
	for range 5 {
		from(elsewhere(), "nobody@example.com", "wrong").Is(422)
	}
	from(elsewhere(), "nobody@example.com", "wrong").Is(429).Says("#summary", "För många försök. Vänta 15 sekunder och försök igen.")
	// Others are not concerned, not even from the same address.
	from("198.51.100.1", demotest.SecondMain, demo.Password).Is(303)

	// What was refused counts for nothing; each failure after it doubles the wait, up to five minutes.
	for _, wait := range []string{"30 sekunder", "1 minut", "2 minuter", "4 minuter", "5 minuter", "5 minuter"} {
		p.Clock.Advance(5 * time.Minute)
		from(elsewhere(), demotest.MainUser, "wrong").Is(422)
		from(elsewhere(), demotest.MainUser, demo.Password).Is(429).Says("#summary", "Vänta "+wait+" och")
	}
	// A restart forgets nothing.
	p.Restart()
	from(elsewhere(), demotest.MainUser, demo.Password).Is(429)
	// The owner is never locked out for good, and starts afresh.
	p.Clock.Advance(5 * time.Minute)
	from(elsewhere(), demotest.MainUser, demo.Password).Is(303)
	for range 5 {
		from(elsewhere(), demotest.MainUser, "wrong").Is(422)
	}
	from(elsewhere(), demotest.MainUser, "wrong").Is(429).Says("#summary", "15 sekunder")
	// After a day nobody remembers.
	p.Clock.Advance(25 * time.Hour)
	from(elsewhere(), demotest.MainUser, "wrong").Is(422)
	from(elsewhere(), demotest.MainUser, demo.Password).Is(303)
}

func TestFailedLogInsAreThrottledByAddress(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	from := func(address, email, password string) *webtest.Page {
		b := p.Nobody()
		b.Header.Set("X-Forwarded-For", address)
		return b.Post("/login", credentials(email, password))
	}
	for i := range 19 {
		from("192.0.2.1", fmt.Sprintf("nobody%d@example.com", i), "wrong").Is(422)
	}
	// Who has one good account does not go on guessing at others.
	from("192.0.2.1", demotest.MainUser, demo.Password).Is(303)
	from("192.0.2.1", "nobody@example.com", "wrong").Is(422)
	from("192.0.2.1", demotest.SecondMain, demo.Password).Is(429)
	from("192.0.2.2", demotest.SecondMain, demo.Password).Is(303)
	p.Clock.Advance(15 * time.Second)
	from("192.0.2.1", demotest.SecondMain, demo.Password).Is(303)
}

func TestSessionIsASecretKeptAsAHash(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	page := p.Nobody().Post("/login", credentials(demotest.MainUser, demo.Password)).Is(303)
	cookie := page.Cookies[0]
	if cookie.Name != "session" || cookie.Path != "/" || !cookie.HttpOnly || cookie.Secure || cookie.SameSite != http.SameSiteLaxMode ||
		cookie.Domain != "" || cookie.MaxAge != int(webtest.Absolute/time.Second) {
		t.Errorf("the cookie is %s", cookie.Raw)
	}
	secret, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || len(secret) != 32 {
		t.Fatalf("the cookie's value is %q", cookie.Value)
	}
	row := demotest.One[struct {
		SecretHash []byte
		Whole      string
	}](t, p.System, "select secret_hash, to_jsonb(s)::text as whole from sessions s")
	if sum := sha256.Sum256(secret); !slices.Equal(row.SecretHash, sum[:]) {
		t.Errorf("the hash is %x", row.SecretHash)
	}
	if strings.Contains(row.Whole, cookie.Value) || strings.Contains(row.Whole, fmt.Sprintf("%x", secret)) {
		t.Errorf("the secret is in the table: %s", row.Whole)
	}
}

func TestSessionCookieUnderHTTPS(t *testing.T) {
	t.Parallel()
	p := webtest.NewWith(t, webtest.Options{HTTPS: true})
	page := p.Nobody().Post("/login", credentials(demotest.MainUser, demo.Password)).Is(303)
	// RFC 6265bis, 4.1.3.2: Secure, Path=/, no Domain.
	if c := page.Cookies[0]; c.Name != "__Host-session" || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" {
		t.Errorf("the cookie is %s", c.Raw)
	}
	hem := page.Get(p.Home(exampleOy)).Is(200)
	if hem.Header.Get("Strict-Transport-Security") == "" {
		t.Error("no HSTS")
	}
	for _, cookie := range page.Post("/logout", nil).Is(303).Cookies {
		if !cookie.Secure || !cookie.HttpOnly {
			t.Errorf("a cookie is %s", cookie.Raw)
		}
	}
	// What somebody else's page under the same domain may set is not believed.
	thief := p.As(demotest.MainUser)
	thief.SetCookie("session", thief.Cookie("__Host-session"))
	thief.SetCookie("__Host-session", "")
	thief.Get(p.Home(exampleOy)).Is(303)
}

func TestLogInBeginsANewSession(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	before, old := b.Cookie("session"), b.Copy()
	b.Post("/login", credentials(demotest.MainUser, demo.Password)).Is(303)
	if b.Cookie("session") == before {
		t.Error("the session is the one of before")
	}
	old.Get(p.Home(exampleOy)).Is(303) // what the browser had before is over
	b.Get(p.Home(exampleOy)).Is(200)
	// What somebody has planted in the browser is nobody's session afterwards.
	b = p.Nobody()
	planted := base64.RawURLEncoding.EncodeToString(make([]byte, 32))
	b.SetCookie("session", planted)
	b.Post("/login", credentials(demotest.MainUser, demo.Password)).Is(303)
	if b.Cookie("session") == planted {
		t.Error("the session is the planted one")
	}
}

func TestLogOutEndsTheSessionInTheDatabase(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	other := p.As(demotest.MainUser)
	thief := b.Copy()
	out := b.Get(p.Home(exampleOy)).Is(200).Form("Logga ut").Send().LeadsTo("/")
	if out.Header.Get("Clear-Site-Data") != `"cache"` || b.Cookie("session") != "" {
		t.Errorf("left in the browser: %v, %s", b.Cookie("session"), out.Header)
	}
	if page := out.Follow().Is(200).Says("main", "Du har loggats ut"); strings.Contains(page.Body, "FirstName") {
		t.Error("the public page is personal")
	}
	b.Get("/").Is(200).HasNo("main .notice") // said once
	thief.Get(p.Home(exampleOy)).LeadsTo("/login?next=" + url.QueryEscape(p.Home(exampleOy)))
	other.Get(p.Home(exampleOy)).Is(200) // one's other devices stay
	if left := demotest.Value[int](t, p.System, "select count(*) from sessions"); left != 1 {
		t.Errorf("%d sessions are left", left)
	}
	if ended := demotest.Value[int](t, p.System, "select count(*) from audit_events where action = 'session.ended' and actor_id = $1", p.User(t, demotest.MainUser)); ended != 1 {
		t.Errorf("%d events", ended)
	}
	b.Post("/logout", nil).LeadsTo("/") // twice does no harm
}

func TestSessionEndsByItself(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	home := p.Home(exampleOy)
	visit := func(b *webtest.Browser, status int) {
		t.Helper()
		b.Get(home).Is(status)
		if err := p.Sessions.Flush(t.Context()); err != nil { // as the server does every few seconds
			t.Fatal(err)
		}
	}
	idle, busy := p.As(demotest.MainUser), p.As(demotest.MainUser)
	// Idle: to the second.
	p.Clock.Advance(webtest.Idle - time.Second)
	visit(busy, 200)
	p.Clock.Advance(time.Second)
	visit(idle, 303)
	// Absolute: somebody who comes all the time. That they were seen is written down once a minute.
	ends := p.Clock.Start().Add(webtest.Absolute)
	for p.Clock.Now().Add(webtest.Idle).Before(ends) {
		p.Clock.Advance(webtest.Idle - time.Minute)
		visit(busy, 200)
	}
	p.Clock.Advance(ends.Add(-time.Second).Sub(p.Clock.Now()))
	visit(busy, 200)
	p.Clock.Advance(time.Second)
	visit(busy, 303)
	if err := p.App.Maintain(t.Context(), p.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	if left := demotest.Value[int](t, p.System, "select count(*) from sessions"); left != 0 {
		t.Errorf("%d sessions are left", left)
	}
}

func TestLogInGoesOnToWhereTheyWereGoing(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	keys := p.Home(exampleOy) + keysPath + "?made=x&y=%C3%A5"
	login := p.Nobody().Get(keys).LeadsTo("/login?next=" + url.QueryEscape(keys)).Follow().Is(200).HasNo("main .notice")
	login.Form("Logga in").Set("email", demotest.MainUser).Set("password", "wrong").Send().Is(422).
		Form("Logga in").Set("password", demo.Password).Send().LeadsTo(keys).Follow().Is(200).Says("h1", "OmaPosti Pro API")
	// Who is logged in already goes on at once.
	p.As(demotest.MainUser).Get("/login?next=" + url.QueryEscape(keys)).LeadsTo(keys)
	// A form that was posted leads back to its page, and says so.
	for referer, next := range map[string]string{
		p.URL + p.Home(exampleOy) + keysPath + "/keys/new": p.Home(exampleOy) + keysPath + "/keys/new",
		"":                                p.Home(exampleOy) + keysPath + "/keys",
		"https://evil.example/o/x/y":      p.Home(exampleOy) + keysPath + "/keys",
		p.URL + ".evil.example/o/x/y":     p.Home(exampleOy) + keysPath + "/keys",
		p.URL + "@evil.example/somewhere": p.Home(exampleOy) + keysPath + "/keys",
	} {
		b := p.Nobody()
		b.Header.Set("Referer", referer)
		b.Post(p.Home(exampleOy)+keysPath+"/keys", form("description", "x")).LeadsTo("/login?next="+url.QueryEscape(next)+"&expired=1").Follow().Is(200).
			Says("main .notice", "Du har loggats ut. Fyll i formuläret på nytt.")
	}
	// A file leads back to the page that it was asked for on: nobody would leave the login for a file.
	list := p.Home(exampleOy) + "/users?q=lind"
	for _, file := range []string{p.Home(exampleOy) + "/users.csv?q=lind", p.Home(exampleOy) + "/events.jsonl", "/account/data.json"} {
		b := p.Nobody()
		b.Get(file).LeadsTo("/login?next=" + url.QueryEscape(file))
		b.Header.Set("Referer", p.URL+list)
		b.Get(file).LeadsTo("/login?next=" + url.QueryEscape(list)).Follow().Is(200).HasNo("main .notice")
	}
	// Elsewhere nobody is led.
	for _, elsewhere := range []string{"https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/\x00", "\xff"} {
		p.As(demotest.MainUser).Get("/login?next=" + url.QueryEscape(elsewhere)).LeadsTo(p.Home(exampleOy))
		page := p.Nobody().Get("/login?next=" + url.QueryEscape(elsewhere)).Is(200)
		if next := page.Find("[name=next]").AttrOr("value", "?"); next != "" {
			t.Errorf("%q stands in the form as %q", elsewhere, next)
		}
	}
	sent := credentials(demotest.MainUser, demo.Password)
	sent.Set("next", "//evil.example/")
	p.Nobody().Post("/login", sent).LeadsTo("/login")
}

func TestLogInLeadsToTheOrganizationLastUsed(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.Both)
	b.Get("/login").LeadsTo(p.Home(exampleOy)) // the first by name, before the first time
	b.Get(p.Home(testbolaget)).Is(200)
	b.Post("/logout", nil).Is(303)
	p.As(demotest.Both).Get("/login").LeadsTo(p.Home(testbolaget))
	// Nor does it matter which others somebody tries.
	b = p.As(demotest.Both)
	b.Get("/o/" + unknownID).Is(404)
	b.Post("/logout", nil).Is(303)
	p.As(demotest.Both).Get("/login").LeadsTo(p.Home(testbolaget))
	p.Leave(t, demotest.Both, testbolaget)
	p.As(demotest.Both).Get("/login").LeadsTo(p.Home(exampleOy))

	// Whoever asks for an organisation that is not theirs, or none at all, does not keep others from being seen.
	curious, other := p.As(demotest.MainUser), p.As(demotest.OtherMain)
	p.Clock.Advance(time.Hour)
	curious.Get("/o/" + unknownID).Is(404)
	curious.Get(p.Home(testbolaget)).Is(404)
	other.Get(p.Home(testbolaget)).Is(200)
	if err := p.Sessions.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if seen := demotest.Value[int](t, p.System, "select count(*) from sessions where last_seen_at = $1", p.Clock.Now()); seen != 2 {
		t.Errorf("%d of 2 were seen", seen)
	}
	if last := demotest.Value[string](t, p.System, "select coalesce(last_organization_id::text, '') from users where id = $1", p.User(t, demotest.MainUser)); last != "" {
		t.Errorf("the last organisation is %s", last)
	}
}

func TestWhoBelongsToNoOrganizationIsToldSo(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	p.Leave(t, demotest.PlainUser, exampleOy)
	b := p.As(demotest.PlainUser)
	told := b.Get("/login").LeadsTo("/account").Follow().Is(200).Says("main", "Du hör inte till någon organisation. Be din huvudanvändare bjuda in dig.").Has("form[action='/logout']")
	told.Find("main a").Each(func(_ int, link *goquery.Selection) {
		if page := told.Get(link.AttrOr("href", "")); page.Status != 200 {
			t.Errorf("%s leads to %d", link.Text(), page.Status)
		}
	})
	b.Get(p.Home(exampleOy)).Is(http.StatusNotFound)
	b.Get("/").Is(200).Click("Öppna OmaPosti Pro").LeadsTo("/account")
}

func TestDemoLogInsAreListedInTheDemoOnly(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	page := p.Nobody().Get("/login").Is(200)
	if folded := page.Find("main details:not([open])"); folded.Length() != 1 || folded.Find("li").Length() != len(demo.LogIns()) {
		t.Errorf("listed are %q", folded.Text())
	}
	for _, logIn := range demo.LogIns() {
		page.Says("main details", logIn.Email).Says("main details", demo.Password)
	}
	p.Options.Real = true
	p.Restart()
	if page := p.Nobody().Get("/login").Is(200); strings.Contains(page.Body, "example.com") || strings.Contains(page.Body, demo.Password) {
		t.Error("a real portal lists demo log-ins")
	}
}
