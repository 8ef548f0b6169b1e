package ratelimit_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"omapostipro/internal/ratelimit"
)

func TestABucket(t *testing.T) {
	t.Parallel()
	limiter := ratelimit.New(ratelimit.Limit{PerSecond: 50, Burst: 100})
	now := time.Now()
	for i := range 100 {
		if s := limiter.Take("a", now); !s.Allowed || s.Remaining != 99-i || s.Reset != (i+1+49)/50 {
			t.Fatalf("call %d: %+v", i+1, s)
		}
	}
	if s := limiter.Take("a", now); s.Allowed || s.Remaining != 0 || s.Wait != 20*time.Millisecond || s.Reset != 2 {
		t.Errorf("the call after the last: %+v", s)
	}
	if s := limiter.Take("b", now); !s.Allowed {
		t.Errorf("somebody else's: %+v", s)
	}
	now = now.Add(time.Second)
	passed := 0
	for range 100 {
		if limiter.Take("a", now).Allowed {
			passed++
		}
	}
	if passed != 50 {
		t.Errorf("%d calls after a second", passed)
	}
	if w := limiter.Window(); w != 2 {
		t.Errorf("a window of %d seconds", w)
	}
}

func TestNoLimit(t *testing.T) {
	t.Parallel()
	if ratelimit.New(ratelimit.Limit{}) != nil {
		t.Error("the zero limit limits")
	}
}

// The buckets are bounded, and parallel calls share one.
func TestManySubjects(t *testing.T) {
	t.Parallel()
	limiter := ratelimit.New(ratelimit.Limit{PerSecond: 1, Burst: 10})
	now := time.Now()
	var (
		parallel sync.WaitGroup
		passed   atomic.Int32
	)
	for range 100 {
		parallel.Go(func() {
			if limiter.Take("one", now).Allowed {
				passed.Add(1)
			}
		})
	}
	parallel.Wait()
	if passed.Load() != 10 {
		t.Errorf("%d calls passed", passed.Load())
	}
	for i := range 60_000 {
		limiter.Take(fmt.Sprint(i), now)
	}
	if !limiter.Take("one", now).Allowed {
		t.Error("the first of many is still remembered: the buckets are not bounded")
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{"192.0.2.7": "192.0.2.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::", "::ffff:192.0.2.7": "::ffff:192.0.2.7", "": ""} {
		if got := ratelimit.Subject(address); got != want {
			t.Errorf("%s is counted as %s", address, got)
		}
	}
}
