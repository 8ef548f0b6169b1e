// Package job is the home of the queue of jobs: work that is written down in the transaction that causes it, and done
// afterwards, by whichever instance comes first, until it succeeds or is given up. A crash between commit and work loses
// nothing; work may be done twice, so a worker looks whether it is still to be done.
//
// Arguments hold ids only: the queue's tables belong to no organisation.
package job

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"omapostipro/internal/postgres"
)

// Queue writes jobs down.
type Queue struct {
	client *river.Client[pgx.Tx]
}

// NewQueue makes a queue that jobs can be put into; a Runner does them.
func NewQueue(db *postgres.DB) *Queue {
	client, err := river.NewClient(riverpgxv5.New(db.Pool()), &river.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		panic(err) // the settings above are at fault
	}
	return &Queue{client: client}
}

// Put writes a job down in the transaction of what causes it. Without options it is done as soon as possible.
func (q *Queue) Put(ctx context.Context, tx pgx.Tx, args river.JobArgs, options *river.InsertOpts) error {
	if _, err := q.client.InsertTx(ctx, tx, args, options); err != nil {
		return fmt.Errorf("write down a job of kind %s: %w", args.Kind(), err)
	}
	return nil
}

// PutMany writes many jobs of a kind down in one round trip; not by COPY, which row-level security does not take.
func (q *Queue) PutMany(ctx context.Context, tx pgx.Tx, jobs []river.InsertManyParams) error {
	if len(jobs) == 0 {
		return nil
	}
	if _, err := q.client.InsertManyTx(ctx, tx, jobs); err != nil {
		return fmt.Errorf("write down %d jobs: %w", len(jobs), err)
	}
	return nil
}

// Runner does the jobs.
type Runner struct {
	client *river.Client[pgx.Tx]
}

// Mail is the queue of what waits for a mail server; nothing else waits behind it.
const Mail = "mail"

// Later is the priority of what can wait: of a queue's jobs, those without it are done first.
const Later = 4

const (
	mailsAtOnce = 4 // jobs at the same time, which hold no connection of the pool while a mail server answers
	restAtOnce  = 2
	// How often the table is looked at, should word of a new job be lost.
	pollEvery   = 5 * time.Second
	jobTimeout  = time.Minute
	stuckAfter  = 2 * jobTimeout // after a kill -9 a job is taken up again
	stopTimeout = 10 * time.Second
)

// Work is what a runner does.
type Work struct {
	Workers func(*river.Workers) // adds who does it; nil for no work
	// Every and Args are of work that comes again by itself: how often, and the job. Of many instances one sees to it.
	Every time.Duration
	Args  river.JobArgs
}

// NewRunner makes a runner of some work.
func NewRunner(db *postgres.DB, log *slog.Logger, all ...Work) (*Runner, error) {
	workers := river.NewWorkers()
	var periodic []*river.PeriodicJob
	for _, work := range all {
		if work.Workers == nil {
			continue
		}
		work.Workers(workers)
		if work.Every > 0 {
			periodic = append(periodic, river.NewPeriodicJob(river.PeriodicInterval(work.Every),
				func() (river.JobArgs, *river.InsertOpts) { return work.Args, rounds(work.Every) }, &river.PeriodicJobOpts{RunOnStart: true}))
		}
	}
	client, err := river.NewClient(riverpgxv5.New(db.Pool()), &river.Config{
		Logger:                      slog.New(quiet{log.Handler()}),
		Workers:                     workers,
		PeriodicJobs:                periodic,
		Queues:                      map[string]river.QueueConfig{Mail: {MaxWorkers: mailsAtOnce}, river.QueueDefault: {MaxWorkers: restAtOnce}},
		FetchPollInterval:           pollEvery,
		JobTimeout:                  jobTimeout,
		RescueStuckJobsAfter:        stuckAfter,
		SoftStopTimeout:             stopTimeout,
		CompletedJobRetentionPeriod: time.Hour,
		ReindexerIndexNames:         []string{}, // an index is its owner's, and who serves owns nothing
	})
	if err != nil {
		return nil, fmt.Errorf("make the runner of jobs: %w", err)
	}
	return &Runner{client: client}, nil
}

// rounds says how often a job comes again: once in each period, whichever instance sees to it. One that failed is made up for by
// the next, and one that a kill -9 has left behind keeps none back.
func rounds(every time.Duration) *river.InsertOpts {
	return &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: every}}
}

// Start begins to do jobs. It returns at once.
func (r *Runner) Start(ctx context.Context) error {
	// The context given here would end the jobs that run when it ends; Stop lets them finish.
	if err := r.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start doing jobs: %w", err)
	}
	return nil
}

// Stop takes no new jobs, and lets those that run finish for a while.
func (r *Runner) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout+5*time.Second)
	defer cancel()
	if err := r.client.Stop(ctx); err != nil {
		return fmt.Errorf("stop doing jobs: %w", err)
	}
	return nil
}

// quiet leaves out what the library says of its daily round; warnings and errors are the operator's.
type quiet struct{ slog.Handler }

func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }

func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
