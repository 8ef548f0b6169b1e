package web_test

import (
	"encoding/base64"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"omapostipro/internal/account"
	"omapostipro/internal/demo/demotest"
	"omapostipro/web/webtest"
)

const (
	invitationRows = "#invitation-rows li"
	userRows       = "#user-rows li"
)

func TestUsersAreListedByThePage(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	page := b.Get(p.Home(exampleOy)).Is(200).Click("Användare").Is(200).Says("h1", "Användarhantering").
		Says("#invitations", "Inbjudningar 12").Says("#users", "Användare 65").Has("input[type=search][aria-label='Sök användare eller e-postadress']")
	if rows := page.Texts(invitationRows); len(rows) != 10 || !slices.Contains(rows, "first last new@example.com 22.7.2024") {
		t.Errorf("invitations are %q", rows)
	}
	if rows := page.Texts(userRows); len(rows) != 10 || !slices.ContainsFunc(rows, func(row string) bool { return strings.Contains(row, "FirstName LastName main.user@example.com") }) {
		t.Errorf("users are %q", rows)
	}
	// Visa mera goes on with one list and leaves the other where it is.
	var names []string
	for {
		names = append(names, page.Texts(userRows+" b")...)
		more := page.Find("[data-more=user-rows]")
		if more.Length() == 0 {
			break
		}
		next := b.Get(more.AttrOr("href", "")).Is(200)
		if diff := cmp.Diff(page.Texts(invitationRows), next.Texts(invitationRows)); diff != "" {
			t.Errorf("the invitations have moved: %s", diff)
		}
		page = next
	}
	if len(names) != 65 || names[0] != "Aino Korhonen" || !slices.Equal(names[62:], []string{"Åsa Österberg", "Ärla Nygård", "Östen Öst"}) {
		t.Errorf("%d users, last %q", len(names), names[max(0, len(names)-4):])
	}
	if slices.Sort(names); len(slices.Compact(names)) != 65 {
		t.Error("somebody is listed twice")
	}
	rest := b.Get(page.Find("[data-more=invitation-rows]").AttrOr("href", "")).Is(200)
	if rows := rest.Texts(invitationRows); len(rows) != 2 || rest.Find("[data-more=invitation-rows]").Length() != 0 {
		t.Errorf("the rest of the invitations are %q", rows)
	}
	if diff := cmp.Diff(page.Texts(userRows), rest.Texts(userRows)); diff != "" {
		t.Errorf("the users have moved: %s", diff)
	}
	// What is no cursor leads nowhere.
	for _, cursor := range []string{"x", "%00", "eyJuIjoiXHUwMDAwIn0", strings.Repeat("A", 9999)} {
		b.Get(p.Home(exampleOy) + "/users?users_after=" + cursor).Is(404)
		b.Get(p.Home(exampleOy) + "/users?invitations_after=" + cursor).Is(404)
	}
}

