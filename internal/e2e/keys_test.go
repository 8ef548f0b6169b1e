package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp"
)

// keysPath is the address of an organisation's keys.
func (t *Tab) keysPath() string {
	t.tb.Helper()
	return t.organization() + "/integrations/omaposti-pro"
}

// atKeys opens the page of the keys for somebody who logs in.
func atKeys(t *testing.T, portal *Portal, email string, visitor Visitor) *Tab {
	t.Helper()
	tab := chrome.Visit(t, portal, visitor)
	tab.LogIn(email)
	tab.Open(tab.keysPath())
	return tab
}

func TestDialogTakesTheFocusAndGivesItBack(t *testing.T) {
	t.Parallel()
	tab := atKeys(t, sharedPortal(t), mainUser, Visitor{Look: Look{Moving: true}})
	opener := tab.Button("Skapa ny API-nyckel")
	dialog := tab.Dialog("Skapa ny API-nyckel")
	for _, leave := range []func(){
		func() { tab.Keys(escape) },
		func() { dialog.Link("Stäng").Press() },
		func() { dialog.Link("Avbryt").Press() },
	} {
		opener.Press()
		tab.Field("Beskrivning").HasFocus()
		leave()
		dialog.Gone()
		opener.HasFocus()
	}

	opener.Press()
	tab.Field("Beskrivning").Fill("Fokus")
	tab.Keys(enter)
	created := tab.Dialog("Din nya API-nyckel har skapats framgångsrikt")
	created.Says("Du kan kopiera nyckeln också senare")
	tab.Button("Kopiera API-nyckel").HasFocus()
	tab.Keys(escape)
	created.Gone()
	row := tab.Row("Fokus")
	row.HasFocus()
	if !ask[bool](row, `function () { return this.matches(".is-new, :target") }`) {
		t.Error("the new row is not marked")
	}

	row.Link("Återkalla").Press()
	question := tab.Dialog("Återkalla API-nyckeln?")
	question.Link("Avbryt").HasFocus()
	tab.Keys(escape)
	question.Gone()
	row.Link("Återkalla").HasFocus()

	tab.Open(tab.organization() + "/users?q=main.user")
	tab.Link("FirstName LastName").Containing().Press()
	edit := tab.Link("Ändra")
	edit.Press()
	tab.One("radio", "Huvudanvändare").HasFocus()
	tab.Keys(escape)
	tab.Dialog(exampleOy).Gone()
	edit.HasFocus()
}

func TestTabStaysInTheDialog(t *testing.T) {
	t.Parallel()
	tab := atKeys(t, sharedPortal(t), mainUser, Visitor{})
	tab.Button("Skapa ny API-nyckel").Press()
	tab.Field("Beskrivning").HasFocus()
	stops := map[string]bool{}
	for _, next := range []func(){func() { tab.Keys(tabulator) }, tab.ShiftTab} {
		for range 12 {
			next()
			if !Ask[bool](tab, `document.activeElement === document.body || document.querySelector("dialog").contains(document.activeElement)`) {
				t.Fatalf("the focus has left the dialog for %s", tab.Focused())
			}
			stops[tab.Focused()] = true
		}
	}
	for _, stop := range []string{"link Stäng", "textbox Beskrivning", "checkbox 654321 Example Oy", "link Avbryt", "button Skapa nyckel"} {
		if !stops[stop] {
			t.Errorf("the keyboard does not come to %s, only to %v", stop, stops)
		}
	}
}

func TestPressingTwiceMakesOneKey(t *testing.T) {
	t.Parallel()
	for name, visitor := range map[string]Visitor{"Dubbelt med skript": {}, "Dubbelt utan skript": {NoScripts: true}} {
		tab := atKeys(t, sharedPortal(t), mainUser, visitor)
		tab.Button("Skapa ny API-nyckel").Press()
		tab.Field("Beskrivning").Fill(name)
		// Again when the portal has made the key, but the browser does not know yet.
		x, y := tab.Button("Skapa nyckel").place()
		press := func() { tab.mouse(x, y) }
		tab.whileAnswerWaits("*/keys", press, press)
		tab.Dialog("Din nya API-nyckel har skapats framgångsrikt").Shown()
		tab.Open(tab.keysPath())
		tab.Row(name).Times(1)
	}
}

