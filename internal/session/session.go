// Package session knows who is logged in. The cookie holds a random secret; the database holds its hash, so that what is
// stolen there logs nobody in. gorilla/sessions carries the cookie; the store behind it is ours, on PostgreSQL.
package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/sessions"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/postgres"
)

// Options of the store.
type Options struct {
	Secure   bool          // the portal is reached by https: a __Host- cookie, Secure
	Idle     time.Duration // logged out after so long without a request
	Absolute time.Duration // logged out after so long whatever happens
}

// Store keeps sessions in PostgreSQL. It is a gorilla/sessions store.
type Store struct {
	db      *postgres.DB
	now     func() time.Time
	options Options
	seen    seen
}

// NewStore makes a store.
func NewStore(db *postgres.DB, now func() time.Time, options Options) *Store {
	return &Store{db: db, now: now, options: options}
}

// The keys of what a gorilla session of this store holds.
type valueKey int

const (
	identityKey valueKey = iota // *account.Identity: who is logged in
	secretKey                   // string: what a new session's cookie is to hold
)

func (s *Store) name() string {
	if s.options.Secure {
		return "__Host-session"
	}
	return "session"
}

// organizationKey is where the request's context says for which organisation to recognise.
type organizationKey struct{}

// Identify gives who is logged in, nil for nobody, with the contract numbers that they are assigned in the organisation
// (nil for none). It is one query.
func (s *Store) Identify(r *http.Request, organization uuid.UUID) (*account.Identity, error) {
	r = r.WithContext(context.WithValue(r.Context(), organizationKey{}, organization))
	session, err := s.New(r, s.name())
	if err != nil {
		return nil, err
	}
	identity, _ := session.Values[identityKey].(*account.Identity)
	if identity != nil {
		if !identity.Belongs(organization) {
			organization = uuid.Nil // anybody can ask for any
		}
		s.seen.note(identity, organization, s.now())
	}
	return identity, nil
}

// Get gives the request's session. It is New: each request asks the database once, and remembers by itself.
func (s *Store) Get(r *http.Request, name string) (*sessions.Session, error) { return s.New(r, name) }

// New reads the cookie and gives the session that it belongs to, or a new one.
func (s *Store) New(r *http.Request, name string) (*sessions.Session, error) {
	session := sessions.NewSession(s, name)
	session.IsNew = true
	session.Options = &sessions.Options{Path: "/", Secure: s.options.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		MaxAge: int(s.options.Absolute / time.Second)}
	hash, ok := hashOf(cookieValue(r, name))
	if !ok {
		return session, nil
	}
	organization, _ := r.Context().Value(organizationKey{}).(uuid.UUID)
	identity, err := s.recognize(r.Context(), hash, organization)
	if err != nil || identity == nil {
		return session, err
	}
	session.IsNew = false
	session.ID = identity.SessionID.String()
	session.Values[identityKey] = identity
	return session, nil
}

// Save sets the cookie, or clears it when MaxAge is below zero. The row behind it is written by Begin and End.
func (s *Store) Save(_ *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	secret, _ := session.Values[secretKey].(string)
	http.SetCookie(w, sessions.NewCookie(session.Name(), secret, session.Options))
	return nil
}

type row struct {
	SessionID          uuid.UUID
	UserID             uuid.UUID
	FirstName          string
	LastName           string
	Email              string
	Language           *string
	LastSeenAt         time.Time
	LastOrganizationID *uuid.UUID
	Organizations      []account.Membership
	Numbers            []account.ContractNumber
}

func (s *Store) recognize(ctx context.Context, hash []byte, organization uuid.UUID) (*account.Identity, error) {
	found, err := postgres.Recognize[row](ctx, s.db, `select session_id, user_id, first_name, last_name, email, language, last_seen_at,
		last_organization_id, organizations, numbers from recognize_session($1, $2, $3) where session_id is not null`, hash, organization, s.now())
	if err != nil || found == nil {
		return nil, err
	}
	identity := &account.Identity{SessionID: found.SessionID, LastSeen: found.LastSeenAt, Memberships: found.Organizations, Numbers: found.Numbers,
		User: account.User{ID: found.UserID, FirstName: found.FirstName, LastName: found.LastName, Email: found.Email}}
	if found.Language != nil {
		identity.Language = *found.Language
	}
	if found.LastOrganizationID != nil {
		identity.LastOrganization = *found.LastOrganizationID
	}
	return identity, nil
}

// Begin logs a person in: a new session with a new secret, whatever the browser had before, which is ended.
func (s *Store) Begin(w http.ResponseWriter, r *http.Request, user uuid.UUID, from audit.Who) error {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	value := base64.RawURLEncoding.EncodeToString(secret)
	hash, _ := hashOf(value)
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	old, err := s.New(r, s.name())
	if err != nil {
		return err
	}
	from.Kind, from.ID = audit.Person, user
	browser, system := device(r.UserAgent())
	now := s.now()
	err = s.db.InTx(r.Context(), postgres.Scope{User: user}, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `insert into sessions (id, user_id, secret_hash, created_at, last_seen_at, idle_timeout, expires_at, browser, system)
			values ($1, $2, $3, $4, $4, $5, $6, $7, $8)`, id, user, hash, now, s.options.Idle, now.Add(s.options.Absolute), browser, system); err != nil {
			return err
		}
		return audit.Record(ctx, tx, now, from, audit.Event{Action: "session.created", Object: id})
	})
	if err != nil {
		return err
	}
	if identity, ok := old.Values[identityKey].(*account.Identity); ok {
		if err := s.end(r.Context(), identity, from); err != nil {
			return err
		}
	}
	session := sessions.NewSession(s, s.name())
	session.Options = old.Options
	session.Values[secretKey] = value
	return session.Save(r, w)
}

// End logs somebody out: the session is gone from the database, and the cookie from the browser.
func (s *Store) End(w http.ResponseWriter, r *http.Request, identity *account.Identity, from audit.Who) error {
	if err := s.Flush(r.Context()); err != nil { // where they were last is where they start next time
		return err
	}
	if err := s.end(r.Context(), identity, from); err != nil {
		return err
	}
	return s.Forget(w, r)
}

// Forget takes the cookie from the browser, of a session that is gone.
func (s *Store) Forget(w http.ResponseWriter, r *http.Request) error {
	session, err := s.New(r, s.name())
	if err != nil {
		return err
	}
	session.Options.MaxAge = -1
	return session.Save(r, w)
}

func (s *Store) end(ctx context.Context, identity *account.Identity, from audit.Who) error {
	from.Kind, from.ID = audit.Person, identity.ID
	return s.db.InTx(ctx, postgres.Scope{User: identity.ID}, func(ctx context.Context, tx pgx.Tx) error {
		done, err := tx.Exec(ctx, "delete from sessions where id = $1", identity.SessionID)
		if err != nil || done.RowsAffected() == 0 {
			return err // it had ended by itself
		}
		return audit.Record(ctx, tx, s.now(), from, audit.Event{Action: "session.ended", Object: identity.SessionID})
	})
}

// cookieValue gives what a cookie holds; nothing without one, which is the only error that reading has.
func cookieValue(r *http.Request, name string) string {
	if cookie, err := r.Cookie(name); err == nil {
		return cookie.Value
	}
	return ""
}

// hashOf gives the hash by which a cookie's value is known; false for what is not such a value.
func hashOf(value string) ([]byte, bool) {
	secret, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil || len(secret) != 32 {
		return nil, false
	}
	sum := sha256.Sum256(secret)
	return sum[:], true
}
