package api

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"omapostipro/internal/label"
	"omapostipro/internal/shipment"
)

// orderFormat is what differs between the versions of the carrier's order.
type orderFormat struct {
	version      string // as it stands in addresses
	printConfig  string // the member that says what labels are printed on
	labels       string // what links to labels are called in addresses
	swapsReturns bool   // a return is given as its parcel went out, and sender and receiver are exchanged here
}

var (
	orderV1 = orderFormat{version: "v1", printConfig: "pdfConfig", labels: "pdfs"}
	orderV2 = orderFormat{version: "v2", printConfig: "printConfig", labels: "prints", swapsReturns: true}
)

// orderRequest is an order as it was sent. Its contract can be asked for before its problems, because a key that may not use
// the contract is told of nothing else.
type orderRequest struct {
	order     shipment.Order
	media     label.Media // that its labels are printed on
	partner   int         // which of the senderPartners the order is placed under
	misplaced bool        // that parcels stand beside the shipment
	swapped   bool        // that the body's sender receives, and its receiver sends
	reading   reading
}

// contract gives what the order is placed under, and false if its number is missing or malformed.
func (r *orderRequest) contract() (shipment.Contract, bool) {
	return r.order.Contract, r.order.Contract.WellFormed() && !r.reading.failed(r.path("senderPartners.custNo"))
}

// mostErrors is how many errors are told at once; of more, it is said how many there are.
const mostErrors = 100

// problems gives all that is wrong with the order, errors first and among them those of the contract.
func (r *orderRequest) problems() []shipment.Problem {
	problems := slices.Clone(r.reading.problems)
	for _, p := range shipment.Validate(r.order) {
		p = r.asGiven(p)
		told := r.reading.failed(p.Path) || r.misplaced && p.Path == "shipment.parcels"
		if !told {
			problems = append(problems, p)
		}
	}
	if more := r.reading.unknown - mostUnknown; more > 0 {
		problems = append(problems, shipment.Problem{Code: codeUnknownField, Message: fmt.Sprintf("%d more fields are not known here and were ignored", more), Type: shipment.Ignorable})
	}
	rank := func(p shipment.Problem) int {
		switch {
		case p.Type != shipment.Error:
			return 2
		case strings.HasPrefix(p.Path, "shipment.senderPartners"):
			return 0
		default:
			return 1
		}
	}
	slices.SortStableFunc(problems, func(a, b shipment.Problem) int { return rank(a) - rank(b) })
	return bounded(problems)
}

// bounded leaves out all errors but the first, and says how many those were.
func bounded(problems []shipment.Problem) []shipment.Problem {
	errors := slices.IndexFunc(problems, func(p shipment.Problem) bool { return p.Type != shipment.Error })
	if errors < 0 {
		errors = len(problems)
	}
	told := min(errors, mostErrors)
	return append(andMore(slices.Clone(problems[:told]), errors-told), problems[errors:]...)
}

// andMore says that there are more errors than are told, if there are.
func andMore(problems []shipment.Problem, more int) []shipment.Problem {
	if more > 0 {
		problems = append(problems, shipment.Problem{Code: codeMore, Message: fmt.Sprintf("and %d more errors", more), Type: shipment.Error})
	}
	return problems
}

// asGiven tells a problem of the order at the place where that stands in the body.
func (r *orderRequest) asGiven(p shipment.Problem) shipment.Problem {
	if r.swapped {
		for party, given := range map[string]string{"sender.": "receiver.", "receiver.": "sender."} {
			if member, ok := strings.CutPrefix(p.Path, party); ok {
				p.Message = strings.ReplaceAll(p.Message, p.Path, given+member)
				p.Path = given + member
				break
			}
		}
	}
	path := r.path(p.Path)
	if rest, ok := strings.CutPrefix(p.Message, p.Path+" "); ok { // called as the error calls it
		p.Message = path + " " + rest
	}
	p.Path = path
	return p
}

// path gives where a field of the order stands in the body.
func (r *orderRequest) path(field string) string {
	if member, ok := strings.CutPrefix(field, "senderPartners."); ok {
		field = fmt.Sprintf("senderPartners[%d].%s", r.partner, member)
	}
	return "shipment." + field
}

