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

// A contract number is one holder's on each day; the database holds that too, by contract_number_one_holder_a_day.

// Holding is a contract number with its days and the organisation whose it is.
type Holding struct {
	Term
	Organization account.Organization
}

type holdingRow struct {
	Term
	OrganizationID uuid.UUID
	Name           string
	BusinessID     string
}

func (r holdingRow) holding() Holding {
	return Holding{Term: r.Term, Organization: account.Organization{ID: r.OrganizationID, Name: r.Name, BusinessID: r.BusinessID}}
}

const selectHoldings = `
	select c.id, c.kind, c.number, c.holder::text, c.valid_from as from, c.valid_to as to, o.id as organization_id, o.name::text, o.business_id
	from contract_numbers c join organizations o on o.id = c.organization_id`

// Holdings gives all terms of some numbers, whosesoever they are, for the operator.
func (s *Service) Holdings(ctx context.Context, operator account.Actor, numbers []string) ([]Holding, error) {
	if err := mayOperate(operator); err != nil {
		return nil, err
	}
	var rows []holdingRow
	err := s.db.Read(ctx, postgres.Scope{}, func(b *postgres.Batch) {
		postgres.Rows(b, &rows, selectHoldings+" where c.number = any ($1) order by c.kind, c.number, c.valid_from", numbers)
	})
	holdings := make([]Holding, len(rows))
	for i, row := range rows {
		holdings[i] = row.holding()
	}
	return holdings, err
}

// Overlaps says whether there is a day of both.
func (t Term) Overlaps(other Term) bool {
	return (t.To == nil || !t.To.Before(other.From)) && (other.To == nil || !other.To.Before(t.From))
}

// Taken says that a number is somebody's already, on days when an organisation is to have it.
func (h Holding) Taken(organization uuid.UUID) *fault.Fault {
	//i18n:keys contract.*
	key, args := "contract.held", []any{"number", h.Number, "organization", h.Organization.String(), "from", h.From.Format(time.DateOnly)}
	if h.Organization.ID == organization {
		key = "contract.exists"
	}
	if h.To != nil {
		key, args = key+"_until", append(args, "to", h.To.Format(time.DateOnly))
	}
	return fault.New(fault.Conflict, key, args...)
}

// mayHold refuses a term on whose days the number is somebody's already. Of two who are given a number at the same
// moment the second one waits here.
func mayHold(ctx context.Context, tx pgx.Tx, operator account.Actor, term Term) error {
	if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock(hashtextextended('contract number ' || $1, 0))", term.Number); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, selectHoldings+` where c.kind = $1 and c.number = $2 and c.id <> $3
			and daterange(c.valid_from, c.valid_to, '[]') && daterange($4, $5, '[]')
		order by c.valid_from limit 1`, term.Kind, term.Number, term.ID, term.From, term.To)
	if err != nil {
		return err
	}
	row, err := pgx.CollectOneRow(rows, pgx.RowToStructByName[holdingRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return row.holding().Taken(operator.Organization.ID)
}
