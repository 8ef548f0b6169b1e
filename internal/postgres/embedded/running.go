package embedded

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"time"
)

// Running is a server that another process has started in the data folder.
type Running struct{ socketDir string }

// Find gives the server that runs in the data folder, once it accepts connections. Its own pid file says where its socket
// is: the file lies in the cluster, which is closed to other accounts, as the socket is.
func Find(ctx context.Context, dataDir string) (*Running, error) {
	cluster := filepath.Join(dataDir, "postgres")
	poll := time.NewTicker(readinessPoll)
	defer poll.Stop()
	for {
		const socketLine = 5 - 2 // of those in rest, counted from 0
		file, err := readPidFile(cluster)
		if lines := bytes.Split(file.rest, []byte("\n")); err == nil && file.ready && worksIn(file.pid, cluster) && len(lines) > socketLine {
			return &Running{socketDir: string(bytes.TrimSpace(lines[socketLine]))}, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("the portal that uses %s has no PostgreSQL that answers: %w", dataDir, ctx.Err())
		case <-poll.C:
		}
	}
}

// URL gives the address of a database for a role, as Server.URL does.
func (r *Running) URL(role, database string) string { return socketURL(r.socketDir, role, database) }

func socketURL(socketDir, role, database string) string {
	address := url.URL{
		Scheme:   "postgres",
		User:     url.User(role),
		Path:     "/" + database,
		RawQuery: url.Values{"host": {socketDir}, "port": {socketPort}, "sslmode": {"disable"}}.Encode(),
	}
	return address.String()
}
