package e2e

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	emitterKills     = 5
	emitterKillsLong = 20
	emitterPatience  = 3 * time.Minute // for events to come, or an emitter
	emissionBegun    = 50              // a position that is emitted after the first rows
	lastPerson       = "the last one"
)

// bankKeys are the primary keys of the tables that the load writes.
var bankKeys = map[string][]string{"account": {"id"}, "counter": {"id"}, "transfer": {"name"}, "person": {"name"}, "list": {"id"}}

// TestKillingTheEmitterLosesNothing kills the node that emits again and again, while all nodes write. Whoever reads committed records
// only sees each row event exactly once, in the order of the log, and the transactions whole.
func TestKillingTheEmitterLosesNothing(t *testing.T) {
	needE2E(t)
	kills := emitterKills
	if os.Getenv("MARMOT_TEST_LONG") != "" {
		kills = emitterKillsLong
	}
	c := startCluster(t, 3, 1)
	l := newLoad(c)
	l.pause = loadPause
	stop := l.start()
	// An owner that dies before it has stored anything leaves an emission that has not begun: the next one takes its initial snapshot.
	c.within(emitterPatience, "the first events", func() bool {
		_, emitted := c.emitting()
		return emitted > emissionBegun
	})
	for i := range kills {
		node, emitted := c.emitting()
		l.pass(time.Duration(rand.IntN(1500)) * time.Millisecond)
		c.do("kill-node", strconv.Itoa(node))
		c.do("start-node", strconv.Itoa(node))
		t.Logf("kill %d: node %d, which had emitted up to %d", i+1, node, emitted)
	}
	c.emitting()
	stop()
	l.check()
	c.exec(0, "bank", fmt.Sprintf("INSERT INTO person (name, email) VALUES ('%s', '%[1]s')", lastPerson))
	s := c.readStream()
	for _, wrong := range s.wrong {
		t.Error(wrong)
	}
	l.checkStream(s)
	l.report()
}

// emitting waits until some node emits by its own account and has got on since it was first asked, and returns its number and how far it is.
func (c *cluster) emitting() (node int, emitted uint64) {
	c.t.Helper()
	first := map[int]uint64{}
	for deadline := time.Now().Add(emitterPatience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		for i := range c.Admin {
			status, err := c.status(i)
			if err != nil || status["emitter"] != fmt.Sprintf("node-%d", i+1) {
				delete(first, i)
				continue
			}
			at, _ := status["emitted"].(float64)
			if before, asked := first[i]; !asked {
				first[i] = uint64(at)
			} else if uint64(at) > before {
				return i + 1, uint64(at)
			}
		}
	}
	c.t.Fatalf("no node emits anything for %s", emitterPatience)
	return 0, 0
}

// readStream reads the topics of the load's tables and of transactions from their start, committed records only, up to the event of
// the last person and what was committed then.
func (c *cluster) readStream() *stream {
	c.t.Helper()
	topics := []string{"marmot.transaction"}
	for table := range bankKeys {
		topics = append(topics, "marmot.bank."+table)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(c.Kafka, ",")...), kgo.ConsumeTopics(topics...),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())
	if err != nil {
		c.t.Fatal(err)
	}
	defer client.Close()
	r := &reader{c: c, client: client, s: newStream(bankKeys), read: map[string]int64{}}
	r.until("the event of the last person", func() bool { return r.s.tables["person"][lastPerson] != nil })
	id := r.lastTransaction
	r.until("its END", func() bool { return r.s.transactions[id].ended > 0 })
	ends, err := kadm.NewClient(client).ListCommittedOffsets(c.t.Context(), topics...)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		c.t.Fatal(err)
	}
	r.until("all that is committed", func() bool {
		left := false
		ends.Each(func(o kadm.ListedOffset) { left = left || r.read[o.Topic] < o.Offset })
		return !left
	})
	r.s.conclude()
	c.t.Logf("%d row events of %d transactions; %d transactions of the broker committed, %d were taken back", r.s.events, len(r.s.order), r.committed, r.aborted)
	return r.s
}

// reader reads into a stream. Topics have one partition.
type reader struct {
	c                  *cluster
	client             *kgo.Client
	s                  *stream
	read               map[string]int64 // the next offset of each topic
	lastTransaction    string           // of the last row event
	committed, aborted int              // markers that end transactions, one for each topic
}

func (r *reader) until(what string, done func() bool) {
	r.c.t.Helper()
	for deadline := time.Now().Add(emitterPatience); !done(); {
		if time.Now().After(deadline) {
			r.c.t.Fatalf("%s did not come within %s; read so far: %v; wrong: %v", what, emitterPatience, r.read, r.s.wrong)
		}
		fetches := r.client.PollFetches(r.c.t.Context())
		if err := fetches.Err(); err != nil {
			r.c.t.Fatal(err)
		}
		fetches.EachRecord(r.take)
	}
}

func (r *reader) take(record *kgo.Record) {
	if record.Partition != 0 || record.Offset < r.read[record.Topic] {
		r.c.t.Fatalf("%s/%d: offset %d was read before, or the topic has several partitions", record.Topic, record.Partition, record.Offset)
	}
	r.read[record.Topic] = record.Offset + 1
	table, ofTable := strings.CutPrefix(record.Topic, "marmot.bank.")
	switch {
	case record.Attrs.IsControl():
		// The key of a control record is its version and its type, of two bytes each: 0 aborts, 1 commits.
		if len(record.Key) >= 4 && record.Key[3] == 1 {
			r.committed++
		} else {
			r.aborted++
		}
	case ofTable:
		r.s.row(table, record.Value)
		if table == "person" && strings.Contains(string(record.Value), lastPerson) {
			r.lastTransaction = r.transactionOf(record.Value)
		}
	default:
		r.s.boundary("bank", record.Value)
	}
}

func (r *reader) transactionOf(value []byte) string {
	var e struct{ Transaction struct{ ID string } }
	if err := payload(value, &e); err != nil {
		r.c.t.Fatal(err)
	}
	return e.Transaction.ID
}

// checkStream compares the tables that the events make with those of a node, and with what clients were told.
func (l *load) checkStream(s *stream) {
	l.c.t.Helper()
	for table, keys := range bankKeys {
		var want, got []string
		result, err := l.c.shared(0).Query("SELECT * FROM " + table)
		if err != nil {
			l.c.t.Fatal(err)
		}
		for _, row := range scanned(l.c.t, result) {
			want = append(want, fmt.Sprint(row))
		}
		for _, row := range s.tables[table] {
			got = append(got, fmt.Sprint(row))
		}
		slices.Sort(want)
		slices.Sort(got)
		if d := difference(want, got); d != "" {
			l.c.t.Errorf("%s (key %v), made of its events: %s", table, keys, d)
		}
	}
	there := map[string]int{}
	for name := range s.tables["transfer"] {
		there[name]++
	}
	l.checkNames(-1, "transfer", there)
	if s.events == 0 || len(s.order) == 0 {
		l.c.t.Error("no events were read")
	}
}

// scanned reads all rows as images.
func scanned(t *testing.T, result *sql.Rows) []map[string]string {
	t.Helper()
	defer result.Close()
	names, err := result.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]string
	for result.Next() {
		values, into := make([]sql.NullString, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := result.Scan(into...); err != nil {
			t.Fatal(err)
		}
		row := map[string]any{}
		for i, name := range names {
			row[name] = values[i].String
		}
		list = append(list, image(row))
	}
	if err := result.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}
