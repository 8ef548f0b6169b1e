package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"omapostipro/internal/shipment"
)

// syntaxError says where a body stops being JSON.
type syntaxError struct {
	line, column int // from 1; columns are counted in characters
	reason       string
}

func (e *syntaxError) Error() string {
	return fmt.Sprintf("The body is not valid JSON at line %d, column %d: %s", e.line, e.column, e.reason)
}

// byteOrderMark is written in front of a body by some clients.
var byteOrderMark = []byte("\uFEFF")

// checkJSON finds the first place where a body is not JSON in UTF-8. The functions below read only what has passed.
func checkJSON(body []byte) error {
	if !utf8.Valid(body) {
		return newSyntaxError(body, validPrefix(body), "a byte that is not UTF-8")
	}
	var syntax *json.SyntaxError
	if err := json.Unmarshal(body, new(unread)); errors.As(err, &syntax) {
		at := int(syntax.Offset) - 1 // of the character that is wrong
		if syntax.Error() == "unexpected end of JSON input" {
			at = len(body)
		}
		return newSyntaxError(body, at, syntax.Error())
	}
	return nil
}

// unread takes any JSON and keeps nothing of it.
type unread struct{}

func (*unread) UnmarshalJSON([]byte) error { return nil }

// validPrefix gives how many bytes of a body are UTF-8 until the first that is not.
func validPrefix(body []byte) int {
	at := 0
	for at < len(body) {
		r, size := utf8.DecodeRune(body[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}

func newSyntaxError(body []byte, at int, reason string) *syntaxError {
	before := body[:max(0, min(at, len(body)))]
	lineStart := bytes.LastIndexByte(before, '\n') + 1
	return &syntaxError{
		line:   bytes.Count(before, []byte("\n")) + 1,
		column: utf8.RuneCount(before[lineStart:]) + 1,
		reason: reason,
	}
}

// members gives the names, as they are written, and the values of an object.
func members(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for at := nextToken(object, 1); object[at] != '}'; at = nextToken(object, at) {
			end := valueEnd(object, at)
			name := object[at:end]
			at = nextToken(object, end)
			end = valueEnd(object, at)
			if !yield(name, object[at:end]) {
				return
			}
			at = end
		}
	}
}

// elements gives the values of an array.
func elements(array []byte) iter.Seq[[]byte] {
	return func(yield func(value []byte) bool) {
		for at := nextToken(array, 1); array[at] != ']'; at = nextToken(array, at) {
			end := valueEnd(array, at)
			if !yield(array[at:end]) {
				return
			}
			at = end
		}
	}
}

// nextToken gives where the next name, value or closing bracket begins.
func nextToken(text []byte, at int) int {
	for strings.IndexByte(" \t\r\n,:", text[at]) >= 0 {
		at++
	}
	return at
}

// valueEnd gives where the value ends that begins at a place. However deep the value is, it takes no memory.
func valueEnd(text []byte, at int) int {
	depth := 0
	for {
		switch text[at] {
		case '"':
			for at++; text[at] != '"'; at++ {
				if text[at] == '\\' {
					at++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ' ', '\t', '\r', '\n', ',', ':':
		default: // the last character of a number or word ends it
			for at+1 < len(text) && strings.IndexByte(" \t\r\n,]}", text[at+1]) < 0 {
				at++
			}
		}
		at++
		if depth == 0 {
			return at
		}
	}
}

// decodeString reads a string as it is written, quotes included.
func decodeString(literal []byte) string {
	if bytes.IndexByte(literal, '\\') < 0 {
		return string(literal[1 : len(literal)-1])
	}
	var text string
	if err := json.Unmarshal(literal, &text); err != nil {
		panic(err) // checkJSON has let it pass
	}
	return text
}

// reading collects what is wrong with a body while it is read. What is read is forgiving, as the carrier's clients are not
// of one mind: numbers and truth values may be strings, texts may be numbers, an empty array is an empty object (PHP writes
// it so), and null is the same as nothing. Of two members of one name nobody knows which is meant.
type reading struct {
	problems []shipment.Problem
	unknown  int // fields that nothing is known of
}

// Codes of warnings, but for the last two, which are of errors. They are ours, as all warnings are.
const (
	codeUnknownField   shipment.Code = "UNKNOWN_FIELD"
	codeReadAs         shipment.Code = "READ_AS"
	codeIgnored        shipment.Code = "IGNORED"
	codeDefaulted      shipment.Code = "DEFAULTED"
	codeMedia          shipment.Code = "MEDIA_SUBSTITUTED"
	codeReplaced       shipment.Code = "CHARACTERS_REPLACED"
	codeDuplicateField shipment.Code = "DUPLICATE_FIELD"
	codeMore           shipment.Code = "MORE" // there are more than are told
)

func (r *reading) fail(code shipment.Code, path, format string, args ...any) {
	r.problems = append(r.problems, shipment.Problem{Code: code, Path: path, Message: fmt.Sprintf(format, args...), Type: shipment.Error})
}

func (r *reading) warn(code shipment.Code, path, format string, args ...any) {
	r.problems = append(r.problems, shipment.Problem{Code: code, Path: path, Message: fmt.Sprintf(format, args...), Type: shipment.Ignorable})
}

// object is a JSON object of which some members are known.
type object struct {
	*reading
	path   string
	read   bool // that there was an object
	fields map[string][]byte
}

// object reads the members of a value that are known, and warns of the others. An absent value gives an empty object.
func (r *reading) object(path string, value []byte, known ...string) object {
	o := object{reading: r, path: path, fields: make(map[string][]byte, len(known))}
	switch {
	case value == nil:
		return o
	case value[0] == '[' && value[nextToken(value, 1)] == ']':
		o.read = true
		return o
	case value[0] != '{':
		r.fail(shipment.Invalid, path, "%s must be an object", named(path))
		return o
	}
	o.read = true
	repeated := map[string]bool{}
	for literal, value := range members(value) {
		name := decodeString(literal)
		if !slices.Contains(known, name) {
			o.ignore(name)
			continue
		}
		if _, given := o.fields[name]; given && !repeated[name] {
			repeated[name] = true
			o.fail(codeDuplicateField, o.at(name), "%s is given more than once", o.at(name))
		}
		if string(value) == "null" {
			value = nil
		}
		o.fields[name] = value
	}
	return o
}

// mostUnknown is how many unknown fields are named in warnings; the others are only counted.
const mostUnknown = 20

func (o object) ignore(name string) {
	if o.unknown++; o.unknown <= mostUnknown {
		path := o.at(shipment.Shorten(name))
		o.warn(codeUnknownField, path, "%s is not known here and was ignored", path)
	}
}

// at gives the path of a member.
func (o object) at(name string) string {
	if o.path == "" {
		return name
	}
	return o.path + "." + name
}

// named is how a message calls a path.
func named(path string) string {
	if path == "" {
		return "The body"
	}
	return path
}

// failed says whether a field, or something that holds it, could not be read.
func (r *reading) failed(path string) bool {
	return slices.ContainsFunc(r.problems, func(p shipment.Problem) bool {
		rest, ok := strings.CutPrefix(path, p.Path)
		return ok && p.Type == shipment.Error && (rest == "" || p.Path == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// object reads a member that is an object.
func (o object) object(name string, known ...string) object {
	return o.reading.object(o.at(name), o.fields[name], known...)
}

// required reads a member that is an object and must be there, if there is an object that could hold it.
func (o object) required(name string, known ...string) object {
	if o.read && o.fields[name] == nil {
		o.fail(shipment.Required, o.at(name), "%s is required", o.at(name))
	}
	return o.object(name, known...)
}

// array reads a member that is an array, of which no more than a number of elements is looked at.
func (o object) array(name string, most int) [][]byte {
	value := o.fields[name]
	if value == nil {
		return nil
	}
	if value[0] != '[' {
		o.fail(shipment.Invalid, o.at(name), "%s must be an array", o.at(name))
		return nil
	}
	var found [][]byte
	for element := range elements(value) {
		if len(found) == most {
			break
		}
		found = append(found, element)
	}
	return found
}

// text reads a member that is a string, or a number as it is written.
func (o object) text(name string) string { return o.word(name, "a string") }

// word reads a member that is a string or a number, whichever it should be.
func (o object) word(name, wanted string) string {
	value := o.fields[name]
	switch {
	case value == nil:
		return ""
	case value[0] == '"':
		return strings.TrimSpace(decodeString(value))
	case isNumber(value):
		return string(value)
	default:
		o.fail(shipment.Invalid, o.at(name), "%s must be %s", o.at(name), wanted)
		return ""
	}
}

// number reads a member that is a number, or a string that holds one.
func (o object) number(name string) (number float64, given bool) {
	text := o.word(name, "a number")
	if text == "" {
		return 0, false
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || !isNumber([]byte(text)) {
		o.fail(shipment.Invalid, o.at(name), "%s must be a number, not %s", o.at(name), shipment.Quote(text))
		return 0, false
	}
	return number, true
}

// isNumber says whether a text is a number as JSON writes it: no NaN, no infinity, no hexadecimal, no comma.
func isNumber(text []byte) bool {
	return strings.IndexByte("-0123456789", text[0]) >= 0 && json.Valid(text)
}

// quantity reads a member that is a number, in units of which one is so many of the result's. Too large a number gives one
// that is beyond every limit.
func (o object) quantity(name string, units float64) (quantity int64, given bool) {
	number, given := o.number(name)
	const beyond = 1 << 50
	return int64(math.Round(max(-beyond, min(number*units, beyond)))), given
}

// truth reads a member that is true or false, or a string or number that says so.
func (o object) truth(name string, otherwise bool) bool {
	value := o.fields[name]
	switch strings.Trim(string(value), `"`) {
	case "true", "1":
		return true
	case "false", "0":
		return false
	case "":
		return otherwise
	default:
		o.fail(shipment.Invalid, o.at(name), "%s must be true or false", o.at(name))
		return otherwise
	}
}
