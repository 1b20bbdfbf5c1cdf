package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"marmot/sqlext"
	"marmot/store/sqlite"
	"marmot/txn"
)

// SystemFile is the name of system.db in a data directory and in a Cut; the databases' files lie in db/.
const SystemFile = "system.db"

// Cut is a read transaction on each file, all of them at one position. It is used by one goroutine, and closed.
type Cut struct {
	Cluster  txn.UUID
	Position txn.Position
	Chain    txn.ChainHash // of the log at Position
	files    []cutFile
}

// cutFile is one file of a Cut; name is its path within the data directory.
type cutFile struct {
	name string
	conn *sqlite.Conn
}

// CopyState is what a copy of a file says of itself. Chain is system.db's.
type CopyState struct {
	Cluster  txn.UUID
	Position txn.Position
	Chain    txn.ChainHash
	System   bool
}

// Cut makes everything up to p durable, and holds on to all files as they are. The caller has applied and decided
// everything up to p, has saved it, and lets nothing be applied until Cut returns.
func (s *Store) Cut(p txn.Position) (*Cut, error) {
	own, _ := s.Cluster()
	c := &Cut{Cluster: own.UUID, Position: p}
	err := s.cut(c)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cut at %s: %w", p, err), c.Close())
	}
	return c, nil
}

func (s *Store) cut(c *Cut) error {
	for _, d := range s.list() {
		if err := d.fix(c.Position); err != nil {
			return err
		}
		if err := c.hold(d.path, filepath.Join("db", filepath.Base(d.path))); err != nil {
			return err
		}
	}
	err := s.system.durably(func(conn *sqlite.Conn) error {
		return run(conn, "UPDATE decided SET last = last") // a sync takes along what was written before
	})
	if err == nil {
		err = c.hold(s.system.path, SystemFile)
	}
	if err != nil {
		return err
	}
	return query(c.files[len(c.files)-1].conn, "SELECT last, chain FROM decided", func(row []txn.Value) error {
		copy(c.Chain[:], row[1].Bytes())
		if last := toPosition(row[0]); last != c.Position {
			return fmt.Errorf("%s stands at %s", SystemFile, last)
		}
		return nil
	})
}

// fix writes p, which is published, as the file's position, and has all of the file on disk.
func (d *database) fix(p txn.Position) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.dropped {
		return errUnknownDatabase(d.name)
	}
	if at := max(d.published.get(), txn.Position(d.file.Load())); at != p {
		return fmt.Errorf("database %q stands at %s", d.name, at)
	}
	err := run(d.writer, "PRAGMA synchronous=FULL")
	if err == nil {
		err = writeState(d.writer, p, 0)
	}
	if e := run(d.writer, "PRAGMA synchronous=NORMAL"); err == nil {
		err = e
	}
	if err == nil {
		d.file.Store(uint64(p))
	}
	return fileError(d.path, err)
}

// hold opens a read transaction on a file.
func (c *Cut) hold(path, name string) error {
	conn, err := sqlite.Open(sqlite.OpenOptions{Path: path, ReadOnly: true})
	if err != nil {
		return fileError(path, err)
	}
	c.files = append(c.files, cutFile{name, conn})
	err = run(conn, "BEGIN")
	if err == nil {
		err = query(conn, "SELECT count(*) FROM sqlite_schema", func([]txn.Value) error { return nil })
	}
	return fileError(path, err)
}

// Files returns the names of the files, as paths within a data directory.
func (c *Cut) Files() []string {
	names := make([]string, len(c.files))
	for i, f := range c.files {
		names[i] = f.name
	}
	return names
}

// Bytes returns about how much room copies of the files take.
func (c *Cut) Bytes() (total int64, err error) {
	for _, f := range c.files {
		err = errors.Join(err, query(f.conn, "PRAGMA page_count", func(row []txn.Value) error {
			total += row[0].Int64() * pageSize
			return nil
		}))
	}
	return total, err
}

