package company_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"omapostipro/internal/account"
	"omapostipro/internal/company"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/fault"
	"omapostipro/internal/postgres"
)

func TestCheckDigits(t *testing.T) {
	t.Parallel()
	for id, fits := range map[string]bool{"FI12345671": true, "FI12345678": false, "FI20774740": true, "FI01120389": true, "FI0112038": false, "": false,
		"FI00000060": false} { // whose sum leaves 1: nobody is given such a number
		if company.CheckDigitFits(id) != fits {
			t.Errorf("%s fits: %t", id, !fits)
		}
	}
	for written, kept := range map[string]string{"1234567-8": "FI12345678", "fi 1234 5678": "FI12345678", "12345678": "FI12345678", "FI1234567-8": "FI12345678", "x": "X"} {
		if got := company.NormalBusinessID(written); got != kept {
			t.Errorf("%q is kept as %q", written, got)
		}
	}
}

// service gives the service with an actor who may change Example Oy's account.
func service(t *testing.T) (*demotest.Data, *company.Service, account.Actor) {
	t.Helper()
	d := demotest.New(t)
	return d, company.NewService(d.App, d.Clock.Now), d.Actor(t, demotest.MainUser, demotest.ExampleOy)
}

func get(t *testing.T, s *company.Service, actor account.Actor) company.Account {
	t.Helper()
	account, err := s.Get(t.Context(), actor)
	if err != nil {
		t.Fatal(err)
	}
	return account
}

func TestWhatIsWrongIsSaidAtItsField(t *testing.T) {
	t.Parallel()
	_, s, actor := service(t)
	shown := get(t, s, actor)
	for _, test := range []struct {
		field, value string
		at, key      string // empty: it is taken
	}{
		{"name", "", "name", "form.required"},
		{"name", strings.Repeat("å", 200), "", ""},
		{"name", strings.Repeat("å", 201), "name", "form.too_long"},
		{"name", "a\x00b", "name", "form.control_characters"},
		{"business_id", "", "business_id", "form.required"},
		{"business_id", "FI1234567", "business_id", "form.business_id"},
		{"business_id", "SE12345678", "business_id", "form.business_id"},
		{"business_id", "FI23456780", "business_id", "organization.exists"},
		{"business_id", "1234567-1", "", ""},
		{"vat_number", "", "", ""},
		{"vat_number", "FI12", "vat_number", "company.vat_number_form"},
		{"vat_number", strings.Repeat("1", 100), "vat_number", "form.too_long"},
		{"postal_street", "", "postal_street", "form.required"}, // the rest of the address is given
		{"postal_postcode", "0010", "postal_postcode", "company.postcode_form"},
		{"postal_postcode", "", "postal_postcode", "form.required"},
		{"postal_postcode", " 00 100 ", "", ""},
		{"postal_city", strings.Repeat("x", 61), "postal_city", "form.too_long"},
		{"einvoice_address", "0037 12345678 abc", "", ""},
		{"einvoice_address", "0038123456789", "einvoice_address", "company.einvoice_address_form"},
		{"einvoice_address", "003712345678ABCDEF", "einvoice_address", "company.einvoice_address_form"},
		{"einvoice_address", "FI21 1234 5600 0007 85", "", ""},
		{"einvoice_address", "FI2112345600000786", "einvoice_address", "company.iban_check"},
		{"einvoice_address", "SE4550000000058398257466", "einvoice_address", "company.einvoice_address_form"},
		{"einvoice_address", "", "einvoice_address", "company.einvoice_address_missing"},
		{"einvoice_operator", "", "einvoice_operator", "company.einvoice_operator_missing"},
		{"einvoice_operator", "ab-12", "einvoice_operator", "company.einvoice_operator_form"},
		{"einvoice_operator", "basware", "", ""},
		{"invoice_email", "nobody", "invoice_email", "form.email"},
		{"invoice_email", " ", "", ""},
		{"invoice_reference", strings.Repeat("x", 71), "invoice_reference", "form.too_long"},
		{"sender_name", "", "sender_name", "form.required"},
		{"sender_phone", "12", "sender_phone", "form.phone"},
		{"sender_phone", "09 1234567", "", ""},
		{"sender_email", "@", "sender_email", "form.email"},
	} {
		wanted := shown
		wanted.SetText(company.Field(test.field), test.value)
		_, err := s.Save(t.Context(), actor, shown, wanted)
		if test.at == "" {
			if err != nil {
				t.Errorf("%s %q: %v", test.field, test.value, err)
			}
			shown = get(t, s, actor)
			continue
		}
		f, ok := errors.AsType[*fault.Fault](err)
		if message, at := f.Field(test.at); !ok || !at || message.Key != test.key || len(f.Fields) != 1 {
			t.Errorf("%s %q: %v, want %s at %s", test.field, test.value, err, test.key, test.at)
		}
	}
}

