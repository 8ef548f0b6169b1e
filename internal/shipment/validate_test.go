package shipment

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"omapostipro/internal/pickuppoint"
)

// parcelOrder is an order without a fault.
func parcelOrder() Order {
	amount := int64(1000)
	return Order{
		Contract:        Contract{Number: "654321", Partner: PartnerPosti},
		Sender:          Party{Name: "Example Oy", Address1: "Postintaival 7", Postcode: "00230", City: "HELSINKI", Country: "FI", Phone: "+358 20 077000", Email: "sender@example.com"},
		Receiver:        Party{Name: "Åsa Öberg", Address1: "Storgatan 1", Postcode: "65100", City: "VASA", Country: "FI", Phone: "06 123 4567", Mobile: "+358401234567", Email: "asa@example.com"},
		PickupPoint:     "001003200",
		Service:         "PO2103",
		AddOns:          []OrderedAddOn{{ID: "FRAG"}, {ID: "COD", Amount: &amount, Account: "FI2112345600000785", Reference: "1234561"}},
		NormalShipment:  true,
		OrderNo:         "10001",
		SenderReference: "REF-1",
		FreeText:        "Ring på dörren",
		Parcels:         []Parcel{{Copies: 2, Weight: 2500, Length: 300, Width: 200, Height: 100, Volume: 6000, PackageCode: "PKT", Contents: "Böcker"}},
	}
}

// found writes problems as "CODE path".
func found(problems []Problem) []string {
	var all []string
	for _, p := range problems {
		all = append(all, string(p.Code)+" "+p.Path)
	}
	return all
}

func TestOrderWithoutFault(t *testing.T) {
	if problems := Validate(parcelOrder()); problems != nil {
		t.Errorf("got %v", problems)
	}
}

