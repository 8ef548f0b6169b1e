package organization

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/fault"
	"omapostipro/internal/postgres"
)

// PlanChange says what a change would do to each of some people, and does nothing. Who is nobody of the organisation's
// is left out. Without a deed it gives the people only. What other features tell of them is read along.
func (s *Service) PlanChange(ctx context.Context, actor account.Actor, change Change, people []uuid.UUID, along ...func(*postgres.Batch)) (Plan, error) {
	if err := mayChange(actor, len(people)); err != nil {
		return Plan{}, err
	}
	var (
		rows      []memberRow
		held      []rightsRow
		numbers   []account.ContractNumber
		mainUsers int
	)
	err := s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
		today := account.Today(s.now())
		postgres.Rows(b, &rows, selectMembers, people)
		postgres.Rows(b, &held, selectRights, people)
		postgres.Rows(b, &numbers, selectAllNumbers, today)
		postgres.Value(b, &mainUsers, countMainUsers)
		for _, queue := range along {
			queue(b)
		}
	})
	if err != nil {
		return Plan{}, err
	}
	planned := plan(change, actor, gather(rows, held, numbers), numbers, mainUsers)
	if change.Deed == "" {
		return planned, nil
	}
	return planned, change.check(numbers)
}

func mayChange(actor account.Actor, people int) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	if people > MaxMatching {
		return errTooMany(MaxMatching)
	}
	return nil
}

func errTooMany(maximum int) error {
	return fault.New(fault.TooLarge, "selection.too_many", "maximum", maximum)
}

// Chosen refuses more people than can be chosen one by one.
func Chosen(people int) error {
	if people > MaxChosen {
		return errTooMany(MaxChosen)
	}
	return nil
}

// Those whom a filter lets through.
const selectMatching = "select id from find_people($1, $2, $3, $4, $5, $6, $7, $8, $9)"

func matching(filter Filter, today time.Time) []any {
	return append(filter.arguments(today), "", uuid.Nil, MaxMatching+1)
}

// Matching gives those whom a filter lets through, to be changed all at once.
func (s *Service) Matching(ctx context.Context, actor account.Actor, filter Filter) ([]uuid.UUID, error) {
	if err := mayManage(actor); err != nil {
		return nil, err
	}
	var found []struct{ ID uuid.UUID }
	err := s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
		postgres.Rows(b, &found, selectMatching, matching(filter, account.Today(s.now()))...)
	})
	if err != nil {
		return nil, err
	}
	if len(found) > MaxMatching {
		return nil, errTooMany(MaxMatching)
	}
	people := make([]uuid.UUID, len(found))
	for i, row := range found {
		people[i] = row.ID
	}
	return people, nil
}

// ChangeMatching does a change to all whom a filter lets through and who would be changed, in one transaction. version is
// the plan's that a preview showed: if it is another now, nothing is done and the error is a *PlanChanged. Of what they
// leave behind who are removed, the settlements decide.
func (s *Service) ChangeMatching(ctx context.Context, actor account.Actor, change Change, filter Filter, version string, settle ...Settlement) (Plan, error) {
	if err := mayManage(actor); err != nil {
		return Plan{}, err
	}
	var planned Plan
	err := s.db.InTx(ctx, actor.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		if err := lockOrganization(ctx, tx); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, selectMatching, matching(filter, account.Today(s.now()))...)
		if err != nil {
			return err
		}
		people, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil {
			return err
		}
		if len(people) > MaxMatching {
			return errTooMany(MaxMatching)
		}
		members, numbers, mainUsers, err := s.members(ctx, tx, people)
		if err != nil {
			return err
		}
		if err := change.check(numbers); err != nil {
			return err
		}
		if planned = plan(change, actor, members, numbers, mainUsers); planned.Version() != version {
			return &PlanChanged{Fault: fault.New(fault.Conflict, "selection.changed"), Plan: planned}
		}
		members = nil
		for _, concerned := range planned.Changed() {
			members = append(members, concerned.Member)
		}
		if len(members) == 0 {
			return nil
		}
		return s.carryOut(ctx, tx, actor, planned, members, settle)
	})
	planned.People = planned.Changed()
	return planned, err
}

// carryOut does a change to members to whom nothing is in its way.
func (s *Service) carryOut(ctx context.Context, tx pgx.Tx, actor account.Actor, planned Plan, members []Member, settle []Settlement) error {
	if planned.Change.Deed == EndMembership {
		return s.end(ctx, tx, actor, members, settle)
	}
	return s.changeRights(ctx, tx, actor, planned, members)
}

