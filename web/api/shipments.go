package api

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"omapostipro/internal/label"
	"omapostipro/internal/shipment"
)

// readJSON reads an order as version 2 of the carrier's call does.
func (b *orderBody) readJSON(text []byte) (err error) {
	b.read, err = readOrder(text, orderV2)
	return err
}

type orderGiven struct{ Body orderBody }

// shipmentAnswer tells of a shipment, with the names of the order's body where it is what was ordered.
type shipmentAnswer struct {
	ID              uuid.UUID       `json:"id" format:"uuid"`
	Status          shipment.Status `json:"status" doc:"Of freight ORDER_RECEIVED, IN_TRANSPORT, IN_DELIVERY and DELIVERED; what goes back is told as of parcels."`
	StatusNames     shipment.Name   `json:"statusNames"`
	ShipmentNumber  string          `json:"shipmentNumber" doc:"The number of its first parcel." example:"JJFI65432198900000008"`
	Contract        string          `json:"contract" example:"654321"`
	Partner         string          `json:"partner" enum:"POSTI,ITELLALOG"`
	Sender          partyBody       `json:"sender"`
	Receiver        partyBody       `json:"receiver"`
	Agent           *agentAnswer    `json:"agent,omitempty"`
	Service         serviceBody     `json:"service"`
	OrderNo         string          `json:"orderNo"`
	SenderReference string          `json:"senderReference"`
	FreeText1       string          `json:"freeText1"`
	Parcels         []shipmentPart  `json:"parcels"`
	ReturnOf        *uuid.UUID      `json:"returnOf,omitempty" format:"uuid" doc:"The shipment whose parcels this one brings back."`
	CreatedAt       time.Time       `json:"createdAt"`
	CancelledAt     *time.Time      `json:"cancelledAt,omitempty"`
	Customs         *customsBody    `json:"customsDeclaration,omitempty" doc:"What the form CN 23 says, weights and values of all copies together. Not in lists."`
	Media           label.Media     `json:"media,omitempty" doc:"What its labels are printed on where nothing else is asked for. Not in lists."`
	Label           string          `json:"label,omitempty" format:"uri" doc:"Where its labels are, for as long as it is not cancelled."`
	Warnings        []warning       `json:"warnings,omitempty" doc:"What its sender should know although it was made."`
	href            string
}

func (s shipmentAnswer) location() string { return s.href }

// TransformSchema puts the words for statuses into the description.
func (shipmentAnswer) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	mediaEnum(s.Properties["media"])
	return withStatuses(s)
}

type agentAnswer struct {
	QuickID  string `json:"quickId" example:"001003200"`
	Name     string `json:"name,omitempty" doc:"Of a point abroad, as it was ordered, as is the rest. Not in lists."`
	Address1 string `json:"address1,omitempty"`
	Zipcode  string `json:"zipcode,omitempty"`
	City     string `json:"city,omitempty"`
}

type shipmentPart struct {
	TrackingNumber string  `json:"trackingNumber" example:"JJFI65432198900000008"`
	Weight         float64 `json:"weight" doc:"Kilograms."`
	Reference      string  `json:"reference"`
	SendingCode    string  `json:"sendingCode,omitempty" doc:"What is written on the parcel in place of a label." example:"3A7C90"`
	Volume         float64 `json:"volume,omitempty" doc:"Cubic metres. This and what follows are as they were ordered, of each parcel, and not in lists."`
	Length         float64 `json:"length,omitempty" doc:"Centimetres, as are width and height."`
	Width          float64 `json:"width,omitempty"`
	Height         float64 `json:"height,omitempty"`
	PackageCode    string  `json:"packageCode,omitempty" example:"PKT"`
	Contents       string  `json:"contents,omitempty"`
}

