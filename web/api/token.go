package api

import (
	"errors"
	"fmt"
	"math"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"omapostipro/internal/application"
	"omapostipro/internal/audit"
	"omapostipro/internal/caller"
	"omapostipro/internal/shipment"
)

// tokenAnswer is the carrier's answer to who asks for a token.
type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"` // seconds
	Posti       struct {
		Targets targets `json:"targets"`
	} `json:"posti_fi"`
}

// targets are the parts of the API that the token opens.
type targets struct {
	ShippingAPI *target `json:"shippingapi,omitempty"`
	Gateway2025 *target `json:"2025-04,omitempty"`
	Gateway2026 *target `json:"2026-04,omitempty"`
	Tracking    *target `json:"tracking,omitempty"`
}

type target struct {
	URL  string `json:"url"`
	Tier int    `json:"tier"`
}

func (a *API) targetsOf(roles []caller.Role) targets {
	var t targets
	for _, role := range roles {
		switch role {
		case caller.ShippingAPI:
			t.ShippingAPI = &target{URL: a.BaseURL + "/shippingapi"}
		case caller.Gateway2025:
			t.Gateway2025 = &target{URL: a.BaseURL + "/2025-04"}
		case caller.Gateway2026:
			t.Gateway2026 = &target{URL: a.BaseURL + "/2026-04"}
		case caller.Tracking:
			t.Tracking = &target{URL: a.BaseURL + "/tracking/7"}
		}
	}
	return t
}

// tokenError is an error as RFC 6749 has it.
type tokenError struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

// maxTokenBody is how many bytes a call for a token may have.
const maxTokenBody = 16 << 10

// OAuth routes the carrier's older path for tokens, under /oauth: tracking and pickup orders are written for it. Its clients
// log in with HTTP Basic, and say what they want behind the question mark, with no body.
func (a *API) OAuth() http.Handler {
	r := family{a, a.refuseToken}.router()
	r.Post("/token", a.tokenCall())
	return r
}

func (a *API) tokenCall() http.HandlerFunc { return family{a, a.refuseToken}.open(a.giveToken) }

// giveToken gives a token for an application account's client id and secret (RFC 6749, section 4.4), which stand in the
// form, as the carrier has it, or in the Authorization header.
func (a *API) giveToken(w http.ResponseWriter, r *http.Request) error {
	form, err := readTokenForm(w, r)
	if err != nil {
		return err
	}
	if grant := form.Get("grant_type"); grant == "" {
		return tokenRefusal(http.StatusBadRequest, "invalid_request", "grant_type is missing: it is client_credentials.")
	} else if grant != "client_credentials" {
		return tokenRefusal(http.StatusBadRequest, "unsupported_grant_type", "grant_type must be client_credentials.")
	}
	clientID, secret, err := clientOf(r, form)
	if err != nil {
		return err
	}
	requestID, address := a.Origin(r.Context())
	grant, err := a.Applications.LogIn(r.Context(), clientID, secret, audit.Who{Kind: audit.Nobody, RequestID: requestID, Address: address})
	switch locked, isLocked := errors.AsType[*application.LockedError](err); {
	case isLocked:
		return lockedClient(locked.Wait)
	case errors.Is(err, application.ErrClient):
		return errBadClient
	case err != nil:
		return err
	}
	answer := tokenAnswer{AccessToken: grant.Token, TokenType: "Bearer", ExpiresIn: int(application.TokenLifetime / time.Second)}
	answer.Posti.Targets = a.targetsOf(grant.Roles)
	w.Header().Set("Pragma", "no-cache")
	writeJSON(w, http.StatusOK, "application/json", answer)
	return nil
}

