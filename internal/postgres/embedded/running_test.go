package embedded

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestARunningServerIsFound(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	config := testConfig(t, dir)
	config.Unsafe = true
	server := startServer(t, config)
	running, err := Find(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if found, own := running.URL(Superuser, Database), server.URL(Superuser, Database); found != own {
		t.Errorf("it is at %s, not %s", found, own)
	}
	conn, err := pgx.Connect(t.Context(), running.URL(Superuser, Database))
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close(t.Context())
	stopServer(t, server)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Find(over, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("one that has stopped: %v", err)
	}
}
