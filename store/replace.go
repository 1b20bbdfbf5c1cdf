package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// replaceWait is the longest that a branch waits for a file that is being replaced.
const replaceWait = 10 * time.Second

// Steps of Replace, in their order. After stepCommitted a crash ends with the new file, before with the old.
const (
	stepGated     = "gated"     // no new snapshots; the old ones are ended
	stepClosed    = "closed"    // the writer and the checkpointer are closed
	stepCommitted = "committed" // the new file lies beside the old one, durably
	stepCleaned   = "cleaned"   // -wal and -shm of the old file are gone
	stepSwapped   = "swapped"   // the new file has the name
)

// errReplaced is what branches get whose database has another file now.
func errReplaced(name string) error {
	return mysqlerr.Newf(mysql.ER_LOCK_DEADLOCK, "Transaction ended: the file of database '%s' was replaced; try restarting transaction", name)
}

// Replace puts another file of the same database in the place of its file, for instance one from a
// snapshot of another node. The file lies on the file system of the data directory, outside of db/, without a -wal,
// and nobody has it open; Replace takes it away on success. It is checked first: format, database, cluster, catalog and
// pages. When it is refused (a *FileError) nothing has changed.
//
// Snapshots of the database end with error 1213; new ones wait, at most 10 s. Published position and definitions
// become those of the new file, lower or higher than before: only here do they go back. So the caller runs no Apply,
// ApplyTogether, ApplyDatabase or Advance of the database beside Replace, and afterwards hands over the
// records above FilePosition, as after a restart, before it goes on with newer ones. An Apply that waited meanwhile
// writes nothing and says ErrReplaced. AdvanceAll leaves the database alone until it is where it was. Versions of
// definitions that neither file had come into the history when their records are replayed.
//
// A crash leaves the old file whole, or the new one, which the next Open puts into place.
func (s *Store) Replace(db txn.DatabaseID, file string) error {
	s.replacing.Lock()
	defer s.replacing.Unlock()
	d := s.database(db)
	if d == nil {
		return errUnknownDatabase(fmt.Sprintf("#%d", db))
	}
	if err := d.usable(); err != nil {
		return &FileError{Path: d.path, Err: ErrUnfinishedFile, Detail: "an earlier replacement was not finished", Remedy: restartRemedy}
	}
	if err := s.checkReplacement(d, file); err != nil {
		return refusedError(file, err)
	}
	done := make(chan struct{})
	defer close(done)
	s.gate.Lock()
	d.replaced.Store(&done)
	d.gone.Store(true)
	s.gate.Unlock()
	s.pool.purge(d)
	s.active.end(errReplaced(d.name), func(b *Branch) bool { return b.uses(d) })
	s.step(stepGated)
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if s.database(db) != d {
		return errUnknownDatabase(d.name)
	}
	committed, err := s.swap(d, file)
	if err != nil && committed {
		return &FileError{Path: d.path, Err: ErrUnfinishedFile, Detail: err.Error(), Remedy: restartRemedy}
	}
	return errors.Join(err, s.reopen(d, committed))
}

// refusedError is an error of a file that shall replace another one: what helps a file in use does not fit.
func refusedError(path string, err error) error {
	known := &FileError{Path: path, Err: err}
	errors.As(err, &known)
	if known.Path != path || errors.Is(err, ErrDiskFull) || errors.Is(err, ErrReadOnlyFile) || errors.Is(err, ErrUnfinishedFile) || errors.Is(err, syscall.EXDEV) {
		return err
	}
	return &FileError{Path: path, Err: known.Err, Detail: known.Detail, Remedy: "name a whole copy of this cluster's database; the file in use is as it was"}
}

const restartRemedy = "mend what the message names and start the node again: it puts the new file into place"

func (s *Store) step(name string) {
	if s.onStep != nil {
		s.onStep(name)
	}
}

