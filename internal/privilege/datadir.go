package privilege

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

const (
	dataDirSetting = "PORTAL_DATA_DIR"

	// marker is the file by which the portal knows a data folder of its own from any other folder.
	marker     = ".omaposti-pro"
	markerText = "This folder holds the data of the OmaPosti Pro portal: its PostgreSQL database and the keyset that the\n" +
		"API keys in it are encrypted with. Stop the portal before you copy the folder, and keep the whole of it.\n"
)

// Folders of the system itself: they may be empty and root's, and yet are nobody's data folder.
var systemFolders = []string{"/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib64", "/media", "/mnt", "/opt", "/proc",
	"/root", "/run", "/sbin", "/srv", "/sys", "/tmp", "/usr", "/var", "/var/lib", "/var/log", "/var/tmp"}

// claim makes the folder and its parents, or takes one that is empty or already a portal's. Whatever else is there
// is left as it was, with an error that says why.
func claim(dir string, owner *Account) error {
	if slices.Contains(systemFolders, dir) {
		return fmt.Errorf("%s is a folder of the system: set %s to a folder for the portal alone", dir, dataDirSetting)
	}
	//nolint:gosec // the account must be able to pass through what root makes; the folder itself is closed
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("making the data folder: %w", err)
	}
	// Everything below goes by the open folder, and root follows no link to it: a path that somebody else changes in the
	// meantime must not make root give away another folder.
	flags := os.O_RDONLY | syscall.O_DIRECTORY
	if asRoot() {
		flags |= syscall.O_NOFOLLOW
	}
	folder, err := os.OpenFile(dir, flags, 0)
	switch {
	case errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ELOOP):
		return fmt.Errorf("the data folder %s is a file or a symbolic link: set %s to a folder", dir, dataDirSetting)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("the data folder %s is closed to %s: set %s to another one", dir, owner, dataDirSetting)
	case err != nil:
		return fmt.Errorf("opening the data folder: %w", err)
	}
	defer folder.Close()

	if err := mayBeClaimed(folder, owner); err != nil {
		return err
	}
	if asRoot() {
		if err := folder.Chown(owner.UID, owner.GID); err != nil {
			return fmt.Errorf("giving the data folder %s to %s: %w", dir, owner, err)
		}
	}
	if err := folder.Chmod(0o700); err != nil {
		return fmt.Errorf("closing the data folder %s to others: %w", dir, err)
	}
	return nil
}

func mayBeClaimed(folder *os.File, owner *Account) error {
	dir := folder.Name()
	info, err := folder.Stat()
	if err != nil {
		return err
	}
	foreign, ours, err := contents(folder)
	if err != nil {
		return err
	}
	if len(foreign) > 0 && !ours {
		return fmt.Errorf("%s is not a data folder of the portal (it holds %s): set %s to an empty or a new folder",
			dir, strings.Join(foreign, ", "), dataDirSetting)
	}
	has := int(info.Sys().(*syscall.Stat_t).Uid)
	if has == owner.UID || has == os.Geteuid() && !ours {
		return nil
	}
	return fmt.Errorf("the data folder %s belongs to %s, not to %s: set %s to another folder or, if it is meant, stop what uses it and run chown -R %s %s",
		dir, nameOf(has), owner, dataDirSetting, owner, dir)
}

// contents names up to three things in a folder that the portal has not put there, as far as one can tell without its
// marker, and says whether the marker is there.
func contents(folder *os.File) (foreign []string, ours bool, err error) {
	for {
		entries, err := folder.ReadDir(100)
		for _, entry := range entries {
			switch {
			case entry.Name() == marker:
				return nil, true, nil
			case entry.Name() == "lost+found": // of a file system of its own
			case len(foreign) < 3:
				foreign = append(foreign, entry.Name())
			}
		}
		if errors.Is(err, io.EOF) {
			return foreign, false, nil
		}
		if err != nil {
			return nil, false, fmt.Errorf("reading the data folder: %w", err)
		}
	}
}

// mark puts the marker into the folder. It is written by the account that the portal runs as, and so proves as well that
// this account reaches the folder and can write there.
func mark(dir string, owner *Account) error {
	path := filepath.Join(dir, marker)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	err := os.WriteFile(path, []byte(markerText), 0o600)
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("%s cannot write to the data folder %s (a folder on the way to it may be closed to others): set %s to another one",
			owner, dir, dataDirSetting)
	}
	if err != nil {
		return fmt.Errorf("writing to the data folder: %w", err)
	}
	return nil
}
