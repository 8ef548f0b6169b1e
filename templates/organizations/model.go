// Package organizations draws Organisationer, an organization's page, and Byt organisation.
package organizations

import (
	"time"

	"omapostipro/templates/layout"
	"omapostipro/templates/ui"
)

// ListPage is Organisationer: those that the reader belongs to.
type ListPage struct {
	layout.Base
	Search
}

// SwitchPage is Byt organisation, with its search.
type SwitchPage struct {
	layout.Base
	Search
	From string // the page that one comes from, as an address
}

// Search is a page of the organizations that match a query.
type Search struct {
	Query string
	Rows  []Row
	Count int    // of all that match
	All   int    // of all that one belongs to
	More  string // address that shows more; empty when all are shown
}

// Row is one organization of the reader's.
type Row struct {
	layout.Organization
	URL      string
	MainUser bool
	Current  bool
}

// Page is an organization's page.
type Page struct {
	layout.Base
	Kinds         []Kind
	Ended         []Number
	MoreEnded     string
	MainUsers     []MainUser
	MainUserCount int
}

// Kind is a list of the numbers of one kind.
type Kind struct {
	Kind    string // as ui.Kinds
	Numbers []Number
	More    string // address that shows more; empty when all are shown
}

// Number is a contract number with what hangs on it.
type Number struct {
	ui.ContractNumber
	From        time.Time
	To          time.Time // the last day; zero while no end is known
	Upcoming    bool      // it begins later than today
	People      []Named
	PeopleCount int
	ManyPeople  bool // there are more than were counted
	PeopleURL   string
	Keys        []Using
	KeyCount    int
}

// Named is something with a name and, where the reader may see it, a page.
type Named struct {
	Name string
	URL  string
}

// Using is an API key that uses a number, or an application account that does.
type Using struct {
	Named
	Application bool
}

// MainUser is a person to turn to.
type MainUser struct {
	Name     string
	Initials string
	Email    string
	URL      string
	ID       string
}
