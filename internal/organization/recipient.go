package organization

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/encoding/charmap"

	"omapostipro/internal/account"
	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
)

// What can be invited at once.
const (
	MaxRecipients     = 5000    // rows
	MaxRecipientsText = 1 << 20 // bytes of a file, characters of what is pasted
	maxRewritten      = 32      // characters that RecipientsText adds to a row: what was read of a file is read again as text
	maxCell           = 1000    // bytes: more than any cell needs, so that a file that is no list is told by its line
)

// Recipient is somebody who is to be invited: a row of what was pasted or of a file, with what is wrong with it.
type Recipient struct {
	Line      int // where it stood
	Email     string
	FirstName string
	LastName  string
	Language  i18n.Lang
	Faults    []fault.Field // email, first_name, last_name, language
	Member    uuid.UUID     // they belong to the organisation already
	Invited   uuid.UUID     // an invitation of theirs waits already
}

// Good says whether the row can be invited.
func (r Recipient) Good() bool {
	return len(r.Faults) == 0 && r.Member == uuid.Nil && r.Invited == uuid.Nil
}

// Reading is what was read of a file, and how.
type Reading struct {
	Recipients []Recipient
	Windows    bool // Windows-1252, not UTF-8
	Comma      bool // between commas, not semicolons
	Header     bool // the first row names the columns
}

// ReadRecipients reads addresses that were typed or pasted: one a line or several between commas, semicolons or spaces, also as
// "Name <address>" or as rows like those of a file. What a row does not say is in the language given. What is wrong with
// a row is told at the row; the error is about the whole, at the field addresses.
func ReadRecipients(text string, language i18n.Lang) ([]Recipient, error) {
	refuse := func(key string, args ...any) error {
		return fault.New(fault.Invalid, "form.invalid").At("addresses", key, args...)
	}
	if utf8.RuneCountInString(text) > MaxRecipientsText+MaxRecipients*maxRewritten {
		return nil, refuse("invitations.text_too_large")
	}
	list := newRecipients(language)
	line, read := 0, rowsOf
	for row := range strings.Lines(lines(text)) {
		line++
		row = strings.TrimSpace(strings.ReplaceAll(row, "\t", ";")) // spreadsheets copy tabs
		if len(list.rows) == 0 && len(row) <= maxCell {
			if columns := list.headed(row); columns != nil {
				read = columns
				continue
			}
		}
		for _, cells := range read(row) {
			if slices.ContainsFunc(cells, func(cell string) bool { return len(cell) > maxCell }) {
				return nil, refuse("invitations.cell_too_long", "line", line)
			}
			if !list.add(line, cells) {
				return nil, refuse("invitations.too_many", "line", line, "maximum", MaxRecipients)
			}
		}
	}
	return list.rows, nil
}

// headed takes a line that was pasted for the header, if it is one, and gives how the lines below it are read.
func (l *recipients) headed(line string) func(line string) [][]string {
	for _, comma := range ";," {
		if l.header(cellsOf(line, comma)) {
			return func(line string) [][]string { return [][]string{cellsOf(line, comma)} }
		}
	}
	return nil
}

// ReadRecipientsFile reads a CSV file: e-mail address, first name, last name, language. Its encoding is UTF-8 if it is
// valid as such, else Windows-1252; its separator is the one of semicolon and comma that its first line says (sep=;) or its first row has more of; its
// first row is a header if it names the column of the addresses, and then says which column is which; without one and
// without any address the file is another list. At most MaxRecipientsText bytes are kept. What is wrong with a row is told at the row; the error is about the whole, at the
// field file, and names the line.
func ReadRecipientsFile(file io.Reader, language i18n.Lang) (Reading, error) {
	content, err := io.ReadAll(io.LimitReader(file, MaxRecipientsText+1))
	if err != nil {
		return Reading{}, err
	}
	whole := len(content) <= MaxRecipientsText
	if !whole {
		content = content[:MaxRecipientsText]
	}
	refuse := func(key string, args ...any) (Reading, error) {
		return Reading{}, fault.New(fault.Invalid, "form.invalid").At("file", key, args...)
	}
	if at := bytes.IndexFunc(content, isBinary); at >= 0 {
		return refuse("invitations.file_not_text", "line", 1+bytes.Count(content[:at], []byte("\n")))
	}
	var reading Reading
	text := strings.TrimPrefix(string(content), "\ufeff")
	if !utf8.ValidString(text) && (whole || !utf8.ValidString(text[:lastWhole(text)])) {
		reading.Windows = true
		if text, err = charmap.Windows1252.NewDecoder().String(string(content)); err != nil {
			return Reading{}, err
		}
	}
	text = lines(text)
	text, reading.Comma = separator(text)
	reader := csv.NewReader(strings.NewReader(text))
	reader.FieldsPerRecord = -1
	if !reading.Comma {
		reader.Comma = ';'
	}
	list := newRecipients(language)
	line := 1
	for row := 0; ; row++ {
		rest := int64(len(text)) - reader.InputOffset()
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) || err != nil && !whole && rest < maxCell { // the row where the file was cut off
			break
		}
		if broken, ok := errors.AsType[*csv.ParseError](err); ok {
			return refuse("invitations.file_broken", "line", broken.StartLine)
		}
		if err != nil {
			return Reading{}, err
		}
		line, _ = reader.FieldPos(0)
		if slices.ContainsFunc(cells, func(cell string) bool { return len(cell) > maxCell }) {
			return refuse("invitations.cell_too_long", "line", line)
		}
		if row == 0 && list.header(cells) {
			reading.Header = true
			continue
		}
		if !list.add(line, cells) {
			return refuse("invitations.too_many", "line", line, "maximum", MaxRecipients)
		}
	}
	if !whole {
		return refuse("invitations.file_too_large", "line", line)
	}
	if len(list.rows) == 0 {
		return refuse("invitations.file_empty")
	}
	if !reading.Header && !slices.ContainsFunc(list.rows, func(row Recipient) bool { return strings.Contains(row.Email, "@") }) {
		return refuse("invitations.file_no_addresses", "line", list.rows[0].Line)
	}
	reading.Recipients = list.rows
	return reading, nil
}

