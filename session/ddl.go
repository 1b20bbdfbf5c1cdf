package session

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"marmot/commit"
	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/store"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// maxDDLAttempts is how often a DDL is worked out again because a definition changed meanwhile.
const maxDDLAttempts = 20

// definition is a DDL on its way: what it was worked out to, and what it has locked for that.
type definition struct {
	session    *Session
	run        *run
	owner      *lockOwner
	locked     []*schemas.Table
	release    func()       // of the fence
	at         txn.Position // at which the state was read that it was worked out on
	resolution *dialect.Resolution
	private    []txn.DefinitionChange // of temporary tables
}

// ddl runs a statement that changes definitions. It commits what is open, and itself.
func (s *Session) ddl(r *run) error {
	if s.vars.readOnly && s.tx == nil || s.tx != nil && s.tx.readOnly {
		return mysqlerr.New(mysql.ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION)
	}
	if !r.bound.DDL.Temporary {
		if err := s.commitOpen(r); err != nil {
			return err
		}
	}
	for attempt := 0; ; attempt++ {
		done, err := s.define(r)
		if err == nil && done != nil {
			return s.defined(r, done)
		}
		if err != nil && !errors.Is(err, errConflict) && !errors.Is(err, errReplan) || attempt == maxDDLAttempts {
			return err
		}
		s.engine.counts.retries.Add(1)
		s.undoSideEffects(r)
		if err := s.plan(r); err != nil {
			return err
		}
	}
}

// define makes one attempt. A conflict is worth another.
func (s *Session) define(r *run) (*dialect.Resolution, error) {
	d := &definition{session: s, run: r, owner: newLockOwner(), release: func() {}}
	defer d.end()
	if err := d.resolve(); err != nil {
		return d.resolution, err
	}
	if err := s.tables.define(d.resolution); err != nil {
		return d.resolution, err
	}
	for len(d.resolution.Body.Changes) > 0 && !d.covered() {
		if err := d.lock(); err != nil {
			return nil, err
		}
		if err := d.resolve(); err != nil {
			return d.resolution, err
		}
	}
	if err := d.validatePrivate(); err != nil {
		return nil, err
	}
	if len(d.resolution.Body.Changes) > 0 || d.resolution.Logged {
		if err := d.validate(); err != nil {
			return nil, err
		}
		if err := d.commit(); err != nil {
			return nil, err
		}
		s.forgetDropped(&d.resolution.Body)
	}
	return d.resolution, d.changePrivate()
}

// resolve works the DDL out on the newest definitions. The position is read first: what it says less
// than the definitions know costs a retry, never a wrong commit.
func (d *definition) resolve() error {
	st := d.session.engine.options.Store
	if d.resolution != nil { // the definitions may have moved on since it was planned
		if err := d.session.plan(d.run); err != nil {
			return err
		}
	}
	d.at = st.PublishedAll()
	resolution, err := d.run.bound.DDL.Resolve(d.session.catalogOf(st.Catalog()), d.session)
	if d.resolution = resolution; err == nil {
		d.splitPrivate()
	}
	return err
}

// covered reports whether all tables that the DDL is about are locked.
func (d *definition) covered() bool {
	return !slices.ContainsFunc(d.resolution.Tables, func(t *schemas.Table) bool {
		return !slices.ContainsFunc(d.locked, func(l *schemas.Table) bool { return l.ID == t.ID && l.Version == t.Version })
	})
}

// lock locks the tables here, and then fences them in the cluster.
func (d *definition) lock() error {
	s := d.session
	d.unlock()
	d.locked = slices.Clone(d.resolution.Tables)
	var list footprint
	f := fence{exclusive: true}
	for _, t := range d.locked {
		list.touch(t).exclusive = true
		f.tables = append(f.tables, t.ID)
	}
	for _, change := range d.resolution.Body.Changes {
		if change.Kind == txn.ObjectDatabase && change.Op == txn.Delete {
			f.databases = append(f.databases, txn.DatabaseID(change.ID))
		}
	}
	if s.tables != nil { // LOCK TABLES has fenced them; it knows which
		return d.lockedByClient()
	}
	if err := s.lockAll(d.run.ctx, d.owner, list.wants(), s.vars.metadataWait); err != nil {
		return err
	}
	release, err := s.takeFence(d.run.ctx, f, s.vars.metadataWait)
	if err != nil {
		return err
	}
	d.release = release
	return nil
}

