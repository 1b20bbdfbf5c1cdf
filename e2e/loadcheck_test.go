package e2e

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// check compares what each node holds with what clients were told.
func (l *load) check() {
	l.c.t.Helper()
	l.c.settle()
	l.askOutcomes()
	for node := range l.c.MySQL {
		db := l.c.shared(node)
		l.checkTransfers(node, db)
		l.checkNames(node, "person", count(column(l.c.t, db, "SELECT name FROM person")))
		var items []string
		for _, list := range column(l.c.t, db, "SELECT items FROM list") {
			items = append(items, strings.Split(strings.TrimSuffix(list, ","), ",")...)
		}
		l.checkNames(node, "list", count(items))
		l.checkCounters(node, db)
		l.checkTables(node, db)
	}
}

// askOutcomes makes operations of unknown outcome that nodes can name known ones, by marmot_outcome() of every node.
func (l *load) askOutcomes() {
	l.c.t.Helper()
	for i := range l.done {
		op := &l.done[i]
		if op.outcome == "" {
			continue
		}
		var first string
		for node := range l.c.MySQL {
			var answer string
			if err := l.c.shared(node).QueryRow("SELECT marmot_outcome(?)", op.outcome).Scan(&answer); err != nil {
				l.c.t.Fatalf("node %d: marmot_outcome('%s'): %v", node+1, op.outcome, err)
			}
			if node == 0 {
				first = answer
			} else if answer != first {
				l.c.t.Errorf("marmot_outcome('%s') is %q on node 1 and %q on node %d", op.outcome, first, answer, node+1)
			}
		}
		switch first {
		case "committed":
			op.said = saidCommitted
		case "not committed":
			op.said = saidRefused
		default:
			l.c.t.Errorf("marmot_outcome('%s') of %s %s is still %q after all is settled", op.outcome, op.kind, op.name, first)
		}
	}
}

func count(names []string) map[string]int {
	n := map[string]int{}
	for _, name := range names {
		n[name]++
	}
	return n
}

// checkNames has each acknowledged operation of a kind once, no refused one, and no other.
func (l *load) checkNames(node int, kind string, there map[string]int) {
	l.c.t.Helper()
	for _, op := range l.done {
		if op.kind != kind {
			continue
		}
		n := there[op.name]
		delete(there, op.name)
		switch {
		case op.said == saidCommitted && n != 1:
			l.c.t.Errorf("node %d: %s %s was acknowledged and is there %d times", node+1, kind, op.name, n)
		case op.said == saidRefused && n != 0:
			l.c.t.Errorf("node %d: %s %s was refused and is there %d times", node+1, kind, op.name, n)
		case n > 1:
			l.c.t.Errorf("node %d: %s %s is there %d times", node+1, kind, op.name, n)
		}
	}
	for name, n := range there {
		l.c.t.Errorf("node %d: %s %s is there %d times and was never run", node+1, kind, name, n)
	}
}

// checkTransfers has each transfer all or nothing: the accounts are what the transfers make of them.
func (l *load) checkTransfers(node int, db *sql.DB) {
	l.c.t.Helper()
	want := map[int]int64{}
	for i := range accounts {
		want[i] = startMoney
	}
	there := map[string]int{}
	for _, line := range column(l.c.t, db, "SELECT CONCAT(name, ' ', source, ' ', target, ' ', money) FROM transfer") {
		var name string
		var source, target int
		var money int64
		if _, err := fmt.Sscan(line, &name, &source, &target, &money); err != nil {
			l.c.t.Fatalf("transfer %q: %v", line, err)
		}
		there[name]++
		want[source] -= money
		want[target] += money
	}
	l.checkNames(node, "transfer", there)
	for _, line := range column(l.c.t, db, "SELECT CONCAT(id, ' ', money) FROM account") {
		var id int
		var money int64
		if _, err := fmt.Sscan(line, &id, &money); err != nil {
			l.c.t.Fatalf("account %q: %v", line, err)
		}
		if money != want[id] {
			l.c.t.Errorf("node %d: account %d holds %d, its transfers make %d", node+1, id, money, want[id])
		}
	}
}

// checkCounters has each counter at its acknowledgements, plus at most the increments of which nothing could be learned.
func (l *load) checkCounters(node int, db *sql.DB) {
	l.c.t.Helper()
	var low, open [counters]int64
	for _, op := range l.done {
		switch {
		case op.kind != "counter":
		case op.said == saidCommitted:
			low[op.target]++
		case op.said == saidUnknown:
			open[op.target]++
		}
	}
	for i := range counters {
		var n int64
		if err := db.QueryRow("SELECT n FROM counter WHERE id = ?", i).Scan(&n); err != nil {
			l.c.t.Fatal(err)
		}
		if n < low[i] || n > low[i]+open[i] {
			l.c.t.Errorf("node %d: counter %d is %d, but %d increments were acknowledged and %d are open", node+1, i, n, low[i], open[i])
		}
	}
}

