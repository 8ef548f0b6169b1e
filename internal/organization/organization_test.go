package organization

import (
	"encoding/base64"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/fault"
)

var (
	customerNumber = account.ContractNumber{ID: uuid.UUID{1}, Kind: account.CustomerNumber, Number: "123456"}
	logistics      = account.ContractNumber{ID: uuid.UUID{2}, Kind: account.LogisticsContract, Number: "654321"}
	otherLogistics = account.ContractNumber{ID: uuid.UUID{3}, Kind: account.LogisticsContract, Number: "654399"}
	freight        = account.ContractNumber{ID: uuid.UUID{4}, Kind: account.FreightTransportCode, Number: "876543"}
)

func TestCursorsComeBack(t *testing.T) {
	for _, cursor := range []Cursor{
		{},
		{Name: "FirstName LastName", ID: uuid.UUID{1}},
		{Name: `Åsa "<'&`, ID: uuid.Max},
		{ID: uuid.UUID{2}},
	} {
		parsed, err := ParseCursor(cursor.String())
		if err != nil || parsed != cursor {
			t.Errorf("%+v comes back as %+v, %v", cursor, parsed, err)
		}
	}
	if (Cursor{}).String() != "" {
		t.Error("no cursor is written as something")
	}
}

// A made-up cursor leads nowhere, and never into the database: PostgreSQL's text takes no NUL.
func TestMadeUpCursorsLeadNowhere(t *testing.T) {
	for _, text := range []string{"?", "e30", "bm90IGpzb24", base64.RawURLEncoding.EncodeToString([]byte(`{"n":1}`)),
		base64.RawURLEncoding.EncodeToString([]byte(`{"n":"a\u0000b","i":"01890000-0000-7000-8000-000000000000"}`)),
		base64.RawURLEncoding.EncodeToString([]byte(`{"n":"\u0000","i":"01890000-0000-7000-8000-000000000000"}`)),
		base64.RawURLEncoding.EncodeToString([]byte(`{"n":"a","i":"1"}`))} {
		if cursor, err := ParseCursor(text); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s is taken for %+v, %v", text, cursor, err)
		}
	}
}

func TestPageEndsAtItsSize(t *testing.T) {
	name := func(i int) Cursor { return Cursor{Name: string(rune('a' + i))} }
	for count, want := range map[int]Cursor{0: {}, 1: {}, PageSize: {}, PageSize + 1: name(PageSize - 1)} {
		rows := make([]int, count)
		for i := range rows {
			rows[i] = i
		}
		if got := next(rows, name); got != want {
			t.Errorf("of %d rows the next page begins after %+v", count, got)
		}
	}
}

func TestCountingStops(t *testing.T) {
	for total, want := range map[int]Page[int]{0: {}, MostCounted: {Total: MostCounted}, MostCounted + 1: {Total: MostCounted, Many: true}} {
		page := Page[int]{Total: total}
		if page.limit(); page.Total != want.Total || page.Many != want.Many {
			t.Errorf("%d is told as %+v", total, page)
		}
	}
}

func TestPermissionsAreChecked(t *testing.T) {
	for _, test := range []struct {
		permissions Permissions
		fields      []string
	}{
		{Permissions{UserType: account.MainUser}, nil},
		{Permissions{UserType: account.RegularUser, Permissions: account.Permissions()}, nil},
		{Permissions{}, []string{"user_type"}},
		{Permissions{UserType: "operator"}, []string{"user_type"}},
		{Permissions{UserType: account.MainUser, Permissions: []account.Permission{"everything"}}, []string{"permission"}},
		{Permissions{UserType: account.MainUser, Permissions: []account.Permission{"everything", "\x00"}}, []string{"permission"}},
		{Permissions{UserType: "\x00", Permissions: []account.Permission{""}}, []string{"user_type", "permission"}},
	} {
		if got := fields(test.permissions.Check()); !slices.Equal(got, test.fields) {
			t.Errorf("%+v: faults at %v, want %v", test.permissions, got, test.fields)
		}
	}
}

func fields(err error) []string {
	var f *fault.Fault
	if !errors.As(err, &f) {
		return nil
	}
	var names []string
	for _, field := range f.Fields {
		names = append(names, field.Name)
	}
	return names
}

func TestPermissionsAreComparedWhateverTheirOrder(t *testing.T) {
	a := Permissions{UserType: account.MainUser, Permissions: []account.Permission{account.ViewReports, account.CreateShipments, account.ViewReports}}
	b := Permissions{UserType: account.MainUser, Permissions: []account.Permission{account.CreateShipments, account.ViewReports}}
	if !a.equal(b) || !b.equal(a) {
		t.Error("the same permissions in another order are others")
	}
	if got := a.normal().Permissions; !slices.Equal(got, b.Permissions) {
		t.Errorf("in the manual's order: %v", got)
	}
	for _, other := range []Permissions{{UserType: account.RegularUser, Permissions: b.Permissions}, {UserType: account.MainUser}, {}} {
		if a.equal(other) {
			t.Errorf("%+v is the same as %+v", other, a)
		}
	}
}

