package templates_test

import (
	"maps"

	"github.com/a-h/templ"

	"omapostipro/internal/fault"
	"omapostipro/templates/invitations"
	"omapostipro/templates/layout"
	"omapostipro/templates/ui"
	"omapostipro/templates/users"
)

// invitationSamples adds the pages of invitations.
func invitationSamples(pages map[string]templ.Component) {
	nobody := layout.Base{Path: "/invitation?token=t", Now: now}
	good := invitations.Row{Line: 1, Email: "new@example.com", Name: "first last", Language: "Svenska"}
	bad := []invitations.Row{
		{Line: 2, Email: "new@", Language: "Suomi", Faults: []fault.Field{{Name: "email", Message: fault.Message{Key: "form.email"}}}},
		{Line: 3, Email: "main.user@example.com", Language: "Suomi", Member: "p1"},
		{Line: 4, Email: "new@example.com", Language: "Suomi", Invited: "i1"},
	}
	draft := invitations.Draft{Token: "t", Addresses: "new@example.com\n", Language: "sv", Count: 1, UserType: "user", Permissions: []string{ui.TrackShipments},
		Numbers: []ui.ContractNumber{logistics}}
	recipients := invitations.RecipientsPage{Base: base(), Draft: draft}
	refused, known := recipients, recipients
	refused.Fault = invalid("addresses", "invitations.nobody").At("file", "invitations.file_not_text", "line", 1).At("first_name", "form.control_characters")
	known.Known = &bad[1]
	fields := users.NumberFields{Organization: "Example Oy", Numbers: []users.Choice{{ContractNumber: logistics, Chosen: true}, {ContractNumber: freight}},
		Needing: []string{ui.TrackShipments}, Focus: true}
	needing := fields
	needing.Focus, needing.Fault = false, invalid(ui.LogisticsContract, "permission.needs.track_shipments")
	summary := invitations.SummaryPage{Base: base(), Draft: draft, Rows: []invitations.Row{good}, Days: 7}
	several := summary
	several.Count, several.Rows, several.Fault = 6, []invitations.Row{good, good, good, good, good, good}, invalid("addresses", "invitations.none_left")

	pending := invitations.PendingPage{Base: base(), ID: "i1", Email: "new@example.com", FirstName: "first", LastName: "last", Language: "Svenska",
		Permissions: []ui.Permission{{Code: ui.TrackShipments, Lacking: true}}, Inviter: "FirstName LastName", Created: now}
	expired := pending
	expired.Sent, expired.Expires, expired.Expired, expired.FirstName = &now, &now, true, ""
	orphaned := pending
	orphaned.InviterLost = true
	numberless := pending
	numberless.Ended = []ui.ContractNumber{{Number: "654321"}}
	role := invitations.PendingRolePage{PendingPage: pending, Addressee: invitations.Addressee{FirstName: "first", LastName: "last", Language: "sv"}, Version: "user", Fields: users.RoleFields{Permissions: []string{ui.TrackShipments},
		Lacking: []string{ui.TrackShipments}, LackingURL: "/o/o1", Focus: true}}
	stale := role
	stale.Fields.Focus, stale.Changed = false, []string{"Example Oy"}

	link := invitations.LinkPage{Base: nobody, Token: "t", Organization: exampleOy, Inviter: "FirstName LastName", Email: "new@example.com", FirstName: "first",
		LastName: "last", Permissions: []ui.Permission{{Code: ui.TrackShipments, Lacking: true}}, NumbersLost: 1, Expires: &now}
	state := func(s invitations.State, asked bool) templ.Component {
		page := link
		page.State, page.Asked = s, asked
		if s == invitations.OtherPerson {
			page.Base = base()
		}
		return page.View()
	}
	nothing := link
	nothing.InviterLost, nothing.Permissions = true, nil
	weak := link
	weak.Fault = invalid("password", "password.too_short", "minimum", 15).At("first_name", "form.required")

	maps.Copy(pages, map[string]templ.Component{
		"invite":                       recipients.View(),
		"invite refused":               refused.View(),
		"invite known":                 known.View(),
		"invite preview":               invitations.PreviewPage{Base: base(), Draft: draft, Good: []invitations.Row{good}, Bad: bad, File: &invitations.File{Windows: true, Comma: true, Header: true}}.View(),
		"invite preview without good":  invitations.PreviewPage{Base: base(), Draft: draft, Bad: bad, File: &invitations.File{}}.View(),
		"invite role":                  invitations.RolePage{Base: base(), Draft: draft}.View(),
		"invite role refused":          invitations.RolePage{Base: base(), Draft: draft, Fault: invalid("user_type", "form.choose")}.View(),
		"invite numbers":               invitations.NumbersPage{Base: base(), Draft: draft, Fields: fields}.View(),
		"invite numbers refused":       invitations.NumbersPage{Base: base(), Draft: draft, Fields: needing}.View(),
		"invite summary":               summary.View(),
		"invite summary of several":    several.View(),
		"invitation":                   pending.View(),
		"link that gives nothing":      nothing.View(),
		"link of a member":             state(invitations.Member, false),
		"invitation expired":           expired.View(),
		"invitation orphaned":          orphaned.View(),
		"invitation without numbers":   numberless.View(),
		"invitation permissions":       role.View(),
		"invitation permissions stale": stale.View(),
		"invitation numbers":           invitations.PendingNumbersPage{PendingPage: pending, Fields: fields}.View(),
		"invitation withdrawal":        invitations.WithdrawalPage{PendingPage: pending}.View(),
		"invitation link":              state(invitations.Newcomer, false),
		"invitation link refused":      weak.View(),
		"invitation link of a user":    state(invitations.LogsIn, false),
		"invitation link logged in":    state(invitations.Accepts, false),
		"invitation link of another":   state(invitations.OtherPerson, false),
		"invitation link used":         state(invitations.Used, false),
		"invitation link withdrawn":    state(invitations.Withdrawn, false),
		"invitation link replaced":     state(invitations.Replaced, true),
		"invitation link expired":      state(invitations.Expired, false),
	})
}
