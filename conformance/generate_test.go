package conformance

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// generator makes statements of a grammar, by chance. All that it decides comes from a seed.
type generator struct {
	random *rand.Rand
	depth  int
	rows   int      // that were inserted: ids are the statements' own
	tables []source // whose columns expressions may name
}

// source is a table of a FROM clause, or what stands for one.
type source struct{ alias, table string }

// The kinds of expressions.
const (
	numberKind = iota
	textKind
	dateKind
	moodKind // a condition
	kinds
)

// columnsOf are the columns of the generated tables, by kind.
func columnsOf(table string, kind int) []string {
	lists := map[string][kinds][]string{
		"t1": {
			numberKind: {"id", "a", "b", "c", "d", "y", "p", "f"},
			textKind:   {"s", "ch", "e", "st", "tx"},
			dateKind:   {"g", "h"},
		},
		"t2": {numberKind: {"id", "t1_id", "v"}, textKind: {"w"}, dateKind: {"at"}},
		"t3": {numberKind: {"n", "m"}, textKind: {"k", "u"}, dateKind: {"day"}},
	}
	return lists[table][kind]
}

func newGenerator(seed uint64) *generator {
	return &generator{random: rand.New(rand.NewPCG(seed, 0xbeef))}
}

// setup makes the tables and their first rows.
func (g *generator) setup() []string {
	list := []string{
		`CREATE TABLE t1 (id INT PRIMARY KEY, a INT, b BIGINT UNSIGNED, c DECIMAL(10,3), d DOUBLE, s VARCHAR(20), ch CHAR(5), g DATE, h DATETIME(3), y YEAR,
  e ENUM('x','y','z'), st SET('p','q','r'), p TINYINT, tx TEXT, f FLOAT, i TIME, bl VARBINARY(10), KEY (a), KEY (s, a))`,
		"CREATE TABLE t2 (id INT PRIMARY KEY, t1_id INT, v INT NOT NULL DEFAULT 7, w VARCHAR(10), at DATETIME, UNIQUE KEY (w), KEY (t1_id))",
		"CREATE TABLE t3 (k VARCHAR(5) COLLATE utf8mb4_bin PRIMARY KEY, n DECIMAL(20,5), m SMALLINT UNSIGNED, u VARCHAR(10) CHARACTER SET latin1, day DATE)",
	}
	for i := range 9 {
		row := []string{fmt.Sprint(i + 1)}
		for _, make := range []func() string{g.integer, g.natural, g.decimal, g.float, g.text, g.short, g.date, g.moment, g.year, g.member, g.set, g.tiny, g.text, g.single, g.time, g.bytes} {
			row = append(row, g.orNull(make))
		}
		list = append(list, "INSERT INTO t1 VALUES ("+strings.Join(row, ", ")+")")
	}
	for i := range 7 {
		list = append(list, fmt.Sprintf("INSERT INTO t2 VALUES (%d, %s, %s, %s, %s)", i+1, g.orNull(func() string { return fmt.Sprint(1 + g.random.IntN(10)) }), g.integer(),
			g.orNull(func() string { return fmt.Sprintf("'w%d'", i) }), g.orNull(g.second)))
	}
	for _, k := range []string{"a", "A", "b", "é", "zz"} {
		list = append(list, fmt.Sprintf("INSERT INTO t3 VALUES ('%s', %s, %s, %s, %s)", k, g.orNull(g.decimal), g.orNull(g.year), g.orNull(g.ascii), g.orNull(g.date)))
	}
	return list
}

func (g *generator) one(list ...string) string { return list[g.random.IntN(len(list))] }

func (g *generator) chance(of int) bool { return g.random.IntN(of) == 0 }

func (g *generator) orNull(f func() string) string {
	if g.chance(6) {
		return "NULL"
	}
	return f()
}

