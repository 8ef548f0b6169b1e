package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"omapostipro/internal/account"
	"omapostipro/internal/demo/demotest"
	"omapostipro/templates/paths"
	"omapostipro/web/webtest"
)

const companyPath = "/company-account"

func TestTheCompanyAccountIsReadByAllAndChangedByHolders(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	for email, who := range map[string]string{demotest.MainUser: "changes", demotest.SecondMain: "mends", demotest.PlainUser: "reads"} {
		page := p.As(email).Get(p.Home(exampleOy)).Click("Företagskonto").Is(200).Says("h1", "Företagskonto").
			Says("main", "Testgatan 1").Says("main", "040 1234567").Says("main", "003712345678").Says("#history-rows", "Operatören")
		if who == "changes" {
			form := page.Click("Ändra").Is(200).Says("h1", "Ändra företagskontot").Says("main", "Kontrollsiffran stämmer inte.")
			for _, doubted := range []*webtest.Page{page, form} { // once, although the VAT number is made of the business ID
				if marks := doubted.Find(".marked").Length(); marks != 1 {
					t.Errorf("%s: %d marks", doubted.Path, marks)
				}
			}
			continue
		}
		page.HasNo(".marked") // who cannot mend it
		page.Says(".notice", "Hantera företagskontoinformation").Says(".contacts", "main.user@example.com")
		refused := page.Get(p.Home(exampleOy) + companyPath + "/information").Is(403)
		if who == "mends" {
			refused.Says("main", "Som huvudanvändare kan du lägga till den själv.").Has("a[href$='/permissions']")
		} else {
			refused.Says("main", "Du saknar behörigheten Hantera företagskontoinformation.").Says(".contacts", "main.user@example.com")
		}
	}
	become(t, p, colleague, account.RegularUser, []account.Permission{account.ManageCompanyAccount})
	p.As(colleague).Get(p.Home(exampleOy) + companyPath).Click("Ändra").Is(200) // no main user, and may
}

func TestChangingTheCompanyAccount(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	home := p.Home(exampleOy) + companyPath
	form := func() *webtest.Form { return b.Get(home + "/information").Is(200).Form("Spara") }
	page := form().Set("name", "Exempel <b> Ab").Set("business_id", "1234567-1").Set("contact_2_remove", "yes").
		Set("contact_3_name", "Åsa Öst").Set("contact_3_phone", "050 123 4567").Send().LeadsTo(home).Follow().Is(200)
	page.Says(".toast", "Företagskontot är sparat.").Says(".organization", "Exempel <b> Ab FI12345671").Says("main", "Åsa Öst").Says("main", "050 1234567")
	change := page.Find("#history-rows > li").First().Text()
	for _, words := range []string{"FirstName LastName", "just nu", "Företagets namn", "Example Oy", "Exempel <b> Ab", "FO-nummer", "FI12345678", "FI12345671", "Kontaktpersoner", "Peter Lindholm, Lager", "Åsa Öst, 050 1234567"} {
		if !strings.Contains(change, words) {
			t.Errorf("the history does not say %q: %s", words, strings.Join(strings.Fields(change), " "))
		}
	}
	form().Send().LeadsTo(home).Follow().Says(".toast", "Ingenting var ändrat")
	// What is refused keeps what was typed, and says why at the field and on top.
	refused := form().Set("vat_number", "12").Set("sender_postcode", "x").Set("contact_1_email", "y").Set("invoice_reference", "Behåll mig").Send().Is(422)
	refused.Says("#summary", "Momsnummer: Skriv momsnumret").Says("#summary", "Standardavsändare: Postnummer: Skriv ett finländskt postnummer").
		Says("#summary", "Kontaktperson 1: E-post: Skriv en e-postadress").Has("#invoice_reference[value='Behåll mig']").Has("#vat_number[aria-invalid=true][value='12']")
	form().Set("business_id", testbolaget).Send().Is(422).Says("#business_id-error", "Det finns redan en organisation")
	form().Set("shown", "").Send().Is(400)
	// Somebody new who is added and taken away again before the form is sent is left out.
	form().Set("contact_3_name", "Ångra Mig").Set("contact_3_remove", "yes").Send().LeadsTo(home).Follow().Says(".toast", "Ingenting var ändrat")
}

