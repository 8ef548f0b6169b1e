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
	err = a.Pickups.OrderMessage(r.Context(), who.Actor(a.Origin(r.Context())), message)
	if err != nil {
		return err
	}
	writeResult(w, http.StatusOK, "SUCCESS", fmt.Sprintf("Pickups ordered: %d", len(message.Pickups)))
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

// readPostra reads the pickups of a message. Shipments that are fetched at one place, in the same hours and with the same
// words, are one pickup.
func readPostra(root *element, now time.Time) (message pickup.Message, problems []shipment.Problem) {
	fail := func(code shipment.Code, path, format string, args ...any) {
		problems = append(problems, shipment.Problem{Code: code, Path: path, Message: path + " " + fmt.Sprintf(format, args...), Type: shipment.Error})
	}
	if root.name != "Postra" {
		fail(shipment.Invalid, "Postra", "must be the root, not %s", shipment.Quote(root.name))
		return message, problems
	}
	if action := root.value("Header", "MessageAction"); action != "PICKUP_ORDER" {
		fail(shipment.Invalid, "Header.MessageAction", "must be PICKUP_ORDER, not %s", shipment.Quote(action))
	}
	shipments := root.all("Shipments", "Shipment")
	if len(shipments) == 0 || len(shipments) > mostShipments {
		fail(shipment.Invalid, "Shipments", "must have 1 to %d Shipment", mostShipments)
	}
	for i, sent := range shipments[:min(len(shipments), mostShipments)] {
		path := fmt.Sprintf("Shipment[%d].", i)
		wanted := readPostraShipment(sent, path, fail)
		if wanted.Contract == "" {
			fail(shipment.Required, path+"Parties", "must have a Party of role PAYER with an Account: its contract number")
		}
		problems = append(problems, wanted.Check(now, path)...)
		at := slices.IndexFunc(message.Pickups, func(other pickup.Paid) bool {
			return other.Contract == wanted.Contract && other.SentUnder == wanted.SentUnder && other.Earliest.Equal(wanted.Earliest) && other.Latest.Equal(wanted.Latest) &&
				other.Instructions == wanted.Instructions && other.Address == wanted.Address
		})
		if at < 0 {
			message.Pickups = append(message.Pickups, wanted)
			continue
		}
		addShipment(&message.Pickups[at], wanted)
	}
	return message, problems
}

// addShipment adds what a message tells of a shipment to a pickup. A number that it tells of twice has the packages of both.
// Of types of packages there are as many as a pickup can have.
func addShipment(to *pickup.Paid, more pickup.Paid) {
	to.Packages = min(to.Packages+more.Packages, pickup.MaxPackages)
	addTypes(&to.PackageType, more.PackageType)
	for i, told := range more.Told {
		at := slices.IndexFunc(to.Told, func(other pickup.Told) bool { return other.Number == told.Number })
		if at < 0 {
			to.Numbers, to.Told, to.At = append(to.Numbers, told.Number), append(to.Told, told), append(to.At, more.At[i])
			continue
		}
		same := &to.Told[at]
		same.Packages = min(same.Packages+told.Packages, pickup.MaxPackages)
		addTypes(&same.PackageType, told.PackageType)
	}
}

func addTypes(to *string, more string) {
	if both := joined(*to, more); utf8.RuneCountInString(both) <= pickup.MaxNumberLength {
		*to = both
	}
}

// joined gives the words of both texts, each once.
func joined(text, more string) string {
	words := strings.Fields(text)
	for word := range strings.FieldsSeq(more) {
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

func readPostraShipment(sent *element, path string, fail func(code shipment.Code, path, format string, args ...any)) pickup.Paid {
	var wanted pickup.Paid
	if code := sent.value("MessageFunctionCode"); code != "" && code != "ORIGINAL" {
		fail(shipment.Invalid, path+"MessageFunctionCode", "must be ORIGINAL, not %s", shipment.Quote(code))
	}
	kind := sent.value("PickupOrderType")
	switch {
	case kind == "":
		fail(shipment.Required, path+"PickupOrderType", "is required, as PICKUP")
	case utf8.RuneCountInString(kind) > pickup.MaxNumberLength:
		fail(shipment.TooLong, path+"PickupOrderType", "has more than %d characters", pickup.MaxNumberLength)
	}
	date := sent.first("PickupDate")
	if text := sent.value("PickupDate"); text != "" {
		day, ok := pickup.Day(text)
		if !ok {
			fail(shipment.Invalid, path+"PickupDate", "must be a day, as 2026-11-30")
			day = time.Time{}
		}
		wanted.Day = day
		hour := func(name string) time.Time {
			at, ok := pickup.Time(day, date.attr(name))
			if !ok && !wanted.Day.IsZero() {
				fail(shipment.Invalid, path+"PickupDate@"+name, "must be a time, as 08:00:00+02:00")
			}
			return at
		}
		wanted.Earliest, wanted.Latest = hour("timeEarliest"), hour("timeLatest")
	}
	var instructions []string
	for _, instruction := range sent.all("Instructions", "Instruction") {
		instructions = append(instructions, strings.TrimSpace(instruction.text.String()))
	}
	if wanted.Instructions = strings.Join(instructions, "\n"); wanted.Instructions == "" {
		wanted.Instructions = sent.value("Instructions")
	}
	customer := false
	for _, party := range sent.all("Parties", "Party") {
		switch party.attr("role") {
		case "CONSIGNOR":
			wanted.Address = pickup.Address{Name: party.value("Name1"), Street: party.value("Location", "Street1"), Postcode: party.value("Location", "Postcode"),
				City: party.value("Location", "City"), Country: strings.ToUpper(party.value("Location", "Country"))}
			for _, contact := range party.all("ContactChannel") {
				switch contact.attr("channel") {
				case "EMAIL":
					wanted.Address.Email = strings.TrimSpace(contact.text.String())
				case "MOBILE", "PHONE":
					wanted.Address.Phone = strings.TrimSpace(contact.text.String())
				}
			}
		case "PAYER":
			wanted.Contract, customer = payerAccount(party)
		}
	}
	for _, quantity := range sent.all("GoodsItems", "GoodsItem", "PackageQuantity") {
		count, err := strconv.Atoi(strings.TrimSpace(quantity.text.String()))
		if err != nil || count < 1 || count > pickup.MaxPackages {
			fail(shipment.Invalid, path+"PackageQuantity", "must be 1 to %d", pickup.MaxPackages)
			continue
		}
		wanted.Packages = min(wanted.Packages+count, pickup.MaxPackages)
		wanted.PackageType = joined(wanted.PackageType, quantity.attr("type"))
	}
	if number := sent.value("ShipmentNumber"); number != "" {
		if sentUnder := trackedContract.FindStringSubmatch(number); customer && sentUnder != nil {
			wanted.SentUnder = sentUnder[1]
		}
		wanted.Numbers = []string{number}
		wanted.Told = []pickup.Told{{Number: number, OrderType: kind, Earliest: wanted.Earliest, Latest: wanted.Latest, Packages: wanted.Packages, PackageType: wanted.PackageType}}
		wanted.At = []string{path + "ShipmentNumber"}
	}
	return wanted
}

// trackedContract finds the contract number in a tracking number; a shop's module writes a letter after it.
var trackedContract = regexp.MustCompile(`^JJFI(\d{6})\d{11}`)

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
