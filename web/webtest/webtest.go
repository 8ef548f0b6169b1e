// Package webtest is a client for tests of the portal: the real handler on a database of its own with the demo data, as
// a browser meets it. Pages are checked by CSS selectors.
package webtest

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/apikey"
	"omapostipro/internal/application"
	"omapostipro/internal/audit"
	"omapostipro/internal/company"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/eventlog"
	"omapostipro/internal/mail"
	"omapostipro/internal/organization"
	"omapostipro/internal/pickup"
	"omapostipro/internal/postgres"
	"omapostipro/internal/secretbox"
	"omapostipro/internal/session"
	"omapostipro/internal/shipment"
	"omapostipro/templates/paths"
	"omapostipro/web"
	"omapostipro/web/api"
)

// Times after which sessions end, as in the demo set-ups.
const (
	Idle     = 12 * time.Hour
	Absolute = 7 * 24 * time.Hour
)

// Portal is a portal that runs for one test.
type Portal struct {
	*demotest.Data
	URL          string // scheme and host
	Server       *web.Server
	Sessions     *session.Store
	Keys         *apikey.Service
	Applications *application.Service
	Log          *Log
	Mail         *mail.Service
	Invitations  *organization.Invitations

	Options Options // heeded by Restart

	t      testing.TB
	db     *postgres.DB
	client *http.Client // of the server; browsers have cookies of their own
}

// Options of a portal; the zero value is the demo set-up over http.
type Options struct {
	HTTPS    bool
	Real     bool          // no demonstration
	Limits   api.Limits    // none unless set
	BodyTime time.Duration // of the API; as ever unless set
	// DB is what the portal serves from, if not the data's own pool.
	DB func(*demotest.Data) *postgres.DB
}

// New starts a portal. It stops after the test.
func New(t testing.TB) *Portal {
	t.Helper()
	return NewWith(t, Options{})
}

// NewWith starts a portal with options.
func NewWith(t testing.TB, options Options) *Portal {
	t.Helper()
	data := demotest.New(t)
	p := &Portal{Data: data, Log: new(Log), t: t, db: data.App, Options: options}
	if options.DB != nil {
		p.db = options.DB(data)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.Server.ServeHTTP(w, r) }))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	p.URL = "http://" + server.Listener.Addr().String()
	if options.HTTPS {
		p.URL = "https://" + server.Listener.Addr().String()
	}
	p.Restart()
	if options.HTTPS {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	p.client = server.Client()
	return p
}

// Restart makes everything anew that is not in the database, as cmd/portal does when it starts.
func (p *Portal) Restart() {
	p.t.Helper()
	db, options, now := p.db, p.Options, p.Clock.Now
	p.Keys = apikey.NewService(db, keyset(p.t), now)
	p.Applications = application.NewService(db, keyset(p.t), now)
	p.Sessions = session.NewStore(db, now, session.Options{Secure: options.HTTPS, Idle: Idle, Absolute: Absolute})
	p.Mail = mail.NewService(mail.Config{DB: db, Box: keyset(p.t), Now: now, BaseURL: p.URL, Keep: !options.Real})
	accounts := account.NewService(db, now)
	p.Invitations = organization.NewInvitations(organization.InvitationsConfig{DB: db, Now: now, Accounts: accounts, Mail: p.Mail,
		LinkPath: paths.Invitation, PendingPath: paths.PendingInvitation, InvitePath: paths.NewInvitationFor})
	own := account.NewOwn(account.OwnConfig{DB: db, Now: now, Accounts: accounts, Mail: p.Mail,
		PasswordPath: paths.PasswordBy, EmailPath: paths.EmailConfirmationBy})
	pickups := pickup.NewService(db, now)
	log := slog.New(p.Log)
	mailbox := paths.Outbox
	if options.Real {
		mailbox = ""
	}
	p.Server = web.New(web.Config{
		BaseURL:        p.URL,
		Secure:         options.HTTPS,
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
		Demo:           !options.Real,
		Log:            log,
		Now:            now,
		DB:             db,
		Ready:          db.CheckSchema,
		Sessions:       p.Sessions,
		Accounts:       accounts,
		Own:            own,
		Organizations:  organization.NewService(db, now),
		Invitations:    p.Invitations,
		Companies:      company.NewService(db, now),
		Keys:           p.Keys,
		Applications:   p.Applications,
		Pickups:        pickups,
		Events:         eventlog.NewService(db),
		EventMonths:    24,
		Mail:           p.Mail,
		Mailbox:        mailbox,
		API: api.New(api.Config{BaseURL: p.URL, Log: log, Keys: p.Keys, Applications: p.Applications, Limits: options.Limits, BodyTime: options.BodyTime, Now: now, Pickups: pickups, Orders: shipment.NewOrders(db, now).Moving(shipment.Pace{Magic: !options.Real}),
			Test: !options.Real, Origin: web.Origin}),
	})
}

// Letters gives what was written to an address, the newest first, whether it was delivered or not.
func (p *Portal) Letters(address string) []mail.Message {
	p.t.Helper()
	mails, _, err := p.Mail.List(p.t.Context(), uuid.Nil, false)
	if err != nil {
		p.t.Fatal(err)
	}
	var letters []mail.Message
	for _, m := range mails {
		if m.Recipient != address {
			continue
		}
		_, letter, err := p.Mail.Read(p.t.Context(), m.ID)
		if err != nil {
			p.t.Fatal(err)
		}
		letters = append(letters, letter)
	}
	return letters
}

// keyset is one for all tests of a package.
var keyset = func() func(t testing.TB) *secretbox.Box {
	box := sync.OnceValues(func() (*secretbox.Box, error) {
		made, err := secretbox.Generate()
		if err != nil {
			return nil, err
		}
		return secretbox.Parse(made)
	})
	return func(t testing.TB) *secretbox.Box {
		t.Helper()
		b, err := box()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}()

// Nobody opens a browser in which nobody is logged in.
func (p *Portal) Nobody() *Browser {
	return &Browser{portal: p, t: p.t, cookies: map[string]string{}, Header: http.Header{}}
}

// NobodyWith opens such a browser that sends a header with each request.
func (p *Portal) NobodyWith(header, value string) *Browser {
	b := p.Nobody()
	b.Header.Set(header, value)
	return b
}

// As opens a browser in which a person is logged in. Their password is not asked for, which costs time: logging in has
// tests of its own.
func (p *Portal) As(email string) *Browser {
	p.t.Helper()
	b := p.Nobody()
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, p.URL+"/login", nil)
	if err := p.Sessions.Begin(w, r, p.User(p.t, email), audit.Who{Kind: audit.Nobody}); err != nil {
		p.t.Fatal(err)
	}
	b.take(w.Result())
	return b
}

// Home gives the address of an organisation, by its business ID; what else is in it comes after.
func (p *Portal) Home(businessID string) string {
	p.t.Helper()
	return "/o/" + p.Organization(p.t, businessID).ID.String()
}
