package wire

import (
	"fmt"
	"testing"

	"marmot/dialect"
	"marmot/session"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// TestResultSetsWithoutDefinitions compares the packets with those that MySQL 9.7 was seen to send.
func TestResultSetsWithoutDefinitions(t *testing.T) {
	s := &script{
		queries:  map[string]answer{"q": rows(textColumns("a", "b"), []txn.Value{txn.Int(1), txn.Int(2)})},
		params:   map[string]int{"q": 1},
		columns:  map[string][]dialect.ResultColumn{"q": textColumns("a", "b")},
		settings: session.WireSettings{NoMetadata: true},
		status:   session.StatusAutocommit,
	}
	ts := startServer(t, s, nil)
	for _, c := range []struct {
		capabilities     uint32
		query, statement []string
	}{
		{mysql.CLIENT_DEPRECATE_EOF, []string{"\x02\x00", "\x011\x012", "\xfe\x00\x00\x02\x00\x00\x00"}, []string{"\x00\x01\x00\x00\x00\x02\x00\x01\x00\x00\x00\x00\x00"}},
		{0, []string{"\x02\x00", "\xfe\x00\x00\x02\x00", "\x011\x012", "\xfe\x00\x00\x02\x00"},
			[]string{"\x00\x01\x00\x00\x00\x02\x00\x01\x00\x00\x00\x00\x00", "\xfe\x00\x00\x02\x00", "\xfe\x00\x00\x02\x00"}},
	} {
		client := ts.login(c.capabilities | clientOptionalMetadata)
		client.command(mysql.COM_QUERY, 'q')
		if got := client.readMany(len(c.query)); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.query) {
			t.Errorf("query: %q, want %q", got, c.query)
		}
		client.command(mysql.COM_STMT_PREPARE, 'q')
		if got := client.readMany(len(c.statement)); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.statement) {
			t.Errorf("prepare: %q, want %q", got, c.statement)
		}
		client.parseOK(client.ask(mysql.COM_PING))
	}
	plain := ts.login(mysql.CLIENT_DEPRECATE_EOF) // does not know that definitions may be missing
	if r := plain.readResult(plain.ask(mysql.COM_QUERY, 'q')); len(r.columns) != 2 || len(r.rows) != 1 {
		t.Errorf("%d columns, %d rows", len(r.columns), len(r.rows))
	}
}

// readMany reads n packets.
func (c *client) readMany(n int) (list []string) {
	c.t.Helper()
	for range n {
		list = append(list, string(c.read()))
	}
	return list
}
