package store

import (
	"fmt"
	"slices"

	"marmot/schemas"
	"marmot/txn"
)

// Applied is what one committed record does to one database.
type Applied struct {
	Position txn.Position
	TimeUS   int64 // origin's clock at the commit
	// Events are the row events in this database, hidden row ids mapped. Rows of a table that the record
	// itself creates have Table and Version 0.
	Events      []txn.RowEvent
	Changes     []txn.DefinitionChange // in this database; they come before conversions and events
	Conversions []txn.Conversion
}

// pending is a batch that is written to the file but not committed.
type pending struct {
	database *database
	last     txn.Position
	current  *schemas.Database // definitions as of last
	ddl      txn.Position      // of the last DDL in the batch, or 0
	history  []historyRow
	bytes    int64 // of WAL, estimated
}

// Apply writes records to one database in one SQLite transaction, position included, and
// publishes the last position. Records at or below the file's position are skipped. One goroutine
// calls it for a database, in the order of the log. Errors are *ApplyError, and leave the file as it was.
func (s *Store) Apply(db txn.DatabaseID, batch []Applied) error {
	if len(batch) == 0 {
		return nil
	}
	d, err := s.writable(db, batch[0].Position)
	if d == nil {
		return err
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.dropped {
		return d.lost(batch[0].Position)
	}
	p, err := s.prepare(d, batch)
	if err != nil || p == nil {
		return err
	}
	if err := s.commit(p); err != nil {
		return err
	}
	s.publish(p)
	return nil
}

// writable finds the database of a record; nil without error if it was dropped later.
func (s *Store) writable(db txn.DatabaseID, p txn.Position) (*database, error) {
	if d := s.database(db); d != nil {
		return d, nil
	}
	if _, ok := s.tombstone(db); ok {
		return nil, nil
	}
	return nil, applyError(fmt.Sprint(db), p, "", mismatchf("there is no database with id %d", db))
}

// prepare begins a transaction and writes what the batch has above the file's position. It returns nil if
// that is nothing. The caller holds the database's mutex.
func (s *Store) prepare(d *database, batch []Applied) (*pending, error) {
	file := txn.Position(d.file.Load())
	first := slices.IndexFunc(batch, func(a Applied) bool { return a.Position > file })
	if first < 0 {
		first = len(batch)
	}
	if err := s.remember(d, batch[:first]); err != nil {
		return nil, err
	}
	if batch = batch[first:]; len(batch) == 0 {
		d.published.raise(file)
		return nil, nil
	}
	p := &pending{database: d, current: s.Catalog().Databases[d.name], last: batch[len(batch)-1].Position}
	if err := run(d.writer, "BEGIN IMMEDIATE"); err != nil {
		return nil, applyError(d.name, batch[0].Position, "", err)
	}
	err := p.write(s, batch)
	if err == nil {
		err = s.history.save(p.history)
	}
	if err != nil {
		p.cancel()
		return nil, applyError(d.name, batch[0].Position, "", err)
	}
	return p, nil
}

func (p *pending) write(s *Store, batch []Applied) error {
	for i := range batch {
		if err := p.record(s, &batch[i]); err != nil {
			return err
		}
	}
	return writeState(p.database.writer, p.last, p.ddl)
}

// record writes one record.
func (p *pending) record(s *Store, a *Applied) error {
	var created txn.TableID
	if err := p.settleMoves(a); err != nil {
		return applyError(p.database.name, a.Position, "", err)
	}
	if len(a.Changes) > 0 {
		d, err := planChanges(p.current, a.Position, a.TimeUS, a.Changes)
		if err == nil {
			err = d.write(p.database.writer)
		}
		if err != nil {
			return applyError(p.database.name, a.Position, a.Changes[0].Name, err)
		}
		clear(p.database.tables)
		p.current, p.ddl, created = d.definition, a.Position, d.created
		p.history = append(p.history, d.rows...)
	}
	for i := range a.Conversions {
		if err := convert(p.database.writer, p.current, &a.Conversions[i]); err != nil {
			return applyError(p.database.name, a.Position, "", err)
		}
	}
	for i := range a.Events {
		e := &a.Events[i]
		if e.Table == 0 && created != 0 {
			own := *e
			own.Table, own.Version = created, a.Position
			e = &own
		}
		if err := p.event(e); err != nil {
			return applyError(p.database.name, a.Position, p.tableName(e), err)
		}
	}
	return nil
}

func (p *pending) event(e *txn.RowEvent) error {
	key := versioned{txn.ObjectTable, uint64(e.Table), e.Version}
	w := p.database.tables[key]
	if w == nil {
		t := tableByID(p.current, e.Table)
		if t == nil {
			return mismatchf("%s in table %d, which the database does not have", e.Op, e.Table)
		}
		if t.Version != e.Version {
			return mismatchf("%s has the columns of version %s, the table is at version %s", e.Op, e.Version, t.Version)
		}
		w = newTableWriter(t, "")
		p.database.tables[key] = w
	}
	p.bytes += eventBytes(e)
	return w.apply(p.database.writer, e)
}

func (p *pending) tableName(e *txn.RowEvent) string {
	if t := tableByID(p.current, e.Table); t != nil {
		return t.Name
	}
	return ""
}

// eventBytes estimates what an event adds to the WAL.
func eventBytes(e *txn.RowEvent) int64 {
	n := int64(pageSize) / 4
	for _, v := range e.After {
		n += int64(len(v.Bytes()))
	}
	return n
}

// cancel undoes what is not committed.
func (p *pending) cancel() {
	rollback(p.database.writer)
	clear(p.database.tables)
}

// commit commits the file.
func (s *Store) commit(p *pending) error {
	if err := run(p.database.writer, "COMMIT"); err != nil {
		p.cancel()
		return applyError(p.database.name, p.last, "", err)
	}
	p.database.file.Store(uint64(p.last))
	return nil
}

// publish makes a committed batch known: first its definitions, then its position.
func (s *Store) publish(p *pending) { s.publishTogether([]*pending{p}) }

// publishTogether makes what one record did to several databases known: the definitions of all at once, so that nobody finds a
// table that moved in none of them.
func (s *Store) publishTogether(list []*pending) {
	var defined []*pending
	for _, p := range list {
		if p.ddl != 0 {
			defined = append(defined, p)
		}
	}
	if len(defined) > 0 {
		s.publishCatalog(defined)
	}
	for _, p := range list {
		s.publishPosition(p)
	}
}

func (s *Store) publishPosition(p *pending) {
	d := p.database
	d.published.raise(p.last)
	if d.wal.grew(p.bytes+pageSize) > checkpointBytes {
		s.wakeKeeper()
	}
}

// ApplyTogether writes one record that concerns several databases: snapshots of several files see
// it in all of them or in none. Those whose file has it already are left alone. If a commit fails after
// another went through, such snapshots are refused until a repetition succeeds.
func (s *Store) ApplyTogether(batch map[txn.DatabaseID]Applied) error {
	list, err := s.together(batch)
	if err != nil {
		return err
	}
	for _, d := range list {
		d.mutex.Lock()
		defer d.mutex.Unlock()
	}
	for _, d := range list {
		a := batch[d.id]
		if err := s.arrive(d, &a); err != nil {
			return err
		}
	}
	var prepared []*pending
	for _, d := range list {
		var p *pending
		err := d.lost(batch[d.id].Position)
		if !d.dropped {
			p, err = s.prepare(d, []Applied{batch[d.id]})
		}
		if err != nil {
			for _, q := range prepared {
				q.cancel()
			}
			return err
		}
		if p != nil {
			prepared = append(prepared, p)
		}
	}
	done, err := s.commitTogether(prepared)
	s.publishTogether(prepared[:done])
	return err
}

// together lists the databases of a batch by id, which is the order of their mutexes.
func (s *Store) together(batch map[txn.DatabaseID]Applied) ([]*database, error) {
	var list []*database
	for id, a := range batch {
		d, err := s.writable(id, a.Position)
		if err != nil {
			return nil, err
		}
		if d != nil {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b *database) int { return int(int64(a.id) - int64(b.id)) })
	return list, nil
}

// commitTogether commits under the exclusive publication lock and returns how many it could.
func (s *Store) commitTogether(prepared []*pending) (int, error) {
	s.publication.Lock()
	defer s.publication.Unlock()
	for i, p := range prepared {
		if i > 0 {
			s.step(stepHalf)
		}
		if err := s.commit(p); err != nil {
			for _, rest := range prepared[i:] {
				rest.cancel()
				if i > 0 {
					s.torn[rest.database.id] = rest.last
				}
			}
			return i, err
		}
		delete(s.torn, p.database.id)
	}
	return len(prepared), nil
}

// remember puts the definitions of records that the file has already into the history, in case
// system.db lost them.
func (s *Store) remember(d *database, batch []Applied) error {
	var rows []historyRow
	for i := range batch {
		a := &batch[i]
		plan := &ddl{position: a.Position, definition: &schemas.Database{ID: d.id, Name: d.name, Alias: d.alias}}
		for j := range a.Changes {
			c := &a.Changes[j]
			if len(c.Definition) == 0 {
				continue
			}
			plan.definition.Tables, plan.definition.Views = map[string]*schemas.Table{}, map[string]*schemas.View{}
			plan.definition.Programs = map[schemas.ProgramKey]*schemas.Program{}
			if err := plan.put(c, a.TimeUS, nil); err != nil {
				return applyError(d.name, a.Position, c.Name, err)
			}
		}
		rows = append(rows, plan.rows...)
	}
	return s.history.heal(rows)
}
