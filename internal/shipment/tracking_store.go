package shipment

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/fault"
	"omapostipro/internal/postgres"
)

func errNotFound() error { return fault.New(fault.NotFound, "errors.not_found_text") }

// What is read of an order o beside its own columns; the first event is the order itself.
const trackedColumns = placedColumns + `,
	(select jsonb_agg(jsonb_build_object('code', e.code, 'status', e.status, 'place', e.place, 'postcode', e.postcode, 'country', e.country,
			'at', e.occurred_at) order by e.occurred_at, e.id)
		from tracking_events e where e.organization_id = o.organization_id and e.delivery_order_id = o.id) as events`

type trackedRow struct {
	placedRow
	Events []TrackedEvent
}

func (r trackedRow) tracked() Tracked {
	t := Tracked{Placed: r.placed()}
	first := t.Order.Story(false)[0]
	t.Events = append([]TrackedEvent{t.Order.told(first, t.PlacedAt)}, r.Events...)
	return t
}

const selectTrackedByID = "select " + trackedColumns + " from delivery_orders o" + joinLastLabel + joinParcels + `
	where o.organization_id = portal_organization() and o.contract_number_id = any ($1) and o.id = $2`

// Which orders are meant. Each way has an index; under each contract at most a page is read, however many there are. SORT is what
// they are sorted by, and WANTED what is asked of them besides.
const (
	trackFound  = "with found as ("
	foundByName = `select found.id, found.at from unnest($1::uuid[]) as contract (id) cross join lateral (
			select o.id, o.SORT as at from delivery_orders o
			where o.organization_id = portal_organization() and o.contract_number_id = contract.id and `
	foundByNameEnd = `WANTED order by o.SORT desc, o.id desc limit $7::int + $8::int) as found`

	foundByNumber = `select distinct o.id, o.SORT as at from parcels p join delivery_orders o on o.organization_id = p.organization_id and o.id = p.delivery_order_id
		where p.organization_id = portal_organization() and o.contract_number_id = any ($1) and p.tracking_number = any (`

	foundByOrderNo   = foundByName + "o.order_number = $3 and o.order_number <> ''" + foundByNameEnd
	foundByReference = foundByName + "o.sender_reference = $4 and o.sender_reference <> ''" + foundByNameEnd
	foundByKeyword   = foundByNumber + "$5)WANTED union " +
		"select named.id, named.at from unnest($5::text[]) as keyword (text) cross join lateral (" +
		foundByName + "o.order_number = keyword.text and o.order_number <> ''" + foundByNameEnd + ") as named union " +
		"select named.id, named.at from unnest($5::text[]) as keyword (text) cross join lateral (" +
		foundByName + "o.sender_reference = keyword.text and o.sender_reference <> ''" + foundByNameEnd + ") as named"

	trackEnd = `), page as (
		select found.id, found.at from found
		where ($2::text[] is null or true) and ($3::text is null or true) and ($4::text is null or true) and ($5::text[] is null or true)
			and ($6::timestamptz is null or true)
		order by found.at desc, found.id desc limit $8 offset $7)
	select ` + trackedColumns + " from page join delivery_orders o on o.organization_id = portal_organization() and o.id = page.id" + joinLastLabel + joinParcels + `
	order by page.at desc, page.id desc`

	trackByNumber    = trackFound + foundByNumber + "$2)WANTED" + trackEnd
	trackByOrderNo   = trackFound + foundByOrderNo + trackEnd
	trackByReference = trackFound + foundByReference + trackEnd
	trackByKeyword   = trackFound + foundByKeyword + trackEnd
)

// trackQuery gives the statement for a filter. What is not asked for is not in it, so that an index alone can tell.
func (f TrackFilter) trackQuery() string {
	query := trackByKeyword
	switch {
	case len(f.Numbers) > 0:
		query = trackByNumber
	case f.OrderNo != "":
		query = trackByOrderNo
	case f.SenderReference != "":
		query = trackByReference
	}
	sort, wanted, direction := "created_at", "", " desc"
	if !f.ChangedSince.IsZero() {
		sort, wanted = "changed_at", " and o.changed_at >= $6"
	}
	if !f.Cancelled {
		wanted += " and o.status <> 'CANCELLED'"
	}
	if f.OldestFirst {
		direction = " asc" // the same indexes, from their other end
	}
	return strings.NewReplacer("SORT", sort, "WANTED", wanted, " desc", direction).Replace(query)
}

const movingColumns = `id, document, status, next_step, return_of_id, changed_at`

func lockMoving(ctx context.Context, tx pgx.Tx, contracts []uuid.UUID, id uuid.UUID) (*moving, error) {
	rows, err := tx.Query(ctx, "select "+movingColumns+` from delivery_orders
		where organization_id = portal_organization() and contract_number_id = any ($1) and id = $2 for no key update`, contracts, id)
	if err != nil {
		return nil, err
	}
	m, err := pgx.CollectOneRow(rows, pgx.RowToAddrOfStructByName[moving])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errNotFound()
	}
	return m, err
}

// queueSpeed sets the clock by which shipments move, unless it goes at that speed already.
func queueSpeed(b *pgx.Batch, speed float64, now time.Time) {
	b.Queue("update story_clock set passed = story_time($1), begun_at = $1, speed = $2 where speed <> $2", now, speed)
}

type dueShipment struct {
	OrganizationID uuid.UUID
	ID             uuid.UUID
}

func dueShipments(ctx context.Context, db *postgres.DB, now time.Time) (due []dueShipment, err error) {
	err = db.Read(ctx, postgres.Scope{}, func(b *postgres.Batch) {
		postgres.Rows(b, &due, "select organization_id, id from due_shipments($1, $2)", now, dueAtOnce)
	})
	return due, err
}

// lockDue locks those that are still due. What another instance is moving is left to it.
func lockDue(ctx context.Context, tx pgx.Tx, ids []uuid.UUID, now time.Time) ([]dueMoving, error) {
	rows, err := tx.Query(ctx, "select "+movingColumns+`, greatest(story_moment(next_step_due), changed_at) as due_at, (select speed from story_clock)
		from delivery_orders
		where organization_id = portal_organization() and id = any ($1) and next_step_due <= story_time($2) and (select speed from story_clock) > 0
		for no key update skip locked`, ids, now)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[dueMoving])
}

func (m *moving) save(ctx context.Context, tx pgx.Tx) error { return saveAll(ctx, tx, []*moving{m}) }

// saveAll writes down what happened to shipments, in one round trip.
func saveAll(ctx context.Context, tx pgx.Tx, shipments []*moving) error {
	var batch pgx.Batch
	for _, m := range shipments {
		for _, e := range m.happened {
			id, err := uuid.NewV7()
			if err != nil {
				return err
			}
			batch.Queue(`insert into tracking_events (id, organization_id, delivery_order_id, code, status, place, postcode, country, occurred_at)
				values ($1, portal_organization(), $2, $3, $4, $5, $6, $7, $8)`, id, m.ID, e.Code, e.Status, e.Place, e.Postcode, e.Country, e.OccurredAt)
		}
		var seconds *float64 // until the next step; none when nothing comes
		if wait, more := m.wait(); more {
			seconds = new(wait.Seconds())
		}
		batch.Queue(`update delivery_orders set status = $2, next_step = $3, next_step_due = story_time($4) + $5, tracked_at = case when $6 then $4 else tracked_at end
			where organization_id = portal_organization() and id = $1`, m.ID, m.Status, m.NextStep, m.ChangedAt, seconds, len(m.happened) > 0)
	}
	return tx.SendBatch(ctx, &batch).Close()
}
