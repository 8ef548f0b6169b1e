package once

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/postgres"
)

// works is where a test makes things once: what is made is an audit event.
type works struct {
	*demotest.Data
	actor account.Actor
}

func newWorks(t *testing.T) works {
	t.Helper()
	t.Parallel()
	d := demotest.New(t)
	actor := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	actor.Kind = audit.Key
	return works{d, actor}
}

func (w works) instance() *Calls { return New(w.App, w.Clock.Now) }

// newCall is a call with the key k.
func newCall(t *testing.T, content string) *Call {
	t.Helper()
	call, err := NewCall("k", []byte(content))
	if err != nil {
		t.Fatal(err)
	}
	return call
}

// work makes a thing; during, if given, runs before it is made.
func (w works) work(during func() error) Work[uuid.UUID] {
	scope := postgres.Scope{Organization: w.actor.Organization.ID}
	return Work[uuid.UUID]{
		Begin: func(ctx context.Context, look func(*postgres.Batch)) error { return w.App.Read(ctx, scope, look) },
		Make: func(ctx context.Context, keep func(*pgx.Batch, uuid.UUID)) (uuid.UUID, error) {
			made, err := uuid.NewV7()
			if err == nil && during != nil {
				err = during()
			}
			if err != nil {
				return uuid.Nil, err
			}
			return made, w.App.Write(ctx, scope, func(b *pgx.Batch) error {
				keep(b, made)
				return audit.Queue(b, w.Clock.Now(), w.actor.Who(), audit.Event{Action: "thing.made", Object: made})
			})
		},
		Again: func(_ context.Context, made uuid.UUID) (uuid.UUID, error) { return made, nil },
	}
}

func (w works) made(t *testing.T, want int) {
	t.Helper()
	if n := demotest.Value[int](t, w.System, "select count(*) from audit_events where action = 'thing.made'"); n != want {
		t.Errorf("%d things were made, want %d", n, want)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for key, good := range map[string]bool{"a": true, "01890000-0000-7000-8000-000000000000": true, "!~": true, strings.Repeat("x", 255): true,
		"": false, "a b": false, " a": false, "å": false, "a\x00": false, "a\x7f": false, strings.Repeat("x", 256): false} {
		if _, err := NewCall(key); (err == nil) != good || !good && !errors.Is(err, ErrKey) {
			t.Errorf("%q: %v", key, err)
		}
	}
	if a, b := newCall(t, "xy"), newCall(t, "x"); a.hash == b.hash {
		t.Error("two contents have one hash")
	}
	a, _ := NewCall("k", []byte("x"), []byte("y"))
	if b, _ := NewCall("k", []byte("xy"), nil); a.hash == b.hash {
		t.Error("parts are not told apart")
	}
}

// A hundred at once, at two instances of the portal.
func TestAHundredRepeatsMakeOneThing(t *testing.T) {
	w := newWorks(t)
	instances := []*Calls{w.instance(), w.instance()}
	var (
		parallel         sync.WaitGroup
		things           sync.Map
		replayed, failed atomic.Int32
	)
	for i := range 100 {
		parallel.Go(func() {
			call := newCall(t, "the same")
			made, err := Do(t.Context(), instances[i%2], w.actor, call, w.work(nil))
			if err != nil {
				failed.Add(1)
				t.Error(err)
			}
			if call.Replayed {
				replayed.Add(1)
			}
			things.Store(made, true)
		})
	}
	parallel.Wait()
	w.made(t, 1)
	different := 0
	things.Range(func(any, any) bool { different++; return true })
	if different != 1 || replayed.Load() != 99 || failed.Load() != 0 {
		t.Errorf("%d things, %d replays, %d failures", different, replayed.Load(), failed.Load())
	}
	for _, instance := range instances {
		if len(instance.running) != 0 {
			t.Errorf("%d calls are not forgotten", len(instance.running))
		}
	}
}

func TestWhatAKeyNames(t *testing.T) {
	w := newWorks(t)
	calls := w.instance()
	first, err := Do(t.Context(), calls, w.actor, newCall(t, "body"), w.work(nil))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Do(t.Context(), w.instance(), w.actor, newCall(t, "body"), w.work(nil)); err != nil || again != first {
		t.Errorf("again: %v %v", again, err)
	}
	if _, err := Do(t.Context(), calls, w.actor, newCall(t, "another body"), w.work(nil)); !errors.Is(err, ErrOther) {
		t.Errorf("another body: %v", err)
	}
	w.made(t, 1)
	colleague := w.actor
	colleague.ID = uuid.MustParse("01890000-0000-7000-8000-000000000001")
	if other, err := Do(t.Context(), calls, colleague, newCall(t, "another body"), w.work(nil)); err != nil || other == first {
		t.Errorf("another caller's key of the same name: %v %v", other, err)
	}
	w.made(t, 2)
	w.Clock.Advance(keptFor - time.Microsecond)
	if again, err := Do(t.Context(), calls, w.actor, newCall(t, "body"), w.work(nil)); err != nil || again != first {
		t.Errorf("just before the day is over: %v %v", again, err)
	}
	w.Clock.Advance(time.Microsecond)
	if next, err := Do(t.Context(), calls, w.actor, newCall(t, "another body"), w.work(nil)); err != nil || next == first {
		t.Errorf("after a day: %v %v", next, err)
	}
	w.made(t, 3)
	if err := w.App.Maintain(t.Context(), w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	if left := demotest.Value[int](t, w.System, "select count(*) from idempotent_calls"); left != 1 {
		t.Errorf("%d rows are left", left)
	}
}

// What fails is not kept: the next attempt makes the thing, at once.
func TestAFailureIsNotKept(t *testing.T) {
	w := newWorks(t)
	calls := w.instance()
	broken := errors.New("broken")
	if _, err := Do(t.Context(), calls, w.actor, newCall(t, "body"), w.work(func() error { return broken })); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = Do(t.Context(), calls, w.actor, newCall(t, "body"), w.work(func() error { panic("broken") }))
	}()
	w.made(t, 0)
	if _, err := Do(t.Context(), w.instance(), w.actor, newCall(t, "body, mended"), w.work(nil)); err != nil {
		t.Error(err)
	}
	w.made(t, 1)
}

// Calls wait for the first in their process, without a connection; and give up in the end.
func TestWaitingForTheFirst(t *testing.T) {
	w := newWorks(t)
	calls := w.instance()
	began, goOn := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		_, err := Do(t.Context(), calls, w.actor, newCall(t, "body"), w.work(func() error {
			close(began)
			<-goOn
			return nil
		}))
		done <- err
	}()
	<-began
	w.wait(t, calls, func() { close(goOn) })
	if err := <-done; err != nil {
		t.Error(err)
	}
	w.made(t, 1)
}

