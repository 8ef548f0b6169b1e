package templates_test

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"omapostipro/internal/i18n"
)

func draw(t *testing.T, page templ.Component, lang i18n.Lang) (*goquery.Document, string) {
	t.Helper()
	var b bytes.Buffer
	if err := page.Render(i18n.With(context.Background(), lang), &b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	document, err := goquery.NewDocumentFromReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	return document, text
}

// key is what a catalogue key without a text leaves in a page, and hole a placeholder that nothing filled.
var (
	key  = regexp.MustCompile(`[^/\w](layout|ui|permission|public|login|home|integrations|keys|users|edit|form|errors|invitations?|company|organizations)\.[a-z_]+\b`)
	hole = regexp.MustCompile(`\{\{|%!`)
)

func TestPages(t *testing.T) {
	t.Parallel()
	for name, page := range samples() {
		for _, language := range i18n.Languages() {
			t.Run(name+" "+string(language.Lang), func(t *testing.T) {
				t.Parallel()
				document, text := draw(t, page, language.Lang)
				checkWords(t, document, text, language.Lang)
				checkPolicy(t, document)
				checkIDs(t, document)
				checkNames(t, document)
				checkStructure(t, document)
			})
		}
	}
}

func checkWords(t *testing.T, document *goquery.Document, text string, lang i18n.Lang) {
	if got := document.Find("html").AttrOr("lang", ""); got != string(lang) {
		t.Errorf("the page is in %q", got)
	}
	for _, pattern := range []*regexp.Regexp{key, hole} {
		for _, found := range pattern.FindAllString(text, -1) {
			t.Errorf("the page shows %q", found)
		}
	}
}

// checkPolicy: the content security policy lets nothing inline through.
func checkPolicy(t *testing.T, document *goquery.Document) {
	document.Find("[style], style, script:not([src])").Each(func(_ int, s *goquery.Selection) {
		t.Errorf("inline: <%s>", goquery.NodeName(s))
	})
	document.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, attribute := range s.Nodes[0].Attr {
			if strings.HasPrefix(attribute.Key, "on") {
				t.Errorf("inline: %s", attribute.Key)
			}
		}
	})
}

// checkIDs: an id stands once, and what refers to one finds it.
func checkIDs(t *testing.T, document *goquery.Document) {
	ids := map[string]bool{}
	document.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		if ids[id] {
			t.Errorf("the id %q stands twice", id)
		}
		ids[id] = true
	})
	for _, attribute := range []string{"for", "aria-labelledby", "aria-describedby", "popovertarget", "data-copy-text", "data-more"} {
		document.Find("[" + attribute + "]").Each(func(_ int, s *goquery.Selection) {
			for id := range strings.FieldsSeq(s.AttrOr(attribute, "")) {
				if !ids[id] {
					t.Errorf("%s refers to %q, which is not there", attribute, id)
				}
			}
		})
	}
	document.Find(`a[href^="#"], use`).Each(func(_ int, s *goquery.Selection) {
		if id := strings.TrimPrefix(s.AttrOr("href", ""), "#"); !ids[id] {
			t.Errorf("a link leads to %q, which is not there", id)
		}
	})
}

// checkNames: what can be operated has a name.
func checkNames(t *testing.T, document *goquery.Document) {
	document.Find("a, button, summary").Each(func(_ int, s *goquery.Selection) {
		if strings.TrimSpace(s.Text()) == "" && s.AttrOr("aria-label", "") == "" {
			html, _ := goquery.OuterHtml(s)
			t.Errorf("without a name: %s", html)
		}
	})
	document.Find("input:not([type=hidden])").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		if document.Find(`label[for="`+id+`"]`).Length() == 0 && s.AttrOr("aria-label", "") == "" && s.AttrOr("aria-labelledby", "") == "" {
			t.Errorf("without a label: %s", s.AttrOr("name", id))
		}
	})
}

// checkStructure: one first heading, a title, and forms that only POST what they change.
func checkStructure(t *testing.T, document *goquery.Document) {
	if n := document.Find("h1").Length(); n != 1 {
		t.Errorf("%d first headings", n)
	}
	if title := document.Find("title").Text(); !strings.HasSuffix(title, " – OmaPosti Pro") || strings.HasPrefix(title, " ") {
		t.Errorf("the title is %q", title)
	}
	if n := document.Find("main").Length(); n != 1 {
		t.Errorf("%d main elements", n)
	}
	dialog := document.Find("dialog[open]")
	if inert := document.Find(".app[inert]").Length(); inert != dialog.Length() {
		t.Errorf("%d dialogs over %d inert pages", dialog.Length(), inert)
	}
	if dialog.Length() > 0 && dialog.Find("[autofocus]").Length() != 1 {
		t.Errorf("a dialog with %d places for the focus", dialog.Find("[autofocus]").Length())
	}
}

