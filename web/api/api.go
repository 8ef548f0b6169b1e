package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"omapostipro/internal/apikey"
	"omapostipro/internal/application"
	"omapostipro/internal/caller"
	"omapostipro/internal/pickup"
	"omapostipro/internal/shipment"
)

// Config is what the API needs.
type Config struct {
	BaseURL      string // scheme and host: what links are built from
	Log          *slog.Logger
	Keys         *apikey.Service
	Applications *application.Service
	Orders       *shipment.Orders
	Pickups      *pickup.Service
	Limits       Limits
	BodyTime     time.Duration // that a body may take to come; 15 seconds unless set
	Now          func() time.Time
	Test         bool // labels say that nothing is carried: the demo set-ups
	// Origin gives a request's id and its client's address.
	Origin func(context.Context) (requestID, address string)
}

// API answers the calls of all families.
type API struct {
	Config
	limiters limiters
}

// New makes the API.
func New(config Config) *API {
	return &API{Config: config, limiters: newLimiters(config.Limits)}
}

// maxBody is how many bytes a call's body may have.
const maxBody = 1 << 20

// Compatible routes the carrier's own paths, under /shippingapi. What follows a path is whose call is taken there
// (call.go) and what answers.
func (a *API) Compatible() http.Handler {
	f := family{a, a.refuse}
	r := f.router()
	for _, version := range []struct {
		orderFormat
		need need
	}{{orderV1, byKey(caller.ShippingAPI)}, {orderV2, byToken(caller.ShippingAPI)}} {
		place := "/api/" + version.version
		r.Post(place+"/shipping/order", f.to(version.need, a.placeOrder(version.orderFormat)))
		r.Get(place+"/shipments/{contract}/{order}", f.to(version.need, a.showOrder(version.orderFormat)))
		r.Get(place+"/shipments/{contract}/"+version.labels+"/{label}", f.to(version.need, a.showLabel))
	}
	return r
}
