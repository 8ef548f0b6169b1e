// Package once lets a call that makes something happen once, however often it is repeated: after a lost answer, by an
// impatient client, or a hundred times at once.
//
// The caller names its call with a key. Before the call makes anything it claims the key, in a row of its own that is
// seen by every instance of the portal; what it makes and that the claim was kept are one transaction. So there is no
// moment at which the thing exists and the key does not lead to it, and whoever has lost its claim, to a crash or to
// slowness, can store nothing. A claim is a lease: that of a process which was killed frees itself.
//
// A call that comes while the first still runs waits for it, without a database connection: in the same process until
// it is told, else by asking now and then.
package once

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/postgres"
)

// MaxKeyLength is how many characters a key may have.
const MaxKeyLength = 255

const (
	keptFor = 24 * time.Hour   // from the call that claimed the key
	leased  = 20 * time.Second // after which another call may claim the key of one that has made nothing yet
	longest = 30 * time.Second // that a call waits for another with its key

	shortestPause = 20 * time.Millisecond // between two questions whether another instance is done
	longestPause  = 500 * time.Millisecond
)

// The refusals of a call.
var (
	ErrKey     = fmt.Errorf("a key has 1 to %d visible ASCII characters", MaxKeyLength)
	ErrOther   = errors.New("another call was made with this key")
	ErrRunning = errors.New("the call with this key still runs")
)

// Call is one attempt at a call that has a key. It is for one use.
type Call struct {
	Replayed bool // the call had been made before; what it made is given again

	key   string
	hash  [sha256.Size]byte
	claim uuid.UUID
}

// NewCall names a call by its key and by what is to be done: two calls with one key that are not alike are an error of
// the client's.
func NewCall(key string, content ...[]byte) (*Call, error) {
	if key == "" || len(key) > MaxKeyLength {
		return nil, ErrKey
	}
	for _, c := range []byte(key) {
		if c <= ' ' || c > '~' {
			return nil, ErrKey
		}
	}
	claim, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	hash := sha256.New()
	for _, part := range content {
		fmt.Fprintf(hash, "%d\n", len(part))
		_, _ = hash.Write(part) // it never fails
	}
	return &Call{key: key, hash: [sha256.Size]byte(hash.Sum(nil)), claim: claim}, nil
}

// Calls knows the calls that have keys.
type Calls struct {
	db       *postgres.DB
	now      func() time.Time
	patience time.Duration

	mu      sync.Mutex
	running map[place]*run
}

// place is where a call's row is.
type place struct {
	organization, caller uuid.UUID
	key                  string
}

// run is a call of this process that is being made.
type run struct {
	over chan struct{}
	made bool // when it is over
}

// New makes the register of calls.
func New(db *postgres.DB, now func() time.Time) *Calls {
	return &Calls{db: db, now: now, patience: longest, running: make(map[place]*run)}
}

// Work is what a call does.
type Work[T any] struct {
	// Begin reads what Make needs, in one batch, to which it adds claim.
	Begin func(ctx context.Context, claim func(*postgres.Batch)) error
	// Make stores what the call makes, in one batch, at whose end it adds keep with its id.
	Make func(ctx context.Context, keep func(batch *pgx.Batch, made uuid.UUID)) (T, error)
	// Again gives what was made before.
	Again func(ctx context.Context, made uuid.UUID) (T, error)
}

// Do does the work once for a call. Without one, nil, it is just done.
func Do[T any](ctx context.Context, c *Calls, actor account.Actor, call *Call, work Work[T]) (none T, err error) {
	if call == nil {
		if err := work.Begin(ctx, func(*postgres.Batch) {}); err != nil {
			return none, err
		}
		return work.Make(ctx, func(*pgx.Batch, uuid.UUID) {})
	}
	// The waiting has an end of its own; what is begun goes on for as long as the caller wants it.
	waiting, cancel := context.WithTimeoutCause(ctx, c.patience, ErrRunning)
	defer cancel()
	a := c.attempt(actor, call)
	for {
		made, again, err := try(ctx, waiting, a, work)
		if !again {
			return made, err
		}
		if err := a.await(waiting); err != nil {
			return none, err
		}
	}
}

// Check gives ErrOther for a call that is not like the one that its key was used for, without claiming anything.
func (c *Calls) Check(ctx context.Context, actor account.Actor, call *Call) error {
	if call == nil {
		return nil
	}
	other, err := c.attempt(actor, call).isOther(ctx)
	if err == nil && other {
		err = ErrOther
	}
	return err
}

func (c *Calls) attempt(actor account.Actor, call *Call) attempt {
	return attempt{calls: c, call: call, place: place{organization: actor.Organization.ID, caller: actor.ID, key: call.key}}
}

// try claims the key, and does the work or gives what was made; again says that another call has the claim.
func try[T any](ctx, waiting context.Context, a attempt, work Work[T]) (made T, again bool, err error) {
	leave, err := a.calls.enter(waiting, a.place)
	if err != nil {
		return made, false, err
	}
	known := false // that what the call makes is there, so that those who wait need not do so one by one
	defer func() { leave(known) }()
	var found state
	if err := work.Begin(ctx, func(b *postgres.Batch) { a.queueClaim(b, &found) }); err != nil {
		return made, false, err
	}
	switch {
	case found.Mine:
		kept := false
		defer func() {
			if !kept {
				a.release(ctx)
			}
		}()
		made, err = work.Make(ctx, a.queueKeep)
		kept = err == nil
		known = kept
		return made, postgres.Constraint(err) == constraintClaimHeld, err
	case found.Claimed && !found.Same:
		return made, false, ErrOther
	case found.MadeID != nil:
		known, a.call.Replayed = true, true
		made, err = work.Again(ctx, *found.MadeID)
		return made, false, err
	default:
		return made, true, nil
	}
}

// await waits until the call of another instance that has the claim is over.
func (a attempt) await(ctx context.Context) error {
	for pause := shortestPause; ; pause = min(2*pause, longestPause) {
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
		if running, err := a.isRunning(ctx); err != nil || !running {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return err
		}
	}
}

// enter waits until no other call of this process with the key runs. Who leaves says whether what the call makes is
// there: then all who wait enter, else one of them.
func (c *Calls) enter(ctx context.Context, at place) (leave func(known bool), err error) {
	for {
		c.mu.Lock()
		before, busy := c.running[at]
		if !busy {
			mine := &run{over: make(chan struct{})}
			c.running[at] = mine
			c.mu.Unlock()
			return func(known bool) {
				c.mu.Lock()
				delete(c.running, at)
				c.mu.Unlock()
				mine.made = known
				close(mine.over)
			}, nil
		}
		c.mu.Unlock()
		select {
		case <-before.over:
			if before.made {
				return func(bool) {}, nil
			}
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
