package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"omapostipro/internal/account"
	"omapostipro/internal/apikey"
	"omapostipro/internal/application"
	"omapostipro/internal/company"
	"omapostipro/internal/config"
	"omapostipro/internal/demo"
	"omapostipro/internal/eventlog"
	"omapostipro/internal/job"
	"omapostipro/internal/mail"
	"omapostipro/internal/organization"
	"omapostipro/internal/pickup"
	"omapostipro/internal/privilege"
	"omapostipro/internal/ratelimit"
	"omapostipro/internal/session"
	"omapostipro/internal/shipment"
	"omapostipro/templates/paths"
	"omapostipro/web"
	"omapostipro/web/api"
)

type serveCommand struct{}

// Help gives examples.
func (serveCommand) Help() string {
	return "What can be set is told by portal help. It says what it does on standard error, as JSON with PORTAL_LOG_FORMAT=json.\n\n" +
		"Examples:\n\n  portal\n\n  PORTAL_LISTEN=127.0.0.1:9000 portal serve"
}

// Run serves until a signal; one that comes during the start ends it as well.
func (serveCommand) Run(p *process) error {
	err := serve(p)
	if p.ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// serve starts everything in order: who the process is, its port, its database, its schema, its keyset, its demo data.
func serve(p *process) error {
	settings, err := config.Load(p.getenv)
	if err != nil {
		return err
	}
	log := logger(settings, p.stderr)
	if err := unprivileged(settings); err != nil {
		return err
	}
	listener, err := listen(p.ctx, settings.Listen)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }() // Serve closes it first; this is for a start that fails
	database, err := openDatabase(p.ctx, settings, log)
	if err != nil {
		return err
	}
	defer database.stop(log)
	if _, err := database.migrate(p.ctx, settings); err != nil {
		return err
	}
	db, err := database.serving(p.ctx, settings)
	if err != nil {
		return err
	}
	defer db.Close()
	box, err := openKeyset(p.ctx, settings, database)
	if err != nil {
		return err
	}
	if settings.Demo() {
		if _, err := database.seed(p.ctx, box); err != nil {
			return err
		}
	}
	if err := web.Maintain(p.ctx, db, time.Now(), settings.EventMonths); err != nil {
		return err
	}
	origin := settings.Origin(listener.Addr())
	keys := apikey.NewService(db, box, time.Now)
	if err := keys.CheckKeyset(p.ctx); err != nil {
		return err
	}
	applications := application.NewService(db, box, time.Now)
	accounts := account.NewService(db, time.Now)
	if !settings.Demo() {
		if err := demo.CheckAbsent(p.ctx, accounts, keys, applications); err != nil {
			return err
		}
	}
	mails := mail.NewService(mail.Config{DB: db, Box: box, Now: time.Now, BaseURL: origin, Keep: settings.Demo()})
	carry, err := carrier(settings, origin)
	if err != nil {
		return err
	}
	orders := shipment.NewOrders(db, time.Now).Moving(shipment.Pace{Speed: settings.TrackingSpeed, Magic: settings.Demo()})
	if err := orders.KeepPace(p.ctx); err != nil {
		return err
	}
	jobs, err := job.NewRunner(db, log, mails.Work(carry, log), orders.Work(log))
	if err != nil {
		return err
	}
	own := account.NewOwn(account.OwnConfig{DB: db, Now: time.Now, Accounts: accounts, Mail: mails,
		PasswordPath: paths.PasswordBy, EmailPath: paths.EmailConfirmationBy})
	pickups := pickup.NewService(db, time.Now)
	server := web.New(web.Config{
		BaseURL:        origin,
		Secure:         settings.Secure(),
		TrustedProxies: settings.TrustedProxies,
		Demo:           settings.Demo(),
		Log:            log,
		Now:            time.Now,
		DB:             db,
		Ready:          db.CheckSchema,
		Sessions:       session.NewStore(db, time.Now, session.Options{Secure: settings.Secure(), Idle: settings.SessionIdle, Absolute: settings.SessionAbsolute}),
		Accounts:       accounts,
		Own:            own,
		Organizations:  organization.NewService(db, time.Now),
		Invitations: organization.NewInvitations(organization.InvitationsConfig{DB: db, Now: time.Now, Accounts: accounts, Mail: mails,
			LinkPath: paths.Invitation, PendingPath: paths.PendingInvitation, InvitePath: paths.NewInvitationFor}),
		Companies:    company.NewService(db, time.Now),
		Keys:         keys,
		Applications: applications,
		Pickups:      pickups,
		Events:       eventlog.NewService(db),
		EventMonths:  settings.EventMonths,
		Mail:         mails,
		Mailbox:      mailbox(settings),
		API: api.New(api.Config{Pickups: pickups, BaseURL: origin, Log: log, Keys: keys, Applications: applications, Limits: limits(settings), Now: time.Now, Orders: orders,
			Test: settings.Demo(), Origin: web.Origin}),
	})
	ctx, cancel := database.whileUp(p.ctx)
	defer cancel()
	if err := jobs.Start(ctx); err != nil {
		return err
	}
	defer func() {
		if err := jobs.Stop(ctx); err != nil {
			log.Warn("jobs did not finish; they are done after the next start", "error", err)
		}
	}()
	key, client := false, false
	if settings.Demo() {
		key, client = demo.Works(p.ctx, keys, applications)
	}
	announce(p.stdout, settings, origin, database, key, client)
	if err := server.Serve(ctx, listener, settings.ShutdownTimeout); err != nil {
		return err
	}
	return database.failure(p.ctx)
}

