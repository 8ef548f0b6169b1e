// Package ui holds the pieces that pages are made of: fields, buttons, chips, tables, notices and icons.
package ui

// ContractNumber is one of an organization's numbers as pages show it: 654321 Example Oy.
type ContractNumber struct {
	ID     string
	Kind   string // customer_number, logistics_contract or freight_transport_code
	Number string
	Holder string
	Closed bool // it has ended, or the organization no longer has it: it opens nothing any more
}

// Label is how the manual writes a number with its holder.
func (n ContractNumber) Label() string { return n.Number + " " + n.Holder }

// Permission is one permission that a person holds.
type Permission struct {
	Code    string // create_shipments, track_shipments, view_reports, manage_company_account or manage_integrations
	Lacking bool   // it needs contract numbers and has none: stored, not in force
}

// Contact is somebody whom the reader can ask.
type Contact struct {
	Name  string
	Email string
}
