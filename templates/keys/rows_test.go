package keys

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"omapostipro/internal/i18n"
	"omapostipro/templates/layout"
	"omapostipro/templates/ui"
)

func TestRowsAreDrawnAsEachByItself(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	one, other := ui.ContractNumber{Number: "654321", Holder: `<b>"Å & Ö"</b>`}, ui.ContractNumber{Number: "654399", Holder: ui.Mark(1), Closed: true}
	page := Page{Base: layout.Base{Now: now, Organization: layout.Organization{ID: "o"}}, NewKey: "k3", Keys: []Key{
		{ID: "k1", Tail: "811", Description: "Ny API integration", Contracts: []ui.ContractNumber{one, other}, Created: now, CreatedBy: "FirstName LastName"},
		{ID: "k2", Tail: "812", Description: `<script>'"&`, Contracts: []ui.ContractNumber{one, other}, Created: now, CreatedBy: "<i>", LastUsed: now.Add(-time.Hour)},
		{ID: "k3", Tail: "813", Description: ui.Mark(0), Contracts: []ui.ContractNumber{other}, Created: now, CreatedBy: ui.Mark(5), MakerLeft: true},
		{ID: "k4", Tail: "814", Description: "D", State: Disabled, Created: now, CreatedBy: "M"},
		{ID: "k5", Tail: "815", Description: "E", Contracts: []ui.ContractNumber{one}, Created: now, CreatedBy: "M"},
	}}
	for _, manages := range []bool{false, true} {
		page.Manages = manages
		for _, lang := range []i18n.Lang{i18n.Swedish, i18n.Finnish, i18n.English} {
			ctx := i18n.With(context.Background(), lang)
			var want, got bytes.Buffer
			for _, key := range page.Keys {
				if err := page.row(key, made(i18n.From(ctx), key), numbers(key), page.lastUsed(key), key.ID == page.NewKey).Render(ctx, &want); err != nil {
					t.Fatal(err)
				}
			}
			if err := page.rows().Render(ctx, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.String(), got.String()); diff != "" {
				t.Errorf("%s, manages %t:\n%s", lang, manages, diff)
			}
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := page.rows().Render(cancelled, new(bytes.Buffer)); !errors.Is(err, context.Canceled) {
		t.Errorf("for a reader who has gone: %v", err)
	}
}
