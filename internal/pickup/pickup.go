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

// Check gives all that is wrong with a pickup that is ordered now; put before the paths is where it stood.
func (w Wanted) Check(now time.Time, before string) []shipment.Problem {
	c := &checks{}
	today, last := workday.Day(now), workday.Day(now).AddDate(0, 0, MaxDaysAhead)
	switch day := workday.Day(w.Day); {
	case w.Day.IsZero():
		c.fail(shipment.Required, before+"date", "%sdate is required", before)
	case day.Before(today):
		c.fail(shipment.Invalid, before+"date", "%sdate has passed", before)
	case day.After(last):
		c.fail(shipment.Invalid, before+"date", "%sdate is more than %d days ahead", before, MaxDaysAhead)
	case !workday.Working(day):
		c.fail(shipment.Invalid, before+"date", "%sdate is not a working day: the carrier fetches from Monday to Friday, but not on holidays", before)
	case w.Earliest.IsZero() || w.Latest.IsZero():
		c.fail(shipment.Required, before+"earliest", "%searliest and %[1]slatest are required", before)
	case !workday.Day(w.Earliest).Equal(day) || !workday.Day(w.Latest.Add(-time.Nanosecond)).Equal(day):
		c.fail(shipment.Invalid, before+"earliest", "%searliest and %[1]slatest must be on the day, in Helsinki", before)
	case !w.Latest.After(w.Earliest):
		c.fail(shipment.Invalid, before+"latest", "%slatest must be after %[1]searliest", before)
	case !w.Latest.After(now):
		c.fail(shipment.Invalid, before+"latest", "%slatest has passed", before)
	}
	c.text(before+"instructions", w.Instructions, false, MaxInstructions)
	at := before + "address."
	c.text(at+"name", w.Address.Name, true, MaxText)
	c.text(at+"street", w.Address.Street, true, MaxText)
	c.text(at+"postcode", w.Address.Postcode, true, shipment.MaxPostcode)
	c.text(at+"city", w.Address.City, true, MaxText)
	if !shipment.IsCountry(w.Address.Country) {
		c.fail(shipment.Invalid, at+"country", "%scountry must be a country code of ISO 3166, as FI is", at)
	}
	c.text(at+"phone", w.Address.Phone, false, MaxText)
	c.text(at+"email", w.Address.Email, false, shipment.MaxEmail)
	if len(w.Numbers) == 0 || len(w.Numbers) > MaxNumbers {
		c.fail(shipment.Invalid, before+"trackingNumbers", "%strackingNumbers must be 1 to %d", before, MaxNumbers)
	}
	for i, number := range w.Numbers[:min(len(w.Numbers), MaxNumbers)] {
		path := fmt.Sprintf("%strackingNumbers[%d]", before, i)
		c.text(path, number, true, MaxNumberLength)
		if slices.Contains(w.Numbers[:i], number) {
			c.fail(shipment.Invalid, path, "%s is given twice", path)
		}
	}
	c.text(before+"packageType", w.PackageType, false, MaxNumberLength)
	if w.Packages < 1 || w.Packages > MaxPackages {
		c.fail(shipment.Invalid, before+"packages", "%spackages must be 1 to %d", before, MaxPackages)
	}
	return c.problems
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
