package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/caller"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/ratelimit"
	"omapostipro/internal/shipment"
	"omapostipro/web/api"
	"omapostipro/web/webtest"
)

// The exchanges of testdata are what clients and the portal say to each other, call after call: after ">>>" a request with
// its headers and body, after "<<<" its answer. "later 1h" in a request's place lets time pass, and "…" is a body that need not be looked at. What is random or long is
// called by a name there (names), in requests and answers alike: the first id that the portal gives, a key, a large body.
var update = flag.Bool("update", false, "write the exchanges of testdata as they are now")

const exchanges = "testdata/exchanges/"

// when the exchanges begin; each takes a little while.
var (
	exchangesBegin = time.Date(2026, time.November, 23, 14, 2, 3, 456_789_000, time.UTC)
	exchangeTakes  = 10 * time.Millisecond
)

func TestExchanges(t *testing.T) {
	t.Parallel()
	special := map[string]struct {
		options webtest.Options
		prepare func(*testing.T, portal)
	}{
		"limited":     {options: webtest.Options{Limits: api.Limits{Address: ratelimit.Limit{PerSecond: 1, Burst: 2}}}},
		"unavailable": {prepare: func(t *testing.T, p portal) { p.takeDatabaseAway(t) }},
		"broken":      {prepare: func(t *testing.T, p portal) { p.AsSuperuser(t, "revoke insert on portal.audit_events from portal_app") }},
	}
	files, err := filepath.Glob(exchanges + "*.txt")
	shown, shownErr := filepath.Glob("../../internal/apidoc/exchanges/*.txt") // by the documentation
	if err != nil || len(files) < len(special) || shownErr != nil || len(shown) == 0 {
		t.Fatalf("%d and %d files: %v %v", len(files), len(shown), err, shownErr)
	}
	for _, file := range append(files, shown...) {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p := portal{webtest.NewWith(t, special[name].options)}
			p.Clock.Advance(exchangesBegin.Sub(p.Clock.Now()))
			for _, table := range []string{"audit_events", "audit_personal_values", "audit_shared_events"} { // whatever month it is outside
				p.AsSuperuser(t, fmt.Sprintf("create table portal.%s_of_any_month partition of portal.%[1]s default", table))
			}
			n := newNames(t, p, string(text))
			if prepare := special[name].prepare; prepare != nil {
				prepare(t, p)
			}
			got := n.exchange(t, string(text))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// exchange sends the requests of a text and compares the answers. It gives the text as it is now.
func (n *names) exchange(t *testing.T, text string) string {
	t.Helper()
	head, rest, _ := strings.Cut("\n"+text, "\n>>> ")
	now := strings.TrimPrefix(head, "\n") + "\n"
	for chunk := range strings.SplitSeq(rest, "\n>>> ") {
		request, want, _ := strings.Cut(chunk, "\n<<< ")
		request, want = strings.TrimSpace(request), strings.TrimSpace(want)
		now += ">>> " + request + "\n\n"
		if wait, ok := strings.CutPrefix(request, "later "); ok {
			duration, err := time.ParseDuration(wait)
			if err != nil {
				t.Fatal(err)
			}
			n.portal.Clock.Advance(duration)
			continue
		}
		got := n.answer(t, request)
		if before, ok := strings.CutSuffix(want, "\n\n…"); ok { // of a body that is not looked at
			got, _, _ = strings.Cut(got, "\n\n")
			want, got = before+"\n\n…", got+"\n\n…"
		}
		if now += "<<< " + got + "\n\n"; got != want && !*update {
			t.Fatalf("%s\ngot\n%s\n\nwant\n%s", request, got, want)
		}
	}
	return strings.TrimSpace(now) + "\n"
}

// answer sends a request and writes its answer down.
func (n *names) answer(t *testing.T, request string) string {
	t.Helper()
	n.portal.Clock.Advance(exchangeTakes)
	request = n.real(request)
	head, body, _ := strings.Cut(request, "\n\n")
	lines := strings.Split(head, "\n")
	method, path, _ := strings.Cut(lines[0], " ")
	header := http.Header{}
	for _, line := range lines[1:] {
		if name, value, ok := strings.Cut(line, ": "); ok && !strings.HasPrefix(line, "#") {
			header.Set(name, value)
		}
	}
	page := n.portal.Nobody().Send(method, path, header, strings.NewReader(body))
	if uuid.Validate(page.Header.Get("X-Request-Id")) != nil || page.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: X-Request-Id is %q, Cache-Control %q", page.Request, page.Header.Get("X-Request-Id"), page.Header.Get("Cache-Control"))
	}
	answer := fmt.Sprint(page.Status)
	for _, name := range []string{"Content-Type", "Content-Disposition", "Location", "Allow", "WWW-Authenticate", "Retry-After", "Idempotent-Replay", "RateLimit", "RateLimit-Policy"} {
		for _, value := range page.Header.Values(name) {
			answer += "\n" + name + ": " + value
		}
	}
	return n.named(page, answer+"\n\n"+readable(t, page))
}

// readable gives an answer's body for reading: JSON with its lines broken, and of a picture or a document what it is.
func readable(t *testing.T, page *webtest.Page) string {
	t.Helper()
	switch kind := page.Header.Get("Content-Type"); {
	case strings.HasSuffix(kind, "json"):
		var indented, compact bytes.Buffer
		if err := json.Indent(&indented, []byte(page.Body), "", "  "); err != nil {
			t.Fatalf("%s: %v: %s", page.Request, err, page.Body)
		}
		if err := json.Compact(&compact, []byte(page.Body)); err != nil || compact.String() != page.Body {
			t.Errorf("%s: it is not written compactly: %s", page.Request, page.Body)
		}
		return indented.String()
	case kind == "application/pdf":
		return fmt.Sprintf("%.5s with %d pages", page.Body, strings.Count(page.Body, "/Type /Page\n"))
	case kind == "image/png":
		return fmt.Sprintf("%.8q", page.Body)
	case kind == "application/zpl":
		return fmt.Sprintf("%.3s", page.Body)
	default:
		return page.Body
	}
}

// names are what is random or long, by what the exchanges call it.
type names struct {
	portal portal
	pairs  [][2]string // name and what it stands for
	given  map[string]int
}

// newNames gives the names that a text mentions, and makes what they stand for.
func newNames(t *testing.T, p portal, text string) *names {
	t.Helper()
	n := &names{portal: p, given: map[string]int{}}
	n.add("https://portal.example", p.URL)
	n.add(nobodys, nobodys)
	key := func(email, organization string) func() string {
		return func() string {
			_, value := p.newKey(t, email, organization)
			return value
		}
	}
	main := p.Actor(t, demotest.MainUser, demotest.ExampleOy)
	token := func(roles ...caller.Role) func() string {
		return func() string { return p.token(t, p.newApplication(t, demotest.MainUser, demotest.ExampleOy, roles...)) }
	}
	for name, create := range map[string]func() string{
		"opp_shop":  key(demotest.MainUser, demotest.ExampleOy),
		"opp_other": key(demotest.OtherMain, demotest.Testbolaget),
		"opp_disabled": func() string {
			id, value := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
			if err := p.Keys.Disable(t.Context(), main, id); err != nil {
				t.Fatal(err)
			}
			return value
		},
		"opp_revoked": func() string {
			id, value := p.newKey(t, demotest.MainUser, demotest.ExampleOy)
			if err := p.Keys.Revoke(t.Context(), main, id); err != nil {
				t.Fatal(err)
			}
			return value
		},
		"opp_unknown":   func() string { return wellFormedKey(strings.Repeat("z", 32)) },
		"opt_system":    token(caller.Roles()...),
		"opt_tracking":  token(caller.Tracking),
		"1048577-BYTES": func() string { return strings.Repeat(" ", megabyte+1) },
	} {
		if strings.Contains(text, name) {
			n.add(name, create())
		}
	}
	for _, name := range []string{"erp", "disabled", "locked"} {
		if !strings.Contains(text, "app-"+name) {
			continue
		}
		secret := p.newApplication(t, demotest.MainUser, demotest.ExampleOy, caller.Roles()...)
		n.add("app-"+name, secret.ClientID)
		n.add("ops_"+name, secret.Value)
		switch name {
		case "disabled":
			if err := p.Applications.Disable(t.Context(), main, secret.Account); err != nil {
				t.Fatal(err)
			}
		case "locked":
			for range 5 {
				p.logIn(grant(secret.ClientID, "x"))
			}
		}
	}
	return n
}

func (n *names) add(name, meant string) {
	n.pairs = append(n.pairs, [2]string{name, meant})
	slices.SortStableFunc(n.pairs, func(a, b [2]string) int { return len(b[0]) - len(a[0]) }) // opt_10 before opt_1
}

// real gives a text with what its names stand for.
func (n *names) real(text string) string {
	var replaced []string
	for _, pair := range n.pairs {
		replaced = append(replaced, pair[0], pair[1])
	}
	return strings.NewReplacer(replaced...).Replace(text)
}

// What answers hold that is of no other time, and how the exchanges call it. What has a group is named by what that holds.
var namedKinds = []struct {
	kind string
	form *regexp.Regexp
	name func(meant string, n int) string
}{
	{"id", regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`), func(_ string, n int) string { return fmt.Sprintf("01930000-0000-7000-8000-%012d", n) }},
	{"number", regexp.MustCompile(`JJFI\d{6}989\d{8}`), func(meant string, n int) string { return shipment.TrackingNumber(meant[4:10], int64(1197394+n)) }},
	{"unit", regexp.MustCompile(`\b000299\d{14}\b`), func(meant string, n int) string { return shipment.SSCC(meant[6:12], int64(1197394+n)) }},
	{"token", regexp.MustCompile(`opt_[0-9A-Za-z]{38}`), func(_ string, n int) string { return fmt.Sprintf("opt_%d", n) }},
	{"code", regexp.MustCompile(`"sendingCode": "([0-9ACDEF]{6})"`), func(_ string, n int) string { return fmt.Sprintf("3A7C9%d", n) }},
	{"cursor", regexp.MustCompile(`"nextCursor": "([^"]+)"`), func(_ string, n int) string { return fmt.Sprintf("CURSOR-%d", n) }},
}

var base64PDF = regexp.MustCompile(`"JVBERi[0-9A-Za-z+/=]+"`)

// named gives an answer as the exchanges write it.
func (n *names) named(page *webtest.Page, answer string) string {
	answer = strings.ReplaceAll(answer, page.Header.Get("X-Request-Id"), "01930000-0000-7000-8000-000000000000")
	answer = base64PDF.ReplaceAllString(answer, `"JVBERg=="`)
	n.add("01930000-0000-7000-8000-000000000000", "01930000-0000-7000-8000-000000000000")
	for _, kind := range namedKinds {
		for _, match := range kind.form.FindAllStringSubmatch(answer, -1) {
			meant := match[len(match)-1]
			if slices.ContainsFunc(n.pairs, func(pair [2]string) bool { return pair[1] == meant }) {
				continue
			}
			n.given[kind.kind]++
			n.add(kind.name(meant, n.given[kind.kind]), meant)
		}
	}
	var replaced []string
	for _, pair := range n.pairs {
		replaced = append(replaced, pair[1], pair[0])
	}
	return strings.TrimSpace(strings.NewReplacer(replaced...).Replace(answer))
}
