package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/i18n"
	"omapostipro/internal/organization"
	"omapostipro/templates/invitations"
	"omapostipro/templates/layout"
	"omapostipro/templates/paths"
	"omapostipro/templates/users"
)

// pending reads the invitation that the path names, which still waits.
func (s *Server) pending(r *http.Request, v *visit) (organization.Pending, error) {
	v.there = paths.Users
	id, err := pathID(r, "invitation")
	if err != nil {
		return organization.Pending{}, err
	}
	return s.Invitations.Pending(r.Context(), v.actor, id)
}

// postedPending reads which invitation a form is about, and the form.
func postedPending(r *http.Request) (uuid.UUID, url.Values, error) {
	id, err := pathID(r, "invitation")
	if err != nil {
		return uuid.Nil, nil, err
	}
	form, err := decode(r)
	return id, form, err
}

// showPending shows an invitation that waits.
func (s *Server) showPending(w http.ResponseWriter, r *http.Request, v *visit) error {
	pending, err := s.pending(r, v)
	if err != nil {
		return err
	}
	return render(w, r, http.StatusOK, s.pendingPage(v, pending).View())
}

func (s *Server) pendingPage(v *visit, pending organization.Pending) invitations.PendingPage {
	page := invitations.PendingPage{Base: v.base(), ID: pending.ID.String(), Email: pending.Email, FirstName: pending.FirstName, LastName: pending.LastName,
		Language: languageName(pending.Language), MainUser: pending.Permissions.UserType == account.MainUser,
		Permissions: permissionsOf(pending.Permissions.Permissions, pending.Numbers), Numbers: numbersOf(pending.Numbers), Inviter: pending.InviterName,
		Created: pending.CreatedAt, Sent: pending.SentAt, Expires: pending.ExpiresAt, Expired: pending.Expired(s.Now()), Undelivered: pending.Undelivered, InviterLost: pending.InviterLost}
	for _, number := range pending.Numbers {
		if number.Ended {
			page.Ended = append(page.Ended, numberOf(number))
		}
	}
	return page
}

// leadToPending answers a GET of what only takes a POST.
func (s *Server) leadToPending(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := pathID(r, "invitation")
	if err != nil {
		return err
	}
	return seeOther(w, r, paths.PendingInvitation(v.organization(), id.String()))
}

// showPendingPermissions shows page 1 of an invitation's Ändra.
func (s *Server) showPendingPermissions(w http.ResponseWriter, r *http.Request, v *visit) error {
	pending, err := s.pending(r, v)
	if err != nil {
		return err
	}
	return render(w, r, http.StatusOK, s.pendingRolePage(v, pending).View())
}

func (s *Server) pendingRolePage(v *visit, pending organization.Pending) invitations.PendingRolePage {
	page := invitations.PendingRolePage{PendingPage: s.pendingPage(v, pending), Version: permissionsVersion(pending.Permissions),
		Addressee: invitations.Addressee{FirstName: pending.FirstName, LastName: pending.LastName, Language: string(pending.Language)}}
	page.Who = addresseeVersion(page.Addressee)
	page.Fields = users.RoleFields{MainUser: page.MainUser, LackingURL: paths.PendingNumbers(v.organization(), page.ID), Focus: true}
	for _, permission := range page.Permissions {
		page.Fields.Permissions = append(page.Fields.Permissions, permission.Code)
		if permission.Lacking {
			page.Fields.Lacking = append(page.Fields.Lacking, permission.Code)
		}
	}
	return page
}

// savePendingPermissions saves page 1 and leads to page 2.
func (s *Server) savePendingPermissions(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, form, err := postedPending(r)
	if err != nil {
		return err
	}
	shown := inviteeOf(parsePermissionsVersion(form.Get("version")), parseAddresseeVersion(form.Get("who")))
	addressee := invitations.Addressee{FirstName: form.Get("first_name"), LastName: form.Get("last_name"), Language: form.Get("language")}
	wanted := inviteeOf(permissionsFrom(form), addressee)
	err = s.Invitations.Save(r.Context(), v.actor, id, shown, wanted)
	if err == nil {
		return seeOther(w, r, paths.PendingNumbers(v.organization(), id.String()))
	}
	f, invalid := faultOf(err)
	stale, isStale := errors.AsType[*organization.Stale](err)
	if !invalid && !isStale {
		return err
	}
	pending, err := s.pending(r, v)
	if err != nil {
		return err
	}
	page := s.pendingRolePage(v, pending)
	page.Fields.Focus = false
	if isStale {
		page.Changed = staleSentences(r.Context(), stale)
		return render(w, r, http.StatusConflict, page.View())
	}
	page.Addressee, page.Who = addressee, form.Get("who")
	page.Fields.MainUser, page.Fields.Permissions, page.Fields.Fault, page.Version = wanted.UserType == account.MainUser, form["permission"], f, form.Get("version")
	return render(w, r, http.StatusUnprocessableEntity, page.View())
}

