package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/go-chi/chi/v5"

	"omapostipro/internal/apikey"
	"omapostipro/internal/application"
	"omapostipro/internal/caller"
	"omapostipro/internal/credential"
	"omapostipro/internal/shipment"
)

// need is what a route asks of its caller: which credential, and which role.
type need struct {
	keys   bool        // a key that was made in the portal
	tokens bool        // a token of an application account
	role   caller.Role // "" for none
}

// What routes ask for.
func byKey(role caller.Role) need        { return need{keys: true, role: role} }
func byToken(role caller.Role) need      { return need{tokens: true, role: role} }
func byKeyOrToken(role caller.Role) need { return need{keys: true, tokens: true, role: role} }

var byAny = byKeyOrToken("") // with whatever roles

// family is a part of the API whose errors have one shape.
type family struct {
	api    *API
	refuse refuser
}

// refuser answers with an error in the shape of a family.
type refuser func(http.ResponseWriter, *http.Request, failure)

// callHandler answers a call of somebody who has been recognised, or gives the error that it ends with.
type callHandler func(http.ResponseWriter, *http.Request, caller.Caller) error

// router makes a router that refuses what it does not have.
func (f family) router() *chi.Mux {
	router := chi.NewRouter()
	// Who asks for what is not there is counted like everybody.
	router.NotFound(f.open(func(http.ResponseWriter, *http.Request) error { return errNothingHere }))
	router.MethodNotAllowed(f.open(func(w http.ResponseWriter, r *http.Request) error {
		path := chi.RouteContext(r.Context()).RoutePath
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			if router.Match(chi.NewRouteContext(), method, path) {
				w.Header().Add("Allow", method)
			}
		}
		return errMethod
	}))
	return router
}

// to makes a handler of one that answers callers with what the route needs.
func (f family) to(need need, handle callHandler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		defer f.recoverPanic(w, r)
		f.fail(w, r, f.answer(w, r, need, handle))
	}
}

// open makes a handler of one that answers everybody.
func (f family) open(handle func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		defer f.recoverPanic(w, r)
		f.api.boundBody(w, r)
		err := f.api.limitAddress(w, r)
		if err == nil {
			err = handle(w, r)
		}
		f.fail(w, r, err)
	}
}

// answer does what comes before a handler: that the call may be made at all, and who makes it.
func (f family) answer(w http.ResponseWriter, r *http.Request, need need, handle callHandler) error {
	f.api.boundBody(w, r)
	if err := f.api.limitAddress(w, r); err != nil {
		return err
	}
	who, err := f.api.recognize(r, need)
	if err != nil {
		return err
	}
	if err := f.api.limitCredential(w, who); err != nil {
		return err
	}
	return handle(w, r, who)
}

// fail answers with an error. Nil and the error of a client that has gone need no answer.
func (f family) fail(w http.ResponseWriter, r *http.Request, err error) {
	if gone := errors.Is(err, context.Canceled) && r.Context().Err() != nil; err != nil && !gone {
		f.refuse(w, r, f.api.failureOf(r, err))
	}
}

// recoverPanic answers a panic with an error in the shape of the family, and logs it once.
func (f family) recoverPanic(w http.ResponseWriter, r *http.Request) {
	cause := recover()
	if cause == nil {
		return
	}
	requestID, _ := f.api.Origin(r.Context())
	f.api.Log.Error("panic", "cause", cause, "request", requestID, "stack", string(debug.Stack()))
	f.refuse(w, r, errInternal)
}

// recognize gives the caller of a request, if it is one that the route is for. The credential stands in the Authorization
// header, bare, as the carrier's integrations send a key, or after Bearer; a shop's module leaves out the space there.
func (a *API) recognize(r *http.Request, need need) (caller.Caller, error) {
	text := strings.TrimSpace(r.Header.Get("Authorization"))
	if scheme := text[:min(len(text), len("Bearer"))]; strings.EqualFold(scheme, "Bearer") {
		text = strings.TrimSpace(text[len(scheme):])
	}
	if text == "" {
		return caller.Caller{}, need.missing()
	}
	_, address := a.Origin(r.Context())
	who, err := a.recognizeAs(r.Context(), text, address, need)
	if err == nil && need.role != "" && !who.Has(need.role) {
		err = roleMissing(who, need.role)
	}
	if err != nil {
		return caller.Caller{}, err
	}
	return who, nil
}

