package organization

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/fault"
)

// How many people can be changed at once.
const (
	MaxChosen   = 200  // who are chosen one by one: the address of a selection names them
	MaxMatching = 5000 // whom a filter lets through
)

// Deed is a kind of change to several people at once.
type Deed string

// The deeds.
const (
	GivePermission Deed = "give"
	TakePermission Deed = "take"
	AssignNumber   Deed = "assign"
	WithdrawNumber Deed = "withdraw"
	EndMembership  Deed = "end"
)

// Change is what is to be done to several people.
type Change struct {
	Deed       Deed
	Permission account.Permission // to give or take
	Number     uuid.UUID          // to assign or withdraw
}

// check refuses a change that there is not; numbers are the organisation's.
func (c Change) check(numbers []account.ContractNumber) error {
	known := false
	switch c.Deed {
	case GivePermission, TakePermission:
		known = c.Permission.Known()
	case AssignNumber, WithdrawNumber:
		known = slices.ContainsFunc(numbers, func(n account.ContractNumber) bool {
			return n.ID == c.Number && (c.Deed == WithdrawNumber || !n.Ended)
		})
	case EndMembership:
		known = true
	}
	if !known {
		return fault.New(fault.Invalid, "form.invalid").At("change", "selection.choose_change")
	}
	return nil
}

// Obstacle is why a change does nothing to somebody.
type Obstacle string

// The obstacles; there is none for who is changed.
const (
	NoObstacle   Obstacle = ""
	HasAlready   Obstacle = "has_already"
	HasNot       Obstacle = "has_not"
	WouldLack    Obstacle = "would_lack" // a permission would be without the numbers that it needs
	IsOneself    Obstacle = "is_oneself" // nobody removes themselves along with others
	IsLast       Obstacle = "is_last"    // main user
	IsNoLongerIn Obstacle = "is_no_longer_in"
)

// Member is somebody to whom a change would be done.
type Member struct {
	Person
	Ended       bool // is a member no longer
	Permissions []account.Permission
	Numbers     []account.ContractNumber
}

// Concerned is what a change means for somebody.
type Concerned struct {
	Member
	Obstacle Obstacle
	Lacking  []account.Permission // that would be without the numbers that they need
}

// Version tells what somebody is and holds, so that it can be seen whether that has changed since it was shown.
func (m Member) Version() string {
	sum := fnv.New64a()
	ids := make([]string, len(m.Numbers))
	for i, number := range m.Numbers {
		ids[i] = number.ID.String()
	}
	slices.Sort(ids)
	_, _ = fmt.Fprint(sum, m.Ended, m.UserType, Permissions{Permissions: m.Permissions}.normal().Permissions, ids) // a hash takes every byte
	return fmt.Sprintf("%016x", sum.Sum64())
}

func (m Member) role() Permissions {
	return Permissions{UserType: m.UserType, Permissions: m.Permissions}.normal()
}

// Plan is what a change would do to each of those who are chosen.
type Plan struct {
	Change  Change
	People  []Concerned              // sorted by name
	Numbers []account.ContractNumber // the organisation's
}

// Number gives the number that the change is about.
func (p Plan) Number() account.ContractNumber {
	for _, number := range p.Numbers {
		if number.ID == p.Change.Number {
			return number
		}
	}
	return account.ContractNumber{}
}

// Changed gives those to whom something would be done.
func (p Plan) Changed() []Concerned {
	return p.with(func(c Concerned) bool { return c.Obstacle == NoObstacle })
}

// Unchanged gives the others.
func (p Plan) Unchanged() []Concerned {
	return p.with(func(c Concerned) bool { return c.Obstacle != NoObstacle })
}

func (p Plan) with(belongs func(Concerned) bool) []Concerned {
	var some []Concerned
	for _, concerned := range p.People {
		if belongs(concerned) {
			some = append(some, concerned)
		}
	}
	return some
}

