package users

import (
	"slices"
	"strconv"

	"omapostipro/internal/i18n"
	"omapostipro/templates/paths"
	"omapostipro/templates/ui"
)

// TypeLabel is the manual's name of a user type.
func TypeLabel(p *i18n.Printer, mainUser bool) string {
	if mainUser {
		return p.T("users.main_user")
	}
	return p.T("users.regular_user")
}

// closeURL leads back to the Ändra that opened the dialog, its row open.
func closeURL(organization, user string) string {
	return paths.User(organization, user) + "#edit-" + organization
}

func (m PermissionsPage) roleFields() RoleFields {
	return RoleFields{MainUser: m.MainUser, Permissions: m.Permissions, Lacking: m.Lacking, LackingURL: paths.ContractNumbers(m.Target.ID, m.UserID),
		Focus: m.Fault == nil && len(m.Changed) == 0, Fault: m.Fault}
}

func (m ContractNumbersPage) numberFields() NumberFields {
	return NumberFields{Organization: m.Target.Name, Numbers: m.Numbers, Needing: m.Needing, Focus: m.Fault == nil && len(m.Changed) == 0, Fault: m.Fault}
}

// permissionID gives the first check box the name of the field, so that the summary's link leads to it.
func permissionID(i int) string {
	if i == 0 {
		return "permission"
	}
	return "permission-" + strconv.Itoa(i+1)
}

func contains(codes []string, code string) bool { return slices.Contains(codes, code) }

func needsNumbers(code string) bool {
	return code == ui.CreateShipments || code == ui.TrackShipments || code == ui.ViewReports
}

func needsNote(code string) string {
	if needsNumbers(code) {
		return "needs-numbers"
	}
	return ""
}

// rules are the manual's sentences about which numbers the permissions need, in its order.
func rules(p *i18n.Printer, needing []string) []string {
	var sentences []string
	for _, rule := range []struct{ code, sentence string }{
		{ui.ViewReports, p.T("permission.needs.view_reports")},
		{ui.CreateShipments, p.T("permission.needs.create_shipments")},
		{ui.TrackShipments, p.T("permission.needs.track_shipments")},
	} {
		if contains(needing, rule.code) {
			sentences = append(sentences, rule.sentence)
		}
	}
	return sentences
}

func of(kind string, numbers []Choice) []Choice {
	var some []Choice
	for _, number := range numbers {
		if number.Kind == kind {
			some = append(some, number)
		}
	}
	return some
}

func pickerLabel(p *i18n.Printer, kind string) string {
	switch kind {
	case ui.CustomerNumber:
		return p.T("edit.choose_customer_number")
	case ui.LogisticsContract:
		return p.T("edit.choose_logistics_contract")
	default:
		return p.T("edit.choose_freight_transport_code")
	}
}

func noneOf(p *i18n.Printer, kind, organization string) string {
	switch kind {
	case ui.CustomerNumber:
		return p.T("edit.no_customer_numbers", "organization", organization)
	case ui.LogisticsContract:
		return p.T("edit.no_logistics_contracts", "organization", organization)
	default:
		return p.T("edit.no_freight_transport_codes", "organization", organization)
	}
}
