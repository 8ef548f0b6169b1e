package account

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// Token is what a link by mail holds; the database holds its hash.
type Token struct {
	Text string
	Hash []byte
}

// NewToken makes a token that nobody guesses.
func NewToken() Token {
	secret := make([]byte, sha256.Size)
	_, _ = rand.Read(secret) // never fails
	hash := sha256.Sum256(secret)
	return Token{Text: base64.RawURLEncoding.EncodeToString(secret), Hash: hash[:]}
}

// HashOfToken gives the hash by which a link is known; false for what is no token.
func HashOfToken(text string) ([]byte, bool) {
	secret, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(secret) != sha256.Size {
		return nil, false
	}
	hash := sha256.Sum256(secret)
	return hash[:], true
}
