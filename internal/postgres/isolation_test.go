package postgres_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/postgres"
)

// furnish puts a row of each of the two organisations into every table that has none: whoever adds a table adds to this.
func furnish(t *testing.T, d *demotest.Data) {
	t.Helper()
	d.AsSuperuser(t, `
		set search_path = portal;
		set constraints all deferred;
		insert into invitations (id, organization_id, email, email_key, first_name, last_name, user_type, invited_by, created_at)
			select gen_random_uuid(), o.id, 'x@example.com', 'x@example.com', '', '', 'user', (select user_id from memberships where organization_id = o.id limit 1), now()
			from organizations o;
		insert into invitation_permissions select organization_id, id, 'view_reports' from invitations where email = 'x@example.com';
		insert into invitation_contract_numbers select i.organization_id, i.id, c.id, c.kind from invitations i join contract_numbers c using (organization_id)
			where i.email = 'x@example.com' and c.kind = 'logistics_contract';
		insert into invitation_links select sha256(id::text::bytea), organization_id, id, now() from invitations where email = 'x@example.com';
		insert into sessions select gen_random_uuid(), id, sha256(email::bytea), now(), current_timestamp, '1h', now() + interval '1h' from users where email like '%.user@%';
		with made as (
			insert into api_keys select gen_random_uuid(), o.id, (select user_id from memberships where organization_id = o.id limit 1), gen_random_uuid(), 'x',
				sha256(o.name::bytea), 'x', 'abc', 'enabled', now() from organizations o returning *)
		insert into api_key_contract_numbers select made.organization_id, made.id, c.id, c.kind from made join contract_numbers c using (organization_id)
			where c.kind = 'logistics_contract';
		with made as (
			insert into application_accounts (id, organization_id, maker_id, creation_token, name, client_id, secret_hash, secret_made_at, status, created_at)
				select gen_random_uuid(), o.id, (select user_id from memberships where organization_id = o.id limit 1), gen_random_uuid(), 'x',
				gen_random_uuid()::text, sha256(o.name::bytea), now(), 'enabled', now() from organizations o returning *),
		contracts as (insert into application_account_contract_numbers select made.organization_id, made.id, c.id, c.kind from made join contract_numbers c using (organization_id)
			where c.kind = 'logistics_contract'),
		roles as (insert into application_account_roles select organization_id, id, 'tracking' from made)
		insert into access_tokens select sha256(id::text::bytea), organization_id, id, now(), now() + interval '1h' from made;
		insert into idempotent_calls (organization_id, caller_id, key, hash, created_at, made_id)
			select id, gen_random_uuid(), 'x', sha256(name::bytea), now(), gen_random_uuid() from organizations;
		insert into delivery_orders (id, organization_id, api_key_id, contract_number_id, contract_kind, shipment_number, service, order_number, sender_reference, document, created_at)
			select gen_random_uuid(), organization_id, api_key_id, contract_number_id, kind, gen_random_uuid()::text, 'PO2103', '', '', '{}', now() from api_key_contract_numbers;
		insert into parcels (id, organization_id, delivery_order_id, position, tracking_number, weight_grams, reference)
			select gen_random_uuid(), organization_id, id, 1, gen_random_uuid()::text, 1, '' from delivery_orders;
		insert into tracking_events select gen_random_uuid(), organization_id, id, '13', 'RECEIVED', '', '', 'FI', now() from delivery_orders;
		insert into labels select gen_random_uuid(), organization_id, id, 'laser-a5', now(), current_timestamp from delivery_orders;
		insert into sending_codes select organization_id, delivery_order_id, position, case when row_number() over () = 1 then '00000A' else '00000C' end, now()
			from (select distinct on (organization_id) * from parcels) as p;
		with made as (
			insert into pickups (id, organization_id, contract_number_id, contract_kind, ordered_by_kind, ordered_by, pickup_date, earliest, latest, instructions, address, packages, created_at)
				select gen_random_uuid(), organization_id, id, kind, 'key', gen_random_uuid(), now(), current_timestamp, now() + interval '1h', '', '{}', 1, now()
				from contract_numbers where kind = 'logistics_contract' returning *)
		insert into pickup_parcels select organization_id, id, 1, 'x' from made;
		insert into audit_events (id, occurred_at, actor_kind, actor_id, action, object_kind) select gen_random_uuid(), now(), 'person', id, 'session.created', 'session' from users;
		insert into audit_personal_values select id, occurred_at, organization_id, null, '{}' from audit_events`)
}

