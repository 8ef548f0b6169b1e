package api

import (
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"omapostipro/internal/label"
	"omapostipro/internal/shipment"
)

// The types here are what an order's body consists of. Its members are read by their names (order.go), forgivingly, and
// described by these types: version 2 and our own family have the body as it stands here, version 1 has pdfConfig in place
// of printConfig.

type orderBody struct {
	PrintConfig printBody    `json:"printConfig,omitzero" doc:"What the address labels are printed on, when the order's label link is followed."`
	Shipment    shipmentBody `json:"shipment"`

	read *orderRequest // what has been read of it
}

type printBody struct {
	Target1Media   string  `json:"target1Media,omitempty" doc:"Of the address labels. Without it: laser-a5."`
	Target1XOffset float64 `json:"target1XOffset,omitempty" doc:"Millimetres to the right, at most as many as the label's margin."`
	Target1YOffset float64 `json:"target1YOffset,omitempty" doc:"Millimetres down, at most as many as the label's margin."`
	Target2Media   string  `json:"target2Media,omitempty" doc:"Of documents that are not made here, as are targets 3 and 4: taken and ignored."`
	Target2XOffset float64 `json:"target2XOffset,omitempty"`
	Target2YOffset float64 `json:"target2YOffset,omitempty"`
	Target3Media   string  `json:"target3Media,omitempty"`
	Target3XOffset float64 `json:"target3XOffset,omitempty"`
	Target3YOffset float64 `json:"target3YOffset,omitempty"`
	Target4Media   string  `json:"target4Media,omitempty"`
	Target4XOffset float64 `json:"target4XOffset,omitempty"`
	Target4YOffset float64 `json:"target4YOffset,omitempty"`
}

type shipmentBody struct {
	Sender          partyBody     `json:"sender"`
	Receiver        partyBody     `json:"receiver"`
	SenderPartners  []partnerBody `json:"senderPartners" minItems:"1" doc:"The contract that the order is placed under. Of several, the one of the service's partner counts."`
	Agent           agentBody     `json:"agent,omitzero" doc:"The pickup point or locker that the parcels go to."`
	Service         serviceBody   `json:"service"`
	OrderNo         string        `json:"orderNo,omitempty"`
	SenderReference string        `json:"senderReference,omitempty"`
	FreeText1       string        `json:"freeText1,omitempty" doc:"Printed on the labels."`
	Parcels         []parcelBody  `json:"parcels" minItems:"1"`
	Customs         customsBody   `json:"customsDeclaration,omitzero" doc:"What the form CN 23 says, which lies after the labels of an order to a country outside the customs territory of the European Union. What is not told stays white on it."`
}

type partyBody struct {
	Name     string `json:"name"`
	Address1 string `json:"address1,omitempty" doc:"Needed of a receiver to whose address the service goes."`
	Address2 string `json:"address2,omitempty"`
	Zipcode  string `json:"zipcode,omitempty" doc:"Needed where the country has postcodes."`
	City     string `json:"city"`
	Country  string `json:"country" pattern:"^[A-Za-z]{2}$" doc:"ISO 3166-1 alpha-2." example:"FI"`
	Phone    string `json:"phone,omitempty"`
	Mobile   string `json:"mobile,omitempty" doc:"Needed of a receiver by some services: see mobileNeeded of GET /services. If it is missing and phone is one, messages go there."`
	Email    string `json:"email,omitempty" format:"email"`
}

type agentBody struct {
	QuickID  string `json:"quickId,omitempty" doc:"The pickup point's code: nine digits in Finland. The rest of the point may be sent, and is known here." example:"001003200"`
	Name     string `json:"name,omitempty"`
	Address1 string `json:"address1,omitempty"`
	Address2 string `json:"address2,omitempty"`
	Zipcode  string `json:"zipcode,omitempty"`
	City     string `json:"city,omitempty"`
	Country  string `json:"country,omitempty"`
	Phone    string `json:"phone,omitempty"`
	Mobile   string `json:"mobile,omitempty"`
	Email    string `json:"email,omitempty"`
}

