package apidoc

import (
	"embed"
	"strings"
)

// exchangeFiles hold calls of the carrier's with their answers, which the tests make. The last of a file is the one that is shown.
//
//go:embed exchanges/*.txt
var exchangeFiles embed.FS

// Body is what a call of the carrier's takes and gives: field by field, and as it goes over the wire.
type Body struct {
	ID      string
	Call    string // method and path
	Request []Field
	Answer  []Field
}

// Exchange gives a request with its headers, and its answer, from the portal at an address.
func (b Body) Exchange(address string) (request, answer string) {
	text, err := exchangeFiles.ReadFile("exchanges/" + b.ID + ".txt")
	if err != nil {
		panic(err) // it is built in
	}
	all := string(text)
	last := all[strings.LastIndex(all, "\n>>> ")+len("\n>>> "):]
	request, answer, _ = strings.Cut(last, "\n<<< ")
	said := strings.NewReplacer("Bearer opt_system", "Bearer TOKEN", "opp_shop", "KEY", "https://portal.example", address)
	return strings.TrimSpace(said.Replace(request)), strings.TrimSpace(said.Replace(answer))
}

// field makes one of a body; its type ends in an asterisk where it must be there, and its text is one of the catalogues'.
func field(name, kind, text string) Field {
	kind, required := strings.CutSuffix(kind, "*")
	return Field{Name: name, Type: kind, Required: required, Text: text}
}

// Gateway gives the bodies of the versioned gateways. Here and below, fields of what stands in lists are told with
// [], and attributes of XML with @. A field is required where what it stands in is there.
func Gateway() []Body {
	return []Body{
		{ID: "points", Call: "POST /{version}/pickuppoints", Request: []Field{
			field("searchCriteria", "object*", "criteria"),
			field("searchCriteria.location", "object", "where"),
			field("searchCriteria.location.countryCode", "string", "countries"),
			field("searchCriteria.location.postcode", "string", "postcode"),
			field("searchCriteria.location.city", "string", "city"),
			field("searchCriteria.location.street", "string", "street"),
			field("searchCriteria.location.coordinates", "object", "coordinates"),
			field("searchCriteria.radius", "object", "radius"),
			field("searchCriteria.rectangle", "object", "rectangle"),
			field("searchCriteria.parcelLocker", "boolean", "lockers"),
			field("searchCriteria.serviceFilters.outdoorLocker", "boolean", "outdoors"),
			field("searchCriteria.serviceFilters.wheelchairAccessibility", "boolean", "wheelchair"),
			field("searchCriteria.serviceFilters.openOnWeekends", "boolean", "weekends"),
			field("searchCriteria.serviceFilters.ADRLimitedQuantities", "boolean", "limited_quantities"),
			field("searchCriteria.serviceFilters.saturdayDelivery", "boolean", "saturdays"),
			field("searchCriteria.serviceFilters.product", "object", "product"),
			field("searchCriteria.serviceFilters.product.code", "string*", "product_code"),
			field("searchCriteria.serviceFilters.product.additionalServicesCodes", "array of string", "product_points"),
			field("limit", "integer", "limit"),
		}, Answer: []Field{
			field("pickupPoints[].id", "string*", "point_id"),
			field("pickupPoints[].publicName", "string*", "point_name"),
			field("pickupPoints[].careOf", "string*", "care_of"),
			field("pickupPoints[].parcelLocker", "boolean*", "locker"),
			field("pickupPoints[].availability.openingHours[]", "array of object*", "opening"),
			field("pickupPoints[].availability.exceptions[]", "array of object*", "exceptions"),
			field("pickupPoints[].location.countryCode", "string*", ""),
			field("pickupPoints[].location.street", "string*", ""),
			field("pickupPoints[].location.postcode", "string*", ""),
			field("pickupPoints[].location.city", "string*", ""),
			field("pickupPoints[].location.municipality", "string*", ""),
			field("pickupPoints[].location.coordinates.latitude", "number*", "latitude"),
			field("pickupPoints[].location.coordinates.longitude", "number*", ""),
			field("pickupPoints[].location.specificLocation", "string*", "spot"),
			field("pickupPoints[].location.routingPostcode", "string*", "routing"),
			field("pickupPoints[].capabilities[]", "array of object*", "capabilities"),
			field("pickupPoints[].routingServiceCode", "string*", "routing_service"),
			field("pickupPoints[].pupCode", "string*", "id_again"),
			field("pickupPoints[].distanceInMeters", "integer", "distance"),
			field("pickupPoints[].externalId", "string*", ""),
		}},
		{ID: "estimate", Call: "POST /{version}/estimate", Request: []Field{
			field("estimate", "object*", ""),
			field("estimate.time", "string (date-time)*", "handed_in"),
			field("estimate.origin", "object*", "from"),
			field("estimate.origin.countryCode", "string*", ""),
			field("estimate.origin.postcode", "string", ""),
			field("estimate.destination", "object*", "to"),
			field("estimate.destination.countryCode", "string*", ""),
			field("estimate.destination.postcode", "string", "or_point"),
			field("estimate.product", "object*", ""),
			field("estimate.product.code", "string*", "product_code"),
			field("estimate.product.additionalServicesCodes", "array of string", "estimate_add_ons"),
		}, Answer: []Field{field("estimates[].time", "string (date-time) or null*", "estimated")}},
		{ID: "sending-code", Call: "POST /{version}/labelless", Request: []Field{
			field("searchCriteria", "object*", ""),
			field("searchCriteria.trackingNumber", "string*", "parcel"),
			field("validation.noEdiCheck", "boolean", "no_check"),
		}, Answer: []Field{
			field("shipments[].trackingNumber", "string*", ""),
			field("shipments[].sendingCode", "string*", "sending_code"),
		}},
	}
}

