package sqlite

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"marmot/txn"
)

func TestCaptureListsWhatHappensToRows(t *testing.T) {
	eachForm(t, shopSchema, func(t *testing.T, b *Branch, w *Conn) {
		alias := "main"
		if _, ok := b.files["d"]; ok {
			alias = "d"
		}
		c := b.Conn()
		must(t, c.Exec("CREATE TEMP TABLE tt(a); CREATE TEMP TRIGGER cascade BEFORE DELETE ON "+alias+".p BEGIN DELETE FROM c WHERE pid=OLD.id; INSERT INTO tt VALUES(1); END; BEGIN"))
		for _, x := range []struct{ sql, want string }{
			{"INSERT INTO p VALUES(4,'d',40),(5,'e',NULL)", "insert/0 p[][4 'd' 40] insert/0 p[][5 'e' NULL]"},
			{"UPDATE p SET v='dd' WHERE id>3", "update/0 p[4 'd' 40][4 'dd' 40] update/0 p[5 'e' NULL][5 'dd' NULL]"},
			{"UPDATE p SET id=44 WHERE id=4", "update/0 p[4 'dd' 40][44 'dd' 40]"},
			{"UPDATE p SET v=v WHERE id=44", "update/0 p[44 'dd' 40][44 'dd' 40]"},
			{"DELETE FROM p WHERE id=1", "delete/1 c[1 1 'x'][] delete/1 c[2 1 'y'][] delete/0 p[1 'a' 10][]"},
			{"REPLACE INTO p VALUES(44,'r',30)", "delete/0 p[44 'dd' 40][] delete/0 p[3 'c' 30][] insert/0 p[][44 'r' 30]"},
			{"INSERT INTO p VALUES(44,'q',1) ON CONFLICT(id) DO UPDATE SET v=excluded.v", "update/0 p[44 'r' 30][44 'q' 30]"},
			{"INSERT INTO wr VALUES(3,'k',x'00ff')", "insert/0 wr[][3 'k' x'00ff']"},
			{"UPDATE wr SET a=9 WHERE a=1", "update/0 wr[1 'k' 1][9 'k' 1]"},
			{"REPLACE INTO wr VALUES(9,'k',2.5)", "delete/0 wr[9 'k' 1][] insert/0 wr[][9 'k' 2.5]"},
			{"DELETE FROM wr", "delete/0 wr[2 'k' 2][] delete/0 wr[3 'k' x'00ff'][] delete/0 wr[9 'k' 2.5][]"},
			{"INSERT INTO log(m) VALUES('m')", "insert/0 log[][1 'm']"},
			{"INSERT INTO tt VALUES(1)", ""},
			{"SELECT * FROM p", ""},
		} {
			mark := b.Mark()
			if _, err := query(c, x.sql); err != nil {
				t.Fatalf("%s: %v", x.sql, err)
			}
			if got := strings.ReplaceAll(printCaptured(t, b, mark), alias+".", ""); got != x.want {
				t.Errorf("%s\n got %s\nwant %s", x.sql, got, x.want)
			}
		}
		must(t, c.Exec("ROLLBACK"))
		if b.Mark() == 0 {
			t.Error("ROLLBACK dropped captured rows")
		}
		must(t, b.Snapshot())
		if b.Mark() == 0 {
			t.Error("Snapshot dropped captured rows")
		}
		b.Release()
		if b.Mark() != 0 {
			t.Error("Release kept captured rows")
		}
	})
}

func TestDeleteOfAllRowsIsCapturedWhoeverPreparedIt(t *testing.T) {
	path, _ := newFile(t, "CREATE TABLE t(a); INSERT INTO t VALUES(1),(2)")
	b := openBranch(t, BranchOptions{}, "d", path)
	b.SetCapture(false)
	s, err := b.Conn().Prepare("DELETE FROM d.t")
	must(t, err)
	b.SetCapture(true)
	must(t, b.Conn().Exec("BEGIN"))
	if _, err := s.Step(); err != nil {
		t.Fatal(err)
	}
	if got := printCaptured(t, b, 0); got != "delete/0 d.t[1][] delete/0 d.t[2][]" {
		t.Error(got)
	}
}

func TestRowIDsAreCaptured(t *testing.T) {
	path, _ := newFile(t, "CREATE TABLE t(a); INSERT INTO t(rowid,a) VALUES(7,'x')")
	b := openBranch(t, BranchOptions{}, "d", path)
	must(t, b.Conn().Exec("BEGIN; UPDATE d.t SET rowid=8; INSERT INTO d.t(rowid,a) VALUES(-1,'y'); DELETE FROM d.t WHERE rowid=8"))
	var got []int64
	must(t, b.Captured(0, func(r Row) error { got = append(got, r.OldRowID, r.NewRowID); return nil }))
	if len(got) != 6 || got[0] != 7 || got[1] != 8 || got[3] != -1 || got[4] != 8 {
		t.Error(got)
	}
}

