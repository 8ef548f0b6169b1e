package application_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/application"
	"omapostipro/internal/audit"
	"omapostipro/internal/caller"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/fault"
	"omapostipro/internal/secretbox"
)

// office is where a test makes application accounts.
type office struct {
	*demotest.Data
	*application.Service
	box *secretbox.Box
}

func newOffice(t *testing.T) *office {
	t.Helper()
	t.Parallel()
	data := demotest.New(t)
	keyset, err := secretbox.Generate()
	if err != nil {
		t.Fatal(err)
	}
	box, err := secretbox.Parse(keyset)
	if err != nil {
		t.Fatal(err)
	}
	return &office{Data: data, Service: application.NewService(data.App, box, data.Clock.Now), box: box}
}

// form is what a form carries that makes an account for an actor.
func (o *office) form(t *testing.T, actor account.Actor) string {
	t.Helper()
	token, err := o.Prepare(actor, application.Account{})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// secretForm is what a form of the main user's carries that gives an account another secret.
func (o *office) secretForm(t *testing.T, id uuid.UUID) string {
	t.Helper()
	found, err := o.Get(t.Context(), o.main(t), id)
	if err != nil {
		t.Fatal(err)
	}
	token, err := o.Prepare(o.main(t), found)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// wanted is an account with all roles and some contracts.
func (o *office) wanted(t *testing.T, numbers ...string) application.Wanted {
	t.Helper()
	wanted := application.Wanted{Name: "Affärssystemet", Roles: caller.Roles()}
	for _, number := range numbers {
		wanted.Contracts = append(wanted.Contracts, o.Number(t, number))
	}
	return wanted
}

// shown is an account as a form is filled with it.
func (o *office) shown(t *testing.T, id uuid.UUID) application.Wanted {
	t.Helper()
	found, err := o.Get(t.Context(), o.main(t), id)
	if err != nil {
		t.Fatal(err)
	}
	shown := application.Wanted{Name: found.Name, Roles: found.Roles}
	for _, contract := range found.Contracts {
		shown.Contracts = append(shown.Contracts, contract.ID)
	}
	return shown
}

func (o *office) main(t *testing.T) account.Actor {
	t.Helper()
	return o.Actor(t, demotest.MainUser, demotest.ExampleOy)
}

func (o *office) create(t *testing.T) application.Secret {
	t.Helper()
	secret, err := o.Create(t.Context(), o.main(t), o.wanted(t, "654321", "876543"), o.form(t, o.main(t)))
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

var nobody = audit.Who{Kind: audit.Nobody, RequestID: "request", Address: "192.0.2.7"}

func (o *office) logIn(t *testing.T, secret application.Secret) string {
	t.Helper()
	grant, err := o.LogIn(t.Context(), secret.ClientID, secret.Value, nobody)
	if err != nil {
		t.Fatal(err)
	}
	return grant.Token
}

func (o *office) actions(t *testing.T, id uuid.UUID) []string {
	t.Helper()
	type event struct{ Action string }
	var actions []string
	for _, e := range demotest.Rows[event](t, o.System, "select action from audit_events where object_id = $1 order by occurred_at, id", id) {
		actions = append(actions, strings.TrimPrefix(e.Action, "application_account."))
	}
	return actions
}

// Whoever may not is refused before the database is asked anything.
func TestWhoMayDoWhatWithApplicationAccounts(t *testing.T) {
	o := newOffice(t)
	id := o.create(t).Account
	main := o.main(t)
	integrator, withoutIt, withoutNumbers, program := main, main, main, main
	integrator.UserType = account.RegularUser
	withoutIt.Permissions = []account.Permission{account.CreateShipments}
	withoutNumbers.Numbers = nil
	program.Kind = audit.Application
	wanted := o.wanted(t, "654321")
	for _, test := range []struct {
		name                     string
		actor                    account.Actor
		sees, manages, mayCreate bool
	}{
		{"main user", main, true, true, true},
		{"main user without numbers", withoutNumbers, true, true, false},
		{"user with Hantera integrationer", integrator, true, false, false},
		{"main user without it", withoutIt, false, false, false},
		{"application account", program, false, false, false},
		{"operator", o.Operator(t, demotest.ExampleOy), false, false, false},
		{"nobody", account.Actor{}, false, false, false},
	} {
		shown, secretForm := o.shown(t, id), o.secretForm(t, id)
		for action, want := range map[string]struct {
			allowed bool
			do      func() error
		}{
			"list":    {test.sees, func() error { _, _, err := o.List(t.Context(), test.actor); return err }},
			"get":     {test.sees, func() error { _, err := o.Get(t.Context(), test.actor, id); return err }},
			"change":  {test.manages, func() error { return o.Change(t.Context(), test.actor, id, shown, wanted) }},
			"secret":  {test.manages, func() error { _, err := o.NewSecret(t.Context(), test.actor, id, secretForm); return err }},
			"disable": {test.manages, func() error { return o.Disable(t.Context(), test.actor, id) }},
			"enable":  {test.manages, func() error { return o.Enable(t.Context(), test.actor, id) }},
			"create":  {test.mayCreate, func() error { _, err := o.Create(t.Context(), test.actor, wanted, o.form(t, test.actor)); return err }},
		} {
			var err error
			asked := o.Asked.During(func() { err = want.do() })
			if want.allowed && err != nil || !want.allowed && (!fault.Is(err, fault.Forbidden) || asked.Trips > 0) {
				t.Errorf("%s, %s: %v after %d round trips", test.name, action, err, asked.Trips)
			}
		}
	}
	foreign := o.Actor(t, demotest.OtherMain, demotest.Testbolaget)
	for action, err := range map[string]error{
		"change":  o.Change(t.Context(), foreign, id, o.shown(t, id), o.wanted(t, "600123")),
		"disable": o.Disable(t.Context(), foreign, id), "enable": o.Enable(t.Context(), foreign, id), "revoke": o.Revoke(t.Context(), foreign, id),
		"get":    func() error { _, err := o.Get(t.Context(), foreign, id); return err }(),
		"secret": func() error { _, err := o.NewSecret(t.Context(), foreign, id, o.secretForm(t, id)); return err }(),
	} {
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("another organisation's %s: %v", action, err)
		}
	}
}

func TestWhatAnAccountIsMadeOf(t *testing.T) {
	o := newOffice(t)
	main := o.main(t)
	id := func(number string) uuid.UUID { return o.Number(t, number) }
	for name, test := range map[string]struct {
		wanted application.Wanted
		fields []string
	}{
		"no name":              {application.Wanted{Name: " ", Roles: caller.Roles(), Contracts: []uuid.UUID{id("654321")}}, []string{"name"}},
		"a long name":          {application.Wanted{Name: strings.Repeat("å", 101), Roles: caller.Roles(), Contracts: []uuid.UUID{id("654321")}}, []string{"name"}},
		"no role":              {application.Wanted{Name: "x", Contracts: []uuid.UUID{id("654321")}}, []string{"role"}},
		"an unknown role":      {application.Wanted{Name: "x", Roles: []caller.Role{"tracking", "root"}, Contracts: []uuid.UUID{id("654321")}}, []string{"role"}},
		"no contract":          {application.Wanted{Name: "x", Roles: caller.Roles()}, []string{"contract"}},
		"freight alone":        {application.Wanted{Name: "x", Roles: caller.Roles(), Contracts: []uuid.UUID{id("876543")}}, []string{"contract"}},
		"not the maker's":      {application.Wanted{Name: "x", Roles: caller.Roles(), Contracts: []uuid.UUID{id("654321"), id("654399")}}, []string{"contract"}},
		"another organisation": {application.Wanted{Name: "x", Roles: caller.Roles(), Contracts: []uuid.UUID{id("654321"), id("600123")}}, []string{"contract"}},
		"a customer number":    {application.Wanted{Name: "x", Roles: caller.Roles(), Contracts: []uuid.UUID{id("654321"), id("123456")}}, []string{"contract"}},
		"everything":           {application.Wanted{}, []string{"name", "role", "contract"}},
	} {
		_, err := o.Create(t.Context(), main, test.wanted, o.form(t, main))
		f, _ := errors.AsType[*fault.Fault](err)
		if f == nil || f.Kind != fault.Invalid {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var fields []string
		for _, field := range f.Fields {
			fields = append(fields, field.Name)
		}
		if !slices.Equal(slices.Compact(fields), test.fields) {
			t.Errorf("%s: faults at %q, want %q", name, fields, test.fields)
		}
	}
	if _, err := o.Create(t.Context(), main, o.wanted(t, "654321"), ""); !fault.Is(err, fault.Malformed) {
		t.Errorf("without a token: %v", err)
	}
}

func TestAnAccountAsItIsShown(t *testing.T) {
	o := newOffice(t)
	secret := o.create(t)
	found, err := o.Get(t.Context(), o.main(t), secret.Account)
	if err != nil {
		t.Fatal(err)
	}
	if found.Name != "Affärssystemet" || found.ClientID != secret.ClientID || found.Status != caller.Enabled || !slices.Equal(found.Roles, caller.Roles()) ||
		len(found.Contracts) != 2 || found.Contracts[0].Number != "654321" || found.MakerName != "FirstName LastName" || found.LastUsedAt != nil {
		t.Errorf("%+v", found)
	}
	list, ask, err := o.List(t.Context(), o.main(t))
	if err != nil || len(list) != 1 || list[0].ID != secret.Account || len(ask) != 0 {
		t.Errorf("%v %v %v", list, ask, err)
	}
	o.logIn(t, secret)
	who, err := o.Recognize(t.Context(), o.logIn(t, secret))
	if err != nil {
		t.Fatal(err)
	}
	if actor := who.Actor("r", "192.0.2.1"); who.Name != found.Name || who.Organization.Name != "Example Oy" || actor.Kind != audit.Application || actor.ID != secret.Account || len(actor.Numbers) != 2 {
		t.Errorf("%+v", who)
	}
	if err := o.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if found, err = o.Get(t.Context(), o.main(t), secret.Account); err != nil || found.LastUsedAt == nil || !found.LastUsedAt.Equal(o.Clock.Now()) {
		t.Errorf("last used: %v %v", found.LastUsedAt, err)
	}
	for _, table := range []string{"application_accounts", "access_tokens", "audit_events", "audit_personal_values"} {
		if n := demotest.Value[int](t, o.System, "select count(*) from "+table+" t where t::text like '%' || $1 || '%'", secret.Value); n != 0 {
			t.Errorf("%s holds the secret", table)
		}
	}
}

// A form is sent twice, by an impatient hand, or because its answer was lost or is loaded anew: it is one act, with one
// secret, which is told for a while and then stays what it is.
func TestAFormSentTwiceIsOneAct(t *testing.T) {
	o := newOffice(t)
	main := o.main(t)
	sent := func(send func() (application.Secret, error)) application.Secret {
		t.Helper()
		var parallel sync.WaitGroup
		secrets := make([]application.Secret, 8)
		for i := range secrets {
			parallel.Go(func() {
				var err error
				if secrets[i], err = send(); err != nil {
					t.Error(err)
				}
			})
		}
		parallel.Wait()
		for _, secret := range secrets {
			if secret != secrets[0] || secret.Value == "" {
				t.Errorf("%+v, and %+v", secret, secrets[0])
			}
		}
		token := o.logIn(t, secrets[0])
		if again, err := send(); err != nil || again != secrets[0] { // in use, too
			t.Errorf("after a log-in: %+v %v", again, err)
		}
		o.Clock.Advance(10 * time.Minute)
		if again, err := send(); err != nil || again.Account != secrets[0].Account || again.Value != "" {
			t.Errorf("ten minutes later: %+v %v", again, err)
		}
		if _, err := o.Recognize(t.Context(), token); err != nil {
			t.Errorf("what is sent again ends the token: %v", err)
		}
		o.logIn(t, secrets[0])
		return secrets[0]
	}
	form := o.form(t, main)
	first := sent(func() (application.Secret, error) { return o.Create(t.Context(), main, o.wanted(t, "654321"), form) })
	late, other := o.secretForm(t, first.Account), o.secretForm(t, first.Account)
	second := sent(func() (application.Secret, error) { return o.NewSecret(t.Context(), main, first.Account, other) })
	if second.Value == first.Value || second.ClientID != first.ClientID {
		t.Errorf("%+v replaces %+v", second, first)
	}
	// The secret of before is not told any more, and who asked before it was replaced replaces it no more.
	if again, err := o.Create(t.Context(), main, o.wanted(t, "654321"), form); err != nil || again.Value != "" {
		t.Errorf("%+v %v", again, err)
	}
	if _, err := o.NewSecret(t.Context(), main, first.Account, late); !fault.Is(err, fault.Conflict) {
		t.Errorf("a late form: %v", err)
	}
	o.logIn(t, second)
	if got := o.actions(t, first.Account); !slices.Equal(got, []string{"created", "secret_replaced"}) {
		t.Errorf("the log tells %q", got)
	}
	// A form is one person's, about one account, and as it was given.
	colleague := main
	colleague.ID = uuid.MustParse("01890000-0000-7000-8000-000000000002")
	for name, err := range map[string]error{
		"a colleague's":        func() error { _, err := o.NewSecret(t.Context(), colleague, first.Account, late); return err }(),
		"another account's":    func() error { _, err := o.NewSecret(t.Context(), main, o.create(t).Account, late); return err }(),
		"one that makes":       func() error { _, err := o.NewSecret(t.Context(), main, first.Account, form); return err }(),
		"one that replaces":    func() error { _, err := o.Create(t.Context(), main, o.wanted(t, "654321"), late); return err }(),
		"one that was changed": func() error { _, err := o.NewSecret(t.Context(), main, first.Account, late[1:]); return err }(),
	} {
		if !fault.Is(err, fault.Malformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, carried := range []string{form, late, other} {
		decoded, err := base64.RawURLEncoding.DecodeString(carried)
		if err != nil || bytes.Contains(decoded, []byte(first.Value)) || bytes.Contains(decoded, []byte(second.Value)) {
			t.Errorf("a form tells its secret: %v", err)
		}
	}
}

// Contracts never grow beyond what the changer is assigned; what is linked may stay or go.
func TestContractsNeverGrow(t *testing.T) {
	o := newOffice(t)
	secret := o.create(t)
	token := o.logIn(t, secret)
	colleague := o.main(t)
	colleague.Numbers = []account.ContractNumber{{ID: o.Number(t, "654399"), Kind: account.LogisticsContract, Number: "654399"}}
	change := func(actor account.Actor, numbers ...string) error {
		return o.Change(t.Context(), actor, secret.Account, o.shown(t, secret.Account), o.wanted(t, numbers...))
	}
	has := func(want ...string) {
		t.Helper()
		who, err := o.Recognize(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, contract := range who.Contracts {
			got = append(got, contract.Number)
		}
		if !slices.Equal(got, want) {
			t.Errorf("it has %q, want %q", got, want)
		}
	}
	if err := change(o.main(t), "654321", "654399"); !fault.Is(err, fault.Invalid) {
		t.Errorf("a number that the changer is not assigned: %v", err)
	}
	has("654321", "876543")
	if err := change(colleague, "654321", "654399", "876543"); err != nil {
		t.Error(err)
	}
	has("654321", "654399", "876543")
	if err := change(colleague, "654399"); err != nil {
		t.Error(err)
	}
	has("654399")
	if err := change(colleague, "654321", "654399"); !fault.Is(err, fault.Invalid) {
		t.Errorf("what is gone is not the changer's to bring back: %v", err)
	}
	if err := change(colleague); !fault.Is(err, fault.Invalid) {
		t.Errorf("none: %v", err)
	}
	narrow := o.wanted(t, "654399")
	narrow.Roles, narrow.Name = []caller.Role{caller.Tracking}, "Spårning"
	if err := o.Change(t.Context(), colleague, secret.Account, o.shown(t, secret.Account), narrow); err != nil {
		t.Error(err)
	}
	if who, err := o.Recognize(t.Context(), token); err != nil || who.Name != "Spårning" || !slices.Equal(who.Roles, narrow.Roles) {
		t.Errorf("%+v %v", who, err)
	}
	if err := o.Change(t.Context(), colleague, secret.Account, o.shown(t, secret.Account), narrow); err != nil {
		t.Error(err)
	}
	if got := o.actions(t, secret.Account); !slices.Equal(got, []string{"created", "changed", "changed", "changed"}) {
		t.Errorf("events: %q", got)
	}
	o.EndNumber(t, "654399", o.Clock.Now().AddDate(0, 0, -1))
	has()
}

func TestTokensDieAtOnce(t *testing.T) {
	o := newOffice(t)
	elsewhere := application.NewService(o.App, o.box, o.Clock.Now) // another instance of the portal
	secret := o.create(t)
	main := o.main(t)
	dead := func(token string, want error) {
		t.Helper()
		for _, instance := range []*application.Service{o.Service, elsewhere} {
			if _, err := instance.Recognize(t.Context(), token); !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
		}
	}
	first := o.logIn(t, secret)
	dead(first, nil)
	if err := elsewhere.Disable(t.Context(), main, secret.Account); err != nil {
		t.Fatal(err)
	}
	dead(first, application.ErrInvalid)
	if _, err := o.LogIn(t.Context(), secret.ClientID, secret.Value, nobody); !errors.Is(err, application.ErrClient) {
		t.Errorf("a disabled account logs in: %v", err)
	}
	if err := o.Enable(t.Context(), main, secret.Account); err != nil {
		t.Fatal(err)
	}
	dead(first, application.ErrInvalid) // for good
	second := o.logIn(t, secret)
	renewed, err := elsewhere.NewSecret(t.Context(), main, secret.Account, o.secretForm(t, secret.Account))
	if err != nil || renewed.ClientID != secret.ClientID || renewed.Value == secret.Value {
		t.Fatalf("%+v %v", renewed, err)
	}
	dead(second, application.ErrInvalid)
	if _, err := o.LogIn(t.Context(), secret.ClientID, secret.Value, nobody); !errors.Is(err, application.ErrClient) {
		t.Errorf("the old secret logs in: %v", err)
	}
	third := o.logIn(t, renewed)
	dead(third, nil)
	o.Clock.Advance(application.TokenLifetime - time.Microsecond)
	dead(third, nil)
	o.Clock.Advance(time.Microsecond)
	dead(third, application.ErrExpired)
	if err := o.App.Maintain(t.Context(), o.Clock.Now().Add(25*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if left := demotest.Value[int](t, o.System, "select count(*) from access_tokens"); left != 0 {
		t.Errorf("%d tokens are left", left)
	}
	fourth := o.logIn(t, renewed)
	if err := o.Revoke(t.Context(), main, secret.Account); err != nil {
		t.Fatal(err)
	}
	dead(fourth, application.ErrInvalid)
	for name, err := range map[string]error{
		"enable": o.Enable(t.Context(), main, secret.Account), "disable": o.Disable(t.Context(), main, secret.Account),
		"change": o.Change(t.Context(), main, secret.Account, o.shown(t, secret.Account), o.wanted(t, "654321")),
		"secret": func() error { _, err := o.NewSecret(t.Context(), main, secret.Account, ""); return err }(),
	} {
		if !fault.Is(err, fault.Gone) {
			t.Errorf("%s of a revoked account: %v", name, err)
		}
	}
	if err := o.Revoke(t.Context(), main, secret.Account); err != nil {
		t.Error(err)
	}
	if got := o.actions(t, secret.Account); !slices.Equal(got, []string{"created", "disabled", "enabled", "secret_replaced", "revoked"}) {
		t.Errorf("events: %q", got)
	}
	asked := o.Asked.During(func() { dead("opt_nonsense", application.ErrInvalid) })
	if asked.Trips != 0 {
		t.Errorf("%d round trips for what is no token", asked.Trips)
	}
}

func TestFiveBadLogInsLock(t *testing.T) {
	o := newOffice(t)
	secret := o.create(t)
	for name, clientID := range map[string]string{"a client id that is": secret.ClientID, "one that is not": "app-unknown", "an endless one": strings.Repeat("x", 10_000)} {
		try := func(value string) error {
			_, err := o.LogIn(t.Context(), clientID, value, nobody)
			return err
		}
		var trips []int
		for i := range 5 {
			asked := o.Asked.During(func() {
				if err := try("wrong"); !errors.Is(err, application.ErrClient) {
					t.Errorf("%s, bad log-in %d: %v", name, i+1, err)
				}
			})
			trips = append(trips, asked.Trips)
		}
		if !slices.Equal(trips, []int{7, 7, 7, 7, 9}) {
			t.Errorf("%s: %d round trips", name, trips)
		}
		for _, value := range []string{"wrong", secret.Value} {
			if locked, ok := errors.AsType[*application.LockedError](try(value)); !ok || locked.Wait != time.Hour {
				t.Errorf("%s is not locked: %v", name, locked)
			}
		}
	}
	o.Clock.Advance(time.Hour)
	if _, err := o.LogIn(t.Context(), secret.ClientID, "wrong", nobody); !errors.Is(err, application.ErrClient) {
		t.Errorf("one bad log-in after the hour: %v", err)
	}
	o.logIn(t, secret)
	if got := o.actions(t, secret.Account); !slices.Equal(got, []string{"created", "locked"}) {
		t.Errorf("events: %q", got)
	}
}

// Who knows a client id locks out nobody but themselves, unless they come from very many places.
func TestTheLockIsForTheAddress(t *testing.T) {
	o := newOffice(t)
	secret := o.create(t)
	from := func(address, value string) error {
		_, err := o.LogIn(t.Context(), secret.ClientID, value, audit.Who{Kind: audit.Nobody, Address: address})
		return err
	}
	isLocked := func(err error) bool { _, locked := errors.AsType[*application.LockedError](err); return locked }
	shown := func() application.Lock {
		t.Helper()
		found, err := o.Get(t.Context(), o.main(t), secret.Account)
		if err != nil {
			t.Fatal(err)
		}
		return found.Lock
	}
	lockOut := func(address string) {
		t.Helper()
		for range 5 {
			if err := from(address, "wrong"); !errors.Is(err, application.ErrClient) {
				t.Fatal(err)
			}
		}
		if err := from(address, secret.Value); !isLocked(err) {
			t.Fatalf("%s is not locked: %v", address, err)
		}
	}
	lockOut("192.0.2.1")
	lockOut("2001:db8::1")
	if err := from("2001:db8::2", secret.Value); !isLocked(err) { // of the same network, which one client has
		t.Errorf("the neighbour: %v", err)
	}
	if err := from("192.0.2.2", secret.Value); err != nil {
		t.Errorf("from elsewhere: %v", err)
	}
	if lock := shown(); lock.Everywhere || !lock.Until.Equal(o.Clock.Now().Add(time.Hour)) {
		t.Errorf("shown is %+v", lock)
	}
	// A new secret ends the locks, and so does enabling again.
	renewed, err := o.NewSecret(t.Context(), o.main(t), secret.Account, o.secretForm(t, secret.Account))
	if err != nil {
		t.Fatal(err)
	}
	secret = renewed
	for _, address := range []string{"192.0.2.1", "2001:db8::1"} {
		if err := from(address, secret.Value); err != nil {
			t.Errorf("%s with the new secret: %v", address, err)
		}
	}
	if lock := shown(); lock != (application.Lock{}) {
		t.Errorf("shown is %+v", lock)
	}
	lockOut("192.0.2.1")
	o.Clock.Advance(time.Second)
	for _, set := range []func(context.Context, account.Actor, uuid.UUID) error{o.Disable, o.Enable} {
		if err := set(t.Context(), o.main(t), secret.Account); err != nil {
			t.Fatal(err)
		}
	}
	if err := from("192.0.2.1", secret.Value); err != nil || shown() != (application.Lock{}) {
		t.Errorf("enabled again: %v", err)
	}
	// From very many places it is locked for all.
	for i := range 10 {
		for range 5 {
			if err := from(fmt.Sprintf("198.51.100.%d", i), "wrong"); !errors.Is(err, application.ErrClient) {
				t.Fatal(i, err)
			}
		}
	}
	if err := from("203.0.113.1", secret.Value); !isLocked(err) {
		t.Errorf("after fifty: %v", err)
	}
	if lock := shown(); !lock.Everywhere || !lock.Until.Equal(o.Clock.Now().Add(time.Hour)) {
		t.Errorf("shown is %+v", lock)
	}
	o.Clock.Advance(time.Hour)
	if err := from("203.0.113.1", secret.Value); err != nil || shown() != (application.Lock{}) {
		t.Errorf("after the hour: %v, %+v", err, shown())
	}
	want := []string{"created", "locked", "locked", "unlocked", "secret_replaced", "locked", "unlocked", "disabled", "enabled"}
	if got := o.actions(t, secret.Account); !slices.Equal(got[:len(want)], want) || len(got) != len(want)+10 {
		t.Errorf("events: %q", got)
	}
}

// In parallel nobody gets more than five tries.
func TestGuessingInParallel(t *testing.T) {
	o := newOffice(t)
	secret := o.create(t)
	var (
		parallel sync.WaitGroup
		mu       sync.Mutex
		tried    int
	)
	for range 20 {
		parallel.Go(func() {
			_, err := o.LogIn(t.Context(), secret.ClientID, "wrong", nobody)
			mu.Lock()
			defer mu.Unlock()
			if errors.Is(err, application.ErrClient) {
				tried++
			} else if _, ok := errors.AsType[*application.LockedError](err); !ok {
				t.Error(err)
			}
		})
	}
	parallel.Wait()
	if tried != 5 {
		t.Errorf("%d tries", tried)
	}
}
