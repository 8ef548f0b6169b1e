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
	err = s.db.InTx(ctx, operator.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "insert into organizations (id, name, business_id, created_at) values ($1, $2, $3, $4)", key, name, id, s.now())
		if postgres.Constraint(err) == "organization_business_id_unique" {
			return fault.New(fault.Conflict, "organization.exists").Because(err)
		}
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, s.now(), operator.Who(), audit.Event{Action: "organization.created", Object: key,
			Personal: []audit.Personal{{Values: map[string]any{"name": name, "business_id": id}}}})
	})
	return made, err
}

// AddNumber gives the operator's organisation a contract number, valid from a day on.
func (s *Service) AddNumber(ctx context.Context, operator account.Actor, kind account.Kind, number, holder string, from time.Time) (uuid.UUID, error) {
	return s.AddTerm(ctx, operator, Term{Kind: kind, Number: number, Holder: holder, From: account.Today(from)})
}

// AddTerm gives the operator's organisation a contract number for some days; its ID is not read. On none of them may the
// number be somebody's already.
func (s *Service) AddTerm(ctx context.Context, operator account.Actor, term Term) (uuid.UUID, error) {
	if err := mayOperate(operator); err != nil {
		return uuid.Nil, err
	}
	faults := fault.New(fault.Invalid, "form.invalid")
	term.Holder = account.CheckLine(faults, "holder", term.Holder, true, 200)
	if !contractNumber.MatchString(term.Number) {
		faults.At("number", "form.contract_number")
	}
	if term.To != nil && term.To.Before(term.From) {
		faults.At("last", "contract.ends_before_it_begins")
	}
	id, err := uuid.NewV7()
	if err := errors.Join(faults.Err(), err); err != nil {
		return uuid.Nil, err
	}
	err = s.db.InTx(ctx, operator.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		if err := mayHold(ctx, tx, operator, term); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into contract_numbers (id, organization_id, kind, number, holder, valid_from, valid_to, created_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8)`, id, operator.Organization.ID, term.Kind, term.Number, term.Holder, term.From, term.To, s.now()); err != nil {
			return err
		}
		return audit.Record(ctx, tx, s.now(), operator.Who(), audit.Event{Action: "contract_number.created", Object: id, Personal: []audit.Personal{
			{Values: map[string]any{"kind": term.Kind, "number": term.Number, "holder": term.Holder, "firstDay": day(&term.From), "lastDay": day(term.To)}}}})
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
	return s.db.InTx(ctx, operator.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		if err := insertMember(ctx, tx, operator, person, as, numbers, s.now()); err != nil {
			return err
		}
		values := as.personal()
		var err error
		if values["contract_numbers"], err = written(ctx, tx, numbers); err != nil {
			return err
		}
		return audit.Record(ctx, tx, s.now(), operator.Who(), audit.Event{Action: "membership.created", Object: person,
			Personal: []audit.Personal{{User: person, Values: values}}})
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