func TestCatalogTablesAreNotCaptured(t *testing.T) {
	path, _ := newFile(t, "CREATE TABLE _marmot_meta(a); CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT)")
	b := openBranch(t, BranchOptions{}, "d", path)
	must(t, b.Conn().Exec("BEGIN; INSERT INTO d._marmot_meta VALUES(1); INSERT INTO d.t VALUES(5); UPDATE d.sqlite_sequence SET seq=9; CREATE TABLE main.mine(a); INSERT INTO mine VALUES(1)"))
	if got := printCaptured(t, b, 0); got != "insert/0 d.t[][5]" {
		t.Error(got)
	}
}

func TestCutDropsWhatWasUndone(t *testing.T) {
	path, _ := newFile(t, "CREATE TABLE t(a UNIQUE); INSERT INTO t VALUES(1)")
	b := openBranch(t, BranchOptions{}, "d", path)
	c := b.Conn()
	must(t, c.Exec("BEGIN; INSERT INTO t VALUES(2)"))
	mark := b.Mark()
	wantError(t, c, "INSERT INTO t VALUES(3),(1)", "UNIQUE")
	if b.Mark() == mark {
		t.Error("the rows of a failed statement are expected to be there until they are cut")
	}
	b.Cut(mark)
	b.Cut(mark + 1000) // beyond the end: nothing
	must(t, c.Exec("INSERT INTO t VALUES(4)"))
	if got := printCaptured(t, b, 0); got != "insert/0 d.t[][2] insert/0 d.t[][4]" {
		t.Error(got)
	}
	stop := errors.New("stop")
	if err := b.Captured(0, func(Row) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
	if err := b.Captured(b.Mark()+1, nil); err == nil {
		t.Error("a mark beyond the end was taken")
	}
}

func TestCaptureLimit(t *testing.T) {
	path, _ := newFile(t, "CREATE TABLE t(a); INSERT INTO t VALUES(0)")
	b := openBranch(t, BranchOptions{}, "d", path)
	c := b.Conn()
	const rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT "
	b.SetCaptureLimit(10000)
	must(t, c.Exec("BEGIN; SAVEPOINT s; INSERT INTO d.t VALUES(1)"))
	mark := b.Mark()
	_, err := query(c, rows+"300) INSERT INTO d.t SELECT i FROM n")
	var e *Error
	if !errors.Is(err, ErrCaptureLimit) || IsInterrupt(err) || !errors.As(err, &e) || e.RolledBack || !c.InTransaction() {
		t.Fatalf("a little beyond the limit: %#v", err)
	}
	if b.CapturedBytes() > 10000 {
		t.Errorf("%d bytes captured", b.CapturedBytes())
	}
	b.Cut(mark)
	must(t, c.Exec("ROLLBACK TO s; INSERT INTO d.t VALUES(2)"))
	want(t, c, "SELECT group_concat(a) FROM d.t", "0,2")
	_, err = query(c, rows+"1000000) INSERT INTO d.t SELECT i FROM n")
	if !errors.Is(err, ErrCaptureLimit) || !errors.As(err, &e) || !e.RolledBack || c.InTransaction() {
		t.Fatalf("far beyond the limit: %#v", err)
	}
	b.Cut(0)
	want(t, c, "SELECT group_concat(a) FROM d.t", "0")
	must(t, c.Exec("BEGIN; INSERT INTO d.t VALUES(3); ROLLBACK"))
	// one row that is larger than the limit by itself
	_, err = query(c, "INSERT INTO d.t VALUES(zeroblob(50000))")
	if !errors.Is(err, ErrCaptureLimit) {
		t.Fatalf("a large row: %v", err)
	}
	b.SetCaptureLimit(0)
	must(t, c.Exec("BEGIN; INSERT INTO d.t VALUES(zeroblob(50000)); ROLLBACK"))
}

func TestDamagedCaptureIsRefused(t *testing.T) {
	path, _ := newFile(t, "CREATE TABLE t(a, b)")
	b := openBranch(t, BranchOptions{}, "d", path)
	must(t, b.Conn().Exec("BEGIN; INSERT INTO t VALUES('text', 2); UPDATE t SET b=NULL"))
	entries := bytes.Clone(b.captured())
	for n := range len(entries) {
		rows := 0
		err := readEntries(entries[:n], func(Row) error { rows++; return nil })
		if err == nil && rows != 1 && n != 0 {
			t.Errorf("%d of %d bytes were taken", n, len(entries))
		}
	}
}

func FuzzReadEntries(f *testing.F) {
	path, _ := newFile(f, "CREATE TABLE t(a, b)")
	b := openBranch(f, BranchOptions{}, "d", path)
	must(f, b.Conn().Exec("BEGIN; INSERT INTO t VALUES('text', 2); UPDATE t SET b=x'01'; DELETE FROM t"))
	f.Add(bytes.Clone(b.captured()))
	f.Fuzz(func(t *testing.T, entries []byte) {
		_ = readEntries(entries, func(r Row) error {
			if r.Op < txn.Insert || r.Op > txn.Delete || (r.Op == txn.Insert) != (r.Old == nil && r.New != nil) && len(r.Old)+len(r.New) > 0 {
				t.Fatalf("row %v", r)
			}
			return nil
		})
	})
}
