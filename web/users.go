package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/apikey"
	"omapostipro/internal/application"
	"omapostipro/internal/caller"
	"omapostipro/internal/eventlog"
	"omapostipro/internal/i18n"
	"omapostipro/internal/organization"
	"omapostipro/internal/postgres"
	"omapostipro/templates/layout"
	"omapostipro/templates/paths"
	"omapostipro/templates/ui"
	"omapostipro/templates/users"
)

// showUsers shows Användare: the invitations and the people whom the filter lets through, a page of each.
func (s *Server) showUsers(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.there = paths.Users
	values := r.URL.Query()
	filter := usersFilter(values)
	peopleAfter, err := organization.ParseCursor(values.Get("users_after"))
	if err != nil {
		return err
	}
	invitationsAfter, err := organization.ParseCursor(values.Get("invitations_after"))
	if err != nil {
		return err
	}
	listing, err := s.Organizations.List(r.Context(), v.actor, filter, peopleAfter, invitationsAfter)
	if err != nil {
		return err
	}
	page := users.ListPage{Base: v.base(), Filter: filterOf(filter, listing.Numbers), FilterQuery: filterValues(filter).Encode(),
		InvitationCount: users.Count{Number: listing.Invitations.Total, Many: listing.Invitations.Many},
		UserCount:       users.Count{Number: listing.People.Total, Many: listing.People.Many},
		MoreInvitations: more(r.URL, "invitations_after", listing.Invitations.Next),
		MoreUsers:       more(r.URL, "users_after", listing.People.Next),
		Changes:         changesOf(i18n.From(r.Context()), listing.Numbers), Selectable: organization.MaxMatching}
	for _, text := range values["u"][:min(len(values["u"]), organization.MaxChosen)] {
		if id, ok := parseShortID(text); ok && !slices.Contains(page.Kept, shortID(id)) {
			page.Kept = append(page.Kept, shortID(id))
		}
	}
	s.keepList(w, v, page.FilterQuery)
	now := s.Now()
	for _, i := range listing.Invitations.Rows {
		page.Invitations = append(page.Invitations, invitationOf(i, now))
	}
	for _, person := range listing.People.Rows {
		page.Users = append(page.Users, userOf(person))
	}
	return render(w, r, http.StatusOK, page.View())
}

func invitationOf(i organization.Invitation, now time.Time) users.Invitation {
	return users.Invitation{ID: i.ID.String(), Short: shortID(i.ID), Name: cmp.Or(i.Name(), i.Email), Email: i.Email, Sent: i.CreatedAt,
		Expired: i.Expired(now), Trimmed: i.Trimmed, Undelivered: i.Undelivered}
}

func userOf(p organization.Person) users.User {
	return users.User{ID: p.ID.String(), Short: shortID(p.ID), Name: cmp.Or(strings.TrimSpace(p.FirstName+" "+p.LastName), p.Email),
		Initials: initials(p.FirstName, p.LastName), Email: p.Email, MainUser: p.UserType == account.MainUser}
}

// usersFilter reads who is looked for; what there is not to choose is not chosen, and a number that is none is nobody's.
func usersFilter(values url.Values) organization.Filter {
	filter := organization.Filter{Query: searchQuery(values), Lacking: values.Get("lacking") == "yes", Unseen: values.Get("unseen") == "yes"}
	if userType := account.UserType(values.Get("type")); userType.Known() {
		filter.UserType = userType
	}
	if permission := account.Permission(values.Get("permission")); permission.Known() {
		filter.Permission = permission
	}
	if values.Get("number") != "" {
		filter.Number = formIDs(values, "number")[0]
	}
	return filter
}

// filterValues writes what usersFilter reads.
func filterValues(filter organization.Filter) url.Values {
	values := url.Values{}
	set := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	set("q", filter.Query)
	set("type", string(filter.UserType))
	set("permission", string(filter.Permission))
	if filter.Number != uuid.Nil {
		set("number", filter.Number.String())
	}
	if filter.Lacking {
		set("lacking", "yes")
	}
	if filter.Unseen {
		set("unseen", "yes")
	}
	return values
}