// checkTables has each table that was made and not dropped, and none of the dropped ones.
func (l *load) checkTables(node int, db *sql.DB) {
	l.c.t.Helper()
	there := count(column(l.c.t, db, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'bank' AND TABLE_NAME LIKE 'made%'"))
	last := map[string]operation{}
	for _, op := range l.done {
		name := fmt.Sprintf("made_%d_%d", op.node+1, op.target)
		if made := last[name]; op.kind == "drop" && op.code == 1051 && made.kind == "create" && made.said == saidCommitted {
			l.c.t.Errorf("node %d: CREATE TABLE %s was acknowledged, and DROP found no such table", op.node+1, name)
		}
		if before, ok := last[name]; op.kind == "create" || op.kind == "drop" && op.said != saidRefused && (op.said == saidCommitted || !ok || before.said != saidRefused) {
			last[name] = op
		}
	}
	for name, op := range last {
		want := op.kind == "create"
		if op.said == saidRefused { // only a CREATE is remembered that was refused
			want = false
		}
		if n := there[name]; op.said != saidUnknown && (n == 1) != want {
			l.c.t.Errorf("node %d: table %s is there: %t, after %s %v", node+1, name, n == 1, op.kind, op.said)
		}
		delete(there, name)
	}
	for name := range there {
		l.c.t.Errorf("node %d: table %s was never made", node+1, name)
	}
}

// kinds counts what clients were told, by kind of operation.
func (l *load) kinds() map[string][3]int {
	kinds := map[string][3]int{}
	for _, op := range l.done {
		k := kinds[op.kind]
		k[op.said]++
		kinds[op.kind] = k
	}
	return kinds
}

// conclude compares everything once the load has stopped: nodes with what clients were told and with each other, and the events
// with the files.
func (l *load) conclude(connect *connectProcess, events string) {
	l.c.t.Helper()
	l.check()
	l.dropExtras()
	l.c.sameAsEvents(connect, events, "bank", l.c.sameFiles("bank"))
	connect.stop()
	onceAndInOrder(l.c.t, events)
	l.report()
}

// report says how much of the load did what.
func (l *load) report() {
	for kind, k := range l.kinds() {
		l.c.t.Logf("%s: %d committed, %d refused, %d of unknown outcome", kind, k[saidCommitted], k[saidRefused], k[saidUnknown])
	}
	asked := 0
	for _, op := range l.done {
		if op.outcome != "" {
			asked++
		}
	}
	l.c.t.Logf("%d outcomes were learned by marmot_outcome()", asked)
}

// shared is one pool for each node.
func (c *cluster) shared(node int) *sql.DB {
	if c.pools == nil {
		c.pools = map[int]*sql.DB{}
	}
	if c.pools[node] == nil {
		c.pools[node] = c.open(node, "bank")
	}
	return c.pools[node]
}

// onceAndInOrder reads the event files and has each topic's row events in the order of the log, none twice.
func onceAndInOrder(t *testing.T, dir string) {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.Contains(path, ".jsonl") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files) // topic, day, partition and offset: the order of the topic, which has one partition
	type place struct{ position, order uint64 }
	last := map[string]place{}
	events := 0
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(file)
		lines.Buffer(nil, 16<<20)
		for lines.Scan() {
			var line struct {
				Topic string
				Value struct {
					Payload json.RawMessage
					rowEvent
				}
			}
			if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			e := line.Value.rowEvent
			if line.Value.Payload != nil {
				if err := json.Unmarshal(line.Value.Payload, &e); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			if e.Op == "" || e.Transaction == nil {
				continue
			}
			events++
			p, before := place{e.Source.Position, e.Transaction.Order}, last[line.Topic]
			if p.position < before.position || p.position == before.position && p.order <= before.order {
				t.Errorf("%s: event %d of position %d follows event %d of position %d", line.Topic, p.order, p.position, before.order, before.position)
			}
			last[line.Topic] = p
		}
		if err := lines.Err(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		file.Close()
	}
	if events == 0 {
		t.Error("the event files hold no row event with its place in a transaction")
	}
	t.Logf("%d row events, each once and in order", events)
}

// rowEvent is what of an event tells its place.
type rowEvent struct {
	Op     string
	Source struct {
		Position uint64 `json:"pos"`
	}
	Transaction *struct {
		Order uint64 `json:"total_order"`
	}
}
