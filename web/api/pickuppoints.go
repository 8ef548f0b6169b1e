package api

import (
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"golang.org/x/text/language"

	"omapostipro/internal/caller"
	"omapostipro/internal/estimate"
	"omapostipro/internal/pickuppoint"
	"omapostipro/internal/shipment"
	"omapostipro/internal/workday"
)

const (
	pickupPointsFound    = 15  // unless a limit is given
	mostPickupPoints     = 250 // of a search
	pickupPointsPage     = 250
	largestRadius        = 2_000_000.0 // metres
	holidaysAhead        = 30          // days of which the exceptions are told
	kilometer            = 1000.0
	pagingTokenParameter = "pagingContinuationToken"
)

// pointsAnswer is the wrapper of all answers with pickup points.
type pointsAnswer struct {
	PickupPoints []pointAnswer `json:"pickupPoints"`
	Token        string        `json:"pagingContinuationToken,omitempty"`
}

type pointAnswer struct {
	ID                 string             `json:"id"`
	PublicName         string             `json:"publicName"`
	CareOf             string             `json:"careOf"`
	ParcelLocker       bool               `json:"parcelLocker"`
	Availability       availabilityAnswer `json:"availability"`
	Location           locationAnswer     `json:"location"`
	Capabilities       []capabilityAnswer `json:"capabilities"`
	RoutingServiceCode string             `json:"routingServiceCode"`
	PupCode            string             `json:"pupCode"`
	DistanceInMeters   *int               `json:"distanceInMeters,omitempty"`
	ExternalID         string             `json:"externalId"`
	Extensions         *pointExtensions   `json:"extensions,omitempty"`
}

// capabilityAnswer is something that can be done at a point, or not.
type capabilityAnswer struct {
	Name   string  `json:"name"`
	Value  string  `json:"value"`
	CutOff *string `json:"cutOffTime"` // until when what is handed in goes on its way the same day
}

// availabilityAnswer tells when a point is open, on each day of the week. That what is told of an exception looks alike is
// ours.
type availabilityAnswer struct {
	OpeningHours []openingAnswer   `json:"openingHours"`
	Exceptions   []exceptionAnswer `json:"exceptions"`
}

type openingAnswer struct {
	DayOfWeek string `json:"dayOfWeek"`
	spanAnswer
}

type exceptionAnswer struct {
	Date string `json:"date"`
	spanAnswer
}

// spanAnswer is when a point is open on a day; its times are null on one on which it is closed.
type spanAnswer struct {
	Opens  *string `json:"opens"`
	Closes *string `json:"closes"`
	Closed bool    `json:"closed"`
	Always bool    `json:"open24h"`
}

type locationAnswer struct {
	CountryCode      string            `json:"countryCode"`
	Street           string            `json:"street"`
	Postcode         string            `json:"postcode"`
	City             string            `json:"city"`
	Municipality     string            `json:"municipality"`
	Coordinates      coordinatesAnswer `json:"coordinates"`
	SpecificLocation string            `json:"specificLocation"`
	RoutingPostcode  string            `json:"routingPostcode"`
}

type coordinatesAnswer struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

// pointExtensions are what a search may ask for beside the points.
type pointExtensions struct {
	Estimate  *estimateAnswer  `json:"estimate,omitempty"`
	Occupancy *occupancyAnswer `json:"averageLockerOccupancyRate,omitempty"`
}

type occupancyAnswer struct {
	AverageRate int    `json:"averageRate"` // per cent
	Description string `json:"description"`
}

// pointSearch is the body of a search.
type pointSearch struct {
	country             string
	address             pickuppoint.Address
	latitude, longitude *float64
	radius              *float64
	radiusUnit          string
	rectangle           *[4]*float64 // south, west, north, east
	parcelLocker        *bool
	outdoorLocker       *bool
	wheelchair          *bool
	weekends            *bool
	limitedQuantities   *bool
	saturdayDelivery    *bool
	reservable          *bool
	product             *estimateProduct
	limit               int
	estimate            *estimateRequest
	occupancy           *bool
}

