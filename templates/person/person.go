package person

import (
	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
	"omapostipro/templates/ui"
)

func labels(p *i18n.Printer) ui.Labels {
	return ui.Labels{"first_name": p.T("users.first_name"), "last_name": p.T("users.last_name"), "phone": p.T("users.phone"),
		"language": p.T("layout.language"), "email": p.T("account.new_email"), "email_password": p.T("login.password"),
		"present": p.T("account.present_password"), "password": p.T("account.new_password")}
}

// fault gives what is wrong in one of the forms.
func (m Page) fault(of Form) *fault.Fault {
	if m.Form == of {
		return m.Fault
	}
	return nil
}

// device names what a session is in.
func (s Session) device(p *i18n.Printer) string {
	switch {
	case s.Browser == "" && s.System == "":
		return p.T("account.unknown_browser")
	case s.Browser == "" || s.System == "":
		return s.Browser + s.System
	default:
		return p.T("account.device", "browser", s.Browser, "system", s.System)
	}
}

func (m Page) others() bool { return len(m.Sessions) > 1 }
