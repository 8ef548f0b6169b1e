package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"omapostipro/internal/shipment"
)

// body is how an endpoint's body is read: the field Body of what it takes. A type that has a way of its own is read in that;
// any other is strictly what its description says.
type body struct {
	schema    *huma.Schema // nil for an endpoint without a body
	schemas   huma.Registry
	field     []int
	forgiving bool // the type reads itself
	optional  bool // nothing at all is as an empty object
}

// ownReader is a type of body that reads itself: forgivingly, as an order.
type ownReader interface {
	readJSON(text []byte) error
}

func bodyOf(in reflect.Type, schemas huma.Registry) body {
	field, ok := in.FieldByName("Body")
	if !ok {
		return body{}
	}
	forgiving := reflect.PointerTo(field.Type).Implements(reflect.TypeFor[ownReader]())
	optional := field.Tag.Get("body") == "optional"
	return body{schema: schemas.Schema(field.Type, true, ""), schemas: schemas, field: field.Index, forgiving: forgiving, optional: optional}
}

// text gives the body of a request as it was sent; nil for an endpoint without one.
func (b body) text(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if b.schema == nil {
		return nil, nil
	}
	if b.optional && r.ContentLength == 0 {
		return []byte("{}"), nil
	}
	return readBody(w, r)
}

// into reads the text of a body.
func (b body) into(text []byte, in reflect.Value) error {
	if b.schema == nil {
		return nil
	}
	into := in.FieldByIndex(b.field).Addr().Interface()
	if own, ok := into.(ownReader); ok {
		return own.readJSON(text)
	}
	text = bytes.TrimPrefix(text, byteOrderMark)
	if err := checkJSON(text); err != nil {
		return err
	}
	checked := checking{schemas: b.schemas}
	checked.value(b.schema, "", bytes.TrimSpace(text))
	if checked.problems != nil {
		return invalid(andMore(checked.problems, checked.count-mostErrors))
	}
	return json.Unmarshal(text, into)
}

// checking holds a body against its description, from the text itself: whatever the body counts or nests, it takes no memory
// but for what is wrong, and of that no more than can be told is kept word by word.
type checking struct {
	reading
	schemas huma.Registry
	count   int // of what is wrong
}

func (c *checking) wrong(code shipment.Code, path, format string, args ...any) {
	if c.count++; c.count <= mostErrors {
		c.fail(code, path, format, args...)
	}
}

func (c *checking) value(schema *huma.Schema, path string, value []byte) {
	if schema.Ref != "" {
		schema = c.schemas.SchemaFromRef(schema.Ref)
	}
	kind := kindOf(value)
	switch {
	case kind == "null" && schema.Nullable:
	case kind != schema.Type && (kind != huma.TypeNumber || schema.Type != huma.TypeInteger):
		c.wrong(shipment.Invalid, path, "%s must be %s", named(path), kindNames[schema.Type])
	case kind == huma.TypeObject:
		c.object(schema, path, value)
	case kind == huma.TypeArray:
		c.array(schema, path, value)
	case kind == huma.TypeString:
		c.text(schema, path, decodeString(value))
	case kind == huma.TypeNumber:
		c.number(schema, path, value)
	}
}

var kindNames = map[string]string{huma.TypeObject: "an object", huma.TypeArray: "an array", huma.TypeString: "a string", huma.TypeNumber: "a number",
	huma.TypeInteger: "a whole number", huma.TypeBoolean: "true or false"}

func kindOf(value []byte) string {
	switch value[0] {
	case '{':
		return huma.TypeObject
	case '[':
		return huma.TypeArray
	case '"':
		return huma.TypeString
	case 't', 'f':
		return huma.TypeBoolean
	case 'n':
		return "null"
	default:
		return huma.TypeNumber
	}
}

func (c *checking) object(schema *huma.Schema, path string, value []byte) {
	o := object{path: path}
	seen := map[string]bool{}
	for literal, member := range members(value) {
		name := decodeString(literal)
		property, known := schema.Properties[name]
		at := o.at(shipment.Shorten(name))
		switch {
		case !known:
			c.wrong(codeUnknownField, at, "%s is not known here", at)
		case seen[name]:
			c.wrong(codeDuplicateField, at, "%s is given more than once", at)
		default:
			seen[name] = true
			c.value(property, at, member)
		}
	}
	for _, name := range schema.Required {
		if !seen[name] {
			c.wrong(shipment.Required, o.at(name), "%s is required", o.at(name))
		}
	}
}

