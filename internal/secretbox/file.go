package secretbox

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

var (
	// ErrMissing says that there is no keyset where one is expected.
	ErrMissing = errors.New("secretbox: the keyset file is missing")
	// ErrExists says that there is a keyset where a new one was to be made.
	ErrExists = errors.New("secretbox: there is a keyset file already")
)

// Load gives the box of a keyset file, or ErrMissing. The box reads the file again when it has been replaced.
func Load(path string) (*Box, error) {
	keys, file, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrMissing, path)
	}
	if err != nil {
		return nil, err
	}
	return &Box{path: path, file: file, keys: keys}, nil
}

// Create makes a keyset file that only its owner reads, and gives its box. What is there already stays: ErrExists.
func Create(path string) (*Box, error) {
	unlock, err := lockFolder(path)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if _, err := os.Lstat(path); err == nil {
		return nil, fmt.Errorf("%w: %s", ErrExists, path)
	}
	keysetJSON, err := Generate()
	if err != nil {
		return nil, err
	}
	if err := replaceFile(path, keysetJSON, nil); err != nil {
		return nil, err
	}
	return Load(path)
}

// Rotate adds a key to a keyset file; the file is replaced whole or not at all, and stays its owner's. The boxes of
// running portals notice.
func Rotate(path string) error {
	unlock, err := lockFolder(path)
	if err != nil {
		return err
	}
	defer unlock()
	keysetJSON, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s", ErrMissing, path)
	}
	if err != nil {
		return fmt.Errorf("secretbox: %w", err)
	}
	rotated, err := Rotated(keysetJSON)
	if err != nil {
		return fmt.Errorf("%w: %s", err, path)
	}
	old, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("secretbox: %w", err)
	}
	return replaceFile(path, rotated, old)
}

// current reads the keyset again if its file is another one than before. If that fails, the keys in hand are still
// good: a rotation that goes wrong must not stop a portal that runs.
func (b *Box) current() *keys {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.path == "" {
		return b.keys
	}
	if file, err := os.Stat(b.path); err != nil || os.SameFile(file, b.file) && file.ModTime().Equal(b.file.ModTime()) {
		return b.keys
	}
	if keys, file, err := readFile(b.path); err == nil {
		b.keys, b.file = keys, file
	}
	return b.keys
}

func readFile(path string) (*keys, os.FileInfo, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("secretbox: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, nil, fmt.Errorf("secretbox: %w", err)
	}
	keysetJSON, err := io.ReadAll(file)
	if err != nil {
		return nil, nil, fmt.Errorf("secretbox: %w", err)
	}
	keys, err := parseKeys(keysetJSON)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %s", err, path)
	}
	return keys, info, nil
}

// lockFolder keeps two commands from replacing the file at the same time, which would lose a key that is in use.
func lockFolder(path string) (unlock func(), err error) {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("secretbox: %w", err)
	}
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX); err != nil {
		_ = folder.Close()
		return nil, fmt.Errorf("secretbox: lock %s: %w", folder.Name(), err)
	}
	return func() { _ = folder.Close() }, nil // which unlocks it
}

// replaceFile writes a file of mode 0600 that is whole on the disk before it takes its name. It gets the owner of old,
// if there is one: a keyset that root rotates stays the portal's.
func replaceFile(path string, content []byte, old os.FileInfo) (err error) {
	folder := filepath.Dir(path)
	temporary, err := os.CreateTemp(folder, filepath.Base(path)+".*") // 0600
	if err != nil {
		return fmt.Errorf("secretbox: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("secretbox: write %s: %w", path, err)
			_ = temporary.Close()
			_ = os.Remove(temporary.Name())
		}
	}()
	if old != nil {
		if owner, ok := old.Sys().(*syscall.Stat_t); ok && int(owner.Uid) != os.Geteuid() {
			if err := temporary.Chown(int(owner.Uid), int(owner.Gid)); err != nil {
				return err
			}
		}
	}
	if _, err := temporary.Write(content); err != nil {
		return err
	}
	if err := temporary.Sync(); err != nil {
		return err
	}
	if err := temporary.Close(); err != nil {
		return err
	}
	if err := os.Rename(temporary.Name(), path); err != nil {
		return err
	}
	return syncFolder(folder)
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
