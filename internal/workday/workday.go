// Package workday knows the days on which the carrier works: Monday to Friday, but for Finland's public holidays and the
// eves of Midsummer and Christmas, in the time zone of Helsinki.
package workday

import (
	"sync"
	"time"
	_ "time/tzdata" // the days of Helsinki, wherever the portal runs

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/aa"
)

// Helsinki is where the carrier's days begin and end.
var Helsinki = func() *time.Location {
	location, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		panic(err) // embedded with the program
	}
	return location
}()

// holidays are Finland's, by law; the library has none of this country.
var holidays = sync.OnceValue(func() *cal.Calendar {
	saturday := func(month time.Month, day int) *cal.Holiday { // the first from a day on
		return &cal.Holiday{Month: month, Day: day, Offset: 1, Weekday: time.Saturday, Func: cal.CalcWeekdayFrom}
	}
	calendar := &cal.Calendar{Cacheable: true}
	calendar.AddHoliday(aa.NewYear, aa.Epiphany, aa.GoodFriday, aa.Easter, aa.EasterMonday, aa.WorkersDay, aa.AscensionDay, aa.Pentecost,
		&cal.Holiday{Month: time.June, Day: 19, Offset: 1, Weekday: time.Friday, Func: cal.CalcWeekdayFrom}, // Midsummer's eve
		saturday(time.June, 20),    // Midsummer
		saturday(time.October, 31), // All Saints
		&cal.Holiday{Month: time.December, Day: 6, Func: cal.CalcDayOfMonth},  // independence
		&cal.Holiday{Month: time.December, Day: 24, Func: cal.CalcDayOfMonth}, // Christmas Eve
		aa.ChristmasDay, aa.ChristmasDay2)
	return calendar
})

// Day gives the beginning of the day that a time is on in Helsinki.
func Day(t time.Time) time.Time {
	year, month, day := t.In(Helsinki).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, Helsinki)
}

// Next gives the beginning of the day after. Days of 23 and 25 hours are no trap.
func Next(day time.Time) time.Time {
	year, month, date := day.In(Helsinki).Date()
	return time.Date(year, month, date+1, 0, 0, 0, 0, Helsinki)
}

// Holiday says whether the day of a time is a holiday.
func Holiday(t time.Time) bool {
	year, month, day := t.In(Helsinki).Date()
	actual, _, _ := holidays().IsHoliday(time.Date(year, month, day, 12, 0, 0, 0, time.UTC))
	return actual
}

// Working says whether the carrier works on the day of a time.
func Working(t time.Time) bool {
	return !cal.IsWeekend(t.In(Helsinki)) && !Holiday(t)
}

// NextWorking gives the beginning of the next day on which the carrier works.
func NextWorking(day time.Time) time.Time {
	for {
		if day = Next(day); Working(day) {
			return day
		}
	}
}
