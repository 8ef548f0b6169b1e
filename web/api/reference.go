package api

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"omapostipro/internal/account"
	"omapostipro/internal/apidoc"
	"omapostipro/internal/application"
	"omapostipro/internal/audit"
	"omapostipro/internal/shipment"
)

// Reference gives the description of our own family for the documentation.
func (a *API) Reference() apidoc.Reference {
	o := a.own()
	var reference apidoc.Reference
	for _, call := range o.calls {
		i := slices.IndexFunc(reference.Tags, func(t apidoc.Tag) bool { return t.Name == call.tag })
		if i < 0 {
			i = len(reference.Tags)
			reference.Tags = append(reference.Tags, apidoc.Tag{Name: call.tag})
		}
		reference.Tags[i].Calls = append(reference.Tags[i].Calls, referTo(call))
	}
	schemas := o.description.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		reference.Schemas = append(reference.Schemas, apidoc.Schema{Name: name, Fields: membersIn(schemas[name])})
	}
	return reference
}

// Refusals gives errors as the families write them, for the documentation: what is really answered to a key that orders for
// a contract which is not its own, and the like.
func (*API) Refusals() apidoc.Refusals {
	const requestID = exampleID
	asker := account.Actor{Kind: audit.Key, Numbers: []account.ContractNumber{{Kind: account.LogisticsContract, Number: "654321"}}}
	foreign := contractNotAllowed(asker, shipment.Contract{Number: "654399", Partner: shipment.PartnerPosti}, "shipment.senderPartners[0].custNo")
	pickups, err := xml.MarshalIndent(resultAnswer{Result: "FAILURE", Message: allTold(invalid(undated()))}, "", "  ")
	if err != nil {
		panic(err) // texts can always be written
	}
	return apidoc.Refusals{
		Orders: indented(newRefusal(requestID, foreign.problems...)), Own: indented(newProblem(requestID, foreign)),
		Gateway: indented(newGatewayError(credentialFailures[application.ErrExpired])), Pickups: string(pickups),
		Token: indented(tokenError{Code: string(errBadClient.problems[0].Code), Description: errBadClient.problems[0].Message}),
	}
}

// undated gives what is wrong with the documentation's order of a pickup without its day.
func undated() []shipment.Problem {
	request, _ := apidoc.Pickups()[0].Exchange("")
	_, message, _ := strings.Cut(request, "\n\n")
	root, err := parseXML([]byte(message))
	if err != nil {
		panic(err) // the tests send it
	}
	for _, sent := range root.all("Shipments", "Shipment") {
		sent.children = slices.DeleteFunc(sent.children, func(e *element) bool { return e.name == "PickupDate" })
	}
	_, problems := readPostra(root, time.Time{})
	return problems
}

func indented(body any) string {
	text, err := json.MarshalIndent(body, "", "  ")
	if err != nil {
		panic(err) // our own types can always be written
	}
	return string(text)
}

// describedCall is a call with its description.
type describedCall struct {
	operation
	*huma.Operation
}

func referTo(c describedCall) apidoc.Call {
	call := apidoc.Call{ID: c.id, Method: c.method, Path: c.path, Role: string(c.need.role), Summary: c.summary, Detail: c.detail}
	for _, p := range c.Parameters {
		field := fieldOf(p.Name, p.Schema)
		field.In, field.About, field.Required = p.In, p.Description, p.Required
		call.Parameters = append(call.Parameters, field)
	}
	if c.RequestBody != nil {
		call.Body = schemaName(c.RequestBody.Content["application/json"].Schema)
	}
	for code, response := range c.Responses {
		status, err := strconv.Atoi(code)
		if err != nil {
			panic(err) // described here
		}
		answer := apidoc.Answer{Status: status, About: response.Description, Types: slices.Sorted(maps.Keys(response.Content))}
		for _, content := range response.Content {
			answer.Schema = schemaName(content.Schema)
		}
		for _, name := range slices.Sorted(maps.Keys(response.Headers)) {
			if header := response.Headers[name]; header.Ref == "" { // which answers of all calls have is told once
				answer.Headers = append(answer.Headers, apidoc.Field{Name: name, About: header.Description})
			}
		}
		call.Answers = append(call.Answers, answer)
	}
	slices.SortFunc(call.Answers, func(a, b apidoc.Answer) int { return a.Status - b.Status })
	return call
}

// membersIn gives an object's members: those that are required first, in the type's order, and the others by name.
func membersIn(s *huma.Schema) []apidoc.Field {
	var fields []apidoc.Field
	for _, name := range s.Required {
		field := fieldOf(name, s.Properties[name])
		field.Required = true
		fields = append(fields, field)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if !slices.Contains(s.Required, name) {
			fields = append(fields, fieldOf(name, s.Properties[name]))
		}
	}
	return fields
}

func fieldOf(name string, s *huma.Schema) apidoc.Field {
	field := apidoc.Field{Name: name, Type: s.Type, Format: s.Format, Schema: schemaName(s), Null: s.Nullable, About: s.Description, Limits: limitsOf(s)}
	if s.Ref != "" {
		field.Type = huma.TypeObject
	}
	valued := s
	if s.Type == huma.TypeArray {
		element := fieldOf("", s.Items)
		field.Type, field.Format, field.Schema = huma.TypeArray+" of "+element.Type, element.Format, element.Schema
		field.Limits = append(field.Limits, element.Limits...)
		valued = s.Items
	}
	for _, value := range valued.Enum {
		field.Values = append(field.Values, fmt.Sprint(value))
	}
	if len(s.Examples) > 0 {
		field.Example = written(s.Examples[0])
	}
	if s.Default != nil {
		field.Default = written(s.Default)
	}
	return field
}

// written gives a value as JSON has it, a string without its quotes.
func written(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // it was read from a tag
	}
	return string(text)
}

func schemaName(s *huma.Schema) string { return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:] }

// limitsOf tells in a few signs what a value must keep to.
func limitsOf(s *huma.Schema) (limits []string) {
	number := func(sign string, n *float64) {
		if n != nil {
			limits = append(limits, sign+" "+strconv.FormatFloat(*n, 'f', -1, 64))
		}
	}
	count := func(sign string, n *int, of string) {
		if n != nil {
			limits = append(limits, fmt.Sprintf("%s %d %s", sign, *n, of))
		}
	}
	number("≥", s.Minimum)
	number(">", s.ExclusiveMinimum)
	number("≤", s.Maximum)
	count("≥", s.MinLength, "characters")
	count("≤", s.MaxLength, "characters")
	count("≥", s.MinItems, "elements")
	count("≤", s.MaxItems, "elements")
	if s.Pattern != "" {
		limits = append(limits, s.Pattern)
	}
	return limits
}
