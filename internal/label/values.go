package label

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// captioned is a value with what it is called on paper.
type captioned struct{ caption, value string }

// filled leaves out what has no value.
func filled(all []captioned) []captioned {
	return slices.DeleteFunc(all, func(c captioned) bool { return Printable(c.value) == "" })
}

var nineDigits = regexp.MustCompile(`^[0-9]{9}$`)

func (p Party) town() string { return spaced(p.Zipcode, p.City) }

func phone(p Party) string {
	if Printable(p.Phone) == "" {
		return ""
	}
	return captionPhone + " " + p.Phone
}

func date(day time.Time) string {
	if day.IsZero() {
		return ""
	}
	return day.Format("2.1.2006")
}

// kilograms writes a weight as Finns do: 2,5 kg.
func kilograms(grams int64) string {
	if grams <= 0 {
		return ""
	}
	text := fmt.Sprintf("%d,%03d", grams/1000, grams%1000)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ",") + " kg"
}

// euros writes an amount as Finns do: 1 234,50 €.
func euros(cents int64) string { return decimal(cents) + " €" }

// decimal writes hundredths: 1 234,50.
func decimal(hundredths int64) string {
	whole := fmt.Sprint(hundredths / 100)
	first := len(whole) % 3
	return strings.TrimSpace(whole[:first]+" "+grouped(whole[first:], 3)) + fmt.Sprintf(",%02d", hundredths%100)
}

// routingCode writes a pickup point's code as its postcode and its routing service.
func routingCode(code string) string {
	if nineDigits.MatchString(code) {
		return code[:5] + " " + code[5:]
	}
	return code
}

var allDigits = regexp.MustCompile(`^[0-9]+$`)

// paymentReference writes a Finnish reference number in fives from its end, and an RF reference in fours.
func paymentReference(reference string) string {
	switch compact := strings.Join(strings.Fields(reference), ""); {
	case allDigits.MatchString(compact):
		first := len(compact) % 5
		return strings.TrimSpace(compact[:first] + " " + grouped(compact[first:], 5))
	case strings.HasPrefix(compact, "RF"):
		return grouped(compact, 4)
	default:
		return reference
	}
}

// grouped puts a space after every so many characters, whatever spaces there were.
func grouped(text string, size int) string {
	var out strings.Builder
	for i, r := range []rune(strings.Join(strings.Fields(text), "")) {
		if i > 0 && i%size == 0 {
			out.WriteByte(' ')
		}
		out.WriteRune(r)
	}
	return out.String()
}

func spaced(texts ...string) string         { return join(" ", texts) }
func commaSeparated(texts ...string) string { return join(", ", texts) }

func join(separator string, texts []string) string {
	var filled []string
	for _, text := range texts {
		if Printable(text) != "" {
			filled = append(filled, text)
		}
	}
	return strings.Join(filled, separator)
}
