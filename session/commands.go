package session

import (
	"errors"
	"fmt"
	"strings"

	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// command carries out a statement that the session itself is about.
func (s *Session) command(r *run, c dialect.Command) error {
	if r.bound.Plan != nil && r.bound.Commits {
		if err := s.commitOpen(r); err != nil {
			return err
		}
	}
	if r.bound.Plan != nil && r.bound.Logged != "" {
		if err := s.appendText(r, r.bound.Logged); err != nil {
			return err
		}
	}
	switch c := c.(type) {
	case dialect.Begin:
		return s.beginCommand(r, c)
	case dialect.Commit:
		return s.endCommand(r, true, c.Chain, c.Release)
	case dialect.Rollback:
		if c.Savepoint != "" {
			return s.onSavepoint(r, c.Savepoint, (*transaction).rollbackTo)
		}
		return s.endCommand(r, false, c.Chain, c.Release)
	case dialect.Savepoint:
		if t := s.current(); t != nil {
			if err := t.savepoint(c.Name); err != nil {
				return s.statementFailed(t, err)
			}
		}
		return s.ok(r, Result{})
	case dialect.ReleaseSavepoint:
		return s.onSavepoint(r, c.Name, (*transaction).releaseSavepoint)
	case dialect.Use:
		if err := s.useNow(r.ctx, c.Database); err != nil {
			return err
		}
		return s.ok(r, Result{Schema: c.Database, SchemaChanged: true})
	case dialect.Set:
		return s.set(r, c)
	case dialect.SetTransaction:
		return s.setTransaction(r, c)
	case dialect.Kill:
		return s.kill(r, c)
	case dialect.OrderEmitter:
		return s.orderEmitter(r, c)
	case dialect.LockTables:
		return s.lockTables(r, c)
	case dialect.UnlockTables:
		if s.tables != nil && !s.tables.global {
			if err := s.commitOpen(r); err != nil {
				return err
			}
		}
		s.unlockTables()
		return s.ok(r, Result{})
	case dialect.FlushResources:
		s.engine.usages.forget()
		return s.ok(r, Result{})
	case dialect.PrepareText:
		return s.prepareText(r, c)
	case dialect.ExecuteText:
		return s.executeText(r, c)
	case dialect.Deallocate:
		name := strings.ToLower(c.Name)
		if s.texts[name] == nil {
			return mysqlerr.New(mysql.ER_UNKNOWN_STMT_HANDLER, len(c.Name), c.Name, "DEALLOCATE PREPARE")
		}
		delete(s.texts, name)
		return s.ok(r, Result{})
	case dialect.ResetPersist:
		return s.resetPersist(r, c)
	case dialect.NoOperation:
		return s.noOperation(r, c)
	case dialect.XA:
		return s.xaCommand(r, c)
	case dialect.Program:
		return s.programCommand(r, c)
	}
	return fmt.Errorf("command %T is not known to the session", c)
}

// resetPersist is RESET PERSIST: the values in force stay.
func (s *Session) resetPersist(r *run, c dialect.ResetPersist) error {
	known, err := s.engine.globals.forget(c.Name)
	if err != nil {
		return err
	}
	if !known {
		missing := mysqlerr.New(errNotPersisted, c.Name)
		if !c.IfExists {
			return missing
		}
		s.Warn(missing)
	}
	return s.ok(r, Result{})
}

// errNotPersisted is ER_VAR_DOES_NOT_EXIST.
const errNotPersisted = 3615

// noOperation answers a statement that has nothing to do here.
func (s *Session) noOperation(r *run, c dialect.NoOperation) error {
	if c.Rows == nil {
		return s.ok(r, Result{})
	}
	return s.answerRows(r, c.Rows)
}

// answerRows answers with a result set that the plan describes.
func (s *Session) answerRows(r *run, rows [][]txn.Value) error {
	sink := s.newRowSink(r)
	for _, row := range rows {
		if err := sink.row(row); err != nil {
			return err
		}
	}
	return sink.end()
}

// onSavepoint runs f on the open transaction; without one there is no savepoint of any name.
func (s *Session) onSavepoint(r *run, name string, f func(*transaction, string) error) error {
	if s.tx == nil {
		return mysqlerr.New(mysql.ER_SP_DOES_NOT_EXIST, "SAVEPOINT", name)
	}
	if err := s.slot.take(r.ctx); err != nil {
		return err
	}
	if err := f(s.tx, name); err != nil {
		return s.statementFailed(s.tx, err)
	}
	return s.ok(r, Result{})
}

// beginCommand is START TRANSACTION: what is open is committed first.
func (s *Session) beginCommand(r *run, c dialect.Begin) error {
	if err := s.commitOpen(r); err != nil {
		return err
	}
	s.unlockNamed()
	t := s.newTransaction(true)
	t.readOnly = t.readOnly || c.ReadOnly
	s.tx = t
	s.following.noteBegin(c, c.ReadOnly)
	if c.ConsistentSnapshot && t.isolation != readCommitted {
		if err := s.consistentSnapshot(r, t); err != nil {
			t.end()
			return err
		}
	}
	return s.ok(r, Result{})
}

// consistentSnapshot fixes what plain reads see in every database. One that is dropped while the snapshot is taken is not in it:
// the snapshot is then taken anew, since it may hold nothing that ties the transaction to the database.
func (s *Session) consistentSnapshot(r *run, t *transaction) error {
	if err := s.slot.take(r.ctx); err != nil {
		return err
	}
	for range maxReplans {
		r.catalog = s.catalogOf(s.engine.options.Store.Catalog())
		r.bound.Plan = &dialect.Plan{Databases: s.engine.options.Store.Databases()}
		_, err := t.open(r.ctx, r)
		if err == nil {
			t.fix()
			return nil
		}
		if !errors.Is(err, errReplan) && mysqlerr.Code(err) != mysql.ER_BAD_DB_ERROR {
			return err
		}
		t.closeBranches()
	}
	return errReplan
}

// commitOpen commits what is open, as statements do that end a transaction by themselves.
func (s *Session) commitOpen(r *run) error {
	t := s.tx
	if t == nil {
		return nil
	}
	if s.xa != nil {
		return s.xa.refusal()
	}
	warning, err := t.commit(r.ctx)
	t.end()
	s.tx = nil
	if err != nil {
		return err
	}
	if warning != nil {
		s.Warn(warning)
	}
	return nil
}

// endCommand is COMMIT and ROLLBACK.
func (s *Session) endCommand(r *run, keep, chain, release bool) error {
	previous := s.tx
	if keep {
		if err := s.commitOpen(r); err != nil {
			return err
		}
	} else if previous != nil {
		s.engine.counts.rollbacks.Add(1)
		previous.warnTemporary()
		previous.end()
		s.tx = nil
	}
	if chain && previous != nil {
		t := s.newTransaction(true)
		t.isolation, t.readOnly = previous.isolation, previous.readOnly
		s.tx = t
		s.following.read, s.following.wrote, s.following.sent = false, false, false
		s.following.begin = strings.NewReplacer(" WITH CONSISTENT SNAPSHOT,", "", " WITH CONSISTENT SNAPSHOT", "").Replace(s.following.begin)
	}
	if err := s.ok(r, Result{}); err != nil {
		return err
	}
	if release && s.info.Disconnect != nil {
		s.info.Disconnect()
	}
	return nil
}

// set carries out the assignments of SET from left to right; the first error ends it.
func (s *Session) set(r *run, c dialect.Set) error {
	if r.bound.Writes {
		err := s.inWrite(r, func(x *executor, _ *outcome) error { return s.setVariables(r, c, x) })
		if err != nil {
			return err
		}
		return s.ok(r, Result{})
	}
	x := &lateReader{session: s, run: r}
	defer x.close()
	if err := s.setVariables(r, c, x); err != nil {
		return err
	}
	return s.ok(r, Result{})
}

// setVariables carries out the assignments of SET.
func (s *Session) setVariables(r *run, c dialect.Set, x dialect.Executor) error {
	type assignment struct {
		variable *dialect.SetVariable
		value    txn.Value
	}
	list := make([]assignment, 0, len(c.Assignments))
	for i := range c.Assignments {
		if err := s.mayAssign(&c.Assignments[i]); err != nil {
			return err
		}
		a := assignment{variable: &c.Assignments[i]}
		if a.variable.Value != nil {
			value, err := a.variable.Value(x, s, r.binding())
			if err != nil {
				return err
			}
			a.value = value.Clone()
		}
		if err := s.mayTake(a.variable, a.value); err != nil {
			return err
		}
		list = append(list, a)
	}
	for _, a := range list {
		if err := s.assign(r, a.variable, a.value); err != nil {
			return err
		}
	}
	return nil
}

// mayTake refuses a value that a system variable does not take, before any variable of the statement is set.
func (s *Session) mayTake(v *dialect.SetVariable, value txn.Value) error {
	d := dialect.LookupVariable(v.Name)
	if d == nil || v.Default || v.Scope == "user" || v.Scope == "names" {
		return nil
	}
	_, err := s.engine.globals.normalize(d, false, value)
	if d.Scope == dialect.ScopeGlobal && v.Scope == "session" {
		return nil // which has an error of its own
	}
	return err
}

// assign sets one variable.
func (s *Session) assign(r *run, v *dialect.SetVariable, value txn.Value) error {
	switch v.Scope {
	case "user":
		s.SetUserVariable(v.Name, value, v.Sort)
		return nil
	case "names":
		if err := s.setNames(v, value); err != nil {
			return err
		}
		s.trackNames(r)
		for _, w := range v.Warnings {
			s.Warn(w)
		}
		return nil
	case "global", "persist":
		return s.engine.globals.set(v.Name, v.Default, value, v.Scope == "persist")
	}
	return s.setVariable(r, v.Name, v.Default, value)
}

// setTransaction is SET TRANSACTION.
func (s *Session) setTransaction(r *run, c dialect.SetTransaction) error {
	switch c.Scope {
	case "":
		if s.tx != nil && s.tx.explicit {
			return mysqlerr.New(mysql.ER_CANT_CHANGE_TX_CHARACTERISTICS)
		}
		if c.Isolation != "" {
			s.next.isolation = c.Isolation
		}
		if c.Access != "" {
			s.next.access = c.Access
		}
		s.following.noteSet(s.next)
		return s.ok(r, Result{})
	}
	if err := s.mayAssign(&dialect.SetVariable{Scope: c.Scope, Name: "transaction_isolation"}); err != nil {
		return err
	}
	set := func(name, text string) error {
		if text == "" {
			return nil
		}
		value := txn.TextString(text)
		if c.Scope == "global" {
			return s.engine.globals.set(name, false, value, false)
		}
		return s.setVariable(r, name, false, value)
	}
	if err := set("transaction_isolation", c.Isolation); err != nil {
		return err
	}
	access := map[string]string{"READ ONLY": "ON", "READ WRITE": "OFF"}[c.Access]
	if err := set("transaction_read_only", access); err != nil {
		return err
	}
	return s.ok(r, Result{})
}
