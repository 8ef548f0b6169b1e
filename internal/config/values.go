package config

import (
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
)

// Environment is what the portal runs for.
type Environment string

// The environments.
const (
	Demo       Environment = "demo"
	Production Environment = "production"
)

// UnmarshalText reads the value of PORTAL_ENV.
func (e *Environment) UnmarshalText(text []byte) error {
	return oneOf(e, text, Demo, Production)
}

// LogFormat is how log lines are written.
type LogFormat string

// The formats of log lines.
const (
	LogText LogFormat = "text"
	LogJSON LogFormat = "json"
)

// UnmarshalText reads the value of PORTAL_LOG_FORMAT.
func (f *LogFormat) UnmarshalText(text []byte) error {
	return oneOf(f, text, LogText, LogJSON)
}

func oneOf[T ~string](into *T, text []byte, a, b T) error {
	value := T(text)
	if value != a && value != b {
		return fmt.Errorf("%q is neither %s nor %s", text, a, b)
	}
	*into = value
	return nil
}

// Rate is how many calls a second are answered.
type Rate int

// noRate is the rate that lets everything through; 0 is one that is not set.
const noRate Rate = -1

// UnmarshalText reads a number of calls, or off.
func (r *Rate) UnmarshalText(text []byte) error {
	if string(text) == "off" {
		*r = noRate
		return nil
	}
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 1 || n > 1_000_000 {
		return fmt.Errorf("%q is neither a number of calls a second, 1 to 1000000, nor off", text)
	}
	*r = Rate(n)
	return nil
}

// PerSecond gives the number of calls; 0 for no limit.
func (r Rate) PerSecond() int { return max(0, int(r)) }

// Proxies are the networks whose word on a client's address is believed.
type Proxies []netip.Prefix

// UnmarshalText reads addresses and networks, separated by commas.
func (p *Proxies) UnmarshalText(text []byte) error {
	for item := range strings.SplitSeq(string(text), ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		network, err := netip.ParsePrefix(item)
		if address, addressErr := netip.ParseAddr(item); addressErr == nil {
			address = address.Unmap()
			network, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil {
			return fmt.Errorf("%q is neither an address nor a network (10.0.0.0/8)", item)
		}
		*p = append(*p, network.Masked())
	}
	return nil
}

// Trusts says whether an address is one of the proxies'.
func (p Proxies) Trusts(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	for _, network := range p {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// Secret is a value that no log, message or dump shows. Only Reveal gives it.
type Secret string

// Reveal gives the value, for who needs it to do its work.
func (s Secret) Reveal() string { return string(s) }

// String says whether there is a value.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "[secret]"
}

// Format is String for each verb there is, %#v and %x included.
func (s Secret) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, s.String()) }

// MarshalText is String for JSON and structured logs.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
