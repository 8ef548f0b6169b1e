package organization

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/fault"
	"omapostipro/internal/postgres"
)

// Summary is an organisation as the operator lists it.
type Summary struct {
	ID         uuid.UUID `json:"id"`
	Name       string    `json:"name"`
	BusinessID string    `json:"businessId"`
	People     int       `json:"people"`
	MainUsers  int       `json:"mainUsers"`
	Numbers    int       `json:"contractNumbers"` // that have not ended
}

const selectSummaries = `
	select o.id, o.name::text, o.business_id,
		(select count(*) from memberships m where m.organization_id = o.id and m.ended_at is null) as people,
		(select count(*) from memberships m where m.organization_id = o.id and m.ended_at is null and m.user_type = 'main_user') as main_users,
		(select count(*) from contract_numbers c where c.organization_id = o.id and (c.valid_to is null or c.valid_to >= $1::date)) as numbers
	from organizations o where $2 = '' or o.business_id = $2 order by o.name, o.id`

// All gives every organisation, for the operator.
func (s *Service) All(ctx context.Context, operator account.Actor) ([]Summary, error) {
	return s.summaries(ctx, operator, "")
}

// ByBusinessID gives the organisation of a business ID, for the operator.
func (s *Service) ByBusinessID(ctx context.Context, operator account.Actor, businessID string) (Summary, error) {
	found, err := s.summaries(ctx, operator, businessID)
	if err != nil {
		return Summary{}, err
	}
	if businessID == "" || len(found) == 0 {
		return Summary{}, fault.New(fault.NotFound, "organization.not_found", "business_id", businessID)
	}
	return found[0], nil
}

func (s *Service) summaries(ctx context.Context, operator account.Actor, businessID string) ([]Summary, error) {
	if err := mayOperate(operator); err != nil {
		return nil, err
	}
	var found []Summary
	err := s.db.Read(ctx, postgres.Scope{}, func(b *postgres.Batch) {
		postgres.Rows(b, &found, selectSummaries, account.Today(s.now()), businessID)
	})
	return found, err
}

// Term is a contract number with its days.
type Term struct {
	ID     uuid.UUID
	Kind   account.Kind
	Number string
	Holder string
	From   time.Time
	To     *time.Time // the last day; nil while no end is known
}

// Terms gives all numbers of the operator's organisation, ended ones too.
func (s *Service) Terms(ctx context.Context, operator account.Actor) ([]Term, error) {
	if err := mayOperate(operator); err != nil {
		return nil, err
	}
	var terms []Term
	err := s.db.Read(ctx, operator.Scope(), func(b *postgres.Batch) {
		postgres.Rows(b, &terms, `select id, kind, number, holder::text, valid_from as from, valid_to as to from contract_numbers
			where organization_id = portal_organization() order by kind, number, valid_from`)
	})
	return terms, err
}

