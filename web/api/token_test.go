package api_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"omapostipro/internal/application"
	"omapostipro/internal/caller"
	"omapostipro/internal/demo/demotest"
	"omapostipro/web/webtest"
)

const tokenPath = "/api/v1/token"

// newApplication makes an application account of a person's with some roles and all the contracts that they are assigned.
func (p portal) newApplication(t *testing.T, email, businessID string, roles ...caller.Role) application.Secret {
	t.Helper()
	maker := p.Actor(t, email, businessID)
	token, err := p.Applications.Prepare(maker, application.Account{})
	if err != nil {
		t.Fatal(err)
	}
	wanted := application.Wanted{Name: "Affärssystemet", Roles: roles}
	for _, contract := range caller.Linkable(maker) {
		wanted.Contracts = append(wanted.Contracts, contract.ID)
	}
	secret, err := p.Applications.Create(t.Context(), maker, wanted, token)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// token logs an application account in.
func (p portal) token(t *testing.T, secret application.Secret) string {
	t.Helper()
	var answer struct {
		Token string `json:"access_token"`
	}
	isJSON(t, p.logIn(grant(secret.ClientID, secret.Value)), http.StatusOK, "application/json", &answer)
	return answer.Token
}

// system gives a client with a token of a new application account of the manual's main user, with all roles.
func (p portal) system(t *testing.T) client {
	t.Helper()
	return p.with("Bearer " + p.token(t, p.newApplication(t, demotest.MainUser, demotest.ExampleOy, caller.Roles()...)))
}

var formBody = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}

func grant(clientID, secret string) url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "client_id": {clientID}, "client_secret": {secret}}
}

func (p portal) logIn(form url.Values) *webtest.Page {
	return p.Nobody().Send(http.MethodPost, tokenPath, formBody, strings.NewReader(form.Encode()))
}

func basic(clientID, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(clientID+":"+secret))
}

