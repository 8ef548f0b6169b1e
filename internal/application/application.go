// Package application makes, recognises and takes back application accounts: what an integration logs in to the
// OmaPosti Pro API with, by client id and secret, to get tokens that last an hour.
//
// The same people make them as make keys, by the same rules. An account has API roles, and can use the contract numbers
// that were linked to it and that the organisation still has. Its secret is shown once and kept as a hash only.
package application

// Status is an account's state.
type Status string

// The states of an account.
const (
	Enabled  Status = "enabled"  // Aktiverad
	Disabled Status = "disabled" // Inaktiverad: can be enabled again
	Revoked  Status = "revoked"  // Återkallad: for good, its secret gone
)
