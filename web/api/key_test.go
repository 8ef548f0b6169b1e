package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/apikey"
	"omapostipro/internal/demo/demotest"
	"omapostipro/web/webtest"
)

func TestWaysToSendAKey(t *testing.T) {
	p := newPortal(t)
	_, key := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
	for name, authorization := range map[string]string{
		"bare": key, "after Bearer": "Bearer " + key, "after bearer": "bearer " + key, "after BEARER": "BEARER  " + key, "right after Bearer": "Bearer" + key,
	} {
		t.Run(name, func(t *testing.T) {
			c := p.with(authorization)
			c.Get(keyPath).Is(http.StatusOK)
			accepted(t, c.order(golden(t)))
		})
	}
	t.Run("beside x-gateway-secret", func(t *testing.T) {
		c := p.with(key)
		c.Header.Set("x-gateway-secret", "of the carrier's demo")
		accepted(t, c.order(golden(t)))
		alone := p.with("")
		alone.Header.Set("x-gateway-secret", key)
		refused(t, alone.order(golden(t)), http.StatusUnauthorized, "KEY_MISSING")
	})
	t.Run("beside a session, which opens nothing", func(t *testing.T) {
		refused(t, p.As(demotest.MainUser).Get(keyPath), http.StatusUnauthorized, "KEY_MISSING")
	})
	t.Run("from another site, which has the key as well", func(t *testing.T) {
		c := p.with(key)
		c.Header.Set("Origin", "https://elsewhere.example")
		c.Header.Set("Sec-Fetch-Site", "cross-site")
		page := c.order(golden(t))
		accepted(t, page)
		if len(page.Cookies) > 0 {
			t.Errorf("it sets cookies: %v", page.Cookies)
		}
		if page.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Error("other sites' pages may read answers, but keys are not for browsers")
		}
	})
}

func TestWhatMayThisKeyDo(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	id, key := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
	made := p.Clock.Now().Format(time.RFC3339Nano)
	want := func(lastUsed string) string {
		return `{"description":"Ny API integration","state":"enabled","organization":{"name":"Example Oy","businessId":"FI12345678"},` +
			`"contracts":[{"number":"654321","kind":"logistics_contract","holder":"Example Oy"},{"number":"876543","kind":"freight_transport_code","holder":"Example Oy"}],` +
			`"roles":["shippingapi","tracking"],"limits":{"bodyBytes":1048576,"parcelsPerOrder":99},"createdAt":"` + made + `","lastUsedAt":` + lastUsed + `,"expiresAt":null,"networks":[]}`
	}
	c := p.with(key)
	var answer map[string]any
	page := c.Get(keyPath)
	isJSON(t, page, http.StatusOK, "application/json", &answer)
	if page.Body != want("null") {
		t.Errorf("got  %s\nwant %s", page.Body, want("null"))
	}
	if err := p.Keys.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := c.Get(keyPath).Body, want(`"`+made+`"`); got != want {
		t.Errorf("after its use: %s\nwant %s", got, want)
	}
	asked := p.Asked.During(func() { c.Get(keyPath).Is(http.StatusOK) })
	if asked.Trips != 1 || len(asked.SQL) != 1 || !strings.Contains(asked.SQL[0], "recognize_key") {
		t.Errorf("asked %q in %d trips, which should be one query that recognises the key", asked.SQL, asked.Trips)
	}
	p.Exec(t, "update api_keys set description = 'Åsas <webbutik>' where id = $1", id)
	isJSON(t, c.Get(keyPath), http.StatusOK, "application/json", &answer)
	if answer["description"] != "Åsas <webbutik>" {
		t.Errorf("it describes itself as %v", answer["description"])
	}
}

// Everything that a key opens, as a method and a path.
var opened = [][2]string{
	{http.MethodGet, keyPath},
	{http.MethodPost, orderPath},
	{http.MethodGet, "/shippingapi/api/v1/shipments/654321/" + nobodys},
	{http.MethodGet, "/shippingapi/api/v1/shipments/654321/pdfs/" + nobodys},
}

