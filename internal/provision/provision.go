package provision

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/company"
	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
	"omapostipro/internal/organization"
)

var (
	businessID     = regexp.MustCompile(`^FI[0-9]{8}$`)
	contractNumber = regexp.MustCompile(`^[0-9]{6}$`)
)

// Service applies files.
type Service struct {
	accounts      *account.Service
	organizations *organization.Service
	companies     *company.Service
}

// NewService makes the service.
func NewService(accounts *account.Service, organizations *organization.Service, companies *company.Service) *Service {
	return &Service{accounts: accounts, organizations: organizations, companies: companies}
}

// Result tells what was changed, or would be.
type Result struct {
	Changed bool     `json:"changed"`
	DryRun  bool     `json:"dryRun"`
	Changes []string `json:"changes"`
	Notes   []string `json:"notes"`
}

// plan is what is left to do, found out before anything is done.
type plan struct {
	Result
	steps []func(context.Context) error
}

func (p *plan) change(step func(context.Context) error, format string, args ...any) {
	p.Changes = append(p.Changes, fmt.Sprintf(format, args...))
	p.steps = append(p.steps, step)
}

func (p *plan) note(format string, args ...any) {
	p.Notes = append(p.Notes, fmt.Sprintf(format, args...))
}

// Apply makes the organisation what the file says, and tells each change; a dry run only tells. A file with a mistake
// changes nothing. What fails half-way leaves what was done, and the next time goes on from there.
func (s *Service) Apply(ctx context.Context, content []byte, dryRun bool) (Result, error) {
	file, checked, err := read(content)
	if err != nil {
		return Result{}, err
	}
	a := &application{Service: s, file: file, checked: checked, operator: account.Actor{Kind: audit.Operator}, ids: map[string][]uuid.UUID{}}
	a.Result = Result{DryRun: dryRun, Changes: []string{}, Notes: []string{}}
	for _, find := range []func(context.Context) error{a.organization, a.contracts, a.users} {
		if err := find(ctx); err != nil {
			return Result{}, err
		}
	}
	a.Changed = len(a.Changes) > 0
	if dryRun {
		return a.Result, nil
	}
	for i, step := range a.steps {
		if err := step(ctx); err != nil {
			done := a.Result
			done.Changes, done.Changed = done.Changes[:i], i > 0
			return done, fmt.Errorf("%s: %w", a.Changes[i], err)
		}
	}
	return a.Result, nil
}

// application is one file on its way.
type application struct {
	*Service
	plan
	file      File
	checked   *checker
	operator  account.Actor
	exists    bool
	mainUsers int
	terms     []organization.Term
	ids       map[string][]uuid.UUID // of contract numbers, once they are there
}

func (a *application) organization(ctx context.Context) error {
	wanted := a.file.Organization
	found, err := a.organizations.ByBusinessID(ctx, a.operator, wanted.BusinessID)
	if fault.Is(err, fault.NotFound) {
		a.operator.Organization = account.Organization{Name: wanted.Name, BusinessID: wanted.BusinessID}
		if !company.CheckDigitFits(wanted.BusinessID) {
			a.note("the check digit of %s does not fit", wanted.BusinessID)
		}
		a.change(func(ctx context.Context) error {
			made, err := a.organizations.Create(ctx, a.operator, wanted.Name, wanted.BusinessID)
			a.operator.Organization = made
			return err
		}, "make the organisation %s", a.operator.Organization)
		return nil
	}
	if err != nil {
		return err
	}
	a.exists, a.mainUsers = true, found.MainUsers
	a.operator.Organization = account.Organization{ID: found.ID, Name: found.Name, BusinessID: found.BusinessID}
	if found.Name != wanted.Name {
		a.change(func(ctx context.Context) error {
			shown, err := a.companies.Get(ctx, a.operator)
			if err != nil {
				return err
			}
			renamed := shown
			renamed.Name = wanted.Name
			_, err = a.companies.Save(ctx, a.operator, shown, renamed)
			return err
		}, "rename %s to %s", found.Name, wanted.Name)
	}
	return nil
}

