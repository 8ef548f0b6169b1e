package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	appURL     = "postgres://portal_app:app-password@db.example/portal"
	migrateURL = "postgres://postgres:super-password@db.example/portal"
	uid        = 1000
)

type environment map[string]string

func (e environment) get(name string) string { return e[name] }

// with gives the environment with some variables more; an empty value takes one away.
func (e environment) with(pairs ...string) environment {
	changed := environment{"HOME": "/home/me"}
	maps.Copy(changed, e)
	for i := 0; i < len(pairs); i += 2 {
		changed[pairs[i]] = pairs[i+1]
	}
	return changed
}

var production = environment{}.with("DATABASE_URL", appURL, "PORTAL_KEYSET_FILE", "/run/secrets/keyset", "PORTAL_BASE_URL", "https://portal.example",
	"PORTAL_SMTP_URL", "smtp://mail.example")

func mustLoad(t *testing.T, e environment) Config {
	t.Helper()
	c, err := load(e.get, uid, Config.checkServing)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNothingToConfigure(t *testing.T) {
	got := mustLoad(t, environment{}.with())
	want := Config{
		Environment:         Demo,
		Listen:              "127.0.0.1:8080",
		DataDir:             "/home/me/.local/share/omaposti-pro",
		KeysetFile:          "/home/me/.local/share/omaposti-pro/keyset.json",
		MigrateAtStart:      true,
		DatabaseConnections: 10,
		SessionIdle:         12 * time.Hour,
		SessionAbsolute:     7 * 24 * time.Hour,
		EventMonths:         24, TrackingSpeed: 1,
		AddressRate:     noRate,
		CredentialRate:  noRate,
		LogFormat:       LogText,
		ShutdownTimeout: 20 * time.Second,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if !got.Embedded() || !got.Demo() || !got.MigratesAtStart() || got.Secure() || got.AppPassword() != "" {
		t.Errorf("embedded %v, demo %v, migrates at start %v, secure %v", got.Embedded(), got.Demo(), got.MigratesAtStart(), got.Secure())
	}
}

func TestProductionIsTheDefaultWithADatabase(t *testing.T) {
	got := mustLoad(t, production)
	want := Config{
		Environment:         Production,
		Listen:              "127.0.0.1:8080",
		BaseURL:             "https://portal.example",
		DataDir:             "/home/me/.local/share/omaposti-pro",
		DatabaseURL:         appURL,
		KeysetFile:          "/run/secrets/keyset",
		MigrateAtStart:      true,
		DatabaseConnections: 10,
		SessionIdle:         30 * time.Minute,
		SessionAbsolute:     12 * time.Hour,
		SMTPURL:             "smtp://mail.example",
		EventMonths:         24, TrackingSpeed: 1,
		AddressRate:     50,
		CredentialRate:  50,
		LogFormat:       LogJSON,
		ShutdownTimeout: 20 * time.Second,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || got.DatabaseURL != want.DatabaseURL {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if got.Embedded() || got.Demo() || got.MigratesAtStart() || !got.Secure() || got.AppPassword() != "app-password" {
		t.Errorf("embedded %v, demo %v, migrates at start %v, secure %v", got.Embedded(), got.Demo(), got.MigratesAtStart(), got.Secure())
	}
}

func TestEverythingSet(t *testing.T) {
	got := mustLoad(t, environment{}.with(
		"PORTAL_ENV", "demo",
		"PORTAL_LISTEN", "[::]:9000",
		"PORTAL_BASE_URL", "http://localhost:8080/",
		"PORTAL_DATA_DIR", "/data",
		"DATABASE_URL", "postgres://someone:else@db.example/portal",
		"PORTAL_MIGRATE_URL", migrateURL,
		"PORTAL_MIGRATE_AT_START", "false",
		"PORTAL_DATABASE_CONNECTIONS", "40",
		"PORTAL_POSTGRES_BIN", "/opt/postgres/bin",
		"PORTAL_POSTGRES_DOWNLOAD_URL", "https://mirror.example/maven2",
		"PORTAL_KEYSET", "{}",
		"PORTAL_SESSION_IDLE", "1h",
		"PORTAL_SESSION_ABSOLUTE", "2h30m",
		"PORTAL_TRUSTED_PROXIES", "10.0.0.0/8, ::1",
		"PORTAL_LOG_FORMAT", "json",
		"PORTAL_SHUTDOWN_TIMEOUT", "5s",
	))
	want := Config{
		Environment:         Demo,
		Listen:              "[::]:9000",
		BaseURL:             "http://localhost:8080",
		DataDir:             "/data",
		DatabaseURL:         "postgres://someone:else@db.example/portal",
		MigrateURL:          migrateURL,
		DatabaseConnections: 40,
		PostgresBin:         "/opt/postgres/bin",
		PostgresDownloadURL: "https://mirror.example/maven2",
		Keyset:              "{}",
		SessionIdle:         time.Hour,
		SessionAbsolute:     150 * time.Minute,
		TrustedProxies:      Proxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")},
		EventMonths:         24, TrackingSpeed: 1,
		AddressRate:     noRate,
		CredentialRate:  noRate,
		LogFormat:       LogJSON,
		ShutdownTimeout: 5 * time.Second,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || got.DatabaseURL != want.DatabaseURL || got.MigrateURL != want.MigrateURL || got.Keyset != want.Keyset {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if got.AppPassword() != "" {
		t.Error("the password of another role is taken for portal_app's")
	}
}

func TestDataDir(t *testing.T) {
	for _, tt := range []struct {
		name string
		env  environment
		uid  int
		want string
	}{
		{"home", environment{"HOME": "/home/me"}, 1000, "/home/me/.local/share/omaposti-pro"},
		{"XDG", environment{"HOME": "/home/me", "XDG_DATA_HOME": "/xdg"}, 1000, "/xdg/omaposti-pro"},
		{"XDG relative", environment{"HOME": "/home/me", "XDG_DATA_HOME": "xdg"}, 1000, "/home/me/.local/share/omaposti-pro"},
		{"root", environment{"HOME": "/root", "XDG_DATA_HOME": "/xdg"}, 0, "/var/lib/omaposti-pro"},
		{"set", environment{"HOME": "/root", "PORTAL_DATA_DIR": "/data"}, 0, "/data"},
	} {
		c, err := load(tt.env.get, tt.uid, Config.checkServing)
		if err != nil || c.DataDir != tt.want || c.KeysetFile != tt.want+"/keyset.json" {
			t.Errorf("%s: data in %q, keyset in %q, %v", tt.name, c.DataDir, c.KeysetFile, err)
		}
	}
}

func TestContainerWithoutHome(t *testing.T) {
	c := mustLoad(t, production.with("HOME", ""))
	if c.DataDir != "" || c.KeysetFile != "/run/secrets/keyset" {
		t.Errorf("data in %q, keyset in %q", c.DataDir, c.KeysetFile)
	}
}

func TestMigratesAtStart(t *testing.T) {
	both := production.with("PORTAL_MIGRATE_URL", migrateURL)
	for name, tt := range map[string]struct {
		env  environment
		want bool
	}{
		"embedded":               {environment{}.with(), true},
		"embedded, left alone":   {environment{}.with("PORTAL_MIGRATE_AT_START", "false"), false},
		"both addresses":         {both, true},
		"both, left alone":       {both.with("PORTAL_MIGRATE_AT_START", "false"), false},
		"only the app's address": {production, false},
	} {
		if got := mustLoad(t, tt.env).MigratesAtStart(); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestFaults(t *testing.T) {
	for name, tt := range map[string]struct {
		env  environment
		want []string
	}{
		"environment": {environment{}.with("PORTAL_ENV", "prod"), []string{`PORTAL_ENV: "prod" is neither demo nor production`}},
		"listen without port": {environment{}.with("PORTAL_LISTEN", "localhost"), []string{
			`PORTAL_LISTEN: "localhost" is not host:port`,
		}},
		"listen on a port too high": {environment{}.with("PORTAL_LISTEN", ":65536"), []string{
			`PORTAL_LISTEN: ":65536" is not host:port`,
		}},
		"no home": {environment{"PORTAL_ENV": "demo"}, []string{
			"PORTAL_DATA_DIR: must be set, because neither XDG_DATA_HOME nor HOME is",
		}},
		"no home for the keyset": {environment{"PORTAL_ENV": "demo", "DATABASE_URL": appURL}, []string{
			"PORTAL_DATA_DIR: must be set, because neither XDG_DATA_HOME nor HOME is",
		}},
		"relative data folder": {environment{}.with("PORTAL_DATA_DIR", "data"), []string{
			`PORTAL_DATA_DIR: "data" is not an absolute path`,
		}},
		"not a number": {environment{}.with("PORTAL_DATABASE_CONNECTIONS", "many"), []string{
			`PORTAL_DATABASE_CONNECTIONS: "many" is not a whole number`,
		}},
		"too few connections": {environment{}.with("PORTAL_DATABASE_CONNECTIONS", "1"), []string{
			"PORTAL_DATABASE_CONNECTIONS: 1 is not between 2 and 1000",
		}},
		"not yes or no": {environment{}.with("PORTAL_MIGRATE_AT_START", "never"), []string{
			`PORTAL_MIGRATE_AT_START: "never" is not true or false`,
		}},
		"durations": {environment{}.with("PORTAL_SESSION_IDLE", "30", "PORTAL_SHUTDOWN_TIMEOUT", "-1s"), []string{
			`PORTAL_SESSION_IDLE: "30" is not a length of time, as 90s, 30m or 12h`,
			"PORTAL_SHUTDOWN_TIMEOUT: -1s is not positive",
		}},
		"session without time": {environment{}.with("PORTAL_SESSION_IDLE", "59s"), []string{
			"PORTAL_SESSION_IDLE: 59s is less than a minute",
		}},
		"session that ends before it is idle": {environment{}.with("PORTAL_SESSION_ABSOLUTE", "1h"), []string{
			"PORTAL_SESSION_ABSOLUTE: 1h0m0s is less than PORTAL_SESSION_IDLE, which is 12h0m0s",
		}},
		"proxies": {environment{}.with("PORTAL_TRUSTED_PROXIES", "10.0.0.0/8,proxy"), []string{
			`PORTAL_TRUSTED_PROXIES: "proxy" is neither an address nor a network (10.0.0.0/8)`,
		}},
		"log format": {environment{}.with("PORTAL_LOG_FORMAT", "xml"), []string{`PORTAL_LOG_FORMAT: "xml" is neither text nor json`}},
		"download":   {environment{}.with("PORTAL_POSTGRES_DOWNLOAD_URL", "maven"), []string{`PORTAL_POSTGRES_DOWNLOAD_URL: "maven" is not an address`}},
		"keyset twice": {environment{}.with("PORTAL_KEYSET", "{}", "PORTAL_KEYSET_FILE", "/keyset"), []string{
			"PORTAL_KEYSET: set this or PORTAL_KEYSET_FILE, not both",
		}},
		"production with nothing": {environment{}.with("PORTAL_ENV", "production"), []string{
			"DATABASE_URL: must be set in production, which has no embedded server",
			"PORTAL_KEYSET_FILE: must be set in production, or PORTAL_KEYSET; portal keyset makes one",
			"PORTAL_SMTP_URL: must be set in production: invitations and new passwords go by mail",
			"PORTAL_BASE_URL: must be set in production, and begin with https://",
		}},
		"no mail server": {environment{}.with("PORTAL_SMTP_URL", "http://user:mail-password@mail.example", "PORTAL_MAIL_FROM", "nobody", "PORTAL_MAILBOX_URL", "mailpit"), []string{
			"PORTAL_SMTP_URL: is not the address of a mail server (smtp://user:password@host:port or smtps://)",
			`PORTAL_MAIL_FROM: "nobody" is not an address that mail can come from`,
			`PORTAL_MAILBOX_URL: "mailpit" is not an address`,
		}},
		"production by http": {production.with("PORTAL_BASE_URL", "http://portal.example"), []string{
			"PORTAL_BASE_URL: must be set in production, and begin with https://",
		}},
		"migrating alone": {production.with("DATABASE_URL", "", "PORTAL_MIGRATE_URL", migrateURL), []string{
			"DATABASE_URL: must be set beside PORTAL_MIGRATE_URL, to serve from as portal_app",
		}},
		"not PostgreSQL": {production.with("DATABASE_URL", "mysql://portal_app:app-password@db.example/portal"), []string{
			"DATABASE_URL: is not the address of a PostgreSQL database (postgres://user:password@host:port/database)",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			wantFaults(t, tt.env, tt.want...)
		})
	}
	for _, address := range []string{"portal.example", "ftp://portal.example", "https://", "https://portal.example/pro", "https://portal.example?a", "https://me@portal.example", "https://portal.example//"} {
		wantFaults(t, environment{}.with("PORTAL_BASE_URL", address), fmt.Sprintf("PORTAL_BASE_URL: %q is not http(s)://host or http(s)://host:port", address))
	}
}

func wantFaults(t *testing.T, e environment, want ...string) {
	t.Helper()
	_, err := load(e.get, uid, Config.checkServing)
	if err == nil {
		t.Errorf("no error, want %q", want)
		return
	}
	if got := strings.Split(err.Error(), "\n"); !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if strings.Contains(err.Error(), "-password") {
		t.Errorf("the error tells a password: %v", err)
	}
}

func TestLoadToMigrate(t *testing.T) {
	for name, tt := range map[string]struct {
		env  environment
		want string
	}{
		"embedded":          {environment{}.with(), ""},
		"address":           {environment{}.with("PORTAL_MIGRATE_URL", migrateURL), ""},
		"both":              {production.with("PORTAL_MIGRATE_URL", migrateURL), ""},
		"the app's address": {production, "PORTAL_MIGRATE_URL: must be set, as the role of DATABASE_URL cannot migrate"},
	} {
		_, err := LoadToMigrate(tt.env.get)
		if got := fmt.Sprint(err); got != tt.want && (err != nil || tt.want != "") {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}

func TestSecretsFromFiles(t *testing.T) {
	folder := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	files := production.with(
		"DATABASE_URL", "", "DATABASE_URL_FILE", write("app", appURL+"\n"),
		"PORTAL_MIGRATE_URL_FILE", write("migrate", migrateURL),
	)
	c := mustLoad(t, files)
	if c.DatabaseURL != appURL || c.MigrateURL != migrateURL || c.Environment != Production {
		t.Errorf("got %q and %q in %s", c.DatabaseURL.Reveal(), c.MigrateURL.Reveal(), c.Environment)
	}

	wantFaults(t, files.with("DATABASE_URL", appURL), "DATABASE_URL: set this or DATABASE_URL_FILE, not both")
	missing := filepath.Join(folder, "missing")
	wantFaults(t, files.with("PORTAL_MIGRATE_URL_FILE", missing), "PORTAL_MIGRATE_URL_FILE: open "+missing+": no such file or directory")
	empty := write("empty", "\n")
	wantFaults(t, files.with("PORTAL_MIGRATE_URL_FILE", empty), "PORTAL_MIGRATE_URL_FILE: "+empty+" is empty")
}

func TestSecretsDoNotShow(t *testing.T) {
	c := mustLoad(t, production.with("PORTAL_MIGRATE_URL", migrateURL, "PORTAL_KEYSET", "key-password", "PORTAL_KEYSET_FILE", ""))
	var b bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&b, verb+" "+verb+"\n", c, &c)
	}
	slog.New(slog.NewTextHandler(&b, nil)).Info("start", "config", c, "database", c.DatabaseURL)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("start", "config", c, "database", c.DatabaseURL)
	if err := json.NewEncoder(&b).Encode(c); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "password") || strings.Contains(b.String(), fmt.Sprintf("%x", "password")) {
		t.Errorf("a secret shows in\n%s", b.String())
	}
	if !strings.Contains(b.String(), "[secret]") {
		t.Errorf("nothing says that there is a secret:\n%s", b.String())
	}
}

func TestOrigin(t *testing.T) {
	for _, tt := range []struct {
		baseURL string
		address net.TCPAddr
		want    string
	}{
		{"", net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}, "http://127.0.0.1:8080"},
		{"", net.TCPAddr{IP: net.IPv4zero, Port: 8080}, "http://localhost:8080"},
		{"", net.TCPAddr{IP: net.IPv6unspecified, Port: 80}, "http://localhost"},
		{"", net.TCPAddr{IP: net.IPv6loopback, Port: 8080}, "http://[::1]:8080"},
		{"", net.TCPAddr{IP: net.IPv6loopback, Port: 80}, "http://[::1]"},
		{"https://portal.example", net.TCPAddr{IP: net.IPv4zero, Port: 8080}, "https://portal.example"},
	} {
		if got := (Config{BaseURL: tt.baseURL}).Origin(&tt.address); got != tt.want {
			t.Errorf("listening on %v: %q, want %q", &tt.address, got, tt.want)
		}
	}
}

func TestProxies(t *testing.T) {
	var proxies Proxies
	if err := proxies.UnmarshalText([]byte("10.1.2.3/8, ::ffff:192.0.2.1,fd00::/8,")); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{
		"10.9.9.9": true, "::ffff:10.9.9.9": true, "192.0.2.1": true, "192.0.2.2": false, "fd00::1%eth0": true, "fe80::1": false, "11.0.0.1": false,
	} {
		if got := proxies.Trusts(netip.MustParseAddr(address)); got != want {
			t.Errorf("Trusts(%s) = %v", address, got)
		}
	}
}

func TestEveryVariableIsExplained(t *testing.T) {
	help, table := Help(), Markdown()
	seen := map[string]bool{}
	for _, v := range Variables() {
		if v.Name == "" || v.Default == "" || v.Meaning == "" || seen[v.Name] {
			t.Errorf("%s is not explained, or twice: %+v", v.field, v)
		}
		seen[v.Name] = true
		for _, text := range []string{help, table} {
			if !strings.Contains(text, v.Name) || !strings.Contains(text, v.Default) {
				t.Errorf("%s is missing in\n%s", v.Name, text)
			}
		}
		if strings.Contains(v.Meaning+v.Default, "|") || strings.HasSuffix(v.Meaning, ".") {
			t.Errorf("%s: a bar breaks the table, a full stop is added: %q", v.Name, v.Meaning)
		}
	}
	for line := range strings.Lines(help) {
		if len(line) > 100 {
			t.Errorf("too wide for a terminal: %q", line)
		}
	}
}

func TestRatesOfTheAPI(t *testing.T) {
	for value, want := range map[string]int{"": 0, "off": 0, "1": 1, "5000": 5000} {
		var rate Rate
		if value != "" {
			if err := rate.UnmarshalText([]byte(value)); err != nil {
				t.Errorf("%s: %v", value, err)
			}
		}
		if rate.PerSecond() != want {
			t.Errorf("%q is %d a second", value, rate.PerSecond())
		}
	}
	for _, value := range []string{"0", "-1", "1.5", "on", "1000001"} {
		if err := new(Rate).UnmarshalText([]byte(value)); err == nil {
			t.Errorf("%s is taken", value)
		}
	}
}
