package shipment

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"omapostipro/internal/account"
	"omapostipro/internal/audit"
	"omapostipro/internal/fault"
	"omapostipro/internal/postgres"
)

// sendingCodeDigits are what a sending code is written with: what both versions of the carrier's interface allow.
const sendingCodeDigits = "0123456789ACDEF"

const (
	sendingCodeLength = 6
	sendingCodes      = 15 * 15 * 15 * 15 * 15 * 15

	constraintSendingCodeTaken = "sending_code_unique"
)

var sendingCodeForm = regexp.MustCompile(`^[0-9ACDEF]{6}$`)

const scatterFactor, scatterShift = 7_368_787, 1_234_567

// scatter gives each serial another number below that of the codes: there are more codes than serials, and the factor shares
// no divisor with their number. Neighbours come to lie far apart, so that a code misread is seldom another parcel's.
func scatter(serial int64) int64 {
	return (serial*scatterFactor + scatterShift) % sendingCodes
}

// sendingCode gives the code of a serial.
func sendingCode(serial int64) string {
	rest := scatter(serial)
	var code [sendingCodeLength]byte
	for i := range code {
		code[i] = sendingCodeDigits[rest%15]
		rest /= 15
	}
	return string(code[:])
}

// serialOf gives the serial in a parcel's number: the seven digits before the check digit.
func serialOf(number string) int64 {
	var serial int64
	for _, c := range number[len(number)-8 : len(number)-1] {
		serial = serial*10 + int64(c-'0')
	}
	return serial
}

// NeedsSendingCode says whether the order's parcels get sending codes when it is placed: with the additional service, and
// as a return, by a service that brings parcels back.
func (o Order) NeedsSendingCode() bool {
	return o.IsReturn() || o.has(SendingCode)
}

// SentParcel is a parcel with its sending code.
type SentParcel struct {
	Number string
	Code   string
}

// ErrNoSendingCode is the error for a parcel that may not have a sending code: its order lacks the additional service.
var ErrNoSendingCode = errors.New("the shipment has no sending-code service (" + SendingCode + ")")

func errParcelNotFound() error { return fault.New(fault.NotFound, "errors.not_found_text") }

var sscc = regexp.MustCompile(`^00\d{18}$`)

// ParseNumber reads the number of a parcel or of a freight unit, as ParseTrackingNumber does.
func ParseNumber(text string) (string, error) {
	number := strings.ToUpper(strings.Join(strings.Fields(text), ""))
	if sscc.MatchString(number) {
		return number, nil
	}
	return ParseTrackingNumber(number)
}

// SendingCodeOf gives the sending code of a parcel under a contract number of the actor's, always the same. A parcel whose
// order may not have one is refused with ErrNoSendingCode; one that may but has none yet is not found.
func (s *Orders) SendingCodeOf(ctx context.Context, actor account.Actor, number string) (SentParcel, error) {
	row, err := s.parcelToSend(ctx, actor, number)
	switch {
	case err != nil:
		return SentParcel{}, err
	case row.Code != nil:
		return SentParcel{row.TrackingNumber, *row.Code}, nil
	case !row.Document.NeedsSendingCode():
		return SentParcel{}, ErrNoSendingCode
	default:
		return SentParcel{}, errParcelNotFound()
	}
}

// MakeSendingCode gives the sending code of a parcel like SendingCodeOf, and makes it where there is none; for any parcel
// if the order is not to be checked.
func (s *Orders) MakeSendingCode(ctx context.Context, actor account.Actor, number string, unchecked bool) (SentParcel, error) {
	row, err := s.parcelToSend(ctx, actor, number)
	if err != nil {
		return SentParcel{}, err
	}
	if row.Code != nil {
		return SentParcel{row.TrackingNumber, *row.Code}, nil
	}
	if !unchecked && !row.Document.NeedsSendingCode() {
		return SentParcel{}, ErrNoSendingCode
	}
	// Serials cycle, so another parcel may have the code; the next ones are as good.
	for serial, attempt := serialOf(row.TrackingNumber), int64(0); ; attempt++ {
		code := sendingCode(serial + attempt)
		err := s.storeSendingCode(ctx, actor, row, code)
		switch constraint := postgres.Constraint(err); {
		case err == nil:
			return SentParcel{row.TrackingNumber, code}, nil
		case constraint == constraintSendingCodeTaken && attempt < maxNumberings:
		case constraint == constraintSendingCodeMade:
			return s.SendingCodeOf(ctx, actor, number) // somebody else made it meanwhile
		default:
			return SentParcel{}, err
		}
	}
}

