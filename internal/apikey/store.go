package apikey

import (
	"cmp"
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

// Keys with their maker: $1 is one key's id, or null for all.
const selectKeys = `
	select k.id, k.description::text, k.suffix, k.status, k.created_at, k.last_used_at, k.expires_at, k.networks, k.status_changed_at, k.maker_id,
		maker.name as maker_name, m.ended_at is not null as maker_left,
		coalesce(changer.name, '') as status_changed_by, k.status_changed_by as changer_id,
		array(select l.contract_number_id from api_key_contract_numbers l
			where l.organization_id = k.organization_id and l.api_key_id = k.id) as contract_ids
	from api_keys k
	join memberships m on m.organization_id = k.organization_id and m.user_id = k.maker_id
	join known_people maker on maker.organization_id = k.organization_id and maker.user_id = k.maker_id
	left join known_people changer on changer.organization_id = k.organization_id and changer.user_id = k.status_changed_by
	where k.organization_id = portal_organization() and ($1::uuid is null or k.id = $1)`

// The contracts that they are linked to, in the order that they are shown in; $2 is today.
const selectKeyContracts = `
	select c.id, c.kind, c.number, c.holder::text, c.valid_from > $2::date or coalesce(c.valid_to < $2::date, false) as ended
	from contract_numbers c
	where c.organization_id = portal_organization() and exists (select from api_key_contract_numbers l
		where l.organization_id = c.organization_id and l.contract_number_id = c.id and ($1::uuid is null or l.api_key_id = $1))
	order by c.kind desc, c.number`

type keyRow struct {
	ID          uuid.UUID
	Description string
	Suffix      string
	Status      caller.Status
	CreatedAt   time.Time
	LastUsedAt  *time.Time
	Limits
	StatusChangedAt *time.Time
	MakerID         uuid.UUID
	MakerName       string
	MakerLeft       bool
	StatusChangedBy string
	ChangerID       *uuid.UUID
	ContractIDs     []uuid.UUID
}

// key gives the key with its contracts, of all those that were read.
func (r keyRow) key(all []Contract) Key {
	contracts := make([]Contract, 0, len(r.ContractIDs))
	for _, contract := range all {
		if slices.Contains(r.ContractIDs, contract.ID) {
			contracts = append(contracts, contract)
		}
	}
	return Key{ID: r.ID, Description: r.Description, Suffix: r.Suffix, Status: r.Status, Contracts: contracts, CreatedAt: r.CreatedAt,
		MakerID: r.MakerID, MakerName: r.MakerName, MakerLeft: r.MakerLeft, LastUsedAt: r.LastUsedAt, Limits: r.Limits,
		StatusChangedAt: r.StatusChangedAt, StatusChangedBy: r.StatusChangedBy, ChangerID: r.ChangerID}
}

// insertKey gives the id of the key that the token made: this one, or the one of the first time.
func insertKey(ctx context.Context, tx pgx.Tx, actor account.Actor, wanted New, id uuid.UUID, secret credential.Value, ciphertext []byte, now time.Time) (uuid.UUID, error) {
	var live int
	// The organisation's keys are counted one maker at a time, so that the bound holds in parallel too.
	if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock(hashtextextended('api_keys ' || $1::text, 0))", actor.Organization.ID); err != nil {
		return uuid.Nil, err
	}
	if err := tx.QueryRow(ctx, `select count(*) from api_keys where organization_id = $1 and status <> 'revoked' and creation_token <> $2`,
		actor.Organization.ID, wanted.Token).Scan(&live); err != nil {
		return uuid.Nil, err
	}
	if live >= maxKeys {
		return uuid.Nil, fault.New(fault.Invalid, "form.invalid").At("description", "keys.too_many", "maximum", maxKeys)
	}
	done, err := tx.Exec(ctx, `insert into api_keys (id, organization_id, maker_id, creation_token, description, hash, ciphertext, suffix, status, created_at, expires_at, networks)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict on constraint api_key_created_once do nothing`,
		id, actor.Organization.ID, actor.ID, wanted.Token, wanted.Description, secret.Hash(), ciphertext, secret.Suffix(), caller.Enabled, now, wanted.ExpiresAt, wanted.Networks)
	if err != nil || done.RowsAffected() == 1 {
		return id, err
	}
	var made uuid.UUID
	err = tx.QueryRow(ctx, "select id from api_keys where organization_id = $1 and creation_token = $2", actor.Organization.ID, wanted.Token).Scan(&made)
	return made, err
}

