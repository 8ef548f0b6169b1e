package application

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/caller"
	"omapostipro/internal/credential"
	"omapostipro/internal/fault"
)

// Accounts with their maker: $1 is one account's id, or null for all.
const selectAccounts = `
	select a.id, a.name::text, a.client_id, a.status, a.created_at, a.secret_hash, a.secret_made_at, a.last_used_at, a.locked_until, a.address_locked_until, a.status_changed_at, a.maker_id,
		maker.name as maker_name, m.ended_at is not null as maker_left,
		coalesce(changer.name, '') as status_changed_by,
		array(select r.role from application_account_roles r
			where r.organization_id = a.organization_id and r.application_account_id = a.id) as roles,
		array(select l.contract_number_id from application_account_contract_numbers l
			where l.organization_id = a.organization_id and l.application_account_id = a.id) as contract_ids
	from application_accounts a
	join memberships m on m.organization_id = a.organization_id and m.user_id = a.maker_id
	join known_people maker on maker.organization_id = a.organization_id and maker.user_id = a.maker_id
	left join known_people changer on changer.organization_id = a.organization_id and changer.user_id = a.status_changed_by
	where a.organization_id = portal_organization() and ($1::uuid is null or a.id = $1)`

// The contracts that they are linked to, in the order that they are shown in; $2 is today.
const selectContracts = `
	select c.id, c.kind, c.number, c.holder::text, c.valid_from > $2::date or coalesce(c.valid_to < $2::date, false) as ended
	from contract_numbers c
	where c.organization_id = portal_organization() and exists (select from application_account_contract_numbers l
		where l.organization_id = c.organization_id and l.contract_number_id = c.id and ($1::uuid is null or l.application_account_id = $1))
	order by c.kind desc, c.number`

type accountRow struct {
	ID                 uuid.UUID
	Name               string
	ClientID           string
	Status             caller.Status
	CreatedAt          time.Time
	SecretHash         []byte
	SecretMadeAt       time.Time
	LastUsedAt         *time.Time
	LockedUntil        *time.Time
	AddressLockedUntil *time.Time
	StatusChangedAt    *time.Time
	MakerID            uuid.UUID
	MakerName          string
	MakerLeft          bool
	StatusChangedBy    string
	Roles              []caller.Role
	ContractIDs        []uuid.UUID
}

// account gives the account with its contracts, of all those that were read.
func (r accountRow) account(all []account.ContractNumber, now time.Time) Account {
	contracts := make([]account.ContractNumber, 0, len(r.ContractIDs))
	for _, contract := range all {
		if slices.Contains(r.ContractIDs, contract.ID) {
			contracts = append(contracts, contract)
		}
	}
	slices.SortFunc(r.Roles, func(a, b caller.Role) int { return slices.Index(caller.Roles(), a) - slices.Index(caller.Roles(), b) })
	return Account{ID: r.ID, Name: r.Name, ClientID: r.ClientID, Status: r.Status, Roles: r.Roles, Contracts: contracts, CreatedAt: r.CreatedAt,
		MakerID: r.MakerID, MakerName: r.MakerName, MakerLeft: r.MakerLeft, secretHash: r.SecretHash, SecretMadeAt: r.SecretMadeAt, LastUsedAt: r.LastUsedAt,
		StatusChangedAt: r.StatusChangedAt, StatusChangedBy: r.StatusChangedBy, Lock: r.lock(now)}
}

func (r accountRow) lock(now time.Time) Lock {
	for _, lock := range []struct {
		until      *time.Time
		everywhere bool
	}{{r.LockedUntil, true}, {r.AddressLockedUntil, false}} {
		if r.Status != caller.Revoked && lock.until != nil && lock.until.After(now) {
			return Lock{*lock.until, lock.everywhere}
		}
	}
	return Lock{}
}

// insertAccount gives false if the form's token has made an account before.
func insertAccount(ctx context.Context, tx pgx.Tx, actor account.Actor, name string, token, id uuid.UUID, clientID string, secret credential.Value, now time.Time) (bool, error) {
	var live int
	// The organisation's accounts are counted one maker at a time, so that the bound holds in parallel too.
	if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock(hashtextextended('application_accounts ' || $1::text, 0))", actor.Organization.ID); err != nil {
		return false, err
	}
	if err := tx.QueryRow(ctx, "select count(*) from application_accounts where organization_id = $1 and status <> 'revoked' and creation_token <> $2",
		actor.Organization.ID, token).Scan(&live); err != nil {
		return false, err
	}
	if live >= maxAccounts {
		return false, fault.New(fault.Invalid, "form.invalid").At("name", "applications.too_many", "maximum", maxAccounts)
	}
	done, err := tx.Exec(ctx, `insert into application_accounts (id, organization_id, maker_id, creation_token, name, client_id, secret_hash, secret_made_at, status, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8) on conflict on constraint application_account_created_once do nothing`,
		id, actor.Organization.ID, actor.ID, token, name, clientID, secret.Hash(), now, caller.Enabled)
	return err == nil && done.RowsAffected() == 1, err
}

func linkRoles(ctx context.Context, tx pgx.Tx, actor account.Actor, id uuid.UUID, roles []caller.Role) (added bool, err error) {
	done, err := tx.Exec(ctx, "insert into application_account_roles (organization_id, application_account_id, role) select $1, $2, unnest($3::text[]) on conflict do nothing",
		actor.Organization.ID, id, roles)
	return done.RowsAffected() > 0, err
}