// parseFilter reads a filter that came along as the list's query; none is in what is no query.
func parseFilter(query string) organization.Filter {
	values, err := url.ParseQuery(query)
	if err != nil {
		return organization.Filter{}
	}
	return usersFilter(values)
}

func filterOf(filter organization.Filter, numbers []account.ContractNumber) users.Filter {
	f := users.Filter{Query: filter.Query, UserType: string(filter.UserType), Permission: string(filter.Permission), Lacking: filter.Lacking,
		Unseen: filter.Unseen, Numbers: numbersOf(numbers)}
	if filter.Number != uuid.Nil {
		f.Number = filter.Number.String()
	}
	return f
}

// more gives the address of a list's next page, beside the page that the other list shows; empty after the last.
func more(here *url.URL, parameter string, next organization.Cursor) string {
	if next == (organization.Cursor{}) {
		return ""
	}
	values := here.Query()
	values.Set(parameter, next.String())
	return here.Path + "?" + values.Encode()
}

// exportUsers gives the people whom the filter lets through as a CSV file, row by row as they come from the database.
func (s *Server) exportUsers(w http.ResponseWriter, r *http.Request, v *visit) error {
	p := i18n.From(r.Context())
	return s.sendCSV(w, v, p.T("users.csv_name"), csvHead(p), func(write func(row []string) error) error {
		return s.Organizations.Export(r.Context(), v.actor, usersFilter(r.URL.Query()), func(row organization.Exported) error {
			return write(csvRow(p, row))
		})
	})
}

func csvHead(p *i18n.Printer) []string {
	head := []string{p.T("users.first_name"), p.T("users.last_name"), p.T("users.email"), p.T("users.user_type")}
	for _, permission := range account.Permissions() {
		head = append(head, ui.PermissionLabel(p, string(permission)))
	}
	for _, kind := range account.Kinds() {
		head = append(head, ui.KindLabel(p, string(kind)))
	}
	return head
}

func csvRow(p *i18n.Printer, person organization.Exported) []string {
	row := []string{person.FirstName, person.LastName, person.Email, userTypeLabel(p, person.UserType)}
	for _, permission := range account.Permissions() {
		switch {
		case !slices.Contains(person.Permissions, permission):
			row = append(row, "")
		case permission.InForce(person.Numbers):
			row = append(row, p.T("users.csv_yes"))
		default:
			row = append(row, p.T("users.csv_lacking"))
		}
	}
	for _, kind := range account.Kinds() {
		var numbers []string
		for _, number := range person.Numbers {
			if number.Kind == kind {
				numbers = append(numbers, number.Number)
			}
		}
		row = append(row, strings.Join(numbers, ", "))
	}
	return row
}

func userTypeLabel(p *i18n.Printer, userType account.UserType) string {
	if userType == account.MainUser {
		return p.T("users.main_user")
	}
	return p.T("users.regular_user")
}

// showUser shows Användarinformation. open names the organisation whose row is opened.
func (s *Server) showUser(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.there = paths.Users
	id, err := pathID(r, "user")
	if err != nil {
		return err
	}
	page, err := s.storyPage(r, v, id, r.URL.Query().Get("open"))
	if err != nil {
		return err
	}
	return render(w, r, http.StatusOK, page.View())
}

// recentEvents is how many events a person's page shows.
const recentEvents = 5

