package session

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"marmot/applier/ledger"
	"marmot/dialect"
	"marmot/internal/stage"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"
)

const (
	// maxAttempts is how often a statement runs until its rows hold still.
	maxAttempts = 1000
	// maxStaleAttempts is how often it runs again only because a commit was quicker; then the
	// ledger judges at COMMIT.
	maxStaleAttempts = 10
	// maxConflicts is how often a statement that is a transaction of its own runs again after a conflict.
	maxConflicts = 20
	// freeConflicts of them come before it fences the tables.
	freeConflicts = 2
)

// write runs INSERT, UPDATE, DELETE and their like.
func (s *Session) write(r *run) error {
	if t := s.current(); t != nil {
		if err := t.access(r.bound.Plan); err != nil {
			return err
		}
		result, err := t.write(r)
		if err != nil {
			return s.statementFailed(t, err)
		}
		return s.wrote(r, result, nil)
	}
	if s.vars.readOnly && !allTemporary(r.bound.Plan) {
		return s.newTransaction(false).access(r.bound.Plan)
	}
	return s.writeAlone(r)
}

// writeAlone runs a statement that is a transaction of its own. After a conflict it runs again, at
// last behind a fence.
func (s *Session) writeAlone(r *run) error {
	for conflicts := 0; ; {
		result, warning, err := s.writeOnce(r, conflicts >= freeConflicts)
		if err == nil {
			return s.wrote(r, result, warning)
		}
		if !errors.Is(err, errConflict) || r.bound.HasSideEffects || conflicts == maxConflicts {
			return err
		}
		conflicts++
		s.engine.counts.retries.Add(1)
		s.undoSideEffects(r)
	}
}

// writeOnce runs the statement and commits it. warning is what a committed transaction has to tell.
func (s *Session) writeOnce(r *run, fenced bool) (result dialect.WriteResult, warning *mysqlerr.Error, err error) {
	t := s.newTransaction(false)
	s.tx = t
	unfence := func() {}
	defer func() {
		t.end() // first: giving up the fence may take as long as the log is away
		unfence()
	}()
	if fenced {
		s.engine.counts.fencedRetries.Add(1)
		if unfence, err = t.fenceTargets(r); err != nil {
			unfence = func() {}
			return result, nil, err
		}
	}
	if result, err = t.write(r); err != nil {
		return result, nil, err
	}
	warning, err = t.commit(r.ctx)
	return result, warning, err
}

// wrote answers a Write.
func (s *Session) wrote(r *run, result dialect.WriteResult, warning *mysqlerr.Error) error {
	if warning != nil {
		s.Warn(warning)
	}
	if result.GeneratedID {
		s.last.insertID = result.InsertID
	}
	return s.ok(r, Result{Affected: result.Affected, InsertID: result.InsertID, Info: withWarnings(result.Info, r.warned)})
}

// withWarnings completes a write's line of information with the number of all warnings, those of planning included.
func withWarnings(info string, warned int) string {
	const word = "Warnings: "
	if at := strings.LastIndex(info, word); at >= 0 {
		info = info[:at+len(word)] + strconv.Itoa(warned)
	}
	return info
}

// statementFailed ends the transaction if the error says that it is lost.
func (s *Session) statementFailed(t *transaction, err error) error {
	err = t.withoutDatabase(err)
	if endsTransaction(err) {
		s.engine.counts.rollbacks.Add(1)
		t.end()
		s.tx = nil
	}
	return err
}

// outcome is one attempt of a statement in C.
type outcome struct {
	events    []txn.RowEvent
	footprint footprint
	bytes     int64
	noWait    bool // a lock that is not to be had is an error
	skip      bool // … is looked for again at once
}

// write runs the statement in C until its keys are the transaction's: it waits for other sessions'
// locks and moves when a commit was quicker. An error leaves C as it was.
func (t *transaction) write(r *run) (dialect.WriteResult, error) {
	var result dialect.WriteResult
	if err := t.takeTargets(r); err != nil {
		return result, err
	}
	err := t.hold(r, r.bound.Write.Scans, r.bound.Write.Targets, func(x *executor) (*outcome, error) {
		o := &outcome{}
		var err error
		result, err = r.bound.Write.Run(x, t.session, r.binding())
		if err != nil {
			return nil, err
		}
		return o, nil
	})
	return result, err
}

