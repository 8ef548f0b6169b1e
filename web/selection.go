package web

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/apikey"
	"omapostipro/internal/application"
	"omapostipro/internal/caller"
	"omapostipro/internal/i18n"
	"omapostipro/internal/organization"
	"omapostipro/internal/postgres"
	"omapostipro/templates/layout"
	"omapostipro/templates/paths"
	"omapostipro/templates/ui"
	"omapostipro/templates/users"
)

// shortID writes an id as the address of a selection carries it: two hundred of them have to fit.
func shortID(id uuid.UUID) string { return base64.RawURLEncoding.EncodeToString(id[:]) }

func parseShortID(text string) (uuid.UUID, bool) {
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return uuid.Nil, false
	}
	id, err := uuid.FromBytes(decoded)
	return id, err == nil
}

// selecting is who is to be changed: some who are chosen one by one, or all whom the list's filter lets through.
type selecting struct {
	change       organization.Change
	people       []uuid.UUID
	all          bool
	filter       organization.Filter
	keys         []caller.MadeBy // of theirs
	applications []caller.MadeBy
	waiting      organization.Waiting // invitations of theirs
}

func selectingOf(values url.Values) selecting {
	selected := selecting{change: parseChange(values.Get("change")), all: values.Get("all") == "yes"}
	if filter, err := url.ParseQuery(values.Get("from")); err == nil {
		selected.filter = usersFilter(filter)
	}
	for _, text := range values["u"] {
		if id, ok := parseShortID(text); ok {
			selected.people = append(selected.people, id)
		}
	}
	return selected
}

// plan says what the change would do, and what of keys those have made who would be removed.
func (s *Server) plan(r *http.Request, v *visit, selected *selecting) (plan organization.Plan, err error) {
	if selected.all {
		if selected.people, err = s.Organizations.Matching(r.Context(), v.actor, selected.filter); err != nil {
			return organization.Plan{}, err
		}
	} else if err := organization.Chosen(len(selected.people)); err != nil {
		return organization.Plan{}, err
	}
	return s.Organizations.PlanChange(r.Context(), v.actor, selected.change, selected.people, func(b *postgres.Batch) {
		if selected.change.Deed == organization.EndMembership {
			apikey.QueueMadeByAny(b, &selected.keys, selected.people)
			application.QueueMadeByAny(b, &selected.applications, selected.people)
			others := slices.DeleteFunc(slices.Clone(selected.people), func(id uuid.UUID) bool { return id == v.actor.ID })
			organization.QueueWaiting(b, &selected.waiting, s.Now(), others...)
		}
	})
}

// showSelection says what a change would do to those who are chosen in the list, and to whom it would do nothing.
func (s *Server) showSelection(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.there = paths.Users
	selected := selectingOf(r.URL.Query())
	plan, err := s.plan(r, v, &selected)
	if f, invalid := faultOf(err); invalid {
		page := selectionPage(r, v, plan, selected, r.URL.Query())
		page.Planned, page.Fault = false, f
		return render(w, r, http.StatusUnprocessableEntity, page.View())
	}
	if err != nil {
		return err
	}
	return render(w, r, http.StatusOK, selectionPage(r, v, plan, selected, r.URL.Query()).View())
}

// changeSelection does what showSelection has shown, to those to whom it said that it would, and leads back to the list.
func (s *Server) changeSelection(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.there = paths.Users
	form, err := decode(r)
	if err != nil {
		return err
	}
	selected := selectingOf(form)
	var plan organization.Plan
	if selected.all {
		plan, err = s.Organizations.ChangeMatching(r.Context(), v.actor, selected.change, selected.filter, form.Get("version"))
	} else {
		var shown []organization.Shown
		for _, text := range form["shown"] {
			id, version, _ := strings.Cut(text, ".")
			if person, ok := parseShortID(id); ok {
				shown = append(shown, organization.Shown{Person: person, Version: version})
				selected.people = append(selected.people, person)
			}
		}
		if err := organization.Chosen(len(shown)); err != nil {
			return err
		}
		plan, err = s.Organizations.ChangePeople(r.Context(), v.actor, selected.change, shown)
	}
	if err == nil {
		p := i18n.From(r.Context())
		if len(plan.People) > 0 {
			s.setFlash(w, layout.Flash{Text: planText(p, plan, "selection.done.")})
		}
		return seeOther(w, r, paths.UsersFor(v.organization(), from(form)))
	}
	changed, isChanged := errors.AsType[*organization.PlanChanged](err)
	f, invalid := faultOf(err)
	if !isChanged && !invalid {
		return err
	}
	if plan, err = s.plan(r, v, &selected); err != nil && !invalid {
		return err
	}
	page := selectionPage(r, v, plan, selected, form)
	if invalid {
		page.Planned, page.Fault = false, f
		return render(w, r, http.StatusUnprocessableEntity, page.View())
	}
	page.Stale = true
	for _, other := range changed.Other {
		page.Other = append(page.Other, userOf(other.Person).Name)
	}
	return render(w, r, http.StatusConflict, page.View())
}

// from gives the list's filter that a selection goes back to, as the list itself would write it.
func from(values url.Values) string {
	filter, err := url.ParseQuery(values.Get("from"))
	if err != nil {
		return ""
	}
	return filterValues(usersFilter(filter)).Encode()
}

// maxNamed is how many people a selection names; of more it says how many they are.
const maxNamed = 200

