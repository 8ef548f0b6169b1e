package organization

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
)

// Round is one press of Skicka inbjudan: everybody in it gets the same.
type Round struct {
	Token       uuid.UUID // made with the form, so that pressing twice invites once
	Recipients  []Recipient
	Permissions Permissions
	Numbers     []uuid.UUID
}

func (r Round) check() error {
	if err := r.Permissions.Check(); err != nil {
		return err
	}
	faults := fault.New(fault.Invalid, "form.invalid")
	switch {
	case len(r.Recipients) == 0:
		faults.At("addresses", "invitations.nobody")
	case len(r.Recipients) > MaxRecipients:
		faults.At("addresses", "invitations.too_many", "line", MaxRecipients+1, "maximum", MaxRecipients)
	case slices.ContainsFunc(r.Recipients, func(row Recipient) bool { return len(row.Faults) > 0 }):
		faults.At("addresses", "invitations.rows_at_fault")
	}
	return faults.Err()
}

// Invited tells what became of a round.
type Invited struct {
	Sent int
	Left []Recipient // who in the meantime became a member, or was invited by somebody else
}

// Pending is one invitation that has been neither accepted nor withdrawn.
type Pending struct {
	Invitation
	Language    i18n.Lang
	SentAt      *time.Time // nil: no link was ever sent
	InviterName string
	Permissions Permissions
	Numbers     []account.ContractNumber // those that it gives
	Assignable  []account.ContractNumber // those that it could give, and those that it gives
}

// Name gives first and last name; empty if they are not known.
func (i Invitation) Name() string {
	return account.User{FirstName: i.FirstName, LastName: i.LastName}.Name()
}

// Expired says whether it can no longer be accepted, unless it is sent again.
func (i Invitation) Expired(now time.Time) bool { return i.ExpiresAt != nil && !i.ExpiresAt.After(now) }

// LinkState says what a link is good for.
type LinkState uint8

// The states of a link. All but the first are for good.
const (
	LinkHolds LinkState = iota
	LinkUsed
	LinkWithdrawn
	LinkReplaced // by a newer one
	LinkExpired
)

// Opened is what the link of an invitation shows to whom it was sent.
type Opened struct {
	ID           uuid.UUID
	Organization account.Organization
	Email        string
	FirstName    string
	LastName     string
	Language     i18n.Lang
	Inviter      string
	Permissions  Permissions
	ExpiresAt    *time.Time
	State        LinkState
	HasAccount   bool // the address has one: they log in, and accept
	Asked        bool // a new link has been asked for, not long ago

	emailKey string
}

// For says whether the invitation is an address's.
func (o Opened) For(email string) bool { return o.emailKey == account.EmailKey(email) }

// Newcomer is what somebody without an account says of themselves.
type Newcomer struct {
	FirstName string
	LastName  string
	Password  string
}

func (n Newcomer) check() (Newcomer, error) {
	faults := fault.New(fault.Invalid, "form.invalid")
	n.FirstName = account.CheckLine(faults, "first_name", n.FirstName, true, maxName)
	n.LastName = account.CheckLine(faults, "last_name", n.LastName, true, maxName)
	if f, ok := account.CheckPassword(n.Password).(*fault.Fault); ok { //nolint:errorlint // nothing wraps it
		faults.Fields = append(faults.Fields, f.Fields...)
	}
	return n, faults.Err()
}

// Joined tells what accepting an invitation made of somebody.
type Joined struct {
	Member       uuid.UUID
	Organization account.Organization
	Already      bool // they were a member before, and stay what they were
	// What the inviter could give when they invited and can no longer, which was left out.
	InviterLost bool // all of it: whoever invited is no main user any more
	Numbers     []account.ContractNumber
}

// Trimmed says whether anything was left out.
func (j Joined) Trimmed() bool { return j.InviterLost || len(j.Numbers) > 0 }
