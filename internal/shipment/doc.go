// Package shipment knows delivery orders: what the carrier sells, what an order has to hold, and how its parcels are
// numbered.
//
// The catalogue (catalogue.go, status.go) is the one place that says which services, additional services, statuses and
// events there are, and names.json what each is called. Ids, names and which service may have which additional service are
// the carrier's own. Its maximum weights, routes and hours are ours, plausible and no promise of the carrier's, and so is
// whatever is marked "ours" beside a rule.
//
// Quantities are integers: money in cents of a euro, weight in grams, length, width and height in millimetres, volume in
// cubic centimetres. Nothing in the package knows JSON or a form; a Problem names its field by the carrier's own name of it
// ("receiver.mobile", "parcels[0].weight"), and whoever read the order puts in front where that stood.
package shipment
