package dialect

import (
	"fmt"
	"strings"
	"testing"
)

// TestLongStatements: conditions and set operations of thousands of terms stay within SQLite's limits.
func TestLongStatements(t *testing.T) {
	e := newEngine(t)
	e.must("CREATE TABLE t (id INT PRIMARY KEY, a INT)")
	e.must("INSERT INTO t VALUES (1, 1), (2, 2999), (3, 5000)")
	terms := func(n int, format, separator string) string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf(format, i)
		}
		return strings.Join(list, separator)
	}
	for _, c := range []struct{ name, sql, want string }{
		{"or", "SELECT id FROM t WHERE " + terms(3000, "a = %d", " OR ") + " ORDER BY id", "1\n2"},
		{"and", "SELECT id FROM t WHERE " + terms(3000, "a <> %d", " AND "), "3"},
		{"union all", "SELECT COUNT(*), SUM(x) FROM (" + terms(1500, "SELECT %d AS x", " UNION ALL ") + ") u", "1500|1124250"},
		{"union", "SELECT COUNT(*) FROM (" + terms(1500, "SELECT %d %% 7 AS x", " UNION ") + ") u", "7"},
		{"columns", "CREATE TABLE w (" + terms(1018, "c%d INT", ", ") + ")", "ERROR 1117 (HY000): Too many columns"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := e.run(c.sql, nil).text(); got != c.want {
				t.Errorf("got %.200s, want %s", got, c.want)
			}
		})
	}
}

// TestLongLiterals: a literal may be as long as a packet.
func TestLongLiterals(t *testing.T) {
	e := newEngine(t)
	text := strings.Repeat("ab", 9<<20)
	if got := e.run("SELECT LENGTH('"+text+"'), LENGTH(CONCAT(_binary'"+text+"', 'c'))", nil).text(); got != "18874368|18874369" {
		t.Errorf("lengths %.200s, want 18874368 and 18874369", got)
	}
}

// TestExpressionsThatDouble: functions that use an argument twice make a text that doubles with each level.
func TestExpressionsThatDouble(t *testing.T) {
	e := newEngine(t)
	e.must("CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(10))")
	for _, open := range []string{"HEX(", "IFNULL(NULL, ", "REVERSE(", "LEFT(a, ", "IF(a, a, ", "COALESCE(a, ", "GREATEST('b', ", "NULLIF('b', ", "CONCAT(a, ", "TRIM("} {
		sql := "SELECT " + strings.Repeat(open, 60) + "a" + strings.Repeat(")", 60) + " FROM t"
		if got := e.run(sql, nil).text(); got != "" && !strings.HasPrefix(got, "ERROR 3170 (") {
			t.Errorf("60 times %s: %.200s", open, got)
		}
	}
}
