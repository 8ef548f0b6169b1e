package application

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/credential"
	"omapostipro/internal/fault"
)

// shownAgain is how long after a secret was made the form that made it, sent again, is answered with it: the answer may have
// been lost on its way, or is loaded anew.
const shownAgain = 10 * time.Minute

// prepared is what a form carries, sealed, that gives a secret: however often it is sent, it is one act with one secret.
type prepared struct {
	ID       uuid.UUID        // that a new account is told from others by
	Secret   credential.Value // what it gives
	Replaces []byte           // the hash of the secret that an account has until then; nil for a new one
}

// Prepare gives what a form carries that makes an account, or gives one another secret: for one actor, and that account.
func (s *Service) Prepare(actor account.Actor, of Account) (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", err
	}
	secret, err := credential.Generate(credential.ClientSecret)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(prepared{ID: id, Secret: secret, Replaces: of.secretHash})
	if err != nil {
		return "", err
	}
	sealed, err := s.box.Seal(text, placeOf(actor, of.ID))
	return base64.RawURLEncoding.EncodeToString(sealed), err
}

// open reads what Prepare gave.
func (s *Service) open(actor account.Actor, of uuid.UUID, text string) (prepared, error) {
	var found prepared
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		sealed, err = s.box.Open(sealed, placeOf(actor, of))
	}
	if err == nil {
		err = json.Unmarshal(sealed, &found)
	}
	if err != nil {
		return prepared{}, fault.New(fault.Malformed, "form.incomplete").Because(err)
	}
	return found, nil
}

// placeOf says whose form it is, and about which account.
func placeOf(actor account.Actor, of uuid.UUID) []byte {
	return bytes.Join([][]byte{[]byte("application secret"), actor.Organization.ID[:], actor.ID[:], of[:]}, nil)
}

// shown gives the secret to a form that has been sent before, while it may be told and is the account's.
func (p prepared) shown(hash []byte, made, now time.Time) string {
	if !bytes.Equal(hash, p.Secret.Hash()) || now.Sub(made) >= shownAgain {
		return ""
	}
	return string(p.Secret)
}
