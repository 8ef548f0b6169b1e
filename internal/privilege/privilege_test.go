package privilege

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// The test binary started again with this variable drops its privileges for the folder named there, and says on its
// output what became of it: a process cannot take its privileges back, so no test may do this to itself.
const helperVariable = "PRIVILEGE_TEST_DROP"

func TestMain(m *testing.M) {
	if dir := os.Getenv(helperVariable); dir != "" {
		os.Exit(dropAndTell(dir))
	}
	os.Exit(m.Run())
}

type told struct {
	UID, EUID, GID, EGID int
	Groups               []int
	Threads              []string // the ids of each thread of the process, as the kernel has them
	Home, User           string
	RuntimeDir           bool // whether XDG_RUNTIME_DIR is set
	RootAgain            bool // whether root's id could be taken back
}

func dropAndTell(dir string) int {
	keep := make(chan struct{})
	defer close(keep)
	for range 4 { // threads that are there already when privileges are dropped
		ready := make(chan struct{})
		go func() {
			runtime.LockOSThread()
			close(ready)
			<-keep
		}()
		<-ready
	}
	if err := Drop(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	groups, err := os.Getgroups()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	_, runtimeDir := os.LookupEnv("XDG_RUNTIME_DIR")
	answer := told{
		UID: os.Getuid(), EUID: os.Geteuid(), GID: os.Getgid(), EGID: os.Getegid(), Groups: groups, Threads: threads(),
		Home: os.Getenv("HOME"), User: os.Getenv("USER"), RuntimeDir: runtimeDir,
	}
	answer.RootAgain = syscall.Setuid(0) == nil
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		return 2
	}
	return 0
}

// threads gives "uid gid groups" of every thread, each of real, effective, saved and file system id; none where there is
// no /proc.
func threads() []string {
	var all []string
	paths, _ := filepath.Glob("/proc/self/task/*/status")
	for _, path := range paths {
		status, err := os.ReadFile(path)
		if err != nil {
			continue // the thread has ended
		}
		var ids []string
		for line := range strings.Lines(string(status)) {
			name, value, _ := strings.Cut(line, ":")
			if slices.Contains([]string{"Uid", "Gid", "Groups"}, name) {
				ids = append(ids, name+" "+strings.Join(strings.Fields(value), " "))
			}
		}
		all = append(all, strings.Join(ids, "; "))
	}
	return all
}

func drop(t *testing.T, dir string) (told, error) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperVariable+"="+dir, "HOME=/root", "USER=root", "XDG_RUNTIME_DIR=/run/user/0")
	if asRoot() { // with more groups than root may have here
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Groups: []uint32{0, 1, 4}}}
	}
	var refusal strings.Builder
	cmd.Stderr = &refusal
	output, err := cmd.Output()
	if err != nil {
		return told{}, fmt.Errorf("%w: %s", err, strings.TrimSpace(refusal.String()))
	}
	var answer told
	if err := json.Unmarshal(output, &answer); err != nil {
		t.Fatalf("%v in %q", err, output)
	}
	return answer, nil
}

// reachableDir is a temporary folder that other accounts can pass through, which t.TempDir's are not.
func reachableDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "privilege-") //nolint:usetesting // t.TempDir is closed to other accounts
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func expected(t *testing.T) *Account {
	t.Helper()
	if !asRoot() {
		return current()
	}
	account, err := Unprivileged()
	if err != nil {
		t.Fatal(err)
	}
	return account
}