func inviteeOf(permissions organization.Permissions, addressee invitations.Addressee) organization.Invitee {
	return organization.Invitee{Permissions: permissions, FirstName: addressee.FirstName, LastName: addressee.LastName, Language: i18n.Lang(addressee.Language)}
}

// addresseeVersion is permissionsVersion for whom an invitation is for.
func addresseeVersion(a invitations.Addressee) string {
	return url.Values{"f": {a.FirstName}, "l": {a.LastName}, "g": {a.Language}}.Encode()
}

func parseAddresseeVersion(version string) invitations.Addressee {
	values, _ := url.ParseQuery(version) // what is none is nobody's
	return invitations.Addressee{FirstName: values.Get("f"), LastName: values.Get("l"), Language: values.Get("g")}
}

// showPendingNumbers shows page 2 of an invitation's Ändra.
func (s *Server) showPendingNumbers(w http.ResponseWriter, r *http.Request, v *visit) error {
	pending, err := s.pending(r, v)
	if err != nil {
		return err
	}
	return render(w, r, http.StatusOK, s.pendingNumbersPage(v, pending, numberIDs(pending.Numbers)).View())
}

func (s *Server) pendingNumbersPage(v *visit, pending organization.Pending, chosen []uuid.UUID) invitations.PendingNumbersPage {
	return invitations.PendingNumbersPage{PendingPage: s.pendingPage(v, pending), Version: numbersVersion(numberIDs(pending.Numbers)),
		Fields: users.NumberFields{Organization: v.actor.Organization.Name, Numbers: choicesOf(pending.Assignable, chosen),
			Needing: needing(pending.Permissions.Permissions), Focus: true}}
}

func numberIDs(numbers []account.ContractNumber) []uuid.UUID {
	ids := make([]uuid.UUID, len(numbers))
	for i, number := range numbers {
		ids[i] = number.ID
	}
	return ids
}

func containsID(ids []uuid.UUID, id uuid.UUID) bool { return slices.Contains(ids, id) }

// savePendingNumbers saves page 2 and leads to the invitation.
func (s *Server) savePendingNumbers(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, form, err := postedPending(r)
	if err != nil {
		return err
	}
	wanted := formIDs(form, numberFields()...)
	err = s.Invitations.SaveNumbers(r.Context(), v.actor, id, parseNumbersVersion(form.Get("version")), wanted)
	if err == nil {
		s.setFlash(w, layout.Flash{Text: i18n.From(r.Context()).T("invitations.changed_receipt")})
		return seeOther(w, r, paths.PendingInvitation(v.organization(), id.String()))
	}
	f, invalid := faultOf(err)
	stale, isStale := errors.AsType[*organization.Stale](err)
	if !invalid && !isStale {
		return err
	}
	pending, err := s.pending(r, v)
	if err != nil {
		return err
	}
	if isStale {
		page := s.pendingNumbersPage(v, pending, numberIDs(pending.Numbers))
		page.Fields.Focus, page.Changed = false, staleSentences(r.Context(), stale)
		return render(w, r, http.StatusConflict, page.View())
	}
	page := s.pendingNumbersPage(v, pending, wanted)
	page.Fields.Focus, page.Fields.Fault, page.Version = false, f, form.Get("version")
	return render(w, r, http.StatusUnprocessableEntity, page.View())
}

// sendAgain sends a new link, whose predecessor is dead from then on.
func (s *Server) sendAgain(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, form, err := postedPending(r)
	if err != nil {
		return err
	}
	shown, _ := time.Parse(time.RFC3339Nano, form.Get("sent")) // of what is none, nothing was shown
	invitation, err := s.Invitations.SendAgain(r.Context(), v.actor, id, shown)
	if err != nil {
		return err
	}
	s.setFlash(w, layout.Flash{Text: i18n.From(r.Context()).T("invitations.again_receipt", "email", invitation.Email)})
	return seeOther(w, r, paths.PendingInvitation(v.organization(), id.String()))
}

// showWithdrawal asks before an invitation is taken back.
func (s *Server) showWithdrawal(w http.ResponseWriter, r *http.Request, v *visit) error {
	pending, err := s.pending(r, v)
	if err != nil {
		return err
	}
	return render(w, r, http.StatusOK, invitations.WithdrawalPage{PendingPage: s.pendingPage(v, pending)}.View())
}

// withdrawInvitation takes an invitation back.
func (s *Server) withdrawInvitation(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, _, err := postedPending(r)
	if err != nil {
		return err
	}
	invitation, err := s.Invitations.Withdraw(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	s.setFlash(w, layout.Flash{Text: i18n.From(r.Context()).T("invitations.withdrawn_receipt", "email", invitation.Email)})
	return seeOther(w, r, v.users())
}
