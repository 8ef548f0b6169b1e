// Package postgrestest gives every test a PostgreSQL database of its own, with the portal's schema in it.
//
// The migrations are run once a server, into a template, and a test's database is a copy of that, so that tests can run
// side by side and need not clean up. The server is the one that PORTAL_TEST_POSTGRES names, the address of a superuser
// at a server that is for tests only; make test starts one for all packages. Without it each package starts its own.
// A test that gets no database fails; none is skipped.
package postgrestest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"omapostipro/internal/postgres"
	"omapostipro/migrations"
)

// ServerVariable is the environment variable with the address of the server to use.
const ServerVariable = "PORTAL_TEST_POSTGRES"

const (
	appRole    = "portal_app"
	systemRole = "portal_system"

	// How long the server may take for a thing that takes a fraction of a second on a machine with nothing else to do.
	patience = 2 * time.Minute

	connectionsPerPool = 4
)

// DB is a database of one test. It is dropped when the test ends.
type DB struct {
	AppURL    string // logs in as portal_app, which serves
	SystemURL string // logs in as a superuser and becomes portal_system, the operator's role; for pgx
	AdminURL  string // logs in as a superuser

	t                testing.TB
	appOnce, sysOnce sync.Once
	adminOnce        sync.Once
	app, system      *postgres.DB
	admin            *pgxpool.Pool
}

// New makes a database for a test. It has the schema and what the migrations put into it, and nothing else.
func New(t testing.TB) *DB {
	t.Helper()
	cluster, err := shared()
	if err != nil {
		t.Fatalf("no database for this test: %v", err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	if err := cluster.exec("create database " + name + " template " + cluster.template); err != nil {
		t.Fatalf("no database for this test: %v", err)
	}
	t.Cleanup(func() {
		if err := cluster.exec("drop database " + name + " with (force)"); err != nil {
			t.Errorf("dropping the test's database: %v", err)
		}
	})
	return &DB{
		AppURL:    cluster.address(name, appRole, ""),
		SystemURL: cluster.address(name, "", systemRole),
		AdminURL:  cluster.address(name, "", ""),
		t:         t,
	}
}

// App gives a pool of the role that serves, always the same; it is closed when the test ends, as all pools are.
func (db *DB) App() *postgres.DB {
	db.t.Helper()
	db.appOnce.Do(func() { db.app = db.Open(db.AppURL, postgres.Options{}) })
	return db.app
}

// System gives a pool of the operator's role, always the same.
func (db *DB) System() *postgres.DB {
	db.t.Helper()
	db.sysOnce.Do(func() { db.system = db.Open(db.AdminURL, postgres.Options{Role: systemRole}) })
	return db.system
}

// Admin gives a pool of a superuser, always the same, for what a test wants to know or to break behind the portal's back.
func (db *DB) Admin() *pgxpool.Pool {
	db.t.Helper()
	db.adminOnce.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		pool, err := openAdmin(ctx, db.AdminURL)
		if err != nil {
			db.t.Fatalf("connecting to the test's database: %v", err)
		}
		db.t.Cleanup(pool.Close)
		db.admin = pool
	})
	return db.admin
}

// Open gives a pool of its own at one of the database's addresses.
func (db *DB) Open(address string, options postgres.Options) *postgres.DB {
	db.t.Helper()
	if options.MaxConns == 0 {
		options.MaxConns = connectionsPerPool
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	pool, err := postgres.Open(ctx, address, options)
	if err != nil {
		db.t.Fatalf("connecting to the test's database: %v", err)
	}
	db.t.Cleanup(pool.Close)
	return pool
}

func openAdmin(ctx context.Context, address string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	config.MaxConns = connectionsPerPool
	config.ConnConfig.RuntimeParams["search_path"] = postgres.Schema
	return pgxpool.NewWithConfig(ctx, config)
}

// cluster is the server that a package's tests share.
type cluster struct {
	admin    url.URL // of its maintenance database
	pool     *pgxpool.Pool
	template string
	own      *Server // held on to, because a server of no use to anybody is ended; nil for one that was there
}

// shared gives the server of this process, with the template in it.
var shared = sync.OnceValues(func() (*cluster, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if address := os.Getenv(ServerVariable); address != "" {
		return open(ctx, address)
	}
	server, err := Start(ctx)
	if err != nil {
		return nil, err
	}
	c, err := open(ctx, server.URL())
	if err != nil {
		return nil, errors.Join(err, server.Stop(ctx))
	}
	c.own = server
	return c, nil
})

func open(ctx context.Context, address string) (*cluster, error) {
	admin, err := url.Parse(address)
	if err != nil || admin.Scheme != "postgres" && admin.Scheme != "postgresql" {
		return nil, errors.New(ServerVariable + " must be an address as postgres://user@host/database")
	}
	c := &cluster{admin: *admin}
	if c.pool, err = openAdmin(ctx, address); err != nil {
		return nil, err
	}
	if c.template, err = c.makeTemplate(ctx); err != nil {
		return nil, fmt.Errorf("making the template of the tests' databases: %w", err)
	}
	return c, nil
}

// address gives that of a database at the server, for another role than the superuser's or with a role to take on, if
// they are given.
func (c *cluster) address(database, role, becomes string) string {
	address := c.admin
	address.Path = "/" + database
	if role != "" {
		address.User = url.User(role)
		if password, ok := c.admin.User.Password(); ok {
			address.User = url.UserPassword(role, password) // see makeTemplate
		}
	}
	if becomes != "" {
		query := address.Query()
		query.Set("role", becomes)
		address.RawQuery = query.Encode()
	}
	return address.String()
}

func (c *cluster) exec(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err := c.pool.Exec(ctx, statement)
	return err
}

// makeTemplate runs the migrations, unless another process has done it already. That the database is marked as a
// template is what says that it is complete.
func (c *cluster) makeTemplate(ctx context.Context) (string, error) {
	name, err := templateName(time.Now())
	if err != nil {
		return "", err
	}
	conn, err := pgx.Connect(ctx, c.admin.String())
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx) // gives up the lock as well
	if _, err := conn.Exec(ctx, "select pg_advisory_lock(hashtext('template of the tests'))"); err != nil {
		return "", err
	}
	var complete bool
	err = conn.QueryRow(ctx, "select datistemplate from pg_database where datname = $1", name).Scan(&complete)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", err
	}
	if complete {
		return name, nil
	}
	for _, statement := range []string{"drop database if exists " + name + " with (force)", "create database " + name} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return "", err
		}
	}
	password, _ := c.admin.User.Password()
	if _, err := postgres.Migrate(ctx, c.address(name, "", ""), password); err != nil {
		return "", err
	}
	// Nobody may be connected to a database that is copied.
	_, err = conn.Exec(ctx, "alter database "+name+" is_template true allow_connections false")
	return name, err
}

// templateName changes with the migrations, and with the day, because the migrations make the partitions of months to
// come.
func templateName(now time.Time) (string, error) {
	digest := sha256.New()
	fmt.Fprintln(digest, now.UTC().Format(time.DateOnly), migrations.Latest())
	err := fs.WalkDir(migrations.FS, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(migrations.FS, path)
		fmt.Fprintf(digest, "%s %d\n%s", path, len(text), text)
		return err
	})
	return fmt.Sprintf("template_%x", digest.Sum(nil)[:8]), err
}
