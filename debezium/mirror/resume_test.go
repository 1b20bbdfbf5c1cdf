package mirror

import (
	"fmt"
	"testing"

	"marmot/txn"
)

// TestAMirrorBeginsWhereItsCheckpointAndTheLogAre: it needs the log from Resume on, says so while it runs, and when the log does not go
// back so far (the retention was raised, or nobody emitted for a time) it begins at a later checkpoint, with its offsets.
func TestAMirrorBeginsWhereItsCheckpointAndTheLogAre(t *testing.T) {
	meta := &memoryMeta{values: map[string][]byte{}}
	m := newMirror(t, meta, "127.0.0.1:0", 1<<20)
	if p := m.Resume(); p != 0 {
		t.Errorf("a new mirror resumes after %s", p)
	}
	publish(t, m, 1, 2000, 1000)
	resume := m.Resume()
	if resume == 0 || resume >= 2000 {
		t.Fatalf("after 4 MB it resumes after %s", resume)
	}
	ends := fmt.Sprint(m.state.ends)
	m.Close()

	began := func(first txn.Position, retention int64) txn.Position {
		t.Helper()
		again, err := New(t.Context(), Options{Listen: "127.0.0.1:0", ClusterID: "c", Partitions: 3, RetentionBytes: retention, Meta: meta, First: first})
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		p, err := again.Progress(t.Context())
		if err != nil || again.Resume() != p.Position {
			t.Errorf("it began after %s and would resume after %s, %v", p.Position, again.Resume(), err)
		}
		publish(t, again, int(max(p.Position+1, first)), 2000, 1000)
		if got := fmt.Sprint(again.state.ends); first <= p.Position+1 && got != ends {
			t.Errorf("from %s on: ends are %s, were %s", p.Position, got, ends)
		}
		return p.Position
	}
	if p := began(1, 1<<20); p != resume {
		t.Errorf("it began after %s, and said %s", p, resume)
	}
	if p := began(resume+1, 1<<20); p != resume {
		t.Errorf("with the log trimmed up to there it began after %s, and said %s", p, resume)
	}
	if p := began(resume+1, 1<<30); p != resume {
		t.Errorf("with a larger retention and a trimmed log it began after %s, and not %s", p, resume)
	}
	if p := began(resume+2, 1<<20); p <= resume {
		t.Errorf("with the log trimmed above it began after %s", p)
	}
	if p := began(5000, 1<<20); p <= resume {
		t.Errorf("with a log that begins behind all checkpoints it began after %s", p)
	}
}
