// Package pickup knows orders to fetch parcels: on which day and between which hours, where, and what.
//
// What a pickup may be is ours, as the carrier's rules are not known: today or at most sixty days ahead, on a day on which the
// carrier works, of parcels that it does not have yet. It can be cancelled until its day begins in Helsinki.
package pickup

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/shipment"
	"omapostipro/internal/workday"
)

// The limits of a pickup.
const (
	MaxDaysAhead    = 60
	MaxInstructions = 500
	MaxPackages     = 9999
	MaxNumbers      = 100
	MaxNumberLength = 50
	MaxText         = 100 // of each line of an address
)

// Address is where to fetch.
type Address struct {
	Name     string `json:"name"`
	Street   string `json:"street"`
	Postcode string `json:"postcode"`
	City     string `json:"city"`
	Country  string `json:"country"`
	Phone    string `json:"phone,omitempty"`
	Email    string `json:"email,omitempty"`
}

// Wanted is a pickup as it is ordered.
type Wanted struct {
	Day          time.Time // its beginning in Helsinki
	Earliest     time.Time
	Latest       time.Time
	Instructions string
	Address      Address
	Numbers      []string // of what is fetched
	Packages     int
	PackageType  string // as their sender calls them
	Told         []Told // of the numbers, what a message tells of each
}

// Told is what a message tells of a shipment that is fetched.
type Told struct {
	Number      string    `json:"number"`
	OrderType   string    `json:"orderType"` // as PICKUP
	Earliest    time.Time `json:"earliest"`
	Latest      time.Time `json:"latest"`
	Packages    int       `json:"packages"`
	PackageType string    `json:"packageType"` // as their sender calls them; several with spaces between
}

// Pickup is a pickup that has been ordered.
type Pickup struct {
	ID          uuid.UUID
	Contract    account.ContractNumber // of the one who pays
	OrderedBy   Orderer
	OrderedAt   time.Time
	CancelledAt *time.Time
	Wanted
}

// Orderer is who ordered a pickup.
type Orderer struct {
	Kind    string // audit.Person, audit.Key or audit.Application
	ID      uuid.UUID
	Name    string // as they are called now; empty for who is not known any more
	Message bool   // by a message in XML
}

// Cancellable says whether a pickup can be cancelled at a time: until its day begins.
func (p Pickup) Cancellable(now time.Time) bool { return p.CancelledAt == nil && now.Before(p.Day) }

// What keeps a pickup from being ordered or cancelled.
var (
	ErrContract = errors.New("the payer's contract number is not the caller's")
	ErrTooLate  = errors.New("the day of the pickup has come")
	ErrCursor   = shipment.ErrCursor
)

// checks collects problems, each at a path.
type checks struct{ problems []shipment.Problem }

func (c *checks) fail(code shipment.Code, path, format string, args ...any) {
	c.problems = append(c.problems, shipment.Problem{Code: code, Path: path, Message: fmt.Sprintf(format, args...), Type: shipment.Error})
}

func (c *checks) text(path, text string, required bool, longest int) {
	switch {
	case required && strings.TrimSpace(text) == "":
		c.fail(shipment.Required, path, "%s is required", path)
	case utf8.RuneCountInString(text) > longest:
		c.fail(shipment.TooLong, path, "%s has more than %d characters", path, longest)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }):
		c.fail(shipment.Invalid, path, "%s has a character that cannot be printed", path)
	}
}

// The fields that are told of from elsewhere too.
const (
	fieldNumbers  = "trackingNumbers"
	fieldEarliest = "earliest"
	fieldLatest   = "latest"
)

// asNamed calls each field as it is called here.
func asNamed(field string) string { return field }

// givenTwice is the problem of a number that stands somewhere before, too.
func givenTwice(path string) shipment.Problem {
	return shipment.Problem{Code: shipment.Invalid, Path: path, Message: path + " is given twice", Type: shipment.Error}
}

