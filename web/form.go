package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"omapostipro/internal/fault"
)

// decode reads a form that was posted.
func decode(r *http.Request) (url.Values, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, fault.New(fault.UnsupportedType, "errors.unsupported_type_text")
	}
	err := r.ParseForm()
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, fault.New(fault.TooLarge, "errors.too_large_text")
	}
	if err != nil {
		return nil, fault.New(fault.Malformed, "form.incomplete").Because(err)
	}
	return r.PostForm, nil
}

// What a form with a file may have beside the file.
const (
	maxUploadFields = 8 << 20 // bytes: what was made of a file of a megabyte and what was typed, of characters of up to three bytes
	maxUploadParts  = 10_000
)

// decodeUpload reads a form that was posted with a file: file is given the one of that name, if one was chosen, as it
// comes, and reads of it what it wants. It reads forms without files too; nil takes none.
func decodeUpload(r *http.Request, name string, file func(io.Reader) error) (url.Values, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "multipart/form-data" {
		return decode(r)
	}
	tooLarge := fault.New(fault.TooLarge, "errors.too_large_text")
	broken := func(err error) error {
		if _, over := errors.AsType[*http.MaxBytesError](err); over {
			return tooLarge
		}
		return fault.New(fault.Malformed, "form.incomplete").Because(err)
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, broken(err)
	}
	form, size := url.Values{}, int64(0)
	for range maxUploadParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return form, nil
		}
		if err != nil {
			return nil, broken(err)
		}
		if file != nil && part.FormName() == name {
			if part.FileName() == "" {
				continue // none was chosen
			}
			if err := file(part); err != nil {
				return nil, broken(err)
			}
			continue
		}
		value, err := io.ReadAll(io.LimitReader(part, maxUploadFields-size+1))
		if err != nil {
			return nil, broken(err)
		}
		if size += int64(len(value)); size > maxUploadFields {
			return nil, tooLarge
		}
		form.Add(part.FormName(), string(value))
	}
	return nil, tooLarge
}

// formIDs reads the ids of a field that can be given many times; what is none is nobody's.
func formIDs(form url.Values, fields ...string) []uuid.UUID {
	ids := []uuid.UUID{}
	for _, field := range fields {
		for _, text := range form[field] {
			id, err := uuid.Parse(text)
			if err != nil {
				id = uuid.Max // an id that is not one is an unknown one
			}
			ids = append(ids, id)
		}
	}
	return ids
}

// faultOf gives the fault of a form's fields that an error is, if it is one.
func faultOf(err error) (*fault.Fault, bool) {
	f, ok := errors.AsType[*fault.Fault](err)
	return f, ok && f.Kind == fault.Invalid && len(f.Fields) > 0
}

// maxQuery is how many characters of a search are used.
const maxQuery = 200

// searchQuery reads a search: one line, whatever was sent.
func searchQuery(values url.Values) string {
	query := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(values.Get("q"), ""))
	if runes := []rune(strings.TrimSpace(query)); len(runes) > maxQuery {
		return string(runes[:maxQuery])
	}
	return strings.TrimSpace(query)
}

// sameSitePath gives an address to go on to if it is a path of this site, else "".
func sameSitePath(address string) string {
	if !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") || len(address) > 2000 ||
		strings.ContainsFunc(address, func(r rune) bool { return unicode.IsControl(r) || r == '\\' }) {
		return ""
	}
	parsed, err := url.Parse(address)
	if err != nil || parsed.IsAbs() || parsed.Host != "" || parsed.User != nil {
		return ""
	}
	return address
}
