package web_test

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"omapostipro/internal/account"
	"omapostipro/internal/demo"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/eventlog"
	"omapostipro/internal/organization"
	"omapostipro/web/webtest"
)

const eventsPath = "/events"

// change gives the colleague a permission by the pages of Ändra.
func change(t *testing.T, p *webtest.Portal, main *webtest.Browser) {
	t.Helper()
	path := p.Home(exampleOy) + "/users/" + p.User(t, colleague).String() + "/permissions"
	version := main.Get(path).Find("input[name=version]").AttrOr("value", "")
	main.Post(path, form("version", version, "user_type", regular, "permission", "manage_integrations")).Is(http.StatusSeeOther)
}

func TestTheLogTellsWhoDidWhatToWhom(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	main := p.As(demotest.MainUser)
	home := p.Home(exampleOy)
	become(t, p, colleague, "user", nil)
	change(t, p, main)
	key, _ := newKey(t, p, demotest.MainUser, exampleOy, "Kassan <b>")

	page := main.Get(home+eventsPath).Is(http.StatusOK).Says("h1", "Händelselogg")
	rows := page.Find("#event-rows > li")
	first, second := rows.Eq(1), rows.Eq(2) // the newest is that the key was copied
	if text := first.Text(); !strings.Contains(text, "API-nyckel skapad") || first.Find("a[href='"+home+keysPath+"/keys/"+key+"']").Text() != "Kassan <b>" {
		t.Errorf("the key's row: %s", text)
	}
	if text := strings.Join(strings.Fields(second.Text()), " "); !strings.Contains(text, "Användarens rättigheter ändrade") ||
		!strings.Contains(text, "FirstName LastName · från 127.0.0.1") || !strings.Contains(text, "Behörigheter–Hantera integrationer") {
		t.Errorf("the change's row: %s", text)
	}
	if name := second.Find("a[href='" + home + "/users/" + p.User(t, colleague).String() + "']").Text(); name != "Birgitta Mäkinen" {
		t.Errorf("it was done to %q", name)
	}
	if text := strings.Join(strings.Fields(first.Find(".event__changes").Text()), " "); !strings.Contains(text, "Avtalsnummer–654321, 876543") || !strings.Contains(text, "Beskrivning–Kassan <b>") {
		t.Errorf("of the key the log tells %s", text)
	}
	// What it was done to is led to.
	p.Exec(t, `insert into audit_events (id, occurred_at, organization_id, actor_kind, action, object_kind, object_id, request_id)
		select gen_random_uuid(), $1, $2, 'operator', 'contract_number.created', 'contract_number', $3, ''`, p.Clock.Now(), p.Organization(t, exampleOy).ID, p.Number(t, "654321"))
	main.Get(home+"/company-account/information").Form("Spara").Set("invoice_reference", "Ny").Send().Is(http.StatusSeeOther)
	page = main.Get(home + eventsPath)
	if number := page.Click("654321 Example Oy").Is(http.StatusOK).Text("#number-" + p.Number(t, "654321").String() + " b"); number != "654321" {
		t.Errorf("the number's event leads to %q", number)
	}
	page.Click("Example Oy").Is(http.StatusOK).Has("h2#history")
	// Who may not see it, and whose it is not.
	p.As(demotest.PlainUser).Get(home + eventsPath).Is(http.StatusForbidden)
	if other := p.As(demotest.OtherMain).Get(p.Home(testbolaget) + eventsPath).Is(http.StatusOK); strings.Contains(other.Body, "Birgitta") {
		t.Error("another organisation reads it too")
	}
}

