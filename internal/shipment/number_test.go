package shipment

import (
	"errors"
	"testing"
)

func TestTrackingNumber(t *testing.T) {
	for _, test := range []struct {
		contract string
		serial   int64
		want     string
	}{
		{"654321", 1197395, "JJFI65432198911973958"}, // the API's example
		{"654321", 0, "JJFI65432198900000009"},
		{"654321", 9_999_999, "JJFI65432198999999994"},
		{"654321", 10_000_000, "JJFI65432198900000009"}, // begins anew
		{"000000", 7, "JJFI00000098900000077"},
	} {
		if got := TrackingNumber(test.contract, test.serial); got != test.want {
			t.Errorf("%s, %d gives %s, want %s", test.contract, test.serial, got, test.want)
		}
	}
}

func TestSSCC(t *testing.T) {
	for serial, want := range map[int64]string{
		0:          "00029987654300000003",
		1234567:    "00029987654312345673",
		10_000_000: "00029987654300000003",
	} {
		got := SSCC("876543", serial)
		if got != want {
			t.Errorf("%d gives %s, want %s", serial, got, want)
		}
		if last := len(got) - 1; checkDigit(got[2:last]) != got[last:] {
			t.Errorf("%s has a wrong check digit", got)
		}
	}
}

func TestCheckDigitIsGS1(t *testing.T) {
	for digits, want := range map[string]string{
		"10614141192837465": "7", // an SSCC of GS1's own documents
		"629104150021":      "3", // a GTIN-13 of theirs
		"0":                 "0",
	} {
		if got := checkDigit(digits); got != want {
			t.Errorf("%s has the check digit %s, want %s", digits, got, want)
		}
	}
}

func TestParseTrackingNumber(t *testing.T) {
	for text, want := range map[string]string{
		"JJFI65432198911973958":      "JJFI65432198911973958",
		"jjfi 654321 989 1197395 8 ": "JJFI65432198911973958",
		"JJFI65432198911973950":      "JJFI65432198911973950", // only the form is checked
		"JJFI6543219891197395":       "",
		"JJFI654321989119739588":     "",
		"JJSE65432198911973958":      "",
		"":                           "",
	} {
		got, err := ParseTrackingNumber(text)
		if got != want || errors.Is(err, ErrTrackingNumber) != (want == "") {
			t.Errorf("%q gives %q and %v, want %q", text, got, err, want)
		}
	}
}

func TestIBAN(t *testing.T) {
	for account, want := range map[string]bool{
		"FI2112345600000785":              true,
		"FI2112345600000786":              false, // check digits
		"FI211234560000078":               false, // too short for Finland
		"SE4550000000058398257466":        true,
		"GB29NWBK60161331926819":          true,
		"DE89370400440532013000":          true,
		"fi2112345600000785":              false,
		"FI21 1234 5600 0007 85":          false,
		"":                                false,
		"FI21":                            false,
		"2112345600000785":                false,
		"FI21123456000007é":               false,
		"MT84MALT011000012345MTLCAST001S": true,
	} {
		if got := isIBAN(account); got != want {
			t.Errorf("%q is an IBAN: %t, want %t", account, got, want)
		}
	}
}

func TestPaymentReference(t *testing.T) {
	for reference, want := range map[string]bool{
		"1234561":               true,
		"1234560":               false, // check digit
		"1232":                  true,  // the shortest
		"123":                   false,
		"12345678901234567894":  true, // twenty digits
		"123456789012345678901": false,
		"RF181234561":           false,
		"RF18539007547034":      true, // the standard's example
		"RF19539007547034":      false,
		"RF18":                  false,
		"ORDER-1":               false,
		"":                      false,
		"12345 61":              false,
	} {
		if got := isPaymentReference(reference); got != want {
			t.Errorf("%q is a reference: %t, want %t", reference, got, want)
		}
	}
}