func TestRefusedCredentials(t *testing.T) {
	p := newPortal(t)
	_, key := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
	maker := p.Actor(t, demotest.MainUser, demotest.ExampleOy)
	disabledID, disabled := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
	revokedID, revoked := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
	if err := p.Keys.Disable(t.Context(), maker, disabledID); err != nil {
		t.Fatal(err)
	}
	if err := p.Keys.Revoke(t.Context(), maker, revokedID); err != nil {
		t.Fatal(err)
	}
	p.with(wellFormedKey(strings.Repeat("w", 32))).Get(keyPath) // warms the cache of statements
	last := key[len(key)-1:]
	mistyped := key[:len(key)-1] + map[bool]string{true: "1", false: "0"}[last == "0"]

	for name, test := range map[string]struct {
		authorization, code string
		queries             int
	}{
		"none":                       {"", "KEY_MISSING", 0},
		"Bearer alone":               {"Bearer ", "KEY_MISSING", 0},
		"mistyped":                   {mistyped, "KEY_MALFORMED", 0},
		"mistyped after Bearer":      {"Bearer " + mistyped, "KEY_MALFORMED", 0},
		"not copied whole":           {key[:len(key)-1], "KEY_MALFORMED", 0},
		"masked, as the list has it": {"•••••••••••••" + key[len(key)-3:], "KEY_MALFORMED", 0},
		"of another case":            {strings.ToUpper(key), "KEY_MALFORMED", 0},
		"another prefix":             {"app_" + key[4:], "KEY_MALFORMED", 0},
		"two of them":                {key + " " + key, "KEY_MALFORMED", 0},
		"as a password":              {"Basic b3BwOng=", "KEY_MALFORMED", 0},
		"of the carrier":             {"5f0e6d3c-1b2a-4c5d-8e9f-001122334455", "KEY_MALFORMED", 0},
		"endless":                    {strings.Repeat("x", 20_000), "KEY_MALFORMED", 0},
		"SQL":                        {"opp_' or true --", "KEY_MALFORMED", 0},
		"unknown":                    {wellFormedKey(strings.Repeat("x", 32)), "KEY_UNKNOWN", 1},
		"disabled":                   {disabled, "KEY_DISABLED", 1},
		"revoked":                    {revoked, "KEY_REVOKED", 1},
		"revoked after Bearer":       {"Bearer " + revoked, "KEY_REVOKED", 1},
	} {
		t.Run(name, func(t *testing.T) {
			c := p.with(test.authorization)
			p.storesNothing(t, func() {
				for _, call := range opened {
					var page *webtest.Page
					asked := p.Asked.During(func() { page = c.Send(call[0], call[1], jsonBody, strings.NewReader(golden(t))) })
					refused(t, page, http.StatusUnauthorized, test.code)
					if len(asked.SQL) != test.queries || asked.Trips != test.queries {
						t.Errorf("%s: %d queries in %d trips, want %d: %q", page.Request, len(asked.SQL), asked.Trips, test.queries, asked.SQL)
					}
					if strings.Contains(page.Body, "Example Oy") || strings.Contains(page.Body, "Ny API integration") || len(test.authorization) > 20 && strings.Contains(page.Body, test.authorization) {
						t.Errorf("%s tells too much: %s", page.Request, page.Body)
					}
				}
			})
		})
	}
	for _, line := range p.Log.Lines() {
		t.Errorf("a refusal is logged: %s", line)
	}
}

// Only the operator makes such keys; from where a call comes, a trusted proxy tells.
func TestAKeyThatEndsAndIsForOneNetwork(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	id, key := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
	end := p.Clock.Now().Add(time.Hour)
	p.Exec(t, "update api_keys set expires_at = $2, networks = '{192.0.2.0/24,2001:db8::1}' where id = $1", id, end)
	from := func(address string) client {
		c := p.with(key)
		c.Header.Set("X-Forwarded-For", address)
		return c
	}
	var answer struct {
		ExpiresAt time.Time
		Networks  []string
	}
	isJSON(t, from("192.0.2.7").Get(keyPath), http.StatusOK, "application/json", &answer)
	if !answer.ExpiresAt.Equal(end) || !slices.Equal(answer.Networks, []string{"192.0.2.0/24", "2001:db8::1/128"}) {
		t.Errorf("it tells %+v", answer)
	}
	from("2001:db8::1").Get(keyPath).Is(http.StatusOK)
	elsewhere, nowhere := from("198.51.100.1"), p.with(key)
	p.storesNothing(t, func() {
		refused(t, elsewhere.order(golden(t)), http.StatusUnauthorized, "ADDRESS_NOT_ALLOWED")
		refused(t, elsewhere.Get(keyPath), http.StatusUnauthorized, "ADDRESS_NOT_ALLOWED")
		refused(t, nowhere.Get(keyPath), http.StatusUnauthorized, "ADDRESS_NOT_ALLOWED")
		p.Clock.Advance(time.Hour)
		refused(t, from("192.0.2.7").Get(keyPath), http.StatusUnauthorized, "KEY_EXPIRED")
		refused(t, elsewhere.order(golden(t)), http.StatusUnauthorized, "KEY_EXPIRED")
	})
}

