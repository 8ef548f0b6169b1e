package postgrestest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"syscall"

	"omapostipro/internal/postgres/embedded"
	"omapostipro/internal/privilege"
)

// Server is a PostgreSQL server with nothing in it, for tests: fast, and careless of its data. It ends, and its folder
// is removed, with the process that has started it, however that ends, or when nothing there refers to the Server any more.
type Server struct {
	server *embedded.Server
	guard  *guard
}

// Start starts a server; the context bounds the start only.
func Start(ctx context.Context) (_ *Server, err error) {
	dir, err := makeDir()
	if err != nil {
		return nil, err
	}
	guard, err := watchOver(dir)
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	defer func() {
		if err != nil {
			guard.dismiss()
		}
	}()
	credential, err := giveAway(dir)
	if err != nil {
		return nil, err
	}
	server, err := embedded.Start(ctx, embedded.Config{
		DataDir:    dir,
		BinDir:     os.Getenv(embedded.BinDirSetting),
		Credential: credential,
		Unsafe:     true,
		Log:        slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return nil, err
	}
	return &Server{server: server, guard: guard}, nil
}

const (
	inMemory   = "/dev/shm" // Linux
	enoughFree = 2 << 30    // bytes; a container may have very little there
)

// makeDir makes the server's folder, in memory where there is room: copying a database is making five hundred files, which
// costs a tenth there.
func makeDir() (string, error) {
	const pattern = "omaposti-pro-test-"
	var free syscall.Statfs_t
	if syscall.Statfs(inMemory, &free) == nil && free.Bavail*uint64(free.Bsize) >= enoughFree {
		if dir, err := os.MkdirTemp(inMemory, pattern); err == nil {
			return dir, nil
		}
	}
	return os.MkdirTemp("", pattern)
}

// URL is the address of the superuser at the maintenance database.
func (s *Server) URL() string { return s.server.URL(embedded.Superuser, "postgres") }

// Stop ends the server and removes its folder.
func (s *Server) Stop(ctx context.Context) error {
	err := s.server.Stop(ctx)
	s.guard.dismiss()
	return err
}

// giveAway gives the folder to somebody who may run PostgreSQL: root may not.
func giveAway(dir string) (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	account, err := privilege.Unprivileged()
	if err != nil {
		return nil, err
	}
	if err := os.Chown(dir, account.UID, account.GID); err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(account.UID), Gid: uint32(account.GID)}, nil
}

// guard is a process that ends the server and removes its folder when its input is closed, which the system does when
// this process ends, even by kill -9.
type guard struct {
	cmd   *exec.Cmd
	input io.Closer
}

// What it does: it waits, ends the server at once, gives it five seconds, and removes the folder as soon as nothing is
// added to it any more.
const guardScript = `
cat >/dev/null
if read -r server <"$1/postgres/postmaster.pid" && kill -QUIT "$server"; then
	tries=100
	while [ -e "$1/postgres/postmaster.pid" ] && [ $((tries -= 1)) -gt 0 ]; do sleep 0.05; done
fi
tries=20
until rm -rf "$1" || [ $((tries -= 1)) -eq 0 ]; do sleep 0.1; done`

func watchOver(dir string) (*guard, error) {
	cmd := exec.CommandContext(context.Background(), "/bin/sh", "-c", guardScript, "sh", dir)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // or Ctrl-C would end it with the tests
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting what cleans up after the tests: %w", err)
	}
	return &guard{cmd: cmd, input: input}, nil
}

// dismiss lets the guard do its work and waits for that.
func (g *guard) dismiss() {
	_ = g.input.Close()
	_ = g.cmd.Wait()
}
