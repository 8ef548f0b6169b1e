package apikey_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/apikey"
	"omapostipro/internal/audit"
	"omapostipro/internal/caller"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/fault"
	"omapostipro/internal/secretbox"
)

func keyset(t *testing.T) []byte {
	t.Helper()
	keyset, err := secretbox.Generate()
	if err != nil {
		t.Fatal(err)
	}
	return keyset
}

func box(t *testing.T, keyset []byte) *secretbox.Box {
	t.Helper()
	box, err := secretbox.Parse(keyset)
	if err != nil {
		t.Fatal(err)
	}
	return box
}

func service(t *testing.T, d *demotest.Data) *apikey.Service {
	t.Helper()
	return apikey.NewService(d.App, box(t, keyset(t)), d.Clock.Now)
}

func create(t *testing.T, d *demotest.Data, keys *apikey.Service, description string) (uuid.UUID, string) {
	t.Helper()
	actor := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	id, err := keys.Create(t.Context(), actor, apikey.New{Description: description, Contracts: []uuid.UUID{d.Number(t, "654321")}, Token: token(t)})
	if err != nil {
		t.Fatal(err)
	}
	value, err := keys.Value(t.Context(), actor, id)
	if err != nil {
		t.Fatal(err)
	}
	return id, value
}

func token(t *testing.T) uuid.UUID {
	t.Helper()
	id, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Whoever may not is refused before the database is asked anything.
func TestWhoMayDoWhatWithKeys(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	keys := service(t, d)
	id, _ := create(t, d, keys, "Webbutiken")
	main := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	integrator, withoutIt, withoutNumbers, key := main, main, main, main
	integrator.UserType = account.RegularUser
	withoutIt.Permissions = []account.Permission{account.CreateShipments}
	withoutNumbers.Numbers = nil
	key.Kind = audit.Key
	for _, test := range []struct {
		name                     string
		actor                    account.Actor
		sees, manages, mayCreate bool
	}{
		{"main user", main, true, true, true},
		{"main user without numbers", withoutNumbers, true, true, false},
		{"user with Hantera integrationer", integrator, true, false, false},
		{"main user without it", withoutIt, false, false, false},
		{"key", key, false, false, false},
		{"operator", d.Operator(t, demotest.ExampleOy), false, false, false},
		{"nobody", account.Actor{}, false, false, false},
	} {
		for action, want := range map[string]struct {
			allowed bool
			do      func() error
		}{
			"list":    {test.sees, func() error { _, _, err := keys.List(t.Context(), test.actor); return err }},
			"get":     {test.sees, func() error { _, err := keys.Get(t.Context(), test.actor, id); return err }},
			"value":   {test.manages, func() error { _, err := keys.Value(t.Context(), test.actor, id); return err }},
			"disable": {test.manages, func() error { return keys.Disable(t.Context(), test.actor, id) }},
			"enable":  {test.manages, func() error { return keys.Enable(t.Context(), test.actor, id) }},
			"create": {test.mayCreate, func() error {
				_, err := keys.Create(t.Context(), test.actor, apikey.New{Description: "x", Contracts: []uuid.UUID{d.Number(t, "654321")}, Token: token(t)})
				return err
			}},
		} {
			var err error
			asked := d.Asked.During(func() { err = want.do() })
			if want.allowed && err != nil || !want.allowed && (!fault.Is(err, fault.Forbidden) || asked.Trips > 0) {
				t.Errorf("%s, %s: %v after %d round trips", test.name, action, err, asked.Trips)
			}
		}
	}
	var err error
	if asked := d.Asked.During(func() { err = keys.Revoke(t.Context(), integrator, id) }); !fault.Is(err, fault.Forbidden) || asked.Trips > 0 {
		t.Errorf("revoke: %v", err)
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	keys := service(t, d)
	id, _ := create(t, d, keys, "Webbutiken")
	foreign := d.Actor(t, demotest.OtherMain, demotest.Testbolaget)
	for name, actor := range map[string]account.Actor{"another organisation's": foreign, "unknown": d.Actor(t, demotest.MainUser, demotest.ExampleOy)} {
		wanted := id
		if name == "unknown" {
			wanted = uuid.Max
		}
		_, getErr := keys.Get(t.Context(), actor, wanted)
		_, valueErr := keys.Value(t.Context(), actor, wanted)
		for _, err := range []error{getErr, valueErr, keys.Disable(t.Context(), actor, wanted), keys.Enable(t.Context(), actor, wanted), keys.Revoke(t.Context(), actor, wanted)} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if list, _, err := keys.List(t.Context(), foreign); err != nil || len(list) != 0 {
		t.Errorf("another organisation lists %v, %v", list, err)
	}
}

// Once revoking has returned, nothing brings the key back, whatever else is under way.
func TestRevokedWhateverRunsInParallel(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	keys := service(t, d)
	actor := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	for round := range 10 {
		id, value := create(t, d, keys, fmt.Sprint("Nyckel ", round))
		var wg sync.WaitGroup
		for _, change := range []func(context.Context, account.Actor, uuid.UUID) error{keys.Revoke, keys.Disable, keys.Enable, keys.Disable, keys.Enable} {
			wg.Go(func() {
				if err := change(t.Context(), actor, id); err != nil && !fault.Is(err, fault.Gone) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if _, err := keys.Recognize(t.Context(), value, "192.0.2.1"); !errors.Is(err, apikey.ErrRevoked) {
			t.Fatalf("after all that the key is %v", err)
		}
	}
}

// A call after an acknowledged change is answered by it: there is no cache.
func TestRecognizeSeesEveryChangeAtOnce(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	keys := service(t, d)
	actor := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	id, value := create(t, d, keys, "Webbutiken")
	for _, step := range []struct {
		change func(context.Context, account.Actor, uuid.UUID) error
		want   error
	}{{keys.Disable, apikey.ErrDisabled}, {keys.Enable, nil}, {keys.Disable, apikey.ErrDisabled}, {keys.Revoke, apikey.ErrRevoked}} {
		if err := step.change(t.Context(), actor, id); err != nil {
			t.Fatal(err)
		}
		if _, err := keys.Recognize(t.Context(), value, "192.0.2.1"); !errors.Is(err, step.want) {
			t.Errorf("the key is %v, want %v", err, step.want)
		}
	}
	other, otherValue := create(t, d, keys, "En annan")
	recognized, err := keys.Recognize(t.Context(), otherValue, "192.0.2.1")
	if err != nil || recognized.ID != other || recognized.Name != "En annan" || recognized.Organization.BusinessID != demotest.ExampleOy ||
		len(recognized.Contracts) != 1 || recognized.Contracts[0].Number != "654321" || recognized.LastUsedAt != nil {
		t.Errorf("recognised is %+v, %v", recognized, err)
	}
	acting := recognized.Actor("request", "192.0.2.1")
	if acting.Kind != audit.Key || acting.ID != other || acting.Organization.ID != recognized.Organization.ID || len(acting.Numbers) != 1 || acting.ManagesUsers() || acting.SeesIntegrations() {
		t.Errorf("it acts as %+v", acting)
	}
}

func TestUsesAreWrittenInOneStatement(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	keys := service(t, d)
	first, firstValue := create(t, d, keys, "Första")
	second, secondValue := create(t, d, keys, "Andra")
	use := func(value string) {
		t.Helper()
		if _, err := keys.Recognize(t.Context(), value, "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
	}
	flush := func() demotest.Asked {
		return d.Asked.During(func() {
			if err := keys.Flush(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	used := func(id uuid.UUID) *time.Time {
		t.Helper()
		return demotest.Value[*time.Time](t, d.System, "select last_used_at from api_keys where id = $1", id)
	}
	use(firstValue)
	use(secondValue)
	d.Clock.Advance(time.Hour)
	use(firstValue)
	if asked := flush(); len(asked.SQL) > 2 || used(first) == nil || !used(first).Equal(d.Clock.Now()) || used(second) == nil || !used(second).Equal(d.Clock.Start()) {
		t.Errorf("written are %v and %v by %q", used(first), used(second), asked.SQL)
	}
	// What another instance has written since is not turned back.
	use(secondValue)
	d.Exec(t, "update api_keys set last_used_at = $2 where id = $1", second, d.Clock.Now().Add(time.Minute))
	flush()
	if !used(second).Equal(d.Clock.Now().Add(time.Minute)) {
		t.Errorf("turned back to %v", used(second))
	}
	if asked := flush(); asked.Trips != 0 {
		t.Errorf("nothing costs %q", asked.SQL)
	}
	// A key that is refused was not used.
	if err := keys.Disable(t.Context(), d.Actor(t, demotest.MainUser, demotest.ExampleOy), first); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Recognize(t.Context(), firstValue, "192.0.2.1"); !errors.Is(err, apikey.ErrDisabled) {
		t.Fatal(err)
	}
	if asked := flush(); asked.Trips != 0 {
		t.Errorf("a refused key costs %q", asked.SQL)
	}
}

func TestValuesAreSealedAnewAfterARotation(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	old := keyset(t)
	keys := apikey.NewService(d.App, box(t, old), d.Clock.Now)
	actor := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	values := map[uuid.UUID]string{}
	for i := range 3 {
		id, value := create(t, d, keys, fmt.Sprint("Nyckel ", i))
		values[id] = value
	}
	gone, _ := create(t, d, keys, "Återkallad")
	if err := keys.Revoke(t.Context(), actor, gone); err != nil {
		t.Fatal(err)
	}
	rotated, err := secretbox.Rotated(old)
	if err != nil {
		t.Fatal(err)
	}
	newBox := box(t, rotated)
	operator := apikey.NewService(d.System, newBox, d.Clock.Now)
	for round, want := range []int{3, 0} {
		if count, err := operator.Reencrypt(t.Context(), newBox.IsCurrent); err != nil || count != want {
			t.Errorf("round %d: %d, %v", round, count, err)
		}
	}
	for _, ciphertext := range demotest.Rows[struct{ Ciphertext []byte }](t, d.System, "select ciphertext from api_keys where ciphertext is not null") {
		if !newBox.IsCurrent(ciphertext.Ciphertext) {
			t.Error("sealed with the old key")
		}
	}
	renewed := apikey.NewService(d.App, newBox, d.Clock.Now)
	for id, want := range values {
		if value, err := renewed.Value(t.Context(), actor, id); err != nil || value != want {
			t.Errorf("%s has become %q, %v", want, value, err)
		}
		if _, err := renewed.Recognize(t.Context(), want, "192.0.2.1"); err != nil {
			t.Error(err)
		}
	}
	if events := demotest.Value[int](t, d.System, "select count(*) from audit_events where action = 'api_key.reencrypted' and actor_kind = 'operator'"); events == 0 {
		t.Error("no event")
	}
	// With a keyset that does not open them nothing is changed, and a start finds out.
	stranger := box(t, keyset(t))
	if err := renewed.CheckKeyset(t.Context()); err != nil {
		t.Errorf("the keyset: %v", err)
	}
	if err := apikey.NewService(d.App, stranger, d.Clock.Now).CheckKeyset(t.Context()); !errors.Is(err, secretbox.ErrOpen) {
		t.Errorf("a strange keyset: %v", err)
	}
	before := demotest.Value[string](t, d.System, "select jsonb_agg(k order by id)::text from api_keys k")
	if _, err := apikey.NewService(d.System, stranger, d.Clock.Now).Reencrypt(t.Context(), stranger.IsCurrent); !errors.Is(err, secretbox.ErrOpen) {
		t.Errorf("a strange keyset: %v", err)
	}
	if after := demotest.Value[string](t, d.System, "select jsonb_agg(k order by id)::text from api_keys k"); after != before {
		t.Error("a strange keyset has changed keys")
	}
	if _, err := apikey.NewService(d.App, stranger, d.Clock.Now).Value(t.Context(), actor, firstOf(values)); !errors.Is(err, secretbox.ErrOpen) {
		t.Errorf("a strange keyset opens: %v", err)
	}
}

func firstOf(values map[uuid.UUID]string) uuid.UUID {
	for id := range values {
		return id
	}
	return uuid.Nil
}

// An organisation's name, a key's description and its contracts are as they are stored, in the manual's order.
func TestListOfKeys(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	keys := service(t, d)
	actor := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	var made []uuid.UUID
	for _, description := range []string{"Första", "Andra", "Tredje"} {
		d.Clock.Advance(time.Minute)
		id, err := keys.Create(t.Context(), actor, apikey.New{Description: description, Contracts: []uuid.UUID{d.Number(t, "876543"), d.Number(t, "654321")}, Token: token(t)})
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, id)
	}
	list, mainUsers, err := keys.List(t.Context(), actor)
	if err != nil || len(list) != 3 || list[0].ID != made[2] || list[2].ID != made[0] || len(mainUsers) != 0 {
		t.Fatalf("listed are %+v, %+v, %v", list, mainUsers, err)
	}
	key := list[0]
	if key.Description != "Tredje" || key.Status != caller.Enabled || !key.CreatedAt.Equal(d.Clock.Now()) || key.MakerID != actor.ID || key.MakerName != "FirstName LastName" ||
		key.MakerLeft || key.LastUsedAt != nil || key.StatusChangedAt != nil || key.StatusChangedBy != "" || len(key.Suffix) != 3 ||
		len(key.Contracts) != 2 || key.Contracts[0].Number != "654321" || key.Contracts[1].Number != "876543" || key.Contracts[0].Ended {
		t.Errorf("the newest is %+v", key)
	}
	got, err := keys.Get(t.Context(), actor, made[2])
	if err != nil || got.ID != key.ID || got.Suffix != key.Suffix || len(got.Contracts) != 2 {
		t.Errorf("by itself it is %+v, %v", got, err)
	}
	// The operator's change has nobody's name.
	d.Exec(t, "update api_keys set status = 'disabled', status_changed_at = $2 where id = $1", made[0], d.Clock.Now())
	if got, err := keys.Get(t.Context(), actor, made[0]); err != nil || got.Status != caller.Disabled || got.StatusChangedBy != "" || got.StatusChangedAt == nil {
		t.Errorf("disabled by the operator: %+v, %v", got, err)
	}
	if strings.Contains(fmt.Sprintf("%+v", list), "opp_") {
		t.Error("the list has values in it")
	}
}
