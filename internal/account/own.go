package account

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/audit"
	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
	"omapostipro/internal/mail"
	"omapostipro/internal/postgres"
)

// OwnConfig is what the service of one's own account needs.
type OwnConfig struct {
	DB       *postgres.DB
	Now      func() time.Time
	Accounts *Service
	Mail     *mail.Service
	// Addresses of the pages that a token opens, as paths of the portal.
	PasswordPath func(token string) string
	EmailPath    func(token string) string
}

// Own is what people do with their own accounts: Mitt konto, and Glömt lösenord? It acts for a person outside of any
// organisation.
type Own struct {
	OwnConfig
}

// NewOwn makes the service.
func NewOwn(config OwnConfig) *Own { return &Own{OwnConfig: config} }

// Session is a browser in which somebody is logged in.
type Session struct {
	ID         uuid.UUID
	CreatedAt  time.Time
	LastSeenAt time.Time
	Address    string // from which it began, as the log has it; empty when that is not known any more
	Browser    string // as Firefox; empty for one that is not known
	System     string // what it runs on, as Windows; empty for what is not known
}

// EmailChange is a change of address that waits to be confirmed from there.
type EmailChange struct {
	Email     string
	ExpiresAt time.Time
}

// Mine is what Mitt konto shows.
type Mine struct {
	User
	EmailChange *EmailChange   // nil for none
	Sessions    []Session      // the one seen last first
	OnlyMain    []Organization // those that have no other main user
}

// Get gives what Mitt konto shows.
func (s *Own) Get(ctx context.Context, person uuid.UUID) (Mine, error) {
	var (
		user *ownRow
		mine Mine
	)
	err := s.DB.Read(ctx, postgres.Scope{User: person}, func(b *postgres.Batch) {
		postgres.Row(b, &user, selectOwn, person)
		postgres.Row(b, &mine.EmailChange, selectEmailChange, s.Now())
		postgres.Rows(b, &mine.Sessions, selectSessions, person, s.Now(), maxSessions)
		postgres.Rows(b, &mine.OnlyMain, selectOnlyMainUserOf)
	})
	if err != nil {
		return Mine{}, err
	}
	if user == nil {
		return Mine{}, fault.New(fault.NotFound, "errors.not_found_text")
	}
	mine.User = User(*user)
	return mine, nil
}

// Profile is what a person says of themselves.
type Profile struct {
	FirstName string
	LastName  string
	Phone     string // as it was typed; stored as E.164
	Language  string
}

func (p Profile) check() (Profile, error) {
	faults := fault.New(fault.Invalid, "form.invalid")
	p.FirstName = CheckName(faults, "first_name", p.FirstName, true)
	p.LastName = CheckName(faults, "last_name", p.LastName, true)
	p.Phone = CheckPhone(faults, "phone", p.Phone)
	if _, ok := i18n.Parse(p.Language); !ok {
		faults.At("language", "form.choose")
	}
	return p, faults.Err()
}

// ProfileStale says that a field that is to be changed was changed otherwise since the form was shown: by the person in
// another window, for nobody else does. Nothing was saved. Merged is what the form may go on with: what was typed, and for
// the fields that were left alone what is saved now.
type ProfileStale struct {
	*fault.Fault
	Current Profile
	Merged  Profile
}

func (s *ProfileStale) Unwrap() error { return s.Fault }

// onto gives what current becomes by what was changed from shown to p: fields that were left alone stay as they are now.
func (p Profile) onto(shown, current Profile) (Profile, error) {
	stale := false
	for _, field := range []struct{ wanted, shown, current *string }{
		{&p.FirstName, &shown.FirstName, &current.FirstName}, {&p.LastName, &shown.LastName, &current.LastName},
		{&p.Phone, &shown.Phone, &current.Phone}, {&p.Language, &shown.Language, &current.Language},
	} {
		switch {
		case *field.wanted == *field.shown:
			*field.wanted = *field.current
		case *field.current != *field.shown && *field.current != *field.wanted:
			stale = true
		}
	}
	if stale {
		return p, &ProfileStale{Fault: fault.New(fault.Conflict, "account.stale"), Current: current, Merged: p}
	}
	return p, nil
}

// SaveProfile saves names, telephone and language. Where they are so already, no event is left. shown is what the form was
// filled with: what it says of fields that it did not change is not saved over what has become of them since.
func (s *Own) SaveProfile(ctx context.Context, who audit.Who, shown, profile Profile) error {
	profile, err := profile.check()
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, postgres.Scope{User: who.ID}, func(ctx context.Context, tx pgx.Tx) error {
		current, err := lockProfile(ctx, tx, who.ID)
		if err != nil {
			return err
		}
		profile, err := profile.onto(shown, current)
		if err != nil {
			return err
		}
		fields, before, after := current.changes(profile)
		if len(fields) == 0 {
			return nil
		}
		if err := updateProfile(ctx, tx, who.ID, profile); err != nil {
			return err
		}
		return audit.Record(ctx, tx, s.Now(), who, audit.Event{Action: "user.changed", Object: who.ID, Fields: fields,
			Personal: []audit.Personal{{User: who.ID, Values: map[string]any{"before": before, "after": after}}}})
	})
}

