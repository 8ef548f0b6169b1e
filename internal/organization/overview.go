package organization

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/fault"
	"omapostipro/internal/postgres"
)

const (
	// numbersPage is how many contract numbers of a kind the organisation's page shows before Visa mera.
	numbersPage = 25
	// MaxCounted is how far the people of a number are counted; beyond it the page says that there are more.
	MaxCounted = 1000
	// namedPeople and namedKeys are how many the page names of those who are assigned a number, and of what uses it.
	namedPeople = 3
	namedKeys   = 5
)

// Held is a contract number with what hangs on it.
type Held struct {
	account.ContractNumber
	ValidFrom   time.Time  // a day
	ValidTo     *time.Time // the last day; nil while no end is known
	People      []Named    // some of those who are assigned it
	PeopleCount int        // at most MaxCounted + 1, which means more
	Keys        []Using    // some of the keys and application accounts, not revoked, that are linked to it
	KeyCount    int
}

// Named is something that is called by a name.
type Named struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

// Using is an API key that uses a number, or an application account that does.
type Using struct {
	Named
	Application bool `json:"application"`
}

// NumberPage is one page of a list of numbers, and where the next begins.
type NumberPage struct {
	Numbers []Held
	Next    NumberCursor // zero on the last page
}

// Overview is the organisation's page.
type Overview struct {
	Valid         map[account.Kind]NumberPage // those that can be used, or can be soon
	Ended         NumberPage                  // of all kinds, the last that ended first
	MainUsers     []Person                    // some of them
	MainUserCount int
}

// NumberCursor is the last number that a page shows; the next page begins after it.
type NumberCursor struct {
	After string // the number, or the day on which it ended
	ID    uuid.UUID
}

// String gives the cursor as an address carries it; empty for none.
func (c NumberCursor) String() string {
	if c == (NumberCursor{}) {
		return ""
	}
	return c.After + "." + c.ID.String()
}

// ParseNumberCursor reads what String gave.
func ParseNumberCursor(text string) (NumberCursor, error) {
	if text == "" {
		return NumberCursor{}, nil
	}
	after, id, _ := strings.Cut(text, ".")
	parsed, err := uuid.Parse(id)
	_, notADay := time.Parse(time.DateOnly, after)
	if err == nil && notADay != nil && !contractNumber.MatchString(after) {
		err = errors.New("no row has this cursor")
	}
	if err != nil {
		return NumberCursor{}, fault.New(fault.NotFound, "errors.not_found_text").Because(err)
	}
	return NumberCursor{After: after, ID: parsed}, nil
}

// NumberCursors say where the lists of Overview begin: by kind, and the one of what has ended. The list that has Shown
// begins there if its first page would not reach it.
type NumberCursors struct {
	Valid map[account.Kind]NumberCursor
	Ended NumberCursor
	Shown uuid.UUID // a number; nil for none
}

// Overview gives the organisation's numbers with what hangs on each, and its main users.
func (s *Service) Overview(ctx context.Context, actor account.Actor, after NumberCursors) (Overview, error) {
	if err := mayManage(actor); err != nil {
		return Overview{}, err
	}
	today := account.Today(s.now())
	kinds := account.Kinds()
	rows := make([][]heldRow, len(kinds))
	var ended []heldRow
	var overview Overview
	err := s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
		for i, kind := range kinds {
			queueValid(b, &rows[i], kind, today, after.Valid[kind], after.Shown)
		}
		queueEnded(b, &ended, today, after.Ended, after.Shown)
		postgres.Rows(b, &overview.MainUsers, selectMainUsers, PageSize)
		postgres.Value(b, &overview.MainUserCount, `select count(*) from memberships where organization_id = portal_organization()
			and user_type = 'main_user' and ended_at is null`)
	})
	if err != nil {
		return Overview{}, err
	}
	overview.Valid = make(map[account.Kind]NumberPage, len(kinds))
	for i, kind := range kinds {
		overview.Valid[kind] = numberPage(rows[i], func(h Held) string { return h.Number })
	}
	overview.Ended = numberPage(ended, func(h Held) string { return h.ValidTo.Format(time.DateOnly) })
	return overview, nil
}

func numberPage(rows []heldRow, after func(Held) string) NumberPage {
	var page NumberPage
	for _, row := range rows[:min(len(rows), numbersPage)] {
		page.Numbers = append(page.Numbers, row.held())
	}
	if len(rows) > numbersPage {
		last := page.Numbers[numbersPage-1]
		page.Next = NumberCursor{After: after(last), ID: last.ID}
	}
	return page
}

type heldRow struct {
	ID          uuid.UUID
	Kind        account.Kind
	Number      string
	Holder      string
	ValidFrom   time.Time
	ValidTo     *time.Time
	Ended       bool
	People      []Named
	PeopleCount int
	Keys        []Using
	KeyCount    int
}

