package web_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/fault"
	"omapostipro/internal/organization"
	"omapostipro/web/webtest"
)

// A round that went wrong is sent again or taken back at once: those that are chosen, or all that the list's search finds.
func TestSeveralInvitationsAtOnce(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	invite(t, p, demotest.MainUser, exampleOy, "a@fel.example, b@fel.example, c@fel.example, d@ratt.example", nil)
	p.Clock.Advance(time.Hour)
	main, list := p.As(demotest.SecondMain), p.Home(exampleOy)+"/users?q=fel.example"
	mails := func(address string) int { return len(p.Letters(address)) }

	old := linkOf(t, p, "a@fel.example")
	page := main.Get(list).Is(200)
	chosen := page.Find("#invitation-rows input")
	first, second := chosen.Eq(0).AttrOr("value", ""), chosen.Eq(1).AttrOr("value", "")
	selection := p.Home(exampleOy) + "/invitations/selection?from=q%3Dfel.example&i=" + first + "&i=" + second
	main.Get(selection).Is(200).Says("h2", "2 valda inbjudningar").HasNo("form[method=post] [name=i]")
	again := main.Get(selection+"&deed=send").Is(200).Says("h2", "2 inbjudningar skickas igen").Says("main", "a@fel.example").Form("Skicka igen")
	again.Send().LeadsTo(list).Follow().Is(200).Says("#toasts", "En ny länk har skickats till 2 inbjudna.")
	again.Send().Is(303).Follow().Says("#toasts", "Inget behövde göras") // pressed twice
	if mails("a@fel.example") != 2 || mails("b@fel.example") != 2 || mails("c@fel.example") != 1 {
		t.Error(mails("a@fel.example"), mails("b@fel.example"), mails("c@fel.example"))
	}
	p.Nobody().Get(old).Is(410).Says("main", "En nyare länk har skickats till dig.")
	p.Nobody().Get(linkOf(t, p, "a@fel.example")).Is(200)

	// All that match; one of them is withdrawn by somebody else in the meantime.
	page.Click("Markera alla 3 som matchar").Is(200).Says("h2", "3 valda inbjudningar")
	take := main.Get(p.Home(exampleOy)+"/invitations/selection?all=yes&from=q%3Dfel.example&deed=withdraw").Is(200).Says("h2", "3 inbjudningar återtas").Form("Återta")
	openInvitation(t, p, demotest.MainUser, "c@fel.example").Click("Återta").Form("Återta").Send().Is(303)
	stale := take.Send().Is(409).Says("main [role=alert]", "Ingenting är gjort ännu.").Says("h2", "2 inbjudningar återtas")
	stale.Form("Återta").Send().LeadsTo(list).Follow().Says("#toasts", "2 inbjudningar har återtagits.")
	stale.Form("Återta").Send().LeadsTo(list).Follow().Says("#toasts", "Inget behövde göras") // pressed twice
	p.Nobody().Get(linkOf(t, p, "a@fel.example")).Is(410).Says("main", "Inbjudan har återtagits.")
	p.Nobody().Get(linkOf(t, p, "d@ratt.example")).Is(200)
	events := demotest.Value[string](t, p.System, `select string_agg(action, ' ' order by id) from audit_events where occurred_at >= $1 and object_kind = 'invitation'`, p.Clock.Now())
	if strings.Count(events, "invitation.sent") != 2 || strings.Count(events, "invitation.withdrawn") != 3 {
		t.Error(events)
	}
	// None is another organisation's, and members are no invitations.
	p.As(demotest.OtherMain).Get(p.Home(testbolaget)+"/invitations/selection?deed=withdraw&i="+first).Is(200).Says("main", "Ingen inbjudan är vald.")
	main.Get(p.Home(exampleOy)+"/invitations/selection?all=yes&deed=withdraw&from=unseen%3Dyes").Is(200).Says("main", "Ingen inbjudan är vald.")
	main.Post(p.Home(exampleOy)+"/invitations/selection", form("all", "yes", "from", "unseen=yes", "deed", "withdraw")).Is(409)
	main.Post(p.Home(exampleOy)+"/invitations/selection", form("deed", "erase")).Is(400)
}

// A preview names everybody, two hundred a page.
func TestManyInvitationsAtOnce(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	p.Exec(t, `insert into invitations (id, organization_id, email, email_key, first_name, last_name, user_type, invited_by, created_at, expires_at)
		select gen_random_uuid(), $1, 'many' || i || '@fel.example', 'many' || i || '@fel.example', '', '', 'user', $2, now(), now() + interval '7 days' from generate_series(1, 203) i`,
		p.Organization(t, exampleOy).ID, p.User(t, demotest.MainUser))
	page := p.As(demotest.MainUser).Get(p.Home(exampleOy)+"/invitations/selection?all=yes&from=q%3Dfel.example&deed=withdraw").Is(200).Says("h2", "203 inbjudningar återtas")
	if first, rest := page.Find("#chosen-rows .row").Length(), page.Click("Visa mera").Is(200).Says("h2", "203 inbjudningar återtas"); first != 200 || rest.Find("#chosen-rows .row").Length() != 3 {
		t.Errorf("%d are named, then %d", first, rest.Find("#chosen-rows .row").Length())
	}
}

// Two who press at the same moment send each invitation again once.
func TestSeveralSentAgainAtOnce(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	invite(t, p, demotest.MainUser, exampleOy, "a@fel.example, b@fel.example", nil)
	p.Clock.Advance(time.Hour)
	shown := p.Clock.Now()
	actor := p.Actor(t, demotest.MainUser, exampleOy)
	several := organization.Several{All: true, Filter: organization.Filter{Query: "fel.example"}}
	waiting, err := p.Invitations.Several(t.Context(), actor, several)
	if err != nil || len(waiting) != 2 {
		t.Fatal(waiting, err)
	}
	several.Version = organization.SeveralVersion(waiting)
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			if _, err := p.Invitations.SendSeveralAgain(t.Context(), actor, several, shown); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if a, b := len(p.Letters("a@fel.example")), len(p.Letters("b@fel.example")); a != 2 || b != 2 {
		t.Errorf("%d and %d mails", a, b)
	}
	if _, err := p.Invitations.WithdrawSeveral(t.Context(), p.Actor(t, demotest.PlainUser, exampleOy), several); !fault.Is(err, fault.Forbidden) {
		t.Error(err)
	}
}
