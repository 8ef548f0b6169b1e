package e2e

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Element names something on a page by its ARIA role and accessible name: it is looked for when it is used, and waited
// for. Hidden and inert things are not there.
type Element struct {
	tab    *Tab
	within *Element // nil for the whole page
	role   string
	name   string // empty for any
	part   bool   // the name has only to contain it
	saying string // a text that can be seen in it; empty for any
	nth    int    // which of several; 0 demands that there is one
}

// The roles that browsers give beside those of ARIA.
const disclosure = "DisclosureTriangle"

// One is the element with a role and a name.
func (t *Tab) One(role, name string) *Element { return &Element{tab: t, role: role, name: name} }

// Link is the link with a name.
func (t *Tab) Link(name string) *Element { return t.One("link", name) }

// Button is the button with a name.
func (t *Tab) Button(name string) *Element { return t.One("button", name) }

// Field is the text field with a label.
func (t *Tab) Field(name string) *Element { return t.One("textbox", name) }

// Heading is the heading with a name.
func (t *Tab) Heading(name string) *Element { return t.One("heading", name) }

// Dialog is the dialog with a name.
func (t *Tab) Dialog(name string) *Element { return t.One("dialog", name) }

// Fold is what opens and closes something folded, by its name.
func (t *Tab) Fold(name string) *Element { return t.One(disclosure, name) }

// Row is the row of a table in which a text can be seen.
func (t *Tab) Row(text string) *Element { return t.One("row", "").Saying(text) }

// One is the element with a role and a name inside of this one.
func (e *Element) One(role, name string) *Element {
	return &Element{tab: e.tab, within: e, role: role, name: name}
}

// Link is the link with a name inside of this element.
func (e *Element) Link(name string) *Element { return e.One("link", name) }

// Button is the button with a name inside of this element.
func (e *Element) Button(name string) *Element { return e.One("button", name) }

// Containing lets the name be a part of the accessible one.
func (e *Element) Containing() *Element {
	other := *e
	other.part = true
	return &other
}

// Saying takes only those in which a text can be seen.
func (e *Element) Saying(text string) *Element {
	other := *e
	other.saying = text
	return &other
}

// Nth takes the nth, from 1, where there are several.
func (e *Element) Nth(n int) *Element {
	other := *e
	other.nth = n
	return &other
}

func (e *Element) String() string {
	text := e.role
	if e.name != "" {
		text += fmt.Sprintf(" %q", e.name)
	}
	if e.saying != "" {
		text += fmt.Sprintf(" that says %q", e.saying)
	}
	if e.within != nil {
		text += " in " + e.within.String()
	}
	return text
}

// all gives the nodes of the accessibility tree that answer to the role and the name.
func (e *Element) all(ctx context.Context) ([]*accessibility.Node, error) {
	query := accessibility.QueryAXTreeParams{Role: e.role}
	if !e.part {
		query.AccessibleName = e.name
	}
	if e.within == nil {
		document, err := chromedp.Run(ctx, chromedp.Evaluate[*runtime.RemoteObject]("document"))
		if err != nil {
			return nil, err
		}
		query.ObjectID = document.ObjectID
	} else {
		around, err := e.within.find(ctx)
		if err != nil {
			return nil, err
		}
		query.BackendNodeID = around.BackendDOMNodeID
	}
	found, err := chromedp.Call(ctx, accessibility.QueryAXTree, query)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e, err)
	}
	var nodes []*accessibility.Node
	for _, node := range found.Nodes {
		if node.Ignored || !strings.Contains(plain(text(node.Name)), plain(e.name)) {
			continue
		}
		if e.saying != "" {
			said, err := callOn[string](ctx, node.BackendDOMNodeID, `function () { return this.innerText }`)
			if err != nil {
				return nil, err
			}
			if !strings.Contains(plain(said), plain(e.saying)) {
				continue
			}
		}
		nodes = append(nodes, node)
	}
	return nodes, nil
}

// find gives the one node.
func (e *Element) find(ctx context.Context) (*accessibility.Node, error) {
	nodes, err := e.all(ctx)
	switch {
	case err != nil:
		return nil, err
	case e.nth > 0 && len(nodes) >= e.nth:
		return nodes[e.nth-1], nil
	case len(nodes) == 0 || e.nth > 0:
		return nil, fmt.Errorf("there is no %s", e)
	case len(nodes) > 1:
		return nil, fmt.Errorf("there are %d times %s", len(nodes), e)
	}
	return nodes[0], nil
}

