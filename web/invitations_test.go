package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"omapostipro/internal/account"
	"omapostipro/internal/demo"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/organization"
	"omapostipro/web/webtest"
)

const sentence = "en mening som är lång nog"

// linkOf gives the path that the newest mail to an address opens.
func linkOf(t *testing.T, p *webtest.Portal, address string) string {
	t.Helper()
	letters := p.Letters(address)
	if len(letters) == 0 {
		t.Fatalf("no mail to %s", address)
	}
	path, ours := strings.CutPrefix(letters[0].Link, p.URL)
	if !ours {
		t.Fatalf("the link leads to %s", letters[0].Link)
	}
	return path
}

// invite goes through the four steps.
func invite(t *testing.T, p *webtest.Portal, email, businessID, addresses string, permissions []account.Permission, numbers ...string) {
	t.Helper()
	step := p.As(email).Get(p.Home(businessID)+"/users").Is(200).Click("Bjud in användare").Is(200).
		Form("Nästa").Set("addresses", addresses).Send()
	if next := step.Find("button:contains('Nästa med')"); next.Length() > 0 {
		step = step.Form(strings.TrimSpace(next.Text())).Send()
	}
	role := step.Is(200).Form("Nästa").Set("user_type", regular)
	for _, permission := range permissions {
		role.Tick("permission", string(permission))
	}
	chosen := role.Send().Is(200).Form("Nästa")
	for _, number := range numbers {
		chosen.Tick(kindOf(t, p, number), p.Number(t, number).String())
	}
	chosen.Send().Is(200).Form("Skicka inbjudan").Send().Is(303).Follow().Is(200)
}

func kindOf(t *testing.T, p *webtest.Portal, number string) string {
	t.Helper()
	return demotest.Value[string](t, p.System, "select kind from contract_numbers where number = $1", number)
}

func TestANewcomerIsInvitedAndJoins(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	form := p.As(demotest.MainUser).Get(p.Home(exampleOy)+"/invitations/new").Is(200).Form("Nästa").
		Set("addresses", "Nya.Medarbetaren+portal@Example.com").Set("first_name", "Åsa").Set("last_name", "<script>").Set("language", "fi")
	role := form.Send().Is(200).Says("dialog .notice", "Tryck nästa för att gå vidare. Ingenting skickas ännu.").Has("#user_type-2[checked]")
	numbers := role.Form("Nästa").Set("user_type", string(account.MainUser)).Tick("permission", "manage_integrations", "track_shipments").Send().Is(200).
		Says("dialog .rules", "Spåra försändelser kräver minst ett avtalsnummer för logistiken eller en transportkod för frakten.")
	numbers.Form("Nästa").Send().Is(422).Says("#logistics_contract-error", "Spåra försändelser kräver minst")
	// Back and forth, nothing is lost.
	back := numbers.Form("Nästa").Tick("logistics_contract", p.Number(t, "654321").String()).Send().Is(200).
		Form("Tillbaka").Send().Is(200).Has("#number-" + p.Number(t, "654321").String() + "[checked]").
		Form("Tillbaka").Send().Is(200).Has("#user_type[checked]").Has("input[value=manage_integrations][checked]").
		Form("Tillbaka").Send().Is(200)
	if typed := strings.TrimSpace(back.Find("#addresses").Text()); typed != "Nya.Medarbetaren+portal@Example.com;Åsa;<script>" {
		t.Errorf("carried back: %q", typed)
	}
	back.Has("#language option[value=fi][selected]")
	summary := back.Form("Nästa").Send().Is(200).Form("Nästa").Send().Is(200).Form("Nästa").Send().Is(200).
		Says("dialog", "Nya.Medarbetaren+portal@Example.com Åsa <script> · Suomi").Says("dialog", "Huvudanvändare").Says("dialog", "654321 Example Oy").
		Says("dialog", "Den gäller i 7 dagar.")
	if letters := p.Letters("Nya.Medarbetaren+portal@Example.com"); len(letters) > 0 {
		t.Fatalf("mail before Skicka inbjudan: %v", letters)
	}
	// Pressing twice invites once.
	send := summary.Form("Skicka inbjudan")
	for range 2 {
		send.Send().LeadsTo(p.Home(exampleOy)+"/users").Follow().Is(200).Says("#toasts", "Inbjudan har skickats.")
	}
	letters := p.Letters("Nya.Medarbetaren+portal@Example.com")
	if len(letters) != 1 || !strings.Contains(letters[0].Text, "FirstName LastName on kutsunut sinut organisaatioon Example Oy OmaPosti Prossa.") ||
		letters[0].Name != "Åsa <script>" || !strings.Contains(letters[0].HTML, "Åsa &lt;script&gt;") {
		t.Fatalf("%d mails: %+v", len(letters), letters)
	}
	link := linkOf(t, p, "Nya.Medarbetaren+portal@Example.com")

	// A scanner that opens the link spends nothing; whose Host says something else gets no other links.
	scanner := p.NobodyWith("X-Forwarded-Host", "evil.example")
	for range 1000 {
		if page := scanner.Get(link); page.Status != 200 || strings.Contains(page.Body, "evil.example") {
			t.Fatal(page.Status)
		}
	}
	newcomer := p.Nobody()
	newcomer.Get(link).Is(200).Has("html[lang=fi]").Says("main", "FirstName LastName on kutsunut sinut organisaatioon Example Oy (FI12345678)")
	newcomer.SetCookie("language", "sv")
	page := newcomer.Get(link).Is(200).Says("h1", "Inbjudan till Example Oy").Says("main", "Huvudanvändare").Says("main", "Hantera integrationer")
	refused := page.Form("Skapa konto och gå med").Set("last_name", " ").Set("password", "kort").Send().Is(422).
		Says("#password-error", "Minst 15 tecken").Says("#last_name-error", "Fyll i fältet.")
	if typed, _ := refused.Find("#password").Attr("value"); typed != "" {
		t.Error("the password is in the page")
	}
	hem := refused.Form("Skapa konto och gå med").Set("last_name", "Öst").Set("password", sentence).Send().LeadsTo(p.Home(exampleOy)).Follow().Is(200)
	hem.Says("#toasts", "Tervetuloa! Organisaatiosi on Example Oy.")
}