func (s *pointSearch) fields(r *strictReading) strictFields {
	return strictFields{
		"searchCriteria": r.object(strictFields{
			"location":       r.object(s.location(r)),
			"radius":         s.readRadius(r),
			"rectangle":      s.readRectangle(r),
			"parcelLocker":   r.truth(&s.parcelLocker),
			"serviceFilters": r.object(s.filters(r)),
		}),
		"limit":      r.integer(&s.limit, 1, mostPickupPoints),
		"extensions": r.object(strictFields{"estimate": s.readEstimate(r), "averageLockerOccupancyRate": r.truth(&s.occupancy)}),
	}
}

func (s *pointSearch) location(r *strictReading) strictFields {
	return strictFields{
		"postcode":    r.text(&s.address.Postcode),
		"countryCode": r.country(&s.country),
		"city":        r.text(&s.address.City),
		"street":      r.text(&s.address.Street),
		"coordinates": r.object(strictFields{"latitude": r.number(&s.latitude, -90, 90), "longitude": r.number(&s.longitude, -180, 180)}, "latitude", "longitude"),
		"radius":      s.readRadius(r),
		"rectangle":   s.readRectangle(r),
	}
}

func (s *pointSearch) readRadius(r *strictReading) func(string, []byte) {
	return func(path string, value []byte) {
		r.object(strictFields{"unit": r.text(&s.radiusUnit), "value": r.number(&s.radius, 0, largestRadius)}, "value")(path, value)
		switch strings.ToLower(s.radiusUnit) {
		case "", "m":
		case "km":
			if s.radius != nil {
				s.radius = new(min(*s.radius*kilometer, largestRadius))
			}
		default:
			r.fail(shipment.Invalid, within(path, "unit"), "Input should be 'm' or 'km'")
		}
	}
}

func (s *pointSearch) readRectangle(r *strictReading) func(string, []byte) {
	return func(path string, value []byte) {
		s.rectangle = new([4]*float64)
		r.object(strictFields{
			"swLatitude": r.number(&s.rectangle[0], -90, 90), "swLongitude": r.number(&s.rectangle[1], -180, 180),
			"neLatitude": r.number(&s.rectangle[2], -90, 90), "neLongitude": r.number(&s.rectangle[3], -180, 180),
		}, "swLatitude", "swLongitude", "neLatitude", "neLongitude")(path, value)
		for _, corner := range s.rectangle {
			if corner == nil {
				return
			}
		}
		if *s.rectangle[0] > *s.rectangle[2] || *s.rectangle[1] > *s.rectangle[3] {
			r.fail(shipment.Invalid, path, "The corner in the south-west should lie south-west of the other")
		}
	}
}

func (s *pointSearch) filters(r *strictReading) strictFields {
	return strictFields{
		"outdoorLocker":           r.truth(&s.outdoorLocker),
		"wheelchairAccessibility": r.truth(&s.wheelchair),
		"openOnWeekends":          r.truth(&s.weekends),
		"ADRLimitedQuantities":    r.truth(&s.limitedQuantities),
		"saturdayDelivery":        r.truth(&s.saturdayDelivery),
		"lockerReservable":        r.truth(&s.reservable),
		"product": func(path string, value []byte) {
			s.product = new(estimateProduct)
			s.product.read(r)(path, value)
		},
	}
}

func (s *pointSearch) readEstimate(r *strictReading) func(string, []byte) {
	return func(path string, value []byte) {
		s.estimate = new(estimateRequest)
		r.object(strictFields{"time": r.time(&s.estimate.time), "origin": s.estimate.origin.read(r), "product": s.estimate.product.read(r)},
			"time", "origin", "product")(path, value)
	}
}

