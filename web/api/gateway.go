package api

import (
	"net/http"

	"omapostipro/internal/caller"
	"omapostipro/internal/shipment"
)

// Gateway routes the carrier's versioned gateway, under its version; the role that its calls need is named like that. Both
// versions answer alike: what 2026-04 reads beyond 2025-04 is read by both.
func (a *API) Gateway(version caller.Role) http.Handler {
	f := family{a, a.refuseGateway}
	r := f.router()
	needed := byToken(version)
	r.Post("/pickuppoints", f.to(needed, a.searchPickupPoints))
	r.Get("/pickuppoints/{country}", f.to(needed, a.listPickupPoints))
	r.Get("/pickuppoints/{country}/{code}", f.to(needed, a.showPickupPoint))
	r.Post("/estimate", f.to(needed, a.estimate))
	r.Post("/labelless", f.to(needed, a.makeSendingCode))
	r.Get("/labelless/{number}", f.to(needed, a.showSendingCode))
	r.Get("/labelless/shipment/{code}", f.to(needed, a.showSentParcel))
	return r
}

// invalidRequest is the refusal of a body that breaks rules: all of them, with the carrier's status.
func invalidRequest(problems []shipment.Problem) error {
	return failure{status: http.StatusBadRequest, problems: problems}
}

// readStrict reads a body of the gateway by the fields of its root, of which some must be there.
func readStrict(w http.ResponseWriter, r *http.Request, fields func(*strictReading) strictFields, required ...string) error {
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	var reading strictReading
	if err := reading.read(body, fields(&reading), required...); err != nil {
		return err
	}
	if len(reading.problems) > 0 {
		return invalidRequest(reading.problems)
	}
	return nil
}
