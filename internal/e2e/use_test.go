package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
)

// tabTo goes on with the tabulator until the keyboard is at what has a role and a name, and checks that one sees where it
// is all the way.
func (t *Tab) tabTo(what string) {
	t.tb.Helper()
	passed := []string{}
	for range 60 {
		t.Keys(tabulator)
		at := t.Focused()
		if !Ask[bool](t, focusIsSeen) {
			t.tb.Errorf("one does not see that the focus is at %s", at)
		}
		if strings.HasPrefix(at, what) {
			return
		}
		passed = append(passed, at)
	}
	t.tb.Fatalf("the tabulator does not come to %s, only to %q", what, passed)
}

const focusIsSeen = `(() => {
	const e = document.activeElement;
	if (e === document.body) return true;
	const {top, bottom, left, right} = e.getBoundingClientRect();
	const marked = (e) => { const s = getComputedStyle(e); return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== "none"; };
	return bottom > 0 && right > 0 && top < innerHeight && left < innerWidth && (marked(e) || marked(e.closest("li, .choice") ?? e));
})()`

// The manual's way and the change of rights with the keyboard alone, by somebody who has not asked for less movement.
func TestKeyboardAlone(t *testing.T) {
	t.Parallel()
	tab := chrome.Visit(t, portals.Start(t), Visitor{Look: Look{Moving: true}})
	tab.Open("/")
	tab.tabTo("button Öppna OmaPosti Pro")
	tab.Keys(enter)
	tab.Field("E-postadress").HasFocus()
	tab.Keys(mainUser + tabulator + "OmaPosti-demo-2024" + enter)
	tab.Heading("Välkommen, FirstName").Shown()
	tab.tabTo("link Till innehållet")
	tab.Keys(enter)
	tab.One("main", "").HasFocus()
	tab.Reload()
	tab.tabTo("link Integrationer")
	tab.Keys(enter)
	tab.Heading("Integrationer").Shown()
	tab.tabTo("link Utforska och påbörja migreringen")
	tab.Keys(enter)
	tab.Heading("OmaPosti Pro API").Shown()
	tab.tabTo("button Skapa ny API-nyckel")
	tab.Keys(enter)
	tab.Field("Beskrivning").HasFocus()
	tab.Keys("Tangentbord")
	tab.tabTo("checkbox 876543 Example Oy")
	tab.Keys(" ")
	tab.One("checkbox", "876543 Example Oy").IsTicked(false)
	tab.tabTo("button Skapa nyckel")
	tab.Keys(enter)
	tab.Button("Kopiera API-nyckel").HasFocus()
	key := tab.Copied(func() { tab.Keys(enter) })
	if !strings.HasPrefix(key, "opp_") {
		t.Errorf("copied is %q", key)
	}
	tab.Keys(escape)
	tab.Row("Tangentbord").HasFocus()
	tab.tabTo("button •••")
	if again := tab.Copied(func() { tab.Keys(" ") }); again != key {
		t.Errorf("copied again it is %q", again)
	}

	tab.Reload()
	tab.tabTo("button FirstName LastName")
	tab.Keys(enter)
	tab.tabTo("button Logga ut")
	tab.Keys(escape)
	tab.Button("Logga ut").Gone()
	tab.Button("FirstName LastName").HasFocus()

	tab.tabTo("link Användare")
	tab.Keys(enter)
	tab.Heading("Användarhantering").Shown()
	tab.tabTo("searchbox")
	tab.Keys("main.user" + enter)
	tab.Shows(`träff på "main.user"`)
	tab.tabTo("link FirstName LastName")
	tab.Keys(enter)
	tab.Heading("Användarinformation").Shown()
	tab.tabTo("DisclosureTriangle " + exampleOy)
	tab.Keys(enter)
	tab.Shows("Logistikavtal ID 654321 Example Oy")
	tab.Open(tab.Path())
	tab.tabTo("link Ändra")
	tab.Keys(enter)
	tab.One("radio", "Huvudanvändare").HasFocus()
	tab.tabTo("button Nästa")
	tab.Keys(enter)
	tab.Button("Gör ändringar").Shown()
	logistics := tab.One("group", "Välj logistikserviceavtal").Containing()
	for !logistics.holdsFocus() {
		tab.tabTo("DisclosureTriangle")
	}
	tab.Keys(enter)
	tab.tabTo("checkbox 654399 Example Oy")
	tab.Keys(" ")
	tab.tabTo("button Gör ändringar")
	tab.Keys(enter)
	tab.Shows("Ändringarna är sparade.")
}

