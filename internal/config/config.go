// Package config reads the environment into one validated struct, once, at the start. Each variable is a field with its
// name, default and meaning in its tags; the help text and the README's table are made from them.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Config is everything that can be set. It may be printed and logged: its secrets do not show.
type Config struct {
	Environment Environment `env:"PORTAL_ENV" default:"demo with the embedded server, production with DATABASE_URL or PORTAL_MIGRATE_URL" doc:"demo or production. Demo data, and whatever else is for trying only, exists in demo. Production does not start without DATABASE_URL, a keyset, a mail server and an https base URL"`
	Listen      string      `env:"PORTAL_LISTEN" envDefault:"127.0.0.1:8080" doc:"host:port to listen on. Port 0 takes a free one"`
	BaseURL     string      `env:"PORTAL_BASE_URL" default:"http:// and where it listens" doc:"address that users and integrations reach the portal at, for links and cookies: scheme, host and port, without a path"`
	DataDir     string      `env:"PORTAL_DATA_DIR" default:"$XDG_DATA_HOME/omaposti-pro; for root /var/lib/omaposti-pro" doc:"folder of the embedded server's data and of the keyset"`

	DatabaseURL         Secret `env:"DATABASE_URL" file:"true" default:"none: the embedded server" doc:"outside PostgreSQL (15 or later) to serve from, logging in as portal_app: postgres://portal_app:password@host/database"`
	MigrateURL          Secret `env:"PORTAL_MIGRATE_URL" file:"true" default:"none" doc:"the same database as a role that may create roles and schemas, a superuser for example. Without it the schema must be current already"`
	MigrateAtStart      bool   `env:"PORTAL_MIGRATE_AT_START" envDefault:"true" doc:"false leaves migrations to portal migrate; start fails then while the schema is not current"`
	DatabaseConnections int32  `env:"PORTAL_DATABASE_CONNECTIONS" envDefault:"10" doc:"size of the connection pool, 2 to 1000"`

	PostgresBin         string `env:"PORTAL_POSTGRES_BIN" default:"PATH, then the usual places, then fetched" doc:"folder that holds the embedded server's initdb and postgres"`
	PostgresDownloadURL string `env:"PORTAL_POSTGRES_DOWNLOAD_URL" default:"the public Maven repository" doc:"address of a Maven repository to fetch the embedded server's programs from where none are installed"`

	Keyset     Secret `env:"PORTAL_KEYSET" default:"none" doc:"keyset that API keys are encrypted with, as portal keyset prints it. For those who keep it in a vault, instead of PORTAL_KEYSET_FILE"`
	KeysetFile string `env:"PORTAL_KEYSET_FILE" default:"keyset.json in PORTAL_DATA_DIR; none in production" doc:"file of the keyset. In demo it is made on the first start; once the database holds data, start fails without it"`

	SessionIdle     time.Duration `env:"PORTAL_SESSION_IDLE" default:"12h; 30m in production" doc:"a session ends after this long without a request"`
	SessionAbsolute time.Duration `env:"PORTAL_SESSION_ABSOLUTE" default:"168h; 12h in production" doc:"a session ends this long after the log-in in any case"`

	SMTPURL    Secret `env:"PORTAL_SMTP_URL" file:"true" default:"none: mail is shown on the page Utkorg" doc:"mail server: smtp://user:password@host:port, with TLS where it is offered, or smtps://. Production does not start without"`
	MailFrom   string `env:"PORTAL_MAIL_FROM" default:"no-reply@ and the host of the base URL" doc:"address that mail comes from, as OmaPosti Pro <portal@example.com>"`
	MailboxURL string `env:"PORTAL_MAILBOX_URL" default:"none" doc:"address where those who try the portal read its mail (Mailpit), linked in the foot of the pages in demo"`

	TrackingSpeed float64 `env:"PORTAL_TRACKING_SPEED" envDefault:"1" doc:"how fast shipments move by themselves: 1 as the carrier's, 60 an hour in a minute, 0 not at all (POST /api/v1/sandbox/shipments/{id}/advance moves them by hand). From the start on it holds for those under way too; of portals that share a database, the last to start says it for all"`

	EventMonths int `env:"PORTAL_EVENT_MONTHS" envDefault:"24" doc:"how many months the log of events goes back, 1 to 120. What is older is dropped, a month at a time"`

	TrustedProxies Proxies `env:"PORTAL_TRUSTED_PROXIES" default:"none" doc:"addresses and networks (CIDR), separated by commas, whose X-Forwarded-For is believed"`

	AddressRate    Rate `env:"PORTAL_API_ADDRESS_RATE" default:"50; off in demo" doc:"calls of the API a second that are answered to one client address, with bursts of twice as many; off lifts the limit. Each instance of the portal counts by itself"`
	CredentialRate Rate `env:"PORTAL_API_CREDENTIAL_RATE" default:"50; off in demo" doc:"the same for one API key or application account"`

	LogFormat       LogFormat     `env:"PORTAL_LOG_FORMAT" default:"text; json in production" doc:"text or json"`
	ShutdownTimeout time.Duration `env:"PORTAL_SHUTDOWN_TIMEOUT" envDefault:"20s" doc:"how long requests may go on after a signal to stop"`
}

