package postgrestest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"omapostipro/internal/postgres"
)

// The test binary started again with this variable is a test process that has a server and waits.
const holderVariable = "POSTGRESTEST_TEST_HOLDER"

func TestMain(m *testing.M) {
	if os.Getenv(holderVariable) != "" {
		os.Exit(holdServer())
	}
	os.Exit(m.Run())
}

func holdServer() int {
	server, err := Start(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Fprintln(os.Stdout, server.URL())
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

func TestEveryTestHasADatabaseOfItsOwn(t *testing.T) {
	var addresses []string
	for _, name := range []string{"one", "other"} {
		t.Run(name, func(t *testing.T) {
			db := New(t)
			addresses = append(addresses, db.AdminURL)
			if err := db.App().CheckSchema(t.Context()); err != nil {
				t.Error(err)
			}
			if err := db.App().CheckServingRole(t.Context()); err != nil {
				t.Error(err)
			}
			var tables int
			if err := db.Admin().QueryRow(t.Context(), "select count(*) from information_schema.tables where table_name = 'mine'").Scan(&tables); err != nil {
				t.Fatal(err)
			}
			if tables != 0 {
				t.Error("another test's table is there")
			}
			if _, err := db.Admin().Exec(t.Context(), "create table mine ()"); err != nil {
				t.Error(err)
			}
		})
	}
	for _, address := range addresses {
		_, err := pgx.Connect(t.Context(), address)
		if err == nil || !strings.Contains(err.Error(), "does not exist") {
			t.Errorf("connecting to a test's database after it gives %v", err)
		}
	}
}

func TestRolesOfThePoolsAndAddresses(t *testing.T) {
	t.Parallel()
	db := New(t)
	roleAt := func(pool *postgres.DB) (role string) {
		if err := pool.Pool().QueryRow(t.Context(), "select current_user").Scan(&role); err != nil {
			t.Fatal(err)
		}
		return role
	}
	for want, pool := range map[string][]*postgres.DB{
		"portal_app":    {db.App(), db.Open(db.AppURL, postgres.Options{})},
		"portal_system": {db.System(), db.Open(db.SystemURL, postgres.Options{})},
	} {
		for _, p := range pool {
			if role := roleAt(p); role != want {
				t.Errorf("a pool of %s is %s", want, role)
			}
		}
	}
	var superuser bool
	if err := db.Admin().QueryRow(t.Context(), "select rolsuper from pg_roles where rolname = current_user").Scan(&superuser); err != nil || !superuser {
		t.Errorf("the admin is a superuser: %v, %v", superuser, err)
	}
}

func TestAddressesKeepThePassword(t *testing.T) {
	t.Parallel()
	admin, err := url.Parse("postgres://root:pass@db.example:5433/postgres?sslmode=require")
	if err != nil {
		t.Fatal(err)
	}
	c := cluster{admin: *admin}
	for want, got := range map[string]string{
		"postgres://portal_app:pass@db.example:5433/a?sslmode=require":              c.address("a", appRole, ""),
		"postgres://root:pass@db.example:5433/a?role=portal_system&sslmode=require": c.address("a", "", systemRole),
		"postgres://root:pass@db.example:5433/a?sslmode=require":                    c.address("a", "", ""),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if _, err := open(t.Context(), "host=db.example"); err == nil || !strings.Contains(err.Error(), ServerVariable) {
		t.Errorf("got %v", err)
	}
}

func TestTheTemplateChangesWithTheDay(t *testing.T) {
	t.Parallel()
	morning := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	names := map[string]bool{}
	for _, now := range []time.Time{morning, morning.Add(20 * time.Hour), morning.Add(24 * time.Hour)} {
		name, err := templateName(now)
		if err != nil {
			t.Fatal(err)
		}
		names[name] = true
	}
	if len(names) != 2 {
		t.Errorf("got %v", names)
	}
}

// TestNothingOutlivesItsProcess ends test processes in every way, and looks for what is left of their servers.
func TestNothingOutlivesItsProcess(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*exec.Cmd, io.Closer) error{
		"ends":             func(_ *exec.Cmd, input io.Closer) error { return input.Close() },
		"is killed":        func(cmd *exec.Cmd, _ io.Closer) error { return cmd.Process.Kill() },
		"is interrupted":   func(cmd *exec.Cmd, _ io.Closer) error { return cmd.Process.Signal(os.Interrupt) },
		"leaves a session": func(cmd *exec.Cmd, _ io.Closer) error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGHUP) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			temporary := openDir(t)
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), holderVariable+"=yes", "TMPDIR="+temporary)
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
			cmd.Stderr = os.Stderr
			input, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			output, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			address, err := bufio.NewReader(output).ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if err := ping(t.Context(), strings.TrimSpace(address)); err != nil {
				t.Fatal(err)
			}
			if err := end(cmd, input); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			eventually(t, "its folder to be removed", func() bool {
				left, _ := filepath.Glob(filepath.Join(temporary, "*"))
				return len(left) == 0
			})
			if err := ping(t.Context(), strings.TrimSpace(address)); err == nil {
				t.Error("the server still answers")
			}
		})
	}
}

func ping(ctx context.Context, address string) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// openDir is a temporary folder that the server's account can pass through.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "postgrestest-") //nolint:usetesting // t.TempDir is closed to other accounts
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// eventually waits for something that another process brings about.
func eventually(t *testing.T, what string, happened func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for !happened() {
		select {
		case <-deadline:
			t.Fatalf("waited in vain for %s", what)
		case <-poll.C:
		}
	}
}

func TestProcessesShareOneTemplate(t *testing.T) {
	t.Parallel()
	cluster, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	results := make(chan error, 4)
	for range cap(results) {
		go func() {
			other, err := open(context.Background(), cluster.admin.String())
			if err == nil {
				other.pool.Close()
				if other.template != cluster.template {
					err = errors.New("it uses " + other.template)
				}
			}
			results <- err
		}()
	}
	for range cap(results) {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
}
