package users

import (
	"strings"

	"omapostipro/internal/i18n"
)

// What is decided of a key whose maker is removed, as its field posts it.
const (
	Keep    = "keep"
	Disable = "disable"
	Revoke  = "revoke"
)

// KeyField and ApplicationField name the fields that post what is decided.
func KeyField(id string) string { return "key-" + id }

// ApplicationField is KeyField for an application account.
func ApplicationField(id string) string { return "application-" + id }

// Field names the field that posts what is decided of it.
func (m Made) Field() string {
	if m.Application {
		return ApplicationField(m.ID)
	}
	return KeyField(m.ID)
}

func (m Made) kind(p *i18n.Printer) string {
	if m.Application {
		return p.T("users.application")
	}
	return p.T("users.key")
}

func (m Made) stateLabel(p *i18n.Printer) string {
	if m.State == "enabled" {
		return p.T("keys.state_enabled")
	}
	return p.T("keys.state_disabled")
}

var decisions = []string{Keep, Disable, Revoke}

// decisions gives what can be decided: one that is disabled already can only be kept so, or revoked.
func (m Made) decisions() []string {
	if m.State == "disabled" {
		return []string{Keep, Revoke}
	}
	return decisions
}

func (m Made) chosen() string {
	if m.Decision == "" {
		return Keep
	}
	return m.Decision
}

func decisionLabel(p *i18n.Printer, decision string) string {
	switch decision {
	case Disable:
		return p.T("removal.disable")
	case Revoke:
		return p.T("removal.revoke")
	default:
		return p.T("removal.keep")
	}
}

func (m InformationPage) name() string { return strings.TrimSpace(m.FirstName + " " + m.LastName) }

// living gives what the person has made and can still be used, or can again.
func (m InformationPage) living() []Made {
	var living []Made
	if m.Story != nil {
		for _, made := range m.Story.Made {
			if made.State != "revoked" {
				living = append(living, made)
			}
		}
	}
	return living
}
