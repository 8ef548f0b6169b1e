package secretbox

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Generate makes a keyset with one key, as Tink's JSON, for those who keep it in a variable or a vault.
func Generate() ([]byte, error) {
	return addPrimary(keyset.NewManager())
}

// Rotated gives the keyset with one more key, which is the one to seal with from now on.
func Rotated(keysetJSON []byte) ([]byte, error) {
	handle, err := readKeyset(keysetJSON)
	if err != nil {
		return nil, err
	}
	return addPrimary(keyset.NewManagerFromHandle(handle))
}

func addPrimary(manager *keyset.Manager) ([]byte, error) {
	id, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("secretbox: make a key: %w", err)
	}
	if err := manager.SetPrimary(id); err != nil {
		return nil, fmt.Errorf("secretbox: make a key the primary one: %w", err)
	}
	handle, err := manager.Handle()
	if err != nil {
		return nil, fmt.Errorf("secretbox: make a keyset: %w", err)
	}
	var b bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&b)); err != nil {
		return nil, fmt.Errorf("secretbox: write a keyset: %w", err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// readKeyset drops Tink's reason, which may quote what it read.
func readKeyset(keysetJSON []byte) (*keyset.Handle, error) {
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(keysetJSON)))
	if err != nil {
		return nil, errors.New("secretbox: this is not a keyset (JSON as Tink writes it)")
	}
	return handle, nil
}

// keys is a keyset ready for use.
type keys struct {
	aead    tink.AEAD
	primary uint32
}

func parseKeys(keysetJSON []byte) (*keys, error) {
	handle, err := readKeyset(keysetJSON)
	if err != nil {
		return nil, err
	}
	primary, err := handle.Primary()
	if err != nil {
		return nil, errors.New("secretbox: the keyset has no primary key")
	}
	cipher, err := aead.New(handle)
	if err != nil {
		return nil, errors.New("secretbox: the keyset holds keys of another kind than AEAD")
	}
	return &keys{aead: cipher, primary: primary.KeyID()}, nil
}