func (r heldRow) held() Held {
	return Held{ContractNumber: account.ContractNumber{ID: r.ID, Kind: r.Kind, Number: r.Number, Holder: r.Holder, Ended: r.Ended},
		ValidFrom: r.ValidFrom, ValidTo: r.ValidTo, People: r.People, PeopleCount: r.PeopleCount, Keys: r.Keys, KeyCount: r.KeyCount}
}

// What hangs on a number, c. A number can be a hundred thousand people's: they are counted up to a bound, and the first
// that the index gives are named. $1 is today, $2 how far people are counted, $3 and $4 how many are named.
const selectHeld = `
	select c.id, c.kind, c.number, c.holder::text, c.valid_from, c.valid_to,
		c.valid_from > $1::date or coalesce(c.valid_to < $1::date, false) as ended,
		coalesce((select jsonb_agg(jsonb_build_object('id', p.user_id, 'name', trim(p.first_name || ' ' || p.last_name)))
			from (select a.user_id, u.first_name, u.last_name from membership_contract_numbers a
				join memberships m on m.organization_id = a.organization_id and m.user_id = a.user_id and m.ended_at is null
				join users u on u.id = a.user_id
				where a.organization_id = c.organization_id and a.contract_number_id = c.id limit $3) p), '[]') as people,
		(select count(*) from (select from membership_contract_numbers a
			join memberships m on m.organization_id = a.organization_id and m.user_id = a.user_id and m.ended_at is null
			where a.organization_id = c.organization_id and a.contract_number_id = c.id limit $2) p) as people_count,
		using_it.keys, using_it.key_count
	from contract_numbers c
	cross join lateral (
		select coalesce(jsonb_agg(jsonb_build_object('id', k.id, 'name', k.name, 'application', k.application) order by k.place)
				filter (where k.place <= $4), '[]') as keys, count(*) as key_count
		from (select u.*, row_number() over (order by u.created_at desc, u.id) as place from (
			select k.id, k.description::text as name, false as application, k.created_at from api_key_contract_numbers l
				join api_keys k on k.organization_id = l.organization_id and k.id = l.api_key_id and k.status <> 'revoked'
				where l.organization_id = c.organization_id and l.contract_number_id = c.id
			union all
			select a.id, a.name::text, true, a.created_at from application_account_contract_numbers l
				join application_accounts a on a.organization_id = l.organization_id and a.id = l.application_account_id and a.status <> 'revoked'
				where l.organization_id = c.organization_id and l.contract_number_id = c.id) u) k) using_it
	where c.organization_id = portal_organization()`

func queueValid(b *postgres.Batch, rows *[]heldRow, kind account.Kind, today time.Time, after NumberCursor, shown uuid.UUID) {
	postgres.Rows(b, rows, selectHeld+` and c.kind = $5 and (c.valid_to is null or c.valid_to >= $1::date)
			and ($7 = '00000000-0000-0000-0000-000000000000'::uuid or (c.number, c.id) > ($6, $7))
			and (c.number, c.id) >= (select first.number, first.id from (
				select n.number, n.id from contract_numbers n where n.organization_id = portal_organization() and n.id = $9 and n.kind = $5
					and (n.valid_to is null or n.valid_to >= $1::date) and $8 <= (select count(*) from contract_numbers b
						where b.organization_id = portal_organization() and b.kind = $5 and (b.valid_to is null or b.valid_to >= $1::date)
							and (b.number, b.id) <= (n.number, n.id))
				union all select '', '00000000-0000-0000-0000-000000000000') first order by 1 desc limit 1)
		order by c.number, c.id limit $8`, today, MaxCounted+1, namedPeople, namedKeys, kind, after.After, after.ID, numbersPage+1, shown)
}

func queueEnded(b *postgres.Batch, rows *[]heldRow, today time.Time, after NumberCursor, shown uuid.UUID) {
	day, err := time.Parse(time.DateOnly, after.After)
	if err != nil {
		after.ID = uuid.Nil // a cursor of another list begins at the beginning
	}
	postgres.Rows(b, rows, selectHeld+` and c.valid_to < $1::date
			and ($6 = '00000000-0000-0000-0000-000000000000'::uuid or (c.valid_to, c.id) < ($5::date, $6))
			and (c.valid_to, c.id) <= (select first.valid_to, first.id from (
				select n.valid_to, n.id from contract_numbers n where n.organization_id = portal_organization() and n.id = $8
					and n.valid_to < $1::date and $7 <= (select count(*) from contract_numbers b where b.organization_id = portal_organization()
						and b.valid_to < $1::date and (b.valid_to, b.id) >= (n.valid_to, n.id))
				union all select 'infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff') first order by 1 limit 1)
		order by c.valid_to desc, c.id desc limit $7`, today, MaxCounted+1, namedPeople, namedKeys, day, after.ID, numbersPage+1, shown)
}
