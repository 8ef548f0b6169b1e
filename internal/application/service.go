package application

import (
	"context"
	"fmt"
	"time"

	"omapostipro/internal/account"
	"omapostipro/internal/caller"
	"omapostipro/internal/credential"
	"omapostipro/internal/postgres"
)

// Service is what can be done with application accounts.
type Service struct {
	db   *postgres.DB
	now  func() time.Time
	used caller.Uses
}

// NewService makes the service.
func NewService(db *postgres.DB, now func() time.Time) *Service {
	return &Service{db: db, now: now}
}

// The reasons for which a token is not recognised as one that may be used.
type refusal string

func (r refusal) Error() string { return "the token is " + string(r) }

// What Recognize refuses with.
const (
	ErrInvalid refusal = "invalid" // not a token, or one that was taken back; of what is no token in form no query was made
	ErrExpired refusal = "expired"
)

// Recognize gives the application account of a token: one query, never a cache, so that a token is dead as soon as its
// account is disabled. The account counts as used; that is written down later, in a batch.
func (s *Service) Recognize(ctx context.Context, text string) (caller.Caller, error) {
	value, ok := credential.Parse(credential.Token, text)
	if !ok {
		return caller.Caller{}, ErrInvalid
	}
	now := s.now()
	row, err := postgres.Recognize[recognizedRow](ctx, s.db, selectRecognized, value.Hash(), account.Today(now))
	switch {
	case err != nil:
		return caller.Caller{}, err
	case row == nil || row.Status != Enabled:
		return caller.Caller{}, ErrInvalid
	case !row.ExpiresAt.After(now):
		return caller.Caller{}, ErrExpired
	}
	s.used.Note(row.ApplicationAccountID, now)
	return row.caller(), nil
}

// Flush writes down, in one statement, which accounts were used since the last time.
func (s *Service) Flush(ctx context.Context) error {
	accounts, times := s.used.Take()
	if len(accounts) == 0 {
		return nil
	}
	if err := s.db.Exec(ctx, "select touch_applications($1, $2)", accounts, times); err != nil {
		return fmt.Errorf("write down which application accounts were used: %w", err)
	}
	return nil
}