// openInvitation opens the page of the invitation of whom a search finds.
func openInvitation(t *testing.T, p *webtest.Portal, email, address string) *webtest.Page {
	t.Helper()
	id := demotest.Value[string](t, p.System, "select id::text from invitations where email_key = $1 and accepted_at is null and withdrawn_at is null", account.EmailKey(address))
	home := p.Home(exampleOy)
	list := p.As(email).Get(home + "/users?q=" + url.QueryEscape(address)).Is(200).Has("a[href='" + home + "/invitations/" + id + "']")
	return list.Get(home + "/invitations/" + id).Is(200)
}

func TestSomebodyWithAnAccountLogsInAndAccepts(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	invite(t, p, demotest.MainUser, exampleOy, "Main.User@Test.Example", []account.Permission{account.TrackShipments}, "654321")
	link := linkOf(t, p, "Main.User@Test.Example")
	home := p.Home(exampleOy)

	nobody := p.Nobody()
	page := nobody.Get(link).Is(200).Says("main", "Du har redan ett konto med den här e-postadressen.").HasNo("#password")
	// What a newcomer would send makes no second account.
	_, token, _ := strings.Cut(link, "token=")
	nobody.Post("/invitation/acceptance", form("token", token, "first_name", "X", "last_name", "Y", "password", sentence)).Is(409).
		Says("main", "Du har redan ett konto")
	login := page.Click("Logga in och gå med").Is(200)
	back := login.Form("Logga in").Set("email", demotest.OtherMain).Set("password", demo.Password).Send().LeadsTo(link).Follow().Is(200)
	hem := back.Form("Gå med").Send().LeadsTo(home).Follow().Is(200).Says("#toasts", "Välkommen till Example Oy!").
		Says("main", "Spåra försändelser")
	hem.Get("/login").LeadsTo(home) // where they start from now on
	hem.Get(link).Is(200).Says("main", "Du är redan med i Example Oy.")
	p.Nobody().Get(link).Is(410).Says("main", "Länken har redan använts.")
	hem.Post("/invitation/acceptance", form("token", token)).Is(410)
	if by := demotest.Value[string](t, p.System, "select u.email_key from memberships m join users u on u.id = m.invited_by where m.user_id = $1 and m.organization_id = $2",
		p.User(t, demotest.OtherMain), p.Organization(t, exampleOy).ID); by != demotest.MainUser {
		t.Errorf("invited by %s", by)
	}
	var actions []string
	for _, event := range demotest.Rows[struct{ Action, Kind string }](t, p.System, `select action, actor_kind as kind from audit_events where occurred_at >= $1 and action ~ 'invitation|membership'
		order by id`, p.Clock.Start()) {
		actions = append(actions, event.Action+" "+event.Kind)
	}
	if want := "invitation.created person, membership.created person, invitation.accepted person"; !strings.HasSuffix(strings.Join(actions, ", "), want) {
		t.Errorf("%q", actions)
	}
}

func TestALinkIsForOneAddress(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	invite(t, p, demotest.MainUser, exampleOy, "ny@example.com", nil)
	link := linkOf(t, p, "ny@example.com")
	_, token, _ := strings.Cut(link, "token=")
	other := p.As(demotest.OtherMain)
	page := other.Get(link).Is(200).Says("main", "Du är inloggad som main.user@test.example").HasNo("#password")
	other.Post("/invitation/acceptance", form("token", token, "first_name", "X", "last_name", "Y", "password", sentence)).Is(403).
		Says("main", "Du är inloggad som main.user@test.example")
	page.Form("Logga ut").Send().LeadsTo(link).Follow().Is(200).Has("#password")
	for _, wrong := range []string{"", "x", token[1:], strings.ToUpper(token), token + "A", strings.Repeat("A", 43), strings.Repeat("x", 10_000)} {
		p.Nobody().Get("/invitation?token=" + wrong).Is(404)
		p.Nobody().Post("/invitation/acceptance", form("token", wrong, "password", sentence)).Is(404)
		p.Nobody().Post("/invitation/request", form("token", wrong)).Is(404)
	}
	// A link that holds needs no other.
	p.Nobody().Post("/invitation/request", form("token", token)).LeadsTo(link)
	if mails := p.Letters(demotest.MainUser); len(mails) > 0 {
		t.Errorf("asked for: %v", mails)
	}
	for _, line := range p.Log.Lines() {
		if strings.Contains(line, token) {
			t.Errorf("logged: %s", line)
		}
	}
	// The database does not have it.
	if found := demotest.Value[int](t, p.System, "select count(*) from invitation_links where encode(token_hash, 'base64') like '%' || $1 || '%'", token[:20]); found > 0 {
		t.Error("the token is in the database")
	}
}

