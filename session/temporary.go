package session

import (
	"fmt"
	"maps"
	"strings"
	"sync/atomic"

	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/store"
	"marmot/store/sqlite"
	"marmot/txn"
)

// maxTemporaryTables bounds a session's temporary tables.
const maxTemporaryTables = 1000

// errTemporaryRollback is ER_WARNING_NOT_COMPLETE_ROLLBACK_WITH_CREATED_TEMP_TABLE, the next code that of dropped ones.
const errTemporaryRollback = 1751

// temporaries are a session's temporary tables: a private database of the store. Their definitions change at once, whatever becomes
// of the transaction; their rows are changed by it like others, but go to the private file at COMMIT instead of the log.
type temporaries struct {
	database *schemas.Database // as it is now; replaced, never changed
	catalog  *schemas.Catalog  // the last one made for a shared catalog
	rules    *catalogRules     // of catalog
	next     map[txn.TableID]uint64
	hidden   int64 // row ids given to rows without primary key
}

// privateIDs counts the ids of private databases and tables of a node, and the versions of catalogs with them.
type privateIDs struct{ ids, versions atomic.Uint64 }

func (p *privateIDs) id() uint64 { return schemas.PrivateBase + p.ids.Add(1) }

// version is above all versions of shared catalogs.
func (p *privateIDs) version() uint64 { return 1<<63 + p.versions.Add(1) }

// catalogOf returns a shared catalog as the session sees it.
func (s *Session) catalogOf(shared *schemas.Catalog) *schemas.Catalog {
	p := s.temporary
	if p == nil {
		return shared
	}
	shared = shared.Shared()
	if p.catalog == nil || p.catalog.Shared() != shared || p.catalog.Private != p.database {
		p.catalog, p.rules = shared.WithPrivate(p.database, s.engine.private.version()), nil
	}
	return p.catalog
}

// rulesOf returns the key rules under a catalog of the session.
func (s *Session) rulesOf(c *schemas.Catalog) *catalogRules {
	p := s.temporary
	if p == nil || c != p.catalog {
		return s.engine.rules.of(c)
	}
	if p.rules == nil {
		p.rules = s.engine.rules.of(c)
	}
	return p.rules
}

// splitPrivate takes the changes of temporary tables out of a DDL that was worked out.
func (d *definition) splitPrivate() {
	d.private = nil
	body := &d.resolution.Body
	var shared []txn.DefinitionChange
	for _, c := range body.Changes {
		if schemas.IsPrivate(c.DBID) {
			d.private = append(d.private, c)
		} else {
			shared = append(shared, c)
		}
	}
	body.Changes = shared
}

// changePrivate carries the changes of temporary tables out: in their file, and in what the transaction has open.
func (d *definition) changePrivate() error {
	if len(d.private) == 0 {
		return nil
	}
	s := d.session
	if err := s.openTemporaries(); err != nil {
		return err
	}
	next := *s.temporary.database
	next.Version++
	next.Tables = maps.Clone(next.Tables)
	var statements []string
	for i := range d.private {
		list, err := s.changeTemporary(&next, &d.private[i])
		if err != nil {
			return err
		}
		statements = append(statements, list...)
	}
	if len(next.Tables) > maxTemporaryTables {
		return mysqlerr.New(errTableFull, d.private[0].Name)
	}
	if err := s.engine.options.Store.ChangePrivate(next.ID, statements); err != nil {
		return fmt.Errorf("temporary table %s: %w", d.private[0].Name, err)
	}
	s.temporary.database = &next
	if s.tx == nil {
		return nil
	}
	return s.tx.changePrivate(next.Alias, statements, d.private)
}

// errTableFull is ER_RECORD_FILE_FULL.
const errTableFull = 1114

// openTemporaries makes the session's private database.
func (s *Session) openTemporaries() error {
	if s.temporary != nil {
		return nil
	}
	e := s.engine
	id := txn.DatabaseID(e.private.id())
	if err := e.options.Store.CreatePrivate(id, e.options.TemporaryBytes); err != nil {
		return fmt.Errorf("temporary tables: %w", err)
	}
	s.temporary = &temporaries{next: map[txn.TableID]uint64{},
		database: &schemas.Database{ID: id, Alias: fmt.Sprintf("d%d", id), Version: 1, Tables: map[string]*schemas.Table{}}}
	return nil
}

// changeTemporary changes the definitions and returns the statements for the file.
func (s *Session) changeTemporary(next *schemas.Database, c *txn.DefinitionChange) ([]string, error) {
	for key, t := range next.Tables {
		if uint64(t.ID) == c.ID {
			delete(next.Tables, key)
		}
	}
	if c.Op == txn.Delete {
		delete(s.temporary.next, txn.TableID(c.ID))
		return c.SQLite, nil
	}
	t, err := schemas.DecodeTable(c.Definition)
	if err != nil {
		return nil, err
	}
	t.ID, t.Version, t.DBID, t.Database = txn.TableID(c.ID), txn.Position(next.Version), next.ID, c.Database
	statements := c.SQLite
	if c.Op == txn.Insert {
		t.ID = txn.TableID(s.engine.private.id())
		statements = t.CreateSQLite()
	}
	if c.Truncate || t.AutoIncrementStart > 0 {
		s.temporary.next[t.ID] = max(t.AutoIncrementStart, 1)
	}
	next.Tables[schemas.PrivateName(t.Database, t.Name)] = t
	return statements, nil
}

