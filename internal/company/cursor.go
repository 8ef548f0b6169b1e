package company

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/fault"
)

// Cursor is the last entry that a page of the history shows; the next page begins after it.
type Cursor struct {
	At time.Time
	ID uuid.UUID
}

// String gives the cursor as an address carries it; empty for none.
func (c Cursor) String() string {
	if c == (Cursor{}) {
		return ""
	}
	return strconv.FormatInt(c.At.UnixMicro(), 36) + "." + c.ID.String()
}

// ParseCursor reads what String gave.
func ParseCursor(text string) (Cursor, error) {
	if text == "" {
		return Cursor{}, nil
	}
	at, id, _ := strings.Cut(text, ".")
	micro, err := strconv.ParseInt(at, 36, 64)
	parsed, err2 := uuid.Parse(id)
	year := time.UnixMicro(micro).UTC().Year()
	if err := errors.Join(err, err2); err != nil || year < 2000 || year > 9999 {
		return Cursor{}, fault.New(fault.NotFound, "errors.not_found_text").Because(err)
	}
	return Cursor{At: time.UnixMicro(micro).UTC(), ID: parsed}, nil
}
