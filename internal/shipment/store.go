package shipment

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/fault"
	"omapostipro/internal/label"
	"omapostipro/internal/postgres"
)

const (
	constraintNumberTaken         = "parcel_tracking_number_unique"
	constraintShipmentNumberTaken = "delivery_order_shipment_number_unique"
	constraintReturnedOnce        = "delivery_order_returned_once"
)

// queueSerials takes so many numbers of the global sequence, after it has passed over some. They are gone whatever
// becomes of the order.
func queueSerials(b *postgres.Batch, into *[]int64, count, passed int) {
	postgres.Value(b, into, `select array_agg(serial) from (
		select nextval('tracking_serial') as serial from generate_series(1, $1) offset $2) as taken`, passed+count, passed)
}

func queueInsert(b *pgx.Batch, actor account.Actor, contract account.ContractNumber, placed Placed, firstStep time.Duration) error {
	document, err := json.Marshal(placed.Order)
	if err != nil {
		return err
	}
	key, application := credentialOf(actor)
	b.Queue(`insert into delivery_orders (id, organization_id, api_key_id, application_account_id, contract_number_id, contract_kind, shipment_number, service,
			order_number, sender_reference, document, status, return_of_id, next_step_due, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, story_time($15) + $14, $15)`, placed.ID, actor.Organization.ID, key, application, contract.ID, contract.Kind,
		placed.Number, placed.Order.Service, placed.Order.OrderNo, placed.Order.SenderReference, document, placed.Status, placed.ReturnOf,
		firstStep.Seconds(), placed.PlacedAt)
	ids, numbers, weights, references := make([]uuid.UUID, len(placed.Parcels)), make([]string, len(placed.Parcels)),
		make([]int64, len(placed.Parcels)), make([]string, len(placed.Parcels))
	for i, parcel := range placed.Parcels {
		if ids[i], err = uuid.NewV7(); err != nil {
			return err
		}
		numbers[i], weights[i], references[i] = parcel.Number, parcel.Weight, parcel.Reference
	}
	b.Queue(`insert into parcels (id, organization_id, delivery_order_id, position, tracking_number, weight_grams, reference)
		select p.id, $1, $2, p.position, p.number, p.weight, p.reference
		from unnest($3::uuid[], $4::text[], $5::bigint[], $6::text[]) with ordinality as p (id, number, weight, reference, position)`,
		actor.Organization.ID, placed.ID, ids, numbers, weights, references)
	queueLabel(b, actor, placed, placed.PlacedAt)
	queueSendingCodes(b, actor, placed)
	return nil
}

func queueLabel(b *pgx.Batch, actor account.Actor, placed Placed, now time.Time) {
	b.Queue(`insert into labels (id, organization_id, delivery_order_id, media, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)`,
		placed.Label.ID, actor.Organization.ID, placed.ID, placed.Label.Media, now, placed.Label.ExpiresAt)
}

// credentialOf gives the columns of who places an order: one of them is null.
func credentialOf(actor account.Actor) (key, application *uuid.UUID) {
	if actor.Kind == audit.Application {
		return nil, &actor.ID
	}
	return &actor.ID, nil
}

// An order under one of the contracts $1: by its own id, or, for the key or application account that placed it, by that of
// a link to its labels.
const (
	selectByID    = selectPlaced + " and o.id = $2 order by l.created_at desc limit 1"
	selectByLabel = selectPlaced + " and l.id = $2 and (o.api_key_id = $3 or o.application_account_id = $4)"
)

const selectPlaced = "select " + placedColumns + `
	from delivery_orders o
	join labels l on l.organization_id = o.organization_id and l.delivery_order_id = o.id` + joinParcels + `
	where o.organization_id = portal_organization() and o.contract_number_id = any ($1)`

// What is read of an order o with a link l to its labels and its parcels p.
const placedColumns = `
	o.id, o.shipment_number, o.document, o.created_at, o.changed_at, o.status, o.cancelled_at, o.return_of_id, l.id as label_id, l.media, l.expires_at,
	p.numbers, p.weights, p.parcel_references, p.sending_codes`

// The parcels of an order, as arrays: they are read in less time than JSON.
const joinParcels = `
	cross join lateral (select array_agg(p.tracking_number order by p.position) as numbers, array_agg(p.weight_grams order by p.position) as weights,
			array_agg(p.reference::text order by p.position) as parcel_references, array_agg(coalesce(c.code, '') order by p.position) as sending_codes
		from parcels p
		left join sending_codes c on c.organization_id = p.organization_id and c.delivery_order_id = p.delivery_order_id and c.position = p.position
		where p.organization_id = o.organization_id and p.delivery_order_id = o.id) p`

type placedRow struct {
	ID             uuid.UUID
	ShipmentNumber string
	Document       Order
	CreatedAt      time.Time
	ChangedAt      time.Time
	Status         Status
	CancelledAt    *time.Time
	ReturnOfID     *uuid.UUID
	LabelID        uuid.UUID
	Media          label.Media
	ExpiresAt      time.Time

	Numbers          []string
	Weights          []int64
	ParcelReferences []string
	SendingCodes     []string
}

