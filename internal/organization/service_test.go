package organization_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/fault"
	"omapostipro/internal/organization"
	"omapostipro/internal/postgres"
)

func fieldsOf(err error) (names []string) {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		for _, field := range f.Fields {
			names = append(names, field.Name)
		}
	}
	return names
}

// Whoever may not is refused before the database is asked anything.
func TestWhoMayDoWhatWithPeople(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	organizations := organization.NewService(d.App, d.Clock.Now)
	person := d.User(t, demotest.PlainUser)
	plain := d.Actor(t, demotest.PlainUser, demotest.ExampleOy)
	key := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	key.Kind = audit.Key
	for name, actor := range map[string]account.Actor{"plain user": plain, "key": key, "nobody": {}} {
		for action, do := range map[string]func() error{
			"list": func() error {
				_, err := organizations.List(t.Context(), actor, organization.Filter{}, organization.Cursor{}, organization.Cursor{})
				return err
			},
			"export": func() error {
				return organizations.Export(t.Context(), actor, organization.Filter{}, func(organization.Exported) error { return nil })
			},
			"details": func() error { _, err := organizations.Details(t.Context(), actor, person); return err },
			"editing": func() error { _, err := organizations.Editing(t.Context(), actor, person); return err },
			"permissions": func() error {
				return organizations.SavePermissions(t.Context(), actor, person, organization.Permissions{}, organization.Permissions{UserType: account.MainUser}, true)
			},
			"numbers": func() error { _, err := organizations.SaveNumbers(t.Context(), actor, person, nil, nil); return err },
			"plan": func() error {
				_, err := organizations.PlanChange(t.Context(), actor, organization.Change{Deed: organization.EndMembership}, []uuid.UUID{person})
				return err
			},
			"change": func() error {
				_, err := organizations.ChangePeople(t.Context(), actor, organization.Change{Deed: organization.EndMembership}, []organization.Shown{{Person: person}})
				return err
			},
			"remove": func() error { return organizations.Remove(t.Context(), actor, []uuid.UUID{person}) },
			"invite": func() error {
				_, err := organizations.Invite(t.Context(), actor, organization.NewInvitation{Email: "x@example.com", Permissions: organization.Permissions{UserType: account.MainUser}})
				return err
			},
			"create": func() error { _, err := organizations.Create(t.Context(), actor, "Ny Ab", "FI00000001"); return err },
			"add number": func() error {
				_, err := organizations.AddNumber(t.Context(), actor, account.LogisticsContract, "111111", "Ny Ab", d.Clock.Now())
				return err
			},
			"add member": func() error {
				return organizations.AddMember(t.Context(), actor, person, organization.Permissions{UserType: account.MainUser}, nil)
			},
		} {
			var err error
			asked := d.Asked.During(func() { err = do() })
			if !fault.Is(err, fault.Forbidden) || asked.Trips > 0 {
				t.Errorf("%s, %s: %v after %d round trips", name, action, err, asked.Trips)
			}
		}
	}
	// Nor is a main user an operator.
	main := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	if _, err := organizations.Create(t.Context(), main, "Ny Ab", "FI00000001"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("create: %v", err)
	}
	if err := organizations.AddMember(t.Context(), main, person, organization.Permissions{UserType: account.MainUser}, nil); !fault.Is(err, fault.Forbidden) {
		t.Errorf("add member: %v", err)
	}
}