func TestSendingAgainReplacesTheLink(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	invite(t, p, demotest.MainUser, exampleOy, "ny@example.com", nil)
	first := linkOf(t, p, "ny@example.com")
	p.Clock.Advance(8 * 24 * time.Hour)
	p.Nobody().Get(first).Is(410).Says("main", "Länken har gått ut: den gällde i sju dagar.")
	p.As(demotest.MainUser).Get(p.Home(exampleOy)+"/users?q=ny@example.com").Says("#invitation-rows", "Utgången")

	page := openInvitation(t, p, demotest.SecondMain, "ny@example.com").Says("main", "Utgången").Says("main", "Inbjuden av FirstName LastName")
	again := page.Form("Skicka igen")
	for range 2 { // as one who presses twice does
		again.Send().LeadsTo(page.Path).Follow().Is(200).Says("#toasts", "En ny länk har skickats till ny@example.com.").Says("main", "Inbjuden av Sanna Andersson")
	}
	if mails := p.Letters("ny@example.com"); len(mails) != 2 {
		t.Errorf("%d mails", len(mails))
	}
	second := linkOf(t, p, "ny@example.com")
	p.Nobody().Get(first).Is(410).Says("main", "En nyare länk har skickats till dig.").Form("Be om en ny länk").Send().LeadsTo(first)
	if letters := p.Letters(demotest.SecondMain); len(letters) != 1 || !strings.HasSuffix(letters[0].Link, page.Path) {
		t.Errorf("whoever has sent the newest is asked: %+v", letters)
	}
	p.Nobody().Get(second).Is(200)
	_, token, _ := strings.Cut(first, "token=")
	p.Nobody().Post("/invitation/acceptance", form("token", token, "first_name", "X", "last_name", "Y", "password", sentence)).Is(410)
}

// The manual's invitation has been there since 22.7.2024, has no link, and gets one when it is sent again.
func TestTheManualsInvitation(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	page := openInvitation(t, p, demotest.MainUser, "new@example.com").Says("main", "Utan slut").Says("main", "Ingen länk har skickats").Says("main", "22.7.2024").
		HasNo("main .state--gone")
	page.Form("Skicka igen").Send().Follow().Is(200).HasNo("main .state--gone")
	p.Nobody().Get(linkOf(t, p, "new@example.com")).Is(200).Has("#first_name[value=first]")
	p.As(demotest.MainUser).Get(p.Home(exampleOy)+"/users?q=new@example.com").Says("#invitation-rows", "22.7.2024")
}

func TestADeadLinkLetsOneAskForANewOne(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	invite(t, p, demotest.SecondMain, exampleOy, "ny@example.com;Kim;Ny", nil)
	link := linkOf(t, p, "ny@example.com")
	p.Clock.Advance(organization.InvitationLifetime)
	dead := p.Nobody().Get(link).Is(410).Form("Be om en ny länk")
	for range 3 {
		dead.Send().LeadsTo(link).Follow().Is(410).Says("main", "Du har bett om en ny länk.").HasNo("main button")
	}
	letters := p.Letters(demotest.SecondMain)
	if len(letters) != 1 || letters[0].Subject != "Kim Ny ber om en ny inbjudan till Example Oy" || !strings.Contains(letters[0].Text, "Kim Ny (ny@example.com) har öppnat en länk") {
		t.Fatalf("%+v", letters)
	}
	p.As(demotest.SecondMain).Get(strings.TrimPrefix(letters[0].Link, p.URL)).Is(200).Says("main", "ny@example.com").Says("main", "Utgången")
	// The next day they can ask once more. Whoever invited has left by then: the other main users are told.
	p.Clock.Advance(24 * time.Hour)
	p.Leave(t, demotest.SecondMain, exampleOy)
	dead.Send().Is(303)
	if mails := p.Letters(demotest.MainUser); len(mails) != 1 {
		t.Errorf("%d mails to the other main user", len(mails))
	}
	if mails := p.Letters(demotest.SecondMain); len(mails) != 1 {
		t.Errorf("%d mails to whoever left", len(mails))
	}
	// One that was withdrawn is asked for too; it leads to a new invitation.
	openInvitation(t, p, demotest.MainUser, "ny@example.com").Click("Återta").Is(200).Form("Återta").Send().Is(303)
	p.Clock.Advance(25 * time.Hour)
	p.Nobody().Get(link).Is(410).Says("main", "Inbjudan har återtagits.").Form("Be om en ny länk").Send().Is(303)
	letters = p.Letters(demotest.MainUser)
	if len(letters) != 2 {
		t.Fatalf("%+v", letters)
	}
	p.As(demotest.MainUser).Get(strings.TrimPrefix(letters[0].Link, p.URL)).Is(200).Says("dialog #addresses", "ny@example.com")
	p.As(demotest.MainUser).Get(p.Home(exampleOy)+"/invitations/new?addresses=nonsense").Is(200).Says("#addresses", "")
	// And one that has been used, by somebody else as it may be.
	invite(t, p, demotest.MainUser, exampleOy, "ny@example.com", nil)
	link = linkOf(t, p, "ny@example.com")
	p.Nobody().Get(link).Form("Skapa konto och gå med").Set("first_name", "Kim").Set("last_name", "Ny").Set("password", sentence).Send().Is(303)
	p.Nobody().Get(link).Is(410).Says("main", "Länken har redan använts.").Form("Be om en ny länk").Send().Is(303)
	if letters = p.Letters(demotest.MainUser); len(letters) != 3 || !strings.Contains(letters[0].Text, "\n\nny@example.com har öppnat en länk") {
		t.Errorf("%d mails about the used one: %+v", len(letters)-2, letters)
	}
	asked := demotest.Value[int](t, p.System, "select count(*) from audit_events where action = 'invitation.asked_again' and actor_kind = 'nobody'")
	if asked != 4 {
		t.Errorf("%d events", asked)
	}
}

