// Package api is the OmaPosti Pro API: what keys and application accounts open.
//
// There are two kinds of families. The compatible ones answer at the carrier's own paths, in its shapes: an integration
// written for the carrier runs when only its address is changed. Our own, /api/v1, is for what the carrier offers in its
// portal only, or not at all; its errors are problem documents (RFC 9457). All ask the same services: a rule exists once,
// and the families translate names and shapes. Messages are English.
//
// api.go routes the calls, and each route says whose call it takes. A call is recognised (call.go) and answered by a
// handler that gives an error or an answer; failure.go turns errors into the shape of the family.
package api
