package config_test

import (
	"os"
	"strings"
	"testing"

	"omapostipro/internal/config"
)

func TestReadmeListsEveryVariable(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), config.Markdown()) {
		t.Errorf("the README's table of variables is not up to date; it is to say:\n%s", config.Markdown())
	}
}
