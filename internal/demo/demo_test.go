package demo_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/apikey"
	"omapostipro/internal/application"
	"omapostipro/internal/audit"
	"omapostipro/internal/caller"
	"omapostipro/internal/demo"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/postgres"
	"omapostipro/internal/postgres/postgrestest"
	"omapostipro/internal/secretbox"
)

type line struct{ Line string }

func lines(t *testing.T, db *postgres.DB, sql string) (list []string) {
	t.Helper()
	for _, row := range demotest.Rows[line](t, db, sql) {
		list = append(list, row.Line)
	}
	return list
}

// The tables at the end of the manual's reading, exactly.
func TestDemoDataIsTheManuals(t *testing.T) {
	t.Parallel()
	db := demotest.New(t).System
	for _, test := range []struct {
		name, sql string
		want      []string
	}{
		{"organisations", "select name || ' (' || business_id || ')' as line from organizations order by name",
			[]string{"Example Oy (FI12345678)", "Testbolaget Ab (FI23456780)"}},
		{"contract numbers", "select kind || ' ' || number || ' ' || holder || coalesce(' until ' || valid_to, '') as line from contract_numbers order by number",
			[]string{"customer_number 123456 Example Oy", "logistics_contract 600123 Testbolaget Ab", "logistics_contract 654321 Example Oy", "logistics_contract 654399 Example Oy",
				"freight_transport_code 800123 Testbolaget Ab", "freight_transport_code 876543 Example Oy"}},
		{"who can log in", `
			select o.name || ': ' || u.first_name || ' ' || u.last_name || ' ' || u.email || ' ' || m.user_type || ' [' ||
				coalesce((select string_agg(permission, ' ' order by permission) from membership_permissions p where p.user_id = u.id and p.organization_id = o.id), '') || '] [' ||
				coalesce((select string_agg(number, ' ' order by number) from membership_contract_numbers n join contract_numbers c on c.id = n.contract_number_id
					where n.user_id = u.id and n.organization_id = o.id), '') || ']' || u.phone as line
			from users u join credentials c on c.user_id = u.id join memberships m on m.user_id = u.id join organizations o on o.id = m.organization_id order by 1`,
			[]string{
				"Example Oy: FirstName LastName main.user@example.com main_user [create_shipments manage_company_account manage_integrations track_shipments view_reports] [654321 876543]",
				"Example Oy: Oskar Lindqvist both@example.com user [track_shipments] [654321]",
				"Example Oy: Peter Lindholm plain.user@example.com user [create_shipments track_shipments] [654321]",
				"Example Oy: Sanna Andersson second.main@example.com main_user [manage_integrations] []",
				"Testbolaget Ab: Maria Virtanen main.user@test.example main_user [create_shipments manage_company_account manage_integrations track_shipments view_reports] [600123 800123]",
				"Testbolaget Ab: Oskar Lindqvist both@example.com main_user [create_shipments manage_company_account manage_integrations track_shipments view_reports] [600123]",
			}},
		{"the manual's invitation", `select first_name || ' ' || last_name || ' ' || email || ' ' || (created_at at time zone 'Europe/Helsinki')::date || coalesce(' until ' || expires_at, '') as line
			from invitations where email = 'new@example.com'`, []string{"first last new@example.com 2024-07-22"}},
		{"API keys", "select id::text as line from api_keys", nil},
		{"delivery orders", "select id::text as line from delivery_orders", nil},
	} {
		if diff := cmp.Diff(test.want, lines(t, db, test.sql)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
	counted := demotest.One[struct{ People, Invitations, Assigned int }](t, db, `select
		(select count(*) from memberships m join organizations o on o.id = m.organization_id where o.business_id = 'FI12345678') as people,
		(select count(*) from invitations) as invitations,
		(select count(*) from membership_contract_numbers n join contract_numbers c on c.id = n.contract_number_id where c.number in ('654399', '123456')) as assigned`)
	if counted.People != 65 || counted.Invitations != 12 || counted.Assigned != 0 {
		t.Errorf("%+v", counted)
	}
	if len(demo.LogIns()) != 5 {
		t.Errorf("listed log-ins are %+v", demo.LogIns())
	}
	// Through the services: everything has its event.
	if silent := lines(t, db, `select 'user ' || email as line from users u where not exists (select from audit_events where object_id = u.id and action = 'user.created')
		union all select 'invitation ' || email from invitations i where not exists (select from audit_events where object_id = i.id and action = 'invitation.created')
		union all select 'company account ' || organization_id from company_accounts c where not exists (select from audit_events where object_id = c.organization_id and action = 'company_account.changed')
		union all select 'number ' || number from contract_numbers c where not exists (select from audit_events where object_id = c.id and action = 'contract_number.created')`); len(silent) > 0 {
		t.Errorf("without an event: %q", silent)
	}
}

const everything = `
	select 'organization ' || to_jsonb(o)::text as line from organizations o
	union all select 'user ' || to_jsonb(u)::text from users u
	union all select 'credential ' || to_jsonb(c)::text from credentials c
	union all select 'membership ' || to_jsonb(m)::text from memberships m
	union all select 'permission ' || to_jsonb(m)::text from membership_permissions m
	union all select 'number ' || to_jsonb(c)::text from contract_numbers c
	union all select 'assigned ' || to_jsonb(m)::text from membership_contract_numbers m
	union all select 'invitation ' || to_jsonb(i)::text from invitations i
	union all select 'company ' || to_jsonb(c)::text from company_accounts c
	union all select 'contact ' || to_jsonb(c)::text from company_contacts c
	union all select 'events ' || count(*)::text from audit_events order by 1`

// What has been there, and was changed or taken away, is left as it is.
func TestSeedingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	d.Leave(t, demotest.Both, demotest.ExampleOy)
	d.EndNumber(t, "654321", d.Clock.Now())
	d.Exec(t, "update users set first_name = 'Anna', language = 'fi' where email_key = $1", demotest.PlainUser)
	d.Exec(t, "delete from membership_permissions where user_id = $1", d.User(t, demotest.MainUser))
	d.Exec(t, "update invitations set withdrawn_at = now() where email = 'new@example.com'")
	d.Exec(t, "update organizations set name = 'Exempel Ab', business_id = 'FI99999999' where business_id = $1", demotest.ExampleOy)
	d.Exec(t, "delete from company_contacts")
	d.Exec(t, "delete from credentials where user_id = $1", d.User(t, demotest.OtherMain))
	before := lines(t, d.System, everything)
	system := demotest.Open(t, d.AdminURL, postgres.Options{MaxConns: 2, Role: "portal_system"})
	for range 2 {
		if err := demo.Seed(t.Context(), system, d.Clock.Now); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(before, lines(t, d.System, everything)); diff != "" {
		t.Error(diff)
	}
}

// What is missing is filled in: a start that was cut off goes on where it was.
func TestSeedingGoesOnWhereItWasCutOff(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	const shape = `select o.business_id || ' ' || u.email_key || ' ' || m.user_type as line from memberships m join users u on u.id = m.user_id join organizations o on o.id = m.organization_id
		union all select 'invitation ' || email from invitations union all select 'number ' || number from contract_numbers order by 1`
	before := lines(t, d.System, shape)
	d.Exec(t, "delete from invitations where email <> 'new@example.com'")
	d.AsSuperuser(t, `set search_path = portal; delete from memberships where user_id in (select id from users where email_key > 'm' and email_key not like '%main%');
		delete from users u where email_key > 'n' and not exists (select from memberships where user_id = u.id) and not exists (select from credentials where user_id = u.id)`)
	if len(lines(t, d.System, shape)) >= len(before) {
		t.Fatal("nothing is missing")
	}
	system := demotest.Open(t, d.AdminURL, postgres.Options{MaxConns: 2, Role: "portal_system"})
	if err := demo.Seed(t.Context(), system, d.Clock.Now); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, lines(t, d.System, shape)); diff != "" {
		t.Error(diff)
	}
}

// Several portals that start together on an empty database fill it in once.
func TestSeedingAtOnce(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	var wg sync.WaitGroup
	for range 3 {
		system := db.Open(db.AdminURL, postgres.Options{MaxConns: 2, Role: "portal_system"})
		wg.Go(func() {
			if err := demo.Seed(t.Context(), system, time.Now); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := lines(t, db.System(), `select (select count(*) from organizations) || ' ' || (select count(*) from memberships) || ' ' || (select count(*) from invitations) || ' ' ||
		(select count(*) from credentials) as line`); fmt.Sprint(got) != "[2 67 12 5]" {
		t.Errorf("filled in are %v", got)
	}
}

// Names and addresses are a person's own each.
func TestColleaguesAreTold(t *testing.T) {
	t.Parallel()
	db := demotest.New(t).System
	for _, email := range lines(t, db, "select email::text as line from users") {
		if email != strings.ToLower(email) || strings.ContainsAny(email, " åäöéø") || !strings.HasSuffix(email, "@example.com") && !strings.HasSuffix(email, "@test.example") {
			t.Errorf("an address is %q", email)
		}
	}
}

// What scripts call with is there from the first start, works, and stays as its organisation has left it.
func TestWhatScriptsCallWith(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	keyset, err := secretbox.Generate()
	if err != nil {
		t.Fatal(err)
	}
	box, err := secretbox.Parse(keyset)
	if err != nil {
		t.Fatal(err)
	}
	operator := demotest.Open(t, d.AdminURL, postgres.Options{MaxConns: 2, Role: "portal_system"})
	seed := func() {
		t.Helper()
		if err := demo.SeedCallers(t.Context(), operator, box, d.Clock.Now); err != nil {
			t.Fatal(err)
		}
	}
	seed()
	seed()
	keys, applications := apikey.NewService(d.App, box, d.Clock.Now), application.NewService(d.App, box, d.Clock.Now)
	who := audit.Who{Kind: audit.Nobody}
	key, err := keys.Recognize(t.Context(), demo.APIKey, "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	grant, err := applications.LogIn(t.Context(), demo.ClientID, demo.ClientSecret, who)
	if err != nil {
		t.Fatal(err)
	}
	account, err := applications.Recognize(t.Context(), grant.Token)
	if err != nil || len(account.Roles) != len(caller.Roles()) {
		t.Fatal(account.Roles, err)
	}
	for _, c := range []caller.Caller{key, account} {
		if c.Organization.Name != demo.Organization || len(c.Contracts) != 1 || c.Contracts[0].Number != demo.Contract {
			t.Errorf("%+v", c)
		}
	}
	maria := d.Actor(t, demotest.OtherMain, demotest.Testbolaget)
	if value, err := keys.Value(t.Context(), maria, key.ID); err != nil || value != demo.APIKey {
		t.Errorf("it is copied as %q: %v", value, err)
	}
	if err := errors.Join(keys.Revoke(t.Context(), maria, key.ID), applications.Disable(t.Context(), maria, account.ID)); err != nil {
		t.Fatal(err)
	}
	seed()
	if _, err := keys.Recognize(t.Context(), demo.APIKey, "192.0.2.1"); !errors.Is(err, apikey.ErrRevoked) {
		t.Errorf("a start brings it back: %v", err)
	}
	if _, err := applications.LogIn(t.Context(), demo.ClientID, demo.ClientSecret, who); !errors.Is(err, application.ErrClient) {
		t.Errorf("a start enables it: %v", err)
	}
	if n := demotest.Value[int](t, d.System, "select count(*) from api_keys where organization_id = $1", d.Organization(t, demotest.ExampleOy).ID); n != 0 {
		t.Errorf("Example Oy has %d keys", n)
	}
}

// A database that was a demo's is not production's while its credentials open it.
func TestProductionRefusesADemosDatabase(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	keyset, err := secretbox.Generate()
	if err != nil {
		t.Fatal(err)
	}
	box, err := secretbox.Parse(keyset)
	if err != nil {
		t.Fatal(err)
	}
	operator := demotest.Open(t, d.AdminURL, postgres.Options{MaxConns: 2, Role: "portal_system"})
	if err := demo.SeedCallers(t.Context(), operator, box, d.Clock.Now); err != nil {
		t.Fatal(err)
	}
	accounts, keys, applications := account.NewService(d.App, d.Clock.Now), apikey.NewService(d.App, box, d.Clock.Now), application.NewService(d.App, box, d.Clock.Now)
	before := lines(t, d.System, everything)
	refused := func(want ...string) {
		t.Helper()
		err := demo.CheckAbsent(t.Context(), accounts, keys, applications)
		if want == nil && err == nil {
			return
		}
		said := fmt.Sprint(err)
		if begin := "still opens it: " + strings.Join(want, ", ") + ". "; !strings.Contains(said, begin) {
			t.Errorf("it says %s, want %s", said, begin)
		}
		for _, secret := range []string{demo.Password, demo.APIKey, demo.ClientSecret} {
			if strings.Contains(said, secret+" ") {
				t.Errorf("%s is in %s", secret, said)
			}
		}
	}
	key, client, passwords := "the API key Demo of Testbolaget Ab", "the application account demo-application of Testbolaget Ab", []string{}
	for _, logIn := range demo.LogIns() {
		passwords = append(passwords, "the password of "+logIn.Email)
	}
	refused(append([]string{key, client}, passwords...)...)
	if diff := cmp.Diff(before, lines(t, d.System, everything)); diff != "" {
		t.Errorf("the check writes: %s", diff)
	}
	maria := d.Actor(t, demotest.OtherMain, demotest.Testbolaget)
	id := demotest.Value[uuid.UUID](t, d.System, "select id from api_keys")
	if err := keys.Disable(t.Context(), maria, id); err != nil {
		t.Fatal(err)
	}
	refused(append([]string{key, client}, passwords...)...) // it could be enabled again
	if err := errors.Join(keys.Revoke(t.Context(), maria, id), applications.Revoke(t.Context(), maria, demotest.Value[uuid.UUID](t, d.System, "select id from application_accounts"))); err != nil {
		t.Fatal(err)
	}
	refused(passwords...)
	d.Exec(t, "delete from credentials")
	refused()
}
