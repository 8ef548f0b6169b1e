package web

import (
	"net/http"
	"net/url"
	"time"

	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
	"omapostipro/internal/organization"
	"omapostipro/templates/layout"
	"omapostipro/templates/paths"
	"omapostipro/templates/users"
)

// severalOf reads which invitations something is to be done with, as the list and the page of several send it.
func severalOf(values url.Values) organization.Several {
	several := organization.Several{All: values.Get("all") == "yes", Version: values.Get("version")}
	several.Filter = filterFrom(values)
	for _, text := range values["i"] {
		if id, ok := parseShortID(text); ok {
			several.Chosen = append(several.Chosen, id)
		}
	}
	return several
}

// showSeveral says with which of the invitations that are chosen in the list something is done, and asks for it.
func (s *Server) showSeveral(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.showSeveralAs(w, r, v, r.URL.Query(), http.StatusOK)
}

func (s *Server) showSeveralAs(w http.ResponseWriter, r *http.Request, v *visit, values url.Values, status int) error {
	v.there = paths.Users
	several := severalOf(values)
	invitations, err := s.Invitations.Several(r.Context(), v.actor, several)
	if err != nil {
		return err
	}
	now := s.Now()
	page := users.SeveralPage{Base: v.base(), From: from(values), All: several.All, Count: len(invitations), Stale: status == http.StatusConflict,
		Version: organization.SeveralVersion(invitations), Shown: now.UTC().Format(time.RFC3339Nano)}
	switch deed := values.Get("deed"); deed {
	case users.SendAgain, users.Withdraw:
		page.Deed = deed
	}
	if !several.All {
		for _, invitation := range invitations {
			page.Chosen = append(page.Chosen, shortID(invitation.ID))
		}
	}
	some, more := named(paths.InvitationSelection(v.organization()), values, "after", invitations)
	for _, invitation := range some {
		page.Invitations = append(page.Invitations, invitationOf(invitation, now))
	}
	page.More = more
	return render(w, r, status, page.View())
}

// changeSeveral does what showSeveral has shown, and leads back to the list.
func (s *Server) changeSeveral(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := decode(r)
	if err != nil {
		return err
	}
	p := i18n.From(r.Context())
	several := severalOf(form)
	var done int
	var receipt string
	switch form.Get("deed") {
	case users.SendAgain:
		shown, parseErr := time.Parse(time.RFC3339Nano, form.Get("shown"))
		if parseErr != nil {
			return fault.New(fault.Malformed, "form.incomplete")
		}
		done, err = s.Invitations.SendSeveralAgain(r.Context(), v.actor, several, shown)
		receipt = p.N("several.sent", done)
	case users.Withdraw:
		done, err = s.Invitations.WithdrawSeveral(r.Context(), v.actor, several)
		receipt = p.N("several.withdrawn", done)
	default:
		return fault.New(fault.Malformed, "form.incomplete")
	}
	if fault.Is(err, fault.Conflict) {
		return s.showSeveralAs(w, r, v, form, http.StatusConflict)
	}
	if err != nil {
		return err
	}
	if done == 0 {
		receipt = p.T("several.nothing_left")
	}
	s.setFlash(w, layout.Flash{Text: receipt})
	return seeOther(w, r, paths.UsersFor(v.organization(), from(form)))
}
