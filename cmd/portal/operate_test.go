package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/secretbox"
)

// operatorAt gives a way to run the operator's commands on a database with the demo data.
func operatorAt(t *testing.T) (*demotest.Data, func(stdin string, args ...string) (code int, stdout, stderr string)) {
	t.Helper()
	d := demotest.New(t)
	keyset := filepath.Join(t.TempDir(), "keyset.json")
	if _, err := secretbox.Create(keyset); err != nil {
		t.Fatal(err)
	}
	environment := map[string]string{"PORTAL_ENV": "demo", "PORTAL_DATA_DIR": filepath.Join(t.TempDir(), "data"), "PORTAL_MIGRATE_URL": d.AdminURL, "DATABASE_URL": d.AppURL, "PORTAL_KEYSET_FILE": keyset}
	return d, func(stdin string, args ...string) (int, string, string) {
		t.Helper()
		var out, err strings.Builder
		code := run(t.Context(), args, func(name string) string { return environment[name] }, strings.NewReader(stdin), &out, &err)
		return code, out.String(), err.String()
	}
}

func TestTheOperatorsCommands(t *testing.T) {
	t.Parallel()
	d, portal := operatorAt(t)
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("ett långt lösenord\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const file = "organization: {businessId: FI98765432, name: Nya Bolaget Ab}\ncontracts: [{kind: logistics_contract, number: 700001}]\n"
	for _, test := range []struct {
		args   string // words, separated by |
		stdin  string
		code   int
		stdout string // is in it
		stderr string
	}{
		{"organization|create|--name|Bolag Ab|--business-id|1234567-1", "", 0, "Made the organisation Bolag Ab (FI12345671).", ""},
		{"organization|create|--name|Bolag Ab|--business-id|FI12345671", "", 4, "", "There is already an organization"},
		{"organization|create|--name|Bolag Ab|--business-id|x", "", 2, "", "business id: Write"},
		{"organization|create|--name|Bolag Ab", "", 2, "", "missing flags"},
		{"organization|create|--help", "", 0, "Example:", ""},
		{"organization|create|--help", "", 0, "4 when what is there does not allow it", ""},
		{"--help", "", 0, "Exit codes: 0 when", ""},
		{"help", "", 0, "Exit codes: 0 when", ""},
		{"serve|--help", "", 0, "Examples:", ""},
		{"migrate|--help", "", 0, "Examples:", ""},
		{"seed|--help", "", 0, "Example:", ""},
		{"healthcheck|--help", "", 0, "Examples:", ""},
		{"keyset|create|--help", "", 0, "Example:", ""},
		{"keyset|rotate|--help", "", 0, "Example:", ""},
		{"migrate", "", 0, "Nothing changed. The schema is current.", ""},
		{"keyset|create", "", 0, "primaryKeyId", ""},
		{"organization|list", "", 0, "FI12345678  Example Oy: 65 people, 2 main users; 4 contract numbers", ""},
		{"organization|show|FI12345671", "", 0, "0 people", ""},
		{"organization|show|FI99999999", "", 3, "", "There is no organization with the business ID FI99999999."},
		{"contract|add|700009|--organization|FI12345671|--from|2026-01-01", "", 0, "has the logistics_contract 700009 from 2026-01-01 on.", ""},
		{"contract|add|700009|--organization|FI12345671", "", 4, "", "The organization already has 700009, from 2026-01-01 on."},
		{"contract|add|700009|--organization|FI12345678", "", 4, "", "Bolag Ab (FI12345671) has 700009, from 2026-01-01 on."},
		{"contract|add|700009|--organization|FI12345671|--from|soon", "", 2, "", "2026-12-31"},
		{"user|create|anna@example.com|--first-name|Anna|--organization|FI12345671|--type|main_user|--permission|manage_integrations|--number|700009|--password-file|" + password, "", 0, "as main_user.", ""},
		{"organization|list", "", 0, "FI12345671  Bolag Ab: 1 person, 1 main user; 1 contract number\n", ""},
		{"user|create|anna@example.com", "", 4, "", "anna@example.com already has an account. portal apply adds"},
		{"user|create|bo@example.com|--language|de", "", 2, "", "--language"},
		{"user|create|bo@example.com|--type|main_user", "", 2, "", "organization: "},
		{"user|create|bo@example.com|--permission|fly|--organization|FI12345671", "", 2, "", "permission: "},
		{"user|create|bo@example.com|--number|111111|--organization|FI12345671", "", 3, "", "111111"},
		{"user|create|bo@example.com|--password-stdin", "too short", 2, "", "password: "},
		{"user|create|bo@example.com|--generate|--language|fi", "", 0, "Password: ", ""},
		{"user|set-password|anna@example.com|--password-stdin", "ett annat långt lösenord\n", 0, "anna@example.com has a new password, and is logged out everywhere. Links", ""},
		{"user|set-password|anna@example.com", "", 1, "", "--password-stdin"},
		{"user|set-password|nobody@example.com|--generate", "", 3, "", "nobody@example.com"},
		{"key|create|--organization|FI12345671|--for|anna@example.com|--description|Lager", "", 0, "opp_", "linked to 700009"},
		{"key|create|--organization|FI12345671|--for|bo@example.com|--description|Lager", "", 3, "", "does not belong"},
		{"key|create|--organization|FI12345678|--for|plain.user@example.com|--description|Lager", "", 4, "", "permission"},
		{"key|create|--organization|FI12345678|--for|main.user@example.com|--description|Lager|--number|654399", "", 3, "", "654399"},
		{"key|list|--organization|FI12345671", "", 0, "Lager (700009), by Anna", ""},
		{"key|create|--organization|FI12345671|--for|anna@example.com|--description|Kassa|--expires|2030-06-30|--network|192.0.2.0/24|--network|2001:db8::1", "", 0, "opp_", "until 2030-07-01 00:00, from 192.0.2.0/24 and 2001:db8::1/128."},
		{"key|create|--organization|FI12345671|--for|anna@example.com|--description|Kassa|--expires|2030-06-30T12:00:00Z", "", 0, "opp_", "until 2030-06-30 15:00."},
		{"key|create|--organization|FI12345671|--for|anna@example.com|--description|Kassa|--expires|2020-06-30", "", 2, "", "expires: Choose a time that is not over."},
		{"key|create|--organization|FI12345671|--for|anna@example.com|--description|Kassa|--expires|soon", "", 2, "", "neither a day as 2026-12-31"},
		{"key|create|--organization|FI12345671|--for|anna@example.com|--description|Kassa|--network|192.0.2.1/24", "", 2, "", "neither a network as 192.0.2.0/24"},
		{"key|list|--organization|FI12345671", "", 0, "by Anna, until 2030-07-01 00:00, from 192.0.2.0/24 and 2001:db8::1/128", ""},
		{"key|list|--organization|FI23456780", "", 0, "has no API keys", ""},
		{"key|revoke|--organization|FI12345671|01890000-0000-7000-8000-000000000000", "", 3, "", "Bolag Ab (FI12345671) has no API key with the id 01890000-"},
		{"contract|end|700009|--organization|FI12345671|--last|2026-12-31", "", 0, "is valid until 2026-12-31.", ""},
		{"contract|end|700009|--organization|FI12345671|--last|2026-12-31", "", 0, "Nothing changed", ""},
		{"contract|add|700009|--organization|FI12345671|--from|2026-12-31", "", 4, "", "already has 700009, from 2026-01-01 to 2026-12-31."},
		{"contract|end|700009|--organization|FI12345671|--last|2020-12-31", "", 2, "", "before it begins"},
		{"mail|list", "", 0, "There is no mail.", ""},
		{"mail|list|--failed", "", 0, "No mail has failed.", ""},
		{"mail|list|--failed|--json", "", 0, "\"mails\": []", ""},
		{"mail|list|--before|x", "", 2, "", "--before"},
		{"apply|-f|-|--dry-run", file, 0, "Would:\n  make the organisation Nya Bolaget Ab (FI98765432)", ""},
		{"apply|-f|-", file, 0, "Done:\n  make the organisation", ""},
		{"apply|-f|-", file, 0, "Nothing to change: everything is as the file says.", ""},
		{"contract|end|700001|--organization|FI98765432|--last|2099-12-31", "", 0, "is valid until 2099-12-31.", ""},
		{"apply|-f|-", file, 0, "Nothing to change.\nMind: logistics_contract 700001 ends on 2099-12-31, and is left so", ""},
		{"apply|-f|-", file + "colour: red\n", 2, "", "portal: line 3: unknown field"},
		{"seed", "", 0, "The demo data is in. 2 new events in the log.", ""}, // the callers, which the tests' data does without
		{"seed", "", 0, "Nothing changed. The demo data is in.", ""},
		{"apply|-f|/nowhere", "", 1, "", "no such file"},
	} {
		code, stdout, stderr := portal(test.stdin, strings.Split(test.args, "|")...)
		if code != test.code || !strings.Contains(stdout, test.stdout) || !strings.Contains(stderr, test.stderr) {
			t.Errorf("%s: %d\n%s%s", test.args, code, stdout, stderr)
		}
	}
	if language := demotest.Value[string](t, d.System, "select language from users where email_key = 'bo@example.com'"); language != "fi" {
		t.Errorf("Bo is written to in %s", language)
	}
	// What the last day was, and is.
	if told := demotest.Value[string](t, d.System, `select v.personal_values::text from audit_events e join audit_personal_values v on v.event_id = e.id
		where e.action = 'contract_number.ended' order by e.id limit 1`); told != `{"after": {"lastDay": "2026-12-31"}, "before": {"lastDay": ""}}` {
		t.Errorf("the log has %s", told)
	}
	if others := demotest.Value[int](t, d.System, `select count(*) from audit_events e join organizations o on o.id = e.organization_id
		where o.business_id = 'FI12345671' and (actor_kind <> 'operator' or actor_id is not null)`); others != 0 {
		t.Errorf("%d events are not the operator's", others)
	}
	if made := demotest.Value[string](t, d.System, `select string_agg(action, ' ' order by e.id) from audit_events e left join organizations o on o.id = e.organization_id
		where o.business_id = 'FI12345671'`); made != "organization.created contract_number.created membership.created "+strings.Repeat("api_key.created ", 3)+"contract_number.ended" {
		t.Errorf("the events are %s", made)
	}
}

func TestTheOperatorsAnswersAsJSON(t *testing.T) {
	t.Parallel()
	_, portal := operatorAt(t)
	serving := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(serving.Close)
	var said strings.Builder
	at := func(name string) string {
		return map[string]string{"PORTAL_ENV": "demo", "PORTAL_DATA_DIR": t.TempDir(), "PORTAL_LISTEN": serving.Listener.Addr().String()}[name]
	}
	if code := run(t.Context(), []string{"healthcheck", "--json"}, at, nil, &said, &said); code != 0 || said.String() != "{\n  \"ready\": true\n}\n" {
		t.Errorf("%d: %s", code, said.String())
	}
	answer := func(args ...string) (value map[string]any) {
		t.Helper()
		code, stdout, stderr := portal("", append(args, "--json")...)
		if err := json.Unmarshal([]byte(stdout), &value); code != 0 || err != nil || stderr != "" {
			t.Fatalf("%q: %d %v\n%s%s", args, code, err, stdout, stderr)
		}
		return value
	}
	if a := answer("organization", "create", "--name", "Bolag <Ab>", "--business-id", "FI12345678"[:9]+"0"); a["name"] != "Bolag <Ab>" || a["changed"] != true || a["warning"] == nil {
		t.Errorf("%v", a)
	}
	made := answer("key", "create", "--organization", "FI12345678", "--for", demotest.MainUser, "--description", "Lager")
	id, _ := made["id"].(string)
	if value, _ := made["value"].(string); !strings.HasPrefix(value, "opp_") {
		t.Errorf("%v", made)
	}
	for _, changed := range []bool{true, false} {
		if a := answer("key", "revoke", "--organization", "FI12345678", id); a["changed"] != changed {
			t.Errorf("%v", a)
		}
	}
	if a := answer("user", "create", "x@example.com", "--generate"); len(a["password"].(string)) < 20 {
		t.Errorf("%v", a)
	}
	if a := answer("migrate"); a["changed"] != false || a["version"] == nil {
		t.Errorf("%v", a)
	}
	for _, changed := range []bool{true, false} {
		if a := answer("seed"); a["changed"] != changed {
			t.Errorf("%v", a)
		}
		if a := answer("keyset", "create"); a["primaryKeyId"] == nil {
			t.Errorf("%v", a)
		}
	}
	if a := answer("keyset", "rotate"); a["changed"] != true || a["keys"] != 1.0 { // the demo's; the other one is revoked
		t.Errorf("%v", a)
	}
	if a := answer("user", "set-password", "x@example.com", "--generate"); a["changed"] != true || a["emailChangeEnded"] != false {
		t.Errorf("%v", a)
	}
	if a := answer("organization", "show", "FI12345678"); len(a["contracts"].([]any)) != 4 {
		t.Errorf("%v", a)
	}
}
