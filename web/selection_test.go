package web_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/demo/demotest"
	"omapostipro/web/webtest"
)

func shortID(id uuid.UUID) string { return base64.RawURLEncoding.EncodeToString(id[:]) }

// choose ticks people in the list, by their e-mail addresses, and asks for a change.
func choose(t *testing.T, p *webtest.Portal, b *webtest.Browser, change string, emails ...string) *webtest.Page {
	t.Helper()
	values := url.Values{"change": {change}, "from": {"q=a&type=user"}}
	for _, email := range emails {
		found := b.Get(p.Home(exampleOy) + "/users?q=" + url.QueryEscape(email)).Is(200)
		values.Add("u", found.Find("input[name=u]").AttrOr("value", ""))
		if form := found.Find("form:has(input[name=u])"); form.AttrOr("action", "") != p.Home(exampleOy)+"/users/selection" || form.AttrOr("method", "") != "" {
			t.Error("the list's form leads elsewhere")
		}
	}
	return b.Get(p.Home(exampleOy) + "/users/selection?" + values.Encode())
}

func TestSeveralUsersAreChangedAtOnce(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	become(t, p, colleague, account.RegularUser, nil)
	b := p.As(demotest.MainUser)
	back := p.Home(exampleOy) + "/users?q=a&type=user"
	preview := choose(t, p, b, "give:view_reports", demotest.PlainUser, demotest.MainUser, colleague, demotest.Both).Is(200).
		Says("#changed", "Se rapporter ges till 2 användare").Says("#unchanged", "Ändras inte 2").Has("option[value='give:view_reports'][selected]")
	if changed := preview.Texts("section[aria-labelledby=changed] .row__text b"); !slices.Equal(changed, []string{"Oskar Lindqvist", "Peter Lindholm"}) {
		t.Errorf("to be changed: %q", changed)
	}
	if reasons := strings.Join(preview.Texts("section[aria-labelledby=unchanged] .row__end"), ", "); !strings.Contains(reasons, "Har det redan") || !strings.Contains(reasons, "Skulle sakna avtalsnummer för Se rapporter") {
		t.Errorf("not changed: %s", reasons)
	}
	if p.Actor(t, demotest.PlainUser, exampleOy).Holds(account.ViewReports) {
		t.Fatal("the preview has changed something")
	}
	if link := preview.Click("Avbryt").Is(200); link.Path != back {
		t.Errorf("Avbryt leads to %s", link.Path)
	}
	preview.Form("Ge behörigheten").Send().LeadsTo(back).Follow().Is(200).Says("#toasts", "2 användare har fått Se rapporter.")
	if !p.Actor(t, demotest.PlainUser, exampleOy).Holds(account.ViewReports) || !p.Actor(t, demotest.Both, exampleOy).Holds(account.ViewReports) {
		t.Error("they have not been given it")
	}
	choose(t, p, b, "give:view_reports", demotest.PlainUser).Is(200).Says("main", "Det här ändrar ingenting för någon av de valda.").HasNo("main form[method=post]")

	number := p.Number(t, "654399").String()
	choose(t, p, b, "assign:"+number, demotest.PlainUser, colleague).Is(200).Says("#changed", "654399 Example Oy ges till 2 användare").
		Form("Ge avtalsnumret").Send().LeadsTo(back).Follow().Says("#toasts", "2 användare har fått 654399 Example Oy.")
	choose(t, p, b, "withdraw:"+number, demotest.PlainUser).Form("Ta bort avtalsnumret").Send().LeadsTo(back)
	choose(t, p, b, "take:view_reports", demotest.PlainUser).Form("Ta bort behörigheten").Send().LeadsTo(back)
	if actor := p.Actor(t, demotest.PlainUser, exampleOy); actor.Holds(account.ViewReports) || len(actor.Numbers) != 1 {
		t.Errorf("left are %+v", actor)
	}

	// Who is removed is out with the next request.
	plain := p.As(demotest.PlainUser)
	plain.Get(p.Home(exampleOy)).Is(200)
	choose(t, p, b, "end", demotest.PlainUser, demotest.MainUser).Is(200).Says("#changed", "1 användare tas bort från organisationen").Says("section[aria-labelledby=unchanged]", "Det är du själv").
		Form("Ta bort från organisationen").Send().LeadsTo(back).Follow().Says("#toasts", "1 användare är borttagen från organisationen.")
	plain.Get(p.Home(exampleOy)).Is(303) // logged out, for they belong nowhere else
	b.Get(p.Home(exampleOy)+"/users").Says("#users", "Användare 64")
}

