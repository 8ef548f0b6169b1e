package account

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/sync/semaphore"

	"omapostipro/internal/fault"
)

// Length of a password where one is chosen, in characters. Source: NIST SP 800-63B-4 for a password alone. The login
// itself never checks it.
const (
	MinPasswordLength = 15
	MaxPasswordLength = 128
)

// CheckPassword checks a password that somebody chooses.
func CheckPassword(password string) error {
	faults := fault.New(fault.Invalid, "form.invalid")
	switch length := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password):
		faults.At("password", "form.control_characters")
	case length < MinPasswordLength:
		faults.At("password", "password.too_short", "minimum", MinPasswordLength)
	case length > MaxPasswordLength:
		faults.At("password", "form.too_long", "maximum", MaxPasswordLength)
	}
	return faults.Err()
}

// OWASP's parameters for argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
var argonParams = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// quietBeforeFreeing is how long no password is hashed before the memory goes back to the system.
const quietBeforeFreeing = 10 * time.Second

// hasher hashes passwords, as many at once as there are processors: more would take memory and win nothing.
type hasher struct {
	places *semaphore.Weighted
	free   *time.Timer
}

func newHasher() *hasher {
	return &hasher{places: semaphore.NewWeighted(int64(runtime.GOMAXPROCS(0))), free: time.AfterFunc(quietBeforeFreeing, debug.FreeOSMemory)}
}

// dummyHash is what the password of an address without an account is compared with, so that it takes as long. It has the
// parameters above, and is of no account's password.
const dummyHash = "$argon2id$v=19$m=19456,t=2,p=1$hWQsateIoSHMGTdyz3R3Bw$6QsVnaqWn9nRFOSSq/sekmd3XLAUrqBDmu208DIFuZE"

func (h *hasher) hash(ctx context.Context, password string) (hash string, err error) {
	err = h.inTurn(ctx, func() error {
		hash, err = argon2id.CreateHash(password, argonParams)
		return err
	})
	return hash, err
}

// matches compares in constant time; an empty hash never matches, and takes as long.
func (h *hasher) matches(ctx context.Context, password, hash string) (match bool, err error) {
	known := hash != ""
	if !known {
		hash = dummyHash
	}
	err = h.inTurn(ctx, func() error {
		match, err = argon2id.ComparePasswordAndHash(password, hash)
		return err
	})
	return match && known, err
}

func (h *hasher) inTurn(ctx context.Context, work func() error) error {
	if err := h.places.Acquire(ctx, 1); err != nil {
		return err
	}
	defer h.places.Release(1)
	defer h.free.Reset(quietBeforeFreeing)
	return work()
}
