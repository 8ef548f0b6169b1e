package errorpage

import (
	"net/http"

	"github.com/a-h/templ"

	"omapostipro/internal/i18n"
)

// Plain is the page for when nothing else can be drawn: it needs no request, no person and no database, so it can be
// rendered once a language, at start.
func Plain(status int) templ.Component {
	return Page{Status: status}.View()
}

func title(p *i18n.Printer, status int) string {
	switch status {
	case http.StatusBadRequest:
		return p.T("errors.bad_request")
	case http.StatusForbidden:
		return p.T("errors.forbidden")
	case http.StatusNotFound:
		return p.T("errors.not_found")
	case http.StatusMethodNotAllowed:
		return p.T("errors.method_not_allowed")
	case http.StatusConflict:
		return p.T("errors.conflict")
	case http.StatusGone:
		return p.T("errors.gone")
	case http.StatusRequestEntityTooLarge:
		return p.T("errors.too_large")
	case http.StatusUnsupportedMediaType:
		return p.T("errors.unsupported_type")
	case http.StatusUnprocessableEntity:
		return p.T("errors.invalid")
	case http.StatusTooManyRequests:
		return p.T("errors.throttled")
	case http.StatusServiceUnavailable:
		return p.T("errors.unavailable")
	default:
		return p.T("errors.internal")
	}
}

func text(p *i18n.Printer, status int) string {
	switch status {
	case http.StatusBadRequest:
		return p.T("errors.bad_request_text")
	case http.StatusForbidden:
		return p.T("errors.forbidden_text")
	case http.StatusNotFound:
		return p.T("errors.not_found_text")
	case http.StatusMethodNotAllowed:
		return p.T("errors.method_not_allowed_text")
	case http.StatusConflict:
		return p.T("errors.conflict_text")
	case http.StatusGone:
		return p.T("errors.gone_text")
	case http.StatusRequestEntityTooLarge:
		return p.T("errors.too_large_text")
	case http.StatusUnsupportedMediaType:
		return p.T("errors.unsupported_type_text")
	case http.StatusUnprocessableEntity:
		return p.T("errors.invalid_text")
	case http.StatusTooManyRequests:
		return p.T("errors.throttled_text")
	case http.StatusServiceUnavailable:
		return p.T("errors.unavailable_text")
	default:
		return p.T("errors.internal_text")
	}
}

// mendable says what a main user lacks, who can add it alone.
func (m ForbiddenPage) mendable(p *i18n.Printer) string {
	if m.Lacks == LacksCompanyAccount {
		return p.T("errors.lacks_company_account_main_user")
	}
	if m.Lacks == LacksPickups {
		return p.T("errors.lacks_pickups_main_user")
	}
	return p.T("errors.lacks_integrations_main_user")
}

// missing says what others lack.
func (m ForbiddenPage) missing(p *i18n.Printer) string {
	switch m.Lacks {
	case LacksIntegrations:
		return p.T("keys.needs_permission")
	case LacksCompanyAccount:
		return p.T("company.needs_permission")
	case LacksPickups:
		return p.T("pickups.sees")
	default:
		return p.T("errors.lacks_main_user", "organization", m.Organization.Name)
	}
}

func sign(status int) string {
	switch {
	case status == http.StatusNotFound || status == http.StatusGone:
		return "search"
	case status == http.StatusForbidden:
		return "shield-check"
	case status >= http.StatusInternalServerError:
		return "life-buoy"
	default:
		return "triangle-alert"
	}
}

// again says whether trying once more can help.
func again(status int) bool {
	return status >= http.StatusInternalServerError || status == http.StatusTooManyRequests
}
