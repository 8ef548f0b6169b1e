package ui

import (
	"hash/fnv"
	"strconv"
	"strings"

	"omapostipro/internal/account"
	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
)

// The kinds of contract number, as ContractNumber.Kind has them.
const (
	CustomerNumber       = "customer_number"
	LogisticsContract    = "logistics_contract"
	FreightTransportCode = "freight_transport_code"
)

// Kinds are the three kinds of contract number in the order of the manual.
var Kinds = [...]string{CustomerNumber, LogisticsContract, FreightTransportCode}

// KindLabel is the manual's name of a kind of contract number.
func KindLabel(p *i18n.Printer, kind string) string {
	switch kind {
	case CustomerNumber:
		return p.T("ui.customer_number")
	case LogisticsContract:
		return p.T("ui.logistics_contract")
	default:
		return p.T("ui.freight_transport_codes")
	}
}

// NameLength is how long a field for a name lets one write. Browsers count in units of UTF-16, of which a character may have
// two: what is too long is told by the server.
var NameLength = strconv.Itoa(2 * account.MaxName)

// The permissions in the order of the manual.
const (
	CreateShipments      = "create_shipments"
	TrackShipments       = "track_shipments"
	ViewReports          = "view_reports"
	ManageCompanyAccount = "manage_company_account"
	ManageIntegrations   = "manage_integrations"
)

// PermissionCodes are all permissions in the order of the manual.
var PermissionCodes = [...]string{CreateShipments, TrackShipments, ViewReports, ManageCompanyAccount, ManageIntegrations}

// PermissionLabel is the manual's name of a permission.
func PermissionLabel(p *i18n.Printer, code string) string {
	switch code {
	case CreateShipments:
		return p.T("permission.create_shipments")
	case TrackShipments:
		return p.T("permission.track_shipments")
	case ViewReports:
		return p.T("permission.view_reports")
	case ManageCompanyAccount:
		return p.T("permission.manage_company_account")
	default:
		return p.T("permission.manage_integrations")
	}
}

// Of gives those of numbers that are of a kind.
func Of(kind string, numbers []ContractNumber) []ContractNumber {
	var some []ContractNumber
	for _, number := range numbers {
		if number.Kind == kind {
			some = append(some, number)
		}
	}
	return some
}

// Mask is how the manual shows a key: thirteen dots and its last three characters.
func Mask(tail string) string { return "•••••••••••••" + tail }

// Weight is how much a notice weighs.
type Weight uint8

// The weights of a notice.
const (
	Info Weight = iota
	Ok
	Warn
	Bad
)

func (w Weight) class() string {
	return [...]string{"notice--info", "notice--ok", "notice--warn", "notice--bad"}[w]
}

func (w Weight) icon() string {
	return [...]string{"info", "check", "triangle-alert", "circle-alert"}[w]
}

// Labels gives fields the names that a reader knows them by.
type Labels map[string]string

func (l Labels) name(field string) string {
	if label, ok := l[field]; ok {
		return label + ": "
	}
	return ""
}

// ErrorID is the id of the message at a field.
func ErrorID(name string) string { return name + "-error" }

// HintID is the id of the hint at a field.
func HintID(name string) string { return name + "-hint" }

// DescribedBy is what a field's aria-describedby says: the hint if there is one, and the message if the field is at fault.
func DescribedBy(f *fault.Fault, name string, hint bool) string {
	var ids []string
	if _, at := f.Field(name); at {
		ids = append(ids, ErrorID(name))
	}
	if hint {
		ids = append(ids, HintID(name))
	}
	return strings.Join(ids, " ")
}

// Invalid is what a field's aria-invalid says.
func Invalid(f *fault.Fault, name string) string {
	if _, at := f.Field(name); at {
		return "true"
	}
	return "false"
}

func summaryTitle(p *i18n.Printer, f *fault.Fault) string {
	if f.Message.Key != "" {
		return p.T(f.Message.Key, f.Message.Args...)
	}
	return p.T("ui.check_input")
}

func avatarColour(seed string) string {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(seed)) // a hash takes every byte
	return "avatar--" + string('1'+rune(sum.Sum32()%6))
}
