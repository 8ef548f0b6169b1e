package secretbox

import (
	"encoding/binary"
	"errors"
	"os"
	"sync"
)

// ErrOpen says that a value cannot be opened: it was sealed with a key that is not in the keyset, belongs to another
// place, or is damaged.
var ErrOpen = errors.New("secretbox: the value cannot be opened with this keyset, or does not belong here")

// Box seals and opens values. It may be used by many goroutines at once.
type Box struct {
	path string // of the keyset; "" if it came as a value

	mu   sync.Mutex
	file os.FileInfo // of the file that keys was read from
	keys *keys
}

// Parse gives the box of a keyset that is kept in a variable.
func Parse(keysetJSON []byte) (*Box, error) {
	keys, err := parseKeys(keysetJSON)
	if err != nil {
		return nil, err
	}
	return &Box{keys: keys}, nil
}

// Seal encrypts plaintext with the newest key and binds it to what associated says of its place.
func (b *Box) Seal(plaintext, associated []byte) ([]byte, error) {
	return b.current().aead.Encrypt(plaintext, associated)
}

// Open decrypts what Seal made with the same associated data, or fails with ErrOpen.
func (b *Box) Open(ciphertext, associated []byte) ([]byte, error) {
	plaintext, err := b.current().aead.Decrypt(ciphertext, associated)
	if err != nil {
		return nil, ErrOpen
	}
	return plaintext, nil
}

// IsCurrent says whether ciphertext was sealed with the newest key. After a rotation, what is not is to be opened and
// sealed again.
func (b *Box) IsCurrent(ciphertext []byte) bool {
	id, ok := KeyID(ciphertext)
	return ok && id == b.current().primary
}

// CurrentKeyID names the newest key, which says nothing of it.
func (b *Box) CurrentKeyID() uint32 { return b.current().primary }

// tinkPrefix begins a ciphertext of Tink's; four bytes of the key's id follow.
const tinkPrefix = 0x01

// KeyID names the key that ciphertext was sealed with. It is not ok for what Seal has not made.
func KeyID(ciphertext []byte) (id uint32, ok bool) {
	if len(ciphertext) < 5 || ciphertext[0] != tinkPrefix {
		return 0, false
	}
	return binary.BigEndian.Uint32(ciphertext[1:5]), true
}