func TestSearchFindsInBothLists(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	search := func(query string) *webtest.Page {
		t.Helper()
		return b.Get(p.Home(exampleOy) + "/users?q=" + url.QueryEscape(query)).Is(200)
	}
	for _, test := range []struct {
		query              string
		invitations, users int
	}{
		{"FirstName LastName", 0, 1}, {"main.user@EXAMPLE.com", 0, 1}, {"first", 1, 1}, {"åsa", 0, 2}, {"ÅSA", 0, 2}, {" öst ", 0, 2}, {"ja öh", 0, 1}, {"makela", 0, 1}, {"AKERLUND", 1, 0}, {"nobody@", 0, 0},
		{"example.com", 12, 65}, {"%", 0, 0}, {"_", 0, 0}, {`\`, 0, 0}, {"'", 0, 0}, {"Maria Virtanen", 0, 0}, {"x\x00y", 0, 0}, {strings.Repeat("a", 5000), 0, 0},
	} {
		page := search(test.query)
		if test.invitations+test.users == 0 {
			page.Says("main [role=status]", "Inga träffar på").Click("Rensa sökningen").Is(200).Says("#users", "Användare 65")
			continue
		}
		page.Says("#invitations", fmt.Sprintf("Inbjudningar %d", test.invitations)).Says("#users", fmt.Sprintf("Användare %d", test.users))
		if kept := page.Find("#q").AttrOr("value", ""); kept != strings.TrimSpace(test.query) {
			t.Errorf("%q is kept as %q", test.query, kept)
		}
	}
	search("nobody <b>").Says("main", `Inga träffar på "nobody <b>"`)
	// The next page of a search is of the search.
	more := search("example.com").Find("[data-more=user-rows]").AttrOr("href", "")
	b.Get(more).Is(200).Says("#users", "65").Has("#q[value='example.com']")
	page := search("an")
	if file := page.Click("Ladda ner csv").Is(200); strings.Count(file.Body, "\r\n")-1 != len(demotest.Rows[struct{ ID string }](t, p.System,
		`select u.id::text from users u join memberships m on m.user_id = u.id where m.organization_id = $1 and searched_text(u.first_name, u.last_name, u.email) like '% an%'`,
		p.Organization(t, exampleOy).ID)) {
		t.Errorf("the file has %d lines", strings.Count(file.Body, "\r\n"))
	}
}

func TestInvitationsEnd(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	b.Get(p.Home(exampleOy) + "/users").HasNo(".state--gone")
	p.Clock.Advance(6 * 24 * time.Hour)
	p.As(demotest.MainUser).Get(p.Home(exampleOy) + "/users").HasNo(".state--gone")
	p.Clock.Advance(24 * time.Hour)
	page := p.As(demotest.MainUser).Get(p.Home(exampleOy) + "/users")
	if gone := page.Texts(".state--gone"); len(gone) != 9 || gone[0] != "Utgången" { // the tenth is valid without end
		t.Errorf("of ten %q", gone)
	}
	p.As(demotest.MainUser).Get(p.Home(exampleOy) + "/users?q=new@").Is(200).HasNo(".state--gone")
	p.As(demotest.OtherMain).Get(p.Home(testbolaget)+"/users").Says("main", "Inga väntande inbjudningar").Says("#users", "Användare 2")
}

func TestUsersAsAFile(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	p.Exec(t, "update users set first_name = '=cmd()', last_name = '\"; x' where email_key = $1", colleague)
	become(t, p, colleague, account.RegularUser, []account.Permission{account.ViewReports, account.CreateShipments}, "123456")
	b := p.As(demotest.MainUser)
	file := b.Get(p.Home(exampleOy) + "/users").Click("Ladda ner csv").Is(200)
	for name, want := range map[string]string{"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": `attachment; filename="anvandare.csv"`, "Cache-Control": "no-store"} {
		if got := file.Header.Get(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if !strings.HasPrefix(file.Body, "\ufeff") || strings.Count(file.Body, "\n") != strings.Count(file.Body, "\r\n") {
		t.Error("no byte order mark, or other ends of lines")
	}
	reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.Body, "\ufeff")))
	reader.Comma = ';'
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	head := []string{"Förnamn", "Efternamn", "E-posten (Användarnamn)", "Användartyp", "Skapa försändelser och hämtningsbeställningar", "Spåra försändelser",
		"Se rapporter", "Hantera företagskontoinformation", "Hantera integrationer", "Kundnummer", "Logistikavtal ID", "Transportkoder för frakten"}
	if diff := cmp.Diff(head, rows[0]); diff != "" {
		t.Error(diff)
	}
	if len(rows) != 1+65 {
		t.Errorf("%d rows", len(rows))
	}
	for _, want := range [][]string{
		{"FirstName", "LastName", demotest.MainUser, "Huvudanvändare", "Ja", "Ja", "Ja", "Ja", "Ja", "", "654321", "876543"},
		{"'=cmd()", `"; x`, colleague, "Användare", "Saknar avtalsnummer", "", "Ja", "", "", "123456", "", ""},
		{"Peter", "Lindholm", demotest.PlainUser, "Användare", "Ja", "Ja", "", "", "", "", "654321", ""},
	} {
		if !slices.ContainsFunc(rows, func(row []string) bool { return slices.Equal(row, want) }) {
			t.Errorf("no row %q", want)
		}
	}
	if strings.Contains(file.Body, demotest.OtherMain) {
		t.Error("another organisation's people are in it")
	}
	if none := b.Get(p.Home(exampleOy) + "/users.csv?q=nobody").Is(200); strings.Count(none.Body, "\n") != 1 || !strings.Contains(none.Body, "Förnamn") {
		t.Errorf("of nobody: %q", none.Body)
	}
	b.Post("/language", form("language", "en")).Is(303)
	if english := b.Get(p.Home(exampleOy) + "/users.csv").Is(200); !strings.Contains(english.Body, "First name;Last name") {
		t.Errorf("in English: %.200s", english.Body)
	}
}

func TestInformationListsWhereTheReaderIsMainUserOnly(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	both := p.User(t, demotest.Both).String()
	row := p.As(demotest.MainUser).Get(p.Home(exampleOy)+"/users?q=both@").Is(200).Says(userRows, "Oskar Lindqvist")
	page := row.Get(row.Find(userRows+" a").AttrOr("href", "")).Is(200).Says("h1", "Användarinformation")
	if facts := page.Texts(".facts--two > div:nth-child(-n+4)"); !slices.Equal(facts, []string{"Förnamn Oskar", "Efternamn Lindqvist", "E-posten (Användarnamn) both@example.com", "Telefon – Inte angivet"}) {
		t.Errorf("the facts are %q", facts)
	}
	if organizations := page.Texts(".membership h3"); !slices.Equal(organizations, []string{"Example Oy (FI12345678)"}) || strings.Contains(page.Body, "Testbolaget") || strings.Contains(page.Body, "600123") {
		t.Errorf("listed are %q", organizations)
	}
	page.Says(".membership__body", "Användare").Says(".membership__body", "Spåra försändelser").Says(".membership__body", "654321 Example Oy").
		HasNo("details.open").HasNo(".membership summary a").HasNo(".membership summary button")
	p.As(demotest.MainUser).Get(p.Home(exampleOy) + "/users/" + both + "?open=" + p.Organization(t, exampleOy).ID.String()).Has(".membership details[open]")

	// A main user of both sees both, from either.
	p.Exec(t, "insert into memberships (organization_id, user_id, user_type, created_at) select id, $1, 'main_user', now() from organizations where business_id = $2",
		p.User(t, demotest.MainUser), testbolaget)
	page = p.As(demotest.MainUser).Get(p.Home(testbolaget) + "/users/" + both).Is(200)
	if organizations := page.Texts(".membership h3"); !slices.Equal(organizations, []string{"Example Oy (FI12345678)", "Testbolaget Ab (FI23456780)"}) {
		t.Errorf("listed are %q", organizations)
	}
	// Where the person has left, they are not there.
	p.Leave(t, demotest.Both, exampleOy)
	p.As(demotest.MainUser).Get(p.Home(exampleOy) + "/users/" + both).LeadsTo(p.Home(exampleOy) + "/users")
	if listed := p.As(demotest.MainUser).Get(p.Home(testbolaget) + "/users/" + both).Is(200).Texts(".membership h3"); len(listed) != 1 {
		t.Errorf("listed are %q", listed)
	}
}

// Page 1 saves on Nästa, page 2 refuses while a permission lacks its numbers.
func TestPermissionsAndNumbersAreEdited(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	become(t, p, colleague, account.RegularUser, nil)
	b := p.As(demotest.MainUser)
	user := p.Home(exampleOy) + "/users/" + p.User(t, colleague).String()
	first := b.Get(user).Is(200).Click("Ändra").Is(200).Says("#dialog-title", "Example Oy (FI12345678)").Says(".dialog__head", colleague).
		Says("dialog[open]", "Tryck nästa för att spara dina ändringar").Says("dialog[open] legend", "Användartyp").Says("dialog[open] h3", "Behörigheter").
		Says("dialog[open]", "Dessa användningsbehörigheter kräver avtalsnummer (se nästa sida)").Has("input[name=user_type][value=" + regular + "][checked]")
	if labels := first.Texts("dialog[open] input[name=permission] ~ label"); !slices.Equal(labels, []string{"Skapa försändelser och hämtningsbeställningar", "Spåra försändelser",
		"Se rapporter", "Hantera företagskontoinformation", "Hantera integrationer"}) {
		t.Errorf("the permissions are %q", labels)
	}
	if marked := first.Find("dialog[open] input[aria-describedby=needs-numbers]").Length(); marked != 3 {
		t.Errorf("%d are marked", marked)
	}
	second := first.Form("Nästa").Set("permission", "create_shipments", "view_reports", "manage_integrations").Send().LeadsTo(user + "/contract-numbers").Follow().Is(200)

	// It is saved, and not in force.
	information := b.Get(user).Is(200)
	if lacking := information.Texts(".membership .ticked li"); !slices.Equal(lacking, []string{
		"Skapa försändelser och hämtningsbeställningar Saknar avtalsnummer – gäller inte ännu", "Se rapporter Saknar avtalsnummer – gäller inte ännu", "Hantera integrationer Gäller"}) {
		t.Errorf("held are %q", lacking)
	}
	if link := information.Click("Saknar avtalsnummer – gäller inte ännu").Is(200); link.Path != user+"/contract-numbers" {
		t.Errorf("the remark leads to %s", link.Path)
	}
	if held := p.Actor(t, colleague, exampleOy); held.Holds(account.CreateShipments) || !held.Holds(account.ManageIntegrations) {
		t.Errorf("in force for %+v", held)
	}

	second.Says("dialog[open]", "Tryck på Gör ändringar för att spara dina ändringar").Says("dialog[open] h3", "Kundnummer, Kontrakt & Transportkoder").
		Says("dialog[open]", "För de valda användningsbehörigheterna måste du välja avtalsnummer:").
		Says("dialog[open]", "Du kan också välja flera olika typer av avtalsnummer, avtalskoder eller transportkoder.").Says("dialog[open] h4", "Avtalsnummer:")
	if rules := second.Texts(".rules li"); !slices.Equal(rules, []string{
		"Se rapporter kräver minst ett kundnummer, ett avtalsnummer för logistiken eller en transportkod för frakten.",
		"Skapa försändelser och hämtningsbeställningar kräver minst ett avtalsnummer för logistiken eller en transportkod för frakten."}) {
		t.Errorf("the rules are %q", rules)
	}
	if labels := second.Texts("dialog[open] .picker > legend"); !slices.Equal(labels, []string{"Välj kundnummer:", "Välj logistikserviceavtal – Aktiverar Postis paket- och brevtjänster:",
		"Välj transport-ID – Aktiverar OmaPosti Pro-frakttjänster:"}) {
		t.Errorf("the drop-downs are %q", labels)
	}
	if back := second.Click("Tillbaka"); back.Path != user+"/permissions" {
		t.Errorf("Tillbaka leads to %s", back.Path)
	}

	// It refuses at the list concerned, in the manual's words, with the way back to page 1.
	refused := second.Form("Gör ändringar").Send().Is(422)
	refused.Says("#logistics_contract-error", "Skapa försändelser och hämtningsbeställningar kräver minst ett avtalsnummer för logistiken eller en transportkod för frakten.").
		Says("#customer_number-error", "Se rapporter kräver minst ett kundnummer, ett avtalsnummer för logistiken eller en transportkod för frakten.").
		Has("#summary a[href='#logistics_contract']").Has("#summary a[href='#customer_number']")
	if back := refused.Click("Tillbaka till behörigheterna").Is(200); back.Path != user+"/permissions" {
		t.Errorf("the way back leads to %s", back.Path)
	}
	customer := p.Number(t, "123456").String()
	refused.Form("Gör ändringar").Set("customer_number", customer).Send().Is(422).HasNo("#customer_number-error").Has("#logistics_contract-error").
		Has("input[name=customer_number][checked]")
	refused.Form("Gör ändringar").Set("freight_transport_code", p.Number(t, "876543").String()).Send().LeadsTo(user+"?open="+p.Organization(t, exampleOy).ID.String()).
		Follow().Is(200).Says("#toasts", "Ändringarna är sparade.").HasNo(".state--warn").Says(".membership", "876543 Example Oy")
	if held := p.Actor(t, colleague, exampleOy); !held.Holds(account.CreateShipments) || !held.Holds(account.ViewReports) {
		t.Errorf("in force for %+v", held)
	}
	for field, id := range map[string]string{"logistics_contract": p.Number(t, "600123").String(), "customer_number": unknownID, "freight_transport_code": "x"} {
		b.Get(user+"/contract-numbers").Form("Gör ändringar").Tick(field, id).Send().Is(422).Says("#logistics_contract-error", "Ett av numren finns inte längre.")
	}
	changes := demotest.Rows[struct {
		Fields, Before, After, Added string
	}](t, p.System, `select array_to_string(e.fields, ' ') as fields, coalesce(v.personal_values ->> 'before', '') as before,
			coalesce(v.personal_values ->> 'after', '') as after, coalesce(v.personal_values ->> 'added', '') as added
		from audit_events e join audit_personal_values v on v.event_id = e.id
		where e.action = 'membership.changed' and e.object_id = $1 and v.user_id = $1 order by e.occurred_at, e.id`, p.User(t, colleague))
	if len(changes) != 2 || changes[0].Fields != "permissions" || !strings.Contains(changes[0].After, "create_shipments") || strings.Contains(changes[0].Before, "create_shipments") ||
		changes[1].Fields != "contract_numbers" || changes[1].Added != `["876543"]` {
		t.Errorf("events are %+v", changes)
	}
	// Saving what is already so leaves no event.
	b.Get(user + "/permissions").Form("Nästa").Send().Is(303)
	b.Get(user + "/contract-numbers").Form("Gör ändringar").Send().Is(303)
	if events := demotest.Value[int](t, p.System, "select count(*) from audit_events where action = 'membership.changed'"); events != 2 {
		t.Errorf("%d events", events)
	}
}

func TestPermissionFormIsChecked(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	become(t, p, colleague, account.RegularUser, []account.Permission{account.TrackShipments}, "654321")
	b := p.As(demotest.MainUser)
	page := p.Home(exampleOy) + "/users/" + p.User(t, colleague).String() + "/permissions"
	for name, test := range map[string]struct {
		sent  func(*webtest.Form) *webtest.Form
		field string
	}{
		"no user type":       {func(f *webtest.Form) *webtest.Form { return f.Set("user_type") }, "user_type"},
		"unknown user type":  {func(f *webtest.Form) *webtest.Form { return f.Set("user_type", "operator") }, "user_type"},
		"user type with NUL": {func(f *webtest.Form) *webtest.Form { return f.Set("user_type", "main_user\x00") }, "user_type"},
		"unknown permission": {func(f *webtest.Form) *webtest.Form { return f.Tick("permission", "everything") }, "permission"},
		"invalid UTF-8":      {func(f *webtest.Form) *webtest.Form { return f.Tick("permission", "\xff") }, "permission"},
	} {
		answer := test.sent(b.Get(page).Is(200).Form("Nästa")).Send()
		if answer.Status != 422 {
			t.Errorf("%s: %d", name, answer.Status)
			continue
		}
		answer.Says("#"+test.field+"-error", "Välj ett av alternativen.").Has("#summary a[href='#" + test.field + "']").Has("input[value=track_shipments][checked]")
	}
	if held := p.Actor(t, colleague, exampleOy); held.UserType != account.RegularUser || len(held.Permissions) != 1 {
		t.Errorf("changed to %+v", held)
	}
}

// A kind of which the organisation has none says so instead of an empty drop-down.
func TestKindsWithoutNumbersSaySo(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.OtherMain)
	page := p.Home(testbolaget) + "/users/" + p.User(t, demotest.OtherMain).String() + "/contract-numbers"
	b.Get(page).Is(200).Says("#customer_number", "Testbolaget Ab har inga kundnummer.").HasNo("input[name=customer_number]").Has("summary#logistics_contract")
	p.EndNumber(t, "800123", p.Clock.Now().AddDate(0, 0, -1))
	// One that is over cannot be chosen any more, only taken away.
	b.Get(page).Is(200).Says(".picker__item", "gäller inte längre").Has("input[name=freight_transport_code][checked]:not([disabled])").
		Form("Gör ändringar").Set("freight_transport_code").Send().Is(303)
	b.Get(page).Says("#freight_transport_code", "Testbolaget Ab har inga transportkoder.")
}

