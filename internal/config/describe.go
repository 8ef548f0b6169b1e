package config

import (
	"fmt"
	"strings"
)

// Help explains every variable on a terminal.
func Help() string {
	var b strings.Builder
	for i, v := range Variables() {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "  %s\n", strings.Join(v.names(), ", "))
		for _, line := range wrap(v.Meaning+".", 90) {
			fmt.Fprintf(&b, "      %s\n", line)
		}
		fmt.Fprintf(&b, "      Default: %s\n", v.Default)
	}
	return b.String()
}

// The table in the README stands between these lines.
const (
	tableBegin = "<!-- configuration: begin, made from internal/config -->\n"
	tableEnd   = "<!-- configuration: end -->\n"
)

// Markdown is the table of every variable, between its markers, as it stands in the README.
func Markdown() string {
	var b strings.Builder
	b.WriteString(tableBegin)
	b.WriteString("\n| variable | default | meaning |\n| --- | --- | --- |\n")
	for _, v := range Variables() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", strings.Join(v.names(), "`, `"), v.Default, v.Meaning)
	}
	b.WriteString("\n" + tableEnd)
	return b.String()
}

func (v Variable) names() []string {
	if v.HasFile {
		return []string{v.Name, v.Name + "_FILE"}
	}
	return []string{v.Name}
}

func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
