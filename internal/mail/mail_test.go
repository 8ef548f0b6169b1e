package mail_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"omapostipro/internal/i18n"
	"omapostipro/internal/job"
	"omapostipro/internal/mail"
	"omapostipro/internal/postgres"
	"omapostipro/internal/postgres/postgrestest"
	"omapostipro/internal/secretbox"
)

func TestMain(m *testing.M) { os.Exit(m.Run()) }

func newService(t *testing.T, keep bool) (*mail.Service, *postgrestest.DB) {
	t.Helper()
	db := postgrestest.New(t)
	keyset, err := secretbox.Generate()
	if err != nil {
		t.Fatal(err)
	}
	box, err := secretbox.Parse(keyset)
	if err != nil {
		t.Fatal(err)
	}
	return mail.NewService(mail.Config{DB: db.App(), Box: box, Now: time.Now, BaseURL: "https://portal.example", Keep: keep}), db
}

var letter = mail.Letter{Kind: "password_changed", To: "åsa@exämple.com", Name: "Åsa \"<b>\" Öberg", Language: i18n.Swedish, Path: "/password/abc"}

// send sends a letter in a transaction that ends as it is told to.
func send(t *testing.T, s *mail.Service, letter mail.Letter, end error) error {
	t.Helper()
	return s.DB.InTx(t.Context(), postgres.Scope{}, func(ctx context.Context, tx pgx.Tx) error {
		return errors.Join(s.Send(ctx, tx, letter), end)
	})
}

// run does jobs until the test ends.
func run(t *testing.T, s *mail.Service, carry mail.Carrier, others ...job.Work) {
	t.Helper()
	runner, err := job.NewRunner(s.DB, slog.New(slog.DiscardHandler), append(others, s.Work(carry, slog.New(slog.DiscardHandler)))...)
	if err != nil {
		t.Fatal(err)
	}
	if err := runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := runner.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
}

// until waits for the only mail to be as it should.
func until(t *testing.T, s *mail.Service, is func(mail.Mail) bool) mail.Mail {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		mails, _, err := s.List(t.Context(), uuid.Nil, false)
		if err != nil {
			t.Fatal(err)
		}
		if len(mails) == 1 && is(mails[0]) {
			return mails[0]
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatalf("%+v", mails)
		}
	}
}

// server is a mail server of another make: it keeps what it is given, or answers with an error.
type server struct {
	refusals chan error // of the next mails
	got      chan received
}

type received struct {
	from, to string
	mail     *netmail.Message
}

func (s *server) NewSession(*smtp.Conn) (smtp.Session, error) { return &conversation{server: s}, nil }

type conversation struct {
	server   *server
	from, to string
}

func (c *conversation) Reset()        {}
func (c *conversation) Logout() error { return nil }

func (c *conversation) Mail(from string, _ *smtp.MailOptions) error {
	c.from = from
	return nil
}

func (c *conversation) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.to = to
	select {
	case err := <-c.server.refusals:
		return err
	default:
		return nil
	}
}

