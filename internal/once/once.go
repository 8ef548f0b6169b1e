// Package once lets a call that makes something happen once, however often it is repeated: after a lost answer, by an
// impatient client, or a hundred times at once.
//
// The caller names its call with a key. What the call makes and a row that says so are one transaction, which begins with
// the row: of all who make something for the key, in whichever instance of the portal, one can commit, and the others
// are told and give what that one has made. So there is no moment at which the thing exists and the key does not lead to
// it, and nothing is left of a process that was killed, nor of a call that failed.
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
	keptFor = 24 * time.Hour   // from when it was made; keep_call and purge_calls know it too
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

	key  string
	hash [sha256.Size]byte
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
	hash := sha256.New()
	for _, part := range content {
		fmt.Fprintf(hash, "%d\n", len(part))
		_, _ = hash.Write(part) // it never fails
	}
	return &Call{key: key, hash: [sha256.Size]byte(hash.Sum(nil))}, nil
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
	// Begin reads what Make needs, in one batch, to which it adds look.
	Begin func(ctx context.Context, look func(*postgres.Batch)) error
	// Make stores what the call makes, in one batch, which begins with keep and its id.
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

// Check gives ErrOther for a call that is not like the one that its key was used for.
func (c *Calls) Check(ctx context.Context, actor account.Actor, call *Call) error {
	if call == nil {
		return nil
	}
	found, err := c.attempt(actor, call).find(ctx)
	if err == nil && found != nil && !found.Same {
		err = ErrOther
	}
	return err
}

func (c *Calls) attempt(actor account.Actor, call *Call) attempt {
	return attempt{calls: c, call: call, place: place{organization: actor.Organization.ID, caller: actor.ID, key: call.key}}
}

// try does the work, or gives what was made; again says that another call has come first, or is about to.
func try[T any](ctx, waiting context.Context, a attempt, work Work[T]) (thing T, again bool, err error) {
	leave, err := a.calls.enter(waiting, a.place)
	if err != nil {
		return thing, false, err
	}
	known := false // that what the call makes is there, so that those who wait need not do so one by one
	defer func() { leave(known) }()
	var found *made
	if err := work.Begin(ctx, func(b *postgres.Batch) { a.queueMade(b, &found) }); err != nil {
		return thing, false, err
	}
	switch {
	case found == nil:
		thing, err = work.Make(ctx, a.queueKeep)
		known = err == nil
		return thing, postgres.Constraint(err) == constraintFirst, err
	case !found.Same:
		return thing, false, ErrOther
	default:
		known, a.call.Replayed = true, true
		thing, err = work.Again(ctx, found.ID)
		return thing, false, err
	}
}

// await waits until no other instance is about to make something for the key.
func (a attempt) await(ctx context.Context) error {
	for pause := shortestPause; ; pause = min(2*pause, longestPause) {
		if kept, err := a.isKept(ctx); err != nil || !kept {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
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
