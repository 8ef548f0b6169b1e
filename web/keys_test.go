package web_test

import (
	"crypto/sha256"
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
	"omapostipro/internal/postgres"
	"omapostipro/web/webtest"
)

// call asks the API what a key may do.
func call(p *webtest.Portal, value string) *webtest.Page {
	b := p.Nobody()
	b.Header.Set("Authorization", value)
	return b.Get("/api/v1/key")
}

func wantRefused(t *testing.T, page *webtest.Page, code string) {
	t.Helper()
	if page.Status != http.StatusUnauthorized || !strings.Contains(page.Body, `"`+code+`"`) {
		t.Errorf("%s: %d %s, want 401 %s", page.Request, page.Status, page.Body, code)
	}
}

// Steps 3 to 8 of the manual, without a browser.
func TestManualFromIntegrationerToTheKey(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	integrations := b.Get(p.Home(exampleOy)).Is(200).Click("Integrationer").Is(200).Says("h1", "Integrationer")
	integrations.Says("main", "Kom igång med migreringen").Says("main h2", "OmaPosti Pro API").Says("main", "Postens sändningstjänster")
	empty := integrations.Click("Utforska och påbörja migreringen").Is(200).Says("h1", "OmaPosti Pro API").
		Says("h2", "Hantera detta API").Says("main", "Du har inga API-nycklar ännu. Skapa en för att komma igång").Says("#address", p.URL)
	if back := empty.Click("Tillbaka till integrationer"); back.Path != integrations.Path {
		t.Errorf("Tillbaka leads to %s", back.Path)
	}
	dialog := empty.Click("Skapa ny API-nyckel").Is(200).Says("#dialog-title", "Skapa ny API-nyckel").Says("dialog label", "Beskrivning").
		Has("input[name=description][required]").Has(".app[inert]")
	if boxes := dialog.Texts("dialog .choice label"); !slices.Equal(boxes, []string{"654321 Example Oy", "876543 Example Oy"}) {
		t.Errorf("the dialog lists %q", boxes)
	}
	created := dialog.Form("Skapa nyckel").Set("description", "  Ny API integration ").Send().Is(303).Follow().Is(200)
	created.Says("#dialog-title", "Din nya API-nyckel har skapats framgångsrikt").Says("dialog[open]", "API-nyckeln kan nu användas för integrationer").
		Says("dialog[open] button", "Kopiera API-nyckel").Says("dialog[open]", "Du kan kopiera nyckeln också senare").Has("tr.is-new").HasNo("dialog[open] .notice")
	shown := created.Form("Kopiera API-nyckel").Send().Is(200)
	value := shown.Find("#value").AttrOr("value", "")
	list := b.Get(p.Home(exampleOy)+keysPath).Is(200).Says("h2", "Nuvarande API-nycklar").HasNo("tr.is-new")
	if heads := list.Texts("table.keys th"); !slices.Equal(heads, []string{"Nyckel", "Status", "Beskrivning", "Senast använd", "Åtgärder"}) {
		t.Errorf("the columns are %q", heads)
	}
	list.Says("button.key", "•••••••••••••"+value[len(value)-3:]).Says(".state", "Aktiverad").Says(".about__name", "Ny API integration").
		Says(".about", "654321 Example Oy").Says(".about", "876543 Example Oy").Says("td", "Aldrig använd").
		Says(".about__made", fmt.Sprintf("Skapad %s av FirstName LastName", p.Clock.Now().In(helsinki(t)).Format("2.1.2006")))
	if later := list.Find("button.key").Closest("form").AttrOr("action", ""); b.Post(later, nil).Find("#value").AttrOr("value", "") != value {
		t.Error("later it is another value")
	}
	if answer := call(p, value).Is(200); !strings.Contains(answer.Body, `"number":"654321"`) {
		t.Errorf("the key may %s", answer.Body)
	}
}

func helsinki(t *testing.T) *time.Location {
	t.Helper()
	location, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	return location
}