func (a *application) contracts(ctx context.Context) error {
	if a.exists {
		terms, err := a.organizations.Terms(ctx, a.operator)
		if err != nil {
			return err
		}
		a.terms = terms
	}
	for _, term := range a.terms {
		a.ids[term.Number] = append(a.ids[term.Number], term.ID)
	}
	numbers := make([]string, len(a.file.Contracts))
	for i, wanted := range a.file.Contracts {
		numbers[i] = wanted.Number
	}
	holdings, err := a.organizations.Holdings(ctx, a.operator, numbers)
	if err != nil {
		return err
	}
	for i, wanted := range a.file.Contracts {
		held := slices.IndexFunc(a.terms, func(t organization.Term) bool { return t.Kind == wanted.Kind && t.Number == wanted.Number })
		if held < 0 {
			a.free(i, wanted.term(), holdings)
			a.add(wanted)
			continue
		}
		term := a.terms[held]
		for _, later := range a.terms[held+1:] { // of several terms the last is meant
			if later.Kind == wanted.Kind && later.Number == wanted.Number {
				term = later
			}
		}
		if term.Holder != wanted.Holder || wanted.From != "" && wanted.From != term.From.Format(time.DateOnly) {
			a.note("%s %s is held by %s from %s on, and is left so", wanted.Kind, wanted.Number, term.Holder, term.From.Format(time.DateOnly))
		}
		if wanted.To == "" && term.To != nil {
			a.note("%s %s %s %s, and is left so: the file gives no last day", wanted.Kind, wanted.Number, ends(*term.To), term.To.Format(time.DateOnly))
		}
		if wanted.To != "" && (term.To == nil || wanted.To != term.To.Format(time.DateOnly)) {
			if term.To = lastDay(wanted); term.To.Before(term.From) {
				a.checked.wrong(fmt.Sprintf("$.contracts[%d].to", i), "to: the number is valid from %s on, and would end before it begins", term.From.Format(time.DateOnly))
			}
			a.free(i, term, holdings)
			a.end(wanted)
		}
	}
	return nil
}

// ends says of a last day whether it is over.
func ends(last time.Time) string {
	if last.Before(account.Today(time.Now())) {
		return "has ended on"
	}
	return "ends on"
}

// free notes at the number's line whose it is already on the days wanted, if it is somebody's.
func (a *application) free(i int, wanted organization.Term, holdings []organization.Holding) {
	for _, holding := range holdings {
		if holding.ID != wanted.ID && holding.Kind == wanted.Kind && holding.Number == wanted.Number && holding.Overlaps(wanted) {
			taken := holding.Taken(a.operator.Organization.ID).Message
			a.checked.wrong(fmt.Sprintf("$.contracts[%d].number", i), "number: %s", i18n.For(i18n.English).T(taken.Key, taken.Args...))
			return
		}
	}
}

// term gives the days that a new number is to have.
func (c Contract) term() organization.Term {
	term := organization.Term{Kind: c.Kind, Number: c.Number, Holder: c.Holder, From: account.Today(time.Now()), To: lastDay(c)}
	if c.From != "" {
		term.From = day(c.From)
	}
	return term
}

func lastDay(c Contract) *time.Time {
	if c.To == "" {
		return nil
	}
	last := day(c.To)
	return &last
}

func (a *application) add(wanted Contract) {
	term := wanted.term()
	if _, known := a.ids[wanted.Number]; !known {
		a.ids[wanted.Number] = nil // its id once it is there
	}
	a.change(func(ctx context.Context) error {
		id, err := a.organizations.AddTerm(ctx, a.operator, term)
		a.ids[wanted.Number] = append(a.ids[wanted.Number], id)
		return err
	}, "add the %s %s of %s from %s %s", wanted.Kind, wanted.Number, wanted.Holder, term.From.Format(time.DateOnly), until(wanted))
}

func until(c Contract) string {
	if c.To == "" {
		return "on"
	}
	return "to " + c.To
}

func (a *application) end(wanted Contract) {
	a.change(func(ctx context.Context) error {
		_, err := a.organizations.EndNumber(ctx, a.operator, wanted.Kind, wanted.Number, day(wanted.To))
		return err
	}, "let the %s %s end on %s", wanted.Kind, wanted.Number, wanted.To)
}

// day reads a day that was checked before.
func day(text string) time.Time {
	day, _ := time.Parse(time.DateOnly, text)
	return day
}

