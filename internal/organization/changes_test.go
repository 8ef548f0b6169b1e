package organization_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/fault"
	"omapostipro/internal/organization"
)

// shown gives what a preview of a change shows, and checks that it says of each person what is in the way.
func shown(t *testing.T, d *demotest.Data, actor account.Actor, change organization.Change, want map[string]organization.Obstacle) []organization.Shown {
	t.Helper()
	var people []uuid.UUID
	for email := range want {
		people = append(people, d.User(t, email))
	}
	plan, err := organization.NewService(d.App, d.Clock.Now).PlanChange(t.Context(), actor, change, people)
	if err != nil {
		t.Fatalf("%+v: %v", change, err)
	}
	got := map[string]organization.Obstacle{}
	for _, person := range plan.People {
		got[person.Email] = person.Obstacle
	}
	for email, obstacle := range want {
		if is, there := got[email]; !there || is != obstacle {
			t.Errorf("%+v: %s is told %q, want %q", change, email, is, obstacle)
		}
	}
	var shown []organization.Shown
	for _, person := range plan.Changed() {
		shown = append(shown, organization.Shown{Person: person.ID, Version: person.Version()})
	}
	return shown
}

func TestSeveralAreChangedAtOnce(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	organizations := organization.NewService(d.App, d.Clock.Now)
	main := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	do := func(change organization.Change, want map[string]organization.Obstacle) {
		t.Helper()
		sent := shown(t, d, main, change, want)
		events := demotest.Value[int](t, d.System, "select count(*) from audit_events")
		plan, err := organizations.ChangePeople(t.Context(), main, change, sent)
		if err != nil || len(plan.Changed()) != len(sent) {
			t.Fatalf("%+v: %d are changed, %v", change, len(plan.Changed()), err)
		}
		if written := demotest.Value[int](t, d.System, "select count(*) from audit_events") - events; written != len(sent) {
			t.Errorf("%+v: %d events for %d people", change, written, len(sent))
		}
		// Sent twice, it is told that it is done.
		if len(sent) > 0 {
			if _, err := organizations.ChangePeople(t.Context(), main, change, sent); !fault.Is(err, fault.Conflict) {
				t.Errorf("%+v again: %v", change, err)
			}
		}
	}
	const none = organization.NoObstacle
	number := d.Number(t, "654321")
	do(organization.Change{Deed: organization.GivePermission, Permission: account.ViewReports}, map[string]organization.Obstacle{
		demotest.MainUser: organization.HasAlready, demotest.PlainUser: none, demotest.Both: none, demotest.SecondMain: organization.WouldLack})
	if actor := d.Actor(t, demotest.PlainUser, demotest.ExampleOy); !actor.Holds(account.ViewReports) {
		t.Errorf("given is %+v", actor)
	}
	do(organization.Change{Deed: organization.AssignNumber, Number: d.Number(t, "123456")}, map[string]organization.Obstacle{
		demotest.MainUser: none, demotest.PlainUser: none, demotest.SecondMain: none})
	// A customer number is enough for reports, and not for shipments.
	do(organization.Change{Deed: organization.WithdrawNumber, Number: number}, map[string]organization.Obstacle{
		demotest.MainUser: none, demotest.PlainUser: organization.WouldLack, demotest.Both: organization.WouldLack, demotest.SecondMain: organization.HasNot})
	do(organization.Change{Deed: organization.TakePermission, Permission: account.TrackShipments}, map[string]organization.Obstacle{
		demotest.PlainUser: none, demotest.Both: none, demotest.SecondMain: organization.HasNot})
	do(organization.Change{Deed: organization.WithdrawNumber, Number: number}, map[string]organization.Obstacle{
		demotest.PlainUser: organization.WouldLack, demotest.Both: organization.WouldLack}) // for shipments; for reports
	do(organization.Change{Deed: organization.EndMembership}, map[string]organization.Obstacle{
		demotest.MainUser: organization.IsOneself, demotest.SecondMain: none, demotest.PlainUser: none})
	do(organization.Change{Deed: organization.EndMembership}, map[string]organization.Obstacle{
		demotest.MainUser: organization.IsOneself, demotest.SecondMain: organization.IsNoLongerIn})
	if left := demotest.Value[int](t, d.System, `select (select count(*) from membership_permissions where user_id = $1) + (select count(*) from membership_contract_numbers where user_id = $1)`,
		d.User(t, demotest.PlainUser)); left != 0 {
		t.Errorf("who is gone holds %d rights", left)
	}
	if told := demotest.Value[string](t, d.System, `select string_agg(distinct v.personal_values ->> 'before', ' ') from audit_events e join audit_personal_values v on v.event_id = e.id
		where e.action = 'membership.ended' and v.user_id = e.object_id and v.personal_values ? 'before' and e.object_id = $1`, d.User(t, demotest.PlainUser)); told != `{"userType": "user", "permissions": ["create_shipments", "view_reports"], "contract_numbers": ["123456", "654321"]}` {
		t.Errorf("told is %s", told)
	}
}

