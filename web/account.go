package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"omapostipro/internal/account"
	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
	"omapostipro/templates/layout"
	"omapostipro/templates/paths"
	"omapostipro/templates/person"
)

// showAccount shows Mitt konto.
func (s *Server) showAccount(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, _, err := s.accountPage(r, v)
	if err != nil {
		return err
	}
	return render(w, r, http.StatusOK, page.View())
}

// leadToAccount answers a GET of what only takes a POST there.
func (s *Server) leadToAccount(w http.ResponseWriter, r *http.Request, _ *visit) error {
	return seeOther(w, r, paths.Account)
}

func (s *Server) accountPage(r *http.Request, v *visit) (person.Page, account.Mine, error) {
	mine, err := s.Own.Get(r.Context(), v.identity.ID)
	if err != nil {
		return person.Page{}, mine, err
	}
	profile := account.Profile{FirstName: mine.FirstName, LastName: mine.LastName, Phone: mine.Phone, Language: mine.Language}
	page := person.Page{Base: v.base(), Email: mine.Email, Version: profileVersion(profile), Profile: profileOf(r, profile)}
	if mine.EmailChange != nil {
		page.EmailChange = person.EmailChange{Email: mine.EmailChange.Email, Until: mine.EmailChange.ExpiresAt}
	}
	for _, session := range mine.Sessions {
		page.Sessions = append(page.Sessions, person.Session{ID: session.ID.String(), Began: session.CreatedAt, LastSeen: session.LastSeenAt,
			Address: session.Address, Browser: session.Browser, System: session.System, Current: session.ID == v.identity.SessionID})
	}
	for _, m := range v.identity.Memberships {
		page.Memberships = append(page.Memberships, person.Membership{Organization: organizationOf(m.Organization), MainUser: m.UserType == account.MainUser})
	}
	return page, mine, nil
}

// profileOf shows one's details in the form.
func profileOf(r *http.Request, of account.Profile) person.Profile {
	return person.Profile{FirstName: of.FirstName, LastName: of.LastName, Phone: account.ShowPhone(of.Phone),
		Language: orElse(of.Language, string(i18n.From(r.Context()).Lang()))}
}

// profileChanges tells what has become of one's details since they were shown.
func profileChanges(p *i18n.Printer, shown, now account.Profile) []string {
	var sentences []string
	for _, field := range []struct{ name, before, after string }{
		{p.T("users.first_name"), shown.FirstName, now.FirstName}, {p.T("users.last_name"), shown.LastName, now.LastName},
		{p.T("users.phone"), account.ShowPhone(shown.Phone), account.ShowPhone(now.Phone)},
		{p.T("layout.language"), languageName(i18n.Lang(orElse(shown.Language, string(p.Lang())))), languageName(i18n.Lang(now.Language))},
	} {
		if field.before != field.after {
			sentences = append(sentences, p.T("company.changed_to", "field", field.name, "before", orElse(field.before, p.T("company.nothing")),
				"after", orElse(field.after, p.T("company.nothing"))))
		}
	}
	return sentences
}

// refuseAccount shows Mitt konto again with what was typed into one of its forms, and why that was not saved.
func (s *Server) refuseAccount(w http.ResponseWriter, r *http.Request, v *visit, of person.Form, form url.Values, cause error) error {
	f, status, ok := refusal(cause)
	if !ok {
		return cause
	}
	page, _, err := s.accountPage(r, v)
	if err != nil {
		return err
	}
	page.Form, page.Fault = of, f
	switch of {
	case person.ProfileForm:
		page.Version = form.Get("version")
		page.Profile = person.Profile{FirstName: form.Get("first_name"), LastName: form.Get("last_name"), Phone: form.Get("phone"), Language: form.Get("language")}
	case person.EmailForm:
		page.NewEmail = form.Get("email")
	case person.PasswordForm:
	}
	setRetryAfter(w, f)
	return render(w, r, status, page.View())
}

