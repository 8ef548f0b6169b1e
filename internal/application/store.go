package application

import (
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/caller"
)

const selectRecognized = `select application_account_id, organization_id, organization_name, business_id, name, status, created_at, last_used_at,
		expires_at, roles, numbers
	from recognize_token($1, $2) where application_account_id is not null`

type recognizedRow struct {
	ApplicationAccountID uuid.UUID
	OrganizationID       uuid.UUID
	OrganizationName     string
	BusinessID           string
	Name                 string
	Status               Status
	CreatedAt            time.Time
	LastUsedAt           *time.Time
	ExpiresAt            time.Time
	Roles                []caller.Role
	Numbers              []account.ContractNumber
}

func (r recognizedRow) caller() caller.Caller {
	return caller.Caller{Kind: audit.Application, ID: r.ApplicationAccountID,
		Organization: account.Organization{ID: r.OrganizationID, Name: r.OrganizationName, BusinessID: r.BusinessID},
		Name:         r.Name, Roles: r.Roles, Contracts: r.Numbers, CreatedAt: r.CreatedAt, LastUsedAt: r.LastUsedAt, ExpiresAt: &r.ExpiresAt}
}
