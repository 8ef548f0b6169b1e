package api_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"omapostipro/internal/apikey"
	"omapostipro/internal/demo/demotest"
	"omapostipro/web"
	"omapostipro/web/api"
)

// The database breaks off in the midst of storing an order: as if the server were shut down then.
func TestTheDatabaseGoesInTheMidstOfAnOrder(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	accepted(t, c.order(golden(t)))
	p.AsSuperuser(t, `create function portal.break_off() returns trigger language plpgsql security definer as $$
		begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$`)
	for _, table := range []string{"delivery_orders", "parcels", "labels", "audit_events"} {
		p.AsSuperuser(t, "create trigger break_off after insert on portal."+table+" for each statement execute function portal.break_off()")
		p.Log.Lines()
		p.storesNothing(t, func() {
			page := c.order(golden(t))
			refused(t, page, http.StatusServiceUnavailable, "UNAVAILABLE")
			if page.Header.Get("Retry-After") != "5" {
				t.Errorf("Retry-After is %q", page.Header.Get("Retry-After"))
			}
			if log := p.Log.Lines(); len(log) != 1 || !strings.Contains(log[0], page.Header.Get("X-Request-Id")) {
				t.Errorf("logged: %q", log)
			}
		})
		p.AsSuperuser(t, "drop trigger break_off on portal."+table)
		accepted(t, c.order(golden(t))) // by itself
	}
}

// letConnect says how many connections the database takes; -1 is as many as come.
func (p portal) letConnect(t *testing.T, connections string) {
	t.Helper()
	p.AsSuperuser(t, "do $$ begin execute format('alter database %I connection limit "+connections+"', current_database()); end $$")
}

// takeDatabaseAway ends the portal's connections and lets it make no other.
func (p portal) takeDatabaseAway(t *testing.T) {
	t.Helper()
	p.letConnect(t, "0")
	p.AsSuperuser(t, "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'portal_app'")
}

// The database is away for a while.
func TestTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	_, key := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
	c := p.with(key)
	order := accepted(t, c.order(golden(t)))
	p.takeDatabaseAway(t)
	calls := [][2]string{{http.MethodGet, keyPath}, {http.MethodPost, orderPath},
		{http.MethodGet, strings.TrimPrefix(order.Href, p.URL)}, {http.MethodGet, strings.TrimPrefix(order.PDFs[0].Href, p.URL)}}
	p.storesNothing(t, func() {
		for range 3 {
			for _, call := range calls {
				page := c.Send(call[0], call[1], jsonBody, strings.NewReader(golden(t)))
				refused(t, page, http.StatusServiceUnavailable, "UNAVAILABLE")
				if page.Header.Get("Retry-After") != "5" {
					t.Errorf("Retry-After is %q", page.Header.Get("Retry-After"))
				}
			}
		}
	})
	// What needs no database is answered as ever.
	refused(t, p.with("").order(golden(t)), http.StatusUnauthorized, "KEY_MISSING")
	refused(t, p.with(key+"x").order(golden(t)), http.StatusUnauthorized, "KEY_MALFORMED")
	p.letConnect(t, "-1")
	c.Get(keyPath).Is(http.StatusOK)
	accepted(t, c.order(golden(t)))
}

// Without an event there is no order, and what went wrong is nobody's business.
func TestWithoutAnEventThereIsNoOrder(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	p.AsSuperuser(t, "revoke insert on portal.audit_events from portal_app")
	p.Log.Lines()
	p.storesNothing(t, func() {
		page := c.order(golden(t))
		refused(t, page, http.StatusInternalServerError, "INTERNAL_SERVER_ERROR")
		if strings.Contains(page.Body, "audit") || strings.Contains(page.Body, "SQLSTATE") {
			t.Errorf("it tells its cause: %s", page.Body)
		}
		if log := p.Log.Lines(); len(log) != 1 || !strings.Contains(log[0], page.Header.Get("X-Request-Id")) || !strings.Contains(log[0], "audit_events") {
			t.Errorf("logged: %q", log)
		}
	})
	p.AsSuperuser(t, "grant insert on portal.audit_events to portal_app")
	accepted(t, c.order(golden(t)))
}