// Shown is somebody whom a preview said to be changed, as it showed them.
type Shown struct {
	Person  uuid.UUID
	Version string
}

// Version tells to whom a plan does something and what they are and hold, so that it can be seen whether that has changed
// since it was shown.
func (p Plan) Version() string {
	sum := fnv.New64a()
	changed := p.Changed()
	slices.SortFunc(changed, func(a, b Concerned) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	for _, concerned := range changed {
		_, _ = fmt.Fprint(sum, concerned.ID, concerned.Version()) // a hash takes every byte
	}
	return fmt.Sprintf("%016x", sum.Sum64())
}

// PlanChanged says that somebody is no longer as the preview showed them. Nothing was done; it tells what the change
// would do now, and to whom something has happened.
type PlanChanged struct {
	*fault.Fault
	Plan  Plan
	Other []Concerned
}

func (c *PlanChanged) Unwrap() error { return c.Fault }

// compare says who of those whom a preview showed is not to be changed any more, or has been changed since.
func (p Plan) compare(shown []Shown) error {
	versions := make(map[uuid.UUID]string, len(shown))
	for _, s := range shown {
		versions[s.Person] = s.Version
	}
	var other []Concerned
	for _, concerned := range p.People {
		if concerned.Obstacle != NoObstacle || concerned.Version() != versions[concerned.ID] {
			other = append(other, concerned)
		}
	}
	if len(other) == 0 {
		return nil
	}
	return &PlanChanged{Fault: fault.New(fault.Conflict, "selection.changed"), Plan: p, Other: other}
}

// plan works out what a change does to each. mainUsers is how many the organisation has.
func plan(change Change, actor account.Actor, members []Member, numbers []account.ContractNumber, mainUsers int) Plan {
	p := Plan{Change: change, Numbers: numbers}
	for _, member := range members {
		concerned := Concerned{Member: member}
		switch {
		case member.Ended:
			concerned.Obstacle = IsNoLongerIn
		case change.Deed == EndMembership:
			concerned.Obstacle = removal(member, actor, mainUsers)
			if concerned.Obstacle == NoObstacle && member.UserType == account.MainUser {
				mainUsers--
			}
		default:
			concerned.Obstacle, concerned.Lacking = rights(change, member, p.Number())
		}
		p.People = append(p.People, concerned)
	}
	return p
}

func removal(member Member, actor account.Actor, mainUsers int) Obstacle {
	switch {
	case member.ID == actor.ID:
		return IsOneself
	case member.UserType == account.MainUser && mainUsers <= 1:
		return IsLast
	default:
		return NoObstacle
	}
}

// rights says what is in the way of giving or taking a right: above all, that no permission that is in force may be left
// without its numbers, and that none is given without them.
func rights(change Change, member Member, number account.ContractNumber) (Obstacle, []account.Permission) {
	has := slices.Contains(member.Permissions, change.Permission)
	if change.Deed == AssignNumber || change.Deed == WithdrawNumber {
		has = slices.ContainsFunc(member.Numbers, func(n account.ContractNumber) bool { return n.ID == change.Number })
	}
	gives := change.Deed == GivePermission || change.Deed == AssignNumber
	switch {
	case gives && has:
		return HasAlready, nil
	case !gives && !has:
		return HasNot, nil
	}
	var lacking []account.Permission
	if change.Deed == GivePermission && !change.Permission.InForce(member.Numbers) {
		lacking = append(lacking, change.Permission)
	}
	if change.Deed == WithdrawNumber {
		rest := slices.DeleteFunc(slices.Clone(member.Numbers), func(n account.ContractNumber) bool { return n.ID == number.ID })
		for _, permission := range member.role().Permissions {
			if permission.InForce(member.Numbers) && !permission.InForce(rest) {
				lacking = append(lacking, permission)
			}
		}
	}
	if len(lacking) > 0 {
		return WouldLack, lacking
	}
	return NoObstacle, nil
}