// storyPage is Användarinformation with what other features tell of the person, in one read.
func (s *Server) storyPage(r *http.Request, v *visit, id uuid.UUID, open string) (users.InformationPage, error) {
	var (
		recent             []eventlog.Event
		keys, applications []caller.Made
		waiting            organization.Waiting
	)
	details, err := s.Organizations.Details(r.Context(), v.actor, id, func(b *postgres.Batch) {
		apikey.QueueMadeBy(b, &keys, id)
		application.QueueMadeBy(b, &applications, id)
		eventlog.QueueAbout(b, &recent, id, recentEvents)
		organization.QueueWaiting(b, &waiting, s.Now(), id)
	})
	if err != nil {
		return users.InformationPage{}, err
	}
	page := s.informationPage(v, details, open)
	page.Story = &users.Story{LastSeen: orZero(details.LastSeen), Joined: details.Joined, Waiting: waitingOf(waiting)}
	if inviter := details.Inviter; inviter != nil {
		page.Story.Inviter = nameOf(i18n.From(r.Context()), inviter.ID, inviter.Name)
		if inviter.Member {
			page.Story.InviterURL = paths.User(v.organization(), inviter.ID.String())
		}
	}
	for _, key := range keys {
		made := madeOf(key)
		if v.actor.SeesIntegrations() {
			made.URL = paths.Key(v.organization(), made.ID)
		}
		page.Story.Made = append(page.Story.Made, made)
	}
	for _, found := range applications {
		made := madeOf(found)
		made.Application = true
		if v.actor.SeesIntegrations() {
			made.URL = paths.Application(v.organization(), made.ID)
		}
		page.Story.Made = append(page.Story.Made, made)
	}
	for _, event := range recent {
		page.Story.Events = append(page.Story.Events, eventOf(i18n.From(r.Context()), event, v.organization()))
	}
	return page, nil
}

func madeOf(made caller.Made) users.Made {
	return users.Made{ID: made.ID.String(), Name: made.Name, State: made.Status, LastUsed: orZero(made.LastUsedAt)}
}

func (s *Server) informationPage(v *visit, details organization.Details, open string) users.InformationPage {
	page := users.InformationPage{Base: v.base(), UserID: details.ID.String(), FirstName: details.FirstName, LastName: details.LastName,
		Email: details.Email, Phone: account.ShowPhone(details.Phone), Oneself: details.ID == v.actor.ID}
	for _, role := range details.Roles {
		page.Organizations = append(page.Organizations, users.Membership{Organization: organizationOf(role.Organization),
			Open: role.Organization.ID.String() == open, MainUser: role.UserType == account.MainUser,
			Permissions: permissionsOf(role.Permissions, role.Numbers), ContractNumbers: numbersOf(role.Numbers)})
	}
	return page
}

// waitingOf gives the invitations of a person's that wait, some of them with their pages.
func waitingOf(waiting organization.Waiting) users.Waiting {
	shown := users.Waiting{Count: waiting.Count}
	for _, invitation := range waiting.Some {
		shown.Some = append(shown.Some, users.Invitation{ID: invitation.ID.String(), Name: cmp.Or(invitation.Name(), invitation.Email), Email: invitation.Email})
	}
	return shown
}

// editing reads what the pages of Ändra show of the person whom the path names.
func (s *Server) editing(r *http.Request, v *visit, along ...func(*postgres.Batch)) (organization.Editing, error) {
	v.there = paths.Users
	id, err := pathID(r, "user")
	if err != nil {
		return organization.Editing{}, err
	}
	return s.Organizations.Editing(r.Context(), v.actor, id, along...)
}

// showPermissions shows page 1 of Ändra.
func (s *Server) showPermissions(w http.ResponseWriter, r *http.Request, v *visit) error {
	editing, waiting, err := s.editingPermissions(r, v)
	if err != nil {
		return err
	}
	page := s.permissionsPage(v, editing)
	page.Waiting = waiting
	return render(w, r, http.StatusOK, page.View())
}

// editingPermissions is editing with the invitations of a main user's that wait: they give nothing if the person is to be one no more.
func (s *Server) editingPermissions(r *http.Request, v *visit) (organization.Editing, users.Waiting, error) {
	id, err := pathID(r, "user")
	if err != nil {
		return organization.Editing{}, users.Waiting{}, err
	}
	var waiting organization.Waiting
	editing, err := s.editing(r, v, func(b *postgres.Batch) { organization.QueueWaiting(b, &waiting, s.Now(), id) })
	if editing.Role.UserType != account.MainUser {
		waiting = organization.Waiting{}
	}
	return editing, waitingOf(waiting), err
}

func (s *Server) permissionsPage(v *visit, editing organization.Editing) users.PermissionsPage {
	saved := organization.Permissions{UserType: editing.Role.UserType, Permissions: editing.Role.Permissions}
	page := users.PermissionsPage{InformationPage: s.informationPage(v, editing.Details, v.organization()),
		Target: organizationOf(v.actor.Organization), MainUser: saved.UserType == account.MainUser, Version: permissionsVersion(saved)}
	for _, permission := range permissionsOf(editing.Role.Permissions, editing.Role.Numbers) {
		page.Permissions = append(page.Permissions, permission.Code)
		if permission.Lacking {
			page.Lacking = append(page.Lacking, permission.Code)
		}
	}
	return page
}

