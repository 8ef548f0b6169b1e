package e2e

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"sync"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// Browser is a Chromium that runs without a window.
type Browser struct {
	ctx       context.Context
	stop      func()
	clipboard sync.Mutex // all visitors share the machine's
}

// idle is what the browser would do beside showing pages: it starts processes for its own menus with every visitor, and
// one more in case that somebody goes elsewhere.
const idle = "Translate,PreloadTopChromeWebUI,SpareRendererForSitePerProcess,OptimizationHints,MediaRouter,LensOverlay,GlobalMediaControls," +
	"InterestFeedContentSuggestions,AutofillServerCommunication,CertificateTransparencyComponentUpdater"

// StartBrowser starts Chromium, or says what is missing.
func StartBrowser(ctx context.Context) (*Browser, error) {
	path, err := findChromium()
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // it opens nothing but the portal, and refuses to have one as root
		chromedp.DisableGPU,
		chromedp.Flag("disable-features", idle),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-component-extensions-with-background-pages", true),
		chromedp.Flag("disable-field-trial-config", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("hide-scrollbars", true), // pictures and widths are the same on every machine
		chromedp.Flag("lang", "en-US"),         // the portal must not care
	)
	ctx, stopAllocator := chromedp.NewExecAllocator(ctx, options...)
	ctx, stopBrowser := chromedp.NewContext(ctx)
	b := &Browser{ctx: ctx, stop: func() { stopBrowser(); stopAllocator() }}
	if err := chromedp.Do(ctx); err != nil {
		b.stop()
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return b, nil
}

// Stop ends the browser.
func (b *Browser) Stop() { b.stop() }

func findChromium() (string, error) {
	// The first is the same browser without the menus and windows that nobody sees here: it takes half the work.
	names := []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}
	if runtime.GOOS == "darwin" {
		names = append(names, "/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("the browser tests need Chromium: install the package chromium-headless-shell or chromium, or Google Chrome")
}

// permit grants or denies a permission of the web to a portal, for one visitor.
func (b *Browser) permit(ctx context.Context, visitor cdp.BrowserContextID, origin, permission string, setting browser.PermissionSetting) error {
	_, err := chromedp.CallBrowser(ctx, browser.SetPermission, browser.SetPermissionParams{BrowserContextID: visitor, Origin: origin,
		Permission: &browser.PermissionDescriptor{Name: permission}, Setting: setting})
	return err
}
