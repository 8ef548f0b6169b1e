package organization

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/i18n"
	"omapostipro/internal/postgres"
)

// knownAddress is one that is a member's, or that is invited.
type knownAddress struct {
	EmailKey   string
	Member     uuid.UUID
	Invitation uuid.UUID
}

const selectKnownAddresses = `
	select key as email_key, coalesce(m.user_id, '00000000-0000-0000-0000-000000000000') as member,
		coalesce(i.id, '00000000-0000-0000-0000-000000000000') as invitation
	from unnest($1::text[]) as key
	left join users u on u.email_key = key
	left join memberships m on m.organization_id = portal_organization() and m.user_id = u.id and m.ended_at is null
	left join invitations i on i.organization_id = portal_organization() and i.email_key = key and i.accepted_at is null and i.withdrawn_at is null
	where m.user_id is not null or i.id is not null`

func knownAddresses(ctx context.Context, tx pgx.Tx, keys []string) ([]knownAddress, error) {
	rows, err := tx.Query(ctx, selectKnownAddresses, keys)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[knownAddress])
}

func sizeOfRound(ctx context.Context, tx pgx.Tx, round uuid.UUID) (size int, err error) {
	err = tx.QueryRow(ctx, `select count(*) from invitations where organization_id = portal_organization() and round_id = $1
		and withdrawn_at is null`, round).Scan(&size)
	return size, err
}

func inviterOf(ctx context.Context, tx pgx.Tx, person uuid.UUID) (name string, err error) {
	err = tx.QueryRow(ctx, "select shown_name(first_name, last_name, email) from users where id = $1", person).Scan(&name)
	return name, err
}

func insertRound(ctx context.Context, tx pgx.Tx, actor account.Actor, id uuid.UUID, round Round, good []Recipient, ids []uuid.UUID, tokens []account.Token, now time.Time) error {
	emails, keys, firstNames, lastNames, languages := make([]string, len(good)), make([]string, len(good)), make([]string, len(good)), make([]string, len(good)), make([]string, len(good))
	for i, recipient := range good {
		emails[i], keys[i], firstNames[i], lastNames[i] = recipient.Email, account.EmailKey(recipient.Email), recipient.FirstName, recipient.LastName
		languages[i] = string(recipient.Language)
	}
	if _, err := tx.Exec(ctx, `
		insert into invitations (id, organization_id, email, email_key, first_name, last_name, language, user_type, invited_by, created_at, sent_at, expires_at, round_id)
		select id, portal_organization(), email, email_key, first_name, last_name, language, $7, $8, $9, $9, $10, $11
		from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) as r (id, email, email_key, first_name, last_name, language)`,
		ids, emails, keys, firstNames, lastNames, languages, round.Permissions.UserType, actor.ID, now, now.Add(InvitationLifetime), id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `insert into invitation_permissions (organization_id, invitation_id, permission)
		select portal_organization(), id, permission from unnest($1::uuid[]) as id cross join unnest($2::text[]) as permission`, ids, round.Permissions.Permissions); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `insert into invitation_contract_numbers (organization_id, invitation_id, contract_number_id, kind)
		select c.organization_id, i, c.id, c.kind from unnest($1::uuid[]) as i cross join contract_numbers c
		where c.organization_id = portal_organization() and c.id = any ($2)`, ids, round.Numbers); err != nil {
		return err
	}
	return insertLinks(ctx, tx, ids, tokens, now)
}

type pendingRow struct {
	Invitation
	Language    string
	SentAt      *time.Time
	UserType    account.UserType
	Permissions []account.Permission
	InviterName string
	InvitedBy   uuid.UUID
	InviterLost bool
	Waits       bool
}

// An invitation of which something would be left out if it were accepted today, $2: whoever invited is no main user any
// more, or the organisation no longer has one of the numbers.
const (
	inviterLost = ` not exists (select from memberships m where m.organization_id = i.organization_id and m.user_id = i.invited_by
		and m.user_type = 'main_user' and m.ended_at is null)`
	isTrimmed = inviterLost + ` or exists (select from invitation_contract_numbers n
			join contract_numbers c on c.organization_id = n.organization_id and c.id = n.contract_number_id
			where n.organization_id = i.organization_id and n.invitation_id = i.id
				and (c.valid_from > $2::date or c.valid_to < $2::date))`
)

// An invitation whose newest link could not be delivered. An earlier one's mail does not count: it was sent again since.
const isUndelivered = ` exists (select from mails m where m.about @> array[i.id] and m.kind = 'invitation' and m.failed_at is not null
	and m.created_at >= i.sent_at)`

