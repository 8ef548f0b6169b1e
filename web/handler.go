package web

import (
	"bytes"
	"context"
	"errors"
	"math"
	"net/http"
	"net/url"
	"path"
	"strconv"

	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
	"omapostipro/internal/organization"
	"omapostipro/templates/errorpage"
	"omapostipro/templates/layout"
	"omapostipro/templates/paths"
	"omapostipro/templates/ui"
)

var statuses = map[fault.Kind]int{
	fault.Internal:        http.StatusInternalServerError,
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.Malformed:       http.StatusBadRequest,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.Gone:            http.StatusGone,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.UnsupportedType: http.StatusUnsupportedMediaType,
	fault.Throttled:       http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
}

// fail answers with the page of an error: the only place that turns errors into pages. Nil and the error of a reader
// who has gone need no answer.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	if err == nil || errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return
	}
	kind := fault.KindOf(err)
	if kind == fault.Internal || kind == fault.Unavailable {
		s.Log.Error("request failed", "error", err, "request", v.origin.requestID)
	}
	if kind == fault.Unauthenticated {
		_ = seeOther(w, r, s.loginFor(r))
		return
	}
	if left, ok := errors.AsType[*organization.Left](err); ok { // removed by somebody else, or in another window; or one came back to the page
		s.setFlash(w, layout.Flash{Text: translate(r.Context(), left.Message)})
		_ = seeOther(w, r, v.users())
		return
	}
	if lacking, ok := errors.AsType[*lacking](err); ok {
		if err = s.forbidden(w, r, v, lacking.need); err == nil {
			return
		}
		s.Log.Error("request failed", "error", err, "request", v.origin.requestID)
		kind = fault.KindOf(err)
	}
	f, _ := errors.AsType[*fault.Fault](err)
	page := errorpage.Page{Base: v.base(), Status: statuses[kind]}
	if kind == fault.Internal || kind == fault.Unavailable {
		page.Base.Flash = layout.Flash{}
		page.RequestID = v.origin.requestID
	} else if f != nil {
		page.Message = translate(r.Context(), f.Message)
	}
	setRetryAfter(w, f)
	if err := render(w, r, page.Status, page.View()); err != nil {
		s.Log.Error("draw the page of an error", "error", err, "request", v.origin.requestID)
		s.internalError(w, r)
	}
}

// setRetryAfter says in seconds when to try again, if the fault knows.
func setRetryAfter(w http.ResponseWriter, f *fault.Fault) {
	if f != nil && f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(f.RetryAfter.Seconds()))))
	}
}

// internalError answers with the page that was drawn at start, for when drawing pages is what failed.
func (s *Server) internalError(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = w.Write(s.lastResort[s.language(r, nil)])
}

// drawLastResort draws the page of internalError in each language.
func drawLastResort() map[i18n.Lang][]byte {
	drawn := make(map[i18n.Lang][]byte)
	for _, language := range i18n.Languages() {
		var page bytes.Buffer
		if err := errorpage.Plain(http.StatusInternalServerError).Render(i18n.With(context.Background(), language.Lang), &page); err != nil {
			panic(err) // it needs nothing that could be missing
		}
		drawn[language.Lang] = page.Bytes()
	}
	return drawn
}

// loginFor gives the login page that leads back to where the request came from: the page itself, or for a form or a file
// the page that it stood on, for neither is a page to be led to.
func (s *Server) loginFor(r *http.Request) string {
	reads, next := r.Method == http.MethodGet || r.Method == http.MethodHead, r.URL.Path
	if reads {
		next = r.URL.RequestURI()
	}
	if !reads || path.Ext(r.URL.Path) != "" {
		if referer, err := url.Parse(r.Referer()); err == nil && referer.Scheme+"://"+referer.Host == s.BaseURL && sameSitePath(referer.Path) != "" {
			next = referer.RequestURI()
		}
	}
	if reads {
		return paths.LoginTo(next)
	}
	return paths.LoginTo(next) + "&expired=1"
}

// forbidden answers who may not see a page, with what helps: main users can mend it themselves, others read whom to ask.
func (s *Server) forbidden(w http.ResponseWriter, r *http.Request, v *visit, need need) error {
	page := errorpage.ForbiddenPage{Base: v.base(), Lacks: need.lacks, MainUser: v.actor.ManagesUsers()}
	if !page.MainUser {
		contacts, err := s.contacts(r.Context(), v)
		if err != nil {
			return err
		}
		page.MainUsers = contacts
	}
	return render(w, r, http.StatusForbidden, page.View())
}

// contacts gives the main users to ask.
func (s *Server) contacts(ctx context.Context, v *visit) ([]ui.Contact, error) {
	people, err := s.Organizations.MainUsers(ctx, v.actor)
	return contactsOf(people), err
}

func contactsOf(people []organization.Person) []ui.Contact {
	contacts := make([]ui.Contact, len(people))
	for i, person := range people {
		contacts[i] = ui.Contact{Name: person.FirstName + " " + person.LastName, Email: person.Email}
	}
	return contacts
}

func translate(ctx context.Context, message fault.Message) string {
	return i18n.From(ctx).T(message.Key, message.Args...)
}
