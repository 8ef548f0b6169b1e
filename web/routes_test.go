package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/demo/demotest"
	"omapostipro/static"
	"omapostipro/web/webtest"
)

// toLogin stands in the matrix for a redirect to the login page that leads back.
const toLogin = -http.StatusSeeOther

// toLoginCarrying is the login page itself, with what was sent riding along.
const toLoginCarrying = -http.StatusOK

// answers are the statuses that a route gives to each kind of visitor, in the order of visitors.
type answers [6]int

// The visitors of the matrix, all but the last one's organisation being the one that is asked for.
var visitors = [...]struct{ name, email string }{
	{"nobody", ""},
	{"plain user", demotest.PlainUser},
	{"user with Hantera integrationer", integrator},
	{"main user with it", demotest.MainUser},
	{"main user without it", withoutIt},
	{"main user of another organisation", demotest.OtherMain},
}

func everybody(status int) answers { return answers{status, status, status, status, status, status} }

var (
	members          = answers{toLogin, 200, 200, 200, 200, 404}
	forIntegrators   = answers{toLogin, 403, 200, 200, 403, 404}
	leadsIntegrators = answers{toLogin, 403, 303, 303, 403, 404}
	forMainUsers     = answers{toLogin, 403, 403, 200, 200, 404}
	leadsMainUsers   = answers{toLogin, 403, 403, 303, 303, 404}
	stepsOfMainUsers = answers{toLoginCarrying, 403, 403, 200, 200, 404}
	loggedIn         = answers{toLogin, 200, 200, 200, 200, 200}
	leadsLoggedIn    = answers{toLogin, 303, 303, 303, 303, 303}
	invalidLoggedIn  = answers{toLogin, 422, 422, 422, 422, 422}
	forKeyManagers   = answers{toLogin, 403, 403, 303, 403, 404} // integrators see the page; main users change
)

// invites is the last step of Bjud in användare; each visitor invites another.
var invites = form("token", "{token}", "addresses", "{token}@example.com", "checked", "yes", "user_type", regular)

