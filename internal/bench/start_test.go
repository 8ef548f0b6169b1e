package bench

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"omapostipro/internal/demo"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/postgres/embedded"
	"omapostipro/internal/privilege"
	"omapostipro/web/webtest"
)

// BenchmarkStart is what the portal takes to be ready beyond what its PostgreSQL server takes alone: on the first start,
// on an existing data folder, and with an outside database. To reach: 1.5, 0.3 and 0.1 seconds.
func BenchmarkStart(b *testing.B) {
	folder := openFolder(b)
	binary := build(b, folder)
	var first, again, outside []float64
	for round := range 3 {
		bare := serverStarts(b, filepath.Join(folder, "bare"+strconv.Itoa(round)))
		data := filepath.Join(folder, "data"+strconv.Itoa(round))
		for i, more := range []*[]float64{&first, &again} {
			portal := start(b, binary, "PORTAL_DATA_DIR="+data)
			*more = append(*more, portal.took-bare[i])
			portal.stop(b)
		}
		database := webtest.New(b)
		portal := start(b, binary, "PORTAL_ENV=demo", "DATABASE_URL="+database.AppURL, "PORTAL_MIGRATE_URL="+database.AdminURL,
			"PORTAL_DATA_DIR="+filepath.Join(folder, "keyset"+strconv.Itoa(round)), "PORTAL_KEYSET="+keyset(b, binary))
		outside = append(outside, portal.took)
		portal.stop(b)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(first), "first-s")
	b.ReportMetric(median(again), "again-s")
	b.ReportMetric(median(outside), "outside-s")
}

// BenchmarkMemory is how much the portal holds a minute after its start, and again a minute after twenty log-ins. To
// reach: under 40 MB.
func BenchmarkMemory(b *testing.B) {
	folder := openFolder(b)
	portal := start(b, build(b, folder), "PORTAL_DATA_DIR="+filepath.Join(folder, "data"))
	defer portal.stop(b)
	<-time.After(time.Minute)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(portal.rss(b), "start-MB")
	for range 20 {
		answer, err := client.PostForm(portal.url+"/login", map[string][]string{"email": {demotest.MainUser}, "password": {demo.Password}})
		if err != nil {
			b.Fatal(err)
		}
		_ = answer.Body.Close()
	}
	<-time.After(time.Minute)
	b.ReportMetric(portal.rss(b), "log-ins-MB")
}

// openFolder makes a folder that the account which stands in for root can reach.
func openFolder(b *testing.B) string {
	b.Helper()
	folder, err := os.MkdirTemp("", "bench-") //nolint:usetesting // b.TempDir's parents are for its owner only
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o755); err != nil { // see above
		b.Fatal(err)
	}
	return folder
}

func build(b *testing.B, folder string) (binary string) {
	b.Helper()
	binary = filepath.Join(folder, "portal")
	command := exec.CommandContext(b.Context(), "go", "build", "-o", binary, "omapostipro/cmd/portal")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, output)
	}
	return binary
}

func keyset(b *testing.B, binary string) string {
	b.Helper()
	made, err := exec.CommandContext(b.Context(), binary, "keyset", "create").Output()
	if err != nil {
		b.Fatal(err)
	}
	return string(made)
}

// serverStarts gives how long the server alone takes, in seconds: with making its data folder, and without.
func serverStarts(b *testing.B, data string) (seconds [2]float64) {
	b.Helper()
	var credential *syscall.Credential
	if os.Geteuid() == 0 {
		account, err := privilege.Unprivileged()
		if err != nil {
			b.Fatal(err)
		}
		credential = &syscall.Credential{Uid: uint32(account.UID), Gid: uint32(account.GID)}
		if err := os.Mkdir(data, 0o700); err != nil {
			b.Fatal(err)
		}
		if err := os.Chown(data, account.UID, account.GID); err != nil {
			b.Fatal(err)
		}
	}
	for i := range seconds {
		begin := time.Now()
		server, err := embedded.Start(b.Context(), embedded.Config{DataDir: data, BinDir: os.Getenv(embedded.BinDirSetting), Credential: credential, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			b.Fatal(err)
		}
		seconds[i] = time.Since(begin).Seconds()
		if err := server.Stop(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	return seconds
}

// portal is a portal in a process of its own.
type portal struct {
	url     string
	took    float64 // seconds until it was ready
	process *exec.Cmd
}

func start(b *testing.B, binary string, environment ...string) *portal {
	b.Helper()
	listener, err := new(net.ListenConfig).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		b.Fatal(err)
	}
	p := &portal{url: "http://" + address, process: exec.Command(binary)}
	p.process.Env = append(environment, "PATH="+os.Getenv("PATH"), "PORTAL_LISTEN="+address)
	p.process.Stderr = os.Stderr
	begin := time.Now()
	if err := p.process.Start(); err != nil {
		b.Fatal(err)
	}
	for !p.ready(b.Context()) {
		if time.Since(begin) > time.Minute {
			b.Fatal("the portal does not get ready")
		}
		<-time.After(5 * time.Millisecond)
	}
	p.took = time.Since(begin).Seconds()
	return p
}

func (p *portal) ready(ctx context.Context) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/readyz", nil)
	if err != nil {
		return false
	}
	answer, err := client.Do(r)
	if err != nil {
		return false
	}
	return answer.Body.Close() == nil && answer.StatusCode == http.StatusOK
}

func (p *portal) stop(b *testing.B) {
	b.Helper()
	client.CloseIdleConnections()
	if err := p.process.Process.Signal(syscall.SIGTERM); err != nil {
		b.Fatal(err)
	}
	if err := p.process.Wait(); err != nil {
		b.Fatal(err)
	}
}

var resident = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)

// rss gives how much memory the process has, in megabytes, as Linux tells.
func (p *portal) rss(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.process.Process.Pid), "status"))
	if err != nil {
		b.Fatal(err)
	}
	found := resident.FindSubmatch(status)
	if found == nil {
		b.Fatal("the system does not tell how much memory a process has")
	}
	kilobytes, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return kilobytes / 1000
}
