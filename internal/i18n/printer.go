package i18n

import (
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"omapostipro/internal/fault"
)

// Printer writes texts, times and numbers in one language. It may be used by many goroutines at once.
type Printer struct {
	lang     Lang
	tag      language.Tag
	messages catalogue
	format   format
	zone     *time.Location
}

// Lang is the language that the printer speaks.
func (p *Printer) Lang() Lang { return p.lang }

// T gives the text of a key. Arguments are name/value pairs that fill {{.name}}: a value is written as it reads in the
// language, an int as a quantity (Number), a time.Time as a Date, a time.Duration as a Duration, []string as a List, and
// a fault.Message as its own text; so a number that counts nothing, as a contract's, is given as a string. A key without
// a text gives the key.
func (p *Printer) T(key string, args ...any) string {
	m, ok := p.messages[key]
	if !ok {
		return key
	}
	return p.fill(m.other, args)
}

// N gives the text of a key in the plural form of count, which also fills {{.count}}.
func (p *Printer) N(key string, count int, args ...any) string {
	m, ok := p.messages[key]
	if !ok {
		return key
	}
	t, ok := m.forms[p.pluralForm(count)]
	if !ok {
		t = m.other
	}
	return p.fill(t, append([]any{"count", count}, args...))
}

func (p *Printer) pluralForm(count int) plural.Form {
	return plural.Cardinal.MatchPlural(p.tag, max(count, -count), 0, 0, 0, 0)
}

func (p *Printer) fill(t template, args []any) string {
	if t.segments == nil {
		return t.text
	}
	var b strings.Builder
	b.Grow(2 * len(t.text))
	for _, s := range t.segments {
		b.WriteString(s.text)
		if s.name != "" {
			b.WriteString(p.argument(s.name, args))
		}
	}
	return b.String()
}

// argument leaves a placeholder that no argument fills as it is written in the catalogue.
func (p *Printer) argument(name string, args []any) string {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return p.value(args[i+1])
		}
	}
	return "{{." + name + "}}"
}

func (p *Printer) value(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return p.Number(v)
	case time.Duration:
		return p.Duration(v)
	case time.Time:
		return p.Date(v)
	case []string:
		return p.List(v)
	case fault.Message:
		return p.T(v.Key, v.Args...)
	}
	return fmt.Sprint(v)
}

// List joins names as one reads them aloud: "a, b och c".
func (p *Printer) List(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return p.T("common.list.last", "head", strings.Join(items[:last], ", "), "last", items[last])
}
