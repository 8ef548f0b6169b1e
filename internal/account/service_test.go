package account_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/demo"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/fault"
	"omapostipro/internal/postgres"
)

func TestAccountsAreMadeByTheOperator(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	accounts := account.NewService(d.System, d.Clock.Now)
	operator := d.Operator(t, "")
	id, err := accounts.CreateUser(t.Context(), operator, account.User{FirstName: " Åsa ", LastName: "Ek", Email: " Asa.Ek@Example.com ", Phone: "+358401234567"}, "en hel mening räcker")
	if err != nil {
		t.Fatal(err)
	}
	row := demotest.One[struct{ FirstName, Email, EmailKey, Phone, PasswordHash string }](t, d.System, `select u.first_name::text, u.email::text, u.email_key, u.phone, c.password_hash
		from users u join credentials c on c.user_id = u.id where u.id = $1`, id)
	if !strings.HasPrefix(row.PasswordHash, "$argon2id$v=19$m=19456,t=2,p=1$") || row.FirstName != "Åsa" || row.Email != "Asa.Ek@Example.com" || row.EmailKey != "asa.ek@example.com" {
		t.Errorf("stored is %+v", row)
	}
	event := demotest.One[struct{ ActorKind, Personal, Whole string }](t, d.System, `select e.actor_kind, v.personal_values::text as personal, to_jsonb(e)::text as whole
		from audit_events e join audit_personal_values v on v.event_id = e.id and v.user_id = e.object_id where e.action = 'user.created' and e.object_id = $1`, id)
	if event.ActorKind != audit.Operator || !strings.Contains(event.Personal, "Asa.Ek@Example.com") || strings.Contains(strings.ToLower(event.Whole), "asa") {
		t.Errorf("the event is %+v", event)
	}
	if got, err := account.NewService(d.App, d.Clock.Now).Authenticate(t.Context(), "ASA.EK@example.com", "en hel mening räcker", audit.Who{Kind: audit.Nobody, Address: "192.0.2.1"}); err != nil || got != id {
		t.Errorf("logs in as %s, %v", got, err)
	}
	if _, err := accounts.CreateUser(t.Context(), operator, account.User{Email: "asa.EK@example.com"}, ""); !fault.Is(err, fault.Conflict) {
		t.Errorf("an address that is taken: %v", err)
	}
	for _, test := range []struct {
		user     account.User
		password string
		field    string
	}{
		{account.User{Email: "nobody"}, "", "email"},
		{account.User{Email: "a@example.com", FirstName: "a\x00"}, "", "first_name"},
		{account.User{Email: "a@example.com", LastName: strings.Repeat("a", 201)}, "", "last_name"},
		{account.User{Email: "a@example.com"}, "too short", "password"},
	} {
		_, err := accounts.CreateUser(t.Context(), operator, test.user, test.password)
		f, ok := errors.AsType[*fault.Fault](err)
		if _, at := f.Field(test.field); !ok || !at {
			t.Errorf("%+v: %v", test.user, err)
		}
	}
}

// The login itself never checks a password's length: one from before the rule works on.
func TestShortPasswordsOfOldLogIn(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	const ofKort = "$argon2id$v=19$m=19456,t=2,p=1$qYm5TYC2N2US04ge/UFZ9w$JiFRfsjZwDZsWQ3Q6JipXGa/z2xh2gWyUM1vPQ/NS8I" // argon2id
	d.Exec(t, "update credentials set password_hash = $2 where user_id = $1", d.User(t, demotest.MainUser), ofKort)
	if _, err := account.NewService(d.App, d.Clock.Now).Authenticate(t.Context(), demotest.MainUser, "kort", audit.Who{Kind: audit.Nobody}); err != nil {
		t.Error(err)
	}
}

