package company

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"omapostipro/internal/account"
	"omapostipro/internal/fault"
)

// The forms of what a company is known by in Finland.
var (
	companyID        = regexp.MustCompile(`^FI[0-9]{8}$`)
	writtenCompanyID = regexp.MustCompile(`^([0-9]{7})-?([0-9])$`)
	postcode         = regexp.MustCompile(`^[0-9]{5}$`)
	ovt              = regexp.MustCompile(`^0037[0-9]{8}[0-9A-Z]{0,5}$`) // 0037 is the Finnish tax authority's list
	iban             = regexp.MustCompile(`^FI[0-9]{16}$`)
	operator         = regexp.MustCompile(`^[0-9A-Z]{6,20}$`)
)

// lengths of the texts, in characters, where they are not those of every line.
const (
	maxLine     = 200
	maxStreet   = 100
	maxCity     = 60
	maxRole     = 100
	maxCode     = 40 // before it is known for one
	maxInvoiced = 70 // of Finvoice's buyer reference
)

// NormalBusinessID gives a business ID or a VAT number as the portal keeps it, FI12345678, however it was written:
// 1234567-8, fi 12345678.
func NormalBusinessID(text string) string {
	text = compact(text)
	if digits := writtenCompanyID.FindStringSubmatch(strings.TrimPrefix(text, "FI")); digits != nil {
		return "FI" + digits[1] + digits[2]
	}
	return text
}

// CheckDigitFits says whether the last digit of FI12345678 is the one that the others make. The portal only warns: the
// manual's own business ID has another.
func CheckDigitFits(id string) bool {
	if !companyID.MatchString(id) {
		return false
	}
	sum := 0
	for i, weight := range []int{7, 9, 10, 5, 8, 4, 2} {
		sum += weight * int(id[2+i]-'0')
	}
	check := (11 - sum%11) % 11
	return check < 10 && strconv.Itoa(check) == id[9:]
}

// compact takes out the spaces that people group digits by, and makes letters capital.
func compact(text string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text))
}

// check gives the account as it is kept, or faults at its fields.
func (a Account) check() (Account, error) {
	c := checker{fault.New(fault.Invalid, "form.invalid")}
	a.Name = account.CheckLine(c.faults, "name", a.Name, true, maxLine)
	a.BusinessID = c.companyID("business_id", a.BusinessID, "form.business_id")
	if a.BusinessID == "" {
		c.faults.At("business_id", "form.required")
	}
	a.VATNumber = c.companyID("vat_number", a.VATNumber, "company.vat_number_form")
	a.Postal = c.address("postal", a.Postal, a.Postal != Address{})
	a.Visiting = c.address("visiting", a.Visiting, a.Visiting != Address{})
	a.Contacts = c.contacts(a.Contacts)
	a.Invoicing = c.invoicing(a.Invoicing)
	given := a.Sender != Sender{}
	a.Sender.Name = account.CheckLine(c.faults, "sender_name", a.Sender.Name, given, maxLine)
	a.Sender.Address = c.address("sender", a.Sender.Address, given)
	a.Sender.Email = c.email("sender_email", a.Sender.Email)
	a.Sender.Phone = account.CheckPhone(c.faults, "sender_phone", a.Sender.Phone)
	return a, c.faults.Err()
}

type checker struct{ faults *fault.Fault }

func (c checker) companyID(field, text, message string) string {
	text = c.code(field, NormalBusinessID(text))
	if _, at := c.faults.Field(field); !at && text != "" && !companyID.MatchString(text) {
		c.faults.At(field, message)
	}
	return text
}

func (c checker) code(field, text string) string {
	return account.CheckLine(c.faults, field, compact(text), false, maxCode)
}

