// Package e2e uses the portal as people do: the binary that they start, in a real browser, found by what stands on the
// page.
//
// Portals starts portals, each on a data folder of its own with fresh demo data. Browser is one Chromium for all; each
// Tab that it opens for a visitor has cookies of its own. What is on a page is found by ARIA role and accessible name
// (Tab.At), as somebody with a screen reader finds it, and is waited for: nothing here waits for a time. Walk goes
// through every page and state, for the tests that look at all of them and for the command that takes pictures.
package e2e

import "context"

// TB is whoever uses the portal: a test, or the command that takes pictures. Fatalf does not return.
type TB interface {
	Helper()
	Context() context.Context
	Cleanup(func())
	Failed() bool
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}
