package web_test

import (
	"net/url"
	"testing"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/apikey"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/organization"
	"omapostipro/web/webtest"
)

// The people whom the demo has not: of its colleagues.
const (
	integrator  = "aino.korhonen@example.com"  // user with Hantera integrationer and 654321
	withoutIt   = "anders.nystrom@example.com" // main user without Hantera integrationer
	colleague   = "birgitta.makinen@example.com"
	unknownID   = "01890000-0000-7000-8000-000000000000"
	keysPath    = "/integrations/omaposti-pro"
	exampleOy   = demotest.ExampleOy
	testbolaget = demotest.Testbolaget
	regular     = string(account.RegularUser)
)

// become makes somebody something in Example Oy, behind the services' back.
func become(t *testing.T, p *webtest.Portal, email string, userType account.UserType, permissions []account.Permission, numbers ...string) {
	t.Helper()
	organization, user := p.Organization(t, exampleOy).ID, p.User(t, email)
	p.Exec(t, "update memberships set user_type = $3 where organization_id = $1 and user_id = $2", organization, user, userType)
	p.Exec(t, "delete from membership_permissions where organization_id = $1 and user_id = $2", organization, user)
	p.Exec(t, "insert into membership_permissions select $1, $2, unnest($3::text[])", organization, user, permissions)
	p.Exec(t, "delete from membership_contract_numbers where organization_id = $1 and user_id = $2", organization, user)
	p.Exec(t, `insert into membership_contract_numbers select organization_id, $2, id, kind from contract_numbers
		where organization_id = $1 and number = any ($3)`, organization, user, numbers)
}

// newKey makes a key of somebody's in an organisation, and gives its id and its value.
func newKey(t *testing.T, p *webtest.Portal, email, businessID, description string) (id, value string) {
	t.Helper()
	actor := p.Actor(t, email, businessID)
	wanted := apikey.New{Description: description, Token: newID(t)}
	for _, contract := range apikey.Linkable(actor) {
		wanted.Contracts = append(wanted.Contracts, contract.ID)
	}
	made, err := p.Keys.Create(t.Context(), actor, wanted)
	if err != nil {
		t.Fatal(err)
	}
	value, err = p.Keys.Value(t.Context(), actor, made)
	if err != nil {
		t.Fatal(err)
	}
	return made.String(), value
}

// newInvitation makes an invitation that gives nothing, and gives its id.
func newInvitation(t *testing.T, p *webtest.Portal) string {
	t.Helper()
	id, err := p.Server.Organizations.Invite(t.Context(), p.Actor(t, demotest.MainUser, exampleOy), organization.NewInvitation{
		Email: newID(t).String() + "@example.com", Permissions: organization.Permissions{UserType: account.RegularUser}})
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}

func newID(t *testing.T) uuid.UUID {
	t.Helper()
	id, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// form makes a form of names and values.
func form(pairs ...string) url.Values {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return values
}
