package web_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/pickup"
	"omapostipro/internal/workday"
	"omapostipro/web/webtest"
)

// newPickup orders a pickup of two shipments for the next working day with the main user's logistics contract, and gives its id.
func newPickup(t *testing.T, p *webtest.Portal, street string) uuid.UUID {
	t.Helper()
	day := workday.NextWorking(p.Clock.Now())
	sent := func(number string, packages int, kind string) pickup.Paid {
		told := pickup.Told{Number: number, OrderType: "PICKUP", Earliest: day.Add(8 * time.Hour), Latest: workday.Next(day), Packages: packages, PackageType: kind}
		return pickup.Paid{Contract: "654321", Named: func(field string) string { return field }, Wanted: pickup.Wanted{Day: day, Earliest: told.Earliest, Latest: told.Latest,
			Instructions: "Ring på\noch vänta", Packages: packages, PackageType: kind, Numbers: []string{number}, Told: []pickup.Told{told},
			Address: pickup.Address{Name: "Example Oy", Street: street, Postcode: "65100", City: "VASA", Country: "FI", Phone: "061234567"}}}
	}
	ordered, err := p.Server.Pickups.OrderMessage(t.Context(), p.Actor(t, demotest.MainUser, exampleOy), pickup.Message{Hash: sha256.Sum256([]byte(newID(t).String())),
		Shipments: []pickup.Paid{sent("JJFI65432198911973958", 2, "CW"), sent("Lass-7", 1, "PKT")}})
	if err != nil || ordered != 1 {
		t.Fatal(ordered, err)
	}
	return demotest.Value[uuid.UUID](t, p.System, "select id from pickups order by created_at desc, id desc limit 1")
}

func TestPickupsAreSeenInThePortal(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	main := p.As(demotest.MainUser)
	home := p.Home(exampleOy)
	list := main.Get(home + "/integrations").Click("Se hämtningsbeställningar").Is(http.StatusOK)
	list.Says("main", "Inga hämtningar har beställts").Has(`main a[href="/docs/api#pickups"]`)
	id := newPickup(t, p, "Storgatan 1").String()
	at := home + "/pickups/" + id
	when := workday.NextWorking(p.Clock.Now()).Format("2.1.2006") + ", 08.00–24.00"
	page := main.Get(home+"/pickups").Says(".row", when).Says(".row", "Storgatan 1, 65100 VASA").Says(".row", "Beställd").Says(".row", "3 kollin · JJFI65432198911973958, Lass-7").Get(at)
	page.Is(http.StatusOK).Says("h1", when).Says(".facts", "65100 VASA 061234567").Says(".facts", "654321 Example Oy").Says(".facts", "3 CW PKT").
		Says(".facts", "FirstName LastName XML-meddelande").Says(".written", "Ring på och vänta")
	for i, want := range []string{"JJFI65432198911973958 PICKUP 08.00–24.00 2 CW", "Lass-7 PICKUP 08.00–24.00 1 PKT"} {
		if got := page.Texts("tbody tr")[i]; got != want {
			t.Errorf("a shipment is %q, want %q", got, want)
		}
	}
	asked := p.Asked.During(func() { main.Get(at).Is(http.StatusOK) })
	if asked.Trips != 2 {
		t.Errorf("the page takes %d round trips", asked.Trips)
	}
	// The log leads to it, and it to the log.
	main.Get(home + "/events?kind=pickup").Has(`.event a[href="` + at + `"]`)
	page.Click("Visa händelser").Is(http.StatusOK).Has(`.event a[href="` + at + `"]`)

	page.Click("Annullera hämtningen").Is(http.StatusOK).Says("dialog", "Annullera hämtningen?").Form("Annullera hämtningen").Send().LeadsTo(at)
	page = main.Get(at).Says("main", "Annullerad")
	page.HasNo(`a[href$="/cancellation"]`)
	main.Get(at + "/cancellation").LeadsTo(at)
	main.Post(at+"/cancellation", nil).LeadsTo(at) // once more does nothing
	if events := demotest.Value[int](t, p.System, "select count(*) from audit_events where action = 'pickup.cancelled' and actor_kind = 'person'"); events != 1 {
		t.Errorf("%d events", events)
	}
	late := home + "/pickups/" + newPickup(t, p, "Storgatan 2").String()
	p.Clock.Advance(workday.NextWorking(p.Clock.Now()).Sub(p.Clock.Now()))
	main = p.As(demotest.MainUser)
	main.Get(late).HasNo(`a[href$="/cancellation"]`)
	main.Post(late+"/cancellation", nil).Is(http.StatusConflict).Says("main", "dess dag har kommit")
}

// Who sees which, and how they come there.
func TestWhosePickupsAreSeen(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	home := p.Home(exampleOy)
	at := home + "/pickups/" + newPickup(t, p, "Storgatan 1").String()
	plain := p.As(demotest.PlainUser)
	plain.Get(home).Click("Se hämtningsbeställningar").Is(http.StatusOK).Says(".row", "Storgatan 1").HasNo(`main a[href$="/integrations"]`)
	plain.Get(at).Is(http.StatusOK).Has(`a[href$="/cancellation"]`).HasNo(`a[href*="/events"]`)

	// Without the contract number it is as one that does not exist, and the log has no link to it.
	second := p.As(demotest.SecondMain)
	second.Get(home + "/pickups").Is(http.StatusOK).HasNo(".row")
	second.Get(at).Is(http.StatusNotFound)
	second.Post(at+"/cancellation", nil).Is(http.StatusForbidden)
	second.Get(home+"/events?kind=pickup").Says(".event", "Storgatan 1").HasNo(`.event a[href*="/pickups/"]`)
	p.As(demotest.OtherMain).Get(p.Home(testbolaget) + at[len(home):]).Is(http.StatusNotFound)

	// Without the permissions the page says what is missing.
	become(t, p, colleague, account.RegularUser, []account.Permission{account.TrackShipments}, "654321")
	p.As(colleague).Get(home+"/pickups").Is(http.StatusForbidden).Says("main", "Skapa försändelser och hämtningsbeställningar")
	become(t, p, colleague, account.MainUser, nil)
	p.As(colleague).Get(at).Is(http.StatusForbidden).Says("main", "kan du lägga till båda själv")
	if cancelled := demotest.Value[int](t, p.System, "select count(*) from pickups where cancelled_at is not null"); cancelled != 0 {
		t.Errorf("%d pickups are cancelled", cancelled)
	}
}

func TestManyPickupsComeInPages(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	for i := range 21 {
		newPickup(t, p, fmt.Sprintf("Storgatan %d", i))
		p.Clock.Advance(time.Second)
	}
	main := p.As(demotest.MainUser)
	page := main.Get(p.Home(exampleOy)+"/pickups").Says(".row", "Storgatan 20")
	if first, rest := page.Find(".row").Length(), page.Click("Visa mera").Is(http.StatusOK); first != 20 || rest.Find(".row").Length() != 1 || rest.Find(".more").Length() != 0 {
		t.Errorf("%d rows, then %d", first, rest.Find(".row").Length())
	}
	main.Get(p.Home(exampleOy) + "/pickups?after=x").Is(http.StatusNotFound)
}
