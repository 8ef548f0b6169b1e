// Package apidoc is what the API's documentation is made of, for whoever shows it: the reference, as plain values that
// web/api makes of the description that it serves, and the samples, which the tests run.
package apidoc

import "strings"

// Reference is the description of a family of calls.
type Reference struct {
	Tags    []Tag
	Schemas []Schema // by name; what bodies and answers refer to
}

// Tag is a group of calls.
type Tag struct {
	Name  string
	Calls []Call
}

// Call is a method at a path.
type Call struct {
	ID         string // by which generated clients name it
	Method     string
	Path       string // from the family's address on
	Role       string // that the credential needs; "" for any
	Summary    string
	Detail     string
	Parameters []Field
	Body       string // the schema; "" for a call without a body
	Answers    []Answer
}

// Answer is what a call may end with.
type Answer struct {
	Status  int
	About   string
	Types   []string // of its contents; none for an answer without
	Schema  string   // "" for a document of another kind
	Headers []Field
}

// Success says whether the call did what was asked for.
func (a Answer) Success() bool { return a.Status < 300 }

// Schema is an object.
type Schema struct {
	Name   string
	Fields []Field
}

// Field is a parameter, or a member of an object.
type Field struct {
	Name     string
	In       string // path, query or header; "" for a member
	Type     string // string, integer, number, boolean, array or object; of an array with that of its elements, as array of string
	Format   string // of a string, as uuid
	Schema   string // the object's, or that of an array's elements
	Required bool
	Null     bool   // it may be null
	About    string // in English, as the description has it
	Text     string // or one of the catalogues' texts, in the reader's language
	Example  string
	Default  string
	Limits   []string // as ≤ 35 characters
	Values   []string // those that there are
}

// Kind tells in a few words what a value is, but for the schema of an object.
func (f Field) Kind() string {
	kind := f.Type
	if f.Schema != "" {
		kind = strings.TrimSuffix(strings.TrimSuffix(kind, "object"), " ")
	}
	if f.Format != "" {
		kind += " (" + f.Format + ")"
	}
	if f.Null {
		kind = strings.TrimPrefix(kind+" or null", " ")
	}
	if f.In != "" {
		kind += ", " + f.In
	}
	return kind
}

// Refusals are errors as each family writes them.
type Refusals struct {
	Orders, Own, Gateway, Pickups, Token string
}
