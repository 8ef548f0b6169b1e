package webtest

import (
	"bytes"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/postgres"
)

// Gate stands between a portal and its database, and can cut them apart.
type Gate struct {
	listener        net.Listener
	network, server string // where the database is

	mu          sync.Mutex
	open        bool
	connections map[net.Conn]bool
	cut         *cut
}

// cut is where a conversation is to break off.
type cut struct {
	statement []byte // that has this in it
	forwarded bool   // the database still gets it
	answer    int    // so many bytes of the answer come through
}

// NewBehindGate starts a portal whose database can be taken away.
func NewBehindGate(t testing.TB) (*Portal, *Gate) {
	t.Helper()
	var gate *Gate
	p := NewWith(t, Options{DB: func(data *demotest.Data) *postgres.DB {
		var address string
		gate, address = newGate(t, data.AppURL)
		return demotest.Open(t, address, postgres.Options{MaxConns: 4})
	}})
	return p, gate
}

// newGate gives a gate before the database of an address, and the address by which one goes through it.
func newGate(t testing.TB, address string) (*Gate, string) {
	t.Helper()
	behind, err := pgconn.ParseConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	// The path of a socket must be short.
	dir, err := os.MkdirTemp("", "gate-") //nolint:usetesting // t.TempDir's is too long
	if err != nil {
		t.Fatal(err)
	}
	g := &Gate{open: true, connections: map[net.Conn]bool{}}
	g.network, g.server = pgconn.NetworkAddress(behind.Host, behind.Port)
	const port = "5432" // a part of the socket's name
	if g.listener, err = net.Listen("unix", filepath.Join(dir, ".s.PGSQL."+port)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = g.listener.Close()
		g.Close()
		_ = os.RemoveAll(dir)
	})
	go g.accept()
	query := parsed.Query()
	query.Set("host", dir)
	query.Set("port", port)
	parsed.RawQuery = query.Encode()
	return g, parsed.String()
}

// Close takes the database away: what is connected is cut off, and nobody gets through.
func (g *Gate) Close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = false
	g.cutAll()
}

// Open gives the database back.
func (g *Gate) Open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open, g.cut = true, nil
}

// CloseBefore takes the database away when a statement with a text in it is sent, which the database never gets.
func (g *Gate) CloseBefore(statement string) { g.set(&cut{statement: []byte(statement)}) }

// CloseAfter takes the database away when a statement with a text in it has been sent, and so many bytes of the answer
// have come back.
func (g *Gate) CloseAfter(statement string, answer int) {
	g.set(&cut{statement: []byte(statement), forwarded: true, answer: answer})
}

func (g *Gate) set(cut *cut) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.cut = cut
}

func (g *Gate) cutAll() {
	for connection := range g.connections {
		_ = connection.Close()
	}
	clear(g.connections)
}

func (g *Gate) accept() {
	for {
		client, err := g.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial(g.network, g.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		g.mu.Lock()
		if !g.open {
			_ = client.Close()
			_ = server.Close()
		} else {
			g.connections[client], g.connections[server] = true, true
			c := &conversation{gate: g, client: client, server: server}
			go c.forth()
			go c.back()
		}
		g.mu.Unlock()
	}
}

// conversation is one connection's.
type conversation struct {
	gate           *Gate
	client, server net.Conn

	mu   sync.Mutex
	left int  // bytes of the answer
	ends bool // after them
}

// close ends both sides; the other direction notices.
func (c *conversation) close() {
	_, _ = c.client.Close(), c.server.Close()
}

func (c *conversation) forth() {
	defer c.close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := c.client.Read(buffer)
		if err != nil {
			return
		}
		if cut := c.gate.takes(buffer[:n]); cut != nil {
			if !cut.forwarded {
				c.gate.Close()
				return
			}
			c.mu.Lock()
			c.ends, c.left = true, cut.answer
			c.mu.Unlock()
		}
		if _, err := c.server.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (c *conversation) back() {
	defer c.close()
	buffer := make([]byte, 4<<10)
	for {
		n, err := c.server.Read(buffer)
		if err != nil {
			return
		}
		c.mu.Lock()
		ends := c.ends && n >= c.left
		if c.ends {
			n = min(n, c.left)
			c.left -= n
		}
		c.mu.Unlock()
		if _, err := c.client.Write(buffer[:n]); err != nil {
			return
		}
		if ends {
			c.gate.Close()
			return
		}
	}
}

// takes says where to cut if what is sent is what one waits for.
func (g *Gate) takes(sent []byte) *cut {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.cut == nil || !bytes.Contains(sent, g.cut.statement) {
		return nil
	}
	cut := g.cut
	g.cut = nil
	return cut
}
