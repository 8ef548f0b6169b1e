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

var numbers = []number{
	{exampleOy, account.LogisticsContract, "654321", "Example Oy"},
	{exampleOy, account.LogisticsContract, "654399", "Example Oy"},
	{exampleOy, account.FreightTransportCode, "876543", "Example Oy"},
	{exampleOy, account.CustomerNumber, "123456", "Example Oy"},
	{testbolaget, account.LogisticsContract, "600123", "Testbolaget Ab"},
	{testbolaget, account.FreightTransportCode, "800123", "Testbolaget Ab"},
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
	s := seeder{accounts: account.NewService(db, now), organizations: organization.NewService(db, now)}
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

	organizationIDs map[string]uuid.UUID // by business ID
	userIDs         map[string]uuid.UUID // by e-mail address
	numberIDs       map[string]uuid.UUID // by number
	members         map[string]bool      // by business ID and e-mail address
	invited         map[string]bool      // by e-mail address
}

type known struct {
	Name string
	ID   uuid.UUID
}

func (s *seeder) read(ctx context.Context, db *postgres.DB) error {
	var organizations, users, numbers, members, invited []known
	err := db.Read(ctx, postgres.Scope{}, func(b *postgres.Batch) {
		postgres.Rows(b, &organizations, "select business_id as name, id from organizations")
		postgres.Rows(b, &users, "select email_key as name, id from users where email_key like '%@example.com' or email_key like '%@test.example'")
		postgres.Rows(b, &numbers, "select distinct on (number) number as name, id from contract_numbers order by number, created_at")
		postgres.Rows(b, &members, `select o.business_id || ' ' || u.email_key as name, u.id from memberships m
			join organizations o on o.id = m.organization_id join users u on u.id = m.user_id where o.business_id = any ($1)`,
			[]string{exampleOy, testbolaget})
		postgres.Rows(b, &invited, `select i.email_key as name, i.id from invitations i
			join organizations o on o.id = i.organization_id where o.business_id = $1`, exampleOy)
	})
	s.organizationIDs, s.userIDs, s.numberIDs = byName(organizations), byName(users), byName(numbers)
	s.members, s.invited = map[string]bool{}, map[string]bool{}
	for _, member := range members {
		s.members[member.Name] = true
	}
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
	for _, n := range numbers {
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
	return s.seedInvitations(ctx)
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
		if s.members[r.organization+" "+p.email] {
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
