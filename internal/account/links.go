package account

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/audit"
	"omapostipro/internal/fault"
	"omapostipro/internal/mail"
	"omapostipro/internal/postgres"
)

// How long the links hold.
const (
	PasswordLinkLifetime = 30 * time.Minute
	EmailLinkLifetime    = 24 * time.Hour
)

// undone is what a transaction ends with inside which nothing is to be left.
var errUndone = errors.New("undone")

// undoing runs fn within a transaction and leaves nothing of what it did, unless it is to stay: so that work for what is
// unknown is the same as for what is known.
func undoing(ctx context.Context, tx pgx.Tx, stays bool, fn func(tx pgx.Tx) error) error {
	err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
		if err := fn(tx); err != nil || stays {
			return err
		}
		return errUndone
	})
	if errors.Is(err, errUndone) {
		return nil
	}
	return err
}

// AskForPassword sends a link by which whoever owns an address can choose a new password. Whether the address has an
// account is told to the mailbox alone: the answer is the same, and so is the work.
func (s *Own) AskForPassword(ctx context.Context, email string, from audit.Who) error {
	faults := fault.New(fault.Invalid, "form.invalid")
	email = CheckEmail(faults, "email", email)
	if err := faults.Err(); err != nil {
		return err
	}
	now, key, token := s.Now(), EmailKey(email), NewToken()
	asking := newAsking(key, from.Address)
	return s.DB.InTx(ctx, postgres.Scope{}, func(ctx context.Context, tx pgx.Tx) error {
		if err := asking.begin(ctx, tx, now); err != nil {
			return err
		}
		person, known, err := findPerson(ctx, tx, key)
		if err != nil {
			return err
		}
		if !known {
			person.Email = email
		}
		return undoing(ctx, tx, known, func(tx pgx.Tx) error {
			if err := s.makeLink(ctx, tx, person.ID, token, passwordLink, nil, nil, now.Add(PasswordLinkLifetime)); err != nil {
				return err
			}
			if err := audit.Record(ctx, tx, now, from, audit.Event{Action: "user.password_link_sent", Object: person.ID}); err != nil {
				return err
			}
			return s.send(ctx, tx, person, mail.Letter{Kind: "password_link", To: person.Email, Path: s.PasswordPath(token.Text)})
		})
	})
}

func (s *Own) makeLink(ctx context.Context, tx pgx.Tx, person uuid.UUID, token Token, purpose string, email, emailKey *string, until time.Time) error {
	_, err := tx.Exec(ctx, "select make_link($1, $2, $3, $4, $5, $6, $7)", person, token.Hash, purpose, email, emailKey, s.Now(), until)
	return err
}

func errDeadLink() error { return fault.New(fault.Gone, "account.dead_link") }

// PasswordLink gives whose password a link's token changes. It spends nothing. A dead one is Gone.
func (s *Own) PasswordLink(ctx context.Context, token string) (User, error) {
	person, _, err := s.link(ctx, token, passwordLink)
	return person, err
}

// EmailLink gives whose address a link's token changes, and to which. It spends nothing. A dead one is Gone.
func (s *Own) EmailLink(ctx context.Context, token string) (person User, email string, err error) {
	return s.link(ctx, token, emailLink)
}

func (s *Own) link(ctx context.Context, token, purpose string) (person User, email string, err error) {
	hash, ok := HashOfToken(token)
	if !ok {
		return User{}, "", errDeadLink()
	}
	row, err := postgres.Recognize[linkRow](ctx, s.DB, recognizeLink, hash, purpose, s.Now())
	if err != nil {
		return User{}, "", err
	}
	if row == nil {
		return User{}, "", errDeadLink()
	}
	person, _ = row.user()
	if row.NewEmail != nil {
		email = *row.NewEmail
	}
	return person, email, nil
}