// What is missing to create a key is said, with the way to the very dialog that mends it.
func TestWhoCannotCreateKeysIsToldWhatIsMissing(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	become(t, p, integrator, account.RegularUser, []account.Permission{account.ManageIntegrations}, "654321")
	keys := p.Home(exampleOy) + keysPath

	second := p.As(demotest.SecondMain)
	page := second.Get(keys).Is(200).HasNo("form[action$='/keys/new']").HasNo("main a[href$='/keys/new']").
		Says("main .notice", "För att skapa en API-nyckel måste minst ett logistikavtal ID vara kopplat till dig.")
	if strings.Contains(page.Body, "Skapa en för att komma igång") || strings.Contains(page.Text("main"), "Skapa ny API-nyckel") {
		t.Error("the page tells to do what cannot be done")
	}
	own := p.Home(exampleOy) + "/users/" + p.User(t, demotest.SecondMain).String() + "/contract-numbers"
	if mends := page.Click("Välj logistikavtal ID").Is(200); mends.Path != own {
		t.Errorf("the way leads to %s", mends.Path)
	}
	second.Get(keys + "/keys/new").LeadsTo(keys)
	sent := form("description", "x", "token", newID(t).String(), "contract", p.Number(t, "654321").String())
	second.Post(keys+"/keys", sent).Is(403).Says("main", "För att skapa en API-nyckel måste minst ett logistikavtal ID vara kopplat till dig.")

	// With a freight transport code alone neither.
	become(t, p, demotest.SecondMain, account.MainUser, []account.Permission{account.ManageIntegrations}, "876543", "123456")
	second.Get(keys).Is(200).Says("main .notice", "logistikavtal ID")
	second.Post(keys+"/keys", sent).Is(403)

	// Other holders see the list, values as text, and read whom to ask: at most five main users.
	for _, email := range []string{"daniel.soderholm@example.com", "elina.heikkila@example.com", "emil.wikstrom@example.com", "fredrik.bjorklund@example.com"} {
		become(t, p, email, account.MainUser, nil)
	}
	newKey(t, p, demotest.MainUser, exampleOy, "Webbutiken")
	reader := p.As(integrator)
	page = reader.Get(keys).Is(200).Says(".key--text", "•••••••••••••").Says(".about__name", "Webbutiken").
		HasNo("main form").HasNo("main button.key").HasNo("main .row-actions").HasNo("main a[href$='/keys/new']").
		Says("main .notice", "API-nycklar skapas, kopieras och återkallas av huvudanvändare med behörigheten Hantera integrationer.")
	if asked := page.Find(".contacts li").Length(); asked != 5 {
		t.Errorf("%d main users are named", asked)
	}
	reader.Post(keys+"/keys", sent).Is(403).Says("main", "API-nycklar skapas, kopieras och återkallas av huvudanvändare")
	if made := demotest.Value[int](t, p.System, "select count(*) from api_keys"); made != 1 {
		t.Errorf("%d keys", made)
	}
}

func TestWhoLacksHanteraIntegrationerIsHelped(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	become(t, p, withoutIt, account.MainUser, []account.Permission{account.CreateShipments}, "654321")
	keys := p.Home(exampleOy) + keysPath
	own := p.Home(exampleOy) + "/users/" + p.User(t, withoutIt).String() + "/permissions"

	main := p.As(withoutIt)
	main.Get(p.Home(exampleOy)).Is(200).HasNo("nav a[href$='/integrations']")
	helps := main.Get(keys).Is(403).Says("main", "Du saknar behörigheten Hantera integrationer. Som huvudanvändare kan du lägga till den själv.")
	edit := helps.Click("Lägg till behörigheten").Is(200)
	if edit.Path != own {
		t.Errorf("the way leads to %s", edit.Path)
	}
	// The manual's page 1, and the next click is allowed.
	edit.Form("Nästa").Tick("permission", "manage_integrations").Send().Is(303)
	main.Get(keys).Is(200)
	main.Get(p.Home(exampleOy)).Is(200).Has("nav a[href$='/integrations']")

	plain := p.As(demotest.PlainUser)
	told := plain.Get(keys).Is(403).Says("main", "Du saknar behörigheten Hantera integrationer.").HasNo("main a[href$='/permissions']")
	if strings.Contains(told.Text("main"), "Som huvudanvändare") {
		t.Error("a plain user is told to help themselves")
	}
	if asked := told.Texts(".contacts li"); !slices.Equal(asked, []string{"Anders Nyström anders.nystrom@example.com", "FirstName LastName main.user@example.com", "Sanna Andersson second.main@example.com"}) {
		t.Errorf("to be asked are %q", asked)
	}
	plain.Get(p.Home(exampleOy)+"/users").Is(403).Says("main", "Användarhantering i Example Oy är bara för huvudanvändare.").Has(".contacts")

	// Rights are read on each request: taken away, they are gone on the next click.
	become(t, p, withoutIt, account.RegularUser, nil)
	main.Get(keys).Is(403)
	main.Get(p.Home(exampleOy) + "/users").Is(403)
	p.Leave(t, withoutIt, exampleOy)
	main.Get(p.Home(exampleOy)).Is(404)
}

