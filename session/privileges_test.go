package session

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"marmot/dialect"
)

// as opens a session of an account on a node.
func (c *testCluster) as(node int, user string) *testSession {
	c.t.Helper()
	account, known := c.nodes[node].engine.Lookup(user, "10.0.0.1")
	if !known {
		c.t.Fatalf("node %d does not know %s", node, user)
	}
	s, err := c.nodes[node].engine.NewSession(ConnInfo{User: user, Host: "10.0.0.1", Account: account, MultiQuery: true, CollationID: 255})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(s.Close)
	return &testSession{t: c.t, Session: s}
}

func TestWhatIsGrantedOnOneNodeCountsOnAll(t *testing.T) {
	c := newCluster(t, 2, nil)
	root := c.session(0, "")
	root.exec("CREATE DATABASE d; CREATE TABLE d.t (a INT PRIMARY KEY); CREATE USER u; CREATE ROLE r; GRANT INSERT ON d.t TO r")
	c.sync()
	u := c.as(1, "u")
	u.want("SELECT * FROM d.t", "ERROR 1142")
	u.want("SELECT * FROM d.unknown", "ERROR 1142")
	u.want("USE d", "ERROR 1044")
	root.exec("GRANT SELECT ON d.t TO u; GRANT r TO u")
	c.sync()
	u.want("SELECT * FROM d.t", "none")
	u.want("INSERT INTO d.t VALUES (1)", "ERROR 1142")
	u.exec("SET ROLE r; INSERT INTO d.t VALUES (1)")
	root.exec("REVOKE r FROM u; REVOKE SELECT ON d.t FROM u")
	c.sync()
	u.want("INSERT INTO d.t VALUES (2)", "ERROR 1142")
	u.want("SELECT * FROM d.t", "ERROR 1142")
}

func TestTwoNodesChangeOneAccount(t *testing.T) {
	c := newCluster(t, 2, nil)
	root := c.session(0, "")
	root.exec("CREATE DATABASE d; CREATE USER u; CREATE TABLE d.t (a INT PRIMARY KEY)")
	c.sync()
	other := c.session(1, "")
	done := make(chan string, 1)
	go func() {
		var failed string
		for range 5 {
			for _, p := range []string{"INSERT", "UPDATE"} {
				if got := other.run("GRANT " + p + " ON d.* TO u"); strings.Contains(got, "ERROR") {
					failed = got
				}
			}
		}
		done <- failed
	}()
	for range 5 {
		root.exec("GRANT SELECT ON d.* TO u; GRANT DELETE ON d.t TO u")
	}
	if failed := <-done; failed != "" {
		t.Fatal(failed)
	}
	c.sync()
	root.want("SHOW GRANTS FOR u", "GRANT USAGE ON *.* TO `u`@`%`\nGRANT SELECT, INSERT, UPDATE ON `d`.* TO `u`@`%`\nGRANT DELETE ON `d`.`t` TO `u`@`%`")
}

// TestAccountsAreReadAsTheyAreDecided: an engine that nothing wakes shows what the ledger holds, not what it held when somebody looked last.
func TestAccountsAreReadAsTheyAreDecided(t *testing.T) {
	c := newCluster(t, 2, nil)
	root := c.session(0, "")
	root.exec("CREATE USER u; CREATE DATABASE d")
	c.sync()
	asleep, err := NewEngine(c.nodes[1].engine.options)
	if err != nil {
		t.Fatal(err)
	}
	session, err := asleep.NewSession(ConnInfo{User: "root", Host: "localhost", Account: Account{User: "root", Host: "%"}, CollationID: 255})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	reader := &testSession{t: t, Session: session}
	reader.want("SHOW GRANTS FOR u", "GRANT USAGE ON *.* TO `u`@`%`")
	root.exec("GRANT SELECT ON *.* TO u")
	c.sync()
	reader.want("SHOW GRANTS FOR u", "GRANT SELECT ON *.* TO `u`@`%`")
	root.exec("GRANT INSERT ON *.* TO u")
	c.sync()
	reader.want("SELECT PRIVILEGE_TYPE FROM information_schema.user_privileges WHERE GRANTEE = '''u''@''%''' ORDER BY 1", "INSERT\nSELECT")
	root.exec("CREATE USER definer; GRANT SELECT ON *.* TO definer; CREATE DEFINER = definer SQL SECURITY DEFINER VIEW d.v AS SELECT 1 AS one")
	c.sync()
	asleep.directory.enforced.Store(true)
	if _, err := session.AsDefiner("definer@%"); err != nil {
		t.Error(err)
	}
}

// TestAStatementOnAccountsIsOneRecord: whenever the node dies, all of its accounts are changed or none.
func TestAStatementOnAccountsIsOneRecord(t *testing.T) {
	c := newCluster(t, 1, nil)
	root := c.session(0, "")
	for _, test := range []struct {
		sql, want string
		records   int64
	}{
		{"CREATE USER a, b IDENTIFIED BY 'x', c", "ok", 1},
		{"CREATE ROLE r, s", "ok", 1},
		{"CREATE USER d, a, e", "ERROR 1396", 0},
		{"GRANT SELECT ON *.* TO a, b", "ok", 1},
		{"GRANT INSERT ON *.* TO a, nobody", "ERROR 1410", 0},
		{"GRANT r, s TO a, b", "ok", 1},
		{"RENAME USER a TO f, b TO g", "ok", 1},
		{"ALTER USER f, g ACCOUNT LOCK", "ok", 1},
		{"REVOKE r, s FROM f, g", "ok", 1},
		{"DROP USER f, nobody", "ERROR 1396", 0},
		{"DROP ROLE r, s", "ok", 1},
		{"DROP USER f, g, c", "ok", 1},
		{"DROP USER IF EXISTS f, g", "ok (2 warnings)", 1}, // a barrier: whether it is so still
	} {
		before := c.end()
		root.want(test.sql, test.want)
		if n := c.end() - before; n != test.records {
			t.Errorf("%s: %d records, want %d", test.sql, n, test.records)
		}
	}
	root.want("SELECT COUNT(*) FROM mysql.user", "0")
}

