package postgres

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// scan gives the rows of a result.
func scan[T any](rows pgx.Rows, each func(T) error) error {
	defer rows.Close()
	var empty T
	for s := (*scanner[T])(nil); rows.Next(); {
		if s == nil {
			var err error
			if s, err = scannerOf[T](rows); err != nil {
				return err
			}
			defer func() { *s.row = empty }() // a connection holds nothing of what it has read
		}
		*s.row = empty
		if err := s.scan(rows.RawValues()); err != nil {
			return err
		}
		if err := each(*s.row); err != nil {
			return err
		}
	}
	return rows.Err()
}

var errEnough = errors.New("one row is enough")

// first gives the first row of a result, or nil.
func first[T any](rows pgx.Rows) (found *T, err error) {
	err = scan(rows, func(row T) error {
		found = &row
		return errEnough
	})
	if errors.Is(err, errEnough) {
		err = rows.Err()
	}
	if err != nil {
		return nil, err
	}
	return found, nil
}

// scanner reads rows of the same columns into T by column name, strictly. pgx would find out anew for each result which
// column goes where and how it is read; a connection, which gives one result at a time, keeps what was found.
type scanner[T any] struct {
	columns []pgconn.FieldDescription
	row     *T
	fields  []any // of row, in the columns' order
	plans   []pgtype.ScanPlan
}

// scannerOf gives the scanner of a connection for a result at its first row.
func scannerOf[T any](rows pgx.Rows) (*scanner[T], error) {
	conn, columns := rows.Conn(), rows.FieldDescriptions()
	kept, key := conn.PgConn().CustomData(), reflect.TypeFor[T]().String()
	if s, ok := kept[key].(*scanner[T]); ok && slices.EqualFunc(s.columns, columns, sameColumn) {
		return s, nil
	}
	s := &scanner[T]{columns: slices.Clone(columns)}
	to := fieldsOf{CollectableRow: rows}
	var err error
	if s.row, err = pgx.RowToAddrOfStructByName[T](&to); err != nil {
		return nil, err
	}
	s.fields = to.fields
	for i, column := range columns {
		s.plans = append(s.plans, conn.TypeMap().PlanScan(column.DataTypeOID, column.Format, s.fields[i]))
	}
	kept[key] = s
	return s, nil
}

func sameColumn(a, b pgconn.FieldDescription) bool {
	return a.Name == b.Name && a.DataTypeOID == b.DataTypeOID && a.Format == b.Format
}

func (s *scanner[T]) scan(values [][]byte) error {
	for i, value := range values {
		if err := s.plans[i].Scan(value, s.fields[i]); err != nil {
			return fmt.Errorf("read the column %s: %w", s.columns[i].Name, err)
		}
	}
	return nil
}

// fieldsOf is a row that is not scanned: it remembers the fields into which it would have been.
type fieldsOf struct {
	pgx.CollectableRow
	fields []any
}

func (f *fieldsOf) Scan(fields ...any) error {
	f.fields = fields
	return nil
}
