package session

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
)

// seenEvery is how old a session's last-seen time may be before it is written anew.
const seenEvery = time.Minute

// maxSeen bounds what is held between two flushes; more sessions than this wait for their next request.
const maxSeen = 10_000

type sighting struct {
	at           time.Time
	organization uuid.UUID
}

// seen collects when sessions were last seen, and where, so that a request writes nothing.
type seen struct {
	mu       sync.Mutex
	sessions map[uuid.UUID]sighting
}

// note remembers a request, if it tells something new: another organisation, or a time over a minute later.
func (s *seen) note(identity *account.Identity, organization uuid.UUID, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	noted, found := s.sessions[identity.SessionID]
	moved := organization != uuid.Nil && organization != identity.LastOrganization
	if !found && (!moved && now.Sub(identity.LastSeen) < seenEvery || len(s.sessions) >= maxSeen) {
		return
	}
	if organization != uuid.Nil {
		noted.organization = organization
	}
	noted.at = now
	if s.sessions == nil {
		s.sessions = make(map[uuid.UUID]sighting)
	}
	s.sessions[identity.SessionID] = noted
}

func (s *seen) take() map[uuid.UUID]sighting {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.sessions
	s.sessions = nil
	return taken
}

// Flush writes down, in one statement, who was seen since the last time.
func (s *Store) Flush(ctx context.Context) error {
	taken := s.seen.take()
	if len(taken) == 0 {
		return nil
	}
	ids, times, organizations := make([]uuid.UUID, 0, len(taken)), make([]time.Time, 0, len(taken)), make([]*uuid.UUID, 0, len(taken))
	for id, sighting := range taken {
		ids, times = append(ids, id), append(times, sighting.at)
		if sighting.organization == uuid.Nil {
			organizations = append(organizations, nil)
		} else {
			organizations = append(organizations, &sighting.organization)
		}
	}
	if err := s.db.Exec(ctx, "select touch_sessions($1, $2, $3)", ids, times, organizations); err != nil {
		return fmt.Errorf("write down who was seen: %w", err)
	}
	return nil
}
