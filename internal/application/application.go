// Package application makes, recognises and takes back application accounts: what an integration logs in to the
// OmaPosti Pro API with, by client id and secret, to get tokens that last an hour.
//
// The same people make them as make keys, by the same rules. An account has API roles, and can use the contract numbers
// that were linked to it and that the organisation still has. Both may be changed later, but nobody links a number that
// they are not assigned themselves. The secret is shown once and kept as a hash only.
package application

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/caller"
	"omapostipro/internal/fault"
)

// MaxNameLength is how many characters a name may have.
const MaxNameLength = 100

// maxAccounts bounds how many accounts that are not revoked an organisation has: its list is one page.
const maxAccounts = 200

// Account is an application account as the portal shows it; never its secret.
type Account struct {
	ID              uuid.UUID
	Name            string
	ClientID        string
	Status          caller.Status
	Roles           []caller.Role            // in the order of caller.Roles
	Contracts       []account.ContractNumber // all that are linked to it; Ended says which are closed to it
	CreatedAt       time.Time
	MakerID         uuid.UUID
	MakerName       string
	MakerLeft       bool // the maker no longer belongs to the organisation; the account goes on working
	SecretMadeAt    time.Time
	secretHash      []byte
	LastUsedAt      *time.Time
	Lock            Lock
	StatusChangedAt *time.Time // nil for an account that was never disabled or revoked
	StatusChangedBy string     // a name; empty when the operator did it
}

// Wanted is what an account is to be like.
type Wanted struct {
	Name      string
	Roles     []caller.Role
	Contracts []uuid.UUID // at least one logistics contract
}

// Stale says that somebody else changed the account between the moment a form was shown and the moment it was sent. Nothing
// was changed.
type Stale struct{ *fault.Fault }

func (s *Stale) Unwrap() error { return s.Fault }

// same says whether two are alike, in whatever order.
func (w Wanted) same(other Wanted) bool {
	byText := func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) }
	return w.Name == other.Name && slices.Equal(slices.Sorted(slices.Values(w.Roles)), slices.Sorted(slices.Values(other.Roles))) &&
		slices.Equal(slices.SortedFunc(slices.Values(w.Contracts), byText), slices.SortedFunc(slices.Values(other.Contracts), byText))
}

// check gives the account as it is wanted, its name trimmed, and the chosen contracts, or faults at name, role and
// contract. Contracts that are linked already may stay, whoever they are assigned to.
func (w Wanted) check(actor account.Actor, linked []account.ContractNumber) (Wanted, []account.ContractNumber, error) {
	faults := fault.New(fault.Invalid, "form.invalid")
	w.Name = account.CheckLine(faults, "name", w.Name, true, MaxNameLength)
	var roles []caller.Role
	for _, role := range caller.Roles() {
		if slices.Contains(w.Roles, role) {
			roles = append(roles, role)
		}
	}
	if len(roles) == 0 || slices.ContainsFunc(w.Roles, func(r caller.Role) bool { return !r.Known() }) {
		faults.At("role", "applications.role_required")
	}
	w.Roles = roles
	return w, caller.ChooseContracts(faults, Linkable(actor, linked), w.Contracts), faults.Err()
}

// told gives what the log says of an account.
func (w Wanted) told(contracts []account.ContractNumber) map[string]any {
	return map[string]any{"name": w.Name, "roles": w.Roles, "contract_numbers": account.Numbers(contracts)}
}

// Linkable gives the contracts that an account can have after a change by this actor: those that the actor is assigned,
// and those that are linked already.
func Linkable(actor account.Actor, linked []account.ContractNumber) []account.ContractNumber {
	linkable := slices.Clone(caller.Linkable(actor))
	for _, contract := range linked {
		if !slices.ContainsFunc(linkable, func(c account.ContractNumber) bool { return c.ID == contract.ID }) {
			linkable = append(linkable, contract)
		}
	}
	return linkable
}

// Secret is what an integration logs in with. Value is given in the answer that makes it, for a while, and never otherwise.
type Secret struct {
	Account  uuid.UUID
	ClientID string
	Value    string // "" where it may not be shown any more
}
