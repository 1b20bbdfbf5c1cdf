package session

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"marmot/log"
	"marmot/txn"
)

// definitions tells of the DDL records that the log has: the text, what it changes and names, and the modes of its keys.
func (c *testCluster) definitions() []string {
	c.t.Helper()
	l := c.nodes[0].log
	var list []string
	_, end, err := l.Bounds(c.t.Context(), log.Order)
	if err != nil {
		c.t.Fatal(err)
	}
	for at := int64(0); at < end; {
		entries, err := l.Read(c.t.Context(), log.Order, at, 1<<20)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, entry := range entries {
			at = entry.Offset + 1
			r, err := txn.DecodeRecord(entry.Value)
			if err != nil {
				c.t.Fatal(err)
			}
			d, ok := r.Body.(*txn.DDL)
			if !ok {
				continue
			}
			body, err := log.Definition(c.t.Context(), l, d)
			if err != nil {
				c.t.Fatal(err)
			}
			text := fmt.Sprintf("%s: %d changes", body.Text, len(body.Changes))
			for _, n := range body.Named {
				text += " " + strings.TrimSuffix(n.Database+"."+n.Name, ".")
			}
			for _, k := range d.Keys {
				text += " " + k.Mode.String()
			}
			list = append(list, text)
		}
	}
	return list
}

func TestStatementsThatFindNothingToDoAreInTheLogAsInMySQLs(t *testing.T) {
	c := newCluster(t, 1, nil)
	s := c.session(0, "")
	s.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY, n INT) PARTITION BY HASH (id) PARTITIONS 2; CREATE VIEW v AS SELECT 1")
	s.exec("CREATE PROCEDURE p() SELECT 1")
	before := len(c.definitions())
	for _, test := range []struct{ sql, want string }{
		{"DROP TABLE IF EXISTS a, x.b", "DROP TABLE IF EXISTS a, x.b: 0 changes d.a x.b read read"},
		{"/* before */ DROP VIEW IF EXISTS a -- behind", "DROP VIEW IF EXISTS a: 0 changes d.a read"},
		{"DROP PROCEDURE IF EXISTS q", "DROP PROCEDURE IF EXISTS q: 0 changes d.q read"},
		{"DROP EVENT IF EXISTS q", "DROP EVENT IF EXISTS q: 0 changes d.q read"},
		{"DROP TRIGGER IF EXISTS q", "DROP TRIGGER IF EXISTS q: 0 changes d.q read"},
		{"DROP DATABASE IF EXISTS x", "DROP DATABASE IF EXISTS x: 0 changes x read"},
		{"CREATE DATABASE IF NOT EXISTS d", "CREATE DATABASE IF NOT EXISTS d: 0 changes d read"},
		{"CREATE TABLE IF NOT EXISTS t (id INT)", "CREATE TABLE IF NOT EXISTS t (id INT): 0 changes d.t read"},
		{"CREATE TABLE IF NOT EXISTS t SELECT 1", ""},
		{"CREATE VIEW IF NOT EXISTS v AS SELECT 2", "CREATE VIEW IF NOT EXISTS v AS SELECT 2: 0 changes d.v read"},
		{"CREATE PROCEDURE IF NOT EXISTS p() SELECT 2", "CREATE DEFINER=`root`@`%` PROCEDURE IF NOT EXISTS p() SELECT 2: 0 changes d.p read"},
		{"CREATE EVENT e ON SCHEDULE AT '2001-01-01 00:00:00' DO SELECT 1", ""},
		{"DROP TEMPORARY TABLE IF EXISTS a", ""},
		{"CREATE TEMPORARY TABLE tmp (id INT)", ""},
		{"CREATE TEMPORARY TABLE IF NOT EXISTS tmp (id INT)", ""},
		{"ALTER TABLE tmp FORCE", ""},
		{"DROP TABLE IF EXISTS tmp", ""},
		{"CREATE TEMPORARY TABLE tmp (id INT)", ""},
		{"DROP TABLE IF EXISTS tmp, a", "DROP TABLE IF EXISTS tmp, a: 0 changes d.a read"},
		{"ALTER TABLE t", "ALTER TABLE t: 1 changes"},
		{"ALTER TABLE t FORCE", "ALTER TABLE t FORCE: 1 changes"},
		{"ALTER TABLE t DISABLE KEYS", "ALTER TABLE t DISABLE KEYS: 1 changes"},
		{"ALTER TABLE t ANALYZE PARTITION ALL", "ALTER TABLE t ANALYZE PARTITION ALL: 1 changes"},
		{"ALTER TABLE t CHECK PARTITION ALL", ""},
		{"ALTER TABLE t ANALYZE PARTITION LOCAL ALL", ""},
		{"FLUSH TABLES", "FLUSH TABLES: 0 changes"},
		{"FLUSH TABLE t", "FLUSH TABLE t: 0 changes"},
		{"FLUSH NO_WRITE_TO_BINLOG TABLES", ""},
		{"FLUSH STATUS, RELAY LOGS", "FLUSH STATUS, RELAY LOGS: 0 changes"},
		{"FLUSH USER_RESOURCES", "FLUSH USER_RESOURCES: 0 changes"},
		{"FLUSH BINARY LOGS", ""},
		{"FLUSH LOGS", ""},
		{"ANALYZE TABLE t, a", "ANALYZE TABLE t, a: 0 changes"},
		{"ANALYZE LOCAL TABLE t", ""},
		{"CHECK TABLE t", ""},
		{"OPTIMIZE TABLE t", "OPTIMIZE TABLE t: 0 changes"},
		{"ANALYZE TABLE t UPDATE HISTOGRAM ON n", "ANALYZE TABLE t UPDATE HISTOGRAM ON n: 0 changes"},
	} {
		s.exec(test.sql)
		all := c.definitions()
		var want []string
		if test.want != "" {
			want = []string{test.want}
		}
		if got := all[before:]; !slices.Equal(got, want) {
			t.Errorf("%s: the log has %q, want %q", test.sql, got, want)
		}
		before = len(all)
	}
}

func TestStatementsOfTheServerCommitWhatIsOpen(t *testing.T) {
	c := newCluster(t, 1, nil)
	s := c.session(0, "")
	s.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY)")
	for i, sql := range []string{"FLUSH TABLES", "FLUSH LOCAL STATUS", "ANALYZE TABLE t", "CHECK TABLE t", "DROP TABLE IF EXISTS a"} {
		s.exec(fmt.Sprintf("BEGIN; INSERT INTO t VALUES (%d)", i))
		s.exec(sql)
		s.exec("ROLLBACK")
		s.want("SELECT COUNT(*) FROM t", fmt.Sprint(i+1))
	}
}

func TestTablesUnderALockAreAlteredWithoutChanges(t *testing.T) {
	c := newCluster(t, 2, nil)
	s, other := c.session(0, ""), c.session(1, "")
	s.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY)")
	s.exec("LOCK TABLES t WRITE; ALTER TABLE t DISABLE KEYS; INSERT INTO t VALUES (1), (2); ALTER TABLE t ENABLE KEYS; UNLOCK TABLES")
	c.sync()
	other.want("SELECT COUNT(*) FROM d.t", "2")
	other.want("INSERT INTO d.t VALUES (3)", "ok 1")
}
