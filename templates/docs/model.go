// Package docs draws the API's documentation: how to begin, samples, and the reference.
package docs

import (
	"omapostipro/internal/apidoc"
	"omapostipro/templates/layout"
)

// Page is the documentation inside the frame of its reader.
type Page struct {
	layout.Base
	Contents string // as Contents draws it in the reader's language, once for all readers
}

// Contents is what the documentation says, to everybody alike.
type Contents struct {
	Address     string // the portal's, without a slash at its end
	Reference   apidoc.Reference
	Refusals    apidoc.Refusals
	Language    apidoc.Language // of the samples that are shown first
	Demo        *Demo           // nil in production
	PerAddress  Rate
	PerCaller   Rate
	ClosedPoint string // the code of the pickup point that is closed
}

// Demo is what scripts call the demo's API with.
type Demo struct {
	Organization, Contract, ClientID, ClientSecret, APIKey string
	Examples                                               []Example
}

// Example is a tracking number that is always in the same status.
type Example struct {
	Number, Status string
}

// Rate is how often the API may be called; the zero value is as often as one likes.
type Rate struct {
	PerSecond, Burst int
}
