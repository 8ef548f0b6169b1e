package e2e

import (
	"fmt"
	"testing"
)

// From the dialog to the first click on Integrationer, the mail read where it is shown.
func TestSomebodyIsInvited(t *testing.T) {
	t.Parallel()
	portal := portals.Start(t)
	for _, noScripts := range []bool{false, true} {
		address := fmt.Sprintf("ny.medarbetare+%t@example.com", noScripts)
		tab := chrome.Visit(t, portal, Visitor{NoScripts: noScripts})
		tab.LogIn(mainUser)
		tab.Link("Användare").Press()
		tab.Link("Bjud in användare").Press()
		tab.Dialog("Bjud in användare").Shown()
		tab.Field("E-postadresser").Fill(address)
		tab.Field("Förnamn (frivilligt)").Fill("Åsa")
		tab.Button("Nästa").Press()
		tab.Shows("Tryck nästa för att gå vidare. Ingenting skickas ännu.")
		tab.One("radio", "Huvudanvändare").Tick(true)
		tab.One("checkbox", "Hantera integrationer").Tick(true)
		tab.Button("Nästa").Press()
		numbers := tab.One("group", "Välj logistikserviceavtal – Aktiverar Postis paket- och brevtjänster:")
		numbers.One(disclosure, "").Press()
		numbers.One("checkbox", "654321 Example Oy").Tick(true)
		tab.Button("Tillbaka").Press()
		tab.One("checkbox", "Hantera integrationer").IsTicked(true)
		tab.Button("Nästa").Press()
		tab.Button("Tillbaka").Shown()
		tab.Button("Nästa").Press()
		tab.Shows("Var och en får en egen länk med e-post. Den gäller i 7 dagar.")
		tab.Button("Skicka inbjudan").Press()
		tab.Shows("Inbjudan har skickats.")

		newcomer := chrome.Visit(t, portal, Visitor{NoScripts: noScripts})
		newcomer.Open("/")
		newcomer.Link("Utkorg").Press()
		newcomer.Link(address).Containing().Press()
		newcomer.Shows("FirstName LastName har bjudit in dig till Example Oy i OmaPosti Pro.")
		newcomer.Link("/invitation?token=").Containing().Press()
		newcomer.Heading("Inbjudan till Example Oy").Shown()
		newcomer.Shows(address)
		newcomer.Field("Förnamn").HasValue("Åsa")
		newcomer.Field("Efternamn").Fill("Öst")
		newcomer.Field("Lösenord").Fill("en mening som är lång nog")
		newcomer.Button("Skapa konto och gå med").Press()
		newcomer.Heading("Välkommen, Åsa").Shown()
		newcomer.Shows("Välkommen till Example Oy!")
		newcomer.Link("Integrationer").Press()
		newcomer.Shows("Kom igång med migreringen")
	}
}

// Closing the dialog, with Escape too, asks first once something is in it.
func TestClosingTheDialogAsksFirst(t *testing.T) {
	t.Parallel()
	tab := chrome.Visit(t, sharedPortal(t), Visitor{})
	tab.LogIn(mainUser)
	users := tab.organization() + "/users"
	tab.Open(tab.organization() + "/invitations/new")
	tab.Dialog("Bjud in användare").Shown()
	tab.Keys(escape) // nothing is in it
	tab.At(users)
	tab.Open(tab.organization() + "/invitations/new")
	answer := func(yes bool) {
		Ask[any](tab, fmt.Sprintf("{asked = ''; confirm = (text) => { asked = text; return %t }}", yes))
	}
	answer(false)
	tab.Field("E-postadresser").Fill("kvar@example.org")
	for range 3 {
		tab.Keys(escape)
		tab.Until(`asked === "Stänga utan att skicka? Det du har fyllt i går förlorat."`)
		answer(false)
	}
	tab.Link("Stäng").Press()
	tab.Until(`asked !== ""`)
	tab.Button("Nästa").Press()
	tab.One("radio", "Huvudanvändare").Shown()
	answer(true) // a later step carries what was typed
	tab.Keys(escape)
	tab.At(users)
}

// Whose session ends in the middle of the steps finds all that was chosen again.
func TestEndedSessionWhileInviting(t *testing.T) {
	t.Parallel()
	tab := chrome.Visit(t, sharedPortal(t), Visitor{})
	tab.LogIn(mainUser)
	tab.Open(tab.organization() + "/invitations/new")
	tab.Field("E-postadresser").Fill("kvar@example.org;Kim;Kvar")
	tab.Button("Nästa").Press()
	tab.One("radio", "Huvudanvändare").Tick(true)
	tab.One("checkbox", "Hantera integrationer").Tick(true)
	tab.Button("Nästa").Press()
	numbers := tab.One("group", "Välj logistikserviceavtal – Aktiverar Postis paket- och brevtjänster:")
	numbers.One(disclosure, "").Press()
	numbers.One("checkbox", "654399 Example Oy").Tick(true)
	tab.ForgetCookies()
	tab.Button("Nästa").Press()
	tab.Shows("Du har loggats ut. Det du skrev finns kvar när du har loggat in.")
	tab.FillLogin(mainUser)
	tab.Button("Fortsätt").Press()
	tab.Button("Skicka inbjudan").Shown()
	tab.Shows("kvar@example.org")
	tab.Shows("654399 Example Oy")
	tab.Button("Tillbaka").Press()
	numbers.One("checkbox", "654399 Example Oy").IsTicked(true)
	tab.Button("Tillbaka").Press()
	tab.One("radio", "Huvudanvändare").IsTicked(true)
	tab.One("checkbox", "Hantera integrationer").IsTicked(true)
}
