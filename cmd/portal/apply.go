package main

import (
	"strings"

	"omapostipro/internal/provision"
)

type applyCommand struct {
	output
	File   string `short:"f" required:"" help:"The file; - is standard input." placeholder:"FILE"`
	DryRun bool   `help:"Only say what would be changed."`
}

// Help gives an example.
func (applyCommand) Help() string {
	return "The file names an organisation, its contract numbers and its people with type, permissions and numbers. What it names is made so; " +
		"what it does not name is left as it is: a number that has ended stays ended where the file gives no last day, and that is told. Applied again it changes nothing.\n\n" +
		"Example:\n\n  portal apply -f organization.yaml --dry-run\n\n" +
		"  organization:\n    businessId: FI12345678\n    name: Example Oy\n  contracts:\n    - kind: logistics_contract\n      number: \"654321\"\n      from: 2026-01-01\n" +
		"  users:\n    - email: main.user@example.com\n      firstName: FirstName\n      lastName: LastName\n      type: main_user\n" +
		"      permissions: [manage_integrations]\n      numbers: [\"654321\"]"
}

// Run applies the file.
func (c applyCommand) Run(p *process) error {
	content, err := c.read(p)
	if err != nil {
		return err
	}
	return operate(p, func(o *office) error {
		result, err := o.provisioner().Apply(p.ctx, content, c.DryRun)
		if err != nil && len(result.Changes) == 0 {
			return err
		}
		var text strings.Builder
		switch {
		case !result.Changed && len(result.Notes) == 0:
			text.WriteString("Nothing to change: everything is as the file says.\n")
		case !result.Changed:
			text.WriteString("Nothing to change.\n")
		case c.DryRun:
			text.WriteString("Would:\n")
		default:
			text.WriteString("Done:\n")
		}
		for _, change := range result.Changes {
			text.WriteString("  " + change + "\n")
		}
		for _, note := range result.Notes {
			text.WriteString("Mind: " + note + ".\n")
		}
		if answered := c.say(p, result, text.String()); err == nil {
			err = answered
		}
		return err
	})
}

// read reads the file before privileges are given up: it may be one that only root reads.
func (c applyCommand) read(p *process) ([]byte, error) {
	if c.File != "-" {
		return readFile(c.File, provision.MaxFile)
	}
	return readAll(p.stdin, provision.MaxFile)
}