func (r placedRow) placed() Placed {
	parcels := make([]PlacedParcel, len(r.Numbers))
	for i, number := range r.Numbers {
		parcels[i] = PlacedParcel{Number: number, Weight: r.Weights[i], Reference: r.ParcelReferences[i], SendingCode: r.SendingCodes[i]}
	}
	return Placed{ID: r.ID, Order: r.Document, Number: r.ShipmentNumber, Parcels: parcels, PlacedAt: r.CreatedAt, ChangedAt: r.ChangedAt,
		Status: r.Status, CancelledAt: r.CancelledAt, ReturnOf: r.ReturnOfID, Label: LabelLink{ID: r.LabelID, Media: r.Media, ExpiresAt: r.ExpiresAt}}
}

func placedOf(rows []placedRow) []Placed {
	all := make([]Placed, len(rows))
	for i, row := range rows {
		all[i] = row.placed()
	}
	return all
}

// The last link to an order's labels.
const joinLastLabel = `
	cross join lateral (select l.id, l.media, l.expires_at from labels l
		where l.organization_id = o.organization_id and l.delivery_order_id = o.id order by l.created_at desc limit 1) l`

const selectByIDs = "select " + placedColumns + " from delivery_orders o" + joinLastLabel + joinParcels + `
	where o.organization_id = portal_organization() and o.contract_number_id = any ($1) and o.id = any ($2)`

// The return of an order.
const selectReturn = `select id, shipment_number as number from delivery_orders
	where organization_id = portal_organization() and return_of_id = $1 and status <> 'CANCELLED' order by id limit 1`

// A page of a list: of each contract $1, with its status $6, the newest after the cursor ($2, $3) and not before $4, and of
// those the newest $5. Each contract is read along an index, so that a page costs the same however many orders there are;
// which index is said by the condition that comes between. The bounds are parameters as they are: with row-level security the
// database looks little else up in an index, not even coalesce.
const (
	selectPage = "with page as (select found.id, found.created_at from unnest($1::uuid[], $6::text[]) as contract (id, status) cross join lateral (" + `
		select o.id, o.created_at from delivery_orders o
		where o.organization_id = portal_organization() and o.contract_number_id = contract.id
			and (o.created_at, o.id) < ($2, $3) and o.created_at >= $4
			and (contract.status = '' or o.status = contract.status) and ($7::text = '' or o.order_number = $7) and ($8::text = '' or o.sender_reference = $8)
			and ($9::text = '' or o.id = (` + orderOfParcel + "))"
	selectPageEnd = `
		order by o.created_at desc, o.id desc limit $5) as found
		order by found.created_at desc, found.id desc limit $5)
	select ` + placedColumns + " from page join delivery_orders o on o.organization_id = portal_organization() and o.id = page.id" + joinLastLabel + joinParcels + `
	order by page.created_at desc, page.id desc`

	orderOfParcel = "select p.delivery_order_id from parcels p where p.organization_id = portal_organization() and p.tracking_number = $9"

	selectPageOfAll       = selectPage + selectPageEnd
	selectPageByStatus    = selectPage + " and o.status = contract.status" + selectPageEnd
	selectPageByOrderNo   = selectPage + " and o.order_number = $7 and o.order_number <> ''" + selectPageEnd
	selectPageByReference = selectPage + " and o.sender_reference = $8 and o.sender_reference <> ''" + selectPageEnd
	selectPageByBoth      = selectPage + " and o.status = contract.status and o.sender_reference = $8 and o.sender_reference <> ''" + selectPageEnd
	selectPageByNumber    = selectPage + " and o.id = (" + orderOfParcel + ")" + selectPageEnd
)

// query gives the statement whose index leaves least to look at.
func (f Filter) query() string {
	switch {
	case f.TrackingNumber != "":
		return selectPageByNumber
	case f.OrderNo != "":
		return selectPageByOrderNo
	case f.SenderReference != "" && f.Status != "":
		return selectPageByBoth
	case f.SenderReference != "":
		return selectPageByReference
	case f.Status != "":
		return selectPageByStatus
	default:
		return selectPageOfAll
	}
}

func lockStatus(ctx context.Context, tx pgx.Tx, contracts []uuid.UUID, id uuid.UUID) (status Status, err error) {
	err = tx.QueryRow(ctx, `select status from delivery_orders
		where organization_id = portal_organization() and contract_number_id = any ($1) and id = $2 for no key update`, contracts, id).Scan(&status)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", fault.New(fault.NotFound, "errors.not_found_text")
	}
	return status, err
}

func updateCancelled(ctx context.Context, tx pgx.Tx, id uuid.UUID, now time.Time) error {
	_, err := tx.Exec(ctx, "update delivery_orders set status = $2, cancelled_at = $3, next_step_due = null where organization_id = portal_organization() and id = $1", id, Cancelled, now)
	return err
}
