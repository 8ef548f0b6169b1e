package config

import (
	"errors"
	"os"
	"reflect"
	"strings"

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
			found.addParseError(err)
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

// addParseError names the variable where the library names the field.
func (f *faults) addParseError(err error) {
	if one, ok := errors.AsType[env.ParseError](err); ok {
		f.add(variableOf(one.Name), "%v", one.Err)
		return
	}
	*f = append(*f, err)
}

func variableOf(field string) string {
	for _, v := range Variables() {
		if v.field == field {
			return v.Name
		}
	}
	return field
}
