package web

import (
	"cmp"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
	"omapostipro/internal/organization"
	"omapostipro/templates/invitations"
	"omapostipro/templates/layout"
	"omapostipro/templates/paths"
	"omapostipro/templates/ui"
	"omapostipro/templates/users"
)

// Bjud in användare is four pages, each answered to the POST of the one before: what was chosen rides along in the form,
// as text, so that nothing is stored before Skicka inbjudan. It is checked anew at each step, for anybody can send
// anything.

// leadToUsers answers a GET of what only takes a POST.
func (s *Server) leadToUsers(w http.ResponseWriter, r *http.Request, v *visit) error {
	return seeOther(w, r, v.users())
}

// leadToNewInvitation answers a GET of a later step, which has nothing to go on.
func (s *Server) leadToNewInvitation(w http.ResponseWriter, r *http.Request, v *visit) error {
	return seeOther(w, r, paths.NewInvitation(v.organization()))
}

// giveInvitationTemplate gives a CSV file with nothing but its header.
func (s *Server) giveInvitationTemplate(w http.ResponseWriter, r *http.Request, v *visit) error {
	p := i18n.From(r.Context())
	return s.sendCSV(w, v, p.T("invitations.template_name"), organization.CSVHead(p), func(func([]string) error) error { return nil })
}

// inviting is what a step was sent.
type inviting struct {
	visit    *visit
	form     url.Values
	token    uuid.UUID
	language i18n.Lang // of the rows that say none
	reading  organization.Reading
	file     bool // there is one
	fault    error
	round    organization.Round
}

// readInviting decodes what every step is sent. That what it says of recipients cannot be read is its fault, not the
// error.
func (s *Server) readInviting(r *http.Request, v *visit) (*inviting, error) {
	v.there = paths.NewInvitation
	in := &inviting{visit: v}
	var file organization.Reading
	var fileErr error
	// The language stands behind the file or before it: rows that say none get it afterwards.
	form, err := decodeUpload(r, "file", func(content io.Reader) error {
		in.file = true
		file, fileErr = organization.ReadRecipientsFile(content, "")
		if _, refused := faultOf(fileErr); fileErr != nil && !refused {
			return fileErr
		}
		_, err := io.Copy(io.Discard, content) // a browser listens once it has sent all
		return err
	})
	if fault.Is(err, fault.TooLarge) && in.file {
		in.form, in.token, in.language, in.fault = url.Values{}, newToken(nil), i18n.From(r.Context()).Lang(), fileErr
		if fileErr == nil {
			in.fault = fault.New(fault.Invalid, "form.invalid").At("file", "invitations.text_too_large")
		}
		return in, nil
	}
	if err != nil {
		return nil, err
	}
	in.form, in.token = form, newToken(form)
	var ok bool
	if in.language, ok = i18n.Parse(form.Get("language")); !ok {
		in.language = i18n.From(r.Context()).Lang()
	}
	if in.file {
		in.reading, in.fault = file, fileErr
		for i := range in.reading.Recipients {
			if in.reading.Recipients[i].Language == "" {
				in.reading.Recipients[i].Language = in.language
			}
		}
		if strings.TrimSpace(form.Get("addresses")) != "" {
			in.fault = fault.New(fault.Invalid, "form.invalid").At("file", "invitations.either")
		}
	} else {
		in.reading.Recipients, in.fault = organization.ReadRecipients(form.Get("addresses"), in.language)
	}
	if in.fault == nil {
		in.fault = in.nameOnly()
	}
	in.round = organization.Round{Token: in.token, Recipients: in.reading.Recipients,
		Permissions: permissionsFrom(form), Numbers: formIDs(form, numberFields()...)}
	return in, nil
}

// newToken gives the form's token, or makes one.
func newToken(form url.Values) uuid.UUID {
	if token, err := uuid.Parse(form.Get("token")); err == nil {
		return token
	}
	token, err := uuid.NewV7()
	if err != nil {
		panic(err) // no random numbers
	}
	return token
}

