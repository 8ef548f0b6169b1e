package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// LockedError says that another portal uses the data folder.
type LockedError struct {
	DataDir string
	PID     string // the other process, as far as it is known
}

func (e *LockedError) Error() string {
	who := "another portal"
	if e.PID != "" {
		who += " (process " + e.PID + ")"
	}
	return who + " uses the data folder " + e.DataDir
}

// lock keeps other portals off the data folder. The kernel takes it back from a process that ends, however it ends.
type lock struct{ file *os.File }

func acquire(dataDir string) (*lock, error) {
	path := filepath.Join(dataDir, "postgres.lock")
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the data folder: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			holder, _ := os.ReadFile(path)
			return nil, &LockedError{DataDir: dataDir, PID: strings.TrimSpace(string(holder))}
		}
		return nil, fmt.Errorf("locking the data folder: %w", err)
	}
	if err := errors.Join(file.Truncate(0), writeAt(file, strconv.Itoa(os.Getpid())+"\n")); err != nil {
		file.Close()
		return nil, fmt.Errorf("locking the data folder: %w", err)
	}
	return &lock{file}, nil
}

func writeAt(file *os.File, text string) error {
	_, err := file.WriteAt([]byte(text), 0)
	return err
}

func (l *lock) release() {
	_ = l.file.Truncate(0) // the number would name a process that is gone
	l.file.Close()
}
