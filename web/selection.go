package web

import (
	"cmp"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/apikey"
	"omapostipro/internal/application"
	"omapostipro/internal/caller"
	"omapostipro/internal/fault"
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
	selected.filter = filterFrom(values)
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
	if err != nil {
		return refuseSelection(w, r, v, plan, selected, r.URL.Query(), err)
	}
	return render(w, r, http.StatusOK, selectionPage(r, v, plan, selected, r.URL.Query()).View())
}

// refuseSelection says on the page of the selection why it cannot be changed: its change is none, or it has too many.
func refuseSelection(w http.ResponseWriter, r *http.Request, v *visit, plan organization.Plan, selected selecting, values url.Values, err error) error {
	page := selectionPage(r, v, plan, selected, values)
	page.Planned = false
	if f, invalid := faultOf(err); invalid {
		page.Fault = f
		return render(w, r, http.StatusUnprocessableEntity, page.View())
	}
	if f, known := errors.AsType[*fault.Fault](err); known && f.Kind == fault.TooLarge {
		page.TooMany = translate(r.Context(), f.Message)
		return render(w, r, http.StatusRequestEntityTooLarge, page.View())
	}
	return err
}

// changeSelection does what showSelection has shown, to those to whom it said that it would, and leads back to the list.
func (s *Server) changeSelection(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.there = paths.Users
	form, err := decode(r)
	if err != nil {
		return err
	}
	selected := selectingOf(form)
	var (
		plan   organization.Plan
		settle = s.settlements(v, form)
	)
	if selected.all {
		plan, err = s.Organizations.ChangeMatching(r.Context(), v.actor, selected.change, selected.filter, form.Get("version"), settle...)
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
			return refuseSelection(w, r, v, plan, selected, form, err)
		}
		plan, err = s.Organizations.ChangePeople(r.Context(), v.actor, selected.change, shown, settle...)
	}
	if err == nil {
		p := i18n.From(r.Context())
		if len(plan.People) > 0 {
			s.setFlash(w, layout.Flash{Text: planText(p, plan, "selection.done.")})
		}
		return seeOther(w, r, paths.UsersFor(v.organization(), from(form)))
	}
	changed, isChanged := errors.AsType[*organization.PlanChanged](err)
	if _, invalid := faultOf(err); !isChanged && !invalid {
		return refuseSelection(w, r, v, plan, selected, form, err)
	}
	cause := err
	if plan, err = s.plan(r, v, &selected); err != nil || !isChanged {
		return refuseSelection(w, r, v, plan, selected, form, cmp.Or(err, cause))
	}
	page := selectionPage(r, v, plan, selected, form)
	page.Stale = true
	for _, other := range changed.Other {
		page.Other = append(page.Other, userOf(other.Person).Name)
	}
	return render(w, r, http.StatusConflict, page.View())
}

// from gives the list's filter that a selection goes back to, as the list itself would write it.
func from(values url.Values) string { return filterValues(filterFrom(values)).Encode() }

func filterFrom(values url.Values) organization.Filter { return parseFilter(values.Get("from")) }

// maxNamed is how many people or invitations a page of a selection names.
const maxNamed = 200

// named gives those of a selection whom a page names, and the address of the page that names the next ones. A page is
// counted off, from the number that the address has under a name: what is done with them is compared as a whole anyway.
func named[T any](address string, values url.Values, parameter string, all []T) ([]T, string) {
	from, err := strconv.Atoi(values.Get(parameter))
	if err != nil || from < 0 {
		from = 0
	}
	rest := all[min(from, len(all)):]
	if len(rest) <= maxNamed {
		return rest, ""
	}
	next := url.Values{parameter: {strconv.Itoa(from + maxNamed)}}
	for _, name := range []string{"all", "from", "change", "deed"} {
		next[name] = values[name]
	}
	return rest[:maxNamed], address + "?" + next.Encode()
}

func selectionPage(r *http.Request, v *visit, plan organization.Plan, selected selecting, values url.Values) users.SelectionPage {
	p := i18n.From(r.Context())
	page := users.SelectionPage{Base: v.base(), From: from(values), Decides: v.actor.MayManageKeys(), Changes: changesOf(p, plan.Numbers), Change: values.Get("change"), All: selected.all,
		Count: len(plan.People), Planned: plan.Change.Deed != "", Removes: plan.Change.Deed == organization.EndMembership}
	if !selected.all {
		for _, person := range plan.People {
			page.Chosen = append(page.Chosen, shortID(person.ID))
		}
	}
	if !page.Planned {
		var some []organization.Concerned
		page.ChangedCount = len(plan.People)
		some, page.MoreChanged = named(paths.Selection(v.organization()), values, "changed", plan.People)
		for _, person := range some {
			page.Changed = append(page.Changed, users.Selected{User: userOf(person.Person)})
		}
		return page
	}
	changed, unchanged := plan.Changed(), plan.Unchanged()
	page.ChangedCount, page.UnchangedCount = len(changed), len(unchanged)
	page.Made, page.Waiting = madeBy(v, changed, selected, values), waitingOf(selected.waiting)
	changed, page.MoreChanged = named(paths.Selection(v.organization()), values, "changed", changed)
	unchanged, page.MoreUnchanged = named(paths.Selection(v.organization()), values, "unchanged", unchanged)
	for _, person := range changed {
		page.Changed = append(page.Changed, users.Selected{User: userOf(person.Person), Shown: shortID(person.ID) + "." + person.Version()})
	}
	for _, person := range unchanged {
		page.Unchanged = append(page.Unchanged, users.Selected{User: userOf(person.Person), Reason: obstacleText(p, person)})
	}
	if selected.all {
		page.Version = plan.Version()
	}
	//i18n:keys selection.title.*
	page.Title = planText(p, plan, "selection.title.")
	//i18n:keys selection.button.*
	page.Button = p.T("selection.button." + string(plan.Change.Deed))
	return page
}

// madeBy gives the keys and application accounts of those who would be removed, with their makers and what is decided.
func madeBy(v *visit, people []organization.Concerned, selected selecting, decided url.Values) []users.MadeBy {
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
				shown.Decision = decided.Get(shown.Field())
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
	// Once one is chosen its heading is not seen any more: the line itself says what is done.
	add := func(to *users.ChangeGroup, deed organization.Deed, what, key, label string) {
		to.Changes = append(to.Changes, users.Option{Value: string(deed) + ":" + what, Label: p.T(key, "what", label)})
	}
	for _, permission := range account.Permissions() {
		label := ui.PermissionLabel(p, string(permission))
		add(&give, organization.GivePermission, string(permission), "selection.give", label)
		add(&take, organization.TakePermission, string(permission), "selection.take", label)
	}
	for _, number := range numbers {
		label := numberOf(number).Label()
		if !number.Ended {
			add(&assign, organization.AssignNumber, number.ID.String(), "selection.give", label)
		}
		add(&withdraw, organization.WithdrawNumber, number.ID.String(), "selection.take", label)
	}
	remove := users.ChangeGroup{Changes: []users.Option{{Value: string(organization.EndMembership), Label: p.T("selection.remove")}}}
	return []users.ChangeGroup{give, take, assign, withdraw, remove}
}

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
