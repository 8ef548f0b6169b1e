package home

import (
	"testing"

	"omapostipro/internal/i18n"
)

func TestNextStep(t *testing.T) {
	for _, tt := range []struct {
		done Checklist
		next int
		url  string
	}{
		{Checklist{}, 0, "/o/1/users/2/permissions"},
		{Checklist{Right: true}, 1, "/o/1/users/2/contract-numbers"},
		{Checklist{Right: true, Contract: true}, 2, "/o/1/integrations/omaposti-pro/keys/new"},
		{Checklist{Right: true, Contract: true, Key: true, LastKey: "3"}, 3, "/o/1/integrations/omaposti-pro/keys/3#curl"},
		{Checklist{Contract: true, Key: true, LastKey: "3"}, 0, "/o/1/users/2/permissions"},
	} {
		steps := tt.done.steps(i18n.For(i18n.Swedish), "1", "2")
		if got := next(steps); got != tt.next || steps[got].url != tt.url {
			t.Errorf("%+v: step %d at %s", tt.done, got, steps[got].url)
		}
		if allDone(steps) {
			t.Errorf("%+v is said to be all", tt.done)
		}
	}
	if steps := (Checklist{Right: true, Contract: true, Key: true, Order: true}).steps(i18n.For(i18n.Swedish), "1", "2"); !allDone(steps) || doneCount(steps) != 4 {
		t.Errorf("%d steps are done of all", doneCount(steps))
	}
}