// Page 2 of Ändra, in the manual's table.
func TestNeedsAreToldAtTheListConcerned(t *testing.T) {
	needing := []account.Permission{account.CreateShipments, account.TrackShipments, account.ViewReports}
	for _, test := range []struct {
		name        string
		permissions []account.Permission
		numbers     []account.ContractNumber
		want        []fault.Field
	}{
		{"nothing needed", []account.Permission{account.ManageIntegrations, account.ManageCompanyAccount}, nil, nil},
		{"all needed, none chosen", needing, nil, []fault.Field{
			{Name: "logistics_contract", Message: fault.Message{Key: "permission.needs.create_shipments"}},
			{Name: "logistics_contract", Message: fault.Message{Key: "permission.needs.track_shipments"}},
			{Name: "customer_number", Message: fault.Message{Key: "permission.needs.view_reports"}}}},
		{"a customer number is for reports only", needing, []account.ContractNumber{customerNumber}, []fault.Field{
			{Name: "logistics_contract", Message: fault.Message{Key: "permission.needs.create_shipments"}},
			{Name: "logistics_contract", Message: fault.Message{Key: "permission.needs.track_shipments"}}}},
		{"a logistics contract is for all", needing, []account.ContractNumber{logistics}, nil},
		{"a freight transport code is for all", needing, []account.ContractNumber{freight}, nil},
	} {
		var got []fault.Field
		if f, ok := errors.AsType[*fault.Fault](checkNeeds(test.permissions, test.numbers)); ok {
			got = f.Fields
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

func TestChooseSortsNumbers(t *testing.T) {
	numbers := []Assignable{{customerNumber, false}, {logistics, true}, {otherLogistics, true}, {freight, false}}
	chosen, added, removed, err := choose(numbers, []uuid.UUID{freight.ID, logistics.ID, freight.ID})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]account.ContractNumber{{logistics, freight}, {freight}, {otherLogistics}}, [][]account.ContractNumber{chosen, added, removed}); diff != "" {
		t.Error(diff)
	}
	for _, unknown := range []uuid.UUID{{9}, uuid.Nil, uuid.Max} {
		_, _, _, err := choose(numbers, []uuid.UUID{logistics.ID, unknown})
		if f, ok := errors.AsType[*fault.Fault](err); !ok || f.Kind != fault.Invalid || f.Fields[0].Key != "edit.number_gone" {
			t.Errorf("%s: %v", unknown, err)
		}
	}
}

func TestStaleFormsAreTold(t *testing.T) {
	numbers := []Assignable{{customerNumber, false}, {logistics, true}, {otherLogistics, false}, {freight, true}}
	if err := staleNumbers(numbers, []uuid.UUID{freight.ID, logistics.ID}); err != nil {
		t.Errorf("a form that shows what is: %v", err)
	}
	var stale *Stale
	if err := staleNumbers(numbers, []uuid.UUID{logistics.ID, otherLogistics.ID}); !errors.As(err, &stale) || !fault.Is(err, fault.Conflict) {
		t.Fatalf("a form that shows what was: %v", err)
	}
	if diff := cmp.Diff([][]account.ContractNumber{{freight}, {otherLogistics}}, [][]account.ContractNumber{stale.Added, stale.Removed}); diff != "" {
		t.Error(diff)
	}
	shown := Permissions{UserType: account.MainUser, Permissions: []account.Permission{account.ViewReports, account.CreateShipments}}
	current := Permissions{UserType: account.RegularUser, Permissions: []account.Permission{account.TrackShipments, account.CreateShipments}}
	if !errors.As(stalePermissions(shown, current), &stale) {
		t.Fatal("not stale")
	}
	if stale.UserType != account.RegularUser || !slices.Equal(stale.Gained, []account.Permission{account.TrackShipments}) ||
		!slices.Equal(stale.Lost, []account.Permission{account.ViewReports}) {
		t.Errorf("told is %+v", stale)
	}
	current.UserType = account.MainUser
	if errors.As(stalePermissions(shown, current), &stale); stale.UserType != "" {
		t.Errorf("the user type is told although it is the same: %s", stale.UserType)
	}
}

func TestChangedFieldsAreNamed(t *testing.T) {
	before := Permissions{UserType: account.MainUser, Permissions: []account.Permission{account.ViewReports}}
	for _, test := range []struct {
		after Permissions
		want  []string
	}{
		{before, nil},
		{Permissions{UserType: account.RegularUser, Permissions: before.Permissions}, []string{"user_type"}},
		{Permissions{UserType: account.MainUser}, []string{"permissions"}},
		{Permissions{UserType: account.RegularUser}, []string{"user_type", "permissions"}},
	} {
		if got := changedFields(before, test.after); !slices.Equal(got, test.want) {
			t.Errorf("%+v: %v, want %v", test.after, got, test.want)
		}
	}
}
