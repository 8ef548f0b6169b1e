package account

import (
	"testing"

	"github.com/alexedwards/argon2id"
)

// Who tries an address without an account must wait as long as for one with.
func TestDummyHashHasTheSameParameters(t *testing.T) {
	params, salt, key, err := argon2id.DecodeHash(dummyHash)
	if err != nil {
		t.Fatal(err)
	}
	if *params != *argonParams || len(salt) != int(argonParams.SaltLength) || len(key) != int(argonParams.KeyLength) {
		t.Errorf("parameters are %+v, a salt of %d and a key of %d bytes, want %+v", *params, len(salt), len(key), *argonParams)
	}
}
