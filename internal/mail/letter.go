package mail

import (
	"bytes"
	_ "embed" // the letter's HTML
	"errors"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/bidi"

	"omapostipro/internal/i18n"
	"omapostipro/internal/plain"
)

// Letter is what somebody is to be told.
type Letter struct {
	Kind     string // which words: mail.KIND.…
	To       string // an address
	Name     string // whom the greeting names; may be empty
	Language i18n.Lang
	Path     string // what the button opens, as /invitations/…; empty for a letter without one
	Args     []any  // name/value pairs that fill the words
	// The accounts and the invitations of the people whom it is to or names: with them, it is erased.
	About []uuid.UUID
}

// Message is a letter written out.
type Message struct {
	To      string `json:"to"`
	Name    string `json:"name"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	HTML    string `json:"html"`
	Link    string `json:"link"` // empty for a letter without one
}

// errHeader refuses what could begin another header line. Names and addresses have been checked where they were typed.
var errHeader = errors.New("mail: a control character in a name, an address or a subject")

// write writes a letter out in its language.
func (l Letter) write(baseURL string) (Message, error) {
	p := i18n.For(l.Language)
	l.Name, l.Args = plain.Strip(l.Name), slices.Clone(l.Args)
	for i, arg := range l.Args {
		if text, is := arg.(string); is {
			l.Args[i] = apart(text)
		}
	}
	//i18n:keys mail.*
	words := func(part string) string { return p.T("mail."+l.Kind+"."+part, l.Args...) }
	m := Message{To: l.To, Name: l.Name, Subject: oneLine(words("subject"))}
	for _, line := range []string{m.To, m.Name, m.Subject} {
		if strings.ContainsFunc(line, unicode.IsControl) {
			return Message{}, errHeader
		}
	}
	greeting := p.T("mail.greeting")
	if l.Name != "" {
		greeting = p.T("mail.greeting_by_name", "name", apart(l.Name))
	}
	contents := contents{Language: l.Language, Subject: m.Subject, Greeting: greeting, Paragraphs: strings.Split(words("text"), "\n\n"),
		Replica: p.T("mail.replica")}
	if l.Path != "" {
		m.Link = baseURL + l.Path
		contents.Link, contents.Button, contents.Otherwise = m.Link, words("button"), p.T("mail.otherwise")
	}
	m.Text = contents.text()
	var page bytes.Buffer
	if err := letterHTML.Execute(&page, contents); err != nil {
		return Message{}, fmt.Errorf("draw the letter %s: %w", l.Kind, err)
	}
	m.HTML = page.String()
	return m, nil
}

// apart gives a text so that nothing of what stands beside it is turned around: without what would do that, and isolated
// where it is written from right to left itself.
func apart(text string) string {
	text = plain.Strip(text)
	if strings.ContainsFunc(text, rightToLeft) {
		return "\u2068" + text + "\u2069"
	}
	return text
}

func rightToLeft(r rune) bool {
	properties, _ := bidi.LookupRune(r)
	return properties.Class() == bidi.R || properties.Class() == bidi.AL
}

// maxSubject is how many characters a subject has at most: two long names in it are more than anybody's list of mail shows.
const maxSubject = 200

func oneLine(subject string) string {
	if runes := []rune(subject); len(runes) > maxSubject {
		return strings.TrimSpace(string(runes[:maxSubject-1])) + "…"
	}
	return subject
}

// contents is what both forms of a letter are made of.
type contents struct {
	Language          i18n.Lang
	Subject, Greeting string
	Paragraphs        []string
	Link, Button      string
	Otherwise         string // what to do where the button does not work
	Replica           string
}

//go:embed letter.html
var letterSource string

var letterHTML = template.Must(template.New("letter").Parse(letterSource))

func (c contents) text() string {
	parts := append([]string{c.Greeting}, c.Paragraphs...)
	if c.Link != "" {
		parts = append(parts, c.Button+":\n"+c.Link)
	}
	return strings.Join(append(parts, "-- \nOmaPosti Pro\n"+c.Replica), "\n\n") + "\n"
}
