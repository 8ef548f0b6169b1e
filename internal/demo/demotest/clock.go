package demotest

import (
	"sync"
	"time"
)

// Clock stands still until a test moves it.
type Clock struct {
	start time.Time

	mu  sync.Mutex
	now time.Time
}

// NewClock gives a clock that stands at the present, to the microsecond, as the database keeps times: its audit
// partitions begin with the present month.
func NewClock() *Clock {
	start := time.Now().UTC().Truncate(time.Microsecond)
	return &Clock{start: start, now: start}
}

// Start gives the time at which the clock stood first.
func (c *Clock) Start() time.Time { return c.start }

// Now gives the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
