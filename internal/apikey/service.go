package apikey

import (
	"context"
	"fmt"
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

// Box seals values: what is sealed can only be opened with the same associated data.
type Box interface {
	Seal(plaintext, associated []byte) ([]byte, error)
	Open(ciphertext, associated []byte) ([]byte, error)
}

// Service is what can be done with keys.
type Service struct {
	db     *postgres.DB
	box    Box
	now    func() time.Time
	used   caller.Uses
	states caller.Lifecycle
}

// NewService makes the service.
func NewService(db *postgres.DB, box Box, now func() time.Time) *Service {
	return &Service{db: db, box: box, now: now, states: caller.Lifecycle{DB: db, Now: now, MayManage: mayManage,
		Lock: func(ctx context.Context, tx pgx.Tx, id uuid.UUID) (caller.Held, error) {
			key, err := lockKey(ctx, tx, id)
			return key.Held, err
		},
		Update: updateStatus, Gone: "keys.revoked", Events: map[caller.Status]audit.Event{
			caller.Enabled: {Action: "api_key.enabled"}, caller.Disabled: {Action: "api_key.disabled"}, caller.Revoked: {Action: "api_key.revoked"}},
	}}
}

// List gives the organisation's keys, newest first, to holders of Hantera integrationer, and main users whom those may
// ask who cannot change them.
func (s *Service) List(ctx context.Context, actor account.Actor) ([]Key, []organization.Person, error) {
	if !actor.SeesIntegrations() {
		return nil, nil, fault.New(fault.Forbidden, "keys.needs_permission")
	}
	return s.list(ctx, actor)
}

func (s *Service) list(ctx context.Context, actor account.Actor) ([]Key, []organization.Person, error) {
	var (
		rows      []keyRow
		contracts []Contract
		mainUsers []organization.Person
	)
	err := s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
		postgres.Rows(b, &rows, selectKeys+" order by k.created_at desc, k.id desc", nil)
		postgres.Rows(b, &contracts, selectKeyContracts, nil, s.today())
		if !actor.MayManageKeys() {
			organization.QueueMainUsers(b, &mainUsers)
		}
	})
	keys := make([]Key, len(rows))
	for i, row := range rows {
		keys[i] = row.key(contracts)
	}
	return keys, mainUsers, err
}

// Get gives one key, to holders of Hantera integrationer.
func (s *Service) Get(ctx context.Context, actor account.Actor, id uuid.UUID) (Key, error) {
	if !actor.SeesIntegrations() {
		return Key{}, fault.New(fault.Forbidden, "keys.needs_permission")
	}
	var (
		row       *keyRow
		contracts []Contract
	)
	err := s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
		postgres.Row(b, &row, selectKeys, id)
		postgres.Rows(b, &contracts, selectKeyContracts, id, s.today())
	})
	if err != nil {
		return Key{}, err
	}
	if row == nil {
		return Key{}, errNotFound()
	}
	return row.key(contracts), nil
}

// Create makes a key and gives its id; the value is given by Value. The same form's token makes one key only, and gives
// its id again.
func (s *Service) Create(ctx context.Context, actor account.Actor, wanted New) (uuid.UUID, error) {
	id, _, err := s.generate(ctx, actor, actor, wanted)
	return id, err
}

// generate makes a key of a maker's; who acts is the maker, or the operator. It gives the value too.
func (s *Service) generate(ctx context.Context, actor, maker account.Actor, wanted New) (uuid.UUID, string, error) {
	if err := maker.MayCreateKeys(); err != nil {
		return uuid.Nil, "", err
	}
	wanted, contracts, err := wanted.check(maker, s.now())
	if err != nil {
		return uuid.Nil, "", err
	}
	if wanted.Token == uuid.Nil {
		return uuid.Nil, "", fault.New(fault.Malformed, "form.incomplete")
	}
	secret, err := credential.Generate(credential.Key)
	if err != nil {
		return uuid.Nil, "", err
	}
	id, err := s.create(ctx, actor, maker, wanted, contracts, secret)
	return id, string(secret), err
}

