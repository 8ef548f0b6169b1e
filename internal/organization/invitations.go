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
	"omapostipro/internal/i18n"
	"omapostipro/internal/mail"
	"omapostipro/internal/postgres"
)

// InvitationsConfig is what the invitations need.
type InvitationsConfig struct {
	DB       *postgres.DB
	Now      func() time.Time
	Accounts *account.Service
	Mail     *mail.Service
	// Addresses of pages, as paths of the portal: the one that a token opens, a pending invitation's, and a new one's for
	// somebody's e-mail address.
	LinkPath    func(token string) string
	PendingPath func(organization, invitation string) string
	InvitePath  func(organization, email string) string
}

// Invitations is what main users do with invitations, and those with them who are invited.
type Invitations struct {
	InvitationsConfig
}

// NewInvitations makes the service.
func NewInvitations(config InvitationsConfig) *Invitations {
	return &Invitations{InvitationsConfig: config}
}

// Check marks who of the recipients belongs to the organisation already, and whose invitation waits already.
func (s *Invitations) Check(ctx context.Context, actor account.Actor, recipients []Recipient) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	var known []knownAddress
	err := s.DB.Read(ctx, actor.Scope(), func(b *postgres.Batch) { postgres.Rows(b, &known, selectKnownAddresses, keysOfAddresses(recipients)) })
	mark(recipients, known)
	return err
}

func keysOfAddresses(recipients []Recipient) []string {
	keys := []string{}
	for _, recipient := range recipients {
		if len(recipient.Faults) == 0 {
			keys = append(keys, account.EmailKey(recipient.Email))
		}
	}
	return keys
}

func mark(recipients []Recipient, known []knownAddress) {
	byKey := make(map[string]knownAddress, len(known))
	for _, address := range known {
		byKey[address.EmailKey] = address
	}
	for i := range recipients {
		if len(recipients[i].Faults) == 0 {
			address := byKey[account.EmailKey(recipients[i].Email)]
			recipients[i].Member, recipients[i].Invited = address.Member, address.Invitation
		}
	}
}

// Assignable gives the organisation's numbers that an invitation can give.
func (s *Invitations) Assignable(ctx context.Context, actor account.Actor) ([]account.ContractNumber, error) {
	if err := mayManage(actor); err != nil {
		return nil, err
	}
	var numbers []account.ContractNumber
	err := s.DB.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
		postgres.Rows(b, &numbers, selectNumbers, account.Today(s.Now()), uuid.Nil)
	})
	return numbers, err
}

// CheckNumbers checks the numbers that a round gives, against those that can be assigned and what its permissions need,
// and gives them.
func (r Round) CheckNumbers(assignable []account.ContractNumber) ([]account.ContractNumber, error) {
	if err := r.Permissions.Check(); err != nil {
		return nil, err
	}
	var candidates []Assignable
	for _, number := range assignable {
		candidates = append(candidates, Assignable{ContractNumber: number})
	}
	chosen, _, _, err := choose(candidates, r.Numbers)
	if err != nil {
		return nil, err
	}
	return chosen, checkNeeds(r.Permissions.Permissions, chosen)
}

// Send invites everybody of a round who is neither a member nor invited already, and mails each a link. The very same round
// sent again does nothing more, and gives what it gave, unless all of it has been withdrawn since.
func (s *Invitations) Send(ctx context.Context, actor account.Actor, round Round) (Invited, error) {
	if err := mayManage(actor); err != nil {
		return Invited{}, err
	}
	if err := round.check(); err != nil {
		return Invited{}, err
	}
	round.Permissions = round.Permissions.normal()
	id, err := round.id()
	if err != nil {
		return Invited{}, err
	}
	now := s.Now()
	var invited Invited
	err = s.DB.InTx(ctx, actor.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		// Of two presses of one button the second one waits here, and finds the round.
		if err := lockOrganization(ctx, tx); err != nil {
			return err
		}
		var err error
		if invited.Sent, err = sizeOfRound(ctx, tx, id); err != nil || invited.Sent > 0 {
			return err
		}
		assignable, err := numbersFor(ctx, tx, account.Today(now), uuid.Nil)
		if err != nil {
			return err
		}
		chosen, _, _, err := choose(assignable, round.Numbers)
		if err != nil {
			return err
		}
		if err := checkNeeds(round.Permissions.Permissions, chosen); err != nil {
			return err
		}
		good, left, err := s.stillToInvite(ctx, tx, round.Recipients)
		if err != nil {
			return err
		}
		if len(good) == 0 {
			return fault.New(fault.Invalid, "form.invalid").At("addresses", "invitations.none_left")
		}
		invited = Invited{Sent: len(good), Left: left}
		return s.invite(ctx, tx, actor, id, round, good, chosen, now)
	})
	return invited, err
}

