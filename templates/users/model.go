// Package users draws Användarhantering: the list, Användarinformation and the two pages of Ändra.
package users

import (
	"time"

	"omapostipro/internal/fault"
	"omapostipro/templates/events"
	"omapostipro/templates/layout"
	"omapostipro/templates/ui"
)

// ListPage is Användare. Its form asks with q, type, permission, number, lacking and unseen; the list's own leads to a
// selection with u (the short id of each who is chosen), change and from.
type ListPage struct {
	layout.Base
	Filter          Filter
	FilterQuery     string // the filter as an address carries it
	Invitations     []Invitation
	InvitationCount Count  // of all that match
	MoreInvitations string // address that shows more; empty when all are shown
	Users           []User
	UserCount       Count
	MoreUsers       string
	Changes         []ChangeGroup
	Selectable      int      // at most so many who match can be changed at once
	Kept            []string // short ids of those who were chosen before, in other searches
}

// Filter is who is looked for; what is empty or false does not matter.
type Filter struct {
	Query      string
	UserType   string // main_user or user
	Permission string // a code
	Number     string // an id
	Lacking    bool
	Unseen     bool
	Numbers    []ui.ContractNumber // that there are to choose from
}

// Narrows says whether anything beside the query is asked for.
func (f Filter) Narrows() bool {
	return f.UserType != "" || f.Permission != "" || f.Number != "" || f.Lacking || f.Unseen
}

// OfMembers says whether it asks for what only members can be.
func (f Filter) OfMembers() bool { return f.Lacking || f.Unseen }

// Count is how many there are.
type Count struct {
	Number int
	Many   bool // more than Number
}

// ChangeGroup is a heading of the drop-down of what can be done to several people, with what stands under it.
type ChangeGroup struct {
	Title   string // empty for what stands by itself
	Changes []Option
}

// Option is a line of a drop-down.
type Option struct {
	Value string
	Label string
}

// Invitation is one that has not been answered.
type Invitation struct {
	ID          string
	Short       string // the id as a selection carries it
	Name        string
	Email       string
	Sent        time.Time
	Expired     bool
	Trimmed     bool // something of it would be left out now
	Undelivered bool // its mail was given up
}

// Waiting are invitations of somebody's that wait for an answer.
type Waiting struct {
	Count int
	Some  []Invitation
}

// User is one row of the list.
type User struct {
	ID       string
	Short    string // the id as a selection carries it
	Name     string
	Initials string
	Email    string
	MainUser bool
}

// InformationPage is Användarinformation.
type InformationPage struct {
	layout.Base
	UserID        string
	FirstName     string
	LastName      string
	Email         string
	Phone         string
	Organizations []Membership // only those in which the reader is a main user
	Oneself       bool         // the reader's own
	Story         *Story       // what else the page tells; not under the dialogs of Ändra
}

// Story is what a person's page tells of them in the reader's organization.
type Story struct {
	LastSeen   time.Time // zero for never
	Joined     time.Time
	Inviter    string // a name; empty when no person invited them
	InviterURL string // their page; empty when they have left
	Made       []Made
	Waiting    Waiting
	Events     []events.Event
}

// Made is an API key or an application account that the person has made.
type Made struct {
	ID          string
	Application bool
	Name        string
	State       string    // enabled, disabled or revoked
	LastUsed    time.Time // zero for never
	URL         string    // its page, for who may see it
	Decision    string    // when the person is removed: keep, disable or revoke
}

// RemovalPage asks, over Användarinformation, whether a person is removed. Its form posts key-ID and application-ID (keep,
// disable or revoke) for each of what they have made.
type RemovalPage struct {
	InformationPage
	Decides bool         // the reader may decide of keys; else all are kept
	Fault   *fault.Fault // why they cannot be
}

// Membership is what a person is and may do in one organization.
type Membership struct {
	layout.Organization
	Open            bool // the row is shown opened
	MainUser        bool
	Permissions     []ui.Permission
	ContractNumbers []ui.ContractNumber // of all three kinds
}

// PermissionsPage is page 1 of Ändra. Its form posts user_type (main_user or user), permission (one for each),
// version, and confirmed=yes once the reader has confirmed.
type PermissionsPage struct {
	InformationPage
	Target      layout.Organization // the organization that the dialog is about
	MainUser    bool
	Permissions []string     // the codes of those that are ticked
	Lacking     []string     // of the saved ones, those that are not in force for want of contract numbers
	Version     string       // which state of the membership the form was filled from
	Waiting     Waiting      // invitations of theirs, which give nothing once they are no main user
	Confirm     bool         // asks whether the reader really gives up being main user
	Changed     []string     // what somebody else changed in the meantime, a sentence each
	Fault       *fault.Fault // fields user_type and permission
}

// ContractNumbersPage is page 2 of Ändra. Its form posts customer_number, logistics_contract and freight_transport_code
// (the id of each chosen number) and version.
type ContractNumbersPage struct {
	InformationPage
	Target  layout.Organization
	Numbers []Choice // all of the organization's, of all three kinds
	Needing []string // the codes of the person's permissions that need numbers
	Version string
	Changed []string
	Fault   *fault.Fault // fields customer_number, logistics_contract and freight_transport_code
}

// Choice is a contract number that can be assigned.
type Choice struct {
	ui.ContractNumber
	Chosen bool
}

// RoleFields is what page 1 of Ändra chooses, and what an invitation does: user_type (main_user or user) and permission
// (one for each).
type RoleFields struct {
	MainUser    bool
	Permissions []string     // the codes of those that are ticked
	Lacking     []string     // those that are not in force for want of contract numbers
	LackingURL  string       // the page that mends it
	Focus       bool         // the page's focus goes to the user type
	Fault       *fault.Fault // fields user_type and permission
}

// NumberFields is what page 2 of Ändra chooses, and what an invitation does: customer_number, logistics_contract and
// freight_transport_code (the id of each chosen number).
type NumberFields struct {
	Organization string   // its name
	Numbers      []Choice // all of the organization's, of all three kinds
	Needing      []string // the codes of the chosen permissions that need numbers
	Focus        bool
	Fault        *fault.Fault
}

// SelectionPage says what a change does to several people, before it is done. One form asks for the change (u, change,
// from), the other does it (change, from, as shown each id with the version that was shown, and key-ID and application-ID
// as RemovalPage does).
type SelectionPage struct {
	layout.Base
	All            bool   // all whom the list's filter lets through
	Version        string // then, of what is shown
	Count          int    // of all
	TooMany        string // why nothing can be done at once; nobody is named then
	ChangedCount   int    // of whom a page is named
	UnchangedCount int
	MoreChanged    string // address that names more; empty when all are
	MoreUnchanged  string
	Stale          bool     // something has happened since it was shown
	Made           []MadeBy // by those who would be removed
	Decides        bool     // the reader may decide of these; else all are kept
	Waiting        Waiting  // invitations of theirs
	From           string   // the list's filter, to go back to
	Chosen         []string // short ids of all
	Changes        []ChangeGroup
	Change         string // the value that is chosen; empty before
	Planned        bool   // the change can be done: what follows says to whom
	Title          string // what is done, to how many
	Button         string
	Removes        bool
	Changed        []Selected
	Unchanged      []Selected
	Other          []string // names of those to whom something has happened since they were shown
	Fault          *fault.Fault
}

// MadeBy is an API key or an application account of somebody who would be removed.
type MadeBy struct {
	Made
	Maker string
}

// Selected is one of several who are chosen.
type Selected struct {
	User
	Shown  string // the id, and the version that is shown
	Reason string // why nothing is done
}
