package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"omapostipro/internal/account"
	"omapostipro/internal/demo"
	"omapostipro/internal/demo/demotest"
	"omapostipro/web/webtest"
)

func TestPeopleKeepTheirOwnDetails(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.PlainUser)
	page := b.Get(p.Home(exampleOy)).Is(200).Click("Mitt konto").Is(200).Says("h1", "Mitt konto").Has("#first_name[value=Peter]")
	page.Form("Spara").Set("first_name", "").Set("phone", "12").Set("language", "xx").Send().Is(422).
		Says("#first_name-error", "Fyll i fältet.").Says("#phone-error", "Skriv ett telefonnummer").Says("#language-error", "Välj").
		Has("#summary").Has("#phone[value='12']")
	saved := page.Form("Spara").Set("first_name", " Åsa ").Set("last_name", "=cmd()").Set("phone", "040 123 4567").Set("language", "fi").Send().
		LeadsTo("/account").Follow().Is(200).Says("#toasts", "Tietosi on tallennettu.").Has("#first_name[value=Åsa]").Has("#phone[value='040 1234567']")
	saved.Form("Tallenna").Send().Is(303) // nothing has changed: no event
	row := demotest.One[struct{ FirstName, LastName, Phone, Language string }](t, p.System,
		"select first_name::text, last_name::text, phone, language from users where email = $1", demotest.PlainUser)
	if row.FirstName != "Åsa" || row.LastName != "=cmd()" || row.Phone != "+358401234567" || row.Language != "fi" {
		t.Errorf("stored is %+v", row)
	}
	if events := demotest.Value[string](t, p.System, `select string_agg(array_to_string(e.fields, ' ') || v.personal_values::text, '; ')
		from audit_events e join audit_personal_values v on v.event_id = e.id and v.personal_values ? 'after' where e.action = 'user.changed'`); !strings.HasPrefix(events,
		`firstName lastName phone language{"after": `) || strings.Count(events, ";") != 0 || !strings.Contains(events, `"before": {"phone": "", "language": "sv", "lastName": "Lindholm", "firstName": "Peter"}`) &&
		!strings.Contains(events, `"lastName": "Lindholm"`) {
		t.Errorf("the log has %s", events)
	}
	// In two windows, neither loses what the other has saved, and who changes the same is told.
	one, two := b.Get("/account").Form("Tallenna"), b.Get("/account").Form("Tallenna")
	one.Set("first_name", "Östen").Send().Is(303)
	two.Set("last_name", "Berg").Send().Is(303)
	told := two.Set("first_name", "Åke").Set("phone", "040 1234567").Send().Is(http.StatusConflict).Says("[role=alert]", "Etunimi: Åsa → Östen").
		Says("[role=alert]", "toisessa ikkunassa").Has("#first_name[value=Åke]").Has("#last_name[value=Berg]").Has("#phone[value='040 1234567']")
	told.Form("Tallenna").Send().Is(303) // having read of it, they mean it
	if name := demotest.Value[string](t, p.System, "select first_name::text || ' ' || last_name from users where email = $1", demotest.PlainUser); name != "Åke Berg" {
		t.Errorf("they are called %s", name)
	}
	b.Get("/account").Form("Tallenna").Set("first_name", "Åsa").Set("last_name", "=cmd()").Send().Is(303)
	b.Post("/account/profile", form("first_name", "X", "last_name", "Y", "phone", "", "language", "sv")).Is(http.StatusConflict)
	// The list of people knows the new name, and shows the number as one writes it.
	main := p.As(demotest.MainUser)
	main.Get(p.Home(exampleOy)+"/users?q=asa+cmd").Is(200).Says("main", "Åsa =cmd()")
	main.Get(p.Home(exampleOy)+"/users/"+p.User(t, demotest.PlainUser).String()).Is(200).Says("main", "040 1234567")
}

func TestAPasswordIsChangedByWhoKnowsIt(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b, other := p.As(demotest.PlainUser), p.As(demotest.PlainUser)
	page := b.Get("/account").Is(200)
	page.Form("Byt lösenord").Set("present", "fel").Set("password", sentence).Send().Is(422).Says("#present-error", "Lösenordet är fel.")
	page.Form("Byt lösenord").Set("present", demo.Password).Set("password", "för kort").Send().Is(422).Says("#password-error", "Minst 15 tecken")
	page.Form("Byt lösenord").Set("present", demo.Password).Set("password", strings.Repeat("å", 129)).Send().Is(422).Has("#password-error")
	if len(p.Letters(demotest.PlainUser)) != 0 {
		t.Fatal("a mail about nothing")
	}
	page.Form("Byt lösenord").Set("present", demo.Password).Set("password", sentence).Send().LeadsTo("/account").Follow().Is(200).
		Says("#toasts", "Alla andra sessioner är avslutade.")
	if letters := p.Letters(demotest.PlainUser); len(letters) != 1 || letters[0].Subject != "Ditt lösenord har ändrats" {
		t.Errorf("the mails are %+v", letters)
	}
	other.Get("/account").LeadsTo("/login?next=%2Faccount")
	logIn := func(password string) *webtest.Page {
		return p.Nobody().Get("/login").Form("Logga in").Set("email", demotest.PlainUser).Set("password", password).Send()
	}
	logIn(demo.Password).Is(422)
	logIn(sentence).Is(303)
	// A stolen session cannot guess for long.
	var status int
	for range 10 {
		status = page.Form("Byt lösenord").Set("present", "fel").Set("password", sentence).Send().Status
	}
	if status != http.StatusTooManyRequests {
		t.Errorf("guessing ends with %d", status)
	}
}

