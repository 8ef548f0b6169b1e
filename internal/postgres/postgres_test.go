package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"omapostipro/internal/fault"
	"omapostipro/internal/postgres"
	"omapostipro/internal/postgres/postgrestest"
)

const settings = "select coalesce(current_setting('portal.organization', true), '') || '/' || coalesce(current_setting('portal.user', true), '') as name"

// attempt counts as a row that portal_app may write without a scope.
const attempt = "insert into login_attempts (subject, failures, failed_at) values (sha256($1::text::bytea), 0, now())"

func attempts(t *testing.T, db *postgres.DB) int {
	t.Helper()
	return rows[struct{ N int }](t, db, "select count(*) as n from login_attempts")[0].N
}

func TestTransactionWorksForItsScopeOnly(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	app := db.Open(db.AppURL, postgres.Options{MaxConns: 1})
	scope := postgres.Scope{Organization: uuid.UUID{1}, User: uuid.UUID{2}}
	want := scope.Organization.String() + "/" + scope.User.String()
	err := app.InTx(t.Context(), scope, func(ctx context.Context, tx pgx.Tx) error {
		var got string
		if err := tx.QueryRow(ctx, settings).Scan(&got); err != nil || got != want {
			t.Errorf("in a transaction: %q, %v", got, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var read []name
	if err := app.Read(t.Context(), scope, func(b *postgres.Batch) { postgres.Rows(b, &read, settings) }); err != nil || read[0].Name != want {
		t.Errorf("in a read: %q, %v", read, err)
	}
	var written []string
	err = app.Write(t.Context(), scope, func(b *pgx.Batch) error {
		b.Queue(settings).QueryRow(func(row pgx.Row) error {
			written = append(written, "")
			return row.Scan(&written[0])
		})
		return nil
	})
	if err != nil || !slices.Equal(written, []string{want}) {
		t.Errorf("in a write: %q, %v", written, err)
	}
	// On the same connection, afterwards: nobody's.
	if after, err := postgres.Recognize[name](t.Context(), app, settings); err != nil || after.Name != "/" {
		t.Errorf("afterwards: %+v, %v", after, err)
	}
	if err := app.Read(t.Context(), postgres.Scope{}, func(b *postgres.Batch) { postgres.Rows(b, &read, settings) }); err != nil || read[0].Name != "/" {
		t.Errorf("for nobody: %q, %v", read, err)
	}
}

func TestTransactionHappensWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	app := postgrestest.New(t).App()
	insert := func(ctx context.Context, tx pgx.Tx, subject string) {
		if _, err := tx.Exec(ctx, attempt, subject); err != nil {
			t.Error(err)
		}
	}
	mistake := errors.New("mistake")
	if err := app.InTx(t.Context(), postgres.Scope{}, func(ctx context.Context, tx pgx.Tx) error {
		insert(ctx, tx, "fails")
		return mistake
	}); !errors.Is(err, mistake) {
		t.Errorf("the error has become %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	if err := app.InTx(cancelled, postgres.Scope{}, func(ctx context.Context, tx pgx.Tx) error {
		insert(ctx, tx, "cancelled")
		cancel()
		return nil
	}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic is gone")
			}
		}()
		_ = app.InTx(t.Context(), postgres.Scope{}, func(ctx context.Context, tx pgx.Tx) error {
			insert(ctx, tx, "panics")
			panic("mistake")
		})
	}()
	func() {
		defer func() {
			if recover() == nil {
				t.Error("a transaction inside a transaction")
			}
		}()
		_ = app.InTx(t.Context(), postgres.Scope{}, func(ctx context.Context, tx pgx.Tx) error {
			insert(ctx, tx, "nests")
			return app.InTx(ctx, postgres.Scope{}, func(context.Context, pgx.Tx) error { return nil })
		})
	}()
	if err := app.Write(t.Context(), postgres.Scope{}, func(b *pgx.Batch) error {
		b.Queue(attempt, "half")
		b.Queue("select 1/0")
		return nil
	}); err == nil {
		t.Error("a write that fails succeeds")
	}
	if err := app.Write(t.Context(), postgres.Scope{}, func(b *pgx.Batch) error {
		b.Queue(attempt, "unsent")
		return mistake
	}); !errors.Is(err, mistake) {
		t.Errorf("the error has become %v", err)
	}
	if n := attempts(t, app); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	if err := app.InTx(t.Context(), postgres.Scope{}, func(ctx context.Context, tx pgx.Tx) error {
		insert(ctx, tx, "whole")
		return nil
	}); err != nil {
		t.Error(err)
	}
	if err := app.Write(t.Context(), postgres.Scope{}, func(b *pgx.Batch) error {
		b.Queue(attempt, "too")
		return nil
	}); err != nil {
		t.Error(err)
	}
	if n := attempts(t, app); n != 2 {
		t.Errorf("%d rows", n)
	}
}

func TestRowsHaveNothingOfTheRowBefore(t *testing.T) {
	t.Parallel()
	type part struct{ Letter, Other string }
	type row struct {
		ID    uuid.UUID
		Maybe *uuid.UUID
		List  []uuid.UUID
		Parts []part
	}
	one, two := uuid.UUID{15: 1}, uuid.UUID{15: 2}
	got := rows[row](t, postgrestest.New(t).App(), `select * from (values
		($1::uuid, $2::uuid, array[$1, $2]::uuid[], '[{"letter": "a", "other": "b"}, {"letter": "c"}]'::jsonb),
		($2, null, array[$2]::uuid[], '[{"letter": "d"}]'),
		(null, $1, $3::uuid[], null)) as given (id, maybe, list, parts)`, one, two, []uuid.UUID{one, one})
	want := []row{
		{one, &two, []uuid.UUID{one, two}, []part{{"a", "b"}, {"c", ""}}},
		{two, nil, []uuid.UUID{two}, []part{{"d", ""}}},
		{uuid.Nil, &one, []uuid.UUID{one, one}, nil},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadGivesWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	app := postgrestest.New(t).App()
	type row struct {
		ID   int
		Word string
	}
	const three = "select n as id, 'word ' || n as word from generate_series(1, 3) n order by n"
	var (
		all, none  []row
		one, other *row
		count      int
		each       []int
	)
	err := app.Read(t.Context(), postgres.Scope{}, func(b *postgres.Batch) {
		postgres.Rows(b, &all, three)
		postgres.Rows(b, &none, "select 1 as id, '' as word where false")
		postgres.Row(b, &one, "select $1::int as id, $2::text as word", 7, "seven")
		postgres.Row(b, &other, "select 1 as id, '' as word where false")
		postgres.Value(b, &count, "select 42")
		postgres.Each(b, func(r row) error {
			each = append(each, r.ID)
			return nil
		}, three)
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 3 || all[2] != (row{3, "word 3"}) || none == nil || len(none) != 0 || *one != (row{7, "seven"}) || other != nil || count != 42 || !slices.Equal(each, []int{1, 2, 3}) {
		t.Errorf("given are %v %v %v %v %d %v", all, none, one, other, count, each)
	}
	// Strictly by name: a column that nobody asked for is a mistake, and so is one that is missing.
	for _, sql := range []string{"select 1 as id, '' as word, 2 as more", "select 1 as id"} {
		if err := app.Read(t.Context(), postgres.Scope{}, func(b *postgres.Batch) { postgres.Rows(b, &all, sql) }); err == nil {
			t.Errorf("%s is taken", sql)
		}
		if err := app.Read(t.Context(), postgres.Scope{}, func(b *postgres.Batch) { postgres.Each(b, func(row) error { return nil }, sql) }); err == nil {
			t.Errorf("%s is taken", sql)
		}
	}
	mistake, seen := errors.New("mistake"), 0
	err = app.Read(t.Context(), postgres.Scope{}, func(b *postgres.Batch) {
		postgres.Each(b, func(row) error {
			seen++
			return mistake
		}, three)
		postgres.Value(b, &count, "select 43")
	})
	if !errors.Is(err, mistake) || seen != 1 {
		t.Errorf("after %d rows: %v", seen, err)
	}
	for _, wrong := range []string{"select 1/0", "select x", "select n from generate_series(1, 2) n"} {
		if err := app.Read(t.Context(), postgres.Scope{}, func(b *postgres.Batch) { postgres.Row(b, &one, wrong) }); err == nil {
			t.Errorf("%s is no mistake", wrong)
		}
		if _, err := postgres.Recognize[row](t.Context(), app, wrong); err == nil {
			t.Errorf("%s is no mistake", wrong)
		}
	}
	if found, err := postgres.Recognize[row](t.Context(), app, "select 1 as id, '' as word where false"); found != nil || err != nil {
		t.Errorf("of nothing %v, %v", found, err)
	}
	if n := attempts(t, app); n != 0 { // the pool is well after all that
		t.Errorf("%d rows", n)
	}
}

func TestErrorsOfADatabaseThatCannotBeReached(t *testing.T) {
	t.Parallel()
	pg := func(code string) error { return fmt.Errorf("insert: %w", &pgconn.PgError{Code: code}) }
	refusal := fault.New(fault.Conflict, "x")
	for _, test := range []struct {
		err  error
		kind fault.Kind
	}{
		{pg("08006"), fault.Unavailable}, {pg("53300"), fault.Unavailable}, {pg("57P01"), fault.Unavailable}, {pg("57P03"), fault.Unavailable},
		{&net.OpError{Op: "dial", Err: errors.New("refused")}, fault.Unavailable}, {fmt.Errorf("read: %w", io.ErrUnexpectedEOF), fault.Unavailable},
		{errors.New("conn closed"), fault.Unavailable}, {net.ErrClosed, fault.Unavailable}, {context.DeadlineExceeded, fault.Unavailable},
		{pg("57014"), fault.Unavailable}, {pg("23505"), fault.Internal}, {pg("42501"), fault.Internal}, {pg("40P01"), fault.Internal},
		{context.Canceled, fault.Internal}, {pgx.ErrNoRows, fault.Internal}, {errors.New("mistake"), fault.Internal}, {refusal, fault.Conflict},
	} {
		got := postgres.Fault(test.err)
		if fault.KindOf(got) != test.kind || !errors.Is(got, test.err) {
			t.Errorf("%v: %s, want %s", test.err, fault.KindOf(got), test.kind)
		}
	}
	if postgres.Fault(nil) != nil {
		t.Error("nothing is something")
	}
	if f, ok := errors.AsType[*fault.Fault](postgres.Fault(pg("57P03"))); !ok || f.RetryAfter <= 0 {
		t.Error("it is not said when to try again")
	}
	for err, want := range map[error]string{
		&pgconn.PgError{Code: "23505", ConstraintName: "x"}: "x", &pgconn.PgError{Code: "42501", ConstraintName: "x"}: "", errors.New("x"): "", nil: "",
	} {
		if got := postgres.Constraint(err); got != want {
			t.Errorf("%v: %q", err, got)
		}
	}
}

func TestDatabaseThatTakesNoConnections(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	app := db.Open(db.AppURL, postgres.Options{MaxConns: 2})
	server := maintenance(t, db)
	database := rows[name](t, app, "select current_database()::text as name")[0].Name
	exec(t, server, "alter database "+database+" allow_connections false")
	exec(t, server, "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", database)
	for range 3 {
		if err := app.Exec(t.Context(), "select 1"); !fault.Is(err, fault.Unavailable) {
			t.Errorf("taken away: %v", err)
		}
	}
	if _, err := postgres.Open(t.Context(), db.AppURL, postgres.Options{}); err == nil {
		t.Error("opened what cannot be reached")
	}
	exec(t, server, "alter database "+database+" allow_connections true")
	if err := app.Exec(t.Context(), "select 1"); err != nil {
		t.Errorf("given back: %v", err)
	}
	for _, address := range []string{"postgres://%zz", "host=/nowhere user=portal_app", "postgres://portal_app:secret@127.0.0.1:1/x?connect_timeout=1"} {
		_, err := postgres.Open(t.Context(), address, postgres.Options{})
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// maintenance connects to the server's own database, as a superuser.
func maintenance(t *testing.T, db *postgrestest.DB) *pgx.Conn {
	t.Helper()
	config, err := pgx.ParseConfig(db.AdminURL)
	if err != nil {
		t.Fatal(err)
	}
	config.Database = "postgres"
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

func exec(t *testing.T, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// Row-level security must hold for the role that serves, whatever the configuration says.
func TestServingRoleIsChecked(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	if err := db.App().CheckServingRole(t.Context()); err != nil {
		t.Errorf("portal_app: %v", err)
	}
	server := maintenance(t, db)
	database := rows[name](t, db.App(), "select current_database()::text as name")[0].Name
	for i, test := range []struct{ role, names string }{
		{"login superuser", "itself"},
		{"login bypassrls", "itself"},
		{"login in role portal_owner", "portal_owner"},
		{"login in role portal_system", "portal_system"},
		{"login noinherit in role portal_system", "portal_system"},
		{"login in role middle", "portal_owner"},
		{"login owner", "itself"},
		{"login", ""},
		{"login in role portal_app", ""},
	} {
		// Roles are the whole server's: names that no other test has.
		role, middle := fmt.Sprintf("%s_role_%d", database, i), fmt.Sprintf("%s_middle_%d", database, i)
		exec(t, server, "create role "+middle+" in role portal_owner")
		exec(t, server, "create role "+role+" "+strings.NewReplacer("middle", middle, " owner", "").Replace(test.role))
		t.Cleanup(func() {
			for _, statement := range []string{"drop owned by " + role, "drop role " + role, "drop role " + middle} {
				_, _ = server.Exec(context.WithoutCancel(t.Context()), statement)
			}
		})
		exec(t, server, "grant connect on database "+database+" to "+role)
		admin := db.Admin()
		if test.role == "login owner" {
			if _, err := admin.Exec(t.Context(), "create table portal.owned (x int); alter table portal.owned owner to "+role); err != nil {
				t.Fatal(err)
			}
		}
		pool := db.Open(strings.Replace(db.AppURL, "portal_app", role, 1), postgres.Options{MaxConns: 1})
		err := pool.CheckServingRole(t.Context())
		pool.Close()
		want := strings.Replace(test.names, "itself", role, 1)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "log in as portal_app")) {
			t.Errorf("%s: %v", test.role, err)
		}
		if _, err := admin.Exec(t.Context(), "drop table if exists portal.owned"); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.System().CheckServingRole(t.Context()); err == nil {
		t.Error("portal_system may serve")
	}
}

func TestMaintenance(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	app, admin := db.App(), db.Admin()
	now := time.Now().UTC()
	for age, subject := range map[time.Duration]string{time.Hour: "young", 23 * time.Hour: "nearly a day", 25 * time.Hour: "old"} {
		if err := app.Exec(t.Context(), "insert into login_attempts (subject, failures, failed_at) values (sha256($1::text::bytea), 1, $2)", subject, now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	months := func() []string {
		return names(t, db.System(), "select relname::text as name from pg_class where relispartition and relkind = 'r' and relnamespace = 'portal'::regnamespace order by 1")
	}
	before := months()
	if len(before) != 3*13 || !strings.HasPrefix(before[12], "audit_events_") {
		t.Fatalf("partitions are %q", before)
	}
	// As it is a month later, with several portals: the next month's are missing.
	for _, statement := range []string{"alter table audit_shared_events detach partition " + before[38], "alter table audit_personal_values detach partition " + before[25],
		"alter table audit_events detach partition " + before[12], "drop table " + before[38] + ", " + before[25] + ", " + before[12]} {
		if _, err := admin.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := app.Maintain(t.Context(), now); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if after := months(); !slices.Equal(after, before) {
		t.Errorf("partitions are %q", after)
	}
	if n := attempts(t, app); n != 2 {
		t.Errorf("%d attempts are left", n)
	}
	// An event of every month that is made has its place.
	for month := range 13 {
		at := time.Date(now.Year(), now.Month()+time.Month(month), 28, 23, 59, 59, 0, time.UTC)
		if err := app.Exec(t.Context(), `insert into audit_events (id, occurred_at, actor_kind, action, object_kind) values ($1, $2, 'nobody', 'session.refused', 'session')`, uuid.UUID{byte(month)}, at); err != nil {
			t.Errorf("%s: %v", at, err)
		}
	}
}

func TestLockLetsOneIn(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	app := db.Open(db.AppURL, postgres.Options{MaxConns: 4})
	unlock, err := app.Lock(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	other, err := app.Lock(t.Context(), "another")
	if err != nil {
		t.Fatal(err)
	}
	other()
	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := app.Lock(short, "test"); err == nil {
		t.Error("two are in")
	}
	waits := make(chan error, 1)
	go func() {
		second, err := app.Lock(t.Context(), "test")
		if err == nil {
			second()
		}
		waits <- err
	}()
	unlock()
	if err := <-waits; err != nil {
		t.Error(err)
	}
}
