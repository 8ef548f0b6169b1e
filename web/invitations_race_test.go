package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
	"omapostipro/internal/organization"
	"omapostipro/web/webtest"
)

// tokenOf gives the token of the newest link that was sent to an address.
func tokenOf(t *testing.T, p *webtest.Portal, address string) string {
	t.Helper()
	_, token, _ := strings.Cut(linkOf(t, p, address), "token=")
	return token
}

// A hundred acceptances of one link at the same moment make one membership.
func TestAHundredAcceptancesMakeOneMember(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	invite(t, p, demotest.MainUser, exampleOy, strings.ToUpper(demotest.OtherMain), []account.Permission{account.TrackShipments}, "654321")
	token := tokenOf(t, p, strings.ToUpper(demotest.OtherMain))
	maria := account.User{ID: p.User(t, demotest.OtherMain), Email: demotest.OtherMain}
	var joined atomic.Int32
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			_, err := p.Invitations.Accept(t.Context(), token, maria, audit.Who{Kind: audit.Person, ID: maria.ID})
			if err == nil {
				joined.Add(1)
			} else if !fault.Is(err, fault.Gone) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	members := demotest.Value[int](t, p.System, "select count(*) from memberships where user_id = $1 and organization_id = $2", maria.ID, p.Organization(t, exampleOy).ID)
	if joined.Load() != 1 || members != 1 {
		t.Errorf("%d joined, %d members", joined.Load(), members)
	}
}

// Newcomers who press at the same moment make one account and one membership.
func TestNewcomersAtOnceMakeOneAccount(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	const address = "ny@example.com"
	invite(t, p, demotest.MainUser, exampleOy, address, []account.Permission{account.TrackShipments}, "654321")
	token := tokenOf(t, p, address)
	outcomes := make([]error, 10)
	var group sync.WaitGroup
	for i := range outcomes {
		group.Go(func() {
			_, outcomes[i] = p.Invitations.Join(t.Context(), token, organization.Newcomer{FirstName: "Kim", LastName: fmt.Sprint(i), Password: sentence},
				audit.Who{Kind: audit.Nobody})
		})
	}
	group.Wait()
	joined := 0
	for _, err := range outcomes {
		switch {
		case err == nil:
			joined++
		case !fault.Is(err, fault.Gone):
			t.Error(err)
		}
	}
	if joined != 1 {
		t.Errorf("%d joined", joined)
	}
	counts := demotest.One[struct{ Users, Members, Permissions, Numbers, Credentials, Events int }](t, p.System, `
		select (select count(*) from users where email_key = $1) as users,
			(select count(*) from memberships m join users u on u.id = m.user_id where u.email_key = $1) as members,
			(select count(*) from membership_permissions m join users u on u.id = m.user_id where u.email_key = $1) as permissions,
			(select count(*) from membership_contract_numbers m join users u on u.id = m.user_id where u.email_key = $1) as numbers,
			(select count(*) from credentials c join users u on u.id = c.user_id where u.email_key = $1) as credentials,
			(select count(*) from audit_events where action in ('user.created', 'membership.created', 'invitation.accepted') and occurred_at >= $2) as events`,
		address, p.Clock.Now())
	if counts.Users != 1 || counts.Members != 1 || counts.Permissions != 1 || counts.Numbers != 1 || counts.Credentials != 1 || counts.Events != 3 {
		t.Errorf("%+v", counts)
	}
}

// Two organisations invite one address; its newcomer opens both links at the same moment. One account comes of it, and the
// other link is there to be accepted with it.
func TestTwoInvitationsMakeOneAccount(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	invite(t, p, demotest.MainUser, exampleOy, "Ny@Example.com", nil)
	first := tokenOf(t, p, "Ny@Example.com")
	invite(t, p, demotest.OtherMain, testbolaget, "nY@eXample.COM", nil)
	second := tokenOf(t, p, "nY@eXample.COM")
	outcomes := make([]error, 6)
	var group sync.WaitGroup
	for i := range outcomes {
		group.Go(func() {
			_, outcomes[i] = p.Invitations.Join(t.Context(), []string{first, second}[i%2], organization.Newcomer{FirstName: "Kim", LastName: "Ny", Password: sentence},
				audit.Who{Kind: audit.Nobody})
		})
	}
	group.Wait()
	if users := demotest.Value[int](t, p.System, "select count(*) from users where email_key = 'ny@example.com'"); users != 1 {
		t.Fatalf("%d accounts: %v", users, outcomes)
	}
	left := first
	if opened, err := p.Invitations.Open(t.Context(), first); err != nil || opened.State == organization.LinkUsed {
		left = second
	}
	kim := account.User{ID: p.User(t, "ny@example.com"), Email: "ny@example.com"}
	if _, err := p.Invitations.Accept(t.Context(), left, kim, audit.Who{Kind: audit.Person, ID: kim.ID}); err != nil {
		t.Error(err)
	}
	if members := demotest.Value[int](t, p.System, "select count(*) from memberships where user_id = $1", kim.ID); members != 2 {
		t.Errorf("a member of %d", members)
	}
}