func TestAPendingInvitationIsChangedAndWithdrawn(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	invite(t, p, demotest.MainUser, exampleOy, "ny@example.com", []account.Permission{account.TrackShipments}, "654321")
	link := linkOf(t, p, "ny@example.com")
	page := openInvitation(t, p, demotest.MainUser, "ny@example.com").Says("main", "Spåra försändelser").Says("main", "654321 Example Oy")
	first := page.Click("Ändra").Is(200).Says("dialog", "Tryck nästa för att spara dina ändringar").Has("#user_type-2[checked]")
	stale := openInvitation(t, p, demotest.SecondMain, "ny@example.com").Click("Ändra").Is(200).Form("Nästa").Tick("permission", "manage_integrations")
	first.Form("Nästa").Set("user_type", "boss").Send().Is(422).Says("#user_type-error", "Välj ett av alternativen.")
	numbers := first.Form("Nästa").Set("user_type", string(account.MainUser)).Tick("permission", "create_shipments").Send().LeadsTo(page.Path + "/contract-numbers").Follow().Is(200)
	stale.Send().Is(409).Says("dialog", "Ny användartyp: Huvudanvändare").Says("dialog", "Tillagt: Skapa försändelser och hämtningsbeställningar").
		Has("input[value=create_shipments][checked]")
	staleNumbers := p.As(demotest.SecondMain).Get(numbers.Path).Form("Gör ändringar")
	numbers.Form("Gör ändringar").Set("logistics_contract").Send().Is(422).Says("#logistics_contract-error", "Skapa försändelser och hämtningsbeställningar kräver minst")
	numbers.Form("Gör ändringar").Set("logistics_contract", p.Number(t, "654399").String()).Send().LeadsTo(page.Path).Follow().Is(200).
		Says("#toasts", "Ändringarna är sparade. De gäller när inbjudan tas emot.").Says("main", "654399 Example Oy").Says("main", "Huvudanvändare")
	staleNumbers.Send().Is(409).Says("dialog", "Tillagt: 654399 Example Oy").Says("dialog", "Borttaget: 654321 Example Oy")
	p.Nobody().Get(link).Is(200).Says("main", "Huvudanvändare") // the same link, the new contents

	ask := page.Click("Återta").Is(200).Says("dialog", "Återta inbjudan?").Says("dialog", "Länken slutar fungera genast.")
	p.Nobody().Get(link).Is(200)
	ask.Form("Återta").Send().LeadsTo(p.Home(exampleOy)+"/users?q=ny%40example.com").Follow().Says("#toasts", "Inbjudan till ny@example.com har återtagits.")
	p.Nobody().Get(link).Is(410).Says("main", "Inbjudan har återtagits.")
	for _, path := range []string{"", "/permissions", "/contract-numbers", "/withdrawal"} {
		page.Get(page.Path+path).Is(410).Says("main", "Inbjudan väntar inte längre")
	}
	for _, path := range []string{"/withdrawal", "/link"} {
		page.Post(page.Path+path, nil).Is(410)
	}
	// The address is free for another.
	invite(t, p, demotest.MainUser, exampleOy, "NY@example.com", nil)
	p.Nobody().Get(linkOf(t, p, "NY@example.com")).Is(200)
	// And none of it is another organisation's.
	theirs := p.As(demotest.OtherMain)
	id := page.Path[strings.LastIndex(page.Path, "/"):]
	theirs.Get(p.Home(testbolaget) + "/invitations" + id).Is(404)
	theirs.Post(p.Home(testbolaget)+"/invitations"+id+"/withdrawal", nil).Is(404)
}

// What whoever invited could no longer give is left out, and the page after says so.
func TestAnInvitationIsTrimmedWhenItIsAccepted(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	join := func(address string) *webtest.Page {
		t.Helper()
		return p.Nobody().Get(linkOf(t, p, address)).Is(200).Form("Skapa konto och gå med").Set("first_name", "Kim").Set("last_name", "Ny").Set("password", sentence).
			Send().LeadsTo(p.Home(exampleOy)).Follow().Is(200)
	}
	held := func(address string) (numbers, permissions int, userType string) {
		t.Helper()
		row := demotest.One[struct {
			Numbers, Permissions int
			UserType             string
		}](t, p.System, `select (select count(*) from membership_contract_numbers a where a.user_id = u.id) as numbers,
			(select count(*) from membership_permissions a where a.user_id = u.id) as permissions, m.user_type
			from users u join memberships m on m.user_id = u.id where u.email_key = $1`, address)
		return row.Numbers, row.Permissions, row.UserType
	}
	all := []account.Permission{account.TrackShipments, account.ManageIntegrations}
	for _, address := range []string{"a@example.com", "b@example.com", "c@example.com", "d@example.com"} {
		invite(t, p, demotest.SecondMain, exampleOy, address, all, "654321", "876543", "123456")
	}
	p.Exec(t, "update invitations set user_type = 'main_user' where email_key like '_@example.com'")
	join("a@example.com").Says("#toasts", "Välkommen till Example Oy!").HasNo("main .receipt")
	if n, permissions, userType := held("a@example.com"); n != 3 || permissions != 2 || userType != string(account.MainUser) {
		t.Errorf("untrimmed: %d numbers, %d permissions, %s", n, permissions, userType)
	}
	p.EndNumber(t, "876543", p.Clock.Now().AddDate(0, 0, -1))
	p.EndNumber(t, "123456", p.Clock.Now().AddDate(0, 0, -1))
	join("b@example.com").Says("main .receipt", "Välkommen till Example Oy!").Says("main .receipt", "Avtalsnumren 123456 och 876543 gäller inte längre och lämnades bort.")
	if n, permissions, userType := held("b@example.com"); n != 1 || permissions != 2 || userType != string(account.MainUser) {
		t.Errorf("after the numbers' end: %d numbers, %d permissions, %s", n, permissions, userType)
	}
	p.Exec(t, "update memberships set user_type = 'user' where user_id = $1", p.User(t, demotest.SecondMain))
	join("c@example.com").Says("main .receipt", "Den som bjöd in dig är inte längre huvudanvändare.")
	if n, permissions, userType := held("c@example.com"); n != 0 || permissions != 0 || userType != regular {
		t.Errorf("of one who is no main user any more: %d numbers, %d permissions, %s", n, permissions, userType)
	}
	// Another main user vouches for it by sending it again.
	openInvitation(t, p, demotest.MainUser, "d@example.com").Form("Skicka igen").Send().Is(303)
	join("d@example.com").Says("main .receipt", "Avtalsnumren 123456 och 876543")
	if n, permissions, userType := held("d@example.com"); n != 1 || permissions != 2 || userType != string(account.MainUser) {
		t.Errorf("sent again by another: %d numbers, %d permissions, %s", n, permissions, userType)
	}
}

