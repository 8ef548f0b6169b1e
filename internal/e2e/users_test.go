package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// editUser opens page 1 of Ändra for the one whom a search finds.
func (t *Tab) editUser(query string) {
	t.tb.Helper()
	t.Open(t.organization() + "/users?q=" + query)
	t.One("region", t.T("users.users")).Containing().One("list", "").Link("").Press()
	t.Link(t.T("users.edit")).Press()
	t.Button(t.T("edit.next")).Shown()
}

func TestGivingUpBeingMainUserAsksFirst(t *testing.T) {
	t.Parallel()
	for _, visitor := range []Visitor{{}, {NoScripts: true}} {
		tab := chrome.Visit(t, portals.Start(t), visitor)
		tab.LogIn(mainUser)
		home := tab.organization()
		tab.editUser("main.user")
		demote := func() {
			t.Helper()
			tab.One("radio", "Användare").Tick(true)
			tab.Button("Nästa").Press()
			tab.Shows("Vill du sluta vara huvudanvändare?")
		}
		demote()
		tab.Link("Nej, behåll rollen").Press()
		tab.One("radio", "Huvudanvändare").IsTicked(true)
		demote()
		tab.Button("Ja, sluta vara huvudanvändare").Press()
		tab.Heading("Välkommen, FirstName").Shown()
		tab.At(home)
		tab.Shows("Du är inte längre huvudanvändare i Example Oy.")
		tab.Link("Användare").Gone()
		tab.Link("Integrationer").Shown()
		if status := tab.Open(home + "/users"); status != http.StatusForbidden {
			t.Errorf("Användarhantering answers %d to somebody who is no main user any more", status)
		}
		tab.Shows("second.main@example.com")
	}
}

func TestTheLastMainUserStays(t *testing.T) {
	t.Parallel()
	tab := chrome.Visit(t, portals.Start(t), Visitor{})
	tab.LogIn(mainUser)
	tab.editUser("second.main")
	tab.One("radio", "Användare").Tick(true)
	tab.Button("Nästa").Press()
	tab.Button("Gör ändringar").Shown()
	tab.editUser("main.user")
	tab.One("radio", "Användare").Tick(true)
	tab.Button("Nästa").Press()
	const sentence = "Example Oy måste ha minst en huvudanvändare. Gör först någon annan till huvudanvändare."
	summary := tab.One("alert", "")
	summary.Says(sentence)
	summary.HasFocus()
	tab.One("group", "Användartyp").Describes(sentence)
	summary.Link(sentence).Press()
	tab.One("radio", "Huvudanvändare").HasFocus()
	tab.Open(tab.organization() + "/users")
	tab.Heading("Användarhantering").Shown()
}

func TestOfTwoWhoEditTheSecondIsTold(t *testing.T) {
	t.Parallel()
	portal := portals.Start(t)
	var tabs [2]*Tab
	for i, email := range []string{mainUser, secondMain} {
		tabs[i] = chrome.Visit(t, portal, Visitor{})
		tabs[i].LogIn(email)
		tabs[i].editUser("peter")
	}
	first, second := tabs[0], tabs[1]
	first.One("checkbox", "Se rapporter").Tick(true)
	first.Button("Nästa").Press()
	first.Button("Gör ändringar").Shown()
	second.One("checkbox", "Spåra försändelser").Tick(false)
	second.Button("Nästa").Press()
	second.Shows("Någon annan har ändrat uppgifterna medan du hade dem öppna. Ingenting av ditt är sparat ännu.")
	second.Shows("Tillagt: Se rapporter")
	second.One("alert", "").HasFocus()
	second.One("checkbox", "Se rapporter").IsTicked(true)
	second.One("checkbox", "Spåra försändelser").IsTicked(true)
	second.One("checkbox", "Spåra försändelser").Tick(false)
	second.Button("Nästa").Press()
	second.Button("Gör ändringar").Shown()

	// The same on page 2.
	number := func(tab *Tab, name string) *Element {
		return tab.One("group", "Välj logistikserviceavtal").Containing().One("checkbox", name+" Example Oy")
	}
	open := func(tab *Tab) {
		t.Helper()
		tab.One("group", "Välj logistikserviceavtal").Containing().One(disclosure, "").Press()
	}
	open(first)
	number(first, "654399").Tick(true)
	first.Button("Gör ändringar").Press()
	first.Shows("Ändringarna är sparade.")
	open(second)
	number(second, "654321").Tick(false)
	second.Button("Gör ändringar").Press()
	second.Shows("Tillagt: 654399 Example Oy")
	number(second, "654321").IsTicked(true)
	number(second, "654399").IsTicked(true)
	number(second, "654321").Press() // the chip goes
	second.Button("Gör ändringar").Press()
	second.Shows("Ändringarna är sparade.")
	second.Shows("Logistikavtal ID 654399 Example Oy")
}

