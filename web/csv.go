package web

import (
	"context"
	"encoding/csv"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"time"

	"omapostipro/internal/plain"
)

// sendCSV answers with a table, row by row as rows gives them, so that memory does not grow with their number: UTF-8 with a
// byte order mark, by which spreadsheets know it; semicolons, as they are used where a comma stands in numbers; else as
// RFC 4180 has it. What goes wrong before the first row is an error like any other; afterwards the answer breaks off, so
// that the half that is out is not taken for the whole.
func (s *Server) sendCSV(w http.ResponseWriter, v *visit, name string, head []string, rows func(write func(row []string) error) error) error {
	file := csv.NewWriter(w)
	file.Comma, file.UseCRLF = ';', true
	begin := func() error {
		_, err := w.Write([]byte("\ufeff"))
		return errors.Join(err, file.Write(head))
	}
	return s.sendFile(w, v, "text/csv; charset=utf-8", name+".csv", begin, func(begun func() error) error {
		err := rows(func(row []string) error {
			if err := begun(); err != nil {
				return err
			}
			for i, cell := range row {
				row[i] = harmless(cell)
			}
			return file.Write(row)
		})
		if err == nil {
			err = begun() // no rows: the head alone
		}
		file.Flush()
		return errors.Join(err, file.Error())
	})
}

// sendFile answers with a file that is written as it comes: rows calls begun before each part, and begin is called once,
// before the first.
func (s *Server) sendFile(w http.ResponseWriter, v *visit, contentType, name string, begin func() error, rows func(begun func() error) error) error {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Cache-Control", "no-store")
	begun, parts, answer := false, 0, http.NewResponseController(w)
	err := rows(func() error {
		if parts++; parts%partsInTime == 0 {
			// As long as something is taken, a slow reader gets it all.
			_ = answer.SetWriteDeadline(time.Now().Add(timeForParts))
		}
		if begun {
			return nil
		}
		begun = true
		return begin()
	})
	if err != nil && begun {
		if !errors.Is(err, context.Canceled) { // the reader has gone
			s.Log.Error("export broke off", "error", err, "request", v.origin.requestID)
		}
		panic(http.ErrAbortHandler)
	}
	if err != nil {
		w.Header().Del("Content-Disposition")
	}
	return err
}

// A reader has this long for so many parts of a file.
const (
	partsInTime  = 1000
	timeForParts = time.Minute
)

// negative is a number below zero, which is no formula.
var negative = regexp.MustCompile(`^-[0-9]+([.,][0-9]+)?$`)

// harmless keeps a spreadsheet from taking a text for a formula (OWASP, CSV injection), and one cell from turning the
// others around. Negative numbers stay numbers.
func harmless(cell string) string {
	cell = plain.Strip(cell)
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) && !negative.MatchString(cell) {
		return "'" + cell
	}
	return cell
}
