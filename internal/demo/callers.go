package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/apikey"
	"omapostipro/internal/application"
	"omapostipro/internal/audit"
	"omapostipro/internal/caller"
	"omapostipro/internal/postgres"
)

// What scripts call the demo's API with, so that they can begin without a browser: an application account and a key of
// Testbolaget Ab, both with its logistics contract. Everybody knows these secrets.
const (
	Organization = "Testbolaget Ab"
	Contract     = "600123"
	ClientID     = "demo-application"
	ClientSecret = "OmaPosti-demo-2024-application"
	APIKey       = "opp_OmaPostiDemo2024TestbolagetAbKey4ZOWUK"
)

// Their forms' tokens: what has been made once is not made again, whatever became of it.
var (
	keyToken         = uuid.MustParse("01890000-0000-7000-8000-00000000c0de")
	applicationToken = uuid.MustParse("01890000-0000-7000-8000-00000000c11e")
)

// SeedCallers makes what scripts call the demo's API with, after Seed. Keys are sealed in the box.
func SeedCallers(ctx context.Context, db *postgres.DB, box apikey.Box, now func() time.Time) error {
	unlock, err := db.Lock(ctx, "demo data")
	if err != nil {
		return err
	}
	defer unlock()
	var s seeder
	if err := s.read(ctx, db); err != nil {
		return err
	}
	contract := account.ContractNumber{ID: s.numberIDs[Contract], Kind: account.LogisticsContract, Number: Contract, Holder: Organization}
	maker := account.Actor{Kind: audit.Person, ID: s.userIDs["main.user@test.example"], UserType: account.MainUser, Permissions: all,
		Organization: account.Organization{ID: s.organizationIDs[testbolaget], Name: Organization, BusinessID: testbolaget},
		Numbers:      []account.ContractNumber{contract}}
	contracts := []uuid.UUID{contract.ID}
	err = apikey.NewService(db, box, now).CreateFixed(ctx, maker, apikey.New{Description: "Demo", Contracts: contracts, Token: keyToken}, APIKey)
	if err != nil {
		return fmt.Errorf("make the demo's API key: %w", err)
	}
	wanted := application.Wanted{Name: "Demo", Roles: caller.Roles(), Contracts: contracts}
	if err := application.NewService(db, box, now).CreateFixed(ctx, maker, wanted, applicationToken, ClientID, ClientSecret); err != nil {
		return fmt.Errorf("make the demo's application account: %w", err)
	}
	return nil
}

// Works says which of what scripts call the demo's API with still opens it: a main user may have taken it away. It writes
// nothing.
func Works(ctx context.Context, keys *apikey.Service, applications *application.Service) (key, client bool) {
	_, keyErr := keys.Recognize(ctx, APIKey, "")
	known, clientErr := applications.HasSecret(ctx, ClientID, ClientSecret)
	return keyErr == nil, known && clientErr == nil
}
