package session

import (
	"strings"
	"testing"

	"marmot/dialect"
	"marmot/schemas"
	"marmot/txn"
)

// describedAs executes a statement and returns the types of its columns.
func describedAs(t *testing.T, s *testSession, sql string, args ...txn.Value) []schemas.Type {
	t.Helper()
	p, err := s.Prepare(t.Context(), []byte(sql))
	if err != nil {
		t.Fatal(err)
	}
	answer := &textAnswer{}
	if err := p.Execute(t.Context(), args, answer); err != nil {
		t.Fatal(err)
	}
	var list []schemas.Type
	for _, c := range answer.columns {
		list = append(list, c.Type)
	}
	return list
}

func TestTheTypeOfAParameterIsThatOfItsValue(t *testing.T) {
	c := newCluster(t, 1, nil)
	a := c.session(0, "")
	for _, test := range []struct {
		sql  string
		arg  txn.Value
		want schemas.Kind
	}{
		{"SELECT ?", txn.Int(1), schemas.BigInt},
		{"SELECT ?", txn.Real(1), schemas.Double},
		{"SELECT ?", txn.TextString("a"), schemas.VarChar},
		{"SELECT ?", txn.Blob([]byte("a")), schemas.VarChar},
		{"SELECT ?", txn.Null(), schemas.VarChar},
		{"SELECT coalesce(?, 1)", txn.Int(5), schemas.BigInt},
		{"SELECT coalesce(?, 1)", txn.TextString("a"), schemas.BigInt},
		{"SELECT coalesce(?, 1)", txn.TextString("1.5"), schemas.Decimal},
		{"SELECT coalesce(?, 1.5)", txn.Null(), schemas.Decimal},
		{"SELECT x FROM (SELECT ? AS x) AS d", txn.Int(1), schemas.BigInt},
	} {
		if got := describedAs(t, a, test.sql, test.arg); len(got) != 1 || got[0].Kind != test.want {
			t.Errorf("%s of %v: %v, want kind %v", test.sql, test.arg, got, test.want)
		}
	}
	got := describedAs(t, a, "SELECT NULL, CAST('a' AS BINARY)")
	if got[0].Kind != 0 || got[0].Length != 0 || got[1].Kind != schemas.VarBinary || got[1].Length != 1 {
		t.Errorf("NULL and BINARY: %+v", got)
	}
}

func TestBinaryColumnsTakeTheClientsBytes(t *testing.T) {
	c := newCluster(t, 1, nil)
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY, v VARBINARY(9), b BLOB, s VARCHAR(9)); SET NAMES latin1")
	e := txn.Text([]byte{0xe9})
	execute := func(sql string, args ...txn.Value) string {
		t.Helper()
		p, err := a.Prepare(t.Context(), []byte(sql))
		if err != nil {
			t.Fatal(err)
		}
		answer := &textAnswer{}
		return answer.text(p.Execute(t.Context(), args, answer))
	}
	if got := execute("INSERT INTO t VALUES (1, ?, ?, ?), (2, coalesce(?, v), ?, ?)", e, e, e, e, e, e); got != "ok 2" {
		t.Errorf("insert: %s", got)
	}
	const all = "SELECT hex(v), hex(b), hex(s) FROM t WHERE id = 1"
	a.want(all, "E9 | E9 | C3A9")
	if got := execute("UPDATE t SET v = ?, b = ?, s = ? WHERE id = 1 AND v = ? AND s = ?", e, e, e, e, e); got != "ok" && got != "ok 0" {
		t.Errorf("update: %s", got)
	}
	a.want(all, "E9 | E9 | C3A9")
	if got := execute("SELECT count(*) FROM t WHERE v = ? AND b = ? AND s = ?", e, e, e); got != "1" && got != "2" {
		t.Errorf("select: %s", got)
	}
	if got := execute("INSERT INTO t VALUES (1, 'x', 'x', 'x') ON DUPLICATE KEY UPDATE v = ?, b = concat(?, b), s = ?", e, e, e); got != "ok 2" {
		t.Errorf("upsert: %s", got)
	}
}

func TestListedColumnsHaveTheirFlags(t *testing.T) {
	c := newCluster(t, 1, nil)
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, u INT NOT NULL UNIQUE)")
	list, err := a.TableColumns(t.Context(), "t", "")
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	const notNull, primary, unique, auto, noDefault, part = 1, 2, 4, 512, 4096, 16384
	if list[0].Flags != notNull|primary|auto|part || list[1].Flags != notNull|unique|noDefault|part {
		t.Errorf("flags %d and %d", list[0].Flags, list[1].Flags)
	}
}

