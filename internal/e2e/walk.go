package e2e

import (
	"fmt"
	"net/http"
	"strings"

	"omapostipro/internal/i18n"
)

// The people of the demo data. Source: the manual's table.
const (
	mainUser   = "main.user@example.com"
	secondMain = "second.main@example.com"
	plainUser  = "plain.user@example.com"
	otherMain  = "main.user@test.example"
	both       = "both@example.com"
)

const (
	exampleOy   = "Example Oy (FI12345678)"
	testbolaget = "Testbolaget Ab (FI23456780)"
)

// Scene is a page in one of its states.
type Scene struct {
	Name   string
	Narrow bool // there is such a state on narrow screens only
}

// Narrow is a telephone's screen.
var Narrow = Look{Width: 390, Height: 844}

// Walk goes through every page and every state of the portal in a language, and hands each to look. It begins with fresh
// demo data.
func Walk(tb TB, browser *Browser, portal *Portal, language i18n.Lang, look func(*Tab, Scene)) {
	tb.Helper()
	w := &walk{tb: tb, browser: browser, portal: portal, language: language, look: look}
	w.strangers()
	w.firstKey()
	w.moreKeys()
	w.goneKeys()
	w.users()
	w.pages()
	w.applications()
	w.pickups()
	w.invitations()
	w.people()
	w.editing()
	w.company()
	w.others()
	w.both()
	w.trouble()
}

// pages are those that are only opened, by the manual's main user: {o} stands for what the organisation's addresses begin
// with. A state that something has to be done for is seen where it is done, in one of the walk's parts.
var pages = []struct{ name, path string }{
	{"outbox", "/outbox"},
	{"docs", "/docs/api"},
	{"invitation-new", "{o}/invitations/new"},
	{"applications", "{o}/integrations/applications"},
	{"application-new", "{o}/integrations/applications/new"},
	{"events", "{o}/events"},
	{"events-nobody", "{o}/events?person=nobodyiscalledthat&from=2030-01-02&to=2030-01-01"},
	{"events-whom", "{o}/events?person=a"},
	{"events-everything", "{o}/events?kind=everything"},
	{"events-none", "{o}/events?kind=pickup"},
	{"switch", "{o}/switch"},
	{"account", "/account"},
	{"account-deletion", "/account/deletion"},
	{"departure", "{o}/departure"},
	{"password-link", "/password-link"},
	{"password-link-sent", "/password-link?sent=1"},
}

func (w *walk) pages() {
	w.tb.Helper()
	organization := w.main.organization()
	for _, page := range pages {
		w.opens(w.main, strings.Replace(page.path, "{o}", organization, 1), http.StatusOK)
		w.see(w.main, page.name)
	}
	w.opens(w.main, organization+"/events", http.StatusOK)
	w.main.Fold(w.main.T("events.details")).Nth(1).Press()
	w.main.Shows(w.main.T("events.request"))
	w.see(w.main, "event")
	w.opens(w.main, organization, http.StatusOK)
}

type walk struct {
	tb       TB
	browser  *Browser
	portal   *Portal
	language i18n.Lang
	look     func(*Tab, Scene)

	main *Tab // the manual's main user
	keys string
	key  string // the value of the first
}

func (w *walk) visitor() *Tab {
	w.tb.Helper()
	return w.browser.Visit(w.tb, w.portal, Visitor{Language: w.language})
}

func (w *walk) as(email string) *Tab {
	w.tb.Helper()
	tab := w.visitor()
	tab.LogIn(email)
	return tab
}

func (w *walk) see(tab *Tab, name string) {
	w.tb.Helper()
	w.look(tab, Scene{Name: name})
}

func (w *walk) seeNarrow(tab *Tab, name string) {
	w.tb.Helper()
	w.look(tab, Scene{Name: name, Narrow: true})
}

func (w *walk) opens(tab *Tab, path string, want int) {
	w.tb.Helper()
	if status := tab.Open(path); status != want {
		w.tb.Fatalf("%s answers %d, not %d", path, status, want)
	}
}