const selectPending = `
	select i.id, i.first_name::text, i.last_name::text, i.email::text, i.created_at, i.expires_at, i.sent_at, i.language, i.user_type,
		coalesce((select array_agg(p.permission) from invitation_permissions p
			where p.organization_id = i.organization_id and p.invitation_id = i.id), '{}') as permissions,
		inviter.name as inviter_name, i.invited_by,` + inviterLost + ` as inviter_lost,` + isTrimmed + ` as trimmed,` + isUndelivered + ` as undelivered,
		i.accepted_at is null and i.withdrawn_at is null as waits
	from invitations i join known_people inviter on inviter.organization_id = i.organization_id and inviter.user_id = i.invited_by
	where i.organization_id = portal_organization() and i.id = $1`

func (r pendingRow) pending() Pending {
	return Pending{Invitation: r.Invitation, Language: i18n.Lang(r.Language), SentAt: r.SentAt,
		InviterName: r.InviterName,
		Permissions: Permissions{UserType: r.UserType, Permissions: r.Permissions}.normal(), InviterLost: r.InviterLost}
}

// Those of the organisation that can be used today, $1, and those that the invitation, $2, gives.
const selectInvitationNumbers = `
	select c.id, c.kind, c.number, c.holder::text, c.valid_from > $1::date or coalesce(c.valid_to < $1::date, false) as ended,
		a.invitation_id is not null as assigned
	from contract_numbers c
	left join invitation_contract_numbers a on a.organization_id = c.organization_id and a.contract_number_id = c.id and a.invitation_id = $2
	where c.organization_id = portal_organization()
		and (a.invitation_id is not null or c.valid_from <= $1::date and (c.valid_to is null or c.valid_to >= $1::date))
	order by c.kind, c.number`

func invitationNumbers(ctx context.Context, tx pgx.Tx, today time.Time, id uuid.UUID) ([]Assignable, error) {
	rows, err := tx.Query(ctx, selectInvitationNumbers, today, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Assignable])
}

// lockedInvitation is one that waits, while it is being changed.
type lockedInvitation struct {
	Invitation
	Permissions
	Language  i18n.Lang
	SentAt    *time.Time
	InvitedBy uuid.UUID
}

func (l lockedInvitation) invitee() Invitee {
	return Invitee{Permissions: l.Permissions, FirstName: l.FirstName, LastName: l.LastName, Language: l.Language}
}

// lockPending lets one change at a time decide what becomes of an invitation that waits.
func lockPending(ctx context.Context, tx pgx.Tx, id uuid.UUID, today time.Time) (lockedInvitation, error) {
	if err := lockOrganization(ctx, tx); err != nil {
		return lockedInvitation{}, err
	}
	rows, err := tx.Query(ctx, selectPending, id, today)
	if err != nil {
		return lockedInvitation{}, err
	}
	row, err := pgx.CollectOneRow(rows, pgx.RowToStructByName[pendingRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return lockedInvitation{}, errNotFound()
	}
	if err != nil {
		return lockedInvitation{}, err
	}
	if !row.Waits {
		return lockedInvitation{}, errNotPending()
	}
	pending := row.pending()
	return lockedInvitation{Invitation: pending.Invitation, Permissions: pending.Permissions, Language: pending.Language, SentAt: pending.SentAt, InvitedBy: row.InvitedBy}, nil
}

// Whoever changes an invitation, or sends it again, is who invites from then on: it is worth what they may give.

func updateInvitation(ctx context.Context, tx pgx.Tx, id, inviter uuid.UUID, wanted Invitee) error {
	if _, err := tx.Exec(ctx, `update invitations set user_type = $2, invited_by = $3, first_name = $4, last_name = $5, language = $6
		where organization_id = portal_organization() and id = $1`, id, wanted.UserType, inviter, wanted.FirstName, wanted.LastName, wanted.Language); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from invitation_permissions where organization_id = portal_organization() and invitation_id = $1
		and permission <> all ($2)`, id, wanted.Permissions.Permissions); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `insert into invitation_permissions (organization_id, invitation_id, permission)
		select portal_organization(), $1, unnest($2::text[]) on conflict do nothing`, id, wanted.Permissions.Permissions)
	return err
}

func updateInvitationNumbers(ctx context.Context, tx pgx.Tx, id, inviter uuid.UUID, added, removed []account.ContractNumber) error {
	if _, err := tx.Exec(ctx, "update invitations set invited_by = $2 where organization_id = portal_organization() and id = $1", id, inviter); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from invitation_contract_numbers where organization_id = portal_organization() and invitation_id = $1
		and contract_number_id = any ($2)`, id, account.IDs(removed)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `insert into invitation_contract_numbers (organization_id, invitation_id, contract_number_id, kind)
		select organization_id, $1, id, kind from contract_numbers where organization_id = portal_organization() and id = any ($2)`, id, account.IDs(added))
	return err
}

