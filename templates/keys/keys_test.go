package keys

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"omapostipro/templates/ui"
)

func TestCurlChoosesAContractThatTheKeyCanUse(t *testing.T) {
	logistics := ui.ContractNumber{Kind: ui.LogisticsContract, Number: "654321"}
	freight := ui.ContractNumber{Kind: ui.FreightTransportCode, Number: "876543"}
	closed := ui.ContractNumber{Kind: ui.LogisticsContract, Number: "654399", Closed: true}
	for _, tt := range []struct {
		name                     string
		contracts                []ui.ContractNumber
		partner, number, service string
	}{
		{"a logistics contract before freight", []ui.ContractNumber{freight, logistics}, "POSTI", "654321", "PO2103"},
		{"one that is open", []ui.ContractNumber{closed, logistics}, "POSTI", "654321", "PO2103"},
		{"freight when no other is open", []ui.ContractNumber{closed, freight}, "ITELLALOG", "876543", "PO2144"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var sent order
			if err := json.Unmarshal([]byte(bodyOf(t, Key{Contracts: tt.contracts}.curl("http://localhost:8080", "Example Oy"))), &sent); err != nil {
				t.Fatal(err)
			}
			if got := sent.Shipment.Partners[0]; got != (partner{tt.partner, tt.number}) || sent.Shipment.Service.ID != tt.service {
				t.Errorf("ordered with %v and %v", got, sent.Shipment.Service)
			}
		})
	}
	if sample := (Key{Contracts: []ui.ContractNumber{closed}}).curl("http://localhost:8080", "Example Oy"); sample != "" {
		t.Errorf("a key that can order nothing got %q", sample)
	}
}

// bodyOf lets a shell read the call, as whoever pastes it does, and gives the body that curl would get.
func bodyOf(t *testing.T, sample string) string {
	t.Helper()
	shell := exec.Command("sh", "-c", `curl() { for last; do :; done; printf %s "$last"; }`+"\n"+sample)
	shell.Env = []string{"OPP_API_KEY=secret"}
	body, err := shell.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestCurlSurvivesTheShell(t *testing.T) {
	sender := `O'Brien & Söner "Ab" $HOME`
	sample := Key{Contracts: []ui.ContractNumber{{Kind: ui.LogisticsContract, Number: "654321"}}}.curl("https://portal.example", sender)
	if !strings.HasPrefix(sample, `curl 'https://portal.example/shippingapi/api/v1/shipping/order'`) || !strings.Contains(sample, `"Authorization: $OPP_API_KEY"`) {
		t.Error(sample)
	}
	var sent order
	if err := json.Unmarshal([]byte(bodyOf(t, sample)), &sent); err != nil {
		t.Fatal(err)
	}
	if sent.Shipment.Sender.Name != sender {
		t.Errorf("the sender became %q", sent.Shipment.Sender.Name)
	}
}
