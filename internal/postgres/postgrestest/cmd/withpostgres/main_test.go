package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"omapostipro/internal/postgres/postgrestest"
)

// The test binary started again with this variable is withpostgres itself, or what it runs.
const roleVariable = "WITHPOSTGRES_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "withpostgres":
		_ = os.Setenv(roleVariable, "command")
		main()
	case "command":
		os.Exit(connect())
	default:
		os.Exit(m.Run())
	}
}

// connect is a command that uses the server.
func connect() int {
	conn, err := pgx.Connect(context.Background(), os.Getenv(postgrestest.ServerVariable))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	_ = conn.Close(context.Background())
	return 0
}

// withPostgres prepares a run that has nowhere to leave anything but the folder that it returns.
func withPostgres(t *testing.T, server string, command ...string) (*exec.Cmd, string) {
	t.Helper()
	temporary, err := os.MkdirTemp("", "withpostgres-") //nolint:usetesting // t.TempDir is closed to other accounts
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(temporary) })
	if err := os.Chmod(temporary, 0o755); err != nil { // or the server's account could not pass through it
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], command...)
	cmd.Env = append(os.Environ(), roleVariable+"=withpostgres", postgrestest.ServerVariable+"="+server, "TMPDIR="+temporary)
	cmd.Stderr = os.Stderr
	return cmd, temporary
}

func checkEnd(t *testing.T, err error, code int, temporary string) {
	t.Helper()
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	if got != code {
		t.Errorf("ended with %d, want %d", got, code)
	}
	if left, _ := filepath.Glob(filepath.Join(temporary, "*")); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestTheCommandHasAServerAndItsExitCodeComesBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		command []string
		code    int
	}{
		{"success", []string{os.Args[0]}, 0},
		{"failure", []string{"sh", "-c", "exit 7"}, 7},
		{"end by a signal", []string{"sh", "-c", "kill -TERM $$"}, 128 + int(syscall.SIGTERM)},
		{"no such command", []string{"/no/such/command"}, 1},
		{"no command", nil, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cmd, temporary := withPostgres(t, "", c.command...)
			checkEnd(t, cmd.Run(), c.code, temporary)
		})
	}
}

func TestSignalsArePassedOn(t *testing.T) {
	t.Parallel()
	cmd, temporary := withPostgres(t, "", "sh", "-c", "trap 'exit 3' TERM; echo ready; read line")
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer input.Close()
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(output).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("read %q, %v", line, err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	checkEnd(t, cmd.Wait(), 3, temporary)
}

func TestAServerThatIsGivenIsUsed(t *testing.T) {
	t.Parallel()
	const given = "postgres://somebody@db.example/postgres"
	cmd, _ := withPostgres(t, given, "sh", "-c", "echo $"+postgrestest.ServerVariable)
	output, err := cmd.Output()
	if err != nil || strings.TrimSpace(string(output)) != given {
		t.Errorf("the command has %q, %v", output, err)
	}
}
