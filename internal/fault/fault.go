// Package fault holds the kinds of error that the product tells its users about. A fault carries a message written
// for a user, as a catalogue key with its arguments; every other error is internal, and is shown to nobody.
package fault

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind says what went wrong, so that an adapter can choose a status without knowing the feature.
type Kind uint8

// The kinds of fault. Internal is the kind of every error that is not a Fault.
const (
	Internal        Kind = iota // our own mistake or the database's: logged with its cause, shown as a request id
	Invalid                     // what was given breaks a rule; Fields say where
	Malformed                   // what was given cannot be read at all
	Unauthenticated             // nobody is logged in, or the credential is no good
	Forbidden                   // somebody is, but may not do this
	NotFound                    // it does not exist, or not for this reader
	Conflict                    // somebody else changed it in the meantime
	Gone                        // it existed and is over for good
	TooLarge                    // the body is over its limit
	UnsupportedType             // the body is of a type that is not read here
	Throttled                   // too many attempts; RetryAfter says how long to wait
	Unavailable                 // the database cannot be reached just now
)

var kindNames = [...]string{"internal", "invalid", "malformed", "unauthenticated", "forbidden", "not found", "conflict", "gone",
	"too large", "unsupported type", "throttled", "unavailable"}

func (k Kind) String() string { return kindNames[k] }

// Message is a user's text: a key of the catalogues, and name/value pairs that fill it.
type Message struct {
	Key  string
	Args []any
}

// Field is a fault at one field of what was given.
type Field struct {
	Name string // the form's or structure's own name of the field
	Message
}

// Fault is an error with a message that a user may see.
type Fault struct {
	Kind       Kind
	Message    Message
	Fields     []Field
	RetryAfter time.Duration // for Throttled and Unavailable
	cause      error
}

// New makes a fault of a kind with the message of a catalogue key.
func New(kind Kind, key string, args ...any) *Fault {
	return &Fault{Kind: kind, Message: Message{Key: key, Args: args}}
}

// At adds a message at a field, and returns the fault for chaining.
func (f *Fault) At(field, key string, args ...any) *Fault {
	f.Fields = append(f.Fields, Field{Name: field, Message: Message{Key: key, Args: args}})
	return f
}

// Because keeps the cause for the log; users never see it.
func (f *Fault) Because(cause error) *Fault {
	f.cause = cause
	return f
}

// After says how long to wait before the next attempt.
func (f *Fault) After(wait time.Duration) *Fault {
	f.RetryAfter = wait
	return f
}

// Field gives the message at a field, if there is one.
func (f *Fault) Field(name string) (Message, bool) {
	if f != nil {
		for _, field := range f.Fields {
			if field.Name == name {
				return field.Message, true
			}
		}
	}
	return Message{}, false
}

// Err gives nil while no field is at fault, so that a check can collect faults and return them in one line.
func (f *Fault) Err() error {
	if f == nil || len(f.Fields) == 0 {
		return nil
	}
	return f
}

// Error is for logs: kinds and keys, never a user's input.
func (f *Fault) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", f.Kind, f.Message.Key)
	for _, field := range f.Fields {
		fmt.Fprintf(&b, "; %s: %s", field.Name, field.Key)
	}
	if f.cause != nil {
		fmt.Fprintf(&b, ": %v", f.cause)
	}
	return b.String()
}

func (f *Fault) Unwrap() error { return f.cause }

// KindOf gives the kind of any error: Internal unless a Fault is in its chain.
func KindOf(err error) Kind {
	if f, ok := errors.AsType[*Fault](err); ok {
		return f.Kind
	}
	return Internal
}

// Is says whether an error is a fault of a kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }
