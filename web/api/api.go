package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/go-chi/chi/v5"

	"omapostipro/internal/apikey"
	"omapostipro/internal/fault"
	"omapostipro/internal/shipment"
)

// Config is what the API needs.
type Config struct {
	BaseURL string // scheme and host: what links are built from
	Log     *slog.Logger
	Keys    *apikey.Service
	Orders  *shipment.Orders
	Test    bool // labels say that nothing is carried: the demo set-ups
	// Origin gives a request's id and its client's address.
	Origin func(context.Context) (requestID, address string)
}

// API answers the calls of both families.
type API struct {
	Config
}

// New makes the API.
func New(config Config) *API { return &API{Config: config} }

// maxBody is how many bytes a call's body may have.
const maxBody = 1 << 20

// Compatible routes the carrier's own paths, under /shippingapi.
func (a *API) Compatible() http.Handler {
	r := newRouter(a.refuse)
	r.Post("/api/v1/shipping/order", a.compatible(a.placeOrderV1))
	r.Get("/api/v1/shipments/{contract}/{order}", a.compatible(a.showOrderV1))
	r.Get("/api/v1/shipments/{contract}/pdfs/{label}", a.compatible(a.showLabel))
	return r
}

// Own routes our own family, under /api/v1.
func (a *API) Own() http.Handler {
	r := newRouter(a.problem)
	r.Get("/key", a.own(a.showKey))
	return r
}

// refuser answers with an error in the shape of a family.
type refuser func(http.ResponseWriter, *http.Request, failure)

// newRouter makes a router that refuses what it does not have.
func newRouter(refuse refuser) *chi.Mux {
	router := chi.NewRouter()
	router.NotFound(func(w http.ResponseWriter, r *http.Request) { refuse(w, r, errNothingHere) })
	router.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) {
		path := chi.RouteContext(r.Context()).RoutePath
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if router.Match(chi.NewRouteContext(), method, path) {
				w.Header().Add("Allow", method)
			}
		}
		refuse(w, r, errMethod)
	})
	return router
}

// compatible makes a handler of the compatible family of one that needs a key.
func (a *API) compatible(handle keyHandler) http.HandlerFunc { return a.withKey(handle, a.refuse) }

// own makes a handler of our own family of one that needs a key.
func (a *API) own(handle keyHandler) http.HandlerFunc { return a.withKey(handle, a.problem) }

// keyHandler answers a call of a key that has been recognised, or gives the error that it ends with.
type keyHandler func(http.ResponseWriter, *http.Request, apikey.Recognized) error

func (a *API) withKey(handle keyHandler, refuse refuser) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		defer a.recoverPanic(w, r, refuse)
		key, err := a.recognize(r)
		if err == nil {
			err = handle(w, r, key)
		}
		if gone := errors.Is(err, context.Canceled) && r.Context().Err() != nil; err != nil && !gone {
			refuse(w, r, a.failureOf(r, err))
		}
	}
}

// recoverPanic answers a panic with an error in the shape of the family, and logs it once.
func (a *API) recoverPanic(w http.ResponseWriter, r *http.Request, refuse refuser) {
	cause := recover()
	if cause == nil {
		return
	}
	requestID, _ := a.Origin(r.Context())
	a.Log.Error("panic", "cause", cause, "request", requestID, "stack", string(debug.Stack()))
	refuse(w, r, errInternal)
}

// refuse answers with an error in the shape of the compatible family.
func (a *API) refuse(w http.ResponseWriter, r *http.Request, f failure) {
	requestID, _ := a.Origin(r.Context())
	f.headers(w)
	writeJSON(w, f.status, "application/json", newRefusal(requestID, f.problems...))
}

