package shipment

import "testing"

func TestNoTwoSerialsHaveTheSameCode(t *testing.T) {
	taken := make([]bool, sendingCodes)
	for serial := range int64(Serials) {
		number := scatter(serial)
		if taken[number] {
			t.Fatalf("%d has the code of another", serial)
		}
		taken[number] = true
	}
	for _, serial := range []int64{0, 1, 2, Serials - 1} {
		if code := sendingCode(serial); !sendingCodeForm.MatchString(code) {
			t.Errorf("%d has the code %q", serial, code)
		}
	}
	if got := serialOf(TrackingNumber("654321", 1197395)); got != 1197395 {
		t.Errorf("the serial is %d", got)
	}
	if got := serialOf(SSCC("876543", 42)); got != 42 {
		t.Errorf("the serial of freight is %d", got)
	}
}
