// Command withpostgres runs a command with a throw-away PostgreSQL server, for tests of many packages to share:
//
//	go run ./internal/postgres/postgrestest/cmd/withpostgres go test ./...
//
// The command finds the server's address in PORTAL_TEST_POSTGRES; if that is set already, the server that it names is
// used. Signals are passed on to the command, and its exit code is passed back.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"omapostipro/internal/postgres/postgrestest"
)

func main() {
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "withpostgres:", err)
	}
	os.Exit(code)
}

const (
	failed       = 1
	startTimeout = 10 * time.Minute // PostgreSQL may have to be fetched
	stopTimeout  = 30 * time.Second
)

func run(command []string) (code int, err error) {
	if len(command) == 0 {
		return failed, errors.New("which command?")
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)

	if os.Getenv(postgrestest.ServerVariable) == "" {
		server, err := start(signals)
		if err != nil {
			return failed, err
		}
		defer func() {
			ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
			defer cancel()
			if stopErr := server.Stop(ctx); stopErr != nil && err == nil {
				code, err = failed, stopErr
			}
		}()
		if err := os.Setenv(postgrestest.ServerVariable, server.URL()); err != nil {
			return failed, err
		}
	}
	cmd := exec.CommandContext(context.Background(), command[0], command[1:]...) // ended by the signals that are passed on
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		return failed, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case received := <-signals:
			_ = cmd.Process.Signal(received)
		case err := <-ended:
			return exitCode(cmd.ProcessState), unlessExit(err)
		}
	}
}

// start starts the server, unless a signal comes first.
func start(signals <-chan os.Signal) (*postgrestest.Server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	started := make(chan struct{})
	defer close(started)
	go func() {
		select {
		case <-signals:
			cancel()
		case <-started:
		}
	}()
	return postgrestest.Start(ctx)
}

// exitCode is the command's own, or what a shell makes of the signal that it died of.
func exitCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}

// unlessExit gives nil for a command that ran and failed: it has said why.
func unlessExit(err error) error {
	if _, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil
	}
	return err
}
