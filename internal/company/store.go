package company

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/fault"
	"omapostipro/internal/postgres"
)

const selectAccount = `
	select o.name::text, o.business_id, coalesce(c.vat_number, '') as vat_number,
		coalesce(c.postal_street, '') as postal_street, coalesce(c.postal_postcode, '') as postal_postcode, coalesce(c.postal_city, '') as postal_city,
		coalesce(c.visiting_street, '') as visiting_street, coalesce(c.visiting_postcode, '') as visiting_postcode,
		coalesce(c.visiting_city, '') as visiting_city,
		coalesce(c.einvoice_address, '') as einvoice_address, coalesce(c.einvoice_operator, '') as einvoice_operator,
		coalesce(c.invoice_email, '') as invoice_email, coalesce(c.invoice_reference, '') as invoice_reference,
		coalesce(c.sender_name, '') as sender_name, coalesce(c.sender_street, '') as sender_street,
		coalesce(c.sender_postcode, '') as sender_postcode, coalesce(c.sender_city, '') as sender_city,
		coalesce(c.sender_email, '') as sender_email, coalesce(c.sender_phone, '') as sender_phone
	from organizations o left join company_accounts c on c.organization_id = o.id
	where o.id = portal_organization()`

const selectContacts = `
	select name::text, role::text, email::text, phone from company_contacts where organization_id = portal_organization() order by position`

type accountRow struct {
	Name, BusinessID, VatNumber                          string
	PostalStreet, PostalPostcode, PostalCity             string
	VisitingStreet, VisitingPostcode, VisitingCity       string
	EinvoiceAddress, EinvoiceOperator                    string
	InvoiceEmail, InvoiceReference                       string
	SenderName, SenderStreet, SenderPostcode, SenderCity string
	SenderEmail, SenderPhone                             string
}

func (r accountRow) account(contacts []Contact) Account {
	return Account{Name: r.Name, BusinessID: r.BusinessID, VATNumber: r.VatNumber,
		Postal:    Address{Street: r.PostalStreet, Postcode: r.PostalPostcode, City: r.PostalCity},
		Visiting:  Address{Street: r.VisitingStreet, Postcode: r.VisitingPostcode, City: r.VisitingCity},
		Contacts:  contacts,
		Invoicing: Invoicing{EInvoiceAddress: r.EinvoiceAddress, EInvoiceOperator: r.EinvoiceOperator, Email: r.InvoiceEmail, Reference: r.InvoiceReference},
		Sender: Sender{Name: r.SenderName, Address: Address{Street: r.SenderStreet, Postcode: r.SenderPostcode, City: r.SenderCity},
			Email: r.SenderEmail, Phone: r.SenderPhone}}
}

// lockAccount reads the account when no other change of it is under way. Its organisation's row is there in any case.
func lockAccount(ctx context.Context, tx pgx.Tx) (Account, error) {
	if _, err := tx.Exec(ctx, "select from organizations where id = portal_organization() for no key update"); err != nil {
		return Account{}, err
	}
	rows, err := tx.Query(ctx, selectAccount)
	if err != nil {
		return Account{}, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[accountRow])
	if err != nil {
		return Account{}, err
	}
	if rows, err = tx.Query(ctx, selectContacts); err != nil {
		return Account{}, err
	}
	contacts, err := pgx.CollectRows(rows, pgx.RowToStructByName[Contact])
	return row.account(contacts), err
}

