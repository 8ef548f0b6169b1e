package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"omapostipro/internal/caller"
	"omapostipro/internal/pickup"
	"omapostipro/internal/shipment"
)

// Transportation routes the carrier's pickup orders, under /transportation: messages in XML (POSTRA).
func (a *API) Transportation() http.Handler {
	f := family{a, a.refuseXML}
	r := f.router()
	r.Post("/v1/orders", f.to(byKeyOrToken(caller.ShippingAPI), a.orderPickups))
	return r
}

// The bounds of a message.
const (
	mostElements  = 20_000
	deepest       = 20
	mostShipments = 100
	mostTold      = 20 // problems
)

// resultAnswer is the answer to a message. What the carrier calls its root is not known; clients read what is in it.
type resultAnswer struct {
	XMLName xml.Name `xml:"response"`
	Result  string   `xml:"result"`
	Message string   `xml:"resultMessage"`
}

func writeResult(w http.ResponseWriter, status int, result, message string) {
	body, err := xml.Marshal(resultAnswer{Result: result, Message: message})
	if err != nil {
		panic(err) // texts can always be written
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(append([]byte(xml.Header), body...))
}

// refuseXML answers with all that is wrong, in the shape of the pickup orders.
func (a *API) refuseXML(w http.ResponseWriter, _ *http.Request, f failure) {
	f.headers(w)
	writeResult(w, f.status, "FAILURE", allTold(f))
}

// allTold is all that is wrong, in one line.
func allTold(f failure) string {
	var told []string
	for _, p := range f.problems[:min(len(f.problems), mostTold)] {
		text := string(p.Code) + ": " + p.Message
		if !slices.Contains(told, text) {
			told = append(told, text)
		}
	}
	if more := len(f.problems) - mostTold; more > 0 {
		told = append(told, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(told, "; ")
}

// orderPickups orders what a message says, all or nothing.
func (a *API) orderPickups(w http.ResponseWriter, r *http.Request, who caller.Caller) error {
	body, err := readXMLBody(w, r)
	if err != nil {
		return err
	}
	root, err := parseXML(body)
	if err != nil {
		return err
	}
	message, problems := readPostra(root, a.Now())
	if len(problems) > 0 {
		return invalid(problems)
	}
	message.Hash = sha256.Sum256(body)
	ordered, err := a.Pickups.OrderMessage(r.Context(), who.Actor(a.Origin(r.Context())), message)
	if err != nil {
		return err
	}
	writeResult(w, http.StatusOK, "SUCCESS", fmt.Sprintf("Pickups ordered: %d", ordered))
	return nil
}

var errXMLType = fail(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "Send the message as text/xml in UTF-8 or ISO-8859-1, not compressed.")

func failXML(format string, args ...any) failure {
	return fail(http.StatusBadRequest, "XML_DECODE_ERROR", fmt.Sprintf(format, args...))
}

// readXMLBody reads a message of at most maxBody bytes, and gives it in UTF-8 if its type says that it is not; else it says
// that itself. A type that is not said is XML.
func readXMLBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	said := r.Header.Get("Content-Type")
	kind, parameters, err := mime.ParseMediaType(said)
	if said != "" && (err != nil || kind != "text/xml" && kind != "application/xml") || isEncoded(r) {
		return nil, errXMLType
	}
	charset := parameters["charset"]
	if !knownCharset(charset) {
		return nil, errXMLType
	}
	body, err := readAll(w, r, maxBody)
	if err != nil && !isFailure(err) {
		return nil, failXML("The message ended before all of it was sent")
	}
	if err != nil {
		return nil, err
	}
	if latin(charset) && !bytes.Contains(body[:min(len(body), 100)], []byte("encoding=")) {
		return charmap.ISO8859_1.NewDecoder().Bytes(body)
	}
	return body, nil
}

func latin(charset string) bool {
	return strings.EqualFold(charset, "iso-8859-1") || strings.EqualFold(charset, "latin1")
}

// knownCharset says whether a body may be in a charset; without one it says itself, or is UTF-8.
func knownCharset(charset string) bool {
	_, err := charsetReader(charset, nil)
	return charset == "" || err == nil
}

// charsetReader knows the charsets that bodies may be in.
func charsetReader(charset string, input io.Reader) (io.Reader, error) {
	switch {
	case strings.EqualFold(charset, "utf-8"), strings.EqualFold(charset, "utf8"), strings.EqualFold(charset, "us-ascii"):
		return input, nil
	case latin(charset):
		return charmap.ISO8859_1.NewDecoder().Reader(input), nil
	default:
		return nil, fmt.Errorf("the charset %s is not read here: send UTF-8", shipment.Quote(charset))
	}
}

// element is one of a message.
type element struct {
	name     string
	attrs    []xml.Attr
	text     strings.Builder
	children []*element
}

// parseXML reads a message. What could grow beyond its text, or be read from elsewhere, is refused: a DOCTYPE, and with it
// entities of one's own; so is one that is too deep or of too many elements.
func parseXML(body []byte) (*element, error) {
	decoder := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, byteOrderMark)))
	decoder.CharsetReader = charsetReader
	var root *element
	var open []*element
	for count := 0; ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			line, column := decoder.InputPos()
			return nil, failXML("The message is not valid XML at line %d, column %d: %s", line, column, shipment.Shorten(strings.TrimPrefix(err.Error(), "XML syntax error on ")))
		}
		switch token := token.(type) {
		case xml.Directive:
			return nil, failXML("A message has no DOCTYPE")
		case xml.StartElement:
			if count++; count > mostElements || len(open) == deepest || len(token.Attr) > deepest {
				return nil, failXML("A message has at most %d elements, %d deep, with %d attributes each", mostElements, deepest, deepest)
			}
			if len(open) == 0 && root != nil {
				return nil, failXML("A message has one root")
			}
			next := &element{name: token.Name.Local, attrs: token.Attr}
			if len(open) == 0 {
				root = next
			} else {
				parent := open[len(open)-1]
				parent.children = append(parent.children, next)
			}
			open = append(open, next)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				open[len(open)-1].text.Write(token)
			}
		}
	}
	if root == nil {
		return nil, failXML("The message is empty")
	}
	return root, nil
}