// permissionsVersion tells what a form was filled with, so that a change by somebody else in the meantime is seen, and
// can be told.
func permissionsVersion(p organization.Permissions) string {
	parts := []string{string(p.UserType)}
	for _, permission := range p.Permissions {
		parts = append(parts, string(permission))
	}
	return strings.Join(parts, ",")
}

func parsePermissionsVersion(version string) organization.Permissions {
	parts := strings.Split(version, ",")
	p := organization.Permissions{UserType: account.UserType(parts[0])}
	for _, part := range parts[1:] {
		p.Permissions = append(p.Permissions, account.Permission(part))
	}
	return p
}

// savePermissions saves page 1 of Ändra and leads to page 2; who has given up being main user is led to Hem.
func (s *Server) savePermissions(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := decode(r)
	if err != nil {
		return err
	}
	id, err := pathID(r, "user")
	if err != nil {
		return err
	}
	wanted := organization.Permissions{UserType: account.UserType(form.Get("user_type"))}
	for _, code := range form["permission"] {
		wanted.Permissions = append(wanted.Permissions, account.Permission(code))
	}
	err = s.Organizations.SavePermissions(r.Context(), v.actor, id, parsePermissionsVersion(form.Get("version")), wanted, form.Get("confirmed") == "yes")
	if err == nil {
		if id == v.actor.ID && wanted.UserType != account.MainUser {
			s.setFlash(w, layout.Flash{Text: i18n.From(r.Context()).T("edit.own_demotion_receipt", "organization", v.actor.Organization.Name)})
			return seeOther(w, r, paths.Home(v.organization()))
		}
		return seeOther(w, r, paths.ContractNumbers(v.organization(), id.String()))
	}
	return s.refusePermissions(w, r, v, form, wanted, err)
}

// refusePermissions shows page 1 again with what was chosen, and why it was not saved.
func (s *Server) refusePermissions(w http.ResponseWriter, r *http.Request, v *visit, form url.Values, wanted organization.Permissions, cause error) error {
	f, invalid := faultOf(cause)
	stale, isStale := errors.AsType[*organization.Stale](cause)
	_, asks := errors.AsType[*organization.OwnDemotion](cause)
	if !invalid && !isStale && !asks {
		return cause
	}
	editing, waiting, err := s.editingPermissions(r, v)
	if err != nil {
		return err
	}
	page := s.permissionsPage(v, editing)
	page.Waiting = waiting
	status := http.StatusUnprocessableEntity
	switch {
	case isStale:
		status, page.Changed = http.StatusConflict, staleSentences(r.Context(), stale) // filled with what is saved now
	default:
		page.MainUser, page.Permissions, page.Version = wanted.UserType == account.MainUser, form["permission"], form.Get("version")
		page.Fault, page.Confirm = f, asks
	}
	return render(w, r, status, page.View())
}

// staleSentences tells what somebody else has changed.
func staleSentences(ctx context.Context, stale *organization.Stale) []string {
	p := i18n.From(ctx)
	var sentences []string
	if stale.UserType != "" {
		sentences = append(sentences, p.T("edit.changed_user_type", "type", userTypeLabel(p, stale.UserType)))
	}
	for _, permission := range stale.Gained {
		sentences = append(sentences, p.T("edit.changed_gained", "what", ui.PermissionLabel(p, string(permission))))
	}
	for _, permission := range stale.Lost {
		sentences = append(sentences, p.T("edit.changed_lost", "what", ui.PermissionLabel(p, string(permission))))
	}
	for _, number := range stale.Added {
		sentences = append(sentences, p.T("edit.changed_gained", "what", numberOf(number).Label()))
	}
	for _, number := range stale.Removed {
		sentences = append(sentences, p.T("edit.changed_lost", "what", numberOf(number).Label()))
	}
	if stale.Details {
		sentences = append(sentences, p.T("edit.changed_details"))
	}
	return sentences
}