// readOrder reads a body in one of the formats. It fails with a syntaxError only; what is wrong with the order itself is
// among the problems. The work is bounded by the body's length, whatever it counts or nests.
func readOrder(body []byte, format orderFormat) (*orderRequest, error) {
	body = bytes.TrimPrefix(body, byteOrderMark)
	if err := checkJSON(body); err != nil {
		return nil, err
	}
	r := &orderRequest{}
	root := r.reading.object("", bytes.TrimSpace(body), format.printConfig, "shipment", "parcels")
	r.readShipment(root.required("shipment", orderFields...))
	if r.swapped = format.swapsReturns && r.order.IsReturn(); r.swapped {
		r.order.Sender, r.order.Receiver = r.order.Receiver, r.order.Sender
	}
	if r.misplaced = root.fields["parcels"] != nil; r.misplaced {
		r.reading.fail(shipment.Invalid, "parcels", "'parcels' stands beside 'shipment' but belongs inside it: move it to 'shipment.parcels'")
	}
	r.readMedia(root.object(format.printConfig, printFields...))
	return r, nil
}

func (r *orderRequest) readShipment(o object) {
	r.readService(o.required("service", serviceFields...))
	r.readPartners(o)
	r.order.Sender = readParty(o.required("sender", partyFields...))
	r.order.Receiver = readParty(o.required("receiver", partyFields...))
	r.readAgent(o.object("agent", agentFields...))
	if receiver := &r.order.Receiver; receiver.Mobile == "" && r.order.NeedsMobile() && shipment.IsMobile(receiver.Phone) { // shops have one field for both
		receiver.Mobile = receiver.Phone
		o.warn(codeReadAs, o.at("receiver.mobile"), "%s is missing, so that messages go to receiver.phone", o.at("receiver.mobile"))
	}
	r.order.OrderNo = o.text("orderNo")
	r.order.SenderReference = o.text("senderReference")
	r.order.FreeText = o.text("freeText1")
	for i, value := range o.array("parcels", shipment.MaxParcels+1) {
		parcel := readParcel(o.reading.object(fmt.Sprintf("%s[%d]", o.at("parcels"), i), value, parcelFields...))
		r.order.Parcels = append(r.order.Parcels, parcel)
	}
	r.readCustoms(o.object("customsDeclaration", customsFields...))
	switch declared := r.order.Customs != nil && len(r.order.Customs.Items) > 0; {
	case r.order.NeedsCustoms() && !declared:
		o.warn(codeDefaulted, o.at("customsDeclaration.lines"), "%s is missing: the customs declaration tells the parcels' contents only, and the rest is to be written by hand", o.at("customsDeclaration.lines"))
	case !r.order.NeedsCustoms() && declared:
		o.warn(codeIgnored, o.at("customsDeclaration"), "%s was ignored: the order does not leave the customs territory of the European Union", o.at("customsDeclaration"))
	}
}

// mostPartners is how many partners are looked at: the carrier has two.
const mostPartners = 10

// readPartners takes the contract of the partner that the service belongs to, or else the first.
func (r *orderRequest) readPartners(o object) {
	service, _ := shipment.LookupService(r.order.Service)
	var contracts []shipment.Contract
	for i, value := range o.array("senderPartners", mostPartners) {
		partner := o.reading.object(fmt.Sprintf("%s[%d]", o.at("senderPartners"), i), value, partnerFields...)
		contracts = append(contracts, shipment.Contract{Number: partner.text("custNo"), Partner: shipment.Partner(strings.ToUpper(partner.text("id")))})
	}
	if len(contracts) == 0 {
		return
	}
	r.partner = max(0, slices.IndexFunc(contracts, func(c shipment.Contract) bool { return c.Partner == service.Partner }))
	r.order.Contract = contracts[r.partner]
	for i := range contracts {
		if i != r.partner {
			path := fmt.Sprintf("%s[%d]", o.at("senderPartners"), i)
			o.warn(codeIgnored, path, "%s was ignored: the order is placed under %s[%d]", path, o.at("senderPartners"), r.partner)
		}
	}
}

