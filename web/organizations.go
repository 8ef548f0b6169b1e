package web

import (
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"omapostipro/internal/account"
	"omapostipro/internal/organization"
	"omapostipro/templates/layout"
	"omapostipro/templates/organizations"
	"omapostipro/templates/paths"
)

// organizationsPage is how many organisations a page of them shows before Visa mera.
const organizationsPage = 20

// showOrganizations shows Organisationer: those that the reader belongs to. Where they are a main user, a row leads to
// the organisation's page, else to its Hem.
func (s *Server) showOrganizations(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.there = paths.Organizations
	found := v.findOrganizations(r, func(m account.Membership) string {
		if there, _ := v.identity.Actor(m.ID, "", ""); mainUser.allows(there) {
			return paths.Organization(m.ID.String())
		}
		return paths.Home(m.ID.String())
	})
	return render(w, r, http.StatusOK, organizations.ListPage{Base: v.base(), Search: found}.View())
}

// showSwitch shows Byt organisation as a page, for who belongs to many. from is the page that one comes from: a row
// leads to its counterpart there if the reader may see it.
func (s *Server) showSwitch(w http.ResponseWriter, r *http.Request, v *visit) error {
	from := r.URL.Query().Get("from")
	need, there := v.counterpart(from)
	found := v.findOrganizations(r, func(m account.Membership) string {
		if actor, _ := v.identity.Actor(m.ID, "", ""); need.allows(actor) {
			return there(m.ID.String())
		}
		return paths.Home(m.ID.String())
	})
	return render(w, r, http.StatusOK, organizations.SwitchPage{Base: v.base(), Search: found, From: sameSitePath(from)}.View())
}

// counterpart gives what a page of this organisation is in others, and what it asks of its reader there.
func (v *visit) counterpart(path string) (need, func(organization string) string) {
	here := v.organization()
	for _, section := range []struct {
		need  need
		there func(string) string
	}{
		{mainUser, paths.Users}, {integrator, paths.Keys}, {integrator, paths.Integrations}, {mainUser, paths.Organizations},
		{mainUser, paths.Organization}, {member, paths.Company},
	} {
		rest, inside := strings.CutPrefix(path, section.there(here))
		if inside && (rest == "" || strings.ContainsRune("/?", rune(rest[0]))) {
			return section.need, section.there
		}
	}
	return member, paths.Home
}

// findOrganizations gives those of the reader whose name or business ID contains the query, a page of them.
func (v *visit) findOrganizations(r *http.Request, url func(account.Membership) string) organizations.Search {
	values := r.URL.Query()
	found := organizations.Search{Query: searchQuery(values), All: len(v.identity.Memberships)}
	query := folded(found.Query)
	matching := slices.DeleteFunc(slices.Clone(v.identity.Memberships), func(m account.Membership) bool {
		return !strings.Contains(folded(m.Name+" "+m.BusinessID), query)
	})
	found.Count = len(matching)
	// After the row of the cursor; one that is not there any more begins at the beginning.
	after := slices.IndexFunc(matching, func(m account.Membership) bool { return m.ID.String() == values.Get("after") })
	rest := matching[after+1:]
	for _, m := range rest[:min(len(rest), organizationsPage)] {
		found.Rows = append(found.Rows, organizations.Row{Organization: organizationOf(m.Organization), URL: url(m),
			MainUser: m.UserType == account.MainUser, Current: m.ID == v.actor.Organization.ID})
	}
	if len(rest) > organizationsPage {
		found.More = nextPage(r.URL, "after", rest[organizationsPage-1].ID.String())
	}
	return found
}

// folded gives a text as it is searched: without case, and without what stands above and below letters.
func folded(text string) string {
	text, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), text)
	if err != nil {
		return ""
	}
	return strings.ToLower(text)
}

