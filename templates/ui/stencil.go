package ui

import (
	"bytes"
	"context"
	"io"

	"github.com/a-h/templ"
)

// Stencil is a component that was drawn once, with marks where values go. To fill it costs a small part of what drawing
// does: it is for the rows of long lists, which differ in a few words.
type Stencil struct {
	pieces []string // what stands before each mark, and after the last
	marks  []int
}

// HTML is what may stand in a page as it is.
type HTML string

// Text is a text as a page writes it.
func Text(s string) HTML { return HTML(templ.EscapeString(s)) }

// Draw gives what a component draws.
func Draw(ctx context.Context, component templ.Component) (HTML, error) {
	var b bytes.Buffer
	err := component.Render(ctx, &b)
	return HTML(b.String()), err
}

// Marks are characters that Unicode promises to use for nothing, and no text of a page has.
const (
	firstMark = '\uFDD0'
	lastMark  = '\uFDEF'
)

// Mark stands for a value, counted from 0, in the component that a Stencil is cut from.
func Mark(i int) string { return string(firstMark + rune(i)) }

// CutStencil draws a component that has marks in it, and nothing that a user wrote.
func CutStencil(ctx context.Context, component templ.Component) (Stencil, error) {
	drawn, err := Draw(ctx, component)
	var s Stencil
	start := 0
	for i, r := range drawn {
		if firstMark <= r && r <= lastMark {
			s.pieces = append(s.pieces, string(drawn[start:i]))
			s.marks = append(s.marks, int(r-firstMark))
			start = i + len(string(r))
		}
	}
	s.pieces = append(s.pieces, string(drawn[start:]))
	return s, err
}

// Fill draws the component with values in place of its marks.
func (s Stencil) Fill(w io.Writer, values ...HTML) error {
	for i, mark := range s.marks {
		if _, err := io.WriteString(w, s.pieces[i]); err != nil {
			return err
		}
		if _, err := io.WriteString(w, string(values[mark])); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, s.pieces[len(s.marks)])
	return err
}
