package session

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

func TestStrongReadsSeeWhatAnybodyWasTold(t *testing.T) {
	c := newCluster(t, 2, nil)
	a, b := c.session(0, ""), c.session(1, "")
	a.exec("CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY)")
	c.sync()
	b.exec("SET marmot_read_consistency = 'STRONG'")
	c.nodes[1].log.StaleEnd(100) // it does not see what comes now
	a.want("INSERT INTO d.t VALUES (1)", "ok 1")
	before := c.end()
	answer := make(chan string, 1)
	go func() { answer <- b.run("SELECT id FROM d.t") }()
	waitFor(t, "a strong read leaves no barrier in the log", func() bool { return c.end() > before || len(answer) > 0 })
	c.nodes[1].log.StaleEnd(0)
	if got := <-answer; got != "1" {
		t.Errorf("a strong read answers %s", got)
	}
	b.exec("SET marmot_read_consistency = 'LOCAL'")
}

func TestSessionsBeginWithTheNodesReadConsistency(t *testing.T) {
	c := newCluster(t, 2, nil)
	a, b := c.session(0, ""), c.session(1, "")
	a.exec("CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY)")
	c.sync()
	b.exec("SET GLOBAL marmot_read_consistency = 'STRONG'")
	for _, test := range []struct {
		in   *testSession
		asks bool
	}{{b, false}, {c.session(1, ""), true}} {
		before := c.end()
		test.in.want("SELECT count(*) FROM d.t", "0")
		if asked := c.end() > before; asked != test.asks {
			t.Errorf("a read leaves a barrier in the log: %v, want %v", asked, test.asks)
		}
	}
}

func TestStrongSessionsSeeDefinitionsOfOtherNodes(t *testing.T) {
	for _, test := range []struct{ name, define, statement, want string }{
		{"use", "CREATE DATABASE e", "USE e", "ok"},
		{"database in SHOW", "CREATE DATABASE e", "SHOW DATABASES LIKE 'e'", "e"},
		{"tables in SHOW", "CREATE TABLE d.u (id INT PRIMARY KEY)", "SHOW TABLES FROM d", "t\nu"},
		{"definition", "ALTER TABLE d.t ADD COLUMN more INT", "SELECT column_name FROM information_schema.columns WHERE table_schema = 'd' AND table_name = 't' ORDER BY ordinal_position", "id\nmore"},
		{"description", "ALTER TABLE d.t ADD COLUMN more INT DEFAULT 3", "SHOW COLUMNS FROM d.t LIKE 'more'", "more | int | YES |  | 3 | "},
		{"read", "CREATE TABLE d.u (id INT PRIMARY KEY); INSERT INTO d.u VALUES (7)", "SELECT * FROM d.u", "7"},
		{"column", "ALTER TABLE d.t ADD COLUMN more INT", "SELECT more FROM d.t", "none"},
		{"insert", "CREATE TABLE d.u (id INT PRIMARY KEY)", "INSERT INTO d.u VALUES (1)", "ok 1"},
		{"update", "INSERT INTO d.t VALUES (1), (2)", "UPDATE d.t SET id = id + 10 WHERE id > 1", "ok 1"},
		{"delete", "INSERT INTO d.t VALUES (1), (2)", "DELETE FROM d.t", "ok 2"},
		{"locking read", "INSERT INTO d.t VALUES (1), (2)", "SELECT id FROM d.t FOR UPDATE", "1\n2"},
		{"drop if exists", "CREATE DATABASE e", "DROP DATABASE IF EXISTS e", "ok"},
		{"prepare", "CREATE TABLE d.u (id INT PRIMARY KEY)", "PREPARE p FROM 'SELECT * FROM d.u'", "ok"},
		{"call", "CREATE PROCEDURE d.p() SELECT 5", "CALL d.p()", "5\nok"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCluster(t, 2, nil)
			a, b := c.session(0, ""), c.session(1, "")
			a.exec("CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY)")
			c.sync()
			b.exec("SET marmot_read_consistency = 'STRONG'")
			c.nodes[1].log.StaleEnd(100) // it does not see what comes now
			a.exec(test.define)
			before := c.end()
			answer := make(chan string, 1)
			go func() { answer <- b.run(test.statement) }()
			waitFor(t, "no barrier is left in the log", func() bool { return c.end() > before || len(answer) > 0 })
			c.nodes[1].log.StaleEnd(0)
			if got := <-answer; got != test.want {
				t.Errorf("%s answers %s, want %s", test.statement, got, test.want)
			}
		})
	}
}

