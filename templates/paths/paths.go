// Package paths knows the address of every page of the portal, so that a link, a form and a redirect cannot disagree.
package paths

import "net/url"

// The addresses that belong to no organization.
const (
	Public   = "/"
	Login    = "/login"
	Logout   = "/logout"
	Language = "/language"
)

// LoginTo is the login page that leads on to a path of this site.
func LoginTo(next string) string { return Login + "?next=" + url.QueryEscape(next) }

// Home is an organization's Hem.
func Home(organization string) string { return "/o/" + url.PathEscape(organization) }

// Integrations is the page that lists what can be integrated with.
func Integrations(organization string) string { return Home(organization) + "/integrations" }

// Keys is the API's page, with the list of its keys.
func Keys(organization string) string { return Integrations(organization) + "/omaposti-pro" }

// NewKey is the dialog that asks for a new key's description.
func NewKey(organization string) string { return Keys(organization) + "/keys/new" }

// CreateKey takes the POST of that dialog.
func CreateKey(organization string) string { return Keys(organization) + "/keys" }

// Key is one key's page.
func Key(organization, key string) string { return CreateKey(organization) + "/" + url.PathEscape(key) }

// CreatedKey is the dialog that says that a key has been made.
func CreatedKey(organization, key string) string { return Key(organization, key) + "/created" }

// KeyValue takes the POST that gives out a key's value.
func KeyValue(organization, key string) string { return Key(organization, key) + "/value" }

// KeyDeactivation takes the POST that disables a key.
func KeyDeactivation(organization, key string) string {
	return Key(organization, key) + "/deactivation"
}

// KeyActivation takes the POST that enables a key again.
func KeyActivation(organization, key string) string { return Key(organization, key) + "/activation" }

// KeyRevocation is the dialog that asks before a key is revoked, and takes its POST.
func KeyRevocation(organization, key string) string { return Key(organization, key) + "/revocation" }

// Users is the list of an organization's people and invitations.
func Users(organization string) string { return Home(organization) + "/users" }

// UsersCSV is that list as a file; an empty query means everybody.
func UsersCSV(organization, query string) string {
	return withQuery(Home(organization)+"/users.csv", query)
}

// UsersFor is the list of those who match a query.
func UsersFor(organization, query string) string { return withQuery(Users(organization), query) }

// User is one person's Användarinformation.
func User(organization, user string) string {
	return Users(organization) + "/" + url.PathEscape(user)
}

// Permissions is page 1 of Ändra.
func Permissions(organization, user string) string { return User(organization, user) + "/permissions" }

// ContractNumbers is page 2 of Ändra.
func ContractNumbers(organization, user string) string {
	return User(organization, user) + "/contract-numbers"
}

func withQuery(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?q=" + url.QueryEscape(query)
}
