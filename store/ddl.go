package store

import (
	"fmt"
	"path/filepath"

	"marmot/schemas"
	"marmot/store/sqlite"
	"marmot/txn"
)

// ApplyDatabase carries out CREATE, ALTER and DROP DATABASE. A new database's id is p, unless the
// change names one. Repeating it changes nothing. It must not run beside Apply of the same database.
func (s *Store) ApplyDatabase(p txn.Position, timeUS int64, c txn.DefinitionChange) error {
	var err error
	switch c.Op {
	case txn.Insert:
		err = s.createDatabase(p, &c)
	case txn.Update:
		err = s.alterDatabase(p, timeUS, &c)
	case txn.Delete:
		err = s.dropDatabase(p, &c)
	default:
		err = mismatchf("database change with op %d", c.Op)
	}
	if err != nil {
		return applyError(c.Database, p, "", err)
	}
	return nil
}

func (s *Store) createDatabase(p txn.Position, c *txn.DefinitionChange) error {
	id := txn.DatabaseID(c.ID)
	if id == 0 {
		id = txn.DatabaseID(p)
	}
	if _, ok := s.tombstone(id); ok || s.database(id) != nil {
		return nil
	}
	definition, err := schemas.DecodeDatabase(c.Definition)
	if err != nil {
		return err
	}
	definition.ID, definition.Alias, definition.Name = id, alias(id), c.Database
	if s.Catalog().Databases[c.Database] != nil {
		return mismatchf("there is a database of this name already")
	}
	text, err := schemas.EncodeDatabase(definition)
	if err != nil {
		return err
	}
	row := historyRow{versioned{txn.ObjectDatabase, uint64(id), p}, id, text}
	if err := s.history.save([]historyRow{row}); err != nil {
		return err
	}
	cluster, _ := s.Cluster()
	path := filepath.Join(s.databaseDir(), fileName(c.Database, id))
	err = createFile(path, databaseApplicationID, databaseStatements, func(conn *sqlite.Conn) error {
		err := run(conn, "INSERT INTO _marmot_state VALUES (1, ?, ?, ?, ?)", txn.Int(int64(id)), txn.Blob(cluster.UUID[:]), position(p), position(p))
		if err != nil {
			return err
		}
		return insertDefinition(conn, &row, c.Database)
	})
	if err != nil {
		return err
	}
	d, opened, _, err := s.openDatabase(path)
	if err != nil {
		return err
	}
	s.directory.Lock()
	defer s.directory.Unlock()
	s.replaceInCatalog(d.name, opened, p)
	s.add(d)
	return nil
}

// alias is the schema name under which every connection attaches a database.
func alias(id txn.DatabaseID) string { return fmt.Sprintf("d%d", id) }

func (s *Store) alterDatabase(p txn.Position, timeUS int64, c *txn.DefinitionChange) error {
	return s.Apply(txn.DatabaseID(c.ID), []Applied{{Position: p, TimeUS: timeUS, Changes: []txn.DefinitionChange{*c}}})
}

// dropDatabase first notes durably that the database is gone, so that a crash at any point ends
// with the file removed and its records skipped.
func (s *Store) dropDatabase(p txn.Position, c *txn.DefinitionChange) error {
	id := txn.DatabaseID(c.ID)
	if _, ok := s.tombstone(id); ok {
		return nil
	}
	d := s.database(id)
	if d == nil {
		return mismatchf("there is no database with id %d", id)
	}
	err := s.system.durably(func(conn *sqlite.Conn) error {
		return run(conn, "INSERT OR REPLACE INTO dropped VALUES (?, ?, ?)", txn.Int(int64(id)), txn.TextString(d.name), position(p))
	})
	if err != nil {
		return err
	}
	d.gone.Store(true)
	s.directory.Lock()
	s.replaceInCatalog(d.name, nil, p)
	delete(s.databases, id)
	s.dropped[id] = p
	s.membershipChanged()
	s.directory.Unlock()
	d.published.end()
	s.pool.purge(d)
	s.active.end(errUnknownDatabase(d.name), func(b *Branch) bool { return b.uses(d) })
	if err := d.close(); err != nil {
		return err
	}
	return removeFile(d.path)
}
