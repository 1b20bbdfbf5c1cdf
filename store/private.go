package store

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"marmot/schemas"
	"marmot/store/sqlite"
	"marmot/txn"
)

// A private database holds the temporary tables of one session of this node. Its file lies with the spilled pages and is nobody's after
// a crash; it is of no position, so every snapshot of it is the newest. Its owner keeps the definitions.

// privatePrefix begins the name of a private database's file.
const privatePrefix = "temporary-"

// noPosition is what a private database has published: it holds up nobody.
const noPosition = txn.Position(math.MaxInt64)

// ErrPrivateFull says that a private database has reached its limit.
var ErrPrivateFull = errors.New("the session's temporary tables are at their limit")

// forgetPrivate removes the files that an earlier run has left.
func (s *Store) forgetPrivate() error {
	entries, err := os.ReadDir(s.spillDir())
	if err != nil {
		return fileError(s.spillDir(), err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), privatePrefix) {
			continue
		}
		path := filepath.Join(s.spillDir(), e.Name())
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fileError(path, err)
		}
	}
	return nil
}

// CreatePrivate makes a private database of at most limit bytes.
func (s *Store) CreatePrivate(id txn.DatabaseID, limit int64) error {
	path := filepath.Join(s.spillDir(), fmt.Sprintf("%s%d%s", privatePrefix, id, databaseSuffix))
	c, err := sqlite.Open(sqlite.OpenOptions{Path: path, Create: true})
	if err != nil {
		return fileError(path, err)
	}
	list := append([]string{
		fmt.Sprintf("PRAGMA page_size=%d", pageSize),
		"PRAGMA journal_mode=WAL",
		"PRAGMA synchronous=OFF", // nothing of it outlives the process
		fmt.Sprintf("PRAGMA max_page_count=%d", max(limit/pageSize, 16)),
		"PRAGMA wal_autocheckpoint=1000",
		"PRAGMA foreign_keys=OFF",
	}, databaseStatements...)
	list = append(list, fmt.Sprintf("INSERT INTO _marmot_state VALUES (1, %d, x'', 0, 1)", id))
	for _, sql := range list {
		if err == nil {
			err = c.Exec(sql)
		}
	}
	if err == nil {
		err = c.Register(s.o.Set)
	}
	if err != nil {
		return errors.Join(fileError(path, err), c.Close(), removePrivate(path))
	}
	d := &database{id: id, name: path, alias: alias(id), path: path, writer: c, tables: map[versioned]*tableWriter{}, published: &watermark{}}
	d.published.raise(noPosition)
	s.directory.Lock()
	defer s.directory.Unlock()
	s.private[id] = d
	return nil
}

// ChangePrivate runs the statements of a change of definitions, names unqualified.
func (s *Store) ChangePrivate(id txn.DatabaseID, statements []string) error {
	return s.inPrivate(id, func(d *database) error {
		for _, sql := range statements {
			if err := d.writer.Exec(sql); err != nil {
				return fmt.Errorf("%s: %w", shorten(sql), err)
			}
		}
		clear(d.tables)
		return run(d.writer, "UPDATE _marmot_state SET ddl = ddl + 1")
	})
}

// WritePrivate applies row events, hidden row ids mapped. table finds a definition.
func (s *Store) WritePrivate(id txn.DatabaseID, events []txn.RowEvent, table func(txn.TableID) *schemas.Table) error {
	return s.inPrivate(id, func(d *database) error {
		for i := range events {
			e := &events[i]
			key := versioned{txn.ObjectTable, uint64(e.Table), e.Version}
			w := d.tables[key]
			if w == nil {
				t := table(e.Table)
				if t == nil || t.Version != e.Version {
					return mismatchf("%s in temporary table %d, whose definition is another", e.Op, e.Table)
				}
				w = newTableWriter(t, "")
				d.tables[key] = w
			}
			if err := w.apply(d.writer, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// inPrivate runs f in a transaction of a private database's writer.
func (s *Store) inPrivate(id txn.DatabaseID, f func(d *database) error) error {
	d := s.database(id)
	if d == nil {
		return errUnknownDatabase(fmt.Sprintf("#%d", id))
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.dropped {
		return errUnknownDatabase(d.name)
	}
	err := transaction(d.writer, func() error { return f(d) })
	if err != nil {
		clear(d.tables)
	}
	if sqlite.IsFull(err) {
		return fmt.Errorf("%w: %w", ErrPrivateFull, err)
	}
	return err
}

// DropPrivate ends a private database. No branch of its owner is open.
func (s *Store) DropPrivate(id txn.DatabaseID) error {
	s.directory.Lock()
	d := s.private[id]
	delete(s.private, id)
	s.directory.Unlock()
	if d == nil {
		return nil
	}
	d.gone.Store(true)
	d.published.end()
	s.pool.purge(d)
	s.active.end(errUnknownDatabase(d.name), func(b *Branch) bool { return b.uses(d) })
	return errors.Join(d.close(), removePrivate(d.path))
}

// removePrivate removes a file that nobody needs durably gone.
func removePrivate(path string) error {
	var errs []error
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, fileError(path+suffix, err))
		}
	}
	return errors.Join(errs...)
}

// closePrivate ends all private databases.
func (s *Store) closePrivate() []error {
	s.directory.RLock()
	var ids []txn.DatabaseID
	for id := range s.private {
		ids = append(ids, id)
	}
	s.directory.RUnlock()
	var errs []error
	for _, id := range ids {
		errs = append(errs, s.DropPrivate(id))
	}
	return errs
}