func (s *Invitations) stillToInvite(ctx context.Context, tx pgx.Tx, recipients []Recipient) (good, left []Recipient, err error) {
	recipients = slices.Clone(recipients)
	known, err := knownAddresses(ctx, tx, keysOfAddresses(recipients))
	if err != nil {
		return nil, nil, err
	}
	mark(recipients, known)
	for _, recipient := range recipients {
		if recipient.Good() {
			good = append(good, recipient)
		} else {
			left = append(left, recipient)
		}
	}
	return good, left, nil
}

func (s *Invitations) invite(ctx context.Context, tx pgx.Tx, actor account.Actor, id uuid.UUID, round Round, good []Recipient,
	numbers []account.ContractNumber, now time.Time) error {
	ids, tokens := make([]uuid.UUID, len(good)), make([]account.Token, len(good))
	for i := range good {
		var err error
		if ids[i], err = uuid.NewV7(); err != nil {
			return err
		}
		tokens[i] = account.NewToken()
	}
	if err := insertRound(ctx, tx, actor, id, round, good, ids, tokens, now); err != nil {
		return err
	}
	events := make([]audit.Event, len(good))
	for i, recipient := range good {
		events[i] = audit.Event{Action: "invitation.created", Object: ids[i],
			Personal: []audit.Personal{{Values: map[string]any{"email": recipient.Email, "firstName": recipient.FirstName,
				"lastName": recipient.LastName, "as": round.Permissions.personal(), "contract_numbers": account.Numbers(numbers)}}}}
	}
	var batch pgx.Batch
	if err := audit.QueueAll(&batch, now, actor.Who(), events); err != nil {
		return err
	}
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return err
	}
	inviter, err := inviterOf(ctx, tx, actor.ID)
	if err != nil {
		return err
	}
	letters := make([]mail.Letter, len(good))
	for i, recipient := range good {
		letters[i] = s.letter(actor, inviter, ids[i], recipient, tokens[i], now)
	}
	return s.Mail.Send(ctx, tx, letters...)
}

// letter gives somebody the link that opens their invitation.
func (s *Invitations) letter(actor account.Actor, inviter string, invitation uuid.UUID, to Recipient, token account.Token, now time.Time) mail.Letter {
	return mail.Letter{Kind: "invitation", To: to.Email, Name: account.User{FirstName: to.FirstName, LastName: to.LastName}.Name(),
		Language: to.Language, Path: s.LinkPath(token.Text), About: []uuid.UUID{actor.ID, invitation},
		Args: []any{"inviter", inviter, "organization", actor.Organization.Name, "until", i18n.For(to.Language).DateTime(now.Add(InvitationLifetime))}}
}

// Pending gives an invitation that waits, with what an editor of it chooses from. One that has been accepted or withdrawn
// is Gone.
func (s *Invitations) Pending(ctx context.Context, actor account.Actor, id uuid.UUID) (Pending, error) {
	if err := mayManage(actor); err != nil {
		return Pending{}, err
	}
	var (
		row     *pendingRow
		numbers []Assignable
	)
	err := s.DB.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
		postgres.Row(b, &row, selectPending, id, account.Today(s.Now()))
		postgres.Rows(b, &numbers, selectInvitationNumbers, account.Today(s.Now()), id)
	})
	if err != nil {
		return Pending{}, err
	}
	if row == nil {
		return Pending{}, errNotFound()
	}
	if !row.Waits {
		return Pending{}, errNotPending()
	}
	pending := row.pending()
	for _, number := range numbers {
		pending.Assignable = append(pending.Assignable, number.ContractNumber)
		if number.Assigned {
			pending.Numbers = append(pending.Numbers, number.ContractNumber)
		}
	}
	return pending, nil
}

func errNotPending() error { return fault.New(fault.Gone, "invitations.not_pending") }

