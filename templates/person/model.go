// Package person draws Mitt konto: what people change of their own accounts, by themselves.
package person

import (
	"time"

	"omapostipro/internal/fault"
	"omapostipro/templates/layout"
)

// Page is Mitt konto.
type Page struct {
	layout.Base
	Email       string
	Profile     Profile
	Version     string   // what Profile was filled with
	Changed     []string // what has become of it since
	EmailChange EmailChange
	NewEmail    string // as typed
	Sessions    []Session
	Memberships []Membership
	Form        Form         // the one that Fault is about
	Fault       *fault.Fault // its fields are those of that form
}

// Profile is what the first form posts: first_name, last_name, phone and language.
type Profile struct {
	FirstName string
	LastName  string
	Phone     string
	Language  string
}

// EmailChange is a change of address that waits to be confirmed from there; zero for none.
type EmailChange struct {
	Email string
	Until time.Time
}

// Form is one of the page's forms.
type Form uint8

// The forms, in the page's order. That of the address posts email and email_password, that of the password present and
// password.
const (
	ProfileForm Form = iota + 1
	EmailForm
	PasswordForm
)

// Session is a browser in which the person is logged in.
type Session struct {
	ID       string
	Began    time.Time
	LastSeen time.Time
	Address  string // from which it began; may be empty
	Browser  string // as Firefox; may be empty
	System   string // what it runs on, as Windows; may be empty
	Current  bool   // this one
}

// Membership is an organization that the person belongs to.
type Membership struct {
	layout.Organization
	MainUser bool
}

// LeavingPage asks, over Mitt konto, whether somebody leaves an organization; it posts nothing.
type LeavingPage struct {
	Page
	Leaving  layout.Organization
	OnlyMain bool // they cannot: nobody else is main user there
}

// DeletionPage asks, over Mitt konto, whether somebody deletes their account. It posts own_password.
type DeletionPage struct {
	Page
	OnlyMain []string     // they cannot: nobody else is main user in these organizations
	Fault    *fault.Fault // field own_password
}
