package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"omapostipro/internal/demo/demotest"
	"omapostipro/web/webtest"
)

// orderOnce sends an order with an Idempotency-Key.
func (c client) orderOnce(key, path, body string) *webtest.Page {
	return c.Send(http.MethodPost, path, http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {key}}, strings.NewReader(body))
}

func TestARepeatedOrder(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	body := golden(t, `"orderNo":"10001"`, `"orderNo":"10001","unknown":1`)
	page := c.orderOnce("k-1", orderPath+"?returnFile=true", body)
	first := accepted(t, page)
	if page.Header.Get("Idempotent-Replay") != "" {
		t.Error("the first call is told to be a repetition")
	}
	p.Clock.Advance(2 * time.Hour) // the first link has expired
	before := p.rows(t)
	page = c.orderOnce("k-1", orderPath+"?returnFile=true", body)
	again := accepted(t, page)
	if page.Header.Get("Idempotent-Replay") != "true" || len(again.PDFs[0].PDF) < 1000 || again.PDFs[0].Href == first.PDFs[0].Href {
		t.Errorf("%v: %d bytes of PDF, link %s", page.Header, len(again.PDFs[0].PDF), again.PDFs[0].Href)
	}
	c.Get(strings.TrimPrefix(again.PDFs[0].Href, p.URL)).Is(http.StatusOK)
	refused(t, c.Get(strings.TrimPrefix(first.PDFs[0].Href, p.URL)), http.StatusGone, "EXPIRED")
	first.PDFs, again.PDFs = nil, nil
	if a, b := asJSON(t, first), asJSON(t, again); a != b {
		t.Errorf("the answer is another:\n%s\n%s", a, b)
	}
	if after := p.rows(t); after.Orders != before.Orders || after.Parcels != before.Parcels || after.Events != before.Events || after.Labels != before.Labels+1 {
		t.Errorf("%+v, before %+v", after, before)
	}
	p.storesNothing(t, func() {
		for _, other := range []string{golden(t), golden(t, `"PO2103"`, `"PO9999"`), golden(t, `"custNo":"654321"`, `"custNo":"999999"`)} {
			refused(t, c.orderOnce("k-1", orderPath, other), http.StatusConflict, "IDEMPOTENCY_KEY_REUSED")
		}
		for _, key := range []string{"", "a b", "ö", strings.Repeat("x", 256)} {
			refused(t, c.orderOnce(key, orderPath, golden(t)), http.StatusBadRequest, "IDEMPOTENCY_KEY_INVALID")
		}
		refused(t, c.Send(http.MethodPost, orderPath, http.Header{"Idempotency-Key": {"a", "b"}}, strings.NewReader(golden(t))), http.StatusBadRequest, "IDEMPOTENCY_KEY_INVALID")
	})
	// A refusal is not kept, nor is what another key's call made under the same name.
	refused(t, c.orderOnce("k-2", orderPath, golden(t, `"PO2103"`, `"PO9999"`)), http.StatusUnprocessableEntity)
	second := accepted(t, c.orderOnce("k-2", orderPath, golden(t)))
	third := accepted(t, p.shop(t).orderOnce("k-2", orderPath, golden(t)))
	if second.ID == third.ID || second.ID == first.ID {
		t.Error("two calls made one order")
	}
}

func asJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAHundredParallelRepeatsMakeOneShipment(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	accepted(t, c.order(golden(t)))
	before := p.rows(t)
	var parallel sync.WaitGroup
	pages := make([]*webtest.Page, 100)
	for i := range pages {
		parallel.Go(func() {
			pages[i] = p.with(c.Header.Get("Authorization")).orderOnce("k", orderPath+"?returnFile=true", golden(t))
		})
	}
	parallel.Wait()
	first, replays := accepted(t, pages[0]), 0
	for _, page := range pages {
		if answer := accepted(t, page); answer.ID != first.ID || answer.ShipmentNo != first.ShipmentNo || len(answer.PDFs[0].PDF) < 1000 {
			t.Errorf("%s %s, want %s %s", answer.ID, answer.ShipmentNo, first.ID, first.ShipmentNo)
		}
		if page.Header.Get("Idempotent-Replay") == "true" {
			replays++
		}
	}
	if after := p.rows(t); after.Orders != before.Orders+1 || after.Parcels != before.Parcels+1 || replays != 99 {
		t.Errorf("%+v, before %+v, %d replays", after, before, replays)
	}
}

// The answer to the first is lost: the database breaks off before the commit, and just after it.
func TestRepeatingAnOrderWhoseAnswerWasLost(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	accepted(t, c.order(golden(t)))
	p.AsSuperuser(t, `create function portal.break_off() returns trigger language plpgsql security definer as $$
		begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$`)
	p.AsSuperuser(t, "create trigger break_off after insert on portal.labels for each statement execute function portal.break_off()")
	before := p.rows(t)
	page := c.orderOnce("k", orderPath, golden(t))
	if told := refused(t, page, http.StatusServiceUnavailable, "UNAVAILABLE"); !strings.Contains(told[0].Message, "Idempotency-Key") || strings.Contains(told[0].Message, "Nothing was stored") {
		t.Errorf("it says %q", told[0].Message)
	}
	p.AsSuperuser(t, "drop trigger break_off on portal.labels")
	first := accepted(t, c.orderOnce("k", orderPath, golden(t)))
	p.Log.Lines()
	if again := accepted(t, c.orderOnce("k", orderPath, golden(t))); again.ID != first.ID {
		t.Error("a second order")
	}
	if after := p.rows(t); after.Orders != before.Orders+1 {
		t.Errorf("%+v, before %+v", after, before)
	}
	if kept := demotest.Value[int](t, p.System, "select count(*) from idempotent_calls"); kept != 1 {
		t.Errorf("%d calls are written down", kept)
	}
}
