package dialect

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"marmot/txn"
)

// TestChinookAnswersAsMySQL loads the Chinook database and compares queries with MySQL's answers.
func TestChinookAnswersAsMySQL(t *testing.T) {
	const dir = "../e2e/testdata/chinook/"
	script, err := os.ReadFile(dir + "Chinook_MySql.sql")
	if err != nil {
		t.Fatal(err)
	}
	e := newEngine(t)
	rest := script
	for len(rest) > 0 {
		var first []byte
		if first, rest, err = Split(rest, e.w.c.Mode); err != nil {
			t.Fatal(err)
		}
		if len(first) > 0 {
			e.must(string(first))
		}
	}
	queries, err := os.ReadFile(dir + "queries.sql")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(queries)) {
		n++
		sql := strings.TrimSuffix(strings.TrimSpace(line), ";")
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			a := e.run(sql, nil)
			if a.err != nil {
				t.Fatalf("%s\n%v", sql, a.err)
			}
			want, err := os.ReadFile(fmt.Sprintf("%sanswers/%02d.tsv", dir, n))
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, c := range a.columns {
				names = append(names, c.Name)
			}
			lines := append([]string{strings.Join(names, "|")}, rowLines(a.rows)...)
			got := strings.ReplaceAll(strings.Join(lines, "\n")+"\n", "|", "\t")
			if got != string(want) {
				t.Errorf("%s\ngot:\n%s\nwant:\n%s", sql, got, want)
			}
		})
	}
}

// TestShop runs the demonstration's script and reads what it left.
func TestShop(t *testing.T) {
	script, err := os.ReadFile("../demo/shop.sql")
	if err != nil {
		t.Fatal(err)
	}
	e := newEngine(t)
	for rest := script; len(rest) > 0; {
		var first []byte
		if first, rest, err = Split(rest, e.w.c.Mode); err != nil {
			t.Fatal(err)
		}
		if len(first) > 0 {
			e.must(string(first))
		}
	}
	for _, c := range []struct{ sql, want string }{
		{"SELECT * FROM turnover ORDER BY total", "Ada Lovelace|1|54.80\nKurt Gödel|1|64.00"},
		{"SELECT sku, stock FROM product ORDER BY sku", "CUP-0001|56\nPOT-0001|7\nTEA-0001|38\nTEA-0002|25"},
		{"SELECT id, state FROM orders ORDER BY id", "1|open\n2|sent"},
		{"DELETE FROM product WHERE sku = 'pot-0001'", "ERROR 1451 (23000): Cannot delete or update a parent row: a foreign key constraint fails (`shop`.`order_line`, CONSTRAINT `line_product` FOREIGN KEY (`sku`) REFERENCES `product` (`sku`))"},
		{"DELETE FROM orders WHERE id = 2", "affected 1"},
		{"SELECT COUNT(*) FROM order_line", "2"},
	} {
		if got := e.run(c.sql, nil).text(); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.sql, got, c.want)
		}
	}
}

// TestSysbenchStatements prepares and runs the statements of sysbench's oltp scripts.
func TestSysbenchStatements(t *testing.T) {
	e := newEngine(t)
	e.must("CREATE TABLE sbtest1(id INTEGER NOT NULL AUTO_INCREMENT, k INTEGER DEFAULT '0' NOT NULL, c CHAR(120) DEFAULT '' NOT NULL, pad CHAR(60) DEFAULT '' NOT NULL, PRIMARY KEY (id)) /*! ENGINE = innodb */")
	e.must("INSERT INTO sbtest1(k, c, pad) VALUES(5, 'c1', 'p1'),(6, 'c2', 'p2'),(7, 'c2', 'p3')")
	e.must("CREATE INDEX k_1 ON sbtest1(k)")
	n := func(list ...int64) []txn.Value {
		var out []txn.Value
		for _, i := range list {
			out = append(out, txn.Int(i))
		}
		return out
	}
	for _, c := range []struct {
		sql  string
		args []txn.Value
		want string
	}{
		{"SELECT c FROM sbtest1 WHERE id=?", n(2), "c2"},
		{"SELECT c FROM sbtest1 WHERE id BETWEEN ? AND ?", n(1, 2), "c1\nc2"},
		{"SELECT SUM(k) FROM sbtest1 WHERE id BETWEEN ? AND ?", n(1, 3), "18"},
		{"SELECT c FROM sbtest1 WHERE id BETWEEN ? AND ? ORDER BY c", n(1, 3), "c1\nc2\nc2"},
		{"SELECT DISTINCT c FROM sbtest1 WHERE id BETWEEN ? AND ? ORDER BY c", n(1, 3), "c1\nc2"},
		{"UPDATE sbtest1 SET k=k+1 WHERE id=?", n(2), "affected 1"},
		{"UPDATE sbtest1 SET c=? WHERE id=?", []txn.Value{txn.TextString("new"), txn.Int(2)}, "affected 1"},
		{"DELETE FROM sbtest1 WHERE id=?", n(2), "affected 1"},
		{"INSERT INTO sbtest1 (id, k, c, pad) VALUES (?, ?, ?, ?)", []txn.Value{txn.Int(2), txn.Int(9), txn.TextString("x"), txn.TextString("y ")}, "affected 1"},
		{"SELECT * FROM sbtest1 WHERE id=?", n(2), "2|9|x|y"},
	} {
		if got := e.run(c.sql, c.args).text(); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.sql, got, c.want)
		}
	}
}

func rowLines(rows [][]*string) []string {
	list := make([]string, 0, len(rows))
	for _, row := range rows {
		var parts []string
		for _, v := range row {
			if v == nil {
				parts = append(parts, "NULL")
			} else {
				parts = append(parts, *v)
			}
		}
		list = append(list, strings.Join(parts, "|"))
	}
	return list
}