// nameOnly gives the only recipient the name that the form has fields for.
func (in *inviting) nameOnly() error {
	faults := fault.New(fault.Invalid, "form.invalid")
	first := account.CheckName(faults, "first_name", in.form.Get("first_name"), false)
	last := account.CheckName(faults, "last_name", in.form.Get("last_name"), false)
	rows := in.reading.Recipients
	switch {
	case len(rows) == 0:
		faults.At("addresses", "invitations.nobody")
	case first+last == "":
	case len(rows) > 1 || in.file:
		faults.At("first_name", "invitations.name_of_one")
	default:
		rows[0].FirstName, rows[0].LastName = first, last
	}
	return faults.Err()
}

func permissionsFrom(form url.Values) organization.Permissions {
	permissions := organization.Permissions{UserType: account.UserType(form.Get("user_type"))}
	for _, code := range form["permission"] {
		permissions.Permissions = append(permissions.Permissions, account.Permission(code))
	}
	return permissions
}

func numberFields() []string {
	var fields []string
	for _, kind := range account.Kinds() {
		fields = append(fields, string(kind))
	}
	return fields
}

// maxTyped is how many bytes of what was typed ride along beside what was made of it.
const maxTyped = 64 << 10

// draft gives what the next page carries along; rows are those that it does.
func (in *inviting) draft(rows []organization.Recipient) invitations.Draft {
	draft := invitations.Draft{Token: in.token.String(), Addresses: organization.RecipientsText(rows, in.language), Count: len(rows), Language: string(in.language),
		UserType: in.form.Get("user_type"), Permissions: in.form["permission"]}
	if typed := in.form.Get("typed"); len(typed) <= maxTyped {
		draft.Typed = typed
	}
	for _, kind := range ui.Kinds {
		for _, id := range in.form[kind] {
			draft.Numbers = append(draft.Numbers, ui.ContractNumber{ID: id, Kind: kind})
		}
	}
	return draft
}

// showNewInvitation shows the first step, with the address that the reader was asked to invite, if it was one.
func (s *Server) showNewInvitation(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.there = paths.NewInvitation
	page := invitations.RecipientsPage{Base: v.base(), Draft: invitations.Draft{Token: newToken(nil).String(), Addresses: askedFor(r.URL.Query().Get("addresses")),
		Language: string(i18n.From(r.Context()).Lang())}}
	return render(w, r, http.StatusOK, page.View())
}

// askedFor gives the address of a link that asks for an invitation, if it is one.
func askedFor(email string) string {
	faults := fault.New(fault.Invalid, "form.invalid")
	if email = account.CheckEmail(faults, "addresses", email); faults.Err() != nil {
		return ""
	}
	return email
}

// showRecipients shows the first step again, filled with what a later one carries.
func (s *Server) showRecipients(w http.ResponseWriter, r *http.Request, v *visit) error {
	in, err := s.readInviting(r, v)
	if err != nil {
		return err
	}
	page := in.recipientsPage()
	page.Addresses = cmp.Or(in.form.Get("typed"), page.Addresses)
	return render(w, r, http.StatusOK, page.View())
}

func (in *inviting) recipientsPage() invitations.RecipientsPage {
	page := invitations.RecipientsPage{Base: in.visit.base(), Draft: in.draft(nil), FirstName: in.form.Get("first_name"), LastName: in.form.Get("last_name")}
	page.Addresses = in.form.Get("addresses")
	return page
}

// refuseRecipients shows the first step with what is wrong in it.
func (in *inviting) refuseRecipients(w http.ResponseWriter, r *http.Request, cause error) error {
	f, invalid := faultOf(cause)
	if !invalid {
		return cause
	}
	page := in.recipientsPage()
	page.Fault = f
	return render(w, r, http.StatusUnprocessableEntity, page.View())
}

// good gives the rows that can be invited, as far as they themselves say.
func (in *inviting) good() (good []organization.Recipient) {
	for _, row := range in.round.Recipients {
		if row.Good() {
			good = append(good, row)
		}
	}
	return good
}

