package application

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/caller"
	"omapostipro/internal/credential"
	"omapostipro/internal/fault"
	"omapostipro/internal/organization"
	"omapostipro/internal/postgres"
)

// Service is what can be done with application accounts.
type Service struct {
	db     *postgres.DB
	box    Box
	now    func() time.Time
	used   caller.Uses
	states caller.Lifecycle
}

// Box seals what forms carry, with a key that outlives a restart of the portal.
type Box interface {
	Seal(plaintext, associated []byte) ([]byte, error)
	Open(ciphertext, associated []byte) ([]byte, error)
}

// NewService makes the service.
func NewService(db *postgres.DB, box Box, now func() time.Time) *Service {
	return &Service{db: db, box: box, now: now, states: caller.Lifecycle{DB: db, Now: now, MayManage: mayManage,
		Lock: func(ctx context.Context, tx pgx.Tx, id uuid.UUID) (caller.Held, error) {
			found, err := lockAccount(ctx, tx, id)
			return found.Held, err
		},
		Update: updateStatus, Gone: "applications.revoked", Events: map[caller.Status]audit.Event{caller.Enabled: {Action: "application_account.enabled"},
			caller.Disabled: {Action: "application_account.disabled"}, caller.Revoked: {Action: "application_account.revoked"}},
	}}
}

// List gives the organisation's accounts, newest first, to holders of Hantera integrationer, and main users whom those
// may ask who cannot change them.
func (s *Service) List(ctx context.Context, actor account.Actor) ([]Account, []organization.Person, error) {
	if !actor.SeesIntegrations() {
		return nil, nil, fault.New(fault.Forbidden, "keys.needs_permission")
	}
	var (
		rows      []accountRow
		contracts []account.ContractNumber
		mainUsers []organization.Person
	)
	err := s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
		postgres.Rows(b, &rows, selectAccounts+" order by a.created_at desc, a.id desc", nil)
		postgres.Rows(b, &contracts, selectContracts, nil, s.today())
		if !actor.MayManageKeys() {
			organization.QueueMainUsers(b, &mainUsers)
		}
	})
	accounts := make([]Account, len(rows))
	for i, row := range rows {
		accounts[i] = row.account(contracts, s.now())
	}
	return accounts, mainUsers, err
}

// Get gives one account, to holders of Hantera integrationer.
func (s *Service) Get(ctx context.Context, actor account.Actor, id uuid.UUID) (Account, error) {
	if !actor.SeesIntegrations() {
		return Account{}, fault.New(fault.Forbidden, "keys.needs_permission")
	}
	var (
		row       *accountRow
		contracts []account.ContractNumber
	)
	err := s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
		postgres.Row(b, &row, selectAccounts, id)
		postgres.Rows(b, &contracts, selectContracts, id, s.today())
	})
	if err != nil {
		return Account{}, err
	}
	if row == nil {
		return Account{}, errNotFound()
	}
	return row.account(contracts, s.now()), nil
}

// Create makes an account and gives its secret. What Prepare gave to one form makes one account only, however often it is sent.
func (s *Service) Create(ctx context.Context, actor account.Actor, wanted Wanted, token string) (Secret, error) {
	if err := actor.MayCreateKeys(); err != nil {
		return Secret{}, err
	}
	wanted, contracts, err := wanted.check(actor, nil)
	if err != nil {
		return Secret{}, err
	}
	form, err := s.open(actor, uuid.Nil, token)
	if err != nil {
		return Secret{}, err
	}
	return s.create(ctx, actor, wanted, contracts, form, newClientID())
}

// CreateFixed makes an account whose client id and secret are known to everybody, for the demo. A second one of the same id
// is not made.
func (s *Service) CreateFixed(ctx context.Context, actor account.Actor, wanted Wanted, id uuid.UUID, clientID, secret string) error {
	wanted, contracts, err := wanted.check(actor, nil)
	if err != nil {
		return err
	}
	_, err = s.create(ctx, actor, wanted, contracts, prepared{ID: id, Secret: credential.Value(secret)}, clientID)
	return err
}

func newClientID() string { return "app-" + strings.ToLower(rand.Text()) }

func (s *Service) create(ctx context.Context, actor account.Actor, wanted Wanted, contracts []account.ContractNumber, form prepared, clientID string) (Secret, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Secret{}, err
	}
	made := Secret{Account: id, ClientID: clientID, Value: string(form.Secret)}
	now := s.now()
	err = s.db.InTx(ctx, actor.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		inserted, err := insertAccount(ctx, tx, actor, wanted.Name, form.ID, id, clientID, form.Secret, now)
		if err != nil {
			return err
		}
		if !inserted {
			found, err := selectMadeBefore(ctx, tx, form.ID)
			made = Secret{Account: found.ID, ClientID: found.ClientID, Value: form.shown(found.SecretHash, found.SecretMadeAt, now)}
			return err
		}
		if _, err := linkRoles(ctx, tx, actor, id, wanted.Roles); err != nil {
			return err
		}
		if _, err := linkContracts(ctx, tx, actor, id, contracts); err != nil {
			return err
		}
		return audit.Record(ctx, tx, now, actor.Who(), audit.Event{Action: "application_account.created", Object: id,
			Personal: []audit.Personal{{Values: wanted.told(contracts)}}})
	})
	if err != nil {
		return Secret{}, err
	}
	return made, nil
}

