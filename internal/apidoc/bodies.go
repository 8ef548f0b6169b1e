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

// field makes one of a body; its type ends in an asterisk where it must be there.
func field(name, kind, about string) Field {
	kind, required := strings.CutSuffix(kind, "*")
	return Field{Name: name, Type: kind, Required: required, About: about}
}

// Gateway gives the bodies of the versioned gateways. Here and below, fields of what stands in lists are told with
// [], and attributes of XML with @.
func Gateway() []Body {
	return []Body{
		{ID: "points", Call: "POST /{version}/pickuppoints", Request: []Field{
			field("searchCriteria.location", "object", "Where to search: a place, coordinates with or without a radius, or a rectangle. Without it, points come in the order of their codes."),
			field("searchCriteria.location.countryCode", "string", "FI or AX; other countries have no points here."),
			field("searchCriteria.location.postcode", "string", "Five digits."),
			field("searchCriteria.location.city", "string", "In Finnish or Swedish."),
			field("searchCriteria.location.street", "string", "With a number or without."),
			field("searchCriteria.location.coordinates", "object", "latitude and longitude, WGS 84."),
			field("searchCriteria.radius", "object", "unit (m or km) and value; may stand in location too."),
			field("searchCriteria.rectangle", "object", "swLatitude, swLongitude, neLatitude and neLongitude; may stand in location too."),
			field("searchCriteria.parcelLocker", "boolean", "Only lockers, or only counters."),
			field("searchCriteria.serviceFilters.outdoorLocker", "boolean", "Only lockers outdoors, or none of them."),
			field("searchCriteria.serviceFilters.wheelchairAccessibility", "boolean", "Those that can be reached in a wheelchair. False asks nothing, as with the next three."),
			field("searchCriteria.serviceFilters.openOnWeekends", "boolean", "Open on a Saturday or a Sunday."),
			field("searchCriteria.serviceFilters.ADRLimitedQuantities", "boolean", "Takes limited quantities of dangerous goods."),
			field("searchCriteria.serviceFilters.saturdayDelivery", "boolean", "Parcels come there on Saturdays too."),
			field("searchCriteria.serviceFilters.product", "object", "Of a service: those that it goes to."),
			field("searchCriteria.serviceFilters.product.code", "string", "As 2103 or PO2103."),
			field("limit", "integer", "How many at most; 15 without it."),
		}, Answer: []Field{
			field("pickupPoints[].id", "string*", "Nine digits: routing postcode and routing service."),
			field("pickupPoints[].publicName", "string*", "In the language of Accept-Language: fi, sv or en."),
			field("pickupPoints[].careOf", "string*", "How it is written in an address."),
			field("pickupPoints[].parcelLocker", "boolean*", "A locker, not a counter."),
			field("pickupPoints[].availability.openingHours[]", "array of object*", "One for each day: dayOfWeek, opens, closes, closed, open24h."),
			field("pickupPoints[].availability.exceptions[]", "array of object*", "The same for a date."),
			field("pickupPoints[].location.countryCode", "string*", ""),
			field("pickupPoints[].location.street", "string*", ""),
			field("pickupPoints[].location.postcode", "string*", ""),
			field("pickupPoints[].location.city", "string*", ""),
			field("pickupPoints[].location.municipality", "string*", ""),
			field("pickupPoints[].location.coordinates.latitude", "number*", "WGS 84, rough."),
			field("pickupPoints[].location.coordinates.longitude", "number*", ""),
			field("pickupPoints[].location.specificLocation", "string*", "Where in the place it is."),
			field("pickupPoints[].location.routingPostcode", "string*", "What the sorting reads."),
			field("pickupPoints[].capabilities[]", "array of object*", "What it can do: name, value, and cutOffTime, until when what is handed in goes on its way the same day."),
			field("pickupPoints[].routingServiceCode", "string*", "The last four of its digits."),
			field("pickupPoints[].pupCode", "string*", "The id again."),
			field("pickupPoints[].distanceInMeters", "integer", "From where was searched, as the crow flies."),
			field("pickupPoints[].externalId", "string*", ""),
		}},
		{ID: "estimate", Call: "POST /{version}/estimate", Request: []Field{
			field("estimate.time", "string (date-time)", "When the parcel is handed in; now without it."),
			field("estimate.origin.countryCode", "string", ""),
			field("estimate.origin.postcode", "string", ""),
			field("estimate.destination.countryCode", "string", ""),
			field("estimate.destination.postcode", "string", "Or pupCode, of a pickup point."),
			field("estimate.product.code", "string*", "As 2103 or PO2103."),
			field("estimate.product.additionalServicesCodes", "array of string", "Of those, the ones count that say when: DLV09 and the like."),
		}, Answer: []Field{field("estimates[].time", "string (date-time) or null*", "When it is delivered, or can be fetched; null where the service does not go.")}},
		{ID: "sending-code", Call: "POST /{version}/labelless", Request: []Field{
			field("searchCriteria.trackingNumber", "string*", "Of a parcel."),
			field("validation.noEdiCheck", "boolean", "Gives a code to any parcel, whatever was ordered."),
		}, Answer: []Field{
			field("shipments[].trackingNumber", "string*", ""),
			field("shipments[].sendingCode", "string*", "Six of 0-9, A, C, D, E and F: written on the parcel in place of a label."),
		}},
	}
}

