package demo

import (
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"omapostipro/internal/account"
	"omapostipro/internal/organization"
)

// More people of Example Oy, so that searching and Visa mera mean something. Few sort before FirstName LastName, who is
// among the rows shown first. They have no password: nobody logs in as them.
var colleagueNames = []string{
	"Aino Korhonen",
	"Anders Nyström",
	"Birgitta Mäkinen",
	"Daniel Söderholm",
	"Elina Heikkilä",
	"Emil Wikström",
	"Fredrik Björklund",
	"Gunilla Ekholm",
	"Göran Åberg",
	"Hanna Mäkelä",
	"Harri Lehtonen",
	"Heidi Granqvist",
	"Helena Salminen",
	"Henrik Forsman",
	"Ida Häggblom",
	"Ilkka Virtanen",
	"Inga Sundqvist",
	"Jaakko Niemi",
	"Jan Öhman",
	"Jenny Backman",
	"Johanna Koskinen",
	"Johan Sjöblom",
	"Juhani Järvinen",
	"Kaisa Hämäläinen",
	"Karl-Gustaf Weissenberg-Mannerheim",
	"Katarina Grönroos",
	"Kerstin Holmström",
	"Kimmo Laine",
	"Kristina Rosenqvist",
	"Lars Ahlskog",
	"Leena Heinonen",
	"Linnéa Blomqvist",
	"Liisa Räsänen",
	"Magnus Fagerström",
	"Maj-Britt Karlsson",
	"Marika Tuominen",
	"Markku Kinnunen",
	"Matti Ahola",
	"Mikael Enqvist",
	"Minna Lindroos",
	"Nina Westerlund",
	"Niklas Nordman",
	"Olli Pitkänen",
	"Outi Savolainen",
	"Patrik Finnilä",
	"Päivi Rantala",
	"Riikka Hakala",
	"Robert Sandell",
	"Sari Kallio",
	"Stefan Engblom",
	"Susanna Wahlroos",
	"Tapio Jokinen",
	"Tiina Peltonen",
	"Tuula Hietala",
	"Ulf Grankulla",
	"Veikko Turunen",
	"Viveca Lindfors",
	"Åsa Österberg",
	"Åke Asplund",
	"Ärla Nygård",
	"Östen Öst",
}

// Beside the manual's; few sort before first last.
var invitedNames = []string{
	"Amanda Sjögren",
	"Benjamin Aalto",
	"Camilla Rönnholm",
	"Eero Laaksonen",
	"Gustav Lindberg",
	"Hilkka Kärkkäinen",
	"Isabella Öhrnberg",
	"Jukka Manninen",
	"Lotta Strandén",
	"Otto Åkerlund",
	"Ylva Nyholm",
}

// roles that the colleagues have in turn: most ship and follow, some lack the numbers that their permissions need.
var colleagueRoles = []role{
	{exampleOy, account.RegularUser, []account.Permission{account.CreateShipments, account.TrackShipments}, []string{"654321"}},
	{exampleOy, account.RegularUser, []account.Permission{account.TrackShipments}, []string{"654321", "876543"}},
	{exampleOy, account.RegularUser, []account.Permission{account.TrackShipments, account.ViewReports}, nil},
	{exampleOy, account.RegularUser, []account.Permission{account.CreateShipments}, []string{"876543"}},
	{exampleOy, account.RegularUser, nil, nil},
	{exampleOy, account.RegularUser, []account.Permission{account.ManageCompanyAccount, account.ViewReports}, []string{"654321"}},
}

func colleagues() []person {
	people := make([]person, len(colleagueNames))
	for i, name := range colleagueNames {
		first, last, _ := strings.Cut(name, " ")
		people[i] = person{first: first, last: last, email: address(name), roles: []role{colleagueRoles[i%len(colleagueRoles)]}}
	}
	return people
}

// invitations gives the manual's invitation first.
func invitations() []organization.NewInvitation {
	regular := organization.Permissions{UserType: account.RegularUser, Permissions: []account.Permission{account.TrackShipments}}
	invitations := []organization.NewInvitation{{Email: "new@example.com", FirstName: "first", LastName: "last", Permissions: regular,
		SentAt: invitationDate, Endless: true}}
	for _, name := range invitedNames {
		first, last, _ := strings.Cut(name, " ")
		invitations = append(invitations, organization.NewInvitation{Email: address(name), FirstName: first, LastName: last, Permissions: regular})
	}
	return invitations
}

// address gives somebody's e-mail address: the name without accents, with a dot.
func address(name string) string {
	plain, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn))), name)
	if err != nil {
		panic(err) // the names above are fine
	}
	return strings.ToLower(strings.ReplaceAll(plain, " ", ".")) + "@example.com"
}
