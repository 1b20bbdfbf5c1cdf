package e2e

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// incrementalRows are the rows of the table that is read, in chunks of 25.
const incrementalRows = 2000

// TestAnIncrementalSnapshotOutlivesItsEmitter kills the node that emits in the midst of an incremental snapshot, and alters the table and changes its rows on
// another node meanwhile. Whoever emits next goes on behind the last row that is out: each row comes once, or a change has overtaken it.
func TestAnIncrementalSnapshotOutlivesItsEmitter(t *testing.T) {
	c := startCluster(t, 3, 1, "debezium.signal.data.collection=shop.dbz_signal", "debezium.incremental.snapshot.chunk.size=25",
		"debezium.notification.enabled.channels=sink", "debezium.notification.sink.topic.name=told")
	c.exec(0, "", "CREATE DATABASE shop", "CREATE TABLE shop.dbz_signal (id VARCHAR(42) PRIMARY KEY, type VARCHAR(32) NOT NULL, data VARCHAR(2048))",
		"CREATE TABLE shop.t (id INT PRIMARY KEY, v INT NOT NULL)")
	var rows []string
	for i := range incrementalRows {
		rows = append(rows, fmt.Sprintf("(%d,%[1]d)", i+1))
	}
	c.exec(0, "shop", "INSERT INTO t VALUES "+strings.Join(rows, ","))
	s := readSnapshot(t, c.Kafka)
	s.until("the table's rows", func() bool { return len(s.rows) == incrementalRows })

	c.exec(1, "shop", `INSERT INTO dbz_signal VALUES ('s','execute-snapshot','{"data-collections":["shop[.]t"]}')`)
	s.until("some rows of the snapshot", func() bool { return len(s.read) >= 4*25 })
	victim := c.emitter()
	c.do("kill-node", strconv.Itoa(victim))
	other := victim % len(c.MySQL) // from 0
	c.exec(other, "shop", "ALTER TABLE t ADD COLUMN w INT NOT NULL DEFAULT 7", "UPDATE t SET v = -v, w = 8 WHERE id % 100 = 1", "DELETE FROM t WHERE id % 100 = 2",
		"INSERT INTO t VALUES (1000000,0,9)")
	if s.completed {
		t.Fatal("the snapshot ended before the node died")
	}
	s.until("the end of the snapshot", func() bool { return s.completed && s.rows[1000000] == [2]int{0, 9} })
	s.rest()
	c.do("start-node", strconv.Itoa(victim))

	for id, n := range s.read {
		if n != 1 {
			t.Errorf("row %d was read %d times", id, n)
		}
	}
	for id := 1; id <= incrementalRows; id++ {
		if changed := id%100 == 1 || id%100 == 2; s.read[id] == 0 && !changed {
			t.Errorf("row %d was not read", id)
		}
	}
	want := map[int][2]int{}
	result, err := c.open(other, "shop").Query("SELECT id, v, w FROM t")
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	for result.Next() {
		var id, v, w int
		if err := result.Scan(&id, &v, &w); err != nil {
			t.Fatal(err)
		}
		want[id] = [2]int{v, w}
	}
	if err := result.Err(); err != nil {
		t.Fatal(err)
	}
	if len(want) != len(s.rows) {
		t.Errorf("the events make %d rows, the table has %d", len(s.rows), len(want))
	}
	for id, row := range want {
		if got := s.rows[id]; got[0] != row[0] || got[1] != row[1] && got[1] != 0 { // events from before ALTER have no w
			t.Errorf("row %d is %v by its events, %v in the table", id, got, row)
		}
	}
	t.Logf("%d rows were read, node %d died when there were %d or more", len(s.read), victim, 4*25)
}

// snapshotReader follows the events of shop.t and the notifications.
type snapshotReader struct {
	t         *testing.T
	client    *kgo.Client
	rows      map[int][2]int // v and w by id, as the events so far make them
	read      map[int]int    // how often each row was read
	completed bool
}

func readSnapshot(t *testing.T, brokers string) *snapshotReader {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(brokers, ",")...), kgo.ConsumeTopics("marmot.shop.t", "told"), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(100*time.Millisecond), kgo.MetadataMinAge(100*time.Millisecond), kgo.MetadataMaxAge(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return &snapshotReader{t: t, client: client, rows: map[int][2]int{}, read: map[int]int{}}
}

func (s *snapshotReader) until(what string, done func() bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 2*emitterPatience)
	defer cancel()
	for !done() {
		if ctx.Err() != nil {
			s.t.Fatalf("%s: not within %s; %d rows, %d of them read", what, 2*emitterPatience, len(s.rows), len(s.read))
		}
		s.client.PollFetches(ctx).EachRecord(s.take)
	}
}

// rest reads what is there: another topic may be behind the one that told of the end.
func (s *snapshotReader) rest() {
	for more := true; more; {
		ctx, cancel := context.WithTimeout(s.t.Context(), 3*time.Second)
		fetches := s.client.PollFetches(ctx)
		cancel()
		more = fetches.NumRecords() > 0
		fetches.EachRecord(s.take)
	}
}

func (s *snapshotReader) take(r *kgo.Record) {
	type row struct{ ID, V, W int }
	var e struct {
		Op            string
		Before, After *row
		Source        struct{ Snapshot string }
		Type          string
		Aggregate     string `json:"aggregate_type"`
	}
	if r.Value == nil {
		return // a tombstone
	}
	if err := payload(r.Value, &e); err != nil {
		s.t.Fatalf("%s: %v", r.Value, err)
	}
	switch {
	case r.Topic == "told":
		s.completed = s.completed || e.Type == "COMPLETED" && e.Aggregate == "Incremental Snapshot"
	case e.After == nil:
		delete(s.rows, e.Before.ID)
	default:
		s.rows[e.After.ID] = [2]int{e.After.V, e.After.W}
		if e.Op == "r" && e.Source.Snapshot == "incremental" {
			s.read[e.After.ID]++
		}
	}
}
