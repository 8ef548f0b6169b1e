package templates_test

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"omapostipro/internal/caller"
	"omapostipro/templates/applications"
	"omapostipro/templates/ui"
)

// applicationSamples adds the pages of application accounts.
func applicationSamples(pages map[string]templ.Component) {
	account := applications.Account{ID: "a1", Name: "Kassan", ClientID: "app-q7w2k5", Roles: caller.Roles(), Contracts: []ui.ContractNumber{logistics, freight}, Created: now,
		CreatedBy: "FirstName LastName", SecretMade: now, LastUsed: now.Add(-time.Minute)}
	disabled, revoked := account, account
	disabled.ID, disabled.Name, disabled.State, disabled.Contracts, disabled.LastUsed = "a2", strings.Repeat("Lång ", 20), applications.Disabled, []ui.ContractNumber{ended}, time.Time{}
	revoked.ID, revoked.State = "a3", applications.Revoked
	locked := account
	locked.Locked = now
	closed := locked
	closed.Everywhere = true
	list := applications.Page{Base: base(), MayCreate: true, Manages: true, Accounts: []applications.Account{account, disabled}, Revoked: []applications.Account{revoked}}
	empty, viewed := list, list
	empty.Accounts, empty.Revoked, empty.MayCreate = nil, nil, false
	viewed.Manages, viewed.MayCreate, viewed.Ask = false, false, contacts
	form := applications.FormPage{Page: list, Token: "t", Contracts: []applications.Contract{{ContractNumber: logistics, Chosen: true}, {ContractNumber: freight}}}
	for i, role := range caller.Roles() {
		form.Roles = append(form.Roles, applications.Role{Role: role, Chosen: i == 0})
	}
	change, refused := form, form
	change.Account, change.Name, change.Token = account.ID, account.Name, ""
	refused.Fault = invalid("name", "form.required").At("role", "applications.role_required").At("contract", "keys.contract_required")
	secret := applications.SecretPage{Base: base(), Account: account.ID, Name: account.Name, ClientID: account.ClientID, Secret: strings.Repeat("x", 43), TokenURL: "https://portal.example.com/api/v1/token"}
	renewed := secret
	renewed.Renewed = true
	for name, page := range map[string]interface{ View() templ.Component }{
		"applications":                list,
		"applications empty":          empty,
		"applications of others":      viewed,
		"new application":             form,
		"new application refused":     refused,
		"application's settings":      change,
		"application's revocation":    applications.QuestionPage{Page: list, Account: account, Revoking: true},
		"application's new secret":    applications.QuestionPage{Page: list, Account: account},
		"application":                 applications.DetailPage{Base: base(), Account: account, Manages: true, TokenURL: secret.TokenURL},
		"application disabled":        applications.DetailPage{Base: base(), Account: disabled, Manages: true},
		"application locked":          applications.DetailPage{Base: base(), Account: locked, Manages: true},
		"application locked for all":  applications.DetailPage{Base: base(), Account: closed, Manages: true},
		"applications locked":         applications.Page{Base: base(), Accounts: []applications.Account{locked}},
		"application revoked":         applications.DetailPage{Base: base(), Account: revoked},
		"application's secret":        secret,
		"application's secret, again": renewed,
	} {
		pages[name] = page.View()
	}
}
