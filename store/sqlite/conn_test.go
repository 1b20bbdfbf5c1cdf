package sqlite

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"marmot/txn"
)

func TestValuesComeBackAsTheyWereBound(t *testing.T) {
	c := newMemory(t, "")
	values := []txn.Value{txn.Null(), txn.Int(0), txn.Int(math.MinInt64), txn.Int(math.MaxInt64), txn.Real(0.1), txn.Real(math.Inf(1)),
		txn.Real(math.Copysign(0, -1)), txn.TextString(""), txn.TextString("Grüße"), txn.TextString("a\x00b"), txn.Blob([]byte{}), txn.Blob([]byte{0, 255}),
		txn.Blob(bytes.Repeat([]byte{7}, 200000))}
	s, err := c.Prepare("SELECT ?" + strings.Repeat(",?", len(values)-1))
	must(t, err)
	for round := range 3 {
		must(t, s.Bind(values))
		row, err := s.Step()
		if !row || err != nil {
			t.Fatalf("round %d: no row, %v", round, err)
		}
		for i, v := range s.Row() {
			if !v.Equal(values[i]) {
				t.Errorf("value %d: got %.50s, want %.50s", i, v, values[i])
			}
		}
		if row, err := s.Step(); row || err != nil {
			t.Fatalf("round %d: second row %v, %v", round, row, err)
		}
	}
}

func TestRowsOfManyBatchesKeepTheirOrder(t *testing.T) {
	c := newMemory(t, "CREATE TABLE t(id INTEGER PRIMARY KEY, s TEXT)")
	const rows = 5000
	must(t, c.Exec(fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<%d) INSERT INTO t SELECT i, printf('%%0*d', i%%300, i) FROM n", rows)))
	s, err := c.Prepare("SELECT id, s, NULL FROM t ORDER BY id")
	must(t, err)
	for i := 1; i <= rows; i++ {
		row, err := s.Step()
		if !row || err != nil {
			t.Fatalf("row %d: %v %v", i, row, err)
		}
		r := s.Row()
		if r[0].Int64() != int64(i) || string(r[1].Bytes()) != fmt.Sprintf("%0*d", i%300, i) || !r[2].IsNull() {
			t.Fatalf("row %d is %v", i, r)
		}
	}
	if row, err := s.Step(); row || err != nil {
		t.Fatalf("after the last row: %v %v", row, err)
	}
}

func TestRowsBeforeAnErrorAreDelivered(t *testing.T) {
	c := newMemory(t, "")
	s, err := c.Prepare("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<9) SELECT CASE i WHEN 7 THEN abs(-9223372036854775807-1) ELSE i END FROM n")
	must(t, err)
	n := 0
	for {
		row, err := s.Step()
		if err != nil {
			if n != 6 || !strings.Contains(err.Error(), "integer overflow") {
				t.Fatalf("after %d rows: %v", n, err)
			}
			return
		}
		if !row {
			t.Fatal("no error")
		}
		n++
	}
}

func TestPrepareRefusesWhatIsNotOneStatement(t *testing.T) {
	c := newMemory(t, "CREATE TABLE t(a)")
	for sql, text := range map[string]string{
		"SELECT 1; SELECT 2":               "more than one statement",
		"SELECT 1; -- c\n DROP TABLE t":    "more than one statement",
		"":                                 "empty statement",
		" ; -- nothing\n/* */":             "empty statement",
		"SELECT 1 FROM":                    "incomplete input",
		"SELECT \"no such column\" FROM t": "no such column",
	} {
		_, err := c.Prepare(sql)
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%q: error %v, want one with %q", sql, err, text)
		}
	}
	want(t, c, "SELECT 1; ; -- the end\n /* of it */ ", "1")
	s, err := c.Prepare("SELECT ?, ?")
	must(t, err)
	if err := s.Bind([]txn.Value{txn.Int(1)}); err == nil {
		t.Error("one value for two parameters was taken")
	}
	if err := c.Exec("SELECT ?"); err == nil {
		t.Error("Exec ran a statement with parameters")
	}
}

func TestExecRunsEachStatement(t *testing.T) {
	c := newMemory(t, "")
	must(t, c.Exec("CREATE TABLE t(a); -- one\n INSERT INTO t VALUES(1) /* ; */ ; INSERT INTO t SELECT a+1 FROM t;;"))
	want(t, c, "SELECT group_concat(a) FROM t", "1,2")
	if err := c.Exec("INSERT INTO t VALUES(3); SELECT nope; INSERT INTO t VALUES(4)"); err == nil {
		t.Fatal("no error")
	}
	want(t, c, "SELECT count(*) FROM t", "3")
	must(t, c.Exec(""))
}