// takeTargets takes the rows that the statement names by a unique key before it runs: where many sessions write one row, each
// waits here for its turn, instead of running once only to find that it has to wait. As in MySQL, the row stays taken
// when another condition does not match it.
func (t *transaction) takeTargets(r *run) error {
	s := t.session
	var named footprint
	scans := r.bound.Write.Scans
	for i := range scans {
		if !scans[i].Target || scans[i].Table.Temporary() {
			continue
		}
		hash, one, err := scans[i].Key(s, r.binding())
		if err != nil || !one {
			return nil // the statement itself tells what is wrong, and finds its rows
		}
		named.key(scans[i].Table.ID, hash, txn.Exclusive)
	}
	if len(named.keys) == 0 {
		return nil
	}
	wants := named.wants()
	for range len(wants) + 1 {
		blocked, err := s.engine.locks.tryTake(t.owner, wants)
		if err != nil {
			return t.refused(err)
		}
		if blocked == nil {
			return nil
		}
		if err := t.waitFor(r, *blocked); err != nil {
			return err
		}
	}
	return nil
}

// hold runs a statement, by attempt, until what it read and took is the transaction's.
func (t *transaction) hold(r *run, scans []dialect.Scan, targets []*schemas.Table, attempt func(*executor) (*outcome, error)) error {
	s := t.session
	stale := 0
	for range maxAttempts {
		if s.engine.locks.isDoomed(t.owner) {
			return errConflict
		}
		fresh, err := t.prepare(r, scans)
		if err != nil {
			return err
		}
		s.staged(stage.Branch)
		o, err := t.try(r, scans, attempt)
		if err != nil {
			again, moveErr := t.failedByAge(r, err, fresh)
			if moveErr != nil {
				return moveErr
			}
			if !again || stale >= maxStaleAttempts {
				return err
			}
			stale++
			s.undoSideEffects(r)
			continue
		}
		again, err := t.settle(r, o, &stale)
		if err != nil {
			return err
		}
		if !again {
			s.staged(stage.Capture)
			return nil
		}
		s.undoSideEffects(r)
	}
	return errConflict
}

// prepare brings C to where the statement may run: open, not fenced, and as current as its scans need.
func (t *transaction) prepare(r *run, scans []dialect.Scan) (fresh bool, err error) {
	if err := t.awaitFences(r); err != nil {
		return false, err
	}
	if err := t.session.slot.take(r.ctx); err != nil {
		return false, err
	}
	if fresh, err = t.open(r.ctx, r); err != nil {
		return fresh, err
	}
	if !fresh {
		p, err := t.outdated(r, scans)
		if err != nil {
			return false, err
		}
		if p > 0 {
			if err := t.moveFor(r, p); err != nil {
				return false, err
			}
			fresh = true
		}
	}
	return fresh, t.beginC()
}

// moveFor moves C, and asks for another plan when the definitions are others there.
func (t *transaction) moveFor(r *run, p txn.Position) error {
	if err := t.move(r.ctx, p); err != nil {
		if errors.Is(err, errCannotMove) {
			return nil
		}
		return err
	}
	if !samePlan(t.catalog, r.catalog, r.bound.Databases) {
		return errReplan
	}
	return nil
}

// outdated returns the position to which C should move before the statement scans: something that it
// looks at has changed since and is published.
func (t *transaction) outdated(r *run, scans []dialect.Scan) (txn.Position, error) {
	s := t.session
	if len(scans) == 0 || s.engine.published(t.databases) <= t.at {
		return 0, nil
	}
	var newest txn.Position
	var err error
	s.engine.ask(func(l *ledger.Ledger) {
		for i := range scans {
			scan := &scans[i]
			if scan.Table.Temporary() {
				continue
			}
			hash, one, keyErr := scan.Key(s, r.binding())
			if keyErr != nil {
				err = keyErr
				return
			}
			var p txn.Position
			if one {
				p, _ = l.TakenAfter(scan.Table.ID, hash, txn.Read, t.at)
			} else {
				p, _ = l.WrittenAfter(scan.Table.ID, t.at)
			}
			newest = max(newest, p)
		}
	})
	return newest, err
}

// statementMark is the SQLite savepoint before each statement of an explicit transaction.
const statementMark = "statement"

// try runs one attempt. After an error C is as it was before.
func (t *transaction) try(r *run, scans []dialect.Scan, attempt func(*executor) (*outcome, error)) (*outcome, error) {
	x := t.executor()
	mark := t.branch.Mark()
	r.inside = footprint{}
	if t.explicit {
		if err := t.exec("SAVEPOINT " + statementMark); err != nil {
			return nil, err
		}
	}
	o, err := attempt(x)
	t.session.staged(stage.Execute)
	if err == nil {
		err = t.collect(r, o, scans, mark)
	}
	t.branch.Cut(mark)
	if err != nil {
		if undoErr := t.undo(); undoErr != nil {
			return nil, fmt.Errorf("%w (after %w)", undoErr, err)
		}
		return nil, err
	}
	return o, nil
}

