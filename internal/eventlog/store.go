package eventlog

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/postgres"
)

// What actors and objects are called now. Names come by primary key, for the events of one page only.
const selectEvents = `
	select e.id, e.occurred_at, e.actor_kind, e.actor_id, e.action, e.object_kind, e.object_id, e.fields, e.request_id,
		coalesce(case e.actor_kind
			when 'person' then (select trim(u.first_name || ' ' || u.last_name) from users u where u.id = e.actor_id)
			when 'key' then (select k.description from api_keys k where k.organization_id = portal_organization() and k.id = e.actor_id)
			when 'application' then (select a.name from application_accounts a where a.organization_id = portal_organization() and a.id = e.actor_id)
		end, '')::text as actor_name,
		coalesce(case when e.actor_kind = 'person' then (select u.email from users u where u.id = e.actor_id and u.erased_at is null) end, '')::text as actor_email,
		coalesce(case
			when e.object_kind in ('membership', 'user') then (select trim(u.first_name || ' ' || u.last_name) from users u where u.id = e.object_id)
			when e.object_kind = 'session' then (select trim(u.first_name || ' ' || u.last_name) from users u where u.id in (e.object_id, e.actor_id))
			when e.object_kind = 'invitation' then (select coalesce(nullif(trim(i.first_name || ' ' || i.last_name), ''),
					case when i.email_key like '%@erased.invalid' then '' else i.email::text end)
				from invitations i where i.organization_id = portal_organization() and i.id = e.object_id)
			when e.object_kind = 'api_key' then (select k.description from api_keys k where k.organization_id = portal_organization() and k.id = e.object_id)
			when e.object_kind = 'application_account' then (select a.name from application_accounts a
				where a.organization_id = portal_organization() and a.id = e.object_id)
			when e.object_kind = 'delivery_order' then (select d.shipment_number from delivery_orders d
				where d.organization_id = portal_organization() and d.id = e.object_id)
			when e.object_kind = 'pickup' then (select p.pickup_date || ' ' || coalesce(p.address ->> 'street', '') from pickups p
				where p.organization_id = portal_organization() and p.id = e.object_id)
			when e.object_kind = 'contract_number' then (select c.number || ' ' || c.holder from contract_numbers c
				where c.organization_id = portal_organization() and c.id = e.object_id)
			when e.object_kind in ('organization', 'company_account') then (select o.name from organizations o where o.id = portal_organization())
		end, '')::text as object_name,
		coalesce(case
			when e.object_kind in ('membership', 'user') then (select u.email from users u where u.id = e.object_id and u.erased_at is null)
			when e.object_kind = 'invitation' then (select i.email from invitations i where i.organization_id = portal_organization() and i.id = e.object_id
				and i.email_key not like '%@erased.invalid')
		end, '')::text as object_email,
		case when e.object_kind in ('membership', 'user') then exists (select from memberships m where m.organization_id = portal_organization()
				and m.user_id = e.object_id and m.ended_at is null)
			when e.object_kind = 'invitation' then exists (select from invitations i where i.organization_id = portal_organization() and i.id = e.object_id
				and i.accepted_at is null and i.withdrawn_at is null)
			else e.object_kind in ('api_key', 'application_account', 'contract_number', 'organization', 'company_account')
		end as object_here,
		case when e.object_kind = 'pickup' then (select p.contract_number_id from pickups p
			where p.organization_id = portal_organization() and p.id = e.object_id) end as payer,
		coalesce((select array_agg(p.personal_values) from audit_personal_values p
			where p.event_id = e.id and p.occurred_at = e.occurred_at), '{}') as values
	from `

// between bounds every read by time, in the filter's own limits and after the cursor.
const between = `
	e.occurred_at >= $2 and e.occurred_at < $3 and (e.occurred_at, e.id) < ($4, $5)
	order by e.occurred_at desc, e.id desc limit $6`

const newestFirst = `
	order by e.occurred_at desc, e.id desc limit $6`

