package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"omapostipro/migrations"
)

// migrationLock is the advisory lock under which roles and schema are made; any number that nobody else uses.
const migrationLock = 0x6f70702d6d6967 // "opp-mig"

// The roles, made where they are missing. portal_owner may become portal_system to give functions to it; the role that
// migrates may become both.
const makeRoles = `
do $$
begin
	if not exists (select from pg_roles where rolname = 'portal_owner') then
		create role portal_owner nologin;
	end if;
	if not exists (select from pg_roles where rolname = 'portal_system') then
		create role portal_system nologin;
	end if;
	if not exists (select from pg_roles where rolname = 'portal_app') then
		create role portal_app login;
	end if;
	if not pg_has_role('portal_owner', 'portal_system', 'MEMBER') then
		grant portal_system to portal_owner;
	end if;
	if not pg_has_role(current_user, 'portal_owner', 'MEMBER') then
		execute format('grant portal_owner to %I', current_user);
	end if;
	if not exists (select from pg_namespace where nspname = 'portal') then
		create schema portal authorization portal_owner;
	end if;
	execute format('grant connect on database %I to portal_app', current_database());
end
$$`

// Migrate brings the schema up to date: it makes the three roles and the schema where they are missing, and runs the
// migrations as portal_owner, all under a lock, so that of many instances that start together one does the work. The
// address's role may be a superuser, or one that can create roles and schemas. The password, if given, becomes
// portal_app's when this call is the one that makes the role. It gives how many migrations were run.
func Migrate(ctx context.Context, url, appPassword string) (ran int, err error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return 0, errors.New("the address to migrate with cannot be read")
	}
	config.RuntimeParams["timezone"] = "UTC"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return 0, fmt.Errorf("reach the database to migrate: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	// Released with the connection.
	if _, err := conn.Exec(ctx, "select pg_advisory_lock($1)", int64(migrationLock)); err != nil {
		return 0, fmt.Errorf("wait for the migrations' lock: %w", err)
	}
	var fresh bool
	if err := conn.QueryRow(ctx, "select not exists (select from pg_roles where rolname = 'portal_app')").Scan(&fresh); err != nil {
		return 0, err
	}
	if _, err := conn.Exec(ctx, makeRoles); err != nil {
		return 0, fmt.Errorf("make the database's roles: %w", err)
	}
	if fresh && appPassword != "" {
		var quoted string
		if err := conn.QueryRow(ctx, "select quote_literal($1::text)", appPassword).Scan(&quoted); err != nil {
			return 0, err
		}
		// Utility statements take no parameters. The error is not wrapped: it could quote the statement.
		if _, err := conn.Exec(ctx, "alter role portal_app password "+quoted); err != nil {
			return 0, errors.New("set portal_app's password: the database refused it")
		}
	}
	owner := config.Copy()
	owner.RuntimeParams["role"] = "portal_owner"
	owner.RuntimeParams["search_path"] = Schema
	db := stdlib.OpenDB(*owner)
	defer db.Close()
	return migrate(ctx, db)
}

func migrate(ctx context.Context, db *sql.DB) (ran int, err error) {
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS, goose.WithGoMigrations(migrations.Go()...))
	if err != nil {
		return 0, err
	}
	current, err := provider.GetDBVersion(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the schema's version: %w", err)
	}
	if current > migrations.Latest() {
		return 0, fmt.Errorf("the database's schema is version %d, newer than this program's %d", current, migrations.Latest())
	}
	done, err := provider.Up(ctx)
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	_, err = db.ExecContext(ctx, "select ensure_audit_partitions()")
	return len(done), err
}
