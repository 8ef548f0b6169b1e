// Package web is the portal as a browser meets it, and the one http.Handler that serves everything.
//
// routes.go is the site map. A request passes the middleware of middleware.go, becomes a visit (visit.go: who asks, in
// which organisation, in which language), and is answered by a handler that gives an error or a page; handler.go turns
// errors into pages, in one place.
package web

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/go-chi/chi/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/apikey"
	"omapostipro/internal/application"
	"omapostipro/internal/company"
	"omapostipro/internal/eventlog"
	"omapostipro/internal/i18n"
	"omapostipro/internal/mail"
	"omapostipro/internal/organization"
	"omapostipro/internal/pickup"
	"omapostipro/internal/postgres"
	"omapostipro/internal/session"
	"omapostipro/web/api"
)

// Config is what the server needs.
type Config struct {
	BaseURL        string // scheme and host, without a slash at the end: what links and the API's page are built from
	Secure         bool   // users come by https: cookies are Secure and __Host-
	TrustedProxies []netip.Prefix
	Demo           bool // the demo set-ups: the log-ins are listed on the login page
	Log            *slog.Logger
	Now            func() time.Time
	DB             *postgres.DB
	Ready          func(context.Context) error // nil when everything is there to serve
	Sessions       *session.Store
	Accounts       *account.Service
	Own            *account.Own
	Organizations  *organization.Service
	Invitations    *organization.Invitations
	Companies      *company.Service
	Keys           *apikey.Service
	Applications   *application.Service
	Pickups        *pickup.Service
	Events         *eventlog.Service
	EventMonths    int // how long events are kept
	Mail           *mail.Service
	Mailbox        string // where the portal's mail can be read, linked in the foot; paths.Outbox makes the page Utkorg; "" in production
	API            *api.API
}

// Server answers all requests.
type Server struct {
	Config
	router     *chi.Mux
	lastResort map[i18n.Lang][]byte // the page of an internal error
	docs       map[docsKey]func() (string, error)
}

// New makes a server.
func New(config Config) *Server {
	s := &Server{Config: config, lastResort: drawLastResort()}
	s.docs = s.drawDocs()
	s.router = s.routes()
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.router.ServeHTTP(w, r) }

// Routes gives every route, for the test that asks of each who may go there.
func (s *Server) Routes() chi.Routes { return s.router }

// flushEvery is how long it may take until last-used and last-seen times are written down.
const flushEvery = 5 * time.Second

// Serve answers requests on the listener until the context ends; then it takes no new ones, lets those that run finish
// for at most grace, and writes down what is still in memory.
func (s *Server) Serve(ctx context.Context, listener net.Listener, grace time.Duration) error {
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug), // clients that break off
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	tidied := make(chan struct{})
	go func() {
		defer close(tidied)
		s.tidy(background)
	}()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	finish, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := server.Shutdown(finish)
	if errors.Is(err, context.DeadlineExceeded) {
		s.Log.Warn("requests still ran when the time to finish was over")
		err = server.Close()
	}
	stop()
	<-tidied
	return err
}

// tidy does what no request waits for, until the context ends: it writes down who and what was seen, and once a day
// clears away what has expired and makes the next months' partitions.
func (s *Server) tidy(ctx context.Context) {
	flush, daily := time.NewTicker(flushEvery), time.NewTicker(24*time.Hour)
	defer flush.Stop()
	defer daily.Stop()
	for {
		select {
		case <-flush.C:
			s.flush(ctx)
		case <-daily.C:
			if err := Maintain(ctx, s.DB, s.Now(), s.EventMonths); err != nil {
				s.Log.Error("daily maintenance", "error", err)
			}
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			s.flush(last)
			return
		}
	}
}

// Maintain clears away what has expired, and events that were kept for so many months.
func Maintain(ctx context.Context, db *postgres.DB, now time.Time, eventMonths int) error {
	return errors.Join(db.Maintain(ctx, now), eventlog.DropBefore(ctx, db, now.AddDate(0, -eventMonths, 0)))
}

func (s *Server) flush(ctx context.Context) {
	if err := errors.Join(s.Sessions.Flush(ctx), s.Keys.Flush(ctx), s.Applications.Flush(ctx)); err != nil {
		s.Log.Warn("last-seen and last-used times are lost", "error", err)
	}
}
