package audit_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/audit"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/postgres"
)

type stored struct {
	OccurredAt     time.Time
	OrganizationID *uuid.UUID
	ActorKind      string
	ActorID        *uuid.UUID
	ObjectKind     string
	ObjectID       *uuid.UUID
	Fields         []string
	RequestID      string
	Personal       []struct {
		User   *uuid.UUID     `json:"user"`
		Values map[string]any `json:"values"`
	}
}

const selectStored = `select e.occurred_at, e.organization_id, e.actor_kind, e.actor_id, e.object_kind, e.object_id, e.fields, e.request_id,
	(select jsonb_agg(jsonb_build_object('user', v.user_id, 'values', v.personal_values) order by v.personal_values::text)
		from audit_personal_values v where v.event_id = e.id and v.organization_id is not distinct from e.organization_id) as personal
	from audit_events e where e.action = $1`

func record(t *testing.T, d *demotest.Data, scope postgres.Scope, who audit.Who, event audit.Event) error {
	t.Helper()
	return d.App.InTx(t.Context(), scope, func(ctx context.Context, tx pgx.Tx) error { return audit.Record(ctx, tx, d.Clock.Now(), who, event) })
}

func TestEventsAreStoredApartFromWhatIsPersonal(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	organization, user, other := d.Organization(t, demotest.ExampleOy).ID, d.User(t, demotest.MainUser), d.User(t, demotest.PlainUser)
	scope := postgres.Scope{Organization: organization, User: user}
	object := uuid.UUID{7}
	person := audit.Who{Kind: audit.Person, ID: user, Organization: organization, RequestID: "request", Address: "192.0.2.1"}
	err := record(t, d, scope, person, audit.Event{Action: "thing.changed", Object: object, Fields: []string{"a", "b"},
		Personal: []audit.Personal{{User: other, Values: map[string]any{"before": "Åsa", "after": []int{1}}}, {Values: map[string]any{"email": "x@example.com"}}}})
	if err != nil {
		t.Fatal(err)
	}
	event := demotest.One[stored](t, d.System, selectStored, "thing.changed")
	if !event.OccurredAt.Equal(d.Clock.Now()) || *event.OrganizationID != organization || event.ActorKind != "person" || *event.ActorID != user || event.ObjectKind != "thing" ||
		*event.ObjectID != object || !slices.Equal(event.Fields, []string{"a", "b"}) || event.RequestID != "request" {
		t.Errorf("stored is %+v", event)
	}
	// The address is the acting person's; what belongs to no account is nobody's.
	want := `[{"user":"` + user.String() + `","values":{"address":"192.0.2.1"}},{"user":"` + other.String() + `","values":{"after":[1],"before":"Åsa"}},{"user":null,"values":{"email":"x@example.com"}}]`
	if got, err := json.Marshal(event.Personal); err != nil || string(got) != want {
		t.Errorf("personal is %s, want %s", got, want)
	}

	// A key's and nobody's address is no account's; the operator has none.
	for _, test := range []struct {
		who    audit.Who
		action string
		values int
	}{
		{audit.Who{Kind: audit.Key, ID: uuid.UUID{8}, Organization: organization, Address: "192.0.2.2"}, "key.acted", 1},
		{audit.Who{Kind: audit.Nobody, Address: "192.0.2.3"}, "nobody.acted", 1},
		{audit.Who{Kind: audit.Operator}, "operator.acted", 0},
	} {
		if err := record(t, d, scope, test.who, audit.Event{Action: test.action}); err != nil {
			t.Errorf("%s: %v", test.action, err)
			continue
		}
		event := demotest.One[stored](t, d.System, selectStored, test.action)
		if event.ActorKind != test.who.Kind || event.ObjectID != nil || len(event.Fields) != 0 || len(event.Personal) != test.values || test.values > 0 && event.Personal[0].User != nil {
			t.Errorf("%s: %+v", test.action, event)
		}
	}

	// In a batch it is the same statement.
	if err := d.App.Write(t.Context(), scope, func(b *pgx.Batch) error {
		return audit.Queue(b, d.Clock.Now(), person, audit.Event{Action: "thing.queued"})
	}); err != nil {
		t.Fatal(err)
	}
	if event := demotest.One[stored](t, d.System, selectStored, "thing.queued"); len(event.Personal) != 1 || *event.ActorID != user {
		t.Errorf("queued is %+v", event)
	}

	// Many are written as one is.
	if err := d.App.Write(t.Context(), scope, func(b *pgx.Batch) error {
		return audit.QueueAll(b, d.Clock.Now(), person, []audit.Event{
			{Action: "thing.written", Object: object, Fields: []string{"a", "b"}, Personal: []audit.Personal{
				{User: other, Values: map[string]any{"before": "Åsa", "after": []int{1}}}, {Values: map[string]any{"email": "x@example.com"}}}},
			{Action: "thing.written_too"}})
	}); err != nil {
		t.Fatal(err)
	}
	many := demotest.One[stored](t, d.System, selectStored, "thing.written")
	if diff := cmp.Diff(event, many); diff != "" {
		t.Errorf("of many: %s", diff)
	}
	if event := demotest.One[stored](t, d.System, selectStored, "thing.written_too"); event.ObjectID != nil || len(event.Fields) != 0 || len(event.Personal) != 1 {
		t.Errorf("the last of many is %+v", event)
	}

	// A person can be erased, and the events stay.
	before := demotest.Value[int](t, d.System, "select count(*) from audit_events")
	d.Exec(t, "delete from audit_personal_values where user_id = $1", user)
	if after := demotest.Value[int](t, d.System, "select count(*) from audit_events"); after != before {
		t.Errorf("%d events of %d are left", after, before)
	}
}

