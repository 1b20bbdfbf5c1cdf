package settings

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

func program(kind Kind, check func(string) error) *Program {
	return &Program{Keys: []Key{NewKey("a.key", "", "what it is", kind, check)}, EnvPrefix: "T_", Listing: "t keys"}
}

func TestSizesHaveUnits(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "17": 17, "17B": 17, "2KiB": 2048, "3 MiB": 3 << 20, "1GiB": 1 << 30, "4294967296GiB": 1 << 62,
		"": -1, "-1": -1, "1.5MiB": -1, "MiB": -1, "4294967297GiB": -1, "9223372036854775807": -1, "1TiB": -1,
	} {
		n, err := parseBytes(text)
		if err != nil {
			n = -1
		}
		if n != want {
			t.Errorf("%q: %d, want %d", text, n, want)
		}
	}
}

func FuzzParseBytes(f *testing.F) {
	for _, s := range []string{"1GiB", "9223372036854775807KiB", " 3B", "KiB"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := parseBytes(s); err == nil && (n < 0 || n > math.MaxInt64/2) {
			t.Errorf("%q: %d bytes", s, n)
		}
	})
}

func TestWrongValuesNameKeyValueSourceAndWant(t *testing.T) {
	for _, c := range []struct {
		kind  Kind
		check func(string) error
		value string
		want  string // empty: it is taken
	}{
		{Number, Between(1, 5), "5", ""},
		{Number, Between(1, 5), "6", "from 1 to 5"},
		{Duration, AtMost(time.Second), "1s", ""},
		{Duration, AtMost(time.Second), "1001ms", "at most 1s"},
		{Duration, AtMost(time.Second), "-1ms", "above zero"},
		{Number, nil, "99999999999999999999", "a.key"},
		{Boolean, nil, "yes", "true or false"},
		{Duration, nil, "0s", "above zero"},
		{Duration, nil, "-5s", "above zero"},
		{Duration, nil, "5", "10s"},
		{Size, nil, "x", "64MiB"},
		{Text, Address, "127.0.0.1:0", ""},
		{Text, Address, "", ""},
		{Text, Address, "[::1]:80", ""},
		{Text, Address, "localhost", "host:port"},
		{Text, Address, "localhost:70000", "0 to 65535"},
		{Text, TopicName, "a/b", "A-Z"},
		{Text, OneOf("a", "b"), "c", "a or b"},
		{List, NotEmpty, "", "must not be empty"},
		{List, NotEmpty, " , ", "must not be empty"},
		{List, NotEmpty, " , a:1", ""},
	} {
		config, err := program(c.kind, c.check).Load("", []string{"T_A_KEY=" + c.value}, nil)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%q: %v", c.value, err)
		case c.want == "" && config.String("a.key") != c.value:
			t.Errorf("%q became %q", c.value, config.String("a.key"))
		case c.want != "" && (!errors.Is(err, ErrConfiguration) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "environment T_A_KEY")):
			t.Errorf("%q: %v does not say %q and where it is from", c.value, err, c.want)
		}
	}
}

func TestAddressesBeyondLoopbackAreExposed(t *testing.T) {
	for address, want := range map[string]bool{
		"": false, "127.0.0.1:1": false, "127.9.9.9:1": false, "[::1]:1": false, "localhost:1": false,
		":1": true, "0.0.0.0:1": true, "[::]:1": true, "10.0.0.1:1": true, "db.example:1": true,
	} {
		if got := Exposed(address); got != want {
			t.Errorf("%q: exposed %v, want %v", address, got, want)
		}
	}
}