// Of two who edit at once, the second is told what the first has changed, and loses nothing of what they typed.
func TestTwoWhoChangeTheCompanyAccountAtOnce(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	become(t, p, colleague, account.RegularUser, []account.Permission{account.ManageCompanyAccount})
	home := p.Home(exampleOy) + companyPath
	first, second := p.As(demotest.MainUser), p.As(colleague)
	one, two := first.Get(home+"/information").Form("Spara"), second.Get(home+"/information").Form("Spara")
	one.Set("postal_street", "Nygatan 2").Set("invoice_reference", "Deras").Send().LeadsTo(home)
	told := two.Set("invoice_reference", "Min").Set("visiting_city", "Åbo").Send().Is(http.StatusConflict)
	told.Says(".notice--warn", "Postadress: Gatuadress eller postbox: PB 100 → Nygatan 2").Says(".notice--warn", "Fakturareferens: Logistik 4100 → Deras").
		Has("#postal_street[value='Nygatan 2']").Has("#invoice_reference[value='Min']").Has("#visiting_city[value='Åbo']")
	told.Form("Spara").Send().LeadsTo(home).Follow().Says("main", "Nygatan 2").Says("#history-rows > li:first-child", "Deras").Says("#history-rows > li:first-child", "Min")
}

func TestTheHistoryGoesOn(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	home := p.Home(exampleOy) + companyPath
	for i := range 10 {
		b.Get(home+"/information").Form("Spara").Set("invoice_reference", fmt.Sprint("Nummer ", i)).Send().LeadsTo(home)
	}
	page := b.Get(home)
	if rows := page.Texts("#history-rows > li"); len(rows) != 10 {
		t.Errorf("%d rows", len(rows))
	}
	rest := page.Click("Visa mera").Is(200)
	if rows := rest.Texts("#history-rows > li"); len(rows) != 1 || !strings.Contains(rows[0], "Operatören") || rest.Find("[data-more]").Length() > 0 {
		t.Errorf("the rest is %q", rows)
	}
	b.Get(home + "?after=x").Is(404)
}

