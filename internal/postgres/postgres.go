// Package postgres is how the portal speaks to its database: a pool whose role cannot see more than it should,
// transactions that say for whom they work, reads of one round trip, and errors turned into faults.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"omapostipro/internal/fault"
	"omapostipro/migrations"
)

// Schema is the only schema that the portal uses.
const Schema = "portal"

// Scope says for whom a transaction works: row-level security shows it what belongs to that organisation and person.
// The zero scope sees nothing.
type Scope struct {
	Organization uuid.UUID
	User         uuid.UUID
}

// setting gives the statement that tells the database, until the transaction's end. UUIDs need no quoting.
func (s Scope) setting() string {
	return fmt.Sprintf("select set_config('portal.organization', '%s', true), set_config('portal.user', '%s', true)",
		text(s.Organization), text(s.User))
}

// queue adds the statement to a batch. Without BEGIN a batch is a transaction by itself, so the settings hold for all of
// it and no longer.
func (s Scope) queue(batch *pgx.Batch) {
	batch.Queue("select set_config('portal.organization', $1, true), set_config('portal.user', $2, true)", text(s.Organization), text(s.User))
}

func text(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}

// DB is a pool of connections to the portal's database.
type DB struct {
	pool *pgxpool.Pool
}

// Options of a pool.
type Options struct {
	MaxConns int32           // at most this many connections; 0 is pgx's default
	Role     string          // the role to take on after logging in, as portal_system for the operator's commands
	Tracer   pgx.QueryTracer // sees every statement; for tests that count
	// Relaxed commits do not wait for the disk: for what can be done again after a crash.
	Relaxed bool
}

// Open connects a pool; it fails when the database cannot be reached within the context's time.
func Open(ctx context.Context, url string, options Options) (*DB, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("the database's address cannot be read") // pgx's own text may quote the password
	}
	params := config.ConnConfig.RuntimeParams
	params["search_path"] = Schema
	params["application_name"] = "omaposti-pro"
	params["timezone"] = "UTC"
	params["statement_timeout"] = "30s"
	params["idle_in_transaction_session_timeout"] = "60s"
	if options.Relaxed {
		params["synchronous_commit"] = "off"
	}
	if options.Role != "" {
		params["role"] = options.Role
	}
	config.ConnConfig.ConnectTimeout = 5 * time.Second
	config.ConnConfig.Tracer = options.Tracer
	config.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		registerUUIDs(conn.TypeMap())
		registerJSON(conn.TypeMap())
		return nil
	}
	if options.MaxConns > 0 {
		config.MaxConns = options.MaxConns
	}
	// Connections are kept, with their prepared statements and the functions' plans.
	config.MinConns = min(2, config.MaxConns)
	config.MaxConnIdleTime = time.Hour
	config.MaxConnLifetime = 24 * time.Hour
	config.MaxConnLifetimeJitter = time.Hour
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("reach the database: %w", err)
	}
	return &DB{pool: pool}, nil
}

// Close ends all connections.
func (db *DB) Close() { db.pool.Close() }

// Pool gives the pool itself, for what needs it whole (tests and benchmarks).
func (db *DB) Pool() *pgxpool.Pool { return db.pool }

