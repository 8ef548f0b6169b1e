// Package audit writes down every privileged change, in the transaction that makes it: no event, no change.
//
// An event holds no personal value. What is personal (addresses, names, before and after) lies beside it, by the person
// whose it is, so that erasing a person leaves the events. Both tables are partitioned by month.
package audit

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// The kinds of actor that an event can name.
const (
	Person      = "person"
	Key         = "key"
	Application = "application" // an application account
	Operator    = "operator"    // the command line, or a file that it applies
	Nobody      = "nobody"      // somebody who is not logged in
)

// Who is the one that acts, and from where.
type Who struct {
	Kind         string    // one of the kinds above
	ID           uuid.UUID // a user's, a key's or an application account's id; nil for operator and nobody
	Organization uuid.UUID // nil for what belongs to no organisation, as a log-in
	RequestID    string
	Address      string // the client's IP address; personal
}

// Personal is what an event says of one person.
type Personal struct {
	User   uuid.UUID // nil for what belongs to no account
	Values map[string]any
}

// Event is what happened.
type Event struct {
	Action   string    // "api_key.revoked": the kind of thing, a dot, what was done to it
	Object   uuid.UUID // the thing
	Fields   []string  // which of its fields changed
	Personal []Personal
}

// One statement, so that an event costs one round trip, and can ride in a batch. It returns nothing: who writes an event
// need not be allowed to read it.
const insert = `
	with event as (
		insert into audit_events (id, occurred_at, organization_id, actor_kind, actor_id, action, object_kind, object_id, fields, request_id)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10))
	insert into audit_personal_values (event_id, occurred_at, organization_id, user_id, personal_values)
	select $1, $2, $3, nullif(p.user_id, '00000000-0000-0000-0000-000000000000'), p.values
	from unnest($11::uuid[], $12::jsonb[]) as p (user_id, values)`

// Record writes an event in the transaction of the change that it tells of.
func Record(ctx context.Context, tx pgx.Tx, at time.Time, who Who, event Event) error {
	arguments, err := event.arguments(at, who)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, insert, arguments...)
	return err
}

// Queue adds an event to a batch that is sent in the transaction of the change that it tells of.
func Queue(batch *pgx.Batch, at time.Time, who Who, event Event) error {
	arguments, err := event.arguments(at, who)
	if err != nil {
		return err
	}
	batch.Queue(insert, arguments...)
	return nil
}

// insertMany is insert for many events at once.
const insertMany = `
	with events as (
		insert into audit_events (id, occurred_at, organization_id, actor_kind, actor_id, action, object_kind, object_id, fields, request_id)
		select e.id, $1, $2, $3, $4, e.action, split_part(e.action, '.', 1), e.object, e.fields, $5
		from jsonb_to_recordset($6) as e (id uuid, action text, object uuid, fields text[]))
	insert into audit_personal_values (event_id, occurred_at, organization_id, user_id, personal_values)
	select p.event, $1, $2, p."user", p.values from jsonb_to_recordset($7) as p (event uuid, "user" uuid, values jsonb)`

type writtenEvent struct {
	ID     uuid.UUID  `json:"id"`
	Action string     `json:"action"`
	Object *uuid.UUID `json:"object"`
	Fields []string   `json:"fields"`
}

type writtenPersonal struct {
	Event  uuid.UUID      `json:"event"`
	User   *uuid.UUID     `json:"user"`
	Values map[string]any `json:"values"`
}

// atOnce is how many events a statement writes.
const atOnce = 1000

// QueueAll is Queue for what happens to many at once: thousands of events take few statements.
func QueueAll(batch *pgx.Batch, at time.Time, who Who, events []Event) error {
	for some := range slices.Chunk(events, atOnce) {
		written := make([]writtenEvent, 0, len(some))
		personal := []writtenPersonal{}
		for _, event := range some {
			id, err := uuid.NewV7()
			if err != nil {
				return err
			}
			written = append(written, writtenEvent{ID: id, Action: event.Action, Object: orNull(event.Object), Fields: event.fields()})
			for _, p := range event.personalOf(who) {
				personal = append(personal, writtenPersonal{Event: id, User: orNull(p.User), Values: p.Values})
			}
		}
		batch.Queue(insertMany, at, orNull(who.Organization), who.Kind, orNull(who.ID), who.RequestID, written, personal)
	}
	return nil
}

// personalOf gives what an event says of people, where it came from included.
func (e Event) personalOf(who Who) []Personal {
	if who.Address == "" {
		return e.Personal
	}
	return append([]Personal{{User: who.person(), Values: map[string]any{"address": who.Address}}}, e.Personal...)
}

func (e Event) fields() []string {
	if e.Fields == nil {
		return []string{}
	}
	return e.Fields
}

func (e Event) arguments(at time.Time, who Who) ([]any, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	personal := e.personalOf(who)
	people, values := make([]uuid.UUID, len(personal)), make([]map[string]any, len(personal))
	for i, p := range personal {
		people[i], values[i] = p.User, p.Values
	}
	kind, _, _ := strings.Cut(e.Action, ".")
	return []any{id, at, orNull(who.Organization), who.Kind, orNull(who.ID), e.Action, kind, orNull(e.Object), e.fields(), who.RequestID,
		people, values}, nil
}

func (w Who) person() uuid.UUID {
	if w.Kind == Person {
		return w.ID
	}
	return uuid.Nil
}

func orNull(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}