// Change makes an account as it is wanted. Where it is so already, no event is left. shown is what the form was filled with:
// if it is no longer so, nothing is changed and the error is a *Stale.
func (s *Service) Change(ctx context.Context, actor account.Actor, id uuid.UUID, shown, wanted Wanted) error {
	return s.change(ctx, actor, id, func(ctx context.Context, tx pgx.Tx, locked locked) error {
		if locked.Status == caller.Revoked {
			return fault.New(fault.Gone, "applications.revoked")
		}
		linked, err := linkedContracts(ctx, tx, id, s.today())
		if err != nil {
			return err
		}
		wanted, contracts, err := wanted.check(actor, linked)
		if err != nil {
			return err
		}
		roles, err := rolesOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if !shown.same(Wanted{Name: locked.Name, Roles: roles, Contracts: account.IDs(linked)}) {
			return &Stale{fault.New(fault.Conflict, "edit.stale")}
		}
		var fields []string
		if wanted.Name != locked.Name {
			fields = append(fields, "name")
			if err := rename(ctx, tx, id, wanted.Name); err != nil {
				return err
			}
		}
		if changed, err := updateRoles(ctx, tx, actor, id, wanted.Roles); err != nil {
			return err
		} else if changed {
			fields = append(fields, "roles")
		}
		if changed, err := updateContracts(ctx, tx, actor, id, contracts); err != nil {
			return err
		} else if changed {
			fields = append(fields, "contract_numbers")
		}
		if len(fields) == 0 {
			return nil
		}
		before := Wanted{Name: locked.Name, Roles: locked.Roles}.told(linked)
		return audit.Record(ctx, tx, s.now(), actor.Who(), audit.Event{Action: "application_account.changed", Object: id, Fields: fields,
			Personal: []audit.Personal{{Values: map[string]any{"before": before, "after": wanted.told(contracts)}}}})
	})
}

// NewSecret replaces an account's secret; the old one and its tokens are dead from the moment that this returns. What Prepare
// gave to one form replaces it once, however often it is sent; if it has been replaced otherwise since, nothing is changed and
// the error is a *Stale.
func (s *Service) NewSecret(ctx context.Context, actor account.Actor, id uuid.UUID, token string) (Secret, error) {
	made := Secret{Account: id}
	err := s.change(ctx, actor, id, func(ctx context.Context, tx pgx.Tx, locked locked) error {
		if locked.Status == caller.Revoked {
			return fault.New(fault.Gone, "applications.revoked")
		}
		form, err := s.open(actor, id, token)
		if err != nil {
			return err
		}
		made.ClientID, made.Value = locked.ClientID, string(form.Secret)
		switch {
		case bytes.Equal(locked.SecretHash, form.Secret.Hash()):
			made.Value = form.shown(locked.SecretHash, locked.SecretMadeAt, s.now())
			return nil
		case !bytes.Equal(locked.SecretHash, form.Replaces):
			return &Stale{fault.New(fault.Conflict, "applications.secret_stale")}
		}
		return s.replaceSecret(ctx, tx, actor, id, form.Secret)
	})
	if err != nil {
		return Secret{}, err
	}
	return made, nil
}

func (s *Service) replaceSecret(ctx context.Context, tx pgx.Tx, actor account.Actor, id uuid.UUID, secret credential.Value) error {
	if err := updateSecret(ctx, tx, id, secret, s.now()); err != nil {
		return err
	}
	if err := deleteTokens(ctx, tx, id); err != nil {
		return err
	}
	if err := unlock(ctx, tx, actor, id, s.now()); err != nil {
		return err
	}
	return audit.Record(ctx, tx, s.now(), actor.Who(), audit.Event{Action: "application_account.secret_replaced", Object: id, Fields: []string{"secret"}})
}

// Disable stops an account until it is enabled again. Its tokens are dead from the moment that this returns.
func (s *Service) Disable(ctx context.Context, actor account.Actor, id uuid.UUID) error {
	_, err := s.states.Set(ctx, actor, id, caller.Disabled)
	return err
}

// Enable lets a disabled account log in again.
func (s *Service) Enable(ctx context.Context, actor account.Actor, id uuid.UUID) error {
	_, err := s.states.Set(ctx, actor, id, caller.Enabled)
	return err
}

// Revoke ends an account for good; its secret's hash is wiped.
func (s *Service) Revoke(ctx context.Context, actor account.Actor, id uuid.UUID) error {
	_, err := s.states.Set(ctx, actor, id, caller.Revoked)
	return err
}

// Settle gives what disables and revokes accounts that people have made, in the transaction that ends their membership.
func (s *Service) Settle(actor account.Actor, wanted map[uuid.UUID]caller.Status) func(context.Context, pgx.Tx, []uuid.UUID) error {
	return s.states.Settle(actor, wanted)
}

// change locks an account for a main user who manages keys.
func (s *Service) change(ctx context.Context, actor account.Actor, id uuid.UUID, do func(context.Context, pgx.Tx, locked) error) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	return s.db.InTx(ctx, actor.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		account, err := lockAccount(ctx, tx, id)
		if err != nil {
			return err
		}
		return do(ctx, tx, account)
	})
}

func mayManage(actor account.Actor) error {
	if !actor.SeesIntegrations() {
		return fault.New(fault.Forbidden, "keys.needs_permission")
	}
	if !actor.MayManageKeys() {
		return fault.New(fault.Forbidden, "applications.needs_main_user")
	}
	return nil
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

func (s *Service) today() time.Time { return account.Today(s.now()) }

func errNotFound() error { return fault.New(fault.NotFound, "errors.not_found_text") }