// isBinary knows what no text has: a zip, a workbook, a picture and UTF-16 all do.
func isBinary(r rune) bool { return r < ' ' && r != '\t' && r != '\r' && r != '\n' || r == 0x7f }

// lastWhole gives where a text that was cut off can be cut so that no character is halved.
func lastWhole(text string) int {
	for at := len(text) - 1; at >= max(0, len(text)-utf8.UTFMax); at-- {
		if utf8.RuneStart(text[at]) {
			return at
		}
	}
	return len(text)
}

// separator says whether a file's cells stand between commas, not semicolons: its first line may say so, as Excel has it,
// and is empty in the text that is given; else its first row has more of them.
func separator(text string) (rest string, comma bool) {
	first, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n"), "\n")
	switch said := strings.ToLower(strings.Trim(strings.TrimSpace(first), `"`)); said {
	case "sep=;", "sep=,":
		return strings.Replace(text, strings.TrimSuffix(first, "\r"), "", 1), said == "sep=,"
	default:
		return text, strings.Count(first, ",") > strings.Count(first, ";")
	}
}

// recipients collects rows and checks them.
type recipients struct {
	language i18n.Lang
	columns  []string // which cell is which field; "" is none that is read
	rows     []Recipient
	lines    map[string]int // where an address stood first, by its key
}

func newRecipients(language i18n.Lang) *recipients {
	return &recipients{language: language, columns: []string{"email", "first_name", "last_name", "language"}, lines: map[string]int{}}
}

// header takes a row for the header, if it names the column of the addresses in one of our languages.
func (l *recipients) header(cells []string) bool {
	columns := make([]string, len(cells))
	for i, cell := range cells {
		if column := columnsByName()[plainName(cell)]; !slices.Contains(columns, column) { // of two of a kind, the first is read
			columns[i] = column
		}
	}
	if !slices.Contains(columns, "email") {
		return false
	}
	l.columns = columns
	return true
}

// columnsByName gives the column that a word in a header means, in any of our languages: the template's words, and others
// that address books write there.
var columnsByName = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for _, language := range i18n.Languages() {
		p := i18n.For(language.Lang)
		head := CSVHead(p)
		for i, also := range []string{p.T("invitations.csv_email_also"), p.T("invitations.csv_first_name_also"), p.T("invitations.csv_last_name_also"),
			p.T("invitations.csv_language_also")} {
			for _, name := range append(strings.Split(also, ","), head[i]) {
				names[plainName(name)] = [...]string{"email", "first_name", "last_name", "language"}[i]
			}
		}
	}
	return names
})

// plainName gives a word of a header as it is compared: e-mail, E_Mail and "E mail" are one.
func plainName(cell string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, cell))
}

// CSVHead gives the first row of a file of recipients.
func CSVHead(p *i18n.Printer) []string {
	return []string{p.T("invitations.csv_email"), p.T("invitations.csv_first_name"), p.T("invitations.csv_last_name"), p.T("invitations.csv_language")}
}

// add checks a row and adds it; it does not once there are too many. A row without anything is none.
func (l *recipients) add(line int, cells []string) bool {
	if strings.TrimSpace(strings.Join(cells, "")) == "" {
		return true
	}
	if len(l.rows) == MaxRecipients {
		return false
	}
	values := map[string]string{}
	for i, column := range l.columns {
		if i < len(cells) && column != "" {
			values[column] = cells[i]
		}
	}
	faults := fault.New(fault.Invalid, "form.invalid")
	row := Recipient{Line: line, Language: l.language,
		Email:     account.CheckEmail(faults, "email", values["email"]),
		FirstName: account.CheckName(faults, "first_name", values["first_name"], false),
		LastName:  account.CheckName(faults, "last_name", values["last_name"], false)}
	if said := strings.TrimSpace(values["language"]); said != "" {
		var known bool
		if row.Language, known = languageNamed(said); !known {
			faults.At("language", "invitations.unknown_language")
		}
	}
	if len(faults.Fields) == 0 {
		key := account.EmailKey(row.Email)
		if first, twice := l.lines[key]; twice {
			faults.At("email", "invitations.twice", "line", first)
		} else {
			l.lines[key] = line
		}
	}
	row.Faults = faults.Fields
	l.rows = append(l.rows, row)
	return true
}

// languageNamed reads a language: its code, or its own name; what is none stays as it is.
func languageNamed(said string) (i18n.Lang, bool) {
	for _, language := range i18n.Languages() {
		if strings.EqualFold(said, string(language.Lang)) || strings.EqualFold(said, language.Name) {
			return language.Lang, true
		}
	}
	return i18n.Lang(said), false
}

// RecipientsText writes rows so that ReadRecipients reads them again with the same language, if nothing is wrong with them.
func RecipientsText(rows []Recipient, language i18n.Lang) string {
	var b strings.Builder
	writer := csv.NewWriter(&b)
	writer.Comma = ';'
	for _, row := range rows {
		cells := []string{row.Email, row.FirstName, row.LastName, string(row.Language)}
		if row.Language == language {
			cells = cells[:3]
			if row.FirstName+row.LastName == "" {
				cells = cells[:1]
			}
		}
		_ = writer.Write(cells) // to memory
	}
	writer.Flush()
	return b.String()
}
