package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/application"
	"omapostipro/internal/caller"
	"omapostipro/internal/i18n"
	"omapostipro/templates/applications"
	"omapostipro/templates/layout"
	"omapostipro/templates/paths"
)

// applicationsPage gives the list of application accounts, and them.
func (s *Server) applicationsPage(r *http.Request, v *visit) (applications.Page, []application.Account, error) {
	v.there = paths.Applications
	list, mainUsers, err := s.Applications.List(r.Context(), v.actor)
	if err != nil {
		return applications.Page{}, nil, err
	}
	page := applications.Page{Base: v.base(), Manages: v.actor.MayManageKeys(), MayCreate: v.actor.MayCreateKeys() == nil, Ask: contactsOf(mainUsers)}
	p := i18n.From(r.Context())
	for _, found := range list {
		if found.Status == caller.Revoked {
			page.Revoked = append(page.Revoked, applicationOf(p, found))
		} else {
			page.Accounts = append(page.Accounts, applicationOf(p, found))
		}
	}
	return page, list, nil
}

var applicationStates = map[caller.Status]applications.State{caller.Enabled: applications.Enabled,
	caller.Disabled: applications.Disabled, caller.Revoked: applications.Revoked}

func applicationOf(p *i18n.Printer, found application.Account) applications.Account {
	return applications.Account{ID: found.ID.String(), Name: found.Name, ClientID: found.ClientID, State: applicationStates[found.Status], Roles: found.Roles,
		Contracts: numbersOf(found.Contracts), Created: found.CreatedAt, CreatedBy: nameOf(p, found.MakerID, found.MakerName), SecretMade: found.SecretMadeAt,
		LastUsed: orZero(found.LastUsedAt), Locked: found.Lock.Until, Everywhere: found.Lock.Everywhere}
}

// showApplications shows the list of application accounts.
func (s *Server) showApplications(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, _, err := s.applicationsPage(r, v)
	if err != nil {
		return err
	}
	return render(w, r, http.StatusOK, page.View())
}

func (s *Server) leadToApplications(w http.ResponseWriter, r *http.Request, v *visit) error {
	return seeOther(w, r, paths.Applications(v.organization()))
}

// leadToApplication answers a GET of what is only done to an account by a POST.
func (s *Server) leadToApplication(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := pathID(r, "application")
	if err != nil {
		return err
	}
	return seeOther(w, r, paths.Application(v.organization(), id.String()))
}

// listedApplication gives the list and the one of its accounts that the path names.
func (s *Server) listedApplication(r *http.Request, v *visit) (applications.Page, application.Account, error) {
	id, err := pathID(r, "application")
	if err != nil {
		return applications.Page{}, application.Account{}, err
	}
	page, list, err := s.applicationsPage(r, v)
	if err != nil {
		return applications.Page{}, application.Account{}, err
	}
	i := slices.IndexFunc(list, func(a application.Account) bool { return a.ID == id })
	if i < 0 {
		return applications.Page{}, application.Account{}, errNotFound()
	}
	return page, list[i], nil
}

