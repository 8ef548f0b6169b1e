package apikey

import (
	"github.com/google/uuid"

	"omapostipro/internal/caller"
	"omapostipro/internal/postgres"
)

// Those that a person, $1, has made, at most $2: first those that work, or can again.
const selectMade = `
	select k.id, k.description::text as name, k.status, k.created_at, k.last_used_at from api_keys k
	where k.organization_id = portal_organization() and k.maker_id = $1
	order by k.status = 'revoked', k.created_at desc, k.id desc limit $2`

// QueueMadeBy adds to a read the keys that a person has made, those that work first.
func QueueMadeBy(b *postgres.Batch, made *[]caller.Made, maker uuid.UUID) {
	postgres.Rows(b, made, selectMade, maker, maxKeys)
}

// Those of several people's, $1, that work or can again.
const selectMadeByAny = `
	select k.id, k.description::text as name, k.status, k.created_at, k.last_used_at, k.maker_id as maker from api_keys k
	where k.organization_id = portal_organization() and k.maker_id = any ($1) and k.status <> 'revoked'
	order by k.created_at desc, k.id desc limit $2`

// QueueMadeByAny adds to a read the keys that several people have made and that work, or can again.
func QueueMadeByAny(b *postgres.Batch, made *[]caller.MadeBy, makers []uuid.UUID) {
	postgres.Rows(b, made, selectMadeByAny, makers, maxKeys)
}