// Check gives all that is wrong with a pickup that is ordered now; named says what a field is called where it was given.
func (w Wanted) Check(now time.Time, named func(field string) string) []shipment.Problem {
	c := &checks{}
	w.checkTime(c, now, named)
	c.text(named("instructions"), w.Instructions, false, MaxInstructions)
	c.text(named("address.name"), w.Address.Name, true, MaxText)
	c.text(named("address.street"), w.Address.Street, true, MaxText)
	c.text(named("address.postcode"), w.Address.Postcode, true, shipment.MaxPostcode)
	c.text(named("address.city"), w.Address.City, true, MaxText)
	switch path := named("address.country"); {
	case w.Address.Country == "":
		c.fail(shipment.Required, path, "%s is required", path)
	case !shipment.IsCountry(w.Address.Country):
		c.fail(shipment.Invalid, path, "%s must be a country code of ISO 3166, as FI is", path)
	}
	c.text(named("address.phone"), w.Address.Phone, false, MaxText)
	c.text(named("address.email"), w.Address.Email, false, shipment.MaxEmail)
	switch path := named(fieldNumbers); {
	case len(w.Numbers) == 0:
		c.fail(shipment.Required, path, "%s is required", path)
	case len(w.Numbers) > MaxNumbers:
		c.fail(shipment.Invalid, path, "%s must be 1 to %d", path, MaxNumbers)
	}
	for i, number := range w.Numbers[:min(len(w.Numbers), MaxNumbers)] {
		path := named(fmt.Sprintf("%s[%d]", fieldNumbers, i))
		c.text(path, number, true, MaxNumberLength)
		if slices.Contains(w.Numbers[:i], number) {
			c.problems = append(c.problems, givenTwice(path))
		}
	}
	c.text(named("packageType"), w.PackageType, false, MaxNumberLength)
	if path := named("packages"); w.Packages < 1 || w.Packages > MaxPackages {
		c.fail(shipment.Invalid, path, "%s must be 1 to %d", path, MaxPackages)
	}
	return c.problems
}

// checkTime checks the day and the hours.
func (w Wanted) checkTime(c *checks, now time.Time, named func(field string) string) {
	date, earliest, latest := named("date"), named(fieldEarliest), named(fieldLatest)
	today, last := workday.Day(now), workday.Day(now).AddDate(0, 0, MaxDaysAhead)
	day := workday.Day(w.Day)
	switch {
	case w.Day.IsZero():
		c.fail(shipment.Required, date, "%s is required", date)
		return // the hours are of no day then
	case day.Before(today):
		c.fail(shipment.Invalid, date, "%s has passed", date)
	case day.After(last):
		c.fail(shipment.Invalid, date, "%s is more than %d days ahead", date, MaxDaysAhead)
	case !workday.Working(day):
		c.fail(shipment.Invalid, date, "%s is not a working day: the carrier fetches from Monday to Friday, but not on holidays", date)
	}
	if w.Earliest.IsZero() {
		c.fail(shipment.Required, earliest, "%s is required", earliest)
	}
	if w.Latest.IsZero() {
		c.fail(shipment.Required, latest, "%s is required", latest)
	}
	switch {
	case w.Earliest.IsZero() || w.Latest.IsZero():
	case !workday.Day(w.Earliest).Equal(day) || !workday.Day(w.Latest.Add(-time.Nanosecond)).Equal(day):
		c.fail(shipment.Invalid, earliest, "%s and %s must be on the day, in Helsinki", earliest, latest)
	case !w.Latest.After(w.Earliest):
		c.fail(shipment.Invalid, latest, "%s must be after %s", latest, earliest)
	case day.Equal(today) && !w.Latest.After(now):
		c.fail(shipment.Invalid, latest, "%s has passed", latest)
	}
}

// Time reads an hour of a day: 08:00, with seconds or an offset or without; without one it is Helsinki's.
func Time(day time.Time, text string) (time.Time, bool) {
	date := day.In(workday.Helsinki).Format(time.DateOnly)
	if text == "24:00" {
		return workday.Next(day), true
	}
	for _, form := range []string{"15:04:05Z07:00", "15:04:05", "15:04Z07:00", "15:04"} {
		if at, err := time.ParseInLocation(time.DateOnly+"T"+form, date+"T"+text, workday.Helsinki); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// Day reads a day, as 2026-11-30.
func Day(text string) (time.Time, bool) {
	day, err := time.ParseInLocation(time.DateOnly, text, workday.Helsinki)
	return day, err == nil
}