// query gives what is searched for, and false where there can be nothing.
func (s *pointSearch) query() (pickuppoint.Query, bool) {
	q := pickuppoint.Query{Limit: s.limit}
	filter := pickuppoint.Filter{Locker: s.parcelLocker, OutdoorLocker: s.outdoorLocker, Weekends: said(s.weekends)}
	for feature, wanted := range map[pickuppoint.Features]*bool{pickuppoint.Wheelchair: s.wheelchair, pickuppoint.LimitedQuantities: s.limitedQuantities,
		pickuppoint.SaturdayDelivery: s.saturdayDelivery} {
		if said(wanted) {
			filter.Features |= feature
		}
	}
	if said(s.reservable) && filter.Locker == nil { // lockers can be reserved, counters cannot
		filter.Locker = s.reservable
	}
	q.Filters = []pickuppoint.Filter{filter}
	if s.product != nil {
		needs, some := s.product.service.PointNeeds(func(addOn string) bool { return slices.Contains(s.product.addOns, addOn) })
		if !some {
			return q, false
		}
		for _, need := range needs {
			q.Filters = append(q.Filters, need.Filter)
		}
	}
	if s.radius != nil {
		q.Radius = max(*s.radius, 1)
	}
	if s.country != "" && !shipment.Finland.Contains(s.country) { // wherever in it: there are no points
		return q, false
	}
	switch {
	case s.rectangle != nil:
		corner := func(i int) pickuppoint.Place {
			return pickuppoint.Place{Latitude: *s.rectangle[i], Longitude: *s.rectangle[i+1]}
		}
		q.Within = &pickuppoint.Rectangle{SouthWest: corner(0), NorthEast: corner(2)}
		q.Near = new(q.Within.Middle())
	case s.latitude != nil:
		q.Near = &pickuppoint.Place{Latitude: *s.latitude, Longitude: *s.longitude}
	case s.address != pickuppoint.Address{}:
		place, known := pickuppoint.Locate(s.address)
		if !known {
			return q, false
		}
		q.Near = &place
	}
	return q, true
}

func said(value *bool) bool { return value != nil && *value }

var fiveDigits = regexp.MustCompile(`^\d{5}$`)

// searchPickupPoints finds the nearest points.
func (a *API) searchPickupPoints(w http.ResponseWriter, r *http.Request, _ caller.Caller) error {
	search := &pointSearch{limit: pickupPointsFound}
	err := readStrict(w, r, func(reading *strictReading) strictFields {
		fields := search.fields(reading)
		criteria := fields["searchCriteria"]
		fields["searchCriteria"] = func(path string, value []byte) {
			criteria(path, value)
			if code := search.address.Postcode; code != "" && (search.country == "" || shipment.Finland.Contains(search.country)) && !fiveDigits.MatchString(code) {
				reading.fail(shipment.PostcodeInvalid, path+".location.postcode", "Input should be five digits")
			}
		}
		return fields
	}, "searchCriteria")
	if err != nil {
		return err
	}
	answer := pointsAnswer{PickupPoints: []pointAnswer{}}
	if query, possible := search.query(); possible {
		teller := a.pointTeller(r)
		for _, found := range pickuppoint.Search(query) {
			point := teller.tell(found.Point)
			if query.Near != nil {
				point.DistanceInMeters = new(int(math.Round(found.Distance)))
			}
			point.Extensions = search.extensions(found.Point)
			answer.PickupPoints = append(answer.PickupPoints, point)
		}
	}
	writeJSON(w, http.StatusOK, "application/json", answer)
	return nil
}

// extensions gives what a search has asked for beside a point.
func (s *pointSearch) extensions(point *pickuppoint.Point) *pointExtensions {
	var extensions pointExtensions
	if s.estimate != nil {
		asked := *s.estimate
		asked.destination = estimatePlace{country: string(shipment.Finland), postcode: point.Postcode()}
		extensions.Estimate = new(asked.answer())
	}
	if said(s.occupancy) && point.Locker() { // invented, as the points are
		rate := 20 + int(crc32.ChecksumIEEE([]byte(point.Code))%70)
		extensions.Occupancy = &occupancyAnswer{AverageRate: rate, Description: [...]string{"LOW", "MEDIUM", "HIGH"}[min(rate/35, 2)]}
	}
	if extensions == (pointExtensions{}) {
		return nil
	}
	return &extensions
}

// listedCountry is what the address of a list may say: a country, and the beginning of codes.
var listedCountry = regexp.MustCompile(`^([A-Za-z]{2,3})([0-9][0-9A-Za-z]*)?$`)

// alandPostcodes is how the postcodes of Åland begin.
const alandPostcodes = "22"