// ChoosePassword gives whoever holds a link a new password, which spends it and voids every other link to the account, ends
// all of their sessions and tells them by mail. Of many at once with one link, the first one does; the others find it spent.
func (s *Own) ChoosePassword(ctx context.Context, token, wanted string, from audit.Who) error {
	person, err := s.PasswordLink(ctx, token)
	if err != nil {
		return err
	}
	hash, err := s.Accounts.HashPassword(ctx, wanted)
	if err != nil {
		return err
	}
	tokenHash, _ := HashOfToken(token)
	from.Kind, from.ID = audit.Person, person.ID
	return s.DB.InTx(ctx, postgres.Scope{}, func(ctx context.Context, tx pgx.Tx) error {
		spent, emailChangeEnded, err := spendPasswordLink(ctx, tx, tokenHash, hash, s.Now())
		if err != nil {
			return err
		}
		if spent == nil {
			return errDeadLink()
		}
		// Whoever guessed at it no longer makes its owner wait.
		if err := newAttempt(EmailKey(person.Email), from.Address).succeeded(ctx, tx); err != nil {
			return err
		}
		return s.passwordChanged(ctx, tx, from, person, emailChangeEnded)
	})
}

// AskForEmail sends a link to a new address, by which a person who knows their password changes to it. Whether the
// address is somebody's already is not told: the answer is the same, and so is the work.
func (s *Own) AskForEmail(ctx context.Context, identity Identity, who audit.Who, email, password string) error {
	faults := fault.New(fault.Invalid, "form.invalid")
	email = CheckEmail(faults, "email", email)
	key := EmailKey(email)
	if len(faults.Fields) == 0 && email == identity.Email {
		faults.At("email", "account.same_email")
	}
	if err := faults.Err(); err != nil {
		return err
	}
	if err := s.Accounts.Confirm(ctx, identity.User, password, "email_password", who); err != nil {
		return err
	}
	now, token := s.Now(), NewToken()
	asking := newAsking(key, who.Address)
	return s.DB.InTx(ctx, postgres.Scope{User: who.ID}, func(ctx context.Context, tx pgx.Tx) error {
		if err := asking.begin(ctx, tx, now); err != nil {
			return err
		}
		other, taken, err := findPerson(ctx, tx, key)
		if err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, now, who, audit.Event{Action: "user.email_asked", Object: who.ID}); err != nil {
			return err
		}
		return undoing(ctx, tx, !taken || other.ID == who.ID, func(tx pgx.Tx) error {
			if err := s.makeLink(ctx, tx, who.ID, token, emailLink, &email, &key, now.Add(EmailLinkLifetime)); err != nil {
				return err
			}
			return s.send(ctx, tx, identity.User, mail.Letter{Kind: "email_link", To: email, Path: s.EmailPath(token.Text),
				Args: []any{"old", identity.Email, "new", email}})
		})
	})
}

// CancelEmail lets the link to a new address open nothing any more. That there is none is fine, and leaves no event.
func (s *Own) CancelEmail(ctx context.Context, who audit.Who) error {
	return s.DB.InTx(ctx, postgres.Scope{User: who.ID}, func(ctx context.Context, tx pgx.Tx) error {
		var cancelled bool
		if err := tx.QueryRow(ctx, "select cancel_own_email_change($1)", s.Now()).Scan(&cancelled); err != nil || !cancelled {
			return err
		}
		return audit.Record(ctx, tx, s.Now(), who, emailCancelled(who.ID))
	})
}

// ChangeEmail changes a person's address to the one that the link was sent to, which spends it, and tells the old address.
func (s *Own) ChangeEmail(ctx context.Context, token string, from audit.Who) error {
	person, _, err := s.EmailLink(ctx, token)
	if err != nil {
		return err
	}
	hash, _ := HashOfToken(token)
	from.Kind, from.ID = audit.Person, person.ID
	err = s.DB.InTx(ctx, postgres.Scope{}, func(ctx context.Context, tx pgx.Tx) error {
		changed, err := spendEmailLink(ctx, tx, hash, s.Now())
		if err != nil {
			return err
		}
		if changed.UserID == nil {
			return errDeadLink()
		}
		if err := audit.Record(ctx, tx, s.Now(), from, audit.Event{Action: "user.changed", Object: person.ID, Fields: []string{"email"},
			Personal: []audit.Personal{{User: person.ID, Values: map[string]any{"before": map[string]any{"email": *changed.OldEmail},
				"after": map[string]any{"email": *changed.NewEmail}}}}}); err != nil {
			return err
		}
		return s.send(ctx, tx, person, mail.Letter{Kind: "email_changed", To: *changed.OldEmail, Args: []any{"old", *changed.OldEmail, "new", *changed.NewEmail}})
	})
	if postgres.Constraint(err) == "user_email_unique" { // somebody else has it since
		return errDeadLink()
	}
	return err
}
