package shipment

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Code says what is wrong with an order.
type Code string

// The codes of errors, as the carrier's documentation and this product's name them.
const (
	Required             Code = "REQUIRED"
	Invalid              Code = "INVALID"
	TooLong              Code = "TOO_LONG"
	ServiceUnknown       Code = "SERVICE_UNKNOWN"
	AddOnNotAllowed      Code = "ADDON_NOT_ALLOWED"
	AddOnConflict        Code = "ADDON_CONFLICT"
	AddOnPropertyMissing Code = "ADDON_PROPERTY_MISSING"
	RouteNotAllowed      Code = "ROUTE_NOT_ALLOWED"
	PostcodeInvalid      Code = "POSTCODE_INVALID"
	PickupPointUnknown   Code = "PICKUP_POINT_UNKNOWN"
	PickupPointInactive  Code = "E41"
)

// Severity says whether a problem keeps an order from being placed.
type Severity string

// The severities.
const (
	Error     Severity = "error"
	Ignorable Severity = "ignorable" // the order can be placed; its sender should know all the same
)

// Problem is one thing that is wrong with an order. The message is English, for whoever wrote the program that sent it.
type Problem struct {
	Code    Code
	Path    string
	Message string
	Type    Severity
}

// Refuses says whether any of the problems keeps an order from being placed.
func Refuses(problems []Problem) bool {
	return slices.ContainsFunc(problems, func(p Problem) bool { return p.Type == Error })
}

// Validate checks an order against the catalogue and gives all its problems at once. Whether the sender may use the contract
// is not asked here.
func Validate(o Order) []Problem {
	v := validation{order: o}
	v.service, v.known = LookupService(o.Service)
	v.known = v.known && v.service.ID == o.Service
	v.checkContract()
	v.checkService()
	v.checkParty("sender", o.Sender, false, false)
	v.checkParty("receiver", o.Receiver, v.needsAddress(), o.NeedsMobile())
	v.checkRoute()
	v.checkPickupPoint()
	v.checkAddOns()
	v.text("orderNo", o.OrderNo, MaxOrderNo)
	v.text("senderReference", o.SenderReference, MaxSenderReference)
	v.text("freeText1", o.FreeText, MaxFreeText)
	v.checkParcels()
	v.checkCustoms()
	return v.problems
}

type validation struct {
	order    Order
	service  Service
	known    bool // that the service is in the catalogue
	problems []Problem
}

func (v *validation) add(code Code, path, format string, args ...any) {
	v.problems = append(v.problems, Problem{Code: code, Path: path, Message: fmt.Sprintf(format, args...), Type: Error})
}

// Shorten cuts a word of the sender's to what a message or path can hold.
func Shorten(text string) string {
	const longest = 40
	characters := 0
	for i := range text {
		if characters == longest {
			return text[:i] + "…"
		}
		characters++
	}
	return text
}

// Quote shows a word of the sender's in a message.
func Quote(text string) string { return "'" + Shorten(text) + "'" }

// required checks a text that must be there, and says whether it is there and in order.
func (v *validation) required(path, text string, longest int) bool {
	if !strings.ContainsFunc(text, visible) {
		v.add(Required, path, "%s is required", path)
		return false
	}
	return v.text(path, text, longest)
}

// text checks a text that may be empty, and says whether it is in order.
func (v *validation) text(path, text string, longest int) bool {
	if n := utf8.RuneCountInString(text); n > longest {
		v.add(TooLong, path, "%s has %d characters; at most %d are allowed", path, n, longest)
		return false
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unprintable) {
		v.add(Invalid, path, "%s has a character that cannot be printed", path)
		return false
	}
	return true
}

// visible finds what leaves ink on paper, unlike spaces, joiners and marks of direction.
func visible(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }

// unprintable finds control characters, line and paragraph separators, and what stands for bytes that were no text.
func unprintable(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError
}

var contractNumber = regexp.MustCompile(`^\d{6}$`)