func TestAnAddressIsConfirmedFromThere(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.PlainUser)
	page := b.Get("/account").Is(200)
	ask := func(email, password string) *webtest.Page {
		return page.Form("Skicka länk").Set("email", email).Set("email_password", password).Send()
	}
	ask("nobody", demo.Password).Is(422).Says("#email-error", "Skriv en e-postadress")
	ask(demotest.PlainUser, demo.Password).Is(422).Says("#email-error", "Det är redan din e-postadress.")
	ask("Ny.Adress+portal@Example.com", "fel").Is(422).Says("#email_password-error", "Lösenordet är fel.").Has("#email[value='Ny.Adress+portal@Example.com']")
	// Whether an address is taken is not told, and it is sent nothing.
	taken := ask(strings.ToUpper(demotest.SecondMain), demo.Password).LeadsTo("/account").Follow().Text("#toasts")
	free := ask("Ny.Adress+portal@Example.com", demo.Password).LeadsTo("/account").Follow().Text("#toasts")
	if taken != free || free == "" {
		t.Errorf("taken: %q, free: %q", taken, free)
	}
	if len(p.Letters(strings.ToUpper(demotest.SecondMain))) != 0 {
		t.Error("somebody else's address is written to")
	}
	link := linkOf(t, p, "Ny.Adress+portal@Example.com")
	for range 10 {
		p.Nobody().Get(link).Is(200).Says("main", demotest.PlainUser) // a scanner spends nothing
	}
	p.Nobody().Get(link).Form("Bekräfta e-postadressen").Send().LeadsTo("/login").Follow().Says("#toasts", "Din e-postadress är bytt.")
	p.Nobody().Get(link).Is(http.StatusGone).Says("main", "Länken gäller inte längre.")
	if letters := p.Letters(demotest.PlainUser); len(letters) != 1 || !strings.Contains(letters[0].Text, "Ny.Adress+portal@Example.com") {
		t.Errorf("word to the old address: %+v", letters)
	}
	b.Get("/account").Is(200).Says(".page-head", "Ny.Adress+portal@Example.com")
	p.Nobody().Get("/login").Form("Logga in").Set("email", "NY.adress+portal@example.com").Set("password", demo.Password).Send().Is(303)
	p.Nobody().Get("/login").Form("Logga in").Set("email", demotest.PlainUser).Set("password", demo.Password).Send().Is(422)

	// Another one's link of the time before opens nothing once somebody has the address; and each ends by itself.
	other := p.As(demotest.Both)
	other.Get("/account").Form("Skicka länk").Set("email", "third@example.com").Set("email_password", demo.Password).Send().Is(303)
	link = linkOf(t, p, "third@example.com")
	p.Exec(t, "update users set email = 'third@example.com', email_key = 'third@example.com' where email = $1", demotest.SecondMain)
	other.Get(link).Is(200).Form("Bekräfta e-postadressen").Send().Is(http.StatusGone)
	p.Clock.Advance(account.EmailLinkLifetime)
	p.Nobody().Get(link).Is(http.StatusGone)
}

