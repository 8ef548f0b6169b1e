package e2e

import (
	_ "embed"
	"testing"

	"omapostipro/internal/i18n"
)

//go:embed testdata/axe.min.js
var axe string

// Every page in every state, as everybody may meet it: axe finds nothing, in all languages nothing is cut off or wider than
// the screen, and the console is silent (which every tab asks for).
func TestPages(t *testing.T) {
	t.Parallel()
	Walk(t, chrome, portals.Start(t), i18n.Default, func(tab *Tab, scene Scene) { checkFully(t, tab, scene) })
}

func TestPagesInOtherLanguages(t *testing.T) {
	t.Parallel()
	for _, language := range i18n.Languages() {
		if language.Lang == i18n.Default {
			continue
		}
		t.Run(string(language.Lang), func(t *testing.T) {
			t.Parallel()
			Walk(t, chrome, portals.Start(t), language.Lang, func(tab *Tab, scene Scene) { checkWords(t, tab, scene) })
		})
	}
}

func checkFully(t *testing.T, tab *Tab, scene Scene) {
	t.Helper()
	if !scene.Narrow {
		tab.Show(Look{})
		checkAxe(t, tab, scene.Name, allRules)
		checkWidth(t, tab, scene.Name)
		tab.Show(Look{Dark: true})
		checkAxe(t, tab, scene.Name+", dark", colorRules)
		tab.Show(Look{Width: 640, Height: 410}) // a window of 1280 × 820 at 200 %
		checkWidth(t, tab, scene.Name+", 200 %")
	}
	tab.Show(Narrow)
	checkAxe(t, tab, scene.Name+", narrow", allRules)
	checkWidth(t, tab, scene.Name+", narrow")
	tab.Show(Look{Width: 320, Height: 640})
	checkWidth(t, tab, scene.Name+", 320")
	tab.Show(Look{})
}

// checkWords looks at what other words can break: where they have to fit.
func checkWords(t *testing.T, tab *Tab, scene Scene) {
	t.Helper()
	if !scene.Narrow {
		checkWidth(t, tab, scene.Name)
	}
	tab.Show(Look{Width: 320, Height: 640})
	checkWidth(t, tab, scene.Name+", 320")
	tab.Show(Look{})
}

// What axe looks for: everything that it knows, its advice beyond WCAG included, or what colours decide.
const (
	allRules   = `{}`
	colorRules = `{runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block"]}}`
)

func checkAxe(t *testing.T, tab *Tab, where, rules string) {
	t.Helper()
	tab.settle()
	if !Ask[bool](tab, `"axe" in window`) {
		Ask[any](tab, axe)
	}
	found := Ask[[]string](tab, `axe.run(document, {resultTypes: ["violations"], ...`+rules+`}).then(({violations}) => violations.flatMap(
		({id, nodes}) => nodes.map((node) => id + ": " + node.target.join(" ") + ": " + node.failureSummary)))`)
	for _, violation := range found {
		t.Errorf("%s: axe: %s", where, violation)
	}
}

// checkWidth finds what is wider than the screen, and what is cut off.
func checkWidth(t *testing.T, tab *Tab, where string) {
	t.Helper()
	tab.settle()
	for _, found := range Ask[[]string](tab, tooWide) {
		t.Errorf("%s: %s", where, found)
	}
}

const tooWide = `(() => {
	const width = document.documentElement.clientWidth;
	const found = [];
	const page = document.scrollingElement.scrollWidth;
	if (page > width) found.push("the page is " + page + " px wide, the screen " + width);
	const name = (e) => e.tagName.toLowerCase() + (e.id && "#" + e.id) + [...e.classList].map((c) => "." + c).join("") + " " + JSON.stringify(e.textContent.trim().slice(0, 40));
	const look = (e) => {
		if (!e.checkVisibility({visibilityProperty: true, opacityProperty: true}) || e.matches("svg")) return;
		const box = e.getBoundingClientRect(), style = getComputedStyle(e);
		if (style.position === "absolute" && box.width <= 1) return; // for screen readers only
		if (box.right > width + 1 || box.left < -1) return found.push(name(e) + " goes from " + box.left + " to " + box.right + " on a screen of " + width);
		if (style.overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1 && !e.matches("input, pre")) return found.push(name(e) + " is cut off: " + e.scrollWidth + " px in " + e.clientWidth);
		if (!e.matches("pre")) for (const child of e.children) look(child);
	};
	look(document.body);
	return found;
})()`