// showContractNumbers shows page 2 of Ändra.
func (s *Server) showContractNumbers(w http.ResponseWriter, r *http.Request, v *visit) error {
	editing, err := s.editing(r, v)
	if err != nil {
		return err
	}
	return render(w, r, http.StatusOK, s.contractNumbersPage(v, editing, assignedIDs(editing)).View())
}

func assignedIDs(editing organization.Editing) []uuid.UUID {
	ids := []uuid.UUID{}
	for _, number := range editing.Role.Numbers {
		ids = append(ids, number.ID)
	}
	return ids
}

func (s *Server) contractNumbersPage(v *visit, editing organization.Editing, chosen []uuid.UUID) users.ContractNumbersPage {
	page := users.ContractNumbersPage{InformationPage: s.informationPage(v, editing.Details, v.organization()),
		Target: organizationOf(v.actor.Organization), Version: numbersVersion(assignedIDs(editing))}
	for _, number := range editing.Numbers {
		page.Numbers = append(page.Numbers, users.Choice{ContractNumber: numberOf(number), Chosen: slices.Contains(chosen, number.ID)})
	}
	for _, permission := range editing.Role.Permissions {
		if len(permission.Needs()) > 0 {
			page.Needing = append(page.Needing, string(permission))
		}
	}
	return page
}

// numbersVersion is permissionsVersion for the numbers.
func numbersVersion(ids []uuid.UUID) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return strings.Join(texts, ",")
}

func parseNumbersVersion(version string) []uuid.UUID {
	if version == "" {
		return []uuid.UUID{}
	}
	return formIDs(url.Values{"version": strings.Split(version, ",")}, "version")
}

// saveContractNumbers saves page 2 of Ändra and leads to Användarinformation.
func (s *Server) saveContractNumbers(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := decode(r)
	if err != nil {
		return err
	}
	id, err := pathID(r, "user")
	if err != nil {
		return err
	}
	var fields []string
	for _, kind := range account.Kinds() {
		fields = append(fields, string(kind))
	}
	wanted := formIDs(form, fields...)
	saved, err := s.Organizations.SaveNumbers(r.Context(), v.actor, id, parseNumbersVersion(form.Get("version")), wanted)
	if err == nil {
		s.setFlash(w, savedFlash(r.Context(), v, saved))
		return seeOther(w, r, paths.User(v.organization(), id.String())+"?open="+v.organization())
	}
	f, invalid := faultOf(err)
	stale, isStale := errors.AsType[*organization.Stale](err)
	if !invalid && !isStale {
		return err
	}
	editing, err := s.editing(r, v)
	if err != nil {
		return err
	}
	if isStale {
		page := s.contractNumbersPage(v, editing, assignedIDs(editing))
		page.Changed = staleSentences(r.Context(), stale)
		return render(w, r, http.StatusConflict, page.View())
	}
	page := s.contractNumbersPage(v, editing, wanted)
	page.Fault, page.Version = f, form.Get("version")
	return render(w, r, http.StatusUnprocessableEntity, page.View())
}

// savedFlash says that the numbers are saved, and what that means for the keys that the person has made: they keep
// theirs.
func savedFlash(ctx context.Context, v *visit, saved organization.Saved) layout.Flash {
	p := i18n.From(ctx)
	flash := layout.Flash{Text: p.T("edit.saved_receipt")}
	if saved.Keys == 0 {
		return flash
	}
	flash.Details = append(flash.Details, p.T("edit.keys_keep"))
	for _, use := range saved.Using[:min(len(saved.Using), maxUsesTold)] {
		flash.Details = append(flash.Details, p.T("edit.key_still_uses", "key", use.Description, "number", use.Number))
	}
	if rest := len(saved.Using) - maxUsesTold; rest > 0 {
		flash.Details = append(flash.Details, p.N("edit.more_keys_still_use", rest))
	}
	if v.actor.SeesIntegrations() {
		flash.URL, flash.Link = paths.Keys(v.organization()), p.T("edit.keys_link")
	}
	return flash
}

// maxUsesTold is how many keys a receipt names: it has to fit in a cookie.
const maxUsesTold = 5