// Save saves page 1 of Ändra for an invitation that waits. shown is what the form was filled with: if it is no longer so,
// nothing is saved and the error is a *Stale.
func (s *Invitations) Save(ctx context.Context, actor account.Actor, id uuid.UUID, shown, wanted Invitee) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	wanted, err := wanted.check()
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, actor.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		current, err := lockPending(ctx, tx, id, account.Today(s.Now()))
		if err != nil {
			return err
		}
		before := current.invitee()
		if !before.equal(shown) {
			stale := stalePermissions(shown.Permissions, before.Permissions)
			stale.Details = !before.sameAddressee(shown)
			return stale
		}
		if before.equal(wanted) {
			return nil
		}
		if err := updateInvitation(ctx, tx, id, actor.ID, wanted); err != nil {
			return err
		}
		return audit.Record(ctx, tx, s.Now(), actor.Who(), audit.Event{Action: "invitation.changed", Object: id,
			Fields: before.changed(wanted), Personal: []audit.Personal{{Values: map[string]any{
				"email": current.Email, "before": before.personal(), "after": wanted.personal()}}}})
	})
}

// SaveNumbers saves page 2 of Ändra for an invitation that waits. It refuses while one of its permissions lacks its
// numbers.
func (s *Invitations) SaveNumbers(ctx context.Context, actor account.Actor, id uuid.UUID, shown, wanted []uuid.UUID) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	return s.DB.InTx(ctx, actor.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		current, err := lockPending(ctx, tx, id, account.Today(s.Now()))
		if err != nil {
			return err
		}
		numbers, err := invitationNumbers(ctx, tx, account.Today(s.Now()), id)
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
		if err := checkNeeds(current.Permissions.Permissions, chosen); err != nil || len(added)+len(removed) == 0 {
			return err
		}
		if err := updateInvitationNumbers(ctx, tx, id, actor.ID, added, removed); err != nil {
			return err
		}
		return audit.Record(ctx, tx, s.Now(), actor.Who(), audit.Event{Action: "invitation.changed", Object: id,
			Fields: []string{"contract_numbers"}, Personal: []audit.Personal{{Values: map[string]any{
				"email": current.Email, "added": account.Numbers(added), "removed": account.Numbers(removed)}}}})
	})
}

// pressedTwice is how long after a press of Skicka igen another one, of the same page, is the same press.
const pressedTwice = time.Minute

// SendAgain mails a new link, which is valid as long as a first one; the old one is dead. Whoever sends it is who invites
// from then on. shown is when the page that asked for it said that the last link was sent, zero for none: if the same
// person has just sent one since, by a second press of the button, that was it.
func (s *Invitations) SendAgain(ctx context.Context, actor account.Actor, id uuid.UUID, shown time.Time) (Invitation, error) {
	if err := mayManage(actor); err != nil {
		return Invitation{}, err
	}
	now := s.Now()
	var invitation Invitation
	err := s.DB.InTx(ctx, actor.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		current, err := lockPending(ctx, tx, id, account.Today(s.Now()))
		if err != nil {
			return err
		}
		invitation = current.Invitation
		if sent := current.SentAt; sent != nil && !sent.Equal(shown) && sent.After(now.Add(-pressedTwice)) && current.InvitedBy == actor.ID {
			return nil
		}
		token := account.NewToken()
		if err := replaceLinks(ctx, tx, []uuid.UUID{id}, actor.ID, []account.Token{token}, now); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, now, actor.Who(), audit.Event{Action: "invitation.sent", Object: id,
			Personal: []audit.Personal{{Values: map[string]any{"email": current.Email}}}}); err != nil {
			return err
		}
		inviter, err := inviterOf(ctx, tx, actor.ID)
		if err != nil {
			return err
		}
		return s.Mail.Send(ctx, tx, s.letter(actor, inviter, id, Recipient{Email: current.Email, FirstName: current.FirstName, LastName: current.LastName,
			Language: current.Language}, token, now))
	})
	return invitation, err
}

// Withdraw takes an invitation back: its link opens nothing any more.
func (s *Invitations) Withdraw(ctx context.Context, actor account.Actor, id uuid.UUID) (Invitation, error) {
	if err := mayManage(actor); err != nil {
		return Invitation{}, err
	}
	var invitation Invitation
	err := s.DB.InTx(ctx, actor.Scope(), func(ctx context.Context, tx pgx.Tx) error {
		current, err := lockPending(ctx, tx, id, account.Today(s.Now()))
		if err != nil {
			return err
		}
		invitation = current.Invitation
		if err := withdraw(ctx, tx, []uuid.UUID{id}, s.Now()); err != nil {
			return err
		}
		return audit.Record(ctx, tx, s.Now(), actor.Who(), audit.Event{Action: "invitation.withdrawn", Object: id,
			Personal: []audit.Personal{{Values: map[string]any{"email": current.Email}}}})
	})
	return invitation, err
}
