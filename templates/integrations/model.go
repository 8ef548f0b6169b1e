// Package integrations draws Integrationer.
package integrations

import "omapostipro/templates/layout"

// Page is Integrationer: the cards of what can be integrated with.
type Page struct {
	layout.Base
}