// Numbers that are over put a permission out of force, and are told so.
func TestEndedNumbersDoNotCount(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	user := p.Home(exampleOy) + "/users/" + p.User(t, demotest.PlainUser).String()
	b.Get(user).HasNo(".state--warn")
	p.EndNumber(t, "654321", p.Clock.Now().AddDate(0, 0, -1))
	b.Get(user).Has(".state--warn").Says(".chip--closed", "654321")
	b.Get(user + "/contract-numbers").Form("Gör ändringar").Send().Is(422).Has("#logistics_contract-error")
	p.As(demotest.PlainUser).Get(p.Home(exampleOy)).Is(200).Says("main", "Saknar avtalsnummer – gäller inte ännu")
}

// Keys keep the numbers of their making; saving says so, and names those that a number taken away is still used by.
func TestSavingNumbersTellsOfKeys(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	user := p.Home(exampleOy) + "/users/" + p.User(t, demotest.MainUser).String()
	save := func(numbers ...string) *webtest.Page {
		t.Helper()
		f := b.Get(user + "/contract-numbers").Is(200).Form("Gör ändringar").Set("logistics_contract").Set("freight_transport_code")
		for _, number := range numbers {
			f.Tick("logistics_contract", p.Number(t, number).String())
		}
		return f.Send().Is(303).Follow().Is(200)
	}
	if page := save("654321", "876543", "654399"); strings.Contains(page.Text("main")+page.Text("#toasts"), "API-nycklar") {
		t.Error("keys are told of although there are none")
	}
	for i := range 7 {
		p.Clock.Advance(time.Second)
		newKey(t, p, demotest.MainUser, exampleOy, fmt.Sprintf("Nyckel %d", i))
	}
	page := save("654321", "876543", "654399")
	receipt := func(page *webtest.Page) string { return page.Text("body") }
	if text := receipt(page); !strings.Contains(text, "Personens API-nycklar behåller de avtalsnummer som de skapades med.") || strings.Contains(text, "använder fortfarande") {
		t.Errorf("saving says %q", text)
	}
	page.Has("a[href='" + p.Home(exampleOy) + keysPath + "']")
	text := receipt(save("654321"))
	for _, want := range []string{"Nyckel 6 använder fortfarande 654399.", "Nyckel 2 använder fortfarande 654399.", "och 9 till"} {
		if !strings.Contains(text, want) {
			t.Errorf("saving does not say %q: %s", want, text)
		}
	}
	// However long the keys' descriptions are, the receipt comes.
	p.Exec(t, "update api_keys set description = repeat('<', 97) || suffix where status = 'enabled'")
	if text := receipt(save("654321", "654399")) + receipt(save("654321")); !strings.Contains(text, "API-nycklar behåller") {
		t.Errorf("saving says %q", text)
	}
	// Revoked keys use nothing.
	p.Exec(t, "update api_keys set status = 'revoked', ciphertext = null, status_changed_at = now()")
	if text := receipt(save("654321", "654399")); strings.Contains(text, "API-nycklar behåller") {
		t.Errorf("saving says %q", text)
	}
}