// Who has left comes back with what the invitation gives, not with what they had; who is a member stays what they are.
func TestComingBack(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	p.Leave(t, demotest.PlainUser, exampleOy)
	invite(t, p, demotest.MainUser, exampleOy, demotest.PlainUser, []account.Permission{account.ViewReports}, "123456")
	peter := p.As(demotest.PlainUser)
	peter.Get(linkOf(t, p, demotest.PlainUser)).Is(200).Form("Gå med").Send().LeadsTo(p.Home(exampleOy)).Follow().Is(200).Says("main", "Se rapporter")
	actor := p.Actor(t, demotest.PlainUser, exampleOy)
	if len(actor.Permissions) != 1 || len(actor.Numbers) != 1 || actor.Numbers[0].Number != "123456" {
		t.Errorf("%+v", actor)
	}
	invite(t, p, demotest.MainUser, exampleOy, demotest.OtherMain, nil)
	p.Exec(t, "insert into memberships (organization_id, user_id, user_type, created_at) values ($1, $2, 'main_user', now())",
		p.Organization(t, exampleOy).ID, p.User(t, demotest.OtherMain))
	become(t, p, demotest.OtherMain, account.MainUser, []account.Permission{account.ManageIntegrations})
	p.As(demotest.OtherMain).Get(linkOf(t, p, demotest.OtherMain)).Is(200).Form("Gå med").Send().Follow().Is(200).
		Says("#toasts", "Du hör redan till Example Oy. Dina behörigheter är som förut.")
	if actor := p.Actor(t, demotest.OtherMain, exampleOy); actor.UserType != account.MainUser || len(actor.Permissions) != 1 {
		t.Errorf("%+v", actor)
	}
}

func TestThePreview(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	dialog := func() *webtest.Form { return b.Get(p.Home(exampleOy) + "/invitations/new").Is(200).Form("Nästa") }
	invitation := demotest.Value[string](t, p.System, "select id::text from invitations where email_key = 'new@example.com'")

	dialog().Send().Is(422).Says("#addresses-error", "Skriv minst en e-postadress eller välj en fil.")
	dialog().Set("addresses", "nonsense").Send().Is(422).Says("#addresses-error", "Skriv en e-postadress").Says("#addresses", "nonsense")
	dialog().Set("addresses", "a@example.org").Set("first_name", "A\x00").Send().Is(422).Says("#first_name-error", "Texten innehåller tecken")
	dialog().Set("addresses", "a@example.org,b@example.org").Set("first_name", "A").Send().Is(422).Says("#first_name-error", "Ett namn kan bara anges för en adress")
	dialog().Set("addresses", "a@example.org").Choose("file", "x.csv", "b@example.org").Send().Is(422).Says("#file-error", "Ange antingen e-postadresser eller en fil")
	dialog().Set("addresses", "PLAIN.user@example.com").Send().Is(422).Says("dialog [role=alert]", "Personen hör redan till organisationen.").
		Has("dialog [role=alert] a[href='" + p.Home(exampleOy) + "/users/" + p.User(t, demotest.PlainUser).String() + "']")
	dialog().Set("addresses", "NEW@example.com").Send().Is(422).Says("dialog [role=alert]", "Personen har redan en inbjudan som väntar.").
		Has("dialog [role=alert] a[href='" + p.Home(exampleOy) + "/invitations/" + invitation + "']")
	// Somebody of another organisation is nobody's business.
	dialog().Set("addresses", demotest.OtherMain).Send().Is(200).Says("dialog", "Användartyp")

	file := "\ufeffe-post;förnamn;efternamn;språk\r\na@example.org;=cmd();محمد;suomi\r\nplain.user@example.com;;;\r\nnonsense;<script>;;\r\nA@example.org;;;\r\nb@example.org;;;xx\r\nc@example.org;;;\r\n"
	preview := dialog().Choose("file", "lista.csv", file).Send().Is(422).Says("dialog", "Läst som UTF-8 med semikolon mellan kolumnerna; första raden är rubriker.").
		Says("dialog", "4 rader kan inte bjudas in.")
	bad := preview.Texts("[aria-labelledby=bad] li")
	good := preview.Texts("[aria-labelledby=good] li")
	if diff := cmp.Diff([]string{"Rad 3 plain.user@example.com Svenska Personen hör redan till organisationen. Visa personen plain.user@example.com",
		"Rad 4 nonsense <script> · Svenska E-postadress: Skriv en e-postadress, till exempel namn@example.com.",
		"Rad 5 A@example.org Svenska E-postadress: Samma adress som på rad 2.", "Rad 6 b@example.org xx Språk: Skriv sv, fi eller en."}, bad); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Rad 2 a@example.org =cmd() محمد · Suomi", "Rad 7 c@example.org Svenska"}, good); diff != "" {
		t.Error(diff)
	}
	preview.Form("Tillbaka").Send().Is(200).Says("#addresses", "nonsense;<script>;").Says("#addresses", "b@example.org;;;xx")
	// What was typed comes back as it was, from the preview and from later steps.
	typed := `"Öberg, Åsa" <asa@example.org>; nonsense; "Bo <b>" <bo@example.org>`
	pasted := dialog().Set("addresses", typed).Send().Is(422).Says("[aria-labelledby=good]", "asa@example.org Åsa Öberg")
	for _, back := range []*webtest.Page{pasted, pasted.Form("Nästa med 2 mottagare").Send().Is(200)} {
		if got := strings.TrimSpace(back.Form("Tillbaka").Send().Is(200).Find("#addresses").Text()); got != typed {
			t.Errorf("%q comes back", got)
		}
	}
	dialog().Set("addresses", "nonsense\nx").Send().Is(422).Says("dialog .notice", "Ingen av de 2 raderna kan bjudas in.").Says("dialog .notice", "Gå tillbaka och rätta.")
	// The good rows go on without the bad.
	preview.Form("Nästa med 2 mottagare").Send().Is(200).Says("dialog", "Alla 2 får samma behörigheter.").Form("Nästa").Send().Is(200).Form("Nästa").Send().Is(200).
		Says("dialog", "a@example.org =cmd() محمد · Suomi").Form("Skicka inbjudan").Send().Follow().Is(200).Says("#toasts", "2 inbjudningar har skickats.")
	if mails := len(p.Letters("a@example.org")) + len(p.Letters("c@example.org")) + len(p.Letters(demotest.PlainUser)); mails != 2 {
		t.Errorf("%d mails", mails)
	}
	for name, test := range map[string]struct{ content, says string }{
		"a zip":         {"PK\x03\x04\x14\x00\x06\x00", "Rad 1: det här är ingen csv-fil."},
		"another list":  {"Order;Qty\n1;2\n", "Rad 1: ingen kolumn har e-postadresser."},
		"a broken row":  {"a@example.org\n\"b@example.org\n", "Rad 2: ett citattecken står fel"},
		"a million":     {strings.Repeat("a@example.org;Anna;Berg\n", 1_000_000), "Rad 5\u00a0001: det går att bjuda in högst 5\u00a0000 åt gången."},
		"a cell of one": {"a@example.org;" + strings.Repeat("x", 1<<20), "Rad 1: en uppgift är för lång"},
		"nothing":       {"", "Filen innehåller inga adresser."},
		"forty million": {strings.Repeat("a@example.org;Anna;Berg\n", 40<<20/24), "Rad 5\u00a0001"},
	} {
		page := dialog().Choose("file", "lista.csv", test.content).Send()
		if got := page.Text("#file-error"); page.Status != 422 || !strings.Contains(got, strings.Join(strings.Fields(test.says), " ")) {
			t.Errorf("%s: %d %q", name, page.Status, got)
		}
	}
	template := b.Get(p.Home(exampleOy) + "/invitations/template.csv").Is(200)
	if template.Body != "\ufeffe-post;förnamn;efternamn;språk\r\n" || !strings.Contains(template.Header.Get("Content-Disposition"), "inbjudningar.csv") {
		t.Errorf("%q", template.Body)
	}
}

