package apikey

import (
	"crypto/rand"
	"crypto/sha256"
	"hash/crc32"
	"math/big"
	"strings"
)

// A key is opp_ + 32 random base62 characters + 6 of checksum: the CRC-32 (IEEE) of those 32, base62, padded with 0.
// Secret scanners find it by its prefix, and a mistyped one is refused without asking the database.
const (
	prefix         = "opp_"
	randomLength   = 32
	checksumLength = 6
	suffixLength   = 3 // how many characters of a key the list shows
	alphabet       = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// value is a whole key: a secret. It has no String method that would print it.
type value string

// generate makes a new key.
func generate() (value, error) {
	var random strings.Builder
	size := big.NewInt(int64(len(alphabet)))
	for range randomLength {
		n, err := rand.Int(rand.Reader, size)
		if err != nil {
			return "", err
		}
		random.WriteByte(alphabet[n.Int64()])
	}
	return value(prefix + random.String() + checksum(random.String())), nil
}

// parse takes what looks like a key in every character, its checksum included.
func parse(text string) (value, bool) {
	if len(text) != len(prefix)+randomLength+checksumLength || !strings.HasPrefix(text, prefix) {
		return "", false
	}
	random, sum := text[len(prefix):len(prefix)+randomLength], text[len(prefix)+randomLength:]
	if strings.Trim(random, alphabet) != "" || checksum(random) != sum {
		return "", false
	}
	return value(text), true
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

// hash gives that by which a key is recognised. The key is random enough that a fast hash is safe.
func (v value) hash() []byte {
	sum := sha256.Sum256([]byte(v))
	return sum[:]
}

func (v value) suffix() string { return string(v[len(v)-suffixLength:]) }
