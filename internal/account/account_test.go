package account_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/fault"
)

var (
	customerNumber = account.ContractNumber{ID: uuid.UUID{1}, Kind: account.CustomerNumber, Number: "123456"}
	logistics      = account.ContractNumber{ID: uuid.UUID{2}, Kind: account.LogisticsContract, Number: "654321"}
	freight        = account.ContractNumber{ID: uuid.UUID{3}, Kind: account.FreightTransportCode, Number: "876543"}
	ended          = account.ContractNumber{ID: uuid.UUID{4}, Kind: account.LogisticsContract, Number: "654300", Ended: true}
)

// The table under "Page 1" of the manual.
func TestPermissionsAreInForceWithTheirNumbers(t *testing.T) {
	with := []struct {
		name    string
		numbers []account.ContractNumber
	}{
		{"nothing", nil}, {"a customer number", []account.ContractNumber{customerNumber}}, {"a logistics contract", []account.ContractNumber{logistics}},
		{"a freight transport code", []account.ContractNumber{freight}}, {"an ended logistics contract", []account.ContractNumber{ended}},
	}
	for _, test := range []struct {
		permission account.Permission
		inForce    [5]bool // with each of the above
	}{
		{account.CreateShipments, [5]bool{false, false, true, true, false}},
		{account.TrackShipments, [5]bool{false, false, true, true, false}},
		{account.ViewReports, [5]bool{false, true, true, true, false}},
		{account.ManageCompanyAccount, [5]bool{true, true, true, true, true}},
		{account.ManageIntegrations, [5]bool{true, true, true, true, true}},
	} {
		for i, w := range with {
			if got := test.permission.InForce(w.numbers); got != test.inForce[i] {
				t.Errorf("%s with %s: in force is %t, want %t", test.permission, w.name, got, test.inForce[i])
			}
			actor := account.Actor{Kind: audit.Person, Permissions: []account.Permission{test.permission}, Numbers: w.numbers}
			if got := actor.Holds(test.permission); got != test.inForce[i] {
				t.Errorf("somebody with %s and %s holds it: %t, want %t", test.permission, w.name, got, test.inForce[i])
			}
		}
		if (account.Actor{Kind: audit.Person, Numbers: []account.ContractNumber{customerNumber, logistics, freight}}).Holds(test.permission) {
			t.Errorf("%s is held by somebody to whom it was not given", test.permission)
		}
	}
}

func TestActorPredicates(t *testing.T) {
	person := func(userType account.UserType, permissions []account.Permission, numbers ...account.ContractNumber) account.Actor {
		return account.Actor{Kind: audit.Person, ID: uuid.UUID{9}, UserType: userType, Permissions: permissions, Numbers: numbers}
	}
	integrations := []account.Permission{account.ManageIntegrations}
	allButIntegrations := []account.Permission{account.CreateShipments, account.TrackShipments, account.ViewReports, account.ManageCompanyAccount}
	for _, test := range []struct {
		name                       string
		actor                      account.Actor
		managesUsers, sees, manage bool
		create                     string // the catalogue key of the refusal; "" for none
	}{
		{"nobody", account.Actor{}, false, false, false, "keys.needs_permission"},
		{"plain user", person(account.RegularUser, allButIntegrations, logistics), false, false, false, "keys.needs_permission"},
		{"user with Hantera integrationer", person(account.RegularUser, integrations, logistics), false, true, false, "keys.needs_main_user"},
		{"main user without it", person(account.MainUser, allButIntegrations, logistics), true, false, false, "keys.needs_permission"},
		{"main user with it, without numbers", person(account.MainUser, integrations), true, true, true, "keys.needs_contract"},
		{"main user with it and a customer number", person(account.MainUser, integrations, customerNumber), true, true, true, "keys.needs_contract"},
		{"main user with it and a freight transport code", person(account.MainUser, integrations, freight), true, true, true, "keys.needs_contract"},
		{"main user with it and a logistics contract", person(account.MainUser, integrations, logistics), true, true, true, ""},
		{"key", account.Actor{Kind: audit.Key, UserType: account.MainUser, Permissions: account.Permissions(), Numbers: []account.ContractNumber{logistics}},
			false, false, false, "keys.needs_permission"},
		{"operator", account.Actor{Kind: audit.Operator}, true, false, false, "keys.needs_permission"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.actor.ManagesUsers(); got != test.managesUsers {
				t.Errorf("manages users: %t", got)
			}
			if got := test.actor.SeesIntegrations(); got != test.sees {
				t.Errorf("sees integrations: %t", got)
			}
			if got := test.actor.MayManageKeys(); got != test.manage {
				t.Errorf("may manage keys: %t", got)
			}
			if err := test.actor.MayCreateKeys(); test.create == "" && err != nil {
				t.Errorf("may not create keys: %v", err)
			} else if test.create != "" {
				wantFault(t, err, fault.Forbidden, test.create)
			}
		})
	}
}

