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

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/caller"
	"omapostipro/internal/fault"
	"omapostipro/internal/shipment"
)

// Tracking routes the carrier's tracking, under /tracking.
func (a *API) Tracking() http.Handler {
	f := family{a, a.refuse}
	r := f.router()
	need := byKeyOrToken(caller.Tracking)
	r.Get("/7/shipments/{by}/{value}", f.to(need, a.trackShipments))
	r.Get("/7/shipments/find", f.to(need, a.findShipments))
	r.Get("/7/find", f.to(need, a.findShipments))
	r.Post("/oauth/token", a.tokenCall())
	return r
}

// Ways to ask for shipments; those with many values have them separated by commas. A waybill and a goods item are freight's
// and have the numbers of its units here; a consignment is a parcel's and has the number of any of its parcels.
var trackedBy = map[string]func(*shipment.TrackFilter, string){
	"trackingnumber":    byNumber,
	"trackingnumbers":   func(f *shipment.TrackFilter, value string) { f.Numbers = trackingNumbers(value) },
	"consignmentnumber": func(f *shipment.TrackFilter, value string) { byNumber(f, value); f.Parcels = true },
	"waybillnumber":     func(f *shipment.TrackFilter, value string) { byNumber(f, value); f.Freight = true },
	"goodsitemid":       func(f *shipment.TrackFilter, value string) { byNumber(f, value); f.Freight = true },
	"errandcode":        nil, // a sending code: it is looked up first
	"ordernumber":       func(f *shipment.TrackFilter, value string) { f.OrderNo = value },
	"senderreference":   func(f *shipment.TrackFilter, value string) { f.SenderReference = value },
	"receiverreference": func(f *shipment.TrackFilter, _ string) { f.Numbers = []string{""} }, // orders have none
	"find":              byKeyword,
}

func byNumber(f *shipment.TrackFilter, value string) { f.Numbers = []string{trackingNumber(value)} }

// byKeyword asks for one more keyword, which is a tracking number, an order number or a sender's reference.
func byKeyword(f *shipment.TrackFilter, keyword string) {
	if number, err := shipment.ParseTrackingNumber(trackingNumber(keyword)); err == nil {
		keyword = number
	}
	if !slices.Contains(f.Keywords, keyword) {
		f.Keywords = append(f.Keywords, keyword)
	}
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
	if !known || err != nil || !isText(value) {
		return errNothingHere
	}
	if by == nil {
		sent, err := a.Orders.BySendingCode(r.Context(), who.Actor(a.Origin(r.Context())), value)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		by, value = byNumber, sent.Number // "" is nobody's
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

// isText says whether a text can be stored, and so be found.
func isText(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// findShipments answers with the shipments of keywords: tracking numbers, order numbers and senders' references, each in a
// parameter of its own, or separated by commas.
func (a *API) findShipments(w http.ResponseWriter, r *http.Request, who caller.Caller) error {
	filter, err := trackFilter(r.URL.Query())
	if err != nil {
		return err
	}
	given := r.URL.Query()["keywords"]
	for _, value := range given {
		given = append(given, strings.Split(value, ",")...) // an order number may have a comma itself
	}
	for _, keyword := range given {
		if keyword = strings.Trim(keyword, " ,"); keyword != "" && isText(keyword) {
			byKeyword(&filter, keyword)
		}
	}
	switch {
	case len(filter.Keywords) == 0:
		err = invalid([]shipment.Problem{{Code: shipment.Required, Path: "keywords", Message: "keywords is missing: tracking numbers, order numbers or senders' references", Type: shipment.Error}})
	case len(filter.Keywords) > mostKeywords:
		err = invalid([]shipment.Problem{{Code: shipment.TooLong, Path: "keywords", Message: "at most 100 keywords can be asked for at once", Type: shipment.Error}})
	default:
		err = a.answerTracked(w, r, who, filter)
	}
	return err
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
	filter.Start, filter.Limit = number("start", 0, maxStart), min(number("limit", shipment.MaxListed, mostAsked), shipment.MaxListed)
	switch order := strings.ToUpper(query.Get("order")); order {
	case "", "DESC":
	case "ASC":
		filter.OldestFirst = true
	default:
		problems.fail(shipment.Invalid, "order", "order must be ASC or DESC")
	}
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
		at, ok := parseTime(strings.Replace(text, " ", "+", 1)) // a plus that nobody encoded in the address
		if !ok || at.Year() < 1 {
			problems.fail(shipment.Invalid, "lastModified", "lastModified must be a time of ISO 8601, as 2026-11-23T14:02:03Z")
		}
		filter.ChangedSince = at
	}
	if problems.problems != nil {
		return filter, invalid(problems.problems)
	}
	return filter, nil
}

// The bounds of a list.
const (
	maxStart     = 10_000 // how far one can skip into it: what lies further is asked for by lastModified
	mostAsked    = 1000   // of which a hundred come, as they do from the carrier
	mostKeywords = 101    // a hundred, and the whole of what has commas between them
)

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

// track gives what is asked for, the examples among it before the others.
func (a *API) track(r *http.Request, actor account.Actor, filter shipment.TrackFilter) ([]shipment.Tracked, error) {
	var found []shipment.Tracked
	for _, number := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(filter.Numbers, filter.Keywords)))) {
		if example, is := a.Orders.Example(number); is && filter.Takes(example) {
			found = append(found, example)
		}
	}
	passed := min(filter.Start, len(found))
	found = found[passed:min(passed+filter.Limit, len(found))]
	filter.Start, filter.Limit = filter.Start-passed, filter.Limit-len(found)
	tracked, err := a.Orders.Track(r.Context(), actor, filter)
	return append(found, tracked...), err
}

func describeTracked(t shipment.Tracked) trackedShipment {
	service, _ := shipment.LookupService(t.Order.Service)
	answer := trackedShipment{TrackingNumber: t.Number, ShipmentNumber: t.Number, OrderNumber: t.Order.OrderNo, SenderReference: t.Order.SenderReference,
		Product: trackedProduct{strings.TrimPrefix(service.ID, "PO"), service.Name}, Status: t.Told(t.Status), StatusNames: t.Told(t.Status).Name(),
		ParcelCount: len(t.Parcels), Sender: trackedPartyOf(t.Order.Sender), Receiver: trackedPartyOf(t.Order.Receiver), PickupPoint: t.Order.PickupPoint,
		Created: t.PlacedAt.UTC(), LastModified: t.ChangedAt.UTC(), Events: []trackedEventAnswer{}}
	for _, parcel := range t.Parcels {
		answer.TrackingNumbers = append(answer.TrackingNumbers, parcel.Number)
		answer.Weight += float64(parcel.Weight) / 1000
	}
	for _, e := range slices.Backward(t.Events) {
		event := describeEvent(e)
		event.Status = t.Told(event.Status)
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

// TransformSchema puts the words for statuses into the description.
func (eventsAnswer) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return withStatuses(s)
}

// TransformSchema does the same for an event's.
func (trackedEventAnswer) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return withStatuses(s)
}

func withStatuses(s *huma.Schema) *huma.Schema {
	s.Properties["status"].Enum = enumOf(shipment.ToldStatuses()...)
	return s
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
	tracked, err := a.Orders.Track(c, c.actor, shipment.TrackFilter{Numbers: []string{number}, Cancelled: true, Limit: 1})
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
