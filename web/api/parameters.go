package api

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"omapostipro/internal/shipment"
	"omapostipro/internal/workday"
)

// parameter is one in the path or query: a text, a whole number, a time or an id.
type parameter struct {
	name   string
	in     string // path or query
	about  string
	field  []int
	schema *huma.Schema
}

const (
	codeUnknownParameter shipment.Code = "UNKNOWN_PARAMETER"
	codeRepeated         shipment.Code = "REPEATED_PARAMETER"
)

// parametersOf gives the parameters that a struct's tags name.
func parametersOf(in reflect.Type, schemas huma.Registry) (parameters []parameter) {
	for _, field := range reflect.VisibleFields(in) {
		for _, place := range []string{"path", "query"} {
			if name := field.Tag.Get(place); name != "" {
				p := parameter{name: name, in: place, about: field.Tag.Get("doc"), field: field.Index, schema: huma.SchemaFromField(schemas, field, "")}
				p.schema.Description = "" // the parameter has it
				if limiter, ok := reflect.TypeAssert[interface{ limits(parameter) }](reflect.Zero(in)); ok {
					limiter.limits(p)
				}
				parameters = append(parameters, p)
			}
		}
	}
	return parameters
}

// readParameters reads them all. An id in the path that is none is of nothing; what is wrong in the query is told together,
// and so is what nobody knows: a filter that is misspelled must not give everything.
func readParameters(r *http.Request, parameters []parameter, into reflect.Value) error {
	var query url.Values
	if r.URL.RawQuery != "" {
		query = r.URL.Query()
	}
	problems := new(reading)
	for _, p := range parameters {
		if p.in == "path" {
			if !p.read(new(reading), chi.URLParam(r, p.name), into.FieldByIndex(p.field)) {
				return errNothingHere
			}
			continue
		}
		values := query[p.name]
		delete(query, p.name)
		switch {
		case len(values) > 1:
			problems.fail(codeRepeated, p.name, "%s is given more than once", p.name)
		case len(values) == 1 && values[0] != "":
			p.read(problems, values[0], into.FieldByIndex(p.field))
		}
	}
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range query {
			if !yield(name) {
				return
			}
		}
	}) {
		name = shipment.Shorten(strings.ToValidUTF8(name, "\uFFFD"))
		problems.fail(codeUnknownParameter, name, "there is no parameter %s here", shipment.Quote(name))
	}
	if len(problems.problems) > 0 {
		return invalid(bounded(problems.problems))
	}
	return nil
}

// read reads a parameter from its text, or says what is wrong with it.
func (p parameter) read(problems *reading, text string, into reflect.Value) bool {
	wanted := ""
	switch target := into.Addr().Interface().(type) {
	case *uuid.UUID:
		id, err := uuid.Parse(text)
		if *target = id; err != nil || len(text) != 36 {
			wanted = "an id, as " + exampleID
		}
	case *time.Time:
		at, err := time.Parse(time.RFC3339, text)
		if *target = at.UTC(); err != nil || target.Year() < 1 {
			wanted = "a time of RFC 3339 in the years 1 to 9999, as 2026-11-23T14:02:03Z"
		}
	case *int:
		number, err := strconv.Atoi(text)
		if *target = number; err != nil || float64(number) < *p.schema.Minimum || float64(number) > *p.schema.Maximum {
			wanted = fmt.Sprintf("a whole number from %v to %v", *p.schema.Minimum, *p.schema.Maximum)
		}
	default:
		into.SetString(text)
		switch {
		case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
			problems.fail(shipment.Invalid, p.name, "%s has a character that cannot be printed", p.name)
			return false
		case p.schema.MaxLength != nil && utf8.RuneCountInString(text) > *p.schema.MaxLength:
			problems.fail(shipment.TooLong, p.name, "%s has %d characters; at most %d are allowed", p.name, utf8.RuneCountInString(text), *p.schema.MaxLength)
			return false
		case p.schema.Enum != nil && !slices.Contains(p.schema.Enum, any(text)):
			wanted = "one of " + listed(p.schema.Enum)
		}
	}
	if wanted != "" {
		problems.fail(shipment.Invalid, p.name, "%s must be %s, not %s", p.name, wanted, shipment.Quote(strings.ToValidUTF8(text, "\uFFFD")))
		return false
	}
	return true
}

const exampleID = "019ae1a2-7d10-7000-8000-3f5c2b1a0d9e"

func listed(values []any) string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = fmt.Sprint(value)
	}
	return strings.Join(texts, ", ")
}

// The ways of ISO 8601 in which the carrier's clients write times.
var timeForms = []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04Z0700", "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly}

// parseTime reads a time in any of them; without an offset it is Helsinki's.
func parseTime(text string) (time.Time, bool) {
	for _, form := range timeForms {
		if at, err := time.ParseInLocation(form, text, workday.Helsinki); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