// ChangePeople does a change to all whom a preview showed to be changed, in one transaction. If somebody is not as it
// showed them, nothing is done and the error is a *PlanChanged. Of what they leave behind who are removed, the settlements
// decide.
func (s *Service) ChangePeople(ctx context.Context, actor account.Actor, change Change, shown []Shown, settle ...Settlement) (Plan, error) {
	if err := mayChange(actor, len(shown)); err != nil {
		return Plan{}, err
	}
	people := make([]uuid.UUID, len(shown))
	for i, s := range shown {
		people[i] = s.Person
	}
	var planned Plan
	err := s.db.InTx(ctx, actor.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		// What is read after the lock is what the last change left.
		if err := lockOrganization(ctx, tx); err != nil {
			return err
		}
		members, numbers, mainUsers, err := s.members(ctx, tx, people)
		if err != nil {
			return err
		}
		if err := change.check(numbers); err != nil {
			return err
		}
		planned = plan(change, actor, members, numbers, mainUsers)
		if err := planned.compare(shown); err != nil || len(members) == 0 {
			return err
		}
		return s.carryOut(ctx, tx, actor, planned, members, settle)
	})
	return planned, err
}

// Settlement is what becomes of something that people leave behind, in the transaction that ends their membership.
type Settlement func(ctx context.Context, tx pgx.Tx, people []uuid.UUID) error

// Remove ends people's membership in the actor's organisation: they are no members from the next request on, and who
// belongs to no other is logged out. Who has left stays known by name, as the maker of keys, of which the settlements
// decide; permissions and numbers go. The last main user cannot be removed.
func (s *Service) Remove(ctx context.Context, actor account.Actor, people []uuid.UUID, settle ...Settlement) error {
	if err := mayChange(actor, len(people)); err != nil {
		return err
	}
	return s.remove(ctx, actor, people, settle)
}

// Leave ends the actor's own membership, as every member may but the last main user. They stay logged in: their account
// is their own.
func (s *Service) Leave(ctx context.Context, actor account.Actor) error {
	if actor.Kind != audit.Person {
		return errNotFound()
	}
	return s.remove(ctx, actor, []uuid.UUID{actor.ID}, nil)
}

func (s *Service) remove(ctx context.Context, actor account.Actor, people []uuid.UUID, settle []Settlement) error {
	return s.db.InTx(ctx, actor.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		if err := lockOrganization(ctx, tx); err != nil {
			return err
		}
		members, _, mainUsers, err := s.members(ctx, tx, people)
		if err != nil {
			return err
		}
		for _, member := range members {
			if member.Ended {
				return errLeft()
			}
			if member.UserType == account.MainUser {
				mainUsers--
			}
		}
		if len(members) < len(people) {
			return errNotFound()
		}
		if mainUsers < 1 {
			return lastMainUser(actor)
		}
		return s.end(ctx, tx, actor, members, settle)
	})
}

// end ends memberships, of which the lock on the organisation is held.
func (s *Service) end(ctx context.Context, tx pgx.Tx, actor account.Actor, members []Member, settle []Settlement) error {
	people := idsOf(members)
	for _, each := range settle {
		if err := each(ctx, tx, people); err != nil {
			return err
		}
	}
	var batch pgx.Batch
	// First the membership: for who is no longer listed, the list is not written anew as their rights go.
	batch.Queue(`update memberships set ended_at = $2 where organization_id = portal_organization() and user_id = any ($1)
		and ended_at is null`, people, s.now())
	batch.Queue("delete from membership_permissions where organization_id = portal_organization() and user_id = any ($1)", people)
	batch.Queue("delete from membership_contract_numbers where organization_id = portal_organization() and user_id = any ($1)", people)
	events := make([]audit.Event, len(members))
	for i, member := range members {
		values := member.role().personal()
		values["contract_numbers"] = account.Numbers(member.Numbers)
		events[i] = audit.Event{Action: "membership.ended", Object: member.ID,
			Personal: []audit.Personal{{User: member.ID, Values: map[string]any{"before": values}}}}
	}
	if err := audit.QueueAll(&batch, s.now(), actor.Who(), events); err != nil {
		return err
	}
	others := slices.DeleteFunc(slices.Clone(people), func(person uuid.UUID) bool { return person == actor.ID })
	batch.Queue("select end_sessions_of_leavers($1)", others)
	return tx.SendBatch(ctx, &batch).Close()
}

// changeRights gives or takes a permission or a number.
func (s *Service) changeRights(ctx context.Context, tx pgx.Tx, actor account.Actor, planned Plan, members []Member) error {
	change, people := planned.Change, idsOf(members)
	var batch pgx.Batch
	switch change.Deed {
	case GivePermission:
		batch.Queue(`insert into membership_permissions (organization_id, user_id, permission)
			select portal_organization(), unnest($1::uuid[]), $2`, people, change.Permission)
	case TakePermission:
		batch.Queue(`delete from membership_permissions where organization_id = portal_organization() and user_id = any ($1)
			and permission = $2`, people, change.Permission)
	case AssignNumber:
		batch.Queue(`insert into membership_contract_numbers (organization_id, user_id, contract_number_id, kind)
			select c.organization_id, unnest($1::uuid[]), c.id, c.kind from contract_numbers c
			where c.organization_id = portal_organization() and c.id = $2`, people, change.Number)
	default:
		batch.Queue(`delete from membership_contract_numbers where organization_id = portal_organization() and user_id = any ($1)
			and contract_number_id = $2`, people, change.Number)
	}
	events := make([]audit.Event, len(members))
	for i, member := range members {
		events[i] = planned.event(member)
	}
	if err := audit.QueueAll(&batch, s.now(), actor.Who(), events); err != nil {
		return err
	}
	return tx.SendBatch(ctx, &batch).Close()
}