func TestContactPersons(t *testing.T) {
	t.Parallel()
	_, s, actor := service(t)
	shown := get(t, s, actor)
	wanted := shown
	wanted.Contacts = []company.Contact{{Name: " Åsa "}, {}, {Name: "Bo", Role: "Chef", Email: "bo@example.com", Phone: "040 1234567"}, {Role: " "}}
	if changed, err := s.Save(t.Context(), actor, shown, wanted); !changed || err != nil {
		t.Fatal(changed, err)
	}
	shown = get(t, s, actor)
	if diff := cmp.Diff([]company.Contact{{Name: "Åsa"}, {Name: "Bo", Role: "Chef", Email: "bo@example.com", Phone: "+358401234567"}}, shown.Contacts); diff != "" {
		t.Error(diff)
	}
	wanted = shown
	wanted.Contacts = []company.Contact{{Name: "Bo"}, {Email: "x@example.com"}}
	_, err := s.Save(t.Context(), actor, shown, wanted)
	f, _ := errors.AsType[*fault.Fault](err)
	if message, at := f.Field("contact_2_name"); !at || message.Key != "form.required" {
		t.Errorf("without a name: %v", err)
	}
	wanted.Contacts = slices.Repeat([]company.Contact{{Name: "Bo"}}, company.MaxContacts+1)
	if _, err := s.Save(t.Context(), actor, shown, wanted); !fault.Is(err, fault.Invalid) {
		t.Errorf("too many: %v", err)
	}
	wanted.Contacts = nil
	if _, err := s.Save(t.Context(), actor, shown, wanted); err != nil || len(get(t, s, actor).Contacts) != 0 {
		t.Errorf("not taken away: %v", err)
	}
}

func TestWhoReadsAndWhoChanges(t *testing.T) {
	t.Parallel()
	d, s, holder := service(t)
	shown := get(t, s, holder)
	for _, reader := range []account.Actor{d.Actor(t, demotest.PlainUser, demotest.ExampleOy), d.Actor(t, demotest.SecondMain, demotest.ExampleOy)} {
		view, err := s.View(t.Context(), reader, company.Cursor{})
		if err != nil || view.Account.Name != "Example Oy" || len(view.History.Entries) != 1 || len(view.MainUsers) == 0 {
			t.Errorf("%+v: %v", view, err)
		}
		if _, err := s.Save(t.Context(), reader, shown, shown); !fault.Is(err, fault.Forbidden) {
			t.Errorf("without the permission: %v", err)
		}
	}
	// The database asks as well: a right that was lost since, or an actor that claims one, changes nothing.
	claims := d.Actor(t, demotest.PlainUser, demotest.ExampleOy)
	claims.Permissions = append(claims.Permissions, account.ManageCompanyAccount)
	wanted := shown
	wanted.Name = "Somebody else's Oy"
	if _, err := s.Save(t.Context(), claims, shown, wanted); err == nil || get(t, s, holder).Name != "Example Oy" {
		t.Errorf("a claim is believed: %v", err)
	}
	d.Exec(t, "delete from membership_permissions where user_id = $1 and permission = 'manage_company_account'", holder.ID)
	if _, err := s.Save(t.Context(), holder, shown, wanted); err == nil {
		t.Error("a lost right still holds")
	}
	// Of another organisation nothing is seen.
	other := get(t, s, d.Actor(t, demotest.OtherMain, demotest.Testbolaget))
	if other.Name != "Testbolaget Ab" || slices.ContainsFunc(other.Contacts, func(c company.Contact) bool { return strings.HasSuffix(c.Email, "@example.com") }) {
		t.Errorf("%+v", other)
	}
}

