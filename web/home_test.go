package web_test

import (
	"slices"
	"testing"

	"omapostipro/internal/account"
	"omapostipro/internal/demo/demotest"
	"omapostipro/web/webtest"
)

// Hem shows a main user the manual's way: what is done, and the link to the next step.
func TestHomeShowsTheWay(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	home := p.Home(exampleOy)
	become(t, p, demotest.MainUser, account.MainUser, nil)
	b := p.As(demotest.MainUser)
	user := home + "/users/" + p.User(t, demotest.MainUser).String()
	step := func(done int, next, link string) {
		t.Helper()
		page := b.Get(home).Is(200).Says("h1", "Välkommen, FirstName")
		if got := page.Find(".step--done").Length(); got != done || page.Find(".step").Length() != 4 {
			t.Errorf("%d of %d steps are done, want %d", got, page.Find(".step").Length(), done)
		}
		page.Says(".step--next h3", next).Has(".step--next[aria-current=step]")
		if got := page.Find(".step--next a").AttrOr("href", page.Find(".step--next form").AttrOr("action", "")); got != link {
			t.Errorf("%s leads to %s, want %s", next, got, link)
		}
	}
	step(0, "Behörigheten Hantera integrationer", user+"/permissions")
	become(t, p, demotest.MainUser, account.MainUser, []account.Permission{account.ManageIntegrations}, "876543")
	step(1, "Ett logistikavtal ID", user+"/contract-numbers")
	become(t, p, demotest.MainUser, account.MainUser, []account.Permission{account.ManageIntegrations}, "654321")
	step(2, "En API-nyckel", home+keysPath+"/keys/new")
	key, _ := newKey(t, p, demotest.MainUser, exampleOy, "Webbutiken")
	step(3, "Den första leveransordern", home+keysPath+"/keys/"+key+"#curl")
	p.Exec(t, `insert into delivery_orders (id, organization_id, api_key_id, contract_number_id, contract_kind, shipment_number, service, order_number, sender_reference, document, created_at)
		select gen_random_uuid(), organization_id, api_key_id, contract_number_id, kind, 'x', 'PO2103', '', '', '{}', now() from api_key_contract_numbers`)
	page := b.Get(home).Is(200).HasNo(".step--next").Says("main", "Allt är klart.")
	if done := page.Find(".step--done").Length(); done != 4 {
		t.Errorf("%d steps are done", done)
	}
	page.Click("Till API-nycklarna").Is(200)
}

// Others see what they may do, and whom to ask for more.
func TestHomeShowsOthersWhatTheyMayDo(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	page := p.As(demotest.PlainUser).Get(p.Home(exampleOy)).Is(200).HasNo(".step").Says("main", "Det här får du göra i Example Oy")
	if may := page.Texts(".ticked li"); !slices.Equal(may, []string{"Skapa försändelser och hämtningsbeställningar", "Spåra försändelser"}) {
		t.Errorf("they may %q", may)
	}
	if ask := page.Find(".contacts li").Length(); ask != 2 {
		t.Errorf("%d to ask", ask)
	}
	if menu := page.Texts("nav a.menu__entry"); !slices.Equal(menu, []string{"Hem", "Företagskonto"}) {
		t.Errorf("the menu is %q", menu)
	}
	become(t, p, demotest.PlainUser, account.RegularUser, []account.Permission{account.ManageIntegrations})
	page = p.As(demotest.PlainUser).Get(p.Home(exampleOy)).Is(200)
	if menu := page.Texts("nav a.menu__entry"); !slices.Equal(menu, []string{"Hem", "Integrationer", "Företagskonto"}) {
		t.Errorf("the menu is %q", menu)
	}
	page.Click("Till Integrationer").Is(200)
	become(t, p, demotest.PlainUser, account.RegularUser, nil)
	p.As(demotest.PlainUser).Get(p.Home(exampleOy)).Is(200).Says("main", "Du har inga behörigheter ännu.")
	main := p.As(demotest.MainUser).Get(p.Home(exampleOy)).Is(200)
	if menu := main.Texts("nav .menu__entry"); !slices.Equal(menu, []string{"Hem", "Integrationer", "Användarhantering", "Användare", "Organisationer", "Händelselogg", "Företagskonto"}) {
		t.Errorf("a main user's menu is %q", menu)
	}
}
