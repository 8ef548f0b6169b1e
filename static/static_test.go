package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var names = []string{Stylesheet, Script, Font, Mark}

func get(t *testing.T, method, path, acceptEncoding string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	r.Header.Set("Accept-Encoding", acceptEncoding)
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w
}

func TestAssetsMayBeKeptForGood(t *testing.T) {
	for _, name := range names {
		response := get(t, http.MethodGet, URL(name), "")
		if response.Code != http.StatusOK || response.Body.Len() == 0 {
			t.Errorf("%s: status %d", name, response.Code)
		}
		for header, want := range map[string]string{"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"} {
			if got := response.Header().Get(header); got != want {
				t.Errorf("%s: %s is %q, want %q", name, header, got, want)
			}
		}
		if got := response.Header().Get("Content-Encoding"); got != "" {
			t.Errorf("%s: sent as %s to who did not ask for it", name, got)
		}
	}
}

func TestCompressedForWhoAcceptsIt(t *testing.T) {
	for _, name := range []string{Stylesheet, Script, Mark} {
		plain := get(t, http.MethodGet, URL(name), "gzip;q=0, br").Body.Bytes()
		response := get(t, http.MethodGet, URL(name), "br, gzip")
		if response.Header().Get("Content-Encoding") != "gzip" || response.Header().Get("Vary") != "Accept-Encoding" {
			t.Fatalf("%s: headers %v", name, response.Header())
		}
		reader, err := gzip.NewReader(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		if unpacked, err := io.ReadAll(reader); err != nil || !bytes.Equal(unpacked, plain) {
			t.Errorf("%s: unpacks to something else (%v)", name, err)
		}
	}
}

func TestHeadAndUnknown(t *testing.T) {
	head := get(t, http.MethodHead, URL(Font), "")
	if head.Body.Len() != 0 || head.Header().Get("Content-Length") == "0" {
		t.Errorf("HEAD: %v", head.Header())
	}
	for _, path := range []string{"css/app.css", "css/base.css", "", "../static.go"} {
		if status := get(t, http.MethodGet, Prefix+path, "").Code; status != http.StatusNotFound {
			t.Errorf("%q: status %d", path, status)
		}
	}
}

func TestStylesheetRefersToHashedFont(t *testing.T) {
	css := get(t, http.MethodGet, URL(Stylesheet), "").Body.String()
	if !strings.HasPrefix(css, "@layer reset, tokens, base, layout, components, pages, print;") {
		t.Error("the order of the layers does not come first")
	}
	if !strings.Contains(css, `url("`+URL(Font)+`")`) || strings.Contains(css, "../") {
		t.Error("the font is not referred to by its hashed address")
	}
}

// A first visit is at most 45 kB with the page, which is below 8 kB; of that, scripts are below 10 kB.
func TestWeight(t *testing.T) {
	weigh := func(name string) int {
		return get(t, http.MethodGet, URL(name), "gzip").Body.Len()
	}
	total := 0
	for _, name := range names {
		total += weigh(name)
	}
	if total > 37_000 {
		t.Errorf("the assets weigh %d bytes", total)
	}
	if script := weigh(Script); script > 10_000 {
		t.Errorf("the script weighs %d bytes", script)
	}
}

// Only tokens.css names colours; elsewhere they are custom properties, or the system's own in forced colours.
func TestColoursAreTokens(t *testing.T) {
	colour := regexp.MustCompile(`(?i)#[0-9a-f]{3,8}\b|\b(rgb|hsl|hwb|lab|lch|oklab|oklch|light-dark)a?\(|:\s*(white|black|red|orange|gray|grey)\b`)
	files, err := filepath.Glob("css/*.css")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d stylesheets, %v", len(files), err)
	}
	for _, file := range files {
		if filepath.Base(file) == "tokens.css" {
			continue
		}
		css, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range colour.FindAllString(strings.ReplaceAll(string(css), "#i-", ""), -1) {
			t.Errorf("%s names the colour %s", file, found)
		}
	}
}

// Every custom property that is used is defined, and the other way round.
func TestTokensAgree(t *testing.T) {
	css := get(t, http.MethodGet, URL(Stylesheet), "").Body.String()
	defined, used := map[string]bool{}, map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^(--[a-z0-9-]+):`).FindAllStringSubmatch(css, -1) {
		defined[match[1]] = true
	}
	for _, match := range regexp.MustCompile(`var\((--[a-z0-9-]+)`).FindAllStringSubmatch(css, -1) {
		used[match[1]] = true
	}
	for name := range used {
		if !defined[name] {
			t.Errorf("%s is used and not defined", name)
		}
	}
	for name := range defined {
		if !used[name] {
			t.Errorf("%s is defined and not used", name)
		}
	}
}

// The sprite holds the icons that templates draw, and no others.
func TestSpriteHoldsWhatIsDrawn(t *testing.T) {
	var templates strings.Builder
	err := filepath.WalkDir("../templates", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".templ") && !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_templ.go") {
			return err
		}
		text, err := os.ReadFile(path)
		templates.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sprite := Sprite()
	for _, match := range regexp.MustCompile(`Icon\("([a-z0-9-]+)"\)`).FindAllStringSubmatch(templates.String(), -1) {
		if !strings.Contains(sprite, `id="i-`+match[1]+`"`) {
			t.Errorf("the icon %s is drawn and not in icons/", match[1])
		}
	}
	for _, match := range regexp.MustCompile(`id="i-([a-z0-9-]+)"`).FindAllStringSubmatch(sprite, -1) {
		if !strings.Contains(templates.String(), `"`+match[1]+`"`) {
			t.Errorf("the icon %s is in icons/ and never drawn", match[1])
		}
	}
}
