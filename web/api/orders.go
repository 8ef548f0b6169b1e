package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/caller"
	"omapostipro/internal/once"
	"omapostipro/internal/shipment"
)

// placeOrder places an order as a version of the carrier's call has it.
func (a *API) placeOrder(format orderFormat) callHandler {
	return func(w http.ResponseWriter, r *http.Request, who caller.Caller) error {
		body, err := readBody(w, r)
		if err != nil {
			return err
		}
		call, err := callOf(r, body)
		if err != nil {
			return err
		}
		request, err := readOrder(body, format)
		if err != nil {
			return err
		}
		wantsFile, err := strconv.ParseBool(r.URL.Query().Get("returnFile"))
		if given := r.URL.Query().Get("returnFile"); err != nil && given != "" {
			request.reading.warn(codeIgnored, "returnFile", "returnFile=%s was ignored: it is true or false", shipment.Quote(strings.ToValidUTF8(given, "\uFFFD")))
		}
		var pdf []byte
		prepare := func(placed shipment.Placed) (err error) {
			if wantsFile {
				pdf, err = placed.RenderLabels(a.Test)
			}
			return err
		}
		placed, warnings, err := a.place(r.Context(), who.Actor(a.Origin(r.Context())), request, call, prepare)
		if err != nil {
			return err
		}
		tellReplay(w, call)
		writeJSON(w, http.StatusOK, "application/json", []orderAnswer{a.orderAnswer(format, placed, pdf, warnings)})
		return nil
	}
}

// place places an order that has been read, and gives what its sender should know. What is wrong is told in the order of
// the family: the contract's number, whether the caller may use it, and then all the rest at once.
func (a *API) place(ctx context.Context, actor account.Actor, request *orderRequest, call *once.Call, prepare func(shipment.Placed) error) (shipment.Placed, []warning, error) {
	problems, err := a.check(actor, request)
	if err == nil && shipment.Refuses(problems) {
		err = invalid(problems)
	}
	if err != nil {
		return shipment.Placed{}, nil, cmp.Or(a.Orders.Once(call).CheckCall(ctx, actor), err)
	}
	placed, err := a.Orders.Once(call).Place(ctx, actor, request.order, request.media, prepare)
	return placed, warningsOf(problems), err
}

// check gives all that is wrong with an order, or the failure of one for a contract that is not the actor's.
func (a *API) check(actor account.Actor, request *orderRequest) ([]shipment.Problem, error) {
	problems := append(a.Orders.Tried(request.order), request.problems()...)
	if contract, wellFormed := request.contract(); wellFormed {
		if _, err := shipment.Permit(actor, contract); err != nil {
			return nil, contractNotAllowed(actor, contract, request.path("senderPartners.custNo"))
		}
	}
	return problems, nil
}

// invalid is the failure of a body that has problems.
func invalid(problems []shipment.Problem) failure {
	return failure{status: http.StatusUnprocessableEntity, problems: problems}
}

// showOrder gives an order again, as its placing was answered.
func (a *API) showOrder(format orderFormat) callHandler {
	return func(w http.ResponseWriter, r *http.Request, who caller.Caller) error {
		id, err := uuid.Parse(chi.URLParam(r, "order"))
		if err != nil {
			return errNothingHere
		}
		placed, err := a.Orders.Get(r.Context(), who.Actor(a.Origin(r.Context())), chi.URLParam(r, "contract"), id)
		if err != nil {
			return err
		}
		writeJSON(w, http.StatusOK, "application/json", []orderAnswer{a.orderAnswer(format, placed, nil, nil)})
		return nil
	}
}

// showLabel gives an order's labels as a PDF, for as long as their link works.
func (a *API) showLabel(w http.ResponseWriter, r *http.Request, who caller.Caller) error {
	id, err := uuid.Parse(chi.URLParam(r, "label"))
	if err != nil {
		return errNothingHere
	}
	placed, err := a.Orders.ByLabel(r.Context(), who.Actor(a.Origin(r.Context())), chi.URLParam(r, "contract"), id)
	if err != nil {
		return err
	}
	pdf, err := placed.RenderLabels(a.Test)
	if err != nil {
		return labelsGone(err)
	}
	document{"application/pdf", placed.Number + ".pdf", pdf}.write(w)
	return nil
}

