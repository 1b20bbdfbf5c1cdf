package e2e

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// programsSQL makes a table whose triggers keep a trail and a sum, a procedure with a transaction of its own, and an event.
var programsSQL = []string{
	"CREATE TABLE line (id BIGINT PRIMARY KEY AUTO_INCREMENT, worker INT NOT NULL, n INT NOT NULL, version INT NOT NULL DEFAULT 0, UNIQUE KEY (worker, n))",
	"CREATE TABLE trail (id BIGINT PRIMARY KEY AUTO_INCREMENT, worker INT NOT NULL, n INT NOT NULL, what CHAR(1) NOT NULL)",
	"CREATE TABLE total (worker INT PRIMARY KEY, n BIGINT NOT NULL)",
	"CREATE TABLE tick (id BIGINT PRIMARY KEY AUTO_INCREMENT, at DATETIME NOT NULL)",
	"INSERT INTO total VALUES (0, 0), (1, 0), (2, 0)",
	"CREATE TRIGGER line_bi BEFORE INSERT ON line FOR EACH ROW SET NEW.version = 1",
	`CREATE TRIGGER line_ai AFTER INSERT ON line FOR EACH ROW BEGIN
		INSERT INTO trail (worker, n, what) VALUES (NEW.worker, NEW.n, 'I');
		UPDATE total SET n = n + 1 WHERE worker = NEW.worker;
	END`,
	"CREATE TRIGGER line_bu BEFORE UPDATE ON line FOR EACH ROW SET NEW.version = OLD.version + 1",
	"CREATE TRIGGER line_au AFTER UPDATE ON line FOR EACH ROW INSERT INTO trail (worker, n, what) VALUES (NEW.worker, NEW.n, 'U')",
	`CREATE PROCEDURE put (w INT, number INT) BEGIN
		DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
		START TRANSACTION;
		INSERT INTO line (worker, n) VALUES (w, number);
		UPDATE line SET n = n WHERE worker = w AND n = number - 1;
		COMMIT;
	END`,
	"CREATE EVENT often ON SCHEDULE EVERY 1 SECOND DO INSERT INTO tick (at) VALUES (NOW())",
}

// TestProgramsOnThreeNodes calls a procedure on each node, whose statements fire triggers, while an event ticks; a node is killed meanwhile. Each
// acknowledged row is there, triggers have run exactly once for each row, no occurrence of the event ran twice, all files are equal, and the events
// rebuild all tables, those that only triggers write among them.
func TestProgramsOnThreeNodes(t *testing.T) {
	c := startCluster(t, 3, 1)
	events := filepath.Join(t.TempDir(), "events")
	connect := c.startConnect(events, "marmot")
	c.exec(0, "", "CREATE DATABASE shop")
	c.exec(0, "shop", programsSQL...)
	began := time.Now()

	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	acknowledged := make([][]int, len(c.MySQL))
	for w := range c.MySQL {
		db := c.open(w, "shop")
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := 0; ctx.Err() == nil; n++ {
				if _, err := db.Exec("CALL put(?, ?)", w, n); err == nil {
					acknowledged[w] = append(acknowledged[w], n)
				} else {
					pause(err)
				}
			}
		}()
	}
	time.Sleep(2 * time.Second)
	c.do("kill-node", "2")
	time.Sleep(time.Second)
	c.do("start-node", "2")
	time.Sleep(2 * time.Second)
	cancel()
	wg.Wait()
	c.exec(0, "shop", "DROP EVENT often")
	lasted := time.Since(began)
	c.settle()

	db := c.open(1, "shop")
	for w, list := range acknowledged {
		there := map[int]bool{}
		for _, n := range ints(t, db, "SELECT n FROM line WHERE worker = ?", w) {
			there[n] = true
		}
		for _, n := range list {
			if !there[n] {
				t.Errorf("worker %d: call %d was acknowledged and its row is gone", w, n)
			}
		}
		if len(list) == 0 {
			t.Errorf("no call on node %d was acknowledged", w+1)
		}
	}
	for _, check := range []struct{ what, query string }{
		{"lines without exactly one trail of their insert", "SELECT COUNT(*) FROM line l WHERE (SELECT COUNT(*) FROM trail t WHERE t.worker = l.worker AND t.n = l.n AND what = 'I') <> 1"},
		{"trails of lines that are not there", "SELECT COUNT(*) FROM trail t WHERE NOT EXISTS (SELECT 1 FROM line l WHERE t.worker = l.worker AND t.n = l.n)"},
		{"lines whose version is not what was written of their updates", "SELECT COUNT(*) FROM line l WHERE version - 1 <> (SELECT COUNT(*) FROM trail t WHERE t.worker = l.worker AND t.n = l.n AND what = 'U')"},
		{"sums that are not the number of lines", "SELECT COUNT(*) FROM total WHERE n <> (SELECT COUNT(*) FROM line WHERE line.worker = total.worker)"},
	} {
		if got := ints(t, db, check.query); len(got) != 1 || got[0] != 0 {
			t.Errorf("%s: %v", check.what, got)
		}
	}
	ticks := ints(t, db, "SELECT COUNT(*) FROM tick")[0]
	if most := int(lasted/time.Second) + 2; ticks > most || ticks == 0 {
		t.Errorf("the event ran %d times in %s, want 1 to %d", ticks, lasted, most)
	}
	content := c.sameFiles("shop")
	c.sameAsEvents(connect, events, "shop", content)
	t.Logf("%d lines, %d ticks", len(content["line"]), ticks)
}