// Pressing Skicka inbjudan twice, at the same moment too, invites once.
func TestPressingTwiceAtOnceInvitesOnce(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	actor := p.Actor(t, demotest.MainUser, exampleOy)
	recipients, err := organization.ReadRecipients("a@example.org, b@example.org", i18n.Swedish)
	if err != nil {
		t.Fatal(err)
	}
	round := organization.Round{Token: newID(t), Recipients: recipients, Permissions: organization.Permissions{UserType: account.RegularUser}}
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if invited, err := p.Invitations.Send(t.Context(), actor, round); err != nil || invited.Sent != 2 {
				t.Errorf("%d, %v", invited.Sent, err)
			}
		})
	}
	group.Wait()
	if mails := len(p.Letters("a@example.org")) + len(p.Letters("b@example.org")); mails != 2 {
		t.Errorf("%d mails", mails)
	}
	// Another round finds them invited.
	round.Token = newID(t)
	if _, err := p.Invitations.Send(t.Context(), actor, round); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	round.Recipients = append(round.Recipients, organization.Recipient{Email: "c@example.org", Language: i18n.English})
	if invited, err := p.Invitations.Send(t.Context(), actor, round); err != nil || invited.Sent != 1 || len(invited.Left) != 2 {
		t.Errorf("%+v, %v", invited, err)
	}
}

// While one sends again, changes or withdraws, another accepts: what comes of it is one of the two, never half of each.
func TestAcceptingWhileItIsChanged(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	actor := p.Actor(t, demotest.MainUser, exampleOy)
	for i := range 4 {
		address := fmt.Sprintf("ny%d@example.com", i)
		invite(t, p, demotest.MainUser, exampleOy, address, nil)
		token := tokenOf(t, p, address)
		opened, err := p.Invitations.Open(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		var accepted, changed error
		var group sync.WaitGroup
		group.Go(func() {
			_, accepted = p.Invitations.Join(t.Context(), token, organization.Newcomer{FirstName: "Kim", LastName: "Ny", Password: sentence}, audit.Who{Kind: audit.Nobody})
		})
		group.Go(func() {
			if i%2 == 0 {
				_, changed = p.Invitations.Withdraw(t.Context(), actor, opened.ID)
			} else {
				_, changed = p.Invitations.SendAgain(t.Context(), actor, opened.ID, p.Clock.Now())
			}
		})
		group.Wait()
		if (accepted == nil) == (changed == nil) || accepted != nil && !fault.Is(accepted, fault.Gone) || changed != nil && !fault.Is(changed, fault.Gone) {
			t.Errorf("%d: accepted %v, changed %v", i, accepted, changed)
		}
	}
}

// A full list is read and shown at once, and two hundred are invited at once.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	file := func(rows int) string {
		var content strings.Builder
		for i := range rows {
			fmt.Fprintf(&content, "person%d@stor.example;Förnamn%d;Efternamn;fi\r\n", i, i)
		}
		return content.String()
	}
	read := func(rows int) *webtest.Page {
		t.Helper()
		preview := p.As(demotest.MainUser).Get(p.Home(exampleOy)+"/invitations/new").Form("Nästa").Choose("file", "alla.csv", file(rows)).Send().Is(http.StatusOK)
		if found := preview.Find(".recipients li").Length(); found != rows {
			t.Fatalf("%d rows of %d", found, rows)
		}
		return preview
	}
	read(organization.MaxRecipients)
	read(200).Form("Nästa med 200 mottagare").Send().Is(200).Form("Nästa").Send().Is(200).Form("Nästa").Send().Is(200).
		Form("Skicka inbjudan").Send().Is(303).Follow().Says("#toasts", "200 inbjudningar har skickats.")
	if mails := demotest.Value[int](t, p.System, "select count(*) from mails where recipient like '%@stor.example'"); mails != 200 {
		t.Errorf("%d mails", mails)
	}
}
