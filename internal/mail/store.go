package mail

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"omapostipro/internal/postgres"
)

const insertMails = `
	insert into mails (id, kind, recipient, subject, sealed, created_at, about)
	select id, kind, recipient, subject, sealed, $7, about::uuid[] from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::text[])
		as m (id, kind, recipient, subject, sealed, about)`

// written is letters as a statement takes them: column by column.
type written struct {
	ids                         []uuid.UUID
	kinds, recipients, subjects []string
	sealed                      [][]byte
	abouts                      []string // each an array of its own, as the database reads one
}

func (w *written) add(id uuid.UUID, letter Letter, message Message, sealed []byte) {
	w.ids, w.kinds, w.recipients, w.subjects = append(w.ids, id), append(w.kinds, letter.Kind), append(w.recipients, message.To), append(w.subjects, message.Subject)
	about := make([]string, len(letter.About))
	for i, person := range letter.About {
		about[i] = person.String()
	}
	w.sealed, w.abouts = append(w.sealed, sealed), append(w.abouts, "{"+strings.Join(about, ",")+"}")
}

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
