package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"marmot/applier/ledger"
	"marmot/commit"
	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// fence is what this session holds, or asks for, in the whole cluster. Its owner is the session's id, by
// which the ledger knows its transactions too.
type fence struct {
	tables    []txn.TableID
	databases []txn.DatabaseID
	exclusive bool
}

// hinders reports whether another session's fence keeps this one from using the tables.
func (s *Session) hinders(f *ledger.Fence, tables []*schemas.Table, writes bool) bool {
	if f.Epoch == s.engine.options.Epoch && f.Owner == s.info.ID || !f.Exclusive && !writes {
		return false
	}
	return slices.ContainsFunc(tables, func(t *schemas.Table) bool {
		return slices.Contains(f.Tables, t.ID) || slices.Contains(f.Databases, t.DBID)
	})
}

// awaitFences waits until no other session's fence covers the statement's tables.
func (t *transaction) awaitFences(r *run) error {
	return t.session.waitForLedger(r.ctx, t.session.vars.metadataWait, func(l *ledger.Ledger) bool {
		for _, f := range l.Fences() {
			if t.session.hinders(&f, r.bound.Tables, r.bound.Write != nil) {
				return false
			}
		}
		return true
	})
}

// waitForLedger waits until ready says so, for limit at most, without the slot.
func (s *Session) waitForLedger(ctx context.Context, limit time.Duration, ready func(*ledger.Ledger) bool) error {
	applier := s.engine.options.Applier
	ok := false
	ask := func(l *ledger.Ledger) { ok = ready(l) }
	if s.engine.ask(ask); ok {
		return nil
	}
	s.slot.give()
	s.setState("Waiting for table metadata lock")
	defer s.setState("")
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errFenceTimeout)
	defer cancel()
	for {
		changed := applier.Changed()
		if s.engine.ask(ask); ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// takeFence fences tables and databases in the whole cluster and waits until this node has applied
// all that came before. release gives the fence up.
func (s *Session) takeFence(ctx context.Context, f fence, limit time.Duration) (release func(), err error) {
	e := s.engine
	s.slot.give()
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errFenceTimeout)
	defer cancel()
	for {
		changed := e.options.Applier.Changed()
		// The request must not be given up half-way: a fence that was granted would be nobody's.
		result, err := e.options.Origin.Control(context.WithoutCancel(ctx), &txn.Fence{Owner: s.info.ID, Tables: f.tables, Databases: f.databases, Exclusive: f.exclusive})
		if err != nil {
			if isUnknown(err) {
				s.dropFence()
			}
			return nil, fmt.Errorf("fence: %w", withoutOutcome(ctx, err))
		}
		if result.Decision.Taken {
			if err := e.options.Store.WaitPublished(ctx, result.Position); err != nil {
				s.dropFence()
				return nil, fmt.Errorf("fence at %d: %w", result.Position, err)
			}
			return s.dropFence, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// unfenceTime is how long a session tries to give up its fence before it is left to end with the node's run.
const unfenceTime = time.Minute

// dropFence gives up the session's fence. While the log cannot be reached it tries again: a fence that stays keeps everybody's
// DDL and writes from the tables until this node is started anew. It waits for the log, so the slot is given back first.
func (s *Session) dropFence() {
	e := s.engine
	s.slot.give()
	bounded, stop := context.WithTimeout(e.background, unfenceTime)
	defer stop()
	pause := 10 * time.Millisecond
	for {
		ctx, cancel := context.WithTimeout(bounded, e.options.PublishTimeout)
		_, err := e.options.Origin.Control(ctx, &txn.Unfence{Owner: s.info.ID})
		cancel()
		if err == nil {
			return
		}
		if bounded.Err() != nil || errors.Is(err, commit.ErrStopped) || errors.Is(err, commit.ErrFenced) {
			e.options.Logger.Error("a fence could not be given up; it ends with this run of the node", "session", s.info.ID, "error", err)
			return
		}
		select {
		case <-time.After(pause):
			pause = min(2*pause, time.Second)
		case <-bounded.Done():
		}
	}
}

// fenceTargets fences what a statement uses, after it has lost too often to others. Its transaction locks the
// tables on this node first: who holds a fence must not wait for locks whose owners wait for the fence.
func (t *transaction) fenceTargets(r *run) (release func(), err error) {
	s := t.session
	if s.tables != nil { // LOCK TABLES has fenced them
		return func() {}, nil
	}
	f := fence{exclusive: true}
	var list footprint
	for _, table := range r.bound.Tables {
		if table.Temporary() {
			continue
		}
		f.tables = append(f.tables, table.ID)
		list.touch(table).exclusive = true
	}
	if err := s.lockAll(r.ctx, t.owner, list.wants(), s.vars.lockWait); err != nil {
		return nil, err
	}
	return s.takeFence(r.ctx, f, s.vars.lockWait)
}

// tableLocks are the locks of LOCK TABLES: local ones, whose owner the session's transactions are
// meanwhile, and a fence. A nil pointer stands for none.
type tableLocks struct {
	owner   *lockOwner
	release func()
	ids     map[txn.TableID]bool
	// names are those that LOCK TABLES has given to a table. One that it took along, for a foreign key, a view or a trigger, has none.
	names  map[txn.TableID]map[string]bool
	global bool // of FLUSH TABLES WITH READ LOCK: everything may be read, and transactions come and go
}

// allow refuses tables that LOCK TABLES has not named.
// inside: in a function or trigger, for which MySQL takes locks of its own.
func (l *tableLocks) allow(p *dialect.Plan, inside bool) error {
	if l == nil {
		return nil
	}
	if l.global {
		if p.Write != nil || p.DDL != nil {
			return mysqlerr.New(mysql.ER_CANT_UPDATE_WITH_READLOCK)
		}
		return nil
	}
	for _, t := range p.Tables {
		if t.Temporary() {
			continue
		}
		writes, locked := l.ids[t.ID]
		if !locked {
			return mysqlerr.New(mysql.ER_TABLE_NOT_LOCKED, t.Name)
		}
		if names := l.names[t.ID]; names != nil && !inside {
			if name := unlockedName(p, t, names); name != "" {
				return mysqlerr.New(mysql.ER_TABLE_NOT_LOCKED, name)
			}
		}
		if p.Write != nil && !writes && slices.Contains(p.Write.Targets, t) {
			return mysqlerr.New(mysql.ER_TABLE_NOT_LOCKED_FOR_WRITE, t.Name)
		}
	}
	return nil
}

// unlockedName finds a name of the table in the statement that is none of the given ones.
func unlockedName(p *dialect.Plan, t *schemas.Table, names map[string]bool) string {
	var scans []dialect.Scan
	switch {
	case p.Query != nil:
		scans = p.Query.Scans
	case p.Write != nil:
		if scans = p.Write.Scans; p.Write.Into && slices.Contains(p.Write.Targets, t) && !names[t.Name] {
			return t.Name
		}
	}
	for i := range scans {
		if s := &scans[i]; s.Name != "" && s.Table.ID == t.ID && !names[s.Name] {
			return s.Name
		}
	}
	return ""
}

// define refuses what LOCK TABLES does not let define: everything but the tables that it names, and their triggers.
func (l *tableLocks) define(d *dialect.Resolution) error {
	if l == nil || l.global {
		return nil
	}
	for i := range d.Body.Changes {
		change := &d.Body.Changes[i]
		switch change.Kind {
		case txn.ObjectTable:
			if change.Op == txn.Insert && !change.Comes() {
				return mysqlerr.New(mysql.ER_TABLE_NOT_LOCKED, change.Name)
			}
		case txn.ObjectProgram:
			if len(d.Tables) == 0 { // of no table: no trigger
				return mysqlerr.New(mysql.ER_LOCK_OR_ACTIVE_TRANSACTION)
			}
		default:
			return mysqlerr.New(mysql.ER_LOCK_OR_ACTIVE_TRANSACTION)
		}
	}
	return nil
}

// forgetDropped follows definitions that have changed: it gives up the locks of tables that are gone; with the last of them LOCK TABLES ends.
func (s *Session) forgetDropped(body *txn.DDLBody) {
	if s.tables == nil || s.tables.global {
		return
	}
	dropped := false
	for i := range body.Changes {
		switch c := &body.Changes[i]; {
		case c.Kind != txn.ObjectTable:
		case c.Op == txn.Delete && !body.Leaves(i):
			delete(s.tables.ids, txn.TableID(c.ID))
			dropped = true
		case c.Op != txn.Delete && s.tables.names[txn.TableID(c.ID)] != nil: // it may have another name now
			s.tables.names[txn.TableID(c.ID)][c.Name] = true
		}
	}
	if dropped && len(s.tables.ids) == 0 {
		s.unlockTables()
	}
}

// lockTables carries out LOCK TABLES and FLUSH TABLES WITH READ LOCK.
func (s *Session) lockTables(r *run, c dialect.LockTables) error {
	if err := s.commitOpen(r); err != nil {
		return err
	}
	s.unlockTables()
	l := &tableLocks{owner: newLockOwner(), ids: map[txn.TableID]bool{}, names: map[txn.TableID]map[string]bool{}, global: c.Global}
	f := fence{}
	if c.Global {
		f.databases = s.engine.options.Store.Databases()
	}
	var list footprint
	for _, table := range c.Tables {
		if table.Table.Temporary() {
			continue
		}
		l.ids[table.Table.ID] = l.ids[table.Table.ID] || table.Write
		if table.Alias != "" {
			if l.names[table.Table.ID] == nil {
				l.names[table.Table.ID] = map[string]bool{}
			}
			l.names[table.Table.ID][table.Alias] = true
		}
		f.exclusive = f.exclusive || table.Write
		f.tables = append(f.tables, table.Table.ID)
		if touch := list.touch(table.Table); table.Write {
			touch.exclusive = true
		} else {
			touch.read = true
		}
	}
	if err := s.lockAll(r.ctx, l.owner, list.wants(), s.vars.metadataWait); err != nil {
		s.engine.locks.release(l.owner)
		return err
	}
	release, err := s.takeFence(r.ctx, f, s.vars.metadataWait)
	if err != nil {
		s.engine.locks.release(l.owner)
		return err
	}
	if c.Global { // those who held locks here have been waited for; the fence keeps out all others
		s.engine.locks.release(l.owner)
	}
	l.release = release
	s.tables = l
	return s.ok(r, Result{})
}

// lockAll takes locks one after another, waiting for each.
func (s *Session) lockAll(ctx context.Context, o *lockOwner, wants []want, limit time.Duration) error {
	s.setState("Waiting for table metadata lock")
	defer s.setState("")
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errLockTimeout)
	defer cancel()
	for _, w := range wants {
		if err := s.engine.locks.wait(ctx, o, w); err != nil {
			return err
		}
	}
	return nil
}

// unlockNamed gives up the locks of LOCK TABLES, as statements do that begin a transaction.
func (s *Session) unlockNamed() {
	if s.tables != nil && !s.tables.global {
		s.unlockTables()
	}
}

// unlockTables gives up the locks of LOCK TABLES and of FLUSH TABLES WITH READ LOCK.
func (s *Session) unlockTables() {
	if s.tables != nil {
		s.tables.release()
		s.engine.locks.release(s.tables.owner)
		s.tables = nil
	}
}
