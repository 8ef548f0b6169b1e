// Package outbox draws Utkorg: the mail that the portal would have sent, in the demo set-ups without a mail server.
package outbox

import (
	"strings"
	"time"

	"omapostipro/templates/layout"
)

// ListPage is the list of mails, the newest first.
type ListPage struct {
	layout.Base
	Mails   []Mail
	MoreURL string // the older ones; empty when there are none
}

// Mail is one row.
type Mail struct {
	ID        string
	Recipient string
	Subject   string
	Created   time.Time
}

// LetterPage is one mail as its receiver reads it.
type LetterPage struct {
	layout.Base
	Mail
	Name string // the receiver's; may be empty
	Text string
	Link string // the address in the text that opens something; empty without one
}

// receiver is whom the mail is to.
func (m LetterPage) receiver() string {
	if m.Name == "" {
		return m.Recipient
	}
	return m.Name + " <" + m.Recipient + ">"
}

// paragraphs are the text's, each cut around the link where that stands in it.
func (m LetterPage) paragraphs() []paragraph {
	var list []paragraph
	for text := range strings.SplitSeq(strings.TrimSpace(m.Text), "\n\n") {
		before, after, found := text, "", false
		if m.Link != "" {
			before, after, found = strings.Cut(text, m.Link)
		}
		list = append(list, paragraph{Before: before, HasLink: found, After: after})
	}
	return list
}

type paragraph struct {
	Before  string
	HasLink bool
	After   string
}