// strangers is what somebody sees who is not logged in.
func (w *walk) strangers() {
	w.tb.Helper()
	tab := w.visitor()
	w.opens(tab, "/", http.StatusOK)
	w.see(tab, "public")
	tab.Button(tab.T("layout.language")).Press()
	tab.Button("Suomi").Shown()
	w.see(tab, "public-language")
	w.opens(tab, "/login", http.StatusOK)
	w.see(tab, "login")
	tab.Fold(tab.T("login.demo")).Press()
	tab.Button(tab.T("login.fill_in") + " Sanna Andersson").Shown()
	w.see(tab, "login-demo")
	tab.Field(tab.T("login.email")).Fill("nobody@example.com")
	tab.Field(tab.T("login.password")).Fill("wrong")
	tab.Button(tab.T("login.log_in")).Press()
	tab.One("alert", "").Says(tab.T("login.failed"))
	w.see(tab, "login-failed")
	w.opens(tab, "/nowhere", http.StatusNotFound)
	w.see(tab, "not-found")
}

// firstKey is the manual's way, from the first look at Hem to the first order.
func (w *walk) firstKey() {
	w.tb.Helper()
	w.main = w.as(mainUser)
	tab := w.main
	home := tab.organization()
	w.see(tab, "home-start")
	tab.Button("FirstName LastName").Press()
	tab.Button(tab.T("layout.log_out")).Shown()
	w.see(tab, "home-person")
	w.opens(tab, home, http.StatusOK)
	tab.Show(Narrow)
	tab.Button(tab.T("layout.menu")).Press()
	tab.Link(tab.T("layout.integrations")).Shown()
	w.seeNarrow(tab, "home-menu")
	w.opens(tab, home+"/integrations", http.StatusOK)
	w.see(tab, "integrations")
	w.keys = home + "/integrations/omaposti-pro"
	w.opens(tab, w.keys, http.StatusOK)
	w.see(tab, "keys-empty")
	w.newKey(tab)
	w.see(tab, "key-new")
	tab.Field(tab.T("keys.description")).Fill("   ")
	for _, number := range []string{"654321 Example Oy", "876543 Example Oy"} {
		tab.One("checkbox", number).Tick(false)
	}
	tab.Button(tab.T("keys.create")).Press()
	tab.One("alert", "").Shown()
	w.see(tab, "key-new-invalid")
	tab.Field(tab.T("keys.description")).Fill("Ny API integration")
	tab.One("checkbox", "654321 Example Oy").Tick(true)
	tab.Button(tab.T("keys.create")).Press()
	created := tab.Dialog(tab.T("keys.created"))
	created.Shown()
	w.see(tab, "key-created")
	tab.Fold(tab.T("keys.try_curl")).Press()
	tab.Button(tab.T("keys.copy_curl")).Shown()
	w.see(tab, "key-created-curl")
	w.key = tab.Copied(created.Button(tab.T("keys.copy_key")).Press)
	created.Link(tab.T("ui.close")).Press()
	tab.Row("Ny API integration").Shown()
	w.see(tab, "keys-one")
	w.opens(tab, home, http.StatusOK)
	w.see(tab, "home-key")
	if status, body := w.portal.Call(w.tb, http.MethodPost, "/shippingapi/api/v1/shipping/order", w.key, fmt.Sprintf(order, "654321")); status != http.StatusOK {
		w.tb.Fatalf("the first order: %d %s", status, body)
	}
	w.opens(tab, home, http.StatusOK)
	w.see(tab, "home-done")
}

func (w *walk) newKey(tab *Tab) {
	w.tb.Helper()
	tab.Button(tab.T("keys.create_new")).Press()
	tab.Dialog(tab.T("keys.create_new")).Shown()
}

// create makes a key and leaves its dialog open.
func (w *walk) create(tab *Tab, description string) {
	w.tb.Helper()
	w.opens(tab, w.keys, http.StatusOK)
	w.newKey(tab)
	tab.Field(tab.T("keys.description")).Fill(description)
	tab.Button(tab.T("keys.create")).Press()
	tab.Dialog(tab.T("keys.created")).Shown()
}