// A mistake of ours that panics: here the API has been given neither orders nor keys.
func TestAPanicIsAnsweredAndLoggedOnce(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	_, key := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
	c := p.with(key)
	for _, keys := range []*apikey.Service{p.Keys, nil} {
		broken := p.Server.Config
		broken.API = api.New(api.Config{BaseURL: p.URL, Log: slog.New(p.Log), Keys: keys, Origin: web.Origin})
		p.Server = web.New(broken)
		page := c.order(golden(t))
		refused(t, page, http.StatusInternalServerError, "INTERNAL_SERVER_ERROR")
		if strings.Contains(page.Body, "nil pointer") || strings.Contains(page.Body, ".go:") {
			t.Errorf("it tells its cause: %s", page.Body)
		}
		if log := p.Log.Lines(); len(log) != 1 || !strings.Contains(log[0], page.Header.Get("X-Request-Id")) || !strings.Contains(log[0], "web/api") || strings.Contains(log[0], key) {
			t.Errorf("logged: %q", log)
		}
	}
	refused(t, c.Get(keyPath), http.StatusInternalServerError, "INTERNAL_SERVER_ERROR") // in our own shape
}

// A client that has hung up gets no answer, and its order is all there or not at all.
func TestAClientThatHangsUp(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	p.Log.Lines()
	gone, hangUp := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(gone, http.MethodPost, orderPath, strings.NewReader(golden(t)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", c.Header.Get("Authorization"))
	r.Body = afterwards{bytes.NewBufferString(golden(t)), hangUp}
	w := noAnswer{t: t, header: http.Header{}}
	p.storesNothing(t, func() { p.Server.ServeHTTP(w, r) })
	if log := p.Log.Lines(); len(log) != 0 {
		t.Errorf("logged: %q", log)
	}
}

// afterwards is a body that calls a function when it has been read.
type afterwards struct {
	*bytes.Buffer
	call func()
}

func (a afterwards) Read(p []byte) (int, error) {
	n, err := a.Buffer.Read(p)
	if err != nil {
		a.call()
	}
	return n, err
}

func (afterwards) Close() error { return nil }

type noAnswer struct {
	t      *testing.T
	header http.Header
}

func (w noAnswer) Header() http.Header { return w.header }

func (w noAnswer) Write(p []byte) (int, error) {
	w.t.Errorf("answered: %s", p)
	return len(p), nil
}

func (w noAnswer) WriteHeader(status int) { w.t.Errorf("answered with %d", status) }

func TestWhatIsNotThere(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	for _, test := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{http.MethodGet, "/shippingapi", 404, ""},
		{http.MethodGet, "/shippingapi/", 404, ""},
		{http.MethodPost, "/shippingapi/api/v1/shipping/orders", 404, ""},
		{http.MethodPost, "/shippingapi/api/v1/shipping/order/", 404, ""},
		{http.MethodPost, "/shippingapi/api/v9/shipping/order", 404, ""},
		{http.MethodGet, "/api/v1", 404, ""},
		{http.MethodGet, "/api/v1/", 404, ""},
		{http.MethodGet, "/api/v1/keys", 404, ""},
		{http.MethodGet, orderPath, 405, "POST"},
		{http.MethodPut, orderPath, 405, "POST"},
		{http.MethodOptions, orderPath, 405, "POST"},
		{http.MethodDelete, "/shippingapi/api/v1/shipments/654321/" + nobodys, 405, "GET"},
		{http.MethodPost, "/shippingapi/api/v1/shipments/654321/pdfs/" + nobodys, 405, "GET"},
		{http.MethodPost, keyPath, 405, "GET"},
	} {
		page := c.Send(test.method, test.path, nil, nil)
		refused(t, page, test.status, map[int]string{404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}[test.status])
		if got := strings.Join(page.Header.Values("Allow"), ", "); got != test.allow {
			t.Errorf("%s: Allow is %q, want %q", page.Request, got, test.allow)
		}
	}
	if page := c.Send(http.MethodHead, keyPath, nil, nil); page.Status != http.StatusOK || page.Body != "" || page.Header.Get("X-Request-Id") == "" {
		t.Errorf("HEAD is answered with %d %q", page.Status, page.Body)
	}
}
