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

// errUnknownLink is a token that no invitation ever had: as a rule, a link of which a part was lost on the way.
func errUnknownLink() error { return fault.New(fault.NotFound, "invitations.unknown_link") }

// Open gives what a link's token opens, or opened. It spends nothing.
func (s *Invitations) Open(ctx context.Context, token string) (Opened, error) {
	hash, ok := account.HashOfToken(token)
	if !ok {
		return Opened{}, errUnknownLink()
	}
	row, err := postgres.Recognize[openedRow](ctx, s.DB, recognizeInvitation, hash, s.Now())
	if err != nil {
		return Opened{}, err
	}
	if row == nil {
		return Opened{}, errUnknownLink()
	}
	return row.opened(s.Now()), nil
}

// Join makes an account for somebody who has none, and makes them a member.
func (s *Invitations) Join(ctx context.Context, token string, newcomer Newcomer, from audit.Who) (Joined, error) {
	opened, err := s.holding(ctx, token)
	if err != nil {
		return Joined{}, err
	}
	if opened.HasAccount {
		return Joined{}, errHasAccount()
	}
	if newcomer, err = newcomer.check(); err != nil {
		return Joined{}, err
	}
	hash, err := s.Accounts.HashPassword(ctx, newcomer.Password)
	if err != nil {
		return Joined{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Joined{}, err
	}
	return s.accept(ctx, token, opened, acceptance{newcomer: &id, firstName: newcomer.FirstName, lastName: newcomer.LastName, passwordHash: hash}, from)
}

// Accept makes somebody who is logged in a member. It takes the account of the address that was invited.
func (s *Invitations) Accept(ctx context.Context, token string, person account.User, from audit.Who) (Joined, error) {
	opened, err := s.holding(ctx, token)
	if err != nil {
		return Joined{}, err
	}
	if !opened.For(person.Email) {
		return Joined{}, errOtherPerson()
	}
	return s.accept(ctx, token, opened, acceptance{person: &person.ID}, from)
}

func errHasAccount() error { return fault.New(fault.Conflict, "invitation.has_account") }

func errOtherPerson() error { return fault.New(fault.Forbidden, "invitation.other_person") }

func errDead() error { return fault.New(fault.Gone, "invitation.dead") }

// holding gives what a link opens that still holds; a dead one is Gone.
func (s *Invitations) holding(ctx context.Context, token string) (Opened, error) {
	opened, err := s.Open(ctx, token)
	if err == nil && opened.State != LinkHolds {
		err = errDead()
	}
	return opened, err
}

// acceptance is who accepts: a person with an account, or a newcomer.
type acceptance struct {
	person       *uuid.UUID
	newcomer     *uuid.UUID
	firstName    string
	lastName     string
	passwordHash string
}

// accept spends the link and makes the member, with what the inviter could still give at this moment. Of many at once
// with one link, the first one does; the others find it spent.
func (s *Invitations) accept(ctx context.Context, token string, opened Opened, as acceptance, from audit.Who) (Joined, error) {
	hash, _ := account.HashOfToken(token)
	now := s.Now()
	joined := Joined{Organization: opened.Organization, Language: opened.Language}
	err := s.DB.InTx(ctx, postgres.Scope{Organization: opened.Organization.ID}, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockOrganization(ctx, tx); err != nil {
			return err
		}
		row, err := recognize(ctx, tx, hash, now)
		if err != nil {
			return err
		}
		if row.state(now) != LinkHolds {
			return errDead()
		}
		given, err := grantOf(ctx, tx, opened.ID, account.Today(now))
		if err != nil {
			return err
		}
		joined.InviterLost = !given.InviterIsMainUser
		outcome, err := acceptInvitation(ctx, tx, hash, now, as, joined.InviterLost)
		if err != nil {
			return err
		}
		switch {
		case outcome.Member == nil && as.newcomer != nil:
			return errHasAccount() // made a moment ago
		case outcome.Member == nil:
			return errOtherPerson()
		}
		joined.Member, joined.Already = *outcome.Member, !*outcome.Joined
		from.Kind, from.ID = audit.Person, joined.Member
		if as.newcomer != nil {
			if err := audit.Record(ctx, tx, now, from, audit.Event{Action: "user.created", Object: joined.Member, Personal: []audit.Personal{
				{User: joined.Member, Values: map[string]any{"email": opened.Email, "firstName": as.firstName, "lastName": as.lastName}}}}); err != nil {
				return err
			}
		}
		from.Organization = opened.Organization.ID
		var got Permissions
		var numbers []account.ContractNumber
		if joined.Already {
			joined.InviterLost = false
		} else {
			got, numbers = given.rest(&joined)
			if err := giveMember(ctx, tx, joined.Member, got, account.IDs(numbers)); err != nil {
				return err
			}
			values := map[string]any{"userType": got.UserType, "permissions": got.Permissions, "contract_numbers": account.Numbers(numbers), "left_out": account.Numbers(joined.Numbers)}
			if joined.InviterLost {
				values["reason"] = "inviter_lost"
			}
			if err := audit.Record(ctx, tx, now, from, audit.Event{Action: "membership.created", Object: joined.Member,
				Personal: []audit.Personal{{User: joined.Member, Values: values}}}); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, now, from, audit.Event{Action: "invitation.accepted", Object: opened.ID,
			Personal: []audit.Personal{{User: joined.Member, Values: map[string]any{"email": opened.Email}}}})
	})
	return joined, err
}

