package web

import (
	"context"
	"net/http"
	"strings"
	"sync"

	"omapostipro/internal/demo"
	"omapostipro/internal/i18n"
	"omapostipro/internal/pickuppoint"
	"omapostipro/internal/ratelimit"
	"omapostipro/internal/shipment"
	"omapostipro/templates/docs"
)

// showDocs shows the API's documentation to everybody. What it says is the same for all who read it in one language.
func (s *Server) showDocs(w http.ResponseWriter, r *http.Request, v *visit) error {
	contents, err := s.docs[i18n.From(r.Context()).Lang()]()
	if err != nil {
		return err
	}
	return render(w, r, http.StatusOK, docs.Page{Base: v.base(), Contents: contents}.View())
}

// drawDocs gives what draws the documentation's contents in each language, when it is first asked for.
func (s *Server) drawDocs() map[i18n.Lang]func() (string, error) {
	contents := sync.OnceValue(s.docsContents)
	drawn := map[i18n.Lang]func() (string, error){}
	for _, language := range i18n.Languages() {
		drawn[language.Lang] = sync.OnceValues(func() (string, error) {
			var b strings.Builder
			err := contents().View().Render(i18n.With(context.Background(), language.Lang), &b)
			return b.String(), err
		})
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
