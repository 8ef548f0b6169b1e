package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"omapostipro/internal/apikey"
	"omapostipro/internal/config"
	"omapostipro/internal/postgres"
	"omapostipro/internal/secretbox"
	"omapostipro/migrations"
)

type migrateCommand struct {
	output
}

// Help gives examples.
func (migrateCommand) Help() string {
	return "Serving does it by itself, unless PORTAL_MIGRATE_AT_START is false. Run again it changes nothing.\n\n" +
		"Examples:\n\n  portal migrate\n\n  PORTAL_MIGRATE_URL=postgres://postgres:password@host/portal portal migrate --json"
}

type migrateAnswer struct {
	Changed bool  `json:"changed"`
	Ran     int   `json:"ran"` // migrations
	Version int64 `json:"version"`
}

// Run migrates, and nothing else.
func (c migrateCommand) Run(p *process) error {
	settings, err := config.LoadToMigrate(p.getenv)
	if err != nil {
		return err
	}
	settings.MigrateAtStart = true
	return withDatabase(p, settings, func(database *database) error {
		ran, err := database.migrate(p.ctx, settings)
		if err != nil {
			return err
		}
		if err := database.isCurrent(p.ctx); err != nil {
			return err
		}
		answer := migrateAnswer{Changed: ran > 0, Ran: ran, Version: migrations.Latest()}
		text := fmt.Sprintf("Ran %s. The schema is current.", counted(ran, "migration", "migrations"))
		if ran == 0 {
			text = "Nothing changed. The schema is current."
		}
		return c.say(p, answer, text)
	})
}

type seedCommand struct {
	output
}

// Help gives an example.
func (seedCommand) Help() string {
	return "Serving does it by itself in demo set-ups. What is there is left as it is; run again it changes nothing.\n\nExample:\n\n  PORTAL_ENV=demo portal seed"
}

type seedAnswer struct {
	Changed bool `json:"changed"`
	Events  int  `json:"events"` // in the log, of what was made
}

// Run fills in the demo data.
func (c seedCommand) Run(p *process) error {
	settings, err := config.LoadToMigrate(p.getenv)
	if err != nil {
		return err
	}
	if !settings.Demo() {
		return fmt.Errorf("there is no demo data in %s: PORTAL_ENV=demo says that a database is for trying", settings.Environment)
	}
	return withDatabase(p, settings, func(database *database) error {
		if _, err := database.migrate(p.ctx, settings); err != nil {
			return err
		}
		if err := database.isCurrent(p.ctx); err != nil {
			return err
		}
		box, err := openKeyset(p.ctx, settings, database)
		if err != nil {
			return err
		}
		events, err := database.seed(p.ctx, box)
		if err != nil {
			return err
		}
		text := fmt.Sprintf("The demo data is in. %s in the log.", counted(events, "new event", "new events"))
		if events == 0 {
			text = "Nothing changed. The demo data is in."
		}
		return c.say(p, seedAnswer{Changed: events > 0, Events: events}, text)
	})
}

// withDatabase runs a command on the database. An embedded server that another portal runs is used as it is; otherwise it is
// started for as long as the command takes.
func withDatabase(p *process, settings config.Config, do func(*database) error) error {
	if err := unprivileged(settings); err != nil {
		return err
	}
	log := logger(settings, p.stderr)
	database, err := reachDatabase(p.ctx, settings, log)
	if err != nil {
		return err
	}
	defer database.stop(log)
	return do(database)
}

type healthcheckCommand struct {
	output
}

// Help gives examples.
func (healthcheckCommand) Help() string {
	return "It asks the portal that listens where PORTAL_LISTEN says, and changes nothing.\n\n" +
		"Examples:\n\n  portal healthcheck\n\n  PORTAL_LISTEN=127.0.0.1:9000 portal healthcheck --json"
}

// Run asks /readyz of the portal on this machine.
func (c healthcheckCommand) Run(p *process) error {
	settings, err := config.Load(p.getenv)
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(settings.Listen)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	request, err := http.NewRequestWithContext(p.ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	client := http.Client{Timeout: 5 * time.Second}
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("the portal does not answer: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the portal is not ready: %s", answer.Status)
	}
	return c.say(p, struct {
		Ready bool `json:"ready"`
	}{true}, "ready")
}

type keysetCommand struct {
	Create keysetCreateCommand `cmd:"" help:"Print a new keyset."`
	Rotate keysetRotateCommand `cmd:"" help:"Add a key to the keyset file, and encrypt all API keys with it."`
}

type keysetCreateCommand struct {
	output
}

// Help gives an example.
func (keysetCreateCommand) Help() string {
	return "It is for a file that only the portal's user can read, or for a vault. Nothing is stored. A keyset is JSON, with --json over several lines.\n\n" +
		"Example:\n\n  (umask 077; portal keyset create > keyset.json)"
}

// Run prints a new keyset.
func (c keysetCreateCommand) Run(p *process) error {
	keyset, err := secretbox.Generate()
	if err != nil {
		return err
	}
	return c.say(p, json.RawMessage(keyset), string(keyset))
}

type keysetRotateCommand struct {
	output
}

// Help gives an example.
func (keysetRotateCommand) Help() string {
	return "The portal must be stopped. It can be run again if it was interrupted.\n\nExample:\n\n  PORTAL_KEYSET_FILE=/etc/portal/keyset.json portal keyset rotate"
}

type rotateAnswer struct {
	Changed bool `json:"changed"`
	Keys    int  `json:"keys"` // API keys that were encrypted anew
}

// Run rotates the keyset file and re-encrypts.
func (c keysetRotateCommand) Run(p *process) error {
	settings, err := config.Load(p.getenv)
	if err != nil {
		return err
	}
	if settings.KeysetFile == "" {
		return fmt.Errorf("PORTAL_KEYSET_FILE must be set: a keyset in a variable is rotated where it is kept")
	}
	return withDatabase(p, settings, func(database *database) error {
		if database.elsewhere {
			return errors.New("a portal runs here with the keyset as it is, and could not open what is encrypted with the new key: stop it, rotate, and start it again")
		}
		db, err := database.system(p.ctx, postgres.Options{})
		if err != nil {
			return err
		}
		defer db.Close()
		if err := secretbox.Rotate(settings.KeysetFile); err != nil {
			return err
		}
		box, err := secretbox.Load(settings.KeysetFile)
		if err != nil {
			return err
		}
		count, err := apikey.NewService(db, box, time.Now).Reencrypt(p.ctx, box.IsCurrent)
		if err != nil {
			return err
		}
		return c.say(p, rotateAnswer{Changed: true, Keys: count}, fmt.Sprintf("The keyset has a new key; %d API keys are encrypted with it.", count))
	})
}
