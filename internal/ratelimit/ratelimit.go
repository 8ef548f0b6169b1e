// Package ratelimit says who calls too often. It counts in memory, so that a call writes nothing: each instance of the
// portal holds its own count, and several let through as many times as much.
package ratelimit

import (
	"math"
	"net/netip"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// maxSubjects bounds how many callers are remembered. Who is forgotten for others has a full bucket again.
const maxSubjects = 50_000

// Limit is how often one subject may call: so many times a second, and after a pause so many at once. The zero limit lets
// everything through.
type Limit struct {
	PerSecond int
	Burst     int
}

// Window gives the seconds in which an empty bucket fills up.
func (l Limit) Window() int {
	return ceilSeconds(time.Second * time.Duration(l.Burst) / time.Duration(l.PerSecond))
}

// Limiter holds a bucket for each subject: a key, an address.
type Limiter struct {
	Limit
	buckets *lru.Cache[string, *rate.Limiter]
}

// New makes a limiter; nil, which lets everything through, for the zero limit.
func New(limit Limit) *Limiter {
	if limit.PerSecond <= 0 {
		return nil
	}
	buckets, err := lru.New[string, *rate.Limiter](maxSubjects)
	if err != nil {
		panic(err) // the size is positive
	}
	return &Limiter{Limit: limit, buckets: buckets}
}

// State is how a subject stands after a call.
type State struct {
	Allowed   bool
	Remaining int           // calls that are left in the bucket
	Reset     int           // seconds until the bucket is full
	Wait      time.Duration // until the next call is let through, for one that is not
}

// Take counts a call.
func (l *Limiter) Take(subject string, now time.Time) State {
	bucket, ok := l.buckets.Get(subject)
	if !ok {
		fresh := rate.NewLimiter(rate.Limit(l.PerSecond), l.Burst)
		// Of two calls at once the first one's bucket is taken.
		if before, there, _ := l.buckets.PeekOrAdd(subject, fresh); there {
			bucket = before
		} else {
			bucket = fresh
		}
	}
	allowed := bucket.AllowN(now, 1)
	tokens := bucket.TokensAt(now)
	perToken := float64(time.Second) / float64(l.PerSecond)
	s := State{Allowed: allowed, Remaining: max(0, int(tokens)), Reset: ceilSeconds(time.Duration((float64(l.Burst) - tokens) * perToken))}
	if !allowed {
		s.Wait = time.Duration((1 - tokens) * perToken)
	}
	return s
}

func ceilSeconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

// Subject gives what an address is counted as: itself, and of IPv6, of which one client has many, its network.
func Subject(address string) string {
	parsed, err := netip.ParseAddr(address)
	if err != nil || parsed.Unmap().Is4() {
		return address
	}
	network, err := parsed.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return network.Addr().String()
}