// usable returns the database once it is not being replaced, if it exists.
func (s *Store) usable(id txn.DatabaseID) (*database, error) {
	var timeout <-chan time.Time
	for {
		d := s.database(id)
		if d == nil {
			return nil, errUnknownDatabase(fmt.Sprintf("#%d", id))
		}
		replaced := d.replaced.Load()
		if replaced == nil {
			return d, nil
		}
		if timeout == nil {
			timeout = time.After(replaceWait)
		}
		select {
		case <-*replaced:
			if s.database(id) == d { // it could not be opened again
				return nil, errReplaced(d.name)
			}
		case <-timeout:
			return nil, errReplaced(d.name)
		}
	}
}

// usable tells why nothing can be read from the file any more, if so.
func (d *database) usable() error {
	switch {
	case !d.gone.Load():
		return nil
	case d.replaced.Load() != nil:
		return errReplaced(d.name)
	}
	return errUnknownDatabase(d.name)
}

// lost is the error of a record for a database whose writer was closed; nil for one that was dropped.
// The caller holds the mutex.
func (d *database) lost(p txn.Position) error {
	if d.dropped && d.replaced.Load() != nil {
		return applyError(d.name, p, "", ErrReplaced)
	}
	return nil
}

// checkReplacement checks that the file can take the place of d's, and leaves it closed, in WAL mode and on disk.
func (s *Store) checkReplacement(d *database, file string) error {
	if err := s.checkPlace(file); err != nil {
		return err
	}
	if err := checkFile(file, databaseApplicationID); err != nil {
		return err
	}
	c, err := openWriter(file)
	if err != nil {
		return err
	}
	err = s.checkContent(d, &database{path: file, writer: c, published: &watermark{}})
	if err == nil {
		err = run(c, "PRAGMA journal_mode=WAL") // copies that SQLite makes are not
	}
	if err = errors.Join(err, c.Close()); err != nil {
		return fileError(file, err)
	}
	f, err := os.Open(file)
	if err != nil {
		return fileError(file, err)
	}
	return fileError(file, errors.Join(f.Sync(), f.Close()))
}

// checkPlace checks what can be known of a file without opening it: files in use must not be.
func (s *Store) checkPlace(file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return fileError(file, err)
	}
	for _, d := range s.list() {
		if used, err := os.Stat(d.path); err == nil && os.SameFile(info, used) {
			return &FileError{Path: file, Err: ErrForeignFile, Detail: "the file in use of database " + d.name}
		}
	}
	target, err := os.Stat(s.databaseDir())
	if err != nil {
		return fileError(s.databaseDir(), err)
	}
	if info.Sys().(*syscall.Stat_t).Dev != target.Sys().(*syscall.Stat_t).Dev {
		return &FileError{Path: file, Err: syscall.EXDEV, Remedy: "copy it to the file system of " + s.o.Dir + " first"}
	}
	for _, suffix := range []string{"-wal", "-journal"} {
		if rest, err := os.Stat(file + suffix); err == nil && rest.Size() > 0 {
			return &FileError{Path: file, Err: ErrUnfinishedFile, Detail: "part of it is in its " + suffix, Remedy: "run PRAGMA wal_checkpoint(TRUNCATE) in it, or copy the database again with VACUUM INTO"}
		}
	}
	return nil
}

// checkContent compares an opened file with the database it is meant for, and reads all of its pages.
func (s *Store) checkContent(d, other *database) error {
	if err := other.writer.Register(s.o.Set); err != nil {
		return err
	}
	_, _, cluster, err := s.readDatabase(other)
	if err != nil {
		return err
	}
	if other.id != d.id || other.name != d.name {
		return &FileError{Path: other.path, Err: ErrForeignFile, Detail: fmt.Sprintf("holds database %q with id %d, want %q with id %d", other.name, other.id, d.name, d.id)}
	}
	own, err := d.cluster()
	if err != nil {
		return err
	}
	if ours, ok := s.Cluster(); cluster != own && !(ok && cluster == ours.UUID) {
		return &FileError{Path: other.path, Err: ErrOtherCluster, Detail: fmt.Sprintf("%s, this one is %s", cluster, own)}
	}
	return query(other.writer, "PRAGMA quick_check(1)", func(row []txn.Value) error {
		if text := string(row[0].Bytes()); text != "ok" {
			return &FileError{Path: other.path, Err: ErrDamagedFile, Detail: text}
		}
		return nil
	})
}

