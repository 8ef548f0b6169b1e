package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"omapostipro/internal/company"
	"omapostipro/internal/organization"
)

type organizationCommand struct {
	Create organizationCreateCommand `cmd:"" help:"Make an organisation."`
	List   organizationListCommand   `cmd:"" help:"List all organisations."`
	Show   organizationShowCommand   `cmd:"" help:"Show an organisation with its contract numbers."`
}

type organizationCreateCommand struct {
	output
	Name       string `required:"" help:"Its name."`
	BusinessID string `required:"" help:"Its business ID, as FI12345671 or 1234567-1. The check digit is only warned of."`
}

// Help gives examples.
func (organizationCreateCommand) Help() string {
	return "Example:\n\n  portal organization create --name 'Example Oy' --business-id FI12345678"
}

type organizationAnswer struct {
	Changed bool `json:"changed"`
	organization.Summary
	Warning string `json:"warning,omitempty"`
}

// Run makes it.
func (c organizationCreateCommand) Run(p *process) error {
	return operate(p, func(o *office) error {
		made, err := o.organizations.Create(p.ctx, o.operator(), c.Name, company.NormalBusinessID(c.BusinessID))
		if err != nil {
			return err
		}
		answer := organizationAnswer{Changed: true, Summary: organization.Summary{ID: made.ID, Name: made.Name, BusinessID: made.BusinessID}}
		text := fmt.Sprintf("Made the organisation %s.", made)
		if !company.CheckDigitFits(made.BusinessID) {
			answer.Warning = "the check digit of " + made.BusinessID + " does not fit"
			text += "\nMind: " + answer.Warning + "."
		}
		return c.say(p, answer, text)
	})
}

type organizationListCommand struct{ output }

// Help gives examples.
func (organizationListCommand) Help() string {
	return "Example:\n\n  portal organization list --json"
}

// Run lists them.
func (c organizationListCommand) Run(p *process) error {
	return operate(p, func(o *office) error {
		all, err := o.organizations.All(p.ctx, o.operator())
		if err != nil {
			return err
		}
		var text strings.Builder
		for _, one := range all {
			fmt.Fprintf(&text, "%s  %s: %s; %s\n", one.BusinessID, one.Name, people(one), counted(one.Numbers, "contract number", "contract numbers"))
		}
		if len(all) == 0 {
			text.WriteString("There are no organisations.")
		}
		return c.say(p, all, text.String())
	})
}

type organizationShowCommand struct {
	output
	BusinessID string `arg:"" help:"Its business ID."`
}

// Help gives examples.
func (organizationShowCommand) Help() string {
	return "Example:\n\n  portal organization show FI12345678"
}

type termAnswer struct {
	Kind   string `json:"kind"`
	Number string `json:"number"`
	Holder string `json:"holder"`
	From   string `json:"from"`
	To     string `json:"to,omitempty"`
}

func termOf(t organization.Term) termAnswer {
	answer := termAnswer{Kind: string(t.Kind), Number: t.Number, Holder: t.Holder, From: t.From.Format(time.DateOnly)}
	if t.To != nil {
		answer.To = t.To.Format(time.DateOnly)
	}
	return answer
}

// Run shows it.
func (c organizationShowCommand) Run(p *process) error {
	return operate(p, func(o *office) error {
		operator, err := o.in(c.BusinessID)
		if err != nil {
			return err
		}
		summary, err := o.organizations.ByBusinessID(p.ctx, operator, operator.Organization.BusinessID)
		if err != nil {
			return err
		}
		terms, err := o.organizations.Terms(p.ctx, operator)
		if err != nil {
			return err
		}
		answer := struct {
			organization.Summary
			Contracts []termAnswer `json:"contracts"`
		}{Summary: summary, Contracts: make([]termAnswer, len(terms))}
		var text strings.Builder
		fmt.Fprintf(&text, "%s: %s\n", operator.Organization, people(summary))
		for i, term := range terms {
			answer.Contracts[i] = termOf(term)
			fmt.Fprintf(&text, "  %-22s %s  %s, from %s", term.Kind, term.Number, term.Holder, answer.Contracts[i].From)
			if answer.Contracts[i].To != "" {
				text.WriteString(" to " + answer.Contracts[i].To)
			}
			text.WriteByte('\n')
		}
		return c.say(p, answer, text.String())
	})
}

// people tells how many belong to an organisation.
func people(of organization.Summary) string {
	return counted(of.People, "person", "people") + ", " + counted(of.MainUsers, "main user", "main users")
}

func counted(n int, one, other string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + other
}
