package web

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/organization"
)

func TestSameSitePath(t *testing.T) {
	for _, path := range []string{"/", "/o/1/integrations?q=a%20b&c=d#row", "/o/å", "/a//b", "/login?next=//evil.example", "/%5Cevil.example"} {
		if got := sameSitePath(path); got != path {
			t.Errorf("%q becomes %q", path, got)
		}
	}
	for _, elsewhere := range []string{"", "o/1", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example",
		"javascript:alert(1)", " /", "/\t/evil.example", "/a\r\nSet-Cookie: x=y", "/a\x00b", "/%zz", "/" + strings.Repeat("a", 2000)} {
		if got := sameSitePath(elsewhere); got != "" {
			t.Errorf("%q is taken for a path of this site: %q", elsewhere, got)
		}
	}
}

// What http.Redirect makes of a path stays on this site too.
func TestRedirectsStayHere(t *testing.T) {
	for _, path := range []string{"/.//evil.example", "/..//evil.example", "/./\u00a0/evil.example", "/a/..//evil.example"} {
		w := httptest.NewRecorder()
		if err := seeOther(w, httptest.NewRequest(http.MethodGet, "http://portal.example/login", nil), orElse(sameSitePath(path), "/")); err != nil {
			t.Fatal(err)
		}
		target, err := url.Parse("http://portal.example/login")
		if err == nil {
			target, err = target.Parse(w.Header().Get("Location"))
		}
		if err != nil || target.Host != "portal.example" {
			t.Errorf("%q leads to %s, %v", path, target, err)
		}
	}
}

func TestClientAddress(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, test := range []struct {
		name       string
		connection string
		forwarded  []string
		trusted    []netip.Prefix
		want       string
	}{
		{"nobody is trusted", "192.0.2.1:1234", []string{"198.51.100.1"}, nil, "192.0.2.1"},
		{"not through a proxy", "192.0.2.1:1234", []string{"198.51.100.1"}, proxies, "192.0.2.1"},
		{"through a proxy", "10.0.0.1:1234", []string{"198.51.100.1"}, proxies, "198.51.100.1"},
		{"through two", "10.0.0.1:1234", []string{"198.51.100.1, 10.0.0.2"}, proxies, "198.51.100.1"},
		{"through two, a header each", "10.0.0.1:1234", []string{"198.51.100.1", "10.0.0.2"}, proxies, "198.51.100.1"},
		{"what the client made up is not believed", "10.0.0.1:1234", []string{"203.0.113.9, 198.51.100.1"}, proxies, "198.51.100.1"},
		{"all are proxies", "10.0.0.1:1234", []string{"10.0.0.3, 10.0.0.2"}, proxies, "10.0.0.3"},
		{"no header", "10.0.0.1:1234", nil, proxies, "10.0.0.1"},
		{"nonsense", "10.0.0.1:1234", []string{"198.51.100.1, <script>"}, proxies, "10.0.0.1"},
		{"IPv6", "[fd00::1]:1234", []string{"2001:db8::1"}, proxies, "2001:db8::1"},
		{"IPv4 in IPv6", "[::ffff:10.0.0.1]:1234", []string{"::ffff:198.51.100.1"}, proxies, "198.51.100.1"},
		{"no address at all", "@", []string{"198.51.100.1"}, proxies, ""},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = test.connection
		for _, header := range test.forwarded {
			r.Header.Add("X-Forwarded-For", header)
		}
		if got := clientAddress(r, test.trusted); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestInitials(t *testing.T) {
	for want, names := range map[string][]string{
		"FL": {"FirstName", "LastName"}, "ÅÖ": {"åsa", "österberg"}, "P": {"Peter", ""}, "": {"", "\xff"}, "李": {"李", ""},
	} {
		if got := initials(names...); got != want {
			t.Errorf("%q: %q, want %q", names, got, want)
		}
	}
}

func TestSearchQuery(t *testing.T) {
	for given, want := range map[string]string{
		"": "", " anna ": "anna", "a\x00b\nc": "abc", "a\xffb": "ab", "\ufffd": "", "100 %_": "100 %_",
		strings.Repeat("å", maxQuery+1): strings.Repeat("å", maxQuery),
	} {
		if got := searchQuery(url.Values{"q": {given}}); got != want {
			t.Errorf("%q becomes %q, want %q", given, got, want)
		}
	}
}

func TestCSVCellsAreNoFormulas(t *testing.T) {
	for given, want := range map[string]string{
		"": "", "Anna": "Anna", "654321, 654399": "654321, 654399", "Åsa-Maria": "Åsa-Maria", "a=b": "a=b",
		"=1+1": "'=1+1", "+358": "'+358", "-1": "-1", "-1,50": "-1,50", "-1+1": "'-1+1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\r=1",
	} {
		if got := harmless(given); got != want {
			t.Errorf("%q becomes %q, want %q", given, got, want)
		}
	}
}

func TestFormIDs(t *testing.T) {
	id := uuid.MustParse("01890000-0000-7000-8000-000000000000")
	form := url.Values{"a": {id.String(), "", "x", "\x00"}, "b": {id.String()}, "c": {id.String()}}
	if got := formIDs(form, "a", "b"); !slices.Equal(got, []uuid.UUID{id, uuid.Max, uuid.Max, uuid.Max, id}) {
		t.Errorf("ids are %v", got)
	}
	if got := formIDs(form, "d"); got == nil || len(got) != 0 {
		t.Errorf("ids of a field that is not there are %#v", got)
	}
}

func TestVersionsComeBack(t *testing.T) {
	for _, p := range []organization.Permissions{{UserType: account.MainUser, Permissions: account.Permissions()}, {UserType: account.RegularUser}} {
		if got := parsePermissionsVersion(permissionsVersion(p)); got.UserType != p.UserType || !slices.Equal(got.Permissions, p.Permissions) {
			t.Errorf("%+v comes back as %+v", p, got)
		}
	}
	for _, ids := range [][]uuid.UUID{{}, {{1}}, {{1}, {2}}} {
		if got := parseNumbersVersion(numbersVersion(ids)); !slices.Equal(got, ids) {
			t.Errorf("%v comes back as %v", ids, got)
		}
	}
}
