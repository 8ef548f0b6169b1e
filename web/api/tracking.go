package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/caller"
	"omapostipro/internal/shipment"
)

// Tracking routes the carrier's tracking, under /tracking/7.
func (a *API) Tracking() http.Handler {
	f := family{a, a.refuse}
	r := f.router()
	need := byKeyOrToken(caller.Tracking)
	r.Get("/shipments/{by}/{value}", f.to(need, a.trackShipments))
	r.Get("/find", f.to(need, a.findShipments))
	return r
}

// Ways to ask for shipments; those with many values have them separated by commas.
var trackedBy = map[string]func(*shipment.TrackFilter, string){
	"trackingnumber":  func(f *shipment.TrackFilter, value string) { f.Numbers = []string{trackingNumber(value)} },
	"trackingnumbers": func(f *shipment.TrackFilter, value string) { f.Numbers = trackingNumbers(value) },
	"ordernumber":     func(f *shipment.TrackFilter, value string) { f.OrderNo = value },
	"senderreference": func(f *shipment.TrackFilter, value string) { f.SenderReference = value },
}

// trackingNumber gives a number as it is kept, however it was written.
func trackingNumber(text string) string {
	return strings.ToUpper(strings.Join(strings.Fields(text), ""))
}

func trackingNumbers(text string) (numbers []string) {
	for number := range strings.SplitSeq(text, ",") {
		if number = trackingNumber(number); number != "" {
			numbers = append(numbers, number)
		}
	}
	return numbers
}

// trackShipments answers with the shipments of numbers or references.
func (a *API) trackShipments(w http.ResponseWriter, r *http.Request, who caller.Caller) error {
	by, known := trackedBy[strings.ToLower(chi.URLParam(r, "by"))]
	value, err := url.PathUnescape(chi.URLParam(r, "value"))
	if !known || err != nil || strings.ContainsFunc(value, unicode.IsControl) || !utf8.ValidString(value) {
		return errNothingHere
	}
	filter, err := trackFilter(r.URL.Query())
	if err != nil {
		return err
	}
	if by(&filter, value); len(filter.Numbers) > shipment.MaxListed {
		return invalid([]shipment.Problem{{Code: shipment.TooLong, Path: "trackingnumbers", Message: "at most 100 tracking numbers can be asked for at once", Type: shipment.Error}})
	}
	return a.answerTracked(w, r, who, filter)
}

// findShipments answers with the shipments of keywords: a tracking number, an order number or a sender's reference.
func (a *API) findShipments(w http.ResponseWriter, r *http.Request, who caller.Caller) error {
	filter, err := trackFilter(r.URL.Query())
	if err != nil {
		return err
	}
	filter.Keyword = strings.TrimSpace(r.URL.Query().Get("keywords"))
	if filter.Keyword == "" || strings.ContainsFunc(filter.Keyword, unicode.IsControl) || !utf8.ValidString(filter.Keyword) {
		return invalid([]shipment.Problem{{Code: shipment.Required, Path: "keywords", Message: "keywords is missing: a tracking number, an order number or a sender's reference", Type: shipment.Error}})
	}
	if number, err := shipment.ParseTrackingNumber(trackingNumber(filter.Keyword)); err == nil {
		filter.Keyword = number
	}
	return a.answerTracked(w, r, who, filter)
}