func (a *API) recognizeAs(ctx context.Context, text, address string, need need) (caller.Caller, error) {
	token := strings.HasPrefix(text, string(credential.Token))
	switch {
	case need.tokens && (token || !need.keys):
		if strings.HasPrefix(text, string(credential.Key)) {
			return caller.Caller{}, errKeyForToken
		}
		return a.Applications.Recognize(ctx, text)
	case token:
		return caller.Caller{}, errTokenForKey
	default:
		return a.Keys.Recognize(ctx, text, address)
	}
}

// missing is the refusal of a call without a credential.
func (n need) missing() failure {
	send := "the API key that was made in the portal: Authorization: KEY"
	switch {
	case !n.keys:
		send = "a token of an application account: Authorization: Bearer TOKEN"
	case n.tokens:
		send += ", or a token of an application account: Authorization: Bearer TOKEN"
	}
	return fail(http.StatusUnauthorized, "KEY_MISSING", "The Authorization header is missing. Send "+send+".")
}

// The refusals of a credential. Source: the table of errors of the compatible family; the others give the same codes.
var credentialFailures = map[error]failure{
	apikey.ErrMalformed:    fail(http.StatusUnauthorized, "KEY_MALFORMED", "This is not an API key of the portal: a key is opp_ and 38 letters and digits, of which the last six are a checksum. Was it copied whole?"),
	apikey.ErrUnknown:      fail(http.StatusUnauthorized, "KEY_UNKNOWN", "The API key is not known here."),
	apikey.ErrDisabled:     fail(http.StatusUnauthorized, "KEY_DISABLED", "The API key is disabled. A main user can enable it again in the portal, under Integrationer."),
	apikey.ErrRevoked:      fail(http.StatusUnauthorized, "KEY_REVOKED", "The API key was revoked, for good. A main user can make a new one in the portal, under Integrationer."),
	apikey.ErrExpired:      fail(http.StatusUnauthorized, "KEY_EXPIRED", "The API key has expired: it was made to work for a time only. A main user can make a new one in the portal, under Integrationer."),
	apikey.ErrAddress:      fail(http.StatusUnauthorized, "ADDRESS_NOT_ALLOWED", "The API key may not be used from this address: it was made for some networks only. The portal shows them to main users, under Integrationer."),
	application.ErrInvalid: fail(http.StatusUnauthorized, "INVALID_TOKEN", "The token is not valid here, or not any more. An application account gets one with POST /api/v1/token."),
	application.ErrExpired: fail(http.StatusUnauthorized, "TOKEN_EXPIRED", "The token has expired: it worked for one hour. An application account gets a new one with POST /api/v1/token."),
}

var (
	errKeyForToken = fail(http.StatusUnauthorized, "INVALID_TOKEN", "This is an API key: version 1 of the shipping order takes it, at /shippingapi/api/v1. Version 2 and the versioned gateways take a token of an application account, which POST /api/v1/token gives for its client id and secret.")
	errTokenForKey = fail(http.StatusUnauthorized, "KEY_MALFORMED", "This is a token of an application account: version 2 of the shipping order takes it, at /shippingapi/api/v2. Version 1 takes the API key that was made in the portal, under Integrationer.")
)

// roleMissing names the role that was asked for and those that there are.
func roleMissing(who caller.Caller, role caller.Role) failure {
	roles := make([]string, len(who.Roles))
	for i, has := range who.Roles {
		roles[i] = string(has)
	}
	message := fmt.Sprintf("This needs the API role %s; the application account has %s. A main user can change that in the portal, under Integrationer.",
		role, strings.Join(roles, ", "))
	if who.IsKey() {
		message = fmt.Sprintf("This needs the API role %s, which API keys do not have: it takes an application account.", role)
	}
	return failure{status: http.StatusForbidden, problems: []shipment.Problem{{Code: "ROLE_MISSING", Message: message, Type: shipment.Error}}}
}
