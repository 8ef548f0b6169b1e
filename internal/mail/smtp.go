package mail

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	gomail "github.com/wneessen/go-mail"
	"golang.org/x/net/idna"
)

// smtpTimeout bounds a whole conversation with the mail server, below a job's own time.
const smtpTimeout = 30 * time.Second

// SMTP gives the carrier that hands mail to a server: smtp://user:password@host:port takes up TLS where the server offers
// it (and sends no password without), smtps:// begins with it. Its error does not quote the address, which holds a password.
func SMTP(address string, from netmail.Address) (Carrier, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, errors.New("the mail server's address is not smtp://host:port or smtps://host:port")
	}
	port, tls := 25, gomail.WithTLSPolicy(gomail.TLSOpportunistic)
	if u.User != nil {
		port = 587
	}
	if u.Scheme == "smtps" {
		port, tls = 465, gomail.WithSSL()
	}
	if text := u.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil {
			return nil, errors.New("the mail server's port is not a number")
		}
	}
	options := []gomail.Option{gomail.WithPort(port), gomail.WithTimeout(smtpTimeout), tls, gomail.WithoutNoop()}
	if u.User != nil {
		password, _ := u.User.Password()
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	return func(ctx context.Context, id uuid.UUID, message Message) error {
		letter, err := envelope(from, id, domain, message)
		if err != nil {
			return Permanent{err}
		}
		client, err := gomail.NewClient(u.Hostname(), options...)
		if err != nil {
			return Permanent{fmt.Errorf("set up the conversation with the mail server: %w", err)}
		}
		ctx, cancel := context.WithTimeout(ctx, smtpTimeout)
		defer cancel()
		err = client.DialAndSendWithContext(ctx, letter)
		if refused, ok := errors.AsType[*gomail.SendError](err); ok && !refused.IsTemp() && refused.ErrorCode() >= 500 {
			return Permanent{err}
		}
		return err
	}, nil
}

// envelope makes the mail of a message. The same mail sent twice has the same id, by which programs know it again.
func envelope(from netmail.Address, id uuid.UUID, domain string, message Message) (*gomail.Msg, error) {
	to, err := asciiDomain(message.To)
	if err != nil {
		return nil, err
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(&from)
	m.ToMailAddress(&netmail.Address{Name: message.Name, Address: to})
	m.Subject(message.Subject)
	m.SetMessageIDWithValue(id.String() + "@" + domain)
	seconds, nanoseconds := id.Time().UnixTime()
	m.SetDateWithValue(time.Unix(seconds, nanoseconds))
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetBodyString(gomail.TypeTextPlain, message.Text)
	m.AddAlternativeString(gomail.TypeTextHTML, message.HTML)
	return m, nil
}

// asciiDomain writes an address's domain as the name system knows it: a mail server need not know other letters.
func asciiDomain(address string) (string, error) {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return "", errors.New("an address without @")
	}
	domain, err := idna.Lookup.ToASCII(address[at+1:])
	if err != nil {
		return "", fmt.Errorf("the domain of the address: %w", err)
	}
	return address[:at+1] + domain, nil
}