// matrix has a row for each route. What a POST sends is right, unless the row says so.
var matrix = map[string]struct {
	answers
	form url.Values
}{
	"GET /":              {answers: everybody(200)},
	"GET /healthz":       {answers: everybody(200)},
	"GET /readyz":        {answers: everybody(200)},
	"GET /static/*":      {answers: everybody(200)},
	"GET /login":         {answers: answers{200, 303, 303, 303, 303, 303}},
	"POST /login":        {everybody(422), form("email", "{visitor}", "password", "wrong")},
	"GET /logout":        {answers: everybody(303)},
	"POST /logout":       {answers: everybody(303)},
	"GET /language":      {answers: everybody(303)},
	"POST /language":     {everybody(303), form("language", "fi")},
	"GET /docs/api":      {answers: everybody(200)},
	"GET /outbox":        {answers: everybody(200)},
	"GET /outbox/{mail}": {answers: everybody(200)},

	// The API: a session opens nothing here.
	"GET /api/v1/key":                                             {answers: everybody(401)},
	"GET /api/v1/openapi.json":                                    {answers: everybody(200)},
	"GET /api/v1/openapi.yaml":                                    {answers: everybody(200)},
	"GET /api/v1/services":                                        {answers: everybody(401)},
	"POST /api/v1/shipments/validate":                             {answers: everybody(401)},
	"POST /api/v1/pickups":                                        {answers: everybody(401)},
	"GET /api/v1/pickups":                                         {answers: everybody(401)},
	"GET /api/v1/pickups/{id}":                                    {answers: everybody(401)},
	"DELETE /api/v1/pickups/{id}":                                 {answers: everybody(401)},
	"POST /transportation/v1/orders":                              {answers: everybody(401)},
	"GET /api/v1/shipments":                                       {answers: everybody(401)},
	"POST /api/v1/shipments":                                      {answers: everybody(401)},
	"GET /api/v1/shipments/{id}":                                  {answers: everybody(401)},
	"DELETE /api/v1/shipments/{id}":                               {answers: everybody(401)},
	"GET /api/v1/shipments/{id}/label":                            {answers: everybody(401)},
	"POST /api/v1/shipments/{id}/return":                          {answers: everybody(401)},
	"POST /api/v1/labels":                                         {answers: everybody(401)},
	"GET /api/v1/shipments/{id}/events":                           {answers: everybody(401)},
	"GET /api/v1/tracking/{number}":                               {answers: everybody(401)},
	"POST /api/v1/sandbox/shipments/{id}/advance":                 {answers: everybody(401)},
	"POST /sandbox/shipments/{id}/advance":                        {answers: everybody(401)},
	"GET /tracking/7/shipments/{by}/{value}":                      {answers: everybody(401)},
	"GET /tracking/7/shipments/find":                              {answers: everybody(401)},
	"GET /tracking/7/find":                                        {answers: everybody(401)},
	"POST /tracking/oauth/token":                                  {answers: everybody(400)},
	"POST /oauth/token":                                           {answers: everybody(400)},
	"POST /api/v1/token":                                          {answers: everybody(400)},
	"POST /2025-04/pickuppoints":                                  {answers: everybody(401)},
	"GET /2025-04/pickuppoints/{country}":                         {answers: everybody(401)},
	"GET /2025-04/pickuppoints/{country}/{code}":                  {answers: everybody(401)},
	"POST /2025-04/estimate":                                      {answers: everybody(401)},
	"POST /2025-04/labelless":                                     {answers: everybody(401)},
	"GET /2025-04/labelless/{number}":                             {answers: everybody(401)},
	"GET /2025-04/labelless/shipment/{code}":                      {answers: everybody(401)},
	"POST /2026-04/pickuppoints":                                  {answers: everybody(401)},
	"GET /2026-04/pickuppoints/{country}":                         {answers: everybody(401)},
	"GET /2026-04/pickuppoints/{country}/{code}":                  {answers: everybody(401)},
	"POST /2026-04/estimate":                                      {answers: everybody(401)},
	"POST /2026-04/labelless":                                     {answers: everybody(401)},
	"GET /2026-04/labelless/{number}":                             {answers: everybody(401)},
	"GET /2026-04/labelless/shipment/{code}":                      {answers: everybody(401)},
	"POST /shippingapi/api/v1/shipping/order":                     {answers: everybody(401)},
	"GET /shippingapi/api/v1/shipments/{contract}/{order}":        {answers: everybody(401)},
	"GET /shippingapi/api/v1/shipments/{contract}/pdfs/{label}":   {answers: everybody(401)},
	"POST /shippingapi/api/v2/shipping/order":                     {answers: everybody(401)},
	"GET /shippingapi/api/v2/shipments/{contract}/{order}":        {answers: everybody(401)},
	"GET /shippingapi/api/v2/shipments/{contract}/prints/{label}": {answers: everybody(401)},

	"GET /o/{organization}/": {answers: members},

	"GET /o/{organization}/integrations":               {answers: forIntegrators},
	"GET /o/{organization}/integrations/applications/": {answers: forIntegrators},
	"POST /o/{organization}/integrations/applications/": {answers{toLogin, 403, 403, 400, 403, 404}, // without what its dialog seals, as is that for a secret
		form("token", "{token}", "name", "Affärssystemet", "role", "tracking", "contract", "{contract}")},
	"GET /o/{organization}/integrations/applications/new":                         {answers: answers{toLogin, 403, 303, 200, 403, 404}},
	"GET /o/{organization}/integrations/applications/{application}":               {answers: forIntegrators},
	"GET /o/{organization}/integrations/applications/{application}/settings":      {answers: answers{toLogin, 403, 303, 200, 403, 404}},
	"POST /o/{organization}/integrations/applications/{application}/settings":     {answers{toLogin, 403, 403, 409, 403, 404}, form("name", "x", "role", "tracking", "contract", "{contract}")},
	"GET /o/{organization}/integrations/applications/{application}/secret":        {answers: answers{toLogin, 403, 303, 200, 403, 404}},
	"POST /o/{organization}/integrations/applications/{application}/secret":       {answers: answers{toLogin, 403, 403, 400, 403, 404}},
	"GET /o/{organization}/integrations/applications/{application}/activation":    {answers: leadsIntegrators},
	"POST /o/{organization}/integrations/applications/{application}/activation":   {answers: forKeyManagers},
	"GET /o/{organization}/integrations/applications/{application}/deactivation":  {answers: leadsIntegrators},
	"POST /o/{organization}/integrations/applications/{application}/deactivation": {answers: forKeyManagers},
	"GET /o/{organization}/integrations/applications/{application}/revocation":    {answers: answers{toLogin, 403, 303, 200, 403, 404}},
	"POST /o/{organization}/integrations/applications/{application}/revocation":   {answers: forKeyManagers},

	"GET /o/{organization}/integrations/omaposti-pro/":     {answers: forIntegrators},
	"GET /o/{organization}/integrations/omaposti-pro/keys": {answers: leadsIntegrators},
	"POST /o/{organization}/integrations/omaposti-pro/keys": {forKeyManagers,
		form("token", "{token}", "description", "Ny API integration", "contract", "{contract}")},
	"GET /o/{organization}/integrations/omaposti-pro/keys/new":                 {answers: answers{toLogin, 403, 303, 200, 403, 404}},
	"GET /o/{organization}/integrations/omaposti-pro/keys/{key}":               {answers: forIntegrators},
	"GET /o/{organization}/integrations/omaposti-pro/keys/{key}/created":       {answers: forIntegrators},
	"GET /o/{organization}/integrations/omaposti-pro/keys/{key}/value":         {answers: leadsIntegrators},
	"POST /o/{organization}/integrations/omaposti-pro/keys/{key}/value":        {answers: answers{toLogin, 403, 403, 200, 403, 404}},
	"GET /o/{organization}/integrations/omaposti-pro/keys/{key}/activation":    {answers: leadsIntegrators},
	"POST /o/{organization}/integrations/omaposti-pro/keys/{key}/activation":   {answers: forKeyManagers},
	"GET /o/{organization}/integrations/omaposti-pro/keys/{key}/deactivation":  {answers: leadsIntegrators},
	"POST /o/{organization}/integrations/omaposti-pro/keys/{key}/deactivation": {answers: forKeyManagers},
	"GET /o/{organization}/integrations/omaposti-pro/keys/{key}/revocation":    {answers: answers{toLogin, 403, 303, 200, 403, 404}},
	"POST /o/{organization}/integrations/omaposti-pro/keys/{key}/revocation":   {answers: forKeyManagers},

	"GET /o/{organization}/pickups":                        {answers: members},
	"GET /o/{organization}/pickups/{pickup}":               {answers: members},
	"GET /o/{organization}/pickups/{pickup}/cancellation":  {answers: answers{toLogin, 200, 303, 200, 200, 404}}, // integrators see
	"POST /o/{organization}/pickups/{pickup}/cancellation": {answers: answers{toLogin, 303, 403, 303, 303, 404}},

	"GET /o/{organization}/organizations":               {answers: forMainUsers},
	"GET /o/{organization}/organization":                {answers: forMainUsers},
	"GET /o/{organization}/switch":                      {answers: members},
	"GET /o/{organization}/company-account":             {answers: members},
	"GET /o/{organization}/company-account/information": {answers: answers{toLogin, 403, 403, 200, 403, 404}},
	"POST /o/{organization}/company-account/information": {answers{toLogin, 403, 403, 422, 403, 404},
		form("shown", "{}", "name", "")},

	"GET /o/{organization}/users":                         {answers: forMainUsers},
	"GET /o/{organization}/events":                        {answers: forMainUsers},
	"GET /o/{organization}/events.csv":                    {answers: forMainUsers},
	"GET /o/{organization}/events.jsonl":                  {answers: forMainUsers},
	"GET /o/{organization}/users.csv":                     {answers: forMainUsers},
	"GET /o/{organization}/users/selection":               {answers: forMainUsers},
	"POST /o/{organization}/users/selection":              {answers{toLogin, 403, 403, 303, 303, 404}, form("change", "end")},
	"GET /o/{organization}/users/{user}":                  {answers: forMainUsers},
	"GET /o/{organization}/users/{user}/permissions":      {answers: forMainUsers},
	"GET /o/{organization}/users/{user}/contract-numbers": {answers: forMainUsers},
	"POST /o/{organization}/users/{user}/permissions": {answers{toLogin, 403, 403, 303, 303, 404},
		form("version", regular, "user_type", regular)},
	"POST /o/{organization}/users/{user}/contract-numbers": {answers{toLogin, 403, 403, 303, 303, 404}, form("version", "")},

	"GET /o/{organization}/users/{user}/removal":  {answers: forMainUsers},
	"POST /o/{organization}/users/{user}/removal": {answers: leadsMainUsers},
	"GET /o/{organization}/departure":             {answers: members},
	"POST /o/{organization}/departure":            {answers: answers{toLogin, 422, 422, 422, 422, 404}}, // not confirmed

	"GET /password-link":       {answers: everybody(200)},
	"POST /password-link":      {everybody(303), form("email", "{token}@example.com")},
	"GET /password":            {answers: everybody(410)}, // without a token
	"POST /password":           {answers: everybody(410)},
	"GET /email-confirmation":  {answers: everybody(410)},
	"POST /email-confirmation": {answers: everybody(410)},

	"GET /account/":                                {answers: loggedIn},
	"GET /account/profile":                         {answers: leadsLoggedIn},
	"POST /account/profile":                        {answers: invalidLoggedIn},
	"GET /account/email":                           {answers: leadsLoggedIn},
	"POST /account/email":                          {answers: invalidLoggedIn},
	"GET /account/email/cancellation":              {answers: leadsLoggedIn},
	"POST /account/email/cancellation":             {answers: leadsLoggedIn},
	"GET /account/password":                        {answers: leadsLoggedIn},
	"POST /account/password":                       {answers: invalidLoggedIn},
	"GET /account/sessions/termination":            {answers: leadsLoggedIn},
	"POST /account/sessions/termination":           {answers: leadsLoggedIn},
	"GET /account/sessions/{session}/termination":  {answers: leadsLoggedIn},
	"POST /account/sessions/{session}/termination": {answers: leadsLoggedIn},
	"GET /account/data.json":                       {answers: loggedIn},
	"GET /account/deletion":                        {answers: loggedIn},
	"POST /account/deletion":                       {answers: invalidLoggedIn},

	"GET /invitation":             {answers: everybody(404)}, // without a token
	"GET /invitation/acceptance":  {answers: everybody(303)},
	"POST /invitation/acceptance": {answers: everybody(404)},
	"GET /invitation/request":     {answers: everybody(303)},
	"POST /invitation/request":    {answers: everybody(404)},

	"GET /o/{organization}/invitations":                                {answers: leadsMainUsers},
	"POST /o/{organization}/invitations":                               {answers{toLoginCarrying, 403, 403, 303, 303, 404}, invites},
	"GET /o/{organization}/invitations/template.csv":                   {answers: forMainUsers},
	"GET /o/{organization}/invitations/new":                            {answers: forMainUsers},
	"POST /o/{organization}/invitations/new":                           {stepsOfMainUsers, invites},
	"GET /o/{organization}/invitations/new/permissions":                {answers: leadsMainUsers},
	"POST /o/{organization}/invitations/new/permissions":               {stepsOfMainUsers, form("addresses", "nobody@example.com")},
	"GET /o/{organization}/invitations/new/contract-numbers":           {answers: leadsMainUsers},
	"POST /o/{organization}/invitations/new/contract-numbers":          {stepsOfMainUsers, invites},
	"GET /o/{organization}/invitations/new/summary":                    {answers: leadsMainUsers},
	"POST /o/{organization}/invitations/new/summary":                   {stepsOfMainUsers, invites},
	"GET /o/{organization}/invitations/selection":                      {answers: forMainUsers},
	"POST /o/{organization}/invitations/selection":                     {leadsMainUsers, form("deed", "withdraw")},
	"GET /o/{organization}/invitations/{invitation}":                   {answers: forMainUsers},
	"GET /o/{organization}/invitations/{invitation}/permissions":       {answers: forMainUsers},
	"POST /o/{organization}/invitations/{invitation}/permissions":      {leadsMainUsers, form("version", regular, "who", "f=&g=sv&l=", "language", "sv", "user_type", regular)},
	"GET /o/{organization}/invitations/{invitation}/contract-numbers":  {answers: forMainUsers},
	"POST /o/{organization}/invitations/{invitation}/contract-numbers": {leadsMainUsers, form("version", "")},
	"GET /o/{organization}/invitations/{invitation}/link":              {answers: leadsMainUsers},
	"POST /o/{organization}/invitations/{invitation}/link":             {answers: leadsMainUsers},
	"GET /o/{organization}/invitations/{invitation}/withdrawal":        {answers: forMainUsers},
	"POST /o/{organization}/invitations/{invitation}/withdrawal":       {answers: leadsMainUsers},
}