// all gives the elements at the end of a path of names. Of an element that is nil there are none.
func (e *element) all(path ...string) []*element {
	if e == nil {
		return nil
	}
	if len(path) == 0 {
		return []*element{e}
	}
	var found []*element
	for _, child := range e.children {
		if child.name == path[0] {
			found = append(found, child.all(path[1:]...)...)
		}
	}
	return found
}

// first gives the first of all, or nil.
func (e *element) first(path ...string) *element {
	if found := e.all(path...); len(found) > 0 {
		return found[0]
	}
	return nil
}

// value gives the text of an element, trimmed; "" of none.
func (e *element) value(path ...string) string {
	found := e.first(path...)
	if found == nil {
		return ""
	}
	return strings.TrimSpace(found.text.String())
}

func (e *element) attr(name string) string {
	if e != nil {
		for _, attr := range e.attrs {
			if attr.Name.Local == name {
				return strings.TrimSpace(attr.Value)
			}
		}
	}
	return ""
}

// postraReading reads a message, and collects all that is wrong in it, each by the name that it has there.
type postraReading struct{ problems []shipment.Problem }

func (r *postraReading) fail(code shipment.Code, path, format string, args ...any) {
	r.problems = append(r.problems, shipment.Problem{Code: code, Path: path, Message: path + " " + fmt.Sprintf(format, args...), Type: shipment.Error})
}

// failed says whether something is told already of what is at a path, or of what it stands in.
func (r *postraReading) failed(path string) bool {
	return slices.ContainsFunc(r.problems, func(p shipment.Problem) bool { return path == p.Path || strings.HasPrefix(path, p.Path+".") })
}

// readPostra reads what a message that comes now orders.
func readPostra(root *element, now time.Time) (message pickup.Message, problems []shipment.Problem) {
	r := &postraReading{}
	if root.name != "Postra" {
		r.fail(shipment.Invalid, "Postra", "must be the root, not %s", shipment.Quote(root.name))
		return message, r.problems
	}
	if action := root.value("Header", "MessageAction"); action != "PICKUP_ORDER" {
		r.fail(shipment.Invalid, "Header.MessageAction", "must be PICKUP_ORDER, not %s", shipment.Quote(action))
	}
	shipments := root.all("Shipments", "Shipment")
	if len(shipments) == 0 || len(shipments) > mostShipments {
		r.fail(shipment.Invalid, "Shipments", "must have 1 to %d Shipment", mostShipments)
	}
	for i, sent := range shipments[:min(len(shipments), mostShipments)] {
		message.Shipments = append(message.Shipments, r.shipment(sent, fmt.Sprintf("Shipment[%d].", i)))
	}
	for _, problem := range message.Check(now) {
		if !r.failed(problem.Path) {
			r.problems = append(r.problems, problem)
		}
	}
	return message, r.problems
}

// The parties of a shipment that are read.
const (
	consignor = "Parties.Party[CONSIGNOR]"
	payer     = "Parties.Party[PAYER]"
)

// postraNames are what a message calls the fields of a pickup, in a shipment.
var postraNames = map[string]string{
	"date": "PickupDate", "earliest": "PickupDate@timeEarliest", "latest": "PickupDate@timeLatest", "instructions": "Instructions",
	"address.name": consignor + ".Name1", "address.street": consignor + ".Location.Street1", "address.postcode": consignor + ".Location.Postcode",
	"address.city": consignor + ".Location.City", "address.country": consignor + ".Location.Country",
	"address.phone": consignor + ".ContactChannel", "address.email": consignor + ".ContactChannel",
	"trackingNumbers": "ShipmentNumber", "trackingNumbers[0]": "ShipmentNumber",
	"packages": "GoodsItems.GoodsItem.PackageQuantity", "packageType": "GoodsItems.GoodsItem.PackageQuantity@type",
}

