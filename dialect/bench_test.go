package dialect

import (
	"testing"

	"marmot/txn"
)

var benchStatements = []struct{ name, sql string }{
	{"point", "SELECT c FROM sbtest1 WHERE id=50234"},
	{"range", "SELECT DISTINCT c FROM sbtest1 WHERE id BETWEEN 5000 AND 5099 ORDER BY c"},
	{"insert", "INSERT INTO sbtest1 (id, k, c, pad) VALUES (5, 5013, '83868641912-28773972837-60736120486-75162659906-27563526494', '67847967377-48000963322-62604785301-91415491898-96926520291')"},
	{"update", "UPDATE sbtest1 SET k=k+1 WHERE id=5023"},
}

// BenchmarkFingerprint is what each statement of the text protocol costs before the cache.
func BenchmarkFingerprint(b *testing.B) {
	for _, s := range benchStatements {
		b.Run(s.name, func(b *testing.B) {
			var n normalizer
			b.ReportAllocs()
			for b.Loop() {
				if err := n.run([]byte(s.sql), DefaultSQLMode); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func sysbenchEngine(b *testing.B) *engine {
	e := newEngine(b)
	e.must("CREATE TABLE sbtest1 (id INTEGER NOT NULL AUTO_INCREMENT, k INTEGER DEFAULT '0' NOT NULL, c CHAR(120) DEFAULT '' NOT NULL, pad CHAR(60) DEFAULT '' NOT NULL, PRIMARY KEY (id), KEY k_1 (k))")
	for range 100 {
		e.must("INSERT INTO sbtest1 (k, c, pad) VALUES (1, 'c', 'p'), (2, 'd', 'q')")
	}
	return e
}

// BenchmarkCacheHit is planning a statement whose plan is known.
func BenchmarkCacheHit(b *testing.B) {
	e := sysbenchEngine(b)
	for _, s := range benchStatements {
		b.Run(s.name, func(b *testing.B) {
			sql := []byte(s.sql)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.planner.Plan(&e.w.c, sql); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCacheMiss is planning from the text.
func BenchmarkCacheMiss(b *testing.B) {
	e := sysbenchEngine(b)
	for _, s := range benchStatements {
		b.Run(s.name, func(b *testing.B) {
			sql := []byte(s.sql)
			for b.Loop() {
				e.w.c.Catalog.Version++
				if _, err := e.planner.Plan(&e.w.c, sql); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRun is planning and running on SQLite in memory and one attached file.
func BenchmarkRun(b *testing.B) {
	e := sysbenchEngine(b)
	if err := e.transaction("BEGIN", true); err != nil {
		b.Fatal(err)
	}
	for _, s := range []struct{ name, sql string }{
		{"point", "SELECT c FROM sbtest1 WHERE id=50"},
		{"update", "UPDATE sbtest1 SET k=k+1 WHERE id=50"},
		{"insert", "INSERT INTO sbtest1 (k, c, pad) VALUES (5013, '83868641912-28773972837-60736120486-75162659906-27563526494', '67847967377')"},
		{"delete", "DELETE FROM sbtest1 WHERE id=100000"},
	} {
		b.Run(s.name, func(b *testing.B) {
			sql := []byte(s.sql)
			b.ReportAllocs()
			for b.Loop() {
				bound, err := e.planner.Plan(&e.w.c, sql)
				if err != nil {
					b.Fatal(err)
				}
				binding := Binding{Literals: bound.Literals}
				if bound.Query != nil {
					err = bound.Query.Run(e, testEnvironment{e}, binding, func([]txn.Value) error { return nil })
				} else {
					_, err = bound.Write.Run(e, testEnvironment{e}, binding)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
