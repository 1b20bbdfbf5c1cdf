package simulation

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"marmot/applier"
	"marmot/store/sqlite"
	"marmot/txn"
)

var (
	oneSeed = flag.Uint64("seed", 0, "the first seed; alone unless -seeds is given too")
	seeds   = flag.Uint64("seeds", 0, "number of seeds; 20 without -seed")
	repeats = flag.Int("repeat", 1, "how often each seed runs: which goroutine runs when is not the seed's to say")
	load    = flag.Int("transactions", 40, "transactions of each client")
	logs    = flag.Bool("logs", false, "print what the nodes log")
)

// eachSeed runs a simulation for the seeds that were asked for, as many at a time as -test.parallel says.
func eachSeed(t *testing.T, simulate func(*testing.T, uint64)) {
	first, count := uint64(1), uint64(20)
	if *oneSeed != 0 {
		first, count = *oneSeed, 1
	}
	if *seeds != 0 {
		count = *seeds
	}
	for seed := first; seed < first+count; seed++ {
		for range *repeats {
			t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
				t.Parallel()
				simulate(t, seed)
			})
		}
	}
}

func TestInvariantsHoldUnderFaults(t *testing.T) {
	eachSeed(t, func(t *testing.T, seed uint64) {
		w := newWorld(t, seed)
		defer w.stop()
		w.build()
		w.heal() // everybody starts with all tables
		w.live(4, w.client)
		w.heal()
		w.check()
		t.Logf("seed %d: %d kills, %v, %v", seed, w.kills.Load(), w.results.counts, w.results.causes)
	})
}

// check checks what must hold now that the nodes are at rest.
func (w *world) check() {
	first := ""
	for i, n := range w.nodes {
		err := n.use(func(r *run) error {
			s, err := begin(w, r)
			if err != nil {
				return err
			}
			defer s.close()
			contents := w.contents(s)
			if i == 0 {
				first = contents
			} else if contents != first {
				w.broken(equalNodes, "files of %s differ from those of %s:\n%s\n%s", n.id, w.nodes[0].id, contents, first)
			}
			w.checkTotal(s)
			w.checkJournal(s)
			w.checkTags(s)
			if fed := w.replay(r); s.err == nil && fed != contents {
				w.broken(exactEvents, "the feed of %s gives\n%s\nits files hold\n%s", n.id, fed, contents)
			}
			return s.err
		})
		if err != nil {
			w.broken(survival, "check %s: %v", n.id, err)
		}
	}
}

// tables lists the tables in the order in which contents prints them.
func (w *world) tables() []txn.TableID {
	s := &w.shop
	return []txn.TableID{s.accountsA, s.counters, s.journal, s.accountsB, s.tags}
}

// contents prints all tables: "files with equal contents".
func (w *world) contents(s *writer) string {
	var b strings.Builder
	for _, id := range w.tables() {
		var lines []string
		for _, row := range s.read(id, "SELECT * FROM %s") {
			lines = append(lines, fmt.Sprint(row))
		}
		slices.Sort(lines)
		fmt.Fprintf(&b, "table %d: %s\n", id, strings.Join(lines, " "))
	}
	return b.String()
}

// replay builds the tables from the feed: "replayed from the start it rebuilds each table exactly".
func (w *world) replay(r *run) string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	last := r.applier.Applied()
	if err := w.saved(ctx, r.applier, last); err != nil {
		w.broken(exactEvents, "%v", err)
	}
	rows := map[txn.TableID]map[string]bool{}
	feed := r.applier.Feed(0)
	for at := txn.Position(0); at < last; {
		c, err := feed.Next(ctx)
		if err != nil {
			w.broken(exactEvents, "feed: %v", err)
			break
		}
		at = c.Position
		if c.Transaction == nil {
			continue
		}
		err = feed.Events(ctx, c, func(e *txn.RowEvent) error {
			if rows[e.Table] == nil {
				rows[e.Table] = map[string]bool{}
			}
			table := rows[e.Table]
			before, after := fmt.Sprint(e.Before), fmt.Sprint(e.After)
			if e.Op != txn.Insert && !table[before] {
				return fmt.Errorf("%s of row %s, which is not there", e.Op, before)
			}
			delete(table, before)
			if e.Op != txn.Delete {
				table[after] = true
			}
			return nil
		})
		if err != nil {
			w.broken(exactEvents, "feed at %s: %v", c.Position, err)
		}
	}
	var b strings.Builder
	for _, id := range w.tables() {
		var lines []string
		for row := range rows[id] {
			lines = append(lines, row)
		}
		slices.Sort(lines)
		fmt.Fprintf(&b, "table %d: %s\n", id, strings.Join(lines, " "))
	}
	return b.String()
}

func (w *world) saved(ctx context.Context, a *applier.Applier, p txn.Position) error {
	for a.Saved() < p {
		select {
		case <-ctx.Done():
			return fmt.Errorf("decisions are not stored: %w", ctx.Err())
		case <-time.After(time.Millisecond):
		}
	}
	return nil
}

// checkJournal checks "a client that got OK finds its transaction in every later state of every node; one that got not
// committed finds it in none", and "first committer wins": each counted step is there once.
func (w *world) checkJournal(s *writer) {
	found := map[int64]bool{}
	steps := int64(0)
	for _, row := range s.read(w.shop.journal, "SELECT * FROM %s") {
		found[row[0].Int64()] = true
		if row[1].Int64() <= 1 {
			steps++
		}
	}
	for n, o := range w.results.outcome {
		if o == acknowledged && !found[n] {
			w.broken(toldOutcomes, "transaction %d was acknowledged and is lost", n)
		}
		if o == refused && found[n] {
			w.broken(toldOutcomes, "transaction %d was refused and is there", n)
		}
	}
	total := int64(0)
	for _, row := range s.read(w.shop.counters, "SELECT n FROM %s") {
		total += row[0].Int64()
	}
	if total != steps {
		w.broken(firstCommitterWins, "counters say %d, %d transactions counted", total, steps)
	}
}

// checkTags checks "no duplicate unique value".
func (w *world) checkTags(s *writer) {
	seen := map[int64]bool{}
	for _, row := range s.read(w.shop.tags, "SELECT value FROM %s") {
		if seen[row[0].Int64()] {
			w.broken(firstCommitterWins, "tag %d is there twice", row[0].Int64())
		}
		seen[row[0].Int64()] = true
	}
}

// The build is checked once, so that a wrong one is told clearly.
func TestSQLiteIsBuiltRight(t *testing.T) {
	if err := sqlite.CheckBuild(); err != nil {
		t.Fatal(err)
	}
}