// finnishCodes gives how the codes of a country's points begin, and false for a country that has none.
func finnishCodes(country string) (prefix string, some bool) {
	switch strings.ToUpper(country) {
	case "FI", "FIN":
		return "", true
	case "AX", "ALA":
		return alandPostcodes, true
	default:
		return "", false
	}
}

// listPickupPoints gives a country's points, a page at a time, or the point of an id, which is its code.
func (a *API) listPickupPoints(w http.ResponseWriter, r *http.Request, _ caller.Caller) error {
	wanted := chi.URLParam(r, "country")
	parts := listedCountry.FindStringSubmatch(wanted)
	if parts == nil {
		point, found := pickuppoint.ByCode(wanted)
		if !found {
			return errPointNotFound
		}
		return a.answerPoint(w, r, point)
	}
	prefix, some := finnishCodes(parts[1])
	if !strings.HasPrefix(parts[2], prefix) {
		some = some && strings.HasPrefix(prefix, parts[2])
	} else {
		prefix = parts[2]
	}
	after, ok := readPagingToken(r.URL.Query().Get(pagingTokenParameter), wanted)
	if !ok {
		return invalidRequest([]shipment.Problem{{Code: shipment.Invalid, Path: pagingTokenParameter, Type: shipment.Error,
			Message: "This is not a token that the list of this country has given"}})
	}
	answer := pointsAnswer{PickupPoints: []pointAnswer{}}
	if some {
		teller := a.pointTeller(r)
		page, more := pickuppoint.Page(prefix, after, pickupPointsPage)
		for _, point := range page {
			answer.PickupPoints = append(answer.PickupPoints, teller.tell(point))
		}
		if more {
			answer.Token = pagingToken(page[len(page)-1].Code, wanted)
		}
	}
	writeJSON(w, http.StatusOK, "application/json", answer)
	return nil
}

// pagingToken says where a list goes on: after a code. Its checksum, over the list's name too, tells it from what somebody
// has made up or taken from another list.
func pagingToken(code, list string) string {
	sum := crc32.ChecksumIEEE([]byte("pickuppoints/" + strings.ToUpper(list) + "/" + code))
	return base64.RawURLEncoding.EncodeToString([]byte(code + strconv.FormatUint(uint64(sum), 36)))
}

func readPagingToken(token, list string) (after string, ok bool) {
	if token == "" {
		return "", true
	}
	const codeLength = 9
	decoded, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(decoded) < codeLength {
		return "", false
	}
	after = string(decoded[:codeLength])
	return after, pagingToken(after, list) == token
}

var errPointNotFound = fail(http.StatusNotFound, "NOT_FOUND", "Pickup point not found")

// showPickupPoint gives the point of a code.
func (a *API) showPickupPoint(w http.ResponseWriter, r *http.Request, _ caller.Caller) error {
	prefix, some := finnishCodes(chi.URLParam(r, "country"))
	point, found := pickuppoint.ByCode(chi.URLParam(r, "code"))
	if !some || !found || !strings.HasPrefix(point.Code, prefix) {
		return errPointNotFound
	}
	return a.answerPoint(w, r, point)
}

func (a *API) answerPoint(w http.ResponseWriter, r *http.Request, point *pickuppoint.Point) error {
	writeJSON(w, http.StatusOK, "application/json", pointsAnswer{PickupPoints: []pointAnswer{a.pointTeller(r).tell(point)}})
	return nil
}

// pointTeller tells of points in a language, on a day.
type pointTeller struct {
	language pickuppoint.Language
	holidays []exceptionAnswer
}

func (a *API) pointTeller(r *http.Request) pointTeller {
	teller := pointTeller{language: languageOf(r), holidays: []exceptionAnswer{}}
	day := workday.Day(a.Now())
	for range holidaysAhead {
		if workday.Holiday(day) {
			teller.holidays = append(teller.holidays, exceptionAnswer{day.Format(time.DateOnly), spanAnswer{Closed: true}})
		}
		day = workday.Next(day)
	}
	return teller
}

