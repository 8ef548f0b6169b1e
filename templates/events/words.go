package events

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/company"
	"omapostipro/internal/eventlog"
	"omapostipro/internal/i18n"
	"omapostipro/internal/shipment"
	companypages "omapostipro/templates/company"
	"omapostipro/templates/ui"
)

// ActionLabel says in words what happened, maybe to whom did it: api_key.revoked is API-nyckel återkallad.
func ActionLabel(p *i18n.Printer, action string, own bool) string {
	if own && action == "membership.ended" {
		action = "membership.left"
	}
	//i18n:keys event.action.*
	return p.T("event.action." + strings.ReplaceAll(action, ".", "_"))
}

// ActorLabel names who acted, and of what is no person what it is.
func ActorLabel(p *i18n.Printer, kind, name string) string {
	switch {
	case kind == audit.Key:
		return p.T("events.key", "name", name)
	case kind == audit.Application:
		return p.T("events.application", "name", name)
	case name != "":
		return name
	case kind == audit.Operator:
		return p.T("events.operator")
	case kind == audit.Nobody:
		return p.T("events.nobody")
	}
	return p.T("events.erased")
}

// zoneNote says whose time the page's times are.
func (m Page) zoneNote(p *i18n.Printer) string {
	if m.Elsewhere {
		return p.T("events.your_zone", "zone", m.Zone)
	}
	return p.T("events.finlands_zone", "zone", m.Zone)
}

// kindOption is a kind that can be asked for.
type kindOption struct{ kind, label string }

// kinds are all of them. Of a person, everything is told anyway.
func (f Filter) kinds(p *i18n.Printer) []kindOption {
	options := []kindOption{{"", p.T("events.all_kinds")}}
	if f.PersonID == "" {
		options = []kindOption{{"", p.T("events.but_log_ins")}, {eventlog.Everything, p.T("events.with_log_ins")}}
	}
	for _, kind := range f.KindCodes {
		options = append(options, kindOption{kind, kindLabel(p, kind)})
	}
	return options
}

func kindLabel(p *i18n.Printer, kind string) string {
	//i18n:keys event.kind.*
	return p.T("event.kind." + kind)
}

// fields are the names of what events change that the catalogue has a word for.
var fields = map[string]bool{"userType": true, "permissions": true, "contract_numbers": true, "numbers": true, "email": true, "firstName": true,
	"lastName": true, "status": true, "language": true, "phone": true, "name": true, "roles": true, "password": true, "left_out": true, "expires_at": true, "networks": true,
	"description": true, "kind": true, "number": true, "holder": true, "firstDay": true, "lastDay": true, "reason": true, "secret": true}

// FieldLabel names a field that was changed; what has no word of its own is named as it is.
func FieldLabel(p *i18n.Printer, field string) string {
	if !fields[field] {
		if f := company.Field(field); f == company.ContactsField || slices.Contains(company.Fields(), f) {
			return companypages.FullLabel(p, f)
		}
		return field
	}
	//i18n:keys event.field.*
	return p.T("event.field." + field)
}

// ValueLabel writes out a value: codes that the portal has words for, others as they are.
func ValueLabel(p *i18n.Printer, field, value string) string {
	if value == company.Erased {
		return p.T("events.erased")
	}
	switch field {
	case "userType":
		if value == string(account.MainUser) {
			return p.T("users.main_user")
		}
		return p.T("users.regular_user")
	case "permissions":
		return ui.PermissionLabel(p, value)
	case "kind":
		return ui.KindLabel(p, value)
	case "firstDay", "lastDay":
		if day, err := time.Parse(time.DateOnly, value); err == nil {
			return p.Day(day)
		}
	case "expires_at":
		if at, err := time.Parse(time.RFC3339, value); err == nil {
			return p.DateTime(at)
		}
	case "phone":
		return account.ShowPhone(value)
	case "status":
		return cmp.Or(shipment.Status(value).Name().In(string(p.Lang())), value)
	case "reason":
		//i18n:keys event.reason.*
		return p.T("event.reason." + value)
	case "language":
		for _, language := range i18n.Languages() {
			if string(language.Lang) == value {
				return language.Name
			}
		}
	}
	return companypages.Value(company.Field(field), value)
}

// FieldLabels names fields.
func FieldLabels(p *i18n.Printer, codes []string) []string {
	labels := make([]string, len(codes))
	for i, code := range codes {
		labels[i] = FieldLabel(p, code)
	}
	return labels
}

// dayDescribed refers a day to the time zone that it is of, too.
func dayDescribed(field string, wrong bool) templ.Attributes {
	if !wrong {
		return templ.Attributes{"aria-describedby": "zone"}
	}
	return templ.Attributes{"aria-describedby": ui.ErrorID(field) + " zone"}
}

// ending are the last words of actions that take something away, or keep somebody out.
var ending = []string{"revoked", "disabled", "ended", "refused", "withdrawn", "cancelled", "locked", "deleted", "removed", "left"}

// tone marks what took something away or kept somebody out, so that it is found at a glance; a log-out is neither.
func tone(action string) string {
	kind, verb, _ := strings.Cut(action, ".")
	if slices.Contains(ending, verb) && (kind != "session" || verb == "refused") {
		return "event__icon--bad"
	}
	return ""
}

func icon(kind string) string {
	switch kind {
	case "api_key", "application_account":
		return "key-round"
	case "delivery_order", "pickup":
		return "package"
	case "contract_number":
		return "hash"
	case "organization", "company_account":
		return "building-2"
	case "session":
		return "shield-check"
	}
	return "users"
}
