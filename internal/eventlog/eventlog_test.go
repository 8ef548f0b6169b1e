package eventlog_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/eventlog"
)

func TestChangesAreReadWhateverTheEventSays(t *testing.T) {
	t.Parallel()
	type change = eventlog.Change
	for name, example := range map[string]struct {
		fields []string
		values eventlog.Values
		want   []change
	}{
		"nothing": {nil, eventlog.Values{"address": "192.0.2.1"}, nil},
		"before and after": {nil, eventlog.Values{"before": map[string]any{"userType": "user", "permissions": []any{"a"}, "same": "x"},
			"after": map[string]any{"userType": "main_user", "permissions": []any{"a", "b"}, "same": "x"}},
			[]change{{"permissions", []string{"a"}, []string{"a", "b"}}, {"userType", []string{"user"}, []string{"main_user"}}}},
		"added and removed": {[]string{"contract_numbers"}, eventlog.Values{"added": []any{"654321"}, "removed": []any{"876543", "1"}},
			[]change{{"contract_numbers", []string{"876543", "1"}, []string{"654321"}}}},
		"given": {nil, eventlog.Values{"email": "a@example.com", "firstName": "", "as": map[string]any{"userType": "user"}},
			[]change{{"userType", nil, []string{"user"}}, {"email", nil, []string{"a@example.com"}}}},
		"a number": {nil, eventlog.Values{"count": 3.0}, []change{{"count", nil, []string{"3"}}}},
	} {
		event := eventlog.Event{Fields: example.fields, Values: []eventlog.Values{example.values}}
		if diff := cmp.Diff(example.want, event.Changes()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// What is too old goes a month at a time; the rest, and what is personal of it, stays.
func TestOldMonthsAreDropped(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	now := time.Now().UTC()
	old := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, -25, 0)
	for _, table := range []string{"audit_events", "audit_personal_values", "audit_shared_events"} {
		for _, month := range []time.Time{old, old.AddDate(0, 1, 0), old.AddDate(0, 2, 0)} {
			d.AsSuperuser(t, "create table portal."+table+month.Format("_2006_01")+" partition of portal."+table+" for values from ('"+
				month.Format(time.RFC3339)+"') to ('"+month.AddDate(0, 1, 0).Format(time.RFC3339)+"')")
			d.AsSuperuser(t, "alter table portal."+table+month.Format("_2006_01")+" owner to portal_owner")
		}
	}
	organization := d.Organization(t, demotest.ExampleOy).ID
	for i := range 3 {
		d.AsSuperuser(t, `insert into portal.audit_events (id, occurred_at, actor_kind, actor_id, action, object_kind)
			select gen_random_uuid(), $1, 'person', id, 'session.created', 'session' from portal.users`, old.AddDate(0, i, 3))
		d.AsSuperuser(t, `with e as (insert into portal.audit_events (id, occurred_at, organization_id, actor_kind, action, object_kind)
			values (gen_random_uuid(), $1, $2, 'operator', 'a.b', 'a') returning id, occurred_at)
			insert into portal.audit_personal_values (event_id, occurred_at, organization_id, personal_values) select id, occurred_at, $2, '{}' from e`,
			old.AddDate(0, i, 3), organization)
	}
	d.AsSuperuser(t, "analyze pg_catalog.pg_class; analyze pg_catalog.pg_inherits") // as in a database that has been up for a while
	if err := eventlog.DropBefore(t.Context(), d.App, now.AddDate(0, -24, 0)); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"audit_events", "audit_personal_values", "audit_shared_events"} {
		left := demotest.Rows[struct{ Name string }](t, d.System, `select relname::text as name from pg_class
			where relname like $1 || '\_%' and relname < $1 || $2 and relkind = 'r' order by 1`, table, now.Format("_2006_01"))
		var names []string
		for _, row := range left {
			names = append(names, row.Name)
		}
		// A month that has not quite passed the limit stays whole.
		if want := []string{table + old.AddDate(0, 1, 0).Format("_2006_01"), table + old.AddDate(0, 2, 0).Format("_2006_01")}; !slices.Equal(names, want) {
			t.Errorf("left are %q, want %q", names, want)
		}
	}
	if err := eventlog.DropBefore(t.Context(), d.App, now); err == nil {
		t.Error("what has just happened can be dropped")
	}
}
