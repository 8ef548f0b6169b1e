// Package migrations holds the schema's history, embedded in the binary. Files are numbered, never changed once they
// have landed, and run by goose as portal_owner; CONTRIBUTING.md says how to add one.
package migrations

import (
	"embed"
	"io/fs"
	"strconv"
	"strings"
)

// FS holds the migrations that are SQL, named 00001_what_it_does.sql. Those that are not are Go's.
//
//go:embed *.sql
var FS embed.FS

// Latest gives the version of the newest migration: the one that a current schema has.
func Latest() int64 {
	entries, err := fs.ReadDir(FS, ".")
	if err != nil {
		panic(err) // an embedded folder can always be read
	}
	last := entries[len(entries)-1].Name()
	number, _, _ := strings.Cut(last, "_")
	version, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		panic("migrations: a file without a number: " + last)
	}
	for _, migration := range Go() {
		version = max(version, migration.Version)
	}
	return version
}
