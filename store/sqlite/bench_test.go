package sqlite

import (
	"fmt"
	"strings"
	"testing"

	"marmot/txn"
)

// benchFile makes a file with 100,000 rows of 200 bytes and an index.
func benchFile(b *testing.B) (string, *Conn) {
	return newFile(b, "CREATE TABLE t(id INTEGER PRIMARY KEY, k INT, s TEXT); CREATE TABLE tick(x INT); INSERT INTO tick VALUES(0);"+
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<100000) INSERT INTO t SELECT i*10, (i*7919)%1000003, printf('%.190c','x') FROM n; CREATE INDEX tk ON t(k); PRAGMA wal_checkpoint(TRUNCATE)")
}

// step runs a statement that has no rows of interest.
func step(b *testing.B, s *Stmt, args ...txn.Value) {
	if err := s.Bind(args); err != nil {
		b.Fatal(err)
	}
	for {
		row, err := s.Step()
		if err != nil {
			b.Fatal(err)
		}
		if !row {
			return
		}
	}
}

func prepare(b *testing.B, c *Conn, sql string) *Stmt {
	s, err := c.Prepare(sql)
	must(b, err)
	s.Reset()
	return s
}

// An autocommit INSERT: snapshot, BEGIN, INSERT, reading what was captured, ROLLBACK.
func BenchmarkAutocommitInsert(b *testing.B) {
	for _, moved := range []bool{false, true} {
		b.Run(fmt.Sprintf("moved=%v", moved), func(b *testing.B) {
			path, w := benchFile(b)
			branch := openBranch(b, BranchOptions{}, "d", path)
			c := branch.Conn()
			begin, rollback := prepare(b, c, "BEGIN"), prepare(b, c, "ROLLBACK")
			insert, tick := prepare(b, c, "INSERT INTO d.t VALUES(?,?,?)"), prepare(b, w, "UPDATE tick SET x=x+1")
			text := txn.TextString(strings.Repeat("y", 190))
			i := int64(0)
			for b.Loop() {
				if i++; moved {
					b.StopTimer()
					step(b, tick)
					b.StartTimer()
				}
				if err := branch.Snapshot(); err != nil {
					b.Fatal(err)
				}
				step(b, begin)
				step(b, insert, txn.Int(i*7919%1000000*10+5), txn.Int(i*104729%1000003), text)
				if err := branch.Captured(0, func(Row) error { return nil }); err != nil {
					b.Fatal(err)
				}
				branch.Cut(0)
				step(b, rollback)
			}
		})
	}
}

func BenchmarkSnapshot(b *testing.B) {
	for files := 1; files <= 3; files++ {
		b.Run(fmt.Sprintf("files=%d", files), func(b *testing.B) {
			branch := openBranch(b, BranchOptions{})
			for i := range files {
				path, _ := newFile(b, "CREATE TABLE t(a)")
				must(b, branch.Attach(fmt.Sprintf("d%d", i), path))
			}
			for b.Loop() {
				if err := branch.Snapshot(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPointSelect(b *testing.B) {
	path, _ := benchFile(b)
	branch := openBranch(b, BranchOptions{}, "d", path)
	s := prepare(b, branch.Read(), "SELECT id, k, s FROM d.t WHERE id=?")
	i := int64(0)
	for b.Loop() {
		i++
		step(b, s, txn.Int(i*7919%100000*10))
	}
}

// The price of a row of a scan, columns read.
func BenchmarkScan(b *testing.B) {
	path, _ := benchFile(b)
	branch := openBranch(b, BranchOptions{}, "d", path)
	for name, c := range map[string]*Conn{"reader": branch.Read(), "branch": branch.Conn()} {
		b.Run(name, func(b *testing.B) {
			s := prepare(b, c, "SELECT id, k, s FROM d.t")
			rows := 0
			for b.Loop() {
				for {
					row, err := s.Step()
					if err != nil {
						b.Fatal(err)
					}
					if !row {
						break
					}
					rows += len(s.Row()) / 3
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
		})
	}
}

// What capture adds to a row, reading it included.
func BenchmarkCapture(b *testing.B) {
	for _, on := range []bool{false, true} {
		for _, sql := range []string{"INSERT INTO d.t SELECT id+1, k, s FROM d.t WHERE id<=100000", "UPDATE d.t SET k=k+1 WHERE id<=100000", "DELETE FROM d.t WHERE id<=100000"} {
			b.Run(fmt.Sprintf("%s/capture=%v", sql[:6], on), func(b *testing.B) {
				path, _ := benchFile(b)
				branch := openBranch(b, BranchOptions{}, "d", path)
				branch.SetCapture(on)
				s := prepare(b, branch.Conn(), sql)
				rows := 0
				for b.Loop() {
					must(b, branch.Conn().Exec("BEGIN"))
					step(b, s)
					rows += 10000
					must(b, branch.Captured(0, func(Row) error { return nil }))
					branch.Cut(0)
					must(b, branch.Conn().Exec("ROLLBACK"))
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
			})
		}
	}
}

func BenchmarkFunction(b *testing.B) {
	c := newMemory(b, "")
	must(b, c.Register(testSet(c)))
	s := prepare(b, c, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 10000) SELECT count(echo(i)) FROM n")
	rows := 0
	for b.Loop() {
		step(b, s)
		rows += 10000
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/call")
}

func BenchmarkOpenBranch(b *testing.B) {
	path, _ := newFile(b, "CREATE TABLE t(a)")
	for b.Loop() {
		branch, err := OpenBranch(BranchOptions{Set: everything()})
		must(b, err)
		must(b, branch.Attach("d", path))
		must(b, branch.Snapshot())
		want(b, branch.Conn(), "SELECT count(*) FROM t", "0")
		must(b, branch.Close())
	}
}
