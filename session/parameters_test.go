package session

import (
	"strings"
	"testing"

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
		{"SELECT ?", txn.TextString("a"), schemas.LongText},
		{"SELECT ?", txn.Blob([]byte("a")), schemas.LongBlob},
		{"SELECT ?", txn.Null(), 0},
		{"SELECT coalesce(?, 1)", txn.Int(5), schemas.BigInt},
		{"SELECT coalesce(?, 1)", txn.TextString("a"), schemas.LongText},
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
