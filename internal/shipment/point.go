package shipment

import (
	"fmt"

	"omapostipro/internal/pickuppoint"
)

// PointNeed is something that a pickup point must be, and why.
type PointNeed struct {
	Filter  pickuppoint.Filter
	Because string
}

// PointNeeds gives what a pickup point in Finland must be for parcels of the service, with some additional services, to be
// fetched there or, of a return, handed in. It is false where no point here has to do with them.
func (s Service) PointNeeds(has func(addOn string) bool) (needs []PointNeed, some bool) {
	switch {
	case !s.Route.From.Contains(string(Finland)):
		return nil, false
	case s.Destination == ToSender:
		needs = append(needs, PointNeed{pickuppoint.Filter{Features: pickuppoint.DropOff}, "returns are handed in where that can be done"})
	case !s.DestinationWith(has).takesPickupPoint() || !s.Route.To.Contains(string(Finland)):
		return nil, false
	}
	if s.LockersOnly {
		needs = append(needs, PointNeed{pickuppoint.Filter{Locker: new(true)}, fmt.Sprintf("service '%s' goes to parcel lockers only", s.ID)})
	}
	if has("NOBOX") {
		needs = append(needs, PointNeed{pickuppoint.Filter{OutdoorLocker: new(false)}, "parcels with 'NOBOX' do not go to outdoor lockers"})
	}
	if has("FDNGPP") {
		needs = append(needs, PointNeed{pickuppoint.Filter{Features: pickuppoint.LimitedQuantities}, "parcels with 'FDNGPP' go only where limited quantities of dangerous goods are taken"})
	}
	return needs, true
}

// checkKnownPoint checks a pickup point in Finland.
func (v *validation) checkKnownPoint(code string) {
	const path = "agent.quickId"
	switch pickuppoint.StatusOf(code) {
	case pickuppoint.Unknown:
		v.add(PickupPointUnknown, path, "there is no pickup point %s: POST /2025-04/pickuppoints finds those that there are", Quote(code))
	case pickuppoint.Closed:
		v.add(PickupPointInactive, path, "E41: the pickup point %s is inactive", Quote(code))
	case pickuppoint.Active:
		point, _ := pickuppoint.ByCode(code)
		needs, _ := v.service.PointNeeds(v.order.has)
		for _, need := range needs {
			if !need.Filter.Takes(point) {
				v.add(Invalid, path, "the pickup point %s will not do: %s", Quote(code), need.Because)
			}
		}
	}
}