// whileAnswerWaits does something that sends a request, and something more while the portal's answer is on its way.
func (t *Tab) whileAnswerWaits(pattern string, send, meanwhile func()) {
	t.tb.Helper()
	answers := chromedp.Events(t.ctx, fetch.RequestPaused)
	call(t, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: pattern, RequestStage: fetch.RequestStageResponse}}})
	send()
	for _, err := range answers {
		t.must(err)
		break
	}
	meanwhile()
	call(t, fetch.Disable, cdp.Empty{})
}

func TestGoingBackOrReloadingMakesOneKey(t *testing.T) {
	t.Parallel()
	tab := atKeys(t, sharedPortal(t), mainUser, Visitor{})
	keys := tab.keysPath()
	tab.Button("Skapa ny API-nyckel").Press()
	tab.Field("Beskrivning").Fill("Fram och tillbaka")
	tab.Button("Skapa nyckel").Press()
	created := tab.Dialog("Din nya API-nyckel har skapats framgångsrikt")
	created.Shown()
	tab.Reload()
	created.Shown()
	tab.Back()
	tab.Dialog("Skapa ny API-nyckel").Shown()
	tab.Reload()
	tab.Open(keys)
	tab.Row("Fram och tillbaka").Times(1)
}

func TestDeniedClipboardShowsTheKey(t *testing.T) {
	t.Parallel()
	portal := sharedPortal(t)
	tab := atKeys(t, portal, mainUser, Visitor{})
	tab.DenyClipboard()
	tab.createKey(tab.keysPath(), "Utan urklipp")
	fromDialog := byHand(t, tab, tab.Button("Kopiera API-nyckel"))
	tab.Link("Stäng").Press()
	fromRow := byHand(t, tab, tab.Row("Utan urklipp").Button("•••").Containing())
	if fromDialog != fromRow {
		t.Errorf("the dialog gives %s, the row %s", fromDialog, fromRow)
	}
	if status, body := portal.Call(t, http.MethodGet, "/api/v1/key", fromRow, ""); status != http.StatusOK {
		t.Errorf("the key is refused: %d %s", status, body)
	}
}

// byHand presses what would copy a key where the clipboard is denied, and gives the key that the page shows instead.
func byHand(t *testing.T, tab *Tab, button *Element) string {
	t.Helper()
	const sentence = "Det gick inte att kopiera automatiskt. Markera nyckeln och kopiera den."
	button.Press()
	dialog := tab.Dialog(sentence)
	dialog.Says(sentence)
	field := dialog.One("textbox", "")
	field.HasFocus()
	key := field.Value()
	if selected := Ask[string](tab, `document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)`); selected != key {
		t.Errorf("selected is %q, not the key", selected)
	}
	tab.Keys("x")
	field.HasValue(key) // it is only to be read
	dialog.Button("Stäng").Press()
	dialog.Gone()
	button.HasFocus()
	neverShown(t, tab, key)
	if strings.Contains(tab.Text(), "Kopierad") {
		t.Error("it says Kopierad without a copy")
	}
	return key
}

// neverShown checks that a key's value is nowhere in the page.
func neverShown(t *testing.T, tab *Tab, key string) {
	t.Helper()
	if !strings.HasPrefix(key, "opp_") || len(key) != 42 {
		t.Errorf("%q is no key", key)
	}
	html := Ask[string](tab, `document.documentElement.outerHTML + [...document.querySelectorAll("input")].map((input) => input.value).join()`)
	if strings.Contains(html, key) {
		t.Error("the key is in the page")
	}
}

