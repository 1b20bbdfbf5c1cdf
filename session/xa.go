package session

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// maxBranches is how many XA transactions a node has at a time.
const maxBranches = 10_000

// branches are the XA transactions of a node by their names. A prepared one belongs to no session: whoever names it ends it. It is held
// in memory and gone, that is rolled back, with the node.
type branches struct {
	mu   sync.Mutex
	open map[dialect.XID]*transaction // nil: a session is in it
}

// begin takes a name.
func (b *branches) begin(id dialect.XID) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, taken := b.open[id]; taken {
		return mysqlerr.New(mysql.ER_XAER_DUPID)
	}
	if len(b.open) >= maxBranches {
		return mysqlerr.New(mysql.ER_XAER_RMERR)
	}
	if b.open == nil {
		b.open = map[dialect.XID]*transaction{}
	}
	b.open[id] = nil
	return nil
}

func (b *branches) prepare(id dialect.XID, t *transaction) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open[id] = t
}

// end gives a name free.
func (b *branches) end(id dialect.XID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.open, id)
}

// take removes a prepared transaction; nil if there is none.
func (b *branches) take(id dialect.XID) *transaction {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.open[id]
	if t != nil {
		delete(b.open, id)
	}
	return t
}

// prepared lists what is prepared.
func (b *branches) prepared() []dialect.XID {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []dialect.XID
	for id, t := range b.open {
		if t != nil {
			list = append(list, id)
		}
	}
	slices.SortFunc(list, func(x, y dialect.XID) int {
		return cmp.Or(strings.Compare(x.Transaction, y.Transaction), strings.Compare(x.Branch, y.Branch), cmp.Compare(x.Format, y.Format))
	})
	return list
}

// xaBranch is the XA transaction that a session is in.
type xaBranch struct {
	id   dialect.XID
	idle bool // behind XA END
	lost bool // rolled back while it ran
}

// state names the state as errors do.
func (x *xaBranch) state() string {
	switch {
	case x == nil:
		return "NON-EXISTING"
	case x.lost:
		return "ROLLBACK ONLY"
	case x.idle:
		return "IDLE"
	}
	return "ACTIVE"
}

func (x *xaBranch) refusal() error { return mysqlerr.New(mysql.ER_XAER_RMFAIL, x.state()) }

// xaAllows refuses what may not be done within the session's XA transaction. Statements that commit what is open are refused where
// they do so.
func (s *Session) xaAllows(r *run) error {
	x := s.xa
	if x == nil {
		return nil
	}
	switch c := r.bound.Command.(type) {
	case dialect.XA:
		return nil
	case dialect.Commit, dialect.Begin:
		return x.refusal()
	case dialect.Rollback:
		if c.Savepoint == "" {
			return x.refusal()
		}
	}
	switch {
	case r.bound.DDL != nil && !r.bound.DDL.Temporary:
		return x.refusal()
	case len(r.bound.Databases) == 0:
		return nil
	case x.idle:
		return x.refusal()
	case s.tx == nil: // what it has done is gone, and there must be no transaction in its place
		x.lost = true
		return mysqlerr.New(mysql.ER_XA_RBDEADLOCK)
	}
	return nil
}

// xaCommand carries out a statement of XA.
func (s *Session) xaCommand(r *run, c dialect.XA) error {
	var err error
	switch c.Verb {
	case dialect.XAStart:
		err = s.xaStart(c)
	case dialect.XAEnd:
		err = s.xaEnd(c)
	case dialect.XAPrepare:
		err = s.xaPrepare(c.ID)
	case dialect.XACommit:
		err = s.xaCommit(r, c)
	case dialect.XARollback:
		err = s.xaRollback(c.ID)
	case dialect.XARecover:
		return s.xaRecover(r, c.Convert)
	}
	if err != nil {
		return err
	}
	return s.ok(r, Result{})
}

func (s *Session) xaStart(c dialect.XA) error {
	switch {
	case c.Words:
		return mysqlerr.New(mysql.ER_XAER_INVAL)
	case s.xa != nil:
		return s.xa.refusal()
	case s.tx != nil && s.tx.explicit && (s.vars.autocommit || s.tx.branch != nil), s.tables != nil:
		return mysqlerr.New(mysql.ER_XAER_OUTSIDE)
	}
	if err := s.engine.branches.begin(c.ID); err != nil {
		return err
	}
	if s.tx != nil {
		s.tx.end()
	}
	s.tx = s.newTransaction(true)
	s.tx.xa = true
	s.xa = &xaBranch{id: c.ID}
	return nil
}

