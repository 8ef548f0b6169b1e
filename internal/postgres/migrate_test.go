package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"omapostipro/internal/postgres"
	"omapostipro/internal/postgres/postgrestest"
	"omapostipro/migrations"
)

// On a server that has never seen the portal, roles and all: those are the whole server's, so it is one of this test's.
func TestMigratingANewServer(t *testing.T) {
	t.Parallel()
	server, err := postgrestest.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	at := func(role, database string) string {
		address, err := url.Parse(server.URL())
		if err != nil {
			t.Fatal(err)
		}
		address.User, address.Path = url.User(role), "/"+database
		return address.String()
	}
	admin, err := pgx.Connect(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.WithoutCancel(t.Context()))
	// No superuser: somebody who may make roles, and whose the database is.
	exec(t, admin, "create role migrator login createrole")
	exec(t, admin, "create database mine owner migrator")
	migrator := at("migrator", "mine")

	before, err := postgres.Open(t.Context(), migrator, postgres.Options{MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	if err := before.CheckSchema(t.Context()); !errors.Is(err, postgres.ErrSchemaNotCurrent) {
		t.Errorf("before the migrations: %v", err)
	}

	// Of several that start together one does the work.
	var wg sync.WaitGroup
	failures := make([]error, 5)
	for i := range failures {
		wg.Go(func() { _, failures[i] = postgres.Migrate(t.Context(), migrator, fmt.Sprintf("it's %d", i)) })
	}
	wg.Wait()
	if err := errors.Join(failures...); err != nil {
		t.Fatal(err)
	}
	var password string
	if err := admin.QueryRow(t.Context(), "select coalesce(rolpassword, '') from pg_authid where rolname = 'portal_app'").Scan(&password); err != nil || password == "" {
		t.Fatalf("portal_app's password is %q, %v", password, err)
	}
	// Again, and as a superuser: nothing is left to do, and the password stays.
	for _, role := range []string{"migrator", "postgres"} {
		if _, err := postgres.Migrate(t.Context(), at(role, "mine"), "another"); err != nil {
			t.Errorf("again, as %s: %v", role, err)
		}
	}
	var after string
	if err := admin.QueryRow(t.Context(), "select rolpassword from pg_authid where rolname = 'portal_app'").Scan(&after); err != nil || after != password {
		t.Errorf("portal_app's password has been changed, %v", err)
	}
	app, err := postgres.Open(t.Context(), at("portal_app", "mine"), postgres.Options{MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer app.Close()
	if err := errors.Join(app.CheckServingRole(t.Context()), app.CheckSchema(t.Context())); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	// A second database of the same server finds the roles there.
	exec(t, admin, "create database second")
	if _, err := postgres.Migrate(t.Context(), at("postgres", "second"), ""); err != nil {
		t.Errorf("a second database: %v", err)
	}

	// A database that is ahead of the program is left alone.
	owner, err := postgres.Open(t.Context(), migrator, postgres.Options{MaxConns: 1, Role: "portal_owner"})
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	if err := owner.Exec(t.Context(), "insert into goose_db_version (version_id, is_applied) values ($1, true)", migrations.Latest()+1); err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.Migrate(t.Context(), migrator, ""); err == nil || !strings.Contains(err.Error(), "newer than this program's") {
		t.Errorf("ahead of the program: %v", err)
	}
	if err := app.CheckSchema(t.Context()); !errors.Is(err, postgres.ErrSchemaNotCurrent) {
		t.Errorf("ahead of the program: %v", err)
	}

	for _, wrong := range []string{"postgres://migrator:secret@%zz", strings.Replace(migrator, "/mine", "/missing", 1), strings.Replace(migrator, "migrator", "nobody", 1)} {
		if _, err := postgres.Migrate(t.Context(), wrong, "hidden"); err == nil || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	exec(t, admin, "create role weak login")
	exec(t, admin, "create database third")
	if _, err := postgres.Migrate(t.Context(), at("weak", "third"), ""); err == nil {
		t.Error("a role that may nothing migrates")
	}
}
