package expression

import (
	"strings"
	"testing"

	"marmot/schemas"
	"marmot/store/sqlite"
	"marmot/txn"

	"vitess.io/vitess/go/vt/sqlparser"
)

// testTable is the table of the scripts: one column of each kind, named after it.
func testTable() *schemas.Table {
	str := func(kind schemas.Kind, n int, collation string) schemas.Type {
		return schemas.Type{Kind: kind, Length: n, Charset: "utf8mb4", Collation: collation}
	}
	list := []schemas.Column{
		{Name: "id", Type: schemas.Type{Kind: schemas.Int, Decimals: 0}},
		{Name: "ti", Type: schemas.Type{Kind: schemas.TinyInt}},
		{Name: "i", Type: schemas.Type{Kind: schemas.Int}},
		{Name: "ui", Type: schemas.Type{Kind: schemas.Int, Unsigned: true}},
		{Name: "b", Type: schemas.Type{Kind: schemas.BigInt}},
		{Name: "ub", Type: schemas.Type{Kind: schemas.BigInt, Unsigned: true}},
		{Name: "dec", Type: schemas.Type{Kind: schemas.Decimal, Length: 10, Decimals: 2}},
		{Name: "f", Type: schemas.Type{Kind: schemas.Float, Decimals: -1}},
		{Name: "d", Type: schemas.Type{Kind: schemas.Double, Decimals: -1}},
		{Name: "v", Type: str(schemas.VarChar, 20, "utf8mb4_0900_ai_ci")},
		{Name: "vb", Type: str(schemas.VarChar, 20, "utf8mb4_bin")},
		{Name: "g", Type: str(schemas.VarChar, 20, "utf8mb4_general_ci")},
		{Name: "bin", Type: schemas.Type{Kind: schemas.VarBinary, Length: 20}},
		{Name: "dt", Type: schemas.Type{Kind: schemas.DateTime}},
		{Name: "dt3", Type: schemas.Type{Kind: schemas.DateTime, Decimals: 3}},
		{Name: "da", Type: schemas.Type{Kind: schemas.Date}},
		{Name: "t", Type: schemas.Type{Kind: schemas.Time}},
		{Name: "ts", Type: schemas.Type{Kind: schemas.Timestamp}},
		{Name: "y", Type: schemas.Type{Kind: schemas.Year}},
		{Name: "e", Type: schemas.Type{Kind: schemas.Enum, Members: []string{"small", "medium", "large"}, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}},
		{Name: "s", Type: schemas.Type{Kind: schemas.Set, Members: []string{"a", "b", "c"}, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}},
		{Name: "bit", Type: schemas.Type{Kind: schemas.Bit, Length: 8}},
		{Name: "j", Type: schemas.Type{Kind: schemas.JSON}},
	}
	t := &schemas.Table{Name: "t", Columns: list}
	t.Primary = &schemas.Index{Name: "PRIMARY", Unique: true, Parts: []schemas.IndexPart{{Column: 0}}}
	for i := 1; i < len(list); i++ {
		list[i].Nullable = true
		if list[i].Type.Kind != schemas.JSON {
			t.Indexes = append(t.Indexes, schemas.Index{Name: "by_" + list[i].Name, Parts: []schemas.IndexPart{{Column: i}}})
		}
	}
	t.Settle(func(string) bool { return false })
	return t
}

const testRows = `
1, -5, 10, 10, 9000000000000000000, 18446744073709551615, 1.10, 1.5, 0.1, 'Abc', 'Abc', 'abd ', 'blob', '2024-01-02 03:04:05', '2024-01-02 03:04:05.678', '2024-01-02', '10:11:12', '2024-01-02 03:04:05', 2024, 'medium', 'a,c', b'101', '{"n": 1, "s": "x"}'
2, 7, 20, 20, -9000000000000000000, 5, 2.20, 2.5, 0.2, 'äbc', 'äbc', 'ABD', 'Blob', '2023-05-06 00:00:00', '2023-05-06', '2023-05-06', '-10:00:00', '2023-05-06 00:00:00', 1999, 'small', 'b', 255, '{"n": 10}'
3, 0, 20, 4294967295, 1, 0, -0.50, 3.5, 0.3, 'zoe', 'Zoe', 'ß', 'a', '2024-12-31 23:59:59', '2024-12-31 23:59:59.999', '2024-12-31', '100:00:00', '2024-12-31 23:59:59', 2000, 'large', '', 0, '[1, 2]'
4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL`

// fillTable makes the table and its rows through Assign.
func fillTable(t *testing.T, conn *sqlite.Conn) *testCompiler {
	t.Helper()
	table := testTable()
	for _, sql := range table.CreateSQLite() {
		if err := conn.Exec(sql); err != nil {
			t.Fatal(err)
		}
	}
	k := &testCompiler{columns: map[string]schemas.Type{}}
	for line := range strings.SplitSeq(strings.TrimSpace(testRows), "\n") {
		parsed, err := testParser.Parse("SELECT " + line)
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for i, item := range parsed.(*sqlparser.Select).SelectExprs.Exprs {
			o, err := k.expr(item.(*sqlparser.AliasedExpr).Expr)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, Assign(o, table.Columns[i].Type, table.Columns[i].Name))
		}
		if err := conn.Exec("INSERT INTO t VALUES (" + strings.Join(list, ", ") + ")"); err != nil {
			t.Fatalf("%v in %s", err, list)
		}
	}
	for _, c := range table.Columns {
		k.columns[c.Name] = c.Type
	}
	return k
}

// TestTableScript runs testdata/table.txt on the table of testTable.
func TestTableScript(t *testing.T) {
	conn := newConn(t, newTestSession())
	k := fillTable(t, conn)
	runScriptOn(t, "testdata/table.txt", conn, k)
}

