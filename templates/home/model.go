// Package home draws Hem.
package home

import (
	"omapostipro/templates/layout"
	"omapostipro/templates/ui"
)

// Page is Hem: for a main user the way through the manual, for others what they may do.
type Page struct {
	layout.Base
	FirstName   string
	Checklist   *Checklist      // nil for others than main users
	Permissions []ui.Permission // what the reader holds; shown to others than main users
	MainUsers   []ui.Contact    // whom to ask for more; shown to others than main users
}

// Checklist says which steps of the manual are done.
type Checklist struct {
	Right    bool   // the reader holds Hantera integrationer
	Contract bool   // the reader is assigned a logistics contract
	Key      bool   // the organization has a key that is not revoked
	Order    bool   // a delivery order has been placed
	LastKey  string // id of a key to try with curl; empty while there is none
}