// Anybody can send anything to any step: each checks all that it is sent.
func TestStepsCheckWhatTheyAreSent(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	steps := p.Home(exampleOy) + "/invitations"
	good := func(changes ...string) url.Values {
		values := form("token", newID(t).String(), "addresses", "a@example.org", "checked", "yes", "user_type", regular)
		for i := 0; i < len(changes); i += 2 {
			values.Set(changes[i], changes[i+1])
		}
		return values
	}
	theirs := p.Number(t, "600123").String()
	for _, test := range []struct {
		path, says string
		form       url.Values
	}{
		{"", "Skriv minst en e-postadress", url.Values{}},
		{"", "Några rader går inte att läsa.", good("addresses", "nonsense")},
		{"", "Välj ett av alternativen.", good("user_type", "boss")},
		{"", "Välj ett av alternativen.", good("permission", "rule_the_world")},
		{"", "Ett av numren finns inte längre.", good("logistics_contract", theirs)},
		{"", "Ett av numren finns inte längre.", good("customer_number", "x")},
		{"", "Se rapporter kräver minst", good("permission", "view_reports")},
		{"", "Alla hör redan till organisationen", good("addresses", demotest.PlainUser)},
		{"/new/contract-numbers", "Välj ett av alternativen.", good("user_type", "boss")},
		{"/new/contract-numbers", "Några rader går inte att läsa.", good("addresses", "a@example.org\nnonsense")},
		{"/new/summary", "Ett av numren finns inte längre.", good("logistics_contract", theirs)},
		{"/new/summary", "Välj ett av alternativen.", good("user_type", "")},
	} {
		page := b.Post(steps+test.path, test.form)
		if page.Status != 422 || !strings.Contains(page.Text("dialog"), test.says) {
			t.Errorf("%s %v: %d %s", test.path, test.form, page.Status, page.Text("dialog, main"))
		}
	}
	if sent := demotest.Value[int](t, p.System, "select count(*) from mails"); sent > 0 {
		t.Errorf("%d mails", sent)
	}
	// What is too much for a form without a file is so here too.
	b.Post(steps+"/new/permissions", form("addresses", strings.Repeat("x", 33<<20))).Is(413)
	b.Post(steps+"/new/permissions", form("addresses", strings.Repeat("x", 2<<20))).Is(422).Says("#addresses-error", "Det är för mycket på en gång")
	b.Send("POST", steps+"/new/permissions", http.Header{"Content-Type": {"multipart/form-data; boundary=x"}}, strings.NewReader("--x\r\nnonsense")).Is(400)
	b.Send("POST", steps+"/new/permissions", http.Header{"Content-Type": {"application/json"}}, strings.NewReader("{}")).Is(415)
}