func TestManualsWords(t *testing.T) {
	pages := samples()
	for name, words := range map[string][]string{
		"public": {"OmaPosti Pro", "Öppna OmaPosti Pro", "Du har loggats ut",
			"Gör sändning, uppföljning och rapportering ännu enklare än tidigare och håll allt som är viktigt för din affärsverksamhet i samma tjänst. OmaPosti Pro ger dig tillgång till allt du behöver som vår företagskund."},
		"login":        {"Posti Onlinetjänster", "E-postadress", "Lösenord", "Logga in", "Du har loggats ut. Fyll i formuläret på nytt."},
		"integrations": {"Kom igång med migreringen", "OmaPosti Pro API", "Postens sändningstjänster", "Utforska och påbörja migreringen"},
		"keys empty":   {"Tillbaka till integrationer", "OmaPosti Pro API", "Hantera detta API", "API-adress", "Du har inga API-nycklar ännu. Skapa en för att komma igång", "Skapa ny API-nyckel"},
		"keys": {"Hantera detta API", "Skapa ny API-nyckel", "Nuvarande API-nycklar", "Nyckel", "Status", "Beskrivning", "Senast använd", "Aldrig använd",
			"•••••••••••••811", "Aktiverad", "Inaktiverad", "Inaktivera", "Aktivera", "Återkalla", "Återkallade (2)", "Skapad 23.11.2026 av FirstName LastName"},
		"new key":         {"Skapa ny API-nyckel", "Beskrivning", "Avbryt", "Skapa nyckel"},
		"created key":     {"Din nya API-nyckel har skapats framgångsrikt", "API-nyckeln kan nu användas för integrationer", "Kopiera API-nyckel", "Prova nyckeln med curl"},
		"revocation":      {"Återkalla API-nyckeln?", "Integrationer som använder den slutar fungera genast. Det går inte att ångra.", "Avbryt", "Återkalla nyckel"},
		"users":           {"Användarhantering", "Bjud in användare", "Inbjudningar", "Användare", "Visa mera", "Ladda ner csv"},
		"users unmatched": {`Inga träffar på "finns inte"`, "Rensa sökningen"},
		"user": {"Användarinformation", "Förnamn", "Efternamn", "E-posten (Användarnamn)", "Telefon", "Organisationer", "Example Oy (FI12345678)", "Ändra",
			"Kundnummer", "Logistikavtal ID", "Transportkoder för frakten", "654321 Example Oy", "Saknar avtalsnummer – gäller inte ännu"},
		"permissions": {"Stäng", "Example Oy (FI12345678)", "main.user@example.com", "Tryck nästa för att spara dina ändringar", "Användartyp", "Huvudanvändare", "Användare",
			"Behörigheter", "OmaPosti Pro", "Skapa försändelser och hämtningsbeställningar", "Spåra försändelser", "Se rapporter", "Hantera företagskontoinformation", "Hantera integrationer",
			"Dessa användningsbehörigheter kräver avtalsnummer (se nästa sida)", "Nästa"},
		"permissions refused": {"Example Oy måste ha minst en huvudanvändare. Gör först någon annan till huvudanvändare."},
		"numbers": {"Tryck på Gör ändringar för att spara dina ändringar", "Kundnummer, Kontrakt & Transportkoder", "För de valda användningsbehörigheterna måste du välja avtalsnummer:",
			"Se rapporter kräver minst ett kundnummer, ett avtalsnummer för logistiken eller en transportkod för frakten.",
			"Spåra försändelser kräver minst ett avtalsnummer för logistiken eller en transportkod för frakten.",
			"Du kan också välja flera olika typer av avtalsnummer, avtalskoder eller transportkoder.", "Avtalsnummer:", "Välj kundnummer:",
			"Välj logistikserviceavtal – Aktiverar Postis paket- och brevtjänster:", "Välj transport-ID – Aktiverar OmaPosti Pro-frakttjänster:", "Gör ändringar", "Tillbaka"},
		"invite":              {"Ladda ner mall", "E-postadresser", "Nästa"},
		"invite role":         {"Nästa", "Tillbaka", "Användartyp", "Dessa användningsbehörigheter kräver avtalsnummer (se nästa sida)"},
		"invite numbers":      {"Nästa", "Tillbaka", "Kundnummer, Kontrakt & Transportkoder", "Avtalsnummer:"},
		"invite summary":      {"Skicka inbjudan", "Tillbaka", "654321 Example Oy", "Spåra försändelser"},
		"invitation":          {"Skicka igen", "Återta", "Ändra", "Utan slut"},
		"invitation expired":  {"Utgången"},
		"organization":        {"Kundnummer", "Logistikavtal ID", "Transportkoder för frakten", "654321", "Huvudanvändare", "Avslutade nummer", "Visa mera", "API-nycklar"},
		"company":             {"Företagskonto", "Ändra", "FO-nummer", "Momsnummer", "Postadress", "Besöksadress", "Kontaktpersoner", "Fakturering", "Standardavsändare", "Ändringar", "040 1234567", "Kontrollsiffran stämmer inte."},
		"company read":        {"Hantera företagskontoinformation"},
		"switch":              {"Byt organisation", "Visa alla organisationer", "Visa mera"},
		"forbidden main user": {"Du saknar behörigheten Hantera integrationer. Som huvudanvändare kan du lägga till den själv."},
	} {
		document, _ := draw(t, pages[name], i18n.Swedish)
		text := strings.Join(strings.Fields(document.Find("body").Text()), " ")
		for _, word := range words {
			if !strings.Contains(text, word) {
				t.Errorf("%s does not say %q", name, word)
			}
		}
	}
}
