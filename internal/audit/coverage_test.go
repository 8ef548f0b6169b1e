package audit_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"omapostipro/internal/i18n"
)

// unrecorded are the exported functions that change something and leave no event, each with why.
var unrecorded = map[string]string{
	"apikey.Service.Flush":      "when keys were last used is no act",
	"application.Service.Flush": "when accounts were last used is no act",
	"session.Store.Flush":       "when sessions were last seen is no act",
	"mail.worker.Work":          "what became of a letter is in its row",
	"eventlog.DropBefore":       "how long events are kept is the operator's setting",
	"postgres.DB.Maintain":      "what has expired is nobody's act",
	"shipment.Orders.KeepPace":  "the pace is the operator's setting",
}

// changes are the methods of a database by which a function changes it; records are what leaves an event.
var (
	changes = []string{"InTx", "Write", "Exec"}
	records = []string{"audit.Record", "audit.Queue", "audit.QueueAll"}
)

// function is a function of the product: what it calls in its own package, and what it does itself.
type function struct {
	exported         bool
	calls            []string
	changes, records bool
}

// TestEveryChangeLeavesAnEvent reads the code of the features: a method that anybody can call and that changes something
// writes an event, by itself or by what it calls.
func TestEveryChangeLeavesAnEvent(t *testing.T) {
	packages := map[string]map[string]*function{}
	actions := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && slices.Contains([]string{"bench", "e2e", "tools", "demotest", "postgrestest", "embedded", "cmd", "testdata"}, entry.Name()) {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		functions := packages[file.Name.Name]
		if functions == nil {
			functions = map[string]*function{}
			packages[file.Name.Name] = functions
		}
		for _, declaration := range file.Decls {
			if declared, ok := declaration.(*ast.FuncDecl); ok && declared.Body != nil {
				functions[nameOf(declared)] = read(declared)
			}
		}
		collectActions(file, actions)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	used, changing := map[string]bool{}, 0
	for pkg, functions := range packages {
		for name, f := range functions {
			if !f.exported || !reaches(functions, name, func(f *function) bool { return f.changes }) {
				continue
			}
			changing++
			full := pkg + "." + name
			if reaches(functions, name, func(f *function) bool { return f.records }) {
				continue
			}
			if unrecorded[full] == "" {
				t.Errorf("%s changes something and leaves no event", full)
			}
			used[full] = true
		}
	}
	if changing < 20 {
		t.Errorf("only %d changing methods were found: does this test still know them?", changing)
	}
	for name := range unrecorded {
		if !used[name] {
			t.Errorf("%s needs no exception", name)
		}
	}
	// Each action has words in the log.
	if len(actions) < 15 {
		t.Errorf("only %d actions were found", len(actions))
	}
	for action := range actions {
		key := "event.action." + strings.ReplaceAll(action, ".", "_")
		for _, language := range i18n.Languages() {
			if i18n.For(language.Lang).T(key) == key {
				t.Errorf("the log has no words for %s in %s", action, language.Name)
			}
		}
	}
}

func nameOf(declared *ast.FuncDecl) string {
	if declared.Recv == nil {
		return declared.Name.Name
	}
	receiver := declared.Recv.List[0].Type
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	if generic, ok := receiver.(*ast.IndexExpr); ok {
		receiver = generic.X
	}
	if name, ok := receiver.(*ast.Ident); ok {
		return name.Name + "." + declared.Name.Name
	}
	return declared.Name.Name
}

func read(declared *ast.FuncDecl) *function {
	f := &function{exported: declared.Name.IsExported()}
	ast.Inspect(declared.Body, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.SelectorExpr:
			f.calls = append(f.calls, node.Sel.Name)
			if slices.Contains(changes, node.Sel.Name) && isDatabase(node.X) {
				f.changes = true
			}
			if of, ok := node.X.(*ast.Ident); ok && slices.Contains(records, of.Name+"."+node.Sel.Name) {
				f.records = true
			}
		case *ast.Ident:
			f.calls = append(f.calls, node.Name)
		}
		return true
	})
	return f
}

// isDatabase knows a postgres.DB by what it is called everywhere.
func isDatabase(of ast.Expr) bool {
	switch of := of.(type) {
	case *ast.Ident:
		return of.Name == "db"
	case *ast.SelectorExpr:
		return of.Sel.Name == "db" || of.Sel.Name == "DB"
	}
	return false
}

// reaches says whether a function, or one that it names in its package, is as asked.
func reaches(functions map[string]*function, name string, is func(*function) bool) bool {
	seen := map[string]bool{}
	var walk func(name string) bool
	walk = func(name string) bool {
		f := functions[name]
		if f == nil || seen[name] {
			return false
		}
		seen[name] = true
		if is(f) {
			return true
		}
		for _, called := range f.calls {
			for other := range functions {
				if (other == called || strings.HasSuffix(other, "."+called)) && !functions[other].exported && walk(other) {
					return true
				}
			}
		}
		return false
	}
	return walk(name)
}

var actionForm = regexp.MustCompile(`^"([a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*)"$`)

// collectActions finds what events are called: texts of that form given as an Action.
func collectActions(file *ast.File, actions map[string]bool) {
	add := func(node ast.Node) {
		ast.Inspect(node, func(node ast.Node) bool {
			if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				if match := actionForm.FindStringSubmatch(literal.Value); match != nil {
					actions[match[1]] = true
				}
			}
			return true
		})
	}
	ast.Inspect(file, func(node ast.Node) bool {
		if field, ok := node.(*ast.KeyValueExpr); ok {
			if key, ok := field.Key.(*ast.Ident); ok && key.Name == "Action" {
				add(field.Value)
			}
		}
		return true
	})
}
