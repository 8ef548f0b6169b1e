// Package apikey makes, gives out, recognises and takes back the keys of the OmaPosti Pro API.
//
// A main user makes a key by themselves and copies it, then or later (the manual's steps 5 to 8), so its value is kept:
// encrypted, bound to the key and its organisation, and beside it the hash by which calls are recognised. A key is linked
// to the contract numbers that its maker was assigned when it was made, and can use those that the organisation still has.
package apikey

import (
	"net/netip"
	"slices"
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
	ID          uuid.UUID
	Description string
	Suffix      string // the value's last three characters
	Status      caller.Status
	Contracts   []Contract // all that it was made with; Ended says which are closed to it
	CreatedAt   time.Time
	MakerID     uuid.UUID
	MakerName   string
	MakerLeft   bool // the maker no longer belongs to the organisation; the key goes on working
	LastUsedAt  *time.Time
	Limits
	StatusChangedAt *time.Time // nil for a key that was never disabled or revoked
	StatusChangedBy string     // a name; empty when the operator did it, or somebody who has erased their account
	ChangerID       *uuid.UUID // whose name that is; nil when the operator did it
}

// Limits bound when and from where a key is good. The zero value bounds nothing. Only the operator gives them: the dialog
// in which a main user makes a key asks for a description and contracts, as the manual has it.
type Limits struct {
	ExpiresAt *time.Time     // from then on it is refused
	Networks  []netip.Prefix // where calls with it may come from; none for everywhere
}

// maxNetworks is how many networks a key may be bound to.
const maxNetworks = 20

// Expired says whether the key's time is over.
func (l Limits) Expired(now time.Time) bool { return l.ExpiresAt != nil && !l.ExpiresAt.After(now) }

// allows says whether a call may come from an address.
func (l Limits) allows(address string) bool {
	if len(l.Networks) == 0 {
		return true
	}
	from, err := netip.ParseAddr(address)
	return err == nil && slices.ContainsFunc(l.Networks, func(n netip.Prefix) bool { return n.Contains(from.Unmap()) })
}

// fields names what is bounded, for the event that the key was made.
func (l Limits) fields() (fields []string) {
	if l.ExpiresAt != nil {
		fields = append(fields, "expires_at")
	}
	if len(l.Networks) > 0 {
		fields = append(fields, "networks")
	}
	return fields
}

// told gives what the log says of a new key.
func (n New) told(contracts []Contract) map[string]any {
	values := map[string]any{"description": n.Description, "contract_numbers": account.Numbers(contracts)}
	if n.ExpiresAt != nil {
		values["expires_at"] = n.ExpiresAt.UTC().Format(time.RFC3339)
	}
	if len(n.Networks) > 0 {
		values["networks"] = n.Networks
	}
	return values
}

// New is what a new key is made of.
type New struct {
	Description string
	Contracts   []uuid.UUID // of those that the maker is assigned; at least one logistics contract
	Token       uuid.UUID   // made with the form, so that a form sent twice makes one key
	Limits
}

// check gives the description trimmed and the chosen contracts, or faults at description, contract, expires and network.
func (n New) check(actor account.Actor, now time.Time) (New, []Contract, error) {
	faults := fault.New(fault.Invalid, "form.invalid")
	n.Description = account.CheckLine(faults, "description", n.Description, true, MaxDescriptionLength)
	chosen := caller.ChooseContracts(faults, Linkable(actor), n.Contracts)
	if n.Expired(now) {
		faults.At("expires", "keys.expires_in_the_past")
	}
	if len(n.Networks) > maxNetworks {
		faults.At("network", "keys.too_many_networks", "maximum", maxNetworks)
	}
	return n, chosen, faults.Err()
}

// Linkable gives the contracts that a new key of this actor can be linked to.
func Linkable(actor account.Actor) []Contract { return caller.Linkable(actor) }

// roles are what every key may do, on its contracts: orders, and their tracking.
var roles = []caller.Role{caller.ShippingAPI, caller.Tracking}
