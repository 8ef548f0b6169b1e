package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"omapostipro/internal/demo"
)

// customer places orders, each with an order number of its own, and remembers the numbers of the shipments that were
// acknowledged.
type customer struct {
	portal *Portal
	mu     sync.Mutex
	placed map[string]string // by order number; "" while there is no answer
}

// order places an order, and says whether it was acknowledged.
func (c *customer) order(t *testing.T, orderNo string, once bool) bool {
	return c.orderAt(t, c.portal, orderNo, once)
}

func (c *customer) orderAt(t *testing.T, portal *Portal, orderNo string, once bool) bool {
	body := fmt.Sprintf(`{"shipment":{"sender":{"name":"Testbolaget Ab","address1":"Provvägen 2","zipcode":"20100","city":"Åbo","country":"FI"},
		"receiver":{"name":"Åsa Öberg","address1":"Storgatan 1","zipcode":"00100","city":"Helsingfors","country":"FI","mobile":"+358401234567"},
		"senderPartners":[{"id":"POSTI","custNo":%q}],"service":{"id":"PO2103"},"orderNo":%q,"parcels":[{"copies":2,"weight":1,"valuePerParcel":false}]}}`, demo.Contract, orderNo)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, portal.URL+"/shippingapi/api/v1/shipping/order", strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return false
	}
	request.Header.Set("Authorization", demo.APIKey)
	request.Header.Set("Content-Type", "application/json")
	if once {
		request.Header.Set("Idempotency-Key", orderNo)
	}
	c.mu.Lock()
	c.placed[orderNo] += "" // there is no answer yet, or there was one
	c.mu.Unlock()
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	var told []struct{ ShipmentNo string }
	if err != nil || answer.StatusCode != http.StatusOK || json.Unmarshal(text, &told) != nil || len(told) != 1 {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if before := c.placed[orderNo]; before != "" && before != told[0].ShipmentNo {
		t.Errorf("the order %s was %s and is %s when it is repeated", orderNo, before, told[0].ShipmentNo)
	}
	c.placed[orderNo] = told[0].ShipmentNo
	return true
}

// until places orders, four at once and every other with an Idempotency-Key, and kills after so many; each goes on until
// it gets no answer.
func (c *customer) until(t *testing.T, name string, acknowledged int64, kill func()) {
	var count atomic.Int64
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for i := 0; i < 500 && c.order(t, fmt.Sprintf("%s-%d-%d%s", name, worker, i, []string{"", "-once"}[worker%2]), worker%2 == 1); i++ {
				if count.Add(1) == acknowledged {
					kill()
				}
			}
		})
	}
	all.Wait()
	if count.Load() < acknowledged {
		t.Errorf("%s: only %d orders were placed before one failed", name, count.Load())
	}
}

// Orders are placed while the portal, and while its database, is killed: what was acknowledged is there, what has a key is
// there once however often it is repeated, and no number is given twice.
func TestOrdersWhenTheProcessesAreKilled(t *testing.T) {
	t.Parallel()
	portal, err := portals.StartFresh(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := &customer{portal: portal, placed: map[string]string{}}
	c.until(t, "portal", 60, func() { _ = portal.process.Process.Kill() })
	_ = portal.process.Wait()
	if c.portal, err = portals.start(t.Context(), portal.data); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.portal.Stop(); err != nil {
			t.Error(err)
		}
	})
	c.until(t, "database", 60, func() {
		file, err := os.ReadFile(filepath.Join(portal.data, "postgres", "postmaster.pid"))
		line, _, _ := strings.Cut(string(file), "\n")
		pid, numberErr := strconv.Atoi(line)
		if err != nil || numberErr != nil || syscall.Kill(pid, syscall.SIGKILL) != nil {
			t.Errorf("the database cannot be killed: %v %v", err, numberErr)
		}
	})
	for began := time.Now(); !c.order(t, "back-once", true); {
		if time.Since(began) > startPatience {
			t.Fatal("the database does not come back")
		}
	}
	for orderNo, number := range c.placed {
		if strings.HasSuffix(orderNo, "-once") && !c.order(t, orderNo, true) {
			t.Errorf("the order %s (%s) cannot be repeated", orderNo, number)
		}
	}
	conn := c.portal.Database(t)
	var parcels, numbers, orders int
	err = conn.QueryRow(t.Context(), `select count(*), count(distinct tracking_number), (select count(*) from portal.delivery_orders) from portal.parcels`).Scan(&parcels, &numbers, &orders)
	if err != nil || parcels != numbers || parcels != 2*orders {
		t.Errorf("%d parcels of %d orders have %d numbers: %v", parcels, orders, numbers, err)
	}
	c.finds(t, conn)
}

// finds looks for what was placed: no order is there twice, and each that was acknowledged is, as that.
func (c *customer) finds(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	for orderNo, number := range c.placed {
		var there, acknowledged int
		err := conn.QueryRow(t.Context(), "select count(*), count(*) filter (where shipment_number = $2) from portal.delivery_orders where order_number = $1", orderNo, number).Scan(&there, &acknowledged)
		if err != nil || there > 1 || number != "" && acknowledged != 1 {
			t.Errorf("the order %s (%s) is there %d times: %v", orderNo, number, there, err)
		}
	}
}

// Two portals serve one database, and one of them is killed while a hundred clients repeat one order at both: all get the
// same shipment, and there is one.
func TestOneOrderAtTwoPortalsOfWhichOneIsKilled(t *testing.T) {
	t.Parallel()
	portal := portals.Start(t)
	c := &customer{portal: portal, placed: map[string]string{}}
	const clients = 100
	for round, killed := range []int64{clients / 4, clients * 3 / 4} { // by which request the other is
		other, err := portals.startBeside(t.Context(), portal)
		if err != nil {
			t.Fatal(err)
		}
		orderNo := fmt.Sprintf("both-%d", round)
		var begun, acknowledged atomic.Int64
		var all sync.WaitGroup
		for i := range clients {
			all.Go(func() {
				if begun.Add(1) == killed {
					_ = other.process.Process.Kill()
				}
				if c.orderAt(t, []*Portal{portal, other}[i%2], orderNo, true) || c.order(t, orderNo, true) {
					acknowledged.Add(1)
				}
			})
		}
		all.Wait()
		_ = other.process.Wait()
		if acknowledged.Load() != clients {
			t.Errorf("%s: %d of %d clients have an answer", orderNo, acknowledged.Load(), clients)
		}
	}
	c.finds(t, portal.Database(t))
}
