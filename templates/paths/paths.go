// Package paths knows the address of every page of the portal, so that a link, a form and a redirect cannot disagree.
package paths

import "net/url"

// The addresses that belong to no organization.
const (
	Public   = "/"
	Login    = "/login"
	Logout   = "/logout"
	Language = "/language"
	Outbox   = "/outbox"
	Docs     = "/docs/api" // of the API

	DocsPickups = Docs + "#pickups"
	DocsToken   = Docs + "#task-token"

	PasswordLink      = "/password-link"      // Glömt lösenord?
	Password          = "/password"           // what its link opens, and takes the POST that spends it
	EmailConfirmation = "/email-confirmation" // likewise for a new address

	Account            = "/account" // Mitt konto, and below it where its forms are posted to
	AccountProfile     = Account + "/profile"
	AccountEmail       = Account + "/email"
	AccountEmailCancel = Account + "/email/cancellation"
	AccountPassword    = Account + "/password"
	AccountSessionsEnd = Account + "/sessions/termination" // of all others
	AccountData        = Account + "/data.json"
	AccountDeletion    = Account + "/deletion"
)

// The description of our own family of the API, for programs.
const (
	DescriptionJSON = "/api/v1/openapi.json"
	DescriptionYAML = "/api/v1/openapi.yaml"
)

// PasswordBy is what the link of Glömt lösenord? opens. The token stands in the query, which no log holds.
func PasswordBy(token string) string { return Password + "?token=" + url.QueryEscape(token) }

// EmailConfirmationBy is what the link to a new address opens.
func EmailConfirmationBy(token string) string {
	return EmailConfirmation + "?token=" + url.QueryEscape(token)
}

// AccountSessionEnd takes the POST that ends one of one's sessions.
func AccountSessionEnd(session string) string {
	return Account + "/sessions/" + session + "/termination"
}

// Departure is the dialog that asks before one leaves an organization, and takes its POST.
func Departure(organization string) string { return home + organization + "/departure" }

// The parts of what belongs to an organization. Ids are UUIDs, which need no escaping in an address; each address is put
// together at once, for a list has many.
const (
	home         = "/o/"
	integrations = "/integrations"
	api          = integrations + "/omaposti-pro"
	keys         = api + "/keys"
	applications = integrations + "/applications"
	users        = "/users"
	invitations  = "/invitations"
	events       = "/events"
	company      = "/company-account"
	pickups      = "/pickups"
)

// LoginTo is the login page that leads on to a path of this site.
func LoginTo(next string) string { return Login + "?next=" + url.QueryEscape(next) }

// OutboxMail is one mail in Utkorg.
func OutboxMail(mail string) string { return Outbox + "/" + mail }

// OutboxBefore is Utkorg from the mail after that one on.
func OutboxBefore(mail string) string { return Outbox + "?before=" + mail }

// Home is an organization's Hem.
func Home(organization string) string { return home + organization }

// Integrations is the page that lists what can be integrated with.
func Integrations(organization string) string { return home + organization + integrations }

// Keys is the API's page, with the list of its keys.
func Keys(organization string) string { return home + organization + api }

// NewKey is the dialog that asks for a new key's description.
func NewKey(organization string) string { return home + organization + keys + "/new" }

// CreateKey takes the POST of that dialog.
func CreateKey(organization string) string { return home + organization + keys }

// Key is one key's page.
func Key(organization, key string) string { return home + organization + keys + "/" + key }

// CreatedKey is the dialog that says that a key has been made.
func CreatedKey(organization, key string) string {
	return home + organization + keys + "/" + key + "/created"
}

// KeyValue takes the POST that gives out a key's value.
func KeyValue(organization, key string) string {
	return home + organization + keys + "/" + key + "/value"
}

// KeyDeactivation takes the POST that disables a key.
func KeyDeactivation(organization, key string) string {
	return home + organization + keys + "/" + key + "/deactivation"
}

