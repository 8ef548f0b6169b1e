package account

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/audit"
	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
	"omapostipro/internal/postgres"
)

// Service is what people can do with their accounts, and the operator with people's.
type Service struct {
	db     *postgres.DB
	now    func() time.Time
	hasher *hasher
}

// NewService makes the service.
func NewService(db *postgres.DB, now func() time.Time) *Service {
	return &Service{db: db, now: now, hasher: newHasher()}
}

type credential struct {
	UserID       uuid.UUID
	PasswordHash string
}

// Authenticate checks e-mail address and password and gives the person's id. Every failure is the same fault, takes the
// same work whether the address is known or not, and leaves an event; too many, for the account or from the address, are
// throttled. That a log-in succeeded is told by the session that it begins.
func (s *Service) Authenticate(ctx context.Context, email, password string, from audit.Who) (uuid.UUID, error) {
	person, err := s.prove(ctx, email, password, from, "session.refused")
	if err == nil && person == uuid.Nil {
		err = fault.New(fault.Unauthenticated, "login.failed")
	}
	return person, err
}

// Confirm asks somebody who is logged in for their password once more, before what a stolen session must not do. The
// fault of a wrong one stands at the field.
func (s *Service) Confirm(ctx context.Context, person User, password, field string, who audit.Who) error {
	proved, err := s.prove(ctx, person.Email, password, who, "user.password_refused")
	if err == nil && proved != person.ID {
		err = fault.New(fault.Invalid, "form.invalid").At(field, "account.wrong_password")
	}
	return err
}

// prove gives whose e-mail address and password these are; nil for nobody's, of which it leaves an event.
func (s *Service) prove(ctx context.Context, email, password string, from audit.Who, refused string) (uuid.UUID, error) {
	if !utf8.ValidString(email) || strings.ContainsFunc(email, unicode.IsControl) || !utf8.ValidString(password) || len(email) > 1000 ||
		len(password) > 4*MaxPasswordLength {
		return uuid.Nil, nil // no account has such
	}
	key := EmailKey(email)
	attempt := newAttempt(key, from.Address)
	err := s.db.InTx(ctx, postgres.Scope{}, func(ctx context.Context, tx pgx.Tx) error { return attempt.begin(ctx, tx, s.now()) })
	if err != nil {
		return uuid.Nil, err
	}
	found, err := s.credential(ctx, key)
	if err != nil {
		return uuid.Nil, err
	}
	if found == nil {
		found = &credential{}
	}
	match, err := s.hasher.matches(ctx, password, found.PasswordHash)
	if err != nil {
		return uuid.Nil, err
	}
	err = s.db.InTx(ctx, postgres.Scope{}, func(ctx context.Context, tx pgx.Tx) error {
		if match {
			return attempt.succeeded(ctx, tx)
		}
		return audit.Record(ctx, tx, s.now(), from, audit.Event{Action: refused, Object: found.UserID})
	})
	if err != nil || !match {
		return uuid.Nil, err
	}
	return found.UserID, nil
}

// HasPassword says whether an account has a password. It is for who starts the portal, not for who logs in: it counts no
// attempt and leaves no event.
func (s *Service) HasPassword(ctx context.Context, email, password string) (bool, error) {
	found, err := s.credential(ctx, EmailKey(email))
	if err != nil || found == nil {
		return false, err
	}
	return s.hasher.matches(ctx, password, found.PasswordHash)
}

func (s *Service) credential(ctx context.Context, key string) (*credential, error) {
	return postgres.Recognize[credential](ctx, s.db, "select user_id, password_hash from find_credential($1) where user_id is not null", key)
}

// ChooseLanguage keeps a person's language (sv, fi or en) on their account.
func (s *Service) ChooseLanguage(ctx context.Context, who audit.Who, language string) error {
	return s.db.InTx(ctx, postgres.Scope{User: who.ID}, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "update users set language = $2 where id = $1", who.ID, language); err != nil {
			return err
		}
		who.Organization = uuid.Nil
		return audit.Record(ctx, tx, s.now(), who, audit.Event{Action: "user.changed", Object: who.ID, Fields: []string{"language"}})
	})
}

// HashPassword checks a password that somebody chooses, and gives what is stored of it.
func (s *Service) HashPassword(ctx context.Context, password string) (string, error) {
	if err := CheckPassword(password); err != nil {
		return "", err
	}
	return s.hasher.hash(ctx, password)
}

// CreateUser makes an account, for the operator. Without a password nobody can log in to it. An address that has an
// account already is a conflict.
func (s *Service) CreateUser(ctx context.Context, operator Actor, user User, password string) (uuid.UUID, error) {
	faults := fault.New(fault.Invalid, "form.invalid")
	user.FirstName = CheckName(faults, "first_name", user.FirstName, false)
	user.LastName = CheckName(faults, "last_name", user.LastName, false)
	user.Email = CheckEmail(faults, "email", user.Email)
	if _, known := i18n.Parse(user.Language); user.Language != "" && !known {
		faults.At("language", "form.choose")
	}
	if err := faults.Err(); err != nil {
		return uuid.Nil, err
	}
	var hash string
	if password != "" {
		var err error
		if hash, err = s.HashPassword(ctx, password); err != nil {
			return uuid.Nil, err
		}
	}
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, err
	}
	err = s.db.InTx(ctx, postgres.Scope{}, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into users (id, email, email_key, first_name, last_name, phone, language, created_at)
			values ($1, $2, $3, $4, $5, $6, nullif($7, ''), $8)`, id, user.Email, EmailKey(user.Email), user.FirstName, user.LastName, user.Phone, user.Language, s.now())
		if postgres.Constraint(err) == "user_email_unique" {
			return fault.New(fault.Conflict, "user.email_taken", "email", user.Email).Because(err)
		}
		if err != nil {
			return err
		}
		if hash != "" {
			if _, err := tx.Exec(ctx, "insert into credentials (user_id, password_hash, changed_at) values ($1, $2, $3)", id, hash, s.now()); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, s.now(), operator.Who(), audit.Event{Action: "user.created", Object: id, Personal: []audit.Personal{
			{User: id, Values: map[string]any{"email": user.Email, "firstName": user.FirstName, "lastName": user.LastName}}}})
	})
	return id, err
}
