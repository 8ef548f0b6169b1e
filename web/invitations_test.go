package web_test

import (
	"strings"
	"testing"

	"omapostipro/internal/account"
	"omapostipro/internal/demo/demotest"
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

// invite goes through the four steps, and gives the list that they lead to.
func invite(t *testing.T, p *webtest.Portal, email, businessID, addresses string, permissions []account.Permission, numbers ...string) *webtest.Page {
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
	return chosen.Send().Is(200).Form("Skicka inbjudan").Send().Is(303).Follow().Is(200)
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
	page := newcomer.Get(link).Is(200).Has("html[lang=fi]").Says("main", "FirstName LastName on kutsunut sinut organisaatioon Example Oy (FI12345678)")
	newcomer.SetCookie("language", "sv")
	page = newcomer.Get(link).Is(200).Says("h1", "Inbjudan till Example Oy").Says("main", "Huvudanvändare").Says("main", "Hantera integrationer")
	refused := page.Form("Skapa konto och gå med").Set("last_name", " ").Set("password", "kort").Send().Is(422).
		Says("#password-error", "Minst 15 tecken").Says("#last_name-error", "Fyll i fältet.")
	if typed, _ := refused.Find("#password").Attr("value"); typed != "" {
		t.Error("the password is in the page")
	}
	hem := refused.Form("Skapa konto och gå med").Set("last_name", "Öst").Set("password", sentence).Send().LeadsTo(p.Home(exampleOy)).Follow().Is(200)
	hem.Says("#toasts", "Välkommen till Example Oy!")
}