// Whoever had the session, and asked for another address, does not take the account over once its owner has a new password.
func TestANewPasswordEndsAChangeOfAddress(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	operator := account.Actor{Kind: "operator"}
	for name, change := range map[string]func(b *webtest.Browser){
		demotest.PlainUser: func(b *webtest.Browser) {
			b.Get("/account").Is(200).Form("Byt lösenord").Set("present", demo.Password).Set("password", sentence).Send().LeadsTo("/account").Follow().
				Says("main", "Ett byte av e-postadress som väntade på att bekräftas är avbrutet.")
		},
		demotest.SecondMain: func(*webtest.Browser) {
			p.Nobody().Get("/password-link").Form("Skicka länk").Set("email", demotest.SecondMain).Send().Is(303)
			p.Nobody().Get(linkOf(t, p, demotest.SecondMain)).Is(200).Form("Spara lösenordet").Set("password", sentence).Send().Is(303)
		},
		demotest.OtherMain: func(*webtest.Browser) {
			set, err := account.NewService(p.System, p.Clock.Now).SetPassword(t.Context(), operator, demotest.OtherMain, sentence)
			if err != nil || !set.EmailChangeEnded {
				t.Errorf("set is %+v, %v", set, err)
			}
		},
	} {
		thief := "thief+" + name
		stolen, owner := p.As(name), p.As(name)
		stolen.Get("/account").Form("Skicka länk").Set("email", thief).Set("email_password", demo.Password).Send().Is(303)
		link := linkOf(t, p, thief)
		p.Nobody().Get(link).Is(200)
		change(owner)
		p.Nobody().Get(link).Is(http.StatusGone)
		_, token, _ := strings.Cut(link, "token=")
		p.Nobody().Post("/email-confirmation", form("token", token)).Is(http.StatusGone)
		if is := demotest.Value[int](t, p.System, "select count(*) from users where email = $1", name); is != 1 {
			t.Errorf("%s is not the address any more", name)
		}
		if told := demotest.Value[int](t, p.System, "select count(*) from audit_events where action = 'user.email_cancelled' and object_id = $1", p.User(t, name)); told != 1 {
			t.Errorf("%s: %d events", name, told)
		}
	}
	// Where there was none, none is told of.
	b := p.As(demotest.Both)
	page := b.Get("/account").Form("Byt lösenord").Set("present", demo.Password).Set("password", sentence).Send().Follow()
	if strings.Contains(page.Text("main"), "avbrutet") {
		t.Errorf("told is %s", page.Text("main"))
	}
	if left := demotest.Value[int](t, p.System, "select count(*) from audit_events where action = 'user.email_cancelled'"); left != 3 {
		t.Errorf("%d events", left)
	}
}

func TestAChangeOfAddressIsSeenAndCancelled(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.PlainUser)
	page := b.Get("/account").Is(200).HasNo("form[action='/account/email/cancellation']")
	page.Form("Skicka länk").Set("email", "ny@example.com").Set("email_password", demo.Password).Send().Is(303)
	link := linkOf(t, p, "ny@example.com")
	shown := b.Get("/account").Is(200).Says("section[aria-labelledby=email-title]", "Bytet till ny@example.com väntar på att bekräftas därifrån")
	p.As(demotest.SecondMain).Post("/account/email/cancellation", nil).Is(303) // theirs is none
	p.Nobody().Get(link).Is(200)
	if file := b.Get("/account/data.json").Body; !strings.Contains(file, `"emailChange": {"email": "ny@example.com"`) {
		t.Errorf("the file does not tell of it: %s", file)
	}
	for range 2 { // pressed twice, it is one
		shown.Form("Avbryt bytet").Send().LeadsTo("/account").Follow().Says("#toasts", "Bytet av e-postadress är avbrutet.").HasNo("form[action='/account/email/cancellation']")
	}
	p.Nobody().Get(link).Is(http.StatusGone)
	if told := demotest.Value[int](t, p.System, "select count(*) from audit_events where action = 'user.email_cancelled'"); told != 1 {
		t.Errorf("%d events", told)
	}
	b.Get("/account").Form("Skicka länk").Set("email", "ny@example.com").Set("email_password", demo.Password).Send().Is(303)
	p.Clock.Advance(account.EmailLinkLifetime) // by then it has ended by itself
	p.As(demotest.PlainUser).Get("/account").Is(200).HasNo("form[action='/account/email/cancellation']")
}

func TestSessionsAreToldApart(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	logIn := func(userAgent string) *webtest.Browser {
		b := p.NobodyWith("User-Agent", userAgent)
		b.Get("/login").Form("Logga in").Set("email", demotest.PlainUser).Set("password", demo.Password).Send().Is(303)
		return b
	}
	logIn("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1")
	logIn(strings.Repeat("<script>", 10_000))
	b := logIn("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0")
	b.Get("/account").Is(200).Says("section[aria-labelledby=sessions]", "Firefox på Windows").Says("section[aria-labelledby=sessions]", "Safari på iPhone").
		Says("section[aria-labelledby=sessions]", "Okänd webbläsare")
	if file := b.Get("/account/data.json").Body; !strings.Contains(file, `"browser": "Firefox"`) || strings.Contains(file, "Gecko") {
		t.Errorf("the file is %s", file)
	}
}

