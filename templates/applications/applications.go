package applications

import (
	"strconv"

	"omapostipro/internal/caller"
	"omapostipro/internal/i18n"
	"omapostipro/templates/paths"
	"omapostipro/templates/ui"
)

func (m Page) empty() bool { return len(m.Accounts) == 0 && len(m.Revoked) == 0 }

func (m FormPage) title(p *i18n.Printer) string {
	if m.Account == "" {
		return p.T("applications.create_new")
	}
	return p.T("applications.change")
}

func (m FormPage) closeURL() string {
	if m.Account == "" {
		return paths.Applications(m.Organization.ID) + "#new-application"
	}
	return paths.Application(m.Organization.ID, m.Account)
}

func (m FormPage) action() string {
	if m.Account == "" {
		return paths.Applications(m.Organization.ID)
	}
	return paths.ApplicationSettings(m.Organization.ID, m.Account)
}

// draft is where the form is opened.
func (m FormPage) draft() string {
	if m.Account == "" {
		return paths.NewApplication(m.Organization.ID)
	}
	return paths.ApplicationSettings(m.Organization.ID, m.Account)
}

func (m FormPage) submit(p *i18n.Printer) string {
	if m.Account == "" {
		return p.T("applications.create")
	}
	return p.T("applications.save")
}

func (m QuestionPage) title(p *i18n.Printer) string {
	if m.Revoking {
		return p.T("applications.revoke_question")
	}
	return p.T("applications.secret_question")
}

func (m QuestionPage) text(p *i18n.Printer) string {
	if m.Revoking {
		return p.T("applications.revoke_text")
	}
	return p.T("applications.secret_text")
}

func (m QuestionPage) action() string {
	if m.Revoking {
		return paths.ApplicationRevocation(m.Organization.ID, m.Account.ID)
	}
	return paths.ApplicationSecret(m.Organization.ID, m.Account.ID)
}

func (m QuestionPage) submit(p *i18n.Printer) string {
	if m.Revoking {
		return p.T("applications.revoke_account")
	}
	return p.T("applications.new_secret")
}

func (m SecretPage) title(p *i18n.Printer) string {
	if m.Renewed {
		return p.T("applications.secret_renewed")
	}
	return p.T("applications.created")
}

// lockedText tells of an account that bad log-ins have locked until when.
func lockedText(p *i18n.Printer, account Account) string {
	until := p.DateTime(account.Locked)
	if account.Everywhere {
		return p.T("applications.locked", "until", until)
	}
	return p.T("applications.locked_address", "until", until)
}

// fieldID gives the first check box of a field its name, so that the summary's link leads to it.
func fieldID(name string, i int) string {
	if i == 0 {
		return name
	}
	return name + "-" + strconv.Itoa(i+1)
}

// kindOfOne names the kind of one number.
// opens says what a role opens.
func opens(p *i18n.Printer, role caller.Role) string {
	switch role {
	case caller.ShippingAPI:
		return p.T("applications.opens_orders")
	case caller.Tracking:
		return p.T("applications.opens_tracking")
	default:
		return p.T("applications.opens_gateway")
	}
}

func kindOfOne(p *i18n.Printer, kind string) string {
	if kind == ui.FreightTransportCode {
		return p.T("keys.freight_transport_code")
	}
	return p.T("ui.logistics_contract")
}

func toggleURL(organization string, account Account) string {
	if account.State == Enabled {
		return paths.ApplicationDeactivation(organization, account.ID)
	}
	return paths.ApplicationActivation(organization, account.ID)
}

func toggleName(p *i18n.Printer, account Account) string {
	if account.State == Enabled {
		return p.T("keys.disable")
	}
	return p.T("keys.enable")
}