// BySendingCode gives the parcel of a sending code, if it is under a contract number of the actor's.
func (s *Orders) BySendingCode(ctx context.Context, actor account.Actor, code string) (SentParcel, error) {
	code = strings.ToUpper(strings.TrimSpace(code))
	if !sendingCodeForm.MatchString(code) {
		return SentParcel{}, errParcelNotFound()
	}
	row, err := s.findParcel(ctx, actor, selectParcelByCode, code)
	if err != nil {
		return SentParcel{}, err
	}
	return SentParcel{row.TrackingNumber, code}, nil
}

func (s *Orders) parcelToSend(ctx context.Context, actor account.Actor, number string) (sentRow, error) {
	number, err := ParseNumber(number)
	if err != nil {
		return sentRow{}, errParcelNotFound()
	}
	return s.findParcel(ctx, actor, selectParcelByNumber, number)
}

func (s *Orders) findParcel(ctx context.Context, actor account.Actor, query, wanted string) (sentRow, error) {
	var row *sentRow
	if err := s.db.Read(ctx, actor.Scope(), func(b *postgres.Batch) { postgres.Row(b, &row, query, contractIDs(actor, ""), wanted) }); err != nil {
		return sentRow{}, err
	}
	if row == nil {
		return sentRow{}, errParcelNotFound()
	}
	return *row, nil
}

func (s *Orders) storeSendingCode(ctx context.Context, actor account.Actor, row sentRow, code string) error {
	now := s.now().UTC().Truncate(time.Microsecond)
	return s.db.Write(ctx, actor.Scope(), func(b *pgx.Batch) error {
		b.Queue(insertSendingCodes, actor.Organization.ID, row.DeliveryOrderID, now, []int{row.Position}, []string{code})
		return audit.Queue(b, now, actor.Who(), audit.Event{Action: "delivery_order.sending_code_made", Object: row.DeliveryOrderID})
	})
}

// queueSendingCodes stores the codes of an order's parcels along with it, if it has some.
func queueSendingCodes(b *pgx.Batch, actor account.Actor, placed Placed) {
	if !placed.Order.NeedsSendingCode() {
		return
	}
	positions, codes := make([]int, len(placed.Parcels)), make([]string, len(placed.Parcels))
	for i, parcel := range placed.Parcels {
		positions[i], codes[i] = i+1, parcel.SendingCode
	}
	b.Queue(insertSendingCodes, actor.Organization.ID, placed.ID, placed.PlacedAt, positions, codes)
}

const constraintSendingCodeMade = "sending_codes_pkey"

const insertSendingCodes = `insert into sending_codes (organization_id, delivery_order_id, position, code, created_at)
	select $1, $2, c.position, c.code, $3 from unnest($4::int[], $5::text[]) as c (position, code)`

const (
	selectParcelByNumber = selectSentParcel + " and p.tracking_number = $2"
	selectParcelByCode   = selectSentParcel + " and s.code = $2"
)

const selectSentParcel = `
	select p.tracking_number, p.delivery_order_id, p.position, o.document, s.code
	from parcels p
	join delivery_orders o on o.organization_id = p.organization_id and o.id = p.delivery_order_id
	left join sending_codes s on s.organization_id = p.organization_id and s.delivery_order_id = p.delivery_order_id and s.position = p.position
	where p.organization_id = portal_organization() and o.contract_number_id = any ($1) and o.status <> 'CANCELLED'`

type sentRow struct {
	TrackingNumber  string
	DeliveryOrderID uuid.UUID
	Position        int
	Document        Order
	Code            *string
}
