package organization

import (
	"context"
	"errors"
	"regexp"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/fault"
	"omapostipro/internal/postgres"
)

// What follows is the operator's: organisations and contracts come from the carrier, so no page makes them. It runs as
// portal_system.

var (
	businessID     = regexp.MustCompile(`^FI[0-9]{8}$`)
	contractNumber = regexp.MustCompile(`^[0-9]{6}$`)
)

// Create makes an organisation. Of the business ID only the form is checked: the manual's own fails its check digit.
func (s *Service) Create(ctx context.Context, operator account.Actor, name, id string) (account.Organization, error) {
	if err := mayOperate(operator); err != nil {
		return account.Organization{}, err
	}
	faults := fault.New(fault.Invalid, "form.invalid")
	name = account.CheckLine(faults, "name", name, true, 200)
	if !businessID.MatchString(id) {
		faults.At("business_id", "form.business_id")
	}
	key, err := uuid.NewV7()
	if err := errors.Join(faults.Err(), err); err != nil {
		return account.Organization{}, err
	}
	made := account.Organization{ID: key, Name: name, BusinessID: id}
	operator.Organization = made
	err = s.db.InTx(ctx, scope(operator), func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "insert into organizations (id, name, business_id, created_at) values ($1, $2, $3, $4)", key, name, id, s.now())
		if postgres.Constraint(err) == "organization_business_id_unique" {
			return fault.New(fault.Conflict, "organization.exists").Because(err)
		}
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, s.now(), operator.Who(), audit.Event{Action: "organization.created", Object: key})
	})
	return made, err
}

// AddNumber gives the operator's organisation a contract number, valid from a day on.
func (s *Service) AddNumber(ctx context.Context, operator account.Actor, kind account.Kind, number, holder string, from time.Time) (uuid.UUID, error) {
	if err := mayOperate(operator); err != nil {
		return uuid.Nil, err
	}
	faults := fault.New(fault.Invalid, "form.invalid")
	holder = account.CheckLine(faults, "holder", holder, true, 200)
	if !contractNumber.MatchString(number) {
		faults.At("number", "form.contract_number")
	}
	id, err := uuid.NewV7()
	if err := errors.Join(faults.Err(), err); err != nil {
		return uuid.Nil, err
	}
	err = s.db.InTx(ctx, scope(operator), func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into contract_numbers (id, organization_id, kind, number, holder, valid_from, created_at)
			values ($1, $2, $3, $4, $5, $6, $7)`, id, operator.Organization.ID, kind, number, holder, account.Today(from), s.now())
		if postgres.Constraint(err) == "contract_number_open_once" {
			return fault.New(fault.Conflict, "contract.exists").Because(err)
		}
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, s.now(), operator.Who(), audit.Event{Action: "contract_number.created", Object: id})
	})
	return id, err
}

// AddMember makes a person a member of the operator's organisation.
func (s *Service) AddMember(ctx context.Context, operator account.Actor, person uuid.UUID, as Permissions, numbers []uuid.UUID) error {
	if err := mayOperate(operator); err != nil {
		return err
	}
	if err := as.Check(); err != nil {
		return err
	}
	as = as.normal()
	return s.db.InTx(ctx, scope(operator), func(ctx context.Context, tx pgx.Tx) error {
		if err := insertMember(ctx, tx, operator, person, as, numbers, s.now()); err != nil {
			return err
		}
		return audit.Record(ctx, tx, s.now(), operator.Who(), audit.Event{Action: "membership.created", Object: person,
			Personal: []audit.Personal{{User: person, Values: as.personal()}}})
	})
}

func mayOperate(operator account.Actor) error {
	if operator.Kind != audit.Operator {
		return fault.New(fault.Forbidden, "errors.forbidden_text")
	}
	return nil
}

// Exist says whether there are organisations at all: whether the database has been used. It runs as portal_system.
func Exist(ctx context.Context, db *postgres.DB) (bool, error) {
	var exist bool
	err := db.Read(ctx, postgres.Scope{}, func(b *postgres.Batch) {
		postgres.Value(b, &exist, "select exists (select from organizations)")
	})
	return exist, err
}