func TestNumbersThatAreMissing(t *testing.T) {
	t.Parallel()
	for _, visitor := range []Visitor{{}, {NoScripts: true}} {
		tab := chrome.Visit(t, portals.Start(t), visitor)
		tab.LogIn(mainUser)
		tab.editUser("birgitta")
		tab.Link("Saknar avtalsnummer – gäller inte ännu").Nth(1).Shown()
		tab.Button("Nästa").Press()
		tab.Button("Gör ändringar").Press()
		summary := tab.One("alert", "")
		summary.Says("Se rapporter kräver minst ett kundnummer, ett avtalsnummer för logistiken eller en transportkod för frakten.")
		summary.Says("Spåra försändelser kräver minst ett avtalsnummer för logistiken eller en transportkod för frakten.")
		tab.Link("Tillbaka till behörigheterna").Shown()
		customer := tab.One("group", "Välj kundnummer:")
		customer.One(disclosure, "").Press()
		customer.One("checkbox", "123456 Example Oy").Tick(true)
		tab.Button("Gör ändringar").Press()
		summary.Says("Spåra försändelser kräver")
		tab.One("group", "Välj kundnummer:").One("checkbox", "123456 Example Oy").IsTicked(true) // kept
		freight := tab.One("group", "Välj transport-ID").Containing()
		freight.One(disclosure, "").Press()
		freight.One("checkbox", "876543 Example Oy").Tick(true)
		tab.Button("Gör ändringar").Press()
		tab.Shows("Ändringarna är sparade.")
		tab.Shows("Kundnummer 123456 Example Oy")
		tab.Shows("Transportkoder för frakten 876543 Example Oy")
		tab.Link("Saknar avtalsnummer – gäller inte ännu").Gone()
	}
}

func TestFindingUsers(t *testing.T) {
	t.Parallel()
	tab := chrome.Visit(t, sharedPortal(t), Visitor{})
	tab.LogIn(mainUser)
	tab.Link("Användare").Press()
	users := tab.One("region", "Användare").Containing()
	rows := users.One("list", "").One("listitem", "")
	rows.Times(10)
	users.Link("Visa mera").Press()
	rows.Times(20)
	tab.Until(`document.activeElement === document.querySelectorAll("#user-rows a")[10]`)
	tab.One("region", "Inbjudningar").Containing().Link("Visa mera").Press()
	tab.One("region", "Inbjudningar").Containing().One("list", "").One("listitem", "").Times(12)
	tab.One("region", "Inbjudningar").Containing().Link("Visa mera").Gone()

	tab.One("searchbox", "").Fill("öst")
	tab.Keys(enter)
	tab.Shows(`träffar på "öst"`)
	tab.Link("Östen Öst").Containing().Shown()
	tab.Link("Åsa Österberg").Containing().Shown()
	tab.One("searchbox", "").Fill("<b>ingen</b>")
	tab.Button("Sök").Press()
	tab.Shows(`Inga träffar på "<b>ingen</b>"`)
	tab.One("main", "").Link("Rensa sökningen").Press()
	rows.Times(10)

	// On paper, the rows without what is pressed.
	tab.Show(Look{Width: 794, Height: 1100, Print: true, Dark: true})
	tab.Until(`[".menu", ".head", "search", ".more", ".choosable__tick", ".page-head .button"].every((pressed) => !document.querySelector(pressed)?.checkVisibility())
		&& document.querySelector("#user-rows > li").checkVisibility() && document.scrollingElement.scrollWidth <= 794`)

	plain := chrome.Visit(t, sharedPortal(t), Visitor{NoScripts: true})
	plain.LogIn(mainUser)
	plain.Link("Användare").Press()
	first := plain.One("region", "Användare").Containing().One("list", "").One("listitem", "").Nth(1)
	name := first.Text()
	plain.One("region", "Användare").Containing().Link("Visa mera").Press()
	plain.Until(`location.search.includes("users_after")`)
	if after := first.Text(); after == name || strings.TrimSpace(after) == "" {
		t.Errorf("without scripts, Visa mera leads from %q to %q", name, after)
	}
}

