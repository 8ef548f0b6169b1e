// Package events draws Händelselogg: what happened in an organization, who did it and when.
package events

import (
	"time"

	"omapostipro/internal/audit"
	"omapostipro/internal/eventlog"
	"omapostipro/templates/layout"
)

// Page is the log with its filters.
type Page struct {
	layout.Base
	Filter  Filter
	Events  []Event
	MoreURL string // the older ones; empty when there are none
	// The exports, and the log with log-ins and accounts where it leaves them out.
	CSVURL, JSONURL, EverythingURL string
	ShowAll                        string // the log without filters
	// Times and days are those of a time zone, as Europe/Helsinki.
	Zone      string
	Elsewhere bool // it is the reader's, and not Finland's
}

// Filter is what was asked for, as it was typed.
type Filter struct {
	Person    string // what was typed; the name of whom was found
	PersonID  string // whom the log is about; empty for everybody
	Kind      string
	From, To  string // days as 2024-07-22, or empty
	BadFrom   bool   // not a day
	BadTo     bool
	BadRange  bool     // ends before it begins
	Choices   []Choice // whom what was typed may mean
	KindCodes []string // the kinds that can be asked for
}

// Seeks says whether it is about somebody who is not found yet.
func (f Filter) Seeks() bool { return f.Person != "" && f.PersonID == "" }

// LeavesOut says whether the log is without log-ins and what people do to their accounts.
func (f Filter) LeavesOut() bool { return f.Kind == "" && f.PersonID == "" }

// Set says whether anything is filtered.
func (f Filter) Set() bool { return f.Person != "" || f.narrows() }

// narrows says whether what is folded away keeps anything out.
func (f Filter) narrows() bool {
	return f.Kind != "" && f.Kind != eventlog.Everything || f.From != "" || f.To != ""
}

// Choice is a person whom the search may have meant.
type Choice struct {
	Name, Email, URL string
}

// Event is one row.
type Event struct {
	ID          string
	Action      string // as api_key.revoked
	Kind        string // of object
	Actor       string // empty for what is not known any more
	ActorEmail  string
	ActorKind   string
	ActorURL    string // the actor's page; empty without one
	Object      string
	ObjectEmail string
	ObjectURL   string
	Own         bool // the actor did it to themselves
	At          time.Time
	Address     string
	RequestID   string
	Changes     []Change
	Fields      []string // what changed where nobody else sees how
}

// byThemselves says whether the actor did it to themselves, as log-ins are; one name is enough then.
func (e Event) byThemselves() bool {
	return e.ActorKind == audit.Person && (e.Own || e.Object == e.Actor && (e.Kind == "session" || e.Kind == "user"))
}

// Change is a field before and after, in words.
type Change struct {
	Field         string
	Before, After []string
}
