package api

import (
	"net/netip"
	"time"

	"omapostipro/internal/caller"
	"omapostipro/internal/shipment"
)

// keyAnswer says what a key, or an application account with its token, may do: the answer to every opaque 401.
type keyAnswer struct {
	Description  string             `json:"description"`
	State        string             `json:"state"` // who is not enabled gets no answer
	Organization organizationAnswer `json:"organization"`
	Contracts    []contractAnswer   `json:"contracts"`
	Roles        []caller.Role      `json:"roles"`
	Limits       limitsAnswer       `json:"limits"`
	CreatedAt    time.Time          `json:"createdAt"`
	LastUsedAt   *time.Time         `json:"lastUsedAt"`
	ExpiresAt    *time.Time         `json:"expiresAt"` // of the token, or of a key that was made to end; else null
	Networks     []netip.Prefix     `json:"networks"`  // that calls may come from; empty for everywhere
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
	// How often calls may come with the credential and from an address; absent where that is not limited.
	Credential *rateAnswer `json:"credential,omitempty"`
	Address    *rateAnswer `json:"address,omitempty"`
}

type rateAnswer struct {
	PerSecond int `json:"perSecond"`
	Burst     int `json:"burst" doc:"At once, after a pause."`
}

func describeRate(l *limiter) *rateAnswer {
	if l == nil {
		return nil
	}
	return &rateAnswer{l.PerSecond, l.Burst}
}

func (a *API) showKey(c call, _ nothing) (keyAnswer, error) {
	who := c.who
	answer := keyAnswer{Description: who.Name, State: "enabled", Roles: who.Roles,
		Organization: organizationAnswer{Name: who.Organization.Name, BusinessID: who.Organization.BusinessID},
		Contracts:    make([]contractAnswer, len(who.Contracts)), Limits: limitsAnswer{BodyBytes: maxBody, ParcelsPerOrder: shipment.MaxParcels,
			Credential: describeRate(a.limiters.credential), Address: describeRate(a.limiters.address)},
		CreatedAt: who.CreatedAt, LastUsedAt: who.LastUsedAt, ExpiresAt: who.ExpiresAt, Networks: orEmpty(who.Networks)}
	for i, contract := range who.Contracts {
		answer.Contracts[i] = contractAnswer{Number: contract.Number, Kind: string(contract.Kind), Holder: contract.Holder}
	}
	return answer, nil
}
