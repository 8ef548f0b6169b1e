// Package company is about Företagskonto: what an organisation says of itself, for its own people, its invoices and its
// parcels. All members read it, holders of Hantera företagskontoinformation change it, and what was changed stays known:
// the history is read from the audit events of the changes.
package company

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/fault"
)

// MaxContacts bounds how many contact persons a company names.
const MaxContacts = 20

// Account is all of Företagskonto. Empty texts are what is not given.
type Account struct {
	Name       string `json:"name"`
	BusinessID string `json:"businessId"` // FI and eight digits
	VATNumber  string `json:"vatNumber"`  // FI and eight digits
	Postal     Address
	Visiting   Address
	Contacts   []Contact
	Invoicing  Invoicing
	Sender     Sender // who parcels come from unless another is chosen
}

// Address is a Finnish one.
type Address struct {
	Street   string
	Postcode string // five digits
	City     string
}

// Contact is a person to turn to. They need no account in the portal.
type Contact struct {
	Name  string
	Role  string
	Email string
	Phone string // E.164
}

// Invoicing says where invoices go.
type Invoicing struct {
	EInvoiceAddress  string // an OVT identifier or a Finnish IBAN
	EInvoiceOperator string // the operator's identifier
	Email            string
	Reference        string
}

// Sender is a party that sends.
type Sender struct {
	Name string
	Address
	Email string
	Phone string // E.164
}

// Field names a part of the account: in forms, in faults, in events and in the history.
type Field string

// ContactsField is all contact persons together; the other fields are texts.
const ContactsField Field = "contacts"

// texts are the account's texts, in the order of the page.
var texts = []struct {
	field Field
	of    func(*Account) *string
}{
	{"name", func(a *Account) *string { return &a.Name }},
	{"business_id", func(a *Account) *string { return &a.BusinessID }},
	{"vat_number", func(a *Account) *string { return &a.VATNumber }},
	{"postal_street", func(a *Account) *string { return &a.Postal.Street }},
	{"postal_postcode", func(a *Account) *string { return &a.Postal.Postcode }},
	{"postal_city", func(a *Account) *string { return &a.Postal.City }},
	{"visiting_street", func(a *Account) *string { return &a.Visiting.Street }},
	{"visiting_postcode", func(a *Account) *string { return &a.Visiting.Postcode }},
	{"visiting_city", func(a *Account) *string { return &a.Visiting.City }},
	{"einvoice_address", func(a *Account) *string { return &a.Invoicing.EInvoiceAddress }},
	{"einvoice_operator", func(a *Account) *string { return &a.Invoicing.EInvoiceOperator }},
	{"invoice_email", func(a *Account) *string { return &a.Invoicing.Email }},
	{"invoice_reference", func(a *Account) *string { return &a.Invoicing.Reference }},
	{"sender_name", func(a *Account) *string { return &a.Sender.Name }},
	{"sender_street", func(a *Account) *string { return &a.Sender.Street }},
	{"sender_postcode", func(a *Account) *string { return &a.Sender.Postcode }},
	{"sender_city", func(a *Account) *string { return &a.Sender.City }},
	{"sender_email", func(a *Account) *string { return &a.Sender.Email }},
	{"sender_phone", func(a *Account) *string { return &a.Sender.Phone }},
}

// Fields gives the names of the account's texts, in the order of the page.
func Fields() []Field {
	fields := make([]Field, len(texts))
	for i, text := range texts {
		fields[i] = text.field
	}
	return fields
}

// Text gives the text of a field.
func (a *Account) Text(field Field) string { return *a.text(field) }

// SetText sets the text of a field.
func (a *Account) SetText(field Field, value string) { *a.text(field) = value }

func (a *Account) text(field Field) *string {
	for _, text := range texts {
		if text.field == field {
			return text.of(a)
		}
	}
	panic("company: no field " + string(field))
}

// Line gives a contact person as one line.
func (c Contact) Line() string {
	var parts []string
	for _, part := range []string{c.Name, c.Role, c.Email, c.Phone} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

func (a *Account) contactLines() []string {
	lines := make([]string, len(a.Contacts))
	for i, contact := range a.Contacts {
		lines[i] = contact.Line()
	}
	return lines
}

// Erased stands in the history for a person, a contact person as a rule, who has erased their account.
const Erased = "@erased"

// Change is a field with what stood there before and what stands there since: a text each, or a line each contact.
type Change struct {
	Field  Field
	Before []string
	After  []string
}

// Changes gives the fields in which two accounts differ.
func Changes(before, after Account) []Change {
	var changes []Change
	for _, text := range texts {
		if was, is := *text.of(&before), *text.of(&after); was != is {
			changes = append(changes, Change{Field: text.field, Before: line(was), After: line(is)})
		}
	}
	if !slices.Equal(before.Contacts, after.Contacts) {
		changes = append(changes, Change{Field: ContactsField, Before: before.contactLines(), After: after.contactLines()})
	}
	return changes
}

func line(text string) []string {
	if text == "" {
		return []string{}
	}
	return []string{text}
}

// Entry is one line of the history: who changed what, and when.
type Entry struct {
	ID       uuid.UUID
	At       time.Time
	By       string // a name; empty for the operator, and for who has erased their account
	Operator bool
	Changes  []Change
}

// Page is a page of the history, newest first, and where the next begins.
type Page struct {
	Entries []Entry
	Next    Cursor // zero on the last page
}

// Stale says that somebody else saved between the moment a form was shown and the moment it was sent. Nothing was
// saved. Merged is what the form may go on with: what this reader has changed, and for the rest what is saved now.
type Stale struct {
	*fault.Fault
	Changed []Change // what somebody else has changed
	Current Account
	Merged  Account
}

func (s *Stale) Unwrap() error { return s.Fault }

// newStale compares with what is wanted as it would be kept: a telephone number that is only spaced anew is no change.
func newStale(shown, current, wanted Account) *Stale {
	merged := current
	for _, text := range texts {
		if *text.of(&wanted) != *text.of(&shown) {
			*text.of(&merged) = *text.of(&wanted)
		}
	}
	if !slices.Equal(wanted.Contacts, shown.Contacts) {
		merged.Contacts = wanted.Contacts
	}
	return &Stale{Fault: fault.New(fault.Conflict, "edit.stale"), Changed: Changes(shown, current), Current: current, Merged: merged}
}
