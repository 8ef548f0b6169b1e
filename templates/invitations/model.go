// Package invitations draws Bjud in användare, an invitation that waits, and what the link of one opens.
package invitations

import (
	"time"

	"omapostipro/internal/fault"
	"omapostipro/templates/layout"
	"omapostipro/templates/ui"
	"omapostipro/templates/users"
)

// Draft is what the steps of Bjud in användare carry along, as hidden fields: until the last one is sent, nothing is
// stored. It posts token, addresses, typed, language, user_type, permission, and the ids of numbers by their kind.
type Draft struct {
	Token       string
	Addresses   string // rows of address, first name, last name and language
	Typed       string // what the first step was given, to go back to; empty if Addresses say the same
	Language    string // of the rows that say none
	Count       int    // of the rows that can be invited
	UserType    string // main_user or user; empty until it is chosen
	Permissions []string
	Numbers     []ui.ContractNumber // that are chosen
}

// RecipientsPage is step 1. Its form posts addresses, file, first_name, last_name and language besides the draft.
type RecipientsPage struct {
	layout.Base
	Draft
	FirstName string
	LastName  string
	Known     *Row         // the only address that was given, if it cannot be invited because it is known
	Fault     *fault.Fault // fields addresses, file, first_name, last_name
}

// PreviewPage is what step 1 has read of several rows or of a file. Its form posts checked=yes.
type PreviewPage struct {
	layout.Base
	Draft
	Good []Row
	Bad  []Row
	File *File // how the file was read; nil for what was pasted
}

// File tells how a file was read.
type File struct {
	Windows bool // Windows-1252, not UTF-8
	Comma   bool // between commas, not semicolons
	Header  bool
}

// Row is one recipient.
type Row struct {
	Line     int
	Email    string
	Name     string
	Language string        // its own name
	Faults   []fault.Field // what is wrong with it
	Member   string        // the id of the member who they are already
	Invited  string        // the id of the invitation that waits for them already
}

// RolePage is step 2, page 1 of Ändra.
type RolePage struct {
	layout.Base
	Draft
	Fault *fault.Fault
}

// NumbersPage is step 3, page 2 of Ändra.
type NumbersPage struct {
	layout.Base
	Draft
	Fields users.NumberFields
}

// SummaryPage is step 4.
type SummaryPage struct {
	layout.Base
	Draft
	Rows  []Row
	Days  int // for which a link holds
	Fault *fault.Fault
}

// PendingPage is an invitation that waits.
type PendingPage struct {
	layout.Base
	ID          string
	Email       string
	FirstName   string
	LastName    string
	Language    string // its own name
	MainUser    bool
	Permissions []ui.Permission
	Numbers     []ui.ContractNumber
	Inviter     string
	Created     time.Time
	Sent        *time.Time // nil: no link was ever sent
	Expires     *time.Time // nil: valid without end
	Expired     bool
	Undelivered bool // the mail with the last link was given up
	InviterLost bool // whoever invited is no main user any more, so it gives nothing as it is
	Ended       []ui.ContractNumber
}

// Addressee is whom the invitation is for, as page 1 of its Ändra changes it.
type Addressee struct {
	FirstName string
	LastName  string
	Language  string
}

// PendingRolePage is page 1 of its Ändra.
// It posts first_name, last_name, language and who, which is what they were, besides user_type, permission and version.
type PendingRolePage struct {
	PendingPage
	Addressee Addressee
	Who       string // the addressee as the form was filled with
	Fields    users.RoleFields
	Version   string
	Changed   []string
}

// PendingNumbersPage is page 2 of its Ändra.
type PendingNumbersPage struct {
	PendingPage
	Fields  users.NumberFields
	Version string
	Changed []string
}

// WithdrawalPage asks before an invitation is taken back.
type WithdrawalPage struct {
	PendingPage
}

// State says what a link is good for, and for whom.
type State uint8

// The states of a link.
const (
	Newcomer    State = iota // sets a name and a password
	LogsIn                   // has an account, and logs in
	Accepts                  // is logged in
	OtherPerson              // is logged in as somebody else
	Member                   // is logged in, and has joined already
	Used
	Withdrawn
	Replaced
	Expired
)

// LinkPage is what the link of an invitation opens. Its forms post token, and a newcomer's first_name, last_name and
// password.
type LinkPage struct {
	layout.Base
	Token        string
	State        State
	Organization layout.Organization
	Inviter      string
	Email        string
	FirstName    string
	LastName     string
	MainUser     bool
	Permissions  []ui.Permission // that it gives now
	InviterLost  bool            // whoever invited is no main user any more, so it gives nothing
	NumbersLost  int             // how many of its numbers are no longer valid
	Expires      *time.Time
	Asked        bool // a new link has been asked for
	Fault        *fault.Fault
}
