package account

import (
	"testing"
	"time"
)

func TestWaitGrowsUpToItsLimit(t *testing.T) {
	for _, test := range []struct {
		limit    limit
		failures int
		want     time.Duration
	}{
		{accountLimit, 0, 0},
		{accountLimit, 4, 0},
		{accountLimit, 5, 15 * time.Second},
		{accountLimit, 6, 30 * time.Second},
		{accountLimit, 7, time.Minute},
		{accountLimit, 8, 2 * time.Minute},
		{accountLimit, 9, 4 * time.Minute},
		{accountLimit, 10, 5 * time.Minute},
		{accountLimit, 1_000_000_000, 5 * time.Minute}, // never locked out for good
		{addressLimit, 19, 0},
		{addressLimit, 20, 15 * time.Second},
		{addressLimit, 25, 8 * time.Minute},
		{addressLimit, 26, 15 * time.Minute},
		{addressLimit, 1_000_000_000, 15 * time.Minute},
	} {
		if got := test.limit.wait(test.failures); got != test.want {
			t.Errorf("after %d failures one waits %s, want %s", test.failures, got, test.want)
		}
	}
}

func TestAttemptsAreToldApartByAccountAndAddress(t *testing.T) {
	// What stands for an account is never what stands for an address, whatever is typed.
	attempt := newAttempt("192.0.2.1", "192.0.2.1")
	if attempt.account == attempt.address {
		t.Error("an account named like an address shares its row")
	}
	first, again, other := newAttempt("a", "b"), newAttempt("a", "b"), newAttempt("a", "c")
	if first != again || first == other {
		t.Error("rows are not found again")
	}
}
