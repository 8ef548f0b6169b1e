package label

import (
	"slices"
	"strings"
	"testing"
)

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"":                      "",
		"  Sanna\t Andersson\n": "Sanna Andersson",
		"Åbo äö €":              "Åbo äö €",
		"A\u030abo":             "Åbo", // put together
		"Łódź Çeşme Đặng":       "Łódź Çeşme Đặng",
		"Достоевская Ґанна":     "Достоевская Ґанна",
		"Αθήνα":                 "Αθήνα",
		"ﬁlial Ⅷ ４":             "filial VIII 4",
		"gift 🎁!":               "gift □!",
		"שלום":                  "□□□□",
		"東京":                    "□□",
		"a\u200db\u202ec\ufeff": "abc", // no shape of their own
		"soft\u00adhyphen":      "softhyphen",
		"bell\x07and\x00null":   "bell and null",
		"broken \xff":           "broken □",
		"👩\u200d👧\ufe0f":        "□□",
	} {
		if got := Printable(text); got != want {
			t.Errorf("Printable(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestBothFacesHaveTheSameCharacters(t *testing.T) {
	characters := 0
	for r := range rune(len(inter().advances[regular])) {
		if inFont(r) {
			characters++
		}
		if inFont(r) != (bold.advance(r) > 0) {
			t.Errorf("one face lacks %q", r)
		}
	}
	if characters < 900 || len(inter().advances[regular]) != len(inter().advances[bold]) {
		t.Errorf("%d characters", characters)
	}
}

func TestEveryCaptionCanBePrinted(t *testing.T) {
	for _, caption := range []string{
		brand, captionSender, captionReceiver, captionParcel, captionWeight, captionShipDate, captionContract, captionPickup, captionAddOns,
		captionCOD, captionAccount, captionPayment, captionReference, captionOrder, captionNote, captionRouting, captionPhone, wordTest,
		captionTest, captionFoot, string(replacement),
	} {
		if Printable(caption) != caption {
			t.Errorf("%q is printed as %q", caption, Printable(caption))
		}
	}
}

func TestWrap(t *testing.T) {
	s := style{regular, 10}
	room := s.width("Sanna Andersson")
	for text, want := range map[string][]string{
		"":                              nil,
		"Sanna Andersson":               {"Sanna Andersson"},
		"Sanna Andersson r.f.":          {"Sanna Andersson", "r.f."},
		"a " + strings.Repeat("W", 15):  {"a", "WWWWWWWW", "WWWWWWW"},
		strings.Repeat("W", 9) + " i i": {"WWWWWWWW", "W i i"},
	} {
		if got := s.wrap(text, room); !slices.Equal(got, want) {
			t.Errorf("wrap(%q) = %q, want %q", text, got, want)
		}
	}
	if got := s.wrap("åäö", -1); !slices.Equal(got, []string{"å", "ä", "ö"}) {
		t.Errorf("where there is no room at all: %q", got)
	}
}

func TestHeadline(t *testing.T) {
	s := style{bold, 10}
	room := s.width("Åländska Utvandrarförening")
	for text, want := range map[string]struct {
		size  float64
		lines []string
	}{
		"Åländska":                               {10, []string{"Åländska"}},
		"Åländska Utvandrarföreningen":           {9.2, []string{"Åländska Utvandrarföreningen"}},            // shrunk
		"Åländska Utvandrarföreningen stiftelse": {8, []string{"Åländska", "Utvandrarföreningen stiftelse"}}, // and balanced
	} {
		b := headline(s, black, room, 0.8, text)
		var lines []string
		for _, l := range b.texts {
			lines = append(lines, l.text)
			if l.style.size < want.size-0.2 || l.style.size > want.size+0.2 {
				t.Errorf("%q is set in %.2f points, want %.1f", text, l.style.size, want.size)
			}
		}
		if !slices.Equal(lines, want.lines) {
			t.Errorf("%q is set as %q, want %q", text, lines, want.lines)
		}
	}
}