// WellFormed says whether the contract's number can be looked for at all.
func (c Contract) WellFormed() bool { return contractNumber.MatchString(c.Number) }

func (v *validation) checkContract() {
	contract := v.order.Contract
	if v.required("senderPartners.custNo", contract.Number, MaxName) && !contract.WellFormed() {
		v.add(Invalid, "senderPartners.custNo", "a contract number is six digits, not %s", Quote(contract.Number))
	}
	switch {
	case !v.required("senderPartners.id", string(contract.Partner), MaxName):
	case contract.Partner.ContractKind() == "":
		v.add(Invalid, "senderPartners.id", "the partner is %s or %s, not %s", PartnerPosti, PartnerFreight, Quote(string(contract.Partner)))
	case v.known && contract.Partner != v.service.Partner:
		v.add(Invalid, "senderPartners.id", "Service '%s' needs the partner %s, not %s", v.service.ID, v.service.Partner, contract.Partner)
	}
}

func (v *validation) checkService() {
	if v.required("service.id", v.order.Service, MaxName) && !v.known {
		v.add(ServiceUnknown, "service.id", "Service %s is unknown", Quote(v.order.Service))
	}
}

func (v *validation) needsAddress() bool {
	return v.known && v.service.Destination != ToSender && !v.order.Fetched()
}

// NeedsMobile says whether the receiver's mobile number is needed: the service sends a message to it.
func (o Order) NeedsMobile() bool {
	service, known := LookupService(o.Service)
	return known && service.ID == o.Service && (service.Mobile == MobileNeeded || service.Mobile == MobileWithPickupPoint && o.PickupPoint != "")
}

var phoneForm = regexp.MustCompile(`^\+?[0-9 ()./-]+$`)

// isPhone accepts any usual way of writing a telephone number, of 5 to 17 digits.
func isPhone(text string) bool {
	digits := 0
	for _, c := range text {
		if '0' <= c && c <= '9' {
			digits++
		}
	}
	return phoneForm.MatchString(text) && digits >= 5 && digits <= 17
}

// IsMobile says whether a telephone number, written in any usual way, can be that of a mobile telephone: it begins as they do
// in Finland, or it is abroad.
func IsMobile(text string) bool {
	number := strings.Map(func(c rune) rune {
		if c == '+' || '0' <= c && c <= '9' {
			return c
		}
		return -1
	}, text)
	if abroad, ok := strings.CutPrefix(number, "00"); ok {
		number = "+" + abroad
	}
	if finnish, ok := strings.CutPrefix(number, "+358"); ok {
		number = "0" + strings.TrimPrefix(finnish, "0") // +358 (0)40 …
	}
	return isPhone(text) && (strings.HasPrefix(number, "04") || strings.HasPrefix(number, "050") || strings.HasPrefix(number, "+"))
}

func isEmail(text string) bool {
	address, err := mail.ParseAddress(text)
	return err == nil && address.Address == text
}

func (v *validation) checkParty(path string, p Party, needsAddress, needsMobile bool) {
	at := func(field string) string { return path + "." + field }
	v.required(at("name"), p.Name, MaxName)
	if p.Address1 == "" && needsAddress {
		v.add(Required, at("address1"), "%s is required: service '%s' goes to the address", at("address1"), v.service.ID)
	} else {
		v.text(at("address1"), p.Address1, MaxAddress)
	}
	v.text(at("address2"), p.Address2, MaxAddress)
	v.checkPostcode(at("zipcode"), p)
	v.required(at("city"), p.City, MaxCity)
	if v.required(at("country"), p.Country, MaxName) && !IsCountry(p.Country) {
		v.add(Invalid, at("country"), "%s is not a country code of ISO 3166, as FI is", Quote(p.Country))
	}
	if v.text(at("phone"), p.Phone, MaxPhone) && p.Phone != "" && !isPhone(p.Phone) {
		v.add(Invalid, at("phone"), "%s is not a telephone number", Quote(p.Phone))
	}
	switch {
	case p.Mobile == "" && needsMobile && v.service.Mobile == MobileWithPickupPoint:
		v.add(Required, at("mobile"), "%s is required: service '%s' with a pickup point sends a message to it", at("mobile"), v.service.ID)
	case p.Mobile == "" && needsMobile:
		v.add(Required, at("mobile"), "%s is required by service '%s'", at("mobile"), v.service.ID)
	case v.text(at("mobile"), p.Mobile, MaxPhone) && p.Mobile != "" && !isPhone(p.Mobile):
		v.add(Invalid, at("mobile"), "%s is not a telephone number", Quote(p.Mobile))
	}
	if v.text(at("email"), p.Email, MaxEmail) && p.Email != "" && !isEmail(p.Email) {
		v.add(Invalid, at("email"), "%s is not an e-mail address", Quote(p.Email))
	}
}

