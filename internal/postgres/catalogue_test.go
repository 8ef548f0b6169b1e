package postgres_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"omapostipro/internal/postgres"
	"omapostipro/internal/postgres/postgrestest"
)

// rows gives the rows of a query as a superuser, who sees everything.
func rows[T any](t *testing.T, db *postgres.DB, sql string, args ...any) []T {
	t.Helper()
	var found []T
	if err := db.Read(t.Context(), postgres.Scope{}, func(b *postgres.Batch) { postgres.Rows(b, &found, sql, args...) }); err != nil {
		t.Fatal(err)
	}
	return found
}

type name struct{ Name string }

func names(t *testing.T, db *postgres.DB, sql string, args ...any) []string {
	t.Helper()
	var list []string
	for _, row := range rows[name](t, db, sql, args...) {
		list = append(list, row.Name)
	}
	return list
}

// tables are all, partitions too; goose's own is the one that belongs to no organisation and holds nothing of anybody's.
const tables = `
	select c.oid, c.relname::text as name, c.relrowsecurity, c.relforcerowsecurity, c.relispartition, pg_get_userbyid(c.relowner)::text as owner,
		(select count(*) from pg_policy p where p.polrelid = c.oid) as policies
	from pg_class c where c.relnamespace = 'portal'::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'goose_db_version'`

func TestEveryTableIsGuarded(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	system := db.System()
	partitions := 0
	for _, table := range rows[struct {
		OID                                                 uint32
		Name, Owner                                         string
		Relrowsecurity, Relforcerowsecurity, Relispartition bool
		Policies                                            int
	}](t, system, tables) {
		if !table.Relrowsecurity || !table.Relforcerowsecurity || table.Policies == 0 {
			t.Errorf("%s: row-level security %t, forced %t, %d policies", table.Name, table.Relrowsecurity, table.Relforcerowsecurity, table.Policies)
		}
		if table.Owner != "portal_owner" {
			t.Errorf("%s belongs to %s", table.Name, table.Owner)
		}
		if table.Relispartition {
			partitions++
		}
	}
	if partitions < 3*13 {
		t.Errorf("%d partitions", partitions)
	}
	// What portal_app sees of a table that belongs to an organisation depends on the transaction's scope.
	if open := names(t, system, `
		select distinct c.relname || '.' || p.polname as name from pg_policy p join pg_class c on c.oid = p.polrelid
		join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id'
		where c.relnamespace = 'portal'::regnamespace and not 'portal_system'::regrole = any (p.polroles)
			and coalesce(pg_get_expr(p.polqual, c.oid), '') || coalesce(pg_get_expr(p.polwithcheck, c.oid), '') not like '%portal\_organization()%'
			and coalesce(pg_get_expr(p.polqual, c.oid), '') || coalesce(pg_get_expr(p.polwithcheck, c.oid), '') not like '%portal\_user()%'`); len(open) > 0 {
		t.Errorf("open to all: %q", open)
	}
	// What belongs to an organisation says so, by itself or through whom it belongs to.
	if without := names(t, system, `
		select c.relname::text as name from pg_class c where c.relnamespace = 'portal'::regnamespace and c.relkind in ('r', 'p')
			and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'organization_id') order by 1`); !slices.Equal(without,
		[]string{"credentials", "goose_db_version", "login_attempts", "mails", "organizations", "personal_links", "river_job",
			"river_leader", "river_notification", "river_queue", "sessions", "story_clock", "users"}) {
		t.Errorf("without an organisation: %q", without)
	}
}

func TestEveryForeignKeyHasAnIndex(t *testing.T) {
	t.Parallel()
	system := postgrestest.New(t).System()
	// A kind tells few rows apart: an index need not have it. Partitions have their parents' indexes.
	if without := names(t, system, `
		select c.relname || ' (' || array_to_string(keyed.columns, ', ') || ')' as name
		from pg_constraint f join pg_class c on c.oid = f.conrelid
		cross join lateral (select array_agg(a.attnum order by a.attnum) as numbers, array_agg(a.attname::text order by a.attnum) as columns
			from pg_attribute a where a.attrelid = c.oid and a.attnum = any (f.conkey) and a.attname not like '%kind') keyed
		where f.contype = 'f' and c.relnamespace = 'portal'::regnamespace and not c.relispartition and not exists (
			select from pg_index i where i.indrelid = c.oid and i.indpred is null
				and (select array_agg(n order by n) from unnest((i.indkey::int2[])[0:cardinality(keyed.numbers) - 1]) n) = keyed.numbers)`); len(without) > 0 {
		t.Errorf("foreign keys without an index: %q", without)
	}
	// They carry the organisation, wherever both sides have one.
	if without := names(t, system, `
		select f.conname || ' of ' || c.relname as name from pg_constraint f join pg_class c on c.oid = f.conrelid
		join pg_attribute o on o.attrelid = c.oid and o.attname = 'organization_id'
		join pg_attribute r on r.attrelid = f.confrelid and r.attname = 'organization_id'
		where f.contype = 'f' and f.conparentid = 0 and c.relnamespace = 'portal'::regnamespace and not o.attnum = any (f.conkey)
			and f.confrelid <> 'portal.audit_events'::regclass`); len(without) > 0 {
		t.Errorf("foreign keys without the organisation: %q", without)
	}
}

