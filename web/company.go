package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"omapostipro/internal/company"
	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
	pages "omapostipro/templates/company"
	"omapostipro/templates/layout"
	"omapostipro/templates/paths"
)

// showCompany shows Företagskonto, with a page of its history.
func (s *Server) showCompany(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.there = paths.Company
	after, err := company.ParseCursor(r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	view, err := s.Companies.View(r.Context(), v.actor, after)
	if err != nil {
		return err
	}
	p := i18n.From(r.Context())
	page := pages.Page{Base: v.base(), Account: view.Account, Changes: accountant.allows(v.actor), Ask: contactsOf(view.MainUsers)}
	if next := view.History.Next; next != (company.Cursor{}) {
		page.More = nextPage(r.URL, "after", next.String())
	}
	for _, entry := range view.History.Entries {
		by := entry.By
		switch {
		case entry.Operator:
			by = p.T("company.by_operator")
		case by == "":
			by = p.T("company.by_somebody")
		}
		page.History = append(page.History, pages.Entry{ID: entry.ID.String(), At: entry.At, By: by, Changes: entry.Changes})
	}
	return render(w, r, http.StatusOK, page.View())
}

// nextPage gives this page's address with another cursor.
func nextPage(here *url.URL, parameter, cursor string) string {
	values := here.Query()
	values.Set(parameter, cursor)
	return here.Path + "?" + values.Encode()
}

// showCompanyForm shows the form that changes Företagskonto.
func (s *Server) showCompanyForm(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.there = paths.Company
	account, err := s.Companies.Get(r.Context(), v.actor)
	if err != nil {
		return err
	}
	return render(w, r, http.StatusOK, pages.FormPage{Base: v.base(), Account: account, Shown: companyVersion(account)}.View())
}

// companyVersion tells what a form was filled with, so that a change by somebody else in the meantime is seen, and can be
// told.
func companyVersion(account company.Account) string {
	text, err := json.Marshal(account)
	if err != nil {
		panic(err) // of texts alone
	}
	return string(text)
}

// saveCompany saves Företagskonto and leads back to it.
func (s *Server) saveCompany(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.there = paths.Company
	form, err := decode(r)
	if err != nil {
		return err
	}
	var shown company.Account
	if err := json.Unmarshal([]byte(form.Get("shown")), &shown); err != nil {
		return fault.New(fault.Malformed, "form.incomplete").Because(err)
	}
	wanted := companyOf(form)
	changed, err := s.Companies.Save(r.Context(), v.actor, shown, wanted)
	if err == nil {
		receipt := i18n.From(r.Context()).T("company.unchanged_receipt")
		if changed {
			receipt = i18n.From(r.Context()).T("company.saved_receipt")
		}
		s.setFlash(w, layout.Flash{Text: receipt})
		return seeOther(w, r, paths.Company(v.organization()))
	}
	if stale, ok := errors.AsType[*company.Stale](err); ok {
		page := pages.FormPage{Base: v.base(), Account: stale.Merged, Shown: companyVersion(stale.Current), Changed: stale.Changed}
		return render(w, r, http.StatusConflict, page.View())
	}
	f, invalid := faultOf(err)
	if !invalid {
		return err
	}
	page := pages.FormPage{Base: v.base(), Account: wanted, Shown: form.Get("shown"), Fault: f}
	return render(w, r, http.StatusUnprocessableEntity, page.View())
}

// companyOf reads the form. Contact persons that are ticked to be removed, or left empty, are left out.
func companyOf(form url.Values) company.Account {
	var account company.Account
	for _, field := range company.Fields() {
		account.SetText(field, form.Get(string(field)))
	}
	account.Contacts = []company.Contact{}
	for i := range company.MaxContacts {
		part := func(name string) string { return form.Get(company.ContactField(i, name)) }
		contact := company.Contact{Name: part("name"), Role: part("role"), Email: part("email"), Phone: part("phone")}
		if !contact.Empty() && part("remove") != "yes" {
			account.Contacts = append(account.Contacts, contact)
		}
	}
	return account
}