func replaceLinks(ctx context.Context, tx pgx.Tx, ids []uuid.UUID, inviter uuid.UUID, tokens []account.Token, now time.Time) error {
	if _, err := tx.Exec(ctx, `update invitation_links set replaced_at = $2 where organization_id = portal_organization() and invitation_id = any ($1)
		and replaced_at is null`, ids, now); err != nil {
		return err
	}
	if err := insertLinks(ctx, tx, ids, tokens, now); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `update invitations set sent_at = $2, expires_at = $3, invited_by = $4, asked_at = null
		where organization_id = portal_organization() and id = any ($1)`, ids, now, now.Add(InvitationLifetime), inviter)
	return err
}

func insertLinks(ctx context.Context, tx pgx.Tx, ids []uuid.UUID, tokens []account.Token, now time.Time) error {
	hashes := make([][]byte, len(tokens))
	for i, token := range tokens {
		hashes[i] = token.Hash
	}
	_, err := tx.Exec(ctx, `insert into invitation_links (token_hash, organization_id, invitation_id, created_at)
		select hash, portal_organization(), id, $3 from unnest($1::bytea[], $2::uuid[]) as l (hash, id)`, hashes, ids, now)
	return err
}

func withdraw(ctx context.Context, tx pgx.Tx, ids []uuid.UUID, now time.Time) error {
	_, err := tx.Exec(ctx, "update invitations set withdrawn_at = $2 where organization_id = portal_organization() and id = any ($1)", ids, now)
	return err
}

type openedRow struct {
	InvitationID     uuid.UUID
	OrganizationID   uuid.UUID
	OrganizationName string
	BusinessID       string
	Email            string
	EmailKey         string
	FirstName        string
	LastName         string
	Language         string
	UserType         account.UserType
	Permissions      []account.Permission
	InviterFirstName string
	InviterLastName  string
	ExpiresAt        *time.Time
	AcceptedAt       *time.Time
	WithdrawnAt      *time.Time
	ReplacedAt       *time.Time
	AskedAt          *time.Time
	HasAccount       bool
	InviterLost      bool
	Numbers          []account.ContractNumber
}

const recognizeInvitation = `
	select invitation_id, organization_id, organization_name, business_id, email, email_key, first_name, last_name, language, user_type,
		permissions, inviter_first_name, inviter_last_name, expires_at, accepted_at, withdrawn_at, replaced_at, asked_at, has_account,
		inviter_lost, numbers
	from recognize_invitation($1, $2) where invitation_id is not null`

func (r openedRow) opened(now time.Time) Opened {
	opened := Opened{ID: r.InvitationID, Organization: account.Organization{ID: r.OrganizationID, Name: r.OrganizationName, BusinessID: r.BusinessID},
		Email: r.Email, emailKey: r.EmailKey, FirstName: r.FirstName, LastName: r.LastName, Language: i18n.Lang(r.Language),
		Inviter:   account.User{FirstName: r.InviterFirstName, LastName: r.InviterLastName}.Name(),
		ExpiresAt: r.ExpiresAt, HasAccount: r.HasAccount, InviterLost: r.InviterLost,
		Asked: r.AskedAt != nil && r.AskedAt.After(now.Add(-askedAgainAfter)), State: r.state(now)}
	var left Joined
	given := grant{UserType: r.UserType, Permissions: r.Permissions, Numbers: r.Numbers, InviterIsMainUser: !r.InviterLost}
	left.InviterLost = r.InviterLost
	opened.Permissions, opened.Numbers = given.rest(&left)
	opened.NumbersLost = len(left.Numbers)
	return opened
}

func (r openedRow) state(now time.Time) LinkState {
	switch {
	case r.AcceptedAt != nil:
		return LinkUsed
	case r.WithdrawnAt != nil:
		return LinkWithdrawn
	case r.ReplacedAt != nil:
		return LinkReplaced
	case Invitation{ExpiresAt: r.ExpiresAt}.Expired(now):
		return LinkExpired
	default:
		return LinkHolds
	}
}

func recognize(ctx context.Context, tx pgx.Tx, hash []byte, now time.Time) (openedRow, error) {
	rows, err := tx.Query(ctx, recognizeInvitation, hash, now)
	if err != nil {
		return openedRow{}, err
	}
	return pgx.CollectOneRow(rows, pgx.RowToStructByName[openedRow])
}

