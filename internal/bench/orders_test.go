package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/label"
	"omapostipro/internal/postgres"
	"omapostipro/internal/ratelimit"
	"omapostipro/internal/shipment"
	"omapostipro/web/api"
	"omapostipro/web/webtest"
)

// shop is a portal, a key of the manual's main user, and what the database is asked.
type shop struct {
	*webtest.Portal
	key   string
	asked *recorder
}

func newShop(b *testing.B) shop {
	b.Helper()
	asked := new(recorder)
	portal := webtest.NewWith(b, webtest.Options{DB: func(data *demotest.Data) *postgres.DB {
		return demotest.Open(b, data.AppURL, postgres.Options{MaxConns: 10, Tracer: asked})
	}})
	s := shop{portal, makeKeys(b, portal, 1), asked}
	// Of tables that are as good as empty the database reads all, and a connection goes on as it began: so whoever came first
	// would be the slower one.
	for range 300 {
		s.place(b)
	}
	run(b, connect(b, portal, nil), "vacuum analyze")
	return s
}

// with gives a second portal on the shop's database, with limits. Like is compared with like: each portal has connections of
// its own.
func (s shop) with(b *testing.B, limits api.Limits) shop {
	b.Helper()
	portal := webtest.NewWith(b, webtest.Options{Limits: limits, DB: func(*demotest.Data) *postgres.DB {
		return demotest.Open(b, s.AppURL, postgres.Options{MaxConns: 10})
	}})
	return shop{Portal: portal, key: s.key}
}

// plenty are limits that count calls and refuse none.
var plenty = api.Limits{Address: ratelimit.Limit{PerSecond: 1_000_000, Burst: 1_000_000}, Credential: ratelimit.Limit{PerSecond: 1_000_000, Burst: 1_000_000}}

func (s shop) call(b *testing.B, method, address string, body []byte) *http.Request {
	b.Helper()
	r := request(b, address)
	r.Method = method
	r.Header.Set("Authorization", s.key)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	return r
}

// placed is what is needed of an order's answer.
type placed struct {
	ID         uuid.UUID
	ShipmentNo string
}

// place places the order of the API's tests, and gives it and the answer.
func (s shop) place(b *testing.B) (placed, []byte) {
	b.Helper()
	var answer []placed
	content := fetch(b, s.call(b, http.MethodPost, s.URL+orderPath, order(b)))
	if err := json.Unmarshal(content, &answer); err != nil {
		b.Fatal(err)
	}
	return answer[0], content
}

const (
	orderPath = "/shippingapi/api/v1/shipping/order?returnFile=true"
	keyPath   = "/api/v1/key"
)

func order(b *testing.B) []byte {
	b.Helper()
	body, err := os.ReadFile("../../web/api/testdata/order-v1.json")
	if err != nil {
		b.Fatal(err)
	}
	return body
}

