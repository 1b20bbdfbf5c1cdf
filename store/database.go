package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"

	"marmot/schemas"
	"marmot/store/sqlite"
	"marmot/txn"
)

// databaseStatements make a database's file.
var databaseStatements = []string{
	// One row: whose file this is, the position of all that it holds, and that of its last DDL.
	"CREATE TABLE _marmot_state (id INTEGER PRIMARY KEY CHECK (id = 1), database INTEGER NOT NULL, cluster BLOB NOT NULL, position INTEGER NOT NULL, ddl INTEGER NOT NULL)",
	// The current definitions, kind 1 the database itself, 2 a table, 3 a view; definition as package schemas encodes it.
	"CREATE TABLE _marmot_catalog (kind INTEGER NOT NULL, id INTEGER NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL, definition BLOB NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID",
}

// database is one database's file with its writer. The writer belongs to whoever holds mutex:
// the applier's goroutine for this database, or Run for moments.
type database struct {
	id    txn.DatabaseID
	name  string
	alias string
	path  string

	mutex   sync.Mutex
	writer  *sqlite.Conn
	tables  map[versioned]*tableWriter
	dropped bool // under mutex: the writer is closed

	// gone is set before anything of the file is taken away: branches look at it. When it is for a
	// replacement, replaced is set before; it is closed when the database can be used again, as another *database.
	gone     atomic.Bool
	replaced atomic.Pointer[chan struct{}]
	// file is the position in the file; published is what readers may count on, at least file.
	file      atomic.Uint64
	published *watermark
	wal       walState // of Run
}

// openDatabase opens the file at path, which checkFile has passed, and reads its catalog.
func (s *Store) openDatabase(path string) (*database, *schemas.Database, []historyRow, error) {
	c, err := openWriter(path)
	if err != nil {
		return nil, nil, nil, err
	}
	d := &database{path: path, writer: c, tables: map[versioned]*tableWriter{}, published: &watermark{stages: s.o.Stages}}
	definition, rows, _, err := s.readDatabase(d)
	if err == nil {
		err = d.checkName()
	}
	if err == nil {
		err = c.Register(s.o.Set)
	}
	if err != nil {
		return nil, nil, nil, errors.Join(fileError(path, err), c.Close())
	}
	return d, definition, rows, nil
}

// readDatabase reads state, catalog and cluster of a file.
func (s *Store) readDatabase(d *database) (definition *schemas.Database, rows []historyRow, cluster txn.UUID, err error) {
	var file, ddl txn.Position
	err = query(d.writer, "SELECT database, cluster, position, ddl FROM _marmot_state", func(row []txn.Value) error {
		d.id = txn.DatabaseID(row[0].Int64())
		copy(cluster[:], row[1].Bytes())
		file, ddl = toPosition(row[2]), toPosition(row[3])
		return nil
	})
	if err != nil {
		return nil, nil, cluster, err
	}
	if ours, ok := s.Cluster(); ok && !cluster.IsZero() && cluster != ours.UUID {
		return nil, nil, cluster, &FileError{Path: d.path, Err: ErrOtherCluster, Detail: fmt.Sprintf("%s, this one is %s", cluster, ours.UUID), Remedy: "move the file out of the data directory"}
	}
	definition, rows, err = readCatalog(d.writer)
	if err != nil {
		return nil, nil, cluster, err
	}
	if definition == nil || definition.ID != d.id {
		return nil, nil, cluster, &FileError{Path: d.path, Err: ErrDamagedFile, Detail: "its catalog does not describe its database", Remedy: DamagedRemedy}
	}
	definition.Version = ddl
	d.name, d.alias = definition.Name, definition.Alias
	d.file.Store(uint64(file))
	d.published.raise(file)
	return definition, rows, cluster, nil
}

// checkName compares the file's name with the database in it.
func (d *database) checkName() error {
	if want := fileName(d.name, d.id); filepath.Base(d.path) != want {
		return &FileError{Path: d.path, Err: ErrForeignFile, Detail: fmt.Sprintf("holds database %q, whose file is %s", d.name, want), Remedy: "give the file its name back, or move it out of the data directory"}
	}
	return nil
}

// readCatalog reads all definitions of a file.
func readCatalog(c *sqlite.Conn) (*schemas.Database, []historyRow, error) {
	var rows []historyRow
	err := query(c, "SELECT kind, id, version, definition FROM _marmot_catalog ORDER BY kind, id", func(row []txn.Value) error {
		rows = append(rows, historyRow{
			versioned:  versioned{txn.ObjectKind(row[0].Int64()), uint64(row[1].Int64()), toPosition(row[2])},
			definition: append([]byte{}, row[3].Bytes()...),
		})
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	var d *schemas.Database
	for i := range rows {
		if rows[i].kind == txn.ObjectDatabase {
			if d, err = schemas.DecodeDatabase(rows[i].definition); err != nil {
				return nil, nil, err
			}
			d.Tables, d.Views, d.Programs = map[string]*schemas.Table{}, map[string]*schemas.View{}, map[schemas.ProgramKey]*schemas.Program{}
		}
	}
	for i := range rows {
		if d == nil {
			return nil, nil, fmt.Errorf("catalog without its database: %w", txn.ErrCorrupt)
		}
		rows[i].database = d.ID
		if err := addDefinition(d, &rows[i]); err != nil {
			return nil, nil, err
		}
	}
	return d, rows, nil
}

// addDefinition decodes one row of a catalog into d, which nobody else sees yet.
func addDefinition(d *schemas.Database, r *historyRow) error {
	switch r.kind {
	case txn.ObjectTable:
		t, err := schemas.DecodeTable(r.definition)
		if err != nil {
			return err
		}
		d.Tables[t.Name] = t
	case txn.ObjectView:
		v, err := schemas.DecodeView(r.definition)
		if err != nil {
			return err
		}
		d.Views[v.Name] = v
	case txn.ObjectProgram:
		p, err := schemas.DecodeProgram(r.definition)
		if err != nil {
			return err
		}
		d.Programs[p.Key()] = p
	case txn.ObjectDatabase:
	default:
		return fmt.Errorf("catalog has an object of kind %d: %w", r.kind, txn.ErrFuture)
	}
	return nil
}

// writeState writes the file's position, and that of its last DDL if it is not zero.
func writeState(c *sqlite.Conn, p, ddl txn.Position) error {
	if ddl == 0 {
		return run(c, "UPDATE _marmot_state SET position = ? WHERE id = 1", position(p))
	}
	return run(c, "UPDATE _marmot_state SET position = ?, ddl = ? WHERE id = 1", position(p), position(ddl))
}

// settle brings the file's own position up to the published one, so that a quiet database does
// not make the node read the log from far back after a restart.
func (d *database) settle() error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	p := d.published.get()
	if d.dropped || txn.Position(d.file.Load()) >= p {
		return nil
	}
	if err := writeState(d.writer, p, 0); err != nil {
		return fileError(d.path, err)
	}
	d.file.Store(uint64(p))
	return nil
}

// close closes the writer and the checkpointer.
func (d *database) close() error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return d.shut()
}

// shut is close for who holds the mutex.
func (d *database) shut() error {
	if d.dropped {
		return nil
	}
	d.dropped = true
	err := d.wal.close()
	if e := d.writer.Close(); err == nil {
		err = e
	}
	return fileError(d.path, err)
}
