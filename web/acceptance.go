package web

import (
	"cmp"
	"net/http"
	"net/url"

	"omapostipro/internal/account"
	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
	"omapostipro/internal/organization"
	"omapostipro/templates/invitations"
	"omapostipro/templates/layout"
	"omapostipro/templates/paths"
)

// openInvitation shows what the link of an invitation opens. It spends nothing: mail scanners open links.
func (s *Server) openInvitation(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.showInvitation(w, r, v, r.URL.Query().Get("token"), http.StatusOK, url.Values{}, nil)
}

// showInvitation shows the page of a link, with what a newcomer typed.
func (s *Server) showInvitation(w http.ResponseWriter, r *http.Request, v *visit, token string, status int, form url.Values, f *fault.Fault) error {
	opened, err := s.Invitations.Open(r.Context(), token)
	if err != nil {
		return err
	}
	if _, err := r.Cookie(languageCookie); err != nil && v.identity == nil {
		r = r.WithContext(i18n.With(r.Context(), opened.Language)) // whoever has said nothing else reads on in the mail's
	}
	v.path = paths.Invitation(token)
	page := invitations.LinkPage{Base: v.base(), Token: token, State: v.linkState(opened), Organization: organizationOf(opened.Organization), Inviter: cmp.Or(opened.Inviter, i18n.From(r.Context()).T("events.erased")),
		Email: opened.Email, FirstName: opened.FirstName, LastName: opened.LastName, MainUser: opened.Permissions.UserType == account.MainUser,
		Permissions: permissionsOf(opened.Permissions.Permissions, opened.Numbers), InviterLost: opened.InviterLost, NumbersLost: opened.NumbersLost,
		Expires: opened.ExpiresAt, Asked: opened.Asked, Fault: f}
	if f != nil {
		page.FirstName, page.LastName = form.Get("first_name"), form.Get("last_name")
	}
	if page.State.Dead() && status == http.StatusOK {
		status = http.StatusGone
	}
	return render(w, r, status, page.View())
}

// linkState says what a link is good for, for this reader.
func (v *visit) linkState(opened organization.Opened) invitations.State {
	switch {
	case opened.State != organization.LinkHolds && v.identity != nil && opened.For(v.identity.Email) && v.identity.Belongs(opened.Organization.ID):
		return invitations.Member
	case opened.State == organization.LinkUsed:
		return invitations.Used
	case opened.State == organization.LinkWithdrawn:
		return invitations.Withdrawn
	case opened.State == organization.LinkReplaced:
		return invitations.Replaced
	case opened.State == organization.LinkExpired:
		return invitations.Expired
	case v.identity != nil && opened.For(v.identity.Email):
		return invitations.Accepts
	case v.identity != nil:
		return invitations.OtherPerson
	case opened.HasAccount:
		return invitations.LogsIn
	default:
		return invitations.Newcomer
	}
}

// acceptInvitation makes who has the link a member: somebody who is logged in as that very address, or a newcomer, who is
// logged in then. It leads to the organisation's Hem.
func (s *Server) acceptInvitation(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := decode(r)
	if err != nil {
		return err
	}
	token := form.Get("token")
	var joined organization.Joined
	if v.identity != nil {
		joined, err = s.Invitations.Accept(r.Context(), token, v.identity.User, v.person())
	} else {
		joined, err = s.Invitations.Join(r.Context(), token, organization.Newcomer{FirstName: form.Get("first_name"), LastName: form.Get("last_name"),
			Password: form.Get("password")}, v.anonymous())
	}
	if err != nil {
		f, invalid := faultOf(err)
		kind := fault.KindOf(err)
		if !invalid && kind != fault.Conflict && kind != fault.Gone && kind != fault.Forbidden {
			return err
		}
		return s.showInvitation(w, r, v, token, statuses[kind], form, f) // which says what is so now
	}
	if v.identity == nil {
		if err := s.Sessions.Begin(w, r, joined.Member, v.anonymous()); err != nil {
			return err
		}
	}
	p := i18n.From(r.Context())
	if v.identity == nil {
		p = i18n.For(joined.Language) // the new account's, in which the next page is
	}
	s.setFlash(w, joinedFlash(p, joined))
	return seeOther(w, r, paths.Home(joined.Organization.ID.String()))
}

// joinedFlash welcomes a new member, and says what of the invitation could no longer be given.
func joinedFlash(p *i18n.Printer, joined organization.Joined) layout.Flash {
	if joined.Already {
		return layout.Flash{Text: p.T("invitation.already", "organization", joined.Organization.Name)}
	}
	flash := layout.Flash{Text: p.T("invitation.welcome", "organization", joined.Organization.Name)}
	if joined.InviterLost {
		flash.Details = append(flash.Details, p.T("invitation.inviter_lost"))
	}
	if len(joined.Numbers) > 0 {
		var numbers []string
		for _, number := range joined.Numbers {
			numbers = append(numbers, number.Number)
		}
		flash.Details = append(flash.Details, p.N("invitation.numbers_lost", len(numbers), "numbers", numbers))
	}
	return flash
}

// askForInvitation lets somebody with a dead link ask who invited them for a new one.
func (s *Server) askForInvitation(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := decode(r)
	if err != nil {
		return err
	}
	if err := s.Invitations.AskAgain(r.Context(), form.Get("token"), v.anonymous()); err != nil && !fault.Is(err, fault.Conflict) {
		return err
	}
	return seeOther(w, r, paths.Invitation(form.Get("token")))
}
