package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestAnErrorSaysWhatThePortalWasDoing(t *testing.T) {
	nowhere := "postgres:///portal?host=" + t.TempDir()
	environment := map[string]string{
		"PORTAL_ENV":         "demo",
		"PORTAL_LISTEN":      "127.0.0.1:0",
		"DATABASE_URL":       nowhere,
		"PORTAL_MIGRATE_URL": nowhere,
		"PORTAL_KEYSET_FILE": filepath.Join(t.TempDir(), "keyset.json"),
	}
	var stdout, stderr strings.Builder
	code := run(t.Context(), nil, func(name string) string { return environment[name] }, strings.NewReader(""), &stdout, &stderr)
	if code != exitFailed {
		t.Errorf("the exit code is %d", code)
	}
	if !strings.HasPrefix(stderr.String(), "portal: reach the database to migrate: ") {
		t.Errorf("standard error begins with %q", stderr.String())
	}
}