// TestIndexesServe checks that comparisons of columns with constants and parameters use the index.
func TestIndexesServe(t *testing.T) {
	conn := newConn(t, newTestSession())
	k := fillTable(t, conn)
	for _, condition := range []string{
		"i = 5", "i = '5'", "i = ?", "i > 5", "i IN (1, '2', ?)", "i BETWEEN 1 AND ?", "i = 5.0", "b = 5", "ub = 5", "ub = 18446744073709551615", "ub = ?",
		"dec = 1.1", "dec = 1", "dec = '1.1'", "dec > 1.1", "dec = ?", "dec = 1e0", "d = 1", "d = '1.5'", "d = ?",
		"v = 'abc'", "v > 'abc'", "v = ?", "v IN ('a', ?)", "v LIKE 'ab%'", "vb = 'abc'", "g = 'abc'", "bin = 'abc'", "bin = ?",
		"dt = '2024-01-02'", "dt > ?", "dt BETWEEN '2024-01-01' AND ?", "dt = '2024-01-02 03:04:05.5'", "dt < NOW()", "dt3 = '2024-01-02'",
		"da = '2024-01-02'", "da = 20240102", "da = ?", "da >= '2024-01-02 10:00:00'", "da = CURDATE()", "t = '10:11:12'", "t = ?",
		"ts = '2024-01-02 03:04:05'", "ts > ?", "ts > NOW() - INTERVAL 1 DAY", "y = 2024", "y = ?", "e = 'medium'", "e = ?", "s = 'a'", "bit = 5",
		"5 = i", "? = v", "i <=> 5", "v <=> ?", "v = CONCAT('a', ?)", "i = ? + 1",
	} {
		sql := strings.NewReplacer("= ?", "= :v1", "> ?", "> :v1", "> ?", "> :v1", "AND ?", "AND :v1", ", ?)", ", :v1)", "? =", ":v1 =", "? +", ":v1 +", "<=> ?", "<=> :v1").Replace(condition)
		_, rest, err := k.statement("SELECT id FROM t WHERE " + sql)
		if err != nil {
			t.Errorf("%s: %v", condition, err)
			continue
		}
		plan, err := queryRows(conn, "EXPLAIN QUERY PLAN SELECT id "+rest, parameters(rest)...)
		if err != nil {
			t.Errorf("%s: %v", condition, err)
			continue
		}
		if text := string(plan[0][3].Bytes()); !strings.HasPrefix(text, "SEARCH") {
			t.Errorf("%s: %s by %s", condition, text, rest)
		}
	}
}

// parameters is a value for each parameter of SQL, of which there is at most one.
func parameters(sql string) []txn.Value {
	if strings.Contains(sql, "?1") {
		return []txn.Value{txn.Int(1)}
	}
	return nil
}

// TestParametersTakeAnyStorageClass binds values of each class to parameters beside columns.
func TestParametersTakeAnyStorageClass(t *testing.T) {
	conn := newConn(t, newTestSession())
	k := fillTable(t, conn)
	for _, c := range []struct {
		condition string
		arg       txn.Value
		want      string
	}{
		{"i = :v1", txn.Int(20), "2 3"}, {"i = :v1", txn.TextString("20"), "2 3"}, {"i = :v1", txn.Real(20), "2 3"}, {"i = :v1", txn.TextString("20.5"), ""},
		{"ub = :v1", txn.TextString("18446744073709551615"), "1"}, {"ub = :v1", txn.Int(5), "2"},
		{"dec = :v1", txn.TextString("1.100"), "1"}, {"dec = :v1", txn.Real(2.2), "2"}, {"dec > :v1", txn.Int(1), "1 2"},
		{"v = :v1", txn.TextString("ABC"), "1 2"}, {"vb = :v1", txn.TextString("ABC"), ""}, {"bin = :v1", txn.TextString("blob"), "1"},
		{"dt = :v1", txn.TextString("2023-05-06"), "2"}, {"dt > :v1", txn.TextString("2024-01-02 03:04:04.5"), "1 3"}, {"dt = :v1", txn.Int(20230506), "2"},
		{"da = :v1", txn.TextString("2024-1-2"), "1"}, {"da = :v1", txn.TextString("2024-01-02 00:00:00"), "1"}, {"da < :v1", txn.TextString("2024-01-02 00:00:01"), "1 2"},
		{"t > :v1", txn.TextString("99:00:00"), "3"}, {"t < :v1", txn.TextString("00:00:00"), "2"},
		{"ts = :v1", txn.TextString("2024-01-02 03:04:05"), "1"}, {"e = :v1", txn.TextString("MEDIUM"), "1"},
		{"i = :v1", txn.Null(), ""}, {"i <=> :v1", txn.Null(), "4"}, {"j->'$.n' = :v1", txn.Int(10), "2"}, {"i + :v1 = 30", txn.Int(10), "2 3"},
		{"i * :v1 = 15", txn.Real(1.5), "1"}, {"v LIKE :v1", txn.TextString("%B%"), "1 2"},
	} {
		_, rest, err := k.statement("SELECT id FROM t WHERE " + c.condition)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := queryRows(conn, "SELECT id"+rest+" ORDER BY id", c.arg)
		if err != nil {
			t.Errorf("%s with %s: %v", c.condition, c.arg, err)
			continue
		}
		var ids []string
		for _, r := range rows {
			ids = append(ids, r[0].String())
		}
		if got := strings.Join(ids, " "); got != c.want {
			t.Errorf("%s with %s: rows %q, want %q (%s)", c.condition, c.arg, got, c.want, rest)
		}
	}
}