func TestSessionsAreSeenAndEnded(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b, second, third := p.As(demotest.PlainUser), p.As(demotest.PlainUser), p.As(demotest.PlainUser)
	stranger := p.As(demotest.SecondMain)
	page := b.Get("/account").Is(200)
	if rows := page.Find("#sessions").Closest("section").Find("li"); rows.Length() != 3 || strings.Count(rows.Text(), "Den här webbläsaren") != 1 {
		t.Fatalf("shown are %s", rows.Text())
	}
	foreign := demotest.Value[string](t, p.System, "select id::text from sessions where user_id = $1", p.User(t, demotest.SecondMain))
	b.Post("/account/sessions/"+foreign+"/termination", nil).Is(303)
	b.Post("/account/sessions/x/termination", nil).Is(404)
	stranger.Get("/account").Is(200)
	ends := page.Find("form[action*='/sessions/']").FilterFunction(func(_ int, s *goquery.Selection) bool {
		return s.AttrOr("action", "") != "/account/sessions/termination"
	})
	b.Post(ends.First().AttrOr("action", ""), nil).LeadsTo("/account").Follow().Says("#toasts", "Sessionen är avslutad.")
	left := 0
	for _, browser := range []*webtest.Browser{second, third} {
		if browser.Get("/account").Status == 200 {
			left++
		}
	}
	if left != 1 {
		t.Errorf("%d of the others are left", left)
	}
	b.Get("/account").Form("Avsluta alla andra").Send().LeadsTo("/account").Follow().Says("#toasts", "Alla andra sessioner är avslutade.").HasNo("form[action='/account/sessions/termination']")
	second.Get("/account").Is(303)
	third.Get("/account").Is(303)
	own := demotest.Value[string](t, p.System, "select id::text from sessions where user_id = $1", p.User(t, demotest.PlainUser))
	b.Post("/account/sessions/"+own+"/termination", nil).LeadsTo("/")
	b.Get("/account").LeadsTo("/login?next=%2Faccount")
	if ended := demotest.Value[int](t, p.System, "select count(*) from audit_events where action = 'session.ended'"); ended != 3 {
		t.Errorf("the log knows %d ends", ended)
	}
}

func TestAForgottenPasswordIsChosenAnew(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.PlainUser)
	ask := func(email string) *webtest.Page {
		return p.Nobody().Get("/login").Is(200).Click("Glömt lösenord?").Is(200).Form("Skicka länk").Set("email", email).Send()
	}
	ask("nobody").Is(422).Says("#email-error", "Skriv en e-postadress")
	known := ask(strings.ToUpper(demotest.PlainUser)).LeadsTo("/password-link?sent=1").Follow().Is(200)
	unknown := ask("unknown@example.com").LeadsTo("/password-link?sent=1").Follow().Is(200)
	if known.Text("main") != unknown.Text("main") {
		t.Errorf("known: %s; unknown: %s", known.Text("main"), unknown.Text("main"))
	}
	if left := demotest.Value[int](t, p.System, "select (select count(*) from mails where recipient = 'unknown@example.com') + (select count(*) from personal_links) - 1"); left != 0 {
		t.Errorf("%d things are left of what is unknown", left)
	}
	first := linkOf(t, p, demotest.PlainUser)
	ask(demotest.PlainUser).Is(303)
	link := linkOf(t, p, demotest.PlainUser)
	p.Nobody().Get(first).Is(http.StatusGone).Says("main", "Länken gäller inte längre.").Click("Be om en ny länk").Is(200)
	for range 10 {
		p.Nobody().Get(link).Is(200).Says("main", demotest.PlainUser)
	}
	form := p.Nobody().Get(link).Form("Spara lösenordet")
	form.Set("password", "för kort").Send().Is(422).Says("#password-error", "Minst 15 tecken")
	// Of many at once one spends it.
	var group sync.WaitGroup
	statuses := make([]int, 4)
	for i := range statuses {
		group.Go(func() {
			_, token, _ := strings.Cut(link, "token=")
			statuses[i] = p.Nobody().Post("/password", url.Values{"token": {token}, "password": {sentence}}).Status
		})
	}
	group.Wait()
	slices.Sort(statuses)
	if !slices.Equal(statuses, []int{303, 410, 410, 410}) {
		t.Errorf("four at once: %v", statuses)
	}
	b.Get("/account").Is(303) // all sessions have ended
	if letters := p.Letters(demotest.PlainUser); letters[0].Subject != "Ditt lösenord har ändrats" {
		t.Errorf("the newest mail is %q", letters[0].Subject)
	}
	p.Nobody().Get("/login").Form("Logga in").Set("email", demotest.PlainUser).Set("password", sentence).Send().Is(303)
	// Half an hour, and not too often for one mailbox, known or not.
	ask(demotest.SecondMain).Is(303)
	link = linkOf(t, p, demotest.SecondMain)
	p.Clock.Advance(account.PasswordLinkLifetime - time.Second)
	p.Nobody().Get(link).Is(200)
	p.Clock.Advance(time.Second)
	p.Nobody().Get(link).Is(http.StatusGone)
	for _, email := range []string{demotest.OtherMain, "unknown2@example.com"} {
		var page *webtest.Page
		for range 5 {
			page = ask(email)
		}
		page.Is(http.StatusTooManyRequests).Says("main", "För många försök.")
		if page.Header.Get("Retry-After") == "" {
			t.Errorf("%s: how long is not said", email)
		}
	}
	if strings.Contains(strings.Join(p.Log.Lines(), " "), strings.TrimPrefix(link, "/password?token=")) {
		t.Error("a token is in the log")
	}
}

