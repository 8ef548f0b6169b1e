package i18n

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"golang.org/x/text/feature/plural"
)

//go:embed catalogues/*.json
var files embed.FS

// catalogue holds the messages of one language by key.
type catalogue map[string]message

// message is one text, parsed. Without plural forms it has only other.
type message struct {
	other template
	forms map[plural.Form]template // nil where the text does not depend on a number
}

// template is a text cut at its placeholders. Most have none, and are only text.
type template struct {
	text     string
	segments []segment // nil without placeholders
}

// segment is a piece of text and the placeholder after it; the last one may have none.
type segment struct {
	text string
	name string
}

var pluralForms = map[string]plural.Form{
	"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many, "other": plural.Other,
}

// load merges the catalogues of all areas. Everything that is wrong with them is in the error: a name that is no
// area.language.json, a key in two files or outside its area, a text that cannot be parsed.
func load(fsys fs.FS) (map[Lang]catalogue, error) {
	catalogues := make(map[Lang]catalogue, len(langs))
	for _, lang := range langs {
		catalogues[lang] = catalogue{}
	}
	names, err := fs.Glob(fsys, "catalogues/*.json")
	if err != nil {
		return nil, fmt.Errorf("i18n: %w", err)
	}
	var faults []error
	for _, name := range names {
		if err := loadFile(fsys, name, catalogues); err != nil {
			faults = append(faults, fmt.Errorf("i18n: %s: %w", name, err))
		}
	}
	return catalogues, errors.Join(faults...)
}

func loadFile(fsys fs.FS, name string, catalogues map[Lang]catalogue) error {
	base := strings.TrimSuffix(name[strings.LastIndexByte(name, '/')+1:], ".json")
	area, suffix, _ := strings.Cut(base, ".")
	lang, ok := Parse(suffix)
	if !ok || area == "" {
		return errors.New("a catalogue is named area.language.json")
	}
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	entries, err := readEntries(data)
	if err != nil {
		return err
	}
	var faults []error
	for _, e := range entries {
		parsed, err := parseMessage(e.value)
		_, again := catalogues[lang][e.key]
		switch {
		case err != nil:
			faults = append(faults, fmt.Errorf("%s: %w", e.key, err))
		case again:
			faults = append(faults, fmt.Errorf("%s: the key is defined twice", e.key))
		case !strings.HasPrefix(e.key, area+"."):
			faults = append(faults, fmt.Errorf("%s: the key does not begin with its area", e.key))
		}
		catalogues[lang][e.key] = parsed
	}
	return errors.Join(faults...)
}

type entry struct {
	key   string
	value json.RawMessage
}

// readEntries keeps a key that stands twice in one file, which decoding into a map would hide.
func readEntries(data []byte) ([]entry, error) {
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.Join(errors.New("a catalogue is one JSON object"), err)
	}
	var entries []entry
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		e := entry{key: fmt.Sprint(key)}
		if err := decoder.Decode(&e.value); err != nil {
			return nil, fmt.Errorf("%s: %w", e.key, err)
		}
		entries = append(entries, e)
	}
	if _, err := decoder.Token(); err != nil {
		return nil, err
	}
	return entries, nil
}

func parseMessage(value json.RawMessage) (message, error) {
	var text string
	if json.Unmarshal(value, &text) == nil {
		other, err := parseTemplate(text)
		return message{other: other}, err
	}
	var texts map[string]string
	if err := json.Unmarshal(value, &texts); err != nil {
		return message{}, errors.New("a value is a string or one string a plural form")
	}
	m := message{forms: make(map[plural.Form]template, len(texts))}
	for name, text := range texts {
		form, known := pluralForms[name]
		if !known {
			return message{}, fmt.Errorf("%q is no plural form", name)
		}
		t, err := parseTemplate(text)
		if err != nil {
			return message{}, err
		}
		m.forms[form] = t
	}
	other, ok := m.forms[plural.Other]
	if !ok {
		return message{}, errors.New(`the plural form "other" is missing`)
	}
	m.other = other
	return m, nil
}

func parseTemplate(text string) (template, error) {
	if strings.TrimSpace(text) == "" {
		return template{}, errors.New("the text is empty")
	}
	t := template{text: text}
	rest := text
	for {
		before, after, found := strings.Cut(rest, "{{")
		if !found {
			break
		}
		name, tail, closed := strings.Cut(after, "}}")
		if !closed || !strings.HasPrefix(name, ".") || len(name) < 2 || strings.ContainsAny(name, " {}") {
			return template{}, fmt.Errorf("a placeholder is written {{.name}}: %s", text)
		}
		t.segments = append(t.segments, segment{text: before, name: name[1:]})
		rest = tail
	}
	if t.segments != nil {
		t.segments = append(t.segments, segment{text: rest})
	}
	return t, nil
}