func TestTheTokenCall(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	secret := p.newApplication(t, demotest.MainUser, demotest.ExampleOy, caller.ShippingAPI, caller.Gateway2025)
	page := p.logIn(grant(secret.ClientID, secret.Value))
	var answer map[string]any
	page.Is(http.StatusOK)
	token, _, _ := strings.Cut(strings.TrimPrefix(page.Body, `{"access_token":"`), `"`)
	want := `{"access_token":"` + token + `","token_type":"Bearer","expires_in":3600,"posti_fi":{"targets":{` +
		`"shippingapi":{"url":"` + p.URL + `/shippingapi","tier":0},"2025-04":{"url":"` + p.URL + `/2025-04","tier":0}}}}`
	if page.Body != want {
		t.Errorf("got  %s\nwant %s", page.Body, want)
	}
	isJSON(t, page, http.StatusOK, "application/json", &answer)
	if page.Header.Get("Pragma") != "no-cache" {
		t.Error("it may be kept by old caches")
	}
	all := p.newApplication(t, demotest.MainUser, demotest.ExampleOy, caller.Roles()...)
	for _, role := range caller.Roles() {
		if body := p.logIn(grant(all.ClientID, all.Value)).Body; !strings.Contains(body, `"`+string(role)+`":{"url":"`+p.URL) {
			t.Errorf("no target %s: %s", role, body)
		}
	}
	// With HTTP Basic, whose parts are encoded like a form's.
	c := p.with(basic(secret.ClientID, url.QueryEscape(secret.Value)))
	c.Send(http.MethodPost, tokenPath, formBody, strings.NewReader("grant_type=client_credentials")).Is(http.StatusOK)
	c.Send(http.MethodPost, tokenPath, formBody, strings.NewReader("grant_type=client_credentials&client_id="+secret.ClientID)).Is(http.StatusOK)
	c.Send(http.MethodPost, tokenPath, http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=UTF-8"}}, strings.NewReader("grant_type=client_credentials&scope=all")).Is(http.StatusOK)
	// At the older paths too, where clients have no body, and of their address nothing but what they want is read.
	for _, path := range []string{"/oauth/token", "/tracking/oauth/token", tokenPath} {
		isJSON(t, c.Send(http.MethodPost, path+"?grant_type=client_credentials", nil, nil), http.StatusOK, "application/json", &answer)
		c.Send(http.MethodPost, path, formBody, strings.NewReader("grant_type=client_credentials")).Is(http.StatusOK)
		p.Nobody().Send(http.MethodPost, path+"?"+grant(secret.ClientID, secret.Value).Encode(), nil, nil).Is(http.StatusUnauthorized)
	}
}

// A client that sends its last token with every call gets a new one by the form all the same.
func TestATokenIsRenewedBesideTheOneOfBefore(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	secret := p.newApplication(t, demotest.MainUser, demotest.ExampleOy, caller.Tracking)
	header := http.Header{"Content-Type": formBody["Content-Type"], "Authorization": {"Bearer " + p.token(t, secret)}}
	if page := p.Nobody().Send(http.MethodPost, tokenPath, header, strings.NewReader(grant(secret.ClientID, secret.Value).Encode())); page.Status != http.StatusOK {
		t.Errorf("%d: %s", page.Status, page.Body)
	}
}

func TestRefusalsOfTheTokenCall(t *testing.T) { //nolint:tparallel // bad log-ins are counted, in this order
	t.Parallel()
	p := newPortal(t)
	secret := p.newApplication(t, demotest.MainUser, demotest.ExampleOy, caller.Roles()...)
	good := grant(secret.ClientID, secret.Value).Encode()
	for name, test := range map[string]struct {
		header http.Header
		body   string
		status int
		code   string
	}{
		"nothing":                  {formBody, "", 400, "invalid_request"},
		"no grant type":            {formBody, "client_id=x&client_secret=y", 400, "invalid_request"},
		"another grant type":       {formBody, strings.Replace(good, "client_credentials", "password", 1), 400, "unsupported_grant_type"},
		"a parameter twice":        {formBody, good + "&client_id=x", 400, "invalid_request"},
		"broken encoding":          {formBody, good + "&x=%zz", 400, "invalid_request"},
		"JSON":                     {jsonBody, `{"grant_type":"client_credentials"}`, 400, "invalid_request"},
		"compressed":               {http.Header{"Content-Type": formBody["Content-Type"], "Content-Encoding": {"gzip"}}, good, 400, "invalid_request"},
		"endless":                  {formBody, good + "&x=" + strings.Repeat("x", 1<<20), 413, "invalid_request"},
		"no client":                {formBody, "grant_type=client_credentials", 401, "invalid_client"},
		"no secret":                {formBody, "grant_type=client_credentials&client_id=" + secret.ClientID, 401, "invalid_client"},
		"another secret":           {formBody, grant(secret.ClientID, "x").Encode(), 401, "invalid_client"},
		"an unknown client":        {formBody, grant("app-unknown", secret.Value).Encode(), 401, "invalid_client"},
		"not Basic":                {http.Header{"Content-Type": formBody["Content-Type"], "Authorization": {"Bearer x"}}, "grant_type=client_credentials", 401, "invalid_client"},
		"Basic with a bad secret":  {http.Header{"Content-Type": formBody["Content-Type"], "Authorization": {basic(secret.ClientID, "x")}}, "grant_type=client_credentials", 401, "invalid_client"},
		"Basic beside the form":    {http.Header{"Content-Type": formBody["Content-Type"], "Authorization": {basic(secret.ClientID, secret.Value)}}, good, 400, "invalid_request"},
		"in the address, not form": {formBody, "grant_type=client_credentials", 401, "invalid_client"},
	} {
		t.Run(name, func(t *testing.T) {
			path := tokenPath
			if strings.HasPrefix(name, "in the address") {
				path += "?" + good
			}
			page := p.Nobody().Send(http.MethodPost, path, test.header, strings.NewReader(test.body))
			if page.Status != test.status {
				t.Fatalf("%d, want %d: %s", page.Status, test.status, page.Body)
			}
			if !strings.HasPrefix(page.Body, `{"error":"`+test.code+`","error_description":"`) || strings.Contains(page.Body, secret.Value) {
				t.Errorf("answered %s", page.Body)
			}
			if challenge := page.Header.Get("WWW-Authenticate"); (challenge == `Basic realm="OmaPosti Pro API"`) != (test.status == 401) {
				t.Errorf("WWW-Authenticate is %q", challenge)
			}
		})
	}
	wrong, unknown := p.logIn(grant(secret.ClientID, "x")), p.logIn(grant("app-unknown", "x"))
	if wrong.Body != unknown.Body {
		t.Errorf("who exists is told: %s, %s", wrong.Body, unknown.Body)
	}
	p.Exec(t, "delete from login_attempts")
	for range 5 {
		p.logIn(grant(secret.ClientID, "x"))
	}
	if page := p.logIn(grant(secret.ClientID, secret.Value)); page.Status != 401 || page.Header.Get("Retry-After") != "3600" || !strings.Contains(page.Body, "60 minutes") {
		t.Errorf("locked: %d %s %s", page.Status, page.Header.Get("Retry-After"), page.Body)
	}
	for _, line := range p.Log.Lines() {
		t.Errorf("a refusal is logged: %s", line)
	}
}

// What a token opens, and what a key opens, each in the shape of the family that was called.
func TestTokensAndKeys(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	secret := p.newApplication(t, demotest.MainUser, demotest.ExampleOy, caller.Tracking)
	token := p.token(t, secret)
	c := p.with("Bearer " + token)
	var answer struct {
		Description string
		Roles       []string
		ExpiresAt   time.Time
	}
	isJSON(t, c.Get(keyPath), http.StatusOK, "application/json", &answer)
	if answer.Description != "Affärssystemet" || len(answer.Roles) != 1 || !answer.ExpiresAt.Equal(p.Clock.Now().Add(time.Hour)) {
		t.Errorf("%+v", answer)
	}
	asked := p.Asked.During(func() { c.Get(keyPath).Is(http.StatusOK) })
	if asked.Trips != 1 || len(asked.SQL) != 1 || !strings.Contains(asked.SQL[0], "recognize_token") {
		t.Errorf("asked %q in %d trips, which should be one query that recognises the token", asked.SQL, asked.Trips)
	}
	p.storesNothing(t, func() { refused(t, c.order(golden(t)), http.StatusUnauthorized, "KEY_MALFORMED") })
	p.Clock.Advance(time.Hour)
	refused(t, c.Get(keyPath), http.StatusUnauthorized, "TOKEN_EXPIRED")
	c = p.with("Bearer " + p.token(t, secret))
	c.Get(keyPath).Is(http.StatusOK)
	if err := p.Applications.Disable(t.Context(), p.Actor(t, demotest.MainUser, demotest.ExampleOy), secret.Account); err != nil {
		t.Fatal(err)
	}
	refused(t, c.Get(keyPath), http.StatusUnauthorized, "INVALID_TOKEN")
}

func TestRoles(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	tracking := "Bearer " + p.token(t, p.newApplication(t, demotest.MainUser, demotest.ExampleOy, caller.Tracking))
	_, key := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
	const v2, gateway = "/shippingapi/api/v2/shipping/order", "/2025-04/pickuppoints"
	for authorization, want := range map[string]struct {
		status        int
		code, gateway string
	}{
		"":         {http.StatusUnauthorized, "KEY_MISSING", "MISSING_HEADER"},
		tracking:   {http.StatusForbidden, "ROLE_MISSING", "FORBIDDEN"},
		key:        {http.StatusUnauthorized, "INVALID_TOKEN", "INVALID_TOKEN"},
		"Bearer x": {http.StatusUnauthorized, "INVALID_TOKEN", "INVALID_TOKEN"},
	} {
		c := p.with(authorization)
		refused(t, c.Send(http.MethodPost, v2, jsonBody, strings.NewReader(golden(t))), want.status, want.code)
		page := c.Send(http.MethodPost, gateway, jsonBody, strings.NewReader("{}"))
		if page.Status != want.status || !strings.HasPrefix(page.Body, `{"errorCode":"`+want.gateway+`","message":"`) || !strings.Contains(page.Body, `"details":[`) {
			t.Errorf("the gateway answers %d %s", page.Status, page.Body)
		}
	}
}
