// Package demotest gives a test the demo data of the manual in a database of its own, with the roles that the portal
// uses it as, a clock that stands still, and a record of what the database was asked.
package demotest

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/postgres"
)

// The demo's organisations, by business ID.
const (
	ExampleOy   = "FI12345678"
	Testbolaget = "FI23456780"
)

// The demo's people who can log in, by e-mail address.
const (
	MainUser   = "main.user@example.com"   // FirstName LastName, main user of Example Oy, all permissions, 654321 and 876543
	SecondMain = "second.main@example.com" // main user of Example Oy with Hantera integrationer, no numbers
	PlainUser  = "plain.user@example.com"  // user of Example Oy, ships and follows with 654321
	OtherMain  = "main.user@test.example"  // main user of Testbolaget Ab, all permissions, 600123 and 800123
	Both       = "both@example.com"        // main user of Testbolaget Ab, user of Example Oy
)

// Data is a database with the demo data in it.
type Data struct {
	App      *postgres.DB // as portal_app, which serves
	System   *postgres.DB // as portal_system, the operator's role
	AppURL   string
	AdminURL string // of a superuser, for whom row-level security does not hold
	Clock    *Clock
	Asked    *Statements // of App

	admin func() *postgres.DB
}

// New gives a test its data. The database is gone after the test.
func New(t testing.TB) *Data {
	t.Helper()
	database := newDatabase(t)
	d := &Data{AppURL: database.app, AdminURL: database.admin, Clock: NewClock(), Asked: new(Statements)}
	d.App = Open(t, d.AppURL, postgres.Options{MaxConns: 8, Tracer: d.Asked})
	d.System = Open(t, database.admin, postgres.Options{MaxConns: 1, Role: "portal_system"})
	d.admin = sync.OnceValue(func() *postgres.DB { return Open(t, database.admin, postgres.Options{MaxConns: 1}) })
	return d
}

// Open opens a pool that is closed after the test.
func Open(t testing.TB, url string, options postgres.Options) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), url, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

// Operator acts in an organisation, or, for "", in none.
func (d *Data) Operator(t testing.TB, organization string) account.Actor {
	t.Helper()
	actor := account.Actor{Kind: audit.Operator}
	if organization != "" {
		actor.Organization = d.Organization(t, organization)
	}
	return actor
}

// Organization gives an organisation by its business ID.
func (d *Data) Organization(t testing.TB, businessID string) account.Organization {
	t.Helper()
	return One[account.Organization](t, d.System, "select id, name::text, business_id from organizations where business_id = $1", businessID)
}

// User gives a person's id by their e-mail address.
func (d *Data) User(t testing.TB, email string) uuid.UUID {
	t.Helper()
	return Value[uuid.UUID](t, d.System, "select id from users where email_key = $1", email)
}

// Number gives the id of a contract number.
func (d *Data) Number(t testing.TB, number string) uuid.UUID {
	t.Helper()
	return Value[uuid.UUID](t, d.System, "select id from contract_numbers where number = $1", number)
}

// Actor gives a person as who acts in an organisation, with what they hold there at this moment.
func (d *Data) Actor(t testing.TB, email, businessID string) account.Actor {
	t.Helper()
	organization, user := d.Organization(t, businessID), d.User(t, email)
	type role struct {
		UserType    account.UserType
		Permissions []account.Permission
		Numbers     []account.ContractNumber
	}
	found := One[role](t, d.System, `
		select user_type,
			(select array_agg(permission) from membership_permissions where organization_id = $1 and user_id = $2) as permissions,
			(select jsonb_agg(jsonb_build_object('id', c.id, 'kind', c.kind, 'number', c.number, 'holder', c.holder) order by c.number)
				from membership_contract_numbers a join contract_numbers c on c.id = a.contract_number_id
				where a.organization_id = $1 and a.user_id = $2 and (c.valid_to is null or c.valid_to >= $3)) as numbers
		from memberships where organization_id = $1 and user_id = $2 and ended_at is null`, organization.ID, user, account.Today(d.Clock.Now()))
	return account.Actor{Kind: audit.Person, ID: user, Organization: organization, UserType: found.UserType, Permissions: found.Permissions,
		Numbers: found.Numbers, RequestID: "request", Address: "192.0.2.1"}
}

// EndNumber ends a contract number: the day of the clock is its last, so it is closed from the next day on; with
// yesterday it is closed at once.
func (d *Data) EndNumber(t testing.TB, number string, last time.Time) {
	t.Helper()
	d.Exec(t, "update contract_numbers set valid_to = $2 where number = $1", number, account.Today(last))
}

// Leave ends a person's membership.
func (d *Data) Leave(t testing.TB, email, businessID string) {
	t.Helper()
	d.Exec(t, "update memberships set ended_at = $3 where organization_id = $1 and user_id = $2", d.Organization(t, businessID).ID, d.User(t, email), d.Clock.Now())
}

// Exec changes the database as portal_system, behind the services' back.
func (d *Data) Exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if err := d.System.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// AsSuperuser does to the database what nobody of the portal's may, so that something fails.
func (d *Data) AsSuperuser(t testing.TB, sql string, args ...any) {
	t.Helper()
	if err := d.admin().Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// One gives the only row of a query.
func One[T any](t testing.TB, db *postgres.DB, sql string, args ...any) T {
	t.Helper()
	rows := Rows[T](t, db, sql, args...)
	if len(rows) != 1 {
		t.Fatalf("%d rows instead of one: %s %v", len(rows), sql, args)
	}
	return rows[0]
}

// Rows gives the rows of a query.
func Rows[T any](t testing.TB, db *postgres.DB, sql string, args ...any) []T {
	t.Helper()
	var rows []T
	if err := db.Read(t.Context(), postgres.Scope{}, func(b *postgres.Batch) { postgres.Rows(b, &rows, sql, args...) }); err != nil {
		t.Fatal(err)
	}
	return rows
}

// Value gives the only value of a query.
func Value[T any](t testing.TB, db *postgres.DB, sql string, args ...any) T {
	t.Helper()
	var value T
	if err := db.Read(t.Context(), postgres.Scope{}, func(b *postgres.Batch) { postgres.Value(b, &value, sql, args...) }); err != nil {
		t.Fatal(err)
	}
	return value
}
