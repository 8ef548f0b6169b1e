package api

import (
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/pickup"
	"omapostipro/internal/shipment"
	"omapostipro/internal/workday"
)

type pickupGiven struct {
	Body pickupBody
}

type pickupBody struct {
	Date            string            `json:"date" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"The day, in Helsinki: a working day, today or at most sixty days ahead." example:"2026-11-30"`
	Earliest        string            `json:"earliest" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" doc:"Not before, in Helsinki." example:"08:00"`
	Latest          string            `json:"latest" pattern:"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$" doc:"Not after, in Helsinki." example:"16:00"`
	Instructions    string            `json:"instructions,omitempty" maxLength:"500" doc:"For who comes."`
	TrackingNumbers []string          `json:"trackingNumbers" minItems:"1" maxItems:"100" doc:"Of parcels under one contract number, which pays. Each once; the carrier must not have it yet, and no other pickup may wait for it."`
	Packages        int               `json:"packages,omitempty" minimum:"1" maximum:"9999" doc:"How many are fetched. Without it: one a tracking number."`
	Address         pickupAddressBody `json:"address,omitzero" doc:"Where. Without it: at the sender of the first parcel."`
}

type pickupAddressBody struct {
	Name     string `json:"name" maxLength:"100"`
	Street   string `json:"street" maxLength:"100"`
	Postcode string `json:"postcode" maxLength:"12"`
	City     string `json:"city" maxLength:"100"`
	Country  string `json:"country" pattern:"^[A-Z]{2}$" example:"FI"`
	Phone    string `json:"phone,omitempty" maxLength:"100"`
	Email    string `json:"email,omitempty" maxLength:"254"`
}

// pickupAnswer is a pickup as our own family tells of it.
type pickupAnswer struct {
	ID              uuid.UUID         `json:"id"`
	Status          string            `json:"status" enum:"ORDERED,CANCELLED"`
	Contract        string            `json:"contract" doc:"Number of the one that pays." example:"654321"`
	Date            string            `json:"date" example:"2026-11-30"`
	Earliest        string            `json:"earliest" example:"08:00"`
	Latest          string            `json:"latest" example:"16:00"`
	Instructions    string            `json:"instructions"`
	Address         pickupAddressBody `json:"address"`
	TrackingNumbers []string          `json:"trackingNumbers" doc:"In an order by XML message, whatever its sender calls the shipments that are not known here."`
	Packages        int               `json:"packages"`
	Shipments       []pickupShipment  `json:"shipments,omitempty" doc:"In an order by XML message, what it told of each shipment."`
	OrderedAt       time.Time         `json:"orderedAt"`
	CancelledAt     *time.Time        `json:"cancelledAt,omitempty"`

	href string
}

// pickupShipment is what an XML message told of a shipment.
type pickupShipment struct {
	Number          string `json:"number"`
	PickupOrderType string `json:"pickupOrderType" example:"PICKUP"`
	Earliest        string `json:"earliest" example:"08:00"`
	Latest          string `json:"latest" example:"16:00"`
	Packages        int    `json:"packages"`
	PackageType     string `json:"packageType" doc:"As its sender calls them." example:"CW"`
}

func (p pickupAnswer) location() string { return p.href }

func (a *API) describePickup(p pickup.Pickup) pickupAnswer {
	answer := pickupAnswer{ID: p.ID, Status: "ORDERED", Contract: p.Contract.Number, Date: p.Day.In(workday.Helsinki).Format(time.DateOnly), Earliest: clockOf(p.Earliest, p.Day),
		Latest: clockOf(p.Latest, p.Day), Instructions: p.Instructions, Address: pickupAddressBody(p.Address), TrackingNumbers: p.Numbers, Packages: p.Packages,
		OrderedAt: p.OrderedAt.UTC(), href: a.BaseURL + "/api/v1/pickups/" + p.ID.String()}
	for _, told := range p.Told {
		answer.Shipments = append(answer.Shipments, pickupShipment{Number: told.Number, PickupOrderType: told.OrderType, Earliest: clockOf(told.Earliest, p.Day),
			Latest: clockOf(told.Latest, p.Day), Packages: told.Packages, PackageType: told.PackageType})
	}
	if p.CancelledAt != nil {
		answer.Status, answer.CancelledAt = "CANCELLED", new(p.CancelledAt.UTC())
	}
	return answer
}

// clockOf gives the hour of a day; its end is 24:00.
func clockOf(at, day time.Time) string {
	if !at.Before(workday.Next(day)) {
		return "24:00"
	}
	return at.In(workday.Helsinki).Format("15:04")
}

func (a *API) createPickup(c call, given pickupGiven) (pickupAnswer, error) {
	body := given.Body
	day, ok := pickup.Day(body.Date)
	if !ok {
		return pickupAnswer{}, invalid([]shipment.Problem{{Code: shipment.Invalid, Path: "date", Message: "date must be a day, as 2026-11-30", Type: shipment.Error}})
	}
	earliest, _ := pickup.Time(day, body.Earliest) // the patterns see to their form
	latest, _ := pickup.Time(day, body.Latest)
	wanted := pickup.Shipments{Elsewhere: body.Address != pickupAddressBody{}, Wanted: pickup.Wanted{Day: day, Earliest: earliest, Latest: latest,
		Instructions: body.Instructions, Address: pickup.Address(body.Address), Numbers: body.TrackingNumbers, Packages: body.Packages}}
	made, err := a.Pickups.OrderShipments(c, c.actor, c.once, wanted)
	if err != nil {
		return pickupAnswer{}, err
	}
	return a.describePickup(made), nil
}

type pickupsAsked struct {
	Cursor string `query:"cursor" maxLength:"200" doc:"nextCursor of the page before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"25" doc:"How many a page has at most."`
}

type pickupsAnswer struct {
	Pickups    []pickupAnswer `json:"pickups" doc:"The last ordered first."`
	NextCursor *string        `json:"nextCursor" doc:"For the next page; null after the last."`
}

func (a *API) listPickups(c call, asked pickupsAsked) (pickupsAnswer, error) {
	after, err := shipment.ParseCursor(asked.Cursor)
	if err != nil {
		return pickupsAnswer{}, invalid([]shipment.Problem{{Code: shipment.Invalid, Path: "cursor", Message: "cursor must be the nextCursor of a page, as it was given", Type: shipment.Error}})
	}
	if asked.Limit == 0 {
		asked.Limit = defaultPage
	}
	page, next, err := a.Pickups.List(c, c.actor, after, asked.Limit)
	if err != nil {
		return pickupsAnswer{}, err
	}
	answer := pickupsAnswer{Pickups: make([]pickupAnswer, len(page))}
	for i, made := range page {
		answer.Pickups[i] = a.describePickup(made)
	}
	if cursor := next.String(); cursor != "" {
		answer.NextCursor = &cursor
	}
	return answer, nil
}

type pickupAsked struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

func (a *API) showPickup(c call, asked pickupAsked) (pickupAnswer, error) {
	made, err := a.Pickups.Get(c, c.actor, asked.ID)
	if err != nil {
		return pickupAnswer{}, err
	}
	return a.describePickup(made), nil
}

func (a *API) cancelPickup(c call, asked pickupAsked) (nothing, error) {
	return nothing{}, a.Pickups.Cancel(c, c.actor, asked.ID)
}
