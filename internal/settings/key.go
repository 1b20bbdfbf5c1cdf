package settings

import (
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Kind is the form of a configuration value.
type Kind uint8

// The forms.
const (
	Text Kind = iota
	Number
	Boolean
	Duration
	Size // bytes, with an optional unit
	List // separated by commas
)

// Key is one configuration key.
type Key struct {
	Name    string
	Default string
	Doc     string
	Kind    Kind
	Check   func(string) error // further conditions; nil: none
	// Secret values are shown nowhere, and have no flag: other people of the machine can read a program's flags.
	Secret bool
}

// NewKey describes a key; check may be nil.
func NewKey(name, def, doc string, kind Kind, check func(string) error) Key {
	return Key{Name: name, Default: def, Doc: doc, Kind: kind, Check: check}
}

// Hidden is a key whose value is a secret.
func (k Key) Hidden() Key {
	k.Secret = true
	return k
}

// NotEmpty refuses the empty value, and a list without parts.
func NotEmpty(v string) error {
	if strings.Trim(v, ", ") == "" {
		return fmt.Errorf("must not be empty")
	}
	return nil
}

var topicChars = regexp.MustCompile(`^[A-Za-z0-9._-]{1,200}$`)

// TopicName takes what may stand in a name of a Kafka topic.
func TopicName(v string) error {
	if !topicChars.MatchString(v) {
		return fmt.Errorf("want 1 to 200 of the characters A-Z a-z 0-9 . _ -")
	}
	return nil
}

// Address takes host:port, or nothing.
func Address(v string) error {
	if v == "" {
		return nil
	}
	_, port, err := net.SplitHostPort(v)
	if err != nil {
		return fmt.Errorf("want host:port")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("port %q is not a number from 0 to 65535", port)
	}
	return nil
}

// OneOf takes one of the words.
func OneOf(words ...string) func(string) error {
	return func(v string) error {
		for _, w := range words {
			if v == w {
				return nil
			}
		}
		return fmt.Errorf("want %s", strings.Join(words, " or "))
	}
}

// Between takes a number of the range, both ends included.
func Between(low, high int) func(string) error {
	return func(v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < low || n > high {
			return fmt.Errorf("want a number from %d to %d", low, high)
		}
		return nil
	}
}

// AtMost takes a duration up to a longest one.
func AtMost(longest time.Duration) func(string) error {
	return func(v string) error {
		if d, err := time.ParseDuration(v); err != nil || d > longest {
			return fmt.Errorf("want a duration of at most %s", longest)
		}
		return nil
	}
}

// parseBytes reads a size: a number with an optional unit B, KiB, MiB or GiB.
func parseBytes(s string) (int64, error) {
	units := []struct {
		name string
		size int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}
	number, size := s, int64(1)
	for _, u := range units {
		if n, ok := strings.CutSuffix(s, u.name); ok {
			number, size = strings.TrimSpace(n), u.size
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > (1<<62)/size {
		return 0, fmt.Errorf("want a size such as 1048576, 512KiB or 64MiB")
	}
	return n * size, nil
}

// validate checks the value's form and range.
func (k Key) validate(v string) error {
	var err error
	switch k.Kind {
	case Number:
		if _, nerr := strconv.Atoi(v); nerr != nil {
			err = fmt.Errorf("want a whole number")
		}
	case Boolean:
		err = OneOf("true", "false")(v)
	case Duration:
		if d, perr := time.ParseDuration(v); perr != nil || d <= 0 {
			err = fmt.Errorf("want a duration above zero such as 500ms, 10s or 5m")
		}
	case Size:
		_, err = parseBytes(v)
	}
	if err == nil && k.Check != nil {
		err = k.Check(v)
	}
	return err
}

// RefuseExposed is an error if the address under key can be reached from other machines and the key allow is not true:
// what listens there has neither password nor TLS.
func (c *Config) RefuseExposed(key, allow string) error {
	if Exposed(c.String(key)) && !c.Bool(allow) {
		return c.Bad(key, "other machines can reach it, and it has neither password nor TLS; listen on 127.0.0.1, or set "+allow+" = true")
	}
	return nil
}

// Exposed reports whether an address can be reached from other machines.
func Exposed(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if address == "" || err != nil || host == "localhost" {
		return false
	}
	ip := net.ParseIP(host)
	return ip == nil || !ip.IsLoopback()
}
