package main

import (
	"errors"
	"fmt"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/fault"
	"omapostipro/internal/organization"
)

type userCommand struct {
	Create      userCreateCommand      `cmd:"" help:"Make an account, in an organisation if one is named."`
	SetPassword userSetPasswordCommand `cmd:"" help:"Give somebody a new password, end their sessions, and void links to their account."`
}

type userCreateCommand struct {
	output
	password
	Email        string   `arg:"" help:"The e-mail address that they log in with."`
	FirstName    string   `help:"First name."`
	LastName     string   `help:"Last name."`
	Phone        string   `help:"Telephone number."`
	Language     string   `enum:"sv,fi,en," default:"" help:"sv, fi or en; what they choose themselves if not given."`
	Organization string   `help:"Business ID of the organisation that they are to belong to." placeholder:"FI12345678"`
	Type         string   `enum:"main_user,user" default:"user" help:"main_user or user (the default)."`
	Permission   []string `help:"A permission: create_shipments, track_shipments, view_reports, manage_company_account or manage_integrations. Can be given several times." placeholder:"PERMISSION"`
	Number       []string `help:"A contract number of the organisation's that they are assigned. Can be given several times." placeholder:"NUMBER"`
}

// Help gives examples.
func (userCreateCommand) Help() string {
	return "Somebody who has an account already is added to an organisation by portal apply. Without a password nobody can log in to the account yet. A password is never an argument: the list of processes would show it.\n\n" +
		"Examples:\n\n  portal user create maria@example.com --first-name Maria --last-name Virtanen --generate\n\n" +
		"  portal user create maria@example.com --organization FI12345678 --type main_user \\\n    --permission manage_integrations --number 654321 --password-file maria.txt"
}

type userAnswer struct {
	Changed      bool      `json:"changed"`
	ID           uuid.UUID `json:"id"`
	Email        string    `json:"email"`
	Organization string    `json:"organization,omitempty"`
	Password     string    `json:"password,omitempty"` // only one that was made
}

// Run makes the account, and the membership.
func (c userCreateCommand) Run(p *process) error {
	password, made, err := c.read(p)
	if err != nil {
		return err
	}
	if c.Organization == "" && (len(c.Permission)+len(c.Number) > 0 || c.Type == string(account.MainUser)) {
		return fault.New(fault.Invalid, "form.invalid").At("organization", "form.required")
	}
	return operate(p, func(o *office) error {
		operator, as := o.operator(), organization.Permissions{UserType: account.UserType(c.Type)}
		var numbers []uuid.UUID
		if c.Organization != "" {
			if operator, err = o.in(c.Organization); err != nil {
				return err
			}
			for _, permission := range c.Permission {
				as.Permissions = append(as.Permissions, account.Permission(permission))
			}
			if err := as.Check(); err != nil {
				return err
			}
			if numbers, err = o.numbers(operator, c.Number); err != nil {
				return err
			}
		}
		faults := fault.New(fault.Invalid, "form.invalid")
		phone := account.CheckPhone(faults, "phone", c.Phone)
		if err := faults.Err(); err != nil {
			return err
		}
		id, err := o.accounts.CreateUser(p.ctx, o.operator(), account.User{Email: c.Email, FirstName: c.FirstName, LastName: c.LastName, Phone: phone, Language: c.Language}, password)
		if err != nil {
			return err
		}
		answer := userAnswer{Changed: true, ID: id, Email: c.Email, Organization: operator.Organization.BusinessID}
		text := fmt.Sprintf("Made an account for %s.", c.Email)
		if c.Organization != "" {
			if _, err := o.organizations.SetMember(p.ctx, operator, id, as, numbers); err != nil {
				return err
			}
			text += fmt.Sprintf(" They belong to %s as %s.", operator.Organization, c.Type)
		}
		if made {
			answer.Password = password
			text += "\nPassword: " + password
		}
		return c.say(p, answer, text)
	})
}

// numbers finds the ids of contract numbers of the operator's organisation.
func (o *office) numbers(operator account.Actor, wanted []string) ([]uuid.UUID, error) {
	terms, err := o.organizations.Terms(o.p.ctx, operator)
	if err != nil {
		return nil, err
	}
	ids := []uuid.UUID{}
	for _, number := range wanted {
		found := false
		for _, term := range terms {
			if term.Number == number && term.To == nil {
				ids, found = append(ids, term.ID), true
			}
		}
		if !found {
			return nil, fault.New(fault.NotFound, "contract.not_found", "number", number)
		}
	}
	return ids, nil
}

type userSetPasswordCommand struct {
	output
	password
	Email string `arg:"" help:"The e-mail address that they log in with."`
}

// Help gives examples.
func (userSetPasswordCommand) Help() string {
	return "Examples:\n\n  portal user set-password maria@example.com --generate\n\n  portal user set-password maria@example.com --password-stdin < password.txt"
}

type passwordAnswer struct {
	userAnswer
	EmailChangeEnded bool `json:"emailChangeEnded"`
}

// Run sets it.
func (c userSetPasswordCommand) Run(p *process) error {
	password, made, err := c.read(p)
	if err != nil {
		return err
	}
	if password == "" {
		return errors.New("say where the password comes from: --password-stdin, --password-file FILE or --generate")
	}
	return operate(p, func(o *office) error {
		set, err := o.accounts.SetPassword(p.ctx, o.operator(), c.Email, password)
		if err != nil {
			return err
		}
		answer := passwordAnswer{userAnswer: userAnswer{Changed: true, ID: set.ID, Email: c.Email}, EmailChangeEnded: set.EmailChangeEnded}
		text := fmt.Sprintf("%s has a new password, and is logged out everywhere. Links to the account that were sent open nothing any more.", c.Email)
		if set.EmailChangeEnded {
			text += "\nA change of e-mail address that waited to be confirmed is cancelled."
		}
		if made {
			answer.Password = password
			text += "\nPassword: " + password
		}
		return c.say(p, answer, text)
	})
}