// Tracking gives the bodies of tracking.
func Tracking() []Body {
	return []Body{{ID: "tracking", Call: "GET /tracking/7/shipments/{by}/{value}", Answer: []Field{
		field("parcelShipments[]", "array of object*", "What was found. Freight stands in freightShipments, in the same shape."),
		field("parcelShipments[].trackingNumber", "string*", "The one that was asked for, or the first."),
		field("parcelShipments[].trackingNumbers[]", "array of string*", "Of all its parcels."),
		field("parcelShipments[].shipmentNumber", "string*", "That of the first parcel."),
		field("parcelShipments[].orderNumber", "string*", "The order's orderNo."),
		field("parcelShipments[].senderReference", "string*", ""),
		field("parcelShipments[].product", "object*", "code, and name in sv, fi and en."),
		field("parcelShipments[].status", "string*", "See the statuses below."),
		field("parcelShipments[].statusDescription", "object*", "In sv, fi and en."),
		field("parcelShipments[].weight", "number*", "Kilograms, of all its parcels."),
		field("parcelShipments[].parcelCount", "integer*", ""),
		field("parcelShipments[].sender", "object*", "name, postcode, city and country."),
		field("parcelShipments[].receiver", "object*", "The same."),
		field("parcelShipments[].pickupPointId", "string", "Where it waits for its receiver."),
		field("parcelShipments[].created", "string (date-time)*", ""),
		field("parcelShipments[].lastModified", "string (date-time)*", "When something happened last; what the parameter of that name is compared with."),
		field("parcelShipments[].events[]", "array of object*", "The last first."),
		field("parcelShipments[].events[].eventCode", "string*", "See the events below."),
		field("parcelShipments[].events[].eventDescription", "object*", "In sv, fi and en."),
		field("parcelShipments[].events[].status", "string*", "What the shipment has been since."),
		field("parcelShipments[].events[].timestamp", "string (date-time)*", ""),
		field("parcelShipments[].events[].location", "object*", "name, postcode and country."),
		field("freightShipments[]", "array of object*", ""),
	}}}
}

// Pickups gives the bodies of pickup orders.
func Pickups() []Body {
	return []Body{{ID: "pickups", Call: "POST /transportation/v1/orders", Request: []Field{
		field("Postra.Header", "element", "Who sends the message, and what it is called; read only for MessageAction."),
		field("Postra.Header.MessageAction", "string*", "PICKUP_ORDER."),
		field("Postra.Shipments.Shipment", "element, repeated*", "What is fetched. Those of one place, time and instructions are fetched at once."),
		field("Postra.Shipments.Shipment.MessageFunctionCode", "string", "ORIGINAL."),
		field("Postra.Shipments.Shipment.PickupOrderType", "string*", "PICKUP."),
		field("Postra.Shipments.Shipment.ShipmentNumber", "string", "A tracking number."),
		field("Postra.Shipments.Shipment.ShipmentDateTime", "string (date-time)", ""),
		field("Postra.Shipments.Shipment.PickupDate", "string (date)*", "From Monday to Friday, and no public holiday."),
		field("Postra.Shipments.Shipment.PickupDate@timeEarliest", "string (time)*", "With its offset from UTC."),
		field("Postra.Shipments.Shipment.PickupDate@timeLatest", "string (time)*", ""),
		field("Postra.Shipments.Shipment.Instructions", "element", "For whoever comes, in Instruction."),
		field("Postra.Shipments.Shipment.Parties.Party", "element, repeated*", ""),
		field("Postra.Shipments.Shipment.Parties.Party@role", "string*", "CONSIGNOR, at whose Location it is fetched, and PAYER."),
		field("Postra.Shipments.Shipment.Parties.Party.Name1", "string", ""),
		field("Postra.Shipments.Shipment.Parties.Party.Location", "element", "Street1, Postcode, City and Country."),
		field("Postra.Shipments.Shipment.Parties.Party.Account", "string", "Of the PAYER: the contract number that pays."),
		field("Postra.Shipments.Shipment.GoodsItems", "element", "PackageQuantity in GoodsItem, with its type: how many of what."),
	}, Answer: []Field{
		field("response.result", "string*", "SUCCESS or FAILURE."),
		field("response.resultMessage", "string*", "How many pickups were ordered, or all that is wrong."),
	}}}
}
