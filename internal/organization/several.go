package organization

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
	"omapostipro/internal/mail"
	"omapostipro/internal/postgres"
)

// Several are invitations that wait: some that are chosen one by one, or all that the list's filter lets through.
type Several struct {
	Chosen  []uuid.UUID
	All     bool
	Filter  Filter
	Version string // of all, as a preview gave it: if they are others now, nothing is done
}

// SeveralVersion tells all of them, so that a change in the meantime is seen.
func SeveralVersion(invitations []Invitation) string {
	hash := sha256.New()
	for _, invitation := range invitations {
		hash.Write(invitation.ID[:])
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// The invitations that wait: those that are chosen, or all that the filter lets through; one more than can be changed at once.
const (
	selectSeveral = `
		select i.id, i.first_name::text, i.last_name::text, i.email::text, i.created_at, i.expires_at, false as trimmed,` + isUndelivered + ` as undelivered,
			i.language, i.sent_at
		from invitations i`
	selectChosenInvitations = selectSeveral + `
		where i.organization_id = portal_organization() and i.accepted_at is null and i.withdrawn_at is null and i.id = any ($1) order by i.name, i.id limit $2`
	selectMatchingInvitations = selectSeveral + `
		join find_invitations($1, $2, $3, $4, '', $5, $6) with ordinality as found (id, place) on found.id = i.id
		where i.organization_id = portal_organization() order by found.place`
)

type severalRow struct {
	Invitation
	Language string
	SentAt   *time.Time
}

func (s Several) query() (sql string, arguments []any) {
	if s.All {
		return selectMatchingInvitations, append(s.Filter.ofInvitations(), uuid.Nil, MaxMatching+1)
	}
	return selectChosenInvitations, []any{s.Chosen, MaxMatching + 1}
}

func (s Several) check(actor account.Actor) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	if len(s.Chosen) > MaxChosen {
		return fault.New(fault.TooLarge, "several.too_many", "maximum", MaxChosen)
	}
	return nil
}

func errTooManyInvitations(count int) error {
	if count > MaxMatching {
		return fault.New(fault.TooLarge, "several.too_many", "maximum", MaxMatching)
	}
	return nil
}

// Several gives those of the invitations that still wait, in the order of the list.
func (s *Invitations) Several(ctx context.Context, actor account.Actor, several Several) ([]Invitation, error) {
	if err := several.check(actor); err != nil {
		return nil, err
	}
	var rows []severalRow
	if several.All && several.Filter.OfMembers() {
		return nil, nil
	}
	sql, arguments := several.query()
	if err := s.DB.Read(ctx, actor.Scope(), func(b *postgres.Batch) { postgres.Rows(b, &rows, sql, arguments...) }); err != nil {
		return nil, err
	}
	return invitationsOf(rows), errTooManyInvitations(len(rows))
}

func invitationsOf(rows []severalRow) []Invitation {
	invitations := make([]Invitation, len(rows))
	for i, row := range rows {
		invitations[i] = row.Invitation
	}
	return invitations
}

// errSeveralChanged says that others wait than a preview showed.
func errSeveralChanged() error { return fault.New(fault.Conflict, "selection.changed") }

// withSeveral does something to those of the invitations that still wait.
func (s *Invitations) withSeveral(ctx context.Context, actor account.Actor, several Several,
	do func(ctx context.Context, tx pgx.Tx, waiting []severalRow) error) error {
	if err := several.check(actor); err != nil {
		return err
	}
	if several.All && several.Filter.OfMembers() {
		return errSeveralChanged() // a member is no invitation
	}
	return s.DB.InTx(ctx, actor.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		if err := lockOrganization(ctx, tx); err != nil {
			return err
		}
		sql, arguments := several.query()
		rows, err := tx.Query(ctx, sql, arguments...)
		if err != nil {
			return err
		}
		waiting, err := pgx.CollectRows(rows, pgx.RowToStructByName[severalRow])
		if err != nil {
			return err
		}
		if len(waiting) == 0 { // pressed twice, or done by somebody else
			return nil
		}
		if several.All && SeveralVersion(invitationsOf(waiting)) != several.Version {
			return errSeveralChanged()
		}
		if err := errTooManyInvitations(len(waiting)); err != nil {
			return err
		}
		return do(ctx, tx, waiting)
	})
}

// WithdrawSeveral takes invitations back, and gives how many.
func (s *Invitations) WithdrawSeveral(ctx context.Context, actor account.Actor, several Several) (done int, err error) {
	now := s.Now()
	err = s.withSeveral(ctx, actor, several, func(ctx context.Context, tx pgx.Tx, waiting []severalRow) error {
		done = len(waiting)
		if err := withdraw(ctx, tx, severalIDs(waiting), now); err != nil {
			return err
		}
		return recordSeveral(ctx, tx, actor, "invitation.withdrawn", waiting, now)
	})
	return done, err
}

// SendSeveralAgain mails each a new link, and gives how many: those to whom one has been sent since shown, when the preview was,
// have it already.
func (s *Invitations) SendSeveralAgain(ctx context.Context, actor account.Actor, several Several, shown time.Time) (done int, err error) {
	now := s.Now()
	err = s.withSeveral(ctx, actor, several, func(ctx context.Context, tx pgx.Tx, waiting []severalRow) error {
		var due []severalRow
		for _, row := range waiting {
			if row.SentAt == nil || row.SentAt.Before(shown) {
				due = append(due, row)
			}
		}
		if done = len(due); done == 0 {
			return nil
		}
		tokens := make([]account.Token, len(due))
		for i := range tokens {
			tokens[i] = account.NewToken()
		}
		if err := replaceLinks(ctx, tx, severalIDs(due), actor.ID, tokens, now); err != nil {
			return err
		}
		if err := recordSeveral(ctx, tx, actor, "invitation.sent", due, now); err != nil {
			return err
		}
		inviter, err := inviterOf(ctx, tx, actor.ID)
		if err != nil {
			return err
		}
		letters := make([]mail.Letter, len(due))
		for i, row := range due {
			letters[i] = s.letter(actor, inviter, row.ID, Recipient{Email: row.Email, FirstName: row.FirstName, LastName: row.LastName,
				Language: i18n.Lang(row.Language)}, tokens[i], now)
		}
		return s.Mail.Send(ctx, tx, letters...)
	})
	return done, err
}

func severalIDs(rows []severalRow) []uuid.UUID {
	ids := make([]uuid.UUID, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	return ids
}

func recordSeveral(ctx context.Context, tx pgx.Tx, actor account.Actor, action string, rows []severalRow, now time.Time) error {
	events := make([]audit.Event, len(rows))
	for i, row := range rows {
		events[i] = audit.Event{Action: action, Object: row.ID, Personal: []audit.Personal{{Values: map[string]any{"email": row.Email}}}}
	}
	var batch pgx.Batch
	if err := audit.QueueAll(&batch, now, actor.Who(), events); err != nil {
		return err
	}
	return tx.SendBatch(ctx, &batch).Close()
}