type partnerBody struct {
	ID     string `json:"id" doc:"POSTI for parcels and letters, ITELLALOG for freight."`
	CustNo string `json:"custNo" pattern:"^[0-9]{6}$" doc:"The contract number: one that the credential may use." example:"654321"`
}

type serviceBody struct {
	ID             string      `json:"id" doc:"Of GET /services. A bare number, as 2103, is read as PO2103." example:"PO2103"`
	NormalShipment bool        `json:"normalShipment" required:"false" default:"true"`
	ReturnShipment bool        `json:"returnShipment" required:"false" default:"false"`
	AddOns         []addOnBody `json:"addons,omitempty" doc:"The additional services."`
}

type addOnBody struct {
	ID           string  `json:"id" doc:"One that the service may have."`
	Amount       float64 `json:"amount,omitempty" doc:"Of cash on delivery, in euro."`
	CurrencyCode string  `json:"currencyCode,omitempty" enum:"EUR"`
	Account      string  `json:"account,omitempty" doc:"Of cash on delivery: an IBAN." example:"FI2112345600000785"`
	Reference    string  `json:"reference,omitempty" doc:"Of cash on delivery: a Finnish reference number or an RF creditor reference." example:"1234561"`
}

type parcelBody struct {
	Copies         int     `json:"copies,omitempty" minimum:"1" default:"1" doc:"So many parcels alike; each gets a number of its own."`
	Weight         float64 `json:"weight" exclusiveMinimum:"0" doc:"Kilograms: of each parcel, or without valuePerParcel of all copies together. A service has a maximum, see GET /services."`
	Volume         float64 `json:"volume,omitempty" doc:"Cubic metres, as the weight."`
	Length         float64 `json:"length,omitempty" doc:"Centimetres, as are width and height."`
	Width          float64 `json:"width,omitempty"`
	Height         float64 `json:"height,omitempty"`
	PackageCode    string  `json:"packageCode,omitempty" example:"PKT"`
	Contents       string  `json:"contents,omitempty"`
	ValuePerParcel bool    `json:"valuePerParcel,omitempty" default:"false" doc:"Whether weight and volume are of each parcel. Missing is false, with a warning."`
	Reference      string  `json:"reference,omitempty"`
}

type customsBody struct {
	CurrencyCode     string     `json:"currencyCode,omitempty" default:"EUR" doc:"Of the values."`
	ImportExportType string     `json:"importExportType,omitempty" doc:"Why the goods are sent: gift, documents, permanent (a sale), sample, return, other, or another word, which is printed as it is."`
	Explanation      string     `json:"explanation,omitempty" doc:"Of another reason."`
	InvoiceNo        string     `json:"invoiceNo,omitempty"`
	ExportLicenseNo  string     `json:"exportLicenseNo,omitempty"`
	Certificate      string     `json:"certificate,omitempty"`
	GeneralNote1     string     `json:"generalNote1,omitempty" doc:"A comment."`
	Declarant        string     `json:"declarant,omitempty" doc:"Who answers for it."`
	DeclarantCity    string     `json:"declarantCity,omitempty"`
	Lines            []lineBody `json:"lines,omitempty" doc:"One for each kind of goods."`
}

type lineBody struct {
	Contents          string  `json:"contents,omitempty"`
	Copies            int     `json:"copies,omitempty" minimum:"1" default:"1" doc:"How many."`
	NetWeight         float64 `json:"netWeight,omitempty" minimum:"0" doc:"Kilograms without packing, of all copies together, or of each with valuesPerItem."`
	Value             float64 `json:"value,omitempty" minimum:"0" doc:"In the declaration's currency, as the weight."`
	ValuesPerItem     bool    `json:"valuesPerItem,omitempty" default:"false"`
	StatNo            string  `json:"statNo,omitempty" doc:"The code of the customs tariff (HS)." example:"61101130"`
	SourceCountryCode string  `json:"sourceCountryCode,omitempty" doc:"Where the goods were made." example:"FI"`
}