// limits gives how often the API may be called, with bursts of two seconds' worth.
func limits(settings config.Config) api.Limits {
	limit := func(rate config.Rate) ratelimit.Limit {
		return ratelimit.Limit{PerSecond: rate.PerSecond(), Burst: 2 * rate.PerSecond()}
	}
	return api.Limits{Address: limit(settings.AddressRate), Credential: limit(settings.CredentialRate)}
}

// unprivileged settles as whom the process runs, before anything of the portal exists. Where neither database nor keyset
// is in the data folder, there is none: a container's file system need not take one.
func unprivileged(settings config.Config) error {
	keyset := settings.Demo() && settings.DataDir != "" && filepath.Dir(settings.KeysetFile) == filepath.Clean(settings.DataDir)
	if !settings.Embedded() && !keyset {
		return nil
	}
	return privilege.Drop(settings.DataDir)
}

// carrier is how mail is delivered.
func carrier(settings config.Config, origin string) (mail.Carrier, error) {
	if settings.SMTPURL == "" {
		return mail.Shown, nil
	}
	return mail.SMTP(settings.SMTPURL.Reveal(), settings.From(origin))
}

// mailbox is where those who try the portal read its mail: the page Utkorg, or the mail server's own; in production nowhere.
func mailbox(settings config.Config) string {
	switch {
	case !settings.Demo():
		return ""
	case settings.SMTPURL == "":
		return paths.Outbox
	}
	return settings.MailboxURL
}

// listen takes the port first of all: a second portal on it fails before it touches anything.
func listen(ctx context.Context, address string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use: does another portal run here? PORTAL_LISTEN sets another port", address)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return listener, nil
}

func logger(settings config.Config, w io.Writer) *slog.Logger {
	if settings.LogFormat == config.LogJSON {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

// announce prints where the portal is, how to log in, with what of the demo's the API can be called, and where its data is.
func announce(w io.Writer, settings config.Config, origin string, database *database, key, client bool) {
	var b strings.Builder
	fmt.Fprintf(&b, "\nOmaPosti Pro is ready: %s\n\n", origin)
	if settings.Demo() {
		fmt.Fprintf(&b, "Log in with the password %s as\n", demo.Password)
		for _, logIn := range demo.LogIns() {
			fmt.Fprintf(&b, "  %-26s %s\n", logIn.Email, logIn.About)
		}
		b.WriteByte('\n')
	}
	if key || client {
		fmt.Fprintf(&b, "Call the API as %s, contract %s, with\n", demo.Organization, demo.Contract)
		if client {
			fmt.Fprintf(&b, "  %-26s %s\n", "client id", demo.ClientID)
			fmt.Fprintf(&b, "  %-26s %s\n", "client secret", demo.ClientSecret)
		}
		if key {
			fmt.Fprintf(&b, "  %-26s %s\n", "API key", demo.APIKey)
		}
		b.WriteByte('\n')
	}
	if database.server != nil {
		fmt.Fprintf(&b, "Data: %s (PostgreSQL %s)\n", settings.DataDir, database.server.Version())
	}
	b.WriteString("Stop with Ctrl-C.\n")
	_, _ = io.WriteString(w, b.String())
}
