package web

import (
	"errors"
	"net/http"

	"omapostipro/internal/demo"
	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
	"omapostipro/templates/layout"
	"omapostipro/templates/login"
	"omapostipro/templates/paths"
	"omapostipro/templates/public"
)

// loggedOutFlash marks, in the flash cookie, that somebody has just logged out; the public page says so in its own way.
const loggedOutFlash = "logged out"

// showPublic shows the page for everybody.
func (s *Server) showPublic(w http.ResponseWriter, r *http.Request, v *visit) error {
	page := public.Page{OpenURL: paths.Login, LoggedOut: v.flash.Text == loggedOutFlash}
	if page.LoggedOut {
		v.flash = layout.Flash{}
	}
	if v.identity != nil && len(v.identity.Memberships) > 0 { // who belongs to none is told so by the login page
		page.OpenURL = v.home()
	}
	page.Base = v.base()
	return render(w, r, http.StatusOK, page.View())
}

// showLogin shows the login page; who is logged in goes on.
func (s *Server) showLogin(w http.ResponseWriter, r *http.Request, v *visit) error {
	next := sameSitePath(r.URL.Query().Get("next"))
	if v.identity != nil {
		if len(v.identity.Memberships) == 0 {
			return seeOther(w, r, orElse(next, paths.Account)) // which says so
		}
		return seeOther(w, r, orElse(next, v.home()))
	}
	return render(w, r, http.StatusOK, s.loginPage(v, next, r.URL.Query().Get("expired") != "").View())
}

func (s *Server) loginPage(v *visit, next string, expired bool) login.Page {
	page := login.Page{Base: v.base(), Next: next, Expired: expired}
	if s.Demo {
		for _, person := range demo.LogIns() {
			page.Demo = append(page.Demo, login.Demo{Name: person.Name, Email: person.Email, Password: demo.Password, Note: person.Note})
		}
	}
	return page
}

// logIn checks e-mail address and password, begins a session, and leads to where the person was going.
func (s *Server) logIn(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := decodeUpload(r, "", nil) // no file
	if err != nil {
		return err
	}
	next := sameSitePath(form.Get("next"))
	var carried []login.Field
	if isStep(next) {
		carried = carriedFields(form)
	}
	user, err := s.Accounts.Authenticate(r.Context(), form.Get("email"), form.Get("password"), v.anonymous())
	if f, ok := errors.AsType[*fault.Fault](err); ok && (f.Kind == fault.Unauthenticated || f.Kind == fault.Throttled) {
		page := s.loginPage(v, next, false)
		page.Email, page.Fault = form.Get("email"), f
		carry(&page, carried)
		status := http.StatusUnprocessableEntity
		if f.Kind == fault.Throttled {
			status = http.StatusTooManyRequests
			setRetryAfter(w, f)
		}
		return render(w, r, status, page.View())
	}
	if err != nil {
		return err
	}
	if err := s.Sessions.Begin(w, r, user, v.anonymous()); err != nil {
		return err
	}
	if len(carried) > 0 {
		page := login.GoOnPage{Base: v.base(), To: next, Carried: carried}
		page.Path = "" // a change of language would lose them
		return render(w, r, http.StatusOK, page.View())
	}
	// Where Hem is depends on who has just logged in, which the login page knows on the next request.
	return seeOther(w, r, orElse(next, paths.Login))
}

// logOut ends the session and leads to the public page, or to what somebody else is to log in for.
func (s *Server) logOut(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.identity != nil {
		if err := s.Sessions.End(w, r, v.identity, v.person()); err != nil {
			return err
		}
	}
	w.Header().Set("Clear-Site-Data", `"cache"`)
	if next := sameSitePath(r.PostFormValue("next")); next != "" {
		return seeOther(w, r, next)
	}
	s.setFlash(w, layout.Flash{Text: loggedOutFlash})
	return seeOther(w, r, paths.Public)
}

// chooseLanguage keeps the language in this browser, and on the account of who is logged in.
func (s *Server) chooseLanguage(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := decode(r)
	if err != nil {
		return err
	}
	language, ok := i18n.Parse(form.Get("language"))
	if !ok {
		return fault.New(fault.Malformed, "form.incomplete")
	}
	if v.identity != nil {
		if err := s.Accounts.ChooseLanguage(r.Context(), v.person(), string(language)); err != nil {
			return err
		}
	}
	s.setCookie(w, languageCookie, string(language), 365*24*60*60)
	return seeOther(w, r, orElse(sameSitePath(form.Get("back")), v.home()))
}

func orElse(path, otherwise string) string {
	if path == "" {
		return otherwise
	}
	return path
}
