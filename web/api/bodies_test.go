package api_test

import (
	"net/http"
	"strings"
	"testing"

	"omapostipro/internal/demo/demotest"
)

// Whatever is sent to the smaller calls that take JSON: the error of their family, and nothing is stored. Orders have a test
// of their own, as have messages in XML and the token's form.
func TestHostileBodiesOfTheSmallerCalls(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	key, token := p.shop(t), p.system(t)
	order := accepted(t, key.order(golden(t)))
	const field = "FIELD" // stands for the value of the call's first field
	calls := []struct {
		path string
		body string
	}{
		{pickupsPath, `{"instructions":` + field + `,"date":"0000-01-01","earliest":"08:00","latest":"16:00","trackingNumbers":["` + order.ShipmentNo + `"]}`},
		{labelsPath, `{"shipments":[` + field + `]}`},
		{advancePath(order.ID), `{"code":` + field + `,"time":"0000-01-01T00:00:00Z"}`},
		{"/2025-04/pickuppoints", `{"searchCriteria":{"location":{"city":` + field + `,"postcode":"1"}}}`},
		{"/2026-04/estimate", `{"estimate":{"time":"0000-01-01T00:00:00Z","partyName":` + field + `,"product":{"code":"9999"}}}`},
		{"/2025-04/labelless", `{"searchCriteria":{"trackingNumber":` + field + `,"x":1}}`},
	}
	for _, call := range calls {
		gateway := !strings.HasPrefix(call.path, "/api/")
		c, wrong := key, http.StatusUnprocessableEntity
		if gateway {
			c, wrong = token, http.StatusBadRequest
		}
		with := func(value string) string { return strings.Replace(call.body, field, value, 1) }
		for name, test := range map[string]struct {
			body   string
			header http.Header
			status int
		}{
			"half of it":                             {with(`"x"`)[:10], jsonBody, 400},
			"two of it":                              {with(`"x"`) + with(`"x"`), jsonBody, 400},
			"XML":                                    {"<order/>", jsonBody, 400},
			"NaN":                                    {with("NaN"), jsonBody, 400},
			"invalid UTF-8":                          {with("\"\xc3\x28\""), jsonBody, 400},
			"depth 10,001":                           {with(strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001)), jsonBody, 400},
			"depth 9,000":                            {with(strings.Repeat(`{"x":`, 9_000) + "1" + strings.Repeat("}", 9_000)), jsonBody, wrong},
			"an object":                              {with(`{"x":1}`), jsonBody, wrong},
			"a list for all":                         {"[]", jsonBody, wrong},
			"a number for all":                       {"1e999", jsonBody, wrong},
			"a number":                               {with("1e999"), jsonBody, wrong},
			"twice, the year 0, and what is unknown": {strings.Replace(with(`"x"`), "{", `{"unknown":1,"unknown":2,`, 1), jsonBody, wrong},
			"900 kB":                                 {with(`"` + strings.Repeat("x", 900_000) + `"`), jsonBody, wrong},
			"1 MB":                                   {with(`"` + strings.Repeat("x", megabyte) + `"`), jsonBody, 413},
			"10,000 of it":                           {with(strings.Repeat(`"x",`, 9_999) + `"x"`), jsonBody, 0},
			"compressed":                             {zipped(t, with(`"x"`)), http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"gzip"}}, 415},
			"of another type":                        {with(`"x"`), http.Header{"Content-Type": {"text/plain"}}, 415},
		} {
			if test.status == 0 { // a list for those that take one, and no JSON for the others
				test.status = http.StatusBadRequest
				if call.path == labelsPath {
					test.status = wrong
				}
			}
			p.storesNothing(t, func() {
				page := c.Send(http.MethodPost, call.path, test.header, strings.NewReader(test.body))
				if page.Status != test.status || len(page.Body) > 30_000 {
					t.Errorf("%s: %s: %d, want %d: %.300s", call.path, name, page.Status, test.status, page.Body)
				}
				if shape := map[bool]string{true: `{"errorCode":"`, false: `{"title":"`}[gateway]; !strings.HasPrefix(page.Body, shape) {
					t.Errorf("%s: %s: %.100s", call.path, name, page.Body)
				}
			})
		}
	}
	// What stands in addresses.
	for _, path := range []string{"/tracking/7/find?keywords=x&lastModified=0000-01-01T00:00:00Z", "/tracking/7/find?keywords=%ff", "/tracking/7/find?keywords=" + strings.Repeat("x", 10_000) + "%00",
		pickupsPath + "?limit=NaN", pickupsPath + "?cursor=" + strings.Repeat("x", 10_000)} {
		if page := key.Get(path); page.Status != http.StatusUnprocessableEntity {
			t.Errorf("%.80s: %d %.200s", path, page.Status, page.Body)
		}
	}
	if pickups := demotest.Value[int](t, p.System, "select count(*) from pickups"); pickups != 0 {
		t.Errorf("%d pickups", pickups)
	}
	for _, line := range p.Log.Lines() {
		t.Errorf("it is logged: %s", line)
	}
}
