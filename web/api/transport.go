package api

import (
	"cmp"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"
)

// bodyTime is how long a body may take to come, unless the configuration says another time.
const bodyTime = 15 * time.Second

// boundBody gives a request's body an end in time, which is counted anew when it begins to be read: what comes before, as
// asking who calls, is not the client's time. Who sends none has no deadline: that of the connection would otherwise end what
// waits for another call.
func (a *API) boundBody(w http.ResponseWriter, r *http.Request) {
	if r.Body == nil || r.Body == http.NoBody {
		setReadDeadline(w, time.Time{})
		return
	}
	begin := func() { setReadDeadline(w, time.Now().Add(cmp.Or(a.BodyTime, bodyTime))) }
	begin() // for what is left unread of a body that is refused
	r.Body = &timedBody{ReadCloser: r.Body, begin: begin}
}

// timedBody says when it begins to be read.
type timedBody struct {
	io.ReadCloser
	begin func() // nil once it has begun
}

func (b *timedBody) Read(into []byte) (int, error) {
	if b.begin != nil {
		b.begin()
		b.begin = nil
	}
	return b.ReadCloser.Read(into)
}

func setReadDeadline(w http.ResponseWriter, deadline time.Time) {
	// A test's recorder has no connection whose reading could end.
	_ = http.NewResponseController(w).SetReadDeadline(deadline)
}

// The refusals of a body.
var (
	errMediaType    = fail(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "Send the body as application/json, not compressed.")
	errCharset      = fail(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "The body's charset is not read here: send it in UTF-8 or ISO-8859-1.")
	errBodyTooLarge = fail(http.StatusRequestEntityTooLarge, "BODY_TOO_LARGE", "The body is larger than 1 MB.")
	errBodySlow     = fail(http.StatusRequestTimeout, "REQUEST_TIMEOUT", "The body has not come in time.")
)

// readBody reads a JSON body of at most maxBody bytes. A type that is not said is JSON. A body that ends before all of it
// was sent is a syntaxError there.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	said := r.Header.Get("Content-Type")
	kind, parameters, _ := mime.ParseMediaType(said) // also of one with broken parameters
	if said != "" && kind != "application/json" || isEncoded(r) {
		return nil, errMediaType
	}
	charset := parameters["charset"]
	if !knownCharset(charset) {
		return nil, errCharset
	}
	body, err := readAll(w, r, maxBody)
	if err != nil && !isFailure(err) {
		return nil, newSyntaxError(body, len(body), "it ended before all of it was sent")
	}
	if err == nil && latin(charset) {
		return charmap.ISO8859_1.NewDecoder().Bytes(body)
	}
	return body, err
}

func isFailure(err error) bool {
	_, ok := errors.AsType[failure](err)
	return ok
}

// isSlow says whether a body has not come in time.
func isSlow(err error) bool {
	f, ok := errors.AsType[failure](err)
	return ok && f.status == http.StatusRequestTimeout
}

// readAll reads a body of at most so many bytes. Its error is a failure, unless the body ended before all of it was sent.
func readAll(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	if r.ContentLength > most {
		w.Header().Set("Connection", "close") // nobody reads the rest
		return nil, errBodyTooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	_, tooLarge := errors.AsType[*http.MaxBytesError](err)
	switch {
	case tooLarge:
		return body, errBodyTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.Header().Set("Connection", "close")
		return body, errBodySlow
	case err != nil:
		return body, err
	}
	setReadDeadline(w, time.Time{})
	return body, nil
}

// isEncoded says whether a body is compressed. None is read: what is small on its way may be endless when it is unpacked.
func isEncoded(r *http.Request) bool {
	for _, encoding := range r.Header.Values("Content-Encoding") {
		if encoding != "" && !strings.EqualFold(encoding, "identity") {
			return true
		}
	}
	return false
}
