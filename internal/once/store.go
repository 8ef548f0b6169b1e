package once

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/postgres"
)

const constraintFirst = "call_is_first"

// attempt is a call at its place.
type attempt struct {
	calls *Calls
	call  *Call
	place place
}

// made is what is known of a call that was made before.
type made struct {
	ID   uuid.UUID // of what it made
	Same bool      // as this call
}

// queueMade looks for the call that was made with the key.
func (a attempt) queueMade(b *postgres.Batch, into **made) {
	postgres.Row(b, into, `select c.made_id as id, c.hash = $4 as same from idempotent_calls c
		where c.organization_id = $1 and c.caller_id = $2 and c.key = $3 and c.created_at > $5`,
		a.place.organization, a.place.caller, a.place.key, a.call.hash[:], a.calls.now().Add(-keptFor))
}

// queueKeep writes down what the call makes; it fails, and all that is stored with it, where another call with the key has
// made something or is about to.
func (a attempt) queueKeep(b *pgx.Batch, made uuid.UUID) {
	b.Queue("select keep_call($1, $2, $3, $4, $5, $6, $7)", a.place.lock(), a.place.organization, a.place.caller, a.place.key, a.call.hash[:], made, a.calls.now())
}

// isKept says whether a transaction that makes something for a call with the key is under way.
func (a attempt) isKept(ctx context.Context) (kept bool, err error) {
	err = a.calls.db.Read(ctx, postgres.Scope{Organization: a.place.organization}, func(b *postgres.Batch) {
		postgres.Value(b, &kept, "select not pg_try_advisory_xact_lock_shared($1)", a.place.lock())
	})
	return kept, err
}

// find gives what the call made before, or nil.
func (a attempt) find(ctx context.Context) (found *made, err error) {
	err = a.calls.db.Read(ctx, postgres.Scope{Organization: a.place.organization}, func(b *postgres.Batch) { a.queueMade(b, &found) })
	return found, err
}

// lock gives the number of the lock that a transaction holds which makes something at the place. Should two places have one
// number, then their calls wait for each other.
func (p place) lock() int64 {
	hash := sha256.Sum256(slices.Concat(p.organization[:], p.caller[:], []byte(p.key)))
	return int64(binary.BigEndian.Uint64(hash[:]))
}
