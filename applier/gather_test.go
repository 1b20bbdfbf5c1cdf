package applier

import (
	"slices"
	"testing"
	"time"

	"marmot/txn"
)

func TestRecordsGatherUntilSomebodyWaits(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	db := c.create("a")
	due := make(chan time.Time)
	n := c.node(newFakeStore(), func(o *Options) {
		o.Gather = time.Hour
		o.After = func(d time.Duration) <-chan time.Time {
			if d == o.Gather {
				return due
			}
			return time.After(d)
		}
	})
	n.applied(txn.Position(db)) // the first read takes what is there
	first := c.write(row{db: db, key: 1, value: "x"})
	second := c.write(row{db: db, key: 2, value: "x"})
	if n.Decided() >= first {
		t.Error("a record is read before its time")
	}
	if _, err := n.Decision(n.context(), second); err != nil {
		t.Fatal(err)
	}
	n.applied(second)
	third := c.write(row{db: db, key: 3, value: "x"})
	if n.Decided() >= third {
		t.Error("a record is read before its time")
	}
	due <- time.Time{}
	n.applied(third)
	// The two that gathered may be handed to the store one by one if the reader of the log is slow.
	if got := n.store.databases[db].batches; !slices.Equal(got, []int{2, 1}) && !slices.Equal(got, []int{1, 1, 1}) {
		t.Errorf("batches of %v records, want 2 and 1", got)
	}
}
