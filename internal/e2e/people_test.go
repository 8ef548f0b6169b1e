package e2e

import "testing"

const newPassword = "en mening som är lång nog"

// From Glömt lösenord? to being logged in, the mail read where it is shown.
func TestForgottenPassword(t *testing.T) {
	t.Parallel()
	portal := portals.Start(t)
	for _, visitor := range []struct {
		email string
		Visitor
	}{{plainUser, Visitor{}}, {secondMain, Visitor{NoScripts: true}}} {
		elsewhere := chrome.Visit(t, portal, Visitor{})
		elsewhere.LogIn(visitor.email)
		tab := chrome.Visit(t, portal, visitor.Visitor)
		tab.Open("/")
		tab.Button("Öppna OmaPosti Pro").Press()
		tab.Link("Glömt lösenord?").Press()
		tab.Field("E-postadress").Fill(visitor.email)
		tab.Button("Skicka länk").Press()
		tab.Shows("Om adressen har ett konto är en länk på väg dit.")
		tab.Link("Utkorg").Press()
		tab.Link(visitor.email).Containing().Press()
		tab.Link("/password?token=").Containing().Press()
		tab.Heading("Välj ett nytt lösenord").Shown()
		tab.Field("Nytt lösenord").Fill(newPassword)
		tab.Button("Spara lösenordet").Press()
		tab.Shows("Lösenordet är bytt. Logga in med det.")
		tab.Field("E-postadress").Fill(visitor.email)
		tab.Field("Lösenord").Fill(newPassword)
		tab.Button("Logga in").Press()
		tab.Link("Hem").IsCurrent()
		elsewhere.Open("/account") // that session has ended
		elsewhere.Button("Logga in").Shown()
	}
}

// A main user removes somebody and decides about their key; who is removed is out.
func TestSomebodyIsRemoved(t *testing.T) {
	t.Parallel()
	portal := portals.Start(t)
	removed := chrome.Visit(t, portal, Visitor{})
	removed.LogIn(mainUser)
	home := removed.organization()
	removed.createKey(home+"/integrations/omaposti-pro", "Kassan")
	tab := chrome.Visit(t, portal, Visitor{})
	tab.LogIn(secondMain)
	tab.Open(home + "/users?q=main.user")
	tab.One("region", "Användare").Containing().One("list", "").Link("").Press()
	// A dialog that does not fit opens at its top, and the keyboard is there too.
	tab.Show(Look{Width: 390, Height: 400})
	user := tab.Path()
	for _, path := range []string{user + "/permissions", user + "/contract-numbers", home + "/invitations/new", home + "/departure", "/account/deletion",
		user + "/removal"} {
		tab.Open(path)
		tab.Until(`(() => {
			const dialog = document.querySelector("dialog:modal"), at = document.activeElement.getBoundingClientRect();
			return dialog.scrollTop === 0 && (document.activeElement === dialog || at.bottom <= dialog.getBoundingClientRect().bottom);
		})()`)
	}
	tab.Show(Look{})
	tab.Open(user)
	tab.Link("Ta bort från organisationen").Press()
	dialog := tab.Dialog("Ta bort FirstName LastName?")
	dialog.Says("Personen kommer genast inte längre åt Example Oy")
	dialog.One("group", "Kassan").Containing().One("radio", "Återkalla").Tick(true)
	dialog.Button("Ta bort från organisationen").Press()
	tab.Shows("Personen är borttagen från organisationen.")
	removed.Open(home)
	removed.Button("Logga in").Shown()
	tab.Open(home + "/integrations/omaposti-pro")
	tab.Fold("Återkallade (1)").Press()
	tab.Link("Kassan").Shown()
}
