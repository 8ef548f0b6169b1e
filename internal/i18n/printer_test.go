package i18n

import (
	"context"
	"maps"
	"testing"
	"testing/fstest"
	"time"

	"omapostipro/internal/fault"
)

func TestPrinterComesFromContext(t *testing.T) {
	ctx := context.Background()
	if got := From(ctx).Lang(); got != Swedish {
		t.Errorf("without a choice: %s", got)
	}
	for _, lang := range []Lang{Swedish, Finnish, English} {
		if got := From(With(ctx, lang)).Lang(); got != lang {
			t.Errorf("With(%s) gives %s", lang, got)
		}
	}
	if got := From(With(ctx, "de")).Lang(); got != Swedish {
		t.Errorf("With(de) gives %s", got)
	}
}

func TestLanguages(t *testing.T) {
	want := []Language{{Swedish, "Svenska"}, {Finnish, "Suomi"}, {English, "English"}}
	got := Languages()
	if len(got) != len(want) {
		t.Fatalf("got %v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got[i], want[i])
		}
		if lang, ok := Parse(string(want[i].Lang)); !ok || lang != want[i].Lang {
			t.Errorf("Parse(%q) gives %q, %v", want[i].Lang, lang, ok)
		}
	}
	for _, s := range []string{"", "de", "SV", "sv-FI", "sv "} {
		if lang, ok := Parse(s); ok || lang != Default {
			t.Errorf("Parse(%q) gives %q, %v", s, lang, ok)
		}
	}
}

func testPrinter(t *testing.T, lang Lang, texts string) *Printer {
	t.Helper()
	catalogues, err := load(fstest.MapFS{"catalogues/x." + string(lang) + ".json": {Data: []byte(texts)}})
	if err != nil {
		t.Fatal(err)
	}
	p := *For(lang)
	p.messages = catalogues[lang]
	maps.Copy(p.messages, For(lang).messages)
	return &p
}

func TestT(t *testing.T) {
	p := testPrinter(t, Swedish, `{
		"x.plain": "Skapa nyckel",
		"x.name": "{{.name}} måste ha {{.what}}.",
		"x.twice": "{{.a}}{{.a}}",
		"x.users": {"one": "{{.count}} användare", "other": "{{.count}} användare"}
	}`)
	for _, tt := range []struct {
		key  string
		args []any
		want string
	}{
		{"x.plain", nil, "Skapa nyckel"},
		{"x.plain", []any{"name", "ignored"}, "Skapa nyckel"},
		{"x.name", []any{"what", "en huvudanvändare", "name", "Example Oy"}, "Example Oy måste ha en huvudanvändare."},
		{"x.name", []any{"name", "{{.what}}", "what", "ett"}, "{{.what}} måste ha ett."},
		{"x.name", []any{"name", "Example Oy"}, "Example Oy måste ha {{.what}}."},
		{"x.name", []any{"name"}, "{{.name}} måste ha {{.what}}."},
		{"x.twice", []any{"a", 12345}, "12\u00a034512\u00a0345"},
		{"x.twice", []any{"a", 90 * time.Second}, "2 minuter2 minuter"},
		{"x.twice", []any{"a", time.Date(2024, 7, 22, 12, 0, 0, 0, time.UTC)}, "22.7.202422.7.2024"},
		{"x.twice", []any{"a", []string{"x", "y", "z"}}, "x, y och zx, y och z"},
		{"x.twice", []any{"a", fault.Message{Key: "x.name", Args: []any{"name", "A", "what", "b"}}}, "A måste ha b.A måste ha b."},
		{"x.twice", []any{"a", English}, "enen"},
		{"x.users", []any{"count", 3}, "3 användare"},
		{"x.absent", nil, "x.absent"},
		{"x.absent", []any{"a", 1}, "x.absent"},
	} {
		if got := p.T(tt.key, tt.args...); got != tt.want {
			t.Errorf("T(%q, %v) = %q, want %q", tt.key, tt.args, got, tt.want)
		}
	}
}

func TestN(t *testing.T) {
	p := testPrinter(t, Finnish, `{
		"x.users": {"one": "{{.count}} käyttäjä: {{.name}}", "other": "{{.count}} käyttäjää: {{.name}}"},
		"x.plain": "sama {{.count}}"
	}`)
	for count, want := range map[int]string{
		0:    "0 käyttäjää: a",
		1:    "1 käyttäjä: a",
		-1:   "-1 käyttäjä: a",
		2:    "2 käyttäjää: a",
		21:   "21 käyttäjää: a",
		1000: "1\u00a0000 käyttäjää: a",
	} {
		if got := p.N("x.users", count, "name", "a"); got != want {
			t.Errorf("N(%d) = %q, want %q", count, got, want)
		}
	}
	if got := p.N("x.plain", 1); got != "sama 1" {
		t.Errorf("a text without plural forms: %q", got)
	}
	if got := p.N("x.absent", 1); got != "x.absent" {
		t.Errorf("an absent key: %q", got)
	}
}

func TestList(t *testing.T) {
	for _, tt := range []struct {
		lang  Lang
		items []string
		want  string
	}{
		{Swedish, nil, ""},
		{Swedish, []string{"a"}, "a"},
		{Swedish, []string{"a", "b"}, "a och b"},
		{Swedish, []string{"a", "b", "c"}, "a, b och c"},
		{Finnish, []string{"a", "b", "c"}, "a, b ja c"},
		{English, []string{"a", "b", "c"}, "a, b and c"},
	} {
		if got := For(tt.lang).List(tt.items); got != tt.want {
			t.Errorf("%s: List(%v) = %q, want %q", tt.lang, tt.items, got, tt.want)
		}
	}
}

func BenchmarkPlainText(b *testing.B) {
	ctx := With(context.Background(), Swedish)
	for b.Loop() {
		_ = From(ctx).T("common.ago.just_now")
	}
}

func BenchmarkPlural(b *testing.B) {
	p := For(Swedish)
	for b.Loop() {
		_ = p.N("common.ago.minutes", 3)
	}
}