// Another instance of the portal disables and revokes; this one must not remember.
func TestAKeyIsRefusedOnceThatIsAcknowledged(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	maker := p.Actor(t, demotest.MainUser, demotest.ExampleOy)
	elsewhere := apikey.NewService(p.App, nil, p.Clock.Now)
	id, key := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
	c := p.with(key)
	order := accepted(t, c.order(golden(t)))
	everywhere := func(status int, codes ...string) {
		t.Helper()
		for _, path := range []string{keyPath, strings.TrimPrefix(order.Href, p.URL), strings.TrimPrefix(order.PDFs[0].Href, p.URL)} {
			if page := c.Get(path); status == http.StatusOK {
				page.Is(status)
			} else {
				refused(t, page, status, codes...)
			}
		}
	}
	everywhere(http.StatusOK)
	for range 3 {
		if err := elsewhere.Disable(t.Context(), maker, id); err != nil {
			t.Fatal(err)
		}
		p.storesNothing(t, func() { refused(t, c.order(golden(t)), http.StatusUnauthorized, "KEY_DISABLED") })
		everywhere(http.StatusUnauthorized, "KEY_DISABLED")
		if err := elsewhere.Enable(t.Context(), maker, id); err != nil {
			t.Fatal(err)
		}
		accepted(t, c.order(golden(t)))
		everywhere(http.StatusOK)
	}
	if err := elsewhere.Revoke(t.Context(), maker, id); err != nil {
		t.Fatal(err)
	}
	p.storesNothing(t, func() { refused(t, c.order(golden(t)), http.StatusUnauthorized, "KEY_REVOKED") })
	everywhere(http.StatusUnauthorized, "KEY_REVOKED")
}

func TestWhenKeysWereLastUsed(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	maker := p.Actor(t, demotest.MainUser, demotest.ExampleOy)
	lastUsed := func(id uuid.UUID) *time.Time {
		t.Helper()
		return demotest.Value[*time.Time](t, p.System, "select last_used_at from api_keys where id = $1", id)
	}
	flush := func() (statements int) {
		t.Helper()
		asked := p.Asked.During(func() {
			if err := p.Keys.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		})
		for _, sql := range asked.SQL {
			if !strings.HasPrefix(sql, "prepare ") {
				statements++
			}
		}
		return statements
	}
	first, firstKey := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
	second, secondKey := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
	third, thirdKey := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
	if err := p.Keys.Disable(t.Context(), maker, third); err != nil {
		t.Fatal(err)
	}
	start := p.Clock.Now()
	p.with(firstKey).Get(keyPath).Is(http.StatusOK)
	p.with(secondKey).Get(keyPath).Is(http.StatusOK)
	p.with(thirdKey).Get(keyPath).Is(http.StatusUnauthorized)
	p.Clock.Advance(time.Minute)
	accepted(t, p.with(secondKey).order(golden(t)))
	for _, id := range []uuid.UUID{first, second, third} {
		if at := lastUsed(id); at != nil {
			t.Errorf("a call has written that the key was used at %s", at)
		}
	}
	flush()
	if at := lastUsed(first); at == nil || !at.Equal(start) {
		t.Errorf("the first key was used at %v, want %s", at, start)
	}
	if at := lastUsed(second); at == nil || !at.Equal(start.Add(time.Minute)) {
		t.Errorf("the second key was used at %v, want %s", at, start.Add(time.Minute))
	}
	if at := lastUsed(third); at != nil {
		t.Errorf("a refused call counts as use, at %s", at)
	}
	if n := flush(); n != 0 {
		t.Errorf("%d statements with nothing to write", n)
	}
	for range 3 {
		p.with(firstKey).Get(keyPath).Is(http.StatusOK)
		p.with(secondKey).Get(keyPath).Is(http.StatusOK)
	}
	if n := flush(); n != 1 {
		t.Errorf("%d statements for two keys", n)
	}
}
