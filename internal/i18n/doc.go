// Package i18n speaks to users in Swedish, Finnish and English. Every text stands in catalogues/<area>.<language>.json
// under a flat key that begins with its area ("keys.create"); its value is a string, or one string a plural form
// ({"one": "", "other": ""}), with placeholders as {{.name}}. The files are embedded and merged; they are parsed once, so
// that a text without placeholders costs a map look-up.
//
//	p := i18n.From(ctx)
//	p.T("keys.create")
//	p.T("login.throttled", "time", wait)
//	p.N("users.count", len(users))
//
// A test reads the repository's Go code, generated templates included, and fails on a key that is missing, unused,
// empty or unlike in the three languages, and on a placeholder that a call leaves unfilled. It sees a key where it is
// written out, wherever the code hands it on from there. Where one is put together, the code says which keys are meant,
// a line for each beginning:
//
//	//i18n:keys permission.*
//	p.T("permission." + string(permission))
package i18n
