package embedded

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// fakeInstallation makes a folder with programs that tell a version, and can do nothing else.
func fakeInstallation(t *testing.T, dir, version string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	// No process may be forked meanwhile, by another test: it would hold the file open for writing, which must not be run then.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	for _, name := range []string{"initdb", "postgres"} {
		script := "#!/bin/sh\necho '" + name + " (PostgreSQL) " + version + "'\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func TestChoosingPostgreSQL(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	at := func(parts ...string) string { return filepath.Join(append([]string{root}, parts...)...) }
	fakeInstallation(t, at("old", "bin"), "9.6.24")
	for _, version := range []string{"14.9", "15.18 (Debian 15.18-0+deb12u1)", "16.4", "18beta1", "20devel"} {
		fakeInstallation(t, at("debian", version[:2], "bin"), version)
	}
	fakeInstallation(t, at("local", "pgsql", "bin"), "17.2")
	if err := os.Mkdir(at("path"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(at("local", "pgsql", "bin", "postgres"), at("path", "postgres")); err != nil {
		t.Fatal(err)
	}
	fakeInstallation(t, at("data", fetchedPrefix+"18.3.0", "bin"), "18.3")
	if err := os.Mkdir(at("empty"), 0o755); err != nil {
		t.Fatal(err)
	}

	debian := at("debian", "*", "bin")
	for _, c := range []struct {
		name     string
		override string
		places   places
		dataDir  string
		major    int
		want     string // the folder under root
		refusal  string
	}{
		{name: "the override", override: at("debian", "16", "bin"), places: places{path: at("path")}, want: "debian/16/bin"},
		{name: "an override relative to where the portal was started", override: relative(t, at("debian", "16", "bin")), want: "debian/16/bin"},
		{name: "an empty override", override: at("empty"), places: places{path: at("path")}, refusal: "PORTAL_POSTGRES_BIN is set to " + at("empty")},
		{name: "an old override", override: at("old", "bin"), refusal: "is too old"},
		{name: "an override of another major", override: at("debian", "16", "bin"), major: 15, places: places{patterns: []string{debian}},
			refusal: "made by PostgreSQL 15, and there is only PostgreSQL 16.4 in"},
		{name: "PATH before the usual places, links followed", places: places{path: at("empty") + ":" + at("path"), patterns: []string{debian}},
			want: "local/pgsql/bin"},
		{name: "the usual place that fits", places: places{path: at("path"), patterns: []string{debian}}, major: 15, want: "debian/15/bin"},
		{name: "a version before its release", places: places{path: at("path"), patterns: []string{debian}}, major: 18, want: "debian/18/bin"},
		{name: "the newest that is known", places: places{path: at("old", "bin"), patterns: []string{debian}}, want: "debian/18/bin"},
		{name: "a newer one if there is no other", places: places{path: at("debian", "20", "bin")}, want: "debian/20/bin"},
		{name: "one that was fetched", places: places{}, dataDir: at("data"), want: "data/" + fetchedPrefix + "18.3.0/bin"},
		{name: "none that fits", places: places{patterns: []string{debian}}, major: 17, refusal: "made by PostgreSQL 17, and there is only PostgreSQL 20devel"},
		{name: "none at all for one that cannot be fetched", major: 14, refusal: "made by PostgreSQL 14, and there is only no other PostgreSQL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			config := testConfig(t, c.dataDir)
			config.BinDir = c.override
			config.RepositoryURL = "http://[::1]:1" // nothing is to be fetched
			if config.DataDir == "" {
				config.DataDir = t.TempDir()
			}
			got, err := findPrograms(t.Context(), config, c.places, "/data/postgres", c.major)
			switch {
			case c.refusal != "":
				if err == nil || !strings.Contains(err.Error(), c.refusal) {
					t.Errorf("got %v, %v; want %q", got, err, c.refusal)
				}
			case err != nil || got.dir != at(c.want):
				t.Errorf("got %v, %v; want %s", got, err, c.want)
			}
		})
	}
}

func relative(t *testing.T, path string) string {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	path, err = filepath.Rel(here, path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAClusterOfAnotherMajorIsNotTouched(t *testing.T) {
	t.Parallel()
	config := testConfig(t, emptyDir(t))
	cluster := filepath.Join(config.DataDir, "postgres")
	if err := os.Mkdir(cluster, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(cluster, "PG_VERSION"), []byte("13\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(cluster)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Start(t.Context(), config)
	var other *MajorError
	if !errors.As(err, &other) || other.Major != 13 {
		t.Fatalf("got %v", err)
	}
	for _, way := range []string{"nothing was touched", "install PostgreSQL 13", "pg_upgrade", "pg_dump", "pg_restore", BinDirSetting, "DATABASE_URL"} {
		if !strings.Contains(err.Error(), way) {
			t.Errorf("%q is not in: %v", way, err)
		}
	}
	after, err := os.Stat(cluster)
	if err != nil {
		t.Fatal(err)
	}
	entries, _ := os.ReadDir(cluster)
	if len(entries) != 1 || !after.ModTime().Equal(before.ModTime()) || after.Mode() != before.Mode() {
		t.Errorf("the cluster was touched: %v, %v", entries, after)
	}
}

func TestFetchingPostgreSQL(t *testing.T) {
	t.Parallel()
	archive := postgresArchive(t)
	serve := func(digestOf []byte) *httptest.Server {
		digest := sha256.Sum256(digestOf)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch path.Ext(r.URL.Path) {
			case ".jar":
				_, _ = w.Write(archive)
			case ".sha256":
				_, _ = w.Write([]byte(hex.EncodeToString(digest[:])))
			}
		}))
		t.Cleanup(server.Close)
		return server
	}
	whole, damaged := serve(archive), serve(nil)

	t.Run("works and is kept", func(t *testing.T) {
		t.Parallel()
		dir := emptyDir(t)
		p := startPortal(t, dir, repositoryVariable+"="+whole.URL+"/").ready()
		p.write(1)
		p.input.Close()
		if said, err := p.end(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, fetchPrefix+"*")); len(left) > 0 {
			t.Errorf("left %v", left)
		}
		again := startPortal(t, dir, repositoryVariable+"=http://[::1]:1").ready()
		again.input.Close()
		if said, err := again.end(); err != nil {
			t.Errorf("what was fetched is not found again: %v: %s", err, said)
		}
	})
	t.Run("refuses what is damaged, and names the ways out", func(t *testing.T) {
		t.Parallel()
		dir := emptyDir(t)
		said, err := startPortal(t, dir, repositoryVariable+"="+damaged.URL).end()
		if err == nil {
			t.Fatal("it was used")
		}
		for _, want := range []string{"checksums do not match", "install", BinDirSetting, RepositorySetting, "DATABASE_URL"} {
			if !strings.Contains(said, want) {
				t.Errorf("%q is not in: %s", want, said)
			}
		}
		if left, _ := filepath.Glob(filepath.Join(dir, fetchPrefix+"*")); len(left) > 0 {
			t.Errorf("left %v", left)
		}
	})
}

// postgresArchive packs programs as the repository has them: a zip with a tar.xz. They hand over to those of this
// machine.
func postgresArchive(t *testing.T) []byte {
	t.Helper()
	here, err := findPrograms(t.Context(), testConfig(t, t.TempDir()), usualPlaces(), "", 0)
	if err != nil {
		t.Fatal(err)
	}
	var tarball bytes.Buffer
	tarWriter := tar.NewWriter(&tarball)
	for _, name := range []string{"initdb", "pg_ctl", "postgres"} {
		script := fmt.Sprintf("#!/bin/sh\nexec '%s' \"$@\"\n", filepath.Join(here.dir, name))
		header := &tar.Header{Name: "bin/" + name, Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(script))}
		if err := tarWriter.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := tarWriter.Write([]byte(script)); err != nil {
			t.Fatal(err)
		}
	}
	if err := tarWriter.Close(); err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	zipWriter := zip.NewWriter(&archive)
	entry, err := zipWriter.Create("postgres-linux-x86_64.txz")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := entry.Write(storeXZ(tarball.Bytes())); err != nil {
		t.Fatal(err)
	}
	if err := zipWriter.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

// storeXZ wraps data in the xz format without compressing it, which the standard library cannot do: one block of LZMA2
// chunks that are marked as stored. See The .xz File Format 1.2.
func storeXZ(data []byte) []byte {
	sum := func(b []byte) []byte { return binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(b)) }
	padded := func(b []byte) []byte { return append(b, make([]byte, (4-len(b)%4)%4)...) }
	flags := []byte{0, 1} // the check is CRC-32

	var chunks []byte
	for i := 0; i < len(data); i += 1 << 16 {
		chunk := data[i:min(i+1<<16, len(data))]
		control := byte(2)
		if i == 0 {
			control = 1 // the dictionary is reset
		}
		chunks = append(chunks, control)
		chunks = binary.BigEndian.AppendUint16(chunks, uint16(len(chunk)-1))
		chunks = append(chunks, chunk...)
	}
	chunks = append(chunks, 0)

	header := []byte{2, 0, 0x21, 1, 0x16, 0, 0, 0} // 12 bytes with its sum, LZMA2 with a dictionary of 8 MiB
	header = append(header, sum(header)...)
	unpadded := len(header) + len(chunks) + 4
	index := []byte{0, 1}
	index = binary.AppendUvarint(index, uint64(unpadded))
	index = binary.AppendUvarint(index, uint64(len(data)))
	index = padded(index)
	index = append(index, sum(index)...)
	footer := append(binary.LittleEndian.AppendUint32(nil, uint32(len(index)/4-1)), flags...)

	out := append([]byte("\xfd7zXZ\x00"), flags...)
	out = append(out, sum(flags)...)
	out = append(out, header...)
	out = append(out, padded(chunks)...)
	out = append(out, sum(data)...)
	out = append(out, index...)
	out = append(out, sum(footer)...)
	out = append(out, footer...)
	return append(out, "YZ"...)
}
