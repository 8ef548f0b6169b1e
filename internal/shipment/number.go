package shipment

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Serials is how many serial numbers there are before they begin anew at 0.
const Serials = 10_000_000

// TrackingNumber makes the number of a parcel: "JJFI", the six digits of the contract, "989", seven of the serial (which
// cycles, see Serials), and a check digit over the sixteen before it. The contract must be six digits.
func TrackingNumber(contract string, serial int64) string {
	digits := fmt.Sprintf("%s989%07d", contract, serial%Serials)
	return "JJFI" + digits + checkDigit(digits)
}

// SSCC makes the number of a freight unit, with the identifier "00" in front of its eighteen digits. The digits are ours:
// 0, a prefix that GS1 keeps for use within one company, the six digits of the contract, seven of the serial, and a check
// digit, so that no number can be one of a real company's.
func SSCC(contract string, serial int64) string {
	digits := fmt.Sprintf("0299%s%07d", contract, serial%Serials)
	return "00" + digits + checkDigit(digits)
}

// checkDigit is GS1's: weights 3, 1, 3, … from the right, modulo 10.
func checkDigit(digits string) string {
	sum := 0
	for i := range len(digits) {
		digit := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			digit *= 3
		}
		sum += digit
	}
	return string(rune('0' + (10-sum%10)%10))
}

var trackingNumber = regexp.MustCompile(`^JJFI\d{17}$`)

// ErrTrackingNumber is the error for what does not have the form of a tracking number.
var ErrTrackingNumber = errors.New("a tracking number is JJFI and 17 digits")

// ParseTrackingNumber reads a parcel's number as people and programs write it: in any case and with spaces. Only the form
// is checked, as the carrier does; the check digit may be wrong.
func ParseTrackingNumber(text string) (string, error) {
	number := strings.ToUpper(strings.Join(strings.Fields(text), ""))
	if !trackingNumber.MatchString(number) {
		return "", ErrTrackingNumber
	}
	return number, nil
}

var (
	ibanForm              = regexp.MustCompile(`^[A-Z]{2}\d{2}[0-9A-Z]{11,30}$`)
	creditorReferenceForm = regexp.MustCompile(`^RF\d{2}[0-9A-Z]{1,21}$`)
	finnishReferenceForm  = regexp.MustCompile(`^\d{4,20}$`)
)

// isIBAN checks an account number's form (ISO 13616; a Finnish one has 18 characters) and check digits.
func isIBAN(account string) bool {
	return ibanForm.MatchString(account) && (!strings.HasPrefix(account, "FI") || len(account) == 18) && mod97(account)
}

// isPaymentReference accepts a Finnish reference number (check digit with weights 7, 3, 1) and an RF creditor reference
// (ISO 11649).
func isPaymentReference(reference string) bool {
	switch {
	case creditorReferenceForm.MatchString(reference):
		return mod97(reference)
	case finnishReferenceForm.MatchString(reference):
		last := len(reference) - 1
		sum := int(reference[last] - '0')
		for i := range last {
			sum += int(reference[last-1-i]-'0') * [...]int{7, 3, 1}[i%3]
		}
		return sum%10 == 0
	default:
		return false
	}
}

// mod97 is the check of ISO 7064 MOD 97-10: the four characters in front go last, letters count from A = 10, and what is
// then read as one number leaves 1.
func mod97(code string) bool {
	rest := 0
	for _, c := range code[4:] + code[:4] {
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return rest == 1
}