// changes gives the fields in which another profile differs, by their names in the log, and what they are in both.
func (p Profile) changes(other Profile) (fields []string, before, after map[string]any) {
	before, after = map[string]any{}, map[string]any{}
	for _, field := range []struct{ name, is, becomes string }{
		{"firstName", p.FirstName, other.FirstName}, {"lastName", p.LastName, other.LastName},
		{"phone", p.Phone, other.Phone}, {"language", p.Language, other.Language},
	} {
		if field.is != field.becomes {
			fields = append(fields, field.name)
			before[field.name], after[field.name] = field.is, field.becomes
		}
	}
	return fields, before, after
}

// ChangePassword gives a person who knows their present password a new one, ends all sessions but the one in which they do
// so, voids all links to the account, and tells them by mail. It says whether a change of address ended so: somebody else
// may have asked for it.
func (s *Own) ChangePassword(ctx context.Context, identity Identity, who audit.Who, present, wanted string) (emailChangeEnded bool, err error) {
	if err := CheckPassword(wanted); err != nil {
		return false, err
	}
	if err := s.Accounts.Confirm(ctx, identity.User, present, "present", who); err != nil {
		return false, err
	}
	hash, err := s.Accounts.HashPassword(ctx, wanted)
	if err != nil {
		return false, err
	}
	err = s.DB.InTx(ctx, postgres.Scope{User: who.ID}, func(ctx context.Context, tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, "select change_own_password($1, $2)", hash, s.Now()).Scan(&emailChangeEnded); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "delete from sessions where user_id = $1 and id <> $2", who.ID, identity.SessionID); err != nil {
			return err
		}
		return s.passwordChanged(ctx, tx, who, identity.User, emailChangeEnded)
	})
	return emailChangeEnded, err
}

// passwordChanged leaves the events, and a mail.
func (s *Own) passwordChanged(ctx context.Context, tx pgx.Tx, who audit.Who, person User, emailChangeEnded bool) error {
	if err := audit.Record(ctx, tx, s.Now(), who, audit.Event{Action: "user.password_changed", Object: person.ID, Fields: []string{"password"}}); err != nil {
		return err
	}
	if emailChangeEnded {
		if err := audit.Record(ctx, tx, s.Now(), who, emailCancelled(person.ID)); err != nil {
			return err
		}
	}
	return s.send(ctx, tx, person, mail.Letter{Kind: "password_changed", To: person.Email})
}

// emailCancelled tells that a link to a new address opens nothing any more.
func emailCancelled(person uuid.UUID) audit.Event {
	return audit.Event{Action: "user.email_cancelled", Object: person}
}

// send writes to a person in their language.
func (s *Own) send(ctx context.Context, tx pgx.Tx, person User, letter mail.Letter) error {
	letter.Name, letter.About = person.Name(), []uuid.UUID{person.ID}
	letter.Language, _ = i18n.Parse(person.Language)
	return s.Mail.Send(ctx, tx, letter)
}

// EndSession logs a person out in one of their browsers. That it has ended already is fine, and leaves no event.
func (s *Own) EndSession(ctx context.Context, who audit.Who, session uuid.UUID) error {
	return s.end(ctx, who, "delete from sessions where user_id = $1 and id = $2 returning id", who.ID, session)
}

// EndOtherSessions logs a person out everywhere but in one browser.
func (s *Own) EndOtherSessions(ctx context.Context, who audit.Who, kept uuid.UUID) error {
	return s.end(ctx, who, "delete from sessions where user_id = $1 and id <> $2 returning id", who.ID, kept)
}

func (s *Own) end(ctx context.Context, who audit.Who, sql string, args ...any) error {
	return s.DB.InTx(ctx, postgres.Scope{User: who.ID}, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sql, args...)
		if err != nil {
			return err
		}
		ended, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil {
			return err
		}
		var events pgx.Batch
		for _, session := range ended {
			if err := audit.Queue(&events, s.Now(), who, audit.Event{Action: "session.ended", Object: session}); err != nil {
				return err
			}
		}
		return tx.SendBatch(ctx, &events).Close()
	})
}

// Delete erases a person who knows their password: they leave their organisations, and everything personal goes, while
// keys, events and who made them stay under nobody's name. The last main user of an organisation cannot.
func (s *Own) Delete(ctx context.Context, identity Identity, who audit.Who, password string) error {
	if err := s.Accounts.Confirm(ctx, identity.User, password, "own_password", who); err != nil {
		return err
	}
	attempt := newAttempt(EmailKey(identity.Email), who.Address)
	err := s.DB.InTx(ctx, postgres.Scope{User: who.ID}, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "select erase_own_account($1, $2)", s.Now(), who.RequestID); err != nil {
			return err
		}
		if err := attempt.succeeded(ctx, tx); err != nil {
			return err
		}
		who.Address = "" // which is personal
		return audit.Record(ctx, tx, s.Now(), who, audit.Event{Action: "user.erased", Object: who.ID})
	})
	if postgres.Constraint(err) == "organization_keeps_a_main_user" { // Get names which
		return fault.New(fault.Conflict, "errors.conflict_text").Because(err)
	}
	return err
}

// Data gives everything that is stored of a person, as JSON, part by part: each is given a name and its value. Events come
// one at a time, each under the name "events": memory does not grow with their number.
func (s *Own) Data(ctx context.Context, person uuid.UUID, each func(part string, value json.RawMessage) error) error {
	return s.DB.Read(ctx, postgres.Scope{User: person}, func(b *postgres.Batch) {
		postgres.Each(b, func(row dataRow) error { return row.each(each) }, selectData, s.Now())
		postgres.Each(b, func(row eventRow) error { return each(EventsPart, row.Event) }, "select event from own_events()")
	})
}

// EventsPart is the name of the part of Data that comes many times.
const EventsPart = "events"
