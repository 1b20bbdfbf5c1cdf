package applier

import (
	"testing"

	"marmot/txn"
)

// A node that does not know whether its opening is in the log sends it again; that begins no later run.
func TestRecordedPassesOverASecondCopyOfTheOpening(t *testing.T) {
	c := newCluster(t, txn.Settings{})
	n := c.node(newFakeStore(), nil)
	db := c.create("d")
	c.openings--
	c.appendAs(0, 0, "n1", &txn.Opening{Rules: 1})
	c.write(row{db, 1, "first", c.genesis.Base + 1})
	id := txn.ID{Epoch: c.epoch, Sequence: c.sequence}
	n.applied(c.append(&txn.Noop{}))
	if committed, known, err := n.Recorded(n.context(), id); err != nil || !known || !committed {
		t.Errorf("committed %v, known %v, %v", committed, known, err)
	}
}
