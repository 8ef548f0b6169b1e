package i18n

import (
	"testing"
	"time"
)

func helsinki(year int, month time.Month, day, hour, minute int) time.Time {
	return time.Date(year, month, day, hour, minute, 0, 0, zone)
}

func TestDates(t *testing.T) {
	at := time.Date(2024, 7, 21, 21, 2, 0, 0, time.UTC) // after midnight in Helsinki, summer time
	for _, tt := range []struct {
		lang           Lang
		date, dateTime string
	}{
		{Swedish, "22.7.2024", "22.7.2024 00.02"},
		{Finnish, "22.7.2024", "22.7.2024 klo 00.02"},
		{English, "22 Jul 2024", "22 Jul 2024, 00:02"},
	} {
		p := For(tt.lang)
		if got := p.Date(at); got != tt.date {
			t.Errorf("%s: Date = %q, want %q", tt.lang, got, tt.date)
		}
		if got := p.DateTime(at); got != tt.dateTime {
			t.Errorf("%s: DateTime = %q, want %q", tt.lang, got, tt.dateTime)
		}
	}
}

func TestAgo(t *testing.T) {
	now := helsinki(2026, 11, 23, 14, 30)
	for _, tt := range []struct {
		lang Lang
		t    time.Time
		want string
	}{
		{Swedish, now.Add(59 * time.Second), "just nu"},
		{Swedish, now, "just nu"},
		{Swedish, now.Add(-59 * time.Second), "just nu"},
		{Swedish, now.Add(-time.Minute), "för 1 minut sedan"},
		{Swedish, now.Add(-3*time.Minute - 59*time.Second), "för 3 minuter sedan"},
		{Swedish, now.Add(-59 * time.Minute), "för 59 minuter sedan"},
		{Swedish, now.Add(-time.Hour), "i dag 13.30"},
		{Swedish, helsinki(2026, 11, 23, 0, 0), "i dag 00.00"},
		{Swedish, helsinki(2026, 11, 22, 23, 59), "i går 23.59"},
		{Swedish, helsinki(2026, 11, 22, 14, 2).UTC(), "i går 14.02"},
		{Swedish, helsinki(2026, 11, 22, 0, 0), "i går 00.00"},
		{Swedish, helsinki(2026, 11, 21, 23, 59), "21.11.2026"},
		{Swedish, helsinki(2025, 11, 23, 14, 30), "23.11.2025"},
		{Swedish, now.Add(time.Minute), "23.11.2026 14.31"},
		{Finnish, now, "juuri nyt"},
		{Finnish, now.Add(-3 * time.Minute), "3 minuuttia sitten"},
		{Finnish, now.Add(-time.Hour), "tänään klo 13.30"},
		{Finnish, now.Add(-24 * time.Hour), "eilen klo 14.30"},
		{Finnish, now.Add(-48 * time.Hour), "21.11.2026"},
		{English, now, "just now"},
		{English, now.Add(-time.Minute), "1 minute ago"},
		{English, now.Add(-time.Hour), "today 13:30"},
		{English, now.Add(-24 * time.Hour), "yesterday 14:30"},
		{English, now.Add(-48 * time.Hour), "21 Nov 2026"},
	} {
		if got := For(tt.lang).Ago(tt.t, now); got != tt.want {
			t.Errorf("%s: Ago(%s) = %q, want %q", tt.lang, tt.t, got, tt.want)
		}
	}
	midnight := helsinki(2026, 1, 1, 0, 10)
	if got := For(Swedish).Ago(midnight.Add(-20*time.Minute), midnight); got != "för 20 minuter sedan" {
		t.Errorf("across midnight: %q", got)
	}
	if got := For(Swedish).Ago(midnight.Add(-2*time.Hour), midnight); got != "i går 22.10" {
		t.Errorf("across the new year: %q", got)
	}
}

func TestDuration(t *testing.T) {
	for _, tt := range []struct {
		lang Lang
		d    time.Duration
		want string
	}{
		{Swedish, -time.Second, "0 sekunder"},
		{Swedish, time.Millisecond, "1 sekund"},
		{Swedish, 59 * time.Second, "59 sekunder"},
		{Swedish, 59*time.Second + 1, "1 minut"},
		{Swedish, time.Minute, "1 minut"},
		{Swedish, time.Minute + 1, "2 minuter"},
		{Swedish, time.Hour - 1, "1 timme"},
		{Swedish, 65 * time.Minute, "1 timme och 5 minuter"},
		{Swedish, 12 * time.Hour, "12 timmar"},
		{Swedish, 24*time.Hour - time.Minute, "23 timmar och 59 minuter"},
		{Swedish, 24*time.Hour - time.Second, "1 dag"},
		{Swedish, 24*time.Hour + time.Minute, "1 dag och 1 timme"},
		{Swedish, 7 * 24 * time.Hour, "7 dagar"},
		{Finnish, 65 * time.Minute, "1 tunti ja 5 minuuttia"},
		{English, 25 * time.Hour, "1 day and 1 hour"},
	} {
		if got := For(tt.lang).Duration(tt.d); got != tt.want {
			t.Errorf("%s: Duration(%s) = %q, want %q", tt.lang, tt.d, got, tt.want)
		}
	}
}

func TestNumber(t *testing.T) {
	for n, want := range map[int]string{
		0: "0", 7: "7", 999: "999", -999: "-999", 1000: "1,000", -1000: "-1,000", 12345: "12,345", 123456: "123,456", 1234567: "1,234,567",
	} {
		if got := For(English).Number(n); got != want {
			t.Errorf("Number(%d) = %q, want %q", n, got, want)
		}
	}
	for _, lang := range []Lang{Swedish, Finnish} {
		if got := For(lang).Number(1234567); got != "1\u00a0234\u00a0567" {
			t.Errorf("%s: %q", lang, got)
		}
	}
}

func TestHours(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, zone) }
	for _, test := range []struct {
		lang     Lang
		from, to time.Time
		want     string
	}{
		{Swedish, at(30, 8, 0), at(30, 16, 30), "08.00–16.30"},
		{Finnish, at(29, 0, 0).UTC(), at(30, 0, 0).UTC(), "00.00–24.00"},
		{English, at(30, 0, 0), at(30, 0, 30), "00:00–00:30"},
	} {
		if got := From(With(t.Context(), test.lang)).Hours(test.from, test.to); got != test.want {
			t.Errorf("%s: %s, want %s", test.lang, got, test.want)
		}
	}
}