// Pressing twice, going back or reloading makes one key.
func TestFormSentAgainMakesOneKey(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	sent := b.Get(p.Home(exampleOy)+keysPath+"/keys/new").Is(200).Form("Skapa nyckel").Set("description", "Ny API integration")
	first := sent.Send().Is(303).Header.Get("Location")
	sent.Send().LeadsTo(first)
	sent.Set("description", "Något annat").Send().LeadsTo(first)
	if again := b.Get(p.Home(exampleOy) + keysPath + "/keys/new").Form("Skapa nyckel").Values.Get("token"); again == sent.Values.Get("token") {
		t.Error("the next dialog has the same token")
	}

	parallel := b.Get(p.Home(exampleOy)+keysPath+"/keys/new").Is(200).Form("Skapa nyckel").Set("description", "Parallell")
	var wg sync.WaitGroup
	locations := make([]string, 50)
	for i := range locations {
		wg.Go(func() {
			page := b.Copy().Post(p.Home(exampleOy)+keysPath+"/keys", parallel.Values)
			locations[i] = fmt.Sprint(page.Status, page.Header.Get("Location"))
		})
	}
	wg.Wait()
	if slices.Sort(locations); locations[0] != locations[len(locations)-1] || !strings.HasPrefix(locations[0], "303/o/") {
		t.Errorf("50 posts lead to %q … %q", locations[0], locations[len(locations)-1])
	}
	if made := demotest.Value[int](t, p.System, "select count(*) from api_keys"); made != 2 {
		t.Errorf("%d keys instead of 2", made)
	}
	if events := demotest.Value[int](t, p.System, "select count(*) from audit_events where action = 'api_key.created'"); events != 2 {
		t.Errorf("%d events instead of 2", events)
	}
	for _, token := range []string{"", "x", "00000000-0000-0000-0000-000000000000", "\x00"} {
		b.Post(p.Home(exampleOy)+keysPath+"/keys", form("description", "x", "token", token, "contract", p.Number(t, "654321").String())).Is(400)
	}
}