func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	_, s, holder := service(t)
	shown := get(t, s, holder)
	theirs := shown
	theirs.Postal.Street, theirs.Invoicing.Reference = "Nygatan 2", "Deras"
	if _, err := s.Save(t.Context(), holder, shown, theirs); err != nil {
		t.Fatal(err)
	}
	mine := shown
	mine.Invoicing.Reference, mine.Sender.Phone, mine.VATNumber = "Min", "040 123 4567", "fi12345671" // the phone as it was, only spaced
	_, err := s.Save(t.Context(), holder, shown, mine)
	stale, ok := errors.AsType[*company.Stale](err)
	if !ok {
		t.Fatal(err)
	}
	var told []string
	for _, change := range stale.Changed {
		told = append(told, fmt.Sprint(change.Field, change.Before, change.After))
	}
	if diff := cmp.Diff([]string{"postal_street[PB 100] [Nygatan 2]", "invoice_reference[Logistik 4100] [Deras]"}, told); diff != "" {
		t.Error(diff)
	}
	if m := stale.Merged; m.Postal.Street != "Nygatan 2" || m.Invoicing.Reference != "Min" || m.VATNumber != "FI12345671" || m.Sender.Phone != "+358401234567" {
		t.Errorf("the form goes on with %+v", m)
	}
	if now := get(t, s, holder); now.Invoicing.Reference != "Deras" || now.VATNumber != "FI12345678" {
		t.Errorf("overwritten: %+v", now)
	}
	if changed, err := s.Save(t.Context(), holder, stale.Current, stale.Merged); !changed || err != nil {
		t.Error(changed, err)
	}
	// Several at the same moment: one is saved, the others are told.
	shown = get(t, s, holder)
	var saved, refused atomic.Int32
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			wanted := shown
			wanted.Invoicing.Reference = fmt.Sprint("Nummer ", i)
			_, err := s.Save(context.Background(), holder, shown, wanted)
			if err == nil {
				saved.Add(1)
			} else if fault.Is(err, fault.Conflict) {
				refused.Add(1)
			} else {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if saved.Load() != 1 || refused.Load() != 7 {
		t.Errorf("%d saved, %d told", saved.Load(), refused.Load())
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	d, s, holder := service(t)
	for i := range 12 {
		shown := get(t, s, holder)
		wanted := shown
		wanted.Invoicing.Reference = fmt.Sprint("Nummer ", i)
		if changed, err := s.Save(t.Context(), holder, shown, wanted); !changed || err != nil {
			t.Fatal(err)
		}
		if changed, err := s.Save(t.Context(), holder, get(t, s, holder), wanted); changed || err != nil { // no change, no event
			t.Fatal(changed, err)
		}
	}
	view, err := s.View(t.Context(), holder, company.Cursor{})
	if err != nil || len(view.History.Entries) != 10 || view.History.Next == (company.Cursor{}) {
		t.Fatal(len(view.History.Entries), err)
	}
	if e := view.History.Entries[0]; e.By != "FirstName LastName" || e.Operator || !e.At.Equal(d.Clock.Now()) ||
		fmt.Sprint(e.Changes) != "[{invoice_reference [Nummer 10] [Nummer 11]}]" {
		t.Errorf("%+v", e)
	}
	cursor, err := company.ParseCursor(view.History.Next.String())
	if err != nil {
		t.Fatal(err)
	}
	rest, err := s.View(t.Context(), holder, cursor)
	if err != nil || len(rest.History.Entries) != 3 || rest.History.Next != (company.Cursor{}) || !rest.History.Entries[2].Operator {
		t.Errorf("%+v %v", rest.History, err)
	}
	for _, wrong := range []string{"x", "1.x", "zzzzzzzzzzzzzzzz.01890000-0000-7000-8000-000000000000", "-1y2p0ij32e8e7.01890000-0000-7000-8000-000000000000"} {
		if _, err := company.ParseCursor(wrong); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

// The database refuses by itself what the form should have.
func TestTheDatabaseKnowsTheForms(t *testing.T) {
	t.Parallel()
	d, _, _ := service(t)
	for statement, constraint := range map[string]string{
		"update company_accounts set vat_number = '123'":            "company_vat_number_form",
		"update company_accounts set postal_postcode = 'abc'":       "company_postal_postcode_form",
		"update company_accounts set postal_city = ''":              "company_postal_address_whole",
		"update company_accounts set einvoice_operator = ''":        "company_einvoice_whole",
		"update company_accounts set einvoice_address = 'FI1'":      "company_einvoice_address_form",
		"update company_accounts set sender_phone = '040'":          "company_sender_phone_form",
		"update company_accounts set sender_name = ''":              "company_sender_whole",
		"update company_contacts set position = 21":                 "company_contact_position_range",
		"update company_contacts set name = ''":                     "company_contact_has_a_name",
		"update organizations set business_id = 'FI23456780'":       "organization_business_id_unique",
		"update organizations set business_id = 'x'":                "organization_business_id_form",
		"update company_accounts set invoice_email = 'x'":           "company_invoice_email_form",
		"update company_accounts set einvoice_operator = 'small é'": "company_einvoice_operator_form",
	} {
		if err := d.System.Exec(t.Context(), statement); postgres.Constraint(err) != constraint {
			t.Errorf("%s: %v", statement, err)
		}
	}
}