// Searching as one types: the focus stays, the address follows, an older answer never comes over a newer one.
func TestSearchingAsOneTypes(t *testing.T) {
	t.Parallel()
	tab := chrome.Visit(t, sharedPortal(t), Visitor{})
	tab.LogIn(mainUser)
	tab.Link("Användare").Press()
	tab.Heading("Användarhantering").Shown()
	// The answer to the first letters waits until that to all of them is there.
	Ask[bool](tab, `(() => {
		const fetched = window.fetch;
		window.answered = [];
		window.fetch = (address, options) => {
			const query = new URL(address).searchParams.get("q");
			const answer = query === "m" ? new Promise((resolve) => window.release = resolve).then(() => fetched(address)) : fetched(address, options);
			answer.then(() => window.answered.push(query), () => {});
			return answer;
		};
		return true;
	})()`)
	search := tab.One("searchbox", "")
	search.Focus()
	tab.Keys("m")
	tab.Until(`window.release !== undefined`)
	tab.Keys("akela")
	tab.Shows(`1 träff på "makela"`)
	Ask[bool](tab, `(window.release(), true)`)
	tab.Until(`window.answered.includes("m")`)
	tab.Shows(`1 träff på "makela"`)
	tab.Link("Hanna Mäkelä").Containing().Shown()
	search.HasFocus()
	tab.Until(`location.search === "?q=makela"`)
	tab.Link("Rensa sökningen").Press()
	tab.Until(`location.search === "" && document.querySelectorAll("#user-rows > li").length === 10`)
	search.HasFocus()
	tab.Fold("Filter").Press()
	tab.One("checkbox", "Behörighet utan avtalsnummer").Tick(true)
	tab.Until(`location.search === "?lacking=yes"`)
	tab.Shows("träffar")
	tab.Reload()
	tab.One("checkbox", "Behörighet utan avtalsnummer").IsTicked(true)
}

// Whoever goes back to the list finds the rows that they had loaded, where they were; the page's own link leads to the search.
func TestGoingBackToTheRowsThatWereLoaded(t *testing.T) {
	t.Parallel()
	tab := chrome.Visit(t, sharedPortal(t), Visitor{})
	tab.LogIn(mainUser)
	list := tab.organization() + "/users?q=example"
	tab.Open(list)
	users := tab.One("region", "Användare").Containing()
	rows := users.One("list", "").One("listitem", "")
	for _, shown := range []int{20, 30} {
		users.Link("Visa mera").Press()
		rows.Times(shown)
	}
	Ask[bool](tab, `(document.querySelectorAll("#user-rows a")[24].scrollIntoView({block: "center", behavior: "instant"}), true)`)
	top := Ask[float64](tab, "scrollY")
	Ask[bool](tab, `(document.querySelectorAll("#user-rows a")[24].click(), true)`)
	tab.Heading("Användarinformation").Shown()
	tab.Back()
	rows.Times(30)
	tab.Until(fmt.Sprintf("Math.abs(scrollY - %f) < 2", top))
	tab.Reload()
	rows.Times(30)
	Ask[bool](tab, `(document.querySelectorAll("#user-rows a")[24].click(), true)`)
	tab.Heading("Användarinformation").Shown()
	tab.Link("Tillbaka").Press()
	tab.Until(`location.search === "?q=example"`)
	rows.Times(10)
}

