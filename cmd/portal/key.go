package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/apikey"
	"omapostipro/internal/fault"
)

type keyCommand struct {
	Create keyCreateCommand `cmd:"" help:"Make an API key in the name of a main user, and print its value once."`
	List   keyListCommand   `cmd:"" help:"List an organisation's API keys; never their values."`
	Revoke keyRevokeCommand `cmd:"" help:"End an API key for good."`
}

type keyCreateCommand struct {
	output
	Organization string    `required:"" help:"The organisation's business ID." placeholder:"FI12345678"`
	For          string    `required:"" help:"E-mail address of the main user in whose name it is made, by the rules for that person." placeholder:"EMAIL"`
	Description  string    `required:"" help:"What it is for."`
	Number       []string  `help:"A contract number of that person's to link it to. Can be given several times; all of theirs if not given." placeholder:"NUMBER"`
	Expires      moment    `help:"When it ends by itself: the last day on which it works, as 2026-12-31, or a time, as 2026-12-31T12:00:00Z. It does not if not given." placeholder:"TIME"`
	Network      []network `help:"A network that calls with it may come from, as 192.0.2.0/24, or one address. Can be given several times; everywhere if not given." placeholder:"NETWORK"`
}

// Help gives examples.
func (keyCreateCommand) Help() string {
	return "Standard output is the key's value and nothing else, so that it can be handed on.\n\n" +
		"Example:\n\n  portal key create --organization FI12345678 --for main.user@example.com --description 'Ny API integration' > key.txt\n" +
		"  portal key create --organization FI12345678 --for main.user@example.com --description Lager --expires 2027-06-30 --network 192.0.2.0/24"
}

// Run makes it.
func (c keyCreateCommand) Run(p *process) error {
	return operate(p, func(o *office) error {
		operator, err := o.in(c.Organization)
		if err != nil {
			return err
		}
		maker, err := o.organizations.Acting(p.ctx, operator, c.For)
		if err != nil {
			return err
		}
		wanted := apikey.New{Description: c.Description, Limits: apikey.Limits{ExpiresAt: c.Expires.at}}
		for _, network := range c.Network {
			wanted.Networks = append(wanted.Networks, network.Prefix)
		}
		if wanted.Token, err = uuid.NewV7(); err != nil {
			return err
		}
		linked := []string{}
		for _, contract := range apikey.Linkable(maker) {
			if len(c.Number) == 0 || slices.Contains(c.Number, contract.Number) {
				wanted.Contracts, linked = append(wanted.Contracts, contract.ID), append(linked, contract.Number)
			}
		}
		for _, number := range c.Number {
			if !slices.Contains(linked, number) {
				return fault.New(fault.NotFound, "contract.not_found", "number", number)
			}
		}
		keys, err := o.keys()
		if err != nil {
			return err
		}
		id, value, err := keys.CreateFor(p.ctx, operator, maker, wanted)
		if err != nil {
			return err
		}
		if !c.JSON {
			fmt.Fprintf(p.stderr, "Made the key %s (%s) for %s, linked to %s%s. Its value is printed this once.\n", id, c.Description, operator.Organization, strings.Join(linked, ", "), limitsInWords(wanted.Limits))
		}
		answer := map[string]any{"changed": true, "id": id, "organization": operator.Organization.BusinessID, "numbers": linked, "value": value}
		if wanted.ExpiresAt != nil {
			answer["expires"] = wanted.ExpiresAt
		}
		if len(wanted.Networks) > 0 {
			answer["networks"] = wanted.Networks
		}
		return c.say(p, answer, value)
	})
}

// limitsInWords tells how long and from where a key is good, where it is not always and from everywhere.
func limitsInWords(limits apikey.Limits) (text string) {
	if limits.ExpiresAt != nil {
		text = ", until " + limits.ExpiresAt.In(account.Zone()).Format("2006-01-02 15:04")
	}
	for i, network := range limits.Networks {
		text += map[bool]string{true: ", from ", false: " and "}[i == 0] + network.String()
	}
	return text
}

type keyListCommand struct {
	output
	Organization string `required:"" help:"The organisation's business ID." placeholder:"FI12345678"`
}

// Help gives examples.
func (keyListCommand) Help() string {
	return "Example:\n\n  portal key list --organization FI12345678"
}

type keyAnswer struct {
	ID          uuid.UUID      `json:"id"`
	Description string         `json:"description"`
	Suffix      string         `json:"suffix"`
	Status      string         `json:"status"`
	Maker       string         `json:"maker"`
	Numbers     []string       `json:"numbers"`
	Created     time.Time      `json:"created"`
	LastUsed    *time.Time     `json:"lastUsed,omitempty"`
	Expires     *time.Time     `json:"expires,omitempty"`
	Networks    []netip.Prefix `json:"networks,omitempty"`
}

// Run lists them.
func (c keyListCommand) Run(p *process) error {
	return operate(p, func(o *office) error {
		operator, err := o.in(c.Organization)
		if err != nil {
			return err
		}
		found, err := apikey.NewService(o.db, nil, time.Now).All(p.ctx, operator) // nothing is opened
		if err != nil {
			return err
		}
		answer := make([]keyAnswer, len(found))
		var text strings.Builder
		for i, key := range found {
			answer[i] = keyAnswer{ID: key.ID, Description: key.Description, Suffix: key.Suffix, Status: string(key.Status), Maker: key.MakerName,
				Numbers: []string{}, Created: key.CreatedAt, LastUsed: key.LastUsedAt, Expires: key.ExpiresAt, Networks: key.Networks}
			for _, contract := range key.Contracts {
				answer[i].Numbers = append(answer[i].Numbers, contract.Number)
			}
			fmt.Fprintf(&text, "%s  …%s  %-8s  %s (%s), by %s%s\n", key.ID, key.Suffix, key.Status, key.Description, strings.Join(answer[i].Numbers, ", "), key.MakerName, limitsInWords(key.Limits))
		}
		if len(found) == 0 {
			fmt.Fprintf(&text, "%s has no API keys.", operator.Organization)
		}
		return c.say(p, answer, text.String())
	})
}

type keyRevokeCommand struct {
	output
	Organization string    `required:"" help:"The organisation's business ID." placeholder:"FI12345678"`
	ID           uuid.UUID `arg:"" help:"The key's id, as key list gives it."`
}

// Help gives examples.
func (keyRevokeCommand) Help() string {
	return "It is refused from then on, and cannot be brought back.\n\nExample:\n\n  portal key revoke --organization FI12345678 01a21679-c806-721a-8b83-90dbf54853ba"
}

// Run revokes it.
func (c keyRevokeCommand) Run(p *process) error {
	return operate(p, func(o *office) error {
		operator, err := o.in(c.Organization)
		if err != nil {
			return err
		}
		keys := apikey.NewService(o.db, nil, time.Now) // nothing is opened
		changed, err := keys.RevokeBy(p.ctx, operator, c.ID)
		if fault.Is(err, fault.NotFound) {
			return fault.New(fault.NotFound, "keys.no_such_key", "id", c.ID.String(), "organization", operator.Organization.String())
		}
		if err != nil {
			return err
		}
		text := fmt.Sprintf("Revoked the key %s of %s.", c.ID, operator.Organization)
		if !changed {
			text = fmt.Sprintf("Nothing changed: the key %s had been revoked before.", c.ID)
		}
		return c.say(p, map[string]any{"changed": changed, "id": c.ID, "organization": operator.Organization.BusinessID}, text)
	})
}
