package session

import "testing"

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

func TestStrongStatementsKnowWhatAnybodyHasMade(t *testing.T) {
	c := newCluster(t, 2, nil)
	a, b := c.session(0, ""), c.session(1, "")
	a.exec("CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, n INT)")
	c.sync()
	b.exec("SET marmot_read_consistency = 'STRONG'")
	for _, test := range []struct{ made, asked, want string }{
		{"CREATE TABLE d.u (id INT)", "SELECT COUNT(*) FROM d.u", "0"},
		{"INSERT INTO d.t VALUES (1, 1)", "UPDATE d.t SET n = 2", "ok 1"},
		{"CREATE VIEW d.v AS SELECT 1 AS one", "SHOW TABLES FROM d", "t\nu\nv"},
		{"CREATE TABLE d.w (id INT)", "DROP TABLE d.w", "ok"},
		{"CREATE DATABASE e", "USE e", "ok"},
	} {
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
