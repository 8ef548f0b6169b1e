package web

import (
	"net/http"

	"github.com/google/uuid"

	"omapostipro/templates/outbox"
	"omapostipro/templates/paths"
)

// hasOutbox says whether mail is shown on a page: only where it is not sent, and never in production.
func (s *Server) hasOutbox() bool { return s.Demo && s.Mailbox == paths.Outbox }

// showOutbox shows Utkorg to everybody: who is invited, or has forgotten a password, is not logged in.
func (s *Server) showOutbox(w http.ResponseWriter, r *http.Request, v *visit) error {
	if !s.hasOutbox() {
		return errNotFound()
	}
	before, _ := uuid.Parse(r.URL.Query().Get("before")) // what is no id is the beginning
	mails, more, err := s.Mail.List(r.Context(), before, false)
	if err != nil {
		return err
	}
	page := outbox.ListPage{Base: v.base()}
	for _, m := range mails {
		page.Mails = append(page.Mails, outbox.Mail{ID: m.ID.String(), Recipient: m.Recipient, Subject: m.Subject, Created: m.CreatedAt})
	}
	if more {
		page.MoreURL = paths.OutboxBefore(page.Mails[len(page.Mails)-1].ID)
	}
	return render(w, r, http.StatusOK, page.View())
}

// showLetter shows one mail as its receiver reads it.
func (s *Server) showLetter(w http.ResponseWriter, r *http.Request, v *visit) error {
	if !s.hasOutbox() {
		return errNotFound()
	}
	id, err := pathID(r, "mail")
	if err != nil {
		return err
	}
	m, message, err := s.Mail.Read(r.Context(), id)
	if err != nil {
		return err
	}
	page := outbox.LetterPage{Base: v.base(), Name: message.Name, Text: message.Text, Link: message.Link,
		Mail: outbox.Mail{ID: m.ID.String(), Recipient: m.Recipient, Subject: m.Subject, Created: m.CreatedAt}}
	return render(w, r, http.StatusOK, page.View())
}
