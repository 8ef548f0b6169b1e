package account

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"omapostipro/internal/fault"
)

// phoneRegion is where a telephone number is that says no country.
const phoneRegion = "FI"

// CheckPhone checks a telephone number that a person wrote, however it is spaced, and gives it as E.164; empty for none.
// One without a country's code is Finnish.
func CheckPhone(faults *fault.Fault, field, text string) string {
	text = strings.TrimFunc(text, unicode.IsSpace)
	if text == "" {
		return ""
	}
	if !utf8.ValidString(text) || len(text) > 100 || strings.ContainsFunc(text, unicode.IsLetter) {
		faults.At(field, "form.phone") // the library would read letters as on a telephone's keys
		return text
	}
	number, err := phonenumbers.Parse(text, phoneRegion)
	if err != nil || !phonenumbers.IsValidNumber(number) || number.GetExtension() != "" {
		faults.At(field, "form.phone")
		return text
	}
	return phonenumbers.Format(number, phonenumbers.E164)
}

// ShowPhone gives a number of E.164 as one writes it in Finland: Finnish ones without the country's code.
func ShowPhone(e164 string) string {
	number, err := phonenumbers.Parse(e164, phoneRegion)
	if err != nil {
		return e164
	}
	if number.GetCountryCode() == int32(phonenumbers.GetCountryCodeForRegion(phoneRegion)) {
		return phonenumbers.Format(number, phonenumbers.NATIONAL)
	}
	return phonenumbers.Format(number, phonenumbers.INTERNATIONAL)
}
