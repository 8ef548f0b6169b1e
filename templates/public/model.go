// Package public draws the page that everybody sees.
package public

import "omapostipro/templates/layout"

// Page is the public page.
type Page struct {
	layout.Base
	OpenURL   string // where Öppna OmaPosti Pro leads: the login, or Hem for who is logged in
	LoggedOut bool   // the reader has just logged out
}
