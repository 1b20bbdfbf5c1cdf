package simulation

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

const (
	sums     = 3  // that triggers keep
	loadRows = 20 // of one LOAD DATA
	topics   = 5  // words that articles are about
)

// programWorkloads are what clients do with stored programs, and with the kinds of tables that need something of their own.
var programWorkloads = []workload{
	{"line", 3, "journal", (*connection).changeLines, false},
	{"lines of two tables", 2, "journal", (*connection).changeTwoTables, false},
	{"call move", 2, "journal", (*connection).callMove, false},
	{"count", 1, "", (*connection).countByFunction, false},
	{"call flux", 1, "", (*connection).callFlux, false},
	{"temporary", 2, "journal", (*connection).useTemporary, false},
	{"load", 1, "load", (*connection).loadRows, false},
	{"measure", 2, "journal", (*connection).changeMeasures, false},
	{"article", 2, "article", (*connection).changeArticles, false},
	{"balances", 1, "", (*connection).readByFunction, false},
}

// createPrograms makes tables with triggers, procedures, functions, an event, partitions and a full-text index.
func (c *connection) createPrograms() error {
	statements := []string{
		"CREATE TABLE a.line (id BIGINT PRIMARY KEY, k INT NOT NULL, n INT NOT NULL, version INT NOT NULL DEFAULT 0)",
		"CREATE TABLE a.line_sum (k INT PRIMARY KEY, n BIGINT NOT NULL)",
		"CREATE TABLE a.trail (line BIGINT NOT NULL, what CHAR(1) NOT NULL, version INT NOT NULL, KEY (line))",
		"CREATE TRIGGER a.line_bi BEFORE INSERT ON a.line FOR EACH ROW SET NEW.version = 1",
		`CREATE TRIGGER a.line_ai AFTER INSERT ON a.line FOR EACH ROW BEGIN
			INSERT INTO a.trail VALUES (NEW.id, 'I', NEW.version);
			UPDATE a.line_sum SET n = n + NEW.n WHERE k = NEW.k;
		END`,
		"CREATE TRIGGER a.line_bu BEFORE UPDATE ON a.line FOR EACH ROW SET NEW.version = OLD.version + 1",
		`CREATE TRIGGER a.line_au AFTER UPDATE ON a.line FOR EACH ROW BEGIN
			INSERT INTO a.trail VALUES (NEW.id, 'U', NEW.version);
			UPDATE a.line_sum SET n = n - OLD.n WHERE k = OLD.k;
			UPDATE a.line_sum SET n = n + NEW.n WHERE k = NEW.k;
		END`,
		`CREATE TRIGGER a.line_ad AFTER DELETE ON a.line FOR EACH ROW BEGIN
			INSERT INTO a.trail VALUES (OLD.id, 'D', OLD.version);
			UPDATE a.line_sum SET n = n - OLD.n WHERE k = OLD.k;
		END`,
		`CREATE PROCEDURE a.move (source INT, target INT, amount INT, attempt BIGINT) BEGIN
			DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
			START TRANSACTION;
			UPDATE a.account SET balance = balance - amount WHERE id = source;
			UPDATE b.account SET balance = balance + amount WHERE id = target;
			INSERT INTO a.journal VALUES (attempt, 'call move', 0);
			COMMIT;
		END`,
		"CREATE FUNCTION a.counted (which INT) RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN UPDATE a.counter SET n = n + 1 WHERE id = which; RETURN ROW_COUNT(); END",
		"CREATE FUNCTION a.balances () RETURNS DECIMAL(20,2) READS SQL DATA RETURN (SELECT SUM(balance) FROM a.account) + (SELECT SUM(balance) FROM b.account)",
		"CREATE TABLE b.loaded (attempt BIGINT, i INT, text VARCHAR(20), PRIMARY KEY (attempt, i))",
		`CREATE TABLE b.measure (id BIGINT, day INT, n INT NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)
			(PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20), PARTITION p2 VALUES LESS THAN MAXVALUE)`,
		"CREATE TABLE b.article (id BIGINT PRIMARY KEY, body TEXT, FULLTEXT KEY words (body))",
		"CREATE TABLE a.tick (occurrence VARCHAR(20) NOT NULL)",
		"CREATE EVENT a.often ON SCHEDULE EVERY 1 SECOND DO INSERT INTO a.tick VALUES ('often')",
	}
	for i := range sums {
		statements = append(statements, fmt.Sprintf("INSERT INTO a.line_sum VALUES (%d, 0)", i))
	}
	return c.patiently(statements...)
}

