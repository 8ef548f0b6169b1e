package bench

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/i18n"
	"omapostipro/internal/organization"
	"omapostipro/web/webtest"
)

// BenchmarkInvitations sends as many invitations as go in one round: rows, links, events, letters and their jobs. What is
// reported is how long it takes, and what of that the portal and the database compute. To reach: 3 seconds.
func BenchmarkInvitations(b *testing.B) {
	portal := newPortal(b)
	actor := portal.Actor(b, demotest.MainUser, demotest.ExampleOy)
	var took, computed, database []float64
	for round := range 3 {
		recipients := make([]organization.Recipient, organization.MaxRecipients)
		for i := range recipients {
			recipients[i] = organization.Recipient{Line: i + 1, Email: fmt.Sprintf("invited.%d.%d@example.com", round, i), FirstName: "Åsa", LastName: fmt.Sprintf("Nummer %d", i), Language: i18n.Swedish}
		}
		before, databaseBefore, start := processorTime(b), serverTime(b, portal), time.Now()
		invited, err := portal.Invitations.Send(b.Context(), actor, organization.Round{Token: uuid.Must(uuid.NewV7()), Recipients: recipients,
			Permissions: organization.Permissions{UserType: account.RegularUser, Permissions: []account.Permission{account.TrackShipments}}, Numbers: []uuid.UUID{portal.Number(b, "654321")}})
		took, computed = append(took, time.Since(start).Seconds()), append(computed, (processorTime(b)-before).Seconds())
		database = append(database, (serverTime(b, portal) - databaseBefore).Seconds())
		if err != nil || invited.Sent != len(recipients) {
			b.Fatal(invited.Sent, err)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(took), "s-sent")
	b.ReportMetric(median(computed), "s-computing")
	b.ReportMetric(median(database), "s-database")
}

// serverTime is what the processes of a portal's database have computed so far.
func serverTime(b *testing.B, portal *webtest.Portal) (total time.Duration) {
	b.Helper()
	for _, row := range demotest.Rows[struct{ PID int }](b, portal.System, "select pid from pg_stat_activity where datname = current_database()") {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", row.PID))
		if err != nil {
			b.Fatal(err)
		}
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		for _, ticks := range fields[11:13] { // in and for the process; a hundredth of a second each
			n, err := strconv.Atoi(ticks)
			if err != nil {
				b.Fatal(err)
			}
			total += time.Duration(n) * 10 * time.Millisecond
		}
	}
	return total
}