// The literals.
func (g *generator) integer() string {
	return g.one("0", "1", "-1", "2", "3", "7", "42", "-100", "1000", "65535")
}
func (g *generator) natural() string { return g.one("0", "1", "2", "10", "4294967296", "99999999") }
func (g *generator) tiny() string    { return g.one("0", "1", "-1", "5", "127", "-128") }
func (g *generator) decimal() string {
	return g.one("0.000", "1.500", "-2.250", "3.333", "12345.678", "-0.001", "10.000")
}
func (g *generator) float() string  { return g.one("0", "0.5", "-1.25", "1e3", "2.5e-2", "100") }
func (g *generator) single() string { return g.one("0", "0.5", "-1.25", "16", "1024") }
func (g *generator) text() string {
	return g.one("''", "'a'", "'A'", "'abc'", "'b c'", "'12'", "'12abc'", "'-3.5'", "'é'", "'%'", "'x_y'", "'zebra'")
}
func (g *generator) short() string  { return g.one("'a'", "'B'", "'abc'", "'x y'", "'12'") }
func (g *generator) ascii() string  { return g.one("'a'", "'Z'", "'é'", "'12'", "''") }
func (g *generator) member() string { return g.one("'x'", "'y'", "'z'") }
func (g *generator) set() string    { return g.one("''", "'p'", "'p,q'", "'q,r'", "'r'") }
func (g *generator) year() string   { return g.one("1999", "2000", "2024", "1970") }
func (g *generator) date() string {
	return g.one("'2024-02-29'", "'1999-12-31'", "'2000-01-01'", "'2023-07-15'")
}
func (g *generator) second() string {
	return g.one("'2024-02-29 12:34:56'", "'1999-12-31 23:59:59'", "'2000-01-01 00:00:00'")
}
func (g *generator) moment() string {
	return g.one("'2024-02-29 12:34:56.789'", "'1999-12-31 23:59:59.999'", "'2000-01-01 00:00:00'")
}
func (g *generator) time() string {
	return g.one("'10:11:12'", "'-01:00:00'", "'100:00:00'", "'00:00:00'")
}
func (g *generator) bytes() string { return g.one("x'00ff'", "'abc'", "x'41'", "''") }

// column names a column of the kind, or is empty.
func (g *generator) column(kind int) string {
	if len(g.tables) == 0 || kind == moodKind {
		return ""
	}
	t := g.tables[g.random.IntN(len(g.tables))]
	list := columnsOf(t.table, kind)
	return t.alias + "." + g.one(list...)
}

// leaf is a column or a literal.
func (g *generator) leaf(kind int) string {
	if c := g.column(kind); c != "" && !g.chance(4) {
		return c
	}
	switch kind {
	case numberKind:
		return g.one(g.integer(), g.decimal(), g.integer(), "NULL")
	case textKind:
		return g.text()
	case dateKind:
		return "CAST(" + g.one(g.date(), g.second()) + " AS " + g.one("DATE", "DATETIME") + ")"
	}
	return g.one("TRUE", "FALSE", "NULL", "1")
}

const maxDepth = 3

// expression makes one of a kind.
func (g *generator) expression(kind int) string {
	if g.depth >= maxDepth || g.chance(3) {
		if kind != moodKind {
			return g.leaf(kind)
		}
	}
	g.depth++
	defer func() { g.depth-- }()
	switch kind {
	case numberKind:
		return g.number()
	case textKind:
		return g.string()
	case dateKind:
		return g.moveDate()
	}
	return g.condition()
}