// CreateFixed makes a key whose value is known to everybody, for the demo.
func (s *Service) CreateFixed(ctx context.Context, actor account.Actor, wanted New, value string) error {
	wanted, contracts, err := wanted.check(actor, s.now())
	if err != nil {
		return err
	}
	secret, ok := credential.Parse(credential.Key, value)
	if !ok {
		return ErrMalformed
	}
	_, err = s.create(ctx, actor, actor, wanted, contracts, secret)
	return err
}

func (s *Service) create(ctx context.Context, actor, maker account.Actor, wanted New, contracts []Contract, secret credential.Value) (uuid.UUID, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, err
	}
	ciphertext, err := s.box.Seal([]byte(secret), binding(maker.Organization.ID, id))
	if err != nil {
		return uuid.Nil, err
	}
	err = s.db.InTx(ctx, actor.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		made, err := insertKey(ctx, tx, maker, wanted, id, secret, ciphertext, s.now())
		if err != nil {
			return err
		}
		if made != id {
			id = made // the form had been sent before
			return nil
		}
		if err := linkContracts(ctx, tx, maker, id, contracts); err != nil {
			return err
		}
		return audit.Record(ctx, tx, s.now(), actor.Who(), audit.Event{Action: "api_key.created", Object: id, Fields: wanted.fields(),
			Personal: []audit.Personal{{Values: wanted.told(contracts)}}})
	})
	return id, err
}

// Value gives a key's value, and leaves an event that it did.
func (s *Service) Value(ctx context.Context, actor account.Actor, id uuid.UUID) (string, error) {
	var plaintext []byte
	err := s.change(ctx, actor, id, func(ctx context.Context, tx pgx.Tx, key locked) error {
		if key.Status == caller.Revoked {
			return fault.New(fault.Gone, "keys.revoked")
		}
		var err error
		if plaintext, err = s.box.Open(key.Ciphertext, binding(actor.Organization.ID, id)); err != nil {
			return err
		}
		return audit.Record(ctx, tx, s.now(), actor.Who(), audit.Event{Action: "api_key.revealed", Object: id})
	})
	return string(plaintext), err
}

// Disable stops a key until it is enabled again. It is refused from the moment that this returns.
func (s *Service) Disable(ctx context.Context, actor account.Actor, id uuid.UUID) error {
	_, err := s.states.Set(ctx, actor, id, caller.Disabled)
	return err
}

// Enable lets a disabled key work again.
func (s *Service) Enable(ctx context.Context, actor account.Actor, id uuid.UUID) error {
	_, err := s.states.Set(ctx, actor, id, caller.Enabled)
	return err
}

// Revoke ends a key for good; its value is wiped.
func (s *Service) Revoke(ctx context.Context, actor account.Actor, id uuid.UUID) error {
	_, err := s.states.Set(ctx, actor, id, caller.Revoked)
	return err
}

// Settle gives what disables and revokes keys that people have made, in the transaction that ends their membership.
func (s *Service) Settle(actor account.Actor, wanted map[uuid.UUID]caller.Status) func(context.Context, pgx.Tx, []uuid.UUID) error {
	return s.states.Settle(actor, wanted)
}

// change locks a key for a main user who manages keys.
func (s *Service) change(ctx context.Context, actor account.Actor, id uuid.UUID, do func(context.Context, pgx.Tx, locked) error) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	return s.db.InTx(ctx, actor.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		key, err := lockKey(ctx, tx, id)
		if err != nil {
			return err
		}
		return do(ctx, tx, key)
	})
}

func mayManage(actor account.Actor) error {
	if !actor.SeesIntegrations() {
		return fault.New(fault.Forbidden, "keys.needs_permission")
	}
	if !actor.MayManageKeys() {
		return fault.New(fault.Forbidden, "keys.needs_main_user")
	}
	return nil
}

// The reasons for which a value is not recognised as a key that may be used. Only who holds the whole value learns that
// a key is disabled or revoked, has expired, or may not be used from where they are.
type refusal string

