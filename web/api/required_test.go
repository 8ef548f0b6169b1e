package api_test

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
	"testing"

	"omapostipro/internal/apidoc"
	"omapostipro/web/webtest"
)

// Bodies with every field that the documentation tells of.
var fullBodies = map[string]string{
	"points": `{"searchCriteria":{"location":{"countryCode":"FI","postcode":"00100","city":"Helsinki","street":"Mannerheimintie 1","coordinates":{"latitude":60.17,"longitude":24.94}},
		"radius":{"unit":"km","value":5},"rectangle":{"swLatitude":60,"swLongitude":24,"neLatitude":61,"neLongitude":25},"parcelLocker":true,
		"serviceFilters":{"outdoorLocker":false,"wheelchairAccessibility":true,"openOnWeekends":true,"ADRLimitedQuantities":true,"saturdayDelivery":true,
			"product":{"code":"2103","additionalServicesCodes":["NOBOX"]}}},"limit":5}`,
	"estimate": `{"estimate":{"time":"2026-11-30T08:00:00Z","origin":{"countryCode":"FI","postcode":"00100"},"destination":{"countryCode":"FI","postcode":"20100"},
		"product":{"code":"2104","additionalServicesCodes":[]}}}`,
	"sending-code": `{"searchCriteria":{"trackingNumber":"NUMBER"},"validation":{"noEdiCheck":true}}`,
}

// What is marked as required is what a call refuses to be without, of a body that has everything.
func TestWhatIsDocumentedAsRequired(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.system(t)
	number := accepted(t, c.orderV2(goldenV2(t))).ShipmentNo
	for _, body := range slices.Concat(apidoc.Gateway(), apidoc.Pickups()) {
		send := func(without string) *webtest.Page {
			if body.ID == "pickups" {
				message := p.postra(t)
				if without != "" {
					message = withoutElement(t, message, without)
				}
				return c.xml(message)
			}
			full := strings.Replace(fullBodies[body.ID], "NUMBER", number, 1)
			if without != "" {
				full = withoutMember(t, full, without)
			}
			_, path, _ := strings.Cut(strings.Replace(body.Call, "{version}", "2025-04", 1), " ")
			return c.post(path, full)
		}
		if page := send(""); page.Status != http.StatusOK {
			t.Fatalf("%s, whole: %d %s", body.Call, page.Status, page.Body)
		}
		for _, field := range body.Request {
			page := send(field.Name)
			if refused := page.Status == http.StatusBadRequest || page.Status == http.StatusUnprocessableEntity; refused != field.Required || !refused && page.Status != http.StatusOK && !strings.Contains(page.Body, "3196") {
				t.Errorf("%s without %s is answered with %d %s; it is documented as required: %t", body.Call, field.Name, page.Status, page.Body, field.Required)
			}
		}
	}
}

// withoutMember gives a document in JSON without what is at a path.
func withoutMember(t *testing.T, document, path string) string {
	t.Helper()
	var root map[string]any
	if err := json.Unmarshal([]byte(document), &root); err != nil {
		t.Fatal(err)
	}
	names := strings.Split(path, ".")
	in := root
	for _, name := range names[:len(names)-1] {
		in, _ = in[name].(map[string]any)
	}
	last := names[len(names)-1]
	if _, there := in[last]; !there {
		t.Fatalf("the whole document has no %s", path)
	}
	delete(in, last)
	text, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// node is an element of any name.
type node struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []node     `xml:",any"`
}

// withoutElement gives a document in XML without the elements, or the attribute, at a path.
func withoutElement(t *testing.T, document, path string) string {
	t.Helper()
	var root node
	if err := xml.Unmarshal([]byte(document), &root); err != nil {
		t.Fatal(err)
	}
	path, attribute, _ := strings.Cut(path, "@")
	names, removed := strings.Split(path, ".")[1:], 0
	var walk func(in *node, names []string)
	walk = func(in *node, names []string) {
		if len(names) == 0 {
			before := len(in.Attrs)
			in.Attrs = slices.DeleteFunc(in.Attrs, func(a xml.Attr) bool { return a.Name.Local == attribute })
			removed += before - len(in.Attrs)
			return
		}
		if len(names) == 1 && attribute == "" {
			before := len(in.Children)
			in.Children = slices.DeleteFunc(in.Children, func(n node) bool { return n.XMLName.Local == names[0] })
			removed += before - len(in.Children)
			return
		}
		for i := range in.Children {
			if in.Children[i].XMLName.Local == names[0] {
				walk(&in.Children[i], names[1:])
			}
		}
	}
	if walk(&root, names); removed == 0 {
		t.Fatalf("the whole document has no %s", path)
	}
	text, err := xml.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
