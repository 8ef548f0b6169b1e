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
	b.Get(many).Is(http.StatusRequestEntityTooLarge).Says("main", "Det går att ändra högst 200 användare på en gång.")
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