// TestNothingToDoIsSoOnAllNodes: what IF NOT EXISTS and IF EXISTS leave undone is left by what the log knows, not one node.
func TestNothingToDoIsSoOnAllNodes(t *testing.T) {
	c := newCluster(t, 2, nil)
	first, second := c.session(0, ""), c.session(1, "")
	first.exec("CREATE USER u")
	c.sync()
	for range 20 {
		first.exec("DROP USER u")
		second.exec("CREATE USER IF NOT EXISTS u")
		c.sync()
		first.want("SELECT COUNT(*) FROM mysql.user WHERE user = 'u'", "1")
	}
	for range 20 {
		second.exec("DROP USER IF EXISTS u")
		c.sync()
		first.exec("CREATE USER u")
		second.exec("DROP USER IF EXISTS u")
		c.sync()
		first.want("SELECT COUNT(*) FROM mysql.user WHERE user = 'u'", "0")
	}
}

// TestManyNodesChangeAccountsAtOnce: each statement counts once, whoever else changes accounts meanwhile.
func TestManyNodesChangeAccountsAtOnce(t *testing.T) {
	const nodes, statements = 3, 12
	c := newCluster(t, nodes, nil)
	c.session(0, "").exec("CREATE USER u")
	c.sync()
	var group sync.WaitGroup
	for node := range nodes {
		for session := range 2 {
			s := c.session(node, "")
			group.Go(func() {
				for i := range statements {
					name := fmt.Sprintf("%d_%d_%d", node, session, i)
					for _, sql := range []string{"CREATE USER a" + name + ", b" + name, "GRANT SELECT ON d" + name + ".* TO u, a" + name} {
						if got := s.run(sql); got != "ok" {
							t.Errorf("%s: %s", sql, got)
						}
					}
				}
			})
		}
	}
	group.Wait()
	c.sync()
	for node := range nodes {
		s := c.session(node, "")
		s.want("SELECT COUNT(*) FROM mysql.user", fmt.Sprint(1+2*2*nodes*statements))
		if got := strings.Count(s.run("SHOW GRANTS FOR u"), "GRANT SELECT"); got != 2*nodes*statements {
			t.Errorf("node %d: %d grants, want %d", node, got, 2*nodes*statements)
		}
	}
}

// TestAnAccountWithAllPaysNothing: the check of a plan allocates nothing for an account with all privileges.
func TestAnAccountWithAllPaysNothing(t *testing.T) {
	c := newCluster(t, 1, nil)
	root := c.session(0, "")
	root.exec("CREATE DATABASE d; CREATE TABLE d.t (a INT PRIMARY KEY); CREATE USER boss; GRANT ALL ON *.* TO boss WITH GRANT OPTION")
	boss := c.as(0, "boss")
	catalog := c.nodes[0].store.Catalog()
	bound, err := boss.engine.options.Planner.Plan(&dialect.Context{Catalog: catalog, Mode: dialect.DefaultSQLMode}, []byte("SELECT a FROM d.t WHERE a = 1"))
	if err != nil {
		t.Fatal(err)
	}
	if len(bound.Needs) == 0 {
		t.Fatal("the plan needs nothing")
	}
	n := testing.AllocsPerRun(100, func() {
		if err := boss.authorize(bound.Plan); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	c := newCluster(t, 1, nil)
	a := c.session(0, "")
	a.exec("CREATE USER u IDENTIFIED BY 'hidden'")
	a.activity.text = "SELECT 1; ALTER USER u IDENTIFIED BY 'hidden' REPLACE \"hidden\""
	if list := (serverInfo{a.Session}).Processes(); len(list) != 1 || list[0].Info != "SELECT 1; ALTER USER u IDENTIFIED BY <secret> REPLACE <secret>" {
		t.Errorf("the process list shows %+v", list)
	}
	for _, sql := range []string{"CREATE USER v IDENTIFIED BY 'hidden' NONSENSE", "SET PASSWORD FOR u = 'hidden' NONSENSE", "CREATE USER v IDENTIFIED 'hidden'",
		"ALTER USER u IDENTIFIED BY 'new' REPLACE 'hidden' 5", "CREATE USER v NONSENSE IDENTIFIED BY 'hidden'"} {
		if got := a.run(sql + "; SHOW WARNINGS"); strings.Contains(got, "hidden") {
			t.Errorf("%s: %s", sql, got)
		}
	}
}

func TestExpiredPasswordsLetNothingElseThrough(t *testing.T) {
	c := newCluster(t, 1, nil)
	c.session(0, "").exec("CREATE USER u IDENTIFIED BY 'x' PASSWORD EXPIRE")
	u := c.as(0, "u")
	u.want("SELECT 1", "ERROR 1820")
	u.want("USE mysql", "ERROR 1820")
	u.want("SHOW GRANTS", "ERROR 1820")
	u.exec("SET @a = 1")
	u.exec("ALTER USER CURRENT_USER() IDENTIFIED BY 'y'")
	u.want("SELECT 1", "1")
}