func readParty(o object) shipment.Party {
	return shipment.Party{
		Name:     printed(o, "name", shipment.MaxName),
		Address1: printed(o, "address1", shipment.MaxAddress),
		Address2: printed(o, "address2", shipment.MaxAddress),
		Postcode: o.text("zipcode"),
		City:     printed(o, "city", shipment.MaxCity),
		Country:  strings.ToUpper(o.text("country")),
		Phone:    o.text("phone"),
		Mobile:   o.text("mobile"),
		Email:    o.text("email"),
	}
}

// noShape is what labels print for a character that they have no shape for.
const noShape = "□"

// printed reads a text without which a parcel does not arrive, and warns of letters that the label has no shape for. A text
// that is too long is refused anyway.
func printed(o object, name string, longest int) string {
	text := o.text(name)
	short := len(text) <= longest*utf8.UTFMax
	if short && !strings.ContainsRune(text, utf8.RuneError) && strings.Contains(label.Printable(text), noShape) {
		o.warn(codeReplaced, o.at(name), "%s has characters that labels are printed without: only Latin, Greek and Cyrillic letters are printed", o.at(name))
	}
	return text
}

// readService must come before what depends on the service.
func (r *orderRequest) readService(o object) {
	id := o.text("id")
	r.order.Service = id
	service, known := shipment.LookupService(id)
	if known && service.ID != id {
		r.order.Service = service.ID
		o.warn(codeReadAs, o.at("id"), "%s was read as '%s'", shipment.Quote(id), service.ID)
	}
	r.order.NormalShipment = o.truth("normalShipment", true)
	r.order.ReturnShipment = o.truth("returnShipment", false)
	if known && r.order.ReturnShipment && !service.MayReturn() {
		r.order.ReturnShipment = false
		o.warn(codeIgnored, o.at("returnShipment"), "%s was ignored: a return is an order of its own, with a return service", o.at("returnShipment"))
	}
	// Of more than there are, one is unknown or given twice: the order is refused for that without a look at the rest.
	for i, value := range o.array("addons", len(shipment.AddOns())+1) {
		addOn := readAddOn(o.reading.object(fmt.Sprintf("%s[%d]", o.at("addons"), i), value, addOnFields...))
		r.order.AddOns = append(r.order.AddOns, addOn)
	}
}

func readAddOn(o object) shipment.OrderedAddOn {
	ordered := shipment.OrderedAddOn{
		ID:        o.text("id"),
		Currency:  strings.ToUpper(o.text("currencyCode")),
		Account:   compact(o.text("account")),
		Reference: compact(o.text("reference")),
	}
	if addOn, ok := shipment.LookupAddOn(ordered.ID); ok && addOn.ID != ordered.ID {
		o.warn(codeReadAs, o.at("id"), "%s was read as '%s'", shipment.Quote(ordered.ID), addOn.ID)
		ordered.ID = addOn.ID
	}
	if cents, given := o.quantity("amount", 100); given {
		ordered.Amount = &cents
	}
	return ordered
}

// compact writes an account or reference number without the spaces that people put in.
func compact(number string) string {
	return strings.ToUpper(strings.Join(strings.Fields(number), ""))
}

// readAgent takes the pickup point's code; the rest of it is known here. A service that goes to the address has no use for
// one, and clients send it all the same.
func (r *orderRequest) readAgent(o object) {
	code := o.text("quickId")
	service, known := shipment.LookupService(r.order.Service)
	switch {
	case code == "" && o.text("name") != "":
		o.warn(codeIgnored, o.path, "%s was ignored: it has no quickId", o.path)
	case code != "" && known && !r.order.TakesPickupPoint():
		o.warn(codeIgnored, o.path, "%s was ignored: this order of service '%s' does not go to a pickup point", o.path, service.ID)
	default:
		r.order.PickupPoint = code
		if code != "" && !shipment.Finland.Contains(r.order.Receiver.Country) {
			r.order.PickupAddress = shipment.Party{Name: o.text("name"), Address1: o.text("address1"), Postcode: o.text("zipcode"), City: o.text("city")}
		}
	}
}

