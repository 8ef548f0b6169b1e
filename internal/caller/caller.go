// Package caller is who calls the API: a key that was made in the portal, or an application account with its token.
package caller

import (
	"net/netip"
	"slices"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
)

// Role is a part of the API that a caller may use (the carrier's API roles).
type Role string

// The roles.
const (
	ShippingAPI Role = "shippingapi" // orders and what belongs to them
	Gateway2025 Role = "2025-04"     // the versioned gateways
	Gateway2026 Role = "2026-04"
	Tracking    Role = "tracking"
)

// Roles gives all roles, in the order that they are shown in.
func Roles() []Role { return []Role{ShippingAPI, Gateway2025, Gateway2026, Tracking} }

// Known says whether the role is one of the four.
func (r Role) Known() bool { return slices.Contains(Roles(), r) }

// Caller is a key or an application account whose secret somebody holds, as it is at this moment.
type Caller struct {
	Kind         string    // audit.Key or audit.Application
	ID           uuid.UUID // the key's or the application account's
	Organization account.Organization
	Name         string // a key's description, or an application account's name
	Roles        []Role
	Contracts    []account.ContractNumber // those that it can use today
	CreatedAt    time.Time
	LastUsedAt   *time.Time
	ExpiresAt    *time.Time     // of the token, or of a key that was made to end; else nil
	Networks     []netip.Prefix // that it may call from; none for everywhere
}

// IsKey says whether the caller holds a key of the portal.
func (c Caller) IsKey() bool { return c.Kind == audit.Key }

// Has says whether the caller may use a part of the API.
func (c Caller) Has(role Role) bool { return slices.Contains(c.Roles, role) }

// Actor gives the caller as the one who acts.
func (c Caller) Actor(requestID, address string) account.Actor {
	return account.Actor{Kind: c.Kind, ID: c.ID, Organization: c.Organization, Numbers: c.Contracts, RequestID: requestID, Address: address}
}
