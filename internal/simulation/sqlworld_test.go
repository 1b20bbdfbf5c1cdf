package simulation

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"marmot/mysqlerr"
)

const (
	parents = 5
	room    = 3  // places of a room that is booked
	seats   = 12 // of a row

	sweepRows = 2600 // four changes of each are more row events than a transaction can move with
)

// fields are the rows of b.field: so many are worth it in some of the seeds only.
func (w *world) fields() int {
	if w.seed%6 == 0 {
		return sweepRows
	}
	return 60
}

// TestSQLInvariantsHoldUnderFaults runs clients that speak SQL, under all isolation levels and beside DDL.
func TestSQLInvariantsHoldUnderFaults(t *testing.T) {
	eachSeed(t, func(t *testing.T, seed uint64) {
		w := newSQLWorld(t, seed)
		defer w.stop()
		for range 2 {
			w.wake()
			w.live(6, func(number uint64, transactions int) {
				if number == 0 {
					w.definer(transactions / 4)
					return
				}
				w.sqlClient(number, transactions/2)
			})
			w.heal()
			w.resume()
			w.rest()
			w.checkSQL()
		}
		w.report()
	})
}

// newSQLWorld makes a cluster whose clients speak SQL, at rest.
func newSQLWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	w := newWorld(t, seed)
	w.attempts, w.workloads, w.emission = newAttempts(), focused(seed), newEmission()
	w.createTables()
	w.heal()
	return w
}

// createTables makes what the clients work on.
func (w *world) createTables() {
	w.eventually("tables", func(r *run) error {
		c, err := w.connect(r, 0, nil)
		if err == nil {
			defer c.session.Close()
			err = c.patiently(strings.Split(w.tablesSQL(), ";")...)
			if err == nil {
				err = c.createPrograms()
			}
		}
		if err != nil {
			w.fatal("%v", err)
		}
		return nil
	})
}

func (w *world) tablesSQL() string {
	var b strings.Builder
	b.WriteString(`CREATE DATABASE a; CREATE DATABASE b;
		CREATE TABLE a.account (id INT PRIMARY KEY, balance INT NOT NULL);
		CREATE TABLE b.account (id INT PRIMARY KEY, balance DECIMAL(12,2) NOT NULL);
		CREATE TABLE a.journal (id BIGINT PRIMARY KEY, kind VARCHAR(30) NOT NULL, k BIGINT NOT NULL);
		CREATE TABLE a.counter (id INT PRIMARY KEY, n INT NOT NULL);
		CREATE TABLE a.number (id INT PRIMARY KEY, n INT NOT NULL);
		CREATE TABLE a.member (id INT PRIMARY KEY AUTO_INCREMENT, email VARCHAR(40) NOT NULL, attempt BIGINT NOT NULL, UNIQUE KEY (email));
		CREATE TABLE a.note (attempt BIGINT NOT NULL, text VARCHAR(20));
		CREATE TABLE a.parent (id INT PRIMARY KEY);
		CREATE TABLE a.child (id INT PRIMARY KEY AUTO_INCREMENT, parent INT NOT NULL, FOREIGN KEY (parent) REFERENCES a.parent (id));
		CREATE TABLE a.heir (id INT PRIMARY KEY AUTO_INCREMENT, parent INT, FOREIGN KEY (parent) REFERENCES a.parent (id) ON DELETE CASCADE);
		CREATE TABLE a.duty (pair INT, doctor INT, present INT NOT NULL, PRIMARY KEY (pair, doctor));
		CREATE TABLE b.list (id INT PRIMARY KEY, l TEXT NOT NULL);
		CREATE TABLE b.booking (attempt BIGINT PRIMARY KEY, room INT NOT NULL);
		CREATE TABLE b.seat (attempt BIGINT PRIMARY KEY, row_id INT NOT NULL, KEY (row_id));
		CREATE TABLE a.tally (id INT PRIMARY KEY, name VARCHAR(20), n INT NOT NULL, UNIQUE KEY (name));
		CREATE TABLE b.badge (id INT PRIMARY KEY, label VARCHAR(10) NOT NULL, UNIQUE KEY (label));
		CREATE TABLE b.step (id INT PRIMARY KEY, n INT NOT NULL);
		CREATE TABLE b.paper (id BIGINT PRIMARY KEY, text LONGTEXT NOT NULL, version INT NOT NULL);
		CREATE TABLE a.job (id INT PRIMARY KEY AUTO_INCREMENT, taken INT NOT NULL);
		CREATE TABLE b.turn (n INT NOT NULL);
		INSERT INTO b.turn VALUES (0);
		CREATE TABLE b.morph (id INT PRIMARY KEY, v VARCHAR(40), n BIGINT);
		CREATE TABLE b.scratch (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(10));
	` + wanderTables)
	for i := range accounts {
		fmt.Fprintf(&b, "INSERT INTO a.account VALUES (%d, %d); INSERT INTO b.account VALUES (%[1]d, %d);\n", i, opening)
	}
	for i := range counters {
		fmt.Fprintf(&b, "INSERT INTO a.counter VALUES (%d, 0); INSERT INTO a.number VALUES (%[1]d, 0); INSERT INTO b.step VALUES (%[1]d, 0); INSERT INTO b.list VALUES (%[1]d, '');\n", i)
		fmt.Fprintf(&b, "INSERT INTO a.duty VALUES (%d, 0, 1), (%[1]d, 1, 1);\n", i)
	}
	b.WriteString("CREATE TABLE b.field (id INT PRIMARY KEY, n INT NOT NULL);\n")
	b.WriteString("INSERT INTO b.field VALUES (0, 0)")
	for i := 1; i < w.fields(); i++ {
		fmt.Fprintf(&b, ", (%d, 0)", i)
	}
	b.WriteString(";\n")
	for i := range parents {
		fmt.Fprintf(&b, "INSERT INTO a.parent VALUES (%d);\n", i)
	}
	return b.String()
}

// report logs what clients were told, so that a seed that tests nothing is seen.
func (w *world) report() {
	s := w.attempts
	for _, name := range slices.Sorted(maps.Keys(w.happened.count)) {
		w.t.Logf("%4d %s", w.happened.count[name], name)
	}
	for _, kind := range slices.Sorted(maps.Keys(s.counts)) {
		w.t.Logf("%s: %v", kind, s.counts[kind])
	}
	for _, cause := range slices.Sorted(maps.Keys(s.causes)) {
		w.t.Logf("%4d %s", s.causes[cause], cause)
	}
}

func codeOf(err error) uint16 { return mysqlerr.Code(err) }