// undo takes back the statement's changes in C.
func (t *transaction) undo() error {
	conn := t.branch.Conn()
	if !conn.InTransaction() { // SQLite gave up the whole transaction
		if t.written.dropped {
			return errLostBranch
		}
		t.begunC = false
		return t.rebuild(t.branch)
	}
	if !t.explicit {
		if err := conn.Exec("ROLLBACK"); err != nil {
			return err
		}
		return conn.Exec("BEGIN")
	}
	return conn.Exec("ROLLBACK TO " + statementMark + "; RELEASE " + statementMark)
}

// collect makes row events and keys of what the statement did.
func (t *transaction) collect(r *run, o *outcome, scans []dialect.Scan, mark int) error {
	if t.tooLarge(t.branch.CapturedBytes()) {
		return errTransactionTooLarge
	}
	events, matched, err := t.branch.Events(mark, t.catalog)
	if err != nil {
		return err
	}
	for _, table := range r.bound.Tables {
		if !table.Temporary() {
			o.footprint.touch(table)
		}
	}
	for i := range events {
		if err := o.footprint.row(t.rules, &events[i], true); err != nil {
			return err
		}
		o.bytes += eventBytes(&events[i])
	}
	for i := range matched {
		if err := o.footprint.row(t.rules, &matched[i], false); err != nil {
			return err
		}
	}
	for id, value := range r.noted {
		table, err := t.rules.table(id)
		if err != nil {
			return err
		}
		o.footprint.touch(table).autoIncrement = value
	}
	o.events = events
	o.footprint.merge(&r.inside)
	return t.collectScans(r, o, scans)
}

// collectScans adds what the statement read besides the rows it changed.
func (t *transaction) collectScans(r *run, o *outcome, scans []dialect.Scan) error {
	for i := range scans {
		scan := &scans[i]
		if scan.Target || scan.Table.Temporary() {
			continue
		}
		hash, one, err := scan.Key(t.session, r.binding())
		if err != nil {
			return err
		}
		if one {
			o.footprint.key(scan.Table.ID, hash, txn.Read)
		} else {
			o.footprint.touch(scan.Table).read = true
		}
	}
	return nil
}

// eventBytes estimates what an event takes in a chunk.
func eventBytes(e *txn.RowEvent) int64 {
	n := int64(32)
	for _, values := range [2][]txn.Value{e.Before, e.After} {
		for i := range values {
			n += 9 + int64(len(values[i].Bytes()))
		}
	}
	return n
}

// settle takes the locks of an attempt and asks the ledger whether its keys are still as they were
// read. It reports true when the statement is undone and must run again; stale counts how often that
// was because a commit was quicker.
func (t *transaction) settle(r *run, o *outcome, stale *int) (again bool, err error) {
	for _, id := range t.claims.crowded(&o.footprint) {
		table, err := t.rules.table(id)
		if err != nil {
			return false, err
		}
		o.footprint.touch(table).exclusive = true
	}
	wants := o.footprint.wants()
	blocked, err := t.session.engine.locks.tryTake(t.owner, wants)
	if err != nil {
		return false, t.refused(err)
	}
	if blocked != nil {
		switch {
		case o.noWait:
			if err := t.undo(); err != nil {
				return false, err
			}
			return false, errNoWait()
		case o.skip:
			return true, t.undo()
		}
		return true, t.awaitLock(r, *blocked)
	}
	if p := t.taken(&o.footprint); p > 0 && *stale < maxStaleAttempts {
		*stale++
		if err := t.undo(); err != nil {
			return false, err
		}
		if t.written.dropped {
			return false, errConflict
		}
		return true, t.moveFor(r, p)
	}
	return false, t.accept(r, o, wants)
}

// taken returns the newest position at which something of the footprint was taken after C's.
func (t *transaction) taken(f *footprint) (newest txn.Position) {
	t.session.engine.ask(func(l *ledger.Ledger) {
		if l.Position() <= t.at {
			return
		}
		for i := range f.keys {
			p, _ := l.TakenAfter(f.keys[i].Table, f.keys[i].Hash, f.keys[i].Mode, t.at)
			newest = max(newest, p)
		}
		for i := range f.touches {
			if touch := &f.touches[i]; touch.read || touch.exclusive {
				p, _ := l.WrittenAfter(touch.table.ID, t.at)
				newest = max(newest, p)
			}
		}
	})
	return newest
}

