package api

import (
	"fmt"
	"net/http"
	"strconv"
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
	address, credential *limiter
}

// limiter counts the calls of one kind of subject, and has what is said of its limit in every answer.
type limiter struct {
	*ratelimit.Limiter
	who  string // in the refusal
	name string // in the headers, quoted
	rule string
}

func newLimiter(limit ratelimit.Limit, name, who string) *limiter {
	counts := ratelimit.New(limit)
	if counts == nil {
		return nil
	}
	name = strconv.Quote(name)
	return &limiter{counts, who, name, fmt.Sprintf("%s;q=%d;w=%d", name, limit.Burst, limit.Window())}
}

func newLimiters(limits Limits) limiters {
	return limiters{address: newLimiter(limits.Address, "address", "this address"), credential: newLimiter(limits.Credential, "credential", "this credential")}
}

// The headers that tell how a caller stands: the fields RateLimit and RateLimit-Policy of the IETF's draft, as net/http
// writes them.
const (
	headerLimit  = "Ratelimit"
	headerPolicy = "Ratelimit-Policy"
)

// limitAddress counts a call for its client's address, before anything is asked of the database.
func (a *API) limitAddress(w http.ResponseWriter, r *http.Request) error {
	if a.limiters.address == nil {
		return nil
	}
	_, address := a.Origin(r.Context())
	return a.limiters.address.take(w, ratelimit.Subject(address), a.Now())
}

// limitCredential counts a call for who makes it.
func (a *API) limitCredential(w http.ResponseWriter, who caller.Caller) error {
	if a.limiters.credential == nil {
		return nil
	}
	return a.limiters.credential.take(w, string(who.ID[:]), a.Now())
}

// take counts a call and tells in the answer's headers how its maker stands.
func (l *limiter) take(w http.ResponseWriter, subject string, now time.Time) error {
	state := l.Take(subject, now)
	addToList(w.Header(), headerPolicy, l.rule)
	addToList(w.Header(), headerLimit, l.name+";r="+strconv.Itoa(state.Remaining)+";t="+strconv.Itoa(state.Reset))
	if state.Allowed {
		return nil
	}
	return fail(http.StatusTooManyRequests, "RATE_LIMITED",
		fmt.Sprintf("Too many calls come with %s: %d a second are answered, and %d at once after a pause.", l.who, l.PerSecond, l.Burst)).after(state.Wait)
}

// addToList adds an element to a header that is a list.
func addToList(header http.Header, name, element string) {
	if before := header[name]; len(before) == 1 {
		before[0] += ", " + element
		return
	}
	header[name] = []string{element}
}
