package templates_test

import (
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"omapostipro/internal/company"
	"omapostipro/internal/fault"
	companypages "omapostipro/templates/company"
	"omapostipro/templates/errorpage"
	"omapostipro/templates/home"
	"omapostipro/templates/integrations"
	"omapostipro/templates/keys"
	"omapostipro/templates/layout"
	"omapostipro/templates/login"
	"omapostipro/templates/organizations"
	"omapostipro/templates/public"
	"omapostipro/templates/ui"
	"omapostipro/templates/users"
)

var (
	now        = time.Date(2026, 11, 23, 14, 30, 0, 0, time.UTC)
	exampleOy  = layout.Organization{ID: "o1", Name: "Example Oy", BusinessID: "FI12345678"}
	testbolag  = layout.Organization{ID: "o2", Name: "Testbolaget Ab", BusinessID: "FI23456780"}
	logistics  = ui.ContractNumber{ID: "n1", Kind: ui.LogisticsContract, Number: "654321", Holder: "Example Oy"}
	ended      = ui.ContractNumber{ID: "n2", Kind: ui.LogisticsContract, Number: "654399", Holder: "Example Oy", Closed: true}
	freight    = ui.ContractNumber{ID: "n3", Kind: ui.FreightTransportCode, Number: "876543", Holder: "Example Oy"}
	contacts   = []ui.Contact{{Name: "Sanna Andersson", Email: "second.main@example.com"}}
	enabled    = keys.Key{ID: "k1", Tail: "811", Description: "Ny API integration", Contracts: []ui.ContractNumber{logistics, freight}, Created: now.Add(-time.Hour), CreatedBy: "FirstName LastName"}
	disabled   = keys.Key{ID: "k2", Tail: "f4Q", Description: strings.Repeat("Lång ", 20), State: keys.Disabled, Contracts: []ui.ContractNumber{ended}, Created: now, CreatedBy: "Maria Virtanen", MakerLeft: true, LastUsed: now.Add(-time.Minute), Changed: now, ChangedBy: "FirstName LastName"}
	revoked    = keys.Key{ID: "k3", Tail: "7Zd", Description: "Lagersystem 2025", State: keys.Revoked, Contracts: []ui.ContractNumber{logistics}, Created: now, CreatedBy: "FirstName LastName", Changed: now, ChangedBy: "FirstName LastName"}
	byOperator = keys.Key{ID: "k4", Tail: "aaa", Description: "Test", State: keys.Revoked, Created: now, CreatedBy: "FirstName LastName", Changed: now}
)

func base() layout.Base {
	return layout.Base{
		Person:       layout.Person{ID: "p1", Name: "FirstName LastName", Initials: "FL", Email: "main.user@example.com"},
		Organization: exampleOy,
		Switch:       []layout.Choice{{Organization: exampleOy, URL: "/o/o1", Current: true}, {Organization: testbolag, URL: "/o/o2"}},
		Menu:         layout.Menu{Integrations: true, Users: true},
		Path:         "/o/o1",
		Now:          now,
		Demo:         true,
	}
}

func keysPage() keys.Page {
	return keys.Page{Base: base(), Address: "http://localhost:8080", Manages: true, Keys: []keys.Key{enabled, disabled}, Revoked: []keys.Key{revoked, byOperator}}
}

func information() users.InformationPage {
	var permissions []ui.Permission
	for i, code := range ui.PermissionCodes {
		permissions = append(permissions, ui.Permission{Code: code, Lacking: i == 0})
	}
	return users.InformationPage{Base: base(), UserID: "p1", FirstName: "FirstName", LastName: "LastName", Email: "main.user@example.com",
		Organizations: []users.Membership{
			{Organization: exampleOy, Open: true, MainUser: true, Permissions: permissions, ContractNumbers: []ui.ContractNumber{logistics, freight}},
			{Organization: testbolag},
		}}
}

func invalid(field, key string, args ...any) *fault.Fault {
	return fault.New(fault.Invalid, "form.invalid").At(field, key, args...)
}