func TestSelectionsThatCannotBe(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	selection := p.Home(exampleOy) + "/users/selection"
	b.Get(selection).Is(200).Says("main", "Ingen är vald").Click("Till listan").Is(200).Says("h1", "Användarhantering")
	b.Get(selection+"?change=end&u=x&u=%00&u="+shortID(p.User(t, demotest.OtherMain))).Is(200).Says("main", "Ingen är vald")
	choose(t, p, b, "", demotest.PlainUser).Is(200).Says("#chosen", "Valda användare 1").HasNo("main form[method=post]")
	for _, change := range []string{"x", "give:", "give:everything", "assign:" + unknownID, "withdraw:x", "assign:" + p.Number(t, "600123").String()} {
		choose(t, p, b, change, demotest.PlainUser).Is(422).Says("#summary", "Välj vad som ska göras med de valda.").HasNo("main form[method=post]")
		b.Post(selection, form("change", change, "shown", shortID(p.User(t, demotest.PlainUser))+".v")).Is(422)
	}
	many := selection + "?change=end" + strings.Repeat("&u="+shortID(p.User(t, demotest.PlainUser)), 201)
	b.Get(many).Is(http.StatusRequestEntityTooLarge).Says("main", "Det går att ändra högst 200 användare på en gång.").HasNo("main form").Click("Till listan").Is(200)
	b.Post(selection, url.Values{"change": {"end"}, "from": {"q=lind"}, "shown": slices.Repeat([]string{shortID(p.User(t, demotest.PlainUser)) + ".v"}, 201)}).
		Is(http.StatusRequestEntityTooLarge).Has("a.button[href$='/users?q=lind']")
	b.Get(selection + "?from=%zz&from=//x").Is(200)
	if back := b.Get(selection + "?from=" + url.QueryEscape("q=a&next=//evil&type=boss")).Is(200).Click("Till listan"); back.Path != p.Home(exampleOy)+"/users?q=a" {
		t.Errorf("the way back leads to %s", back.Path)
	}
}

// Of two who change the same people, the second is told whom it concerns, sees what would be done now, and can press again.
func TestSelectionsOfWhoHasChanged(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	preview := choose(t, p, b, "give:manage_company_account", demotest.PlainUser, demotest.Both).Is(200)
	p.Exec(t, "delete from membership_permissions where user_id = $1 and permission = 'track_shipments'", p.User(t, demotest.PlainUser))
	again := preview.Form("Ge behörigheten").Send().Is(409).Says("[role=alert]", "Ingenting är gjort ännu.").Says("[role=alert]", "Det gäller Peter Lindholm.").Says("#changed", "2 användare")
	if p.Actor(t, demotest.Both, exampleOy).Holds(account.ManageCompanyAccount) {
		t.Error("something has been done")
	}
	again.Form("Ge behörigheten").Send().Is(303)
	if !p.Actor(t, demotest.PlainUser, exampleOy).Holds(account.ManageCompanyAccount) {
		t.Error("it has not been done")
	}
}

// addBulk adds so many people of whom nothing but their names tells them apart.
func addBulk(t *testing.T, p *webtest.Portal, people int) {
	t.Helper()
	p.Exec(t, `with person as (insert into users (id, email, email_key, first_name, last_name, created_at)
			select gen_random_uuid(), 'bulk' || n || '@example.com', 'bulk' || n || '@example.com', 'Bulk', 'Nummer ' || n, now() from generate_series(1, $2::integer) n returning id)
		insert into memberships (organization_id, user_id, user_type, created_at) select $1, id, 'user', now() from person`, p.Organization(t, exampleOy).ID, people)
}

