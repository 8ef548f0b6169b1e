package web

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/eventlog"
	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
	"omapostipro/templates/events"
	"omapostipro/templates/paths"
)

// showEvents shows Händelselogg: a page of the events that the filter lets through.
func (s *Server) showEvents(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.there = paths.Events
	here := paths.Events(v.organization())
	filter, asked := readFilter(r.URL.Query(), v.zone)
	cursor, err := parseEventCursor(r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	if asked.Seeks() {
		return s.seekPerson(w, r, v, asked)
	}
	p := i18n.From(r.Context())
	listed, about, err := s.Events.List(r.Context(), v.actor, filter, cursor)
	if err != nil {
		return err
	}
	if filter.About != uuid.Nil {
		asked.Person = about
		if about == "" && len(listed.Events) > 0 {
			asked.Person = erased(p, filter.About)
		}
	}
	query := filterQuery(filter, asked)
	page := s.eventsPage(v, asked)
	page.CSVURL, page.JSONURL = withQuery(paths.EventsCSV(v.organization()), query), withQuery(paths.EventsJSON(v.organization()), query)
	for _, event := range listed.Events {
		page.Events = append(page.Events, eventOf(p, event, v.organization()))
	}
	if listed.Next != (eventlog.Cursor{}) {
		query.Set("after", eventCursor(listed.Next))
		page.MoreURL = withQuery(here, query)
	}
	if asked.LeavesOut() {
		query.Del("after")
		query.Set("kind", eventlog.Everything)
		page.EverythingURL = withQuery(here, query)
	}
	return render(w, r, http.StatusOK, page.View())
}

func (s *Server) eventsPage(v *visit, asked events.Filter) events.Page {
	return events.Page{Base: v.base(), Filter: asked, ShowAll: paths.Events(v.organization()), Zone: v.zone.String(),
		Elsewhere: v.zone.String() != account.Zone().String()}
}

// seekPerson answers whom the log is to be about, by name or address: with their events, if it can be only one person's.
func (s *Server) seekPerson(w http.ResponseWriter, r *http.Request, v *visit, asked events.Filter) error {
	choices, err := s.Events.FindPeople(r.Context(), v.actor, asked.Person)
	if err != nil {
		return err
	}
	here := paths.Events(v.organization())
	if len(choices) == 1 {
		return seeOther(w, r, aboutURL(here, r.URL.Query(), choices[0].ID))
	}
	for _, choice := range choices {
		asked.Choices = append(asked.Choices, events.Choice{Name: choice.Name, Email: choice.Email, URL: aboutURL(here, r.URL.Query(), choice.ID)})
	}
	return render(w, r, http.StatusOK, s.eventsPage(v, asked).View())
}

// readFilter reads what is asked for. A day that is none does not filter; the page says so at its field. Days are those of
// a time zone.
func readFilter(values url.Values, zone *time.Location) (eventlog.Filter, events.Filter) {
	var filter eventlog.Filter
	asked := events.Filter{Person: searchQuery(url.Values{"q": values["person"]}), KindCodes: eventlog.Kinds()}
	if about, err := uuid.Parse(values.Get("about")); err == nil && (!values.Has("person") || values.Get("person") == values.Get("named")) {
		filter.About, asked.PersonID = about, about.String()
	}
	if kind := values.Get("kind"); slices.Contains(eventlog.Kinds(), kind) || kind == eventlog.Everything && filter.About == uuid.Nil {
		filter.Kind, asked.Kind = kind, kind
	}
	if asked.From = values.Get("from"); asked.From != "" {
		filter.From, asked.BadFrom = dayOf(asked.From, zone)
	}
	if asked.To = values.Get("to"); asked.To != "" {
		filter.To, asked.BadTo = dayOf(asked.To, zone)
		if !asked.BadTo {
			filter.To = filter.To.AddDate(0, 0, 1)
		}
	}
	asked.BadRange = !filter.From.IsZero() && !filter.To.IsZero() && !filter.From.Before(filter.To)
	return filter, asked
}

func dayOf(text string, zone *time.Location) (day time.Time, bad bool) {
	day, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil || day.Year() < 2000 || day.Year() > 2999 {
		return time.Time{}, true
	}
	return day, false
}

// filterQuery gives the query that asks for the same events again.
func filterQuery(filter eventlog.Filter, asked events.Filter) url.Values {
	query := url.Values{}
	for name, value := range map[string]string{"about": asked.PersonID, "kind": filter.Kind} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if !filter.From.IsZero() {
		query.Set("from", asked.From)
	}
	if !filter.To.IsZero() {
		query.Set("to", asked.To)
	}
	return query
}

func aboutURL(here string, query url.Values, person uuid.UUID) string {
	about := url.Values{"about": {person.String()}}
	for _, kept := range []string{"kind", "from", "to"} {
		if query.Get(kept) != "" {
			about.Set(kept, query.Get(kept))
		}
	}
	return withQuery(here, about)
}

func withQuery(path string, query url.Values) string {
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

func eventOf(p *i18n.Printer, e eventlog.Event, organization string) events.Event {
	shown := events.Event{ID: e.ID.String(), Action: e.Action, Kind: e.ObjectKind, Actor: actorName(p, e), ActorEmail: e.ActorEmail, ActorKind: e.ActorKind,
		Object: objectName(p, e), ObjectEmail: e.ObjectEmail, Own: e.Own(), At: e.OccurredAt, Address: e.Address(), RequestID: e.RequestID}
	for _, change := range e.Changes() {
		shown.Changes = append(shown.Changes, events.Change(change))
	}
	if len(shown.Changes) == 0 {
		shown.Fields = e.Fields
	}
	if e.ActorID != nil {
		switch e.ActorKind {
		case audit.Key:
			shown.ActorURL = paths.Key(organization, e.ActorID.String())
		case audit.Application:
			shown.ActorURL = paths.Application(organization, e.ActorID.String())
		case audit.Person:
			shown.ActorURL = paths.EventsAbout(organization, e.ActorID.String())
		}
	}
	if page := objectPages[e.ObjectKind]; e.ObjectHere && e.ObjectID != nil && page != nil {
		shown.ObjectURL = page(organization, e.ObjectID.String())
	}
	return shown
}

func actorName(p *i18n.Printer, e eventlog.Event) string {
	if e.ActorKind == audit.Person && e.ActorID != nil {
		return nameOf(p, *e.ActorID, e.ActorName)
	}
	return e.ActorName
}

func objectName(p *i18n.Printer, e eventlog.Event) string {
	switch {
	case e.ObjectErased() && e.ObjectKind == "invitation": // its id is not the person's
		return p.T("events.erased")
	case e.ObjectErased():
		return erased(p, *e.ObjectID)
	}
	return e.ObjectName
}

// nameOf gives a person's name, or what they are called whose name is erased.
func nameOf(p *i18n.Printer, id uuid.UUID, name string) string {
	if name == "" {
		return erased(p, id)
	}
	return name
}

// erased names somebody whose name is erased, so that two can be told apart.
func erased(p *i18n.Printer, id uuid.UUID) string {
	text := id.String()
	return p.T("events.erased_one", "mark", text[len(text)-6:])
}

// objectPages are where what events are about can be opened.
var objectPages = map[string]func(organization, id string) string{
	"membership":          paths.User,
	"invitation":          paths.PendingInvitation,
	"api_key":             paths.Key,
	"application_account": paths.Application,
	"pickup":              paths.Pickup,
	"user":                paths.User,
	"contract_number":     paths.OrganizationNumber,
	"organization":        func(organization, _ string) string { return paths.Organization(organization) },
	"company_account":     func(organization, _ string) string { return paths.CompanyHistory(organization) },
}

func eventCursor(c eventlog.Cursor) string {
	return base64.RawURLEncoding.EncodeToString([]byte(c.At.UTC().Format(time.RFC3339Nano) + " " + c.ID.String()))
}

func parseEventCursor(text string) (eventlog.Cursor, error) {
	if text == "" {
		return eventlog.Cursor{}, nil
	}
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	at, id, _ := strings.Cut(string(decoded), " ")
	var c eventlog.Cursor
	if err == nil {
		c.At, err = time.Parse(time.RFC3339Nano, at)
	}
	if err == nil {
		c.ID, err = uuid.Parse(id)
	}
	if err != nil {
		return eventlog.Cursor{}, fault.New(fault.NotFound, "errors.not_found_text").Because(err)
	}
	return c, nil
}

// exportEvents gives the events that the filter lets through as a CSV file.
func (s *Server) exportEvents(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, zone := i18n.From(r.Context()), v.zone
	filter, asked := readFilter(r.URL.Query(), zone)
	if asked.Seeks() {
		return s.leadToEvents(w, r, v)
	}
	head := []string{p.T("events.at") + " (" + zone.String() + ")", p.T("events.who"), p.T("events.who_email"), p.T("events.who_id"), p.T("events.what"),
		p.T("events.action"), p.T("events.object"), p.T("events.object_email"), p.T("events.object_id"), p.T("events.changes"), p.T("events.from_where"),
		p.T("events.request"), p.T("events.id")}
	return s.sendCSV(w, v, p.T("events.file_name"), head, func(write func(row []string) error) error {
		more, err := s.Events.Export(r.Context(), v.actor, filter, func(e eventlog.Event) error {
			shown := eventOf(p, e, v.organization())
			changes := events.FieldLabels(p, shown.Fields)
			for _, change := range shown.Changes {
				changes = append(changes, changeText(p, change))
			}
			return write([]string{e.OccurredAt.In(zone).Format(time.RFC3339), events.ActorLabel(p, e.ActorKind, shown.Actor), e.ActorEmail, textOf(e.ActorID),
				events.ActionLabel(p, e.Action, shown.Own), e.Action, shown.Object, e.ObjectEmail, textOf(e.ObjectID), strings.Join(changes, "; "), e.Address(),
				e.RequestID, e.ID.String()})
		})
		if err == nil && more {
			last := make([]string, len(head))
			last[0] = p.T("events.export_cut", "maximum", s.Events.MaxExport)
			err = write(last)
		}
		return err
	})
}

// leadToEvents answers an export about somebody who is not found yet with the page that finds them.
func (s *Server) leadToEvents(w http.ResponseWriter, r *http.Request, v *visit) error {
	return seeOther(w, r, withQuery(paths.Events(v.organization()), r.URL.Query()))
}

func changeText(p *i18n.Printer, change events.Change) string {
	words := func(values []string) string {
		var list []string
		for _, value := range values {
			list = append(list, events.ValueLabel(p, change.Field, value))
		}
		return strings.Join(list, ", ")
	}
	return events.FieldLabel(p, change.Field) + ": " + words(change.Before) + " → " + words(change.After)
}

// jsonEvent is a line of the export for programs: codes, not words.
type jsonEvent struct {
	ID        uuid.UUID         `json:"id"`
	At        time.Time         `json:"at"`
	Actor     jsonParty         `json:"actor"`
	Action    string            `json:"action"`
	Object    jsonParty         `json:"object"`
	Fields    []string          `json:"fields"`
	Values    []eventlog.Values `json:"values"`
	RequestID string            `json:"requestId,omitempty"`
}

type jsonParty struct {
	Kind string     `json:"kind"`
	ID   *uuid.UUID `json:"id,omitempty"`
	Name string     `json:"name,omitempty"`
	// Of a person, as it is now, or was when they left.
	Email string `json:"email,omitempty"`
}

func textOf(id *uuid.UUID) string {
	if id == nil {
		return ""
	}
	return id.String()
}

// exportEventLines gives them as JSON, an event a line.
func (s *Server) exportEventLines(w http.ResponseWriter, r *http.Request, v *visit) error {
	filter, asked := readFilter(r.URL.Query(), v.zone)
	if asked.Seeks() {
		return s.leadToEvents(w, r, v)
	}
	lines := json.NewEncoder(w)
	nothing := func() error { return nil }
	return s.sendFile(w, v, "application/jsonl", i18n.From(r.Context()).T("events.file_name")+".jsonl", nothing, func(begun func() error) error {
		more, err := s.Events.Export(r.Context(), v.actor, filter, func(e eventlog.Event) error {
			return errors.Join(begun(), lines.Encode(jsonEvent{ID: e.ID, At: e.OccurredAt.UTC(), Actor: jsonParty{e.ActorKind, e.ActorID, e.ActorName, e.ActorEmail},
				Action: e.Action, Object: jsonParty{e.ObjectKind, e.ObjectID, e.ObjectName, e.ObjectEmail}, Fields: e.Fields, Values: e.Values, RequestID: e.RequestID}))
		})
		if err == nil && more {
			err = lines.Encode(map[string]any{"truncated": true, "maximum": s.Events.MaxExport})
		}
		return err
	})
}
