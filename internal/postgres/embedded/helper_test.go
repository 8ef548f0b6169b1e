package embedded

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"omapostipro/internal/privilege"
)

// The test binary started again with this variable is a small portal on the data folder named there: it drops its
// privileges, starts the server and writes numbers until its input ends, telling each that the server has acknowledged.
const (
	portalVariable     = "EMBEDDED_TEST_PORTAL"
	repositoryVariable = "EMBEDDED_TEST_REPOSITORY" // fetch PostgreSQL from here, as on a machine that has none
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(portalVariable); dir != "" {
		if err := servePortal(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	if made.parent != "" {
		_ = os.RemoveAll(made.parent)
	}
	os.Exit(code)
}

func servePortal(dir string) error {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	// Beside the data folder, which a test may have filled already.
	if err := privilege.Drop(dir + ".account"); err != nil {
		return err
	}
	around := usual()
	repository, fetches := os.LookupEnv(repositoryVariable)
	if fetches {
		around.places = places{}
	}
	config := Config{DataDir: dir, RepositoryURL: repository, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	server, err := start(ctx, config, around)
	if err != nil {
		return err
	}
	file, err := readPidFile(server.cluster)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, "ready", file.pid)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	next := 1
	for ctx.Err() == nil {
		_ = writeNumbers(ctx, server.URL(Superuser, Database), &next) // again when the server is back
	}
	return server.Stop(context.Background())
}

// writeNumbers writes one number after the other until that fails.
func writeNumbers(ctx context.Context, address string, next *int) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "CREATE TABLE IF NOT EXISTS written (n int PRIMARY KEY)"); err != nil {
		return err
	}
	for {
		if _, err := conn.Exec(ctx, "INSERT INTO written VALUES ($1) ON CONFLICT DO NOTHING", *next); err != nil {
			return err
		}
		fmt.Fprintln(os.Stdout, "written", *next)
		*next++
	}
}

// portal is such a process.
type portal struct {
	t       *testing.T
	dir     string
	cmd     *exec.Cmd
	input   io.WriteCloser
	output  *bufio.Scanner
	errors  strings.Builder
	server  int // process id of the server
	written int // the last number acknowledged
}

func startPortal(t *testing.T, dir string, environment ...string) *portal {
	t.Helper()
	p := &portal{t: t, dir: dir, cmd: exec.Command(os.Args[0])}
	p.cmd.Env = append(append(os.Environ(), portalVariable+"="+dir), environment...)
	p.cmd.Stderr = &p.errors
	var err error
	if p.input, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	output, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.output = bufio.NewScanner(output)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		_ = p.cmd.Wait()
	})
	return p
}

// ready waits until the portal writes.
func (p *portal) ready() *portal {
	p.t.Helper()
	if !p.output.Scan() {
		_ = p.cmd.Wait()
		p.t.Fatalf("the portal ended: %s", p.errors.String())
	}
	if _, err := fmt.Sscanf(p.output.Text(), "ready %d", &p.server); err != nil {
		p.t.Fatalf("the portal said %q", p.output.Text())
	}
	return p
}

// write waits for more numbers to be acknowledged, until there are so many or the portal has ended.
func (p *portal) write(numbers int) {
	for end := p.written + numbers; p.written < end && p.output.Scan(); {
		if _, err := fmt.Sscanf(p.output.Text(), "written %d", &p.written); err != nil {
			p.t.Fatalf("the portal said %q", p.output.Text())
		}
	}
}

// end waits for the portal to end and gives what it said of its failure.
func (p *portal) end() (string, error) {
	p.write(1 << 30)
	err := p.cmd.Wait()
	return p.errors.String(), err
}

func (p *portal) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
}

// emptyDir is a new folder for a test's data.
func emptyDir(t *testing.T) string {
	t.Helper()
	parent := reachableDir(t)
	t.Cleanup(func() {
		if err := os.RemoveAll(parent); err != nil {
			t.Error(err)
		}
	})
	dir := filepath.Join(parent, "data")
	makeOwned(t, dir)
	return dir
}

// reachableDir is a temporary folder that the server's account can pass through, which it cannot with t.TempDir's when
// root runs the tests.
func reachableDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "embedded-") //nolint:usetesting // t.TempDir is closed to other accounts
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// made is a cluster that was made once for all tests that are not about making it.
var made struct {
	once    sync.Once
	parent  string
	cluster string
}

// dataDir is a data folder with a cluster in it.
func dataDir(t *testing.T) string {
	t.Helper()
	made.once.Do(func() {
		made.parent = reachableDir(t)
		dir := filepath.Join(made.parent, "data")
		makeOwned(t, dir)
		config := testConfig(t, dir)
		config.Unsafe = true
		server, err := Start(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		stopServer(t, server)
		made.cluster = server.cluster
	})
	if made.cluster == "" {
		t.Fatal("the cluster for the tests could not be made")
	}
	dir := emptyDir(t)
	if output, err := exec.Command("cp", "-a", made.cluster, dir).CombinedOutput(); err != nil {
		t.Fatalf("copying the cluster: %v: %s", err, output)
	}
	return dir
}

// makeOwned makes a folder that belongs to the server's account.
func makeOwned(t *testing.T, dir string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if credential := serverCredential(t); credential != nil {
		if err := os.Chown(dir, int(credential.Uid), int(credential.Gid)); err != nil {
			t.Fatal(err)
		}
	}
}

func serverCredential(t *testing.T) *syscall.Credential {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	account, err := privilege.Unprivileged()
	if err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(account.UID), Gid: uint32(account.GID)}
}

func testConfig(t *testing.T, dir string) Config {
	return Config{DataDir: dir, Credential: serverCredential(t), Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
}

func startServer(t *testing.T, config Config) *Server {
	t.Helper()
	server, err := Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stopServer(t, server) })
	return server
}

func stopServer(t *testing.T, server *Server) {
	t.Helper()
	if err := server.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

func connect(t *testing.T, server *Server) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server.URL(Superuser, Database))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func query[T any](t *testing.T, conn *pgx.Conn, statement string) T {
	t.Helper()
	var value T
	if err := conn.QueryRow(t.Context(), statement).Scan(&value); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return value
}

// eventually waits for something that another process brings about.
func eventually(t *testing.T, what string, happened func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for !happened() {
		select {
		case <-deadline:
			t.Fatalf("waited in vain for %s", what)
		case <-poll.C:
		}
	}
}
