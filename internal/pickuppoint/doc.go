// Package pickuppoint knows the places where a parcel can be fetched or handed in: where they are, when they are open, and
// which is the nearest.
//
// All of them are invented. No point, shop or street number here is a real one; only the municipalities are, with a postcode
// that is plausible and a place that is rough (municipalities.txt, written by hand). cmd/generate makes points.tsv.gz of
// that, always the same, and a test holds the two together:
//
//	go generate ./internal/pickuppoint
//
// A point's code is nine digits, as the carrier's: the postcode that it is routed by, and a routing service code of four,
// 3200 to 3229 for a post office in a shop and 3230 to 3259 for a parcel locker. The points are read once, when the first
// is asked for, and kept in about one megabyte, sorted by latitude; a search needs no database.
package pickuppoint

//go:generate go run ./cmd/generate