func (a *application) users(ctx context.Context) error {
	emails := make([]string, len(a.file.Users))
	for i, user := range a.file.Users {
		emails[i] = user.Email
		for j, number := range value(user.Numbers) {
			if _, known := a.ids[number]; !known {
				a.checked.wrong(fmt.Sprintf("$.users[%d].numbers[%d]", i, j), "numbers: the organisation does not have %q", number)
			}
		}
	}
	if err := errors.Join(a.checked.errors...); err != nil {
		return err
	}
	found, err := a.organizations.People(ctx, a.operator, emails)
	if err != nil {
		return err
	}
	people := map[string]organization.Enrolment{}
	for _, person := range found {
		people[person.EmailKey] = person
	}
	// Who becomes a main user comes first: the organisation keeps one all the time.
	users := slices.Clone(a.file.Users)
	slices.SortStableFunc(users, func(x, y User) int { return strings.Compare(string(x.Type), string(y.Type)) })
	mainUsers := a.mainUsers
	for _, user := range users {
		person, there := people[account.EmailKey(user.Email)]
		if person.UserType == account.MainUser {
			mainUsers--
		}
		if user.Type == account.MainUser {
			mainUsers++
		}
		a.user(user, person, there)
	}
	if a.mainUsers > 0 && mainUsers == 0 {
		return fault.New(fault.Conflict, "edit.last_main_user", "organization", a.operator.Organization.Name)
	}
	return nil
}

func (a *application) user(user User, person organization.Enrolment, there bool) {
	id := person.ID
	if !there {
		a.note("nobody can log in as %s yet: portal user set-password gives a password", user.Email)
		a.change(func(ctx context.Context) error {
			var err error
			id, err = a.accounts.CreateUser(ctx, a.operator, account.User{Email: user.Email, FirstName: user.FirstName, LastName: user.LastName, Phone: user.Phone, Language: user.Language}, "")
			return err
		}, "make an account for %s", user.Email)
	}
	if differences := a.differences(user, person); len(differences) > 0 {
		a.change(func(ctx context.Context) error {
			var numbers []uuid.UUID
			if user.Numbers != nil {
				numbers = []uuid.UUID{}
				for _, number := range *user.Numbers {
					numbers = append(numbers, a.ids[number]...)
				}
			}
			_, err := a.organizations.SetMember(ctx, a.operator, id, organization.Permissions{UserType: user.Type, Permissions: user.Permissions}, numbers)
			return err
		}, "%s: %s", user.Email, strings.Join(differences, "; "))
	}
}

// differences tells what of a membership is not as the file says.
func (a *application) differences(user User, person organization.Enrolment) []string {
	var found []string
	switch person.UserType {
	case user.Type:
	case "":
		found = append(found, "joins as "+string(user.Type))
	default:
		found = append(found, fmt.Sprintf("becomes %s, was %s", user.Type, person.UserType))
	}
	for _, permission := range account.Permissions() {
		wanted, has := slices.Contains(user.Permissions, permission), slices.Contains(person.Permissions, permission)
		if wanted && !has {
			found = append(found, "gets "+string(permission))
		}
		if has && !wanted {
			found = append(found, "loses "+string(permission))
		}
	}
	if user.Numbers == nil {
		return found
	}
	held := map[string]bool{}
	for number, ids := range a.ids {
		held[number] = len(ids) > 0 && !slices.ContainsFunc(ids, func(id uuid.UUID) bool { return !slices.Contains(person.Numbers, id) })
	}
	var gained, lost []string
	for _, number := range *user.Numbers {
		if !held[number] && !slices.Contains(gained, number) {
			gained = append(gained, number)
		}
	}
	for number, ids := range a.ids {
		some := slices.ContainsFunc(ids, func(id uuid.UUID) bool { return slices.Contains(person.Numbers, id) })
		if some && !slices.Contains(*user.Numbers, number) {
			lost = append(lost, number)
		}
	}
	slices.Sort(lost)
	for _, number := range gained {
		found = append(found, "is assigned "+number)
	}
	for _, number := range lost {
		found = append(found, "is no longer assigned "+number)
	}
	return found
}

func value(list *[]string) []string {
	if list == nil {
		return nil
	}
	return *list
}