func TestEveryRouteAnswersWhomItShould(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	become(t, p, integrator, account.RegularUser, []account.Permission{account.ManageIntegrations}, "654321")
	become(t, p, withoutIt, account.MainUser, []account.Permission{account.CreateShipments}, "654321")
	become(t, p, colleague, account.RegularUser, nil)

	mail := letter(t, p)
	walked := 0
	err := chi.Walk(p.Server.Routes(), func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		walked++
		route := method + " " + pattern
		row, there := matrix[route]
		if !there {
			t.Errorf("%s has no row in the matrix", route)
			return nil
		}
		for i, visitor := range visitors {
			// A key and a session of its own, for what ends them.
			key := ""
			if strings.Contains(pattern, "{key}") {
				key, _ = newKey(t, p, demotest.MainUser, exampleOy, "Nyckel")
			}
			invitation := ""
			if strings.Contains(pattern, "{invitation}") {
				invitation = newInvitation(t, p)
			}
			fetched := ""
			if strings.Contains(pattern, "{pickup}") {
				fetched = newPickup(t, p, "Storgatan 1").String()
			}
			app := ""
			if strings.Contains(pattern, "{application}") {
				app = newApplication(t, p).Account.String()
			}
			fill := strings.NewReplacer("{invitation}", invitation, "{organization}", p.Organization(t, exampleOy).ID.String(), "{key}", key, "{application}", app, "{pickup}", fetched, "{user}", p.User(t, colleague).String(),
				"{contract}", p.Number(t, "654321").String(), "{token}", newID(t).String(), "{visitor}", visitor.name, "{session}", unknownID, "{mail}", mail, "/static/*", static.URL(static.Stylesheet))
			if strings.HasSuffix(pattern, "/removal") { // whom the one before removed
				p.Exec(t, "update memberships set ended_at = null where user_id = $1", p.User(t, colleague))
			}
			browser := p.Nobody()
			if visitor.email != "" {
				browser = p.As(visitor.email)
			}
			path := fill.Replace(pattern)
			var page *webtest.Page
			if method == http.MethodPost {
				sent := url.Values{}
				for field, values := range row.form {
					sent.Set(field, fill.Replace(values[0]))
				}
				page = browser.Post(path, sent)
			} else {
				page = browser.Send(method, path, nil, nil)
			}
			if problem := deviation(page, row.answers[i]); problem != "" {
				t.Errorf("%s, %s: %s", route, visitor.name, problem)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if walked != len(matrix) {
		t.Errorf("%d routes, %d rows in the matrix", walked, len(matrix))
	}
}

func deviation(page *webtest.Page, want int) string {
	location := page.Header.Get("Location")
	leadsToLogin := page.Status == http.StatusSeeOther && (strings.HasPrefix(location, "/login?next=%2Fo%2F") || strings.HasPrefix(location, "/login?next=%2Faccount"))
	if want == toLogin && !leadsToLogin {
		return fmt.Sprintf("%d %s, want the login page", page.Status, location)
	}
	if want == toLoginCarrying {
		if page.Status != http.StatusOK || page.Find("form[data-login] input[name=addresses]").Length() == 0 {
			return fmt.Sprintf("%d %s, want the login page with what was sent", page.Status, location)
		}
		return ""
	}
	if want != toLogin && (page.Status != want || leadsToLogin) {
		return fmt.Sprintf("%d %s %s, want %d", page.Status, location, page.Text("main"), want)
	}
	return ""
}

// What is not there, and what takes no such method, says no more than that.
func TestOtherAddressesAreNotThere(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	main := p.As(demotest.MainUser)
	home := p.Home(exampleOy)
	for _, path := range []string{"/nothing", "/o", "/o/", "/o/x", "/o/x/users", "/o/" + unknownID, "/o/" + unknownID + "/users", home + "/nothing",
		home + "/users/x", home + "/users/x/permissions", home + keysPath + "/keys/x", home + "/users/" + unknownID + "/nothing", "/static/nothing", "/%00", "/%ff", home + "/%2e%2e/%00"} {
		main.Get(path).Is(http.StatusNotFound)
	}
	for _, path := range []string{"/", home, home + "/users", home + keysPath + "/keys/new", "/nothing", "/static/nothing"} {
		if page := main.Post(path, nil); page.Status != http.StatusNotFound {
			t.Errorf("POST %s: %d", path, page.Status)
		}
	}
	for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace} {
		main.Send(method, home, http.Header{"Origin": {p.URL}}, nil).Is(http.StatusNotFound)
	}
}

// HEAD is GET without a body.
func TestHeadIsAnswered(t *testing.T) {
	t.Parallel()
	p := webtest.New(t)
	main := p.As(demotest.MainUser)
	for _, path := range []string{"/", "/login", "/healthz", "/readyz", static.URL(static.Stylesheet), p.Home(exampleOy), p.Home(exampleOy) + "/users.csv"} {
		get, head := main.Get(path), main.Send(http.MethodHead, path, nil, nil)
		if head.Status != get.Status || head.Body != "" || head.Header.Get("Content-Type") != get.Header.Get("Content-Type") {
			t.Errorf("HEAD %s: %d %s %q", path, head.Status, head.Header.Get("Content-Type"), head.Body)
		}
	}
}
