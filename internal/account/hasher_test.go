package account

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
)

func TestHasher(t *testing.T) {
	h := newHasher()
	hash, err := h.hash(t.Context(), "hästen tuggar på batteriet")
	if err != nil {
		t.Fatal(err)
	}
	// OWASP's parameters: 19 MiB, two passes, one lane. An address without an account costs the same.
	for _, made := range []string{hash, dummyHash} {
		if !strings.HasPrefix(made, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Errorf("made is %s", made)
		}
	}
	for _, test := range []struct {
		password, hash string
		want           bool
	}{
		{"hästen tuggar på batteriet", hash, true}, {"hästen tuggar på batteriet ", hash, false}, {"", hash, false},
		{"", "", false},
	} {
		if match, err := h.matches(t.Context(), test.password, test.hash); err != nil || match != test.want {
			t.Errorf("%q: %t, %v", test.password, match, err)
		}
	}
}

// As many at once as there are processors; all others wait, those without an account too.
func TestHashingIsCapped(t *testing.T) {
	h := newHasher()
	if !h.places.TryAcquire(int64(runtime.GOMAXPROCS(0))) || h.places.TryAcquire(1) {
		t.Fatal("there are more or fewer places than processors")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, hash := range []string{dummyHash, ""} {
		if _, err := h.matches(gone, "x", hash); !errors.Is(err, context.Canceled) {
			t.Errorf("somebody did not wait: %v", err)
		}
	}
	if _, err := h.hash(gone, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("somebody did not wait: %v", err)
	}
	h.places.Release(int64(runtime.GOMAXPROCS(0)))
	if _, err := h.matches(t.Context(), "x", ""); err != nil {
		t.Error(err)
	}
}