func linkContracts(ctx context.Context, tx pgx.Tx, actor account.Actor, id uuid.UUID, contracts []Contract) error {
	_, err := tx.Exec(ctx, `insert into api_key_contract_numbers (organization_id, api_key_id, contract_number_id, kind)
		select organization_id, $2, id, kind from contract_numbers where organization_id = $1 and id = any($3)`,
		actor.Organization.ID, id, account.IDs(contracts))
	return err
}

// locked is what a change needs of a key.
type locked struct {
	caller.Held
	Ciphertext []byte
}

func lockKey(ctx context.Context, tx pgx.Tx, id uuid.UUID) (locked, error) {
	rows, err := tx.Query(ctx, "select maker_id, status, ciphertext from api_keys where organization_id = portal_organization() and id = $1 for no key update", id)
	if err != nil {
		return locked{}, err
	}
	key, err := pgx.CollectOneRow(rows, pgx.RowToStructByName[locked])
	if errors.Is(err, pgx.ErrNoRows) {
		return locked{}, errNotFound()
	}
	return key, err
}

func updateStatus(ctx context.Context, tx pgx.Tx, actor account.Actor, id uuid.UUID, status caller.Status, now time.Time) error {
	_, err := tx.Exec(ctx, `update api_keys set status = $2, status_changed_at = $3, status_changed_by = nullif($4, '00000000-0000-0000-0000-000000000000'::uuid),
		ciphertext = case when $2 = 'revoked' then null else ciphertext end where id = $1`, id, status, now, actor.ID)
	return err
}

const selectRecognized = `select key_id, organization_id, organization_name, business_id, description, status, created_at, last_used_at, expires_at, networks,
	number_ids, number_kinds, numbers, number_holders from recognize_key($1, $2)`

type recognizedRow struct {
	KeyID            uuid.UUID
	OrganizationID   uuid.UUID
	OrganizationName string
	BusinessID       string
	Description      string
	Status           caller.Status
	CreatedAt        time.Time
	LastUsedAt       *time.Time
	Limits
	NumberIDs     []uuid.UUID // of each number one, as in the next three
	NumberKinds   []string
	Numbers       []string
	NumberHolders []string
}

func (r recognizedRow) caller() caller.Caller {
	return caller.Caller{Kind: audit.Key, ID: r.KeyID, Organization: account.Organization{ID: r.OrganizationID, Name: r.OrganizationName, BusinessID: r.BusinessID},
		Name: r.Description, Roles: roles, Contracts: r.contracts(), CreatedAt: r.CreatedAt, LastUsedAt: r.LastUsedAt,
		ExpiresAt: r.ExpiresAt, Networks: r.Networks}
}

// contracts gives the numbers in the order that they are shown in.
func (r recognizedRow) contracts() []Contract {
	contracts := make([]Contract, len(r.NumberIDs))
	for i, id := range r.NumberIDs {
		contracts[i] = Contract{ID: id, Kind: account.Kind(r.NumberKinds[i]), Number: r.Numbers[i], Holder: r.NumberHolders[i]}
	}
	slices.SortFunc(contracts, func(a, b Contract) int {
		return cmp.Or(cmp.Compare(b.Kind, a.Kind), cmp.Compare(a.Number, b.Number))
	})
	return contracts
}

type sampleRow struct {
	KeyID          uuid.UUID
	OrganizationID uuid.UUID
	Ciphertext     []byte
}

type sealed struct {
	ID             uuid.UUID
	OrganizationID uuid.UUID
	Ciphertext     []byte
}

func lockSealed(ctx context.Context, tx pgx.Tx) ([]sealed, error) {
	rows, err := tx.Query(ctx, "select id, organization_id, ciphertext from api_keys where ciphertext is not null order by id for no key update")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[sealed])
}

func updateCiphertext(ctx context.Context, tx pgx.Tx, id uuid.UUID, ciphertext []byte) error {
	_, err := tx.Exec(ctx, "update api_keys set ciphertext = $2 where id = $1", id, ciphertext)
	return err
}
