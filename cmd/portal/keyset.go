package main

import (
	"context"
	"errors"
	"fmt"

	"omapostipro/internal/config"
	"omapostipro/internal/organization"
	"omapostipro/internal/postgres"
	"omapostipro/internal/secretbox"
)

// openKeyset gives the box that API keys are sealed in. In the demo set-ups the keyset file is made on the first start,
// before there is any data; a missing one is an error ever after, for a new one could not open what is there.
func openKeyset(ctx context.Context, settings config.Config, database *database) (*secretbox.Box, error) {
	if settings.Keyset != "" {
		return secretbox.Parse([]byte(settings.Keyset.Reveal()))
	}
	box, err := secretbox.Load(settings.KeysetFile)
	if !errors.Is(err, secretbox.ErrMissing) || !settings.Demo() {
		return box, err
	}
	db, err := database.system(ctx, postgres.Options{})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	used, err := organization.Exist(ctx, db)
	if err != nil {
		return nil, err
	}
	if used {
		return nil, fmt.Errorf("the keyset %s is missing, and the database holds what only it can open: "+
			"put it back, or start with an empty database", settings.KeysetFile)
	}
	box, err = secretbox.Create(settings.KeysetFile)
	if errors.Is(err, secretbox.ErrExists) { // another instance was first
		return secretbox.Load(settings.KeysetFile)
	}
	return box, err
}
