package api

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"omapostipro/internal/shipment"
)

// codeExtra is of a field that the gateway does not know.
const codeExtra shipment.Code = "EXTRA_FORBIDDEN"

// mostStrictProblems is how many problems of one body are told.
const mostStrictProblems = 50

// strictReading reads the bodies of the gateway, which refuses what the other families forgive: fields that it does not
// know, and values of another type; but for numbers and truth values that are written as strings. All problems are found
// at once.
type strictReading struct {
	problems []shipment.Problem
}

// strictFields are the fields that an object may have, each with what reads it.
type strictFields map[string]func(path string, value []byte)

func (r *strictReading) fail(code shipment.Code, path, format string, args ...any) {
	if len(r.problems) < mostStrictProblems {
		r.problems = append(r.problems, shipment.Problem{Code: code, Path: path, Message: fmt.Sprintf(format, args...), Type: shipment.Error})
	}
}

// read reads a body. It fails with a syntaxError only.
func (r *strictReading) read(body []byte, fields strictFields, required ...string) error {
	body = bytes.TrimPrefix(body, byteOrderMark)
	if err := checkJSON(body); err != nil {
		return err
	}
	r.object(fields, required...)("", bytes.TrimSpace(body))
	return nil
}

// within gives the path of a field.
func within(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// object reads an object; the names of the fields that it must have come after the fields.
func (r *strictReading) object(fields strictFields, required ...string) func(string, []byte) {
	return func(path string, value []byte) {
		if value[0] != '{' {
			r.fail(shipment.Invalid, path, "Input should be an object")
			return
		}
		seen, given := map[string]bool{}, map[string]bool{}
		for literal, member := range members(value) {
			name := decodeString(literal)
			read, known := fields[name]
			if !known {
				r.fail(codeExtra, within(path, shipment.Shorten(name)), "Extra inputs are not permitted")
				continue
			}
			if seen[name] {
				r.fail(codeDuplicateField, within(path, name), "Field is given more than once")
				continue
			}
			seen[name] = true
			if string(member) == "null" && !slices.Contains(required, name) {
				continue
			}
			given[name] = true
			read(within(path, name), member)
		}
		for _, name := range required {
			if !given[name] {
				r.fail(shipment.Required, within(path, name), "Field required")
			}
		}
	}
}

// strictTextLength is how long a text of the gateway may be.
const strictTextLength = 200

func (r *strictReading) text(into *string) func(string, []byte) {
	return func(path string, value []byte) {
		if value[0] != '"' {
			r.fail(shipment.Invalid, path, "Input should be a valid string")
			return
		}
		text := strings.TrimSpace(decodeString(value))
		if len([]rune(text)) > strictTextLength {
			r.fail(shipment.TooLong, path, "String should have at most %d characters", strictTextLength)
			return
		}
		*into = text
	}
}

// ignored reads a text that has no effect here.
func (r *strictReading) ignored() func(string, []byte) { return r.text(new(string)) }

func (r *strictReading) truth(into **bool) func(string, []byte) {
	return func(path string, value []byte) {
		switch strings.ToLower(strings.Trim(string(value), `"`)) {
		case "true", "1":
			*into = new(true)
		case "false", "0":
			*into = new(false)
		default:
			r.fail(shipment.Invalid, path, "Input should be a valid boolean")
		}
	}
}

func (r *strictReading) number(into **float64, least, most float64) func(string, []byte) {
	return func(path string, value []byte) {
		text := value
		if value[0] == '"' {
			text = []byte(strings.TrimSpace(decodeString(value)))
		}
		number, err := strconv.ParseFloat(string(text), 64)
		switch {
		case len(text) == 0 || !isNumber(text) || err != nil:
			r.fail(shipment.Invalid, path, "Input should be a valid number")
		case number < least || number > most:
			r.fail(shipment.Invalid, path, "Input should be between %g and %g", least, most)
		default:
			*into = &number
		}
	}
}

func (r *strictReading) integer(into *int, least, most int) func(string, []byte) {
	return func(path string, value []byte) {
		var number *float64
		before := len(r.problems)
		r.number(&number, float64(least), float64(most))(path, value)
		switch {
		case len(r.problems) > before || number == nil:
		case *number != math.Trunc(*number):
			r.fail(shipment.Invalid, path, "Input should be a valid integer")
		default:
			*into = int(*number)
		}
	}
}

// texts reads an array of strings.
func (r *strictReading) texts(into *[]string, most int) func(string, []byte) {
	return func(path string, value []byte) {
		if value[0] != '[' {
			r.fail(shipment.Invalid, path, "Input should be a valid array")
			return
		}
		i := 0
		for element := range elements(value) {
			if i == most {
				r.fail(shipment.TooLong, path, "Array should have at most %d items", most)
				return
			}
			var text string
			r.text(&text)(fmt.Sprintf("%s[%d]", path, i), element)
			*into = append(*into, text)
			i++
		}
	}
}

// The years in which a time may be.
const (
	firstYear = 2000
	lastYear  = 2100
)

// time reads a time of some years.
func (r *strictReading) time(into *time.Time) func(string, []byte) {
	return func(path string, value []byte) {
		var text string
		before := len(r.problems)
		if r.text(&text)(path, value); len(r.problems) > before {
			return
		}
		at, ok := parseTime(text)
		switch {
		case !ok:
			r.fail(shipment.Invalid, path, "Input should be a valid datetime")
		case at.Year() < firstYear || at.Year() > lastYear:
			r.fail(shipment.Invalid, path, "Input should be a time of the years %d to %d", firstYear, lastYear)
		default:
			*into = at
		}
	}
}
