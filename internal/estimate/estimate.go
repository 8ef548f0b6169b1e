// Package estimate says when a parcel will be there.
//
// How the carrier reckons is not known; this is ours, plausible and no promise of the carrier's. What is handed in by the
// cut-off hour of a working day is on its way that day, and later things on the next. From then on the catalogue's hours
// count, a working day for every 24 of them. It can be fetched from noon of the last day, or is brought by four in the
// afternoon, but for the additional services that name an hour. Times are those of Helsinki.
package estimate

import (
	"slices"
	"time"

	"omapostipro/internal/shipment"
	"omapostipro/internal/workday"
)

// Hours of the day.
const (
	CutOff        = 16 // until then it is on its way the same day
	CutOffSameDay = 10 // until then it is brought the same day, with DLV00
	AtPickupPoint = 12 // can be fetched
	AtDoor        = 16 // has been brought
	InTheEvening  = 21
	EarlyMorning  = 9
)

// Request is what is asked about.
type Request struct {
	Service  shipment.Service
	AddOns   []string // ids of the catalogue
	From, To string   // countries, by ISO 3166
	At       time.Time
}

func (r Request) has(addOn string) bool { return slices.Contains(r.AddOns, addOn) }

// Delivery gives when the parcel is there, and false where the service does not go.
func Delivery(r Request) (time.Time, bool) {
	if !r.Service.Route.From.Contains(r.From) || !r.Service.Route.To.Contains(r.To) {
		return time.Time{}, false
	}
	days, cutOff := (r.Service.Hours+23)/24, CutOff
	if r.has("DLV00") {
		days, cutOff = 0, CutOffSameDay
	}
	if r.has("DLVANOT") {
		days++ // to agree on a time
	}
	day := workday.Day(r.At)
	if !workday.Working(day) || r.At.In(workday.Helsinki).Hour() >= cutOff {
		day = nextDelivery(day, false)
	}
	for left := days; left > 0; left-- {
		day = nextDelivery(day, left == 1 && r.has("DLVSAT"))
	}
	year, month, date := day.Date()
	return time.Date(year, month, date, r.hour(), 0, 0, 0, workday.Helsinki), true
}

// nextDelivery gives the next day on which parcels are brought; on Saturdays they are to those who pay for that.
func nextDelivery(day time.Time, saturdays bool) time.Time {
	for {
		day = workday.Next(day)
		if workday.Working(day) || saturdays && day.Weekday() == time.Saturday && !workday.Holiday(day) {
			return day
		}
	}
}

func (r Request) hour() int {
	switch {
	case r.has("DLV09"):
		return EarlyMorning
	case r.has("DLV00"), r.has("DLV21"):
		return InTheEvening
	}
	switch r.Service.DestinationWith(r.has) {
	case shipment.ToPickupPoint, shipment.AtTerminal:
		return AtPickupPoint
	default:
		return AtDoor
	}
}
