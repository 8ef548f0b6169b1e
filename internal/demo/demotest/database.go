package demotest

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"omapostipro/internal/demo"
	"omapostipro/internal/postgres"
	"omapostipro/internal/postgres/postgrestest"
)

// Filling in the demo data takes half a second, mostly for the passwords' hashes. So it is done once a process, in a
// database that is copied for each test.

// addresses are those of one test's database.
type addresses struct{ app, admin string }

func newDatabase(t testing.TB) addresses {
	t.Helper()
	filled, err := template(t)
	if err != nil {
		t.Fatalf("no demo data for this test: %v", err)
	}
	name := "demo_test_" + strings.ToLower(rand.Text())
	if err := filled.exec("create database " + name + " template " + filled.name); err != nil {
		t.Fatalf("no database for this test: %v", err)
	}
	t.Cleanup(func() {
		if err := filled.exec("drop database " + name + " with (force)"); err != nil {
			t.Errorf("dropping the test's database: %v", err)
		}
	})
	return addresses{app: at(filled.app, name), admin: at(filled.admin, name)}
}

type filledDatabase struct {
	name       string
	app, admin string // addresses, of any database
	server     *pgxpool.Pool
}

// exec runs a statement on the server.
func (f filledDatabase) exec(statement string) error {
	// Longer than the test that it is for.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err := f.server.Exec(ctx, statement)
	return err
}

var template = func() func(testing.TB) (filledDatabase, error) {
	var (
		once   sync.Once
		filled filledDatabase
		err    = errors.New("the first test that asked for it got no database")
	)
	return func(t testing.TB) (filledDatabase, error) {
		once.Do(func() { filled, err = fill(t) })
		return filled, err
	}
}()

// fill makes the database that is copied. It stays until the server ends.
func fill(t testing.TB) (filledDatabase, error) {
	empty := postgrestest.New(t)
	system, err := postgres.Open(t.Context(), empty.AdminURL, postgres.Options{MaxConns: 2, Role: "portal_system"})
	if err != nil {
		return filledDatabase{}, err
	}
	err = demo.Seed(t.Context(), system, time.Now)
	system.Close()
	if err != nil {
		return filledDatabase{}, err
	}
	// As long as the process.
	server, err := pgxpool.New(context.Background(), at(empty.AdminURL, "postgres"))
	if err != nil {
		return filledDatabase{}, err
	}
	filled := filledDatabase{name: "demo_" + strings.ToLower(rand.Text()), app: empty.AppURL, admin: empty.AdminURL, server: server}
	return filled, filled.exec("create database " + filled.name + " template " + database(empty.AdminURL))
}

// at gives an address with another database.
func at(address, database string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err) // it has been connected to
	}
	u.Path = "/" + database
	return u.String()
}

func database(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	return strings.TrimPrefix(u.Path, "/")
}
