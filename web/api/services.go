package api

import (
	"fmt"
	"strings"

	"omapostipro/internal/account"
	"omapostipro/internal/shipment"
)

type servicesAsked struct {
	From string `query:"from" maxLength:"2" doc:"The sender's country, by ISO 3166-1 alpha-2. Without it: any." example:"FI"`
	To   string `query:"to" maxLength:"2" doc:"The receiver's country. Without it: any." example:"FI"`
}

// servicesAnswer is what the carrier sells on a route, and what holds for every order.
type servicesAnswer struct {
	Services []serviceAnswer `json:"services"`
	Limits   orderLimits     `json:"limits"`
}

type orderLimits struct {
	Parcels             int     `json:"parcels" doc:"Of one shipment, copies counted."`
	SenderReference     int     `json:"senderReference" doc:"Characters."`
	OrderNo             int     `json:"orderNo" doc:"Characters."`
	FreeText            int     `json:"freeText1" doc:"Characters."`
	CashOnDeliveryEuros float64 `json:"cashOnDeliveryEuros"`
}

type serviceAnswer struct {
	ID                 string               `json:"id" example:"PO2103"`
	Names              shipment.Name        `json:"names"`
	Partner            shipment.Partner     `json:"partner" doc:"The id for senderPartners."`
	ContractKind       account.Kind         `json:"contractKind" doc:"The kind of contract number that pays for it."`
	From               routeEnd             `json:"from"`
	To                 routeEnd             `json:"to"`
	MaxWeight          float64              `json:"maxWeight" doc:"Of one parcel, in kilograms."`
	Hours              int                  `json:"hours" doc:"From hand-in to delivery, or to the notice that it can be fetched."`
	PickupPoint        bool                 `json:"pickupPoint" doc:"Whether agent.quickId may name a pickup point."`
	AddressNeeded      string               `json:"addressNeeded" enum:"always,never,without_pickup_point" doc:"Whether the receiver's address1 must be given."`
	MobileNeeded       string               `json:"mobileNeeded" enum:"always,never,with_pickup_point" doc:"Whether the receiver's mobile must be given."`
	ReturnService      *string              `json:"returnService" doc:"What brings its parcels back; null if there is none."`
	AdditionalServices []addOnServiceAnswer `json:"additionalServices"`
}

type routeEnd struct {
	Area      shipment.Area `json:"area" enum:"FI,BALT,EU,*" doc:"As the carrier's lists write it."`
	Countries []string      `json:"countries" doc:"Those of the area; empty for all."`
}

type addOnServiceAnswer struct {
	ID           string              `json:"id" example:"COD"`
	Names        shipment.Name       `json:"names"`
	Numbers      []string            `json:"numbers" doc:"What older systems call it; these are read too."`
	Properties   []shipment.Property `json:"properties" doc:"What must be told of it."`
	ConflictWith []string            `json:"conflictsWith" doc:"Additional services that cannot be used beside it."`
}

func (a *API) listServices(_ call, asked servicesAsked) (servicesAnswer, error) {
	problems := new(reading)
	for _, end := range []struct {
		name    string
		country *string
	}{{"from", &asked.From}, {"to", &asked.To}} {
		country := strings.ToUpper(*end.country)
		if *end.country = country; country != "" && !shipment.IsCountry(country) {
			problems.fail(shipment.Invalid, end.name, "%s is not a country code of ISO 3166, as FI is", shipment.Quote(country))
		}
	}
	if problems.problems != nil {
		return servicesAnswer{}, invalid(problems.problems)
	}
	answer := servicesAnswer{Services: []serviceAnswer{}, Limits: orderLimits{Parcels: shipment.MaxParcels, SenderReference: shipment.MaxSenderReference,
		OrderNo: shipment.MaxOrderNo, FreeText: shipment.MaxFreeText, CashOnDeliveryEuros: shipment.MaxCashOnDelivery / 100}}
	for _, service := range shipment.ServicesBetween(asked.From, asked.To) {
		answer.Services = append(answer.Services, describeService(service))
	}
	return answer, nil
}

func describeService(s shipment.Service) serviceAnswer {
	answer := serviceAnswer{ID: s.ID, Names: s.Name, Partner: s.Partner, ContractKind: s.Partner.ContractKind(),
		From: routeEnd{s.Route.From, s.Route.From.Countries()}, To: routeEnd{s.Route.To, s.Route.To.Countries()}, MaxWeight: float64(s.MaxWeight) / 1000,
		Hours: s.Hours, PickupPoint: s.TakesPickupPoint(), AdditionalServices: []addOnServiceAnswer{}}
	switch s.Destination {
	case shipment.ToAddress:
		answer.AddressNeeded = "always"
	case shipment.ToEither:
		answer.AddressNeeded = "without_pickup_point"
	default:
		answer.AddressNeeded = "never"
	}
	switch s.Mobile {
	case shipment.MobileNeeded:
		answer.MobileNeeded = "always"
	case shipment.MobileWithPickupPoint:
		answer.MobileNeeded = "with_pickup_point"
	default:
		answer.MobileNeeded = "never"
	}
	if s.Return != "" {
		answer.ReturnService = &s.Return
	}
	for _, id := range s.AddOns {
		addOn, ok := shipment.LookupAddOn(id)
		if !ok {
			panic(fmt.Sprintf("the catalogue lacks %s", id))
		}
		answer.AdditionalServices = append(answer.AdditionalServices, addOnServiceAnswer{ID: addOn.ID, Names: addOn.Name, Numbers: orEmpty(addOn.Twins),
			Properties: orEmpty(addOn.Needs), ConflictWith: s.Rivals(addOn.ID)})
	}
	return answer
}

// orEmpty is written [], never null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