func TestPreparedStatementsAreUsedAgain(t *testing.T) {
	c := newMemory(t, "CREATE TABLE t(a)")
	a, err := c.Prepare("SELECT ?1")
	must(t, err)
	must(t, a.Bind([]txn.Value{txn.Int(1)}))
	if _, err := a.Step(); err != nil {
		t.Fatal(err)
	}
	b, err := c.Prepare("SELECT ?1")
	must(t, err)
	if a == b {
		t.Fatal("a statement in use was given out again")
	}
	must(t, b.Bind([]txn.Value{txn.Int(2)}))
	if row, err := b.Step(); !row || err != nil || b.Row()[0].Int64() != 2 || a.Row()[0].Int64() != 1 {
		t.Fatalf("rows %v and %v, %v", a.Row(), b.Row(), err)
	}
	a.Reset()
	b.Reset()
	again, err := c.Prepare("SELECT ?1")
	must(t, err)
	if again != a {
		t.Error("the idle statement was not used again")
	}
	if row, err := again.Step(); !row || err != nil || !again.Row()[0].IsNull() {
		t.Errorf("old parameters were kept: %v %v", again.Row(), err)
	}
	again.Reset()
	// b was not kept, and is prepared again when its holder goes on with it
	must(t, b.Bind([]txn.Value{txn.Int(3)}))
	if row, err := b.Step(); !row || err != nil || b.Row()[0].Int64() != 3 {
		t.Errorf("the second statement is dead: %v", err)
	}
	b.Reset()
}

func TestStatementCacheIsBounded(t *testing.T) {
	c := newMemory(t, "")
	first, err := c.Prepare("SELECT ?1, 'first'")
	must(t, err)
	first.Reset()
	for i := range cachedStatements + 50 {
		want(t, c, fmt.Sprintf("SELECT %d", i), fmt.Sprint(i))
	}
	if n := c.cache.idles.Len(); n != cachedStatements || len(c.cache.byText) != n || len(c.cache.inUse) != 0 {
		t.Fatalf("%d idle statements, %d by text, %d in use", n, len(c.cache.byText), len(c.cache.inUse))
	}
	if first.c != nil {
		t.Fatal("the oldest statement was kept")
	}
	must(t, first.Bind([]txn.Value{txn.Int(5)}))
	if row, err := first.Step(); !row || err != nil || first.Row()[0].Int64() != 5 {
		t.Fatalf("evicted statement: %v", err)
	}
	first.Reset()
}

func TestErrorsTellCodeAndText(t *testing.T) {
	c := newMemory(t, "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT NOT NULL UNIQUE); INSERT INTO t VALUES(1,'x');"+
		"CREATE TRIGGER r BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, '1451:db.t.fk'); END")
	for _, x := range []struct {
		sql      string
		extended int
		message  string
	}{
		{"INSERT INTO t VALUES(1,'y')", 1555, "UNIQUE constraint failed: t.a"},
		{"INSERT INTO t VALUES(2,'x')", 2067, "UNIQUE constraint failed: t.b"},
		{"INSERT INTO t VALUES(2,NULL)", 1299, "NOT NULL constraint failed: t.b"},
		{"DELETE FROM t", 1811, "1451:db.t.fk"},
	} {
		_, err := query(c, x.sql)
		var e *Error
		if !errors.As(err, &e) || e.ExtendedCode() != x.extended || e.Code != 19 || e.SQLiteMessage() != x.message || e.RolledBack {
			t.Errorf("%s: %#v", x.sql, err)
		}
	}
	dir := t.TempDir()
	_, err := Open(OpenOptions{Path: filepath.Join(dir, "none.db")})
	if err == nil || !strings.Contains(err.Error(), "unable to open database file") {
		t.Errorf("missing file: %v", err)
	}
	junk := filepath.Join(dir, "junk.db")
	must(t, os.WriteFile(junk, bytes.Repeat([]byte("junk "), 2000), 0o600))
	bad, err := Open(OpenOptions{Path: junk})
	must(t, err)
	if _, err := query(bad, "SELECT * FROM sqlite_schema"); !IsNotADatabase(err) {
		t.Errorf("file of junk: %v", err)
	}
	must(t, bad.Close())
}