func TestKeyFormIsChecked(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	newForm := func() *webtest.Form {
		return b.Get(p.Home(exampleOy) + keysPath + "/keys/new").Is(200).Form("Skapa nyckel")
	}
	ids := newForm().Values["contract"]
	logistics, freight := ids[0], ids[1]
	for _, test := range []struct {
		name        string
		description string
		contracts   []string
		field       string
		message     string
	}{
		{"nothing", "", ids, "description", "Fyll i fältet."},
		{"blanks", " \t ", ids, "description", "Fyll i fältet."},
		{"too long", strings.Repeat("å", 101), ids, "description", "Skriv högst 100 tecken."},
		{"control character", "a\x07b", ids, "description", "Texten innehåller tecken som inte kan användas."},
		{"NUL", "a\x00b", ids, "description", "Texten innehåller tecken som inte kan användas."},
		{"invalid UTF-8", "a\xffb", ids, "description", "Texten innehåller tecken som inte kan användas."},
		{"no contract", "x", nil, "contract", "Välj minst ett logistikavtal ID."},
		{"no logistics contract", "x", []string{freight}, "contract", "Välj minst ett logistikavtal ID."},
		{"the organisation's, but not one's own", "x", []string{logistics, p.Number(t, "654399").String()}, "contract", "Ett av avtalsnumren är inte längre kopplat till dig."},
		{"a customer number", "x", []string{logistics, p.Number(t, "123456").String()}, "contract", "Ett av avtalsnumren är inte längre kopplat till dig."},
		{"another organisation's", "x", []string{logistics, p.Number(t, "600123").String()}, "contract", "Ett av avtalsnumren är inte längre kopplat till dig."},
		{"no id", "x", []string{logistics, "\x00"}, "contract", "Ett av avtalsnumren är inte längre kopplat till dig."},
	} {
		sent := newForm().Set("description", test.description).Set("contract", test.contracts...)
		page := sent.Send()
		if page.Status != 422 {
			t.Errorf("%s: %d", test.name, page.Status)
			continue
		}
		page.Says("#dialog-title", "Skapa ny API-nyckel").Says("#"+test.field+"-error", test.message).Says("#summary a[href='#"+test.field+"']", test.message)
		if field := page.Find("#" + test.field); field.AttrOr("aria-invalid", "") != "true" || !strings.Contains(
			page.Find("[aria-describedby~='"+test.field+"-error']").AttrOr("aria-describedby", ""), test.field+"-error") {
			t.Errorf("%s: the field does not refer to its message", test.name)
		}
		again := page.Form("Skapa nyckel").Values
		if again.Get("token") != sent.Values.Get("token") {
			t.Errorf("%s: the token is another one", test.name)
		}
		// HTML has no NUL, and no bytes that are not UTF-8: a browser shows U+FFFD.
		if typed := strings.ReplaceAll(test.description, "\x00", "\ufffd"); again.Get("description") != typed {
			t.Errorf("%s: kept is %q", test.name, again.Get("description"))
		}
		kept := slices.DeleteFunc(slices.Clone(test.contracts), func(id string) bool { return !slices.Contains(ids, id) })
		if diff := cmp.Diff(kept, again["contract"]); diff != "" && len(kept)+len(again["contract"]) > 0 {
			t.Errorf("%s: contracts kept: %s", test.name, diff)
		}
	}
	// Both at once are told at once.
	newForm().Set("description", "").Set("contract").Send().Is(422).Has("#description-error").Has("#contract-error")
	if made := demotest.Value[int](t, p.System, "select count(*) from api_keys"); made != 0 {
		t.Errorf("%d keys were made", made)
	}
	// A hundred characters are fine, whatever they are; what is left out is left out.
	long := strings.Repeat("å", 98) + "<&"
	newForm().Set("description", long).Set("contract", logistics).Send().Is(303).Follow().Says(".made b", long)
	key := demotest.One[struct{ Description, Numbers string }](t, p.System, `select k.description::text, string_agg(c.number, ' ') as numbers
		from api_keys k join api_key_contract_numbers l on l.api_key_id = k.id join contract_numbers c on c.id = l.contract_number_id group by k.id`)
	if key.Description != long || key.Numbers != "654321" {
		t.Errorf("made was %+v", key)
	}
	// A repeated description gets a remark, no extra step.
	newForm().Set("description", long).Send().Is(303).Follow().Is(200).
		Says("dialog[open] .notice", "Det finns redan en nyckel med samma beskrivning.")
}

// The full value is in no answer but the one to a POST.
func TestValueIsGivenToAPostOnly(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	id, value := newKey(t, p, demotest.MainUser, exampleOy, "Ny API integration")
	b := p.As(demotest.MainUser)
	keys := p.Home(exampleOy) + keysPath
	for _, path := range []string{keys, keys + "/keys/new", keys + "/keys/" + id, keys + "/keys/" + id + "/created", keys + "/keys/" + id + "/revocation", p.Home(exampleOy), p.Home(exampleOy) + "/users.csv"} {
		if page := b.Get(path).Is(200); strings.Contains(page.Body, value) || strings.Contains(page.Body, value[4:20]) {
			t.Errorf("%s has the value in it", path)
		}
	}
	b.Get(keys + "/keys/" + id + "/value").LeadsTo(keys + "/keys/" + id)

	before := demotest.Value[int](t, p.System, "select count(*) from audit_events where action = 'api_key.revealed'")
	page := b.Post(keys+"/keys/"+id+"/value", nil).Is(200).Says("h1", "Din API-nyckel")
	if shown := page.Find("input[readonly]#value").AttrOr("value", ""); shown != value || page.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("shown is %q, %s", shown, page.Header.Get("Cache-Control"))
	}
	b.Header.Set("Accept", "text/plain")
	text := b.Post(keys+"/keys/"+id+"/value", nil).Is(200)
	if text.Body != value || text.Header.Get("Content-Type") != "text/plain; charset=utf-8" || text.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("given is %q, %v", text.Body, text.Header)
	}
	events := demotest.Rows[struct{ ActorID, ObjectID, RequestID string }](t, p.System, `select actor_id::text, object_id::text, request_id from audit_events
		where action = 'api_key.revealed' order by occurred_at, id`)[before:]
	user := p.User(t, demotest.MainUser).String()
	if len(events) != 2 || events[0].ActorID != user || events[0].ObjectID != id || events[0].RequestID != page.Header.Get("X-Request-Id") || events[1].RequestID != text.Header.Get("X-Request-Id") {
		t.Errorf("events are %+v", events)
	}
	for _, line := range p.Log.Lines() {
		if strings.Contains(line, value) {
			t.Errorf("the log has the value: %s", line)
		}
	}
}

