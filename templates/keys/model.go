// Package keys draws the API's page: its keys, the dialogs that make and revoke one, and a key's own page.
package keys

import (
	"time"

	"omapostipro/internal/fault"
	"omapostipro/templates/layout"
	"omapostipro/templates/ui"
)

// Page is the API's page. The dialogs lie over it.
type Page struct {
	layout.Base
	Address  string // the API's address, without a slash at its end
	Creating Creating
	Manages  bool         // the reader may copy, disable and revoke keys
	Keys     []Key        // enabled and disabled, the newest first
	Revoked  []Key        // the newest first
	NewKey   string       // id of the key that has just been made; its row is marked
	Ask      []ui.Contact // the main users to ask, when the reader is none
}

// Creating says whether the reader may create a key, and what is missing if not.
type Creating uint8

// What the API's page says about creating keys.
const (
	MayCreate     Creating = iota
	NeedsContract          // a main user without a logistics contract
	NeedsMainUser          // only main users create keys
)

// Key is one API key as the pages show it; its value is in none of them.
type Key struct {
	ID          string
	Tail        string // the value's last three characters
	Description string
	State       State
	Contracts   []ui.ContractNumber
	Created     time.Time
	CreatedBy   string
	MakerLeft   bool      // its maker has left the organization
	LastUsed    time.Time // zero: never
	Changed     time.Time // when it came into its state; zero for a key that was never disabled or revoked
	ChangedBy   string
	Expires     time.Time // zero: it does not end by itself
	Expired     bool      // its time is over
	Networks    []string  // that calls with it may come from; none for everywhere
}

// State is what a key can be.
type State uint8

// The states of a key.
const (
	Enabled State = iota
	Disabled
	Revoked
)

// NewPage is the dialog Skapa ny API-nyckel. Its form posts description, contract (the id of each number that the key
// gets) and token.
type NewPage struct {
	Page
	Description string // as typed
	Contracts   []Choice
	Token       string       // one for each time that the dialog is opened, so that pressing twice makes one key
	Fault       *fault.Fault // fields description and contract
}

// Choice is a contract number that the new key can get.
type Choice struct {
	ui.ContractNumber
	Chosen bool
}

// CreatedPage is the dialog Din nya API-nyckel har skapats framgångsrikt.
type CreatedPage struct {
	Page
	Key      Key
	Repeated bool // another key has the same description
}

// RevocationPage is the dialog that asks before a key is revoked for good.
type RevocationPage struct {
	Page
	Key Key
}

// DetailPage is a key's own page.
type DetailPage struct {
	layout.Base
	Key     Key
	Address string
	Manages bool
}

// ValuePage shows a key's value where it could not be put on the clipboard: the answer to the POST without scripts.
type ValuePage struct {
	layout.Base
	Key   Key
	Value string
}