func TestSomebodyLeaves(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.Both)
	b.Get("/account").Is(200).Click("Lämna organisationen Testbolaget Ab (FI23456780)").Is(200).Says("dialog", "Du kommer genast inte längre åt Testbolaget Ab.").
		Form("Lämna organisationen").Send().LeadsTo("/account").Follow().Is(200).Says("#toasts", "Du har lämnat Testbolaget Ab.").HasNo("#leave-" + p.Organization(t, testbolaget).ID.String())
	b.Get(p.Home(testbolaget)).Is(404)
	b.Get(p.Home(exampleOy)).Is(200)
	// The last main user cannot, and reads why.
	last := p.As(demotest.OtherMain)
	last.Get(p.Home(testbolaget)+"/departure").Is(200).Says("dialog", "Du är den enda huvudanvändaren i Testbolaget Ab.").HasNo("dialog button")
	last.Post(p.Home(testbolaget)+"/departure", form("confirmed", "yes")).Is(422).Says("dialog", "Du är den enda huvudanvändaren")
	// Who belongs nowhere any more is still logged in, to their own account.
	b.Post(p.Home(exampleOy)+"/departure", form("confirmed", "yes")).LeadsTo("/account").Follow().Is(200).Says("main", "Du hör inte till någon organisation.")
}

// personal are the tables that have a trace of a person: their address or their name.
func personal(t *testing.T, p *webtest.Portal, words ...string) []string {
	t.Helper()
	var found []string
	for _, table := range demotest.Rows[struct{ Name string }](t, p.System, `select c.relname::text as name from pg_class c
		where c.relnamespace = 'portal'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition order by 1`) {
		for _, word := range words {
			if n := demotest.Value[int](t, p.System, "select count(*) from "+table.Name+" x where x::text ilike '%' || $1 || '%'", word); n > 0 {
				found = append(found, table.Name+": "+word)
			}
		}
	}
	return found
}

func TestAnAccountIsErased(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	// Somebody with a past: invited, with another name and address since, a key, an application account, mails, sessions.
	invite(t, p, demotest.OtherMain, testbolaget, "quirinus@example.com", []account.Permission{account.ManageIntegrations}, "600123")
	p.Nobody().Get(linkOf(t, p, "quirinus@example.com")).Is(200).Form("Skapa konto och gå med").Set("first_name", "Quirinus").Set("last_name", "Xylander").Set("password", sentence).Send().Is(303)
	p.Exec(t, "update memberships set user_type = 'main_user' where user_id = $1", p.User(t, "quirinus@example.com"))
	b := p.As("quirinus@example.com")
	key, _ := newKey(t, p, "quirinus@example.com", testbolaget, "Kassan")
	me := p.User(t, "quirinus@example.com").String()
	b.Get("/account").Form("Spara").Set("first_name", "Zephyrin").Set("phone", "040 765 4321").Send().Is(303)
	b.Get("/account").Form("Skicka länk").Set("email", "zephyrin@example.com").Set("email_password", sentence).Send().Is(303)
	b.Get(linkOf(t, p, "zephyrin@example.com")).Form("Bekräfta e-postadressen").Send().Is(303)
	invite(t, p, demotest.MainUser, exampleOy, "zephyrin@example.com", nil)
	b.Post("/account/password", form("present", "fel", "password", sentence)).Is(422)
	b.Post(p.Home(testbolaget)+keysPath+"/keys/"+key+"/deactivation", nil).Is(303)

	// Companies name them as somebody to turn to, now and earlier; letters to others name them.
	zephyrin := []string{"contact_1_name", "Zephyrin Xylander", "contact_1_role", "Ekonomi", "contact_1_email", "Zephyrin@example.com", "contact_1_phone", "040 765 4321"}
	save := func(b *webtest.Browser, home string, fields ...string) {
		t.Helper()
		information := b.Get(home + "/company-account/information").Is(200).Form("Spara")
		for i := 0; i < len(fields); i += 2 {
			information.Set(fields[i], fields[i+1])
		}
		information.Send().Is(303)
	}
	testHome, exampleHome := p.Home(testbolaget), p.Home(exampleOy)
	save(p.As(demotest.OtherMain), testHome, append(zephyrin, "sender_email", "zephyrin@example.com", "sender_phone", "040 765 4321", "invoice_email", "fakturor@test.example")...)
	save(p.As(demotest.OtherMain), testHome, "contact_2_name", "Zephyrin Xylander", "contact_3_name", "Kai Kvar")
	save(p.As(demotest.MainUser), exampleHome, zephyrin...)
	save(p.As(demotest.MainUser), exampleHome, "contact_1_name", "Berit Ny", "contact_1_role", "", "contact_1_email", "berit@example.com", "contact_1_phone", "")
	invite(t, p, "zephyrin@example.com", testbolaget, "anyone@example.com", nil)

	words := []string{"quirinus", "zephyrin", "xylander", "7654321"}
	if found := personal(t, p, words...); len(found) < 8 {
		t.Fatalf("before, only in %q", found)
	}
	page := b.Get("/account").Is(200).Click("Radera kontot").Is(200).Says("dialog", "Det går inte att ångra.")
	page.Form("Radera kontot").Set("own_password", "fel").Send().Is(422).Says("#own_password-error", "Lösenordet är fel.")
	page.Form("Radera kontot").Set("own_password", sentence).Send().LeadsTo("/").Follow().Is(200).Says("#toasts", "Ditt konto är raderat.")
	if found := personal(t, p, words...); len(found) > 0 {
		t.Errorf("still in %q", found)
	}
	b.Get("/account").Is(303)
	if letters := append(p.Letters("anyone@example.com"), p.Letters(demotest.OtherMain)...); strings.Contains(fmt.Sprint(letters), "Zephyrin") {
		t.Errorf("letters still name them: %+v", letters)
	}
	company := p.As(demotest.OtherMain).Get(testHome+"/company-account").Is(200).Says("main", "fakturor@test.example").Says("main", "Kai Kvar").
		Says("#history-rows > li:first-child", "Raderad användare").Says("#history-rows", "Raderad användare; Kai Kvar")
	if company.Find("[aria-labelledby=contacts] li").Length() != 1 {
		t.Errorf("the contact persons are %s", company.Text("[aria-labelledby=contacts]"))
	}
	p.As(demotest.MainUser).Get(exampleHome+"/company-account").Is(200).Says("[aria-labelledby=contacts]", "Berit Ny").Says("#history-rows", "Raderad användare")
	p.As(demotest.MainUser).Get(exampleHome+"/events?kind=company_account").Is(200).Says("#event-rows", "Raderad användare")
	// What they made is there, and under no name.
	other := p.As(demotest.OtherMain)
	other.Get(p.Home(testbolaget)+keysPath+"/keys/"+key).Is(200).Says("main", "Raderad användare #"+me[len(me)-6:]+" Avtal")
	other.Get(p.Home(testbolaget)+"/events").Is(200).Says("#event-rows", "Raderad användare")
	other.Get(p.Home(testbolaget) + "/users").Is(200).HasNo("a[href*='erased']")
	p.As(demotest.MainUser).Get(p.Home(exampleOy)+"/users?q=zephyrin").Is(200).Says("main", "Inga träffar")
	// The address is free for somebody new.
	invite(t, p, demotest.OtherMain, testbolaget, "zephyrin@example.com", nil)
}

