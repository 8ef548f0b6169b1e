package web_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/application"
	"omapostipro/internal/caller"
	"omapostipro/internal/demo/demotest"
	"omapostipro/web/webtest"
)

// applicationOf makes an application account of somebody in Example Oy, and gives its id.
func applicationOf(t *testing.T, p *webtest.Portal, email, name string) string {
	t.Helper()
	maker := p.Actor(t, email, exampleOy)
	token, err := p.Applications.Prepare(maker, application.Account{})
	if err != nil {
		t.Fatal(err)
	}
	made, err := p.Applications.Create(t.Context(), maker, application.Wanted{Name: name,
		Roles: []caller.Role{caller.Roles()[0]}, Contracts: []uuid.UUID{p.Number(t, "654321")}}, token)
	if err != nil {
		t.Fatal(err)
	}
	return made.Account.String()
}

func TestAPersonsPageTellsTheirStory(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	invite(t, p, demotest.MainUser, exampleOy, "ny@example.com", []account.Permission{account.ManageIntegrations, account.TrackShipments}, "654321")
	p.Nobody().Get(linkOf(t, p, "ny@example.com")).Form("Skapa konto och gå med").Set("first_name", "Ny").Set("last_name", "Nyström").Set("password", sentence).Send().Is(303)
	p.Exec(t, "update memberships set user_type = 'main_user' where user_id = $1", p.User(t, "ny@example.com"))
	key, _ := newKey(t, p, "ny@example.com", exampleOy, "Kassan")
	applicationOf(t, p, "ny@example.com", "Lagret")
	address := p.Home(exampleOy) + "/users/" + p.User(t, "ny@example.com").String()
	main := p.As(demotest.MainUser)
	main.Get(address).Is(200).Says("main", "Senast aktiv här Aldrig").Says("main", "Inbjuden av FirstName LastName").Says(".ticked", "Spåra försändelser Gäller").
		Says("main", "Kassan API-nyckel").Says("main", "Lagret Applikationskonto").Has("a[href='"+p.Home(exampleOy)+keysPath+"/keys/"+key+"']").
		Says("#event-rows", "API-nyckel skapad").Says("main", "Ta bort från organisationen")
	newcomer := p.As("ny@example.com")
	p.Clock.Advance(2 * time.Minute)
	newcomer.Get(p.Home(exampleOy)).Is(200)
	if err := p.Sessions.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	main.Get(address).Is(200).Says("main", "Senast aktiv här just nu")
	// Whoever may not see keys reads of them, without a link.
	become(t, p, withoutIt, account.MainUser, nil)
	p.As(withoutIt).Get(address).Is(200).Says("main", "Kassan").HasNo("section[aria-labelledby=made] a")
	if rows := main.Get(address).Find("#event-rows > li").Length(); rows != 5 {
		t.Errorf("%d recent events", rows)
	}
	// One's own page leads to leaving.
	main.Get(p.Home(exampleOy) + "/users/" + p.User(t, demotest.MainUser).String()).Is(200).Click("Lämna organisationen").Is(200)
	main.Get(p.Home(exampleOy) + "/users/" + p.User(t, demotest.MainUser).String() + "/removal").LeadsTo(p.Home(exampleOy) + "/departure")
}