func TestNamesAreSortedAsInSweden(t *testing.T) {
	t.Parallel()
	if other := names(t, postgrestest.New(t).System(), `
		select c.relname || '.' || a.attname as name from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_collation l on l.oid = a.attcollation
		where c.relnamespace = 'portal'::regnamespace and c.relkind = 'r' and c.relname not like 'river%' and a.attname in ('name', 'first_name', 'last_name', 'holder')
			and l.collname <> 'sv-SE-x-icu'`); len(other) > 0 {
		t.Errorf("sorted otherwise: %q", other)
	}
}

// definers are the functions that run with more rights than their caller has, and whose.
var definers = map[string]string{
	"accept_invitation":            "portal_system",
	"application_account_is_whole": "portal_system",
	"cancel_own_email_change":      "portal_system",
	"change_own_password":          "portal_system",
	"count_invitations":            "portal_system",
	"count_listed_people":          "portal_system",
	"count_people":                 "portal_system",
	"cut_segments":                 "portal_system",
	"drop_audit_partitions":        "portal_owner",
	"due_shipments":                "portal_system",
	"end_sessions_of_leavers":      "portal_system",
	"ensure_audit_partitions":      "portal_owner", // makes tables
	"erase_own_account":            "portal_system",
	"find_application":             "portal_system",
	"find_credential":              "portal_system",
	"find_former_people":           "portal_system",
	"find_invitations":             "portal_system",
	"find_people":                  "portal_system",
	"find_person":                  "portal_system",
	"forget_name_of_leaver":        "portal_system",
	"keep_a_main_user":             "portal_system",
	"keep_name_of_leaver":          "portal_system",
	"key_has_a_logistics_contract": "portal_system",
	"list_changed_member":          "portal_system",
	"list_changed_people":          "portal_system",
	"list_changed_user":            "portal_system",
	"list_holders":                 "portal_system",
	"list_lacking":                 "portal_system",
	"list_people":                  "portal_system",
	"make_link":                    "portal_system",
	"may_change_company_account":   "portal_system",
	"only_main_user_of":            "portal_system",
	"own_data":                     "portal_system",
	"own_email_change":             "portal_system",
	"own_events":                   "portal_system",
	"person_memberships":           "portal_system",
	"purge_calls":                  "portal_system",
	"purge_expired":                "portal_system",
	"purge_links":                  "portal_system",
	"purge_mails":                  "portal_system",
	"recognize_invitation":         "portal_system",
	"recognize_key":                "portal_system",
	"recognize_link":               "portal_system",
	"recognize_session":            "portal_system",
	"recognize_token":              "portal_system",
	"sample_sealed_key":            "portal_system",
	"share_event":                  "portal_system",
	"spend_email_link":             "portal_system",
	"spend_password_link":          "portal_system",
	"touch_applications":           "portal_system",
	"touch_keys":                   "portal_system",
	"touch_sessions":               "portal_system",
}

func TestDefinerFunctions(t *testing.T) {
	t.Parallel()
	system := postgrestest.New(t).System()
	found := map[string]string{}
	for _, function := range rows[struct {
		Name, Owner, Settings, Language string
		Prosecdef, ByAll                bool
	}](t, system, `
		select p.proname::text as name, pg_get_userbyid(p.proowner)::text as owner, coalesce(array_to_string(p.proconfig, ' '), '') as settings, l.lanname::text as language,
			p.prosecdef, has_function_privilege('public', p.oid, 'execute') as by_all
		from pg_proc p join pg_language l on l.oid = p.prolang where p.pronamespace = 'portal'::regnamespace`) {
		if function.ByAll {
			t.Errorf("%s can be run by everybody", function.Name)
		}
		if !function.Prosecdef {
			continue
		}
		found[function.Name] = function.Owner
		// Nobody's own table or function can stand in for ours; PL/pgSQL keeps its plans.
		if strings.TrimSuffix(function.Settings, " plan_cache_mode=force_generic_plan") != "search_path=portal, pg_temp" || function.Language != "plpgsql" {
			t.Errorf("%s: %q, in %s", function.Name, function.Settings, function.Language)
		}
	}
	if diff := cmp.Diff(definers, found); diff != "" {
		t.Error(diff)
	}
}