const longest = "Kassasystemet i Helsingfors, Åbo och Uleåborg med reservförbindelse_utan_mellanslag_i_namnet_alls_44"

// moreKeys is what a list of several keys looks like, and how one is copied where it cannot be.
func (w *walk) moreKeys() {
	w.tb.Helper()
	tab := w.main
	w.create(tab, "Webbutik, reservnyckel")
	w.create(tab, "Lagersystem 2025")
	w.create(tab, longest)
	w.create(tab, "Ny API integration")
	tab.Shows(tab.T("keys.repeated"))
	w.see(tab, "key-created-repeated")
	w.opens(tab, w.keys, http.StatusOK)
	tab.Row("Webbutik").Button(tab.T("keys.disable")).Press()
	tab.Row("Webbutik").Says(tab.T("keys.state_disabled"))
	w.see(tab, "keys-disabled")
	tab.Row("Lagersystem").Link(tab.T("keys.revoke")).Press()
	tab.Dialog(tab.T("keys.revoke_question")).Shown()
	w.see(tab, "key-revocation")
	tab.Button(tab.T("keys.revoke_key")).Press()
	tab.Fold(tab.T("keys.revoked_count", "count", 1)).Shown()
	w.see(tab, "keys-many")
	tab.DenyClipboard()
	tab.Row(longest).Button("••").Containing().Press()
	tab.Dialog(tab.T("ui.copy_by_hand")).Shown()
	w.see(tab, "keys-copy-by-hand")
	w.opens(tab, w.keys, http.StatusOK)
	Ask[any](tab, `document.querySelector("form[data-copy]").submit()`) // as without scripts
	tab.Field(tab.T("keys.value_label")).Shown()
	w.see(tab, "key-value")
}

// goneKeys is what becomes of keys.
func (w *walk) goneKeys() {
	w.tb.Helper()
	tab := w.main
	open := func(description string) {
		w.tb.Helper()
		w.opens(tab, w.keys, http.StatusOK)
		tab.Link(description).Press()
		tab.Heading(description).Shown()
	}
	w.opens(tab, w.keys, http.StatusOK)
	tab.Fold(tab.T("keys.revoked_count", "count", 1)).Press()
	tab.Link("Lagersystem 2025").Shown()
	w.see(tab, "keys-revoked")
	tab.Link("Lagersystem 2025").Press()
	tab.Heading("Lagersystem 2025").Shown()
	w.see(tab, "key-revoked")
	open(longest)
	w.see(tab, "key")
	open("Webbutik, reservnyckel")
	w.see(tab, "key-disabled")
	// A colleague makes a key and leaves; one of the organisation's numbers ends.
	colleague := `(select id from portal.users where email_key = 'aino.korhonen@example.com')`
	w.portal.Exec(w.tb, "update portal.api_keys set maker_id = "+colleague+" where description = 'Webbutik, reservnyckel'")
	w.portal.Exec(w.tb, "update portal.memberships set ended_at = now() where user_id = "+colleague)
	w.portal.Exec(w.tb, `update portal.contract_numbers set valid_to = current_date - 1 where number = '876543'`)
	w.opens(tab, w.keys, http.StatusOK)
	w.see(tab, "keys-maker-left")
	open("Webbutik, reservnyckel")
	w.see(tab, "key-maker-left")
	w.portal.Exec(w.tb, `update portal.contract_numbers set valid_to = null where number = '876543'`)
}