// TestAStatementHasAsManyParametersAsMySQLs: the numbers of SQLite's limits never reach a client.
func TestAStatementHasAsManyParametersAsMySQLs(t *testing.T) {
	c := newCluster(t, 1, nil)
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1), (70000)")
	args := make([]txn.Value, 65535)
	for i := range args {
		args[i] = txn.Int(int64(i))
	}
	execute := func(sql string) string {
		t.Helper()
		answer := &textAnswer{}
		p, err := a.Prepare(t.Context(), []byte(sql))
		if err == nil {
			err = p.Execute(t.Context(), args[:p.Params()], answer)
		}
		return answer.text(err)
	}
	list := strings.Repeat(", ?", len(args)-1)
	if got := execute("SELECT count(*) FROM t WHERE id IN (?" + list + ")"); got != "1" {
		t.Errorf("as many as MySQL takes: %.80s", got)
	}
	if got := execute("SELECT id FROM t WHERE id IN (?" + list + ") LIMIT 1"); got != "1" && got != "ERROR 1390" {
		t.Errorf("with a literal: %.80s", got)
	}
}

// TestAStatementKeepsTheTypesOfItsParameters: "the parameter's type, once determined, is retained for each subsequent execution unless the
// statement is reprepared".
func TestAStatementKeepsTheTypesOfItsParameters(t *testing.T) {
	c := newCluster(t, 1, nil)
	a := c.session(0, "")
	type bound struct {
		value txn.Value
		sort  dialect.Argument
		want  schemas.Kind
		shown string
	}
	for sql, list := range map[string][]bound{
		"SELECT ?": {
			{txn.TextString("a"), dialect.NoArgument, schemas.VarChar, "a"},
			{txn.Int(1), dialect.NoArgument, schemas.BigInt, "1"},
			{txn.TextString("12x"), dialect.NoArgument, schemas.BigInt, "12"},
			{txn.TextString("1.5"), dialect.NoArgument, schemas.Decimal, "1.5"},
			{txn.Int(2), dialect.NoArgument, schemas.Decimal, "2"},
			{txn.Real(2.5), dialect.NoArgument, schemas.Double, "2.5"},
			{txn.TextString("1.25"), dialect.DecimalArgument, schemas.Double, "1.25"},
			{txn.TextString("2026-01-02"), dialect.DateArgument, schemas.Date, "2026-01-02"},
			{txn.TextString("2026-01-02 03:04:05"), dialect.DateTimeArgument, schemas.DateTime, "2026-01-02 03:04:05.000000"},
			{txn.TextString("2026-01-02"), dialect.DateArgument, schemas.DateTime, "2026-01-02 00:00:00.000000"},
		},
		"SELECT ? + 1": {
			{txn.Int(1), dialect.NoArgument, schemas.BigInt, "2"},
			{txn.TextString("18446744073709551614"), dialect.UnsignedArgument, schemas.BigInt, "18446744073709551615"},
			{txn.TextString("1.5"), dialect.DecimalArgument, schemas.Decimal, "2.500000000000000000000000000000"},
			{txn.Real(1.5), dialect.NoArgument, schemas.Double, "2.5"},
			{txn.Null(), dialect.NoArgument, schemas.Double, "NULL"},
		},
		"SELECT concat(?, 'x')": {
			{txn.Int(1), dialect.NoArgument, schemas.VarChar, "1x"},
			{txn.TextString("ab"), dialect.NoArgument, schemas.VarChar, "abx"},
		},
		"SELECT -?": {
			{txn.Real(5.5), dialect.NoArgument, schemas.Double, "-5.5"},
		},
	} {
		p, err := a.Prepare(t.Context(), []byte(sql))
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range list {
			answer := &textAnswer{}
			p.Bind([]dialect.Argument{b.sort})
			text := answer.text(p.Execute(t.Context(), []txn.Value{b.value}, answer))
			if len(answer.columns) != 1 || answer.columns[0].Type.Kind != b.want || text != b.shown {
				t.Errorf("%s of %v: %s, %+v; want %s, kind %v", sql, b.value, text, answer.columns, b.shown, b.want)
			}
		}
	}
}
