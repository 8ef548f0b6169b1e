package api

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/caller"
	"omapostipro/internal/once"
)

// ownFamily is our own family: its routes and their description, which are made of the same types. An endpoint takes a
// struct and gives one. What it takes is read by the fields' tags: path and query parameters, and the body as the field
// Body; what the description says of them is what is checked.
type ownFamily struct {
	family
	routes      *chi.Mux
	description *huma.OpenAPI
	calls       []describedCall // of the description, in the order in which they are added
	strict      map[string]bool // the schemas of bodies that must hold nothing else
}

// operation is what an endpoint is beside its types.
type operation struct {
	method, path string
	id           string // by which generated clients name it
	tag          string // under which it is described
	summary      string
	detail       string
	need         need
	status       int      // of success; 200 unless said
	files        []string // the types of an answer that is a document
	once         bool     // it makes something, and with an Idempotency-Key makes it once
	refusals     []int    // statuses of its own, beside those that follow from what it takes
}

// call is a request of somebody who has been recognised.
type call struct {
	context.Context
	who   caller.Caller
	actor account.Actor
	once  *once.Call // of an operation that is made once; nil without an Idempotency-Key
}

// serve adds an endpoint to the family. A handler that gives an error decides nothing about its answer.
func serve[In, Out any](o *ownFamily, op operation, handle func(call, In) (Out, error)) {
	schemas := o.description.Components.Schemas
	parameters := parametersOf(reflect.TypeFor[In](), schemas)
	readBody := bodyOf(reflect.TypeFor[In](), schemas)
	o.tighten(readBody)
	if op.status == 0 {
		op.status = http.StatusOK
	}
	o.describe(op, parameters, readBody, reflect.TypeFor[Out]())
	o.routes.Method(op.method, op.path, o.to(op.need, func(w http.ResponseWriter, r *http.Request, who caller.Caller) error {
		var in In
		value := reflect.ValueOf(&in).Elem()
		if err := readParameters(r, parameters, value); err != nil {
			return err
		}
		text, err := readBody.text(w, r)
		if err != nil {
			return err
		}
		c := call{Context: r.Context(), who: who, actor: who.Actor(o.api.Origin(r.Context()))}
		if op.once {
			if c.once, err = callOf(r, text); err != nil {
				return err
			}
		}
		if err := readBody.into(text, value); err != nil {
			return err
		}
		out, err := handle(c, in)
		if err != nil {
			return err
		}
		tellReplay(w, c.once)
		writeAnswer(w, op.status, out)
		return nil
	}))
}

// tighten notes the schemas of a body that is read strictly, and of all that it is made of.
func (o *ownFamily) tighten(b body) {
	if b.schema == nil || b.forgiving {
		return
	}
	var walk func(*huma.Schema)
	walk = func(s *huma.Schema) {
		switch {
		case s == nil:
		case s.Ref != "":
			o.strict[s.Ref[strings.LastIndex(s.Ref, "/")+1:]] = true
			walk(b.schemas.SchemaFromRef(s.Ref))
		default:
			walk(s.Items)
			for _, property := range s.Properties {
				walk(property)
			}
		}
	}
	walk(b.schema)
}

// nothing is what an endpoint takes that is only asked, or gives that has nothing to tell.
type nothing struct{}

func writeAnswer(w http.ResponseWriter, status int, out any) {
	if made, ok := out.(interface{ location() string }); ok && status == http.StatusCreated {
		w.Header().Set(headerLocation, made.location())
	}
	switch out := out.(type) {
	case document:
		out.write(w)
	case nothing:
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
	default:
		writeJSON(w, status, "application/json", out)
	}
}

// The statuses that an endpoint may refuse with, by what it asks for and takes.
func (op operation) refused(parameters []parameter, b body) []int {
	statuses := append([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable}, op.refusals...)
	for _, p := range parameters {
		if p.in == "path" {
			statuses = append(statuses, http.StatusNotFound)
		} else {
			statuses = append(statuses, http.StatusUnprocessableEntity)
		}
	}
	if op.once {
		statuses = append(statuses, http.StatusBadRequest, http.StatusConflict)
	}
	if b.schema != nil {
		statuses = append(statuses, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity)
	}
	slices.Sort(statuses)
	return slices.Compact(statuses)
}