func (r refusal) Error() string { return "the key is " + string(r) }

// What Recognize refuses with.
const (
	ErrMalformed refusal = "malformed" // not a key in form or checksum; no query was made
	ErrUnknown   refusal = "unknown"
	ErrDisabled  refusal = "disabled"
	ErrRevoked   refusal = "revoked"
	ErrExpired   refusal = "expired"
	ErrAddress   refusal = "not for this address"
)

// Recognize gives the key of a value that somebody calls with from an address: one query, never a cache, so that a key which has been disabled or revoked is
// refused from then on. The key counts as used; that is written down later, in a batch.
func (s *Service) Recognize(ctx context.Context, text, address string) (caller.Caller, error) {
	value, ok := credential.Parse(credential.Key, text)
	if !ok {
		return caller.Caller{}, ErrMalformed
	}
	now := s.now()
	row, err := postgres.Recognize[recognizedRow](ctx, s.db, selectRecognized, value.Hash(), account.Today(now))
	switch {
	case err != nil:
		return caller.Caller{}, err
	case row == nil:
		return caller.Caller{}, ErrUnknown
	case row.Status == caller.Disabled:
		return caller.Caller{}, ErrDisabled
	case row.Status == caller.Revoked:
		return caller.Caller{}, ErrRevoked
	case row.Expired(now):
		return caller.Caller{}, ErrExpired
	case !row.allows(address):
		return caller.Caller{}, ErrAddress
	}
	s.used.Note(row.KeyID, now)
	return row.caller(), nil
}

// Flush writes down, in one statement, which keys were used since the last time.
func (s *Service) Flush(ctx context.Context) error {
	keys, times := s.used.Take()
	if len(keys) == 0 {
		return nil
	}
	if err := s.db.Exec(ctx, "select touch_keys($1, $2)", keys, times); err != nil {
		return fmt.Errorf("write down which keys were used: %w", err)
	}
	return nil
}

// CheckKeyset says whether the box opens what the database holds: whether its keyset is this database's.
func (s *Service) CheckKeyset(ctx context.Context) error {
	sample, err := postgres.Recognize[sampleRow](ctx, s.db, "select key_id, organization_id, ciphertext from sample_sealed_key() where key_id is not null")
	if err != nil || sample == nil {
		return err
	}
	if _, err := s.box.Open(sample.Ciphertext, binding(sample.OrganizationID, sample.KeyID)); err != nil {
		return fmt.Errorf("the keyset is not the one that this database's API keys are encrypted with: %w", err)
	}
	return nil
}

// Reencrypt seals anew every value that fresh says was sealed with an older key of the keyset, and gives how many. It is
// the operator's, after a rotation.
func (s *Service) Reencrypt(ctx context.Context, fresh func(ciphertext []byte) bool) (int, error) {
	count := 0
	err := s.db.InTx(ctx, postgres.Scope{}, func(ctx context.Context, tx pgx.Tx) error {
		sealed, err := lockSealed(ctx, tx)
		if err != nil {
			return err
		}
		for _, key := range sealed {
			if fresh(key.Ciphertext) {
				continue
			}
			plaintext, err := s.box.Open(key.Ciphertext, binding(key.OrganizationID, key.ID))
			if err != nil {
				return err
			}
			ciphertext, err := s.box.Seal(plaintext, binding(key.OrganizationID, key.ID))
			if err != nil {
				return err
			}
			if err := updateCiphertext(ctx, tx, key.ID, ciphertext); err != nil {
				return err
			}
			count++
		}
		return audit.Record(ctx, tx, s.now(), audit.Who{Kind: audit.Operator}, audit.Event{Action: "api_key.reencrypted"})
	})
	return count, err
}

// binding ties a ciphertext to its key and organisation: moved to another row, it does not open.
func binding(organization, key uuid.UUID) []byte {
	return append([]byte("api_key "), append(organization[:], key[:]...)...)
}

func (s *Service) today() time.Time { return account.Today(s.now()) }

func errNotFound() error { return fault.New(fault.NotFound, "errors.not_found_text") }
