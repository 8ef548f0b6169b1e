package docs

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"

	"omapostipro/internal/apidoc"
	"omapostipro/internal/i18n"
	"omapostipro/internal/shipment"
)

// section is a part of the page, by its anchor.
type section struct{ id, title string }

func (c Contents) sections(p *i18n.Printer) []section {
	list := []section{
		{"start", p.T("docs.start")},
		{"credentials", p.T("docs.credentials")},
		{"samples", p.T("docs.samples")},
		{"compatible", p.T("docs.compatible")},
		{"own", p.T("docs.own")},
		{"services", p.T("docs.services")},
		{"tracking", p.T("docs.tracking")},
	}
	if c.Demo != nil {
		list = append(list, section{"try", p.T("docs.try")})
	}
	return append(list, section{"errors", p.T("docs.errors")}, section{"rules", p.T("docs.rules")}, section{"unknown", p.T("docs.unknown")})
}

// said writes a text of the catalogue, in which code stands between backticks.
func said(text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		for i, part := range strings.Split(text, "`") {
			if i%2 == 1 {
				b.WriteString("<code>" + templ.EscapeString(part) + "</code>")
			} else {
				b.WriteString(templ.EscapeString(part))
			}
		}
		_, err := io.WriteString(w, b.String())
		return err
	})
}

// address is one of the carrier's, and what is sent there.
type address struct{ carrier, path, credential, role string }

func addresses(p *i18n.Printer) []address {
	return []address{
		{"https://gateway.posti.fi", "/shippingapi/api/v1/…", p.T("docs.with_key"), ""},
		{"https://gateway.posti.fi", "/shippingapi/api/v2/…", p.T("docs.with_token"), "shippingapi"},
		{"https://gateway-auth.posti.fi", "/api/v1/token", p.T("docs.with_client"), ""},
		{"https://gateway.posti.fi", "/2025-04/…", p.T("docs.with_token"), "2025-04"},
		{"https://gateway.posti.fi", "/2026-04/…", p.T("docs.with_token"), "2026-04"},
		{"https://oauth2.posti.com", "/oauth/token", p.T("docs.with_client"), ""},
		{"https://api.posti.fi", "/tracking/7/…", p.T("docs.with_either"), "tracking"},
		{"https://connect.posti.fi", "/transportation/v1/orders", p.T("docs.with_either"), "shippingapi"},
	}
}

// samples are what the samples show, each with its title and what is to be known of it.
func (c Contents) tasks(p *i18n.Printer) []sample {
	list := []sample{
		{apidoc.OrderWithKey, p.T("docs.sample_order_key"), p.T("docs.sample_order_key_text")},
		{apidoc.GetToken, p.T("docs.sample_token"), p.T("docs.sample_token_text")},
		{apidoc.OrderWithToken, p.T("docs.sample_order_token"), p.T("docs.sample_order_token_text")},
		{apidoc.FetchLabel, p.T("docs.sample_label"), p.T("docs.sample_label_text")},
		{apidoc.Track, p.T("docs.sample_track"), p.T("docs.sample_track_text")},
		{apidoc.PickupPoints, p.T("docs.sample_points"), p.T("docs.sample_points_text")},
		{apidoc.OwnFamily, p.T("docs.sample_own"), p.T("docs.sample_own_text")},
		{apidoc.OrderPickup, p.T("docs.sample_pickup"), p.T("docs.sample_pickup_text")},
	}
	if c.Demo != nil {
		list = append(list, sample{apidoc.Advance, p.T("docs.sample_advance"), p.T("docs.sample_advance_text")})
	}
	return list
}

// sample is what the samples of a task are headed by.
type sample struct {
	task        apidoc.Task
	title, text string
}

// call is one of the carrier's.
type call struct{ method, path, about string }

// group is what of the carrier's calls belongs together, with what this replica chose where the carrier's way is not known.
type group struct {
	id, title, text string
	calls           []call
	rules           []string
	ours            string
	bodies          []apidoc.Body
}