func TestInterruptEndsTheRunningStatement(t *testing.T) {
	path, c := newFile(t, "CREATE TABLE t(a); INSERT INTO t VALUES(1)")
	const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) "
	c.Interrupt() // nothing runs: nothing happens
	want(t, c, "SELECT a FROM t", "1")

	started := make(chan struct{})
	c.SetProgress(100, func() bool {
		select {
		case <-started:
		default:
			close(started)
		}
		return false
	})
	go func() { <-started; c.Interrupt() }()
	if _, err := query(c, endless+"SELECT count(*) FROM n"); !IsInterrupt(err) {
		t.Fatalf("endless query: %v", err)
	}
	want(t, c, "SELECT a FROM t", "1")

	calls := 0
	c.SetProgress(1000, func() bool { calls++; return calls > 3 })
	must(t, c.Exec("BEGIN; INSERT INTO t VALUES(2)"))
	_, err := query(c, endless+"INSERT INTO t SELECT i FROM n")
	var e *Error
	if !errors.As(err, &e) || !IsInterrupt(err) || !e.RolledBack || c.InTransaction() {
		t.Fatalf("endless INSERT: %#v, in transaction %v", err, c.InTransaction())
	}
	c.SetProgress(0, nil)
	want(t, c, "SELECT a FROM t", "1")

	reader, err := Open(OpenOptions{Path: path, ReadOnly: true})
	must(t, err)
	wantError(t, reader, "INSERT INTO t VALUES(3)", "readonly")
	if _, err := query(reader, "DELETE FROM t"); !IsReadOnly(err) {
		t.Errorf("read-only connection: %v", err)
	}
	must(t, reader.Close())
	reader.Interrupt()
	must(t, reader.Close())
}

func TestCloseEndsStatements(t *testing.T) {
	c, err := Open(OpenOptions{Path: ":memory:"})
	must(t, err)
	s, err := c.Prepare("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<100) SELECT i FROM n")
	must(t, err)
	if row, err := s.Step(); !row || err != nil {
		t.Fatal(err)
	}
	must(t, c.Close())
	if row, err := s.Step(); row || !errors.Is(err, ErrReset) {
		t.Errorf("Step after Close: %v %v", row, err)
	}
	if _, err := s.Step(); !errors.Is(err, ErrClosed) {
		t.Errorf("Step begins on a closed connection: %v", err)
	}
	if err := c.Exec("SELECT 1"); !errors.Is(err, ErrClosed) {
		t.Errorf("Exec on a closed connection: %v", err)
	}
}

func TestColumnsFollowTheDefinition(t *testing.T) {
	c := newMemory(t, "CREATE TABLE t(a); INSERT INTO t VALUES(1)")
	s, err := c.Prepare("SELECT * FROM t")
	must(t, err)
	if got := fmt.Sprint(s.ColumnNames(), s.ColumnCount()); got != "[a] 1" {
		t.Fatal(got)
	}
	must(t, c.Exec("ALTER TABLE t ADD COLUMN b DEFAULT 7"))
	row, err := s.Step()
	if !row || err != nil || fmt.Sprint(s.ColumnNames(), s.Row()) != "[a b] [1 7]" {
		t.Fatalf("%v %v %v", s.ColumnNames(), s.Row(), err)
	}
	s.Reset()
}

func TestBackupCopiesWhatTheConnectionSees(t *testing.T) {
	_, c := newFile(t, "CREATE TABLE t(a); INSERT INTO t VALUES(1)")
	to := newMemory(t, "")
	must(t, c.Backup("main", to, "main"))
	want(t, to, "SELECT a FROM t", "1")
	if err := c.Backup("nope", to, "main"); err == nil {
		t.Error("backup of an unknown database")
	}
}

func TestFlatValuesThatEndEarlyAreRefused(t *testing.T) {
	flat := appendFlat(nil, []txn.Value{txn.Int(1), txn.TextString("text"), txn.Real(2), txn.Null()})
	for n := range len(flat) {
		if _, _, err := readFlat(nil, flat[:n], 4); err == nil {
			t.Errorf("%d of %d bytes were taken", n, len(flat))
		}
	}
}

func FuzzReadFlat(f *testing.F) {
	f.Add(appendFlat(nil, []txn.Value{txn.Int(1), txn.TextString("text"), txn.Blob([]byte{1})}), 3)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		values, rest, err := readFlat(nil, b, n%64)
		if err != nil {
			return
		}
		if again := appendFlat(nil, values); !bytes.Equal(again, b[:len(b)-len(rest)]) {
			t.Fatalf("%x became %x", b, again)
		}
	})
}