// KeyActivation takes the POST that enables a key again.
func KeyActivation(organization, key string) string {
	return home + organization + keys + "/" + key + "/activation"
}

// KeyRevocation is the dialog that asks before a key is revoked, and takes its POST.
func KeyRevocation(organization, key string) string {
	return home + organization + keys + "/" + key + "/revocation"
}

// Applications is the list of application accounts, and takes the POST that makes one.
func Applications(organization string) string { return home + organization + applications }

// NewApplication is the dialog that asks what a new application account is to be like.
func NewApplication(organization string) string { return home + organization + applications + "/new" }

// Application is one application account's page.
func Application(organization, account string) string {
	return home + organization + applications + "/" + account
}

// ApplicationSettings is the dialog that changes an application account, and takes its POST.
func ApplicationSettings(organization, account string) string {
	return home + organization + applications + "/" + account + "/settings"
}

// ApplicationSecret is the dialog that asks before an application account gets a new secret, and takes its POST.
func ApplicationSecret(organization, account string) string {
	return home + organization + applications + "/" + account + "/secret"
}

// ApplicationDeactivation takes the POST that disables an application account.
func ApplicationDeactivation(organization, account string) string {
	return home + organization + applications + "/" + account + "/deactivation"
}

// ApplicationActivation takes the POST that enables an application account again.
func ApplicationActivation(organization, account string) string {
	return home + organization + applications + "/" + account + "/activation"
}

// ApplicationRevocation is the dialog that asks before an application account is revoked, and takes its POST.
func ApplicationRevocation(organization, account string) string {
	return home + organization + applications + "/" + account + "/revocation"
}

// Users is the list of an organization's people and invitations.
func Users(organization string) string { return home + organization + users }

// UsersCSV is that list as a file; the filter is a query as the list's own, empty for everybody.
func UsersCSV(organization, filter string) string {
	return withQuery(Home(organization)+"/users.csv", filter)
}

// UsersFor is the list of those whom a filter lets through.
func UsersFor(organization, filter string) string { return withQuery(Users(organization), filter) }

// Selection shows what a change would do to several people, and takes the POST that does it.
func Selection(organization string) string { return home + organization + users + "/selection" }

// SelectionOfAll is the selection of all whom a filter lets through.
func SelectionOfAll(organization, filter string) string {
	return Selection(organization) + "?" + url.Values{"all": {"yes"}, "from": {filter}}.Encode()
}

// UsersWithNumber is the list of those who are assigned a contract number, by its id.
func UsersWithNumber(organization, number string) string {
	return home + organization + users + "?number=" + url.QueryEscape(number)
}

// MainUsers is the list of the main users.
func MainUsers(organization string) string { return home + organization + users + "?type=main_user" }

// User is one person's Användarinformation.
func User(organization, user string) string {
	return home + organization + users + "/" + user
}

// Permissions is page 1 of Ändra.
func Permissions(organization, user string) string {
	return home + organization + users + "/" + user + "/permissions"
}

// Removal is the dialog that asks before a person is removed, and takes its POST.
func Removal(organization, user string) string {
	return home + organization + users + "/" + user + "/removal"
}

// ContractNumbers is page 2 of Ändra.
func ContractNumbers(organization, user string) string {
	return home + organization + users + "/" + user + "/contract-numbers"
}

// Invitation is what the link of an invitation opens, for everybody who has it. The token stands in the query, which no
// log holds.
func Invitation(token string) string { return "/invitation?token=" + url.QueryEscape(token) }

// What who has such a link can do with it, by POST.
const (
	InvitationAcceptance = "/invitation/acceptance"
	InvitationRequest    = "/invitation/request" // for a new link
)

// Invitations takes the POST that invites.
func Invitations(organization string) string { return home + organization + invitations }

// NewInvitation is the first step of Bjud in användare.
func NewInvitation(organization string) string { return home + organization + invitations + "/new" }

