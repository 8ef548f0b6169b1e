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

// Service is what main users do with their organisation's people, and the operator with organisations.
type Service struct {
	db  *postgres.DB
	now func() time.Time
}

// NewService makes the service.
func NewService(db *postgres.DB, now func() time.Time) *Service {
	return &Service{db: db, now: now}
}

// Details gives a person of the organisation, with their roles wherever the actor is a main user. What other features
// tell of the person is read along.
func (s *Service) Details(ctx context.Context, actor account.Actor, person uuid.UUID, along ...func(*postgres.Batch)) (Details, error) {
	editing, err := s.read(ctx, actor, person, false, along...)
	return editing.Details, err
}

// Editing gives what the pages of Ändra show of a person.
func (s *Service) Editing(ctx context.Context, actor account.Actor, person uuid.UUID, along ...func(*postgres.Batch)) (Editing, error) {
	return s.read(ctx, actor, person, true, along...)
}

func (s *Service) read(ctx context.Context, actor account.Actor, person uuid.UUID, numbers bool, along ...func(*postgres.Batch)) (Editing, error) {
	if err := mayManage(actor); err != nil {
		return Editing{}, err
	}
	var (
		user   *userRow
		roles  []roleRow
		result Editing
	)
	err := s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
		postgres.Row(b, &user, selectUser, person)
		postgres.Rows(b, &roles, selectRoles, person, s.now())
		if numbers {
			postgres.Rows(b, &result.Numbers, selectNumbers, account.Today(s.now()), person)
		}
		for _, queue := range along {
			queue(b)
		}
	})
	if err != nil {
		return Editing{}, err
	}
	if user == nil {
		return Editing{}, errNotFound()
	}
	if user.Ended {
		return Editing{}, errLeft()
	}
	result.Details = user.details()
	for _, row := range roles {
		result.Details.Roles = append(result.Details.Roles, row.role())
	}
	result.Role, _ = result.Details.Role(actor.Organization.ID)
	return result, nil
}

// SavePermissions saves page 1 of Ändra. shown is what the form was filled with: if it is no longer so, nothing is saved
// and the error is a *Stale. A main user who gives up being one must have confirmed it, or the error is an *OwnDemotion.
// A permission that lacks its numbers is saved; it is not in force until it has them.
func (s *Service) SavePermissions(ctx context.Context, actor account.Actor, person uuid.UUID, shown, wanted Permissions, confirmed bool) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	if err := wanted.Check(); err != nil {
		return err
	}
	wanted = wanted.normal()
	return s.db.InTx(ctx, actor.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		// Of two main users who demote each other at the same moment, the second one waits here and sees the first.
		if err := lockOrganization(ctx, tx); err != nil {
			return err
		}
		current, err := lockRole(ctx, tx, person)
		if err != nil {
			return err
		}
		if !current.equal(shown) {
			return stalePermissions(shown, current)
		}
		if wanted.equal(current) {
			return nil
		}
		if current.UserType == account.MainUser && wanted.UserType != account.MainUser {
			others, err := hasOtherMainUser(ctx, tx, person)
			if err != nil {
				return err
			}
			if !others {
				return lastMainUser(actor)
			}
			if person == actor.ID && !confirmed {
				return &OwnDemotion{fault.New(fault.Conflict, "edit.confirm_own_demotion")}
			}
		}
		if err := updateRole(ctx, tx, person, current, wanted); err != nil {
			return err
		}
		return audit.Record(ctx, tx, s.now(), actor.Who(), audit.Event{Action: "membership.changed", Object: person,
			Fields: changedFields(current, wanted), Personal: []audit.Personal{{User: person, Values: map[string]any{
				"before": current.personal(), "after": wanted.personal()}}}})
	})
}

func lastMainUser(actor account.Actor) error {
	return fault.New(fault.Invalid, "form.invalid").At("user_type", "edit.last_main_user", "organization", actor.Organization.Name)
}

func stalePermissions(shown, current Permissions) *Stale {
	stale := newStale()
	if shown.UserType != current.UserType {
		stale.UserType = current.UserType
	}
	for _, permission := range account.Permissions() {
		was, is := slices.Contains(shown.Permissions, permission), slices.Contains(current.Permissions, permission)
		if is && !was {
			stale.Gained = append(stale.Gained, permission)
		}
		if was && !is {
			stale.Lost = append(stale.Lost, permission)
		}
	}
	return stale
}

func changedFields(before, after Permissions) []string {
	var fields []string
	if before.UserType != after.UserType {
		fields = append(fields, "user_type")
	}
	if !slices.Equal(before.Permissions, after.Permissions) {
		fields = append(fields, "permissions")
	}
	return fields
}

func (p Permissions) personal() map[string]any {
	return map[string]any{"userType": p.UserType, "permissions": p.Permissions}
}

