package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The manual from its first page to its last, by its words alone.
func TestManual(t *testing.T) {
	t.Parallel()
	for _, noScripts := range []bool{false, true} {
		t.Run(fmt.Sprintf("scripts=%t", !noScripts), func(t *testing.T) {
			t.Parallel()
			portal := portals.Start(t)
			tab := chrome.Visit(t, portal, Visitor{NoScripts: noScripts})
			key := createKey(t, tab)
			orders(t, portal, key, "654321")
			checkRights(t, tab)
			giveRights(t, tab)
			newKey := keyWithNewNumber(t, tab)
			orders(t, portal, newKey, "654321", "654399")
			orders(t, portal, key, "654321")
		})
	}
}

// createKey walks steps 1 to 8 and gives the key that was copied.
func createKey(t *testing.T, tab *Tab) string {
	t.Helper()
	// 1
	tab.Open("/")
	tab.Heading("OmaPosti Pro").Shown()
	tab.Shows("Gör sändning, uppföljning och rapportering ännu enklare än tidigare och håll allt som är viktigt för din affärsverksamhet " +
		"i samma tjänst. OmaPosti Pro ger dig tillgång till allt du behöver som vår företagskund.")
	tab.Button("Öppna OmaPosti Pro").Press()
	// 2
	tab.Heading("Posti Onlinetjänster").Shown()
	tab.Field("E-postadress").Fill(mainUser)
	tab.Field("Lösenord").Fill("OmaPosti-demo-2024")
	tab.Button("Logga in").Press()
	tab.Link("Hem").IsCurrent()
	// 3
	menu := tab.One("navigation", "Huvudmeny")
	menu.Link("Integrationer").Press()
	// 4
	tab.Heading("Integrationer").Shown()
	tab.Shows("Kom igång med migreringen")
	card := tab.One("main", "").One("listitem", "").Saying("Postens sändningstjänster")
	card.One("heading", "OmaPosti Pro API").Shown()
	card.Says("Postens sändningstjänster")
	card.Link("Utforska och påbörja migreringen").Press()
	// 5
	tab.Link("Tillbaka till integrationer").Shown()
	tab.Heading("OmaPosti Pro API").Shown()
	manage := tab.One("region", "Hantera detta API")
	manage.Says("Du har inga API-nycklar ännu. Skapa en för att komma igång")
	manage.Button("Skapa ny API-nyckel").Press()
	// 6
	dialog := tab.Dialog("Skapa ny API-nyckel")
	dialog.Link("Stäng").Shown()
	dialog.Link("Avbryt").Shown()
	dialog.One("textbox", "Beskrivning").Fill("Ny API integration")
	dialog.Button("Skapa nyckel").Press()
	// 7
	made := tab.Dialog("Din nya API-nyckel har skapats framgångsrikt")
	made.Link("Stäng").Shown()
	made.Says("API-nyckeln kan nu användas för integrationer")
	key := tab.keyFrom(made.Button("Kopiera API-nyckel"))
	if tab.noScripts {
		tab.Link("Stäng").Press()
	} else {
		made.Link("Stäng").Press()
	}
	// 8
	tab.Heading("Nuvarande API-nycklar").Shown()
	table := tab.One("table", "Nuvarande API-nycklar")
	if diff := cmp.Diff([]string{"Nyckel", "Status", "Beskrivning"}, table.One("columnheader", "").Names()[:3]); diff != "" {
		t.Errorf("the columns differ from the manual's (-want +got):\n%s", diff)
	}
	row := tab.Row("Ny API integration")
	row.Says("Aktiverad")
	masked := row.Button("•••••••••••••" + key[len(key)-3:])
	if again := tab.keyFrom(masked); again != key {
		t.Errorf("copied later, the key is %s, not %s", again, key)
	}
	if tab.noScripts {
		tab.Link("Stäng").Press()
	}
	return key
}

