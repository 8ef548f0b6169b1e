package session_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/sessions"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/session"
)

var options = session.Options{Idle: 12 * time.Hour, Absolute: 7 * 24 * time.Hour}

// logIn begins a session and gives a request that carries it.
func logIn(t *testing.T, d *demotest.Data, store *session.Store, email string) *http.Request {
	t.Helper()
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/login", nil)
	if err := store.Begin(w, r, d.User(t, email), audit.Who{Kind: audit.Nobody, RequestID: "request", Address: "192.0.2.1"}); err != nil {
		t.Fatal(err)
	}
	r = httptest.NewRequest(http.MethodGet, "/", nil)
	for _, cookie := range w.Result().Cookies() {
		r.AddCookie(cookie)
	}
	return r
}

func identify(t *testing.T, store *session.Store, r *http.Request, organization uuid.UUID) *account.Identity {
	t.Helper()
	identity, err := store.Identify(r, organization)
	if err != nil {
		t.Fatal(err)
	}
	return identity
}

func numbers(list []account.ContractNumber) (numbers []string) {
	for _, number := range list {
		numbers = append(numbers, number.Number)
	}
	return numbers
}

func TestSessionTellsWhoAsks(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	store := session.NewStore(d.App, d.Clock.Now, options)
	if identity := identify(t, store, httptest.NewRequest(http.MethodGet, "/", nil), uuid.Nil); identity != nil {
		t.Errorf("without a cookie it is %+v", identity)
	}
	r := logIn(t, d, store, demotest.Both)
	example, test := d.Organization(t, demotest.ExampleOy), d.Organization(t, demotest.Testbolaget)
	identity := identify(t, store, r, example.ID)
	if identity.Email != demotest.Both || identity.Name() != "Oskar Lindqvist" || identity.Language != "" || identity.LastOrganization != uuid.Nil || !identity.LastSeen.Equal(d.Clock.Now()) {
		t.Errorf("it is %+v", identity)
	}
	if m := identity.Memberships; len(m) != 2 || m[0].Organization != example || m[0].UserType != account.RegularUser || !slices.Equal(m[0].Permissions, []account.Permission{account.TrackShipments}) ||
		m[1].Organization != test || m[1].UserType != account.MainUser || len(m[1].Permissions) != 5 {
		t.Errorf("member of %+v", m)
	}
	// Numbers are those of the organisation that is asked for, that can be used today.
	for organization, want := range map[uuid.UUID][]string{example.ID: {"654321"}, test.ID: {"600123"}, uuid.Nil: nil, uuid.Max: nil} {
		if got := numbers(identify(t, store, r, organization).Numbers); !slices.Equal(got, want) {
			t.Errorf("in %s: %v", organization, got)
		}
	}
	d.EndNumber(t, "654321", d.Clock.Now())
	if got := numbers(identify(t, store, r, example.ID).Numbers); len(got) != 1 {
		t.Errorf("on the last day: %v", got)
	}
	d.EndNumber(t, "654321", d.Clock.Now().AddDate(0, 0, -1))
	if got := numbers(identify(t, store, r, example.ID).Numbers); len(got) != 0 {
		t.Errorf("on the day after it: %v", got)
	}
	d.Leave(t, demotest.Both, demotest.ExampleOy)
	if m := identify(t, store, r, example.ID).Memberships; len(m) != 1 || m[0].Organization != test {
		t.Errorf("after leaving: %+v", m)
	}
	d.Exec(t, "update users set language = 'fi', last_organization_id = $2 where id = $1", identity.ID, test.ID)
	if identity := identify(t, store, r, uuid.Nil); identity.Language != "fi" || identity.LastOrganization != test.ID {
		t.Errorf("it is %+v", identity)
	}
}

func TestSightingsAreWrittenInOneStatement(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	store := session.NewStore(d.App, d.Clock.Now, options)
	first, second := logIn(t, d, store, demotest.MainUser), logIn(t, d, store, demotest.OtherMain)
	d.Clock.Advance(time.Hour)
	example, test := d.Organization(t, demotest.ExampleOy).ID, d.Organization(t, demotest.Testbolaget).ID
	firstID := identify(t, store, first, example).SessionID
	identify(t, store, second, test)
	identify(t, store, second, uuid.Nil)
	flush := func() demotest.Asked {
		return d.Asked.During(func() {
			if err := store.Flush(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	if asked := flush(); len(asked.SQL) > 2 {
		t.Errorf("written by %q", asked.SQL)
	}
	seen := demotest.Rows[struct {
		Email            string
		Seen             time.Time
		LastOrganization uuid.UUID
	}](t, d.System, "select u.email::text, s.last_seen_at as seen, u.last_organization_id as last_organization from sessions s join users u on u.id = s.user_id order by 1 desc")
	if len(seen) != 2 || !seen[0].Seen.Equal(d.Clock.Now()) || !seen[1].Seen.Equal(d.Clock.Now()) || seen[0].LastOrganization != test || seen[1].LastOrganization != example {
		t.Errorf("seen are %+v", seen)
	}
	if asked := flush(); asked.Trips != 0 {
		t.Errorf("nothing costs %q", asked.SQL)
	}
	// What another instance has written since is not turned back; a session that has ended does no harm.
	d.Clock.Advance(time.Hour)
	identify(t, store, first, example)
	identify(t, store, second, test)
	later := d.Clock.Now().Add(time.Minute)
	d.Exec(t, "update sessions set last_seen_at = $2 where id = $1", firstID, later)
	d.Exec(t, "delete from sessions where id <> $1", firstID)
	flush()
	if got := demotest.Value[time.Time](t, d.System, "select last_seen_at from sessions"); !got.Equal(later) {
		t.Errorf("turned back to %s", got)
	}
}

// It is a store of gorilla/sessions, whose cookies are ours to set.
func TestGorillasStore(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	store := session.NewStore(d.App, d.Clock.Now, options)
	var _ sessions.Store = store
	r := logIn(t, d, store, demotest.MainUser)
	known, err := store.Get(r, "session")
	if err != nil || known.IsNew || known.ID == "" || !known.Options.HttpOnly || known.Options.SameSite != http.SameSiteLaxMode {
		t.Errorf("known is %+v, %v", known, err)
	}
	for name, r := range map[string]*http.Request{"session": httptest.NewRequest(http.MethodGet, "/", nil), "another": r} {
		if fresh, err := store.New(r, name); err != nil || !fresh.IsNew || len(fresh.Values) != 0 {
			t.Errorf("%s is %+v, %v", name, fresh, err)
		}
	}
	w := httptest.NewRecorder()
	known.Options.MaxAge = -1
	if err := known.Save(r, w); err != nil || w.Result().Cookies()[0].MaxAge != -1 {
		t.Errorf("cleared: %v, %v", w.Header(), err)
	}
}

// Logging in that cannot be written down does not happen.
func TestSessionWithoutAnEventDoesNotBegin(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	store := session.NewStore(d.App, d.Clock.Now, options)
	d.AsSuperuser(t, "revoke insert on portal.audit_events from portal_app")
	w := httptest.NewRecorder()
	if err := store.Begin(w, httptest.NewRequest(http.MethodPost, "/login", nil), d.User(t, demotest.MainUser), audit.Who{Kind: audit.Nobody}); err == nil || len(w.Result().Cookies()) > 0 {
		t.Errorf("begun: %v, %v", w.Header(), err)
	}
	if begun := demotest.Value[int](t, d.System, "select count(*) from sessions"); begun != 0 {
		t.Errorf("%d sessions", begun)
	}
}
