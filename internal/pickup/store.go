package pickup

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/shipment"
	"omapostipro/internal/workday"
)

const (
	constraintMessageOnce = "pickup_message_once"
	constraintTaken       = "parcel_is_fetched_once"
)

func queueInsert(b *pgx.Batch, actor account.Actor, contract account.ContractNumber, p Pickup, of *part) error {
	address, err := json.Marshal(p.Address)
	if err != nil {
		return err
	}
	var hash []byte
	var position *int
	if of != nil {
		hash, position = of.hash[:], &of.i
	}
	// Pickups of an organisation are ordered one after the other, so that no parcel is in two that wait.
	b.Queue("select pg_advisory_xact_lock(hashtextextended('pickups ' || $1::text, 0))", actor.Organization.ID)
	b.Queue(`insert into pickups (id, organization_id, contract_number_id, contract_kind, ordered_by_kind, ordered_by, message_hash, message_part,
			pickup_date, earliest, latest, instructions, address, packages, package_type, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::date, $10, $11, $12, $13, $14, $15, $16)`, p.ID, actor.Organization.ID, contract.ID, contract.Kind, actor.Kind, actor.ID,
		hash, position, p.Day.In(workday.Helsinki).Format(time.DateOnly), p.Earliest, p.Latest, p.Instructions, address, p.Packages, p.PackageType, p.OrderedAt)
	b.Queue(`with known as (`+selectParcels+`)
		insert into pickup_parcels (organization_id, pickup_id, position, shipment_number, order_type, earliest, latest, packages, package_type)
		select $4, $5, n.position, case when exists (select from known k where k.tracking_number = n.number and k.taken_by is not null) then refuse_taken_parcel(n.number) else n.number end,
			t."orderType", t.earliest, t.latest, t.packages, t."packageType"
		from unnest($2::text[]) with ordinality as n (number, position)
		left join jsonb_to_recordset($6) as t (number text, "orderType" text, earliest timestamptz, latest timestamptz, packages integer, "packageType" text)
			on t.number = n.number`, account.IDs(actor.Numbers), p.Numbers, p.OrderedAt, actor.Organization.ID, p.ID, p.Told)
	return nil
}

// selectTakenBy finds the pickup that fetches a parcel, if one waits for it at a time.
const selectTakenBy = `
	select w.id from pickup_parcels n join pickups w on w.organization_id = n.organization_id and w.id = n.pickup_id
	where n.organization_id = p.organization_id and n.shipment_number = p.tracking_number and w.cancelled_at is null and w.latest > $3 limit 1`

const selectParcels = `
	select p.tracking_number, c.number as contract, o.document, o.status, (` + selectTakenBy + `) as taken_by
	from parcels p
	join delivery_orders o on o.organization_id = p.organization_id and o.id = p.delivery_order_id
	join contract_numbers c on c.organization_id = o.organization_id and c.id = o.contract_number_id
	where p.organization_id = portal_organization() and o.contract_number_id = any ($1) and p.tracking_number = any ($2)`

const selectMessageKnown = `
	select true as known from pickups where organization_id = portal_organization() and message_hash = $1 and message_part = 0 and cancelled_at is null`

type parcelRow struct {
	TrackingNumber string
	Contract       string
	Document       shipment.Order
	Status         shipment.Status
	TakenBy        *uuid.UUID // the pickup that fetches it already
}

// refusal gives what keeps a parcel from being fetched: nothing does when the carrier has yet to get it, and no other pickup
// waits for it.
func (p parcelRow) refusal(path string) (shipment.Problem, bool) {
	var why string
	switch {
	case p.Status != shipment.Waiting:
		why = fmt.Sprintf("is %s, so that there is nothing to fetch", p.Status.ToldOf(p.Document.Contract.Partner.ContractKind()))
	case p.TakenBy != nil:
		why = fmt.Sprintf("is fetched by the pickup %s already: cancel that first", p.TakenBy)
	default:
		return shipment.Problem{}, false
	}
	return shipment.Problem{Code: shipment.Invalid, Path: path, Type: shipment.Error, Message: fmt.Sprintf("%s: the parcel %s %s", path, shipment.Quote(p.TrackingNumber), why)}, true
}

var tracked = regexp.MustCompile(`^JJFI\d{17}`)

// compact gives a tracking number as it is kept, however it was written.
func compact(number string) string { return strings.ToUpper(strings.Join(strings.Fields(number), "")) }

