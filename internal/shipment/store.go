package shipment

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/label"
	"omapostipro/internal/postgres"
)

const (
	constraintNumberTaken         = "parcel_tracking_number_unique"
	constraintShipmentNumberTaken = "delivery_order_shipment_number_unique"
)

// serials takes so many numbers of the global sequence, after it has passed over some. They are gone whatever becomes of
// the order.
func (s *Orders) serials(ctx context.Context, actor account.Actor, count, passed int) (serials []int64, err error) {
	err = s.db.Read(ctx, scope(actor), func(b *postgres.Batch) {
		postgres.Value(b, &serials, `select array_agg(serial) from (
			select nextval('tracking_serial') as serial from generate_series(1, $1) offset $2) as taken`, passed+count, passed)
	})
	return serials, err
}

func queueInsert(b *pgx.Batch, actor account.Actor, contract account.ContractNumber, placed Placed) error {
	document, err := json.Marshal(placed.Order)
	if err != nil {
		return err
	}
	key, application := credentialOf(actor)
	b.Queue(`insert into delivery_orders (id, organization_id, api_key_id, application_account_id, contract_number_id, contract_kind, shipment_number, service,
			order_number, sender_reference, document, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, placed.ID, actor.Organization.ID, key, application, contract.ID, contract.Kind,
		placed.Number, placed.Order.Service, placed.Order.OrderNo, placed.Order.SenderReference, document, placed.PlacedAt)
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
	b.Queue(`insert into labels (id, organization_id, delivery_order_id, media, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)`,
		placed.Label.ID, actor.Organization.ID, placed.ID, placed.Label.Media, placed.PlacedAt, placed.Label.ExpiresAt)
	return nil
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

const selectPlaced = `
	select o.id, o.shipment_number, o.document, o.created_at, l.id as label_id, l.media, l.expires_at,
		(select jsonb_agg(jsonb_build_object('number', p.tracking_number, 'weight', p.weight_grams, 'reference', p.reference) order by p.position)
			from parcels p where p.organization_id = o.organization_id and p.delivery_order_id = o.id) as parcels
	from delivery_orders o
	join labels l on l.organization_id = o.organization_id and l.delivery_order_id = o.id
	where o.organization_id = portal_organization() and o.contract_number_id = any ($1)`

type placedRow struct {
	ID             uuid.UUID
	ShipmentNumber string
	Document       Order
	CreatedAt      time.Time
	LabelID        uuid.UUID
	Media          label.Media
	ExpiresAt      time.Time
	Parcels        []PlacedParcel
}

func (r placedRow) placed() Placed {
	return Placed{ID: r.ID, Order: r.Document, Number: r.ShipmentNumber, Parcels: r.Parcels, PlacedAt: r.CreatedAt,
		Label: LabelLink{ID: r.LabelID, Media: r.Media, ExpiresAt: r.ExpiresAt}}
}