// All whom a filter lets through are changed at once, as the preview has said, or not at all.
func TestAllThatMatchAreChanged(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	addBulk(t, p, 300)
	list := p.Home(exampleOy) + "/users?q=bulk"
	chosen := b.Get(list).Is(200).Click("Markera alla 300 som matchar").Is(200).Says("#chosen", "Valda användare 300")
	if shown, more := chosen.Find("#chosen-rows > li").Length(), chosen.Click("Visa mera").Is(200).Find("#chosen-rows > li").Length(); shown != 200 || more != 100 {
		t.Errorf("%d are named, and then %d", shown, more)
	}
	chosen.Has("form input[name=all][value=yes]").Has("form input[name=from][value='q=bulk']").HasNo("input[name=u]")
	preview := b.Get(p.Home(exampleOy)+"/users/selection?all=yes&from=q%3Dbulk&change=give:manage_company_account").Is(200).Says("#changed", "ges till 300 användare").HasNo("input[name=shown]")
	p.Exec(t, "insert into membership_permissions select organization_id, user_id, 'manage_company_account' from memberships where user_id = (select id from users where email_key = 'bulk7@example.com')")
	again := preview.Form("Ge behörigheten").Send().Is(409).Says("[role=alert]", "Ingenting är gjort ännu.").Says("#changed", "299 användare").Says("section[aria-labelledby=unchanged]", "Har det redan")
	if rest := again.Click("Visa mera").Is(200).Says("#changed", "299 användare").Find("#changed-rows > li").Length(); rest != 99 {
		t.Errorf("the second page of the preview names %d", rest)
	}
	for from, rows := range map[string]int{"-1": 200, "x": 200, "299": 0, "99999999999999999999": 200, "298": 1} {
		if n := b.Get(p.Home(exampleOy) + "/users/selection?all=yes&from=q%3Dbulk&change=give:manage_company_account&changed=" + from).Is(200).Find("#changed-rows > li").Length(); n != rows {
			t.Errorf("from %s on %d are named", from, n)
		}
	}
	held := func() int {
		return demotest.Value[int](t, p.System, "select count(*) from membership_permissions p join users u on u.id = p.user_id where u.email like 'bulk%' and permission = 'manage_company_account'")
	}
	if held() != 1 {
		t.Error("something has been done")
	}
	again.Form("Ge behörigheten").Send().LeadsTo(list).Follow().Is(200).Says("#toasts", "299 användare har fått")
	if n := demotest.Value[int](t, p.System, "select count(*) from audit_events where action = 'membership.changed'"); held() != 300 || n != 299 {
		t.Errorf("%d hold it, of %d events", held(), n)
	}
	if others := demotest.Value[int](t, p.System, "select count(*) from membership_permissions where permission = 'manage_company_account' and user_id = $1", p.User(t, demotest.PlainUser)); others != 0 {
		t.Error("somebody else has been given it")
	}
	b.Get(p.Home(exampleOy) + "/users").Is(200).Has("a[href$='/selection?all=yes&from=']")
	p.As(demotest.PlainUser).Get(p.Home(exampleOy) + "/users/selection?all=yes&from=").Is(403)
}

// Whoever is chosen stays so in another search, without scripts too.
func TestWhoIsChosenStaysSo(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	peter, oskar := shortID(p.User(t, demotest.PlainUser)), shortID(p.User(t, demotest.Both))
	list := p.Home(exampleOy) + "/users"
	kept := b.Get(list+"?u="+peter+"&u="+peter+"&u=x").Is(200).Says("output", "1 vald").Has("form[data-choose].has-chosen input[type=hidden][name=u][value='" + peter + "']")
	kept.Has("form[data-search] input[type=hidden][name=u][value='" + peter + "']").Has("button[formaction='" + list + "']")
	found := b.Get(list+"?q=lindqvist&u="+peter).Is(200).Says("output", "1 vald").Has("#user-rows input[value='" + oskar + "']").HasNo("#user-rows input[checked]")
	found.Has("form[data-choose] input[type=hidden][name=u][value='" + peter + "']")
	b.Get(list+"/selection?change=take:track_shipments&u="+peter+"&u="+oskar).Is(200).Says("#changed", "2 användare").Has("form[data-forget='" + list + "']")
	b.Get(list+"?q=lindholm&u="+peter).Is(200).Has("#user-rows input[checked][value='"+peter+"']").HasNo("form[data-choose] input[type=hidden][name=u]").
		Click("Rensa sökningen").Is(200).Says("output", "1 vald")
}