func grantOf(ctx context.Context, tx pgx.Tx, id uuid.UUID, today time.Time) (grant, error) {
	rows, err := tx.Query(ctx, `
		select i.user_type,
			coalesce((select array_agg(p.permission) from invitation_permissions p
				where p.organization_id = i.organization_id and p.invitation_id = i.id), '{}') as permissions,
			(select jsonb_agg(jsonb_build_object('id', c.id, 'kind', c.kind, 'number', c.number, 'holder', c.holder,
					'ended', c.valid_from > $2::date or coalesce(c.valid_to < $2::date, false)) order by c.kind, c.number)
				from invitation_contract_numbers a
				join contract_numbers c on c.organization_id = a.organization_id and c.id = a.contract_number_id
				where a.organization_id = i.organization_id and a.invitation_id = i.id) as numbers,
			exists (select from memberships m where m.organization_id = i.organization_id and m.user_id = i.invited_by
				and m.user_type = 'main_user' and m.ended_at is null) as inviter_is_main_user
		from invitations i where i.organization_id = portal_organization() and i.id = $1`, id, today)
	if err != nil {
		return grant{}, err
	}
	return pgx.CollectOneRow(rows, pgx.RowToStructByName[grant])
}

// outcome of accept_invitation. Member is nil if the invitation is not for the person, or the newcomer's address has an
// account.
type outcome struct {
	Member *uuid.UUID
	Joined *bool
}

func acceptInvitation(ctx context.Context, tx pgx.Tx, hash []byte, now time.Time, as acceptance, regular bool) (outcome, error) {
	rows, err := tx.Query(ctx, "select member, joined from accept_invitation($1, $2, $3, $4, $5, $6, $7, $8)",
		hash, now, as.person, as.newcomer, as.firstName, as.lastName, as.passwordHash, regular)
	if err != nil {
		return outcome{}, err
	}
	return pgx.CollectOneRow(rows, pgx.RowToStructByName[outcome])
}

// giveMember gives a new member what they hold, whatever they held when they were one before.
func giveMember(ctx context.Context, tx pgx.Tx, person uuid.UUID, as Permissions, numbers []uuid.UUID) error {
	for _, table := range []string{
		"delete from membership_permissions where organization_id = portal_organization() and user_id = $1",
		"delete from membership_contract_numbers where organization_id = portal_organization() and user_id = $1",
	} {
		if _, err := tx.Exec(ctx, table, person); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `insert into membership_permissions (organization_id, user_id, permission)
		select portal_organization(), $1, unnest($2::text[])`, person, as.Permissions); err != nil {
		return err
	}
	return assign(ctx, tx, person, numbers)
}

// markAsked writes down that somebody asks for a new link, unless they did after a moment.
func markAsked(ctx context.Context, tx pgx.Tx, id uuid.UUID, now, after time.Time) (bool, error) {
	done, err := tx.Exec(ctx, `update invitations set asked_at = $2 where organization_id = portal_organization() and id = $1
		and (asked_at is null or asked_at <= $3)`, id, now, after)
	return done.RowsAffected() > 0, err
}

// answerersOf gives who can send a new link: the inviter, or, if they are no main user any more, those who are.
func answerersOf(ctx context.Context, tx pgx.Tx, id uuid.UUID) ([]account.User, error) {
	rows, err := tx.Query(ctx, `
		with main as (
			select u.id, u.first_name::text, u.last_name::text, u.email::text, u.phone, coalesce(u.language, '') as language, u.id = i.invited_by as inviter
			from invitations i
			join memberships m on m.organization_id = i.organization_id and m.user_type = 'main_user' and m.ended_at is null
			join users u on u.id = m.user_id
			where i.organization_id = portal_organization() and i.id = $1)
		select id, first_name, last_name, email, phone, language from main
		where inviter or not exists (select from main as other where other.inviter) order by id limit $2`, id, maxContacts)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[account.User])
}

// Waiting are invitations of somebody's that wait for an answer.
type Waiting struct {
	Count int // at most MostCounted
	Some  []Invitation
}

// namedInvitations is how many of them are named.
const namedInvitations = 5

// QueueWaiting adds to a read the invitations of some people's that wait: they give nothing once those are no main users.
func QueueWaiting(b *postgres.Batch, waiting *Waiting, now time.Time, inviters ...uuid.UUID) {
	const those = ` from invitations i where i.organization_id = portal_organization() and i.invited_by = any ($1) and i.accepted_at is null
		and i.withdrawn_at is null and (i.expires_at is null or i.expires_at > $2)`
	postgres.Value(b, &waiting.Count, "select count(*) from (select"+those+" limit $3) as w", inviters, now, MostCounted)
	postgres.Rows(b, &waiting.Some, `select i.id, i.first_name::text, i.last_name::text, i.email::text, i.created_at, i.expires_at, false as trimmed, false as undelivered`+
		those+" order by i.created_at desc, i.id limit $3", inviters, now, namedInvitations)
}
