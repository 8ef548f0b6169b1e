package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"

	"omapostipro/internal/apidoc"
	"omapostipro/internal/demo"
	"omapostipro/internal/i18n"
	"omapostipro/internal/pickuppoint"
	"omapostipro/internal/ratelimit"
	"omapostipro/internal/shipment"
	"omapostipro/templates/docs"
)

// showDocs shows the API's documentation to everybody. What it says is the same for all who read it in one language.
func (s *Server) showDocs(w http.ResponseWriter, r *http.Request, v *visit) error {
	language := s.sampleLanguage(w, r)
	contents, err := s.docs[docsKey{i18n.From(r.Context()).Lang(), language.ID}]()
	if err != nil {
		return err
	}
	return render(w, r, http.StatusOK, docs.Page{Base: v.base(), Contents: contents}.View())
}

// samplesCookie keeps the language in which somebody reads samples, for their next visit; the page's script sets it too.
const samplesCookie = "samples"

// sampleLanguage gives the language of the samples: the one that is asked for, which is kept, else the one that was kept,
// else the first.
func (s *Server) sampleLanguage(w http.ResponseWriter, r *http.Request) apidoc.Language {
	languages := apidoc.Languages()
	find := func(id string) int {
		return slices.IndexFunc(languages, func(l apidoc.Language) bool { return l.ID == id })
	}
	if i := find(r.URL.Query().Get(samplesCookie)); i >= 0 {
		const year = 365 * 24 * 60 * 60
		s.setCookie(w, samplesCookie, languages[i].ID, year)
		return languages[i]
	}
	if cookie, err := r.Cookie(samplesCookie); err == nil {
		if i := find(cookie.Value); i >= 0 {
			return languages[i]
		}
	}
	return languages[0]
}

// docsKey tells the documentation's contents apart: by their reader's language and that of the samples.
type docsKey struct {
	reader  i18n.Lang
	samples string
}

// drawDocs gives what draws the documentation's contents in each language, when it is first asked for.
func (s *Server) drawDocs() map[docsKey]func() (string, error) {
	contents := sync.OnceValue(s.docsContents)
	drawn := map[docsKey]func() (string, error){}
	for _, reader := range i18n.Languages() {
		for _, language := range apidoc.Languages() {
			drawn[docsKey{reader.Lang, language.ID}] = sync.OnceValues(func() (string, error) {
				var b strings.Builder
				shown := contents()
				shown.Language = language
				err := shown.View().Render(i18n.With(context.Background(), reader.Lang), &b)
				return b.String(), err
			})
		}
	}
	return drawn
}

func (s *Server) docsContents() docs.Contents {
	contents := docs.Contents{Address: s.BaseURL, Reference: s.API.Reference(), Refusals: s.API.Refusals(), PerAddress: rateOf(s.API.Limits.Address), PerCaller: rateOf(s.API.Limits.Credential),
		ClosedPoint: pickuppoint.Inactive}
	if s.Demo {
		contents.Demo = &docs.Demo{Organization: demo.Organization, Contract: demo.Contract, ClientID: demo.ClientID, ClientSecret: demo.ClientSecret, APIKey: demo.APIKey}
		for _, example := range s.API.Orders.Examples() {
			status := example.Status
			if example.Order.Contract.Partner == shipment.PartnerFreight {
				status = status.OfFreight()
			}
			contents.Demo.Examples = append(contents.Demo.Examples, docs.Example{Number: example.Number, Status: string(status)})
		}
	}
	return contents
}

func rateOf(limit ratelimit.Limit) docs.Rate {
	return docs.Rate{PerSecond: limit.PerSecond, Burst: limit.Burst}
}
