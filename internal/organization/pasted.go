package organization

import (
	"encoding/csv"
	"net/mail"
	"slices"
	"strings"
)

// What people paste: rows as those of a file, and addresses as mail programs write them beside each other, with names or
// without, and with commas in the names.

// rowsOf takes a line of what was pasted apart: it is one row whose first cell is an address, or addresses beside each other.
func rowsOf(line string) [][]string {
	parts := partsOf(line, ';')
	if cells := cellsOf(line, ';'); isRow(cells) {
		return [][]string{cells}
	}
	if cells := cellsOf(line, ','); len(parts) == 1 && isRow(cells) {
		return [][]string{cells}
	}
	var rows [][]string
	for _, part := range parts {
		for _, entry := range entriesOf(part) {
			if words := strings.Fields(entry); len(words) > 1 && !slices.ContainsFunc(words, isNoAddress) {
				for _, word := range words { // nothing but spaces between them
					rows = append(rows, []string{word})
				}
			} else {
				rows = append(rows, named(entry))
			}
		}
	}
	return rows
}

// isRow says whether cells are an address with what belongs to it.
func isRow(cells []string) bool {
	return len(cells) > 1 && strings.Count(cells[0], "@") == 1 && !strings.Contains(cells[0], "<") && !strings.Contains(strings.Join(cells[1:], ""), "@")
}

func isNoAddress(word string) bool {
	return !strings.Contains(word, "@") || strings.ContainsAny(word, "<>")
}

// cellsOf reads one line as a file's row; what is none is one cell.
func cellsOf(line string, comma rune) []string {
	reader := csv.NewReader(strings.NewReader(line))
	reader.Comma, reader.LazyQuotes, reader.FieldsPerRecord = comma, true, -1
	cells, err := reader.Read()
	if err != nil {
		return []string{line}
	}
	return cells
}

// partsOf takes a line apart at a separator, but not within quotation marks nor between angle brackets.
func partsOf(line string, separator rune) []string {
	var parts []string
	begin, quoted, escaped, bracketed := 0, false, false, false
	lastMark, lastBracket := strings.LastIndexByte(line, '"'), strings.LastIndexByte(line, '>')
	for at, r := range line {
		switch {
		case escaped:
			escaped = false
			continue
		case r == '\\' && quoted:
			escaped = true
		case r == '"' && (quoted || at < lastMark): // one alone quotes nothing
			quoted = !quoted
		case quoted:
		case r == '<':
			bracketed = at < lastBracket
		case r == '>':
			bracketed = false
		case r == separator && !bracketed:
			parts, begin = append(parts, line[begin:at]), at+1
		}
	}
	return append(parts, line[begin:])
}

// entriesOf takes addresses between commas apart. A comma between what is no address and one between brackets is a name's, as
// in Öberg, Åsa <asa@example.com>.
func entriesOf(part string) []string {
	var entries []string
	surname := ""
	for _, entry := range partsOf(part, ',') {
		entry = strings.TrimSpace(entry)
		switch {
		case entry == "":
			continue
		case surname != "" && strings.HasSuffix(entry, ">") && strings.Contains(entry, "@"):
			entry, surname = surname+", "+entry, ""
		case surname != "":
			entries, surname = append(entries, surname), ""
		}
		if !strings.Contains(entry, "@") {
			surname = entry
			continue
		}
		entries = append(entries, entry)
	}
	if surname != "" {
		entries = append(entries, surname)
	}
	return entries
}

// named takes an address with its name apart: "Öberg, Åsa" <asa@example.com>, Åsa Öberg <asa@example.com>, or the address
// alone.
func named(entry string) []string {
	if len(entry) > maxCell {
		return []string{entry} // and is refused as such
	}
	if parsed, err := mail.ParseAddress(entry); err == nil && strings.HasSuffix(entry, ">") {
		return nameOf(parsed.Name, parsed.Address)
	}
	if at := strings.LastIndexByte(entry, '<'); at >= 0 && strings.HasSuffix(entry, ">") {
		return nameOf(entry[:at], entry[at+1:len(entry)-1])
	}
	return []string{unquoted(entry)}
}

func nameOf(name, address string) []string {
	name = unquoted(name)
	if last, first, turned := strings.Cut(name, ","); turned {
		return []string{address, strings.TrimSpace(first), strings.TrimSpace(last)}
	}
	first, last, _ := strings.Cut(name, " ")
	return []string{address, first, strings.TrimSpace(last)}
}

// unquoted gives a text without the marks that stand around it.
func unquoted(text string) string {
	text = strings.TrimSpace(text)
	for _, mark := range []string{`"`, `'`} {
		if inner := strings.TrimPrefix(text, mark); len(text) > 1 && len(inner) < len(text) && strings.HasSuffix(inner, mark) {
			text = strings.TrimSpace(strings.TrimSuffix(inner, mark))
		}
	}
	return text
}

// lines gives a text with one kind of line end: an old Mac's programs write another.
func lines(text string) string {
	if strings.Contains(text, "\n") {
		return text
	}
	return strings.ReplaceAll(text, "\r", "\n")
}