// readParcel turns kilograms into grams, cubic metres into cubic centimetres and centimetres into millimetres. Without
// valuePerParcel, weight and volume are those of all copies together, as the carrier's format has it. That lengths are in
// centimetres is ours.
func readParcel(o object) shipment.Parcel {
	p := shipment.Parcel{
		Copies:      1,
		PackageCode: o.text("packageCode"),
		Contents:    o.text("contents"),
		Reference:   o.text("reference"),
	}
	if copies, given := o.number("copies"); given {
		if copies != math.Trunc(copies) {
			o.fail(shipment.Invalid, o.at("copies"), "%s must be a whole number", o.at("copies"))
		}
		p.Copies = int(max(0, min(copies, shipment.MaxParcels+1)))
	}
	weight, given := o.quantity("weight", 1000)
	if o.read && !given && !o.failed(o.at("weight")) {
		o.fail(shipment.Required, o.at("weight"), "%s is required", o.at("weight"))
	}
	p.Weight = weight
	p.Volume, _ = o.quantity("volume", 1_000_000)
	p.Length, _ = o.quantity("length", 10)
	p.Width, _ = o.quantity("width", 10)
	p.Height, _ = o.quantity("height", 10)
	if o.read && o.fields["valuePerParcel"] == nil {
		o.warn(codeDefaulted, o.at("valuePerParcel"), "%s is missing and was read as false", o.at("valuePerParcel"))
	}
	if !o.truth("valuePerParcel", false) {
		p.Weight, p.Volume = share(p.Weight, p.Copies), share(p.Volume, p.Copies)
	}
	return p
}

// share divides a quantity of all copies among them, rounded up so that something never becomes nothing.
func share(quantity int64, copies int) int64 {
	if copies <= 1 {
		return quantity
	}
	return (quantity + int64(copies) - 1) / int64(copies)
}

// readCustoms reads what is declared of goods that leave the European Union.
func (r *orderRequest) readCustoms(o object) {
	if !o.read {
		return
	}
	customs := &shipment.Customs{
		Currency:    strings.ToUpper(o.text("currencyCode")),
		Reason:      strings.ToLower(o.text("importExportType")),
		Explanation: o.text("explanation"),
		Invoice:     o.text("invoiceNo"),
		Licence:     o.text("exportLicenseNo"),
		Certificate: o.text("certificate"),
		Comment:     o.text("generalNote1"),
		Declarant:   o.text("declarant"),
		Place:       o.text("declarantCity"),
	}
	for i, value := range o.array("lines", shipment.MaxCustomsItems+1) {
		item := readCustomsItem(o.reading.object(fmt.Sprintf("%s[%d]", o.at("lines"), i), value, lineFields...))
		customs.Items = append(customs.Items, item)
	}
	r.order.Customs = customs
}

// readCustomsItem turns kilograms into grams and amounts into hundredths. With valuesPerItem, weight and value are those of
// one of the copies.
func readCustomsItem(o object) shipment.CustomsItem {
	item := shipment.CustomsItem{Contents: o.text("contents"), Quantity: 1, Code: o.text("statNo"), Origin: strings.ToUpper(o.text("sourceCountryCode"))}
	if copies, given := o.quantity("copies", 1); given {
		item.Quantity = int(max(0, min(copies, shipment.MaxCustomsQuantity+1)))
	}
	item.Weight, _ = o.quantity("netWeight", 1000)
	item.Value, _ = o.quantity("value", 100)
	if o.truth("valuesPerItem", false) {
		most := int64(1) << 40 // far beyond what may be declared, so that no product is too large for its type
		item.Weight, item.Value = min(item.Weight, most)*int64(item.Quantity), min(item.Value, most)*int64(item.Quantity)
	}
	return item
}

// readMedia reads what the address labels are printed on. Targets 2 to 4 are for documents that are not made here, so they
// may say what they like.
func (r *orderRequest) readMedia(o object) {
	r.media = label.LaserA5
	if name := o.text("target1Media"); name != "" {
		media, printed := label.ParseMedia(name)
		if r.media = media; !printed {
			o.warn(codeMedia, o.at("target1Media"), "%s is not printed here; the label comes out as %s", shipment.Quote(name), media)
		}
	}
	asked := label.Target{Media: r.media}
	asked.Offset.X, _ = o.number("target1XOffset")
	asked.Offset.Y, _ = o.number("target1YOffset")
	bounded, _ := asked.Bounded()
	r.order.LabelOffset = bounded.Offset
	bound := func(name string, asked, bounded float64) {
		if asked != bounded {
			o.warn(codeReadAs, o.at(name), "%s was read as %v: labels are moved no farther than their margin", o.at(name), bounded)
		}
	}
	bound("target1XOffset", asked.Offset.X, bounded.Offset.X)
	bound("target1YOffset", asked.Offset.Y, bounded.Offset.Y)
}

