package web

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"omapostipro/templates/layout"
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// render draws a page whole before any of it is sent: a page that fails is never half a page.
func render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	buffer.Reset()
	if err := page.Render(r.Context(), buffer); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Length", strconv.Itoa(buffer.Len())) // where it is not compressed after this
	w.WriteHeader(status)
	_, _ = w.Write(buffer.Bytes()) // a reader who has gone needs no answer
	return nil
}

// seeOther answers a POST with the page to go on to.
func seeOther(w http.ResponseWriter, r *http.Request, path string) error {
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

const (
	flashCookie    = "flash"
	languageCookie = "language"
	zoneCookie     = "timezone" // which static/js/page.js sets
	listCookie     = "list"
)

// maxFlash is how many bytes a receipt may have: a cookie has four thousand, of which base64 takes a fourth.
const maxFlash = 2500

// setFlash keeps the receipt of what was done for the next page, in a cookie of a minute. What does not fit is left out.
func (s *Server) setFlash(w http.ResponseWriter, flash layout.Flash) {
	text, err := json.Marshal(flash)
	for err == nil && len(text) > maxFlash && len(flash.Details) > 0 {
		flash.Details = flash.Details[:len(flash.Details)-1]
		text, err = json.Marshal(flash)
	}
	if err != nil || len(text) > maxFlash {
		return // not worth failing for
	}
	s.setCookie(w, flashCookie, base64.RawURLEncoding.EncodeToString(text), 60)
}

// takeFlash gives the receipt, once.
func (s *Server) takeFlash(w http.ResponseWriter, r *http.Request) layout.Flash {
	var flash layout.Flash
	cookie, err := r.Cookie(flashCookie)
	if err != nil || r.Method != http.MethodGet {
		return flash
	}
	s.setCookie(w, flashCookie, "", -1)
	text, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || json.Unmarshal(text, &flash) != nil || flash.URL != "" && sameSitePath(flash.URL) == "" {
		return layout.Flash{}
	}
	return flash
}

// keepList remembers which list of users somebody has come to, so that its filter is there on the way back from whatever is
// opened from it, and from what is done there: for the browser's session, the person and the organisation. The longest
// filter, whose query has maxQuery characters, fits in a cookie.
func (s *Server) keepList(w http.ResponseWriter, v *visit, filter string) {
	if v.list != filter {
		s.setCookie(w, listCookie, base64.RawURLEncoding.EncodeToString([]byte(v.listKey()+filter)), 0)
	}
}

// keptList gives the filter that keepList has remembered, as the list itself would write it.
func keptList(r *http.Request, v *visit) string {
	cookie, err := r.Cookie(listCookie)
	if err != nil {
		return ""
	}
	kept, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	filter, ours := strings.CutPrefix(string(kept), v.listKey())
	if err != nil || !ours {
		return ""
	}
	return filterValues(parseFilter(filter)).Encode()
}

// setCookie sets a cookie that says nothing about who is logged in.
func (s *Server) setCookie(w http.ResponseWriter, name, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: maxAge, Secure: s.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}
