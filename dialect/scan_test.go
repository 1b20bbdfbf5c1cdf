package dialect

import (
	"testing"

	"marmot/schemas"
	"marmot/txn"
)

// TestScansKnowTheirKeys checks which scans are lookups of one unique value.
func TestScansKnowTheirKeys(t *testing.T) {
	e := newEngine(t)
	e.must("CREATE TABLE p (a INT, b VARCHAR(10), c INT, PRIMARY KEY (a, b), UNIQUE KEY c (c))")
	table := e.w.c.Catalog.Table("difft", "p")
	pair, _ := table.KeyOfUnique(table.Primary, []txn.Value{txn.Int(1), txn.TextString("x")})
	seven, _ := table.KeyOfUnique(&table.Indexes[0], []txn.Value{txn.Int(7)})
	for _, c := range []struct {
		sql    string
		key    uint64 // 0: any row
		target bool
	}{
		{"SELECT * FROM p WHERE a = 1 AND b = 'x'", pair, false},
		{"SELECT * FROM p WHERE b = 'X' AND 1 = a AND c > 3", pair, false},
		{"SELECT * FROM p WHERE c = 7", seven, false},
		{"SELECT * FROM p WHERE c = '7'", seven, false},
		{"SELECT * FROM p WHERE c = '7x'", 0, false},
		{"SELECT * FROM p WHERE c = 7.5", 0, false},
		{"SELECT * FROM p WHERE a = 1", 0, false},
		{"SELECT * FROM p WHERE a = 1 AND b = 5", 0, false},
		{"SELECT * FROM p WHERE c = 7 OR a = 1", 0, false},
		{"SELECT * FROM p WHERE c = -(-7)", seven, false},
		{"SELECT * FROM p WHERE c = NULL", 0, false},
		{"UPDATE p SET b = 'z' WHERE c = 7", seven, true},
		{"DELETE FROM p WHERE a = 1 AND b = 'x'", pair, true},
	} {
		bound, err := e.planner.Plan(&e.w.c, []byte(c.sql))
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		var scans []Scan
		if bound.Query != nil {
			scans = bound.Query.Scans
		} else {
			scans = bound.Write.Scans
		}
		if len(scans) != 1 || scans[0].Target != c.target {
			t.Errorf("%s: scans %+v", c.sql, scans)
			continue
		}
		key, ok, err := scans[0].Key(testEnvironment{e}, Binding{Literals: bound.Literals})
		if err != nil || ok != (c.key != 0) || ok && key != c.key {
			t.Errorf("%s: key %x, %v, %v; want %x", c.sql, key, ok, err, c.key)
		}
	}
}

func TestLockingReadHandsOverItsRows(t *testing.T) {
	e := newEngine(t)
	e.must("CREATE TABLE a (id INT PRIMARY KEY, v INT)")
	e.must("CREATE TABLE h (v INT)")
	e.must("INSERT INTO a VALUES (1, 10), (2, 20), (3, 30)")
	e.must("INSERT INTO h VALUES (10), (40)")
	for _, c := range []struct{ sql, want string }{
		{"SELECT v FROM a WHERE id > 1 ORDER BY id DESC LIMIT 1 FOR UPDATE", "a(3,30)"},
		{"SELECT COUNT(*) FROM a WHERE v < 25 FOR SHARE", "a(1,10) a(2,20)"},
		{"SELECT a.id FROM a LEFT JOIN h ON h.v = a.v WHERE a.id < 3 ORDER BY a.id FOR UPDATE SKIP LOCKED", "a(1,10) h(10,4611686018427387905) a(2,20)"},
	} {
		bound, err := e.planner.Plan(&e.w.c, []byte(c.sql))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		err = bound.Query.LockedRows(e, testEnvironment{e}, Binding{Literals: bound.Literals}, func(_ RowLock, table *schemas.Table, values []txn.Value) error {
			if got != "" {
				got += " "
			}
			got += table.Name + "("
			for i, v := range values {
				if i > 0 {
					got += ","
				}
				got += v.String()
			}
			got += ")"
			return nil
		})
		if err != nil || got != c.want {
			t.Errorf("%s: %s, %v; want %s", c.sql, got, err, c.want)
		}
		if bound.Query.Lock == LockNone {
			t.Errorf("%s takes no lock", c.sql)
		}
	}
}

func TestPassthroughIsReadOnly(t *testing.T) {
	e := newEngine(t)
	e.must("CREATE TABLE a (id INT PRIMARY KEY, v INT)")
	e.must("INSERT INTO a VALUES (1, 10), (2, 20)")
	for _, c := range []struct{ sql, want string }{
		{"/*sqlite*/ SELECT id, v * 2 AS w FROM a ORDER BY id", "1|20\n2|40"},
		{"/*sqlite*/ WITH x AS (SELECT 1 AS n, 2 AS m) SELECT json_array(n, m) FROM x", "[1,2]"},
		{"/*sqlite*/ DELETE FROM a", "ERROR 1235 (42000): /*sqlite*/ takes SELECT only"},
		{"/*sqlite*/ WITH x AS (SELECT 1) DELETE FROM a", "ERROR 1235 (42000): /*sqlite*/ takes SELECT only"},
		{"/*sqlite*/ SELECT * FROM a", "ERROR 1235 (42000): /*sqlite*/ wants each column written out in place of *"},
	} {
		if got := e.run(c.sql, nil).text(); got != c.want {
			t.Errorf("%s: %s, want %s", c.sql, got, c.want)
		}
	}
}
