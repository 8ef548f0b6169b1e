// Package company draws Företagskonto: what the company says of itself, how that has changed, and the form to change it.
package company

import (
	"time"

	"omapostipro/internal/company"
	"omapostipro/internal/fault"
	"omapostipro/templates/layout"
	"omapostipro/templates/ui"
)

// Page is Företagskonto.
type Page struct {
	layout.Base
	Account company.Account
	Changes bool         // the reader may change it
	Ask     []ui.Contact // otherwise: main users to ask
	History []Entry
	More    string // address that shows more of the history; empty when all is shown
}

// Entry is one line of the history.
type Entry struct {
	ID      string
	At      time.Time
	By      string // who made it, in words
	Changes []company.Change
}

// FormPage is the form. It posts a field for each text, four for each contact person (contact_1_name, _role, _email,
// _phone, and contact_1_remove=yes), and shown.
type FormPage struct {
	layout.Base
	Account company.Account  // as it was typed
	Shown   string           // what the form was filled with, so that a change by somebody else is seen
	Changed []company.Change // what somebody else has changed in the meantime
	Fault   *fault.Fault
}
