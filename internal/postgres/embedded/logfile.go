package embedded

import (
	"fmt"
	"os"
	"strings"
	"sync"
)

const (
	maxLogBytes  = 1 << 20 // a file; there are two
	maxTailBytes = 2 << 10 // kept to explain a failed start
)

// logFile is a writer to a file that starts anew when it has grown, keeping the one before.
type logFile struct {
	path string

	mu   sync.Mutex
	file *os.File
	size int64
	tail []byte
}

func openLog(path string) (*logFile, error) {
	l := &logFile{path: path}
	if err := l.open(); err != nil {
		return nil, fmt.Errorf("opening PostgreSQL's log: %w", err)
	}
	return l, nil
}

func (l *logFile) open() error {
	file, err := os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return err
	}
	l.file, l.size = file, info.Size()
	return nil
}

// Write never fails: a full disk must not keep the server from going on.
func (l *logFile) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tail = append(l.tail, text...)
	l.tail = l.tail[max(0, len(l.tail)-maxTailBytes):]
	if l.size >= maxLogBytes {
		l.file.Close()
		_ = os.Rename(l.path, l.path+".1")
		if err := l.open(); err != nil {
			return len(text), nil
		}
	}
	n, _ := l.file.Write(text)
	l.size += int64(n)
	return len(text), nil
}

// forget empties the tail before something new is started.
func (l *logFile) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tail = nil
}

// lastWords gives what was written since forget in one line, or its end if that was much.
func (l *logFile) lastWords() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := strings.FieldsFunc(strings.ToValidUTF8(string(l.tail), ""), func(r rune) bool { return r == '\n' })
	return strings.Join(lines[max(0, len(lines)-6):], " | ")
}

func (l *logFile) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.file.Close()
}
