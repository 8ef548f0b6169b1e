// Package demo fills in the demo data of the manual, so that it can be followed word for word. It goes through the
// services, as the operator and as the demo's main users would, and is there in the demo set-ups only.
package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/company"
	"omapostipro/internal/organization"
	"omapostipro/internal/postgres"
)

// Password is that of all who can log in. Source: the manual's table of demo data.
const Password = "OmaPosti-demo-2024"

// LogIn is somebody who can log in to the demo.
type LogIn struct {
	Name  string
	Email string
	Note  string // catalogue key: what can be tried as this person
	About string // the same in English, for the terminal
}

// LogIns gives those who can log in, the manual's main user first.
func LogIns() []LogIn {
	logIns := make([]LogIn, len(people))
	for i, p := range people {
		logIns[i] = LogIn{Name: p.first + " " + p.last, Email: p.email, Note: p.note, About: p.about}
	}
	return logIns
}

var (
	all  = account.Permissions()
	main = account.MainUser
	user = account.RegularUser
)

type role struct {
	organization string // business ID
	userType     account.UserType
	permissions  []account.Permission
	numbers      []string
}

type person struct {
	first, last, email string
	note, about        string
	roles              []role
}

const (
	exampleOy   = "FI12345678"
	testbolaget = "FI23456780"
)

// The people of the manual's tables.
var people = []person{
	{"FirstName", "LastName", "main.user@example.com", "login.demo_main_user", "main user of Example Oy, as in the manual", []role{{exampleOy, main, all, []string{"654321", "876543"}}}},
	{"Sanna", "Andersson", "second.main@example.com", "login.demo_second_main", "main user of Example Oy without contract numbers",
		[]role{{exampleOy, main, []account.Permission{account.ManageIntegrations}, nil}}},
	{"Peter", "Lindholm", "plain.user@example.com", "login.demo_plain_user", "user of Example Oy who ships and follows",
		[]role{{exampleOy, user, []account.Permission{account.CreateShipments, account.TrackShipments}, []string{"654321"}}}},
	{"Maria", "Virtanen", "main.user@test.example", "login.demo_other_organization", "main user of Testbolaget Ab",
		[]role{{testbolaget, main, all, []string{"600123", "800123"}}}},
	{"Oskar", "Lindqvist", "both@example.com", "login.demo_both", "belongs to both organisations", []role{
		{testbolaget, main, all, []string{"600123"}},
		{exampleOy, user, []account.Permission{account.TrackShipments}, []string{"654321"}}}},
}

type number struct {
	organization string
	kind         account.Kind
	number       string
	holder       string
}

var organizations = []account.Organization{{Name: "Example Oy", BusinessID: exampleOy}, {Name: "Testbolaget Ab", BusinessID: testbolaget}}

var numbersOfDemo = []number{
	{exampleOy, account.LogisticsContract, "654321", "Example Oy"},
	{exampleOy, account.LogisticsContract, "654399", "Example Oy"},
	{exampleOy, account.FreightTransportCode, "876543", "Example Oy"},
	{exampleOy, account.CustomerNumber, "123456", "Example Oy"},
	{testbolaget, account.LogisticsContract, "600123", "Testbolaget Ab"},
	{testbolaget, account.FreightTransportCode, "800123", "Testbolaget Ab"},
}