// Tracking gives the bodies of tracking.
func Tracking() []Body {
	return []Body{{ID: "tracking", Call: "GET /tracking/7/shipments/{by}/{value}", Answer: []Field{
		field("parcelShipments[]", "array of object*", "tracked"),
		field("parcelShipments[].trackingNumber", "string*", "asked_number"),
		field("parcelShipments[].trackingNumbers[]", "array of string*", "all_numbers"),
		field("parcelShipments[].shipmentNumber", "string*", "first_number"),
		field("parcelShipments[].orderNumber", "string*", "order_no"),
		field("parcelShipments[].senderReference", "string*", ""),
		field("parcelShipments[].product", "object*", "code_and_names"),
		field("parcelShipments[].status", "string*", "statuses"),
		field("parcelShipments[].statusDescription", "object*", "languages"),
		field("parcelShipments[].weight", "number*", "weight"),
		field("parcelShipments[].parcelCount", "integer*", ""),
		field("parcelShipments[].sender", "object*", "party"),
		field("parcelShipments[].receiver", "object*", "same"),
		field("parcelShipments[].pickupPointId", "string", "waits_at"),
		field("parcelShipments[].created", "string (date-time)*", ""),
		field("parcelShipments[].lastModified", "string (date-time)*", "modified"),
		field("parcelShipments[].events[]", "array of object*", "events"),
		field("parcelShipments[].events[].eventCode", "string*", "event_code"),
		field("parcelShipments[].events[].eventDescription", "object*", "languages"),
		field("parcelShipments[].events[].status", "string*", "status_since"),
		field("parcelShipments[].events[].timestamp", "string (date-time)*", ""),
		field("parcelShipments[].events[].location", "object*", "event_place"),
		field("freightShipments[]", "array of object*", ""),
	}}}
}

// Pickups gives the bodies of pickup orders.
func Pickups() []Body {
	return []Body{{ID: "pickups", Call: "POST /transportation/v1/orders", Request: []Field{
		field("Postra.Header", "element*", "header"),
		field("Postra.Header.MessageAction", "string*", "message_action"),
		field("Postra.Shipments.Shipment", "element, repeated*", "fetched"),
		field("Postra.Shipments.Shipment.MessageFunctionCode", "string", "original"),
		field("Postra.Shipments.Shipment.PickupOrderType", "string*", "order_type"),
		field("Postra.Shipments.Shipment.ShipmentNumber", "string*", "shipment_number"),
		field("Postra.Shipments.Shipment.ShipmentDateTime", "string (date-time)", ""),
		field("Postra.Shipments.Shipment.PickupDate", "string (date)*", "pickup_day"),
		field("Postra.Shipments.Shipment.PickupDate@timeEarliest", "string (time)*", "with_offset"),
		field("Postra.Shipments.Shipment.PickupDate@timeLatest", "string (time)*", ""),
		field("Postra.Shipments.Shipment.Instructions", "element", "instructions"),
		field("Postra.Shipments.Shipment.Parties.Party", "element, repeated*", ""),
		field("Postra.Shipments.Shipment.Parties.Party@role", "string*", "role"),
		field("Postra.Shipments.Shipment.Parties.Party.Name1", "string*", "consignor_name"),
		field("Postra.Shipments.Shipment.Parties.Party.Location", "element*", "place"),
		field("Postra.Shipments.Shipment.Parties.Party.Account", "string*", "payer"),
		field("Postra.Shipments.Shipment.GoodsItems", "element*", "packages"),
	}, Answer: []Field{
		field("response.result", "string*", "result"),
		field("response.resultMessage", "string*", "result_message"),
	}}}
}
