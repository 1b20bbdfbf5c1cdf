package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"marmot/applier/ledger"
	"marmot/mysqlerr"
	"marmot/txn"
)

// maxLockName is the longest name of a lock, in bytes, as MySQL has it.
const maxLockName = 64

// errWrongLockName is ER_USER_LOCK_WRONG_NAME.
const errWrongLockName = 3057

// lockName checks a name of GET_LOCK; names are compared without case.
func lockName(name string) (string, error) {
	if name == "" || len(name) > maxLockName {
		return "", mysqlerr.Newf(errWrongLockName, "Incorrect user-level lock name '%s'.", name)
	}
	return strings.ToLower(name), nil
}

// GetLock is GET_LOCK(): 1 when the lock is this session's, 0 when the time is over. The lock is the
// cluster's.
func (s *Session) GetLock(name string, timeout time.Duration) (txn.Value, error) {
	name, err := lockName(name)
	if err != nil {
		return txn.Null(), err
	}
	if s.named[name] > 0 {
		s.named[name]++
		return txn.Int(1), nil
	}
	ctx := s.run.ctx
	if timeout >= 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, timeout, errLockTimeout)
		defer cancel()
	}
	err = s.slot.outside(s.run.ctx, func() error { return s.takeNamed(ctx, name) })
	if errors.Is(err, errLockTimeout) {
		return txn.Int(0), nil
	}
	if err != nil {
		return txn.Null(), err
	}
	s.named[name] = 1
	return txn.Int(1), nil
}

