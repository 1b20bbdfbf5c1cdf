package applier

import (
	"context"
	"errors"

	"marmot/log"
	"marmot/txn"
)

// recordedBytes is how much of the log Recorded reads at once.
const recordedBytes = 1 << 20

// Recorded looks in the log for what became of a transaction of any run of any node. known is false while the record
// may still come, when the log no longer goes back to the run's beginning, and for a run that never was.
func (a *Applier) Recorded(ctx context.Context, id txn.ID) (committed, known bool, err error) {
	opening, end := txn.Position(id.Epoch), a.Decided()
	if opening <= a.o.Genesis.Base || opening > end || id.Sequence == 0 {
		return false, false, nil
	}
	reader := log.NewReader(a.o.Log, a.o.Genesis, log.Cursor{Position: opening - 1})
	if opening-1 == a.o.Genesis.Base {
		reader = log.NewReader(a.o.Log, a.o.Genesis, log.Cursor{Position: opening - 1, Chain: a.o.Genesis.PreviousHash})
	}
	var run *txn.Record
	for at := opening - 1; at < end; {
		reads, err := reader.Next(ctx, recordedBytes)
		if errors.Is(err, log.ErrTrimmed) {
			return false, false, nil
		}
		if err != nil {
			return false, false, err
		}
		for i := range reads {
			r := &reads[i]
			if at = r.Position; at > end {
				break
			}
			if r.Record == nil {
				continue
			}
			_, opens := r.Record.Body.(*txn.Opening)
			switch {
			case at == opening && !opens:
				return false, false, nil
			case at == opening:
				run = r.Record
			case opens && endsRun(run, r.Record):
				return false, true, nil // what comes later from the earlier run is void
			case r.Record.Epoch == id.Epoch && r.Record.Sequence == id.Sequence:
				d, err := a.Decision(ctx, at)
				return err == nil && d.Verdict == txn.Commit, err == nil, err
			case r.Record.Epoch == id.Epoch && r.Record.Sequence > id.Sequence:
				return false, true, nil // it would be void
			}
		}
	}
	return false, false, nil
}

// endsRun reports whether an opening record ends the run that another one has opened: any of the same node does, but
// a second copy of the record itself, as the ledger has it.
func endsRun(run, later *txn.Record) bool {
	mine, theirs := run.Body.(*txn.Opening), later.Body.(*txn.Opening)
	return run.Node == later.Node && (mine.DataUUID != theirs.DataUUID || run.TimeUS != later.TimeUS)
}
