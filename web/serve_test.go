package web_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/postgres"
	"omapostipro/web/webtest"
)

// serve runs the portal's own server, as cmd/portal does; stop asks it to end, ended says that it has.
func serve(t *testing.T, p *webtest.Portal, grace time.Duration) (address string, stop context.CancelFunc, ended <-chan error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	result := make(chan error, 1)
	go func() { result <- p.Server.Serve(ctx, listener, grace) }()
	return "http://" + listener.Addr().String(), stop, result
}

// hold keeps everybody from the keys' table until it is released.
func hold(t *testing.T, d *demotest.Data) (release func()) {
	t.Helper()
	admin := demotest.Open(t, d.AdminURL, postgres.Options{MaxConns: 1})
	held, let, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		err := admin.InTx(context.WithoutCancel(t.Context()), postgres.Scope{}, func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, "lock table api_keys in access exclusive mode")
			close(held)
			<-let
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}()
	<-held
	return func() { close(let); <-done }
}

// waiting waits until a statement waits for the table that is held.
func waiting(t *testing.T, d *demotest.Data) {
	t.Helper()
	for demotest.Value[int](t, d.System, `select count(*) from pg_locks l join pg_database d on d.oid = l.database
		where not l.granted and l.relation = 'api_keys'::regclass and d.datname = current_database()`) == 0 {
		if t.Context().Err() != nil {
			t.Fatal("nobody waits")
		}
	}
}

type outcome struct {
	status int
	body   string
	err    error
}

func getWith(t *testing.T, address, path, cookie string) <-chan outcome {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Cookie", "session="+cookie)
	result := make(chan outcome, 1)
	go func() {
		client := http.Client{Transport: &http.Transport{}}
		defer client.CloseIdleConnections()
		answer, err := client.Do(request)
		if err != nil {
			result <- outcome{err: err}
			return
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		result <- outcome{answer.StatusCode, string(body), err}
	}()
	return result
}

// Asked to stop, it takes no new requests, lets finish what runs, and writes down what it has only remembered.
func TestStoppingFinishesWhatRuns(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	_, value := newKey(t, p, demotest.MainUser, exampleOy, "Webbutiken")
	b := p.As(demotest.MainUser)
	address, stop, ended := serve(t, p, time.Minute)
	call(p, value).Is(200) // used, and not written down
	p.Clock.Advance(time.Hour)
	release := hold(t, p.Data)
	running := getWith(t, address, p.Home(exampleOy)+keysPath, b.Cookie("session"))
	waiting(t, p.Data)
	stop()
	// Nobody gets in any more; what runs is not disturbed.
	for dialer := (net.Dialer{}); ; {
		connection, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(address, "http://"))
		if err != nil {
			break
		}
		_ = connection.Close()
	}
	select {
	case err := <-ended:
		t.Fatalf("it has ended before its time: %v", err)
	case early := <-running:
		t.Fatalf("answered before its time: %+v", early)
	default:
	}
	release()
	if got := <-running; got.err != nil || got.status != 200 || !strings.Contains(got.body, "Webbutiken") {
		t.Errorf("what ran was answered %d, %v", got.status, got.err)
	}
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
	written := demotest.One[struct{ Used, Seen bool }](t, p.System, `select (select last_used_at = $1 from api_keys) as used, exists (select from sessions where last_seen_at = $2) as seen`,
		p.Clock.Start(), p.Clock.Now())
	if !written.Used || !written.Seen {
		t.Errorf("written down is %+v", written)
	}
}

// What does not finish in time is broken off, and said so.
func TestStoppingIsBounded(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	address, stop, ended := serve(t, p, 50*time.Millisecond)
	release := hold(t, p.Data)
	running := getWith(t, address, p.Home(exampleOy)+keysPath, b.Cookie("session"))
	waiting(t, p.Data)
	stop()
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
	if got := <-running; got.err == nil {
		t.Errorf("what ran was answered %d", got.status)
	}
	if lines := strings.Join(p.Log.Lines(), "\n"); !strings.Contains(lines, "requests still ran") {
		t.Errorf("logged is %s", lines)
	}
	release()

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	if err := p.Server.Serve(t.Context(), listener, time.Minute); err == nil {
		t.Error("served on a listener that is closed")
	}
}