func TestKeyIsStoredAsHashAndCiphertext(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	id, value := newKey(t, p, demotest.MainUser, exampleOy, "Ny API integration")
	other, _ := newKey(t, p, demotest.MainUser, exampleOy, "En annan")
	row := demotest.One[struct {
		Hash, Ciphertext []byte
		Suffix, Whole    string
	}](t, p.System, "select hash, ciphertext, suffix, to_jsonb(k)::text as whole from api_keys k where id = $1", id)
	if sum := sha256.Sum256([]byte(value)); !slices.Equal(row.Hash, sum[:]) || row.Suffix != value[len(value)-3:] || len(row.Ciphertext) <= len(value) {
		t.Errorf("stored is %+v", row)
	}
	if strings.Contains(row.Whole, value) || strings.Contains(row.Whole, fmt.Sprintf("%x", value)) {
		t.Error("the value is stored in clear")
	}
	// A ciphertext opens in its own row only.
	p.Exec(t, "update api_keys set ciphertext = $2 where id = $1", other, row.Ciphertext)
	page := p.As(demotest.MainUser).Post(p.Home(exampleOy)+keysPath+"/keys/"+other+"/value", nil).Is(500).Has("main code")
	if strings.Contains(page.Body, value) {
		t.Error("another key's value is given")
	}
	if lines := p.Log.Lines(); len(lines) != 1 || !strings.Contains(lines[0], page.Header.Get("X-Request-Id")) {
		t.Errorf("logged is %q", lines)
	}
}

func TestKeyIsDisabledAndEnabledAgain(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	id, value := newKey(t, p, demotest.MainUser, exampleOy, "Webb & butik")
	b := p.As(demotest.SecondMain) // any main user who holds Hantera integrationer
	keys := p.Home(exampleOy) + keysPath
	b.Get(keys).Form("Inaktivera").Send().LeadsTo(keys+"#key-"+id).Follow().Is(200).Says(".state", "Inaktiverad").Says("#toasts", "Webb & butik är inaktiverad.")
	wantRefused(t, call(p, value), "KEY_DISABLED")
	b.Get(keys+"/keys/"+id).Is(200).Says("main", "Nyckeln är inaktiverad").Says("main", "Sanna Andersson")
	b.Post(keys+"/keys/"+id+"/value", nil).Is(200).Has("#value[value='" + value + "']") // can be copied all the same
	b.Post(keys+"/keys/"+id+"/deactivation", nil).Is(303)                               // twice does no harm
	b.Get(keys).Form("Aktivera").Send().Is(303).Follow().Says(".state", "Aktiverad").Says("#toasts", "Webb & butik är aktiverad.")
	call(p, value).Is(200)
	b.Get(keys).HasNo("#toasts .toast") // said once
	events := demotest.Rows[struct{ Action string }](t, p.System, "select action from audit_events where object_id = $1 and action not like '%revealed' order by occurred_at, id", id)
	if fmt.Sprint(events) != "[{api_key.created} {api_key.disabled} {api_key.enabled}]" {
		t.Errorf("events are %v", events)
	}
}

