package api

import (
	"net/http"
	"slices"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"omapostipro/internal/caller"
)

// Own routes our own family, under /api/v1. Each call is described by what it is served with.
func (a *API) Own() http.Handler { return a.own().routes }

func (a *API) own() *ownFamily {
	f := family{a, a.problem}
	o := &ownFamily{family: f, routes: f.router(), description: newDescription(a.BaseURL), strict: map[string]bool{}}
	shipping := byKeyOrToken(caller.ShippingAPI)

	o.routes.Post("/token", a.tokenCall()) // the carrier's path

	serve(o, operation{method: http.MethodGet, path: "/key", id: "getKey", tag: "Credentials", need: byAny,
		summary: "What may this key do?",
		detail:  "The answer to every 401 and 403 that is not understood: the key's, or the token's account, with its contracts and roles."},
		a.showKey)

	serve(o, operation{method: http.MethodGet, path: "/services", id: "listServices", tag: "Services", need: byAny,
		summary: "The services of a route",
		detail:  "With the additional services that each may have, what must be told of those, and the limits of an order."},
		a.listServices)

	serve(o, operation{method: http.MethodPost, path: "/shipments/validate", id: "validateShipment", tag: "Shipments", need: shipping,
		summary: "Check an order without placing it",
		detail:  "Takes what POST /shipments takes, and tells everything that it would say of it. Nothing is stored."},
		a.validateShipment)
	serve(o, operation{method: http.MethodPost, path: "/shipments", id: "createShipment", tag: "Shipments", need: shipping,
		summary: "Place an order", status: http.StatusCreated, once: true,
		detail: "The body is that of version 2 of the carrier's call, and read as forgivingly: numbers may be strings, and fields that are not known " +
			"are named in the warnings. A return is given as its parcel went out: sender and receiver are exchanged here."},
		a.createShipment)
	serve(o, operation{method: http.MethodGet, path: "/shipments", id: "listShipments", tag: "Shipments", need: shipping,
		summary: "List and find shipments",
		detail:  "Those of the contract numbers that the credential may use, whoever placed them, the newest first."},
		a.listShipments)
	serve(o, operation{method: http.MethodGet, path: "/shipments/{id}", id: "getShipment", tag: "Shipments", need: shipping,
		summary: "One shipment"},
		a.showShipment)
	serve(o, operation{method: http.MethodDelete, path: "/shipments/{id}", id: "cancelShipment", tag: "Shipments", need: shipping,
		summary: "Cancel a shipment", status: http.StatusNoContent, refusals: []int{http.StatusConflict},
		detail: "Until the carrier has it; then 409. It stays listed as cancelled, and its numbers are never given again. To cancel it once more does nothing."},
		a.cancelShipment)
	serve(o, operation{method: http.MethodPost, path: "/shipments/{id}/return", id: "returnShipment", tag: "Shipments", need: shipping,
		summary: "Let a shipment come back", status: http.StatusCreated, once: true, refusals: []int{http.StatusConflict, http.StatusUnprocessableEntity},
		detail: "Places an order by the return service of the shipment's service, from its receiver to its sender, with a sending code for each parcel. " +
			"A shipment has one return: asked for again, 409 names it; when that is cancelled there can be another. Its story is the usual one, whatever the reference chose for the shipment."},
		a.returnShipment)

	serve(o, operation{method: http.MethodGet, path: "/shipments/{id}/label", id: "getLabel", tag: "Labels", need: shipping,
		summary: "A shipment's labels", files: []string{"application/pdf", "application/zpl", "image/png"}, refusals: []int{http.StatusGone},
		detail: "One for each parcel, at any time until it is cancelled; then 410. A picture has at most ten; of more, each is asked for by its parcel."},
		a.showShipmentLabel)
	serve(o, operation{method: http.MethodPost, path: "/labels", id: "createLabels", tag: "Labels", need: shipping,
		summary: "Labels of several shipments", files: []string{"application/pdf"},
		detail: "Up to a hundred labels in one PDF."},
		a.drawManyLabels)

	tracking := byKeyOrToken(caller.Tracking)
	serve(o, operation{method: http.MethodGet, path: "/shipments/{id}/events", id: "listEvents", tag: "Tracking", need: tracking,
		summary: "What has happened to a shipment",
		detail: "Its parcels travel together. A shipment moves by itself, by the usual times of its service; PORTAL_TRACKING_SPEED says how fast, " +
			"for those under way too. Of freight the status is told in the carrier's words for freight, here as everywhere."},
		a.listEvents)
	serve(o, operation{method: http.MethodGet, path: "/tracking/{number}", id: "trackNumber", tag: "Tracking", need: tracking,
		summary: "The same, by a tracking number",
		detail:  "A cancelled shipment is told as CANCELLED; the carrier's tracking has it no more."},
		a.trackNumber)
	if a.Test {
		serve(o, operation{method: http.MethodPost, path: "/sandbox/shipments/{id}/advance", id: "advanceShipment", tag: "Sandbox", need: shipping,
			summary: "Let the next thing happen to a shipment", refusals: []int{http.StatusConflict},
			detail: "By the next step of its story or, with a code, by that event; what comes before it is skipped. Nothing leads back: an event that cannot happen " +
				"to the shipment where it is gets 409, and so does the next step of one at its end. 77 sends it back, and 77 again is its arrival. A sender's reference (or else an order number) that begins with FAIL-, DELAY-, " +
				"RETURN- or LOST- chooses another story; the receiver's postcode 99999 is refused. Only in the set-ups for trying."},
			a.advanceShipment)
	}

	serve(o, operation{method: http.MethodPost, path: "/pickups", id: "createPickup", tag: "Pickups", need: shipping,
		summary: "Order a pickup", status: http.StatusCreated, once: true,
		detail: "Somebody comes for parcels that have been ordered, on a working day and between two hours. What the carrier has already, or what is cancelled, " +
			"cannot be fetched, and no parcel twice: neither in one pickup nor in two that wait."},
		a.createPickup)
	serve(o, operation{method: http.MethodGet, path: "/pickups", id: "listPickups", tag: "Pickups", need: shipping,
		summary: "List pickups",
		detail:  "Those that the contract numbers of the credential pay for, however they were ordered."},
		a.listPickups)
	serve(o, operation{method: http.MethodGet, path: "/pickups/{id}", id: "getPickup", tag: "Pickups", need: shipping,
		summary: "One pickup"},
		a.showPickup)
	serve(o, operation{method: http.MethodDelete, path: "/pickups/{id}", id: "cancelPickup", tag: "Pickups", need: shipping,
		summary: "Cancel a pickup", status: http.StatusNoContent, refusals: []int{http.StatusConflict},
		detail: "Until its day begins; then 409. It stays listed as cancelled. To cancel it once more does nothing."},
		a.cancelPickup)

	o.describeTags()
	o.publish()
	return o
}

