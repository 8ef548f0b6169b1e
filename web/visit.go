package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
	"omapostipro/templates/errorpage"
	"omapostipro/templates/layout"
	"omapostipro/templates/paths"
)

// visit is one request of a browser: who asks, in which organisation, and what the page around the answer needs.
type visit struct {
	server   *Server
	origin   origin
	identity *account.Identity // nil for nobody
	actor    account.Actor     // zero outside of an organisation
	need     need
	there    func(organization string) string // this page's counterpart in another organisation
	path     string
	zone     *time.Location // in which the reader reads times
	flash    layout.Flash
	list     string // the filter of the list of users that the visitor was on last
}

// need is what a page asks of its reader.
type need struct {
	allows func(account.Actor) bool
	lacks  errorpage.Lack
}

// What pages ask for. The rules themselves are account.Actor's.
var (
	member     = need{allows: func(account.Actor) bool { return true }}
	integrator = need{allows: account.Actor.SeesIntegrations, lacks: errorpage.LacksIntegrations}
	mainUser   = need{allows: account.Actor.ManagesUsers, lacks: errorpage.LacksMainUser}
	shipper    = need{allows: account.Actor.SeesPickups, lacks: errorpage.LacksPickups}
	accountant = need{allows: account.Actor.ManagesCompanyAccount, lacks: errorpage.LacksCompanyAccount}
)

// handlerFunc answers a visit, or gives the error that it ends with.
type handlerFunc func(w http.ResponseWriter, r *http.Request, v *visit) error

// open makes a handler of a page for everybody; the visit knows who is logged in, if anybody is.
func (s *Server) open(handle handlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, r, err := s.visit(w, r, uuid.Nil)
		if err == nil {
			err = handle(w, r, v)
		}
		s.fail(w, r, v, err)
	}
}

// own makes a handler of a page of one's own account, outside of any organisation: for everybody who is logged in.
func (s *Server) own(handle handlerFunc) http.HandlerFunc {
	return s.open(func(w http.ResponseWriter, r *http.Request, v *visit) error {
		if v.identity == nil {
			return errNobody()
		}
		return handle(w, r, v)
	})
}

// in makes a handler of a page inside an organisation, for members of whom it asks something. Rights are read on each
// request. An organisation that is not the reader's answers as one that does not exist.
func (s *Server) in(need need, handle handlerFunc) http.HandlerFunc {
	return s.inside(need, handle, func(http.ResponseWriter, *http.Request, *visit) error { return errNobody() })
}

// inside is in with what answers those who are not logged in.
func (s *Server) inside(need need, handle, nobody handlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		organization, _ := uuid.Parse(chi.URLParam(r, "organization")) // what is no id is the one that nobody belongs to
		v, r, err := s.visit(w, r, organization)
		switch {
		case err != nil:
		case v.identity == nil:
			err = nobody(w, r, v)
		default:
			if err = v.enter(r, organization, need); err == nil {
				err = handle(w, r, v)
			}
		}
		s.fail(w, r, v, err)
	}
}

func errNobody() error { return fault.New(fault.Unauthenticated, "login.failed") }

// visit finds out who asks: one query for those who have a cookie.
func (s *Server) visit(w http.ResponseWriter, r *http.Request, organization uuid.UUID) (*visit, *http.Request, error) {
	v := &visit{server: s, origin: originOf(r.Context()), path: r.URL.RequestURI(), zone: readerZone(r), there: paths.Home, need: member}
	identity, err := s.Sessions.Identify(r, organization)
	v.identity = identity
	r = r.WithContext(i18n.WithZone(i18n.With(r.Context(), s.language(r, identity)), v.zone))
	v.flash = s.takeFlash(w, r)
	return v, r, err
}

func (v *visit) enter(r *http.Request, organization uuid.UUID, need need) error {
	actor, belongs := v.identity.Actor(organization, v.origin.requestID, v.origin.address)
	if !belongs {
		return errNotFound()
	}
	v.actor, v.need = actor, need
	v.list = keptList(r, v)
	if !need.allows(actor) {
		return &lacking{need: need, Fault: fault.New(fault.Forbidden, "errors.forbidden_text")}
	}
	return nil
}

// lacking is the refusal of a page that asks for more than its reader has; its page helps.
type lacking struct {
	*fault.Fault
	need need
}

func (l *lacking) Unwrap() error { return l.Fault }

