package session

import (
	"fmt"
	"sync/atomic"
	"testing"

	"marmot/dialect"
	"marmot/txn"
)

// silentAnswer is a ResultWriter that throws everything away.
type silentAnswer struct{}

func (silentAnswer) Columns([]dialect.ResultColumn) error { return nil }
func (silentAnswer) Row([]txn.Value) error                { return nil }
func (silentAnswer) End(Result) error                     { return nil }
func (silentAnswer) OK(Result) error                      { return nil }
func (silentAnswer) Rewind() bool                         { return true }

func benchCluster(b *testing.B) (*testCluster, *testSession) {
	c := newCluster(b, 1, nil)
	a := c.session(0, "")
	a.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, k INT, s VARCHAR(100), KEY (k))")
	a.exec("INSERT INTO t (k, s) VALUES (1, 'one'), (2, 'two')")
	for range 10 {
		a.exec("INSERT INTO t (k, s) SELECT k, s FROM t")
	}
	b.ReportAllocs()
	b.ResetTimer()
	return c, a
}

func BenchmarkPointSelect(b *testing.B) {
	_, a := benchCluster(b)
	for i := range b.N {
		if err := a.Execute(b.Context(), fmt.Appendf(nil, "SELECT s FROM t WHERE id = %d", i%2000+1), silentAnswer{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPointSelectPrepared(b *testing.B) {
	_, a := benchCluster(b)
	p, err := a.Prepare(b.Context(), []byte("SELECT s FROM t WHERE id = ?"))
	if err != nil {
		b.Fatal(err)
	}
	for i := range b.N {
		if err := p.Execute(b.Context(), []txn.Value{txn.Int(int64(i%2000 + 1))}, silentAnswer{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkInsert(b *testing.B) {
	_, a := benchCluster(b)
	for range b.N {
		if err := a.Execute(b.Context(), []byte("INSERT INTO t (k, s) VALUES (5, 'five')"), silentAnswer{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkInsertOfManySessions(b *testing.B) {
	c, _ := benchCluster(b)
	b.SetParallelism(16)
	var failures atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		s := c.session(0, "d")
		for pb.Next() {
			if err := s.Execute(b.Context(), []byte("INSERT INTO t (k, s) VALUES (5, 'five')"), silentAnswer{}); err != nil {
				failures.Add(1)
			}
		}
	})
	if failures.Load() > 0 {
		b.Errorf("%d failures", failures.Load())
	}
}

func BenchmarkTransaction(b *testing.B) {
	_, a := benchCluster(b)
	for i := range b.N {
		id := i%2000 + 1
		for _, sql := range []string{"BEGIN", fmt.Sprintf("SELECT s FROM t WHERE id = %d", id), fmt.Sprintf("UPDATE t SET k = k + 1 WHERE id = %d", id), "COMMIT"} {
			if err := a.Execute(b.Context(), []byte(sql), silentAnswer{}); err != nil {
				b.Fatal(err)
			}
		}
	}
}