// users is Användarhantering.
func (w *walk) users() {
	w.tb.Helper()
	tab := w.main
	home := tab.organization()
	w.opens(tab, home+"/users", http.StatusOK)
	w.see(tab, "users")
	tab.One("region", tab.T("users.users")).Containing().Link(tab.T("ui.more")).Press()
	tab.Until(`document.querySelectorAll("#user-rows > li").length === 20`)
	w.see(tab, "users-more")
	w.opens(tab, home+"/users?q=mak", http.StatusOK)
	w.see(tab, "users-search")
	w.opens(tab, home+"/users?q="+strings.Repeat("finnsinte", 20), http.StatusOK)
	w.see(tab, "users-no-match")
	w.opens(tab, home+"/users?type=user&permission=track_shipments&lacking=yes", http.StatusOK)
	for row := range 2 {
		tab.One("region", tab.T("users.users")).Containing().One("checkbox", "").Nth(row + 1).Tick(true)
	}
	w.see(tab, "users-chosen")
	tab.Button(tab.T("selection.preview")).Shown()
	tab.Open(Ask[string](tab, `location.pathname + "/selection?change=end&" + [...document.querySelectorAll("#user-rows .tick")].map((box) => "u=" + box.value).join("&")`))
	w.see(tab, "selection")
	w.openUser(tab, "Karl-Gustaf")
	w.see(tab, "user")
	w.openUser(tab, "Birgitta")
	tab.Fold(exampleOy).Press()
	tab.Link(tab.T("ui.lacking")).Nth(1).Shown()
	w.see(tab, "user-lacking")
	w.openUser(tab, "main.user")
	tab.Fold(exampleOy).Press()
	tab.Shows("654321")
	w.see(tab, "user-open")
}

// openUser opens the Användarinformation of the one who is found.
func (w *walk) openUser(tab *Tab, query string) {
	w.tb.Helper()
	w.opens(tab, tab.organization()+"/users?q="+query, http.StatusOK)
	tab.One("region", tab.T("users.users")).Containing().One("list", "").Link("").Press()
	tab.Heading(tab.T("users.information")).Shown()
}

// edit opens page 1 of Ändra of the one who is found.
func (w *walk) edit(tab *Tab, query string) {
	w.tb.Helper()
	w.openUser(tab, query)
	tab.Link(tab.T("users.edit")).Press()
	tab.Button(tab.T("edit.next")).Shown()
}

// editing is the two pages of Ändra, with all that can go wrong.
func (w *walk) editing() {
	w.tb.Helper()
	tab := w.main
	w.edit(tab, "Birgitta")
	w.see(tab, "edit-lacking")
	tab.Button(tab.T("edit.next")).Press()
	tab.Button(tab.T("edit.change")).Press()
	tab.One("alert", "").Shown()
	w.see(tab, "numbers-invalid")
	w.edit(tab, "main.user")
	w.see(tab, "edit")
	other := tab.Another(Visitor{Language: w.language})
	other.Open(tab.Path())
	other.One("checkbox", other.T("permission.view_reports")).Tick(false)
	other.Button(other.T("edit.next")).Press()
	numbers := other.One("group", other.T("edit.choose_logistics_contract"))
	numbers.Shown()
	w.see(other, "numbers")
	numbers.One(disclosure, "").Press()
	numbers.One("checkbox", "654399 Example Oy").Shown()
	w.see(other, "numbers-open")
	tab.One("radio", tab.T("users.main_user")).Tick(true)
	tab.One("checkbox", tab.T("permission.track_shipments")).Tick(false)
	tab.Button(tab.T("edit.next")).Press()
	tab.Shows(tab.T("edit.stale"))
	w.see(tab, "edit-stale")
	tab.One("radio", tab.T("users.regular_user")).Tick(true)
	tab.Button(tab.T("edit.next")).Press()
	tab.Button(tab.T("edit.give_up_role")).Shown()
	w.see(tab, "edit-own-demotion")

	w.edit(tab, "second.main")
	tab.One("radio", tab.T("users.regular_user")).Tick(true)
	tab.Button(tab.T("edit.next")).Press()
	tab.Button(tab.T("edit.change")).Press() // nothing to choose
	tab.Heading(tab.T("users.information")).Shown()
	w.see(tab, "user-saved")
	w.edit(tab, "main.user")
	tab.One("radio", tab.T("users.regular_user")).Tick(true)
	tab.Button(tab.T("edit.next")).Press()
	tab.One("alert", "").Shown()
	w.see(tab, "edit-last-main-user")
	w.edit(tab, "second.main")
	tab.One("radio", tab.T("users.main_user")).Tick(true)
	tab.Button(tab.T("edit.next")).Press()
	tab.Button(tab.T("edit.change")).Shown()
}