// CopyTo copies each file below dir, which has nothing of it yet. The copies need no -wal. They are not synced.
func (c *Cut) CopyTo(ctx context.Context, dir string) error {
	for _, f := range c.files {
		if err := ctx.Err(); err != nil {
			return err
		}
		path := filepath.Join(dir, f.name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			return err
		}
		if err := copyDatabase(f.conn, path); err != nil {
			return fileError(path, err)
		}
	}
	return nil
}

// copyDatabase copies a database as a connection sees it into a new file.
func copyDatabase(from *sqlite.Conn, path string) error {
	to, err := sqlite.Open(sqlite.OpenOptions{Path: path, Create: true})
	if err != nil {
		return err
	}
	err = run(to, "PRAGMA synchronous=OFF") // whoever wants the copy durable syncs it as a whole
	if err == nil {
		err = from.Backup("main", to, "main")
	}
	if err == nil {
		err = setJournal(to, "delete")
	}
	return errors.Join(err, to.Close())
}

func setJournal(c *sqlite.Conn, mode string) error {
	return query(c, "PRAGMA journal_mode="+mode, func(row []txn.Value) error {
		if got := string(row[0].Bytes()); got != mode {
			return fmt.Errorf("journal_mode is %s, want %s", got, mode)
		}
		return nil
	})
}

// Close ends the transactions. Closing again does nothing.
func (c *Cut) Close() error {
	var errs []error
	for _, f := range c.files {
		errs = append(errs, f.conn.Close())
	}
	c.files = nil
	return errors.Join(errs...)
}

// CheckCopy reads all of a copy that CopyTo has made, without changing anything: whose it is and where it stands. A copy that is
// damaged, or none of ours, is a *FileError.
func CheckCopy(path string, set sqlext.Set) (CopyState, error) {
	c, err := sqlite.Open(sqlite.OpenOptions{Path: path, ReadOnly: true})
	if err != nil {
		return CopyState{}, fileError(path, err)
	}
	state, err := checkCopy(c, path, set)
	return state, fileError(path, errors.Join(err, c.Close()))
}

func checkCopy(c *sqlite.Conn, path string, set sqlext.Set) (state CopyState, err error) {
	if err := c.Register(set); err != nil {
		return state, err
	}
	application := int64(0)
	err = query(c, "PRAGMA application_id", func(row []txn.Value) error { application = row[0].Int64(); return nil })
	if err != nil {
		return state, err
	}
	sql := "SELECT position, cluster, x'' FROM _marmot_state"
	switch application {
	case databaseApplicationID:
	case systemApplicationID:
		state.System = true
		sql = "SELECT last, x'', chain FROM decided"
	default:
		return state, &FileError{Path: path, Err: ErrForeignFile, Detail: fmt.Sprintf("application_id %#x", application), Remedy: copyRemedy}
	}
	err = query(c, sql, func(row []txn.Value) error {
		state.Position = toPosition(row[0])
		copy(state.Cluster[:], row[1].Bytes())
		copy(state.Chain[:], row[2].Bytes())
		return nil
	})
	if err != nil {
		return state, err
	}
	return state, query(c, "PRAGMA integrity_check(1)", func(row []txn.Value) error {
		if text := string(row[0].Bytes()); text != "ok" {
			return &FileError{Path: path, Err: ErrDamagedFile, Detail: text, Remedy: copyRemedy}
		}
		return nil
	})
}

const copyRemedy = "use another copy"

// UseCopy makes a copy that CopyTo has made a file of a data directory, durably.
func UseCopy(path string) error {
	c, err := sqlite.Open(sqlite.OpenOptions{Path: path})
	if err != nil {
		return fileError(path, err)
	}
	if err = errors.Join(setJournal(c, "wal"), c.Close()); err != nil {
		return fileError(path, err)
	}
	f, err := os.Open(path)
	if err != nil {
		return fileError(path, err)
	}
	return fileError(path, errors.Join(f.Sync(), f.Close()))
}
