package users

import (
	"omapostipro/internal/i18n"
	"omapostipro/templates/layout"
)

// What can be done with several invitations.
const (
	SendAgain = "send"
	Withdraw  = "withdraw"
)

// SeveralPage says with which invitations something is done. Its forms send i or all and from, deed, version and shown.
type SeveralPage struct {
	layout.Base
	All         bool     // all that the list's filter lets through
	Version     string   // of what is shown
	Shown       string   // when
	From        string   // the list's filter, to go back to
	Chosen      []string // short ids, if they are not all
	Count       int
	Invitations []Invitation // a page of them
	More        string       // the next page; empty after the last
	Deed        string       // empty before it is chosen
	Stale       bool         // others wait than were shown
}

func deeds(p *i18n.Printer) []ChangeGroup {
	var group ChangeGroup
	for _, deed := range []string{SendAgain, Withdraw} {
		group.Changes = append(group.Changes, Option{Value: deed, Label: deedLabel(p, deed)})
	}
	return []ChangeGroup{group}
}

func deedLabel(p *i18n.Printer, deed string) string {
	if deed == Withdraw {
		return p.T("invitations.withdraw")
	}
	return p.T("invitations.send_again")
}

// heading says what is done to how many.
func (m SeveralPage) heading(p *i18n.Printer) string {
	switch m.Deed {
	case SendAgain:
		return p.N("several.sends", m.Count)
	case Withdraw:
		return p.N("several.withdraws", m.Count)
	default:
		return p.N("several.chosen", m.Count)
	}
}

func (m SeveralPage) told(p *i18n.Printer) string {
	if m.Deed == Withdraw {
		return p.T("several.withdraw_text")
	}
	return p.T("several.send_text")
}