func (s *Session) xaEnd(c dialect.XA) error {
	x := s.xa
	switch {
	case c.Words:
		return mysqlerr.New(mysql.ER_XAER_INVAL)
	case x == nil || x.idle:
		return x.refusal()
	case x.id != c.ID:
		return mysqlerr.New(mysql.ER_XAER_NOTA)
	}
	x.idle = true
	if x.lost = x.lost || s.tx == nil || s.tx.lost != nil; x.lost {
		return mysqlerr.New(mysql.ER_XA_RBDEADLOCK)
	}
	return nil
}

// xaPrepare hands the transaction over to the node: what is written is in the log already or with the transaction, and its locks stay.
func (s *Session) xaPrepare(id dialect.XID) error {
	x, t := s.xa, s.tx
	switch {
	case x == nil || !x.idle || x.lost:
		return x.refusal()
	case x.id != id:
		return mysqlerr.New(mysql.ER_XAER_NOTA)
	case t == nil || t.lost != nil:
		x.lost = true
		return mysqlerr.New(mysql.ER_XA_RBDEADLOCK)
	case len(t.written.private) > 0 || t.created || t.dropped: // temporary tables are the session's
		return mysqlerr.New(mysql.ER_XAER_RMERR)
	}
	t.prepared = t.record()
	t.closeBranches()
	t.written.events, t.written.dropped = nil, true
	s.tx, s.xa = nil, nil
	s.engine.branches.prepare(id, t)
	return nil
}

func (s *Session) xaCommit(r *run, c dialect.XA) error {
	if x := s.xa; x != nil {
		switch {
		case x.id != c.ID:
			return x.refusal()
		case !x.idle || x.lost || !c.OnePhase:
			return x.refusal()
		}
		s.xa = nil
		s.engine.branches.end(c.ID)
		if s.tx == nil || s.tx.lost != nil {
			s.tx = nil
			return mysqlerr.New(mysql.ER_XA_RBDEADLOCK)
		}
		return xaOutcome(s.commitOpen(r))
	}
	if s.tx != nil && s.tx.explicit {
		return s.xa.refusal()
	}
	t := s.engine.branches.take(c.ID)
	if t == nil {
		return mysqlerr.New(mysql.ER_XAER_NOTA)
	}
	t.session = s
	warning, err := t.commit(r.ctx)
	t.end()
	if err == nil && warning != nil {
		s.Warn(warning)
	}
	return xaOutcome(err)
}

// xaOutcome is what a transaction manager is told of a commit that failed.
func xaOutcome(err error) error {
	if errors.Is(err, errConflict) {
		return mysqlerr.New(mysql.ER_XA_RBDEADLOCK)
	}
	return err
}

func (s *Session) xaRollback(id dialect.XID) error {
	if x := s.xa; x != nil {
		switch {
		case x.id != id:
			return x.refusal()
		case !x.idle:
			return x.refusal()
		}
		s.leaveXA()
		if s.tx != nil {
			s.engine.counts.rollbacks.Add(1)
			s.tx.end()
			s.tx = nil
		}
		return nil
	}
	if s.tx != nil && s.tx.explicit {
		return s.xa.refusal()
	}
	t := s.engine.branches.take(id)
	if t == nil {
		return mysqlerr.New(mysql.ER_XAER_NOTA)
	}
	t.session = s
	s.engine.counts.rollbacks.Add(1)
	t.end()
	return nil
}

// leaveXA gives up the session's XA transaction, if it is in one.
func (s *Session) leaveXA() {
	if s.xa != nil {
		s.engine.branches.end(s.xa.id)
		s.xa = nil
	}
}

// xaRecover lists what is prepared on this node.
func (s *Session) xaRecover(r *run, convert bool) error {
	sink := s.newRowSink(r)
	for _, id := range s.engine.branches.prepared() {
		data := id.Transaction + id.Branch
		if convert {
			data = fmt.Sprintf("0x%X", data)
		}
		row := []txn.Value{txn.Int(int64(id.Format)), txn.Int(int64(len(id.Transaction))), txn.Int(int64(len(id.Branch))), txn.TextString(data)}
		if err := sink.row(row); err != nil {
			return err
		}
	}
	return sink.end()
}
