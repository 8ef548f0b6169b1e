package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/mail"
)

type mailCommand struct {
	List mailListCommand `cmd:"" help:"List what was to be delivered and what became of it; never what it says."`
}

type mailListCommand struct {
	output
	Failed bool      `help:"Only what could not be delivered, with the reason."`
	Before uuid.UUID `help:"Begin after the mail of this id: the last of a list before." placeholder:"ID"`
}

// Help gives examples.
func (mailListCommand) Help() string {
	return "The newest first, 50 at a time. Mail is kept for a month.\n\nExample:\n\n  portal mail list --failed"
}

type mailAnswer struct {
	ID        uuid.UUID  `json:"id"`
	Kind      string     `json:"kind"`
	Recipient string     `json:"recipient"`
	Subject   string     `json:"subject"`
	State     string     `json:"state"`
	Attempts  int        `json:"attempts"`
	Reason    string     `json:"reason,omitempty"`
	Created   time.Time  `json:"created"`
	Ended     *time.Time `json:"ended,omitempty"`
}

// Run lists them.
func (c mailListCommand) Run(p *process) error {
	return operate(p, func(o *office) error {
		mails, more, err := mail.NewService(mail.Config{DB: o.db}).List(p.ctx, c.Before, c.Failed)
		if err != nil {
			return err
		}
		answer := make([]mailAnswer, len(mails))
		var text strings.Builder
		for i, m := range mails {
			answer[i] = mailAnswer{ID: m.ID, Kind: m.Kind, Recipient: m.Recipient, Subject: m.Subject, State: "waiting", Attempts: m.Attempts,
				Reason: m.LastError, Created: m.CreatedAt}
			switch {
			case m.SentAt != nil:
				answer[i].State, answer[i].Ended = "sent", m.SentAt
			case m.FailedAt != nil:
				answer[i].State, answer[i].Ended = "failed", m.FailedAt
			}
			fmt.Fprintf(&text, "%s  %s  %-7s  %s: %s\n", m.ID, m.CreatedAt.Format(time.RFC3339), answer[i].State, m.Recipient, m.Subject)
			if m.LastError != "" {
				fmt.Fprintf(&text, "  after %s: %s\n", counted(m.Attempts, "attempt", "attempts"), m.LastError)
			}
		}
		switch {
		case len(mails) == 0:
			text.WriteString(c.none())
		case more:
			fmt.Fprintf(&text, "More: --before %s", mails[len(mails)-1].ID)
		}
		return c.say(p, map[string]any{"mails": answer, "more": more}, text.String())
	})
}

// none says that there is nothing of what was asked for.
func (c mailListCommand) none() string {
	switch {
	case c.Before != uuid.Nil && c.Failed:
		return "No earlier mail has failed."
	case c.Before != uuid.Nil:
		return "There is no earlier mail."
	case c.Failed:
		return "No mail has failed."
	default:
		return "There is no mail."
	}
}
