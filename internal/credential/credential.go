// Package credential makes the secrets that programs present, and knows their form: API keys, clients' secrets, tokens.
package credential

import (
	"crypto/rand"
	"crypto/sha256"
	"hash/crc32"
	"math/big"
	"strings"
)

// A secret is a prefix + 32 random base62 characters + 6 of checksum: the CRC-32 (IEEE) of those 32, base62, padded with
// 0. Secret scanners find it by its prefix, and a mistyped one is refused without asking the database.
const (
	randomLength   = 32
	checksumLength = 6
	suffixLength   = 3 // how many characters of a key the list shows
	alphabet       = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// Prefix says what a secret is for.
type Prefix string

// The prefixes.
const (
	Key          Prefix = "opp_" // API keys
	ClientSecret Prefix = "ops_" // of application accounts
	Token        Prefix = "opt_" // that application accounts get for it
)

// Value is a whole secret. It has no String method that would print it.
type Value string

// Generate makes a new secret.
func Generate(prefix Prefix) (Value, error) {
	var random strings.Builder
	size := big.NewInt(int64(len(alphabet)))
	for range randomLength {
		n, err := rand.Int(rand.Reader, size)
		if err != nil {
			return "", err
		}
		random.WriteByte(alphabet[n.Int64()])
	}
	return withChecksum(prefix, random.String()), nil
}

func withChecksum(prefix Prefix, random string) Value {
	return Value(string(prefix) + random + checksum(random))
}

// Parse takes what looks like a secret with the prefix in every character, its checksum included.
func Parse(prefix Prefix, text string) (Value, bool) {
	random, found := strings.CutPrefix(text, string(prefix))
	if !found || len(random) != randomLength+checksumLength {
		return "", false
	}
	random, sum := random[:randomLength], random[randomLength:]
	if strings.Trim(random, alphabet) != "" || checksum(random) != sum {
		return "", false
	}
	return Value(text), true
}

func checksum(random string) string {
	sum := crc32.ChecksumIEEE([]byte(random))
	var digits [checksumLength]byte
	for i := checksumLength - 1; i >= 0; i-- {
		digits[i] = alphabet[sum%uint32(len(alphabet))]
		sum /= uint32(len(alphabet))
	}
	return string(digits[:])
}

// Hash gives that by which a secret is recognised. It is random enough that a fast hash is safe.
func (v Value) Hash() []byte {
	sum := sha256.Sum256([]byte(v))
	return sum[:]
}

// Suffix gives the end of it that may be shown, to tell two apart.
func (v Value) Suffix() string { return string(v[len(v)-suffixLength:]) }