func TestWhoSeesAndCancelsPickups(t *testing.T) {
	logisticsOnly := []account.ContractNumber{logistics}
	for name, test := range map[string]struct {
		actor          account.Actor
		sees, mayOrder bool
	}{
		"nobody":                         {account.Actor{}, false, false},
		"who ships":                      {account.Actor{Kind: audit.Person, Permissions: []account.Permission{account.CreateShipments}, Numbers: logisticsOnly}, true, true},
		"who would ship, with no number": {account.Actor{Kind: audit.Person, Permissions: []account.Permission{account.CreateShipments}, Numbers: []account.ContractNumber{customerNumber}}, false, false},
		"who follows":                    {account.Actor{Kind: audit.Person, Permissions: []account.Permission{account.TrackShipments}, Numbers: logisticsOnly}, false, false},
		"who manages integrations":       {account.Actor{Kind: audit.Person, Permissions: []account.Permission{account.ManageIntegrations}}, true, false},
		"a key":                          {account.Actor{Kind: audit.Key, Numbers: logisticsOnly}, true, true},
		"an application account":         {account.Actor{Kind: audit.Application, Numbers: logisticsOnly}, true, true},
		"the operator":                   {account.Actor{Kind: audit.Operator}, false, false},
	} {
		if test.actor.SeesPickups() != test.sees || test.actor.MayOrderPickups() != test.mayOrder {
			t.Errorf("%s sees them: %t, may order and cancel: %t", name, test.actor.SeesPickups(), test.actor.MayOrderPickups())
		}
	}
}

func wantFault(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	f, ok := errors.AsType[*fault.Fault](err)
	if !ok || f.Kind != kind || f.Message.Key != key {
		t.Errorf("error is %v, want %s: %s", err, kind, key)
	}
}

func TestNumbersOfKinds(t *testing.T) {
	actor := account.Actor{Numbers: []account.ContractNumber{customerNumber, logistics, freight}}
	if got := actor.NumbersOf(account.FreightTransportCode, account.LogisticsContract); !slices.Equal(got, []account.ContractNumber{freight, logistics}) {
		t.Errorf("numbers are %v", got)
	}
	if got := actor.NumbersOf(); got != nil {
		t.Errorf("numbers of no kind are %v", got)
	}
}

func TestHomeIsTheOrganizationLastUsed(t *testing.T) {
	first, second := account.Membership{Organization: account.Organization{ID: uuid.UUID{1}}}, account.Membership{Organization: account.Organization{ID: uuid.UUID{2}}}
	for _, test := range []struct {
		name     string
		identity account.Identity
		want     uuid.UUID
		belongs  bool
	}{
		{"before the first time", account.Identity{Memberships: []account.Membership{first, second}}, first.ID, true},
		{"last in the second", account.Identity{Memberships: []account.Membership{first, second}, LastOrganization: second.ID}, second.ID, true},
		{"last in one that was left", account.Identity{Memberships: []account.Membership{first}, LastOrganization: second.ID}, first.ID, true},
		{"belongs to none", account.Identity{LastOrganization: second.ID}, uuid.Nil, false},
	} {
		got, belongs := test.identity.Home()
		if got.ID != test.want || belongs != test.belongs {
			t.Errorf("%s: starts in %s, %t; want %s, %t", test.name, got.ID, belongs, test.want, test.belongs)
		}
	}
}

func TestIdentityActsWhereItBelongs(t *testing.T) {
	identity := account.Identity{User: account.User{ID: uuid.UUID{7}}, Numbers: []account.ContractNumber{logistics},
		Memberships: []account.Membership{{Organization: account.Organization{ID: uuid.UUID{1}, Name: "Example Oy", BusinessID: "FI12345678"},
			UserType: account.MainUser, Permissions: []account.Permission{account.ViewReports}}}}
	actor, belongs := identity.Actor(uuid.UUID{1}, "request", "192.0.2.1")
	if !belongs || actor.Kind != audit.Person || actor.ID != identity.ID || actor.UserType != account.MainUser || !actor.Holds(account.ViewReports) ||
		actor.Organization.String() != "Example Oy (FI12345678)" {
		t.Errorf("actor is %+v, %t", actor, belongs)
	}
	if who := actor.Who(); who != (audit.Who{Kind: audit.Person, ID: uuid.UUID{7}, Organization: uuid.UUID{1}, RequestID: "request", Address: "192.0.2.1"}) {
		t.Errorf("events name %+v", who)
	}
	for _, elsewhere := range []uuid.UUID{{2}, uuid.Nil} {
		if actor, belongs := identity.Actor(elsewhere, "", ""); belongs || actor.ID != uuid.Nil {
			t.Errorf("acts in %s: %+v", elsewhere, actor)
		}
	}
}

