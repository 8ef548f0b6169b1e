package invitations

import (
	"omapostipro/internal/account"
	"omapostipro/internal/i18n"
	"omapostipro/templates/ui"
	"omapostipro/templates/users"
)

func (d Draft) roleFields(page RolePage) users.RoleFields {
	return users.RoleFields{MainUser: d.UserType == string(account.MainUser), Permissions: d.Permissions, Focus: page.Fault == nil, Fault: page.Fault}
}

func labels(p *i18n.Printer) ui.Labels {
	return ui.Labels{"addresses": p.T("invitations.addresses"), "file": p.T("invitations.file"), "first_name": p.T("users.first_name"),
		"last_name": p.T("users.last_name"), "password": p.T("login.password")}
}

// columns names the fields of a row.
func column(p *i18n.Printer, field string) string {
	switch field {
	case "first_name":
		return p.T("users.first_name")
	case "last_name":
		return p.T("users.last_name")
	case "language":
		return p.T("invitations.language")
	default:
		return p.T("login.email")
	}
}

// read tells how a file was read.
func (f File) read(p *i18n.Printer) string {
	encoding, separator := "UTF-8", p.T("invitations.semicolons")
	if f.Windows {
		encoding = "Windows-1252"
	}
	if f.Comma {
		separator = p.T("invitations.commas")
	}
	if f.Header {
		return p.T("invitations.read_with_header", "encoding", encoding, "separator", separator)
	}
	return p.T("invitations.read_without_header", "encoding", encoding, "separator", separator)
}

// Dead says whether a link opens nothing any more.
func (s State) Dead() bool { return s >= Used }

func (m LinkPage) reason(p *i18n.Printer) string {
	switch m.State {
	case Used:
		return p.T("invitation.used")
	case Withdrawn:
		return p.T("invitation.withdrawn")
	case Replaced:
		return p.T("invitation.replaced")
	default:
		return p.T("invitation.expired")
	}
}

// permissions gives those chosen: all have the numbers that they need.
func (d Draft) permissions() []ui.Permission {
	permissions := make([]ui.Permission, len(d.Permissions))
	for i, code := range d.Permissions {
		permissions[i].Code = code
	}
	return permissions
}

// ended gives the numbers that are no longer valid.
func (m PendingPage) ended() []string {
	numbers := make([]string, len(m.Ended))
	for i, number := range m.Ended {
		numbers[i] = number.Number
	}
	return numbers
}
