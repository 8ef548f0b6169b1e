package i18n

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestCataloguesAreWellFormed(t *testing.T) {
	if _, err := load(files); err != nil {
		t.Error(err)
	}
}

func TestCataloguesAgree(t *testing.T) {
	catalogues, err := load(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range langs[1:] {
		for _, difference := range compare(catalogues[Default], catalogues[lang]) {
			t.Errorf("%s and %s: %s", Default, lang, difference)
		}
	}
	for _, lang := range langs {
		for key, m := range catalogues[lang] {
			for count := range 200 {
				if _, ok := m.forms[For(lang).pluralForm(count)]; m.forms != nil && !ok {
					t.Errorf("%s: %s has no form for %d", lang, key, count)
					break
				}
			}
		}
	}
}

// compare lists what differs between the messages of two languages.
func compare(a, b catalogue) []string {
	var differences []string
	for _, key := range slices.Sorted(maps.Keys(a)) {
		other, ok := b[key]
		switch {
		case !ok:
			differences = append(differences, key+" is only in the first")
		case !slices.Equal(a[key].placeholders(), other.placeholders()):
			differences = append(differences, key+" has other placeholders")
		case (a[key].forms == nil) != (other.forms == nil):
			differences = append(differences, key+" has plural forms in one of them")
		}
	}
	for _, key := range slices.Sorted(maps.Keys(b)) {
		if _, ok := a[key]; !ok {
			differences = append(differences, key+" is only in the second")
		}
	}
	return differences
}

// placeholders are those of every form together: "en användare" may leave out the number.
func (m message) placeholders() []string {
	names := map[string]bool{}
	for _, t := range append(slices.Collect(maps.Values(m.forms)), m.other) {
		for _, s := range t.segments {
			if s.name != "" {
				names[s.name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func TestCompareFindsDifferences(t *testing.T) {
	read := func(text string) catalogue {
		catalogues, err := load(fstest.MapFS{"catalogues/x.sv.json": {Data: []byte(text)}})
		if err != nil {
			t.Fatal(err)
		}
		return catalogues[Swedish]
	}
	a := read(`{"x.same": "a {{.b}}", "x.gone": "a", "x.name": "{{.a}}", "x.plural": {"one": "a", "other": "b"}}`)
	b := read(`{"x.same": "{{.b}} c", "x.new": "a", "x.name": "{{.b}}", "x.plural": "b"}`)
	want := []string{
		"x.gone is only in the first",
		"x.name has other placeholders",
		"x.plural has plural forms in one of them",
		"x.new is only in the second",
	}
	if got := compare(a, b); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		want  string
	}{
		"area with a point":      {map[string]string{"x.sv.json": `{"x.a": "1"}`, "x.y.sv.json": `{}`}, "area.language.json"},
		"key twice in a file":    {map[string]string{"x.sv.json": `{"x.a": "1", "x.a": "2"}`}, "x.a: the key is defined twice"},
		"key of another area":    {map[string]string{"x.sv.json": `{"y.a": "1"}`}, "y.a: the key does not begin with its area"},
		"unknown language":       {map[string]string{"x.de.json": `{}`}, "area.language.json"},
		"no area":                {map[string]string{".sv.json": `{}`}, "area.language.json"},
		"array":                  {map[string]string{"x.sv.json": `[]`}, "one JSON object"},
		"broken":                 {map[string]string{"x.sv.json": `{"x.a": `}, "EOF"},
		"cut short":              {map[string]string{"x.sv.json": `{"x.a": "1"`}, "EOF"},
		"number":                 {map[string]string{"x.sv.json": `{"x.a": 1}`}, "a value is a string"},
		"empty":                  {map[string]string{"x.sv.json": `{"x.a": " "}`}, "empty"},
		"empty form":             {map[string]string{"x.sv.json": `{"x.a": {"other": ""}}`}, "empty"},
		"no other":               {map[string]string{"x.sv.json": `{"x.a": {"one": "1"}}`}, `"other" is missing`},
		"unknown form":           {map[string]string{"x.sv.json": `{"x.a": {"other": "1", "several": "2"}}`}, "no plural form"},
		"placeholder not closed": {map[string]string{"x.sv.json": `{"x.a": "{{.a"}`}, "written {{.name}}"},
		"placeholder of spaces":  {map[string]string{"x.sv.json": `{"x.a": "{{ .a }}"}`}, "written {{.name}}"},
		"placeholder unnamed":    {map[string]string{"x.sv.json": `{"x.a": "{{.}}"}`}, "written {{.name}}"},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := fstest.MapFS{}
			for name, text := range tt.files {
				fsys["catalogues/"+name] = &fstest.MapFile{Data: []byte(text)}
			}
			_, err := load(fsys)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}