// changeLines inserts, changes and deletes rows of a table whose triggers write a trail and keep sums.
func (c *connection) changeLines() error {
	return c.sawJournal(c.transaction(c.anyIsolation(), func() error {
		first := c.now.number * 10
		if _, err := c.query("INSERT INTO a.line (id, k, n) VALUES (%d, %d, %d), (%d, %d, %d)", first, c.random.IntN(sums), c.random.IntN(100),
			first+1, c.random.IntN(sums), c.random.IntN(100)); err != nil {
			return err
		}
		c.pause()
		switch c.random.IntN(5) {
		case 0, 1:
			_, err := c.query("UPDATE a.line SET n = n + 1, k = %d WHERE id %% 7 = %d", c.random.IntN(sums), c.random.IntN(7))
			return err
		case 2:
			_, err := c.query("DELETE FROM a.line WHERE id %% 9 = %d", c.random.IntN(9))
			return err
		case 3:
			_, err := c.query("INSERT INTO a.line (id, k, n) VALUES (%d, 0, 1), (%d, 1, 1) ON DUPLICATE KEY UPDATE n = n + 5", first, first+2)
			return err
		}
		return nil
	}))
}

// changeTwoTables writes two tables by one statement, one of which has triggers.
func (c *connection) changeTwoTables() error {
	return c.sawJournal(c.transaction(c.anyIsolation(), func() error {
		id := c.now.number*10 + 5
		if err := c.all(fmt.Sprintf("INSERT INTO a.line (id, k, n) VALUES (%d, 0, 1)", id), fmt.Sprintf("INSERT INTO b.measure VALUES (%d, %d, 1)", id, c.random.IntN(40))); err != nil {
			return err
		}
		c.pause()
		if c.random.IntN(3) == 0 {
			_, err := c.query("DELETE l, m FROM a.line l JOIN b.measure m ON m.id = l.id WHERE l.id %% 3 = %d", c.random.IntN(3))
			return err
		}
		_, err := c.query("UPDATE a.line l JOIN b.measure m ON m.id = l.id SET l.n = l.n + 1, m.n = m.n + 1, m.day = m.day + %d WHERE l.id %% 3 = %d",
			c.random.IntN(3), c.random.IntN(3))
		return err
	}))
}

// callMove moves money by a procedure that has a transaction of its own.
func (c *connection) callMove() error {
	a, err := c.query("CALL a.move(%d, %d, %d, %d)", c.random.IntN(accounts), c.random.IntN(accounts), c.random.IntN(9), c.now.number)
	c.late = a.result.Warnings > 0
	return c.sawJournal(err)
}

// countByFunction adds one to a counter by a function.
func (c *connection) countByFunction() error {
	c.now.key = c.random.Int64N(counters)
	_, err := c.query("SELECT a.counted(%d)", c.now.key)
	return err
}

// callFlux calls a procedure that comes, goes and changes.
func (c *connection) callFlux() error {
	a, err := c.query("CALL a.flux()")
	if err == nil && a.value() != "1" && a.value() != "2" {
		c.world.broken(freshReads, "the procedure that changes gives %s", a)
	}
	c.expect(err, 1305) // no such procedure
	return tolerate(err, 1305)
}

// readByFunction reads all balances in a function: one statement, one view.
func (c *connection) readByFunction() error {
	a, err := c.query("SELECT a.balances()")
	if want := fmt.Sprintf("%d.00", 2*accounts*opening); err == nil && a.value() != want {
		c.world.broken(firstCommitterWins, "transaction %d: a function says the bank total is %s, want %s", c.now.number, a.value(), want)
	}
	return err
}