// BenchmarkOrder is an order whose answer holds its label. The bare handler reads the body, takes a serial, draws the same
// label, and sends the same inserts with numbers of its own, as a role without row-level security. To reach: 0.6, and 150
// orders a second on two cores.
func BenchmarkOrder(b *testing.B) {
	s := newShop(b)
	s.place(b)
	s.asked.start()
	first, answer := s.place(b)
	_, batch := s.asked.stop()
	var inserts []statement
	for _, sent := range batch {
		if strings.Contains(sent.sql, "insert into") {
			inserts = append(inserts, sent)
		}
	}
	actor := s.Actor(b, demotest.MainUser, demotest.ExampleOy)
	stays := []uuid.UUID{uuid.Nil, actor.Organization.ID, s.Number(b, "654321")}
	stays = append(stays, demotest.Value[uuid.UUID](b, s.System, "select id from api_keys where organization_id = $1", actor.Organization.ID))
	orders := shipment.NewOrders(s.App, s.Clock.Now)
	placed, err := orders.Get(b.Context(), actor, "654321", first.ID)
	if err != nil {
		b.Fatal(err)
	}
	labels, err := shipment.Labels([]shipment.Placed{placed}, true)
	if err != nil {
		b.Fatal(err)
	}
	pool := superuser(b, s.Portal)
	var count atomic.Int64
	bare := serve(b, func(w http.ResponseWriter, r *http.Request) {
		err := func() error {
			var body map[string]any
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				return err
			}
			var serial int64
			if err := pool.QueryRow(r.Context(), "select nextval('tracking_serial')").Scan(&serial); err != nil {
				return err
			}
			pdf, err := label.PDF(labels, placed.Target())
			if err != nil {
				return err
			}
			fresh := another{stays: stays, number: first.ShipmentNo, instead: fmt.Sprintf("BARE%017d", count.Add(1)), ids: map[uuid.UUID]uuid.UUID{}}
			var again pgx.Batch
			for _, insert := range inserts {
				again.Queue(insert.sql, fresh.arguments(insert.arguments)...)
			}
			if err := pool.SendBatch(r.Context(), &again).Close(); err != nil {
				return err
			}
			w.Header().Set("Content-Type", "application/json")
			return json.NewEncoder(w).Encode([]any{map[string]any{"shipmentNo": fresh.instead, "pdfs": []any{map[string]any{"pdf": pdf}}}})
		}()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	body := order(b)
	b.ReportMetric(float64(len(answer)), "bytes")
	compare(b, s.Portal, func() *http.Request { return s.call(b, http.MethodPost, s.URL+orderPath, body) },
		func() *http.Request { return s.call(b, http.MethodPost, bare, body) })
}

// BenchmarkOrderOnce is what idempotency and the limits cost: an order that has an Idempotency-Key at a portal that counts
// calls, beside one without a key at a portal that does not. To reach: 0.9.
func BenchmarkOrderOnce(b *testing.B) {
	s := newShop(b)
	limited, plain, body := s.with(b, plenty), s.with(b, api.Limits{}), order(b)
	var calls atomic.Int64
	compare(b, s.Portal, func() *http.Request {
		r := limited.call(b, http.MethodPost, limited.URL+orderPath, body)
		r.Header.Set("Idempotency-Key", fmt.Sprint("order-", calls.Add(1)))
		return r
	}, func() *http.Request { return plain.call(b, http.MethodPost, plain.URL+orderPath, body) })
}

// BenchmarkKeyLimited is what the limits cost where there is least beside them. To reach: 0.9.
func BenchmarkKeyLimited(b *testing.B) {
	s := newShop(b)
	limited, plain := s.with(b, plenty), s.with(b, api.Limits{})
	compare(b, s.Portal, func() *http.Request { return limited.call(b, http.MethodGet, limited.URL+keyPath, nil) },
		func() *http.Request { return plain.call(b, http.MethodGet, plain.URL+keyPath, nil) })
}

// another makes of the arguments of one order's statements those of another.
type another struct {
	stays           []uuid.UUID // what the orders have in common
	number, instead string
	ids             map[uuid.UUID]uuid.UUID
}

func (a another) id(id uuid.UUID) uuid.UUID {
	if slices.Contains(a.stays, id) {
		return id
	}
	if _, ok := a.ids[id]; !ok {
		a.ids[id] = uuid.Must(uuid.NewV7())
	}
	return a.ids[id]
}

func (a another) arguments(arguments []any) []any {
	all := slices.Clone(arguments)
	for i, argument := range all {
		switch argument := argument.(type) {
		case uuid.UUID:
			all[i] = a.id(argument)
		case *uuid.UUID:
			if argument != nil {
				id := a.id(*argument)
				all[i] = &id
			}
		case []uuid.UUID:
			ids := slices.Clone(argument)
			for j := range ids {
				ids[j] = a.id(ids[j])
			}
			all[i] = ids
		case string:
			all[i] = strings.ReplaceAll(argument, a.number, a.instead)
		case []string:
			texts := slices.Clone(argument)
			for j := range texts {
				texts[j] = strings.ReplaceAll(texts[j], a.number, a.instead)
			}
			all[i] = texts
		}
	}
	return all
}

// BenchmarkShipment is GET /api/v1/shipments/{id}, and BenchmarkShipments a page of its list. The bare handlers send the
// same statements and write as many bytes. To reach: 0.75.
func BenchmarkShipment(b *testing.B) {
	s := newShop(b)
	first, _ := s.place(b)
	s.compareRead(b, "/api/v1/shipments/"+first.ID.String())
}

// BenchmarkShipments is a page of 25.
func BenchmarkShipments(b *testing.B) {
	s := newShop(b)
	for range 40 {
		s.place(b)
	}
	s.compareRead(b, "/api/v1/shipments")
}

func (s shop) compareRead(b *testing.B, path string) {
	b.Helper()
	fetch(b, s.call(b, http.MethodGet, s.URL+path, nil))
	s.asked.start()
	answer := fetch(b, s.call(b, http.MethodGet, s.URL+path, nil))
	single, batch := s.asked.stop()
	pool := demotest.Open(b, s.AppURL, postgres.Options{MaxConns: 10}).Pool()
	bare := serve(b, func(w http.ResponseWriter, r *http.Request) {
		if err := replay(r.Context(), pool, single, batch); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	})
	b.ReportMetric(float64(len(answer)), "bytes")
	compare(b, s.Portal, func() *http.Request { return s.call(b, http.MethodGet, s.URL+path, nil) },
		func() *http.Request { return s.call(b, http.MethodGet, bare, nil) })
}
