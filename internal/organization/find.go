package organization

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/postgres"
)

// Filter says who is looked for; the zero one lets everybody through.
type Filter struct {
	Query      string             // words that all are in the name or the e-mail address
	UserType   account.UserType   // empty: whichever
	Permission account.Permission // empty: whichever
	Number     uuid.UUID          // nil: whichever
	Lacking    bool               // holds a permission that lacks the numbers that it needs
	Unseen     bool               // not seen in the organisation for UnseenDays
}

// UnseenDays is after how many days somebody is one who has not been seen for long.
const UnseenDays = 90

// Narrows says whether the filter looks for less than everybody.
func (f Filter) Narrows() bool { return f != Filter{} }

// OfMembers says whether the filter asks for what only members can be; an invitation never is.
func (f Filter) OfMembers() bool { return f.Lacking || f.Unseen }

// Listing is what Användare shows.
type Listing struct {
	People      Page[Person]
	Invitations Page[Invitation]         // empty for a filter that is of members
	Numbers     []account.ContractNumber // of the organisation, to filter by
}

// List gives a page of the organisation's people and one of its pending invitations: those whom the filter lets through,
// sorted by the name that is shown, after the cursors.
func (s *Service) List(ctx context.Context, actor account.Actor, filter Filter, people, invitations Cursor) (Listing, error) {
	if err := mayManage(actor); err != nil {
		return Listing{}, err
	}
	var (
		listing Listing
		found   []foundRow
		invited []invitedRow
		today   = account.Today(s.now())
	)
	err := s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
		queueFound(b, &found, filter, today, people, PageSize+1)
		queuePeopleCount(b, &listing.People.Total, filter, today)
		if !filter.OfMembers() {
			queueInvited(b, &invited, filter, today, invitations)
			queueInvitedCount(b, &listing.Invitations.Total, filter)
		}
		postgres.Rows(b, &listing.Numbers, selectAllNumbers, today)
	})
	listing.People.Next = next(found, foundRow.cursor)
	listing.Invitations.Next = next(invited, invitedRow.cursor)
	for _, row := range found[:min(len(found), PageSize)] {
		listing.People.Rows = append(listing.People.Rows, row.person())
	}
	for _, row := range invited[:min(len(invited), PageSize)] {
		listing.Invitations.Rows = append(listing.Invitations.Rows, row.Invitation)
	}
	if filter.Narrows() {
		listing.People.limit()
		listing.Invitations.limit()
	}
	return listing, err
}

// next gives where the next page begins, if the row was there that is read to see whether there are more.
func next[T any](rows []T, cursor func(T) Cursor) Cursor {
	if len(rows) <= PageSize {
		return Cursor{}
	}
	return cursor(rows[PageSize-1])
}

// limit leaves the number of those who match at the most that is counted.
func (p *Page[T]) limit() {
	if p.Total > MostCounted {
		p.Total, p.Many = MostCounted, true
	}
}

// exportSize is how many people an export reads at once: little memory, few round trips, and no connection that waits
// for a slow reader.
const exportSize = 1000

// Export gives each person whom the filter lets through, one at a time: memory does not grow with their number. An error
// of each ends it.
func (s *Service) Export(ctx context.Context, actor account.Actor, filter Filter, each func(Exported) error) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	var (
		today   = account.Today(s.now())
		numbers []account.ContractNumber
		byID    map[uuid.UUID]account.ContractNumber
		after   Cursor
	)
	for {
		var found []foundRow
		err := s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
			queueFound(b, &found, filter, today, after, exportSize)
			if byID == nil {
				postgres.Rows(b, &numbers, selectAllNumbers, today)
			}
		})
		if err != nil {
			return err
		}
		if byID == nil {
			byID = make(map[uuid.UUID]account.ContractNumber, len(numbers))
			for _, number := range numbers {
				byID[number.ID] = number
			}
		}
		for _, row := range found {
			if err := each(row.exported(byID)); err != nil {
				return err
			}
		}
		if len(found) < exportSize {
			return nil
		}
		after = found[len(found)-1].cursor()
	}
}

