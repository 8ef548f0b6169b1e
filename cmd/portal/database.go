package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"omapostipro/internal/config"
	"omapostipro/internal/demo"
	"omapostipro/internal/postgres"
	"omapostipro/internal/postgres/embedded"
	"omapostipro/internal/secretbox"
)

// database is where the data is: the embedded server, or an outside one.
type database struct {
	server     *embedded.Server // nil for an outside one, and for one that another portal runs
	elsewhere  bool             // another portal runs the embedded server
	serveURL   string           // as portal_app
	migrateURL string           // as a role that may make others; empty when that is left to somebody else
}

// openDatabase starts the embedded server, or takes the addresses of the outside one.
func openDatabase(ctx context.Context, settings config.Config, log *slog.Logger) (*database, error) {
	if !settings.Embedded() {
		return &database{serveURL: settings.DatabaseURL.Reveal(), migrateURL: settings.MigrateURL.Reveal()}, nil
	}
	server, err := embedded.Start(ctx, embedded.Config{DataDir: settings.DataDir, BinDir: settings.PostgresBin,
		RepositoryURL: settings.PostgresDownloadURL, Log: log})
	if err != nil {
		return nil, err
	}
	return &database{server: server, serveURL: server.URL("portal_app", embedded.Database),
		migrateURL: server.URL(embedded.Superuser, embedded.Database)}, nil
}

// stop stops the embedded server.
func (d *database) stop(log *slog.Logger) {
	if d.server == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := d.server.Stop(ctx); err != nil {
		log.Error("stop the embedded PostgreSQL", "error", err)
	}
}

// migrate brings the schema up to date, unless that is left to portal migrate, or to the portal that runs the server. It gives
// how many migrations were run.
func (d *database) migrate(ctx context.Context, settings config.Config) (int, error) {
	if !settings.MigratesAtStart() || d.elsewhere {
		return 0, nil
	}
	return postgres.Migrate(ctx, d.migrateURL, settings.AppPassword())
}

// isCurrent says whether the schema of a server that another portal runs is this program's, or what is to be done.
func (d *database) isCurrent(ctx context.Context) error {
	if !d.elsewhere {
		return nil
	}
	db, err := d.system(ctx, postgres.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.CheckSchema(ctx); err != nil {
		return fmt.Errorf("a portal of another version runs here (%w): stop it, and start this one, which brings the schema up to date", err)
	}
	return nil
}

// serving gives the pool that serves, of a role for which row-level security holds, on a schema that is current.
func (d *database) serving(ctx context.Context, settings config.Config) (*postgres.DB, error) {
	db, err := postgres.Open(ctx, d.serveURL, postgres.Options{MaxConns: settings.DatabaseConnections})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(db.CheckServingRole(ctx), db.CheckSchema(ctx)); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// system gives a small pool of the operator's role.
func (d *database) system(ctx context.Context, options postgres.Options) (*postgres.DB, error) {
	if d.migrateURL == "" {
		return nil, errors.New("PORTAL_MIGRATE_URL must be set: this is done as portal_system, which portal_app is not")
	}
	options.MaxConns, options.Role = 4, "portal_system"
	return postgres.Open(ctx, d.migrateURL, options)
}

// seed fills in what is missing of the demo data; what a crash undoes of it, the next start fills in again. It gives how
// many events that left: those of no request.
func (d *database) seed(ctx context.Context, box *secretbox.Box) (events int, err error) {
	db, err := d.system(ctx, postgres.Options{Relaxed: true})
	if err != nil {
		return 0, err
	}
	defer db.Close()
	began := time.Now()
	if err := demo.Seed(ctx, db, time.Now); err != nil {
		return 0, err
	}
	if err := demo.SeedCallers(ctx, db, box, time.Now); err != nil {
		return 0, err
	}
	err = db.Read(ctx, postgres.Scope{}, func(b *postgres.Batch) {
		postgres.Value(b, &events, "select count(*) from audit_events where occurred_at >= $1 and request_id = ''", began)
	})
	return events, err
}

// whileUp gives a context that ends when the embedded server is given up, too.
func (d *database) whileUp(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if d.server != nil {
		go func() {
			select {
			case <-d.server.Done():
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	return ctx, cancel
}

// failure says why serving ended if nobody asked for it.
func (d *database) failure(asked context.Context) error {
	if asked.Err() == nil && d.server != nil {
		return fmt.Errorf("the embedded PostgreSQL is gone: %w", d.server.Err())
	}
	return nil
}
