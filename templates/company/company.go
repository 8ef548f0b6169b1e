package company

import (
	"regexp"
	"strings"

	"github.com/a-h/templ"

	"omapostipro/internal/account"
	"omapostipro/internal/company"
	"omapostipro/internal/i18n"
	"omapostipro/templates/ui"
)

// label is what a field is called.
func label(p *i18n.Printer, field company.Field) string {
	//i18n:keys company.field.*
	return p.T("company.field." + string(field))
}

// FullLabel tells fields of the same name apart, where they do not stand under their heading.
func FullLabel(p *i18n.Printer, field company.Field) string {
	part, _, _ := strings.Cut(string(field), "_")
	switch part {
	case "postal":
		return p.T("company.postal") + ": " + label(p, field)
	case "visiting":
		return p.T("company.visiting") + ": " + label(p, field)
	case "sender":
		return p.T("company.sender") + ": " + label(p, field)
	default:
		return label(p, field)
	}
}

// Value is what a field says, as it is read.
func Value(field company.Field, text string) string {
	switch {
	case strings.HasSuffix(string(field), "_phone") && text != "":
		return account.ShowPhone(text)
	case field == company.ContactsField: // name, role, address and number, between commas
		parts := strings.Split(text, ", ")
		if last := len(parts) - 1; e164.MatchString(parts[last]) {
			parts[last] = account.ShowPhone(parts[last])
		}
		return strings.Join(parts, ", ")
	}
	return text
}

// e164 is the form that numbers are kept in.
var e164 = regexp.MustCompile(`^\+[0-9]+$`)

// values joins what a change took away or put there.
func values(p *i18n.Printer, field company.Field, texts []string) string {
	if len(texts) == 0 {
		return p.T("company.nothing")
	}
	shown := make([]string, len(texts))
	for i, text := range texts {
		if shown[i] = Value(field, text); text == company.Erased {
			shown[i] = p.T("events.erased")
		}
	}
	return strings.Join(shown, "; ")
}

// changeSentence tells of a change by somebody else.
func changeSentence(p *i18n.Printer, change company.Change) string {
	return p.T("company.changed_to", "field", FullLabel(p, change.Field), "before", values(p, change.Field, change.Before),
		"after", values(p, change.Field, change.After))
}

// doubtful says whether an identifier's check digit is not the one that its digits make. A VAT number that is the business
// ID is not doubted once more.
func doubtful(account company.Account, field company.Field) bool {
	text := account.Text(field)
	if field == "vat_number" && text == account.Text("business_id") {
		return false
	}
	return (field == "business_id" || field == "vat_number") && len(text) == len("FI12345678") && strings.HasPrefix(text, "FI") && !company.CheckDigitFits(text)
}

// labels name the fields in the form's summary.
func (m FormPage) labels(p *i18n.Printer) ui.Labels {
	labels := ui.Labels{}
	for _, field := range company.Fields() {
		labels[string(field)] = FullLabel(p, field)
	}
	for i := range company.MaxContacts {
		for _, part := range contactParts {
			labels[company.ContactField(i, part)] = p.T("company.contact_number", "number", i+1) + ": " + contactLabel(p, part)
		}
	}
	return labels
}

var contactParts = [...]string{"name", "role", "email", "phone"}

func contactLabel(p *i18n.Printer, part string) string {
	//i18n:keys company.contact.*
	return p.T("company.contact." + part)
}

func contactPart(c company.Contact, part string) string {
	switch part {
	case "name":
		return c.Name
	case "role":
		return c.Role
	case "email":
		return c.Email
	default:
		if c.Phone == "" {
			return ""
		}
		return account.ShowPhone(c.Phone)
	}
}

// blankContacts is how many empty rows there are, one folded into the other, beside those that are filled in.
const blankContacts = 5

// input is how a field is filled in.
type input struct {
	name         string
	label        string
	value        string
	kind         string // type
	autocomplete string
	mode         string // inputmode
	hint         string
	required     bool
	maximum      string
}

func (m FormPage) input(p *i18n.Printer, field company.Field) input {
	i := input{name: string(field), label: label(p, field), value: Value(field, m.Account.Text(field)), kind: "text", autocomplete: "off", maximum: "200"}
	switch {
	case field == "name":
		i.required, i.autocomplete = true, "organization"
	case field == "business_id":
		i.required, i.hint = true, p.T("company.business_id_hint")
	case field == "einvoice_address":
		i.hint = p.T("company.einvoice_address_hint")
	case field == "einvoice_operator":
		i.hint = p.T("company.einvoice_operator_hint")
	case field == "invoice_reference":
		i.hint = p.T("company.invoice_reference_hint")
	case strings.HasSuffix(i.name, "_postcode"):
		i.mode = "numeric"
	case strings.HasSuffix(i.name, "_email"):
		i.kind = "email"
	case strings.HasSuffix(i.name, "_phone"):
		i.kind = "tel"
	}
	return i
}

func (m FormPage) contactInput(p *i18n.Printer, index int, part string) input {
	var contact company.Contact
	if index < len(m.Account.Contacts) {
		contact = m.Account.Contacts[index]
	}
	i := input{name: company.ContactField(index, part), label: contactLabel(p, part), value: contactPart(contact, part), kind: "text", autocomplete: "off", maximum: "200"}
	switch part {
	case "email":
		i.kind = "email"
	case "phone":
		i.kind = "tel"
	}
	return i
}

// attributes are those that only some fields have.
func (i input) attributes() templ.Attributes {
	if i.mode == "" {
		return nil
	}
	return templ.Attributes{"inputmode": i.mode}
}