func (a *API) describeShipment(placed shipment.Placed, warnings []warning) shipmentAnswer {
	order, href := placed.Order, a.BaseURL+"/api/v1/shipments/"+placed.ID.String()
	answer := shipmentAnswer{ID: placed.ID, Status: placed.Told(placed.Status), StatusNames: placed.Told(placed.Status).Name(), ShipmentNumber: placed.Number,
		Contract: order.Contract.Number, Partner: string(order.Contract.Partner), Sender: describeParty(order.Sender), Receiver: describeParty(order.Receiver),
		Service: serviceBody{ID: order.Service, NormalShipment: order.NormalShipment, ReturnShipment: order.ReturnShipment},
		OrderNo: order.OrderNo, SenderReference: order.SenderReference, FreeText1: order.FreeText, Parcels: make([]shipmentPart, len(placed.Parcels)),
		ReturnOf: placed.ReturnOf, CreatedAt: placed.PlacedAt, CancelledAt: placed.CancelledAt, Warnings: warnings, href: href}
	if placed.Status != shipment.Cancelled {
		answer.Label = href + "/label"
	}
	if order.PickupPoint != "" {
		answer.Agent = &agentAnswer{QuickID: order.PickupPoint}
	}
	for _, ordered := range order.AddOns {
		addOn := addOnBody{ID: ordered.ID, CurrencyCode: ordered.Currency, Account: ordered.Account, Reference: ordered.Reference}
		if ordered.Amount != nil {
			addOn.Amount = float64(*ordered.Amount) / 100
		}
		answer.Service.AddOns = append(answer.Service.AddOns, addOn)
	}
	for i, parcel := range placed.Parcels {
		answer.Parcels[i] = shipmentPart{TrackingNumber: parcel.Number, Weight: float64(parcel.Weight) / 1000, Reference: parcel.Reference, SendingCode: parcel.SendingCode}
	}
	return answer
}

// describeWhole tells all of a shipment that was ordered, where one alone is asked for.
func (a *API) describeWhole(placed shipment.Placed, warnings []warning) shipmentAnswer {
	order, answer := placed.Order, a.describeShipment(placed, warnings)
	answer.Media = placed.Label.Media
	if answer.Agent != nil {
		at := order.PickupAddress
		answer.Agent.Name, answer.Agent.Address1, answer.Agent.Zipcode, answer.Agent.City = at.Name, at.Address1, at.Postcode, at.City
	}
	parts := answer.Parcels
	for _, ordered := range order.Parcels {
		for i := range parts[:min(ordered.Copies, len(parts))] {
			part := &parts[i]
			part.Volume, part.PackageCode, part.Contents = float64(ordered.Volume)/1_000_000, ordered.PackageCode, ordered.Contents
			part.Length, part.Width, part.Height = float64(ordered.Length)/10, float64(ordered.Width)/10, float64(ordered.Height)/10
		}
		parts = parts[min(ordered.Copies, len(parts)):]
	}
	if order.Customs != nil && order.NeedsCustoms() {
		answer.Customs = describeCustoms(*order.Customs)
	}
	return answer
}

// describeCustoms writes a declaration as readCustoms reads it.
func describeCustoms(c shipment.Customs) *customsBody {
	body := &customsBody{CurrencyCode: c.Currency, ImportExportType: c.Reason, Explanation: c.Explanation, InvoiceNo: c.Invoice, ExportLicenseNo: c.Licence,
		Certificate: c.Certificate, GeneralNote1: c.Comment, Declarant: c.Declarant, DeclarantCity: c.Place}
	for _, item := range c.Items {
		body.Lines = append(body.Lines, lineBody{Contents: item.Contents, Copies: item.Quantity, NetWeight: float64(item.Weight) / 1000, Value: float64(item.Value) / 100,
			StatNo: item.Code, SourceCountryCode: item.Origin})
	}
	return body
}

func describeParty(p shipment.Party) partyBody {
	return partyBody{Name: p.Name, Address1: p.Address1, Address2: p.Address2, Zipcode: p.Postcode, City: p.City, Country: p.Country, Phone: p.Phone,
		Mobile: p.Mobile, Email: p.Email}
}

// validationAnswer is what would become of an order.
type validationAnswer struct {
	Valid    bool           `json:"valid"`
	Errors   []refusalError `json:"errors" doc:"What would keep it from being placed: empty for a valid one."`
	Warnings []warning      `json:"warnings" doc:"What would be told with it."`
}

func (a *API) validateShipment(c call, in orderGiven) (validationAnswer, error) {
	problems, err := a.check(c.actor, in.Body.read)
	if notAllowed, ok := errors.AsType[failure](err); ok {
		problems = notAllowed.problems
	}
	answer := validationAnswer{Valid: !shipment.Refuses(problems), Errors: []refusalError{}, Warnings: orEmpty(warningsOf(problems))}
	for _, p := range problems {
		if p.Type == shipment.Error {
			answer.Errors = append(answer.Errors, refusalError(p))
		}
	}
	return answer, nil
}

