package organization

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
)

// Round is one press of Skicka inbjudan: everybody in it gets the same.
type Round struct {
	Token       uuid.UUID // made with the form
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

// id is the same for what is sent twice, so that pressing twice invites once, and another for whatever differs in it: a
// form that comes back in the browser and is sent with another address is another round.
func (r Round) id() (uuid.UUID, error) {
	sent, err := json.Marshal([]any{r.Permissions, r.Numbers, r.addressees()})
	return uuid.NewSHA1(r.Token, sent), err
}

// addressees gives who is invited, without what was found out about them in the meantime.
func (r Round) addressees() []Recipient {
	addressees := make([]Recipient, len(r.Recipients))
	for i, to := range r.Recipients {
		addressees[i] = Recipient{Email: to.Email, FirstName: to.FirstName, LastName: to.LastName, Language: to.Language}
	}
	return addressees
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
	InviterLost bool // whoever invited is no main user any more: it gives nothing as it is
	Permissions Permissions
	Numbers     []account.ContractNumber // those that it gives
	Assignable  []account.ContractNumber // those that it could give, and those that it gives
}

// Invitee is who is invited, and as what: what page 1 of an invitation's Ändra saves.
type Invitee struct {
	Permissions
	FirstName string
	LastName  string
	Language  i18n.Lang
}

func (i Invitee) check() (Invitee, error) {
	faults := fault.New(fault.Invalid, "form.invalid")
	i.FirstName = account.CheckName(faults, "first_name", i.FirstName, false)
	i.LastName = account.CheckName(faults, "last_name", i.LastName, false)
	if _, known := i18n.Parse(string(i.Language)); !known {
		faults.At("language", "form.choose")
	}
	if f, ok := i.Permissions.Check().(*fault.Fault); ok { //nolint:errorlint // nothing wraps it
		faults.Fields = append(faults.Fields, f.Fields...)
	}
	i.Permissions = i.normal()
	return i, faults.Err()
}

func (i Invitee) sameAddressee(other Invitee) bool {
	return i.FirstName == other.FirstName && i.LastName == other.LastName && i.Language == other.Language
}

func (i Invitee) equal(other Invitee) bool {
	return i.Permissions.equal(other.Permissions) && i.sameAddressee(other)
}

func (i Invitee) changed(after Invitee) []string {
	fields := changedFields(i.Permissions, after.Permissions)
	for _, field := range []struct {
		name string
		same bool
	}{{"first_name", i.FirstName == after.FirstName}, {"last_name", i.LastName == after.LastName}, {"language", i.Language == after.Language}} {
		if !field.same {
			fields = append(fields, field.name)
		}
	}
	return fields
}

func (i Invitee) personal() map[string]any {
	values := i.Permissions.personal()
	values["firstName"], values["lastName"], values["language"] = i.FirstName, i.LastName, string(i.Language)
	return values
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
	Permissions  Permissions // that it gives now
	Numbers      []account.ContractNumber
	InviterLost  bool // whoever invited is no main user any more: it gives nothing
	NumbersLost  int  // how many of its numbers the organisation no longer has
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
	n.FirstName = account.CheckName(faults, "first_name", n.FirstName, true)
	n.LastName = account.CheckName(faults, "last_name", n.LastName, true)
	if f, ok := account.CheckPassword(n.Password).(*fault.Fault); ok { //nolint:errorlint // nothing wraps it
		faults.Fields = append(faults.Fields, f.Fields...)
	}
	return n, faults.Err()
}

// Joined tells what accepting an invitation made of somebody.
type Joined struct {
	Member       uuid.UUID
	Organization account.Organization
	Already      bool      // they were a member before, and stay what they were
	Language     i18n.Lang // the invitation's
	// What the inviter could give when they invited and can no longer, which was left out.
	InviterLost bool // all of it: whoever invited is no main user any more
	Numbers     []account.ContractNumber
}

// Trimmed says whether anything was left out.
func (j Joined) Trimmed() bool { return j.InviterLost || len(j.Numbers) > 0 }
