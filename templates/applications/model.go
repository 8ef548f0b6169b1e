// Package applications draws the application accounts: their list, the dialogs that make, change and revoke one, an
// account's own page, and the one answer in which its secret stands.
package applications

import (
	"time"

	"omapostipro/internal/caller"
	"omapostipro/internal/fault"
	"omapostipro/templates/layout"
	"omapostipro/templates/ui"
)

// Page is the list of accounts. The dialogs lie over it.
type Page struct {
	layout.Base
	MayCreate bool
	Manages   bool      // the reader may change, disable and revoke accounts
	Accounts  []Account // enabled and disabled, the newest first
	Revoked   []Account
	Ask       []ui.Contact // the main users to ask, when the reader is none
}

// Account is one application account as the pages show it.
type Account struct {
	ID         string
	Name       string
	ClientID   string
	State      State
	Roles      []caller.Role
	Contracts  []ui.ContractNumber
	Created    time.Time
	CreatedBy  string
	SecretMade time.Time
	LastUsed   time.Time // zero: never
	Locked     time.Time // until when, after bad log-ins; zero for one that is not
	Everywhere bool      // it is locked for all, not only for the address that the bad log-ins came from
}

// State is what an account can be.
type State uint8

// The states of an account.
const (
	Enabled State = iota
	Disabled
	Revoked
)

// FormPage is the dialog that makes an account, or changes the one that it is about. Its form posts name, role and
// contract, and token when it makes one.
type FormPage struct {
	Page
	Account   string // the id of the one that is changed; empty for a new one
	Name      string // as typed
	Roles     []Role
	Contracts []Contract
	Token     string       // what gives the secret: one for each time that the dialog is opened, so that pressing twice makes one account
	Fault     *fault.Fault // fields name, role and contract
	Version   string       // what the form was filled with; empty for a new account
	Changed   []string     // what somebody else has changed since
}

// Role is a role that the account can have.
type Role struct {
	caller.Role
	Chosen bool
}

// Contract is a contract number that the account can have.
type Contract struct {
	ui.ContractNumber
	Chosen bool
}

// QuestionPage is a dialog that asks before an account is revoked for good, or gets a new secret.
type QuestionPage struct {
	Page
	Account  Account
	Revoking bool
	Token    string // what gives the new secret, once
}

// DetailPage is an account's own page.
type DetailPage struct {
	layout.Base
	Account  Account
	Manages  bool
	TokenURL string // where it is logged in with
}

// SecretPage is the one answer in which an account's secret stands.
type SecretPage struct {
	layout.Base
	Account  string
	Name     string
	ClientID string
	Secret   string
	Renewed  bool   // it replaces another
	TokenURL string // where it is logged in with
}
