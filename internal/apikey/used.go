package apikey

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
)

// maxUsed bounds how many keys' uses are held between two flushes; other keys wait for their next call.
const maxUsed = 10_000

// used collects when keys were last used, so that a call writes nothing.
type used struct {
	mu   sync.Mutex
	keys map[uuid.UUID]time.Time
}

func (u *used) note(key uuid.UUID, at time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.keys == nil {
		u.keys = make(map[uuid.UUID]time.Time)
	}
	if _, noted := u.keys[key]; noted || len(u.keys) < maxUsed {
		u.keys[key] = at
	}
}

// Flush writes down, in one statement, which keys were used since the last time.
func (s *Service) Flush(ctx context.Context) error {
	s.used.mu.Lock()
	taken := s.used.keys
	s.used.keys = nil
	s.used.mu.Unlock()
	if len(taken) == 0 {
		return nil
	}
	keys, times := make([]uuid.UUID, 0, len(taken)), make([]time.Time, 0, len(taken))
	for key, at := range taken {
		keys, times = append(keys, key), append(times, at)
	}
	if err := s.db.Exec(ctx, "select touch_keys($1, $2)", keys, times); err != nil {
		return fmt.Errorf("write down which keys were used: %w", err)
	}
	return nil
}