// What the companies say of themselves, beside name and business ID. Streets and numbers are made up.
var companies = map[string]company.Account{
	exampleOy: {
		VATNumber: "FI12345678",
		Postal:    company.Address{Street: "PB 100", Postcode: "00101", City: "Helsingfors"},
		Visiting:  company.Address{Street: "Testgatan 1", Postcode: "00100", City: "Helsingfors"},
		Contacts: []company.Contact{
			{Name: "Sanna Andersson", Role: "Logistikchef", Email: "second.main@example.com", Phone: "+358401234567"},
			{Name: "Peter Lindholm", Role: "Lager", Email: "plain.user@example.com", Phone: ""},
		},
		Invoicing: company.Invoicing{EInvoiceAddress: "003712345678", EInvoiceOperator: "003723327487", Email: "invoices@example.com", Reference: "Logistik 4100"},
		Sender: company.Sender{Name: "Example Oy", Address: company.Address{Street: "Testgatan 1", Postcode: "00100", City: "Helsingfors"},
			Email: "shipping@example.com", Phone: "+358401234567"},
	},
	testbolaget: {
		VATNumber: "FI23456780",
		Postal:    company.Address{Street: "Provvägen 2", Postcode: "20100", City: "Åbo"},
		Contacts:  []company.Contact{{Name: "Maria Virtanen", Role: "Verkställande direktör", Email: "main.user@test.example"}},
		Invoicing: company.Invoicing{Email: "invoices@test.example"},
		Sender:    company.Sender{Name: "Testbolaget Ab", Address: company.Address{Street: "Provvägen 2", Postcode: "20100", City: "Åbo"}},
	},
}

// The dates of the demo: the contracts are older than the manual's invitation.
var (
	contractsFrom  = time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)
	invitationDate = time.Date(2024, time.July, 22, 9, 0, 0, 0, time.UTC)
)

// Seed fills in what of the demo data has never been there; it can be called again, and by several at once. The database
// is the operator's: it serves as portal_system.
func Seed(ctx context.Context, db *postgres.DB, now func() time.Time) error {
	unlock, err := db.Lock(ctx, "demo data")
	if err != nil {
		return err
	}
	defer unlock()
	s := seeder{accounts: account.NewService(db, now), organizations: organization.NewService(db, now), companies: company.NewService(db, now)}
	if err := s.read(ctx, db); err != nil {
		return err
	}
	if err := s.seed(ctx); err != nil {
		return fmt.Errorf("fill in the demo data: %w", err)
	}
	return nil
}

// seeder knows what is there, by the names that the tables above use.
type seeder struct {
	accounts      *account.Service
	organizations *organization.Service
	companies     *company.Service

	organizationIDs map[string]uuid.UUID // by business ID
	userIDs         map[string]uuid.UUID // by e-mail address
	numberIDs       map[string]uuid.UUID // by number
	members         map[string]bool      // by the organisation's id and e-mail address
	invited         map[string]bool      // by e-mail address
	told            map[string]uuid.UUID // those with a company account, by id
}

type known struct {
	Name string
	ID   uuid.UUID
}

func (s *seeder) read(ctx context.Context, db *postgres.DB) error {
	var organizations, users, numbers, holders, members, invited, told []known
	err := db.Read(ctx, postgres.Scope{}, func(b *postgres.Batch) {
		postgres.Rows(b, &organizations, "select business_id as name, id from organizations")
		postgres.Rows(b, &users, "select email_key as name, id from users where email_key like '%@example.com' or email_key like '%@test.example'")
		postgres.Rows(b, &numbers, "select distinct on (number) number as name, id from contract_numbers order by number, created_at")
		postgres.Rows(b, &holders, "select distinct on (number) number as name, organization_id as id from contract_numbers order by number, created_at")
		postgres.Rows(b, &members, `select m.organization_id::text || ' ' || u.email_key as name, u.id from memberships m
			join users u on u.id = m.user_id where u.email_key like '%@example.com' or u.email_key like '%@test.example'`)
		postgres.Rows(b, &invited, "select email_key as name, id from invitations where email_key like '%@example.com'")
		postgres.Rows(b, &told, "select organization_id::text as name, organization_id as id from company_accounts")
	})
	s.organizationIDs, s.userIDs, s.numberIDs = byName(organizations), byName(users), byName(numbers)
	// Företagskonto can give an organisation another business ID; its numbers stay its own.
	held := byName(holders)
	for _, n := range numbersOfDemo {
		if id, there := held[n.number]; there {
			s.organizationIDs[n.organization] = id
		}
	}
	s.members, s.invited = map[string]bool{}, map[string]bool{}
	for _, member := range members {
		s.members[member.Name] = true
	}
	s.told = byName(told)
	for _, invitation := range invited {
		s.invited[invitation.Name] = true
	}
	return err
}

