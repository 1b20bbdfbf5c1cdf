package e2e

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/replication"
)

// follower reads the rows of the table replica_test.t, whose id are 1, 2, 3 … in the order of the log.
type follower struct {
	t      *testing.T
	stream *replication.BinlogStreamer
	next   int32
}

// until reads until it has the row of an id; a row that is left out, or that comes again later, fails the test.
func (f *follower) until(id int32) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for f.next <= id {
		e, err := f.stream.GetEvent(ctx)
		if err != nil {
			f.t.Fatalf("the reader waits for row %d: %v", f.next, err)
		}
		rows, ok := e.Event.(*replication.RowsEvent)
		if !ok {
			continue
		}
		for _, row := range rows.Rows {
			if row[0] == f.next-1 { // go-mysql's reader, which connects anew, asks for the last transaction once more
				continue
			}
			if row[0] != f.next {
				f.t.Fatalf("row %v comes where %d should", row[0], f.next)
			}
			f.next++
		}
	}
}

// numbered inserts the rows from first to last, each of so many bytes.
func numbered(t *testing.T, db *sql.DB, first, last, bytes int) {
	t.Helper()
	for id := first; id <= last; id++ {
		if _, err := db.Exec("INSERT INTO replica_test.t VALUES (?, REPEAT('r', ?))", id, bytes); err != nil {
			t.Fatal(err)
		}
	}
}

// noTransactions is the set of a reader that has nothing.
func noTransactions() *mysql.MysqlGTIDSet {
	set := mysql.NewMysqlGTIDSet()
	return &set
}

// TestAReplicaOutlivesKILLAndItsNode has a reader with heartbeats follow a node on which its connection is killed, and which is then killed itself. It goes on
// by GTID, and lacks no row. A reader that comes later reads from the log what the node has no longer in memory, a transaction in many chunks too.
func TestAReplicaOutlivesKILLAndItsNode(t *testing.T) {
	c := startCluster(t, 1, 0)
	c.exec(0, "", "CREATE DATABASE replica_test", "CREATE TABLE replica_test.t (id INT PRIMARY KEY, v MEDIUMTEXT)")
	db := c.open(0, "")
	var executed string
	if err := db.QueryRow("SELECT @@gtid_executed").Scan(&executed); err != nil {
		t.Fatal(err)
	}
	begin := func(id uint32) *follower {
		set, err := mysql.ParseMysqlGTIDSet(executed)
		if err != nil {
			t.Fatal(err)
		}
		stream, err := c.replica(0, id).StartSyncGTID(set)
		if err != nil {
			t.Fatal(err)
		}
		return &follower{t: t, stream: stream, next: 1}
	}
	f := begin(7201)
	numbered(t, db, 1, 20, 100)
	f.until(20)

	var connection int
	if err := db.QueryRow("SELECT id FROM information_schema.processlist WHERE command = 'Binlog Dump GTID'").Scan(&connection); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(fmt.Sprintf("KILL %d", connection)); err != nil {
		t.Fatal(err)
	}
	numbered(t, db, 21, 40, 100)
	f.until(40)
	if err := db.QueryRow("SELECT id FROM information_schema.processlist WHERE id = ?", connection).Scan(&connection); !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("the connection %d is there after KILL: %v", connection, err)
	}

	c.do("kill-node", "1")
	c.do("start-node", "1")
	numbered(t, db, 41, 60, 100)
	if _, err := db.Exec("INSERT INTO replica_test.t WITH RECURSIVE r AS (SELECT 61 n UNION ALL SELECT n + 1 FROM r WHERE n < 360) SELECT n, REPEAT('l', 20000) FROM r"); err != nil {
		t.Fatal(err)
	}
	f.until(360)

	c.do("kill-node", "1")
	c.do("start-node", "1")
	begin(7202).until(360)
}

// TestALogThatIsTrimmedBehindAReplica has a reader that keeps up read on while the log is trimmed, and refuses one that was away too long, in MySQL's words.
func TestALogThatIsTrimmedBehindAReplica(t *testing.T) {
	c := startCluster(t, 1, 0, "log.retain=1s", "snapshot.interval=500ms", "log.segment_bytes=1MiB", "kafka.retention_bytes=1MiB")
	c.exec(0, "", "CREATE DATABASE replica_test", "CREATE TABLE replica_test.t (id INT PRIMARY KEY, v MEDIUMTEXT)")
	db := c.open(0, "")
	stream, err := c.replica(0, 7301).StartSyncGTID(noTransactions())
	if err != nil {
		t.Fatal(err)
	}
	f := &follower{t: t, stream: stream, next: 1}
	lacking, last := "", 0
	for deadline := time.Now().Add(2 * time.Minute); lacking == ""; last += 100 {
		if time.Now().After(deadline) {
			t.Fatalf("the log was not trimmed after %d rows", last)
		}
		numbered(t, db, last+1, last+100, 8000)
		f.until(int32(last + 100))
		if err := db.QueryRow("SELECT @@gtid_purged").Scan(&lacking); err != nil {
			t.Fatal(err)
		}
	}
	numbered(t, db, last+1, last+20, 8000)
	f.until(int32(last + 20))

	refusal := func(start func(*replication.BinlogSyncer) (*replication.BinlogStreamer, error), id uint32) error {
		stream, err := start(c.replica(0, id))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		for {
			if _, err := stream.GetEvent(ctx); err != nil {
				return err
			}
		}
	}
	err = refusal(func(s *replication.BinlogSyncer) (*replication.BinlogStreamer, error) {
		return s.StartSyncGTID(noTransactions())
	}, 7302)
	var refused *mysql.MyError
	if !errors.As(err, &refused) || refused.Code != mysql.ER_MASTER_FATAL_ERROR_READING_BINLOG ||
		!strings.HasPrefix(refused.Message, "Cannot replicate because the source purged required binary logs. Replicate the missing transactions from elsewhere, or provision a new replica from backup. "+
			"Consider increasing the source's binary log expiration period. The GTID set sent by the replica is '', and the missing transactions are '"+lacking[:len("01234567-89ab-cdef-0123-456789abcdef:1-")]) {
		t.Errorf("a reader without the transactions %s: %v", lacking, err)
	}
	err = refusal(func(s *replication.BinlogSyncer) (*replication.BinlogStreamer, error) {
		return s.StartSync(mysql.Position{Name: "marmot-bin.000001", Pos: 8192})
	}, 7303)
	if !errors.As(err, &refused) || refused.Code != mysql.ER_MASTER_FATAL_ERROR_READING_BINLOG || refused.Message != "Could not find first log file name in binary log index file" {
		t.Errorf("a reader at a place that was trimmed: %v", err)
	}
}