// showApplication shows an account's page.
func (s *Server) showApplication(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.there = paths.Applications
	id, err := pathID(r, "application")
	if err != nil {
		return err
	}
	found, err := s.Applications.Get(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	page := applications.DetailPage{Base: v.base(), Account: applicationOf(i18n.From(r.Context()), found), Manages: v.actor.MayManageKeys(), TokenURL: s.tokenURL()}
	return render(w, r, http.StatusOK, page.View())
}

// wantedApplication reads the form of the dialogs.
func wantedApplication(r *http.Request) (application.Wanted, string, error) {
	form, err := decode(r)
	if err != nil {
		return application.Wanted{}, "", err
	}
	wanted := application.Wanted{Name: form.Get("name"), Contracts: formIDs(form, "contract")}
	for _, role := range form["role"] {
		wanted.Roles = append(wanted.Roles, caller.Role(role))
	}
	return wanted, form.Get("token"), nil
}

// applicationForm fills in the dialog that makes or changes an account.
func applicationForm(dialog applications.FormPage, wanted application.Wanted, linkable []account.ContractNumber) applications.FormPage {
	dialog.Name = wanted.Name
	for _, role := range caller.Roles() {
		dialog.Roles = append(dialog.Roles, applications.Role{Role: role, Chosen: slices.Contains(wanted.Roles, role)})
	}
	for _, contract := range linkable {
		dialog.Contracts = append(dialog.Contracts, applications.Contract{ContractNumber: numberOf(contract), Chosen: slices.Contains(wanted.Contracts, contract.ID)})
	}
	return dialog
}

// showNewApplication shows the dialog that asks what a new account is to be like, or the list, which says what is missing.
func (s *Server) showNewApplication(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.actor.MayCreateKeys() != nil {
		return s.leadToApplications(w, r, v)
	}
	token, err := s.Applications.Prepare(v.actor, application.Account{})
	if err != nil {
		return err
	}
	page, _, err := s.applicationsPage(r, v)
	if err != nil {
		return err
	}
	linkable := caller.Linkable(v.actor)
	wanted := application.Wanted{Roles: caller.Roles(), Contracts: idsOf(linkable)}
	return render(w, r, http.StatusOK, applicationForm(applications.FormPage{Page: page, Token: token}, wanted, linkable).View())
}

func idsOf(contracts []account.ContractNumber) []uuid.UUID {
	ids := make([]uuid.UUID, len(contracts))
	for i, contract := range contracts {
		ids[i] = contract.ID
	}
	return ids
}

// createApplication makes an account, and answers with its secret, as to the same form when it is sent again: no other
// answer holds it.
func (s *Server) createApplication(w http.ResponseWriter, r *http.Request, v *visit) error {
	wanted, token, err := wantedApplication(r)
	if err != nil {
		return err
	}
	secret, err := s.Applications.Create(r.Context(), v.actor, wanted, token)
	if f, ok := faultOf(err); ok {
		page, _, err := s.applicationsPage(r, v)
		if err != nil {
			return err
		}
		dialog := applications.FormPage{Page: page, Token: token, Fault: f}
		return render(w, r, http.StatusUnprocessableEntity, applicationForm(dialog, wanted, caller.Linkable(v.actor)).View())
	}
	if err != nil {
		return err
	}
	return s.showSecret(w, r, v, applications.SecretPage{Name: wanted.Name}, secret)
}

func (s *Server) tokenURL() string { return s.BaseURL + "/api/v1/token" }

// showSecret shows an account's secret, or, where it may not be shown any more, the account's page, which says so.
func (s *Server) showSecret(w http.ResponseWriter, r *http.Request, v *visit, page applications.SecretPage, secret application.Secret) error {
	if secret.Value == "" {
		s.setFlash(w, layout.Flash{Text: i18n.From(r.Context()).T("applications.already_shown")})
		return seeOther(w, r, paths.Application(v.organization(), secret.Account.String()))
	}
	v.there = paths.Applications
	v.path = paths.Application(v.organization(), secret.Account.String())
	page.Base, page.Account, page.ClientID, page.Secret = v.base(), secret.Account.String(), secret.ClientID, secret.Value
	page.TokenURL = s.tokenURL()
	return render(w, r, http.StatusOK, page.View())
}

// showApplicationSettings shows the dialog that changes an account.
func (s *Server) showApplicationSettings(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, found, err := s.listedApplication(r, v)
	if err != nil {
		return err
	}
	if !page.Manages || found.Status == caller.Revoked {
		return s.leadToApplication(w, r, v)
	}
	wanted := wantedOf(found)
	dialog := applications.FormPage{Page: page, Account: found.ID.String(), Version: applicationVersion(wanted)}
	return render(w, r, http.StatusOK, applicationForm(dialog, wanted, application.Linkable(v.actor, found.Contracts)).View())
}

// wantedOf gives an account as a form is filled with it.
func wantedOf(found application.Account) application.Wanted {
	return application.Wanted{Name: found.Name, Roles: found.Roles, Contracts: idsOf(found.Contracts)}
}

// applicationVersion is permissionsVersion for an application account.
func applicationVersion(wanted application.Wanted) string {
	text, err := json.Marshal(wanted)
	if err != nil {
		panic(err) // of texts alone
	}
	return string(text)
}

// changeApplication makes an account as it is wanted.
func (s *Server) changeApplication(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := pathID(r, "application")
	if err != nil {
		return err
	}
	wanted, _, err := wantedApplication(r)
	if err != nil {
		return err
	}
	version := r.PostForm.Get("version")
	var shown application.Wanted
	_ = json.Unmarshal([]byte(version), &shown) // of what is none, nothing was shown
	err = s.Applications.Change(r.Context(), v.actor, id, shown, wanted)
	f, invalid := faultOf(err)
	_, stale := errors.AsType[*application.Stale](err)
	if invalid || stale {
		page, found, err := s.listedApplication(r, v)
		if err != nil {
			return err
		}
		dialog := applications.FormPage{Page: page, Account: id.String(), Fault: f, Version: version}
		linkable := application.Linkable(v.actor, found.Contracts)
		if stale {
			now := wantedOf(found)
			dialog.Version, dialog.Changed = applicationVersion(now), applicationChanges(i18n.From(r.Context()), shown, found, linkable)
			if len(dialog.Changed) > 0 {
				dialog.Fault = nil // which says the same, in fewer words
			}
			return render(w, r, http.StatusConflict, applicationForm(dialog, now, linkable).View())
		}
		return render(w, r, http.StatusUnprocessableEntity, applicationForm(dialog, wanted, linkable).View())
	}
	return s.changedApplication(w, r, v, id, err, "applications.changed_receipt")
}

// applicationChanges tells what somebody else has changed of an account since it was shown.
func applicationChanges(p *i18n.Printer, shown application.Wanted, now application.Account, linkable []account.ContractNumber) []string {
	sentences := []string{}
	if now.Name != shown.Name {
		sentences = append(sentences, p.T("company.changed_to", "field", p.T("applications.name"), "before", shown.Name, "after", now.Name))
	}
	gained := func(what string) { sentences = append(sentences, p.T("edit.changed_gained", "what", what)) }
	lost := func(what string) { sentences = append(sentences, p.T("edit.changed_lost", "what", what)) }
	for _, role := range caller.Roles() {
		was, is := slices.Contains(shown.Roles, role), slices.Contains(now.Roles, role)
		if is && !was {
			gained(string(role))
		} else if was && !is {
			lost(string(role))
		}
	}
	for _, contract := range linkable {
		was, is := slices.Contains(shown.Contracts, contract.ID), slices.Contains(idsOf(now.Contracts), contract.ID)
		if is && !was {
			gained(numberOf(contract).Label())
		} else if was && !is {
			lost(numberOf(contract).Label())
		}
	}
	return sentences
}

// showApplicationSecret shows the dialog that asks before an account gets a new secret.
func (s *Server) showApplicationSecret(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.askAboutApplication(w, r, v, false)
}

// showApplicationRevocation shows the dialog that asks before an account is revoked.
func (s *Server) showApplicationRevocation(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.askAboutApplication(w, r, v, true)
}

func (s *Server) askAboutApplication(w http.ResponseWriter, r *http.Request, v *visit, revoking bool) error {
	page, found, err := s.listedApplication(r, v)
	if err != nil {
		return err
	}
	if !page.Manages || found.Status == caller.Revoked {
		return s.leadToApplication(w, r, v)
	}
	dialog := applications.QuestionPage{Page: page, Account: applicationOf(i18n.From(r.Context()), found), Revoking: revoking}
	if !revoking {
		if dialog.Token, err = s.Applications.Prepare(v.actor, found); err != nil {
			return err
		}
	}
	return render(w, r, http.StatusOK, dialog.View())
}

// renewApplicationSecret gives an account a new secret, and answers with it.
func (s *Server) renewApplicationSecret(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := pathID(r, "application")
	if err != nil {
		return err
	}
	form, err := decode(r)
	if err != nil {
		return err
	}
	secret, err := s.Applications.NewSecret(r.Context(), v.actor, id, form.Get("token"))
	if stale, is := errors.AsType[*application.Stale](err); is {
		s.setFlash(w, layout.Flash{Text: i18n.From(r.Context()).T(stale.Message.Key)})
		return seeOther(w, r, paths.Application(v.organization(), id.String()))
	}
	if err != nil {
		return err
	}
	found, err := s.Applications.Get(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	return s.showSecret(w, r, v, applications.SecretPage{Name: found.Name, Renewed: true}, secret)
}

// enableApplication lets a disabled account log in again.
func (s *Server) enableApplication(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.setApplication(w, r, v, s.Applications.Enable, "applications.enabled_receipt")
}

// disableApplication stops an account until it is enabled again.
func (s *Server) disableApplication(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.setApplication(w, r, v, s.Applications.Disable, "applications.disabled_receipt")
}

// revokeApplication ends an account for good.
func (s *Server) revokeApplication(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.setApplication(w, r, v, s.Applications.Revoke, "applications.revoked_receipt")
}

func (s *Server) setApplication(w http.ResponseWriter, r *http.Request, v *visit, set func(context.Context, account.Actor, uuid.UUID) error, receipt string) error {
	id, err := pathID(r, "application")
	if err != nil {
		return err
	}
	return s.changedApplication(w, r, v, id, set(r.Context(), v.actor, id), receipt)
}

// changedApplication leads back to an account's page after a change, with a receipt.
func (s *Server) changedApplication(w http.ResponseWriter, r *http.Request, v *visit, id uuid.UUID, err error, receipt string) error {
	if err != nil {
		return err
	}
	found, err := s.Applications.Get(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	s.setFlash(w, layout.Flash{Text: i18n.From(r.Context()).T(receipt, "name", found.Name)})
	return seeOther(w, r, paths.Application(v.organization(), id.String()))
}
