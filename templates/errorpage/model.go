// Package errorpage draws the pages for what went wrong.
package errorpage

import (
	"omapostipro/templates/layout"
	"omapostipro/templates/ui"
)

// Page is the page of a failure, inside the portal's frame when somebody is logged in.
type Page struct {
	layout.Base
	Status    int
	Message   string // a sentence about this very failure; empty means the general one of the status
	RequestID string // shown when the failure is ours: 500 and 503
}

// ForbiddenPage helps who may not see a page.
type ForbiddenPage struct {
	layout.Base
	Lacks     Lack
	MainUser  bool         // the reader is one and can mend it alone
	MainUsers []ui.Contact // otherwise: whom to ask, at most five
}

// Lack is what the reader would have needed.
type Lack uint8

// What a page may need.
const (
	LacksIntegrations   Lack = iota // the permission Hantera integrationer
	LacksMainUser                   // to be a main user
	LacksCompanyAccount             // the permission Hantera företagskontoinformation
	LacksPickups                    // Skapa försändelser och hämtningsbeställningar, or Hantera integrationer
)