func groups(p *i18n.Printer) []group {
	return []group{
		{"orders", p.T("docs.orders"), p.T("docs.orders_text"), []call{
			{"POST", "/api/v1/token", p.T("docs.call_token")},
			{"POST", "/oauth/token", p.T("docs.call_oauth")},
			{"POST", "/shippingapi/api/v1/shipping/order", p.T("docs.call_order_v1")},
			{"GET", "/shippingapi/api/v1/shipments/{contract}/{order}", p.T("docs.call_show_order")},
			{"GET", "/shippingapi/api/v1/shipments/{contract}/pdfs/{label}", p.T("docs.call_label")},
			{"POST", "/shippingapi/api/v2/shipping/order", p.T("docs.call_order_v2")},
			{"GET", "/shippingapi/api/v2/shipments/{contract}/{order}", p.T("docs.call_show_order")},
			{"GET", "/shippingapi/api/v2/shipments/{contract}/prints/{label}", p.T("docs.call_label")},
		}, []string{p.T("docs.order_contract"), p.T("docs.order_service"), p.T("docs.order_copies"), p.T("docs.order_mobile"), p.T("docs.order_lenient"), p.T("docs.order_media")},
			p.T("docs.orders_ours"), nil},
		{"gateway", p.T("docs.gateway"), p.T("docs.gateway_text"), []call{
			{"POST", "/{version}/pickuppoints", p.T("docs.call_search_points")},
			{"GET", "/{version}/pickuppoints/{country}", p.T("docs.call_list_points")},
			{"GET", "/{version}/pickuppoints/{country}/{code}", p.T("docs.call_show_point")},
			{"POST", "/{version}/estimate", p.T("docs.call_estimate")},
			{"POST", "/{version}/labelless", p.T("docs.call_make_code")},
			{"GET", "/{version}/labelless/{number}", p.T("docs.call_show_code")},
			{"GET", "/{version}/labelless/shipment/{code}", p.T("docs.call_find_code")},
		}, []string{p.T("docs.gateway_strict"), p.T("docs.gateway_code"), p.T("docs.gateway_test"), p.T("docs.gateway_test_back")}, p.T("docs.gateway_ours"), apidoc.Gateway()},
		{"track", p.T("docs.track"), p.T("docs.track_text"), []call{
			{"GET", "/tracking/7/shipments/{by}/{value}", p.T("docs.call_track")},
			{"GET", "/tracking/7/shipments/find", p.T("docs.call_find")},
			{"GET", "/tracking/7/find", p.T("docs.call_find_too")},
			{"POST", "/tracking/oauth/token", p.T("docs.call_oauth_too")},
		}, []string{p.T("docs.track_by"), p.T("docs.track_filters")}, p.T("docs.track_ours"), apidoc.Tracking()},
		{"pickups", p.T("docs.pickups"), p.T("docs.pickups_text"), []call{{"POST", "/transportation/v1/orders", p.T("docs.call_pickups")}},
			[]string{p.T("docs.pickups_message"), p.T("docs.pickups_one")}, p.T("docs.pickups_ours"), apidoc.Pickups()},
	}
}

// refusal is a status with the codes of its errors.
type refusal struct {
	status string
	codes  []string
	about  string
}

