package shipment

import (
	"cmp"
	"strings"
	"time"
)

// Step is something that happens to a shipment, and when: so long after it was ordered, at the speed of the world.
type Step struct {
	Code   string // of an event
	Status Status // that the shipment has then
	After  time.Duration
	place  func(Order) Party // where it happens
}

// Where steps happen.
func atSender(o Order) Party { return o.Sender }

func atReceiver(o Order) Party { return o.Receiver }

// atHandOver is the pickup point where it is known where that is, else the receiver's town.
func atHandOver(o Order) Party {
	if o.PickupPoint != "" && o.ToPickupPoint() {
		if point := o.pickupPointOnLabel(); point.City != "" {
			return Party{Name: point.Name, Postcode: point.Zipcode, City: point.City, Country: o.Receiver.Country}
		}
	}
	return o.Receiver
}

// The times beside a service's own hours are ours, and plausible.
const (
	noticeAfter  = 5 * time.Minute    // of the arrival
	fetchedAfter = 20 * time.Hour     // of the arrival
	paidAfter    = 24 * time.Hour     // of the hand-over
	triedAgain   = 24 * time.Hour     // after an attempt that failed
	delay        = 24 * time.Hour     // of a shipment that is delayed
	keptFor      = 7 * 24 * time.Hour // for who fetches it
)

// What a reference begins with chooses how a shipment's story goes, in the set-ups for trying.
const (
	storyFails   = "FAIL-"   // the first attempt to hand it over
	storyDelayed = "DELAY-"  // by a day
	storyReturns = "RETURN-" // it is not fetched or not accepted, and goes back
	storyLost    = "LOST-"   // nothing is heard of it after an exception
)

// Story tells what will happen to a shipment of the order, from its ordering on. By whose reference it is chosen: the
// sender's, or else the order number; only with magic.
func (o Order) Story(magic bool) []Step {
	if !magic {
		return o.story("")
	}
	return o.story(o.chosen())
}

// chosen gives the beginning of the order's reference that chooses a story; "" is the usual one.
func (o Order) chosen() string {
	for _, beginning := range []string{storyFails, storyDelayed, storyReturns, storyLost} {
		if strings.HasPrefix(cmp.Or(o.SenderReference, o.OrderNo), beginning) {
			return beginning
		}
	}
	return ""
}

// storyFrom gives the story of a shipment that has come to a status by something that its own story may not have had: what
// is on its way back gets there, whatever was to come of it, and what was handed over after all has been.
func (o Order) storyFrom(status Status, magic bool) []Step {
	chosen := ""
	if magic {
		chosen = o.chosen()
	}
	switch {
	case status == ReturnInTransport || status == ReturnedToSender:
		chosen = storyReturns
	case status == Delivered && (chosen == storyReturns || chosen == storyLost):
		chosen = ""
	}
	return o.story(chosen)
}

// story tells one of the stories. Its steps never lead back to a status that comes before.
func (o Order) story(chosen string) []Step {
	service, _ := LookupService(o.Service)
	hours := time.Duration(service.Hours) * time.Hour
	at := func(percent int) time.Duration { return hours * time.Duration(percent) / 100 }
	steps := []Step{
		{EventAdvanceInformation, Waiting, 0, atSender},
		{EventPickedUp, Received, at(10), atSender},
		{EventLoaded, InTransport, at(25), atSender},
		{EventInTransport, InTransport, at(50), atReceiver},
	}
	late := time.Duration(0)
	switch chosen {
	case storyLost:
		return append(steps, Step{EventException, InTransport, at(60), atReceiver})
	case storyDelayed:
		steps, late = append(steps, Step{EventException, InTransport, at(60), atReceiver}), delay
	}
	if o.Fetched() {
		steps = append(steps, fetched(at(100)+late, chosen)...)
	} else {
		steps = append(steps, brought(at, late, chosen)...)
	}
	last := steps[len(steps)-1]
	if chosen == storyReturns {
		return append(steps,
			Step{EventReturning, ReturnInTransport, last.After + triedAgain, atHandOver},
			Step{EventReturning, ReturnedToSender, last.After + triedAgain + hours, atSender})
	}
	if o.has("COD") {
		steps = append(steps, Step{EventPaid, Delivered, last.After + paidAfter, atSender})
	}
	return steps
}

// fetched tells the end of the way to where parcels wait: a pickup point, or a terminal.
func fetched(arrived time.Duration, chosen string) []Step {
	steps := []Step{}
	if chosen == storyFails {
		steps = append(steps, Step{EventAttemptFailed, InTransport, arrived, atHandOver})
		arrived += triedAgain
	}
	steps = append(steps, Step{EventArrived, ReadyForPickup, arrived, atHandOver}, Step{EventNoticeSent, ReadyForPickup, arrived + noticeAfter, atHandOver})
	if chosen == storyReturns {
		return append(steps, Step{EventException, ReadyForPickup, arrived + keptFor, atHandOver})
	}
	return append(steps, Step{EventHandedOver, Delivered, arrived + fetchedAfter, atHandOver})
}

// brought tells the end of the way to the door.
func brought(at func(percent int) time.Duration, late time.Duration, chosen string) []Step {
	steps := []Step{{EventOutForDelivery, OutForDelivery, at(90) + late, atReceiver}}
	switch chosen {
	case storyReturns:
		return append(steps, Step{EventAttemptFailed, OutForDelivery, at(100) + late, atReceiver})
	case storyFails:
		return append(steps, Step{EventAttemptFailed, OutForDelivery, at(100) + late, atReceiver},
			Step{EventHandedOver, Delivered, at(100) + late + triedAgain, atReceiver})
	}
	return append(steps, Step{EventHandedOver, Delivered, at(100) + late, atReceiver})
}

// RefusedPostcode is one to which nothing is sent, in the set-ups for trying.
const RefusedPostcode = "99999"