// CheckServingRole refuses a role that row-level security would not hold for: a superuser, one with BYPASSRLS, an owner
// of the portal's tables, portal_system, or a member of such a role.
func (db *DB) CheckServingRole(ctx context.Context) error {
	rows, err := db.pool.Query(ctx, `
		select r.rolname::text from pg_roles r
		where pg_has_role(current_user, r.oid, 'MEMBER') and (r.rolsuper or r.rolbypassrls or r.rolname = 'portal_system'
			or exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relowner = r.oid))
		order by r.rolname <> current_user, 1 limit 1`, Schema)
	if err != nil {
		return db.fault(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return db.fault(err)
	}
	if len(names) > 0 {
		return fmt.Errorf("the role that serves is, or is a member of, %q, for which row-level security does not hold: "+
			"log in as portal_app, which the migrations make", names[0])
	}
	return nil
}

// ErrSchemaNotCurrent is given while migrations are missing, or when the database is ahead of this program.
var ErrSchemaNotCurrent = errors.New("the database's schema is not this program's: run portal migrate with the same version")

// CheckSchema says whether the schema is the one that this program was built with.
func (db *DB) CheckSchema(ctx context.Context) error {
	var version int64
	err := db.pool.QueryRow(ctx, "select coalesce(max(version_id), 0) from goose_db_version where is_applied").Scan(&version)
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok && (pgErr.Code == "42P01" || pgErr.Code == "42501") { // no such table, or not yet granted
		return ErrSchemaNotCurrent
	}
	if err != nil {
		return db.fault(err)
	}
	if version != migrations.Latest() {
		return ErrSchemaNotCurrent
	}
	return nil
}

type inTx struct{}

// InTx runs fn in a transaction for a scope and commits it when fn returns nil. It does not nest. When the context has
// been cancelled the transaction is rolled back all the same. Begin and the scope's settings are one round trip.
func (db *DB) InTx(ctx context.Context, scope Scope, fn func(ctx context.Context, tx pgx.Tx) error) (err error) {
	if ctx.Value(inTx{}) != nil {
		panic("postgres: a transaction inside a transaction")
	}
	ctx = context.WithValue(ctx, inTx{}, true)
	tx, err := db.pool.BeginTx(ctx, pgx.TxOptions{BeginQuery: "begin; " + scope.setting()})
	if err != nil {
		return db.fault(err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = tx.Rollback(ctx) // after a commit it does nothing; a broken connection is closed by the pool
	}()
	if err := fn(ctx, tx); err != nil {
		return db.fault(err)
	}
	return db.fault(tx.Commit(ctx))
}

// Batch collects the statements of one read.
type Batch struct {
	batch pgx.Batch
}

// Rows adds a statement whose rows are scanned by column name into T, strictly; the slice is filled when the batch is
// read, and is empty, not nil, without rows.
func Rows[T any](b *Batch, into *[]T, sql string, args ...any) {
	b.batch.Queue(sql, args...).Query(func(rows pgx.Rows) error {
		found := []T{}
		err := scan(rows, func(row T) error {
			found = append(found, row)
			return nil
		})
		*into = found
		return err
	})
}

// Each adds a statement whose rows are scanned like those of Rows, and given to a function one at a time as they come:
// memory does not grow with their number. An error of the function's ends the read.
func Each[T any](b *Batch, each func(T) error, sql string, args ...any) {
	b.batch.Queue(sql, args...).Query(func(rows pgx.Rows) error { return scan(rows, each) })
}

// Row adds a statement that gives at most one row; into stays nil without one.
func Row[T any](b *Batch, into **T, sql string, args ...any) {
	b.batch.Queue(sql, args...).Query(func(rows pgx.Rows) error {
		found, err := first[T](rows)
		*into = found
		return err
	})
}

// Do adds a statement whose rows, if any, nobody wants.
func Do(b *Batch, sql string, args ...any) { b.batch.Queue(sql, args...) }

// Value adds a statement that gives exactly one row of one column.
func Value[T any](b *Batch, into *T, sql string, args ...any) {
	b.batch.Queue(sql, args...).QueryRow(func(row pgx.Row) error { return row.Scan(into) })
}

// Read runs what fill adds to a batch, for a scope, in one round trip.
func (db *DB) Read(ctx context.Context, scope Scope, fill func(*Batch)) error {
	var b Batch
	scope.queue(&b.batch)
	fill(&b)
	return db.fault(db.pool.SendBatch(ctx, &b.batch).Close())
}

// Recognize runs one statement outside of any scope, as the functions that recognise keys and sessions want it, and
// scans the row that it gives by column name; nil without one.
func Recognize[T any](ctx context.Context, db *DB, sql string, args ...any) (*T, error) {
	rows, err := db.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, db.fault(err)
	}
	found, err := first[T](rows)
	return found, db.fault(err)
}

// Exec runs one statement outside of any scope.
func (db *DB) Exec(ctx context.Context, sql string, args ...any) error {
	_, err := db.pool.Exec(ctx, sql, args...)
	return db.fault(err)
}

// Constraint gives the name of the constraint that an error comes from, or "".
func Constraint(err error) string {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok && strings.HasPrefix(pgErr.Code, "23") {
		return pgErr.ConstraintName
	}
	return ""
}

// Fault turns the errors of a database that cannot be reached, is shutting down or takes no more connections into
// fault.Unavailable, and leaves all others.
func Fault(err error) error {
	if err == nil || fault.KindOf(err) != fault.Internal || errors.Is(err, context.Canceled) {
		return err
	}
	if unavailable(err) {
		return fault.New(fault.Unavailable, "errors.unavailable_text").After(5 * time.Second).Because(err)
	}
	return err
}

func unavailable(err error) bool {
	if _, noConnection := errors.AsType[*pgconn.ConnectError](err); noConnection {
		return true // whatever the server's reason
	}
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		// Connection exceptions, insufficient resources, operator intervention: shutdowns, and a statement that took too long.
		return strings.HasPrefix(pgErr.Code, "08") || strings.HasPrefix(pgErr.Code, "53") || strings.HasPrefix(pgErr.Code, "57")
	}
	_, network := errors.AsType[net.Error](err)
	return network || pgconn.SafeToRetry(err) || isBrokenConnection(err)
}

