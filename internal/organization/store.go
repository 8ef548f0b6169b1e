package organization

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/fault"
	"omapostipro/internal/postgres"
)

// Row-level security shows only the organisation's rows; that it is named here too lets its indexes be used.

type userRow struct {
	account.User
	Joined        time.Time
	Ended         bool
	LastSeen      *time.Time
	InvitedBy     *uuid.UUID
	InviterName   string
	InviterMember bool
}

func (r userRow) details() Details {
	details := Details{User: r.User, Joined: r.Joined, LastSeen: r.LastSeen}
	if r.InvitedBy != nil {
		details.Inviter = &Inviter{ID: *r.InvitedBy, Name: r.InviterName, Member: r.InviterMember}
	}
	return details
}

const selectUser = `
	select m.user_id as id, known.first_name, known.last_name, known.email, coalesce(u.phone, '') as phone, coalesce(u.language, '') as language,
		m.created_at as joined, m.ended_at is not null as ended, m.last_seen_at as last_seen, m.invited_by,
		coalesce(inviter.name, '') as inviter_name,
		coalesce(other.ended_at is null and other.user_id is not null, false) as inviter_member
	from memberships m join known_people known on known.organization_id = m.organization_id and known.user_id = m.user_id
	left join users u on u.id = m.user_id and m.ended_at is null
	left join memberships other on other.organization_id = m.organization_id and other.user_id = m.invited_by
	left join known_people inviter on inviter.organization_id = m.organization_id and inviter.user_id = m.invited_by
	where m.organization_id = portal_organization() and m.user_id = $1`

type roleRow struct {
	OrganizationID   uuid.UUID
	OrganizationName string
	BusinessID       string
	UserType         account.UserType
	Permissions      []account.Permission
	Numbers          []account.ContractNumber
}

const selectRoles = `
	select organization_id, organization_name, business_id, user_type, permissions, numbers from person_memberships($1, $2)`

func (r roleRow) role() Role {
	permissions := Permissions{Permissions: r.Permissions}.normal().Permissions
	return Role{Organization: account.Organization{ID: r.OrganizationID, Name: r.OrganizationName, BusinessID: r.BusinessID},
		UserType: r.UserType, Permissions: permissions, Numbers: r.Numbers}
}

// Assignable is a number that can be assigned to a person, or is.
type Assignable struct {
	account.ContractNumber
	Assigned bool
}

// Those of the organisation that can be used today, $1, and those that the person, $2, is assigned.
const selectAssignable = `
	select c.id, c.kind, c.number, c.holder::text, c.valid_from > $1::date or coalesce(c.valid_to < $1::date, false) as ended,
		a.user_id is not null as assigned
	from contract_numbers c
	left join membership_contract_numbers a on a.organization_id = c.organization_id and a.contract_number_id = c.id and a.user_id = $2
	where c.organization_id = portal_organization()
		and (a.user_id is not null or c.valid_from <= $1::date and (c.valid_to is null or c.valid_to >= $1::date))
	order by c.kind, c.number`

const selectNumbers = "select id, kind, number, holder, ended from (" + selectAssignable + ") as assignable"

func numbersFor(ctx context.Context, tx pgx.Tx, today time.Time, person uuid.UUID) ([]Assignable, error) {
	rows, err := tx.Query(ctx, selectAssignable, today, person)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Assignable])
}

// lockOrganization lets one change at a time decide what the organisation's people are and hold.
func lockOrganization(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, "select pg_advisory_xact_lock(hashtextextended('people ' || portal_organization()::text, 0))")
	return err
}

func lockRole(ctx context.Context, tx pgx.Tx, person uuid.UUID) (Permissions, error) {
	rows, err := tx.Query(ctx, `
		select m.user_type, coalesce((select array_agg(p.permission) from membership_permissions p
			where p.organization_id = m.organization_id and p.user_id = m.user_id), '{}') as permissions
		from memberships m where m.organization_id = portal_organization() and m.user_id = $1 and m.ended_at is null
		for no key update of m`, person)
	if err != nil {
		return Permissions{}, err
	}
	role, err := pgx.CollectOneRow(rows, pgx.RowToStructByName[Permissions])
	if errors.Is(err, pgx.ErrNoRows) {
		return Permissions{}, errNotFound()
	}
	return role.normal(), err
}

func hasOtherMainUser(ctx context.Context, tx pgx.Tx, person uuid.UUID) (others bool, err error) {
	err = tx.QueryRow(ctx, `select exists (select from memberships where organization_id = portal_organization()
		and user_type = 'main_user' and ended_at is null and user_id <> $1)`, person).Scan(&others)
	return others, err
}

func updateRole(ctx context.Context, tx pgx.Tx, person uuid.UUID, before, after Permissions) error {
	if before.UserType != after.UserType {
		if _, err := tx.Exec(ctx, "update memberships set user_type = $2 where organization_id = portal_organization() and user_id = $1",
			person, after.UserType); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `delete from membership_permissions where organization_id = portal_organization() and user_id = $1
		and permission <> all ($2)`, person, after.Permissions); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `insert into membership_permissions (organization_id, user_id, permission)
		select portal_organization(), $1, unnest($2::text[]) on conflict do nothing`, person, after.Permissions)
	return err
}