func TestLastMainUserStays(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	become(t, p, demotest.SecondMain, account.RegularUser, nil)
	b := p.As(demotest.MainUser)
	page := p.Home(exampleOy) + "/users/" + p.User(t, demotest.MainUser).String() + "/permissions"
	refused := b.Get(page).Form("Nästa").Set("user_type", regular).Set("permission", "manage_integrations").Send().Is(422).
		Says("#user_type-error", "Example Oy måste ha minst en huvudanvändare. Gör först någon annan till huvudanvändare.").Has("#summary a[href='#user_type']")
	if kept := refused.Form("Nästa").Values; kept.Get("user_type") != regular || !slices.Equal(kept["permission"], []string{"manage_integrations"}) {
		t.Errorf("kept is %v", kept)
	}
	sent := b.Get(page).Form("Nästa").Set("user_type", regular).Set("confirmed", "yes")
	sent.Send().Is(422).Has("#user_type-error")
	if held := p.Actor(t, demotest.MainUser, exampleOy); held.UserType != account.MainUser || len(held.Permissions) != 5 {
		t.Errorf("changed to %+v", held)
	}
	// Behind the services' back neither.
	for _, change := range []string{"update memberships set user_type = '" + regular + "'", "update memberships set ended_at = now()", "delete from memberships"} {
		if err := p.System.Exec(t.Context(), change+" where user_id = $1", p.User(t, demotest.MainUser)); err == nil {
			t.Errorf("%s: done", change)
		}
	}
}

