package workday

import (
	"slices"
	"testing"
	"time"
)

func TestHolidays(t *testing.T) {
	for year, want := range map[int][]string{
		2024: {"01-01", "01-06", "03-29", "03-31", "04-01", "05-01", "05-09", "05-19", "06-21", "06-22", "11-02", "12-06", "12-24", "12-25", "12-26"},
		2026: {"01-01", "01-06", "04-03", "04-05", "04-06", "05-01", "05-14", "05-24", "06-19", "06-20", "10-31", "12-06", "12-24", "12-25", "12-26"},
		2027: {"01-01", "01-06", "03-26", "03-28", "03-29", "05-01", "05-06", "05-16", "06-25", "06-26", "11-06", "12-06", "12-24", "12-25", "12-26"},
	} {
		var got []string
		for day := time.Date(year, 1, 1, 0, 0, 0, 0, Helsinki); day.Year() == year; day = Next(day) {
			if Holiday(day) != Holiday(day.Add(22*time.Hour)) {
				t.Errorf("%s is a holiday for a part of the day", day)
			}
			if Holiday(day) {
				got = append(got, day.Format("01-02"))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d: %q, want %q", year, got, want)
		}
	}
}

func TestWorkingDays(t *testing.T) {
	for text, want := range map[string]bool{
		"2026-11-26T00:00:00+02:00": true,
		"2026-11-27T22:30:00Z":      false, // Saturday in Helsinki
		"2026-11-29T22:30:00Z":      true,  // Monday in Helsinki
		"2026-12-24T10:00:00+02:00": false,
	} {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := Working(at); got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
}

// The clock is turned on the last Sundays of March and October.
func TestDaysFollowEachOther(t *testing.T) {
	for day := Day(time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)); day.Year() == 2026; {
		next := Next(day)
		if next.Hour() != 0 || next.YearDay() != day.YearDay()+1 && next.YearDay() != 1 || !Day(next.Add(-time.Second)).Equal(day) {
			t.Fatalf("after %s comes %s", day, next)
		}
		day = next
	}
}
