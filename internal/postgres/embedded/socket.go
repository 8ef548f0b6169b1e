package embedded

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

const (
	socketPort = "5432" // a part of the socket's name; no port is listened on
	socketName = ".s.PGSQL." + socketPort

	// The path of a Unix socket has to fit into 104 bytes on some systems, 108 on others.
	maxSocketPath = 99
)

// makeSocketDir makes a folder for the socket that only the server's account can enter: in the data folder, or, where that
// makes the path too long for a socket, a short one among the temporary folders, always the same for a data folder.
func makeSocketDir(config Config) (string, error) {
	digest := sha256.Sum256([]byte(config.DataDir))
	short := fmt.Sprintf("omaposti-pro-%x", digest[:6])
	candidates := []string{
		filepath.Join(config.DataDir, "run"),
		filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), short), //nolint:forbidigo // no setting of the portal, and gone after root's privileges are
		filepath.Join(os.TempDir(), short),
		filepath.Join("/tmp", short),
	}
	err := fmt.Errorf("the path is too long for a Unix socket")
	for _, dir := range candidates {
		if !filepath.IsAbs(dir) || len(filepath.Join(dir, socketName)) > maxSocketPath {
			continue
		}
		if err = makePrivateDir(dir, config.Credential); err == nil {
			return dir, nil
		}
	}
	return "", fmt.Errorf("no folder for PostgreSQL's socket can be had beside %s: %w", config.DataDir, err)
}

// clearSocketDir takes away the socket of a server that was killed, once that has ended, and its lock: the process named
// there may be another one by now. Somebody may have cleaned up the temporary folders, too, since the folder was made.
func clearSocketDir(dir string, credential *syscall.Credential) error {
	if err := makePrivateDir(dir, credential); err != nil {
		return err
	}
	for _, name := range []string{socketName, socketName + ".lock"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("clearing PostgreSQL's socket: %w", err)
		}
	}
	return nil
}

// makePrivateDir makes a folder of mode 0700, or takes one that is there if nobody else can have put anything in it.
func makePrivateDir(dir string, credential *syscall.Credential) error {
	uid, gid := os.Geteuid(), os.Getegid()
	if credential != nil {
		uid, gid = int(credential.Uid), int(credential.Gid)
	}
	if err := os.Mkdir(dir, 0o700); err == nil && uid != os.Geteuid() {
		if err := os.Lchown(dir, uid, gid); err != nil {
			return err
		}
	} else if err != nil && !os.IsExist(err) {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() || info.Mode().Perm() != 0o700 || int(info.Sys().(*syscall.Stat_t).Uid) != uid {
		return fmt.Errorf("%s is not a folder that is closed to other accounts", dir)
	}
	return nil
}