// Attempts in parallel do not outrun the throttle: each counts before its password is looked at.
func TestAttemptsInParallelAreThrottled(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	accounts := account.NewService(d.App, d.Clock.Now)
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		seen = map[fault.Kind]int{}
	)
	for i := range 40 {
		wg.Go(func() {
			_, err := accounts.Authenticate(t.Context(), demotest.MainUser, fmt.Sprint("guess ", i), audit.Who{Kind: audit.Nobody, Address: fmt.Sprintf("192.0.2.%d", i)})
			mu.Lock()
			defer mu.Unlock()
			seen[fault.KindOf(err)]++
		})
	}
	wg.Wait()
	if seen[fault.Unauthenticated] != 5 || seen[fault.Throttled] != 35 {
		t.Errorf("of 40 at once: %v", seen)
	}
	if refused := demotest.Value[int](t, d.System, "select count(*) from audit_events where action = 'session.refused' and object_id = $1", d.User(t, demotest.MainUser)); refused != 5 {
		t.Errorf("%d events", refused)
	}
}

// Many people from one address and one person from many: rows are locked in one order, nobody waits for each other.
func TestAttemptsDoNotBlockEachOther(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	accounts := account.NewService(d.App, d.Clock.Now)
	var wg sync.WaitGroup
	for i := range 24 {
		wg.Go(func() {
			email, address := []string{"a@example.com", "b@example.com", "c@example.com"}[i%3], []string{"192.0.2.1", "192.0.2.2"}[i%2]
			if _, err := accounts.Authenticate(t.Context(), email, "wrong", audit.Who{Kind: audit.Nobody, Address: address}); fault.KindOf(err) == fault.Internal {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestLogInRefusalsLeaveNoPersonalValueInEvents(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	accounts := account.NewService(d.App, d.Clock.Now)
	for _, email := range []string{demotest.MainUser, "nobody@example.com"} {
		if _, err := accounts.Authenticate(t.Context(), email, demo.Password+"x", audit.Who{Kind: audit.Nobody, RequestID: "request", Address: "192.0.2.7"}); !fault.Is(err, fault.Unauthenticated) {
			t.Fatal(err)
		}
	}
	events := demotest.Rows[struct {
		ObjectID *uuid.UUID
		Whole    string
		Address  string
	}](t, d.System, `select e.object_id, to_jsonb(e)::text as whole, v.personal_values ->> 'address' as address
		from audit_events e join audit_personal_values v on v.event_id = e.id where e.action = 'session.refused' order by e.object_id nulls last`)
	if len(events) != 2 || events[0].ObjectID == nil || *events[0].ObjectID != d.User(t, demotest.MainUser) || events[1].ObjectID != nil {
		t.Errorf("events are %+v", events)
	}
	for _, event := range events {
		if event.Address != "192.0.2.7" || strings.Contains(event.Whole, "192.0.2.7") || strings.Contains(event.Whole, "@") || !strings.Contains(event.Whole, `"request"`) {
			t.Errorf("the event is %+v", event)
		}
	}
	// Nor does the table of attempts name anybody.
	if whole := demotest.Value[string](t, d.System, "select jsonb_agg(a)::text from login_attempts a"); strings.Contains(whole, "@") || strings.Contains(whole, "192.0.2") {
		t.Errorf("attempts are %s", whole)
	}
}

func TestLanguageIsOneOfTheProducts(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	accounts := account.NewService(d.App, d.Clock.Now)
	who := d.Actor(t, demotest.MainUser, demotest.ExampleOy).Who()
	if err := accounts.ChooseLanguage(t.Context(), who, "fi"); err != nil {
		t.Fatal(err)
	}
	if err := accounts.ChooseLanguage(t.Context(), who, "de"); postgres.Constraint(err) != "user_language_known" {
		t.Errorf("an unknown language: %v", err)
	}
	chosen := demotest.Rows[struct{ Language, Email string }](t, d.System, "select language, email::text from users where language is not null")
	if len(chosen) != 1 || chosen[0].Language != "fi" || chosen[0].Email != demotest.MainUser {
		t.Errorf("chosen are %+v", chosen)
	}
	// It is the person's, wherever they are: the event belongs to no organisation.
	if organization := demotest.Value[*uuid.UUID](t, d.System, "select organization_id from audit_events where action = 'user.changed'"); organization != nil {
		t.Errorf("the event is of %s", organization)
	}
}