// event tells of one person's change as the pages of Ändra do.
func (p Plan) event(member Member) audit.Event {
	event := audit.Event{Action: "membership.changed", Object: member.ID, Fields: []string{"permissions"}}
	values := map[string]any{}
	switch p.Change.Deed {
	case GivePermission, TakePermission:
		after := Permissions{UserType: member.UserType}
		for _, permission := range account.Permissions() {
			holds := slices.Contains(member.Permissions, permission)
			if permission == p.Change.Permission {
				holds = p.Change.Deed == GivePermission
			}
			if holds {
				after.Permissions = append(after.Permissions, permission)
			}
		}
		values["before"], values["after"] = member.role().personal(), after.normal().personal()
	default:
		event.Fields = []string{"contract_numbers"}
		values["added"], values["removed"] = []string{}, []string{}
		key := "added"
		if p.Change.Deed == WithdrawNumber {
			key = "removed"
		}
		values[key] = []string{p.Number().Number}
	}
	event.Personal = []audit.Personal{{User: member.ID, Values: values}}
	return event
}

// members reads, within a transaction, what plan needs to know.
func (s *Service) members(ctx context.Context, tx pgx.Tx, people []uuid.UUID) (members []Member, numbers []account.ContractNumber, mainUsers int, err error) {
	rows, err := collect[memberRow](ctx, tx, selectMembers, people)
	if err != nil {
		return nil, nil, 0, err
	}
	held, err := collect[rightsRow](ctx, tx, selectRights, people)
	if err != nil {
		return nil, nil, 0, err
	}
	if numbers, err = collect[account.ContractNumber](ctx, tx, selectAllNumbers, account.Today(s.now())); err != nil {
		return nil, nil, 0, err
	}
	err = tx.QueryRow(ctx, countMainUsers).Scan(&mainUsers)
	return gather(rows, held, numbers), numbers, mainUsers, err
}

func collect[T any](ctx context.Context, tx pgx.Tx, sql string, args ...any) ([]T, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[T])
}

func idsOf(members []Member) []uuid.UUID {
	ids := make([]uuid.UUID, len(members))
	for i, member := range members {
		ids[i] = member.ID
	}
	return ids
}

// memberRow is somebody without what they hold, which a rightsRow is. Each is read for all at once: asked for one by one, of
// thousands, what they hold would be what a table has that the planner last saw empty, thousands of times over.
type memberRow struct {
	Person
	Ended bool
}

type rightsRow struct {
	UserID      uuid.UUID
	Permissions []account.Permission
	Numbers     []uuid.UUID
}

// Some people, $1.
const (
	selectMembers = `
		select u.user_id as id, u.first_name, u.last_name, u.email, m.user_type, m.ended_at is not null as ended
		from memberships m join known_people u on u.organization_id = m.organization_id and u.user_id = m.user_id
		where m.organization_id = portal_organization() and m.user_id = any ($1)
		order by shown_name(u.first_name, u.last_name, u.email) collate "sv-SE-x-icu", u.user_id`
	selectRights = `
		select user_id, array_remove(array_agg(permission), null) as permissions, array_remove(array_agg(number), null) as numbers from (
			select p.user_id, p.permission, null::uuid as number from membership_permissions p
			where p.organization_id = portal_organization() and p.user_id = any ($1)
			union all
			select a.user_id, null, a.contract_number_id from membership_contract_numbers a
			where a.organization_id = portal_organization() and a.user_id = any ($1)) as held
		group by user_id`
)

// gather gives people with what they hold; numbers are the organisation's, in order.
func gather(people []memberRow, held []rightsRow, numbers []account.ContractNumber) []Member {
	byPerson := make(map[uuid.UUID]rightsRow, len(held))
	for _, row := range held {
		byPerson[row.UserID] = row
	}
	place := make(map[uuid.UUID]int, len(numbers))
	for i, number := range numbers {
		place[number.ID] = i
	}
	members := make([]Member, len(people))
	for i, row := range people {
		holds := byPerson[row.ID]
		slices.SortFunc(holds.Numbers, func(a, b uuid.UUID) int { return place[a] - place[b] })
		members[i] = Member{Person: row.Person, Ended: row.Ended, Permissions: holds.Permissions}
		for _, id := range holds.Numbers {
			if at, known := place[id]; known {
				members[i].Numbers = append(members[i].Numbers, numbers[at])
			}
		}
	}
	return members
}

const countMainUsers = `select count(*) from memberships where organization_id = portal_organization()
	and user_type = 'main_user' and ended_at is null`
