package plain_test

import (
	"testing"

	"omapostipro/internal/plain"
)

func TestLine(t *testing.T) {
	for text, want := range map[string]string{
		"Åsa Öberg": "Åsa Öberg", " \u00a0Åsa\t": "Åsa", "": "", " ": "",
		"\u200bÅsa\u2060": "Åsa", "Å\u200bsa": "Åsa", "a\u00adb": "ab", "\ufeffÅsa": "Åsa",
		"\u202eRTL": "RTL", "\u2067כהן\u2069": "כהן", "\u200fכהן": "כהן", "\u061cمحمد": "محمد",
		"\u200b": "", "\u2060 \u200b": "", "\u200d": "", "\u3164": "", "\u115f": "", "\u2800": "", "\ufe0f": "", "\U000e0041": "",
		"👩\u200d👩\u200d👧": "👩\u200d👩\u200d👧", "می\u200cخواهم": "می\u200cخواهم", "\u200dÅsa\u200c": "Åsa", "❤\ufe0f": "❤\ufe0f",
		"\u0600١": "\u0600١", "-": "-", "e\u0301": "e\u0301", "a\x00b": "a\x00b", "\x00": "\x00",
	} {
		if got := plain.Line(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func TestOdd(t *testing.T) {
	for text, want := range map[string]bool{
		"main.user@example.com": false, "åsa@exämple.fi": false, "用户@例子.广告": false, "e\u0301@example.com": false,
		"a\u200b@b.fi": true, "a\u200d@b.fi": true, "\u202ea@b.fi": true, "a\u3164@b.fi": true, "a\ufe0f@b.fi": true, "a\u00a0@b.fi": true, "a\u2028@b.fi": true, "a\u00ad@b.fi": true,
	} {
		if plain.Odd(text) != want {
			t.Errorf("%q: not %t", text, want)
		}
	}
}
