// Package templates tells how pages are made; they themselves are in the packages below.
//
// A page is a struct of what it shows (model.go), with layout.Base for what surrounds it, and a method View that draws it:
//
//	keys.Page{Base: base, Address: address, Keys: list}.View()
//
// A dialog is a page as well, with an address of its own: it embeds the page that it lies over, which is drawn inert
// behind it, so that it works without scripts. Closing it is a link to that page, with the fragment of what opened it.
//
// Templates never query, and format nothing by themselves: the printer of internal/i18n, which the context holds, writes
// texts, dates and numbers in the reader's language. Addresses come from paths, icons and pieces of pages from ui.
package templates
