package session

import (
	"strings"
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
