package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"omapostipro/internal/caller"
	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
	"omapostipro/internal/organization"
	"omapostipro/templates/layout"
	"omapostipro/templates/paths"
	"omapostipro/templates/users"
)

// showRemoval asks before a person is removed from the organisation, and what becomes of the keys that they have made.
// Oneself is not removed: one leaves.
func (s *Server) showRemoval(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := pathID(r, "user")
	if err != nil {
		return err
	}
	if id == v.actor.ID {
		return seeOther(w, r, paths.Departure(v.organization()))
	}
	return s.removalPage(w, r, v, id, http.StatusOK, url.Values{}, nil)
}

func (s *Server) removalPage(w http.ResponseWriter, r *http.Request, v *visit, id uuid.UUID, status int, form url.Values, f *fault.Fault) error {
	v.there = paths.Users
	information, err := s.storyPage(r, v, id, "")
	if err != nil {
		return err
	}
	for i, made := range information.Story.Made {
		information.Story.Made[i].Decision = form.Get(made.Field())
	}
	page := users.RemovalPage{InformationPage: information, Decides: v.actor.MayManageKeys(), Fault: f}
	return render(w, r, status, page.View())
}

// removeUser ends a person's membership, and does with their keys what was decided, all or nothing.
func (s *Server) removeUser(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := decode(r)
	if err != nil {
		return err
	}
	id, err := pathID(r, "user")
	if err != nil {
		return err
	}
	if id == v.actor.ID {
		return seeOther(w, r, paths.Departure(v.organization()))
	}
	err = s.Organizations.Remove(r.Context(), v.actor, []uuid.UUID{id}, s.settlements(v, form)...)
	if f, invalid := faultOf(err); invalid {
		return s.removalPage(w, r, v, id, http.StatusUnprocessableEntity, form, f)
	}
	if err != nil {
		return err
	}
	s.setFlash(w, layout.Flash{Text: i18n.From(r.Context()).T("removal.done")})
	return seeOther(w, r, v.users())
}

// settlements does with the keys of those who are removed what was decided.
func (s *Server) settlements(v *visit, form url.Values) []organization.Settlement {
	return []organization.Settlement{s.Keys.Settle(v.actor, decisions(form, users.KeyField(""))),
		s.Applications.Settle(v.actor, decisions(form, users.ApplicationField("")))}
}

var deeds = map[string]caller.Status{users.Disable: caller.Disabled, users.Revoke: caller.Revoked}

// decisions reads what is to be done with each of what a person has made; what is kept is not among it.
func decisions(form url.Values, prefix string) map[uuid.UUID]caller.Status {
	decided := map[uuid.UUID]caller.Status{}
	for field := range form {
		text, ours := strings.CutPrefix(field, prefix)
		if !ours {
			continue
		}
		if deed, known := deeds[form.Get(field)]; known {
			id, err := uuid.Parse(text)
			if err != nil {
				id = uuid.Max // an id that is not one is an unknown one
			}
			decided[id] = deed
		}
	}
	return decided
}
