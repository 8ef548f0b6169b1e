package api

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/caller"
	"omapostipro/internal/shipment"
)

// placeOrderV1 places an order as version 1 has it. What is wrong is told in the order of the family: the body's type, its
// size, its form, the contract's number, whether the key may use it, and then all the rest at once.
func (a *API) placeOrderV1(w http.ResponseWriter, r *http.Request, who caller.Caller) error {
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	request, err := readOrder(body, orderV1)
	if err != nil {
		return err
	}
	actor := who.Actor(a.Origin(r.Context()))
	problems := request.problems()
	contract, wellFormed := request.contract()
	if wellFormed {
		if _, err := shipment.Permit(actor, contract); err != nil {
			return contractNotAllowed(actor, contract, request.path("senderPartners.custNo"))
		}
	}
	if shipment.Refuses(problems) {
		return failure{status: http.StatusUnprocessableEntity, problems: problems}
	}
	var pdf []byte
	prepare := func(placed shipment.Placed) (err error) {
		if returnFile, _ := strconv.ParseBool(r.URL.Query().Get("returnFile")); returnFile {
			pdf, err = placed.RenderLabels(a.Test)
		}
		return err
	}
	placed, err := a.Orders.Place(r.Context(), actor, request.order, request.media, prepare)
	if err != nil {
		return err
	}
	answer := a.answerV1(placed)
	answer.PDFs[0].PDF = pdf
	answer.Warnings = warningsOf(problems)
	writeJSON(w, http.StatusOK, "application/json", []orderAnswerV1{answer})
	return nil
}

// showOrderV1 gives an order again, as its placing was answered.
func (a *API) showOrderV1(w http.ResponseWriter, r *http.Request, who caller.Caller) error {
	id, err := uuid.Parse(chi.URLParam(r, "order"))
	if err != nil {
		return errNothingHere
	}
	placed, err := a.Orders.Get(r.Context(), who.Actor(a.Origin(r.Context())), chi.URLParam(r, "contract"), id)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, "application/json", []orderAnswerV1{a.answerV1(placed)})
	return nil
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
		return err
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", fmt.Sprintf("inline; filename=%q", placed.Number+".pdf"))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(pdf) // a client that has gone needs no label
	return nil
}

// answerV1 tells of an order that has been placed.
func (a *API) answerV1(placed shipment.Placed) orderAnswerV1 {
	order, at := placed.Order, orderTime(placed.PlacedAt)
	place := a.BaseURL + "/shippingapi/api/v1/shipments/" + order.Contract.Number
	answer := orderAnswerV1{
		orderAnswer: orderAnswer{
			Href: place + "/" + placed.ID.String(), ID: placed.ID.String(), Status: "PRINTED", ShipmentNo: placed.Number, OrderNo: order.OrderNo,
			Reference: order.SenderReference, ServiceID: order.Service, ParcelCount: len(placed.Parcels),
			SndName: order.Sender.Name, SndZipcode: order.Sender.Postcode, SndCity: order.Sender.City, SndCountry: order.Sender.Country,
			RcvName: order.Receiver.Name, RcvZipcode: order.Receiver.Postcode, RcvCity: order.Receiver.City, RcvCountry: order.Receiver.Country,
			Created: at, Changed: at, ShipDate: at, NormalShipment: order.NormalShipment, ReturnShipment: order.ReturnShipment,
			Parcels: make([]parcelAnswer, len(placed.Parcels)),
		},
		PDFs: []pdfAnswer{{ID: placed.Label.ID.String(), Href: place + "/pdfs/" + placed.Label.ID.String(), PDFType: "ADDRESSLABEL"}},
	}
	for i, parcel := range placed.Parcels {
		answer.Parcels[i] = parcelAnswer{ParcelNo: parcel.Number, Reference: parcel.Reference}
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

// readBody reads a JSON body of at most maxBody bytes. A type that is not said is JSON. A body that ends before all of it
// was sent is a syntaxError there.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	said, encoding := r.Header.Get("Content-Type"), r.Header.Get("Content-Encoding")
	kind, _, _ := mime.ParseMediaType(said) // also of one with broken parameters
	if said != "" && kind != "application/json" || encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, fail(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "Send the body as application/json, not compressed.")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, fail(http.StatusRequestEntityTooLarge, "BODY_TOO_LARGE", "The body is larger than 1 MB.")
	}
	if err != nil {
		return nil, newSyntaxError(body, len(body), "it ended before all of it was sent")
	}
	return body, nil
}
