package session

import (
	"errors"

	"marmot/dialect"
	"marmot/mysqlerr"
)

// queryThatWrites runs a query whose stored functions may write rows: one statement, all or nothing. Its rows are held
// back until what it has written is the transaction's, or committed.
func (s *Session) queryThatWrites(r *run) error {
	sink := s.newRowSink(r)
	sink.keep = true
	err := s.inWrite(r, func(x *executor, o *outcome) error {
		sink.restart()
		if r.bound.Query.Lock != dialect.LockNone {
			if err := s.tx.lockRows(r, x, &o.footprint); err != nil {
				return err
			}
		}
		return sink.run(x)
	})
	if err != nil {
		return err
	}
	sink.keep = false
	return sink.end()
}

// inWrite runs f in the transaction as a statement that writes, or as a transaction of its own. f may run several times.
func (s *Session) inWrite(r *run, f func(x *executor, o *outcome) error) error {
	if err := s.awaitMemory(r.ctx); err != nil {
		return err
	}
	if t := s.current(); t != nil {
		return s.readFailed(t, t.holdWrites(r, f))
	}
	for conflicts := 0; ; conflicts++ {
		warning, err := s.inWriteOnce(r, f)
		if err == nil {
			if warning != nil {
				s.Warn(warning)
			}
			return nil
		}
		if !errors.Is(err, errConflict) || conflicts == maxConflicts {
			return err
		}
		s.engine.counts.retries.Add(1)
		s.undoSideEffects(r)
	}
}

func (s *Session) inWriteOnce(r *run, f func(x *executor, o *outcome) error) (warning *mysqlerr.Error, err error) {
	t := s.newTransaction(false)
	s.tx = t
	defer t.end()
	if err := t.holdWrites(r, f); err != nil {
		return nil, err
	}
	return t.commit(r.ctx)
}

// holdWrites runs f until what it read and wrote is the transaction's. Under SERIALIZABLE its scans are claims.
func (t *transaction) holdWrites(r *run, f func(x *executor, o *outcome) error) error {
	var scans []dialect.Scan
	if q := r.bound.Query; q != nil && t.isolation == serializable {
		scans = q.Scans
	} else if q != nil && q.Lock != dialect.LockNone {
		scans = lockedScans(q.Scans)
	}
	return t.hold(r, scans, nil, func(x *executor) (*outcome, error) {
		o := &outcome{}
		return o, f(x, o)
	})
}
