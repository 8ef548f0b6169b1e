// Package api is the OmaPosti Pro API: what the keys open.
//
// There are two families. The compatible one answers at the carrier's own paths, in its shapes: an integration written
// for the carrier runs when only its address is changed. Our own, /api/v1, is for what the carrier offers in its portal
// only, or not at all; its errors are problem documents (RFC 9457). Both ask the same services: a rule exists once, and
// the families translate names and shapes. Messages are English.
package api
