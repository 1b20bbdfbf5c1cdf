package applier

import (
	"testing"

	"marmot/log"
	"marmot/txn"
)

// TestADecisionIsWaitedForThoughItIsSaved: the saver may be faster than the deciding goroutine, which has yet to tell what it decided. Of the
// store alone nobody would learn what a record got.
func TestADecisionIsWaitedForThoughItIsSaved(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	p := c.append(&txn.Lease{Table: 7, Count: 3, AtLeast: 1})
	a, err := New(Options{Log: c.log, Genesis: c.genesis, Store: newFakeStore(), Node: "n1"})
	if err != nil {
		t.Fatal(err)
	}
	reads, err := a.next(t.Context(), log.NewReader(c.log, c.genesis, a.cursor), false)
	if err != nil || reads[len(reads)-1].Position != p {
		t.Fatalf("read %d records, %v", len(reads), err)
	}
	last := &reads[len(reads)-1]
	for i := range reads[:len(reads)-1] {
		a.decide(&reads[i])
	}
	decision := a.judge(last)
	if err := a.saveOnce(t.Context(), true); err != nil || a.Saved() != p {
		t.Fatalf("saved up to %s, want %s; %v", a.Saved(), p, err)
	}
	early, told := a.decisions.wait(p)
	if told == nil {
		t.Fatalf("nobody waits: the decision is %+v", early)
	}
	a.decisions.put(last, decision, true)
	if got := <-told; got.LeaseFirst != 1 || got.LeaseCount != 3 {
		t.Errorf("the lease is %+v", got)
	}
}
