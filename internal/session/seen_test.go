package session

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
)

func TestSightingsAreNotedOnceAMinute(t *testing.T) {
	now := time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)
	here, there := uuid.UUID{1}, uuid.UUID{2}
	for _, test := range []struct {
		name         string
		lastSeen     time.Duration // before now
		organization uuid.UUID
		noted        bool
	}{
		{"just seen", 59 * time.Second, here, false},
		{"a minute ago", time.Minute, here, true},
		{"just seen, in another organisation", time.Second, there, true},
		{"just seen, on a page of none", time.Second, uuid.Nil, false},
		{"a minute ago, on a page of none", time.Minute, uuid.Nil, true},
	} {
		var s seen
		identity := &account.Identity{SessionID: uuid.UUID{9}, LastSeen: now.Add(-test.lastSeen), LastOrganization: here}
		s.note(identity, test.organization, now)
		sighting, noted := s.take()[identity.SessionID]
		if noted != test.noted || noted && (!sighting.at.Equal(now) || sighting.organization != test.organization) {
			t.Errorf("%s: noted %t, %+v", test.name, noted, sighting)
		}
	}
}

func TestSightingsKeepTheLatest(t *testing.T) {
	now := time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)
	var s seen
	identity := &account.Identity{SessionID: uuid.UUID{9}, LastSeen: now.Add(-time.Hour)}
	s.note(identity, uuid.UUID{1}, now)
	s.note(identity, uuid.UUID{2}, now.Add(time.Second))
	s.note(identity, uuid.Nil, now.Add(2*time.Second))
	if got := s.take()[identity.SessionID]; got != (sighting{at: now.Add(2 * time.Second), organization: uuid.UUID{2}}) {
		t.Errorf("noted is %+v", got)
	}
	if left := s.take(); len(left) != 0 {
		t.Errorf("taken twice: %v", left)
	}
}

func TestSightingsAreBounded(t *testing.T) {
	now := time.Now()
	var s seen
	for i := range maxSeen + 10 {
		s.note(&account.Identity{SessionID: uuid.UUID{byte(i), byte(i >> 8), 1}}, uuid.Nil, now)
	}
	if taken := len(s.take()); taken != maxSeen {
		t.Errorf("%d are held", taken)
	}
}

func TestOnlySecretsAreHashed(t *testing.T) {
	fine := base64.RawURLEncoding.EncodeToString(make([]byte, 32))
	if hash, ok := hashOf(fine); !ok || len(hash) != 32 {
		t.Errorf("%s: %x, %t", fine, hash, ok)
	}
	for _, value := range []string{"", "\x00", "å", fine[1:], fine + "A", fine + "=", strings.Repeat("A", 4000),
		base64.RawURLEncoding.EncodeToString(make([]byte, 31)), base64.RawURLEncoding.EncodeToString(make([]byte, 33))} {
		if hash, ok := hashOf(value); ok {
			t.Errorf("%q is taken for a secret: %x", value, hash)
		}
	}
}
