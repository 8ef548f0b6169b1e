// Package account is about people: who they are, how they prove it, and what they may do.
package account

import (
	"net/mail"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // the days of Helsinki, wherever the portal runs
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"omapostipro/internal/audit"
	"omapostipro/internal/fault"
	"omapostipro/internal/plain"
	"omapostipro/internal/postgres"
)

// UserType is a person's type in one organisation (the manual's Användartyp).
type UserType string

// The user types.
const (
	MainUser    UserType = "main_user" // Huvudanvändare
	RegularUser UserType = "user"      // Användare
)

// Known says whether the type is one of the two.
func (t UserType) Known() bool { return t == MainUser || t == RegularUser }

// Kind is a kind of contract number.
type Kind string

// The kinds of contract number.
const (
	CustomerNumber       Kind = "customer_number"        // Kundnummer
	LogisticsContract    Kind = "logistics_contract"     // Logistikavtal ID: parcels and letters
	FreightTransportCode Kind = "freight_transport_code" // Transportkoder för frakten
)

// Kinds gives the kinds in the manual's order.
func Kinds() []Kind { return []Kind{CustomerNumber, LogisticsContract, FreightTransportCode} }

// ContractNumber is a number under which an organisation does business with the carrier.
type ContractNumber struct {
	ID     uuid.UUID `json:"id"`
	Kind   Kind      `json:"kind"`
	Number string    `json:"number"` // six digits
	Holder string    `json:"holder"`
	Ended  bool      `json:"ended"` // no longer, or not yet, valid
}

// IDs gives the ids of contract numbers; not nil, which would be null in the database.
func IDs(numbers []ContractNumber) []uuid.UUID {
	ids := make([]uuid.UUID, len(numbers))
	for i, number := range numbers {
		ids[i] = number.ID
	}
	return ids
}

// Permission is a right in one organisation (the manual's Behörigheter / OmaPosti Pro).
type Permission string

// The permissions.
const (
	CreateShipments      Permission = "create_shipments"       // Skapa försändelser och hämtningsbeställningar
	TrackShipments       Permission = "track_shipments"        // Spåra försändelser
	ViewReports          Permission = "view_reports"           // Se rapporter
	ManageCompanyAccount Permission = "manage_company_account" // Hantera företagskontoinformation
	ManageIntegrations   Permission = "manage_integrations"    // Hantera integrationer
)

// Permissions gives the permissions in the manual's order.
func Permissions() []Permission {
	return []Permission{CreateShipments, TrackShipments, ViewReports, ManageCompanyAccount, ManageIntegrations}
}

// Known says whether the permission is one of the manual's.
func (p Permission) Known() bool { return slices.Contains(Permissions(), p) }

// Needs gives the kinds of contract number of which the permission needs at least one; none for most of managing.
// Source: the table under "Page 1" of the manual.
func (p Permission) Needs() []Kind {
	switch p {
	case CreateShipments, TrackShipments:
		return []Kind{LogisticsContract, FreightTransportCode}
	case ViewReports:
		return []Kind{CustomerNumber, LogisticsContract, FreightTransportCode}
	default:
		return nil
	}
}

// InForce says whether the permission, if held, holds with these assigned numbers.
func (p Permission) InForce(numbers []ContractNumber) bool {
	needs := p.Needs()
	return len(needs) == 0 || slices.ContainsFunc(numbers, func(n ContractNumber) bool {
		return !n.Ended && slices.Contains(needs, n.Kind)
	})
}

// Organization is the part of an organisation that pages and answers name.
type Organization struct {
	ID         uuid.UUID `json:"id"`
	Name       string    `json:"name"`
	BusinessID string    `json:"businessId"`
}

// String gives the manual's way of naming an organisation: Example Oy (FI12345678).
func (o Organization) String() string { return o.Name + " (" + o.BusinessID + ")" }

// Actor is who acts: a person, a key or an application account in one organisation, or the operator. It is worked out once, at the edge, and
// given to every service method, so that a rule can be read and tested where it holds.
type Actor struct {
	Kind         string    // audit.Person, audit.Key, audit.Application or audit.Operator
	ID           uuid.UUID // the user's, the key's or the application account's
	Organization Organization
	UserType     UserType
	Permissions  []Permission     // as given; Holds says which are in force
	Numbers      []ContractNumber // assigned, or the credential's; those that can be used today
	RequestID    string
	Address      string // the client's IP address
}