// An address is one account whatever the case of its letters and the form of its domain; and links are the portal's own,
// whatever a request says of its host.
func TestOneAccountForAnInternationalAddress(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	main := p.As(demotest.MainUser)
	for _, header := range []string{"X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded"} {
		main.Header.Set(header, "host=evil.example")
	}
	main.Post(p.Home(exampleOy)+"/invitations", form("token", newID(t).String(), "addresses", "Åsa@Åbo.example", "user_type", regular)).Is(303)
	p.Nobody().Get(linkOf(t, p, "Åsa@Åbo.example")).Is(200).Form("Skapa konto och gå med").Set("first_name", "Åsa").Set("last_name", "Åberg").
		Set("password", sentence).Send().LeadsTo(p.Home(exampleOy))
	for _, same := range []string{"åsa@åbo.example", "ÅSA@XN--BO-XIA.EXAMPLE", "a\u030asa@a\u030abo.example"} {
		p.Nobody().Post("/login", form("email", same, "password", sentence)).LeadsTo("/login")
		main.Post(p.Home(exampleOy)+"/invitations/new/permissions", form("addresses", same)).Is(422).Says("dialog [role=alert]", "Personen hör redan till organisationen.")
	}
}

// A form that comes back in the browser and is sent once more with another address, or with other rights, is another round.
func TestAnotherRoundOfOneFormIsSent(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	main, steps, token := p.As(demotest.MainUser), p.Home(exampleOy)+"/invitations", newID(t).String()
	send := func(addresses, userType string) *webtest.Page {
		return main.Post(steps, form("token", token, "addresses", addresses, "checked", "yes", "user_type", userType))
	}
	for _, address := range []string{"a@example.org", "b@example.org", "b@example.org", "c@example.org;Kim"} {
		send(address, regular).Is(303).Follow().Says("#toasts", "Inbjudan har skickats.")
	}
	for _, address := range []string{"a@example.org", "b@example.org", "c@example.org"} {
		if mails := p.Letters(address); len(mails) != 1 {
			t.Errorf("%d mails to %s", len(mails), address)
		}
	}
	// With other rights it is not the same either: who waits already is told.
	send("a@example.org", string(account.MainUser)).Is(422).Says("dialog", "har redan en inbjudan som väntar")
	send("a@example.org, d@example.org", regular).Is(303).Follow().Says("main", "1 lämnades utanför")
	// What was withdrawn is not what was sent: it is sent anew.
	openInvitation(t, p, demotest.MainUser, "b@example.org").Click("Återta").Form("Återta").Send().Is(303)
	send("b@example.org", regular).Is(303)
	if mails := p.Letters("b@example.org"); len(mails) != 2 {
		t.Errorf("%d mails", len(mails))
	}
}

// Skicka igen of a page that is no longer so sends all the same: only the same person's second press does not.
func TestSendingAgainFromAStalePage(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	invite(t, p, demotest.MainUser, exampleOy, "ny@example.com", nil)
	p.Clock.Advance(time.Hour)
	stale := openInvitation(t, p, demotest.SecondMain, "ny@example.com").Form("Skicka igen")
	sent := 1
	send := func(form *webtest.Form, more int) {
		t.Helper()
		form.Send().Is(303).Follow().Is(200).Says("#toasts", "En ny länk har skickats till ny@example.com.")
		if sent += more; len(p.Letters("ny@example.com")) != sent {
			t.Errorf("%d mails, want %d", len(p.Letters("ny@example.com")), sent)
		}
	}
	send(openInvitation(t, p, demotest.MainUser, "ny@example.com").Form("Skicka igen"), 1)
	send(stale, 1) // another's
	send(stale, 0) // pressed twice
	p.Clock.Advance(2 * time.Minute)
	send(stale, 1)
	p.Nobody().Get(linkOf(t, p, "ny@example.com")).Is(200)
}

// A file that is just not too large stays so, although its characters take more room from then on.
func TestAFullFileGoesThroughAllSteps(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	var file strings.Builder
	file.WriteString("e-post;språk;förnamn;efternamn\r\nnonsense;;;\r\n")
	for i := range 4_900 {
		fmt.Fprintf(&file, "p%04d@stor.example;fi;%s;%s\r\n", i, strings.Repeat("Å", 90), strings.Repeat("ö", 85))
	}
	content, err := charmap.Windows1252.NewEncoder().String(file.String())
	if err != nil || len(content) > 1<<20 || len(content) < 950_000 {
		t.Fatal(len(content), err)
	}
	preview := p.As(demotest.MainUser).Get(p.Home(exampleOy)+"/invitations/new").Form("Nästa").Choose("file", "alla.csv", content).Send().Is(422).
		Says("dialog", "Läst som Windows-1252")
	preview.Form("Tillbaka").Send().Is(200).Form("Nästa").Send().Is(422).Says("dialog", "1 rad kan inte bjudas in")
	preview.Form("Nästa med 4 900 mottagare").Send().Is(200).Form("Nästa").Send().Is(200).Form("Nästa").Send().Is(200).
		Form("Skicka inbjudan").Send().Is(303).Follow().Says("#toasts", "4 900 inbjudningar har skickats.")
}

// Names may be long, in whatever script: all who take them take two hundred characters, and no more.
func TestLongNames(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	long, emoji := strings.Repeat("W", 200), strings.Repeat("🦊", 200)
	dialog := p.As(demotest.MainUser).Get(p.Home(exampleOy)+"/invitations/new").Form("Nästa").Set("addresses", "ny@example.com")
	dialog.Set("first_name", long+"W").Set("last_name", "x").Send().Is(422).Says("#first_name-error", "Skriv högst 200 tecken.")
	dialog.Set("first_name", long).Set("last_name", emoji).Send().Is(200).Form("Nästa").Set("user_type", regular).Send().Is(200).Form("Nästa").Send().Is(200).
		Form("Skicka inbjudan").Send().Is(303)
	invite(t, p, demotest.MainUser, exampleOy, "b@example.com;"+emoji+";"+long, nil)
	kim := p.Nobody()
	kim.Get(linkOf(t, p, "ny@example.com")).Is(200).Form("Skapa konto och gå med").Set("password", sentence).Send().Is(303)
	kim.Get("/account").Is(200).Form("Spara").Set("last_name", long).Send().Is(303)
	if csv := p.As(demotest.MainUser).Get(p.Home(exampleOy) + "/users.csv?q=ny@example.com").Is(200); !strings.Contains(csv.Body, long+";"+long+";ny@example.com;") {
		t.Error(csv.Body)
	}
	// Who asks for a new link is named in a subject that is not endless.
	p.Clock.Advance(organization.InvitationLifetime)
	p.Nobody().Get(linkOf(t, p, "b@example.com")).Is(410).Form("Be om en ny länk").Send().Is(303)
	if letters := p.Letters(demotest.MainUser); len(letters) != 1 || !strings.Contains(letters[0].HTML, emoji+" "+long+" (b@example.com)") {
		t.Errorf("%+v", letters)
	}
}

