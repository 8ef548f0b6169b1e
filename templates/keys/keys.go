package keys

import (
	"strconv"

	"github.com/a-h/templ"

	"omapostipro/internal/i18n"
	"omapostipro/templates/paths"
	"omapostipro/templates/ui"
)

func (m Page) empty() bool { return len(m.Keys) == 0 && len(m.Revoked) == 0 }

// closeURL leads back to the button that opened the dialog.
func (m NewPage) closeURL() string { return paths.Keys(m.Organization.ID) + "#new-key" }

func (m RevocationPage) closeURL() string {
	return paths.Keys(m.Organization.ID) + "#revoke-" + m.Key.ID
}

// rowURL leads to a key's row in the list, which is marked and takes the focus there.
func rowURL(organization string, key Key) string {
	return paths.Keys(organization) + "#" + rowID(key)
}

func rowID(key Key) string { return "key-" + key.ID }

func nameID(key Key) string { return "name-" + key.ID }

// contractID gives the first check box the name of the field, so that the summary's link leads to it.
func contractID(i int) string {
	if i == 0 {
		return "contract"
	}
	return "contract-" + strconv.Itoa(i+1)
}

// kindOfOne names the kind of one number, where ui.KindLabel heads a list of them.
func kindOfOne(p *i18n.Printer, kind string) string {
	if kind == ui.FreightTransportCode {
		return p.T("keys.freight_transport_code")
	}
	return p.T("ui.logistics_contract")
}

// revokedBy says when a key was revoked and by whom; the operator has no name.
func revokedBy(p *i18n.Printer, key Key) string {
	if key.ChangedBy == "" {
		return p.T("keys.revoked_on", "date", key.Changed)
	}
	return p.T("keys.revoked_by", "date", key.Changed, "name", key.ChangedBy)
}

func changeLabel(p *i18n.Printer, state State) string {
	switch state {
	case Enabled:
		return p.T("keys.changed_enabled")
	case Disabled:
		return p.T("keys.state_disabled")
	default:
		return p.T("keys.state_revoked")
	}
}

// made says when a key was made and by whom, and whether they have left.
func made(p *i18n.Printer, key Key) string {
	if key.MakerLeft {
		return p.T("keys.made_by_left", "date", key.Created, "name", key.CreatedBy)
	}
	return p.T("keys.made", "date", key.Created, "name", key.CreatedBy)
}

// toggleURL takes the POST that disables an enabled key, or enables a disabled one; toggleName says which.
func toggleURL(organization string, key Key) templ.SafeURL {
	if key.State == Enabled {
		return templ.SafeURL(paths.KeyDeactivation(organization, key.ID))
	}
	return templ.SafeURL(paths.KeyActivation(organization, key.ID))
}

func toggleName(p *i18n.Printer, key Key) string {
	if key.State == Enabled {
		return p.T("keys.disable")
	}
	return p.T("keys.enable")
}
