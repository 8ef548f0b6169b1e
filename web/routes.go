package web

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"omapostipro/internal/caller"
	"omapostipro/static"
)

// Routes gives every route of the product. What follows a path is who may go there (visit.go) and what answers.
func (s *Server) routes() *chi.Mux {
	r := chi.NewRouter()
	r.Use(s.identifyRequest, s.logRequests, s.recoverPanics, answerHeads)

	r.Get("/healthz", s.healthz)
	r.Get("/readyz", s.readyz)
	r.Method(http.MethodGet, static.Prefix+"*", static.Handler())

	// The API: credentials on each request, no cookies, its own errors.
	r.Mount("/shippingapi", s.API.Compatible())
	r.Mount("/oauth", s.API.OAuth())
	r.Mount("/tracking", s.API.Tracking())
	r.Mount("/transportation", s.API.Transportation())
	for _, version := range []caller.Role{caller.Gateway2025, caller.Gateway2026} {
		r.Mount("/"+string(version), s.API.Gateway(version))
	}
	own := s.API.Own()
	r.Mount("/api/v1", own)
	if s.API.Test {
		r.Post("/sandbox/shipments/{id}/advance", own.ServeHTTP) // as at /api/v1
	}

	// The portal, for browsers.
	r.Group(func(r chi.Router) {
		r.Use(s.setHeaders, middleware.Compress(5, "text/html", "text/csv"), s.sameSite, limitForms)

		r.Get("/", s.open(s.showPublic))
		r.Get("/login", s.open(s.showLogin))
		r.With(allowCarried).Post("/login", s.open(s.logIn))
		r.Get("/logout", s.open(s.leadHome))
		r.Post("/logout", s.open(s.logOut))
		r.Get("/language", s.open(s.leadHome))
		r.Post("/language", s.open(s.chooseLanguage))
		r.Get("/docs/api", s.open(s.showDocs))
		r.Get("/outbox", s.open(s.showOutbox))
		r.Get("/outbox/{mail}", s.open(s.showLetter))

		r.Get("/invitation", s.open(s.openInvitation))
		r.Get("/invitation/acceptance", s.open(s.leadHome))
		r.Post("/invitation/acceptance", s.open(s.acceptInvitation))
		r.Get("/invitation/request", s.open(s.leadHome))
		r.Post("/invitation/request", s.open(s.askForInvitation))

		r.Get("/password-link", s.open(s.showPasswordLink))
		r.Post("/password-link", s.open(s.sendPasswordLink))
		r.Get("/password", s.open(s.openPasswordLink))
		r.Post("/password", s.open(s.choosePassword))
		r.Get("/email-confirmation", s.open(s.openEmailLink))
		r.Post("/email-confirmation", s.open(s.confirmEmail))

		r.Route("/account", func(r chi.Router) {
			r.Get("/", s.own(s.showAccount))
			r.Get("/profile", s.own(s.leadToAccount))
			r.Post("/profile", s.own(s.saveProfile))
			r.Get("/email", s.own(s.leadToAccount))
			r.Post("/email", s.own(s.askForEmail))
			r.Get("/email/cancellation", s.own(s.leadToAccount))
			r.Post("/email/cancellation", s.own(s.cancelEmail))
			r.Get("/password", s.own(s.leadToAccount))
			r.Post("/password", s.own(s.changeOwnPassword))
			r.Get("/sessions/termination", s.own(s.leadToAccount))
			r.Post("/sessions/termination", s.own(s.endOtherSessions))
			r.Get("/sessions/{session}/termination", s.own(s.leadToAccount))
			r.Post("/sessions/{session}/termination", s.own(s.endSession))
			r.Get("/data.json", s.own(s.giveData))
			r.Get("/deletion", s.own(s.showDeletion))
			r.Post("/deletion", s.own(s.deleteAccount))
		})

		r.Route("/o/{organization}", func(r chi.Router) {
			r.Get("/", s.in(member, s.showHome))
			r.Get("/departure", s.in(member, s.showDeparture))
			r.Post("/departure", s.in(member, s.leave))

			r.Get("/integrations", s.in(integrator, s.showIntegrations))
			r.Route("/integrations/applications", func(r chi.Router) {
				r.Get("/", s.in(integrator, s.showApplications))
				r.Post("/", s.in(integrator, s.createApplication))
				r.Get("/new", s.in(integrator, s.showNewApplication))
				r.Get("/{application}", s.in(integrator, s.showApplication))
				r.Get("/{application}/settings", s.in(integrator, s.showApplicationSettings))
				r.Post("/{application}/settings", s.in(integrator, s.changeApplication))
				r.Get("/{application}/secret", s.in(integrator, s.showApplicationSecret))
				r.Post("/{application}/secret", s.in(integrator, s.renewApplicationSecret))
				r.Get("/{application}/activation", s.in(integrator, s.leadToApplication))
				r.Post("/{application}/activation", s.in(integrator, s.enableApplication))
				r.Get("/{application}/deactivation", s.in(integrator, s.leadToApplication))
				r.Post("/{application}/deactivation", s.in(integrator, s.disableApplication))
				r.Get("/{application}/revocation", s.in(integrator, s.showApplicationRevocation))
				r.Post("/{application}/revocation", s.in(integrator, s.revokeApplication))
			})
			r.Route("/integrations/omaposti-pro", func(r chi.Router) {
				r.Get("/", s.in(integrator, s.showKeys))
				r.Get("/keys", s.in(integrator, s.leadToKeys))
				r.Post("/keys", s.in(integrator, s.createKey))
				r.Get("/keys/new", s.in(integrator, s.showNewKey))
				r.Get("/keys/{key}", s.in(integrator, s.showKey))
				r.Get("/keys/{key}/created", s.in(integrator, s.showCreatedKey))
				r.Get("/keys/{key}/value", s.in(integrator, s.leadToKey))
				r.Post("/keys/{key}/value", s.in(integrator, s.giveKeyValue))
				r.Get("/keys/{key}/activation", s.in(integrator, s.leadToKey))
				r.Post("/keys/{key}/activation", s.in(integrator, s.enableKey))
				r.Get("/keys/{key}/deactivation", s.in(integrator, s.leadToKey))
				r.Post("/keys/{key}/deactivation", s.in(integrator, s.disableKey))
				r.Get("/keys/{key}/revocation", s.in(integrator, s.showRevocation))
				r.Post("/keys/{key}/revocation", s.in(integrator, s.revokeKey))
			})

			r.Get("/pickups", s.in(shipper, s.showPickups))
			r.Get("/pickups/{pickup}", s.in(shipper, s.showPickup))
			r.Get("/pickups/{pickup}/cancellation", s.in(shipper, s.showPickupCancellation))
			r.Post("/pickups/{pickup}/cancellation", s.in(shipper, s.cancelPickup))

			r.Get("/users", s.in(mainUser, s.showUsers))
			r.Get("/users.csv", s.in(mainUser, s.exportUsers))
			r.Get("/users/selection", s.in(mainUser, s.showSelection))
			r.Post("/users/selection", s.in(mainUser, s.changeSelection))
			r.Get("/users/{user}", s.in(mainUser, s.showUser))
			r.Get("/users/{user}/permissions", s.in(mainUser, s.showPermissions))
			r.Post("/users/{user}/permissions", s.in(mainUser, s.savePermissions))
			r.Get("/users/{user}/contract-numbers", s.in(mainUser, s.showContractNumbers))
			r.Post("/users/{user}/contract-numbers", s.in(mainUser, s.saveContractNumbers))
			r.Get("/users/{user}/removal", s.in(mainUser, s.showRemoval))
			r.Post("/users/{user}/removal", s.in(mainUser, s.removeUser))

			r.Get("/invitations", s.in(mainUser, s.leadToUsers))
			r.With(allowUploads).Post("/invitations", s.step(s.sendInvitations))
			r.Get("/invitations/template.csv", s.in(mainUser, s.giveInvitationTemplate))
			r.Get("/invitations/new", s.in(mainUser, s.showNewInvitation))
			r.With(allowUploads).Post("/invitations/new", s.step(s.showRecipients))
			r.Get("/invitations/new/permissions", s.in(mainUser, s.leadToNewInvitation))
			r.With(allowUploads).Post("/invitations/new/permissions", s.step(s.showInvitationRole))
			r.Get("/invitations/new/contract-numbers", s.in(mainUser, s.leadToNewInvitation))
			r.With(allowUploads).Post("/invitations/new/contract-numbers", s.step(s.showInvitationNumbers))
			r.Get("/invitations/new/summary", s.in(mainUser, s.leadToNewInvitation))
			r.With(allowUploads).Post("/invitations/new/summary", s.step(s.showInvitationSummary))
			r.Get("/invitations/selection", s.in(mainUser, s.showSeveral))
			r.Post("/invitations/selection", s.in(mainUser, s.changeSeveral))
			r.Get("/invitations/{invitation}", s.in(mainUser, s.showPending))
			r.Get("/invitations/{invitation}/permissions", s.in(mainUser, s.showPendingPermissions))
			r.Post("/invitations/{invitation}/permissions", s.in(mainUser, s.savePendingPermissions))
			r.Get("/invitations/{invitation}/contract-numbers", s.in(mainUser, s.showPendingNumbers))
			r.Post("/invitations/{invitation}/contract-numbers", s.in(mainUser, s.savePendingNumbers))
			r.Get("/invitations/{invitation}/link", s.in(mainUser, s.leadToPending))
			r.Post("/invitations/{invitation}/link", s.in(mainUser, s.sendAgain))
			r.Get("/invitations/{invitation}/withdrawal", s.in(mainUser, s.showWithdrawal))
			r.Post("/invitations/{invitation}/withdrawal", s.in(mainUser, s.withdrawInvitation))
			r.Get("/events", s.in(mainUser, s.showEvents))
			r.Get("/events.csv", s.in(mainUser, s.exportEvents))
			r.Get("/events.jsonl", s.in(mainUser, s.exportEventLines))
			r.Get("/organizations", s.in(mainUser, s.showOrganizations))
			r.Get("/organization", s.in(mainUser, s.showOrganization))
			r.Get("/switch", s.in(member, s.showSwitch))

			r.Get("/company-account", s.in(member, s.showCompany))
			r.Get("/company-account/information", s.in(accountant, s.showCompanyForm))
			r.Post("/company-account/information", s.in(accountant, s.saveCompany))

			r.NotFound(s.in(member, s.notFound))
			r.MethodNotAllowed(s.in(member, s.notFound))
		})

		r.NotFound(s.open(s.notFound))
		r.MethodNotAllowed(s.open(s.notFound))
	})
	return r
}

func (s *Server) notFound(http.ResponseWriter, *http.Request, *visit) error { return errNotFound() }

// leadHome answers a GET of what only takes a POST.
func (s *Server) leadHome(w http.ResponseWriter, r *http.Request, v *visit) error {
	return seeOther(w, r, v.home())
}
