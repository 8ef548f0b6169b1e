// Package organization is about organisations and their people: who belongs to one and as what, which permissions and
// contract numbers each holds there, and who is invited.
package organization

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/fault"
)

// PageSize is how many rows a list shows before Visa mera.
const PageSize = 10

// Person is one row of Användare, or of a list of some of them.
type Person struct {
	ID        uuid.UUID
	FirstName string
	LastName  string
	Email     string
	UserType  account.UserType
}

// Invitation is one that has been neither accepted nor withdrawn.
type Invitation struct {
	ID        uuid.UUID
	FirstName string
	LastName  string
	Email     string
	CreatedAt time.Time
	ExpiresAt *time.Time // nil: valid without end
	Trimmed   bool       // something of it would be left out now
	// Undelivered says that the mail with its newest link was given up.
	Undelivered bool
}

// MostCounted is how far is counted how many match a filter: beyond, they are only many.
const MostCounted = 1000

// Page is one page of a list with the number of all rows that match, and where the next page begins.
type Page[T any] struct {
	Rows  []T
	Total int
	Many  bool   // more match than Total, which is MostCounted
	Next  Cursor // zero on the last page
}

// Exported is one row of the users' CSV file.
type Exported struct {
	Person
	Permissions []account.Permission
	Numbers     []account.ContractNumber
}

// Role is what a person is and may do in one organisation.
type Role struct {
	Organization account.Organization
	UserType     account.UserType
	Permissions  []account.Permission
	Numbers      []account.ContractNumber
}

// Details is Användarinformation: a person, and their roles in the organisations where the reader is a main user.
type Details struct {
	account.User
	Joined   time.Time  // the actor's organisation
	LastSeen *time.Time // there; nil for never
	Inviter  *Inviter   // nil when no person invited them
	Roles    []Role
}

// Inviter is who invited somebody.
type Inviter struct {
	ID     uuid.UUID
	Name   string // empty once their account is deleted
	Member bool   // still
}

// Role gives the person's role in one of the organisations.
func (d Details) Role(organization uuid.UUID) (Role, bool) {
	for _, role := range d.Roles {
		if role.Organization.ID == organization {
			return role, true
		}
	}
	return Role{}, false
}

// Editing is what the two pages of Ändra show.
type Editing struct {
	Details
	Role    Role                     // in the organisation concerned
	Numbers []account.ContractNumber // the organisation's that can be assigned, and those that are assigned
}

// Permissions is what page 1 of Ändra saves.
type Permissions struct {
	UserType    account.UserType
	Permissions []account.Permission
}

// normal gives the permissions in the manual's order, each once.
func (p Permissions) normal() Permissions {
	sorted := []account.Permission{} // never nil, which PostgreSQL would take for null
	for _, permission := range account.Permissions() {
		if slices.Contains(p.Permissions, permission) {
			sorted = append(sorted, permission)
		}
	}
	p.Permissions = sorted
	return p
}

func (p Permissions) equal(other Permissions) bool {
	return p.UserType == other.UserType && slices.Equal(p.normal().Permissions, other.normal().Permissions)
}

// Check refuses what is no user type or no permission.
func (p Permissions) Check() error {
	faults := fault.New(fault.Invalid, "form.invalid")
	if !p.UserType.Known() {
		faults.At("user_type", "form.choose")
	}
	if slices.ContainsFunc(p.Permissions, func(p account.Permission) bool { return !p.Known() }) {
		faults.At("permission", "form.choose")
	}
	return faults.Err()
}

// Stale says that somebody else saved between the moment a form was shown and the moment it was sent. Nothing was
// saved; it tells what is different now from what the form had been filled with.
type Stale struct {
	*fault.Fault
	UserType       account.UserType // the new one; empty when it is the same
	Gained, Lost   []account.Permission
	Added, Removed []account.ContractNumber
	Details        bool // an invitation's name or language is another
}

func (s *Stale) Unwrap() error { return s.Fault }

func newStale() *Stale { return &Stale{Fault: fault.New(fault.Conflict, "edit.stale")} }

// OwnDemotion says that a main user is about to give up being one, and has not said yet that they mean it.
type OwnDemotion struct{ *fault.Fault }

func (d *OwnDemotion) Unwrap() error { return d.Fault }

// Saved tells what a change of numbers means for keys that the person made: they keep their numbers.
type Saved struct {
	Changed bool
	Keys    int      // how many keys, not revoked, the person has made
	Using   []KeyUse // of the numbers taken away, those that keys of theirs still use
}

// KeyUse is a number that a key still uses.
type KeyUse struct {
	Number      string
	Description string // the key's
}

// Progress says how far the organisation has come on the manual's way.
type Progress struct {
	Key    uuid.UUID // the newest key that can be used; nil while there is none
	Orders bool      // a delivery order has been placed
}

// NewInvitation is who is invited, and as what.
type NewInvitation struct {
	Email       string
	FirstName   string
	LastName    string
	Permissions Permissions
	Numbers     []uuid.UUID
	SentAt      time.Time // zero: now
	Endless     bool      // valid without end, as the one in the manual's picture
}

// InvitationLifetime is how long an invitation can be accepted.
const InvitationLifetime = 7 * 24 * time.Hour

// checkNeeds refuses permissions that lack their numbers, each at the list concerned and in the manual's words.
func checkNeeds(permissions []account.Permission, numbers []account.ContractNumber) error {
	faults := fault.New(fault.Invalid, "form.invalid")
	for _, permission := range account.Permissions() {
		if slices.Contains(permissions, permission) && !permission.InForce(numbers) {
			//i18n:keys permission.needs.*
			faults.At(string(permission.Needs()[0]), "permission.needs."+string(permission))
		}
	}
	return faults.Err()
}