// Each way to ask has an index that gives its rows in order.
const (
	listAll = selectEvents + `audit_events e where e.organization_id = portal_organization() and ($1::text = '' or true) and ` + between

	listKind = selectEvents + `audit_events e where e.organization_id = portal_organization() and e.object_kind = $1 and ` + between

	// What people do to their accounts, and their log-ins, belong to no organisation. Where there are few people, theirs are looked for one by
	// one; where there are many, the newest of all are asked whose they are.
	listPersonal = selectEvents + `(
		(select e.* from memberships m cross join lateral (
			(select e.* from audit_events e where e.organization_id is null and e.actor_id = m.user_id and e.object_kind = $1 and ` + between + `)
			union all
			(select e.* from audit_events e where e.organization_id is null and e.object_id = m.user_id and e.object_kind = $1 and ` + between + `)
		) e where (` + countPeople + `) <= $7 and m.organization_id = portal_organization()` + newestFirst + `)
		union all
		(select e.* from audit_events e where (` + countPeople + `) > $7 and e.organization_id is null and e.object_kind = $1 and ` + between + `)
	) e` + newestFirst

	countPeople = `select count(*) from (select from memberships where organization_id = portal_organization() limit $7 + 1) few`

	// What somebody did, what was done to them, and their log-ins, each in order; a row that is in several counts once.
	listAbout = selectEvents + `(
		(select e.* from audit_events e where e.organization_id = portal_organization() and e.actor_id = $7 and ($1 = '' or e.object_kind = $1) and ` + between + `)
		union
		(select e.* from audit_events e where e.organization_id = portal_organization() and e.object_id = $7 and ($1 = '' or e.object_kind = $1) and ` + between + `)
		union
		(select e.* from audit_events e where e.organization_id is null and e.actor_id = $7 and ($1 = '' or e.object_kind = $1) and ` + between + `)
		union
		(select e.* from audit_events e where e.organization_id is null and e.object_id = $7 and ($1 = '' or e.object_kind = $1) and ` + between + `)
	) e` + newestFirst
)

// personalKinds are the kinds of event that stand in no organisation's log but by its people.
var personalKinds = []string{"session", "user"}

// fewPeople is up to how many people's are looked for one by one: some thousand looks into an index.
const fewPeople = 300

// The sentinel is later than everything; a partition key is compared with it cheaply.
var (
	farPast   = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	farFuture = time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC)
)

func queueEvents(b *postgres.Batch, each func(Event) error, filter Filter, after Cursor, limit int) {
	from, to := filter.From, filter.To
	if from.IsZero() {
		from = farPast
	}
	if to.IsZero() {
		to = farFuture
	}
	if after.At.IsZero() {
		after = Cursor{At: farFuture, ID: uuid.Max}
	}
	arguments := []any{filter.Kind, from, to, after.At, after.ID, limit}
	switch {
	case filter.About != uuid.Nil:
		postgres.Each(b, each, listAbout, append(arguments, filter.About)...)
	case slices.Contains(personalKinds, filter.Kind):
		postgres.Each(b, each, listPersonal, append(arguments, fewPeople)...)
	case filter.Kind != "":
		postgres.Each(b, each, listKind, arguments...)
	default:
		postgres.Each(b, each, listAll, arguments...)
	}
}

const nameOf = `
	select coalesce((select trim(u.first_name || ' ' || u.last_name) from users u where u.id = $1),
		(select k.description from api_keys k where k.organization_id = portal_organization() and k.id = $1),
		(select a.name from application_accounts a where a.organization_id = portal_organization() and a.id = $1),
		(select p.pickup_date || ' ' || coalesce(p.address ->> 'street', '') from pickups p where p.organization_id = portal_organization() and p.id = $1), '')::text`

const findPeople = `
	select u.id, trim(u.first_name || ' ' || u.last_name)::text as name, u.email::text as email
	from memberships m join users u on u.id = m.user_id
	where m.organization_id = portal_organization() and u.erased_at is null and (u.email_key = $1 or lower(u.first_name || ' ' || u.last_name) like $2
		or lower(u.last_name) like $2 or u.email_key like $2)
	order by u.email_key <> $1, u.first_name, u.last_name, u.id limit $3`