// ShipmentNumber gives what a message calls a shipment: a tracking number as it is kept, without the letter that a shop's
// module writes after it, and of a number of another system what was told.
func ShipmentNumber(told string) string {
	if number, err := shipment.ParseNumber(told); err == nil {
		return number
	}
	return cmp.Or(tracked.FindString(compact(told)), told)
}

const (
	selectOne  = selectPickup + " and p.id = $2"
	selectPage = selectPickup + " and (p.created_at, p.id) < ($2, $3) order by p.created_at desc, p.id desc limit $4"
)

const selectPickup = `
	select p.id, jsonb_build_object('id', c.id, 'kind', c.kind, 'number', c.number, 'holder', c.holder) as contract, p.pickup_date, p.earliest, p.latest, p.instructions, p.address, p.packages, p.package_type, p.created_at, p.cancelled_at,
		(select array_agg(n.shipment_number order by n.position) from pickup_parcels n
			where n.organization_id = p.organization_id and n.pickup_id = p.id) as numbers,
		coalesce((select jsonb_agg(jsonb_build_object('number', n.shipment_number, 'orderType', n.order_type, 'earliest', n.earliest, 'latest', n.latest,
				'packages', n.packages, 'packageType', n.package_type) order by n.position) from pickup_parcels n
			where n.organization_id = p.organization_id and n.pickup_id = p.id and n.order_type is not null), '[]') as told,
		p.ordered_by_kind, p.ordered_by, p.message_hash is not null as by_message,
		coalesce(case p.ordered_by_kind
			when 'person' then (select k.name from known_people k where k.organization_id = p.organization_id and k.user_id = p.ordered_by)
			when 'key' then (select k.description from api_keys k where k.organization_id = p.organization_id and k.id = p.ordered_by)
			when 'application' then (select a.name from application_accounts a where a.organization_id = p.organization_id and a.id = p.ordered_by)
		end, '')::text as ordered_by_name
	from pickups p
	join contract_numbers c on c.organization_id = p.organization_id and c.id = p.contract_number_id
	where p.organization_id = portal_organization() and p.contract_number_id = any ($1)`

type pickupRow struct {
	ID            uuid.UUID
	Contract      account.ContractNumber
	PickupDate    time.Time
	Earliest      time.Time
	Latest        time.Time
	Instructions  string
	Address       Address
	Packages      int
	PackageType   string
	CreatedAt     time.Time
	CancelledAt   *time.Time
	Numbers       []string
	Told          []Told
	OrderedByKind string
	OrderedBy     uuid.UUID
	OrderedByName string
	ByMessage     bool
}

func (r pickupRow) pickup() Pickup {
	return Pickup{ID: r.ID, Contract: r.Contract, OrderedBy: Orderer{r.OrderedByKind, r.OrderedBy, r.OrderedByName, r.ByMessage},
		OrderedAt: r.CreatedAt, CancelledAt: r.CancelledAt, Wanted: Wanted{Day: dayOf(r.PickupDate), Earliest: r.Earliest, Latest: r.Latest,
			Instructions: r.Instructions, Address: r.Address, Numbers: r.Numbers, Packages: r.Packages, PackageType: r.PackageType, Told: r.Told}}
}

// dayOf gives the beginning in Helsinki of a date of the database's.
func dayOf(date time.Time) time.Time {
	year, month, day := date.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, workday.Helsinki)
}

type stateRow struct {
	PickupDate  time.Time
	CancelledAt *time.Time
}

func lock(ctx context.Context, tx pgx.Tx, contracts []uuid.UUID, id uuid.UUID) (stateRow, error) {
	rows, err := tx.Query(ctx, `select pickup_date, cancelled_at from pickups
		where organization_id = portal_organization() and contract_number_id = any ($1) and id = $2 for no key update`, contracts, id)
	if err != nil {
		return stateRow{}, err
	}
	state, err := pgx.CollectOneRow(rows, pgx.RowToStructByName[stateRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return stateRow{}, errNotFound()
	}
	return state, err
}

func updateCancelled(ctx context.Context, tx pgx.Tx, id uuid.UUID, now time.Time) error {
	_, err := tx.Exec(ctx, "update pickups set cancelled_at = $2 where organization_id = portal_organization() and id = $1", id, now)
	return err
}
