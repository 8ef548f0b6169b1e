package main

import (
	"fmt"
	"time"

	"omapostipro/internal/account"
)

type contractCommand struct {
	Add contractAddCommand `cmd:"" help:"Give an organisation a contract number."`
	End contractEndCommand `cmd:"" help:"Say on which day a contract number is valid for the last time."`
}

// contractName names a contract number.
type contractName struct {
	Organization string `required:"" help:"The organisation's business ID." placeholder:"FI12345678"`
	Kind         string `enum:"customer_number,logistics_contract,freight_transport_code" default:"logistics_contract" help:"customer_number, logistics_contract (the default) or freight_transport_code."`
	Number       string `arg:"" help:"The number, of six digits."`
}

type contractAnswer struct {
	Changed      bool   `json:"changed"`
	Organization string `json:"organization"`
	Kind         string `json:"kind"`
	Number       string `json:"number"`
	From         string `json:"from,omitempty"`
	To           string `json:"to,omitempty"`
}

type contractAddCommand struct {
	output
	contractName
	Holder string `help:"Who holds it; the organisation's name if not given."`
	From   date   `help:"Its first day, as 2026-12-31; today if not given." placeholder:"DAY"`
}

// Help gives examples.
func (contractAddCommand) Help() string {
	return "Examples:\n\n  portal contract add 654321 --organization FI12345678\n\n  portal contract add 876543 --organization FI12345678 --kind freight_transport_code --from 2027-01-01"
}

// Run adds it.
func (c contractAddCommand) Run(p *process) error {
	return operate(p, func(o *office) error {
		operator, err := o.in(c.Organization)
		if err != nil {
			return err
		}
		if c.Holder == "" {
			c.Holder = operator.Organization.Name
		}
		from := c.From.Time
		if from.IsZero() {
			from = account.Today(time.Now())
		}
		if _, err := o.organizations.AddNumber(p.ctx, operator, account.Kind(c.Kind), c.Number, c.Holder, from); err != nil {
			return err
		}
		answer := contractAnswer{Changed: true, Organization: operator.Organization.BusinessID, Kind: c.Kind, Number: c.Number, From: from.Format(time.DateOnly)}
		return c.say(p, answer, fmt.Sprintf("%s has the %s %s from %s on.", operator.Organization, c.Kind, c.Number, answer.From))
	})
}

type contractEndCommand struct {
	output
	contractName
	Last date `required:"" help:"The last day on which it can be used, as 2026-12-31." placeholder:"DAY"`
}

// Help gives examples.
func (contractEndCommand) Help() string {
	return "The people and the keys that have the number keep it, and can no longer use it from the next day on.\n\nExample:\n\n  portal contract end 654321 --organization FI12345678 --last 2026-12-31"
}

// Run ends it.
func (c contractEndCommand) Run(p *process) error {
	return operate(p, func(o *office) error {
		operator, err := o.in(c.Organization)
		if err != nil {
			return err
		}
		changed, err := o.organizations.EndNumber(p.ctx, operator, account.Kind(c.Kind), c.Number, c.Last.Time)
		if err != nil {
			return err
		}
		answer := contractAnswer{Changed: changed, Organization: operator.Organization.BusinessID, Kind: c.Kind, Number: c.Number, To: c.Last.Format(time.DateOnly)}
		text := fmt.Sprintf("The %s %s of %s is valid until %s.", c.Kind, c.Number, operator.Organization, answer.To)
		if !changed {
			text = "Nothing changed: " + text
		}
		return c.say(p, answer, text)
	})
}
