package organization_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
	"omapostipro/internal/organization"
)

// told writes rows as tests compare them: line, address, names, language, and what is wrong.
func told(rows []organization.Recipient) []string {
	list := []string{}
	for _, row := range rows {
		text := fmt.Sprintf("%d %s|%s|%s|%s", row.Line, row.Email, row.FirstName, row.LastName, row.Language)
		for _, at := range row.Faults {
			text += fmt.Sprintf(" %s:%s", at.Name, at.Key)
		}
		list = append(list, text)
	}
	return list
}

func TestReadRecipients(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"nothing":                    {"", []string{}},
		"white space":                {" \n\t\r\n ; , \n", []string{}},
		"one":                        {"a@example.com", []string{"1 a@example.com|||sv"}},
		"lines":                      {"a@example.com\r\n\r\nb@example.com\n", []string{"1 a@example.com|||sv", "3 b@example.com|||sv"}},
		"commas and semicolons":      {"a@example.com, b@example.com; c@example.com,", []string{"1 a@example.com|||sv", "1 b@example.com|||sv", "1 c@example.com|||sv"}},
		"as mail programs have them": {`Anna Berg <a@example.com>; "Bo Ek" <b@example.com>`, []string{"1 a@example.com|Anna|Berg|sv", "1 b@example.com|Bo|Ek|sv"}},
		"spaces only":                {"a@example.com b@example.com  c@example.com; d e@example.com", []string{"1 a@example.com|||sv", "1 b@example.com|||sv", "1 c@example.com|||sv", "1 d e@example.com|||sv email:form.email"}},
		"rows":                       {"a@example.com;Anna;Berg;fi\nb@example.com,Bo\nc@example.com;Cia", []string{"1 a@example.com|Anna|Berg|fi", "2 b@example.com|Bo||sv", "3 c@example.com|Cia||sv"}},
		"a spreadsheet's rows":       {"a@example.com\tAnna\tBerg\tEnglish", []string{"1 a@example.com|Anna|Berg|en"}},
		"a header":                   {"\nFirst name\tMail\tOrt\nAnna\ta@example.com\tÅbo\nBo\tb@example.com", []string{"3 a@example.com|Anna||sv", "4 b@example.com|Bo||sv"}},
		"a header with commas":       {"Sukunimi, Sähköposti\nBerg,a@example.com\n,b@example.com", []string{"2 a@example.com||Berg|sv", "3 b@example.com|||sv"}},
		"a header further down":      {"a@example.com\ne-post", []string{"1 a@example.com|||sv", "2 e-post|||sv email:form.email"}},
		"Outlook's names":            {`"Öberg, Åsa" <asa@example.com>; Bo Ek <bo@example.com>`, []string{"1 asa@example.com|Åsa|Öberg|sv", "1 bo@example.com|Bo|Ek|sv"}},
		"names the other way around": {`Öberg, Åsa <asa@example.com>; Ek, Bo <bo@example.com>`, []string{"1 asa@example.com|Åsa|Öberg|sv", "1 bo@example.com|Bo|Ek|sv"}},
		"and commas between them":    {`von Öberg, Åsa <asa@example.com>, Ek, Bo <bo@example.com>, c@example.com`, []string{"1 asa@example.com|Åsa|von Öberg|sv", "1 bo@example.com|Bo|Ek|sv", "1 c@example.com|||sv"}},
		"a quoted row":               {`"a@example.com","Åsa","Öberg, B"`, []string{"1 a@example.com|Åsa|Öberg, B|sv"}},
		"quoted, with semicolons":    {`"a@example.com";"Åsa";"Öberg; B"`, []string{"1 a@example.com|Åsa|Öberg; B|sv"}},
		"brackets in a name":         {`"Åsa <script>" <asa@example.com>, Bo <b> Ek <bo@example.com>`, []string{"1 asa@example.com|Åsa|<script>|sv", "1 bo@example.com|Bo|<b> Ek|sv"}},
		"quotation marks in a name":  {`"Bo \"Bosse\" Ek" <bo@example.com>`, []string{`1 bo@example.com|Bo|"Bosse" Ek|sv`}},
		"marks around addresses":     {`'a@example.com'; <b@example.com>; "c@example.com"`, []string{"1 a@example.com|||sv", "1 b@example.com|||sv", "1 c@example.com|||sv"}},
		"a mark alone":               {`Bo "Ek <a@example.com>; b@example.com`, []string{`1 a@example.com|Bo|"Ek|sv`, "1 b@example.com|||sv"}},
		"nobody's name":              {`Anna, b@example.com, Cia`, []string{"1 Anna|||sv email:form.email", "1 b@example.com|||sv", "1 Cia|||sv email:form.email"}},
		"an old Mac's lines":         {"a@example.com\rb@example.com", []string{"1 a@example.com|||sv", "2 b@example.com|||sv"}},
		"plus, and any case":         {"A.B+c@Example.COM", []string{"1 A.B+c@Example.COM|||sv"}},
		"international":              {"pelé@åbo.example; 用户@例え.example", []string{"1 pelé@åbo.example|||sv", "1 用户@例え.example|||sv"}},
		"twice":                      {"a@example.com\nb@example.com\nA@EXAMPLE.com", []string{"1 a@example.com|||sv", "2 b@example.com|||sv", "3 A@EXAMPLE.com|||sv email:invitations.twice"}},
		"twice in both forms":        {"a@åbo.example\na@xn--bo-xia.example", []string{"1 a@åbo.example|||sv", "2 a@xn--bo-xia.example|||sv email:invitations.twice"}},
		"no addresses":               {"hello\nx@y\n@example.com", []string{"1 hello|||sv email:form.email", "2 x@y|||sv email:form.email", "3 @example.com|||sv email:form.email"}},
		"unknown language":           {"a@example.com;;;de", []string{"1 a@example.com|||de language:invitations.unknown_language"}},
		"names of all kinds": {"a@example.com;=cmd();محمد\nb@example.com;👩‍👩‍👧;<script>", []string{"1 a@example.com|=cmd()|محمد|sv",
			"2 b@example.com|👩‍👩‍👧|<script>|sv"}},
		"long names":         {"a@example.com;" + strings.Repeat("å", 200) + ";" + strings.Repeat("å", 201), []string{"1 a@example.com|" + strings.Repeat("å", 200) + "|" + strings.Repeat("å", 201) + "|sv last_name:form.too_long"}},
		"control characters": {"a@example.com;A\x00B", []string{"1 a@example.com|A\x00B||sv first_name:form.control_characters"}},
	} {
		rows, err := organization.ReadRecipients(test.text, i18n.Swedish)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, told(rows)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// What a step carries to the next one is read as it was.
func TestRecipientsAreCarriedAlong(t *testing.T) {
	t.Parallel()
	rows := []organization.Recipient{{Line: 1, Email: "a@example.com", Language: i18n.Swedish}, {Line: 2, Email: "b@example.com", FirstName: "Berg; Ek", LastName: `"Bo", B`, Language: i18n.Finnish},
		{Line: 3, Email: "c@example.com", FirstName: "Cia", Language: i18n.Swedish}, {Line: 4, Email: "d@example.com", LastName: "=1+1", Language: i18n.Swedish}}
	read, err := organization.ReadRecipients(organization.RecipientsText(rows, i18n.Swedish), i18n.Swedish)
	if diff := cmp.Diff(told(rows), told(read)); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestReadRecipientsFile(t *testing.T) {
	t.Parallel()
	anna := []string{"2 anna@example.com|Åsa|Östman|fi"}
	for name, test := range map[string]struct {
		content string
		want    []string
		read    organization.Reading // how
	}{
		"as the template":        {"e-post;förnamn;efternamn;språk\r\nanna@example.com;Åsa;Östman;fi\r\n", anna, organization.Reading{Header: true}},
		"byte order mark":        {"\ufeffe-post;förnamn;efternamn;språk\nanna@example.com;Åsa;Östman;fi", anna, organization.Reading{Header: true}},
		"Windows-1252":           {"e-post;f\xf6rnamn;efternamn;spr\xe5k\nanna@example.com;\xc5sa;\xd6stman;fi", anna, organization.Reading{Header: true, Windows: true}},
		"commas":                 {"E-mail,First name,Last name,Language\nanna@example.com,Åsa,Östman,suomi", anna, organization.Reading{Header: true, Comma: true}},
		"another order":          {"sukunimi;kieli;kaupunki;sähköposti;etunimi\nÖstman;FI;Åbo;anna@example.com;Åsa", anna, organization.Reading{Header: true}},
		"what others write":      {"first,mail,Surname,Lang\nÅsa,anna@example.com,Östman,fi", anna, organization.Reading{Header: true, Comma: true}},
		"in capitals":            {"E_POSTADRESS;FÖRNAMN;EFTERNAMN;SPRÅK\nanna@example.com;Åsa;Östman;fi", anna, organization.Reading{Header: true}},
		"two languages":          {"E-mail address;Etunimi;Efternamn;Kieli\nanna@example.com;Åsa;Östman;fi", anna, organization.Reading{Header: true}},
		"with a title of nobody": {"Name;Vorname\nanna@example.com;Åsa;Östman;fi", append([]string{"1 Name|Vorname||sv email:form.email"}, anna...), organization.Reading{}},
		"without a header":       {"\nanna@example.com;Åsa;Östman;fi\n\n", anna, organization.Reading{}},
		"addresses alone":        {"a@example.com\nb@example.com", []string{"1 a@example.com|||sv", "2 b@example.com|||sv"}, organization.Reading{}},
		"quotation marks":        {`"a@example.com";"Berg; ""Bo""";Ek`, []string{`1 a@example.com|Berg; "Bo"|Ek|sv`}, organization.Reading{}},
		"a cell of two lines":    {"a@example.com;\"Bo\nEk\"\nb@example.com", []string{"1 a@example.com|Bo\nEk||sv first_name:form.control_characters", "3 b@example.com|||sv"}, organization.Reading{}},
		"the row that is wrong":  {"e-post\na@example.com\nnonsense\n", []string{"2 a@example.com|||sv", "3 nonsense|||sv email:form.email"}, organization.Reading{Header: true}},
		"Excel's first line":     {"sep=;\r\ne-post;förnamn\r\na@example.com;A,B,C\r\n", []string{"3 a@example.com|A,B,C||sv"}, organization.Reading{Header: true}},
		"Excel's, with commas":   {"\"SEP=,\"\na@example.com,A;B\n", []string{"2 a@example.com|A;B||sv"}, organization.Reading{Comma: true}},
		"an old Mac's lines":     {"e-post;förnamn\ra@example.com;A\rb@example.com;B", []string{"2 a@example.com|A||sv", "3 b@example.com|B||sv"}, organization.Reading{Header: true}},
		"an address is required": {"a@example.com;A\n;B\n", []string{"1 a@example.com|A||sv", "2 |B||sv email:form.required"}, organization.Reading{}},
	} {
		reading, err := organization.ReadRecipientsFile(strings.NewReader(test.content), i18n.Swedish)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, told(reading.Recipients)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if test.read.Recipients = reading.Recipients; !cmp.Equal(test.read, reading) {
			t.Errorf("%s: read as %t %t %t", name, reading.Windows, reading.Comma, reading.Header)
		}
	}
}

// endless is a file of so many bytes that repeats itself, of which is counted what is read.
type endless struct {
	row  string
	at   int
	read int
}

func (e *endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = e.row[e.at%len(e.row)]
		e.at++
	}
	e.read += len(b)
	return len(b), nil
}

func TestFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	good := "a@example.com;Anna;Berg\n"
	var rows strings.Builder
	for i := range organization.MaxRecipients + 1 {
		fmt.Fprintf(&rows, "a%d@example.com\n", i)
	}
	big := strings.Repeat("x", 2<<20)
	for name, test := range map[string]struct {
		content, key string
		line         int
	}{
		"a zip named .csv":                 {"PK\x03\x04\x14\x00\x06\x00" + strings.Repeat("\x00", 30), "invitations.file_not_text", 1},
		"a picture further down":           {good + good + "\x89PNG\x0d\x0a\x1a\x0a", "invitations.file_not_text", 4},
		"UTF-16":                           {"\xff\xfee\x00-\x00p\x00", "invitations.file_not_text", 1},
		"one row too many":                 {rows.String(), "invitations.too_many", organization.MaxRecipients + 1},
		"a million rows":                   {strings.Repeat("a@example.com\n", 1_000_000), "invitations.too_many", organization.MaxRecipients + 1},
		"a cell of a megabyte":             {good + "b@example.com;" + big + "\n" + good, "invitations.cell_too_long", 2},
		"a quoted cell of a megabyte":      {good + "b@example.com;\"" + big + "\"\n", "invitations.file_broken", 2},
		"a quotation mark that never ends": {good + "b@example.com;\"Bo\n" + good, "invitations.file_broken", 2},
		"a stray quotation mark":           {good + good + "b@example.com;B\"o\n", "invitations.file_broken", 3},
		"over a megabyte":                  {strings.Repeat(strings.Repeat("x", 900)+";"+strings.Repeat("y", 900)+"\n", 1000), "invitations.file_too_large", 582},
		"nothing":                          {"", "invitations.file_empty", 0},
		"a header alone":                   {"e-post;förnamn\n", "invitations.file_empty", 0},
		"another list":                     {"\nOrder;Qty\n4711;3\n4712;1\n", "invitations.file_no_addresses", 2},
		"a million empty lines":            {strings.Repeat("\n", 1_000_000), "invitations.file_empty", 0},
	} {
		_, err := organization.ReadRecipientsFile(strings.NewReader(test.content), i18n.Swedish)
		f, ok := err.(*fault.Fault) //nolint:errorlint // nothing wraps it
		if !ok {
			t.Errorf("%s: %v", name, err)
			continue
		}
		at, _ := f.Field("file")
		line := 0
		if len(at.Args) > 1 {
			line = at.Args[1].(int)
		}
		if at.Key != test.key || line != test.line {
			t.Errorf("%s: %s at line %d, want %s at %d", name, at.Key, line, test.key, test.line)
		}
	}
	if _, err := organization.ReadRecipients(strings.Repeat("a@example.com,", 100_000), i18n.Swedish); !fault.Is(err, fault.Invalid) {
		t.Errorf("too much at once: %v", err)
	}
	if _, err := organization.ReadRecipients(strings.Repeat("a@example.com,", organization.MaxRecipients+1), i18n.Swedish); !fault.Is(err, fault.Invalid) {
		t.Errorf("too many at once: %v", err)
	}
}

// However long a file is, no more of it is read than may be.
func TestAnEndlessFileTakesNoMemory(t *testing.T) {
	t.Parallel()
	for _, row := range []string{"a@example.com\n", "x", "\n", "\"", "a;\"\n", "å@å.å;å;å\n"} {
		file := &endless{row: row}
		if _, err := organization.ReadRecipientsFile(file, i18n.Swedish); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", row, err)
		}
		if file.read > 2*organization.MaxRecipientsText {
			t.Errorf("%q: %d bytes are read", row, file.read)
		}
	}
}
