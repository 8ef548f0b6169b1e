package provision_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"omapostipro/internal/account"
	"omapostipro/internal/company"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/fault"
	"omapostipro/internal/organization"
	"omapostipro/internal/provision"
)

func service(t *testing.T) (*demotest.Data, func(content string, dry bool) (provision.Result, error)) {
	t.Helper()
	d := demotest.New(t)
	s := provision.NewService(account.NewService(d.System, d.Clock.Now), organization.NewService(d.System, d.Clock.Now), company.NewService(d.System, d.Clock.Now))
	return d, func(content string, dry bool) (provision.Result, error) {
		return s.Apply(t.Context(), []byte(content), dry)
	}
}

func TestAFileIsAppliedOnce(t *testing.T) {
	t.Parallel()
	d, apply := service(t)
	content, err := os.ReadFile("testdata/organization.yaml")
	if err != nil {
		t.Fatal(err)
	}
	events := func() int { return demotest.Value[int](t, d.System, "select count(*) from audit_events") }
	before := events()
	planned, err := apply(string(content), true)
	if err != nil || !planned.Changed || len(planned.Changes) != 7 || events() != before {
		t.Fatalf("%+v %v", planned, err)
	}
	done, err := apply(string(content), false)
	if diff := cmp.Diff(planned.Changes, done.Changes); diff != "" || err != nil || events() != before+7 {
		t.Errorf("%d events; %v %s", events()-before, err, diff)
	}
	if operators := demotest.Value[int](t, d.System, `select count(*) from audit_events e join organizations o on o.id = e.organization_id
		where o.business_id = 'FI98765432' and actor_kind <> 'operator'`); operators != 0 {
		t.Errorf("%d events are somebody else's", operators)
	}
	again, err := apply(string(content), false)
	if err != nil || again.Changed || len(again.Changes) != 0 || events() != before+7 {
		t.Errorf("again: %+v %v", again, err)
	}
	anna := d.Actor(t, "anna.ek@example.com", "FI98765432")
	if language := demotest.Value[string](t, d.System, "select language from users where email_key = 'anna.ek@example.com'"); language != "fi" {
		t.Errorf("Anna is written to in %s", language)
	}
	if anna.UserType != account.MainUser || len(anna.Permissions) != 5 || len(anna.Numbers) != 2 {
		t.Errorf("%+v", anna)
	}
}

func TestDifferencesAreMadeGood(t *testing.T) {
	t.Parallel()
	d, apply := service(t)
	content := `
organization: {businessId: 1234567-8, name: Exempel Oy}
contracts:
  - {kind: logistics_contract, number: 654321, holder: Example Oy, to: 2099-12-31}
users:
  - {email: MAIN.USER@example.com, type: user, permissions: [track_shipments], numbers: [654321]}
  - {email: plain.user@example.com, type: main_user, permissions: [manage_integrations]}
`
	done, err := apply(content, false)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"rename Example Oy to Exempel Oy", "let the logistics_contract 654321 end on 2099-12-31",
		"plain.user@example.com: becomes main_user, was user; loses create_shipments; loses track_shipments; gets manage_integrations",
		"MAIN.USER@example.com: becomes user, was main_user; loses create_shipments; loses view_reports; loses manage_company_account; loses manage_integrations; is no longer assigned 876543",
	}, done.Changes); diff != "" {
		t.Error(diff)
	}
	if again, err := apply(content, false); err != nil || again.Changed {
		t.Errorf("again: %+v %v", again, err)
	}
	if plain := d.Actor(t, demotest.PlainUser, demotest.ExampleOy); len(plain.Numbers) != 1 {
		t.Errorf("numbers that are not named are not left: %+v", plain.Numbers)
	}
	// Somebody who left comes back; the last main user stays.
	d.Leave(t, demotest.Both, demotest.ExampleOy)
	if _, err := apply("organization: {businessId: FI12345678, name: Exempel Oy}\nusers: [{email: both@example.com, permissions: [view_reports]}]", false); err != nil {
		t.Error(err)
	}
	if both := d.Actor(t, demotest.Both, demotest.ExampleOy); len(both.Permissions) != 1 || both.UserType != account.RegularUser {
		t.Errorf("%+v", both)
	}
	if _, err := apply("organization: {businessId: FI23456780, name: Testbolaget Ab}\nusers: [{email: both@example.com}, {email: main.user@test.example}]", true); !fault.Is(err, fault.Conflict) {
		t.Errorf("without a main user: %v", err)
	}
}

func TestAFileWithAMistakeChangesNothing(t *testing.T) {
	t.Parallel()
	_, apply := service(t)
	const head = "organization:\n  businessId: FI12345678\n  name: Example Oy\n"
	for content, words := range map[string]string{
		head + "colour: red\n": "line 4: unknown field \"colour\"",
		head + "users:\n  - email: a@example.com\n    colour: red\n": "line 6: unknown field \"colour\"",
		head + "users: [\n":                  "line 4: ",
		head + "organization:\n  name: x\n":  "line 4: ",
		head + "users:\n  - email: nobody\n": "line 5: email: Write an e-mail address",
		head + "users:\n  - email: a@example.com\n    permissions:\n      - fly\n":                                    "line 7: permissions: there is no permission \"fly\"",
		head + "users:\n  - email: a@example.com\n    numbers:\n      - \"999999\"\n":                                 "line 7: numbers: the organisation does not have \"999999\"",
		head + "contracts:\n  - kind: x\n    number: \"700001\"\n":                                                    "line 5: kind: Choose",
		head + "contracts:\n  - kind: customer_number\n    number: \"70000\"\n":                                       "line 6: number: Write the contract number",
		head + "contracts:\n  - kind: customer_number\n    number: \"700001\"\n    from: 2026-02-30\n":                "line 7: from: \"2026-02-30\" is not a day",
		head + "contracts:\n  - {kind: customer_number, number: \"700001\", from: 2026-02-02, to: 2026-02-01}\n":      "line 5: to: the number would end",
		head + "users:\n  - email: a@example.com\n  - email: A@example.com\n":                                         "line 6: email: A@example.com stands twice",
		head + "contracts:\n  - kind: logistics_contract\n    number: \"600123\"\n":                                   "line 6: number: Testbolaget Ab (FI23456780) has 600123, from ",
		head + "contracts:\n  - kind: logistics_contract\n    number: \"654321\"\n    to: 2000-01-01\n":               "line 7: to: the number is valid from ",
		head + "users:\n  - email: a@example.com\n    language: de\n":                                                 "line 6: language: Write sv, fi or en.",
		head + "contracts:\n  - kind: customer_number\n    number: \"700001\"\n    from: 2026-02-30\n    to: never\n": "line 7: from: \"2026-02-30\" is not a day as 2026-12-31\nline 8: to: \"never\"",
		head + "---\n" + head: "2 documents",
		"":                    "businessId",
		"organization: 1":     "line 1: ",
		"x":                   "line 1: ",
	} {
		for _, dry := range []bool{true, false} {
			if _, err := apply(content, dry); err == nil || !strings.Contains(err.Error(), words) {
				t.Errorf("%q: %v, want %q", content, err, words)
			}
		}
	}
}
