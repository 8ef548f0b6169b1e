package e2e

import (
	"net/http"
	"strings"
	"testing"
)

func TestEndedSessionKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	tab := atKeys(t, sharedPortal(t), mainUser, Visitor{})
	keys := tab.keysPath()
	tab.Button("Skapa ny API-nyckel").Press()
	tab.Field("Beskrivning").Fill("Kassan i Åbo")
	tab.One("checkbox", "876543 Example Oy").Tick(false)
	tab.ForgetCookies()
	tab.Button("Skapa nyckel").Press()
	tab.Shows("Du har loggats ut. Det du skrev finns kvar när du har loggat in.")
	tab.FillLogin(mainUser)
	tab.Dialog("Skapa ny API-nyckel").Shown()
	tab.Field("Beskrivning").HasValue("Kassan i Åbo")
	tab.One("checkbox", "876543 Example Oy").IsTicked(false)
	tab.One("checkbox", "654321 Example Oy").IsTicked(true)
	tab.Button("Skapa nyckel").Press()
	tab.Dialog("Din nya API-nyckel har skapats framgångsrikt").Says("Kassan i Åbo")

	// Somebody else at the same desk does not get it.
	tab.Open(keys + "/keys/new")
	tab.Field("Beskrivning").Fill("Bara för mig")
	tab.ForgetCookies()
	tab.Button("Skapa nyckel").Press()
	tab.Shows("Du har loggats ut.")
	tab.FillLogin(secondMain)
	tab.Link("Välj logistikavtal ID").Shown() // who may not create a key is told why
	tab.Button("Sanna Andersson").Press()
	tab.Button("Logga ut").Press()
	tab.Heading("OmaPosti Pro").Shown()
	if kept := Ask[string](tab, `JSON.stringify(sessionStorage)`); strings.Contains(kept, "Bara för mig") {
		t.Errorf("the tab still keeps %s", kept)
	}
}

func TestEndedSessionOnThePagesOfÄndra(t *testing.T) {
	t.Parallel()
	tab := chrome.Visit(t, sharedPortal(t), Visitor{})
	tab.LogIn(mainUser)
	tab.Open(tab.organization() + "/users?q=peter")
	tab.Link("Peter Lindholm").Containing().Press()
	tab.Link("Ändra").Press()
	tab.One("checkbox", "Se rapporter").Tick(true)
	tab.One("checkbox", "Spåra försändelser").Tick(false)
	tab.ForgetCookies()
	tab.Button("Nästa").Press()
	tab.Shows("Du har loggats ut. Det du skrev finns kvar när du har loggat in.")
	tab.FillLogin(mainUser)
	tab.Dialog(exampleOy).Says(plainUser)
	tab.One("checkbox", "Se rapporter").IsTicked(true)
	tab.One("checkbox", "Spåra försändelser").IsTicked(false)
	tab.One("checkbox", "Skapa försändelser och hämtningsbeställningar").IsTicked(true)
}

func TestEndedSessionWithoutScripts(t *testing.T) {
	t.Parallel()
	tab := atKeys(t, sharedPortal(t), mainUser, Visitor{NoScripts: true})
	tab.Button("Skapa ny API-nyckel").Press()
	tab.Field("Beskrivning").Fill("Borta")
	tab.ForgetCookies()
	tab.Button("Skapa nyckel").Press()
	tab.Shows("Du har loggats ut. Fyll i formuläret på nytt.")
	tab.FillLogin(mainUser)
	tab.Dialog("Skapa ny API-nyckel").Shown()
	tab.Field("Beskrivning").HasValue("")
}

func TestEndedSessionOnALink(t *testing.T) {
	t.Parallel()
	tab := chrome.Visit(t, sharedPortal(t), Visitor{})
	tab.LogIn(mainUser)
	organization := tab.organization()
	tab.ForgetCookies()
	tab.Link("Användare").Press()
	tab.Heading("Posti Onlinetjänster").Shown()
	tab.FillLogin(mainUser)
	tab.Heading("Användarhantering").Shown()
	tab.At(organization + "/users")
}

func TestEndedSessionWhileCopying(t *testing.T) {
	t.Parallel()
	tab := atKeys(t, sharedPortal(t), mainUser, Visitor{})
	keys := tab.keysPath()
	tab.createKey(keys, "Efter pausen")
	tab.Open(keys)
	tab.ForgetCookies()
	tab.Row("Efter pausen").Button("•••").Containing().Press()
	tab.Heading("Posti Onlinetjänster").Shown()
	tab.FillLogin(mainUser)
	tab.At(keys)
	tab.Row("Efter pausen").Shown()
}

func TestAfterLoggingOutBackShowsNothingPersonal(t *testing.T) {
	t.Parallel()
	for _, visitor := range []Visitor{{}, {NoScripts: true}} {
		tab := chrome.Visit(t, sharedPortal(t), visitor)
		tab.LogIn(mainUser)
		users := tab.organization() + "/users"
		tab.Link("Användare").Press()
		tab.Heading("Användarhantering").Shown()
		tab.Button("FirstName LastName").Press()
		tab.Button("Logga ut").Press()
		tab.Shows("Du har loggats ut")
		tab.At("/")
		tab.Back()
		tab.Heading("Posti Onlinetjänster").Shown()
		if shown := tab.Text(); strings.Contains(shown, "LastName") || strings.Contains(shown, "@example.com") && !strings.Contains(shown, "Demoinloggningar") {
			t.Errorf("going back shows %s", shown)
		}
		if status := tab.Open(users); status != http.StatusOK {
			t.Errorf("the page of before answers %d, not with the login", status)
		}
		tab.Heading("Posti Onlinetjänster").Shown()
	}
}

