package api

import (
	"errors"
	"net/http"
	"time"

	"omapostipro/internal/once"
)

// The headers of calls that can be repeated.
const (
	headerIdempotencyKey = "Idempotency-Key"
	headerReplay         = "Idempotent-Replay"
)

// callOf gives the call that a request's Idempotency-Key names; nil without one. What is to be done is the body at its
// address; what stands behind a question mark only says how the answer is to look.
func callOf(r *http.Request, body []byte) (*once.Call, error) {
	keys := r.Header.Values(headerIdempotencyKey)
	switch len(keys) {
	case 0:
		return nil, nil
	case 1:
		return once.NewCall(keys[0], []byte(r.Method), []byte(r.URL.Path), body)
	default:
		return nil, once.ErrKey
	}
}

// tellReplay says in the answer's headers that the call had been made before.
func tellReplay(w http.ResponseWriter, call *once.Call) {
	if call != nil && call.Replayed {
		w.Header().Set(headerReplay, "true")
	}
}

// The refusals of a call that is repeated.
var callFailures = map[error]failure{
	once.ErrKey:     fail(http.StatusBadRequest, "IDEMPOTENCY_KEY_INVALID", "An Idempotency-Key is one header of 1 to 255 visible ASCII characters, without spaces."),
	once.ErrOther:   fail(http.StatusConflict, "IDEMPOTENCY_KEY_REUSED", "This Idempotency-Key was used in the last 24 hours with another body or at another address. A new order needs a new key."),
	once.ErrRunning: fail(http.StatusConflict, "IDEMPOTENCY_KEY_IN_USE", "The first call with this Idempotency-Key still runs, after 30 seconds of waiting. Try again later with the same key.").after(5 * time.Second),
}

// callFailure gives the refusal that an error of a call that is repeated means.
func callFailure(err error) (failure, bool) {
	for known, failure := range callFailures {
		if errors.Is(err, known) {
			return failure, true
		}
	}
	return failure{}, false
}
