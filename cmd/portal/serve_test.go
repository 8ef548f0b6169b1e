package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"omapostipro/internal/config"
)

// In a container with a volume for the keyset, nothing else can be written to.
func TestNoDataFolderIsMadeWhereNothingIsKeptInIt(t *testing.T) {
	dataDir := filepath.Join(t.TempDir(), "omaposti-pro")
	environment := map[string]string{
		"PORTAL_ENV":         "demo",
		"PORTAL_DATA_DIR":    dataDir,
		"DATABASE_URL":       "postgres://portal_app:secret@postgres/portal",
		"PORTAL_MIGRATE_URL": "postgres://postgres:secret@postgres/portal",
		"PORTAL_KEYSET_FILE": filepath.Join(t.TempDir(), "keyset.json"),
	}
	settings, err := config.Load(func(name string) string { return environment[name] })
	if err != nil {
		t.Fatal(err)
	}
	if err := unprivileged(settings); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dataDir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder %s is there (%v)", dataDir, err)
	}
}