// Who gives the actor as audit events name it.
func (a Actor) Who() audit.Who {
	return audit.Who{Kind: a.Kind, ID: a.ID, Organization: a.Organization.ID, RequestID: a.RequestID, Address: a.Address}
}

// Scope gives what the database lets the actor see and change: their organisation's rows, and a person's own.
func (a Actor) Scope() postgres.Scope {
	scope := postgres.Scope{Organization: a.Organization.ID}
	if a.Kind == audit.Person {
		scope.User = a.ID
	}
	return scope
}

// Holds says whether the actor has a permission that is in force.
func (a Actor) Holds(p Permission) bool {
	return slices.Contains(a.Permissions, p) && p.InForce(a.Numbers)
}

// Numbers gives contract numbers as they are written.
func Numbers(of []ContractNumber) []string {
	numbers := make([]string, len(of))
	for i, n := range of {
		numbers[i] = n.Number
	}
	return numbers
}

// NumbersOf gives the actor's numbers of some kinds, in the order of the kinds.
func (a Actor) NumbersOf(kinds ...Kind) []ContractNumber {
	var found []ContractNumber
	for _, kind := range kinds {
		for _, n := range a.Numbers {
			if n.Kind == kind {
				found = append(found, n)
			}
		}
	}
	return found
}

// ManagesUsers says whether the actor may see and change the organisation's people: main users may.
func (a Actor) ManagesUsers() bool {
	return a.Kind == audit.Operator || a.Kind == audit.Person && a.UserType == MainUser
}

// ManagesCompanyAccount says whether the actor may change Företagskonto: holders of Hantera företagskontoinformation
// may. All members read it.
func (a Actor) ManagesCompanyAccount() bool {
	return a.Kind == audit.Operator || a.Kind == audit.Person && a.Holds(ManageCompanyAccount)
}

// SeesIntegrations says whether Integrationer and its pages answer: to holders of Hantera integrationer.
func (a Actor) SeesIntegrations() bool { return a.Kind == audit.Person && a.Holds(ManageIntegrations) }

// MayManageKeys says whether the actor may copy, disable, enable and revoke keys: main users that hold Hantera
// integrationer.
func (a Actor) MayManageKeys() bool { return a.SeesIntegrations() && a.UserType == MainUser }

// MayCreateKeys says whether the actor may create keys; the error says what is missing. Beside the right to manage
// keys it takes an assigned logistics contract, which the new key gets linked to.
func (a Actor) MayCreateKeys() error {
	switch {
	case !a.SeesIntegrations():
		return fault.New(fault.Forbidden, "keys.needs_permission")
	case a.UserType != MainUser:
		return fault.New(fault.Forbidden, "keys.needs_main_user")
	case len(a.NumbersOf(LogisticsContract)) == 0:
		return fault.New(fault.Forbidden, "keys.needs_contract")
	default:
		return nil
	}
}

// isCredential says whether a program acts, with a key or a token; what it may call was asked where it was recognised.
func (a Actor) isCredential() bool { return a.Kind == audit.Key || a.Kind == audit.Application }

// MayOrderPickups says whether the actor may order and cancel pickups under their contract numbers: people who hold Skapa
// försändelser och hämtningsbeställningar, and programs.
func (a Actor) MayOrderPickups() bool {
	return a.isCredential() || a.Kind == audit.Person && a.Holds(CreateShipments)
}

// SeesPickups says whether the actor may see the pickups under their contract numbers: who may order them, and who sees
// the integrations that do.
func (a Actor) SeesPickups() bool { return a.MayOrderPickups() || a.SeesIntegrations() }

// User is a person with an account.
type User struct {
	ID        uuid.UUID
	FirstName string
	LastName  string
	Email     string
	Phone     string // E.164, or empty
	Language  string // empty until chosen
}

// Name gives first and last name.
func (u User) Name() string { return strings.TrimSpace(u.FirstName + " " + u.LastName) }

// Membership is what a person is in one organisation.
type Membership struct {
	Organization
	UserType    UserType     `json:"userType"`
	Permissions []Permission `json:"permissions"`
}

// Identity is somebody who is logged in.
type Identity struct {
	User
	SessionID        uuid.UUID
	LastSeen         time.Time        // as written down: up to a minute or two ago
	LastOrganization uuid.UUID        // where they were last; nil before the first time
	Memberships      []Membership     // sorted by name
	Numbers          []ContractNumber // assigned in the organisation that was asked for
}

