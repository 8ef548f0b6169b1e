package postgres_test

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"omapostipro/internal/postgres/postgrestest"
	"omapostipro/migrations"
)

// Numbers that two have had on one day stop no start: the later one is moved, and the log says so.
func TestNumbersOfTwoAreSeparated(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	config, err := pgx.ParseConfig(db.AdminURL)
	if err != nil {
		t.Fatal(err)
	}
	config.RuntimeParams["role"], config.RuntimeParams["search_path"] = "portal_owner", "portal"
	owner := stdlib.OpenDB(*config)
	defer owner.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, owner, migrations.FS, goose.WithGoMigrations(migrations.Go()...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.DownTo(t.Context(), 26); err != nil {
		t.Fatal(err)
	}
	system := db.System()
	for _, statement := range []string{
		`insert into organizations (id, name, business_id, created_at) select lpad(n::text, 32, '0')::uuid, 'Bolag', 'FI0000000' || n, now() from generate_series(1, 3) n`,
		`insert into contract_numbers (id, organization_id, kind, number, holder, valid_from, valid_to, created_at)
			select lpad(n::text, 32, '0')::uuid, lpad(organization::text, 32, '0')::uuid, 'logistics_contract', number, 'x', first::date, last::date, '2024-01-01'::timestamptz + make_interval(days => n)
			from (values (1, 1, '777001', '2024-01-01', '2028-12-31'), (2, 2, '777001', '2025-01-01', null), (3, 3, '777001', '2024-06-01', '2030-01-01'),
				(4, 1, '777002', '2024-01-01', '2024-12-31'), (5, 2, '777002', '2025-01-01', null), (6, 3, '777002', '2023-01-01', '2024-06-30')) as x (n, organization, number, first, last)`,
	} {
		if err := system.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := provider.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := rows[name](t, system, `select number || ' ' || right(organization_id::text, 1) || ' ' || valid_from || '–' || coalesce(valid_to::text, '') as name from contract_numbers order by id`)
	want := []name{{"777001 1 2024-01-01–2028-12-31"}, {"777001 2 2029-01-01–"}, {"777001 3 2023-12-31–2023-12-31"},
		{"777002 1 2024-01-01–2024-12-31"}, {"777002 2 2025-01-01–"}, {"777002 3 2023-01-01–2023-12-31"}}
	if !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	told := rows[name](t, system, `select right(organization_id::text, 1) || right(object_id::text, 1) as name from audit_events where action = 'contract_number.separated' order by object_id`)
	if !slices.Equal(told, []name{{"22"}, {"33"}, {"36"}}) {
		t.Errorf("the log tells of %v", told)
	}
}