func (g *generator) number() string {
	n := func() string { return g.expression(numberKind) }
	s := func() string { return g.expression(textKind) }
	switch g.random.IntN(24) {
	case 0, 1, 2:
		return "(" + n() + " " + g.one("+", "-") + " " + n() + ")"
	case 3:
		return "(" + n() + " * " + g.one("2", "3", "-1", "0.5") + ")"
	case 4:
		return "(" + n() + " " + g.one("/", "DIV", "%") + " " + g.one("2", "3", "7", "0") + ")"
	case 5:
		return g.one("ABS", "SIGN", "FLOOR", "CEIL", "ROUND") + "(" + n() + ")"
	case 6:
		return g.one("ROUND", "TRUNCATE") + "(" + n() + ", " + g.one("0", "1", "2", "-1") + ")"
	case 7:
		return g.one("LENGTH", "CHAR_LENGTH", "ASCII", "ORD", "BIT_LENGTH", "CRC32") + "(" + s() + ")"
	case 8:
		return g.one("LOCATE", "INSTR", "STRCMP") + "(" + s() + ", " + s() + ")"
	case 9:
		return g.one("YEAR", "MONTH", "DAY", "DAYOFWEEK", "DAYOFYEAR", "WEEK", "QUARTER", "TO_DAYS", "HOUR", "MINUTE") + "(" + g.expression(dateKind) + ")"
	case 10:
		return "DATEDIFF(" + g.expression(dateKind) + ", " + g.expression(dateKind) + ")"
	case 11:
		return "TIMESTAMPDIFF(" + g.one("DAY", "MONTH", "YEAR", "HOUR") + ", " + g.expression(dateKind) + ", " + g.expression(dateKind) + ")"
	case 12:
		return "IF(" + g.expression(moodKind) + ", " + n() + ", " + n() + ")"
	case 13:
		return g.one("COALESCE", "IFNULL", "NULLIF", "GREATEST", "LEAST") + "(" + n() + ", " + n() + ")"
	case 14:
		return "CASE WHEN " + g.expression(moodKind) + " THEN " + n() + " ELSE " + n() + " END"
	case 15:
		return "CASE " + n() + " WHEN " + n() + " THEN " + n() + " WHEN 1 THEN 2 END"
	case 16:
		return "CAST(" + n() + " AS " + g.one("SIGNED", "DECIMAL(12,2)", "DOUBLE", "CHAR") + ")"
	case 17:
		return "(" + g.expression(moodKind) + ")"
	case 18:
		return g.one("FIELD", "INTERVAL") + "(" + n() + ", 1, 2, 3)"
	case 19:
		return "(" + g.leaf(numberKind) + " " + g.one("&", "|", "^") + " " + g.one("1", "6", "255") + ")"
	case 20:
		return "-" + g.leaf(numberKind)
	case 21:
		return "FIND_IN_SET(" + s() + ", 'a,b,abc,12')"
	case 22:
		return "MOD(" + n() + ", " + g.one("2", "5", "-3") + ")"
	}
	if s := g.scalar(); s != "" {
		return s
	}
	return n()
}

// scalar is a subquery of one value, which may look at the tables around it.
func (g *generator) scalar() string {
	table := g.one("t1", "t2", "t3")
	outer := g.tables
	inner := source{fmt.Sprintf("q%d", g.depth), table}
	g.tables = append(append([]source{}, outer...), inner)
	defer func() { g.tables = outer }()
	own := g.one(columnsOf(table, numberKind)...)
	where := g.expression(moodKind)
	return fmt.Sprintf("(SELECT %s(%s.%s) FROM %s %s WHERE %s)", g.one("MAX", "MIN", "SUM", "COUNT"), inner.alias, own, table, inner.alias, where)
}

func (g *generator) string() string {
	s := func() string { return g.expression(textKind) }
	switch g.random.IntN(16) {
	case 0, 1:
		return "CONCAT(" + s() + ", " + s() + ")"
	case 2:
		return "CONCAT_WS('-', " + s() + ", " + g.expression(numberKind) + ", " + s() + ")"
	case 3:
		return g.one("UPPER", "LOWER", "TRIM", "REVERSE", "HEX", "LTRIM", "QUOTE") + "(" + s() + ")"
	case 4:
		return g.one("LEFT", "RIGHT", "REPEAT") + "(" + s() + ", " + g.one("0", "1", "2", "-1", "3") + ")"
	case 5:
		return "SUBSTRING(" + s() + ", " + g.one("1", "2", "-1", "0") + ", " + g.one("1", "2", "5") + ")"
	case 6:
		return "REPLACE(" + s() + ", 'a', " + g.text() + ")"
	case 7:
		return g.one("LPAD", "RPAD") + "(" + s() + ", " + g.one("3", "6", "0") + ", '*')"
	case 8:
		return "IF(" + g.expression(moodKind) + ", " + s() + ", " + s() + ")"
	case 9:
		return g.one("COALESCE", "IFNULL", "NULLIF", "GREATEST", "LEAST") + "(" + s() + ", " + s() + ")"
	case 10:
		return "DATE_FORMAT(" + g.expression(dateKind) + ", '" + g.one("%Y-%m-%d", "%W %M %e", "%H:%i:%s", "%j %u %y") + "')"
	case 11:
		return "CAST(" + g.expression(numberKind) + " AS CHAR)"
	case 12:
		return "CASE WHEN " + g.expression(moodKind) + " THEN " + s() + " ELSE " + s() + " END"
	case 13:
		return "SUBSTRING_INDEX(" + s() + ", " + g.one("' '", "'a'", "'_'") + ", " + g.one("1", "-1", "2") + ")"
	case 14:
		return "INSERT(" + s() + ", " + g.one("1", "2", "9") + ", 1, " + g.text() + ")"
	}
	return "ELT(" + g.leaf(numberKind) + ", " + s() + ", " + s() + ")"
}