func TestValidate(t *testing.T) {
	var (
		long    = func(n int) string { return strings.Repeat("ä", n) }
		service = func(id string) func(*Order) {
			return func(o *Order) { o.Service, o.AddOns, o.PickupPoint = id, nil, "" }
		}
		abroad = func(id, country, postcode string) func(*Order) {
			return func(o *Order) {
				service(id)(o)
				o.Receiver.Country, o.Receiver.Postcode = country, postcode
			}
		}
		addOns = func(id string, wanted ...string) func(*Order) {
			return func(o *Order) {
				service(id)(o)
				for _, w := range wanted {
					o.AddOns = append(o.AddOns, OrderedAddOn{ID: w})
				}
			}
		}
		cod = func(change func(*OrderedAddOn)) func(*Order) {
			return func(o *Order) { change(&o.AddOns[1]) }
		}
		amount = func(cents int64) func(*Order) { return cod(func(a *OrderedAddOn) { a.Amount = &cents }) }
		parcel = func(change func(*Parcel)) func(*Order) {
			return func(o *Order) { change(&o.Parcels[0]) }
		}
		weight   = func(grams int64) func(*Order) { return parcel(func(p *Parcel) { p.Weight = grams }) }
		receiver = func(change func(*Party)) func(*Order) { return func(o *Order) { change(&o.Receiver) } }
		postcode = func(country, code string) func(*Order) { return abroad("ITPR", country, code) }
	)
	for name, test := range map[string]struct {
		change func(*Order)
		want   []string
	}{
		"contract missing":            {func(o *Order) { o.Contract.Number = "" }, []string{"REQUIRED senderPartners.custNo"}},
		"contract of five digits":     {func(o *Order) { o.Contract.Number = "65432" }, []string{"INVALID senderPartners.custNo"}},
		"contract of other digits":    {func(o *Order) { o.Contract.Number = "６５４３２１" }, []string{"INVALID senderPartners.custNo"}},
		"partner missing":             {func(o *Order) { o.Contract.Partner = "" }, []string{"REQUIRED senderPartners.id"}},
		"partner unknown":             {func(o *Order) { o.Contract.Partner = "DHL" }, []string{"INVALID senderPartners.id"}},
		"partner of freight":          {func(o *Order) { o.Contract.Partner = PartnerFreight }, []string{"INVALID senderPartners.id"}},
		"freight without its partner": {func(o *Order) { service("PO2144")(o) }, []string{"INVALID senderPartners.id"}},
		"freight": {func(o *Order) {
			service("PO2144")(o)
			o.Contract = Contract{Number: "876543", Partner: PartnerFreight}
			o.Parcels[0].Weight = 2_500_000
		}, nil},

		"service missing":      {service(""), []string{"REQUIRED service.id"}},
		"service unknown":      {service("PO9999"), []string{"SERVICE_UNKNOWN service.id"}},
		"service not in full":  {service("2103"), []string{"SERVICE_UNKNOWN service.id"}},
		"route out of Finland": {abroad("PO2103", "SE", "11359"), []string{"ROUTE_NOT_ALLOWED receiver.country"}},
		"route into Finland":   {func(o *Order) { o.Sender.Country, o.Sender.Postcode = "SE", "113 59" }, []string{"ROUTE_NOT_ALLOWED sender.country"}},
		"route to Åland":       {func(o *Order) { o.Receiver.Country, o.Receiver.Postcode = "AX", "22100" }, nil},
		"to the Baltics":       {abroad("PO2331", "LV", "LV-1010"), nil},
		"beyond the Baltics":   {abroad("PO2331", "PL", "00-950"), []string{"ROUTE_NOT_ALLOWED receiver.country"}},
		"to the Union":         {abroad("PO2711", "FR", "75001"), nil},
		"to Finland as Union":  {service("PO2711"), []string{"ROUTE_NOT_ALLOWED receiver.country"}},
		"out of the Union":     {abroad("PO2711", "NO", "0150"), []string{"ROUTE_NOT_ALLOWED receiver.country"}},
		"to anywhere":          {abroad("PO2017", "JP", "100-0001"), nil},
		"return from abroad": {func(o *Order) {
			service("PO2338")(o)
			o.Sender.Country, o.Sender.Postcode = "EE", "10111"
		}, nil},

		"sender missing": {func(o *Order) { o.Sender = Party{} }, []string{"REQUIRED sender.name", "REQUIRED sender.zipcode", "REQUIRED sender.city", "REQUIRED sender.country"}},
		"receiver missing": {receiver(func(p *Party) { *p = Party{Mobile: "0401234567"} }),
			[]string{"REQUIRED receiver.name", "REQUIRED receiver.zipcode", "REQUIRED receiver.city", "REQUIRED receiver.country"}},
		"sender without address":      {func(o *Order) { o.Sender.Address1 = "" }, nil},
		"pickup without address":      {receiver(func(p *Party) { p.Address1 = "" }), nil},
		"home without address":        {func(o *Order) { service("PO2104")(o); o.Receiver.Address1 = "" }, []string{"REQUIRED receiver.address1"}},
		"letter slot without address": {func(o *Order) { service("PO2461")(o); o.Parcels[0].Weight = 100; o.Receiver.Address1 = "" }, []string{"REQUIRED receiver.address1"}},
		"express without address":     {func(o *Order) { service("PO2102")(o); o.Receiver.Address1 = "" }, []string{"REQUIRED receiver.address1"}},
		"express to a pickup point":   {func(o *Order) { service("PO2102")(o); o.Receiver.Address1 = ""; o.PickupPoint = "001003200" }, nil},
		"DLV without address": {func(o *Order) { abroad("PO2711", "FR", "75001")(o); addDLV(o); o.Receiver.Address1 = "" },
			[]string{"REQUIRED receiver.address1"}},
		"name of 101":              {receiver(func(p *Party) { p.Name = long(MaxName + 1) }), []string{"TOO_LONG receiver.name"}},
		"name of 100":              {receiver(func(p *Party) { p.Name = long(MaxName) }), nil},
		"addresses too long":       {receiver(func(p *Party) { p.Address1, p.Address2 = long(101), long(101) }), []string{"TOO_LONG receiver.address1", "TOO_LONG receiver.address2"}},
		"city too long":            {receiver(func(p *Party) { p.City = long(61) }), []string{"TOO_LONG receiver.city"}},
		"a megabyte":               {receiver(func(p *Party) { p.Name = long(1 << 19) }), []string{"TOO_LONG receiver.name"}},
		"control character":        {receiver(func(p *Party) { p.Name = "a\x00b" }), []string{"INVALID receiver.name"}},
		"line break":               {func(o *Order) { o.FreeText = "a\nb" }, []string{"INVALID freeText1"}},
		"line separator":           {func(o *Order) { o.FreeText = "a\u2028b" }, []string{"INVALID freeText1"}},
		"bytes that are no text":   {receiver(func(p *Party) { p.City = "VASA\xff" }), []string{"INVALID receiver.city"}},
		"replacement character":    {receiver(func(p *Party) { p.City = "VASA\uFFFD" }), []string{"INVALID receiver.city"}},
		"nothing to be seen":       {receiver(func(p *Party) { p.Name = "\u200b\u00ad" }), []string{"REQUIRED receiver.name"}},
		"other scripts":            {receiver(func(p *Party) { p.Name = "Иван 王 😀" }), nil},
		"country unknown":          {receiver(func(p *Party) { p.Country = "XX" }), []string{"INVALID receiver.country"}},
		"country in small letters": {receiver(func(p *Party) { p.Country = "fi" }), []string{"INVALID receiver.country"}},
		"country of three letters": {receiver(func(p *Party) { p.Country = "FIN" }), []string{"INVALID receiver.country"}},

		"postcode of four digits":  {receiver(func(p *Party) { p.Postcode = "0100" }), []string{"POSTCODE_INVALID receiver.zipcode"}},
		"postcode of letters":      {receiver(func(p *Party) { p.Postcode = "ABCDE" }), []string{"POSTCODE_INVALID receiver.zipcode"}},
		"postcode with a space":    {receiver(func(p *Party) { p.Postcode = "65 100" }), []string{"POSTCODE_INVALID receiver.zipcode"}},
		"postcode of the sender":   {func(o *Order) { o.Sender.Postcode = "1" }, []string{"POSTCODE_INVALID sender.zipcode"}},
		"postcode too long":        {receiver(func(p *Party) { p.Postcode = "1234567890123" }), []string{"TOO_LONG receiver.zipcode"}},
		"Swedish postcode":         {postcode("SE", "113 59"), nil},
		"Swedish with prefix":      {postcode("SE", "SE-11359"), nil},
		"no Swedish postcode":      {postcode("SE", "1135"), []string{"POSTCODE_INVALID receiver.zipcode"}},
		"Norwegian postcode":       {postcode("NO", "0150"), nil},
		"no Norwegian postcode":    {postcode("NO", "00150"), []string{"POSTCODE_INVALID receiver.zipcode"}},
		"Danish postcode":          {postcode("DK", "2200"), nil},
		"no Danish postcode":       {postcode("DK", "22000"), []string{"POSTCODE_INVALID receiver.zipcode"}},
		"Estonian postcode":        {postcode("EE", "10111"), nil},
		"no Estonian postcode":     {postcode("EE", "1011"), []string{"POSTCODE_INVALID receiver.zipcode"}},
		"Latvian postcode":         {postcode("LV", "LV-1010"), nil},
		"no Latvian postcode":      {postcode("LV", "LT-1010"), []string{"POSTCODE_INVALID receiver.zipcode"}},
		"Lithuanian postcode":      {postcode("LT", "LT-01100"), nil},
		"no Lithuanian postcode":   {postcode("LT", "0110"), []string{"POSTCODE_INVALID receiver.zipcode"}},
		"Polish postcode":          {postcode("PL", "00-950"), nil},
		"no Polish postcode":       {postcode("PL", "0-0950"), []string{"POSTCODE_INVALID receiver.zipcode"}},
		"German postcode":          {postcode("DE", "D-10115"), nil},
		"no German postcode":       {postcode("DE", "1011"), []string{"POSTCODE_INVALID receiver.zipcode"}},
		"British postcode":         {postcode("GB", "SW1A 1AA"), nil},
		"postcode of signs":        {postcode("GB", "<b>"), []string{"POSTCODE_INVALID receiver.zipcode"}},
		"country without postcode": {postcode("AE", ""), nil},
		"Union without postcode":   {postcode("IT", ""), []string{"REQUIRED receiver.zipcode"}},

		"home without mobile":          {func(o *Order) { service("PO2104")(o); o.Receiver.Mobile = "" }, []string{"REQUIRED receiver.mobile"}},
		"pickup point without mobile":  {receiver(func(p *Party) { p.Mobile = "" }), []string{"REQUIRED receiver.mobile"}},
		"postal parcel without either": {func(o *Order) { o.Receiver.Mobile, o.PickupPoint = "", "" }, nil},
		"express without mobile":       {func(o *Order) { service("PO2102")(o); o.Receiver.Mobile = "" }, nil},
		"mobile of letters":            {receiver(func(p *Party) { p.Mobile = "none" }), []string{"INVALID receiver.mobile"}},
		"mobile of four digits":        {receiver(func(p *Party) { p.Mobile = "1234" }), []string{"INVALID receiver.mobile"}},
		"phone of many digits":         {receiver(func(p *Party) { p.Phone = "123456789012345678" }), []string{"INVALID receiver.phone"}},
		"phone too long":               {receiver(func(p *Party) { p.Phone = strings.Repeat("1 ", 20) }), []string{"TOO_LONG receiver.phone"}},
		"phones as people write them":  {receiver(func(p *Party) { p.Phone, p.Mobile = "(06) 123-4567", "+358/40.123 45 67" }), nil},
		"e-mail without at":            {receiver(func(p *Party) { p.Email = "asa.example.com" }), []string{"INVALID receiver.email"}},
		"e-mail with a name":           {receiver(func(p *Party) { p.Email = "Asa <asa@example.com>" }), []string{"INVALID receiver.email"}},
		"e-mail in any script":         {receiver(func(p *Party) { p.Email = "åsa+post@exämple.com" }), nil},
		"e-mail too long":              {receiver(func(p *Party) { p.Email = strings.Repeat("a", 250) + "@a.fi" }), []string{"TOO_LONG receiver.email"}},

		"pickup point of eight digits": {func(o *Order) { o.PickupPoint = "00100320" }, []string{"INVALID agent.quickId"}},
		"pickup point of letters":      {func(o *Order) { o.PickupPoint = "00100A200" }, []string{"INVALID agent.quickId"}},
		"pickup point that is none":    {func(o *Order) { o.PickupPoint = "001003258" }, []string{"PICKUP_POINT_UNKNOWN agent.quickId"}},
		"pickup point that is closed":  {func(o *Order) { o.PickupPoint = pickuppoint.Inactive }, []string{"E41 agent.quickId"}},
		"pickup point too long":        {func(o *Order) { o.PickupPoint = strings.Repeat("1", 21) }, []string{"TOO_LONG agent.quickId"}},
		"pickup point abroad":          {func(o *Order) { abroad("PO2351", "SE", "11359")(o); o.PickupPoint = "SE-17144" }, nil},
		"pickup point for home":        {func(o *Order) { service("PO2104")(o); o.PickupPoint = "001003200" }, []string{"INVALID agent.quickId"}},

		"add-on without id":         {addOns("PO2103", ""), []string{"REQUIRED service.addons[0].id"}},
		"add-on unknown":            {addOns("PO2103", "XYZ"), []string{"ADDON_NOT_ALLOWED service.addons[0].id"}},
		"add-on by its twin":        {addOns("PO2103", "3104"), []string{"ADDON_NOT_ALLOWED service.addons[0].id"}},
		"add-on of another service": {addOns("PO2103", "FRAG", "DLV09"), []string{"ADDON_NOT_ALLOWED service.addons[1].id"}},
		"add-on of no service":      {addOns("PO9999", "FRAG"), []string{"SERVICE_UNKNOWN service.id"}},
		"add-on twice":              {addOns("PO2103", "FRAG", "FRAG"), []string{"ADDON_CONFLICT service.addons[1].id"}},
		"sending code":              {addOns("PO2103", SendingCode), nil},
		"sending code abroad": {func(o *Order) { abroad("ITPR", "SE", "11359")(o); o.AddOns = []OrderedAddOn{{ID: SendingCode}} },
			[]string{"ADDON_NOT_ALLOWED service.addons[0].id"}},
		"two times of delivery":  {addOns("PO2102", "DLV00", "DLV09"), []string{"ADDON_CONFLICT service.addons[1].id"}},
		"two temperatures":       {addOns("PO2114", "COLD", "FRZ"), []string{"ADDON_CONFLICT service.addons[1].id"}},
		"in person and unsigned": {addOns("PO2104", "DLVNOPOD", "PERS"), []string{"ADDON_CONFLICT service.addons[1].id"}},
		"two notices":            {addOns("PO2103", "NOT", "NOTLTR"), nil},
		"COD bare": {addOns("PO2103", "COD"),
			[]string{"ADDON_PROPERTY_MISSING service.addons[0].amount", "ADDON_PROPERTY_MISSING service.addons[0].account", "ADDON_PROPERTY_MISSING service.addons[0].reference"}},
		"COD without account":    {cod(func(a *OrderedAddOn) { a.Account = "" }), []string{"ADDON_PROPERTY_MISSING service.addons[1].account"}},
		"COD of nothing":         {amount(0), []string{"INVALID service.addons[1].amount"}},
		"COD of less":            {amount(-1), []string{"INVALID service.addons[1].amount"}},
		"COD of a cent":          {amount(1), nil},
		"COD at most":            {amount(MaxCashOnDelivery), nil},
		"COD of too much":        {amount(MaxCashOnDelivery + 1), []string{"INVALID service.addons[1].amount"}},
		"COD in crowns":          {cod(func(a *OrderedAddOn) { a.Currency = "SEK" }), []string{"INVALID service.addons[1].currencyCode"}},
		"COD in euro":            {cod(func(a *OrderedAddOn) { a.Currency = "EUR" }), nil},
		"COD to a wrong account": {cod(func(a *OrderedAddOn) { a.Account = "FI2112345600000786" }), []string{"INVALID service.addons[1].account"}},
		"COD by a wrong number":  {cod(func(a *OrderedAddOn) { a.Reference = "1234560" }), []string{"INVALID service.addons[1].reference"}},
		"COD by an RF number":    {cod(func(a *OrderedAddOn) { a.Reference = "RF18539007547034" }), nil},

		"orderNo too long":        {func(o *Order) { o.OrderNo = long(36) }, []string{"TOO_LONG orderNo"}},
		"senderReference of 35":   {func(o *Order) { o.SenderReference = long(35) }, nil},
		"senderReference of 36":   {func(o *Order) { o.SenderReference = long(36) }, []string{"TOO_LONG senderReference"}},
		"freeText1 too long":      {func(o *Order) { o.FreeText = long(101) }, []string{"TOO_LONG freeText1"}},
		"parcel's texts too long": {parcel(func(p *Parcel) { p.PackageCode, p.Contents, p.Reference = long(21), long(201), long(36) }), []string{"TOO_LONG parcels[0].packageCode", "TOO_LONG parcels[0].contents", "TOO_LONG parcels[0].reference"}},
		"no parcels":              {func(o *Order) { o.Parcels = nil }, []string{"REQUIRED parcels"}},
		"99 copies":               {parcel(func(p *Parcel) { p.Copies = 99 }), nil},
		"100 copies":              {parcel(func(p *Parcel) { p.Copies = 100 }), []string{"INVALID parcels"}},
		"100 copies in two":       {func(o *Order) { o.Parcels = append(o.Parcels, Parcel{Copies: 98, Weight: 1}) }, []string{"INVALID parcels"}},
		"no copies":               {parcel(func(p *Parcel) { p.Copies = 0 }), []string{"INVALID parcels[0].copies"}},
		"100 parcels":             {func(o *Order) { o.Parcels = slices.Repeat(o.Parcels, 100) }, []string{"INVALID parcels"}},
		"weight of nothing":       {weight(0), []string{"INVALID parcels[0].weight"}},
		"weight of less":          {weight(-1), []string{"INVALID parcels[0].weight"}},
		"weight at most":          {weight(25_000), nil},
		"weight above":            {weight(25_001), []string{"INVALID parcels[0].weight"}},
		"measures of less":        {parcel(func(p *Parcel) { p.Length, p.Width, p.Height, p.Volume = -1, -1, -1, -1 }), []string{"INVALID parcels[0].length", "INVALID parcels[0].width", "INVALID parcels[0].height", "INVALID parcels[0].volume"}},
		"measures beyond all":     {parcel(func(p *Parcel) { p.Length, p.Volume = MaxLength+1, MaxVolume+1 }), []string{"INVALID parcels[0].length", "INVALID parcels[0].volume"}},
		"all at once": {func(o *Order) { *o = Order{} }, []string{
			"REQUIRED senderPartners.custNo", "REQUIRED senderPartners.id", "REQUIRED service.id",
			"REQUIRED sender.name", "REQUIRED sender.zipcode", "REQUIRED sender.city", "REQUIRED sender.country",
			"REQUIRED receiver.name", "REQUIRED receiver.zipcode", "REQUIRED receiver.city", "REQUIRED receiver.country",
			"REQUIRED parcels",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			order := parcelOrder()
			test.change(&order)
			problems := Validate(order)
			if got := found(problems); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", problems, test.want)
			}
			if Refuses(problems) != (test.want != nil) {
				t.Error("what is found does not decide whether the order is refused")
			}
			for _, p := range problems {
				if p.Type != Error || p.Message == "" || len(p.Message) > 400 || !utf8.ValidString(p.Message) {
					t.Errorf("the problem is told badly: %+v", p)
				}
			}
		})
	}
}

