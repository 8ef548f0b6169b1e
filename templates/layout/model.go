// Package layout draws what surrounds every page: the document, the head with the organization and the person, the menu,
// the foot, and the dialog that lies over a page.
package layout

import "time"

// Base is what every page needs beside its own contents. Its zero value, with Now and Path, is a page for somebody
// who is not logged in.
type Base struct {
	Person       Person
	Organization Organization // the one that the page is in
	Switch       []Choice     // the person's organizations when there are several, the current one among them; at most MaxSwitch
	SwitchAll    string       // where all can be searched, when there are more
	Menu         Menu
	Users        string // the list of users, as the reader left it
	Flash        Flash
	Path         string // this page's address with its query: where a change of language leads back to; empty where one would lose what the page carries
	Now          time.Time
	Demo         bool   // the demo set-ups, which say so in the foot
	Mailbox      string // where the portal's mail can be read; the foot links there
}

// Person is who is logged in; the zero value is nobody.
type Person struct {
	ID       string
	Name     string
	Initials string
	Email    string
}

// Organization is named by its name and its business ID.
type Organization struct {
	ID         string
	Name       string
	BusinessID string
}

// Label is how the manual writes an organization: Example Oy (FI12345678).
func (o Organization) Label() string { return o.Name + " (" + o.BusinessID + ")" }

// MaxSwitch is how many organizations Byt organisation shows at once.
const MaxSwitch = 8

// Choice is one line of Byt organisation. URL is the same page there if the person may see it, else its Hem.
type Choice struct {
	Organization
	URL     string
	Current bool
}

// Menu says which entries the reader may open; Hem is always there.
type Menu struct {
	Integrations bool
	Users        bool
	Pickups      bool // from Integrationer, and from Hem for who does not see that
}

// Section is the menu's entry that a page belongs to.
type Section uint8

// The sections of the menu.
const (
	SectionNone Section = iota
	SectionHome
	SectionIntegrations
	SectionUsers
	SectionEvents
	SectionOrganizations
	SectionCompany
)

// Flash is the receipt of what was just done; the zero value is none. A sentence alone is a toast, which goes by itself;
// with more to say it stands on top of the page.
type Flash struct {
	Text    string
	Details []string // further sentences, if any
	URL     string   // where to read more, if anywhere
	Link    string   // what that link says
}

func (f Flash) long() bool { return len(f.Details) > 0 || f.URL != "" }

func (f Flash) short() bool { return f.Text != "" && !f.long() }

// LoggedIn says whether somebody is.
func (b Base) LoggedIn() bool { return b.Person.ID != "" }