func updateNumbers(ctx context.Context, tx pgx.Tx, person uuid.UUID, added, removed []account.ContractNumber) error {
	if _, err := tx.Exec(ctx, `delete from membership_contract_numbers where organization_id = portal_organization() and user_id = $1
		and contract_number_id = any ($2)`, person, account.IDs(removed)); err != nil {
		return err
	}
	return assign(ctx, tx, person, account.IDs(added))
}

func assign(ctx context.Context, tx pgx.Tx, person uuid.UUID, numbers []uuid.UUID) error {
	_, err := tx.Exec(ctx, `insert into membership_contract_numbers (organization_id, user_id, contract_number_id, kind)
		select organization_id, $1, id, kind from contract_numbers where organization_id = portal_organization() and id = any ($2)`, person, numbers)
	return err
}

// keysOf tells of the keys that a person has made and that still work, or can again.
func keysOf(ctx context.Context, tx pgx.Tx, person uuid.UUID, removed []account.ContractNumber) (Saved, error) {
	var saved Saved
	err := tx.QueryRow(ctx, `select count(*) from api_keys where organization_id = portal_organization() and maker_id = $1
		and status <> 'revoked'`, person).Scan(&saved.Keys)
	if err != nil || saved.Keys == 0 || len(removed) == 0 {
		return saved, err
	}
	rows, err := tx.Query(ctx, `
		select c.number, k.description::text from api_keys k
		join api_key_contract_numbers l on l.organization_id = k.organization_id and l.api_key_id = k.id
		join contract_numbers c on c.organization_id = l.organization_id and c.id = l.contract_number_id
		where k.organization_id = portal_organization() and k.maker_id = $1 and k.status <> 'revoked' and c.id = any ($2)
		order by c.number, k.created_at desc`, person, account.IDs(removed))
	if err != nil {
		return saved, err
	}
	saved.Using, err = pgx.CollectRows(rows, pgx.RowToStructByName[KeyUse])
	return saved, err
}

const selectMainUsers = `
	select u.id, u.first_name::text, u.last_name::text, u.email::text, m.user_type
	from memberships m join users u on u.id = m.user_id
	where m.organization_id = portal_organization() and m.user_type = 'main_user' and m.ended_at is null
	order by u.first_name, u.last_name, u.id limit $1`

type keyID struct{ ID uuid.UUID }

const selectNewestKey = `
	select id from api_keys where organization_id = portal_organization() and status <> 'revoked'
	order by (status = 'enabled') desc, created_at desc, id desc limit 1`

func insertInvitation(ctx context.Context, tx pgx.Tx, actor account.Actor, id uuid.UUID, invitation NewInvitation) error {
	key := account.EmailKey(invitation.Email)
	var member bool
	if err := tx.QueryRow(ctx, `select exists (select from memberships m join users u on u.id = m.user_id
		where m.organization_id = portal_organization() and m.ended_at is null and u.email_key = $1)`, key).Scan(&member); err != nil {
		return err
	}
	if member {
		return fault.New(fault.Conflict, "invitation.is_member")
	}
	var expires *time.Time
	if !invitation.Endless {
		at := invitation.SentAt.Add(InvitationLifetime)
		expires = &at
	}
	_, err := tx.Exec(ctx, `insert into invitations (id, organization_id, email, email_key, first_name, last_name, user_type, invited_by, created_at, expires_at)
		values ($1, portal_organization(), $2, $3, $4, $5, $6, $7, $8, $9)`, id, invitation.Email, key, invitation.FirstName,
		invitation.LastName, invitation.Permissions.UserType, actor.ID, invitation.SentAt, expires)
	if postgres.Constraint(err) == "invitation_pending_once" {
		return fault.New(fault.Conflict, "invitation.is_pending").Because(err)
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `insert into invitation_permissions (organization_id, invitation_id, permission)
		select portal_organization(), $1, unnest($2::text[])`, id, invitation.Permissions.normal().Permissions); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into invitation_contract_numbers (organization_id, invitation_id, contract_number_id, kind)
		select organization_id, $1, id, kind from contract_numbers where organization_id = portal_organization() and id = any ($2)`, id, invitation.Numbers)
	return err
}

func insertMember(ctx context.Context, tx pgx.Tx, operator account.Actor, person uuid.UUID, as Permissions, numbers []uuid.UUID, now time.Time) error {
	if _, err := tx.Exec(ctx, "insert into memberships (organization_id, user_id, user_type, created_at) values ($1, $2, $3, $4)",
		operator.Organization.ID, person, as.UserType, now); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `insert into membership_permissions (organization_id, user_id, permission) select $1, $2, unnest($3::text[])`,
		operator.Organization.ID, person, as.Permissions); err != nil {
		return err
	}
	return assign(ctx, tx, person, numbers)
}
