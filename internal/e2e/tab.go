package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"omapostipro/internal/demo"
	"omapostipro/internal/i18n"
)

// patience is how long something may take to appear on a page; most take some milliseconds.
const patience = 15 * time.Second

// askAgain is how long the browser may take for one answer about the page.
const askAgain = 5 * time.Second

// Look is how a visitor's screen shows pages. The zero value is a wide, light screen without movement.
type Look struct {
	Width, Height int // CSS pixels; 1280 × 820 if zero
	Dark          bool
	Moving        bool // the visitor has not asked for less movement
	ForcedColors  bool
	Print         bool // on paper
}

// Visitor says who comes to the portal, and with what.
type Visitor struct {
	Look
	Language  i18n.Lang // chosen earlier in this browser; empty for nobody's choice
	NoScripts bool
}

// Tab is a tab of a visitor's browser. What does not hold within a while fails the test.
type Tab struct {
	Portal *Portal

	tb        TB
	browser   *Browser
	ctx       context.Context
	context   cdp.BrowserContextID
	words     *i18n.Printer
	noScripts bool

	mu         sync.Mutex
	complaints []string
}

// Visit opens a tab for a new visitor, who has no cookies yet.
func (b *Browser) Visit(tb TB, portal *Portal, visitor Visitor) *Tab {
	tb.Helper()
	return b.tab(b.ctx, tb, portal, visitor, chromedp.WithNewBrowserContext())
}

// Another opens one more tab for the same visitor.
func (t *Tab) Another(visitor Visitor) *Tab {
	t.tb.Helper()
	return t.browser.tab(t.ctx, t.tb, t.Portal, visitor)
}

func (b *Browser) tab(parent context.Context, tb TB, portal *Portal, visitor Visitor, options ...chromedp.ContextOption) *Tab {
	tb.Helper()
	ctx, closeTab := chromedp.NewContext(parent, options...)
	tb.Cleanup(closeTab)
	t := &Tab{Portal: portal, tb: tb, browser: b, ctx: ctx, noScripts: visitor.NoScripts,
		words: printerIn(visitor.Language)}
	t.must(chromedp.Do(ctx))
	t.context = chromedp.FromContext(ctx).BrowserContextID
	// What chromedp wants to know and nobody here asks for takes more time than all the rest.
	call(t, network.Disable, cdp.Empty{})
	call(t, css.Disable, cdp.Empty{})
	call(t, dom.Disable, cdp.Empty{})
	t.listen()
	t.Show(visitor.Look)
	call(t, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	if visitor.NoScripts {
		call(t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	}
	if visitor.Language != "" {
		t.SetLanguage(visitor.Language)
	}
	return t
}

// SetLanguage lets the browser remember a language, as if it had been chosen before.
func (t *Tab) SetLanguage(language i18n.Lang) {
	t.tb.Helper()
	call(t, network.SetCookie, network.SetCookieParams{Name: "language", Value: string(language), URL: t.Portal.URL})
}

// Offline takes the network away from the tab, or gives it back.
func (t *Tab) Offline(offline bool) {
	t.tb.Helper()
	call(t, network.Enable, network.EnableParams{})
	call(t, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: offline, DownloadThroughput: -1, UploadThroughput: -1}}})
	call(t, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: offline, DownloadThroughput: -1, UploadThroughput: -1})
}

func printerIn(language i18n.Lang) *i18n.Printer {
	return i18n.From(i18n.With(context.Background(), language))
}

// listen collects what pages complain of in the console: errors of scripts, and whatever the content security policy
// refuses. That a page answers with the status of an error, or cannot be reached offline, is the test's affair, not a complaint.
func (t *Tab) listen() {
	messages := chromedp.Console(t.ctx)
	go func() {
		for message, err := range messages {
			if err != nil {
				return
			}
			switch {
			case message.Type == chromedp.ConsoleLog || message.Type == chromedp.ConsoleDebug || message.Type == chromedp.ConsoleInfo:
				continue
			case message.Source == "network" && (strings.HasPrefix(message.Text, "Failed to load resource: the server responded") ||
				strings.Contains(message.Text, "ERR_INTERNET_DISCONNECTED")):
				continue
			case strings.Contains(message.String(), "InvalidStateError: Transition was aborted"):
				continue // the browser's own, on a machine too busy to fade from page to page in time; no script asks for it
			}
			t.mu.Lock()
			t.complaints = append(t.complaints, fmt.Sprintf("%s (%s)", message, message.URL))
			t.mu.Unlock()
		}
	}()
	t.tb.Cleanup(func() {
		for _, complaint := range t.Complaints() {
			t.tb.Errorf("the console says %s", complaint)
		}
	})
}

// Complaints gives what the pages have complained of in the console so far.
func (t *Tab) Complaints() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.complaints)
}

// call sends the browser a command that must succeed.
func call[P, R any](t *Tab, command cdp.Command[P, R], params P) R {
	t.tb.Helper()
	result, err := chromedp.Call(t.ctx, command, params)
	t.must(err)
	return result
}

