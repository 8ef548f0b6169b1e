package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"omapostipro/internal/apikey"
	"omapostipro/internal/config"
	"omapostipro/internal/postgres"
	"omapostipro/internal/secretbox"
)

type migrateCommand struct{}

// Run migrates, and nothing else.
func (migrateCommand) Run(p *process) error {
	settings, err := config.LoadToMigrate(p.getenv)
	if err != nil {
		return err
	}
	settings.MigrateAtStart = true
	return withDatabase(p, settings, func(database *database) error {
		if err := database.migrate(p.ctx, settings); err != nil {
			return err
		}
		if err := database.isCurrent(p.ctx); err != nil {
			return err
		}
		_, err := fmt.Fprintln(p.stdout, "The schema is current.")
		return err
	})
}

type seedCommand struct{}

// Run fills in the demo data, which portal serve does by itself in the demo set-ups.
func (seedCommand) Run(p *process) error {
	settings, err := config.LoadToMigrate(p.getenv)
	if err != nil {
		return err
	}
	if !settings.Demo() {
		return fmt.Errorf("there is no demo data in %s: PORTAL_ENV=demo says that a database is for trying", settings.Environment)
	}
	return withDatabase(p, settings, func(database *database) error {
		if err := database.migrate(p.ctx, settings); err != nil {
			return err
		}
		if err := database.isCurrent(p.ctx); err != nil {
			return err
		}
		box, err := openKeyset(p.ctx, settings, database)
		if err != nil {
			return err
		}
		if err := database.seed(p.ctx, box); err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.stdout, "The demo data is in.")
		return err
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

type healthcheckCommand struct{}

// Run asks /readyz of the portal on this machine.
func (healthcheckCommand) Run(p *process) error {
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
	_, err = io.WriteString(p.stdout, "ready\n")
	return err
}

type keysetCommand struct {
	Create keysetCreateCommand `cmd:"" help:"Print a new keyset."`
	Rotate keysetRotateCommand `cmd:"" help:"Add a key to the keyset file, and encrypt all API keys with it."`
}

type keysetCreateCommand struct{}

// Run prints a new keyset: for a file that only the portal's user can read, or for a vault.
func (keysetCreateCommand) Run(p *process) error {
	keyset, err := secretbox.Generate()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "%s\n", keyset)
	return err
}

type keysetRotateCommand struct{}

// Run rotates the keyset file and re-encrypts. It can be run again if it was interrupted.
func (keysetRotateCommand) Run(p *process) error {
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
		_, err = fmt.Fprintf(p.stdout, "The keyset has a new key; %d API keys are encrypted with it.\n", count)
		return err
	})
}
