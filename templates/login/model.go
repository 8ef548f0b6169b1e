// Package login draws the login page.
package login

import (
	"omapostipro/internal/fault"
	"omapostipro/templates/layout"
)

// Page is the login page. Its form posts the fields email, password and next, and what it carries.
type Page struct {
	layout.Base
	Next    string       // the path of this site to go on to; may be empty
	Email   string       // as typed
	Fault   *fault.Fault // its message stands on top, its fields at email and password
	Expired bool         // a form was sent after its session had ended
	Carried []Field      // of the form that was sent, to go on with after the log-in
	Demo    []Demo       // the demo log-ins; none in production
}

// Field is one field of a form that goes on after the log-in.
type Field struct {
	Name  string
	Value string
}

// GoOnPage goes on, once somebody has logged in, with the form that met an ended session. Its form posts what is carried.
type GoOnPage struct {
	layout.Base
	To      string // a path of this site, which changes nothing
	Carried []Field
}

// Demo is one log-in of the demo data.
type Demo struct {
	Name     string
	Email    string
	Password string
	Note     string // catalogue key of what this person may do, such as login.demo_main_user
}

// AskPage is Glömt lösenord?: it asks where to send a link. Its form posts email.
type AskPage struct {
	layout.Base
	Email string
	Sent  bool // a link has been sent, if the address has an account
	Fault *fault.Fault
}

// PasswordPage is what the link opens: it asks for a new password. Its form posts token and password.
type PasswordPage struct {
	layout.Base
	Token string
	Email string // whose password it is
	Dead  bool   // the link opens nothing any more
	Fault *fault.Fault
}

// EmailPage is what the link to a new address opens: it asks to confirm it. Its form posts token.
type EmailPage struct {
	layout.Base
	Token string
	Old   string
	New   string
	Dead  bool
}
