// Package eventlog reads what internal/audit has written down: for main users, of their own organisation, newest first.
package eventlog

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"
)

// PageSize is how many events a page shows.
const PageSize = 20

// Event is something that happened.
type Event struct {
	ID          uuid.UUID
	OccurredAt  time.Time
	ActorKind   string // audit.Person, …
	ActorID     *uuid.UUID
	ActorName   string // as it is called now, or was when the person left; empty when it is erased, or nothing of the organisation's
	ActorEmail  string // a person's, likewise
	Action      string // as api_key.revoked
	ObjectKind  string
	ObjectID    *uuid.UUID
	ObjectName  string
	ObjectEmail string
	ObjectHere  bool       // it can still be opened
	Payer       *uuid.UUID // a pickup's contract number
	Fields      []string
	RequestID   string
	Values      []Values // what is personal of it; none once that is erased
}

// Values are what an event says of one person.
type Values map[string]any

// Address gives the IP address that the actor came from, or "".
func (e Event) Address() string {
	for _, values := range e.Values {
		if address, ok := values["address"].(string); ok {
			return address
		}
	}
	return ""
}

// ObjectErased says whether the event is about a person of whom no name is known any more.
func (e Event) ObjectErased() bool {
	return e.ObjectName == "" && e.ObjectID != nil && slices.Contains([]string{"membership", "user", "invitation"}, e.ObjectKind)
}

// Own says whether the actor did it to themselves.
func (e Event) Own() bool {
	return e.ActorID != nil && e.ObjectID != nil && *e.ActorID == *e.ObjectID
}

// Change is a field before and after; one of both may be missing, as of what was added or removed.
type Change struct {
	Field         string
	Before, After []string
}

// Changes gives what the event says of fields, in a fixed order.
func (e Event) Changes() []Change {
	var changes []Change
	add := func(field string, before, after any) {
		b, a := texts(before), texts(after)
		if len(b)+len(a) > 0 && !slices.Equal(b, a) {
			changes = append(changes, Change{Field: field, Before: b, After: a})
		}
	}
	for _, values := range e.Values {
		before, _ := values["before"].(map[string]any)
		after, _ := values["after"].(map[string]any)
		for _, field := range keys(before, after) {
			add(field, before[field], after[field])
		}
		if values["added"] != nil || values["removed"] != nil {
			field := "numbers"
			if len(e.Fields) == 1 {
				field = e.Fields[0]
			}
			add(field, values["removed"], values["added"])
		}
		for _, field := range keys(values) {
			switch field {
			case "address", "before", "after", "added", "removed":
			case "as": // what an invitation or a new membership gives
				given, _ := values[field].(map[string]any)
				for _, inner := range keys(given) {
					add(inner, nil, given[inner])
				}
			default:
				add(field, nil, values[field])
			}
		}
	}
	return changes
}

// keys gives the names in maps, sorted, once each.
func keys(maps ...map[string]any) []string {
	var names []string
	for _, m := range maps {
		for name := range m {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// texts writes out a value of JSON: a list item by item.
func texts(value any) []string {
	switch value := value.(type) {
	case nil:
		return nil
	case string:
		if value == "" {
			return nil
		}
		return []string{value}
	case []any:
		list := []string{}
		for _, item := range value {
			list = append(list, texts(item)...)
		}
		return list
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil // what came from JSON can be written as JSON
	}
	return []string{string(text)}
}

// Filter says which events are wanted; its zero value is all.
type Filter struct {
	About    uuid.UUID // a person or a key: what they did, and what was done to them
	Kind     string    // one of Kinds, Everything, or "": what belongs to the organisation, or all that is About somebody
	From, To time.Time // the first moment that is wanted, and the first that is not any more; zero for no limit
}

// Everything is the kind of a filter that lets through what people do to their accounts, and their log-ins, too. They are
// many, and between them the rest is hard to find.
const Everything = "everything"

// Kinds are the kinds of object that events can be asked for by, in the order in which they are offered.
func Kinds() []string {
	return []string{"membership", "invitation", "user", "session", "api_key", "application_account", "delivery_order", "pickup", "contract_number",
		"organization", "company_account"}
}

// Cursor is the last event that a page shows; the next page begins after it.
type Cursor struct {
	At time.Time
	ID uuid.UUID
}

// Page is a page of events.
type Page struct {
	Events []Event
	Next   Cursor // zero after the last
}

// Choice is a person whom a search may have meant.
type Choice struct {
	ID    uuid.UUID
	Name  string
	Email string
}