// Home gives the organisation to start in: the last used, else the first; false for who belongs to none.
func (i Identity) Home() (Membership, bool) {
	for _, m := range i.Memberships {
		if m.ID == i.LastOrganization {
			return m, true
		}
	}
	if len(i.Memberships) == 0 {
		return Membership{}, false
	}
	return i.Memberships[0], true
}

// Belongs says whether the person is a member of an organisation.
func (i Identity) Belongs(organization uuid.UUID) bool {
	return slices.ContainsFunc(i.Memberships, func(m Membership) bool { return m.ID == organization })
}

// Actor gives the person as an actor in an organisation, the one that Numbers were asked for; false for an
// organisation to which they do not belong.
func (i Identity) Actor(organization uuid.UUID, requestID, address string) (Actor, bool) {
	for _, m := range i.Memberships {
		if m.ID == organization {
			return Actor{Kind: audit.Person, ID: i.ID, Organization: m.Organization, UserType: m.UserType,
				Permissions: m.Permissions, Numbers: i.Numbers, RequestID: requestID, Address: address}, true
		}
	}
	return Actor{}, false
}

// EmailKey gives an e-mail address as it is compared: one account whatever the case of its letters, and whichever of its
// two forms an international domain is written in.
func EmailKey(email string) string {
	key := norm.NFC.String(strings.ToLower(strings.TrimSpace(email)))
	at := strings.LastIndexByte(key, '@')
	if domain, err := idna.Lookup.ToASCII(key[at+1:]); err == nil && at >= 0 {
		return key[:at+1] + domain
	}
	return key
}

// CheckLine checks a text of one line that a person wrote, and gives it as it is kept, trimmed and without characters that
// are not seen: valid UTF-8 without control characters, at most so many characters long, and with something to be seen in
// it when it is required. The fault's message is added at the field.
func CheckLine(faults *fault.Fault, field, text string, required bool, maximum int) string {
	if !utf8.ValidString(text) {
		faults.At(field, "form.control_characters")
		return strings.TrimSpace(text)
	}
	line := plain.Line(text)
	switch {
	case strings.ContainsFunc(line, plain.Breaks):
		faults.At(field, "form.control_characters")
	case required && line == "":
		faults.At(field, "form.required")
	case utf8.RuneCountInString(line) > maximum:
		faults.At(field, "form.too_long", "maximum", maximum)
	}
	return line
}

// MaxName is how many characters a first or a last name has at most.
const MaxName = 200

// CheckName checks a first or a last name, wherever one is given, as CheckLine does.
func CheckName(faults *fault.Fault, field, name string, required bool) string {
	return CheckLine(faults, field, name, required, MaxName)
}

// CheckEmail checks an e-mail address and gives it trimmed: something, an at sign, a domain that there can be; addresses
// with plus signs and in any script are taken as they are. What is not seen is refused: it would make another address of
// one that looks the same.
func CheckEmail(faults *fault.Fault, field, email string) string {
	trimmed := strings.TrimFunc(email, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b' })
	if utf8.ValidString(trimmed) && !strings.ContainsFunc(trimmed, plain.Breaks) && plain.Odd(strings.ReplaceAll(trimmed, " ", "")) {
		faults.At(field, "form.hidden_characters")
		return trimmed
	}
	before := len(faults.Fields)
	email = CheckLine(faults, field, trimmed, true, 200)
	if len(faults.Fields) > before {
		return email
	}
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || !isDomain(email[strings.LastIndexByte(email, '@')+1:]) {
		faults.At(field, "form.email")
	}
	return email
}

// domains checks what can be registered, as IDNA2008 and DNS have it.
var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.CheckHyphens(true), idna.CheckJoiners(true), idna.VerifyDNSLength(true))

// isDomain says whether there can be such a domain on the Internet: of two parts at least, of which the last is no number.
func isDomain(text string) bool {
	ascii, err := domains.ToASCII(text)
	dot := strings.LastIndexByte(ascii, '.')
	return err == nil && dot > 0 && strings.ContainsFunc(ascii[dot+1:], func(r rune) bool { return r < '0' || r > '9' })
}

// helsinki is where the carrier's days begin and end.
var helsinki = func() *time.Location {
	location, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		panic(err) // embedded with the program
	}
	return location
}()

// Zone is where the carrier's days begin and end.
func Zone() *time.Location { return helsinki }

// Today gives the day on which contract numbers are valid or not: the carrier's, as a date at midnight UTC.
func Today(now time.Time) time.Time {
	year, month, day := now.In(helsinki).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}
