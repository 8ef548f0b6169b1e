package apidoc_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"omapostipro/internal/apidoc"
)

// Whatever stands in the exchanges is told, itself or by what it stands in.
func TestEveryFieldOfTheExchangesIsTold(t *testing.T) {
	for _, body := range slices.Concat(apidoc.Gateway(), apidoc.Tracking(), apidoc.Pickups()) {
		request, answer := body.Exchange("https://portal.example.com")
		for text, told := range map[string][]apidoc.Field{request: body.Request, answer: body.Answer} {
			_, content, _ := strings.Cut(text, "\n\n")
			names := namesIn(t, content)
			if len(names) == 0 && len(told) > 0 {
				t.Errorf("%s: %s has no fields", body.Call, text)
			}
			for _, name := range names {
				if !slices.ContainsFunc(told, func(f apidoc.Field) bool {
					rest, ok := strings.CutPrefix(name, f.Name)
					return ok && (rest == "" || rest[0] == '.' || rest[0] == '[' || rest[0] == '@')
				}) {
					t.Errorf("%s: %s is not told", body.Call, name)
				}
			}
		}
		for _, secret := range []string{"opp_", "opt_", "portal.example/"} {
			if strings.Contains(request+answer, secret) {
				t.Errorf("%s shows %s", body.Call, secret)
			}
		}
	}
}

// The catalogues have the texts of the fields, and no others. (That all languages have the same is the catalogues' own test.)
func TestEveryTextOfAFieldIsThereAndUsed(t *testing.T) {
	text, err := os.ReadFile("../i18n/catalogues/field.en.json")
	if err != nil {
		t.Fatal(err)
	}
	var there map[string]string
	if err := json.Unmarshal(text, &there); err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, body := range slices.Concat(apidoc.Gateway(), apidoc.Tracking(), apidoc.Pickups()) {
		for _, field := range slices.Concat(body.Request, body.Answer) {
			if key := "field." + field.Text; field.Text != "" {
				used[key] = true
				if there[key] == "" {
					t.Errorf("%s: %s is not in the catalogues", field.Name, key)
				}
			}
		}
	}
	for key := range there {
		if !used[key] {
			t.Errorf("no field is told by %s", key)
		}
	}
}

// namesIn gives the paths of all values of a document, in JSON or XML.
func namesIn(t *testing.T, content string) (names []string) {
	t.Helper()
	if content == "" {
		return nil
	}
	if strings.HasPrefix(content, "<") {
		decoder := xml.NewDecoder(strings.NewReader(content))
		var path []string
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				return names
			}
			switch token := token.(type) {
			case xml.StartElement:
				path = append(path, token.Name.Local)
				for _, attr := range token.Attr {
					if attr.Name.Local != "xmlns" {
						names = append(names, strings.Join(path, ".")+"@"+attr.Name.Local)
					}
				}
			case xml.CharData:
				if strings.TrimSpace(string(token)) != "" {
					names = append(names, strings.Join(path, "."))
				}
			case xml.EndElement:
				path = path[:len(path)-1]
			case nil:
				t.Fatal(err)
			}
		}
	}
	var value any
	if err := json.Unmarshal([]byte(content), &value); err != nil {
		t.Fatalf("%v: %s", err, content)
	}
	var walk func(path string, value any)
	walk = func(path string, value any) {
		switch value := value.(type) {
		case map[string]any:
			for name, member := range value {
				walk(strings.TrimPrefix(path+"."+name, "."), member)
			}
		case []any:
			if len(value) == 0 {
				names = append(names, path+"[]")
			}
			for _, element := range value {
				walk(path+"[]", element)
			}
		default:
			names = append(names, path)
		}
	}
	walk("", value)
	return names
}
