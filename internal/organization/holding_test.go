package organization_test

import (
	"sync"
	"testing"
	"time"

	"omapostipro/internal/account"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/fault"
	"omapostipro/internal/organization"
	"omapostipro/internal/postgres"
)

func day(text string) time.Time {
	parsed, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return parsed
}

func TestANumberIsOneOrganizationsADay(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	organizations := organization.NewService(d.System, d.Clock.Now)
	example, other := d.Operator(t, demotest.ExampleOy), d.Operator(t, demotest.Testbolaget)
	add := func(operator account.Actor, from string) error {
		_, err := organizations.AddNumber(t.Context(), operator, account.LogisticsContract, "777001", "x", day(from))
		return err
	}
	end := func(operator account.Actor, last string) error {
		_, err := organizations.EndNumber(t.Context(), operator, account.LogisticsContract, "777001", day(last))
		return err
	}
	for _, step := range []struct {
		what string
		err  error
		key  string
	}{
		{"the first", add(example, "2026-01-01"), ""},
		{"again", add(example, "2027-01-01"), "contract.exists"},
		{"another's", add(other, "2027-01-01"), "contract.held"},
		{"an end", end(example, "2028-12-31"), ""},
		{"another's until then", add(other, "2027-01-01"), "contract.held_until"},
		{"another's on the last day", add(other, "2028-12-31"), "contract.held_until"},
		{"again until then", add(example, "2028-12-31"), "contract.exists_until"},
		{"another's afterwards", add(other, "2029-01-01"), ""},
		{"a later end", end(example, "2029-01-01"), "contract.held"},
		{"an earlier end", end(example, "2028-12-30"), ""},
		{"an end before the beginning", end(other, "2028-12-30"), "form.invalid"},
	} {
		key := ""
		if f, ok := step.err.(*fault.Fault); ok { //nolint:errorlint // services give faults as they are
			key = f.Message.Key
		} else if step.err != nil {
			t.Error(step.what, step.err)
		}
		if key != step.key {
			t.Errorf("%s: %q instead of %q", step.what, key, step.key)
		}
	}
	// The database holds it too, whoever writes.
	err := d.System.Exec(t.Context(), `insert into contract_numbers (id, organization_id, kind, number, holder, valid_from, created_at)
		values (gen_random_uuid(), $1, 'logistics_contract', '777001', 'x', '2026-05-01', now())`, other.Organization.ID)
	if got := postgres.Constraint(err); got != "contract_number_one_holder_a_day" {
		t.Errorf("%q %v", got, err)
	}
	holdings, err := organizations.Holdings(t.Context(), example, []string{"777001"})
	if err != nil || len(holdings) != 2 || holdings[1].Organization != other.Organization {
		t.Errorf("%+v %v", holdings, err)
	}
}

func TestOfTwoWhoAreGivenANumberAtOnceOneGetsIt(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	organizations := organization.NewService(demotest.Open(t, d.AdminURL, postgres.Options{MaxConns: 4, Role: "portal_system"}), d.Clock.Now)
	actors := []account.Actor{d.Operator(t, demotest.ExampleOy), d.Operator(t, demotest.Testbolaget)}
	failures := make([]error, len(actors))
	var wg sync.WaitGroup
	for i, operator := range actors {
		wg.Go(func() {
			_, failures[i] = organizations.AddTerm(t.Context(), operator, organization.Term{Kind: account.CustomerNumber, Number: "777002", Holder: "x", From: day("2026-01-01"), To: new(day("2027-01-01"))})
		})
	}
	wg.Wait()
	if (failures[0] == nil) == (failures[1] == nil) || !fault.Is(failures[0], fault.Conflict) && !fault.Is(failures[1], fault.Conflict) {
		t.Errorf("%v, %v", failures[0], failures[1])
	}
}