// foundRow is a person as find_people gives them.
type foundRow struct {
	ID              uuid.UUID
	FirstName       string
	LastName        string
	Email           string
	UserType        account.UserType
	Permissions     []account.Permission
	ContractNumbers []uuid.UUID
	Name            string
}

func (r foundRow) cursor() Cursor { return Cursor{Name: r.Name, ID: r.ID} }

func (r foundRow) person() Person {
	return Person{ID: r.ID, FirstName: r.FirstName, LastName: r.LastName, Email: r.Email, UserType: r.UserType}
}

func (r foundRow) exported(byID map[uuid.UUID]account.ContractNumber) Exported {
	exported := Exported{Person: r.person(), Permissions: r.Permissions}
	for _, id := range r.ContractNumbers {
		if number, known := byID[id]; known { // one that was made since the export began is of the next
			exported.Numbers = append(exported.Numbers, number)
		}
	}
	slices.SortFunc(exported.Numbers, func(a, b account.ContractNumber) int { return strings.Compare(a.Number, b.Number) })
	return exported
}

func queueFound(b *postgres.Batch, found *[]foundRow, filter Filter, today time.Time, after Cursor, size int) {
	postgres.Rows(b, found, `
		select id, first_name, last_name, email, user_type, permissions, contract_numbers, name
		from find_people($1, $2, $3, $4, $5, $6, $7, $8, $9)`, append(filter.arguments(today), after.Name, after.ID, size)...)
}

// queuePeopleCount counts everybody, or one more than is counted of those who match.
func queuePeopleCount(b *postgres.Batch, total *int, filter Filter, today time.Time) {
	postgres.Value(b, total, "select people from count_people($1, $2, $3, $4, $5, $6, $7)", append(filter.arguments(today), MostCounted+1)...)
}

// arguments gives the filter as the functions that find people take it.
func (f Filter) arguments(today time.Time) []any {
	var lackingOn, unseenSince *time.Time
	if f.Lacking {
		lackingOn = &today
	}
	if f.Unseen {
		day := today.AddDate(0, 0, -UnseenDays)
		unseenSince = &day
	}
	return append(f.ofInvitations(), lackingOn, unseenSince)
}

func (f Filter) number() *uuid.UUID {
	if f.Number == uuid.Nil {
		return nil
	}
	return &f.Number
}

type invitedRow struct {
	Invitation
	Name string
}

func (r invitedRow) cursor() Cursor { return Cursor{Name: r.Name, ID: r.ID} }

func queueInvited(b *postgres.Batch, invited *[]invitedRow, filter Filter, today time.Time, after Cursor) {
	postgres.Rows(b, invited, `
		select i.id, i.first_name::text, i.last_name::text, i.email::text, i.created_at, i.expires_at, i.name,`+strings.ReplaceAll(isTrimmed, "$2", "$8")+` as trimmed,`+isUndelivered+` as undelivered
		from find_invitations($1, $2, $3, $4, $5, $6, $7) with ordinality as found (id, place)
		join invitations i on i.organization_id = portal_organization() and i.id = found.id order by found.place`,
		append(filter.ofInvitations(), after.Name, after.ID, PageSize+1, today)...)
}

func queueInvitedCount(b *postgres.Batch, total *int, filter Filter) {
	postgres.Value(b, total, "select invitations from count_invitations($1, $2, $3, $4, $5)", append(filter.ofInvitations(), MostCounted+1)...)
}

// ofInvitations gives what of the filter can be asked of invitations, as the functions that find them take it.
func (f Filter) ofInvitations() []any {
	return []any{f.Query, f.UserType, f.Permission, f.number()}
}

// All that the organisation has or had; $1 is today.
const selectAllNumbers = `
	select c.id, c.kind, c.number, c.holder::text, c.valid_from > $1::date or coalesce(c.valid_to < $1::date, false) as ended
	from contract_numbers c where c.organization_id = portal_organization() order by c.kind, c.number, c.valid_from`
