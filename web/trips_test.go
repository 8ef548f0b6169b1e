package web_test

import (
	"net/http"
	"regexp"
	"strconv"
	"testing"

	"omapostipro/internal/account"
	"omapostipro/internal/demo/demotest"
	"omapostipro/web/webtest"
)

// A page is at most two round trips whatever it shows: who asks, and what the page shows. It writes nothing.
func TestPagesAreTwoRoundTripsAndWriteNothing(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	become(t, p, integrator, account.RegularUser, []account.Permission{account.ManageIntegrations}, "654321")
	var key string
	for i := range 12 {
		key, _ = newKey(t, p, demotest.MainUser, exampleOy, "Nyckel "+strconv.Itoa(i))
	}
	invitation := newInvitation(t, p)
	home, user := p.Home(exampleOy), p.User(t, demotest.SecondMain).String()
	inside := []string{"", "/integrations", keysPath, keysPath + "/keys", keysPath + "/keys/new", keysPath + "/keys/" + key, keysPath + "/keys/" + key + "/created",
		keysPath + "/keys/" + key + "/value", keysPath + "/keys/" + key + "/revocation", keysPath + "/keys/" + unknownID, "/users", "/users?q=an", "/users?q=nobody",
		"/invitations/new", "/invitations/template.csv", "/invitations/" + invitation, "/invitations/" + invitation + "/permissions",
		"/invitations/" + invitation + "/contract-numbers", "/invitations/" + invitation + "/withdrawal", "/invitations/" + unknownID,
		"/users?q=a&type=user&permission=track_shipments&lacking=yes", "/users/selection", "/users/selection?change=end&u=" + shortID(p.User(t, demotest.PlainUser)),
		"/users.csv", "/users/" + user, "/users/" + user + "/permissions", "/users/" + user + "/contract-numbers", "/users/" + user + "/removal", "/departure", "/users/" + unknownID, "/nothing",
		"/organizations", "/organization", "/switch?q=x", "/company-account", "/company-account/information"}
	for _, email := range []string{"", demotest.MainUser, demotest.SecondMain, demotest.PlainUser, integrator, demotest.OtherMain, demotest.Both} {
		b := p.Nobody()
		if email != "" {
			b = p.As(email)
		}
		paths := []string{"/", "/login", "/logout", "/language", "/nothing", "/password-link", "/password", "/email-confirmation", "/account", "/account/deletion", "/account/data.json"}
		for _, path := range inside {
			paths = append(paths, home+path)
		}
		for _, path := range paths {
			b.Get(path) // the statements are prepared
			asked := p.Asked.During(func() { b.Get(path) })
			limit := 2
			if email == "" {
				limit = 0 // without a cookie there is nothing to ask
			}
			if asked.Trips > limit {
				t.Errorf("%s, %s: %d round trips: %q", path, email, asked.Trips, asked.SQL)
			}
			for _, sql := range asked.SQL {
				if !onlyReads(sql) {
					t.Errorf("%s, %s: %s", path, email, sql)
				}
			}
		}
	}
}

// Opening the link of an invitation, as mail scanners do, writes nothing either.
func TestOpeningALinkOnlyReads(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	invite(t, p, demotest.MainUser, exampleOy, "ny@example.com", nil)
	link := linkOf(t, p, "ny@example.com")
	for limit, b := range map[int]*webtest.Browser{1: p.Nobody(), 2: p.As(demotest.OtherMain)} {
		b.Get(link).Is(http.StatusOK)
		asked := p.Asked.During(func() { b.Get(link) })
		if asked.Trips > limit {
			t.Errorf("%d round trips: %q", asked.Trips, asked.SQL)
		}
		for _, sql := range asked.SQL {
			if !onlyReads(sql) {
				t.Error(sql)
			}
		}
	}
}

// onlyReads knows statements that change nothing, by their beginning and the few functions that do.
func onlyReads(sql string) bool {
	return regexp.MustCompile(`(?i)^\s*select\b`).MatchString(sql) && !regexp.MustCompile(`(?i)\b(insert|update|delete|touch_\w+|purge_\w+|nextval)\b`).MatchString(sql)
}

func TestCreatingAKeyIsOneTransaction(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	b := p.As(demotest.MainUser)
	dialog := func() *webtest.Form {
		return b.Get(p.Home(exampleOy)+keysPath+"/keys/new").Is(200).Form("Skapa nyckel").Set("description", "Ny API integration")
	}
	dialog().Send().Is(http.StatusSeeOther)
	sent := dialog()
	begins, commits := 0, 0
	for _, sql := range p.Asked.During(func() { sent.Send().Is(http.StatusSeeOther) }).SQL {
		if regexp.MustCompile(`^begin\b`).MatchString(sql) {
			begins++
		}
		if sql == "commit" {
			commits++
		}
	}
	if begins != 1 || commits != 1 {
		t.Errorf("%d transactions begin, %d are committed", begins, commits)
	}
}
