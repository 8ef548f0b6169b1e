package migrations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// Go gives the migrations that are not SQL files: the tables of the jobs' library, in its own words.
//
// They are two, because the library's sixth uses a value of an enumeration that its fourth adds, which PostgreSQL does
// not allow in one transaction. Its first is its own table of versions, which goose's takes the place of.
func Go() []*goose.Migration {
	return []*goose.Migration{
		goose.NewGoMigration(3, &goose.GoFunc{RunTx: jobTables(2, 5)}, &goose.GoFunc{RunTx: dropJobTables(5, 2)}),
		goose.NewGoMigration(4, &goose.GoFunc{RunTx: jobTables(6, 8)}, &goose.GoFunc{RunTx: dropJobTables(8, 6)}),
	}
}

// guardJobs opens the tables to who serves. Jobs belong to no organisation: all that they hold is ids.
const guardJobs = `
do $$
declare
	t text;
begin
	foreach t in array array['river_job', 'river_leader', 'river_notification', 'river_queue'] loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('create policy everybody on %I to portal_app, portal_system using (true) with check (true)', t);
		execute format('grant select, insert, update, delete on %I to portal_app, portal_system', t);
	end loop;
end
$$;
grant usage on sequence river_job_id_seq, river_notification_id_seq to portal_app, portal_system;
grant execute on function river_job_state_in_bitmask to portal_app, portal_system;`

func jobTables(first, last int) func(context.Context, *sql.Tx) error {
	return func(ctx context.Context, tx *sql.Tx) error {
		for version := first; version <= last; version++ {
			migration, err := jobMigration(version)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, plain(migration.SQLUp)); err != nil {
				return fmt.Errorf("the jobs' migration %d: %w", version, err)
			}
		}
		if last < 8 {
			return nil
		}
		_, err := tx.ExecContext(ctx, guardJobs)
		return err
	}
}

func dropJobTables(first, last int) func(context.Context, *sql.Tx) error {
	return func(ctx context.Context, tx *sql.Tx) error {
		var all error
		for version := first; version >= last; version-- {
			migration, err := jobMigration(version)
			if err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, plain(migration.SQLDown))
			all = errors.Join(all, err)
		}
		return all
	}
}

// plain leaves the schema to the search path.
func plain(sql string) string { return strings.ReplaceAll(sql, "/* TEMPLATE: schema */", "") }

func jobMigration(version int) (rivermigrate.Migration, error) {
	migrator, err := rivermigrate.New(riverpgxv5.New(nil), nil)
	if err != nil {
		return rivermigrate.Migration{}, err
	}
	return migrator.GetVersion(version)
}