// Two main users who demote each other at the same moment: one stays.
func TestDemotionsInParallelLeaveAMainUser(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	first, second := p.As(demotest.MainUser), p.As(demotest.SecondMain)
	firstPage := p.Home(exampleOy) + "/users/" + p.User(t, demotest.MainUser).String() + "/permissions"
	secondPage := p.Home(exampleOy) + "/users/" + p.User(t, demotest.SecondMain).String() + "/permissions"
	demotion := form("version", "main_user", "user_type", regular)
	for range 50 {
		become(t, p, demotest.MainUser, account.MainUser, nil)
		become(t, p, demotest.SecondMain, account.MainUser, nil)
		var wg sync.WaitGroup
		statuses := make([]int, 2)
		wg.Go(func() { statuses[0] = first.Copy().Post(secondPage, demotion).Status })
		wg.Go(func() { statuses[1] = second.Copy().Post(firstPage, demotion).Status })
		wg.Wait()
		left := demotest.Value[int](t, p.System, "select count(*) from memberships where organization_id = $1 and user_type = 'main_user'", p.Organization(t, exampleOy).ID)
		// The second one came too late to be a main user at all (403), or to be allowed to (422).
		if slices.Sort(statuses); left != 1 || statuses[0] != 303 || statuses[1] != 422 && statuses[1] != 403 {
			t.Fatalf("%d main users are left after %v", left, statuses)
		}
	}
}

func TestOwnDemotionIsAskedFirst(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	page := p.Home(exampleOy) + "/users/" + p.User(t, demotest.MainUser).String() + "/permissions"
	asks := b.Get(page).Form("Nästa").Set("user_type", regular).Set("permission", "manage_integrations", "track_shipments").Send().Is(422).
		Says("dialog[open]", "Vill du sluta vara huvudanvändare?").Has("dialog[open] a[href='" + page + "']")
	if held := p.Actor(t, demotest.MainUser, exampleOy); held.UserType != account.MainUser {
		t.Error("done without an answer")
	}
	hem := asks.Form("Ja, sluta vara huvudanvändare").Send().LeadsTo(p.Home(exampleOy)).Follow().Is(200)
	if text := hem.Text("body"); !strings.Contains(text, "Du är inte längre huvudanvändare i Example Oy.") {
		t.Errorf("Hem says %q", text)
	}
	if held := p.Actor(t, demotest.MainUser, exampleOy); held.UserType != account.RegularUser || len(held.Permissions) != 2 {
		t.Errorf("became %+v", held)
	}
	b.Get(page).Is(403)
	// Others are demoted without asking.
	become(t, p, demotest.MainUser, account.MainUser, nil)
	other := p.Home(exampleOy) + "/users/" + p.User(t, demotest.SecondMain).String()
	b.Get(other+"/permissions").Form("Nästa").Set("user_type", regular).Send().LeadsTo(other + "/contract-numbers")
}