func TestEventsThatCannotBe(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	own, foreign := d.Organization(t, demotest.ExampleOy).ID, d.Organization(t, demotest.Testbolaget).ID
	scope := postgres.Scope{Organization: own, User: d.User(t, demotest.MainUser)}
	for name, test := range map[string]struct {
		who    audit.Who
		action string
		want   string
	}{
		"a person without a name":   {audit.Who{Kind: audit.Person, Organization: own}, "a.b", "audit_actor_named"},
		"an operator with one":      {audit.Who{Kind: audit.Operator, ID: uuid.UUID{1}, Organization: own}, "a.b", "audit_actor_named"},
		"an unknown kind":           {audit.Who{Kind: "robot", ID: uuid.UUID{1}, Organization: own}, "a.b", "audit_actor_kind_known"},
		"an action without a thing": {audit.Who{Kind: audit.Operator, Organization: own}, "created", "audit_action_form"},
		"another organisation's":    {audit.Who{Kind: audit.Operator, Organization: foreign}, "a.b", "42501"},
		"one that there is not":     {audit.Who{Kind: audit.Operator, Organization: uuid.Max}, "a.b", "42501"},
	} {
		err := record(t, d, scope, test.who, audit.Event{Action: test.action})
		if err == nil || postgres.Constraint(err) != test.want && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Nor one of a month that has no place.
	err := d.App.InTx(t.Context(), scope, func(ctx context.Context, tx pgx.Tx) error {
		return audit.Record(ctx, tx, time.Date(2001, time.January, 1, 0, 0, 0, 0, time.UTC), audit.Who{Kind: audit.Operator}, audit.Event{Action: "a.b"})
	})
	if err == nil {
		t.Error("an event of 2001 is stored")
	}
	if stored := demotest.Value[int](t, d.System, "select count(*) from audit_events where action = 'a.b'"); stored != 0 {
		t.Errorf("%d are stored", stored)
	}
}

// An organisation reads its own events; and those of its people that belong to none, as log-ins; a person their own.
func TestWhoReadsEvents(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	own, user := d.Organization(t, demotest.Testbolaget).ID, d.User(t, demotest.OtherMain)
	for _, who := range []audit.Who{{Kind: audit.Person, ID: user, Address: "192.0.2.1"}, {Kind: audit.Person, ID: d.User(t, demotest.MainUser), Address: "192.0.2.2"}, {Kind: audit.Nobody, Address: "192.0.2.3"}} {
		if err := record(t, d, postgres.Scope{}, who, audit.Event{Action: "session.created"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		scope                postgres.Scope
		ownEvents, sessions  bool
		addresses, strangers int
	}{
		{postgres.Scope{}, false, false, 0, 0},
		{postgres.Scope{User: user}, false, true, 1, 0},
		{postgres.Scope{Organization: own}, true, true, 1, 0}, // its people's, and from where
		{postgres.Scope{Organization: own, User: user}, true, true, 1, 0},
	} {
		var ownEvents, sessions, addresses, strangers int
		err := d.App.Read(t.Context(), test.scope, func(b *postgres.Batch) {
			postgres.Value(b, &ownEvents, "select count(*) from audit_events where organization_id = $1", own)
			postgres.Value(b, &sessions, "select count(*) from audit_events where action = 'session.created'")
			postgres.Value(b, &addresses, "select count(*) from audit_personal_values where personal_values ? 'address'")
			postgres.Value(b, &strangers, "select count(*) from audit_events where organization_id <> $1 or organization_id is null and actor_id is distinct from $2 and action <> 'user.created'", own, user)
		})
		if err != nil {
			t.Fatal(err)
		}
		if (ownEvents > 0) != test.ownEvents || (sessions == 1) != test.sessions || sessions > 1 || addresses != test.addresses || strangers != test.strangers {
			t.Errorf("%+v reads %d, %d, %d, %d", test.scope, ownEvents, sessions, addresses, strangers)
		}
	}
}