func addDLV(o *Order) { o.AddOns = []OrderedAddOn{{ID: "DLV"}} }

// The messages of additional services are the carrier's own, word for word.
func TestMessagesOfAddOns(t *testing.T) {
	order := parcelOrder()
	order.Service, order.PickupPoint, order.Parcels[0].Weight = "PO2461", "", 100
	order.AddOns[1].Account = ""
	problems := Validate(order)
	for _, want := range []string{
		"Additional service 'COD' cannot be used together with service 'PO2461' on route FI-FI",
		"Additional service 'COD' is missing 'account', which it needs",
	} {
		if !slices.ContainsFunc(problems, func(p Problem) bool { return p.Message == want }) {
			t.Errorf("%q is not among %v", want, problems)
		}
	}
}

func TestMessageWithoutARoute(t *testing.T) {
	order := parcelOrder()
	order.Sender.Country, order.AddOns = "XX", []OrderedAddOn{{ID: "DLV"}}
	problems := Validate(order)
	if last := problems[len(problems)-1].Message; !strings.HasSuffix(last, "with service 'PO2103' on route ?-FI") {
		t.Errorf("got %q", last)
	}
}

func TestContractsThatCanBeLookedFor(t *testing.T) {
	for contract, want := range map[Contract]bool{
		{"654321", PartnerPosti}:   true,
		{"876543", PartnerFreight}: true,
		{"654321", "DHL"}:          true,
		{"654321", ""}:             true,
		{"65432", PartnerPosti}:    false,
		{"65432a", PartnerPosti}:   false,
		{"", PartnerPosti}:         false,
	} {
		if got := contract.WellFormed(); got != want {
			t.Errorf("%v is well-formed: %t, want %t", contract, got, want)
		}
	}
}