// What the operator has given a key is shown where it is set.
func TestLimitsOfAKeyAreShown(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	id, _ := newKey(t, p, demotest.MainUser, exampleOy, "Lager")
	b := p.As(demotest.MainUser)
	page := p.Home(exampleOy) + keysPath + "/keys/" + id
	if facts := b.Get(page).Is(200).Text("dl.facts"); strings.Contains(facts, "Går ut") || strings.Contains(facts, "Tillåtna adresser") {
		t.Errorf("a key without limits has %s", facts)
	}
	p.Exec(t, "update api_keys set expires_at = $2, networks = '{192.0.2.0/24,203.0.113.9/32}' where id = $1", id, p.Clock.Now().Add(48*time.Hour))
	shown := b.Get(page).Is(200).Says("dt", "Går ut").Says("dt", "Tillåtna adresser").Says("dd .chip", "192.0.2.0/24").Says(".state", "Aktiverad")
	if chips := shown.Texts("dd .chip"); !slices.Contains(chips, "203.0.113.9") {
		t.Errorf("the addresses are %q", chips)
	}
	p.Clock.Advance(47 * time.Hour)
	b = p.As(demotest.MainUser)
	b.Get(p.Home(exampleOy)+keysPath).Is(200).Says(".state", "Aktiverad")
	p.Clock.Advance(time.Hour)
	b.Get(p.Home(exampleOy)+keysPath).Is(200).Says(".state", "Utgången")
	b.Get(page).Is(200).Says(".state", "Utgången").Says(".notice", "Nyckeln har gått ut")
}

func TestKeyIsRevokedForGood(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	id, value := newKey(t, p, demotest.MainUser, exampleOy, "Webbutiken")
	b := p.As(demotest.SecondMain)
	keys := p.Home(exampleOy) + keysPath
	call(p, value).Is(200)
	if err := p.Keys.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.Clock.Advance(3 * time.Minute)
	dialog := b.Get(keys).Click("Återkalla").Is(200).Says("#dialog-title", "Återkalla API-nyckeln?").
		Says("dialog[open]", "Integrationer som använder den slutar fungera genast. Det går inte att ångra.").Says("dialog[open]", "Senast använd: för 3 minuter sedan").
		Says("dialog[open] a", "Avbryt")
	call(p, value).Is(200)
	list := dialog.Form("Återkalla nyckel").Send().LeadsTo(keys + "#key-" + id).Follow().Is(200)
	list.Says("#toasts", "Webbutiken är återkallad.").Says("details:not([open]) summary", "Återkallade (1)").Says("#revoked", "Webbutiken").
		HasNo("#revoked form").HasNo("#revoked button")
	wantRefused(t, call(p, value), "KEY_REVOKED")
	detail := b.Get(keys+"/keys/"+id).Is(200).Says("main", "Värdet är raderat").Says("main", "av Sanna Andersson").HasNo("main form[method=post]").HasNo("#curl")
	if strings.Contains(detail.Body, "Prova nyckeln") {
		t.Error("a revoked key is to be tried")
	}
	for _, gone := range []string{"/value", "/activation", "/deactivation"} {
		b.Post(keys+"/keys/"+id+gone, nil).Is(http.StatusGone).Says("main", "Nyckeln är återkallad. Den kan inte kopieras, aktiveras eller inaktiveras.")
	}
	b.Post(keys+"/keys/"+id+"/revocation", nil).Is(303) // it is what was wanted
	b.Get(keys + "/keys/" + id + "/revocation").LeadsTo(keys + "/keys/" + id)
	if kept := demotest.Value[int](t, p.System, "select count(*) from api_keys where ciphertext is not null"); kept != 0 {
		t.Error("the ciphertext is kept")
	}
	if events := demotest.Value[int](t, p.System, "select count(*) from audit_events where object_id = $1 and action = 'api_key.revoked'", id); events != 1 {
		t.Errorf("%d events", events)
	}
	// Nor can the database be talked into it.
	for _, change := range []string{"status = 'enabled', ciphertext = 'x'", "status = 'disabled', ciphertext = 'x'", "status_changed_by = null", "status_changed_at = now()"} {
		err := p.System.Exec(t.Context(), "update api_keys set "+change+" where id = $1", id)
		if postgres.Constraint(err) != "api_key_revoked_for_good" {
			t.Errorf("%s: %v", change, err)
		}
	}
}