// In a transaction of one organisation, another's rows are not there: to be read, changed, taken away or added to.
func TestNoTableShowsAnotherOrganizationsRows(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	furnish(t, d)
	own, other := d.Organization(t, demotest.Testbolaget).ID, d.Organization(t, demotest.ExampleOy).ID
	user := d.User(t, demotest.OtherMain)
	scope := postgres.Scope{Organization: own, User: user}
	columns := "select c.relname::text as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id' " +
		"where c.relnamespace = 'portal'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition order by 1"
	checked := 0
	for _, table := range names(t, d.System, columns) {
		checked++
		if !demotest.Value[bool](t, d.System, "select has_table_privilege('portal_app', $1, 'select')", "portal."+table) {
			for _, statement := range []string{"select from " + table, "delete from " + table, "update " + table + " set organization_id = null", "insert into " + table + " default values"} {
				if err := d.App.Exec(t.Context(), statement); err == nil || !denied(err) {
					t.Errorf("%s: %v", statement, err)
				}
			}
			continue
		}
		count := func(db *postgres.DB, scope postgres.Scope, organization uuid.UUID) (n int) {
			t.Helper()
			err := db.Read(t.Context(), scope, func(b *postgres.Batch) {
				postgres.Value(b, &n, "select count(*) from "+table+" where organization_id = $1", organization)
			})
			if err != nil {
				t.Fatalf("%s: %v", table, err)
			}
			return n
		}
		for _, organization := range []uuid.UUID{own, other} {
			if count(d.System, postgres.Scope{}, organization) == 0 {
				t.Fatalf("%s has no row of %s to look for: furnish it", table, organization)
			}
		}
		if seen := count(d.App, scope, other); seen != 0 {
			t.Errorf("%s: %d rows of another organisation are seen", table, seen)
		}
		if seen, all := count(d.App, scope, own), count(d.System, postgres.Scope{}, own); seen != all {
			t.Errorf("%s: %d of one's own %d rows are seen", table, seen, all)
		}
		for _, nobody := range []postgres.Scope{{}, {User: user}} {
			if seen := count(d.App, nobody, own) + count(d.App, nobody, other); seen != 0 {
				t.Errorf("%s: %d rows are seen by nobody's transaction", table, seen)
			}
		}
		for _, change := range []string{
			"update " + table + " set organization_id = organization_id where organization_id = $1",
			"update " + table + " set organization_id = '" + own.String() + "' where organization_id = $1",
			"delete from " + table + " where organization_id = $1",
		} {
			var changed int64
			err := d.App.InTx(t.Context(), scope, func(ctx context.Context, tx pgx.Tx) error {
				done, err := tx.Exec(ctx, change, other)
				changed = done.RowsAffected()
				return err
			})
			if err == nil && changed != 0 || err != nil && !denied(err) {
				t.Errorf("%s: %d rows, %v", change, changed, err)
			}
		}
		// A row of one's own given to another, or a row made there.
		fields := names(t, d.System, "select a.attname::text as name from pg_attribute a where a.attrelid = to_regclass($1) and a.attnum > 0 and a.attname <> 'organization_id' and a.attgenerated = '' and not a.attisdropped order by a.attnum",
			"portal."+table)
		for _, change := range []string{
			fmt.Sprintf("insert into %s (organization_id, %[2]s) select '%[3]s', %[2]s from %[1]s where organization_id = $1 limit 1", table, strings.Join(fields, ", "), other),
			fmt.Sprintf("update %s set organization_id = '%s' where organization_id = $1", table, other),
		} {
			err := d.App.InTx(t.Context(), scope, func(ctx context.Context, tx pgx.Tx) error {
				_, err := tx.Exec(ctx, change, own)
				return err
			})
			if err == nil || !denied(err) {
				t.Errorf("%s: %v", change, err)
			}
		}
	}
	if checked < 12 {
		t.Errorf("only %d tables", checked)
	}
}

func denied(err error) bool {
	return strings.Contains(err.Error(), "(SQLSTATE 42501)") // both row-level security's and a missing grant's
}