func TestTheLogIsFiltered(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	main := p.As(demotest.MainUser)
	home := p.Home(exampleOy)
	become(t, p, colleague, "user", nil)
	change(t, p, main)
	newKey(t, p, demotest.MainUser, exampleOy, "Kassan")
	count := func(query url.Values) int {
		t.Helper()
		return main.Get(home + eventsPath + "?" + query.Encode()).Is(http.StatusOK).Find("#event-rows > li").Length()
	}
	today := p.Clock.Now().Format(time.DateOnly)
	tomorrow := p.Clock.Now().AddDate(0, 0, 2).Format(time.DateOnly)
	id := p.User(t, colleague).String()
	for _, asked := range []struct {
		query url.Values
		count int
	}{
		{form("kind", "api_key"), 2},
		{form("kind", "membership", "about", id), 2}, // the demo data's, and the change
		{form("about", id), 2},
		{form("about", unknownID), 0},
		{form("about", p.User(t, demotest.OtherMain).String()), 0}, // their log-ins are not ours to see
		{form("kind", "api_key", "from", tomorrow), 0},
		{form("kind", "api_key", "to", today), 2},
		{form("kind", "nonsense"), eventlog.PageSize},
		{form("from", "yesterday"), eventlog.PageSize},
	} {
		if got := count(asked.query); got != asked.count {
			t.Errorf("%s: %d events, want %d", asked.query.Encode(), got, asked.count)
		}
	}
	// A person is found by what is typed, and then the log is about them.
	found := main.Get(home + eventsPath + "?" + form("person", strings.ToUpper(colleague), "kind", "membership").Encode())
	if location := found.Is(http.StatusSeeOther).Header.Get("Location"); location != home+eventsPath+"?"+form("about", id, "kind", "membership").Encode() {
		t.Errorf("leads to %s", location)
	}
	found.Follow().Has("input[name=person][value='Birgitta Mäkinen']").HasNo("a[href*='kind=everything']")
	main.Get(home+eventsPath+"?person=Nobody").Is(http.StatusOK).Says(".empty", `Inga träffar på "Nobody"`).HasNo("#event-rows").HasNo("a[href*='.csv']")
	main.Get(home + "/events.csv?person=Nobody").LeadsTo(home + eventsPath + "?person=Nobody")
	main.Get(home + "/events.jsonl?person=Nobody").LeadsTo(home + eventsPath + "?person=Nobody")
	if choices := main.Get(home + eventsPath + "?person=example").HasNo("#event-rows").Find(".filter__choices li a"); choices.Length() < 2 {
		t.Errorf("%d people to choose from", choices.Length())
	}
	// As the list of users finds them: without accents, by a part of a name, whatever the spaces.
	p.Exec(t, "update users set first_name = 'Åke', last_name = 'Öhrnholm' where id = $1", id)
	for _, typed := range []string{"ohrnholm", "hrnhol", "  öhrnholm   AKE "} {
		main.Get(home + eventsPath + "?" + form("person", typed).Encode()).LeadsTo(home + eventsPath + "?about=" + id)
	}
	// Of addresses that end alike, the one that was typed.
	p.Exec(t, "update users set email = 'x' || $2, email_key = 'x' || $2 where id = $1", p.User(t, demotest.PlainUser), colleague)
	main.Get(home + eventsPath + "?" + form("person", colleague).Encode()).LeadsTo(home + eventsPath + "?about=" + id)
	main.Get(home+eventsPath+"?from=yesterday").Says(".error", "Ange ett datum")
	main.Get(home+eventsPath+"?"+form("from", tomorrow, "to", today).Encode()).Says(".error", "Slutet kommer före början.").HasNo("#event-rows")
	main.Get(home + eventsPath + "?after=nonsense").Is(http.StatusNotFound)
	// From a person's and a key's page.
	main.Get(home+"/users/"+id).Click("Visa händelser").Is(http.StatusOK).Says("#event-rows", "Åke Öhrnholm")
}

