package shipment

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"omapostipro/internal/account"
)

// section3 is what testdata/api-section-3.md, a copy of the API's description, says of the services and additional services.
type section3 struct {
	rows    []section3Row
	returns map[string]string   // service → return service
	allowed map[string][]string // service → additional services
	text    string
}

type section3Row struct {
	ids                       []string
	name, notes, route, hours string
	kilos                     string
}

func readSection3(t *testing.T) section3 {
	t.Helper()
	data, err := os.ReadFile("testdata/api-section-3.md")
	if err != nil {
		t.Fatal(err)
	}
	s := section3{returns: map[string]string{}, allowed: map[string][]string{}, text: strings.Join(strings.Fields(string(data)), " ")}
	serviceID := regexp.MustCompile(`\b(PO\d{4}|IT[A-Z0-9]+)\b`)
	for line := range strings.Lines(string(data)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) < 4 {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		services := serviceID.FindAllString(cells[1], -1)
		switch {
		case len(services) == 0: // a head
		case len(cells) == 4:
			for _, id := range services {
				s.allowed[id] = strings.Fields(cells[2])
			}
		default:
			for i, part := range strings.Split(cells[1], " / ") { // there and back
				row := section3Row{ids: serviceID.FindAllString(part, -1), name: cells[2], notes: cells[3], kilos: cells[4], route: cells[5], hours: cells[6]}
				if routes := strings.Split(cells[5], " / "); len(routes) > 1 {
					row.route = routes[i]
				}
				s.rows = append(s.rows, row)
			}
		}
	}
	list := regexp.MustCompile(`Returns: ([^.]*)\.`).FindStringSubmatch(s.text)[1]
	for pair := range strings.SplitSeq(list, ", ") {
		from, to, _ := strings.Cut(pair, "→")
		for id := range strings.SplitSeq(from, "/") {
			s.returns["PO"+id] = "PO" + to
		}
	}
	return s
}

// nth gives the value of the nth of a row's services from a cell that has one for all or one for each.
func nth(cell string, n int) string {
	if values := strings.Split(cell, ", "); len(values) > 1 {
		return values[n]
	}
	return cell
}