func selectionPage(r *http.Request, v *visit, plan organization.Plan, selected selecting, values url.Values) users.SelectionPage {
	p := i18n.From(r.Context())
	page := users.SelectionPage{Base: v.base(), From: from(values), Changes: changesOf(p, plan.Numbers), Change: values.Get("change"), All: selected.all,
		Count: len(plan.People), Planned: plan.Change.Deed != "", Removes: plan.Change.Deed == organization.EndMembership}
	if !selected.all {
		for _, person := range plan.People {
			page.Chosen = append(page.Chosen, shortID(person.ID))
		}
	}
	if !page.Planned {
		page.ChangedCount = len(plan.People)
		for _, person := range plan.People[:min(len(plan.People), maxNamed)] {
			page.Changed = append(page.Changed, users.Selected{User: userOf(person.Person)})
		}
		return page
	}
	changed, unchanged := plan.Changed(), plan.Unchanged()
	page.ChangedCount, page.UnchangedCount = len(changed), len(unchanged)
	for _, person := range changed[:min(len(changed), maxNamed)] {
		page.Changed = append(page.Changed, users.Selected{User: userOf(person.Person), Shown: shortID(person.ID) + "." + person.Version()})
	}
	for _, person := range unchanged[:min(len(unchanged), maxNamed)] {
		page.Unchanged = append(page.Unchanged, users.Selected{User: userOf(person.Person), Reason: obstacleText(p, person)})
	}
	if selected.all {
		page.Version = plan.Version()
	}
	page.Made, page.Waiting = madeBy(v, changed, selected), waitingOf(selected.waiting)
	//i18n:keys selection.title.*
	page.Title = planText(p, plan, "selection.title.")
	//i18n:keys selection.button.*
	page.Button = p.T("selection.button." + string(plan.Change.Deed))
	return page
}

// madeBy gives the keys and application accounts of those who would be removed, with their makers.
func madeBy(v *visit, people []organization.Concerned, selected selecting) []users.MadeBy {
	names := map[uuid.UUID]string{}
	for _, person := range people {
		names[person.ID] = userOf(person.Person).Name
	}
	var made []users.MadeBy
	add := func(of []caller.MadeBy, application bool, path func(organization, id string) string) {
		for _, one := range of {
			if name, removed := names[one.Maker]; removed {
				shown := madeOf(one.Made)
				shown.Application = application
				if v.actor.SeesIntegrations() {
					shown.URL = path(v.organization(), shown.ID)
				}
				made = append(made, users.MadeBy{Made: shown, Maker: name})
			}
		}
	}
	add(selected.keys, false, paths.Key)
	add(selected.applications, true, paths.Application)
	return made
}

// planText says what a plan does, to how many.
func planText(p *i18n.Printer, plan organization.Plan, area string) string {
	what := numberOf(plan.Number()).Label()
	if plan.Change.Permission != "" {
		what = ui.PermissionLabel(p, string(plan.Change.Permission))
	}
	//i18n:keys selection.done.*
	return p.N(area+string(plan.Change.Deed), len(plan.Changed()), "what", what)
}

func obstacleText(p *i18n.Printer, person organization.Concerned) string {
	var lacking []string
	for _, permission := range person.Lacking {
		lacking = append(lacking, ui.PermissionLabel(p, string(permission)))
	}
	//i18n:keys selection.obstacle.*
	return p.T("selection.obstacle."+string(person.Obstacle), "permissions", lacking)
}

// changesOf gives all that can be done to several people: each permission and each number to give or to take, and removal.
func changesOf(p *i18n.Printer, numbers []account.ContractNumber) []users.ChangeGroup {
	give := users.ChangeGroup{Title: p.T("selection.give_permission")}
	take := users.ChangeGroup{Title: p.T("selection.take_permission")}
	assign := users.ChangeGroup{Title: p.T("selection.assign_number")}
	withdraw := users.ChangeGroup{Title: p.T("selection.withdraw_number")}
	for _, permission := range account.Permissions() {
		label := ui.PermissionLabel(p, string(permission))
		give.Changes = append(give.Changes, users.Option{Value: changeValue(organization.GivePermission, string(permission)), Label: label})
		take.Changes = append(take.Changes, users.Option{Value: changeValue(organization.TakePermission, string(permission)), Label: label})
	}
	for _, number := range numbers {
		label := numberOf(number).Label()
		if !number.Ended {
			assign.Changes = append(assign.Changes, users.Option{Value: changeValue(organization.AssignNumber, number.ID.String()), Label: label})
		}
		withdraw.Changes = append(withdraw.Changes, users.Option{Value: changeValue(organization.WithdrawNumber, number.ID.String()), Label: label})
	}
	remove := users.ChangeGroup{Changes: []users.Option{{Value: string(organization.EndMembership), Label: p.T("selection.remove")}}}
	return []users.ChangeGroup{give, take, assign, withdraw, remove}
}

func changeValue(deed organization.Deed, what string) string { return string(deed) + ":" + what }

// parseChange reads what changesOf offers; what there is not is refused by whoever would do it.
func parseChange(value string) organization.Change {
	deed, what, _ := strings.Cut(value, ":")
	change := organization.Change{Deed: organization.Deed(deed)}
	switch change.Deed {
	case organization.GivePermission, organization.TakePermission:
		change.Permission = account.Permission(what)
	case organization.AssignNumber, organization.WithdrawNumber:
		change.Number = formIDs(url.Values{"number": {what}}, "number")[0]
	case organization.EndMembership: // of nothing in particular
	}
	return change
}