// Who was invited by an address that they have changed since is erased there too; what they were allowed stays in the log.
func TestErasingReachesOldAddressesAndLeavesRights(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	become(t, p, demotest.PlainUser, account.RegularUser, nil)
	id := p.User(t, demotest.PlainUser).String()
	address, main := p.Home(exampleOy)+"/users/"+id, p.As(demotest.MainUser)
	main.Get(address+"/permissions").Is(200).Form("Nästa").Tick("permission", "view_reports").Send().Is(303)
	invite(t, p, demotest.OtherMain, testbolaget, demotest.PlainUser, []account.Permission{account.ManageCompanyAccount})
	p.Exec(t, "update invitations set first_name = 'Petronius', last_name = 'Lindholm' where email = $1", demotest.PlainUser)
	b := p.As(demotest.PlainUser)
	b.Get("/account").Form("Spara").Set("first_name", "Petronius").Send().Is(303)
	b.Get("/account").Form("Skicka länk").Set("email", "petronius@example.com").Set("email_password", demo.Password).Send().Is(303)
	p.Clock.Advance(time.Minute)
	b.Get(linkOf(t, p, "petronius@example.com")).Form("Bekräfta e-postadressen").Send().Is(303)
	p.Clock.Advance(time.Minute)
	// Since then the old address is somebody else's.
	invite(t, p, demotest.MainUser, exampleOy, demotest.PlainUser, nil)
	var data struct {
		Invitations []struct{ Email string }
		Mails       []struct{ Kind, To, Subject, CreatedAt string }
	}
	if err := json.Unmarshal([]byte(b.Get("/account/data.json").Body), &data); err != nil || len(data.Invitations) != 1 || data.Invitations[0].Email != demotest.PlainUser {
		t.Errorf("the file has %+v, %v", data, err)
	}
	var kinds []string
	for _, letter := range data.Mails {
		kinds = append(kinds, letter.Kind)
	}
	if !slices.Equal(kinds, []string{"invitation", "email_link", "email_changed"}) || data.Mails[0].Subject == "" || data.Mails[0].CreatedAt == "" {
		t.Errorf("the file has the mails %+v", data.Mails)
	}

	main.Post(address+"/removal", nil).Is(303)
	rights := func() string {
		return demotest.Value[string](t, p.System, `select string_agg(e.action || v.personal_values::text, ' ' order by e.occurred_at, e.action) from audit_events e
			join audit_personal_values v on v.event_id = e.id where v.user_id = $1 and e.object_kind = 'membership'`, id)
	}
	before := rights()
	gone := p.As("petronius@example.com")
	gone.Get("/account/deletion").Form("Radera kontot").Set("own_password", demo.Password).Send().Is(303)
	if after := rights(); after != before || !strings.Contains(after, `membership.ended{"before": {"userType": "user", "permissions": ["view_reports"], "contract_numbers": []}}`) {
		t.Errorf("the log had %s, and has %s", before, after)
	}
	main.Get(p.Home(exampleOy)+"/events?about="+id).Is(200).Says("#event-rows", "Se rapporter")
	if found := personal(t, p, "petronius", "lindholm"); len(found) > 0 {
		t.Errorf("still in %q", found)
	}
	if waiting := demotest.Value[int](t, p.System, "select count(*) from invitations where email = $1 and withdrawn_at is null", demotest.PlainUser); waiting != 1 {
		t.Errorf("%d invitations to who has the address now", waiting)
	}
	if given := demotest.Value[string](t, p.System, `select v.personal_values::text from audit_events e join audit_personal_values v on v.event_id = e.id
		where e.action = 'invitation.created' and e.organization_id = $1 and v.personal_values ? 'as'`, p.Organization(t, testbolaget).ID); !strings.Contains(given, "manage_company_account") || strings.Contains(given, "@") {
		t.Errorf("the invitation's event has %s", given)
	}
}

