// Package apikey makes, gives out, recognises and takes back the keys of the OmaPosti Pro API.
//
// A main user makes a key by themselves and copies it, then or later (the manual's steps 5 to 8), so its value is kept:
// encrypted, bound to the key and its organisation, and beside it the hash by which calls are recognised. A key is linked
// to the contract numbers that its maker was assigned when it was made, and can use those that the organisation still has.
package apikey

import (
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/caller"
	"omapostipro/internal/fault"
)

// MaxDescriptionLength is how many characters a description may have.
const MaxDescriptionLength = 100

// maxKeys bounds how many keys that are not revoked an organisation has: its list is one page.
const maxKeys = 200

// Contract is a contract number that a key is linked to.
type Contract = account.ContractNumber

// Key is an API key as the portal shows it; never its value.
type Key struct {
	ID              uuid.UUID
	Description     string
	Suffix          string // the value's last three characters
	Status          caller.Status
	Contracts       []Contract // all that it was made with; Ended says which are closed to it
	CreatedAt       time.Time
	MakerID         uuid.UUID
	MakerName       string
	MakerLeft       bool // the maker no longer belongs to the organisation; the key goes on working
	LastUsedAt      *time.Time
	StatusChangedAt *time.Time // nil for a key that was never disabled or revoked
	StatusChangedBy string     // a name; empty when the operator did it, or somebody who has erased their account
	ChangerErased   bool       // it was the latter
}

// New is what a new key is made of.
type New struct {
	Description string
	Contracts   []uuid.UUID // of those that the maker is assigned; at least one logistics contract
	Token       uuid.UUID   // made with the form, so that a form sent twice makes one key
}

// check gives the description trimmed and the chosen contracts, or faults at description and contract.
func (n New) check(actor account.Actor) (New, []Contract, error) {
	faults := fault.New(fault.Invalid, "form.invalid")
	n.Description = account.CheckLine(faults, "description", n.Description, true, MaxDescriptionLength)
	chosen := caller.ChooseContracts(faults, Linkable(actor), n.Contracts)
	return n, chosen, faults.Err()
}

// Linkable gives the contracts that a new key of this actor can be linked to.
func Linkable(actor account.Actor) []Contract { return caller.Linkable(actor) }

// roles are what every key may do, on its contracts: orders, and their tracking.
var roles = []caller.Role{caller.ShippingAPI, caller.Tracking}
