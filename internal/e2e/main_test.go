package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
)

// What all tests use.
var (
	portals *Portals
	chrome  *Browser

	shared struct {
		once   sync.Once
		portal *Portal
		err    error
	}
)

func TestMain(m *testing.M) {
	code, err := runAll(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// atOnce is how many tests run side by side: more than there are cores, for they mostly wait for an answer of the browser.
const atOnce = 6

func runAll(m *testing.M) (code int, err error) {
	if err := parallel(); err != nil {
		return 0, err
	}
	if err := dependOnSources(); err != nil {
		return 0, err
	}
	ctx := context.Background()
	if chrome, err = StartBrowser(ctx); err != nil {
		return 0, err
	}
	defer chrome.Stop()
	if portals, err = NewPortals(ctx); err != nil {
		return 0, err
	}
	defer portals.Remove()
	defer func() { err = errors.Join(err, stopShared()) }()
	return m.Run(), nil
}

// parallel lets atOnce tests run side by side, unless somebody wants fewer or more.
func parallel() error {
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if chosen {
		return nil
	}
	return flag.Set("test.parallel", strconv.Itoa(atOnce))
}

// sharedPortal gives a portal for tests that do not mind what others do there: they make keys, and change nobody's rights.
func sharedPortal(t *testing.T) *Portal {
	t.Helper()
	shared.once.Do(func() { shared.portal, shared.err = portals.StartFresh(context.Background()) })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.portal
}

func stopShared() error {
	if shared.portal == nil {
		return nil
	}
	return shared.portal.Stop()
}

// dependOnSources looks at all that the binary is made of. The go command does not see that these tests build it, and
// would give the result of an older one; what a test looks at, it sees.
func dependOnSources() error {
	for _, folder := range []string{"cmd", "internal", "migrations", "static", "templates", "web"} {
		err := filepath.WalkDir(filepath.Join("..", "..", folder), func(_ string, _ fs.DirEntry, err error) error { return err })
		if err != nil {
			return err
		}
	}
	return nil
}
