package templates_test

import (
	"fmt"
	"strings"
	"time"

	"omapostipro/internal/company"
	companypages "omapostipro/templates/company"
	"omapostipro/templates/layout"
	"omapostipro/templates/organizations"
	"omapostipro/templates/ui"
)

func companyAccount() company.Account {
	return company.Account{Name: "Example Oy", BusinessID: "FI12345678", VATNumber: "FI12345671",
		Postal:    company.Address{Street: "PB 100", Postcode: "00101", City: "Helsingfors"},
		Contacts:  []company.Contact{{Name: "Sanna Andersson", Role: "Logistikchef", Email: "second.main@example.com", Phone: "+358401234567"}, {Name: strings.Repeat("Lång ", 20)}},
		Invoicing: company.Invoicing{EInvoiceAddress: "003712345678", EInvoiceOperator: "BASWARE"},
		Sender:    company.Sender{Name: "Example Oy", Phone: "+358401234567"}}
}

func companyPage(changes bool) companypages.Page {
	page := companypages.Page{Base: base(), Account: companyAccount(), Changes: changes, More: "/more", History: []companypages.Entry{
		{ID: "e1", At: now, By: "FirstName LastName", Changes: company.Changes(company.Account{Name: "Example"}, companyAccount())}}}
	if !changes {
		page.Ask = contacts
	}
	return page
}

func companyForm() companypages.FormPage {
	return companypages.FormPage{Base: base(), Account: companyAccount(), Shown: "{}"}
}

func refusedForm() companypages.FormPage {
	page := companyForm()
	page.Fault = invalid("business_id", "form.business_id").At("contact_2_phone", "form.phone").At("sender_postcode", "company.postcode_form")
	return page
}

func staleForm() companypages.FormPage {
	page := companyForm()
	page.Changed = company.Changes(company.Account{Sender: company.Sender{Phone: "+358407654321"}}, companyAccount())
	return page
}

func belonging(count int) organizations.Search {
	search := organizations.Search{All: count, Count: count, More: "/more", Rows: []organizations.Row{{Organization: exampleOy, URL: "/o/o1", MainUser: true, Current: true}}}
	for i := 1; i < count; i++ {
		search.Rows = append(search.Rows, organizations.Row{Organization: layout.Organization{ID: fmt.Sprint("o", i+1), Name: "Testbolaget Ab", BusinessID: "FI23456780"}, URL: "/o/x"})
	}
	return search
}

// many is the frame of somebody who belongs to more organisations than Byt organisation shows.
func many() layout.Base {
	b := base()
	b.SwitchAll = "/o/o1/switch"
	return b
}

func organizationPage() organizations.Page {
	held := organizations.Number{ContractNumber: logistics, From: now, People: []organizations.Named{{Name: "FirstName LastName", URL: "/o/o1/users/p1"}}, PeopleCount: 2,
		PeopleURL: "/o/o1/users", Keys: []organizations.Using{{Named: organizations.Named{Name: "Ny API integration", URL: "/o/o1/k1"}}, {Named: organizations.Named{Name: "Lager"}, Application: true}}, KeyCount: 9}
	most := held
	most.PeopleCount, most.ManyPeople, most.To, most.Upcoming = 1001, true, now.Add(48*time.Hour), true
	most.ID = "n9"
	over := organizations.Number{ContractNumber: ended, From: now.Add(-48 * time.Hour), To: now}
	return organizations.Page{Base: base(), MoreEnded: "/more", MainUserCount: 12, Ended: []organizations.Number{over},
		Kinds: []organizations.Kind{{Kind: ui.CustomerNumber}, {Kind: ui.LogisticsContract, Numbers: []organizations.Number{held, most}, More: "/more"},
			{Kind: ui.FreightTransportCode, Numbers: []organizations.Number{{ContractNumber: freight, From: now}}}},
		MainUsers: []organizations.MainUser{{ID: "p1", Name: "FirstName LastName", Initials: "FL", Email: "main.user@example.com", URL: "/o/o1/users/p1"}}}
}
