// Package bench measures the portal beside bare handlers: the same work for the database, in the same process, on the
// same database, with nothing of the portal around it. Machines are noisy, so both take turns, and what is reported is
// the ratio of their throughputs: 1 is as fast as the bare handler.
//
//	make bench
package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"omapostipro/internal/apikey"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/postgres"
	"omapostipro/web/webtest"
)

const (
	workers = 4 // requests at once
	rounds  = 9 // in which each side takes two turns
	turn    = 250 * time.Millisecond
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // as cmd/portal
	os.Exit(m.Run())
}

// BenchmarkKey is GET /api/v1/key: recognise a key, and say what it may do. The bare handler runs one plain query that
// joins the same tables, as a role without row-level security. To reach: 0.8.
func BenchmarkKey(b *testing.B) {
	portal := newPortal(b)
	actor := portal.Actor(b, demotest.MainUser, demotest.ExampleOy)
	value := makeKeys(b, portal, 1)
	pool := superuser(b, portal)
	var hash []byte
	err := pool.QueryRow(b.Context(), "select hash from api_keys where organization_id = $1", actor.Organization.ID).Scan(&hash)
	if err != nil {
		b.Fatal(err)
	}
	ask := func(address string) func() *http.Request {
		return func() *http.Request {
			r := request(b, address)
			r.Header.Set("Authorization", value)
			return r
		}
	}
	answer := fetch(b, ask(portal.URL+"/api/v1/key")())
	bare := serve(b, func(w http.ResponseWriter, r *http.Request) {
		var (
			id, organization             uuid.UUID
			name, business, text, status string
			created                      time.Time
			used                         *time.Time
			numbers                      []apikey.Contract
		)
		err := pool.QueryRow(r.Context(), `
			select k.id, k.organization_id, o.name::text, o.business_id, k.description::text, k.status, k.created_at, k.last_used_at,
				(select jsonb_agg(jsonb_build_object('id', c.id, 'kind', c.kind, 'number', c.number, 'holder', c.holder) order by c.number)
					from api_key_contract_numbers l join contract_numbers c on c.id = l.contract_number_id where l.api_key_id = k.id)
			from api_keys k join organizations o on o.id = k.organization_id where k.hash = $1`, hash).
			Scan(&id, &organization, &name, &business, &text, &status, &created, &used, &numbers)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	})
	compare(b, portal, ask(portal.URL+"/api/v1/key"), ask(bare))
}

// BenchmarkKeysPage is a page of somebody who is logged in: the API's, with forty keys. The bare handler sends the same
// statements and writes as many bytes. To reach: 0.7.
func BenchmarkKeysPage(b *testing.B) {
	statements := new(recorder)
	portal := webtest.NewWith(b, webtest.Options{DB: func(data *demotest.Data) *postgres.DB {
		return demotest.Open(b, data.AppURL, postgres.Options{Tracer: statements})
	}})
	makeKeys(b, portal, 40)
	browser := portal.As(demotest.MainUser)
	path := portal.Home(demotest.ExampleOy) + "/integrations/omaposti-pro"
	ask := func(address string) func() *http.Request {
		return func() *http.Request {
			r := request(b, address)
			r.AddCookie(&http.Cookie{Name: "session", Value: browser.Cookie("session")})
			return r
		}
	}
	fetch(b, ask(portal.URL+path)())
	statements.start()
	page := fetch(b, ask(portal.URL+path)())
	single, batch := statements.stop()
	pool := demotest.Open(b, portal.AppURL, postgres.Options{MaxConns: 10}).Pool()
	bare := serve(b, func(w http.ResponseWriter, r *http.Request) {
		if err := replay(r.Context(), pool, single, batch); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(page)
	})
	b.ReportMetric(float64(len(page)), "bytes")
	b.ReportMetric(float64(len(single)+1), "trips")
	compare(b, portal, ask(portal.URL+path), ask(bare))
}

func newPortal(b *testing.B) *webtest.Portal {
	b.Helper()
	return webtest.NewWith(b, webtest.Options{DB: func(data *demotest.Data) *postgres.DB {
		return demotest.Open(b, data.AppURL, postgres.Options{MaxConns: 10})
	}})
}

// makeKeys makes keys as the manual's main user, and gives the value of the last.
func makeKeys(b *testing.B, portal *webtest.Portal, count int) string {
	b.Helper()
	actor := portal.Actor(b, demotest.MainUser, demotest.ExampleOy)
	var contracts []uuid.UUID
	for _, contract := range apikey.Linkable(actor) {
		contracts = append(contracts, contract.ID)
	}
	var value string
	for i := range count {
		id, err := portal.Keys.Create(b.Context(), actor, apikey.New{Description: fmt.Sprintf("Integration %d", i+1), Contracts: contracts, Token: uuid.Must(uuid.NewV7())})
		if err != nil {
			b.Fatal(err)
		}
		if value, err = portal.Keys.Value(b.Context(), actor, id); err != nil {
			b.Fatal(err)
		}
	}
	return value
}

