package keys

import (
	"context"
	"io"
	"slices"

	"github.com/a-h/templ"

	"omapostipro/internal/i18n"
	"omapostipro/templates/ui"
)

// rows draws the list's rows. Those of one look differ in a few words only, which are filled in.
func (m Page) rows() templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		p := i18n.From(ctx)
		stencils := make(map[look]ui.Stencil)
		var contracts []ui.ContractNumber
		var chips ui.HTML // of these contracts: keys have often the same ones as the key before
		never := ui.Text(p.T("keys.never_used"))
		for i, key := range m.Keys {
			look := look{key.State, key.Expired, key.ID == m.NewKey}
			stencil, cut := stencils[look]
			var err error
			if !cut {
				if stencil, err = ui.CutStencil(ctx, m.row(look.marked(), ui.Mark(3), templ.Raw(ui.Mark(4)), templ.Raw(ui.Mark(5)), look.isNew)); err != nil {
					return err
				}
				stencils[look] = stencil
			}
			if i == 0 || !slices.Equal(contracts, key.Contracts) {
				if chips, err = ui.Draw(ctx, numbers(key)); err != nil {
					return err
				}
				contracts = key.Contracts
			}
			used := never
			if !key.LastUsed.IsZero() {
				if used, err = ui.Draw(ctx, ui.Ago(key.LastUsed, m.Now)); err != nil {
					return err
				}
			}
			if err := stencil.Fill(w, ui.Text(key.ID), ui.Text(key.Tail), ui.Text(key.Description), ui.Text(made(p, key)), chips, used); err != nil {
				return err
			}
		}
		return nil
	})
}

// look is in what rows differ beside their words.
type look struct {
	state   State
	expired bool
	isNew   bool
}

// marked gives a key of this look with marks for its words.
func (l look) marked() Key {
	return Key{ID: ui.Mark(0), Tail: ui.Mark(1), Description: ui.Mark(2), State: l.state, Expired: l.expired}
}
