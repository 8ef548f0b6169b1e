package organizations

import (
	"github.com/a-h/templ"

	"omapostipro/internal/i18n"
	"omapostipro/templates/layout"
)

func roleLabel(p *i18n.Printer, mainUser bool) string {
	if mainUser {
		return p.T("users.main_user")
	}
	return p.T("users.regular_user")
}

// validity says from when and until when a number can be used.
func validity(p *i18n.Printer, n Number) string {
	if n.To.IsZero() {
		return p.T("organizations.valid_from", "from", p.Day(n.From))
	}
	return p.T("organizations.valid_between", "from", p.Day(n.From), "to", p.Day(n.To))
}

func (u Using) kind(p *i18n.Printer) string {
	if u.Application {
		return p.T("users.application")
	}
	return p.T("users.key")
}

// others says how many there are beside those that are named.
func (n Number) others(p *i18n.Printer) string {
	rest := n.PeopleCount - len(n.People)
	switch {
	case n.ManyPeople:
		return p.T("organizations.many_people", "count", n.PeopleCount-1)
	case rest > 0:
		return p.N("organizations.more_people", rest)
	default:
		return ""
	}
}

// rowsID is the id of the rows of a kind.
func rowsID(kind string) string { return kind + "-rows" }

// searchFrom is how many organizations can be seen at a glance; of more there is a search.
const searchFrom = layout.MaxSwitch

func current(here bool) templ.Attributes {
	if !here {
		return nil
	}
	return templ.Attributes{"aria-current": "true"}
}
