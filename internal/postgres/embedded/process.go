package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

const readinessPoll = 10 * time.Millisecond

// process is one run of the server.
type process struct {
	cmd    *exec.Cmd
	began  time.Time
	exited chan struct{} // closed when it has ended
	err    error         // how it ended; to be read after exited is closed
}

// launch clears away what an earlier server left, starts one and waits until it accepts connections.
func (s *Server) launch(ctx context.Context) (*process, error) {
	if err := clearCluster(ctx, s.cluster, s.config.Log); err != nil {
		return nil, err
	}
	if err := clearSocketDir(s.socketDir, s.config.Credential); err != nil {
		return nil, err
	}
	s.output.forget()
	cmd := s.command("postgres", append([]string{"-D", s.cluster}, s.settings()...)...)
	cmd.Stdout, cmd.Stderr = s.output, s.output
	p, err := run(cmd, syscall.SIGINT)
	if err != nil {
		return nil, fmt.Errorf("starting PostgreSQL: %w", err)
	}
	if err := p.waitUntilReady(ctx, s.cluster); err != nil {
		return nil, fmt.Errorf("starting PostgreSQL: %w: %s", err, s.output.lastWords())
	}
	return p, nil
}

// settings are given on the command line, where nothing that stands in the cluster's own files overrides them.
func (s *Server) settings() []string {
	values := []string{
		"listen_addresses=",
		"port=" + socketPort,
		`unix_socket_directories="` + strings.ReplaceAll(s.socketDir, `"`, `""`) + `"`,
		"unix_socket_permissions=0700",

		"timezone=UTC",
		"shared_buffers=64MB",
		"max_wal_size=256MB",
		"min_wal_size=32MB",
		"jit=off", // compiling costs more than queries of this size can win

		// What the log may hold: no statement, no parameter, no value of a row. The portal logs errors of its own queries.
		"logging_collector=off",
		"log_destination=stderr",
		"log_timezone=UTC",
		"log_min_messages=log",
		"log_error_verbosity=terse",
		"log_min_error_statement=panic",
		"log_statement=none",
		"log_min_duration_statement=-1",
		"log_min_duration_sample=-1",
		"log_duration=off",
		"log_checkpoints=off",
		"log_autovacuum_min_duration=-1",
	}
	if s.config.Unsafe {
		values = append(values, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0",
			"autovacuum=off", "max_connections=400") // of many tests at once
	} else {
		values = append(values, "fsync=on", "synchronous_commit=on", "full_page_writes=on", "max_connections=50")
	}
	var arguments []string
	for _, value := range values {
		arguments = append(arguments, "-c", value)
	}
	return arguments
}

// command prepares a program of PostgreSQL. It is given none of the portal's environment, where secrets may be.
func (s *Server) command(name string, arguments ...string) *exec.Cmd {
	// No context ends it: the server outlives that of its start, and is ended by signals of which it knows the meaning.
	cmd := exec.CommandContext(context.Background(), filepath.Join(s.programs.dir, name), arguments...)
	cmd.Dir = s.config.DataDir
	cmd.Env = childEnvironment()
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.config.Credential}
	return cmd
}

func childEnvironment() []string {
	environment := []string{"LC_ALL=C", "TZ=UTC"}
	for _, name := range []string{"PATH", "TMPDIR", "LD_LIBRARY_PATH"} {
		if value, ok := os.LookupEnv(name); ok { //nolint:forbidigo // these are handed on, not read
			environment = append(environment, name+"="+value)
		}
	}
	return environment
}

// run starts a command in a session of its own, so that a Ctrl-C at the terminal reaches the portal alone, which then ends
// the command in its turn. Where the system can do it, the command gets a signal when the portal is killed.
func run(cmd *exec.Cmd, whenOrphaned syscall.Signal) (*process, error) {
	cmd.SysProcAttr.Setsid = true
	signalWhenOrphaned(cmd.SysProcAttr, whenOrphaned)
	// Processes of a killed server can hold the output open for a while; that is no reason to wait for them.
	cmd.WaitDelay = 100 * time.Millisecond

	p := &process{cmd: cmd, began: time.Now(), exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		// To the kernel the parent is the thread that forked: it has to live as long as the command.
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		close(p.exited)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// waitUntilReady returns when the server has written to its pid file that it accepts connections, which costs the server
// less than trying to connect. A server that cannot be waited for is ended.
func (p *process) waitUntilReady(ctx context.Context, cluster string) error {
	poll := time.NewTicker(readinessPoll)
	defer poll.Stop()
	for {
		select {
		case <-p.exited:
			return errors.New(p.status())
		case <-ctx.Done():
			hurry := make(chan struct{})
			close(hurry)
			_ = p.stop(hurry)
			return ctx.Err()
		case <-poll.C:
			if file, err := readPidFile(cluster); err == nil && file.pid == p.cmd.Process.Pid && file.ready {
				return nil
			}
		}
	}
}

// stop ends the server: fast, at once when that takes too long or hurry is closed, and by force if even that fails.
func (p *process) stop(hurry <-chan struct{}) error {
	_ = p.cmd.Process.Signal(syscall.SIGINT)
	select {
	case <-p.exited:
		return p.unclean()
	case <-hurry:
	case <-time.After(stopPatience):
	}
	_ = p.cmd.Process.Signal(syscall.SIGQUIT)
	select {
	case <-p.exited:
	case <-time.After(abortPatience):
		_ = p.cmd.Process.Kill()
		<-p.exited
	}
	return errors.New("PostgreSQL did not shut down in time and was ended; it will recover at the next start")
}

// unclean gives an error unless the process ended well.
func (p *process) unclean() error {
	if p.err == nil || errors.Is(p.err, exec.ErrWaitDelay) {
		return nil
	}
	return fmt.Errorf("PostgreSQL did not shut down well: %s", p.status())
}

func (p *process) status() string { return p.cmd.ProcessState.String() }

// runToEnd runs a program of PostgreSQL to its end, with an error that holds what it said last.
func (s *Server) runToEnd(ctx context.Context, cmd *exec.Cmd, input string) error {
	s.output.forget()
	cmd.Stdout, cmd.Stderr = io.Discard, s.output
	cmd.Stdin = strings.NewReader(input)
	p, err := run(cmd, syscall.SIGKILL)
	if err != nil {
		return err
	}
	select {
	case <-p.exited:
	case <-ctx.Done():
		_ = p.cmd.Process.Kill()
		<-p.exited
		return ctx.Err()
	}
	if p.err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), p.err, s.output.lastWords())
	}
	return nil
}
