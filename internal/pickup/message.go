package pickup

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/postgres"
	"omapostipro/internal/shipment"
)

// Message is a message that orders pickups of shipments, all or none. Its hash tells it from others: one that comes again
// while what it has ordered is not cancelled orders nothing more.
type Message struct {
	Hash      [32]byte
	Shipments []Paid
}

// Paid is a shipment that is to be fetched, and the number of the contract that pays for it. Where that is the carrier's
// number of a customer, of which none are known here, the contract pays that what is fetched was sent under.
type Paid struct {
	Contract  string
	SentUnder string                    // "" where Contract is a contract's number
	Named     func(field string) string // what the message calls a field of Wanted
	Wanted
}

// number gives what the shipment is called; "" where it has no number.
func (p Paid) number() string {
	if len(p.Numbers) == 0 {
		return ""
	}
	return p.Numbers[0]
}

// Check gives all that is wrong with a message that comes now.
func (m Message) Check(now time.Time) []shipment.Problem {
	var problems []shipment.Problem
	for i, sent := range m.Shipments {
		problems = append(problems, sent.Check(now, sent.Named)...)
		if number := sent.number(); number != "" && slices.ContainsFunc(m.Shipments[:i], func(other Paid) bool { return other.number() == number }) {
			problems = append(problems, givenTwice(sent.Named(fieldNumbers)))
		}
	}
	return problems
}

// pickups gives what is ordered: shipments that are fetched at one place, in the same hours and with the same words, are one
// pickup. Of types of packages there are as many as a pickup can have.
func (m Message) pickups() []Paid {
	var all []Paid
	for _, sent := range m.Shipments {
		i := slices.IndexFunc(all, func(other Paid) bool {
			return other.Contract == sent.Contract && other.SentUnder == sent.SentUnder && other.Earliest.Equal(sent.Earliest) && other.Latest.Equal(sent.Latest) &&
				other.Instructions == sent.Instructions && other.Address == sent.Address
		})
		if i < 0 {
			all = append(all, sent)
			continue
		}
		same := &all[i]
		same.Packages = min(same.Packages+sent.Packages, MaxPackages)
		if both := Joined(same.PackageType, sent.PackageType); utf8.RuneCountInString(both) <= MaxNumberLength {
			same.PackageType = both
		}
		same.Numbers, same.Told = append(slices.Clip(same.Numbers), sent.Numbers...), append(slices.Clip(same.Told), sent.Told...)
	}
	return all
}

// Joined gives the words of both texts, each once.
func Joined(text, more string) string {
	words := strings.Fields(text)
	for word := range strings.FieldsSeq(more) {
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

// part is where in a message a pickup stands.
type part struct {
	hash [32]byte
	i    int
}

// OrderMessage orders what a message says, and gives how many pickups that are. A contract number that is not the actor's is
// refused with ErrContract, and whatever else is wrong with a *shipment.Refused.
func (s *Service) OrderMessage(ctx context.Context, actor account.Actor, message Message) (int, error) {
	wanted := message.pickups()
	contracts := make([]account.ContractNumber, len(wanted))
	for i, of := range wanted {
		contract, may := payer(actor, of.Contract)
		if !may {
			contract, may = payer(actor, of.SentUnder)
		}
		if !may {
			return 0, fmt.Errorf("%w: %s", ErrContract, shipment.Quote(of.Contract))
		}
		contracts[i] = contract
	}
	problems := message.Check(s.now())
	known, refused, err := s.notFetched(ctx, actor, message)
	if err != nil || known {
		return len(wanted), err
	}
	if problems = append(problems, refused...); len(problems) > 0 {
		return 0, &shipment.Refused{Problems: problems}
	}
	err = s.db.Write(ctx, actor.Scope(), func(b *pgx.Batch) error {
		for i := range wanted {
			of := &part{message.Hash, i}
			made, err := s.made(actor, contracts[i], wanted[i].Wanted, of)
			if err != nil {
				return err
			}
			if err := queue(b, actor, contracts[i], made, of); err != nil {
				return err
			}
		}
		return nil
	})
	switch postgres.Constraint(err) {
	case constraintMessageOnce:
		return len(wanted), nil
	case constraintTaken:
		return s.OrderMessage(ctx, actor, message)
	}
	return len(wanted), err
}

// notFetched gives which of a message's shipments cannot be fetched, or that the message is known. Numbers that are not
// known here may be of another system.
func (s *Service) notFetched(ctx context.Context, actor account.Actor, message Message) (known bool, refused []shipment.Problem, err error) {
	var parcels []parcelRow
	var before *struct{ Known bool }
	numbers := make([]string, len(message.Shipments))
	for i, sent := range message.Shipments {
		numbers[i] = sent.number()
	}
	err = s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) {
		postgres.Row(b, &before, selectMessageKnown, message.Hash[:])
		s.queueParcels(b, &parcels, actor, numbers)
	})
	for i, number := range numbers {
		at := slices.IndexFunc(parcels, func(p parcelRow) bool { return p.TrackingNumber == number })
		if at < 0 {
			continue
		}
		if problem, is := parcels[at].refusal(message.Shipments[i].Named(fieldNumbers)); is {
			refused = append(refused, problem)
		}
	}
	return before != nil, refused, err
}