// The members that are read, by the types above.
var (
	printFields   = membersOf[printBody]()
	orderFields   = membersOf[shipmentBody]()
	partyFields   = membersOf[partyBody]()
	agentFields   = membersOf[agentBody]()
	partnerFields = membersOf[partnerBody]()
	serviceFields = membersOf[serviceBody]()
	addOnFields   = membersOf[addOnBody]()
	parcelFields  = membersOf[parcelBody]()
	customsFields = membersOf[customsBody]()
	lineFields    = membersOf[lineBody]()
)

// membersOf gives the names of a type's members in JSON.
func membersOf[T any]() (names []string) {
	for _, field := range reflect.VisibleFields(reflect.TypeFor[T]()) {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// What the rules say more exactly than a type is put into its description from where the rule is.

func (printBody) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["target1Media"].Enum = enumOf(label.AllMedia()...)
	return s
}

func (shipmentBody) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["parcels"].MaxItems = new(shipment.MaxParcels)
	return limited(s, map[string]int{"orderNo": shipment.MaxOrderNo, "senderReference": shipment.MaxSenderReference, "freeText1": shipment.MaxFreeText})
}

func (partyBody) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return limited(s, map[string]int{"name": shipment.MaxName, "address1": shipment.MaxAddress, "address2": shipment.MaxAddress, "zipcode": shipment.MaxPostcode,
		"city": shipment.MaxCity, "phone": shipment.MaxPhone, "mobile": shipment.MaxPhone, "email": shipment.MaxEmail})
}

func (agentBody) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return limited(s, map[string]int{"quickId": shipment.MaxPickupPoint})
}

func (partnerBody) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["id"].Enum = enumOf(shipment.PartnerPosti, shipment.PartnerFreight)
	return s
}

func (serviceBody) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["id"].Enum = nil
	for _, service := range shipment.Services() {
		s.Properties["id"].Enum = append(s.Properties["id"].Enum, service.ID)
	}
	return s
}

func (addOnBody) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	for _, addOn := range shipment.AddOns() {
		s.Properties["id"].Enum = append(s.Properties["id"].Enum, addOn.ID)
	}
	s.Properties["amount"].Maximum = new(float64(shipment.MaxCashOnDelivery) / 100)
	return s
}

func (parcelBody) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["copies"].Maximum = new(float64(shipment.MaxParcels))
	return limited(s, map[string]int{"packageCode": shipment.MaxPackageCode, "contents": shipment.MaxContents, "reference": shipment.MaxReference})
}

func (customsBody) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["lines"].MaxItems = new(shipment.MaxCustomsItems)
	return limited(s, map[string]int{"currencyCode": shipment.MaxReference, "importExportType": shipment.MaxReference, "explanation": shipment.MaxFreeText,
		"invoiceNo": shipment.MaxReference, "exportLicenseNo": shipment.MaxReference, "certificate": shipment.MaxReference, "generalNote1": shipment.MaxFreeText,
		"declarant": shipment.MaxName, "declarantCity": shipment.MaxCity})
}

func (lineBody) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["copies"].Maximum = new(float64(shipment.MaxCustomsQuantity))
	return limited(s, map[string]int{"contents": shipment.MaxContents, "statNo": shipment.MaxReference, "sourceCountryCode": shipment.MaxReference})
}

// limited says how long texts may be.
func limited(s *huma.Schema, longest map[string]int) *huma.Schema {
	for name, most := range longest {
		s.Properties[name].MaxLength = new(most)
	}
	return s
}

func enumOf[T ~string](values ...T) (all []any) {
	for _, value := range values {
		all = append(all, string(value))
	}
	return all
}