// The list says how many can be changed at once, and whoever asks for more is told on a page that leads back to the search.
func TestMoreThanCanBeChangedAtOnce(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	addBulk(t, p, 5001)
	list := p.Home(exampleOy) + "/users"
	b.Get(list).Is(200).Says("section[aria-labelledby=users]", "Högst 5 000 kan ändras på en gång: sök eller filtrera.").HasNo("section[aria-labelledby=users] a[href*='all=yes']")
	many := b.Get(list + "?q=bulk").Is(200).Click("Markera alla som matchar (högst 5 000)").Is(http.StatusRequestEntityTooLarge)
	many.Says("[role=alert]", "Det går att ändra högst 5 000 användare på en gång.").HasNo("main form")
	if back := many.Click("Till listan").Is(200); back.Path != list+"?q=bulk" {
		t.Errorf("the way back leads to %s", back.Path)
	}
	b.Post(list+"/selection", form("all", "yes", "from", "q=bulk", "change", "end", "version", "x")).Is(http.StatusRequestEntityTooLarge).Has("a.button[href$='/users?q=bulk']")
	// Nothing is done that nobody has chosen.
	for _, from := range []string{"q=lindholm", "q=bulk4999"} {
		b.Post(list+"/selection", form("all", "yes", "from", from, "change", "", "version", "x")).Is(422).Has("[role=alert]")
	}
	b.Post(list+"/selection", form("shown", shortID(p.User(t, demotest.PlainUser))+".x")).Is(422)
}

// In the drop-down each line says by itself what it does.
func TestChangesSayWhatTheyDo(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	lines := p.As(demotest.MainUser).Get(p.Home(exampleOy) + "/users").Is(200).Texts("select[name=change] option")
	slices.Sort(lines)
	if unique := slices.Compact(slices.Clone(lines)); len(unique) != len(lines) {
		t.Errorf("some lines say the same: %q", lines)
	}
	for _, line := range []string{"Ge: Se rapporter", "Ta bort: Se rapporter", "Ge: 654321 Example Oy", "Ta bort: 654321 Example Oy", "Ta bort från organisationen"} {
		if !slices.Contains(lines, line) {
			t.Errorf("there is no %q among %q", line, lines)
		}
	}
}

// Who removes several decides of the keys that they have made.
func TestTheKeysOfSeveralWhoAreRemoved(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	key, _ := newKey(t, p, demotest.MainUser, exampleOy, "Webbutiken")
	become(t, p, demotest.SecondMain, account.MainUser, []account.Permission{account.ManageIntegrations}, "654321")
	second := p.As(demotest.SecondMain)
	choose(t, p, second, "end", demotest.MainUser, demotest.PlainUser).Is(200).Says("section[aria-labelledby=changed]", "1 nyckel eller applikationskonto som de har skapat").
		Says("section[aria-labelledby=changed]", "Webbutiken API-nyckel · Aktiverad · FirstName LastName").Has("a[href$='/keys/" + key + "']")
	choose(t, p, second, "end", demotest.PlainUser).Is(200).HasNo("section[aria-labelledby=changed] h3")
	// Who may not manage keys is told that they stay.
	become(t, p, withoutIt, account.MainUser, nil)
	choose(t, p, p.As(withoutIt), "end", demotest.MainUser).Is(200).Says("section[aria-labelledby=changed]", "Webbutiken").HasNo("section[aria-labelledby=changed] input[type=radio]")
	invite(t, p, demotest.SecondMain, exampleOy, "waits@example.com", nil)
	choose(t, p, p.As(demotest.MainUser), "end", demotest.SecondMain, demotest.MainUser).Is(200).Says("section[aria-labelledby=changed] h3", "Deras inbjudningar").
		Says("section[aria-labelledby=changed]", "1 inbjudan väntar på svar.").Says("section[aria-labelledby=changed] .sentences a", "waits@example.com")
	choose(t, p, second, "take:track_shipments", demotest.MainUser).Is(200).HasNo("section[aria-labelledby=changed] h3")
	// Who is not removed has made nothing that is told.
	choose(t, p, p.As(demotest.MainUser), "end", demotest.MainUser, demotest.PlainUser).Is(200).HasNo("section[aria-labelledby=changed] h3")
}