// showInvitationRole takes the first step: it shows what was read, if that is worth a look, and then the second step.
func (s *Server) showInvitationRole(w http.ResponseWriter, r *http.Request, v *visit) error {
	in, err := s.readInviting(r, v)
	if err != nil {
		return err
	}
	if in.fault != nil {
		return in.refuseRecipients(w, r, in.fault)
	}
	rows := in.round.Recipients
	if err := s.Invitations.Check(r.Context(), v.actor, rows); err != nil {
		return err
	}
	good := in.good()
	checked := in.form.Get("checked") == "yes" && len(good) > 0
	switch {
	case !checked && len(rows) == 1 && !in.file && len(good) == 0:
		return in.refuseOnly(w, r, rows[0])
	case !checked && (len(rows) > 1 || in.file):
		return in.preview(w, r)
	}
	return render(w, r, http.StatusOK, invitations.RolePage{Base: v.base(), Draft: in.draft(good)}.View())
}

// refuseOnly shows the first step with what is wrong with the only address that was given.
func (in *inviting) refuseOnly(w http.ResponseWriter, r *http.Request, row organization.Recipient) error {
	page := in.recipientsPage()
	if len(row.Faults) > 0 {
		page.Fault = fault.New(fault.Invalid, "form.invalid")
		for _, at := range row.Faults {
			field := at.Name
			if field != "first_name" && field != "last_name" {
				field = "addresses"
			}
			page.Fault.At(field, at.Key, at.Args...)
		}
	} else {
		known := rowOf(row)
		page.Known = &known
	}
	return render(w, r, http.StatusUnprocessableEntity, page.View())
}

// preview shows each row with what is wrong with it. The good ones go further; all of them go back, to be mended.
func (in *inviting) preview(w http.ResponseWriter, r *http.Request) error {
	page := invitations.PreviewPage{Base: in.visit.base(), Draft: in.draft(in.good())}
	if in.file {
		page.File = &invitations.File{Windows: in.reading.Windows, Comma: in.reading.Comma, Header: in.reading.Header}
	}
	for _, row := range in.round.Recipients {
		if row.Good() {
			page.Good = append(page.Good, rowOf(row))
		} else {
			page.Bad = append(page.Bad, rowOf(row))
		}
	}
	status := http.StatusOK
	if len(page.Bad) > 0 {
		status = http.StatusUnprocessableEntity
	}
	switch {
	case !in.file: // as it was typed, whatever was made of it
		page.Typed = in.form.Get("addresses")
	case len(page.Bad) > 0:
		page.Typed = organization.RecipientsText(in.round.Recipients, in.language)
	}
	return render(w, r, status, page.View())
}

func rowOf(recipient organization.Recipient) invitations.Row {
	row := invitations.Row{Line: recipient.Line, Email: recipient.Email, Faults: recipient.Faults, Language: languageName(recipient.Language),
		Name: account.User{FirstName: recipient.FirstName, LastName: recipient.LastName}.Name()}
	if recipient.Member != uuid.Nil {
		row.Member = recipient.Member.String()
	}
	if recipient.Invited != uuid.Nil {
		row.Invited = recipient.Invited.String()
	}
	return row
}

// languageName gives a language's own name, or what was said instead.
func languageName(lang i18n.Lang) string {
	if _, known := i18n.Parse(string(lang)); !known {
		return string(lang)
	}
	return i18n.For(lang).T("common.language")
}

// carried decodes what the later steps are sent: rows that were good before. ok is false when they are not, and the first
// step has been shown again.
func (s *Server) carried(w http.ResponseWriter, r *http.Request, v *visit) (in *inviting, ok bool, err error) {
	in, err = s.readInviting(r, v)
	if err != nil {
		return nil, false, err
	}
	if in.fault == nil && len(in.good()) < len(in.round.Recipients) {
		in.fault = fault.New(fault.Invalid, "form.invalid").At("addresses", "invitations.rows_at_fault")
	}
	if in.fault != nil {
		return in, false, in.refuseRecipients(w, r, in.fault)
	}
	return in, true, nil
}

// showInvitationNumbers takes the second step and shows the third.
func (s *Server) showInvitationNumbers(w http.ResponseWriter, r *http.Request, v *visit) error {
	in, ok, err := s.carried(w, r, v)
	if err != nil || !ok {
		return err
	}
	if err := in.round.Permissions.Check(); err != nil {
		return in.refuseRole(w, r, err)
	}
	assignable, err := s.Invitations.Assignable(r.Context(), v.actor)
	if err != nil {
		return err
	}
	return render(w, r, http.StatusOK, in.numbersPage(assignable, nil).View())
}