// languageOf gives the language of a call's points: the first of Accept-Language that there are names in, and English for
// the carrier's other languages; Finnish without any.
func languageOf(r *http.Request) pickuppoint.Language {
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		return pickuppoint.Finnish
	}
	for _, tag := range tags {
		switch base, _ := tag.Base(); base.String() {
		case "fi":
			return pickuppoint.Finnish
		case "sv":
			return pickuppoint.Swedish
		case "en", "da", "et", "lv", "lt":
			return pickuppoint.English
		}
	}
	return pickuppoint.Finnish
}

var weekdays = [...]time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

func (t pointTeller) tell(point *pickuppoint.Point) pointAnswer {
	answer := pointAnswer{
		ID: point.Code, PublicName: point.PublicName(t.language), CareOf: "c/o " + point.PublicName(t.language), ParcelLocker: point.Locker(),
		Availability: availabilityAnswer{OpeningHours: make([]openingAnswer, 0, len(weekdays)), Exceptions: t.holidays},
		Location: locationAnswer{CountryCode: string(shipment.Finland), Street: point.Street.In(t.language), Postcode: point.Postcode(),
			City: point.City.In(t.language), Municipality: point.Municipality.In(t.language),
			Coordinates:      coordinatesAnswer{point.Place.Latitude, point.Place.Longitude},
			SpecificLocation: point.SpecificLocation(t.language), RoutingPostcode: point.Postcode()},
		Capabilities: capabilitiesOf(point), RoutingServiceCode: point.ServiceCode(), PupCode: point.Code, ExternalID: string(shipment.Finland) + point.Code,
	}
	for _, day := range weekdays {
		answer.Availability.OpeningHours = append(answer.Availability.OpeningHours, openingAnswer{strings.ToUpper(day.String()), tellSpan(point.Hours.On(day))})
	}
	if point.Hours.Always() {
		answer.Availability.Exceptions = []exceptionAnswer{}
	}
	return answer
}

// tellSpan tells when a point is open on a day. The carrier's clients read times, and there is none of 24 hours.
func tellSpan(span pickuppoint.Span) spanAnswer {
	switch {
	case span.Closed():
		return spanAnswer{Closed: true}
	case span.Always():
		return spanAnswer{Opens: new("00:00:00"), Closes: new("23:59:59"), Always: true}
	default:
		return spanAnswer{Opens: new(span.Opens() + ":00"), Closes: new(span.Closes() + ":00")}
	}
}

// capabilitiesOf tells what can be done at a point in the carrier's words. For what cannot be done, some of them are ours.
func capabilitiesOf(point *pickuppoint.Point) []capabilityAnswer {
	told := func(name string, feature pickuppoint.Features, can, cannot string) capabilityAnswer {
		if point.Has(feature) {
			return capabilityAnswer{Name: name, Value: can}
		}
		return capabilityAnswer{Name: name, Value: cannot}
	}
	handedIn := func(name string) capabilityAnswer {
		capability := told(name, pickuppoint.DropOff, "MANUAL_DROP", notPossible)
		if capability.Value != notPossible {
			capability.CutOff = new(fmt.Sprintf("%02d:00:00", estimate.CutOff))
		}
		return capability
	}
	return []capabilityAnswer{
		told("accessibility", pickuppoint.Wheelchair, "WHEELCHAIR", "NONE"),
		{Name: "expressDelivery", Value: notPossible},
		{Name: "identityCheck", Value: "NONE"},
		told("ADRLimitedQuantities", pickuppoint.LimitedQuantities, "ALLOWED", "NOT_ALLOWED"),
		handedIn("parcelDropoff"),
		{Name: "parcelPickup", Value: "AVAILABLE"},
		handedIn("parcelReturn"),
		told("saturdayDelivery", pickuppoint.SaturdayDelivery, "AVAILABLE", notPossible),
		{Name: "sundayDelivery", Value: notPossible},
	}
}

const notPossible = "NOT_POSSIBLE"

// estimateAnswer is when a parcel is there; null where it does not go.
type estimateAnswer struct {
	Time *time.Time `json:"time"`
}

// estimateRequest is what is asked of a parcel's way.
type estimateRequest struct {
	time        time.Time
	origin      estimatePlace
	destination estimatePlace
	product     estimateProduct
}