// Two who edit at once: the second is told what changed, nothing is overwritten unseen.
func TestStaleFormsAreToldWhatChanged(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	become(t, p, colleague, account.RegularUser, []account.Permission{account.TrackShipments, account.ManageCompanyAccount}, "654321")
	first, second := p.As(demotest.MainUser), p.As(demotest.SecondMain)
	user := p.Home(exampleOy) + "/users/" + p.User(t, colleague).String()
	open := func(b *webtest.Browser, page, press string) *webtest.Form {
		return b.Get(user + page).Is(200).Form(press)
	}

	late := open(second, "/permissions", "Nästa").Tick("permission", "view_reports")
	open(first, "/permissions", "Nästa").Set("user_type", "main_user").Set("permission", "track_shipments", "create_shipments").Send().Is(303)
	told := late.Send().Is(http.StatusConflict).Says("dialog[open] [role=alert]", "Någon annan har ändrat uppgifterna")
	if changes := told.Texts("dialog[open] [role=alert] li"); !slices.Equal(changes, []string{"Ny användartyp: Huvudanvändare",
		"Tillagt: Skapa försändelser och hämtningsbeställningar", "Borttaget: Hantera företagskontoinformation"}) {
		t.Errorf("told is %q", changes)
	}
	now := p.Actor(t, colleague, exampleOy)
	if now.UserType != account.MainUser || len(now.Permissions) != 2 {
		t.Errorf("overwritten: %+v", now)
	}
	// The form shows what is now, and can be sent.
	again := told.Form("Nästa")
	if again.Values.Get("user_type") != "main_user" || !slices.Equal(again.Values["permission"], []string{"create_shipments", "track_shipments"}) {
		t.Errorf("the form is filled with %v", again.Values)
	}
	again.Tick("permission", "view_reports").Send().Is(303)

	late = open(second, "/contract-numbers", "Gör ändringar").Tick("customer_number", p.Number(t, "123456").String())
	open(first, "/contract-numbers", "Gör ändringar").Set("logistics_contract", p.Number(t, "654399").String()).Send().Is(303)
	told = late.Send().Is(http.StatusConflict)
	if changes := told.Texts("dialog[open] [role=alert] li"); !slices.Equal(changes, []string{"Tillagt: 654399 Example Oy", "Borttaget: 654321 Example Oy"}) {
		t.Errorf("told is %q", changes)
	}
	told.Form("Gör ändringar").Tick("customer_number", p.Number(t, "123456").String()).Send().Is(303)
	if numbers := p.Actor(t, colleague, exampleOy).Numbers; len(numbers) != 2 {
		t.Errorf("assigned are %v", numbers)
	}
	// A form without its version cannot know.
	first.Post(user+"/permissions", form("user_type", regular)).Is(http.StatusConflict)
	first.Post(user+"/contract-numbers", form("logistics_contract", p.Number(t, "654321").String())).Is(http.StatusConflict)
}

// No event, no change: when what happened cannot be written down, it does not happen.
func TestWithoutAnEventNothingChanges(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	become(t, p, colleague, account.RegularUser, nil)
	key, _ := newKey(t, p, demotest.MainUser, exampleOy, "Webbutiken")
	b := p.As(demotest.MainUser)
	b.Get(p.Home(exampleOy)).Is(200)
	user := p.Home(exampleOy) + "/users/" + p.User(t, colleague).String()
	keys := p.Home(exampleOy) + keysPath + "/keys"
	state := func() string {
		return demotest.Value[string](t, p.System, `select jsonb_build_array(
			(select jsonb_agg(k order by id) from api_keys k), (select jsonb_agg(k order by api_key_id, contract_number_id) from api_key_contract_numbers k),
			(select jsonb_agg(to_jsonb(m) - 'last_seen_at' order by organization_id, user_id) from memberships m), (select jsonb_agg(l order by organization_id, user_id) from listed_people l),
			(select jsonb_agg(m order by organization_id, user_id, permission) from membership_permissions m),
			(select jsonb_agg(m order by organization_id, user_id, contract_number_id) from membership_contract_numbers m),
			(select jsonb_agg(to_jsonb(u) - 'last_organization_id' order by id) from users u), (select jsonb_agg(s order by id) from sessions s), (select count(*) from audit_events))::text`)
	}
	before := state()
	p.AsSuperuser(t, "revoke insert on portal.audit_events from portal_app")
	for path, sent := range map[string]url.Values{
		keys:                                   form("description", "x", "token", newID(t).String(), "contract", p.Number(t, "654321").String()),
		keys + "/" + key + "/value":            nil,
		keys + "/" + key + "/deactivation":     nil,
		keys + "/" + key + "/revocation":       nil,
		user + "/permissions":                  form("version", regular, "user_type", "main_user"),
		user + "/contract-numbers":             form("version", "", "logistics_contract", p.Number(t, "654321").String()),
		p.Home(exampleOy) + "/users/selection": choose(t, p, b, "end", demotest.PlainUser).Form("Ta bort från organisationen").Values,
		"/language":                            form("language", "fi"),
		"/logout":                              nil,
		"/login":                               credentials(demotest.SecondMain, "OmaPosti-demo-2024"),
	} {
		page := b.Copy().Post(path, sent)
		if page.Status != 500 || page.Text("main code") != page.Header.Get("X-Request-Id") {
			t.Errorf("%s: %d %s", path, page.Status, page.Text("main"))
		}
		if strings.Contains(page.Body, "opp_") {
			t.Errorf("%s: the value is given", path)
		}
	}
	if diff := cmp.Diff(before, state()); diff != "" {
		t.Error(diff)
	}
	p.AsSuperuser(t, "grant insert on portal.audit_events to portal_app")
	b.Post(user+"/permissions", form("version", regular, "user_type", "main_user")).Is(303)
}

