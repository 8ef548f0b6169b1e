package embedded

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestTheServerIsReachedThroughAClosedFolderOnly(t *testing.T) {
	t.Parallel()
	short := dataDir(t)
	long := filepath.Join(filepath.Dir(short), strings.Repeat("long", 30))
	makeOwned(t, long)
	for _, dir := range []string{short, long} {
		config := testConfig(t, dir)
		config.Unsafe = true
		server := startServer(t, config)
		socket := filepath.Join(server.socketDir, socketName)
		if len(socket) >= 100 {
			t.Errorf("the socket's path %s has %d bytes", socket, len(socket))
		}
		for path, want := range map[string]fs.FileMode{server.socketDir: fs.ModeDir | 0o700, socket: fs.ModeSocket | 0o700} {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if info.Mode() != want {
				t.Errorf("%s has mode %v, want %v", path, info.Mode(), want)
			}
		}
		conn := connect(t, server)
		if addresses := query[string](t, conn, "SHOW listen_addresses"); addresses != "" {
			t.Errorf("the server listens on %s", addresses)
		}
		if passwords := query[int](t, conn, "SELECT count(*) FROM pg_authid WHERE rolpassword IS NOT NULL"); passwords != 0 {
			t.Errorf("%d roles have passwords", passwords)
		}
		stopServer(t, server)
		if _, err := os.Stat(server.socketDir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the socket's folder outlives the server: %v", err)
		}
	}
}

func TestAFolderThatOthersCouldFillIsNotUsedForTheSocket(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	open, link := filepath.Join(parent, "open"), filepath.Join(parent, "link")
	if err := errors.Join(os.Mkdir(open, 0o700), os.Chmod(open, 0o770), os.Symlink(t.TempDir(), link)); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{open, link} {
		if err := makePrivateDir(dir, nil); err == nil {
			t.Errorf("%s would be used", dir)
		}
	}
	stranger := &syscall.Credential{Uid: 54321, Gid: 54321}
	if err := makePrivateDir(parent, stranger); err == nil {
		t.Error("a folder of another account would be used")
	}
}

func TestTheClusterIsTheSameOnEveryMachine(t *testing.T) {
	t.Parallel()
	conn := connect(t, startServer(t, testConfig(t, emptyDir(t))))
	for statement, want := range map[string]string{
		"SHOW server_encoding":                      "UTF8",
		"SHOW TimeZone":                             "UTC",
		"SHOW fsync":                                "on",
		"SHOW full_page_writes":                     "on",
		"SHOW synchronous_commit":                   "on",
		"SHOW data_checksums":                       "on",
		"SHOW lc_messages":                          "C",
		"SELECT lower('ÅÄÖ') || upper('åäö')":       "åäöÅÄÖ",
		"SELECT 'Öhman' ~* '^ö\\w+$' AND 'a' > 'B'": "true",
		`SELECT string_agg(n, '' ORDER BY n COLLATE "sv-SE-x-icu") FROM unnest('{ö,ä,å,z,A,b}'::text[]) n`: "Abzåäö",
	} {
		if got := query[string](t, conn, "SELECT ("+show(statement)+")::text"); got != want {
			t.Errorf("%s gives %q, want %q", statement, got, want)
		}
	}
}

// show makes SHOW name a SELECT.
func show(statement string) string {
	if name, ok := strings.CutPrefix(statement, "SHOW "); ok {
		return "SELECT current_setting('" + name + "')"
	}
	return statement
}

func TestStoppingInAHurryCostsNothingButARecovery(t *testing.T) {
	t.Parallel()
	config := testConfig(t, dataDir(t))
	server, err := Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Err(); err != nil {
		t.Errorf("a running server has the error %v", err)
	}
	if _, err := connect(t, server).Exec(t.Context(), "CREATE TABLE kept AS SELECT 7 AS n"); err != nil {
		t.Fatal(err)
	}
	hurry, cancel := context.WithCancel(t.Context())
	cancel()
	_ = server.Stop(hurry) // an error, unless the server is faster than the hurry
	<-server.Done()
	if n := query[int](t, connect(t, startServer(t, config)), "SELECT n FROM kept"); n != 7 {
		t.Errorf("read %d", n)
	}
}

