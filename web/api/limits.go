package api

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"omapostipro/internal/caller"
	"omapostipro/internal/ratelimit"
)

// Limits are how often an address and a credential may call. Zero limits let everything through.
type Limits struct {
	Address    ratelimit.Limit
	Credential ratelimit.Limit
}

// limiters hold the counts of an API. Either may be nil.
type limiters struct {
	address, credential *ratelimit.Limiter
}

// The names that the limits have in headers.
const (
	limitAddress    = "address"
	limitCredential = "credential"
)

// limitAddress counts a call for its client's address, before anything is asked of the database.
func (a *API) limitAddress(w http.ResponseWriter, r *http.Request) error {
	_, address := a.Origin(r.Context())
	return take(w, a.limiters.address, limitAddress, ratelimit.Subject(address), a.Now)
}

// limitCredential counts a call for who makes it.
func (a *API) limitCredential(w http.ResponseWriter, who caller.Caller) error {
	return take(w, a.limiters.credential, limitCredential, string(who.ID[:]), a.Now)
}

// take counts a call and tells in the answer's headers how its maker stands (the fields RateLimit and RateLimit-Policy of
// the IETF's draft).
func take(w http.ResponseWriter, limiter *ratelimit.Limiter, name, subject string, now func() time.Time) error {
	if limiter == nil {
		return nil
	}
	state := limiter.Take(subject, now())
	addToList(w.Header(), "RateLimit-Policy", fmt.Sprintf("%q;q=%d;w=%d", name, limiter.Burst, limiter.Window()))
	addToList(w.Header(), "RateLimit", fmt.Sprintf("%q;r=%d;t=%d", name, state.Remaining, state.Reset))
	if state.Allowed {
		return nil
	}
	who := map[string]string{limitAddress: "this address", limitCredential: "this credential"}[name]
	return fail(http.StatusTooManyRequests, "RATE_LIMITED",
		fmt.Sprintf("Too many calls come with %s: %d a second are answered, and %d at once after a pause.", who, limiter.PerSecond, limiter.Burst)).after(state.Wait)
}

// addToList adds an element to a header that is a list.
func addToList(header http.Header, name, element string) {
	header.Set(name, strings.TrimPrefix(header.Get(name)+", "+element, ", "))
}
