package simulation

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"marmot/schemas"
	"marmot/store"
	"marmot/txn"
)

// checkSQL checks what must hold when the nodes are at rest. Equal ledgers at every position are checked all the time.
func (w *world) checkSQL() {
	w.checkEqualFiles()
	w.checks++
	for i, n := range w.nodes {
		err := n.use(func(r *run) error {
			c, err := w.connect(r, 0, nil)
			if err != nil {
				return err
			}
			defer c.session.Close()
			c.now = &attempt{kind: "check"}
			w.checkAcknowledged(c)
			w.checkOutcomes(c)
			w.checkFirstCommitterWins(c)
			w.checkReferences(c)
			w.checkPrograms(c)
			w.checkAccounts(c)
			if err := c.checkTotal("at rest"); err != nil {
				return err
			}
			if i != w.checks%nodes {
				return nil // the files are equal
			}
			return w.checkEvents(c)
		})
		if err != nil {
			w.broken(survival, "check %s: %v", n.id, err)
		}
	}
}

// rows reads all rows at rest, where nothing may fail.
func (c *connection) rows(format string, args ...any) [][]string {
	a, err := c.query(format, args...)
	if err != nil {
		c.world.broken(survival, "node at rest: %v", err)
	}
	return a.rows
}

// numbers reads the first column of a query as numbers.
func (c *connection) numbers(format string, args ...any) map[int64]int {
	set := map[int64]int{}
	for _, row := range c.rows(format, args...) {
		set[number(row[0])]++
	}
	return set
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// evidence returns which attempts have left a trace, by the kind of it.
func (c *connection) evidence() map[string]map[int64]int {
	lists := map[int64]int{}
	for _, row := range c.rows("SELECT l FROM b.list") {
		for text := range strings.SplitSeq(strings.TrimPrefix(row[0], ","), ",") {
			lists[number(text)]++
		}
	}
	return map[string]map[int64]int{
		"journal": c.numbers("SELECT id FROM a.journal"),
		"member":  c.numbers("SELECT attempt FROM a.member"),
		"note":    c.numbers("SELECT attempt FROM a.note WHERE text = 'kept'"),
		"seat":    c.numbers("SELECT attempt FROM b.seat"),
		"load":    c.numbers("SELECT attempt FROM b.loaded WHERE i = 0"),
		"article": c.numbers("SELECT id FROM b.article"),
		"roam":    c.numbers("SELECT attempt FROM %s.roam", c.wandering("roam")),
		"store":   c.numbers("SELECT attempt FROM b.shelf UNION ALL SELECT attempt FROM a.crate"),
		"list":    lists,
	}
}

// checkAcknowledged checks "a client that got OK finds its transaction in every later state of every node; one that got
// not committed finds it in none", and that nothing is there twice.
func (w *world) checkAcknowledged(c *connection) {
	found := c.evidence()
	for _, a := range w.attempts.list {
		if a.evidence == "" {
			continue
		}
		switch n := found[a.evidence][a.number]; {
		case a.outcome == acknowledged && n != 1:
			w.broken(toldOutcomes, "node %s: transaction %d (%s) was acknowledged and is there %d times", w.nameOf(c), a.number, a.kind, n)
		case a.outcome == refused && n != 0:
			w.broken(toldOutcomes, "node %s: transaction %d (%s) was refused and is there %d times", w.nameOf(c), a.number, a.kind, n)
		case n > 1:
			w.broken(toldOutcomes, "node %s: transaction %d (%s) is there %d times", w.nameOf(c), a.number, a.kind, n)
		}
	}
}

func (w *world) nameOf(c *connection) string {
	for _, n := range w.nodes {
		if n.run == c.run {
			return string(n.id)
		}
	}
	return "?"
}

// checkOutcomes checks that marmot_outcome says of unknown outcomes what is true, or that it does not know.
func (w *world) checkOutcomes(c *connection) {
	found := c.evidence()
	for _, a := range w.attempts.list {
		if a.outcome != unknown || a.id == "" {
			continue
		}
		says, err := c.query("SELECT marmot_outcome('%s')", a.id)
		if err != nil {
			w.broken(survival, "marmot_outcome('%s'): %v", a.id, err)
		}
		n := found[a.evidence][a.number]
		switch says.value() {
		case "committed":
			a.settled = acknowledged
			if n != 1 && a.evidence != "" {
				w.broken(toldOutcomes, "node %s: transaction %d (%s, %s) is committed, says marmot_outcome, and is there %d times", w.nameOf(c), a.number, a.kind, a.id, n)
			}
		case "not committed":
			a.settled = refused
			if n != 0 {
				w.broken(toldOutcomes, "node %s: transaction %d (%s, %s) is not committed, says marmot_outcome, and is there %d times", w.nameOf(c), a.number, a.kind, a.id, n)
			}
		case "unknown":
		default:
			w.broken(toldOutcomes, "marmot_outcome('%s') says %s", a.id, says)
		}
	}
}

// checkFirstCommitterWins checks "no lost update, no duplicate unique value, no fractured read", and what SERIALIZABLE promises.
func (w *world) checkFirstCommitterWins(c *connection) {
	w.checkCounters(c)
	for _, row := range c.rows("SELECT n.id, n.n, (SELECT COUNT(*) FROM a.journal WHERE kind LIKE 'change %%' AND k = n.id) FROM a.number n") {
		if row[1] != row[2] {
			w.broken(firstCommitterWins, "number %s is %s after %s changes", row[0], row[1], row[2])
		}
	}
	for _, row := range c.rows("SELECT LOWER(email), COUNT(*) FROM a.member GROUP BY LOWER(email) HAVING COUNT(*) > 1") {
		w.broken(firstCommitterWins, "address %s is there %s times", row[0], row[1])
	}
	for _, row := range c.rows("SELECT pair FROM a.duty GROUP BY pair HAVING SUM(present) < 1") {
		w.broken(firstCommitterWins, "nobody of pair %s is on duty: write skew", row[0])
	}
	for _, row := range c.rows("SELECT room, COUNT(*) FROM b.booking GROUP BY room HAVING COUNT(*) > %d", room) {
		w.broken(firstCommitterWins, "room %s is booked %s times: a phantom", row[0], row[1])
	}
	for _, row := range c.rows("SELECT row_id, COUNT(*) FROM b.seat GROUP BY row_id HAVING COUNT(*) > %d", seats) {
		w.broken(firstCommitterWins, "row %s has %s seats taken: a subquery of a write was not validated", row[0], row[1])
	}
	w.checkLists(c)
	w.checkLocks(c)
}

// checkCounters checks that counters are what was acknowledged, plus, of unknown outcomes, some.
func (w *world) checkCounters(c *connection) {
	least, most := make([]int64, counters), make([]int64, counters)
	add := func(key, sure int64) {
		least[key] += sure
		most[key]++
	}
	for _, row := range c.rows("SELECT k FROM a.journal WHERE kind = 'count together'") {
		k := number(row[0])
		add(k/counters, 1)
		add(k%counters, 1)
	}
	for _, a := range w.attempts.list {
		switch {
		case a.kind != "count":
		case a.outcome == acknowledged || a.settled == acknowledged:
			add(a.key, 1)
		case a.outcome == unknown && a.settled != refused:
			add(a.key, 0)
		}
	}
	for _, row := range c.rows("SELECT id, n FROM a.counter") {
		k, n := number(row[0]), number(row[1])
		if n < least[k] || n > most[k] {
			w.broken(firstCommitterWins, "counter %d is %d on %s, %d to %d were counted", k, n, w.nameOf(c), least[k], most[k])
		}
	}
}

// checkLists checks that who had been told before another began stands before it.
func (w *world) checkLists(c *connection) {
	for _, row := range c.rows("SELECT id, l FROM b.list") {
		newest := int64(0)
		for text := range strings.SplitSeq(strings.TrimPrefix(row[1], ","), ",") {
			n := number(text)
			if n <= 0 || n > int64(len(w.attempts.list)) {
				continue // an empty list
			}
			a := w.attempts.list[n-1]
			if a.ended != 0 && a.ended < newest {
				w.broken(freshReads, "list %s: transaction %d was acknowledged before one that stands before it began: %s", row[0], n, row[1])
			}
			newest = max(newest, a.began)
		}
	}
}

// checkReferences checks "no orphan child".
func (w *world) checkReferences(c *connection) {
	for _, table := range []string{"child", "heir"} {
		for _, row := range c.rows("SELECT id, parent FROM a.%s WHERE parent IS NOT NULL AND parent NOT IN (SELECT id FROM a.parent)", table) {
			w.broken(firstCommitterWins, "%s %s refers to parent %s, which is not there", table, row[0], row[1])
		}
	}
}

// checkEqualFiles checks "two nodes at the same position have files with equal contents": all tables, ours
// and Marmot's, their definitions, and that SQLite finds no fault with the files.
func (w *world) checkEqualFiles() {
	first := map[string]string{}
	for i, n := range w.nodes {
		err := n.use(func(r *run) error {
			dumped, err := w.dump(r)
			if i == 0 {
				first = dumped
			}
			for name, rows := range first {
				if dumped[name] != rows {
					w.broken(equalNodes, "%s on %s:\n%son %s:\n%s", name, w.nodes[0].id, rows, n.id, dumped[name])
				}
			}
			if len(dumped) != len(first) {
				w.broken(equalNodes, "%s has %d tables, %s has %d", w.nodes[0].id, len(first), n.id, len(dumped))
			}
			return err
		})
		if err != nil {
			w.broken(survival, "files of %s: %v", n.id, err)
		}
	}
}

// dump reads every table of every file, as text.
func (w *world) dump(r *run) (map[string]string, error) {
	b, err := r.store.OpenBranch()
	if err != nil {
		return nil, err
	}
	defer b.Close()
	if err := b.Use(r.store.Databases()...); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.ctx, time.Minute)
	defer cancel()
	if err := b.Snapshot(ctx); err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, d := range r.store.Catalog().Databases {
		check, err := integrity(ctx, r, d.ID)
		if err != nil {
			return nil, err
		}
		if len(check) != 1 || check[0] != "ok\n" {
			w.broken(equalNodes, "database %s: %s", d.Name, check)
		}
		tables, err := read(b, fmt.Sprintf("SELECT name FROM %s.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%%' AND name <> '_marmot_state'", d.Alias))
		if err != nil {
			return nil, err
		}
		for _, name := range append(tables, "sqlite_schema\n") {
			name = strings.TrimSpace(name)
			columns := "*"
			if name == "sqlite_schema" {
				columns = "type, name, tbl_name, sql" // the pages are each file's own
			}
			rows, err := read(b, fmt.Sprintf("SELECT %s FROM %s.%s", columns, d.Alias, schemas.QuoteSQLite(name)))
			if err != nil {
				return nil, err
			}
			slices.Sort(rows)
			all[d.Name+"."+name] = strings.Join(rows, "")
		}
	}
	return all, nil
}

// integrity checks a file by a connection of its own: FTS5 does not look whether what it keeps of an index in a connection's memory is
// still what the file has when it checks it, as it does when it reads.
func integrity(ctx context.Context, r *run, id txn.DatabaseID) ([]string, error) {
	b, err := r.store.OpenFileBranch(id)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	if err := b.Snapshot(ctx); err != nil {
		return nil, err
	}
	return read(b, "PRAGMA integrity_check")
}

// read runs a query of SQLite's and writes each row as a line.
func read(b *store.Branch, sql string) (rows []string, err error) {
	stmt, err := b.Reader().Prepare(sql)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", sql, err)
	}
	defer stmt.Reset()
	if err := stmt.Bind(nil); err != nil {
		return nil, err
	}
	for {
		more, err := stmt.Step()
		if err != nil || !more {
			return rows, err
		}
		var words []string
		for _, v := range stmt.Row() {
			words = append(words, plain(v))
		}
		rows = append(rows, strings.Join(words, " | ")+"\n")
	}
}