// refusal gives the fault with which a form that asks for a password is shown again: something in it is wrong, or it was
// tried too often.
func refusal(err error) (f *fault.Fault, status int, ok bool) {
	if f, ok := faultOf(err); ok {
		return f, http.StatusUnprocessableEntity, true
	}
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Kind == fault.Throttled {
		return f, http.StatusTooManyRequests, true
	}
	return nil, 0, false
}

// profileVersion is permissionsVersion for one's own details.
func profileVersion(profile account.Profile) string {
	text, err := json.Marshal(profile)
	if err != nil {
		panic(err) // of texts alone
	}
	return string(text)
}

func (s *Server) saveProfile(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := decode(r)
	if err != nil {
		return err
	}
	profile := account.Profile{FirstName: form.Get("first_name"), LastName: form.Get("last_name"), Phone: form.Get("phone"), Language: form.Get("language")}
	var shown account.Profile
	_ = json.Unmarshal([]byte(form.Get("version")), &shown) // of what is none, nothing was shown
	err = s.Own.SaveProfile(r.Context(), v.person(), shown, profile)
	if stale, ok := errors.AsType[*account.ProfileStale](err); ok {
		page, _, err := s.accountPage(r, v)
		if err != nil {
			return err
		}
		page.Version, page.Profile = profileVersion(stale.Current), profileOf(r, stale.Merged)
		page.Changed = profileChanges(i18n.From(r.Context()), shown, stale.Current)
		return render(w, r, http.StatusConflict, page.View())
	}
	if err != nil {
		return s.refuseAccount(w, r, v, person.ProfileForm, form, err)
	}
	language, _ := i18n.Parse(profile.Language)
	s.setCookie(w, languageCookie, string(language), 365*24*60*60)
	s.setFlash(w, layout.Flash{Text: i18n.For(language).T("account.saved")})
	return seeOther(w, r, paths.Account)
}

func (s *Server) changeOwnPassword(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := decode(r)
	if err != nil {
		return err
	}
	emailChangeEnded, err := s.Own.ChangePassword(r.Context(), *v.identity, v.person(), form.Get("present"), form.Get("password"))
	if err != nil {
		return s.refuseAccount(w, r, v, person.PasswordForm, form, err)
	}
	receipt := layout.Flash{Text: i18n.From(r.Context()).T("account.password_changed")}
	if emailChangeEnded {
		receipt.Details = append(receipt.Details, i18n.From(r.Context()).T("account.email_change_ended"))
	}
	s.setFlash(w, receipt)
	return seeOther(w, r, paths.Account)
}

func (s *Server) askForEmail(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := decode(r)
	if err != nil {
		return err
	}
	if err := s.Own.AskForEmail(r.Context(), *v.identity, v.person(), form.Get("email"), form.Get("email_password")); err != nil {
		return s.refuseAccount(w, r, v, person.EmailForm, form, err)
	}
	s.setFlash(w, layout.Flash{Text: i18n.From(r.Context()).T("account.link_sent")})
	return seeOther(w, r, paths.Account)
}

// cancelEmail takes back a change of address that was not confirmed yet.
func (s *Server) cancelEmail(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.Own.CancelEmail(r.Context(), v.person()); err != nil {
		return err
	}
	s.setFlash(w, layout.Flash{Text: i18n.From(r.Context()).T("account.email_cancelled")})
	return seeOther(w, r, paths.Account)
}

// endSession logs the person out in another browser; of this one it is Logga ut.
func (s *Server) endSession(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := pathID(r, "session")
	if err != nil {
		return err
	}
	if id == v.identity.SessionID {
		return s.logOut(w, r, v)
	}
	if err := s.Own.EndSession(r.Context(), v.person(), id); err != nil {
		return err
	}
	s.setFlash(w, layout.Flash{Text: i18n.From(r.Context()).T("account.session_ended")})
	return seeOther(w, r, paths.Account)
}

func (s *Server) endOtherSessions(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.Own.EndOtherSessions(r.Context(), v.person(), v.identity.SessionID); err != nil {
		return err
	}
	s.setFlash(w, layout.Flash{Text: i18n.From(r.Context()).T("account.others_ended")})
	return seeOther(w, r, paths.Account)
}