// trackFilter reads what narrows a list down; all that is wrong is told.
func trackFilter(query url.Values) (filter shipment.TrackFilter, err error) {
	problems := new(reading)
	number := func(name string, otherwise, most int) int {
		text := query.Get(name)
		if text == "" {
			return otherwise
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > most {
			problems.fail(shipment.Invalid, name, "%s must be a whole number from 0 to %d", name, most)
		}
		return n
	}
	filter.Start, filter.Limit = number("start", 0, maxStart), number("limit", shipment.MaxListed, shipment.MaxListed)
	switch kind := strings.ToUpper(query.Get("type")); kind {
	case "", "ANY":
	case "FREIGHT":
		filter.Freight = true
	case "PARCEL":
		filter.Parcels = true
	default:
		problems.fail(shipment.Invalid, "type", "type must be ANY, FREIGHT or PARCEL")
	}
	if text := query.Get("lastModified"); text != "" {
		if filter.ChangedSince, err = time.Parse(time.RFC3339, text); err != nil {
			problems.fail(shipment.Invalid, "lastModified", "lastModified must be a time of RFC 3339, as 2026-11-23T14:02:03Z")
		}
	}
	if problems.problems != nil {
		return filter, invalid(problems.problems)
	}
	return filter, nil
}

// maxStart is how far into a list one can skip: what lies further is asked for by lastModified.
const maxStart = 10_000

// trackingAnswer is the envelope of the carrier's tracking. What a shipment tells in it is known in part only: the names of
// its members are ours where no client shows them.
type trackingAnswer struct {
	ParcelShipments  []trackedShipment `json:"parcelShipments"`
	FreightShipments []trackedShipment `json:"freightShipments"`
}

type trackedShipment struct {
	TrackingNumber  string               `json:"trackingNumber"`
	TrackingNumbers []string             `json:"trackingNumbers"`
	ShipmentNumber  string               `json:"shipmentNumber"`
	OrderNumber     string               `json:"orderNumber"`
	SenderReference string               `json:"senderReference"`
	Product         trackedProduct       `json:"product"`
	Status          shipment.Status      `json:"status"`
	StatusNames     shipment.Name        `json:"statusDescription"`
	Weight          float64              `json:"weight"`
	ParcelCount     int                  `json:"parcelCount"`
	Sender          trackedParty         `json:"sender"`
	Receiver        trackedParty         `json:"receiver"`
	PickupPoint     string               `json:"pickupPointId,omitempty"`
	Created         time.Time            `json:"created"`
	LastModified    time.Time            `json:"lastModified"`
	Events          []trackedEventAnswer `json:"events"`
}

type trackedProduct struct {
	Code string        `json:"code"`
	Name shipment.Name `json:"name"`
}

type trackedParty struct {
	Name     string `json:"name"`
	Postcode string `json:"postcode"`
	City     string `json:"city"`
	Country  string `json:"country"`
}

// trackedEventAnswer is an event, the last first, as the carrier tells them.
type trackedEventAnswer struct {
	Code        string          `json:"eventCode" doc:"The carrier's code (IFTSTA)." example:"31"`
	Description shipment.Name   `json:"eventDescription"`
	Status      shipment.Status `json:"status" doc:"What the shipment has been since."`
	Timestamp   time.Time       `json:"timestamp"`
	Location    trackedLocation `json:"location"`
}

type trackedLocation struct {
	Name     string `json:"name" doc:"A town, or a pickup point."`
	Postcode string `json:"postcode"`
	Country  string `json:"country"`
}

func (a *API) answerTracked(w http.ResponseWriter, r *http.Request, who caller.Caller, filter shipment.TrackFilter) error {
	actor := who.Actor(a.Origin(r.Context()))
	tracked, err := a.track(r, actor, filter)
	if err != nil {
		return err
	}
	answer := trackingAnswer{ParcelShipments: []trackedShipment{}, FreightShipments: []trackedShipment{}}
	for _, t := range tracked {
		if t.Order.Contract.Partner == shipment.PartnerFreight {
			answer.FreightShipments = append(answer.FreightShipments, describeTracked(t))
		} else {
			answer.ParcelShipments = append(answer.ParcelShipments, describeTracked(t))
		}
	}
	writeJSON(w, http.StatusOK, "application/json", answer)
	return nil
}

// track gives what is asked for, the examples among it.
func (a *API) track(r *http.Request, actor account.Actor, filter shipment.TrackFilter) ([]shipment.Tracked, error) {
	tracked, err := a.Orders.Track(r.Context(), actor, filter)
	if err != nil {
		return nil, err
	}
	for _, number := range append(filter.Numbers, filter.Keyword) {
		if example, is := a.Orders.Example(number); is && filter.Takes(example) {
			tracked = append(tracked, example)
		}
	}
	return tracked, nil
}

func describeTracked(t shipment.Tracked) trackedShipment {
	service, _ := shipment.LookupService(t.Order.Service)
	freight := t.Order.Contract.Partner == shipment.PartnerFreight
	told := func(status shipment.Status) shipment.Status {
		if freight {
			return status.OfFreight()
		}
		return status
	}
	answer := trackedShipment{TrackingNumber: t.Number, ShipmentNumber: t.Number, OrderNumber: t.Order.OrderNo, SenderReference: t.Order.SenderReference,
		Product: trackedProduct{strings.TrimPrefix(service.ID, "PO"), service.Name}, Status: told(t.Status), StatusNames: told(t.Status).Name(),
		ParcelCount: len(t.Parcels), Sender: trackedPartyOf(t.Order.Sender), Receiver: trackedPartyOf(t.Order.Receiver), PickupPoint: t.Order.PickupPoint,
		Created: t.PlacedAt.UTC(), LastModified: t.Changed().UTC(), Events: []trackedEventAnswer{}}
	for _, parcel := range t.Parcels {
		answer.TrackingNumbers = append(answer.TrackingNumbers, parcel.Number)
		answer.Weight += float64(parcel.Weight) / 1000
	}
	for _, e := range slices.Backward(t.Events) {
		event := describeEvent(e)
		event.Status = told(event.Status)
		answer.Events = append(answer.Events, event)
	}
	return answer
}

func trackedPartyOf(p shipment.Party) trackedParty {
	return trackedParty{p.Name, p.Postcode, p.City, p.Country}
}

func describeEvent(e shipment.TrackedEvent) trackedEventAnswer {
	event, _ := shipment.LookupEvent(e.Code)
	return trackedEventAnswer{Code: e.Code, Description: event.Name, Status: e.Status, Timestamp: e.OccurredAt.UTC(),
		Location: trackedLocation{e.Place, e.Postcode, e.Country}}
}

// eventsAnswer is what our own family tells of a shipment's way.
type eventsAnswer struct {
	TrackingNumber string               `json:"trackingNumber"`
	Status         shipment.Status      `json:"status"`
	StatusNames    shipment.Name        `json:"statusNames"`
	Events         []trackedEventAnswer `json:"events" doc:"The last first."`
}

func eventsOf(t shipment.Tracked) eventsAnswer {
	described := describeTracked(t)
	return eventsAnswer{t.Number, described.Status, described.StatusNames, described.Events}
}

func (a *API) listEvents(c call, asked shipmentAsked) (eventsAnswer, error) {
	tracked, err := a.Orders.Follow(c, c.actor, asked.ID)
	if err != nil {
		return eventsAnswer{}, err
	}
	return eventsOf(tracked), nil
}

type numberAsked struct {
	Number string `path:"number" doc:"Of any of a shipment's parcels."`
}

func (a *API) trackNumber(c call, asked numberAsked) (eventsAnswer, error) {
	number := trackingNumber(asked.Number)
	if example, is := a.Orders.Example(number); is {
		return eventsOf(example), nil
	}
	tracked, err := a.Orders.Track(c, c.actor, shipment.TrackFilter{Numbers: []string{number}, Limit: 1})
	if err != nil {
		return eventsAnswer{}, err
	}
	if len(tracked) == 0 {
		return eventsAnswer{}, errNothingHere
	}
	answer := eventsOf(tracked[0])
	answer.TrackingNumber = number
	return answer, nil
}

// advanceWanted is what a tester lets happen.
type advanceWanted struct {
	shipmentAsked
	Body advanceBody `body:"optional"`
}

type advanceBody struct {
	Code string    `json:"code,omitempty" doc:"Of the event; without it the next step of the shipment's story."`
	Time time.Time `json:"time,omitzero" doc:"When it happens; without it now."`
}

func (a *API) advanceShipment(c call, in advanceWanted) (eventsAnswer, error) {
	if _, known := shipment.LookupEvent(in.Body.Code); in.Body.Code != "" && !known {
		return eventsAnswer{}, invalid([]shipment.Problem{{Code: shipment.Invalid, Path: "code", Message: "there is no event " + shipment.Quote(shipment.Shorten(in.Body.Code)), Type: shipment.Error}})
	}
	if err := a.Orders.Advance(c, c.actor, in.ID, in.Body.Code, in.Body.Time); err != nil {
		return eventsAnswer{}, err
	}
	return a.listEvents(c, in.shipmentAsked)
}
