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

	"omapostipro/internal/demo"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/eventlog"
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
		{form("about", id), 3},                       // and that the account was made
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
	found.Follow().Has("input[name=person][value='Birgitta Mäkinen']")
	main.Get(home+eventsPath+"?person=Nobody").Is(http.StatusOK).Says("form .error", "Ingen i organisationen heter ”Nobody”")
	if choices := main.Get(home + eventsPath + "?person=a").Find(".filter__choices li a"); choices.Length() < 2 {
		t.Errorf("%d people to choose from", choices.Length())
	}
	main.Get(home+eventsPath+"?from=yesterday").Says(".error", "Ange ett datum")
	main.Get(home+eventsPath+"?"+form("from", tomorrow, "to", today).Encode()).Says(".error", "Slutet kommer före början.").HasNo("#event-rows")
	main.Get(home + eventsPath + "?after=nonsense").Is(http.StatusNotFound)
	// From a person's and a key's page.
	main.Get(home+"/users/"+id).Click("Visa händelser").Is(http.StatusOK).Says("#event-rows", "Birgitta Mäkinen")
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
	// Of everybody of the organisation at once, and of nobody else; in the same order where there are many people.
	p.As(demotest.OtherMain)
	everybody := p.Home(exampleOy) + eventsPath + "?kind=session"
	logIns := func() []string {
		page := p.As(demotest.MainUser).Get(everybody).Is(http.StatusOK).Says("#event-rows", "FirstName LastName").Says("#event-rows", "Peter Lindholm")
		if strings.Contains(page.Text("#event-rows"), "Maria Virtanen") {
			t.Error("somebody else's log-in is shown")
		}
		return page.Texts("#event-rows > li .event__what")
	}
	few := logIns()
	p.Exec(t, `with many as (insert into users (id, email, email_key, first_name, last_name, created_at)
			select gen_random_uuid(), 'x' || n || '@many.example', 'x' || n || '@many.example', 'x', n::text, now() from generate_series(1, 300) n returning id)
		insert into memberships (organization_id, user_id, user_type, created_at) select $1, id, 'user', now() from many`, p.Organization(t, exampleOy).ID)
	if many := logIns(); len(few) < 4 || !slices.Equal(many, append([]string{"Inloggad"}, few...)) { // one more each time
		t.Errorf("few: %q, many: %q", few, many)
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
	if strings.Count(one.Body, "\n") != 2 {
		t.Errorf("about one person: %s", one.Body)
	}
}