// giveData gives everything that is stored of the person, as JSON, event by event as they come from the database.
func (s *Server) giveData(w http.ResponseWriter, r *http.Request, v *visit) error {
	separator := []byte("{\n")
	write := func(parts ...[]byte) error {
		_, err := w.Write(bytes.Join(parts, nil))
		return err
	}
	nothing := func() error { return nil }
	return s.sendFile(w, v, "application/json", "omaposti-pro.json", nothing, func(begun func() error) error {
		events := false
		err := s.Own.Data(r.Context(), v.identity.ID, func(part string, value json.RawMessage) error {
			if err := begun(); err != nil {
				return err
			}
			name, err := json.Marshal(part)
			if err != nil {
				return err
			}
			head := append(name, ':', ' ')
			if part == account.EventsPart {
				if events {
					head = nil
				} else {
					head = append(head, '[', '\n')
				}
				events = true
			}
			err = write(separator, head, value)
			separator = []byte(",\n")
			return err
		})
		if err != nil {
			return err
		}
		if !events {
			return write([]byte(",\n\"events\": []\n}\n"))
		}
		return write([]byte("\n]\n}\n"))
	})
}

// showDeletion asks before an account is deleted.
func (s *Server) showDeletion(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.deletionPage(w, r, v, http.StatusOK, nil)
}

func (s *Server) deletionPage(w http.ResponseWriter, r *http.Request, v *visit, status int, f *fault.Fault) error {
	page, mine, err := s.accountPage(r, v)
	if err != nil {
		return err
	}
	deletion := person.DeletionPage{Page: page, Fault: f}
	for _, organization := range mine.OnlyMain {
		deletion.OnlyMain = append(deletion.OnlyMain, organization.Name)
	}
	setRetryAfter(w, f)
	return render(w, r, status, deletion.View())
}

// deleteAccount erases the person and leads to the public page.
func (s *Server) deleteAccount(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := decode(r)
	if err != nil {
		return err
	}
	if err := s.Own.Delete(r.Context(), *v.identity, v.person(), form.Get("own_password")); err != nil {
		if f, status, ok := refusal(err); ok {
			return s.deletionPage(w, r, v, status, f)
		}
		if fault.Is(err, fault.Conflict) {
			return s.deletionPage(w, r, v, http.StatusConflict, nil) // which names the organizations
		}
		return err
	}
	if err := s.Sessions.Forget(w, r); err != nil {
		return err
	}
	w.Header().Set("Clear-Site-Data", `"cache"`)
	s.setFlash(w, layout.Flash{Text: i18n.From(r.Context()).T("account.deleted")})
	return seeOther(w, r, paths.Public)
}

// showDeparture asks before somebody leaves an organization.
func (s *Server) showDeparture(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.departurePage(w, r, v, http.StatusOK)
}

func (s *Server) departurePage(w http.ResponseWriter, r *http.Request, v *visit, status int) error {
	page, mine, err := s.accountPage(r, v)
	if err != nil {
		return err
	}
	only := false
	for _, organization := range mine.OnlyMain {
		only = only || organization.ID == v.actor.Organization.ID
	}
	return render(w, r, status, person.LeavingPage{Page: page, Leaving: organizationOf(v.actor.Organization), OnlyMain: only}.View())
}

// leave ends the person's own membership, if they said that they mean it.
func (s *Server) leave(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := decode(r)
	if err != nil {
		return err
	}
	if form.Get("confirmed") != "yes" {
		return s.departurePage(w, r, v, http.StatusUnprocessableEntity)
	}
	err = s.Organizations.Leave(r.Context(), v.actor)
	if _, invalid := faultOf(err); invalid {
		return s.departurePage(w, r, v, http.StatusUnprocessableEntity) // nobody else is main user
	}
	if err != nil {
		return err
	}
	s.setFlash(w, layout.Flash{Text: i18n.From(r.Context()).T("account.left", "organization", v.actor.Organization.Name)})
	return seeOther(w, r, paths.Account)
}