func TestStrongLoginsFindADatabaseOfAnotherNode(t *testing.T) {
	c := newCluster(t, 2, nil)
	a, b := c.session(0, ""), c.session(1, "")
	b.exec("SET GLOBAL marmot_read_consistency = 'STRONG'")
	c.sync()
	c.nodes[1].log.StaleEnd(100)
	a.exec("CREATE DATABASE e")
	before := c.end()
	answer := make(chan error, 1)
	go func() {
		s, err := c.nodes[1].engine.NewSession(ConnInfo{User: "root", Host: "localhost", Account: Account{User: "root", Host: "%"}, Database: "e", CollationID: 255})
		if err == nil {
			s.Close()
		}
		answer <- err
	}()
	waitFor(t, "no barrier is left in the log", func() bool { return c.end() > before || len(answer) > 0 })
	c.nodes[1].log.StaleEnd(0)
	if err := <-answer; err != nil {
		t.Errorf("login: %v", err)
	}
}

func TestStrongSessionsAskForNothingWithConstants(t *testing.T) {
	c := newCluster(t, 1, nil)
	a := c.session(0, "")
	a.exec("SET marmot_read_consistency = 'STRONG'")
	before := c.end()
	for _, sql := range []string{"SELECT 1", "SELECT @@version", "SET @a = 1", "BEGIN", "COMMIT", "SHOW WARNINGS"} {
		a.exec(sql)
	}
	if after := c.end(); after != before {
		t.Errorf("%d records are left in the log", after-before)
	}
}

func TestStrongReadsOfReadCommittedSeeEachCommit(t *testing.T) {
	c := newCluster(t, 2, nil)
	a, b := c.session(0, ""), c.session(1, "")
	a.exec("CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY)")
	c.sync()
	b.exec("SET marmot_read_consistency = 'STRONG'; SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; BEGIN")
	b.want("SELECT count(*) FROM d.t", "0")
	c.nodes[1].log.StaleEnd(100)
	a.want("INSERT INTO d.t VALUES (1)", "ok 1")
	before := c.end()
	answer := make(chan string, 1)
	go func() { answer <- b.run("SELECT count(*) FROM d.t") }()
	waitFor(t, "no barrier is left in the log", func() bool { return c.end() > before || len(answer) > 0 })
	c.nodes[1].log.StaleEnd(0)
	if got := <-answer; got != "1" {
		t.Errorf("the second read answers %s", got)
	}
}