// Who deletes their account while they belong somewhere leaves what they had there in the log, as who leaves does.
func TestTheLogKnowsWhatAnErasedMemberHad(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	become(t, p, demotest.PlainUser, account.RegularUser, []account.Permission{account.TrackShipments}, "654321")
	id := p.User(t, demotest.PlainUser)
	p.As(demotest.PlainUser).Post("/account/deletion", form("own_password", demo.Password)).Is(303)
	if held := demotest.Value[string](t, p.System, `select v.personal_values::text from audit_events e join audit_personal_values v on v.event_id = e.id
		where e.action = 'membership.ended' and e.object_id = $1`, id); held != `{"before": {"userType": "user", "permissions": ["track_shipments"], "contract_numbers": ["654321"]}}` {
		t.Errorf("the log has %s", held)
	}
}

func TestTheLastMainUserStays(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	p.Leave(t, demotest.Both, testbolaget)
	b := p.As(demotest.OtherMain)
	b.Get("/account/deletion").Is(200).Says("dialog", "Du är den enda huvudanvändaren i Testbolaget Ab").HasNo("dialog input")
	b.Post("/account/deletion", form("own_password", demo.Password)).Is(http.StatusConflict).Says("dialog", "Du är den enda huvudanvändaren i Testbolaget Ab")
	b.Get(p.Home(testbolaget)).Is(200)
	if left := demotest.Value[int](t, p.System, "select count(*) from users where erased_at is not null"); left != 0 {
		t.Errorf("%d are erased", left)
	}
}

// Of the two last main users who delete their accounts at the same moment, one stays.
func TestTheTwoLastMainUsersDeleteTheirAccounts(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	p.Exec(t, "update memberships set user_type = 'user' where organization_id = $1 and user_id <> all ($2)", p.Organization(t, exampleOy).ID,
		[]any{p.User(t, demotest.MainUser), p.User(t, demotest.SecondMain)})
	browsers := []*webtest.Browser{p.As(demotest.MainUser), p.As(demotest.SecondMain)}
	statuses := make([]int, len(browsers))
	var group sync.WaitGroup
	for i, b := range browsers {
		group.Go(func() { statuses[i] = b.Post("/account/deletion", form("own_password", demo.Password)).Status })
	}
	group.Wait()
	slices.Sort(statuses)
	if !slices.Equal(statuses, []int{303, 409}) {
		t.Errorf("both at once: %v", statuses)
	}
}

