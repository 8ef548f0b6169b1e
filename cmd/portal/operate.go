package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"time"

	"omapostipro/internal/account"
	"omapostipro/internal/apikey"
	"omapostipro/internal/audit"
	"omapostipro/internal/company"
	"omapostipro/internal/config"
	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
	"omapostipro/internal/organization"
	"omapostipro/internal/postgres"
	"omapostipro/internal/postgres/embedded"
	"omapostipro/internal/provision"
	"omapostipro/internal/secretbox"
)

// output is how a command answers.
type output struct {
	JSON bool `help:"Answer as JSON, for programs." name:"json"`
}

// say answers in words, or as JSON.
func (o output) say(p *process, value any, text string) error {
	if !o.JSON {
		_, err := fmt.Fprintln(p.stdout, strings.TrimRight(text, "\n"))
		return err
	}
	encoder := json.NewEncoder(p.stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// office is what the operator's commands work with, as portal_system.
type office struct {
	accounts      *account.Service
	organizations *organization.Service
	companies     *company.Service
	db            *postgres.DB

	p        *process
	settings config.Config
	database *database
}

// operator is who acts, in no organisation.
func (*office) operator() account.Actor { return account.Actor{Kind: audit.Operator} }

// in gives the operator in the organisation of a business ID.
func (o *office) in(businessID string) (account.Actor, error) {
	operator := o.operator()
	found, err := o.organizations.ByBusinessID(o.p.ctx, operator, company.NormalBusinessID(businessID))
	operator.Organization = account.Organization{ID: found.ID, Name: found.Name, BusinessID: found.BusinessID}
	return operator, err
}

// keys gives the service of API keys, which needs the keyset.
func (o *office) keys() (*apikey.Service, error) {
	var box *secretbox.Box
	if o.settings.Keyset == "" && o.settings.KeysetFile == "" {
		return nil, errors.New("PORTAL_KEYSET_FILE must be set, or PORTAL_KEYSET: API keys are encrypted with it")
	}
	box, err := openKeyset(o.p.ctx, o.settings, o.database)
	if err != nil {
		return nil, err
	}
	keys := apikey.NewService(o.db, box, time.Now)
	return keys, keys.CheckKeyset(o.p.ctx)
}

// provisioner gives what makes an organisation what a file says.
func (o *office) provisioner() *provision.Service {
	return provision.NewService(o.accounts, o.organizations, o.companies)
}

// patience is how long a command waits for the server of a portal that is starting.
const patience = 15 * time.Second

// operate runs a command of the operator's on the database. An embedded server that another portal runs is used as it is;
// otherwise it is started for as long as the command takes.
func operate(p *process, do func(*office) error) error {
	settings, err := config.LoadToMigrate(p.getenv)
	if err != nil {
		return err
	}
	if err := unprivileged(settings); err != nil {
		return err
	}
	log := logger(settings, io.Discard)
	database, err := reachDatabase(p.ctx, settings, log)
	if err != nil {
		return err
	}
	defer database.stop(log)
	if database.server != nil { // nobody else brings an embedded one up to date
		if _, err := database.migrate(p.ctx, settings); err != nil {
			return err
		}
	}
	db, err := database.system(p.ctx, postgres.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.CheckSchema(p.ctx); err != nil {
		return err
	}
	return do(&office{accounts: account.NewService(db, time.Now), organizations: organization.NewService(db, time.Now),
		companies: company.NewService(db, time.Now), db: db, p: p, settings: settings, database: database})
}

// reachDatabase is openDatabase, but for an embedded server that another portal runs, which is used as it is.
func reachDatabase(ctx context.Context, settings config.Config, log *slog.Logger) (*database, error) {
	database, err := openDatabase(ctx, settings, log)
	if _, locked := errors.AsType[*embedded.LockedError](err); locked {
		return runningDatabase(ctx, settings)
	}
	return database, err
}

// runningDatabase is the embedded server of the portal that runs here.
func runningDatabase(ctx context.Context, settings config.Config) (*database, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	running, err := embedded.Find(ctx, settings.DataDir)
	if err != nil {
		return nil, err
	}
	return &database{elsewhere: true, serveURL: running.URL("portal_app", embedded.Database), migrateURL: running.URL(embedded.Superuser, embedded.Database)}, nil
}

// password is a password's source: never an argument, which the list of processes shows.
type password struct {
	PasswordFile  string `help:"Read the password from a file." placeholder:"FILE" xor:"password"`
	PasswordStdin bool   `help:"Read the password from standard input." xor:"password"`
	Generate      bool   `help:"Make a password, and print it once." xor:"password"`
}

// read gives the password, and whether it was made; empty if no source is named. It is called before privileges are given
// up: the file may be one that only root reads.
func (w password) read(p *process) (text string, made bool, err error) {
	const longest = 4 * account.MaxPasswordLength
	var content []byte
	switch {
	case w.Generate:
		return account.GeneratePassword(), true, nil
	case w.PasswordStdin:
		content, err = readAll(p.stdin, longest+2)
	case w.PasswordFile != "":
		content, err = readFile(w.PasswordFile, longest+2)
	default:
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("read the password: %w", err)
	}
	text = strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
	return text, false, account.CheckPassword(text)
}

// readFile reads a file of at most so many bytes.
func readFile(path string, most int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readAll(file, most)
}

func readAll(r io.Reader, most int64) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(content)) > most {
		err = fmt.Errorf("it has more than %d bytes", most)
	}
	return content, err
}

// words gives an error as the operator reads it: faults in English, a line for each field.
func words(err error) string {
	f, isFault := errors.AsType[*fault.Fault](err)
	if !isFault || f.Kind == fault.Unavailable {
		return err.Error()
	}
	english := i18n.For(i18n.English)
	if len(f.Fields) == 0 {
		return english.T(f.Message.Key, f.Message.Args...)
	}
	lines := make([]string, len(f.Fields))
	for i, field := range f.Fields {
		lines[i] = strings.ReplaceAll(field.Name, "_", " ") + ": " + english.T(field.Key, field.Args...)
	}
	return strings.Join(lines, "\n")
}

func exitCode(err error) int {
	if _, wrong := errors.AsType[*provision.FileError](err); wrong {
		return exitUsage
	}
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Malformed:
		return exitUsage
	case fault.NotFound:
		return exitNotFound
	case fault.Conflict, fault.Forbidden, fault.Gone:
		return exitRefused
	default:
		return exitFailed
	}
}

