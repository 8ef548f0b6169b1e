// Command screenshots takes pictures of the portal, in Chromium, with the demo data.
//
//	screenshots          the README's picture, .github/portal.png
//	screenshots FOLDER   every page in every state, wide and narrow, light and dark, in Swedish and in Finnish
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"

	"omapostipro/internal/e2e"
	"omapostipro/internal/i18n"
)

const (
	readmePicture = ".github/portal.png"
	usual         = "127.0.0.1:8080" // what readers have: the address is in the picture
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "screenshots:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 1 {
		return fmt.Errorf("one folder at most, not %q", args)
	}
	browser, err := e2e.StartBrowser(ctx)
	if err != nil {
		return err
	}
	defer browser.Stop()
	portals, err := e2e.NewPortals(ctx)
	if err != nil {
		return err
	}
	defer portals.Remove()
	if len(args) == 0 {
		return take(ctx, func(tb e2e.TB) { readme(tb, browser, portals.Start(tb, "PORTAL_LISTEN="+usual)) })
	}
	for _, language := range []i18n.Lang{"sv", "fi"} {
		err := take(ctx, func(tb e2e.TB) {
			everything(tb, browser, portals.Start(tb), language, filepath.Join(args[0], string(language)))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// readme takes the picture of the API's page with some keys.
func readme(tb e2e.TB, browser *e2e.Browser, portal *e2e.Portal) {
	tab := e2e.Story(tb, browser, portal)
	save(tb, readmePicture, tab.Picture())
}

// everything takes a picture of each scene on each kind of screen.
func everything(tb e2e.TB, browser *e2e.Browser, portal *e2e.Portal, language i18n.Lang, folder string) {
	screens := []struct {
		name string
		look e2e.Look
	}{
		{"wide-light", e2e.Look{}},
		{"wide-dark", e2e.Look{Dark: true}},
		{"narrow-light", e2e.Narrow},
		{"narrow-dark", e2e.Look{Width: e2e.Narrow.Width, Height: e2e.Narrow.Height, Dark: true}},
	}
	count := 0
	e2e.Walk(tb, browser, portal, language, func(tab *e2e.Tab, scene e2e.Scene) {
		count++
		for _, screen := range screens {
			if scene.Narrow && screen.look.Width != e2e.Narrow.Width {
				continue
			}
			tab.Show(screen.look)
			save(tb, filepath.Join(folder, screen.name, fmt.Sprintf("%02d-%s.png", count, scene.Name)), tab.WholePicture())
		}
		tab.Show(e2e.Look{})
	})
}

func save(tb e2e.TB, path string, picture []byte) {
	err := os.MkdirAll(filepath.Dir(path), 0o755) //nolint:gosec // pictures are for everybody
	if err == nil {
		err = os.WriteFile(path, picture, 0o644) //nolint:gosec // the same
	}
	if err != nil {
		tb.Fatalf("%v", err)
	}
}

// taker is what stands for a test here: it ends with its first failure.
type taker struct {
	ctx      context.Context
	cleanups []func()
	err      error
}

func take(ctx context.Context, pictures func(e2e.TB)) error {
	ctx, cancel := context.WithCancel(ctx)
	t := &taker{ctx: ctx}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			cancel()
			for _, cleanup := range slices.Backward(t.cleanups) {
				cleanup()
			}
		}()
		pictures(t)
	}()
	<-done
	return t.err
}

func (t *taker) Helper()                  {}
func (t *taker) Context() context.Context { return t.ctx }
func (t *taker) Cleanup(f func())         { t.cleanups = append(t.cleanups, f) }
func (t *taker) Failed() bool             { return t.err != nil }

func (t *taker) Logf(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

func (t *taker) Errorf(format string, args ...any) {
	if t.err == nil {
		t.err = fmt.Errorf(format, args...)
	}
}

// Fatalf leaves the goroutine of take; what is to be cleaned up is cleaned up.
func (t *taker) Fatalf(format string, args ...any) {
	t.Errorf(format, args...)
	runtime.Goexit()
}