// takeNamed asks for the lock at once, since only the log knows whether it is free now, and then whenever the ledger says so.
func (s *Session) takeNamed(ctx context.Context, name string) error {
	s.setState("User lock")
	defer s.setState("")
	e := s.engine
	for asked := false; ; {
		changed := e.options.Applier.Changed()
		free := false
		e.ask(func(l *ledger.Ledger) {
			_, held := l.LockOwner(name)
			free = !held
		})
		if free || !asked {
			asked = true
			// The request must not be given up half-way: a lock that was granted would be nobody's.
			result, err := e.options.Origin.Control(context.WithoutCancel(ctx), &txn.NamedLock{Name: name, Owner: s.info.ID, Take: true})
			if err != nil {
				if isUnknown(err) {
					_ = s.giveNamed(context.WithoutCancel(ctx), name) // it may be ours; the client is told that it is not
				}
				return fmt.Errorf("GET_LOCK: %w", withoutOutcome(ctx, err))
			}
			if result.Decision.Taken {
				return nil
			}
			continue
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// ReleaseLock is RELEASE_LOCK(): 1 when released, 0 when another session has it, NULL when nobody has.
func (s *Session) ReleaseLock(name string) (txn.Value, error) {
	name, err := lockName(name)
	if err != nil {
		return txn.Null(), err
	}
	switch n := s.named[name]; {
	case n > 1:
		s.named[name]--
		return txn.Int(1), nil
	case n == 1:
		err := s.slot.outside(s.run.ctx, func() error { return s.giveNamed(s.run.ctx, name) })
		return txn.Int(1), err
	}
	_, held, err := s.lockOwner(name)
	if held {
		return txn.Int(0), err
	}
	return txn.Null(), err
}

// lockOwner tells who has a lock, as new as the session's read consistency asks for.
func (s *Session) lockOwner(name string) (h ledger.Holder, held bool, err error) {
	if s.vars.strongReads {
		err = s.slot.outside(s.run.ctx, func() error {
			p, err := s.engine.options.Origin.Barrier(s.run.ctx)
			if err == nil {
				_, err = s.engine.options.Applier.Decision(s.run.ctx, p)
			}
			return err
		})
		if err != nil {
			return h, false, err
		}
	}
	h, held = s.engine.lockOwner(name)
	return h, held, nil
}

func (s *Session) giveNamed(ctx context.Context, name string) error {
	delete(s.named, name)
	_, err := s.engine.options.Origin.Control(ctx, &txn.NamedLock{Name: name, Owner: s.info.ID})
	return withoutOutcome(ctx, err)
}

func (e *Engine) lockOwner(name string) (h ledger.Holder, held bool) {
	e.ask(func(l *ledger.Ledger) { h, held = l.LockOwner(name) })
	return h, held
}

// IsFreeLock is IS_FREE_LOCK().
func (s *Session) IsFreeLock(name string) (txn.Value, error) {
	name, err := lockName(name)
	if err != nil {
		return txn.Null(), err
	}
	_, held, err := s.lockOwner(name)
	if held || err != nil {
		return txn.Int(0), err
	}
	return txn.Int(1), nil
}

// IsUsedLock is IS_USED_LOCK(): the connection id of who has it, on whatever node that is.
func (s *Session) IsUsedLock(name string) (txn.Value, error) {
	name, err := lockName(name)
	if err != nil {
		return txn.Null(), err
	}
	h, held, err := s.lockOwner(name)
	if held {
		return txn.Int(int64(h.Owner)), err
	}
	return txn.Null(), err
}

// ReleaseAllLocks is RELEASE_ALL_LOCKS(): how many locks it gave up, each as often as it was taken.
func (s *Session) ReleaseAllLocks() (txn.Value, error) {
	n := 0
	err := s.slot.outside(s.run.ctx, func() error {
		for name, times := range s.named {
			n += times
			if err := s.giveNamed(s.run.ctx, name); err != nil {
				return err
			}
		}
		return nil
	})
	return txn.Int(int64(n)), err
}

// releaseNamed gives up all named locks at the end of the session.
func (s *Session) releaseNamed() {
	if len(s.named) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(s.engine.background, s.engine.options.PublishTimeout)
	defer cancel()
	for name := range s.named {
		if err := s.giveNamed(ctx, name); err != nil {
			s.engine.options.Logger.Error("a named lock could not be given up; it ends with this run of the node", "lock", name, "error", err)
		}
	}
}

// Outcome is marmot_outcome(): committed, not committed or unknown.
func (s *Session) Outcome(id string) (txn.Value, error) {
	parsed, err := txn.ParseID(id)
	if err != nil {
		return txn.Null(), mysqlerr.Newf(errWrongArguments, "Incorrect arguments to marmot_outcome: %v", err)
	}
	word := "unknown"
	err = s.slot.outside(s.run.ctx, func() error {
		committed, known, err := s.outcome(parsed)
		switch {
		case err != nil:
			return err
		case known && committed:
			word = "committed"
		case known:
			word = "not committed"
		}
		return nil
	})
	return txn.TextString(word), err
}

// outcome asks this run, which may still be settling it, and then the log.
func (s *Session) outcome(id txn.ID) (committed, known bool, err error) {
	e, ctx := s.engine, s.run.ctx
	if id.Epoch == e.options.Epoch {
		committed, known, err = e.options.Origin.Outcome(ctx, id)
		if ctx.Err() != nil {
			return false, false, context.Cause(ctx)
		}
		if known || err != nil { // an error: this run has not given that number yet
			return committed, known, nil
		}
	}
	return e.options.Applier.Recorded(ctx, id)
}

// errWrongArguments is ER_WRONG_ARGUMENTS.
const errWrongArguments = 1210

// Sleep is SLEEP(): true when the query was killed, which ends it, unless it reads no table: then it goes on.
func (s *Session) Sleep(d time.Duration) (interrupted bool, err error) {
	s.setState("User sleep")
	defer s.setState("")
	r := s.run
	err = s.slot.outside(r.ctx, func() error {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return nil
		case <-r.ctx.Done():
			return context.Cause(r.ctx)
		}
	})
	if err == nil || !s.sleepsAlone(r, err) {
		return err != nil, err
	}
	r.ctx = context.WithoutCancel(r.ctx)
	return true, s.slot.take(r.ctx)
}

// sleepsAlone reports whether a statement that was killed in its SLEEP() goes on, with err for the reason of its end.
func (s *Session) sleepsAlone(r *run, err error) bool {
	return (errors.Is(err, errKilledQuery) || errors.Is(err, errQueryTimeout)) && r.outer == nil && r.program == nil &&
		r.bound.Plan != nil && len(r.bound.Tables) == 0 && r.bound.Write == nil
}

// WaitForExecuted is WAIT_FOR_EXECUTED_GTID_SET(): 0 once all of the set is applied here, 1 when the time is over; a
// negative timeout waits for ever.
func (s *Session) WaitForExecuted(set string, timeout time.Duration) (txn.Value, error) {
	p, err := s.parseGTIDs(set)
	if err != nil {
		return txn.Null(), err
	}
	ctx := s.run.ctx
	if timeout >= 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, timeout, errLockTimeout)
		defer cancel()
	}
	err = s.slot.outside(s.run.ctx, func() error { return s.engine.options.Store.WaitPublished(ctx, p) })
	if err != nil && errors.Is(context.Cause(ctx), errLockTimeout) {
		return txn.Int(1), nil
	}
	return txn.Int(0), err
}
