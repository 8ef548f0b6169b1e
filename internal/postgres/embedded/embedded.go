package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

const (
	// Superuser is the role that owns the cluster: it migrates, and makes the roles that serve.
	Superuser = "postgres"
	// Database is the portal's database. It is made together with the cluster.
	Database = "portal"
)

const (
	stopPatience  = 20 * time.Second // for a fast shutdown, which writes everything out
	abortPatience = 5 * time.Second  // for an immediate one, which leaves that to the next start

	// A server that ends by itself is started again; after this many failures in a row it is given up. One that has
	// run for steadyAfter has not failed. The waits add up to about two minutes.
	maxFailures = 10
	steadyAfter = time.Minute
)

// surroundings are what tests change: where PostgreSQL is looked for, and the waits before a server that ended is
// started again.
type surroundings struct {
	places                 places
	firstWait, longestWait time.Duration
}

func usual() surroundings {
	return surroundings{places: usualPlaces(), firstWait: 100 * time.Millisecond, longestWait: 30 * time.Second}
}

// Config says where the server's data is and how PostgreSQL is found.
type Config struct {
	// DataDir is the portal's data folder, an absolute path; it is made if it does not exist.
	DataDir string
	// BinDir is the folder with the programs postgres and initdb; empty to look for them, and to fetch them if the
	// machine has none.
	BinDir string
	// RepositoryURL is the address of the Maven repository that PostgreSQL is fetched from; empty for the public one.
	RepositoryURL string
	// Credential is whom the server's processes run as, and nil for the account of this process. Only tests need it,
	// which may run as root and stay so: PostgreSQL does not.
	Credential *syscall.Credential
	// Unsafe trades the safety of the data for speed. Only for tests.
	Unsafe bool
	Log    *slog.Logger
}

// Server is a running PostgreSQL server. It is started again when it ends by itself.
type Server struct {
	config    Config
	around    surroundings
	programs  programs
	cluster   string
	socketDir string
	lock      *lock
	output    *logFile

	stopOnce sync.Once
	stopping chan struct{} // closed when Stop is called
	hurry    chan struct{} // closed when Stop has no more time
	done     chan struct{}
	err      error // why done was closed; to be read after it was
}

// Start finds PostgreSQL, makes the cluster if there is none, and returns when the server accepts connections. The
// context bounds the start only. Errors are for the operator to read; a *LockedError says that another portal uses the
// data folder.
func Start(ctx context.Context, config Config) (_ *Server, err error) {
	return start(ctx, config, usual())
}

func start(ctx context.Context, config Config, around surroundings) (_ *Server, err error) {
	if os.Geteuid() == 0 && config.Credential == nil {
		return nil, errors.New("PostgreSQL cannot be run by root")
	}
	if !filepath.IsAbs(config.DataDir) {
		return nil, fmt.Errorf("the data folder must be an absolute path, not %q", config.DataDir)
	}
	if err := os.MkdirAll(config.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	s := &Server{
		config:   config,
		around:   around,
		cluster:  filepath.Join(config.DataDir, "postgres"),
		stopping: make(chan struct{}),
		hurry:    make(chan struct{}),
		done:     make(chan struct{}),
	}
	defer func() {
		if err != nil {
			s.release()
		}
	}()
	if s.lock, err = acquire(config.DataDir); err != nil {
		return nil, err
	}
	if s.output, err = openLog(filepath.Join(config.DataDir, "postgres.log")); err != nil {
		return nil, err
	}
	major, err := clusterMajor(s.cluster)
	if err != nil {
		return nil, err
	}
	if s.programs, err = findPrograms(ctx, config, around.places, s.cluster, major); err != nil {
		return nil, err
	}
	if major == 0 {
		if err := s.makeCluster(ctx); err != nil {
			return nil, err
		}
	}
	if s.socketDir, err = makeSocketDir(config); err != nil {
		return nil, err
	}
	p, err := s.launch(ctx)
	if err != nil {
		return nil, err
	}
	go s.watch(p)
	return s, nil
}

// URL gives the address of a database for a role, as pgx and the tools of PostgreSQL take it.
func (s *Server) URL(role, database string) string { return socketURL(s.socketDir, role, database) }

// Version is that of the PostgreSQL that runs, as in "15.18".
func (s *Server) Version() string { return s.programs.version }

// Stop shuts the server down: open transactions are rolled back, everything is written out. It takes the time of the
// context and at most half a minute; a server that needs longer is ended at once, which costs no data but makes the next
// start recover. Stop may be called more than once, and after the server was given up.
func (s *Server) Stop(ctx context.Context) error {
	s.stopOnce.Do(func() { close(s.stopping) })
	select {
	case <-s.done:
	case <-ctx.Done():
		close(s.hurry)
		<-s.done
	}
	return s.err
}

// Done is closed when the server was stopped, or was given up because it could not be kept running; Err says why.
func (s *Server) Done() <-chan struct{} { return s.done }

// Err is nil until Done is closed, and after an orderly stop.
func (s *Server) Err() error {
	select {
	case <-s.done:
		return s.err
	default:
		return nil
	}
}

// watch waits for the end of the server, and starts it again unless it was to end.
func (s *Server) watch(p *process) {
	defer close(s.done)
	defer s.release()
	for failures := 0; ; {
		select {
		case <-s.stopping:
			s.err = p.stop(s.hurry)
			return
		case <-p.exited:
		}
		if time.Since(p.began) > steadyAfter {
			failures = 0
		}
		s.config.Log.Error("PostgreSQL ended by itself and is started again", "status", p.status(), "log", s.output.path)
		if p = s.relaunch(&failures); p == nil {
			return
		}
	}
}

// relaunch tries to start the server until that works, Stop is called or there were too many failures; then it gives
// nil, and s.err says why.
func (s *Server) relaunch(failures *int) *process {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-s.stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	for {
		*failures++
		wait := min(s.around.firstWait<<(*failures-1), s.around.longestWait)
		select {
		case <-s.stopping:
			return nil
		case <-time.After(wait):
		}
		p, err := s.launch(ctx)
		switch {
		case err == nil:
			s.config.Log.Info("PostgreSQL runs again")
			return p
		case ctx.Err() != nil:
			return nil
		case *failures >= maxFailures:
			s.err = fmt.Errorf("PostgreSQL does not stay up: %w", err)
			return nil
		}
		s.config.Log.Error("PostgreSQL could not be started again", "error", err, "failures", *failures)
	}
}

// release gives back what a server holds that no longer runs, or never did.
func (s *Server) release() {
	if s.socketDir != "" {
		_ = os.Remove(s.socketDir) // not empty only if a server that was killed left its socket: the next start takes it over
	}
	if s.output != nil {
		s.output.close()
	}
	if s.lock != nil {
		s.lock.release()
	}
}