// address checks one that is given whole, or not at all.
func (c checker) address(field string, a Address, given bool) Address {
	a.Street = account.CheckLine(c.faults, field+"_street", a.Street, given, maxStreet)
	a.Postcode = c.code(field+"_postcode", a.Postcode)
	switch _, at := c.faults.Field(field + "_postcode"); {
	case at:
	case a.Postcode == "" && given:
		c.faults.At(field+"_postcode", "form.required")
	case a.Postcode != "" && !postcode.MatchString(a.Postcode):
		c.faults.At(field+"_postcode", "company.postcode_form")
	}
	a.City = account.CheckLine(c.faults, field+"_city", a.City, given, maxCity)
	return a
}

func (c checker) email(field, text string) string {
	if strings.TrimFunc(text, unicode.IsSpace) == "" {
		return ""
	}
	return account.CheckEmail(c.faults, field, text)
}

// contacts leaves out those in which nothing is given. Faults are at the number that a contact has in the form.
func (c checker) contacts(contacts []Contact) []Contact {
	kept := []Contact{}
	for i, contact := range contacts {
		if contact.Empty() {
			continue
		}
		at := func(part string) string { return ContactField(i, part) }
		kept = append(kept, Contact{
			Name:  account.CheckLine(c.faults, at("name"), contact.Name, true, maxLine),
			Role:  account.CheckLine(c.faults, at("role"), contact.Role, false, maxRole),
			Email: c.email(at("email"), contact.Email),
			Phone: account.CheckPhone(c.faults, at("phone"), contact.Phone),
		})
	}
	if len(kept) > MaxContacts {
		c.faults.At(ContactField(0, "name"), "company.too_many_contacts", "maximum", MaxContacts)
	}
	return kept
}

// Empty says whether nothing is given.
func (c Contact) Empty() bool {
	return strings.TrimFunc(c.Name+c.Role+c.Email+c.Phone, unicode.IsSpace) == ""
}

// ContactField names a part (name, role, email or phone) of the contact person at an index.
func ContactField(index int, part string) string {
	return "contact_" + strconv.Itoa(index+1) + "_" + part
}

func (c checker) invoicing(i Invoicing) Invoicing {
	i.EInvoiceAddress = c.code("einvoice_address", i.EInvoiceAddress)
	if _, at := c.faults.Field("einvoice_address"); !at && i.EInvoiceAddress != "" && !ovt.MatchString(i.EInvoiceAddress) {
		switch {
		case !iban.MatchString(i.EInvoiceAddress):
			c.faults.At("einvoice_address", "company.einvoice_address_form")
		case !ibanFits(i.EInvoiceAddress):
			c.faults.At("einvoice_address", "company.iban_check")
		}
	}
	i.EInvoiceOperator = c.code("einvoice_operator", i.EInvoiceOperator)
	switch _, at := c.faults.Field("einvoice_operator"); {
	case at:
	case i.EInvoiceOperator != "" && !operator.MatchString(i.EInvoiceOperator):
		c.faults.At("einvoice_operator", "company.einvoice_operator_form")
	case i.EInvoiceOperator == "" && i.EInvoiceAddress != "":
		c.faults.At("einvoice_operator", "company.einvoice_operator_missing")
	case i.EInvoiceOperator != "" && i.EInvoiceAddress == "":
		c.faults.At("einvoice_address", "company.einvoice_address_missing")
	}
	i.Email = c.email("invoice_email", i.Email)
	i.Reference = account.CheckLine(c.faults, "invoice_reference", i.Reference, false, maxInvoiced)
	return i
}

// ibanFits checks the two check digits (ISO 13616): the number, its first four characters put last and letters written
// as 10 to 35, leaves 1 when it is divided by 97.
func ibanFits(iban string) bool {
	var digits strings.Builder
	for _, r := range iban[4:] + iban[:4] {
		if unicode.IsLetter(r) {
			digits.WriteString(strconv.Itoa(int(r-'A') + 10))
		} else {
			digits.WriteRune(r)
		}
	}
	number, ok := new(big.Int).SetString(digits.String(), 10)
	return ok && new(big.Int).Mod(number, big.NewInt(97)).Int64() == 1
}
