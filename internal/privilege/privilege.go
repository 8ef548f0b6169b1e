// Package privilege settles as whom the portal runs, and that its data folder is this account's alone. PostgreSQL refuses
// to be run by root; so a portal that root starts becomes another account, in its own process and for good, before it
// has opened, made or fetched anything.
package privilege

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// The accounts that a portal started by root becomes: the first that the machine has.
var accountNames = []string{"postgres", "nobody"}

// Account is an account of the operating system.
type Account struct {
	Name     string
	UID, GID int
}

func (a *Account) String() string { return a.Name }

// Unprivileged gives the account that stands in for root: postgres, or nobody where there is no postgres.
func Unprivileged() (*Account, error) {
	for _, name := range accountNames {
		found, err := user.Lookup(name)
		if _, unknown := errors.AsType[user.UnknownUserError](err); unknown {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("looking up the account %s: %w", name, err)
		}
		uid, err := strconv.Atoi(found.Uid)
		if err != nil {
			return nil, fmt.Errorf("the account %s has no numeric user id: %w", name, err)
		}
		gid, err := strconv.Atoi(found.Gid)
		if err != nil {
			return nil, fmt.Errorf("the account %s has no numeric group id: %w", name, err)
		}
		if uid != 0 {
			return &Account{Name: name, UID: uid, GID: gid}, nil
		}
	}
	return nil, errors.New("root cannot run PostgreSQL, and this machine has neither an account postgres nor nobody: run the portal as an ordinary user")
}

// Drop makes the data folder, with its parents, and gives up root's privileges for the rest of the process: root's
// portal gives the folder to the account of Unprivileged and becomes that account. Anybody else's stays who it is.
//
// The path must be absolute. A folder that exists is taken if it is empty, or if it is the portal's and belongs to the
// account already; every other one is left untouched, and the error says what to do. Call Drop first of all: what was
// opened before keeps root's reach.
func Drop(dataDir string) error {
	if !filepath.IsAbs(dataDir) {
		return fmt.Errorf("the data folder must be an absolute path, not %q", dataDir)
	}
	dataDir = filepath.Clean(dataDir)
	if os.Getuid() != os.Geteuid() {
		return errors.New("the portal must not be run set-uid")
	}
	account := current()
	if asRoot() {
		var err error
		if account, err = Unprivileged(); err != nil {
			return err
		}
	}
	if err := claim(dataDir, account); err != nil {
		return err
	}
	if asRoot() {
		if err := become(account, dataDir); err != nil {
			return err
		}
	}
	return mark(dataDir, account)
}

// become changes the ids of all threads of the process, and what the environment says of root's folders: nothing of the
// portal may look there afterwards.
func become(account *Account, home string) error {
	if err := syscall.Setgroups(nil); err != nil {
		return fmt.Errorf("giving up root's groups: %w", err)
	}
	if err := syscall.Setgid(account.GID); err != nil {
		return fmt.Errorf("becoming the group of %s: %w", account, err)
	}
	if err := syscall.Setuid(account.UID); err != nil {
		return fmt.Errorf("becoming %s: %w", account, err)
	}
	if syscall.Setuid(0) == nil {
		return fmt.Errorf("the process could become root again after becoming %s", account)
	}
	for name, value := range map[string]string{"HOME": home, "USER": account.Name, "LOGNAME": account.Name} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	for _, name := range []string{"XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"} {
		if err := os.Unsetenv(name); err != nil {
			return err
		}
	}
	return nil
}

func asRoot() bool { return os.Geteuid() == 0 }

// current gives the account that the process runs as, which need not have a name (in a container).
func current() *Account {
	return &Account{Name: nameOf(os.Geteuid()), UID: os.Geteuid(), GID: os.Getegid()}
}

func nameOf(uid int) string {
	if found, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return found.Username
	}
	return "user " + strconv.Itoa(uid)
}