func (r *postraReading) shipment(sent *element, path string) pickup.Paid {
	named := func(field string) string { return path + postraNames[field] }
	wanted := pickup.Paid{Named: named}
	if code := sent.value("MessageFunctionCode"); code != "" && code != "ORIGINAL" {
		r.fail(shipment.Invalid, path+"MessageFunctionCode", "must be ORIGINAL, not %s", shipment.Quote(code))
	}
	kind := sent.value("PickupOrderType")
	switch {
	case kind == "":
		r.fail(shipment.Required, path+"PickupOrderType", "is required, as PICKUP")
	case utf8.RuneCountInString(kind) > pickup.MaxNumberLength:
		r.fail(shipment.TooLong, path+"PickupOrderType", "has more than %d characters", pickup.MaxNumberLength)
	}
	r.readDay(sent, named, &wanted)
	var instructions []string
	for _, instruction := range sent.all("Instructions", "Instruction") {
		instructions = append(instructions, strings.TrimSpace(instruction.text.String()))
	}
	if wanted.Instructions = strings.Join(instructions, "\n"); wanted.Instructions == "" {
		wanted.Instructions = sent.value("Instructions")
	}
	customer := r.readParties(sent, path, &wanted)
	for _, quantity := range sent.all("GoodsItems", "GoodsItem", "PackageQuantity") {
		count, err := strconv.Atoi(strings.TrimSpace(quantity.text.String()))
		if at := named("packages"); (err != nil || count < 1 || count > pickup.MaxPackages) && !r.failed(at) {
			r.fail(shipment.Invalid, at, "must be 1 to %d", pickup.MaxPackages)
		}
		wanted.Packages = min(wanted.Packages+max(count, 0), pickup.MaxPackages)
		wanted.PackageType = pickup.Joined(wanted.PackageType, quantity.attr("type"))
	}
	if number := pickup.ShipmentNumber(sent.value("ShipmentNumber")); number != "" {
		if sentUnder := trackedContract.FindStringSubmatch(number); customer && sentUnder != nil {
			wanted.SentUnder = sentUnder[1]
		}
		wanted.Numbers = []string{number}
		wanted.Told = []pickup.Told{{Number: number, OrderType: kind, Earliest: wanted.Earliest, Latest: wanted.Latest, Packages: wanted.Packages, PackageType: wanted.PackageType}}
	}
	return wanted
}

// readDay reads the day and the hours, which are of that day.
func (r *postraReading) readDay(sent *element, named func(string) string, into *pickup.Paid) {
	text := sent.value("PickupDate")
	if text == "" {
		return
	}
	day, ok := pickup.Day(text)
	if !ok {
		r.fail(shipment.Invalid, named("date"), "must be a day, as 2026-11-30")
		return
	}
	hour := func(field, name string) time.Time {
		given := sent.first("PickupDate").attr(name)
		at, ok := pickup.Time(day, given)
		if !ok && given != "" {
			r.fail(shipment.Invalid, named(field), "must be a time, as 08:00:00+02:00")
		}
		return at
	}
	into.Day, into.Earliest, into.Latest = day, hour("earliest", "timeEarliest"), hour("latest", "timeLatest")
}

// readParties reads where it is fetched, and who pays: it says whether that is told by a customer's number.
func (r *postraReading) readParties(sent *element, path string, into *pickup.Paid) (customer bool) {
	there := map[string]bool{}
	for _, party := range sent.all("Parties", "Party") {
		role := party.attr("role")
		switch there[role] = true; role {
		case "CONSIGNOR":
			into.Address = pickup.Address{Name: party.value("Name1"), Street: party.value("Location", "Street1"), Postcode: party.value("Location", "Postcode"),
				City: party.value("Location", "City"), Country: strings.ToUpper(party.value("Location", "Country"))}
			for _, contact := range party.all("ContactChannel") {
				switch contact.attr("channel") {
				case "EMAIL":
					into.Address.Email = strings.TrimSpace(contact.text.String())
				case "MOBILE", "PHONE":
					into.Address.Phone = strings.TrimSpace(contact.text.String())
				}
			}
		case "PAYER":
			into.Contract, customer = payerAccount(party)
		}
	}
	if !there["CONSIGNOR"] {
		r.fail(shipment.Required, path+consignor, "is required: where it is fetched")
	}
	switch {
	case !there["PAYER"]:
		r.fail(shipment.Required, path+payer, "is required: who pays")
	case into.Contract == "":
		r.fail(shipment.Required, path+payer+".Account", "is required: the number of the contract that pays")
	}
	return customer
}

// trackedContract finds the contract number in a tracking number.
var trackedContract = regexp.MustCompile(`^JJFI(\d{6})\d{11}$`)

// payerAccount gives the contract number that pays: the account that is invoiced, else the customer's, else any. It says
// whether that is the customer's, which a shop's module fills in by the country.
func payerAccount(party *element) (number string, customer bool) {
	accounts := append(party.all("Account"), party.all("Accounts", "Account")...)
	for _, kind := range []string{"SAP_INVOICE", "SAP_CUSTOMER", ""} {
		for _, account := range accounts {
			if text := strings.TrimSpace(account.text.String()); text != "" && (kind == "" || account.attr("type") == kind) {
				return text, account.attr("type") == "SAP_CUSTOMER"
			}
		}
	}
	return "", false
}
