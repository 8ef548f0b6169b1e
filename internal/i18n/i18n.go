package i18n

import (
	"context"
	"sync"
	"time"

	"golang.org/x/text/language"
)

// Lang is a language of the product; its value is the BCP 47 tag that HTML's lang attribute takes.
type Lang string

// The languages that the product speaks.
const (
	Swedish Lang = "sv"
	Finnish Lang = "fi"
	English Lang = "en"
)

// Default is spoken until somebody chooses otherwise, whatever their browser prefers.
const Default = Swedish

// langs is the order in which languages are offered.
var langs = [...]Lang{Swedish, Finnish, English}

// Language is a language with the name that its speakers have for it.
type Language struct {
	Lang Lang
	Name string
}

// Languages lists the languages in the order in which they are offered.
func Languages() []Language {
	list := make([]Language, len(langs))
	for i, lang := range langs {
		list[i] = Language{Lang: lang, Name: For(lang).T("common.language")}
	}
	return list
}

// Parse reads what a form, a cookie or a database row holds. Anything but one of the languages is not ok.
func Parse(s string) (lang Lang, ok bool) {
	for _, lang := range langs {
		if string(lang) == s {
			return lang, true
		}
	}
	return Default, false
}

type contextKey struct{}

// With gives a context whose printer speaks lang.
func With(ctx context.Context, lang Lang) context.Context {
	return context.WithValue(ctx, contextKey{}, For(lang))
}

// WithZone gives a context whose printer writes moments in a time zone other than the carrier's; a Day stays what it is.
func WithZone(ctx context.Context, zone *time.Location) context.Context {
	p := *From(ctx)
	p.zone = zone
	return context.WithValue(ctx, contextKey{}, &p)
}

// From gives the printer of a context: Swedish where none was chosen.
func From(ctx context.Context) *Printer {
	if p, ok := ctx.Value(contextKey{}).(*Printer); ok {
		return p
	}
	return For(Default)
}

// For gives the printer of a language, for what has no context: a mail, a document. An unknown language gets Swedish.
func For(lang Lang) *Printer {
	if p, ok := printers()[lang]; ok {
		return p
	}
	return printers()[Default]
}

// printers parses the embedded catalogues on first use. A file that cannot be read is a mistake of the build which the
// tests of this package find; there is nothing to go on with then.
var printers = sync.OnceValue(func() map[Lang]*Printer {
	catalogues, err := load(files)
	if err != nil {
		panic(err)
	}
	printers := make(map[Lang]*Printer, len(langs))
	for _, lang := range langs {
		printers[lang] = &Printer{
			lang:     lang,
			tag:      language.Make(string(lang)),
			messages: catalogues[lang],
			format:   formats[lang],
			zone:     zone,
		}
	}
	return printers
})
