package e2e

import (
	"net/http"

	"omapostipro/internal/demo"
)

// people is what becomes of people: somebody with keys is removed, and somebody chooses a new password.
func (w *walk) people() {
	w.tb.Helper()
	tab := w.main
	home := tab.organization()
	w.portal.Exec(w.tb, `update portal.api_keys set maker_id = (select id from portal.users where email_key = 'plain.user@example.com')
		where description in ('Webbutik, reservnyckel', 'Ny API integration')`)
	tab.Open(home + "/users?q=plain.user")
	tab.Open(Ask[string](tab, `location.pathname + "/selection?change=end&u=" + document.querySelector("#user-rows .tick").value`))
	tab.Button(tab.T("removal.revoke")).Press()
	tab.Until(`document.querySelector("[type=radio]") && !document.querySelector("[type=radio][value=revoke]:not(:checked)")`)
	w.see(tab, "selection-keys")
	w.openUser(tab, "plain.user")
	w.see(tab, "user-story")
	tab.Link(tab.T("removal.title")).Press()
	tab.Dialog(tab.T("removal.question", "name", "Peter Lindholm")).Shown()
	w.see(tab, "user-removal")
	w.opens(tab, "/account", http.StatusOK)
	tab.Field(tab.T("account.new_email")).Fill(mainUser)
	tab.Field(tab.T("login.password")).Fill("wrong")
	tab.Button(tab.T("account.send_link")).Press()
	tab.One("alert", "").Shown()
	w.see(tab, "account-invalid")
	tab.Field(tab.T("account.new_email")).Fill("new.address@example.com")
	tab.Field(tab.T("login.password")).Fill(demo.Password)
	tab.Button(tab.T("account.send_link")).Press()
	tab.Button(tab.T("account.cancel_email")).Shown()
	w.see(tab, "account-email-change")
	tab.Button(tab.T("account.cancel_email")).Press()
	tab.Button(tab.T("account.cancel_email")).Gone()
	w.opens(tab, home, http.StatusOK)

	forgetful := w.visitor()
	w.opens(forgetful, "/password-link", http.StatusOK)
	forgetful.Field(forgetful.T("login.email")).Fill(plainUser)
	forgetful.Button(forgetful.T("password.send")).Press()
	forgetful.Shows(forgetful.T("password.sent"))
	w.opens(forgetful, "/outbox", http.StatusOK)
	forgetful.Link(plainUser).Containing().Press()
	forgetful.Link("/password?token=").Containing().Press()
	forgetful.Button(forgetful.T("password.save")).Shown()
	w.see(forgetful, "password")
	w.opens(forgetful, "/password", http.StatusGone)
	w.see(forgetful, "password-dead")
}
