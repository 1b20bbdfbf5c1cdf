package conformance

import (
	"fmt"
	"strings"
)

// statement makes one statement that writes, or a query.
func (g *generator) statement() string {
	g.tables, g.depth = nil, 0
	if g.chance(4) {
		return g.write()
	}
	return g.query()
}

// query makes a SELECT whose rows have one order, or that is compared without one.
func (g *generator) query() string {
	switch g.random.IntN(10) {
	case 0, 1:
		return g.grouped()
	case 2:
		return g.united()
	case 3:
		return g.windowed()
	case 4:
		return g.withCTE()
	}
	from, ordered := g.from()
	list := g.selectList(2 + g.random.IntN(3))
	sql := "SELECT " + g.one("", "", "DISTINCT ") + list + " FROM " + from
	if !g.chance(4) {
		sql += " WHERE " + g.expression(moodKind)
	}
	if !strings.HasPrefix(sql, "SELECT DISTINCT") && g.chance(3) {
		sql += " ORDER BY " + g.one("", g.expression(g.random.IntN(moodKind))+g.one(" DESC, ", ", ")) + ordered
		if g.chance(2) {
			sql += g.one(" LIMIT 3", " LIMIT 2, 4", " LIMIT 5 OFFSET 1")
		}
	}
	return sql
}

func (g *generator) selectList(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("%s AS c%d", g.expression(g.random.IntN(kinds)), i+1)
	}
	return strings.Join(list, ", ")
}

// from makes a FROM clause, and what orders its rows wholly.
func (g *generator) from() (clause, order string) {
	switch g.random.IntN(7) {
	case 0:
		g.tables = []source{{"t1", "t1"}, {"t2", "t2"}}
		return "t1 " + g.one("JOIN", "LEFT JOIN", "INNER JOIN") + " t2 ON " + g.one("t2.t1_id = t1.id", "t1.id = t2.t1_id AND t2.v > 0"), "t1.id, t2.id"
	case 1:
		g.tables = []source{{"t2", "t2"}, {"x", "t1"}}
		return "t2 RIGHT JOIN t1 x ON x.id = t2.t1_id", "x.id, t2.id"
	case 2:
		g.tables = []source{{"a", "t2"}, {"b", "t2"}}
		return "t2 a, t2 b", "a.id, b.id"
	case 3:
		g.tables = []source{{"t3", "t3"}}
		return "t3", "t3.k"
	case 4:
		g.tables = []source{{"d", "t2"}}
		return "(SELECT * FROM t2 WHERE v " + g.one(">", "<=") + " " + g.integer() + ") d", "d.id"
	case 5:
		g.tables = []source{{"t2", "t2"}}
		return "t2", "t2.id"
	}
	g.tables = []source{{"t1", "t1"}}
	return "t1", "t1.id"
}

func (g *generator) aggregate() string {
	n := g.expression(numberKind)
	switch g.random.IntN(8) {
	case 0:
		return "COUNT(*)"
	case 1:
		return "COUNT(DISTINCT " + n + ")"
	case 2:
		return "SUM(" + n + ")"
	case 3:
		return "AVG(" + g.leaf(numberKind) + ")"
	case 4:
		return g.one("MIN", "MAX") + "(" + g.expression(g.random.IntN(moodKind)) + ")"
	case 5:
		return "COUNT(" + g.expression(textKind) + ")"
	case 6:
		return g.one("BIT_AND", "BIT_OR", "BIT_XOR") + "(" + g.leaf(numberKind) + ")"
	}
	s := g.leaf(textKind)
	return "GROUP_CONCAT(" + g.one("", "DISTINCT ") + s + " ORDER BY " + s + " SEPARATOR '/')"
}

func (g *generator) grouped() string {
	from, _ := g.from()
	key := g.leaf(g.random.IntN(moodKind))
	if g.chance(3) {
		key = g.expression(numberKind)
	}
	if !strings.ContainsAny(key, ".(") { // a literal would be a column's number
		key = "(" + key + ")"
	}
	sql := fmt.Sprintf("SELECT %s AS gk, %s AS gx, %s AS gy FROM %s", key, g.aggregate(), g.aggregate(), from)
	if g.chance(3) {
		sql += " WHERE " + g.expression(moodKind)
	}
	sql += " GROUP BY gk"
	if g.chance(5) {
		return sql + " WITH ROLLUP"
	}
	if g.chance(3) {
		sql += " HAVING " + g.one("gx IS NOT NULL", "COUNT(*) > 1", "gy > 1", "MAX("+g.leaf(numberKind)+") > 0")
	}
	return sql
}