func (a *API) createShipment(c call, in orderGiven) (shipmentAnswer, error) {
	placed, warnings, err := a.place(c, c.actor, in.Body.read, c.once, nil)
	if err != nil {
		return shipmentAnswer{}, err
	}
	return a.describeWhole(placed, warnings), nil
}

type shipmentsAsked struct {
	Status          string    `query:"status" doc:"How far they have come, as it is told: of freight in its own words."`
	OrderNo         string    `query:"orderNo" doc:"The whole of it, as are the other texts."`
	SenderReference string    `query:"senderReference"`
	TrackingNumber  string    `query:"trackingNumber" maxLength:"40" doc:"Of any of its parcels."`
	CreatedFrom     time.Time `query:"createdFrom" doc:"Not made before this time."`
	Cursor          string    `query:"cursor" maxLength:"200" doc:"nextCursor of the page before; the other parameters must be the same."`
	Limit           int       `query:"limit" minimum:"1" maximum:"100" default:"25" doc:"How many a page has at most."`
}

// limits puts what the catalogue and the rules say into the parameters.
func (shipmentsAsked) limits(p parameter) {
	switch p.name {
	case "status":
		p.schema.Enum = enumOf(shipment.ToldStatuses()...)
	case "orderNo":
		p.schema.MaxLength = new(shipment.MaxOrderNo)
	case "senderReference":
		p.schema.MaxLength = new(shipment.MaxSenderReference)
	}
}

type shipmentsAnswer struct {
	Shipments  []shipmentAnswer `json:"shipments" doc:"The newest first."`
	NextCursor *string          `json:"nextCursor" doc:"For the next page; null after the last."`
}

// defaultPage is how many shipments a page has when its length is not asked for.
const defaultPage = 25

func (a *API) listShipments(c call, asked shipmentsAsked) (shipmentsAnswer, error) {
	after, err := shipment.ParseCursor(asked.Cursor)
	if err != nil {
		return shipmentsAnswer{}, invalid([]shipment.Problem{{Code: shipment.Invalid, Path: "cursor", Message: "cursor must be the nextCursor of a page, as it was given", Type: shipment.Error}})
	}
	if asked.Limit == 0 {
		asked.Limit = defaultPage
	}
	number := strings.ToUpper(strings.Join(strings.Fields(asked.TrackingNumber), ""))
	page, next, err := a.Orders.List(c, c.actor, shipment.Filter{Status: shipment.Status(asked.Status), OrderNo: asked.OrderNo, SenderReference: asked.SenderReference,
		TrackingNumber: number, CreatedFrom: asked.CreatedFrom}, after, asked.Limit)
	if err != nil {
		return shipmentsAnswer{}, err
	}
	answer := shipmentsAnswer{Shipments: make([]shipmentAnswer, len(page))}
	for i, placed := range page {
		answer.Shipments[i] = a.describeShipment(placed, nil)
	}
	if cursor := next.String(); cursor != "" {
		answer.NextCursor = &cursor
	}
	return answer, nil
}

type shipmentAsked struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

func (a *API) showShipment(c call, asked shipmentAsked) (shipmentAnswer, error) {
	placed, err := a.Orders.Get(c, c.actor, "", asked.ID)
	if err != nil {
		return shipmentAnswer{}, err
	}
	return a.describeWhole(placed, nil), nil
}

func (a *API) cancelShipment(c call, asked shipmentAsked) (nothing, error) {
	return nothing{}, a.Orders.Cancel(c, c.actor, asked.ID)
}

func (a *API) returnShipment(c call, asked shipmentAsked) (shipmentAnswer, error) {
	placed, err := a.Orders.Once(c.once).Return(c, c.actor, asked.ID, nil)
	if err != nil {
		return shipmentAnswer{}, err
	}
	return a.describeWhole(placed, nil), nil
}

type labelAsked struct {
	shipmentAsked
	Format string `query:"format" enum:"pdf,zpl,png" default:"pdf"`
	Media  string `query:"media" doc:"Without it: what the order asked for, else laser-a5."`
	Parcel int    `query:"parcel" minimum:"1" doc:"Only that of this parcel, from 1 on: to print one of many again. The customs declaration lies with the last one's."`
}

// mostInPicture is how many labels are drawn as one picture, below each other.
const mostInPicture = 10

