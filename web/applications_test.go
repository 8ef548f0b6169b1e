package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"omapostipro/internal/application"
	"omapostipro/internal/audit"
	"omapostipro/internal/caller"
	"omapostipro/internal/demo/demotest"
	"omapostipro/web/webtest"
)

const applicationsPath = "/integrations/applications"

// newApplication makes an application account of the manual's main user.
func newApplication(t *testing.T, p *webtest.Portal) application.Secret {
	t.Helper()
	actor := p.Actor(t, demotest.MainUser, exampleOy)
	wanted := application.Wanted{Name: "Affärssystemet", Roles: caller.Roles()}
	for _, contract := range caller.Linkable(actor) {
		wanted.Contracts = append(wanted.Contracts, contract.ID)
	}
	token, err := p.Applications.Prepare(actor, application.Account{})
	if err != nil {
		t.Fatal(err)
	}
	secret, err := p.Applications.Create(t.Context(), actor, wanted, token)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// From Integrationer to a secret that works, and that no other answer holds.
func TestMakingAnApplicationAccount(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	main := p.As(demotest.MainUser)
	home := p.Home(exampleOy)
	list := main.Get(home + "/integrations").Is(http.StatusOK).Click("Hantera applikationskonton").Is(http.StatusOK)
	dialog := list.Click("Skapa nytt applikationskonto").Is(http.StatusOK)
	if dialog.Find("input[name=role]").Length() != 4 || dialog.Find("input[name=contract]").Length() != 2 {
		t.Errorf("the dialog has %d roles and %d contracts", dialog.Find("input[name=role]").Length(), dialog.Find("input[name=contract]").Length())
	}
	token := dialog.Find("input[name=token]").AttrOr("value", "")
	refused := main.Post(home+applicationsPath, form("token", token, "name", " ")).Is(http.StatusUnprocessableEntity)
	for _, field := range []string{"name", "role", "contract"} {
		refused.Has("#" + field + "[aria-invalid=true]")
	}
	wanted := form("token", token, "name", "Affärssystemet", "role", "shippingapi", "contract", p.Number(t, "654321").String())
	made := main.Post(home+applicationsPath, wanted).Is(http.StatusOK)
	clientID, secret := made.Text("#client-id"), made.Text("#client-secret")
	if made.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the secret may be kept: %q", made.Header.Get("Cache-Control"))
	}
	if _, err := p.Applications.LogIn(t.Context(), clientID, secret, audit.Who{Kind: audit.Nobody}); err != nil {
		t.Error(err)
	}
	// The page is loaded anew: it is the same. Later: one account still, and no secret.
	if again := main.Post(home+applicationsPath, wanted).Is(http.StatusOK); again.Text("#client-id") != clientID || again.Text("#client-secret") != secret {
		t.Errorf("loaded anew: %s %s", again.Text("#client-id"), again.Text("#client-secret"))
	}
	p.Clock.Advance(10 * time.Minute)
	again := main.Post(home+applicationsPath, wanted)
	page := again.Follow().Is(http.StatusOK)
	page.Says("h1", "Affärssystemet").Says("main", clientID)
	for _, other := range []*webtest.Page{again, page, main.Get(home + applicationsPath), main.Get(again.Header.Get("Location") + "/settings")} {
		if strings.Contains(other.Body, secret) {
			t.Errorf("%s holds the secret", other.Request)
		}
	}
	main.Get(home+applicationsPath).Is(http.StatusOK).Says("table", clientID)
	// Changed, given another secret, disabled and revoked.
	path := again.Header.Get("Location")
	settings := func() *webtest.Form { return main.Get(path + "/settings").Is(http.StatusOK).Form("Spara") }
	late := settings()
	settings().Set("name", "ERP").Set("role", "tracking").Set("contract", p.Number(t, "654321").String()).Send().Follow().Says("h1", "ERP").Says("main", "tracking")
	settings().Set("contract", p.Number(t, "654399").String()).Send().Is(http.StatusUnprocessableEntity).Has("#contract[aria-invalid=true]")
	// Who had the form open meanwhile is told, and nothing of what was saved is lost.
	told := late.Set("name", "Mitt").Send().Is(http.StatusConflict).Says("[role=alert]", "ERP").Says("[role=alert]", "Borttaget: shippingapi").Says("[role=alert]", "Tillagt: tracking").
		Has("#name[value=ERP]").HasNo("#summary")
	main.Get(path).Says("h1", "ERP")
	told.Form("Spara").Set("name", "Mitt").Send().Follow().Says("h1", "Mitt")
	main.Post(path+"/settings", form("name", "ERP", "role", "tracking", "contract", p.Number(t, "654321").String())).Is(http.StatusConflict)
	question := main.Get(path + "/secret").Is(http.StatusOK)
	stale := form("token", main.Get(path+"/secret").Find("input[name=token]").AttrOr("value", ""))
	renewed := question.Form("Ny hemlighet").Send().Is(http.StatusOK).Text("#client-secret")
	if again := question.Form("Ny hemlighet").Send().Is(http.StatusOK).Text("#client-secret"); renewed == secret || renewed == "" || again != renewed {
		t.Errorf("the new secret is %q, and loaded anew %q", renewed, again)
	}
	main.Post(path+"/secret", stale).Follow().Is(http.StatusOK).Says(".toast, .receipt, [role=status]", "inte bytts ut igen")
	if _, err := p.Applications.LogIn(t.Context(), clientID, renewed, audit.Who{Kind: audit.Nobody}); err != nil {
		t.Error(err)
	}
	main.Post(path+"/secret", nil).Is(http.StatusBadRequest)
	main.Post(path+"/deactivation", nil).Follow().Says(".state", "Inaktiverad")
	main.Post(path+"/activation", nil).Follow().Says(".state", "Aktiverad")
	main.Get(path + "/revocation").Is(http.StatusOK)
	main.Post(path+"/revocation", nil).Follow().Says(".state", "Återkallad").HasNo("form[action$=activation]")
	main.Post(path+"/secret", nil).Is(http.StatusGone)
	p.As(demotest.OtherMain).Get(path).Is(http.StatusNotFound)
}

// Bad log-ins are seen in the portal, and a new secret ends what they have locked.
func TestALockedApplicationAccountSaysSo(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	secret := newApplication(t, p)
	main := p.As(demotest.MainUser)
	list := p.Home(exampleOy) + applicationsPath
	page := list + "/" + secret.Account.String()
	main.Get(list).Is(http.StatusOK).HasNo("[data-lock]")
	main.Get(page).Is(http.StatusOK).HasNo("[data-lock]").HasNo(".notice")
	for range 5 {
		_, _ = p.Applications.LogIn(t.Context(), secret.ClientID, "wrong", audit.Who{Kind: audit.Nobody, Address: "192.0.2.1"})
	}
	until := p.Clock.Now().Add(time.Hour).In(helsinki(t)).Format("15.04")
	for _, shown := range []string{list, page} {
		main.Get(shown).Is(http.StatusOK).Says("[data-lock]", "Spärrat för en adress till").Says("[data-lock]", until)
	}
	main.Get(page).Says(".notice", "En ny hemlighet")
	main.Get(page + "/secret").Is(http.StatusOK).Form("Ny hemlighet").Send().Is(http.StatusOK)
	main.Get(page).Is(http.StatusOK).Says(".state", "Aktiverad").HasNo("[data-lock]")
	p.Exec(t, "update application_accounts set locked_until = $1", p.Clock.Now().Add(time.Minute))
	main.Get(list).Is(http.StatusOK).Says("[data-lock]", "Spärrat till")
}
