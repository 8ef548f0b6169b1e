package embedded

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Names of the settings that Config's fields come from, for messages that say what can be done.
const (
	BinDirSetting      = "PORTAL_POSTGRES_BIN"
	RepositorySetting  = "PORTAL_POSTGRES_DOWNLOAD_URL"
	databaseURLSetting = "DATABASE_URL"
)

const (
	oldestMajor = 15
	newestMajor = 18 // that is known to work; newer ones are used if the machine has no other
)

// programs are those of one PostgreSQL.
type programs struct {
	dir     string
	version string // as in 15.18
	major   int
}

func (p programs) String() string { return "PostgreSQL " + p.version + " in " + p.dir }

// places are where PostgreSQL may be, in the order in which they are looked at.
type places struct {
	path     string   // as in $PATH
	patterns []string // of folders
}

func usualPlaces() places {
	return places{
		path: os.Getenv("PATH"), //nolint:forbidigo // it is no setting of the portal, but what any program is looked for in
		patterns: []string{
			"/usr/lib/postgresql/*/bin", // Debian, Ubuntu
			"/usr/pgsql-*/bin",          // PostgreSQL's own packages for Fedora and its kin
			"/usr/lib/postgresql*/bin",  // SUSE
			"/usr/libexec/postgresql*",  // Alpine
			"/opt/homebrew/opt/postgresql@*/bin",
			"/usr/local/opt/postgresql@*/bin",
			"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
			"/Applications/Postgres.app/Contents/Versions/*/bin",
		},
	}
}

// findPrograms chooses the PostgreSQL for a cluster of a major version, or for a new one if that is 0.
func findPrograms(ctx context.Context, config Config, places places, cluster string, major int) (programs, error) {
	if config.BinDir != "" {
		dir, err := filepath.Abs(config.BinDir) // programs run in the data folder
		if err != nil {
			return programs{}, err
		}
		found, err := programsIn(ctx, dir)
		if err != nil {
			return programs{}, fmt.Errorf("%s is set to %s: %w", BinDirSetting, config.BinDir, err)
		}
		if major != 0 && found.major != major {
			return programs{}, &MajorError{Cluster: cluster, Major: major, Found: found.String()}
		}
		if found.major < oldestMajor {
			return programs{}, fmt.Errorf("%s is too old: the portal needs %d or later", found, oldestMajor)
		}
		return found, nil
	}

	found := installed(ctx, config, places)
	if best, ok := choose(found, major); ok {
		return best, nil
	}
	if major != 0 && (len(found) > 0 || fetchable(major) == "") {
		return programs{}, &MajorError{Cluster: cluster, Major: major, Found: describe(found)}
	}
	fetched, err := fetch(ctx, config, major)
	if err != nil {
		return programs{}, &NotFoundError{Found: describe(found), Fetching: err}
	}
	return fetched, nil
}

// installed finds every PostgreSQL on the machine, and those that were fetched before: PATH first, then the usual places,
// newest first in each.
func installed(ctx context.Context, config Config, places places) []programs {
	var found []programs
	add := func(dirs []string) {
		var here []programs
		for _, dir := range dirs {
			known := func(p programs) bool { return p.dir == dir }
			if slices.ContainsFunc(found, known) || slices.ContainsFunc(here, known) {
				continue
			}
			if p, err := programsIn(ctx, dir); err == nil {
				here = append(here, p)
			}
		}
		slices.SortStableFunc(here, func(a, b programs) int { return b.major - a.major })
		found = append(found, here...)
	}
	for _, dir := range filepath.SplitList(places.path) {
		// What is in PATH may be a link out of a folder that holds nothing else of PostgreSQL.
		if program, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres")); err == nil && filepath.IsAbs(program) {
			add([]string{filepath.Dir(program)})
		}
	}
	for _, pattern := range append(slices.Clone(places.patterns), filepath.Join(config.DataDir, fetchedPrefix+"*", "bin")) {
		dirs, _ := filepath.Glob(pattern)
		add(dirs)
	}
	return found
}

// choose takes the first that fits. For a new cluster that is one of those known to work, else one that is newer.
func choose(found []programs, major int) (programs, bool) {
	fits := func(p programs) bool { return p.major == major }
	if major == 0 {
		fits = func(p programs) bool { return p.major >= oldestMajor && p.major <= newestMajor }
	}
	i := slices.IndexFunc(found, fits)
	if i < 0 && major == 0 {
		i = slices.IndexFunc(found, func(p programs) bool { return p.major > newestMajor })
	}
	if i < 0 {
		return programs{}, false
	}
	return found[i], true
}

