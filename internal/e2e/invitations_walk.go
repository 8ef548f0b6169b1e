package e2e

import "net/http"

// invitations is Bjud in användare, an invitation that waits, and what its link opens.
func (w *walk) invitations() {
	w.tb.Helper()
	tab := w.main
	home := tab.organization()
	w.opens(tab, home+"/invitations/new", http.StatusOK)
	w.see(tab, "invite")
	tab.Field(tab.T("invitations.addresses")).Fill("kim.ny@example.com;Kim;Ny\nplain.user@example.com, new@example.com\nutan-snabel-a.example.com\n" + longestAddress)
	tab.Button(tab.T("edit.next")).Press()
	tab.Heading(tab.T("invitations.preview")).Shown()
	w.see(tab, "invite-preview")
	tab.Button(tab.N("invitations.next_with", 2)).Press()
	tab.One("checkbox", tab.T("permission.track_shipments")).Tick(true)
	tab.Button(tab.T("edit.next")).Press()
	tab.One("group", tab.T("edit.choose_logistics_contract")).One(disclosure, "").Press()
	tab.One("checkbox", "654399 Example Oy").Tick(true)
	tab.Button(tab.T("edit.next")).Press()
	tab.Button(tab.T("invitations.send")).Shown()
	w.see(tab, "invite-summary")
	tab.Button(tab.T("invitations.send")).Press()
	tab.Shows(tab.N("invitations.sent_receipt", 2))

	w.opens(tab, home+"/users?q=kim.ny", http.StatusOK)
	tab.One("region", tab.T("users.invitations")).Containing().One("list", "").Link("").Press()
	tab.Heading(tab.T("invitations.invitation")).Shown()
	w.see(tab, "invitation")

	invited := w.visitor()
	w.opens(invited, "/outbox", http.StatusOK)
	invited.Link("kim.ny@example.com").Containing().Press()
	invited.Link("/invitation?token=").Containing().Press()
	invited.Button(invited.T("invitation.join")).Shown()
	link := invited.Path()
	w.see(invited, "link")
	w.portal.Exec(w.tb, "update portal.invitations set created_at = created_at - interval '8 days', expires_at = created_at where email_key = 'kim.ny@example.com'")
	w.opens(invited, link, http.StatusGone)
	w.see(invited, "link-expired")
}

const longestAddress = "en.mycket.lang.adress.som.nastan.inte.ryms.pa.en.rad.i.listan@avdelningen-for-langa-namn.example.com"
