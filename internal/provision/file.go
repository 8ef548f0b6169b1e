// Package provision makes an organisation what a file says: its name, its contract numbers, its people. The same file
// applied again changes nothing. What the file does not name is left as it is.
package provision

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"omapostipro/internal/account"
	"omapostipro/internal/company"
	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
)

// MaxFile is how many bytes a file may have.
const MaxFile = 4 << 20

// File is what a file holds; testdata/organization.yaml is an example.
type File struct {
	Organization struct {
		BusinessID string `yaml:"businessId"`
		Name       string `yaml:"name"`
	} `yaml:"organization"`
	Contracts []Contract `yaml:"contracts"`
	Users     []User     `yaml:"users"`
}

// Contract is a contract number.
type Contract struct {
	Kind   account.Kind `yaml:"kind"`
	Number string       `yaml:"number"`
	Holder string       `yaml:"holder"` // the organisation's name if not given
	From   string       `yaml:"from"`   // a day; today if not given
	To     string       `yaml:"to"`     // the last day; if not given, none for a new number, and for others what it is
}

// User is a person. Names, telephone and language are used when the account is made: afterwards they are the person's own.
type User struct {
	Email       string               `yaml:"email"`
	FirstName   string               `yaml:"firstName"`
	LastName    string               `yaml:"lastName"`
	Phone       string               `yaml:"phone"`
	Language    string               `yaml:"language"` // sv, fi or en; none until they choose if not given
	Type        account.UserType     `yaml:"type"`
	Permissions []account.Permission `yaml:"permissions"`
	Numbers     *[]string            `yaml:"numbers"` // left as they are if not given
}

// FileError says what is wrong with a file, a line each with the line of the file.
type FileError struct{ text string }

func (e *FileError) Error() string { return e.text }

// read reads and checks a file whole, before anything is done.
func read(content []byte) (File, *checker, error) {
	var file File
	tree, err := parser.ParseBytes(content, 0)
	if err != nil {
		return file, nil, atLine(err)
	}
	if len(tree.Docs) != 1 {
		return file, nil, &FileError{fmt.Sprintf("a file is one organisation; this one holds %d documents", len(tree.Docs))}
	}
	err = yaml.UnmarshalWithOptions(content, &file, yaml.Strict())
	if err != nil && !errors.Is(err, io.EOF) {
		return file, nil, atLine(err)
	}
	c := &checker{tree: tree}
	c.file(&file)
	return file, c, errors.Join(c.errors...)
}

var place = regexp.MustCompile(`^\[([0-9]+):[0-9]+\] `)

// atLine gives the library's error with its line in words.
func atLine(err error) error {
	return &FileError{place.ReplaceAllString(yaml.FormatError(err, false, false), "line $1: ")}
}

type checker struct {
	tree   *ast.File
	errors []error
}

// wrong notes what is wrong at a place of the file, as $.users[0].email.
func (c *checker) wrong(path, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if place, err := yaml.PathString(path); err == nil {
		if node, err := place.FilterFile(c.tree); err == nil && node != nil {
			text = fmt.Sprintf("line %d: %s", node.GetToken().Position.Line, text)
		}
	}
	c.errors = append(c.errors, &FileError{text})
}

func (c *checker) file(f *File) {
	f.Organization.BusinessID = company.NormalBusinessID(f.Organization.BusinessID)
	c.fields("$.organization", func(faults *fault.Fault) {
		f.Organization.Name = account.CheckLine(faults, "name", f.Organization.Name, true, 200)
		if !businessID.MatchString(f.Organization.BusinessID) {
			faults.At("businessId", "form.business_id")
		}
	})
	for i := range f.Contracts {
		c.contract(fmt.Sprintf("$.contracts[%d]", i), f, i)
	}
	for i := range f.Users {
		c.user(fmt.Sprintf("$.users[%d]", i), f, i)
	}
}

// fields checks as forms are checked, and notes what is found at the fields of a path, or at the path where there is none.
func (c *checker) fields(path string, check func(*fault.Fault)) {
	faults := fault.New(fault.Invalid, "form.invalid")
	check(faults)
	for _, field := range faults.Fields {
		place := path + "." + field.Name
		if parsed, err := yaml.PathString(place); err == nil {
			if node, err := parsed.FilterFile(c.tree); err != nil || node == nil {
				place = path
			}
		}
		c.wrong(place, "%s: %s", field.Name, i18n.For(i18n.English).T(field.Key, field.Args...))
	}
}

func (c *checker) contract(path string, f *File, i int) {
	contract := &f.Contracts[i]
	if contract.Holder == "" {
		contract.Holder = f.Organization.Name
	}
	c.fields(path, func(faults *fault.Fault) {
		if !slices.Contains(account.Kinds(), contract.Kind) {
			faults.At("kind", "form.choose")
		}
		if !contractNumber.MatchString(contract.Number) {
			faults.At("number", "form.contract_number")
		}
		contract.Holder = account.CheckLine(faults, "holder", contract.Holder, true, 200)
	})
	c.day(path, "from", contract.From)
	c.day(path, "to", contract.To)
	if contract.From != "" && contract.To != "" && contract.To < contract.From {
		c.wrong(path+".to", "to: the number would end before it begins")
	}
	if slices.ContainsFunc(f.Contracts[:i], func(other Contract) bool { return other.Kind == contract.Kind && other.Number == contract.Number }) {
		c.wrong(path+".number", "number: %s %s stands twice in the file", contract.Kind, contract.Number)
	}
}

func (c *checker) day(path, field, day string) {
	if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
		c.wrong(path+"."+field, "%s: %q is not a day as 2026-12-31", field, day)
	}
}

func (c *checker) user(path string, f *File, i int) {
	user := &f.Users[i]
	if user.Type == "" {
		user.Type = account.RegularUser
	}
	c.fields(path, func(faults *fault.Fault) {
		user.Email = account.CheckEmail(faults, "email", user.Email)
		user.FirstName = account.CheckName(faults, "firstName", user.FirstName, false)
		user.LastName = account.CheckName(faults, "lastName", user.LastName, false)
		user.Phone = account.CheckPhone(faults, "phone", user.Phone)
		if _, known := i18n.Parse(user.Language); user.Language != "" && !known {
			faults.At("language", "invitations.unknown_language")
		}
		if !user.Type.Known() {
			faults.At("type", "form.choose")
		}
	})
	for j, permission := range user.Permissions {
		if !permission.Known() {
			c.wrong(fmt.Sprintf("%s.permissions[%d]", path, j), "permissions: there is no permission %q", string(permission))
		}
	}
	if slices.ContainsFunc(f.Users[:i], func(other User) bool { return account.EmailKey(other.Email) == account.EmailKey(user.Email) }) {
		c.wrong(path+".email", "email: %s stands twice in the file", user.Email)
	}
}
