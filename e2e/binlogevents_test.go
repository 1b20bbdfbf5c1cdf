package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/replication"
)

// shown is a row of SHOW BINLOG EVENTS.
type shown struct {
	File     string
	At       uint64
	Type     string
	ServerID uint32
	End      uint64
	Info     string
}

func (c *cluster) events(clauses string) (list []shown) {
	c.t.Helper()
	rows, err := c.open(0, "").Query("SHOW BINLOG EVENTS " + clauses)
	if err != nil {
		c.t.Fatalf("%s: %v", clauses, err)
	}
	defer func() { _ = rows.Close() }() // Err tells
	for rows.Next() {
		var s shown
		if err := rows.Scan(&s.File, &s.At, &s.Type, &s.ServerID, &s.End, &s.Info); err != nil {
			c.t.Fatal(err)
		}
		list = append(list, s)
	}
	if err := rows.Err(); err != nil {
		c.t.Fatal(err)
	}
	return list
}

// typeOf is what SHOW BINLOG EVENTS calls the types that a replica gets.
var typeOf = map[replication.EventType]string{
	replication.FORMAT_DESCRIPTION_EVENT: "Format_desc", replication.PREVIOUS_GTIDS_EVENT: "Previous_gtids", replication.GTID_EVENT: "Gtid", replication.QUERY_EVENT: "Query",
	replication.TABLE_MAP_EVENT: "Table_map", replication.WRITE_ROWS_EVENTv2: "Write_rows", replication.UPDATE_ROWS_EVENTv2: "Update_rows", replication.DELETE_ROWS_EVENTv2: "Delete_rows",
	replication.XID_EVENT: "Xid", replication.XA_PREPARE_LOG_EVENT: "XA_prepare",
}

// TestBinlogEventsAreShownAsAReplicaGetsThem: the same events at the same places, each behind the one before.
func TestBinlogEventsAreShownAsAReplicaGetsThem(t *testing.T) {
	c := startCluster(t, 1, 0)
	script, err := os.ReadFile(filepath.Join("testdata", "binlog", "statements.sql"))
	if err != nil {
		t.Fatal(err)
	}
	if out, err := c.client(0, strings.NewReader(string(script))); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	list := c.events("")
	stream, err := c.replica(0, 7001).StartSync(mysql.Position{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for i, s := range list {
		e, err := stream.GetEvent(ctx)
		for ; err == nil && e.Header.LogPos == 0; e, err = stream.GetEvent(ctx) { // in no file
		}
		if err != nil {
			t.Fatal(err)
		}
		if got, want := fmt.Sprint(s.Type, s.End, s.ServerID), fmt.Sprint(typeOf[e.Header.EventType], e.Header.LogPos, e.Header.ServerID); got != want {
			t.Fatalf("event %d is shown as %s, the replica got %s", i, got, want)
		}
		if i > 0 && s.At != list[i-1].End && s.Type != "Gtid" || s.File != "marmot-bin.000001" {
			t.Errorf("%+v is behind %+v", s, list[max(0, i-1)])
		}
	}
	if len(list) < 100 {
		t.Fatalf("%d events are too few", len(list))
	}
	// A few in MySQL's words.
	text := fmt.Sprint(list)
	for _, want := range []string{
		"Server ver: 8.4", ", Binlog ver: 4", "SET @@SESSION.GTID_NEXT= '", "use `binlog_types`; create table ", " (binlog_types.few)} ", "flags: STMT_END_F USE_SQL_FOREIGN_KEY_F}",
		"Query 1 ", " BEGIN}", "COMMIT /* xid=", "drop database binlog_types /* xid=", "XA START X'6d61726d6f742d", "',X'',1 ONE PHASE}",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q", want)
		}
	}
	at := slices.IndexFunc(list, func(s shown) bool { return s.Type == "Table_map" })
	for clauses, want := range map[string][]shown{
		fmt.Sprintf("IN 'marmot-bin.000001' FROM %d LIMIT 3", list[at].At):   list[at : at+3],
		fmt.Sprintf("FROM %d LIMIT 2, 2", list[at].At):                       list[at+2 : at+4],
		fmt.Sprintf("FROM %d LIMIT 1 OFFSET 1", list[at].At-1):               list[at+1 : at+2],
		fmt.Sprintf("FROM %d", list[len(list)-2].At):                         list[len(list)-2:],
		fmt.Sprintf("FROM %d", list[len(list)-1].End+1_000_000):              nil,
		fmt.Sprintf("FROM 5 LIMIT %d", len(list)+1):                          list[1:],
		fmt.Sprintf("IN 'marmot-bin.000001' FROM %d LIMIT 0", list[at-3].At): list[at-3:],
	} {
		if got := c.events(clauses); !slices.Equal(got, want) {
			t.Errorf("%s\ngot  %.300v\nwant %.300v", clauses, got, want)
		}
	}
}