func TestOpenLeadsToHemForWhoIsLoggedIn(t *testing.T) {
	t.Parallel()
	tab := chrome.Visit(t, sharedPortal(t), Visitor{})
	tab.LogIn(mainUser)
	home := tab.organization()
	tab.Open("/")
	tab.Button("Öppna OmaPosti Pro").Press()
	tab.Heading("Välkommen, FirstName").Shown()
	tab.At(home)
}

// Where somebody who belongs to two organisations is, is a matter of the tab.
func TestOrganizations(t *testing.T) {
	t.Parallel()
	portal := portals.Start(t)
	main := chrome.Visit(t, portal, Visitor{})
	main.LogIn(mainUser)
	tab := chrome.Visit(t, portal, Visitor{})
	tab.LogIn(both)

	change := func(to string) {
		t.Helper()
		tab.Button("Byt organisation").Containing().Press()
		tab.Link(to).Containing().Press()
	}
	if !strings.Contains(tab.Button("Byt organisation").Containing().Text(), "Example Oy") {
		change("Example Oy")
		tab.Button("Example Oy").Containing().Shown()
	}
	tab.Link("Integrationer").Gone()
	exampleHome := tab.organization()
	change("Testbolaget Ab")
	tab.Heading("Välkommen, Oskar").Shown()
	tab.Link("Integrationer").Shown()
	testHome := tab.organization()
	if testHome == exampleHome {
		t.Fatal("the organisation is not part of the address")
	}

	// The other organisation's page is not for Oskar: its Hem is.
	tab.Open(testHome + "/integrations/omaposti-pro")
	change("Example Oy")
	tab.At(exampleHome)
	// Given the right, the same page is.
	main.Open(main.organization() + "/users?q=oskar")
	main.Link("Oskar Lindqvist").Containing().Press()
	main.Link("Testbolaget").Containing().Gone() // and nothing hints at the other organisation
	if strings.Contains(main.Text(), "Testbolaget") {
		t.Error("a main user of Example Oy reads of Oskar's other organisation")
	}
	main.Link("Ändra").Press()
	main.One("checkbox", "Hantera integrationer").Tick(true)
	main.Button("Nästa").Press()
	main.Button("Gör ändringar").Shown()
	tab.Open(testHome + "/integrations/omaposti-pro")
	change("Example Oy")
	tab.At(exampleHome + "/integrations/omaposti-pro")
	tab.Shows("API-nycklar skapas, kopieras och återkallas av huvudanvändare med behörigheten Hantera integrationer.")

	// Two tabs are in two.
	another := tab.Another(Visitor{})
	another.Open(testHome)
	another.Link("Integrationer").Press()
	another.At(testHome + "/integrations")
	tab.Link("Integrationer").Press()
	tab.At(exampleHome + "/integrations")
	another.Reload()
	another.Button("Testbolaget Ab").Containing().Shown()
	tab.Button("Example Oy").Containing().Shown()

	// Whoever comes back starts where they were last.
	tab.Button("Oskar Lindqvist").Press()
	tab.Button("Logga ut").Press()
	tab.Shows("Du har loggats ut")
	tab.LogIn(both)
	if last := tab.organization(); last != testHome {
		t.Errorf("logged in again at %s, not where the last page was", last)
	}

	// What is not theirs is not there.
	if status := main.Open(testHome); status != http.StatusNotFound {
		t.Errorf("another's organisation answers %d", status)
	}
	foreign := main.Text()
	main.Open("/o/01910000-0000-7000-8000-000000000000")
	if unknown := main.Text(); unknown != foreign {
		t.Errorf("another's organisation answers otherwise than one that does not exist:\n%s\n%s", foreign, unknown)
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	tab := chrome.Visit(t, portals.Start(t), Visitor{})
	tab.Open("/login")
	tab.Button("Språk").Press()
	tab.Button("Suomi").Press()
	tab.Until(`document.documentElement.lang === "fi"`)
	tab.At("/login")
	tab.words = printerIn("fi")
	tab.FillLogin(otherMain)
	tab.Link("Etusivu").IsCurrent()
	tab.Link("Integraatiot").Press()
	tab.Heading("Integraatiot").Shown()
	at := tab.Path()
	tab.Button("Maria Virtanen").Press()
	tab.Button("English").Press()
	tab.Heading("Integrations").Shown()
	if tab.Path() != at {
		t.Errorf("another language leads from %s to %s", at, tab.Path())
	}
	// It is the account's now, in any browser.
	elsewhere := chrome.Visit(t, tab.Portal, Visitor{})
	elsewhere.Open("/login")
	elsewhere.Heading("Posti Onlinetjänster").Shown()
	elsewhere.FillLogin(otherMain)
	elsewhere.Heading("Welcome, Maria").Shown()
}