// changePrivate makes what the transaction has open follow a change of definitions.
func (t *transaction) changePrivate(alias string, statements []string, changes []txn.DefinitionChange) error {
	t.created = t.created || changes[0].Op == txn.Insert
	t.dropped = t.dropped || changes[0].Op == txn.Delete
	for i := range changes {
		if changes[i].Op == txn.Delete {
			t.forget(txn.TableID(changes[i].ID))
		}
	}
	own := make([]string, len(statements))
	for i, sql := range statements {
		own[i] = qualified(sql, alias)
	}
	t.private = append(t.private, own...)
	if err := t.runPrivate(own); err != nil {
		return err
	}
	if t.catalog != nil {
		t.catalog = t.session.catalogOf(t.catalog)
		t.rules = t.session.rulesOf(t.catalog)
	}
	if v := t.view; v != nil {
		v.catalog = v.catalog.Shared().WithPrivate(t.session.temporary.database, t.session.engine.private.version())
		v.rules = t.session.engine.rules.of(v.catalog)
	}
	return nil
}

// forget takes the rows of a dropped table out of what the transaction has written.
func (t *transaction) forget(id txn.TableID) {
	for _, list := range [][]txn.RowEvent{t.written.events, t.written.private} {
		for i := range list {
			if list[i].Table == id {
				list[i].Op = 0
			}
		}
	}
}

// runPrivate runs statements about temporary tables where they are attached.
func (t *transaction) runPrivate(statements []string) error {
	if len(statements) == 0 {
		return nil
	}
	branches := []*store.Branch{t.branch}
	if t.view != nil {
		branches = append(branches, t.view.branch)
	}
	for _, b := range branches {
		if b == nil || b.Schema(t.session.temporary.database.ID) == 0 {
			continue
		}
		for _, sql := range statements {
			if err := b.Conn().Exec(sql); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
	}
	return nil
}

// qualified is a statement about a file's tables for a connection that has the file attached; running it again changes nothing.
func qualified(sql, alias string) string {
	for _, verb := range []string{"CREATE TABLE ", "CREATE INDEX ", "CREATE UNIQUE INDEX ", "DROP TABLE "} {
		if rest, ok := strings.CutPrefix(sql, verb); ok {
			condition := "IF NOT EXISTS "
			if verb == "DROP TABLE " {
				condition = "IF EXISTS "
			}
			return verb + condition + schemas.QuoteSQLite(alias) + "." + rest
		}
	}
	return sql
}

// applyPrivate writes the transaction's rows of temporary tables to their file.
func (t *transaction) applyPrivate() error {
	s := t.session
	events := t.written.private[:0]
	for _, e := range t.written.private {
		if e.Op != 0 {
			events = append(events, e)
		}
	}
	p := s.temporary
	if len(events) == 0 || p == nil {
		return nil
	}
	tables := map[txn.TableID]*schemas.Table{}
	for _, table := range p.database.Tables {
		tables[table.ID] = table
	}
	for i := range events {
		e := &events[i]
		if table := tables[e.Table]; table != nil && table.Identity == schemas.HiddenRowID {
			e.Before, e.After = p.mapped(e.Before), p.mapped(e.After)
		}
	}
	p.hidden += t.hidden
	return s.engine.options.Store.WritePrivate(p.database.ID, events, func(id txn.TableID) *schemas.Table { return tables[id] })
}

// mapped gives a new row the row id under which it is kept.
func (p *temporaries) mapped(image []txn.Value) []txn.Value {
	if image == nil {
		return nil
	}
	last := len(image) - 1
	n := image[last].Int64() - txn.HiddenBase
	if n < 0 {
		return image
	}
	own := append([]txn.Value{}, image...)
	own[last] = txn.Int(p.hidden + n + 1)
	return own
}

// dropTemporaries ends the session's temporary tables.
func (s *Session) dropTemporaries() {
	p := s.temporary
	if p == nil {
		return
	}
	s.temporary = nil
	if err := s.engine.options.Store.DropPrivate(p.database.ID); err != nil {
		s.engine.options.Logger.Warn("drop temporary tables", "session", s.info.ID, "error", err)
	}
}

// nextPrivate reserves AUTO_INCREMENT values of a temporary table.
func (s *Session) nextPrivate(t *schemas.Table, n uint64) uint64 {
	first := max(s.temporary.next[t.ID], 1)
	s.temporary.next[t.ID] = first + n
	return first
}

// notePrivate raises the counter past an explicit value.
func (s *Session) notePrivate(t *schemas.Table, value uint64) {
	s.temporary.next[t.ID] = max(s.temporary.next[t.ID], value+1)
}

// warnTemporary tells of tables that ROLLBACK leaves as they are.
func (t *transaction) warnTemporary() {
	if t.created {
		t.session.Warn(mysqlerr.Newf(errTemporaryRollback, "The creation of some temporary tables could not be rolled back."))
	}
	if t.dropped {
		t.session.Warn(mysqlerr.Newf(errTemporaryRollback+1, "Some temporary tables were dropped, but these operations could not be rolled back."))
	}
}

// allTemporary reports whether a plan writes nothing but temporary tables.
func allTemporary(p *dialect.Plan) bool {
	for _, t := range p.Write.Targets {
		if !t.Temporary() {
			return false
		}
	}
	return len(p.Write.Targets) > 0
}

// validatePrivate tries the changes of temporary tables on a copy of their file.
func (d *definition) validatePrivate() error {
	if len(d.private) == 0 || d.session.temporary == nil || d.private[0].Op == txn.Insert {
		return nil
	}
	s := d.session
	b, err := s.engine.options.Store.OpenFileBranch(s.temporary.database.ID)
	if err != nil {
		return err
	}
	defer b.Close()
	if err := b.Snapshot(d.run.ctx); err != nil {
		return err
	}
	for _, c := range []*sqlite.Conn{b.Conn(), b.Reader()} {
		s.adopt(b, c)
	}
	return d.try(b, d.private)
}