func TestAServerThatCannotBeKeptRunningIsGivenUp(t *testing.T) {
	t.Parallel()
	config := testConfig(t, dataDir(t))
	config.Unsafe = true
	around := usual()
	around.firstWait, around.longestWait = time.Millisecond, time.Millisecond
	server, err := start(t.Context(), config, around)
	if err != nil {
		t.Fatal(err)
	}
	file, err := readPidFile(server.cluster)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(server.cluster, "global", "pg_control")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(file.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-server.Done()
	if err := server.Err(); err == nil || !strings.Contains(err.Error(), "does not stay up") || !strings.Contains(err.Error(), "pg_control") {
		t.Errorf("given up with %v", err)
	}
	if err := server.Stop(t.Context()); !errors.Is(err, server.Err()) {
		t.Errorf("stopping it gives %v", err)
	}
	if lock, err := acquire(config.DataDir); err != nil {
		t.Error(err)
	} else {
		lock.release()
	}
}

func TestAStartThatIsCalledOffLeavesNothing(t *testing.T) {
	t.Parallel()
	config := testConfig(t, emptyDir(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(ctx, config); !errors.Is(err, context.Canceled) && err == nil {
		t.Errorf("got %v", err)
	}
	entries, err := os.ReadDir(config.DataDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), "postgres.lo") { // .lock and .log
			t.Errorf("left %s", entry.Name())
		}
	}
}

func TestWhatIsNoClusterIsLeftAlone(t *testing.T) {
	t.Parallel()
	config := testConfig(t, emptyDir(t))
	cluster := filepath.Join(config.DataDir, "postgres")
	precious := filepath.Join(cluster, "base")
	if err := os.MkdirAll(precious, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), config)
	if err == nil || !strings.Contains(err.Error(), "not a whole PostgreSQL cluster") {
		t.Errorf("got %v", err)
	}
	if entries, _ := os.ReadDir(cluster); len(entries) != 1 {
		t.Errorf("there are %v now", entries)
	}
}

func TestTheLogIsBoundedAndHoldsNoValues(t *testing.T) {
	t.Parallel()
	config := testConfig(t, dataDir(t))
	config.Unsafe = true
	server := startServer(t, config)
	conn := connect(t, server)
	if _, err := conn.Exec(t.Context(), "CREATE TABLE people (email text PRIMARY KEY); INSERT INTO people VALUES ('secret')"); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{"INSERT INTO people VALUES ($1)", "SELECT $1::text::uuid", "SELECT pg_sleep(0), $1::text::int"} {
		if _, err := conn.Exec(t.Context(), statement, "secret"); err == nil {
			t.Fatalf("%s works", statement)
		}
	}
	stopServer(t, server)
	text, err := os.ReadFile(server.output.path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "ready to accept connections") || strings.Contains(string(text), "secret") {
		t.Errorf("the log is\n%s", text)
	}

	path := filepath.Join(t.TempDir(), "log")
	for range 2 { // opened again, it goes on where it was
		log, err := openLog(path)
		if err != nil {
			t.Fatal(err)
		}
		line := []byte(strings.Repeat("x", 1023) + "\n")
		for range 3000 {
			if _, err := log.Write(line); err != nil {
				t.Fatal(err)
			}
		}
		if words := log.lastWords(); len(words) > maxTailBytes+20 || !strings.Contains(words, " | ") {
			t.Errorf("the last words are %d bytes", len(words))
		}
		log.close()
		if _, err := log.Write(line); err != nil {
			t.Errorf("writing fails: %v", err)
		}
	}
	for _, name := range []string{path, path + ".1"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() > maxLogBytes+1024 || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has %d bytes and mode %v", name, info.Size(), info.Mode())
		}
	}
	if all, _ := filepath.Glob(path + "*"); len(all) != 2 {
		t.Errorf("there are %v", all)
	}
}

func TestRootAndRelativePathsAreRefused(t *testing.T) {
	t.Parallel()
	config := testConfig(t, "data")
	if _, err := Start(t.Context(), config); err == nil || !strings.Contains(err.Error(), "absolute path") {
		t.Errorf("got %v", err)
	}
	if config.Credential != nil {
		config.Credential = nil
		if _, err := Start(t.Context(), config); err == nil || !strings.Contains(err.Error(), "by root") {
			t.Errorf("got %v", err)
		}
	}
}