// date is a day as an argument.
type date struct{ time.Time }

// UnmarshalText reads 2026-12-31.
func (d *date) UnmarshalText(text []byte) error {
	day, err := time.Parse(time.DateOnly, string(text))
	if err != nil {
		return fmt.Errorf("%q is not a day as 2026-12-31", text)
	}
	d.Time = day
	return nil
}

// moment is a time as an argument, or the end of a day as the carrier has it.
type moment struct{ at *time.Time }

// UnmarshalText reads 2026-12-31, and 2026-12-31T12:00:00Z.
func (m *moment) UnmarshalText(text []byte) error {
	at, err := time.Parse(time.RFC3339, string(text))
	if day, dayErr := time.ParseInLocation(time.DateOnly, string(text), account.Zone()); dayErr == nil {
		at, err = day.AddDate(0, 0, 1), nil
	}
	if err != nil {
		return fmt.Errorf("%q is neither a day as 2026-12-31 nor a time as 2026-12-31T12:00:00Z", text)
	}
	m.at = &at
	return nil
}

// network is a network as an argument, or one address.
type network struct{ netip.Prefix }

// UnmarshalText reads 192.0.2.0/24, and 192.0.2.1.
func (n *network) UnmarshalText(text []byte) (err error) {
	n.Prefix, err = netip.ParsePrefix(string(text))
	if address, addressErr := netip.ParseAddr(string(text)); addressErr == nil && address.Zone() == "" {
		n.Prefix, err = netip.PrefixFrom(address, address.BitLen()), nil
	}
	if err != nil || n.Prefix != n.Masked() || n.Addr().Is4In6() {
		return fmt.Errorf("%q is neither a network as 192.0.2.0/24 nor an address", text)
	}
	return nil
}