func TestAnOrganisationsPage(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	key, _ := newKey(t, p, demotest.MainUser, exampleOy, "Lagersystem")
	gone, _ := newKey(t, p, demotest.MainUser, exampleOy, "Återkallad")
	p.Exec(t, "update api_keys set status = 'revoked', ciphertext = null, status_changed_at = now() where id = $1", gone)
	accounted := applicationOf(t, p, demotest.MainUser, "Webbutiken")
	p.EndNumber(t, "876543", p.Clock.Now().AddDate(0, 0, -1))
	p.Exec(t, "update contract_numbers set valid_from = '2030-02-01', valid_to = '2030-02-03' where number = '654399'")
	b := p.As(demotest.MainUser)
	list := b.Get(p.Home(exampleOy)).Click("Organisationer").Is(200).Says("h1", "Organisationer").HasNo("input[type=search][name=q]#q")
	if rows := list.Texts("#organization-rows > li"); !slices.Equal(rows, []string{"Example Oy FI12345678 Du är här Huvudanvändare"}) {
		t.Errorf("organisations are %q", rows)
	}
	page := list.Click("Example Oy FI12345678 Du är här Huvudanvändare").Is(200).Says("h1", "Example Oy (FI12345678)").
		Says("[aria-labelledby=customer_number]", "123456").Says("[aria-labelledby=customer_number]", "Ingen")
	held := page.Texts("#logistics_contract-rows > li")
	if len(held) != 2 || !strings.HasPrefix(held[0], "654321 Example Oy Giltighet Från 1.1.2024 tills vidare Tilldelade") || !strings.HasSuffix(held[0], "API-nycklar och applikationskonton Lagersystem · API-nyckel Webbutiken · Applikationskonto") ||
		held[1] != "654399 Example Oy Giltighet Från 1.2.2030 till och med 3.2.2030 Gäller inte ännu Tilldelade Ingen API-nycklar och applikationskonton Inga" {
		t.Errorf("logistics contracts are %q", held)
	}
	if others := page.Find("#logistics_contract-rows > li").First().Find("a[href*='/users?number=']"); !strings.HasPrefix(others.Text(), "och ") ||
		others.AttrOr("href", "") != p.Home(exampleOy)+"/users?number="+p.Number(t, "654321").String() {
		t.Errorf("the others: %q %q", others.Text(), others.AttrOr("href", ""))
	}
	page.Says("#ended-rows", "876543 Example Oy · Transportkoder för frakten").HasNo("#freight_transport_code-rows").
		Says("[aria-labelledby=main-users]", "FirstName LastName").Has("a[href$='/keys/" + key + "']").Has("a[href='" + paths.Application(p.Organization(t, exampleOy).ID.String(), accounted) + "']")
	// Who may not see keys reads their names, and no link.
	become(t, p, withoutIt, account.MainUser, nil)
	p.As(withoutIt).Get(p.Home(exampleOy)+"/organization").Is(200).Says("main", "Lagersystem").Says("main", "Webbutiken").HasNo("a[href*='/keys/']").HasNo("a[href*='" + accounted + "']")
	for _, cursor := range []string{"ended_after=x", "logistics_contract_after=654321", "customer_number_after=1.2", "ended_after=" + strings.Repeat("1", 9000)} {
		b.Get(p.Home(exampleOy) + "/organization?" + cursor).Is(404)
	}
	// An organisation of another's is as one that does not exist.
	b.Get(p.Home(testbolaget) + "/organization").Is(404)
	both := p.As(demotest.Both).Get(p.Home(testbolaget) + "/organizations").Is(200)
	if rows := both.Texts("#organization-rows > li"); !slices.Equal(rows, []string{"Example Oy FI12345678 Användare", "Testbolaget Ab FI23456780 Du är här Huvudanvändare"}) {
		t.Errorf("organisations are %q", rows)
	}
	both.Click("Example Oy FI12345678 Användare").Is(200).Says("h1", "Välkommen, Oskar")
}

func TestManyNumbersAreShownAPageAtATime(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	p.Exec(t, `insert into contract_numbers (id, organization_id, kind, number, holder, valid_from, valid_to, created_at)
		select gen_random_uuid(), $1, 'customer_number', (200000 + n)::text, 'Example Oy', '2020-01-01', case when n > 40 then date '2021-01-01' + n / 10 end, now() from generate_series(1, 80) n`,
		p.Organization(t, exampleOy).ID)
	b := p.As(demotest.MainUser)
	for list, want := range map[string]int{"customer_number-rows": 41, "ended-rows": 40} {
		page, seen := b.Get(p.Home(exampleOy)+"/organization").Is(200), []string{}
		for {
			seen = append(seen, page.Texts("#"+list+" .row__text b")...)
			more := page.Find("[data-more=" + list + "]")
			if more.Length() == 0 {
				break
			}
			page = b.Get(more.AttrOr("href", "")).Is(200)
		}
		slices.Sort(seen)
		if len(slices.Compact(seen)) != want {
			t.Errorf("%s: %d numbers, want %d", list, len(seen), want)
		}
	}
	// The log leads to one that the first page does not reach.
	for number, list := range map[string]string{"200039": "customer_number-rows", "200041": "ended-rows", "200002": "customer_number-rows"} {
		page := b.Get(p.Home(exampleOy) + "/organization?number=" + p.Number(t, number).String()).Is(200).Has("#" + list + " #number-" + p.Number(t, number).String())
		if first := page.Text("#customer_number-rows > li:first-child b"); number == "200002" && first != "123456" {
			t.Errorf("what the first page reaches begins at %q", first)
		}
	}
	b.Get(p.Home(exampleOy)+"/organization?number=x").Is(200).Says("#customer_number-rows > li:first-child b", "123456")
	// A number of very many is not counted to the end.
	p.Exec(t, `insert into users (id, email, email_key, first_name, last_name, created_at)
		select gen_random_uuid(), 'x' || n || '@many.example', 'x' || n || '@many.example', 'x', n::text, now() from generate_series(1, 1100) n`)
	p.Exec(t, "insert into memberships (organization_id, user_id, user_type, created_at) select $1, id, 'user', now() from users where email_key like '%@many.example'", p.Organization(t, exampleOy).ID)
	p.Exec(t, "insert into membership_contract_numbers select $1, u.id, c.id, c.kind from users u, contract_numbers c where u.email_key like '%@many.example' and c.number = '654321'", p.Organization(t, exampleOy).ID)
	b.Get(p.Home(exampleOy)+"/organization").Is(200).Says("#logistics_contract-rows", "Visa alla, över 1 000")
}

