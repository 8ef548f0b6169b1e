package once

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/postgres"
)

const constraintClaimHeld = "call_claim_held"

// attempt is a call at its place.
type attempt struct {
	calls *Calls
	call  *Call
	place place
}

// state is what is known of a call after an attempt to claim its key.
type state struct {
	Claimed bool // by anybody
	Mine    bool
	Same    bool // as this call
	MadeID  *uuid.UUID
}

// queueClaim claims the key if it is free. The claim need not outlive a crash, so nobody waits until it is on the disk.
// A row that is another's is only looked at, for who locks it would wait.
func (a attempt) queueClaim(b *postgres.Batch, into *state) {
	now := a.calls.now()
	var relaxed string
	postgres.Value(b, &relaxed, "select set_config('synchronous_commit', 'off', true)")
	postgres.Do(b, `
		insert into idempotent_calls as c (organization_id, caller_id, key, hash, claim, leased_until, created_at)
		select $1, $2, $3, $4, $5, $6, $7 where not exists (select from idempotent_calls c
			where c.organization_id = $1 and c.caller_id = $2 and c.key = $3 and c.created_at > $8 and (c.made_id is not null or c.leased_until > $7))
		on conflict (organization_id, caller_id, key) do update
			set hash = excluded.hash, claim = excluded.claim, leased_until = excluded.leased_until, created_at = excluded.created_at, made_id = null
			where not (c.created_at > $8 and (c.made_id is not null or c.leased_until > $7))`,
		a.place.organization, a.place.caller, a.place.key, a.call.hash[:], a.call.claim, now.Add(leased), now, now.Add(-keptFor))
	postgres.Value(b, into, `
		select jsonb_build_object('Claimed', c.key is not null, 'Mine', coalesce(c.claim = $4, false), 'Same', coalesce(c.hash = $5, false), 'MadeID', c.made_id)
		from (values (true)) as one left join idempotent_calls c on c.organization_id = $1 and c.caller_id = $2 and c.key = $3`,
		a.place.organization, a.place.caller, a.place.key, a.call.claim, a.call.hash[:])
}

// isRunning says whether another call has the claim, and has made nothing yet.
func (a attempt) isRunning(ctx context.Context) (running bool, err error) {
	err = a.calls.db.Read(ctx, postgres.Scope{Organization: a.place.organization}, func(b *postgres.Batch) {
		postgres.Value(b, &running, `select exists (select from idempotent_calls c
			where c.organization_id = $1 and c.caller_id = $2 and c.key = $3 and c.made_id is null and c.leased_until > $4)`,
			a.place.organization, a.place.caller, a.place.key, a.calls.now())
	})
	return running, err
}

// isOther says whether the key was used for a call that is not like this one.
func (a attempt) isOther(ctx context.Context) (other bool, err error) {
	now := a.calls.now()
	err = a.calls.db.Read(ctx, postgres.Scope{Organization: a.place.organization}, func(b *postgres.Batch) {
		postgres.Value(b, &other, `select exists (select from idempotent_calls c
			where c.organization_id = $1 and c.caller_id = $2 and c.key = $3 and c.hash <> $4 and c.created_at > $5 and (c.made_id is not null or c.leased_until > $6))`,
			a.place.organization, a.place.caller, a.place.key, a.call.hash[:], now.Add(-keptFor), now)
	})
	return other, err
}

// queueKeep writes down what the call has made; it fails, and all that is stored with it, if the claim was lost.
func (a attempt) queueKeep(b *pgx.Batch, made uuid.UUID) {
	b.Queue("select keep_call($1, $2, $3, $4, $5)", a.place.organization, a.place.caller, a.place.key, a.call.claim, made)
}

// release gives the claim back after a failure, so that the next attempt need not wait for the end of the lease. Should
// what the call makes be stored after all, whose answer was lost, then it is not released.
func (a attempt) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	// Where this fails, the lease ends by itself.
	_ = a.calls.db.Write(ctx, postgres.Scope{Organization: a.place.organization}, func(b *pgx.Batch) error {
		b.Queue("delete from idempotent_calls where organization_id = $1 and caller_id = $2 and key = $3 and claim = $4 and made_id is null",
			a.place.organization, a.place.caller, a.place.key, a.call.claim)
		return nil
	})
}
