package apikey_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/apikey"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/fault"
)

func TestKeysThatEndAndKeysForSomeNetworks(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	keys := service(t, d)
	actor := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	limited := func(limits apikey.Limits) (uuid.UUID, string, error) {
		id, err := keys.Create(t.Context(), actor, apikey.New{Description: "Lager", Contracts: []uuid.UUID{d.Number(t, "654321")}, Token: token(t), Limits: limits})
		if err != nil {
			return uuid.Nil, "", err
		}
		value, err := keys.Value(t.Context(), actor, id)
		return id, value, err
	}
	end := d.Clock.Now().Add(time.Hour)
	networks := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("203.0.113.9/32")}
	id, value, err := limited(apikey.Limits{ExpiresAt: &end, Networks: networks})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]error{
		"192.0.2.1": nil, "192.0.2.255": nil, "::ffff:192.0.2.7": nil, "2001:db8:1::1": nil, "203.0.113.9": nil,
		"192.0.3.1": apikey.ErrAddress, "203.0.113.8": apikey.ErrAddress, "2001:db9::1": apikey.ErrAddress, "": apikey.ErrAddress, "@": apikey.ErrAddress,
	} {
		if _, err := keys.Recognize(t.Context(), value, address); !errors.Is(err, want) {
			t.Errorf("from %q: %v, want %v", address, err, want)
		}
	}
	who, err := keys.Recognize(t.Context(), value, "192.0.2.1")
	if err != nil || who.ExpiresAt == nil || !who.ExpiresAt.Equal(end) || !slices.Equal(who.Networks, networks) {
		t.Errorf("recognised is %+v, %v", who, err)
	}
	if key, err := keys.Get(t.Context(), actor, id); err != nil || key.ExpiresAt == nil || !key.ExpiresAt.Equal(end) || !slices.Equal(key.Networks, networks) {
		t.Errorf("shown is %+v, %v", key, err)
	}
	if fields := demotest.Value[[]string](t, d.System, "select fields from audit_events where action = 'api_key.created' and object_id = $1", id); !slices.Equal(fields, []string{"expires_at", "networks"}) {
		t.Errorf("the event names %q", fields)
	}
	d.Clock.Advance(time.Hour - time.Second)
	if _, err := keys.Recognize(t.Context(), value, "192.0.2.1"); err != nil {
		t.Errorf("a second before its end: %v", err)
	}
	d.Clock.Advance(time.Second)
	for address, want := range map[string]error{"192.0.2.1": apikey.ErrExpired, "192.0.3.1": apikey.ErrExpired} {
		if _, err := keys.Recognize(t.Context(), value, address); !errors.Is(err, want) {
			t.Errorf("at its end from %s: %v, want %v", address, err, want)
		}
	}
	// What is gone for good is told first.
	if err := keys.Revoke(t.Context(), actor, id); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Recognize(t.Context(), value, "192.0.3.1"); !errors.Is(err, apikey.ErrRevoked) {
		t.Errorf("revoked: %v", err)
	}
	// A key without limits has none, and one for everywhere is for callers without an address too.
	_, free, err := limited(apikey.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if who, err := keys.Recognize(t.Context(), free, ""); err != nil || who.ExpiresAt != nil || who.Networks != nil {
		t.Errorf("without limits: %+v, %v", who, err)
	}

	now := d.Clock.Now()
	if _, _, err := limited(apikey.Limits{ExpiresAt: &now}); !fault.Is(err, fault.Invalid) || fmt.Sprint(err) == "" {
		t.Errorf("ended at once: %v", err)
	}
	if _, _, err := limited(apikey.Limits{Networks: slices.Repeat(networks[:1], 21)}); !fault.Is(err, fault.Invalid) {
		t.Errorf("21 networks: %v", err)
	}
	for constraint, set := range map[string]string{"api_key_networks_counted": "networks = '{}'", "api_key_networks_known": "networks = '{null}'",
		"api_key_expires_after_it_was_made": "expires_at = created_at"} {
		if err := d.System.Exec(t.Context(), "update api_keys set "+set); err == nil {
			t.Errorf("%s lets %s pass", constraint, set)
		}
	}
}
