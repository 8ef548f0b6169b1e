package web

import (
	"net/http"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/templates/home"
	"omapostipro/templates/ui"
)

// showHome shows Hem: the manual's way for main users, what they may do for others.
func (s *Server) showHome(w http.ResponseWriter, r *http.Request, v *visit) error {
	progress, people, err := s.Organizations.Progress(r.Context(), v.actor)
	if err != nil {
		return err
	}
	page := home.Page{Base: v.base(), FirstName: v.identity.FirstName, Permissions: permissionsOf(v.actor.Permissions, v.actor.Numbers),
		MainUsers: contactsOf(people)}
	if v.actor.ManagesUsers() {
		page.Checklist = &home.Checklist{
			Right:    v.actor.Holds(account.ManageIntegrations),
			Contract: len(v.actor.NumbersOf(account.LogisticsContract)) > 0,
			Key:      progress.Key != uuid.Nil,
			Order:    progress.Orders,
		}
		if progress.Key != uuid.Nil {
			page.Checklist.LastKey = progress.Key.String()
		}
	}
	return render(w, r, http.StatusOK, page.View())
}

// permissionsOf gives the permissions in the manual's order, each with whether it lacks its numbers.
func permissionsOf(held []account.Permission, numbers []account.ContractNumber) []ui.Permission {
	var permissions []ui.Permission
	for _, permission := range account.Permissions() {
		for _, h := range held {
			if h == permission {
				permissions = append(permissions, ui.Permission{Code: string(permission), Lacking: !permission.InForce(numbers)})
			}
		}
	}
	return permissions
}

func numberOf(n account.ContractNumber) ui.ContractNumber {
	return ui.ContractNumber{ID: n.ID.String(), Kind: string(n.Kind), Number: n.Number, Holder: n.Holder, Closed: n.Ended}
}

func numbersOf(numbers []account.ContractNumber) []ui.ContractNumber {
	shown := make([]ui.ContractNumber, len(numbers))
	for i, number := range numbers {
		shown[i] = numberOf(number)
	}
	return shown
}
