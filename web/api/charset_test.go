package api_test

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
)

// A body says what it is written in, and is read so.
func TestCharsetsOfJSON(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	c := p.shop(t)
	latin, err := charmap.ISO8859_1.NewEncoder().String(golden(t))
	if err != nil {
		t.Fatal(err)
	}
	for contentType, body := range map[string]string{"application/json; charset=ISO-8859-1": latin, `application/json;charset="latin1"`: latin,
		"application/json; charset=utf-8": golden(t), "application/json; charset=UTF8": golden(t), "application/json; charset": golden(t)} {
		page := c.Send(http.MethodPost, orderPath, http.Header{"Content-Type": {contentType}}, strings.NewReader(body))
		if accepted(t, page); !strings.Contains(page.Body, `"rcvName":"Åsa Öberg"`) {
			t.Errorf("%s is read as %s", contentType, page.Body)
		}
	}
	p.storesNothing(t, func() {
		refused(t, c.Send(http.MethodPost, orderPath, http.Header{"Content-Type": {"application/json; charset=utf-16"}}, strings.NewReader(golden(t))), http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE")
		refused(t, c.Send(http.MethodPost, orderPath, jsonBody, strings.NewReader(latin)), http.StatusBadRequest, "JSON_DECODE_ERROR")
	})
}

func TestReturnFileIsTrueOrFalse(t *testing.T) {
	t.Parallel()
	c := newPortal(t).shop(t)
	for query, want := range map[string]string{"?returnFile=yes": "IGNORED returnFile", "?returnFile=": "", "?returnFile=false": "", "?returnFile=true": ""} {
		order := accepted(t, c.Send(http.MethodPost, orderPath+query, jsonBody, strings.NewReader(golden(t))))
		if got := strings.Join(lines(order.Warnings), " "); got != want {
			t.Errorf("%s: warned of %q", query, got)
		}
		if file := len(order.PDFs[0].PDF) > 0; file != (query == "?returnFile=true") {
			t.Errorf("%s: file %v", query, file)
		}
	}
}
