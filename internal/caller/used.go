package caller

import (
	"sync"
	"time"

	"github.com/google/uuid"
)

// maxUsed bounds how many callers' uses are held between two flushes; other callers wait for their next call.
const maxUsed = 10_000

// Uses collects when callers last called, so that a call writes nothing. The zero value is ready.
type Uses struct {
	mu      sync.Mutex
	callers map[uuid.UUID]time.Time
}

// Note remembers a call.
func (u *Uses) Note(caller uuid.UUID, at time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.callers == nil {
		u.callers = make(map[uuid.UUID]time.Time)
	}
	if _, noted := u.callers[caller]; noted || len(u.callers) < maxUsed {
		u.callers[caller] = at
	}
}

// Take gives who called since the last time, and when.
func (u *Uses) Take() (callers []uuid.UUID, times []time.Time) {
	u.mu.Lock()
	taken := u.callers
	u.callers = nil
	u.mu.Unlock()
	for caller, at := range taken {
		callers, times = append(callers, caller), append(times, at)
	}
	return callers, times
}