func text(value *accessibility.Value) string {
	if value == nil {
		return ""
	}
	return decode(value.Value)
}

// Shown waits until the element is there.
func (e *Element) Shown() {
	e.tab.tb.Helper()
	e.tab.until(func(ctx context.Context) error {
		_, err := e.find(ctx)
		return err
	})
}

// Gone waits until there is no such element.
func (e *Element) Gone() {
	e.tab.tb.Helper()
	e.Times(0)
}

// Times waits until there are so many of such elements.
func (e *Element) Times(n int) {
	e.tab.tb.Helper()
	e.tab.until(func(ctx context.Context) error {
		nodes, err := e.all(ctx)
		if err == nil && len(nodes) != n {
			err = fmt.Errorf("there are %d times %s, not %d", len(nodes), e, n)
		}
		return err
	})
}

// Names waits until there are such elements, and gives their accessible names.
func (e *Element) Names() []string {
	e.tab.tb.Helper()
	var names []string
	e.tab.until(func(ctx context.Context) error {
		nodes, err := e.all(ctx)
		if err == nil && len(nodes) == 0 {
			err = fmt.Errorf("there is no %s", e)
		}
		names = nil
		for _, node := range nodes {
			names = append(names, plain(text(node.Name)))
		}
		return err
	})
	return names
}

// Press presses the element with the mouse, once it is there, can be seen and nothing lies over it.
func (e *Element) Press() {
	e.tab.tb.Helper()
	e.tab.mouse(e.place())
}

// place waits until the element can be pressed, and gives the point.
func (e *Element) place() (x, y float64) {
	e.tab.tb.Helper()
	e.tab.until(func(ctx context.Context) (err error) {
		x, y, err = e.target(ctx)
		return err
	})
	return x, y
}

// target gives the point at which the element can be pressed.
func (e *Element) target(ctx context.Context) (x, y float64, err error) {
	at, err := on[[]float64](ctx, e, reach)
	if err == nil && len(at) == 0 {
		err = fmt.Errorf("%s cannot be seen, or something lies over it", e)
	}
	if err != nil {
		return 0, 0, err
	}
	return at[0], at[1], nil
}

// reach gives the middle of the element's first line, where it can be seen; if need be it is scrolled to the middle of the
// screen, where what always stays in sight does not lie over it.
const reach = `function () {
	for (const block of ["nearest", "center"]) {
		this.scrollIntoView({block, inline: "nearest", behavior: "instant"});
		const line = [...this.getClientRects()].find(({width, height}) => width > 0 && height > 0);
		if (!line) continue;
		const at = [line.x + line.width / 2, line.y + line.height / 2];
		if (this.contains(document.elementFromPoint(...at))) return at;
	}
	return [];
}`

// callOn calls a function in the page with a node as its this.
func callOn[T any](ctx context.Context, id cdp.BackendNodeID, function string, args ...any) (T, error) {
	resolved, err := chromedp.Call(ctx, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: id})
	if err != nil {
		var zero T
		return zero, err
	}
	on := func(p *runtime.CallFunctionOnParams) { p.ObjectID = resolved.Object.ObjectID }
	return chromedp.Run(ctx, chromedp.CallFunctionOn[T](function, on, args...))
}

// on calls a function of the page on the element.
func on[T any](ctx context.Context, e *Element, function string) (T, error) {
	node, err := e.find(ctx)
	if err != nil {
		var zero T
		return zero, err
	}
	return callOn[T](ctx, node.BackendDOMNodeID, function)
}

// ask waits for the element and calls a function of the page on it.
func ask[T any](e *Element, function string) T {
	e.tab.tb.Helper()
	var value T
	e.tab.until(func(ctx context.Context) (err error) {
		value, err = on[T](ctx, e, function)
		return err
	})
	return value
}

// Fill puts a text into a field in place of what is there, as typing does.
func (e *Element) Fill(value string) {
	e.tab.tb.Helper()
	e.place()
	ask[any](e, `function () { this.focus(); this.select() }`)
	if value == "" {
		e.tab.Keys("\b")
	} else {
		call(e.tab, input.InsertText, input.InsertTextParams{Text: value})
	}
	e.HasValue(value)
}

// HasValue waits until a field holds a text.
func (e *Element) HasValue(value string) {
	e.tab.tb.Helper()
	e.tab.until(func(ctx context.Context) error {
		holds, err := on[string](ctx, e, `function () { return this.value }`)
		if err == nil && holds != value {
			err = fmt.Errorf("%s holds %q, not %q", e, holds, value)
		}
		return err
	})
}

