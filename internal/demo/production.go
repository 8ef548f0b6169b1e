package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"omapostipro/internal/account"
	"omapostipro/internal/apikey"
	"omapostipro/internal/application"
)

// CheckAbsent refuses a database in which the demo's credentials work, or could be enabled again: everybody knows them, so
// production does not start there. It writes nothing.
func CheckAbsent(ctx context.Context, accounts *account.Service, keys *apikey.Service, applications *application.Service) error {
	var found []string
	switch _, err := keys.Recognize(ctx, APIKey, ""); {
	case err == nil, errors.Is(err, apikey.ErrDisabled):
		found = append(found, "the API key Demo of "+Organization)
	case !errors.Is(err, apikey.ErrUnknown) && !errors.Is(err, apikey.ErrRevoked):
		return err
	}
	known, err := applications.HasSecret(ctx, ClientID, ClientSecret)
	if err != nil {
		return err
	}
	if known {
		found = append(found, "the application account "+ClientID+" of "+Organization)
	}
	for _, logIn := range LogIns() {
		known, err := accounts.HasPassword(ctx, logIn.Email, Password)
		if err != nil {
			return err
		}
		if known {
			found = append(found, "the password of "+logIn.Email)
		}
	}
	if found == nil {
		return nil
	}
	return fmt.Errorf("this database was a demo's, and what everybody knows still opens it: %s. Give production a database of its own; "+
		"or start this one with PORTAL_ENV=demo once more, revoke the key and the application account in the portal, under Integrationer, "+
		"and give the people other passwords with portal user set-password", strings.Join(found, ", "))
}