func (t *Tab) must(err error) {
	t.tb.Helper()
	if err != nil {
		t.tb.Fatalf("%v", err)
	}
}

// T gives the words of a catalogue key in the visitor's language.
func (t *Tab) T(key string, args ...any) string { return t.words.T(key, args...) }

// N gives the text of a key for a number of things.
func (t *Tab) N(key string, count int, args ...any) string { return t.words.N(key, count, args...) }

// until asks again and again until there is no objection any more. It fails with the last objection, and with what the
// page shows, when it has lost patience.
func (t *Tab) until(ask func(context.Context) error) {
	t.tb.Helper()
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	var objection error
	for {
		// A question that is asked while the page goes can be lost.
		once, done := context.WithTimeout(ctx, askAgain)
		err := ask(once)
		done()
		if err == nil {
			return
		}
		if objection == nil || !errors.Is(err, context.DeadlineExceeded) {
			objection = err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.tb.Fatalf("%v\n%s", objection, t.describe())
		}
	}
}

// describe says what the tab shows, for the one who reads a failure.
func (t *Tab) describe() string {
	ctx, cancel := context.WithTimeout(t.ctx, 5*time.Second)
	defer cancel()
	text, err := evaluate[string](ctx, `location.href + "\n" + document.title + "\n" + document.body.innerText`)
	if err != nil {
		return err.Error()
	}
	return text
}

// evaluate runs an expression in the page, and waits for a promise.
func evaluate[T any](ctx context.Context, expression string) (T, error) {
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Ask evaluates an expression in the page.
func Ask[T any](t *Tab, expression string) T {
	t.tb.Helper()
	value, err := evaluate[T](t.ctx, expression)
	t.must(err)
	return value
}

// Until waits until an expression is true in the page.
func (t *Tab) Until(expression string) {
	t.tb.Helper()
	t.until(func(ctx context.Context) error {
		holds, err := evaluate[bool](ctx, expression)
		if err == nil && !holds {
			err = fmt.Errorf("not true in the page: %s", expression)
		}
		return err
	})
}

// Open goes to an address of the portal by its path, and gives the status of the answer.
func (t *Tab) Open(path string) int {
	t.tb.Helper()
	return t.load(func() {
		went := call(t, page.Navigate, page.NavigateParams{URL: t.Portal.URL + path})
		if went.ErrorText != "" {
			t.tb.Fatalf("%s: %s", path, went.ErrorText)
		}
	})
}

// Reload asks for the page again, as the button in the browser does.
func (t *Tab) Reload() int {
	t.tb.Helper()
	return t.load(func() { call(t, page.Reload, page.ReloadParams{}) })
}

// load does what loads a page, and gives the status of the page's answer.
func (t *Tab) load(do func()) int {
	t.tb.Helper()
	Ask[any](t, `window.old = true`)
	do()
	t.Until(`!window.old && document.readyState === "complete"`)
	return Ask[int](t, `performance.getEntriesByType("navigation")[0].responseStatus`)
}

// Back goes back in the tab's history.
func (t *Tab) Back() {
	t.tb.Helper()
	history := call(t, page.GetNavigationHistory, cdp.Empty{})
	call(t, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: history.Entries[history.CurrentIndex-1].ID})
}

// At waits until the address is of a path: a query and a fragment may follow it.
func (t *Tab) At(path string) {
	t.tb.Helper()
	t.until(func(ctx context.Context) error {
		at, err := evaluate[[]string](ctx, `[location.pathname, document.readyState]`)
		if err == nil && (at[0] != path || at[1] != "complete") {
			err = fmt.Errorf("the address is %s (%s), not %s", at[0], at[1], path)
		}
		return err
	})
}

// Path gives the address's path, query and fragment.
func (t *Tab) Path() string {
	t.tb.Helper()
	return Ask[string](t, `location.pathname + location.search + location.hash`)
}

// Show changes how the visitor's screen shows pages.
func (t *Tab) Show(look Look) {
	t.tb.Helper()
	if look.Width == 0 {
		look.Width, look.Height = 1280, 820
	}
	call(t, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: int64(look.Width), Height: int64(look.Height), DeviceScaleFactor: 1})
	feature := func(name string, on bool, value, otherwise string) *emulation.MediaFeature {
		if !on {
			value = otherwise
		}
		return &emulation.MediaFeature{Name: name, Value: value}
	}
	media := ""
	if look.Print {
		media = "print"
	}
	call(t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media, Features: []*emulation.MediaFeature{
		feature("prefers-color-scheme", look.Dark, "dark", "light"),
		feature("prefers-reduced-motion", look.Moving, "no-preference", "reduce"),
		feature("forced-colors", look.ForcedColors, "active", "none"),
	}})
}

// Keys to press.
const (
	enter     = kb.Enter
	escape    = kb.Escape
	tabulator = kb.Tab
)

// Keys presses keys one after the other.
func (t *Tab) Keys(keys string) {
	t.tb.Helper()
	t.must(chromedp.Do(t.ctx, chromedp.KeyEvent(keys)))
}

