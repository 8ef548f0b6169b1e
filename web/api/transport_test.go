package api_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"omapostipro/internal/caller"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/postgres"
	"omapostipro/internal/ratelimit"
	"omapostipro/web/api"
	"omapostipro/web/webtest"
)

// taking is every family's call that takes a body, with the credential that it needs.
type taking struct{ path, contentType, authorization string }

func (p portal) taking(t *testing.T) []taking {
	t.Helper()
	_, key := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
	token := "Bearer " + p.token(t, p.newApplication(t, demotest.MainUser, demotest.ExampleOy, caller.Roles()...))
	return []taking{
		{orderPath, "application/json", key},
		{strings.Replace(orderPath, "v1", "v2", 1), "application/json", token},
		{tokenPath, "application/x-www-form-urlencoded", ""},
		{shipmentsPath, "application/json", key},
		{"/2025-04/pickuppoints", "application/json", token},
		{"/transportation/v1/orders", "application/xml", key},
	}
}

// dial opens a connection and sends the head of a call, and of its body what is given.
func (p portal) dial(t *testing.T, to taking, length int, head, body string) net.Conn {
	t.Helper()
	host := strings.TrimPrefix(p.URL, "http://")
	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	if to.authorization != "" {
		head += "Authorization: " + to.authorization + "\r\n"
	}
	if length >= 0 {
		head += fmt.Sprintf("Content-Length: %d\r\n", length)
	} else {
		head += "Transfer-Encoding: chunked\r\n"
	}
	if _, err := fmt.Fprintf(connection, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\n%s\r\n%s", to.path, host, to.contentType, head, body); err != nil {
		t.Fatal(err)
	}
	return connection
}

// answered reads a connection's answer.
func answered(t *testing.T, connection net.Conn) (status int, body string) {
	t.Helper()
	if err := connection.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// What the database takes to say who calls is not the body's time.
func TestABodysTimeBeginsWhenItIsRead(t *testing.T) {
	t.Parallel()
	const bodyTime = 100 * time.Millisecond
	p := portal{webtest.NewWith(t, webtest.Options{BodyTime: bodyTime})}
	c := p.shop(t)
	admin := demotest.Open(t, p.AdminURL, postgres.Options{MaxConns: 2})
	var calling sync.WaitGroup
	err := admin.InTx(t.Context(), postgres.Scope{}, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "lock table api_keys in access exclusive mode"); err != nil {
			return err
		}
		begun := time.Now()
		calling.Go(func() { // too large to have come with its head
			accepted(t, c.order(golden(t, `"orderNo":"10001"`, `"orderNo":"10001","x":"`+strings.Repeat("x", 500_000)+`"`)))
		})
		for waits := false; !waits || time.Since(begun) < 2*bodyTime; {
			const waiting = "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')"
			if err := tx.QueryRow(ctx, waiting).Scan(&waits); err != nil {
				return err
			}
		}
		return nil
	})
	if calling.Wait(); err != nil {
		t.Error(err)
	}
}

func TestBodiesThatDoNotCome(t *testing.T) { //nolint:tparallel // what is stored is counted before and after each
	t.Parallel()
	p := portal{webtest.NewWith(t, webtest.Options{BodyTime: 150 * time.Millisecond})}
	for _, to := range p.taking(t) {
		t.Run(to.path, func(t *testing.T) {
			p.storesNothing(t, func() {
				// The rest never comes, of a body whose length is said and of one that is not.
				for _, length := range []int{500, -1} {
					begun := `{"shipment":`
					if length < 0 {
						begun = fmt.Sprintf("%x\r\n%s\r\n", len(begun), begun)
					}
					connection := p.dial(t, to, length, "", begun)
					if status, body := answered(t, connection); status != http.StatusRequestTimeout || to.path != tokenPath && !strings.Contains(body, "REQUEST_TIMEOUT") {
						t.Errorf("a body of which the rest does not come: %d %s", status, body)
					}
					if _, err := connection.Read(make([]byte, 1)); err == nil {
						t.Error("the connection is kept")
					}
				}
				// It comes, byte by byte, and no byte is late.
				connection := p.dial(t, to, 1<<20, "", "")
				stop := make(chan struct{})
				var trickling sync.WaitGroup
				trickling.Go(func() {
					tick := time.NewTicker(10 * time.Millisecond)
					defer tick.Stop()
					for {
						select {
						case <-stop:
							return
						case <-tick.C:
							if _, err := connection.Write([]byte("{")); err != nil {
								return
							}
						}
					}
				})
				if to.path != tokenPath { // whose limit is below a megabyte
					if status, body := answered(t, connection); status != http.StatusRequestTimeout {
						t.Errorf("a body that trickles: %d %s", status, body)
					}
				}
				close(stop)
				trickling.Wait()
				// It breaks off.
				connection = p.dial(t, to, 500, "", `{"shipment":`)
				if err := connection.(*net.TCPConn).CloseWrite(); err != nil {
					t.Fatal(err)
				}
				if status, body := answered(t, connection); status != http.StatusBadRequest {
					t.Errorf("a body that breaks off: %d %s", status, body)
				}
			})
		})
	}
	for _, line := range p.Log.Lines() {
		t.Errorf("it is logged: %s", line)
	}
}