// What belongs to people is seen by themselves, and by the organisations that they are members of.
func TestPeopleAreSeenWhereTheyBelong(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	furnish(t, d)
	own, user := d.Organization(t, demotest.Testbolaget).ID, d.User(t, demotest.OtherMain)
	for _, test := range []struct {
		sql   string
		scope postgres.Scope
		want  []string
	}{
		{"select email::text as name from users order by 1", postgres.Scope{}, nil},
		{"select email::text as name from users order by 1", postgres.Scope{User: user}, []string{demotest.OtherMain}},
		{"select email::text as name from users order by 1", postgres.Scope{Organization: own}, []string{demotest.Both, demotest.OtherMain}},
		{"select name::text from organizations", postgres.Scope{}, nil},
		{"select name::text from organizations", postgres.Scope{User: user}, nil},
		{"select name::text from organizations", postgres.Scope{Organization: own}, []string{"Testbolaget Ab"}},
		{"select count(*)::text as name from sessions", postgres.Scope{Organization: own}, []string{"0"}},
		{"select count(*)::text as name from sessions", postgres.Scope{User: user}, []string{"1"}},
	} {
		var found []name
		if err := d.App.Read(t.Context(), test.scope, func(b *postgres.Batch) { postgres.Rows(b, &found, test.sql) }); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, row := range found {
			got = append(got, row.Name)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s for %+v: %q, want %q", test.sql, test.scope, got, test.want)
		}
	}
	for _, change := range []string{"update users set language = 'fi' where id <> '" + user.String() + "'", "delete from sessions where user_id <> '" + user.String() + "'"} {
		err := d.App.InTx(t.Context(), postgres.Scope{Organization: own, User: user}, func(ctx context.Context, tx pgx.Tx) error {
			done, err := tx.Exec(ctx, change)
			if err == nil && done.RowsAffected() > 0 {
				t.Errorf("%s: %d rows", change, done.RowsAffected())
			}
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", change, err)
		}
	}
}

// A key of one organisation linked to another's contract cannot be stored, by anybody.
func TestLinksStayInsideAnOrganization(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	furnish(t, d)
	own, other := d.Organization(t, demotest.ExampleOy).ID, d.Organization(t, demotest.Testbolaget).ID
	number, user := d.Number(t, "600123"), d.User(t, demotest.MainUser)
	key := demotest.Value[uuid.UUID](t, d.System, "select id from api_keys where organization_id = $1", own)
	order := demotest.Value[uuid.UUID](t, d.System, "select id from delivery_orders where organization_id = $1 limit 1", own)
	invitation := demotest.Value[uuid.UUID](t, d.System, "select id from invitations where organization_id = $1 limit 1", own)
	for _, link := range []struct {
		sql  string
		args []any
	}{
		{"insert into api_key_contract_numbers values ($1, $2, $3, 'logistics_contract')", []any{own, key, number}},
		{"insert into api_key_contract_numbers values ($1, $2, $3, 'logistics_contract')", []any{other, key, number}},
		{"insert into api_key_contract_numbers values ($1, $2, $3, 'logistics_contract')", []any{own, key, d.Number(t, "876543")}}, // nor as another kind
		{"insert into membership_contract_numbers values ($1, $2, $3, 'logistics_contract')", []any{own, user, number}},
		{"insert into membership_contract_numbers values ($1, $2, $3, 'logistics_contract')", []any{other, user, number}},
		{"insert into membership_permissions values ($1, $2, 'view_reports')", []any{other, user}},
		{"insert into invitation_contract_numbers values ($1, $2, $3, 'logistics_contract')", []any{own, invitation, number}},
		{"insert into invitation_permissions values ($1, $2, 'view_reports')", []any{other, invitation}},
		{"update delivery_orders set contract_number_id = $1 where id = $2", []any{number, order}},
		{"update delivery_orders set organization_id = $1 where id = $2", []any{other, order}},
		{"update parcels set organization_id = $1 where delivery_order_id = $2", []any{other, order}},
		{"update labels set organization_id = $1 where delivery_order_id = $2", []any{other, order}},
	} {
		err := d.System.Exec(t.Context(), link.sql, link.args...)
		if constraint := postgres.Constraint(err); !strings.HasSuffix(constraint, "_fkey") && !strings.HasSuffix(constraint, "_fkey1") {
			t.Errorf("%s %v: %v", link.sql, link.args, err)
		}
	}
	if err := d.System.Exec(t.Context(), "insert into api_key_contract_numbers values ($1, $2, $3, 'customer_number')", own, key, d.Number(t, "123456")); postgres.Constraint(err) != "api_key_orders_with_contracts" {
		t.Errorf("a key with a customer number: %v", err)
	}
	// Nor a key without a logistics contract.
	err := d.System.Exec(t.Context(), `insert into api_keys (id, organization_id, maker_id, creation_token, description, hash, ciphertext, suffix, status, created_at)
		values (gen_random_uuid(), $1, $2, gen_random_uuid(), 'x', sha256('y'), 'x', 'abc', 'enabled', now())`, own, user)
	if postgres.Constraint(err) != "api_key_has_a_logistics_contract" {
		t.Errorf("a key without a contract: %v", err)
	}
}
