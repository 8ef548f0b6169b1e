package account

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/fault"
)

type ownRow User

const selectOwn = `
	select id, first_name::text, last_name::text, email::text, phone, coalesce(language, '') as language
	from users where id = $1 and erased_at is null`

// maxSessions is how many of one's sessions are shown; Avsluta alla andra ends all of them.
const maxSessions = 50

// Those that have not ended by themselves. Where they came from stands in the log, beside the event of their beginning.
const selectSessions = `
	select s.id, s.created_at, s.last_seen_at, s.browser, s.system, coalesce((
		select p.personal_values ->> 'address' from audit_events e
		join audit_personal_values p on p.event_id = e.id and p.occurred_at = e.occurred_at and p.user_id = s.user_id
		where e.organization_id is null and e.object_id = s.id and e.action = 'session.created' limit 1), '') as address
	from sessions s where s.user_id = $1 and s.expires_at > $2 and s.last_seen_at + s.idle_timeout > $2
	order by s.last_seen_at desc, s.id desc limit $3`

const selectEmailChange = "select email, expires_at from own_email_change($1) where email is not null"

const selectOnlyMainUserOf = "select organization_id as id, organization_name as name, business_id from only_main_user_of()"

func lockProfile(ctx context.Context, tx pgx.Tx, person uuid.UUID) (Profile, error) {
	rows, err := tx.Query(ctx, `select first_name::text, last_name::text, phone, coalesce(language, '') as language from users
		where id = $1 for no key update`, person)
	if err != nil {
		return Profile{}, err
	}
	profile, err := pgx.CollectOneRow(rows, pgx.RowToStructByName[Profile])
	if errors.Is(err, pgx.ErrNoRows) {
		err = fault.New(fault.NotFound, "errors.not_found_text")
	}
	return profile, err
}

func updateProfile(ctx context.Context, tx pgx.Tx, person uuid.UUID, profile Profile) error {
	_, err := tx.Exec(ctx, "update users set first_name = $2, last_name = $3, phone = $4, language = $5 where id = $1",
		person, profile.FirstName, profile.LastName, profile.Phone, profile.Language)
	return err
}

// dataRow is what is stored of a person, but for events.
type dataRow struct {
	Profile             json.RawMessage
	EmailChange         json.RawMessage
	Memberships         json.RawMessage
	APIKeys             json.RawMessage `db:"api_keys"`
	ApplicationAccounts json.RawMessage
	Sessions            json.RawMessage
	Invitations         json.RawMessage
	CompanyAccounts     json.RawMessage
	Mails               json.RawMessage
}

const selectData = `select profile, coalesce(email_change, 'null') as email_change, memberships, api_keys, application_accounts, sessions, invitations,
	company_accounts, mails from own_data($1)`

func (r dataRow) each(part func(name string, value json.RawMessage) error) error {
	for _, of := range []struct {
		name  string
		value json.RawMessage
	}{{"profile", r.Profile}, {"emailChange", r.EmailChange}, {"memberships", r.Memberships}, {"apiKeys", r.APIKeys}, {"applicationAccounts", r.ApplicationAccounts},
		{"sessions", r.Sessions}, {"invitations", r.Invitations}, {"companyAccounts", r.CompanyAccounts}, {"mails", r.Mails}} {
		if err := part(of.name, of.value); err != nil {
			return err
		}
	}
	return nil
}

type eventRow struct {
	Event json.RawMessage
}

// personRow is whose an address or a link is.
type personRow struct {
	UserID    *uuid.UUID
	Email     *string
	FirstName *string
	LastName  *string
	Language  *string
}

func (r personRow) user() (User, bool) {
	if r.UserID == nil {
		return User{}, false
	}
	return User{ID: *r.UserID, Email: *r.Email, FirstName: *r.FirstName, LastName: *r.LastName, Language: *r.Language}, true
}

func findPerson(ctx context.Context, tx pgx.Tx, emailKey string) (User, bool, error) {
	rows, err := tx.Query(ctx, "select user_id, email, first_name, last_name, language from find_person($1)", emailKey)
	if err != nil {
		return User{}, false, err
	}
	row, err := pgx.CollectOneRow(rows, pgx.RowToStructByName[personRow])
	user, known := row.user()
	return user, known, err
}

// The purposes of links.
const (
	passwordLink = "password"
	emailLink    = "email"
)

type linkRow struct {
	personRow
	NewEmail *string
}

const recognizeLink = "select user_id, email, first_name, last_name, language, new_email from recognize_link($1, $2, $3) where user_id is not null"

func spendPasswordLink(ctx context.Context, tx pgx.Tx, args ...any) (person *uuid.UUID, emailChangeEnded bool, err error) {
	err = tx.QueryRow(ctx, "select user_id, coalesce(email_change_ended, false) from spend_password_link($1, $2, $3)", args...).Scan(&person, &emailChangeEnded)
	return person, emailChangeEnded, err
}

type emailChange struct {
	UserID   *uuid.UUID
	OldEmail *string
	NewEmail *string
}

func spendEmailLink(ctx context.Context, tx pgx.Tx, args ...any) (emailChange, error) {
	rows, err := tx.Query(ctx, "select user_id, old_email, new_email from spend_email_link($1, $2)", args...)
	if err != nil {
		return emailChange{}, err
	}
	return pgx.CollectOneRow(rows, pgx.RowToStructByName[emailChange])
}