func (g *generator) united() string {
	kind := g.random.IntN(moodKind)
	part := func() string {
		from, _ := g.from()
		return "SELECT " + g.expression(kind) + " AS u, " + g.expression(numberKind) + " AS v FROM " + from + " WHERE " + g.expression(moodKind)
	}
	return part() + " " + g.one("UNION", "UNION ALL", "EXCEPT", "INTERSECT", "UNION DISTINCT") + " " + part()
}

func (g *generator) windowed() string {
	from, ordered := g.from()
	over := "(" + g.one("", "PARTITION BY "+g.leaf(numberKind)+" ") + "ORDER BY " + ordered + g.one("", " ROWS BETWEEN 1 PRECEDING AND CURRENT ROW", " ROWS UNBOUNDED PRECEDING") + ")"
	function := g.one("ROW_NUMBER()", "RANK()", "DENSE_RANK()", "SUM("+g.leaf(numberKind)+")", "COUNT(*)", "LAG("+g.leaf(numberKind)+", 1)", "LEAD("+g.leaf(textKind)+")",
		"FIRST_VALUE("+g.leaf(textKind)+")", "NTILE(3)", "MAX("+g.leaf(numberKind)+")")
	return "SELECT " + ordered + ", " + function + " OVER " + over + " AS w FROM " + from
}

func (g *generator) withCTE() string {
	if g.chance(3) {
		g.tables = nil
		return "WITH RECURSIVE r (n, s) AS (SELECT " + g.one("0", "1") + ", CAST('' AS CHAR(50)) UNION ALL SELECT n + 1, CONCAT(s, n) FROM r WHERE n < " + g.one("3", "7") +
			") SELECT n, s, " + g.expression(numberKind) + " AS x FROM r ORDER BY n"
	}
	from, _ := g.from()
	inner := "SELECT " + g.expression(numberKind) + " AS p, " + g.expression(textKind) + " AS q FROM " + from + " WHERE " + g.expression(moodKind)
	return "WITH c AS (" + inner + ") SELECT p, COUNT(*), MAX(q) FROM c GROUP BY p"
}

// id is one that no row has.
func (g *generator) id() int {
	g.rows += 20
	return g.rows
}

// write makes a statement that changes rows.
func (g *generator) write() string {
	switch g.random.IntN(9) {
	case 0:
		return fmt.Sprintf("INSERT INTO t2 (id, t1_id, v, w) VALUES (%d, %s, %s, %s), (%d, %s, DEFAULT, NULL)", g.id(), g.integer(), g.expression(numberKind), g.text(), g.id(), g.expression(numberKind))
	case 1:
		g.tables = []source{{"t1", "t1"}}
		return fmt.Sprintf("INSERT INTO t2 (id, t1_id, v) SELECT id + %d, id, ", g.id()) + g.expression(numberKind) + " FROM t1 WHERE " + g.expression(moodKind) + " ORDER BY id"
	case 2:
		return fmt.Sprintf("INSERT INTO t3 (k, n) VALUES (%s, %s) ON DUPLICATE KEY UPDATE n = VALUES(n) + 1, u = %s", g.one("'a'", "'b'", "'new'", "'B'"), g.expression(numberKind), g.ascii())
	case 3:
		return fmt.Sprintf("REPLACE INTO t3 VALUES (%s, %s, %s, %s, %s)", g.one("'a'", "'zz'", "'q'"), g.expression(numberKind), g.year(), g.ascii(), g.date())
	case 4:
		g.tables = []source{{"t1", "t1"}}
		return fmt.Sprintf("UPDATE t1 SET %s = %s, s = %s WHERE %s", g.one("a", "c", "d", "p"), g.expression(numberKind), g.expression(textKind), g.expression(moodKind))
	case 5:
		g.tables = []source{{"t2", "t2"}}
		return fmt.Sprintf("UPDATE IGNORE t2 SET v = %s WHERE %s ORDER BY id LIMIT 3", g.expression(numberKind), g.expression(moodKind))
	case 6:
		g.tables = []source{{"t2", "t2"}}
		return fmt.Sprintf("DELETE FROM t2 WHERE %s ORDER BY id LIMIT 2", g.expression(moodKind))
	case 7:
		g.tables = []source{{"t1", "t1"}, {"t2", "t2"}}
		return fmt.Sprintf("UPDATE t1 JOIN t2 ON t2.t1_id = t1.id SET t1.a = %s, t2.v = %s WHERE %s", g.expression(numberKind), g.expression(numberKind), g.expression(moodKind))
	}
	g.tables = []source{{"t1", "t1"}}
	return fmt.Sprintf("UPDATE t1 SET g = %s, h = %s WHERE id = %s", g.expression(dateKind), g.expression(dateKind), g.integer())
}