// Who belongs to very many organisations searches among them; every page stays small.
func TestManyOrganisations(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	p.As(demotest.Both).Get(p.Home(exampleOy)).HasNo("form[action$='/switch']").HasNo("a[href*='/switch']")
	p.Exec(t, `insert into organizations (id, name, business_id, created_at) select gen_random_uuid(), 'Bolag ' || lpad(n::text, 3, '0') || case when n = 77 then ' Mäkelä' else '' end, 'FI' || (30000000 + n), now()
		from generate_series(1, 120) n`)
	p.Exec(t, "insert into memberships (organization_id, user_id, user_type, created_at) select id, $1, 'main_user', now() from organizations where name like 'Bolag %'", p.User(t, demotest.Both))
	b := p.As(demotest.Both)
	page := b.Get(p.Home(testbolaget) + "/users").Is(200)
	if lines := page.Texts("#organizations li"); len(lines) != 8 || !slices.Contains(lines, "Testbolaget Ab FI23456780") {
		t.Errorf("Byt organisation shows %q", lines)
	}
	// Without scripts, the search is a page.
	search := page.Find("#organizations form")
	found := b.Get(search.AttrOr("action", "")+"?"+url.Values{"from": {p.Home(testbolaget) + "/users"}, "q": {"MAKELA"}}.Encode()).Is(200).Says("h1", "Byt organisation")
	if rows := found.Texts("#organization-rows > li"); !slices.Equal(rows, []string{"Bolag 077 Mäkelä FI30000077 Huvudanvändare"}) {
		t.Errorf("found are %q", rows)
	}
	found.Click("Bolag 077 Mäkelä FI30000077 Huvudanvändare").Is(200).Says("h1", "Användarhantering").Says(".page-head__lead", "FI30000077") // the same page there
	var names []string
	all := page.Click("Visa alla organisationer").Is(200)
	for {
		names = append(names, all.Texts("#organization-rows b")...)
		more := all.Find("[data-more=organization-rows]")
		if more.Length() == 0 {
			break
		}
		all = b.Get(more.AttrOr("href", "")).Is(200)
	}
	if len(names) != 122 || names[0] != "Bolag 001" || names[121] != "Testbolaget Ab" || !slices.IsSorted(names) {
		t.Errorf("%d organisations", len(names))
	}
	b.Get(p.Home(testbolaget)+"/switch?q=finns+inte").Is(200).Says("main", `Inga träffar på "finns inte"`)
	for _, from := range []string{"//evil.example", "https://evil.example", "/o/" + unknownID, "x"} {
		links := b.Get(p.Home(testbolaget) + "/switch?q=Example&" + url.Values{"from": {from}}.Encode()).Is(200).Find("#organization-rows a")
		if diff := cmp.Diff(p.Home(exampleOy), links.AttrOr("href", "")); diff != "" {
			t.Error(diff)
		}
	}
}
