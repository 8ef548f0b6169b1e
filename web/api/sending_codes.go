package api

import (
	"errors"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/caller"
	"omapostipro/internal/fault"
	"omapostipro/internal/shipment"
)

// sentAnswer is the answer of all calls about sending codes.
type sentAnswer struct {
	Shipments []sentParcelAnswer `json:"shipments"`
}

type sentParcelAnswer struct {
	TrackingNumber string `json:"trackingNumber"`
	SendingCode    string `json:"sendingCode"`
}

// The texts of the refusals are the carrier's, and so is their shape.
const (
	textNotFound = "Shipment not found"
	textNoCode   = "Shipment not allowed for helposti code generation, Additional service " + shipment.SendingCode + " is missing"
)

// answerSent answers with a parcel and its code, or with the carrier's refusals.
func answerSent(w http.ResponseWriter, parcel shipment.SentParcel, err error) error {
	refuse := func(text string) error {
		writeJSON(w, http.StatusNotFound, "application/json", map[string]string{"error": text})
		return nil
	}
	switch {
	case errors.Is(err, shipment.ErrNoSendingCode):
		return refuse(textNoCode)
	case fault.Is(err, fault.NotFound):
		return refuse(textNotFound)
	case err != nil:
		return err
	}
	writeJSON(w, http.StatusOK, "application/json", sentAnswer{[]sentParcelAnswer{{parcel.Number, parcel.Code}}})
	return nil
}

// rehearsed says whether a call only rehearses: it is answered by the number alone, and nothing is asked or stored.
func rehearsed(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("X-Test-Environment"), "true")
}

// makeSendingCode gives a parcel's code, and makes it if there is none.
func (a *API) makeSendingCode(w http.ResponseWriter, r *http.Request, who caller.Caller) error {
	var number string
	var unchecked *bool
	err := readStrict(w, r, func(r *strictReading) strictFields {
		return strictFields{
			"searchCriteria": r.object(strictFields{"trackingNumber": func(path string, value []byte) {
				before := len(r.problems)
				if r.text(&number)(path, value); number == "" && len(r.problems) == before {
					r.fail(shipment.Invalid, path, "String should have at least 1 character")
				}
			}}, "trackingNumber"),
			"validation": r.object(strictFields{"noEdiCheck": r.truth(&unchecked)}),
		}
	}, "searchCriteria")
	if err != nil {
		return err
	}
	if rehearsed(r) {
		parcel, err := shipment.RehearseSendingCode(number, said(unchecked))
		return answerSent(w, parcel, err)
	}
	parcel, err := a.Orders.MakeSendingCode(r.Context(), who.Actor(a.Origin(r.Context())), number, said(unchecked))
	return answerSent(w, parcel, err)
}

// showSendingCode gives the code that a parcel has.
func (a *API) showSendingCode(w http.ResponseWriter, r *http.Request, who caller.Caller) error {
	number := chi.URLParam(r, "number")
	if rehearsed(r) {
		parcel, err := shipment.RehearseSendingCode(number, false)
		return answerSent(w, parcel, err)
	}
	parcel, err := a.Orders.SendingCodeOf(r.Context(), who.Actor(a.Origin(r.Context())), number)
	return answerSent(w, parcel, err)
}

// rehearsedContract is under which the numbers are that are given where nothing is asked: the first of the caller's.
func rehearsedContract(who caller.Caller) string {
	for _, contract := range who.Contracts {
		if contract.Kind == account.LogisticsContract {
			return contract.Number
		}
	}
	return "654321"
}

// showSentParcel gives the parcel that a code belongs to.
func (a *API) showSentParcel(w http.ResponseWriter, r *http.Request, who caller.Caller) error {
	code := chi.URLParam(r, "code")
	if rehearsed(r) {
		parcel, err := shipment.RehearseSentParcel(code, rehearsedContract(who))
		return answerSent(w, parcel, err)
	}
	parcel, err := a.Orders.BySendingCode(r.Context(), who.Actor(a.Origin(r.Context())), code)
	return answerSent(w, parcel, err)
}