// NewInvitationFor is the first step, with an e-mail address filled in.
func NewInvitationFor(organization, email string) string {
	return NewInvitation(organization) + "?" + url.Values{"addresses": {email}}.Encode()
}

// NewInvitationPermissions is the second step, page 1 of Ändra.
func NewInvitationPermissions(organization string) string {
	return home + organization + invitations + "/new/permissions"
}

// NewInvitationNumbers is the third step, page 2 of Ändra.
func NewInvitationNumbers(organization string) string {
	return home + organization + invitations + "/new/contract-numbers"
}

// NewInvitationSummary is the last step.
func NewInvitationSummary(organization string) string {
	return home + organization + invitations + "/new/summary"
}

// InvitationSelection shows what would be done with several invitations, and takes the POST that does it.
func InvitationSelection(organization string) string {
	return home + organization + invitations + "/selection"
}

// SelectionOfAllInvitations is the selection of all that a filter lets through.
func SelectionOfAllInvitations(organization, filter string) string {
	return InvitationSelection(organization) + "?" + url.Values{"all": {"yes"}, "from": {filter}}.Encode()
}

// InvitationTemplate is a file to fill in with who is invited.
func InvitationTemplate(organization string) string {
	return home + organization + invitations + "/template.csv"
}

// PendingInvitation is the page of one that waits.
func PendingInvitation(organization, invitation string) string {
	return home + organization + invitations + "/" + invitation
}

// PendingPermissions is page 1 of its Ändra.
func PendingPermissions(organization, invitation string) string {
	return home + organization + invitations + "/" + invitation + "/permissions"
}

// PendingNumbers is page 2 of its Ändra.
func PendingNumbers(organization, invitation string) string {
	return home + organization + invitations + "/" + invitation + "/contract-numbers"
}

// PendingLink takes the POST that sends a new link.
func PendingLink(organization, invitation string) string {
	return home + organization + invitations + "/" + invitation + "/link"
}

// PendingWithdrawal is the dialog that asks before an invitation is taken back, and takes its POST.
func PendingWithdrawal(organization, invitation string) string {
	return home + organization + invitations + "/" + invitation + "/withdrawal"
}

// Company is Företagskonto.
func Company(organization string) string { return home + organization + company }

// CompanyHistory is the history of Företagskonto.
func CompanyHistory(organization string) string { return Company(organization) + "#history" }

// CompanyInformation is the form that changes Företagskonto, and takes its POST.
func CompanyInformation(organization string) string {
	return home + organization + company + "/information"
}

// Pickups is the list of pickup orders.
func Pickups(organization string) string { return home + organization + pickups }

// Pickup is one pickup order's page.
func Pickup(organization, pickup string) string { return home + organization + pickups + "/" + pickup }

// PickupCancellation is the dialog that asks before a pickup is cancelled, and takes its POST.
func PickupCancellation(organization, pickup string) string {
	return home + organization + pickups + "/" + pickup + "/cancellation"
}

// Organizations is the list of the organizations that one belongs to.
func Organizations(organization string) string { return home + organization + "/organizations" }

// Organization is an organization's page, with its numbers and main users.
func Organization(organization string) string { return home + organization + "/organization" }

// OrganizationNumber is where a contract number stands on Organization.
func OrganizationNumber(organization, number string) string {
	return Organization(organization) + "?number=" + number + "#number-" + number
}

// Switch is Byt organisation as a page, for those who belong to many.
func Switch(organization string) string { return home + organization + "/switch" }

func withQuery(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}

// Events is Händelselogg.
func Events(organization string) string { return home + organization + events }

// EventsAbout is Händelselogg of one person or key.
func EventsAbout(organization, about string) string {
	return home + organization + events + "?about=" + about
}

// EventsCSV is the log as a file for spreadsheets.
func EventsCSV(organization string) string { return home + organization + events + ".csv" }

// EventsJSON is the log as a file for programs, an event a line.
func EventsJSON(organization string) string { return home + organization + events + ".jsonl" }