func TestDropMakesTheFolderAndBecomesItsOwner(t *testing.T) {
	t.Parallel()
	want := expected(t)
	parent := filepath.Join(reachableDir(t), "var", "lib")
	dir := filepath.Join(parent, "data")

	for _, start := range []string{"first start", "second start"} {
		got, err := drop(t, dir)
		if err != nil {
			t.Fatalf("%s: %v", start, err)
		}
		if got.UID != want.UID || got.EUID != want.UID || got.GID != want.GID || got.EGID != want.GID {
			t.Errorf("%s: runs as %d/%d, group %d/%d; want %d, group %d", start, got.UID, got.EUID, got.GID, got.EGID, want.UID, want.GID)
		}
		if asRoot() {
			if len(got.Groups) > 0 {
				t.Errorf("%s: still in the groups %v", start, got.Groups)
			}
			ids := fmt.Sprintf("Uid %[1]d %[1]d %[1]d %[1]d; Gid %[2]d %[2]d %[2]d %[2]d; Groups ", want.UID, want.GID)
			for _, thread := range got.Threads {
				if thread != ids {
					t.Errorf("%s: a thread has %q, want %q", start, thread, ids)
				}
			}
			if got.RootAgain {
				t.Errorf("%s: could become root again", start)
			}
			if got.Home != dir || got.User != want.Name || got.RuntimeDir {
				t.Errorf("%s: environment has HOME=%s, USER=%s, XDG_RUNTIME_DIR set: %v", start, got.Home, got.User, got.RuntimeDir)
			}
		}
		if runtime.GOOS == "linux" && len(got.Threads) < 5 {
			t.Errorf("%s: saw only %d threads", start, len(got.Threads))
		}
		checkFolder(t, dir, 0o700, want.UID)
		checkFolder(t, parent, 0o755, os.Geteuid())
	}
}

func checkFolder(t *testing.T, dir string, mode fs.FileMode, uid int) {
	t.Helper()
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != mode || int(info.Sys().(*syscall.Stat_t).Uid) != uid {
		t.Errorf("%s has mode %v and owner %d, want %v and %d", dir, info.Mode().Perm(), info.Sys().(*syscall.Stat_t).Uid, mode, uid)
	}
}

func TestDropTakesAnEmptyFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(reachableDir(t), "volume")
	if err := os.MkdirAll(filepath.Join(dir, "lost+found"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := drop(t, dir); err != nil {
		t.Fatal(err)
	}
	checkFolder(t, dir, 0o700, expected(t).UID)
}

func TestDropLeavesWhatIsNotItsOwn(t *testing.T) {
	t.Parallel()
	const otherUID = 54321
	cases := []struct {
		name    string
		asRoot  bool // only root can bring it about
		prepare func(t *testing.T, dir string)
		want    string
	}{
		{"foreign content", false, func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "thesis.txt"))
		}, "is not a data folder of the portal (it holds thesis.txt): set PORTAL_DATA_DIR"},
		{"a file", false, func(t *testing.T, dir string) {
			write(t, dir)
		}, "is a file or a symbolic link"},
		{"a folder of the system", false, nil, "is a folder of the system"},
		{"a relative path", false, nil, "must be an absolute path"},
		{"a link in root's way", true, func(t *testing.T, dir string) {
			must(t, os.Symlink(t.TempDir(), dir))
		}, "is a file or a symbolic link"},
		{"somebody else's empty folder", true, func(t *testing.T, dir string) {
			must(t, os.Mkdir(dir, 0o755))
			must(t, os.Chown(dir, otherUID, otherUID))
		}, "belongs to user 54321, not to "},
		{"somebody else's data folder", true, func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, marker))
			must(t, os.Chown(dir, otherUID, otherUID))
		}, "chown -R "},
		{"root's data folder", true, func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, marker))
		}, "belongs to root, not to "},
		{"out of the account's reach", true, func(t *testing.T, dir string) {
			must(t, os.Chmod(filepath.Dir(dir), 0o700))
		}, "a folder on the way to it may be closed"},
	}
	for _, c := range cases {
		if c.asRoot && !asRoot() {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(reachableDir(t), "data")
			switch c.name {
			case "a folder of the system":
				dir = "/srv"
			case "a relative path":
				dir = "data"
			}
			if c.prepare != nil {
				c.prepare(t, dir)
			}
			before := describe(t, dir)
			_, err := drop(t, dir)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want an error with %q", err, c.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the error is longer than a line: %v", err)
			}
			if after := describe(t, dir); before != "" && after != before {
				t.Errorf("was\n%sis\n%s", before, after)
			}
		})
	}
}

// describe lists a folder and what is in it with modes and owners; nothing if it does not exist.
func describe(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		fmt.Fprintln(&b, path, info.Mode(), info.Sys().(*syscall.Stat_t).Uid)
		return nil
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return b.String()
}

func write(t *testing.T, path string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte("x"), 0o644))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
