package organization

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"github.com/google/uuid"

	"omapostipro/internal/fault"
)

// Cursor is the last row that a page of people shows; the next page begins after it.
type Cursor struct {
	Name string    `json:"n"` // as it is shown, which is what lists are sorted by
	ID   uuid.UUID `json:"i"`
}

// String gives the cursor as an address carries it; empty for none.
func (c Cursor) String() string {
	if c == (Cursor{}) {
		return ""
	}
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // strings and a UUID can always be written
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// ParseCursor reads what String gave.
func ParseCursor(text string) (Cursor, error) {
	var c Cursor
	if text == "" {
		return c, nil
	}
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(decoded, &c)
	}
	if err == nil && (c.ID == uuid.Nil || strings.ContainsRune(c.Name, 0)) {
		err = errors.New("no row has this cursor") // and PostgreSQL takes no NUL
	}
	if err != nil {
		return Cursor{}, fault.New(fault.NotFound, "errors.not_found_text").Because(err)
	}
	return c, nil
}