func TestOrganizationsAreMadeByTheOperator(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	organizations := organization.NewService(d.System, d.Clock.Now)
	operator := d.Operator(t, "")
	made, err := organizations.Create(t.Context(), operator, " Ny Ab ", "FI00000001")
	if err != nil || made.Name != "Ny Ab" || made.String() != "Ny Ab (FI00000001)" {
		t.Fatalf("made is %+v, %v", made, err)
	}
	if _, err := organizations.Create(t.Context(), operator, "En annan", "FI00000001"); !fault.Is(err, fault.Conflict) {
		t.Errorf("a business ID that is taken: %v", err)
	}
	for _, wrong := range []struct{ name, id, field string }{{"", "FI00000002", "name"}, {"a\x00", "FI00000002", "name"}, {strings.Repeat("a", 201), "FI00000002", "name"},
		{"x", "", "business_id"}, {"x", "1234567-8", "business_id"}, {"x", "FI1234567", "business_id"}, {"x", "FI12345678\n", "business_id"}, {"x", "SE12345678", "business_id"}} {
		if _, err := organizations.Create(t.Context(), operator, wrong.name, wrong.id); !slices.Equal(fieldsOf(err), []string{wrong.field}) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}

	operator.Organization = made
	number, err := organizations.AddNumber(t.Context(), operator, account.LogisticsContract, "111111", "Ny Ab", d.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := organizations.AddNumber(t.Context(), operator, account.LogisticsContract, "654321", "Ny Ab", d.Clock.Now()); !fault.Is(err, fault.Conflict) {
		t.Errorf("a number that is another's: %v", err)
	}
	if _, err := organizations.AddNumber(t.Context(), operator, account.CustomerNumber, "654321", "Ny Ab", d.Clock.Now()); err != nil {
		t.Errorf("of another kind: %v", err) // kinds are numbered apart
	}
	// Once it has ended, a number can be another's.
	d.EndNumber(t, "654399", d.Clock.Now().AddDate(0, 0, -1))
	if _, err := organizations.AddNumber(t.Context(), operator, account.LogisticsContract, "654399", "Ny Ab", d.Clock.Now()); err != nil {
		t.Errorf("a number that is over: %v", err)
	}
	for _, wrong := range []struct{ number, holder, field string }{{"12345", "x", "number"}, {"1234567", "x", "number"}, {"12345a", "x", "number"}, {"１２３４５６", "x", "number"}, {"222222", "", "holder"}} {
		if _, err := organizations.AddNumber(t.Context(), operator, account.LogisticsContract, wrong.number, wrong.holder, d.Clock.Now()); !slices.Equal(fieldsOf(err), []string{wrong.field}) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}

	person := d.User(t, demotest.PlainUser)
	if err := organizations.AddMember(t.Context(), operator, person, organization.Permissions{UserType: "boss"}, nil); !slices.Equal(fieldsOf(err), []string{"user_type"}) {
		t.Errorf("an unknown user type: %v", err)
	}
	as := organization.Permissions{UserType: account.MainUser, Permissions: []account.Permission{account.ViewReports, account.CreateShipments}}
	if err := organizations.AddMember(t.Context(), operator, person, as, []uuid.UUID{number}); err != nil {
		t.Fatal(err)
	}
	if actor := d.Actor(t, demotest.PlainUser, "FI00000001"); actor.UserType != account.MainUser || !actor.Holds(account.CreateShipments) || len(actor.Numbers) != 1 {
		t.Errorf("added is %+v", actor)
	}
	for action, want := range map[string]int{"organization.created": 1, "contract_number.created": 3, "membership.created": 1} {
		if events := demotest.Value[int](t, d.System, "select count(*) from audit_events where action = $1 and organization_id = $2 and actor_kind = 'operator'", action, made.ID); events != want {
			t.Errorf("%s: %d events instead of %d", action, events, want)
		}
	}
	if exist, err := organization.Exist(t.Context(), d.System); err != nil || !exist {
		t.Errorf("there are organisations: %t, %v", exist, err)
	}
}

func TestInvitations(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	organizations := organization.NewService(d.App, d.Clock.Now)
	main := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	regular := organization.Permissions{UserType: account.RegularUser, Permissions: []account.Permission{account.TrackShipments, account.ViewReports}}
	id, err := organizations.Invite(t.Context(), main, organization.NewInvitation{Email: " Ny.Person@Example.com ", FirstName: "Ny", LastName: "Person", Permissions: regular,
		Numbers: []uuid.UUID{d.Number(t, "654321"), d.Number(t, "600123")}}) // the second is another organisation's
	if err != nil {
		t.Fatal(err)
	}
	stored := demotest.One[struct {
		Email, EmailKey, UserType, Permissions, Numbers string
		InvitedBy                                       uuid.UUID
		CreatedAt, ExpiresAt                            time.Time
	}](t, d.System, `select email::text, email_key, user_type, invited_by, created_at, expires_at,
			(select string_agg(permission, ' ' order by permission) from invitation_permissions where invitation_id = i.id) as permissions,
			(select string_agg(number, ' ') from invitation_contract_numbers n join contract_numbers c on c.id = n.contract_number_id where invitation_id = i.id) as numbers
		from invitations i where id = $1`, id)
	if stored.Email != "Ny.Person@Example.com" || stored.EmailKey != "ny.person@example.com" || stored.UserType != string(account.RegularUser) || stored.Permissions != "track_shipments view_reports" ||
		stored.Numbers != "654321" || stored.InvitedBy != main.ID || !stored.CreatedAt.Equal(d.Clock.Now()) || !stored.ExpiresAt.Equal(d.Clock.Now().Add(organization.InvitationLifetime)) {
		t.Errorf("stored is %+v", stored)
	}
	for email, key := range map[string]string{"ny.person@EXAMPLE.com": "invitation.is_pending", demotest.PlainUser: "invitation.is_member", "Plain.User@example.com": "invitation.is_member"} {
		_, err := organizations.Invite(t.Context(), main, organization.NewInvitation{Email: email, Permissions: regular})
		if f, ok := errors.AsType[*fault.Fault](err); !ok || f.Kind != fault.Conflict || f.Message.Key != key {
			t.Errorf("%s: %v, want %s", email, err, key)
		}
	}
	// Each organisation invites for itself, and who has left can be asked back.
	if _, err := organizations.Invite(t.Context(), d.Actor(t, demotest.OtherMain, demotest.Testbolaget), organization.NewInvitation{Email: "ny.person@example.com", Permissions: regular}); err != nil {
		t.Errorf("another organisation: %v", err)
	}
	d.Leave(t, demotest.PlainUser, demotest.ExampleOy)
	if _, err := organizations.Invite(t.Context(), main, organization.NewInvitation{Email: demotest.PlainUser, Permissions: regular}); err != nil {
		t.Errorf("who has left: %v", err)
	}
	for _, wrong := range []struct {
		invitation organization.NewInvitation
		fields     []string
	}{
		{organization.NewInvitation{Email: "nobody", Permissions: regular}, []string{"email"}},
		{organization.NewInvitation{Email: "x@example.com", FirstName: "\x00", LastName: strings.Repeat("a", 201), Permissions: regular}, []string{"first_name", "last_name"}},
	} {
		if _, err := organizations.Invite(t.Context(), main, wrong.invitation); !slices.Equal(fieldsOf(err), wrong.fields) {
			t.Errorf("%+v: %v", wrong.invitation, err)
		}
	}
	if _, err := organizations.Invite(t.Context(), main, organization.NewInvitation{Email: "x@example.com", Permissions: organization.Permissions{UserType: "boss"}}); !fault.Is(err, fault.Invalid) {
		t.Errorf("an unknown user type: %v", err)
	}
	event := demotest.One[struct{ Whole, Personal string }](t, d.System, `select to_jsonb(e)::text as whole, string_agg(v.personal_values::text, ' ') as personal
		from audit_events e join audit_personal_values v on v.event_id = e.id where e.action = 'invitation.created' and e.object_id = $1 group by e.*`, id)
	if strings.Contains(event.Whole, "Person") || !strings.Contains(event.Personal, "Ny.Person@Example.com") {
		t.Errorf("the event is %+v", event)
	}
	// Of two at once one is told of the other.
	var wg sync.WaitGroup
	outcomes := make([]error, 8)
	for i := range outcomes {
		wg.Go(func() {
			_, outcomes[i] = organizations.Invite(t.Context(), main, organization.NewInvitation{Email: "parallel@example.com", Permissions: regular})
		})
	}
	wg.Wait()
	made := 0
	for _, err := range outcomes {
		if err == nil {
			made++
		} else if !fault.Is(err, fault.Conflict) {
			t.Error(err)
		}
	}
	if made != 1 {
		t.Errorf("%d were invited", made)
	}
}

func TestPagesOfPeopleLeaveNobodyOut(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	organizations := organization.NewService(d.App, d.Clock.Now)
	main := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	// Namesakes, nameless, and names that collate in their own way.
	for i, name := range []string{"Åsa", "Åsa", "Åsa", "åsa", "Asa", "", "", "Östen", "'", "z"} {
		d.Exec(t, "update users set first_name = $2, last_name = '' where email_key = $1", demotest.Rows[struct{ Email string }](t, d.System,
			"select email_key as email from users where email_key like '%@example.com' order by email_key")[i].Email, name)
	}
	var seen []uuid.UUID
	var cursor organization.Cursor
	for {
		listing, err := organizations.List(t.Context(), main, organization.Filter{}, cursor, organization.Cursor{})
		if err != nil || listing.People.Total != 65 {
			t.Fatalf("%d, %v", listing.People.Total, err)
		}
		for _, person := range listing.People.Rows {
			if slices.Contains(seen, person.ID) {
				t.Fatalf("%+v is listed twice", person)
			}
			seen = append(seen, person.ID)
		}
		if cursor = listing.People.Next; cursor == (organization.Cursor{}) {
			break
		}
		if cursor, err = organization.ParseCursor(cursor.String()); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 65 {
		t.Errorf("%d of 65 are listed", len(seen))
	}
}

func TestExportGivesOneAtATime(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	organizations := organization.NewService(d.App, d.Clock.Now)
	main := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	enough, given := errors.New("enough"), 0
	err := organizations.Export(t.Context(), main, organization.Filter{}, func(organization.Exported) error {
		if given++; given == 3 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || given != 3 {
		t.Errorf("after %d: %v", given, err)
	}
	given = 0
	if err := organizations.Export(t.Context(), main, organization.Filter{Query: "lindholm"}, func(person organization.Exported) error {
		given++
		if person.Email != demotest.PlainUser || person.UserType != account.RegularUser || len(person.Permissions) != 2 || len(person.Numbers) != 1 || person.Numbers[0].Ended {
			t.Errorf("given is %+v", person)
		}
		return nil
	}); err != nil || given != 1 {
		t.Errorf("%d, %v", given, err)
	}
}

// Two who assign numbers at once: one of them is told of the other, whatever the timing.
func TestNumbersSavedInParallel(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	organizations := organization.NewService(d.App, d.Clock.Now)
	main, person := d.Actor(t, demotest.MainUser, demotest.ExampleOy), d.User(t, demotest.PlainUser)
	now := []uuid.UUID{d.Number(t, "654321")}
	for round := range 10 {
		next := [][]uuid.UUID{{d.Number(t, "654321"), d.Number(t, "654399")}, {d.Number(t, "876543")}}
		if round%2 == 1 {
			next = [][]uuid.UUID{{d.Number(t, "654321")}, {d.Number(t, "123456"), d.Number(t, "654399")}}
		}
		outcomes := make([]error, 2)
		var wg sync.WaitGroup
		for i := range outcomes {
			wg.Go(func() { _, outcomes[i] = organizations.SaveNumbers(t.Context(), main, person, now, next[i]) })
		}
		wg.Wait()
		winner := 0
		if outcomes[0] != nil {
			winner = 1
		}
		var stale *organization.Stale
		if outcomes[winner] != nil || !errors.As(outcomes[1-winner], &stale) {
			t.Fatalf("round %d: %v", round, outcomes)
		}
		now = next[winner]
		if numbers := d.Actor(t, demotest.PlainUser, demotest.ExampleOy).Numbers; len(numbers) != len(now) {
			t.Fatalf("round %d: assigned are %v", round, numbers)
		}
	}
}

// Numbers are checked against the permissions that the person has when they are saved, not when somebody began to wait.
func TestNumbersAreCheckedAgainstPermissionsOfTheMoment(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	organizations := organization.NewService(d.App, d.Clock.Now)
	main, person := d.Actor(t, demotest.MainUser, demotest.ExampleOy), d.User(t, demotest.SecondMain)
	saved := make(chan error, 1)
	// As another main user's change of permissions, held just before its end.
	err := d.System.InTx(t.Context(), postgres.Scope{Organization: main.Organization.ID}, func(ctx context.Context, tx pgx.Tx) error {
		for _, sql := range []string{
			"select pg_advisory_xact_lock(hashtextextended('people ' || portal_organization()::text, 0)) where $1::uuid is not null",
			"select from memberships where organization_id = portal_organization() and user_id = $1 for no key update",
			"insert into membership_permissions values (portal_organization(), $1, 'view_reports')",
		} {
			if _, err := tx.Exec(ctx, sql, person); err != nil {
				return err
			}
		}
		go func() {
			_, err := organizations.SaveNumbers(t.Context(), main, person, nil, nil)
			saved <- err
		}()
		for waiting := 0; waiting == 0; {
			if err := tx.QueryRow(ctx, `select count(*) from pg_locks l join pg_database d on d.oid = l.database
				where not l.granted and d.datname = current_database()`).Scan(&waiting); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-saved; !slices.Equal(fieldsOf(err), []string{"customer_number"}) {
		t.Errorf("saved with %v", err)
	}
}

func TestMainUsersToAskAreAtMostFive(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	organizations := organization.NewService(d.App, d.Clock.Now)
	plain := d.Actor(t, demotest.PlainUser, demotest.ExampleOy)
	ask := func() (names []string) {
		t.Helper()
		people, err := organizations.MainUsers(t.Context(), plain)
		if err != nil {
			t.Fatal(err)
		}
		for _, person := range people {
			names = append(names, person.FirstName)
		}
		return names
	}
	if names := ask(); !slices.Equal(names, []string{"FirstName", "Sanna"}) {
		t.Errorf("to be asked are %q", names)
	}
	d.Exec(t, "update memberships set user_type = 'main_user' where organization_id = $1", plain.Organization.ID)
	if names := ask(); len(names) != 5 {
		t.Errorf("to be asked are %q", names)
	}
	d.Leave(t, demotest.MainUser, demotest.ExampleOy)
	d.Exec(t, "update memberships set user_type = 'user' where organization_id = $1 and user_id <> $2", plain.Organization.ID, d.User(t, demotest.SecondMain))
	if names := ask(); !slices.Equal(names, []string{"Sanna"}) {
		t.Errorf("to be asked are %q", names)
	}
}

func TestProgressOnTheManualsWay(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	organizations := organization.NewService(d.App, d.Clock.Now)
	main := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	progress := func(actor account.Actor) organization.Progress {
		t.Helper()
		progress, _, err := organizations.Progress(t.Context(), actor)
		if err != nil {
			t.Fatal(err)
		}
		return progress
	}
	if got := progress(main); got.Key != uuid.Nil || got.Orders {
		t.Errorf("at first %+v", got)
	}
	makeKey := func(n int, status string) uuid.UUID {
		t.Helper()
		return demotest.Value[uuid.UUID](t, d.System, fmt.Sprintf(`with made as (
				insert into api_keys (id, organization_id, maker_id, creation_token, description, hash, ciphertext, suffix, status, created_at, status_changed_at)
				values (gen_random_uuid(), $1, $2, gen_random_uuid(), 'x', sha256('%[1]d'), case when '%[2]s' = 'revoked' then null else 'x'::bytea end, 'abc', '%[2]s', now() + interval '%[1]d s', now()) returning *),
			linked as (insert into api_key_contract_numbers select made.organization_id, made.id, c.id, c.kind from made, contract_numbers c where c.number = '654321')
			select id from made`, n, status), main.Organization.ID, main.ID)
	}
	makeKey(1, "revoked")
	if got := progress(main); got.Key != uuid.Nil {
		t.Errorf("with a revoked key %+v", got)
	}
	disabled := makeKey(2, "disabled")
	if got := progress(main); got.Key != disabled {
		t.Errorf("with a disabled key %+v", got)
	}
	enabled := makeKey(1000, "enabled")
	makeKey(2000, "disabled")
	if got := progress(main); got.Key != enabled || got.Orders {
		t.Errorf("with one that works %+v", got)
	}
	d.Exec(t, `insert into delivery_orders (id, organization_id, api_key_id, contract_number_id, contract_kind, shipment_number, service, order_number, sender_reference, document, created_at)
		select gen_random_uuid(), organization_id, api_key_id, contract_number_id, kind, 'x', 'PO2103', '', '', '{}', now() from api_key_contract_numbers limit 1`)
	if got := progress(main); !got.Orders {
		t.Errorf("with an order %+v", got)
	}
	if got := progress(d.Actor(t, demotest.OtherMain, demotest.Testbolaget)); got.Orders || got.Key != uuid.Nil {
		t.Errorf("another organisation is at %+v", got)
	}
}

func TestWhatIsCancelledIsNotDone(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	organizations := organization.NewService(d.App, d.Clock.Now)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	main := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	_, err := organizations.Invite(gone, main, organization.NewInvitation{Email: "x@example.com", Permissions: organization.Permissions{UserType: account.MainUser}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