// ShiftTab goes back with the keyboard.
func (t *Tab) ShiftTab() {
	t.tb.Helper()
	t.must(chromedp.Do(t.ctx, chromedp.KeyEvent("\t", chromedp.KeyModifiers(chromedp.ModifierShift))))
}

// mouse presses the left button at a point.
func (t *Tab) mouse(x, y float64) {
	t.tb.Helper()
	for _, event := range []input.DispatchMouseEventParams{
		{Type: input.DispatchMouseEventTypeMouseMoved, X: x, Y: y},
		{Type: input.DispatchMouseEventTypeMousePressed, X: x, Y: y, Button: input.MouseButtonLeft, ClickCount: 1},
		{Type: input.DispatchMouseEventTypeMouseReleased, X: x, Y: y, Button: input.MouseButtonLeft, ClickCount: 1},
	} {
		call(t, input.DispatchMouseEvent, event)
	}
}

// Shows waits until a text can be seen on the page.
func (t *Tab) Shows(text string) {
	t.tb.Helper()
	t.until(func(ctx context.Context) error {
		shown, err := evaluate[string](ctx, `document.body.innerText`)
		if err == nil && !strings.Contains(plain(shown), plain(text)) {
			err = fmt.Errorf("the page does not show %q", text)
		}
		return err
	})
}

// plain makes texts comparable: one space where there is any.
func plain(text string) string { return strings.Join(strings.Fields(text), " ") }

// Text gives what can be seen on the page.
func (t *Tab) Text() string {
	t.tb.Helper()
	return plain(Ask[string](t, `document.body.innerText`))
}

// LogIn logs in with the demo's password, and waits for Hem.
func (t *Tab) LogIn(email string) {
	t.tb.Helper()
	t.Open("/login")
	t.FillLogin(email)
	t.Link(t.T("layout.home")).Shown()
}

// FillLogin fills in the login that the tab shows, and sends it.
func (t *Tab) FillLogin(email string) {
	t.tb.Helper()
	t.Field(t.T("login.email")).Fill(email)
	t.Field(t.T("login.password")).Fill(demo.Password)
	t.Button(t.T("login.log_in")).Press()
}

// ForgetCookies takes away the visitor's cookies, the session with them.
func (t *Tab) ForgetCookies() {
	t.tb.Helper()
	call(t, network.ClearBrowserCookies, cdp.Empty{})
}

// AllowClipboard lets the portal write to the clipboard, and the test read it.
func (t *Tab) AllowClipboard() {
	t.tb.Helper()
	for _, permission := range []string{"clipboard-read", "clipboard-write"} {
		t.must(t.browser.permit(t.ctx, t.context, t.Portal.URL, permission, browser.PermissionSettingGranted))
	}
}

// DenyClipboard does not let the portal write to the clipboard.
func (t *Tab) DenyClipboard() {
	t.tb.Helper()
	t.must(t.browser.permit(t.ctx, t.context, t.Portal.URL, "clipboard-write", browser.PermissionSettingDenied))
}

// Copied does something that copies, and gives what is on the clipboard once the page says Kopierad. It never reads what
// was there before.
func (t *Tab) Copied(copying func()) string {
	t.tb.Helper()
	t.browser.clipboard.Lock()
	defer t.browser.clipboard.Unlock()
	t.AllowClipboard()
	t.Until(`!document.body.innerText.includes("` + t.T("ui.copied") + `")`) // of an earlier copy
	Ask[any](t, `navigator.clipboard.writeText("nothing was copied")`)
	copying()
	t.Shows(t.T("ui.copied"))
	return Ask[string](t, `navigator.clipboard.readText()`)
}

func decode(raw []byte) string {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return string(raw)
	}
	return text
}

// organization gives the path that the pages of the organisation shown begin with.
func (t *Tab) organization() string {
	t.tb.Helper()
	return organizationPath.FindString(t.Path())
}

var organizationPath = regexp.MustCompile(`^/o/[0-9a-f-]{36}`)

// Picture gives a picture, as a PNG file, of what the screen shows.
func (t *Tab) Picture() []byte {
	t.tb.Helper()
	t.settle()
	picture, err := chromedp.Run(t.ctx, chromedp.CaptureScreenshot())
	t.must(err)
	return picture
}

// WholePicture gives a picture of the page from its top to its end, or of the screen where a dialog lies over the page.
func (t *Tab) WholePicture() []byte {
	t.tb.Helper()
	if Ask[bool](t, `document.querySelector("dialog[open]") !== null`) {
		return t.Picture()
	}
	t.settle()
	Ask[any](t, `scrollTo(0, 0)`)
	picture, err := chromedp.Run(t.ctx, chromedp.FullScreenshot(100))
	t.must(err)
	return picture
}

// settle waits until nothing moves any more.
func (t *Tab) settle() {
	t.tb.Helper()
	t.Until(`Promise.all(document.getAnimations().map((animation) => animation.finished)).then(() => true, () => false)`)
}