func TestOnesOwnDataIsOneFile(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	become(t, p, demotest.Both, account.MainUser, []account.Permission{account.ManageIntegrations}, "654321")
	_, value := newKey(t, p, demotest.Both, exampleOy, "Kassan")
	b := p.As(demotest.Both)
	b.Get("/account").Form("Spara").Set("phone", "0401234567").Send().Is(303)
	// What one does to another is in one's events, but not what is personal of the other.
	second := p.User(t, demotest.SecondMain).String()
	saved := b.Get(p.Home(exampleOy)+"/users/"+second+"/permissions").Is(200).Form("Nästa").Tick("permission", "track_shipments").Send()
	saved.Is(303)
	p.Exec(t, "update memberships set invited_by = $2 where user_id = $1", p.User(t, demotest.Both), p.User(t, demotest.SecondMain))
	p.Exec(t, "update api_keys set networks = '{192.0.2.0/24}', expires_at = created_at + interval '1 year'")
	// Companies name them: by their address wherever it is, by a name, which anybody can give themselves, where they belong.
	p.Leave(t, demotest.Both, testbolaget)
	p.Exec(t, "update company_contacts set phone = ''")
	p.Exec(t, "update company_accounts set sender_phone = ''")
	for i, contact := range [][3]string{{exampleOy, "BIRGIT Both", "somebody@example.com"}, {testbolaget, "Birgit Both", "somebody.else@example.com"}, {testbolaget, "Växeln", demotest.Both}} {
		p.Exec(t, "insert into company_contacts (organization_id, position, name, role, email, phone) values ($1, $2, $3, 'Ekonomi', $4, '')",
			p.Organization(t, contact[0]).ID, 10+i, contact[1], contact[2])
	}
	p.Exec(t, "update users set first_name = 'Birgit', last_name = 'Both' where email = $1", demotest.Both)
	file := b.Get("/account/data.json").Is(200)
	var data struct {
		CompanyAccounts []struct{ Field, Name, Email string }
		Profile         struct{ Email, FirstName, Phone string }
		Memberships     []struct {
			Organization    struct{ Name string }
			UserType        string
			InvitedBy       string
			Permissions     []string
			ContractNumbers []struct{ Number string }
		}
		APIKeys []struct {
			Description, ExpiresAt string
			Networks               []string
			ContractNumbers        []struct{ Number string }
		}
		Sessions []struct{ ID string }
		Events   []struct {
			Action         string
			ByMe           bool
			PersonalValues []map[string]any
		}
	}
	if err := json.Unmarshal([]byte(file.Body), &data); err != nil {
		t.Fatalf("%v\n%s", err, file.Body)
	}
	if data.Profile.Email != demotest.Both || data.Profile.Phone != "+358401234567" || len(data.Memberships) != 2 || len(data.Memberships[0].ContractNumbers) == 0 ||
		len(data.APIKeys) != 1 || len(data.Sessions) != 1 {
		t.Errorf("the file is %s", file.Body)
	}
	if key := data.APIKeys[0]; key.ExpiresAt == "" || !slices.Equal(key.Networks, []string{"192.0.2.0/24"}) || len(key.ContractNumbers) != 1 || key.ContractNumbers[0].Number != "654321" {
		t.Errorf("the key is %+v", key)
	}
	if data.Memberships[0].InvitedBy == "" {
		t.Errorf("the membership is %+v", data.Memberships[0])
	}
	if len(data.CompanyAccounts) != 2 || data.CompanyAccounts[0].Name != "BIRGIT Both" || data.CompanyAccounts[1].Email != demotest.Both {
		t.Errorf("companies say %+v", data.CompanyAccounts)
	}
	actions := map[string]int{}
	for _, event := range data.Events {
		actions[event.Action] += len(event.PersonalValues)
		if event.Action == "membership.changed" && (!event.ByMe || strings.Contains(file.Body[strings.Index(file.Body, "membership.changed"):], "track_shipments\", ")) {
			t.Errorf("what is another's: %+v", event)
		}
	}
	if actions["user.changed"] != 2 || actions["membership.changed"] != 1 || actions["api_key.created"] != 1 { // each with the address that they came from
		t.Errorf("the events are %v", actions)
	}
	if strings.Contains(file.Body, value) || strings.Contains(file.Body, "argon2id") || file.Header.Get("Content-Disposition") != `attachment; filename="omaposti-pro.json"` {
		t.Errorf("the file is %v %s", file.Header, file.Body)
	}
	p.Nobody().Get("/account/data.json").Is(303)
}

// Whoever serves changes nobody's address but that of the person for whom a transaction works, and sees no link.
func TestLinksAreNobodysToSee(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	other := p.User(t, demotest.SecondMain)
	for _, statement := range []string{
		"select * from personal_links", "delete from personal_links", "update users set email = 'x@example.com'", "update users set erased_at = now()",
		"select make_link('" + other.String() + "', sha256('x'), 'email', 'x@example.com', 'x@example.com', now(), now() + interval '1 hour')",
	} {
		if err := p.App.Exec(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "42501") {
			t.Errorf("%s: %v", statement, err)
		}
	}
	if err := p.App.Exec(t.Context(), "select erase_own_account(now(), '')"); err != nil {
		t.Error(err)
	}
	if erased := demotest.Value[int](t, p.System, "select count(*) from users where erased_at is not null"); erased != 0 {
		t.Errorf("nobody has erased %d", erased)
	}
	for _, token := range []string{"", "x", strings.Repeat("A", 43), strings.Repeat("A", 10_000), "\x00"} {
		p.Nobody().Get("/password?token=" + url.QueryEscape(token)).Is(http.StatusGone)
		p.Nobody().Post("/password", form("token", token, "password", sentence)).Is(http.StatusGone)
		p.Nobody().Post("/email-confirmation", form("token", token)).Is(http.StatusGone)
	}
}
