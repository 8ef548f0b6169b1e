package api

import (
	"net/http"
	"time"

	"omapostipro/internal/apikey"
	"omapostipro/internal/shipment"
)

// keyAnswer says what a key may do: the answer to every opaque 401.
type keyAnswer struct {
	Description  string             `json:"description"`
	State        string             `json:"state"`
	Organization organizationAnswer `json:"organization"`
	Contracts    []contractAnswer   `json:"contracts"`
	Roles        []string           `json:"roles"`
	Limits       limitsAnswer       `json:"limits"`
	CreatedAt    time.Time          `json:"createdAt"`
	LastUsedAt   *time.Time         `json:"lastUsedAt"`
	ExpiresAt    *time.Time         `json:"expiresAt"` // keys do not expire by themselves: always null
}

type organizationAnswer struct {
	Name       string `json:"name"`
	BusinessID string `json:"businessId"`
}

type contractAnswer struct {
	Number string `json:"number"`
	Kind   string `json:"kind"` // logistics_contract or freight_transport_code
	Holder string `json:"holder"`
}

type limitsAnswer struct {
	BodyBytes       int `json:"bodyBytes"`
	ParcelsPerOrder int `json:"parcelsPerOrder"`
}

// keyRoles is what every portal key may do, on its contracts.
var keyRoles = []string{"shippingapi"}

func (a *API) showKey(w http.ResponseWriter, _ *http.Request, key apikey.Recognized) error {
	answer := keyAnswer{Description: key.Description, State: string(key.Status), Roles: keyRoles,
		Organization: organizationAnswer{Name: key.Organization.Name, BusinessID: key.Organization.BusinessID},
		Contracts:    make([]contractAnswer, len(key.Contracts)), Limits: limitsAnswer{BodyBytes: maxBody, ParcelsPerOrder: shipment.MaxParcels},
		CreatedAt: key.CreatedAt, LastUsedAt: key.LastUsedAt}
	for i, contract := range key.Contracts {
		answer.Contracts[i] = contractAnswer{Number: contract.Number, Kind: string(contract.Kind), Holder: contract.Holder}
	}
	writeJSON(w, http.StatusOK, "application/json", answer)
	return nil
}