func TestLogInsOfOnesOwnPeopleAreInTheLog(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	p.Nobody().Post("/login", form("email", demotest.PlainUser, "password", demo.Password)).Is(http.StatusSeeOther)
	p.Nobody().Post("/login", form("email", demotest.PlainUser, "password", "wrong"))
	about := p.Home(exampleOy) + eventsPath + "?about=" + p.User(t, demotest.PlainUser).String() + "&kind=session"
	rows := p.As(demotest.MainUser).Get(about).Is(http.StatusOK).Says("#event-rows", "Inloggad").Says("#event-rows", "Misslyckad inloggning").Find("#event-rows > li")
	if rows.Length() != 2 {
		t.Errorf("%d log-ins", rows.Length())
	}
	// Of everybody of the organisation at once, and of nobody else.
	p.As(demotest.OtherMain)
	everybody := p.Home(exampleOy) + eventsPath + "?kind=session"
	logIns := func() []string {
		page := p.As(demotest.MainUser).Get(everybody).Is(http.StatusOK).Says("#event-rows", "FirstName LastName").Says("#event-rows", "Peter Lindholm")
		if strings.Contains(page.Text("#event-rows"), "Maria Virtanen") {
			t.Error("somebody else's log-in is shown")
		}
		return page.Texts("#event-rows > li .event__what")
	}
	if told := logIns(); len(told) < 4 {
		t.Errorf("told is %q", told)
	}
	// Who has left stays in it up to that day, and from where they came.
	p.Leave(t, demotest.PlainUser, exampleOy)
	p.Clock.Advance(time.Hour)
	p.Nobody().Post("/login", form("email", demotest.PlainUser, "password", "wrong"))
	rows = p.As(demotest.MainUser).Get(about).Is(http.StatusOK).Find("#event-rows > li")
	if rows.Length() != 2 || strings.Count(rows.Text(), "från 127.0.0.1") != 2 {
		t.Errorf("after they have left: %s", rows.Text())
	}
}

// What people do to their accounts is told once, with what changed, to the organisations of which they are members.
func TestAccountsAreInTheLog(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	home := p.Home(exampleOy)
	main := p.As(demotest.MainUser)
	p.As(demotest.PlainUser).Get("/account").Form("Spara").Set("first_name", "Åsa").Send().Is(http.StatusSeeOther)
	page := main.Get(home + eventsPath + "?kind=user").Is(http.StatusOK)
	if rows := page.Texts("#event-rows > li"); len(rows) != 1 || !strings.Contains(strings.Join(strings.Fields(rows[0]), " "), "Förnamn Peter Åsa") {
		t.Errorf("the log tells %q", rows)
	}
	if lines := main.Get(home + "/events.jsonl?kind=user").Is(http.StatusOK).Body; strings.Count(lines, "\n") != 1 {
		t.Errorf("exported is %s", lines)
	}
	p.As(demotest.OtherMain).Get(p.Home(testbolaget) + eventsPath + "?kind=user").Is(http.StatusOK).HasNo("#event-rows")
	// Between everything else they are shown, and exported, when that is asked for; that they are left out is said.
	page = main.Get(home+eventsPath).Says("[aria-labelledby=events] .card__head", "Inloggningar och konton är inte med")
	if text := page.Text("#event-rows"); strings.Contains(text, "Inloggad") || strings.Contains(text, "Kontouppgifter ändrade") {
		t.Errorf("the log tells %s", text)
	}
	page = page.Click("Visa även dem").Is(http.StatusOK).Says("#event-rows", "Inloggad").Says("#event-rows", "Kontouppgifter ändrade").
		Has("option[value=everything][selected]").HasNo("[aria-labelledby=events] .card__head a[href*=everything]:not([href*='.csv'], [href*='.jsonl'])")
	all := demotest.Value[int](t, p.System, `select (select count(*) from audit_events where organization_id = $1)
		+ (select count(*) from audit_shared_events where organization_id = $1)`, p.Organization(t, exampleOy).ID)
	if table := page.Click("Ladda ner csv").Is(http.StatusOK).Body; strings.Count(table, "\r\n") != all+1 || !strings.Contains(table, "session.created") ||
		!strings.Contains(table, "user.changed") || !strings.Contains(table, "membership.created") {
		t.Errorf("%d rows instead of %d", strings.Count(table, "\r\n")-1, all)
	}
	if lines := main.Get(home + "/events.jsonl?kind=everything").Is(http.StatusOK).Body; strings.Count(lines, "\n") != all {
		t.Errorf("%d lines instead of %d", strings.Count(lines, "\n"), all)
	}
}