// company is Företagskonto and Organisationer.
func (w *walk) company() {
	w.tb.Helper()
	tab, home := w.main, w.main.organization()
	w.opens(tab, home+"/company-account", http.StatusOK)
	w.see(tab, "company-account")
	tab.Link(tab.T("company.edit")).Press()
	tab.Fold(tab.T("company.add_contact")).Press()
	tab.One("group", tab.T("company.contact_number", "number", 3)).One("textbox", "").Nth(1).HasFocus()
	tab.Fold(tab.T("company.add_contact")).Times(1)
	w.see(tab, "company-contact")
	tab.Field(tab.T("company.field.einvoice_operator")).Fill("?")
	tab.Button(tab.T("company.save")).Press()
	tab.One("alert", "").Says(tab.T("company.einvoice_operator_form"))
	w.see(tab, "company-account-refused")
	w.opens(tab, home+"/organizations", http.StatusOK)
	w.see(tab, "organizations")
	w.opens(tab, home+"/organization", http.StatusOK)
	w.see(tab, "organization")
}

// others is what people see who may do less.
func (w *walk) others() {
	w.tb.Helper()
	second := w.as(secondMain)
	w.see(second, "home-no-number")
	w.opens(second, w.keys, http.StatusOK)
	w.see(second, "keys-needs-number")
	w.edit(second, "second.main")
	second.One("checkbox", second.T("permission.manage_integrations")).Tick(false)
	second.Button(second.T("edit.next")).Press()
	second.Button(second.T("edit.change")).Shown()
	w.opens(second, second.organization(), http.StatusOK)
	w.see(second, "home-no-right")
	w.opens(second, w.keys, http.StatusForbidden)
	w.see(second, "forbidden-main-user")

	plain := w.as(plainUser)
	w.see(plain, "home-user")
	w.opens(plain, w.keys, http.StatusForbidden)
	w.see(plain, "forbidden-integrations")
	w.opens(plain, plain.organization()+"/users", http.StatusForbidden)
	w.see(plain, "forbidden-users")
	w.opens(plain, plain.organization()+"/company-account", http.StatusOK)
	w.see(plain, "company-account-of-others")
	w.opens(plain, plain.organization()+"/nowhere", http.StatusNotFound)
	w.see(plain, "not-found-member")
	w.edit(second, "plain.user")
	second.One("checkbox", second.T("permission.manage_integrations")).Tick(true)
	second.Button(second.T("edit.next")).Press()
	second.Button(second.T("edit.change")).Shown()
	w.opens(plain, w.keys, http.StatusOK)
	w.see(plain, "keys-as-user")
	plain.Link(longest).Press()
	plain.Heading(longest).Shown()
	w.see(plain, "key-as-user")
}

// both is somebody in two organisations; the second one has no customer number, no invitations and no keys.
func (w *walk) both() {
	w.tb.Helper()
	tab := w.as(both)
	w.see(tab, "home-both")
	tab.Button(tab.T("layout.switch")).Containing().Press()
	other := tab.Link("Testbolaget Ab FI23456780")
	other.Shown()
	w.see(tab, "home-switch")
	other.Press()
	tab.Button("Testbolaget Ab").Containing().Shown()
	w.opens(tab, tab.organization(), http.StatusOK)
	tab.Show(Narrow)
	tab.Button(tab.T("layout.menu")).Press()
	other.Shown()
	w.seeNarrow(tab, "home-menu-switch")
	w.opens(tab, tab.organization()+"/users", http.StatusOK)
	w.see(tab, "users-few")
	w.edit(tab, "both")
	tab.Button(tab.T("edit.next")).Press()
	tab.One("group", tab.T("edit.choose_customer_number")).Shown()
	w.see(tab, "numbers-none-of-a-kind")
}