// labelsGone makes of the labels of a cancelled shipment what is gone for good, as an expired link is.
func labelsGone(err error) error {
	if errors.Is(err, shipment.ErrCancelled) {
		return errLabelsGone
	}
	return err
}

// document is an answer that is a file.
type document struct {
	contentType string
	name        string
	content     []byte
}

func (d document) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", d.contentType)
	w.Header().Set("Content-Disposition", fmt.Sprintf("inline; filename=%q", d.name))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(d.content) // a client that has gone needs no label
}

// orderAnswer tells of an order that has been placed, with its labels if they are asked for.
func (a *API) orderAnswer(format orderFormat, placed shipment.Placed, pdf []byte, warnings []warning) orderAnswer {
	order, created := placed.Order, orderTime(placed.PlacedAt)
	place := a.BaseURL + "/shippingapi/api/" + format.version + "/shipments/" + order.Contract.Number
	answer := orderAnswer{
		Href: place + "/" + placed.ID.String(), ID: placed.ID.String(), Status: "PRINTED", ShipmentNo: placed.Number, OrderNo: order.OrderNo,
		Reference: order.SenderReference, ServiceID: order.Service, ParcelCount: len(placed.Parcels),
		SndName: order.Sender.Name, SndZipcode: order.Sender.Postcode, SndCity: order.Sender.City, SndCountry: order.Sender.Country,
		RcvName: order.Receiver.Name, RcvZipcode: order.Receiver.Postcode, RcvCity: order.Receiver.City, RcvCountry: order.Receiver.Country,
		Created: created, Changed: orderTime(placed.ChangedAt), ShipDate: created, NormalShipment: order.NormalShipment, ReturnShipment: order.ReturnShipment,
		Parcels: make([]parcelAnswer, len(placed.Parcels)), Warnings: warnings,
	}
	if placed.CancelledAt != nil {
		answer.Status = string(placed.Status)
	}
	for i, parcel := range placed.Parcels {
		answer.Parcels[i] = parcelAnswer{ParcelNo: parcel.Number, Reference: parcel.Reference}
	}
	link := labelAnswer{ID: placed.Label.ID.String(), Href: place + "/" + format.labels + "/" + placed.Label.ID.String(), Description: "Label", PDFType: "ADDRESSLABEL"}
	if format == orderV1 {
		link.PDF = pdf
		answer.PDFs = []labelAnswer{link}
	} else {
		link.Data, link.Media = pdf, string(placed.Label.Media)
		answer.Prints = []labelAnswer{link}
	}
	return answer
}

// contractNotAllowed names the number that was asked for and those that the caller may use.
func contractNotAllowed(actor account.Actor, contract shipment.Contract, path string) failure {
	kinds := map[account.Kind]string{account.LogisticsContract: "logistics contract", account.FreightTransportCode: "freight transport code"}
	asked := contract.Number
	if kind, known := kinds[contract.Partner.ContractKind()]; known {
		asked += " as a " + kind
	}
	var allowed []string
	for _, number := range actor.Numbers {
		allowed = append(allowed, number.Number+" ("+kinds[number.Kind]+")")
	}
	may := "it may use none any more"
	if len(allowed) > 0 {
		may = "it may use " + strings.Join(allowed, ", ")
	}
	message := fmt.Sprintf("The key may not place orders for contract %s; %s. A number that was assigned to the key's maker after the key was made needs a new key.", asked, may)
	if actor.Kind == audit.Application {
		message = fmt.Sprintf("The application account may not place orders for contract %s; %s. A main user can add a number that they are assigned in the portal, under Integrationer.", asked, may)
	}
	return failure{status: http.StatusForbidden, problems: []shipment.Problem{{Code: "CONTRACT_NOT_ALLOWED", Path: path, Message: message, Type: shipment.Error}}}
}