// switchChoices gives the lines of Byt organisation: all that the reader belongs to, or of very many the first ones and
// the current one.
func (v *visit) switchChoices(current account.Organization) []layout.Choice {
	shown := v.identity.Memberships
	if len(shown) > layout.MaxSwitch {
		here := slices.IndexFunc(shown, func(m account.Membership) bool { return m.ID == current.ID })
		shown = slices.Clone(shown[:layout.MaxSwitch])
		if here >= layout.MaxSwitch {
			shown[layout.MaxSwitch-1] = v.identity.Memberships[here]
		}
	}
	choices := make([]layout.Choice, len(shown))
	for i, m := range shown {
		id := m.ID.String()
		there, _ := v.identity.Actor(m.ID, "", "")
		choices[i] = layout.Choice{Organization: organizationOf(m.Organization), URL: paths.Home(id), Current: m.ID == current.ID}
		if v.need.allows(there) {
			choices[i].URL = v.there(id)
		}
	}
	return choices
}

// showOrganization shows an organisation's page: its numbers with what hangs on them, and its main users.
func (s *Server) showOrganization(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.there = paths.Organization
	values := r.URL.Query()
	after := organization.NumberCursors{Valid: map[account.Kind]organization.NumberCursor{}}
	after.Shown, _ = uuid.Parse(values.Get("number")) // where the log leads
	for _, kind := range account.Kinds() {
		cursor, err := organization.ParseNumberCursor(values.Get(string(kind) + "_after"))
		if err != nil {
			return err
		}
		after.Valid[kind] = cursor
	}
	var err error
	if after.Ended, err = organization.ParseNumberCursor(values.Get("ended_after")); err != nil {
		return err
	}
	overview, err := s.Organizations.Overview(r.Context(), v.actor, after)
	if err != nil {
		return err
	}
	page := organizations.Page{Base: v.base(), MainUserCount: overview.MainUserCount, Ended: v.heldNumbers(overview.Ended.Numbers)}
	more := func(list string, next organization.NumberCursor) string {
		if next == (organization.NumberCursor{}) {
			return ""
		}
		return nextPage(r.URL, list+"_after", next.String())
	}
	page.MoreEnded = more("ended", overview.Ended.Next)
	for _, kind := range account.Kinds() {
		valid := overview.Valid[kind]
		page.Kinds = append(page.Kinds, organizations.Kind{Kind: string(kind), Numbers: v.heldNumbers(valid.Numbers), More: more(string(kind), valid.Next)})
	}
	for _, p := range overview.MainUsers {
		page.MainUsers = append(page.MainUsers, organizations.MainUser{ID: p.ID.String(), Name: strings.TrimSpace(p.FirstName + " " + p.LastName),
			Initials: initials(p.FirstName, p.LastName), Email: p.Email, URL: paths.User(v.organization(), p.ID.String())})
	}
	return render(w, r, http.StatusOK, page.View())
}

func (v *visit) heldNumbers(held []organization.Held) []organizations.Number {
	shown := make([]organizations.Number, len(held))
	here := v.organization()
	for i, h := range held {
		number := organizations.Number{ContractNumber: numberOf(h.ContractNumber), From: h.ValidFrom, PeopleCount: h.PeopleCount, KeyCount: h.KeyCount,
			ManyPeople: h.PeopleCount > organization.MaxCounted, PeopleURL: paths.UsersWithNumber(here, h.ID.String())}
		if h.ValidTo != nil {
			number.To = *h.ValidTo
		}
		number.Upcoming = h.ValidFrom.After(account.Today(v.server.Now()))
		for _, person := range h.People {
			number.People = append(number.People, organizations.Named{Name: person.Name, URL: paths.User(here, person.ID.String())})
		}
		for _, key := range h.Keys {
			using := organizations.Using{Named: organizations.Named{Name: key.Name}, Application: key.Application}
			switch {
			case !integrator.allows(v.actor):
			case key.Application:
				using.URL = paths.Application(here, key.ID.String())
			default:
				using.URL = paths.Key(here, key.ID.String())
			}
			number.Keys = append(number.Keys, using)
		}
		shown[i] = number
	}
	return shown
}