func (c *checking) array(schema *huma.Schema, path string, value []byte) {
	count, most, least := 0, math.MaxInt, 0
	if schema.MaxItems != nil {
		most = *schema.MaxItems
	}
	if schema.MinItems != nil {
		least = *schema.MinItems
	}
	for element := range elements(value) {
		if count < most {
			c.value(schema.Items, fmt.Sprintf("%s[%d]", path, count), element)
		}
		count++
	}
	if count > most || count < least {
		c.wrong(shipment.Invalid, path, "%s has %d elements; it must have %s", named(path), count, between(least, most))
	}
}

func between(least, most int) string {
	switch {
	case most == math.MaxInt:
		return fmt.Sprintf("at least %d", least)
	case least == 0:
		return fmt.Sprintf("at most %d", most)
	default:
		return fmt.Sprintf("%d to %d", least, most)
	}
}

func (c *checking) text(schema *huma.Schema, path, text string) {
	length := utf8.RuneCountInString(text)
	switch {
	case schema.Enum != nil && !slices.Contains(schema.Enum, any(text)):
		c.wrong(shipment.Invalid, path, "%s must be one of %s, not %s", path, listed(schema.Enum), shipment.Quote(text))
	case schema.MaxLength != nil && length > *schema.MaxLength:
		c.wrong(shipment.TooLong, path, "%s has %d characters; at most %d are allowed", path, length, *schema.MaxLength)
	case schema.MinLength != nil && length < *schema.MinLength:
		c.wrong(shipment.Required, path, "%s is required", path)
	case schema.Pattern != "" && !regexp.MustCompile(schema.Pattern).MatchString(text):
		c.wrong(shipment.Invalid, path, "%s must be written as %s has it, not %s", path, schema.Pattern, shipment.Quote(text))
	case !hasFormat(schema.Format, text):
		c.wrong(shipment.Invalid, path, "%s must be %s, not %s", path, formatNames[schema.Format], shipment.Quote(text))
	case slices.ContainsFunc([]rune(text), unprintable):
		c.wrong(shipment.Invalid, path, "%s has a character that cannot be printed", path)
	}
}

// unprintable finds what no text of a caller's may have: what PostgreSQL cannot keep, and what stands for half a character.
func unprintable(r rune) bool { return r == 0 || r == utf8.RuneError }

var formatNames = map[string]string{"uuid": "an id, as " + exampleID, "date-time": "a time of RFC 3339, as 2026-11-23T14:02:03Z", "date": "a date, as 2026-11-23",
	"uri": "an address with its scheme, as https://example.com/"}

func hasFormat(format, text string) bool {
	switch format {
	case "uuid":
		return len(text) == 36 && uuid.Validate(text) == nil
	case "date-time":
		at, err := time.Parse(time.RFC3339, text)
		return err == nil && at.Year() > 0
	case "date":
		day, err := time.Parse(time.DateOnly, text)
		return err == nil && day.Year() > 0
	case "uri":
		address, err := url.Parse(text)
		return err == nil && address.IsAbs()
	default:
		return true
	}
}

func (c *checking) number(schema *huma.Schema, path string, value []byte) {
	number, err := strconv.ParseFloat(string(value), 64)
	switch {
	case err != nil || math.Abs(number) > 1<<53:
		c.wrong(shipment.Invalid, path, "%s is too large", path)
	case schema.Type == huma.TypeInteger && number != math.Trunc(number):
		c.wrong(shipment.Invalid, path, "%s must be a whole number", path)
	case schema.Minimum != nil && number < *schema.Minimum:
		c.wrong(shipment.Invalid, path, "%s must be at least %v", path, *schema.Minimum)
	case schema.Maximum != nil && number > *schema.Maximum:
		c.wrong(shipment.Invalid, path, "%s must be at most %v", path, *schema.Maximum)
	case schema.ExclusiveMinimum != nil && number <= *schema.ExclusiveMinimum:
		c.wrong(shipment.Invalid, path, "%s must be above %v", path, *schema.ExclusiveMinimum)
	}
}
