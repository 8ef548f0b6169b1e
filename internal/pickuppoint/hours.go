package pickuppoint

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Span is when a point is open on a day, in minutes from midnight; the zero Span is a day on which it is closed.
type Span struct{ From, To int }

// Closed says whether the point is not open at all.
func (s Span) Closed() bool { return s.From == s.To }

// Always says whether the point is open all day.
func (s Span) Always() bool { return s == Span{0, 24 * 60} }

// Opens gives the time of opening, as 08:00.
func (s Span) Opens() string { return clock(s.From) }

// Closes gives the time of closing; the end of the day is 24:00.
func (s Span) Closes() string { return clock(s.To) }

func clock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// Hours is when a point is open: on working days, Saturdays and Sundays. Lockers indoors follow their shop.
type Hours struct{ Weekdays, Saturday, Sunday Span }

// On gives when the point is open on a day of the week.
func (h Hours) On(day time.Weekday) Span {
	switch day {
	case time.Saturday:
		return h.Saturday
	case time.Sunday:
		return h.Sunday
	default:
		return h.Weekdays
	}
}

// OpenOnWeekends says whether the point is open on a Saturday or a Sunday.
func (h Hours) OpenOnWeekends() bool { return !h.Saturday.Closed() || !h.Sunday.Closed() }

// Always says whether the point never closes.
func (h Hours) Always() bool { return h.Weekdays.Always() && h.Saturday.Always() && h.Sunday.Always() }

// String writes the hours as points.tsv.gz has them: "0800-2100 0900-1800 -".
func (h Hours) String() string {
	var days []string
	for _, span := range []Span{h.Weekdays, h.Saturday, h.Sunday} {
		if span.Closed() {
			days = append(days, "-")
		} else {
			days = append(days, strings.ReplaceAll(span.Opens()+"-"+span.Closes(), ":", ""))
		}
	}
	return strings.Join(days, " ")
}

var errHours = errors.New("hours are three spans, as 0800-2100 0900-1800 -")

// parseHours reads what String writes.
func parseHours(text string) (Hours, error) {
	days := strings.Fields(text)
	if len(days) != 3 {
		return Hours{}, errHours
	}
	var spans [3]Span
	for i, day := range days {
		if day == "-" {
			continue
		}
		var fromHour, fromMinute, toHour, toMinute int
		if _, err := fmt.Sscanf(day, "%2d%2d-%2d%2d", &fromHour, &fromMinute, &toHour, &toMinute); err != nil {
			return Hours{}, errHours
		}
		spans[i] = Span{fromHour*60 + fromMinute, toHour*60 + toMinute}
	}
	return Hours{spans[0], spans[1], spans[2]}, nil
}
