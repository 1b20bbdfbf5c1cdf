package mysqlerr

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

// message is the SQLSTATE and the format of one code.
type message struct{ state, format string }

//go:embed messages.tsv
var messageTable string

// recent holds the codes of MySQL 8 and 9 that go-mysql's tables, which end with 5.7, lack, and
// those that the server prints with another message than its tables say (1062).
var recent = sync.OnceValue(func() map[uint16]message {
	m := map[uint16]message{}
	for line := range strings.Lines(messageTable) {
		f := strings.SplitN(strings.TrimRight(line, "\n"), "\t", 3)
		code, err := strconv.ParseUint(f[0], 10, 16)
		if err != nil || len(f) != 3 {
			continue
		}
		m[uint16(code)] = message{state: f[1], format: f[2]}
	}
	return m
})