// anonymous names the visitor, who has not said who they are, for audit events.
func (v *visit) anonymous() audit.Who {
	return audit.Who{Kind: audit.Nobody, RequestID: v.origin.requestID, Address: v.origin.address}
}

// person names who is logged in for audit events.
func (v *visit) person() audit.Who {
	who := v.anonymous()
	who.Kind, who.ID = audit.Person, v.identity.ID
	return who
}

// home gives where somebody starts: Hem of the organisation that they were in last.
func (v *visit) home() string {
	if v.identity != nil {
		if m, ok := v.identity.Home(); ok {
			return paths.Home(m.ID.String())
		}
	}
	return paths.Public
}

// users gives the list of users as the visitor left it.
func (v *visit) users() string { return paths.UsersFor(v.organization(), v.list) }

// listKey says whose list it is, and where.
func (v *visit) listKey() string { return shortID(v.identity.ID) + shortID(v.actor.Organization.ID) }

// organization gives the id that addresses carry.
func (v *visit) organization() string { return v.actor.Organization.ID.String() }

// base gives what the page around the answer needs.
func (v *visit) base() layout.Base {
	base := layout.Base{Path: v.path, Now: v.server.Now(), Demo: v.server.Demo, Mailbox: v.server.Mailbox, Flash: v.flash}
	if v.identity == nil {
		return base
	}
	base.Person = layout.Person{ID: v.identity.ID.String(), Name: v.identity.Name(), Initials: initials(v.identity.FirstName, v.identity.LastName),
		Email: v.identity.Email}
	actor := v.actor
	if actor.Organization.ID == uuid.Nil { // a page about no organisation keeps the frame of the last one
		m, ok := v.identity.Home()
		if !ok {
			return base
		}
		actor, _ = v.identity.Actor(m.ID, "", "")
	}
	base.Organization = organizationOf(actor.Organization)
	base.Users = paths.UsersFor(base.Organization.ID, v.list)
	base.Menu = layout.Menu{Integrations: integrator.allows(actor), Users: mainUser.allows(actor), Pickups: shipper.allows(actor)}
	if count := len(v.identity.Memberships); count > 1 {
		base.Switch = v.switchChoices(actor.Organization)
		if count > layout.MaxSwitch {
			base.SwitchAll = paths.Switch(base.Organization.ID) + "?from=" + url.QueryEscape(v.path)
		}
	}
	return base
}

func organizationOf(o account.Organization) layout.Organization {
	return layout.Organization{ID: o.ID.String(), Name: o.Name, BusinessID: o.BusinessID}
}

// initials gives the first letters of first and last name.
func initials(names ...string) string {
	var b strings.Builder
	for _, name := range names {
		if r, _ := utf8.DecodeRuneInString(name); r != utf8.RuneError {
			b.WriteRune(unicode.ToUpper(r))
		}
	}
	return b.String()
}

// language gives the reader's: the account's, else what was chosen in this browser, else Swedish, whatever the browser
// says that it accepts.
func (s *Server) language(r *http.Request, identity *account.Identity) i18n.Lang {
	if identity != nil {
		if lang, ok := i18n.Parse(identity.Language); ok {
			return lang
		}
	}
	if cookie, err := r.Cookie(languageCookie); err == nil {
		if lang, ok := i18n.Parse(cookie.Value); ok {
			return lang
		}
	}
	return i18n.Default
}

// readerZone gives the time zone in which somebody reads: the one that scripts have told, else the carrier's.
func readerZone(r *http.Request) *time.Location {
	cookie, err := r.Cookie(zoneCookie)
	if err != nil || !zoneName.MatchString(cookie.Value) || cookie.Value == "Local" || cookie.Value == account.Zone().String() {
		return account.Zone()
	}
	zone, err := time.LoadLocation(cookie.Value)
	if err != nil {
		return account.Zone()
	}
	return zone
}

// zoneName is the form of the names that the IANA gives time zones.
var zoneName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+-]{1,29}(/[A-Za-z0-9_+-]{1,29}){0,2}$`)

func errNotFound() error { return fault.New(fault.NotFound, "errors.not_found_text") }

// pathID reads an id of the path; what is none answers as one that does not exist.
func pathID(r *http.Request, name string) (uuid.UUID, error) {
	id, err := uuid.Parse(chi.URLParam(r, name))
	if err != nil {
		return uuid.Nil, errNotFound()
	}
	return id, nil
}