func (d *definition) lockedByClient() error {
	for _, t := range d.locked {
		if err := d.session.tables.allow(&dialect.Plan{Tables: []*schemas.Table{t}, Write: &dialect.Write{Targets: []*schemas.Table{t}}}, false); err != nil {
			return err
		}
	}
	return nil
}

func (d *definition) unlock() {
	d.release()
	d.release = func() {}
	d.session.engine.locks.release(d.owner)
}

func (d *definition) end() { d.unlock() }

// validate runs the DDL's statements and checks in a branch of the one file that it changes.
func (d *definition) validate() error {
	id, one := d.file()
	if !one {
		return nil
	}
	s := d.session
	if err := s.slot.take(d.run.ctx); err != nil {
		return err
	}
	defer s.slot.give()
	b, err := s.engine.options.Store.OpenFileBranch(id)
	if err != nil {
		return err
	}
	defer b.Close()
	if err := b.Use(d.resolution.Beside...); err != nil {
		return err
	}
	if err := b.Snapshot(d.run.ctx); err != nil {
		return err
	}
	s.adopt(b, b.Conn())
	s.adopt(b, b.Reader())
	if p := b.Schema(id); p > d.at {
		return fmt.Errorf("%w: database %d was changed at %s", errReplan, id, p)
	}
	if t := d.resolution.Trial; t != nil {
		return d.try(b, []txn.DefinitionChange{{SQLite: t.SQLite}})
	}
	return d.try(b, d.resolution.Body.Changes)
}

// file returns the database whose file the DDL changes, if it is one. Tables of others whose version alone is raised, because a foreign
// key goes there, do not count; the table that is altered is the first of those that are left as they are.
func (d *definition) file() (txn.DatabaseID, bool) {
	if t := d.resolution.Trial; t != nil {
		return t.Database, true
	}
	var id txn.DatabaseID
	changes := d.resolution.Body.Changes
	for i := range changes {
		change := &changes[i]
		if change.Kind == txn.ObjectDatabase {
			return 0, false
		}
		if len(change.SQLite) == 0 {
			continue
		}
		if id != 0 && change.DBID != id {
			return 0, false
		}
		id = change.DBID
	}
	if id == 0 && len(changes) > 0 {
		id = changes[0].DBID
	}
	return id, id != 0
}

func (d *definition) try(b *store.Branch, changes []txn.DefinitionChange) error {
	x := &executor{session: d.session, conn: b.Conn(), branch: b, writes: true}
	if check := d.resolution.Check; check != nil {
		if err := check(x, true); err != nil {
			return err
		}
	}
	x.conn.SetState(nil) // the nodes know nothing of this session either
	for _, change := range changes {
		for _, sql := range change.SQLite {
			if err := x.conn.Exec(sql); err != nil {
				return fmt.Errorf("%s: %w", sql, x.failed(err))
			}
		}
	}
	x.conn.SetState(d.session)
	if check := d.resolution.Check; check != nil {
		return check(x, false)
	}
	return nil
}

// commit appends the DDL and waits until it is applied here.
func (d *definition) commit() error {
	s := d.session
	e := s.engine
	if err := context.Cause(d.run.ctx); err != nil {
		return err
	}
	result, err := s.append(d.run, d.at, d.record(), &d.resolution.Body)
	if err != nil || len(d.resolution.Body.Changes) == 0 {
		return err
	}
	d.keepLeases(result.Position)
	wait, cancel := context.WithTimeout(context.WithoutCancel(d.run.ctx), e.options.PublishTimeout)
	defer cancel()
	if err := e.options.Store.WaitPublished(wait, result.Position, d.databases()...); err != nil {
		e.counts.unpublished.Add(1)
		e.options.Logger.Warn("wait for publication of a DDL", "position", result.Position, "error", err)
		s.Warn(unpublishedWarning(s.gtid, result.Position))
	}
	return nil
}

