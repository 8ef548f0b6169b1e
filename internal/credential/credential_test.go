package credential

import (
	"bytes"
	"crypto/sha256"
	"regexp"
	"strings"
	"testing"
)

// Worked out apart from this code: python3 -c 'import zlib; n = zlib.crc32(b"…"); …' and written in base62.
var keyVectors = []string{
	"opp_000000000000000000000000000000002wjyrI",
	"opp_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz4W8LJS",
	"opp_0123456789ABCDEFGHIJKLMNOPQRSTUV1ggZdL",
	"opp_kLm9PqRsTuVwXyZ0aBcDeFgHiJ12345624Bns2",
	"opp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaa11000xx3Z",
}

func TestChecksumVectors(t *testing.T) {
	for _, key := range keyVectors {
		v, ok := Parse(Key, key)
		if !ok {
			t.Errorf("%s is refused; its checksum here is %s", key, checksum(key[4:36]))
			continue
		}
		if sum := sha256.Sum256([]byte(key)); !bytes.Equal(v.Hash(), sum[:]) {
			t.Errorf("%s is hashed to %x", key, v.Hash())
		}
		if v.Suffix() != key[39:] {
			t.Errorf("%s ends in %s", key, v.Suffix())
		}
	}
}

func TestGeneratedKeysHaveTheForm(t *testing.T) {
	form := regexp.MustCompile(`^opp_[0-9A-Za-z]{38}$`)
	seen := map[Value]bool{}
	used := map[rune]bool{}
	for range 500 {
		v, err := Generate(Key)
		if err != nil {
			t.Fatal(err)
		}
		if !form.MatchString(string(v)) {
			t.Fatalf("%s has not the form of a key", v)
		}
		if parsed, ok := Parse(Key, string(v)); !ok || parsed != v {
			t.Fatalf("%s is not taken back", v)
		}
		if seen[v] {
			t.Fatalf("%s was made twice", v)
		}
		seen[v] = true
		for _, character := range v[len(Key) : len(Key)+randomLength] {
			used[character] = true
		}
	}
	if len(used) != len(alphabet) {
		t.Errorf("of the alphabet's %d characters %d are used", len(alphabet), len(used))
	}
}

func TestEveryMistypedKeyIsRefused(t *testing.T) {
	key := keyVectors[0]
	// One character wrong, or two that stand beside each other swapped: CRC-32 finds all of these.
	for i := range key {
		for _, character := range []byte(alphabet + "_ åÅ\x00") {
			if wrong := key[:i] + string(character) + key[i+1:]; wrong != key {
				wantRefused(t, wrong)
			}
		}
		if i > 0 && key[i-1] != key[i] {
			wantRefused(t, key[:i-1]+string(key[i])+string(key[i-1])+key[i+1:])
		}
	}
	for _, wrong := range []string{"", "opp_", key[:len(key)-1], key + "0", " " + key, key + " ", strings.ToUpper(key), strings.Replace(key, "opp_", "OPP_", 1),
		"opp_" + strings.Repeat("é", 19), key[4:]} {
		wantRefused(t, wrong)
	}
}

func wantRefused(t *testing.T, key string) {
	t.Helper()
	if v, ok := Parse(Key, key); ok {
		t.Errorf("%q is taken for a key", v)
	}
}
