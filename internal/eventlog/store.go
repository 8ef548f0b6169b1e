package eventlog

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/postgres"
)

// What actors and objects are called now, and people who have left were then. Names come by primary key, for the events of
// one page only.
const selectEvents = `
	select e.id, e.occurred_at, e.actor_kind, e.actor_id, e.action, e.object_kind, e.object_id, e.fields, e.request_id,
		coalesce(case e.actor_kind
			when 'person' then (select p.name from known_people p where p.organization_id = portal_organization() and p.user_id = e.actor_id)
			when 'key' then (select k.description from api_keys k where k.organization_id = portal_organization() and k.id = e.actor_id)
			when 'application' then (select a.name from application_accounts a where a.organization_id = portal_organization() and a.id = e.actor_id)
		end, '')::text as actor_name,
		coalesce(case when e.actor_kind = 'person' then (select p.email from known_people p where p.organization_id = portal_organization() and p.user_id = e.actor_id) end, '')::text as actor_email,
		coalesce(case
			when e.object_kind in ('membership', 'user') then (select p.name from known_people p where p.organization_id = portal_organization() and p.user_id = e.object_id)
			when e.object_kind = 'session' then (select p.name from known_people p
				where p.organization_id = portal_organization() and p.user_id in (e.object_id, e.actor_id))
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
			when e.object_kind in ('membership', 'user') then (select p.email from known_people p where p.organization_id = portal_organization() and p.user_id = e.object_id)
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
	listOwn = selectEvents + ownOnes + ` e` + newestFirst

	listAll = selectEvents + `(` + ownOnes + ` union all ` + sharedOf + `'session'` + sharedEnd + ` union all ` + sharedOf + `'user'` + sharedEnd + `) e` + newestFirst

	listKind = selectEvents + `audit_events e where e.organization_id = portal_organization() and e.object_kind = $1 and ` + between

	listShared = selectEvents + sharedOf + `$1` + sharedEnd + ` e` + newestFirst

	ownOnes = `(select e.* from audit_events e where e.organization_id = portal_organization() and ($1::text = '' or true) and ` + between + `)`

	// What people do to their accounts, and their log-ins, belong to no organisation, but are shared with those of which they were members.
	sharedOf = `(
		select event.* from (select e.* from (select s.event_id as id, s.occurred_at from audit_shared_events s
			where s.organization_id = portal_organization() and s.object_kind = `
	sharedEnd = `) e where ` + between + `) named
		join audit_events event on event.id = named.id and event.occurred_at = named.occurred_at)`

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

// sharedKinds are the kinds of event that belong to no organisation.
var sharedKinds = []string{"session", "user"}

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
	kind, list := filter.Kind, listKind
	switch {
	case kind == Everything:
		kind, list = "", listAll
	case kind == "":
		list = listOwn
	case slices.Contains(sharedKinds, kind):
		list = listShared
	}
	arguments := []any{kind, from, to, after.At, after.ID, limit}
	if filter.About != uuid.Nil {
		list, arguments = listAbout, append(arguments, filter.About)
	}
	postgres.Each(b, each, list, arguments...)
}

const nameOf = `
	select coalesce((select p.name from known_people p where p.organization_id = portal_organization() and p.user_id = $1),
		(select k.description from api_keys k where k.organization_id = portal_organization() and k.id = $1),
		(select a.name from application_accounts a where a.organization_id = portal_organization() and a.id = $1),
		(select p.pickup_date || ' ' || coalesce(p.address ->> 'street', '') from pickups p where p.organization_id = portal_organization() and p.id = $1), '')::text`

// By the whole address first, then as the list of users finds them, then those who have left.
const findPeople = `
	select id, name, email from (
		select 1 as place, u.id, shown_name(u.first_name, u.last_name, u.email) as name, u.email::text as email from users u where u.email_key = $1
		union all select 2, id, name, email from find_people($2, '', '', null, lacking_on => null, unseen_since => null,
			after_name => '', after_id => '00000000-0000-0000-0000-000000000000', size => $3)
		union all select 3, id, name, email from find_former_people($2, $3)) found
	order by place, name collate "sv-SE-x-icu", id limit $3`