// Embedded says whether the portal manages its own PostgreSQL server.
func (c Config) Embedded() bool { return c.DatabaseURL == "" && c.MigrateURL == "" }

// Demo says whether what is for trying only exists.
func (c Config) Demo() bool { return c.Environment == Demo }

// MigratesAtStart says whether this process brings the schema up to date before it serves. With DATABASE_URL alone it
// cannot: the role that serves owns nothing.
func (c Config) MigratesAtStart() bool {
	return c.MigrateAtStart && (c.Embedded() || c.MigrateURL != "")
}

// AppPassword is the password that DATABASE_URL gives portal_app: the first migration makes the role with it.
func (c Config) AppPassword() string {
	if c.DatabaseURL == "" {
		return ""
	}
	database, err := pgconn.ParseConfig(c.DatabaseURL.Reveal())
	if err != nil || database.User != "portal_app" {
		return ""
	}
	return database.Password
}

// Origin is the portal's public address, as https://portal.example: the one that is set, or else where it listens.
func (c Config) Origin(listening net.Addr) string {
	if c.BaseURL != "" {
		return c.BaseURL
	}
	host, port, err := net.SplitHostPort(listening.String())
	if err != nil {
		return "http://" + listening.String()
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	if port == "80" {
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		return "http://" + host
	}
	return "http://" + net.JoinHostPort(host, port)
}

// From is the address that mail comes from: the one that is set, or else one at the portal's host.
func (c Config) From(origin string) mail.Address {
	if from, err := mail.ParseAddress(c.MailFrom); err == nil {
		return *from
	}
	host := "localhost"
	if u, err := url.Parse(origin); err == nil && net.ParseIP(u.Hostname()) == nil {
		host = u.Hostname()
	}
	return mail.Address{Name: "OmaPosti Pro", Address: "no-reply@" + host}
}

// Secure says whether users come by https, so that cookies may be theirs alone.
func (c Config) Secure() bool { return strings.HasPrefix(c.BaseURL, "https://") }

// Load reads and checks the environment for a portal that serves. Its error has a line for everything that is wrong.
func Load(getenv func(name string) string) (Config, error) {
	return load(getenv, os.Geteuid(), Config.checkServing)
}

// LoadToMigrate is Load for portal migrate, which needs no keyset and no address, but a role that may migrate.
func LoadToMigrate(getenv func(name string) string) (Config, error) {
	return load(getenv, os.Geteuid(), Config.checkMigrating)
}

func load(getenv func(string) string, uid int, check func(Config, *faults)) (Config, error) {
	var found faults
	c := read(getenv, &found)
	c.setDefaults(getenv, uid)
	c.checkValues(&found)
	check(c, &found)
	if len(found) > 0 {
		return Config{}, errors.Join(found...)
	}
	return c, nil
}

// setDefaults fills in what depends on the set-up.
func (c *Config) setDefaults(getenv func(string) string, uid int) {
	if c.Environment == "" {
		c.Environment = Demo
		if !c.Embedded() {
			c.Environment = Production
		}
	}
	sessionIdle, sessionAbsolute, logFormat := 12*time.Hour, 7*24*time.Hour, LogText
	if !c.Demo() {
		sessionIdle, sessionAbsolute, logFormat = 30*time.Minute, 12*time.Hour, LogJSON
	}
	c.SessionIdle = cmp.Or(c.SessionIdle, sessionIdle)
	c.SessionAbsolute = cmp.Or(c.SessionAbsolute, sessionAbsolute)
	rate := noRate
	if !c.Demo() {
		rate = 50
	}
	c.AddressRate, c.CredentialRate = cmp.Or(c.AddressRate, rate), cmp.Or(c.CredentialRate, rate)
	c.LogFormat = cmp.Or(c.LogFormat, logFormat)
	c.DataDir = cmp.Or(c.DataDir, defaultDataDir(getenv, uid))
	if c.Keyset == "" && c.KeysetFile == "" && c.Demo() && c.DataDir != "" {
		c.KeysetFile = filepath.Join(c.DataDir, "keyset.json")
	}
}

// checkValues checks each value by itself.
func (c *Config) checkValues(found *faults) {
	if !isHostPort(c.Listen) {
		found.add("PORTAL_LISTEN", "%q is not host:port", c.Listen)
	}
	if c.BaseURL != "" {
		origin, ok := originOf(c.BaseURL)
		if !ok {
			found.add("PORTAL_BASE_URL", "%q is not http(s)://host or http(s)://host:port", c.BaseURL)
		}
		c.BaseURL = origin
	}
	switch needed := c.Embedded() || c.Demo() && c.Keyset == "" && c.KeysetFile == ""; {
	case c.DataDir == "" && needed:
		found.add("PORTAL_DATA_DIR", "must be set, because neither XDG_DATA_HOME nor HOME is")
	case c.DataDir != "" && !filepath.IsAbs(c.DataDir):
		found.add("PORTAL_DATA_DIR", "%q is not an absolute path", c.DataDir)
	}
	checkDatabase(found, "DATABASE_URL", c.DatabaseURL)
	checkDatabase(found, "PORTAL_MIGRATE_URL", c.MigrateURL)
	if c.DatabaseConnections < 2 || c.DatabaseConnections > 1000 {
		found.add("PORTAL_DATABASE_CONNECTIONS", "%d is not between 2 and 1000", c.DatabaseConnections)
	}
	if c.PostgresDownloadURL != "" {
		if address, err := url.Parse(c.PostgresDownloadURL); err != nil || address.Host == "" {
			found.add("PORTAL_POSTGRES_DOWNLOAD_URL", "%q is not an address", c.PostgresDownloadURL)
		}
	}
	if c.Keyset != "" && c.KeysetFile != "" {
		found.add("PORTAL_KEYSET", "set this or PORTAL_KEYSET_FILE, not both")
	}
	if c.SMTPURL != "" {
		// The library's own reason may quote the password.
		if u, err := url.Parse(c.SMTPURL.Reveal()); err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
			found.add("PORTAL_SMTP_URL", "is not the address of a mail server (smtp://user:password@host:port or smtps://)")
		}
	}
	if c.MailFrom != "" {
		if _, err := mail.ParseAddress(c.MailFrom); err != nil {
			found.add("PORTAL_MAIL_FROM", "%q is not an address that mail can come from", c.MailFrom)
		}
	}
	if u, err := url.Parse(c.MailboxURL); c.MailboxURL != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		found.add("PORTAL_MAILBOX_URL", "%q is not an address", c.MailboxURL)
	}
	if !(c.TrackingSpeed >= 0 && c.TrackingSpeed <= 1_000_000) {
		found.add("PORTAL_TRACKING_SPEED", "%v is not between 0 and 1000000", c.TrackingSpeed)
	}
	if c.EventMonths < 1 || c.EventMonths > 120 {
		found.add("PORTAL_EVENT_MONTHS", "%d is not between 1 and 120", c.EventMonths)
	}
	if c.SessionIdle < time.Minute {
		found.add("PORTAL_SESSION_IDLE", "%s is less than a minute", c.SessionIdle)
	}
	if c.SessionAbsolute < c.SessionIdle {
		found.add("PORTAL_SESSION_ABSOLUTE", "%s is less than PORTAL_SESSION_IDLE, which is %s", c.SessionAbsolute, c.SessionIdle)
	}
	if c.ShutdownTimeout <= 0 {
		found.add("PORTAL_SHUTDOWN_TIMEOUT", "%s is not positive", c.ShutdownTimeout)
	}
}