// describe adds an endpoint to the description.
func (o *ownFamily) describe(op operation, parameters []parameter, b body, out reflect.Type) {
	described := huma.Operation{OperationID: op.id, Method: op.method, Path: op.path, Summary: op.summary, Description: op.detail, Tags: []string{op.tag},
		Responses: map[string]*huma.Response{}}
	for _, p := range parameters {
		described.Parameters = append(described.Parameters, &huma.Param{Name: p.name, In: p.in, Description: p.about, Required: p.in == "path", Schema: p.schema})
	}
	if op.once {
		described.Parameters = append(described.Parameters, &huma.Param{Name: headerIdempotencyKey, In: "header", Description: aboutIdempotency,
			Schema: &huma.Schema{Type: huma.TypeString, MinLength: new(1), MaxLength: new(once.MaxKeyLength)}})
	}
	if b.schema != nil {
		described.RequestBody = &huma.RequestBody{Required: !b.optional, Content: map[string]*huma.MediaType{"application/json": {Schema: b.schema}}}
	}
	success := &huma.Response{Description: http.StatusText(op.status), Headers: everyAnswer()}
	if op.once {
		success.Headers[headerReplay] = &huma.Param{Description: "true if it had been made before, by a call with the same key.", Schema: &huma.Schema{Type: huma.TypeString}}
	}
	if op.status == http.StatusCreated {
		success.Headers[headerLocation] = &huma.Param{Description: "Where what was made is read.", Schema: &huma.Schema{Type: huma.TypeString, Format: "uri"}}
	}
	switch {
	case op.files != nil:
		success.Content = map[string]*huma.MediaType{}
		for _, kind := range op.files {
			success.Content[kind] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
		}
	case out != reflect.TypeFor[nothing]():
		success.Content = map[string]*huma.MediaType{"application/json": {Schema: o.description.Components.Schemas.Schema(out, true, "")}}
	}
	described.Responses[strconv.Itoa(op.status)] = success
	problem := o.description.Components.Schemas.Schema(reflect.TypeFor[problem](), true, "")
	for _, status := range op.refused(parameters, b) {
		refusal := &huma.Response{Description: http.StatusText(status), Headers: everyAnswer(),
			Content: map[string]*huma.MediaType{"application/problem+json": {Schema: problem}}}
		if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
			refusal.Headers[headerRetryAfter] = headerOf(headerRetryAfter)
		}
		described.Responses[strconv.Itoa(status)] = refusal
	}
	o.description.AddOperation(&described)
	o.calls = append(o.calls, describedCall{op, &described})
}

// The headers that answers of several calls have.
const (
	headerLocation   = "Location"
	headerRate       = "RateLimit"
	headerRatePolicy = "RateLimit-Policy"
	headerRequestID  = "X-Request-Id"
	headerRetryAfter = "Retry-After"
)

// commonHeaders describes them.
func commonHeaders() map[string]*huma.Header {
	text, seconds := &huma.Schema{Type: huma.TypeString}, &huma.Schema{Type: huma.TypeInteger, Minimum: new(1.0)}
	return map[string]*huma.Header{
		headerRequestID:  {Description: "Under which the call is known here.", Schema: &huma.Schema{Type: huma.TypeString, Format: "uuid"}},
		headerRetryAfter: {Description: "In how many seconds to come again.", Schema: seconds},
		headerRate:       {Description: "Where calls are limited: how many are left (r) of which limit, and in how many seconds there are more (t).", Schema: text},
		headerRatePolicy: {Description: "Where calls are limited: the limits, each as so many calls (q) in so many seconds (w).", Schema: text},
	}
}

// headerOf refers to a common header.
func headerOf(name string) *huma.Param { return &huma.Param{Ref: "#/components/headers/" + name} }

// everyAnswer gives the headers that every answer may have.
func everyAnswer() map[string]*huma.Param {
	return map[string]*huma.Param{headerRequestID: headerOf(headerRequestID), headerRate: headerOf(headerRate), headerRatePolicy: headerOf(headerRatePolicy)}
}

// newDescription begins the description of our own family.
func newDescription(baseURL string) *huma.OpenAPI {
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info:    &huma.Info{Title: "OmaPosti Pro API", Version: "1", Description: aboutTheFamily, License: &huma.License{Name: "MIT License", Identifier: "MIT"}},
		Servers: []*huma.Server{{URL: baseURL + "/api/v1"}},
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
			Headers: commonHeaders(),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"bearer": {Type: "http", Scheme: "bearer", Description: "The key that was made in the portal, or the token of an application account."},
				"bare":   {Type: "apiKey", In: "header", Name: "Authorization", Description: "The key as it is, without Bearer before it, as the carrier's integrations send it."},
				"client": {Type: "oauth2", Description: "The client id and secret of an application account, for a token of one hour. Its roles are the account's; no scope is asked for.",
					Flows: &huma.OAuthFlows{ClientCredentials: &huma.OAuthFlow{TokenURL: baseURL + "/api/v1/token", Scopes: map[string]string{}}}},
			},
		},
		Security: []map[string][]string{{"bearer": {}}, {"bare": {}}, {"client": {}}},
	}
}

const aboutIdempotency = "A text of your own for this call, kept for 24 hours. The same call with it again makes nothing new and gives the same answer; another call with it is refused."

const aboutTheFamily = `What the carrier offers in its portal only, or not at all, beside the family at the carrier's own paths (/shippingapi).

A credential sees and changes the shipments of the contract numbers that it may use, whoever placed them; GET /key tells which those are.
All others answer as if they were not there.

Times are of RFC 3339, in UTC. Lists are paged by cursors: nextCursor of one page, sent as cursor, gives the next; null ends the list.
Errors are problem documents of RFC 9457, with all that is wrong in their list errors: after the first hundred errors, an error of code MORE
says how many there are beside. Every answer has X-Request-Id. Where calls are limited, RateLimit and RateLimit-Policy tell how many are
left, and an answer 429 when to come again (Retry-After).

Services, additional services and their names are the carrier's own; weights, routes and hours were chosen for this replica and are no promise of the carrier's.`