// keyFrom presses what copies a key, and takes the key from the clipboard, or without scripts from the page.
func (t *Tab) keyFrom(button *Element) string {
	t.tb.Helper()
	if !t.noScripts {
		return t.Copied(button.Press)
	}
	button.Press()
	return t.Field("API-nyckelns värde").Value()
}

// orders places an order for each of Example Oy's numbers: the key must open the allowed ones, and no other.
func orders(t *testing.T, portal *Portal, key string, allowed ...string) {
	t.Helper()
	status, body := portal.Call(t, http.MethodGet, "/api/v1/key", key, "")
	var may struct {
		Contracts []struct{ Number string }
	}
	if err := json.Unmarshal([]byte(body), &may); err != nil || status != http.StatusOK {
		t.Fatalf("GET /api/v1/key answers %d %s", status, body)
	}
	for _, number := range allowed {
		if !strings.Contains(body, number) {
			t.Errorf("the key says that it may not use %s: %s", number, body)
		}
	}
	for _, number := range []string{"654321", "654399", "600123", "999999"} {
		want := http.StatusForbidden
		if slices.Contains(allowed, number) {
			want = http.StatusOK
		}
		status, body := portal.Call(t, http.MethodPost, "/shippingapi/api/v1/shipping/order", key, fmt.Sprintf(order, number))
		if status != want {
			t.Errorf("an order for %s: status %d, not %d: %s", number, status, want, body)
		}
		if want == http.StatusOK && !strings.Contains(body, "JJFI"+number) {
			t.Errorf("an order for %s has no tracking number of the contract: %s", number, body)
		}
		if want == http.StatusForbidden && !strings.Contains(body, "CONTRACT_NOT_ALLOWED") {
			t.Errorf("an order for %s is refused for another reason: %s", number, body)
		}
	}
}

// checkRights walks the further instructions as far as looking goes.
func checkRights(t *testing.T, tab *Tab) {
	t.Helper()
	tab.Link("Användare").Press()
	tab.Heading("Användarhantering").Shown()
	for _, section := range []string{"Inbjudningar", "Användare"} {
		tab.Heading(section).Containing().Shown()
		tab.One("region", section).Containing().Link("Visa mera").Shown()
	}
	tab.One("region", "Inbjudningar").Containing().Says("first last new@example.com 22.7.2024")
	tab.Link("Ladda ner csv").Shown()
	tab.One("searchbox", "Sök användare eller e-postadress").Fill("main.user")
	tab.Keys("\r")
	tab.Shows(`1 träff på "main.user"`) // the rows are in their places
	tab.Link("FirstName LastName " + mainUser).Containing().Press()

	tab.Heading("Användarinformation").Shown()
	tab.Shows("Förnamn FirstName Efternamn LastName E-posten (Användarnamn) " + mainUser)
	tab.Shows("Telefon")
	tab.Heading("Organisationer").Shown()
	tab.Fold("Example Oy (FI12345678)").Press()
	tab.Shows("Användartyp Huvudanvändare")
	tab.Shows("Kundnummer")
	tab.Shows("Logistikavtal ID 654321 Example Oy")
	tab.Shows("Transportkoder för frakten 876543 Example Oy")
}

var permissions = []string{"Skapa försändelser och hämtningsbeställningar", "Spåra försändelser", "Se rapporter",
	"Hantera företagskontoinformation", "Hantera integrationer"}

