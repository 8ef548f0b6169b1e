package shipment

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// position is where a shipment is in its story.
type position struct {
	status Status
	next   int
}

// variants are orders of a service that have stories of their own: by additional services, pickup point and reference.
func variants(service Service) (orders []Order) {
	for _, addOns := range [][]OrderedAddOn{nil, {{ID: "COD"}}, {{ID: homeDelivery}}} {
		for _, point := range []string{"", "001003200"} {
			for _, reference := range []string{"", storyFails, storyDelayed, storyReturns, storyLost} {
				orders = append(orders, Order{Service: service.ID, AddOns: addOns, PickupPoint: point, SenderReference: reference})
			}
		}
	}
	return orders
}

// Whatever is told of a shipment wherever it is, it never goes back to a status that comes before, and it comes to its end.
func TestNothingLeadsBack(t *testing.T) {
	codes := []string{""} // the next step
	for _, event := range Events() {
		codes = append(codes, event.Code)
	}
	for _, service := range Services() {
		for _, order := range variants(service) {
			start := position{Waiting, 1}
			seen, open := map[position]bool{start: true}, []position{start}
			for len(open) > 0 {
				from := open[0]
				open = open[1:]
				for _, code := range codes {
					m := moving{Document: order, Status: from.status, NextStep: from.next, magic: true}
					err := m.advance(code, time.Time{})
					m.checkAdvanced(t, from, code, err)
					if to := (position{m.Status, m.NextStep}); !seen[to] {
						seen[to], open = true, append(open, to)
					}
				}
				checkEnds(t, order, from)
			}
			if t.Failed() {
				t.Fatalf("of %+v", order)
			}
		}
	}
}

// checkAdvanced checks what an event, or the next step, has led to.
func (m *moving) checkAdvanced(t *testing.T, from position, code string, err error) {
	t.Helper()
	event, _ := LookupEvent(code)
	refused := code != "" && (from.status.isEnd() || event.Status != "" && event.Status.comesBefore(from.status))
	if code == EventPaid {
		refused = !m.Document.paidAfter(from)
	}
	switch {
	case err != nil && (m.Status != from.status || m.NextStep != from.next || m.happened != nil):
		t.Errorf("%s at %+v is refused, and leads to %s", code, from, m.Status)
	case refused != errors.Is(err, ErrEventNotInTurn):
		t.Errorf("%s at %+v: %v", code, from, err)
	case errors.Is(err, ErrStoryEnds) && code != "":
		t.Errorf("%s at %+v: %v", code, from, err)
	case err == nil && (m.Status.comesBefore(from.status) || len(m.happened) != 1 || m.happened[0].Status != m.Status || code != "" && m.happened[0].Code != code):
		t.Errorf("%q leads from %+v to %s by %+v", code, from, m.Status, m.happened)
	case err == nil && event.Status != "" && m.Status != event.Status && m.Status != event.Then:
		t.Errorf("%s leads to %s", code, m.Status)
	}
}

// paidAfter says whether cash is still to be paid to the sender of what was handed over.
func (o Order) paidAfter(from position) bool {
	story, next := (&moving{Document: o, Status: from.status, NextStep: from.next, magic: true}).upcoming()
	return from.status == Delivered && slices.ContainsFunc(story[next:], func(s Step) bool { return s.Code == EventPaid })
}

// checkEnds lets a shipment go on by itself from a position to its end.
func checkEnds(t *testing.T, order Order, from position) {
	t.Helper()
	m := moving{Document: order, Status: from.status, NextStep: from.next, magic: true}
	steps, back := 0, from.status == ReturnInTransport || from.status == ReturnedToSender
	for m.advance("", time.Time{}) == nil {
		if steps++; steps > 10 {
			t.Fatalf("from %+v it goes on and on: %+v", from, m.happened)
		}
	}
	last := m.Status
	switch lost := order.SenderReference == storyLost && !from.status.isEnd() && !back; {
	case back && last != ReturnedToSender, lost && last != from.status && last != InTransport, !back && !lost && last != Delivered && last != ReturnedToSender:
		t.Errorf("from %+v it ends as %s: %+v", from, last, m.happened)
	case from.status.isEnd() && last != from.status:
		t.Errorf("from its end %+v it goes on to %s", from, last)
	}
	if order.paidAfter(from) && (steps != 1 || m.happened[0].Code != EventPaid) {
		t.Errorf("cash is paid by %+v", m.happened)
	}
	if _, more := m.wait(); more {
		t.Errorf("at its end from %+v it waits for more", from)
	}
}

func TestStoriesNeverLeadBack(t *testing.T) {
	for _, service := range Services() {
		for _, order := range variants(service) {
			story := order.Story(true)
			for i, step := range story[1:] {
				if step.Status.comesBefore(story[i].Status) || step.After < story[i].After {
					t.Errorf("%+v: %s after %s", order, step.Status, story[i].Status)
				}
			}
		}
	}
}