func TestCopying(t *testing.T) {
	t.Parallel()
	portal := sharedPortal(t)
	tab := atKeys(t, portal, mainUser, Visitor{})
	tab.createKey(tab.keysPath(), "Kopieras")
	key := tab.Copied(tab.Button("Kopiera API-nyckel").Press)
	neverShown(t, tab, key)
	tab.Fold("Prova nyckeln med curl").Press()
	call := tab.Copied(tab.Button("Kopiera anropet").Press)
	for _, part := range []string{"curl '" + portal.URL + "/shippingapi/api/v1/shipping/order'", "$OPP_API_KEY", `"custNo": "654321"`} {
		if !strings.Contains(call, part) {
			t.Errorf("the call lacks %s: %s", part, call)
		}
	}
	tab.Open(tab.keysPath())
	if address := tab.Copied(tab.Button("Kopiera API-adressen").Press); address != portal.URL {
		t.Errorf("the address that is copied is %s", address)
	}
	masked := tab.Row("Kopieras").Button("•••").Containing()
	if later := tab.Copied(masked.Press); later != key {
		t.Errorf("copied later it is %s, not %s", later, key)
	}
	neverShown(t, tab, key)
	if byKeyboard := tab.Copied(func() { masked.Focus(); tab.Keys(enter) }); byKeyboard != key {
		t.Errorf("copied by keyboard it is %s, not %s", byKeyboard, key)
	}

	// Revoked in another tab meanwhile: nothing is copied, and nothing says so.
	another := tab.Another(Visitor{})
	another.Open(tab.keysPath())
	another.Row("Kopieras").Link("Återkalla").Press()
	another.Button("Återkalla nyckel").Press()
	another.Shows("Kopieras är återkallad.")
	masked.Press()
	tab.Shows("Nyckeln gick inte att hämta. Försök igen.")
	if strings.Contains(tab.Text(), "Kopierad") {
		t.Error("it says Kopierad without a copy")
	}
}

func TestDisablingAndRevoking(t *testing.T) {
	t.Parallel()
	portal := sharedPortal(t)
	tab := atKeys(t, portal, otherMain, Visitor{})
	tab.createKey(tab.keysPath(), "Slutar gälla")
	key := tab.Copied(tab.Button("Kopiera API-nyckel").Press)
	answers := func(want int, code string) {
		t.Helper()
		if status, body := portal.Call(t, http.MethodGet, "/api/v1/key", key, ""); status != want || !strings.Contains(body, code) {
			t.Errorf("the key is answered %d %s, not %d %s", status, body, want, code)
		}
	}
	answers(http.StatusOK, "")
	tab.Link("Stäng").Press()
	row := tab.Row("Slutar gälla")
	row.Button("Inaktivera").Press()
	row.Says("Inaktiverad")
	tab.Shows("Slutar gälla är inaktiverad.")
	answers(http.StatusUnauthorized, "KEY_DISABLED")
	if copied := tab.Copied(row.Button("•••").Containing().Press); copied != key {
		t.Errorf("disabled, it is copied as %s, not %s", copied, key)
	}
	row.Button("Aktivera").Press()
	row.Says("Aktiverad")
	answers(http.StatusOK, "")

	row.Link("Återkalla").Press()
	question := tab.Dialog("Återkalla API-nyckeln?")
	question.Says("Integrationer som använder den slutar fungera genast. Det går inte att ångra.")
	question.Says("Senast använd:") // when is written down in batches
	question.Link("Avbryt").Press()
	row.Says("Aktiverad")
	answers(http.StatusOK, "")
	row.Link("Återkalla").Press()
	question.Button("Återkalla nyckel").Press()
	tab.Shows("Slutar gälla är återkallad.")
	answers(http.StatusUnauthorized, "KEY_REVOKED")
	revoked := tab.One("table", "Återkallade API-nycklar") // opened for what has just come there
	row = revoked.One("row", "").Saying("Slutar gälla")
	row.Says("Återkallad")
	row.Says("av Maria Virtanen")
	row.One("button", "").Gone()
	tab.Row("Slutar gälla").Times(1)
	tab.Open(tab.keysPath())
	tab.Fold("Återkallade (1)").Shown()
	revoked.Gone()
}