// useTemporary keeps a working copy in a temporary table, and writes from it.
func (c *connection) useTemporary() error {
	if err := c.all("DROP TEMPORARY TABLE IF EXISTS a.work", "CREATE TEMPORARY TABLE a.work (id INT PRIMARY KEY, n INT NOT NULL)"); err != nil {
		return err
	}
	if _, err := c.query("INSERT INTO a.work SELECT id, 0 FROM a.counter"); err != nil {
		return err
	}
	err := c.transaction(c.anyIsolation(), func() error {
		if err := c.all("UPDATE a.work SET n = n + 1", "SAVEPOINT s", "UPDATE a.work SET n = 100", "ROLLBACK TO s"); err != nil {
			return err
		}
		c.pause()
		a, err := c.query("SELECT SUM(w.n) FROM a.work w JOIN a.counter c ON c.id = w.id")
		if err == nil && a.number() != counters {
			c.world.broken(freshReads, "transaction %d reads %s from its temporary table, want %d", c.now.number, a, counters)
		}
		if err == nil {
			_, err = c.query("INSERT INTO b.measure SELECT %d, id, n FROM a.work", c.now.number*10+6)
		}
		return err
	})
	if c.session != nil {
		if a, failed := c.query("SELECT SUM(n) FROM a.work"); failed == nil && (a.number() != 0 && err != nil && codeOf(err) != 1180 || a.number() != counters && err == nil) {
			c.world.broken(toldOutcomes, "transaction %d ended with %v and left %s in its temporary table", c.now.number, err, a)
		}
		_, failed := c.query("DROP TEMPORARY TABLE a.work")
		c.expect(failed)
	}
	return c.sawJournal(err)
}

// loader is an answer whose client has a file.
type loader struct {
	answer
	text string
}

// OpenClientFile implements session.ClientFiles.
func (l *loader) OpenClientFile(string) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader(l.text)), nil
}

// loadRows loads a file of the client's.
func (c *connection) loadRows() error {
	if _, err := c.query("SET GLOBAL local_infile = 1"); err != nil {
		return err
	}
	var b strings.Builder
	for i := range loadRows {
		fmt.Fprintf(&b, "%d\t%d\trow \\t %d\n", c.now.number, i, i)
	}
	sql := "LOAD DATA LOCAL INFILE 'rows' INTO TABLE b.loaded"
	l := &loader{text: b.String()}
	if err := c.session.Execute(c.run.ctx, []byte(sql), l); err != nil {
		return &statementError{sql, err}
	}
	if l.result.Affected != loadRows {
		c.world.broken(toldOutcomes, "transaction %d loaded %d rows of %d", c.now.number, l.result.Affected, loadRows)
	}
	return nil
}

// changeMeasures works on a partitioned table: rows move from one partition to another.
func (c *connection) changeMeasures() error {
	err := c.transaction(c.anyIsolation(), func() error {
		if _, err := c.query("INSERT INTO b.measure VALUES (%[1]d, %[2]d, 1), (%[1]d, %[3]d, 2), (%[1]d, %[4]d, 3)", c.now.number*10,
			c.random.IntN(10), 10+c.random.IntN(10), 20+c.random.IntN(30)); err != nil {
			return err
		}
		c.pause()
		switch c.random.IntN(4) {
		case 0:
			_, err := c.query("UPDATE b.measure SET day = day + 50 WHERE id = %d AND day < 20", c.now.number*10)
			return err
		case 1:
			_, err := c.query("DELETE FROM b.measure PARTITION (p1) WHERE id %% 4 = 0")
			return err
		case 2:
			_, err := c.query("SELECT COUNT(*) FROM b.measure PARTITION (p0, p1) WHERE n > 1")
			return err
		}
		return nil
	})
	return c.sawJournal(err)
}

// changeArticles works on a table with a full-text index, in one transaction, whose outcome the new article tells.
func (c *connection) changeArticles() error {
	topic := c.random.IntN(topics)
	return c.transaction(c.anyIsolation(), func() error {
		if c.random.IntN(3) == 0 {
			if _, err := c.query("UPDATE b.article SET body = CONCAT('changed topic%d and ', body) WHERE id %% 5 = %d", topic, c.random.IntN(5)); err != nil {
				return err
			}
		}
		_, err := c.query("INSERT INTO b.article VALUES (%d, 'something about topic%d, and topic%d again')", c.now.number, topic, c.random.IntN(topics))
		return err
	})
}