func TestCatalogueIsSection3(t *testing.T) {
	section := readSection3(t)
	heaviest := map[string]int64{}
	for _, row := range section.rows {
		for i, id := range row.ids {
			kilos, err := strconv.ParseInt(nth(row.kilos, i), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			heaviest[id] = max(heaviest[id], kilos) // PO2358 stands in two rows
		}
	}
	for _, row := range section.rows {
		for i, id := range row.ids {
			s, ok := LookupService(id)
			if !ok {
				t.Errorf("%s is not in the catalogue", id)
				continue
			}
			if s.MaxWeight != heaviest[id]*kilo {
				t.Errorf("%s takes %d g, want %d kg", id, s.MaxWeight, heaviest[id])
			}
			if s.Route.String() != row.route {
				t.Errorf("%s goes %s, want %s", id, s.Route, row.route)
			}
			if !withinHours(t, s.Hours, nth(row.hours, i)) {
				t.Errorf("%s takes %d hours, want %s", id, s.Hours, row.hours)
			}
			checkNotes(t, s, row)
		}
	}
	if len(heaviest) != len(services) {
		t.Errorf("the catalogue has %d services, section 3 has %d", len(services), len(heaviest))
	}
}

func withinHours(t *testing.T, hours int, cell string) bool {
	t.Helper()
	least, most, isRange := strings.Cut(cell, "–")
	if !isRange {
		most = least
	}
	from, err := strconv.Atoi(least)
	if err != nil {
		t.Fatal(err)
	}
	to, err := strconv.Atoi(most)
	if err != nil {
		t.Fatal(err)
	}
	return from <= hours && hours <= to
}

func checkNotes(t *testing.T, s Service, row section3Row) {
	t.Helper()
	sv, en, _ := strings.Cut(strings.TrimSuffix(row.name, ")"), " (")
	if strings.HasPrefix(row.route, "FI→FI") && len(row.ids) == 1 && (s.Name.SV != sv || en != "" && s.Name.EN != en) {
		t.Errorf("%s is called %q and %q, want %q", s.ID, s.Name.SV, s.Name.EN, row.name)
	}
	if got, want := s.Partner == PartnerFreight, strings.Contains(row.notes, "`ITELLALOG`"); got != want {
		t.Errorf("%s is freight: %t, want %t", s.ID, got, want)
	}
	if got, want := s.Mobile == MobileNeeded, strings.Contains(row.notes, "mobile needed"); got != want {
		t.Errorf("%s needs a mobile number: %t, want %t", s.ID, got, want)
	}
	for note, destination := range map[string]Destination{
		"to a pickup point or locker":    ToPickupPoint,
		"home, business or pickup point": ToEither,
		"through the letter slot":        ToAddress,
		"return of":                      ToSender,
	} {
		if strings.Contains(row.notes, note) && s.Destination != destination {
			t.Errorf("%s goes to destination %d, but is %q", s.ID, s.Destination, note)
		}
	}
}

func TestReturnsAreSection3(t *testing.T) {
	want := readSection3(t).returns
	for _, s := range services {
		if s.Return != want[s.ID] {
			t.Errorf("%s comes back as %q, want %q", s.ID, s.Return, want[s.ID])
		}
		delete(want, s.ID)
		if back, ok := LookupService(s.Return); s.Return != "" && (!ok || back.Route.From != s.Route.To || back.Route.To != s.Route.From) {
			t.Errorf("%s comes back as %s, which does not go back", s.ID, s.Return)
		}
	}
	if len(want) != 0 {
		t.Errorf("not in the catalogue: %v", want)
	}
}

func TestAllowedAddOnsAreSection3(t *testing.T) {
	section := readSection3(t)
	sending := regexp.MustCompile("sending code \\(`(\\d+)`\\) may stand on ([^.]*) too").FindStringSubmatch(section.text)
	if sending[1] != SendingCode {
		t.Errorf("the sending code is %s, want %s", SendingCode, sending[1])
	}
	for _, s := range services {
		want := slices.Clone(section.allowed[s.ID])
		if strings.Contains(sending[2], s.ID) {
			want = append(want, SendingCode)
		}
		got := slices.Sorted(slices.Values(s.AddOns))
		slices.Sort(want)
		if len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s may have %v, want %v", s.ID, got, want)
		}
		delete(section.allowed, s.ID)
	}
	if len(section.allowed) != 0 {
		t.Errorf("not in the catalogue: %v", section.allowed)
	}
}

func TestAddOnsAreSection3(t *testing.T) {
	section := readSection3(t)
	for _, a := range addOns {
		meaning := regexp.MustCompile(`\b` + a.ID + `\b`)
		if a.ID == "DLV09" || a.ID == "DLV21" {
			meaning = regexp.MustCompile(`DLV00/09/21`)
		}
		if !meaning.MatchString(section.text) {
			t.Errorf("%s is not in section 3", a.ID)
		}
		if a.ID != SendingCode && !slices.ContainsFunc(services, func(s Service) bool { return s.Allows(a.ID) }) {
			t.Errorf("no service may have %s", a.ID)
		}
	}
	for _, s := range services {
		for _, id := range s.AddOns {
			if a, ok := LookupAddOn(id); !ok || a.ID != id {
				t.Errorf("%s may have %s, which is not in the catalogue", s.ID, id)
			}
		}
	}
	list := regexp.MustCompile(`Numeric twins of older systems: ([^.]*)\.`).FindStringSubmatch(section.text)[1]
	twins := 0
	for pair := range strings.SplitSeq(list, ", ") {
		numbers, id, _ := strings.Cut(pair, " ")
		if id == "sending code" {
			id = SendingCode
		}
		for number := range strings.SplitSeq(numbers, "/") {
			if a, ok := LookupAddOn(number); !ok || a.ID != id {
				t.Errorf("%s is %q, want %s", number, a.ID, id)
			}
			if number != SendingCode {
				twins++
			}
		}
	}
	for _, a := range addOns {
		twins -= len(a.Twins)
	}
	if twins != 0 {
		t.Error("the catalogue has twins that section 3 has not")
	}
	if cod, _ := LookupAddOn("COD"); !slices.Equal(cod.Needs, []Property{"amount", "account", "reference"}) {
		t.Errorf("COD needs %v", cod.Needs)
	}
}