// isBrokenConnection knows the errors of a connection that ended in mid-conversation, or while nobody used it.
func isBrokenConnection(err error) bool {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		return strings.HasPrefix(pgErr.Code, "57P")
	}
	message := err.Error()
	return errors.Is(err, net.ErrClosed) || strings.Contains(message, "unexpected EOF") || strings.Contains(message, "conn closed") ||
		strings.Contains(message, "broken pipe") || strings.Contains(message, "connection reset")
}

// fault is Fault; and where a connection has ended, so have the others: the pool makes new ones, so that the portal is
// back as soon as the database is.
func (db *DB) fault(err error) error {
	if err != nil && isBrokenConnection(err) {
		db.pool.Reset()
	}
	return Fault(err)
}

// purges are the functions that clear away what has expired, one a line.
var purges = [...]string{
	"purge_expired", // sessions, rows of failed log-ins
	"purge_calls",   // the API's tokens
	"purge_mails",
	"purge_links", // to choose a password by, or to confirm an address
}

// Maintain clears away what has expired and makes the audit partitions of the months to come. It is called at start and
// once a day.
func (db *DB) Maintain(ctx context.Context, now time.Time) error {
	err := db.Exec(ctx, "select ensure_audit_partitions()")
	for _, purge := range purges {
		err = errors.Join(err, db.Exec(ctx, "select "+purge+"($1)", now))
	}
	return err
}

// Lock takes an advisory lock by name, waiting for it, on a connection of its own; the function gives both back.
func (db *DB) Lock(ctx context.Context, name string) (unlock func(), err error) {
	conn, err := db.pool.Acquire(ctx)
	if err != nil {
		return nil, db.fault(err)
	}
	if _, err := conn.Exec(ctx, "select pg_advisory_lock(hashtextextended($1, 0))", name); err != nil {
		conn.Release()
		return nil, db.fault(err)
	}
	return func() {
		// Closing the connection gives up the lock whatever happens.
		_ = conn.Hijack().Close(context.WithoutCancel(ctx))
	}, nil
}

// Write sends what fill adds to a batch, for a scope, in one round trip; all of it happens or nothing.
func (db *DB) Write(ctx context.Context, scope Scope, fill func(*pgx.Batch) error) error {
	var batch pgx.Batch
	scope.queue(&batch)
	if err := fill(&batch); err != nil {
		return err
	}
	return db.fault(db.pool.SendBatch(ctx, &batch).Close())
}