func (in *inviting) refuseRole(w http.ResponseWriter, r *http.Request, cause error) error {
	f, invalid := faultOf(cause)
	if !invalid {
		return cause
	}
	page := invitations.RolePage{Base: in.visit.base(), Draft: in.draft(in.round.Recipients), Fault: f}
	return render(w, r, http.StatusUnprocessableEntity, page.View())
}

func (in *inviting) numbersPage(assignable []account.ContractNumber, f *fault.Fault) invitations.NumbersPage {
	return invitations.NumbersPage{Base: in.visit.base(), Draft: in.draft(in.round.Recipients), Fields: users.NumberFields{
		Organization: in.visit.actor.Organization.Name, Numbers: choicesOf(assignable, in.round.Numbers),
		Needing: needing(in.round.Permissions.Permissions), Focus: f == nil, Fault: f}}
}

// needing gives the codes of the permissions that need numbers.
func needing(permissions []account.Permission) []string {
	var codes []string
	for _, permission := range permissions {
		if len(permission.Needs()) > 0 {
			codes = append(codes, string(permission))
		}
	}
	return codes
}

// showInvitationSummary takes the third step and shows the last.
func (s *Server) showInvitationSummary(w http.ResponseWriter, r *http.Request, v *visit) error {
	in, ok, err := s.carried(w, r, v)
	if err != nil || !ok {
		return err
	}
	if err := in.round.Permissions.Check(); err != nil {
		return in.refuseRole(w, r, err)
	}
	assignable, err := s.Invitations.Assignable(r.Context(), v.actor)
	if err != nil {
		return err
	}
	chosen, err := in.round.CheckNumbers(assignable)
	if f, invalid := faultOf(err); invalid {
		return render(w, r, http.StatusUnprocessableEntity, in.numbersPage(assignable, f).View())
	}
	if err != nil {
		return err
	}
	return render(w, r, http.StatusOK, in.summaryPage(chosen, nil).View())
}

func (in *inviting) summaryPage(chosen []account.ContractNumber, f *fault.Fault) invitations.SummaryPage {
	page := invitations.SummaryPage{Base: in.visit.base(), Draft: in.draft(in.round.Recipients), Fault: f,
		Days: int(organization.InvitationLifetime.Hours() / 24)}
	page.Numbers = numbersOf(chosen)
	for _, row := range in.round.Recipients {
		page.Rows = append(page.Rows, rowOf(row))
	}
	return page
}

// sendInvitations takes the last step: it invites.
func (s *Server) sendInvitations(w http.ResponseWriter, r *http.Request, v *visit) error {
	in, ok, err := s.carried(w, r, v)
	if err != nil || !ok {
		return err
	}
	invited, err := s.Invitations.Send(r.Context(), v.actor, in.round)
	f, invalid := faultOf(err)
	if err != nil && !invalid {
		return err
	}
	if invalid {
		return s.refuseRound(w, r, in, f)
	}
	p := i18n.From(r.Context())
	flash := layout.Flash{Text: p.N("invitations.sent_receipt", invited.Sent)}
	if len(invited.Left) > 0 {
		flash.Details = []string{p.N("invitations.left_out", len(invited.Left))}
	}
	s.setFlash(w, flash)
	return seeOther(w, r, v.users())
}

// refuseRound shows the step at which a round is wrong.
func (s *Server) refuseRound(w http.ResponseWriter, r *http.Request, in *inviting, f *fault.Fault) error {
	if _, recipients := f.Field("addresses"); recipients {
		return in.refuseRecipients(w, r, f)
	}
	if in.round.Permissions.Check() != nil {
		return in.refuseRole(w, r, f)
	}
	assignable, err := s.Invitations.Assignable(r.Context(), in.visit.actor)
	if err != nil {
		return err
	}
	return render(w, r, http.StatusUnprocessableEntity, in.numbersPage(assignable, f).View())
}

// choicesOf gives numbers with which of them are chosen.
func choicesOf(numbers []account.ContractNumber, chosen []uuid.UUID) []users.Choice {
	choices := make([]users.Choice, len(numbers))
	for i, number := range numbers {
		choices[i] = users.Choice{ContractNumber: numberOf(number), Chosen: containsID(chosen, number.ID)}
	}
	return choices
}