// warning is what an order's sender should know although it was placed.
type warning struct {
	Code    shipment.Code `json:"code"`
	Path    string        `json:"path"`
	Message string        `json:"message"`
}

// warningsOf gives the problems that do not keep an order from being placed.
func warningsOf(problems []shipment.Problem) []warning {
	var warnings []warning
	for _, p := range problems {
		if p.Type == shipment.Ignorable {
			warnings = append(warnings, warning{Code: p.Code, Path: p.Path, Message: p.Message})
		}
	}
	return warnings
}

// orderAnswer is the one element of the array that answers an order. The versions differ in where it has the labels.
type orderAnswer struct {
	Href           string         `json:"href"`
	ID             string         `json:"id"`
	Status         string         `json:"status"`
	ShipmentNo     string         `json:"shipmentNo"`
	OrderNo        string         `json:"orderNo"`
	Reference      string         `json:"reference"`
	ServiceID      string         `json:"serviceId"`
	ParcelCount    int            `json:"parcelCount"`
	SndName        string         `json:"sndName"`
	SndZipcode     string         `json:"sndZipcode"`
	SndCity        string         `json:"sndCity"`
	SndCountry     string         `json:"sndCountry"`
	RcvName        string         `json:"rcvName"`
	RcvZipcode     string         `json:"rcvZipcode"`
	RcvCity        string         `json:"rcvCity"`
	RcvCountry     string         `json:"rcvCountry"`
	Created        orderTime      `json:"created"`
	Changed        orderTime      `json:"changed"`
	ShipDate       orderTime      `json:"shipDate"`
	NormalShipment bool           `json:"normalShipment"`
	ReturnShipment bool           `json:"returnShipment"`
	Consolidated   bool           `json:"consolidated"`
	Parcels        []parcelAnswer `json:"parcels"`
	PDFs           []labelAnswer  `json:"pdfs,omitempty"`   // of version 1
	Prints         []labelAnswer  `json:"prints,omitempty"` // of version 2
	Warnings       []warning      `json:"warnings,omitempty"`
}

// parcelAnswer tells a parcel's number. No order makes a return parcel along with the parcel, so that number is null.
type parcelAnswer struct {
	ParcelNo       string  `json:"parcelNo"`
	ReturnParcelNo *string `json:"returnParcelNo"`
	Reference      string  `json:"reference"`
}

// labelAnswer tells where the labels are, and holds them if the call asked for the file.
type labelAnswer struct {
	ID          string `json:"id"`
	Href        string `json:"href"`
	Description string `json:"description"`     // which shops show as the text of the link
	Media       string `json:"media,omitempty"` // of version 2
	PDFType     string `json:"pdf_type"`
	PDF         []byte `json:"pdf,omitempty"`  // of version 1; base64 in JSON, as is
	Data        []byte `json:"data,omitempty"` // of version 2
}

// orderTime is written in UTC with milliseconds.
type orderTime time.Time

// MarshalText writes the time as RFC 3339 has it.
func (t orderTime) MarshalText() ([]byte, error) {
	return []byte(time.Time(t).UTC().Format("2006-01-02T15:04:05.000Z07:00")), nil
}

// refusal is the body of every answer of the family that is an error.
type refusal struct {
	Message   string         `json:"message"`
	RequestID string         `json:"requestId"`
	Errors    []refusalError `json:"errors"`
}

type refusalError struct {
	Code    shipment.Code     `json:"code"`
	Path    string            `json:"path"`
	Message string            `json:"message"`
	Type    shipment.Severity `json:"type" enum:"error,ignorable"`
}

// newRefusal tells all problems of a call, of which the first is an error.
func newRefusal(requestID string, problems ...shipment.Problem) refusal {
	body := refusal{Message: problems[0].Message, RequestID: requestID, Errors: make([]refusalError, len(problems))}
	for i, p := range problems {
		body.Errors[i] = refusalError(p)
	}
	return body
}
