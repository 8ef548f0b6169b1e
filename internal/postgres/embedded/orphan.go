package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// pidFile is what a running server keeps in its cluster.
type pidFile struct {
	pid    int
	single bool // the server is in single-user mode, where it answers to one terminal
	ready  bool // it accepts connections
	rest   []byte
}

func pidFilePath(cluster string) string { return filepath.Join(cluster, "postmaster.pid") }

// readPidFile takes a file that was cut off, as by a full disk, for one without a process.
func readPidFile(cluster string) (pidFile, error) {
	text, err := os.ReadFile(pidFilePath(cluster))
	if err != nil {
		return pidFile{}, err
	}
	first, rest, _ := bytes.Cut(text, []byte("\n"))
	pid, _ := strconv.Atoi(strings.TrimSpace(string(first)))
	const statusLine = 7 - 1 // of those in rest, counted from 0
	lines := bytes.Split(rest, []byte("\n"))
	return pidFile{
		pid:    max(pid, -pid),
		single: pid < 0,
		ready:  len(lines) > statusLine && string(bytes.TrimSpace(lines[statusLine])) == "ready",
		rest:   rest,
	}, nil
}

// clearCluster ends every process that an earlier server has left in the cluster. A server that was shut down leaves
// nothing, and costs nothing here.
func clearCluster(ctx context.Context, cluster string, log *slog.Logger) error {
	file, err := readPidFile(cluster)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking for an earlier PostgreSQL: %w", err)
	}
	if file.pid != 0 && worksIn(file.pid, cluster) {
		if file.single {
			return fmt.Errorf("somebody works on the database in PostgreSQL's single-user mode (process %d)", file.pid)
		}
		log.Warn("an earlier PostgreSQL still runs and is shut down", "pid", file.pid)
		if err := end(ctx, file.pid, cluster, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL); err != nil {
			return err
		}
	}
	for _, pid := range processesIn(cluster) {
		log.Warn("a process of an earlier PostgreSQL still runs and is ended", "pid", pid)
		if err := end(ctx, pid, cluster, syscall.SIGQUIT, syscall.SIGKILL); err != nil {
			return err
		}
	}
	return disownPidFile(cluster)
}

// disownPidFile makes sure that a pid file left behind does not keep a server from starting because its number belongs to
// another process by now. The file is not removed: it names the shared memory by which PostgreSQL itself makes sure that
// nothing of the earlier server is left. Its process is changed into this one, which PostgreSQL disregards as its parent.
func disownPidFile(cluster string) error {
	file, err := readPidFile(cluster)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		text := append([]byte(strconv.Itoa(os.Getpid())+"\n"), file.rest...)
		err = os.WriteFile(pidFilePath(cluster), text, 0o600)
	}
	if err != nil {
		return fmt.Errorf("clearing a pid file: %w", err)
	}
	return nil
}

// How long each signal of end has to work before the next is sent.
const signalPatience = 15 * time.Second

// end sends signals, one after the other, until the process no longer works in the cluster.
func end(ctx context.Context, pid int, cluster string, signals ...syscall.Signal) error {
	process, err := os.FindProcess(pid)
	if err != nil {
		return nil // it has ended
	}
	defer process.Release() //nolint:errcheck // gives back a handle
	poll := time.NewTicker(readinessPoll)
	defer poll.Stop()
	for _, signal := range signals {
		if !worksIn(pid, cluster) { // looked at with the process in hand, so that its number cannot pass to another
			return nil
		}
		if err := process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("ending an earlier PostgreSQL (process %d): %w", pid, err)
		}
		for deadline := time.Now().Add(signalPatience); time.Now().Before(deadline) && worksIn(pid, cluster); {
			select {
			case <-ctx.Done():
				return fmt.Errorf("waiting for the end of an earlier PostgreSQL (process %d): %w", pid, ctx.Err())
			case <-poll.C:
			}
		}
	}
	if worksIn(pid, cluster) {
		return fmt.Errorf("an earlier PostgreSQL (process %d) cannot be ended", pid)
	}
	return nil
}
