package web

import (
	"net/http"

	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
	"omapostipro/templates/layout"
	"omapostipro/templates/login"
	"omapostipro/templates/paths"
)

// showPasswordLink shows Glömt lösenord?, or that a link is on its way.
func (s *Server) showPasswordLink(w http.ResponseWriter, r *http.Request, v *visit) error {
	return render(w, r, http.StatusOK, login.AskPage{Base: v.base(), Sent: r.URL.Query().Has("sent")}.View())
}

// sendPasswordLink sends a link to whoever has the address; the answer does not tell whether anybody has.
func (s *Server) sendPasswordLink(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := decode(r)
	if err != nil {
		return err
	}
	if err := s.Own.AskForPassword(r.Context(), form.Get("email"), v.anonymous()); err != nil {
		f, status, ok := refusal(err)
		if !ok {
			return err
		}
		setRetryAfter(w, f)
		return render(w, r, status, login.AskPage{Base: v.base(), Email: form.Get("email"), Fault: f}.View())
	}
	return seeOther(w, r, paths.PasswordLink+"?sent=1")
}

// openPasswordLink shows what the link opens. It spends nothing: mail scanners open links.
func (s *Server) openPasswordLink(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.passwordPage(w, r, v, r.URL.Query().Get("token"), http.StatusOK, nil)
}

func (s *Server) passwordPage(w http.ResponseWriter, r *http.Request, v *visit, token string, status int, f *fault.Fault) error {
	v.path = paths.PasswordBy(token)
	page := login.PasswordPage{Base: v.base(), Token: token, Fault: f}
	person, err := s.Own.PasswordLink(r.Context(), token)
	switch {
	case fault.Is(err, fault.Gone):
		page.Dead, status = true, http.StatusGone
	case err != nil:
		return err
	default:
		page.Email = person.Email
	}
	return render(w, r, status, page.View())
}

// choosePassword saves a new password, which ends all sessions, and leads to the login.
func (s *Server) choosePassword(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := decode(r)
	if err != nil {
		return err
	}
	err = s.Own.ChoosePassword(r.Context(), form.Get("token"), form.Get("password"), v.anonymous())
	if f, invalid := faultOf(err); invalid || fault.Is(err, fault.Gone) {
		return s.passwordPage(w, r, v, form.Get("token"), http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	s.setFlash(w, layout.Flash{Text: i18n.From(r.Context()).T("password.changed")})
	return seeOther(w, r, paths.Login)
}

// openEmailLink shows what the link to a new address opens. It spends nothing.
func (s *Server) openEmailLink(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.emailPage(w, r, v, r.URL.Query().Get("token"))
}

func (s *Server) emailPage(w http.ResponseWriter, r *http.Request, v *visit, token string) error {
	v.path = paths.EmailConfirmationBy(token)
	page, status := login.EmailPage{Base: v.base(), Token: token}, http.StatusOK
	person, email, err := s.Own.EmailLink(r.Context(), token)
	switch {
	case fault.Is(err, fault.Gone):
		page.Dead, status = true, http.StatusGone
	case err != nil:
		return err
	default:
		page.Old, page.New = person.Email, email
	}
	return render(w, r, status, page.View())
}

// confirmEmail changes the address to the one that the link was sent to.
func (s *Server) confirmEmail(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := decode(r)
	if err != nil {
		return err
	}
	err = s.Own.ChangeEmail(r.Context(), form.Get("token"), v.anonymous())
	if fault.Is(err, fault.Gone) {
		v.path = paths.EmailConfirmation
		return render(w, r, http.StatusGone, login.EmailPage{Base: v.base(), Dead: true}.View())
	}
	if err != nil {
		return err
	}
	s.setFlash(w, layout.Flash{Text: i18n.From(r.Context()).T("account.email_changed")})
	if v.identity == nil {
		return seeOther(w, r, paths.Login)
	}
	return seeOther(w, r, paths.Account)
}
