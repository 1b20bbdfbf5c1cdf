package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"marmot/txn"
)

// TestSnapshotsOfSeveralFilesAreWhole moves money between two databases and within each, while
// readers and writing branches take snapshots of both: the sum is the same in each.
func TestSnapshotsOfSeveralFilesAreWhole(t *testing.T) {
	const accounts, start, readers = 20, 1000, 3
	f := newFixture(t)
	f.close()
	f.o.WALLimitBytes = 1 << 20 // so that checkpoints and waits are part of the race
	f.open()
	a, b := f.createDatabase("a"), f.createDatabase("b")
	ta, tb := f.createTable(a, define("t", true, "id int", "balance int")), f.createTable(b, define("t", true, "id int", "balance int"))
	balance := map[txn.DatabaseID][]int64{}
	first := map[txn.DatabaseID]Applied{}
	p := f.next()
	for _, id := range []txn.DatabaseID{a, b} {
		table := ta
		if id == b {
			table = tb
		}
		record := Applied{Position: p}
		for n := range accounts {
			record.Events = append(record.Events, insert(table, n, start))
			balance[id] = append(balance[id], start)
		}
		first[id] = record
	}
	f.must(f.s.ApplyTogether(first))

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var snapshots, records atomic.Int64
	raced := func() bool { return snapshots.Load() >= 20 && records.Load() >= 20 }
	time.AfterFunc(1500*time.Millisecond, func() {
		for !raced() && ctx.Err() == nil { // a busy machine takes longer
			time.Sleep(10 * time.Millisecond)
		}
		cancel()
	})
	var group sync.WaitGroup
	group.Go(func() { f.s.Run(ctx) })
	group.Go(func() {
		random := rand.New(rand.NewPCG(1, 2))
		change := func(id txn.DatabaseID, account int, amount int64) txn.RowEvent {
			table := ta
			if id == b {
				table = tb
			}
			old := balance[id][account]
			balance[id][account] += amount
			return update(table, row(account, old), row(account, old+amount))
		}
		for ctx.Err() == nil {
			p := f.next()
			amount := random.Int64N(100)
			from, to := random.IntN(accounts), random.IntN(accounts)
			var err error
			if random.IntN(2) == 0 {
				err = f.s.ApplyTogether(map[txn.DatabaseID]Applied{
					a: {Position: p, Events: []txn.RowEvent{change(a, from, -amount)}},
					b: {Position: p, Events: []txn.RowEvent{change(b, to, amount)}},
				})
			} else {
				err = f.s.Apply(a, []Applied{{Position: p, Events: []txn.RowEvent{change(a, from, -amount), change(a, to, amount)}}})
				f.s.Advance(b, p)
			}
			if err != nil {
				t.Error(err)
				return
			}
			records.Add(1)
		}
	})
	for n := range readers {
		group.Go(func() {
			if err := f.readSums(ctx, a, b, 2*accounts*start, n == 0, &snapshots); err != nil {
				t.Error(err)
				cancel()
			}
		})
	}
	group.Wait()
	if !raced() {
		t.Errorf("only %d snapshots of %d records", snapshots.Load(), records.Load())
	}
	t.Logf("%d snapshots, %d records", snapshots.Load(), records.Load())
}

// readSums takes and counts snapshots until ctx ends and compares the sum over both databases.
func (f *fixture) readSums(ctx context.Context, a, b txn.DatabaseID, want int64, write bool, taken *atomic.Int64) error {
	sum := fmt.Sprintf("SELECT (SELECT sum(balance) FROM %s.t) + (SELECT sum(balance) FROM %s.t)", alias(a), alias(b))
	for ; ctx.Err() == nil; taken.Add(1) {
		branch, err := f.s.OpenBranch()
		if err != nil {
			return err
		}
		if err := branch.Use(a, b); err != nil {
			return err
		}
		published := min(f.s.Published(a), f.s.Published(b))
		if err := branch.Snapshot(context.Background()); err != nil {
			return err
		}
		if branch.Position() < published {
			return fmt.Errorf("a snapshot at %s, when %s was published before it", branch.Position(), published)
		}
		c := branch.Reader()
		if write {
			c = branch.Conn()
			for _, sql := range []string{"BEGIN", "UPDATE " + alias(a) + ".t SET balance = balance + 1", "UPDATE " + alias(b) + ".t SET balance = balance - 1"} {
				if err := run(c, sql); err != nil {
					return err
				}
			}
		}
		for range 2 {
			err := query(c, sum, func(row []txn.Value) error {
				if got := row[0].Int64(); got != want {
					return fmt.Errorf("the sum at %s is %d, want %d", branch.Position(), got, want)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		branch.Close()
	}
	return nil
}

// TestDDLBesideReadersIsSeenWhole alters a table while branches plan with the catalog: one whose
// Version is the snapshot's fits it.
func TestDDLBesideReadersIsSeenWhole(t *testing.T) {
	f := newFixture(t)
	db := f.createDatabase("d")
	table := f.createTable(db, define("t", true, "id int"))
	f.must(f.apply(db, insert(table, 1)))
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	var group sync.WaitGroup
	group.Go(func() {
		for n := 0; ctx.Err() == nil && n < 200; n++ {
			columns := []string{"id int"}
			sql := "ALTER TABLE t DROP COLUMN c"
			if n%2 == 0 {
				columns = append(columns, "c text")
				sql = "ALTER TABLE t ADD COLUMN c TEXT"
			}
			err := f.s.Apply(db, []Applied{{Position: f.next(), Changes: []txn.DefinitionChange{tableChange(db, table.ID, define("t", true, columns...), sql)}}})
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range 2 {
		group.Go(func() {
			fitting := 0
			for n := 0; ctx.Err() == nil || fitting == 0 && n < 1000; n++ { // when nobody alters it any more, each fits
				branch, err := f.s.OpenBranch()
				if err == nil {
					err = branch.Use(db)
				}
				catalog := f.s.Catalog()
				if err == nil {
					err = branch.Snapshot(context.Background())
				}
				if err != nil {
					t.Error(err)
					return
				}
				d := catalog.Database("d")
				if branch.Schema(db) == d.Version {
					fitting++
					if err := query(branch.Reader(), "SELECT * FROM d1.t", func(row []txn.Value) error {
						if len(row) != len(d.Tables["t"].Columns) {
							return fmt.Errorf("%d columns at %s, the catalog has %d", len(row), d.Version, len(d.Tables["t"].Columns))
						}
						return nil
					}); err != nil {
						t.Error(err)
					}
				}
				branch.Close()
			}
			if fitting == 0 {
				t.Error("no snapshot fitted its catalog")
			}
		})
	}
	group.Wait()
}
