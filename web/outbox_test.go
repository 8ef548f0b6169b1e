package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/i18n"
	"omapostipro/internal/mail"
	"omapostipro/internal/postgres"
	"omapostipro/web/webtest"
)

// letter sends a mail, and gives its id.
func letter(t *testing.T, p *webtest.Portal) string {
	t.Helper()
	err := p.App.InTx(t.Context(), postgres.Scope{}, func(ctx context.Context, tx pgx.Tx) error {
		return p.Mail.Send(ctx, tx, mail.Letter{Kind: "password_changed", To: "new@example.com", Name: "Päivi <b>", Language: i18n.Swedish})
	})
	if err != nil {
		t.Fatal(err)
	}
	mails, _, err := p.Mail.List(t.Context(), uuid.Nil, false)
	if err != nil || len(mails) == 0 {
		t.Fatal(mails, err)
	}
	return mails[0].ID.String()
}

func TestUtkorgShowsMailToEverybodyInDemoOnly(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	p.Nobody().Get("/outbox").Is(http.StatusOK).Says("main", "Här är tomt")
	id := letter(t, p)
	list := p.Nobody().Get("/outbox").Is(http.StatusOK)
	list.Says(".rows", "Ditt lösenord har ändrats").Says(".rows", "new@example.com")
	page := p.Nobody().Get("/outbox/" + id).Is(http.StatusOK)
	page.Says("article", "Till Päivi <b> <new@example.com>").Says("article", "Hej Päivi <b>!")
	p.Nobody().Get("/outbox/" + unknownID).Is(http.StatusNotFound)
	for range mail.Page {
		letter(t, p)
	}
	older := p.Nobody().Get("/outbox").Click("Visa mera")
	if rows := older.Is(http.StatusOK).Find(".rows > li").Length(); rows != 1 {
		t.Errorf("%d older mails", rows)
	}
	for _, path := range []string{"/", "/login"} {
		p.Nobody().Get(path).Says("footer a[href='/outbox']", "Utkorg")
	}

	serious := webtest.NewWith(t, webtest.Options{Real: true})
	id = letter(t, serious)
	for _, path := range []string{"/outbox", "/outbox/" + id} {
		serious.Nobody().Get(path).Is(http.StatusNotFound)
	}
	if body := serious.Nobody().Get("/login").Body; strings.Contains(body, "outbox") {
		t.Error("production links to its mail")
	}
}
