package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// clusterMajor gives the major version of the PostgreSQL that made the cluster, 0 if there is no cluster.
func clusterMajor(cluster string) (int, error) {
	text, err := os.ReadFile(filepath.Join(cluster, "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		entries, err := os.ReadDir(cluster)
		if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
			return 0, nil
		}
		if err != nil {
			return 0, fmt.Errorf("reading the database's folder: %w", err)
		}
		return 0, fmt.Errorf("%s is not empty, but is not a whole PostgreSQL cluster either: it was left as it is; "+
			"put a backup in its place, or move it away to start with an empty database", cluster)
	}
	if err != nil {
		return 0, fmt.Errorf("reading the database's version: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || major == 0 {
		return 0, fmt.Errorf("%s says that its version is %q, which no PostgreSQL after 9 has: it was left as it is", cluster, strings.TrimSpace(string(text)))
	}
	return major, nil
}

const newClusterPrefix = "postgres.new-"

// makeCluster makes a cluster with the portal's database in a folder beside its place and moves it there when it is
// whole, so that a start that is killed leaves no half of one.
func (s *Server) makeCluster(ctx context.Context) error {
	removeUnfinished(s.config.DataDir, newClusterPrefix)
	fresh, err := os.MkdirTemp(s.config.DataDir, newClusterPrefix)
	if err != nil {
		return fmt.Errorf("making the database: %w", err)
	}
	defer func() { _ = os.RemoveAll(fresh) }()
	if credential := s.config.Credential; credential != nil {
		if err := os.Chown(fresh, int(credential.Uid), int(credential.Gid)); err != nil {
			return fmt.Errorf("making the database: %w", err)
		}
	}
	s.config.Log.Info("making a database", "folder", s.cluster, "postgresql", s.programs.version)
	if err := s.runToEnd(ctx, s.command("initdb", s.initdbArguments(fresh)...), ""); err != nil {
		return fmt.Errorf("making the database: %w", err)
	}
	single := s.command("postgres", "--single", "-D", fresh, "-c", "exit_on_error=on", "-c", "log_checkpoints=off",
		"-c", "fsync="+onOff(!s.config.Unsafe), "postgres")
	if err := s.runToEnd(ctx, single, firstStatements); err != nil {
		return fmt.Errorf("making the database: %w", err)
	}
	if err := os.Rename(fresh, s.cluster); err != nil {
		return fmt.Errorf("making the database: %w", err)
	}
	return syncDir(s.config.DataDir)
}

// A statement a line, as the server's single-user mode has it. Names are sorted as in Sweden in every language, which
// takes a PostgreSQL that was built with ICU; better to learn that before there is data.
const firstStatements = `DO $$ BEGIN IF to_regcollation('"sv-SE-x-icu"') IS NULL THEN RAISE 'this PostgreSQL was built without ICU, which the portal needs'; END IF; END $$
CREATE DATABASE ` + Database + `
`

// initdbArguments make a cluster that is the same on every machine: text is UTF-8, sorts by code point unless a query says
// otherwise, and its case is Unicode's.
func (s *Server) initdbArguments(dir string) []string {
	arguments := []string{
		"--pgdata=" + dir,
		"--username=" + Superuser,
		"--auth-local=trust", // behind a socket that only the portal's account reaches
		"--auth-host=reject",
		"--encoding=UTF8",
		"--locale=C",
		"--text-search-config=simple",
		"--data-checksums",
		"--no-instructions",
	}
	switch {
	case s.programs.major >= 17:
		arguments = append(arguments, "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
	case runtime.GOOS == "darwin":
		arguments = append(arguments, "--lc-ctype=en_US.UTF-8")
	default:
		arguments = append(arguments, "--lc-ctype=C.UTF-8")
	}
	if s.config.Unsafe {
		arguments = append(arguments, "--no-sync")
	}
	return arguments
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// removeUnfinished removes what earlier starts were working on when they were killed.
func removeUnfinished(dataDir, prefix string) {
	left, _ := filepath.Glob(filepath.Join(dataDir, prefix+"*"))
	for _, path := range left {
		_ = os.RemoveAll(path)
	}
}

// syncDir makes the names in a folder as durable as the files are.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