func TestNoMoreParcelsAreToldOfThanThereMayBe(t *testing.T) {
	order := parcelOrder()
	order.Parcels = slices.Repeat([]Parcel{{Copies: 1}}, 10_000)
	if n := len(Validate(order)); n != 1+MaxParcels {
		t.Errorf("%d problems are told", n)
	}
}

func TestMessageOfWeight(t *testing.T) {
	order := parcelOrder()
	order.Parcels[0].Weight = 25_001
	if got, want := Validate(order)[0].Message, "service 'PO2103' takes parcels of at most 25 kg, not of 25.001 kg"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRefuses(t *testing.T) {
	if Refuses(nil) || Refuses([]Problem{{Type: Ignorable}}) || !Refuses([]Problem{{Type: Ignorable}, {Type: Error}}) {
		t.Error("an order is refused for its errors, and for nothing else")
	}
}

func TestShorten(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "",
		strings.Repeat("ä", 40):  strings.Repeat("ä", 40),
		strings.Repeat("ä", 41):  strings.Repeat("ä", 40) + "…",
		strings.Repeat("a", 500): strings.Repeat("a", 40) + "…",
	} {
		if got := Shorten(text); got != want {
			t.Errorf("%q is shortened to %q, want %q", text, got, want)
		}
	}
}

