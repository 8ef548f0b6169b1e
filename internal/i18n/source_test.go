package i18n

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestSourceAndCataloguesAgree reads the product's code, for keys that have no text and texts that no code uses.
func TestSourceAndCataloguesAgree(t *testing.T) {
	catalogues, err := load(files)
	if err != nil {
		t.Fatal(err)
	}
	check := newSourceCheck(catalogues[Default])
	err = filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "bin" || strings.HasPrefix(entry.Name(), ".") && path != "../.."):
			return filepath.SkipDir
		case entry.IsDir(), strings.HasSuffix(path, "_test.go"):
			return nil
		case strings.HasSuffix(path, ".templ"):
			return readFile(path, check.readTemplate)
		case strings.HasSuffix(path, ".go"):
			return readFile(path, check.read)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range check.faults() {
		t.Error(fault)
	}
}

func readFile(path string, read func(path string, source []byte) error) error {
	source, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return read(path, source)
}

// sourceCheck compares the keys that code names with those of a catalogue.
type sourceCheck struct {
	messages catalogue
	literals map[string]bool // every string in the code
	patterns map[string]bool // of i18n:keys directives, without their star
	found    []string
	dynamic  map[string]string // the beginnings of keys that are put together, with their place
}

func newSourceCheck(messages catalogue) *sourceCheck {
	return &sourceCheck{
		messages: messages,
		literals: map[string]bool{},
		patterns: map[string]bool{},
		dynamic:  map[string]string{},
	}
}

// directive declares keys that are put together: //i18n:keys area.*
const directive = "//i18n:keys "

func (c *sourceCheck) read(path string, source []byte) error {
	positions := token.NewFileSet()
	file, err := parser.ParseFile(positions, path, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, group := range file.Comments {
		for _, comment := range group.List {
			c.directive(comment.Text)
		}
	}
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BasicLit:
			if text, ok := literal(node); ok {
				c.literals[text] = true
			}
		case *ast.CallExpr:
			c.call(positions.Position(node.Pos()), node)
		case *ast.CompositeLit:
			c.composite(positions.Position(node.Pos()), node)
		}
		return true
	})
	return nil
}

// readTemplate reads the directives of a template, whose calls are read in the code that is generated from it.
func (c *sourceCheck) readTemplate(_ string, source []byte) error {
	for line := range strings.Lines(string(source)) {
		c.directive(strings.TrimSpace(line))
	}
	return nil
}

func (c *sourceCheck) directive(comment string) {
	pattern, ok := strings.CutPrefix(comment, directive)
	if !ok {
		return
	}
	beginning, ok := strings.CutSuffix(pattern, "*")
	if !ok || strings.ContainsAny(beginning, " *") {
		c.found = append(c.found, fmt.Sprintf("%q: a directive has one pattern, area.*", comment))
		return
	}
	c.patterns[beginning] = true
}

// keyArgument says which argument of a method or function is a key, and how many come before the name/value pairs.
var keyArgument = map[string]struct{ key, pairs int }{
	"T":   {0, 1},
	"N":   {0, 2},
	"At":  {1, 2},
	"New": {1, 2}, // of package fault
}

func (c *sourceCheck) call(at token.Position, call *ast.CallExpr) {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	name := selector.Sel.Name
	argument, ok := keyArgument[name]
	if !ok || len(call.Args) <= argument.key {
		return
	}
	if of, ok := selector.X.(*ast.Ident); name == "New" && (!ok || of.Name != "fault") {
		return
	}
	given := map[string]bool{}
	if name == "N" {
		given["count"] = true
	}
	for i := argument.pairs; i < len(call.Args); i += 2 {
		name, ok := literal(call.Args[i])
		if !ok {
			given = nil // names that only the running program knows
			break
		}
		given[name] = true
	}
	c.key(at, call.Args[argument.key], given)
}

func (c *sourceCheck) composite(at token.Position, composite *ast.CompositeLit) {
	of, ok := composite.Type.(*ast.SelectorExpr)
	if !ok || of.Sel.Name != "Message" {
		return
	}
	for _, element := range composite.Elts {
		if field, ok := element.(*ast.KeyValueExpr); ok {
			if name, ok := field.Key.(*ast.Ident); ok && name.Name == "Key" {
				c.key(at, field.Value, nil)
			}
		}
	}
}

