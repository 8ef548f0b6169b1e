// Package login draws the login page.
package login

import (
	"omapostipro/internal/fault"
	"omapostipro/templates/layout"
)

// Page is the login page. Its form posts the fields email, password and next.
type Page struct {
	layout.Base
	Next    string       // the path of this site to go on to; may be empty
	Email   string       // as typed
	Fault   *fault.Fault // its message stands on top, its fields at email and password
	Expired bool         // a form was sent after its session had ended
	Demo    []Demo       // the demo log-ins; none in production
}

// Demo is one log-in of the demo data.
type Demo struct {
	Name     string
	Email    string
	Password string
	Note     string // catalogue key of what this person may do, such as login.demo_main_user
}
