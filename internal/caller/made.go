package caller

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Made is a credential of an organisation as a person's page tells of it, who has made it. It is the organisation's.
type Made struct {
	ID         uuid.UUID
	Name       string // a key's description, an application account's name
	Status     string // enabled, disabled or revoked
	CreatedAt  time.Time
	LastUsedAt *time.Time
}

// MadeBy is one of what several people have made.
type MadeBy struct {
	Made
	Maker uuid.UUID
}

// sorted gives the ids of a map in one order, in which their rows are locked: of two who change the same ones at the same
// moment, neither waits for the other for ever.
func sorted[T any](of map[uuid.UUID]T) []uuid.UUID {
	return slices.SortedFunc(maps.Keys(of), func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
}
