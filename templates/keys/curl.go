package keys

import (
	"encoding/json"
	"fmt"
	"strings"

	"omapostipro/templates/ui"
)

type order struct {
	PDFConfig pdfConfig `json:"pdfConfig"`
	Shipment  shipment  `json:"shipment"`
}

type pdfConfig struct {
	Media string `json:"target1Media"`
}

type shipment struct {
	Sender   party     `json:"sender"`
	Receiver party     `json:"receiver"`
	Partners []partner `json:"senderPartners"`
	Service  service   `json:"service"`
	Parcels  []parcel  `json:"parcels"`
}

type party struct {
	Name     string `json:"name"`
	Address  string `json:"address1"`
	Postcode string `json:"zipcode"`
	City     string `json:"city"`
	Country  string `json:"country"`
	Phone    string `json:"phone"`
}

type partner struct {
	ID     string `json:"id"`
	Number string `json:"custNo"`
}

type service struct {
	ID string `json:"id"`
}

type parcel struct {
	Copies         int     `json:"copies"`
	Weight         float64 `json:"weight"`
	ValuePerParcel bool    `json:"valuePerParcel"`
}

// curl is a complete call that places an order with a contract number that the key can use, a logistics contract if
// there is one; empty when none is left. The key itself is read from the environment, not written out.
func (k Key) curl(address, sender string) string {
	number, ok := k.usable()
	if !ok {
		return ""
	}
	from, code := "POSTI", "PO2103"
	if number.Kind == ui.FreightTransportCode {
		from, code = "ITELLALOG", "PO2144"
	}
	body, err := json.MarshalIndent(order{
		PDFConfig: pdfConfig{Media: "thermo-225"},
		Shipment: shipment{
			Sender:   party{sender, "Testgatan 1", "00100", "Helsingfors", "FI", "+358401234567"},
			Receiver: party{"Test Testsson", "Provvägen 2", "20100", "Åbo", "FI", "+358407654321"},
			Partners: []partner{{from, number.Number}},
			Service:  service{code},
			Parcels:  []parcel{{Copies: 1, Weight: 2.5, ValuePerParcel: true}},
		},
	}, "    ", "  ")
	if err != nil {
		panic(err) // strings and numbers: it cannot fail
	}
	return fmt.Sprintf(`curl '%s/shippingapi/api/v1/shipping/order' \
  -H "Authorization: $OPP_API_KEY" \
  -H 'Content-Type: application/json' \
  -d '%s'`, address, strings.ReplaceAll(string(body), "'", `'\''`))
}

func (k Key) usable() (ui.ContractNumber, bool) {
	for _, kind := range [...]string{ui.LogisticsContract, ui.FreightTransportCode} {
		for _, number := range ui.Of(kind, k.Contracts) {
			if !number.Closed {
				return number, true
			}
		}
	}
	return ui.ContractNumber{}, false
}