// trouble is what happens to everybody at times.
func (w *walk) trouble() {
	w.tb.Helper()
	tab := w.as(mainUser)
	home := tab.organization()
	tab.Offline(true)
	tab.Shows(tab.T("layout.offline"))
	w.see(tab, "offline")
	tab.Offline(false)
	w.opens(tab, w.keys+"/keys/new", http.StatusOK)
	tab.ForgetCookies()
	tab.SetLanguage(w.language)
	tab.Field(tab.T("keys.description")).Fill("Kassan")
	tab.Button(tab.T("keys.create")).Press()
	tab.Shows(tab.T("login.expired_kept"))
	w.see(tab, "login-expired")
	tab.FillLogin(mainUser)
	tab.Shows(tab.T("layout.draft_restored"))
	w.see(tab, "key-new-restored")
	w.opens(tab, home+"/invitations/new", http.StatusOK)
	tab.Field(tab.T("invitations.addresses")).Fill("kvar@example.org")
	tab.ForgetCookies()
	tab.SetLanguage(w.language)
	tab.Button(tab.T("edit.next")).Press()
	tab.Shows(tab.T("login.expired_kept"))
	tab.FillLogin(mainUser)
	tab.Heading(tab.T("login.go_on_title")).Shown()
	w.see(tab, "login-go-on")
	tab.Button(tab.T("login.go_on")).Press()
	tab.One("checkbox", tab.T("permission.track_shipments")).Shown()
	w.opens(tab, home, http.StatusOK)
	tab.Button("FirstName LastName").Press()
	tab.Button(tab.T("layout.log_out")).Press()
	tab.Shows(tab.T("public.logged_out"))
	w.see(tab, "public-logged-out")
	w.opens(tab, "/login", http.StatusOK)
	for range 6 {
		tab.Field(tab.T("login.email")).Fill("throttled@example.com")
		tab.Field(tab.T("login.password")).Fill("wrong")
		tab.Button(tab.T("login.log_in")).Press()
		tab.Field(tab.T("login.password")).HasValue("")
	}
	w.see(tab, "login-throttled")
	tab.LogIn(otherMain)
	w.portal.Exec(w.tb, "alter role portal_app nologin")
	w.portal.Exec(w.tb, "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'portal_app'")
	w.opens(tab, "/login", http.StatusServiceUnavailable)
	w.see(tab, "unavailable")
	w.portal.Exec(w.tb, "alter role portal_app login")
}

// order is one as integrations of the carrier send it.
const order = `{"pdfConfig": {"target1Media": "thermo-225", "target1XOffset": 0, "target1YOffset": 0},
 "shipment": {
  "sender":   {"name":"Example Oy","address1":"Testgatan 1","zipcode":"00100","city":"Helsingfors","country":"FI","phone":"+358401234567","email":"lager@example.com"},
  "receiver": {"name":"Test Testsson","address1":"Provvägen 2","zipcode":"20100","city":"Åbo","country":"FI","phone":"","mobile":"+358407654321","email":""},
  "senderPartners": [{"id":"POSTI","custNo":"%s"}],
  "service": {"id":"PO2103","normalShipment":true,"returnShipment":false,"addons":[{"id":"FRAG"}]},
  "orderNo":"1001", "senderReference":"Order 1001",
  "parcels": [{"copies":1,"weight":2.5,"volume":0,"length":0,"width":0,"height":0,"packageCode":"PKT","contents":"","valuePerParcel":true}]}}`

// Story makes what the README shows: the API's page with some keys of which one is used, one is at rest and one is new.
func Story(tb TB, browser *Browser, portal *Portal) *Tab {
	tb.Helper()
	tab := browser.Visit(tb, portal, Visitor{Look: Look{Width: 1280, Height: 1100}})
	tab.LogIn(mainUser)
	w := &walk{tb: tb, portal: portal, keys: tab.organization() + "/integrations/omaposti-pro"}
	for _, description := range []string{"Lagersystem 2025", "Webbutik, reservnyckel", "Ny API integration"} {
		w.create(tab, description)
	}
	portal.Exec(tb, "update portal.api_keys set status = 'disabled', status_changed_at = now(), last_used_at = now() - interval '51 days' where description = $1", "Lagersystem 2025")
	portal.Exec(tb, "update portal.api_keys set last_used_at = now() - interval '3 minutes' where description = $1", "Ny API integration")
	w.opens(tab, w.keys, http.StatusOK)
	return tab
}