func (g *generator) moveDate() string {
	d := func() string { return g.expression(dateKind) }
	switch g.random.IntN(5) {
	case 0:
		return "(" + d() + " " + g.one("+", "-") + " INTERVAL " + g.one("1", "30", "-2") + " " + g.one("DAY", "MONTH", "YEAR", "HOUR", "WEEK") + ")"
	case 1:
		return "LAST_DAY(" + d() + ")"
	case 2:
		return "DATE(" + d() + ")"
	case 3:
		return g.one("COALESCE", "IFNULL") + "(" + d() + ", " + d() + ")"
	}
	return "IF(" + g.expression(moodKind) + ", " + d() + ", " + d() + ")"
}

func (g *generator) condition() string {
	kind := g.random.IntN(moodKind)
	e := func() string { return g.expression(kind) }
	if g.depth > maxDepth {
		return g.leaf(kind) + " " + g.one("=", "<", ">=", "<=>") + " " + g.leaf(kind)
	}
	switch g.random.IntN(14) {
	case 0, 1, 2, 3:
		return "(" + e() + " " + g.one("=", "<", ">", "<=", ">=", "<>", "<=>") + " " + e() + ")"
	case 4:
		return "(" + e() + " IS " + g.one("", "NOT ") + "NULL)"
	case 5:
		return "(" + e() + " " + g.one("", "NOT ") + "BETWEEN " + e() + " AND " + e() + ")"
	case 6:
		return "(" + e() + " " + g.one("", "NOT ") + "IN (" + e() + ", " + e() + ", " + g.leaf(kind) + "))"
	case 7:
		return "(" + g.expression(textKind) + " " + g.one("", "NOT ") + "LIKE " + g.one("'a%'", "'%b%'", "'_'", "'%1_'", "'A%'", "''") + ")"
	case 8:
		return "(" + g.expression(moodKind) + " " + g.one("AND", "OR", "XOR") + " " + g.expression(moodKind) + ")"
	case 9:
		return "(NOT " + g.expression(moodKind) + ")"
	case 10:
		return "(" + g.expression(moodKind) + " IS " + g.one("", "NOT ") + g.one("TRUE", "FALSE", "UNKNOWN") + ")"
	case 11:
		return "(" + g.expression(textKind) + " " + g.one("REGEXP", "NOT REGEXP") + " " + g.one("'^a'", "'[0-9]+'", "'b|c'") + ")"
	case 12:
		return g.exists()
	}
	return "(" + e() + " = " + e() + ")"
}

// exists is a condition with a subquery of rows.
func (g *generator) exists() string {
	table := g.one("t1", "t2", "t3")
	outer := g.tables
	inner := source{fmt.Sprintf("x%d", g.depth), table}
	g.tables = append(append([]source{}, outer...), inner)
	where := g.expression(moodKind)
	g.tables = outer
	own := inner.alias + "." + g.one(columnsOf(table, numberKind)...)
	switch g.random.IntN(3) {
	case 0:
		return fmt.Sprintf("%sEXISTS (SELECT 1 FROM %s %s WHERE %s)", g.one("", "NOT "), table, inner.alias, where)
	case 1:
		return fmt.Sprintf("(%s %s (SELECT %s FROM %s %s WHERE %s))", g.leaf(numberKind), g.one("IN", "NOT IN"), own, table, inner.alias, where)
	}
	return fmt.Sprintf("(%s %s %s (SELECT %s FROM %s %s WHERE %s))", g.leaf(numberKind), g.one("=", "<", ">="), g.one("ANY", "ALL"), own, table, inner.alias, where)
}