// checkPrograms checks what triggers, loads, partitions, full-text indexes and events must have left.
func (w *world) checkPrograms(c *connection) {
	w.checkTriggers(c)
	for _, row := range c.rows("SELECT attempt, COUNT(*) FROM b.loaded GROUP BY attempt HAVING COUNT(*) <> %d", loadRows) {
		w.broken(toldOutcomes, "of the rows that transaction %s loaded %s are there on %s, want %d", row[0], row[1], w.nameOf(c), loadRows)
	}
	total := 0
	for _, row := range c.rows("SELECT partition_name FROM information_schema.partitions WHERE table_schema = 'b' AND table_name = 'measure' AND partition_name IS NOT NULL") {
		total += int(number(c.rows("SELECT COUNT(*) FROM b.measure PARTITION (%s)", row[0])[0][0]))
	}
	if all := number(c.rows("SELECT COUNT(*) FROM b.measure")[0][0]); total != 0 && int64(total) != all {
		w.broken(equalNodes, "the partitions of b.measure on %s hold %d rows, the table %d", w.nameOf(c), total, all)
	}
	w.checkSearches(c)
	w.checkTicks(c)
}

// checkTriggers checks that each statement ran each trigger once for each of its rows.
func (w *world) checkTriggers(c *connection) {
	for _, row := range c.rows("SELECT line, SUM(what = 'I'), SUM(what = 'D'), SUM(what = 'U'), MAX(version) FROM a.trail GROUP BY line") {
		if row[1] != "1" || row[2] != "0" && row[2] != "1" || number(row[3]) != number(row[4])-1 {
			w.broken(toldOutcomes, "triggers of line %s on %s ran for %s inserts, %s deletes and %s updates of %s versions", row[0], w.nameOf(c), row[1], row[2], row[3], row[4])
		}
	}
	for _, row := range c.rows("SELECT id, version, (SELECT MAX(version) FROM a.trail WHERE line = id), (SELECT COUNT(*) FROM a.trail WHERE line = id AND what = 'D') FROM a.line") {
		if row[1] != row[2] || row[3] != "0" {
			w.broken(toldOutcomes, "line %s has version %s on %s, its triggers wrote %s, and of a delete %s times", row[0], row[1], w.nameOf(c), row[2], row[3])
		}
	}
	for _, row := range c.rows("SELECT k, n, (SELECT IFNULL(SUM(n), 0) FROM a.line WHERE line.k = line_sum.k) FROM a.line_sum") {
		if number(row[1]) != number(row[2]) {
			w.broken(firstCommitterWins, "the sum %s that triggers keep is %s on %s, the lines make %s", row[0], row[1], w.nameOf(c), row[2])
		}
	}
}

// checkSearches checks that searches find the rows that have the word, and that all nodes rank them alike.
func (w *world) checkSearches(c *connection) {
	for topic := range topics {
		word := fmt.Sprintf("topic%d", topic)
		found := c.rows("SELECT id FROM b.article WHERE MATCH (body) AGAINST ('%s' IN BOOLEAN MODE) ORDER BY id", word)
		want := c.rows("SELECT id FROM b.article WHERE body LIKE '%%%s%%' ORDER BY id", word)
		if !slices.EqualFunc(found, want, slices.Equal[[]string]) {
			w.broken(equalNodes, "a search for %s on %s finds %v, the word is in %v", word, w.nameOf(c), found, want)
		}
		ranked := fmt.Sprint(c.rows("SELECT id, MATCH (body) AGAINST ('%s') AS r FROM b.article ORDER BY r DESC, id", word))
		key := fmt.Sprintf("%d %s", w.checks, word)
		if before, known := w.ranked[key]; known && before != ranked {
			w.broken(equalNodes, "%s ranks articles about %s as %s, another node as %s", w.nameOf(c), word, ranked, before)
		}
		w.ranked[key] = ranked
	}
}

// checkTicks checks that no occurrence of an event ran more than once.
func (w *world) checkTicks(c *connection) {
	for _, row := range c.rows("SELECT occurrence, COUNT(*) FROM a.tick GROUP BY occurrence") {
		most := int64(1)
		if row[0] == "often" {
			most = w.now().Unix() - epoch.Unix() + 1
		}
		if number(row[1]) > most {
			w.broken(toldOutcomes, "event %s ran %s times on %s, at most %d occurrences were due", row[0], row[1], w.nameOf(c), most)
		}
	}
}
