package eventlog

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/fault"
	"omapostipro/internal/postgres"
)

// Service is what main users can ask the log.
type Service struct {
	// MaxExport bounds an export; who needs more asks for it a period at a time.
	MaxExport int

	db *postgres.DB
}

// NewService makes the service.
func NewService(db *postgres.DB) *Service { return &Service{MaxExport: 1_000_000, db: db} }

func mayRead(actor account.Actor) error {
	if !actor.ManagesUsers() {
		return fault.New(fault.Forbidden, "users.needs_main_user")
	}
	return nil
}

// List gives a page of the organisation's events after a cursor, the newest first, and the name of whom the filter is
// about ("" for what is unknown here).
func (s *Service) List(ctx context.Context, actor account.Actor, filter Filter, after Cursor) (page Page, about string, err error) {
	if err := mayRead(actor); err != nil {
		return Page{}, "", err
	}
	err = s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
		queueEvents(b, func(event Event) error {
			event.ObjectHere = event.ObjectHere || event.Payer != nil && seesPickup(actor, *event.Payer)
			page.Events = append(page.Events, event)
			return nil
		}, filter, after, PageSize+1)
		if filter.About != uuid.Nil {
			postgres.Value(b, &about, nameOf, filter.About)
		}
	})
	if len(page.Events) > PageSize {
		page.Events = page.Events[:PageSize]
		last := page.Events[PageSize-1]
		page.Next = Cursor{At: last.OccurredAt, ID: last.ID}
	}
	return page, about, err
}

// seesPickup says whether the actor may open a pickup that a contract number pays for.
func seesPickup(actor account.Actor, payer uuid.UUID) bool {
	return actor.SeesPickups() && slices.ContainsFunc(actor.Numbers, func(number account.ContractNumber) bool { return number.ID == payer })
}

// QueueAbout adds to a read the newest events of one person, for pages of theirs.
func QueueAbout(b *postgres.Batch, events *[]Event, person uuid.UUID, limit int) {
	queueEvents(b, func(event Event) error {
		*events = append(*events, event)
		return nil
	}, Filter{About: person}, Cursor{}, limit)
}

// Export gives every event that the filter lets through, one at a time: memory does not grow with their number. An error
// of each ends it. There were more than MaxExport, the newest, if it says so.
func (s *Service) Export(ctx context.Context, actor account.Actor, filter Filter, each func(Event) error) (more bool, err error) {
	if err := mayRead(actor); err != nil {
		return false, err
	}
	count := 0
	err = s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
		queueEvents(b, func(e Event) error {
			if count++; count > s.MaxExport {
				more = true
				return nil
			}
			return each(e)
		}, filter, Cursor{}, s.MaxExport+1)
	})
	return more, err
}

// maxChoices is how many people a search offers.
const maxChoices = 10

// FindPeople gives those of the organisation's people whom a text may mean, as the list of users finds them, and those who
// have left by what they were called then. A whole e-mail address means the one whose it is.
func (s *Service) FindPeople(ctx context.Context, actor account.Actor, text string) ([]Choice, error) {
	if err := mayRead(actor); err != nil {
		return nil, err
	}
	var found []Choice
	err := s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
		postgres.Rows(b, &found, findPeople, account.EmailKey(text), text, maxChoices)
	})
	if exact := slices.IndexFunc(found, func(c Choice) bool { return account.EmailKey(c.Email) == account.EmailKey(text) }); exact >= 0 {
		found = found[exact : exact+1]
	}
	return found, err
}

// DropBefore drops what happened in the months that had ended at a time.
func DropBefore(ctx context.Context, db *postgres.DB, moment time.Time) error {
	return db.Exec(ctx, "select drop_audit_partitions($1)", moment)
}