// grant is what an invitation gives at the moment when it is accepted.
type grant struct {
	UserType          account.UserType
	Permissions       []account.Permission
	Numbers           []account.ContractNumber
	InviterIsMainUser bool
}

// rest gives what is left of it: nothing but membership if the inviter could no longer invite; else all but the numbers
// that the organisation no longer has.
func (g grant) rest(joined *Joined) (Permissions, []account.ContractNumber) {
	if joined.InviterLost {
		return Permissions{UserType: account.RegularUser}.normal(), nil
	}
	var numbers []account.ContractNumber
	for _, number := range g.Numbers {
		if number.Ended {
			joined.Numbers = append(joined.Numbers, number)
		} else {
			numbers = append(numbers, number)
		}
	}
	return Permissions{UserType: g.UserType, Permissions: g.Permissions}.normal(), numbers
}

// askedAgainAfter is how long the same person waits before they can ask for a new link once more.
const askedAgainAfter = 24 * time.Hour

// AskAgain lets somebody with a dead link ask for a new one: a mail to whoever invited, or, if they are no main user any
// more, to the organisation's. Within a day of the last time it does nothing more.
func (s *Invitations) AskAgain(ctx context.Context, token string, from audit.Who) error {
	opened, err := s.Open(ctx, token)
	if err != nil {
		return err
	}
	if opened.State == LinkHolds {
		return fault.New(fault.Conflict, "invitation.holds")
	}
	now := s.Now()
	return s.DB.InTx(ctx, postgres.Scope{Organization: opened.Organization.ID}, func(ctx context.Context, tx pgx.Tx) error {
		first, err := markAsked(ctx, tx, opened.ID, now, now.Add(-askedAgainAfter))
		if err != nil || !first {
			return err
		}
		from.Organization = opened.Organization.ID
		if err := audit.Record(ctx, tx, now, from, audit.Event{Action: "invitation.asked_again", Object: opened.ID,
			Personal: []audit.Personal{{Values: map[string]any{"email": opened.Email}}}}); err != nil {
			return err
		}
		answerers, err := answerersOf(ctx, tx, opened.ID)
		if err != nil {
			return err
		}
		path := s.InvitePath(opened.Organization.ID.String(), opened.Email)
		if slices.Contains([]LinkState{LinkExpired, LinkReplaced}, opened.State) {
			path = s.PendingPath(opened.Organization.ID.String(), opened.ID.String())
		}
		var letters []mail.Letter
		for _, main := range answerers {
			language, _ := i18n.Parse(main.Language)
			person, who := opened.Email, opened.Email
			if name := (account.User{FirstName: opened.FirstName, LastName: opened.LastName}).Name(); name != "" {
				person, who = name, name+" ("+opened.Email+")"
			}
			letters = append(letters, mail.Letter{Kind: "invitation_asked_again", To: main.Email, Name: main.Name(), Language: language, Path: path,
				About: []uuid.UUID{main.ID, opened.ID}, Args: []any{"person", person, "who", who, "organization", opened.Organization.Name}})
		}
		return s.Mail.Send(ctx, tx, letters...)
	})
}
