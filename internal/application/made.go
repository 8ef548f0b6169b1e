package application

import (
	"github.com/google/uuid"

	"omapostipro/internal/caller"
	"omapostipro/internal/postgres"
)

// Those that a person, $1, has made, at most $2: first those that work, or can again.
const selectMade = `
	select a.id, a.name::text as name, a.status, a.created_at, a.last_used_at from application_accounts a
	where a.organization_id = portal_organization() and a.maker_id = $1
	order by a.status = 'revoked', a.created_at desc, a.id desc limit $2`

// QueueMadeBy adds to a read the application accounts that a person has made, those that work first.
func QueueMadeBy(b *postgres.Batch, made *[]caller.Made, maker uuid.UUID) {
	postgres.Rows(b, made, selectMade, maker, maxAccounts)
}

// Those of several people's, $1, that work or can again.
const selectMadeByAny = `
	select a.id, a.name::text as name, a.status, a.created_at, a.last_used_at, a.maker_id as maker from application_accounts a
	where a.organization_id = portal_organization() and a.maker_id = any ($1) and a.status <> 'revoked'
	order by a.created_at desc, a.id desc limit $2`

// QueueMadeByAny adds to a read the application accounts that several people have made and that work, or can again.
func QueueMadeByAny(b *postgres.Batch, made *[]caller.MadeBy, makers []uuid.UUID) {
	postgres.Rows(b, made, selectMadeByAny, makers, maxAccounts)
}