// mediaEnum puts the media that there are into a description.
func mediaEnum(s *huma.Schema) { s.Enum = enumOf(label.AllMedia()...) }

func (labelAsked) limits(p parameter) {
	switch p.name {
	case "media":
		mediaEnum(p.schema)
	case "parcel":
		p.schema.Maximum = new(float64(shipment.MaxParcels))
	}
}

// labelFormats are the ways to write labels down.
var labelFormats = map[string]struct {
	contentType string
	draw        func([]label.Label, label.Target) ([]byte, error)
}{
	"pdf": {"application/pdf", label.PDF},
	"zpl": {"application/zpl", label.ZPL},
	"png": {"image/png", label.PNG},
}

func (a *API) showShipmentLabel(c call, asked labelAsked) (document, error) {
	placed, err := a.Orders.Get(c, c.actor, "", asked.ID)
	if err != nil {
		return document{}, err
	}
	target := placed.Target()
	if asked.Media != "" {
		target.Media = label.Media(asked.Media)
	}
	if asked.Format == "" {
		asked.Format = "pdf"
	}
	labels, err := shipment.Labels([]shipment.Placed{placed}, a.Test)
	if err != nil {
		return document{}, labelsGone(err)
	}
	name, parcels := placed.Number, len(placed.Parcels)
	switch {
	case asked.Parcel > parcels:
		return document{}, fail(http.StatusUnprocessableEntity, shipment.Invalid, fmt.Sprintf("parcel must be a whole number from 1 to %d: the shipment has no more", parcels)).at("parcel")
	case asked.Parcel > 0:
		labels, name = labels[asked.Parcel-1:asked.Parcel], placed.Parcels[asked.Parcel-1].Number
	case asked.Format == "png" && parcels > mostInPicture:
		return document{}, fail(http.StatusUnprocessableEntity, shipment.Required, fmt.Sprintf("parcel is required: the shipment has %d labels, and a picture has at most %d. "+
			"With parcel=1 to parcel=%d each is a picture of its own; pdf and zpl have all of them", parcels, mostInPicture, parcels)).at("parcel")
	}
	return drawLabels(labels, target, asked.Format, name)
}

func drawLabels(labels []label.Label, target label.Target, format, name string) (document, error) {
	content, err := labelFormats[format].draw(labels, target)
	return document{labelFormats[format].contentType, name + "." + format, content}, err
}

// mostLabels is how many labels are drawn as one document.
const mostLabels = 100

type labelsWanted struct {
	Body labelsBody
}

type labelsBody struct {
	Shipments []string `json:"shipments" minItems:"1" maxItems:"100" doc:"Their ids. A page is drawn for each of their parcels, in this order; of those there may be a hundred."`
	Media     string   `json:"media,omitempty" default:"laser-a5"`
}

func (labelsBody) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["shipments"].Items.Format = "uuid"
	mediaEnum(s.Properties["media"])
	return s
}

func (a *API) drawManyLabels(c call, in labelsWanted) (document, error) {
	ids := make([]uuid.UUID, len(in.Body.Shipments))
	for i, id := range in.Body.Shipments {
		ids[i] = uuid.MustParse(id)
	}
	found, err := a.Orders.Find(c, c.actor, ids)
	if err != nil {
		return document{}, err
	}
	problems := new(reading)
	orders, labels := make([]shipment.Placed, len(ids)), 0
	for i, id := range ids {
		path := "shipments[" + strconv.Itoa(i) + "]"
		placed, there := found[id]
		switch {
		case !there:
			problems.fail("NOT_FOUND", path, "there is no shipment %s", id)
		case placed.Status == shipment.Cancelled:
			problems.fail("SHIPMENT_CANCELLED", path, "the shipment %s is cancelled: it has no labels any more", id)
		}
		orders[i], labels = placed, labels+len(placed.Parcels)
	}
	if labels > mostLabels {
		problems.fail(shipment.Invalid, "shipments", "the shipments have %d labels; at most %d are drawn at once", labels, mostLabels)
	}
	if problems.problems != nil {
		return document{}, invalid(problems.problems)
	}
	media, _ := label.ParseMedia(in.Body.Media)
	drawn, err := shipment.Labels(orders, a.Test)
	if err != nil {
		return document{}, err
	}
	return drawLabels(drawn, label.Target{Media: media}, "pdf", fmt.Sprintf("%d-labels", labels))
}