func TestStrongStatementsKnowWhatAnybodyHasMade(t *testing.T) {
	c := newCluster(t, 2, nil)
	a, b := c.session(0, ""), c.session(1, "")
	a.exec("CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, n INT)")
	a.exec("CREATE TABLE d.parent (id INT PRIMARY KEY); CREATE TABLE d.child (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES d.parent (id))")
	c.sync()
	b.exec("SET marmot_read_consistency = 'STRONG'")
	for _, test := range []struct{ made, asked, want string }{
		{"CREATE TABLE d.u (id INT)", "SELECT COUNT(*) FROM d.u", "0"},
		{"INSERT INTO d.t VALUES (1, 1)", "UPDATE d.t SET n = 2", "ok 1"},
		{"CREATE VIEW d.v AS SELECT 1 AS one", "SHOW TABLES FROM d", "child\nparent\nt\nu\nv"},
		{"INSERT INTO d.parent VALUES (1)", "INSERT INTO d.child VALUES (1, 1)", "ok 1"},
		{"DELETE FROM d.child", "DELETE FROM d.parent WHERE id = 1", "ok 1"},
		{"DELETE FROM d.t", "INSERT INTO d.t VALUES (1, 7)", "ok 1"},
		{"CREATE TABLE d.w (id INT)", "DROP TABLE d.w", "ok"},
		{"CREATE DATABASE e", "USE e", "ok"},
	} {
		c.sync()                     // a's own statements see what b has made
		c.nodes[1].log.StaleEnd(100) // it does not see what comes now
		a.exec(test.made)
		before := c.end()
		answer := make(chan string, 1)
		go func() { answer <- b.run(test.asked) }()
		waitFor(t, "the statement leaves no barrier in the log", func() bool { return c.end() > before || len(answer) > 0 })
		c.nodes[1].log.StaleEnd(0)
		if got := <-answer; got != test.want {
			t.Errorf("%s: %s after %s, want %s", test.asked, got, test.made, test.want)
		}
	}
}

// TestStrongLoginsKnowAccountsOfOtherNodes: what another node has acknowledged of an account counts for the next login anywhere.
func TestStrongLoginsKnowAccountsOfOtherNodes(t *testing.T) {
	for _, test := range []struct {
		name, before, change string
		want                 func(account Account, known bool) bool
	}{
		{"created", "CREATE USER other", "CREATE USER u", func(_ Account, known bool) bool { return known }},
		{"dropped", "CREATE USER u", "DROP USER u", func(_ Account, known bool) bool { return !known }},
		{"locked", "CREATE USER u", "ALTER USER u ACCOUNT LOCK", func(a Account, known bool) bool { return known && a.Locked }},
		{"password", "CREATE USER u", "ALTER USER u IDENTIFIED BY 'new'", func(a Account, known bool) bool { return known && len(a.Verifier) > 0 }},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCluster(t, 2, nil)
			a, b := c.session(0, ""), c.session(1, "")
			a.exec(test.before)
			b.exec("SET GLOBAL marmot_read_consistency = 'STRONG'")
			c.sync()
			c.nodes[1].log.StaleEnd(100) // it does not see what comes now
			a.exec(test.change)
			before := c.end()
			done := make(chan string, 1)
			go func() {
				engine := c.nodes[1].engine
				if err := engine.AwaitAccounts(); err != nil {
					done <- err.Error()
					return
				}
				if account, known := engine.Lookup("u", "10.0.0.1"); !test.want(account, known) {
					done <- "the node has not heard of it"
					return
				}
				done <- ""
			}()
			waitFor(t, "no barrier is left in the log", func() bool { return c.end() > before || len(done) > 0 })
			c.nodes[1].log.StaleEnd(0)
			if failed := <-done; failed != "" {
				t.Error(failed)
			}
		})
	}
}

