package main

import (
	"bufio"
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/postgres"
	"omapostipro/internal/postgres/postgrestest"
	"omapostipro/internal/secretbox"
)

// Nothing of the demo is in production: neither made there, nor left from a demo that the database was.
func TestProductionHasNoCredentialsOfTheDemo(t *testing.T) {
	t.Parallel()
	keyset := filepath.Join(t.TempDir(), "keyset.json")
	if _, err := secretbox.Create(keyset); err != nil {
		t.Fatal(err)
	}
	start := func(ctx context.Context, databaseURL string, stdout io.Writer) (code int, stderr string) {
		environment := map[string]string{"PORTAL_ENV": "production", "PORTAL_LISTEN": "127.0.0.1:0", "DATABASE_URL": databaseURL, "PORTAL_KEYSET_FILE": keyset,
			"PORTAL_SMTP_URL": "smtp://127.0.0.1:1", "PORTAL_BASE_URL": "https://portal.example.com"}
		err := new(strings.Builder)
		code = run(ctx, nil, func(name string) string { return environment[name] }, strings.NewReader(""), stdout, err)
		return code, err.String()
	}
	fresh := postgrestest.New(t)
	ctx, stop := context.WithCancel(t.Context())
	read, write := io.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() { _ = write.Close() }()
		if code, stderr := start(ctx, fresh.AppURL, write); code != exitOK {
			t.Errorf("%d\n%s", code, stderr)
		}
	}()
	said := ""
	for lines := bufio.NewScanner(read); lines.Scan(); {
		if said += lines.Text() + "\n"; strings.Contains(lines.Text(), "Ctrl-C") {
			break
		}
	}
	if !strings.Contains(said, "is ready") || strings.Contains(said, "opp_") || strings.Contains(said, "OmaPosti-demo") {
		t.Errorf("it says %s", said)
	}
	system := demotest.Open(t, fresh.AdminURL, postgres.Options{MaxConns: 1, Role: "portal_system"})
	made := demotest.Value[int](t, system, "select (select count(*) from users) + (select count(*) from api_keys) + (select count(*) from application_accounts)")
	if made != 0 {
		t.Errorf("%d people, keys and accounts are made", made)
	}
	stop()
	<-ended
	var stdout strings.Builder
	code, stderr := start(t.Context(), demotest.New(t).AppURL, &stdout)
	if code != exitFailed || stdout.Len() > 0 || !strings.Contains(stderr, "the password of main.user@example.com") {
		t.Errorf("on a demo's database: %d\n%s%s", code, &stdout, stderr)
	}
}