// append puts a DDL that was worked out at a position into the log, and waits for its verdict.
func (s *Session) append(r *run, at txn.Position, record *txn.DDL, body *txn.DDLBody) (commit.Result, error) {
	e := s.engine
	s.slot.give()
	tx := e.options.Origin.Begin(s.info.ID, at)
	defer tx.Abandon()
	result, err := tx.CommitDDL(context.WithoutCancel(r.ctx), record, body)
	if err != nil {
		return result, fmt.Errorf("commit: %w", err)
	}
	switch result.Decision.Verdict {
	case txn.Conflict:
		e.counts.conflicts.Add(1)
		return result, fmt.Errorf("%w: %s", errConflict, result.Decision)
	case txn.Void:
		return result, &commit.NotCommittedError{Cause: fmt.Errorf("record %d is void: %s", result.Position, result.Decision)}
	}
	s.gtid = e.gtidText(result.Position)
	return result, nil
}

// appendText puts a statement that changes nothing here into the log, for those who read there what MySQL would have logged.
func (s *Session) appendText(r *run, text string) error {
	v := &s.vars
	said := dialect.StatementContext(v.mode, v.zone, v.noForeignKeys, v.noUniqueChecks)
	_, err := s.append(r, s.engine.options.Store.PublishedAll(), &txn.DDL{}, &txn.DDLBody{Text: text, Database: s.database, Context: &said})
	return err
}

// keepLeases keeps the AUTO_INCREMENT values at hand of the tables whose counter goes on: a gap after ALTER TABLE would be seen.
func (d *definition) keepLeases(p txn.Position) {
	for i := range d.resolution.Body.Changes {
		change := &d.resolution.Body.Changes[i]
		if change.Kind != txn.ObjectTable || change.Op != txn.Update && !change.Comes() || change.Truncate || d.resolution.Counters[txn.TableID(change.ID)] > 0 {
			continue
		}
		for _, t := range d.resolution.Tables {
			after, err := schemas.DecodeTable(change.Definition)
			if uint64(t.ID) == change.ID && err == nil && after.AutoIncrement >= 0 {
				d.session.engine.leases.keep(t.ID, t.Version, p)
			}
		}
	}
}

// databases lists those in whose files the DDL is to be published; none stands for all.
func (d *definition) databases() []txn.DatabaseID {
	var list []txn.DatabaseID
	for _, change := range d.resolution.Body.Changes {
		if change.Kind == txn.ObjectDatabase {
			return nil
		}
		if !slices.Contains(list, change.DBID) {
			list = append(list, change.DBID)
		}
	}
	return list
}

// record builds the order record: the tables that it changes as a whole, those that it only relies on with
// their versions, and the names of objects that come and go. An exclusive use raises a table's version.
func (d *definition) record() *txn.DDL {
	body := &txn.DDL{}
	changed, truncated := map[txn.TableID]bool{}, map[txn.TableID]bool{}
	dropped, moved := map[txn.DatabaseID]bool{}, map[txn.TableID]txn.DatabaseID{}
	for _, change := range d.resolution.Body.Changes {
		if change.Comes() {
			moved[txn.TableID(change.ID)] = change.DBID
		}
		if change.Kind != txn.ObjectDatabase {
			changed[txn.TableID(change.ID)], truncated[txn.TableID(change.ID)] = true, change.Truncate
		} else if change.Op == txn.Delete {
			dropped[txn.DatabaseID(change.ID)] = true
		}
	}
	for _, t := range d.resolution.Tables {
		use := txn.TableUse{Table: t.ID, Database: t.DBID, Version: t.Version}
		if to := moved[t.ID]; to != 0 {
			use.Database = to // the keys of both names tell of both databases
		}
		if changed[t.ID] || dropped[t.DBID] {
			use.Exclusive, use.ExclusiveAt = true, d.at
		}
		if truncated[t.ID] {
			use.AutoIncrement = 1 // the next value
		} else if changed[t.ID] {
			use.AutoIncrement = d.resolution.Counters[t.ID]
		}
		body.Tables = append(body.Tables, use)
	}
	d.names(body)
	return body
}