func (e *Element) holdsFocus() bool {
	e.tab.tb.Helper()
	return ask[bool](e, `function () { return this.contains(document.activeElement) }`)
}

// What somebody asked of their system holds: less movement, their own colours.
func TestSystemSettings(t *testing.T) {
	t.Parallel()
	tab := atKeys(t, sharedPortal(t), mainUser, Visitor{})
	const longestMovement = `Math.max(...[...document.querySelectorAll("*")].flatMap((e) => ["", "::before", "::after", "::backdrop"].flatMap((part) => {
		const {transitionDuration, animationDuration} = getComputedStyle(e, part || null);
		return [transitionDuration, animationDuration].flatMap((list) => list.split(", ").map(parseFloat));
	})))`
	tab.Button("Skapa ny API-nyckel").Press()
	tab.Field("Beskrivning").HasFocus()
	if seconds := Ask[float64](tab, longestMovement); seconds > 0.01 {
		t.Errorf("something moves for %g s although less movement was asked for", seconds)
	}
	tab.Show(Look{Moving: true})
	if seconds := Ask[float64](tab, longestMovement); seconds < 0.1 {
		t.Error("nothing ever moves: this test sees nothing")
	}
	tab.Show(Look{ForcedColors: true})
	for _, what := range []string{".button", ".input", ".dialog"} {
		if !Ask[bool](tab, `[...document.querySelectorAll("`+what+`")].every((e) => parseFloat(getComputedStyle(e).borderTopWidth) > 0)`) {
			t.Errorf("with forced colours, %s has no border", what)
		}
	}
	if look := Ask[string](tab, `getComputedStyle(document.querySelector(".tick")).appearance`); look != "auto" {
		t.Errorf("with forced colours, one may not see whether a box is ticked: its appearance is %s", look)
	}
}

// What a visit costs. Sources: the limits of the design.
func TestWeight(t *testing.T) {
	t.Parallel()
	tab := chrome.Visit(t, sharedPortal(t), Visitor{})
	call(tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `window.shifted = 0;
		new PerformanceObserver((list) => list.getEntries().forEach((shift) => shifted += shift.value)).observe({type: "layout-shift", buffered: true})`})
	weigh := func(where string, limit float64, requests int) {
		t.Helper()
		tab.settle()
		sizes := Ask[[]float64](tab, `["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind)).map((entry) => entry.transferSize).filter((size) => size > 0)`)
		var sum float64
		for _, size := range sizes {
			sum += size
		}
		if sum > limit || len(sizes) > requests {
			t.Errorf("%s takes %g bytes in %d requests; the limit is %g in %d", where, sum, len(sizes), limit, requests)
		}
		if shifted := Ask[float64](tab, `shifted`); shifted > 0 {
			t.Errorf("%s: the layout shifts by %g", where, shifted)
		}
	}
	const first, after = 45_000, 8_000
	tab.Open("/")
	weigh("the public page", first, 10)
	tab.Open("/login")
	weigh("the login", after, 1)
	tab.LogIn(secondMain)
	weigh("Hem", after, 1)
	for _, path := range []string{"/integrations", "/integrations/omaposti-pro", "/users"} {
		tab.Open(tab.organization() + path)
		weigh(path, after, 1)
	}
	if bytes := Ask[int](tab, `fetch(document.querySelector("script[src]").src, {cache: "no-store"}).then(() => performance.getEntriesByType("resource").at(-1).encodedBodySize)`); bytes > 10_000 || bytes == 0 {
		t.Errorf("the scripts are %d bytes", bytes)
	}
}

// Beside a portal that serves, commands work on its database, or say what is to be done.
func TestCommandsBesideAPortalThatServes(t *testing.T) {
	t.Parallel()
	portal := sharedPortal(t)
	for _, command := range []struct {
		arguments []string
		code      int
		says      string
	}{
		{[]string{"migrate"}, 0, "The schema is current."},
		{[]string{"seed"}, 0, "The demo data is in."},
		{[]string{"organization", "list"}, 0, "Testbolaget Ab"},
		{[]string{"keyset", "rotate"}, 1, "stop it, rotate, and start it again"},
	} {
		if code, said := portal.Command(t, command.arguments...); code != command.code || !strings.Contains(said, command.says) {
			t.Errorf("%q ends with %d: %s", command.arguments, code, said)
		}
	}
}
