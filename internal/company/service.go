package company

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/fault"
	"omapostipro/internal/organization"
	"omapostipro/internal/postgres"
)

// changed is the event of each change. Its personal values hold what stood there before and after.
const changed = "company_account.changed"

// historySize is how many entries a page of the history shows before Visa mera.
const historySize = 10

// Service is what can be done with a company account.
type Service struct {
	db  *postgres.DB
	now func() time.Time
}

// NewService makes the service.
func NewService(db *postgres.DB, now func() time.Time) *Service {
	return &Service{db: db, now: now}
}

// View is what the page shows.
type View struct {
	Account   Account
	History   Page
	MainUsers []organization.Person // whom those may ask who cannot change it
}

// View gives the account of the actor's organisation, to all its members, and a page of its history.
func (s *Service) View(ctx context.Context, actor account.Actor, after Cursor) (View, error) {
	var (
		view     View
		row      *accountRow
		contacts []Contact
		entries  []entryRow
	)
	err := s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
		postgres.Row(b, &row, selectAccount)
		postgres.Rows(b, &contacts, selectContacts)
		queueHistory(b, &entries, after)
		if !actor.ManagesCompanyAccount() {
			organization.QueueMainUsers(b, &view.MainUsers)
		}
	})
	if err != nil {
		return View{}, err
	}
	if row == nil {
		return View{}, errNotFound()
	}
	view.Account, view.History = row.account(contacts), page(entries)
	return view, nil
}

// Get gives the account of the actor's organisation.
func (s *Service) Get(ctx context.Context, actor account.Actor) (Account, error) {
	var (
		row      *accountRow
		contacts []Contact
	)
	err := s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
		postgres.Row(b, &row, selectAccount)
		postgres.Rows(b, &contacts, selectContacts)
	})
	if err != nil {
		return Account{}, err
	}
	if row == nil {
		return Account{}, errNotFound()
	}
	return row.account(contacts), nil
}

// Save changes the account to what is wanted, and says whether anything has changed. shown is what the form was filled
// with: if it is no longer so, nothing is saved and the error is a *Stale.
func (s *Service) Save(ctx context.Context, actor account.Actor, shown, wanted Account) (bool, error) {
	if !actor.ManagesCompanyAccount() {
		return false, fault.New(fault.Forbidden, "company.needs_permission")
	}
	checked, err := wanted.check()
	if err != nil {
		return false, err
	}
	done := false
	err = s.db.InTx(ctx, actor.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		current, err := lockAccount(ctx, tx)
		if err != nil {
			return err
		}
		if len(Changes(shown, current)) > 0 {
			return newStale(shown, current, checked)
		}
		changes := Changes(current, checked)
		if len(changes) == 0 {
			return nil
		}
		done = true
		if err := save(ctx, tx, actor, checked); err != nil {
			return err
		}
		return audit.Record(ctx, tx, s.now(), actor.Who(), event(actor, changes))
	})
	return done, err
}

func event(actor account.Actor, changes []Change) audit.Event {
	e := audit.Event{Action: changed, Object: actor.Organization.ID}
	before, after := map[string]any{}, map[string]any{}
	for _, change := range changes {
		field := string(change.Field)
		e.Fields = append(e.Fields, field)
		before[field], after[field] = change.Before, change.After
	}
	e.Personal = []audit.Personal{{Values: map[string]any{"before": before, "after": after}}}
	return e
}

func errNotFound() error { return fault.New(fault.NotFound, "errors.not_found_text") }