func (v *validation) checkPostcode(path string, p Party) {
	switch {
	case p.Postcode == "" && !hasPostcodes(p.Country):
	case !v.required(path, p.Postcode, MaxPostcode):
	case !isPostcode(p.Country, p.Postcode):
		v.add(PostcodeInvalid, path, "%s is not a postcode of %s", Quote(p.Postcode), Quote(p.Country))
	}
}

// route names where an order goes from and to, as the carrier writes it.
func (o Order) route() string {
	end := func(country string) string {
		if !IsCountry(country) {
			return "?"
		}
		return country
	}
	return end(o.Sender.Country) + "-" + end(o.Receiver.Country)
}

func (v *validation) checkRoute() {
	if !v.known {
		return
	}
	check := func(path, country string, area Area) {
		if IsCountry(country) && !area.Contains(country) {
			v.add(RouteNotAllowed, path, "Service '%s' cannot be used on route %s: it is for %s", v.service.ID, v.order.route(), v.service.Route)
		}
	}
	check("sender.country", v.order.Sender.Country, v.service.Route.From)
	check("receiver.country", v.order.Receiver.Country, v.service.Route.To)
}

var finnishPickupPoint = regexp.MustCompile(`^\d{9}$`)

// checkPickupPoint knows the Finnish points only; of points abroad the code may be any.
func (v *validation) checkPickupPoint() {
	code := v.order.PickupPoint
	switch {
	case !v.text("agent.quickId", code, MaxPickupPoint) || code == "":
	case v.known && !v.service.TakesPickupPoint():
		v.add(Invalid, "agent.quickId", "Service '%s' does not go to a pickup point", v.service.ID)
	case v.known && !v.order.TakesPickupPoint():
		v.add(Invalid, "agent.quickId", "Service '%s' with '%s' goes to the address, not to a pickup point", v.service.ID, homeDelivery)
	case Finland.Contains(v.order.Receiver.Country) && !finnishPickupPoint.MatchString(code):
		v.add(Invalid, "agent.quickId", "a pickup point's code is nine digits, not %s", Quote(code))
	case Finland.Contains(v.order.Receiver.Country):
		v.checkKnownPoint(code)
	default:
		v.text("agent.name", v.order.PickupAddress.Name, MaxName)
		v.text("agent.address1", v.order.PickupAddress.Address1, MaxAddress)
		v.text("agent.zipcode", v.order.PickupAddress.Postcode, MaxPostcode)
		v.text("agent.city", v.order.PickupAddress.City, MaxCity)
	}
}

