package applier

import (
	"context"
	"errors"
	"testing"
	"time"

	"marmot/store"
	"marmot/txn"
)

// TestNothingMovesDuringACut: it sees everything at one position, which stays until it ends; then the log is followed again.
func TestNothingMovesDuringACut(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	n := c.node(newFakeStore(), nil)
	a, b := c.create("a"), c.create("b")
	for i := range int64(50) {
		c.write(row{db: a, key: i, value: "x"})
	}
	last := c.write(row{db: b, key: 1, value: "y"})
	n.applied(last)
	var after txn.Position
	err := n.Cut(n.context(), func(p, unchecked txn.Position) error {
		if saved := n.Saved(); p != last || saved != p || n.Applied() != p || unchecked > p+1 {
			t.Errorf("cut at %s, want %s; saved %s, applied %s, unchecked %s", p, last, saved, n.Applied(), unchecked)
		}
		after = c.write(row{db: a, key: 100, value: "z"})
		waiting, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, err := n.Decision(waiting, after); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a record was decided during the cut: %v", err)
		}
		for _, db := range []txn.DatabaseID{a, b} {
			if at := n.store.Published(db); at != p {
				t.Errorf("database %d is at %s", db, at)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	n.applied(after)
	n.expect(a, 100, "z")
	failed := errors.New("failed")
	if err := n.Cut(n.context(), func(_, _ txn.Position) error { return failed }); !errors.Is(err, failed) {
		t.Errorf("the error of a cut: %v", err)
	}
}

// TestACutDoesNotWaitForAQuarantinedDatabase.
func TestACutDoesNotWaitForAQuarantinedDatabase(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	s := newFakeStore()
	s.beforeApply = func(txn.DatabaseID, []store.Applied) error { return &fitError{mismatch: true} }
	n := c.node(s, nil)
	a := c.create("a")
	c.write(row{db: a, key: 1, value: "poison"})
	n.until("quarantine", func() bool { return n.Quarantined(a) != nil })
	err := n.Cut(n.context(), func(_, _ txn.Position) error { t.Error("cut"); return nil })
	if err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a cut with a quarantined database: %v", err)
	}
}

// TestACutGivesUpWhenARecordTakesTooLong: the deciding goroutine may be in the midst of a definition that finds no room.
func TestACutGivesUpWhenARecordTakesTooLong(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	s := newFakeStore()
	entered, leave := make(chan struct{}), make(chan struct{})
	s.beforeDatabase = func(txn.DefinitionChange) error {
		close(entered)
		<-leave
		return nil
	}
	n := c.node(s, nil)
	a := c.create("a")
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := n.Cut(ctx, func(_, _ txn.Position) error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a cut in the midst of a record: %v", err)
	}
	close(leave)
	n.applied(txn.Position(a))
	if err := n.Cut(n.context(), func(_, _ txn.Position) error { return nil }); err != nil {
		t.Error(err)
	}
}