// EndNumber sets the last day on which a number of the operator's organisation can be used, and says whether that is
// new. Keys and people keep it; it opens nothing for them afterwards.
func (s *Service) EndNumber(ctx context.Context, operator account.Actor, kind account.Kind, number string, last time.Time) (bool, error) {
	if err := mayOperate(operator); err != nil {
		return false, err
	}
	changed := false
	err := s.db.InTx(ctx, operator.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select id, kind, number, holder::text, valid_from as from, valid_to as to from contract_numbers
			where organization_id = portal_organization() and kind = $1 and number = $2 order by valid_from desc limit 1 for no key update`, kind, number)
		if err != nil {
			return err
		}
		term, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Term])
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.NotFound, "contract.not_found", "number", number)
		}
		if err != nil || term.To != nil && term.To.Equal(last) {
			return err
		}
		if last.Before(term.From) {
			return fault.New(fault.Invalid, "form.invalid").At("last", "contract.ends_before_it_begins")
		}
		before := term.To
		term.To = &last
		if err := mayHold(ctx, tx, operator, term); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "update contract_numbers set valid_to = $2 where id = $1", term.ID, last); err != nil {
			return err
		}
		changed = true
		event := audit.Event{Action: "contract_number.ended", Object: term.ID, Fields: []string{"lastDay"}, Personal: []audit.Personal{
			{Values: map[string]any{"before": map[string]any{"lastDay": day(before)}, "after": map[string]any{"lastDay": day(&last)}}}}}
		if before != nil { // its end was known already, and is put off or brought forward
			event.Action = "contract_number.changed"
		}
		return audit.Record(ctx, tx, s.now(), operator.Who(), event)
	})
	return changed, err
}

// Enrolment is what a person is in the operator's organisation.
type Enrolment struct {
	ID          uuid.UUID
	EmailKey    string
	FirstName   string
	LastName    string
	Phone       string
	Language    string
	UserType    account.UserType // empty for who has an account and does not belong
	Permissions []account.Permission
	Numbers     []uuid.UUID
}

// People gives those of some e-mail addresses who have an account, with what they are in the operator's organisation.
func (s *Service) People(ctx context.Context, operator account.Actor, emails []string) ([]Enrolment, error) {
	if err := mayOperate(operator); err != nil {
		return nil, err
	}
	keys := make([]string, len(emails))
	for i, email := range emails {
		keys[i] = account.EmailKey(email)
	}
	var people []Enrolment
	err := s.db.Read(ctx, operator.Scope(), func(b *postgres.Batch) {
		postgres.Rows(b, &people, `select u.id, u.email_key, u.first_name::text, u.last_name::text, u.phone, coalesce(u.language, '') as language,
				coalesce(m.user_type, '') as user_type,
				array(select permission from membership_permissions p where p.organization_id = m.organization_id and p.user_id = m.user_id) as permissions,
				array(select contract_number_id from membership_contract_numbers a where a.organization_id = m.organization_id and a.user_id = m.user_id) as numbers
			from users u left join memberships m on m.organization_id = portal_organization() and m.user_id = u.id and m.ended_at is null
			where u.email_key = any ($1)`, keys)
	})
	for i := range people {
		people[i].Permissions = Permissions{Permissions: people[i].Permissions}.normal().Permissions
	}
	return people, err
}

// SetMember makes a person a member of the operator's organisation, or changes what they are there; nil numbers are left
// as they are. It says whether anything has changed. The last main user stays one.
func (s *Service) SetMember(ctx context.Context, operator account.Actor, person uuid.UUID, as Permissions, numbers []uuid.UUID) (bool, error) {
	if err := mayOperate(operator); err != nil {
		return false, err
	}
	if err := as.Check(); err != nil {
		return false, err
	}
	as = as.normal()
	changed := false
	err := s.db.InTx(ctx, operator.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		if err := lockOrganization(ctx, tx); err != nil {
			return err
		}
		current, err := lockRole(ctx, tx, person)
		joins := fault.Is(err, fault.NotFound)
		if joins {
			current, err = Permissions{Permissions: []account.Permission{}}, nil
		}
		if err != nil {
			return err
		}
		held, err := heldBy(ctx, tx, person)
		if err != nil {
			return err
		}
		if joins {
			if _, err := tx.Exec(ctx, `insert into memberships (organization_id, user_id, user_type, created_at) values (portal_organization(), $1, $2, $3)
				on conflict (organization_id, user_id) do update set user_type = excluded.user_type, created_at = excluded.created_at, ended_at = null`,
				person, as.UserType, s.now()); err != nil {
				return err
			}
			current.UserType = as.UserType
		} else if current.UserType == account.MainUser && as.UserType != account.MainUser {
			others, err := hasOtherMainUser(ctx, tx, person)
			if err != nil {
				return err
			}
			if !others {
				return fault.New(fault.Conflict, "edit.last_main_user", "organization", operator.Organization.Name)
			}
		}
		fields := changedFields(current, as)
		if joins || len(fields) > 0 {
			if err := updateRole(ctx, tx, person, current, as); err != nil {
				return err
			}
		}
		if numbers != nil && !sameIDs(held, numbers) {
			fields = append(fields, "contract_numbers")
			if _, err := tx.Exec(ctx, `delete from membership_contract_numbers where organization_id = portal_organization() and user_id = $1
				and contract_number_id <> all ($2)`, person, numbers); err != nil {
				return err
			}
			added := slices.DeleteFunc(slices.Clone(numbers), func(id uuid.UUID) bool { return slices.Contains(held, id) })
			if err := assign(ctx, tx, person, added); err != nil {
				return err
			}
		}
		if !joins && len(fields) == 0 {
			return nil
		}
		changed = true
		before, after := current.personal(), as.personal()
		if numbers != nil {
			if before["contract_numbers"], err = written(ctx, tx, held); err != nil {
				return err
			}
			if after["contract_numbers"], err = written(ctx, tx, numbers); err != nil {
				return err
			}
		}
		event := audit.Event{Action: "membership.changed", Object: person, Fields: fields,
			Personal: []audit.Personal{{User: person, Values: map[string]any{"before": before, "after": after}}}}
		if joins {
			event.Action, event.Fields, event.Personal[0].Values = "membership.created", nil, after
		}
		return audit.Record(ctx, tx, s.now(), operator.Who(), event)
	})
	return changed, err
}

// written gives numbers of the operator's organisation as they are written.
func written(ctx context.Context, tx pgx.Tx, ids []uuid.UUID) ([]string, error) {
	rows, err := tx.Query(ctx, "select number from contract_numbers where organization_id = portal_organization() and id = any ($1) order by kind desc, number", ids)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// day writes a day as the log has it; "" for none.
func day(of *time.Time) string {
	if of == nil {
		return ""
	}
	return of.Format(time.DateOnly)
}

func heldBy(ctx context.Context, tx pgx.Tx, person uuid.UUID) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, "select contract_number_id from membership_contract_numbers where organization_id = portal_organization() and user_id = $1", person)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

func sameIDs(a, b []uuid.UUID) bool {
	contains := func(all, some []uuid.UUID) bool {
		return !slices.ContainsFunc(some, func(id uuid.UUID) bool { return !slices.Contains(all, id) })
	}
	return contains(a, b) && contains(b, a)
}

// Acting gives a member of the operator's organisation, by e-mail address, as who would act there today.
func (s *Service) Acting(ctx context.Context, operator account.Actor, email string) (account.Actor, error) {
	people, err := s.People(ctx, operator, []string{email})
	if err != nil {
		return account.Actor{}, err
	}
	if len(people) == 0 || people[0].UserType == "" {
		return account.Actor{}, fault.New(fault.NotFound, "user.not_member", "email", email, "organization", operator.Organization.Name)
	}
	terms, err := s.Terms(ctx, operator)
	if err != nil {
		return account.Actor{}, err
	}
	person, today := people[0], account.Today(s.now())
	actor := account.Actor{Kind: audit.Person, ID: person.ID, Organization: operator.Organization, UserType: person.UserType, Permissions: person.Permissions}
	for _, term := range terms {
		if slices.Contains(person.Numbers, term.ID) && !term.From.After(today) && (term.To == nil || !term.To.Before(today)) {
			actor.Numbers = append(actor.Numbers, account.ContractNumber{ID: term.ID, Kind: term.Kind, Number: term.Number, Holder: term.Holder})
		}
	}
	return actor, nil
}
