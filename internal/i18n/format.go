package i18n

import (
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the static binary runs in images that have no time zones
)

// format is how a language writes dates and numbers.
type format struct {
	date     string // layouts as of package time
	clock    string
	dateTime string
	exact    string
	group    string // stands between groups of three digits
}

// Finland's Swedish and Finnish write the clock with a full stop. Groups of digits are kept on one line by U+00A0, as
// the Unicode locale data has it.
var formats = map[Lang]format{
	Swedish: {date: "2.1.2006", clock: "15.04", dateTime: "2.1.2006 15.04", exact: "2.1.2006 15.04.05", group: "\u00a0"},
	Finnish: {date: "2.1.2006", clock: "15.04", dateTime: "2.1.2006 klo 15.04", exact: "2.1.2006 klo 15.04.05", group: "\u00a0"},
	English: {date: "2 Jan 2006", clock: "15:04", dateTime: "2 Jan 2006, 15:04", exact: "2 Jan 2006, 15:04:05", group: ","},
}

// zone is the carrier's home: its days are these, and so is the clock of who has told no other (WithZone).
var zone = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		panic(err) // embedded above
	}
	return zone
}()

// Date is the day of a moment, as in the product's lists: 22.7.2024.
func (p *Printer) Date(t time.Time) string { return t.In(p.zone).Format(p.format.date) }

// Day is a day of the carrier's, as a contract's last; it is no other day elsewhere.
func (p *Printer) Day(t time.Time) string { return t.In(zone).Format(p.format.date) }

// DateTime is a day and a time to the minute: 22.7.2024 14.02.
func (p *Printer) DateTime(t time.Time) string { return t.In(p.zone).Format(p.format.dateTime) }

// Exact is a moment to the second, and says of which time zone it is if that is not the carrier's.
func (p *Printer) Exact(t time.Time) string {
	text := t.In(p.zone).Format(p.format.exact)
	if p.zone.String() != zone.String() {
		text += " (" + p.zone.String() + ")"
	}
	return text
}

// Hours are those between two moments of one Day: 8.00–16.00. A day ends at 24.00.
func (p *Printer) Hours(from, to time.Time) string {
	begin, end := from.In(zone).Format(p.format.clock), to.In(zone).Format(p.format.clock)
	if to.In(zone).Day() != from.In(zone).Day() {
		end = "24" + strings.TrimPrefix(end, "00")
	}
	return begin + "–" + end
}

// Ago says how long before now something was: "just nu", "för 3 minuter sedan", "i dag 14.02", "i går 14.02", else its
// date. What lies ahead by a minute or more is written with date and time.
func (p *Printer) Ago(t, now time.Time) string {
	t, now = t.In(p.zone), now.In(p.zone)
	switch passed := now.Sub(t); {
	case passed <= -time.Minute:
		return p.DateTime(t)
	case passed < time.Minute:
		return p.T("common.ago.just_now")
	case passed < time.Hour:
		return p.N("common.ago.minutes", int(passed/time.Minute))
	case sameDay(t, now):
		return p.T("common.ago.today", "time", t.Format(p.format.clock))
	case sameDay(t, now.AddDate(0, 0, -1)):
		return p.T("common.ago.yesterday", "time", t.Format(p.format.clock))
	}
	return p.Date(t)
}

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

const day = 24 * time.Hour

// Duration writes a time to wait, rounded up so that whoever waits that long has waited long enough: seconds below a
// minute, else minutes, from an hour on with hours, from a day on days and hours.
func (p *Printer) Duration(d time.Duration) string {
	switch {
	case d <= 59*time.Second:
		return p.N("common.duration.seconds", int(roundUp(max(d, 0), time.Second)/time.Second))
	case d <= day-time.Minute:
		d = roundUp(d, time.Minute)
	default:
		d = roundUp(d, time.Hour)
	}
	var parts []string
	for _, unit := range []struct {
		length time.Duration
		key    string
	}{
		{day, "common.duration.days"},
		{time.Hour, "common.duration.hours"},
		{time.Minute, "common.duration.minutes"},
	} {
		if count := int(d / unit.length); count > 0 {
			parts = append(parts, p.N(unit.key, count))
		}
		d %= unit.length
	}
	return p.List(parts)
}

func roundUp(d, unit time.Duration) time.Duration {
	return (d + unit - 1).Truncate(unit)
}

// Number writes a whole number with its digits in groups: 12 345.
func (p *Printer) Number(n int) string {
	digits := strconv.Itoa(n)
	first := 0
	if n < 0 {
		first = 1
	}
	for i := len(digits) - 3; i > first; i -= 3 {
		digits = digits[:i] + p.format.group + digits[i:]
	}
	return digits
}