// key checks an expression that is used as a key. The names of the arguments given with it are nil if unknown.
func (c *sourceCheck) key(at token.Position, expression ast.Expr, given map[string]bool) {
	if sum, ok := expression.(*ast.BinaryExpr); ok {
		for {
			left, ok := sum.X.(*ast.BinaryExpr)
			if !ok {
				break
			}
			sum = left
		}
		if beginning, ok := literal(sum.X); ok {
			c.dynamic[beginning] = at.String()
		}
		return
	}
	key, ok := literal(expression)
	if !ok {
		return
	}
	m, ok := c.messages[key]
	if !ok {
		c.found = append(c.found, fmt.Sprintf("%s: the key %q has no text", at, key))
		return
	}
	for _, name := range m.placeholders() {
		if given != nil && !given[name] {
			c.found = append(c.found, fmt.Sprintf("%s: {{.%s}} of %q is not given", at, name, key))
		}
	}
}

func literal(expression ast.Expr) (string, bool) {
	lit, ok := expression.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

func (c *sourceCheck) faults() []string {
	found := c.found
	for _, beginning := range slices.Sorted(maps.Keys(c.dynamic)) {
		if !c.declared(beginning) {
			found = append(found, fmt.Sprintf("%s: keys put together from %q need a directive %s%s*", c.dynamic[beginning], beginning, directive, beginning))
		}
	}
	used := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(c.messages)) {
		for pattern := range c.patterns {
			if strings.HasPrefix(key, pattern) {
				used[pattern] = true
			}
		}
		if !c.literals[key] && !c.declared(key) {
			found = append(found, fmt.Sprintf("no code uses the key %q", key))
		}
	}
	for _, pattern := range slices.Sorted(maps.Keys(c.patterns)) {
		if !used[pattern] {
			found = append(found, fmt.Sprintf("no key begins with %q, which a directive declares", pattern))
		}
	}
	return found
}

func (c *sourceCheck) declared(key string) bool {
	for pattern := range c.patterns {
		if strings.HasPrefix(key, pattern) {
			return true
		}
	}
	return false
}

func TestSourceCheckFinds(t *testing.T) {
	messages := catalogue{}
	for key, text := range map[string]string{
		"x.plain": "a", "x.name": "{{.name}}", "x.unused": "a", "x.table": "a", "x.field": "a {{.max}}", "kind.a": "a", "part.a": "a", "x.users": "{{.count}}",
	} {
		parsed, err := parseTemplate(text)
		if err != nil {
			t.Fatal(err)
		}
		messages[key] = message{other: parsed}
	}
	source := `package x

import "x.unused"

var table = []string{"x.table"}

func f() {
	p.T("x.plain")
	p.T("x.name")
	p.T("x.name", "name", 1)
	p.T("x.name", arguments...)
	p.T("x.absent")
	p.N("x.users", 3)
	//i18n:keys kind.*
	p.T("kind." + k)
	//i18n:keys nothing.*
	//i18n:keys x.* kind.*
	p.T("part." + k + ".x")
	fault.New(fault.Invalid, "x.wrong").At("field", "x.field", "max", 3).At(field, "x.field", "min", 3)
	errors.New("x", "x.other")
	_ = fault.Message{Key: "x.nowhere"}
}
`
	check := newSourceCheck(messages)
	if err := check.read("x.go", []byte(source)); err != nil {
		t.Fatal(err)
	}
	if err := check.readTemplate("x.templ", []byte("templ a() {\n\t//i18n:keys absent.*\n}\n")); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`"//i18n:keys x.* kind.*": a directive has one pattern, area.*`,
		`x.go:9:2: {{.name}} of "x.name" is not given`,
		`x.go:12:2: the key "x.absent" has no text`,
		`x.go:19:2: {{.max}} of "x.field" is not given`,
		`x.go:19:2: the key "x.wrong" has no text`,
		`x.go:21:6: the key "x.nowhere" has no text`,
		`x.go:18:2: keys put together from "part." need a directive //i18n:keys part.*`,
		`no code uses the key "part.a"`,
		`no code uses the key "x.unused"`,
		`no key begins with "absent.", which a directive declares`,
		`no key begins with "nothing.", which a directive declares`,
	}
	if got := check.faults(); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