// Every name is there in each language, and none is left over.
func TestNamesAreComplete(t *testing.T) {
	var lists nameLists
	lists.Services, lists.AdditionalServices, lists.Statuses, lists.Events = map[string]Name{}, map[string]Name{}, map[string]Name{}, map[string]Name{}
	for _, s := range Services() {
		lists.Services[s.ID] = s.Name
	}
	for _, a := range AddOns() {
		lists.AdditionalServices[a.ID] = a.Name
	}
	for _, s := range append(Statuses(), FreightOrderReceived, FreightInDelivery) {
		lists.Statuses[string(s)] = s.Name()
	}
	for _, e := range Events() {
		lists.Events[e.Code] = e.Name
	}
	if len(lists.Services) != len(services) || len(lists.AdditionalServices) != len(addOns) || len(lists.Events) != len(events) {
		t.Error("an id stands twice in the catalogue")
	}
	if !reflect.DeepEqual(lists, names) {
		t.Error("names.json has names of what is not in the catalogue, or lacks some")
	}
	for _, list := range []map[string]Name{lists.Services, lists.AdditionalServices, lists.Statuses, lists.Events} {
		for id, name := range list {
			if name.SV == "" || name.FI == "" || name.EN == "" {
				t.Errorf("%s lacks a name: %+v", id, name)
			}
		}
	}
	if n := lists.Services["PO2104"]; n.In("sv") != "Hempaket" || n.In("fi") != "Kotipaketti" || n.In("en") != "Home Parcel" || n.In("de") != "Home Parcel" {
		t.Errorf("PO2104 is called %+v", n)
	}
}

// Statuses and events are those of a copy of the API's description.
func TestStatusesAndEventsAreSection5(t *testing.T) {
	data, err := os.ReadFile("testdata/api-section-5.md")
	if err != nil {
		t.Fatal(err)
	}
	stays := "(stays)"
	told := map[string]string{} // code → the statuses of its row
	var order []Status
	for line := range strings.Lines(string(data)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 4 {
			continue
		}
		status := strings.TrimSpace(cells[1])
		codes := regexp.MustCompile(`\b\d\d\b`).FindAllString(cells[2], -1)
		for _, code := range codes {
			told[code] = status
		}
		if len(codes) > 0 && status != stays {
			for one := range strings.SplitSeq(status, ", ") {
				order = append(order, Status(one))
			}
		}
	}
	if want := append(order, Cancelled); !slices.Equal(Statuses(), want) {
		t.Errorf("the statuses are %v, want %v", Statuses(), want)
	}
	for _, e := range Events() {
		status := string(e.Status)
		if e.Status == "" {
			status = stays
		}
		if e.Then != "" {
			status += ", " + string(e.Then)
		}
		if told[e.Code] != status {
			t.Errorf("event %s leads to %q, want %q", e.Code, status, told[e.Code])
		}
		if found, ok := LookupEvent(e.Code); !ok || found != e {
			t.Errorf("event %s is found as %+v", e.Code, found)
		}
		delete(told, e.Code)
	}
	if _, ok := LookupEvent("99"); ok || len(told) != 0 {
		t.Errorf("not in the catalogue: %v", told)
	}
	freight := regexp.MustCompile(`Freight: ([^.]*)\.`).FindStringSubmatch(string(data))[1]
	var words []string
	for _, s := range Statuses() {
		of := s.OfFreight()
		if s.ToldOf(account.FreightTransportCode) != of || s.ToldOf(account.LogisticsContract) != s {
			t.Errorf("%s is told of freight as %s, and of parcels as %s", s, s.ToldOf(account.FreightTransportCode), s.ToldOf(account.LogisticsContract))
		}
		if slices.Contains([]Status{ReturnInTransport, ReturnedToSender, Cancelled}, s) { // for which freight has no words of its own
			if of != s {
				t.Errorf("%s of freight is %s", s, of)
			}
		} else if !slices.Contains(words, string(of)) {
			words = append(words, string(of))
		}
		if !slices.Contains(ToldStatuses(), of) || !slices.Contains(of.toldAs(account.FreightTransportCode), s) {
			t.Errorf("%s of freight is %s, which is %v", s, of, of.toldAs(account.FreightTransportCode))
		}
	}
	if told := strings.Join(words, ", "); told != freight {
		t.Errorf("of freight is told %s, want %s", told, freight)
	}
}