func TestAPersonIsRemovedAndTheirKeysAreDecidedOf(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	become(t, p, colleague, account.MainUser, []account.Permission{account.ManageIntegrations}, "654321")
	kept, _ := newKey(t, p, colleague, exampleOy, "Behålls")
	stopped, _ := newKey(t, p, colleague, exampleOy, "Stoppas")
	gone, _ := newKey(t, p, colleague, exampleOy, "Återkallas")
	lagret := applicationOf(t, p, colleague, "Lagret")
	others, _ := newKey(t, p, demotest.MainUser, exampleOy, "En annans")
	theirs := p.As(colleague)
	theirs.Get(p.Home(exampleOy)).Is(200)
	address := p.Home(exampleOy) + "/users/" + p.User(t, colleague).String()
	statuses := func() map[string]string {
		found := map[string]string{}
		for _, row := range demotest.Rows[struct{ Name, Status string }](t, p.System, `select description::text as name, status from api_keys
			union all select name::text, status from application_accounts`) {
			found[row.Name] = row.Status
		}
		return found
	}

	// Who may not manage keys removes all the same, and keeps them; trying otherwise does nothing at all.
	become(t, p, withoutIt, account.MainUser, nil)
	without := p.As(withoutIt)
	without.Get(address+"/removal").Is(200).Says("dialog", "Behålls").HasNo("dialog input[type=radio]")
	without.Post(address+"/removal", form("key-"+gone, "revoke")).Is(http.StatusForbidden)
	// Nor is another's key decided of on the way.
	main := p.As(demotest.MainUser)
	main.Post(address+"/removal", form("key-"+others, "revoke", "key-"+stopped, "disable")).Is(404)
	main.Post(address+"/removal", form("key-x", "revoke")).Is(404)
	theirs.Get(p.Home(exampleOy)).Is(200)
	for name, status := range statuses() {
		if status != "enabled" {
			t.Fatalf("%s is %s", name, status)
		}
	}

	asked := main.Get(address).Click("Ta bort från organisationen").Is(200).Says("dialog", "Personen kommer genast inte längre åt Example Oy")
	asked.Form("Ta bort från organisationen").Set("key-"+stopped, "disable").Set("key-"+gone, "revoke").Set("application-"+lagret, "disable").Send().
		LeadsTo(p.Home(exampleOy)+"/users").Follow().Is(200).Says("#toasts", "Personen är borttagen")
	if got := statuses(); got["Behålls"] != "enabled" || got["Stoppas"] != "disabled" || got["Återkallas"] != "revoked" || got["Lagret"] != "disabled" || got["En annans"] != "enabled" {
		t.Errorf("the keys are %v", got)
	}
	main.Get(p.Home(exampleOy)+keysPath+"/keys/"+kept).Is(200).Says("main", "Birgitta")
	// They are out at once, and logged out, for they belong nowhere else.
	theirs.Get(p.Home(exampleOy)).LeadsTo("/login?next=%2Fo%2F" + p.Organization(t, exampleOy).ID.String())
	// Whoever goes back, or removes them once more, reads that they have left.
	for _, again := range []func() *webtest.Page{
		func() *webtest.Page { return main.Get(address) },
		func() *webtest.Page { return main.Get(address + "/removal") },
		func() *webtest.Page { return main.Get(address + "/permissions") },
		asked.Form("Ta bort från organisationen").Send,
	} {
		again().LeadsTo(p.Home(exampleOy)+"/users").Follow().Is(200).Says("#toasts", "Personen hör inte till organisationen längre.")
	}
	main.Get(p.Home(exampleOy) + "/users/" + p.User(t, demotest.OtherMain).String()).Is(404) // who never belonged is nobody
	for _, action := range []string{"membership.ended", "api_key.disabled", "api_key.revoked", "application_account.disabled"} {
		if n := demotest.Value[int](t, p.System, "select count(*) from audit_events where action = $1", action); n != 1 {
			t.Errorf("%d events %s", n, action)
		}
	}

	// Who belongs to another organisation stays logged in there.
	both := p.As(demotest.Both)
	main.Post(p.Home(exampleOy)+"/users/"+p.User(t, demotest.Both).String()+"/removal", nil).Is(303)
	both.Get(p.Home(exampleOy)).Is(404)
	both.Get(p.Home(testbolaget)).Is(200)
	// The last main user stays.
	become(t, p, demotest.SecondMain, account.RegularUser, nil)
	become(t, p, demotest.MainUser, account.RegularUser, nil)
	without.Post(p.Home(exampleOy)+"/users/"+p.User(t, withoutIt).String()+"/removal", nil).LeadsTo(p.Home(exampleOy) + "/departure")
	without.Post(p.Home(exampleOy)+"/departure", form("confirmed", "yes")).Is(422)
}
