package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"omapostipro/internal/fault"
	"omapostipro/internal/job"
	"omapostipro/internal/postgres"
	"omapostipro/internal/secretbox"
)

// Config is what the service needs.
type Config struct {
	DB      *postgres.DB
	Box     *secretbox.Box
	Now     func() time.Time
	BaseURL string // scheme and host that links begin with
	Keep    bool   // what was delivered stays readable: the demo set-ups
}

// Service writes letters down and delivers them.
type Service struct {
	Config
	queue *job.Queue
}

// NewService makes a service.
func NewService(config Config) *Service {
	return &Service{Config: config, queue: job.NewQueue(config.DB)}
}

const (
	// atOnce is how many letters a statement writes down.
	atOnce = 500
	// few is how many letters are sent at once at most to be delivered before those of a mass.
	few = 20
)

// Send writes letters down, with the jobs that deliver them, in the transaction of what causes them; thousands cost no more
// round trips than one. A mass of letters waits behind single ones: who wants a link to log in by stands and waits for it.
func (s *Service) Send(ctx context.Context, tx pgx.Tx, letters ...Letter) error {
	var mails pgx.Batch
	jobs := make([]river.InsertManyParams, 0, len(letters))
	var options *river.InsertOpts
	if len(letters) > few {
		options = &river.InsertOpts{Priority: job.Later}
	}
	for some := range slices.Chunk(letters, atOnce) {
		var written written
		for _, letter := range some {
			message, err := letter.write(s.BaseURL)
			if err != nil {
				return err
			}
			id, err := uuid.NewV7()
			if err != nil {
				return err
			}
			sealed, err := s.seal(id, message)
			if err != nil {
				return err
			}
			written.add(id, letter, message, sealed)
			jobs = append(jobs, river.InsertManyParams{Args: delivery{ID: id}, InsertOpts: options})
		}
		mails.Queue(insertMails, written.ids, written.kinds, written.recipients, written.subjects, written.sealed, written.abouts, s.Now())
	}
	if err := tx.SendBatch(ctx, &mails).Close(); err != nil {
		return fmt.Errorf("write down a mail: %w", err)
	}
	return s.queue.PutMany(ctx, tx, jobs)
}

func (s *Service) seal(id uuid.UUID, message Message) ([]byte, error) {
	text, err := json.Marshal(message)
	if err != nil {
		return nil, err
	}
	return s.Box.Seal(text, place(id))
}

func (s *Service) open(id uuid.UUID, sealed []byte) (Message, error) {
	var message Message
	text, err := s.Box.Open(sealed, place(id))
	if err != nil {
		return message, err
	}
	return message, json.Unmarshal(text, &message)
}

// place binds what is sealed to its row.
func place(id uuid.UUID) []byte { return append([]byte("mail:"), id[:]...) }

// Carrier takes a message to its receiver, or says why not. A failure that another try would not mend is Permanent.
type Carrier func(ctx context.Context, id uuid.UUID, message Message) error

// Shown is the carrier where there is no mail server: mail is shown on the page Utkorg, and so is there already.
func Shown(context.Context, uuid.UUID, Message) error { return nil }

// Permanent is a failure that another try would not mend.
type Permanent struct{ Cause error }

func (p Permanent) Error() string { return p.Cause.Error() }

func (p Permanent) Unwrap() error { return p.Cause }

// delivery is the job that delivers one mail.
type delivery struct {
	ID uuid.UUID `json:"id"`
}

// Kind names the job.
func (delivery) Kind() string { return "deliver_mail" }

// maxAttempts are made within about twenty hours.
const maxAttempts = 14

// InsertOpts says where it waits, and how often it is tried.
func (delivery) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: job.Mail, MaxAttempts: maxAttempts}
}

type worker struct {
	river.WorkerDefaults[delivery]
	service *Service
	carry   Carrier
	log     *slog.Logger
}

// Work is how mail is delivered.
func (s *Service) Work(carry Carrier, log *slog.Logger) job.Work {
	return job.Work{Workers: func(workers *river.Workers) {
		river.AddWorker(workers, &worker{service: s, carry: carry, log: log})
	}}
}

// Work delivers a mail, unless that was done before.
func (w *worker) Work(ctx context.Context, job *river.Job[delivery]) error {
	s, id := w.service, job.Args.ID
	row, err := s.find(ctx, id)
	if err != nil || row == nil || row.SentAt != nil || row.FailedAt != nil {
		return err
	}
	message, err := s.open(id, row.Sealed)
	if err != nil {
		err = Permanent{err}
	} else {
		err = w.carry(ctx, id, message)
	}
	if err == nil {
		return s.DB.Exec(ctx, markSent, id, s.Now(), job.Attempt, s.Keep)
	}
	if ctx.Err() != nil {
		return err // the portal stops; the mail is none the worse for it
	}
	_, permanent := errors.AsType[Permanent](err)
	if !permanent && job.Attempt < job.MaxAttempts {
		if markErr := s.DB.Exec(ctx, markTried, id, job.Attempt, reason(err)); markErr != nil {
			return errors.Join(errNotDelivered, markErr)
		}
		return errNotDelivered
	}
	w.log.Error("a mail cannot be delivered", "mail", id, "kind", row.Kind, "error", err)
	if markErr := s.DB.Exec(ctx, markFailed, id, s.Now(), job.Attempt, reason(err), s.Keep); markErr != nil {
		return errors.Join(errNotDelivered, markErr)
	}
	return river.JobCancel(errNotDelivered)
}

// errNotDelivered is what the job says, which outlives a mail that is erased: what a mail server answers can name people.
var errNotDelivered = errors.New("not delivered; the mail says why")

// maxReason is how many bytes of a mail server's answer are kept.
const maxReason = 500

func reason(err error) string {
	text := err.Error()
	return text[:min(len(text), maxReason)]
}

// Mail is what became of a letter.
type Mail struct {
	ID        uuid.UUID
	Kind      string
	Recipient string
	Subject   string
	Attempts  int
	LastError string
	CreatedAt time.Time
	SentAt    *time.Time
	FailedAt  *time.Time
}

// Page is how many mails a list gives at once.
const Page = 50

// List gives the newest mails, or those older than the one whose id is before; the failed ones alone if that is asked.
func (s *Service) List(ctx context.Context, before uuid.UUID, failed bool) (mails []Mail, more bool, err error) {
	err = s.DB.Read(ctx, postgres.Scope{}, func(b *postgres.Batch) {
		postgres.Rows(b, &mails, listMails, before, failed, Page+1)
	})
	if more = len(mails) > Page; more {
		mails = mails[:Page]
	}
	return mails, more, err
}

// Read gives a mail with what it says. A mail whose words have been wiped is Gone.
func (s *Service) Read(ctx context.Context, id uuid.UUID) (Mail, Message, error) {
	row, err := s.find(ctx, id)
	if err != nil {
		return Mail{}, Message{}, err
	}
	if row == nil {
		return Mail{}, Message{}, fault.New(fault.NotFound, "errors.not_found_text")
	}
	if row.Sealed == nil {
		return Mail{}, Message{}, fault.New(fault.Gone, "errors.gone_text")
	}
	message, err := s.open(id, row.Sealed)
	return row.Mail, message, err
}