// Everything is in one organisation at a time; Byt organisation leads to the same page there, or to its Hem.
func TestSwitchingOrganizations(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.Both)
	example, test := p.Organization(t, exampleOy).ID.String(), p.Organization(t, testbolaget).ID.String()
	for path, want := range map[string]string{
		"":                    "/o/" + test,
		"/nothing":            "/o/" + test,
		keysPath:              "/o/" + test + keysPath, // shown with the 403 page, too
		"/integrations":       "/o/" + test + "/integrations",
		"/users":              "/o/" + test + "/users",
		"/users/" + unknownID: "/o/" + test + "/users",
	} {
		page := b.Get("/o/" + example + path)
		if url := page.Find("#organizations a[href^='/o/"+test+"']").AttrOr("href", ""); url != want && !strings.HasPrefix(path, "/integrations") && !strings.HasPrefix(path, "/users") {
			t.Errorf("%s leads to %s, want %s", path, url, want)
		}
	}
	for path, want := range map[string]string{"/users": "/o/" + example, keysPath: "/o/" + example, "": "/o/" + example} {
		page := b.Get("/o/" + test + path).Is(200).Has("#organizations a[aria-current=page]")
		if url := page.Find("#organizations a:not([aria-current])").AttrOr("href", ""); url != want {
			t.Errorf("%s leads to %s, want %s", path, url, want)
		}
	}
	become(t, p, demotest.Both, account.MainUser, []account.Permission{account.ManageIntegrations})
	for _, path := range []string{"/users", "/integrations", keysPath, ""} {
		page := b.Get("/o/" + test + path).Is(200)
		if url := page.Find("#organizations a:not([aria-current])").AttrOr("href", ""); url != "/o/"+example+path {
			t.Errorf("%s leads to %s", path, url)
		}
	}
	// What is of one organisation only leads to its list there.
	key, _ := newKey(t, p, demotest.Both, testbolaget, "Webbutiken")
	for path, want := range map[string]string{keysPath + "/keys/" + key: keysPath, keysPath + "/keys/new": keysPath, "/users/" + p.User(t, demotest.OtherMain).String(): "/users"} {
		if url := b.Get("/o/"+test+path).Is(200).Find("#organizations a:not([aria-current])").AttrOr("href", ""); url != "/o/"+example+want {
			t.Errorf("%s leads to %s", path, url)
		}
	}
	// Two tabs can be in two.
	b.Get("/o/"+test+"/users").Says("#users", "2")
	b.Get("/o/"+example+"/users").Says("#users", "65")
	p.As(demotest.MainUser).Get(p.Home(exampleOy)).HasNo("#organizations") // who belongs to one has nothing to change
}

// What a filter shows is in the address, the file, and the next page.
func TestUsersAreFiltered(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	list := p.Home(exampleOy) + "/users"
	page := b.Get(list).Is(200).HasNo(".filters[open]").HasNo("#matches > *")
	if numbers := page.Texts("#number option"); !slices.Equal(numbers, []string{"Alla", "123456 Example Oy", "654321 Example Oy", "654399 Example Oy", "876543 Example Oy"}) {
		t.Errorf("to filter by: %q", numbers)
	}
	main := b.Get(list+"?type=main_user").Is(200).Has(".filters[open]").Has("#type option[value=main_user][selected]").Says("#matches", "2 träffar").
		Says("#users", "Användare 2").Says("#lists", "Ingen passar filtret").Says(userRows, "FirstName LastName")
	if file := main.Click("Ladda ner csv").Is(200); strings.Count(file.Body, "\r\n") != 3 || !strings.Contains(file.Body, "Sanna;Andersson") {
		t.Errorf("the file is %q", file.Body)
	}
	main.Click("Rensa filtret").Is(200).Says("#users", "Användare 65")
	with := b.Get(list + "?permission=view_reports&number=" + p.Number(t, "654321").String()).Is(200)
	lacking := b.Get(list + "?lacking=yes").Is(200).HasNo("#invitations").Has("#lacking[checked]")
	total := demotest.Value[int](t, p.System, "select count(*) from lacking_people where days @> current_date")
	if total == 0 {
		t.Fatal("nobody lacks numbers")
	}
	lacking.Says("#users", fmt.Sprintf("Användare %d", total)).Says("#matches", fmt.Sprintf("%d träffar", total))
	regular := b.Get(list + "?type=user").Is(200)
	if next := b.Get(regular.Find("[data-more=user-rows]").AttrOr("href", "")).Is(200).Has("#type option[value=user][selected]"); slices.Equal(next.Texts(userRows), regular.Texts(userRows)) {
		t.Error("the next page is the first")
	}
	if len(with.Texts(userRows)) == 0 {
		t.Error("nobody has a permission and a number")
	}
	b.Get(list+"?unseen=yes&q=anna").Is(200).Says("#matches", `Inga träffar på "anna"`).Click("Rensa filtret").Is(200).Says("#matches", `på "anna"`)
	// What there is not is not chosen; a number that is none is nobody's.
	b.Get(list+"?type=boss&permission=everything&lacking=1&unseen=on").Is(200).Says("#users", "Användare 65").HasNo(".filters[open]")
	for _, number := range []string{"x", unknownID, p.Number(t, "600123").String(), "%00"} {
		b.Get(list+"?number="+number).Is(200).Says("#matches", "Ingen passar filtret").Click("Rensa filtret").Says("#users", "Användare 65")
	}
}

