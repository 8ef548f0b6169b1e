package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"omapostipro/internal/label"
	"omapostipro/internal/shipment"
)

// goldenOrder gives the order of testdata.
func goldenOrder(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile("testdata/order-v1.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func mustRead(t testing.TB, body string) *orderRequest {
	t.Helper()
	r, err := readOrder([]byte(body), orderV1)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// withJSON gives the golden order with one piece of it written otherwise.
func withJSON(t testing.TB, old, replacement string) string {
	t.Helper()
	body := goldenOrder(t)
	if strings.Count(body, old) != 1 {
		t.Fatalf("%q stands %d times in the golden order", old, strings.Count(body, old))
	}
	return strings.Replace(body, old, replacement, 1)
}

// told writes problems as "CODE path", and those that can be ignored in brackets.
func told(problems []shipment.Problem) []string {
	all := []string{}
	for _, p := range problems {
		line := string(p.Code) + " " + p.Path
		if p.Type == shipment.Ignorable {
			line = "(" + line + ")"
		}
		all = append(all, line)
	}
	return all
}

func TestOrderAsTheCarrierHasIt(t *testing.T) {
	r := mustRead(t, goldenOrder(t))
	amount := int64(1000)
	want := shipment.Order{
		Contract:        shipment.Contract{Number: "654321", Partner: shipment.PartnerPosti},
		Sender:          shipment.Party{Name: "Example Oy", Address1: "Postintaival 7", Address2: "2. krs", Postcode: "00230", City: "HELSINKI", Country: "FI", Phone: "+35820077000", Email: "sender@example.com"},
		Receiver:        shipment.Party{Name: "Åsa Öberg", Address1: "Storgatan 1 A 2", Postcode: "65100", City: "VASA", Country: "FI", Phone: "061234567", Mobile: "+358401234567", Email: "asa@example.com"},
		PickupPoint:     "001003200",
		Service:         "PO2103",
		AddOns:          []shipment.OrderedAddOn{{ID: "FRAG"}, {ID: "COD", Amount: &amount, Account: "FI2112345600000785", Reference: "1234561"}},
		NormalShipment:  true,
		OrderNo:         "10001",
		SenderReference: "REF-1",
		FreeText:        "Ring på dörren",
		Parcels:         []shipment.Parcel{{Copies: 1, Weight: 2500, Volume: 6000, Length: 300, Width: 200, Height: 100, PackageCode: "PKT", Contents: "Böcker"}},
	}
	if !reflect.DeepEqual(r.order, want) {
		t.Errorf("got\n%+v\nwant\n%+v", r.order, want)
	}
	if r.media != label.Thermo225 {
		t.Errorf("the label comes out as %s", r.media)
	}
	if contract, ok := r.contract(); !ok || contract != want.Contract {
		t.Errorf("the contract is %v, %t", contract, ok)
	}
	if problems := r.problems(); problems != nil {
		t.Errorf("got %v", problems)
	}
}

func TestCustomsDeclaration(t *testing.T) {
	const declaration = `"customsDeclaration":{"invoiceType":"standard","invoiceNo":2026118,"currencyCode":"eur","importExportType":"PERMANENT","declarant":"Åsa Öberg","declarantCity":"Vasa",
		"exportLicenseNo":"L","certificate":"C","generalNote1":"N","explanation":"E","printSet":["cn23"],"lines":[
		{"contents":"Sweater","copies":"2","netWeight":"0.4","value":49.9,"valuesPerItem":true,"statNo":61101130,"sourceCountryCode":"fi"},
		{"contents":"Scarf","netWeight":0.25,"value":"19,9","subStatNo1":null}]}`
	to := func(country, rest string) string {
		return strings.Replace(withJSON(t, `"city":"VASA","country":"FI"`, `"city":"OSLO","country":"`+country+`"`), `"orderNo"`, rest+`"orderNo"`, 1)
	}
	r := mustRead(t, to("NO", declaration+","))
	want := &shipment.Customs{Currency: "EUR", Reason: "permanent", Explanation: "E", Invoice: "2026118", Licence: "L", Certificate: "C", Comment: "N", Declarant: "Åsa Öberg", Place: "Vasa",
		Items: []shipment.CustomsItem{{Contents: "Sweater", Quantity: 2, Weight: 800, Value: 99_80, Code: "61101130", Origin: "FI"}, {Contents: "Scarf", Quantity: 1, Weight: 250}}}
	if !reflect.DeepEqual(r.order.Customs, want) {
		t.Errorf("got %+v, want %+v", r.order.Customs, want)
	}
	for name, test := range map[string]struct {
		body string
		want []string
	}{
		"all that is wrong": {to("NO", declaration+","), []string{"INVALID shipment.customsDeclaration.lines[1].value", "(UNKNOWN_FIELD shipment.customsDeclaration.invoiceType)",
			"(UNKNOWN_FIELD shipment.customsDeclaration.printSet)", "(UNKNOWN_FIELD shipment.customsDeclaration.lines[1].subStatNo1)"}},
		"missing":           {to("NO", ""), []string{"(DEFAULTED shipment.customsDeclaration.lines)"}},
		"empty":             {to("NO", `"customsDeclaration":{"lines":[]},`), []string{"(DEFAULTED shipment.customsDeclaration.lines)"}},
		"needless":          {to("AX", `"customsDeclaration":{"lines":[{"contents":"Books"}]},`), []string{"(IGNORED shipment.customsDeclaration)"}},
		"needless, empty":   {to("FI", `"customsDeclaration":[],`), []string{}},
		"a word":            {to("NO", `"customsDeclaration":"yes",`), []string{"INVALID shipment.customsDeclaration", "(DEFAULTED shipment.customsDeclaration.lines)"}},
		"beyond all":        {to("NO", `"customsDeclaration":{"lines":[{"copies":1e300,"netWeight":1e300,"value":-1e300,"valuesPerItem":"true"}]},`), []string{"INVALID shipment.customsDeclaration.lines[0].copies", "INVALID shipment.customsDeclaration.lines[0].value", "INVALID shipment.customsDeclaration.lines[0].netWeight"}},
		"lines without end": {to("NO", `"customsDeclaration":{"lines":[`+strings.Repeat("{},", 5000)+`{}]},`), []string{"INVALID shipment.customsDeclaration.lines"}},
	} {
		t.Run(name, func(t *testing.T) {
			var about []string
			for _, line := range told(mustRead(t, test.body).problems()) {
				if strings.Contains(line, "customsDeclaration") {
					about = append(about, line)
				}
			}
			if !slices.Equal(append([]string{}, about...), test.want) {
				t.Errorf("got %v, want %v", about, test.want)
			}
		})
	}
}

func TestPickupPointAbroadIsToldByTheSender(t *testing.T) {
	const agent = `"agent": {"quickId":"001003200","name":"Kiosk","address1":"Tartu mnt 1","zipcode":"10115","city":"Tallinn"}`
	body := withJSON(t, `"agent": {"quickId":"001003200"}`, agent)
	if got := mustRead(t, body).order.PickupAddress; got != (shipment.Party{}) {
		t.Errorf("in Finland: %+v", got)
	}
	abroad := mustRead(t, strings.Replace(strings.Replace(body, `"VASA","country":"FI"`, `"TALLINN","country":"EE"`, 1), "PO2103", "PO2331", 1))
	if got, want := abroad.order.PickupAddress, (shipment.Party{Name: "Kiosk", Address1: "Tartu mnt 1", Postcode: "10115", City: "Tallinn"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestReadOrder(t *testing.T) {
	field := func(old, replacement string) string { return withJSON(t, old, replacement) }
	for name, test := range map[string]struct {
		body string
		want []string
	}{
		"no object":            {`[]`, []string{"REQUIRED shipment"}},
		"empty":                {`{}`, []string{"REQUIRED shipment"}},
		"a word":               {`"order"`, []string{"INVALID "}},
		"a list of orders":     {`[{"shipment":{}}]`, []string{"INVALID "}},
		"null":                 {`null`, []string{"INVALID "}},
		"shipment null":        {`{"shipment":null}`, []string{"REQUIRED shipment"}},
		"shipment a word":      {`{"shipment":"x"}`, []string{"INVALID shipment"}},
		"byte order mark":      {"\uFEFF" + field(`"10001"`, `"10002"`), []string{}},
		"space around texts":   {field(`"654321"`, `" 654321 "`), []string{}},
		"country in any case":  {strings.ReplaceAll(goldenOrder(t), `"FI"`, `"fi"`), []string{}},
		"numbers for texts":    {field(`"65100"`, `65100`), []string{}},
		"number of a contract": {field(`"654321"`, `654321`), []string{}},
		"texts for numbers":    {field(`"copies":1,"weight":2.5`, `"copies":"1","weight":"2.5"`), []string{}},
		"text for truth":       {field(`"valuePerParcel":true`, `"valuePerParcel":"false"`), []string{}},
		"number for truth":     {field(`"valuePerParcel":true`, `"valuePerParcel":1`), []string{}},
		"null is nothing":      {field(`"address2":"2. krs"`, `"address2":null`), []string{}},
		"PHP's empty object":   {field(`{"quickId":"001003200"}`, `[ ]`), []string{}},
		"escapes":              {field(`Ring på dörren`, `\u00c5sa \"x\" \/ \\ \ud83d\ude00`), []string{}},

		"senderPartners missing":   {field(`"senderPartners": [{"id":"POSTI","custNo":"654321"}],`, ``), []string{"REQUIRED shipment.senderPartners[0].custNo", "REQUIRED shipment.senderPartners[0].id"}},
		"senderPartners empty":     {field(`[{"id":"POSTI","custNo":"654321"}]`, `[]`), []string{"REQUIRED shipment.senderPartners[0].custNo", "REQUIRED shipment.senderPartners[0].id"}},
		"senderPartners an object": {field(`[{"id":"POSTI","custNo":"654321"}]`, `{"id":"POSTI","custNo":"654321"}`), []string{"INVALID shipment.senderPartners"}},
		"senderPartners of words":  {field(`[{"id":"POSTI","custNo":"654321"}]`, `["POSTI"]`), []string{"INVALID shipment.senderPartners[0]"}},
		"custNo missing":           {field(`"custNo":"654321"`, `"custNo":""`), []string{"REQUIRED shipment.senderPartners[0].custNo"}},
		"custNo malformed":         {field(`"custNo":"654321"`, `"custNo":"65-4321"`), []string{"INVALID shipment.senderPartners[0].custNo"}},
		"custNo an object":         {field(`"custNo":"654321"`, `"custNo":{}`), []string{"INVALID shipment.senderPartners[0].custNo"}},
		"contract before the rest": {strings.Replace(field(`"custNo":"654321"`, `"custNo":"6"`), `"orderNo":"10001"`, `"orderNo":{}`, 1),
			[]string{"INVALID shipment.senderPartners[0].custNo", "INVALID shipment.orderNo"}},
		"partner in small letters": {field(`"POSTI"`, `"posti"`), []string{}},
		"name in another script":   {field(`Åsa Öberg`, `王小明`), []string{"(CHARACTERS_REPLACED shipment.receiver.name)"}},
		"name in Cyrillic":         {field(`Åsa Öberg`, `Анна`), []string{}},
		"two partners": {field(`[{"id":"POSTI","custNo":"654321"}]`, `[{"id":"ITELLALOG","custNo":"1"},{"id":"POSTI","custNo":"654321"}]`),
			[]string{"(IGNORED shipment.senderPartners[0])"}},
		"two partners, the right one bad": {field(`[{"id":"POSTI","custNo":"654321"}]`, `[{"id":"ITELLALOG","custNo":"876543"},{"id":"POSTI","custNo":"1"}]`),
			[]string{"INVALID shipment.senderPartners[1].custNo", "(IGNORED shipment.senderPartners[0])"}},

		"service bare":             {field(`"PO2103"`, `"2103"`), []string{"(READ_AS shipment.service.id)"}},
		"service a number":         {field(`"PO2103"`, `2103`), []string{"(READ_AS shipment.service.id)"}},
		"service unknown":          {field(`"PO2103"`, `"PO1"`), []string{"SERVICE_UNKNOWN shipment.service.id"}},
		"service a word":           {field(`"service": {"id":"PO2103","normalShipment":true,"returnShipment":false,`+"\n              "+`"addons":[{"id":"FRAG"},{"id":"COD","amount":10.0,"account":"FI21 1234 5600 0007 85","reference":"12345 61"}]}`, `"service": "PO2103"`), []string{"INVALID shipment.service"}},
		"add-on by its twin":       {field(`{"id":"FRAG"}`, `{"id":"3104"}`), []string{"(READ_AS shipment.service.addons[0].id)"}},
		"add-on and its twin":      {field(`{"id":"FRAG"}`, `{"id":"FRAG"},{"id":3104}`), []string{"ADDON_CONFLICT shipment.service.addons[1].id", "(READ_AS shipment.service.addons[1].id)"}},
		"add-ons of words":         {field(`{"id":"FRAG"}`, `"FRAG"`), []string{"INVALID shipment.service.addons[0]"}},
		"amount a word":            {field(`"amount":10.0`, `"amount":"ten"`), []string{"INVALID shipment.service.addons[1].amount"}},
		"amount with a comma":      {field(`"amount":10.0`, `"amount":"10,00"`), []string{"INVALID shipment.service.addons[1].amount"}},
		"amount NaN":               {field(`"amount":10.0`, `"amount":"NaN"`), []string{"INVALID shipment.service.addons[1].amount"}},
		"amount infinite":          {field(`"amount":10.0`, `"amount":1e999`), []string{"INVALID shipment.service.addons[1].amount"}},
		"amount huge":              {field(`"amount":10.0`, `"amount":1e300`), []string{"INVALID shipment.service.addons[1].amount"}},
		"amount hexadecimal":       {field(`"amount":10.0`, `"amount":"0x1p4"`), []string{"INVALID shipment.service.addons[1].amount"}},
		"amount missing":           {field(`"amount":10.0,`, ``), []string{"ADDON_PROPERTY_MISSING shipment.service.addons[1].amount"}},
		"amount nothing":           {field(`"amount":10.0,`, `"amount":0,`), []string{"INVALID shipment.service.addons[1].amount"}},
		"return along with it":     {field(`"returnShipment":false`, `"returnShipment":"true"`), []string{"(IGNORED shipment.service.returnShipment)"}},
		"return":                   {strings.Replace(strings.Replace(field(`"returnShipment":false`, `"returnShipment":true`), `,{"id":"COD","amount":10.0,"account":"FI21 1234 5600 0007 85","reference":"12345 61"}`, ``, 1), `"PO2103"`, `"PO2108"`, 1), []string{"(IGNORED shipment.agent)"}},
		"normalShipment a word":    {field(`"normalShipment":true`, `"normalShipment":"ja"`), []string{"INVALID shipment.service.normalShipment"}},
		"agent without quickId":    {field(`{"quickId":"001003200"}`, `{"name":"R-kioski","zipcode":"00100"}`), []string{"(IGNORED shipment.agent)"}},
		"agent with all":           {field(`{"quickId":"001003200"}`, `{"quickId":"001003200","name":"R-kioski","address1":"x","zipcode":"00100","city":"HELSINKI","country":"FI"}`), []string{}},
		"agent of another form":    {field(`"001003200"`, `"1"`), []string{"INVALID shipment.agent.quickId"}},
		"receiver missing":         {field(`"receiver":`, `"recipient":`), []string{"REQUIRED shipment.receiver", "(UNKNOWN_FIELD shipment.recipient)"}},
		"sender a list":            {field(`"sender":   {`, `"sender": [1], "x": {`), []string{"INVALID shipment.sender", "(UNKNOWN_FIELD shipment.x)"}},
		"mobile missing":           {field(`"mobile":"+358401234567",`, ``), []string{"REQUIRED shipment.receiver.mobile"}},
		"mobile in the phone":      {field(`"phone":"061234567","mobile":"+358401234567",`, `"phone":"+358401234567",`), []string{"(READ_AS shipment.receiver.mobile)"}},
		"name an object":           {field(`"name":"Example Oy"`, `"name":{"first":"x"}`), []string{"INVALID shipment.sender.name"}},
		"half a character":         {field(`"Example Oy"`, `"Example \ud83d Oy"`), []string{"INVALID shipment.sender.name"}},
		"NUL":                      {field(`"Example Oy"`, `"Example\u0000Oy"`), []string{"INVALID shipment.sender.name"}},
		"senderReference too long": {field(`"REF-1"`, `"`+strings.Repeat("x", 36)+`"`), []string{"TOO_LONG shipment.senderReference"}},

		"parcels missing":        {field(`"parcels":`, `"packages":`), []string{"REQUIRED shipment.parcels", "(UNKNOWN_FIELD shipment.packages)"}},
		"parcels an object":      {field(`[{"copies":1,"weight":2.5,"volume":0.006,"length":30,"width":20,"height":10,"packageCode":"PKT","contents":"Böcker","valuePerParcel":true}]`, `{}`), []string{"INVALID shipment.parcels"}},
		"parcel a number":        {field(`"parcels": [{`, `"parcels": [1, {`), []string{"INVALID shipment.parcels[0]"}},
		"copies a fraction":      {field(`"copies":1,`, `"copies":1.5,`), []string{"INVALID shipment.parcels[0].copies"}},
		"copies beyond counting": {field(`"copies":1,`, `"copies":1e9,`), []string{"INVALID shipment.parcels"}},
		"copies of less":         {field(`"copies":1,`, `"copies":-1e9,`), []string{"INVALID shipment.parcels[0].copies"}},
		"copies missing":         {field(`"copies":1,`, ``), []string{}},
		"weight missing":         {field(`"weight":2.5,`, ``), []string{"REQUIRED shipment.parcels[0].weight"}},
		"weight nothing":         {field(`"weight":2.5,`, `"weight":0,`), []string{"INVALID shipment.parcels[0].weight"}},
		"weight a list":          {field(`"weight":2.5,`, `"weight":[2.5],`), []string{"INVALID shipment.parcels[0].weight"}},
		"weight huge":            {field(`"weight":2.5,`, `"weight":1e300,`), []string{"INVALID shipment.parcels[0].weight"}},
		"weight of many digits":  {field(`"weight":2.5,`, `"weight":`+strings.Repeat("9", 400)+`,`), []string{"INVALID shipment.parcels[0].weight"}},
		"weight above":           {field(`"weight":2.5,`, `"weight":25.001,`), []string{"INVALID shipment.parcels[0].weight"}},
		"valuePerParcel missing": {field(`,"valuePerParcel":true`, ``), []string{"(DEFAULTED shipment.parcels[0].valuePerParcel)"}},
		"parcels beside shipment": {strings.TrimSuffix(strings.TrimSpace(field(`,
  "parcels": [`, `}, "parcels": [`)), "}"), []string{"INVALID parcels"}},
		"parcels in both places": {field(`{"pdfConfig"`, `{"parcels":[],"pdfConfig"`), []string{"INVALID parcels"}},

		"unknown fields": {field(`"orderNo":"10001"`, `"orderNo":"10001","shipDate":"0000-01-01","options":[{"id":"ENOT"}],"x":{"y":{"z":1}}`),
			[]string{"(UNKNOWN_FIELD shipment.shipDate)", "(UNKNOWN_FIELD shipment.options)", "(UNKNOWN_FIELD shipment.x)"}},
		"unknown fields of a parcel": {field(`"packageCode":"PKT"`, `"packageCode":"PKT","marking":"x"`), []string{"(UNKNOWN_FIELD shipment.parcels[0].marking)"}},
		"v2's printConfig":           {field(`"pdfConfig"`, `"printConfig"`), []string{"(UNKNOWN_FIELD printConfig)"}},
		"twice":                      {field(`"custNo":"654321"`, `"custNo":"123456","custNo":"654321"`), []string{"DUPLICATE_FIELD shipment.senderPartners[0].custNo"}},
		"medium not printed":         {field(`"thermo-225"`, `"laser-a3"`), []string{"(MEDIA_SUBSTITUTED pdfConfig.target1Media)"}},
		"medium unknown":             {field(`"thermo-225"`, `"a6"`), []string{"(MEDIA_SUBSTITUTED pdfConfig.target1Media)"}},
		"medium null":                {field(`"thermo-225"`, `null`), []string{}},
		"offset":                     {field(`"target1XOffset": 0`, `"target1XOffset": "-3.5"`), []string{}},
		"offset beyond the margin":   {field(`"target1XOffset": 0`, `"target1XOffset": 40`), []string{"(READ_AS pdfConfig.target1XOffset)"}},
		"other targets":              {field(`"target1YOffset": 0`, `"target1YOffset": 0, "target2Media": "laser-a4", "target3Media": null, "target4XOffset": 5`), []string{}},
		"errors before warnings": {field(`"orderNo":"10001"`, `"x":1,"orderNo":"`+strings.Repeat("1", 36)+`"`),
			[]string{"TOO_LONG shipment.orderNo", "(UNKNOWN_FIELD shipment.x)"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := mustRead(t, test.body)
			problems := r.problems()
			if got := told(problems); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", problems, test.want)
			}
			_, wellFormed := r.contract()
			faulty := slices.ContainsFunc(problems, func(p shipment.Problem) bool {
				return p.Type == shipment.Error && (p.Path == "" || p.Path == "shipment" || strings.HasPrefix(p.Path, "shipment.senderPartners"))
			})
			if wellFormed == faulty {
				t.Errorf("the contract is well-formed: %t", wellFormed)
			}
			if again := r.problems(); !reflect.DeepEqual(again, problems) {
				t.Error("asked again, the problems are others")
			}
		})
	}
}

// Bodies in the style of programs that were written for the carrier.
func TestProgramsOfOthers(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want []string
	}{
		"a shop in PHP": {`{"pdfConfig":{"target1Media":"laser-a5","target2Media":"laser-a4"},"shipment":{
			"sender":{"name":"Verkkokauppa Oy","address1":"Kauppakatu 1","zipcode":"33100","city":"TAMPERE","country":"FI"},
			"receiver":{"name":"Matti Meik\u00e4l\u00e4inen","address1":"Kotikatu 2","zipcode":"00100","city":"Helsinki","country":"FI","phone":"0401234567","email":"matti@example.com"},
			"senderPartners":[{"id":"POSTI","custNo":"654321"}],"service":{"id":"2102"},"senderReference":"1001",
			"parcels":[{"copies":1,"weight":0.25,"packageCode":"PKT"}]}}`,
			[]string{"(READ_AS shipment.service.id)", "(DEFAULTED shipment.parcels[0].valuePerParcel)"}},
		"the same with parcels beside": {`{"pdfConfig":{"target1Media":"laser-a5","target2Media":"laser-a4"},"shipment":{
			"sender":{"name":"Verkkokauppa Oy","address1":"Kauppakatu 1","zipcode":"33100","city":"TAMPERE","country":"FI"},
			"receiver":{"name":"Matti","address1":"Kotikatu 2","zipcode":"00100","city":"Helsinki","country":"FI"},
			"senderPartners":[{"id":"POSTI","custNo":"654321"}],"service":{"id":"PO2102"}},
			"parcels":[{"copies":1,"weight":0.25,"packageCode":"PKT"}]}`,
			[]string{"INVALID parcels"}},
		"a shop in JavaScript": {`{"pdfConfig":{"target1XOffset":0,"target1YOffset":0,"target1Media":"thermo-225","target2Media":"laser-a4","target3Media":null,"target4Media":null},"shipment":{
			"sender":{"name":"Shop Oy","address1":"Postintaival 7","zipcode":"00230","city":"HELSINKI","country":"FI","phone":"+35820077000","email":"shop@example.com"},
			"senderPartners":[{"id":"POSTI","custNo":"654321"}],
			"receiver":{"name":"Ville","address1":"Kotikatu 2","address2":"","zipcode":"00100","city":"Helsinki","country":"FI","phone":"+358401234567","mobile":"+358401234567","email":""},
			"agent":{"quickId":"201003200","name":"Posti Service Point","address1":"Katu 1","zipcode":"00100","city":"HELSINKI","country":"FI"},
			"service":{"id":"PO2103"},"parcels":[{"copies":"2","weight":"3.5","contents":"Products","valuePerParcel":true}]}}`,
			[]string{}},
		"a command line": {`{"pdfConfig":{"target1Media":"thermo-225"},"shipment":{
			"sender":{"name":"A","zipcode":"00230","city":"HELSINKI","country":"FI"},"receiver":{"name":"B","zipcode":"00100","city":"HELSINKI","country":"FI"},
			"senderPartners":[{"id":"POSTI","custNo":"654321"}],"service":{"id":"PO2103","addons":[]},"options":[],"parcels":[{"weight":2.5,"contents":"Electronics","valuePerParcel":false}]}}`,
			[]string{"(UNKNOWN_FIELD shipment.options)"}},
	} {
		if got := told(mustRead(t, test.body).problems()); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

func TestWhereParcelsBelong(t *testing.T) {
	problems := mustRead(t, `{"shipment":{},"parcels":[]}`).problems()
	i := slices.IndexFunc(problems, func(p shipment.Problem) bool { return p.Path == "parcels" })
	if i < 0 || !strings.Contains(problems[i].Message, "'shipment.parcels'") {
		t.Errorf("got %v", problems)
	}
}

// An order for a pickup point, sent with a service that goes to the door.
func TestAgentOfAnotherService(t *testing.T) {
	body := withJSON(t, `"PO2103"`, `"PO2104"`)
	r := mustRead(t, body)
	if got := told(r.problems()); !slices.Equal(got, []string{"(IGNORED shipment.agent)"}) || r.order.PickupPoint != "" {
		t.Errorf("got %v and the pickup point %q", got, r.order.PickupPoint)
	}
}

func TestFreightTakesItsPartner(t *testing.T) {
	body := withJSON(t, `[{"id":"POSTI","custNo":"654321"}]`, `[{"id":"POSTI","custNo":"654321"},{"id":"ITELLALOG","custNo":"876543"}]`)
	r := mustRead(t, strings.Replace(body, `"PO2103"`, `"PO2144"`, 1))
	if contract, ok := r.contract(); !ok || contract != (shipment.Contract{Number: "876543", Partner: shipment.PartnerFreight}) {
		t.Errorf("the contract is %v, %t", contract, ok)
	}
}

func TestQuantities(t *testing.T) {
	parcel := func(copies, weight, volume, valuePerParcel string) shipment.Parcel {
		body := withJSON(t, `"copies":1,"weight":2.5,"volume":0.006`, fmt.Sprintf(`"copies":%s,"weight":%s,"volume":%s`, copies, weight, volume))
		return mustRead(t, strings.Replace(body, `"valuePerParcel":true`, `"valuePerParcel":`+valuePerParcel, 1)).order.Parcels[0]
	}
	for _, test := range []struct {
		copies, weight, volume, valuePerParcel string
		wantWeight, wantVolume                 int64
	}{
		{"1", "2.5", "0.006", "true", 2500, 6000},
		{"1", "0.1", "0", "false", 100, 0},
		{"1", "0.30000000000000004", "1e-6", "true", 300, 1},
		{"1", `"1e1"`, `"2"`, "true", 10_000, 2_000_000},
		{"3", "6", "0.003", "true", 6000, 3000},  // of each
		{"3", "6", "0.003", "false", 2000, 1000}, // of all
		{"3", "1", "0.000001", "false", 334, 1},
		{"0", "1", "0", "false", 1000, 0},
		{"1", "1e300", "-1e300", "true", 1 << 50, -1 << 50}, // still a number, and refused
	} {
		p := parcel(test.copies, test.weight, test.volume, test.valuePerParcel)
		if p.Weight != test.wantWeight || p.Volume != test.wantVolume {
			t.Errorf("%+v gives %d g and %d cm³", test, p.Weight, p.Volume)
		}
	}
	for amount, want := range map[string]int64{"10": 1000, "10.299999999999999": 1030, `"0.29"`: 29, "1.004": 100, "1.006": 101, "-1": -100} {
		r := mustRead(t, withJSON(t, `"amount":10.0`, `"amount":`+amount))
		if got := *r.order.AddOns[1].Amount; got != want {
			t.Errorf("%s is %d cents, want %d", amount, got, want)
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	for name, test := range map[string]struct {
		body         string
		line, column int
	}{
		"nothing":              {"", 1, 1},
		"only space":           {" \n ", 2, 2},
		"not finished":         {`{"a":`, 1, 6},
		"not finished, lines":  {"{\n  \"a\": [1,\n", 3, 1},
		"comma too many":       {"{\n  \"a\": 1,\n}", 3, 1},
		"comma missing":        {"{\"åäö\": 1 \"b\": 2}", 1, 11},
		"single quotes":        {"{'a': 1}", 1, 2},
		"NaN":                  {`{"a": NaN}`, 1, 7},
		"infinite":             {`{"a": -Infinity}`, 1, 8},
		"two bodies":           {"{} {}", 1, 4},
		"XML":                  {"<order/>", 1, 1},
		"line break in a text": {"{\"a\": \"x\ny\"}", 1, 9},
		"not UTF-8":            {"{\"a\":\n \"\xe5\"}", 2, 3},
		"UTF-16":               {"\xff\xfe{\x00", 1, 1},
		"too deep":             {strings.Repeat("[", 100_000), 1, 10_001},
		"after the mark":       {"\uFEFF{'a': 1}", 1, 2},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readOrder([]byte(test.body), orderV1)
			var syntax *syntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("got %v", err)
			}
			if syntax.line != test.line || syntax.column != test.column {
				t.Errorf("got %v, want line %d, column %d", err, test.line, test.column)
			}
			if want := fmt.Sprintf("line %d, column %d", test.line, test.column); !strings.Contains(err.Error(), want) {
				t.Errorf("%q does not say %q", err, want)
			}
		})
	}
}

// What is read takes memory and tells problems in proportion to an order, not to the body's inventions.
func TestBombs(t *testing.T) {
	const megabyte = 1 << 20
	fill := func(piece string) string { return strings.Repeat(piece, megabyte/len(piece)-20) }
	for name, body := range map[string]string{
		"parcels":         `{"shipment":{"parcels":[` + fill(`{},`) + `{}]}}`,
		"numbers":         `{"shipment":{"parcels":[` + fill(`1,`) + `1]}}`,
		"add-ons":         `{"shipment":{"service":{"id":"PO2103","addons":[` + fill(`{"id":"COD"},`) + `{}]}}}`,
		"partners":        `{"shipment":{"senderPartners":[` + fill(`{},`) + `{}]}}`,
		"unknown fields":  `{"shipment":{` + fill(`"x":1,`) + `"y":1}}`,
		"one field often": `{"shipment":{` + fill(`"orderNo":1,`) + `"y":1}}`,
		"unknown depth":   `{"shipment":` + strings.Repeat(`{"x":`, 9_000) + "1" + strings.Repeat("}", 9_000) + `}`,
		"known depth":     `{"shipment":{"parcels":` + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000) + `}}`,
		"long name":       `{"` + fill("x") + `":1}`,
		"long text":       `{"shipment":{"orderNo":"` + fill("x") + `"}}`,
		"long number":     `{"shipment":{"orderNo":` + fill("9") + `,"parcels":[{"weight":` + "1" + `}]}}`,
		"long weight":     `{"shipment":{"parcels":[{"weight":` + fill("9") + `}]}}`,
		"long service":    `{"shipment":{"service":{"id":"` + fill("x") + `"}}}`,
		"escapes":         `{"shipment":{"orderNo":"` + fill(`\u0041`) + `"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			r := mustRead(t, body)
			problems := r.problems()
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > 24*megabyte {
				t.Errorf("%d bytes were allocated", used)
			}
			answer, err := json.Marshal(newRefusal("", problems...))
			if err != nil {
				t.Fatal(err)
			}
			if len(problems) > 1000 || len(answer) > 200_000 {
				t.Errorf("%d problems are told in %d bytes", len(problems), len(answer))
			}
			if !shipment.Refuses(problems) {
				t.Error("it is not refused")
			}
		})
	}
}

func TestUnknownFieldsAreCounted(t *testing.T) {
	var fields strings.Builder
	for i := range 30 {
		fmt.Fprintf(&fields, `"x%d":%d,`, i, i)
	}
	problems := mustRead(t, withJSON(t, `"orderNo":"10001"`, fields.String()+`"orderNo":"10001"`)).problems()
	if len(problems) != mostUnknown+1 || shipment.Refuses(problems) || !strings.HasPrefix(problems[mostUnknown].Message, "10 more fields") {
		t.Errorf("got %v", problems)
	}
}

func TestRefusalAsTheCarrierHasIt(t *testing.T) {
	got, err := json.Marshal(newRefusal("r-1", shipment.Problem{Code: "CONTRACT_NOT_ALLOWED", Path: "shipment.senderPartners[0].custNo", Message: "m", Type: shipment.Error}))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"message":"m","requestId":"r-1","errors":[{"code":"CONTRACT_NOT_ALLOWED","path":"shipment.senderPartners[0].custNo","message":"m","type":"error"}]}`
	if string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// The members and elements that are walked are those that encoding/json sees, whatever the body.
func sameAsStandard(t *testing.T, value []byte, want any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		got := map[string][]byte{}
		for name, member := range members(value) {
			got[decodeString(name)] = member
		}
		if len(got) != len(want) {
			t.Fatalf("%s has the members %q", value, got)
		}
		for name, member := range want {
			sameAsStandard(t, got[name], member)
		}
	case []any:
		n := 0
		for element := range elements(value) {
			if n < len(want) {
				sameAsStandard(t, element, want[n])
			}
			n++
		}
		if n != len(want) {
			t.Fatalf("%s has %d elements", value, n)
		}
	case string:
		if decodeString(value) != want {
			t.Fatalf("%s is %q", value, decodeString(value))
		}
	default:
		if encoded, err := json.Marshal(want); err != nil || string(encoded) != string(value) && !isNumber(value) {
			t.Fatalf("%s is %s, %v", value, encoded, err)
		}
	}
}

func FuzzReadOrder(f *testing.F) {
	golden := []byte(goldenOrder(f))
	for _, seed := range []string{
		string(golden), "", "{}", "[]", "null", `{"shipment":[]}`, `{"shipment":{"parcels":[{"copies":"1","weight":"1e3"}]}}`, "{'a'}",
		`{"a" : [ 1 , "x\"]}" , {"b":[]} , [[],{}] , true , null , -1.5e+3 ] , "c" : { } }`, `{"\u0061":1,"a":2}`, "\uFEFF{}", "{\"\xff\":1}",
		strings.Repeat("[", 20) + strings.Repeat("]", 20), `{"shipment":{"service":{"id":"2103","addons":[{"id":"3101","amount":"1"}]}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := readOrder(body, orderV1)
		if syntax, ok := errors.AsType[*syntaxError](err); ok {
			if syntax.line < 1 || syntax.column < 1 || json.Valid(bytes.TrimPrefix(body, byteOrderMark)) && utf8.Valid(body) {
				t.Fatalf("%q: %v", body, err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		text := bytes.TrimSpace(bytes.TrimPrefix(body, byteOrderMark))
		var value any
		if err := json.Unmarshal(text, &value); err == nil { // a number may be beyond float64
			sameAsStandard(t, text, value)
		}
		problems := r.problems()
		if !shipment.Refuses(problems) {
			if refused := shipment.Validate(r.order); shipment.Refuses(refused) {
				t.Fatalf("%q is accepted in spite of %v", body, refused)
			}
			return
		}
		if problems[0].Type != shipment.Error {
			t.Fatalf("%q: the first problem is %v", body, problems[0])
		}
		for _, p := range problems {
			if p.Code == "" || p.Message == "" || !utf8.ValidString(p.Path+p.Message) {
				t.Fatalf("%q: %+v", body, p)
			}
		}
	})
}