func TestCheckLine(t *testing.T) {
	for _, test := range []struct {
		text     string
		required bool
		want     string
		fault    string
	}{
		{"Ny nyckel", true, "Ny nyckel", ""},
		{" \u00a0 Åsa \t", true, "Åsa", ""},
		{"", false, "", ""},
		{"", true, "", "form.required"},
		{" \n ", true, "", "form.required"},
		{"tio tecken", true, "tio tecken", ""},
		{"elva tecken", true, "elva tecken", "form.too_long"},
		{"åäöåäöåäöå", true, "åäöåäöåäöå", ""}, // characters count, not bytes
		{"a\x00b", true, "a\x00b", "form.control_characters"},
		{"a\nb", true, "a\nb", "form.control_characters"},
		{"a\u0085b", true, "a\u0085b", "form.control_characters"},
		{"a\xffb", true, "a\xffb", "form.control_characters"},
		{"a\u2028b", true, "a\u2028b", "form.control_characters"},
		{"\u202eÅ\u200bsa", true, "Åsa", ""},
		{"\u200b\u2060", true, "", "form.required"},
		{"\u3164", false, "", ""},
	} {
		faults := fault.New(fault.Invalid, "form.invalid")
		if got := account.CheckLine(faults, "description", test.text, test.required, 10); got != test.want {
			t.Errorf("%q becomes %q, want %q", test.text, got, test.want)
		}
		message, _ := faults.Field("description")
		if message.Key != test.fault {
			t.Errorf("%q: fault is %q, want %q", test.text, message.Key, test.fault)
		}
	}
}

func TestCheckEmail(t *testing.T) {
	for email, fine := range map[string]bool{
		"main.user@example.com": true, "first.last+tag@sub.example.co.uk": true, "åsa@exämple.fi": true, " main.user@example.com ": true,
		"": false, "main.user": false, "@example.com": false, "main.user@": false, "main.user@localhost": false, "main.user@.com": false,
		"a@b@example.com": false, "Main User <main.user@example.com>": false, "main user@example.com": false, "a\x00@example.com": false,
		strings.Repeat("a", 200) + "@example.com": false,
		"plain.user\u200b@example.com":            false, "\u202emoc@example.com": false, "a\u200d@example.com": false, "a\u3164@example.com": false, "a@exam\u00adple.com": false,
		"x@[127.0.0.1]": false, "x@127.0.0.1": false, "a@-example.com": false, "a@example-.com": false, "a@exa_mple.com": false, "a@example..com": false,
		"a@" + strings.Repeat("a", 64) + ".com": false, "a@xn--a.com": false, "a@xn--exmple-cua.fi": true, "a@例子.广告": true, "o'hara@example.com": true, "a@1und1.de": true,
	} {
		faults := fault.New(fault.Invalid, "form.invalid")
		got := account.CheckEmail(faults, "email", email)
		if (faults.Err() == nil) != fine {
			t.Errorf("%q: %v, want fine %t", email, faults.Err(), fine)
		}
		if fine && got != strings.TrimSpace(email) {
			t.Errorf("%q becomes %q", email, got)
		}
		if len(faults.Fields) > 1 {
			t.Errorf("%q: %v: one message at a field is enough", email, faults)
		}
	}
}

func TestEmailKeyIsTheSameWhateverTheCase(t *testing.T) {
	if account.EmailKey(" Main.User@EXAMPLE.com") != account.EmailKey("main.user@example.com") {
		t.Error("two accounts for one address")
	}
}

func TestCheckPassword(t *testing.T) {
	for password, want := range map[string]string{
		strings.Repeat("å", account.MinPasswordLength-1): "password.too_short",
		strings.Repeat("å", account.MinPasswordLength):   "",
		"hästen tuggar på korrekt batteri":               "",
		strings.Repeat("å", account.MaxPasswordLength):   "",
		strings.Repeat("å", account.MaxPasswordLength+1): "form.too_long",
		strings.Repeat("a", 20) + "\xff":                 "form.control_characters",
	} {
		var got string
		if f, ok := errors.AsType[*fault.Fault](account.CheckPassword(password)); ok {
			message, _ := f.Field("password")
			got = message.Key
		}
		if got != want {
			t.Errorf("%q: %q, want %q", password, got, want)
		}
	}
}

// A contract is valid by the carrier's day, which begins two or three hours before UTC's.
func TestTodayIsHelsinkis(t *testing.T) {
	for now, want := range map[string]string{
		"2026-11-23T21:59:59Z": "2026-11-23", "2026-11-23T22:00:00Z": "2026-11-24", // winter
		"2026-07-01T20:59:59Z": "2026-07-01", "2026-07-01T21:00:00Z": "2026-07-02", // summer
	} {
		moment, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		if got := account.Today(moment); got.Format(time.RFC3339) != want+"T00:00:00Z" {
			t.Errorf("at %s it is %s, want %s", now, got, want)
		}
	}
}
