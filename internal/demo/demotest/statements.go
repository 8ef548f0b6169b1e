package demotest

import (
	"context"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"
)

// Statements records what the database was asked, and in how many round trips: pgx's tracer tells. That a connection
// prepares a statement, once, is not counted: which connection of the pool is taken is chance.
type Statements struct {
	mu    sync.Mutex
	trips int
	sql   []string
}

// Asked is what the database was asked in some while.
type Asked struct {
	Trips int
	SQL   []string
}

// During gives what is asked while a function runs. Nothing else may be running.
func (s *Statements) During(run func()) Asked {
	s.mu.Lock()
	s.trips, s.sql = 0, nil
	s.mu.Unlock()
	run()
	s.mu.Lock()
	defer s.mu.Unlock()
	return Asked{Trips: s.trips, SQL: slices.Clone(s.sql)}
}

func (s *Statements) record(trips int, sql ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trips += trips
	s.sql = append(s.sql, sql...)
}

// TraceQueryStart is called by pgx before a statement.
func (s *Statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	s.record(1, data.SQL)
	return ctx
}

// TraceQueryEnd is called by pgx after a statement.
func (s *Statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart is called by pgx before a batch, which is one round trip.
func (s *Statements) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	s.record(1)
	for _, query := range data.Batch.QueuedQueries {
		s.record(0, query.SQL)
	}
	return ctx
}

// TraceBatchQuery is called by pgx after each statement of a batch.
func (s *Statements) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd is called by pgx after a batch.
func (s *Statements) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}
