package web

import (
	"errors"
	"net/http"

	"omapostipro/internal/audit"
	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
	"omapostipro/internal/pickup"
	"omapostipro/internal/shipment"
	"omapostipro/templates/events"
	"omapostipro/templates/layout"
	"omapostipro/templates/paths"
	"omapostipro/templates/pickups"
)

// pickupsPage is how many pickups a page shows.
const pickupsPage = 20

// showPickups shows the pickups that the reader's contract numbers pay for.
func (s *Server) showPickups(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.there = paths.Pickups
	after, err := shipment.ParseCursor(r.URL.Query().Get("after"))
	if err != nil {
		return fault.New(fault.NotFound, "errors.not_found_text").Because(err)
	}
	list, next, err := s.Pickups.List(r.Context(), v.actor, after, pickupsPage)
	if err != nil {
		return err
	}
	page := pickups.Page{Base: v.base()}
	for _, found := range list {
		page.Pickups = append(page.Pickups, pickupOf(i18n.From(r.Context()), found, v))
	}
	if cursor := next.String(); cursor != "" {
		page.More = nextPage(r.URL, "after", cursor)
	}
	return render(w, r, http.StatusOK, page.View())
}

func pickupOf(p *i18n.Printer, found pickup.Pickup, v *visit) pickups.Pickup {
	shown := pickups.Pickup{ID: found.ID.String(), Earliest: found.Earliest, Latest: found.Latest, Address: pickups.Address(found.Address),
		Instructions: found.Instructions, Contract: numberOf(found.Contract), Packages: found.Packages, PackageType: found.PackageType,
		Ordered: found.OrderedAt, OrderedBy: events.ActorLabel(p, found.OrderedBy.Kind, found.OrderedBy.Name), ByMessage: found.OrderedBy.Message,
		Cancelled: orZero(found.CancelledAt)}
	if v.actor.SeesIntegrations() && found.OrderedBy.Name != "" {
		switch id := found.OrderedBy.ID.String(); found.OrderedBy.Kind {
		case audit.Key:
			shown.OrdererURL = paths.Key(v.organization(), id)
		case audit.Application:
			shown.OrdererURL = paths.Application(v.organization(), id)
		}
	}
	told := map[string]pickup.Told{}
	for _, one := range found.Told {
		told[one.Number] = one
	}
	for _, number := range found.Numbers {
		one := pickups.Shipment(told[number])
		one.Number = number
		shown.Shipments = append(shown.Shipments, one)
	}
	return shown
}

// pickupPage gives the page of the pickup that the path names.
func (s *Server) pickupPage(r *http.Request, v *visit) (pickups.DetailPage, error) {
	v.there = paths.Pickups
	id, err := pathID(r, "pickup")
	if err != nil {
		return pickups.DetailPage{}, err
	}
	found, err := s.Pickups.Get(r.Context(), v.actor, id)
	if err != nil {
		return pickups.DetailPage{}, err
	}
	return pickups.DetailPage{Base: v.base(), Pickup: pickupOf(i18n.From(r.Context()), found, v),
		Cancellable: v.actor.MayOrderPickups() && found.Cancellable(s.Now())}, nil
}

// showPickup shows a pickup's page.
func (s *Server) showPickup(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, err := s.pickupPage(r, v)
	if err != nil {
		return err
	}
	return render(w, r, http.StatusOK, page.View())
}

// showPickupCancellation shows the dialog that asks before a pickup is cancelled.
func (s *Server) showPickupCancellation(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, err := s.pickupPage(r, v)
	if err != nil {
		return err
	}
	if !page.Cancellable {
		return seeOther(w, r, paths.Pickup(v.organization(), page.Pickup.ID))
	}
	return render(w, r, http.StatusOK, pickups.CancellationPage{DetailPage: page}.View())
}

// cancelPickup cancels a pickup.
func (s *Server) cancelPickup(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := pathID(r, "pickup")
	if err != nil {
		return err
	}
	err = s.Pickups.Cancel(r.Context(), v.actor, id)
	if errors.Is(err, pickup.ErrTooLate) {
		return fault.New(fault.Conflict, "pickups.too_late").Because(err)
	}
	if err != nil {
		return err
	}
	s.setFlash(w, layout.Flash{Text: i18n.From(r.Context()).T("pickups.cancelled_receipt")})
	return seeOther(w, r, paths.Pickup(v.organization(), id.String()))
}