// giveRights takes the right away from oneself, meets the consequences, and follows the manual to give it back together
// with a contract number more.
func giveRights(t *testing.T, tab *Tab) {
	t.Helper()
	tab.Link("Ändra").Press()
	dialog := tab.Dialog("Example Oy (FI12345678)")
	dialog.Says(mainUser)
	dialog.Says("Tryck nästa för att spara dina ändringar")
	dialog.One("radio", "Huvudanvändare").IsTicked(true)
	dialog.One("radio", "Användare").IsTicked(false)
	dialog.One("heading", "Behörigheter").Shown()
	dialog.One("group", "OmaPosti Pro").Shown()
	dialog.Says("Dessa användningsbehörigheter kräver avtalsnummer (se nästa sida)")
	if diff := cmp.Diff(permissions, dialog.One("checkbox", "").Names()); diff != "" {
		t.Errorf("the permissions differ from the manual's (-want +got):\n%s", diff)
	}
	dialog.One("checkbox", "Hantera integrationer").Tick(false)
	dialog.Button("Nästa").Press()
	tab.Heading("Kundnummer, Kontrakt & Transportkoder").Shown()
	dialog.Link("Stäng").Press()
	tab.Heading("Användarinformation").Shown()
	tab.Link("Integrationer").Gone()

	if status := tab.Open(tab.organization() + "/integrations"); status != http.StatusForbidden {
		t.Errorf("Integrationer without the right: status %d", status)
	}
	tab.Shows("Du saknar behörigheten Hantera integrationer. Som huvudanvändare kan du lägga till den själv.")
	tab.One("main", "").Link("Lägg till behörigheten").Press()
	dialog.One("checkbox", "Hantera integrationer").Tick(true)
	dialog.Button("Nästa").Press()

	dialog.Says("Tryck på Gör ändringar för att spara dina ändringar")
	tab.Heading("Kundnummer, Kontrakt & Transportkoder").Shown()
	for _, sentence := range []string{
		"För de valda användningsbehörigheterna måste du välja avtalsnummer:",
		"Se rapporter kräver minst ett kundnummer, ett avtalsnummer för logistiken eller en transportkod för frakten.",
		"Skapa försändelser och hämtningsbeställningar kräver minst ett avtalsnummer för logistiken eller en transportkod för frakten.",
		"Spåra försändelser kräver minst ett avtalsnummer för logistiken eller en transportkod för frakten.",
		"Du kan också välja flera olika typer av avtalsnummer, avtalskoder eller transportkoder.",
		"Avtalsnummer:",
	} {
		dialog.Says(sentence)
	}
	dialog.One("group", "Välj kundnummer:").Shown()
	freight := dialog.One("group", "Välj transport-ID – Aktiverar OmaPosti Pro-frakttjänster:")
	freight.One("checkbox", "876543 Example Oy").IsTicked(true)
	logistics := dialog.One("group", "Välj logistikserviceavtal – Aktiverar Postis paket- och brevtjänster:")
	logistics.One("checkbox", "654321 Example Oy").IsTicked(true)
	logistics.One("checkbox", "654399 Example Oy").Gone()
	logistics.One(disclosure, "").Press()
	logistics.One("checkbox", "654399 Example Oy").Tick(true)
	dialog.Button("Gör ändringar").Press()

	tab.Heading("Användarinformation").Shown()
	tab.Shows("Logistikavtal ID 654321 Example Oy 654399 Example Oy")
	tab.Shows("Personens API-nycklar behåller de avtalsnummer som de skapades med.")
	tab.Link("Integrationer").Shown()
}

// keyWithNewNumber makes one more key: it gets the numbers that have just been chosen.
func keyWithNewNumber(t *testing.T, tab *Tab) string {
	t.Helper()
	tab.Link("Integrationer").Press()
	tab.Link("Utforska och påbörja migreringen").Press()
	tab.Button("Skapa ny API-nyckel").Press()
	dialog := tab.Dialog("Skapa ny API-nyckel")
	for _, number := range []string{"654321", "654399", "876543"} {
		dialog.One("checkbox", number+" Example Oy").IsTicked(true)
	}
	dialog.One("textbox", "Beskrivning").Fill("Efter ändringen")
	dialog.Button("Skapa nyckel").Press()
	return tab.keyFrom(tab.Dialog("Din nya API-nyckel har skapats framgångsrikt").Button("Kopiera API-nyckel"))
}