// What is compressed a thousandfold, what is endless, and many of both at once.
func TestBodiesThatAreBombs(t *testing.T) {
	p := newPortal(t)
	var bomb bytes.Buffer
	packed := gzip.NewWriter(&bomb)
	for range 200 {
		if _, err := packed.Write(make([]byte, megabyte)); err != nil {
			t.Fatal(err)
		}
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	calls := p.taking(t)
	rounds := func(n int) {
		t.Helper()
		p.storesNothing(t, func() {
			for range n {
				for _, to := range calls {
					status, body := answered(t, p.dial(t, to, bomb.Len(), "Content-Encoding: gzip\r\n", bomb.String()))
					if want := map[bool]int{true: 400, false: 415}[to.path == tokenPath]; status != want {
						t.Errorf("%s: a bomb: %d %s", to.path, status, body)
					}
					if status, body := answered(t, p.dial(t, to, 1<<40, "", "{")); status != http.StatusRequestEntityTooLarge {
						t.Errorf("%s: a terabyte: %d %s", to.path, status, body)
					}
					chunk := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", megabyte+1, strings.Repeat("{", megabyte+1))
					if status, body := answered(t, p.dial(t, to, -1, "", chunk)); status != http.StatusRequestEntityTooLarge {
						t.Errorf("%s: more than a megabyte: %d %s", to.path, status, body)
					}
				}
			}
		})
	}
	rounds(1)
	before := heap()
	rounds(5)
	if after := heap(); after > before+20*megabyte {
		t.Errorf("%d MB are held, before it was %d", after/megabyte, before/megabyte)
	}
}

func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	p := portal{webtest.NewWith(t, webtest.Options{Limits: api.Limits{
		Address: ratelimit.Limit{PerSecond: 5, Burst: 10}, Credential: ratelimit.Limit{PerSecond: 2, Burst: 4}}})}
	_, key := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
	_, other := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
	from := func(key, address string) client {
		c := p.with(key)
		c.Header.Set("X-Forwarded-For", address) // of a trusted proxy
		return c
	}
	c := from(key, "192.0.2.1")
	for i := range 4 {
		page := c.Get(keyPath).Is(http.StatusOK)
		if got, want := page.Header.Get("RateLimit"), fmt.Sprintf(`"address";r=%d;t=%d, "credential";r=%d;t=%d`, 9-i, 1, 3-i, (i+2)/2); got != want {
			t.Errorf("RateLimit is %s, want %s", got, want)
		}
		if got := page.Header.Get("RateLimit-Policy"); got != `"address";q=10;w=2, "credential";q=4;w=2` {
			t.Errorf("RateLimit-Policy is %s", got)
		}
	}
	limited := func(page *webtest.Page) {
		t.Helper()
		refused(t, page, http.StatusTooManyRequests, "RATE_LIMITED")
		if page.Header.Get("Retry-After") != "1" || page.Header.Get("RateLimit") == "" {
			t.Errorf("%v", page.Header)
		}
	}
	p.storesNothing(t, func() {
		limited(c.Get(keyPath))
		limited(c.order(golden(t)))
		limited(from(key, "192.0.2.2").order(golden(t))) // from wherever
	})
	from(other, "192.0.2.1").Get(keyPath).Is(http.StatusOK)
	// The address runs out, whoever asks, before the database is asked anything.
	for range 4 {
		from("", "192.0.2.1").Get(keyPath)
	}
	asked := p.Asked.During(func() {
		limited(from(other, "192.0.2.1").Get(keyPath))
		page := from("", "192.0.2.1").Send(http.MethodPost, tokenPath, formBody, strings.NewReader("grant_type=client_credentials"))
		if page.Status != http.StatusTooManyRequests || !strings.HasPrefix(page.Body, `{"error":"invalid_request","error_description":"Too many`) || page.Header.Get("Retry-After") != "1" {
			t.Errorf("%d %s", page.Status, page.Body)
		}
	})
	if asked.Trips != 0 {
		t.Errorf("asked %q", asked.SQL)
	}
	from(other, "192.0.2.2").Get(keyPath).Is(http.StatusOK)
	p.Clock.Advance(time.Second)
	accepted(t, c.order(golden(t)))
	if page := c.Get(keyPath); !strings.Contains(page.Body, `"credential":{"perSecond":2,"burst":4},"address":{"perSecond":5,"burst":10}`) {
		t.Errorf("the key tells of no limits: %s", page.Body)
	}
	// What is not there is counted too.
	guessing := from("", "192.0.2.3")
	for i, path := range slices.Repeat([]string{"/api/v1/keys", "/api/v1/pickups/x/y", "/shippingapi/x", "/2025-04/x", "/tracking/7/x"}, 2) {
		page := guessing.Send(http.MethodGet, path, nil, nil)
		if got, want := page.Header.Get("RateLimit"), fmt.Sprintf(`"address";r=%d;`, 9-i); page.Status != http.StatusNotFound || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %d, RateLimit %s, want %s", page.Request, page.Status, got, want)
		}
	}
	if page := guessing.Send(http.MethodPatch, keyPath, nil, nil); page.Status != http.StatusTooManyRequests {
		t.Errorf("%s: %d", page.Request, page.Status)
	}
	if page := newPortal(t).shop(t).Get(keyPath); page.Header.Get("RateLimit") != "" {
		t.Error("the demo has limits")
	}
}
