package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"

	"omapostipro/internal/account"
	"omapostipro/internal/apikey"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/postgres"
	"omapostipro/internal/shipment"
)

const million = 1_000_000

// fillShipments makes of the order $ID a million of the organization $ORGANIZATION, one a minute into the past: nine tenths
// under its contract number and one under another, a third with three events, a tenth with one reference.
const fillShipments = `
insert into delivery_orders (id, organization_id, api_key_id, contract_number_id, contract_kind, shipment_number, service, order_number,
		sender_reference, document, status, cancelled_at, created_at, tracked_at)
	select lpad(to_hex(i), 32, '0')::uuid, o.organization_id, o.api_key_id, case when i % 10 = 0 then f.id else o.contract_number_id end,
		case when i % 10 = 0 then f.kind else o.contract_kind end, 'N' || i, o.service, 'A-' || i, case when i % 10 = 3 then 'SHOP' else 'R-' || i / 3 end, o.document,
		case when i % 1000 = 0 then 'CANCELLED' when i % 5 = 0 then 'WAITING' when i % 99991 = 0 then 'RETURNED_TO_SENDER' else 'DELIVERED' end,
		case when i % 1000 = 0 then now() end, o.created_at - i * interval '1 minute', case when i % 3 = 0 then o.created_at - i * interval '1 minute' + interval '3 hours' end
	from delivery_orders o, contract_numbers f, generate_series(1, $MILLION) i where o.id = '$ID' and f.number = '876543' order by i desc;
insert into parcels (id, organization_id, delivery_order_id, position, tracking_number, weight_grams, reference)
	select lpad(to_hex(i), 32, '0')::uuid, '$ORGANIZATION', lpad(to_hex(i), 32, '0')::uuid, 1, 'JJFI' || lpad(i::text, 17, '0'), 1000, '' from generate_series($MILLION, 1, -1) i;
insert into labels (id, organization_id, delivery_order_id, media, created_at, expires_at)
	select lpad(to_hex(i), 32, '0')::uuid, '$ORGANIZATION', lpad(to_hex(i), 32, '0')::uuid, 'laser-a5', now(), now() from generate_series($MILLION, 1, -1) i;
insert into tracking_events (id, organization_id, delivery_order_id, code, status, place, postcode, country, occurred_at)
	select lpad(to_hex(3 * i + n), 32, '0')::uuid, '$ORGANIZATION', lpad(to_hex(3 * i), 32, '0')::uuid, (array['13', '31', '22'])[n], (array['RECEIVED', 'IN_TRANSPORT', 'DELIVERED'])[n],
		'Tampere', '33100', 'FI', now() - 3 * i * interval '1 minute' + n * interval '1 hour' from generate_series($MILLION / 3, 1, -1) i, generate_series(1, 3) n;
vacuum analyze delivery_orders;
vacuum analyze parcels;
vacuum analyze labels;
vacuum analyze tracking_events`

// BenchmarkMillionShipments lists, searches and tracks among a million shipments of one organisation. For every kind of
// question it prints the 99th percentile of the time that the answer takes, with the way to the database, and of what the
// database computes for it, which a busy machine disturbs less; and how it does so. To reach: 10 ms.
func BenchmarkMillionShipments(b *testing.B) {
	s := newShop(b)
	first, _ := s.place(b)
	actor := s.Actor(b, demotest.MainUser, demotest.ExampleOy)
	fill := strings.NewReplacer("$MILLION", fmt.Sprint(million), "$ID", first.ID.String(), "$ORGANIZATION", actor.Organization.ID.String()).Replace(fillShipments)
	admin := connect(b, s.Portal, nil)
	run(b, admin, "set search_path = portal", "set session_replication_role = replica", "set synchronous_commit = off") // no trigger: what is copied is right
	run(b, admin, strings.Split(fill, ";\n")...)

	var plan string
	var computed float64
	conn := connect(b, s.Portal, func(_ *pgconn.PgConn, notice *pgconn.Notice) {
		var user, system float64
		if _, err := fmt.Sscanf(notice.Detail, "! system usage stats:\n!\t%f s user, %f s system", &user, &system); err == nil {
			computed += 1000 * (user + system)
		} else if strings.Contains(notice.Message, "delivery_orders") {
			plan = notice.Message
		}
	})
	run(b, conn, "set search_path = portal", "load 'auto_explain'", "set auto_explain.log_analyze = on", "set auto_explain.log_buffers = on", "set auto_explain.log_timing = off",
		"set log_min_messages = fatal", "set client_min_messages = log", "select set_config('portal.organization', '"+actor.Organization.ID.String()+"', false)")
	orders := shipment.NewOrders(demotest.Open(b, s.AppURL, postgres.Options{MaxConns: 10, Tracer: s.asked}), s.Clock.Now)
	key := account.Actor{Kind: "key", Organization: actor.Organization, Numbers: apikey.Linkable(actor)}
	var worst, worstComputed float64
	for _, question := range questions(first, s.Clock.Now()) {
		const rounds = 300
		var took, worked [rounds]float64
		run(b, conn, "set log_statement_stats = on", "set role portal_app")
		var asked statement
		for i := range rounds {
			s.asked.start()
			found := 0
			var err error
			took[i] = milliseconds(func() { found, err = question.ask(b.Context(), orders, key, i) })
			_, batch := s.asked.stop()
			if err != nil || (found == 0) != question.nothing {
				b.Fatalf("%s: %d found, %v", question.name, found, err)
			}
			asked, computed = batch[len(batch)-1], 0
			ask(b, conn, asked.sql, asked.arguments...)
			worked[i] = computed
		}
		run(b, conn, "reset role", "set log_statement_stats = off", "set auto_explain.log_min_duration = 0", "set role portal_app")
		ask(b, conn, asked.sql, asked.arguments...)
		run(b, conn, "reset role", "set auto_explain.log_min_duration = -1")
		tell("%-45s %6.2f ms, computing %6.2f ms at the 99th percentile; %.2f and %.2f in the middle; %s\n", question.name,
			percentile(took[:], 99), percentile(worked[:], 99), percentile(took[:], 50), percentile(worked[:], 50), buffers(plan))
		if testing.Verbose() {
			tell("%s\n", plan)
		}
		worst, worstComputed = max(worst, percentile(took[:], 99)), max(worstComputed, percentile(worked[:], 99))
	}
	b.ReportMetric(worst, "ms-p99")
	b.ReportMetric(worstComputed, "ms-computing-p99")
	b.ReportMetric(0, "ns/op")
}