// awaitLock undoes the statement, gives up the slot, waits for the lock and moves C.
func (t *transaction) awaitLock(r *run, w want) error {
	s := t.session
	if err := t.undo(); err != nil {
		return err
	}
	s.slot.give()
	s.staged(stage.Capture)
	if err := t.waitFor(r, w); err != nil {
		return err
	}
	if err := s.slot.take(r.ctx); err != nil {
		return err
	}
	return t.moveFor(r, 0)
}

// waitFor waits for a lock. The slot is not held.
func (t *transaction) waitFor(r *run, w want) error {
	s := t.session
	s.engine.counts.lockWaits.Add(1)
	s.setState("waiting for a row lock")
	defer s.setState("")
	ctx, cancel := context.WithTimeoutCause(r.ctx, s.vars.lockWait, errLockTimeout)
	defer cancel()
	err := s.engine.locks.wait(ctx, t.owner, w)
	s.staged(stage.Lock)
	return t.refused(err)
}

// refused is the error of a lock that was not to be had.
func (t *transaction) refused(err error) error {
	if errors.Is(err, errDeadlock) {
		t.session.engine.counts.deadlocks.Add(1)
	}
	return err
}

// failedByAge reports whether a statement's error may come from C being behind, in which case C has
// been moved and the statement is to run again. With strong reads a barrier comes before the answer.
func (t *transaction) failedByAge(r *run, err error, fresh bool) (again bool, moveErr error) {
	if t.branch == nil || r.ctx.Err() != nil {
		return false, nil
	}
	s := t.session
	if !errors.Is(err, errBehind) {
		strong := s.vars.strongReads && !r.aware
		if fresh && !strong || endsTransaction(err) || errors.Is(err, errReplan) {
			return false, nil
		}
		if strong { // what the statement misses, or finds in its way, may be what another node has been told of
			r.aware = true
			s.slot.give()
			moveErr := s.awaitBarrier(r.ctx, t.databases...)
			if moveErr == nil {
				moveErr = s.slot.take(r.ctx)
			}
			if moveErr != nil {
				return false, moveErr
			}
		}
	}
	var newest txn.Position
	s.engine.ask(func(l *ledger.Ledger) {
		for _, table := range r.bound.Tables {
			p, _ := l.WrittenAfter(table.ID, t.at)
			newest = max(newest, p)
		}
	})
	if newest == 0 || t.written.dropped {
		return false, nil
	}
	return true, t.moveFor(r, newest)
}

// accept makes an attempt part of the transaction.
func (t *transaction) accept(r *run, o *outcome, wants []want) error {
	if t.explicit {
		if err := t.exec("RELEASE " + statementMark); err != nil {
			return err
		}
		t.session.engine.locks.rely(t.owner, wants, t.at)
	}
	t.claims.add(&o.footprint)
	return t.append(r, o)
}

// append adds the statement's row events to the transaction and hands them to the log's sender.
func (t *transaction) append(r *run, o *outcome) error {
	if len(o.events) == 0 {
		return nil
	}
	w := &t.written
	s := t.session
	mine := func(e *txn.RowEvent) bool {
		table := t.rules.tables[e.Table]
		return table != nil && table.Temporary()
	}
	shared := 0
	for i := range o.events {
		if !mine(&o.events[i]) {
			shared++
		}
	}
	if t.tx == nil && shared > 0 {
		t.seen = s.engine.options.Applier.Decided()
		t.tx = s.engine.options.Origin.Begin(s.info.ID, t.seen)
	}
	s.slot.give() // the log may be slow
	first := w.next
	for i := range o.events {
		e := &o.events[i]
		if mine(e) {
			w.private = append(w.private, *e)
			continue
		}
		e.Ordinal = w.next
		w.next++
		table, err := t.rules.table(e.Table)
		if err != nil {
			return err
		}
		w.touch(table.DBID)
		if err := t.tx.Write(table.Database+"."+table.Name, e); err != nil {
			return err
		}
	}
	statement := txn.Statement{Events: txn.OrdinalRange{First: first, End: w.next}}
	if s.engine.options.RowsQuery {
		statement.Text = string(r.text)
		if r.logged != nil {
			statement.Text = string(r.logged)
		}
	}
	if shared > 0 {
		w.statements = append(w.statements, statement)
	}
	w.count += uint64(shared)
	w.bytes += o.bytes
	if !w.dropped {
		w.events = append(w.events, o.events...)
		if len(w.events) > maxMoveEvents {
			w.events, w.dropped = nil, true
		}
	}
	if t.view == nil {
		return nil
	}
	if err := s.slot.take(r.ctx); err != nil {
		return err
	}
	return t.view.accept(o.events)
}

func (w *written) touch(id txn.DatabaseID) {
	for _, known := range w.databases {
		if known == id {
			return
		}
	}
	w.databases = append(w.databases, id)
}
