package caller

import (
	"slices"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/fault"
)

// Linkable gives the contracts that what this actor makes can be linked to: their assigned logistics contracts and
// freight transport codes, in this order. A customer number is not ordered with.
func Linkable(actor account.Actor) []account.ContractNumber {
	return actor.NumbersOf(account.LogisticsContract, account.FreightTransportCode)
}

// ChooseContracts gives those of the linkable contracts that are wanted, or faults at contract: for one that is not
// linkable, and for want of a logistics contract.
func ChooseContracts(faults *fault.Fault, linkable []account.ContractNumber, wanted []uuid.UUID) []account.ContractNumber {
	var chosen []account.ContractNumber
	logistics := false
	for _, contract := range linkable {
		if slices.Contains(wanted, contract.ID) {
			chosen = append(chosen, contract)
			logistics = logistics || contract.Kind == account.LogisticsContract
		}
	}
	for _, id := range wanted {
		if !slices.ContainsFunc(linkable, func(c account.ContractNumber) bool { return c.ID == id }) {
			faults.At("contract", "keys.contract_not_yours")
			break
		}
	}
	if !logistics {
		faults.At("contract", "keys.contract_required")
	}
	return chosen
}