var versionPattern = regexp.MustCompile(`^postgres \(PostgreSQL\) ((\d+)\S*)`)

// programsIn looks at the programs in a folder, and asks them for their version.
func programsIn(ctx context.Context, dir string) (programs, error) {
	for _, name := range []string{"initdb", "postgres"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
			return programs{}, fmt.Errorf("there is no program %s in that folder", name)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version")
	cmd.Dir = "/"
	cmd.Env = childEnvironment()
	output, err := cmd.Output()
	if err != nil {
		return programs{}, fmt.Errorf("the program postgres there cannot be run: %w", err)
	}
	match := versionPattern.FindSubmatch(output)
	if match == nil {
		return programs{}, fmt.Errorf("the program postgres there does not tell its version, but says %q", output)
	}
	major, err := strconv.Atoi(string(match[2]))
	if err != nil {
		return programs{}, err
	}
	return programs{dir: dir, version: string(match[1]), major: major}, nil
}

func describe(found []programs) string {
	var names []string
	for _, p := range found {
		names = append(names, p.String())
	}
	return strings.Join(names, ", ")
}

// MajorError says that the machine has no PostgreSQL of the version that made the cluster. Nothing was touched.
type MajorError struct {
	Cluster string
	Major   int    // the cluster's
	Found   string // what there is; empty for nothing
}

func (e *MajorError) Error() string {
	found := e.Found
	if found == "" {
		found = "no other PostgreSQL"
	}
	return fmt.Sprintf(`the database in %[1]s was made by PostgreSQL %[2]d, and there is only %[3]s; nothing was touched. What can be done:
  - install PostgreSQL %[2]d beside it: %[4]s; or set %[5]s to the folder of its programs
  - or, with both versions there, make a new cluster (initdb --username=%[6]s --encoding=UTF8 --data-checksums), pg_upgrade to it, and put it in the place of %[1]s
  - or take the data over: start the portal with PostgreSQL %[2]d, run
      pg_dump -Fc -h %[7]s -U %[6]s -f portal.dump %[8]s
    stop the portal, move %[1]s away, start the portal with the other version, and run
      psql -h %[7]s -U %[6]s -c 'DROP SCHEMA portal CASCADE' %[8]s
      pg_restore -h %[7]s -U %[6]s -d %[8]s portal.dump
  - or set %[9]s to another server`,
		e.Cluster, e.Major, found, installCommand(e.Major), BinDirSetting, Superuser, filepath.Join(filepath.Dir(e.Cluster), "run"),
		Database, databaseURLSetting)
}

// NotFoundError says that the machine has no PostgreSQL that can be used and that none could be fetched.
type NotFoundError struct {
	Found    string // what there is, too old; empty for nothing
	Fetching error  // why none could be fetched
}

func (e *NotFoundError) Error() string {
	lack := "this machine has no PostgreSQL"
	if e.Found != "" {
		lack = fmt.Sprintf("the portal needs PostgreSQL %d or later, and this machine has only %s", oldestMajor, e.Found)
	}
	return fmt.Sprintf(`%s, and it could not be fetched (%v). What can be done:
  - install one of the versions %d to %d, say by: %s
  - or set %s to the folder of its programs, if it is somewhere else
  - or set %s to a repository from which it can be fetched here
  - or set %s to a server that runs already`,
		lack, e.Fetching, oldestMajor, newestMajor, installCommand(0), BinDirSetting, RepositorySetting, databaseURLSetting)
}

func (e *NotFoundError) Unwrap() error { return e.Fetching }

// installCommand says how PostgreSQL is installed here: one major version, or any for 0.
func installCommand(major int) string {
	for _, way := range []struct{ program, one, any string }{
		{"brew", "brew install postgresql@%d", "brew install postgresql@18"},
		{"apt-get", "apt-get install postgresql-%d", "apt-get install postgresql"},
		{"dnf", "dnf install postgresql%d-server", "dnf install postgresql-server"},
		{"zypper", "zypper install postgresql%d-server", "zypper install postgresql-server"},
		{"apk", "apk add postgresql%d icu-data-full", "apk add postgresql icu-data-full"},
		{"pacman", "pacman -S postgresql", "pacman -S postgresql"},
	} {
		if _, err := exec.LookPath(way.program); err != nil {
			continue
		}
		if major != 0 && strings.Contains(way.one, "%d") {
			return fmt.Sprintf(way.one, major)
		}
		return way.any
	}
	return "the system's package of the PostgreSQL server"
}