// readTokenForm reads the form in which each parameter stands once. Without a body the address says what is wanted; nothing
// that is secret is taken from there.
func readTokenForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if grant := r.URL.Query()["grant_type"]; r.ContentLength == 0 && len(grant) == 1 {
		return url.Values{"grant_type": grant}, nil
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/x-www-form-urlencoded" || isEncoded(r) {
		return nil, tokenRefusal(http.StatusBadRequest, "invalid_request", "Send the parameters as application/x-www-form-urlencoded, not compressed.")
	}
	body, err := readAll(w, r, maxTokenBody)
	switch {
	case err != nil && isSlow(err):
		return nil, err
	case isFailure(err):
		return nil, tokenRefusal(http.StatusRequestEntityTooLarge, "invalid_request", fmt.Sprintf("The body is larger than %d bytes.", maxTokenBody))
	case err != nil:
		return nil, tokenRefusal(http.StatusBadRequest, "invalid_request", "The body ended before all of it was sent.")
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, tokenRefusal(http.StatusBadRequest, "invalid_request", "The body is not application/x-www-form-urlencoded.")
	}
	for name, values := range form {
		if len(values) > 1 {
			return nil, tokenRefusal(http.StatusBadRequest, "invalid_request", "A parameter stands there twice: "+strconv.Quote(name)+".")
		}
	}
	return form, nil
}

// clientOf gives client id and secret, which stand in one place only.
func clientOf(r *http.Request, form url.Values) (clientID, secret string, err error) {
	clientID, secret = form.Get("client_id"), form.Get("client_secret")
	id, password, ok := r.BasicAuth()
	if !ok && clientID != "" && secret != "" { // what else a client sends with all its calls, as the token of before, is not looked at
		return clientID, secret, nil
	}
	id, idErr := url.QueryUnescape(id) // both are encoded like parts of a form
	password, passwordErr := url.QueryUnescape(password)
	switch {
	case !ok || idErr != nil || passwordErr != nil || id == "":
		return "", "", errNoClient
	case secret != "" || clientID != "" && clientID != id:
		return "", "", tokenRefusal(http.StatusBadRequest, "invalid_request", "Send client id and secret in the form or in the Authorization header, not in both.")
	}
	return id, password, nil
}

// tokenRefusal makes a failure whose code is one of RFC 6749's.
func tokenRefusal(status int, code shipment.Code, description string) failure {
	return fail(status, code, description)
}

var (
	errNoClient  = tokenRefusal(http.StatusUnauthorized, "invalid_client", "Send the client id and secret of an application account, as client_id and client_secret in the form, or with HTTP Basic.")
	errBadClient = tokenRefusal(http.StatusUnauthorized, "invalid_client", "No enabled application account has this client id and secret. After five bad log-ins in a row the client id is locked for an hour, for the address that they come from.")
)

// lockedClient is the refusal of a log-in with a client id that is locked, for the address or for all.
func lockedClient(wait time.Duration) failure {
	minutes := int(math.Ceil(wait.Minutes()))
	return tokenRefusal(http.StatusUnauthorized, "invalid_client", fmt.Sprintf("The client id is locked after bad log-ins in a row. Try again in %d minutes; a new secret ends the lock at once.", minutes)).after(wait)
}

// refuseToken answers with an error in the shape of RFC 6749. It has no codes for what is not the client's fault, but
// those of its section 4.1.2.1.
func (a *API) refuseToken(w http.ResponseWriter, _ *http.Request, f failure) {
	code := f.problems[0].Code
	switch {
	case code != shipment.Code(strings.ToLower(string(code))): // not one of RFC 6749's
		code = "server_error"
		if f.status < http.StatusInternalServerError {
			code = "invalid_request"
		} else if f.status == http.StatusServiceUnavailable {
			code = "temporarily_unavailable"
		}
	case f.status == http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Basic realm="OmaPosti Pro API"`)
	}
	setRetryAfter(w, f.retryAfter)
	w.Header().Set("Pragma", "no-cache")
	writeJSON(w, f.status, "application/json", tokenError{Code: string(code), Description: f.problems[0].Message})
}