func TestIsMobile(t *testing.T) {
	for number, want := range map[string]bool{"+358401234567": true, "+358 (0)50 123 4567": true, "045 123 4567": true, "050-1234567": true, "00358 44 1234567": true,
		"+46701234567": true, "0046 70 123 45 67": true, "061234567": false, "+35820077000": false, "+358 6 123 4567": false, "010 123 4567": false, "": false, "04 none": false} {
		if got := IsMobile(number); got != want {
			t.Errorf("%q: %t", number, got)
		}
	}
}

// Of all points, those will do for an order that a search for its service finds.
func TestPickupPointsThatWillDo(t *testing.T) {
	all, _ := pickuppoint.Page("", "", pickuppoint.Count())
	for _, test := range []struct {
		service, addOn string
		will           func(*pickuppoint.Point) bool
	}{
		{"PO2103", "", func(*pickuppoint.Point) bool { return true }},
		{"PO2103", "NOBOX", func(p *pickuppoint.Point) bool { return p.Kind != pickuppoint.OutdoorLocker }},
		{"PO2103", "FDNGPP", func(p *pickuppoint.Point) bool { return p.Has(pickuppoint.LimitedQuantities) }},
		{"PO2115", "", func(p *pickuppoint.Point) bool { return p.Locker() }},
		{"PO2115", "FDNGPP", func(p *pickuppoint.Point) bool { return p.Locker() && p.Has(pickuppoint.LimitedQuantities) }},
	} {
		order := parcelOrder()
		order.Service, order.AddOns = test.service, nil
		if test.addOn != "" {
			order.AddOns = []OrderedAddOn{{ID: test.addOn}}
		}
		will := 0
		for _, point := range all {
			order.PickupPoint = point.Code
			problems := Validate(order)
			if ok := len(problems) == 0; ok != test.will(point) || !ok && (problems[0].Code != Invalid || problems[0].Path != "agent.quickId" || !strings.Contains(problems[0].Message, point.Code)) {
				t.Fatalf("%s %s to %s (%c, %b): %v", test.service, test.addOn, point.Code, point.Kind, point.Features, problems)
			}
			if test.will(point) {
				will++
			}
		}
		if everywhere := test.service == "PO2103" && test.addOn == ""; will == 0 || will == len(all) != everywhere {
			t.Errorf("%s %s: %d points will do", test.service, test.addOn, will)
		}
	}
}
