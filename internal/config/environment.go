package config

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// Variable describes one variable of the environment.
type Variable struct {
	Name    string
	HasFile bool // Name_FILE may hold the path of a file with the value instead
	Default string
	Meaning string

	field string // of Config
}

// Variables lists all that can be set, in the order in which they are explained.
func Variables() []Variable {
	t := reflect.TypeFor[Config]()
	list := make([]Variable, t.NumField())
	for i := range list {
		tag := t.Field(i).Tag
		list[i] = Variable{
			Name:    tag.Get("env"),
			HasFile: tag.Get("file") == "true",
			Default: tag.Get("envDefault") + tag.Get("default"), // fixed, or words for what depends on the set-up
			Meaning: tag.Get("doc"),
			field:   t.Field(i).Name,
		}
	}
	return list
}

// read fills the fields from the environment. An empty variable is one that is not set.
func read(getenv func(string) string, found *faults) Config {
	values := map[string]string{}
	for _, v := range Variables() {
		if value := v.read(getenv, found); value != "" {
			values[v.Name] = value
		}
	}
	var c Config
	err := env.ParseWithOptions(&c, env.Options{Environment: values})
	if all, ok := errors.AsType[env.AggregateError](err); ok {
		for _, err := range all.Errors {
			found.addParseError(err, values)
		}
	}
	return c
}

func (v Variable) read(getenv func(string) string, found *faults) string {
	value := getenv(v.Name)
	path := getenv(v.Name + "_FILE")
	if !v.HasFile || path == "" {
		return value
	}
	if value != "" {
		found.add(v.Name, "set this or %s_FILE, not both", v.Name)
		return value
	}
	content, err := os.ReadFile(path)
	if err != nil {
		found.add(v.Name+"_FILE", "%v", err)
		return ""
	}
	value = strings.TrimSpace(string(content))
	if value == "" {
		found.add(v.Name+"_FILE", "%s is empty", path)
	}
	return value
}

// wanted says what a value is that the library reads; our own types say so themselves.
var wanted = map[reflect.Type]string{
	reflect.TypeFor[int](): "a whole number", reflect.TypeFor[int32](): "a whole number", reflect.TypeFor[float64](): "a number",
	reflect.TypeFor[bool](): "true or false", reflect.TypeFor[time.Duration](): "a length of time, as 90s, 30m or 12h",
}

// addParseError names the variable where the library names the field, and says what it should be.
func (f *faults) addParseError(err error, values map[string]string) {
	one, ok := errors.AsType[env.ParseError](err)
	if !ok {
		*f = append(*f, err)
		return
	}
	name := variableOf(one.Name)
	if what, known := wanted[one.Type]; known {
		f.add(name, "%q is not %s", values[name], what)
	} else {
		f.add(name, "%v", one.Err)
	}
}

func variableOf(field string) string {
	for _, v := range Variables() {
		if v.field == field {
			return v.Name
		}
	}
	return field
}