func refusals(p *i18n.Printer) []refusal {
	return []refusal{
		{"400", []string{"JSON_DECODE_ERROR", "XML_DECODE_ERROR", "IDEMPOTENCY_KEY_INVALID"}, p.T("docs.error_400")},
		{"401", []string{"KEY_MISSING", "KEY_MALFORMED", "KEY_UNKNOWN", "KEY_DISABLED", "KEY_REVOKED", "KEY_EXPIRED", "ADDRESS_NOT_ALLOWED", "INVALID_TOKEN", "TOKEN_EXPIRED"}, p.T("docs.error_401")},
		{"403", []string{"CONTRACT_NOT_ALLOWED", "ROLE_MISSING"}, p.T("docs.error_403")},
		{"404, 405, 410", []string{"NOT_FOUND", "METHOD_NOT_ALLOWED", "EXPIRED", "SHIPMENT_CANCELLED"}, p.T("docs.error_404")},
		{"408", []string{"REQUEST_TIMEOUT"}, p.T("docs.error_408")},
		{"409", []string{"SHIPMENT_CANCELLED", "SHIPMENT_IN_TRANSPORT", "NO_RETURN_SERVICE", "RETURN_EXISTS", "PICKUP_TOO_LATE", "STORY_ENDS", "EVENT_NOT_IN_TURN", "IDEMPOTENCY_KEY_REUSED", "IDEMPOTENCY_KEY_IN_USE"}, p.T("docs.error_409")},
		{"413, 415", []string{"BODY_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"}, p.T("docs.error_413")},
		{"422", []string{"REQUIRED", "INVALID", "TOO_LONG", "SERVICE_UNKNOWN", "ADDON_NOT_ALLOWED", "ADDON_CONFLICT", "ADDON_PROPERTY_MISSING", "ROUTE_NOT_ALLOWED",
			"PICKUP_POINT_UNKNOWN", "E41", "POSTCODE_INVALID", "UNKNOWN_FIELD", "DUPLICATE_FIELD", "EXTRA_FORBIDDEN", "UNKNOWN_PARAMETER", "REPEATED_PARAMETER", "MORE"}, p.T("docs.error_422")},
		{"429", []string{"RATE_LIMITED"}, p.T("docs.error_429")},
		{"500, 503", []string{"INTERNAL_SERVER_ERROR", "UNAVAILABLE"}, p.T("docs.error_503")},
	}
}

// shape is how a family writes an error.
type shape struct{ id, name, body string }

func (c Contents) shapes(p *i18n.Printer) []shape {
	return []shape{
		{"error-orders", p.T("docs.shape_orders"), c.Refusals.Orders},
		{"error-own", p.T("docs.shape_own"), c.Refusals.Own},
		{"error-gateway", p.T("docs.shape_gateway"), c.Refusals.Gateway},
		{"error-pickups", p.T("docs.shape_pickups"), c.Refusals.Pickups},
		{"error-token", p.T("docs.shape_token"), c.Refusals.Token},
	}
}

// fieldText tells of a field in the reader's language.
func fieldText(p *i18n.Printer, field apidoc.Field) string {
	//i18n:keys field.*
	return p.T("field." + field.Text)
}

// tagLabel names a group of the description's calls in the reader's language.
func tagLabel(p *i18n.Printer, tag string) string {
	//i18n:keys docs.tag.*
	return p.T("docs.tag." + tag)
}

// story is what a reference that begins in some way chooses.
type story struct{ beginning, about string }

func stories(p *i18n.Printer) []story {
	return []story{{"FAIL-", p.T("docs.story_fail")}, {"DELAY-", p.T("docs.story_delay")}, {"RETURN-", p.T("docs.story_return")}, {"LOST-", p.T("docs.story_lost")}}
}

// statusOf gives a status of tracking by its name.
func statusOf(name string) shipment.Status { return shipment.Status(name) }

// anchors of the reference.
func callID(c apidoc.Call) string         { return "call-" + c.ID }
func schemaID(name string) string         { return "object-" + name }
func schemaURL(name string) templ.SafeURL { return templ.SafeURL("#" + schemaID(name)) }

func sampleID(task apidoc.Task, language apidoc.Language) string {
	return "sample-" + string(task) + "-" + language.ID
}

// successes and refused are the answers of a call, apart.
func successes(c apidoc.Call) (list []apidoc.Answer) {
	for _, answer := range c.Answers {
		if answer.Success() {
			list = append(list, answer)
		}
	}
	return list
}

func refused(c apidoc.Call) (list []apidoc.Answer) {
	for _, answer := range c.Answers {
		if !answer.Success() {
			list = append(list, answer)
		}
	}
	return list
}