// A mail that nobody got is told where the invitation is, until it is sent again.
func TestAnInvitationThatCouldNotBeDelivered(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	invite(t, p, demotest.MainUser, exampleOy, "a@example.org, b@example.org", nil)
	p.Clock.Advance(time.Hour)
	p.Exec(t, "update mails set failed_at = $1, last_error = 'no such user' where recipient = 'a@example.org'", p.Clock.Now())
	list := func() *webtest.Page {
		return p.As(demotest.MainUser).Get(p.Home(exampleOy) + "/users?q=example.org").Is(200)
	}
	if rows := list().Texts("#invitation-rows li"); len(rows) != 2 || !strings.Contains(rows[0], "Kunde inte levereras") || strings.Contains(rows[1], "levereras") {
		t.Errorf("%q", rows)
	}
	page := openInvitation(t, p, demotest.MainUser, "a@example.org").Says("main .notice", "Kunde inte levereras").Says("main .notice", "Kontrollera e-postadressen.")
	openInvitation(t, p, demotest.MainUser, "b@example.org").HasNo("main .notice")
	page.Form("Skicka igen").Send().Follow().Is(200).HasNo("main .notice")
	if rows := list().Texts("#invitation-rows li"); strings.Contains(rows[0], "levereras") {
		t.Errorf("%q", rows)
	}
}

// Whose session ends in the middle of the steps goes on with all that was chosen once they are logged in, without scripts
// too; and nothing is sent by that.
func TestAStepGoesOnAfterTheLogIn(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	home := p.Home(exampleOy)
	main := p.As(demotest.MainUser)
	first := main.Get(home+"/invitations/new").Is(200).Form("Nästa").Choose("file", "lista.csv", "e-post;förnamn\r\na@example.org;Åsa\r\nplain.user@example.com;Peter\r\n").Set("language", "fi")
	preview := first.Send().Is(422)
	role := preview.Form("Nästa med 1 mottagare")
	numbers := role.Send().Is(200).Form("Nästa").Set("user_type", regular).Tick("permission", "track_shipments")
	summary := numbers.Send().Is(200).Form("Nästa").Tick("logistics_contract", p.Number(t, "654321").String())
	send := summary.Send().Is(200).Form("Skicka inbjudan")
	// logIn gives what follows after a step has met an ended session.
	logIn := func(step *webtest.Form) *webtest.Page {
		t.Helper()
		main.SetCookie("session", "")
		asked := step.Send().Is(200).Says("main .notice", "Det du skrev finns kvar när du har loggat in.").HasNo("[data-draft-lost]").HasNo("[name=language][value=en]")
		asked = asked.Form("Logga in").Set("email", demotest.MainUser).Set("password", "wrong").Send().Is(422)
		return asked.Form("Logga in").Set("password", demo.Password).Send().Is(200).Says("h1", "Fortsätt där du var").Form("Fortsätt").Send()
	}
	logIn(first).Is(422).Says("[aria-labelledby=good]", "a@example.org Åsa · Suomi").Says("[aria-labelledby=bad]", "plain.user@example.com")
	logIn(role).Is(200).Has("#user_type-2[checked]")
	logIn(numbers).Is(200).Says("dialog .rules", "Spåra försändelser kräver minst")
	logIn(summary).Is(200).Says("dialog", "654321 Example Oy")
	logIn(preview.Form("Tillbaka")).Is(200).Says("#addresses", "plain.user@example.com;Peter")
	again := logIn(send).Is(200).Says("dialog", "a@example.org Åsa · Suomi").Says("dialog", "654321 Example Oy")
	if sent := demotest.Value[int](t, p.System, "select count(*) from mails"); sent > 0 {
		t.Fatalf("%d mails", sent)
	}
	again.Form("Skicka inbjudan").Send().Is(303).Follow().Says("#toasts", "Inbjudan har skickats.")

	// It goes on to no other page, and with nothing that no step asks for.
	for _, next := range []string{"//evil.example/invitations/new", home + "/invitations", home + "/invitations/new?x=y", home + "/users/selection", "/o/x/invitations/new"} {
		sent := credentials(demotest.MainUser, demo.Password)
		sent.Set("next", next)
		sent.Set("addresses", "a@example.org")
		p.Nobody().Post("/login", sent).Is(303)
	}
	sent := credentials(demotest.MainUser, demo.Password)
	sent.Set("next", home+"/invitations/new")
	sent.Set("addresses", "a@example.org")
	sent.Set("formaction", "https://evil.example")
	p.Nobody().Post("/login", sent).Is(200).HasNo("[name=password]").HasNo("[name=formaction]").Has("form[action='" + home + "/invitations/new']")
	// What is too much to carry is as lost as ever.
	p.Nobody().Post(home+"/invitations/new/permissions", form("addresses", strings.Repeat("x", 1<<20+1))).LeadsTo("/login?next=" + url.QueryEscape(home+"/invitations/new/permissions") + "&expired=1")
	p.Nobody().Post(home+"/invitations/new/permissions", form("addresses", strings.Repeat("x", 9<<20))).Is(303)
	p.Nobody().Post("/login", form("email", strings.Repeat("x", 9<<20))).Is(413)
}