// buffers gives the line of a plan that says how many pages of the database were looked at.
func buffers(plan string) string {
	for line := range strings.Lines(plan) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "Buffers: ") {
			return line
		}
	}
	return "no plan"
}

// question is a kind of question that is asked of a million shipments.
type question struct {
	name    string
	nothing bool // nothing is found
	ask     func(ctx context.Context, orders *shipment.Orders, key account.Actor, i int) (found int, err error)
}

func questions(first placed, now time.Time) []question {
	list := func(name string, filter func(i int) shipment.Filter, ago func(i int) time.Duration, limit int) question {
		return question{name: "list: " + name, ask: func(ctx context.Context, orders *shipment.Orders, key account.Actor, i int) (int, error) {
			var after shipment.Cursor
			if ago != nil {
				after = shipment.Cursor{PlacedAt: now.Add(-ago(i)), ID: first.ID}
			}
			page, _, err := orders.List(ctx, key, filter(i), after, limit)
			return len(page), err
		}}
	}
	track := func(name string, filter func(i int) shipment.TrackFilter) question {
		return question{name: name, ask: func(ctx context.Context, orders *shipment.Orders, key account.Actor, i int) (int, error) {
			found, err := orders.Track(ctx, key, filter(i))
			return len(found), err
		}}
	}
	nothing := func(q question) question {
		q.nothing = true
		return q
	}
	number := func(i int) string { return fmt.Sprintf("JJFI%017d", 1+i*3010%million) }
	anywhere := func(i int) time.Duration { return time.Duration(i*3010%million) * time.Minute }
	end := func(int) time.Duration { return (million - 1000) * time.Minute }
	of := func(filter shipment.Filter) func(int) shipment.Filter {
		return func(int) shipment.Filter { return filter }
	}
	hundred := func(text func(i int) string, from int) (texts []string) {
		for i := range 100 {
			texts = append(texts, text(from+i))
		}
		return texts
	}
	const most = shipment.MaxListed
	kinds := []question{
		list("first page", of(shipment.Filter{}), nil, 25),
		list("first page of a hundred", of(shipment.Filter{}), nil, most),
		list("a page anywhere", of(shipment.Filter{}), anywhere, 25),
		list("a late page", of(shipment.Filter{}), end, 25),
		list("order number", func(i int) shipment.Filter { return shipment.Filter{OrderNo: fmt.Sprint("A-", 1+i*1010)} }, nil, 25),
		list("reference", func(i int) shipment.Filter { return shipment.Filter{SenderReference: fmt.Sprint("R-", 1+i*331)} }, nil, 25),
		list("reference of a hundred thousand", of(shipment.Filter{SenderReference: "SHOP"}), nil, 25),
		list("the same, a late page", of(shipment.Filter{SenderReference: "SHOP"}), end, 25),
		list("the same, of a rare status", of(shipment.Filter{SenderReference: "SHOP", Status: shipment.ReturnedToSender}), nil, 25),
		list("tracking number", func(i int) shipment.Filter { return shipment.Filter{TrackingNumber: number(i)} }, nil, 25),
		nothing(list("order number of nobody's", of(shipment.Filter{OrderNo: "none"}), nil, 25)),
		nothing(list("tracking number of nobody's", of(shipment.Filter{TrackingNumber: "JJFI"}), nil, 25)),
		list("from a time", func(i int) shipment.Filter { return shipment.Filter{CreatedFrom: now.Add(-anywhere(i) - time.Hour)} }, nil, 25),
		list("from a time, a late page", of(shipment.Filter{CreatedFrom: now.Add(-million * time.Minute)}), end, 25),
		list("a status from a time, a late page", of(shipment.Filter{Status: shipment.Cancelled, CreatedFrom: now.Add(-million * time.Minute)}), func(int) time.Duration { return (million - 5000) * time.Minute }, 25),
	}
	for _, status := range shipment.Statuses() {
		asked := list("status "+string(status), of(shipment.Filter{Status: status}), nil, 25)
		asked.nothing = !slices.Contains([]shipment.Status{shipment.Waiting, shipment.Delivered, shipment.Cancelled, shipment.ReturnedToSender}, status)
		kinds = append(kinds, asked)
	}
	return append(kinds,
		question{name: "track: one shipment", ask: func(ctx context.Context, orders *shipment.Orders, key account.Actor, i int) (int, error) {
			_, err := orders.Follow(ctx, key, uuid.MustParse(fmt.Sprintf("%032x", 1+i*3010%million)))
			return 1, err
		}},
		track("track: number", func(i int) shipment.TrackFilter {
			return shipment.TrackFilter{Numbers: []string{number(i)}, Limit: most}
		}),
		track("track: a hundred numbers", func(i int) shipment.TrackFilter {
			return shipment.TrackFilter{Numbers: hundred(number, i), Limit: most}
		}),
		track("track: order number", func(i int) shipment.TrackFilter {
			return shipment.TrackFilter{OrderNo: fmt.Sprint("A-", 1+i*1010), Limit: most}
		}),
		track("track: reference", func(i int) shipment.TrackFilter {
			return shipment.TrackFilter{SenderReference: fmt.Sprint("R-", 1+i*331), Limit: most}
		}),
		track("track: reference of a hundred thousand", func(int) shipment.TrackFilter { return shipment.TrackFilter{SenderReference: "SHOP", Limit: most} }),
		track("track: the same, the oldest", func(int) shipment.TrackFilter {
			return shipment.TrackFilter{SenderReference: "SHOP", Limit: most, OldestFirst: true}
		}),
		track("track: the same, far into it", func(int) shipment.TrackFilter {
			return shipment.TrackFilter{SenderReference: "SHOP", Limit: most, Start: 10_000}
		}),
		nothing(track("track: the same, changed since just now", func(int) shipment.TrackFilter {
			return shipment.TrackFilter{SenderReference: "SHOP", Limit: most, ChangedSince: now.Add(24 * time.Hour)}
		})),
		track("track: the same, changed since ever", func(i int) shipment.TrackFilter {
			return shipment.TrackFilter{SenderReference: "SHOP", Limit: most, ChangedSince: now.Add(-million * time.Minute), OldestFirst: i%2 == 0}
		}),
		track("find: the same, changed since ever", func(int) shipment.TrackFilter {
			return shipment.TrackFilter{Keywords: []string{"SHOP"}, Limit: most, ChangedSince: now.Add(-million * time.Minute)}
		}),
		track("find: number", func(i int) shipment.TrackFilter {
			return shipment.TrackFilter{Keywords: []string{number(i)}, Limit: most}
		}),
		track("find: order number", func(i int) shipment.TrackFilter {
			return shipment.TrackFilter{Keywords: []string{fmt.Sprint("A-", 1+i*1010)}, Limit: most}
		}),
		track("find: reference of a hundred thousand", func(int) shipment.TrackFilter {
			return shipment.TrackFilter{Keywords: []string{"SHOP"}, Limit: most}
		}),
		track("find: ten keywords", func(i int) shipment.TrackFilter {
			return shipment.TrackFilter{Keywords: hundred(func(i int) string { return fmt.Sprint("A-", 1+i*991%million) }, i)[:10], Limit: most}
		}),
		track("find: a hundred keywords", func(i int) shipment.TrackFilter {
			return shipment.TrackFilter{Keywords: hundred(func(i int) string { return fmt.Sprint("A-", 1+i*991%million) }, i), Limit: most}
		}),
		nothing(track("find: what nobody has", func(i int) shipment.TrackFilter {
			return shipment.TrackFilter{Keywords: []string{fmt.Sprint("none", i)}, Limit: most}
		})))
}