func checkDatabase(found *faults, name string, address Secret) {
	if address == "" {
		return
	}
	// The library's own reason may quote the password.
	if _, err := pgconn.ParseConfig(address.Reveal()); err != nil {
		found.add(name, "is not the address of a PostgreSQL database (postgres://user:password@host:port/database)")
	}
}

// checkServing says what is missing for a portal that serves.
func (c Config) checkServing(found *faults) {
	if c.DatabaseURL == "" && c.MigrateURL != "" {
		found.add("DATABASE_URL", "must be set beside PORTAL_MIGRATE_URL, to serve from as portal_app")
	}
	if c.Demo() {
		return
	}
	if c.Embedded() {
		found.add("DATABASE_URL", "must be set in production, which has no embedded server")
	}
	if c.Keyset == "" && c.KeysetFile == "" {
		found.add("PORTAL_KEYSET_FILE", "must be set in production, or PORTAL_KEYSET; portal keyset makes one")
	}
	if c.SMTPURL == "" {
		found.add("PORTAL_SMTP_URL", "must be set in production: invitations and new passwords go by mail")
	}
	if !c.Secure() {
		found.add("PORTAL_BASE_URL", "must be set in production, and begin with https://")
	}
}

func (c Config) checkMigrating(found *faults) {
	if !c.Embedded() && c.MigrateURL == "" {
		found.add("PORTAL_MIGRATE_URL", "must be set, as the role of DATABASE_URL cannot migrate")
	}
}

// faults are all that is wrong with the environment, a line each; the first at a variable explains those after it.
type faults []error

func (f *faults) add(name, format string, args ...any) {
	for _, fault := range *f {
		if strings.HasPrefix(fault.Error(), name+": ") {
			return
		}
	}
	*f = append(*f, fmt.Errorf(name+": "+format, args...))
}

func isHostPort(address string) bool {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// originOf gives scheme, host and port of an address that consists of nothing else.
func originOf(address string) (origin string, ok bool) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", false
	}
	origin = u.Scheme + "://" + u.Host
	return origin, address == origin || address == origin+"/"
}

func defaultDataDir(getenv func(string) string, uid int) string {
	const folder = "omaposti-pro"
	if uid == 0 {
		return filepath.Join("/var/lib", folder)
	}
	if data := getenv("XDG_DATA_HOME"); filepath.IsAbs(data) { // a relative one is to be ignored, says its specification
		return filepath.Join(data, folder)
	}
	if home := getenv("HOME"); home != "" {
		return filepath.Join(home, ".local", "share", folder)
	}
	return ""
}