// granted is all that portal_app may do, a table a line; columns where it is not the whole table.
const granted = `
access_tokens: delete insert select
api_key_contract_numbers: insert select
api_keys: insert select update(ciphertext status status_changed_at status_changed_by)
application_account_contract_numbers: delete insert select
application_account_roles: delete insert select
application_accounts: insert select update(address_locked_until locked_until name secret_hash secret_made_at status status_changed_at status_changed_by)
audit_events: insert select
audit_personal_values: insert select
audit_shared_events: select
company_accounts: insert select update
company_contacts: delete insert select
contract_numbers: select
delivery_orders: insert select update(cancelled_at next_step next_step_due status tracked_at)
goose_db_version: select
idempotent_calls: insert select update(created_at hash made_id)
invitation_contract_numbers: delete insert select
invitation_links: insert select update(replaced_at)
invitation_permissions: delete insert select
invitations: insert select update
known_people: select
labels: insert select
login_attempts: delete insert select update
mails: insert select update(attempts failed_at last_error sealed sent_at)
membership_contract_numbers: delete insert select
membership_permissions: delete insert select
memberships: select update
organizations: select update(business_id name)
parcels: insert select
pickup_parcels: insert select
pickups: insert select update(cancelled_at)
river_job: delete insert select update
river_leader: delete insert select update
river_notification: delete insert select update
river_queue: delete insert select update
sending_codes: insert select
sessions: delete insert select
story_clock: select update(begun_at passed speed)
tracking_events: insert select
users: select update(first_name language last_name phone)
`

func TestPortalAppIsGrantedNoMoreThanItNeeds(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	system := db.Open(db.AdminURL, postgres.Options{}) // who sees everybody's grants
	lines := names(t, system, `
		with whole as (
			select table_name::text as name, lower(privilege_type) as privilege from information_schema.role_table_grants
			where table_schema = 'portal' and grantee in ('portal_app', 'PUBLIC')
		), columns as (
			select table_name::text as name, lower(privilege_type) || '(' || string_agg(column_name, ' ' order by column_name) || ')' as privilege
			from information_schema.role_column_grants g where table_schema = 'portal' and grantee in ('portal_app', 'PUBLIC')
				and not exists (select from whole where whole.name = g.table_name and whole.privilege = lower(g.privilege_type))
			group by table_name, privilege_type
		)
		select granted.name || ': ' || string_agg(privilege, ' ' order by privilege) as name from (select * from whole union select * from columns) as granted
		group by granted.name order by granted.name`)
	if diff := cmp.Diff(strings.Split(strings.TrimSpace(granted), "\n"), lines); diff != "" {
		t.Error(diff)
	}
	for question, want := range map[string]bool{
		"rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication": false,
		"has_schema_privilege(oid, 'portal', 'create')":                              false,
		"has_schema_privilege(oid, 'public', 'create')":                              false,
		"has_database_privilege(oid, current_database(), 'create')":                  false,
		"exists (select from pg_auth_members where member = r.oid)":                  false,
		"exists (select from pg_class where relowner = r.oid)":                       false,
		"rolcanlogin": true,
	} {
		if answer := rows[struct{ Answer bool }](t, system, "select "+question+" as answer from pg_roles r where rolname = 'portal_app'")[0].Answer; answer != want {
			t.Errorf("portal_app: %s is %t", question, answer)
		}
	}
	// The others cannot be logged in to, and are no superusers.
	if wrong := names(t, system, `select rolname::text as name from pg_roles where rolname in ('portal_owner', 'portal_system')
		and (rolcanlogin or rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)`); len(wrong) > 0 {
		t.Errorf("too powerful: %q", wrong)
	}
}

// What was written down can be read by its organisation and changed by nobody who serves; credentials cannot even be read.
func TestPortalAppCannotRewriteWhatHappened(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	app := db.App()
	statements := []string{"select * from credentials", "delete from credentials", "update credentials set password_hash = password_hash",
		"update audit_events set action = 'a.b'", "delete from audit_events", "truncate audit_events", "update audit_personal_values set personal_values = '{}'",
		"delete from audit_personal_values", "truncate audit_personal_values", "drop table audit_events", "alter table audit_events disable row level security",
		"alter table users no force row level security", "create table mine (x int)", "create function mine() returns int language sql return 1",
		"set role portal_system", "set role portal_owner", "set session authorization postgres", "delete from users", "update users set email_key = 'x'", "delete from organizations", "update contract_numbers set valid_to = null",
		"insert into memberships (organization_id, user_id, user_type, created_at) values (gen_random_uuid(), gen_random_uuid(), 'main_user', now())",
		"update api_keys set hash = hash", "update api_keys set organization_id = organization_id", "delete from api_keys", "delete from delivery_orders",
		"select setval('tracking_serial', 0)", "insert into goose_db_version (version_id, is_applied) values (999, true)"}
	for _, partition := range names(t, db.System(), "select relname::text as name from pg_class where relispartition and relkind = 'r' order by relname limit 3") {
		statements = append(statements, "select * from "+partition, "delete from "+partition, "insert into "+partition+" default values")
	}
	for _, statement := range statements {
		err := app.Exec(t.Context(), statement)
		if err == nil || !strings.Contains(err.Error(), "42501") && !strings.Contains(err.Error(), "must be owner") {
			t.Errorf("%s: %v", statement, err)
		}
	}
	// Nor by a name of its own that stands before ours.
	if err := app.Exec(t.Context(), "create temporary table users (x int)"); err == nil {
		found := rows[struct{ N int }](t, app, "select count(user_id) as n from find_credential('nobody')")
		if found[0].N != 0 {
			t.Errorf("%d nobodies", found[0].N)
		}
	}
}