func linkContracts(ctx context.Context, tx pgx.Tx, actor account.Actor, id uuid.UUID, contracts []account.ContractNumber) (added bool, err error) {
	done, err := tx.Exec(ctx, `insert into application_account_contract_numbers (organization_id, application_account_id, contract_number_id, kind)
		select organization_id, $2, id, kind from contract_numbers where organization_id = $1 and id = any($3) on conflict do nothing`,
		actor.Organization.ID, id, account.IDs(contracts))
	return done.RowsAffected() > 0, err
}

func updateRoles(ctx context.Context, tx pgx.Tx, actor account.Actor, id uuid.UUID, roles []caller.Role) (changed bool, err error) {
	gone, err := tx.Exec(ctx, "delete from application_account_roles where organization_id = $1 and application_account_id = $2 and role <> all($3::text[])",
		actor.Organization.ID, id, roles)
	if err != nil {
		return false, err
	}
	added, err := linkRoles(ctx, tx, actor, id, roles)
	return added || gone.RowsAffected() > 0, err
}

func rolesOf(ctx context.Context, tx pgx.Tx, id uuid.UUID) ([]caller.Role, error) {
	rows, err := tx.Query(ctx, "select role from application_account_roles where organization_id = portal_organization() and application_account_id = $1", id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[caller.Role])
}

func updateContracts(ctx context.Context, tx pgx.Tx, actor account.Actor, id uuid.UUID, contracts []account.ContractNumber) (changed bool, err error) {
	gone, err := tx.Exec(ctx, `delete from application_account_contract_numbers
		where organization_id = $1 and application_account_id = $2 and contract_number_id <> all($3)`, actor.Organization.ID, id, account.IDs(contracts))
	if err != nil {
		return false, err
	}
	added, err := linkContracts(ctx, tx, actor, id, contracts)
	return added || gone.RowsAffected() > 0, err
}

func linkedContracts(ctx context.Context, tx pgx.Tx, id uuid.UUID, today time.Time) ([]account.ContractNumber, error) {
	rows, err := tx.Query(ctx, selectContracts, id, today)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[account.ContractNumber])
}

// locked is what a change needs of an account.
type locked struct {
	caller.Held
	Name         string
	ClientID     string
	SecretHash   []byte
	SecretMadeAt time.Time
	Roles        []caller.Role
}

func lockAccount(ctx context.Context, tx pgx.Tx, id uuid.UUID) (locked, error) {
	rows, err := tx.Query(ctx, `select a.maker_id, a.name::text, a.client_id, a.secret_hash, a.secret_made_at, a.status, array(select r.role from application_account_roles r
			where r.organization_id = a.organization_id and r.application_account_id = a.id order by r.role) as roles
		from application_accounts a where a.organization_id = portal_organization() and a.id = $1 for no key update`, id)
	if err != nil {
		return locked{}, err
	}
	found, err := pgx.CollectOneRow(rows, pgx.RowToStructByName[locked])
	if errors.Is(err, pgx.ErrNoRows) {
		return locked{}, errNotFound()
	}
	return found, err
}

// madeRow is the account that a form has made before.
type madeRow struct {
	ID           uuid.UUID
	ClientID     string
	SecretHash   []byte
	SecretMadeAt time.Time
}

func selectMadeBefore(ctx context.Context, tx pgx.Tx, token uuid.UUID) (madeRow, error) {
	rows, err := tx.Query(ctx, `select id, client_id, secret_hash, secret_made_at from application_accounts
		where organization_id = portal_organization() and creation_token = $1`, token)
	if err != nil {
		return madeRow{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[madeRow])
}

func rename(ctx context.Context, tx pgx.Tx, id uuid.UUID, name string) error {
	_, err := tx.Exec(ctx, "update application_accounts set name = $2 where id = $1", id, name)
	return err
}

func updateSecret(ctx context.Context, tx pgx.Tx, id uuid.UUID, secret credential.Value, now time.Time) error {
	_, err := tx.Exec(ctx, "update application_accounts set secret_hash = $2, secret_made_at = $3 where id = $1", id, secret.Hash(), now)
	return err
}

// updateStatus changes the state; the account's tokens are dead from then on.
func updateStatus(ctx context.Context, tx pgx.Tx, actor account.Actor, id uuid.UUID, status caller.Status, now time.Time) error {
	if status != caller.Revoked {
		if err := unlock(ctx, tx, actor, id, now); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `update application_accounts set status = $2, status_changed_at = $3, status_changed_by = $4,
		secret_hash = case when $2 = 'revoked' then null else secret_hash end where id = $1`, id, status, now, actor.ID)
	if err != nil {
		return err
	}
	return deleteTokens(ctx, tx, id)
}

func deleteTokens(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
	_, err := tx.Exec(ctx, "delete from access_tokens where organization_id = portal_organization() and application_account_id = $1", id)
	return err
}

const selectRecognized = `select application_account_id, organization_id, organization_name, business_id, name, status, created_at, last_used_at,
		expires_at, roles, numbers
	from recognize_token($1, $2) where application_account_id is not null`

type recognizedRow struct {
	ApplicationAccountID uuid.UUID
	OrganizationID       uuid.UUID
	OrganizationName     string
	BusinessID           string
	Name                 string
	Status               caller.Status
	CreatedAt            time.Time
	LastUsedAt           *time.Time
	ExpiresAt            time.Time
	Roles                []caller.Role
	Numbers              []account.ContractNumber
}

func (r recognizedRow) caller() caller.Caller {
	return caller.Caller{Kind: audit.Application, ID: r.ApplicationAccountID,
		Organization: account.Organization{ID: r.OrganizationID, Name: r.OrganizationName, BusinessID: r.BusinessID},
		Name:         r.Name, Roles: r.Roles, Contracts: r.Numbers, CreatedAt: r.CreatedAt, LastUsedAt: r.LastUsedAt, ExpiresAt: &r.ExpiresAt}
}