// aboutTags says what the groups of calls are for.
var aboutTags = map[string]string{
	"Credentials": "What a key, or a token's account, may do.",
	"Services":    "What can be ordered, from where to where.",
	"Shipments":   "Ordering, finding, cancelling and sending back.",
	"Labels":      "What is printed, at any time.",
	"Tracking":    "What has happened to a shipment.",
	"Sandbox":     "The tester's hand, where things are only tried.",
	"Pickups":     "Having parcels fetched.",
}

// describeTags lists the groups of the calls that are served, in their order.
func (o *ownFamily) describeTags() {
	for _, call := range o.calls {
		if !slices.ContainsFunc(o.description.Tags, func(t *huma.Tag) bool { return t.Name == call.tag }) {
			o.description.Tags = append(o.description.Tags, &huma.Tag{Name: call.tag, Description: aboutTags[call.tag]})
		}
	}
}

// publish lets anybody read the description, which is complete now: no credential is needed to learn what one opens.
func (o *ownFamily) publish() {
	for name, schema := range o.description.Components.Schemas.Map() {
		if !o.strict[name] {
			schema.AdditionalProperties = nil // answers may come to say more, and what is read forgivingly may hold more
		}
		for _, property := range schema.Properties {
			property.Nullable = property.Nullable && property.Type != huma.TypeArray // lists are written [], never null
		}
	}
	o.file("openapi.json", "application/json", o.description.MarshalJSON)
	o.file("openapi.yaml", "application/yaml", o.description.YAML)
}

// file serves something that is written once, when it is first asked for.
func (o *ownFamily) file(name, contentType string, write func() ([]byte, error)) {
	content := sync.OnceValues(write)
	o.routes.Get("/"+name, o.open(func(w http.ResponseWriter, _ *http.Request) error {
		text, err := content()
		if err == nil {
			document{contentType, name, text}.write(w)
		}
		return err
	}))
}
