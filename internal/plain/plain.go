// Package plain keeps what people write free of characters that cannot be seen: those that turn the direction of the text
// around them, those that make two texts different that look the same, and those that make a name look like none.
package plain

import (
	"strings"
	"unicode"
)

const (
	nonJoiner   = '\u200c'
	joiner      = '\u200d'
	blankOfDots = '\u2800' // a cell of Braille without dots
)

// Hidden says whether a character only does something to others and is not seen itself. The two joiners are not among them: words of
// some scripts, and some emoji, are written with them.
func Hidden(r rune) bool {
	return unicode.Is(unicode.Cf, r) && r != joiner && r != nonJoiner && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// Strip gives a text without hidden characters.
func Strip(text string) string {
	if !strings.ContainsFunc(text, Hidden) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if Hidden(r) {
			return -1
		}
		return r
	}, text)
}

// Line gives a text of one line as it is kept: without hidden characters, without space and joiners at its ends, and empty
// if there is nothing in it to be seen.
func Line(text string) string {
	text = strings.TrimFunc(Strip(text), func(r rune) bool { return unicode.IsSpace(r) || joins(r) })
	if !strings.ContainsFunc(text, visible) && !strings.ContainsFunc(text, Breaks) {
		return ""
	}
	return text
}

// Breaks says whether a character has no place within a line.
func Breaks(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
}

// Odd says whether a text has anything that is not seen, in an address or the like, where nothing is written with it.
func Odd(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		return unicode.Is(unicode.Cf, r) || ignorable(r) || unicode.IsSpace(r) || Breaks(r)
	})
}

func visible(r rune) bool {
	return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) && !ignorable(r)
}

func ignorable(r rune) bool {
	return unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) || r == blankOfDots
}

func joins(r rune) bool { return r == joiner || r == nonJoiner }