// Several are removed, and what was decided of their keys is done with it, or nothing is.
func TestSeveralAreRemovedAndTheirKeysAreDecidedOf(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	makers := []string{colleague, demotest.SecondMain}
	for _, maker := range makers {
		become(t, p, maker, account.MainUser, []account.Permission{account.ManageIntegrations}, "654321")
	}
	kept, _ := newKey(t, p, colleague, exampleOy, "Behålls")
	stopped, _ := newKey(t, p, colleague, exampleOy, "Stoppas")
	gone, _ := newKey(t, p, demotest.SecondMain, exampleOy, "Återkallas")
	lagret := applicationOf(t, p, demotest.SecondMain, "Lagret")
	others, _ := newKey(t, p, demotest.MainUser, exampleOy, "En annans")
	b := p.As(demotest.MainUser)
	preview := choose(t, p, b, "end", append(makers, demotest.MainUser)...).Is(200).Says("h3", "4 nycklar och applikationskonton som de har skapat").HasNo("[name='key-" + others + "']")
	preview.Has("[name='key-" + kept + "'][value=keep][checked]").Has("[data-decide-all=revoke]")
	// Somebody else changes one of them meanwhile: nothing is done, and what was decided is still so.
	p.Exec(t, "delete from membership_contract_numbers where user_id = $1", p.User(t, colleague))
	decided := preview.Form("Ta bort från organisationen").Set("key-"+stopped, "disable").Set("key-"+gone, "revoke").Set("application-"+lagret, "disable")
	again := decided.Send().Is(409).Has("[name='key-" + stopped + "'][value=disable][checked]").Has("[name='key-" + gone + "'][value=revoke][checked]")
	count := func(where string) int { return demotest.Value[int](t, p.System, "select count(*) from "+where) }
	if n := count("audit_events where action in ('membership.ended', 'api_key.disabled', 'api_key.revoked')"); n != 0 {
		t.Fatalf("%d events", n)
	}
	// Nor is a key decided of whose maker stays.
	b.Post(p.Home(exampleOy)+"/users/selection", url.Values{"change": {"end"}, "shown": again.Form("Ta bort från organisationen").Values["shown"], "key-" + others: {"revoke"}}).Is(404)
	if n := count("audit_events where action = 'membership.ended'"); n != 0 {
		t.Fatalf("%d are removed", n)
	}
	again.Form("Ta bort från organisationen").Send().Is(303)
	for where, want := range map[string]int{
		"audit_events where action = 'membership.ended'":                                              2,
		"audit_events where action = 'api_key.disabled' and object_id = '" + stopped + "'":            1,
		"audit_events where action = 'api_key.revoked' and object_id = '" + gone + "'":                1,
		"audit_events where action = 'application_account.disabled' and object_id = '" + lagret + "'": 1,
		"api_keys where status = 'enabled' and id in ('" + kept + "', '" + others + "')":              2,
		"api_keys where status = 'disabled' and id = '" + stopped + "'":                               1,
		"api_keys where status = 'revoked' and id = '" + gone + "'":                                   1,
	} {
		if n := count(where); n != want {
			t.Errorf("%d %s", n, where)
		}
	}
}