func (v *validation) checkAddOns() {
	seen := map[string]bool{}
	for i, ordered := range v.order.AddOns {
		path := fmt.Sprintf("service.addons[%d]", i)
		if !v.required(path+".id", ordered.ID, MaxName) {
			continue
		}
		addOn, known := LookupAddOn(ordered.ID)
		known = known && addOn.ID == ordered.ID
		switch {
		case seen[ordered.ID]:
			v.add(AddOnConflict, path+".id", "Additional service %s is given twice", Quote(ordered.ID))
			continue
		case !known:
			v.add(AddOnNotAllowed, path+".id", "Additional service %s is not known", Quote(ordered.ID))
		case v.known && !v.service.Allows(addOn.ID):
			v.add(AddOnNotAllowed, path+".id", "Additional service %s cannot be used together with service %s on route %s",
				Quote(ordered.ID), Quote(v.order.Service), v.order.route())
		}
		for _, other := range rivals(ordered.ID) {
			if seen[other] {
				v.add(AddOnConflict, path+".id", "Additional services '%s' and '%s' cannot be used together", other, ordered.ID)
			}
		}
		seen[ordered.ID] = true
		for _, property := range addOn.Needs {
			if !ordered.has(property) {
				v.add(AddOnPropertyMissing, path+"."+string(property), "Additional service '%s' is missing '%s', which it needs", addOn.ID, property)
			}
		}
		v.checkProperties(path, ordered)
	}
}

func (v *validation) checkProperties(path string, a OrderedAddOn) {
	if a.Amount != nil && *a.Amount <= 0 {
		v.add(Invalid, path+".amount", "the amount must be above 0")
	} else if a.Amount != nil && *a.Amount > MaxCashOnDelivery {
		v.add(Invalid, path+".amount", "the amount must be at most %d euro", MaxCashOnDelivery/100)
	}
	if a.Currency != "" && a.Currency != "EUR" {
		v.add(Invalid, path+".currencyCode", "amounts are in EUR, not in %s", Quote(a.Currency))
	}
	if a.Account != "" && !isIBAN(a.Account) {
		v.add(Invalid, path+".account", "%s is not an IBAN: its form or its check digits are wrong", Quote(a.Account))
	}
	if a.Reference != "" && !isPaymentReference(a.Reference) {
		v.add(Invalid, path+".reference", "%s is not a Finnish reference number or an RF creditor reference: its form or its check digit is wrong", Quote(a.Reference))
	}
}

// checkParcels looks at no more parcels than an order may have, so that what it says stays readable.
func (v *validation) checkParcels() {
	parcels := v.order.Parcels
	if len(parcels) == 0 {
		v.add(Required, "parcels", "parcels are required: 1 to %d", MaxParcels)
	}
	if len(parcels) > MaxParcels || v.order.ParcelCount() > MaxParcels {
		v.add(Invalid, "parcels", "an order has 1 to %d parcels, copies counted", MaxParcels)
	}
	for i, p := range parcels[:min(len(parcels), MaxParcels)] {
		v.checkParcel(fmt.Sprintf("parcels[%d]", i), p)
	}
}

func (v *validation) checkParcel(path string, p Parcel) {
	if p.Copies < 1 {
		v.add(Invalid, path+".copies", "copies must be 1 or more")
	}
	switch {
	case p.Weight <= 0:
		v.add(Invalid, path+".weight", "the weight must be above 0, which is 1 gram or more")
	case v.known && p.Weight > v.service.MaxWeight:
		v.add(Invalid, path+".weight", "service '%s' takes parcels of at most %d kg, not of %s kg", v.service.ID, v.service.MaxWeight/kilo, kilograms(p.Weight))
	}
	for _, size := range []struct {
		field string
		value int64
		most  int64
		text  string
	}{
		{".length", p.Length, MaxLength, "100 metres"},
		{".width", p.Width, MaxLength, "100 metres"},
		{".height", p.Height, MaxLength, "100 metres"},
		{".volume", p.Volume, MaxVolume, "1000 cubic metres"},
	} {
		if size.value < 0 || size.value > size.most {
			v.add(Invalid, path+size.field, "the %s must be between 0 and %s", size.field[1:], size.text)
		}
	}
	v.text(path+".packageCode", p.PackageCode, MaxPackageCode)
	v.text(path+".contents", p.Contents, MaxContents)
	v.text(path+".reference", p.Reference, MaxReference)
}

func kilograms(grams int64) string {
	return strconv.FormatFloat(float64(grams)/kilo, 'f', -1, 64)
}