// Without a network the page stays, with what was typed; what was asked is answered once it is back.
func TestSearchingWithoutANetwork(t *testing.T) {
	t.Parallel()
	tab := chrome.Visit(t, sharedPortal(t), Visitor{})
	tab.LogIn(mainUser)
	list := tab.organization() + "/users"
	tab.Open(list)
	rows := tab.One("region", "Användare").Containing().One("list", "").One("listitem", "")
	rows.Times(10)
	tab.Offline(true)
	Ask[bool](tab, `(addEventListener("unreached", () => window.failed = (window.failed ?? 0) + 1, true), true)`)
	tab.One("region", "Användare").Containing().Link("Visa mera").Press()
	tab.Until("window.failed === 1")
	search := tab.One("searchbox", "")
	search.Fill("lindholm")
	tab.Keys(enter)
	tab.Until("window.failed === 2")
	tab.Shows(tab.T("layout.offline"))
	tab.At(list)
	search.HasValue("lindholm")
	rows.Times(10)
	tab.Offline(false)
	rows.Times(1)
	tab.Until(`location.search === "?q=lindholm" && document.getElementById("offline").hidden`)
}

// Where the session has ended, a file is not the login's page: one logs in, and is where it was asked for.
func TestAFileAfterTheSessionHasEnded(t *testing.T) {
	t.Parallel()
	tab := chrome.Visit(t, sharedPortal(t), Visitor{})
	tab.LogIn(mainUser)
	list := tab.organization() + "/users?q=lindholm"
	tab.Open(list)
	tab.ForgetCookies()
	tab.Link("Ladda ner csv").Press()
	tab.FillLogin(mainUser)
	tab.Heading("Användarhantering").Shown()
	tab.Until(`location.search === "?q=lindholm"`)
}

// Invitations that are chosen stay so while one searches for others, as users do, until they are taken back together.
func TestChoosingInvitationsOfTwoSearches(t *testing.T) {
	t.Parallel()
	tab := chrome.Visit(t, portals.Start(t), Visitor{})
	tab.LogIn(mainUser)
	tab.Open(tab.organization() + "/users?q=nyholm")
	tab.One("checkbox", "Välj Ylva Nyholm").Tick(true)
	tab.One("searchbox", "").Fill("åkerlund")
	tab.One("checkbox", "Välj Otto Åkerlund").Tick(true)
	tab.Shows("2 valda")
	deed := tab.One("combobox", "Gör med de valda")
	ask[bool](deed, `function () { this.value = "withdraw"; return true; }`)
	tab.Button("Förhandsgranska").Press()
	tab.One("region", "2 inbjudningar återtas").Containing().One("listitem", "").Times(2)
	tab.Button("Återta").Press()
	tab.Shows("2 inbjudningar har återtagits.")
}

// Several chosen, on two pages of two searches, are changed at once.
func TestChangingSeveralUsers(t *testing.T) {
	t.Parallel()
	for _, visitor := range []Visitor{{}, {NoScripts: true}} {
		tab := chrome.Visit(t, portals.Start(t), visitor)
		tab.LogIn(mainUser)
		tab.Open(tab.organization() + "/users?q=lindholm")
		tab.One("checkbox", "Välj Peter Lindholm").Tick(true)
		names := 1
		if !visitor.NoScripts {
			names = 2
			search := tab.One("searchbox", "")
			search.Fill("kallio")
			tab.One("checkbox", "Välj Sari Kallio").Tick(true)
			tab.Shows("2 valda")
		}
		change := tab.One("combobox", "Gör med de valda")
		change.Shown()
		ask[bool](change, `function () { this.value = "take:track_shipments"; return true; }`)
		tab.Button("Förhandsgranska").Press()
		tab.Heading("Ändra flera användare").Shown()
		tab.One("region", "Spåra försändelser tas bort från").Containing().One("listitem", "").Times(names)
		tab.Button("Ta bort behörigheten").Press()
		tab.Shows("användare har inte längre Spåra försändelser.")
	}
}