func TestChangesThatThereAreNot(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	organizations := organization.NewService(d.App, d.Clock.Now)
	main := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	people := []uuid.UUID{d.User(t, demotest.PlainUser)}
	d.EndNumber(t, "654399", d.Clock.Now().AddDate(0, 0, -1))
	for _, change := range []organization.Change{{Deed: "x"}, {Deed: organization.GivePermission}, {Deed: organization.TakePermission, Permission: "everything"}, {Deed: organization.AssignNumber},
		{Deed: organization.AssignNumber, Number: d.Number(t, "600123")}, {Deed: organization.WithdrawNumber, Number: uuid.Max}, {Deed: organization.AssignNumber, Number: d.Number(t, "654399")}} {
		if _, err := organizations.PlanChange(t.Context(), main, change, people); !slices.Equal(fieldsOf(err), []string{"change"}) {
			t.Errorf("%+v is planned: %v", change, err)
		}
		if _, err := organizations.ChangePeople(t.Context(), main, change, []organization.Shown{{Person: people[0]}}); !slices.Equal(fieldsOf(err), []string{"change"}) {
			t.Errorf("%+v is done: %v", change, err)
		}
	}
	// People of another organisation are nobody.
	plan, err := organizations.PlanChange(t.Context(), main, organization.Change{Deed: organization.EndMembership}, []uuid.UUID{d.User(t, demotest.OtherMain), uuid.Max})
	if err != nil || len(plan.People) != 0 {
		t.Errorf("%+v, %v", plan.People, err)
	}
	if _, err := organizations.ChangePeople(t.Context(), main, organization.Change{Deed: organization.EndMembership}, []organization.Shown{{Person: d.User(t, demotest.OtherMain)}}); err != nil {
		t.Error(err)
	}
	if actor := d.Actor(t, demotest.OtherMain, demotest.Testbolaget); actor.UserType != account.MainUser {
		t.Error("somebody of another organisation is gone")
	}
	many := make([]uuid.UUID, organization.MaxMatching+1)
	if _, err := organizations.PlanChange(t.Context(), main, organization.Change{}, many); !fault.Is(err, fault.TooLarge) {
		t.Errorf("%d at once: %v", len(many), err)
	}
}

// Who is changed between the preview and the press is named, and nothing is done to anybody.
func TestChangesOfWhoHasChanged(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	organizations := organization.NewService(d.App, d.Clock.Now)
	main := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	change := organization.Change{Deed: organization.GivePermission, Permission: account.ManageCompanyAccount}
	sent := shown(t, d, main, change, map[string]organization.Obstacle{demotest.PlainUser: organization.NoObstacle, demotest.Both: organization.NoObstacle})
	d.Exec(t, "delete from membership_permissions where user_id = $1 and permission = 'track_shipments'", d.User(t, demotest.PlainUser))
	_, err := organizations.ChangePeople(t.Context(), main, change, sent)
	var changed *organization.PlanChanged
	if !errors.As(err, &changed) || len(changed.Other) != 1 || changed.Other[0].Email != demotest.PlainUser || len(changed.Plan.Changed()) != 2 {
		t.Fatalf("%v: %+v", err, changed)
	}
	if d.Actor(t, demotest.Both, demotest.ExampleOy).Holds(account.ManageCompanyAccount) {
		t.Error("something has been done")
	}
	sent = nil
	for _, person := range changed.Plan.Changed() {
		sent = append(sent, organization.Shown{Person: person.ID, Version: person.Version()})
	}
	d.Leave(t, demotest.Both, demotest.ExampleOy)
	if _, err := organizations.ChangePeople(t.Context(), main, change, sent); !errors.As(err, &changed) || changed.Other[0].Obstacle != organization.IsNoLongerIn {
		t.Errorf("%v", err)
	}
}

// However many main users remove each other at the same moment, one stays.
func TestMainUsersRemoveEachOther(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	organizations := organization.NewService(d.App, d.Clock.Now)
	for range 5 {
		first, second := d.Actor(t, demotest.MainUser, demotest.ExampleOy), d.Actor(t, demotest.SecondMain, demotest.ExampleOy)
		var (
			wg   sync.WaitGroup
			errs [2]error
		)
		wg.Go(func() { errs[0] = organizations.Remove(t.Context(), first, []uuid.UUID{second.ID}) })
		wg.Go(func() { errs[1] = organizations.Remove(t.Context(), second, []uuid.UUID{first.ID}) })
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("%v", errs)
		}
		if left := demotest.Value[int](t, d.System, "select count(*) from memberships where organization_id = $1 and user_type = 'main_user' and ended_at is null", first.Organization.ID); left != 1 {
			t.Fatalf("%d main users are left", left)
		}
		d.Exec(t, "update memberships set ended_at = null where organization_id = $1", first.Organization.ID)
	}
	main := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	if err := organizations.Remove(t.Context(), main, []uuid.UUID{main.ID, d.User(t, demotest.SecondMain)}); !slices.Equal(fieldsOf(err), []string{"user_type"}) {
		t.Errorf("all main users at once: %v", err)
	}
	if err := organizations.Remove(t.Context(), main, []uuid.UUID{d.User(t, demotest.PlainUser), d.User(t, demotest.OtherMain)}); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody of another organisation: %v", err)
	}
}