// Beyond a thousand, it is only said that there are more.
func TestManyAreNotCounted(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	p.Exec(t, `with made as (insert into users (id, email, email_key, first_name, last_name, created_at)
			select gen_random_uuid(), i || '@many.example', i || '@many.example', 'Många', 'Nummer ' || i, now() from generate_series(1, 1001) i returning id)
		insert into memberships (organization_id, user_id, user_type, created_at) select $1, id, 'user', now() from made`, p.Organization(t, exampleOy).ID)
	b := p.As(demotest.MainUser)
	b.Get(p.Home(exampleOy)+"/users?q=manga").Is(200).Says("#users", "Användare över 1 000").Says("#matches", `över 1 000 träffar på "manga"`)
	b.Get(p.Home(exampleOy)+"/users").Is(200).Says("#users", "Användare 1 066")
	b.Get(p.Home(exampleOy)+"/users?type=user&q=nummer+7").Is(200).Says("#users", "Användare 1")
	if file := b.Get(p.Home(exampleOy) + "/users.csv").Is(200); strings.Count(file.Body, "\r\n") != 1+1066 {
		t.Errorf("the file has %d lines", strings.Count(file.Body, "\r\n"))
	}
}

// A name is a text wherever it is shown.
func TestNamesOfAllKinds(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	long := strings.Repeat("Å", 100)
	p.AsSuperuser(t, "alter table portal.users disable trigger no_hidden_characters") // as it was once: a row of then turns nothing around
	for i, name := range [][2]string{{"<script>alert(1)</script>", "</title>"}, {"=cmd()", "-1"}, {"\u202eRTL", "כהן"}, {"👩‍👩‍👧", "王"}, {long, long}, {"", ""}, {"-", "+1"}} {
		p.Exec(t, "update users set first_name = $2, last_name = $3 where email_key = (select email_key from users where email_key like '%.%@example.com' order by email_key desc offset $1 limit 1)", 10+i, name[0], name[1])
	}
	b := p.As(demotest.MainUser)
	list := p.Home(exampleOy) + "/users"
	for query, name := range map[string]string{"<script>": "<script>alert(1)</script> </title>", "=cmd()": "=cmd() -1", "כהן": "\u202eRTL כהן", "👩": "👩‍👩‍👧 王", long: long + " " + long} {
		page := b.Get(list+"?q="+url.QueryEscape(query)).Is(200).Says(userRows+" b", name)
		if page.Find("script:not([src])").Length() > 0 || page.Find(userRows+" b").AttrOr("dir", "") != "auto" {
			t.Errorf("%s: it is not a text", name)
		}
		page.Click("Användare")
		preview := b.Get(list+"/selection?change=end&u="+page.Find("input[name=u]").AttrOr("value", "")).Is(200).Says(".rows b", name)
		if preview.Find("script:not([src])").Length() > 0 {
			t.Errorf("%s: it is not a text", name)
		}
	}
	file := b.Get(list + ".csv").Is(200)
	reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.Body, "\ufeff")))
	reader.Comma = ';'
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range [][]string{{"<script>alert(1)</script>", "</title>"}, {"'=cmd()", "-1"}, {"RTL", "כהן"}, {"👩‍👩‍👧", "王"}, {long, long}, {"", ""}, {"'-", "'+1"}} {
		if !slices.ContainsFunc(rows, func(row []string) bool { return slices.Equal(row[:2], want) }) {
			t.Errorf("no row of %q", want)
		}
	}
}

// Whoever comes back from what they opened in the list, or have done there, is among those whom they looked for.
func TestTheWayBackToTheList(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	list, person := p.Home(exampleOy)+"/users", p.Home(exampleOy)+"/users/"+p.User(t, demotest.PlainUser).String()
	invite(t, p, demotest.MainUser, exampleOy, "waits@example.com", nil)
	back := func(page *webtest.Page, to string) {
		t.Helper()
		if link := page.Is(200).Find("a.back").AttrOr("href", ""); link != to {
			t.Errorf("%s leads back to %s", page.Path, link)
		}
	}
	back(b.Get(person), list)
	open := func(query, rows string) *webtest.Page {
		t.Helper()
		return b.Get(b.Get(list+query).Is(200).Find(rows+" a").AttrOr("href", ""))
	}
	back(open("?q=lindholm&users_after=&type=user&next=//evil", userRows), list+"?q=lindholm&type=user")
	back(b.Get(person+"/permissions"), list+"?q=lindholm&type=user")
	back(open("?q=waits", invitationRows), list+"?q=waits")
	longest := "?" + url.Values{"lacking": {"yes"}, "number": {p.Number(t, "654321").String()}, "permission": {string(account.ManageCompanyAccount)},
		"q": {strings.Repeat("\U0001F600", 200)}, "type": {"main_user"}, "unseen": {"yes"}}.Encode()
	b.Get(list + longest).Is(200)
	if size := len(b.Cookie("list")); size > 4000 {
		t.Errorf("the cookie has %d bytes", size)
	}
	back(b.Get(person), list+longest)
	// Another person's, or another organisation's, it is not.
	b.Get(list + "?q=lindholm").Is(200)
	other := p.As(demotest.SecondMain)
	other.SetCookie("list", b.Cookie("list"))
	back(other.Get(person), list)
	for _, wrong := range []string{"x", "%%", base64.RawURLEncoding.EncodeToString([]byte("q=lindholm"))} {
		other.SetCookie("list", wrong)
		back(other.Get(person), list)
	}
	b.Post(person+"/removal", nil).LeadsTo(list + "?q=lindholm")
}
