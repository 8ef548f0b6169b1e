package webtest

import (
	"context"
	"log/slog"
	"strings"
	"sync"
)

// Log keeps what the portal logs at Info and above, one line a record.
type Log struct {
	mu    sync.Mutex
	lines []string
}

// Lines gives what has been logged since the last time.
func (l *Log) Lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := l.lines
	l.lines = nil
	return lines
}

// Enabled is slog.Handler's.
func (l *Log) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }

// Handle is slog.Handler's.
func (l *Log) Handle(_ context.Context, record slog.Record) error {
	var line strings.Builder
	line.WriteString(record.Level.String() + " " + record.Message)
	record.Attrs(func(a slog.Attr) bool {
		line.WriteString(" " + a.String())
		return true
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line.String())
	return nil
}

// WithAttrs is slog.Handler's; the portal does not use it.
func (l *Log) WithAttrs([]slog.Attr) slog.Handler { return l }

// WithGroup is slog.Handler's; the portal does not use it.
func (l *Log) WithGroup(string) slog.Handler { return l }