// A key keeps the numbers of its making, and can use those that the organisation still has.
func TestKeyCanUseWhatTheOrganizationStillHas(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	id, value := newKey(t, p, demotest.MainUser, exampleOy, "Webbutiken")
	b := p.As(demotest.MainUser)
	detail := p.Home(exampleOy) + keysPath + "/keys/" + id
	b.Get(detail).Says("#curl-sample", `"custNo": "654321"`).Says("#curl-sample", "Authorization: $OPP_API_KEY").Says("#curl-sample", p.URL+"/shippingapi/api/v1/shipping/order")

	// Taken from its maker, a number stays the key's.
	become(t, p, demotest.MainUser, account.MainUser, account.Permissions())
	if body := call(p, value).Is(200).Body; !strings.Contains(body, "654321") || !strings.Contains(body, "876543") {
		t.Errorf("the key may %s", body)
	}
	// Ended, it is closed at once: on the day after its last.
	p.EndNumber(t, "654321", p.Clock.Now())
	if body := call(p, value).Is(200).Body; !strings.Contains(body, "654321") {
		t.Errorf("on the last day the key may %s", body)
	}
	p.EndNumber(t, "654321", p.Clock.Now().AddDate(0, 0, -1))
	if body := call(p, value).Is(200).Body; strings.Contains(body, "654321") || !strings.Contains(body, "876543") {
		t.Errorf("on the day after it the key may %s", body)
	}
	b.Get(detail).Says(".chip--closed", "654321 Example Oy · gäller inte längre").Says("#curl-sample", `"custNo": "876543"`).Says("#curl-sample", "ITELLALOG")
	p.EndNumber(t, "876543", p.Clock.Now().AddDate(0, 0, -1))
	b.Get(detail).HasNo("#curl-sample")
	if body := call(p, value).Is(200).Body; !strings.Contains(body, `"contracts":[]`) {
		t.Errorf("without numbers the key may %s", body)
	}
}

func TestKeyWhoseMakerHasLeftGoesOnAndIsMarked(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	id, value := newKey(t, p, demotest.MainUser, exampleOy, "Webbutiken")
	p.Leave(t, demotest.MainUser, exampleOy)
	b := p.As(demotest.SecondMain)
	b.Get(p.Home(exampleOy)+keysPath).Is(200).Says(".about__made", "av FirstName LastName, som har lämnat organisationen")
	b.Get(p.Home(exampleOy)+keysPath+"/keys/"+id).Is(200).
		Says("main", "FirstName LastName som skapade nyckeln har lämnat organisationen.").Says("main", "Nyckeln fungerar fortfarande.")
	call(p, value).Is(200)
}

func TestWhenAKeyWasUsedIsWrittenLater(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	_, value := newKey(t, p, demotest.MainUser, exampleOy, "Webbutiken")
	call(p, value)
	asked := p.Asked.During(func() { call(p, value).Is(200) })
	if asked.Trips != 1 || !onlyReads(asked.SQL[0]) {
		t.Errorf("a call asks %q", asked.SQL)
	}
	b := p.As(demotest.MainUser)
	b.Get(p.Home(exampleOy)+keysPath).Says("main td", "Aldrig använd")
	if err := p.Keys.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.Clock.Advance(time.Minute)
	b.Get(p.Home(exampleOy)+keysPath).Says("main td", "för 1 minut sedan")
	if asked := p.Asked.During(func() {
		if err := p.Keys.Flush(t.Context()); err != nil {
			t.Error(err)
		}
	}); asked.Trips != 0 {
		t.Errorf("with nothing to write, %q is asked", asked.SQL)
	}
}

// Only who holds the whole value learns more than that it is unknown, and a mistyped one costs no query.
func TestValuesThatAreNoKeys(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	_, value := newKey(t, p, demotest.MainUser, exampleOy, "Webbutiken")
	for name, given := range map[string]struct{ value, code string }{
		"nothing":        {"", "KEY_MISSING"},
		"no key":         {"Basic dXNlcjpwYXNz", "KEY_MALFORMED"},
		"mistyped":       {value[:10] + "!" + value[11:], "KEY_MALFORMED"},
		"cut off":        {value[:len(value)-1], "KEY_MALFORMED"},
		"wrong checksum": {value[:len(value)-6] + "000000", "KEY_MALFORMED"},
		"obscure bytes":  {"\xff\xfe", "KEY_MALFORMED"},
	} {
		asked := p.Asked.During(func() { wantRefused(t, call(p, given.value), given.code) })
		if asked.Trips != 0 {
			t.Errorf("%s costs %q", name, asked.SQL)
		}
	}
	wantRefused(t, call(p, "opp_000000000000000000000000000000002wjyrI"), "KEY_UNKNOWN")
	call(p, value).Is(200)
	call(p, "Bearer "+value).Is(200)
	call(p, "bearer  "+value+" ").Is(200)
}

// An id of another organisation answers exactly like one that does not exist: the same bytes, the same statements.
func TestForeignIDsAreUnknownIDs(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	key, _ := newKey(t, p, demotest.MainUser, exampleOy, "Webbutiken")
	user := p.User(t, demotest.MainUser).String()
	b := p.As(demotest.OtherMain)
	own := p.Home(testbolaget)
	send := func(method, path string, sent url.Values) (*webtest.Page, demotest.Asked) {
		var page *webtest.Page
		ask := func() {
			if method == http.MethodPost {
				page = b.Post(path, sent)
			} else {
				page = b.Get(path)
			}
		}
		ask()
		return page, p.Asked.During(ask)
	}
	compare := func(method, path, foreign string, sent url.Values) {
		t.Helper()
		foreignPage, foreignAsked := send(method, strings.ReplaceAll(path, "{id}", foreign), sent)
		unknownPage, unknownAsked := send(method, strings.ReplaceAll(path, "{id}", unknownID), sent)
		if foreignPage.Status != 404 || unknownPage.Status != 404 {
			t.Errorf("%s %s: %d and %d", method, path, foreignPage.Status, unknownPage.Status)
		}
		// The page has its own address in it, for who changes the language there.
		if diff := cmp.Diff(strings.ReplaceAll(unknownPage.Body, unknownID, "{id}"), strings.ReplaceAll(foreignPage.Body, foreign, "{id}")); diff != "" {
			t.Errorf("%s %s: %s", method, path, diff)
		}
		if diff := cmp.Diff(unknownAsked, foreignAsked); diff != "" {
			t.Errorf("%s %s: other statements: %s", method, path, diff)
		}
		unknownPage.Header.Del("X-Request-Id")
		foreignPage.Header.Del("X-Request-Id")
		unknownPage.Header.Del("Date")
		foreignPage.Header.Del("Date")
		if diff := cmp.Diff(unknownPage.Header, foreignPage.Header); diff != "" {
			t.Errorf("%s %s: other headers: %s", method, path, diff)
		}
	}
	for _, path := range []string{"", "/created", "/revocation"} {
		compare(http.MethodGet, own+keysPath+"/keys/{id}"+path, key, nil)
	}
	for _, path := range []string{"/value", "/activation", "/deactivation", "/revocation"} {
		compare(http.MethodPost, own+keysPath+"/keys/{id}"+path, key, nil)
	}
	for _, path := range []string{"", "/permissions", "/contract-numbers"} {
		compare(http.MethodGet, own+"/users/{id}"+path, user, nil)
	}
	compare(http.MethodPost, own+"/users/{id}/permissions", user, form("version", "main_user", "user_type", regular))
	compare(http.MethodPost, own+"/users/{id}/permissions", user, form("version", "main_user", "user_type", "nonsense"))
	compare(http.MethodPost, own+"/users/{id}/contract-numbers", user, form("version", ""))
	foreignOrganization := p.Organization(t, exampleOy).ID.String()
	for _, path := range []string{"", "/integrations", keysPath, "/users", "/users/" + user, "/users.csv"} {
		compare(http.MethodGet, "/o/{id}"+path, foreignOrganization, nil)
	}
	compare(http.MethodPost, "/o/{id}"+keysPath+"/keys/"+key+"/revocation", foreignOrganization, nil)
}

func TestKeysAreBounded(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	// The rest of two hundred, made as they are in the table.
	id, _ := newKey(t, p, demotest.MainUser, exampleOy, "Nyckel")
	p.Exec(t, `with made as (
			insert into api_keys (id, organization_id, maker_id, creation_token, description, hash, ciphertext, suffix, status, created_at)
			select gen_random_uuid(), organization_id, maker_id, gen_random_uuid(), 'Nyckel', sha256(n::text::bytea), 'x', 'abc', 'enabled', created_at
			from api_keys, generate_series(2, 200) n where id = $1 returning id, organization_id)
		insert into api_key_contract_numbers select made.organization_id, made.id, c.id, c.kind from made, contract_numbers c where c.number = '654321'`, id)
	b := p.As(demotest.MainUser)
	sent := b.Get(p.Home(exampleOy)+keysPath+"/keys/new").Is(200).Form("Skapa nyckel").Set("description", "En till")
	sent.Send().Is(422).Says("#description-error", "Organisationen kan ha högst 200 nycklar.")
	b.Post(p.Home(exampleOy)+keysPath+"/keys/"+id+"/revocation", nil).Is(303)
	sent.Send().Is(303)
}