func (c *conversation) Data(r io.Reader) error {
	m, err := netmail.ReadMessage(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(m.Body)
	m.Body = strings.NewReader(string(body))
	c.server.got <- received{c.from, c.to, m}
	return err
}

func listen(t *testing.T, refusals ...error) (*server, mail.Carrier) {
	t.Helper()
	s := &server{refusals: make(chan error, 8), got: make(chan received, 8)}
	for _, refusal := range refusals {
		s.refusals <- refusal
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	smtpServer := smtp.NewServer(s)
	smtpServer.EnableSMTPUTF8 = true
	smtpServer.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	go func() { _ = smtpServer.Serve(listener) }()
	t.Cleanup(func() { _ = smtpServer.Close() })
	carry, err := mail.SMTP("smtp://"+listener.Addr().String(), netmail.Address{Name: "OmaPosti Pro", Address: "no-reply@portal.example"})
	if err != nil {
		t.Fatal(err)
	}
	return s, carry
}

func TestALetterArrivesOnceItsTransactionHasHappened(t *testing.T) {
	t.Parallel()
	s, db := newService(t, false)
	if err := send(t, s, letter, errors.New("no")); err == nil {
		t.Fatal("the transaction happened")
	}
	turned := letter
	turned.Name = "\u202e" + letter.Name + "\u200b" // nothing of what stands beside it is turned around
	if err := send(t, s, turned, nil); err != nil {
		t.Fatal(err)
	}
	var args string
	if err := db.Admin().QueryRow(t.Context(), "select args::text from river_job").Scan(&args); err != nil {
		t.Fatal(err) // two rows would be the other transaction's
	}
	if len(args) > 60 || !strings.HasPrefix(args, `{"id": "`) {
		t.Errorf("a job says more than it should: %s", args)
	}
	var plain int
	if err := db.Admin().QueryRow(t.Context(), "select count(*) from mails where encode(sealed, 'escape') like '%password/abc%'").Scan(&plain); err != nil || plain != 0 {
		t.Errorf("%d links in clear, %v", plain, err)
	}
	mailServer, carry := listen(t)
	run(t, s, carry)
	got := <-mailServer.got
	if got.from != "no-reply@portal.example" || got.to != "åsa@xn--exmple-cua.com" {
		t.Errorf("from %s to %s", got.from, got.to)
	}
	header := got.mail.Header
	decoder := new(mime.WordDecoder)
	if subject, err := decoder.DecodeHeader(header.Get("Subject")); err != nil || subject != "Ditt lösenord har ändrats" {
		t.Errorf("subject %q, %v", subject, err)
	}
	parts := bodies(t, got.mail)
	for kind, want := range map[string][]string{
		"text/plain": {"Hej Åsa \"<b>\" Öberg!", "https://portal.example/password/abc", "Om det inte var du"},
		"text/html":  {"Hej Åsa &#34;&lt;b&gt;&#34; Öberg!", `href="https://portal.example/password/abc"`, `lang="sv"`},
	} {
		for _, words := range want {
			if !strings.Contains(parts[kind], words) {
				t.Errorf("%s lacks %q:\n%s", kind, words, parts[kind])
			}
		}
	}
	m := until(t, s, func(m mail.Mail) bool { return m.SentAt != nil })
	if _, _, err := s.Read(t.Context(), m.ID); err == nil {
		t.Error("what was delivered is still there")
	}
}

func bodies(t *testing.T, m *netmail.Message) map[string]string {
	t.Helper()
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	reader, found := multipart.NewReader(m.Body, params["boundary"]), map[string]string{}
	for {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
		found[kind] = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
}

func TestAServerThatIsBusyIsAskedAgain(t *testing.T) {
	t.Parallel()
	s, _ := newService(t, true)
	mailServer, carry := listen(t, &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try later"})
	if err := send(t, s, letter, nil); err != nil {
		t.Fatal(err)
	}
	run(t, s, carry)
	if m := until(t, s, func(m mail.Mail) bool { return m.Attempts == 1 }); !strings.Contains(m.LastError, "try later") || m.FailedAt != nil {
		t.Errorf("after the first attempt: %+v", m)
	}
	<-mailServer.got
	m := until(t, s, func(m mail.Mail) bool { return m.SentAt != nil })
	if m.Attempts != 2 || m.LastError != "" {
		t.Errorf("at last: %+v", m)
	}
	if _, message, err := s.Read(t.Context(), m.ID); err != nil || message.Link != "https://portal.example/password/abc" {
		t.Errorf("the demo keeps what was delivered: %+v, %v", message, err)
	}
}

func TestAnAddressThatIsRefusedIsListedWithTheReason(t *testing.T) {
	t.Parallel()
	s, _ := newService(t, false)
	_, carry := listen(t, &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"})
	if err := send(t, s, letter, nil); err != nil {
		t.Fatal(err)
	}
	run(t, s, carry)
	until(t, s, func(m mail.Mail) bool {
		return m.FailedAt != nil && m.Attempts == 1 && strings.Contains(m.LastError, "no such user")
	})
	failed, _, err := s.List(t.Context(), uuid.Nil, true)
	if err != nil || len(failed) != 1 {
		t.Errorf("failed: %+v, %v", failed, err)
	}
}

// Who wants a new password does not wait for a round of invitations that was sent before.
func TestSingleLettersAreDeliveredBeforeAMass(t *testing.T) {
	t.Parallel()
	s, _ := newService(t, false)
	mass := make([]mail.Letter, 200)
	for i := range mass {
		mass[i] = mail.Letter{Kind: letter.Kind, To: fmt.Sprintf("p%d@example.com", i), Language: i18n.Swedish}
	}
	if err := s.DB.InTx(t.Context(), postgres.Scope{}, func(ctx context.Context, tx pgx.Tx) error { return s.Send(ctx, tx, mass...) }); err != nil {
		t.Fatal(err)
	}
	if err := send(t, s, letter, nil); err != nil {
		t.Fatal(err)
	}
	delivered := make(chan string, len(mass)+1)
	run(t, s, func(_ context.Context, _ uuid.UUID, message mail.Message) error {
		delivered <- message.To
		return nil
	})
	for position := 1; ; position++ {
		if to := <-delivered; to == letter.To {
			if position > 4 { // as many as are delivered at the same time
				t.Errorf("delivered as number %d", position)
			}
			return
		}
	}
}

// While a mail server is slow, what is no mail goes on.
func TestOtherJobsDoNotWaitForAMailServer(t *testing.T) {
	t.Parallel()
	s, _ := newService(t, false)
	for range 8 {
		if err := send(t, s, letter, nil); err != nil {
			t.Fatal(err)
		}
	}
	answer, done := make(chan struct{}), make(chan struct{})
	carry := func(context.Context, uuid.UUID, mail.Message) error {
		<-answer
		return nil
	}
	run(t, s, carry, job.Work{Args: other{}, Every: time.Hour, Workers: func(workers *river.Workers) {
		river.AddWorker(workers, river.WorkFunc(func(context.Context, *river.Job[other]) error {
			close(done)
			return nil
		}))
	}})
	<-done
	close(answer)
}

// other is a job that is none of mail's.
type other struct{}

func (other) Kind() string { return "other" }

// A name that is written from right to left turns nothing around that stands beside it, and long ones leave the letter whole.
func TestNamesStandApart(t *testing.T) {
	t.Parallel()
	s, _ := newService(t, true)
	long := strings.Repeat("W", 200)
	for _, test := range []struct{ person, organization, subject, text string }{
		{"محمد", "Example Oy", "\u2068محمد\u2069 ber om en ny inbjudan till Example Oy", "\u2068محمد\u2069 har öppnat en länk"},
		{"Kim \u202eNy", "חברה", "Kim Ny ber om en ny inbjudan till \u2068חברה\u2069", "ny inbjudan till \u2068חברה\u2069."},
		{long + " " + long, long, strings.Repeat("W", 199) + "…", long + " " + long + " har öppnat en länk"},
	} {
		if err := send(t, s, mail.Letter{Kind: "invitation_asked_again", To: "a@example.com", Name: test.person, Language: i18n.Swedish, Path: "/x",
			Args: []any{"person", test.person, "who", test.person, "organization", test.organization}}, nil); err != nil {
			t.Error(err)
			continue
		}
		mails, _, err := s.List(t.Context(), uuid.Nil, false)
		if err != nil {
			t.Fatal(err)
		}
		_, message, err := s.Read(t.Context(), mails[0].ID)
		if err != nil || message.Subject != test.subject || !strings.Contains(message.Text, test.text) || !strings.Contains(message.HTML, test.text) {
			t.Errorf("%q %q, %v", message.Subject, message.Text, err)
		}
	}
}

// A header cannot be added by what a person is called.
func TestNamesAreOneLine(t *testing.T) {
	t.Parallel()
	s, _ := newService(t, false)
	for _, injected := range []mail.Letter{
		{Kind: letter.Kind, To: "a@example.com\r\nBcc: b@example.com", Language: i18n.Swedish},
		{Kind: letter.Kind, To: "a@example.com", Name: "A\nBcc: b@example.com", Language: i18n.Swedish},
		{Kind: letter.Kind, To: "a@example.com", Name: "A\rX", Language: i18n.Swedish},
	} {
		if err := send(t, s, injected, nil); err == nil {
			t.Errorf("%q was sent", injected)
		}
	}
}

func TestAddressesOfMailServers(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "mail.example:25", "http://mail.example", "smtp://", "smtp://user:secret@:25"} {
		if _, err := mail.SMTP(address, netmail.Address{Address: "a@example.com"}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", address, err)
		}
	}
}
