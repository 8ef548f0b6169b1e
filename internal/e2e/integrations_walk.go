package e2e

import (
	"fmt"
	"net/http"
	"time"

	"omapostipro/internal/workday"
)

// applications is the way of an application account, from its making to its end.
func (w *walk) applications() {
	w.tb.Helper()
	tab := w.main
	list := tab.organization() + "/integrations/applications"
	create := func(name string) {
		w.tb.Helper()
		w.opens(tab, list+"/new", http.StatusOK)
		tab.Field(tab.T("applications.name")).Fill(name)
		tab.Button(tab.T("applications.create")).Press()
		tab.Heading(tab.T("applications.created")).Shown()
	}
	revoke := func() {
		w.tb.Helper()
		tab.Link(tab.T("keys.revoke")).Press()
		tab.Dialog(tab.T("applications.revoke_question")).Shown()
	}
	create("Affärssystemet")
	w.see(tab, "application-secret")
	tab.Link(tab.T("applications.saved_it")).Press()
	tab.Heading("Affärssystemet").Shown()
	revoke()
	tab.Button(tab.T("applications.revoke_account")).Press()
	tab.Shows(tab.T("keys.state_revoked"))
	create(longest)
	tab.Link(tab.T("applications.saved_it")).Press()
	tab.Heading(longest).Shown()
	w.see(tab, "application")
	tab.Link(tab.T("applications.change_short")).Press()
	tab.Dialog(tab.T("applications.change")).Shown()
	tab.Field(tab.T("applications.name")).Fill(" ")
	tab.Button(tab.T("applications.save")).Press()
	tab.One("alert", "").Shown()
	w.see(tab, "application-settings-invalid")
	w.opens(tab, list, http.StatusOK)
	tab.Link(longest).Press()
	tab.Heading(longest).Shown()
	revoke()
	w.see(tab, "application-revocation")
	w.opens(tab, list, http.StatusOK)
	tab.Fold(tab.T("keys.revoked_count", "count", 1)).Press()
	tab.Link("Affärssystemet").Shown()
	w.see(tab, "applications-many")
}

// pickups is what becomes of the pickups that integrations order.
func (w *walk) pickups() {
	w.tb.Helper()
	tab := w.main
	day := workday.NextWorking(time.Now().AddDate(0, 0, 7)).Format(time.DateOnly)
	for i, street := range []string{"Testgatan 1", "En gata med ett riktigt långt namn i Nykarleby industriområde 123 B 45"} {
		message := fmt.Sprintf(postra, day, i, street)
		if status, body := w.portal.Send(w.tb, http.MethodPost, "/transportation/v1/orders", w.key, "text/xml", message); status != http.StatusOK {
			w.tb.Fatalf("a pickup: %d %s", status, body)
		}
	}
	w.opens(tab, tab.organization()+"/integrations", http.StatusOK)
	tab.Link(tab.T("pickups.see")).Press()
	tab.Link("Nykarleby").Containing().Press()
	tab.Shows("Lass-0001")
	w.see(tab, "pickup")
	tab.Link(tab.T("pickups.cancel")).Press()
	tab.Dialog(tab.T("pickups.cancel_question")).Shown()
	w.see(tab, "pickup-cancellation")
	tab.Button(tab.T("pickups.cancel")).Press()
	tab.Shows(tab.T("pickups.cancelled_receipt"))
	tab.Link(tab.T("pickups.back")).Press()
	tab.Link("Testgatan").Containing().Shown()
	w.see(tab, "pickups")
}

// postra is a pickup message of the carrier's: the day, a number and a street are to be filled in.
const postra = `<?xml version="1.0" encoding="UTF-8"?>
<Postra xmlns="http://api.posti.fi/xml/POSTRA/1"><Header><MessageAction>PICKUP_ORDER</MessageAction></Header><Shipments>
<Shipment><PickupOrderType>PICKUP</PickupOrderType><ShipmentNumber>JJFI65432198911973958</ShipmentNumber>
<PickupDate timeEarliest="08:00" timeLatest="16:00">%[1]s</PickupDate><Instructions><Instruction>Ring på dörren och vänta.
Lastbryggan är på baksidan.</Instruction></Instructions><Parties>
<Party role="CONSIGNOR"><Name1>Example Oy</Name1><Location><Street1>%[3]s</Street1><Postcode>66900</Postcode><City>NYKARLEBY</City><Country>FI</Country></Location>
<ContactChannel channel="PHONE">+358401234567</ContactChannel><ContactChannel channel="EMAIL">lager@example.com</ContactChannel></Party>
<Party role="PAYER"><Account type="SAP_INVOICE">654321</Account></Party></Parties>
<GoodsItems><GoodsItem><PackageQuantity type="CW">2</PackageQuantity></GoodsItem></GoodsItems></Shipment>
<Shipment><PickupOrderType>PICKUP</PickupOrderType><ShipmentNumber>Lass-000%[2]d</ShipmentNumber>
<PickupDate timeEarliest="08:00" timeLatest="16:00">%[1]s</PickupDate><Instructions><Instruction>Ring på dörren och vänta.
Lastbryggan är på baksidan.</Instruction></Instructions><Parties>
<Party role="CONSIGNOR"><Name1>Example Oy</Name1><Location><Street1>%[3]s</Street1><Postcode>66900</Postcode><City>NYKARLEBY</City><Country>FI</Country></Location>
<ContactChannel channel="PHONE">+358401234567</ContactChannel><ContactChannel channel="EMAIL">lager@example.com</ContactChannel></Party>
<Party role="PAYER"><Account type="SAP_INVOICE">654321</Account></Party></Parties>
<GoodsItems><GoodsItem><PackageQuantity type="PLL">1</PackageQuantity></GoodsItem></GoodsItems></Shipment>
</Shipments></Postra>`