// SaveNumbers saves page 2 of Ändra: the contract numbers that a person is assigned. shown is what the form was filled
// with. It refuses while one of the person's permissions lacks its numbers. Keys that the person has made keep theirs.
func (s *Service) SaveNumbers(ctx context.Context, actor account.Actor, person uuid.UUID, shown, wanted []uuid.UUID) (Saved, error) {
	if err := mayManage(actor); err != nil {
		return Saved{}, err
	}
	var saved Saved
	err := s.db.InTx(ctx, actor.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		// What is read after the lock is what the last change left.
		if err := lockOrganization(ctx, tx); err != nil {
			return err
		}
		role, err := lockRole(ctx, tx, person)
		if err != nil {
			return err
		}
		numbers, err := numbersFor(ctx, tx, account.Today(s.now()), person)
		if err != nil {
			return err
		}
		if err := staleNumbers(numbers, shown); err != nil {
			return err
		}
		chosen, added, removed, err := choose(numbers, wanted)
		if err != nil {
			return err
		}
		if err := checkNeeds(role.Permissions, chosen); err != nil {
			return err
		}
		saved, err = keysOf(ctx, tx, person, removed)
		if err != nil || len(added)+len(removed) == 0 {
			return err
		}
		saved.Changed = true
		if err := updateNumbers(ctx, tx, person, added, removed); err != nil {
			return err
		}
		return audit.Record(ctx, tx, s.now(), actor.Who(), audit.Event{Action: "membership.changed", Object: person,
			Fields: []string{"contract_numbers"}, Personal: []audit.Personal{{User: person, Values: map[string]any{
				"added": account.Numbers(added), "removed": account.Numbers(removed)}}}})
	})
	return saved, err
}

// staleNumbers compares what is assigned with what a form showed as assigned.
func staleNumbers(numbers []Assignable, shown []uuid.UUID) error {
	stale := newStale()
	for _, number := range numbers {
		was := slices.Contains(shown, number.ID)
		if number.Assigned && !was {
			stale.Added = append(stale.Added, number.ContractNumber)
		}
		if was && !number.Assigned {
			stale.Removed = append(stale.Removed, number.ContractNumber)
		}
	}
	if len(stale.Added)+len(stale.Removed) == 0 {
		return nil
	}
	return stale
}

// choose sorts the organisation's numbers into those that are to be assigned, and of these the new ones, and those that
// are to be taken away. A number that is not among them is refused.
func choose(numbers []Assignable, wanted []uuid.UUID) (chosen, added, removed []account.ContractNumber, err error) {
	for _, id := range wanted {
		if !slices.ContainsFunc(numbers, func(n Assignable) bool { return n.ID == id }) {
			return nil, nil, nil, fault.New(fault.Invalid, "form.invalid").At(string(account.LogisticsContract), "edit.number_gone")
		}
	}
	for _, number := range numbers {
		switch is := slices.Contains(wanted, number.ID); {
		case is && !number.Assigned:
			added = append(added, number.ContractNumber)
		case !is && number.Assigned:
			removed = append(removed, number.ContractNumber)
		}
		if slices.Contains(wanted, number.ID) {
			chosen = append(chosen, number.ContractNumber)
		}
	}
	return chosen, added, removed, nil
}

// maxContacts is how many main users a page names at most.
const maxContacts = 5

// MainUsers gives main users of the actor's organisation, whom anybody in it may ask for help; at most five.
func (s *Service) MainUsers(ctx context.Context, actor account.Actor) ([]Person, error) {
	var people []Person
	err := s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) { QueueMainUsers(b, &people) })
	return people, err
}

// QueueMainUsers adds to a read what MainUsers gives, for features whose pages name whom to ask.
func QueueMainUsers(b *postgres.Batch, people *[]Person) {
	postgres.Rows(b, people, selectMainUsers, maxContacts)
}

// Progress says how far the organisation has come on the manual's way, and gives main users to ask.
func (s *Service) Progress(ctx context.Context, actor account.Actor) (Progress, []Person, error) {
	var (
		people   []Person
		key      *keyID
		progress Progress
	)
	err := s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
		QueueMainUsers(b, &people)
		postgres.Row(b, &key, selectNewestKey)
		postgres.Value(b, &progress.Orders, "select exists (select from delivery_orders where organization_id = portal_organization())")
	})
	if key != nil {
		progress.Key = key.ID
	}
	return progress, people, err
}

// Invite stores an invitation. Somebody who is a member already, or is invited already, is a conflict.
func (s *Service) Invite(ctx context.Context, actor account.Actor, invitation NewInvitation) (uuid.UUID, error) {
	if err := mayManage(actor); err != nil {
		return uuid.Nil, err
	}
	faults := fault.New(fault.Invalid, "form.invalid")
	invitation.Email = account.CheckEmail(faults, "email", invitation.Email)
	invitation.FirstName = account.CheckName(faults, "first_name", invitation.FirstName, false)
	invitation.LastName = account.CheckName(faults, "last_name", invitation.LastName, false)
	if err := errors.Join(faults.Err(), invitation.Permissions.Check()); err != nil {
		return uuid.Nil, err
	}
	if invitation.SentAt.IsZero() {
		invitation.SentAt = s.now()
	}
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, err
	}
	err = s.db.InTx(ctx, actor.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		if err := insertInvitation(ctx, tx, actor, id, invitation); err != nil {
			return err
		}
		return audit.Record(ctx, tx, s.now(), actor.Who(), audit.Event{Action: "invitation.created", Object: id,
			Personal: []audit.Personal{{Values: map[string]any{"email": invitation.Email, "firstName": invitation.FirstName,
				"lastName": invitation.LastName, "as": invitation.Permissions.normal().personal()}}}})
	})
	return id, err
}

func mayManage(actor account.Actor) error {
	if !actor.ManagesUsers() {
		return fault.New(fault.Forbidden, "users.needs_main_user")
	}
	return nil
}

// Left says that somebody belonged to the organisation, and does not any more. It is NotFound.
type Left struct{ *fault.Fault }

func (l *Left) Unwrap() error { return l.Fault }

func errLeft() error { return &Left{fault.New(fault.NotFound, "removal.left")} }

func errNotFound() error { return fault.New(fault.NotFound, "errors.not_found_text") }
