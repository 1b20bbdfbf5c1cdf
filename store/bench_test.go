package store

import (
	"fmt"
	"testing"

	"marmot/txn"
)

// BenchmarkApply writes transactions of 100 inserts in random order of their keys.
func BenchmarkApply(b *testing.B) {
	for _, batch := range []int{1, 10} {
		b.Run(fmt.Sprintf("transactions=%d", batch), func(b *testing.B) {
			f := newFixture(b)
			db := f.createDatabase("d")
			table := f.createTable(db, define("t", true, "id int", "k int", "v text"))
			go f.s.Run(b.Context())
			id := 0
			for b.Loop() {
				var records []Applied
				for range batch {
					a := Applied{Position: f.next()}
					for range 100 {
						id++
						a.Events = append(a.Events, insert(table, int64(uint32(id)*2654435761>>1), id, "some text of a row that is as long as rows are"))
					}
					records = append(records, a)
				}
				f.must(f.s.Apply(db, records))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(id), "ns/row")
		})
	}
}

// BenchmarkSnapshotAndPointRead is what an autocommit SELECT costs the store.
func BenchmarkSnapshotAndPointRead(b *testing.B) {
	for _, files := range []int{1, 2} {
		b.Run(fmt.Sprintf("files=%d", files), func(b *testing.B) {
			f := newFixture(b)
			var ids []txn.DatabaseID
			for n := range files {
				db := f.createDatabase(fmt.Sprint("d", n))
				ids = append(ids, db)
				table := f.createTable(db, define("t", true, "id int", "v text"))
				a := Applied{Position: f.next()}
				for id := range 10000 {
					a.Events = append(a.Events, insert(table, id, "some text"))
				}
				f.must(f.s.Apply(db, []Applied{a}))
			}
			n := 0
			for b.Loop() {
				branch := f.branch(ids...)
				n++
				if err := query(branch.Reader(), "SELECT v FROM d1.t WHERE id = ?", func([]txn.Value) error { return nil }, txn.Int(int64(n%10000))); err != nil {
					b.Fatal(err)
				}
				branch.Close()
			}
		})
	}
}

// BenchmarkInsertInBranch is what an autocommit INSERT costs before its order record.
func BenchmarkInsertInBranch(b *testing.B) {
	f := newFixture(b)
	db := f.createDatabase("d")
	f.createTable(db, define("t", true, "id int", "v text"))
	catalog := f.s.Catalog()
	n := 0
	for b.Loop() {
		branch := f.branch(db)
		n++
		if err := run(branch.Conn(), "INSERT INTO d1.t VALUES (?, ?)", txn.Int(int64(n)), txn.TextString("some text")); err != nil {
			b.Fatal(err)
		}
		if events, _, err := branch.Events(0, catalog); err != nil || len(events) != 1 {
			b.Fatal(len(events), err)
		}
		branch.Close()
	}
}
