package embedded

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

const (
	fetchedPrefix = "programs-"
	fetchPrefix   = "fetch-"
	fetchTimeout  = 10 * time.Minute
)

// fetchable gives the version that is fetched for a major version, the newest for 0, none if it cannot be.
func fetchable(major int) embeddedpostgres.PostgresVersion {
	return map[int]embeddedpostgres.PostgresVersion{
		0:  embeddedpostgres.V18,
		15: embeddedpostgres.V15,
		16: embeddedpostgres.V16,
		17: embeddedpostgres.V17,
		18: embeddedpostgres.V18,
	}[major]
}

// fetch gets the programs from the repository into the data folder.
//
// The library finds the build for this machine, checks its digest and unpacks it. It wants to go on and run a server, for
// which it deletes folders that it does not like and listens on a TCP port. So it works in a folder that holds nothing
// else, and is stopped by a port that no server can have: it gets as far as making a cluster there, by which one can tell
// that the programs are whole and run on this machine.
func fetch(ctx context.Context, config Config, major int) (programs, error) {
	version := fetchable(major)
	removeUnfinished(config.DataDir, fetchPrefix)
	scratch, err := os.MkdirTemp(config.DataDir, fetchPrefix)
	if err != nil {
		return programs{}, err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	unpacked, trial := filepath.Join(scratch, "unpacked"), filepath.Join(scratch, "trial")

	settings := embeddedpostgres.DefaultConfig().
		Version(version).
		Locale("C").
		Port(0).
		CachePath(filepath.Join(scratch, "archive")).
		RuntimePath(filepath.Join(scratch, "runtime")).
		BinariesPath(unpacked).
		DataPath(trial).
		Logger(io.Discard)
	if config.RepositoryURL != "" {
		settings = settings.BinaryRepositoryURL(strings.TrimRight(config.RepositoryURL, "/"))
	}
	config.Log.Info("this machine has no PostgreSQL that fits: fetching it", "version", version)
	ended := make(chan error, 1)
	go func() {
		database := embeddedpostgres.NewDatabase(settings)
		err := database.Start()
		if err == nil {
			err = database.Stop()
		}
		ended <- err
	}()
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	select {
	case err = <-ended:
	case <-ctx.Done():
		return programs{}, ctx.Err()
	}
	if _, missing := os.Stat(filepath.Join(trial, "PG_VERSION")); missing != nil {
		return programs{}, cmp.Or(err, missing)
	}
	dir := filepath.Join(config.DataDir, fetchedPrefix+string(version))
	_ = os.RemoveAll(dir) // what was fetched earlier and is of no use any more, or it would have been found
	if err := os.Rename(unpacked, dir); err != nil {
		return programs{}, fmt.Errorf("keeping what was fetched: %w", err)
	}
	return programsIn(ctx, filepath.Join(dir, "bin"))
}
