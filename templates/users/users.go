package users

import (
	"net/url"
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

// nothing says whether a filter lets nobody through.
func (m ListPage) nothing() bool {
	return m.FilterQuery != "" && m.InvitationCount.Number == 0 && m.UserCount.Number == 0
}

// none says why a list is empty.
func (m ListPage) none(p *i18n.Printer, otherwise string) string {
	switch {
	case m.Filter.Query != "":
		return p.T("users.no_match", "query", m.Filter.Query)
	case m.FilterQuery != "":
		return p.T("users.no_filtered")
	default:
		return otherwise
	}
}

// found says how many are found in both lists.
func (m ListPage) found(p *i18n.Printer) string {
	total := m.InvitationCount.Number + m.UserCount.Number
	many := m.InvitationCount.Many || m.UserCount.Many
	switch {
	case m.Filter.Query == "" && many:
		return p.T("users.filtered_many", "count", p.Number(max(m.InvitationCount.Number, m.UserCount.Number)))
	case m.Filter.Query == "":
		return p.N("users.filtered", total)
	case many:
		return p.T("users.matches_many", "count", p.Number(max(m.InvitationCount.Number, m.UserCount.Number)), "query", m.Filter.Query)
	default:
		return p.N("users.matches", total, "query", m.Filter.Query)
	}
}

func (c Count) text(p *i18n.Printer) string {
	if c.Many {
		return p.T("users.over", "count", p.Number(c.Number))
	}
	return p.Number(c.Number)
}

// without gives a query but for one of its names, and only that one alone.
func without(query, name string) string {
	values, _ := url.ParseQuery(query) // the portal has written it
	values.Del(name)
	return values.Encode()
}

func only(query, name string) string {
	values, _ := url.ParseQuery(query)
	if !values.Has(name) {
		return ""
	}
	return url.Values{name: values[name]}.Encode()
}

func typeOptions(p *i18n.Printer) []Option {
	return []Option{{Value: "main_user", Label: p.T("users.main_user")}, {Value: "user", Label: p.T("users.regular_user")}}
}

func permissionOptions(p *i18n.Printer) []Option {
	options := make([]Option, len(ui.PermissionCodes))
	for i, code := range ui.PermissionCodes {
		options[i] = Option{Value: code, Label: ui.PermissionLabel(p, code)}
	}
	return options
}

func numberGroups(p *i18n.Printer, numbers []ui.ContractNumber) []ChangeGroup {
	groups := make([]ChangeGroup, len(ui.Kinds))
	for i, kind := range ui.Kinds {
		groups[i].Title = ui.KindLabel(p, kind)
		for _, number := range ui.Of(kind, numbers) {
			label := number.Label()
			if number.Closed {
				label += " · " + p.T("ui.number_closed")
			}
			groups[i].Changes = append(groups[i].Changes, Option{Value: number.ID, Label: label})
		}
	}
	return groups
}

// keptElsewhere gives those who were chosen before and are not among the rows.
func (m ListPage) keptElsewhere() []string {
	return slices.DeleteFunc(slices.Clone(m.Kept), func(id string) bool {
		return slices.ContainsFunc(m.Users, func(u User) bool { return u.Short == id })
	})
}

// keeping gives a filter with those who were chosen before.
func (m ListPage) keeping(filter string) string {
	values, _ := url.ParseQuery(filter) // the portal has written it
	for _, id := range m.Kept {
		values.Add("u", id)
	}
	return values.Encode()
}

func (m ListPage) chosen(p *i18n.Printer) string {
	switch len(m.Kept) {
	case 0:
		return ""
	case 1:
		return p.T("selection.chosen_one")
	default:
		return p.T("selection.chosen_other", "count", p.Number(len(m.Kept)))
	}
}

func (m ListPage) selectAll(p *i18n.Printer, count Count) string {
	switch {
	case m.FilterQuery == "":
		return p.T("selection.everybody", "count", p.Number(count.Number))
	case count.Many:
		return p.T("selection.all_matching", "maximum", p.Number(m.Selectable))
	default:
		return p.T("selection.matching", "count", p.Number(count.Number))
	}
}