func byName(found []known) map[string]uuid.UUID {
	ids := make(map[string]uuid.UUID, len(found))
	for _, f := range found {
		ids[f.Name] = f.ID
	}
	return ids
}

// operator acts in an organisation, or in none.
func (s *seeder) operator(businessID string) account.Actor {
	return account.Actor{Kind: audit.Operator, Organization: account.Organization{ID: s.organizationIDs[businessID], BusinessID: businessID}}
}

func (s *seeder) seed(ctx context.Context) error {
	for _, o := range organizations {
		if _, there := s.organizationIDs[o.BusinessID]; there {
			continue
		}
		made, err := s.organizations.Create(ctx, s.operator(""), o.Name, o.BusinessID)
		if err != nil {
			return err
		}
		s.organizationIDs[o.BusinessID] = made.ID
	}
	for _, n := range numbersOfDemo {
		if _, there := s.numberIDs[n.number]; there {
			continue
		}
		id, err := s.organizations.AddNumber(ctx, s.operator(n.organization), n.kind, n.number, n.holder, contractsFrom)
		if err != nil {
			return err
		}
		s.numberIDs[n.number] = id
	}
	for _, p := range people {
		if err := s.seedPerson(ctx, p, Password); err != nil {
			return err
		}
	}
	for _, p := range colleagues() {
		if err := s.seedPerson(ctx, p, ""); err != nil {
			return err
		}
	}
	for _, o := range organizations {
		if err := s.seedCompany(ctx, o.BusinessID); err != nil {
			return err
		}
	}
	return s.seedInvitations(ctx)
}

// seedCompany fills in Företagskonto.
func (s *seeder) seedCompany(ctx context.Context, businessID string) error {
	if _, there := s.told[s.organizationIDs[businessID].String()]; there {
		return nil
	}
	shown, err := s.companies.Get(ctx, s.operator(businessID))
	if err != nil {
		return err
	}
	wanted := companies[businessID]
	wanted.Name, wanted.BusinessID = shown.Name, shown.BusinessID
	_, err = s.companies.Save(ctx, s.operator(businessID), shown, wanted)
	return err
}

func (s *seeder) seedPerson(ctx context.Context, p person, password string) error {
	id, there := s.userIDs[p.email]
	if !there {
		var err error
		id, err = s.accounts.CreateUser(ctx, s.operator(""), account.User{FirstName: p.first, LastName: p.last, Email: p.email}, password)
		if err != nil {
			return err
		}
		s.userIDs[p.email] = id
	}
	for _, r := range p.roles {
		if s.members[s.organizationIDs[r.organization].String()+" "+p.email] {
			continue
		}
		ids := []uuid.UUID{}
		for _, n := range r.numbers {
			ids = append(ids, s.numberIDs[n])
		}
		as := organization.Permissions{UserType: r.userType, Permissions: r.permissions}
		if err := s.organizations.AddMember(ctx, s.operator(r.organization), id, as, ids); err != nil {
			return err
		}
	}
	return nil
}

// seedInvitations invites as the manual's main user.
func (s *seeder) seedInvitations(ctx context.Context) error {
	inviter := account.Actor{Kind: audit.Person, ID: s.userIDs[people[0].email], UserType: account.MainUser,
		Organization: account.Organization{ID: s.organizationIDs[exampleOy], BusinessID: exampleOy}}
	for _, wanted := range invitations() {
		if s.invited[wanted.Email] {
			continue
		}
		if _, err := s.organizations.Invite(ctx, inviter, wanted); err != nil {
			return err
		}
	}
	return nil
}
