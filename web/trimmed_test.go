package web_test

import (
	"strings"
	"testing"

	"omapostipro/internal/account"
	"omapostipro/internal/demo/demotest"
	"omapostipro/web/webtest"
)

// What an invitation can no longer give is said before it is accepted: to whom it was sent, and to those who can mend it.
func TestWhatAnInvitationCanNoLongerGiveIsSaid(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	invite(t, p, demotest.SecondMain, exampleOy, "trimmed@example.com;Åsa;Ek;fi", []account.Permission{account.TrackShipments}, "654399")
	id := demotest.Value[string](t, p.System, "select id::text from invitations where email_key = 'trimmed@example.com'")
	main, nobody, list := p.As(demotest.MainUser), p.Nobody(), p.Home(exampleOy)+"/users"
	link, pending := linkOf(t, p, "trimmed@example.com"), p.Home(exampleOy)+"/invitations/"+id
	second := list + "/" + p.User(t, demotest.SecondMain).String()

	// Those who demote or remove the inviter are told.
	main.Get(second+"/permissions").Is(200).Says("dialog .notice--warn", "Personen har bjudit in 1 som inte har svarat.").Has("dialog a[href='" + pending + "']")
	main.Get(second+"/removal").Is(200).Says("dialog", "1 inbjudan väntar på svar.").Has("dialog a[href='" + pending + "']")
	main.Get(list + "/" + p.User(t, demotest.PlainUser).String() + "/permissions").Is(200).HasNo("dialog .notice--warn")
	main.Get(pending).Is(200).HasNo(".notice--warn")
	main.Get(list + "?q=trimmed").Is(200).HasNo("#invitation-rows .state--warn")
	nobody.Get(link).Is(200).HasNo(".notice--warn").HasNo(".state--warn").Says(".ticked", "Lähetysten seuranta")

	p.EndNumber(t, "654399", p.Clock.Now().AddDate(0, 0, -1))
	nobody.Get(link).Is(200).Says(".notice--warn", "Yksi kutsun sopimusnumero ei ole enää voimassa").Has(".ticked .state--warn")
	main.Get(pending).Is(200).Says(".notice--warn", "Avtalsnumret 654399 gäller inte längre och ges inte.")
	main.Get(list+"?q=trimmed").Is(200).Says("#invitation-rows .state--warn", "Behöver ses över")

	become(t, p, demotest.SecondMain, account.RegularUser, nil)
	nobody.Get(link).Is(200).Says(".notice--warn", "Sanna Andersson ei ole enää organisaation pääkäyttäjä.").HasNo(".ticked")
	main.Get(pending).Is(200).Says(".notice--warn", "Sanna Andersson är inte längre huvudanvändare.")
	main.Get(second + "/permissions").Is(200).HasNo("dialog .notice--warn")

	// Whoever sends it again answers for it. The newcomer is told in the account's language, whatever the browser's.
	main.Get(pending).Form("Skicka igen").Send().Follow().Is(200)
	link = linkOf(t, p, "trimmed@example.com")
	nobody.Get(link).Is(200).HasNo(".facts + .notice--warn + .notice--warn").Says(".ticked", "Lähetysten seuranta")
	p.Exec(t, "update memberships set user_type = 'user' where user_id = $1", p.User(t, demotest.SecondMain))
	become(t, p, demotest.SecondMain, account.MainUser, nil)
	p.Exec(t, "update invitations set invited_by = $1 where id = $2", p.User(t, demotest.PlainUser), id)
	newcomer := p.Nobody()
	newcomer.Get("/login").Form("Svenska").Send()
	home := newcomer.Get(link).Is(200).Form("Skapa konto och gå med").Set("password", "ett långt lösenord").Send().Follow().Is(200)
	home.Says("main .receipt", "Tervetuloa").Says("main .receipt", "ei ole enää pääkäyttäjä")

	// Who opens it again is told that they are in.
	page := newcomer.Get(link).Is(200).Says("main", "Kuulut jo organisaatioon Example Oy.").HasNo("main form")
	if strings.Contains(page.Find("main").Text(), "Pyydä uusi linkki") {
		t.Error("a member is to ask for another link")
	}
	page.Click("Etusivu").Is(200)
	p.Nobody().Get(link).Is(410).Has("main form")
}

func TestAnInvitationsNameAndLanguageAreChanged(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b, pending := p.As(demotest.MainUser), p.Home(exampleOy)+"/invitations/"+newInvitation(t, p)
	dialog := b.Get(pending + "/permissions").Is(200).Form("Nästa")
	dialog.Set("first_name", "A\x00").Send().Is(422).Says("#first_name-error", "Texten innehåller tecken").Has("option[value=sv][selected]")
	dialog.Set("first_name", " Åsa\u200b ").Set("last_name", "Öberg").Set("language", "fi").Send().LeadsTo(pending + "/contract-numbers")
	b.Get(pending).Is(200).Says(".facts", "Åsa").Says(".facts", "Öberg").Says(".facts", "Suomi")
	if events := demotest.Value[string](t, p.System, `select array_to_string(fields, ' ') from audit_events where action = 'invitation.changed'`); events != "first_name last_name language" {
		t.Errorf("the event tells of %q", events)
	}
	// Two who change it do not overwrite each other.
	dialog.Set("first_name", "Bo").Send().Is(409).Says("dialog [role=alert]", "Namnet eller språket har ändrats.").Has("#first_name[value=Åsa]")
	dialog.Set("language", "xx").Send().Is(422)
}