func (e estimateRequest) answer() estimateAnswer {
	there, ok := estimate.Delivery(estimate.Request{Service: e.product.service, AddOns: e.product.addOns, From: e.origin.country, To: e.destination.country, At: e.time})
	if !ok {
		return estimateAnswer{}
	}
	return estimateAnswer{Time: &there}
}

// estimatePlace is one end of a parcel's way.
type estimatePlace struct{ country, postcode, point string }

func (p *estimatePlace) read(r *strictReading) func(string, []byte) {
	return func(path string, value []byte) {
		var id string
		r.object(strictFields{"countryCode": r.country(&p.country), "postcode": r.text(&p.postcode), "pupCode": r.text(&p.point),
			"pickuppointId": r.text(&id), "gln": r.ignored()}, "countryCode")(path, value)
		finnish := shipment.Finland.Contains(p.country)
		if finnish && p.postcode != "" && !fiveDigits.MatchString(p.postcode) {
			r.fail(shipment.PostcodeInvalid, path+".postcode", "Input should be five digits")
		}
		if finnish && p.point != "" && pickuppoint.StatusOf(p.point) == pickuppoint.Unknown {
			r.fail(shipment.PickupPointUnknown, path+".pupCode", "There is no such pickup point")
		}
		if _, known := pickuppoint.ByCode(id); id != "" && !known {
			r.fail(shipment.PickupPointUnknown, path+".pickuppointId", "There is no such pickup point")
		}
	}
}

// estimateProduct is a service with its additional services.
type estimateProduct struct {
	service shipment.Service
	addOns  []string
}

func (p *estimateProduct) read(r *strictReading) func(string, []byte) {
	return func(path string, value []byte) {
		var code string
		var codes []string
		r.object(strictFields{"code": r.text(&code), "additionalServicesCodes": r.texts(&codes, mostAddOns)}, "code")(path, value)
		service, known := shipment.LookupService(code)
		if p.service = service; code != "" && !known {
			r.fail(shipment.ServiceUnknown, path+".code", "Service %s is unknown", shipment.Quote(code))
		}
		for i, code := range codes {
			addOn, there := shipment.LookupAddOn(code)
			if !there || known && !service.Allows(addOn.ID) {
				r.fail(shipment.AddOnNotAllowed, path+".additionalServicesCodes["+strconv.Itoa(i)+"]",
					"Additional service %s cannot be used together with service %s", shipment.Quote(code), shipment.Quote(service.ID))
			}
			p.addOns = append(p.addOns, addOn.ID)
		}
	}
}

// mostAddOns is how many additional services an estimate is made for.
const mostAddOns = 50

// country reads a country by its code of two or three letters. Of the latter only Finland's and Åland's are known.
func (r *strictReading) country(into *string) func(string, []byte) {
	return func(path string, value []byte) {
		before := len(r.problems)
		if r.text(into)(path, value); len(r.problems) > before {
			return
		}
		switch *into = strings.ToUpper(*into); *into {
		case "FIN":
			*into = "FI"
		case "ALA":
			*into = "AX"
		}
		if !shipment.IsCountry(*into) {
			r.fail(shipment.Invalid, path, "Input should be a country code of ISO 3166, as FI is")
		}
	}
}

// estimate says when a parcel will be there. Its place in the request's wrapper is checked; what else the carrier reads of
// a shipment has no effect on ours.
func (a *API) estimate(w http.ResponseWriter, r *http.Request, _ caller.Caller) error {
	var asked estimateRequest
	err := readStrict(w, r, func(r *strictReading) strictFields {
		return strictFields{"estimate": r.object(strictFields{
			"time": r.time(&asked.time), "origin": asked.origin.read(r), "destination": asked.destination.read(r), "product": asked.product.read(r),
			"logisticsPhase": r.object(strictFields{"event": r.ignored(), "reason": r.ignored()}, "event", "reason"),
			"shipmentSeq":    func(string, []byte) {}, "senderAgreement": r.ignored(), "payerAgreement": r.ignored(), "shipmentType": r.ignored(), "partyName": r.ignored(),
		}, "time", "origin", "destination", "product")}
	}, "estimate")
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, "application/json", map[string][]estimateAnswer{"estimates": {asked.answer()}})
	return nil
}