// Calls wait for another instance that is about to store what it makes.
func TestWaitingForAnotherInstance(t *testing.T) {
	w := newWorks(t)
	elsewhere := w.instance().attempt(w.actor, newCall(t, "body"))
	began, goOn := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	thing := uuid.Must(uuid.NewV7())
	go func() {
		done <- w.App.InTx(t.Context(), postgres.Scope{Organization: w.actor.Organization.ID}, func(ctx context.Context, tx pgx.Tx) error {
			var b pgx.Batch
			elsewhere.queueKeep(&b, thing)
			err := tx.SendBatch(ctx, &b).Close()
			close(began)
			<-goOn
			return err
		})
	}()
	<-began
	calls := w.instance()
	w.wait(t, calls, func() { close(goOn) })
	if err := <-done; err != nil {
		t.Error(err)
	}
	if found, err := Do(t.Context(), calls, w.actor, newCall(t, "body"), w.work(nil)); err != nil || found != thing {
		t.Errorf("%v %v", found, err)
	}
	w.made(t, 0) // but by the other
}

// wait lets calls wait while the first runs, and lets it go on.
func (w works) wait(t *testing.T, calls *Calls, goOn func()) {
	t.Helper()
	calls.patience = 100 * time.Millisecond
	if _, err := Do(t.Context(), calls, w.actor, newCall(t, "body"), w.work(nil)); !errors.Is(err, ErrRunning) {
		t.Errorf("%v", err)
	}
	calls.patience = longest
	waiting := make(chan error, 20)
	for range cap(waiting) {
		go func() {
			_, err := Do(t.Context(), calls, w.actor, newCall(t, "body"), w.work(nil))
			waiting <- err
		}()
	}
	// There are fewer connections than calls that wait: one is to be had all the same.
	for range 20 {
		if err := w.App.Read(t.Context(), postgres.Scope{}, func(b *postgres.Batch) { postgres.Do(b, "select 1") }); err != nil {
			t.Fatal(err)
		}
	}
	gone, hangUp := context.WithCancel(t.Context())
	hangUp()
	if _, err := Do(gone, calls, w.actor, newCall(t, "body"), w.work(nil)); !errors.Is(err, context.Canceled) {
		t.Errorf("a client that has gone waits: %v", err)
	}
	goOn()
	for range cap(waiting) {
		if err := <-waiting; err != nil {
			t.Error(err)
		}
	}
}

// The first is slow, or its process has stopped, before it stores anything: another instance makes the thing, and the slow
// one, should it go on, stores nothing and gives that.
func TestASlowFirst(t *testing.T) {
	w := newWorks(t)
	slow, next := w.instance(), w.instance()
	call := newCall(t, "body")
	first, err := Do(t.Context(), slow, w.actor, call, w.work(func() error {
		_, err := Do(t.Context(), next, w.actor, newCall(t, "body"), w.work(nil))
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
	w.made(t, 1)
	if kept := demotest.Value[uuid.UUID](t, w.System, "select made_id from idempotent_calls"); kept != first || !call.Replayed {
		t.Errorf("the slow one gives %s, made was %s", first, kept)
	}
	if _, err := Do(t.Context(), slow, w.actor, newCall(t, "another"), w.work(nil)); !errors.Is(err, ErrOther) {
		t.Errorf("%v", err)
	}
}

// Two calls with one key that are not alike, at two instances at once: one is refused, however close they come.
func TestOthersWithTheKeyAtOnce(t *testing.T) {
	w := newWorks(t)
	_, err := Do(t.Context(), w.instance(), w.actor, newCall(t, "body"), w.work(func() error {
		_, err := Do(t.Context(), w.instance(), w.actor, newCall(t, "another body"), w.work(nil))
		return err
	}))
	if !errors.Is(err, ErrOther) {
		t.Errorf("%v", err)
	}
	w.made(t, 1)
}