func TestServicesBetween(t *testing.T) {
	for route, want := range map[[2]string]int{
		{"", ""}: len(services), {"FI", "FI"}: 16, {"AX", "FI"}: 16, {"FI", "EE"}: 9, {"EE", "FI"}: 4, {"FI", "JP"}: 2, {"SE", "SE"}: 0, {"JP", ""}: 0, {"XX", ""}: 0,
	} {
		if got := ServicesBetween(route[0], route[1]); len(got) != want {
			t.Errorf("%v has %d services, want %d", route, len(got), want)
		}
	}
}

func TestLookups(t *testing.T) {
	for code, want := range map[string]string{"PO2103": "PO2103", "2103": "PO2103", "po2103": "PO2103", "ITPR": "ITPR", "PO2015": "ITPR", "2015": "ITPR", "po2017d": "PO2017", "IT14I": "IT14I", "14I": "", "": "", "PO": "", "PO9999": ""} {
		if s, ok := LookupService(code); s.ID != want || ok != (want != "") {
			t.Errorf("service %q is %q, want %q", code, s.ID, want)
		}
	}
	for code, want := range map[string]string{"COD": "COD", "cod": "COD", "3101": "COD", "3163": "PERS", "3164": "PERS", "3196": "3196", "": "", "XYZ": ""} {
		if a, ok := LookupAddOn(code); a.ID != want || ok != (want != "") {
			t.Errorf("additional service %q is %q, want %q", code, a.ID, want)
		}
	}
}

func TestExclusiveSetsAreApart(t *testing.T) {
	seen := map[string]bool{}
	for _, set := range exclusive {
		for _, id := range set {
			if _, ok := LookupAddOn(id); !ok || seen[id] {
				t.Errorf("%s is unknown or in two sets", id)
			}
			seen[id] = true
		}
	}
}

func TestAreas(t *testing.T) {
	if n := len(strings.Fields(countries)); n != 249 {
		t.Errorf("there are %d countries, want 249", n)
	}
	for area, count := range map[Area]int{Finland: 2, Baltics: 3, EU: 26} {
		list := strings.Fields(members[area])
		if len(list) != count {
			t.Errorf("%s has %d countries, want %d", area, len(list), count)
		}
		for _, country := range list {
			if !IsCountry(country) || !area.Contains(country) || !Anywhere.Contains(country) {
				t.Errorf("%s of %s is not a country", country, area)
			}
		}
	}
	for _, code := range []string{"", "F", "FIN", "fi", "XX", "D ", " D", "EU", "UK"} {
		if IsCountry(code) || EU.Contains(code) {
			t.Errorf("%q is a country", code)
		}
	}
	if EU.Contains("FI") || EU.Contains("NO") || Baltics.Contains("PL") || Finland.Contains("SE") {
		t.Error("a country is in an area that it is not in")
	}
}