// What somebody is called after they have left is not the organisation's business any more.
func TestWhoHasLeftIsCalledWhatTheyWereCalled(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	home := p.Home(exampleOy)
	become(t, p, demotest.PlainUser, "main_user", []account.Permission{account.ManageIntegrations}, "654321")
	key, _ := newKey(t, p, demotest.PlainUser, exampleOy, "Kassan")
	id := p.User(t, demotest.PlainUser).String()
	p.Leave(t, demotest.PlainUser, exampleOy)
	p.Exec(t, "update users set first_name = 'Hemlig', last_name = 'Privat', email = 'privat@example.org', email_key = 'privat@example.org' where id = $1", id)
	main := p.As(demotest.MainUser)
	about := home + eventsPath + "?about=" + id
	for _, address := range []string{about, home + "/events.csv?about=" + id, home + "/events.jsonl?about=" + id, home + keysPath + "/keys/" + key} {
		body := main.Get(address).Is(http.StatusOK).Body
		if strings.Contains(body, "Hemlig") || strings.Contains(body, "privat@") || !strings.Contains(body, "Peter Lindholm") {
			t.Errorf("%s: %s", address, body)
		}
	}
	main.Get(about).Says("#event-rows", demotest.PlainUser).Has("input[name=person][value='Peter Lindholm']")
	for _, typed := range []string{demotest.PlainUser, "lindholm", "PETER lind"} {
		main.Get(home + eventsPath + "?" + form("person", typed).Encode()).LeadsTo(about)
	}
	for _, typed := range []string{"privat@example.org", "Hemlig"} {
		main.Get(home+eventsPath+"?"+form("person", typed).Encode()).Is(http.StatusOK).Says(".empty", "Inga träffar på").HasNo(".filter__choices")
	}
	// Erased, they are nobody, here too.
	p.As("privat@example.org").Post("/account/deletion", form("own_password", demo.Password)).Is(http.StatusSeeOther)
	erased := "Raderad användare #" + id[len(id)-6:]
	if page := main.Get(about).Is(http.StatusOK).Says("#event-rows", erased); strings.Contains(page.Body, "Lindholm") || strings.Contains(page.Body, demotest.PlainUser) {
		t.Errorf("erased: %s", page.Text("#event-rows"))
	}
	main.Get(home+keysPath+"/keys/"+key).Is(http.StatusOK).Says("main", erased)
	main.Get(home+eventsPath+"?person=lindholm").Is(http.StatusOK).Says(".empty", "Inga träffar på")
}

// Who comes back is called what they are called now.
func TestWhoComesBackIsCalledWhatTheyAreCalledNow(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	id := p.User(t, demotest.PlainUser)
	p.Leave(t, demotest.PlainUser, exampleOy)
	p.Exec(t, "update users set first_name = 'Ny' where id = $1", id)
	p.Exec(t, "update memberships set ended_at = null where user_id = $1", id)
	p.As(demotest.MainUser).Get(p.Home(exampleOy)+eventsPath+"?about="+id.String()).Is(http.StatusOK).Says("#event-rows", "Ny Lindholm")
	if kept := demotest.Value[bool](t, p.System, "select left_email is not null from memberships where user_id = $1", id); kept {
		t.Error("what they were called is kept")
	}
}