// Value gives what a field holds.
func (e *Element) Value() string {
	e.tab.tb.Helper()
	return ask[string](e, `function () { return this.value }`)
}

// Tick ticks or clears a check box or chooses a radio button.
func (e *Element) Tick(on bool) {
	e.tab.tb.Helper()
	if e.Ticked() != on {
		e.Press()
	}
	e.IsTicked(on)
}

// Ticked says whether a check box is ticked.
func (e *Element) Ticked() bool {
	e.tab.tb.Helper()
	return ask[bool](e, `function () { return this.checked }`)
}

// IsTicked waits until a check box or radio button is as it is to be.
func (e *Element) IsTicked(on bool) {
	e.tab.tb.Helper()
	e.tab.until(func(ctx context.Context) error {
		node, err := e.find(ctx)
		if err == nil && property(node, accessibility.PropertyNameChecked) != fmt.Sprint(on) {
			err = fmt.Errorf("%s: ticked is not %t", e, on)
		}
		return err
	})
}

func property(node *accessibility.Node, name accessibility.PropertyName) string {
	for _, p := range node.Properties {
		if p.Name == name {
			return text(p.Value)
		}
	}
	return ""
}

// IsCurrent waits until a link is the one of the page that is shown.
func (e *Element) IsCurrent() {
	e.tab.tb.Helper()
	e.tab.until(func(ctx context.Context) error {
		current, err := on[string](ctx, e, `function () { return this.ariaCurrent ?? "" }`)
		if err == nil && current != "page" {
			err = fmt.Errorf("%s is not the current page's", e)
		}
		return err
	})
}

// Says waits until a text can be seen in the element.
func (e *Element) Says(words string) {
	e.tab.tb.Helper()
	e.tab.until(func(ctx context.Context) error {
		said, err := e.text(ctx)
		if err == nil && !strings.Contains(said, plain(words)) {
			err = fmt.Errorf("%s does not say %q, but %q", e, words, said)
		}
		return err
	})
}

// Text gives what can be seen in the element.
func (e *Element) Text() string {
	e.tab.tb.Helper()
	return plain(ask[string](e, `function () { return this.innerText }`))
}

func (e *Element) text(ctx context.Context) (string, error) {
	said, err := on[string](ctx, e, `function () { return this.innerText }`)
	return plain(said), err
}

// Describes waits until the element's accessible description contains a text: a hint or an error that belongs to it.
func (e *Element) Describes(words string) {
	e.tab.tb.Helper()
	e.tab.until(func(ctx context.Context) error {
		node, err := e.find(ctx)
		if err == nil && !strings.Contains(plain(text(node.Description)), plain(words)) {
			err = fmt.Errorf("%s is not described by %q, but by %q", e, words, text(node.Description))
		}
		return err
	})
}

// HasFocus waits until the keyboard is at the element, or inside of it.
func (e *Element) HasFocus() {
	e.tab.tb.Helper()
	e.tab.until(func(ctx context.Context) error {
		has, err := on[bool](ctx, e, `function () { return this.contains(document.activeElement) }`)
		if err == nil && !has {
			where, _ := evaluate[string](ctx, `document.activeElement.outerHTML.slice(0, 200)`)
			err = fmt.Errorf("the focus is not at %s, but at %s", e, where)
		}
		return err
	})
}

// Focused gives the role and the name of what has the focus.
func (t *Tab) Focused() string {
	t.tb.Helper()
	var focused string
	t.until(func(ctx context.Context) error {
		object, err := chromedp.Run(ctx, chromedp.Evaluate[*runtime.RemoteObject]("document.activeElement"))
		if err != nil {
			return err
		}
		tree, err := chromedp.Call(ctx, accessibility.GetPartialAXTree, accessibility.GetPartialAXTreeParams{ObjectID: object.ObjectID, FetchRelatives: new(bool)})
		if err != nil {
			return err
		}
		if len(tree.Nodes) == 0 {
			return errors.New("nothing has the focus")
		}
		focused = plain(text(tree.Nodes[0].Role) + " " + text(tree.Nodes[0].Name))
		return nil
	})
	return focused
}

// Focus takes the keyboard to the element.
func (e *Element) Focus() {
	e.tab.tb.Helper()
	ask[any](e, `function () { this.focus() }`)
	e.HasFocus()
}