// The refusals of a credential. Source: the table of errors of the compatible family; our own family gives the same codes.
var credentialFailures = map[error]failure{
	errKeyMissing:       fail(http.StatusUnauthorized, "KEY_MISSING", "The Authorization header is missing. Send the API key that was made in the portal: Authorization: KEY."),
	apikey.ErrMalformed: fail(http.StatusUnauthorized, "KEY_MALFORMED", "This is not an API key of the portal: a key is opp_ and 38 letters and digits, of which the last six are a checksum. Was it copied whole?"),
	apikey.ErrUnknown:   fail(http.StatusUnauthorized, "KEY_UNKNOWN", "The API key is not known here."),
	apikey.ErrDisabled:  fail(http.StatusUnauthorized, "KEY_DISABLED", "The API key is disabled. A main user can enable it again in the portal, under Integrationer."),
	apikey.ErrRevoked:   fail(http.StatusUnauthorized, "KEY_REVOKED", "The API key was revoked, for good. A main user can make a new one in the portal, under Integrationer."),
}

var errKeyMissing = errors.New("the key is missing")

// recognize gives the key of the Authorization header: bare, as the carrier's integrations send it, or after Bearer.
func (a *API) recognize(r *http.Request) (apikey.Recognized, error) {
	credential := strings.TrimSpace(r.Header.Get("Authorization"))
	if scheme, rest, found := strings.Cut(credential, " "); found && strings.EqualFold(scheme, "Bearer") {
		credential = strings.TrimSpace(rest)
	}
	if credential == "" || strings.EqualFold(credential, "Bearer") {
		return apikey.Recognized{}, errKeyMissing
	}
	return a.Keys.Recognize(r.Context(), credential)
}

// failure is an error as the families show it.
type failure struct {
	status   int
	problems []shipment.Problem // the first is an error
}

// fail makes a failure of one problem.
func fail(status int, code shipment.Code, message string) failure {
	return failure{status, []shipment.Problem{{Code: code, Message: message, Type: shipment.Error}}}
}

func (f failure) Error() string { return http.StatusText(f.status) + ": " + string(f.problems[0].Code) }

// failureOf turns an error into what may be said of it; what may not be said is logged.
func (a *API) failureOf(r *http.Request, err error) failure {
	if known, ok := errors.AsType[failure](err); ok {
		return known
	}
	if syntax, ok := errors.AsType[*syntaxError](err); ok {
		return fail(http.StatusBadRequest, "JSON_DECODE_ERROR", syntax.Error())
	}
	for known, failure := range credentialFailures {
		if errors.Is(err, known) {
			return failure
		}
	}
	switch fault.KindOf(err) {
	case fault.NotFound:
		return errNothingHere
	case fault.Gone:
		return errExpired
	case fault.Unavailable:
		a.logFailure(r, err)
		return errUnavailable
	default:
		a.logFailure(r, err)
		return errInternal
	}
}

func (a *API) logFailure(r *http.Request, err error) {
	requestID, _ := a.Origin(r.Context())
	a.Log.Error("API request failed", "error", err, "request", requestID)
}

var (
	errExpired     = fail(http.StatusGone, "EXPIRED", "The link has expired: it worked for one hour.")
	errUnavailable = fail(http.StatusServiceUnavailable, "UNAVAILABLE", "The portal cannot reach its database just now. Nothing was stored: try again.")
	errInternal    = fail(http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", "Something went wrong here. It has been logged under the request's id.")
	errNothingHere = fail(http.StatusNotFound, "NOT_FOUND", "There is nothing at this address.")
	errMethod      = fail(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "This address does not take this method.")
)

// headers sets what goes with a failure's status.
func (f failure) headers(w http.ResponseWriter) {
	switch f.status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Bearer realm="OmaPosti Pro API"`)
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "5")
	}
}

// problem is the problem document of our own family (RFC 9457).
type problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	refusal
}

func (a *API) problem(w http.ResponseWriter, r *http.Request, f failure) {
	requestID, _ := a.Origin(r.Context())
	f.headers(w)
	writeJSON(w, f.status, "application/problem+json", problem{Title: http.StatusText(f.status), Status: f.status, Detail: f.problems[0].Message,
		refusal: newRefusal(requestID, f.problems...)})
}

// writeJSON answers with a document. Nothing that the API says may be kept by a cache on the way.
func writeJSON(w http.ResponseWriter, status int, contentType string, document any) {
	body, err := json.Marshal(document)
	if err != nil {
		panic(err) // our own types can always be written
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
