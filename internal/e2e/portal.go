package e2e

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	startPatience = time.Minute
	stopPatience  = 30 * time.Second
)

// Portals starts portals. The first start, which makes the database and the demo data, is done once; every portal begins
// with a copy of the data folder that it left.
type Portals struct {
	folder string
	binary string
	count  atomic.Int64
}

// NewPortals builds the binary and makes the first data folder, with its demo data. Remove takes all of it away.
func NewPortals(ctx context.Context) (_ *Portals, err error) {
	// Started by root, the portal becomes an ordinary account, which has to reach its folders.
	folder, err := os.MkdirTemp("", "e2e-")
	if err != nil {
		return nil, err
	}
	p := &Portals{folder: folder, binary: filepath.Join(folder, "portal")}
	defer func() {
		if err != nil {
			p.Remove()
		}
	}()
	if err := os.Chmod(folder, 0o755); err != nil { //nolint:gosec // see above
		return nil, err
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", p.binary, "omapostipro/cmd/portal")
	if output, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the portal: %w\n%s", err, output)
	}
	first, err := p.start(ctx, p.firstData())
	if err != nil {
		return nil, err
	}
	return p, first.stop()
}

// Remove deletes the binary and all data.
func (p *Portals) Remove() { _ = os.RemoveAll(p.folder) }

func (p *Portals) firstData() string { return filepath.Join(p.folder, "first") }

// Start starts a portal with fresh demo data, and with settings as NAME=value. It stops when tb ends, and must do so
// without an error.
func (p *Portals) Start(tb TB, settings ...string) *Portal {
	tb.Helper()
	portal, err := p.StartFresh(tb.Context(), settings...)
	if err != nil {
		tb.Fatalf("%v", err)
	}
	tb.Cleanup(func() {
		if err := portal.Stop(); err != nil {
			tb.Errorf("%v", err)
		}
		if tb.Failed() {
			tb.Logf("the portal's log:\n%s", portal.log)
		}
	})
	return portal
}

// StartFresh starts a portal with fresh demo data, which whoever starts it stops.
func (p *Portals) StartFresh(ctx context.Context, settings ...string) (*Portal, error) {
	data := filepath.Join(p.folder, strconv.FormatInt(p.count.Add(1), 10))
	// Owners and modes have to stay as they are.
	if output, err := exec.CommandContext(ctx, "cp", "-a", p.firstData(), data).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("copy the data folder: %w\n%s", err, output)
	}
	return p.start(ctx, data, settings...)
}

// Portal is a portal that runs.
type Portal struct {
	URL string // its address, without a slash at the end

	data     string
	process  *exec.Cmd
	log      *strings.Builder // what it wrote to standard error; to be read when it has ended
	readable chan struct{}    // closed when standard output has been read to its end
}

var ready = regexp.MustCompile(`is ready: (\S+)`)