// TestLoginsCostTheLogLittle: whoever has no password must not be able to fill the log.
func TestLoginsCostTheLogLittle(t *testing.T) {
	c := newCluster(t, 1, nil)
	engine := c.nodes[0].engine
	before := c.end()
	if err := engine.AwaitAccounts(); err != nil || c.end() != before {
		t.Errorf("%d records for a login without strong reads, %v", c.end()-before, err)
	}
	c.session(0, "").exec("SET GLOBAL marmot_read_consistency = 'STRONG'")
	before = c.end()
	began := time.Now()
	var group sync.WaitGroup
	for range 200 {
		group.Go(func() {
			for range 5 {
				if err := engine.AwaitAccounts(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if records, most := c.end()-before, int64(time.Since(began)/loginPause)+2; records < 1 || records > most {
		t.Errorf("1000 logins cost %d records, want 1 to %d", records, most)
	}
}

func TestStrongReadsHeedWhatWasTakenAwayElsewhere(t *testing.T) {
	c := newCluster(t, 2, nil)
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY); CREATE USER u; GRANT SELECT ON d.t TO u")
	c.sync()
	u := c.as(1, "u")
	u.exec("SET marmot_read_consistency = 'STRONG'")
	for _, test := range []struct{ change, want string }{{"REVOKE SELECT ON d.t FROM u", "ERROR 1142"}, {"GRANT SELECT ON d.* TO u", "none"}} {
		c.nodes[1].log.StaleEnd(100)
		a.exec(test.change)
		before := c.end()
		answer := make(chan string, 1)
		go func() { answer <- u.run("SELECT id FROM d.t") }()
		waitFor(t, "no barrier is left in the log", func() bool { return c.end() > before || len(answer) > 0 })
		c.nodes[1].log.StaleEnd(0)
		if got := <-answer; got != test.want {
			t.Errorf("after %s: %s, want %s", test.change, got, test.want)
		}
	}
}

func TestStrongStatementsOnAccountsKnowThoseOfOtherNodes(t *testing.T) {
	c := newCluster(t, 2, nil)
	a, b := c.session(0, ""), c.session(1, "")
	b.exec("SET marmot_read_consistency = 'STRONG'")
	for _, test := range []struct{ change, asked, want string }{
		{"CREATE USER u", "GRANT SELECT ON *.* TO u", "ok"},
		{"CREATE USER v", "SHOW GRANTS FOR v", "GRANT USAGE ON *.* TO `v`@`%`"},
		{"CREATE USER w", "CREATE USER IF NOT EXISTS w", "ok (1 warnings)"},
		{"DROP USER w", "CREATE USER w", "ok"},
		{"CREATE DATABASE d; CREATE TABLE d.t (id INT)", "GRANT SELECT (id) ON d.t TO u", "ok"},
	} {
		c.nodes[1].log.StaleEnd(100)
		a.exec(test.change)
		before := c.end()
		answer := make(chan string, 1)
		go func() { answer <- b.run(test.asked) }()
		waitFor(t, "no barrier is left in the log", func() bool { return c.end() > before || len(answer) > 0 })
		c.nodes[1].log.StaleEnd(0)
		if got := <-answer; got != test.want {
			t.Errorf("%s after %s: %s, want %s", test.asked, test.change, got, test.want)
		}
		c.sync()
	}
}

// TestNamedLocksOfOtherNodes: GET_LOCK is decided by the log alone; what STRONG sessions ask about locks is as new as their reads.
func TestNamedLocksOfOtherNodes(t *testing.T) {
	c := newCluster(t, 2, nil)
	a, b := c.session(0, ""), c.session(1, "")
	b.exec("SET marmot_read_consistency = 'STRONG'")
	id := fmt.Sprint(a.ConnectionID())
	for _, test := range []struct{ done, asked, want string }{
		{"SELECT GET_LOCK('job', 0)", "SELECT GET_LOCK('job', 0)", "0"},
		{"DO 1", "SELECT IS_USED_LOCK('job')", id},
		{"DO RELEASE_LOCK('job')", "SELECT GET_LOCK('job', 0)", "1"},
		{"SELECT GET_LOCK('job', 0), GET_LOCK('other', 0)", "SELECT IS_FREE_LOCK('other')", "0"},
		{"DO 1", "SELECT RELEASE_LOCK('other')", "0"},
		{"DO RELEASE_ALL_LOCKS()", "SELECT RELEASE_LOCK('other')", "NULL"},
	} {
		c.nodes[1].log.StaleEnd(100) // it does not see what comes now
		a.run(test.done)
		before := c.end()
		answer := make(chan string, 1)
		go func() { answer <- b.run(test.asked) }()
		waitFor(t, "the log is not asked", func() bool { return c.end() > before || len(answer) > 0 })
		c.nodes[1].log.StaleEnd(0)
		if got := <-answer; got != test.want {
			t.Errorf("%s after %s: %s, want %s", test.asked, test.done, got, test.want)
		}
	}
}
