package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"

	"omapostipro/internal/fault"
	"omapostipro/internal/pickup"
	"omapostipro/internal/shipment"
)

// failure is an error as the families show it.
type failure struct {
	status     int
	problems   []shipment.Problem // the first is an error
	retryAfter time.Duration      // 0 for none
}

// fail makes a failure of one problem.
func fail(status int, code shipment.Code, message string) failure {
	return failure{status: status, problems: []shipment.Problem{{Code: code, Message: message, Type: shipment.Error}}}
}

// at says where in what was sent the problem is.
func (f failure) at(path string) failure {
	f.problems = slices.Clone(f.problems)
	f.problems[0].Path = path
	return f
}

// after says when to try again.
func (f failure) after(wait time.Duration) failure {
	f.retryAfter = wait
	return f
}

func (f failure) Error() string { return http.StatusText(f.status) + ": " + string(f.problems[0].Code) }

var (
	errExpired     = fail(http.StatusGone, "EXPIRED", "The link has expired: it worked for one hour.")
	errLabelsGone  = fail(http.StatusGone, "SHIPMENT_CANCELLED", "The shipment is cancelled: it has no labels any more.")
	errUnavailable = fail(http.StatusServiceUnavailable, "UNAVAILABLE", "The portal cannot reach its database just now: try again. If this call was to make or change something, the connection may have broken off just after that was done; with an Idempotency-Key it can be repeated, and nothing is made twice.").after(5 * time.Second)
	errInternal    = fail(http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", "Something went wrong here. It has been logged under the request's id.")
	errNothingHere = fail(http.StatusNotFound, "NOT_FOUND", "There is nothing at this address.")
	errMethod      = fail(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "This address does not take this method.")
)

// The refusals of what a shipment has become.
var conflictFailures = map[error]failure{
	shipment.ErrCancelled:      fail(http.StatusConflict, "SHIPMENT_CANCELLED", "The shipment is cancelled: nothing happens to it any more, and nothing comes back of it."),
	pickup.ErrTooLate:          fail(http.StatusConflict, "PICKUP_TOO_LATE", "The pickup cannot be cancelled any more: its day has come."),
	pickup.ErrContract:         fail(http.StatusForbidden, "CONTRACT_NOT_ALLOWED", "The contract number of the PAYER is not one that this credential may use."),
	shipment.ErrInTransport:    fail(http.StatusConflict, "SHIPMENT_IN_TRANSPORT", "The shipment cannot be cancelled any more: the carrier has it."),
	shipment.ErrStoryEnds:      fail(http.StatusConflict, "STORY_ENDS", "Nothing more happens to this shipment by itself."),
	shipment.ErrEventNotInTurn: fail(http.StatusConflict, "EVENT_NOT_IN_TURN", "That cannot happen to the shipment where it is: nothing leads back to a status that comes before or past the end, and cash on delivery is paid (38) once, after the delivery."),
	shipment.ErrEventTime:      invalid([]shipment.Problem{{Code: shipment.Invalid, Path: "time", Message: "time must lie between what happened last to the shipment and a year from now.", Type: shipment.Error}}),
	shipment.ErrNoReturn:       fail(http.StatusConflict, "NO_RETURN_SERVICE", "The shipment's service has no return service."),
}

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
	if refused, ok := errors.AsType[*shipment.Refused](err); ok {
		return invalid(bounded(refused.Problems))
	}
	if returned, ok := errors.AsType[*shipment.ReturnedError](err); ok {
		return fail(http.StatusConflict, "RETURN_EXISTS", fmt.Sprintf("The shipment has a return already: %s, with the number %s. Another can be made when that one is cancelled.", returned.ID, returned.Number))
	}
	for known, failure := range conflictFailures {
		if errors.Is(err, known) {
			return failure
		}
	}
	if failure, ok := callFailure(err); ok {
		return failure
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

// headers sets what goes with a failure.
func (f failure) headers(w http.ResponseWriter) {
	if f.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="OmaPosti Pro API"`)
	}
	setRetryAfter(w, f.retryAfter)
}

// setRetryAfter says in seconds when to try again, if that is known.
func setRetryAfter(w http.ResponseWriter, wait time.Duration) {
	if wait > 0 {
		w.Header().Set(headerRetryAfter, strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
}

// refuse answers with an error in the shape of the compatible family.
func (a *API) refuse(w http.ResponseWriter, r *http.Request, f failure) {
	requestID, _ := a.Origin(r.Context())
	f.headers(w)
	writeJSON(w, f.status, "application/json", newRefusal(requestID, f.problems...))
}

// problem is the problem document of our own family (RFC 9457).
type problem struct {
	Title     string         `json:"title"`
	Status    int            `json:"status"`
	Detail    string         `json:"detail" doc:"The first error."`
	Message   string         `json:"message" doc:"The same, where the other families have it."`
	RequestID string         `json:"requestId" doc:"Under which the request is known here, as in X-Request-Id."`
	Errors    []refusalError `json:"errors"`
}

// problem answers with an error in the shape of our own family.
func (a *API) problem(w http.ResponseWriter, r *http.Request, f failure) {
	requestID, _ := a.Origin(r.Context())
	f.headers(w)
	writeJSON(w, f.status, "application/problem+json", newProblem(requestID, f))
}

func newProblem(requestID string, f failure) problem {
	refusal := newRefusal(requestID, f.problems...)
	return problem{Title: http.StatusText(f.status), Status: f.status, Detail: refusal.Message,
		Message: refusal.Message, RequestID: refusal.RequestID, Errors: refusal.Errors}
}

// gatewayError is the body of an error of the versioned gateways. Which details the carrier gives is not known; here they
// are the errors as the other families have them.
type gatewayError struct {
	ErrorCode string         `json:"errorCode"`
	Message   string         `json:"message"`
	Details   []refusalError `json:"details"`
}

// gatewayCodes are the codes of the versioned gateways, for those codes of the other families that have one.
var gatewayCodes = map[shipment.Code]string{
	"JSON_DECODE_ERROR": "JSON_DECODE_ERROR",
	"KEY_MISSING":       "MISSING_HEADER",
	"INVALID_TOKEN":     "INVALID_TOKEN",
	"TOKEN_EXPIRED":     "EXPIRED",
}

// refuseGateway answers with an error in the shape of the versioned gateways.
func (a *API) refuseGateway(w http.ResponseWriter, _ *http.Request, f failure) {
	f.headers(w)
	writeJSON(w, f.status, "application/json", newGatewayError(f))
}

func newGatewayError(f failure) gatewayError {
	body := gatewayError{ErrorCode: gatewayCode(f), Message: f.problems[0].Message, Details: make([]refusalError, len(f.problems))}
	for i, p := range f.problems {
		body.Details[i] = refusalError(p)
	}
	return body
}

func gatewayCode(f failure) string {
	if code, ok := gatewayCodes[f.problems[0].Code]; ok {
		return code
	}
	switch {
	case f.status == http.StatusUnauthorized:
		return "UNAUTHORIZED"
	case f.status == http.StatusForbidden:
		return "FORBIDDEN"
	case f.status == http.StatusBadRequest, f.status == http.StatusUnprocessableEntity:
		return "VALIDATION_ERROR"
	case f.status == http.StatusInternalServerError:
		return "INTERNAL_SERVER_ERROR"
	case f.status < http.StatusInternalServerError:
		return "CLIENT_ERROR"
	default:
		return "UNKNOWN"
	}
}

// writeJSON answers with a document. Nothing that the API says may be kept by a cache on the way.
func writeJSON(w http.ResponseWriter, status int, contentType string, document any) {
	body, err := json.Marshal(document)
	if err != nil {
		panic(err) // our own types can always be written
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
