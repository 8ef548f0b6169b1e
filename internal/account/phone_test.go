package account_test

import (
	"testing"

	"omapostipro/internal/account"
	"omapostipro/internal/fault"
)

func TestPhoneNumbers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ written, kept, shown string }{
		{"", "", ""},
		{"040 1234567", "+358401234567", "040 1234567"},
		{" +358 (0)40-123 4567 ", "+358401234567", "040 1234567"},
		{"00358401234567", "+358401234567", "040 1234567"},
		{"09 1234567", "+35891234567", "09 1234567"},
		{"+46 70 123 45 67", "+46701234567", "+46 70 123 45 67"},
	} {
		faults := fault.New(fault.Invalid, "form.invalid")
		kept := account.CheckPhone(faults, "phone", test.written)
		if faults.Err() != nil || kept != test.kept || kept != "" && account.ShowPhone(kept) != test.shown {
			t.Errorf("%q is kept as %q and shown as %q: %v", test.written, kept, account.ShowPhone(kept), faults.Err())
		}
	}
	for _, written := range []string{"1", "040", "ring mig", "040 123 CALL", "+999 1234567", "040 1234567 ext. 5", "\xff", "040\x0012345"} {
		faults := fault.New(fault.Invalid, "form.invalid")
		account.CheckPhone(faults, "phone", written)
		if _, at := faults.Field("phone"); !at {
			t.Errorf("%q is taken", written)
		}
	}
}
