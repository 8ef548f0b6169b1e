package layout

import (
	"github.com/a-h/templ"

	"omapostipro/templates/paths"
)

func (b Base) homeURL() string {
	if b.Organization.ID == "" {
		return paths.Public
	}
	return paths.Home(b.Organization.ID)
}

func pressed(yes bool) string {
	if yes {
		return "true"
	}
	return "false"
}

func current(yes bool) templ.Attributes {
	if yes {
		return templ.Attributes{"aria-current": "page"}
	}
	return nil
}