// A key and an application account may be called the same; what happened is told in words, in the file too.
func TestTheLogSaysWhatActedAndHow(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	home := p.Home(exampleOy)
	main := p.As(demotest.MainUser)
	key, _ := newKey(t, p, demotest.MainUser, exampleOy, "Demo")
	main.Get(home + keysPath).Form("Inaktivera").Send().Is(http.StatusSeeOther)
	newApplication(t, p)
	p.Exec(t, "update application_accounts set name = 'Demo'")
	p.Exec(t, `with acted as (select 'key' as kind, id from api_keys where id = $2 union all select 'application', id from application_accounts where name = 'Demo'),
		event as (insert into audit_events (id, occurred_at, organization_id, actor_kind, actor_id, action, object_kind, object_id, fields)
			select gen_random_uuid(), $1, $3, kind, id, 'delivery_order.advanced', 'delivery_order', gen_random_uuid(), '{status}' from acted returning id, actor_kind)
		insert into audit_personal_values select id, $1, $3, null, '{"before": {"status": "WAITING"}, "after": {"status": "RECEIVED"}}' from event where actor_kind = 'key'`,
		p.Clock.Now().Add(time.Second), key, p.Organization(t, exampleOy).ID)
	operator := p.Operator(t, exampleOy)
	term := organization.Term{Kind: account.LogisticsContract, Number: "700700", Holder: "Example Oy", From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	organizations := organization.NewService(p.System, p.Clock.Now)
	if _, err := organizations.AddTerm(t.Context(), operator, term); err != nil {
		t.Fatal(err)
	}
	for _, last := range []time.Time{time.Date(2027, 6, 30, 0, 0, 0, 0, time.UTC), time.Date(2027, 12, 31, 0, 0, 0, 0, time.UTC)} {
		if _, err := organizations.EndNumber(t.Context(), operator, account.LogisticsContract, "700700", last); err != nil {
			t.Fatal(err)
		}
	}
	main.SetCookie("timezone", "America/New_York") // a day of the carrier's is the same everywhere
	rows := main.Get(home + eventsPath).Is(http.StatusOK).Texts("#event-rows > li")
	shown := strings.Join(strings.Fields(strings.Join(rows, " ")), " ")
	table := main.Get(home + "/events.csv").Is(http.StatusOK).Body
	for _, text := range []string{"API-nyckel Demo", "Applikationskonto Demo", "700700"} {
		if !strings.Contains(shown, text) || !strings.Contains(table, text) {
			t.Errorf("%q is not in %s\n%s", text, shown, table)
		}
	}
	for _, cells := range []string{"Status Inväntar försändelsen Mottagen", "Sista dag – 30.6.2027", "Sista dag 30.6.2027 31.12.2027", "Första dag – 1.1.2026", "Typ – Logistikavtal ID", "Avtalsnummers sista dag ändrad 700700"} {
		if !strings.Contains(shown, cells) {
			t.Errorf("%q is not in %s", cells, shown)
		}
	}
	for _, cell := range []string{";api_key.disabled;", ";contract_number.ended;", "Sista dag:  → 30.6.2027", "Sista dag: 30.6.2027 → 31.12.2027", "Status: Inväntar försändelsen → Mottagen", ";Status;"} {
		if !strings.Contains(table, cell) {
			t.Errorf("%q is not in %s", cell, table)
		}
	}
	if strings.Count(table, ";Status;") != 2 { // the key's, and the shipment's of which no more is told
		t.Errorf("exported is %s", table)
	}
}

// One clock on all pages: the reader's, where the browser has told its zone.
func TestTimesAreTheReadersOnEveryPage(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	home := p.Home(exampleOy)
	main := p.As(demotest.MainUser)
	change(t, p, main)
	key, _ := newKey(t, p, demotest.MainUser, exampleOy, "Kassan")
	for name, zone := range map[string]string{"": "Europe/Helsinki", "America/New_York": "America/New_York", "Asia/Kathmandu": "Asia/Kathmandu"} {
		main.SetCookie("timezone", name)
		there, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		exact := p.Clock.Now().In(there).Format("2.1.2006 15.04.05")
		if name != "" {
			exact += " (" + name + ")"
		}
		title := "time[title='" + exact + "']"
		main.Get(home+eventsPath).Is(http.StatusOK).Has(title).Says("#event-rows .event__facts", exact)
		main.Get(home + "/users/" + p.User(t, colleague).String()).Is(http.StatusOK).Has("#event-rows " + title)
		main.Get(home+keysPath+"/keys/"+key).Is(http.StatusOK).Has(title).Says("main", p.Clock.Now().In(there).Format("2.1.2006 15.04"))
		main.Get("/account").Is(http.StatusOK).Has(title)
	}
}

// Days and times are the reader's where the browser has told its zone, and the page says whose they are.
func TestTheLogIsReadInTheReadersTimeZone(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	home := p.Home(exampleOy)
	at := time.Date(p.Clock.Now().Year(), p.Clock.Now().Month(), 2, 23, 30, 0, 0, time.UTC) // the 3rd in Finland
	key := p.Number(t, "654321")
	p.Exec(t, `insert into audit_events (id, occurred_at, organization_id, actor_kind, action, object_kind, object_id, request_id)
		select gen_random_uuid(), $1, $2, 'operator', 'contract_number.ended', 'contract_number', $3, ''`, at, p.Organization(t, exampleOy).ID, key)
	for name, zone := range map[string]struct {
		cookie, says, column, day, clock, offset string
	}{
		"none":         {"", "Tiderna är Finlands: Europe/Helsinki.", "Europe/Helsinki", "03", "", ""},
		"west":         {"America/New_York", "Tiderna är i din webbläsares tidszon: America/New_York.", "America/New_York", "02", "", ""},
		"east":         {"Asia/Kolkata", "Asia/Kolkata", "Asia/Kolkata", "03", "05.00", "05:00:00+05:30"},
		"of no time":   {"UTC", "UTC", "UTC", "02", "23.30", "23:30:00Z"},
		"the server's": {"Local", "Tiderna är Finlands", "Europe/Helsinki", "03", "", ""},
		"unknown":      {"Europe/Atlantis", "Tiderna är Finlands", "Europe/Helsinki", "03", "", ""},
		"a file":       {"../../etc/passwd", "Tiderna är Finlands", "Europe/Helsinki", "03", "", ""},
		"too long":     {strings.Repeat("a", 4000), "Tiderna är Finlands", "Europe/Helsinki", "03", "", ""},
	} {
		b := p.As(demotest.MainUser)
		b.SetCookie("timezone", zone.cookie)
		day := at.Format("2006-01-") + zone.day
		query := "?kind=contract_number&from=" + day + "&to=" + day
		page := b.Get(home+eventsPath+query).Is(http.StatusOK).Says("#zone", zone.says).Says("#event-rows", "Avtalsnummer avslutat")
		if zone.clock != "" {
			page.Says("#event-rows .event__facts", zone.clock)
		}
		if table := b.Get(home + "/events.csv" + query).Is(http.StatusOK).Body; !strings.HasPrefix(table, "\ufeffTidpunkt ("+zone.column+");") ||
			!strings.Contains(table, "\r\n"+day+"T") || !strings.Contains(table, zone.offset) {
			t.Errorf("%s: %s", name, table)
		}
	}
}

// Who is erased is called so wherever their name stood.
func TestTheLogNamesNobodyWhoIsErased(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	invite(t, p, demotest.MainUser, exampleOy, "gone@example.com", nil)
	p.Nobody().Get(linkOf(t, p, "gone@example.com")).Form("Skapa konto och gå med").Set("first_name", "Gone").Set("last_name", "Girl").Set("password", sentence).Send().Is(http.StatusSeeOther)
	p.Clock.Advance(time.Hour)
	gone := p.User(t, "gone@example.com").String()
	erased := "Raderad användare #" + gone[len(gone)-6:]
	p.As("gone@example.com").Post("/account/deletion", form("own_password", sentence)).Is(http.StatusSeeOther)
	main := p.As(demotest.MainUser)
	rows := main.Get(p.Home(exampleOy) + eventsPath).Is(http.StatusOK).HasNo("a[href*='erased']")
	told := rows.Texts("#event-rows > li .event__what")[:4]
	slices.Sort(told)
	if want := []string{"Användare tillagd", "Inbjudan accepterad Raderad användare",
		"Inbjudan skickad Raderad användare", "Lämnade organisationen"}; !slices.Equal(told, want) || strings.Contains(rows.Body, "erased.invalid") {
		t.Errorf("the log has %q", told)
	}
	if table := main.Get(p.Home(exampleOy) + "/events.csv").Body; strings.Count(table, ";"+erased+";;"+gone+";") < 4 || strings.Contains(table, "erased.invalid") {
		t.Error(table)
	}
	// Two of them can be told apart, and followed.
	about := main.Get(p.Home(exampleOy) + eventsPath + "?kind=membership").Click(erased).Is(http.StatusOK).Has("input[name=person][value='" + erased + "']")
	if told := about.Texts("#event-rows > li .event__what"); len(told) < 4 || told[0] != "Lämnade organisationen" {
		t.Errorf("of them the log has %q", told)
	}
}

func TestTheLogIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	main := p.As(demotest.MainUser)
	seen := map[string]bool{}
	page := main.Get(p.Home(exampleOy) + eventsPath)
	for {
		rows := page.Is(http.StatusOK).Find("#event-rows > li")
		for _, id := range rows.EachIter() {
			if seen[id.AttrOr("id", "")] {
				t.Fatalf("%s comes twice", id.AttrOr("id", ""))
			}
			seen[id.AttrOr("id", "")] = true
		}
		if page.Find("[data-more]").Length() == 0 {
			break
		}
		page = page.Click("Visa mera")
	}
	all := demotest.Value[int](t, p.System, "select count(*) from audit_events where organization_id = $1", p.Organization(t, exampleOy).ID)
	if len(seen) != all || all <= eventlog.PageSize {
		t.Errorf("%d events of %d", len(seen), all)
	}

	table := main.Get(p.Home(exampleOy) + "/events.csv").Is(http.StatusOK)
	reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(table.Body, "\ufeff")))
	reader.Comma = ';'
	records, err := reader.ReadAll()
	if err != nil || len(records) != all+1 || records[0][1] != "Vem" {
		t.Errorf("%d records, %v", len(records), err)
	}
	lines, count := bufio.NewScanner(strings.NewReader(main.Get(p.Home(exampleOy)+"/events.jsonl").Is(http.StatusOK).Body)), 0
	for ; lines.Scan(); count++ {
		var event struct{ Action string }
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil || event.Action == "" {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
	}
	if count != all {
		t.Errorf("%d lines", count)
	}
	p.Server.Events.MaxExport = all - 1
	if table := main.Get(p.Home(exampleOy) + "/events.csv").Is(http.StatusOK).Body; strings.Count(table, "\n") != all+1 || !strings.Contains(table, "Här slutar filen") {
		t.Errorf("a file that ends before its end: %s", table[max(0, len(table)-300):])
	}
	if lines := main.Get(p.Home(exampleOy) + "/events.jsonl").Is(http.StatusOK).Body; strings.Count(lines, "\n") != all || !strings.Contains(lines, `"truncated":true`) {
		t.Errorf("lines that end before their end: %s", lines[max(0, len(lines)-300):])
	}
	one := main.Get(p.Home(exampleOy) + "/events.jsonl?about=" + p.User(t, colleague).String())
	if strings.Count(one.Body, "\n") != 1 {
		t.Errorf("about one person: %s", one.Body)
	}
}