// superuser gives a pool that row-level security does not hold for.
func superuser(b *testing.B, portal *webtest.Portal) *pgxpool.Pool {
	b.Helper()
	return demotest.Open(b, portal.AdminURL, postgres.Options{MaxConns: 10}).Pool()
}

func serve(b *testing.B, handle http.HandlerFunc) (address string) {
	b.Helper()
	server := httptest.NewServer(handle)
	b.Cleanup(server.Close)
	return server.URL
}

func request(b *testing.B, address string) *http.Request {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, address, nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "identity")
	return r
}

var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: workers, DisableCompression: true}, Timeout: 10 * time.Second}

func fetch(b *testing.B, r *http.Request) []byte {
	b.Helper()
	answer, err := client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		b.Fatalf("%s: %s %v", r.URL, answer.Status, err)
	}
	return body
}

// compare lets both sides take turns, in each round ours first and last: a turn after the other side's is slower, whichever it
// is, as caches are cold. It reports the median of the rounds' ratios. A busy machine disturbs that, but little the processor
// time that both cost: this process with the client, and the database beside it. cpu-ratio is the ratio of those, the bare
// handler's by ours.
func compare(b *testing.B, portal *webtest.Portal, ours, bare func() *http.Request) {
	b.Helper()
	spent := meter(b, portal)
	var ratios, rates, costs, bareCosts []float64
	for round := range rounds + 1 {
		first, cost := rate(b, spent, ours)
		bareFirst, bareCost := rate(b, spent, bare)
		bareLast, bareCostLast := rate(b, spent, bare)
		last, costLast := rate(b, spent, ours)
		if round > 0 { // the first warms up
			ratios, rates = append(ratios, (first+last)/(bareFirst+bareLast)), append(rates, (first+last)/2)
			costs, bareCosts = append(costs, (cost+costLast)/2), append(bareCosts, (bareCost+bareCostLast)/2)
		}
	}
	b.ReportMetric(median(costs), "cpu-µs")
	b.ReportMetric(median(bareCosts), "cpu-µs-bare")
	b.ReportMetric(median(bareCosts)/median(costs), "cpu-ratio")
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(rates), "req/s")
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(slices.Min(ratios), "ratio-min")
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// rate gives how many requests a second are answered in one turn, and the microseconds of processor time that each took.
func rate(b *testing.B, spent func() time.Duration, next func() *http.Request) (perSecond, cost float64) {
	b.Helper()
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		total int
	)
	before, start := spent(), time.Now()
	for range workers {
		wg.Go(func() {
			count := 0
			for time.Since(start) < turn {
				fetch(b, next())
				count++
			}
			mu.Lock()
			defer mu.Unlock()
			total += count
		})
	}
	wg.Wait()
	perSecond = float64(total) / time.Since(start).Seconds()
	return perSecond, float64((spent() - before).Microseconds()) / float64(total)
}

// meter gives a clock of the processor time that this process and the portal's database have used; of the database, those of
// its processes that serve a connection.
func meter(b *testing.B, portal *webtest.Portal) func() time.Duration {
	b.Helper()
	pool, used := superuser(b, portal), map[int]time.Duration{}
	return func() time.Duration {
		b.Helper()
		rows, err := pool.Query(b.Context(), "select pid from pg_stat_activity where datname = current_database()")
		if err != nil {
			b.Fatal(err)
		}
		pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
		if err != nil {
			b.Fatal(err)
		}
		for _, pid := range pids {
			if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid)); err == nil {
				var ran time.Duration
				if _, err := fmt.Sscan(string(text), &ran); err != nil {
					b.Fatal(err)
				}
				used[pid] = ran
			}
		}
		all := processorTime(b)
		for _, ran := range used {
			all += ran
		}
		return all
	}
}

// processorTime gives what this process has used.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// statement is what was sent to the database.
type statement struct {
	sql       string
	arguments []any
}

// recorder writes down the statements of one request.
type recorder struct {
	mu     sync.Mutex
	on     bool
	single []statement
	batch  []statement
}

func (r *recorder) start() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.on, r.single, r.batch = true, nil, nil
}

func (r *recorder) stop() (single, batch []statement) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.on = false
	return r.single, r.batch
}

func (r *recorder) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.on {
		r.single = append(r.single, statement{data.SQL, data.Args})
	}
	return ctx
}

func (r *recorder) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (r *recorder) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.on {
		for _, queued := range data.Batch.QueuedQueries {
			r.batch = append(r.batch, statement{queued.SQL, queued.Arguments})
		}
	}
	return ctx
}

func (r *recorder) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (r *recorder) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

// replay sends statements again and reads their rows, without making anything of them.
func replay(ctx context.Context, pool *pgxpool.Pool, single, batch []statement) error {
	for _, s := range single {
		rows, err := pool.Query(ctx, s.sql, s.arguments...)
		if err != nil {
			return err
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return err
		}
	}
	var b pgx.Batch
	for _, s := range batch {
		b.Queue(s.sql, s.arguments...)
	}
	results := pool.SendBatch(ctx, &b)
	for range batch {
		rows, err := results.Query()
		if err != nil {
			return err
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return err
		}
	}
	return results.Close()
}