// samples are all pages, each in the states in which it looks different.
func samples() map[string]templ.Component {
	nobody := layout.Base{Path: "/", Now: now}
	plain := base()
	plain.Menu, plain.Switch, plain.Flash = layout.Menu{}, nil, layout.Flash{Text: "Ny API integration"}
	saved := base()
	saved.Flash = layout.Flash{Text: "Ny API integration", Details: []string{"654321"}, URL: "/o/o1", Link: "Example Oy"}

	empty, viewed, unable := keysPage(), keysPage(), keysPage()
	empty.Keys, empty.Revoked = nil, nil
	unable.Keys, unable.Revoked, unable.Creating = nil, nil, keys.NeedsContract
	viewed.Creating, viewed.Manages, viewed.Ask = keys.NeedsMainUser, false, contacts

	changes := []users.ChangeGroup{{Title: "Ge behörighet", Changes: []users.Option{{Value: "give:view_reports", Label: "Se rapporter"}}}, {Changes: []users.Option{{Value: "end", Label: "Ta bort"}}}}
	list := users.ListPage{Base: base(), InvitationCount: users.Count{Number: 12}, UserCount: users.Count{Number: 60}, Changes: changes, MoreInvitations: "/i", MoreUsers: "/u",
		Invitations: []users.Invitation{{ID: "i1", Name: "first last", Email: "new@example.com", Sent: now}, {ID: "i2", Name: "first last", Email: "new@example.com", Sent: now, Expired: true}},
		Users:       []users.User{{ID: "p1", Short: "s1", Name: "FirstName LastName", Initials: "FL", Email: "main.user@example.com", MainUser: true}, {ID: "p2", Short: "s2", Name: "Åke Öberg", Initials: "ÅÖ", Email: "ake@example.com"}}}
	limited := enabled
	limited.Expires, limited.Networks = now.Add(time.Hour), []string{"192.0.2.0/24", "2001:db8::1"}
	expired := limited
	expired.Expires, expired.Expired = now, true
	unmatched := users.ListPage{Base: base(), Filter: users.Filter{Query: "finns inte"}, FilterQuery: "q=finns+inte"}
	matched := users.ListPage{Base: base(), Filter: users.Filter{Query: "FL"}, FilterQuery: "q=FL", UserCount: users.Count{Number: 1}, Users: list.Users[:1]}
	filtered := list
	filtered.Filter = users.Filter{Query: "a", UserType: "user", Permission: ui.ViewReports, Number: ended.ID, Lacking: true, Unseen: true, Numbers: []ui.ContractNumber{logistics, ended, freight}}
	filtered.FilterQuery, filtered.UserCount = "q=a&type=user", users.Count{Number: 1000, Many: true}
	unfiltered := users.ListPage{Base: base(), Filter: users.Filter{UserType: "main_user"}, FilterQuery: "type=main_user"}
	some := users.SelectionPage{Base: base(), Count: 2, ChangedCount: 2, Chosen: []string{"s1", "s2"}, Changes: changes, Changed: []users.Selected{{User: list.Users[0]}, {User: list.Users[1]}}}
	planned := some
	planned.Planned, planned.From, planned.Change, planned.Title, planned.Button, planned.Removes = true, "q=a", "end", "2 användare", "Ta bort", true
	planned.ChangedCount, planned.UnchangedCount, planned.Made = 1, 250, []users.MadeBy{{Made: users.Made{ID: "k1", Name: "Lager", State: "enabled", URL: "/k"}, Maker: "A B"}, {Made: users.Made{ID: "a1", Application: true, Name: "ERP", State: "disabled"}, Maker: "A B"}}
	planned.Changed, planned.Unchanged = []users.Selected{{User: list.Users[0], Shown: "s1.v"}}, []users.Selected{{User: list.Users[1], Reason: "Det är du själv"}}
	overtaken, vain := planned, planned
	overtaken.Stale = true
	overtaken.Other, vain.Changed = []string{"Åke Öberg"}, nil
	undecided := some
	undecided.Fault = invalid("change", "selection.choose_change")

	permissions := users.PermissionsPage{InformationPage: information(), Target: exampleOy, MainUser: true, Permissions: ui.PermissionCodes[:], Lacking: []string{ui.ViewReports}}
	last, asked, stale := permissions, permissions, permissions
	last.MainUser, last.Fault = false, invalid("user_type", "edit.last_main_user", "organization", "Example Oy")
	asked.Confirm = true
	stale.Changed = []string{"Example Oy"}
	numbers := users.ContractNumbersPage{InformationPage: information(), Target: exampleOy, Needing: []string{ui.ViewReports, ui.TrackShipments},
		Numbers: []users.Choice{{ContractNumber: logistics, Chosen: true}, {ContractNumber: ended}, {ContractNumber: freight}}}
	needing := numbers
	needing.Fault = invalid(ui.LogisticsContract, "permission.needs.track_shipments").At(ui.CustomerNumber, "permission.needs.view_reports")

	pages := map[string]templ.Component{
		"public":                public.Page{Base: nobody, OpenURL: "/login", LoggedOut: true}.View(),
		"login":                 login.Page{Base: nobody, Next: "/o/o1", Expired: true, Demo: []login.Demo{{Name: "FirstName LastName", Email: "main.user@example.com", Password: "x", Note: "login.demo_main_user"}}}.View(),
		"login refused":         login.Page{Base: nobody, Email: "main.user@example.com", Fault: fault.New(fault.Unauthenticated, "login.failed")}.View(),
		"home begun":            home.Page{Base: base(), FirstName: "FirstName", Checklist: &home.Checklist{Right: true}}.View(),
		"home done":             home.Page{Base: base(), FirstName: "FirstName", Checklist: &home.Checklist{Right: true, Contract: true, Key: true, Order: true, LastKey: "k1"}}.View(),
		"home of others":        home.Page{Base: plain, FirstName: "Peter", Permissions: []ui.Permission{{Code: ui.TrackShipments}, {Code: ui.ViewReports, Lacking: true}}, MainUsers: contacts}.View(),
		"home without rights":   home.Page{Base: plain, FirstName: "Peter"}.View(),
		"integrations":          integrations.Page{Base: base()}.View(),
		"keys":                  keysPage().View(),
		"keys empty":            empty.View(),
		"keys without contract": unable.View(),
		"keys of others":        viewed.View(),
		"new key":               keys.NewPage{Page: keysPage(), Token: "t", Contracts: []keys.Choice{{ContractNumber: logistics, Chosen: true}, {ContractNumber: freight}}}.View(),
		"new key refused":       keys.NewPage{Page: empty, Contracts: []keys.Choice{{ContractNumber: logistics}}, Fault: invalid("description", "form.required").At("contract", "keys.contract_required")}.View(),
		"created key":           keys.CreatedPage{Page: keysPage(), Key: enabled, Repeated: true}.View(),
		"revocation":            keys.RevocationPage{Page: keysPage(), Key: enabled}.View(),
		"key":                   keys.DetailPage{Base: base(), Key: enabled, Address: "http://localhost:8080", Manages: true}.View(),
		"key disabled":          keys.DetailPage{Base: base(), Key: disabled, Manages: true}.View(),
		"key limited":           keys.DetailPage{Base: base(), Key: limited, Manages: true}.View(),
		"key expired":           keys.DetailPage{Base: base(), Key: expired, Manages: true}.View(),
		"keys expired":          keys.Page{Base: base(), Manages: true, Keys: []keys.Key{expired}}.View(),
		"key revoked":           keys.DetailPage{Base: base(), Key: revoked, Manages: true}.View(),
		"key's value":           keys.ValuePage{Base: base(), Key: enabled, Value: "opp_"}.View(),
		"users":                 list.View(),
		"users matched":         matched.View(),
		"users unmatched":       unmatched.View(),
		"users filtered":        filtered.View(),
		"users unfiltered":      unfiltered.View(),
		"selection":             some.View(),
		"selection undecided":   undecided.View(),
		"selection planned":     planned.View(),
		"selection overtaken":   overtaken.View(),
		"selection in vain":     vain.View(),
		"selection of nobody":   users.SelectionPage{Base: base()}.View(),
		"user":                  information().View(),
		"permissions":           permissions.View(),
		"permissions refused":   last.View(),
		"permissions asked":     asked.View(),
		"permissions stale":     stale.View(),
		"numbers":               numbers.View(),
		"numbers refused":       needing.View(),
		"forbidden main user":   errorpage.ForbiddenPage{Base: saved, MainUser: true}.View(),
		"forbidden":             errorpage.ForbiddenPage{Base: plain, MainUsers: contacts}.View(),
		"forbidden users":       errorpage.ForbiddenPage{Base: plain, Lacks: errorpage.LacksMainUser}.View(),
		"forbidden company":     errorpage.ForbiddenPage{Base: plain, Lacks: errorpage.LacksCompanyAccount, MainUsers: contacts}.View(),
		"forbidden pickups":     errorpage.ForbiddenPage{Base: plain, Lacks: errorpage.LacksPickups, MainUsers: contacts}.View(),
		"forbidden shippers":    errorpage.ForbiddenPage{Base: saved, Lacks: errorpage.LacksPickups, MainUser: true}.View(),
		"forbidden to mend":     errorpage.ForbiddenPage{Base: saved, Lacks: errorpage.LacksCompanyAccount, MainUser: true}.View(),
		"company":               companyPage(true).View(),
		"company read":          companyPage(false).View(),
		"company untold":        companypages.Page{Base: base(), Account: company.Account{Name: "Example Oy", BusinessID: "FI12345671"}, Changes: true}.View(),
		"company form":          companyForm().View(),
		"company form refused":  refusedForm().View(),
		"company form stale":    staleForm().View(),
		"organizations":         organizations.ListPage{Base: base(), Search: belonging(2)}.View(),
		"switch":                organizations.SwitchPage{Base: many(), Search: belonging(20), From: "/o/o1/users"}.View(),
		"switch unmatched":      organizations.SwitchPage{Base: many(), Search: organizations.Search{Query: "finns inte", All: 20}}.View(),
		"organization":          organizationPage().View(),
		"last resort":           errorpage.Plain(500),
	}
	invitationSamples(pages)
	applicationSamples(pages)
	personSamples(pages)
	pickupSamples(pages)
	for _, status := range []int{400, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503} {
		pages["error "+strconv.Itoa(status)] = errorpage.Page{Base: base(), Status: status, RequestID: "r"}.View()
	}
	return pages
}