// names adds the keys of names. A database's tables share the key space of a table whose id is the database's;
// databases themselves that of table 0.
func (d *definition) names(body *txn.DDL) {
	c := d.session.engine.options.Store.Catalog()
	spaces := map[txn.TableID]bool{}
	add := func(space txn.TableID, database txn.DatabaseID, name string, mode txn.Mode) {
		if !spaces[space] {
			spaces[space] = true
			body.Tables = append(body.Tables, txn.TableUse{Table: space, Database: database})
		}
		body.Keys = append(body.Keys, txn.Key{Table: space, Hash: schemas.NameKey(name), Mode: mode, At: d.at})
	}
	all := func(names []dialect.ObjectName, mode txn.Mode) {
		for _, name := range names {
			if name.Name == "" {
				add(0, 0, name.Database, mode)
				continue
			}
			if database := c.Database(name.Database); database != nil {
				add(txn.TableID(database.ID), database.ID, name.Name, mode)
			}
		}
	}
	all(d.resolution.Names, txn.Exclusive)
	all(d.resolution.Relied, txn.Read)
	for _, change := range d.resolution.Body.Changes {
		if change.Kind == txn.ObjectDatabase && change.Op == txn.Delete {
			body.Tables = append(body.Tables, txn.TableUse{Table: txn.TableID(change.ID), Database: txn.DatabaseID(change.ID), Exclusive: true, ExclusiveAt: d.at})
		}
	}
	slices.SortStableFunc(body.Keys, func(a, b txn.Key) int { return int(a.Table) - int(b.Table) })
}

// defined answers a DDL. The rows of CREATE TABLE … SELECT are a transaction of their own after it.
func (s *Session) defined(r *run, res *dialect.Resolution) error {
	for _, w := range res.Warnings {
		s.Warn(w)
	}
	result := Result{Affected: res.Affected}
	if res.Altered {
		result.Info = fmt.Sprintf("Records: %d  Duplicates: 0  Warnings: %d", res.Affected, len(res.Warnings))
	}
	for _, change := range res.Body.Changes {
		if change.Kind == txn.ObjectDatabase && change.Op == txn.Delete && change.Name == s.database {
			s.database = ""
			result.Status |= StatusDatabaseDropped
			result.SchemaChanged = true
		}
	}
	s.warnOfDefiner(res)
	if err := s.routineGrants(r, res); err != nil {
		return err
	}
	if res.Answer != nil {
		return s.answerRows(r, res.Answer)
	}
	if res.Rows == nil {
		return s.ok(r, result)
	}
	answer := &heldAnswer{}
	inner := &run{text: []byte(res.Rows.Insert), logged: r.text, ctx: r.ctx, now: r.now, writer: answer, program: r.program}
	s.run = inner
	err := s.carryOut(inner)
	s.run = r
	for _, w := range inner.warnings {
		s.Warn(w)
	}
	if err != nil {
		s.takeBack(r, res)
		return err
	}
	result.Affected, result.Info = answer.result.Affected, answer.result.Info
	return s.ok(r, result)
}

// takeBack drops the table of a CREATE TABLE … SELECT whose rows were refused.
func (s *Session) takeBack(r *run, res *dialect.Resolution) {
	for _, o := range res.Names {
		text := "DROP TABLE "
		if r.bound.DDL != nil && r.bound.DDL.Temporary {
			text = "DROP TEMPORARY TABLE "
		}
		text += schemas.QuoteName(o.Database) + "." + schemas.QuoteName(o.Name)
		inner := &run{text: []byte(text), ctx: context.WithoutCancel(r.ctx), now: r.now, writer: &heldAnswer{}}
		s.run = inner
		err := s.carryOut(inner)
		s.run = r
		if err != nil {
			s.engine.options.Logger.Warn("a table whose rows were refused is left behind, empty", "database", o.Database, "table", o.Name, "error", err)
		}
	}
}

// heldAnswer keeps the answer of a statement inside another one.
type heldAnswer struct{ result Result }

func (*heldAnswer) Columns([]dialect.ResultColumn) error { return nil }
func (*heldAnswer) Row([]txn.Value) error                { return nil }
func (h *heldAnswer) End(r Result) error                 { h.result = r; return nil }
func (h *heldAnswer) OK(r Result) error                  { h.result = r; return nil }
func (*heldAnswer) Rewind() bool                         { return true }