func save(ctx context.Context, tx pgx.Tx, actor account.Actor, a Account) error {
	organization := actor.Organization.ID
	_, err := tx.Exec(ctx, "update organizations set name = $2, business_id = $3 where id = $1 and (name::text, business_id) <> ($2::text, $3)",
		organization, a.Name, a.BusinessID)
	if postgres.Constraint(err) == "organization_business_id_unique" {
		return fault.New(fault.Invalid, "form.invalid").At("business_id", "organization.exists").Because(err)
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		insert into company_accounts (organization_id, vat_number, postal_street, postal_postcode, postal_city,
			visiting_street, visiting_postcode, visiting_city, einvoice_address, einvoice_operator, invoice_email, invoice_reference,
			sender_name, sender_street, sender_postcode, sender_city, sender_email, sender_phone)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
		on conflict (organization_id) do update set vat_number = excluded.vat_number, postal_street = excluded.postal_street,
			postal_postcode = excluded.postal_postcode, postal_city = excluded.postal_city, visiting_street = excluded.visiting_street,
			visiting_postcode = excluded.visiting_postcode, visiting_city = excluded.visiting_city,
			einvoice_address = excluded.einvoice_address, einvoice_operator = excluded.einvoice_operator,
			invoice_email = excluded.invoice_email, invoice_reference = excluded.invoice_reference, sender_name = excluded.sender_name,
			sender_street = excluded.sender_street, sender_postcode = excluded.sender_postcode, sender_city = excluded.sender_city,
			sender_email = excluded.sender_email, sender_phone = excluded.sender_phone`,
		organization, a.VATNumber, a.Postal.Street, a.Postal.Postcode, a.Postal.City,
		a.Visiting.Street, a.Visiting.Postcode, a.Visiting.City, a.Invoicing.EInvoiceAddress, a.Invoicing.EInvoiceOperator,
		a.Invoicing.Email, a.Invoicing.Reference, a.Sender.Name, a.Sender.Street, a.Sender.Postcode, a.Sender.City, a.Sender.Email,
		a.Sender.Phone); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "delete from company_contacts where organization_id = $1", organization); err != nil {
		return err
	}
	names, roles, emails, phones := make([]string, len(a.Contacts)), make([]string, len(a.Contacts)), make([]string, len(a.Contacts)), make([]string, len(a.Contacts))
	for i, contact := range a.Contacts {
		names[i], roles[i], emails[i], phones[i] = contact.Name, contact.Role, contact.Email, contact.Phone
	}
	_, err = tx.Exec(ctx, `insert into company_contacts (organization_id, position, name, role, email, phone)
		select $1, position, name, role, email, phone
		from unnest($2::text[], $3::text[], $4::text[], $5::text[]) with ordinality as c (name, role, email, phone, position)`,
		organization, names, roles, emails, phones)
	return err
}

// A name is known as long as the person is, and stays what it was when they left; the event's own address lies beside the values, and is nobody's to read here.
func queueHistory(b *postgres.Batch, into *[]entryRow, after Cursor) {
	postgres.Rows(b, into, `
		select e.id, e.occurred_at, e.actor_kind, coalesce(p.name, '') as by_name, e.fields,
			coalesce(v.personal_values->'before', '{}') as before, coalesce(v.personal_values->'after', '{}') as after
		from audit_events e
		left join lateral (select personal_values from audit_personal_values
			where event_id = e.id and occurred_at = e.occurred_at and personal_values ? 'after' limit 1) v on true
		left join known_people p on e.actor_kind = 'person' and p.organization_id = portal_organization() and p.user_id = e.actor_id
		where e.organization_id = portal_organization() and e.object_id = portal_organization() and e.action = $1
			and ($3 = '00000000-0000-0000-0000-000000000000'::uuid or (e.occurred_at, e.id) < ($2, $3))
		order by e.occurred_at desc, e.id desc limit $4`, changed, after.At, after.ID, historySize+1)
}

type entryRow struct {
	ID            uuid.UUID
	OccurredAt    time.Time
	ActorKind     string
	ByName        string
	Fields        []Field
	Before, After map[Field][]string
}

func page(rows []entryRow) Page {
	var p Page
	if len(rows) > historySize {
		rows = rows[:historySize]
		last := rows[historySize-1]
		p.Next = Cursor{At: last.OccurredAt, ID: last.ID}
	}
	for _, row := range rows {
		entry := Entry{ID: row.ID, At: row.OccurredAt, By: row.ByName, Operator: row.ActorKind == audit.Operator}
		for _, field := range row.Fields {
			entry.Changes = append(entry.Changes, Change{Field: field, Before: row.Before[field], After: row.After[field]})
		}
		p.Entries = append(p.Entries, entry)
	}
	return p
}
