package shipment

import (
	"slices"

	"omapostipro/internal/account"
)

// Status says how far a shipment has come, in the words of the carrier's tracking.
type Status string

// The statuses.
const (
	Waiting           Status = "WAITING"
	Received          Status = "RECEIVED"
	InTransport       Status = "IN_TRANSPORT"
	OutForDelivery    Status = "OUT_FOR_DELIVERY"
	ReadyForPickup    Status = "READY_FOR_PICKUP"
	Delivered         Status = "DELIVERED"
	ReturnInTransport Status = "RETURN_IN_TRANSPORT"
	ReturnedToSender  Status = "RETURNED_TO_SENDER"
	Cancelled         Status = "CANCELLED" // ours: the carrier's tracking does not show what was never carried

	// Of freight less is told in between, in words of its own.
	FreightOrderReceived Status = "ORDER_RECEIVED"
	FreightInDelivery    Status = "IN_DELIVERY"
)

// Statuses gives the statuses of parcels, in the order in which a shipment may come to them.
func Statuses() []Status {
	return []Status{Waiting, Received, InTransport, OutForDelivery, ReadyForPickup, Delivered, ReturnInTransport, ReturnedToSender, Cancelled}
}

// Name gives what the status is called.
func (s Status) Name() Name { return names.Statuses[string(s)] }

// comesBefore says whether a shipment comes to the status before the other.
func (s Status) comesBefore(other Status) bool {
	return slices.Index(Statuses(), s) < slices.Index(Statuses(), other)
}

// isEnd says whether nothing leads on to another status.
func (s Status) isEnd() bool { return s == Delivered || s == ReturnedToSender || s == Cancelled }

// Cancellable says whether a shipment may still be cancelled: until the carrier has it.
func (s Status) Cancellable() bool { return s == Waiting }

// OfFreight gives the status as it is told of freight: order received, in transport, in delivery, delivered. That it goes
// back is told as of parcels, as the carrier has no other words for it.
func (s Status) OfFreight() Status {
	switch s {
	case Waiting:
		return FreightOrderReceived
	case Received:
		return InTransport
	case OutForDelivery, ReadyForPickup:
		return FreightInDelivery
	default:
		return s
	}
}

// ToldOf gives the status as every family tells it of what was sent under a kind of contract number.
func (s Status) ToldOf(kind account.Kind) Status {
	if kind == account.FreightTransportCode {
		return s.OfFreight()
	}
	return s
}

// ToldStatuses gives all words in which statuses are told: those of parcels, then those that freight alone has.
func ToldStatuses() []Status { return append(Statuses(), FreightOrderReceived, FreightInDelivery) }

// toldAs gives the statuses that are told so of what was sent under a kind of contract number.
func (s Status) toldAs(kind account.Kind) []Status {
	return slices.DeleteFunc(Statuses(), func(status Status) bool { return status.ToldOf(kind) != s })
}

// Event is something that tracking tells of a shipment, by the carrier's code (IFTSTA).
type Event struct {
	Code   string
	Name   Name
	Status Status // that it leads to; "" for one that leaves the shipment where it is
	Then   Status // that it leads to when it is told again, if that is another
}

// The codes of events.
const (
	EventAdvanceInformation = "68"
	EventPickedUp           = "13"
	EventInTransport        = "31"
	EventLoaded             = "48"
	EventOutForDelivery     = "71"
	EventArrived            = "91"
	EventNoticeSent         = "45"
	EventHandedOver         = "22"
	EventPaid               = "38" // only where cash was paid on delivery
	EventAttemptFailed      = "56"
	EventException          = "20"
	EventReturning          = "77"
)

var events = named([]Event{
	{Code: EventAdvanceInformation, Status: Waiting},
	{Code: EventPickedUp, Status: Received},
	{Code: EventInTransport, Status: InTransport},
	{Code: EventLoaded, Status: InTransport},
	{Code: EventOutForDelivery, Status: OutForDelivery},
	{Code: EventArrived, Status: ReadyForPickup},
	{Code: EventNoticeSent, Status: ReadyForPickup},
	{Code: EventHandedOver, Status: Delivered},
	{Code: EventPaid, Status: Delivered},
	{Code: EventAttemptFailed},
	{Code: EventException},
	{Code: EventReturning, Status: ReturnInTransport, Then: ReturnedToSender},
}, func(e *Event) { e.Name = names.Events[e.Code] })

// Events gives every event of the catalogue.
func Events() []Event { return slices.Clone(events) }

// LookupEvent finds an event by its code.
func LookupEvent(code string) (Event, bool) {
	i := slices.IndexFunc(events, func(e Event) bool { return e.Code == code })
	if i < 0 {
		return Event{}, false
	}
	return events[i], true
}