// cluster reads whose file it is.
func (d *database) cluster() (u txn.UUID, err error) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.dropped {
		return u, errUnknownDatabase(d.name)
	}
	err = query(d.writer, "SELECT cluster FROM _marmot_state", func(row []txn.Value) error {
		copy(u[:], row[0].Bytes())
		return nil
	})
	return u, fileError(d.path, err)
}

// swap closes d and exchanges its file. Connections that ended branches still have open keep to the old
// file and its WAL, which have no names any more; being read only they remove nothing when they close. The caller
// holds d's mutex. Once committed the old file is not to be opened again.
func (s *Store) swap(d *database, file string) (committed bool, err error) {
	if err := d.shut(); err != nil {
		return false, err
	}
	s.step(stepClosed)
	if err := os.Rename(file, d.path+replacement); err != nil {
		return false, fileError(file, err)
	}
	if err := syncDirectory(filepath.Dir(d.path)); err != nil {
		return true, fileError(d.path, err)
	}
	s.step(stepCommitted)
	return true, s.install(d.path)
}

// install puts path's replacement into place. No -wal may meet the wrong file, whenever this is cut short.
func (s *Store) install(path string) error {
	if err := removeCompanions(path); err != nil {
		return err
	}
	s.step(stepCleaned)
	if err := os.Rename(path+replacement, path); err != nil {
		return fileError(path+replacement, err)
	}
	s.step(stepSwapped)
	return removeCompanions(path) // another program may have opened the old file in between
}

// removeCompanions removes, durably, what SQLite keeps beside a file.
func removeCompanions(path string) error {
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fileError(path+suffix, err)
		}
	}
	return fileError(path, syncDirectory(filepath.Dir(path)))
}

// finishReplacements finishes at Open what a crash interrupted.
func (s *Store) finishReplacements() error {
	entries, err := os.ReadDir(s.databaseDir())
	if err != nil {
		return fileError(s.databaseDir(), err)
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), databaseSuffix+replacement)
		if !ok {
			continue
		}
		path := filepath.Join(s.databaseDir(), name+databaseSuffix)
		if err := s.install(path); err != nil {
			return err
		}
	}
	return nil
}

// reopen opens the file that has the name now, and makes it known in place of d, whose mutex the caller holds.
func (s *Store) reopen(d *database, replaced bool) error {
	next, definition, rows, err := s.openDatabase(d.path)
	if err == nil {
		if err = s.history.heal(rows); err != nil {
			err = errors.Join(err, next.close())
		}
	}
	if err != nil {
		return &FileError{Path: d.path, Err: err, Remedy: "mend what the message names and start the node again"}
	}
	next.published = d.published // with those who wait for it
	if replaced {
		next.published.reset(txn.Position(next.file.Load()))
		s.layouts.forget()
		s.mend(next)
	}
	s.directory.Lock()
	defer s.directory.Unlock()
	s.replaceDatabase(next, definition)
	return nil
}

// replaceDatabase makes an opened file the one of its database. The caller holds directory.
func (s *Store) replaceDatabase(next *database, definition *schemas.Database) {
	s.replaceInCatalog(next.name, definition, definition.Version)
	s.add(next)
}

// mend forgets a commit to several files that stopped half-way, if the new file has it.
func (s *Store) mend(d *database) {
	s.publication.Lock()
	defer s.publication.Unlock()
	if p, ok := s.torn[d.id]; ok && p <= txn.Position(d.file.Load()) {
		delete(s.torn, d.id)
	}
}

// forget drops all layouts: another file may have its columns in another order.
func (l *layouts) forget() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.orders = nil
}
