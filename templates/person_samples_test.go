package templates_test

import (
	"maps"
	"time"

	"github.com/a-h/templ"

	"omapostipro/templates/events"
	"omapostipro/templates/layout"
	"omapostipro/templates/login"
	"omapostipro/templates/person"
	"omapostipro/templates/users"
)

// personSamples adds Mitt konto, the links that open it, and what a person's page tells.
func personSamples(pages map[string]templ.Component) {
	nobody := layout.Base{Path: "/password?token=t", Now: now}
	mine := person.Page{Base: base(), Email: "main.user@example.com", Profile: person.Profile{FirstName: "FirstName", LastName: "LastName", Phone: "040 1234567", Language: "sv"},
		Sessions:    []person.Session{{ID: "s1", Began: now, LastSeen: now, Address: "192.0.2.1", Browser: "Firefox", System: "Windows", Current: true}, {ID: "s2", System: "iPhone", Began: now, LastSeen: now.Add(-time.Hour)}},
		EmailChange: person.EmailChange{Email: "ny@example.com", Until: now.Add(time.Hour)},
		Memberships: []person.Membership{{Organization: exampleOy, MainUser: true}, {Organization: testbolag}}}
	alone, profile, email, password := mine, mine, mine, mine
	alone.Memberships, alone.Sessions = nil, mine.Sessions[:1]
	profile.Form, profile.Fault = person.ProfileForm, invalid("first_name", "form.required").At("phone", "form.phone").At("language", "form.choose")
	email.Form, email.NewEmail, email.Fault = person.EmailForm, "x", invalid("email", "form.email").At("email_password", "account.wrong_password")
	password.Form, password.Fault = person.PasswordForm, invalid("present", "account.wrong_password").At("password", "password.too_short", "minimum", 15)

	told := information()
	told.Story = &users.Story{LastSeen: now, Joined: now, Inviter: "Sanna Andersson", InviterURL: "/o/o1/users/p2",
		Made: []users.Made{{ID: "k1", Name: "Ny API integration", State: "enabled", URL: "/k"}, {ID: "a1", Application: true, Name: "Lagret", State: "disabled", LastUsed: now},
			{ID: "k2", Name: "Kassan", State: "revoked"}},
		Events: []events.Event{{ID: "e1", Action: "api_key.created", Kind: "api_key", ActorKind: "person", Actor: "FirstName LastName", Object: "Kassan", At: now}}}
	fresh := information()
	fresh.Story, fresh.Oneself = &users.Story{Joined: now}, true
	refused := users.RemovalPage{InformationPage: told, Decides: true, Fault: invalid("user_type", "edit.last_main_user", "organization", "Example Oy")}
	maps.Copy(pages, map[string]templ.Component{
		"account":                     mine.View(),
		"account without any":         alone.View(),
		"account profile refused":     profile.View(),
		"account email refused":       email.View(),
		"account password refused":    password.View(),
		"account deletion":            person.DeletionPage{Page: mine}.View(),
		"account deletion refused":    person.DeletionPage{Page: mine, Fault: invalid("own_password", "account.wrong_password")}.View(),
		"account deletion impossible": person.DeletionPage{Page: mine, OnlyMain: []string{"Example Oy", "Testbolaget Ab"}}.View(),
		"departure":                   person.LeavingPage{Page: mine, Leaving: exampleOy}.View(),
		"departure impossible":        person.LeavingPage{Page: mine, Leaving: exampleOy, OnlyMain: true}.View(),
		"password link":               login.AskPage{Base: nobody}.View(),
		"password link refused":       login.AskPage{Base: nobody, Email: "x", Fault: invalid("email", "form.email")}.View(),
		"password link sent":          login.AskPage{Base: nobody, Sent: true}.View(),
		"password":                    login.PasswordPage{Base: nobody, Token: "t", Email: "main.user@example.com"}.View(),
		"password refused":            login.PasswordPage{Base: nobody, Token: "t", Email: "main.user@example.com", Fault: invalid("password", "password.too_short", "minimum", 15)}.View(),
		"password dead":               login.PasswordPage{Base: nobody, Dead: true}.View(),
		"email confirmation":          login.EmailPage{Base: nobody, Token: "t", Old: "main.user@example.com", New: "new@example.com"}.View(),
		"email confirmation dead":     login.EmailPage{Base: nobody, Dead: true}.View(),
		"user story":                  told.View(),
		"user story of one's own":     fresh.View(),
		"user removal":                users.RemovalPage{InformationPage: told, Decides: true}.View(),
		"user removal refused":        refused.View(),
		"user removal, keys kept":     users.RemovalPage{InformationPage: told}.View(),
	})
}