func (p *Portals) start(ctx context.Context, data string, settings ...string) (*Portal, error) {
	portal := &Portal{data: data, log: new(strings.Builder), readable: make(chan struct{})}
	portal.process = exec.Command(p.binary) // stopped with a signal, not killed with a context
	portal.process.Env = append([]string{"PATH=" + os.Getenv("PATH"), "PORTAL_DATA_DIR=" + data, "PORTAL_LISTEN=127.0.0.1:0",
		"PORTAL_POSTGRES_BIN=" + os.Getenv("PORTAL_POSTGRES_BIN")}, settings...)
	portal.process.Stderr = portal.log
	stdout, err := portal.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := portal.process.Start(); err != nil {
		return nil, err
	}
	address := make(chan string, 1)
	go func() {
		defer close(portal.readable)
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if found := ready.FindStringSubmatch(lines.Text()); found != nil {
				address <- found[1]
			}
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	select {
	case portal.URL = <-address:
		return portal, nil
	case <-portal.readable:
		return nil, fmt.Errorf("the portal did not start: %w\n%s", portal.process.Wait(), portal.log)
	case <-ctx.Done():
		return nil, errors.Join(fmt.Errorf("the portal did not start: %w", ctx.Err()), portal.stop())
	}
}

// startBeside starts another portal on the database of one, which sees to the database.
func (p *Portals) startBeside(ctx context.Context, first *Portal) (*Portal, error) {
	socket, err := first.socket()
	if err != nil {
		return nil, err
	}
	at := "@/portal?sslmode=disable&host=" + url.QueryEscape(socket)
	return p.start(ctx, first.data, "PORTAL_ENV=demo", "DATABASE_URL=postgres://portal_app"+at, "PORTAL_MIGRATE_URL=postgres://postgres"+at)
}

// Stop ends the portal as a service manager does, and deletes its data. It fails unless the portal ends by itself with
// code 0.
func (p *Portal) Stop() error {
	return errors.Join(p.stop(), os.RemoveAll(p.data))
}

func (p *Portal) stop() error {
	if err := p.process.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop the portal: %w", err)
	}
	late := time.AfterFunc(stopPatience, func() { _ = p.process.Process.Kill() })
	defer late.Stop()
	<-p.readable
	if err := p.process.Wait(); err != nil {
		return fmt.Errorf("the portal ended badly: %w\n%s", err, p.log)
	}
	return nil
}

// Command runs another command of the portal beside the one that serves, and gives its exit code and what it said.
func (p *Portal) Command(tb TB, arguments ...string) (code int, said string) {
	tb.Helper()
	command := exec.CommandContext(tb.Context(), p.process.Path, arguments...)
	command.Env = p.process.Env
	output, err := command.CombinedOutput()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		tb.Fatalf("portal %q: %v", arguments, err)
	}
	return command.ProcessState.ExitCode(), string(output)
}

// Database opens the portal's database as its superuser, for what the pages cannot do yet, and for what only happens to
// a portal.
func (p *Portal) Database(tb TB) *pgx.Conn {
	tb.Helper()
	socket, err := p.socket()
	if err != nil {
		tb.Fatalf("%v", err)
	}
	conn, err := pgx.Connect(tb.Context(), "user=postgres dbname=portal host="+socket)
	if err != nil {
		tb.Fatalf("%v", err)
	}
	tb.Cleanup(func() { _ = conn.Close(context.WithoutCancel(tb.Context())) })
	return conn
}

// socket gives the folder of the database's socket.
func (p *Portal) socket() (string, error) {
	pid, err := os.ReadFile(filepath.Join(p.data, "postgres", "postmaster.pid"))
	if err != nil {
		return "", fmt.Errorf("find the database: %w", err)
	}
	const socketFolder = 4 // its line in that file
	lines := strings.Split(string(pid), "\n")
	if len(lines) <= socketFolder {
		return "", fmt.Errorf("find the database: %s", pid)
	}
	return lines[socketFolder], nil
}

// Exec runs a statement on the portal's database.
func (p *Portal) Exec(tb TB, sql string, args ...any) {
	tb.Helper()
	if _, err := p.Database(tb).Exec(tb.Context(), sql, args...); err != nil {
		tb.Fatalf("%v", err)
	}
}

// Call sends a request to the portal's API with a key, and gives the answer's status and body.
func (p *Portal) Call(tb TB, method, path, key, body string) (int, string) {
	tb.Helper()
	return p.Send(tb, method, path, key, "application/json", body)
}

// Send sends a request with a body of any type.
func (p *Portal) Send(tb TB, method, path, key, contentType, body string) (int, string) {
	tb.Helper()
	request, err := http.NewRequestWithContext(tb.Context(), method, p.URL+path, strings.NewReader(body))
	if err != nil {
		tb.Fatalf("%v", err)
	}
	request.Header.Set("Authorization", key)
	request.Header.Set("Content-Type", contentType)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		tb.Fatalf("%v", err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		tb.Fatalf("%v", err)
	}
	return answer.StatusCode, string(text)
}
