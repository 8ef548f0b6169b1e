package embedded

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestEveryAcknowledgedWriteSurvives(t *testing.T) {
	t.Parallel()
	killServer := func(p *portal) {
		if err := syscall.Kill(p.server, syscall.SIGKILL); err != nil {
			p.t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		kill func(p *portal)
	}{
		{"the portal is killed", (*portal).kill},
		{"the server is killed", func(p *portal) {
			killServer(p)
			eventually(p.t, "another server", func() bool {
				file, err := readPidFile(filepath.Join(p.dir, "postgres"))
				return err == nil && file.ready && file.pid != p.server
			})
			p.write(50)
			p.kill()
		}},
		{"both are killed, the portal first", func(p *portal) {
			p.kill()
			killServer(p)
		}},
		{"both are killed, the server first", func(p *portal) {
			killServer(p)
			p.kill()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			first := startPortal(t, dir).ready()
			first.write(50)
			c.kill(first)
			_, _ = first.end()
			second := startPortal(t, dir).ready()
			second.input.Close()
			if said, err := second.end(); err != nil {
				t.Fatalf("the second portal ended with %v: %s", err, said)
			}
			conn := connect(t, startServer(t, testConfig(t, dir)))
			if n := query[int](t, conn, "SELECT count(*) FROM written WHERE n <= "+strconv.Itoa(first.written)); n != first.written {
				t.Errorf("%d writes are there, %d were acknowledged", n, first.written)
			}
		})
	}
}

// TestOrphansAreEnded starts the server as a killed portal leaves it on systems that do not tell the server of its
// parent's death.
func TestOrphansAreEnded(t *testing.T) {
	t.Parallel()
	config := testConfig(t, dataDir(t))
	made, err := Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	stopServer(t, made)

	if err := makePrivateDir(made.socketDir, config.Credential); err != nil {
		t.Fatal(err)
	}
	orphan := made.command("postgres", append([]string{"-D", made.cluster}, made.settings()...)...)
	var said bytes.Buffer
	orphan.Stderr = &said
	if err := orphan.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- orphan.Wait() }()
	eventually(t, "the orphan", func() bool {
		file, err := readPidFile(made.cluster)
		return err == nil && file.ready
	})
	conn := connect(t, made)
	if _, err := conn.Exec(t.Context(), "CREATE TABLE kept (n int); BEGIN"); err != nil {
		t.Fatal(err)
	}

	next := startServer(t, config)
	if err := <-ended; err != nil || !strings.Contains(said.String(), "received fast shutdown request") {
		t.Errorf("the orphan was not shut down in order: %v: %s", err, said.String())
	}
	if pid := orphan.Process.Pid; query[int](t, connect(t, next), "SELECT count(*) FROM pg_stat_activity WHERE pid = "+strconv.Itoa(pid)) != 0 {
		t.Errorf("process %d still serves", pid)
	}
}

// TestBusyProcessesOfAKilledServerAreEnded has one that computes, and so does not notice the server's end.
func TestBusyProcessesOfAKilledServerAreEnded(t *testing.T) {
	t.Parallel()
	server := startServer(t, testConfig(t, dataDir(t)))
	busy, observer := connect(t, server), connect(t, server)
	pid := int(busy.PgConn().PID())
	go busy.Exec(context.Background(), "SELECT count(*) FROM generate_series(1, 1000000000000) n WHERE n % 7 = 3") //nolint:errcheck // it is killed
	eventually(t, "the query", func() bool {
		return query[int](t, observer, "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid = "+strconv.Itoa(pid)) == 1
	})

	file, err := readPidFile(server.cluster)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(file.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the server to be back", func() bool {
		conn, err := pgx.Connect(t.Context(), server.URL(Superuser, Database))
		if err != nil {
			return false
		}
		defer conn.Close(t.Context())
		return int(conn.PgConn().PID()) != 0
	})
	if worksIn(pid, server.cluster) {
		t.Errorf("process %d of the killed server still computes", pid)
	}
}

// TestAStalePidFileIsNoObstacle has the number of a process that belongs to somebody else by now, which must not be hurt.
func TestAStalePidFileIsNoObstacle(t *testing.T) {
	t.Parallel()
	config := testConfig(t, dataDir(t))
	config.Unsafe = true
	made, err := Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(pidFilePath(made.cluster))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(written), "\n")
	stopServer(t, made)

	stranger := exec.Command("cat")
	stranger.SysProcAttr = &syscall.SysProcAttr{Credential: config.Credential}
	input, err := stranger.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, content string }{
		{"a recycled number", strconv.Itoa(stranger.Process.Pid) + "\n" + rest},
		{"nothing", ""},
	} {
		file := pidFilePath(made.cluster)
		if err := os.WriteFile(file, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if credential := config.Credential; credential != nil {
			if err := os.Chown(file, int(credential.Uid), int(credential.Gid)); err != nil {
				t.Fatal(err)
			}
		}
		server, err := Start(t.Context(), config)
		if err != nil {
			t.Fatalf("with %s in the pid file: %v", c.name, err)
		}
		stopServer(t, server)
	}
	input.Close()
	if err := stranger.Wait(); err != nil {
		t.Errorf("the other process was ended: %v", err)
	}
}

func TestAPortalKilledWhileItMakesTheClusterLeavesNoHalfOfIt(t *testing.T) {
	t.Parallel()
	dir := emptyDir(t)
	first := startPortal(t, dir)
	unfinished := func() []string {
		found, _ := filepath.Glob(filepath.Join(dir, newClusterPrefix+"*", "PG_VERSION"))
		return found
	}
	eventually(t, "initdb to be at work", func() bool { return len(unfinished()) > 0 })
	first.kill()
	_, _ = first.end()
	if _, err := os.Stat(filepath.Join(dir, "postgres")); !os.IsNotExist(err) {
		t.Fatalf("there is a cluster already (%v): the kill came too late", err)
	}

	second := startPortal(t, dir).ready()
	second.write(1)
	second.input.Close()
	if said, err := second.end(); err != nil {
		t.Errorf("the second portal ended with %v: %s", err, said)
	}
	if left := unfinished(); len(left) > 0 {
		t.Errorf("the second portal left %v", left)
	}
}

func TestASecondPortalIsTurnedAway(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	first := startPortal(t, dir).ready()
	said, err := startPortal(t, dir).end()
	want := "another portal (process " + strconv.Itoa(first.cmd.Process.Pid) + ") uses the data folder " + dir + "\n"
	if err == nil || said != want {
		t.Errorf("the second portal ended with %v and said %q, want %q", err, said, want)
	}
}
