package mail

import (
	"context"

	"github.com/google/uuid"

	"omapostipro/internal/postgres"
)

const insertMail = `
	insert into mails (id, kind, recipient, subject, sealed, created_at, about) values ($1, $2, $3, $4, $5, $6, coalesce($7::uuid[], '{}'))`

const markSent = `
	update mails set sent_at = $2, attempts = $3, last_error = '', sealed = case when $4 then sealed end where id = $1`

const markTried = `update mails set attempts = $2, last_error = $3 where id = $1`

const markFailed = `
	update mails set failed_at = $2, attempts = $3, last_error = $4, sealed = case when $5 then sealed end where id = $1`

const columns = `id, kind, recipient::text, subject::text, attempts, last_error, created_at, sent_at, failed_at`

const findMail = `select ` + columns + `, sealed from mails where id = $1`

// Ids are made in the order of time, but two instances' clocks may differ: the time comes first.
const listMails = `
	select ` + columns + ` from mails
	where ($1::uuid = '00000000-0000-0000-0000-000000000000' or (created_at, id) < (select m.created_at, m.id from mails m where m.id = $1))
		and (not $2 or failed_at is not null)
	order by created_at desc, id desc limit $3`

type row struct {
	Mail
	Sealed []byte
}

func (s *Service) find(ctx context.Context, id uuid.UUID) (*row, error) {
	var found *row
	err := s.DB.Read(ctx, postgres.Scope{}, func(b *postgres.Batch) { postgres.Row(b, &found, findMail, id) })
	return found, err
}
